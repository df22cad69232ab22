//! What all controllers of Pods share: whose a Pod is, making one, and which one goes first.
//!
//! Models pkg/controller/controller_utils.go and controller_ref_manager.go. Does not own: how many
//! Pods there shall be.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::events::Say;
use crate::cluster::key::{Key, controller_of};
use crate::manifest::Object;
use crate::manifest::meta::{LabelSelector, ObjectMeta, OwnerReference};
use crate::manifest::pod::{Pod, PodTemplateSpec};
use crate::manifest::workloads::REPLICATION_CONTROLLER;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId};
use crate::version::{Feature, KubeVersion};

/// Whether a Pod counts: it has not ended and nobody has deleted it.
pub fn is_active(pod: &Pod) -> bool {
    !pod.is_terminal() && !pod.is_terminating()
}

/// Whether a Pod is Ready.
pub fn is_ready(pod: &Pod) -> bool {
    pod.status.is_true("Ready")
}

/// How much longer a Pod must be Ready to count as available; `None` while it is not Ready.
///
/// Models pkg/api/v1/pod/util.go IsPodAvailable.
pub(crate) fn until_available(pod: &Pod, min_ready: i32, now: Instant) -> Option<Duration> {
    let condition = pod.status.condition("Ready").filter(|c| c.status == "True")?;
    let age = condition.last_transition_time.map_or(Duration::ZERO, |since| now.since(since));
    Some((Duration::from_secs(i64::from(min_ready)) - age).max(Duration::ZERO))
}

/// The reference by which an object says that it is controlled by another.
pub(crate) fn owner(api_version: &str, kind: &str, metadata: &ObjectMeta) -> OwnerReference {
    OwnerReference {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: metadata.name.clone(),
        uid: metadata.uid.clone(),
        controller: true,
        block_owner_deletion: true,
    }
}

/// A Pod as its template says, for its owner to name.
pub(crate) fn from_template(
    template: &PodTemplateSpec,
    namespace: &str,
    owner: OwnerReference,
) -> Pod {
    let mut pod =
        Pod { metadata: template.metadata.clone(), spec: template.spec.clone(), ..Pod::default() };
    pod.metadata.name = String::new();
    pod.metadata.generate_name = format!("{}-", owner.name);
    pod.metadata.namespace = namespace.to_owned();
    pod.metadata.owner_references = vec![owner];
    pod
}

/// How Pods are ordered for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// More Pods on the node go first.
    ranks: bool,
    /// The annotation pod-deletion-cost counts.
    costs: bool,
    /// Ages are told apart by their logarithm.
    logarithms: bool,
}

impl Order {
    /// `ActivePods`: Jobs and StatefulSets.
    pub const PLAIN: Self = Self { ranks: false, costs: false, logarithms: false };

    /// `ActivePodsWithRanks`: ReplicaSets, which spread over nodes.
    pub fn ranked(version: KubeVersion) -> Self {
        Self {
            ranks: true,
            costs: version.has(Feature::PodDeletionCost),
            logarithms: version.has(Feature::LogarithmicScaleDown),
        }
    }
}

/// The order in which surplus Pods go, first one first; `rank` counts Pods on the same node.
pub fn deletion_order(
    pods: &[Rc<Pod>],
    order: Order,
    now: Instant,
    rank: &dyn Fn(&Pod) -> usize,
) -> Vec<Rc<Pod>> {
    let before = |a: &Pod, b: &Pod| goes_before(a, b, order, now, rank);
    merge_sort(pods.to_vec(), &before)
}

/// The number of these Pods on each node, to rank by.
pub(crate) fn on_nodes(pods: &[Rc<Pod>]) -> Map<String, usize> {
    let mut counts = Map::new();
    for pod in pods {
        *counts.entry(pod.spec.node_name.clone()).or_default() += 1;
    }
    counts
}

