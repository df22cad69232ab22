//! ResourceQuotas: what the objects of a namespace use together, and whether one more is allowed.
//!
//! Models apiserver/pkg/admission/plugin/resourcequota/controller.go, pkg/quota/v1/evaluator/core
//! and pkg/controller/resourcequota. Does not own: LimitRanges (`cluster::admission`).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::store::Store;
use crate::manifest::kinds;
use crate::manifest::pod::Pod;
use crate::manifest::policy::{ResourceList, ResourceQuota, ResourceQuotaStatus};
use crate::manifest::qos;
use crate::manifest::quantity::Quantity;
use crate::manifest::{Object, policy};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

const ACTOR: Actor = Actor::ResourceQuotaController;

/// Kinds whose plain plural may be counted.
const COUNTED: [&str; 7] = [
    "Pod",
    "Service",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "ReplicationController",
];

fn quotas<'s>(store: &'s Store, namespace: &'s str) -> impl Iterator<Item = &'s Rc<ResourceQuota>> {
    store.list("ResourceQuota").filter_map(move |object| match object {
        Object::ResourceQuota(quota) if quota.metadata.namespace == namespace => Some(quota),
        _ => None,
    })
}

/// What one object uses, by every name under which a quota may count it.
fn usage(object: &Object) -> ResourceList {
    let mut used = ResourceList::new();
    let kind = object.kind();
    let one = || Quantity::from_units(1);
    used.insert(count_of(kind), one());
    if COUNTED.contains(&kind) {
        used.insert(kinds::plural(kind), one());
    }
    match object {
        Object::Pod(pod) if pod.is_terminal() => {
            used.retain(|name, _| name.starts_with("count/"));
        }
        Object::Pod(pod) => {
            for (name, amount) in qos::requests(&pod.spec) {
                if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
                    used.insert(name.clone(), amount.clone());
                }
                used.insert(format!("requests.{name}"), amount);
            }
            for (name, amount) in qos::limits(&pod.spec) {
                used.insert(format!("limits.{name}"), amount);
            }
        }
        Object::PersistentVolumeClaim(claim) => {
            if let Some(amount) = claim.spec.resources.requests.get("storage") {
                used.insert("requests.storage".to_owned(), amount.clone());
            }
        }
        Object::Service(service) => {
            let kind = service.spec.kind.as_str();
            if kind == "LoadBalancer" {
                used.insert("services.loadbalancers".to_owned(), one());
            }
            if matches!(kind, "LoadBalancer" | "NodePort") {
                let ports = i64::try_from(service.spec.ports.len()).unwrap_or(0);
                used.insert("services.nodeports".to_owned(), Quantity::from_units(ports));
            }
        }
        _ => {}
    }
    used
}

/// The name that counts the objects of a kind: `count/jobs.batch`.
fn count_of(kind: &str) -> String {
    let group = api_version(kind).rsplit_once('/').map_or("", |(group, _)| group);
    let dot = if group.is_empty() { "" } else { "." };
    format!("count/{}{dot}{group}", kinds::plural(kind))
}

fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "Job" | "CronJob" => "batch/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "PodDisruptionBudget" => "policy/v1",
        _ => "v1",
    }
}

/// Whether a quota's scopes are about an object.
///
/// Models podMatchesScopeFunc of pkg/quota/v1/evaluator/core/pods.go.
fn in_scope(quota: &ResourceQuota, object: &Object) -> bool {
    quota.spec.all_scopes().iter().all(|scope| {
        let Object::Pod(pod) = object else { return false };
        let best_effort = || qos::qos_class(&pod.spec) == "BestEffort";
        let terminating = pod.spec.active_deadline_seconds.is_some();
        match scope.scope_name.as_str() {
            "BestEffort" => best_effort(),
            "NotBestEffort" => !best_effort(),
            "Terminating" => terminating,
            "NotTerminating" => !terminating,
            "PriorityClass" => {
                let class = &pod.spec.priority_class_name;
                match scope.operator.as_str() {
                    "In" => scope.values.contains(class),
                    "NotIn" => !scope.values.contains(class),
                    "DoesNotExist" => class.is_empty(),
                    _ => !class.is_empty(),
                }
            }
            "CrossNamespacePodAffinity" => reaches_other_namespaces(pod),
            _ => false,
        }
    })
}

/// Whether a Pod wants to be near to, or far from, Pods of other namespaces.
///
/// Models usesCrossNamespacePodAffinity.
fn reaches_other_namespaces(pod: &Pod) -> bool {
    let Some(affinity) = &pod.spec.affinity else { return false };
    let both = [&affinity.pod_affinity, &affinity.pod_anti_affinity];
    both.into_iter().flatten().any(|own| {
        let preferred = own.preferred.iter().map(|term| &term.pod_affinity_term);
        own.required
            .iter()
            .chain(preferred)
            .any(|term| !term.namespaces.is_empty() || term.namespace_selector.is_some())
    })
}

