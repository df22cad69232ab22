//! Probes that are answered alike again and again: they are not asked, only counted.
//!
//! Owns: when a probe falls quiet, and what rouses it. A server answers from what stands in its
//! Pod (`workload::steady`), so until something happens there, or to the Pod, every beat would come
//! to the same, and nobody would hear of it. Does not own: what an answer adds up to (`prober`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::probe_handler::Handler;
use crate::cluster::kubelet::probe_worker::{Hush, ProbeResult, ProbeWorker, status_of};
use crate::cluster::kubelet::{PodWorker, WorkerState, newest};
use crate::manifest::pod::{PodStatus, resolve_port};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::quiet::Quiet;
use crate::trace::{Actor, Change, Entry, EntryId, ProbeKind};
use crate::workload::cri::Answer;
use crate::workload::steady::Steady;

impl World<'_> {
    /// A probe was answered as it was before: from now on it is only counted, if that is the same.
    pub(crate) fn hush(&mut self, uid: &str, index: usize) {
        let Some((quiet, line)) = self.quiet_answer(uid, index) else { return };
        let Some(worker) = self.worker(uid) else { return };
        let Some(probe) = worker.probes.get(index) else { return };
        let cause =
            newest(&worker.instances, &probe.container).and_then(|instance| instance.started_entry);
        let subject = pod_subject(&worker.pod, Some(&probe.container));
        let (first, takes) = (quiet.first, quiet.takes);
        let line = line.map(|(before, after)| (before.into(), after.into()));
        let change = Change::Quiet(Rc::new(Quiet { line, ..quiet }));
        let (actor, rule) = (Actor::Kubelet, Rule::ProbeRan);
        let entry = self.record(Entry { at: self.now, actor, subject, change, cause, rule });
        self.fall_quiet(uid, index, Hush { first, takes, entry: Some(entry) });
    }

    /// A probe that is on hold looks at nothing but which instance there is.
    pub(crate) fn hush_held(&mut self, uid: &str, index: usize) {
        let now = self.now;
        let Some(worker) = self.worker(uid).filter(|worker| is_at_rest(worker)) else { return };
        let Some(probe) = worker.probes.get(index) else { return };
        if probe.is_idle() && probe.is_held(&worker.status) {
            let first = probe.next_beat(now);
            self.fall_quiet(uid, index, Hush { first, takes: Duration::ZERO, entry: None });
        }
    }

    fn fall_quiet(&mut self, uid: &str, index: usize, hush: Hush) {
        if let Some(probe) = self.worker_mut(uid).and_then(|w| w.probes.get_mut(index)) {
            // The beat that is queued already comes to nothing.
            probe.beat += 1;
            probe.hush = Some(hush);
        }
    }

    /// What the next beats would bring, if they all brought the same and that were no news.
    fn quiet_answer(&self, uid: &str, index: usize) -> Option<(Quiet, Option<(String, String)>)> {
        let worker = self.worker(uid).filter(|worker| is_at_rest(worker))?;
        let probe = worker.probes.get(index).filter(|probe| probe.is_idle())?;
        let container = worker.pod.spec.container(&probe.container)?;
        let id = &newest(&worker.instances, &probe.container)?.id;
        let published = worker.result(&format!("containerd://{id}"), probe.kind);
        let counted = probe.tally.run() > probe.probe.success_threshold;
        let ip = worker.sandbox_ip()?;
        // Whoever shares the node's network may be answered by somebody else's server, and where
        // there is a load, an answer takes as long as the queue is.
        if published != Some(ProbeResult::Success)
            || probe.kind == ProbeKind::Startup
            || !counted
            || worker.pod.spec.host_network
            || self.traffic.has_load()
        {
            return None;
        }
        let own = |host: &str| host.is_empty() || host == ip;
        let (port, path) = match Handler::of(&probe.probe)? {
            Handler::HttpGet(http) if own(&http.host) => {
                let slash = if http.path.starts_with('/') { "" } else { "/" };
                (resolve_port(&http.port, container)?, Some(format!("{slash}{}", http.path)))
            }
            Handler::TcpSocket(tcp) if own(&tcp.host) => {
                (resolve_port(&tcp.port, container)?, None)
            }
            Handler::Grpc(grpc) => (grpc.port, None),
            Handler::HttpGet(_) | Handler::TcpSocket(_) | Handler::Exec(_) => return None,
        };
        let machine = &self.nodes[worker.node].machine;
        let port = u16::try_from(port).ok()?;
        let Steady { answer, line } =
            machine.steady(worker.sandbox_id()?, port, path.as_deref())?;
        let mut takes = Duration::from_millis(1);
        match answer {
            Answer::Http { status: 200..300, after, .. } => takes += after,
            Answer::Connected if path.is_none() => {}
            Answer::Http { .. }
            | Answer::Connected
            | Answer::Refused
            | Answer::Unreachable
            | Answer::UnknownHost => return None,
        }
        let every = probe.period();
        if takes > probe.timeout() || takes >= every {
            return None;
        }
        let first = probe.next_beat(self.now - takes);
        Some((Quiet { kind: probe.kind, first, every, takes, count: 0, line: None }, line))
    }

    /// Something happens to a Pod: its quiet probes are asked again from their next beat on.
    pub(crate) fn rouse(&mut self, uid: &str) {
        let now = self.now;
        let Some(worker) = self.worker_mut(uid) else { return };
        let (mut told, mut roused) = (Vec::new(), Vec::new());
        for (index, probe) in worker.probes.iter_mut().enumerate() {
            // Who was asked before now has been answered as before.
            let Some((entry, count)) = probe.counted(now) else { continue };
            if let Some(entry) = entry {
                let run = probe.tally.result_run.saturating_add_unsigned(count);
                probe.tally.result_run = run;
                told.push((entry, count));
            }
            probe.hush = None;
            roused.push(index);
        }
        for (entry, count) in told {
            self.trace.set_quiet(entry, count);
        }
        for index in roused {
            self.queue_beat(uid, index);
        }
    }

    /// The simulation ends: counts what the quiet probes of all Pods have heard.
    pub(crate) fn settle_quiet(&mut self) {
        let workers = self.nodes.iter().flat_map(|node| node.workers.values());
        for probe in workers.flat_map(|worker| &worker.probes) {
            let takes = probe.hush.map_or(Duration::ZERO, |hush| hush.takes);
            if let Some((Some(entry), count)) = probe.counted(self.now - takes) {
                self.trace.set_quiet(entry, count);
            }
        }
    }

    /// Processes have done something: who asks them looks again.
    pub(crate) fn rouse_stirred(&mut self, node: usize) {
        for container in self.nodes[node].machine.stirred() {
            let Some(uid) = self.nodes[node].containers.get(&container).cloned() else { continue };
            self.rouse(&uid);
        }
    }
}

