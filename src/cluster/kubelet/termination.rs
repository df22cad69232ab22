//! The end of a Pod: stop signals, grace, the final status, cleaning up.
//!
//! Models pkg/kubelet/kubelet.go SyncTerminatingPod and SyncTerminatedPod,
//! kuberuntime_container.go killContainer, and containerd's StopContainer. Does not own: what a
//! process does with a signal (`workload`).

use crate::cluster::kubelet::pod_worker::Outcome;
use crate::cluster::kubelet::status::{self, terminate};
use crate::cluster::kubelet::sync_pod::{Step, Sync};
use crate::cluster::kubelet::{InstanceState, WorkerState, newest};
use crate::cluster::store::pod_subject;
use crate::cluster::{Wake, World, latency};
use crate::manifest::pod::Pod;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, SandboxStep};
use crate::version::Feature;
use crate::workload::machine::{ContainerId, Signal, SignalFate};

/// A container has at least this long between its stop signal and SIGKILL.
///
/// Models kuberuntime_container.go minimumGracePeriodInSeconds.
const GRACE_MIN: Duration = Duration::from_secs(2);

/// How long a container that is stopped has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grace {
    /// What the Pod's spec, or its deletion, gives.
    OfThePod,
}

impl World<'_> {
    /// Begins to stop a Pod: all its containers at once, then its sandbox.
    pub(crate) fn sync_terminating_begin(&mut self, uid: &str, cause: Option<EntryId>) {
        self.set_status(uid, false, cause);
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.sync = Some(Sync::new(cause, Step::TerminatingContainers));
        let mut names = Vec::new();
        let spec = &worker.pod.spec;
        for container in spec.init_containers.iter().chain(&spec.containers) {
            if worker.is_running(&container.name) {
                names.push(container.name.clone());
            }
        }
        for name in names {
            let message = format!("Stopping container {name}");
            self.stop_container(uid, &name, &message, Grace::OfThePod);
        }
        self.worker_step(uid);
    }

    /// Goes on when every container has ended.
    pub(crate) fn terminating_step(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let running = |name: &str| worker.is_running(name);
        let spec = &worker.pod.spec;
        if spec.init_containers.iter().chain(&spec.containers).any(|c| running(&c.name)) {
            return;
        }
        self.set_step(uid, Step::StoppingSandbox);
        let has_sandbox =
            self.worker(uid).and_then(|w| w.sandbox.as_ref()).is_some_and(|sandbox| sandbox.ready);
        if !has_sandbox {
            return self.worker_step(uid);
        }
        let delay = self.latency(latency::STOP_SANDBOX);
        self.worker_step_after(uid, delay);
    }

    /// The sandbox has been stopped: the final status is computed from what the runtime says now.
    pub(crate) fn sandbox_stopped(&mut self, uid: &str) {
        self.stop_sandbox(uid);
        let Some(worker) = self.worker_mut(uid) else { return };
        // SyncTerminatingPod asks the runtime itself instead of waiting for the next relist.
        worker.cache.instances.clone_from(&worker.instances);
        worker.cache.sandbox.clone_from(&worker.sandbox);
        worker.changed = false;
        for instance in &mut worker.instances {
            instance.noticed |= matches!(instance.state, InstanceState::Exited(_));
        }
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
        let early = self.scenario.version.has(Feature::TerminalPhaseOnDelete);
        self.set_status(uid, early, cause);
        self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
    }

    fn stop_sandbox(&mut self, uid: &str) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let (node, host_network) = (worker.node, worker.pod.spec.host_network);
        let Some(sandbox) = worker.sandbox.as_mut().filter(|sandbox| sandbox.ready) else { return };
        sandbox.ready = false;
        let (id, ip) = (sandbox.id, sandbox.ip.clone());
        self.nodes[node].machine.stop_sandbox(now, id);
        if !host_network {
            self.nodes[node].release_address(&ip);
        }
        let change = Change::Sandbox(SandboxStep::Stopped);
        self.sync_record(uid, None, Actor::Runtime, change, Rule::SandboxStopped);
        self.watch_machine(node);
    }

    /// Begins to clean up after a Pod whose containers have all ended.
    pub(crate) fn sync_terminated_begin(&mut self, uid: &str, cause: Option<EntryId>) {
        self.set_status(uid, true, cause);
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.sync = Some(Sync::new(cause, Step::Unmounting));
        let delay = self.latency(latency::UNMOUNT);
        self.worker_step_after(uid, delay);
    }

    /// Volumes are gone; nothing of the Pod is left on the node but its record.
    pub(crate) fn unmounted(&mut self, uid: &str) {
        let names: Vec<String> = self
            .worker(uid)
            .and_then(|worker| worker.volumes.as_ref())
            .map(|volumes| volumes.keys().cloned().collect())
            .unwrap_or_default();
        for name in names {
            let change = Change::Volume { name: name.into(), mounted: false };
            self.sync_record(uid, None, Actor::Kubelet, change, Rule::VolumesMounted);
        }
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
        let pod = worker.pod.clone();
        let before = worker.status.clone();
        terminate(&pod, &mut worker.status);
        status::settle_conditions(&pod, &before, &mut worker.status, now);
        self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
        if let Some(worker) = self.worker_mut(uid) {
            worker.status_cause = cause;
            worker.volumes = None;
        }
        self.queue_patch(uid);
    }

    /// Stops a running container: event, stop signal, grace, SIGKILL.
    pub(crate) fn stop_container(&mut self, uid: &str, name: &str, message: &str, grace: Grace) {
        let Some(worker) = self.worker(uid) else { return };
        let grace = match grace {
            Grace::OfThePod => worker.grace(),
        }
        .max(GRACE_MIN);
        let Some(id) = newest(&worker.instances, name).and_then(|instance| instance.machine_id)
        else {
            return;
        };
        let rule = match worker.state {
            WorkerState::Syncing => Rule::Restarted,
            WorkerState::Terminating | WorkerState::Terminated | WorkerState::Finished => {
                Rule::GracefulDeletion
            }
        };
        self.say_of_container(uid, name, "Normal", "Killing", message.to_owned());
        let subject = pod_subject(&self.pod_of(uid), Some(name));
        let cause = self.worker(uid).and_then(|w| w.sync.as_ref()).and_then(|sync| sync.cause);
        let change = Change::Stopping { grace, message: message.into() };
        let at = self.now;
        let entry = self.record(Entry { at, actor: Actor::Kubelet, subject, change, cause, rule });
        let delay = self.latency(latency::STOP_CONTAINER);
        let wake = Wake::Stop { uid: uid.to_owned(), container: id, grace };
        self.wake_after(delay, wake, Some(entry));
    }

    fn pod_of(&self, uid: &str) -> std::rc::Rc<Pod> {
        self.worker(uid).map(|worker| worker.pod.clone()).unwrap_or_default()
    }

    /// The runtime sends the stop signal and lets the grace period run.
    pub(crate) fn send_stop(
        &mut self,
        uid: &str,
        id: ContainerId,
        grace: Duration,
        cause: Option<EntryId>,
    ) {
        let signal = self
            .worker_mut(uid)
            .and_then(|worker| worker.instance_of(id))
            .and_then(|instance| Signal::parse(&instance.stop_signal))
            .unwrap_or(Signal::TERM);
        let Some(entry) = self.send_signal(uid, id, signal, Rule::StopSignal, cause) else {
            return;
        };
        let wake = Wake::GraceOver { uid: uid.to_owned(), container: id.0 };
        let token = self.wake_after(grace, wake, Some(entry));
        if let Some(worker) = self.worker_mut(uid) {
            worker.grace_tokens.insert(id.0, token);
        }
    }

    /// The grace period is over: SIGKILL.
    pub(crate) fn grace_over(&mut self, uid: &str, container: u32, cause: Option<EntryId>) {
        if let Some(worker) = self.worker_mut(uid) {
            worker.grace_tokens.remove(&container);
        }
        self.send_signal(uid, ContainerId(container), Signal::KILL, Rule::GraceEnds, cause);
    }

    /// Sends a signal to a container's first process; nothing when it has ended.
    fn send_signal(
        &mut self,
        uid: &str,
        id: ContainerId,
        signal: Signal,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let now = self.now;
        let worker = self.worker_mut(uid)?;
        let (node, pod) = (worker.node, worker.pod.clone());
        let instance = worker.instance_of(id)?;
        if !matches!(instance.state, InstanceState::Running { .. }) {
            return None;
        }
        let name = instance.name.clone();
        let fate = self.nodes[node].machine.signal(now, id, signal);
        let ignored = match fate {
            SignalFate::Delivered => false,
            SignalFate::Ignored => true,
            SignalFate::NoProcess => return None,
        };
        let entry = self.record(Entry {
            at: now,
            actor: Actor::Runtime,
            subject: pod_subject(&pod, Some(&name)),
            change: Change::Signal { signal: signal.name().into(), ignored },
            cause,
            rule: if ignored { Rule::PidOneIgnores } else { rule },
        });
        if let Some(instance) = self.worker_mut(uid).and_then(|worker| worker.instance_of(id)) {
            instance.stop_entry = Some(entry);
        }
        self.watch_machine(node);
        Some(entry)
    }

    /// Watches activeDeadlineSeconds.
    pub(crate) fn watch_deadline(&mut self, uid: &str, pod: &Pod, cause: Option<EntryId>) {
        if let Some(seconds) = pod.spec.active_deadline_seconds {
            let wake = Wake::Deadline { uid: uid.to_owned() };
            self.wake_after(Duration::from_secs(seconds), wake, cause);
        }
    }

    /// The Pod has run longer than activeDeadlineSeconds.
    ///
    /// Models pkg/kubelet/active_deadline.go: the start time is that of the status, whole seconds.
    pub(crate) fn deadline(&mut self, uid: &str, cause: Option<EntryId>) {
        const MESSAGE: &str = "Pod was active on the node longer than the specified deadline";
        let Some(worker) = self.worker_mut(uid) else { return };
        if worker.state != WorkerState::Syncing || worker.ended_for.is_some() {
            return;
        }
        worker.ended_for = Some(("DeadlineExceeded", MESSAGE.to_owned()));
        let entry = self.decided(uid, None, MESSAGE, Rule::ActiveDeadline).or(cause);
        let pod = self.pod_of(uid);
        let host = self.worker(uid).map(|w| self.nodes[w.node].name.clone()).unwrap_or_default();
        let say = crate::cluster::events::Say {
            kind: "Normal",
            reason: "DeadlineExceeded",
            message: MESSAGE.to_owned(),
            field_path: String::new(),
        };
        self.say(Actor::Kubelet, &host, &crate::manifest::Object::Pod(pod), say, entry);
        self.worker_wake(uid, entry);
    }
}
