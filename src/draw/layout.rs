//! Where the names and the plot stand, and how high each lane is.

use super::label::text_width;
use crate::i18n::Lang;
use crate::i18n::timeline::TimelineTexts;
use crate::time::Duration;
use crate::view::timeline::{
    Figure, Group, GroupKind, Lane, LaneKind, Note, Shape, State, Timeline,
};

/// Width of a torn gap, and on a narrow paper.
const TEAR: f64 = 30.0;
const NARROW_TEAR: f64 = 20.0;
/// Where the first lane begins.
const TOP: f64 = 52.0;
/// Below this the names stand over their notes.
const PHONE: f64 = 560.0;
/// From here on there is room for margins.
const DESKTOP: f64 = 900.0;

/// The measures of a picture of some width.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The whole width.
    pub width: f64,
    /// Where the plot begins.
    pub plot_x: f64,
    /// How wide the plot is: the width of its axis.
    pub plot: f64,
    /// How wide a torn gap is.
    pub tear: f64,
    /// The whole height.
    pub height: f64,
    /// Where the last lane ends.
    pub foot: f64,
    pub(super) name_x: f64,
    pub(super) child_x: f64,
    /// Names over notes.
    pub(super) stacked: bool,
    pub(super) rows: Vec<Row>,
    /// What of the height is drawn: all of it, or what somebody sees.
    pub(super) band: (f64, f64),
}

/// The place of a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub group: usize,
    pub lane: usize,
    pub y: f64,
    pub height: f64,
}

impl Row {
    pub fn middle(self) -> f64 {
        self.y + self.height / 2.0
    }
}

impl Layout {
    /// The measures for a timeline at this width.
    pub fn new(timeline: &Timeline, width: f64, lang: Lang) -> Self {
        let width = width.max(240.0);
        let Margins { least, most, right, .. } = margins(width);
        let mut layout = Self::empty(width);
        let texts = lang.timeline();
        let needed = timeline
            .groups
            .iter()
            .flat_map(|group| group.lanes.iter().map(|lane| layout.label_room(group, lane, texts)))
            .fold(0.0, f64::max);
        layout.plot_x = needed.clamp(least, most).ceil();
        layout.plot = (width - right - layout.plot_x).max(80.0);
        layout.stack(timeline);
        layout
    }

    /// The measures of a picture without lanes of its own, which ends at a height.
    pub(super) fn of_strips(width: f64, foot: f64) -> Self {
        let width = width.max(240.0);
        let margins = margins(width);
        let mut layout = Self::empty(width);
        layout.plot_x = if layout.stacked { margins.least } else { margins.most.min(168.0) };
        layout.plot = (width - margins.right - layout.plot_x).max(80.0);
        (layout.foot, layout.height) = (foot, foot + 30.0);
        layout
    }

    /// The same, of which only a part of the height is drawn: what lies outside is left out.
    #[must_use]
    pub fn showing(mut self, from: f64, to: f64) -> Self {
        self.band = (from, to);
        self
    }

    fn empty(width: f64) -> Self {
        let stacked = width < PHONE;
        let Margins { name_x, child_x, least, .. } = margins(width);
        Self {
            width,
            plot_x: least,
            plot: 0.0,
            tear: if stacked { NARROW_TEAR } else { TEAR },
            height: 0.0,
            foot: TOP,
            name_x,
            child_x,
            stacked,
            rows: Vec::new(),
            band: (0.0, f64::INFINITY),
        }
    }

    /// The width that a lane's name and note would like to have, up to the plot.
    fn label_room(&self, group: &Group, lane: &Lane, texts: &TimelineTexts) -> f64 {
        if lane.kind == LaneKind::PodLine {
            return 0.0;
        }
        let small = is_child(group, lane) || self.stacked && lane.kind == LaneKind::Controllers;
        let size = if small { 12.0 } else { 14.6 };
        let name = text_width(&name(group, lane, texts, self.stacked), size, false);
        let note = text_width(&note(group, lane, texts), 11.0, false);
        let x = if is_child(group, lane) { self.child_x } else { self.name_x };
        let gap = if note > 0.0 { 12.0 } else { 0.0 };
        if let Note::Side { .. } = lane.note {
            return x + name.max(note) + 34.0;
        }
        if self.stacked { x + name.max(note) + 12.0 } else { x + name + gap + note + 12.0 }
    }

