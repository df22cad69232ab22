//! What each entry that matters says, in order: the raw lines of the Story and the links of Why.

use super::network::Network;
use super::{Line, What};
use crate::manifest::Object;
use crate::manifest::cluster::Node;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::Job;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{
    Actor, Change, Entry, EntryId, Name, ProbeKind, ProbeOutcome, PullStep, SandboxStep, Trace,
    Verb,
};
use crate::view::autoscaling::{Cause, Decision, look};
use crate::view::kubectl::pod_row::print_pod;

/// A container of a Pod, by UID.
type Key = (Name, Name);

/// What is remembered of a container from one entry to the next.
#[derive(Default)]
struct Life {
    /// How many times it was started.
    count: i32,
    started: Option<Instant>,
    ended: Option<Instant>,
    /// The back-off that the next start had to wait for or find passed.
    window: Option<(Duration, Instant)>,
    /// Whether its next start was held back.
    held: bool,
    probes: Map<ProbeKind, ProbeOutcome>,
    hook: Option<Instant>,
    pull_until: Option<Instant>,
}

/// What is remembered of a Pod.
#[derive(Default)]
struct PodMemory {
    created: Option<Instant>,
    deleted: Option<Instant>,
    status: String,
    ready: bool,
    was_ready: bool,
    phase: String,
    node: String,
    unschedulable: bool,
    waits: Map<String, String>,
}

/// What is remembered of an autoscaler.
#[derive(Default)]
struct ScalerMemory {
    /// `behavior` is written.
    policies: bool,
    last: Option<(Decision, Option<Cause>)>,
}

/// Reads a trace from its beginning.
#[derive(Default)]
struct Teller {
    containers: Map<Key, Life>,
    pods: Map<String, PodMemory>,
    network: Network,
    scalers: Map<Name, ScalerMemory>,
    /// Nodes that report, and Jobs that are decided.
    reporting: Map<String, bool>,
    decided: Map<Name, bool>,
    lines: Vec<Line>,
}

/// Every entry that says something, in order.
pub(super) fn tell(trace: &Trace) -> Vec<Line> {
    let mut teller = Teller::default();
    for (id, entry) in (0..).map(EntryId).zip(trace.entries()) {
        teller.entry(id, entry);
    }
    teller.lines
}

impl Teller {
    fn push(&mut self, id: EntryId, entry: &Entry, what: What) {
        let pod = entry.subject.name.to_string();
        let container = entry.subject.container.as_ref().map_or(String::new(), ToString::to_string);
        self.lines.push(Line { at: entry.at, entry: id, rule: entry.rule, pod, container, what });
    }

    /// Says something of Pods in an entry about something else.
    fn push_of_pods(&mut self, id: EntryId, entry: &Entry, said: Vec<(String, What)>) {
        for (pod, what) in said {
            self.push(id, entry, what);
            if let Some(line) = self.lines.last_mut() {
                line.pod = pod;
            }
        }
    }

    fn life(&mut self, entry: &Entry) -> &mut Life {
        let container = entry.subject.container.clone().unwrap_or_else(|| "".into());
        self.containers.entry((entry.subject.uid.clone(), container)).or_default()
    }

