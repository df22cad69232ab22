//! The machines: what each is, and what its kubelet and runtime keep.
//!
//! Owns: making the nodes of a scenario, addresses of Pods, and handing what happens on a machine
//! to whom it concerns. Does not own: the kernel (`workload::machine`) or the kubelet's decisions.

use std::rc::Rc;

use crate::cluster::key::pod_subject;
use crate::cluster::kubelet::PodWorker;
use crate::cluster::kubelet::eviction_manager::Pressure;
use crate::cluster::kubelet::image_puller::ImagePuller;
use crate::cluster::kubelet::node_status::{Power, kubelet_conditions};
use crate::cluster::kubelet::static_pods::MANIFESTS;
use crate::cluster::kubelet::steps::ExecOwner;
use crate::cluster::queue::Token;
use crate::cluster::random::Random;
use crate::cluster::roster::Roster;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::{Node, NodeSpec, NodeStatus};
use crate::manifest::meta::ObjectMeta;
use crate::manifest::quantity::Quantity;
use crate::manifest::scenario_document::NodeSpec as Described;
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, ProcessStep, Verb};
use crate::workload::cri::{
    Answer, ContainerId, ExecId, Happening, RequestId, SandboxId, VolumeId,
};
use crate::workload::image::Catalogue;
use crate::workload::machine::Machine;

/// The port of name servers.
const DNS: u16 = 53;

/// What a process wants of another host.
#[derive(Clone, Copy, Debug)]
struct Wanted<'r> {
    id: RequestId,
    host: &'r str,
    port: u16,
    path: Option<&'r str>,
}

/// One machine with its kubelet.
pub(crate) struct NodeHost {
    pub(crate) name: String,
    pub(crate) ip: String,
    pub(crate) labels: Map<String, String>,
    pub(crate) taints: Vec<crate::manifest::cluster::Taint>,
    pub(crate) allocatable: Map<String, Quantity>,
    pub(crate) unschedulable: bool,
    /// The API has its Node object.
    pub(crate) registered: bool,
    /// Until when the node lifecycle controller bears with a kubelet that is silent.
    pub(crate) silent_until: Option<Instant>,
    /// The Node object that the node lifecycle controller watches.
    pub(crate) watched: Option<Rc<Node>>,
    pub(crate) power: Power,
    pub(crate) machine: Machine,
    /// Volumes that outlive Pods, by the name of the PersistentVolume; `/` is the node's own disk.
    pub(crate) disks: Map<String, VolumeId>,
    pub(crate) puller: ImagePuller,
    /// The Pods that the kubelet works for, by UID.
    pub(crate) workers: Roster,
    /// Which Pod a container of the machine belongs to.
    pub(crate) containers: Map<ContainerId, String>,
    pub(crate) execs: Map<ExecId, ExecOwner>,
    /// The phase of the PLEG's relists.
    pub(crate) pleg_phase: Instant,
    /// A relist is queued.
    pub(crate) pleg_queued: bool,
    /// The phase of the sync loop's one-second ticker, which drains the work queue.
    pub(crate) ticker_phase: Instant,
    /// Files of the node that hold manifests: those in the kubelet's folder, by name.
    pub(crate) manifests: Map<String, String>,
    /// Manifests that were moved elsewhere, by path.
    elsewhere: Map<String, String>,
    /// The static Pods that run, by file: their UIDs.
    pub(crate) static_pods: Map<String, String>,
    /// What the eviction manager knows.
    pub(crate) pressure: Pressure,
    machine_wake: Option<(Instant, Token)>,
    /// `10.244.1.`: the node's range of Pod addresses.
    prefix: String,
    next_address: u8,
    addresses: Set<u8>,
}

/// CPU, memory and Pods of a node that says nothing. Invented: a middling cloud machine; 110 is
/// the kubelet's own default for maxPods (pkg/kubelet/apis/config/v1beta1/defaults.go).
const CAPACITY: [(&str, &str); 4] =
    [("cpu", "8"), ("memory", "16Gi"), ("ephemeral-storage", "100Gi"), ("pods", "110")];

