//! One document → one typed object, with its defaults and what is wrong with it.
//!
//! Owns: which kinds have a type of their own. Does not own: the order of checks (`load.rs`), or
//! the checks (`validate/`).

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::manifest::autoscaling::{self, HorizontalPodAutoscaler, HorizontalPodAutoscalerV1};
use crate::manifest::cluster::{Namespace, Unsimulated};
use crate::manifest::decode::{Decode, Decoder, Unread};
use crate::manifest::kinds::{Served, served};
use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::{Key, Node, Value};
use crate::manifest::pod::Pod;
use crate::manifest::policy::{LimitRange, PodDisruptionBudget, PriorityClass, ResourceQuota};
use crate::manifest::service::Service;
use crate::manifest::storage::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::manifest::time_zone::Zone;
use crate::manifest::validate::Findings;
use crate::manifest::volume::{ConfigMap, Secret};
use crate::manifest::workloads::{
    CronJob, DaemonSet, Deployment, Job, REPLICATION_CONTROLLER, ReplicaSet, StatefulSet,
};
use crate::manifest::{Object, defaults, policy, storage, validate};

/// What stands at the top of a document.
pub(super) struct Head<'n> {
    pub(super) api_version: &'n str,
    pub(super) kind: &'n str,
    pub(super) kind_span: Span,
}

/// Decodes an object, fills in its defaults and checks it; status and identity are the cluster's.
pub(super) fn checked(
    root: &Node,
    head: &Head<'_>,
    metadata: ObjectMeta,
    decoder: &mut Decoder,
    filled: &mut defaults::Filled<'_>,
    findings: &mut Findings,
) -> Object {
    let object = typed(root, head, metadata, decoder, filled, findings);
    let pod = match head.kind {
        "Pod" => Some("spec"),
        // ValidatePodTemplateSpecForStatefulSet leaves the Pod's spec to the Pod's creation.
        "Deployment" | "ReplicaSet" | "DaemonSet" | "Job" | "ReplicationController" => {
            Some("spec.template.spec")
        }
        "CronJob" => Some("spec.jobTemplate.spec.template.spec"),
        _ => None,
    };
    if served(head.api_version, head.kind) == Served::Yes {
        validate::plain::check(root, head.kind, pod, findings);
    }
    object
}

