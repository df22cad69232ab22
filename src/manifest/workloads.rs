//! Controllers that make Pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job.

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::quantity::IntOrString;
use crate::time::Instant;

api_object! {
    /// Deployment: ReplicaSets, one after the other.
    Deployment {
        "metadata" metadata: ObjectMeta,
        "spec" spec: DeploymentSpec,
        "status" status: DeploymentStatus,
    }
}

api_object! {
    /// DeploymentSpec: how many Pods of which template, and how to change them.
    DeploymentSpec {
        "replicas" replicas: Option<i32>,
        "selector" selector: Option<LabelSelector>,
        "template" template: PodTemplateSpec,
        "strategy" strategy: DeploymentStrategy,
        "minReadySeconds" min_ready_seconds: i32,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
        "paused" paused: bool,
        "progressDeadlineSeconds" progress_deadline_seconds: Option<i32>,
    }
}

api_object! {
    /// DeploymentStrategy: all at once, or a few at a time.
    DeploymentStrategy {
        "type" kind: String,
        "rollingUpdate" rolling_update: Option<RollingUpdate>,
    }
}

api_object! {
    /// How many more, and how many fewer, during an update.
    RollingUpdate {
        "maxUnavailable" max_unavailable: Option<IntOrString>,
        "maxSurge" max_surge: Option<IntOrString>,
    }
}

api_object! {
    /// DeploymentStatus: how far it is.
    DeploymentStatus {
        "observedGeneration" observed_generation: i64,
        "replicas" replicas: i32,
        "updatedReplicas" updated_replicas: i32,
        "readyReplicas" ready_replicas: i32,
        "availableReplicas" available_replicas: i32,
        "unavailableReplicas" unavailable_replicas: i32,
        "terminatingReplicas" terminating_replicas: Option<i32>,
        "conditions" conditions: Vec<WorkloadCondition>,
        "collisionCount" collision_count: Option<i32>,
    }
}

api_object! {
    /// A condition of a Deployment, ReplicaSet or Job.
    WorkloadCondition {
        "type" kind: String,
        "status" status: String,
        "lastUpdateTime" last_update_time: Option<Instant>,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

api_object! {
    /// ReplicaSet: so many Pods of one template.
    ReplicaSet {
        "metadata" metadata: ObjectMeta,
        "spec" spec: ReplicaSetSpec,
        "status" status: ReplicaSetStatus,
    }
}

api_object! {
    /// ReplicaSetSpec: how many Pods of which template.
    ReplicaSetSpec {
        "replicas" replicas: Option<i32>,
        "minReadySeconds" min_ready_seconds: i32,
        "selector" selector: Option<LabelSelector>,
        "template" template: PodTemplateSpec,
    }
}

api_object! {
    /// ReplicaSetStatus: how many there are.
    ReplicaSetStatus {
        "replicas" replicas: i32,
        "fullyLabeledReplicas" fully_labeled_replicas: i32,
        "readyReplicas" ready_replicas: i32,
        "availableReplicas" available_replicas: i32,
        "terminatingReplicas" terminating_replicas: Option<i32>,
        "observedGeneration" observed_generation: i64,
        "conditions" conditions: Vec<WorkloadCondition>,
    }
}

always_present!(
    DeploymentSpec,
    DeploymentStatus,
    DeploymentStrategy,
    ReplicaSetSpec,
    ReplicaSetStatus
);