/// Kubernetes' comparison is no total order (Pods whose times differ but fall into one bucket
/// compare by UID), and the library's sort may refuse such a one.
fn merge_sort(mut pods: Vec<Rc<Pod>>, before: &dyn Fn(&Pod, &Pod) -> bool) -> Vec<Rc<Pod>> {
    if pods.len() < 2 {
        return pods;
    }
    let right = pods.split_off(pods.len() / 2);
    let mut left = merge_sort(pods, before).into_iter().peekable();
    let mut right = merge_sort(right, before).into_iter().peekable();
    let mut merged = Vec::new();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if before(b, a) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

/// Whether a Pod is deleted before another.
fn goes_before(a: &Pod, b: &Pod, order: Order, now: Instant, rank: &dyn Fn(&Pod) -> usize) -> bool {
    let phase = |pod: &Pod| match pod.status.phase.as_str() {
        "Pending" => 0,
        "Running" => 2,
        _ => 1,
    };
    let state = |pod: &Pod| (!pod.spec.node_name.is_empty(), phase(pod), is_ready(pod));
    let cost_of = |pod: &Pod| if order.costs { cost(pod) } else { 0 };
    let rank_of = |pod: &Pod| if order.ranks { rank(pod) } else { 0 };
    let logarithms = order.logarithms;
    state(a)
        .cmp(&state(b))
        .then_with(|| cost_of(a).cmp(&cost_of(b)))
        .then_with(|| rank_of(b).cmp(&rank_of(a)))
        .then_with(|| {
            if is_ready(a) && is_ready(b) {
                younger((ready_since(a), a), (ready_since(b), b), logarithms, now)
            } else {
                Ordering::Equal
            }
        })
        .then_with(|| restarts(b).cmp(&restarts(a)))
        .then_with(|| {
            let created = |pod: &Pod| pod.metadata.creation_timestamp;
            younger((created(a), a), (created(b), b), logarithms, now)
        })
        .is_lt()
}

fn cost(pod: &Pod) -> i64 {
    let annotation = "controller.kubernetes.io/pod-deletion-cost";
    pod.metadata.annotations.get(annotation).and_then(|cost| cost.parse().ok()).unwrap_or(0)
}

fn restarts(pod: &Pod) -> i32 {
    pod.status.container_statuses.iter().map(|status| status.restart_count).max().unwrap_or(0)
}

fn ready_since(pod: &Pod) -> Option<Instant> {
    pod.status.condition("Ready").and_then(|condition| condition.last_transition_time)
}

/// The later one comes first, and one without a time before all; with logarithms those of the ages
/// are compared, and UIDs when they are the same.
fn younger(
    a: (Option<Instant>, &Pod),
    b: (Option<Instant>, &Pod),
    logarithms: bool,
    now: Instant,
) -> Ordering {
    match (a.0, b.0) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(x), Some(y)) if x == y => Ordering::Equal,
        (Some(x), Some(y)) if !logarithms => y.cmp(&x),
        (Some(x), Some(y)) => {
            // logarithmicRankDiff: the logarithm of nanoseconds.
            let bucket = |at: Instant| {
                let nanos = i128::from(now.since(at).as_micros()) * 1_000;
                if nanos > 0 { 127 - nanos.leading_zeros() as i32 } else { -1 }
            };
            bucket(x).cmp(&bucket(y)).then_with(|| a.1.metadata.uid.cmp(&b.1.metadata.uid))
        }
    }
}

