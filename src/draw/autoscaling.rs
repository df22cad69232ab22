//! An autoscaler as strips over one time: load, usage, replicas, decisions.

mod strips;

use super::glyph::Glyph;
use super::label::{Taken, text_width};
use super::layout::Layout;
use super::picture::{Hand, Knob, Picture, Spot};
use super::svg::{Anchor, Path, Svg};
use super::timeline::{grid, tear_labels, torn};
use crate::i18n::Lang;
use crate::i18n::scaling::ScalingTexts;
use crate::i18n::timeline::Key;
use crate::map::Set;
use crate::time::Instant;
use crate::view::autoscaling::Scaler;
use crate::view::axis::Axis;

/// Where the first strip begins.
const TOP: f64 = 52.0;
/// Air between strips.
const GAP: f64 = 8.0;
/// How high each strip is.
const LOAD: f64 = 36.0;
const USAGE: f64 = 62.0;
const REPLICAS: f64 = 52.0;
/// The same on wide paper: whoever has so much room has it downwards, too.
const WIDE: f64 = 1_400.0;
const USAGE_WIDE: f64 = 112.0;
const REPLICAS_WIDE: f64 = 100.0;
const DECISIONS: f64 = 44.0;
/// A row of windows below the decisions.
const WINDOW: f64 = 16.0;
/// Rows of windows at most; more say nothing new.
const WINDOWS: usize = 2;

/// Which strips there are, and where.
#[derive(Clone, Copy, Debug)]
struct Places {
    load: Option<f64>,
    usage: f64,
    replicas: f64,
    decisions: f64,
    windows: f64,
}

/// How high the strips of the usage and of the replicas are.
const fn heights(width: f64) -> (f64, f64) {
    if width < WIDE { (USAGE, REPLICAS) } else { (USAGE_WIDE, REPLICAS_WIDE) }
}

fn places(scaler: &Scaler, width: f64) -> Places {
    let (high, counted) = heights(width);
    let load = scaler.load.is_some().then_some(TOP);
    let usage = load.map_or(TOP, |y| y + LOAD + GAP);
    let replicas = usage + high + GAP;
    let decisions = replicas + counted + GAP;
    Places { load, usage, replicas, decisions, windows: decisions + DECISIONS + 4.0 }
}

/// The measures of an autoscaler's picture at a width.
pub fn autoscaling_layout(scaler: &Scaler, width: f64) -> Layout {
    let rows = scaler.windows().count().min(WINDOWS);
    Layout::of_strips(width, places(scaler, width).windows + WINDOW * rows as f64)
}

/// Draws an autoscaler. A `ceiling` keeps the scale of the load while its points are moved.
pub fn autoscaling(
    scaler: &Scaler,
    axis: &Axis,
    layout: &Layout,
    lang: Lang,
    ceiling: Option<i64>,
) -> Picture {
    let texts = lang.scaling();
    let mut svg = Svg::new("tl as", layout.width, layout.height, Some(&(texts.picture)(scaler)));
    let ticks = grid(&mut svg, axis, layout);
    let places = places(scaler, layout.width);
    let mut pen = Pen {
        svg: &mut svg,
        axis,
        layout,
        texts,
        scaler,
        spots: Vec::new(),
        keys: Set::new(),
        tears: axis.tears().map(|t| (layout.plot_x + t.x0, layout.plot_x + t.x1 + 2.0)).collect(),
        over: Svg::new("tl tl-over", layout.width, layout.height, None),
        scale: Vec::new(),
    };
    let hand = places.load.and_then(|y| pen.load(y, ceiling));
    pen.usage(places.usage);
    pen.replicas(places.replicas);
    pen.decisions(places.decisions);
    pen.windows(places.windows);
    let Pen { spots, keys, mut over, scale, .. } = pen;
    for tear in axis.tears() {
        torn(&mut svg, tear, layout);
    }
    tear_labels(&mut svg, axis, layout, lang);
    for (y, text) in scale {
        let x = layout.plot_x - 8.0;
        let narrow = layout.stacked;
        let (x, anchor) =
            if narrow { (layout.plot_x + 3.0, Anchor::Start) } else { (x, Anchor::End) };
        let class = if narrow { "tl-xs tl-m tl-mu tl-halo" } else { "tl-xs tl-m tl-mu" };
        // Inside the plot it stands on its line, and not in it.
        let y = if narrow { y - 3.0 } else { y + 3.5 };
        over.text(class, x, y, anchor, &text, "");
    }
    Picture {
        svg: svg.finish(),
        labels: over.finish(),
        legend: keys.into_iter().map(|(key, glyph)| (glyph, key)).collect(),
        ticks,
        width: layout.width,
        height: layout.height,
        foot: layout.foot,
        plot_x: layout.plot_x,
        spots,
        hand,
    }
}

