//! What the API server fills in where the manifest says nothing.
//!
//! Owns: the defaults of stored objects, and the list of those that were applied. Does not own:
//! checks (`validate/`).
//!
//! Models pkg/apis/core/v1/defaults.go, pkg/apis/apps/v1/defaults.go and
//! pkg/apis/batch/v1/defaults.go.

use crate::manifest::AppliedDefault;
use crate::manifest::meta::LabelSelector;
use crate::manifest::node::Node;
use crate::manifest::pod::{
    Container, Pod, PodSecurityContext, PodSpec, ResourceRequirements, Toleration,
};
use crate::manifest::probe::{HTTPGetAction, LifecycleHandler, Probe};
use crate::manifest::quantity::IntOrString;
use crate::manifest::service::Service;
use crate::manifest::volume::{
    ConfigMapVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, EmptyDirVolumeSource,
    KeyToPath, ObjectFieldSelector, ProjectedVolumeSource, Secret, ServiceAccountTokenProjection,
    Volume, VolumeMount, VolumeProjection,
};
use crate::manifest::workloads::{
    CronJob, DaemonSet, Deployment, Job, JobSpec, ReplicaSet, RollingUpdate, StatefulSet,
    StatefulSetRollingUpdate,
};

/// File mode 0644, as numbers in the API are decimal.
const FILE_MODE: i32 = 0o644;

/// Defaults that are listed of one object. Invented: more than any real one has.
const LIST_LIMIT: usize = 1000;

/// Collects the defaults that were applied to one object.
#[derive(Debug)]
pub struct Filled<'n> {
    root: Option<&'n Node>,
    keeps: bool,
    /// What was filled in, in the order of the API.
    pub list: Vec<AppliedDefault>,
}

impl<'n> Filled<'n> {
    /// A list for the object at `root`; a silent one keeps nothing.
    pub fn new(root: &'n Node, silent: bool) -> Self {
        Self { root: Some(root), keeps: !silent, list: Vec::new() }
    }

    /// A list that keeps nothing, for objects that are in no text.
    pub const fn silent() -> Self {
        Self { root: None, keeps: false, list: Vec::new() }
    }

    pub(crate) fn note(&mut self, parent: &str, name: &str, value: &str) {
        let Some(root) = self.root.filter(|_| self.keeps && self.list.len() < LIST_LIMIT) else {
            return;
        };
        let span = root.span_at(parent);
        let field = format!("{parent}.{name}");
        self.list.push(AppliedDefault { span, field, value: value.to_owned() });
    }

    fn text(&mut self, slot: &mut String, parent: &str, name: &str, value: &str) {
        if slot.is_empty() {
            value.clone_into(slot);
            self.note(parent, name, value);
        }
    }

    pub(crate) fn number<T>(&mut self, slot: &mut Option<T>, parent: &str, name: &str, value: T)
    where
        T: Copy + ToString,
    {
        if slot.is_none() {
            *slot = Some(value);
            self.note(parent, name, &value.to_string());
        }
    }

    fn positive(&mut self, slot: &mut i32, parent: &str, name: &str, value: i32) {
        if *slot == 0 {
            *slot = value;
            self.note(parent, name, &value.to_string());
        }
    }
}

/// Fills in a Pod.
pub fn pod(pod: &mut Pod, filled: &mut Filled<'_>) {
    let spec = &mut *pod.spec;
    pod_spec(spec, "spec", filled);
    if spec.enable_service_links.is_none() {
        spec.enable_service_links = Some(true);
    }
    of_pods_alone(spec);
    if pod.status.phase.is_empty() {
        pod.status.phase = "Pending".to_owned();
    }
    pod.status.qos_class = crate::manifest::qos::qos_class(&pod.spec).to_owned();
}

/// Fills in what templates keep open until there is a Pod.
///
/// Models pkg/apis/core/v1/defaults.go SetDefaults_Pod.
pub fn of_pods_alone(spec: &mut PodSpec) {
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        requests_from_limits(&mut container.resources);
    }
    requests_of_the_pod(spec);
    if spec.host_network {
        for port in spec
            .init_containers
            .iter_mut()
            .chain(&mut spec.containers)
            .flat_map(|container| &mut container.ports)
            .filter(|port| port.host_port == 0)
        {
            port.host_port = port.container_port;
        }
    }
}

fn requests_from_limits(resources: &mut ResourceRequirements) {
    for (name, limit) in &resources.limits {
        if !resources.requests.contains_key(name) {
            resources.requests.insert(name.clone(), limit.clone());
        }
    }
}

