//! What stands in a lane: pieces, marks, and their labels.

use std::collections::BTreeSet;

use super::glyph::{self, Glyph};
use super::label::{Taken, text_width};
use super::layout::{Row, levels};
use super::svg::{Anchor, Path, Svg};
use super::timeline::Spot;
use crate::i18n::timeline::{Key, TimelineTexts};
use crate::time::Instant;
use crate::view::axis::{Axis, Window};
use crate::view::timeline::{Label, Lane, LaneKind, Mark, Piece, Shape, State};

/// A stretch narrower than this is not drawn as itself.
const SEEN: f64 = 3.0;
/// Air between a label and the edge of its bar.
const PAD: f64 = 7.0;

/// Labels that stand over everything, torn gaps included.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<(&'static str, f64, f64, Anchor, String)>);

impl Labels {
    pub fn draw(self, svg: &mut Svg) {
        for (class, x, y, anchor, text) in self.0 {
            svg.text(class, x, y, anchor, &text, "");
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
    pub spots: &'p mut Vec<Spot>,
    pub over: &'p mut Labels,
    /// Torn gaps: no label may be cut by one.
    pub tears: &'p [(f64, f64)],
    pub keys: &'p mut BTreeSet<(Key, Glyph)>,
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

    // ── bars ────────────────────────────────────────────────────────────────────────────────

    fn bars(&mut self, lane: &Lane) {
        let mut taken = Taken::default();
        let pieces: Vec<&Piece> = pieces_in(lane, self.axis.window()).collect();
        for piece in &pieces {
            self.bar(piece, 3.0, self.row.height - 6.0);
            taken.take(self.x(piece.from), self.x(piece.to));
        }
        let mut lives: Vec<i32> = Vec::new();
        let mut inside = Taken::default();
        for piece in &pieces {
            self.bar_label(piece, &taken, &mut inside, &mut lives);
        }
        let mut above = Taken::default();
        for mark in marks_in(lane, self.axis.window()) {
            if matches!(mark.shape, Shape::Signal { .. }) {
                above.take(self.x(mark.at) - 6.0, self.x(mark.at) + 6.0);
            }
        }
        for mark in marks_in(lane, self.axis.window()) {
            match mark.shape {
                Shape::Exit { ok } => self.exit(mark, ok, &pieces, &mut taken, &mut inside),
                Shape::Signal { .. } => self.signal(mark, &mut above),
                Shape::Act
                | Shape::Look
                | Shape::Refused
                | Shape::Decision
                | Shape::Probe { .. }
                | Shape::PullFailed
                | Shape::Judged { .. } => {}
            }
        }
    }

    /// A bar; `top` is its distance from the lane's edge.
    fn bar(&mut self, piece: &Piece, top: f64, height: f64) {
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        let (y, middle, width) = (self.row.y + top, self.row.middle(), x1 - x0);
        let title = self.title(piece);
        let title = title.as_str();
        let hair = |w: f64| (w - 1.5).max(1.0);
        match piece.state {
            State::Waiting => {
                if width >= 3.0 {
                    let rect = [x0 + 0.75, middle - 4.0, hair(width), 8.0];
                    self.svg.rect("tl-wait", rect, 2.5, title);
                }
            }
            State::Running => {
                let rect = [x0 + 0.75, y + 0.75, hair(width), height - 1.5];
                self.svg.rect("tl-run", rect, 2.5, title);
            }
            State::Ready => {
                let rect = [x0 + 0.25, y, (width - 0.5).max(1.0), height];
                self.svg.rect("tl-rdy", rect, 2.5, title);
            }
            State::Terminating if width < SEEN => {}
            State::Terminating => {
                let rect = [x0 + 0.75, y + 0.7, hair(width), height - 1.4];
                self.svg.patterned("tl-term", rect, 2.5, self.stripes, title);
            }
            State::BackOff => {
                let from = if width > 12.0 { x0 + 3.0 } else { x0 };
                self.svg.line(
                    "tl-back",
                    [from, middle + 6.0, (x1 - 2.0).max(from + 0.2), middle + 6.0],
                );
            }
            State::Failed | State::Completed => {
                let class = if piece.state == State::Failed { "tl-fail" } else { "tl-done" };
                self.svg.rect(
                    class,
                    [x0 + 0.5, middle + 4.0, (width - 1.0).max(1.0), 4.0],
                    1.5,
                    title,
                );
            }
            State::Unseen => {
                if width >= 4.0 {
                    let rect = [x0 + 1.5, middle - 5.0, width - 1.5, 10.0];
                    self.svg.patterned("tl-none", rect, 0.0, self.hatching, title);
                    self.svg.line("tl-seen", [x1, y + 1.0, x1, y + height - 1.0]);
                }
            }
            State::Pull { .. }
            | State::BackoffWindow { .. }
            | State::Grace { .. }
            | State::Hook { .. }
            | State::Phase => {}
        }
        self.spot(piece, y, height);
    }

    fn bar_label(
        &mut self,
        piece: &Piece,
        taken: &Taken,
        inside: &mut Taken,
        lives: &mut Vec<i32>,
    ) {
        if let Label::Life(Some(number)) = piece.label {
            // A life is named once, on the first of its pieces that has room.
            if lives.contains(&number) || piece.state == State::Terminating {
                return;
            }
        }
        let words = self.words(piece);
        let (x0, x1, middle) = (self.x(piece.from), self.x(piece.to), self.row.middle());
        let (class, size) = match piece.state {
            State::Ready => ("tl-s tl-onr", 11.0),
            State::BackOff | State::Failed => ("tl-s tl-er tl-halo", 11.0),
            State::Completed => ("tl-s tl-halo", 11.0),
            State::Waiting if is_trouble(&words) => ("tl-s tl-er", 11.0),
            State::Waiting => ("tl-s tl-mu", 11.0),
            State::Running
            | State::Terminating
            | State::Unseen
            | State::Pull { .. }
            | State::BackoffWindow { .. }
            | State::Grace { .. }
            | State::Hook { .. }
            | State::Phase => ("tl-s", 11.0),
        };
        let over = matches!(piece.state, State::BackOff | State::Failed | State::Completed);
        if over {
            // Within one part of the paper if any form fits there, across a torn gap otherwise.
            let place = |torn: bool| {
                words.iter().find_map(|word| {
                    let width = text_width(word, size, false);
                    Some((self.over_place(piece, width, taken, torn)?, word.clone()))
                })
            };
            if let Some((x, word)) = place(false).or_else(|| place(true)) {
                self.over.0.push((class, x, middle + 1.0, Anchor::Middle, word));
            }
            return;
        }
        for word in &words {
            let width = text_width(word, size, false);
            let fits = |part: &(f64, f64)| width + 2.0 * PAD - 3.0 <= part.1 - part.0;
            let Some((x, _)) = self.parts(x0, x1).into_iter().find(fits) else { continue };
            let x = x + PAD;
            if matches!(piece.state, State::Waiting | State::Terminating) {
                let class = if piece.state == State::Waiting { "tl-lane" } else { "tl-plate" };
                self.svg.rect(class, [x - 4.0, middle - 7.5, width + 7.0, 15.0], 2.0, "");
            }
            self.svg.text(class, x, middle + 4.0, Anchor::Start, word, "");
            inside.take(x, x + width);
            if let Label::Life(Some(number)) = piece.label {
                lives.push(number);
            }
            return;
        }
    }

    /// Where a label over a thin line has room: in the middle of the largest part that is not
    /// torn, else in the middle of all, else (a short line) reaching over its ends into free space.
    fn over_place(&self, piece: &Piece, width: f64, taken: &Taken, torn: bool) -> Option<f64> {
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        let best =
            self.parts(x0, x1).into_iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
        if let Some((a, b)) = best.filter(|(a, b)| b - a >= width + 6.0) {
            return Some((a + b) / 2.0);
        }
        if torn && x1 - x0 >= width + 4.0 {
            return Some((x0 + x1) / 2.0);
        }
        let to = x0 + width;
        (self.is_clear(x0, to) && x1 - x0 >= 6.0 && taken.is_free(x1 + 0.5, to + 4.0))
            .then_some(x0 + width / 2.0)
    }

    /// What the torn gaps leave of a stretch.
    fn parts(&self, x0: f64, x1: f64) -> Vec<(f64, f64)> {
        let mut parts = Vec::new();
        let mut from = x0;
        for (a, b) in self.tears.iter().filter(|(a, b)| *b > x0 && *a < x1) {
            if *a > from {
                parts.push((from, *a));
            }
            from = *b;
        }
        if from < x1 {
            parts.push((from, x1));
        }
        parts
    }

    /// Whether a label can stand here: in the picture, and not across a torn gap.
    fn is_clear(&self, from: f64, to: f64) -> bool {
        to <= self.right() && self.tears.iter().all(|(a, b)| to < *a || from > *b)
    }

    fn exit(
        &mut self,
        mark: &Mark,
        ok: bool,
        pieces: &[&Piece],
        taken: &mut Taken,
        inside: &mut Taken,
    ) {
        let (x, y, height) = (self.x(mark.at), self.row.y + 3.0, self.row.height - 6.0);
        let class = if ok { "tl-done" } else { "tl-fail" };
        // What is too narrow to be drawn belongs to what came before it.
        let life = pieces.iter().rev().find(|piece| {
            piece.from < mark.at && x - self.x(piece.to) < SEEN && x - self.x(piece.from) >= SEEN
        });
        let length = life.map_or(0.0, |piece| x - self.x(piece.from));
        let wide = if length > 10.0 { 5.0 } else { 3.5 };
        let title = self.mark_title(mark);
        self.svg.rect(class, [x + 0.8 - wide, y, wide, height], 1.5, &title);
        self.mark_spot(mark, x - 1.0, self.row.middle(), 9.0);
        let Label::Words(words) = &mark.label else { return };
        for word in words {
            let width = text_width(word, 10.0, true);
            let (a, b) = (x - 9.0 - width, x - 9.0);
            if let Some(piece) =
                life.filter(|p| self.x(p.from) + 5.0 < a && inside.is_free(a - 5.0, b))
            {
                let class = match piece.state {
                    State::Ready => "tl-xs tl-m tl-onr",
                    _ => "tl-xs tl-m tl-mu",
                };
                if piece.state == State::Terminating {
                    let plate = [a - 4.0, self.row.middle() - 7.5, width + 7.0, 15.0];
                    self.svg.rect("tl-plate", plate, 2.0, "");
                }
                self.svg.text(class, b, self.row.middle() + 3.5, Anchor::End, word, "");
                inside.take(a, b);
                return;
            }
            let seen = pieces.iter().find(|p| p.state == State::Unseen && p.from == mark.at);
            let from = seen.map_or(x, |piece| self.x(piece.to)) + 5.0;
            if taken.is_free(from, from + width + 4.0) && self.is_clear(from, from + width) {
                let class = if ok { "tl-xs tl-m tl-mu" } else { "tl-xs tl-m tl-er" };
                self.svg.text(class, from, self.row.middle() + 3.5, Anchor::Start, word, "");
                taken.take(from, from + width);
                return;
            }
        }
    }

    fn signal(&mut self, mark: &Mark, above: &mut Taken) {
        let (x, y) = (self.x(mark.at), self.row.y - 4.0);
        let title = self.mark_title(mark);
        let glyph = glyph::of_shape(mark.shape);
        glyph::draw(self.svg, glyph, x, y, &title);
        self.mark_spot(mark, x, y, 6.0);
        let Label::Words(words) = &mark.label else { return };
        let ignored = matches!(mark.shape, Shape::Signal { ignored: true, .. });
        for word in words {
            let word = if ignored { (self.texts.ignored)(word) } else { word.clone() };
            let width = text_width(&word, 10.0, true);
            let torn = self.tears.iter().any(|(a, b)| x + 8.0 + width > *a && x < *b);
            if above.is_free(x + 8.0, x + 8.0 + width) && !torn {
                let fits = x + 8.0 + width <= self.right() + 30.0;
                let (anchor, at) =
                    if fits { (Anchor::Start, x + 8.0) } else { (Anchor::End, x - 8.0) };
                self.svg.text("tl-xs tl-m", at, y + 3.5, anchor, &word, "");
                above.take(x + 8.0, x + 8.0 + width);
                return;
            }
        }
    }

    /// A Pod in one line: four marks a state at 11 px, no words.
    fn thin_bars(&mut self, lane: &Lane) {
        for piece in pieces_in(lane, self.axis.window()) {
            let (x0, x1) = (self.x(piece.from), self.x(piece.to));
            let (y, width, title) = (self.row.y + 1.0, (x1 - x0).max(1.0), self.title(piece));
            let middle = self.row.middle();
            match piece.state {
                State::Waiting => {
                    self.svg.rect("tl-wait", [x0, middle - 3.5, width, 7.0], 2.0, &title)
                }
                State::Running => {
                    self.svg.rect(
                        "tl-run",
                        [x0 + 0.75, y + 0.75, (width - 1.5).max(1.0), 9.5],
                        2.0,
                        &title,
                    );
                }
                State::Ready => self.svg.rect("tl-rdy", [x0, y, width, 11.0], 2.0, &title),
                State::Terminating => {
                    let rect = [x0 + 0.7, y + 0.7, (width - 1.4).max(1.0), 9.6];
                    self.svg.patterned("tl-term", rect, 2.0, self.stripes, &title);
                }
                State::BackOff => self.svg.line("tl-back", [x0 + 2.0, middle, x1 - 1.0, middle]),
                State::Completed => {
                    self.svg.rect("tl-done", [x0, middle - 1.5, width, 3.0], 1.0, &title)
                }
                State::Failed => {
                    self.svg.rect("tl-fail", [x0, middle - 1.5, width, 3.0], 1.0, &title)
                }
                State::Unseen
                | State::Pull { .. }
                | State::BackoffWindow { .. }
                | State::Grace { .. }
                | State::Hook { .. }
                | State::Phase => {}
            }
            self.spot(piece, self.row.y, self.row.height);
        }
    }

    // ── rows below a bar ────────────────────────────────────────────────────────────────────

    fn phases(&mut self, lane: &Lane) {
        let whole = lane.pieces.len() == 1;
        for piece in pieces_in(lane, self.axis.window()) {
            let (x0, x1, y) = (self.x(piece.from), self.x(piece.to), self.row.middle());
            let line = Path::default().to(x0 + 0.75, y - 4.5).line(x0 + 0.75, y + 4.5);
            let line = line.to(x0 + 0.75, y).line((x1 - 1.0).max(x0 + 1.0), y);
            self.svg.path("tl-phase", &line, &self.title(piece));
            self.spot(piece, self.row.y, self.row.height);
            let Label::Words(words) = &piece.label else { continue };
            let long = words
                .iter()
                .map(|word| if whole { (self.texts.whole_time)(word) } else { word.clone() });
            for word in long.chain(words.iter().cloned()) {
                let width = text_width(&word, 11.0, false);
                if width + 22.0 <= x1 - x0 {
                    self.svg.rect("tl-lane", [x0 + 10.0, y - 8.0, width + 10.0, 16.0], 0.0, "");
                    self.svg.text("tl-s tl-mu", x0 + 15.0, y + 4.0, Anchor::Start, &word, "");
                    break;
                }
            }
        }
    }

    fn pulls(&mut self, lane: &Lane) {
        let middle = self.row.middle();
        let mut taken = Taken::default();
        for piece in pieces_in(lane, self.axis.window()) {
            let (x0, x1) = (self.x(piece.from), self.x(piece.to));
            match piece.state {
                State::BackoffWindow { blocks, .. } => {
                    self.window(piece, blocks, middle, &mut taken, &[]);
                    taken.take(x0, x1);
                    continue;
                }
                State::Pull { ok: false } if x1 - x0 < 10.0 => {}
                State::Pull { ok } => {
                    let class = if ok { "tl-pull" } else { "tl-pull tl-pullx" };
                    let rect = [x0 + 0.5, middle - 4.5, (x1 - x0 - 1.0).max(1.5), 9.0];
                    self.svg.rect(class, rect, 2.0, &self.title(piece));
                    taken.take(x0, x1);
                }
                State::Waiting
                | State::Running
                | State::Ready
                | State::Terminating
                | State::BackOff
                | State::Completed
                | State::Failed
                | State::Unseen
                | State::Grace { .. }
                | State::Hook { .. }
                | State::Phase => continue,
            }
            self.spot(piece, self.row.y, self.row.height);
            for word in self.words(piece) {
                let width = text_width(&word, 10.0, true);
                if self.is_clear(x1, x1 + 6.0 + width) && taken.is_free(x1 + 1.0, x1 + 6.0 + width)
                {
                    self.svg.text(
                        "tl-xs tl-m tl-mu tl-halo",
                        x1 + 6.0,
                        middle + 3.5,
                        Anchor::Start,
                        &word,
                        "",
                    );
                    taken.take(x1 + 6.0, x1 + 6.0 + width);
                    break;
                }
            }
        }
        for mark in marks_in(lane, self.axis.window()) {
            let (x, title) = (self.x(mark.at), self.mark_title(mark));
            glyph::draw(self.svg, Glyph::Cross, x, middle, &title);
            self.mark_spot(mark, x, middle, 7.0);
            let Label::Words(words) = &mark.label else { continue };
            for word in words {
                let width = text_width(word, 10.0, true);
                if taken.is_free(x + 8.0, x + 10.0 + width) && self.is_clear(x, x + 10.0 + width) {
                    self.svg.text(
                        "tl-xs tl-m tl-er",
                        x + 9.0,
                        middle + 3.5,
                        Anchor::Start,
                        word,
                        "",
                    );
                    break;
                }
            }
        }
    }

    fn windows(&mut self, lane: &Lane) {
        let one_level = levels(lane) == 1;
        let level_y = |row: Row, level: u8| {
            if one_level { row.middle() } else { row.y + 13.0 + 18.0 * f64::from(level) }
        };
        let mut taken = [Taken::default(), Taken::default(), Taken::default()];
        for piece in pieces_in(lane, self.axis.window()) {
            if let State::BackoffWindow { level, .. } = piece.state {
                let own = &mut taken[usize::from(level.min(2))];
                own.take(self.x(piece.from), self.x(piece.to));
            }
        }
        let mut dots = Vec::new();
        for mark in marks_in(lane, self.axis.window()) {
            if let Shape::Judged { level } = mark.shape {
                let x = self.x(mark.at);
                dots.push(x);
                taken[usize::from(level.min(2))].take(x - 4.0, x + 4.0);
            }
        }
        for piece in pieces_in(lane, self.axis.window()) {
            let State::BackoffWindow { blocks, level } = piece.state else { continue };
            let y = level_y(self.row, level);
            self.window(piece, blocks, y, &mut taken[usize::from(level.min(2))], &dots);
        }
        for mark in marks_in(lane, self.axis.window()) {
            let Shape::Judged { level } = mark.shape else { continue };
            let (x, y) = (self.x(mark.at), level_y(self.row, level));
            let title = self.mark_title(mark);
            self.svg.circle("tl-judge", x, y, 3.2, &title);
            self.mark_spot(mark, x, y, 5.0);
        }
    }

    fn window(&mut self, piece: &Piece, blocks: bool, y: f64, taken: &mut Taken, dots: &[f64]) {
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        let class = if blocks { "tl-winb" } else { "tl-win" };
        let title = self.title(piece);
        self.svg.path(class, &glyph::bracket(x0, x1.max(x0 + 1.5), y), &title);
        self.spot(piece, y - 8.0, 16.0);
        let class = if blocks { "tl-xs tl-m tl-er tl-halo" } else { "tl-xs tl-m tl-mu tl-halo" };
        for word in self.words(piece) {
            let width = text_width(&word, 10.0, true);
            let left = x0 - 6.0 - width;
            let free = taken.is_free(left - 4.0, x0 - 1.0) && self.is_clear(left, x0);
            if free && left >= self.plot_x + 2.0 {
                self.svg.text(class, x0 - 6.0, y + 3.5, Anchor::End, &word, "");
                taken.take(left, x0);
                return;
            }
            // In the line, as on a drawing with measures.
            let half = width / 2.0 + 8.0;
            let place = self.parts(x0, x1).into_iter().find_map(|(a, b)| {
                let places = [0.5, 0.3, 0.7].map(|share| a + (b - a) * share);
                places.into_iter().find(|x| {
                    let inside = x - half >= a && x + half <= b;
                    inside && dots.iter().all(|dot| (dot - x).abs() > half)
                })
            });
            if let Some(x) = place {
                let gap = [x - width / 2.0 - 4.0, y - 6.0, width + 8.0, 12.0];
                self.svg.rect("tl-lane", gap, 0.0, "");
                self.svg.text(class, x, y + 3.5, Anchor::Middle, &word, "");
                return;
            }
            if self.is_clear(x1, x1 + 6.0 + width) && taken.is_free(x1 + 1.0, x1 + 6.0 + width) {
                self.svg.text(class, x1 + 6.0, y + 3.5, Anchor::Start, &word, "");
                taken.take(x1, x1 + 6.0 + width);
                return;
            }
        }
    }

    fn probes(&mut self, lane: &Lane) {
        let y = self.row.middle();
        let marks: Vec<&Mark> = marks_in(lane, self.axis.window()).collect();
        // Where the paper is narrow the marks are smaller, so that they can still be counted.
        let apart = marks.windows(2).map(|two| self.x(two[1].at) - self.x(two[0].at));
        let apart = apart.filter(|apart| *apart > 0.5).fold(24.0, f64::min);
        let size = (apart * 0.36).clamp(1.2, 3.6);
        let mut last = f64::MIN;
        for mark in marks {
            let x = self.x(mark.at);
            let Shape::Probe { decides, .. } = mark.shape else { continue };
            // Equal marks on one spot say no more than one.
            if x - last < 1.2 && !decides {
                continue;
            }
            last = x;
            if decides {
                self.svg.circle("tl-haloc", x, y, size * 2.5, "");
            }
            let title = self.mark_title(mark);
            glyph::draw_sized(self.svg, glyph::of_shape(mark.shape), x, y, size, &title);
            self.mark_spot(mark, x, y, 6.0);
        }
    }

    fn hooks(&mut self, lane: &Lane) {
        let y = self.row.middle();
        let mut taken = Taken::default();
        for piece in pieces_in(lane, self.axis.window()) {
            let State::Hook { ok, .. } = piece.state else { continue };
            let (x0, x1) = (self.x(piece.from), self.x(piece.to).max(self.x(piece.from) + 5.0));
            let class = if ok == Some(false) { "tl-hook tl-hookx" } else { "tl-hook" };
            let left = Path::default().to(x0 + 4.0, y - 7.0).line(x0 + 1.0, y - 7.0);
            let mut path = left.line(x0 + 1.0, y + 7.0).line(x0 + 4.0, y + 7.0);
            if ok != Some(false) {
                path = path.to(x1 - 4.0, y - 7.0).line(x1 - 1.0, y - 7.0);
                path = path.line(x1 - 1.0, y + 7.0).line(x1 - 4.0, y + 7.0);
            }
            self.svg.path(class, &path, &self.title(piece));
            if ok == Some(false) {
                glyph::draw(self.svg, Glyph::Cross, x1 - 2.0, y, "");
            }
            self.spot(piece, self.row.y, self.row.height);
            taken.take(x0, x1);
            for word in self.words(piece) {
                let width = text_width(&word, 10.0, true);
                if width + 14.0 <= x1 - x0 {
                    self.svg.text("tl-xs tl-m", x0 + 7.0, y + 3.5, Anchor::Start, &word, "");
                    break;
                }
                if self.is_clear(x1, x1 + 6.0 + width) && taken.is_free(x1 + 1.0, x1 + 6.0 + width)
                {
                    self.svg.text("tl-xs tl-m", x1 + 6.0, y + 3.5, Anchor::Start, &word, "");
                    taken.take(x1, x1 + 6.0 + width);
                    break;
                }
            }
        }
    }

    /// The wedge runs out over the grace period; what was not needed is only its outline.
    fn grace(&mut self, lane: &Lane) {
        let (top, bottom) = (self.row.y + 4.0, self.row.y + self.row.height - 4.0);
        for piece in pieces_in(lane, self.axis.window()) {
            let State::Grace { used } = piece.state else { continue };
            let whole = piece.to.since(piece.from).as_micros().max(1) as f64;
            let left_at = |at: Instant| {
                let gone = at.since(piece.from).as_micros() as f64 / whole;
                top + (bottom - top) * gone
            };
            let window = self.axis.window();
            let end = piece.to.min(window.to);
            let (x0, xu, x1) = (self.x(piece.from), self.x(used.min(end)), self.x(end));
            let start = left_at(piece.from.max(window.from));
            let title = self.title(piece);
            // Folds bend the line; it is drawn through the tears' edges.
            let ridge = |from: Instant, to: Instant, pen: &Self| {
                let mut stops: Vec<Instant> = vec![from];
                for tear in pen.axis.tears() {
                    stops.extend(
                        [tear.from, tear.to].into_iter().filter(|at| *at > from && *at < to),
                    );
                }
                stops.push(to);
                stops.into_iter().map(|at| (pen.x(at), left_at(at))).collect::<Vec<_>>()
            };
            let used_ridge = ridge(piece.from.max(window.from), used.min(end), self);
            let mut area = Path::default().to(x0, bottom).line(x0, start);
            for (x, y) in &used_ridge {
                area.push_line(*x, *y);
            }
            self.svg.path("tl-wedge", &area.line(xu, bottom).close(), &title);
            if x1 - xu > 2.0 {
                let mut rest = Path::default().to(xu, bottom);
                for (x, y) in ridge(used.min(end), end, self) {
                    rest.push_line(x, y);
                }
                self.svg.path("tl-wedgeg", &rest.line(x1, bottom).close(), &title);
            }
            self.spot(piece, self.row.y, self.row.height);
            for word in self.words(piece) {
                let width = text_width(&word, 10.0, true);
                // Beside the ▼, or at the end of the last part of the paper that has room.
                let ends = self.parts(x0, x1 - 10.0);
                let room = ends.iter().rev().find(|(a, b)| b - a >= width + 8.0);
                if let Some((_, end)) = room {
                    let class = "tl-xs tl-m tl-mu tl-halo";
                    self.over.0.push((class, end - 3.0, top + 5.5, Anchor::End, word));
                    break;
                }
            }
        }
        for mark in marks_in(lane, self.axis.window()) {
            let (x, y, title) = (self.x(mark.at), self.row.middle() - 4.0, self.mark_title(mark));
            glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y, &title);
            self.mark_spot(mark, x, y, 6.0);
        }
    }

    fn moments(&mut self, lane: &Lane) {
        let y = self.row.middle();
        let marks: Vec<&Mark> = marks_in(lane, self.axis.window()).collect();
        let mut taken = Taken::default();
        for mark in &marks {
            taken.take(self.x(mark.at) - 6.0, self.x(mark.at) + 6.0);
        }
        // What you did is named before what you looked at.
        for looks in [false, true] {
            for mark in marks.iter().filter(|mark| (mark.shape == Shape::Look) == looks) {
                self.moment_label(mark, y, &mut taken);
            }
        }
        for mark in marks {
            let (x, title) = (self.x(mark.at), self.mark_title(mark));
            glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y, &title);
            self.mark_spot(mark, x, y, 7.0);
        }
    }

