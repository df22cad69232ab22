//! The nodes: Pods as glass boxes, images and manifests on shelves below them.
//!
//! Owns: where everything stands on paper of a width, and which Pods can be pressed. Does not own:
//! what is shown (`view::nodes`) or its words (`i18n`).

use super::anatomy::{Press, Pressable, fit, glyph_of};
use super::glyph;
use super::label::{cut_middle, text_width};
use super::svg::{Anchor, Path, Svg};
use crate::i18n::Lang;
use crate::i18n::inside::InsideTexts;
use crate::view::anatomy::SeatState;
use crate::view::nodes::{NodeBox, Nodes, PodBox};

const GAP: f64 = 12.0;
/// A node and a Pod are no narrower than this.
const NODE: f64 = 330.0;
const POD: f64 = 196.0;
/// With more Pods on a node their boxes are low, and with still more they are squares.
const FEW: usize = 6;
const SOME: usize = 16;

/// How much room a Pod gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Full,
    Low,
    Square,
}

impl Size {
    fn of(pods: usize) -> Self {
        match pods {
            0..=FEW => Self::Full,
            n if n <= SOME => Self::Low,
            _ => Self::Square,
        }
    }

    const fn height(self) -> f64 {
        match self {
            Self::Full => 112.0,
            Self::Low => 56.0,
            Self::Square => 14.0,
        }
    }

    const fn width(self) -> f64 {
        match self {
            Self::Full | Self::Low => POD,
            Self::Square => 14.0,
        }
    }
}

/// Draws the nodes on paper of a width; `chosen` is the Pod of the seating chart.
pub fn nodes(nodes: &Nodes, chosen: &str, width: f64, lang: Lang, id: &str) -> Pressable {
    let mut shelf =
        Shelf { svg: Svg::default(), t: lang.inside(), chosen, id, presses: Vec::new() };
    let margin = if width < 560.0 { 8.0 } else { 16.0 };
    let room = width - 2.0 * margin;
    let mut y = 4.0;
    for (pod, why) in &nodes.waiting {
        y = shelf.waiting(pod, why, [margin, y, room]);
    }
    let across = ((room + GAP) / (NODE + GAP)).floor().max(1.0);
    let across = across.min(nodes.nodes.len().max(1) as f64);
    let each = (room - (across - 1.0) * GAP) / across;
    for line in nodes.nodes.chunks(across as usize) {
        let heights = line.iter().map(|node| shelf.height(node, each));
        let height = heights.fold(0.0, f64::max);
        for (index, node) in line.iter().enumerate() {
            shelf.node(node, [margin + index as f64 * (each + GAP), y, each, height]);
        }
        y += height + GAP;
    }
    // The size is known only now.
    let mut svg = Svg::new("tl an", width, y, Some(shelf.t.nodes));
    svg.stripes(id, 6.0);
    svg.append(shelf.svg);
    Pressable { svg: svg.finish(), width, height: y, presses: shelf.presses }
}

struct Shelf<'a> {
    svg: Svg,
    t: &'static InsideTexts,
    chosen: &'a str,
    id: &'a str,
    presses: Vec<Press>,
}

