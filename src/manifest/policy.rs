//! Objects that limit what others may do: PodDisruptionBudget, PriorityClass, LimitRange,
//! ResourceQuota; their defaults.
//!
//! Does not own: what they lead to (`cluster::admission`, `cluster::controllers::disruption`).

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::quantity::{IntOrString, Quantity};
use crate::map::Map;
use crate::time::Instant;

/// Amounts by resource.
pub type ResourceList = Map<String, Quantity>;

api_object! {
    /// PodDisruptionBudget: how many Pods may be evicted at once.
    PodDisruptionBudget {
        "metadata" metadata: ObjectMeta,
        "spec" spec: PodDisruptionBudgetSpec,
        "status" status: PodDisruptionBudgetStatus,
    }
}

api_object! {
    /// PodDisruptionBudgetSpec: which Pods, and how many of them must stay.
    PodDisruptionBudgetSpec {
        "minAvailable" min_available: Option<IntOrString>,
        "maxUnavailable" max_unavailable: Option<IntOrString>,
        "selector" selector: Option<LabelSelector>,
        "unhealthyPodEvictionPolicy" unhealthy_pod_eviction_policy: Option<String>,
    }
}

api_object! {
    /// PodDisruptionBudgetStatus: what the disruption controller counted.
    PodDisruptionBudgetStatus {
        "conditions" conditions: Vec<DisruptionCondition>,
        "currentHealthy" current_healthy: i32,
        "desiredHealthy" desired_healthy: i32,
        "disruptionsAllowed" disruptions_allowed: i32,
        "expectedPods" expected_pods: i32,
        "observedGeneration" observed_generation: i64,
    }
}

api_object! {
    /// Condition: whether a disruption is allowed.
    DisruptionCondition {
        "type" kind: String,
        "status" status: String,
        "observedGeneration" observed_generation: i64,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

api_object! {
    /// PriorityClass: a name for how important a Pod is.
    PriorityClass {
        "metadata" metadata: ObjectMeta,
        "value" value: i32,
        "globalDefault" global_default: bool,
        "description" description: String,
        "preemptionPolicy" preemption_policy: String,
    }
}

impl PriorityClass {
    /// Whether its Pods may drive others away.
    pub fn preempts(&self) -> bool {
        self.preemption_policy != "Never"
    }
}

api_object! {
    /// LimitRange: defaults and bounds of what Pods of a namespace ask for.
    LimitRange { "metadata" metadata: ObjectMeta, "spec" spec: LimitRangeSpec }
}

api_object! {
    /// LimitRangeSpec: the limits.
    LimitRangeSpec { "limits" limits: Vec<LimitRangeItem> }
}

api_object! {
    /// LimitRangeItem: limits of one kind of thing.
    LimitRangeItem {
        "type" kind: String,
        "max" max: ResourceList,
        "min" min: ResourceList,
        "default" default: ResourceList,
        "defaultRequest" default_request: ResourceList,
        "maxLimitRequestRatio" max_limit_request_ratio: ResourceList,
    }
}

api_object! {
    /// ResourceQuota: what all objects of a namespace may ask for together.
    ResourceQuota {
        "metadata" metadata: ObjectMeta,
        "spec" spec: ResourceQuotaSpec,
        "status" status: ResourceQuotaStatus,
    }
}

api_object! {
    /// ResourceQuotaSpec: the bounds, and whom they are for.
    ResourceQuotaSpec {
        "hard" hard: ResourceList,
        "scopes" scopes: Vec<String>,
        "scopeSelector" scope_selector: Option<ScopeSelector>,
    }
}

api_object! {
    /// ScopeSelector: scopes that ask for values.
    ScopeSelector { "matchExpressions" match_expressions: Vec<ScopeRequirement> }
}

api_object! {
    /// ScopedResourceSelectorRequirement: one of them.
    ScopeRequirement {
        "scopeName" scope_name: String,
        "operator" operator: String,
        "values" values: Vec<String>,
    }
}

impl ResourceQuotaSpec {
    /// All scopes, those without values too, which must exist.
    pub fn all_scopes(&self) -> Vec<ScopeRequirement> {
        let plain = self.scopes.iter().map(|scope| ScopeRequirement {
            scope_name: scope.clone(),
            operator: "Exists".to_owned(),
            values: Vec::new(),
        });
        let given = self.scope_selector.iter().flat_map(|own| own.match_expressions.clone());
        plain.chain(given).collect()
    }
}

api_object! {
    /// ResourceQuotaStatus: the bounds, and what is used of them.
    ResourceQuotaStatus { "hard" hard: ResourceList, "used" used: ResourceList }
}

always_present!(
    PodDisruptionBudgetSpec,
    PodDisruptionBudgetStatus,
    LimitRangeSpec,
    ResourceQuotaSpec,
    ResourceQuotaStatus
);

/// Fills in a LimitRange: a bound is a default where none is written.
///
/// Models pkg/apis/core/v1/defaults.go SetDefaults_LimitRangeItem.
pub fn limit_range(range: &mut LimitRange) {
    for item in range.spec.limits.iter_mut().filter(|item| item.kind == "Container") {
        for (name, amount) in &item.max {
            item.default.entry(name.clone()).or_insert_with(|| amount.clone());
        }
        for (name, amount) in item.default.iter().chain(&item.min) {
            item.default_request.entry(name.clone()).or_insert_with(|| amount.clone());
        }
    }
}