    fn entry(&mut self, id: EntryId, entry: &Entry) {
        match &entry.change {
            Change::Acted { command, output, exit, .. } => {
                let (command, output) = (command.to_string(), output.trim().to_owned());
                self.push(id, entry, What::Acted { command, output, ok: *exit == 0 });
            }
            Change::Stored { verb, object } => self.stored(id, entry, *verb, object),
            Change::Sandbox(SandboxStep::NetworkAttached { ip }) => {
                self.push(id, entry, What::Network { ip: ip.to_string() });
            }
            Change::Pull { image, step } => self.pull(id, entry, image, step),
            Change::ContainerStarted { .. } => self.started(id, entry),
            Change::ContainerExited { code, reason, .. } => self.exited(id, entry, *code, reason),
            Change::Backoff { window, from, blocks } => {
                let life = self.life(entry);
                life.window = (*window > Duration::ZERO).then_some((*window, *from));
                // Looked at again and again: the first time says it all.
                if *blocks && !std::mem::replace(&mut life.held, true) {
                    let (restart, since) = (life.count, entry.at.since(*from));
                    self.push(id, entry, What::HeldBack { restart, since, window: *window });
                }
            }
            Change::Stopping { grace, message } => {
                let message = message.to_string();
                self.push(id, entry, What::Stopping { grace: *grace, message });
            }
            Change::Signal { signal, ignored } => {
                let (signal, ignored) = (signal.to_string(), *ignored);
                self.push(id, entry, What::Signalled { signal, ignored, exit: None });
            }
            Change::Probe { kind, outcome, detail, count } => {
                let before = self.life(entry).probes.insert(*kind, *outcome);
                let again = before == Some(*outcome);
                let tell = match outcome {
                    ProbeOutcome::Success | ProbeOutcome::Warning => !again,
                    ProbeOutcome::Failure | ProbeOutcome::Timeout => true,
                    ProbeOutcome::Errored => !again,
                    ProbeOutcome::Held => false,
                };
                if tell {
                    let (kind, outcome, detail) = (*kind, *outcome, detail.to_string());
                    self.push(id, entry, What::Probe { kind, outcome, detail, count: *count });
                }
            }
            Change::Hook { kind, result } => {
                let kind = *kind;
                match result {
                    None => {
                        self.life(entry).hook = Some(entry.at);
                        self.push(id, entry, What::HookBegan { kind });
                    }
                    Some(ok) => {
                        let took = self.life(entry).hook.map(|began| entry.at.since(began));
                        self.push(id, entry, What::HookEnded { kind, ok: *ok, took });
                    }
                }
            }
            Change::Decided { what } => {
                let what = what.to_string();
                match entry.rule {
                    Rule::NotSimulated => self.push(id, entry, What::NotSimulated { what }),
                    Rule::UnknownScheduler => {
                        self.push(id, entry, What::Unschedulable { message: what })
                    }
                    _ => {}
                }
            }
            Change::Limit { what } => {
                let what = what.to_string();
                self.push(id, entry, What::Limit { what });
            }
            Change::Scaling(scaling) => {
                let memory = self.scalers.entry(entry.subject.uid.clone()).or_default();
                let own = look(entry.at, id, scaling, memory.policies);
                let says = (own.decision, own.cause.clone());
                let again = memory.last.as_ref() == Some(&says);
                memory.last = Some(says);
                let tell = match own.decision {
                    Decision::Up | Decision::Down => true,
                    Decision::Stabilizing | Decision::Unknown => !again,
                    Decision::Steady => false,
                };
                if tell {
                    self.push(id, entry, What::Scaling(own));
                }
            }
            Change::Routed { node, routes, .. } => {
                let said = self.network.routed(entry, node, routes);
                self.push_of_pods(id, entry, said);
            }
            Change::Requests(requests) => {
                if let Some(what) = self.network.requests(entry, requests) {
                    self.push(id, entry, what);
                }
            }
            Change::Volume { .. }
            | Change::Sandbox(_)
            | Change::Manifest { .. }
            | Change::ContainerCreated { .. }
            | Change::Process { .. }
            | Change::Output { .. }
            | Change::Quiet(_) => {}
        }
    }

    fn pull(&mut self, id: EntryId, entry: &Entry, image: &str, step: &PullStep) {
        let image = image.to_owned();
        match step {
            PullStep::Present | PullStep::Queued | PullStep::Started { .. } => {}
            PullStep::Finished { took, bytes } => {
                self.push(id, entry, What::Pulled { image, took: *took, bytes: *bytes });
            }
            PullStep::Failed { message } => {
                let message = message.to_string();
                self.push(id, entry, What::PullFailed { image, message });
            }
            PullStep::BackedOff { until } => {
                // Looked at again and again: the first time says it all.
                let life = self.life(entry);
                let again =
                    life.pull_until.is_some_and(|known| known >= *until - Duration::from_secs(1));
                life.pull_until = Some(*until);
                if !again {
                    self.push(id, entry, What::PullHeld { image, wait: until.since(entry.at) });
                }
            }
        }
    }