impl Shelf<'_> {
    /// A Pod without a node, and what the scheduler says.
    fn waiting(&mut self, pod: &PodBox, why: &str, [x, y, width]: [f64; 3]) -> f64 {
        let height = 52.0;
        self.svg.rect("an-cell an-dash", [x, y, width, height - 8.0], 5.0, "");
        let head = self.t.no_node;
        self.svg.text("tl-c tl-bold", x + 12.0, y + 18.0, Anchor::Start, head, "");
        let after = x + 24.0 + text_width(head, 12.0, false) * 1.08;
        let room = width - (after - x) - 12.0;
        let name = cut_middle(&pod.name, 12.0, room);
        self.svg.text("tl-c tl-m", after, y + 18.0, Anchor::Start, &name, &pod.name);
        let why = fit(why, 11.0, false, width - 24.0);
        self.svg.text("tl-s tl-mu", x + 12.0, y + 35.0, Anchor::Start, &why, &why);
        self.press(pod, [x, y, width, height - 8.0]);
        y + height
    }

    fn press(&mut self, pod: &PodBox, place: [f64; 4]) {
        self.presses.push(Press { place, what: pod.name.clone() });
    }

    /// How many Pods stand beside one another, and how wide each is.
    fn pods_across(size: Size, width: f64) -> (usize, f64) {
        let room = width - 24.0;
        let across = ((room + GAP) / (size.width() + GAP)).floor().max(1.0);
        let each = match size {
            Size::Square => size.width(),
            Size::Full | Size::Low => (room - (across - 1.0) * GAP) / across,
        };
        (across as usize, each)
    }

    fn pods_height(node: &NodeBox, width: f64) -> f64 {
        let size = Size::of(node.pods.len());
        let (across, _) = Self::pods_across(size, width);
        let lines = node.pods.len().div_ceil(across).max(1) as f64;
        let gap = if size == Size::Square { 4.0 } else { GAP };
        if node.pods.is_empty() { 24.0 } else { lines * (size.height() + gap) }
    }

    fn height(&self, node: &NodeBox, width: f64) -> f64 {
        let chips = chip_lines(&node.images, width - 104.0);
        let shelf = |lines: f64| 16.0 + lines.max(1.0) * 28.0;
        let manifests = node.manifests.len() as f64;
        34.0 + Self::pods_height(node, width) + shelf(chips) + shelf(manifests * 1.4)
    }

    fn node(&mut self, node: &NodeBox, [x, y, width, height]: [f64; 4]) {
        self.svg.rect("an-node", [x, y, width, height], 8.0, "");
        self.svg.text("tl-l tl-bold", x + 12.0, y + 22.0, Anchor::Start, &node.name, "");
        let words = "kubelet, containerd, kube-proxy";
        self.svg.text("tl-s tl-mu", x + width - 12.0, y + 22.0, Anchor::End, words, "");
        let top = y + 34.0;
        if node.pods.is_empty() {
            self.svg.text("tl-c tl-mu", x + 12.0, top + 14.0, Anchor::Start, self.t.empty_node, "");
        }
        let size = Size::of(node.pods.len());
        let (across, each) = Self::pods_across(size, width);
        let gap = if size == Size::Square { 4.0 } else { GAP };
        for (index, pod) in node.pods.iter().enumerate() {
            let (column, line) = ((index % across) as f64, (index / across) as f64);
            let place = [
                x + 12.0 + column * (each + gap),
                top + line * (size.height() + gap),
                each,
                size.height(),
            ];
            self.pod(pod, size, place);
            self.press(pod, place);
        }
        let mut line = top + Self::pods_height(node, width);
        line = self.images(&node.images, [x, line, width]);
        self.manifests(node, [x, line, width]);
    }

    fn pod(&mut self, pod: &PodBox, size: Size, place: [f64; 4]) {
        let [x, y, width, height] = place;
        let title = format!("{}: {}", pod.name, pod.status);
        let class = match (pod.pause, pod.terminating) {
            (_, true) => "an-glass an-leaving",
            (true, false) => "an-glass",
            (false, false) => "an-glass an-dash",
        };
        if size == Size::Square {
            let worst =
                pod.containers.iter().map(|(_, _, state)| state).max_by_key(|state| rank(state));
            let mark = worst.map_or(glyph::Glyph::Waiting, glyph_of);
            glyph::draw(&mut self.svg, mark, x + 7.0, y + 7.0, &title);
            return;
        }
        self.svg.rect(class, place, 7.0, &title);
        if pod.name == self.chosen {
            self.svg.rect("an-chosen", [x - 3.0, y - 3.0, width + 6.0, height + 6.0], 9.0, "");
        }
        let status = fit(&pod.status, 11.0, false, width * 0.55);
        let status_room = text_width(&status, 11.0, false);
        let bad = pod.status.contains("BackOff") || pod.status.contains("Err");
        let class = if bad { "tl-s tl-er" } else { "tl-s tl-mu" };
        self.svg.text(class, x + width - 9.0, y + 17.0, Anchor::End, &status, &pod.status);
        let name = cut_middle(&pod.name, 12.0, (width - status_room - 26.0) / 1.08);
        self.svg.text("tl-c tl-bold", x + 9.0, y + 17.0, Anchor::Start, &name, &pod.name);
        let high = if size == Size::Full { 42.0 } else { 20.0 };
        let count = pod.containers.len().max(1) as f64;
        let each = (width - 18.0 - (count - 1.0) * 6.0) / count;
        for (index, (name, image, state)) in pod.containers.iter().enumerate() {
            let left = x + 9.0 + index as f64 * (each + 6.0);
            self.container([left, y + 26.0, each, high], (name, image), state);
        }
        if size == Size::Low {
            return;
        }
        // pause is the floor, and the address stands on it.
        let floor = [x + 9.0, y + 76.0, width - 18.0, 24.0];
        let class = if pod.pause { "an-chip" } else { "an-empty" };
        self.svg.rect(class, floor, 3.0, "");
        self.svg.text("tl-s tl-mu", x + 17.0, y + 92.0, Anchor::Start, "pause", "");
        let right = x + width - 17.0;
        match &pod.ip {
            Some(ip) => self.svg.text("tl-s tl-m", right, y + 92.0, Anchor::End, ip, ""),
            None => {
                let words = fit(self.t.unpublished, 11.0, false, width - 76.0);
                self.svg.text("tl-s tl-mu", right, y + 92.0, Anchor::End, &words, "");
            }
        }
    }

    fn container(&mut self, place: [f64; 4], (name, image): (&str, &str), state: &SeatState) {
        let [x, y, width, height] = place;
        let title = format!("{name}: {}", (self.t.state)(state));
        let (mut class, mut inset) = ("tl-c tl-bold", 0.0);
        match state {
            SeatState::Waiting => {
                self.svg.rect("tl-wait", place, 3.0, &title);
                class = "tl-c tl-mu";
            }
            SeatState::Running => self.svg.rect("tl-run", place, 3.0, &title),
            SeatState::Ready => {
                self.svg.rect("tl-rdy", place, 3.0, &title);
                class = "tl-c tl-bold tl-onr";
            }
            SeatState::Terminating => {
                self.svg.patterned("tl-term", place, 3.0, self.id, &title);
                let plate = [x + 5.0, y + 4.0, width - 10.0, height - 8.0];
                self.svg.rect("tl-plate", plate, 2.0, "");
            }
            SeatState::Exited(code) | SeatState::BackOff(code) => {
                let mark = if *code == 0 { "tl-done" } else { "tl-fail" };
                self.svg.rect("an-empty", place, 3.0, &title);
                self.svg.rect(mark, [x, y, 6.0, height], 1.5, &title);
                (class, inset) = ("tl-c tl-mu", 4.0);
                if matches!(state, SeatState::BackOff(_)) && width > 40.0 {
                    let line = Path::default().to(x + 12.0, y + height - 7.0);
                    self.svg.path("tl-back", &line.line(x + width - 8.0, y + height - 7.0), "");
                }
            }
        }
        let middle = x + width / 2.0 + inset;
        let words = cut_middle(name, 12.0, width - 12.0);
        let two = height > 30.0 && width > 70.0;
        let line = if two { y + 18.0 } else { y + height / 2.0 + 4.0 };
        self.svg.text(class, middle, line, Anchor::Middle, &words, "");
        if two && !matches!(state, SeatState::BackOff(_)) {
            let below = match state {
                SeatState::Exited(_) => (self.t.state)(state),
                _ => fit(image, 10.0, true, width - 14.0),
            };
            let class = match state {
                SeatState::Ready => "tl-xs tl-m tl-onr",
                _ => "tl-xs tl-m tl-mu",
            };
            self.svg.text(class, middle, y + 33.0, Anchor::Middle, &below, image);
        }
    }

    fn shelf(&mut self, name: &str, [x, y, width]: [f64; 3]) {
        self.svg.line("tl-grid", [x, y, x + width, y]);
        self.svg.text("tl-c tl-bold", x + 12.0, y + 25.0, Anchor::Start, name, "");
    }

    fn images(&mut self, images: &[(String, usize)], [x, y, width]: [f64; 3]) -> f64 {
        self.shelf(self.t.images, [x, y, width]);
        let (mut left, mut line) = (x + 92.0, y + 9.0);
        for (image, users) in images {
            let count = if *users > 0 { format!("×{users}") } else { self.t.unused.to_owned() };
            let (name, wide) = chip(image, &count, width - 116.0);
            if left > x + 92.0 && left + wide > x + width - 12.0 {
                (left, line) = (x + 92.0, line + 28.0);
            }
            let class = if *users > 0 { "an-chip an-used" } else { "an-chip" };
            self.svg.rect(class, [left, line, wide, 23.0], 3.0, image);
            let own = if *users > 0 { "tl-s tl-m" } else { "tl-s tl-m tl-mu" };
            self.svg.text(own, left + 8.0, line + 15.5, Anchor::Start, &name, "");
            self.svg.text("tl-s tl-mu", left + wide - 8.0, line + 15.5, Anchor::End, &count, "");
            left += wide + 6.0;
        }
        y + 16.0 + chip_lines(images, width - 104.0).max(1.0) * 28.0
    }

    fn manifests(&mut self, node: &NodeBox, [x, y, width]: [f64; 3]) {
        self.shelf(self.t.manifests, [x, y, width]);
        let (left, room) = (x + 92.0, width - 104.0);
        if node.manifests.is_empty() {
            let words = fit(self.t.no_manifests, 11.0, false, room);
            self.svg.text("tl-s tl-mu", left, y + 24.0, Anchor::Start, &words, "");
            return;
        }
        let mut line = y + 9.0;
        for (file, pod) in &node.manifests {
            let name = fit(file, 11.0, true, room * 0.5);
            let wide = text_width(&name, 11.0, true) + 22.0;
            // A sheet with a dog's ear.
            let sheet = Path::default().to(left, line).line(left + wide - 8.0, line);
            let sheet = sheet.line(left + wide, line + 8.0).line(left + wide, line + 23.0);
            self.svg.path("an-page", &sheet.line(left, line + 23.0).close(), file);
            self.svg.text("tl-s tl-m", left + 8.0, line + 15.5, Anchor::Start, &name, "");
            let words = format!("→ {pod}");
            let words = cut_middle(&words, 11.0, room - wide - 8.0);
            self.svg.text("tl-s", left + wide + 8.0, line + 15.5, Anchor::Start, &words, pod);
            let words = fit(self.t.manifest_runs, 11.0, false, room);
            self.svg.text("tl-s tl-mu", left, line + 37.0, Anchor::Start, &words, "");
            line += 40.0;
        }
    }
}

/// A chip's name, cut to its room, and how wide the chip is.
fn chip(image: &str, count: &str, room: f64) -> (String, f64) {
    let rest = text_width(count, 11.0, false) + 26.0;
    let name = fit(image, 11.0, true, (room - rest).max(40.0));
    let wide = text_width(&name, 11.0, true) + rest;
    (name, wide)
}

/// How many lines the images of a node take.
fn chip_lines(images: &[(String, usize)], room: f64) -> f64 {
    let (mut lines, mut left) = (1.0, 0.0);
    for (image, users) in images {
        let count = if *users > 0 { "×1" } else { "unused now" };
        let (_, wide) = chip(image, count, room - 12.0);
        if left > 0.0 && left + wide > room {
            (lines, left) = (lines + 1.0, 0.0);
        }
        left += wide + 6.0;
    }
    lines
}

/// Which state a Pod shows when there is room for one mark.
const fn rank(state: &SeatState) -> u8 {
    match state {
        SeatState::Ready => 0,
        SeatState::Exited(0) => 1,
        SeatState::Running => 2,
        SeatState::Waiting => 3,
        SeatState::Terminating => 4,
        SeatState::Exited(_) => 5,
        SeatState::BackOff(_) => 6,
    }
}
