//! One look of an autoscaler at its target, as a function: from metrics to status and replicas.
//!
//! Models reconcileAutoscaler and computeReplicasForMetrics of
//! pkg/controller/podautoscaler/horizontal.go. Owns: conditions, events and their words. Does not
//! own: reading and writing objects (`horizontal`), or the arithmetic (`replica_calculator`).

use std::rc::Rc;

use crate::cluster::controllers::replica_calculator::{
    Calculation, PodMetrics, Settings, Tolerances,
};
use crate::cluster::controllers::scaling_rules::{Bounds, Memory};
use crate::manifest::autoscaling::{
    ContainerResourceMetricStatus, CrossVersionObjectReference, ExternalMetricStatus,
    HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricIdentifier, MetricSpec, MetricStatus, MetricTarget,
    MetricValueStatus, ObjectMetricStatus, PodsMetricStatus, ResourceMetricStatus,
};
use crate::manifest::meta::LabelSelector;
use crate::manifest::pod::Pod;
use crate::manifest::quantity::{Format, Quantity};
use crate::time::Instant;
use crate::trace::scaling::{Proposal, Scaling, ScalingMetric};

/// Where metrics come from; the errors are those of the clients.
pub trait Metrics {
    /// CPU or memory of the target's Pods, or of one of their containers.
    fn resource(&self, resource: &str, container: Option<&str>) -> Result<PodMetrics, String>;
    /// What the target's Pods tell about themselves.
    fn pods(&self, metric: &MetricIdentifier) -> Result<PodMetrics, String>;
    /// A number about an object, in thousandths.
    fn object(
        &self,
        metric: &MetricIdentifier,
        object: &CrossVersionObjectReference,
    ) -> Result<i64, String>;
    /// The series of a metric from outside, in thousandths.
    fn external(&self, metric: &MetricIdentifier) -> Result<Vec<i64>, String>;
}

/// The scale subresource of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// `spec.replicas`.
    pub spec_replicas: i32,
    /// `status.replicas`.
    pub status_replicas: i32,
}

/// What an autoscaler says in an Event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// A Warning instead of Normal.
    pub warning: bool,
    /// CamelCase word.
    pub reason: String,
    /// The sentence.
    pub message: String,
}

/// What came of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The status as it should be now.
    pub status: HorizontalPodAutoscalerStatus,
    /// The replicas that the target should get, when they change.
    pub rescale: Option<i32>,
    /// Said before the status is written.
    pub events: Vec<Said>,
    /// Said after it.
    pub last_words: Option<Said>,
    /// The numbers.
    pub scaling: Scaling,
}

/// Everything that one look needs to know.
pub struct Look<'a> {
    /// What is asked for.
    pub spec: &'a HorizontalPodAutoscalerSpec,
    /// The target.
    pub scale: &'a Scale,
    /// The Pods that the target's selector finds.
    pub pods: &'a [Rc<Pod>],
    /// Metrics.
    pub metrics: &'a dyn Metrics,
    /// The flags.
    pub settings: &'a Settings,
    /// Now.
    pub now: Instant,
}

/// What one metric came to.
struct Computed {
    replicas: i32,
    name: String,
    status: MetricStatus,
}

/// Why one metric came to nothing.
struct Failed {
    /// Reason of the Event and the condition.
    reason: &'static str,
    /// The error itself.
    error: String,
    /// What stands before it where all metrics are judged.
    frame: String,
}

/// What all metrics came to.
struct Judged {
    replicas: i32,
    name: String,
}

/// The condition ScalingActive and its kin.
const ABLE: &str = "AbleToScale";
const ACTIVE: &str = "ScalingActive";
const LIMITED: &str = "ScalingLimited";