    fn moment_label(&mut self, mark: &Mark, y: f64, taken: &mut Taken) {
        let Label::Words(words) = &mark.label else { return };
        let class = match mark.shape {
            Shape::Act => "tl-s tl-m tl-ac",
            Shape::Refused => "tl-s tl-m tl-er",
            _ => "tl-s tl-m tl-mu",
        };
        let x = self.x(mark.at);
        for word in words {
            let width = text_width(word, 11.0, true);
            for (from, anchor, at) in
                [(x + 10.0, Anchor::Start, x + 11.0), (x - 11.0 - width, Anchor::End, x - 11.0)]
            {
                let inside = from >= self.plot_x - 2.0 && from + width <= self.right() + 20.0;
                let torn = self.tears.iter().any(|(a, b)| from + width > *a && from < *b);
                if inside && !torn && taken.is_free(from, from + width) {
                    self.svg.text(class, at, y + 4.0, anchor, word, "");
                    taken.take(from, from + width + 4.0);
                    return;
                }
            }
        }
    }

    // ── words ───────────────────────────────────────────────────────────────────────────────

    /// The forms of a piece's label, the longest first.
    fn words(&self, piece: &Piece) -> Vec<String> {
        match &piece.label {
            Label::None => Vec::new(),
            Label::Words(words) => words.clone(),
            Label::Life(None) => vec![(self.texts.state)(piece.state).to_owned()],
            Label::Life(Some(number)) => match piece.state {
                State::Ready => {
                    vec![
                        format!("#{number} {}", (self.texts.state)(piece.state)),
                        format!("#{number}"),
                    ]
                }
                _ => vec![format!("#{number}")],
            },
            Label::Backoff(span) => {
                let span = (self.texts.span)(*span);
                vec![(self.texts.backoff_of)(&span), span]
            }
            Label::Span(span) => vec![(self.texts.span)(*span)],
            Label::Pull { image, took: Some(took) } => {
                let span = (self.texts.span)(*took);
                vec![format!("{image} · {span}"), span]
            }
            Label::Pull { image, took: None } => vec![image.clone()],
            Label::KillDue(at) => vec![(self.texts.kill_due)(*at)],
        }
    }

    /// `ready · 0:07.0 – 0:31.4 · 24.4 s`.
    fn title(&self, piece: &Piece) -> String {
        let name = match (&piece.label, self.words(piece).into_iter().next()) {
            (Label::Life(Some(_)), Some(word)) if piece.state != State::Ready => {
                format!("{word} {}", (self.texts.state)(piece.state))
            }
            (Label::Words(_), Some(word)) => word,
            (_, Some(word)) => format!("{} · {word}", (self.texts.state)(piece.state)),
            (_, None) => (self.texts.state)(piece.state).to_owned(),
        };
        let open = piece.to >= self.end;
        let to = if open { String::new() } else { piece.to.clock() };
        let span = (self.texts.span)(piece.to.since(piece.from));
        format!("{name} · {} – {to}{}{span}", piece.from.clock(), if open { "" } else { " · " })
    }

    fn mark_title(&self, mark: &Mark) -> String {
        match &mark.label {
            Label::Words(words) => {
                let word = words.first().map_or("", String::as_str);
                format!("{word} · {}", mark.at.clock())
            }
            _ => mark.at.clock(),
        }
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