impl ProbeWorker {
    /// Whether nobody is asked.
    pub(super) const fn is_silent(&self) -> bool {
        self.ended || self.hush.is_some()
    }

    /// Whether it has nothing to do until its next beat.
    const fn is_idle(&self) -> bool {
        !self.ended && self.asking.is_none() && self.missed.is_none() && self.hush.is_none()
    }

    /// Whether its instance's fate is decided, so that it does not ask until there is another one.
    fn is_held(&self, status: &PodStatus) -> bool {
        self.tally.on_hold
            && status_of(status, &self.container)
                .is_some_and(|status| status.container_id == self.tally.instance)
    }

    /// The entry that stands for the questions of a quiet probe until a moment, and their number.
    fn counted(&self, now: Instant) -> Option<(Option<EntryId>, u32)> {
        let hush = self.hush?;
        let since = now.since(hush.first).as_micros();
        let period = self.period().as_micros().max(1);
        let count = if since < 0 { 0 } else { since / period + 1 };
        Some((hush.entry, u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

/// Whether nothing is going on with a Pod.
fn is_at_rest(worker: &PodWorker) -> bool {
    worker.state == WorkerState::Syncing
        && worker.sync.is_none()
        && worker.in_hand.is_none()
        && worker.update.is_none()
        && !worker.changed
        && !worker.orphaned
        && !worker.pod.is_terminating()
}