    fn stack(&mut self, timeline: &Timeline) {
        let mut y = TOP;
        let mut before: Option<LaneKind> = None;
        for (g, group) in timeline.groups.iter().enumerate() {
            for (l, lane) in group.lanes.iter().enumerate() {
                y += gap(before, lane, l == 0);
                let height = height(lane);
                self.rows.push(Row { group: g, lane: l, y, height });
                y += height;
                before = Some(lane.kind);
            }
        }
        self.foot = y;
        self.height = y + 30.0;
    }
}

/// Where names stand, the least and the most room for them, and the air at the right.
struct Margins {
    name_x: f64,
    child_x: f64,
    least: f64,
    most: f64,
    right: f64,
}

fn margins(width: f64) -> Margins {
    let (name_x, child_x, least, most, right) = if width >= DESKTOP {
        (20.0, 36.0, 168.0, 236.0, 36.0)
    } else if width < PHONE {
        (16.0, 24.0, 84.0, 110.0, 20.0)
    } else {
        (16.0, 28.0, 112.0, 176.0, 26.0)
    };
    Margins { name_x, child_x, least, most, right }
}

/// The air above a lane.
fn gap(before: Option<LaneKind>, lane: &Lane, first_of_group: bool) -> f64 {
    let Some(before) = before else { return 0.0 };
    // Signals stand above their bar, and so does what has no room in it.
    let signals = lane
        .marks
        .iter()
        .any(|mark| matches!(mark.shape, Shape::Signal { .. } | Shape::Exit { ok: false }));
    match lane.kind {
        LaneKind::PodLine if !first_of_group => 2.0,
        LaneKind::Container(_) => {
            let base = if matches!(before, LaneKind::Container(_)) { 6.0 } else { 14.0 };
            base + if signals { 8.0 } else { 0.0 }
        }
        _ if first_of_group => 20.0,
        LaneKind::Phase => 4.0,
        LaneKind::Endpoint => 10.0,
        LaneKind::Routes => 4.0,
        LaneKind::Actions
        | LaneKind::Controllers
        | LaneKind::Status
        | LaneKind::Pulls
        | LaneKind::Probe(_)
        | LaneKind::Hooks
        | LaneKind::Grace
        | LaneKind::Backoff
        | LaneKind::Endpoints
        | LaneKind::Requests
        | LaneKind::Load
        | LaneKind::Cpu
        | LaneKind::Replicas
        | LaneKind::PodLine => 5.0,
    }
}

fn height(lane: &Lane) -> f64 {
    match lane.kind {
        LaneKind::Actions | LaneKind::Controllers => 28.0,
        LaneKind::Status | LaneKind::Container(_) => 32.0,
        LaneKind::Phase => 22.0,
        LaneKind::Pulls | LaneKind::Probe(_) | LaneKind::Hooks => 24.0,
        LaneKind::Grace => 26.0,
        LaneKind::Backoff => match levels(lane) {
            1 => 26.0,
            levels => 8.0 + 18.0 * f64::from(levels),
        },
        LaneKind::PodLine => 13.0,
        LaneKind::Endpoint => 26.0,
        LaneKind::Routes => match routes(lane) {
            0 => 24.0,
            rows => 8.0 + ROUTE * f64::from(rows),
        },
        LaneKind::Load => 32.0,
        LaneKind::Cpu | LaneKind::Endpoints => 40.0,
        LaneKind::Requests | LaneKind::Replicas => 44.0,
    }
}

/// From one node's row to the next.
pub(super) const ROUTE: f64 = 13.0;

/// How many nodes have a row of their own; 0 where they share one.
fn routes(lane: &Lane) -> u8 {
    let level = lane.pieces.iter().filter_map(|piece| match piece.state {
        State::Figure(Figure::Routed { level, .. }) => Some(level + 1),
        _ => None,
    });
    level.max().unwrap_or(0)
}

/// On how many levels the windows of a lane stand.
pub(super) fn levels(lane: &Lane) -> u8 {
    let level = lane.pieces.iter().filter_map(|piece| match piece.state {
        State::BackoffWindow { level, .. } => Some(level),
        _ => None,
    });
    level.max().map_or(1, |highest| highest + 1)
}

