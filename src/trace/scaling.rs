//! How an autoscaler came to a number of replicas: the numbers of one look.
//!
//! Owns: [`Scaling`] and its parts, with the formula as one writes it. Does not own: the
//! arithmetic (`cluster`).

use crate::time::{Duration, Instant};
use crate::trace::Name;

/// One look of an autoscaler at its target, from the metrics to the replicas.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scaling {
    /// Replicas as the target has them.
    pub current: i32,
    /// `minReplicas`.
    pub least: i32,
    /// `maxReplicas`.
    pub most: i32,
    /// The metrics in the order of the spec; none when the replicas alone decided.
    pub metrics: Vec<ScalingMetric>,
    /// What the metrics ask for; nothing when they could not tell, or were not asked.
    pub recommended: Option<i32>,
    /// After the stabilization windows.
    pub stabilized: i32,
    /// When the recommendation was made that holds instead of this one; nothing when this one does.
    pub held_by: Option<Instant>,
    /// How long recommendations hold back a step down.
    pub window: Duration,
    /// The fewest and the most replicas that limits and rates allow in this look.
    pub room: (i32, i32),
    /// How far below and above the target nothing changes, in thousandths of it.
    pub tolerance: (i32, i32),
    /// After all limits: what the target gets.
    pub desired: i32,
    /// Reason of the condition AbleToScale, before the change: `ScaleDownStabilized`.
    pub able: Name,
    /// Reason of the condition ScalingLimited: `TooManyReplicas`.
    pub limited: Name,
    /// Why, in the words of the Event, or the error.
    pub why: Name,
}

/// What one metric said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScalingMetric {
    /// `cpu resource utilization (percentage of request)`.
    pub name: Name,
    /// Its numbers, or why there are none.
    pub result: Result<Proposal, Name>,
    /// Usage and target are percents, not thousandths.
    pub percent: bool,
}

/// What came out of the comparison of a metric with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The ceiling of Pods × usage / target.
    Computed,
    /// So near to the target that nothing changes.
    WithinTolerance,
    /// What is not known about some Pods could turn the decision round: nothing changes.
    Held,
}

/// A number of replicas, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proposal {
    /// The number.
    pub replicas: i32,
    /// Percent of the request, or thousandths of the unit a Pod, as status shows it.
    pub usage: i64,
    /// Thousandths of the unit a Pod, of the Pods that were counted.
    pub raw: i64,
    /// Percent of the request, or thousandths of the unit, that is wanted.
    pub target: i64,
    /// What the Pods with a sample that counts use, and request, together: thousandths. The request
    /// is 0 where the target is no percentage.
    pub measured: (i64, i64),
    /// The same with the Pods that were filled in.
    pub filled: (i64, i64),
    /// When the newest sample that counts was taken; nothing for a number that belongs to no Pod.
    pub sampled: Option<Instant>,
    /// The usage with which was multiplied: Pods of which nothing is known are in it.
    pub used: i64,
    /// The Pods by which was multiplied.
    pub counted: i32,
    /// Pods that are not ready, or too young for their sample to count.
    pub unready: i32,
    /// Pods whose sample counts.
    pub known: i32,
    /// Pods without a sample.
    pub missing: i32,
    /// Pods that are leaving or failed: they do not count at all.
    pub ignored: i32,
    /// What came of it.
    pub verdict: Verdict,
}

impl Scaling {
    /// A look that could not even read its target or its metrics.
    pub fn blind(current: i32, (least, most): (i32, i32), able: &str, why: &str) -> Self {
        Self {
            current,
            least,
            most,
            metrics: Vec::new(),
            recommended: None,
            stabilized: current,
            held_by: None,
            window: Duration::ZERO,
            room: (least, most),
            tolerance: (0, 0),
            desired: current,
            able: able.into(),
            limited: "".into(),
            why: why.into(),
        }
    }
}

impl ScalingMetric {
    /// The sum as one writes it: `ceil(3 × 84 / 50) = 6`, `84 ≈ 80: 3 stay`; nothing without
    /// numbers.
    pub fn formula(&self) -> Option<String> {
        let proposal = self.result.as_ref().ok()?;
        let Proposal { used, target, counted, replicas, .. } = proposal;
        let unit = if self.percent { "" } else { "m" };
        Some(match proposal.verdict {
            Verdict::Computed => {
                format!("ceil({counted} × {used}{unit} / {target}{unit}) = {replicas}")
            }
            Verdict::WithinTolerance => format!("{used}{unit} ≈ {target}{unit} → {replicas}"),
            Verdict::Held => format!("{used}{unit} / {target}{unit} → {replicas}"),
        })
    }
}
