//! What is inside every Pod at a moment: sandbox, seats of its containers, processes, ports.
//!
//! Owns: replaying the entries of a trace up to a moment ([`inside`]). Does not own: what a picture
//! makes of it (`anatomy`, `processes`, `nodes`), or objects, which the API has ([`Trace`]).
//!
//! This is the truth of the nodes, not what the API shows: a container has a seat from the moment
//! at which it started, whoever has noticed.

use std::rc::Rc;

use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::map::{Map, Set};
use crate::time::Instant;
use crate::trace::{
    Change, Entry, LocalAnswer, Name, Namespaces, ProcessStep, PullStep, SandboxStep, Trace,
};

/// Processes that are gone and worth a line: so many of a namespace.
const GHOSTS: usize = 3;

/// The annotation of the mirror of a static Pod.
pub(super) const MIRROR: &str = "kubernetes.io/config.mirror";

/// Every Pod that any node has ever worked for, by UID.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    /// The Pods.
    pub pods: Map<Name, PodInside>,
    /// Images that were found or put on each node, by its name.
    pub images: Map<Name, Set<Name>>,
}

/// One Pod on its node.
#[derive(Clone, Debug, Default)]
pub struct PodInside {
    /// Namespace.
    pub namespace: Name,
    /// Name.
    pub name: Name,
    /// Where it is; empty while nobody knows.
    pub node: Name,
    /// How far its sandbox is.
    pub sandbox: Sandbox,
    /// Its containers, by name.
    pub seats: Map<Name, Seat>,
    /// Volumes that are mounted.
    pub volumes: Vec<Name>,
    /// Its processes, by PID on the node.
    pub processes: Map<u32, Process>,
    /// Processes that were adopted or zombies, and are gone; oldest first.
    pub ghosts: Vec<Process>,
    /// The newest request from the Pod to itself.
    pub asked: Option<Asked>,
    /// The file that the kubelet made it from.
    pub manifest: Option<Name>,
}

/// How far a sandbox is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// Nothing, being made, there, or gone.
    pub stage: Stage,
    /// The number of its network namespace.
    pub net: Option<u32>,
    /// The address that CNI gave.
    pub ip: Option<Name>,
    /// The namespaces that pause holds open.
    pub pause: Option<Rc<Namespaces>>,
    /// When the newest of its steps was.
    pub at: Instant,
}

/// Nothing, being made, there, or gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing yet.
    #[default]
    None,
    /// The kubelet asked for it.
    Creating,
    /// The kubelet may start containers in it.
    Ready,
    /// pause has ended.
    Stopped,
}

/// What a container is on its node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// Which instance, from 0.
    pub attempt: i32,
    /// When it started.
    pub started: Option<Instant>,
    /// Its exit code, its reason, and when.
    pub exited: Option<(i32, Name, Instant)>,
    /// When the kubelet began to stop it.
    pub stopping: Option<Instant>,
    /// Where its first process is.
    pub namespaces: Option<Rc<Namespaces>>,
    /// A port that it wanted and another container has.
    pub clash: Option<u16>,
}

impl Seat {
    /// Whether its first process runs.
    pub fn is_taken(&self) -> bool {
        self.started.is_some() && self.exited.is_none()
    }
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// PID on the node.
    pub host_pid: u32,
    /// PID in its own namespace.
    pub pid: u32,
    /// The number of that namespace.
    pub ns: u32,
    /// PID on the node of the process that made it; 0 when the runtime did.
    pub born_to: u32,
    /// The command line.
    pub command: Name,
    /// Its container; `None` for pause.
    pub container: Option<Name>,
    /// The first of its container, or pause.
    pub first: bool,
    /// When it began.
    pub since: Instant,
    /// Its exit code, while nobody has read it.
    pub zombie: Option<i32>,
    /// When it was gone.
    pub gone: Option<Instant>,
    /// It was stopped by a signal and can be continued.
    pub paused: bool,
    /// Ports it listens on.
    pub ports: Vec<u16>,
    /// The newest signal that came.
    pub signal: Option<Signal>,
}

/// A signal that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// `TERM`, `HUP`, …
    pub name: Name,
    /// Nothing happened.
    pub ignored: bool,
    /// The sender's PID on the node; 0 for the runtime.
    pub by: u32,
    /// When.
    pub at: Instant,
}

/// A request to localhost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who asked.
    pub container: Name,
    /// With which command.
    pub command: Name,
    /// Which port.
    pub port: u16,
    /// What came back.
    pub answer: LocalAnswer,
    /// When.
    pub at: Instant,
}

/// What is inside every Pod at a moment.
pub fn inside(trace: &Trace, at: Instant) -> Inside {
    let until = trace.entries().partition_point(|entry| entry.at <= at);
    let mut inside = Inside::default();
    for entry in trace.entries().iter().take(until) {
        inside.take(entry);
    }
    inside
}

