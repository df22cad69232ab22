//! Signals: who gets them, and what happens to a process that has no handler.
//!
//! Owns: sending. Does not own: handlers (programs read what is pending).

use crate::workload::cri::{Happening, ProcessStep, Signal, SignalFate};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;

impl Kernel {
    /// Sends a signal; `outside` when the sender is not in the target's PID namespace.
    pub(in crate::workload) fn send(
        &mut self,
        target: Pid,
        signal: Signal,
        outside: bool,
    ) -> SignalFate {
        let Some(process) = self.processes.get_mut(&target) else { return SignalFate::NoProcess };
        if process.zombie.is_some() {
            return SignalFate::NoProcess;
        }
        let init = process.ns_pid == 1;
        let bit = 1u64.checked_shl(signal.0.unsigned_abs()).unwrap_or(0);
        match signal {
            Signal(0) => return SignalFate::Delivered,
            Signal::KILL => {
                if init && (!outside || process.pid_ns == 0) {
                    return SignalFate::Ignored;
                }
                self.exit(target, 128 + 9, 9);
                return SignalFate::Delivered;
            }
            Signal(19) => {
                if init && !outside {
                    return SignalFate::Ignored;
                }
                process.stopped = true;
                return SignalFate::Delivered;
            }
            Signal(18) => {
                process.stopped = false;
                self.wake(target);
                return SignalFate::Delivered;
            }
            _ => {}
        }
        if process.handled & bit != 0 {
            process.pending.push_back(signal);
            self.wake(target);
            return SignalFate::Delivered;
        }
        if process.ignored & bit != 0 || init {
            return SignalFate::Ignored;
        }
        // SIGCHLD, SIGURG and SIGWINCH do nothing by default.
        if matches!(signal.0, 17 | 23 | 28) {
            return SignalFate::Delivered;
        }
        self.exit(target, 128 + signal.0, signal.0);
        SignalFate::Delivered
    }

    /// Sends a signal from one process to another.
    pub(in crate::workload) fn signal_from(
        &mut self,
        sender: Pid,
        target: Pid,
        signal: Signal,
    ) -> SignalFate {
        let place = self.happenings.len();
        let known = self.processes.get(&target).map(|process| (process.container, process.ns_pid));
        let fate = self.send(target, signal, false);
        let ignored = match fate {
            SignalFate::Delivered => false,
            SignalFate::Ignored => true,
            SignalFate::NoProcess => return fate,
        };
        // Signal 0 only asks whether somebody is there.
        if let Some((Some(container), pid)) = known
            && signal.0 != 0
        {
            let step = ProcessStep::Signalled { signal: signal.name(), ignored, by: sender };
            let told = Happening::Process { container, host_pid: target, pid, step };
            self.happenings.insert(place, told);
        }
        fate
    }

    /// The kernel's answer to using more memory than the limit: the whole cgroup dies.
    pub(in crate::workload) fn out_of_memory(&mut self, pid: Pid) {
        let Some(id) = self.processes.get(&pid).and_then(|process| process.container) else {
            return;
        };
        let Some(container) = self.containers.get_mut(&id) else { return };
        container.out_of_memory = true;
        if let Some(init) = container.init {
            self.exit(init, 128 + Signal::KILL.0, Signal::KILL.0);
        }
    }
}
