//! Small pictures: the gallery's thumbnails, the transport strip, the phone's lane.

use super::glyph;
use super::label::text_width;
use super::svg::{Anchor, Path, Svg};
use crate::i18n::Lang;
use crate::time::Instant;
use crate::view::timeline::{Figure, Label, Lane, LaneKind, Note, Piece, Shape, State, Timeline};

/// Height of a thumbnail.
const THUMBNAIL: f64 = 46.0;
/// Height of the transport strip.
const STRIP: f64 = 36.0;

/// Draws bars of one lane between two heights; time is never folded.
struct Bars<'b> {
    svg: &'b mut Svg,
    end: Instant,
    x: f64,
    width: f64,
    stripes: &'b str,
    /// Words of a life stand in it.
    numbers: bool,
}

impl Bars<'_> {
    fn at(&self, at: Instant) -> f64 {
        let whole = self.end.as_micros().max(1) as f64;
        let x = self.x + self.width * (at.as_micros().max(0) as f64 / whole).min(1.0);
        // Cards are read from far, and all of them stand in the start page: half a pixel is enough.
        if self.numbers { x } else { (x * 2.0).round() / 2.0 }
    }

    fn lane(&mut self, lane: &Lane, y: f64, height: f64) {
        let radius = if height > 16.0 { 2.5 } else { 1.0 };
        let end = self.end;
        for piece in lane.pieces.iter().filter(|piece| piece.from < end) {
            self.piece(piece, y, height, radius);
        }
        for mark in lane.marks.iter().filter(|mark| mark.at <= end) {
            let x = self.at(mark.at);
            match mark.shape {
                Shape::Exit { ok } => {
                    let wide = if height > 16.0 { 3.5 } else { 2.4 };
                    let class = if ok { "tl-done" } else { "tl-fail" };
                    self.svg.rect(class, [x - wide + 0.6, y, wide, height], wide * 0.3, "");
                }
                Shape::Signal { .. } if self.numbers => {
                    glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y - 6.0, "");
                }
                Shape::Signal { .. }
                | Shape::Act
                | Shape::Look
                | Shape::Refused
                | Shape::Stuck
                | Shape::Decision
                | Shape::Probe { .. }
                | Shape::PullFailed
                | Shape::Endpoint { .. }
                | Shape::Unlearned { .. }
                | Shape::Judged { .. } => {}
            }
        }
    }

    fn piece(&mut self, piece: &Piece, y: f64, height: f64, radius: f64) {
        let (x0, x1) = (self.at(piece.from), self.at(piece.to));
        let (width, middle) = (x1 - x0, y + height / 2.0);
        match piece.state {
            State::Waiting if width >= 2.5 => {
                let high = (height * 0.34).max(4.0);
                let rect = [x0 + 0.6, middle - high / 2.0, (width - 1.2).max(1.0), high];
                self.svg.rect("tl-wait", rect, radius, "");
            }
            State::Running => {
                let rect = [x0 + 0.7, y + 0.7, (width - 1.4).max(1.0), height - 1.4];
                self.svg.rect("tl-run", rect, radius, "");
            }
            State::Ready => self.svg.rect("tl-rdy", [x0, y, width.max(1.0), height], radius, ""),
            State::Terminating if width < 2.5 => {}
            State::Terminating => {
                let rect = [x0 + 0.6, y + 0.5, (width - 1.0).max(0.8), height - 1.0];
                self.svg.patterned("tl-term", rect, radius, self.stripes, "");
            }
            State::BackOff if width >= 2.0 => {
                self.svg.line("tl-back", [x0 + 2.5, middle, (x1 - 2.5).max(x0 + 2.6), middle]);
            }
            State::Completed | State::Failed => {
                let class = if piece.state == State::Failed { "tl-fail" } else { "tl-done" };
                self.svg.rect(class, [x0, middle - 1.5, width.max(1.0), 3.0], 1.0, "");
            }
            State::Waiting
            | State::BackOff
            | State::Unseen
            | State::Pull { .. }
            | State::BackoffWindow { .. }
            | State::Grace { .. }
            | State::Hook { .. }
            | State::Figure(_)
            | State::Phase => {}
        }
        if let (Label::Life(Some(number)), true) = (&piece.label, self.numbers) {
            let word = format!("#{number}");
            if text_width(&word, 11.0, false) + 10.0 <= width && piece.state != State::Terminating {
                let class = if piece.state == State::Ready { "tl-s tl-onr" } else { "tl-s" };
                self.svg.text(class, x0 + 5.0, middle + 4.0, Anchor::Start, &word, "");
            }
        }
    }
}

