//! The timeline: everything that happened, in lanes from cause to effect.
//!
//! Owns: the picture as plain structs ([`Timeline`], [`Group`], [`Lane`], [`Piece`], [`Mark`]) and
//! as text. Does not own: how it is drawn (`draw`), the axis (`axis`), or any sentence (`i18n`).
//!
//! Every piece and mark carries the entry of the trace that it stands for.

mod build;
mod container;
mod pod_lanes;
mod services;
mod text;
mod workloads;

use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::trace::{EntryId, HookKind, ProbeKind, ProbeOutcome};

pub use build::{is_look, timeline};

/// What a timeline shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineOptions {
    /// With more lanes than this (rows below a container not counted), every Pod becomes one line.
    pub most_lanes: usize,
    /// Pods (by UID) that stay open although the others are folded.
    pub open: Vec<String>,
}

impl Default for TimelineOptions {
    fn default() -> Self {
        Self { most_lanes: 12, open: Vec::new() }
    }
}

/// The whole picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The end of the simulated time.
    pub horizon: Instant,
    /// You, the control plane, the Pods.
    pub groups: Vec<Group>,
    /// The moments that matter, in order: what lies far from all of them is dead time.
    pub moments: Vec<Instant>,
    /// The result in numbers.
    pub summary: Summary,
}

/// What became of the Pods until the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many Pods there ever were.
    pub pods: usize,
    /// When all Pods that exist were ready for the first time.
    pub ready_at: Option<Instant>,
    /// Restarts of all containers.
    pub restarts: i64,
    /// The last STATUS of the main Pod, as kubectl prints it.
    pub last_status: String,
    /// When the last Pod was removed; `None` while one exists.
    pub gone_at: Option<Instant>,
    /// Requests that were sent to Services, and how many of them were lost.
    pub requests: (u64, u64),
}

/// Lanes that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they are about.
    pub kind: GroupKind,
    /// The object's name; empty where there is none.
    pub name: String,
    /// The object's UID; empty where there is none.
    pub uid: String,
    /// The lanes, top to bottom.
    pub lanes: Vec<Lane>,
}

/// What a group of lanes is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// What you did.
    You,
    /// What controllers and the scheduler decided.
    ControlPlane,
    /// One Pod with its containers.
    Pod,
    /// Many Pods of one owner, a line each.
    Pods,
    /// A Service: what became of its requests.
    Service,
    /// What has the template of Pods: how much they use, and how many they are.
    Workload,
}

/// One row of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What it shows.
    pub kind: LaneKind,
    /// Its name: of the container, the Pod, the row.
    pub name: String,
    /// What stands between the name and the plot.
    pub note: Note,
    /// Stretches of time, in order.
    pub pieces: Vec<Piece>,
    /// Moments, in order.
    pub marks: Vec<Mark>,
}

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// What you did.
    Actions,
    /// What controllers did.
    Controllers,
    /// The STATUS column of kubectl.
    Status,
    /// `status.phase`.
    Phase,
    /// A container.
    Container(Role),
    /// Image pulls of the container above.
    Pulls,
    /// A probe of the container above.
    Probe(ProbeKind),
    /// Hooks of the container above.
    Hooks,
    /// The grace period of the container above.
    Grace,
    /// Back-off windows of the container above.
    Backoff,
    /// A whole Pod in one line.
    PodLine,
    /// What the EndpointSlice of a Service says of the Pod above.
    Endpoint,
    /// Which nodes send requests for a Service to the Pod above.
    Routes,
    /// How many endpoints a Service has.
    Endpoints,
    /// Requests to a Service, and those that were lost.
    Requests,
    /// The scenario's load on a workload.
    Load,
    /// What a Pod of a workload uses, as it was measured.
    Cpu,
    /// How many Pods a workload wants, has, and has ready.
    Replicas,
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Runs to its end before the others start.
    Init,
    /// Starts in order with the init containers and stays.
    Sidecar,
    /// One of `spec.containers`.
    App,
    /// Was added to a Pod that was there, and is never restarted.
    Ephemeral,
}