    fn started(&mut self, id: EntryId, entry: &Entry) {
        let at = entry.at;
        let life = self.life(entry);
        life.count += 1;
        life.started = Some(at);
        life.probes.clear();
        let window = life.window.take();
        let (number, passed) = (life.count, window.map(|(window, _)| window));
        // What the kubelet added to the back-off: it looks again up to half of it later.
        let held = std::mem::take(&mut life.held);
        let late = window
            .map(|(window, from)| at.since(from + window))
            .filter(|late| held && *late >= Duration::ZERO);
        let waited = life.ended.map(|ended| at.since(ended));
        self.push(id, entry, What::Started { number, passed, late, waited });
    }

    fn exited(&mut self, id: EntryId, entry: &Entry, code: i32, reason: &str) {
        let at = entry.at;
        let life = self.life(entry);
        // A command that could not be started ends without having begun.
        if life.started.is_none_or(|started| life.ended.is_some_and(|ended| ended >= started)) {
            life.count += 1;
        }
        life.ended = Some(at);
        let (ran, reason) = (life.started.map(|started| at.since(started)), reason.to_owned());
        let number = life.count;
        self.push(id, entry, What::Exited { number, code, reason, ran });
    }

    fn stored(&mut self, id: EntryId, entry: &Entry, verb: Verb, object: &Object) {
        match object {
            Object::Pod(pod) => self.pod(id, entry, verb, pod),
            Object::ReplicaSet(set) if verb == Verb::Created => {
                let (name, replicas) = (set.metadata.name.clone(), set.spec.replicas.unwrap_or(1));
                self.push(id, entry, What::ReplicaSetMade { name, replicas });
            }
            Object::EndpointSlice(slice) => {
                let said = self.network.slice(entry, slice, verb == Verb::Deleted);
                self.push_of_pods(id, entry, said);
            }
            Object::HorizontalPodAutoscaler(own) => {
                let uid = entry.subject.uid.clone();
                self.scalers.entry(uid).or_default().policies = own.spec.behavior.is_some();
            }
            Object::Job(job) => self.job(id, entry, job),
            Object::Node(node) => self.node(id, entry, node),
            Object::ReplicaSet(_)
            | Object::Deployment(_)
            | Object::StatefulSet(_)
            | Object::DaemonSet(_)
            | Object::CronJob(_)
            | Object::Service(_)
            | Object::ConfigMap(_)
            | Object::Secret(_)
            | Object::Namespace(_)
            | Object::Event(_)
            | Object::PodDisruptionBudget(_)
            | Object::PriorityClass(_)
            | Object::LimitRange(_)
            | Object::ResourceQuota(_)
            | Object::PersistentVolumeClaim(_)
            | Object::PersistentVolume(_)
            | Object::StorageClass(_)
            | Object::Unsimulated(_) => {}
        }
    }

    /// The first condition that decides; those that follow from it say the same.
    fn job(&mut self, id: EntryId, entry: &Entry, job: &Job) {
        let deciding = job.status.conditions.iter().find(|condition| {
            condition.status == "True"
                && matches!(
                    condition.kind.as_str(),
                    "Complete" | "Failed" | "FailureTarget" | "SuccessCriteriaMet"
                )
        });
        let Some(own) = deciding else { return };
        if self.decided.insert(entry.subject.uid.clone(), true).is_none() {
            let (condition, reason) = (own.kind.clone(), own.reason.clone());
            let message = own.message.clone();
            self.push(id, entry, What::JobDecided { condition, reason, message });
        }
    }

    fn node(&mut self, id: EntryId, entry: &Entry, node: &Node) {
        let ready = node.status.conditions.iter().find(|condition| condition.kind == "Ready");
        let reports = ready.is_some_and(|condition| condition.status != "Unknown");
        let before = self.reporting.insert(node.metadata.name.clone(), reports);
        if before == Some(true) && !reports {
            self.push(id, entry, What::NodeSilent);
        }
    }

