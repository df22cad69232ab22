//! Making a Pod run: status first, then volumes, sandbox, init containers, containers.
//!
//! Models pkg/kubelet/kubelet.go SyncPod and pkg/kubelet/kuberuntime/kuberuntime_manager.go
//! SyncPod. Everything is done one after the other, each step taking its time. Does not own: what
//! is to be done (`actions`), or how a container is started (`container`).

use crate::cluster::events::Say;
use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::Sandbox;
use crate::cluster::kubelet::actions::{self, List};
use crate::cluster::kubelet::dns;
use crate::cluster::kubelet::status::is_over;
use crate::cluster::kubelet::steps::Sync;
use crate::cluster::kubelet::steps::{Outcome, SandboxStage, Step};
use crate::cluster::{Wake, World, latency};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, SandboxStep};
use crate::version::Feature;
use crate::workload::cri::{SandboxSetup, VolumeId};

impl World<'_> {
    /// Begins a sync: the status is computed and sent before anything else.
    pub(crate) fn sync_pod_begin(&mut self, uid: &str, cause: Option<EntryId>) {
        let first = self.worker(uid).is_some_and(|worker| worker.last_sync_end.is_none());
        let mut cause = cause;
        if first {
            cause = self.admit(uid, cause);
        }
        self.set_status(uid, false, cause);
        self.reconcile_mirror(uid, cause);
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.sync = Some(Sync::new(cause, Step::Volumes));
        if is_over(&worker.status) {
            let phase = worker.status.phase.clone();
            let what = format!("all containers have ended for good: {phase}");
            let cause = self.decided(uid, None, &what, Rule::PodFinished);
            self.sync_cause(uid, cause);
            return self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
        }
        if worker.volumes.is_some() || worker.pod.spec.volumes.is_empty() {
            return self.worker_step(uid);
        }
        self.worker_step_after(uid, latency::VOLUME_POLL);
    }

    fn admit(&mut self, uid: &str, cause: Option<EntryId>) -> Option<EntryId> {
        let worker = self.worker(uid)?;
        let node = worker.node;
        let what = format!("kubelet of {} works for the Pod from now on", self.nodes[node].name);
        let ip = self.nodes[node].ip.clone();
        let worker = self.worker_mut(uid)?;
        worker.status.host_ip = ip;
        worker.status_cause = cause;
        self.decided(uid, None, &what, Rule::KubeletAdmits)
    }

    /// Queues the next step of a sync.
    pub(crate) fn worker_step_after(&mut self, uid: &str, delay: Duration) {
        self.wake_after(delay, Wake::Worker { uid: uid.to_owned() }, None);
    }

    /// Sets what led to the next step of a sync.
    pub(crate) fn sync_cause(&mut self, uid: &str, cause: Option<EntryId>) {
        if let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) {
            sync.cause = cause.or(sync.cause);
        }
    }

    /// Records something that a sync did; it is the cause of what the sync does next.
    pub(crate) fn sync_record(
        &mut self,
        uid: &str,
        container: Option<&str>,
        actor: Actor,
        change: Change,
        rule: Rule,
    ) -> Option<EntryId> {
        let worker = self.worker(uid)?;
        let subject = pod_subject(&worker.pod, container);
        let cause = match &worker.sync {
            Some(sync) => sync.cause,
            None => worker.status_cause,
        };
        let at = self.now;
        let id = self.record(Entry { at, actor, subject, change, cause, rule });
        self.sync_cause(uid, Some(id));
        Some(id)
    }

    /// Records a decision of the kubelet.
    pub(crate) fn decided(
        &mut self,
        uid: &str,
        container: Option<&str>,
        what: &str,
        rule: Rule,
    ) -> Option<EntryId> {
        let change = Change::Decided { what: what.into() };
        self.sync_record(uid, container, Actor::Kubelet, change, rule)
    }

    /// Takes the next step of the sync under way.
    pub(crate) fn worker_step(&mut self, uid: &str) {
        let Some(sync) = self.worker(uid).and_then(|worker| worker.sync.as_ref()) else { return };
        match sync.step.clone() {
            Step::Volumes => self.volumes_mounted(uid),
            Step::Killing => self.killed_then_go_on(uid),
            Step::Sandbox(stage) => self.sandbox_step(uid, stage),
            Step::NextContainer => self.next_container(uid),
            Step::Starting { index, list, step } => self.start_step(uid, index, list, step),
            Step::TerminatingContainers => self.terminating_step(uid),
            Step::StoppingPause => self.network_detached(uid),
            Step::StoppingSandbox => self.sandbox_stopped(uid),
            Step::Unmounting => self.unmounted(uid),
        }
    }

    /// Sets the next step without taking it.
    pub(crate) fn set_step(&mut self, uid: &str, step: Step) {
        if let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) {
            sync.step = step;
        }
    }

    fn volumes_mounted(&mut self, uid: &str) {
        if self.worker(uid).is_some_and(|worker| worker.volumes.is_none()) {
            if !self.volumes_can_be_mounted(uid) {
                return;
            }
            self.mount_volumes(uid);
        } else {
            self.refresh_volumes(uid);
        }
        self.look_for_pull_secrets(uid);
        self.add_probes(uid);
        let Some(worker) = self.worker(uid) else { return };
        let actions = actions::compute(worker);
        if let Some(worker) = self.worker_mut(uid) {
            worker.resize_kills.clear();
        }
        let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) else {
            return;
        };
        sync.queue.clear();
        for (list, places) in [
            (List::Ephemeral, &actions.ephemeral_to_start),
            (List::Init, &actions.init_to_start),
            (List::Regular, &actions.to_start),
        ] {
            sync.queue.extend(places.iter().map(|index| (*index, list)));
        }
        sync.actions = actions.clone();
        if actions.kill_pod && !actions.create_sandbox {
            // Everything is over: the Pod worker goes on to terminate it.
            return self.sync_end(uid, Outcome { next_state: true, ..Outcome::default() });
        }
        if actions.create_sandbox {
            return self.begin_sandbox(uid);
        }
        if actions.restart_all {
            let what = "a container ended as its rule says: all containers begin anew";
            self.decided(uid, None, what, Rule::RestartsAll);
            return self.kill_then_start(uid);
        }
        if !actions.to_kill.is_empty() {
            return self.kill_then_start(uid);
        }
        self.set_step(uid, Step::NextContainer);
        self.worker_step(uid);
    }

    /// Stops containers whose definition has changed, and waits for them.
    fn kill_then_start(&mut self, uid: &str) {
        self.set_step(uid, Step::Killing);
        let Some(sync) = self.worker(uid).and_then(|worker| worker.sync.as_ref()) else { return };
        let to_kill = sync.actions.to_kill.clone();
        for kill in to_kill {
            self.stop_container(uid, &kill.container, &kill.message, kill.grace);
        }
        self.killed_then_go_on(uid);
    }

    fn killed_then_go_on(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let Some(sync) = &worker.sync else { return };
        let killed = |kill: &actions::ToKill| !worker.is_running(&kill.container);
        if !sync.actions.to_kill.iter().all(killed) {
            return;
        }
        if let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) {
            sync.outcome.did_something = true;
            if sync.actions.restart_all {
                let (outcome, cause) = (sync.outcome, sync.cause);
                self.remove_all_instances(uid);
                // The look that finds them gone tells of their end (pleg/generic.go
                // generateEvents), and that leads to the next sync.
                if let Some(worker) = self.worker_mut(uid) {
                    worker.update = Some(cause);
                }
                return self.sync_end(uid, outcome);
            }
        }
        self.set_step(uid, Step::NextContainer);
        self.worker_step(uid);
    }

    /// Mounts every volume of the Pod.
    fn mount_volumes(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let mut volumes: Map<String, VolumeId> = Map::new();
        for volume in &pod.spec.volumes {
            let (id, rule) = match self.lasting_volume(&pod, volume) {
                Some((id, true)) => (id, Rule::VolumeKept),
                Some((id, false)) => (id, Rule::VolumesMounted),
                None => (self.nodes[node].machine.create_volume(), Rule::VolumesMounted),
            };
            let files = self.volume_files(&pod, volume);
            for (path, content) in &files {
                self.nodes[node].machine.write_volume(id, path, content);
            }
            if let Some(worker) = self.worker_mut(uid) {
                worker.volume_files.insert(volume.name.clone(), files);
            }
            volumes.insert(volume.name.clone(), id);
            let change = Change::Volume { name: volume.name.as_str().into(), mounted: true };
            self.sync_record(uid, None, Actor::Kubelet, change, rule);
        }
        if let Some(worker) = self.worker_mut(uid) {
            worker.volumes = Some(volumes);
        }
    }

    /// Brings the files of ConfigMaps, Secrets and the downward API up to date.
    ///
    /// Models volumemanager/cache/desired_state_of_world.go: these volumes are mounted anew at
    /// every sync, from what the kubelet watches.
    fn refresh_volumes(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let Some(volumes) = worker.volumes.clone() else { return };
        for volume in &pod.spec.volumes {
            let Some(id) = volumes.get(&volume.name).copied() else { continue };
            let files = self.volume_files(&pod, volume);
            let Some(worker) = self.worker_mut(uid) else { return };
            let known = worker.volume_files.insert(volume.name.clone(), files.clone());
            let known = known.unwrap_or_default();
            if known == files {
                continue;
            }
            self.rouse(uid);
            let machine = &mut self.nodes[node].machine;
            for (path, _) in known.iter().filter(|(path, _)| !files.iter().any(|(p, _)| p == path))
            {
                machine.remove_from_volume(id, path);
            }
            for (path, content) in &files {
                machine.write_volume(id, path, content);
            }
            let what = format!("volume {} is brought up to date", volume.name);
            self.decided(uid, None, &what, Rule::VolumeRefreshed);
        }
    }

    fn begin_sandbox(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        if worker.cache.sandbox.is_some() {
            // kuberuntime_manager.go SyncPod: there was one, and it does not do any more.
            let (host, pod) = (self.nodes[worker.node].name.clone(), worker.pod.clone());
            let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
            let message = "Pod sandbox changed, it will be killed and re-created.".to_owned();
            let reason = "SandboxChanged";
            let say = Say { kind: "Normal", reason, message, field_path: String::new() };
            self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, cause);
        }
        let change = Change::Sandbox(SandboxStep::Creating);
        self.sync_record(uid, None, Actor::Kubelet, change, Rule::SandboxCreated);
        self.set_step(uid, Step::Sandbox(SandboxStage::Namespace));
        let delay = self.latency(latency::SANDBOX_NAMESPACE);
        self.worker_step_after(uid, delay);
    }

    fn sandbox_step(&mut self, uid: &str, stage: SandboxStage) {
        match stage {
            SandboxStage::Namespace => {
                self.make_namespaces(uid);
                // containerd makes the network namespace and calls CNI before pause runs
                // (RunPodSandbox); dockershim started pause, and CNI came to it.
                if self.scenario.version.has(Feature::Containerd) {
                    let number = self.network_namespace(uid);
                    let change = Change::Sandbox(SandboxStep::NetworkNamespace { number });
                    self.sync_record(uid, None, Actor::Runtime, change, Rule::NetworkFirst);
                } else {
                    self.start_pause(uid, Rule::PauseFirst);
                }
                self.set_step(uid, Step::Sandbox(SandboxStage::Network));
                let (low, high) = latency::SANDBOX_NETWORK;
                let delay = self.random.tailed(low, high);
                self.worker_step_after(uid, delay);
            }
            SandboxStage::Network => {
                if self.attach_network(uid) {
                    self.set_step(uid, Step::Sandbox(SandboxStage::Pause));
                    let delay = self.latency(latency::SANDBOX_PAUSE);
                    self.worker_step_after(uid, delay);
                } else {
                    self.sandbox_failed(uid);
                }
            }
            SandboxStage::Pause => {
                if self.scenario.version.has(Feature::Containerd) {
                    self.start_pause(uid, Rule::SandboxCreated);
                }
                self.sandbox_ready(uid);
            }
        }
    }

    fn network_namespace(&self, uid: &str) -> u32 {
        let worker = self.worker(uid);
        let sandbox = worker.and_then(|worker| Some((worker.node, worker.sandbox.as_ref()?.id)));
        sandbox.map_or(0, |(node, id)| self.nodes[node].machine.network_namespace(id))
    }

    fn start_pause(&mut self, uid: &str, rule: Rule) {
        let now = self.now;
        let Some(worker) = self.worker(uid) else { return };
        let node = worker.node;
        let Some(id) = worker.sandbox.as_ref().map(|sandbox| sandbox.id) else { return };
        let machine = &mut self.nodes[node].machine;
        machine.start_pause(now, id);
        let pause = machine.pause(id);
        self.watch_machine(node);
        let change = Change::Sandbox(SandboxStep::PauseStarted);
        self.sync_record(uid, None, Actor::Runtime, change, rule);
        if let Some((host_pid, pid, step)) = pause {
            let change = Change::Process { host_pid, pid, step };
            self.sync_record(uid, None, Actor::Runtime, change, rule);
        }
    }

    fn make_namespaces(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let attempt = worker.sync.as_ref().map_or(0, |sync| sync.actions.attempt);
        let setup = sandbox_setup(&pod, &self.nodes[node].name);
        let id = self.nodes[node].machine.create_sandbox(setup);
        if let Some(worker) = self.worker_mut(uid) {
            worker.sandbox =
                Some(Sandbox { id, attempt, ip: String::new(), ready: false, detached: false });
        }
    }

    /// Gives the sandbox its address; whether there was one.
    fn attach_network(&mut self, uid: &str) -> bool {
        let Some(worker) = self.worker(uid) else { return true };
        let (node, host_network) = (worker.node, worker.pod.spec.host_network);
        let Some(id) = worker.sandbox.as_ref().map(|sandbox| sandbox.id) else { return true };
        let ip = if host_network {
            self.nodes[node].ip.clone()
        } else {
            let Some(ip) = self.nodes[node].take_address() else { return false };
            self.nodes[node].machine.attach_network(id, &ip);
            ip
        };
        if let Some(sandbox) = self.worker_mut(uid).and_then(|worker| worker.sandbox.as_mut()) {
            sandbox.ip.clone_from(&ip);
        }
        if !host_network {
            let change = Change::Sandbox(SandboxStep::NetworkAttached { ip: ip.into() });
            self.sync_record(uid, None, Actor::Runtime, change, Rule::NetworkAttached);
        }
        true
    }

    /// CNI had no address: the runtime takes down what it made, and the worker tries again later.
    ///
    /// Models containerd/internal/cri/server/sandbox_run.go and the host-local plugin's words.
    fn sandbox_failed(&mut self, uid: &str) {
        let now = self.now;
        let name = self.random.hex(64);
        let Some(worker) = self.worker_mut(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause);
        let sandbox = worker.sandbox.take();
        let node = &mut self.nodes[node];
        if let Some(sandbox) = sandbox {
            node.machine.stop_sandbox(now, sandbox.id);
        }
        let (host, range) = (node.name.clone(), node.address_range());
        let cause = self
            .sync_record(
                uid,
                None,
                Actor::Runtime,
                Change::Sandbox(SandboxStep::NoAddress),
                Rule::AddressesExhausted,
            )
            .or(cause);
        let message = format!(
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup \
             network for sandbox \"{name}\": plugin type=\"ptp\" failed (add): failed to allocate \
             for range 0: no IP addresses available in range set: {range}"
        );
        let reason = "FailedCreatePodSandBox";
        let say = Say { kind: "Warning", reason, message, field_path: String::new() };
        self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, cause);
        self.sync_failed(uid, None);
        let outcome = self.worker(uid).and_then(|worker| worker.sync.as_ref()).map(|s| s.outcome);
        self.sync_end(uid, outcome.unwrap_or_default());
    }

    fn sandbox_ready(&mut self, uid: &str) {
        let sandbox = self.worker_mut(uid).and_then(|worker| worker.sandbox.as_mut());
        let Some(sandbox) = sandbox else { return };
        sandbox.ready = true;
        let change = Change::Sandbox(SandboxStep::Ready);
        let ready =
            self.sync_record(uid, None, Actor::Kubelet, change, Rule::SandboxReadyCondition);
        if let Some(entry) = ready {
            self.set_sandbox_ready_condition(uid, entry);
        }
        if let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) {
            sync.outcome.did_something = true;
        }
        self.runtime_changed(uid);
        self.set_step(uid, Step::NextContainer);
        self.worker_step(uid);
    }

    /// Starts the next container of the queue, or ends the sync.
    fn next_container(&mut self, uid: &str) {
        let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) else {
            return;
        };
        match sync.queue.pop_front() {
            Some((index, list)) => self.start_begin(uid, index, list),
            None => {
                let outcome = sync.outcome;
                self.sync_end(uid, outcome);
            }
        }
    }

    /// Notes that a step failed; the sync goes on with the next container.
    pub(crate) fn sync_failed(&mut self, uid: &str, backoff_until: Option<Instant>) {
        if let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut()) {
            sync.outcome.failed = true;
            if let Some(until) = backoff_until {
                let earliest = sync.outcome.backoff_until.map_or(until, |known| known.min(until));
                sync.outcome.backoff_until = Some(earliest);
            }
        }
    }
}

/// Which namespaces a Pod has of its own.
///
/// Models kuberuntime/util/util.go NamespacesForPod and kubelet_pods.go
/// GeneratePodHostNameAndDomain.
fn sandbox_setup(pod: &Pod, node: &str) -> SandboxSetup {
    let spec = &pod.spec;
    let mut hostname = if spec.host_network {
        node.to_owned()
    } else if spec.hostname.is_empty() {
        pod.metadata.name.clone()
    } else {
        spec.hostname.clone()
    };
    hostname.truncate(63);
    SandboxSetup {
        hostname: hostname.trim_end_matches(['-', '.']).to_owned(),
        host_network: spec.host_network,
        host_pid: spec.host_pid,
        host_ipc: spec.host_ipc,
        share_process_namespace: spec.share_process_namespace == Some(true),
        host_aliases: spec
            .host_aliases
            .iter()
            .map(|alias| (alias.ip.clone(), alias.hostnames.clone()))
            .collect(),
        resolv_conf: dns::resolv_conf(pod),
    }
}
