//! Probes: one worker a container and kind, asking on its own beat.
//!
//! Models pkg/kubelet/prober/prober_manager.go, worker.go and results/results_manager.go. Does not
//! own: how a container is asked (`probe_handler`), or what follows from the answer (`actions`).

use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::WorkerState;
use crate::cluster::kubelet::probe_worker::{
    Asking, Next, Poke, ProbeResult, ProbeWorker, result_of, status_of,
};
use crate::cluster::{Wake, World};
use crate::manifest::pod::ContainerStatus;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, Name, ProbeKind, ProbeOutcome};

/// Asking is tried so often when asking itself fails (worker.go maxProbeRetries).
const TRIES: u32 = 3;

impl super::PodWorker {
    /// The status of a container as it was last set.
    fn container_status(&self, name: &str) -> Option<&ContainerStatus> {
        status_of(&self.status, name)
    }

    fn has_probe(&self, name: &str, kind: ProbeKind) -> bool {
        self.probes.iter().any(|worker| *worker.container == *name && worker.kind == kind)
    }

    pub(super) fn result(&self, id: &str, kind: ProbeKind) -> Option<ProbeResult> {
        self.results.get(&(id.to_owned(), kind)).copied()
    }

    /// Whether a running instance counts as started.
    ///
    /// Models prober_manager.go isContainerStarted.
    pub(crate) fn counts_as_started(&self, name: &str, id: &str) -> bool {
        match self.result(id, ProbeKind::Startup) {
            Some(result) => result == ProbeResult::Success,
            None => !self.has_probe(name, ProbeKind::Startup),
        }
    }

    /// Whether a started instance counts as ready.
    ///
    /// Models prober_manager.go setReadyStateOnPodStatus.
    pub(crate) fn counts_as_ready(&self, name: &str, id: &str) -> bool {
        match self.result(id, ProbeKind::Readiness) {
            Some(result) => result == ProbeResult::Success,
            None => !self.has_probe(name, ProbeKind::Readiness),
        }
    }

    /// The probe because of which a running instance must be killed.
    pub(crate) fn failed_probe(&self, id: &str) -> Option<ProbeKind> {
        [ProbeKind::Liveness, ProbeKind::Startup]
            .into_iter()
            .find(|kind| self.result(id, *kind) == Some(ProbeResult::Failure))
    }

    /// Probes of the kind that a termination ends are stopped.
    ///
    /// Models StopLivenessAndStartup: sidecars are left out there, and go on.
    pub(crate) fn stop_liveness_and_startup(&mut self) {
        let regular: Vec<Name> =
            self.pod.spec.containers.iter().map(|c| c.name.as_str().into()).collect();
        for worker in &mut self.probes {
            if worker.kind != ProbeKind::Readiness && regular.contains(&worker.container) {
                worker.ended = true;
            }
        }
    }

    /// Every probe is stopped.
    pub(crate) fn stop_probes(&mut self) {
        for worker in &mut self.probes {
            worker.ended = true;
        }
    }
}

/// How the texts of Events call a probe.
const fn title(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "Startup",
        ProbeKind::Liveness => "Liveness",
        ProbeKind::Readiness => "Readiness",
    }
}