impl World<'_> {
    /// The Pods that an object controls, after it has let go of those that no longer match its
    /// selector and taken in those that match and are nobody's.
    ///
    /// Models controller_ref_manager.go ClaimPods.
    pub(crate) fn claim_pods(
        &mut self,
        actor: Actor,
        reference: &OwnerReference,
        namespace: &str,
        selector: Option<&LabelSelector>,
        cause: Option<EntryId>,
    ) -> Vec<Rc<Pod>> {
        let Some(selector) = selector else { return self.pods_of(&reference.uid) };
        let mut claimed = Vec::new();
        let (mut let_go, mut taken) = (Vec::new(), Vec::new());
        for pod in self.pods_of(&reference.uid) {
            if selector.matches(&pod.metadata.labels) {
                claimed.push(pod);
            } else {
                let_go.push(pod);
            }
        }
        for pod in self.store.orphan_pods() {
            if pod.metadata.namespace == namespace
                && pod.metadata.deletion_timestamp.is_none()
                && !pod.is_terminal()
                && selector.matches(&pod.metadata.labels)
            {
                taken.push(pod.clone());
            }
        }
        for pod in let_go {
            let mut changed = (*pod).clone();
            changed.metadata.owner_references.retain(|owner| owner.uid != reference.uid);
            self.update_pod(actor, changed, Rule::OrphanReleased, cause);
        }
        for pod in taken {
            let mut changed = (*pod).clone();
            changed.metadata.owner_references.push(reference.clone());
            let changed = Rc::new(changed);
            let object = Object::Pod(changed.clone());
            let verb = crate::trace::Verb::Updated;
            self.put(actor, verb, object, Rule::OrphanAdopted, cause);
            claimed.push(changed);
        }
        claimed
    }

    /// Queues the controllers that might take in a Pod which is nobody's.
    pub(crate) fn enqueue_adopters(&mut self, pod: &Pod, entry: EntryId) {
        if controller_of(&pod.metadata).is_some() || pod.metadata.labels.is_empty() {
            return;
        }
        let matches = |namespace: &str, selector: Option<&LabelSelector>| {
            namespace == pod.metadata.namespace
                && selector.is_some_and(|selector| selector.matches(&pod.metadata.labels))
        };
        let kinds = ["ReplicaSet", REPLICATION_CONTROLLER, "StatefulSet", "DaemonSet", "Job"];
        let keys: Vec<Key> = kinds
            .iter()
            .flat_map(|kind| self.store.list(kind))
            .filter(|object| {
                let namespace = &object.metadata().namespace;
                match object {
                    Object::ReplicaSet(set) => matches(namespace, set.spec.selector.as_ref()),
                    Object::StatefulSet(set) => matches(namespace, set.spec.selector.as_ref()),
                    Object::DaemonSet(set) => matches(namespace, set.spec.selector.as_ref()),
                    Object::Job(job) => matches(namespace, job.spec.selector.as_ref()),
                    _ => false,
                }
            })
            .map(Key::of)
            .collect();
        for key in keys {
            self.enqueue_controller(key, entry);
        }
    }

    /// Creates a Pod for its owner and says so.
    pub(crate) fn create_owned_pod(
        &mut self,
        actor: Actor,
        about: &Object,
        pod: Pod,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        if self.namespace_refusal(&pod.metadata.namespace).is_some() {
            // controller_utils.go createPods: nothing is said of a namespace that goes.
            return None;
        }
        let key = Key::of(about);
        let (name, entry) = match self.create_pod(actor, pod, rule, cause) {
            Ok(created) => created,
            Err(error) => {
                let say = warning("FailedCreate", format!("Error creating: {error}"));
                self.say(actor, "", about, say, cause);
                self.memory.creation_error.get_or_insert(error);
                self.retry_creation(key, cause);
                return None;
            }
        };
        self.memory.failed_creations.remove(&key);
        let say = normal("SuccessfulCreate", format!("Created pod: {name}"));
        self.say(actor, "", about, say, Some(entry));
        Some(entry)
    }

    /// A controller that could not create a Pod tries again, later each time.
    ///
    /// Models client-go/util/workqueue/default_rate_limiters.go: 5 ms, doubled, 1000 s at most; and
    /// job_controller.go DefaultJobApiBackOff, MaxJobApiBackOff: 1 s, doubled, 60 s at most; and
    /// endpointslice_controller.go defaultSyncBackOff, maxSyncBackOff.
    pub(crate) fn retry_creation(&mut self, key: Key, cause: Option<EntryId>) {
        let (first, longest) = match key.kind.as_str() {
            "Job" => (1_000, 60),
            "Service" => (1_000, 1_000),
            _ => (5, 1_000),
        };
        let failures = self.memory.failed_creations.entry(key.clone()).or_default();
        let wait = Duration::from_millis(first) * (1_i64 << (*failures).min(18));
        *failures += 1;
        self.enqueue_controller_after(key, wait.min(Duration::from_secs(longest)), cause);
    }

    /// Deletes a Pod for its owner and says so.
    pub(crate) fn delete_owned_pod(
        &mut self,
        actor: Actor,
        about: &Object,
        pod: &Pod,
        cause: Option<EntryId>,
    ) {
        let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
        let entry = self.delete(actor, &key, None, cause);
        let say = normal("SuccessfulDelete", format!("Deleted pod: {}", pod.metadata.name));
        self.say(actor, "", about, say, entry.or(cause));
    }
}

/// Makes so many in batches of 1, 2, 4, …, until one of a batch fails; `make` is told which.
/// Returns the first entry, and how many were made.
///
/// Models controller_utils.go slowStartBatch.
pub(crate) fn slow_start(
    count: usize,
    make: &mut dyn FnMut(usize) -> Option<EntryId>,
) -> (Option<EntryId>, usize) {
    let (mut first, mut made, mut tried, mut batch) = (None, 0, 0, 1);
    while tried < count && made == tried {
        let end = count.min(tried + batch);
        while tried < end {
            let entry = make(tried);
            first = first.or(entry);
            made += usize::from(entry.is_some());
            tried += 1;
        }
        batch *= 2;
    }
    (first, made)
}

/// An Event about something that is as it should be.
pub(crate) fn normal(reason: &'static str, message: String) -> Say<'static> {
    Say { kind: "Normal", reason, message, field_path: String::new() }
}

/// An Event about something that is not.
pub(crate) fn warning(reason: &str, message: String) -> Say<'_> {
    Say { kind: "Warning", reason, message, field_path: String::new() }
}
