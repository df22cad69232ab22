//! The ReplicaSet controller: as many Pods as asked for.
//!
//! Models pkg/controller/replicaset/replica_set.go and controller_utils.go. Does not own: rollouts
//! (`deployment`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{
    Order, deletion_order, from_template, is_active, on_nodes, owner, slow_start,
};
use crate::cluster::key::{Key, controller_of};
use crate::cluster::store::Tally;
use crate::manifest::Object;
use crate::manifest::meta::OwnerReference;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::{
    REPLICATION_CONTROLLER, ReplicaSet, ReplicaSetStatus, WorkloadCondition,
};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

/// The condition of a set whose Pods cannot be made, and of its Deployment.
pub(crate) const REPLICA_FAILURE: &str = "ReplicaFailure";
/// The most Pods that one look creates or deletes (BurstReplicas).
const BURST: usize = 500;

/// Who looks after a set: there are two controllers of one code.
///
/// Models pkg/controller/replication/replication_controller.go.
fn actor(set: &ReplicaSet) -> Actor {
    if set.kind == REPLICATION_CONTROLLER {
        Actor::ReplicationController
    } else {
        Actor::ReplicaSetController
    }
}

fn reference(set: &ReplicaSet) -> OwnerReference {
    let (api_version, kind) = set.type_meta();
    owner(api_version, kind, &set.metadata)
}

