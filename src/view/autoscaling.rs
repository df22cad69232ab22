//! How an autoscaler follows the load: what it measured, what it decided, what came of it.
//!
//! Owns: the picture as plain structs ([`Scaler`], [`Look`], [`Curve`]) and as text, and the steps
//! of each sum. Does not own: how it is drawn (`draw`), any sentence (`i18n`), or the decisions
//! themselves (`cluster`): every number comes from the trace.

mod build;
mod sum;

use std::fmt;
use std::rc::Rc;

use crate::time::Instant;
use crate::trace::EntryId;
use crate::trace::scaling::Scaling;

pub use build::{autoscaling, counts, look};
pub use sum::{Step, StepKind};

/// One autoscaler, through its whole life.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaler {
    /// The end of the simulated time.
    pub horizon: Instant,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Kind and name of what it scales.
    pub target: (String, String),
    /// `minReplicas`.
    pub least: i32,
    /// `maxReplicas`.
    pub most: i32,
    /// What it holds against what it measures.
    pub aim: Aim,
    /// How many metrics it has.
    pub metrics: usize,
    /// What the scenario asks of the target's Pods; nothing where it says nothing.
    pub load: Option<Curve>,
    /// What was measured, as the autoscaler saw it.
    pub measures: Vec<Measure>,
    /// Every look, in order.
    pub looks: Vec<Look>,
    /// Replicas, whenever a number of them changed.
    pub counts: Vec<Count>,
    /// The moments that matter, in order.
    pub moments: Vec<Instant>,
}

/// What a metric should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// Its short name: `cpu`, `memory`, or that of a custom metric.
    pub metric: String,
    /// Percent of the request, not thousandths.
    pub percent: bool,
    /// The target.
    pub target: i64,
    /// How far below and above it nothing changes, in thousandths of it.
    pub tolerance: (i32, i32),
}

/// What a curve of the scenario is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveKind {
    /// CPU that all ready Pods share.
    Cpu,
    /// Requests a second that all ready Pods share.
    Rps,
    /// The value of a metric that is no resource.
    Custom,
}

/// A curve of the scenario: straight lines between its points, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// What it is about.
    pub kind: CurveKind,
    /// Which one of the list that it stands in.
    pub index: usize,
    /// Its points.
    pub points: Vec<Point>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its place in the text's own order.
    pub index: usize,
    /// When.
    pub at: Instant,
    /// How much, in thousandths.
    pub milli: i64,
}

/// A stretch of time in which one value was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// When it was measured.
    pub from: Instant,
    /// Until when nothing newer was.
    pub to: Instant,
    /// Percent of the request, or thousandths.
    pub value: i64,
}

/// Replicas from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Since when.
    pub at: Instant,
    /// As many as should be.
    pub wanted: i32,
    /// As many as were made.
    pub made: i32,
    /// As many as are ready.
    pub ready: i32,
    /// The entry.
    pub entry: EntryId,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// More replicas.
    Up,
    /// Fewer replicas.
    Down,
    /// As many as there are.
    Steady,
    /// Another number was wanted, and a stabilization window held it back.
    Stabilizing,
    /// Nothing could be decided.
    Unknown,
}

/// Why nothing could be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A container does not say what it requests.
    NoRequest {
        /// Of what: `cpu`.
        resource: String,
        /// The container.
        container: String,
    },
    /// Nobody serves the metrics API.
    NoMetricsServer,
    /// metrics-server knows none of the Pods.
    NoSamples,
    /// The Pods are too young for their samples to count.
    PodsTooYoung,
    /// Nobody tells a metric that is no resource.
    NoCustomMetric,
    /// The selector finds no Pod.
    NoPods,
    /// The target is not there, or has no scale.
    NoTarget,
    /// Another autoscaler selects the same Pods.
    Ambiguous,
    /// The target was scaled to 0.
    ScaledToZero,
    /// Something else, in the controller's words.
    Other,
}

/// One look of the autoscaler at its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// The entry.
    pub entry: EntryId,
    /// The numbers.
    pub scaling: Rc<Scaling>,
    /// What came of it.
    pub decision: Decision,
    /// Why nothing could be decided.
    pub cause: Option<Cause>,
    /// Whether `behavior` is written: its policies limit the rate.
    pub policies: bool,
    /// Which metric decided, or would have.
    pub deciding: usize,
}

