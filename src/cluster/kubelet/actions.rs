//! What a sync has to do: the kubelet's comparison of spec and runtime.
//!
//! Models pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions and
//! kuberuntime_container.go computeInitContainerActions. A pure function of what the kubelet
//! believes; does not own doing it (`sync_pod`).

use crate::cluster::kubelet::probe_worker::probe_grace;
use crate::cluster::kubelet::{Cache, Instance, InstanceState, PodWorker, newest};
use crate::manifest::pod::{Container, ContainerRestartRule, Pod, PodSpec, RestartPolicy};
use crate::trace::ProbeKind;

/// The three lists of containers that a Pod has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// `initContainers`.
    Init,
    /// `containers`.
    Regular,
    /// `ephemeralContainers`.
    Ephemeral,
}

impl List {
    /// The containers of the list.
    pub(crate) fn of(self, spec: &PodSpec) -> &[Container] {
        match self {
            Self::Init => &spec.init_containers,
            Self::Regular => &spec.containers,
            Self::Ephemeral => &spec.ephemeral_containers,
        }
    }

    /// The list that a container stands in.
    pub(crate) fn with(spec: &PodSpec, name: &str) -> Self {
        let lists = [Self::Init, Self::Ephemeral];
        let has = |list: &Self| list.of(spec).iter().any(|container| container.name == name);
        lists.into_iter().find(has).unwrap_or(Self::Regular)
    }

    /// Its field.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Init => "initContainers",
            Self::Regular => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

/// What a sync will do, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Stop everything and the sandbox.
    pub kill_pod: bool,
    /// Make a sandbox.
    pub create_sandbox: bool,
    /// Which sandbox of the Pod it is.
    pub attempt: u32,
    /// Ephemeral containers to start, by their place in the spec.
    pub ephemeral_to_start: Vec<usize>,
    /// Init containers to start, by their place in the spec.
    pub init_to_start: Vec<usize>,
    /// Containers to start, by their place in the spec.
    pub to_start: Vec<usize>,
    /// Running containers to stop.
    pub to_kill: Vec<ToKill>,
    /// All containers are removed once they are stopped, and the Pod begins anew.
    pub restart_all: bool,
}

/// A running container that must go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToKill {
    /// Its name.
    pub container: String,
    /// The words of its Killing event.
    pub message: String,
    /// Seconds of grace that its probe gives, if that is why.
    pub grace: Option<i64>,
}

/// Compares what should be with what the kubelet believes to be.
pub(crate) fn compute(worker: &PodWorker) -> Actions {
    let (pod, cache) = (&*worker.pod, &worker.cache);
    let spec = &pod.spec;
    let sandbox_ready = cache.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    if !sandbox_ready {
        return for_new_sandbox(pod, cache);
    }
    let attempt = cache.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt);
    let mut actions = Actions { attempt, ..Actions::default() };
    if restarts_all(pod, cache) {
        actions.restart_all = true;
        actions.to_kill = spec
            .init_containers
            .iter()
            .chain(&spec.containers)
            .filter(|container| worker.is_running(&container.name))
            .map(|container| ToKill {
                container: container.name.clone(),
                message: "killing".to_owned(),
                grace: Some(0),
            })
            .collect();
        return actions;
    }
    // Whatever else there is to do, and never a second time.
    let ephemeral = spec.ephemeral_containers.iter().enumerate();
    actions.ephemeral_to_start = ephemeral
        .filter(|(_, container)| newest(&cache.instances, &container.name).is_none())
        .map(|(index, _)| index)
        .collect();
    let init = init_actions(worker);
    actions.to_kill = init.to_kill;
    if init.failed_for_good {
        actions.kill_pod = true;
        return actions;
    }
    actions.init_to_start = init.to_start;
    if !init.initialized {
        return actions;
    }
    let mut kept = 0;
    for (index, container) in spec.containers.iter().enumerate() {
        match newest(&cache.instances, &container.name) {
            Some(instance) if matches!(instance.state, InstanceState::Running { .. }) => {
                let kill = must_die(worker, container, instance, false);
                kept += i32::from(kill.is_none());
                if let Some((kill, restart)) = kill {
                    if restart {
                        actions.to_start.push(index);
                    }
                    actions.to_kill.push(kill);
                }
            }
            status => {
                if should_be_restarted(container, pod, status) {
                    actions.to_start.push(index);
                }
            }
        }
    }
    if kept == 0 && actions.to_start.is_empty() {
        actions.kill_pod = true;
        actions.init_to_start.clear();
    }
    actions
}

