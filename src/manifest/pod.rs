//! Pod: what is asked for (PodSpec) and what is the case (PodStatus).
//!
//! Owns: the types and the questions that Kubernetes itself asks of a Pod alone (`api/v1/pod`).
//! Does not own: defaults, rules, or anything that happens.

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{LabelSelector, Labels, ObjectMeta};
use crate::manifest::probe::{Lifecycle, Probe};
use crate::manifest::quantity::{IntOrString, Quantity};
use crate::manifest::shared::Shared;
use crate::manifest::volume::{ObjectFieldSelector, ResourceFieldSelector, Volume, VolumeMount};
use crate::map::Map;
use crate::time::Instant;

api_object! {
    /// Pod: containers that live and die together on one node.
    Pod {
        "metadata" metadata: ObjectMeta,
        "spec" spec: Shared<PodSpec>,
        "status" status: PodStatus,
    }
}

api_object! {
    /// PodTemplateSpec: how a controller makes its Pods.
    PodTemplateSpec { "metadata" metadata: ObjectMeta, "spec" spec: Shared<PodSpec> }
}

api_object! {
    /// PodSpec: what is asked for.
    PodSpec {
        "volumes" volumes: Vec<Volume>,
        "initContainers" init_containers: Vec<Container>,
        "containers" containers: Vec<Container>,
        "ephemeralContainers" ephemeral_containers: Vec<Container>,
        "restartPolicy" restart_policy: String,
        "terminationGracePeriodSeconds" termination_grace_period_seconds: Option<i64>,
        "activeDeadlineSeconds" active_deadline_seconds: Option<i64>,
        "dnsPolicy" dns_policy: String,
        "nodeSelector" node_selector: Labels,
        "serviceAccountName" service_account_name: String,
        "serviceAccount" service_account: String,
        "automountServiceAccountToken" automount_service_account_token: Option<bool>,
        "nodeName" node_name: String,
        "hostNetwork" host_network: bool,
        "hostPID" host_pid: bool,
        "hostIPC" host_ipc: bool,
        "hostUsers" host_users: Option<bool>,
        "shareProcessNamespace" share_process_namespace: Option<bool>,
        "securityContext" security_context: Option<PodSecurityContext>,
        "imagePullSecrets" image_pull_secrets: Vec<LocalObjectReference>,
        "hostname" hostname: String,
        "subdomain" subdomain: String,
        "setHostnameAsFQDN" set_hostname_as_fqdn: Option<bool>,
        "affinity" affinity: Option<Affinity>,
        "schedulerName" scheduler_name: String,
        "tolerations" tolerations: Vec<Toleration>,
        "hostAliases" host_aliases: Vec<HostAlias>,
        "priorityClassName" priority_class_name: String,
        "priority" priority: Option<i32>,
        "preemptionPolicy" preemption_policy: Option<String>,
        "dnsConfig" dns_config: Option<PodDNSConfig>,
        "readinessGates" readiness_gates: Vec<PodReadinessGate>,
        "runtimeClassName" runtime_class_name: Option<String>,
        "enableServiceLinks" enable_service_links: Option<bool>,
        "overhead" overhead: Map<String, Quantity>,
        "topologySpreadConstraints" topology_spread_constraints: Vec<TopologySpreadConstraint>,
        "os" os: Option<LocalObjectReference>,
        "schedulingGates" scheduling_gates: Vec<LocalObjectReference>,
        "resources" resources: Option<ResourceRequirements>,
    }
}

api_object! {
    /// A name of another object.
    LocalObjectReference { "name" name: String }
}

api_object! {
    /// HostAlias: a line of /etc/hosts.
    HostAlias { "ip" ip: String, "hostnames" hostnames: Vec<String> }
}

api_object! {
    /// PodReadinessGate: a condition that someone else must set.
    PodReadinessGate { "conditionType" condition_type: String }
}

api_object! {
    /// PodDNSConfig: what resolv.conf says beyond dnsPolicy.
    PodDNSConfig {
        "nameservers" nameservers: Vec<String>,
        "searches" searches: Vec<String>,
        "options" options: Vec<PodDNSConfigOption>,
    }
}

api_object! {
    /// PodDNSConfigOption: one resolver option.
    PodDNSConfigOption { "name" name: String, "value" value: Option<String> }
}

api_object! {
    /// PodSecurityContext: users and groups of the whole Pod.
    PodSecurityContext {
        "runAsUser" run_as_user: Option<i64>,
        "runAsGroup" run_as_group: Option<i64>,
        "runAsNonRoot" run_as_non_root: Option<bool>,
        "fsGroup" fs_group: Option<i64>,
        "supplementalGroups" supplemental_groups: Vec<i64>,
        "sysctls" sysctls: Vec<Sysctl>,
        "seccompProfile" seccomp_profile: Option<SecurityProfile>,
        "appArmorProfile" app_armor_profile: Option<SecurityProfile>,
    }
}

