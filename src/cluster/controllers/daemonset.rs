//! The DaemonSet controller: one Pod on every node that fits.
//!
//! Models pkg/controller/daemon/daemon_controller.go and update.go. Does not own: binding (the
//! scheduler does it; the Pod only names its node).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{from_template, is_ready, owner, until_available, warning};
use crate::cluster::controllers::revisions::REVISION_LABEL;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::meta::LabelSelectorRequirement;
use crate::manifest::pod::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorTerm, Pod, PodSpec, Toleration,
};
use crate::manifest::quantity::IntOrString;
use crate::manifest::workloads::{DaemonSet, DaemonSetStatus};
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId, Verb};

const ACTOR: Actor = Actor::DaemonSetController;

/// First and longest wait before a failed Pod of a node is deleted again
/// (pkg/controller/daemon: failedPodsBackoff, 1 s to 15 min).
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(900));

/// Counts the templates that a DaemonSet has had (apps/v1 conversion.go).
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Counts the template of a DaemonSet that is written.
///
/// Models pkg/registry/apps/daemonset/strategy.go PrepareForCreate and PrepareForUpdate.
pub(crate) fn count_template(object: &mut Object, before: Option<&Object>) {
    let Object::DaemonSet(set) = object else { return };
    let number = match before {
        Some(Object::DaemonSet(old)) => {
            let known = old.metadata.annotations.get(TEMPLATE_GENERATION);
            let known: i64 = known.and_then(|number| number.parse().ok()).unwrap_or(1);
            known + i64::from(old.spec.template != set.spec.template)
        }
        _ => 1,
    };
    let number = number.to_string();
    if set.metadata.annotations.get(TEMPLATE_GENERATION) != Some(&number) {
        let annotations = &mut Rc::make_mut(set).metadata.annotations;
        annotations.insert(TEMPLATE_GENERATION.to_owned(), number);
    }
}

/// What a look at one node finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// A Pod shall run here.
    Yes,
    /// None shall be made, one that is here may stay.
    Stay,
    /// None shall be here.
    No,
}