/// Models defaultPodRequests: what the containers ask for together, or else the Pod's limit.
fn requests_of_the_pod(spec: &mut PodSpec) {
    let Some(mut resources) = spec.resources.take() else { return };
    if !resources.limits.is_empty() || !resources.requests.is_empty() {
        for (name, sum) in crate::manifest::qos::requests(spec) {
            if matches!(name.as_str(), "cpu" | "memory") {
                resources.requests.entry(name).or_insert(sum);
            }
        }
        requests_from_limits(&mut resources);
    }
    spec.resources = Some(resources);
}

/// Fills in the spec of a Pod or of a template; `path` is where it stands.
pub fn pod_spec(spec: &mut PodSpec, path: &str, filled: &mut Filled<'_>) {
    filled.text(&mut spec.restart_policy, path, "restartPolicy", "Always");
    filled.number(
        &mut spec.termination_grace_period_seconds,
        path,
        "terminationGracePeriodSeconds",
        30,
    );
    // pkg/registry/core/pod/strategy.go: negative ones count as 1.
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        spec.termination_grace_period_seconds = Some(1);
    }
    filled.text(&mut spec.dns_policy, path, "dnsPolicy", "ClusterFirst");
    filled.text(&mut spec.scheduler_name, path, "schedulerName", "default-scheduler");
    spec.security_context.get_or_insert_with(PodSecurityContext::default);
    for (index, init) in spec.init_containers.iter_mut().enumerate() {
        container(init, &format!("{path}.initContainers[{index}]"), filled);
    }
    for (index, regular) in spec.containers.iter_mut().enumerate() {
        container(regular, &format!("{path}.containers[{index}]"), filled);
    }
    for (index, each) in spec.volumes.iter_mut().enumerate() {
        volume(each, &format!("{path}.volumes[{index}]"), filled);
    }
    if let Some(resources) = &mut spec.resources {
        round(resources);
    }
}

/// Models SetDefaults_ResourceList: amounts are kept to the thousandth, rounded up.
fn round(resources: &mut ResourceRequirements) {
    for quantity in resources.limits.values_mut().chain(resources.requests.values_mut()) {
        *quantity = quantity.rounded_to_milli();
    }
}

/// Fills in an ephemeral container, which comes in a request of its own.
pub fn ephemeral(own: &mut Container) {
    container(own, "", &mut Filled::silent());
}

fn container(container: &mut Container, path: &str, filled: &mut Filled<'_>) {
    let policy = if always_pulled(&container.image) { "Always" } else { "IfNotPresent" };
    filled.text(&mut container.image_pull_policy, path, "imagePullPolicy", policy);
    let message_path = &mut container.termination_message_path;
    filled.text(message_path, path, "terminationMessagePath", "/dev/termination-log");
    let message_policy = &mut container.termination_message_policy;
    filled.text(message_policy, path, "terminationMessagePolicy", "File");
    for (index, port) in container.ports.iter_mut().enumerate() {
        let path = format!("{path}.ports[{index}]");
        filled.text(&mut port.protocol, &path, "protocol", "TCP");
    }
    for variable in &mut container.env {
        let source = variable.value_from.as_mut().and_then(|from| from.field_ref.as_mut());
        field_ref(source);
    }
    round(&mut container.resources);
    for (name, each) in [
        ("livenessProbe", &mut container.liveness_probe),
        ("readinessProbe", &mut container.readiness_probe),
        ("startupProbe", &mut container.startup_probe),
    ] {
        if let Some(each) = each {
            probe(each, &format!("{path}.{name}"), filled);
        }
    }
    if let Some(lifecycle) = &mut container.lifecycle {
        for (name, hook) in
            [("postStart", &mut lifecycle.post_start), ("preStop", &mut lifecycle.pre_stop)]
        {
            if let Some(LifecycleHandler { http_get: Some(get), .. }) = hook {
                http_get(get, &format!("{path}.lifecycle.{name}.httpGet"), filled);
            }
        }
    }
}

/// Whether an image is pulled each time: its tag is `latest`, or it has neither tag nor digest.
///
/// Models SetDefaults_Container with pkg/util/parsers ParseImageName.
pub fn always_pulled(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or_default();
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn probe(probe: &mut Probe, path: &str, filled: &mut Filled<'_>) {
    filled.positive(&mut probe.timeout_seconds, path, "timeoutSeconds", 1);
    filled.positive(&mut probe.period_seconds, path, "periodSeconds", 10);
    filled.positive(&mut probe.success_threshold, path, "successThreshold", 1);
    filled.positive(&mut probe.failure_threshold, path, "failureThreshold", 3);
    if let Some(get) = &mut probe.http_get {
        http_get(get, &format!("{path}.httpGet"), filled);
    }
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_with(String::new);
    }
}

