//! A probe of a container: when it is asked, and what its answers add up to.
//!
//! Owns: [`ProbeWorker`] and [`Tally`], the counting of a worker. Does not own: asking (`prober`,
//! `probe_handler`), or not asking (`quiet`).

use crate::manifest::pod::{ContainerStatus, Pod, PodSpec, PodStatus, RestartPolicy};
use crate::manifest::probe::Probe;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::{EntryId, Name, ProbeKind, ProbeOutcome};
use crate::workload::cri::ExecId;

/// What a probe's answers have added up to, for one instance of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// Startup probes begin so.
    Unknown,
    /// It does well.
    Success,
    /// It does not.
    Failure,
}

/// The worker of one probe of one container.
#[derive(Clone, Debug)]
pub struct ProbeWorker {
    pub(crate) container: Name,
    pub(crate) kind: ProbeKind,
    pub(crate) probe: Probe,
    /// The beat: the kubelet's first sync of the Pod, or the last time it was poked.
    pub(super) phase: Instant,
    /// Counts beats that were set anew, so that an old wake-up is not taken for a new one.
    pub(super) beat: u32,
    /// The Pod was being deleted when the worker was made.
    pub(super) deleting: bool,
    pub(super) tally: Tally,
    /// The question whose answer is awaited.
    pub(crate) asking: Option<Asking>,
    /// A beat or a poke came while an answer was awaited: both have one place only.
    pub(super) missed: Option<Poke>,
    /// It will never ask again.
    pub(super) ended: bool,
    /// It is not asked, because the answer is known.
    pub(super) hush: Option<Hush>,
}

/// What made a worker ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Poke {
    Beat,
    Manual,
}

/// A question under way.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The command that runs in the container, for exec probes.
    pub(crate) exec: Option<ExecId>,
    /// How often asking itself failed.
    pub(crate) errors: u32,
    pub(crate) instance: String,
}

impl ProbeWorker {
    /// Whether an answer is under way that does not come out of the container.
    pub(crate) fn waits(&self) -> bool {
        self.asking.as_ref().is_some_and(|asking| asking.exec.is_none())
    }

    fn new(container: &str, kind: ProbeKind, probe: &Probe, pod: &Pod, now: Instant) -> Self {
        Self {
            container: container.into(),
            kind,
            probe: probe.clone(),
            phase: now,
            beat: 0,
            deleting: pod.is_terminating(),
            tally: Tally::new(kind),
            asking: None,
            missed: None,
            ended: false,
            hush: None,
        }
    }

    /// The workers of all probes of a Pod.
    pub(crate) fn of(pod: &Pod, now: Instant) -> Vec<Self> {
        let mut workers = Vec::new();
        let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar());
        for container in sidecars.chain(&pod.spec.containers) {
            let probes = [
                (ProbeKind::Startup, &container.startup_probe),
                (ProbeKind::Readiness, &container.readiness_probe),
                (ProbeKind::Liveness, &container.liveness_probe),
            ];
            for (kind, probe) in probes {
                if let Some(probe) = probe {
                    workers.push(Self::new(&container.name, kind, probe, pod, now));
                }
            }
        }
        workers
    }

    /// The first beat after a moment.
    pub(super) fn next_beat(&self, after: Instant) -> Instant {
        let soon = after + Duration::from_micros(1);
        soon.next_tick(self.phase, self.period()).max(self.phase + self.period())
    }

    /// From one beat to the next.
    pub(super) fn period(&self) -> Duration {
        Duration::from_secs(i64::from(self.probe.period_seconds.max(1)))
    }

    /// How long an answer may take.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(i64::from(self.probe.timeout_seconds.max(1)))
    }
}

/// What a worker remembers of the instance it probes, and how it goes on from there.
///
/// Models pkg/kubelet/prober/worker.go doProbe, without the asking.
#[derive(Clone, Debug)]
pub struct Tally {
    kind: ProbeKind,
    /// The instance that the results are about (`containerd://…`).
    pub(super) instance: String,
    last_result: Option<ProbeResult>,
    pub(super) result_run: i32,
    pub(super) on_hold: bool,
}

/// What a beat comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// An instance that is no more: its result is forgotten.
    pub forget: Option<String>,
    /// Results to publish for the instance, in this order.
    pub publish: Vec<ProbeResult>,
    /// What the worker does now.
    pub next: Next,
}

/// What a worker does after it has looked at its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It asks.
    Ask,
    /// It waits for its next beat.
    Wait,
    /// It never asks again.
    End,
}

impl Tally {
    /// Begins without an instance.
    pub const fn new(kind: ProbeKind) -> Self {
        Self { kind, instance: String::new(), last_result: None, result_run: 0, on_hold: false }
    }

