//! The worker of one Pod: one sync at a time, each on a look that is newer than the last sync.
//!
//! Models pkg/kubelet/pod_workers.go podWorkerLoop, completeWork and the one-second ticker of
//! pkg/kubelet/kubelet.go syncLoop. Does not own: what a sync does (`sync_pod`, `termination`).

use crate::cluster::kubelet::probe_worker::ProbeWorker;
use crate::cluster::kubelet::steps::Outcome;
use crate::cluster::kubelet::{PodWorker, WorkerState};
use crate::cluster::random::Random;
use crate::cluster::{Wake, World, latency};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::EntryId;
use crate::version::Feature;

/// The beat of the ticker that drains the work queue (kubelet.go syncLoop).
const TICK: Duration = Duration::from_secs(1);
/// A healthy Pod is synced again after this, plus up to half of it (syncFrequency).
const RESYNC: Duration = Duration::from_secs(60);
/// A Pod whose sync failed is synced again after this, plus up to half of it (backOffPeriod).
const RETRY: Duration = Duration::from_secs(10);
/// The longest wait for the end of a back-off (pod_workers.go completeWork).
const BACKOFF_WAIT_MAX: Duration = Duration::from_secs(60);
/// How much longer waits may be, in percent (workerResyncIntervalJitterFactor and
/// workerBackOffPeriodJitterFactor are both 0.5).
const JITTER_PERCENT: i64 = 50;

impl PodWorker {
    /// Whether a sync would find everything as the last one left it. The mirror of a static Pod
    /// changes without a word and is always looked at, and so are probes that are asked.
    fn needs_no_sync(&self, configs: u64) -> bool {
        self.settled == Some(configs)
            && self.state == WorkerState::Syncing
            && self.sync.is_none()
            && self.in_hand.is_none()
            && self.update.is_none()
            && self.ended_for.is_none()
            && !self.mirror
            && self.probes.iter().all(ProbeWorker::is_silent)
    }
}

impl World<'_> {
    /// Something has happened that the Pod's worker must look at.
    pub(crate) fn worker_wake(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(worker) = self.worker_mut(uid) else { return };
        if worker.state == WorkerState::Finished {
            return;
        }
        worker.settled = None;
        worker.update = Some(cause);
        if worker.sync.is_none() && worker.in_hand.is_none() {
            self.worker_begin(uid);
        }
    }

    /// A sync is due because time has passed.
    pub(crate) fn worker_resync(&mut self, uid: &str) {
        let (now, configs) = (self.now, self.store.configs);
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.resync = None;
        if worker.needs_no_sync(configs) {
            worker.last_sync_end = Some(now);
            return self.queue_resync(uid, Outcome::default());
        }
        let cause = worker.status_cause;
        self.worker_wake(uid, cause);
    }

    /// Takes the update that waits, and begins its sync as soon as the kubelet's look is newer than
    /// the last sync.
    ///
    /// What comes while the worker waits is another update: a relist that both satisfies the wait
    /// and brings an event leads to two syncs, a beat apart.
    pub(crate) fn worker_begin(&mut self, uid: &str) {
        let Some(worker) = self.worker_mut(uid) else { return };
        if worker.sync.is_some() {
            return;
        }
        if worker.in_hand.is_none() {
            worker.in_hand = worker.update.take();
        }
        if worker.in_hand.is_none() {
            return;
        }
        let (node, end, seen) = (worker.node, worker.last_sync_end, worker.cache.at);
        // Relists that would have found nothing were left out, but they count as looks.
        let looked = self.last_relist(node).max(seen);
        if end.is_some_and(|end| looked <= end) {
            return self.queue_relist(node);
        }
        let Some(worker) = self.worker_mut(uid) else { return };
        let cause = worker.in_hand.take().flatten();
        let state = worker.state;
        if let Some(token) = worker.resync.take() {
            self.cancel(token);
        }
        match state {
            WorkerState::Syncing => self.sync_pod_begin(uid, cause),
            WorkerState::Terminating => self.sync_terminating_begin(uid, cause),
            WorkerState::Terminated => self.sync_terminated_begin(uid, cause),
            WorkerState::Finished => {}
        }
    }

    /// Ends a sync and queues the next one.
    pub(crate) fn sync_end(&mut self, uid: &str, outcome: Outcome) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let cause = worker.sync.take().and_then(|sync| sync.cause);
        worker.last_sync_end = Some(now);
        worker.settled = worker.settled.filter(|_| outcome == Outcome::default());
        if outcome.next_state {
            worker.state = match worker.state {
                WorkerState::Syncing => WorkerState::Terminating,
                WorkerState::Terminating => WorkerState::Terminated,
                WorkerState::Terminated | WorkerState::Finished => WorkerState::Finished,
            };
            if worker.state == WorkerState::Finished {
                worker.update = None;
                worker.in_hand = None;
                return;
            }
            // Queued without delay: only the kubelet's look must be newer.
            worker.update = Some(cause);
            return self.worker_begin(uid);
        }
        if outcome.did_something && !outcome.failed {
            self.relist_on_demand(uid);
        }
        self.queue_resync(uid, outcome);
        self.worker_begin(uid);
    }

    /// One Pod is looked at as soon as a sync has changed it.
    fn relist_on_demand(&mut self, uid: &str) {
        if self.scenario.version.has(Feature::PlegOnDemandRelist) {
            let delay = self.latency(latency::ON_DEMAND_RELIST);
            self.wake_after(delay, Wake::RelistPod { uid: uid.to_owned() }, None);
        }
    }

    /// When the Pod is synced again if nothing happens until then.
    fn queue_resync(&mut self, uid: &str, outcome: Outcome) {
        let base = match outcome.backoff_until {
            Some(until) if self.scenario.version.has(Feature::BackoffExpiryResync) => {
                until.since(self.now).max(Duration::ZERO).min(BACKOFF_WAIT_MAX)
            }
            Some(_) => RETRY,
            None if outcome.failed => RETRY,
            None => RESYNC,
        };
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.resyncs += u64::from(outcome.failed);
        let (name, number) = (worker.pod.metadata.name.clone(), worker.resyncs);
        let purpose = if outcome.failed { "retry" } else { "resync" };
        let mut luck = Random::keyed(self.scenario.seed, purpose, &name, number);
        let wait = luck.jitter(base, JITTER_PERCENT);
        let Some(worker) = self.worker(uid) else { return };
        let (node, cause) = (worker.node, worker.status_cause);
        let due = (self.now + wait).next_tick(self.nodes[node].ticker_phase, TICK);
        let token = self.wake_at(due, Wake::Resync { uid: uid.to_owned() }, cause);
        if let Some(worker) = self.worker_mut(uid) {
            worker.resync = Some(token);
        }
        if outcome.backoff_until.is_some() {
            let what = format!("next sync of the Pod at {}", due.clock());
            self.decided(uid, None, &what, Rule::BackoffResync);
        }
    }
}
