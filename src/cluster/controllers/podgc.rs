//! The Pod garbage collector: Pods that nobody else would ever remove.
//!
//! Models pkg/controller/podgc/gc_controller.go. It looks every 20 s; here only while there is
//! something to find. Does not own: what owners leave behind (`garbage`).

use std::rc::Rc;

use crate::cluster::key::Key;
use crate::cluster::random::Random;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::Node;
use crate::manifest::pod::{Pod, PodCondition};
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId};
use crate::version::Feature;

const ACTOR: Actor = Actor::PodGarbageCollector;

/// How often it looks (gcCheckPeriod).
const PERIOD: Duration = Duration::from_secs(20);
/// How long a node has to be missing before its Pods go (quarantineTime).
const QUARANTINE: Duration = Duration::from_secs(40);
/// Pods that have ended and may stay (--terminated-pod-gc-threshold).
const ENDED_MAX: usize = 12_500;
/// The taint by which a person says that a machine is off for good.
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// What it remembers between two looks.
#[derive(Debug, Default)]
pub(crate) struct PodGc {
    /// The next look is queued.
    queued: bool,
    /// Nodes that are missing, and when that is certain.
    missing: Map<String, Instant>,
}

/// Which of these Pods, which have all ended, are too many: evicted ones first, then the oldest.
fn too_many(mut ended: Vec<Rc<Pod>>, most: usize) -> Vec<Rc<Pod>> {
    crate::order::sort_by_key(&mut ended, |pod| {
        let metadata = &pod.metadata;
        (pod.status.reason != "Evicted", metadata.creation_timestamp, metadata.name.clone())
    });
    ended.truncate(ended.len().saturating_sub(most));
    ended
}

impl World<'_> {
    /// There is, or may be, something to find.
    pub(crate) fn pod_gc_needed(&mut self, cause: Option<EntryId>) {
        if self.memory.pod_gc.queued {
            return;
        }
        self.memory.pod_gc.queued = true;
        let mut luck = Random::keyed(self.scenario.seed, "podgc", "", 0);
        let phase = Instant::ZERO + luck.between(Duration::ZERO, PERIOD);
        let at = (self.now + Duration::from_micros(1)).next_tick(phase, PERIOD);
        self.wake_at(at, Wake::PodGc, cause);
    }

    /// A Pod was written: is it one that the collector has to look at?
    pub(crate) fn pod_gc_sees(&mut self, pod: &Pod, entry: EntryId) {
        let node = &pod.spec.node_name;
        let lost = match node.is_empty() {
            true => pod.is_terminating(),
            false => self.registered(node).is_none(),
        };
        if lost || (pod.is_terminal() && self.store.count("Pod") > ENDED_MAX) {
            self.pod_gc_needed(Some(entry));
        }
    }

    /// A Node was written, or is gone.
    pub(crate) fn pod_gc_sees_node(&mut self, node: &Node, gone: bool, entry: EntryId) {
        if gone || is_out_of_service(node) {
            self.pod_gc_needed(Some(entry));
        }
    }

    /// One look.
    pub(crate) fn pod_gc(&mut self, cause: Option<EntryId>) {
        self.memory.pod_gc.queued = false;
        let now = self.now;
        let pods: Vec<Rc<Pod>> = self.store.pods().cloned().collect();
        let mut again = false;
        let ended = pods.iter().filter(|pod| pod.is_terminal()).cloned().collect();
        for pod in too_many(ended, ENDED_MAX) {
            self.collect_pod(&pod, "too many Pods have ended", None, cause);
        }
        for pod in &pods {
            let node = &pod.spec.node_name;
            if !node.is_empty() && self.registered(node).is_none() {
                self.memory.pod_gc.missing.entry(node.clone()).or_insert(now + QUARANTINE);
            }
        }
        let missing = std::mem::take(&mut self.memory.pod_gc.missing);
        let (sure, waiting): (Map<_, _>, Map<_, _>) =
            missing.into_iter().partition(|(_, until)| *until <= now);
        self.memory.pod_gc.missing =
            waiting.into_iter().filter(|(node, _)| self.registered(node).is_none()).collect();
        again |= !self.memory.pod_gc.missing.is_empty();
        for pod in &pods {
            let node = &pod.spec.node_name;
            if node.is_empty() {
                if pod.is_terminating() {
                    self.collect_pod(pod, "it has no node and is being deleted", None, cause);
                }
                continue;
            }
            match self.registered(node) {
                None if sure.contains_key(node) => {
                    let what = "its node no longer exists";
                    self.collect_pod(pod, what, Some("PodGC: node no longer exists"), cause);
                }
                Some(object) if is_out_of_service(&object) => {
                    again = true;
                    if pod.is_terminating() && !object.status.ready() {
                        self.collect_pod(pod, "its node is out of service", None, cause);
                    }
                }
                Some(_) | None => {}
            }
        }
        if again {
            self.pod_gc_needed(cause);
        }
    }

    /// The Node object of a name.
    pub(crate) fn registered(&self, node: &str) -> Option<Rc<Node>> {
        match self.store.get(&Key::new("Node", "", node)) {
            Some(Object::Node(node)) => Some(node.clone()),
            _ => None,
        }
    }

    /// Models markFailedAndDeletePodWithCondition: nobody else would say that the Pod has ended.
    fn collect_pod(
        &mut self,
        pod: &Rc<Pod>,
        what: &str,
        disruption: Option<&str>,
        cause: Option<EntryId>,
    ) {
        let about = Object::Pod(pod.clone());
        let mut entry = self.note(ACTOR, &about, what, Rule::PodGarbageCollected, cause);
        if !pod.is_terminal() {
            let mut changed = (**pod).clone();
            changed.status.phase = "Failed".to_owned();
            let version = self.scenario.version;
            if let Some(message) =
                disruption.filter(|_| version.has(Feature::PodDisruptionConditions))
            {
                let condition = PodCondition {
                    kind: "DisruptionTarget".to_owned(),
                    status: "True".to_owned(),
                    reason: "DeletionByPodGC".to_owned(),
                    message: message.to_owned(),
                    last_transition_time: Some(self.now.truncated()),
                    ..PodCondition::default()
                };
                changed.status.conditions.retain(|known| known.kind != condition.kind);
                changed.status.conditions.push(condition);
            }
            entry = self.update_pod(ACTOR, changed, Rule::PodGarbageCollected, Some(entry));
        }
        self.delete(ACTOR, &Key::of(&about), Some(0), Some(entry));
    }
}

fn is_out_of_service(node: &Node) -> bool {
    node.spec.taints.iter().any(|taint| taint.key == OUT_OF_SERVICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evicted_pods_go_first_and_then_the_oldest() {
        let pod = |name: &str, created: i64, reason: &str| {
            let mut pod = Pod::default();
            name.clone_into(&mut pod.metadata.name);
            pod.metadata.creation_timestamp = Some(Instant::from_secs(created));
            reason.clone_into(&mut pod.status.reason);
            Rc::new(pod)
        };
        let ended = vec![pod("new", 3, ""), pod("old", 1, ""), pod("evicted", 2, "Evicted")];
        let names = |most| -> Vec<String> {
            too_many(ended.clone(), most).iter().map(|pod| pod.metadata.name.clone()).collect()
        };
        assert_eq!(names(1), ["evicted", "old"]);
        assert_eq!(names(3), [""; 0]);
    }
}
