//! What the kubelet tells the API server about a Pod.
//!
//! Owns: container statuses, conditions. Models pkg/kubelet/kubelet_pods.go generateAPIPodStatus
//! and pkg/kubelet/status/generate.go. Does not own: sending them (`status_manager`), and what
//! kubectl makes of them (`view::kubectl`).

use crate::cluster::kubelet::actions::{any_regular_created, restarts_all, should_be_restarted};
use crate::cluster::kubelet::phase::phase;
use crate::cluster::kubelet::{Exit, Instance, InstanceState, PodWorker, newest};
use crate::manifest::pod::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, Pod, PodCondition, PodIP, PodSpec, PodStatus,
};
use crate::time::Instant;

/// The status of a Pod as the kubelet believes it to be at this moment.
pub(crate) fn generate(
    worker: &PodWorker,
    is_terminal: bool,
    now: Instant,
    version_has_ready_to_start: bool,
) -> PodStatus {
    let pod = &*worker.pod;
    let mut status = PodStatus {
        qos_class: pod.status.qos_class.clone(),
        start_time: worker.status.start_time.or(Some(worker.start_time.truncated())),
        nominated_node_name: pod.status.nominated_node_name.clone(),
        ..PodStatus::default()
    };
    status.init_container_statuses = container_statuses(
        worker,
        &pod.spec.init_containers,
        &worker.status.init_container_statuses,
        true,
    );
    status.container_statuses =
        container_statuses(worker, &pod.spec.containers, &worker.status.container_statuses, false);
    // prober_manager.go UpdatePodStatus says nothing of these: they are neither started nor ready.
    let ephemeral = &pod.spec.ephemeral_containers;
    let before = &worker.status.ephemeral_container_statuses;
    status.ephemeral_container_statuses = container_statuses(worker, ephemeral, before, false);
    for own in &mut status.ephemeral_container_statuses {
        own.started = None;
        own.ready = false;
    }
    let all: Vec<ContainerStatus> =
        status.container_statuses.iter().chain(&status.init_container_statuses).cloned().collect();
    let created = any_regular_created(&pod.spec, &worker.cache.instances);
    // A static Pod is not over when it is stopped: it may come back under the same UID.
    let is_terminal = is_terminal && !worker.mirror;
    status.phase = phase(&pod.spec, &all, is_terminal, created).to_owned();
    let terminal = |phase: &str| matches!(phase, "Succeeded" | "Failed");
    // What is removed to begin anew has not ended for good.
    let anew = worker.beginning_anew || restarts_all(pod, &worker.cache);
    if anew && !is_terminal && terminal(&status.phase) && !terminal(&worker.status.phase) {
        status.phase.clone_from(&worker.status.phase);
    }
    if !terminal(&status.phase) && terminal(&worker.status.phase) {
        status.phase = worker.status.phase.clone();
    }
    if status.phase == worker.status.phase {
        status.reason = worker.status.reason.clone();
        status.message = worker.status.message.clone();
    }
    if let Some((reason, message)) = &worker.ended_for {
        status.phase = "Failed".to_owned();
        status.reason = (*reason).to_owned();
        status.message = message.clone();
    }
    addresses(worker, &mut status);
    conditions(worker, &mut status, now, version_has_ready_to_start);
    if let Some(message) = &worker.disrupted {
        let mut disrupted =
            condition(DISRUPTION_TARGET, true, "TerminationByKubelet", message.clone());
        let old = worker.status.condition(DISRUPTION_TARGET);
        disrupted.last_transition_time =
            old.map_or(Some(now.truncated()), |old| old.last_transition_time);
        status.conditions.retain(|condition| condition.kind != DISRUPTION_TARGET);
        status.conditions.push(disrupted);
    }
    status
}

/// The reason of a Pod that ran longer than activeDeadlineSeconds.
pub(crate) const DEADLINE: &str = "DeadlineExceeded";

/// The condition of a Pod that is made to go.
pub(crate) const DISRUPTION_TARGET: &str = "DisruptionTarget";

fn addresses(worker: &PodWorker, status: &mut PodStatus) {
    let ip = if worker.pod.spec.host_network {
        // A Pod on the host's network has the node's address as soon as it has any status.
        worker.status.host_ip.clone()
    } else {
        match &worker.cache.sandbox {
            Some(sandbox) if sandbox.ready => sandbox.ip.clone(),
            Some(_) | None => worker.status.pod_ip.clone(),
        }
    };
    status.host_ip = worker.status.host_ip.clone();
    if !ip.is_empty() {
        status.pod_ips = vec![PodIP { ip: ip.clone() }];
        status.pod_ip = ip;
    }
}