    fn pod(&mut self, id: EntryId, entry: &Entry, verb: Verb, pod: &Pod) {
        let mut memory = self.pods.remove(&pod.metadata.uid).unwrap_or_default();
        let mut said: Vec<What> = Vec::new();
        match verb {
            Verb::Created => {
                memory.created = Some(entry.at);
                if is_workload(entry.actor) {
                    said.push(What::PodMade);
                }
            }
            Verb::Deleted => {
                let took = memory.deleted.map(|deleted| entry.at.since(deleted));
                said.push(What::Gone { took });
            }
            Verb::Updated => updated(&mut memory, entry, pod, &mut said),
        }
        memory.phase.clone_from(&pod.status.phase);
        memory.node.clone_from(&pod.spec.node_name);
        memory.ready = pod.status.is_true("Ready");
        memory.status = print_pod(pod, Instant::ZERO).status;
        self.pods.insert(pod.metadata.uid.clone(), memory);
        for what in said {
            self.push(id, entry, what);
        }
    }
}

/// Whether a controller makes and unmakes Pods.
const fn is_workload(actor: Actor) -> bool {
    matches!(
        actor,
        Actor::ReplicaSetController
            | Actor::StatefulSetController
            | Actor::DaemonSetController
            | Actor::JobController
    )
}

/// What a new version of a Pod says that the one before did not.
fn updated(memory: &mut PodMemory, entry: &Entry, pod: &Pod, said: &mut Vec<What>) {
    if memory.node.is_empty() && !pod.spec.node_name.is_empty() {
        said.push(What::Scheduled { node: pod.spec.node_name.clone() });
    }
    let scheduled = pod.status.condition("PodScheduled");
    if let Some(refusal) = scheduled.filter(|c| c.status == "False" && !memory.unschedulable) {
        memory.unschedulable = true;
        said.push(What::Unschedulable { message: refusal.message.clone() });
    }
    if pod.is_terminating() && memory.deleted.is_none() {
        memory.deleted = Some(entry.at);
        if is_workload(entry.actor) {
            said.push(What::PodUnmade);
        } else if entry.actor == Actor::TaintEvictionController {
            said.push(What::Evicted);
        }
    }
    config_errors(memory, pod, said);
    let row = print_pod(pod, Instant::ZERO);
    if row.status != memory.status && row.status.ends_with("CrashLoopBackOff") {
        said.push(What::Status { status: row.status.clone() });
    }
    let ready = pod.status.is_true("Ready");
    let readiness = row.ready();
    if ready && !memory.ready {
        let took =
            memory.created.filter(|_| !memory.was_ready).map(|created| entry.at.since(created));
        memory.was_ready = true;
        said.push(What::Ready { readiness, took });
    } else if memory.ready && !ready && row.status == "Running" {
        // Where a container ended, its end says it.
        said.push(What::Unready { readiness });
    }
    let over = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
    if over && memory.phase != pod.status.phase {
        said.push(What::Finished { phase: pod.status.phase.clone() });
    }
}

/// Containers that the runtime could not make or start: only the API tells.
fn config_errors(memory: &mut PodMemory, pod: &Pod, said: &mut Vec<What>) {
    let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
    for status in statuses {
        let Some(waiting) = &status.state.waiting else {
            memory.waits.remove(&status.name);
            continue;
        };
        let before = memory.waits.insert(status.name.clone(), waiting.reason.clone());
        let fault = matches!(
            waiting.reason.as_str(),
            "CreateContainerConfigError"
                | "CreateContainerError"
                | "RunContainerError"
                | "InvalidImageName"
                | "ErrImageNeverPull"
        );
        if fault && before.as_deref() != Some(&waiting.reason) {
            said.push(What::CannotStart {
                container: status.name.clone(),
                reason: waiting.reason.clone(),
                message: waiting.message.clone(),
            });
        }
    }
}
