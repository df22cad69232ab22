//! A drawn picture along the time: the drawing, and what of it can be pointed at or moved.
//!
//! Owns: [`Picture`] and its places. Does not own: what is drawn (`timeline`, `autoscaling`).

use super::glyph::Glyph;
use super::svg::{Anchor, Svg};
use crate::i18n::timeline::Key;
use crate::time::Instant;
use crate::trace::EntryId;
use crate::view::autoscaling::CurveKind;
use crate::view::axis::Tick;

/// A drawn picture along the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The drawing.
    pub svg: String,
    /// Labels that stand over everything, the cursor included: a drawing of the same size.
    pub labels: String,
    /// What the legend explains: only what is drawn.
    pub legend: Vec<(Glyph, Key)>,
    /// The labels of the axis, and where they stand.
    pub ticks: Vec<Tick>,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Where the last lane ends: so far goes the cursor.
    pub foot: f64,
    /// Where the plot begins.
    pub plot_x: f64,
    /// What can be pointed at.
    pub spots: Vec<Spot>,
    /// What can be moved by hand.
    pub hand: Option<Hand>,
}

/// A place that stands for an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The entry.
    pub entry: EntryId,
    /// Its moment.
    pub at: Instant,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// The lane, counted from the top.
    pub lane: usize,
    /// A mark, and not a stretch of time.
    pub is_mark: bool,
}

impl Picture {
    /// What is at a place: marks before stretches, and of those the one on top.
    pub fn at(&self, x: f64, y: f64) -> Option<&Spot> {
        let inside = |spot: &&Spot| {
            let reach = if spot.is_mark { 4.0 } else { 0.0 };
            x >= spot.x - reach
                && x <= spot.x + spot.width + reach
                && y >= spot.y - reach
                && y <= spot.y + spot.height + reach
        };
        let marks = self.spots.iter().filter(|spot| spot.is_mark).filter(inside);
        let distance = |spot: &&Spot| {
            let middle = spot.x + spot.width / 2.0;
            ((x - middle).abs() * 100.0) as i64
        };
        marks
            .min_by_key(distance)
            .or_else(|| self.spots.iter().rev().filter(|s| !s.is_mark).find(inside))
    }

    /// The whole drawing as one file: the axis labelled, the labels in place.
    pub fn whole(&self) -> String {
        let mut ticks = Svg::default();
        for tick in &self.ticks {
            ticks.text("tl-s tl-m tl-mu", tick.x, 30.0, Anchor::Middle, &tick.label, "");
        }
        let body = self.svg.strip_suffix("</svg>").unwrap_or(&self.svg);
        // The layer of labels is a drawing of its own; here only its inside is wanted.
        let inside = self.labels.split_once('>').map_or("", |(_, inside)| inside);
        format!("{body}{}{inside}", ticks.fragment())
    }
}

/// What can be moved by hand: the points of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// What the curve is about.
    pub kind: CurveKind,
    /// Which one of the scenario's list it is.
    pub list: usize,
    /// The points, in the order of time.
    pub knobs: Vec<Knob>,
    /// Where 0 stands.
    pub floor: f64,
    /// How high the ceiling is above it.
    pub height: f64,
    /// The value at the ceiling, in thousandths.
    pub ceiling: i64,
    /// The least change, in thousandths.
    pub step: i64,
}

/// A point that can be moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knob {
    /// Its place in the text's own order.
    pub index: usize,
    /// Where.
    pub x: f64,
    /// Where.
    pub y: f64,
    /// When.
    pub at: Instant,
    /// How much, in thousandths.
    pub milli: i64,
    /// No earlier than the point before.
    pub after: Instant,
    /// No later than the point behind.
    pub before: Instant,
}