api_object! {
    /// SeccompProfile and AppArmorProfile: what processes may ask of the kernel.
    SecurityProfile { "type" kind: String, "localhostProfile" localhost_profile: Option<String> }
}

api_object! {
    /// SecurityContext: user and privileges of a container.
    SecurityContext {
        "privileged" privileged: Option<bool>,
        "runAsUser" run_as_user: Option<i64>,
        "runAsGroup" run_as_group: Option<i64>,
        "runAsNonRoot" run_as_non_root: Option<bool>,
        "readOnlyRootFilesystem" read_only_root_filesystem: Option<bool>,
        "allowPrivilegeEscalation" allow_privilege_escalation: Option<bool>,
        "capabilities" capabilities: Option<Capabilities>,
        "procMount" proc_mount: Option<String>,
        "seccompProfile" seccomp_profile: Option<SecurityProfile>,
        "appArmorProfile" app_armor_profile: Option<SecurityProfile>,
    }
}

api_object! {
    /// Capabilities: which of root's powers a container has.
    Capabilities { "add" add: Vec<String>, "drop" drop: Vec<String> }
}

api_object! {
    /// Sysctl: a setting of the kernel in the Pod's namespaces.
    Sysctl { "name" name: String, "value" value: String }
}

api_object! {
    /// Toleration: which taints do not matter.
    Toleration {
        "key" key: String,
        "operator" operator: String,
        "value" value: String,
        "effect" effect: String,
        "tolerationSeconds" toleration_seconds: Option<i64>,
    }
}

api_object! {
    /// Affinity: where a Pod wants to be.
    Affinity {
        "nodeAffinity" node_affinity: Option<NodeAffinity>,
        "podAffinity" pod_affinity: Option<PodAffinity>,
        "podAntiAffinity" pod_anti_affinity: Option<PodAffinity>,
    }
}

api_object! {
    /// NodeAffinity: which nodes are possible, and which are better.
    NodeAffinity {
        "requiredDuringSchedulingIgnoredDuringExecution" required: Option<NodeSelector>,
        "preferredDuringSchedulingIgnoredDuringExecution" preferred: Vec<PreferredSchedulingTerm>,
    }
}

api_object! {
    /// PreferredSchedulingTerm: how much nodes like these are better.
    PreferredSchedulingTerm { "weight" weight: i32, "preference" preference: NodeSelectorTerm }
}

api_object! {
    /// WeightedPodAffinityTerm: how much it is better beside Pods like these, or apart from them.
    WeightedPodAffinityTerm {
        "weight" weight: i32,
        "podAffinityTerm" pod_affinity_term: PodAffinityTerm,
    }
}

api_object! {
    /// PodAffinity: beside which Pods, or apart from which.
    PodAffinity {
        "requiredDuringSchedulingIgnoredDuringExecution" required: Vec<PodAffinityTerm>,
        "preferredDuringSchedulingIgnoredDuringExecution" preferred: Vec<WeightedPodAffinityTerm>,
    }
}

api_object! {
    /// PodAffinityTerm: Pods with these labels, in this topology.
    PodAffinityTerm {
        "labelSelector" label_selector: Option<LabelSelector>,
        "topologyKey" topology_key: String,
        "namespaceSelector" namespace_selector: Option<LabelSelector>,
        "namespaces" namespaces: Vec<String>,
    }
}

api_object! {
    /// NodeSelector: any of these terms.
    NodeSelector { "nodeSelectorTerms" node_selector_terms: Vec<NodeSelectorTerm> }
}

api_object! {
    /// NodeSelectorTerm: all of these requirements.
    NodeSelectorTerm {
        "matchExpressions" match_expressions: Vec<crate::manifest::meta::LabelSelectorRequirement>,
        "matchFields" match_fields: Vec<crate::manifest::meta::LabelSelectorRequirement>,
    }
}

api_object! {
    /// TopologySpreadConstraint: how evenly Pods are spread.
    TopologySpreadConstraint {
        "maxSkew" max_skew: i32,
        "topologyKey" topology_key: String,
        "whenUnsatisfiable" when_unsatisfiable: String,
        "labelSelector" label_selector: Option<LabelSelector>,
        "minDomains" min_domains: Option<i32>,
        "nodeAffinityPolicy" node_affinity_policy: Option<String>,
        "nodeTaintsPolicy" node_taints_policy: Option<String>,
        "matchLabelKeys" match_label_keys: Vec<String>,
    }
}

