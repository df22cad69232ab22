//! The steps of a decision, each with its numbers.

use std::fmt;

use super::{Cause, Decision, Look, amount, bytes};
use crate::time::{Duration, Instant};
use crate::trace::scaling::{Proposal, ScalingMetric, Verdict};

/// One step of a sum: what was reckoned, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which step.
    pub kind: StepKind,
    /// The numbers that went in, `483m ÷ 200m`; empty where nothing was reckoned.
    pub formula: String,
    /// The number that came out, `241 %`.
    pub result: String,
}

/// Which step of the sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// What the Pods use whose samples count.
    Measured {
        /// How many those are.
        known: i32,
        /// Of how many.
        pods: i32,
        /// When the newest sample was taken.
        sampled: Option<Instant>,
    },
    /// Pods of which nothing is known are taken to use what argues most against a change.
    Filled {
        /// Pods without a sample.
        missing: i32,
        /// Pods that are not ready, or too young.
        unready: i32,
        /// Those without a sample count as their full request, not as 0.
        full: bool,
    },
    /// Usage against the target.
    Against {
        /// Whether that is so near that nothing changes.
        inside: bool,
        /// From there, in thousandths.
        low: i32,
        /// To there.
        high: i32,
    },
    /// The replicas that this asks for.
    Wants {
        /// What is not known could turn it round: nothing changes.
        held: bool,
    },
    /// The highest of several metrics.
    Highest,
    /// A recommendation of the window holds.
    Window {
        /// How far the window reaches back.
        window: Duration,
        /// When the recommendation was made that holds.
        held_by: Option<Instant>,
    },
    /// What limits and rates make of it.
    Limits {
        /// Reason of the condition ScalingLimited.
        reason: String,
    },
}

impl Look {
    /// The steps from the samples to the replicas; none where nothing could be decided.
    pub fn steps(&self) -> Vec<Step> {
        let scaling = &self.scaling;
        let Some(recommended) = scaling.recommended else { return Vec::new() };
        let mut steps = Vec::new();
        if let Some(metric) = scaling.metrics.get(self.deciding)
            && let Ok(proposal) = &metric.result
        {
            self.of_metric(metric, proposal, &mut steps);
        }
        if scaling.metrics.len() > 1 {
            let all: Vec<String> = scaling
                .metrics
                .iter()
                .map(|metric| {
                    let replicas = metric.result.as_ref().map(|own| own.replicas.to_string());
                    replicas.unwrap_or_else(|_| "?".to_owned())
                })
                .collect();
            let formula = format!("max({})", all.join(", "));
            steps.push(Step { kind: StepKind::Highest, formula, result: recommended.to_string() });
        }
        if scaling.stabilized != recommended {
            let word = if scaling.stabilized > recommended { "max" } else { "min" };
            steps.push(Step {
                kind: StepKind::Window { window: scaling.window, held_by: scaling.held_by },
                formula: format!("{word}({recommended}, {})", scaling.stabilized),
                result: scaling.stabilized.to_string(),
            });
        }
        if scaling.desired != scaling.stabilized {
            steps.push(Step {
                kind: StepKind::Limits { reason: scaling.limited.to_string() },
                formula: self.limits(),
                result: scaling.desired.to_string(),
            });
        }
        steps
    }

    fn of_metric(&self, metric: &ScalingMetric, own: &Proposal, steps: &mut Vec<Step>) {
        let value = |value: i64| metric.text(value);
        let pods = own.known + own.missing + own.unready;
        let (known, sampled) = (own.known, own.sampled);
        let sum = |(used, requested): (i64, i64), count: i32| {
            if metric.percent {
                format!("{} ÷ {}", metric.amount(used), metric.amount(requested))
            } else if sampled.is_some() {
                format!("{} ÷ {count}", metric.amount(used))
            } else {
                String::new()
            }
        };
        steps.push(Step {
            kind: StepKind::Measured { known, pods, sampled },
            formula: sum(own.measured, own.known),
            result: value(own.usage),
        });
        if own.filled != own.measured || own.counted != own.known {
            let (missing, unready) = (own.missing, own.unready);
            let full = own.usage < own.target;
            // Pods that are not ready count only against a step up.
            let unready = if full { 0 } else { unready };
            steps.push(Step {
                kind: StepKind::Filled { missing, unready, full },
                formula: sum(own.filled, own.counted),
                result: value(own.used),
            });
        }
        if own.target > 0 {
            let hundredths = own.used.saturating_mul(100) / own.target;
            let (down, up) = self.scaling.tolerance;
            let inside = own.verdict == Verdict::WithinTolerance;
            steps.push(Step {
                kind: StepKind::Against { inside, low: 1_000 - down, high: 1_000 + up },
                formula: format!("{} ÷ {}", metric.bare(own.used), metric.bare(own.target)),
                result: format!("{}.{:02}", hundredths / 100, hundredths % 100),
            });
        }
        let formula = match own.verdict {
            Verdict::Computed => {
                let (used, target) = (metric.bare(own.used), metric.bare(own.target));
                format!("ceil({} × {used} / {target})", own.counted)
            }
            Verdict::WithinTolerance | Verdict::Held => String::new(),
        };
        let held = own.verdict == Verdict::Held;
        let result = own.replicas.to_string();
        steps.push(Step { kind: StepKind::Wants { held }, formula, result });
    }

