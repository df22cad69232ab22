//! The time axis of a picture: where a moment stands, with torn gaps for dead time.
//!
//! Owns: [`Window`], [`Fold`], [`Axis`]: time ↔ place both ways, ticks, tears, zoom and pan. Does
//! not own: what is drawn at a place (`draw`), or which moments matter (`timeline`).
//!
//! Places are floats, made of `+ - * /` alone, so that every machine draws the same picture.

use crate::time::{Duration, Instant};

/// Time that stays visible after the last moment before a gap.
const KEEP_AFTER: Duration = Duration::from_secs(7);
/// Time that stays visible before the first moment after a gap.
const KEEP_BEFORE: Duration = Duration::from_secs(4);
/// A longer stretch without a moment is folded.
const DEAD: Duration = Duration::from_secs(20);
/// A trace that ends before this is short, and its gaps fold earlier.
const SHORT: Instant = Instant::from_secs(60);
/// The same three, in a short trace.
const SHORT_KEEP_AFTER: Duration = Duration::from_secs(4);
const SHORT_KEEP_BEFORE: Duration = Duration::from_secs(2);
const SHORT_DEAD: Duration = Duration::from_secs(10);
/// A fold opens from this long before the cursor …
const OPEN_BEFORE: Duration = Duration::from_secs(3);
/// … to this long after it.
const OPEN_AFTER: Duration = Duration::from_secs(5);
/// What is left of a fold beside an opening is folded only when it is longer than this.
const SMALLEST_FOLD: Duration = Duration::from_secs(5);
/// The narrowest window.
const SMALLEST_WINDOW: Duration = Duration::from_millis(400);

/// A stretch of time that is in view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Instant,
    /// Its last moment.
    pub to: Instant,
}

impl Window {
    /// From apply to the end of the simulated time.
    pub fn whole(horizon: Instant) -> Self {
        Self { from: Instant::ZERO, to: horizon }
    }

    /// From one moment to another, no narrower than a window may be.
    pub fn between(from: Instant, to: Instant, horizon: Instant) -> Self {
        let length = to.since(from).max(SMALLEST_WINDOW);
        let from = from.min(horizon - length).max(Instant::ZERO);
        Self { from, to: (from + length).min(horizon) }
    }

    /// Whether a moment is in view.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at <= self.to
    }
}

/// A stretch in which nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Where the paper is torn off.
    pub from: Instant,
    /// Where it goes on.
    pub to: Instant,
}

impl Fold {
    /// Whether a moment is inside.
    pub fn hides(self, at: Instant) -> bool {
        self.from < at && at < self.to
    }
}

/// Finds the stretches in which nothing happens between the moments that matter, in order.
pub fn folds(moments: &[Instant], end: Instant) -> Vec<Fold> {
    let (dead, after, before) = if end <= SHORT {
        (SHORT_DEAD, SHORT_KEEP_AFTER, SHORT_KEEP_BEFORE)
    } else {
        (DEAD, KEEP_AFTER, KEEP_BEFORE)
    };
    let mut folds = Vec::new();
    let mut last = Instant::ZERO;
    for moment in moments.iter().copied().filter(|at| *at < end).chain([end]) {
        if moment.since(last) > dead {
            folds.push(Fold { from: last + after, to: moment - before });
        }
        last = last.max(moment);
    }
    folds
}

/// The folds with the one at the cursor opened around it, so that the cursor is never inside.
pub fn opened(folds: &[Fold], at: Instant) -> Vec<Fold> {
    let mut rest = Vec::with_capacity(folds.len() + 1);
    for fold in folds {
        if !fold.hides(at) {
            rest.push(*fold);
            continue;
        }
        let parts = [
            Fold { from: fold.from, to: at - OPEN_BEFORE },
            Fold { from: at + OPEN_AFTER, to: fold.to },
        ];
        rest.extend(parts.into_iter().filter(|part| part.to.since(part.from) > SMALLEST_FOLD));
    }
    rest
}

/// Zooms a window by a factor (in thousandths: 500 halves the time in view) around a moment.
///
/// Folded time does not count: a zoom feels the same on both sides of a tear.
pub fn zoomed(
    window: Window,
    folds: &[Fold],
    horizon: Instant,
    at: Instant,
    thousandths: i64,
) -> Window {
    let at = squash(folds, at.clamp(window.from, window.to));
    let (from, to) = (squash(folds, window.from), squash(folds, window.to));
    let scale = |span: Duration| {
        Duration::from_micros(span.as_micros().saturating_mul(thousandths.max(1)) / 1_000)
    };
    let (before, after) = (scale(at.since(from)), scale(to.since(at)));
    let length = (before + after).max(SMALLEST_WINDOW);
    fitted(at - before, length, folds, horizon)
}

/// Moves a window by a span of visible time.
pub fn panned(window: Window, folds: &[Fold], horizon: Instant, by: Duration) -> Window {
    let (from, to) = (squash(folds, window.from), squash(folds, window.to));
    fitted(from + by, to.since(from), folds, horizon)
}