/// Models kubelet_pods.go convertToAPIContainerStatuses.
fn container_statuses(
    worker: &PodWorker,
    containers: &[Container],
    old: &[ContainerStatus],
    init: bool,
) -> Vec<ContainerStatus> {
    containers
        .iter()
        .map(|container| {
            let before = old.iter().find(|status| status.name == container.name);
            container_status(worker, container, before, init)
        })
        .collect()
}

fn container_status(
    worker: &PodWorker,
    container: &Container,
    before: Option<&ContainerStatus>,
    init: bool,
) -> ContainerStatus {
    let pod = &*worker.pod;
    let mut seen = worker.cache.instances.iter().rev().filter(|i| *i.name == *container.name);
    let newest = seen.next();
    let mut status = match newest {
        Some(instance) => {
            let mut status = from_instance(instance, pod);
            if let Some(Instance { state: InstanceState::Exited(exit), id, .. }) = seen.next() {
                status.last_state = ended(exit, id);
            }
            status
        }
        None => not_there(worker, container, before),
    };
    let done = init
        && !container.is_sidecar()
        && matches!(&status.state.terminated, Some(end) if end.exit_code == 0);
    if !done
        && should_be_restarted(container, pod, newest)
        && let Some(waiting) = worker.reasons.get(container.name.as_str())
    {
        if status.state.terminated.is_some() {
            status.last_state = std::mem::take(&mut status.state);
        }
        status.state = ContainerState {
            waiting: Some(ContainerStateWaiting {
                reason: waiting.reason.to_owned(),
                message: waiting.message.clone(),
            }),
            ..ContainerState::default()
        };
    }
    let running = status.state.running.is_some();
    status.started = newest.map(|_| running && worker.is_started(&container.name));
    status.ready = if init && !container.is_sidecar() {
        matches!(&status.state.terminated, Some(end) if end.exit_code == 0)
    } else {
        running && status.started == Some(true) && worker.is_ready(&container.name)
    };
    status
}

/// A container that the runtime does not have: waiting, or as it was when it ended.
fn not_there(
    worker: &PodWorker,
    container: &Container,
    before: Option<&ContainerStatus>,
) -> ContainerStatus {
    let pod = &*worker.pod;
    if let Some(before) = before.filter(|before| before.state.terminated.is_some()) {
        return before.clone();
    }
    let ran = before.filter(|before| before.state.running.is_some());
    if let (true, Some(before)) = (worker.beginning_anew, ran) {
        let running = before.state.running.as_ref();
        let ended = ContainerStateTerminated {
            exit_code: 137,
            reason: "RestartingAllContainers".to_owned(),
            message: "The container is removed because RestartAllContainers in place".to_owned(),
            started_at: running.and_then(|running| running.started_at),
            ..ContainerStateTerminated::default()
        };
        let state = ContainerState { terminated: Some(ended), ..ContainerState::default() };
        return ContainerStatus { state, ready: false, ..before.clone() };
    }
    let reason =
        if pod.spec.init_containers.is_empty() { "ContainerCreating" } else { "PodInitializing" };
    ContainerStatus {
        name: container.name.clone(),
        image: container.image.clone(),
        restart_count: before.map_or(0, |before| before.restart_count),
        last_state: before.map(|before| before.last_state.clone()).unwrap_or_default(),
        state: ContainerState {
            waiting: Some(ContainerStateWaiting {
                reason: reason.to_owned(),
                message: String::new(),
            }),
            ..ContainerState::default()
        },
        ..ContainerStatus::default()
    }
}

fn from_instance(instance: &Instance, pod: &Pod) -> ContainerStatus {
    let state = match &instance.state {
        InstanceState::Running { started } => ContainerState {
            running: Some(ContainerStateRunning { started_at: Some(started.truncated()) }),
            ..ContainerState::default()
        },
        InstanceState::Exited(exit) => ended(exit, &instance.id),
        InstanceState::Created => ContainerState {
            waiting: Some(ContainerStateWaiting {
                reason: if pod.spec.init_containers.is_empty() {
                    "ContainerCreating".to_owned()
                } else {
                    "PodInitializing".to_owned()
                },
                message: String::new(),
            }),
            ..ContainerState::default()
        },
    };
    ContainerStatus {
        name: instance.name.to_string(),
        state,
        restart_count: instance.attempt,
        image: instance.image.clone(),
        image_id: instance.image_id.clone(),
        container_id: format!("containerd://{}", instance.id),
        ..ContainerStatus::default()
    }
}

