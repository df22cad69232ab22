//! A container's lanes: its lives, and the rows below it.

use super::pod_lanes::{PodLife, Version};
use super::{Label, Lane, LaneKind, Mark, Note, Piece, Role, Shape, State};
use crate::manifest::pod::{Container, ContainerStatus};
use crate::manifest::probe::{LifecycleHandler, Probe};
use crate::time::{Duration, Instant};
use crate::trace::{Change, Entry, EntryId, HookKind, ProbeKind, ProbeOutcome, PullStep};

/// A container that takes longer than this to end gets a row for its grace period.
const GRACE_MATTERS: Duration = Duration::from_secs(1);

/// A Pod that finds a node within this time did not wait for one. Invented.
const PLACED_AT_ONCE: Duration = Duration::from_secs(1);

/// Back-off windows stand on so many levels at most.
const LEVELS: u8 = 3;

/// All that is known of a container.
pub(super) struct Source<'t> {
    pub spec: &'t Container,
    pub role: Role,
    pub pod: &'t PodLife,
    /// The entries about it, in order.
    pub entries: &'t [(EntryId, &'t Entry)],
    pub horizon: Instant,
}

/// One process from its start to its end.
struct Life {
    start: (Instant, EntryId),
    end: Option<(Instant, EntryId)>,
    code: i32,
    reason: String,
    /// When its end began: with the grace period, before any hook or signal.
    leaving: Option<(Instant, EntryId)>,
}

impl<'t> Source<'t> {
    /// The container's lane and those rows below it that have content.
    pub fn lanes(&self) -> Vec<Lane> {
        let lives = self.lives();
        let mut lanes = vec![self.container_lane(&lives)];
        lanes.extend(self.pull_lane());
        for kind in [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness] {
            lanes.extend(self.probe_lane(kind));
        }
        lanes.extend(self.hook_lane());
        lanes.extend(self.grace_lane());
        lanes.extend(self.backoff_lane());
        lanes
    }

    fn lives(&self) -> Vec<Life> {
        let mut lives: Vec<Life> = Vec::new();
        for (id, entry) in self.entries {
            let open = lives.last_mut().filter(|life| life.end.is_none());
            match &entry.change {
                Change::ContainerStarted { .. } => lives.push(Life {
                    start: (entry.at, *id),
                    end: None,
                    code: 0,
                    reason: String::new(),
                    leaving: None,
                }),
                Change::ContainerExited { code, reason, .. } => {
                    // A command that could not be started ends without having begun.
                    let end = Some((entry.at, *id));
                    let reason = reason.to_string();
                    match open {
                        Some(life) => (life.end, life.code, life.reason) = (end, *code, reason),
                        None => lives.push(Life {
                            start: (entry.at, *id),
                            end,
                            code: *code,
                            reason,
                            leaving: None,
                        }),
                    }
                }
                Change::Stopping { .. } | Change::Signal { .. } => {
                    if let Some(life) = open.filter(|life| life.leaving.is_none()) {
                        life.leaving = Some((entry.at, *id));
                    }
                }
                Change::Acted { .. }
                | Change::Stored { .. }
                | Change::Volume { .. }
                | Change::Sandbox(_)
                | Change::Manifest { .. }
                | Change::Pull { .. }
                | Change::ContainerCreated { .. }
                | Change::Backoff { .. }
                | Change::Process { .. }
                | Change::Output { .. }
                | Change::Probe { .. }
                | Change::Quiet(_)
                | Change::Hook { .. }
                | Change::Decided { .. }
                | Change::Scaling(_)
                | Change::Routed { .. }
                | Change::Requests(_)
                | Change::Limit { .. } => {}
            }
        }
        lives
    }

