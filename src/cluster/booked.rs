//! What the Pods of each node add up to, kept in step with the store.
//!
//! Owns: the sums that the scheduler asks for, so that it need not look at every Pod for every Pod.
//! Models pkg/scheduler/framework/types.go NodeInfo. Does not own: what follows (`scheduler`).

use crate::cluster::key::{Key, controller_of};
use crate::manifest::pod::Pod;
use crate::manifest::qos;
use crate::map::{Map, Set};

/// The Pods of one node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Booked {
    /// All of them.
    pub(crate) keys: Set<Key>,
    /// How many have not ended.
    pub(crate) active: i64,
    /// Thousandths of each resource that those which have not ended ask for.
    pub(crate) requested: Map<String, i128>,
    /// Thousandths of a core that all of them ask for, and one for each.
    pub(crate) weight: i128,
    /// How many have the same controller, by its UID.
    siblings: Map<String, i128>,
}

impl Booked {
    /// How many Pods of the node an object controls.
    pub(crate) fn siblings(&self, owner: &str) -> i128 {
        self.siblings.get(owner).copied().unwrap_or(0)
    }

    fn count(&mut self, pod: &Pod, sign: i128) {
        let requests = qos::requests(&pod.spec);
        let milli = |name: &str| requests.get(name).map_or(0, |q| i128::from(q.milli_value()));
        self.weight += sign * (milli("cpu") + 1);
        if let Some(owner) = controller_of(&pod.metadata) {
            *self.siblings.entry(owner.uid.clone()).or_default() += sign;
        }
        if !pod.is_terminal() {
            self.active += sign as i64;
            for name in requests.keys() {
                *self.requested.entry(name.clone()).or_default() += sign * milli(name);
            }
        }
    }
}

/// The Pods of all nodes, by the name of the node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books(Map<String, Booked>);

impl Books {
    /// The Pods of a node; nothing where none ever was.
    pub(crate) fn of(&self, node: &str) -> Option<&Booked> {
        self.0.get(node)
    }

    /// Notes that a Pod has come, has changed or is gone.
    pub(crate) fn note(&mut self, key: &Key, before: Option<&Pod>, after: Option<&Pod>) {
        if let (Some(before), Some(after)) = (before, after)
            && before.is_terminal() == after.is_terminal()
            && before.metadata.owner_references == after.metadata.owner_references
            && before.spec == after.spec
        {
            return;
        }
        for (pod, sign) in [(before, -1), (after, 1)] {
            let Some(pod) = pod.filter(|pod| !pod.spec.node_name.is_empty()) else { continue };
            let booked = self.0.entry(pod.spec.node_name.clone()).or_default();
            booked.count(pod, sign);
            if sign > 0 {
                booked.keys.insert(key.clone());
            } else {
                booked.keys.remove(key);
            }
        }
    }
}