fn http_get(get: &mut HTTPGetAction, path: &str, filled: &mut Filled<'_>) {
    filled.text(&mut get.path, path, "path", "/");
    filled.text(&mut get.scheme, path, "scheme", "HTTP");
}

fn field_ref(source: Option<&mut ObjectFieldSelector>) {
    if let Some(source) = source
        && source.api_version.is_empty()
    {
        source.api_version = "v1".to_owned();
    }
}

fn volume(volume: &mut Volume, path: &str, filled: &mut Filled<'_>) {
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(config_map) = &mut volume.config_map {
        config_map.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(FILE_MODE);
        downward.items.iter_mut().for_each(|item| field_ref(item.field_ref.as_mut()));
    }
    if let Some(projected) = &mut volume.projected {
        projected.default_mode.get_or_insert(FILE_MODE);
        for source in &mut projected.sources {
            if let Some(token) = &mut source.service_account_token {
                token.expiration_seconds.get_or_insert(3600);
            }
        }
    }
    if let Some(host_path) = &mut volume.host_path {
        host_path.kind.get_or_insert_with(String::new);
    }
    let known = volume.empty_dir.is_some()
        || volume.host_path.is_some()
        || volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.projected.is_some()
        || volume.downward_api.is_some()
        || volume.persistent_volume_claim.is_some();
    let other = filled.root.is_some_and(|root| has_other_source(root, path));
    if !known && !other {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
        filled.note(path, "emptyDir", "{}");
    }
}

/// Whether a volume has a source that our types do not read.
fn has_other_source(root: &Node, path: &str) -> bool {
    root.at(path).is_some_and(|volume| volume.entries().iter().any(|(key, _)| key.name != "name"))
}

/// Fills in a Deployment.
pub fn deployment(deployment: &mut Deployment, filled: &mut Filled<'_>) {
    let spec = &mut deployment.spec;
    filled.number(&mut spec.replicas, "spec", "replicas", 1);
    filled.text(&mut spec.strategy.kind, "spec", "strategy.type", "RollingUpdate");
    if spec.strategy.kind == "RollingUpdate" {
        let update = spec.strategy.rolling_update.get_or_insert_with(RollingUpdate::default);
        for (name, slot) in [
            ("strategy.rollingUpdate.maxUnavailable", &mut update.max_unavailable),
            ("strategy.rollingUpdate.maxSurge", &mut update.max_surge),
        ] {
            if slot.is_none() {
                *slot = Some(IntOrString::String("25%".to_owned()));
                filled.note("spec", name, "25%");
            }
        }
    }
    filled.number(&mut spec.revision_history_limit, "spec", "revisionHistoryLimit", 10);
    filled.number(&mut spec.progress_deadline_seconds, "spec", "progressDeadlineSeconds", 600);
    pod_spec(&mut spec.template.spec, "spec.template.spec", filled);
}

/// Fills in a ReplicaSet.
pub fn replica_set(replica_set: &mut ReplicaSet, filled: &mut Filled<'_>) {
    filled.number(&mut replica_set.spec.replicas, "spec", "replicas", 1);
    pod_spec(&mut replica_set.spec.template.spec, "spec.template.spec", filled);
}

/// Fills in a ReplicationController: it selects by its template's labels when it says nothing.
pub fn replication_controller(set: &mut ReplicaSet, filled: &mut Filled<'_>) {
    let given = set.spec.selector.as_ref().is_some_and(|own| !own.match_labels.is_empty());
    if !given {
        let selector = set.spec.selector.get_or_insert_with(LabelSelector::default);
        selector.match_labels.clone_from(&set.spec.template.metadata.labels);
    }
    if set.metadata.labels.is_empty() {
        set.metadata.labels.clone_from(&set.spec.template.metadata.labels);
    }
    replica_set(set, filled);
}

