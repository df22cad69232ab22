//! The pod lifecycle event generator: how the kubelet notices what the runtime did.
//!
//! Models pkg/kubelet/pleg/generic.go: once a second it asks for everything and compares with what
//! it knew. Does not own: what follows from it (`pod_worker`).

use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::{Instance, InstanceState, PodWorker, Sandbox, WorkerState};
use crate::cluster::{Wake, World};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId};

/// From the end of one relist to the next one; the relist itself takes a few milliseconds, so that
/// the beat drifts against the clock (genericPlegRelistPeriod).
const RELIST_PERIOD: Duration = Duration::from_millis(1_006);

impl World<'_> {
    /// The runtime of a Pod has changed: the next relist will see it.
    pub(crate) fn runtime_changed(&mut self, uid: &str) {
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.changed = true;
        let node = worker.node;
        self.queue_relist(node);
    }

    /// Queues the node's next relist, unless it is queued. Relists that would find nothing new are
    /// left out: nobody could tell the difference.
    pub(crate) fn queue_relist(&mut self, node: usize) {
        if std::mem::replace(&mut self.nodes[node].pleg_queued, true) {
            return;
        }
        let soon = self.now + Duration::from_micros(1);
        let at = soon.next_tick(self.nodes[node].pleg_phase, RELIST_PERIOD);
        self.wake_at(at, Wake::Relist { node }, None);
    }

    /// When the node's runtime was last asked, or would have been.
    pub(crate) fn last_relist(&self, node: usize) -> Instant {
        let phase = self.nodes[node].pleg_phase;
        let next = (self.now + Duration::from_micros(1)).next_tick(phase, RELIST_PERIOD);
        next - RELIST_PERIOD
    }

    /// Compares every Pod of a node with what was known of it.
    pub(crate) fn pleg_relist(&mut self, node: usize) {
        self.nodes[node].pleg_queued = false;
        // The others are as they were; that they were looked at says `last_relist`.
        let news = |worker: &PodWorker| worker.changed || worker.in_hand.is_some();
        let workers = self.nodes[node].workers.iter().filter(|(_, worker)| news(worker));
        let uids: Vec<String> = workers.map(|(uid, _)| uid.clone()).collect();
        for uid in uids {
            self.relist_pod(&uid);
        }
    }

    /// Compares one Pod at once, after a sync that did something.
    pub(crate) fn pleg_relist_pod(&mut self, uid: &str) {
        self.relist_pod(uid);
    }

    fn relist_pod(&mut self, uid: &str) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.cache.at = now;
        let mut events = 0;
        let mut cause = None;
        if std::mem::take(&mut worker.changed) {
            worker.settled = None;
            events = count_events(worker);
            worker.cache.instances.clone_from(&worker.instances);
            worker.cache.sandbox.clone_from(&worker.sandbox);
            cause = self.notice_exits(uid);
        }
        // Whoever waits for a newer look has it before the events are sent.
        if let Some(worker) = self.worker_mut(uid).filter(|worker| worker.in_hand.is_some()) {
            worker.in_hand = Some(cause.or(worker.in_hand.flatten()));
            self.worker_begin(uid);
        }
        // Several events of one look are sent one after the other, and all of them before the
        // worker's thread has taken the first: they are one update. (A race between two threads;
        // in none of the eleven recordings of it did the worker win.)
        if events > 0 {
            self.worker_wake(uid, cause);
        }
    }

    /// Says of each container that has ended since the last look that the kubelet knows it now.
    /// Returns what led to the sync that follows.
    fn notice_exits(&mut self, uid: &str) -> Option<EntryId> {
        let worker = self.worker(uid)?;
        let terminating = worker.state != WorkerState::Syncing;
        let exits: Vec<_> = worker
            .instances
            .iter()
            .filter(|instance| !instance.noticed)
            .filter_map(|instance| match &instance.state {
                InstanceState::Exited(exit) => {
                    Some((instance.name.clone(), instance.exit_entry, exit.finished))
                }
                InstanceState::Created | InstanceState::Running { .. } => None,
            })
            .collect();
        let started = worker.instances.iter().filter_map(|instance| instance.started_entry).max();
        let mut cause = started.or(worker.status_cause);
        for (name, exit, finished) in exits {
            cause = exit.or(cause);
            if terminating {
                continue;
            }
            let worker = self.worker(uid)?;
            let subject = pod_subject(&worker.pod, Some(&name));
            let late = self.now.since(finished).as_millis();
            let what = format!("PLEG: ContainerDied {name}, {late} ms after the exit");
            cause = Some(self.record(Entry {
                at: self.now,
                actor: Actor::Kubelet,
                subject,
                change: Change::Decided { what: what.into() },
                cause: exit,
                rule: Rule::PlegNotices,
            }));
        }
        let worker = self.worker_mut(uid)?;
        for instance in &mut worker.instances {
            if matches!(instance.state, InstanceState::Exited(_)) {
                instance.noticed = true;
            }
        }
        cause
    }
}

/// The events of a look that make the kubelet look at the Pod: starts and ends.
///
/// Models generateEvents: a container that was only created is ContainerChanged, which is filtered
/// out, and ContainerRemoved is not worth a sync.
fn count_events(worker: &PodWorker) -> usize {
    let known = |instance: &Instance| {
        worker.cache.instances.iter().find(|old| old.id == instance.id).map(|old| &old.state)
    };
    let containers = worker
        .instances
        .iter()
        .filter(|instance| match (&instance.state, known(instance)) {
            (InstanceState::Created, _) => false,
            (InstanceState::Running { .. }, old) => {
                !matches!(old, Some(InstanceState::Running { .. }))
            }
            (InstanceState::Exited(_), old) => !matches!(old, Some(InstanceState::Exited(_))),
        })
        .count();
    let ready = |sandbox: &Option<Sandbox>| sandbox.as_ref().map(|s| (s.attempt, s.ready));
    let (now, before) = (ready(&worker.sandbox), ready(&worker.cache.sandbox));
    containers + usize::from(now != before && (now.is_some_and(|s| s.1) || before.is_some()))
}
