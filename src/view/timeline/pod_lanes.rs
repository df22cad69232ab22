//! A Pod's STATUS as kubectl prints it, and its phase.

use std::rc::Rc;

use super::{Label, Lane, LaneKind, Note, Piece, State};
use crate::manifest::Object;
use crate::manifest::pod::{ContainerStatus, Pod};
use crate::time::Instant;
use crate::trace::{Change, EntryId, History, Trace, Verb};
use crate::view::kubectl::pod_row::{PodRow, print_pod};

/// One version of a Pod, and until when it was the last one.
#[derive(Clone)]
pub(super) struct Version {
    pub from: Instant,
    pub to: Instant,
    pub entry: EntryId,
    pub pod: Rc<Pod>,
}

/// The versions of a Pod, and when it was removed.
pub(super) struct PodLife {
    pub versions: Vec<Version>,
    pub removed: Option<(Instant, EntryId)>,
}

impl PodLife {
    pub fn new(trace: &Trace, history: &History) -> Self {
        let mut life = Self { versions: Vec::new(), removed: None };
        for id in &history.versions {
            let Some(entry) = trace.entry(*id) else { continue };
            let Change::Stored { verb, object: Object::Pod(pod) } = &entry.change else { continue };
            if let Some(last) = life.versions.last_mut() {
                last.to = entry.at;
            }
            match verb {
                Verb::Deleted => life.removed = Some((entry.at, *id)),
                Verb::Created | Verb::Updated => life.versions.push(Version {
                    from: entry.at,
                    to: trace.horizon(),
                    entry: *id,
                    pod: pod.clone(),
                }),
            }
        }
        life
    }

    /// What a kubelet runs under one mirror after another: it does not heed their deletion.
    pub fn of_mirrors(mirrors: &[&Self]) -> Self {
        let all = mirrors.iter().flat_map(|life| &life.versions);
        let mut versions: Vec<Version> =
            all.filter(|version| !version.pod.is_terminating()).cloned().collect();
        let next: Vec<Instant> = versions.iter().skip(1).map(|version| version.from).collect();
        for (version, next) in versions.iter_mut().zip(next) {
            version.to = next;
        }
        Self { versions, removed: mirrors.last().and_then(|life| life.removed) }
    }

    /// When the Pod was created.
    pub fn created(&self) -> Option<(Instant, EntryId)> {
        self.versions.first().map(|version| (version.from, version.entry))
    }

    /// When the Pod was removed, or the horizon.
    pub fn end(&self) -> Instant {
        self.versions.last().map_or(Instant::ZERO, |version| version.to)
    }

    /// When the deletion began.
    pub fn deleted(&self) -> Option<Instant> {
        self.versions.iter().find(|v| v.pod.is_terminating()).map(|v| v.from)
    }
}

/// How `kubectl get pods` prints a Pod, without what its age adds.
pub(super) fn row(pod: &Pod) -> PodRow {
    let mut row = print_pod(pod, Instant::ZERO);
    // Ages change by themselves; a version of a Pod does not.
    row.age.clear();
    row.restarts_text.clear();
    row
}

/// The picture's state of a Pod that kubectl prints like this.
fn state(pod: &Pod, row: &PodRow) -> State {
    let statuses =
        || pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    let ended_badly =
        |s: &ContainerStatus| s.state.terminated.as_ref().is_some_and(|t| t.exit_code != 0);
    if pod.status.phase == "Failed" {
        State::Failed
    } else if pod.status.phase == "Succeeded" {
        State::Completed
    } else if pod.is_terminating() {
        State::Terminating
    } else if row.status.ends_with("BackOff") {
        State::BackOff
    } else if row.total_containers > 0 && row.ready_containers == row.total_containers {
        State::Ready
    } else if row.status != "Running" && statuses().any(ended_badly) {
        State::Failed
    } else if row.status == "Completed" {
        State::Completed
    } else if statuses().any(|status| status.state.running.is_some()) {
        State::Running
    } else {
        State::Waiting
    }
}

/// Whether two rows look the same in the picture: addresses and nodes are no part of it.
fn same_row(a: &PodRow, b: &PodRow) -> bool {
    (&a.status, a.ready_containers, a.total_containers, a.restarts)
        == (&b.status, b.ready_containers, b.total_containers, b.restarts)
}

/// The longest form first: `Running 0/1 ↻ 2`, `0/1 ↻ 2`, `↻ 2`.
fn words(row: &PodRow, state: State, before: Option<&PodRow>) -> Vec<String> {
    let (ready, total) = (row.ready_containers, row.total_containers);
    let again = if row.restarts > 0 { format!(" ↻ {}", row.restarts) } else { String::new() };
    match state {
        State::Running | State::Ready if row.status == "Running" => {
            let full = format!("Running {ready}/{total}{again}");
            let short = format!("{ready}/{total}{again}");
            let mut words = vec![full, short, again.trim().to_owned()];
            if before.is_some_and(|before| before.restarts < row.restarts) {
                words.remove(0);
            }
            words.retain(|word| !word.is_empty());
            words
        }
        State::Running | State::Ready if ready > 0 => {
            vec![format!("{} {ready}/{total}", row.status), row.status.clone()]
        }
        _ => vec![row.status.clone()],
    }
}

/// The lane STATUS; pieces that look the same are one.
pub(super) fn status_lane(name: &str, life: &PodLife, kind: LaneKind) -> Lane {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last: Option<(PodRow, State)> = None;
    for version in &life.versions {
        let row = row(&version.pod);
        let state = state(&version.pod, &row);
        let same = last.as_ref().is_some_and(|(r, s)| same_row(r, &row) && *s == state);
        match pieces.last_mut() {
            Some(piece) if same => piece.to = version.to,
            _ => pieces.push(Piece {
                from: version.from,
                to: version.to,
                state,
                label: Label::Words(words(&row, state, last.as_ref().map(|(row, _)| row))),
                entry: version.entry,
            }),
        }
        last = Some((row, state));
    }
    pieces.retain(|piece| piece.to > piece.from);
    Lane { kind, name: name.to_owned(), note: Note::Status, pieces, marks: Vec::new() }
}

/// The lane phase.
pub(super) fn phase_lane(life: &PodLife) -> Lane {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last = "";
    for version in &life.versions {
        let phase = version.pod.status.phase.as_str();
        match pieces.last_mut() {
            Some(piece) if last == phase => piece.to = version.to,
            _ => pieces.push(Piece {
                from: version.from,
                to: version.to,
                state: State::Phase,
                label: Label::Words(vec![phase.to_owned()]),
                entry: version.entry,
            }),
        }
        last = phase;
    }
    pieces.retain(|piece| piece.to > piece.from);
    Lane {
        kind: LaneKind::Phase,
        name: "phase".to_owned(),
        note: Note::None,
        pieces,
        marks: Vec::new(),
    }
}