impl World<'_> {
    /// One look at a DaemonSet.
    pub(crate) fn sync_daemon_set(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::DaemonSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        if set.metadata.deletion_timestamp.is_some() {
            return;
        }
        let reference = owner("apps/v1", "DaemonSet", &set.metadata);
        let selector = set.spec.selector.clone();
        let pods = self.claim_pods(ACTOR, &reference, &key.namespace, selector.as_ref(), cause);
        let history = usize::try_from(set.spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
        let live: Vec<String> = pods
            .iter()
            .filter_map(|pod| pod.metadata.labels.get(REVISION_LABEL))
            .map(|hash| format!("{}-{hash}", set.metadata.name))
            .collect();
        let revision = self.revision_of(
            ACTOR,
            &reference,
            &key.namespace,
            &set.spec.template,
            (history, &live),
            cause,
        );
        let prefix = format!("{}-", set.metadata.name);
        let hash = revision.name.strip_prefix(&prefix).unwrap_or(&revision.name).to_owned();
        let by_node = by_node(&pods);
        let changed = self.manage_daemons(&set, &by_node, &hash, cause);
        if !changed && set.spec.update_strategy.kind == "RollingUpdate" {
            self.roll_daemons(&set, &by_node, &hash, cause);
        }
        self.count_daemons(key, &hash, cause);
    }

    fn fit(&self, set: &DaemonSet, node: usize) -> Fit {
        let mut pod = Pod { spec: set.spec.template.spec.clone(), ..Pod::default() };
        tolerate(&mut pod.spec);
        if !self.selects_node(&pod, node) {
            return Fit::No;
        }
        let untolerated = |effect: &str| {
            self.nodes[node].taints.iter().any(|taint| {
                taint.effect == effect && !crate::cluster::scheduler::is_tolerated(&pod, taint)
            })
        };
        if untolerated("NoExecute") {
            Fit::No
        } else if untolerated("NoSchedule") {
            Fit::Stay
        } else {
            Fit::Yes
        }
    }

    /// Creates Pods where they are missing and deletes those that should not be. Returns whether
    /// it did anything.
    ///
    /// Models daemon_controller.go manage and podsShouldBeOnNode.
    fn manage_daemons(
        &mut self,
        set: &Rc<DaemonSet>,
        by_node: &Map<String, Vec<Rc<Pod>>>,
        hash: &str,
        cause: Option<EntryId>,
    ) -> bool {
        let about = Object::DaemonSet(set.clone());
        let (mut missing, mut surplus) = (Vec::new(), Vec::new());
        for index in self.members() {
            let name = self.nodes[index].name.clone();
            let here = by_node.get(&name).map(Vec::as_slice).unwrap_or_default();
            match self.fit(set, index) {
                Fit::Yes if here.is_empty() => missing.push(name),
                Fit::Yes | Fit::Stay => {
                    surplus.extend(self.surplus_of_node(set, &name, here, hash, cause));
                }
                Fit::No => surplus.extend(here.iter().filter(|p| !p.is_terminating()).cloned()),
            }
        }
        // getUnscheduledPodsWithoutNode: nobody else removes a Pod whose node is gone before it
        // got there.
        for pod in by_node.values().flatten() {
            let lost = pod.spec.node_name.is_empty()
                && !pod.is_terminating()
                && node_of(pod).is_some_and(|node| self.registered(&node).is_none());
            surplus.extend(lost.then(|| pod.clone()));
        }
        let changed = !missing.is_empty() || !surplus.is_empty();
        for name in missing {
            let pod = daemon_pod(set, &name, hash);
            self.create_owned_pod(ACTOR, &about, pod, Rule::DaemonSetCreates, cause);
        }
        for pod in surplus {
            self.delete_owned_pod(ACTOR, &about, &pod, cause);
        }
        changed
    }

    /// Failed Pods go, after a back-off; of several only the oldest stays.
    fn surplus_of_node(
        &mut self,
        set: &Rc<DaemonSet>,
        node: &str,
        here: &[Rc<Pod>],
        hash: &str,
        cause: Option<EntryId>,
    ) -> Vec<Rc<Pod>> {
        let about = Object::DaemonSet(set.clone());
        let mut surplus = Vec::new();
        let mut running: Vec<Rc<Pod>> = Vec::new();
        for pod in here.iter().filter(|pod| !pod.is_terminating()) {
            let name = &pod.metadata.name;
            let place = format!("{}/{name} on node {node}", pod.metadata.namespace);
            match pod.status.phase.as_str() {
                "Failed" => {
                    if let Some(left) = self.daemon_backoff(set, node) {
                        let key = Key::of(&about);
                        self.enqueue_controller_after(key, left, cause);
                        continue;
                    }
                    let message = format!("Found failed daemon pod {place}, will try to kill it");
                    self.say(ACTOR, "", &about, warning("FailedDaemonPod", message), cause);
                    surplus.push(pod.clone());
                }
                "Succeeded" => {
                    let message =
                        format!("Found succeeded daemon pod {place}, will try to delete it");
                    let say = super::pods::normal("SucceededDaemonPod", message);
                    self.say(ACTOR, "", &about, say, cause);
                    surplus.push(pod.clone());
                }
                _ => running.push(pod.clone()),
            }
        }
        crate::order::sort_by_key(&mut running, |pod| {
            (pod.metadata.creation_timestamp, pod.metadata.uid.clone())
        });
        let of_now = |pod: &Pod| pod.metadata.labels.get(REVISION_LABEL).is_some_and(|h| h == hash);
        if max_surge(set, self.members().len()) == 0 {
            surplus.extend(running.into_iter().skip(1));
            return surplus;
        }
        // With a surge the old one stays until the new one is available.
        let (new, old): (Vec<_>, Vec<_>) = running.into_iter().partition(|pod| of_now(pod));
        surplus.extend(new.iter().skip(1).cloned());
        surplus.extend(old.iter().skip(1).cloned());
        let available = new.first().is_some_and(|pod| self.is_available(set, pod));
        if available {
            surplus.extend(old.first().cloned());
        }
        surplus
    }

    fn is_available(&self, set: &DaemonSet, pod: &Pod) -> bool {
        until_available(pod, set.spec.min_ready_seconds, self.now)
            .is_some_and(|left| left == Duration::ZERO)
    }

    /// How much longer a failed Pod of this node is left alone; counts it when not at all.
    fn daemon_backoff(&mut self, set: &DaemonSet, node: &str) -> Option<Duration> {
        let key = format!("{}/{node}", set.metadata.uid);
        let now = self.now;
        let known = self.memory.daemon_backoff.get(&key).copied();
        let (wait, since): (Duration, Instant) = match known {
            Some((wait, since)) if now.since(since) < wait => return Some(wait - now.since(since)),
            // client-go/util/flowcontrol: forgotten after twice the longest wait.
            Some((wait, since)) if now.since(since) < BACKOFF.1 * 2 => {
                ((wait * 2).min(BACKOFF.1), now)
            }
            Some(_) | None => (BACKOFF.0, now),
        };
        self.memory.daemon_backoff.insert(key, (wait, since));
        None
    }

    /// Replaces Pods of older templates, as many as may be unavailable.
    ///
    /// Models update.go rollingUpdate.
    fn roll_daemons(
        &mut self,
        set: &Rc<DaemonSet>,
        by_node: &Map<String, Vec<Rc<Pod>>>,
        hash: &str,
        cause: Option<EntryId>,
    ) {
        let nodes =
            self.members().into_iter().filter(|node| self.fit(set, *node) == Fit::Yes).count();
        let surge = max_surge(set, nodes);
        let unavailable_max = max_unavailable(set, nodes);
        let (mut unavailable, mut surging) = (0, 0);
        let (mut broken, mut working) = (Vec::new(), Vec::new());
        for pods in by_node.values() {
            let alive = || pods.iter().filter(|pod| !pod.is_terminating());
            let is_new =
                |pod: &Rc<Pod>| pod.metadata.labels.get(REVISION_LABEL).is_some_and(|h| h == hash);
            let new = alive().find(|pod| is_new(pod));
            let old = alive().find(|pod| !is_new(pod));
            match (new, old) {
                (Some(new), None) => unavailable += i32::from(!self.is_available(set, new)),
                (None, Some(old)) if !self.is_available(set, old) => broken.push(old.clone()),
                (None, Some(old)) => working.push(old.clone()),
                (Some(_), Some(_)) => surging += 1,
                (None, None) => unavailable += 1,
            }
        }
        let about = Object::DaemonSet(set.clone());
        let room = usize::try_from(unavailable_max - unavailable).unwrap_or(0);
        if surge == 0 {
            let going: Vec<Rc<Pod>> =
                broken.into_iter().chain(working.into_iter().take(room)).collect();
            for pod in going {
                let what = format!("{} has an older template", pod.metadata.name);
                let noted = self.note(ACTOR, &about, &what, Rule::DaemonSetUpdates, cause);
                self.delete_owned_pod(ACTOR, &about, &pod, Some(noted));
            }
            return;
        }
        let room = usize::try_from(surge - surging).unwrap_or(0);
        for old in broken.iter().chain(working.iter().take(room)) {
            let Some(node) = node_of(old) else { continue };
            let pod = daemon_pod(set, &node, hash);
            self.create_owned_pod(ACTOR, &about, pod, Rule::DaemonSetUpdates, cause);
        }
    }

    /// Writes the DaemonSet's status.
    ///
    /// Models daemon_controller.go updateDaemonSetStatus.
    fn count_daemons(&mut self, key: &Key, hash: &str, cause: Option<EntryId>) {
        let Some(Object::DaemonSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let pods = self.pods_of(&set.metadata.uid);
        let by_node = by_node(&pods);
        let mut status = DaemonSetStatus {
            observed_generation: set.metadata.generation,
            collision_count: set.status.collision_count,
            conditions: set.status.conditions.clone(),
            ..DaemonSetStatus::default()
        };
        let mut waits: Option<Duration> = None;
        for index in self.members() {
            let here = by_node.get(&self.nodes[index].name).map(Vec::as_slice).unwrap_or_default();
            if self.fit(&set, index) != Fit::Yes {
                status.number_misscheduled += i32::from(!here.is_empty());
                continue;
            }
            status.desired_number_scheduled += 1;
            if here.is_empty() {
                continue;
            }
            status.current_number_scheduled += 1;
            // podByCreationTimestampAndPhase: of several the oldest that has a node counts.
            let oldest = here.iter().min_by_key(|pod| {
                let metadata = &pod.metadata;
                let waits = pod.spec.node_name.is_empty();
                (waits, metadata.creation_timestamp, metadata.name.as_str())
            });
            let Some(pod) = oldest else { continue };
            // daemon_controller.go updatePod: when another one will be available, and a second.
            for other in here.iter().filter(|other| other.metadata.uid != pod.metadata.uid) {
                let left = until_available(other, set.spec.min_ready_seconds, self.now);
                let later = left.filter(|left| *left > Duration::ZERO);
                let later = later.map(|left| left + Duration::from_secs(1));
                waits = match (waits, later) {
                    (Some(known), Some(later)) => Some(known.min(later)),
                    (known, later) => known.or(later),
                };
            }
            if is_ready(pod) {
                status.number_ready += 1;
                let left = until_available(pod, set.spec.min_ready_seconds, self.now);
                match left {
                    Some(left) if left > Duration::ZERO => {
                        waits = Some(waits.map_or(left, |known| known.min(left)));
                    }
                    Some(_) => status.number_available += 1,
                    None => {}
                }
            }
            let newest = pod.metadata.labels.get(REVISION_LABEL).is_some_and(|h| h == hash);
            status.updated_number_scheduled += i32::from(newest);
        }
        status.number_unavailable = status.desired_number_scheduled - status.number_available;
        if let Some(left) = waits {
            self.enqueue_controller_after(key.clone(), left, cause);
        }
        if status != set.status {
            let object = Object::DaemonSet(Rc::new(DaemonSet { status, ..(*set).clone() }));
            self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }

    /// A node has changed: every DaemonSet looks again.
    pub(crate) fn enqueue_daemon_sets(&mut self, entry: EntryId) {
        let keys: Vec<Key> = self.store.list("DaemonSet").map(Key::of).collect();
        for key in keys {
            self.enqueue_controller(key, entry);
        }
    }
}

/// The Pods by the node that they are on, or are meant for.
fn by_node(pods: &[Rc<Pod>]) -> Map<String, Vec<Rc<Pod>>> {
    let mut by_node: Map<String, Vec<Rc<Pod>>> = Map::new();
    for pod in pods {
        if let Some(node) = node_of(pod) {
            by_node.entry(node).or_default().push(pod.clone());
        }
    }
    by_node
}

fn node_of(pod: &Pod) -> Option<String> {
    if !pod.spec.node_name.is_empty() {
        return Some(pod.spec.node_name.clone());
    }
    let required = pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let fields = &required.node_selector_terms.first()?.match_fields;
    fields.iter().find(|field| field.key == "metadata.name")?.values.first().cloned()
}

/// The Pod for a node: the scheduler may put it nowhere else.
///
/// Models util/daemonset_util.go ReplaceDaemonSetPodNodeNameNodeAffinity.
fn daemon_pod(set: &DaemonSet, node: &str, hash: &str) -> Pod {
    let reference = owner("apps/v1", "DaemonSet", &set.metadata);
    let mut pod = from_template(&set.spec.template, &set.metadata.namespace, reference);
    pod.metadata.labels.insert(REVISION_LABEL.to_owned(), hash.to_owned());
    let generation = set.metadata.annotations.get(TEMPLATE_GENERATION).cloned();
    let generation = generation.unwrap_or_else(|| "1".to_owned());
    pod.metadata.labels.insert("pod-template-generation".to_owned(), generation);
    tolerate(&mut pod.spec);
    let here = LabelSelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: vec![node.to_owned()],
    };
    let affinity = pod.spec.affinity.get_or_insert_with(Affinity::default);
    let affinity = affinity.node_affinity.get_or_insert_with(NodeAffinity::default);
    let required = affinity.required.get_or_insert_with(NodeSelector::default);
    if required.node_selector_terms.is_empty() {
        required.node_selector_terms.push(NodeSelectorTerm::default());
    }
    for term in &mut required.node_selector_terms {
        term.match_fields = vec![here.clone()];
    }
    pod
}

/// What every Pod of a DaemonSet puts up with.
///
/// Models util/daemonset_util.go AddOrUpdateDaemonPodTolerations.
fn tolerate(spec: &mut PodSpec) {
    let mut wanted = vec![
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];
    if spec.host_network {
        wanted.push(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    }
    for (key, effect) in wanted {
        spec.tolerations.push(Toleration {
            key: key.to_owned(),
            operator: "Exists".to_owned(),
            effect: effect.to_owned(),
            ..Toleration::default()
        });
    }
}

fn amount(value: Option<&IntOrString>, total: usize) -> i32 {
    match value {
        None => 0,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let product = percent.saturating_mul(total as i64);
            // Both round up (util/daemonset_util.go UnavailableCount, SurgeCount).
            i32::try_from((product + 99) / 100).unwrap_or(i32::MAX)
        }
    }
}

fn max_unavailable(set: &DaemonSet, nodes: usize) -> i32 {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    amount(rolling.and_then(|rolling| rolling.max_unavailable.as_ref()), nodes)
}

fn max_surge(set: &DaemonSet, nodes: usize) -> i32 {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    amount(rolling.and_then(|rolling| rolling.max_surge.as_ref()), nodes)
}
