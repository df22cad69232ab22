//! The node lifecycle controller: a kubelet that is silent for too long, and taints that say so.
//!
//! Models pkg/controller/nodelifecycle/node_lifecycle_controller.go. Leases are not stored: when a
//! kubelet renewed its own follows from the beat on which it does so. Does not own: what a taint
//! does to Pods (`taint_eviction`).

use std::rc::Rc;

use crate::cluster::key::Key;
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::random::Random;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::{Node, Taint};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

const ACTOR: Actor = Actor::NodeLifecycleController;

/// How often the controller looks at every node (nodeMonitorPeriod).
const MONITOR_PERIOD: Duration = Duration::from_secs(5);
/// How often a kubelet renews its lease: a quarter of its 40 s (kubelet.go, renewIntervalFraction).
const RENEW_PERIOD: Duration = Duration::from_secs(10);
/// Silence after which nothing is known of a node (nodeMonitorGracePeriod), since 1.32 and before.
const GRACE: (Duration, Duration) = (Duration::from_secs(50), Duration::from_secs(40));
/// Zones with more broken nodes than this, and with such a share of them, are left alone
/// (ComputeZoneState: more than two, and 55 %).
const PARTIAL: (usize, usize) = (2, 55);

const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const NO_EXECUTE: &str = "NoExecute";

fn has_taint(node: &Node, key: &str, effect: &str) -> bool {
    node.spec.taints.iter().any(|taint| taint.key == key && taint.effect == effect)
}