/// Whether a quota bounds anything that objects of a kind use; `live` as Pods use it that have not
/// ended.
fn bounds(quota: &ResourceQuota, kind: &str, live: bool) -> bool {
    let counted = count_of(kind);
    let plural = COUNTED.contains(&kind).then(|| kinds::plural(kind));
    quota.spec.hard.keys().any(|name| {
        if let Some(what) = name.strip_prefix("count/") {
            return counted.strip_prefix("count/") == Some(what);
        }
        match kind {
            "Pod" => live && !name.starts_with("services") && name != "persistentvolumeclaims",
            "PersistentVolumeClaim" => plural.as_ref() == Some(name) || name == "requests.storage",
            "Service" => name.starts_with("services"),
            _ => plural.as_ref() == Some(name),
        }
    })
}

/// What everything in the namespace uses of what a quota bounds.
fn used(store: &Store, quota: &ResourceQuota) -> ResourceList {
    let mut sums: ResourceList =
        quota.spec.hard.keys().map(|name| (name.clone(), Quantity::from_units(0))).collect();
    for kind in store.kinds().filter(|kind| bounds(quota, kind, true)) {
        let dead = bounds(quota, kind, false);
        for object in store.list(kind) {
            if object.metadata().namespace != quota.metadata.namespace
                || (!dead && matches!(object, Object::Pod(pod) if pod.is_terminal()))
                || !in_scope(quota, object)
            {
                continue;
            }
            for (name, amount) in usage(object) {
                if let Some(sum) = sums.get_mut(&name) {
                    *sum = if sum.is_zero() { amount } else { sum.plus(&amount) };
                }
            }
        }
    }
    sums
}

/// `a=1,b=2`.
fn list(names: &[&String], amounts: &ResourceList) -> String {
    let pairs: Vec<String> = names
        .iter()
        .map(|name| format!("{name}={}", amounts.get(*name).map_or("0", Quantity::text)))
        .collect();
    pairs.join(",")
}

/// Which resources a Pod must name because a quota bounds them, by container.
fn unnamed(pod: &Pod, quota: &ResourceQuota) -> Vec<String> {
    let mut missing = Vec::new();
    for name in quota.spec.hard.keys() {
        let (limit, resource) = match name.split_once('.') {
            Some(("requests", resource)) => (false, resource),
            Some(("limits", resource)) => (true, resource),
            Some(_) => continue,
            None => (false, name.as_str()),
        };
        if !matches!(resource, "cpu" | "memory") {
            continue;
        }
        let mut without: Vec<&str> = pod
            .spec
            .containers
            .iter()
            .chain(&pod.spec.init_containers)
            .filter(|container| {
                let list =
                    if limit { &container.resources.limits } else { &container.resources.requests };
                !list.contains_key(resource)
            })
            .map(|container| container.name.as_str())
            .collect();
        crate::order::sort(&mut without);
        if !without.is_empty() {
            missing.push(format!("{name} for: {}", without.join(",")));
        }
    }
    missing
}

/// Whether the quotas of its namespace allow a new object.
///
/// Models CheckRequest.
pub(crate) fn admit(store: &Store, object: &Object) -> Result<(), String> {
    let wanted = usage(object);
    for quota in quotas(store, &object.metadata().namespace) {
        if !in_scope(quota, object) {
            continue;
        }
        let name = &quota.metadata.name;
        if let Object::Pod(pod) = object {
            let missing = unnamed(pod, quota);
            if !missing.is_empty() {
                return Err(format!("failed quota: {name}: must specify {}", missing.join("; ")));
            }
        }
        let bounded: Vec<&String> =
            quota.spec.hard.keys().filter(|name| wanted.contains_key(*name)).collect();
        if bounded.is_empty() {
            continue;
        }
        let used = used(store, quota);
        let exceeded: Vec<&String> = bounded
            .into_iter()
            .filter(|name| {
                let (Some(used), Some(more)) = (used.get(*name), wanted.get(*name)) else {
                    return false;
                };
                let hard = quota.spec.hard.get(*name);
                hard.is_some_and(|hard| used.plus(more).compare(hard) == Ordering::Greater)
            })
            .collect();
        if !exceeded.is_empty() {
            return Err(format!(
                "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
                list(&exceeded, &wanted),
                list(&exceeded, &used),
                list(&exceeded, &quota.spec.hard)
            ));
        }
    }
    Ok(())
}

impl World<'_> {
    /// Something of a namespace has come, gone or ended: its quotas are counted anew.
    pub(crate) fn enqueue_quotas(&mut self, object: &Object, entry: EntryId) {
        if matches!(object, Object::Event(_)) {
            return;
        }
        let keys: Vec<Key> = quotas(&self.store, &object.metadata().namespace)
            .map(|quota| Key::of(&Object::ResourceQuota(quota.clone())))
            .collect();
        for key in keys {
            self.enqueue_controller(key, entry);
        }
    }

    /// One look at a quota.
    pub(crate) fn sync_quota(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::ResourceQuota(quota)) = self.store.get(key) else { return };
        let quota = quota.clone();
        let hard: policy::ResourceList = quota.spec.hard.clone();
        let status = ResourceQuotaStatus { used: used(&self.store, &quota), hard };
        if status == quota.status {
            return;
        }
        let changed = ResourceQuota { status, ..(*quota).clone() };
        let object = Object::ResourceQuota(Rc::new(changed));
        self.put(ACTOR, Verb::Updated, object, Rule::QuotaCounted, cause);
    }
}