    fn status(&self, version: &'t Version) -> Option<&'t ContainerStatus> {
        let status = &version.pod.status;
        status
            .init_container_statuses
            .iter()
            .chain(&status.container_statuses)
            .chain(&status.ephemeral_container_statuses)
            .find(|status| status.name == self.spec.name)
    }

    fn container_lane(&self, lives: &[Life]) -> Lane {
        let mut pieces = Vec::new();
        let mut since = self.pod.created().map(|(at, _)| at).unwrap_or_default();
        let mut previous: Option<&Life> = None;
        for (index, life) in lives.iter().enumerate() {
            self.push_gap(&mut pieces, since, life.start.0, previous);
            let number = (lives.len() > 1).then(|| i32::try_from(index + 1).unwrap_or(i32::MAX));
            self.push_life(&mut pieces, life, number);
            since = life.end.map_or(self.horizon, |(at, _)| at);
            previous = Some(life);
        }
        self.push_gap(&mut pieces, since, self.pod.end(), previous);
        Lane {
            kind: LaneKind::Container(self.role),
            name: self.spec.name.clone(),
            note: Note::Role(self.role),
            pieces,
            marks: self.life_marks(lives),
        }
    }

    /// A life: running until the API says ready, ready until its grace begins, then terminating.
    fn push_life(&self, pieces: &mut Vec<Piece>, life: &Life, number: Option<i32>) {
        let end = life.end.map_or(self.pod.end().max(life.start.0), |(at, _)| at);
        let calm = life.leaving.map_or(end, |(at, _)| at);
        let mut cuts: Vec<(Instant, EntryId, State)> =
            vec![(life.start.0, life.start.1, State::Running)];
        for version in self.pod.versions.iter().filter(|v| v.from >= life.start.0 && v.from < calm)
        {
            let Some(status) = self.status(version) else { continue };
            // An init container counts as ready only after its end: that is no state of a process.
            // Of an ephemeral container nobody asks whether it is ready.
            let counts = status.ready && self.role != Role::Init;
            let ready = (counts || self.role == Role::Ephemeral) && status.state.running.is_some();
            let state = if ready { State::Ready } else { State::Running };
            if cuts.last().is_none_or(|(_, _, last)| *last != state) {
                cuts.push((version.from, version.entry, state));
            }
        }
        if let Some((at, entry)) = life.leaving {
            cuts.push((at, entry, State::Terminating));
        }
        for (index, (from, entry, state)) in cuts.iter().enumerate() {
            let to = cuts.get(index + 1).map_or(end, |(at, _, _)| *at);
            if to > *from {
                let label = Label::Life(number);
                pieces.push(Piece { from: *from, to, state: *state, label, entry: *entry });
            }
        }
    }

    /// The time between two lives, or before the first, or after the last.
    fn push_gap(&self, pieces: &mut Vec<Piece>, from: Instant, to: Instant, after: Option<&Life>) {
        if to <= from {
            return;
        }
        let mut seen_at = from;
        if let Some((end, entry)) = after.and_then(|life| life.end)
            && let Some(seen) = self.seen(end).map(|seen| seen.min(to)).filter(|seen| *seen > end)
        {
            let (state, label) = (State::Unseen, Label::None);
            pieces.push(Piece { from, to: seen, state, label, entry });
            seen_at = seen;
        }
        let held = self.entries.iter().find_map(|(id, entry)| match entry.change {
            Change::Backoff { window, blocks: true, .. } if entry.at >= from && entry.at < to => {
                Some((*id, window))
            }
            _ => None,
        });
        if let (Some((entry, window)), Some(_)) = (held, after) {
            let to = self.pod.deleted().map_or(to, |at| at.clamp(seen_at, to));
            pieces.push(Piece {
                from: seen_at,
                to,
                state: State::BackOff,
                label: Label::Backoff(window),
                entry,
            });
            return;
        }
        self.push_waiting(pieces, from, to, after.is_some());
    }

    /// Waiting with the reasons that the API gives.
    fn push_waiting(&self, pieces: &mut Vec<Piece>, from: Instant, to: Instant, again: bool) {
        let first = pieces.len();
        for version in self.pod.versions.iter().filter(|v| v.from < to && v.to > from) {
            let reason = match self.status(version) {
                Some(status) => match &status.state.waiting {
                    Some(waiting) => waiting.reason.as_str(),
                    None => continue,
                },
                None if again => continue,
                None => "",
            };
            let state = if reason.ends_with("BackOff") { State::BackOff } else { State::Waiting };
            let (from, to) = (version.from.max(from), version.to.min(to));
            let label = match reason {
                "" => Label::None,
                reason => Label::Words(vec![reason.to_owned()]),
            };
            match pieces[first..].last_mut() {
                Some(last) if last.label == label && last.to == from => last.to = to,
                // Before the kubelet has spoken there is no reason; the wait is the same, unless
                // it was the scheduler that was waited for.
                Some(last)
                    if last.label == Label::None
                        && last.to == from
                        && last.to.since(last.from) < PLACED_AT_ONCE
                        && state == State::Waiting =>
                {
                    (last.to, last.label) = (to, label);
                }
                _ => pieces.push(Piece { from, to, state, label, entry: version.entry }),
            }
        }
    }

    /// When the API showed that a life had ended; nothing while the Pod is being deleted, because
    /// then the kubelet speaks only when all containers have ended.
    fn seen(&self, end: Instant) -> Option<Instant> {
        if self.pod.deleted().is_some_and(|at| at <= end) {
            return None;
        }
        self.pod
            .versions
            .iter()
            .filter(|version| version.from >= end)
            .find(|version| self.status(version).is_some_and(|s| s.state.running.is_none()))
            .map(|version| version.from)
    }

    fn life_marks(&self, lives: &[Life]) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut named = "";
        for (id, entry) in self.entries {
            if let Change::Signal { signal, ignored } = &entry.change {
                let label = if named == &**signal { Label::None } else { words(signal) };
                named = signal;
                let shape =
                    Shape::Signal { kill: &**signal == "KILL", ghost: false, ignored: *ignored };
                marks.push(Mark { at: entry.at, shape, label, entry: *id });
            }
        }
        for life in lives {
            let Some((at, entry)) = life.end else { continue };
            let short = format!("exit {}", life.code);
            let label = match life.reason.as_str() {
                "OOMKilled" => vec!["OOM".to_owned()],
                "StartError" => vec![format!("{short} StartError"), short],
                _ => vec![short],
            };
            let shape = Shape::Exit { ok: life.code == 0 };
            marks.push(Mark { at, shape, label: Label::Words(label), entry });
        }
        crate::order::sort_by_key(&mut marks, |mark| mark.entry);
        marks
    }

