//! The end of a Pod: two tracks on one axis, and the budget of the grace period.
//!
//! Owns: where everything stands. Does not own: the result in a sentence (the page writes it
//! below), or the numbers (`view::termination`).

use super::glyph::{self, Glyph};
use super::label::{cut_middle, text_width};
use super::svg::{Anchor, Path, Svg};
use crate::i18n::Lang;
use crate::i18n::termination::TerminationTexts;
use crate::time::{Duration, Instant};
use crate::view::termination::{ContainerEnd, EndpointEnd, Fate, NodeTrack, Termination};

/// Below this the names stand alone, and the plot begins earlier.
const PHONE: f64 = 560.0;
/// Where the axis is labelled, and where the first lane begins.
const AXIS: f64 = 16.0;
const TOP: f64 = 36.0;
const LANE: f64 = 32.0;
const HOOKS: f64 = 24.0;
const NODE: f64 = 36.0;

/// The end of a Pod, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// The picture.
    pub svg: String,
    /// Where the axis begins and ends.
    plot: (f64, f64),
    /// When it begins and ends.
    span: (Instant, Instant),
    /// Where the last lane of both tracks ends; below it there is another axis.
    pub foot: f64,
}

impl Ending {
    /// Where a cursor begins that lies over it.
    pub const HEAD: f64 = TOP - 10.0;

    /// Where a moment stands; nothing for one that is not on the axis.
    pub fn place(&self, at: Instant) -> Option<f64> {
        let (from, to) = self.span;
        (from <= at && at <= to).then(|| on_axis(self.plot, self.span, at))
    }
}

/// Where a moment stands on an axis; what lies beyond stands at its end.
fn on_axis((left, right): (f64, f64), (from, to): (Instant, Instant), at: Instant) -> f64 {
    let whole = to.since(from).as_micros().max(1) as f64;
    let part = at.since(from).as_micros() as f64;
    left + (right - left) * (part / whole).clamp(0.0, 1.0)
}

/// Draws the end of a Pod at a width. `id` keeps the patterns of several pictures apart.
pub fn termination(leaving: &Termination, width: f64, lang: Lang, id: &str) -> Ending {
    let width = width.max(280.0);
    let phone = width < PHONE;
    let name_x = if phone { 12.0 } else { 20.0 };
    let plot_x = if phone { 92.0 } else { 180.0 };
    let right = width - if phone { 12.0 } else { 24.0 };
    let rows = |own: &&ContainerEnd| has_hook_row(leaving, own);
    let hooked = leaving.containers.iter().filter(rows).count() as f64;
    let hooks = leaving.containers.len() as f64 * (LANE + 8.0) + hooked * (HOOKS + 4.0);
    let endpoint = if leaving.endpoint.is_some() { LANE + 14.0 } else { 0.0 };
    let nodes = leaving.nodes.len() as f64 * (NODE + 5.0);
    let measure = if leaving.gap().is_some() { 52.0 } else { 8.0 };
    // On a phone nothing is said below the budget.
    let foot = if phone { 52.0 } else { 78.0 };
    let height = TOP + hooks + endpoint + nodes + measure + foot;
    let texts = lang.termination();
    let (fact, rest) = (texts.verdict)(leaving);
    let label = format!("{}. {fact}. {rest}", texts.title);
    let mut svg = Svg::new("tl", width, height, Some(&label));
    let (stripes, loss) = (format!("{id}-st"), format!("{id}-lo"));
    svg.stripes(&stripes, 6.0);
    svg.loss(&loss);
    let mut pen =
        Pen { svg, leaving, texts, phone, name_x, plot_x, right, until: right, stripes, loss };
    pen.make_room();
    pen.axis(height - foot - 8.0);
    let mut y = TOP;
    for own in &leaving.containers {
        pen.container(own, y);
        y += LANE + 4.0;
        if has_hook_row(leaving, own) {
            pen.hooks(own, y);
            y += HOOKS + 4.0;
        }
        y += 4.0;
    }
    if let Some(endpoint) = leaving.endpoint {
        y += 6.0;
        pen.endpoint(endpoint, y);
        y += LANE + 8.0;
    }
    let first = y;
    for (index, track) in leaving.nodes.iter().enumerate() {
        pen.node(track, y, index == 0);
        y += NODE + 5.0;
    }
    pen.measure(first, y);
    let tracks = y;
    y += measure;
    pen.budget(y + 14.0);
    let (plot, span) = ((pen.plot_x, pen.until), (leaving.from, leaving.to));
    Ending { svg: pen.svg.finish(), plot, span, foot: tracks }
}

