//! From a trace to the picture of each autoscaler.

use std::rc::Rc;

use super::{Aim, Cause, Count, Curve, CurveKind, Decision, Look, Measure, Point, Scaler};
use crate::manifest::Object;
use crate::manifest::autoscaling::{HorizontalPodAutoscaler, MetricSpec, MetricTarget};
use crate::manifest::curve;
use crate::manifest::quantity::Quantity;
use crate::order;
use crate::time::{Duration, Instant};
use crate::trace::scaling::Scaling;
use crate::trace::{Change, Entry, EntryId, History, Trace};

/// The picture of every autoscaler that there ever was, in the order of their creation.
pub fn autoscaling(trace: &Trace) -> Vec<Rc<Scaler>> {
    let histories = trace.histories().iter();
    let own = histories.filter(|history| &*history.kind == "HorizontalPodAutoscaler");
    own.filter_map(|history| scaler(trace, history)).map(Rc::new).collect()
}

fn stored(trace: &Trace, id: EntryId) -> Option<(&Entry, &Object)> {
    let entry = trace.entry(id)?;
    match &entry.change {
        Change::Stored { object, .. } => Some((entry, object)),
        _ => None,
    }
}

fn autoscaler(trace: &Trace, id: EntryId) -> Option<(&Entry, &Rc<HorizontalPodAutoscaler>)> {
    match stored(trace, id)? {
        (entry, Object::HorizontalPodAutoscaler(own)) => Some((entry, own)),
        _ => None,
    }
}

fn scaler(trace: &Trace, history: &History) -> Option<Scaler> {
    let (_, last) = autoscaler(trace, *history.versions.last()?)?;
    let spec = &last.spec;
    let reference = &spec.scale_target_ref;
    let target = (reference.kind.clone(), reference.name.clone());
    let looks = looks(trace, history);
    let shown = most_deciding(&looks);
    let tolerance = looks.iter().rev().map(|look| look.scaling.tolerance).find(|t| *t != (0, 0));
    let mut aim = spec.metrics.get(shown).map(aim_of).unwrap_or_default();
    aim.tolerance = tolerance.unwrap_or((100, 100));
    let counts = counts(trace, &history.namespace, &target);
    let load = spec
        .metrics
        .get(shown)
        .and_then(|metric| custom(trace, metric))
        .or_else(|| load(trace, &history.namespace, &target));
    let measures = measures(&looks, shown, trace.horizon());
    let mut scaler = Scaler {
        horizon: trace.horizon(),
        namespace: history.namespace.to_string(),
        name: history.name.to_string(),
        target,
        least: spec.min_replicas.unwrap_or(1),
        most: spec.max_replicas,
        aim,
        metrics: spec.metrics.len(),
        load,
        measures,
        looks,
        counts,
        moments: Vec::new(),
    };
    scaler.moments = moments(&scaler);
    Some(scaler)
}

fn aim_of(spec: &MetricSpec) -> Aim {
    let of = |metric: &str, target: &MetricTarget| {
        let quantity = target.average_value.as_ref().or(target.value.as_ref());
        Aim {
            metric: metric.to_owned(),
            percent: quantity.is_none(),
            target: quantity
                .map_or(target.average_utilization.unwrap_or(0).into(), Quantity::milli_value),
            tolerance: (0, 0),
        }
    };
    if let Some(own) = &spec.resource {
        of(&own.name, &own.target)
    } else if let Some(own) = &spec.container_resource {
        of(&own.name, &own.target)
    } else if let Some(own) = &spec.pods {
        of(&own.metric.name, &own.target)
    } else if let Some(own) = &spec.object {
        of(&own.metric.name, &own.target)
    } else if let Some(own) = &spec.external {
        of(&own.metric.name, &own.target)
    } else {
        Aim::default()
    }
}

fn looks(trace: &Trace, history: &History) -> Vec<Look> {
    let mut versions = history.versions.iter().peekable();
    let mut policies = false;
    let mut looks = Vec::new();
    for (id, entry) in (0..).map(EntryId).zip(trace.entries()) {
        while let Some(version) = versions.next_if(|version| **version <= id) {
            if let Some((_, own)) = autoscaler(trace, *version) {
                policies = own.spec.behavior.is_some();
            }
        }
        let Change::Scaling(scaling) = &entry.change else { continue };
        if entry.subject.uid == history.uid {
            looks.push(look(entry.at, id, scaling, policies));
        }
    }
    looks
}

