//! From a trace to groups of lanes.

use super::container::Source;
use super::pod_lanes::{PodLife, phase_lane, status_lane};
use super::services::{Service, Target, nodes, services};
use super::workloads;
use super::{
    Figure, Group, GroupKind, Label, Lane, LaneKind, Mark, Note, Role, Shape, State, Summary,
    Timeline, TimelineOptions,
};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::Deployment;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, History, Name, ProbeOutcome, Trace, Verb};

/// Pods that a controller makes within this time are made in one go.
const ONE_GO: Duration = Duration::from_secs(2);

/// Marks a mirror, with the UID of its static Pod (kubelet/types/pod_update.go).
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The entries about one container of one Pod.
type ByContainer<'t> = Map<(Name, Name), Vec<(EntryId, &'t Entry)>>;

/// Makes the picture of a whole trace. A pure function; the cursor is no part of it.
pub fn timeline(trace: &Trace, options: &TimelineOptions) -> Timeline {
    let pods: Vec<(&History, PodLife)> = trace
        .histories()
        .iter()
        .filter(|history| &*history.kind == "Pod")
        .map(|history| (history, PodLife::new(trace, history)))
        .filter(|(_, life)| !life.versions.is_empty())
        .collect();
    let entries = by_container(trace);
    let mut groups = vec![you(trace)];
    groups.extend(control_plane(trace));
    // A mirror that was deleted comes back; what it mirrors goes on, and is told once.
    let mut running: Map<Name, Vec<&PodLife>> = Map::new();
    for (history, life) in &pods {
        running.entry(running_uid(history, life)).or_default().push(life);
    }
    let mut open: Vec<Group> = pods
        .iter()
        .map(|(history, life)| {
            let uid = running_uid(history, life);
            let containers = running.remove(&uid).map(|mirrors| match &mirrors[..] {
                [_, _, ..] => {
                    container_lanes(trace, &PodLife::of_mirrors(&mirrors), &uid, &entries)
                }
                _ => container_lanes(trace, life, &uid, &entries),
            });
            pod_group(history, life, containers.unwrap_or_default())
        })
        .collect();
    // Rows below a container open and close with it: what counts is how many things there are.
    let main = |lane: &&Lane| matches!(lane.kind, LaneKind::Status | LaneKind::Container(_));
    let lanes: usize = open.iter().map(|group| group.lanes.iter().filter(main).count()).sum();
    if open.len() > 1 {
        if lanes + groups.len() > options.most_lanes {
            open = folded(open, &pods, options);
        } else {
            // The phase of one Pod is a lesson, that of several is a crowd.
            for group in &mut open {
                group.lanes.retain(|lane| lane.kind != LaneKind::Phase);
            }
        }
    }
    let services = services(trace);
    let folded = open.iter().any(|group| group.kind == GroupKind::Pods);
    behind_services(trace, &services, &pods, &mut open);
    groups.extend(open);
    let nodes = nodes(trace);
    groups.extend(services.iter().filter_map(|own| own.group(trace, folded, &nodes)));
    groups.extend(workloads::groups(trace, &services));
    groups.retain(|group| !group.lanes.is_empty());
    let moments = moments(trace, &groups);
    let mut summary = summary(&pods);
    for (sent, lost) in services.iter().map(Service::counted) {
        summary.requests = (summary.requests.0 + sent, summary.requests.1 + lost);
    }
    Timeline { horizon: trace.horizon(), groups, moments, summary }
}

/// Adds to each Pod that stands open how Services know it.
fn behind_services(
    trace: &Trace,
    services: &[Service<'_>],
    pods: &[(&History, PodLife)],
    groups: &mut [Group],
) {
    if services.is_empty() {
        return;
    }
    let nodes = nodes(trace);
    for group in groups.iter_mut().filter(|group| group.kind == GroupKind::Pod) {
        let Some((history, life)) = pods.iter().find(|(own, _)| *own.uid == *group.uid) else {
            continue;
        };
        let mut ips: Vec<&str> =
            life.versions.iter().map(|version| version.pod.status.pod_ip.as_str()).collect();
        ips.dedup();
        ips.retain(|ip| !ip.is_empty());
        let target = Target { namespace: &history.namespace, name: &history.name, ips };
        for service in services {
            group.lanes.extend(service.lanes_of(&target, &nodes));
        }
    }
}

fn by_container(trace: &Trace) -> ByContainer<'_> {
    let mut map = ByContainer::new();
    for (index, entry) in trace.entries().iter().enumerate() {
        if let Some(container) = &entry.subject.container {
            let id = EntryId(u32::try_from(index).unwrap_or(u32::MAX));
            map.entry((entry.subject.uid.clone(), container.clone()))
                .or_default()
                .push((id, entry));
        }
    }
    map
}