/// What draws the strips.
struct Pen<'p> {
    svg: &'p mut Svg,
    axis: &'p Axis,
    layout: &'p Layout,
    texts: &'static ScalingTexts,
    scaler: &'p Scaler,
    spots: Vec<Spot>,
    keys: Set<(Key, Glyph)>,
    tears: Vec<(f64, f64)>,
    /// Labels that stand over everything.
    over: Svg,
    /// Labels of the scales, with their heights.
    scale: Vec<(f64, String)>,
}

impl Pen<'_> {
    fn x(&self, at: Instant) -> f64 {
        self.layout.plot_x + self.axis.x(at)
    }

    /// The visible part of a stretch; nothing where none is.
    fn visible(&self, from: Instant, to: Instant) -> Option<(f64, f64)> {
        let window = self.axis.window();
        let (from, to) = (from.max(window.from), to.min(window.to));
        (from < to).then(|| (self.x(from), self.x(to)))
    }

    fn shows(&self, at: Instant) -> bool {
        self.axis.window().contains(at)
    }

    /// Whether a label there would cross no torn gap and stay inside.
    fn is_clear(&self, from: f64, to: f64) -> bool {
        to <= self.layout.plot_x + self.layout.plot + 12.0
            && from >= self.layout.plot_x
            && self.tears.iter().all(|(a, b)| to < *a || from > *b)
    }

    /// The lane of a strip and its name, with notes under it where there is room.
    fn strip(&mut self, y: f64, height: f64, name: &str, notes: &[&str]) {
        let layout = self.layout;
        self.svg.rect("tl-lane", [layout.plot_x, y, layout.plot, height], 3.0, "");
        let room = layout.plot_x - layout.name_x - 6.0;
        let class = if layout.stacked { "tl-c tl-bold" } else { "tl-l tl-bold" };
        self.svg.text(class, layout.name_x, y + 14.0, Anchor::Start, name, "");
        let mut line = y + 29.0;
        for note in notes {
            let fits = text_width(note, 11.0, false) <= room && line <= y + height + 2.0;
            if fits {
                self.svg.text("tl-s tl-mu", layout.name_x, line, Anchor::Start, note, "");
                line += 14.0;
            }
        }
    }

    /// A spot for what a look or a count did.
    fn spot(
        &mut self,
        entry: crate::trace::EntryId,
        at: Instant,
        [x, y, width, height]: [f64; 4],
        lane: usize,
    ) {
        self.spots.push(Spot { entry, at, x, y, width, height, lane, is_mark: true });
    }
}

/// The smallest round number that is at least this: 1, 2, 3, 5, 10, …
fn round_up(value: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for factor in [1, 2, 3, 5] {
            if unit.saturating_mul(factor) >= value {
                return unit.saturating_mul(factor);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// A path of steps: each value from its beginning on.
fn steps(points: &[(f64, f64, f64)]) -> Path {
    let mut path = Path::default();
    let mut last: Option<(f64, f64)> = None;
    for (x0, x1, y) in points {
        match last {
            Some((end, _)) if (end - x0).abs() < 0.05 => path.push_line(*x0, *y),
            _ => path = path.to(*x0, *y),
        }
        path.push_line(*x1, *y);
        last = Some((*x1, *y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn scales_end_at_round_numbers() {
        let found: Vec<i64> = [0, 1, 4, 7, 11, 29, 31, 140, 999].map(round_up).to_vec();
        assert_eq!(found, [1, 1, 5, 10, 20, 30, 50, 200, 1_000]);
    }
}