/// One look, with what came of it.
pub fn look(at: Instant, entry: EntryId, scaling: &Rc<Scaling>, policies: bool) -> Look {
    let error = scaling.metrics.iter().find_map(|metric| metric.result.as_ref().err());
    let out_of_bounds = scaling.metrics.is_empty() && scaling.desired != scaling.current;
    let unknown = scaling.recommended.is_none() && !out_of_bounds;
    let decision = match scaling.desired.cmp(&scaling.current) {
        std::cmp::Ordering::Greater => Decision::Up,
        std::cmp::Ordering::Less => Decision::Down,
        std::cmp::Ordering::Equal if unknown => Decision::Unknown,
        std::cmp::Ordering::Equal if scaling.recommended != Some(scaling.stabilized) => {
            Decision::Stabilizing
        }
        std::cmp::Ordering::Equal => Decision::Steady,
    };
    let cause = unknown.then(|| Cause::read(&scaling.able, error.unwrap_or(&scaling.why)));
    let wins = |index: &usize| {
        let own = scaling.metrics.get(*index).and_then(|metric| metric.result.as_ref().ok());
        own.is_some_and(|own| scaling.recommended.is_none_or(|r| r == own.replicas.max(0)))
    };
    let deciding = (0..scaling.metrics.len()).find(wins).unwrap_or(0);
    Look { at, entry, scaling: scaling.clone(), decision, cause, policies, deciding }
}

/// The metric that decided most often: the one that is drawn.
fn most_deciding(looks: &[Look]) -> usize {
    let count = |index: usize| {
        let decided = |look: &&Look| look.deciding == index && look.scaling.recommended.is_some();
        looks.iter().filter(decided).count()
    };
    let metrics = looks.iter().map(|look| look.scaling.metrics.len()).max().unwrap_or(0);
    // The first of several equals.
    (0..metrics).rev().max_by_key(|index| count(*index)).unwrap_or(0)
}

/// A value holds from its sample to the next one; where nothing is known, nothing holds.
fn measures(looks: &[Look], shown: usize, horizon: Instant) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    let mut open = false;
    for look in looks {
        let metric = look.scaling.metrics.get(shown);
        let Some(own) = metric.and_then(|metric| metric.result.as_ref().ok()) else {
            if let Some(last) = measures.last_mut().filter(|_| open) {
                last.to = look.at;
            }
            open = false;
            continue;
        };
        let sampled = own.sampled.unwrap_or(look.at);
        let mut from = sampled;
        if let Some(last) = measures.last_mut() {
            if open && last.value == own.usage {
                continue;
            }
            // Another value of the same sample: other Pods count now.
            if sampled <= last.from || (!open && sampled < last.to) {
                from = look.at;
            }
            if open {
                last.to = from;
            }
        }
        measures.push(Measure { from, to: horizon, value: own.usage });
        open = true;
    }
    measures
}

/// Replicas of a workload, whenever a number of them changed.
pub fn counts(trace: &Trace, namespace: &str, (kind, name): &(String, String)) -> Vec<Count> {
    let mut counts: Vec<Count> = Vec::new();
    let target = trace.histories().iter().filter(|history| {
        *history.kind == **kind && *history.namespace == *namespace && *history.name == **name
    });
    for id in target.flat_map(|history| &history.versions) {
        let Some((entry, object)) = stored(trace, *id) else { continue };
        let (wanted, made, ready) = match object {
            Object::Deployment(own) => {
                (own.spec.replicas, own.status.replicas, own.status.ready_replicas)
            }
            Object::ReplicaSet(own) => {
                (own.spec.replicas, own.status.replicas, own.status.ready_replicas)
            }
            Object::StatefulSet(own) => {
                (own.spec.replicas, own.status.replicas, own.status.ready_replicas)
            }
            _ => continue,
        };
        let wanted = wanted.unwrap_or(1);
        let count = Count { at: entry.at, wanted, made, ready, entry: *id };
        let same = |last: &Count| (last.wanted, last.made, last.ready) == (wanted, made, ready);
        if !counts.last().is_some_and(same) {
            counts.push(count);
        }
    }
    counts
}