fn typed(
    root: &Node,
    head: &Head<'_>,
    metadata: ObjectMeta,
    decoder: &mut Decoder,
    filled: &mut defaults::Filled<'_>,
    findings: &mut Findings,
) -> Object {
    macro_rules! decoded {
        ($type:ty) => {{
            let mut object = <$type>::decode(root, decoder);
            object.metadata = metadata;
            object
        }};
    }
    match (head.api_version, head.kind) {
        ("v1", "Pod") => {
            let mut pod = decoded!(Pod);
            pod.status = Default::default();
            defaults::pod(&mut pod, filled);
            validate::pod::create(&pod, findings);
            Object::Pod(Rc::new(pod))
        }
        ("apps/v1", "Deployment") => {
            let mut deployment = decoded!(Deployment);
            deployment.status = Default::default();
            defaults::deployment(&mut deployment, filled);
            validate::workload::deployment(&deployment, findings);
            Object::Deployment(Rc::new(deployment))
        }
        ("apps/v1", "ReplicaSet") => {
            let mut replica_set = decoded!(ReplicaSet);
            replica_set.status = Default::default();
            replica_set.kind = String::new();
            defaults::replica_set(&mut replica_set, filled);
            validate::workload::replica_set(&replica_set, findings);
            Object::ReplicaSet(Rc::new(replica_set))
        }
        ("v1", "ReplicationController") => {
            let root = &with_match_labels(root);
            let mut set = ReplicaSet::decode(root, decoder);
            set.metadata = metadata;
            set.status = Default::default();
            REPLICATION_CONTROLLER.clone_into(&mut set.kind);
            defaults::replication_controller(&mut set, filled);
            validate::workload::replication_controller(&set, findings);
            Object::ReplicaSet(Rc::new(set))
        }
        ("apps/v1", "StatefulSet") => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            let mut stateful_set = decoded!(StatefulSet);
            stateful_set.status = Default::default();
            defaults::stateful_set(&mut stateful_set, filled);
            Object::StatefulSet(Rc::new(stateful_set))
        }
        ("apps/v1", "DaemonSet") => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            let mut daemon_set = decoded!(DaemonSet);
            daemon_set.status = Default::default();
            defaults::daemon_set(&mut daemon_set, filled);
            Object::DaemonSet(Rc::new(daemon_set))
        }
        ("batch/v1", "Job") => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            let mut job = decoded!(Job);
            job.status = Default::default();
            defaults::job(&mut job, filled);
            Object::Job(Rc::new(job))
        }
        ("batch/v1", "CronJob") => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            let mut cron_job = decoded!(CronJob);
            cron_job.status = Default::default();
            defaults::cron_job(&mut cron_job, filled);
            if let Some(zone) = &cron_job.spec.time_zone
                && Zone::find(zone).is_none()
            {
                // A real zone, perhaps, that is not known here: its times are those of UTC.
                let (field, span) = ("spec.timeZone".to_owned(), root.span_at("spec.timeZone"));
                decoder.unread.push(Unread { field, span, known: Vec::new() });
            }
            Object::CronJob(Rc::new(cron_job))
        }
        ("v1", "Service") => {
            let mut service = decoded!(Service);
            defaults::service(&mut service, filled);
            validate::service::create(&service, root, findings);
            Object::Service(Rc::new(service))
        }
        ("v1", "ConfigMap") => {
            let config_map = decoded!(ConfigMap);
            validate::config::config_map(&config_map, findings);
            Object::ConfigMap(Rc::new(config_map))
        }
        ("v1", "Secret") => {
            let mut secret = decoded!(Secret);
            defaults::secret(&mut secret, filled);
            validate::config::secret(&secret, findings);
            Object::Secret(Rc::new(secret))
        }
        ("v1", "Namespace") => {
            let mut namespace = decoded!(Namespace);
            namespace.phase = "Active".to_owned();
            let rule = validate::meta::NameRule::Label;
            validate::meta::object_meta(&namespace.metadata, rule, findings);
            Object::Namespace(Rc::new(namespace))
        }
        ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            let mut autoscaler: HorizontalPodAutoscaler = if head.api_version.ends_with("v1") {
                decoded!(HorizontalPodAutoscalerV1).into()
            } else {
                decoded!(HorizontalPodAutoscaler)
            };
            autoscaling::defaults(&mut autoscaler, filled);
            Object::HorizontalPodAutoscaler(Rc::new(autoscaler))
        }
        ("policy/v1", "PodDisruptionBudget") => {
            let mut budget = decoded!(PodDisruptionBudget);
            budget.status = Default::default();
            validate::policy::budget(&budget, findings);
            Object::PodDisruptionBudget(Rc::new(budget))
        }
        ("scheduling.k8s.io/v1", "PriorityClass") => {
            let mut class = decoded!(PriorityClass);
            if class.preemption_policy.is_empty() {
                class.preemption_policy = "PreemptLowerPriority".to_owned();
            }
            validate::policy::priority_class(&class, findings);
            Object::PriorityClass(Rc::new(class))
        }
        ("v1", "LimitRange") => {
            let mut range = decoded!(LimitRange);
            policy::limit_range(&mut range);
            validate::policy::limit_range(&range, findings);
            Object::LimitRange(Rc::new(range))
        }
        ("v1", "ResourceQuota") => {
            let mut quota = decoded!(ResourceQuota);
            quota.status = Default::default();
            validate::policy::quota(&quota, findings);
            Object::ResourceQuota(Rc::new(quota))
        }
        ("v1", "PersistentVolumeClaim") => {
            let mut claim = decoded!(PersistentVolumeClaim);
            claim.status = Default::default();
            storage::claim(&mut claim);
            validate::policy::claim(&claim, findings);
            Object::PersistentVolumeClaim(Rc::new(claim))
        }
        ("v1", "PersistentVolume") => {
            let mut volume = decoded!(PersistentVolume);
            volume.status = Default::default();
            storage::volume(&mut volume);
            validate::policy::volume(&volume, root, findings);
            Object::PersistentVolume(Rc::new(volume))
        }
        ("storage.k8s.io/v1", "StorageClass") => {
            let mut class = decoded!(StorageClass);
            storage::class(&mut class);
            validate::policy::storage_class(&class, findings);
            Object::StorageClass(Rc::new(class))
        }
        _ => {
            validate::others::check(root, head.api_version, head.kind, &metadata, findings);
            Object::Unsimulated(Rc::new(Unsimulated {
                api_version: head.api_version.to_owned(),
                kind: head.kind.to_owned(),
                labels: metadata.labels.clone(),
                metadata,
            }))
        }
    }
}

/// Whether the engine knows what to do with objects of the kind.
pub(super) fn is_simulated(head: &Head<'_>) -> bool {
    matches!(
        (head.api_version, head.kind),
        (
            "v1",
            "Pod"
                | "ReplicationController"
                | "Service"
                | "ConfigMap"
                | "Secret"
                | "Namespace"
                | "LimitRange"
                | "ResourceQuota"
                | "PersistentVolumeClaim"
        ) | ("policy/v1", "PodDisruptionBudget")
            | ("scheduling.k8s.io/v1", "PriorityClass")
            | ("apps/v1", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
            | ("batch/v1", "Job" | "CronJob")
            | ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler")
    )
}

/// The selector of a ReplicationController is a plain map of labels.
fn with_match_labels(root: &Node) -> Node {
    let mut root = root.clone();
    let inner = |node: &mut Node, name: &str, change: &dyn Fn(&mut Node)| {
        let Value::Map(entries) = &mut node.value else { return };
        if let Some((_, inner)) = entries.iter_mut().find(|(key, _)| key.name == name) {
            change(inner);
        }
    };
    inner(&mut root, "spec", &|spec| {
        inner(spec, "selector", &|selector| {
            if matches!(selector.value, Value::Map(_)) {
                let key = Key { span: selector.span, name: "matchLabels".to_owned() };
                let labels = std::mem::replace(&mut selector.value, Value::Null);
                let labels = Node { span: selector.span, value: labels };
                selector.value = Value::Map(vec![(key, labels)]);
            }
        });
    });
    root
}
