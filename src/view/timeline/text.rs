//! The timeline as text, for code blocks and terminals.

use std::fmt;

use super::{Figure, Group, GroupKind, Label, Lane, LaneKind, Piece, Shape, State, Timeline};
use crate::trace::ProbeOutcome;
use crate::view::axis::{Axis, Window, folds};

/// Characters of the plot.
const WIDTH: usize = 72;
/// Characters of a tear.
const TEAR: f64 = 3.0;

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folds = folds(&self.moments, self.horizon);
        let axis = Axis::new(Window::whole(self.horizon), &folds, WIDTH as f64, TEAR);
        let lanes =
            self.groups.iter().flat_map(|group| group.lanes.iter().map(move |l| (group, l)));
        let rows: Vec<(String, Line)> =
            lanes.flat_map(|(group, lane)| rows(group, lane, &axis)).collect();
        let names = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let names = names.clamp(8, 32);
        let mut ticks = Line::new(WIDTH + 8);
        for tick in axis.ticks(9.0) {
            ticks.write(tick.x as usize, &tick.label);
        }
        for tear in axis.tears() {
            ticks.write(tear.x0 as usize, " ⋯ ");
        }
        writeln!(f, "{:names$}  {}", "", ticks.text())?;
        for (name, line) in rows {
            let name: String = name.chars().take(names).collect();
            writeln!(f, "{name:names$}  {}", line.text())?;
        }
        Ok(())
    }
}

/// The rows of a lane, each with its name: one, or one a node.
fn rows(group: &Group, lane: &Lane, axis: &Axis) -> Vec<(String, Line)> {
    let name = match (group.kind, lane.kind) {
        (GroupKind::You, _) => "you".to_owned(),
        (GroupKind::ControlPlane, _) => "control".to_owned(),
        (_, LaneKind::Status) => group.name.clone(),
        (GroupKind::Service, LaneKind::Requests) => format!("requests to {}", group.name),
        _ => lane.name.clone(),
    };
    match lane.kind {
        LaneKind::Routes => {
            let mut nodes: Vec<(u8, &Label)> = Vec::new();
            for piece in &lane.pieces {
                if let State::Figure(Figure::Routed { level, .. }) = piece.state
                    && nodes.iter().all(|(known, _)| *known != level)
                {
                    nodes.push((level, &piece.label));
                }
            }
            if nodes.is_empty() {
                return vec![(name, row(lane, axis))];
            }
            crate::order::sort_by_key(&mut nodes, |(level, _)| *level);
            let rows = nodes.into_iter().map(|(level, label)| {
                let mut line = Line::new(WIDTH);
                for piece in &lane.pieces {
                    if let State::Figure(Figure::Routed { level: own, fallback }) = piece.state
                        && own == level
                    {
                        line.cover(piece, axis, if fallback { '▚' } else { '━' });
                    }
                }
                let node = match label {
                    Label::Words(words) => words.first().map_or("", String::as_str),
                    _ => "",
                };
                (format!("{name} {node}").trim_end().to_owned(), line)
            });
            rows.collect()
        }
        LaneKind::Requests
        | LaneKind::Load
        | LaneKind::Cpu
        | LaneKind::Replicas
        | LaneKind::Endpoints => vec![(name, figures(lane, axis))],
        LaneKind::Actions
        | LaneKind::Controllers
        | LaneKind::Status
        | LaneKind::Phase
        | LaneKind::Container(_)
        | LaneKind::Pulls
        | LaneKind::Probe(_)
        | LaneKind::Hooks
        | LaneKind::Grace
        | LaneKind::Backoff
        | LaneKind::PodLine
        | LaneKind::Endpoint => vec![(name, row(lane, axis))],
    }
}

/// How high a number is.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A strip of numbers: as heights, with what was lost and how many there are written in.
fn figures(lane: &Lane, axis: &Axis) -> Line {
    let size = |state: State| match state {
        State::Figure(Figure::Load { first, last, .. }) => first.max(last),
        State::Figure(Figure::Cpu { used, request, limit }) => used.max(request).max(limit),
        _ => 0,
    };
    let most = lane.pieces.iter().map(|piece| size(piece.state)).max().unwrap_or(0).max(1);
    let height = |value: i64| {
        let step = usize::try_from(value.max(0) * 7 / most).unwrap_or(0);
        HEIGHTS.get(step).copied().unwrap_or('█')
    };
    let mut line = Line::new(WIDTH);
    for piece in &lane.pieces {
        match piece.state {
            State::Figure(Figure::Load { first, last, .. }) => {
                let (from, to) = (axis.x(piece.from) as usize, axis.x(piece.to) as usize);
                for x in from..to.max(from + 1) {
                    let part = i64::try_from(x - from).unwrap_or(0);
                    let whole = i64::try_from((to - from).max(1)).unwrap_or(1);
                    line.fill(x, x + 1, height(first + (last - first) * part / whole));
                }
            }
            State::Figure(Figure::Cpu { used, .. }) => line.cover(piece, axis, height(used)),
            State::Figure(Figure::Replicas { .. }) => line.cover(piece, axis, '─'),
            State::Figure(Figure::Lost { .. }) => line.cover(piece, axis, '╳'),
            _ => {}
        }
    }
    // What is lost in one place is one number.
    let mut told = 0;
    let mut sums: Vec<(usize, u64)> = Vec::new();
    for piece in &lane.pieces {
        let x = axis.x(piece.from) as usize;
        match (piece.state, &piece.label) {
            (State::Figure(Figure::Lost { lost, .. }), _) => {
                let end = (axis.x(piece.to) as usize).max(x + 1);
                match sums.last_mut() {
                    Some((place, sum)) if x <= *place + 2 => (*place, *sum) = (end, *sum + lost),
                    _ => sums.push((end, lost)),
                }
            }
            (State::Figure(Figure::Replicas { .. }), Label::Words(words)) if x >= told => {
                let word = words.first().map_or("", String::as_str);
                line.write(x, word);
                told = x + word.chars().count();
            }
            _ => {}
        }
    }
    for (place, sum) in sums {
        line.write(place, &format!("{sum} lost"));
    }
    line
}

