//! The taint eviction controller: Pods that do not tolerate a NoExecute taint, or not for long.
//!
//! Models pkg/controller/tainteviction/taint_eviction.go. Does not own: who taints a node.

use std::rc::Rc;

use crate::cluster::key::Key;
use crate::cluster::scheduler::tolerates;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::Taint;
use crate::manifest::pod::{Pod, PodCondition};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId};
use crate::version::Feature;

const ACTOR: Actor = Actor::TaintEvictionController;

/// How long a Pod stays on a node with these taints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// As long as it likes.
    ForEver,
    /// Not at all, or so long.
    For(Duration),
}

/// Models getMinTolerationTime: of the tolerations that are used, the shortest counts.
fn stay(pod: &Pod, taints: &[Taint]) -> Stay {
    let mut least: Option<i64> = None;
    for taint in taints {
        let Some(toleration) = pod.spec.tolerations.iter().find(|t| tolerates(t, taint)) else {
            return Stay::For(Duration::ZERO);
        };
        if let Some(seconds) = toleration.toleration_seconds {
            let seconds = seconds.max(0);
            least = Some(least.map_or(seconds, |least| least.min(seconds)));
        }
    }
    least.map_or(Stay::ForEver, |seconds| Stay::For(Duration::from_secs(seconds)))
}

impl World<'_> {
    /// The taints of a node may have changed.
    pub(crate) fn taints_changed(&mut self, node: &str, cause: EntryId) {
        let evicting = self.node_evicts(node);
        if evicting.is_empty() && self.memory.evictions.is_empty() {
            return;
        }
        for pod in self.pods_on(node) {
            self.judge_stay(&pod, &evicting, cause);
        }
    }

    fn node_evicts(&self, node: &str) -> Vec<Taint> {
        match self.store.get(&Key::new("Node", "", node)) {
            Some(Object::Node(node)) => {
                let evicts = |taint: &&Taint| taint.effect == "NoExecute";
                node.spec.taints.iter().filter(evicts).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A Pod was bound, or is gone.
    pub(crate) fn pod_stays(&mut self, pod: &Rc<Pod>, gone: bool, cause: EntryId) {
        if gone {
            return self.cancel_eviction(pod, cause);
        }
        if pod.spec.node_name.is_empty() || self.memory.evictions.contains_key(&pod.metadata.uid) {
            return;
        }
        let evicting = self.node_evicts(&pod.spec.node_name);
        if !evicting.is_empty() {
            self.judge_stay(pod, &evicting, cause);
        }
    }

    fn judge_stay(&mut self, pod: &Rc<Pod>, taints: &[Taint], cause: EntryId) {
        if taints.is_empty() {
            return self.cancel_eviction(pod, cause);
        }
        let uid = pod.metadata.uid.clone();
        let length = match stay(pod, taints) {
            Stay::ForEver => return self.cancel_eviction(pod, cause),
            Stay::For(Duration::ZERO) => {
                // Marked already, and on its way.
                if matches!(self.memory.evictions.get(&uid), Some(None)) {
                    return;
                }
                self.cancel_eviction(pod, cause);
                Duration::ZERO
            }
            // What was promised first counts.
            Stay::For(_) if self.memory.evictions.contains_key(&uid) => return,
            Stay::For(length) => length,
        };
        let wake = Wake::TaintEviction { uid: uid.clone() };
        let token = self.wake_after(length, wake, Some(cause));
        self.memory.evictions.insert(uid, Some(token));
    }

    fn cancel_eviction(&mut self, pod: &Rc<Pod>, cause: EntryId) {
        let Some(Some(token)) = self.memory.evictions.remove(&pod.metadata.uid) else { return };
        self.cancel(token);
        let message =
            format!("Cancelling deletion of Pod {}/{}", pod.metadata.namespace, pod.metadata.name);
        let about = Object::Pod(pod.clone());
        let say = super::pods::normal("TaintManagerEviction", message);
        self.say(ACTOR, "", &about, say, Some(cause));
    }

    /// The time that a Pod tolerates the taint is over.
    pub(crate) fn taint_eviction(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(pod) = self.store.pod_by_uid(uid).cloned() else { return };
        self.memory.evictions.insert(uid.to_owned(), None);
        let metadata = &pod.metadata;
        let key = Key::new("Pod", &metadata.namespace, &metadata.name);
        let message = format!("Marking for deletion Pod {}/{}", metadata.namespace, metadata.name);
        let about = Object::Pod(pod.clone());
        let say = super::pods::normal("TaintManagerEviction", message);
        let cause = self.say(ACTOR, "", &about, say, cause).or(cause);
        let text = "Taint manager: deleting due to NoExecute taint";
        let rule = Rule::TaintEvicts;
        let cause = self.disrupt(ACTOR, &pod, ("DeletionByTaintManager", text), rule, cause);
        self.delete(ACTOR, &key, None, cause);
    }

    /// Says in a Pod's conditions that it ends through no fault of its own.
    ///
    /// Models pkg/util/pod and the condition DisruptionTarget (on since 1.26).
    pub(crate) fn disrupt(
        &mut self,
        actor: Actor,
        pod: &Pod,
        (reason, message): (&str, &str),
        rule: Rule,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        if !self.scenario.version.has(Feature::PodDisruptionConditions) {
            let about = Object::Pod(std::rc::Rc::new(pod.clone()));
            return Some(self.note(actor, &about, message, rule, cause));
        }
        let mut changed = pod.clone();
        changed.status.conditions.retain(|condition| condition.kind != "DisruptionTarget");
        changed.status.conditions.push(PodCondition {
            kind: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
            last_transition_time: Some(self.now.truncated()),
            reason: reason.to_owned(),
            message: message.to_owned(),
            ..PodCondition::default()
        });
        Some(self.update_pod(actor, changed, rule, cause))
    }
}
