//! Controllers that make Pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job.

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::quantity::IntOrString;
use crate::manifest::storage::PersistentVolumeClaimSpec;
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
    /// ReplicaSet: so many Pods of one template. A ReplicationController is the same with an older
    /// name, which `kind` says (pkg/controller/replication/conversion.go).
    ReplicaSet {
        "kind" kind: String,
        "metadata" metadata: ObjectMeta,
        "spec" spec: ReplicaSetSpec,
        "status" status: ReplicaSetStatus,
    }
}

/// The kind of those that are no ReplicaSets.
pub const REPLICATION_CONTROLLER: &str = "ReplicationController";

impl ReplicaSet {
    /// Whether it is a ReplicationController.
    pub fn is_legacy(&self) -> bool {
        self.kind == REPLICATION_CONTROLLER
    }

    /// apiVersion and kind.
    pub fn type_meta(&self) -> (&'static str, &'static str) {
        if self.kind == REPLICATION_CONTROLLER {
            ("v1", REPLICATION_CONTROLLER)
        } else {
            ("apps/v1", "ReplicaSet")
        }
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

api_object! {
    /// StatefulSet: Pods with names that stay, one after the other.
    StatefulSet {
        "metadata" metadata: ObjectMeta,
        "spec" spec: StatefulSetSpec,
        "status" status: StatefulSetStatus,
    }
}

api_object! {
    /// StatefulSetSpec: how many, in which order, with which claims.
    StatefulSetSpec {
        "replicas" replicas: Option<i32>,
        "selector" selector: Option<LabelSelector>,
        "template" template: PodTemplateSpec,
        "volumeClaimTemplates" volume_claim_templates: Vec<VolumeClaimTemplate>,
        "serviceName" service_name: String,
        "podManagementPolicy" pod_management_policy: String,
        "updateStrategy" update_strategy: StatefulSetUpdateStrategy,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
        "minReadySeconds" min_ready_seconds: i32,
        "persistentVolumeClaimRetentionPolicy" claim_retention: Option<ClaimRetentionPolicy>,
        "ordinals" ordinals: Option<StatefulSetOrdinals>,
    }
}

api_object! {
    /// A claim that each Pod of a StatefulSet gets for itself.
    VolumeClaimTemplate { "metadata" metadata: ObjectMeta, "spec" spec: PersistentVolumeClaimSpec }
}

api_object! {
    /// StatefulSetUpdateStrategy: by itself from the top, or when a Pod is deleted.
    StatefulSetUpdateStrategy {
        "type" kind: String,
        "rollingUpdate" rolling_update: Option<StatefulSetRollingUpdate>,
    }
}

api_object! {
    /// From which ordinal on Pods are updated.
    StatefulSetRollingUpdate {
        "partition" partition: Option<i32>,
        "maxUnavailable" max_unavailable: Option<IntOrString>,
    }
}

api_object! {
    /// What becomes of the claims.
    ClaimRetentionPolicy {
        "whenDeleted" when_deleted: String,
        "whenScaled" when_scaled: String,
    }
}

api_object! {
    /// The number of the first Pod.
    StatefulSetOrdinals { "start" start: i32 }
}

api_object! {
    /// StatefulSetStatus: how many there are, of which revision.
    StatefulSetStatus {
        "observedGeneration" observed_generation: i64,
        "replicas" replicas: i32,
        "readyReplicas" ready_replicas: i32,
        "currentReplicas" current_replicas: i32,
        "updatedReplicas" updated_replicas: i32,
        "currentRevision" current_revision: String,
        "updateRevision" update_revision: String,
        "collisionCount" collision_count: Option<i32>,
        "availableReplicas" available_replicas: i32,
        "conditions" conditions: Vec<WorkloadCondition>,
    }
}

api_object! {
    /// DaemonSet: one Pod on every node that fits.
    DaemonSet {
        "metadata" metadata: ObjectMeta,
        "spec" spec: DaemonSetSpec,
        "status" status: DaemonSetStatus,
    }
}

api_object! {
    /// DaemonSetSpec: which template, and how it is changed.
    DaemonSetSpec {
        "selector" selector: Option<LabelSelector>,
        "template" template: PodTemplateSpec,
        "updateStrategy" update_strategy: DaemonSetUpdateStrategy,
        "minReadySeconds" min_ready_seconds: i32,
        "revisionHistoryLimit" revision_history_limit: Option<i32>,
    }
}

api_object! {
    /// DaemonSetUpdateStrategy: node by node, or when a Pod is deleted.
    DaemonSetUpdateStrategy {
        "type" kind: String,
        "rollingUpdate" rolling_update: Option<RollingUpdate>,
    }
}

api_object! {
    /// DaemonSetStatus: on how many nodes it runs, and on how many it should.
    DaemonSetStatus {
        "currentNumberScheduled" current_number_scheduled: i32,
        "numberMisscheduled" number_misscheduled: i32,
        "desiredNumberScheduled" desired_number_scheduled: i32,
        "numberReady" number_ready: i32,
        "observedGeneration" observed_generation: i64,
        "updatedNumberScheduled" updated_number_scheduled: i32,
        "numberAvailable" number_available: i32,
        "numberUnavailable" number_unavailable: i32,
        "collisionCount" collision_count: Option<i32>,
        "conditions" conditions: Vec<WorkloadCondition>,
    }
}

api_object! {
    /// Job: Pods that run to their end.
    Job {
        "metadata" metadata: ObjectMeta,
        "spec" spec: JobSpec,
        "status" status: JobStatus,
    }
}

api_object! {
    /// JobSpec: how many successes, how many at once, how many failures.
    JobSpec {
        "parallelism" parallelism: Option<i32>,
        "completions" completions: Option<i32>,
        "activeDeadlineSeconds" active_deadline_seconds: Option<i64>,
        "podFailurePolicy" pod_failure_policy: Option<PodFailurePolicy>,
        "successPolicy" success_policy: Option<SuccessPolicy>,
        "backoffLimit" backoff_limit: Option<i32>,
        "backoffLimitPerIndex" backoff_limit_per_index: Option<i32>,
        "maxFailedIndexes" max_failed_indexes: Option<i32>,
        "selector" selector: Option<LabelSelector>,
        "manualSelector" manual_selector: Option<bool>,
        "template" template: PodTemplateSpec,
        "ttlSecondsAfterFinished" ttl_seconds_after_finished: Option<i32>,
        "completionMode" completion_mode: Option<String>,
        "suspend" suspend: Option<bool>,
        "podReplacementPolicy" pod_replacement_policy: Option<String>,
        "managedBy" managed_by: Option<String>,
    }
}

api_object! {
    /// PodFailurePolicy: what a failure of a Pod means, rule by rule.
    PodFailurePolicy { "rules" rules: Vec<PodFailurePolicyRule> }
}

api_object! {
    /// One rule: an action, and when it applies.
    PodFailurePolicyRule {
        "action" action: String,
        "onExitCodes" on_exit_codes: Option<OnExitCodes>,
        "onPodConditions" on_pod_conditions: Vec<OnPodCondition>,
    }
}

api_object! {
    /// Exit codes that a rule is about.
    OnExitCodes {
        "containerName" container_name: Option<String>,
        "operator" operator: String,
        "values" values: Vec<i32>,
    }
}

api_object! {
    /// A condition of the Pod that a rule is about.
    OnPodCondition { "type" kind: String, "status" status: String }
}

api_object! {
    /// SuccessPolicy: which indexes are enough.
    SuccessPolicy { "rules" rules: Vec<SuccessPolicyRule> }
}

api_object! {
    /// One rule: these indexes, or so many of them.
    SuccessPolicyRule {
        "succeededIndexes" succeeded_indexes: Option<String>,
        "succeededCount" succeeded_count: Option<i32>,
    }
}

api_object! {
    /// JobStatus: what has been counted.
    JobStatus {
        "conditions" conditions: Vec<JobCondition>,
        "startTime" start_time: Option<Instant>,
        "completionTime" completion_time: Option<Instant>,
        "active" active: i32,
        "terminating" terminating: Option<i32>,
        "ready" ready: Option<i32>,
        "succeeded" succeeded: i32,
        "failed" failed: i32,
        "completedIndexes" completed_indexes: String,
        "failedIndexes" failed_indexes: Option<String>,
        "uncountedTerminatedPods" uncounted: UncountedTerminatedPods,
    }
}

api_object! {
    /// UIDs of Pods that have ended and are not in the numbers yet.
    UncountedTerminatedPods { "succeeded" succeeded: Vec<String>, "failed" failed: Vec<String> }
}

api_object! {
    /// A condition of a Job.
    JobCondition {
        "type" kind: String,
        "status" status: String,
        "lastProbeTime" last_probe_time: Option<Instant>,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

api_object! {
    /// CronJob: a Job at its times.
    CronJob {
        "metadata" metadata: ObjectMeta,
        "spec" spec: CronJobSpec,
        "status" status: CronJobStatus,
    }
}

api_object! {
    /// CronJobSpec: when, what, and what if the last one still runs.
    CronJobSpec {
        "schedule" schedule: String,
        "timeZone" time_zone: Option<String>,
        "startingDeadlineSeconds" starting_deadline_seconds: Option<i64>,
        "concurrencyPolicy" concurrency_policy: String,
        "suspend" suspend: Option<bool>,
        "jobTemplate" job_template: JobTemplateSpec,
        "successfulJobsHistoryLimit" successful_jobs_history_limit: Option<i32>,
        "failedJobsHistoryLimit" failed_jobs_history_limit: Option<i32>,
    }
}

api_object! {
    /// JobTemplateSpec: how a CronJob makes its Jobs.
    JobTemplateSpec { "metadata" metadata: ObjectMeta, "spec" spec: JobSpec }
}

api_object! {
    /// CronJobStatus: what runs, and when it last began.
    CronJobStatus {
        "active" active: Vec<ActiveJob>,
        "lastScheduleTime" last_schedule_time: Option<Instant>,
        "lastSuccessfulTime" last_successful_time: Option<Instant>,
    }
}

api_object! {
    /// A Job that a CronJob has started and that has not finished.
    ActiveJob {
        "apiVersion" api_version: String,
        "kind" kind: String,
        "name" name: String,
        "namespace" namespace: String,
        "uid" uid: String,
    }
}

always_present!(
    DeploymentSpec,
    DeploymentStatus,
    DeploymentStrategy,
    ReplicaSetSpec,
    ReplicaSetStatus,
    StatefulSetSpec,
    StatefulSetStatus,
    StatefulSetUpdateStrategy,
    DaemonSetSpec,
    DaemonSetStatus,
    DaemonSetUpdateStrategy,
    JobSpec,
    JobStatus,
    UncountedTerminatedPods,
    CronJobSpec,
    CronJobStatus,
    JobTemplateSpec,
);

impl JobStatus {
    /// Whether a condition is true.
    pub fn is_true(&self, kind: &str) -> bool {
        self.conditions.iter().any(|condition| condition.kind == kind && condition.status == "True")
    }

    /// Whether the Job is over, one way or the other.
    pub fn is_finished(&self) -> bool {
        self.is_true("Complete") || self.is_true("Failed")
    }
}
