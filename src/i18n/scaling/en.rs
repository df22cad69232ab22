//! The autoscaling picture in English.

use super::{ScalingTexts, decimal};
use crate::time::Instant;
use crate::view::autoscaling::{Cause, CurveKind, Decision, Look, Step, StepKind};

pub(super) const TEXTS: ScalingTexts = ScalingTexts {
    load: "Load",
    curve: |kind| match kind {
        CurveKind::Cpu => "CPU of all Pods",
        CurveKind::Rps => "requests/s",
        CurveKind::Custom => "metric",
    },
    usage: "Usage",
    usage_notes: |percent| {
        if percent { ["of the request,", "as measured"] } else { ["a Pod,", "as measured"] }
    },
    replicas: "Replicas",
    wanted: "— wanted",
    ready: "■ ready",
    decisions: "Decisions",
    wants: "wants",
    does: "does",
    window: |window| format!("{} s window: its highest “wants” holds", window.as_secs()),
    picture: |scaler| {
        let steps = scaler.looks.iter().filter(|look| changes(look));
        let steps: Vec<String> = steps
            .map(|look| {
                let (from, to) = (look.scaling.current, look.scaling.desired);
                format!("{from} to {to} at {}", look.at.clock())
            })
            .collect();
        let steps = if steps.is_empty() { "No change".to_owned() } else { steps.join(", ") };
        format!("Autoscaler {}: {steps}", scaler.name)
    },
    aims: |scaler| {
        let (kind, name) = &scaler.target;
        let aim = scaler.aim.text(scaler.aim.target);
        let of = if scaler.aim.percent { " of the request" } else { "" };
        format!(
            "{kind}/{name} · {} {aim}{of} · {} to {} replicas · a look every 15 s",
            scaler.aim.metric, scaler.least, scaler.most
        )
    },
    claim,
    title: |look| match look.formula() {
        Some(formula) if look.cause.is_none() => {
            format!("{} {formula}: {}", look.at.clock(), claim(look))
        }
        _ => format!("{} {}", look.at.clock(), claim(look)),
    },
    step,
    cause,
    choose: "Autoscaler",
    all: "Every look",
    not_yet: "The autoscaler looks for the first time 15 s after it was made",
    none: "No HorizontalPodAutoscaler in the YAML",
    knob: |number| {
        format!("Point {number} of the load: arrow keys change value and time, Shift in tens")
    },
    change: "Change",
};

fn changes(look: &Look) -> bool {
    matches!(look.decision, Decision::Up | Decision::Down)
}

fn claim(look: &Look) -> String {
    let own = &look.scaling;
    if let Some(why) = &look.cause {
        return format!("<unknown>: {}", cause(why));
    }
    let Some(wants) = own.recommended else {
        return format!("{} to {} replicas are allowed: at once", own.least, own.most);
    };
    let held = own.held_by.map(Instant::clock).unwrap_or_default();
    let limit = match &*own.limited {
        "TooManyReplicas" => {
            format!("{} wanted, capped to {} by maxReplicas", own.stabilized, own.desired)
        }
        "TooFewReplicas" => {
            format!("{} wanted, raised to {} by minReplicas", own.stabilized, own.desired)
        }
        "ScaleUpLimit" => format!("{} wanted, {} at once are allowed", own.stabilized, own.desired),
        "ScaleDownLimit" => {
            format!("{} wanted, down to {} at once is allowed", own.stabilized, own.desired)
        }
        _ => String::new(),
    };
    match look.decision {
        _ if own.desired != own.stabilized => limit,
        Decision::Stabilizing => {
            format!(
                "{wants} wanted, but {} was wanted at {held}, and that still counts",
                own.stabilized
            )
        }
        Decision::Up => "above target".to_owned(),
        Decision::Down => "below target, and no higher number is left in the window".to_owned(),
        Decision::Steady if look.is_held() => {
            "nothing changes: what is missing could turn it round".to_owned()
        }
        Decision::Steady | Decision::Unknown => "as many as are wanted".to_owned(),
    }
}

fn step(look: &Look, step: &Step) -> (&'static str, String) {
    match &step.kind {
        StepKind::Measured { known, pods, sampled } => {
            let age = sampled.map(|at| look.at.since(at).as_secs());
            let age = age.map(|age| format!("; {age} s old")).unwrap_or_default();
            let who = if *pods == 1 {
                "the only Pod has a sample".to_owned()
            } else if known == pods {
                format!("all {pods} Pods have a sample")
            } else {
                format!("{known} of {pods} Pods have a sample that counts")
            };
            ("measured", format!("{who}{age}"))
        }
        StepKind::Filled { missing, unready, full } => {
            let (word, label) = if *full {
                ("their full request", "missing count as full")
            } else {
                ("0", "the others count as 0")
            };
            let note = match (missing, unready) {
                (missing, 0) => format!("{missing} without a sample, taken as {word}"),
                (0, unready) => format!("{unready} not ready or too young, taken as 0"),
                (missing, unready) => format!(
                    "{missing} without a sample, {unready} not ready or too young, taken as {word}"
                ),
            };
            (label, note)
        }
        StepKind::Against { inside, low, high } => {
            let (low, high) = (decimal(*low), decimal(*high));
            let note = if *inside {
                format!("between {low} and {high} nothing changes")
            } else {
                format!("outside {low} to {high}, so act")
            };
            ("against the target", note)
        }
        StepKind::Wants { held: true } => ("wants", "as many as there are".to_owned()),
        StepKind::Wants { held: false } if step.formula.is_empty() => {
            ("wants", "as many as there are".to_owned())
        }
        StepKind::Wants { held: false } => ("wants", "always rounded up".to_owned()),
        StepKind::Highest => ("of all metrics", "the highest wins".to_owned()),
        StepKind::Window { window, held_by } => {
            let at = held_by.map(Instant::clock).unwrap_or_default();
            let until = held_by.map(|at| (at + *window).clock()).unwrap_or_default();
            ("in the window", format!("wanted at {at}, counts until {until}"))
        }
        StepKind::Limits { reason } => ("limits", reason.clone()),
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::NoRequest { resource, container } => format!(
            "container {container} requests no {resource}, so there is nothing to be a percentage of"
        ),
        Cause::NoMetricsServer => "there is no metrics-server".to_owned(),
        Cause::NoSamples => "metrics-server has no sample of these Pods".to_owned(),
        Cause::PodsTooYoung => {
            "no sample counts yet: the Pods are not ready, or were not for the whole sample"
                .to_owned()
        }
        Cause::NoCustomMetric => "nobody tells this metric".to_owned(),
        Cause::NoPods => "the selector finds no Pod".to_owned(),
        Cause::NoTarget => "the target is not there, or has no scale".to_owned(),
        Cause::Ambiguous => "another autoscaler selects the same Pods".to_owned(),
        Cause::ScaledToZero => "replicas is 0: that switches the autoscaler off".to_owned(),
        Cause::Other => "a metric could not be read".to_owned(),
    }
}
