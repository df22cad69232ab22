//! The end of a Pod: stop signals, grace, the final status, cleaning up.
//!
//! Models pkg/kubelet/kubelet.go SyncTerminatingPod and SyncTerminatedPod,
//! kuberuntime_container.go killContainer, and containerd's StopContainer. Does not own: what a
//! process does with a signal (`workload`).

use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::status;
use crate::cluster::kubelet::status::DEADLINE;
use crate::cluster::kubelet::status_manager::terminate;
use crate::cluster::kubelet::steps::Outcome;
use crate::cluster::kubelet::steps::{HookOf, KillStage};
use crate::cluster::kubelet::steps::{Step, Sync};
use crate::cluster::kubelet::{InstanceState, WorkerState, newest};
use crate::cluster::queue::Token;
use crate::cluster::{Wake, World, latency};
use crate::manifest::pod::{Container, Pod, PodSpec};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, HookKind, Name, SandboxStep};
use crate::version::Feature;
use crate::workload::cri::{ContainerId, Signal, SignalFate};

/// A container has at least this long between its stop signal and SIGKILL.
///
/// Models kuberuntime_container.go minimumGracePeriodInSeconds.
const GRACE_MIN: Duration = Duration::from_secs(2);

const DEADLINE_MESSAGE: &str = "Pod was active on the node longer than the specified deadline";

/// A container that is being stopped.
#[derive(Clone, Debug)]
pub(crate) struct Kill {
    pub(crate) name: Name,
    /// When the stage began from which the grace period runs.
    began: Instant,
    /// What is left of the grace period.
    grace: Duration,
    pub(crate) stage: KillStage,
    cause: Option<EntryId>,
    pub(crate) token: Option<Token>,
}

/// Every container of a Pod, ephemeral ones too.
fn every(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().chain(&spec.containers).chain(&spec.ephemeral_containers)
}