fn row(lane: &Lane, axis: &Axis) -> Line {
    let mut line = Line::new(WIDTH);
    for piece in &lane.pieces {
        fill(&mut line, piece, axis);
    }
    for mark in &lane.marks {
        line.write((axis.x(mark.at) as usize).min(WIDTH - 1), sign(mark.shape));
    }
    for mark in lane.marks.iter().filter(|mark| !matches!(mark.shape, Shape::Probe { .. })) {
        if let Label::Words(words) = &mark.label {
            let x = axis.x(mark.at) as usize;
            line.write_if_free(x + 2, words.last().map_or("", String::as_str));
        }
    }
    for piece in &lane.pieces {
        label(&mut line, piece, axis);
    }
    line
}

fn fill(line: &mut Line, piece: &Piece, axis: &Axis) {
    let fill = match piece.state {
        State::Waiting => '╌',
        State::Running => '▒',
        State::Ready => '█',
        State::Terminating => '▚',
        State::BackOff => '·',
        State::Completed | State::Failed | State::Phase => '─',
        State::Unseen => ' ',
        State::Pull { .. } => '▁',
        State::BackoffWindow { blocks, .. } => {
            if blocks {
                '━'
            } else {
                '─'
            }
        }
        State::Grace { .. } => '◺',
        State::Hook { .. } => '=',
        State::Figure(_) => '━',
    };
    let (from, to) = (axis.x(piece.from) as usize, axis.x(piece.to) as usize);
    line.fill(from, to.max(from + 1), fill);
}

/// The piece's name, where nothing but the piece itself stands.
fn label(line: &mut Line, piece: &Piece, axis: &Axis) {
    let (from, to) = (axis.x(piece.from) as usize, axis.x(piece.to) as usize);
    let label = match &piece.label {
        Label::Words(words) => {
            words.iter().find(|word| word.chars().count() + 2 <= to.saturating_sub(from)).cloned()
        }
        Label::Life(Some(number)) => Some(format!("#{number}")),
        Label::Backoff(span) | Label::Span(span) => Some(span.go()),
        Label::Pull { image, took } => {
            Some(took.map_or(image.clone(), |took| format!("{image} {}", took.go())))
        }
        Label::None | Label::Life(None) | Label::KillDue(_) | Label::Lost(_) => None,
    };
    if let Some(label) = label.filter(|label| label.chars().count() < to.saturating_sub(from)) {
        let mut places = from..=to.saturating_sub(label.chars().count() + 1);
        if let Some(at) = places.find(|at| line.is_even(*at, label.chars().count() + 2)) {
            line.write(at + 1, &label);
        }
    }
}

fn sign(shape: Shape) -> &'static str {
    match shape {
        Shape::Act => "◆",
        Shape::Look => "◇",
        Shape::Refused | Shape::Stuck => "✕",
        Shape::Decision => "○",
        Shape::Signal { kill: true, .. } => "▼",
        Shape::Signal { kill: false, .. } => "▽",
        Shape::Exit { .. } => "▮",
        Shape::Probe { outcome, .. } => match outcome {
            ProbeOutcome::Success | ProbeOutcome::Warning => "●",
            ProbeOutcome::Failure => "✕",
            ProbeOutcome::Timeout => "◷",
            ProbeOutcome::Errored => "?",
            ProbeOutcome::Held => "╵",
        },
        Shape::PullFailed => "✕",
        Shape::Judged { .. } => "•",
        Shape::Endpoint { added: true } => "⊕",
        Shape::Endpoint { added: false } => "⊖",
        Shape::Unlearned { .. } => "│",
    }
}

/// A line of characters that can be written at any place.
struct Line(Vec<char>);

impl Line {
    fn new(width: usize) -> Self {
        Self(vec![' '; width])
    }

    fn fill(&mut self, from: usize, to: usize, with: char) {
        for cell in self.0.iter_mut().take(to).skip(from) {
            *cell = with;
        }
    }

    /// As long as a piece lasts, at least one character.
    fn cover(&mut self, piece: &Piece, axis: &Axis, with: char) {
        let (from, to) = (axis.x(piece.from) as usize, axis.x(piece.to) as usize);
        self.fill(from, to.max(from + 1), with);
    }

    fn write(&mut self, at: usize, text: &str) {
        for (cell, character) in self.0.iter_mut().skip(at).zip(text.chars()) {
            *cell = character;
        }
    }

    fn write_if_free(&mut self, at: usize, text: &str) {
        let length = text.chars().count();
        let room =
            self.0.get(at..at + length + 1).is_some_and(|cells| cells.iter().all(|c| *c == ' '));
        if room {
            self.write(at, text);
        }
    }

    /// Whether the same character stands all along.
    fn is_even(&self, at: usize, length: usize) -> bool {
        let cells = self.0.get(at..(at + length).min(self.0.len()));
        cells.is_some_and(|cells| cells.iter().all(|cell| Some(cell) == cells.first()))
    }

    fn text(&self) -> String {
        self.0.iter().collect::<String>().trim_end().to_owned()
    }
}