fn ended(exit: &Exit, id: &str) -> ContainerState {
    ContainerState {
        terminated: Some(ContainerStateTerminated {
            exit_code: exit.code,
            // The CRI reports a signal as exit code 128 + n and never as a signal.
            signal: 0,
            reason: exit.reason.to_owned(),
            message: exit.message.clone(),
            started_at: Some(exit.started.map_or(Instant::UNIX_EPOCH, Instant::truncated)),
            finished_at: Some(exit.finished.truncated()),
            container_id: format!("containerd://{id}"),
        }),
        ..ContainerState::default()
    }
}

/// Sets the kubelet's own conditions, in the order in which it writes them.
fn conditions(worker: &PodWorker, status: &mut PodStatus, now: Instant, has_ready_to_start: bool) {
    let pod = &*worker.pod;
    let own = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
        "AllContainersRestarting",
        "PodResizePending",
    ];
    let foreign: Vec<PodCondition> =
        pod.status.conditions.iter().filter(|c| !own.contains(&c.kind.as_str())).cloned().collect();
    let sandbox_ready = worker.cache.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    let containers_ready = containers_ready(&pod.spec, status);
    let ready = ready(pod, &containers_ready);
    let mut conditions = foreign;
    if let Some((reason, message)) = &worker.resize_pending {
        conditions.push(condition("PodResizePending", true, reason, message.clone()));
    }
    if has_ready_to_start {
        conditions.push(condition("PodReadyToStartContainers", sandbox_ready, "", String::new()));
    }
    conditions.push(initialized(&pod.spec, status));
    conditions.push(ready);
    conditions.push(containers_ready);
    conditions.push(condition("PodScheduled", true, "", String::new()));
    if worker.beginning_anew || restarts_all(pod, &worker.cache) {
        let message = "container exited with restart policy rule".to_owned();
        let reason = "RestartAllContainersStarted";
        conditions.push(condition("AllContainersRestarting", true, reason, message));
    }
    for new in &mut conditions {
        let old = worker
            .status
            .conditions
            .iter()
            .chain(&pod.status.conditions)
            .find(|old| old.kind == new.kind && old.status == new.status);
        new.last_transition_time =
            old.and_then(|old| old.last_transition_time).or(Some(now.truncated()));
    }
    status.conditions = conditions;
}

fn condition(kind: &str, is_true: bool, reason: &str, message: String) -> PodCondition {
    PodCondition {
        kind: kind.to_owned(),
        status: if is_true { "True" } else { "False" }.to_owned(),
        reason: reason.to_owned(),
        message,
        ..PodCondition::default()
    }
}

/// The condition ContainersReady, from the containers' statuses and the phase.
///
/// Models generate.go GenerateContainersReadyCondition.
pub fn containers_ready(spec: &PodSpec, status: &PodStatus) -> PodCondition {
    const KIND: &str = "ContainersReady";
    let (mut unknown, mut unready) = (Vec::new(), Vec::new());
    let sidecars = spec.init_containers.iter().filter(|c| c.is_sidecar());
    let all = status.init_container_statuses.iter().chain(&status.container_statuses);
    for container in sidecars.chain(&spec.containers) {
        match all.clone().find(|status| status.name == container.name) {
            Some(status) if status.ready => {}
            Some(_) => unready.push(container.name.as_str()),
            None => unknown.push(container.name.as_str()),
        }
    }
    if unknown.is_empty() {
        match status.phase.as_str() {
            "Succeeded" => return condition(KIND, false, "PodCompleted", String::new()),
            "Failed" => return condition(KIND, false, "PodFailed", String::new()),
            _ => {}
        }
    }
    let message = names(&[("unknown", &unknown), ("unready", &unready)]);
    if message.is_empty() {
        return condition(KIND, true, "", message);
    }
    condition(KIND, false, "ContainersNotReady", message)
}