/// Lanes of a trace at the size of a card: no words, no folds.
pub fn thumbnail(timeline: &Timeline, width: f64, id: &str) -> String {
    let mut svg = Svg::stretched("tl tl-thumb", width, THUMBNAIL);
    if let Some((usage, replicas)) = scaled(timeline) {
        curves(&mut svg, usage, replicas, shown_end(timeline), width);
        return svg.finish();
    }
    let stripes = format!("{id}-st");
    let lanes = timeline.main_lanes();
    let shown = lanes.len().clamp(1, 6);
    let leaves = |lane: &&Lane| lane.pieces.iter().any(|piece| piece.state == State::Terminating);
    if lanes.iter().take(shown).copied().any(|lane| leaves(&lane)) {
        svg.stripes(&stripes, 5.0);
    }
    let end = shown_end(timeline);
    // One lane alone is as high as two thirds of the card; many share it.
    let (pitch, height) = match shown {
        1 => (THUMBNAIL, 20.0),
        2 => (19.0, 16.0),
        3 => (14.5, 12.0),
        4 => (11.25, 9.0),
        _ => (THUMBNAIL / shown as f64, THUMBNAIL / shown as f64 - 2.0),
    };
    let top = (THUMBNAIL - pitch * (shown - 1) as f64 - height) / 2.0;
    for (index, lane) in lanes.iter().take(shown).enumerate() {
        let y = top + pitch * index as f64;
        svg.rect("tl-lane", [0.0, y, width, height], 1.5, "");
        let mut bars =
            Bars { svg: &mut svg, end, x: 0.0, width, stripes: &stripes, numbers: false };
        bars.lane(lane, y, height);
    }
    svg.finish()
}

/// What an autoscaler's card shows: its usage, and the replicas that follow.
fn scaled(timeline: &Timeline) -> Option<(&Lane, &Lane)> {
    let of = |kind: LaneKind| timeline.lanes().find(move |lane| lane.kind == kind);
    let replicas = of(LaneKind::Replicas)?;
    let mut wanted = replicas.pieces.iter().filter_map(|piece| match piece.state {
        State::Figure(Figure::Replicas { wanted, .. }) => Some(wanted),
        _ => None,
    });
    let first = wanted.next()?;
    wanted.any(|own| own != first).then_some((of(LaneKind::Cpu)?, replicas))
}

