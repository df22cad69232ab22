//! The disruption controller: how many Pods of a budget may be evicted now.
//!
//! Models pkg/controller/disruption/disruption.go. Does not own: refusing an eviction
//! (`cluster::eviction`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{is_ready, normal, warning};
use crate::cluster::key::{Key, controller_of};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::policy::{
    DisruptionCondition, PodDisruptionBudget, PodDisruptionBudgetStatus,
};
use crate::manifest::quantity::IntOrString;
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

const ACTOR: Actor = Actor::DisruptionController;

/// What a budget asks for: Pods that there should be, and how many of them must be healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    expected: i32,
    healthy: i32,
}

/// A number, or its share of all, rounded up.
fn scaled(value: &IntOrString, total: i32) -> i32 {
    match value {
        IntOrString::Int(number) => *number,
        IntOrString::String(text) => {
            let percent: i64 =
                text.strip_suffix('%').and_then(|rest| rest.parse().ok()).unwrap_or(0);
            let share = (percent * i64::from(total) + 99) / 100;
            i32::try_from(share).unwrap_or(i32::MAX)
        }
    }
}

/// Whether a budget is about a Pod.
pub(crate) fn covers(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    budget.metadata.namespace == pod.metadata.namespace
        && budget
            .spec
            .selector
            .as_ref()
            .is_some_and(|selector| selector.matches(&pod.metadata.labels))
}

impl World<'_> {
    /// Every budget that is about a Pod.
    pub(crate) fn budgets_of(&self, pod: &Pod) -> Vec<Rc<PodDisruptionBudget>> {
        self.store
            .list("PodDisruptionBudget")
            .filter_map(|object| match object {
                Object::PodDisruptionBudget(budget) if covers(budget, pod) => Some(budget.clone()),
                _ => None,
            })
            .collect()
    }

    /// A Pod has changed: its budgets are counted anew.
    pub(crate) fn enqueue_budgets(&mut self, pod: &Pod, entry: EntryId) {
        for budget in self.budgets_of(pod) {
            let key = Key::of(&Object::PodDisruptionBudget(budget));
            self.enqueue_controller(key, entry);
        }
    }

    /// One look at a budget.
    pub(crate) fn sync_budget(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::PodDisruptionBudget(budget)) = self.store.get(key) else { return };
        let budget = budget.clone();
        let pods: Vec<Rc<Pod>> =
            self.store.pods().filter(|pod| covers(&budget, pod)).cloned().collect();
        let about = Object::PodDisruptionBudget(budget.clone());
        if pods.is_empty() {
            let say = normal("NoPods", "No matching pods found".to_owned());
            self.say(ACTOR, "", &about, say, cause);
        }
        let mut status = PodDisruptionBudgetStatus {
            observed_generation: budget.metadata.generation,
            ..budget.status.clone()
        };
        match self.wanted(&budget, &pods) {
            Ok(wanted) => {
                let healthy =
                    pods.iter().filter(|pod| !pod.is_terminating() && is_ready(pod)).count();
                status.current_healthy = i32::try_from(healthy).unwrap_or(i32::MAX);
                status.desired_healthy = wanted.healthy;
                status.expected_pods = wanted.expected;
                let allowed = status.current_healthy - wanted.healthy;
                status.disruptions_allowed = if wanted.expected > 0 { allowed.max(0) } else { 0 };
                let reason = if status.disruptions_allowed > 0 {
                    ("True", "SufficientPods")
                } else {
                    ("False", "InsufficientPods")
                };
                self.set_allowed(&mut status, reason, "");
            }
            Err(error) => {
                let message = format!("Failed to calculate the number of expected pods: {error}");
                let say = warning("CalculateExpectedPodCountFailed", message);
                self.say(ACTOR, "", &about, say, cause);
                status.disruptions_allowed = 0;
                self.set_allowed(&mut status, ("False", "SyncFailed"), &error);
            }
        }
        if status == budget.status {
            return;
        }
        let changed = PodDisruptionBudget { status, ..(*budget).clone() };
        let object = Object::PodDisruptionBudget(Rc::new(changed));
        self.put(ACTOR, Verb::Updated, object, Rule::BudgetCounted, cause);
    }

    fn set_allowed(
        &self,
        status: &mut PodDisruptionBudgetStatus,
        (is, reason): (&str, &str),
        message: &str,
    ) {
        let old = status.conditions.iter().find(|condition| condition.status == is);
        let since = old.and_then(|old| old.last_transition_time);
        status.conditions = vec![DisruptionCondition {
            kind: "DisruptionAllowed".to_owned(),
            status: is.to_owned(),
            observed_generation: status.observed_generation,
            last_transition_time: since.or(Some(self.now.truncated())),
            reason: reason.to_owned(),
            message: message.to_owned(),
        }];
    }

    /// Models getExpectedPodCount.
    fn wanted(&self, budget: &PodDisruptionBudget, pods: &[Rc<Pod>]) -> Result<Wanted, String> {
        let spec = &budget.spec;
        match (&spec.max_unavailable, &spec.min_available) {
            (Some(most), _) => {
                let expected = self.expected_scale(pods)?;
                let healthy = (expected - scaled(most, expected)).max(0);
                Ok(Wanted { expected, healthy })
            }
            (None, Some(IntOrString::Int(least))) => {
                let expected = i32::try_from(pods.len()).unwrap_or(i32::MAX);
                Ok(Wanted { expected, healthy: *least })
            }
            (None, Some(least @ IntOrString::String(_))) => {
                let expected = self.expected_scale(pods)?;
                Ok(Wanted { expected, healthy: scaled(least, expected) })
            }
            (None, None) => Ok(Wanted { expected: 0, healthy: 0 }),
        }
    }

    /// How many Pods the controllers of these Pods want to have.
    ///
    /// Models getExpectedScale: a Pod without a controller counts for nothing.
    fn expected_scale(&self, pods: &[Rc<Pod>]) -> Result<i32, String> {
        let mut scales: Map<String, i32> = Map::new();
        let mut asked: Set<&str> = Set::new();
        for pod in pods {
            let Some(owner) = controller_of(&pod.metadata) else { continue };
            if !asked.insert(&owner.uid) {
                continue;
            }
            let mut key = Key::new(&owner.kind, &pod.metadata.namespace, &owner.name);
            if let Some(Object::ReplicaSet(set)) = self.store.get(&key)
                && let Some(above) = controller_of(&set.metadata)
            {
                key = Key::new(&above.kind, &pod.metadata.namespace, &above.name);
            }
            let scale = match self.store.get(&key) {
                Some(Object::Deployment(object)) => object.spec.replicas,
                Some(Object::ReplicaSet(object)) => object.spec.replicas,
                Some(Object::StatefulSet(object)) => object.spec.replicas,
                Some(_) => {
                    let resource = crate::cluster::kubectl::plural(&key.kind);
                    return Err(format!("{resource} does not implement the scale subresource"));
                }
                None => continue,
            };
            scales.insert(format!("{}/{}", key.kind, key.name), scale.unwrap_or(1));
        }
        Ok(scales.values().sum())
    }
}
