//! Which field of the text an entry obeys, and which entries a field has.
//!
//! Owns: the way from what happened to what was written ([`field_of`]) and back ([`entries_at`]).
//! Does not own: where a field stands in a text (`manifest::place`), or what is highlighted (`ui`).

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::Node;
use crate::manifest::place;
use crate::manifest::pod::Pod;
use crate::trace::{Actor, Change, Entry, EntryId, HookKind, ProbeKind, Trace};

/// Entries that one field lights at most. Invented: more marks than a picture can show.
const MOST: usize = 500;

/// A field of an object of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The object's kind.
    pub kind: String,
    /// The object's name; empty for any.
    pub name: String,
    /// The path, items of lists by their names: `spec.containers[name=app].image`.
    pub path: String,
}

/// The field that an entry obeys; nothing where no single field decides.
pub fn field_of(trace: &Trace, id: EntryId) -> Option<Field> {
    let entry = trace.entry(id)?;
    let probe = |kind: ProbeKind| match kind {
        ProbeKind::Startup => "startupProbe",
        ProbeKind::Liveness => "livenessProbe",
        ProbeKind::Readiness => "readinessProbe",
    };
    let leaf = match &entry.change {
        Change::Probe { kind, .. } => probe(*kind),
        Change::Quiet(quiet) => probe(quiet.kind),
        Change::Hook { kind: HookKind::PostStart, .. } => "lifecycle.postStart",
        Change::Hook { kind: HookKind::PreStop, .. } => "lifecycle.preStop",
        Change::Pull { .. } => "image",
        Change::ContainerStarted { .. } | Change::ContainerExited { .. } => "command",
        Change::Stopping { .. } | Change::Signal { .. } => {
            return of_pod(trace, entry, |_| "terminationGracePeriodSeconds".to_owned());
        }
        Change::Backoff { .. } => return of_pod(trace, entry, |_| "restartPolicy".to_owned()),
        Change::Volume { name, .. } => {
            return of_pod(trace, entry, |_| format!("volumes[name={name}]"));
        }
        Change::Scaling(_) => {
            return Some(Field {
                kind: entry.subject.kind.to_string(),
                name: entry.subject.name.to_string(),
                path: "spec.metrics".to_owned(),
            });
        }
        Change::Acted { .. } => {
            let path = "spec.actions".to_owned();
            return Some(Field { kind: "Scenario".to_owned(), name: String::new(), path });
        }
        Change::Stored { object: Object::Pod(pod), .. } => return made(trace, entry, pod),
        _ => return None,
    };
    let container = entry.subject.container.clone()?;
    of_pod(trace, entry, |pod| {
        let is_init = pod.spec.init_containers.iter().any(|own| *own.name == *container);
        let list = if is_init { "initContainers" } else { "containers" };
        format!("{list}[name={container}].{leaf}")
    })
}

/// A Pod that a controller made or unmade: so many were asked for.
fn made(trace: &Trace, entry: &Entry, pod: &Rc<Pod>) -> Option<Field> {
    let set = matches!(
        entry.actor,
        Actor::ReplicaSetController
            | Actor::ReplicationController
            | Actor::StatefulSetController
            | Actor::DeploymentController
    );
    let (kind, name) = top(trace, "Pod", &pod.metadata);
    let scales = matches!(
        kind.as_str(),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet"
    );
    (set && scales).then(|| Field { kind, name, path: "spec.replicas".to_owned() })
}

/// A field of the Pod that an entry is about, in the object from which it was made.
fn of_pod(trace: &Trace, entry: &Entry, path: impl Fn(&Pod) -> String) -> Option<Field> {
    let history = trace.histories().iter().find(|own| own.uid == entry.subject.uid)?;
    let first = trace.entry(*history.versions.first()?)?;
    let Change::Stored { object: Object::Pod(pod), .. } = &first.change else { return None };
    let (kind, name) = top(trace, "Pod", &pod.metadata);
    let spec = match kind.as_str() {
        "Pod" => "spec",
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        _ => "spec.template.spec",
    };
    Some(Field { kind, name, path: format!("{spec}.{}", path(pod)) })
}

/// The object at the top of the owners: the one that stands in the text.
fn top(trace: &Trace, kind: &str, metadata: &ObjectMeta) -> (String, String) {
    let (mut kind, mut metadata) = (kind.to_owned(), metadata.clone());
    // Owners are two deep at most: CronJob, Job, Pod.
    for _ in 0..3 {
        let Some(owner) = metadata.owner_references.iter().find(|own| own.controller) else {
            break;
        };
        let history = trace.histories().iter().find(|own| *own.uid == *owner.uid);
        let id = history.and_then(|own| own.versions.first());
        let Some(Entry { change: Change::Stored { object, .. }, .. }) =
            id.and_then(|id| trace.entry(*id))
        else {
            break;
        };
        kind = object.kind().to_owned();
        metadata = object.metadata().clone();
    }
    (kind, metadata.name)
}

/// Where a field stands in a text; nothing where nobody wrote it.
pub fn span_of(text: &str, field: &Field) -> Option<Span> {
    span_in(&place::objects(text), field)
}

fn span_in(objects: &[Node], field: &Field) -> Option<Span> {
    let object = objects.iter().find(|node| place::is(node, &field.kind, &field.name))?;
    place::written(object, &field.path)
}

/// The entries whose field stands at a place of the text, in order.
pub fn entries_at(trace: &Trace, text: &str, offset: usize) -> Vec<EntryId> {
    let objects = place::objects(text);
    let mut known: Vec<(Field, bool)> = Vec::new();
    let mut found = Vec::new();
    for id in (0..).map(EntryId).take(trace.entries().len()) {
        let Some(field) = field_of(trace, id) else { continue };
        let here = match known.iter().find(|(own, _)| *own == field) {
            Some((_, here)) => *here,
            None => {
                let span = span_in(&objects, &field);
                let here = span.is_some_and(|span| span.start <= offset && offset <= span.end);
                known.push((field, here));
                here
            }
        };
        if here {
            found.push(id);
            if found.len() == MOST {
                break;
            }
        }
    }
    found
}