fn curve<'q>(
    kind: CurveKind,
    index: usize,
    written: impl Iterator<Item = (Duration, &'q Quantity)>,
) -> Option<Curve> {
    let mut points: Vec<Point> = written
        .enumerate()
        .map(|(index, (at, value))| Point {
            index,
            at: Instant::ZERO + at,
            milli: value.milli_value().max(0),
        })
        .collect();
    // Stable, as the meter reads them.
    order::sort_by_key(&mut points, |point| point.at);
    (!points.is_empty()).then_some(Curve { kind, index, points })
}

/// The scenario's load on the target.
fn load(trace: &Trace, namespace: &str, (kind, name): &(String, String)) -> Option<Curve> {
    let selects = |service: &str| {
        let history = trace.histories().iter().find(|history| {
            &*history.kind == "Service"
                && *history.namespace == *namespace
                && *history.name == *service
        })?;
        let (_, Object::Service(service)) = stored(trace, *history.versions.first()?)? else {
            return None;
        };
        let labels = template_labels(trace, namespace, kind, name)?;
        let selector = &service.spec.selector;
        let all = selector.iter().all(|(key, value)| labels.get(key) == Some(value));
        (!selector.is_empty() && all).then_some(())
    };
    trace.metering().load.iter().enumerate().find_map(|(index, load)| {
        let ours = match (&load.deployment, &load.service) {
            (Some(own), _) => kind == "Deployment" && own == name,
            (None, Some(service)) => selects(service).is_some(),
            (None, None) => false,
        };
        if !ours {
            None
        } else if load.cpu.0.is_empty() {
            load_curve(CurveKind::Rps, index, &load.rps.0)
        } else {
            load_curve(CurveKind::Cpu, index, &load.cpu.0)
        }
    })
}

/// The line of a load. Steps, ramps, spikes and waves come to points that no item stands for.
fn load_curve(kind: CurveKind, list: usize, own: &curve::Curve) -> Option<Curve> {
    if own.is_plain() {
        return curve(kind, list, own.0.iter().map(|item| (item.at, &item.value)));
    }
    let index = usize::MAX;
    let milli = |nanos: i128| i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX);
    let points = own.points().into_iter();
    let points: Vec<Point> =
        points.map(|(at, nanos)| Point { index, at, milli: milli(nanos) }).collect();
    (!points.is_empty()).then_some(Curve { kind, index: list, points })
}

fn template_labels<'t>(
    trace: &'t Trace,
    namespace: &str,
    kind: &str,
    name: &str,
) -> Option<&'t crate::map::Map<String, String>> {
    let history = trace.histories().iter().find(|history| {
        *history.kind == *kind && *history.namespace == *namespace && *history.name == *name
    })?;
    match stored(trace, *history.versions.first()?)?.1 {
        Object::Deployment(own) => Some(&own.spec.template.metadata.labels),
        Object::ReplicaSet(own) => Some(&own.spec.template.metadata.labels),
        Object::StatefulSet(own) => Some(&own.spec.template.metadata.labels),
        _ => None,
    }
}

/// The scenario's values of a metric that is no resource.
fn custom(trace: &Trace, spec: &MetricSpec) -> Option<Curve> {
    let name = match (&spec.pods, &spec.object, &spec.external) {
        (Some(own), _, _) => &own.metric.name,
        (None, Some(own), _) => &own.metric.name,
        (None, None, Some(own)) => &own.metric.name,
        (None, None, None) => return None,
    };
    let all = &trace.metering().metrics.custom;
    let index = all.iter().position(|own| own.name == *name)?;
    let values = all.get(index)?.values.iter().map(|p| (p.at, &p.value));
    curve(CurveKind::Custom, index, values)
}

/// Points of the curve, changes of replicas, and looks that say something new.
fn moments(scaler: &Scaler) -> Vec<Instant> {
    let mut moments = vec![Instant::ZERO];
    moments.extend(scaler.load.iter().flat_map(|load| &load.points).map(|point| point.at));
    moments.extend(scaler.counts.iter().map(|count| count.at));
    moments.extend(scaler.measures.iter().map(|measure| measure.from));
    let mut last: Option<&Look> = None;
    for look in &scaler.looks {
        let says = |look: &Look| (look.decision, look.scaling.recommended, look.cause.clone());
        if last.is_none_or(|last| says(last) != says(look)) {
            moments.push(look.at);
        }
        last = Some(look);
    }
    order::sort(&mut moments);
    moments.dedup();
    moments.retain(|at| *at <= scaler.horizon);
    moments
}