/// Of several containers only those with a hook have a row for it; of one the lack is said.
fn has_hook_row(leaving: &Termination, own: &ContainerEnd) -> bool {
    leaving.containers.len() == 1 || own.hook.is_some()
}

/// What is said at the end of a container, the longest form first.
fn end_words(own: &ContainerEnd) -> Vec<String> {
    let exit = own.exit.map_or(String::new(), |(_, code)| format!("exit {code}"));
    let killed = own.killed.map_or(String::new(), |_| format!("KILL, {exit}"));
    let end = if killed.is_empty() { exit.clone() } else { killed };
    let whole = own.signal.as_ref().map(|(_, signal, ignored)| {
        let sign = if *ignored { " ✕" } else { "" };
        let comma = if end.is_empty() { "" } else { ", " };
        format!("{signal}{sign}{comma}{end}")
    });
    let mut words: Vec<String> = whole.into_iter().chain([end, exit]).collect();
    words.retain(|word| !word.is_empty());
    words
}

struct Pen<'t> {
    svg: Svg,
    leaving: &'t Termination,
    texts: &'t TerminationTexts,
    phone: bool,
    name_x: f64,
    plot_x: f64,
    right: f64,
    /// Where the axis ends: what is said of an end needs room behind it.
    until: f64,
    stripes: String,
    loss: String,
}