/// The condition Ready: ContainersReady, and the readiness gates of the Pod.
///
/// Models generate.go GeneratePodReadyCondition.
pub fn ready(pod: &Pod, containers_ready: &PodCondition) -> PodCondition {
    const KIND: &str = "Ready";
    if containers_ready.status != "True" {
        let mut ready = containers_ready.clone();
        ready.kind = KIND.to_owned();
        return ready;
    }
    let mut messages = Vec::new();
    for gate in &pod.spec.readiness_gates {
        let kind = &gate.condition_type;
        match pod.status.condition(kind) {
            None => messages.push(format!(
                "corresponding condition of pod readiness gate \"{kind}\" does not exist."
            )),
            Some(condition) if condition.status != "True" => messages.push(format!(
                "the status of pod readiness gate \"{kind}\" is not \"True\", but {}",
                condition.status
            )),
            Some(_) => {}
        }
    }
    if messages.is_empty() {
        return condition(KIND, true, "", String::new());
    }
    condition(KIND, false, "ReadinessGatesNotReady", messages.join(", "))
}

/// The condition Initialized, from the containers' statuses and the phase.
///
/// Models generate.go GeneratePodInitializedCondition.
pub fn initialized(spec: &PodSpec, status: &PodStatus) -> PodCondition {
    const KIND: &str = "Initialized";
    let (mut unknown, mut incomplete) = (Vec::new(), Vec::new());
    for container in &spec.init_containers {
        match status.init_container_statuses.iter().find(|s| s.name == container.name) {
            Some(status) if container.is_sidecar() => {
                if status.started != Some(true) {
                    incomplete.push(container.name.as_str());
                }
            }
            Some(status) if status.ready => {}
            Some(_) => incomplete.push(container.name.as_str()),
            None => unknown.push(container.name.as_str()),
        }
    }
    if status.phase == "Succeeded" && unknown.is_empty() {
        return condition(KIND, true, "PodCompleted", String::new());
    }
    // HasAnyRegularContainerStarted looks at the states only: a Pod all of whose containers wait
    // to be restarted has none.
    let started = spec.containers.iter().any(|container| {
        status.container_statuses.iter().any(|status| {
            let state = &status.state;
            status.name == container.name && (state.running.is_some() || state.terminated.is_some())
        })
    });
    if started {
        return condition(KIND, true, "", String::new());
    }
    let message = names(&[("unknown", &unknown), ("incomplete", &incomplete)]);
    if message.is_empty() {
        return condition(KIND, true, "", message);
    }
    condition(KIND, false, "ContainersNotInitialized", message)
}

fn names(groups: &[(&str, &Vec<&str>)]) -> String {
    groups
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("containers with {what} status: [{}]", names.join(" ")))
        .collect::<Vec<_>>()
        .join(", ")
}

impl PodWorker {
    /// Whether a running container counts as started: its startup probe has succeeded, or it has
    /// none.
    pub(crate) fn is_started(&self, name: &str) -> bool {
        newest(&self.cache.instances, name).is_some_and(|instance| {
            self.counts_as_started(name, &format!("containerd://{}", instance.id))
        })
    }

    /// Whether a started container is ready: its readiness probe says so, or it has none.
    fn is_ready(&self, name: &str) -> bool {
        newest(&self.cache.instances, name).is_some_and(|instance| {
            self.counts_as_ready(name, &format!("containerd://{}", instance.id))
        })
    }
}

/// The restart policy decides whether a Pod whose containers have all ended is over.
pub(crate) fn is_over(status: &PodStatus) -> bool {
    matches!(status.phase.as_str(), "Succeeded" | "Failed")
}

/// Makes the conditions fit a phase that has just become final.
pub(crate) fn settle_conditions(
    pod: &Pod,
    before: &PodStatus,
    status: &mut PodStatus,
    now: Instant,
) {
    if before.phase == status.phase {
        return;
    }
    ready_conditions(pod, status, now);
}

/// Computes Ready and ContainersReady anew after a container's readiness has changed.
pub(crate) fn ready_conditions(pod: &Pod, status: &mut PodStatus, now: Instant) {
    let containers_ready = containers_ready(&pod.spec, status);
    let ready = ready(pod, &containers_ready);
    for new in [ready, containers_ready] {
        if let Some(condition) = status.conditions.iter_mut().find(|c| c.kind == new.kind) {
            if condition.status != new.status {
                condition.last_transition_time = Some(now.truncated());
            }
            condition.status = new.status;
            condition.reason = new.reason;
            condition.message = new.message;
        }
    }
}
