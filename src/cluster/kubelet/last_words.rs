//! The end of a log as the message of a container that failed.
//!
//! Owns: terminationMessagePolicy FallbackToLogsOnError. Models kuberuntime_container.go
//! readLastStringFromContainerLogs. Does not own: what a container writes to its termination
//! message path (`workload`).

use crate::cluster::World;
use crate::cluster::kubelet::Exit;
use crate::time::Instant;
use crate::trace::Change;
use crate::workload::cri::ContainerId;

/// Models pkg/kubelet/container/runtime.go MaxContainerTerminationMessageLogLines.
const LINES: usize = 80;

/// Models pkg/kubelet/container/runtime.go MaxContainerTerminationMessageLogLength.
const BYTES: usize = 2048;

impl World<'_> {
    /// Gives an exit the end of the log as its message, where the container wants that.
    pub(crate) fn last_words(&mut self, uid: &str, id: ContainerId, exit: &mut Exit) {
        if exit.code == 0 || !exit.message.is_empty() {
            return;
        }
        let Some(worker) = self.worker_mut(uid) else { return };
        let pod = worker.pod.clone();
        let Some(name) = worker.instance_of(id).map(|instance| instance.name.clone()) else {
            return;
        };
        let falls_back = pod.spec.container(&name).is_some_and(|container| {
            container.termination_message_policy == "FallbackToLogsOnError"
        });
        if falls_back {
            exit.message = self.end_of_log(uid, &name);
        }
    }

    /// The last lines of the instance of a container that was started last.
    fn end_of_log(&self, uid: &str, name: &str) -> String {
        let mut lines: Vec<(Instant, String)> = Vec::new();
        let ours = self.trace().entries().iter().rev().filter(|entry| {
            *entry.subject.uid == *uid && entry.subject.container.as_deref() == Some(name)
        });
        for entry in ours {
            match &entry.change {
                Change::ContainerStarted { .. } => break,
                Change::Output { line } => lines.push((entry.at, line.to_string())),
                Change::Quiet(quiet) => lines.extend(quiet.lines()),
                _ => {}
            }
        }
        lines.reverse();
        crate::order::sort_by(&mut lines, |a, b| a.0.cmp(&b.0));
        let mut text = String::new();
        for (_, line) in &lines[lines.len().saturating_sub(LINES)..] {
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push('\n');
            }
        }
        let mut from = text.len().saturating_sub(BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text.split_off(from)
    }
}
