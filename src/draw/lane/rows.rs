//! The rows around a bar: moments, phases, pulls, windows, probes, hooks and grace.

use super::{LanePen, marks_in, pieces_in};
use crate::draw::glyph::{self, Glyph};
use crate::draw::label::{Taken, text_width};
use crate::draw::layout::{Row, levels};
use crate::draw::svg::{Anchor, Path};
use crate::time::Instant;
use crate::view::timeline::{Label, Lane, Mark, Piece, Shape, State};

/// Least distance of two decisions that are both drawn.
const DECISIONS_APART: f64 = 5.0;

impl LanePen<'_> {
    pub(super) fn phases(&mut self, lane: &Lane) {
        let whole = lane.pieces.len() == 1;
        for piece in pieces_in(lane, self.axis.window()) {
            let (x0, x1, y) = (self.x(piece.from), self.x(piece.to), self.row.middle());
            // What began before the window has no beginning in it.
            let begins = piece.from >= self.axis.window().from;
            let line = match begins {
                true => Path::default().to(x0 + 0.75, y - 4.5).line(x0 + 0.75, y + 4.5),
                false => Path::default(),
            };
            let line = line.to(x0 + 0.75, y).line((x1 - 1.0).max(x0 + 1.0), y);
            self.svg.path("tl-phase", &line, &self.title(piece));
            self.spot(piece, self.row.y, self.row.height);
            let Label::Words(words) = &piece.label else { continue };
            let long = words
                .iter()
                .map(|word| if whole { (self.texts.whole_time)(word) } else { word.clone() });
            for word in long.chain(words.iter().cloned()) {
                let width = text_width(&word, 11.0, false);
                if width + 22.0 <= x1 - x0 && self.is_clear(x0, x0 + width + 20.0) {
                    self.svg.rect("tl-lane", [x0 + 10.0, y - 8.0, width + 10.0, 16.0], 0.0, "");
                    self.svg.text("tl-s tl-mu", x0 + 15.0, y + 4.0, Anchor::Start, &word, "");
                    break;
                }
            }
        }
    }

    pub(super) fn pulls(&mut self, lane: &Lane) {
        let middle = self.row.middle();
        let mut taken = Taken::default();
        // Words give way to pulls that come later, too.
        for piece in pieces_in(lane, self.axis.window()) {
            if matches!(piece.state, State::Pull { .. }) {
                taken.take(self.x(piece.from), self.x(piece.to));
            }
        }
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
                | State::Figure(_)
                | State::Phase => continue,
            }
            self.spot(piece, self.row.y, self.row.height);
            for word in self.words(piece) {
                let width = text_width(&word, 10.0, true);
                // A little air, or two words read as one.
                let end = x1 + 6.0 + width;
                if self.is_clear(x1, end) && taken.is_free(x1 + 1.0, end + 6.0) {
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

    pub(super) fn windows(&mut self, lane: &Lane) {
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

    pub(super) fn window(
        &mut self,
        piece: &Piece,
        blocks: bool,
        y: f64,
        taken: &mut Taken,
        dots: &[f64],
    ) {
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

    pub(super) fn probes(&mut self, lane: &Lane) {
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

    pub(super) fn hooks(&mut self, lane: &Lane) {
        let y = self.row.middle();
        let mut taken = Taken::default();
        // Words give way to hooks that come later, too.
        for piece in pieces_in(lane, self.axis.window()) {
            taken.take(self.x(piece.from) - 3.0, self.x(piece.to) + 2.0);
        }
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
                if self.is_clear(x1, x1 + 6.0 + width) && taken.is_free(x1 + 4.0, x1 + 6.0 + width)
                {
                    self.svg.text("tl-xs tl-m", x1 + 6.0, y + 3.5, Anchor::Start, &word, "");
                    taken.take(x1, x1 + 6.0 + width);
                    break;
                }
            }
        }
    }

    /// The wedge runs out over the grace period; what was not needed is only its outline.
    pub(super) fn grace(&mut self, lane: &Lane) {
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
            // A KILL that came is named above its bar.
            let came = lane.marks.iter().any(|mark| {
                mark.at == piece.to && matches!(mark.shape, Shape::Signal { ghost: false, .. })
            });
            for word in self.words(piece).into_iter().filter(|_| !came) {
                let width = text_width(&word, 10.0, true);
                let class = "tl-xs tl-m tl-mu tl-halo";
                let before = self.parts(x0, x1 - 10.0).pop();
                if self.is_clear(x1 + 8.0, x1 + 8.0 + width) {
                    self.over.push(class, x1 + 8.0, top + 6.0, Anchor::Start, word);
                } else if let Some((_, end)) = before.filter(|(a, b)| b - a >= width + 8.0) {
                    self.over.push(class, end - 3.0, top + 6.0, Anchor::End, word);
                }
            }
        }
        for mark in marks_in(lane, self.axis.window()) {
            let (x, y, title) = (self.x(mark.at), self.row.middle() - 4.0, self.mark_title(mark));
            glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y, &title);
            self.mark_spot(mark, x, y, 6.0);
        }
    }

    pub(super) fn moments(&mut self, lane: &Lane) {
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
        let mut last = f64::MIN;
        for mark in marks {
            let (x, title) = (self.x(mark.at), self.mark_title(mark));
            // Of a crowd of decisions so many are drawn as can be told apart.
            if mark.shape != Shape::Decision || x - last >= DECISIONS_APART {
                glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y, &title);
                last = x;
            }
            self.mark_spot(mark, x, y, 7.0);
        }
    }

    pub(super) fn moment_label(&mut self, mark: &Mark, y: f64, taken: &mut Taken) {
        let Label::Words(words) = &mark.label else { return };
        let class = match mark.shape {
            Shape::Act => "tl-s tl-m tl-ac tl-halo",
            Shape::Refused | Shape::Stuck => "tl-s tl-m tl-er tl-halo",
            _ => "tl-s tl-m tl-mu tl-halo",
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
                    self.over.push(class, at, y + 4.0, anchor, word.clone());
                    taken.take(from, from + width + 4.0);
                    return;
                }
            }
        }
    }
}