impl Inside {
    /// What is inside a Pod as the API shows it: a mirror stands for what the kubelet runs.
    pub fn of(&self, pod: &Pod) -> Option<&PodInside> {
        let metadata = &pod.metadata;
        self.pods.get(metadata.uid.as_str()).or_else(|| {
            let named = |inside: &&PodInside| {
                *inside.name == *metadata.name && *inside.namespace == *metadata.namespace
            };
            self.pods.values().filter(named).max_by_key(|inside| inside.sandbox.at)
        })
    }

    fn take(&mut self, entry: &Entry) {
        match &entry.change {
            Change::Stored { object: Object::Pod(pod), .. } => {
                // A mirror has no inside of its own.
                if !pod.spec.node_name.is_empty() && !pod.metadata.annotations.contains_key(MIRROR)
                {
                    let inside = self.pods.entry(entry.subject.uid.clone()).or_default();
                    if inside.node.is_empty() {
                        inside.node = pod.spec.node_name.as_str().into();
                        inside.name = entry.subject.name.clone();
                        inside.namespace = entry.subject.namespace.clone();
                    }
                }
                return;
            }
            Change::Volume { .. }
            | Change::Sandbox(_)
            | Change::Pull { .. }
            | Change::ContainerStarted { .. }
            | Change::ContainerExited { .. }
            | Change::Stopping { .. }
            | Change::Signal { .. }
            | Change::Manifest { .. }
            | Change::Process { .. } => {}
            Change::Acted { .. }
            | Change::Stored { .. }
            | Change::ContainerCreated { .. }
            | Change::Backoff { .. }
            | Change::Output { .. }
            | Change::Probe { .. }
            | Change::Quiet(_)
            | Change::Hook { .. }
            | Change::Decided { .. }
            | Change::Scaling(_)
            | Change::Routed { .. }
            | Change::Requests(_)
            | Change::Limit { .. } => return,
        }
        let pod = self.pods.entry(entry.subject.uid.clone()).or_default();
        if pod.name.is_empty() {
            pod.name = entry.subject.name.clone();
            pod.namespace = entry.subject.namespace.clone();
        }
        if let Change::Pull { image, step: PullStep::Present | PullStep::Finished { .. } } =
            &entry.change
        {
            let images = self.images.entry(pod.node.clone()).or_default();
            images.insert(image.clone());
        }
        pod.take(entry);
    }
}

impl PodInside {
    fn take(&mut self, entry: &Entry) {
        let container = entry.subject.container.as_ref();
        let seat = container.map(|name| self.seats.entry(name.clone()).or_default());
        match (&entry.change, seat) {
            (Change::Manifest { file, node, there }, _) => {
                self.node = node.clone();
                self.manifest = there.then(|| file.clone());
            }
            (Change::Volume { name, mounted }, _) => {
                self.volumes.retain(|known| known != name);
                if *mounted {
                    self.volumes.push(name.clone());
                }
            }
            (Change::Sandbox(step), _) => self.step(step, entry.at),
            (Change::ContainerStarted { attempt }, Some(seat)) => {
                let (attempt, started) = (*attempt, Some(entry.at));
                *seat = Seat { attempt, started, ..Seat::default() };
            }
            (Change::ContainerExited { code, reason, attempt, .. }, Some(seat)) => {
                seat.attempt = *attempt;
                seat.exited = Some((*code, reason.clone(), entry.at));
                seat.namespaces = None;
                self.processes.retain(|_, process| process.container.as_ref() != container);
            }
            (Change::Stopping { .. }, Some(seat)) if seat.is_taken() => {
                seat.stopping.get_or_insert(entry.at);
            }
            (Change::Signal { signal, ignored }, Some(_)) => {
                let mut own = self.processes.values_mut();
                if let Some(first) =
                    own.find(|process| process.first && process.container.as_ref() == container)
                {
                    let (name, ignored) = (signal.clone(), *ignored);
                    first.signal = Some(Signal { name, ignored, by: 0, at: entry.at });
                }
            }
            (Change::Process { host_pid, pid, step }, _) => {
                self.process(entry, *host_pid, *pid, step);
            }
            _ => {}
        }
    }

    fn step(&mut self, step: &SandboxStep, at: Instant) {
        let sandbox = &mut self.sandbox;
        sandbox.at = at;
        match step {
            SandboxStep::Creating => {
                *sandbox = Sandbox { stage: Stage::Creating, at, ..Sandbox::default() };
            }
            SandboxStep::NetworkNamespace { number } => sandbox.net = Some(*number),
            SandboxStep::NetworkAttached { ip } => sandbox.ip = Some(ip.clone()),
            SandboxStep::NetworkDetached => sandbox.ip = None,
            SandboxStep::PauseStarted => {}
            SandboxStep::Ready => sandbox.stage = Stage::Ready,
            SandboxStep::NoAddress | SandboxStep::Stopped => {
                *sandbox = Sandbox { stage: Stage::Stopped, at, ..Sandbox::default() };
                self.processes.clear();
                self.ghosts.clear();
            }
        }
    }