    fn pull_lane(&self) -> Option<Lane> {
        let mut lane = self.row(LaneKind::Pulls, "pull", Note::None);
        let mut open: Option<Piece> = None;
        for (id, entry) in self.entries {
            let Change::Pull { image, step } = &entry.change else { continue };
            match step {
                PullStep::Present | PullStep::Queued => {}
                PullStep::Started { .. } => {
                    open = Some(Piece {
                        from: entry.at,
                        to: self.horizon,
                        state: State::Pull { ok: true },
                        label: Label::Pull { image: image.to_string(), took: None },
                        entry: *id,
                    });
                }
                PullStep::Finished { took, .. } => {
                    if let Some(mut piece) = open.take() {
                        piece.to = entry.at;
                        piece.label = Label::Pull { image: image.to_string(), took: Some(*took) };
                        lane.pieces.push(piece);
                    }
                }
                PullStep::Failed { .. } => {
                    if let Some(mut piece) = open.take() {
                        (piece.to, piece.state) = (entry.at, State::Pull { ok: false });
                        piece.label = Label::None;
                        lane.pieces.push(piece);
                    }
                    let label = if lane.marks.is_empty() { words(image) } else { Label::None };
                    let mark = Mark { at: entry.at, shape: Shape::PullFailed, label, entry: *id };
                    lane.marks.push(mark);
                }
                PullStep::BackedOff { until } => {
                    self.push_pull_backoff(&mut lane, entry.at, *until, *id)
                }
            }
        }
        lane.pieces.extend(open);
        (!lane.pieces.is_empty() || !lane.marks.is_empty()).then_some(lane)
    }

