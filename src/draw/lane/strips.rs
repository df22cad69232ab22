//! What Services and workloads do: endpoints, routes, requests, CPU, replicas.

use super::{LanePen, marks_in, pieces_in};
use crate::draw::glyph;
use crate::draw::label::{Taken, text_width};
use crate::draw::layout::ROUTE;
use crate::draw::svg::{Anchor, Path};
use crate::i18n::timeline::amount;
use crate::map::Map;
use crate::time::Instant;
use crate::trace::requests::Lost;
use crate::view::timeline::{Figure, Label, Lane, LaneKind, Note, Piece, Shape, State};

/// Air above and below what is drawn in a strip.
const AIR: f64 = 4.0;

impl LanePen<'_> {
    /// An endpoint: a bar, with its beginning and its end beside it.
    pub(super) fn endpoint(&mut self, lane: &Lane) {
        self.bars(lane);
        for mark in marks_in(lane, self.axis.window()) {
            let Shape::Endpoint { added } = mark.shape else { continue };
            // Before its beginning and after its end nothing else stands there.
            let x = self.x(mark.at) + if added { -8.0 } else { 8.0 };
            if x < self.plot_x + 2.0 || x > self.right() + 12.0 || !self.is_clear(x - 6.0, x + 6.0)
            {
                continue;
            }
            let (y, title) = (self.row.middle(), self.mark_title(mark));
            glyph::draw(self.svg, glyph::of_shape(mark.shape), x, y, &title);
            self.mark_spot(mark, x, y, 6.0);
        }
    }

    /// A thin bar a node: as long as it sends requests there.
    pub(super) fn routes(&mut self, lane: &Lane) {
        // A row a node: its first piece, and where its last one ends.
        let mut rows: Vec<(u8, &Piece, Instant)> = Vec::new();
        for piece in pieces_in(lane, self.axis.window()) {
            let (x0, x1) = (self.x(piece.from), self.x(piece.to));
            let title = self.title(piece);
            match piece.state {
                State::Figure(Figure::Routed { level, fallback }) => {
                    let y = self.route_y(level);
                    let rect = [x0, y - 2.0, (x1 - x0).max(1.0), 4.0];
                    if fallback {
                        self.svg.patterned("tl-term", rect, 1.0, self.stripes, &title);
                    } else {
                        self.svg.rect("tl-routed", rect, 1.0, &title);
                    }
                    self.spot(piece, y - ROUTE / 2.0, ROUTE);
                    match rows.iter_mut().find(|(own, _, _)| *own == level) {
                        Some((_, _, end)) => *end = piece.to,
                        None => rows.push((level, piece, piece.to)),
                    }
                }
                State::Figure(Figure::RoutedBy { nodes, of }) => {
                    let whole = self.row.height - 2.0 * AIR;
                    let height = whole * f64::from(nodes) / f64::from(of.max(1));
                    let top = self.row.y + self.row.height - AIR - height;
                    self.svg.rect("tl-routed", [x0, top, (x1 - x0).max(1.0), height], 0.0, &title);
                    self.spot(piece, self.row.y, self.row.height);
                }
                _ => {}
            }
        }
        // The only node stands beside the lane already.
        let rows = if matches!(lane.note, Note::Name(_)) { Vec::new() } else { rows };
        for (level, piece, end) in rows {
            self.route_name(piece, end, self.route_y(level));
        }
        for mark in marks_in(lane, self.axis.window()) {
            let Shape::Unlearned { level } = mark.shape else { continue };
            let (x, y) = (self.x(mark.at), self.route_y(level));
            self.svg.line("tl-seen", [x, y - 4.0, x, y + 4.0]);
            self.mark_spot(mark, x, y, 4.0);
        }
    }

    fn route_y(&self, level: u8) -> f64 {
        self.row.y + AIR + ROUTE * (f64::from(level) + 0.5)
    }

    /// The node beside its row: before it, behind it, or in a gap of its first bar.
    fn route_name(&mut self, piece: &Piece, end: Instant, y: f64) {
        let Some(name) = self.words(piece).into_iter().next().filter(|name| !name.is_empty())
        else {
            return;
        };
        let width = text_width(&name, 10.0, true);
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        let (class, y) = ("tl-xs tl-m tl-mu", y + 3.5);
        if x0 - width - 6.0 >= self.plot_x + 2.0 && self.is_clear(x0 - width - 6.0, x0) {
            self.svg.text(class, x0 - 5.0, y, Anchor::End, &name, "");
            return;
        }
        let end = self.x(end);
        let behind = (end + 6.0, end + 6.0 + width);
        if end < self.right() - 1.0 && self.is_clear(behind.0, behind.1) {
            self.svg.text(class, behind.0, y, Anchor::Start, &name, "");
            return;
        }
        let needed = width + 32.0;
        if let Some((a, _)) = self.parts(x0, x1).into_iter().find(|(a, b)| b - a >= needed) {
            self.svg.rect("tl-lane", [a + 12.0, y - 9.5, width + 8.0, 12.0], 0.0, "");
            self.svg.text(class, a + 16.0, y, Anchor::Start, &name, "");
        }
    }

    /// A load as a quiet area, and over it what was lost.
    pub(super) fn load(&mut self, lane: &Lane) {
        let most = lane.pieces.iter().filter_map(|piece| match piece.state {
            State::Figure(Figure::Load { first, last, .. }) => Some(first.max(last)),
            _ => None,
        });
        let most = most.max().unwrap_or(0).max(1);
        let (floor, height) = (self.row.y + self.row.height - AIR, self.row.height - 14.0);
        let place = |milli: f64| floor - height * (milli / most as f64);
        let window = self.axis.window();
        let mut taken = Taken::default();
        // Lost requests keep the room beside them.
        for piece in pieces_in(lane, window) {
            if matches!(piece.state, State::Figure(Figure::Lost { .. })) {
                taken
                    .take(self.x(piece.from) - 2.0, self.x(piece.to).max(self.x(piece.from) + 4.0));
            }
        }
        let mut line = Path::default();
        let mut area = Path::default();
        let mut before: Option<(f64, f64)> = None;
        let mut said = String::new();
        for piece in pieces_in(lane, window) {
            let State::Figure(Figure::Load { first, last, cpu }) = piece.state else { continue };
            let at = |share: f64| place(first as f64 + (last - first) as f64 * share);
            let whole = piece.to.since(piece.from).as_micros().max(1) as f64;
            let share = |at: Instant| at.since(piece.from).as_micros() as f64 / whole;
            let (from, to) = (piece.from.max(window.from), piece.to.min(window.to));
            let corners = [(self.x(from), at(share(from))), (self.x(to), at(share(to)))];
            let [start, end] = corners;
            area = area.to(start.0, floor).line(start.0, start.1).line(end.0, end.1);
            area = area.line(end.0, floor).close();
            let joined = before.is_some_and(|(x, _)| (x - start.0).abs() < 0.05);
            if joined {
                line.push_line(start.0, start.1);
            } else {
                line = line.to(start.0, floor).line(start.0, start.1);
            }
            line.push_line(end.0, end.1);
            before = Some(end);
            self.spot(piece, self.row.y, self.row.height);
            let word = amount(first, cpu);
            let width = text_width(&word, 10.0, true);
            let wide = end.0 - start.0 >= width + 8.0 && first == last && word != said;
            if wide && self.is_clear(start.0, start.0 + width + 8.0) {
                // Under its line, unless that lies on the ground.
                let below = start.1 + 11.0 <= floor;
                let (x, y) = (start.0 + 4.0, start.1 + if below { 11.0 } else { -4.0 });
                self.over.push("tl-xs tl-m tl-ac", x, y, Anchor::Start, word.clone());
                taken.take(x, x + width);
                said = word;
            }
        }
        self.svg.path("as-area", &area, "");
        self.svg.path("as-load", &line, "");
        // Losses that touch one another are named together.
        let mut together: Option<(f64, f64, Map<Lost, u64>)> = None;
        for piece in pieces_in(lane, window) {
            let State::Figure(Figure::Lost { lost, sent }) = piece.state else { continue };
            let share = (lost as f64 / sent.max(1) as f64).clamp(0.25, 1.0);
            let (x0, x1) = self.lost(piece, floor, height * share);
            let Label::Lost(reasons) = &piece.label else { continue };
            let (from, mut all) = match together.take() {
                Some((from, to, all)) if x0 <= to + 3.0 => (from, all),
                Some((from, to, all)) => {
                    self.lost_label((from, to), all, &mut taken);
                    (x0, Map::new())
                }
                None => (x0, Map::new()),
            };
            for (why, count) in reasons {
                *all.entry(*why).or_default() += count;
            }
            together = Some((from, x1, all));
        }
        if let Some((from, to, all)) = together {
            self.lost_label((from, to), all, &mut taken);
        }
    }

    /// The share of requests that was lost, hatched; from where to where.
    fn lost(&mut self, piece: &Piece, floor: f64, height: f64) -> (f64, f64) {
        let (x0, x1) = (self.x(piece.from), self.x(piece.to));
        let width = (x1 - x0).max(4.0);
        let title = self.title(piece);
        let rect = [x0, floor - height, width, height];
        self.svg.patterned("tl-lossb", rect, 0.0, self.loss, &title);
        self.spot(piece, floor - height, height);
        if let Some(spot) = self.spots.last_mut() {
            // It lies over the load, and is what one asks about there.
            spot.is_mark = true;
        }
        self.keys.extend(glyph::of_state(piece.state));
        (x0, x0 + width)
    }

    /// How many were lost, beside the hatching, or in it where it is wide.
    fn lost_label(&mut self, (x0, x1): (f64, f64), lost: Map<Lost, u64>, taken: &mut Taken) {
        let class = "tl-xs tl-m tl-er tl-halo";
        let reasons: Vec<(Lost, u64)> = lost.into_iter().collect();
        let total: u64 = reasons.iter().map(|(_, count)| count).sum();
        for word in [(self.texts.lost)(&reasons), total.to_string()] {
            let wide = text_width(&word, 10.0, true);
            let y = self.row.middle() + 5.5;
            let right = (x1 + 4.0, x1 + 4.0 + wide);
            let left = (x0 - 4.0 - wide, x0 - 4.0);
            for (place, anchor) in [(right, Anchor::Start), (left, Anchor::End)] {
                let inside = place.0 > self.plot_x && self.is_clear(place.0, place.1);
                if inside && taken.is_free(place.0, place.1) {
                    let x = if anchor == Anchor::Start { place.0 } else { place.1 };
                    self.over.push(class, x, y, anchor, word);
                    taken.take(place.0 - 2.0, place.1 + 2.0);
                    return;
                }
            }
            let part = self.parts(x0, x1).into_iter().find(|(a, b)| b - a >= wide + 12.0);
            if let Some((a, _)) = part {
                self.over.push(class, a + 6.0, y, Anchor::Start, word);
                return;
            }
        }
    }

    /// What a Pod uses, against what it requests and what it may use.
    pub(super) fn cpu(&mut self, lane: &Lane) {
        let figures = || {
            lane.pieces.iter().filter_map(|piece| match piece.state {
                State::Figure(Figure::Cpu { used, request, limit }) => Some((used, request, limit)),
                _ => None,
            })
        };
        let request = figures().map(|(_, request, _)| request).max().unwrap_or(0);
        let limit = figures().map(|(_, _, limit)| limit).max().unwrap_or(0);
        let used = figures().map(|(used, _, _)| used).max().unwrap_or(0);
        let most = used.max(request).max(limit).max(1);
        let (floor, height) = (self.row.y + self.row.height - AIR, self.row.height - 12.0);
        let place = |milli: i64| floor - height * (milli as f64 / most as f64);
        let window = self.axis.window();
        let (mut area, mut line) = (Path::default(), Path::default());
        let mut before: Option<f64> = None;
        let mut labels: Vec<(f64, f64, f64, i64)> = Vec::new();
        for piece in pieces_in(lane, window) {
            let State::Figure(Figure::Cpu { used, .. }) = piece.state else { continue };
            let (x0, x1, y) = (self.x(piece.from), self.x(piece.to), place(used));
            area = area.to(x0, floor).line(x0, y).line(x1, y).line(x1, floor).close();
            if before.is_some_and(|x| (x - x0).abs() < 0.05) {
                line.push_line(x0, y);
            } else {
                line = line.to(x0, y);
            }
            line.push_line(x1, y);
            before = Some(x1);
            let title = self.title(piece);
            self.svg.rect("tl-hit", [x0, self.row.y, x1 - x0, self.row.height], 0.0, &title);
            self.spot(piece, self.row.y, self.row.height);
            labels.push((x0, x1, y, used));
        }
        self.svg.path("tl-use", &area, "");
        self.svg.path("tl-usel", &line, "");
        let (left, right) = (self.plot_x, self.right());
        let mut taken = Taken::default();
        // Where both are the same, one line says so.
        let (both, request) = match request == limit {
            true => ("request, limit", 0),
            false => ("limit", request),
        };
        let rails = [(limit, both, "tl-rule"), (request, "request", "tl-rail")];
        for (value, word, class) in rails.into_iter().filter(|(value, _, _)| *value > 0) {
            let y = place(value);
            self.svg.line(class, [left, y, right, y]);
            let text = format!("{word} {value}m");
            let width = text_width(&text, 10.0, true);
            // As far to the right as there is room: there a curve has come to rest.
            let mut ends: Vec<f64> = self.tears.iter().map(|(from, _)| from - 2.0).collect();
            ends.push(right);
            let mut ends = ends.into_iter().rev().map(|end| (end - width - 6.0, end - 4.0));
            let place =
                ends.find(|(a, b)| *a > left && self.is_clear(*a, *b) && taken.is_free(*a, *b));
            if let Some((a, b)) = place {
                let baseline = if y - self.row.y < 12.0 { y + 10.0 } else { y - 3.0 };
                self.over.push("tl-xs tl-m tl-mu tl-halo", b, baseline, Anchor::End, text);
                taken.take(a - 4.0, b);
            }
        }
        let mut said: Option<i64> = None;
        for (x0, x1, y, used) in labels {
            // Small changes say nothing.
            let near = said.is_some_and(|said| (said - used).abs() * 8 < most);
            let text = format!("{used}m");
            let width = text_width(&text, 10.0, true);
            // Behind a tear, not on its edge.
            let mut parts = self.parts(x0, x1).into_iter().map(|(a, _)| a + 1.0);
            let place = parts
                .find(|a| self.is_clear(*a, a + width + 6.0) && taken.is_free(*a, a + width + 8.0));
            let Some(x0) = place.filter(|_| !near && x1 - x0 >= 6.0) else { continue };
            let baseline = if y - self.row.y < 12.0 { y + 10.0 } else { y - 3.0 };
            self.over.push("tl-xs tl-m tl-halo", x0 + 3.0, baseline, Anchor::Start, text);
            taken.take(x0, x0 + width + 6.0);
            said = Some(used);
        }
    }

    /// Ready as an area, what was made as a tint, what is wanted as a line.
    pub(super) fn replicas(&mut self, lane: &Lane) {
        let wanted_counts = lane.kind == LaneKind::Replicas;
        let most = lane.pieces.iter().map(|piece| match piece.state {
            State::Figure(Figure::Replicas { wanted, made, .. }) => wanted.max(made),
            _ => 0,
        });
        let most = f64::from(most.max().unwrap_or(0).max(1));
        let (floor, height) = (self.row.y + self.row.height - AIR, self.row.height - 20.0);
        let place = |count: i32| floor - height * (f64::from(count) / most);
        let (mut line, mut before) = (Path::default(), None::<f64>);
        let mut labels: Vec<(f64, f64, i32)> = Vec::new();
        let window = self.axis.window();
        for piece in pieces_in(lane, window) {
            let State::Figure(Figure::Replicas { wanted, made, ready }) = piece.state else {
                continue;
            };
            let (x0, x1) = (self.x(piece.from), self.x(piece.to));
            for (class, count) in [("as-made", made), ("as-ready", ready)] {
                if count > 0 {
                    let rect = [x0, place(count), (x1 - x0).max(0.5), floor - place(count)];
                    self.svg.rect(class, rect, 0.0, "");
                }
            }
            let title = self.title(piece);
            self.svg.rect("tl-hit", [x0, self.row.y, x1 - x0, self.row.height], 0.0, &title);
            self.spot(piece, self.row.y, self.row.height);
            let shown = if wanted_counts { wanted } else { ready };
            if before.is_some_and(|x| (x - x0).abs() < 0.05) {
                line.push_line(x0, place(shown));
            } else {
                line = line.to(x0, place(shown));
            }
            line.push_line(x1, place(shown));
            before = Some(x1);
            if labels.last().is_none_or(|(_, _, last)| *last != shown) {
                labels.push((x0, place(shown), shown));
            }
        }
        if wanted_counts {
            self.svg.path("as-wanted", &line, "");
        }
        let mut taken = Taken::default();
        for (index, (x, y, count)) in labels.iter().copied().enumerate() {
            let text = count.to_string();
            let width = text_width(&text, 11.0, true) + 5.0;
            // What is over at once is on the way to another number.
            let stays = labels.get(index + 1).is_none_or(|(next, _, _)| next - x >= width);
            if stays && taken.is_free(x, x + width) && self.is_clear(x, x + width) {
                let class = "tl-s tl-m tl-bold tl-halo";
                self.over.push(class, x + 3.0, y - 3.5, Anchor::Start, text);
                taken.take(x, x + width);
            }
        }
    }
}