fn entries_of(trace: &Trace) -> impl Iterator<Item = (EntryId, &Entry)> {
    (0..).map(EntryId).zip(trace.entries())
}

/// Lane You: what you typed, without `kubectl`.
fn you(trace: &Trace) -> Group {
    let mut lane = lane(LaneKind::Actions, "", Note::Actions);
    for (id, entry) in entries_of(trace) {
        let Change::Acted { command, exit, .. } = &entry.change else { continue };
        let shape = match (*exit, is_look(command)) {
            (0, false) => Shape::Act,
            (0, true) => Shape::Look,
            _ => Shape::Refused,
        };
        lane.marks.push(Mark {
            at: entry.at,
            shape,
            label: Label::Words(command_words(command)),
            entry: id,
        });
    }
    let lanes = if lane.marks.is_empty() { Vec::new() } else { vec![lane] };
    Group { kind: GroupKind::You, name: String::new(), uid: String::new(), lanes }
}

/// Whether a command only reads.
pub fn is_look(command: &str) -> bool {
    let verb = command.split_whitespace().find(|word| *word != "kubectl").unwrap_or_default();
    matches!(verb, "get" | "describe" | "logs" | "top" | "events" | "explain" | "version")
}

/// `delete pod web-0 --now`, `delete pod web-0`, `delete`.
fn command_words(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "kubectl").collect();
    let bare: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let verb = words.first().copied().unwrap_or_default().to_owned();
    if verb == "apply" {
        return vec![verb];
    }
    let mut forms = vec![words.join(" "), bare.join(" "), verb];
    forms.dedup();
    forms
}

/// What Deployments and ReplicaSets did; nothing where only the Pods themselves were applied.
fn control_plane(trace: &Trace) -> Option<Group> {
    let mut lane = lane(LaneKind::Controllers, "", Note::None);
    // Pods that are made or unmade in one go are one mark.
    let mut go: Option<(String, Instant, usize)> = None;
    let mut done: Map<Name, bool> = Map::new();
    for (id, entry) in entries_of(trace) {
        if let Change::Scaling(scaling) = &entry.change
            && scaling.desired != scaling.current
        {
            let name = format!("hpa/{} → {}", entry.subject.name, scaling.desired);
            let words = vec![name, format!("→ {}", scaling.desired)];
            let (at, shape) = (entry.at, Shape::Decision);
            lane.marks.push(Mark { at, shape, label: Label::Words(words), entry: id });
            go = None;
        }
        let Change::Stored { verb, object } = &entry.change else { continue };
        if let (Verb::Updated, Object::Deployment(deployment)) = (verb, object)
            && gave_up(trace, id, deployment)
        {
            let reason = "ProgressDeadlineExceeded";
            let words = vec![format!("{}: {reason}", deployment.metadata.name), reason.to_owned()];
            let (at, shape) = (entry.at, Shape::Stuck);
            lane.marks.push(Mark { at, shape, label: Label::Words(words), entry: id });
            go = None;
            continue;
        }
        let words = match (entry.actor, verb, object) {
            (Actor::DeploymentController, Verb::Created, Object::ReplicaSet(set)) => {
                vec![format!("+ {}", set.metadata.name), "+ ReplicaSet".to_owned()]
            }
            (Actor::DeploymentController, Verb::Updated, Object::ReplicaSet(set)) => {
                match scaled(trace, id, object) {
                    Some(replicas) => {
                        vec![format!("{} → {replicas}", set.metadata.name), format!("→ {replicas}")]
                    }
                    None => continue,
                }
            }
            (
                Actor::ReplicaSetController
                | Actor::ReplicationController
                | Actor::StatefulSetController
                | Actor::DaemonSetController
                | Actor::JobController,
                _,
                Object::Pod(pod),
            ) => {
                let sign = if *verb == Verb::Created { '+' } else { '−' };
                // A Job's controller also takes its finalizer from Pods that it never unmade.
                let unmade = *verb == Verb::Created || pod.is_terminating();
                if !unmade || sign == '−' && done.insert(entry.subject.uid.clone(), true).is_some()
                {
                    continue;
                }
                let key = format!("{sign} {}", owner(pod));
                let count = match &go {
                    // A StatefulSet goes one by one, and that is what there is to see.
                    Some(_) if entry.actor == Actor::StatefulSetController => 1,
                    Some((k, at, count)) if *k == key && entry.at.since(*at) < ONE_GO => count + 1,
                    _ => 1,
                };
                if count > 1 {
                    lane.marks.pop();
                }
                let at = go.filter(|_| count > 1).map_or(entry.at, |(_, at, _)| at);
                go = Some((key, at, count));
                match count {
                    1 => vec![format!("{sign} {}", pod.metadata.name), format!("{sign} Pod")],
                    n => vec![format!("{sign} {n} Pods")],
                }
            }
            (Actor::CronJobController, Verb::Created, Object::Job(job)) => {
                vec![format!("+ {}", job.metadata.name), "+ Job".to_owned()]
            }
            (Actor::JobController, Verb::Updated, Object::Job(job)) => {
                let decided = job.status.conditions.iter().find(|own| own.status == "True");
                let Some(own) = decided.filter(|own| own.kind != "Suspended") else { continue };
                if done.insert(entry.subject.uid.clone(), true).is_some() {
                    continue;
                }
                let end = if own.kind.starts_with("Fail") { "Failed" } else { "Complete" };
                let reason = own.reason.clone();
                vec![format!("{}: {reason}", job.metadata.name), reason, end.to_owned()]
            }
            _ => continue,
        };
        let at = match (&go, object) {
            (Some((_, at, count)), Object::Pod(_)) if *count > 1 => *at,
            _ => entry.at,
        };
        lane.marks.push(Mark { at, shape: Shape::Decision, label: Label::Words(words), entry: id });
    }
    let lanes = vec![lane];
    (!lanes[0].marks.is_empty()).then(|| Group {
        kind: GroupKind::ControlPlane,
        name: String::new(),
        uid: String::new(),
        lanes,
    })
}

