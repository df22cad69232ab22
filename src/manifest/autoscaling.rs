//! HorizontalPodAutoscaler: how many Pods a workload should have, by what they use.
//!
//! Owns: autoscaling/v2 as it is stored, the older v1 as it is written, and their defaults. Does
//! not own: the rules (`validate/autoscaling.rs`), or what the autoscaler does (`cluster`).

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::defaults::Filled;
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::quantity::Quantity;
use crate::time::Instant;

api_object! {
    /// HorizontalPodAutoscaler: sets the replicas of another object.
    HorizontalPodAutoscaler {
        "metadata" metadata: ObjectMeta,
        "spec" spec: HorizontalPodAutoscalerSpec,
        "status" status: HorizontalPodAutoscalerStatus,
    }
}

api_object! {
    /// HorizontalPodAutoscalerSpec: whose replicas, between which numbers, by which metrics.
    HorizontalPodAutoscalerSpec {
        "scaleTargetRef" scale_target_ref: CrossVersionObjectReference,
        "minReplicas" min_replicas: Option<i32>,
        "maxReplicas" max_replicas: i32,
        "metrics" metrics: Vec<MetricSpec>,
        "behavior" behavior: Option<HorizontalPodAutoscalerBehavior>,
    }
}

api_object! {
    /// CrossVersionObjectReference: another object of the namespace.
    CrossVersionObjectReference {
        "apiVersion" api_version: String,
        "kind" kind: String,
        "name" name: String,
    }
}

api_object! {
    /// MetricSpec: one metric and what it should be. Exactly one source is set, that of the type.
    MetricSpec {
        "type" kind: String,
        "resource" resource: Option<ResourceMetricSource>,
        "containerResource" container_resource: Option<ContainerResourceMetricSource>,
        "pods" pods: Option<PodsMetricSource>,
        "object" object: Option<ObjectMetricSource>,
        "external" external: Option<ExternalMetricSource>,
    }
}

api_object! {
    /// ResourceMetricSource: CPU or memory of whole Pods.
    ResourceMetricSource { "name" name: String, "target" target: MetricTarget }
}

api_object! {
    /// ContainerResourceMetricSource: CPU or memory of one container of each Pod.
    ContainerResourceMetricSource {
        "name" name: String,
        "container" container: String,
        "target" target: MetricTarget,
    }
}

api_object! {
    /// PodsMetricSource: a number that every Pod tells about itself.
    PodsMetricSource { "metric" metric: MetricIdentifier, "target" target: MetricTarget }
}

api_object! {
    /// ObjectMetricSource: a number about another object.
    ObjectMetricSource {
        "describedObject" described_object: CrossVersionObjectReference,
        "metric" metric: MetricIdentifier,
        "target" target: MetricTarget,
    }
}

api_object! {
    /// ExternalMetricSource: a number from outside the cluster.
    ExternalMetricSource { "metric" metric: MetricIdentifier, "target" target: MetricTarget }
}

api_object! {
    /// MetricIdentifier: the name of a metric, and which of its series.
    MetricIdentifier { "name" name: String, "selector" selector: Option<LabelSelector> }
}

api_object! {
    /// MetricTarget: what a metric should be.
    MetricTarget {
        "type" kind: String,
        "value" value: Option<Quantity>,
        "averageValue" average_value: Option<Quantity>,
        "averageUtilization" average_utilization: Option<i32>,
    }
}

api_object! {
    /// HorizontalPodAutoscalerBehavior: how fast, in each direction.
    HorizontalPodAutoscalerBehavior {
        "scaleUp" scale_up: Option<HPAScalingRules>,
        "scaleDown" scale_down: Option<HPAScalingRules>,
    }
}

api_object! {
    /// HPAScalingRules: how fast in one direction.
    HPAScalingRules {
        "stabilizationWindowSeconds" stabilization_window_seconds: Option<i32>,
        "selectPolicy" select_policy: Option<String>,
        "policies" policies: Vec<HPAScalingPolicy>,
        "tolerance" tolerance: Option<Quantity>,
    }
}

