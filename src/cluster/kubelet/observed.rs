//! The kubelet's decisions about a Pod, asked without a run.
//!
//! Owns: putting a [`PodWorker`] together from plain values. Does not own: the decisions
//! (`actions`, `status`).

use std::rc::Rc;

use crate::cluster::kubelet::actions::{self, Actions};
use crate::cluster::kubelet::probe_worker::{ProbeResult, ProbeWorker};
use crate::cluster::kubelet::{Exit, Instance, InstanceState, PodWorker, Sandbox, status};
use crate::manifest::pod::{ContainerState, Pod, PodStatus};
use crate::time::Instant;
use crate::trace::ProbeKind;
use crate::workload::cri::SandboxId;

/// A Pod, and what its kubelet believes to be on the node.
#[derive(Debug)]
pub struct Observed {
    worker: PodWorker,
}

impl Observed {
    /// Begins with a Pod of which the runtime has nothing yet.
    pub fn new(pod: Pod, now: Instant) -> Self {
        let mut worker = PodWorker::new(Rc::new(pod), 0, now);
        worker.probes = ProbeWorker::of(&worker.pod, now);
        Self { worker }
    }

    /// Sets the newest sandbox.
    pub fn sandbox(&mut self, attempt: u32, ready: bool, ip: &str) {
        let id = SandboxId(attempt);
        self.worker.cache.sandbox =
            Some(Sandbox { id, attempt, ip: ip.to_owned(), ready, detached: false });
    }

    /// Adds an instance of a container, newer than those before it.
    ///
    /// One that neither runs nor has ended is created.
    pub fn instance(&mut self, name: &str, id: &str, image: &str, state: &ContainerState) {
        let instances = &mut self.worker.cache.instances;
        let attempt = instances.iter().filter(|known| *known.name == *name).count();
        let state = match (&state.running, &state.terminated) {
            (Some(running), _) => {
                InstanceState::Running { started: running.started_at.unwrap_or(Instant::ZERO) }
            }
            (None, Some(ended)) => InstanceState::Exited(Exit {
                code: ended.exit_code,
                signal: ended.signal,
                reason: if ended.exit_code == 0 { "Completed" } else { "Error" },
                message: ended.message.clone(),
                started: ended.started_at,
                finished: ended.finished_at.unwrap_or(Instant::ZERO),
            }),
            (None, None) => InstanceState::Created,
        };
        instances.push(Instance {
            name: name.into(),
            attempt: i32::try_from(attempt).unwrap_or(i32::MAX),
            image: image.to_owned(),
            image_id: String::new(),
            id: id.to_owned(),
            sandbox: 0,
            state,
            machine_id: None,
            started_entry: None,
            exit_entry: None,
            stop_entry: None,
            noticed: false,
            stop_signal: String::new(),
        });
    }

    /// Sets what a probe has found about an instance.
    pub fn result(&mut self, id: &str, kind: ProbeKind, result: ProbeResult) {
        self.worker.results.insert((format!("containerd://{id}"), kind), result);
    }

    /// Sets the status as the kubelet last set it.
    pub fn previous(&mut self, status: PodStatus) {
        self.worker.status = status;
    }

    /// What a sync does.
    pub fn actions(&self) -> Actions {
        actions::compute(&self.worker)
    }

    /// The status that the kubelet sets; `is_terminal` when nothing will be restarted any more.
    pub fn status(&self, is_terminal: bool, now: Instant) -> PodStatus {
        status::generate(&self.worker, is_terminal, now, true)
    }
}