/// The window of this visible length that begins here, moved so that it lies within the trace.
fn fitted(from: Instant, length: Duration, folds: &[Fold], horizon: Instant) -> Window {
    let end = squash(folds, horizon);
    let length = length.min(end.since(Instant::ZERO));
    let from = from.min(end - length).max(Instant::ZERO);
    Window { from: stretch(folds, from, false), to: stretch(folds, from + length, true) }
}

/// A moment on a clock that stands still in folds.
fn squash(folds: &[Fold], at: Instant) -> Instant {
    let mut result = at;
    for fold in folds.iter().take_while(|fold| fold.from < at) {
        result = result - at.min(fold.to).since(fold.from);
    }
    result
}

/// The moment of a time on that clock; at a fold, its near side for an end and its far side else.
fn stretch(folds: &[Fold], squashed: Instant, is_end: bool) -> Instant {
    let mut at = squashed;
    for fold in folds {
        if at < fold.from || (is_end && at == fold.from) {
            break;
        }
        at = at + fold.to.since(fold.from);
    }
    at
}

/// A mark on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub x: f64,
    /// `1:30`; tenths only where the step is below a second.
    pub label: String,
}

/// A torn gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tear {
    /// Left edge.
    pub x0: f64,
    /// Right edge.
    pub x1: f64,
    /// The first moment that is not shown.
    pub from: Instant,
    /// The first moment that is shown again.
    pub to: Instant,
}

/// A stretch of the axis with one scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Segment {
    from: Instant,
    to: Instant,
    x0: f64,
    x1: f64,
    torn: bool,
}

/// Where every moment of a window stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    window: Window,
    width: f64,
    scale: f64,
    segments: Vec<Segment>,
}

impl Axis {
    /// An axis of a width for a window, with tears of a width for those folds that are worth it.
    pub fn new(window: Window, folds: &[Fold], width: f64, tear: f64) -> Self {
        let window = Window { from: window.from, to: window.to.max(window.from + SMALLEST_WINDOW) };
        let mut inside: Vec<Fold> = folds
            .iter()
            .map(|fold| Fold { from: fold.from.max(window.from), to: fold.to.min(window.to) })
            .filter(|fold| fold.to.since(fold.from) > SMALLEST_FOLD)
            .collect();
        // A tear must save more paper than it takes; taking one out makes the others smaller.
        let scale = loop {
            let hidden: i64 = inside.iter().map(|f| f.to.since(f.from).as_micros()).sum();
            let shown = (window.to.since(window.from).as_micros() - hidden).max(1);
            let scale = (width - tear * inside.len() as f64).max(width / 4.0) / shown as f64;
            let before = inside.len();
            inside.retain(|f| f.to.since(f.from).as_micros() as f64 * scale > tear * 1.6);
            if inside.len() == before {
                break scale;
            }
        };
        let mut axis = Self { window, width, scale, segments: Vec::new() };
        axis.lay_out(&inside, tear);
        axis
    }

    fn lay_out(&mut self, folds: &[Fold], tear: f64) {
        let (mut at, mut x) = (self.window.from, 0.0);
        let end = Fold { from: self.window.to, to: self.window.to };
        for fold in folds.iter().chain([&end]) {
            let x1 = x + fold.from.since(at).as_micros() as f64 * self.scale;
            self.segments.push(Segment { from: at, to: fold.from, x0: x, x1, torn: false });
            at = fold.to;
            x = x1;
            if fold.to > fold.from {
                self.segments.push(Segment {
                    x0: x,
                    x1: x + tear,
                    torn: true,
                    from: fold.from,
                    to: at,
                });
                x += tear;
            }
        }
    }

    /// What is in view.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The width.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Width of a second outside tears.
    pub fn second(&self) -> f64 {
        self.scale * 1_000_000.0
    }

    /// Where a moment stands; moments out of view stand at the nearer end.
    pub fn x(&self, at: Instant) -> f64 {
        if at <= self.window.from {
            return 0.0;
        }
        for segment in &self.segments {
            if at <= segment.to {
                let length = segment.to.since(segment.from).as_micros();
                if length <= 0 {
                    return segment.x0;
                }
                let part = at.since(segment.from).as_micros() as f64 / length as f64;
                return segment.x0 + part * (segment.x1 - segment.x0);
            }
        }
        self.width
    }

    /// The moment of a place.
    pub fn time(&self, x: f64) -> Instant {
        for segment in &self.segments {
            if x <= segment.x1 && segment.x1 > segment.x0 {
                let part = (x - segment.x0).max(0.0) / (segment.x1 - segment.x0);
                let length = segment.to.since(segment.from).as_micros() as f64;
                return segment.from + Duration::from_micros((part * length) as i64);
            }
        }
        self.window.to
    }

    /// Whether a moment is hidden in a tear.
    pub fn tears_at(&self, at: Instant) -> bool {
        self.segments.iter().any(|s| s.torn && s.from < at && at < s.to)
    }