api_object! {
    /// HPAScalingPolicy: so many Pods, or so many percent, in so many seconds.
    HPAScalingPolicy {
        "type" kind: String,
        "value" value: i32,
        "periodSeconds" period_seconds: i32,
    }
}

api_object! {
    /// HorizontalPodAutoscalerStatus: what the autoscaler saw and decided last.
    HorizontalPodAutoscalerStatus {
        "observedGeneration" observed_generation: Option<i64>,
        "lastScaleTime" last_scale_time: Option<Instant>,
        "currentReplicas" current_replicas: i32,
        "desiredReplicas" desired_replicas: i32,
        "currentMetrics" current_metrics: Vec<MetricStatus>,
        "conditions" conditions: Vec<HorizontalPodAutoscalerCondition>,
    }
}

api_object! {
    /// MetricStatus: what a metric is. Stays empty for one that could not be read.
    MetricStatus {
        "type" kind: String,
        "resource" resource: Option<ResourceMetricStatus>,
        "containerResource" container_resource: Option<ContainerResourceMetricStatus>,
        "pods" pods: Option<PodsMetricStatus>,
        "object" object: Option<ObjectMetricStatus>,
        "external" external: Option<ExternalMetricStatus>,
    }
}

api_object! {
    /// ResourceMetricStatus: CPU or memory of whole Pods.
    ResourceMetricStatus { "name" name: String, "current" current: MetricValueStatus }
}

api_object! {
    /// ContainerResourceMetricStatus: CPU or memory of one container of each Pod.
    ContainerResourceMetricStatus {
        "name" name: String,
        "container" container: String,
        "current" current: MetricValueStatus,
    }
}

api_object! {
    /// PodsMetricStatus: a number that every Pod tells about itself.
    PodsMetricStatus { "metric" metric: MetricIdentifier, "current" current: MetricValueStatus }
}

api_object! {
    /// ObjectMetricStatus: a number about another object.
    ObjectMetricStatus {
        "metric" metric: MetricIdentifier,
        "current" current: MetricValueStatus,
        "describedObject" described_object: CrossVersionObjectReference,
    }
}

api_object! {
    /// ExternalMetricStatus: a number from outside the cluster.
    ExternalMetricStatus { "metric" metric: MetricIdentifier, "current" current: MetricValueStatus }
}

api_object! {
    /// MetricValueStatus: the number itself, in as many forms as are known.
    MetricValueStatus {
        "value" value: Option<Quantity>,
        "averageValue" average_value: Option<Quantity>,
        "averageUtilization" average_utilization: Option<i32>,
    }
}

