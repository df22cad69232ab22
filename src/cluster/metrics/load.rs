//! The scenario's load: a line through points, shared by the Pods that are ready.
//!
//! Owns: what one Pod gets between two moments, in whole numbers. Does not own: which Pods are
//! ready (`metrics`).

use crate::manifest::curve::Points;
use crate::manifest::quantity::Quantity;
use crate::manifest::scenario_document::LoadSpec;
use crate::order;
use crate::time::{Duration, Instant};

/// Microseconds in a second.
pub(super) const SECOND: i128 = 1_000_000;

/// The Pods that a load reaches.
#[derive(Clone, Debug)]
pub(super) enum Reaches {
    /// Those of a Deployment.
    Deployment(String),
    /// Those behind a Service; its name.
    Service(String),
}

/// A load: so many billionths at a time, shared by the ready Pods that it reaches.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) reaches: Reaches,
    pub(super) points: Points,
    /// The points are requests a second, not cores.
    pub(super) requests: bool,
    pub(super) cap: Option<i128>,
    pub(super) memory: Option<i64>,
}

/// The load of one ready Pod, added up: where the number of ready Pods changes, and from there on.
#[derive(Clone, Debug)]
pub(super) struct Timeline<'m> {
    pub(super) load: &'m Load,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) at: Instant,
    /// What one Pod got until then, in billionths times microseconds.
    pub(super) sum: i128,
    /// Pods that share the load from then on.
    pub(super) ready: i64,
}

impl Timeline<'_> {
    pub(super) fn at(&self, at: Instant) -> i128 {
        let after = self.steps.partition_point(|step| step.at <= at);
        let step = after.checked_sub(1).and_then(|index| self.steps.get(index));
        step.map_or(0, |step| step.sum + self.load.integral(step.ready, step.at, at))
    }
}

impl Load {
    /// Reads a load of the Scenario; nothing of one that names nobody.
    pub(super) fn new(spec: &LoadSpec) -> Option<Self> {
        let reaches = match (&spec.deployment, &spec.service) {
            (Some(name), _) => Reaches::Deployment(name.clone()),
            (None, Some(name)) => Reaches::Service(name.clone()),
            (None, None) => return None,
        };
        let requests = spec.cpu.0.is_empty();
        let points = if requests { spec.rps.0.points() } else { spec.cpu.0.points() };
        Some(Self {
            reaches,
            points,
            requests,
            cap: spec.cap_per_pod.as_ref().filter(|_| !requests).map(Quantity::nanos),
            memory: spec.memory_per_pod.as_ref().map(Quantity::value),
        })
    }

    /// What one of so many ready Pods gets between two moments: billionths times microseconds.
    ///
    /// Between two points the load is a straight line; before the first it is nothing, after the
    /// last it stays. Each Pod gets an equal share, up to the cap.
    pub(super) fn integral(&self, ready: i64, from: Instant, to: Instant) -> i128 {
        if ready <= 0 || to <= from {
            return 0;
        }
        let mut sum = 0;
        for (index, (start, value)) in self.points.iter().enumerate() {
            let next = self.points.get(index + 1);
            let end = next.map_or(to, |(at, _)| *at).min(to);
            let begin = (*start).max(from);
            if end <= begin {
                continue;
            }
            let level = |at: Instant| level(&(*start, *value), next, at);
            let ready = i128::from(ready);
            let length = i128::from(end.since(begin).as_micros());
            sum += area(level(begin) / ready, level(end) / ready, self.cap, length);
        }
        sum
    }
}

/// Points in the order of time.
pub(super) fn points<'q>(written: impl Iterator<Item = (Duration, &'q Quantity)>) -> Points {
    let mut points: Points =
        written.map(|(at, value)| (Instant::ZERO + at, value.nanos().max(0))).collect();
    // Stable: two points of one time are a step, and their order is that of the text.
    order::sort_by_key(&mut points, |(at, _)| *at);
    points
}

/// The height of the line between a point and the next one; after the last point it stays.
pub(super) fn level(point: &(Instant, i128), next: Option<&(Instant, i128)>, at: Instant) -> i128 {
    let (start, value) = *point;
    match next {
        Some((next_at, next_value)) if *next_at > start => {
            let length = i128::from(next_at.since(start).as_micros());
            let part = i128::from(at.since(start).as_micros());
            value + (next_value - value) * part / length
        }
        Some(_) | None => value,
    }
}

/// The area under a straight line, cut off at a height.
fn area(first: i128, last: i128, cap: Option<i128>, length: i128) -> i128 {
    let whole = (first + last) * length / 2;
    let Some(cap) = cap else { return whole };
    let (low, high) = (first.min(last), first.max(last));
    if high <= cap {
        whole
    } else if low >= cap {
        cap * length
    } else {
        // The triangle above the cap goes.
        let over = high - cap;
        whole - over * over * length / (high - low) / 2
    }
}