/// What stands beside a lane's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing.
    None,
    /// `actions`.
    Actions,
    /// `STATUS`.
    Status,
    /// `init`, `sidecar`, `app`.
    Role(Role),
    /// Windows count from the exit before.
    SinceExit,
    /// `3 × 10 s`: so many failures, one every period.
    Threshold {
        /// failureThreshold.
        count: i32,
        /// periodSeconds.
        period: Duration,
    },
    /// `30 s`.
    Span(Duration),
    /// The name of an object.
    Name(String),
    /// So many nodes.
    Nodes(usize),
    /// One of two runs that are compared: a pair of lanes, one above the other.
    Side {
        /// The second of the pair.
        second: bool,
        /// How much later it happens there.
        by: Option<Duration>,
    },
}

/// How a stretch of a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not started yet.
    Waiting,
    /// Running and not ready.
    Running,
    /// Ready.
    Ready,
    /// Asked to end, and not ended.
    Terminating,
    /// Held back after a failure.
    BackOff,
    /// Ended with exit code 0, for good or until it starts again.
    Completed,
    /// Ended with another exit code.
    Failed,
    /// Ended, and the API does not show it yet.
    Unseen,
    /// An image pull; whether it succeeded.
    Pull {
        /// Whether it succeeded.
        ok: bool,
    },
    /// A back-off window; whether it held something back.
    BackoffWindow {
        /// Whether it held something back.
        blocks: bool,
        /// Windows that overlap stand on different levels, from 0 to 2.
        level: u8,
    },
    /// A grace period, of which this much was used.
    Grace {
        /// When the container had ended.
        used: Instant,
    },
    /// A hook; `None` while nobody knows how it ended.
    Hook {
        /// Which.
        kind: HookKind,
        /// Whether it succeeded.
        ok: Option<bool>,
    },
    /// A phase.
    Phase,
    /// More or less of something.
    Figure(Figure),
}

/// Something of which there is more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A node sends requests to the Pod.
    Routed {
        /// Nodes stand one above the other, from 0.
        level: u8,
        /// Only because no Pod is ready: this one is on its way out.
        fallback: bool,
    },
    /// Of many nodes some do.
    RoutedBy {
        /// How many.
        nodes: u32,
        /// Of how many.
        of: u32,
    },
    /// What the scenario asks for, in thousandths: a straight line.
    Load {
        /// At its beginning.
        first: i64,
        /// At its end.
        last: i64,
        /// It is CPU, and not requests a second.
        cpu: bool,
    },
    /// Requests were lost.
    Lost {
        /// How many.
        lost: u64,
        /// Of how many that were sent.
        sent: u64,
    },
    /// What a Pod uses, in thousandths of a core.
    Cpu {
        /// The mean of those that were measured.
        used: i64,
        /// What each requests; 0 where it says nothing.
        request: i64,
        /// What each may use at most; 0 where nothing limits it.
        limit: i64,
    },
    /// How many there are.
    Replicas {
        /// How many should be.
        wanted: i32,
        /// How many were made.
        made: i32,
        /// How many are ready.
        ready: i32,
    },
}

/// What a piece or mark is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// Nothing.
    None,
    /// Kubernetes' or your own words, the longest form first; the first that fits is drawn.
    Words(Vec<String>),
    /// One of a container's lives; the number only where there are several.
    Life(Option<i32>),
    /// A back-off of this length.
    Backoff(Duration),
    /// The length of a window.
    Span(Duration),
    /// An image and how long its pull took.
    Pull {
        /// The image as the Pod names it.
        image: String,
        /// How long it took; `None` while it lasts.
        took: Option<Duration>,
    },
    /// When SIGKILL will come, or would have come.
    KillDue(Instant),
    /// So many requests were lost, by reason.
    Lost(Vec<(Lost, u64)>),
}