/// Fills in a StatefulSet.
pub fn stateful_set(stateful_set: &mut StatefulSet, filled: &mut Filled<'_>) {
    let spec = &mut stateful_set.spec;
    filled.text(&mut spec.pod_management_policy, "spec", "podManagementPolicy", "OrderedReady");
    filled.text(&mut spec.update_strategy.kind, "spec", "updateStrategy.type", "RollingUpdate");
    if spec.update_strategy.kind == "RollingUpdate" {
        let update = spec
            .update_strategy
            .rolling_update
            .get_or_insert_with(StatefulSetRollingUpdate::default);
        update.partition.get_or_insert(0);
    }
    filled.number(&mut spec.replicas, "spec", "replicas", 1);
    filled.number(&mut spec.revision_history_limit, "spec", "revisionHistoryLimit", 10);
    let retention = spec.claim_retention.get_or_insert_with(Default::default);
    for policy in [&mut retention.when_deleted, &mut retention.when_scaled] {
        if policy.is_empty() {
            "Retain".clone_into(policy);
        }
    }
    for claim in &mut spec.volume_claim_templates {
        claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    }
    pod_spec(&mut spec.template.spec, "spec.template.spec", filled);
}

/// Fills in a DaemonSet.
pub fn daemon_set(daemon_set: &mut DaemonSet, filled: &mut Filled<'_>) {
    let spec = &mut daemon_set.spec;
    filled.text(&mut spec.update_strategy.kind, "spec", "updateStrategy.type", "RollingUpdate");
    if spec.update_strategy.kind == "RollingUpdate" {
        let update = spec.update_strategy.rolling_update.get_or_insert_with(RollingUpdate::default);
        for (name, slot, value) in [
            ("updateStrategy.rollingUpdate.maxUnavailable", &mut update.max_unavailable, 1),
            ("updateStrategy.rollingUpdate.maxSurge", &mut update.max_surge, 0),
        ] {
            if slot.is_none() {
                *slot = Some(IntOrString::Int(value));
                filled.note("spec", name, &value.to_string());
            }
        }
    }
    filled.number(&mut spec.revision_history_limit, "spec", "revisionHistoryLimit", 10);
    pod_spec(&mut spec.template.spec, "spec.template.spec", filled);
}

/// Fills in a Job.
pub fn job(job: &mut Job, filled: &mut Filled<'_>) {
    if job.metadata.labels.is_empty() {
        job.metadata.labels.clone_from(&job.spec.template.metadata.labels);
    }
    job_spec(&mut job.spec, "spec", filled);
}

/// Models SetDefaults_Job.
fn job_spec(spec: &mut JobSpec, path: &str, filled: &mut Filled<'_>) {
    if spec.completions.is_none() && spec.parallelism.is_none() {
        filled.number(&mut spec.completions, path, "completions", 1);
    }
    filled.number(&mut spec.parallelism, path, "parallelism", 1);
    // A limit for each index leaves the whole without one.
    let limit = if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 };
    filled.number(&mut spec.backoff_limit, path, "backoffLimit", limit);
    for (slot, name, value) in [
        (&mut spec.completion_mode, "completionMode", "NonIndexed"),
        (
            &mut spec.pod_replacement_policy,
            "podReplacementPolicy",
            if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" },
        ),
    ] {
        if slot.is_none() {
            *slot = Some(value.to_owned());
            filled.note(path, name, value);
        }
    }
    spec.suspend.get_or_insert(false);
    spec.manual_selector.get_or_insert(false);
    for rule in spec.pod_failure_policy.iter_mut().flat_map(|policy| &mut policy.rules) {
        for pattern in &mut rule.on_pod_conditions {
            if pattern.status.is_empty() {
                "True".clone_into(&mut pattern.status);
            }
        }
    }
    pod_spec(&mut spec.template.spec, &format!("{path}.template.spec"), filled);
}

/// Fills in a CronJob; the Job that it makes gets its own defaults too.
pub fn cron_job(cron_job: &mut CronJob, filled: &mut Filled<'_>) {
    let spec = &mut cron_job.spec;
    filled.text(&mut spec.concurrency_policy, "spec", "concurrencyPolicy", "Allow");
    if spec.suspend.is_none() {
        spec.suspend = Some(false);
        filled.note("spec", "suspend", "false");
    }
    let successful = &mut spec.successful_jobs_history_limit;
    filled.number(successful, "spec", "successfulJobsHistoryLimit", 3);
    filled.number(&mut spec.failed_jobs_history_limit, "spec", "failedJobsHistoryLimit", 1);
    let template = &mut spec.job_template.spec.template.spec;
    pod_spec(template, "spec.jobTemplate.spec.template.spec", filled);
}