/// Whether this version of a Deployment is the first to say that its rollout is stuck.
fn gave_up(trace: &Trace, id: EntryId, deployment: &Deployment) -> bool {
    let stuck = |deployment: &Deployment| {
        deployment
            .status
            .conditions
            .iter()
            .any(|condition| condition.reason == "ProgressDeadlineExceeded")
    };
    let before = || {
        let history = trace.histories().iter().find(|h| *h.uid == *deployment.metadata.uid)?;
        let place = history.versions.iter().position(|version| *version == id)?;
        match &trace.entry(*history.versions.get(place.checked_sub(1)?)?)?.change {
            Change::Stored { object: Object::Deployment(old), .. } => Some(stuck(old)),
            _ => None,
        }
    };
    stuck(deployment) && before() == Some(false)
}

/// The new number of replicas, when this version of a ReplicaSet changed it.
fn scaled(trace: &Trace, id: EntryId, object: &Object) -> Option<i32> {
    let Object::ReplicaSet(set) = object else { return None };
    let history = trace.histories().iter().find(|h| *h.uid == *set.metadata.uid)?;
    let place = history.versions.iter().position(|version| *version == id)?;
    let before = trace.entry(*history.versions.get(place.checked_sub(1)?)?)?;
    match &before.change {
        Change::Stored { object: Object::ReplicaSet(old), .. }
            if old.spec.replicas != set.spec.replicas =>
        {
            set.spec.replicas
        }
        _ => None,
    }
}

/// Under which UID the kubelet runs a Pod: a static Pod has another than its mirror in the API.
fn running_uid(history: &History, life: &PodLife) -> Name {
    mirrored(life).map_or_else(|| history.uid.clone(), |uid| uid.as_str().into())
}

/// The UID of the static Pod that a Pod mirrors.
fn mirrored(life: &PodLife) -> Option<&String> {
    life.versions.first()?.pod.metadata.annotations.get(MIRROR)
}

fn container_lanes(
    trace: &Trace,
    life: &PodLife,
    uid: &Name,
    entries: &ByContainer<'_>,
) -> Vec<Lane> {
    let Some(version) = life.versions.first() else { return Vec::new() };
    let spec = &version.pod.spec;
    let inits = spec.init_containers.iter().map(|container| {
        (container, if container.is_sidecar() { Role::Sidecar } else { Role::Init })
    });
    let apps = spec.containers.iter().map(|container| (container, Role::App));
    // These come while the Pod lives, and none of them goes before it.
    let last = life.versions.last().map(|version| &version.pod.spec);
    let added = last.iter().flat_map(|spec| &spec.ephemeral_containers);
    let added = added.map(|container| (container, Role::Ephemeral));
    let mut lanes = Vec::new();
    for (spec, role) in inits.chain(apps).chain(added) {
        let key = (uid.clone(), spec.name.as_str().into());
        let entries = entries.get(&key).map_or(&[][..], Vec::as_slice);
        let source = Source { spec, role, pod: life, entries, horizon: trace.horizon() };
        lanes.extend(source.lanes());
    }
    lanes
}

