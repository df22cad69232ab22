//! The ReplicaSet controller: as many Pods as asked for.
//!
//! Models pkg/controller/replicaset/replica_set.go and controller_utils.go. Does not own: rollouts
//! (`deployment`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::events::Say;
use crate::cluster::store::{Key, controller_of, pod_subject};
use crate::manifest::Object;
use crate::manifest::meta::OwnerReference;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::ReplicaSet;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, Verb};
use crate::version::Feature;

/// The most Pods that one look creates or deletes (BurstReplicas).
const BURST: usize = 500;

impl World<'_> {
    /// Creates or deletes Pods until there are as many as asked for, and counts them.
    pub(crate) fn sync_replicaset(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::ReplicaSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let pods: Vec<Rc<Pod>> = self.pods_of(&set.metadata.uid);
        let active: Vec<Rc<Pod>> = pods
            .iter()
            .filter(|pod| !pod.is_terminal() && !pod.is_terminating())
            .cloned()
            .collect();
        let wanted = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
        let mut cause = cause;
        if set.metadata.deletion_timestamp.is_none() {
            if active.len() < wanted {
                for _ in 0..(wanted - active.len()).min(BURST) {
                    cause = self.create_replica(&set, cause);
                }
            } else if active.len() > wanted {
                let surplus = (active.len() - wanted).min(BURST);
                for pod in self.deletion_order(&active).into_iter().take(surplus) {
                    self.delete_replica(&set, &pod, cause);
                }
            }
        }
        self.count_replicas(key, cause);
    }

    /// The Pods that an object controls.
    pub(crate) fn pods_of(&self, uid: &str) -> Vec<Rc<Pod>> {
        self.store
            .pods()
            .filter(|pod| controller_of(&pod.metadata).is_some_and(|owner| owner.uid == uid))
            .cloned()
            .collect()
    }

    fn create_replica(&mut self, set: &Rc<ReplicaSet>, cause: Option<EntryId>) -> Option<EntryId> {
        let template = &set.spec.template;
        let mut pod = Pod {
            metadata: template.metadata.clone(),
            spec: template.spec.clone(),
            ..Pod::default()
        };
        pod.metadata.name = String::new();
        pod.metadata.namespace.clone_from(&set.metadata.namespace);
        pod.metadata.generate_name = format!("{}-", set.metadata.name);
        pod.metadata.owner_references = vec![OwnerReference {
            api_version: "apps/v1".to_owned(),
            kind: "ReplicaSet".to_owned(),
            name: set.metadata.name.clone(),
            uid: set.metadata.uid.clone(),
            controller: true,
            block_owner_deletion: true,
        }];
        let actor = Actor::ReplicaSetController;
        let (name, entry) = self.create_pod(actor, pod, Rule::ReplicaSetCreates, cause);
        let about = Object::ReplicaSet(set.clone());
        let say = Say {
            kind: "Normal",
            reason: "SuccessfulCreate",
            message: format!("Created pod: {name}"),
            field_path: String::new(),
        };
        self.say(actor, "", &about, say, Some(entry));
        cause.or(Some(entry))
    }

    fn delete_replica(&mut self, set: &Rc<ReplicaSet>, pod: &Pod, cause: Option<EntryId>) {
        let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
        let actor = Actor::ReplicaSetController;
        let what = format!("{} is one too many and goes first", pod.metadata.name);
        let chosen = self.record(Entry {
            at: self.now,
            actor,
            subject: pod_subject(pod, None),
            change: Change::Decided { what: what.into() },
            cause,
            rule: Rule::ReplicaSetDeletes,
        });
        let entry = self.delete(actor, &key, None, Some(chosen));
        let say = Say {
            kind: "Normal",
            reason: "SuccessfulDelete",
            message: format!("Deleted pod: {}", pod.metadata.name),
            field_path: String::new(),
        };
        self.say(actor, "", &Object::ReplicaSet(set.clone()), say, entry.or(cause));
    }

    /// The order in which surplus Pods go, first one first.
    ///
    /// Models controller_utils.go ActivePodsWithRanks.
    fn deletion_order(&self, pods: &[Rc<Pod>]) -> Vec<Rc<Pod>> {
        let on_node = |node: &str| pods.iter().filter(|pod| pod.spec.node_name == node).count();
        // logarithmicRankDiff counts nanoseconds: ages between 275 s and 550 s are alike.
        let nanos = |age: Duration| (age.as_micros().max(0) as u64).saturating_mul(1_000);
        let logarithm = |age: Duration| 64 - nanos(age).leading_zeros();
        let mut order: Vec<Rc<Pod>> = pods.to_vec();
        crate::order::sort_by_key(&mut order, |pod| {
            let status = &pod.status;
            let phase = match status.phase.as_str() {
                "Pending" => 0,
                "Running" => 2,
                _ => 1,
            };
            let cost: i64 = pod
                .metadata
                .annotations
                .get("controller.kubernetes.io/pod-deletion-cost")
                .and_then(|cost| cost.parse().ok())
                .unwrap_or(0);
            let ready = status.condition("Ready").filter(|condition| condition.status == "True");
            let ready_age =
                ready.map_or(0, |ready| logarithm(self.age(ready.last_transition_time)));
            let restarts: i32 = status
                .container_statuses
                .iter()
                .map(|container| container.restart_count)
                .max()
                .unwrap_or(0);
            (
                !pod.spec.node_name.is_empty(),
                phase,
                ready.is_some(),
                cost,
                -(on_node(&pod.spec.node_name) as i64),
                ready_age,
                -restarts,
                logarithm(self.age(pod.metadata.creation_timestamp)),
                pod.metadata.uid.clone(),
            )
        });
        order
    }

    /// Writes how many Pods there are into the ReplicaSet's status.
    ///
    /// Models replica_set_utils.go calculateStatus.
    fn count_replicas(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::ReplicaSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let pods = self.pods_of(&set.metadata.uid);
        let min_ready = Duration::from_secs(i64::from(set.spec.min_ready_seconds));
        let mut status = set.status.clone();
        let (mut replicas, mut ready, mut available, mut terminating) = (0, 0, 0, 0);
        let mut next_look: Option<Duration> = None;
        for pod in &pods {
            if pod.is_terminating() {
                terminating += 1;
                continue;
            }
            if pod.is_terminal() {
                continue;
            }
            replicas += 1;
            let condition = pod.status.condition("Ready").filter(|c| c.status == "True");
            if let Some(condition) = condition {
                ready += 1;
                let age = self.age(condition.last_transition_time);
                if age >= min_ready {
                    available += 1;
                } else {
                    let left = min_ready - age;
                    next_look = Some(next_look.map_or(left, |known| known.min(left)));
                }
            }
        }
        status.replicas = replicas;
        status.fully_labeled_replicas = replicas;
        status.ready_replicas = ready;
        status.available_replicas = available;
        status.observed_generation = set.metadata.generation;
        if self.scenario.version.has(Feature::TerminatingReplicas) {
            status.terminating_replicas = Some(terminating);
        }
        if let Some(delay) = next_look {
            self.enqueue_controller_after(key.clone(), delay, cause);
        }
        if status != set.status {
            let changed = ReplicaSet { status, ..(*set).clone() };
            let object = Object::ReplicaSet(Rc::new(changed));
            let actor = Actor::ReplicaSetController;
            self.put(actor, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }
}