/// Fills in a Service.
pub fn service(service: &mut Service, filled: &mut Filled<'_>) {
    let spec = &mut service.spec;
    filled.text(&mut spec.kind, "spec", "type", "ClusterIP");
    filled.text(&mut spec.session_affinity, "spec", "sessionAffinity", "None");
    for (index, port) in spec.ports.iter_mut().enumerate() {
        let path = format!("spec.ports[{index}]");
        filled.text(&mut port.protocol, &path, "protocol", "TCP");
        let unset = match &port.target_port {
            None | Some(IntOrString::Int(0)) => true,
            Some(IntOrString::String(name)) => name.is_empty(),
            Some(IntOrString::Int(_)) => false,
        };
        if unset {
            port.target_port = Some(IntOrString::Int(port.port));
            filled.note(&path, "targetPort", &port.port.to_string());
        }
    }
    if matches!(spec.kind.as_str(), "ClusterIP" | "NodePort" | "LoadBalancer") {
        spec.internal_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
        spec.ip_family_policy.get_or_insert_with(|| "SingleStack".to_owned());
        if spec.ip_families.is_empty() {
            spec.ip_families.push("IPv4".to_owned());
        }
    }
    if matches!(spec.kind.as_str(), "NodePort" | "LoadBalancer") {
        spec.external_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
    }
}

/// Fills in a Secret.
pub fn secret(secret: &mut Secret, filled: &mut Filled<'_>) {
    if secret.kind.is_empty() {
        "Opaque".clone_into(&mut secret.kind);
        if let Some(root) = filled.root.filter(|_| filled.keeps) {
            let (span, field) = (root.span, "type".to_owned());
            filled.list.push(AppliedDefault { span, field, value: "Opaque".to_owned() });
        }
    }
}

/// What admission adds to every Pod that is created: account, token, tolerations, priority.
///
/// `suffix` are the five letters of the token's volume. Models
/// plugin/pkg/admission/{serviceaccount,defaulttolerationseconds,priority}/admission.go.
pub fn admit(pod: &mut Pod, suffix: &str) {
    let spec = &mut *pod.spec;
    if spec.service_account_name.is_empty() {
        spec.service_account_name = "default".to_owned();
    }
    spec.service_account.clone_from(&spec.service_account_name);
    const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    if spec.automount_service_account_token != Some(false) {
        let name = format!("kube-api-access-{suffix}");
        let mut mounted = false;
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
            if container.volume_mounts.iter().all(|mount| mount.mount_path != TOKEN_PATH) {
                mounted = true;
                container.volume_mounts.push(VolumeMount {
                    name: name.clone(),
                    mount_path: TOKEN_PATH.to_owned(),
                    read_only: true,
                    ..VolumeMount::default()
                });
            }
        }
        if mounted {
            spec.volumes.push(token_volume(name));
        }
    }
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = spec.tolerations.iter().any(|toleration| {
            (toleration.key == key || toleration.key.is_empty())
                && matches!(toleration.effect.as_str(), "" | "NoExecute")
        });
        if !tolerated {
            spec.tolerations.push(Toleration {
                key: key.to_owned(),
                operator: "Exists".to_owned(),
                effect: "NoExecute".to_owned(),
                toleration_seconds: Some(300),
                ..Toleration::default()
            });
        }
    }
    spec.priority.get_or_insert(0);
    spec.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".to_owned());
}

fn token_volume(name: String) -> Volume {
    let token = ServiceAccountTokenProjection {
        expiration_seconds: Some(3607),
        path: "token".to_owned(),
        ..ServiceAccountTokenProjection::default()
    };
    let certificate = ConfigMapVolumeSource {
        name: "kube-root-ca.crt".to_owned(),
        items: vec![KeyToPath { key: "ca.crt".to_owned(), path: "ca.crt".to_owned(), mode: None }],
        ..ConfigMapVolumeSource::default()
    };
    let namespace = DownwardAPIVolumeSource {
        items: vec![DownwardAPIVolumeFile {
            path: "namespace".to_owned(),
            field_ref: Some(ObjectFieldSelector {
                api_version: "v1".to_owned(),
                field_path: "metadata.namespace".to_owned(),
            }),
            ..DownwardAPIVolumeFile::default()
        }],
        ..DownwardAPIVolumeSource::default()
    };
    let empty = VolumeProjection::default;
    Volume {
        name,
        projected: Some(ProjectedVolumeSource {
            sources: vec![
                VolumeProjection { service_account_token: Some(token), ..empty() },
                VolumeProjection { config_map: Some(certificate), ..empty() },
                VolumeProjection { downward_api: Some(namespace), ..empty() },
            ],
            default_mode: Some(FILE_MODE),
        }),
        ..Volume::default()
    }
}