/// A stretch of time in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Since when.
    pub from: Instant,
    /// Until when; the horizon when it goes on.
    pub to: Instant,
    /// How it is.
    pub state: State,
    /// What it is called.
    pub label: Label,
    /// The entry that began it.
    pub entry: EntryId,
}

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// You changed the world.
    Act,
    /// You only looked.
    Look,
    /// You were refused.
    Refused,
    /// A controller did something.
    Decision,
    /// A controller says that something does not move on.
    Stuck,
    /// A signal to the container's first process.
    Signal {
        /// SIGKILL.
        kill: bool,
        /// It was not needed: it would have come here.
        ghost: bool,
        /// The process did not get it.
        ignored: bool,
    },
    /// The end of a life.
    Exit {
        /// With exit code 0.
        ok: bool,
    },
    /// What a probe found; whether this result decided.
    Probe {
        /// What it found.
        outcome: ProbeOutcome,
        /// Whether a threshold was reached with it.
        decides: bool,
    },
    /// A pull failed.
    PullFailed,
    /// Where a back-off window was looked at and held something back.
    Judged {
        /// The level of its window.
        level: u8,
    },
    /// The Pod was listed in the EndpointSlice, or is no longer.
    Endpoint {
        /// It is listed from now on.
        added: bool,
    },
    /// A node has learned that it must not send requests to the Pod any more.
    Unlearned {
        /// The level of its row.
        level: u8,
    },
}

/// A moment in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// What it looks like.
    pub shape: Shape,
    /// What it is called.
    pub label: Label,
    /// The entry that it stands for.
    pub entry: EntryId,
}

impl Timeline {
    /// The number of lanes.
    pub fn lane_count(&self) -> usize {
        self.groups.iter().map(|group| group.lanes.len()).sum()
    }

    /// Every lane, top to bottom.
    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.groups.iter().flat_map(|group| &group.lanes)
    }

    /// The STATUS of the main Pod: the one whose life the transport strip shows.
    pub fn main_status(&self) -> Option<&Lane> {
        self.lanes().find(|lane| matches!(lane.kind, LaneKind::Status | LaneKind::PodLine))
    }

    /// The lanes worth showing where there is room for a few: the containers, or the Pods.
    pub fn main_lanes(&self) -> Vec<&Lane> {
        self.lanes()
            .filter(|lane| matches!(lane.kind, LaneKind::Container(_) | LaneKind::PodLine))
            .collect()
    }

    /// The lane to show where there is room for one: the container to which the most happened.
    pub fn main_lane(&self) -> Option<&Lane> {
        let weight = |lane: &&Lane| {
            let app = lane.kind == LaneKind::Container(Role::App) && !lane.pieces.is_empty();
            (lane.marks.len() >= 3, app, lane.marks.len())
        };
        // The first of several equals.
        self.main_lanes().into_iter().rev().max_by_key(weight)
    }

    /// The entry of the next lane down, or up, that has something at a moment; from the first
    /// lane, or the last, when none is marked or the marked one is in no lane.
    pub fn beside(&self, at: Instant, marked: Option<EntryId>, down: bool) -> Option<EntryId> {
        let mut lanes: Vec<&Lane> = self.lanes().collect();
        if !down {
            lanes.reverse();
        }
        let holds = |lane: &&Lane| marked.is_some() && lane.entry_at(at) == marked;
        let after = lanes.iter().rposition(holds).map_or(0, |place| place + 1);
        lanes[after..].iter().filter_map(|lane| lane.entry_at(at)).find(|own| Some(*own) != marked)
    }

    /// The first moment that matters after another, or before it.
    pub fn next_moment(&self, at: Instant, forward: bool) -> Option<Instant> {
        if forward {
            self.moments.iter().copied().find(|moment| *moment > at)
        } else {
            self.moments.iter().rev().copied().find(|moment| *moment < at)
        }
    }
}

impl Lane {
    /// The entry that a lane shows at a moment: of the piece there, or of the last mark before it.
    pub fn entry_at(&self, at: Instant) -> Option<EntryId> {
        let mark = || self.marks.iter().rev().find(|mark| mark.at <= at).map(|mark| mark.entry);
        self.at(at).map(|piece| piece.entry).or_else(mark)
    }

    /// How the lane is at a moment.
    pub fn at(&self, at: Instant) -> Option<&Piece> {
        self.pieces.iter().rev().find(|piece| piece.from <= at && at < piece.to)
    }
}