impl World<'_> {
    /// Makes the workers of a Pod's probes; each begins its beat now.
    ///
    /// Models prober_manager.go AddPod.
    pub(crate) fn add_probes(&mut self, uid: &str) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        if std::mem::replace(&mut worker.probes_added, true) {
            return;
        }
        worker.probes.extend(ProbeWorker::of(&worker.pod, now));
        for index in 0..worker.probes.len() {
            self.queue_beat(uid, index);
        }
    }

    /// Queues the next beat of a probe.
    pub(super) fn queue_beat(&mut self, uid: &str, index: usize) {
        let now = self.now;
        let Some(probe) = self.worker(uid).and_then(|worker| worker.probes.get(index)) else {
            return;
        };
        if probe.ended {
            return;
        }
        let at = probe.next_beat(now);
        let wake = Wake::Probe { uid: uid.to_owned(), index, beat: probe.beat };
        self.wake_at(at, wake, None);
    }

    /// A probe's beat.
    pub(crate) fn probe_beat(&mut self, uid: &str, index: usize, beat: u32) {
        let current = self
            .worker(uid)
            .and_then(|worker| worker.probes.get(index))
            .is_some_and(|probe| probe.beat == beat && !probe.ended);
        if current {
            self.queue_beat(uid, index);
            self.probe_poked(uid, index, Poke::Beat);
        }
    }

    /// A beat or a poke: asks, or remembers it while an answer is awaited.
    fn probe_poked(&mut self, uid: &str, index: usize, poke: Poke) {
        let now = self.now;
        let Some(probe) = self.worker_mut(uid).and_then(|worker| worker.probes.get_mut(index))
        else {
            return;
        };
        if probe.ended {
            return;
        }
        if probe.asking.is_some() {
            // A poke counts for more than a beat: it sets the beat anew when it is taken.
            if probe.missed != Some(Poke::Manual) {
                probe.missed = Some(poke);
            }
            return;
        }
        if poke == Poke::Manual {
            probe.phase = now;
            probe.beat += 1;
            self.queue_beat(uid, index);
        }
        self.do_probe(uid, index);
    }

    /// The kubelet has computed a status: readiness probes without a success are poked.
    ///
    /// Models prober_manager.go UpdatePodStatus.
    pub(crate) fn poke_readiness(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let due: Vec<usize> = worker
            .probes
            .iter()
            .enumerate()
            .filter(|(_, probe)| probe.kind == ProbeKind::Readiness && !probe.ended)
            .filter(|(_, probe)| {
                worker.container_status(&probe.container).is_some_and(|status| {
                    status.state.running.is_some()
                        && status.started == Some(true)
                        && worker.result(&status.container_id, ProbeKind::Readiness)
                            != Some(ProbeResult::Success)
                })
            })
            .map(|(index, _)| index)
            .collect();
        for index in due {
            self.probe_poked(uid, index, Poke::Manual);
        }
    }

    /// Asks if it is time to ask.
    fn do_probe(&mut self, uid: &str, index: usize) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let Some(probe) = worker.probes.get_mut(index) else { return };
        let (kind, spec) = (probe.kind, &worker.pod.spec);
        let (name, status) = (&probe.container, &worker.status);
        let beat = probe.tally.beat(&probe.probe, spec, name, status, probe.deleting, now);
        if let Some(old) = beat.forget {
            worker.results.remove(&(old, kind));
        }
        for result in beat.publish {
            self.set_result(uid, index, result, None);
        }
        match beat.next {
            Next::Ask => self.ask(uid, index, 0),
            Next::Wait => self.hush_held(uid, index),
            Next::End => self.end_probe(uid, index),
        }
    }

    fn end_probe(&mut self, uid: &str, index: usize) {
        if let Some(probe) = self.worker_mut(uid).and_then(|w| w.probes.get_mut(index)) {
            probe.ended = true;
        }
    }

    /// Begins to ask; `errors` is how often asking itself has failed already.
    fn ask(&mut self, uid: &str, index: usize, errors: u32) {
        let Some(probe) = self.worker_mut(uid).and_then(|w| w.probes.get_mut(index)) else {
            return;
        };
        probe.asking = Some(Asking { exec: None, errors, instance: probe.tally.instance.clone() });
        self.probe_handler(uid, index);
    }

    /// An answer has come.
    ///
    /// Models worker.go doProbe from the answer on, and prober.go probe for the events.
    pub(crate) fn probe_answered(
        &mut self,
        uid: &str,
        index: usize,
        outcome: ProbeOutcome,
        output: &str,
    ) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let Some(probe) = worker.probes.get_mut(index) else { return };
        let Some(asking) = probe.asking.take() else { return };
        let same = asking.instance == probe.tally.instance;
        let ended = probe.ended;
        let over = worker.state > WorkerState::Terminating;
        if !over && same && !(ended && result_of(outcome) == Some(ProbeResult::Success)) {
            self.count_answer(uid, index, outcome, output, asking.errors);
        } else if result_of(outcome) == Some(ProbeResult::Failure) {
            // prober.go probe says so by itself, whatever became of its worker meanwhile.
            let (title, container) = (title(probe.kind), probe.container.clone());
            let message = format!("{title} probe failed: {output}");
            self.say_of_container(uid, &container, "Warning", "Unhealthy", message);
        }
        if self.worker(uid).is_some_and(|w| w.state == WorkerState::Finished && w.orphaned) {
            return self.kubelet_pod_removed(uid, None);
        }
        let missed = self
            .worker_mut(uid)
            .and_then(|worker| worker.probes.get_mut(index))
            .filter(|probe| probe.asking.is_none())
            .and_then(|probe| probe.missed.take());
        if let Some(poke) = missed {
            self.probe_poked(uid, index, poke);
        }
    }

    fn count_answer(
        &mut self,
        uid: &str,
        index: usize,
        outcome: ProbeOutcome,
        output: &str,
        errors: u32,
    ) {
        let Some(probe) = self.worker(uid).and_then(|w| w.probes.get(index)).cloned() else {
            return;
        };
        let title = title(probe.kind);
        let Some(result) = result_of(outcome) else {
            if errors + 1 < TRIES {
                return self.ask(uid, index, errors + 1);
            }
            let message = format!("{title} probe errored and resulted in unknown state: {output}");
            self.probe_entry(uid, &probe, ProbeOutcome::Errored, &message, 0);
            self.say_of_container(uid, &probe.container, "Warning", "Unhealthy", message);
            return;
        };
        let mut tally = probe.tally.clone();
        let publish = tally.answer(&probe.probe, result);
        let detail = match outcome {
            ProbeOutcome::Success => output.to_owned(),
            ProbeOutcome::Warning => format!("{title} probe warning: {output}"),
            ProbeOutcome::Failure
            | ProbeOutcome::Timeout
            | ProbeOutcome::Errored
            | ProbeOutcome::Held => format!("{title} probe failed: {output}"),
        };
        let entry = self.probe_entry(uid, &probe, outcome, &detail, tally.run());
        let reason = match (result, outcome) {
            (ProbeResult::Failure, _) => Some("Unhealthy"),
            (_, ProbeOutcome::Warning) => Some("ProbeWarning"),
            _ => None,
        };
        if let Some(reason) = reason {
            self.say_of_container(uid, &probe.container, "Warning", reason, detail);
        }
        if publish {
            tally.published(result);
        }
        if let Some(probe) = self.worker_mut(uid).and_then(|w| w.probes.get_mut(index)) {
            probe.tally = tally;
        }
        if publish {
            self.set_result(uid, index, result, entry);
        }
        if outcome == ProbeOutcome::Success {
            self.hush(uid, index);
        }
    }

    fn probe_entry(
        &mut self,
        uid: &str,
        probe: &ProbeWorker,
        outcome: ProbeOutcome,
        detail: &str,
        run: i32,
    ) -> Option<EntryId> {
        let worker = self.worker(uid)?;
        let cause = worker
            .instances
            .iter()
            .rev()
            .find(|instance| instance.name == probe.container)
            .and_then(|instance| instance.started_entry);
        let subject = pod_subject(&worker.pod, Some(&probe.container));
        let threshold = match outcome {
            ProbeOutcome::Success | ProbeOutcome::Warning => probe.probe.success_threshold,
            ProbeOutcome::Failure
            | ProbeOutcome::Timeout
            | ProbeOutcome::Errored
            | ProbeOutcome::Held => probe.probe.failure_threshold,
        };
        let change = Change::Probe {
            kind: probe.kind,
            outcome,
            detail: detail.into(),
            count: (run, threshold),
        };
        let rule = if run == threshold { Rule::ProbeThreshold } else { Rule::ProbeRan };
        let at = self.now;
        Some(self.record(Entry { at, actor: Actor::Kubelet, subject, change, cause, rule }))
    }

    /// Publishes a result; one that is new makes the kubelet look at the Pod.
    ///
    /// Models results_manager.go Set and kubelet.go syncLoopIteration.
    fn set_result(&mut self, uid: &str, index: usize, result: ProbeResult, cause: Option<EntryId>) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let Some(probe) = worker.probes.get(index) else { return };
        let (kind, container) = (probe.kind, probe.container.clone());
        let key = (probe.tally.instance.clone(), kind);
        if worker.results.insert(key, result) == Some(result) {
            return;
        }
        let cause = cause.or(worker.status_cause);
        match (kind, result) {
            (ProbeKind::Liveness, ProbeResult::Success | ProbeResult::Unknown) => return,
            (ProbeKind::Liveness, ProbeResult::Failure) => {}
            (ProbeKind::Readiness, _) => {
                self.set_container_readiness(uid, &container, result, cause);
            }
            (ProbeKind::Startup, _) => self.set_container_startup(uid, &container, result, cause),
        }
        // The kubelet's loop hears of it through a channel, after this worker has gone on.
        self.wake_after(Duration::ZERO, Wake::Sync { uid: uid.to_owned() }, cause);
    }

    /// Writes a container's readiness past the next full status.
    ///
    /// Models status_manager.go SetContainerReadiness.
    fn set_container_readiness(
        &mut self,
        uid: &str,
        name: &str,
        result: ProbeResult,
        cause: Option<EntryId>,
    ) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let ready = result == ProbeResult::Success;
        let status = &mut worker.status;
        let all = status.container_statuses.iter_mut().chain(&mut status.init_container_statuses);
        let Some(container) = all.into_iter().find(|s| s.name == name) else { return };
        if container.ready == ready {
            return;
        }
        container.ready = ready;
        super::status::ready_conditions(&worker.pod, &mut worker.status, now);
        worker.status_cause = cause;
        self.queue_patch(uid);
    }

    /// Models status_manager.go SetContainerStartup.
    fn set_container_startup(
        &mut self,
        uid: &str,
        name: &str,
        result: ProbeResult,
        cause: Option<EntryId>,
    ) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let started = result == ProbeResult::Success;
        let status = &mut worker.status;
        let all = status.container_statuses.iter_mut().chain(&mut status.init_container_statuses);
        let Some(container) = all.into_iter().find(|s| s.name == name) else { return };
        if container.started == Some(started) {
            return;
        }
        container.started = Some(started);
        worker.status_cause = cause;
        self.queue_patch(uid);
    }
}