api_object! {
    /// HorizontalPodAutoscalerCondition: one answer about the autoscaler.
    HorizontalPodAutoscalerCondition {
        "type" kind: String,
        "status" status: String,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

always_present!(
    CrossVersionObjectReference,
    HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus,
    MetricIdentifier,
    MetricTarget,
    MetricValueStatus,
);

api_object! {
    /// autoscaling/v1: CPU only.
    HorizontalPodAutoscalerV1 {
        "metadata" metadata: ObjectMeta,
        "spec" spec: HorizontalPodAutoscalerSpecV1,
        "status" status: HorizontalPodAutoscalerStatus,
    }
}

api_object! {
    /// The spec of autoscaling/v1.
    HorizontalPodAutoscalerSpecV1 {
        "scaleTargetRef" scale_target_ref: CrossVersionObjectReference,
        "minReplicas" min_replicas: Option<i32>,
        "maxReplicas" max_replicas: i32,
        "targetCPUUtilizationPercentage" target_cpu_utilization_percentage: Option<i32>,
    }
}

always_present!(HorizontalPodAutoscalerSpecV1);

/// Percent of the CPU request when nothing is said.
///
/// Models pkg/apis/autoscaling/types.go DefaultCPUUtilization.
const DEFAULT_CPU_UTILIZATION: i32 = 80;
/// The window that `behavior` uses for scaling down when it names none; the controller's
/// `--horizontal-pod-autoscaler-downscale-stabilization`.
pub const DOWNSCALE_STABILIZATION_SECONDS: i32 = 300;

impl From<HorizontalPodAutoscalerV1> for HorizontalPodAutoscaler {
    /// Models pkg/apis/autoscaling/v1/conversion.go.
    fn from(old: HorizontalPodAutoscalerV1) -> Self {
        let percent = old.spec.target_cpu_utilization_percentage;
        Self {
            metadata: old.metadata,
            spec: HorizontalPodAutoscalerSpec {
                scale_target_ref: old.spec.scale_target_ref,
                min_replicas: old.spec.min_replicas,
                max_replicas: old.spec.max_replicas,
                metrics: percent.map(cpu_utilization).into_iter().collect(),
                behavior: None,
            },
            status: HorizontalPodAutoscalerStatus::default(),
        }
    }
}

/// The metric "CPU as a percentage of the request".
pub fn cpu_utilization(percent: i32) -> MetricSpec {
    resource_metric(
        "cpu",
        MetricTarget {
            kind: "Utilization".to_owned(),
            average_utilization: Some(percent),
            ..MetricTarget::default()
        },
    )
}

/// A metric of type Resource.
pub fn resource_metric(name: &str, target: MetricTarget) -> MetricSpec {
    let resource = ResourceMetricSource { name: name.to_owned(), target };
    MetricSpec { kind: "Resource".to_owned(), resource: Some(resource), ..MetricSpec::default() }
}

/// Fills in what the API server does: one replica, 80 % CPU, and the missing parts of `behavior`.
///
/// Models pkg/apis/autoscaling/v2/defaults.go.
pub fn defaults(autoscaler: &mut HorizontalPodAutoscaler, filled: &mut Filled<'_>) {
    let spec = &mut autoscaler.spec;
    filled.number(&mut spec.min_replicas, "spec", "minReplicas", 1);
    if spec.metrics.is_empty() {
        spec.metrics.push(cpu_utilization(DEFAULT_CPU_UTILIZATION));
        let percent = DEFAULT_CPU_UTILIZATION.to_string();
        filled.note("spec", "metrics[0].resource.target.averageUtilization", &percent);
    }
    if let Some(behavior) = &mut spec.behavior {
        let mut up = scale_up_defaults();
        let mut down = scale_down_defaults();
        merge(&mut up, behavior.scale_up.take());
        merge(&mut down, behavior.scale_down.take());
        behavior.scale_up = Some(up);
        behavior.scale_down = Some(down);
    }
}

fn policy(kind: &str, value: i32) -> HPAScalingPolicy {
    HPAScalingPolicy { kind: kind.to_owned(), value, period_seconds: 15 }
}

/// The rules for scaling up where `behavior` names none.
pub fn scale_up_defaults() -> HPAScalingRules {
    HPAScalingRules {
        stabilization_window_seconds: Some(0),
        select_policy: Some("Max".to_owned()),
        policies: vec![policy("Pods", 4), policy("Percent", 100)],
        tolerance: None,
    }
}

/// The rules for scaling down where `behavior` names none. The window stays open: it is the
/// controller's.
pub fn scale_down_defaults() -> HPAScalingRules {
    HPAScalingRules {
        stabilization_window_seconds: None,
        select_policy: Some("Max".to_owned()),
        policies: vec![policy("Percent", 100)],
        tolerance: None,
    }
}

/// Models copyHPAScalingRules: what is written replaces the default, part by part.
fn merge(rules: &mut HPAScalingRules, written: Option<HPAScalingRules>) {
    let Some(written) = written else { return };
    if written.select_policy.is_some() {
        rules.select_policy = written.select_policy;
    }
    if written.stabilization_window_seconds.is_some() {
        rules.stabilization_window_seconds = written.stabilization_window_seconds;
    }
    if !written.policies.is_empty() {
        rules.policies = written.policies;
    }
    rules.tolerance = written.tolerance;
}