impl Look<'_> {
    /// Looks at the target and decides.
    pub fn reconcile(
        &self,
        before: &HorizontalPodAutoscalerStatus,
        memory: &mut Memory,
    ) -> Outcome {
        let current = self.scale.spec_replicas;
        let least = self.spec.min_replicas.unwrap_or(1);
        let most = self.spec.max_replicas;
        let mut outcome = Outcome {
            status: before.clone(),
            rescale: None,
            events: Vec::new(),
            last_words: None,
            scaling: Scaling {
                tolerance: in_thousandths(tolerances(self.spec.behavior.as_ref(), self.settings)),
                ..Scaling::blind(current, (least, most), "", "")
            },
        };
        let able = "the HPA controller was able to get the target's current scale";
        set_condition(&mut outcome.status, self.now, ABLE, true, "SucceededGetScale", able);
        memory.first_sight(current, self.now);
        let mut statuses = Vec::new();
        let mut why = String::new();
        let desired = if current == 0 && least != 0 {
            let message = "scaling is disabled since the replica count of the target is zero";
            let status = &mut outcome.status;
            set_condition(status, self.now, ACTIVE, false, "ScalingDisabled", message);
            message.clone_into(&mut why);
            0
        } else if current > most {
            "Current number of replicas above Spec.MaxReplicas".clone_into(&mut why);
            most
        } else if current < least {
            "Current number of replicas below Spec.MinReplicas".clone_into(&mut why);
            least
        } else {
            match self.judge(&mut outcome, &mut statuses) {
                Ok(judged) => {
                    let bounds = Bounds { current, least, most };
                    self.hold_back(&mut outcome, memory, judged, bounds, &mut why)
                }
                Err(error) => {
                    outcome.scaling.why = error.as_str().into();
                    outcome.last_words = Some(Said {
                        warning: true,
                        reason: "FailedComputeMetricsReplicas".to_owned(),
                        message: error,
                    });
                    outcome.status.current_replicas = current;
                    outcome.status.current_metrics = statuses;
                    return outcome;
                }
            }
        };
        outcome.scaling.desired = desired;
        outcome.scaling.why = why.as_str().into();
        if desired != current {
            self.rescale(&mut outcome, memory, desired, &why);
        }
        outcome.status.current_replicas = current;
        outcome.status.desired_replicas = desired;
        outcome.status.current_metrics = statuses;
        outcome
    }

    /// Windows, bounds and rates between what the metrics ask for and what the target gets.
    fn hold_back(
        &self,
        outcome: &mut Outcome,
        memory: &mut Memory,
        judged: Judged,
        bounds: Bounds,
        why: &mut String,
    ) -> i32 {
        let recommended = judged.replicas.max(0);
        if recommended > bounds.current {
            *why = format!("{} above target", judged.name);
        } else if recommended < bounds.current {
            "All metrics below target".clone_into(why);
        }
        let behavior = self.spec.behavior.as_ref();
        let normalized = memory.normalize(recommended, bounds, behavior, self.settings, self.now);
        let (status, now) = (&mut outcome.status, self.now);
        let able = normalized.able;
        set_condition(status, now, ABLE, true, able.word, able.message);
        let is_limited = normalized.desired != normalized.stabilized;
        let limited = normalized.limited;
        set_condition(status, now, LIMITED, is_limited, limited.word, limited.message);
        outcome.scaling.recommended = Some(recommended);
        outcome.scaling.stabilized = normalized.stabilized;
        outcome.scaling.held_by = normalized.held_by;
        outcome.scaling.window = normalized.window;
        outcome.scaling.room = normalized.room;
        outcome.scaling.able = able.word.into();
        outcome.scaling.limited = limited.word.into();
        normalized.desired
    }

    fn rescale(&self, outcome: &mut Outcome, memory: &mut Memory, desired: i32, why: &str) {
        let current = self.scale.spec_replicas;
        outcome.rescale = Some(desired);
        let message =
            format!("the HPA controller was able to update the target scale to {desired}");
        set_condition(&mut outcome.status, self.now, ABLE, true, "SucceededRescale", &message);
        outcome.events.push(Said {
            warning: false,
            reason: "SuccessfulRescale".to_owned(),
            message: format!("New size: {desired}; reason: {why}"),
        });
        memory.store_scale_event(self.spec.behavior.as_ref(), current, desired, self.now);
        outcome.status.last_scale_time = Some(self.now.truncated());
    }

    /// Asks every metric; the highest number wins.
    ///
    /// Models computeReplicasForMetrics: a metric that fails stops scaling down, not up.
    fn judge(
        &self,
        outcome: &mut Outcome,
        statuses: &mut Vec<MetricStatus>,
    ) -> Result<Judged, String> {
        let mut best = Judged { replicas: 0, name: String::new() };
        let mut invalid: Option<(usize, Failed)> = None;
        for spec in &self.spec.metrics {
            let (name, percent) = name_of(spec);
            let result = self.compute(spec);
            let (status, told) = match result {
                Ok((computed, proposal)) => {
                    if best.replicas == 0 || computed.replicas > best.replicas {
                        best = Judged { replicas: computed.replicas, name: computed.name };
                    }
                    (computed.status, Ok(proposal))
                }
                Err(failed) => {
                    outcome.events.push(Said {
                        warning: true,
                        reason: failed.reason.to_owned(),
                        message: failed.error.clone(),
                    });
                    let told = Err(failed.error.as_str().into());
                    let (count, first) = invalid.take().unwrap_or((0, failed));
                    invalid = Some((count + 1, first));
                    (MetricStatus::default(), told)
                }
            };
            statuses.push(status);
            let name = name.as_str().into();
            outcome.scaling.metrics.push(ScalingMetric { name, result: told, percent });
        }
        let status = &mut outcome.status;
        if let Some((count, first)) = invalid
            && (count >= self.spec.metrics.len() || best.replicas < self.scale.spec_replicas)
        {
            let message =
                format!("the HPA was unable to compute the replica count: {}", first.error);
            set_condition(status, self.now, ACTIVE, false, first.reason, &message);
            let all = self.spec.metrics.len();
            let Failed { frame, error, .. } = first;
            return Err(format!(
                "invalid metrics ({count} invalid out of {all}), first error is: {frame}{error}"
            ));
        }
        let message = format!(
            "the HPA was able to successfully calculate a replica count from {}",
            best.name
        );
        set_condition(status, self.now, ACTIVE, true, "ValidMetricFound", &message);
        Ok(best)
    }

    fn calculation(&self) -> Calculation<'_> {
        Calculation {
            current: self.scale.spec_replicas,
            pods: self.pods,
            tolerances: tolerances(self.spec.behavior.as_ref(), self.settings),
            settings: self.settings,
            now: self.now,
        }
    }

    /// Models computeReplicasForMetric.
    fn compute(&self, spec: &MetricSpec) -> Result<(Computed, Proposal), Failed> {
        let kind = spec.kind.clone();
        let (name, _) = name_of(spec);
        let empty = || MetricStatus { kind: kind.clone(), ..MetricStatus::default() };
        let (proposal, status) = if let Some(source) = &spec.resource {
            let (proposal, current) = self.resource(&source.name, None, &source.target)?;
            let status = ResourceMetricStatus { name: source.name.clone(), current };
            (proposal, MetricStatus { resource: Some(status), ..empty() })
        } else if let Some(source) = &spec.container_resource {
            let container = Some(source.container.as_str());
            let (proposal, current) = self.resource(&source.name, container, &source.target)?;
            let status = ContainerResourceMetricStatus {
                name: source.name.clone(),
                container: source.container.clone(),
                current,
            };
            (proposal, MetricStatus { container_resource: Some(status), ..empty() })
        } else if let Some(source) = &spec.pods {
            let target = milli(source.target.average_value.as_ref());
            let failed =
                |error| failed("FailedGetPodsMetric", "failed to get pods metric value: ", error);
            let proposal = self
                .metrics
                .pods(&source.metric)
                .and_then(|metrics| self.calculation().average(metrics, "", target))
                .map_err(failed)?;
            let current = average(proposal.usage, source.target.average_value.as_ref());
            let status = PodsMetricStatus { metric: source.metric.clone(), current };
            (proposal, MetricStatus { pods: Some(status), ..empty() })
        } else if let Some(source) = &spec.object {
            let failed = |error| {
                failed("FailedGetObjectMetric", "failed to get object metric value: ", error)
            };
            let object = &source.described_object;
            let usage = self.metrics.object(&source.metric, object).map_err(failed)?;
            let (proposal, current) = self.one_number(usage, &source.target).map_err(failed)?;
            let status = ObjectMetricStatus {
                metric: source.metric.clone(),
                current,
                described_object: source.described_object.clone(),
            };
            (proposal, MetricStatus { object: Some(status), ..empty() })
        } else if let Some(source) = &spec.external {
            let short = &source.metric.name;
            let frame = format!(
                "failed to get external metric value: failed to get {short} external metric: "
            );
            let failed = |error| failed("FailedGetExternalMetric", &frame, error);
            let usage = self.metrics.external(&source.metric).map_err(failed)?.iter().sum();
            let (proposal, current) = self.one_number(usage, &source.target).map_err(failed)?;
            let status = ExternalMetricStatus { metric: source.metric.clone(), current };
            (proposal, MetricStatus { external: Some(status), ..empty() })
        } else {
            let error = format!("unknown metric source type \"{}\"", spec.kind);
            return Err(failed("InvalidMetricSourceType", "", error));
        };
        Ok((Computed { replicas: proposal.replicas, name, status }, proposal))
    }

    /// CPU or memory. Models computeStatusForResourceMetricGeneric.
    fn resource(
        &self,
        resource: &str,
        container: Option<&str>,
        target: &MetricTarget,
    ) -> Result<(Proposal, MetricValueStatus), Failed> {
        let (reason, frame) = match container {
            None => (
                "FailedGetResourceMetric",
                format!("failed to get {resource} resource metric value: "),
            ),
            Some(container) => (
                "FailedGetContainerResourceMetric",
                format!("failed to get {container} container metric value: "),
            ),
        };
        let failed = |error| Failed { reason, error, frame: frame.clone() };
        let metrics = self
            .metrics
            .resource(resource, container)
            .map_err(|error| format!("unable to get metrics for resource {resource}: {error}"));
        let calculation = self.calculation();
        if let Some(wanted) = &target.average_value {
            let proposal = metrics
                .and_then(|metrics| calculation.average(metrics, resource, wanted.milli_value()))
                .map_err(|error| failed(format!("failed to get {resource} usage: {error}")))?;
            return Ok((proposal, average(proposal.usage, Some(wanted))));
        }
        let Some(percent) = target.average_utilization else {
            return Err(failed(
                "invalid resource metric source: neither an average utilization target nor an \
                 average value (usage) target was set"
                    .to_owned(),
            ));
        };
        let proposal = metrics
            .and_then(|metrics| calculation.utilization(metrics, resource, container, percent))
            .map_err(|error| failed(format!("failed to get {resource} utilization: {error}")))?;
        let status = MetricValueStatus {
            value: None,
            average_value: Some(Quantity::from_milli(proposal.raw)),
            average_utilization: Some(i32::try_from(proposal.usage).unwrap_or(i32::MAX)),
        };
        Ok((proposal, status))
    }

    /// A number that belongs to no Pod: as a whole, or for each Pod.
    fn one_number(
        &self,
        usage: i64,
        target: &MetricTarget,
    ) -> Result<(Proposal, MetricValueStatus), String> {
        if let Some(wanted) = &target.average_value {
            let wanted_milli = wanted.milli_value();
            let replicas = self.scale.status_replicas;
            let proposal = self.calculation().value_per_pod(usage, wanted_milli, replicas);
            return Ok((proposal, average(proposal.usage, Some(wanted))));
        }
        let Some(wanted) = &target.value else {
            return Err("invalid metric source: neither a value target nor an average value \
                        target was set"
                .to_owned());
        };
        let proposal = self.calculation().value(usage, wanted.milli_value())?;
        let value = Quantity::from_milli_as(proposal.usage, wanted.format());
        Ok((proposal, MetricValueStatus { value: Some(value), ..MetricValueStatus::default() }))
    }
}