/// Whether a container has ended in a way after which its rules want all to begin anew.
///
/// Models pkg/kubelet/container/helpers.go ShouldAllContainersRestart.
pub(crate) fn restarts_all(pod: &Pod, cache: &Cache) -> bool {
    if pod.is_terminating() {
        return false;
    }
    let spec = &pod.spec;
    spec.init_containers.iter().chain(&spec.containers).any(|container| {
        let ended = here(cache, &container.name).and_then(|instance| match &instance.state {
            InstanceState::Exited(exit) => Some(exit.code),
            InstanceState::Created | InstanceState::Running { .. } => None,
        });
        let rule = ended.and_then(|code| first_rule(container, code));
        rule.is_some_and(|rule| rule.action == "RestartAllContainers")
    })
}

/// The first rule of a container that an exit code meets.
fn first_rule(container: &Container, code: i32) -> Option<&ContainerRestartRule> {
    container.restart_policy.as_ref()?;
    container.restart_policy_rules.iter().find(|rule| {
        let codes = rule.exit_codes.as_ref();
        codes.is_some_and(|codes| (codes.operator == "In") == codes.values.contains(&code))
    })
}

/// Why a running container must go, and whether it comes back.
fn must_die(
    worker: &PodWorker,
    container: &Container,
    instance: &Instance,
    sidecar: bool,
) -> Option<(ToKill, bool)> {
    let name = &container.name;
    if let Some(kill) = worker.resize_kills.iter().find(|kill| kill.container == *name) {
        return Some((kill.clone(), true));
    }
    let who = if sidecar { "Init container" } else { "Container" };
    if instance.image != container.image {
        // The hash of {name, image} changed: restarted whatever the policy says. Of init containers
        // it is not said that they will be (computeInitContainerActions).
        let suffix = if sidecar { "" } else { ", will be restarted" };
        let message = format!("{who} {name} definition changed{suffix}");
        return Some((ToKill { container: name.clone(), message, grace: None }, true));
    }
    let kind = worker.failed_probe(&format!("containerd://{}", instance.id))?;
    let word = match kind {
        ProbeKind::Liveness => "liveness",
        ProbeKind::Startup => "startup",
        ProbeKind::Readiness => return None,
    };
    let policy = container
        .restart_policy
        .as_deref()
        .map_or(worker.pod.spec.restart_policy(), RestartPolicy::from_api);
    let restart = policy != RestartPolicy::Never;
    let suffix = if restart && !sidecar { ", will be restarted" } else { "" };
    let message = format!("{who} {name} failed {word} probe{suffix}");
    let grace = probe_grace(&worker.pod, name, kind);
    Some((ToKill { container: name.clone(), message, grace }, restart))
}

/// Without a ready sandbox everything begins anew, if it may.
fn for_new_sandbox(pod: &Pod, cache: &Cache) -> Actions {
    let spec = &pod.spec;
    let attempt = cache.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt + 1);
    let mut actions =
        Actions { kill_pod: true, create_sandbox: true, attempt, ..Actions::default() };
    let never = spec.restart_policy() == RestartPolicy::Never;
    if never && attempt != 0 && !cache.instances.is_empty() {
        actions.create_sandbox = false;
        return actions;
    }
    // What has ended and may not be started again stays so: the policy of a container counts too.
    let done = |container: &Container| {
        newest(&cache.instances, &container.name).is_some_and(|instance| match &instance.state {
            InstanceState::Exited(exit) => !restarts_after(container, spec, exit.code),
            InstanceState::Created | InstanceState::Running { .. } => false,
        })
    };
    let to_start: Vec<usize> =
        (0..spec.containers.len()).filter(|index| !done(&spec.containers[*index])).collect();
    if to_start.is_empty() && any_regular_created(spec, &cache.instances) {
        actions.create_sandbox = false;
        return actions;
    }
    if spec.init_containers.is_empty() {
        actions.to_start = to_start;
    } else {
        actions.init_to_start = vec![0];
    }
    actions
}

/// What init containers need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InitActions {
    /// Regular containers may start.
    pub(crate) initialized: bool,
    /// Init containers to start, in order.
    pub(crate) to_start: Vec<usize>,
    /// One failed and may not be tried again.
    pub(crate) failed_for_good: bool,
    /// Sidecars to stop because of a probe.
    pub(crate) to_kill: Vec<ToKill>,
}