impl Scaler {
    /// The look that holds at a moment: the last one before the clock shows another tenth.
    pub fn look_at(&self, at: Instant) -> Option<&Look> {
        let after = self.looks.partition_point(|look| tenth(look.at) <= tenth(at));
        self.looks.get(after.checked_sub(1)?)
    }

    /// The replicas at a moment.
    pub fn count_at(&self, at: Instant) -> Option<&Count> {
        let after = self.counts.partition_point(|count| count.at <= at);
        self.counts.get(after.checked_sub(1)?)
    }

    /// Windows that held a step down back: from the recommendation that held it to the step.
    pub fn windows(&self) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        self.looks.windows(2).filter_map(|two| {
            let [before, look] = two else { return None };
            let stepped = look.decision == Decision::Down;
            let held = before.scaling.held_by.filter(|_| stepped)?;
            Some((held, look.at))
        })
    }

    /// The first moment after another at which the autoscaler looked, or before it.
    pub fn next_look(&self, at: Instant, forward: bool) -> Option<Instant> {
        let mut looks = self.looks.iter().map(|look| look.at);
        if forward {
            looks.find(|look| tenth(*look) > tenth(at))
        } else {
            looks.rfind(|look| tenth(*look) < tenth(at))
        }
    }
}

/// The tenth of a second that the clock shows.
fn tenth(at: Instant) -> i64 {
    at.as_micros().div_euclid(100_000)
}

impl CurveKind {
    /// The name of the list in the Scenario's spec, and of the values in its items.
    pub const fn place(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Cpu => ("load", "cpu", "total"),
            Self::Rps => ("load", "rps", "rate"),
            Self::Custom => ("metrics.custom", "values", "value"),
        }
    }

    /// A value as it is written: `140m`, `20`, `1500m`.
    pub fn text(self, milli: i64) -> String {
        amount(milli, self == Self::Cpu)
    }
}

/// Thousandths as a quantity; CPU always in `m`.
fn amount(milli: i64, cpu: bool) -> String {
    if cpu || milli % 1_000 != 0 { format!("{milli}m") } else { (milli / 1_000).to_string() }
}

/// Thousandths of bytes in whole Mi, Ki or bytes.
fn bytes(milli: i64) -> String {
    let bytes = milli / 1_000;
    match bytes {
        b if b >= 1 << 20 => format!("{}Mi", (b + (1 << 19)) >> 20),
        b if b >= 1 << 10 => format!("{}Ki", (b + (1 << 9)) >> 10),
        b => b.to_string(),
    }
}

impl Decision {
    /// The mark of a decision in text.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Up => "↑",
            Self::Down => "↓",
            Self::Steady => "=",
            Self::Stabilizing => "‖",
            Self::Unknown => "?",
        }
    }
}

impl fmt::Display for Scaler {
    /// Prints one line a decision; looks like the one before are only counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, target) = &self.target;
        let (name, least, most) = (&self.name, self.least, self.most);
        writeln!(f, "hpa/{name}  {kind}/{target}  {}  {least} to {most}", self.aim)?;
        let mut alike = 0;
        let mut last: Option<String> = None;
        for look in &self.looks {
            let line = look.to_string();
            if last.as_ref() == Some(&line) {
                alike += 1;
                continue;
            }
            if alike > 0 {
                writeln!(f, "{:>9}  … {alike} alike", "")?;
                alike = 0;
            }
            writeln!(f, "{:>9}  {line}", look.at.clock())?;
            last = Some(line);
        }
        if alike > 0 {
            writeln!(f, "{:>9}  … {alike} alike", "")?;
        }
        Ok(())
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.metric, self.text(self.target))
    }
}

impl Aim {
    /// A value of this metric: `50 %`, `140m`, `64Mi`.
    pub fn text(&self, value: i64) -> String {
        if self.percent {
            format!("{value} %")
        } else if self.metric == "memory" {
            bytes(value)
        } else {
            amount(value, self.metric == "cpu")
        }
    }
}