impl Pen<'_> {
    fn x(&self, at: Instant) -> f64 {
        on_axis((self.plot_x, self.until), (self.leaving.from, self.leaving.to), at)
    }

    /// Ends the axis earlier where nothing could be said behind the last exit.
    fn make_room(&mut self) {
        let phone = self.phone;
        for own in &self.leaving.containers {
            let Some((at, _)) = own.exit else { continue };
            let words = end_words(own);
            let word = if phone { words.last() } else { words.first() };
            let Some(word) = word else { continue };
            let needed = 9.0 + 8.0 + text_width(word, 11.0, true) + 4.0;
            let whole = self.leaving.to.since(self.leaving.from).as_micros().max(1) as f64;
            let share = at.since(self.leaving.from).as_micros() as f64 / whole;
            let most = self.plot_x + (self.right - needed - self.plot_x) / share.max(0.01);
            self.until = self.until.min(most);
        }
    }

    fn after(&self, at: Instant) -> Duration {
        at.since(self.leaving.asked)
    }

    fn lane(&mut self, y: f64, height: f64) {
        let plot = [self.plot_x, y, self.right - self.plot_x, height];
        self.svg.rect("tl-lane", plot, 3.0, "");
    }

    fn name(&mut self, class: &str, name: &str, note: &str, y: f64) {
        let room = self.plot_x - self.name_x - 10.0;
        let size = if class.contains("bold") { 14.6 } else { 12.5 };
        let beside =
            if self.phone || note.is_empty() { 0.0 } else { text_width(note, 11.0, false) };
        let cut = cut_middle(name, size, room - beside);
        self.svg.text(class, self.name_x, y + 4.5, Anchor::Start, &cut, name);
        if !self.phone {
            self.svg.text("tl-s tl-mu", self.plot_x - 12.0, y + 4.0, Anchor::End, note, "");
        }
    }

    /// A label right of a place, left of it where there is no room, or none at all.
    fn beside(&mut self, class: &str, (left, right): (f64, f64), y: f64, text: &str) -> bool {
        let width = text_width(text, 11.0, class.contains("tl-m"));
        if right + 8.0 + width <= self.right - 2.0 {
            self.svg.text(class, right + 8.0, y, Anchor::Start, text, "");
            true
        } else if left - 8.0 - width >= self.plot_x + 2.0 {
            self.svg.text(class, left - 8.0, y, Anchor::End, text, "");
            true
        } else {
            false
        }
    }

    /// Seconds since the deletion.
    fn axis(&mut self, foot: f64) {
        let leaving = self.leaving;
        let whole = leaving.to.since(leaving.from).as_micros().max(1) as f64 / 1e6;
        let second = (self.until - self.plot_x) / whole;
        let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];
        let step = steps.into_iter().find(|step| second * f64::from(*step) >= 58.0);
        let step = i64::from(step.unwrap_or(3_600));
        let zero = self.x(leaving.asked);
        let word = if leaving.yours { "delete" } else { self.texts.deletion };
        let taken = zero + 10.0 + text_width(word, 12.0, true);
        let mut number = 1;
        while leaving.asked + Duration::from_secs(step * number) < leaving.to {
            let x = self.x(leaving.asked + Duration::from_secs(step * number));
            self.svg.line("tl-grid", [x, TOP - 10.0, x, foot]);
            let text = (self.texts.later)(step * number);
            let half = text_width(&text, 11.0, true) / 2.0;
            if x - half > taken + 6.0 && x + half < self.right + 8.0 {
                self.svg.text("tl-s tl-m tl-mu", x, AXIS + 4.0, Anchor::Middle, &text, "");
            }
            number += 1;
        }
        self.svg.line("tl-grid", [zero, TOP - 10.0, zero, foot]);
        let (mark, class) = match leaving.yours {
            true => (Glyph::Act, "tl-s tl-m tl-bold tl-ac"),
            false => (Glyph::Decision, "tl-s tl-m tl-bold"),
        };
        glyph::draw(&mut self.svg, mark, zero, AXIS, "");
        self.svg.text(class, zero + 10.0, AXIS + 4.0, Anchor::Start, word, "");
    }

    fn container(&mut self, own: &ContainerEnd, y: f64) {
        let leaving = self.leaving;
        self.name("tl-l tl-bold", &own.name, "kubelet", y + LANE / 2.0);
        self.lane(y, LANE);
        let end = own.exit.map_or(leaving.to, |(at, _)| at);
        let told = own.signal.as_ref().map_or(end, |(at, _, _)| *at);
        let (x0, x1) = (self.x(leaving.from), self.x(told));
        let class = if own.ready { "tl-rdy" } else { "tl-run" };
        self.svg.rect(class, [x0, y + 4.0, (x1 - x0 - 1.0).max(1.0), LANE - 8.0], 2.5, "");
        if x1 - x0 > 52.0 {
            let (class, word) = if own.ready {
                ("tl-s tl-onr", self.texts.ready)
            } else {
                ("tl-s", self.texts.running)
            };
            self.svg.text(class, x0 + 9.0, y + LANE / 2.0 + 4.0, Anchor::Start, word, "");
        }
        let x2 = self.x(end);
        if x2 - x1 > 3.0 {
            let bar = [x1 + 0.7, y + 4.7, x2 - x1 - 1.4, LANE - 9.4];
            let stripes = self.stripes.clone();
            self.svg.patterned("tl-term", bar, 2.5, &stripes, "");
        }
        if let Some((at, signal, _)) = &own.signal {
            let x = self.x(*at);
            glyph::draw(&mut self.svg, Glyph::Signal, x, y - 1.0, signal);
        }
        if let Some((_, code)) = own.exit {
            let class = if code == 0 { "tl-done" } else { "tl-fail" };
            self.svg.rect(class, [x2 + 1.5, y + 4.0, 6.0, LANE - 8.0], 1.5, "");
        }
        if let Some(at) = own.killed {
            let x = self.x(at);
            glyph::draw(&mut self.svg, Glyph::Kill, x, y - 1.0, "KILL");
        } else if leaving.kill_due() <= leaving.to {
            let x = self.x(leaving.kill_due());
            // Where the signal came with the end of the time, its mark stands there already.
            let told = own.signal.as_ref().map(|(at, _, _)| self.x(*at));
            if told.is_none_or(|told| (told - x).abs() >= 10.0) {
                glyph::draw(&mut self.svg, Glyph::KillGhost, x, y - 1.0, "KILL");
            }
        }
        let middle = y + LANE / 2.0 + 4.0;
        // Left of its end stands the bar: there no word could be read.
        for word in end_words(own) {
            if x2 + 17.0 + text_width(&word, 11.0, true) <= self.right - 2.0 {
                self.svg.text("tl-s tl-m", x2 + 17.0, middle, Anchor::Start, &word, "");
                break;
            }
        }
    }

    fn hooks(&mut self, own: &ContainerEnd, y: f64) {
        self.name("tl-c", "preStop", "", y + HOOKS / 2.0);
        self.lane(y, HOOKS);
        let middle = y + HOOKS / 2.0;
        let Some((from, to, ok)) = own.hook else {
            let x = self.x(self.leaving.asked) + 8.0;
            let text = self.texts.no_hook;
            self.svg.text("tl-s tl-mu", x, middle + 4.0, Anchor::Start, text, "");
            return;
        };
        let (x0, x1) = (self.x(from), self.x(to.unwrap_or(self.leaving.to)));
        let class = if ok { "tl-hook" } else { "tl-hook tl-hookx" };
        let edge = |path: Path, x: f64, turn: f64| {
            path.to(x + turn, middle - 8.0)
                .line(x, middle - 8.0)
                .line(x, middle + 8.0)
                .line(x + turn, middle + 8.0)
        };
        let path = edge(edge(Path::default(), x0, 5.0), x1, -5.0);
        self.svg.path(class, &path, "");
        let mut x = x0 + 10.0;
        let words = own.hook_words.as_str();
        let width = text_width(words, 11.0, true);
        if x + width + 6.0 < x1 {
            self.svg.text("tl-s tl-m", x, middle + 4.0, Anchor::Start, words, "");
            x += width + 16.0;
        }
        if x + text_width(self.texts.not_told, 11.0, false) + 6.0 < x1 {
            let text = self.texts.not_told;
            self.svg.text("tl-s tl-mu", x, middle + 4.0, Anchor::Start, text, "");
        }
    }

    fn endpoint(&mut self, endpoint: EndpointEnd, y: f64) {
        self.name("tl-l tl-bold", "Endpoint", "EndpointSlice", y + LANE / 2.0);
        self.lane(y, LANE);
        let (x0, zero) = (self.x(self.leaving.from), self.x(self.leaving.asked));
        let unready = endpoint.unready.unwrap_or(self.leaving.to);
        let (x1, middle) = (self.x(unready), y + LANE / 2.0 + 4.0);
        let (class, word, said) = match endpoint.ready {
            true => ("tl-rdy", "tl-s tl-onr", "ready"),
            false => ("tl-run", "tl-s", "not ready"),
        };
        self.svg.rect(class, [x0, y + 4.0, (x1 - x0 - 0.5).max(1.0), LANE - 8.0], 2.5, "");
        if zero - x0 > 62.0 {
            self.svg.text(word, x0 + 9.0, middle, Anchor::Start, said, "");
        }
        let gone = endpoint.removed.unwrap_or(self.leaving.to);
        let x2 = self.x(gone);
        if x2 - x1 > 3.0 {
            let bar = [x1 + 0.7, y + 4.7, x2 - x1 - 1.4, LANE - 9.4];
            let stripes = self.stripes.clone();
            self.svg.patterned("tl-term", bar, 2.5, &stripes, "");
            // Who was not ready serves nobody on its way out either.
            let text = if endpoint.ready { self.texts.leaving } else { "terminating" };
            let width = text_width(text, 11.0, false);
            if width + 22.0 < x2 - x1 {
                let plate = [x1 + 7.0, y + LANE / 2.0 - 8.0, width + 9.0, 16.0];
                self.svg.rect("tl-plate", plate, 2.0, "");
                self.svg.text("tl-s", x1 + 11.0, middle, Anchor::Start, text, "");
            }
        }
        if let Some(at) = endpoint.removed {
            let text = (self.texts.removed)(self.after(at));
            self.beside("tl-s tl-mu", (x1, x2), middle, &text);
        }
    }

    /// The node's route above, its requests below.
    fn node(&mut self, track: &NodeTrack, y: f64, first: bool) {
        let note = if first { "kube-proxy" } else { "" };
        self.name("tl-l", &track.node, note, y + NODE / 2.0);
        self.lane(y, NODE);
        let leaving = self.leaving;
        let until = track.until.unwrap_or(leaving.to);
        let (x0, x1) = (self.x(leaving.from), self.x(until));
        if let Some(closed) = leaving.closed.filter(|closed| *closed < until) {
            let x = self.x(closed);
            let rect = [x, y + 1.0, x1 - x, NODE - 2.0];
            let loss = self.loss.clone();
            self.svg.patterned("tl-none", rect, 0.0, &loss, "");
        }
        self.svg.rect("tl-rdy", [x0, y + 5.0, (x1 - x0).max(1.0), 7.0], 1.5, "");
        if until < leaving.to {
            self.svg.line("tl-seen", [x1, y + 2.0, x1, y + NODE - 2.0]);
            let text = (self.texts.learns)(self.after(until));
            self.beside("tl-s tl-mu tl-halo", (x1, x1), y + 12.0, &text);
        } else {
            let text = self.texts.never_learns;
            self.beside("tl-s tl-er tl-halo", (x1, x1), y + 12.0, text);
        }
        let middle = y + 25.0;
        for dot in &track.dots {
            let x = self.x(dot.at);
            match dot.fate {
                Fate::Served => self.svg.circle("tl-okd", x, middle, 3.4, ""),
                Fate::Elsewhere => self.svg.circle("tm-else", x, middle, 2.6, ""),
                Fate::Lost => glyph::draw(&mut self.svg, Glyph::Cross, x, middle, ""),
            }
        }
        if track.dots.is_empty() && track.lost > 0 {
            let text = format!("✕ {}", track.lost);
            self.beside("tl-s tl-m tl-er tl-halo", (x1, x1), middle + 5.0, &text);
        }
    }

    /// From the closed listener to the last route, or the other way round.
    fn measure(&mut self, first: f64, y: f64) {
        let (Some(gap), Some(closed), Some(last)) =
            (self.leaving.gap(), self.leaving.closed, self.leaving.last_route())
        else {
            return;
        };
        let lost = gap > Duration::ZERO;
        let (a, b) = (self.x(closed.min(last)), self.x(closed.max(last)));
        let line = y + 8.0;
        let class = if lost { "tm-closed" } else { "tm-open" };
        self.svg.line("tm-listener", [self.x(closed), first - 4.0, self.x(closed), line + 4.0]);
        self.svg.line("tl-seen", [self.x(last), y - 4.0, self.x(last), line + 4.0]);
        self.svg.line(class, [a, line, b, line]);
        if b - a > 14.0 {
            let head = Path::default()
                .to(a + 5.0, line - 3.5)
                .line(a, line)
                .line(a + 5.0, line + 3.5)
                .to(b - 5.0, line - 3.5)
                .line(b, line)
                .line(b - 5.0, line + 3.5);
            self.svg.path(class, &head, "");
        }
        let text =
            if lost { (self.texts.gap)(gap) } else { (self.texts.margin)(Duration::ZERO - gap) };
        let half = text_width(&text, 13.0, false) / 2.0;
        let x = ((a + b) / 2.0).clamp(self.plot_x + half, (self.right - half).max(self.plot_x));
        let class = if lost { "tl-l tl-bold tl-er" } else { "tl-l tl-bold" };
        self.svg.text(class, x, line + 20.0, Anchor::Middle, &text, "");
    }

    /// What was used of the grace period.
    fn budget(&mut self, y: f64) {
        let leaving = self.leaving;
        let grace = leaving.grace;
        let name = if self.phone { self.texts.grace } else { self.texts.budget };
        self.name("tl-l tl-bold", name, &(self.texts.span)(grace), y + 14.0);
        let (x0, x1) = (self.plot_x, self.right - if self.phone { 0.0 } else { 46.0 });
        let whole = grace.as_micros().max(1) as f64;
        let part = |span: Duration| (x1 - x0) * (span.as_micros() as f64 / whole).clamp(0.0, 1.0);
        let hooked = leaving.hooked().min(grace);
        let took = leaving.took().unwrap_or(grace);
        self.svg.rect("tm-box", [x0 + 0.7, y + 0.7, x1 - x0 - 1.4, 26.6], 3.0, "");
        let stripes = self.stripes.clone();
        if part(hooked) >= 1.0 {
            let bar = [x0 + 0.7, y + 0.7, part(hooked), 26.6];
            self.svg.patterned("tl-term", bar, 3.0, &stripes, "preStop");
            let text = format!("preStop {}", (self.texts.span)(hooked));
            let width = text_width(&text, 11.0, false);
            if width + 20.0 < part(hooked) {
                self.svg.rect("tl-plate", [x0 + 6.0, y + 6.0, width + 10.0, 16.0], 2.0, "");
                self.svg.text("tl-s", x0 + 11.0, y + 18.0, Anchor::Start, &text, "");
            }
        }
        let drained = part(took.min(grace)) - part(hooked);
        if drained > 0.0 {
            let bar = [x0 + part(hooked), y + 0.7, drained.max(2.0), 26.6];
            self.svg.rect("tl-termbox", bar, 2.0, "");
        }
        let left = grace - took;
        let killed = leaving.containers.iter().any(|own| own.killed.is_some());
        let text = match left > Duration::ZERO {
            true => (self.texts.left)(left),
            false => (self.texts.used_up)(killed).to_owned(),
        };
        let width = text_width(&text, 11.0, false);
        let from = x0 + part(took.min(grace)) + 10.0;
        if from + width < x1 {
            self.svg.text("tl-s tl-mu", from, y + 18.0, Anchor::Start, &text, "");
        } else {
            let plate = [x1 - width - 18.0, y + 6.0, width + 12.0, 16.0];
            self.svg.rect("tl-plate", plate, 2.0, "");
            self.svg.text("tl-s", x1 - 12.0, y + 18.0, Anchor::End, &text, "");
        }
        let kill = if killed { Glyph::Kill } else { Glyph::KillGhost };
        glyph::draw(&mut self.svg, kill, x1, y - 5.0, "KILL");
        if !self.phone {
            self.svg.text("tl-s tl-m tl-mu", x1 + 9.0, y + 18.0, Anchor::Start, "KILL", "");
        }
        let draws = self.texts.draws;
        let room = self.right - x0;
        if !self.phone && text_width(draws, 11.0, false) < room {
            self.svg.text("tl-s tl-mu", x0, y + 44.0, Anchor::Start, draws, "");
        }
    }
}