    /// A pull's back-off counts from its failure and is one window however often it is looked at.
    fn push_pull_backoff(&self, lane: &mut Lane, at: Instant, until: Instant, entry: EntryId) {
        let failed = lane.marks.iter().rev().find(|mark| mark.shape == Shape::PullFailed);
        let from = failed.map_or(at, |mark| mark.at);
        let known = lane.pieces.last().is_some_and(|last| {
            matches!(last.state, State::BackoffWindow { .. }) && last.from == from
        });
        if !known && until > from {
            lane.pieces.push(Piece {
                from,
                to: until,
                state: State::BackoffWindow { blocks: true, level: 0 },
                label: Label::Span(rounded(until.since(from))),
                entry,
            });
        }
    }

    fn backoff_lane(&self) -> Option<Lane> {
        let mut lane = self.row(LaneKind::Backoff, "back-off", Note::SinceExit);
        for (id, entry) in self.entries {
            let Change::Backoff { window, from, blocks } = &entry.change else { continue };
            if *window <= Duration::ZERO {
                continue;
            }
            let known =
                lane.pieces.iter_mut().rev().find(|p| p.from == *from && p.to == *from + *window);
            let level = match known {
                Some(piece) => match &mut piece.state {
                    State::BackoffWindow { blocks: held, level } => {
                        *held |= *blocks;
                        *level
                    }
                    _ => 0,
                },
                None => {
                    let level = free_level(&lane.pieces, *from);
                    lane.pieces.push(Piece {
                        from: *from,
                        to: *from + *window,
                        state: State::BackoffWindow { blocks: *blocks, level },
                        label: Label::Span(*window),
                        entry: *id,
                    });
                    level
                }
            };
            if *blocks && entry.at < *from + *window {
                let shape = Shape::Judged { level };
                // Looked at again and again: the first time says it all.
                let again = lane.marks.iter().any(|m| m.at >= *from && m.shape == shape);
                if !again {
                    lane.marks.push(Mark { at: entry.at, shape, label: Label::None, entry: *id });
                }
            }
        }
        (!lane.pieces.is_empty()).then_some(lane)
    }

    fn grace_lane(&self) -> Option<Lane> {
        let mut lane = self.row(LaneKind::Grace, "grace", Note::None);
        for (id, entry) in self.entries {
            let Change::Stopping { grace, .. } = &entry.change else { continue };
            let end = self.entries.iter().find_map(|(other, later)| {
                let exited = matches!(later.change, Change::ContainerExited { .. });
                (other > id && exited).then_some(later.at)
            });
            let used = end.unwrap_or(self.horizon);
            if used.since(entry.at) < GRACE_MATTERS || *grace <= Duration::ZERO {
                continue;
            }
            let due = entry.at + *grace;
            let killed = self.entries.iter().any(|(other, later)| {
                other > id
                    && later.at <= used
                    && matches!(&later.change, Change::Signal { signal, .. } if &**signal == "KILL")
            });
            lane.note = Note::Span(*grace);
            lane.pieces.push(Piece {
                from: entry.at,
                to: due,
                state: State::Grace { used: used.min(due) },
                label: Label::KillDue(due),
                entry: *id,
            });
            let shape = Shape::Signal { kill: true, ghost: !killed, ignored: false };
            lane.marks.push(Mark { at: due, shape, label: Label::None, entry: *id });
        }
        (!lane.pieces.is_empty()).then_some(lane)
    }

    fn probe_lane(&self, kind: ProbeKind) -> Option<Lane> {
        let (name, spec) = match kind {
            ProbeKind::Startup => ("startup", &self.spec.startup_probe),
            ProbeKind::Liveness => ("liveness", &self.spec.liveness_probe),
            ProbeKind::Readiness => ("readiness", &self.spec.readiness_probe),
        };
        let mut lane = self.row(LaneKind::Probe(kind), name, threshold(spec.as_ref()));
        for (id, entry) in self.entries {
            if let Change::Quiet(quiet) = &entry.change
                && quiet.kind == kind
            {
                let shape = Shape::Probe { outcome: ProbeOutcome::Success, decides: false };
                let mark = |at| Mark { at, shape, label: Label::None, entry: *id };
                lane.marks.extend(quiet.answers().map(mark));
            }
            let Change::Probe { kind: of, outcome, count, .. } = &entry.change else { continue };
            if *of != kind {
                continue;
            }
            let failed = matches!(outcome, ProbeOutcome::Failure | ProbeOutcome::Timeout);
            let decides = failed && count.0 == count.1;
            let label = if decides && count.1 > 1 {
                Label::Words(vec![format!("{}/{}", count.0, count.1)])
            } else {
                Label::None
            };
            let shape = Shape::Probe { outcome: *outcome, decides };
            lane.marks.push(Mark { at: entry.at, shape, label, entry: *id });
        }
        (!lane.marks.is_empty()).then_some(lane)
    }