api_object! {
    /// Container: one image, run in one set of namespaces.
    Container {
        "name" name: String,
        "image" image: String,
        "command" command: Vec<String>,
        "args" args: Vec<String>,
        "workingDir" working_dir: String,
        "ports" ports: Vec<ContainerPort>,
        "envFrom" env_from: Vec<EnvFromSource>,
        "env" env: Vec<EnvVar>,
        "resources" resources: ResourceRequirements,
        "resizePolicy" resize_policy: Vec<ContainerResizePolicy>,
        "restartPolicy" restart_policy: Option<String>,
        "restartPolicyRules" restart_policy_rules: Vec<ContainerRestartRule>,
        "volumeMounts" volume_mounts: Vec<VolumeMount>,
        "livenessProbe" liveness_probe: Option<Probe>,
        "readinessProbe" readiness_probe: Option<Probe>,
        "startupProbe" startup_probe: Option<Probe>,
        "lifecycle" lifecycle: Option<Lifecycle>,
        "terminationMessagePath" termination_message_path: String,
        "terminationMessagePolicy" termination_message_policy: String,
        "imagePullPolicy" image_pull_policy: String,
        "securityContext" security_context: Option<SecurityContext>,
        "stdin" stdin: bool,
        "stdinOnce" stdin_once: bool,
        "tty" tty: bool,
        "targetContainerName" target_container_name: Option<String>,
    }
}

api_object! {
    /// ContainerPort: a port that the container says it listens on.
    ContainerPort {
        "name" name: String,
        "hostPort" host_port: i32,
        "containerPort" container_port: i32,
        "protocol" protocol: String,
        "hostIP" host_ip: String,
    }
}

api_object! {
    /// EnvFromSource: every key of a ConfigMap or Secret as a variable.
    EnvFromSource {
        "prefix" prefix: String,
        "configMapRef" config_map_ref: Option<ObjectRef>,
        "secretRef" secret_ref: Option<ObjectRef>,
    }
}

api_object! {
    /// A reference to a ConfigMap or Secret.
    ObjectRef { "name" name: String, "optional" optional: Option<bool> }
}

api_object! {
    /// EnvVar: one environment variable.
    EnvVar { "name" name: String, "value" value: String, "valueFrom" value_from: Option<EnvVarSource> }
}

api_object! {
    /// EnvVarSource: where the value of a variable comes from.
    EnvVarSource {
        "fieldRef" field_ref: Option<ObjectFieldSelector>,
        "resourceFieldRef" resource_field_ref: Option<ResourceFieldSelector>,
        "configMapKeyRef" config_map_key_ref: Option<KeySelector>,
        "secretKeyRef" secret_key_ref: Option<KeySelector>,
        "fileKeyRef" file_key_ref: Option<FileKeySelector>,
    }
}

api_object! {
    /// FileKeySelector: a variable of a file in a volume.
    FileKeySelector {
        "volumeName" volume_name: String,
        "path" path: String,
        "key" key: String,
        "optional" optional: Option<bool>,
    }
}

api_object! {
    /// A key of a ConfigMap or Secret.
    KeySelector { "name" name: String, "key" key: String, "optional" optional: Option<bool> }
}

api_object! {
    /// ResourceRequirements: what is reserved, and what is the most.
    ResourceRequirements {
        "limits" limits: Map<String, Quantity>,
        "requests" requests: Map<String, Quantity>,
    }
}

api_object! {
    /// ContainerResizePolicy: whether a resize restarts the container.
    ContainerResizePolicy {
        "resourceName" resource_name: String,
        "restartPolicy" restart_policy: String,
    }
}

api_object! {
    /// ContainerRestartRule: what an exit code leads to.
    ContainerRestartRule {
        "action" action: String,
        "exitCodes" exit_codes: Option<ContainerRestartRuleOnExitCodes>,
    }
}

api_object! {
    /// Which exit codes a rule means.
    ContainerRestartRuleOnExitCodes { "operator" operator: String, "values" values: Vec<i32> }
}

api_object! {
    /// PodStatus: what is the case.
    PodStatus {
        "phase" phase: String,
        "conditions" conditions: Vec<PodCondition>,
        "message" message: String,
        "reason" reason: String,
        "nominatedNodeName" nominated_node_name: String,
        "hostIP" host_ip: String,
        "podIP" pod_ip: String,
        "podIPs" pod_ips: Vec<PodIP>,
        "startTime" start_time: Option<Instant>,
        "initContainerStatuses" init_container_statuses: Vec<ContainerStatus>,
        "containerStatuses" container_statuses: Vec<ContainerStatus>,
        "ephemeralContainerStatuses" ephemeral_container_statuses: Vec<ContainerStatus>,
        "qosClass" qos_class: String,
        "resize" resize: String,
        "observedGeneration" observed_generation: i64,
    }
}

