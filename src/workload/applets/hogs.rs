//! Programs that take much: `dd`, `stress`, and whatever reads /dev/zero to its end.
//!
//! Owns: how long they take and what they hold. Does not own: what becomes of who takes too much
//! (`kernel`, and the kubelet).

use crate::time::Duration;
use crate::workload::applets::{State, Task, seconds, system};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{Pid, Step};

impl Task {
    /// `dd if=/dev/zero of=x bs=1M count=10`: takes time, and memory when bs is large.
    pub(super) fn dd(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let value = |key: &str| args.iter().find_map(|arg| arg.strip_prefix(key));
        let block = value("bs=").and_then(system::bytes).unwrap_or(512);
        let count = value("count=").and_then(system::bytes);
        let limit = kernel.memory_limit(pid);
        if limit.is_some_and(|limit| block > limit) {
            kernel.out_of_memory(pid);
            return Step::Replaced;
        }
        let Some(count) = count else {
            // Without a count it never ends.
            kernel.not_simulated(pid, "dd without count: taken to run for ever");
            self.state = State::Sleep(None);
            return Step::Block(None);
        };
        let total = block.saturating_mul(count);
        match value("of=") {
            Some(path) => {
                let _ = kernel.pour_into(pid, path, total);
            }
            None => kernel.pour(pid, 1, total),
        }
        let text = format!("{count}+0 records in\n{count}+0 records out\n");
        let _ = kernel.write(pid, 2, &text);
        // Invented: a gigabyte a second.
        let until = kernel.clock + Duration::from_micros(total / 1_000);
        self.state = State::Sleep(Some(until));
        Step::Block(Some(until))
    }

    /// Takes all the memory there is.
    pub(super) fn swallow(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        if kernel.memory_limit(pid).is_some() {
            kernel.out_of_memory(pid);
            return Step::Replaced;
        }
        kernel
            .not_simulated(pid, "reading /dev/zero without a memory limit: taken to run for ever");
        self.state = State::Sleep(None);
        Step::Block(None)
    }

    /// `stress --vm 1 --vm-bytes 150M --timeout 60s`.
    pub(super) fn stress(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let value = |names: &[&str]| {
            args.iter().enumerate().find_map(|(index, arg)| {
                let (key, inline) = match arg.split_once('=') {
                    Some((key, value)) => (key, Some(value.to_owned())),
                    None => (arg.as_str(), None),
                };
                names
                    .contains(&key)
                    .then(|| inline.or_else(|| args.get(index + 1).cloned()))
                    .flatten()
            })
        };
        let workers = value(&["--vm", "-m"]).and_then(|text| text.parse::<i64>().ok());
        let size = value(&["--vm-bytes", "-mem-total"]).and_then(|text| system::bytes(&text));
        let memory = match (workers, size) {
            (Some(workers), size) => workers.saturating_mul(size.unwrap_or(256 << 20)),
            (None, size) => size.unwrap_or(0),
        };
        let limit = kernel.memory_limit(pid);
        let _ = kernel.write(pid, 1, "stress: info: [1] dispatching hogs\n");
        if limit.is_some_and(|limit| memory > limit) {
            kernel.out_of_memory(pid);
            return Step::Replaced;
        }
        self.memory = memory;
        kernel.bulk += 1;
        let until = value(&["--timeout", "-t"]).and_then(|text| seconds(&text));
        let until = until.map(|duration| kernel.clock + duration);
        self.state = State::Sleep(until);
        Step::Block(until)
    }
}
