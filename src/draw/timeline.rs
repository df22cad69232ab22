//! The timeline as one SVG.

use super::label::{Taken, cut_middle, text_width};
use super::lane::{Labels, LanePen};
use super::layout::{Layout, Row, is_child, name, note};
use super::picture::Picture;
use super::svg::{Anchor, Path, Svg};
use crate::i18n::Lang;
use crate::map::Set;
use crate::view::axis::{Axis, Tear, Tick};
use crate::view::timeline::{GroupKind, LaneKind, Note, Timeline};

/// Where grid lines begin.
const GRID_TOP: f64 = 38.0;
/// Least distance of two labels of the axis.
const TICKS_APART: f64 = 66.0;
/// Height of a tooth of a torn edge, and its depth.
const TOOTH: (f64, f64) = (5.0, 3.0);

/// Draws a timeline. `id` keeps the patterns of several pictures on a page apart.
///
/// The labels of the axis are not in the drawing: the page hides those under the cursor.
pub fn timeline(
    timeline: &Timeline,
    axis: &Axis,
    layout: &Layout,
    lang: Lang,
    id: &str,
) -> Picture {
    let texts = lang.timeline();
    let main = timeline.main_status().map_or("", |lane| lane.name.as_str());
    let label = (texts.picture)(main, &timeline.summary, timeline.horizon);
    let mut svg = Svg::new("tl", layout.width, layout.height, Some(&label));
    let stripes = format!("{id}-st");
    let hatching = format!("{id}-ha");
    svg.stripes(&stripes, 6.0);
    svg.hatching(&hatching);
    let loss = format!("{id}-lo");
    svg.loss(&loss);
    let ticks = grid(&mut svg, axis, layout);
    let tears: Vec<(f64, f64)> =
        axis.tears().map(|tear| (layout.plot_x + tear.x0, layout.plot_x + tear.x1 + 2.0)).collect();
    let mut keys = Set::new();
    let mut spots = Vec::new();
    let mut over = Labels::default();
    let shown = |row: &Row| row.y + row.height >= layout.band.0 && row.y <= layout.band.1;
    for (index, row) in layout.rows.iter().enumerate().filter(|(_, row)| shown(row)) {
        let group = &timeline.groups[row.group];
        let lane = &group.lanes[row.lane];
        names(&mut svg, timeline, *row, layout, lang);
        let plot = [layout.plot_x, row.y, layout.plot, row.height];
        let radius = if lane.kind == LaneKind::PodLine { 2.0 } else { 3.0 };
        svg.rect("tl-lane", plot, radius, "");
        let mut pen = LanePen {
            svg: &mut svg,
            axis,
            texts,
            row: *row,
            plot_x: layout.plot_x,
            stripes: &stripes,
            hatching: &hatching,
            loss: &loss,
            spots: &mut spots,
            over: &mut over,
            tears: &tears,
            keys: &mut keys,
            index,
            end: timeline.horizon,
        };
        pen.lane(lane);
    }
    for tear in axis.tears() {
        torn(&mut svg, tear, layout);
    }
    tear_labels(&mut svg, axis, layout, lang);
    let mut labels = Svg::new("tl tl-over", layout.width, layout.height, None);
    over.draw(&mut labels);
    Picture {
        svg: svg.finish(),
        labels: labels.finish(),
        legend: keys.into_iter().map(|(key, glyph)| (glyph, key)).collect(),
        ticks,
        width: layout.width,
        height: layout.height,
        foot: layout.foot,
        plot_x: layout.plot_x,
        spots,
        hand: None,
    }
}

pub(super) fn grid(svg: &mut Svg, axis: &Axis, layout: &Layout) -> Vec<Tick> {
    let mut ticks = axis.ticks(TICKS_APART);
    for tick in &mut ticks {
        tick.x += layout.plot_x;
        svg.line("tl-grid", [tick.x, GRID_TOP, tick.x, layout.foot + 8.0]);
    }
    ticks
}

fn names(svg: &mut Svg, timeline: &Timeline, row: Row, layout: &Layout, lang: Lang) {
    let texts = lang.timeline();
    let group = &timeline.groups[row.group];
    let lane = &group.lanes[row.lane];
    let (full, note) = (name(group, lane, texts, layout.stacked), note(group, lane, texts));
    if let Note::Side { second, .. } = lane.note {
        return side_names(svg, row, layout, (&full, &note), second);
    }
    if lane.kind == LaneKind::PodLine {
        return pod_line_names(svg, timeline, row, layout, &full);
    }
    let child = is_child(group, lane);
    let x = if child { layout.child_x } else { layout.name_x };
    let head = matches!(group.kind, GroupKind::Service | GroupKind::Workload);
    let bold = head || matches!(lane.kind, LaneKind::Status | LaneKind::Container(_));
    // On a phone it is the longest name that is always there.
    let tight = layout.stacked && lane.kind == LaneKind::Controllers;
    let class = match (child || tight, bold) {
        (true, _) => "tl-c",
        (false, true) => "tl-l tl-bold",
        (false, false) => "tl-l",
    };
    let size = if child || tight { 12.0 } else { 13.0 };
    let beside =
        if layout.stacked || note.is_empty() { 0.0 } else { text_width(&note, 11.0, false) + 10.0 };
    let room = layout.plot_x - 12.0 - x - beside;
    let cut = cut_middle(&full, if bold && !child { size * 1.12 } else { size }, room);
    let title = if cut == full { "" } else { full.as_str() };
    let middle = row.middle();
    if layout.stacked && !child && !note.is_empty() && row.height >= 28.0 {
        svg.text(class, x, middle - 2.0, Anchor::Start, &cut, title);
        svg.text("tl-s tl-mu", x, middle + 12.0, Anchor::Start, &note, "");
        return;
    }
    svg.text(class, x, middle + 4.5, Anchor::Start, &cut, title);
    if !layout.stacked {
        svg.text("tl-s tl-mu", layout.plot_x - 12.0, middle + 4.0, Anchor::End, &note, "");
    }
}

