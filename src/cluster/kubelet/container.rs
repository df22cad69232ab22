//! Starting one container: back-off, image, configuration, create, start.
//!
//! Models pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer and
//! kuberuntime_manager.go doBackOff. Does not own: which container is started (`actions`), or
//! images (`image_puller`).

use crate::cluster::events::Say;
use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::actions::List;
use crate::cluster::kubelet::steps::{StartStep, Step};
use crate::cluster::kubelet::{
    Exit, Instance, InstanceState, PodWorker, WaitingReason, actions, newest,
};
use crate::cluster::{Wake, World, latency};
use crate::manifest::Object;
use crate::manifest::pod::{Container, Pod};
use crate::manifest::quantity::Quantity;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, Name};
use crate::version::Feature;
use crate::workload::cri::{ContainerId, ContainerSetup, Mount, StartError};

/// Instances of one container that the runtime keeps: the newest and the one before.
///
/// Models the kubelet's MaxPerPodContainerCount of 1 dead container, beside the living one.
const INSTANCES_KEPT: usize = 2;

impl PodWorker {
    /// Whether the newest instance of a container runs.
    pub(crate) fn is_running(&self, name: &str) -> bool {
        newest(&self.instances, name)
            .is_some_and(|instance| matches!(instance.state, InstanceState::Running { .. }))
    }

    /// The container of the spec.
    pub(crate) fn spec_of(&self, index: usize, list: List) -> Option<&Container> {
        list.of(&self.pod.spec).get(index)
    }
}