/// The labels with which a kubelet registers its node.
fn labels_of(spec: &Described) -> Map<String, String> {
    let mut labels = spec.labels.clone();
    for (key, value) in [
        ("kubernetes.io/hostname", spec.name.as_str()),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
    ] {
        labels.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    }
    labels
}

/// Makes the machines of a scenario.
pub(crate) fn make(scenario: &Scenario) -> Vec<NodeHost> {
    let catalogue = Catalogue::new(&scenario.images);
    scenario
        .nodes
        .iter()
        .enumerate()
        .map(|(index, spec)| {
            let mut allocatable: Map<String, Quantity> = CAPACITY
                .iter()
                .filter_map(|(name, text)| {
                    Quantity::parse(text).ok().map(|quantity| ((*name).to_owned(), quantity))
                })
                .collect();
            allocatable.extend(spec.capacity.clone());
            let ip = format!("10.99.0.{}", index + 2);
            let phase = |purpose: &str| {
                let mut luck = Random::keyed(scenario.seed, purpose, &spec.name, 0);
                Instant::ZERO + luck.between(Duration::ZERO, Duration::from_secs(1))
            };
            NodeHost {
                name: spec.name.clone(),
                machine: Machine::new(&spec.name, &ip, catalogue.clone()),
                ip,
                labels: labels_of(spec),
                disks: Map::new(),
                taints: spec.taints.clone(),
                allocatable,
                unschedulable: false,
                registered: false,
                silent_until: None,
                watched: None,
                power: Power::On,
                puller: ImagePuller::new(&spec.images, catalogue.clone()),
                workers: Roster::default(),
                containers: Map::new(),
                execs: Map::new(),
                pleg_phase: phase("pleg"),
                pleg_queued: false,
                ticker_phase: phase("ticker"),
                manifests: spec.static_pods.clone(),
                elsewhere: Map::new(),
                static_pods: Map::new(),
                pressure: Pressure::default(),
                machine_wake: None,
                prefix: format!("10.244.{}.", (index + 1) % 256),
                next_address: 2,
                addresses: Set::new(),
            }
        })
        .collect()
}

impl NodeHost {
    /// The node as the API shows it.
    pub(crate) fn object(&self, now: Instant) -> Node {
        Node {
            metadata: ObjectMeta {
                name: self.name.clone(),
                labels: self.labels.clone(),
                ..ObjectMeta::default()
            },
            spec: NodeSpec { unschedulable: self.unschedulable, taints: self.taints.clone() },
            status: NodeStatus {
                capacity: self.allocatable.clone(),
                allocatable: self.allocatable.clone(),
                internal_ip: self.ip.clone(),
                conditions: kubelet_conditions(now, self.pressure.now()),
            },
        }
    }

    /// The next free address of the node's range, as the host-local plugin hands them out.
    ///
    /// Models containernetworking/plugins host-local: round robin, so that an address is not used
    /// again at once; `None` when all are taken.
    pub(crate) fn take_address(&mut self) -> Option<String> {
        for _ in 0..253 {
            let candidate = self.next_address;
            self.next_address = if candidate >= 254 { 2 } else { candidate + 1 };
            if self.addresses.insert(candidate) {
                return Some(format!("{}{candidate}", self.prefix));
            }
        }
        None
    }

    /// The addresses that its Pods may have, as the host-local plugin names them.
    pub(crate) fn address_range(&self) -> String {
        let prefix = &self.prefix;
        format!("{prefix}1-{prefix}254")
    }

    /// Takes a manifest away from its place.
    pub(crate) fn take_file(&mut self, path: &str) -> Option<String> {
        match path.strip_prefix(MANIFESTS) {
            Some(name) => self.manifests.remove(name),
            None => self.elsewhere.remove(path),
        }
    }

