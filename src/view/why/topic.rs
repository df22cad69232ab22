//! What is asked at a moment, and the entry that answers it.
//!
//! Owns: the choice among Pods, Jobs and what an autoscaler looks at. Does not own: the chain of
//! causes behind the entry (`why`).

use std::cmp::Reverse;
use std::rc::Rc;

use super::{About, Question, told};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::Job;
use crate::map::Map;
use crate::time::Instant;
use crate::trace::{Change, EntryId, History, State, Trace};
use crate::view::kubectl::columns::job_status;
use crate::view::kubectl::pod_row::print_pod;
use crate::view::story::{Line, What};
use crate::view::timeline::is_look;

/// The told entries, by where they stand in the trace.
type ByEntry<'l> = Map<EntryId, &'l Line>;

/// What is asked at a moment, and the newest entry that says something about it.
pub(super) fn topic(
    trace: &Trace,
    lines: &[Line],
    by_entry: &ByEntry<'_>,
    at: Instant,
    about: About,
) -> (Question, Option<EntryId>) {
    let state = trace.state_at(at);
    let scaled = match about {
        About::Replicas => replicas(trace, &state, lines, by_entry),
        About::Pods => None,
    };
    scaled.or_else(|| of_job(&state, lines)).unwrap_or_else(|| {
        let question = of_pods(trace, &state);
        let newest = newest(trace, lines, by_entry, at, &question);
        (question, newest)
    })
}

/// How many an autoscaler's target wants, and what decided it.
fn replicas(
    trace: &Trace,
    state: &State<'_>,
    lines: &[Line],
    by_entry: &ByEntry<'_>,
) -> Option<(Question, Option<EntryId>)> {
    let scaler = state.objects.iter().find_map(|object| match object {
        Object::HorizontalPodAutoscaler(scaler) => Some(scaler),
        _ => None,
    })?;
    let target = &scaler.spec.scale_target_ref;
    let history = trace.histories().iter().find(|history| {
        *history.kind == *target.kind
            && *history.name == *target.name
            && *history.namespace == *scaler.metadata.namespace
    })?;
    let (set, replicas) = last_set(trace, history, state.at)?;
    let look = lines.iter().rfind(|line| {
        line.at <= state.at
            && line.pod == scaler.metadata.name
            && matches!(line.what, What::Scaling(_))
    });
    let set = told(trace, set, by_entry).map(|line| line.entry);
    let newest = set.max(look.map(|line| line.entry));
    Some((Question::Replicas { name: target.name.clone(), replicas }, newest))
}

/// The version that last changed how many are wanted, and how many those are.
fn last_set(trace: &Trace, history: &History, at: Instant) -> Option<(EntryId, i32)> {
    let mut last: Option<(EntryId, i32)> = None;
    for id in &history.versions {
        let Some(entry) = trace.entry(*id).filter(|entry| entry.at <= at) else { break };
        let Change::Stored { object, .. } = &entry.change else { continue };
        let replicas = match object {
            Object::Deployment(own) => own.spec.replicas,
            Object::StatefulSet(own) => own.spec.replicas,
            Object::ReplicaSet(own) => own.spec.replicas,
            _ => None,
        };
        let replicas = replicas.unwrap_or(1);
        if last.is_none_or(|(_, before)| before != replicas) {
            last = Some((*id, replicas));
        }
    }
    last
}

/// A Job that has ended, unless a Pod of something else needs to be asked about.
fn of_job(state: &State<'_>, lines: &[Line]) -> Option<(Question, Option<EntryId>)> {
    let line = lines
        .iter()
        .rfind(|line| line.at <= state.at && matches!(line.what, What::JobDecided { .. }))?;
    let job: &Rc<Job> = state.objects.iter().find_map(|object| match object {
        Object::Job(job) if job.metadata.name == line.pod => Some(job),
        _ => None,
    })?;
    let chosen = state.pods().min_by_key(|pod| calm(pod));
    let own = chosen.is_none_or(|pod| {
        pod.metadata.owner_references.iter().any(|owner| owner.uid == job.metadata.uid)
    });
    let status = job_status(job);
    own.then(|| (Question::Job { job: line.pod.clone(), status }, Some(line.entry)))
}

fn of_pods(trace: &Trace, state: &State<'_>) -> Question {
    let pods = || trace.histories().iter().filter(|history| &*history.kind == "Pod");
    // The last of those that are alike: what was made last is what happens now.
    let alive = state.pods().enumerate().min_by_key(|(place, pod)| (calm(pod), Reverse(*place)));
    if let Some((_, pod)) = alive {
        let row = print_pod(pod, state.at);
        let readiness = row.ready();
        return Question::Status { pod: row.name, status: row.status, readiness };
    }
    let begun = |history: &&History| {
        let first = history.versions.first().and_then(|id| trace.entry(*id));
        first.is_some_and(|entry| entry.at <= state.at)
    };
    pods()
        .find(begun)
        .map_or(Question::Nothing, |history| Question::Gone { pod: history.name.to_string() })
}

/// How Services and nodes learn of a Pod.
const fn is_of_network(what: &What) -> bool {
    matches!(
        what,
        What::EndpointReady { .. }
            | What::EndpointUnready { .. }
            | What::EndpointGone { .. }
            | What::Unrouted { .. }
    )
}

/// Pods in trouble are asked about first.
fn calm(pod: &Pod) -> u8 {
    // Whose containers are all ready is in no trouble, and most are.
    if pod.status.is_true("Ready") && !pod.is_terminating() {
        return 3;
    }
    if pod.status.phase == "Succeeded" && !pod.is_terminating() {
        return 4;
    }
    let row = print_pod(pod, Instant::ZERO);
    if row.status.contains("BackOff") || row.status.contains("Err") {
        0
    } else if pod.is_terminating() {
        1
    } else {
        2
    }
}

/// The newest entry until the moment about what is asked. What you did counts where it reached the
/// Pod, or where nothing is known of the Pod yet; looking changes nothing.
fn newest(
    trace: &Trace,
    lines: &[Line],
    by_entry: &ByEntry<'_>,
    at: Instant,
    question: &Question,
) -> Option<EntryId> {
    let until = || lines.iter().filter(|line| line.at <= at);
    let acts = |line: &&Line| match &line.what {
        What::Acted { command, ok, .. } => *ok && !is_look(command),
        _ => true,
    };
    let (Question::Status { pod, .. } | Question::Gone { pod }) = question else {
        return until().rfind(acts).map(|line| line.entry);
    };
    // The word that kubectl prints is explained by the entry that brought it. How the network
    // learns of the Pod explains no word.
    let word = match question {
        Question::Status { status, .. } => status.as_str(),
        _ => "",
    };
    let said = until().rfind(|line| {
        let brought = matches!(&line.what, What::CannotStart { reason, .. } if reason == word);
        brought && line.pod == *pod
    });
    if let Some(line) = said {
        return Some(line.entry);
    }
    let own = until().rfind(|line| line.pod == *pod && !is_of_network(&line.what));
    let own = own.map(|line| line.entry);
    let mut histories = trace.histories().iter().rev();
    let history = histories.find(|own| &*own.kind == "Pod" && *own.name == **pod);
    let version = history.and_then(|history| {
        let before = |id: &&EntryId| trace.entry(**id).is_some_and(|entry| entry.at <= at);
        history.versions.iter().rfind(before)
    });
    let reached = version.and_then(|id| told(trace, *id, by_entry)).map(|line| line.entry);
    own.max(reached).or_else(|| until().rfind(acts).map(|line| line.entry))
}