    fn process(&mut self, entry: &Entry, host_pid: u32, pid: u32, step: &ProcessStep) {
        let container = entry.subject.container.clone();
        match step {
            ProcessStep::Runs { parent, command, namespaces } => {
                if let Some(numbers) = namespaces {
                    match container.as_ref().and_then(|name| self.seats.get_mut(name)) {
                        Some(seat) => seat.namespaces = Some(numbers.clone()),
                        None => {
                            self.sandbox.net = Some(numbers.net);
                            self.sandbox.pause = Some(numbers.clone());
                        }
                    }
                }
                if let Some(known) = self.processes.get_mut(&host_pid) {
                    known.command = command.clone();
                    return;
                }
                let seat = container.as_ref().and_then(|name| self.seats.get(name));
                let seat = seat.and_then(|seat| seat.namespaces.as_ref());
                let ns = namespaces.as_ref().or(seat).map_or(0, |numbers| numbers.pid);
                let process = Process {
                    host_pid,
                    pid,
                    ns,
                    born_to: *parent,
                    command: command.clone(),
                    container,
                    first: namespaces.is_some(),
                    since: entry.at,
                    zombie: None,
                    gone: None,
                    paused: false,
                    ports: Vec::new(),
                    signal: None,
                };
                self.processes.insert(host_pid, process);
            }
            ProcessStep::Exited { code, zombie: true } => {
                if let Some(process) = self.processes.get_mut(&host_pid) {
                    process.zombie = Some(*code);
                    process.ports.clear();
                }
            }
            ProcessStep::Exited { zombie: false, .. } => {
                let orphan = self.processes.get(&host_pid).is_some_and(|process| {
                    process.born_to != 0 && self.parent(process) != process.born_to
                });
                self.leave(host_pid, entry.at, orphan);
            }
            ProcessStep::Reaped => self.leave(host_pid, entry.at, true),
            ProcessStep::Signalled { signal, ignored, by } => {
                if let Some(process) = self.processes.get_mut(&host_pid) {
                    match *signal {
                        "STOP" if !ignored => process.paused = true,
                        "CONT" => process.paused = false,
                        _ => {}
                    }
                    let (name, ignored, by) = ((*signal).into(), *ignored, *by);
                    process.signal = Some(Signal { name, ignored, by, at: entry.at });
                }
            }
            ProcessStep::Listens { port, taken } => {
                let process = self.processes.get_mut(&host_pid);
                if let (Some(process), false) = (process, taken) {
                    process.ports.push(*port);
                }
                let seat = container.and_then(|name| self.seats.get_mut(&name));
                if let (Some(seat), true) = (seat, taken) {
                    seat.clash = Some(*port);
                }
            }
            ProcessStep::Closed => {
                if let Some(process) = self.processes.get_mut(&host_pid) {
                    process.ports.clear();
                }
            }
            ProcessStep::Asked { port, answer } => {
                let process = self.processes.get(&host_pid);
                self.asked = Some(Asked {
                    container: container.unwrap_or_default(),
                    command: process.map(|process| process.command.clone()).unwrap_or_default(),
                    port: *port,
                    answer: *answer,
                    at: entry.at,
                });
            }
        }
    }

    fn leave(&mut self, host_pid: u32, at: Instant, remembered: bool) {
        let Some(mut process) = self.processes.remove(&host_pid) else { return };
        if remembered {
            process.gone = Some(at);
            self.ghosts.push(process);
            if self.ghosts.len() > GHOSTS {
                self.ghosts.remove(0);
            }
        }
    }

    /// PID on the node of a process's parent as it is now: an orphan's is PID 1 of its namespace.
    pub fn parent(&self, process: &Process) -> u32 {
        let alive = |pid: u32| self.processes.get(&pid).is_some_and(|p| p.zombie.is_none());
        if process.born_to == 0 || alive(process.born_to) {
            return process.born_to;
        }
        let mut own = self.processes.values();
        let one = own.find(|p| p.ns == process.ns && p.pid == 1 && p.zombie.is_none());
        // With hostPID it is the node's own PID 1.
        let node_init = u32::from(process.pid == process.host_pid);
        one.filter(|one| one.host_pid != process.host_pid).map_or(node_init, |one| one.host_pid)
    }
}

/// The Pods that the API shows at a moment, oldest first.
pub fn pods_at(trace: &Trace, at: Instant) -> Vec<Rc<Pod>> {
    let pods = trace.histories().iter().filter(|history| &*history.kind == "Pod");
    let objects = pods.filter_map(|history| trace.object_at(history, at));
    objects
        .filter_map(|object| match object {
            Object::Pod(pod) => Some(pod.clone()),
            _ => None,
        })
        .collect()
}

/// The Pod that a picture of one Pod is about: the one that was chosen, or the first that has a
/// node, or the first.
pub fn pod_at(trace: &Trace, at: Instant, chosen: Option<&str>) -> Option<Rc<Pod>> {
    let pods = pods_at(trace, at);
    let named = |name: &str| pods.iter().find(|pod| pod.metadata.name == name);
    let placed = || pods.iter().find(|pod| !pod.spec.node_name.is_empty());
    chosen.and_then(named).or_else(placed).or_else(|| pods.first()).cloned()
}