    fn hook_lane(&self) -> Option<Lane> {
        let mut lane = self.row(LaneKind::Hooks, "hooks", Note::None);
        for (id, entry) in self.entries {
            let Change::Hook { kind, result } = &entry.change else { continue };
            let open = lane.pieces.iter_mut().rev().find(
                |piece| matches!(piece.state, State::Hook { kind: of, ok: None } if of == *kind),
            );
            match (result, open) {
                (Some(ok), Some(piece)) => {
                    piece.to = entry.at;
                    piece.state = State::Hook { kind: *kind, ok: Some(*ok) };
                }
                (result, _) => lane.pieces.push(Piece {
                    from: entry.at,
                    to: if result.is_some() { entry.at } else { self.horizon },
                    state: State::Hook { kind: *kind, ok: *result },
                    label: Label::Words(self.hook_words(*kind)),
                    entry: *id,
                }),
            }
        }
        (!lane.pieces.is_empty()).then_some(lane)
    }

    fn hook_words(&self, kind: HookKind) -> Vec<String> {
        let lifecycle = self.spec.lifecycle.as_ref();
        let (name, handler) = match kind {
            HookKind::PostStart => ("postStart", lifecycle.and_then(|l| l.post_start.as_ref())),
            HookKind::PreStop => ("preStop", lifecycle.and_then(|l| l.pre_stop.as_ref())),
        };
        let mut words: Vec<String> = handler.map(handler_words).into_iter().collect();
        if let Some(what) = words.first_mut() {
            *what = format!("{name}: {what}");
        }
        words.push(name.to_owned());
        words
    }

    fn row(&self, kind: LaneKind, name: &str, note: Note) -> Lane {
        Lane { kind, name: name.to_owned(), note, pieces: Vec::new(), marks: Vec::new() }
    }
}

fn words(text: &str) -> Label {
    Label::Words(vec![text.to_owned()])
}

/// The first level on which no window reaches beyond a moment; the last one takes the rest.
fn free_level(windows: &[Piece], from: Instant) -> u8 {
    let taken = |level: u8| {
        windows.iter().any(|piece| {
            let own = matches!(piece.state, State::BackoffWindow { level: of, .. } if of == level);
            own && piece.to > from
        })
    };
    (0..LEVELS - 1).find(|level| !taken(*level)).unwrap_or(LEVELS - 1)
}

/// Whole seconds: windows are looked at a few milliseconds after they began.
fn rounded(span: Duration) -> Duration {
    Duration::from_secs((span.as_micros() + 500_000) / 1_000_000)
}

fn threshold(probe: Option<&Probe>) -> Note {
    probe.map_or(Note::None, |probe| Note::Threshold {
        count: probe.failure_threshold,
        period: Duration::from_secs(i64::from(probe.period_seconds)),
    })
}

fn handler_words(handler: &LifecycleHandler) -> String {
    if let Some(sleep) = &handler.sleep {
        format!("sleep {}", sleep.seconds)
    } else if let Some(get) = &handler.http_get {
        format!("GET {}", get.path)
    } else if let Some(exec) = &handler.exec {
        match exec.command.as_slice() {
            [shell, flag, script] if flag == "-c" && shell.ends_with("sh") => {
                script.trim().to_owned()
            }
            command => command.join(" "),
        }
    } else {
        String::new()
    }
}