impl World<'_> {
    /// Creates or deletes Pods until there are as many as asked for, and counts them.
    pub(crate) fn sync_replicaset(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::ReplicaSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let reference = reference(&set);
        let selector = set.spec.selector.clone();
        let actor = actor(&set);
        let wanted = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
        // Where nobody can have come or gone but by this controller, nobody is looked at.
        let known = self.store.tally(&set.metadata.uid).filter(|tally| {
            let at_home = !tally.relabelled && self.store.has_no_orphans();
            at_home && tally.active <= wanted && set.spec.min_ready_seconds == 0
        });
        let members = if known.is_some() { 0 } else { self.pods_of(&set.metadata.uid).len() };
        let pods = match known {
            Some(_) => Vec::new(),
            None => self.claim_pods(actor, &reference, &key.namespace, selector.as_ref(), cause),
        };
        let count = known
            .map_or_else(|| pods.iter().filter(|pod| is_active(pod)).count(), |tally| tally.active);
        let mut cause = cause;
        let mut changed = false;
        self.memory.creation_error = None;
        // Taking a Pod in is two requests, and each is watched: what is too many goes at the look
        // that its own change brings.
        let adopted = pods.len() > members;
        if set.metadata.deletion_timestamp.is_none() {
            if count < wanted {
                changed = true;
                let missing = (wanted - count).min(BURST);
                let (first, _) = slow_start(missing, &mut |_| self.create_replica(&set, cause));
                cause = cause.or(first);
            } else if count > wanted && !adopted {
                changed = true;
                let active: Vec<Rc<Pod>> =
                    pods.iter().filter(|pod| is_active(pod)).cloned().collect();
                let surplus = (active.len() - wanted).min(BURST);
                let counts = on_nodes(&active);
                let rank = |pod: &Pod| counts.get(&pod.spec.node_name).copied().unwrap_or(0);
                let order = Order::ranked(self.scenario.version);
                let order = deletion_order(&active, order, self.now, &rank);
                let about = Object::ReplicaSet(set.clone());
                for pod in order.into_iter().take(surplus) {
                    let what = format!("{} is one too many", pod.metadata.name);
                    let noted = self.note(actor, &about, &what, Rule::ReplicaSetDeletes, cause);
                    self.delete_owned_pod(actor, &about, &pod, Some(noted));
                }
            }
        }
        // The same Pods are counted, unless there are others now.
        if known.is_some()
            && let Some(tally) = self.store.tally(&set.metadata.uid)
        {
            return self.write_counts(key, tally, tally.ready, cause);
        }
        let pods = if changed { self.pods_of(&set.metadata.uid) } else { pods };
        self.count_replicas(key, &pods, cause);
    }

    /// The Pods that an object controls.
    pub(crate) fn pods_of(&self, uid: &str) -> Vec<Rc<Pod>> {
        self.store
            .dependents(uid)
            .filter_map(|object| match object {
                Object::Pod(pod)
                    if controller_of(&pod.metadata).is_some_and(|owner| owner.uid == uid) =>
                {
                    Some(pod.clone())
                }
                _ => None,
            })
            .collect()
    }

    fn create_replica(&mut self, set: &Rc<ReplicaSet>, cause: Option<EntryId>) -> Option<EntryId> {
        let pod = from_template(&set.spec.template, &set.metadata.namespace, reference(set));
        let about = Object::ReplicaSet(set.clone());
        self.create_owned_pod(actor(set), &about, pod, Rule::ReplicaSetCreates, cause)
    }

    /// Writes how many Pods there are into the ReplicaSet's status.
    ///
    /// Models replica_set_utils.go calculateStatus.
    fn count_replicas(&mut self, key: &Key, pods: &[Rc<Pod>], cause: Option<EntryId>) {
        let Some(Object::ReplicaSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let min_ready = Duration::from_secs(i64::from(set.spec.min_ready_seconds));
        let (mut tally, mut available) = (Tally::default(), 0);
        let mut next_look: Option<Duration> = None;
        for pod in pods {
            if pod.is_terminating() {
                tally.terminating += 1;
                continue;
            }
            if pod.is_terminal() {
                continue;
            }
            tally.active += 1;
            let condition = pod.status.condition("Ready").filter(|c| c.status == "True");
            if let Some(condition) = condition {
                tally.ready += 1;
                let age = self.age(condition.last_transition_time);
                if age >= min_ready {
                    available += 1;
                } else {
                    let left = min_ready - age;
                    next_look = Some(next_look.map_or(left, |known| known.min(left)));
                }
            }
        }
        if let Some(delay) = next_look {
            self.enqueue_controller_after(key.clone(), delay, cause);
        }
        self.write_counts(key, tally, available, cause);
    }

    /// Whether Pods could be made is a condition; it keeps the words of the first failure.
    ///
    /// Models replica_set_utils.go calculateStatus, from manageReplicasErr on.
    fn note_failure(&mut self, status: &mut ReplicaSetStatus) {
        let error = self.memory.creation_error.take();
        let known = status.conditions.iter().any(|condition| condition.kind == REPLICA_FAILURE);
        match error {
            Some(message) if !known => status.conditions.push(WorkloadCondition {
                kind: REPLICA_FAILURE.to_owned(),
                status: "True".to_owned(),
                reason: "FailedCreate".to_owned(),
                message,
                last_transition_time: Some(self.now.truncated()),
                ..WorkloadCondition::default()
            }),
            Some(_) => {}
            None => status.conditions.retain(|condition| condition.kind != REPLICA_FAILURE),
        }
    }

    fn write_counts(&mut self, key: &Key, tally: Tally, available: usize, cause: Option<EntryId>) {
        let Some(Object::ReplicaSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let mut status = set.status.clone();
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        status.replicas = number(tally.active);
        status.fully_labeled_replicas = number(tally.active);
        status.ready_replicas = number(tally.ready);
        status.available_replicas = number(available);
        status.observed_generation = set.metadata.generation;
        self.note_failure(&mut status);
        let counts = set.kind != REPLICATION_CONTROLLER;
        if counts && self.scenario.version.has(Feature::TerminatingReplicas) {
            status.terminating_replicas = Some(number(tally.terminating));
        }
        if status != set.status {
            let changed = ReplicaSet { status, ..(*set).clone() };
            let object = Object::ReplicaSet(Rc::new(changed));
            self.put(actor(&set), Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }
}