impl World<'_> {
    /// Begins to stop a Pod: all its containers at once, then its sandbox.
    pub(crate) fn sync_terminating_begin(&mut self, uid: &str, cause: Option<EntryId>) {
        self.set_status(uid, false, cause);
        self.rouse(uid);
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.stop_liveness_and_startup();
        worker.sync = Some(Sync::new(cause, Step::TerminatingContainers));
        let mut names = Vec::new();
        let spec = &worker.pod.spec;
        for container in every(spec) {
            if worker.is_running(&container.name) {
                names.push(container.name.clone());
            }
        }
        for name in names {
            let message = format!("Stopping container {name}");
            self.stop_container(uid, &name, &message, None);
        }
        self.worker_step(uid);
    }

    /// Goes on when every container has ended.
    pub(crate) fn terminating_step(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let running = |name: &str| worker.is_running(name);
        let spec = &worker.pod.spec;
        if every(spec).any(|container| running(&container.name)) {
            return;
        }
        let has_sandbox =
            self.worker(uid).and_then(|w| w.sandbox.as_ref()).is_some_and(|sandbox| sandbox.ready);
        if !has_sandbox {
            self.set_step(uid, Step::StoppingSandbox);
            return self.worker_step(uid);
        }
        self.set_step(uid, Step::StoppingPause);
        let delay = self.latency(latency::STOP_PAUSE);
        self.worker_step_after(uid, delay);
    }

    /// CNI DEL: from now on nothing that is sent to the Pod's address is answered, not even
    /// refused.
    ///
    /// Models containerd/internal/cri/server/sandbox_stop.go: pause, then the network. A probe that
    /// falls into this moment waits for its whole timeout.
    pub(crate) fn network_detached(&mut self, uid: &str) {
        self.set_step(uid, Step::StoppingSandbox);
        let Some(worker) = self.worker_mut(uid) else { return };
        let own_network = !worker.pod.spec.host_network;
        if let Some(sandbox) = worker.sandbox.as_mut().filter(|_| own_network) {
            sandbox.detached = true;
            let change = Change::Sandbox(SandboxStep::NetworkDetached);
            self.sync_record(uid, None, Actor::Runtime, change, Rule::NetworkDetached);
        }
        let delay = self.latency(latency::STOP_NETWORK);
        self.worker_step_after(uid, delay);
    }

    /// The sandbox has been stopped: the final status is computed from what the runtime says now.
    pub(crate) fn sandbox_stopped(&mut self, uid: &str) {
        self.stop_sandbox(uid);
        self.rouse(uid);
        let Some(worker) = self.worker_mut(uid) else { return };
        // SyncTerminatingPod asks the runtime itself instead of waiting for the next relist.
        worker.cache.instances.clone_from(&worker.instances);
        worker.cache.sandbox.clone_from(&worker.sandbox);
        worker.changed = false;
        worker.stop_probes();
        for instance in &mut worker.instances {
            instance.noticed |= matches!(instance.state, InstanceState::Exited(_));
        }
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
        let early = self.scenario.version.has(Feature::TerminalPhaseOnDelete);
        self.set_status(uid, early, cause);
        self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
        if self.worker(uid).is_some_and(|worker| worker.mirror) {
            self.queue_mirror_removal(uid, cause);
        }
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
        // Volumes went while the worker waited for a look of its own.
        let ended = worker.last_sync_end.unwrap_or_default();
        let unmounted = ended + self.latency(latency::UNMOUNT);
        let mut delay = self.latency(latency::CLEAN_UP);
        if unmounted > self.now {
            delay += latency::UNMOUNT_POLL;
        }
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
        if !worker.mirror {
            terminate(&pod, &mut worker.status);
        }
        status::settle_conditions(&pod, &before, &mut worker.status, now);
        self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
        if let Some(worker) = self.worker_mut(uid) {
            worker.status_cause = cause;
            worker.volumes = None;
        }
        self.queue_patch(uid);
    }

    /// Begins to stop a running container: event, preStop, its turn, stop signal, SIGKILL.
    ///
    /// `probe_grace` is the grace period of the probe that kills it, if it has one.
    pub(crate) fn stop_container(
        &mut self,
        uid: &str,
        name: &str,
        message: &str,
        probe_grace: Option<i64>,
    ) {
        let Some(worker) = self.worker(uid) else { return };
        let grace = match probe_grace {
            Some(seconds) if !worker.pod.is_terminating() => Duration::from_secs(seconds),
            Some(_) | None => worker.grace(),
        };
        let instance = newest(&worker.instances, name);
        let Some(id) = instance.and_then(|instance| instance.machine_id) else { return };
        let terminating = worker.state != WorkerState::Syncing;
        self.say_of_container(uid, name, "Normal", "Killing", message.to_owned());
        let pod = self.pod_of(uid);
        let subject = pod_subject(&pod, Some(name));
        let cause = self.worker(uid).and_then(|w| w.sync.as_ref()).and_then(|sync| sync.cause);
        let change = Change::Stopping { grace, message: message.into() };
        let rule = if terminating { Rule::GracefulDeletion } else { Rule::ProbeKills };
        let at = self.now;
        let entry = self.record(Entry { at, actor: Actor::Kubelet, subject, change, cause, rule });
        let kill = Kill {
            name: name.into(),
            began: at,
            grace,
            stage: KillStage::PreStop,
            cause: Some(entry),
            token: None,
        };
        if let Some(worker) = self.worker_mut(uid) {
            worker.kills.insert(id.0, kill);
        }
        let container = pod.spec.container(name).cloned().unwrap_or_default();
        // Without grace there is no time for a hook.
        let lifecycle = container.lifecycle.as_ref().filter(|_| grace > Duration::ZERO);
        let handler = lifecycle.and_then(|lifecycle| lifecycle.pre_stop.clone());
        match handler {
            Some(handler) => {
                self.set_kill_timer(uid, id.0, grace);
                let of = HookOf { uid: uid.to_owned(), container: id.0, kind: HookKind::PreStop };
                self.run_hook(of, &container, &handler);
            }
            None => self.pre_stop_over(uid, id.0),
        }
    }

    fn set_kill_timer(&mut self, uid: &str, id: u32, delay: Duration) {
        let cause = self.worker(uid).and_then(|w| w.kills.get(&id)).and_then(|kill| kill.cause);
        let wake = Wake::KillTimer { uid: uid.to_owned(), container: id };
        let token = self.wake_after(delay, wake, cause);
        let old = self
            .worker_mut(uid)
            .and_then(|worker| worker.kills.get_mut(&id))
            .and_then(|kill| kill.token.replace(token));
        if let Some(old) = old {
            self.cancel(old);
        }
    }

    /// The preStop hook has ended, was given up, or there is none: the container waits its turn.
    ///
    /// Models kuberuntime_container.go killContainer: whole seconds of the hook count against the
    /// grace period.
    pub(crate) fn pre_stop_over(&mut self, uid: &str, id: u32) {
        let now = self.now;
        let Some(kill) = self.worker_mut(uid).and_then(|worker| worker.kills.get_mut(&id)) else {
            return;
        };
        let spent = Duration::from_secs(now.since(kill.began).as_secs());
        kill.grace = (kill.grace - spent).max(Duration::ZERO);
        kill.began = now;
        kill.stage = KillStage::Turn;
        let grace = kill.grace;
        if grace > Duration::ZERO && !self.is_its_turn(uid, id) {
            let name =
                self.worker(uid).and_then(|w| w.kills.get(&id)).map(|kill| kill.name.clone());
            let what = "waits until the containers that it serves have ended";
            self.decided(uid, name.as_deref(), what, Rule::SidecarsLast);
            return self.set_kill_timer(uid, id, grace);
        }
        self.stop_now(uid, id);
    }

    /// Whether nothing that must stop before this container still runs.
    ///
    /// Models kuberuntime_termination_order.go: a sidecar waits for the regular containers and for
    /// the sidecars after it.
    fn is_its_turn(&self, uid: &str, id: u32) -> bool {
        let Some(worker) = self.worker(uid) else { return true };
        let Some(kill) = worker.kills.get(&id) else { return true };
        let spec = &worker.pod.spec;
        let place = spec
            .init_containers
            .iter()
            .position(|container| container.is_sidecar() && *container.name == *kill.name);
        let Some(place) = place.filter(|_| worker.state == WorkerState::Terminating) else {
            return true;
        };
        let later = spec.init_containers.iter().skip(place + 1).chain(&spec.containers);
        !later.into_iter().any(|container| worker.is_running(&container.name))
    }

    /// Containers that waited for another one to end may have their turn now.
    pub(crate) fn next_turns(&mut self, uid: &str) {
        let waiting: Vec<u32> = self
            .worker(uid)
            .map(|worker| {
                let turn = |kill: &Kill| kill.stage == KillStage::Turn;
                worker.kills.iter().filter(|(_, kill)| turn(kill)).map(|(id, _)| *id).collect()
            })
            .unwrap_or_default();
        for id in waiting {
            if self.is_its_turn(uid, id) {
                let now = self.now;
                if let Some(kill) = self.worker_mut(uid).and_then(|w| w.kills.get_mut(&id)) {
                    let waited = Duration::from_secs(now.since(kill.began).as_secs());
                    kill.grace = (kill.grace - waited).max(Duration::ZERO);
                }
                self.stop_now(uid, id);
            }
        }
    }

    /// Calls StopContainer: the runtime sends the signal a moment later.
    fn stop_now(&mut self, uid: &str, id: u32) {
        let delay = self.latency(latency::STOP_CONTAINER);
        if let Some(kill) = self.worker_mut(uid).and_then(|worker| worker.kills.get_mut(&id)) {
            kill.stage = KillStage::Stopping;
            kill.grace = kill.grace.max(GRACE_MIN);
        }
        self.set_kill_timer(uid, id, delay);
    }

    /// The time of a stage of a stop is over.
    pub(crate) fn kill_timer(&mut self, uid: &str, id: u32, cause: Option<EntryId>) {
        let Some(kill) = self.worker_mut(uid).and_then(|worker| worker.kills.get_mut(&id)) else {
            return;
        };
        kill.token = None;
        match kill.stage {
            KillStage::PreStop => self.pre_stop_given_up(uid, id),
            KillStage::Turn => {
                kill.grace = Duration::ZERO;
                self.stop_now(uid, id);
            }
            KillStage::Stopping => self.send_stop(uid, id, cause),
            KillStage::Signalled => {
                self.send_signal(uid, ContainerId(id), Signal::KILL, Rule::GraceEnds, cause);
            }
        }
    }

    /// The preStop hook took the whole grace period: it is left alone, and the signal comes.
    fn pre_stop_given_up(&mut self, uid: &str, id: u32) {
        let name = self.worker(uid).and_then(|w| w.kills.get(&id)).map(|kill| kill.name.clone());
        let Some(name) = name else { return };
        let of = HookOf { uid: uid.to_owned(), container: id, kind: HookKind::PreStop };
        self.hook_entry(&of, &name, Some(false));
        let words = "PreStopHook failed".to_owned();
        self.say_of_container(uid, &name, "Warning", "FailedPreStopHook", words);
        self.pre_stop_over(uid, id);
    }

    fn pod_of(&self, uid: &str) -> std::rc::Rc<Pod> {
        self.worker(uid).map(|worker| worker.pod.clone()).unwrap_or_default()
    }

    /// The runtime sends the stop signal and lets the grace period run.
    fn send_stop(&mut self, uid: &str, id: u32, cause: Option<EntryId>) {
        let signal = self
            .worker_mut(uid)
            .and_then(|worker| worker.instance_of(ContainerId(id)))
            .and_then(|instance| Signal::parse(&instance.stop_signal))
            .unwrap_or(Signal::TERM);
        let entry = self.send_signal(uid, ContainerId(id), signal, Rule::StopSignal, cause);
        let Some(kill) = self.worker_mut(uid).and_then(|worker| worker.kills.get_mut(&id)) else {
            return;
        };
        kill.stage = KillStage::Signalled;
        kill.cause = entry.or(kill.cause);
        let grace = kill.grace;
        self.set_kill_timer(uid, id, grace);
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
        let Some(worker) = self.worker_mut(uid) else { return };
        if worker.state != WorkerState::Syncing || worker.ended_for.is_some() {
            return;
        }
        worker.ended_for = Some((DEADLINE, DEADLINE_MESSAGE.to_owned()));
        let entry = self.decided(uid, None, DEADLINE_MESSAGE, Rule::ActiveDeadline).or(cause);
        self.worker_wake(uid, entry);
    }

    /// Says that the deadline has passed.
    pub(crate) fn say_deadline(&mut self, uid: &str, cause: Option<EntryId>) {
        let pod = self.pod_of(uid);
        let host = self.worker(uid).map(|w| self.nodes[w.node].name.clone()).unwrap_or_default();
        let say = crate::cluster::events::Say {
            kind: "Normal",
            reason: DEADLINE,
            message: DEADLINE_MESSAGE.to_owned(),
            field_path: String::new(),
        };
        self.say(Actor::Kubelet, &host, &crate::manifest::Object::Pod(pod), say, cause);
    }
}
