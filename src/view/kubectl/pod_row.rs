//! One Pod as a row of `kubectl get pods`: the pure function behind READY, STATUS and RESTARTS.
//!
//! Owns: [`PodRow`] and [`print_pod`]. Does not own: columns and padding (`table.rs`).

use crate::manifest::pod::{Container, ContainerStatus, Pod};
use crate::time::Instant;

/// What `kubectl get pods -o wide` says about one Pod at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodRow {
    /// NAME.
    pub name: String,
    /// Containers that are ready: the first number of READY.
    pub ready_containers: usize,
    /// Containers that count, sidecars included: the second number of READY.
    pub total_containers: usize,
    /// STATUS.
    pub status: String,
    /// RESTARTS, the number alone.
    pub restarts: i32,
    /// RESTARTS as printed: `3` or `3 (10s ago)`.
    pub restarts_text: String,
    /// AGE.
    pub age: String,
    /// IP.
    pub ip: String,
    /// NODE.
    pub node: String,
    /// NOMINATED NODE.
    pub nominated_node: String,
    /// READINESS GATES.
    pub readiness_gates: String,
}

impl PodRow {
    /// READY as printed: `1/2`.
    pub fn ready(&self) -> String {
        format!("{}/{}", self.ready_containers, self.total_containers)
    }
}

/// The age of something since a timestamp; `<unknown>` without one.
///
/// Models printers/internalversion/printers.go translateTimestampSince.
pub fn age(now: Instant, since: Option<Instant>) -> String {
    since.map_or_else(|| "<unknown>".to_owned(), |since| now.since(since).human())
}

/// What the walks over the container statuses have counted so far.
#[derive(Default)]
struct Tally {
    restarts: i32,
    last_restart: Option<Instant>,
}

impl Tally {
    fn add(&mut self, status: &ContainerStatus) {
        self.restarts = self.restarts.saturating_add(status.restart_count);
        if let Some(last) = &status.last_state.terminated {
            self.last_restart = self.last_restart.max(last.finished_at);
        }
    }
}

/// The row of a Pod.
///
/// Models printers/internalversion/printers.go printPod.
pub fn print_pod(pod: &Pod, now: Instant) -> PodRow {
    let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar()).count();
    let mut ready = 0;
    let (mut tally, sidecar_tally, failing) = walk_init_containers(pod, &mut ready);
    let mut status = failing.clone().unwrap_or_else(|| base_reason(pod));
    if failing.is_none() || pod.status.is_true("Initialized") {
        // From here on init containers that ended no longer count: their restarts leave the number.
        tally = sidecar_tally;
        status = walk_containers(pod, status, &mut ready, &mut tally);
    }
    if pod.is_terminating() {
        if pod.status.reason == "NodeLost" {
            "Unknown".clone_into(&mut status);
        } else if !pod.is_terminal() {
            "Terminating".clone_into(&mut status);
        }
    }
    let restarts_text = match tally.last_restart {
        Some(last) if tally.restarts != 0 => {
            format!("{} ({} ago)", tally.restarts, now.since(last).human())
        }
        Some(_) | None => tally.restarts.to_string(),
    };
    let ip = pod.status.pod_ips.first().map_or("", |first| first.ip.as_str());
    PodRow {
        name: pod.metadata.name.clone(),
        ready_containers: ready,
        total_containers: pod.spec.containers.len() + sidecars,
        status,
        restarts: tally.restarts,
        restarts_text,
        age: age(now, pod.metadata.creation_timestamp),
        ip: or_none(ip),
        node: or_none(&pod.spec.node_name),
        nominated_node: or_none(&pod.status.nominated_node_name),
        readiness_gates: readiness_gates(pod),
    }
}

/// STATUS before any container is looked at.
fn base_reason(pod: &Pod) -> String {
    let gated = pod
        .status
        .conditions
        .iter()
        .any(|c| c.kind == "PodScheduled" && c.reason == "SchedulingGated");
    if gated {
        "SchedulingGated".to_owned()
    } else if pod.status.reason.is_empty() {
        pod.status.phase.clone()
    } else {
        pod.status.reason.clone()
    }
}

/// Walks the init containers up to the first that is not done; gives all restarts up to it, those
/// of sidecars alone, and what the STATUS is when one is not done.
fn walk_init_containers(pod: &Pod, ready: &mut usize) -> (Tally, Tally, Option<String>) {
    let (mut tally, mut sidecar_tally) = (Tally::default(), Tally::default());
    for (index, status) in pod.status.init_container_statuses.iter().enumerate() {
        let sidecar = pod
            .spec
            .init_containers
            .iter()
            .find(|c| c.name == status.name)
            .is_some_and(Container::is_sidecar);
        tally.add(status);
        if sidecar {
            sidecar_tally.add(status);
        }
        let state = &status.state;
        if state.terminated.as_ref().is_some_and(|t| t.exit_code == 0) {
            continue;
        }
        if sidecar && status.started == Some(true) {
            *ready += usize::from(status.ready);
            continue;
        }
        let failing = if let Some(ended) = &state.terminated {
            if !ended.reason.is_empty() {
                format!("Init:{}", ended.reason)
            } else if ended.signal != 0 {
                format!("Init:Signal:{}", ended.signal)
            } else {
                format!("Init:ExitCode:{}", ended.exit_code)
            }
        } else {
            match &state.waiting {
                Some(waiting)
                    if !waiting.reason.is_empty() && waiting.reason != "PodInitializing" =>
                {
                    format!("Init:{}", waiting.reason)
                }
                Some(_) | None => format!("Init:{index}/{}", pod.spec.init_containers.len()),
            }
        };
        return (tally, sidecar_tally, Some(failing));
    }
    (tally, sidecar_tally, None)
}

/// Walks the containers from the last to the first, so that the first has the last word.
fn walk_containers(pod: &Pod, before: String, ready: &mut usize, tally: &mut Tally) -> String {
    let mut status = before;
    let mut error = None;
    let mut has_running = false;
    for container in pod.status.container_statuses.iter().rev() {
        tally.add(container);
        let state = &container.state;
        let waiting = state.waiting.as_ref().map_or("", |waiting| waiting.reason.as_str());
        if !waiting.is_empty() {
            waiting.clone_into(&mut status);
        } else if let Some(ended) = &state.terminated {
            status = if !ended.reason.is_empty() {
                ended.reason.clone()
            } else if ended.signal != 0 {
                format!("Signal:{}", ended.signal)
            } else {
                format!("ExitCode:{}", ended.exit_code)
            };
            if ended.exit_code != 0 {
                error = Some(status.clone());
            }
        } else if container.ready && state.running.is_some() {
            has_running = true;
            *ready += 1;
        }
    }
    if status != "Completed" {
        return status;
    }
    // One container is done: the others decide what the Pod as a whole is called.
    if has_running && pod.status.is_true("Ready") {
        "Running".to_owned()
    } else if let Some(error) = error {
        error
    } else if has_running {
        "NotReady".to_owned()
    } else {
        status
    }
}

fn readiness_gates(pod: &Pod) -> String {
    let gates = &pod.spec.readiness_gates;
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates.iter().filter(|gate| pod.status.is_true(&gate.condition_type)).count();
    format!("{open}/{}", gates.len())
}

/// The text, or what kubectl prints where there is none.
pub fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text.to_owned() }
}
