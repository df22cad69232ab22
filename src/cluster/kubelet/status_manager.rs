//! When the API server hears of a Pod's status.
//!
//! Owns: what is sent, one status after the other, and the end of the Pod's object. Models
//! pkg/kubelet/status/status_manager.go. Does not own: what a status says (`status`).

use crate::cluster::key::Key;
use crate::cluster::kubelet::status::DEADLINE;
use crate::cluster::kubelet::status::{DISRUPTION_TARGET, generate};
use crate::cluster::kubelet::{PodWorker, WorkerState};
use crate::cluster::{Wake, World, latency};
use crate::manifest::pod::{ContainerState, ContainerStateTerminated, Pod, PodStatus};
use crate::rule::Rule;
use crate::time::Instant;
use crate::trace::{Actor, EntryId};
use crate::version::Feature;

/// A status on its way to the API server.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    status: PodStatus,
    cause: Option<EntryId>,
    /// The kubelet has nothing more to do with the Pod: its object may go.
    finished: bool,
    since: Instant,
}

impl PodWorker {
    /// Whether containers of the Pod may still run, so that its phase must not be final yet.
    ///
    /// Models pod_workers.go CouldHaveRunningContainers.
    const fn could_have_running_containers(&self) -> bool {
        matches!(self.state, WorkerState::Syncing | WorkerState::Terminating)
    }
}

impl World<'_> {
    /// Computes the status of a Pod from what its kubelet believes, and sends it if it is new.
    pub(crate) fn set_status(&mut self, uid: &str, is_terminal: bool, cause: Option<EntryId>) {
        let has = self.scenario.version.has(Feature::PodReadyToStartContainersCondition);
        let (now, configs) = (self.now, self.store.configs);
        let Some(worker) = self.worker_mut(uid) else { return };
        let status = generate(worker, is_terminal, now, has);
        // The handler that judges the deadline says so every time it is asked.
        let over = worker.ended_for.as_ref().is_some_and(|(reason, _)| *reason == DEADLINE);
        if over {
            self.say_deadline(uid, cause);
        }
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.settled = (status == worker.status).then_some(configs);
        if worker.settled.is_none() {
            self.rouse(uid);
            let Some(worker) = self.worker_mut(uid) else { return };
            worker.status = status;
            worker.status_cause = cause;
            self.queue_patch(uid);
        }
        self.poke_readiness(uid);
    }

    /// Sets PodReadyToStartContainers as soon as the sandbox stands, past the next full status.
    ///
    /// Models kubelet.go OnPodSandboxReady.
    pub(crate) fn set_sandbox_ready_condition(&mut self, uid: &str, cause: EntryId) {
        if !self.scenario.version.has(Feature::PodReadyToStartContainersCondition) {
            return;
        }
        let now = self.now.truncated();
        let Some(worker) = self.worker_mut(uid) else { return };
        for condition in &mut worker.status.conditions {
            if condition.kind == "PodReadyToStartContainers" && condition.status != "True" {
                condition.status = "True".to_owned();
                condition.last_transition_time = Some(now);
            }
        }
        worker.status_cause = Some(cause);
        self.queue_patch(uid);
    }

    /// Sends the status as it is now; while one is under way, the next one waits for it.
    ///
    /// Models status_manager.go Start and syncBatch: what is sent was read before the request.
    pub(crate) fn queue_patch(&mut self, uid: &str) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let (status, cause) = (worker.status.clone(), worker.status_cause);
        let finished = worker.state == WorkerState::Finished;
        let sending = Sending { status, cause, finished, since: now };
        if let Some(under_way) = &mut worker.sending {
            // What changes at the same moment goes along.
            if under_way.since == now {
                *under_way = sending;
            } else {
                worker.unsent = true;
            }
            return;
        }
        worker.sending = Some(sending);
        let delay = self.latency(latency::STATUS_PATCH);
        self.wake_after(delay, Wake::StatusPatch { uid: uid.to_owned() }, cause);
    }

    /// Sends a Pod's status to the API server, and deletes the Pod when all is over.
    ///
    /// Models status_manager.go syncPod and mergePodStatus.
    pub(crate) fn status_patch(&mut self, uid: &str) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let Some(sending) = worker.sending.take() else { return };
        let unsent = std::mem::take(&mut worker.unsent);
        self.status_arrives(uid, sending);
        if unsent {
            self.queue_patch(uid);
        }
    }

    fn status_arrives(&mut self, uid: &str, sending: Sending) {
        let Sending { mut status, cause, finished, .. } = sending;
        let Some(worker) = self.worker(uid) else { return };
        let hold = worker.could_have_running_containers();
        let mirror = self.worker(uid).filter(|w| w.mirror).and_then(|w| self.mirror_of(w));
        let Some(pod) = mirror.or_else(|| self.store.pod_by_uid(uid).cloned()) else {
            if finished {
                self.forget_worker(uid);
            }
            return;
        };
        if matches!(status.phase.as_str(), "Succeeded" | "Failed") && hold {
            status.phase = pod.status.phase.clone();
            status.reason = pod.status.reason.clone();
            status.message = pod.status.message.clone();
            if pod.status.condition(DISRUPTION_TARGET).is_none() {
                status.conditions.retain(|condition| condition.kind != DISRUPTION_TARGET);
            }
        }
        let mut entry = cause;
        if status != pod.status {
            let rule = if finished || pod.is_terminating() {
                Rule::FinalStatus
            } else if status.phase == "Running" && pod.status.phase != "Running" {
                Rule::StatusAfterLastStart
            } else {
                Rule::StatusAtSyncStart
            };
            let changed = Pod { status, ..(*pod).clone() };
            entry = Some(self.update_pod(Actor::Kubelet, changed, rule, cause));
        }
        let mirror = self.worker(uid).is_some_and(|worker| worker.mirror);
        if finished && pod.is_terminating() && !mirror {
            let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
            self.delete(Actor::Kubelet, &key, Some(0), entry);
        }
    }
}

/// Ensures that no container is left without an end when the Pod is over.
///
/// Models status_manager.go TerminatePod.
pub(crate) fn terminate(pod: &Pod, status: &mut PodStatus) {
    let initialized = pod.spec.init_containers.is_empty() || status.is_true("Initialized");
    let unknown = || ContainerState {
        terminated: Some(ContainerStateTerminated {
            exit_code: 137,
            reason: "ContainerStatusUnknown".to_owned(),
            message: "The container could not be located when the pod was terminated".to_owned(),
            ..ContainerStateTerminated::default()
        }),
        ..ContainerState::default()
    };
    if initialized {
        for container in &mut status.container_statuses {
            if container.state.terminated.is_none() {
                container.state = unknown();
            }
        }
    }
    if !matches!(status.phase.as_str(), "Succeeded" | "Failed") {
        status.phase = "Failed".to_owned();
    }
}
