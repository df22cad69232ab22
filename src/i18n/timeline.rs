//! Texts of the timeline.
//!
//! One struct of texts, one constant a language: a text that is missing in one does not compile.
//! Sentences are translated whole: those with numbers are functions that write the whole line.

mod en;
mod zh;

use crate::i18n::Lang;
use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::view::timeline::{Figure, LaneKind, Role, State, Summary};

/// Texts of the timeline.
#[derive(Clone, Copy, Debug)]
pub struct TimelineTexts {
    /// Name of the lane of your own acts.
    pub you: &'static str,
    /// Its note.
    pub actions: &'static str,
    /// Name of the lane of controllers.
    pub control_plane: &'static str,
    /// Name of the row of image pulls.
    pub pull: &'static str,
    /// Name of the row of hooks.
    pub hooks: &'static str,
    /// Name of the row of the grace period.
    pub grace: &'static str,
    /// Name of the row of back-off windows.
    pub backoff: &'static str,
    /// Note of that row: from where the windows count.
    pub since_exit: &'static str,
    /// What a container is for.
    pub role: fn(Role) -> &'static str,
    /// `3 × 10 s`.
    pub threshold: fn(i32, Duration) -> String,
    /// A span in words: `40 s`, `1 m 20 s`.
    pub span: fn(Duration) -> String,
    /// A back-off of this length, as a label.
    pub backoff_of: fn(&str) -> String,
    /// When SIGKILL is due.
    pub kill_due: fn(Instant) -> String,
    /// A signal that did not reach the process.
    pub ignored: fn(&str) -> String,
    /// What the numbers of a lane are about.
    pub unit: fn(LaneKind) -> &'static str,
    /// So many nodes.
    pub nodes: fn(usize) -> String,
    /// So many requests were lost, by reason.
    pub lost: fn(&[(Lost, u64)]) -> String,
    /// A number in words.
    pub figure: fn(Figure) -> String,
    /// A phase that never changes.
    pub whole_time: fn(&str) -> String,
    /// What a state is called where a bar has room for a word.
    pub state: fn(State) -> &'static str,
    /// What a state is called in the legend.
    pub legend: fn(Key) -> &'static str,
    /// The picture in a sentence, for those who do not see it.
    pub picture: fn(&str, &Summary, Instant) -> String,
    /// The result in a few words: `Never ready · 6 restarts in 7:00`.
    pub verdict: fn(&Summary, Instant) -> String,
    /// Said instead of an empty picture.
    pub empty: &'static str,
    /// The moment that the cursor stands at, for the slider: `46.2 seconds, nginx Running 1/1`.
    pub at: fn(Instant, &str) -> String,
    /// Name of the slider.
    pub cursor: &'static str,
    /// Whole trace in view.
    pub in_view: fn(Instant, Instant) -> String,
}

/// What a legend explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Not started.
    Waiting,
    /// Running, not ready.
    Running,
    /// Ready.
    Ready,
    /// Asked to end.
    Terminating,
    /// Ended with 0.
    Completed,
    /// Ended with another code.
    Failed,
    /// Ended, not yet seen.
    Unseen,
    /// Held back.
    BackOff,
    /// A window that had passed.
    WindowPassed,
    /// A window that held something back.
    WindowBlocks,
    /// An image pull.
    Pull,
    /// A pull that failed.
    PullFailed,
    /// A probe that succeeded.
    ProbeOk,
    /// A probe that failed.
    ProbeFailed,
    /// A probe that took too long.
    ProbeTimeout,
    /// A probe that could not ask.
    ProbeErrored,
    /// A probe that was not asked.
    ProbeHeld,
    /// The stop signal.
    Signal,
    /// SIGKILL.
    Kill,
    /// SIGKILL that was not needed.
    KillSpared,
    /// A hook.
    Hook,
    /// The grace period.
    Grace,
    /// An autoscaler asked for more.
    ScaledUp,
    /// An autoscaler asked for fewer.
    ScaledDown,
    /// An autoscaler changed nothing.
    Steady,
    /// A stabilization window held a change back.
    Stabilizing,
    /// An autoscaler had no metrics.
    NoMetrics,
    /// A Pod was listed in the EndpointSlice.
    Listed,
    /// It is no longer.
    Unlisted,
    /// A node sends requests to it.
    Routed,
    /// Requests were lost.
    Lost,
}

impl Lang {
    /// The timeline's texts in this language.
    pub const fn timeline(self) -> &'static TimelineTexts {
        match self {
            Self::En => &en::TEXTS,
            Self::Zh => &zh::TEXTS,
        }
    }
}

/// `0.5`, `12`, `26.4`: seconds with a tenth where it says something.
fn tenths(span: Duration) -> String {
    let tenths = (span.as_micros() + 50_000) / 100_000;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, _) if whole >= 100 => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

/// `15/s`, `2.5/s`, `140m`: a load from its thousandths.
pub(crate) fn amount(milli: i64, cpu: bool) -> String {
    match (milli / 1_000, milli % 1_000) {
        _ if cpu => format!("{milli}m"),
        (whole, 0) => format!("{whole}/s"),
        (whole, part) => format!("{}/s", format!("{whole}.{part:03}").trim_end_matches('0')),
    }
}

/// What clients see of lost requests, in a fixed order: refused, timed out, failed.
fn by_word(lost: &[(Lost, u64)]) -> [u64; 3] {
    ["refused", "timeout", "failed"].map(|word| {
        lost.iter().filter(|(why, _)| why.word() == word).map(|(_, count)| *count).sum()
    })
}

/// `7:00`, without the tenth.
fn minutes(at: Instant) -> String {
    let clock = at.clock();
    clock.rsplit_once('.').map_or(clock.clone(), |(whole, _)| whole.to_owned())
}
