//! A Pod's STATUS as kubectl prints it, and its phase.

use std::rc::Rc;

use super::{Label, Lane, LaneKind, Note, Piece, State};
use crate::manifest::Object;
use crate::manifest::pod::{ContainerStatus, Pod};
use crate::time::Instant;
use crate::trace::{Change, EntryId, History, Trace, Verb};

/// One version of a Pod, and until when it was the last one.
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

/// A row of `kubectl get pods`, as far as the picture needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub ready: (usize, usize),
    pub status: String,
    pub restarts: i32,
}

/// Models kubectl's pkg/printers/internalversion/printers.go printPod.
pub(super) fn row(pod: &Pod) -> Row {
    let status = &pod.status;
    let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar()).count();
    let total = pod.spec.containers.len() + sidecars;
    let mut row = Row { ready: (0, total), status: status.phase.clone(), restarts: 0 };
    if !status.reason.is_empty() {
        row.status.clone_from(&status.reason);
    }
    if status.condition("PodScheduled").is_some_and(|c| c.reason == "SchedulingGated") {
        row.status = "SchedulingGated".to_owned();
    }
    let initializing = init_row(pod, &mut row);
    if !initializing || status.is_true("Initialized") {
        container_row(pod, &mut row);
    }
    if pod.is_terminating() {
        if status.reason == "NodeLost" {
            row.status = "Unknown".to_owned();
        } else if !pod.is_terminal() {
            row.status = "Terminating".to_owned();
        }
    }
    row
}

fn init_row(pod: &Pod, row: &mut Row) -> bool {
    for (index, status) in pod.status.init_container_statuses.iter().enumerate() {
        let sidecar = pod.spec.container(&status.name).is_some_and(|c| c.is_sidecar());
        row.restarts += status.restart_count;
        let ended = status.state.terminated.as_ref();
        if ended.is_some_and(|ended| ended.exit_code == 0) {
            continue;
        }
        if sidecar && status.started == Some(true) {
            row.ready.0 += usize::from(status.ready);
            continue;
        }
        row.status = match (ended, &status.state.waiting) {
            (Some(ended), _) => {
                format!("Init:{}", exit_words(&ended.reason, ended.signal, ended.exit_code))
            }
            (None, Some(w)) if !w.reason.is_empty() && w.reason != "PodInitializing" => {
                format!("Init:{}", w.reason)
            }
            (None, _) => format!("Init:{index}/{}", pod.spec.init_containers.len()),
        };
        return true;
    }
    false
}

fn container_row(pod: &Pod, row: &mut Row) {
    row.restarts = pod
        .status
        .init_container_statuses
        .iter()
        .filter(|s| pod.spec.container(&s.name).is_some_and(|c| c.is_sidecar()))
        .map(|s| s.restart_count)
        .sum();
    let mut has_running = false;
    for status in pod.status.container_statuses.iter().rev() {
        row.restarts += status.restart_count;
        let state = &status.state;
        if let Some(waiting) = state.waiting.as_ref().filter(|w| !w.reason.is_empty()) {
            row.status.clone_from(&waiting.reason);
        } else if let Some(ended) = &state.terminated {
            row.status = exit_words(&ended.reason, ended.signal, ended.exit_code);
        } else if status.ready && state.running.is_some() {
            has_running = true;
            row.ready.0 += 1;
        }
    }
    if row.status == "Completed" && has_running {
        let ready = pod.status.is_true("Ready");
        row.status = if ready { "Running" } else { "NotReady" }.to_owned();
    }
}

fn exit_words(reason: &str, signal: i32, code: i32) -> String {
    match (reason, signal) {
        ("", 0) => format!("ExitCode:{code}"),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

/// The picture's state of a Pod that kubectl prints like this.
fn state(pod: &Pod, row: &Row) -> State {
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
    } else if row.ready.0 == row.ready.1 && row.ready.1 > 0 {
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

/// The longest form first: `Running 0/1 ↻ 2`, `0/1 ↻ 2`, `↻ 2`.
fn words(row: &Row, state: State, before: Option<&Row>) -> Vec<String> {
    let (ready, total) = row.ready;
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
    let mut last: Option<(Row, State)> = None;
    for version in &life.versions {
        let row = row(&version.pod);
        let state = state(&version.pod, &row);
        let same = last.as_ref().is_some_and(|(r, s)| *r == row && *s == state);
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
