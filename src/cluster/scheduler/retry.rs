//! Pods that fit nowhere: what they wait for, and when they are tried again.
//!
//! Models pkg/scheduler/backend/queue/scheduling_queue.go and the queueing hints of the plugins.
//! Does not own: trying (`scheduler`).

use crate::cluster::scheduler::{Plugin, cordon, is_tolerated, untolerated};
use crate::cluster::{Wake, World};
use crate::manifest::pod::{Pod, PodSpec};
use crate::manifest::qos;
use crate::manifest::shared::Shared;
use crate::time::{Duration, Instant};
use crate::trace::EntryId;

/// How long a Pod waits for something to happen.
///
/// Models DefaultPodMaxInUnschedulablePodsDuration.
const UNSCHEDULABLE_MAX: Duration = Duration::from_secs(300);
/// How often is looked who has waited for so long (flushUnschedulablePodsLeftover).
const FLUSH: Duration = Duration::from_secs(30);
/// First and longest back-off of a Pod that could not be scheduled.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// A Pod that fits nowhere.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    attempts: u32,
    last: Instant,
    /// Who rejected it.
    plugins: Vec<Plugin>,
    /// What it was like then.
    spec: Shared<PodSpec>,
    /// It is tried again after its back-off: it stands in that queue, once.
    due: bool,
}

impl Waiting {
    fn is_rejected_by(&self, plugins: &[Plugin]) -> bool {
        self.plugins.iter().any(|plugin| plugins.contains(plugin))
    }
}

/// What is different about a node.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeChange {
    /// It is new.
    pub(crate) added: bool,
    /// It has other labels.
    pub(crate) labels: bool,
    /// It has other taints.
    pub(crate) taints: bool,
    /// It was opened or closed.
    pub(crate) cordon: bool,
}

impl World<'_> {
    /// Puts a Pod among those that wait for a change.
    pub(super) fn wait_for_a_change(
        &mut self,
        pod: &Pod,
        plugins: Vec<Plugin>,
        cause: Option<EntryId>,
    ) {
        let uid = &pod.metadata.uid;
        let attempts = self.unschedulable.get(uid).map_or(0, |waiting| waiting.attempts) + 1;
        let spec = pod.spec.clone();
        let waiting = Waiting { attempts, last: self.now, plugins, spec, due: false };
        self.unschedulable.insert(uid.clone(), waiting);
        // Whoever has waited too long is found by the next look.
        let due = (self.now + UNSCHEDULABLE_MAX).as_micros();
        let step = FLUSH.as_micros();
        let at = Instant::from_micros(due + (step - due.rem_euclid(step)) % step);
        self.wake_at(at, Wake::Schedule { uid: uid.clone() }, cause);
    }

    /// Whether a Pod has been tried since this look at it was planned.
    pub(super) fn was_tried_meanwhile(&self, uid: &str) -> bool {
        self.unschedulable
            .get(uid)
            .is_some_and(|waiting| !waiting.due && self.now.since(waiting.last) < UNSCHEDULABLE_MAX)
    }

    /// A Pod that had a node is gone: there may be room.
    pub(crate) fn retry_after_pod_left(&mut self, cause: EntryId) {
        let helped = [Plugin::Ports, Plugin::Resources, Plugin::Spread, Plugin::PodAffinity];
        self.retry(|_, _, waiting| waiting.is_rejected_by(&helped), cause);
    }

    /// A Pod has a node now, or other labels there: those that want to be beside it may.
    pub(crate) fn retry_beside(&mut self, placed: &Pod, cause: EntryId) {
        self.retry(
            |world, pod, waiting| {
                (waiting.is_rejected_by(&[Plugin::PodAffinity]) && world.wants_beside(pod, placed))
                    || (waiting.is_rejected_by(&[Plugin::Spread])
                        && world.spreads_with(pod, placed))
            },
            cause,
        );
    }

    /// A claim, a volume or a class is different.
    pub(crate) fn retry_for_volumes(&mut self, cause: EntryId) {
        self.retry(|_, _, waiting| waiting.is_rejected_by(&[Plugin::Volumes]), cause);
    }

    /// A node is different.
    pub(crate) fn retry_for_node(&mut self, index: usize, change: NodeChange, cause: EntryId) {
        self.retry(
            |world, pod, waiting| {
                waiting.plugins.iter().any(|plugin| world.node_helps(pod, index, change, *plugin))
            },
            cause,
        );
    }

    /// Whether a change of a node is one that a plugin has waited for (its QueueingHintFn).
    fn node_helps(&self, pod: &Pod, index: usize, change: NodeChange, plugin: Plugin) -> bool {
        let node = &self.nodes[index];
        match plugin {
            Plugin::Cordon => {
                (change.added || change.cordon)
                    && (!node.unschedulable || is_tolerated(pod, &cordon()))
            }
            Plugin::Taints => {
                (change.added || change.taints) && untolerated(pod, &node.taints).is_none()
            }
            Plugin::NodeAffinity => {
                (change.added || change.labels) && self.selects_node(pod, index)
            }
            Plugin::Ports => change.added,
            Plugin::Resources => {
                change.added
                    && qos::requests(&pod.spec).iter().all(|(name, wanted)| {
                        let there = node.allocatable.get(name);
                        wanted.is_zero() || there.is_some_and(|there| wanted.compare(there).is_le())
                    })
            }
            Plugin::Volumes | Plugin::Spread | Plugin::PodAffinity => change.added || change.labels,
        }
    }

    /// A Pod that waits was changed itself.
    pub(crate) fn retry_changed(&mut self, pod: &Pod, cause: EntryId) {
        let Some(waiting) = self.unschedulable.get(&pod.metadata.uid) else { return };
        if waiting.spec != pod.spec {
            let uid = pod.metadata.uid.clone();
            self.retry(|_, other, _| other.metadata.uid == uid, cause);
        }
    }

    /// Those that the change may help are tried again, each after its back-off.
    fn retry(&mut self, helps: impl Fn(&Self, &Pod, &Waiting) -> bool, cause: EntryId) {
        let due: Vec<(String, Instant)> = self
            .unschedulable
            .iter()
            .filter(|(uid, waiting)| {
                !waiting.due
                    && self.store.pod_by_uid(uid).is_some_and(|pod| helps(self, pod, waiting))
            })
            .map(|(uid, waiting)| {
                let doubled = BACKOFF.0 * (1_i64 << waiting.attempts.saturating_sub(1).min(4));
                (uid.clone(), waiting.last + doubled.min(BACKOFF.1))
            })
            .collect();
        for (uid, at) in due {
            if let Some(waiting) = self.unschedulable.get_mut(&uid) {
                waiting.due = true;
            }
            self.wake_at(at, Wake::Schedule { uid }, Some(cause));
        }
    }
}