impl World<'_> {
    /// Begins to start a container, unless its back-off has not passed.
    pub(crate) fn start_begin(&mut self, uid: &str, index: usize, list: List) {
        let Some(container) = self.worker(uid).and_then(|w| w.spec_of(index, list)).cloned() else {
            return;
        };
        if self.in_backoff(uid, &container) {
            return self.start_failed(uid, list, &container);
        }
        self.ensure_image(uid, index, list, &container);
    }

    /// Takes the next step of starting a container.
    pub(crate) fn start_step(&mut self, uid: &str, index: usize, list: List, step: StartStep) {
        let Some(container) = self.worker(uid).and_then(|w| w.spec_of(index, list)).cloned() else {
            return;
        };
        match step {
            StartStep::PullQueued => self.pull_begin(uid, index, list, &container, None),
            StartStep::Pulling { asked, began } => {
                self.pull_end(uid, index, list, &container, asked, began);
            }
            StartStep::Creating => self.create(uid, index, list, &container),
            StartStep::Starting { id } => self.start(uid, index, list, &container, id),
            StartStep::Started { id } => self.started(uid, index, list, &container, id),
            StartStep::PostStart { .. } => {}
            StartStep::PostStartKill { .. } => {
                if !self.worker(uid).is_some_and(|worker| worker.is_running(&container.name)) {
                    self.start_failed(uid, list, &container);
                }
            }
        }
    }

    /// Goes on to the next container after one that was started or cannot be.
    pub(crate) fn start_next(&mut self, uid: &str) {
        self.set_step(uid, Step::NextContainer);
        self.worker_step(uid);
    }

    /// A container could not be started: the others are, but nothing after an init container.
    pub(crate) fn start_failed(&mut self, uid: &str, list: List, container: &Container) {
        if list == List::Init
            && !container.is_sidecar()
            && let Some(sync) = self.worker_mut(uid).and_then(|worker| worker.sync.as_mut())
        {
            sync.queue.clear();
        }
        self.start_next(uid);
    }

    /// Whether the container's back-off holds its start back.
    ///
    /// Models doBackOff: the window counts from the end of the newest instance that the kubelet
    /// knows to have ended.
    fn in_backoff(&mut self, uid: &str, container: &Container) -> bool {
        let now = self.now;
        let Some(worker) = self.worker(uid) else { return false };
        let ended = worker.cache.instances.iter().rev().find_map(|instance| {
            match (&*instance.name == container.name.as_str(), &instance.state) {
                (true, InstanceState::Exited(exit)) => Some(exit.finished),
                _ => None,
            }
        });
        let Some(from) = ended else { return false };
        let key: Name = backoff_key(container).into();
        let window = worker.backoff.since(&key, from);
        let blocked = window.filter(|window| now.since(from) < window.length);
        if let Some(window) = blocked {
            let change = Change::Backoff { window: window.length, from, blocks: true };
            let name = Some(container.name.as_str());
            self.sync_record(uid, name, Actor::Kubelet, change, Rule::CrashLoopBackoff);
            self.back_off(uid, container, window.length, from);
            return true;
        }
        let window = window.map_or(Duration::ZERO, |window| window.length);
        let forgotten =
            self.worker(uid).is_some_and(|worker| worker.backoff.is_expired(&key, from));
        let rule = if forgotten { Rule::BackoffReset } else { Rule::Restarted };
        if let Some(worker) = self.worker_mut(uid) {
            worker.backoff.next(key, from, now);
        }
        let change = Change::Backoff { window, from, blocks: false };
        self.sync_record(uid, Some(&container.name), Actor::Kubelet, change, rule);
        false
    }

    fn back_off(&mut self, uid: &str, container: &Container, length: Duration, from: Instant) {
        let Some(pod) = self.worker(uid).map(|worker| worker.pod.clone()) else { return };
        let full = full_name(&pod);
        let name = &container.name;
        let message = format!("Back-off restarting failed container {name} in pod {full}");
        self.say_of_container(uid, name, "Warning", "BackOff", message);
        let message =
            format!("back-off {} restarting failed container={name} pod={full}", length.go());
        self.wait_for(uid, name, "CrashLoopBackOff", message);
        self.sync_failed(uid, Some(from + length));
    }

    /// Notes why a container waits; the API shows it at the next sync.
    pub(crate) fn wait_for(
        &mut self,
        uid: &str,
        name: &str,
        reason: &'static str,
        message: String,
    ) {
        if let Some(worker) = self.worker_mut(uid) {
            worker.reasons.insert(name.into(), WaitingReason { reason, message });
        }
    }

    /// The image is there: makes the container's configuration and has it created.
    pub(crate) fn image_is_there(
        &mut self,
        uid: &str,
        index: usize,
        list: List,
        container: &Container,
    ) {
        if let Err(message) = self.check_config(uid, container) {
            let event = format!("Error: {message}");
            self.say_of_container(uid, &container.name, "Warning", "Failed", event);
            let what = message.clone();
            self.decided(uid, Some(&container.name), &what, Rule::ContainerConfigError);
            self.wait_for(uid, &container.name, "CreateContainerConfigError", message);
            self.sync_failed(uid, None);
            return self.start_failed(uid, list, container);
        }
        self.set_step(uid, Step::Starting { index, list, step: StartStep::Creating });
        let delay = self.latency(latency::CREATE_CONTAINER);
        self.worker_step_after(uid, delay);
    }

    /// What keeps the container's configuration from being made.
    ///
    /// Models kubelet_pods.go makeEnvironmentVariables and
    /// kuberuntime/security_context.go verifyRunAsNonRoot.
    fn check_config(&mut self, uid: &str, container: &Container) -> Result<(), String> {
        let Some(pod) = self.worker(uid).map(|worker| worker.pod.clone()) else { return Ok(()) };
        let env = self.environment(&pod, container)?;
        for message in self.skipped_keys(&pod, container) {
            self.say_of_pod(uid, "Warning", "InvalidEnvironmentVariableNames", message);
        }
        for mount in &container.volume_mounts {
            super::environment::expand_all(&mount.sub_path_expr, &env)?;
        }
        let own = container.security_context.as_ref();
        let of_pod = pod.spec.security_context.as_ref();
        let non_root = own
            .and_then(|context| context.run_as_non_root)
            .or_else(|| of_pod.and_then(|context| context.run_as_non_root));
        if non_root != Some(true) {
            return Ok(());
        }
        let asked = own
            .and_then(|context| context.run_as_user)
            .or_else(|| of_pod.and_then(|context| context.run_as_user));
        let node = self.worker(uid).map_or(0, |worker| worker.node);
        let user = asked.or_else(|| self.nodes[node].puller.image_user(&container.image));
        let place = format!("(pod: \"{}\", container: {})", full_name(&pod), container.name);
        match (asked, user) {
            (Some(0), _) => Err(format!("container's runAsUser breaks non-root policy {place}")),
            (None, Some(0)) => {
                Err(format!("container has runAsNonRoot and image will run as root {place}"))
            }
            _ => Ok(()),
        }
    }

    fn create(&mut self, uid: &str, index: usize, list: List, container: &Container) {
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let Some(sandbox) = worker.sandbox.clone() else { return };
        if let Some(message) = self.missing_profile(node, &pod, container) {
            return self.create_failed(uid, list, container, message);
        }
        let Some(worker) = self.worker(uid) else { return };
        let known = worker.attempts.get(container.name.as_str()).copied().unwrap_or(0);
        let attempt =
            newest(&worker.instances, &container.name).map_or(known, |newest| newest.attempt + 1);
        let setup = self.container_setup(uid, &pod, container);
        let machine_id = self.nodes[node].machine.create_container(sandbox.id, setup);
        self.nodes[node].containers.insert(machine_id, uid.to_owned());
        let facts = self.nodes[node].puller.facts(&container.image);
        let id = self.random.hex(64);
        let instance = Instance {
            name: container.name.as_str().into(),
            attempt,
            image: container.image.clone(),
            image_id: facts.image_id,
            id,
            sandbox: sandbox.attempt,
            state: InstanceState::Created,
            machine_id: Some(machine_id),
            started_entry: None,
            exit_entry: None,
            stop_entry: None,
            noticed: false,
            stop_signal: facts.stop_signal,
        };
        if let Some(worker) = self.worker_mut(uid) {
            worker.instances.push(instance);
            worker.beginning_anew &= list != List::Regular;
        }
        self.forget_old_instances(uid, node, &container.name);
        let change = Change::ContainerCreated { attempt };
        let name = Some(container.name.as_str());
        self.sync_record(uid, name, Actor::Runtime, change, Rule::ContainerCreated);
        let message = if self.scenario.version.has(Feature::ShortContainerEvents) {
            "Container created".to_owned()
        } else {
            format!("Created container {}", container.name)
        };
        self.say_of_container(uid, &container.name, "Normal", "Created", message);
        let step = StartStep::Starting { id: machine_id };
        self.set_step(uid, Step::Starting { index, list, step });
        let delay = self.latency(latency::START_CONTAINER);
        self.worker_step_after(uid, delay);
    }

    /// Removes every container of a Pod; each goes on counting its restarts.
    pub(crate) fn remove_all_instances(&mut self, uid: &str) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let node = worker.node;
        worker.beginning_anew = true;
        let gone = std::mem::take(&mut worker.instances);
        for instance in &gone {
            worker.attempts.insert(instance.name.clone(), instance.attempt + 1);
        }
        for id in gone.iter().filter_map(|instance| instance.machine_id) {
            self.nodes[node].machine.remove_container(id);
            self.nodes[node].containers.remove(&id);
        }
        self.runtime_changed(uid);
    }

    fn forget_old_instances(&mut self, uid: &str, node: usize, name: &str) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let mine = |instance: &&Instance| *instance.name == *name;
        let surplus = worker.instances.iter().filter(mine).count().saturating_sub(INSTANCES_KEPT);
        let mut left = surplus;
        let mut gone = Vec::new();
        worker.instances.retain(|instance| {
            let forget = left > 0 && *instance.name == *name;
            if forget {
                left -= 1;
                gone.extend(instance.machine_id);
            }
            !forget
        });
        for id in gone {
            self.nodes[node].machine.remove_container(id);
            self.nodes[node].containers.remove(&id);
        }
    }

    fn start(
        &mut self,
        uid: &str,
        index: usize,
        list: List,
        container: &Container,
        id: ContainerId,
    ) {
        let now = self.now;
        let Some(node) = self.worker(uid).map(|worker| worker.node) else { return };
        let result = self.nodes[node].machine.start_container(now, id);
        if let Err(error) = result {
            return self.start_error(uid, list, container, id, error);
        }
        let attempt = self.worker_mut(uid).and_then(|w| w.instance_of(id)).map_or(0, |i| i.attempt);
        let change = Change::ContainerStarted { attempt };
        let name = Some(container.name.as_str());
        let rule = match list {
            List::Init => Rule::InitInOrder,
            List::Regular => Rule::ContainerStarted,
            List::Ephemeral => Rule::EphemeralStarted,
        };
        let entry = self.sync_record(uid, name, Actor::Runtime, change, rule);
        if let Some(instance) = self.worker_mut(uid).and_then(|worker| worker.instance_of(id)) {
            instance.state = InstanceState::Running { started: now };
            instance.started_entry = entry;
        }
        self.watch_machine(node);
        self.watch_usage(node, entry);
        let step = StartStep::Started { id: id.0 };
        self.set_step(uid, Step::Starting { index, list, step });
        let delay = self.latency(latency::STARTED);
        self.worker_step_after(uid, delay);
    }

    /// StartContainer has returned.
    fn started(&mut self, uid: &str, index: usize, list: List, container: &Container, id: u32) {
        let message = if self.scenario.version.has(Feature::ShortContainerEvents) {
            "Container started".to_owned()
        } else {
            format!("Started container {}", container.name)
        };
        self.say_of_container(uid, &container.name, "Normal", "Started", message);
        if let Some(worker) = self.worker_mut(uid) {
            worker.reasons.remove(container.name.as_str());
            if let Some(sync) = &mut worker.sync {
                sync.outcome.did_something = true;
            }
        }
        self.runtime_changed(uid);
        if !self.post_start(uid, index, list, container, id) {
            self.start_next(uid);
        }
    }

    /// The runtime could not start the first process.
    ///
    /// containerd leaves the container behind as ended with 128 (StartError), never started.
    fn start_error(
        &mut self,
        uid: &str,
        list: List,
        container: &Container,
        id: ContainerId,
        error: StartError,
    ) {
        let now = self.now;
        let StartError(message) = error;
        let exit = Exit {
            code: 128,
            signal: 0,
            reason: "StartError",
            message: message.clone(),
            started: None,
            finished: now,
        };
        let attempt = self.worker_mut(uid).and_then(|w| w.instance_of(id)).map_or(0, |i| i.attempt);
        let change =
            Change::ContainerExited { attempt, code: 128, signal: 0, reason: "StartError".into() };
        let name = Some(container.name.as_str());
        let entry = self.sync_record(uid, name, Actor::Runtime, change, Rule::ContainerStartError);
        if let Some(instance) = self.worker_mut(uid).and_then(|worker| worker.instance_of(id)) {
            instance.state = InstanceState::Exited(exit);
            instance.exit_entry = entry;
        }
        let event = format!("Error: {message}");
        self.say_of_container(uid, &container.name, "Warning", "Failed", event);
        self.wait_for(uid, &container.name, "RunContainerError", message);
        self.sync_failed(uid, None);
        self.runtime_changed(uid);
        self.start_failed(uid, list, container);
    }

    /// All that the runtime is told about a container.
    fn container_setup(&mut self, uid: &str, pod: &Pod, container: &Container) -> ContainerSetup {
        // The configuration was checked a moment ago; what is missing since then stays out.
        let env = self.environment(pod, container).unwrap_or_default();
        let expand = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| super::environment::expand(word, &env)).collect()
        };
        let (command, args) = (expand(&container.command), expand(&container.args));
        let volumes =
            self.worker(uid).and_then(|worker| worker.volumes.clone()).unwrap_or_default();
        let mounts = container
            .volume_mounts
            .iter()
            .filter_map(|mount| {
                Some(Mount {
                    path: mount.mount_path.clone(),
                    volume: *volumes.get(&mount.name)?,
                    sub_path: {
                        let part = match mount.sub_path_expr.as_str() {
                            "" => mount.sub_path.clone(),
                            expr => super::environment::expand(expr, &env),
                        };
                        // A hostPath is a part of the node's one disk.
                        let volume = pod.spec.volumes.iter().find(|own| own.name == mount.name);
                        match volume.and_then(|volume| volume.host_path.as_ref()) {
                            Some(host) => format!("{}/{part}", host.path),
                            None => part,
                        }
                    },
                    read_only: mount.read_only,
                })
            })
            .collect();
        let own = container.security_context.as_ref().and_then(|context| context.run_as_user);
        let of_pod = pod.spec.security_context.as_ref().and_then(|context| context.run_as_user);
        let group = container.security_context.as_ref().and_then(|context| context.run_as_group);
        let pod_context = pod.spec.security_context.as_ref();
        let group_of_pod = pod_context.and_then(|context| context.run_as_group);
        let groups = pod_context.map_or_else(Vec::new, |context| {
            context.fs_group.iter().chain(&context.supplemental_groups).copied().collect()
        });
        let node = self.worker(uid).map_or(0, |worker| worker.node);
        let memory = self.nodes[node].allocatable.get("memory").map_or(0, Quantity::value);
        ContainerSetup {
            oom_score_adj: crate::manifest::qos::oom_score_adj(&pod.spec, container, memory),
            name: container.name.clone(),
            image: container.image.clone(),
            command,
            args,
            env,
            working_dir: container.working_dir.clone(),
            mounts,
            ports: container
                .ports
                .iter()
                .filter_map(|port| u16::try_from(port.container_port).ok())
                .collect(),
            stdin: container.stdin,
            tty: container.tty,
            run_as_user: own.or(of_pod),
            run_as_group: group.or(group_of_pod),
            groups,
            fs_group: pod_context.and_then(|context| context.fs_group),
            memory_limit: container.resources.limits.get("memory").map(|limit| limit.value()),
            pod_memory_limit: pod
                .spec
                .resources
                .as_ref()
                .and_then(|resources| resources.limits.get("memory"))
                .map(Quantity::value),
            read_only_root: container
                .security_context
                .as_ref()
                .and_then(|context| context.read_only_root_filesystem)
                .unwrap_or(false),
            termination_message_path: container.termination_message_path.clone(),
            pid_target: self.debugged(uid, container),
        }
    }

    /// The running container whose processes an ephemeral container is to see.
    fn debugged(&self, uid: &str, container: &Container) -> Option<ContainerId> {
        let worker = self.worker(uid)?;
        let target = newest(&worker.instances, container.target_container_name.as_deref()?)?;
        let runs = matches!(target.state, InstanceState::Running { .. });
        target.machine_id.filter(|_| runs)
    }

    /// The kubelet says something about a container.
    pub(crate) fn say_of_container(
        &mut self,
        uid: &str,
        name: &str,
        kind: &str,
        reason: &str,
        message: String,
    ) -> Option<EntryId> {
        let field = List::with(&self.worker(uid)?.pod.spec, name).field();
        self.say_of(
            uid,
            Say { kind, reason, message, field_path: format!("spec.{field}{{{name}}}") },
        )
    }

    /// The kubelet says something about a Pod as a whole.
    pub(crate) fn say_of_pod(
        &mut self,
        uid: &str,
        kind: &str,
        reason: &str,
        message: String,
    ) -> Option<EntryId> {
        self.say_of(uid, Say { kind, reason, message, field_path: String::new() })
    }

    fn say_of(&mut self, uid: &str, say: Say<'_>) -> Option<EntryId> {
        let worker = self.worker(uid)?;
        let pod = worker.pod.clone();
        let cause = worker.sync.as_ref().and_then(|sync| sync.cause).or(worker.status_cause);
        let host = self.nodes[worker.node].name.clone();
        self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, cause)
    }

    /// A container's first process has ended; the runtime learns of it a moment later.
    pub(crate) fn container_exited(
        &mut self,
        node: usize,
        id: ContainerId,
        code: i32,
        signal: i32,
        out_of_memory: bool,
        message: String,
    ) {
        let now = self.now;
        let Some(uid) = self.nodes[node].containers.get(&id).cloned() else { return };
        let Some(worker) = self.worker_mut(&uid) else { return };
        let pod = worker.pod.clone();
        let Some(instance) = worker.instance_of(id) else { return };
        let started = match instance.state {
            InstanceState::Running { started } => Some(started),
            InstanceState::Created | InstanceState::Exited(_) => None,
        };
        let reason = match (out_of_memory, code) {
            (true, _) => "OOMKilled",
            (false, 0) => "Completed",
            (false, _) => "Error",
        };
        let cause = instance.stop_entry.or(instance.started_entry);
        let (name, attempt) = (instance.name.clone(), instance.attempt);
        let rule = match (out_of_memory, signal) {
            (true, _) => Rule::OutOfMemory,
            (false, 0) => Rule::ProcessExited,
            (false, _) => Rule::ProcessSignalled,
        };
        let entry = self.record(Entry {
            at: now,
            actor: if signal == 0 { Actor::Process } else { Actor::Kernel },
            subject: pod_subject(&pod, Some(&name)),
            change: Change::ContainerExited { attempt, code, signal, reason: reason.into() },
            cause,
            rule,
        });
        if let Some(instance) = self.worker_mut(&uid).and_then(|worker| worker.instance_of(id)) {
            instance.exit_entry = Some(entry);
        }
        self.note_restart(&uid, &name, code, entry);
        let exit = Exit { code, signal, reason, message, started, finished: now };
        let delay = self.latency(latency::EXIT_SEEN);
        let wake = Wake::ExitSeen { uid, container: id, exit: Box::new(exit) };
        self.wake_after(delay, wake, Some(entry));
    }

    /// The runtime has learned that a container's first process has ended.
    pub(crate) fn exit_seen(
        &mut self,
        uid: &str,
        id: ContainerId,
        mut exit: Exit,
        cause: Option<EntryId>,
    ) {
        self.last_words(uid, id, &mut exit);
        let Some(worker) = self.worker_mut(uid) else { return };
        if let Some(instance) = worker.instance_of(id) {
            instance.state = InstanceState::Exited(exit);
        }
        let token = worker.kills.remove(&id.0).and_then(|kill| kill.token);
        if let Some(token) = token {
            self.cancel(token);
        }
        self.runtime_changed(uid);
        self.next_turns(uid);
        let waits = self.worker(uid).and_then(|worker| worker.sync.as_ref()).is_some_and(|sync| {
            matches!(
                sync.step,
                Step::Killing
                    | Step::TerminatingContainers
                    | Step::Starting { step: StartStep::PostStartKill { .. }, .. }
            )
        });
        if waits {
            self.sync_cause(uid, cause);
            self.worker_step(uid);
        }
    }

    /// Says in the trace what the restart policy makes of an exit, when it is "nothing".
    fn note_restart(&mut self, uid: &str, name: &str, code: i32, cause: EntryId) {
        let Some(worker) = self.worker(uid) else { return };
        let pod = worker.pod.clone();
        if pod.is_terminating() {
            return;
        }
        let Some(container) = pod.spec.container(name) else { return };
        let list = List::with(&pod.spec, name);
        let init = list == List::Init;
        // An ephemeral container is never restarted, whatever any policy says.
        if list == List::Ephemeral
            || (init && code == 0)
            || actions::restarts_after(container, &pod.spec, code)
        {
            return;
        }
        let policy = container.restart_policy.as_deref().unwrap_or(&pod.spec.restart_policy);
        let rule = if init { Rule::InitFailedForGood } else { Rule::NotRestarted };
        self.record(Entry {
            at: self.now,
            actor: Actor::Kubelet,
            subject: pod_subject(&pod, Some(name)),
            change: Change::Decided { what: format!("exit {code}, restartPolicy {policy}").into() },
            cause: Some(cause),
            rule,
        });
    }
}

/// What makes two containers one for the back-off: name, image and resources.
///
/// Models kuberuntime_manager.go GetBackoffKey, without the Pod, whose worker keeps the back-off.
fn backoff_key(container: &Container) -> String {
    let mut key = format!("{} {}", container.name, container.image);
    let resources = &container.resources;
    for (name, amount) in resources.requests.iter().chain(&resources.limits) {
        key.push_str(&format!(" {name}={}", amount.milli_value()));
    }
    key
}

/// `p_default(a51c4f73-…)`, as the kubelet names a Pod.
pub(crate) fn full_name(pod: &Pod) -> String {
    let metadata = &pod.metadata;
    format!("{}_{}({})", metadata.name, metadata.namespace, metadata.uid)
}
