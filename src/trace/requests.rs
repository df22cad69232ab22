//! Requests in bulk: how many were sent when, where each went, and what became of them.
//!
//! Owns: [`Stream`], the arithmetic of a load in whole requests; [`Routes`], what a node knows of
//! a Service; [`Requests`], what became of a span's requests. Does not own: deciding that
//! (`cluster`).
//!
//! No request is an object. Request number k leaves from node k mod n, and a node sends its q-th
//! request to endpoint q mod m: so many requests as one likes are counted with two divisions, and
//! each of them can still be named, by whoever draws one. (A real kube-proxy throws dice; the
//! shares are the same.)

use std::rc::Rc;

use crate::manifest::curve::Points;
use crate::time::{Duration, Instant};
use crate::trace::Name;

/// A request is a billion billionths a second for a million microseconds, twice: areas of trapezia
/// are kept doubled.
const REQUEST: i128 = 2_000_000_000_000_000;

/// The requests of a load, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    points: Points,
    /// Twice the area up to each point.
    sums: Vec<i128>,
}

impl Stream {
    /// The stream of a line of requests a second.
    pub fn new(points: Points) -> Self {
        let mut sums = Vec::with_capacity(points.len());
        let mut sum = 0;
        for (index, (at, value)) in points.iter().enumerate() {
            if let Some((before, old)) = index.checked_sub(1).and_then(|i| points.get(i)) {
                sum += (old + value) * i128::from(at.since(*before).as_micros());
            }
            sums.push(sum);
        }
        Self { points, sums }
    }

    /// The corners of its line.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// How many requests were sent before a moment: the whole part of the area under the line.
    pub fn sent(&self, at: Instant) -> u64 {
        let after = self.points.partition_point(|(start, _)| *start <= at);
        let Some(index) = after.checked_sub(1) else { return 0 };
        let (Some((start, value)), Some(sum)) = (self.points.get(index), self.sums.get(index))
        else {
            return 0;
        };
        let part = i128::from(at.since(*start).as_micros());
        let area = sum + (value + self.rate(at)) * part;
        u64::try_from(area / REQUEST).unwrap_or(0)
    }

    /// Billionths of a request a second at a moment.
    pub fn rate(&self, at: Instant) -> i128 {
        let after = self.points.partition_point(|(start, _)| *start <= at);
        let Some(index) = after.checked_sub(1) else { return 0 };
        let Some((start, value)) = self.points.get(index) else { return 0 };
        match self.points.get(after) {
            Some((next, then)) => {
                let length = i128::from(next.since(*start).as_micros()).max(1);
                value + (then - value) * i128::from(at.since(*start).as_micros()) / length
            }
            None => *value,
        }
    }

    /// When a request was sent, if it was before the end.
    pub fn when(&self, number: u64, end: Instant) -> Option<Instant> {
        if self.sent(end) <= number {
            return None;
        }
        let (mut low, mut high) = (0, end.as_micros());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.sent(Instant::from_micros(middle)) > number {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(Instant::from_micros(low))
    }
}

/// How many of the first `count` numbers leave the remainder `place` when divided by `places`.
pub const fn share(count: u64, places: u64, place: u64) -> u64 {
    if place >= places { 0 } else { (count + places - 1 - place) / places }
}

/// A Pod behind a Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Backend {
    /// The Pod.
    pub pod: Name,
    /// Its address.
    pub ip: Name,
    /// Its node.
    pub node: Name,
    /// The port behind each port of the Service; 0 where it has none.
    pub ports: Rc<[u16]>,
}

/// To whom a Service's requests go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Routes {
    /// The Pods, each with an equal share.
    pub to: Vec<Backend>,
    /// None of them is ready: they are on their way out and still serve.
    pub fallback: bool,
    /// There are Pods, but none on this node, to which the Service keeps: requests are dropped.
    pub dropped: bool,
}