    /// `min(10, max(4, 2 × 4))`, or the bound alone.
    fn limits(&self) -> String {
        let own = &self.scaling;
        let (fewest, most) = own.room;
        let wanted = own.stabilized;
        match &*own.limited {
            "ScaleUpLimit" if !self.policies => {
                format!("min({wanted}, max(4, 2 × {}))", own.current)
            }
            "ScaleUpLimit" | "TooManyReplicas" => format!("min({wanted}, {most})"),
            _ => format!("max({wanted}, {fewest})"),
        }
    }

    /// Whether what is not known about some Pods could turn the decision round.
    pub fn is_held(&self) -> bool {
        let metric = self.scaling.metrics.get(self.deciding);
        metric.is_some_and(|metric| {
            metric.result.as_ref().is_ok_and(|own| own.verdict == Verdict::Held)
        })
    }

    /// The sum in one line: `ceil(3 × 84 / 50) = 6`; nothing where nothing was reckoned.
    pub fn formula(&self) -> Option<String> {
        self.scaling.metrics.get(self.deciding)?.formula()
    }
}

impl ScalingMetric {
    /// Whether it is about memory: its thousandths are those of bytes.
    fn is_memory(&self) -> bool {
        self.name.starts_with("memory")
    }

    /// An amount, not a percentage.
    fn amount(&self, milli: i64) -> String {
        if self.is_memory() { bytes(milli) } else { amount(milli, self.name.starts_with("cpu")) }
    }

    /// A value as the target is written.
    fn text(&self, value: i64) -> String {
        if self.percent { format!("{value} %") } else { self.amount(value) }
    }

    /// A value inside a formula.
    fn bare(&self, value: i64) -> String {
        if self.percent { value.to_string() } else { self.amount(value) }
    }
}

impl Cause {
    /// Reads the words of the controller.
    pub(super) fn read(able: &str, why: &str) -> Self {
        let parts = why.split_once("missing request for ").and_then(|(_, rest)| {
            let (resource, rest) = rest.split_once(" in container ")?;
            let (container, _) = rest.split_once(" of Pod ")?;
            Some((resource.to_owned(), container.to_owned()))
        });
        let says = |words: &str| why.contains(words);
        match parts {
            Some((resource, container)) => Self::NoRequest { resource, container },
            None if able == "FailedGetScale" => Self::NoTarget,
            None if able == "AmbiguousSelector" => Self::Ambiguous,
            None if says("(get pods.metrics.k8s.io)") => Self::NoMetricsServer,
            None if says("custom metrics API") || says("external metric") => Self::NoCustomMetric,
            None if says("no metrics returned from") => Self::NoSamples,
            None if says("did not receive metrics") => Self::PodsTooYoung,
            None if says("no pods returned by selector") => Self::NoPods,
            None if says("scaling is disabled") => Self::ScaledToZero,
            None => Self::Other,
        }
    }

    /// The field that decides: kind of the object, its name in the manifest, and the path there.
    /// `Scenario` is our own document, an empty name is that of the autoscaler or its target.
    pub fn field(&self) -> Option<(&'static str, String)> {
        let field = match self {
            Self::NoRequest { resource, .. } => {
                ("target", format!("spec.template.spec.containers[].resources.requests.{resource}"))
            }
            Self::NoMetricsServer => ("Scenario", "spec.metrics.installed".to_owned()),
            Self::NoCustomMetric => ("Scenario", "spec.metrics.custom".to_owned()),
            Self::NoTarget | Self::Ambiguous => {
                ("HorizontalPodAutoscaler", "spec.scaleTargetRef".to_owned())
            }
            Self::NoPods => ("target", "spec.selector".to_owned()),
            Self::ScaledToZero => ("target", "spec.replicas".to_owned()),
            Self::NoSamples | Self::PodsTooYoung | Self::Other => return None,
        };
        Some(field)
    }
}

impl fmt::Display for Look {
    /// `↑ 1 → 3  140m ÷ 100m = 140 %; ceil(1 × 140 / 50) = 3`, or what went wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = &self.scaling;
        write!(f, "{} ", self.decision.sign())?;
        if self.decision == Decision::Unknown {
            let error = own.metrics.iter().find_map(|metric| metric.result.as_ref().err());
            return f.write_str(error.unwrap_or(&own.why));
        }
        match own.current == own.desired {
            true => write!(f, "{}", own.current)?,
            false => write!(f, "{} → {}", own.current, own.desired)?,
        }
        let mut before = "  ";
        for step in self.steps() {
            let Step { formula, result, .. } = &step;
            if formula.is_empty() {
                write!(f, "{before}{result}")?;
            } else {
                write!(f, "{before}{formula} = {result}")?;
            }
            before = "; ";
        }
        if own.recommended.is_none() {
            write!(f, "  {}", own.why)?;
        }
        Ok(())
    }
}