    /// The tears, from left to right.
    pub fn tears(&self) -> impl Iterator<Item = Tear> + '_ {
        self.segments.iter().filter(|segment| segment.torn).map(|s| Tear {
            x0: s.x0,
            x1: s.x1,
            from: s.from,
            to: s.to,
        })
    }

    /// Labelled marks at round times, at least `apart` from each other and clear of the tears.
    pub fn ticks(&self, apart: f64) -> Vec<Tick> {
        let step = self.step(apart);
        let mut ticks: Vec<Tick> = Vec::new();
        for segment in self.segments.iter().filter(|segment| !segment.torn) {
            let mut at = segment.from.next_tick(Instant::ZERO, step);
            while at <= segment.to {
                let x = self.x_in(segment, at);
                let room = |edge: f64, torn: bool| !torn || (x - edge).abs() >= apart * 0.2;
                let clear = room(segment.x0, segment.from != self.window.from)
                    && room(segment.x1, segment.to != self.window.to);
                if clear && ticks.last().is_none_or(|last| x - last.x >= apart * 0.55) {
                    ticks.push(Tick { x, label: tick_label(at, step) });
                }
                at = at + step;
            }
        }
        ticks
    }

    fn x_in(&self, segment: &Segment, at: Instant) -> f64 {
        segment.x0 + at.since(segment.from).as_micros() as f64 * self.scale
    }

    fn step(&self, apart: f64) -> Duration {
        const STEPS_MS: [i64; 19] = [
            100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
            600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000,
        ];
        let wide = |ms: &&i64| **ms as f64 * 1_000.0 * self.scale >= apart;
        Duration::from_millis(STEPS_MS.iter().find(wide).copied().unwrap_or(7 * 86_400_000))
    }
}

/// `1:30`, `1:02:03`; with a tenth where the step asks for it.
fn tick_label(at: Instant, step: Duration) -> String {
    let clock = at.clock();
    if step < Duration::from_secs(1) {
        clock
    } else {
        clock.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn dead_time_is_torn_and_the_cursor_opens_it() {
        let folds = folds(&[at(0), at(1), at(100), at(110)], at(600));
        assert_eq!(folds, [Fold { from: at(8), to: at(96) }, Fold { from: at(117), to: at(596) }]);
        let open = opened(&folds, at(50));
        assert_eq!(
            open[..2],
            [Fold { from: at(8), to: at(47) }, Fold { from: at(55), to: at(96) }]
        );
        // Nothing is left to fold on the near side.
        assert_eq!(opened(&folds, at(10))[0], Fold { from: at(15), to: at(96) });
    }

    #[test]
    fn time_and_place_are_inverse() {
        let folds = folds(&[at(0), at(1), at(100), at(110)], at(600));
        let axis = Axis::new(Window::whole(at(600)), &folds, 800.0, 30.0);
        assert_eq!(axis.tears().count(), 2);
        assert!((axis.x(at(600)) - 800.0).abs() < 1e-6);
        for millis in [0, 400, 3_000, 7_999, 96_001, 110_000, 598_000] {
            let moment = Instant::from_micros(millis * 1_000);
            let back = axis.time(axis.x(moment));
            assert!(back.since(moment).as_micros().abs() <= 1, "{moment} came back as {back}");
        }
        assert!(axis.tears_at(at(50)) && !axis.tears_at(at(100)));
    }

    #[test]
    fn a_tear_that_saves_nothing_is_not_made() {
        let moments: Vec<Instant> = (0..60).map(|n| at(n * 21)).collect();
        let folds = folds(&moments, at(1_260));
        // One between any two of the 60 moments, and one to the end.
        assert_eq!(folds.len(), 60);
        assert_eq!(Axis::new(Window::whole(at(1_260)), &folds, 800.0, 30.0).tears().count(), 0);
    }

    #[test]
    fn zooming_keeps_the_moment_and_panning_stays_inside() {
        let all = Window::whole(at(600));
        let near = zoomed(all, &[], at(600), at(100), 500);
        assert_eq!(near, Window { from: at(50), to: at(350) });
        assert_eq!(zoomed(near, &[], at(600), at(100), 4_000), all);
        assert_eq!(panned(near, &[], at(600), Duration::from_secs(-80)).from, Instant::ZERO);
        assert_eq!(panned(near, &[], at(600), Duration::from_secs(999)).to, at(600));
        let folds = [Fold { from: at(10), to: at(500) }];
        assert_eq!(zoomed(all, &folds, at(600), at(0), 500), Window { from: at(0), to: at(545) });
        assert_eq!(
            panned(Window { from: at(0), to: at(10) }, &folds, at(600), Duration::from_secs(10)),
            Window { from: at(500), to: at(510) }
        );
    }

    #[test]
    fn labels_are_minutes_and_seconds() {
        let labels = |to: i64, width: f64| -> Vec<String> {
            let axis = Axis::new(Window::whole(at(to)), &[], width, 30.0);
            axis.ticks(90.0).into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(240, 836.0)[..3], ["0:00", "0:30", "1:00"]);
        assert_eq!(labels(1, 836.0)[..3], ["0:00.0", "0:00.2", "0:00.4"]);
        assert_eq!(labels(7_200, 300.0), ["0:00", "1:00:00", "2:00:00"]);
    }
}