api_object! {
    /// PodIP: one address of the Pod.
    PodIP { "ip" ip: String }
}

api_object! {
    /// PodCondition: one answer about the Pod.
    PodCondition {
        "type" kind: String,
        "status" status: String,
        "observedGeneration" observed_generation: i64,
        "lastProbeTime" last_probe_time: Option<Instant>,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

api_object! {
    /// ContainerStatus: how one container is, as the API shows it.
    ContainerStatus {
        "name" name: String,
        "state" state: ContainerState,
        "lastState" last_state: ContainerState,
        "ready" ready: bool,
        "restartCount" restart_count: i32,
        "image" image: String,
        "imageID" image_id: String,
        "containerID" container_id: String,
        "started" started: Option<bool>,
    }
}

api_object! {
    /// ContainerState: exactly one of the three, or none when nothing is known.
    ContainerState {
        "waiting" waiting: Option<ContainerStateWaiting>,
        "running" running: Option<ContainerStateRunning>,
        "terminated" terminated: Option<ContainerStateTerminated>,
    }
}

api_object! {
    /// ContainerStateWaiting: why it does not run yet.
    ContainerStateWaiting { "reason" reason: String, "message" message: String }
}

api_object! {
    /// ContainerStateRunning: since when it runs.
    ContainerStateRunning { "startedAt" started_at: Option<Instant> }
}

api_object! {
    /// ContainerStateTerminated: how it ended.
    ContainerStateTerminated {
        "exitCode" exit_code: i32,
        "signal" signal: i32,
        "reason" reason: String,
        "message" message: String,
        "startedAt" started_at: Option<Instant>,
        "finishedAt" finished_at: Option<Instant>,
        "containerID" container_id: String,
    }
}

always_present!(
    PodSpec,
    PodStatus,
    PodTemplateSpec,
    ContainerState,
    ResourceRequirements,
    NodeSelectorTerm,
    PodAffinityTerm
);

/// When a container that ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Whatever its exit code.
    Always,
    /// Unless it exited 0.
    OnFailure,
    /// Never.
    Never,
}

impl RestartPolicy {
    /// Reads the API's word; anything else counts as the default, Always.
    pub fn from_api(word: &str) -> Self {
        match word {
            "Never" => Self::Never,
            "OnFailure" => Self::OnFailure,
            _ => Self::Always,
        }
    }
}

impl Container {
    /// An init container that keeps running beside the others: a native sidecar.
    pub fn is_sidecar(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

impl PodSpec {
    /// The Pod's restart policy.
    pub fn restart_policy(&self) -> RestartPolicy {
        RestartPolicy::from_api(&self.restart_policy)
    }

    /// The grace period of a deletion that names none.
    pub fn grace_period_seconds(&self) -> i64 {
        self.termination_grace_period_seconds.unwrap_or(30)
    }

    /// A container by name, init and ephemeral containers included.
    pub fn container(&self, name: &str) -> Option<&Container> {
        let all = self.init_containers.iter().chain(&self.containers);
        all.chain(&self.ephemeral_containers).find(|c| c.name == name)
    }
}

impl PodStatus {
    /// A condition by type.
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }

    /// Whether a condition is `True`.
    pub fn is_true(&self, kind: &str) -> bool {
        self.condition(kind).is_some_and(|condition| condition.status == "True")
    }
}

/// The annotation of a mirror Pod: the UID of the static Pod that it shows.
pub const MIRROR: &str = "kubernetes.io/config.mirror";

impl Pod {
    /// The UID that its kubelet knows it by: a mirror is made anew, its static Pod stays.
    pub fn kubelet_uid(&self) -> &str {
        self.metadata.annotations.get(MIRROR).unwrap_or(&self.metadata.uid)
    }

    /// Whether the Pod is being deleted.
    pub fn is_terminating(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    /// Whether all its containers have ended for good.
    pub fn is_terminal(&self) -> bool {
        matches!(self.status.phase.as_str(), "Succeeded" | "Failed")
    }
}

/// A port by number, or by the name that a container gives it.
///
/// Models pkg/api/v1/pod/util.go FindPort and pkg/util/... extractPort for one container.
pub fn resolve_port(port: &IntOrString, container: &Container) -> Option<i32> {
    match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => container
            .ports
            .iter()
            .find(|p| p.name == *name)
            .map(|p| p.container_port)
            .or_else(|| name.parse().ok()),
    }
}
