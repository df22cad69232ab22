//! The fields of the text that a link of Why rests on.
//!
//! Owns: which fields, their values, and where they stand: in the object that was written, which
//! for a Pod of a Deployment is the Deployment. Does not own: finding them in the text
//! (`manifest::place`).

use crate::manifest::pod::{Container, Pod};
use crate::manifest::probe::Probe;
use crate::manifest::{Object, pod};
use crate::trace::{Change, HookKind, ProbeKind, ProbeOutcome, Trace};
use crate::view::story::{Line, What};

/// Owners above a Pod. Invented: CronJob, Job, Pod is the longest chain.
const OWNERS_MAX: usize = 4;

/// A field that a link rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As it is called: `failureThreshold`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it stands.
    pub place: Place,
}

/// A field of an object that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Kind of the object.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `spec.containers[name=app].image`.
    pub path: String,
}

/// The fields that a link rests on, at most two.
pub fn fields(trace: &Trace, line: &Line) -> Vec<Field> {
    if let What::JobDecided { reason, .. } = &line.what {
        return of_job(trace, line, reason).into_iter().collect();
    }
    let Some(pod) = super::pod_of(trace, line) else { return Vec::new() };
    let container = pod.spec.container(&line.container);
    let named: Vec<(&str, String)> = match &line.what {
        What::Probe { kind, outcome, .. } => {
            let Some((_, probe)) = container.and_then(|c| probe_of(c, *kind)) else {
                return Vec::new();
            };
            let threshold = if *outcome == ProbeOutcome::Success {
                ("successThreshold", probe.success_threshold)
            } else {
                ("failureThreshold", probe.failure_threshold)
            };
            let second = if *outcome == ProbeOutcome::Timeout {
                ("timeoutSeconds", probe.timeout_seconds)
            } else {
                ("periodSeconds", probe.period_seconds)
            };
            vec![(threshold.0, threshold.1.to_string()), (second.0, second.1.to_string())]
        }
        What::HeldBack { .. } | What::Finished { .. } => {
            vec![("restartPolicy", or(&pod.spec.restart_policy, "Always"))]
        }
        What::Stopping { .. } => {
            let seconds = pod.spec.grace_period_seconds().to_string();
            vec![("terminationGracePeriodSeconds", seconds)]
        }
        What::Pulled { image, .. }
        | What::PullFailed { image, .. }
        | What::PullHeld { image, .. } => vec![("image", image.clone())],
        What::Exited { reason, .. } if reason == "OOMKilled" => {
            let limit = container.and_then(|c| c.resources.limits.get("memory"));
            vec![("limits.memory", limit.map(|q| q.text().to_owned()).unwrap_or_default())]
        }
        What::Exited { .. } | What::CannotStart { .. } => match container {
            Some(c) if !c.command.is_empty() => vec![("command", c.command.join(" "))],
            Some(c) if !c.args.is_empty() => vec![("args", c.args.join(" "))],
            Some(_) | None => Vec::new(),
        },
        What::HookBegan { kind, .. } | What::HookEnded { kind, .. } => match kind {
            HookKind::PostStart => vec![("postStart", String::new())],
            HookKind::PreStop => vec![("preStop", String::new())],
        },
        What::Unschedulable { .. } => vec![("requests", String::new())],
        _ => Vec::new(),
    };
    let probe = match &line.what {
        What::Probe { kind, .. } => Some(*kind),
        _ => None,
    };
    named
        .into_iter()
        .filter_map(|(name, value)| {
            let field = match probe {
                Some(kind) => format!("{}.{name}", probe_name(kind)),
                None => name.to_owned(),
            };
            let place = place_of(trace, &pod, container, &field)?;
            Some(Field { name: name.to_owned(), value, place })
        })
        .collect()
}

/// The field of a Job that decided it.
fn of_job(trace: &Trace, line: &Line, reason: &str) -> Option<Field> {
    let Change::Stored { object: Object::Job(job), .. } = &trace.entry(line.entry)?.change else {
        return None;
    };
    let (name, value) = match reason {
        "BackoffLimitExceeded" => ("backoffLimit", job.spec.backoff_limit.unwrap_or(6).into()),
        "DeadlineExceeded" => ("activeDeadlineSeconds", job.spec.active_deadline_seconds?),
        "CompletionsReached" => ("completions", job.spec.completions?.into()),
        _ => return None,
    };
    let owner = job.metadata.owner_references.iter().find(|owner| owner.controller);
    let (kind, own, spec) = match owner.filter(|owner| owner.kind == "CronJob") {
        Some(owner) => ("CronJob", &owner.name, "spec.jobTemplate.spec"),
        None => ("Job", &job.metadata.name, "spec"),
    };
    let place = Place { kind: kind.to_owned(), name: own.clone(), path: format!("{spec}.{name}") };
    Some(Field { name: name.to_owned(), value: i64::to_string(&value), place })
}

fn or(value: &str, default: &str) -> String {
    if value.is_empty() { default.to_owned() } else { value.to_owned() }
}

/// The field of a probe.
pub(super) const fn probe_name(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "startupProbe",
        ProbeKind::Liveness => "livenessProbe",
        ProbeKind::Readiness => "readinessProbe",
    }
}

/// A probe of a container, and its field.
pub(super) fn probe_of(container: &Container, kind: ProbeKind) -> Option<(&'static str, &Probe)> {
    let probe = match kind {
        ProbeKind::Startup => container.startup_probe.as_ref(),
        ProbeKind::Liveness => container.liveness_probe.as_ref(),
        ProbeKind::Readiness => container.readiness_probe.as_ref(),
    };
    probe.map(|probe| (probe_name(kind), probe))
}

/// Where a field of a Pod stands, by its short name: in the object that was written.
pub(super) fn place_of(
    trace: &Trace,
    pod: &Pod,
    container: Option<&Container>,
    field: &str,
) -> Option<Place> {
    let (kind, name) = written(trace, pod)?;
    let spec = match kind.as_str() {
        "Pod" => "spec",
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        _ => "spec.template.spec",
    };
    let of_pod = matches!(field, "restartPolicy" | "terminationGracePeriodSeconds");
    let path = match (of_pod, container.or_else(|| pod.spec.containers.first())) {
        (false, Some(container)) => {
            let init = pod.spec.init_containers.iter().any(|c| c.name == container.name);
            let list = if init { "initContainers" } else { "containers" };
            let inside = match field {
                "limits.memory" => "resources.limits.memory",
                "limits.cpu" => "resources.limits.cpu",
                "requests" => "resources.requests",
                "postStart" => "lifecycle.postStart",
                "preStop" => "lifecycle.preStop",
                other => other,
            };
            format!("{spec}.{list}[name={}].{inside}", container.name)
        }
        (true, _) | (false, None) => format!("{spec}.{field}"),
    };
    Some(Place { kind, name, path })
}

/// Kind and name of the object that a Pod comes from; nothing for a file of a node.
fn written(trace: &Trace, pod: &pod::Pod) -> Option<(String, String)> {
    let mut kind = "Pod".to_owned();
    let mut metadata = pod.metadata.clone();
    for _ in 0..OWNERS_MAX {
        let Some(owner) = metadata.owner_references.iter().find(|owner| owner.controller) else {
            break;
        };
        if owner.kind == "Node" {
            return None;
        }
        let history = trace.histories().iter().find(|history| *history.uid == *owner.uid)?;
        let first = history.versions.first().and_then(|id| trace.entry(*id))?;
        let Change::Stored { object, .. } = &first.change else { return None };
        kind = Object::kind(object).to_owned();
        metadata = object.metadata().clone();
    }
    Some((kind, metadata.name))
}