    /// The text of a manifest.
    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        let found = match path.strip_prefix(MANIFESTS) {
            Some(name) => self.manifests.get(name),
            None => self.elsewhere.get(path),
        };
        found.map(String::as_str)
    }

    /// The files of the node: folder and name.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let elsewhere = self.elsewhere.keys().map(|path| {
            let cut = path.rfind('/').map_or(0, |at| at + 1);
            path.split_at(cut)
        });
        self.manifests.keys().map(|name| (MANIFESTS, name.as_str())).chain(elsewhere)
    }

    /// Puts a manifest in a place.
    pub(crate) fn put_file(&mut self, path: &str, text: String) {
        match path.strip_prefix(MANIFESTS) {
            // The kubelet leaves dot files alone (config/file.go).
            Some(name) if !name.starts_with('.') => self.manifests.insert(name.to_owned(), text),
            Some(_) | None => self.elsewhere.insert(path.to_owned(), text),
        };
    }

    /// Gives an address back.
    pub(crate) fn release_address(&mut self, ip: &str) {
        let last = ip.strip_prefix(&self.prefix).and_then(|rest| rest.parse().ok());
        if let Some(last) = last {
            self.addresses.remove(&last);
        }
    }
}

impl World<'_> {
    /// Stores the Node and Namespace objects that are there before anything is applied.
    pub(crate) fn store_nodes(&mut self) {
        for index in 0..self.nodes.len() {
            let mut node = self.nodes[index].object(self.now.truncated());
            self.fill_metadata(&mut node.metadata, false);
            let node = Rc::new(node);
            self.nodes[index].watched = Some(node.clone());
            let object = Object::Node(node);
            self.put(Actor::ApiServer, Verb::Created, object, Rule::ObjectStored, None);
        }
    }

    /// A kubelet that starts and finds no Node object makes one, as its configuration says.
    ///
    /// Models pkg/kubelet/kubelet_node_status.go registerWithAPIServer.
    pub(crate) fn register_node(&mut self, index: usize, cause: Option<EntryId>) {
        let Some(spec) = self.scenario.nodes.get(index) else { return };
        let host = &mut self.nodes[index];
        host.labels = labels_of(spec);
        host.taints.clone_from(&spec.taints);
        host.unschedulable = false;
        let mut node = host.object(self.now.truncated());
        node.status.conditions.clear();
        self.fill_metadata(&mut node.metadata, false);
        let object = Object::Node(Rc::new(node));
        self.put(Actor::Kubelet, Verb::Created, object, Rule::NodeRegistered, cause);
    }

    /// The places of the machines that the API knows as nodes.
    pub(crate) fn members(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].registered).collect()
    }

    /// The index of a node by name.
    pub(crate) fn node_index(&self, name: &str) -> Option<usize> {
        self.node_places.get(name).map(|place| place as usize)
    }

    /// Looks at a node's machine as soon as it wants to be looked at.
    pub(crate) fn watch_machine(&mut self, node: usize) {
        let Some(due) = self.nodes[node].machine.next_wakeup() else { return };
        let due = due.max(self.now);
        match self.nodes[node].machine_wake {
            Some((at, _)) if at <= due => return,
            Some((_, token)) => self.cancel(token),
            None => {}
        }
        let token = self.wake_at(due, Wake::Machine { node }, None);
        self.nodes[node].machine_wake = Some((due, token));
    }

    /// Lets the machine go on to now and hands out what happened.
    pub(crate) fn machine_advance(&mut self, node: usize) {
        self.nodes[node].machine_wake = None;
        let before = self.nodes[node].machine.bulk();
        let happenings = self.nodes[node].machine.advance(self.now);
        for happening in happenings {
            self.machine_happening(node, happening);
        }
        if self.nodes[node].machine.bulk() != before {
            self.watch_usage(node, None);
        }
        self.rouse_stirred(node);
        self.watch_machine(node);
    }

    fn machine_happening(&mut self, node: usize, happening: Happening) {
        match happening {
            Happening::Exited { container, code, signal, out_of_memory, termination_message } => {
                self.container_exited(
                    node,
                    container,
                    code,
                    signal,
                    out_of_memory,
                    termination_message,
                );
            }
            Happening::ExecFinished { exec, code, output } => {
                match self.nodes[node].execs.remove(&exec) {
                    Some(ExecOwner::Probe { uid, index }) => {
                        self.probe_exec_ended(&uid, index, code, &output);
                    }
                    Some(ExecOwner::Hook(of)) => self.hook_ended(&of, code == 0),
                    Some(ExecOwner::You(entry)) => self.exec_ended(entry, code, output),
                    None => {}
                }
            }
            Happening::Process { container, host_pid, pid, step } => {
                let rule = match &step {
                    ProcessStep::Runs { .. } => Rule::ContainerStarted,
                    ProcessStep::Exited { zombie: false, .. } => Rule::ProcessExited,
                    ProcessStep::Exited { zombie: true, .. } => Rule::ZombieStays,
                    ProcessStep::Reaped => Rule::ZombieReaped,
                    ProcessStep::Signalled { ignored: false, .. } => Rule::ProcessSignals,
                    ProcessStep::Signalled { ignored: true, .. } => Rule::PidOneIgnores,
                    ProcessStep::Listens { taken: false, .. } | ProcessStep::Closed => {
                        Rule::PortListened
                    }
                    ProcessStep::Listens { taken: true, .. } => Rule::PortTaken,
                    ProcessStep::Asked { .. } => Rule::LocalhostShared,
                };
                let change = Change::Process { host_pid, pid, step };
                self.record_process(node, container, change, rule);
            }
            Happening::Output { container, line } => {
                let change = Change::Output { line: line.into() };
                self.record_process(node, container, change, Rule::ProcessOutput);
            }
            Happening::NotSimulated { container, what } => {
                let change = Change::Decided { what: what.into() };
                self.record_process(node, container, change, Rule::NotSimulated);
            }
            Happening::Request { id, container, host, port, path } => {
                let (host, path) = (host.as_str(), path.as_deref());
                self.route(node, container, Wanted { id, host, port, path });
            }
        }
    }

    fn record_process(
        &mut self,
        node: usize,
        container: ContainerId,
        change: Change,
        rule: Rule,
    ) -> Option<EntryId> {
        let uid = self.nodes[node].containers.get(&container)?;
        let worker = self.nodes[node].workers.get(uid)?;
        let instance = worker.instances.iter().find(|i| i.machine_id == Some(container))?;
        let subject = pod_subject(&worker.pod, Some(&instance.name));
        let cause = instance.started_entry;
        let actor = Actor::Process;
        let at = self.now;
        Some(self.record(Entry { at, actor, subject, change, cause, rule }))
    }

    /// Answers a process that wants to reach something outside its Pod.
    fn route(&mut self, node: usize, container: ContainerId, request: Wanted<'_>) {
        let uid = self.nodes[node].containers.get(&container).cloned().unwrap_or_default();
        let pod = self.nodes[node].workers.get(&uid).map(|worker| worker.pod.clone());
        let namespace =
            pod.as_ref().map_or_else(|| "default".to_owned(), |p| p.metadata.namespace.clone());
        let host = match &pod {
            Some(pod) => self.name_asked_for(pod, request.host),
            None => Some(request.host.to_owned()),
        };
        let answer = match (host, request.port, request.path) {
            (None, ..) => Answer::UnknownHost,
            (Some(host), DNS, None) => self.look_up(&host, &namespace),
            (Some(host), port, path) => self.reach((node, &namespace), (&host, port), path),
        };
        self.nodes[node].machine.answer(self.now, request.id, answer);
    }

    /// The Pod whose sandbox has an address, and its node.
    pub(crate) fn worker_of_address(&self, ip: &str) -> Option<(usize, &PodWorker)> {
        self.nodes.iter().enumerate().find_map(|(index, node)| {
            if !ip.starts_with(&node.prefix) && ip != node.ip {
                return None;
            }
            let mut workers = node.workers.values();
            Some((index, workers.find(|worker| worker.sandbox_ip() == Some(ip))?))
        })
    }

    /// The sandbox that has an address, and its node.
    pub(crate) fn sandbox_of_address(&self, ip: &str) -> Option<(usize, SandboxId)> {
        let (node, worker) = self.worker_of_address(ip)?;
        let attached = worker.sandbox.as_ref().is_some_and(|sandbox| !sandbox.detached);
        Some((node, worker.sandbox_id().filter(|_| attached)?))
    }
}
