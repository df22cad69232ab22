//! Answers that nobody hears of: a probe that is answered as it was the last time.
//!
//! Owns: [`Quiet`], which stands for all of them. Does not own: when that may be said
//! (`cluster::kubelet::quiet`).
//!
//! A probe that succeeds again changes nothing: no status, no Event. A day of a hundred Pods has a
//! million such answers, and one entry for each row of them.

use crate::time::{Duration, Instant};
use crate::trace::{Name, ProbeKind};

/// A probe that goes on to be answered alike.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Quiet {
    /// Which probe.
    pub kind: ProbeKind,
    /// When it asks for the first time.
    pub first: Instant,
    /// From one question to the next.
    pub every: Duration,
    /// From a question to its answer.
    pub takes: Duration,
    /// How many answers there are; known when something else happens.
    pub count: u32,
    /// What the server writes about each question: before the time, and after it.
    pub line: Option<(Name, Name)>,
}

impl Quiet {
    /// When each question is asked.
    fn questions(&self) -> impl Iterator<Item = Instant> + '_ {
        (0..i64::from(self.count)).map(|number| {
            let past = self.every.as_micros().saturating_mul(number);
            self.first + Duration::from_micros(past)
        })
    }

    /// When each answer comes.
    pub fn answers(&self) -> impl Iterator<Item = Instant> + '_ {
        self.questions().map(|at| at + self.takes)
    }

    /// What the server writes, and when.
    pub fn lines(&self) -> impl Iterator<Item = (Instant, String)> + '_ {
        self.line.iter().flat_map(|(before, after)| {
            self.questions().map(move |at| (at, format!("{before}{}{after}", at.common_log())))
        })
    }
}