fn failed(reason: &'static str, frame: &str, error: String) -> Failed {
    Failed { reason, error, frame: frame.to_owned() }
}

fn milli(quantity: Option<&Quantity>) -> i64 {
    quantity.map_or(0, Quantity::milli_value)
}

/// A mean value in the family in which the target is written.
fn average(usage: i64, target: Option<&Quantity>) -> MetricValueStatus {
    let format = target.map_or(Format::DecimalSI, Quantity::format);
    MetricValueStatus {
        average_value: Some(Quantity::from_milli_as(usage, format)),
        ..MetricValueStatus::default()
    }
}

/// The metric as the controller names it, and whether it is a percentage.
fn name_of(spec: &MetricSpec) -> (String, bool) {
    let of_resource = |resource: &str, what: &str, target: &MetricTarget| {
        if target.average_value.is_some() {
            (format!("{resource} {what}"), false)
        } else {
            (format!("{resource} {what} utilization (percentage of request)"), true)
        }
    };
    if let Some(source) = &spec.resource {
        of_resource(&source.name, "resource", &source.target)
    } else if let Some(source) = &spec.container_resource {
        of_resource(&source.name, "container resource", &source.target)
    } else if let Some(source) = &spec.pods {
        (format!("pods metric {}", source.metric.name), false)
    } else if let Some(source) = &spec.object {
        let kind = &source.described_object.kind;
        (format!("{kind} metric {}", source.metric.name), false)
    } else if let Some(source) = &spec.external {
        let selector = go_text(source.metric.selector.as_ref());
        (format!("external metric {}({selector})", source.metric.name), false)
    } else {
        (spec.kind.clone(), false)
    }
}

