//! The timeline as text, for code blocks and terminals.

use std::fmt;

use super::{GroupKind, Label, Lane, LaneKind, Piece, Shape, State, Timeline};
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
        let names =
            self.lanes().map(|lane| lane.name.chars().count()).max().unwrap_or(0).clamp(8, 32);
        let mut ticks = Line::new(WIDTH + 8);
        for tick in axis.ticks(9.0) {
            ticks.write(tick.x as usize, &tick.label);
        }
        for tear in axis.tears() {
            ticks.write(tear.x0 as usize, " ⋯ ");
        }
        writeln!(f, "{:names$}  {}", "", ticks.text())?;
        for group in &self.groups {
            for lane in &group.lanes {
                let name = match (group.kind, lane.kind) {
                    (GroupKind::You, _) => "you",
                    (GroupKind::ControlPlane, _) => "control",
                    (_, LaneKind::Status) => &group.name,
                    _ => &lane.name,
                };
                let name: String = name.chars().take(names).collect();
                writeln!(f, "{name:names$}  {}", row(lane, &axis).text())?;
            }
        }
        Ok(())
    }
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
        Label::None | Label::Life(None) | Label::KillDue(_) => None,
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
        Shape::Refused => "✕",
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