/// A line of the usage over an area of the replicas.
fn curves(svg: &mut Svg, usage: &Lane, replicas: &Lane, end: Instant, width: f64) {
    let (line, area, air) = (THUMBNAIL * 0.36, THUMBNAIL * 0.58, 1.0);
    let whole = end.as_micros().max(1) as f64;
    let x = |at: Instant| {
        let x = width * (at.as_micros().max(0) as f64 / whole).min(1.0);
        (x * 2.0).round() / 2.0
    };
    let height = |part: i64, most: i64, whole: f64| {
        let high = whole * (part as f64 / most.max(1) as f64);
        (high * 2.0).round() / 2.0
    };
    svg.rect("tl-lane", [0.0, 0.0, width, THUMBNAIL], 1.5, "");
    let used = |piece: &Piece| match piece.state {
        State::Figure(Figure::Cpu { used, .. }) => Some(used),
        _ => None,
    };
    let most = usage.pieces.iter().filter_map(used).max().unwrap_or(0);
    let mut path = Path::default();
    let mut last = None;
    for piece in usage.pieces.iter().filter(|piece| piece.from < end) {
        let Some(used) = used(piece) else { continue };
        let y = line - height(used, most, line - 2.0 * air);
        // A step that changes nothing is part of the one before.
        if last != Some(y) {
            path = if last.is_some() {
                path.line(x(piece.from), y)
            } else {
                path.to(x(piece.from), y)
            };
        }
        path.push_line(x(piece.to), y);
        last = Some(y);
    }
    svg.path("as-usage", &path, "");
    let counts = |piece: &Piece| match piece.state {
        State::Figure(Figure::Replicas { made, ready, .. }) => Some((made, ready)),
        _ => None,
    };
    let most = replicas.pieces.iter().filter_map(counts).map(|(made, ready)| made.max(ready)).max();
    let most = i64::from(most.unwrap_or(0));
    for (class, of_ready) in [("as-made", false), ("as-ready", true)] {
        let mut bars: Vec<[f64; 4]> = Vec::new();
        for piece in replicas.pieces.iter().filter(|piece| piece.from < end) {
            let Some((made, ready)) = counts(piece) else { continue };
            let count = i64::from(if of_ready { ready } else { made });
            let high = height(count, most, area);
            let (x0, x1) = (x(piece.from), x(piece.to));
            match bars.last_mut() {
                Some([from, _, wide, before]) if *before == high => *wide = x1 - *from,
                _ => bars.push([x0, THUMBNAIL - high, x1 - x0, high]),
            }
        }
        for bar in bars.into_iter().filter(|[_, _, wide, high]| *wide > 0.0 && *high > 0.0) {
            svg.rect(class, bar, 0.0, "");
        }
    }
}

/// Thumbnails end soon after the last thing that happens, so that the beginning can be seen.
fn shown_end(timeline: &Timeline) -> Instant {
    let last = timeline.moments.last().copied().unwrap_or_default().as_micros();
    let end = Instant::from_micros(last.saturating_add(last / 5).saturating_add(2_000_000));
    end.min(timeline.horizon)
}

/// The main Pod's STATUS for the whole trace; the page lays the window's frame and the knob over
/// it.
pub fn strip(timeline: &Timeline, width: f64, id: &str) -> String {
    let mut svg = Svg::new("tl tl-strip", width, STRIP, None);
    let stripes = format!("{id}-st");
    svg.stripes(&stripes, 5.0);
    svg.rect("tl-lane", [0.0, 7.0, width, 22.0], 3.0, "");
    if let Some(lane) = timeline.main_status() {
        let mut bars = Bars {
            svg: &mut svg,
            end: timeline.horizon,
            x: 0.0,
            width,
            stripes: &stripes,
            numbers: false,
        };
        bars.lane(lane, 11.0, 14.0);
    }
    svg.finish()
}

/// One container for the phone: 64 high, its name at the left, its lives numbered.
pub fn mini_lane(timeline: &Timeline, lane: &Lane, width: f64, lang: Lang, id: &str) -> String {
    let mut svg = Svg::new("tl tl-mini", width, 64.0, None);
    let stripes = format!("{id}-st");
    svg.stripes(&stripes, 6.0);
    let name = super::label::cut_middle(&lane.name, 13.5, 62.0);
    svg.text("tl-l tl-bold", 16.0, 32.0, Anchor::Start, &name, &lane.name);
    let note = match (&lane.note, lane.kind) {
        (Note::Role(role), _) => (lang.timeline().role)(*role),
        (_, LaneKind::PodLine) => "Pod",
        _ => "",
    };
    svg.text("tl-s tl-mu", 16.0, 47.0, Anchor::Start, note, "");
    let plot = (MINI_X, width - MINI_X - 16.0);
    svg.rect("tl-lane", [plot.0, 20.0, plot.1, 28.0], 3.0, "");
    let end = timeline.horizon;
    let mut bars =
        Bars { svg: &mut svg, end, x: plot.0, width: plot.1, stripes: &stripes, numbers: true };
    bars.lane(lane, 22.0, 24.0);
    svg.finish()
}

/// Where the plot of the phone's lane begins.
pub const MINI_X: f64 = 84.0;