/// The name beside the first of a pair, how much later the second is beside that; A and B.
fn side_names(svg: &mut Svg, row: Row, layout: &Layout, (name, note): (&str, &str), second: bool) {
    let middle = row.middle();
    let square = [layout.plot_x - 26.0, middle - 8.0, 16.0, 16.0];
    let (class, letter, word) =
        if second { ("cp-b", "cp-lb", "B") } else { ("cp-a", "cp-la", "A") };
    svg.rect(class, square, 3.0, "");
    svg.text(letter, layout.plot_x - 18.0, middle + 4.0, Anchor::Middle, word, "");
    let room = layout.plot_x - layout.name_x - 34.0;
    if second {
        svg.text("tl-s tl-bold", layout.name_x, middle + 4.0, Anchor::Start, note, "");
    } else {
        // Where it is narrow most names fit only in a smaller type.
        let bold = text_width(name, 14.0, false) <= room || !layout.stacked;
        let (class, size) = if bold { ("tl-l tl-bold", 14.0) } else { ("tl-s", 11.0) };
        let cut = cut_middle(name, size, room);
        let title = if cut == name { "" } else { name };
        svg.text(class, layout.name_x, middle + 4.5, Anchor::Start, &cut, title);
    }
}

/// The suffix beside each line, the owner once beside the first two.
fn pod_line_names(svg: &mut Svg, timeline: &Timeline, row: Row, layout: &Layout, suffix: &str) {
    let group = &timeline.groups[row.group];
    let room = layout.plot_x - layout.name_x - 12.0;
    let owned = group.kind == GroupKind::Pods && !group.name.is_empty();
    // Where it is narrow the owner stands above its Pods, in the air between two groups.
    if owned && layout.stacked && row.lane == 0 {
        let text = format!("{} · {}", group.name, group.lanes.len());
        let cut = cut_middle(&text, 11.5, layout.width - 2.0 * layout.name_x);
        svg.text("tl-s tl-m", layout.name_x, row.y - 5.0, Anchor::Start, &cut, &group.name);
    }
    let owned = owned && !layout.stacked;
    let taken = if owned { text_width(suffix, 11.0, true) + 8.0 } else { 0.0 };
    let cut = cut_middle(suffix, 11.5, room);
    svg.text(
        "tl-s tl-m tl-mu",
        layout.plot_x - 12.0,
        row.middle() + 4.0,
        Anchor::End,
        &cut,
        suffix,
    );
    if row.lane == 0 && owned {
        let cut = cut_middle(&group.name, 11.5, room - taken);
        svg.text("tl-s tl-m", layout.name_x, row.middle() + 4.0, Anchor::Start, &cut, &group.name);
    }
    if row.lane == 1 && owned {
        let count = group.lanes.len();
        let forms = [format!("{count} Pods"), count.to_string()];
        let fits = |form: &&String| text_width(form, 11.0, false) <= room - taken;
        if let Some(form) = forms.iter().find(fits) {
            let y = row.middle() + 4.0;
            svg.text("tl-s tl-mu", layout.name_x, y, Anchor::Start, form, "");
        }
    }
}

/// A torn gap over all lanes: paper-coloured, with two ragged edges.
pub(super) fn torn(svg: &mut Svg, tear: Tear, layout: &Layout) {
    let (from, to) = layout.band;
    let (top, bottom) = (from.max(48.0), to.min(layout.foot + 4.0));
    // Wide enough to see, narrow enough to stay beside what it tears.
    let (x0, x1) = (layout.plot_x + tear.x0 + 3.5, layout.plot_x + tear.x1 - 3.5);
    let (tooth, depth) = TOOTH;
    let edge = |x: f64, from: Path| {
        let mut path = from;
        let (mut y, mut out) = (top, false);
        while y <= bottom {
            path.push_line(if out { x + depth } else { x }, y);
            y += tooth;
            out = !out;
        }
        path
    };
    let mut paper = edge(x0, Path::default().to(x0, top));
    let mut back: Vec<(f64, f64)> = Vec::new();
    let (mut y, mut out) = (top, false);
    while y <= bottom {
        back.push((if out { x1 + depth } else { x1 }, y));
        y += tooth;
        out = !out;
    }
    for (x, y) in back.into_iter().rev() {
        paper.push_line(x, y);
    }
    svg.path("tl-tear", &paper.close(), "");
    svg.path("tl-tearl", &edge(x0, Path::default().to(x0, top)), "");
    svg.path("tl-tearl", &edge(x1, Path::default().to(x1, top)), "");
}

pub(super) fn tear_labels(svg: &mut Svg, axis: &Axis, layout: &Layout, lang: Lang) {
    let mut taken = Taken::default();
    for tear in axis.tears() {
        let text = format!("⋯ {}", (lang.timeline().span)(whole(tear)));
        let width = text_width(&text, 10.0, true);
        let x = layout.plot_x + (tear.x0 + tear.x1) / 2.0;
        let x = x.min(layout.width - width / 2.0 - 4.0);
        if taken.is_free(x - width / 2.0 - 3.0, x + width / 2.0 + 3.0) {
            taken.take(x - width / 2.0, x + width / 2.0);
            svg.text("tl-xs tl-m tl-mu", x, layout.foot + 20.0, Anchor::Middle, &text, "");
        }
    }
}

fn whole(tear: Tear) -> crate::time::Duration {
    let span = tear.to.since(tear.from);
    crate::time::Duration::from_secs((span.as_micros() + 500_000) / 1_000_000)
}
