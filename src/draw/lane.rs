//! What stands in a lane: pieces, marks, and their labels.

mod bars;
mod rows;
mod strips;
mod words;

use super::glyph::{self, Glyph};
use super::layout::Row;
use super::picture::Spot;
use super::svg::{Anchor, Svg};
use crate::i18n::timeline::{Key, TimelineTexts};
use crate::map::Set;
use crate::time::Instant;
use crate::view::axis::{Axis, Window};
use crate::view::timeline::{Lane, LaneKind, Mark, Piece};

/// A stretch narrower than this is not drawn as itself.
const SEEN: f64 = 3.0;
/// Air between a label and the edge of its bar.
const PAD: f64 = 7.0;

/// Labels that stand over everything, torn gaps included.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<Over>);

#[derive(Debug)]
struct Over {
    class: &'static str,
    x: f64,
    y: f64,
    anchor: Anchor,
    text: String,
    /// Half the width of the paper under it, where it crosses a torn gap.
    plate: Option<f64>,
}

impl Labels {
    fn push(&mut self, class: &'static str, x: f64, y: f64, anchor: Anchor, text: String) {
        self.0.push(Over { class, x, y, anchor, text, plate: None });
    }

    pub fn draw(self, svg: &mut Svg) {
        for over in self.0 {
            if let Some(half) = over.plate {
                svg.rect("tl-paper", [over.x - half, over.y - 9.0, half * 2.0, 12.0], 2.0, "");
            }
            svg.text(over.class, over.x, over.y, over.anchor, &over.text, "");
        }
    }
}

/// Draws one lane.
pub(super) struct LanePen<'p> {
    pub svg: &'p mut Svg,
    pub axis: &'p Axis,
    pub texts: &'p TimelineTexts,
    pub row: Row,
    pub plot_x: f64,
    pub stripes: &'p str,
    pub hatching: &'p str,
    pub loss: &'p str,
    pub spots: &'p mut Vec<Spot>,
    pub over: &'p mut Labels,
    /// Torn gaps: no label may be cut by one.
    pub tears: &'p [(f64, f64)],
    pub keys: &'p mut Set<(Key, Glyph)>,
    pub index: usize,
    pub end: Instant,
}

impl LanePen<'_> {
    fn x(&self, at: Instant) -> f64 {
        self.plot_x + self.axis.x(at)
    }

    fn right(&self) -> f64 {
        self.plot_x + self.axis.width()
    }

    /// The whole lane.
    pub fn lane(&mut self, lane: &Lane) {
        match lane.kind {
            LaneKind::Actions | LaneKind::Controllers => self.moments(lane),
            LaneKind::Status | LaneKind::Container(_) => self.bars(lane),
            LaneKind::PodLine => self.thin_bars(lane),
            LaneKind::Phase => self.phases(lane),
            LaneKind::Pulls => self.pulls(lane),
            LaneKind::Probe(_) => self.probes(lane),
            LaneKind::Hooks => self.hooks(lane),
            LaneKind::Grace => self.grace(lane),
            LaneKind::Backoff => self.windows(lane),
            LaneKind::Endpoint => self.endpoint(lane),
            LaneKind::Routes => self.routes(lane),
            LaneKind::Requests | LaneKind::Load => self.load(lane),
            LaneKind::Cpu => self.cpu(lane),
            LaneKind::Replicas | LaneKind::Endpoints => self.replicas(lane),
        }
    }

    fn spot(&mut self, piece: &Piece, y: f64, height: f64) {
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        if x1 - x0 >= SEEN {
            self.keys.extend(glyph::of_state(piece.state));
        }
        self.spots.push(Spot {
            entry: piece.entry,
            at: piece.from,
            x: x0,
            y,
            width: (x1 - x0).max(3.0),
            height,
            lane: self.index,
            is_mark: false,
        });
    }

    fn mark_spot(&mut self, mark: &Mark, x: f64, y: f64, radius: f64) {
        self.keys.extend(glyph::key_of_shape(mark.shape));
        self.spots.push(Spot {
            entry: mark.entry,
            at: mark.at,
            x: x - radius,
            y: y - radius,
            width: radius * 2.0,
            height: radius * 2.0,
            lane: self.index,
            is_mark: true,
        });
    }
}

/// The pieces that are in view.
fn pieces_in(lane: &Lane, window: Window) -> impl Iterator<Item = &Piece> {
    lane.pieces.iter().filter(move |piece| piece.to > window.from && piece.from < window.to)
}

/// The marks that are in view.
fn marks_in(lane: &Lane, window: Window) -> impl Iterator<Item = &Mark> {
    lane.marks.iter().filter(move |mark| window.contains(mark.at))
}

/// Reasons that are faults, said in red even while they only mean waiting.
fn is_trouble(words: &[String]) -> bool {
    words.iter().any(|word| word.contains("Err") || word.contains("Invalid"))
}