/// Finds how far the init containers are.
fn init_actions(worker: &PodWorker) -> InitActions {
    let (pod, cache) = (&*worker.pod, &worker.cache);
    let spec = &pod.spec;
    let inits = &spec.init_containers;
    let mut actions = InitActions::default();
    for container in inits.iter().filter(|container| container.is_sidecar()) {
        let instance = newest(&cache.instances, &container.name)
            .filter(|instance| matches!(instance.state, InstanceState::Running { .. }));
        if let Some(instance) = instance
            && let Some((kill, _)) = must_die(worker, container, instance, true)
        {
            actions.to_kill.push(kill);
        }
    }
    let killed: Vec<String> = actions.to_kill.iter().map(|kill| kill.container.clone()).collect();
    let exited_sidecar = |index: usize| {
        let dies = killed.contains(&inits[index].name);
        inits[index].is_sidecar()
            && (dies
                || !newest(&cache.instances, &inits[index].name).is_some_and(|instance| {
                    matches!(instance.state, InstanceState::Running { .. })
                }))
    };
    if any_regular_created_here(spec, cache) {
        // Only sidecars are looked after from now on; they are always restarted.
        actions.initialized = true;
        actions.to_start = (0..inits.len()).filter(|index| exited_sidecar(*index)).collect();
        return actions;
    }
    let last = (0..inits.len()).rev().find(|index| here(cache, &inits[*index].name).is_some());
    let Some(last) = last else {
        actions.initialized = inits.is_empty();
        actions.to_start = if inits.is_empty() { Vec::new() } else { vec![0] };
        return actions;
    };
    actions.to_start = (0..last).filter(|index| exited_sidecar(*index)).collect();
    let container = &inits[last];
    let instance = here(cache, &container.name);
    let done = match instance.map(|instance| &instance.state) {
        Some(InstanceState::Running { .. }) if killed.contains(&container.name) => {
            actions.to_start.push(last);
            false
        }
        Some(InstanceState::Running { .. }) => {
            container.is_sidecar() && worker.is_started(&container.name)
        }
        Some(InstanceState::Exited(exit)) if container.is_sidecar() || exit.code != 0 => {
            if should_be_restarted(container, pod, instance) {
                actions.to_start.push(last);
            } else {
                actions.failed_for_good = true;
            }
            false
        }
        Some(InstanceState::Exited(_)) => true,
        // Nothing to do but wait for it to start.
        Some(InstanceState::Created) | None => false,
    };
    if done {
        actions.initialized = last + 1 == inits.len();
        if !actions.initialized {
            actions.to_start.push(last + 1);
        }
    }
    actions
}

/// The newest instance of a container in the sandbox that there is now: a new sandbox begins with
/// the init containers anew.
///
/// Models kuberuntime_container.go purgeInitContainers, which removes those of the one before.
fn here<'c>(cache: &'c Cache, name: &str) -> Option<&'c Instance> {
    let attempt = cache.sandbox.as_ref()?.attempt;
    newest(&cache.instances, name).filter(|instance| instance.sandbox == attempt)
}

/// Whether a regular container was made in the sandbox that there is now: then init containers are
/// over.
///
/// Models pkg/kubelet/container HasAnyActiveRegularContainerStarted.
pub(crate) fn any_regular_created_here(spec: &PodSpec, cache: &Cache) -> bool {
    spec.containers.iter().any(|container| here(cache, &container.name).is_some())
}

/// Whether any regular container was ever made.
///
/// Models pkg/kubelet/container HasAnyRegularContainerCreated.
pub(crate) fn any_regular_created(spec: &PodSpec, instances: &[Instance]) -> bool {
    spec.containers.iter().any(|container| newest(instances, &container.name).is_some())
}

/// Whether a container that does not run is to be started.
///
/// Models pkg/kubelet/container/helpers.go ShouldContainerBeRestarted.
pub(crate) fn should_be_restarted(
    container: &Container,
    pod: &Pod,
    newest: Option<&Instance>,
) -> bool {
    if pod.is_terminating() {
        return false;
    }
    match newest.map(|instance| &instance.state) {
        None | Some(InstanceState::Created) => true,
        Some(InstanceState::Running { .. }) => false,
        Some(InstanceState::Exited(exit)) => restarts_after(container, &pod.spec, exit.code),
    }
}

/// Whether an exit with this code leads to a restart.
///
/// Models pkg/api/v1/pod/util.go ContainerShouldRestart: rules of the container first, then its
/// own policy, then the Pod's.
pub(crate) fn restarts_after(container: &Container, spec: &PodSpec, code: i32) -> bool {
    if let Some(word) = &container.restart_policy {
        if first_rule(container, code).is_some() {
            return true;
        }
        return by_policy(RestartPolicy::from_api(word), code);
    }
    by_policy(spec.restart_policy(), code)
}

fn by_policy(policy: RestartPolicy, code: i32) -> bool {
    match policy {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => code != 0,
        RestartPolicy::Never => false,
    }
}
