//! What a sync has to do: the kubelet's comparison of spec and runtime.
//!
//! Models pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions and
//! kuberuntime_container.go computeInitContainerActions. A pure function of what the kubelet
//! believes; does not own doing it (`sync_pod`).

use crate::cluster::kubelet::{Cache, Instance, InstanceState, newest};
use crate::manifest::pod::{Container, Pod, PodSpec, RestartPolicy};

/// What a sync will do, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actions {
    /// Stop everything and the sandbox.
    pub(crate) kill_pod: bool,
    /// Make a sandbox.
    pub(crate) create_sandbox: bool,
    /// Init containers to start, by their place in the spec.
    pub(crate) init_to_start: Vec<usize>,
    /// Containers to start, by their place in the spec.
    pub(crate) to_start: Vec<usize>,
    /// Running containers to stop, with the words of their Killing event.
    pub(crate) to_kill: Vec<(String, String)>,
}

/// Compares what should be with what the kubelet believes to be.
pub(crate) fn compute(pod: &Pod, cache: &Cache, started: &dyn Fn(&str) -> bool) -> Actions {
    let spec = &pod.spec;
    let sandbox_ready = cache.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    if !sandbox_ready {
        return for_new_sandbox(pod, cache);
    }
    let mut actions = Actions::default();
    let init = init_actions(pod, cache, started);
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
            Some(Instance { state: InstanceState::Running { .. }, image, .. }) => {
                if *image == container.image {
                    kept += 1;
                } else {
                    // The hash of {name, image} changed: restarted whatever the policy says.
                    let what = format!(
                        "Container {} definition changed, will be restarted",
                        container.name
                    );
                    actions.to_kill.push((container.name.clone(), what));
                    actions.to_start.push(index);
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

/// Without a ready sandbox everything begins anew, if it may.
fn for_new_sandbox(pod: &Pod, cache: &Cache) -> Actions {
    let spec = &pod.spec;
    let mut actions = Actions { kill_pod: true, create_sandbox: true, ..Actions::default() };
    let attempt = cache.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt + 1);
    let never = spec.restart_policy() == RestartPolicy::Never;
    if never && attempt != 0 && !cache.instances.is_empty() {
        actions.create_sandbox = false;
        return actions;
    }
    let done = |container: &Container| {
        spec.restart_policy() == RestartPolicy::OnFailure
            && newest(&cache.instances, &container.name).is_some_and(succeeded)
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
}

/// Finds how far the init containers are.
fn init_actions(pod: &Pod, cache: &Cache, started: &dyn Fn(&str) -> bool) -> InitActions {
    let spec = &pod.spec;
    let inits = &spec.init_containers;
    let mut actions = InitActions::default();
    let exited_sidecar = |index: usize| {
        inits[index].is_sidecar()
            && !newest(&cache.instances, &inits[index].name)
                .is_some_and(|instance| matches!(instance.state, InstanceState::Running { .. }))
    };
    if any_regular_created(spec, &cache.instances) {
        // Only sidecars are looked after from now on; they are always restarted.
        actions.initialized = true;
        actions.to_start = (0..inits.len()).filter(|index| exited_sidecar(*index)).collect();
        return actions;
    }
    let last = (0..inits.len())
        .rev()
        .find(|index| newest(&cache.instances, &inits[*index].name).is_some());
    let Some(last) = last else {
        actions.initialized = inits.is_empty();
        actions.to_start = if inits.is_empty() { Vec::new() } else { vec![0] };
        return actions;
    };
    actions.to_start = (0..last).filter(|index| exited_sidecar(*index)).collect();
    let container = &inits[last];
    let instance = newest(&cache.instances, &container.name);
    let done = match instance.map(|instance| &instance.state) {
        Some(InstanceState::Running { .. }) => container.is_sidecar() && started(&container.name),
        Some(InstanceState::Exited(exit)) if container.is_sidecar() || exit.code != 0 => {
            if should_be_restarted(container, pod, instance) {
                actions.to_start.push(last);
            } else {
                actions.failed_for_good = true;
            }
            false
        }
        Some(InstanceState::Exited(_)) => true,
        Some(InstanceState::Created) | None => {
            actions.to_start.push(last);
            false
        }
    };
    if done {
        actions.initialized = last + 1 == inits.len();
        if !actions.initialized {
            actions.to_start.push(last + 1);
        }
    }
    actions
}

/// Whether any regular container was ever made: then init containers are over.
///
/// Models pkg/kubelet/container HasAnyRegularContainerCreated.
pub(crate) fn any_regular_created(spec: &PodSpec, instances: &[Instance]) -> bool {
    spec.containers.iter().any(|container| newest(instances, &container.name).is_some())
}

fn succeeded(instance: &Instance) -> bool {
    matches!(&instance.state, InstanceState::Exited(exit) if exit.code == 0)
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
        for rule in &container.restart_policy_rules {
            let Some(codes) = &rule.exit_codes else { continue };
            if (codes.operator == "In") == codes.values.contains(&code) {
                return true;
            }
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