/// A selector as Go prints the struct.
pub(crate) fn go_text(selector: Option<&LabelSelector>) -> String {
    let Some(selector) = selector else { return "nil".to_owned() };
    let labels: String =
        selector.match_labels.iter().map(|(key, value)| format!("{key}: {value},")).collect();
    let requirements: String = selector
        .match_expressions
        .iter()
        .map(|own| {
            let values = own.values.join(" ");
            let (key, operator) = (&own.key, &own.operator);
            format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},\
         MatchExpressions:[]LabelSelectorRequirement{{{requirements}}},}}"
    )
}

/// Models getTolerances: each direction may have its own.
fn tolerances(
    behavior: Option<&HorizontalPodAutoscalerBehavior>,
    settings: &Settings,
) -> Tolerances {
    let of = |rules: Option<&crate::manifest::autoscaling::HPAScalingRules>| {
        rules
            .and_then(|rules| rules.tolerance.as_ref())
            .map_or(settings.tolerance, |own| own.nanos() as f64 / 1_000_000_000.0)
    };
    Tolerances {
        up: of(behavior.and_then(|behavior| behavior.scale_up.as_ref())),
        down: of(behavior.and_then(|behavior| behavior.scale_down.as_ref())),
    }
}

/// Below and above the target, for the record.
fn in_thousandths(tolerances: Tolerances) -> (i32, i32) {
    let thousandths = |tolerance: f64| (tolerance * 1_000.0 + 0.5) as i32;
    (thousandths(tolerances.down), thousandths(tolerances.up))
}

/// Sets a condition; its time changes only with its status.
///
/// Models setConditionInList.
pub fn set_condition(
    status: &mut HorizontalPodAutoscalerStatus,
    now: Instant,
    kind: &str,
    is_true: bool,
    reason: &str,
    message: &str,
) {
    let word = if is_true { "True" } else { "False" };
    let index = status.conditions.iter().position(|condition| condition.kind == kind);
    let index = index.unwrap_or_else(|| {
        status.conditions.push(HorizontalPodAutoscalerCondition {
            kind: kind.to_owned(),
            ..HorizontalPodAutoscalerCondition::default()
        });
        status.conditions.len() - 1
    });
    let Some(condition) = status.conditions.get_mut(index) else { return };
    if condition.status != word {
        word.clone_into(&mut condition.status);
        condition.last_transition_time = Some(now.truncated());
    }
    reason.clone_into(&mut condition.reason);
    message.clone_into(&mut condition.message);
}
