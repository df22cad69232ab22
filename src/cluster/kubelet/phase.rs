//! The phase of a Pod.
//!
//! Owns: [`phase`], counted from containers' statuses as kubelet_pods.go getPhase does it. Does not
//! own: the statuses (`status`).

use crate::cluster::kubelet::actions::restarts_after;
use crate::manifest::pod::{Container, ContainerStatus, PodSpec};

/// The phase of a Pod, from its containers' statuses.
///
/// Models kubelet_pods.go getPhase. `is_terminal`: nothing will be restarted whatever the policy
/// says; `has_initialized`: a regular container was ever made.
pub fn phase(
    spec: &PodSpec,
    statuses: &[ContainerStatus],
    is_terminal: bool,
    has_initialized: bool,
) -> &'static str {
    let mut count = Counts::default();
    let find = |name: &str| statuses.iter().find(|status| status.name == name);
    for container in &spec.init_containers {
        if container.is_sidecar() {
            count.sidecar(find(&container.name));
        } else {
            count.init(container, spec, find(&container.name));
        }
    }
    for container in &spec.containers {
        count.regular(container, spec, find(&container.name));
    }
    if count.failed_init > 0 {
        return "Failed";
    }
    let initializing = count.pending_init > 0 || (count.pending_sidecars > 0 && !has_initialized);
    if initializing || count.waiting > 0 {
        return "Pending";
    }
    if count.running > 0 && count.unknown == 0 {
        return "Running";
    }
    if count.running > 0 || count.stopped == 0 || count.unknown > 0 {
        return "Pending";
    }
    if !is_terminal && count.stopped > count.stopped_for_good {
        return "Running";
    }
    if count.stopped == count.succeeded {
        return "Succeeded";
    }
    "Failed"
}

#[derive(Default)]
struct Counts {
    failed_init: u32,
    pending_init: u32,
    pending_sidecars: u32,
    unknown: u32,
    running: u32,
    waiting: u32,
    stopped: u32,
    stopped_for_good: u32,
    succeeded: u32,
}

impl Counts {
    fn init(&mut self, container: &Container, spec: &PodSpec, status: Option<&ContainerStatus>) {
        let Some(status) = status else {
            self.pending_init += 1;
            return;
        };
        let waiting = status.state.waiting.is_some();
        let ended = if waiting {
            status.last_state.terminated.as_ref()
        } else {
            status.state.terminated.as_ref()
        };
        match ended {
            Some(end) if end.exit_code != 0 => {
                self.failed_init += u32::from(!restarts_after(container, spec, end.exit_code));
            }
            Some(_) => {}
            None => self.pending_init += 1,
        }
    }

    fn sidecar(&mut self, status: Option<&ContainerStatus>) {
        let Some(status) = status else {
            self.unknown += 1;
            return;
        };
        if status.state.running.is_some() {
            self.pending_sidecars += u32::from(status.started != Some(true));
            self.running += 1;
        } else if status.state.terminated.is_some() {
            // A sidecar that has ended says nothing about the Pod.
        } else if status.state.waiting.is_some() {
            if status.last_state.terminated.is_none() {
                self.pending_sidecars += 1;
                self.waiting += 1;
            }
        } else {
            self.pending_sidecars += 1;
            self.unknown += 1;
        }
    }

    fn regular(&mut self, container: &Container, spec: &PodSpec, status: Option<&ContainerStatus>) {
        let Some(status) = status else {
            self.unknown += 1;
            return;
        };
        if status.state.running.is_some() {
            self.running += 1;
        } else if let Some(end) = &status.state.terminated {
            self.stopped += 1;
            self.succeeded += u32::from(end.exit_code == 0);
            self.stopped_for_good += u32::from(!restarts_after(container, spec, end.exit_code));
        } else if status.state.waiting.is_some() {
            if status.last_state.terminated.is_some() {
                self.stopped += 1;
            } else {
                self.waiting += 1;
            }
        } else {
            self.unknown += 1;
        }
    }
}
