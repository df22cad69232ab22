//! A kubelet that is stopped, or whose machine is off, and how it takes up its work again.
//!
//! Models the start of pkg/kubelet/kubelet.go (everything it knew was in memory) and
//! kubelet_node_status.go. Does not own: what the control plane makes of the silence
//! (`controllers::node_lifecycle`).

use std::rc::Rc;

use crate::cluster::events::Say;
use crate::cluster::key::{Key, subject_of};
use crate::cluster::kubelet::eviction_manager::Pressure;
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::kubelet::node_status::kubelet_conditions;
use crate::cluster::kubelet::steps::ExecOwner;
use crate::cluster::kubelet::{Exit, InstanceState, PodWorker, WorkerState};
use crate::cluster::random::Random;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::Node;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, Verb};

/// From `reboot` until the kubelet runs again. Invented: a virtual machine of a cloud.
const BOOT: Duration = Duration::from_secs(45);
/// From the start of the kubelet until it says that it is ready.
///
/// Models kubelet_node_status.go fastNodeStatusUpdate, which asks ten times a second until the
/// runtime has answered.
const FIRST_STATUS: Duration = Duration::from_millis(1_100);

impl World<'_> {
    /// Whether a wake-up belongs to a kubelet that is not there.
    pub(crate) fn is_for_nobody(&self, wake: &Wake) -> bool {
        !self.all_on
            && self.kubelet_of(wake).is_some_and(|node| self.nodes[node].power != Power::On)
    }

    /// The node whose kubelet a wake-up is for; what the runtime and the kernel do is not.
    fn kubelet_of(&self, wake: &Wake) -> Option<usize> {
        let uid = match wake {
            Wake::PodUpdate { uid }
            | Wake::Worker { uid }
            | Wake::Sync { uid }
            | Wake::Resync { uid }
            | Wake::RelistPod { uid }
            | Wake::StatusPatch { uid }
            | Wake::KillTimer { uid, .. }
            | Wake::Probe { uid, .. }
            | Wake::ProbeExec { uid, .. }
            | Wake::ProbeReply { uid, .. }
            | Wake::Deadline { uid }
            | Wake::Housekeeping { uid } => uid,
            Wake::HookEnded { of, .. } => &of.uid,
            Wake::Relist { node }
            | Wake::Eviction { node }
            | Wake::ExecTimeout { node, .. }
            | Wake::StaticPod { node, .. } => {
                return Some(*node);
            }
            Wake::Act(_)
            | Wake::Perform { .. }
            | Wake::Schedule { .. }
            | Wake::ExitSeen { .. }
            | Wake::Machine { .. }
            | Wake::Controller { .. }
            | Wake::ControllerLater { .. }
            | Wake::Foreground { .. }
            | Wake::Garbage { .. }
            | Wake::ProxyHears { .. }
            | Wake::ProxySync { .. }
            | Wake::ProxySynced { .. }
            | Wake::Traffic { .. }
            | Wake::NodeHealth { .. }
            | Wake::KubeletStarts { .. }
            | Wake::NodeReports { .. }
            | Wake::PodGc
            | Wake::Drain { .. }
            | Wake::TaintEviction { .. } => return None,
        };
        match self.worker_nodes.get(uid) {
            Some(place) => Some(super::split(place).0),
            None => self.node_index(&self.store.pod_by_uid(uid)?.spec.node_name),
        }
    }

    /// `systemctl stop kubelet`: containers run on, but nobody looks after them.
    pub(crate) fn stop_kubelet(&mut self, node: usize, entry: EntryId) {
        if self.nodes[node].power != Power::On {
            return;
        }
        let what = "the kubelet is stopped; containers run on";
        let cause = self.note_node(node, what, Rule::KubeletStopped, Some(entry));
        self.lose_kubelet(node, Power::KubeletStopped, cause);
    }

    /// `poweroff`, or `reboot`: everything on the machine ends at once.
    pub(crate) fn power_off(&mut self, node: usize, reboot: bool, entry: EntryId) {
        let what = if reboot { "the machine restarts" } else { "the machine is off" };
        let cause = self.note_node(node, what, Rule::MachineOff, Some(entry));
        if self.nodes[node].power == Power::On {
            self.lose_kubelet(node, Power::Off, cause);
        }
        self.nodes[node].power = Power::Off;
        self.all_on = false;
        self.proxy_off(node);
        self.traffic.stale = true;
        let uids: Vec<String> = self.nodes[node].workers.keys().cloned().collect();
        for uid in uids {
            self.machine_lost(node, &uid, cause);
        }
        self.nodes[node].containers.clear();
        self.nodes[node].execs.clear();
        if reboot {
            self.wake_after(BOOT, Wake::KubeletStarts { node }, Some(cause));
        }
    }

    /// Whatever a kubelet had in mind is gone; what is on the machine stays.
    fn lose_kubelet(&mut self, node: usize, power: Power, cause: EntryId) {
        let uids: Vec<String> = self.nodes[node].workers.keys().cloned().collect();
        for uid in uids {
            self.rouse(&uid);
        }
        self.forget_kubelet_wakes(node);
        let host = &mut self.nodes[node];
        host.power = power;
        self.all_on = false;
        let host = &mut self.nodes[node];
        host.pleg_queued = false;
        host.pressure = Pressure::default();
        host.puller.interrupt();
        host.execs.retain(|_, owner| matches!(owner, ExecOwner::You(_)));
        for worker in host.workers.values_mut() {
            worker.sync = None;
            worker.in_hand = None;
            worker.update = None;
            worker.resync = None;
            worker.mount_timer = None;
            worker.sending = None;
            worker.unsent = false;
            worker.kills.clear();
        }
        self.watch_lease(node, cause);
    }

    fn forget_kubelet_wakes(&mut self, node: usize) {
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|due| self.kubelet_of(&due.wake) != Some(node));
        self.queue = queue;
    }

    /// The machine of a Pod went off: its processes and its sandbox are gone.
    fn machine_lost(&mut self, node: usize, uid: &str, cause: EntryId) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let pod = worker.pod.clone();
        worker.changed = true;
        let mut ended = Vec::new();
        for instance in &mut worker.instances {
            let InstanceState::Running { started } = instance.state else { continue };
            // containerd finds a container without its task when it starts
            // (internal/cri/server/restart.go).
            instance.state = InstanceState::Exited(Exit {
                code: 255,
                signal: 0,
                reason: "Unknown",
                message: String::new(),
                started: Some(started),
                finished: now,
            });
            ended.push((instance.name.clone(), instance.attempt));
        }
        let lost = worker.sandbox.as_mut().filter(|sandbox| sandbox.ready).map(|sandbox| {
            sandbox.ready = false;
            (sandbox.id, sandbox.ip.clone())
        });
        if let Some((id, ip)) = lost {
            self.nodes[node].machine.stop_sandbox(now, id);
            if !pod.spec.host_network {
                self.nodes[node].release_address(&ip);
            }
        }
        for (name, attempt) in ended {
            let subject = crate::cluster::key::pod_subject(&pod, Some(&name));
            let change =
                Change::ContainerExited { attempt, code: 255, signal: 0, reason: "Unknown".into() };
            let (actor, rule) = (Actor::Kernel, Rule::MachineOff);
            let entry =
                self.record(Entry { at: now, actor, subject, change, cause: Some(cause), rule });
            if let Some(worker) = self.worker_mut(uid)
                && let Some(instance) =
                    worker.instances.iter_mut().rev().find(|instance| instance.name == name)
            {
                instance.exit_entry = Some(entry);
            }
        }
    }

    /// The kubelet starts with nothing but what the API and the runtime tell it.
    pub(crate) fn start_kubelet(&mut self, node: usize, cause: Option<EntryId>) {
        if self.nodes[node].power == Power::On {
            return;
        }
        self.forget_kubelet_wakes(node);
        let booted = self.nodes[node].power == Power::Off;
        self.nodes[node].power = Power::On;
        self.all_on = self.nodes.iter().all(|node| node.power == Power::On);
        self.nodes[node].pleg_queued = false;
        let what =
            "the kubelet starts: it asks the API for its Pods and the runtime for containers";
        let cause = self.note_node(node, what, Rule::KubeletStarted, cause);
        let about = self.node_object(node);
        if let Some(about) = about {
            let message = "Starting kubelet.".to_owned();
            self.say_of_node(&about, "Starting", message, Some(cause));
        }
        let known: Vec<String> = self.nodes[node].workers.keys().cloned().collect();
        for uid in known {
            self.take_up(node, &uid, cause);
        }
        let name = self.nodes[node].name.clone();
        let bound: Vec<String> = self
            .store
            .books
            .of(&name)
            .into_iter()
            .flat_map(|booked| &booked.keys)
            .filter_map(|key| self.store.pod(&key.namespace, &key.name))
            .map(|pod| pod.metadata.uid.clone())
            .collect();
        for uid in bound {
            if self.worker(&uid).is_none() {
                self.kubelet_pod_update(&uid, Some(cause));
            }
        }
        self.scan_manifests(node, Some(cause));
        if booted {
            self.proxy_starts(node, cause);
            self.traffic.stale = true;
        }
        self.wake_after(FIRST_STATUS, Wake::NodeReports { node, booted }, Some(cause));
    }

    /// Begins anew with a Pod of which the machine still has something.
    fn take_up(&mut self, node: usize, uid: &str, cause: EntryId) {
        let now = self.now;
        let Some(old) = self.nodes[node].workers.remove(uid) else { return };
        let stored = self.store.pod_by_uid(uid).cloned();
        let gone = stored.is_none() && !old.mirror;
        if old.state == WorkerState::Finished {
            self.add_worker(uid, old);
            if gone {
                self.forget_worker(uid);
            } else {
                self.kubelet_pod_update(uid, Some(cause));
            }
            return;
        }
        let pod = stored.unwrap_or_else(|| old.pod.clone());
        let mut worker = PodWorker::new(pod, node, now);
        worker.mirror = old.mirror;
        worker.orphaned = old.orphaned || gone;
        worker.start_time = old.start_time;
        worker.volumes = old.volumes;
        worker.volume_files = old.volume_files;
        worker.sandbox = old.sandbox;
        worker.instances = old.instances;
        if old.mirror {
            worker.status = old.status;
        }
        for instance in &mut worker.instances {
            instance.noticed |= matches!(instance.state, InstanceState::Exited(_));
        }
        worker.cache.instances.clone_from(&worker.instances);
        worker.cache.sandbox.clone_from(&worker.sandbox);
        worker.cache.at = now;
        let ends = worker.orphaned || worker.pod.is_terminating() || worker.pod.is_terminal();
        if ends {
            worker.state = WorkerState::Terminating;
        }
        let pod = worker.pod.clone();
        self.add_worker(uid, worker);
        if !ends {
            self.watch_deadline(uid, &pod, Some(cause));
        }
        self.worker_wake(uid, Some(cause));
    }

    /// The first status that a kubelet sends after its start.
    pub(crate) fn node_reports(&mut self, node: usize, booted: bool, cause: Option<EntryId>) {
        if self.nodes[node].power != Power::On {
            return;
        }
        if self.node_object(node).is_none() {
            self.register_node(node, cause);
        }
        let Some(Object::Node(object)) = self.node_object(node) else { return };
        if booted {
            let about = Object::Node(object.clone());
            let (seed, name) = (self.scenario.seed, &object.metadata.name);
            let id = Random::keyed(seed, "boot", name, self.now.as_micros() as u64).uid();
            let message = format!("Node {name} has been rebooted, boot id: {id}");
            let reason = "Rebooted";
            let say = Say { kind: "Warning", reason, message, field_path: String::new() };
            self.say(Actor::Kubelet, name, &about, say, cause);
        }
        let before = object.status.conditions.clone();
        let mut changed: Node = (*object).clone();
        let now = self.now.truncated();
        changed.status.conditions = kubelet_conditions(now, self.nodes[node].pressure.now());
        let mut news = Vec::new();
        for condition in &mut changed.status.conditions {
            match before.iter().find(|old| old.kind == condition.kind) {
                Some(old) if old.status == condition.status => {
                    condition.last_transition_time = old.last_transition_time;
                }
                Some(_) | None => news.push(event_of(&condition.kind, &condition.status)),
            }
        }
        if news.is_empty() {
            return;
        }
        let object = Object::Node(Rc::new(changed));
        let of_pressure = |reason: &&str| *reason != "NodeReady";
        let rule = match news.iter().all(of_pressure) {
            true => Rule::NodePressure,
            false => Rule::NodeReady,
        };
        let entry = self.put(Actor::Kubelet, Verb::Updated, object.clone(), rule, cause);
        for reason in news {
            self.say_node_status(&object, reason, Actor::Kubelet, entry);
        }
    }

    /// The Node object of a machine, while the API has it.
    pub(crate) fn node_object(&self, node: usize) -> Option<Object> {
        self.store.get(&Key::new("Node", "", &self.nodes[node].name)).cloned()
    }

    /// `Node node1 status is now: NodeReady`.
    pub(crate) fn say_node_status(
        &mut self,
        about: &Object,
        reason: &str,
        actor: Actor,
        cause: EntryId,
    ) {
        let name = &about.metadata().name;
        let message = format!("Node {name} status is now: {reason}");
        if actor == Actor::Kubelet {
            self.say_of_node(about, reason, message, Some(cause));
        } else {
            let say = Say { kind: "Normal", reason, message, field_path: String::new() };
            self.say(actor, "", about, say, Some(cause));
        }
    }

    fn say_of_node(
        &mut self,
        about: &Object,
        reason: &str,
        message: String,
        cause: Option<EntryId>,
    ) {
        let host = about.metadata().name.clone();
        let say = Say { kind: "Normal", reason, message, field_path: String::new() };
        self.say(Actor::Kubelet, &host, about, say, cause);
    }

    /// Records something that happened to a machine.
    pub(crate) fn note_node(
        &mut self,
        node: usize,
        what: &str,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> EntryId {
        let host = &self.nodes[node];
        let subject = match self.node_object(node) {
            Some(object) => subject_of(&object),
            None => crate::trace::Subject {
                kind: "Node".into(),
                namespace: "".into(),
                name: host.name.as_str().into(),
                uid: "".into(),
                container: None,
            },
        };
        let change = Change::Decided { what: what.into() };
        let (at, actor) = (self.now, Actor::Kubelet);
        self.record(Entry { at, actor, subject, change, cause, rule })
    }
}

/// The event of a condition that has changed.
///
/// Models pkg/kubelet/nodestatus/setters.go.
fn event_of(kind: &str, status: &str) -> &'static str {
    match (kind, status) {
        ("MemoryPressure", "True") => "NodeHasInsufficientMemory",
        ("MemoryPressure", _) => "NodeHasSufficientMemory",
        ("DiskPressure", "True") => "NodeHasDiskPressure",
        ("DiskPressure", _) => "NodeHasNoDiskPressure",
        ("PIDPressure", _) => "NodeHasSufficientPID",
        (_, "True") => "NodeReady",
        (_, _) => "NodeNotReady",
    }
}