/// Taints of effect NoSchedule that the controller keeps in step with a node's state.
fn no_schedule_taints(node: &Node) -> [(&'static str, bool); 5] {
    let ready = node.status.conditions.iter().find(|c| c.kind == "Ready");
    let is = |status: &str| ready.is_some_and(|ready| ready.status == status);
    [
        (NOT_READY, is("False")),
        (UNREACHABLE, is("Unknown")),
        ("node.kubernetes.io/memory-pressure", node.status.is_true("MemoryPressure")),
        ("node.kubernetes.io/disk-pressure", node.status.is_true("DiskPressure")),
        ("node.kubernetes.io/unschedulable", node.spec.unschedulable),
    ]
}

impl World<'_> {
    /// The beat on which the controller looks at nodes.
    fn node_monitor(&self, after: Instant) -> Instant {
        let mut luck = Random::keyed(self.scenario.seed, "node-monitor", "", 0);
        let phase = Instant::ZERO + luck.between(Duration::ZERO, MONITOR_PERIOD);
        after.next_tick(phase, MONITOR_PERIOD)
    }

    /// A kubelet has fallen silent: the controller will notice when the grace period is over.
    pub(crate) fn watch_lease(&mut self, node: usize, cause: EntryId) {
        let name = &self.nodes[node].name;
        let mut luck = Random::keyed(self.scenario.seed, "lease", name, 0);
        let phase = Instant::ZERO + luck.between(Duration::ZERO, RENEW_PERIOD);
        let next = (self.now + Duration::from_micros(1)).next_tick(phase, RENEW_PERIOD);
        let renewed = (next - RENEW_PERIOD).max(Instant::ZERO);
        // The controller counts from when it saw the lease, by its own clock.
        let seen = self.node_monitor(renewed);
        let newer = self.scenario.version.has(Feature::LongNodeMonitorGrace);
        let grace = if newer { GRACE.0 } else { GRACE.1 };
        let due = self.node_monitor(seen + grace + Duration::from_micros(1));
        self.nodes[node].silent_until = Some(due);
        self.wake_at(due, Wake::NodeHealth { node }, Some(cause));
    }

    /// The controller tells nodes that have come and gone from those it knows.
    ///
    /// Models classifyNodes and controller/util/node RecordNodeEvent.
    fn classify_node(&mut self, node: usize, cause: Option<EntryId>) {
        let now = match self.node_object(node) {
            Some(Object::Node(object)) => Some(object),
            _ => None,
        };
        let before = std::mem::replace(&mut self.nodes[node].watched, now.clone());
        let uid = |node: &Option<Rc<Node>>| node.as_ref().map(|node| node.metadata.uid.clone());
        if uid(&before) == uid(&now) {
            return;
        }
        for (object, reason, what) in [
            (before, "RemovingNode", "Removing Node {} from Controller"),
            (now, "RegisteredNode", "Registered Node {} in Controller"),
        ] {
            let Some(object) = object else { continue };
            let name = &object.metadata.name;
            let message = format!("Node {name} event: {}", what.replace("{}", name));
            let say = super::pods::normal(reason, message);
            self.say(ACTOR, "", &Object::Node(object), say, cause);
        }
    }

    /// One look of the controller at a node whose kubelet is, or was, silent, or that has come or
    /// gone.
    pub(crate) fn node_health(&mut self, node: usize, cause: Option<EntryId>) {
        self.classify_node(node, cause);
        let Some(Object::Node(object)) = self.node_object(node) else { return };
        let silent = self.nodes[node].power != Power::On;
        if silent && self.nodes[node].silent_until.is_some_and(|due| self.now < due) {
            return;
        }
        let known = object.status.conditions.iter().find(|c| c.kind == "Ready");
        let unknown = known.is_some_and(|ready| ready.status == "Unknown");
        match (silent, unknown) {
            (true, false) => self.node_unknown(node, &object, cause),
            (true, true) | (false, _) => self.taint_no_execute(cause),
        }
    }

    /// Nothing has been heard for too long: every condition becomes Unknown, and the Pods are no
    /// longer ready.
    fn node_unknown(&mut self, node: usize, object: &Rc<Node>, cause: Option<EntryId>) {
        let now = self.now.truncated();
        let mut changed: Node = (**object).clone();
        for condition in &mut changed.status.conditions {
            condition.status = "Unknown".to_owned();
            condition.reason = "NodeStatusUnknown".to_owned();
            condition.message = "Kubelet stopped posting node status.".to_owned();
            condition.last_transition_time = Some(now);
        }
        let object = Object::Node(Rc::new(changed));
        let entry = self.put(ACTOR, Verb::Updated, object.clone(), Rule::NodeUnknown, cause);
        self.say_node_status(&object, "NodeNotReady", ACTOR, entry);
        self.mark_pods_not_ready(node, entry);
        let next = self.node_monitor(self.now + Duration::from_micros(1));
        self.wake_at(next, Wake::NodeHealth { node }, Some(entry));
    }

    /// Models pkg/controller/util/node/controller_utils.go MarkPodsNotReady.
    fn mark_pods_not_ready(&mut self, node: usize, cause: EntryId) {
        let name = self.nodes[node].name.clone();
        for pod in self.pods_on(&name) {
            if !pod.status.is_true("Ready") {
                continue;
            }
            let mut changed = (*pod).clone();
            for condition in changed.status.conditions.iter_mut().filter(|c| c.kind == "Ready") {
                condition.status = "False".to_owned();
                condition.last_transition_time = Some(self.now.truncated());
            }
            let changed = Rc::new(changed);
            let object = Object::Pod(changed);
            let rule = Rule::NodePodsNotReady;
            let entry = self.put(ACTOR, Verb::Updated, object.clone(), rule, Some(cause));
            let say = super::pods::warning("NodeNotReady", "Node is not ready".to_owned());
            self.say(ACTOR, "", &object, say, Some(entry));
        }
    }

    /// The Pods that are bound to a node.
    pub(crate) fn pods_on(&self, node: &str) -> Vec<Rc<crate::manifest::pod::Pod>> {
        self.store
            .books
            .of(node)
            .into_iter()
            .flat_map(|booked| &booked.keys)
            .filter_map(|key| self.store.pod(&key.namespace, &key.name).cloned())
            .collect()
    }

    /// Gives every node of which nothing is known the taint that evicts, and takes it from those
    /// that are back. When too many are silent at once, the fault is taken to be the network's or
    /// the controller's own, and none is evicted.
    ///
    /// Models processTaintBaseEviction and handleDisruption, with one zone.
    fn taint_no_execute(&mut self, cause: Option<EntryId>) {
        let nodes: Vec<Rc<Node>> = self
            .store
            .list("Node")
            .filter_map(|object| match object {
                Object::Node(node) => Some(node.clone()),
                _ => None,
            })
            .collect();
        let broken = nodes.iter().filter(|node| !node.status.ready()).count();
        let all = broken == nodes.len();
        let many = broken > PARTIAL.0 && broken * 100 >= PARTIAL.1 * nodes.len();
        for node in nodes {
            let unknown =
                node.status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "Unknown");
            let tainted = has_taint(&node, UNREACHABLE, NO_EXECUTE);
            let wanted = unknown && !all && (!many || tainted);
            if wanted == tainted {
                if unknown && !tainted {
                    let about = Object::Node(node);
                    let what = "too many nodes are silent: no Pod is evicted";
                    self.note(ACTOR, &about, what, Rule::NodeDisruption, cause);
                }
                continue;
            }
            let mut changed = (*node).clone();
            changed
                .spec
                .taints
                .retain(|taint| taint.key != UNREACHABLE || taint.effect != NO_EXECUTE);
            if wanted {
                changed.spec.taints.push(Taint {
                    key: UNREACHABLE.to_owned(),
                    effect: NO_EXECUTE.to_owned(),
                    time_added: Some(self.now.truncated()),
                    ..Taint::default()
                });
            }
            let object = Object::Node(Rc::new(changed));
            self.put(ACTOR, Verb::Updated, object, Rule::NodeTainted, cause);
        }
    }

    /// A Node object was written: what the controllers of nodes have to do about it.
    pub(crate) fn node_changed(&mut self, object: &Rc<Node>, gone: bool, entry: EntryId) {
        if let Some(node) = self.node_index(&object.metadata.name) {
            let known = self.nodes[node].watched.as_ref().map(|known| &known.metadata.uid);
            if gone || known != Some(&object.metadata.uid) {
                let next = self.node_monitor(self.now + Duration::from_micros(1));
                self.wake_at(next, Wake::NodeHealth { node }, Some(entry));
            }
        }
        if gone {
            return;
        }
        let stale = no_schedule_taints(object)
            .iter()
            .any(|(key, wanted)| has_taint(object, key, "NoSchedule") != *wanted);
        if stale {
            let key = Key::new("Node", "", &object.metadata.name);
            self.enqueue_controller(key, entry);
        }
        let back = object.status.ready() && has_taint(object, UNREACHABLE, NO_EXECUTE);
        if back && let Some(node) = self.node_index(&object.metadata.name) {
            let next = self.node_monitor(self.now + Duration::from_micros(1));
            self.wake_at(next, Wake::NodeHealth { node }, Some(entry));
        }
        self.taints_changed(&object.metadata.name, entry);
    }

    /// Brings the taints of effect NoSchedule in step with a node's conditions, and with whether
    /// it is cordoned.
    ///
    /// Models doNoScheduleTaintingPass.
    pub(crate) fn sync_node(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Node(node)) = self.store.get(key) else { return };
        let mut changed: Node = (**node).clone();
        for (key, wanted) in no_schedule_taints(node) {
            if has_taint(node, key, "NoSchedule") == wanted {
                continue;
            }
            changed.spec.taints.retain(|taint| taint.key != key || taint.effect != "NoSchedule");
            if wanted {
                changed.spec.taints.push(Taint {
                    key: key.to_owned(),
                    effect: "NoSchedule".to_owned(),
                    time_added: Some(self.now.truncated()),
                    ..Taint::default()
                });
            }
        }
        if changed.spec.taints != node.spec.taints {
            let object = Object::Node(Rc::new(changed));
            self.put(ACTOR, Verb::Updated, object, Rule::NodeTainted, cause);
        }
    }
}