/// Why a request was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lost {
    /// Refused: the Service has nobody to send it to.
    NoEndpoints,
    /// Timed out: the Service keeps to its node, and has nobody there.
    Dropped,
    /// Refused: the Pod has not opened its port yet, or has closed it.
    Closed,
    /// Timed out: the Pod's address leads nowhere any more.
    Unanswered,
    /// Failed: the process that worked on it has died.
    Cut,
    /// Timed out: the Pod has less CPU than its requests need.
    Overloaded,
    /// Timed out: what stands behind the Pods takes no more.
    Bottleneck,
}

impl Lost {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::NoEndpoints,
        Self::Dropped,
        Self::Closed,
        Self::Unanswered,
        Self::Cut,
        Self::Overloaded,
        Self::Bottleneck,
    ];

    /// What the client sees.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoEndpoints | Self::Closed => "refused",
            Self::Dropped | Self::Unanswered | Self::Overloaded | Self::Bottleneck => "timeout",
            Self::Cut => "failed",
        }
    }
}

/// Requests that were lost alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loss {
    /// The node that they came from; empty when it does not matter.
    pub node: Name,
    /// The Pod that they were sent to; empty when there was none.
    pub pod: Name,
    /// Why.
    pub why: Lost,
    /// How many.
    pub count: u64,
}

/// Queues before a Pod and before a bottleneck are looked at this often.
pub const TICK: Duration = Duration::from_secs(1);

/// What became of the requests of a span, which ends at its entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requests {
    /// Since when.
    pub from: Instant,
    /// Which of the scenario's loads.
    pub load: usize,
    /// How many were sent.
    pub sent: u64,
    /// How many of them were answered in time.
    pub served: u64,
    /// The others, in order.
    pub lost: Vec<Loss>,
}

impl Requests {
    /// How many were lost.
    pub fn losses(&self) -> u64 {
        self.lost.iter().map(|loss| loss.count).sum()
    }

    /// Since when requests of this span were lost: a span that begins with a loss begins there,
    /// but a process that dies and a queue that overflows end a span in which all went well.
    pub fn lost_since(&self, end: Instant, before: Option<&Self>) -> Instant {
        let has = |own: &Self, why: &[Lost]| own.lost.iter().any(|loss| why.contains(&loss.why));
        let queues = [Lost::Overloaded, Lost::Bottleneck];
        if has(self, &[Lost::NoEndpoints, Lost::Dropped, Lost::Closed, Lost::Unanswered]) {
            self.from
        } else if !has(self, &queues) {
            end
        } else if before.is_some_and(|before| has(before, &queues)) {
            self.from
        } else {
            self.from.max(end - TICK)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn a_stream_counts_whole_requests() {
        let rate = |n: i128| n * 1_000_000_000;
        let stream = Stream::new(vec![(at(0), rate(10)), (at(10), rate(10)), (at(20), rate(30))]);
        assert_eq!(stream.sent(at(10)), 100);
        // A ramp from 10 to 30 in ten seconds: 200.
        assert_eq!(stream.sent(at(20)), 300);
        assert_eq!(stream.sent(at(30)), 600);
        assert_eq!(stream.rate(at(15)), rate(20));
        assert_eq!(Stream::default().sent(at(5)), 0);
    }

    #[test]
    fn a_request_is_sent_when_the_count_passes_it() {
        let stream = Stream::new(vec![(at(0), 3_000_000_000)]);
        for number in 0..30 {
            let when = stream.when(number, at(60)).unwrap();
            assert_eq!(stream.sent(when), number + 1);
            assert_eq!(stream.sent(when - Duration::from_micros(1)), number);
        }
        assert_eq!(stream.when(180, at(60)), None);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        for count in 0..40 {
            for places in 1..7 {
                let sum: u64 = (0..places).map(|place| share(count, places, place)).sum();
                assert_eq!(sum, count);
            }
        }
    }
}