/// Whether a lane belongs to the one above it.
pub(super) fn is_child(group: &Group, lane: &Lane) -> bool {
    match lane.kind {
        LaneKind::Endpoints
        | LaneKind::Requests
        | LaneKind::Load
        | LaneKind::Cpu
        | LaneKind::Replicas => !is_head(group, lane),
        LaneKind::Endpoint
        | LaneKind::Routes
        | LaneKind::Phase
        | LaneKind::Pulls
        | LaneKind::Probe(_)
        | LaneKind::Hooks
        | LaneKind::Grace
        | LaneKind::Backoff => true,
        LaneKind::Actions
        | LaneKind::Controllers
        | LaneKind::Status
        | LaneKind::Container(_)
        | LaneKind::PodLine => false,
    }
}

/// Whether a lane bears the name of its Service or workload.
fn is_head(group: &Group, lane: &Lane) -> bool {
    let own = matches!(group.kind, GroupKind::Service | GroupKind::Workload);
    own && group.lanes.first().is_some_and(|first| std::ptr::eq(first, lane))
}

/// `Service shop`, `Deployment shop`; where it is tight the bare name.
fn head(group: &Group, stacked: bool) -> String {
    let bare = group.name.rsplit(' ').next().unwrap_or_default();
    match group.kind {
        _ if stacked => bare.to_owned(),
        GroupKind::Service => format!("Service {bare}"),
        GroupKind::You
        | GroupKind::ControlPlane
        | GroupKind::Pod
        | GroupKind::Pods
        | GroupKind::Workload => group.name.clone(),
    }
}

/// The name of a lane as it is drawn.
pub(super) fn name(group: &Group, lane: &Lane, texts: &TimelineTexts, stacked: bool) -> String {
    match lane.kind {
        LaneKind::Actions => texts.you.to_owned(),
        LaneKind::Controllers => texts.control_plane.to_owned(),
        // Over its note there is room for the name alone.
        LaneKind::Status if stacked => group.name.clone(),
        LaneKind::Status => format!("Pod {}", group.name),
        LaneKind::Pulls => texts.pull.to_owned(),
        LaneKind::Hooks => texts.hooks.to_owned(),
        LaneKind::Grace => texts.grace.to_owned(),
        LaneKind::Backoff => texts.backoff.to_owned(),
        LaneKind::PodLine if group.kind == GroupKind::Pods && !group.name.is_empty() => {
            let suffix = lane.name.strip_prefix(&group.name).unwrap_or(&lane.name);
            suffix.trim_start_matches('-').to_owned()
        }
        LaneKind::Phase
        | LaneKind::Container(_)
        | LaneKind::Probe(_)
        | LaneKind::Endpoint
        | LaneKind::Routes
        | LaneKind::PodLine => lane.name.clone(),
        LaneKind::Endpoints
        | LaneKind::Requests
        | LaneKind::Load
        | LaneKind::Cpu
        | LaneKind::Replicas => {
            let unit = (texts.unit)(lane.kind);
            let beside = matches!(lane.note, Note::Side { .. });
            match (is_head(group, lane), lane.name.starts_with('/')) {
                (true, _) if beside => format!("{} · {unit}", head(group, stacked)),
                (true, _) => head(group, stacked),
                // Of several loads each has a path.
                (false, true) => format!("{unit} {}", lane.name),
                (false, false) => unit.to_owned(),
            }
        }
    }
}

/// The note of a lane as it is drawn.
pub(super) fn note(group: &Group, lane: &Lane, texts: &TimelineTexts) -> String {
    match &lane.note {
        Note::None if is_head(group, lane) => (texts.unit)(lane.kind).to_owned(),
        Note::None => String::new(),
        Note::Name(name) => name.clone(),
        Note::Nodes(count) => (texts.nodes)(*count),
        Note::Actions => texts.actions.to_owned(),
        Note::Status => "STATUS".to_owned(),
        Note::Role(role) => (texts.role)(*role).to_owned(),
        Note::SinceExit => texts.since_exit.to_owned(),
        Note::Threshold { count, period } => (texts.threshold)(*count, *period),
        Note::Span(span) => (texts.span)(*span),
        Note::Side { by: Some(by), .. } => {
            let earlier = *by < Duration::ZERO;
            let span = if earlier { Duration::ZERO - *by } else { *by };
            format!("{} {}", if earlier { "−" } else { "+" }, (texts.span)(span))
        }
        Note::Side { by: None, .. } => String::new(),
    }
}