    /// How many answers in a row were like the last one.
    pub const fn run(&self) -> i32 {
        self.result_run
    }

    /// Looks at the container as its status was last set; `deleting` as it was when the worker was
    /// made.
    pub fn beat(
        &mut self,
        probe: &Probe,
        spec: &PodSpec,
        name: &str,
        status: &PodStatus,
        deleting: bool,
        now: Instant,
    ) -> Beat {
        let mut beat = Beat { forget: None, publish: Vec::new(), next: Next::Wait };
        if matches!(status.phase.as_str(), "Succeeded" | "Failed") {
            beat.next = Next::End;
            return beat;
        }
        let Some(container) = status_of(status, name) else { return beat };
        if container.container_id.is_empty() {
            return beat;
        }
        if self.instance != container.container_id {
            // A new instance: old results are forgotten, the first one is assumed.
            let old = std::mem::replace(&mut self.instance, container.container_id.clone());
            beat.forget = Some(old).filter(|old| !old.is_empty());
            self.on_hold = false;
            beat.publish.push(initial(self.kind));
        } else if self.on_hold {
            return beat;
        }
        let Some(running) = &container.state.running else {
            beat.publish.push(ProbeResult::Failure);
            let never = spec.restart_policy() == RestartPolicy::Never
                && spec.container(name).is_some_and(|c| c.restart_policy.is_none());
            if container.state.terminated.is_some() && never {
                beat.next = Next::End;
            }
            return beat;
        };
        if deleting && self.kind != ProbeKind::Readiness {
            // What is to be stopped is not to be killed for its probes as well.
            beat.publish.push(ProbeResult::Success);
            beat.next = Next::End;
            return beat;
        }
        let since = running.started_at.unwrap_or(now);
        let started = container.started == Some(true);
        if now.since(since).as_secs() >= i64::from(probe.initial_delay_seconds)
            && started != (self.kind == ProbeKind::Startup)
        {
            beat.next = Next::Ask;
        }
        beat
    }

    /// Counts an answer; whether it is to be published.
    pub fn answer(&mut self, probe: &Probe, result: ProbeResult) -> bool {
        self.result_run = if self.last_result == Some(result) { self.result_run + 1 } else { 1 };
        self.last_result = Some(result);
        let needed = match result {
            ProbeResult::Failure => probe.failure_threshold,
            ProbeResult::Success | ProbeResult::Unknown => probe.success_threshold,
        };
        self.result_run >= needed
    }

    /// A result was published: what has decided the instance's fate stops asking until the next.
    pub fn published(&mut self, result: ProbeResult) {
        if self.kind == ProbeKind::Startup
            || (self.kind == ProbeKind::Liveness && result == ProbeResult::Failure)
        {
            self.on_hold = true;
            self.result_run = 0;
        }
    }
}

/// What an answer says of the container; `None` when asking itself failed, and nothing is counted.
///
/// Models prober.go probe.
pub const fn result_of(outcome: ProbeOutcome) -> Option<ProbeResult> {
    match outcome {
        ProbeOutcome::Success | ProbeOutcome::Warning => Some(ProbeResult::Success),
        ProbeOutcome::Failure | ProbeOutcome::Timeout => Some(ProbeResult::Failure),
        ProbeOutcome::Errored | ProbeOutcome::Held => None,
    }
}

pub(super) fn status_of<'s>(status: &'s PodStatus, name: &str) -> Option<&'s ContainerStatus> {
    let all = status.container_statuses.iter().chain(&status.init_container_statuses);
    all.into_iter().find(|status| status.name == name)
}

/// Results by instance of a container and kind of probe.
pub type Results = Map<(String, ProbeKind), ProbeResult>;

/// Initial result of each kind (worker.go newWorker).
const fn initial(kind: ProbeKind) -> ProbeResult {
    match kind {
        ProbeKind::Readiness => ProbeResult::Failure,
        ProbeKind::Liveness => ProbeResult::Success,
        ProbeKind::Startup => ProbeResult::Unknown,
    }
}

/// A probe that is not asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hush {
    /// When it would be asked for the first time, and how long the answer would take.
    pub(super) first: Instant,
    pub(super) takes: Duration,
    /// What stands for the answers; nothing where nobody would be asked.
    pub(super) entry: Option<EntryId>,
}

/// The grace period of a container that a probe kills.
///
/// Models kuberuntime_container.go setTerminationGracePeriod.
pub(crate) fn probe_grace(pod: &Pod, container: &str, kind: ProbeKind) -> Option<i64> {
    let container = pod.spec.container(container)?;
    let probe = match kind {
        ProbeKind::Startup => container.startup_probe.as_ref(),
        ProbeKind::Liveness => container.liveness_probe.as_ref(),
        ProbeKind::Readiness => None,
    }?;
    probe.termination_grace_period_seconds
}
