//! Bars: a Pod's STATUS, a container's lives, a Pod in one line.

use super::{LanePen, Over, PAD, SEEN, is_trouble, marks_in, pieces_in};
use crate::draw::glyph;
use crate::draw::label::{Taken, text_width};
use crate::draw::svg::Anchor;
use crate::view::timeline::{Label, Lane, Mark, Piece, Shape, State};

impl LanePen<'_> {
    pub(super) fn bars(&mut self, lane: &Lane) {
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
        let mut said = String::new();
        let mut above = Taken::default();
        for mark in marks_in(lane, self.axis.window()) {
            if matches!(mark.shape, Shape::Signal { .. }) {
                above.take(self.x(mark.at) - 6.0, self.x(mark.at) + 6.0);
            }
        }
        for mark in marks_in(lane, self.axis.window()) {
            match mark.shape {
                Shape::Exit { ok } => {
                    if !self.exit(mark, ok, &pieces, &mut taken, &mut inside) {
                        self.exit_above(mark, ok, &mut above, &mut said);
                    }
                }
                Shape::Signal { .. } => self.signal(mark, &mut above),
                Shape::Act
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

    /// A bar; `top` is its distance from the lane's edge.
    pub(super) fn bar(&mut self, piece: &Piece, top: f64, height: f64) {
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
            | State::Figure(_)
            | State::Phase => {}
        }
        self.spot(piece, y, height);
    }

    pub(super) fn bar_label(
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
            | State::Figure(_)
            | State::Phase => ("tl-s", 11.0),
        };
        let over = matches!(piece.state, State::BackOff | State::Failed | State::Completed);
        if over {
            // Within one part of the paper if any form fits there, across a torn gap otherwise.
            let place = |torn: bool| {
                words.iter().find_map(|word| {
                    let width = text_width(word, size, false);
                    Some((self.over_place(piece, width, taken, torn)?, word.clone(), width))
                })
            };
            if let Some((x, text, width)) = place(false).or_else(|| place(true)) {
                let clear = self.is_clear(x - width / 2.0, x + width / 2.0);
                let plate = (!clear).then_some(width / 2.0 + 2.0);
                let (y, anchor) = (middle + 1.0, Anchor::Middle);
                self.over.0.push(Over { class, x, y, anchor, text, plate });
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
    pub(super) fn over_place(
        &self,
        piece: &Piece,
        width: f64,
        taken: &Taken,
        torn: bool,
    ) -> Option<f64> {
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
    pub(super) fn parts(&self, x0: f64, x1: f64) -> Vec<(f64, f64)> {
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
    pub(super) fn is_clear(&self, from: f64, to: f64) -> bool {
        to <= self.right() && self.tears.iter().all(|(a, b)| to < *a || from > *b)
    }

    pub(super) fn exit(
        &mut self,
        mark: &Mark,
        ok: bool,
        pieces: &[&Piece],
        taken: &mut Taken,
        inside: &mut Taken,
    ) -> bool {
        let (x, y, height) = (self.x(mark.at), self.row.y + 3.0, self.row.height - 6.0);
        let class = if ok { "tl-done" } else { "tl-fail" };
        // What is too narrow to be drawn belongs to what came before it.
        let life = pieces.iter().rev().find(|piece| {
            let lives = matches!(piece.state, State::Running | State::Ready | State::Terminating);
            lives
                && piece.from < mark.at
                && x - self.x(piece.to) < SEEN
                && x - self.x(piece.from) >= SEEN
        });
        let length = life.map_or(0.0, |piece| x - self.x(piece.from));
        let wide = if length > 10.0 { 5.0 } else { 3.5 };
        let title = self.mark_title(mark);
        self.svg.rect(class, [x + 0.8 - wide, y, wide, height], 1.5, &title);
        self.mark_spot(mark, x - 1.0, self.row.middle(), 9.0);
        let Label::Words(words) = &mark.label else { return true };
        for word in words {
            let width = text_width(word, 10.0, true);
            let (a, b) = (x - 9.0 - width, x - 9.0);
            if let Some(piece) = life.filter(|p| {
                self.x(p.from) + 5.0 < a && inside.is_free(a - 5.0, b) && self.is_clear(a - 5.0, b)
            }) {
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
                return true;
            }
            let seen = pieces.iter().find(|p| p.state == State::Unseen && p.from == mark.at);
            let from = seen.map_or(x, |piece| self.x(piece.to)) + 5.0;
            if taken.is_free(from, from + width + 4.0) && self.is_clear(from, from + width) {
                let class = if ok { "tl-xs tl-m tl-mu" } else { "tl-xs tl-m tl-er" };
                self.svg.text(class, from, self.row.middle() + 3.5, Anchor::Start, word, "");
                taken.take(from, from + width);
                return true;
            }
        }
        false
    }

    /// The end of a life too short to write in stands above it, once for each code.
    pub(super) fn exit_above(
        &mut self,
        mark: &Mark,
        ok: bool,
        above: &mut Taken,
        said: &mut String,
    ) {
        let Label::Words(words) = &mark.label else { return };
        let (x, y) = (self.x(mark.at), self.row.y - 0.5);
        for word in words.iter().filter(|word| *said != **word) {
            let width = text_width(word, 10.0, true);
            let torn = self.tears.iter().any(|(a, b)| x + width > *a && x < *b);
            if above.is_free(x - 4.0, x + width) && !torn {
                let class = if ok { "tl-xs tl-m tl-mu" } else { "tl-xs tl-m tl-er" };
                self.svg.text(class, x - 4.0, y, Anchor::Start, word, "");
                above.take(x - 4.0, x + width);
                said.clone_from(word);
                return;
            }
        }
    }

    pub(super) fn signal(&mut self, mark: &Mark, above: &mut Taken) {
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
            for (from, anchor, at) in
                [(x + 8.0, Anchor::Start, x + 8.0), (x - 8.0 - width, Anchor::End, x - 8.0)]
            {
                let torn = self.tears.iter().any(|(a, b)| from + width > *a && from < *b);
                let inside = from >= self.plot_x && from + width <= self.right() + 30.0;
                if inside && !torn && above.is_free(from, from + width) {
                    self.svg.text("tl-xs tl-m", at, y + 3.5, anchor, &word, "");
                    above.take(from, from + width);
                    return;
                }
            }
        }
    }

    /// A Pod in one line: four marks a state at 11 px, no words.
    pub(super) fn thin_bars(&mut self, lane: &Lane) {
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
                | State::Figure(_)
                | State::Phase => {}
            }
            self.spot(piece, self.row.y, self.row.height);
        }
    }
}