fn pod_group(history: &History, life: &PodLife, containers: Vec<Lane>) -> Group {
    let mut lanes = vec![status_lane(&history.name, life, LaneKind::Status), phase_lane(life)];
    lanes.extend(containers);
    Group {
        kind: GroupKind::Pod,
        name: history.name.to_string(),
        uid: history.uid.to_string(),
        lanes,
    }
}

/// A line a Pod, those of one owner together.
fn folded(open: Vec<Group>, pods: &[(&History, PodLife)], options: &TimelineOptions) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (group, (history, life)) in open.into_iter().zip(pods) {
        if options.open.contains(&group.uid) {
            groups.push(group);
            continue;
        }
        let owner = life.versions.first().map(|version| owner(&version.pod)).unwrap_or_default();
        let line = Lane {
            name: history.name.to_string(),
            ..status_lane(&history.name, life, LaneKind::PodLine)
        };
        match groups.iter_mut().find(|g| g.kind == GroupKind::Pods && g.name == owner) {
            Some(known) => known.lanes.push(line),
            None => groups.push(Group {
                kind: GroupKind::Pods,
                name: owner,
                uid: String::new(),
                lanes: vec![line],
            }),
        }
    }
    groups
}

fn owner(pod: &Pod) -> String {
    pod.metadata
        .owner_references
        .iter()
        .find(|o| o.controller)
        .map_or(String::new(), |o| o.name.clone())
}

fn lane(kind: LaneKind, name: &str, note: Note) -> Lane {
    Lane { kind, name: name.to_owned(), note, pieces: Vec::new(), marks: Vec::new() }
}

/// Beginnings, ends and marks; not the windows that merely pass, nor a probe that goes on as
/// before.
fn moments(trace: &Trace, groups: &[Group]) -> Vec<Instant> {
    let mut moments = vec![Instant::ZERO];
    for lane in groups.iter().flat_map(|group| &group.lanes) {
        for piece in &lane.pieces {
            moments.push(piece.from);
            match piece.state {
                // What is measured over and over is no news.
                State::Figure(Figure::Cpu { .. }) => {
                    moments.pop();
                }
                State::BackoffWindow { .. } | State::Grace { .. } => {}
                _ if piece.to < trace.horizon() => moments.push(piece.to),
                _ => {}
            }
        }
        let mut last = None;
        for mark in &lane.marks {
            let again = match mark.shape {
                Shape::Probe { outcome, decides } => {
                    let again = last == Some(outcome) && !decides;
                    last = Some(outcome);
                    again
                        && matches!(
                            outcome,
                            ProbeOutcome::Success | ProbeOutcome::Warning | ProbeOutcome::Held
                        )
                }
                Shape::Signal { ghost, .. } => ghost,
                Shape::Act
                | Shape::Look
                | Shape::Refused
                | Shape::Stuck
                | Shape::Decision
                | Shape::Exit { .. }
                | Shape::PullFailed
                | Shape::Endpoint { .. }
                | Shape::Unlearned { .. }
                | Shape::Judged { .. } => false,
            };
            if !again {
                moments.push(mark.at);
            }
        }
    }
    crate::order::sort(&mut moments);
    moments.dedup();
    moments.retain(|at| *at <= trace.horizon());
    moments
}

fn summary(pods: &[(&History, PodLife)]) -> Summary {
    let first_ready = |life: &PodLife| {
        life.versions.iter().find(|v| v.pod.status.is_true("Ready")).map(|v| v.from)
    };
    let alive: Vec<&PodLife> = pods.iter().map(|(_, life)| life).collect();
    let standing: Vec<&&PodLife> = alive.iter().filter(|life| life.removed.is_none()).collect();
    let asked = if standing.is_empty() { alive.iter().collect() } else { standing.clone() };
    let ready: Option<Vec<Instant>> = asked.iter().map(|life| first_ready(life)).collect();
    let restarts = alive
        .iter()
        .filter_map(|life| life.versions.last())
        .map(|version| i64::from(super::pod_lanes::row(&version.pod).restarts))
        .sum();
    let last_status = alive
        .first()
        .and_then(|life| life.versions.last())
        .map_or(String::new(), |version| super::pod_lanes::row(&version.pod).status);
    let gone_at = if standing.is_empty() {
        alive.iter().filter_map(|life| life.removed.map(|(at, _)| at)).max()
    } else {
        None
    };
    Summary {
        pods: pods.len(),
        ready_at: ready.and_then(|moments| moments.into_iter().max()),
        restarts,
        last_status,
        gone_at,
        requests: (0, 0),
    }
}
