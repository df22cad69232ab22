//! The discrete-event engine: runs a scenario in virtual time and writes the trace.
//!
//! Owns: the loop, its limits, and the [`World`] that the components share. Each file below is one
//! component and adds its own `impl World`. Does not own: what runs inside containers (`workload`),
//! or how anything looks (`view`).

mod admission;
mod api_server;
pub mod attempt;
mod booked;
mod check;
pub mod controllers;
mod events;
mod eviction;
mod key;
mod kubectl;
pub mod kubelet;
mod latency;
pub mod metrics;
mod network;
mod node;
mod pod_security;
mod queue;
mod random;
mod roster;
mod scheduler;
mod store;
mod traffic;

use std::rc::Rc;

use crate::manifest::pod::Pod;
use crate::map::Set;
use crate::map::index::Index;
use crate::rule::Rule;
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, ProbeOutcome, Subject, Trace};
use crate::workload::cri::{ContainerId, ExecId};

use events::Recorders;
use key::Key;
pub(crate) use key::with_metadata;
use kubelet::Exit;
use kubelet::steps::HookOf;
use node::NodeHost;
use queue::{Queue, Token};
use random::Random;
use store::Store;

/// Entries that a trace may have. Invented: about 100 Pods restarting for a day; a run takes a
/// second or two and the page stays usable.
const ENTRIES_MAX: usize = 400_000;

/// Wake-ups that a run may take. Invented: a thousand times what the longest lesson needs.
const WAKES_MAX: u64 = 4_000_000;

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Wake {
    /// The n-th action of the scenario.
    Act(usize),
    /// kubectl has started, and asks the API server for what its entry says.
    Perform { index: usize, entry: EntryId },
    /// The scheduler tries a Pod.
    Schedule { uid: String },
    /// The kubelet of a Pod's node hears that the Pod has changed, or is gone.
    PodUpdate { uid: String },
    /// The next step of a Pod worker's sync.
    Worker { uid: String },
    /// The kubelet's loop hears of something that its Pod worker must look at.
    Sync { uid: String },
    /// A Pod worker's sync is due again.
    Resync { uid: String },
    /// The kubelet of a node asks the runtime what there is.
    Relist { node: usize },
    /// The kubelet asks the runtime about one Pod.
    RelistPod { uid: String },
    /// A status that was set is sent to the API server.
    StatusPatch { uid: String },
    /// The time of a stage of a container's stop is over.
    KillTimer { uid: String, container: u32 },
    /// The runtime learns that a container's first process has ended.
    ExitSeen { uid: String, container: ContainerId, exit: Box<Exit> },
    /// A probe's beat.
    Probe { uid: String, index: usize, beat: u32 },
    /// The command of a probe begins to run.
    ProbeExec { uid: String, index: usize },
    /// A probe's answer comes.
    ProbeReply { uid: String, index: usize, outcome: ProbeOutcome, text: String },
    /// A command run from outside has taken too long.
    ExecTimeout { node: usize, exec: ExecId },
    /// A hook has ended.
    HookEnded { of: HookOf, succeeded: bool },
    /// Something is due on a node's machine.
    Machine { node: usize },
    /// A controller looks at one of its objects.
    Controller { key: Key },
    /// A controller looks at one of its objects because time has passed.
    ControllerLater { key: Key },
    /// The garbage collector looks whether an object waits for others to go before it.
    Foreground { key: Key },
    /// The garbage collector looks for what an owner left behind.
    Garbage { owner: String },
    /// A static Pod that waited for the old one of its name.
    StaticPod { node: usize, pod: Rc<Pod> },
    /// Housekeeping removes what a static Pod left in the API.
    Housekeeping { uid: String },
    /// A node's kube-proxy hears that a Service has changed.
    ProxyHears { proxy: usize, service: Key },
    /// A node's kube-proxy begins to write its rules.
    ProxySync { proxy: usize },
    /// A node's rules are written.
    ProxySynced { proxy: usize },
    /// Time to look at the queues of a load.
    Traffic { load: usize },
    /// Time for activeDeadlineSeconds.
    Deadline { uid: String },
    /// The node lifecycle controller looks at a node.
    NodeHealth { node: usize },
    /// A machine has started again, and its kubelet with it.
    KubeletStarts { node: usize },
    /// A kubelet that has started says how its node is.
    NodeReports { node: usize, booted: bool },
    /// The eviction manager of a kubelet looks at what its Pods take.
    Eviction { node: usize },
    /// The collector of Pods looks.
    PodGc,
    /// A drain tries again.
    Drain { index: usize },
    /// A Pod has tolerated a taint for as long as it does.
    TaintEviction { uid: String },
}

/// A wake-up and the entry that led to it.
#[derive(Clone, Debug)]
struct Due {
    wake: Wake,
    cause: Option<EntryId>,
}

/// A Kubernetes cluster in virtual time.
#[derive(Debug)]
pub struct Cluster;

/// How much work a run was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Wake-ups handled.
    pub wakes: u64,
    /// Wake-ups queued.
    pub pushes: u64,
}

impl Cluster {
    /// Runs a scenario to its horizon. A pure function; never fails.
    pub fn run(scenario: &Scenario) -> Trace {
        Self::run_measured(scenario).0
    }

    /// Runs a scenario and tells how much work it was.
    pub fn run_measured(scenario: &Scenario) -> (Trace, Effort) {
        let mut world = World::new(scenario);
        world.apply_all();
        let wakes = world.run();
        let pushes = world.queue.pushed();
        (world.trace, Effort { wakes, pushes })
    }
}

/// Everything there is: the API's objects, the nodes, and what is due.
pub(crate) struct World<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) now: Instant,
    pub(crate) random: Random,
    pub(crate) store: Store,
    pub(crate) nodes: Vec<NodeHost>,
    /// Which node's kubelet works for a Pod, and in which place of its roster, by UID.
    pub(crate) worker_nodes: Index,
    /// Which machine has a name.
    node_places: Index,
    /// Each machine is on, and so is its kubelet.
    pub(crate) all_on: bool,
    pub(crate) recorders: Recorders,
    /// What Pods use.
    pub(crate) usage: metrics::Usage,
    pub(crate) meter: metrics::Meter,
    /// What leads to Pods.
    pub(crate) network: network::Network,
    /// Load on Services.
    pub(crate) traffic: traffic::Traffic,
    /// What each autoscaler remembers.
    pub(crate) autoscalers: crate::map::Map<Key, controllers::Autoscaler>,
    /// Pods that fit nowhere, with the attempts made.
    pub(crate) unschedulable: crate::map::Map<String, scheduler::Waiting>,
    /// When the scheduler has decided on the Pods that were there first.
    pub(crate) scheduler_free: Instant,
    trace: Trace,
    queue: Queue<Due>,
    /// Controllers that have work queued already: a work queue holds a key once.
    queued_controllers: Set<Key>,
    full: bool,
    /// Pods whose node is chosen and whose volumes are being made there, by UID.
    pub(crate) assumed: crate::map::Map<String, usize>,
    /// Nodes that are being emptied.
    pub(crate) drains: Vec<kubectl::Drain>,
    /// When the last command of the terminal was carried out.
    terminal: Instant,
    /// The action that is only tried out.
    watched: Option<attempt::Watched>,
    /// What controllers remember beside the API.
    pub(crate) memory: controllers::Memory,
}

impl<'s> World<'s> {
    fn new(scenario: &'s Scenario) -> Self {
        let random = Random::new(scenario.seed);
        let nodes = node::make(scenario);
        let metering = scenario.metering();
        let mut node_places = Index::default();
        for (place, node) in nodes.iter().enumerate().rev() {
            node_places.insert(&node.name, place as u32);
        }
        Self {
            usage: metrics::Usage::default(),
            meter: metrics::Meter::new(&metering),
            network: network::Network::new(scenario),
            traffic: traffic::Traffic::new(scenario),
            autoscalers: crate::map::Map::new(),
            scenario,
            now: Instant::ZERO,
            random,
            store: Store::default(),
            nodes,
            worker_nodes: Index::default(),
            node_places,
            all_on: true,
            recorders: Recorders::default(),
            unschedulable: crate::map::Map::new(),
            scheduler_free: Instant::ZERO,
            trace: Trace::new(Instant::ZERO + scenario.duration)
                .with_metering(metering)
                .with_version(scenario.version),
            queue: Queue::default(),
            queued_controllers: Set::new(),
            full: false,
            assumed: crate::map::Map::new(),
            drains: Vec::new(),
            terminal: Instant::ZERO,
            watched: None,
            memory: controllers::Memory::default(),
        }
    }

    /// Handles wake-ups until the horizon or a limit.
    fn run(&mut self) -> u64 {
        for (index, action) in self.scenario.actions.iter().enumerate() {
            self.queue.push(action.at, Due { wake: Wake::Act(index), cause: None });
        }
        let horizon = self.trace.horizon();
        let mut wakes = 0;
        let mut watch = check::Watch::default();
        while let Some((at, due)) = self.queue.pop() {
            if at > horizon || self.full {
                break;
            }
            self.now = at;
            wakes += 1;
            if wakes > WAKES_MAX {
                self.limit(&format!("{WAKES_MAX} wake-ups"));
                break;
            }
            self.handle(due.wake, due.cause);
            self.traffic_look();
            if self.watched.is_some() && self.watched_ended() {
                break;
            }
            if cfg!(debug_assertions) {
                watch.look(self);
            }
        }
        if !self.full {
            self.now = horizon;
            self.traffic_ends();
        }
        self.settle_quiet();
        wakes
    }

    fn handle(&mut self, wake: Wake, cause: Option<EntryId>) {
        if self.is_for_nobody(&wake) {
            return;
        }
        match wake {
            Wake::Act(index) => self.act(index),
            Wake::Perform { index, entry } => self.perform(index, entry),
            Wake::Schedule { uid } => self.schedule(&uid, cause),
            Wake::PodUpdate { uid } => self.kubelet_pod_update(&uid, cause),
            Wake::Worker { uid } => self.worker_step(&uid),
            Wake::Sync { uid } => self.worker_wake(&uid, cause),
            Wake::Resync { uid } => self.worker_resync(&uid),
            Wake::Relist { node } => self.pleg_relist(node),
            Wake::RelistPod { uid } => self.pleg_relist_pod(&uid),
            Wake::StatusPatch { uid } => self.status_patch(&uid),
            Wake::KillTimer { uid, container } => self.kill_timer(&uid, container, cause),
            Wake::ExitSeen { uid, container, exit } => {
                self.exit_seen(&uid, container, *exit, cause);
            }
            Wake::Probe { uid, index, beat } => self.probe_beat(&uid, index, beat),
            Wake::ProbeExec { uid, index } => self.probe_exec(&uid, index),
            Wake::ProbeReply { uid, index, outcome, text } => {
                self.probe_answered(&uid, index, outcome, &text);
            }
            Wake::ExecTimeout { node, exec } => self.exec_timeout(node, exec),
            Wake::HookEnded { of, succeeded } => self.hook_ended(&of, succeeded),
            Wake::Machine { node } => self.machine_advance(node),
            Wake::Controller { key } => {
                self.queued_controllers.remove(&key);
                self.controller_sync(&key, cause);
            }
            Wake::ControllerLater { key } => {
                self.memory.delayed.remove(&key);
                self.controller_sync(&key, cause);
            }
            Wake::Foreground { key } => self.foreground_step(&key, cause),
            Wake::Garbage { owner } => self.collect_garbage(&owner, cause),
            Wake::StaticPod { node, pod } => self.static_pod_added(node, pod, cause),
            Wake::Housekeeping { uid } => self.remove_mirror(&uid, cause),
            Wake::ProxyHears { proxy, service } => self.proxy_hears(proxy, service, cause),
            Wake::ProxySync { proxy } => self.proxy_sync(proxy),
            Wake::ProxySynced { proxy } => self.proxy_synced(proxy),
            Wake::Traffic { load } => self.traffic_tick(load),
            Wake::Deadline { uid } => self.deadline(&uid, cause),
            Wake::NodeHealth { node } => self.node_health(node, cause),
            Wake::KubeletStarts { node } => self.start_kubelet(node, cause),
            Wake::NodeReports { node, booted } => self.node_reports(node, booted, cause),
            Wake::Eviction { node } => self.eviction_pass(node, cause),
            Wake::PodGc => self.pod_gc(cause),
            Wake::Drain { index } => self.drain_step(index),
            Wake::TaintEviction { uid } => self.taint_eviction(&uid, cause),
        }
    }

    /// What happened so far.
    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Appends an entry to the trace.
    pub(crate) fn record(&mut self, entry: Entry) -> EntryId {
        self.traffic.stale |= matches!(entry.change, Change::Sandbox(_) | Change::Routed { .. });
        let id = self.trace.push(entry);
        if self.trace.entries().len() >= ENTRIES_MAX && !self.full {
            self.full = true;
            self.limit(&format!("{ENTRIES_MAX} entries"));
        }
        id
    }

    /// The entry that was written last.
    pub(crate) fn last_entry(&self) -> Option<EntryId> {
        let last = self.trace.entries().len().checked_sub(1)?;
        u32::try_from(last).ok().map(EntryId)
    }

    /// Says in the trace that the simulation stops here.
    fn limit(&mut self, what: &str) {
        self.full = true;
        self.trace.push(Entry {
            at: self.now,
            actor: Actor::Simulator,
            subject: Subject {
                kind: "".into(),
                namespace: "".into(),
                name: "".into(),
                uid: "".into(),
                container: None,
            },
            change: Change::Limit { what: what.into() },
            cause: None,
            rule: Rule::LimitReached,
        });
    }

    /// Queues a wake-up.
    pub(crate) fn wake_at(&mut self, at: Instant, wake: Wake, cause: Option<EntryId>) -> Token {
        self.queue.push(at.max(self.now), Due { wake, cause })
    }

    /// Queues a wake-up some time from now.
    pub(crate) fn wake_after(
        &mut self,
        delay: Duration,
        wake: Wake,
        cause: Option<EntryId>,
    ) -> Token {
        self.wake_at(self.now + delay, wake, cause)
    }

    /// Takes a wake-up back.
    pub(crate) fn cancel(&mut self, token: Token) {
        self.queue.cancel(token);
    }

    /// Queues a controller's look at one of its objects, unless it is queued already.
    pub(crate) fn enqueue_controller(&mut self, key: Key, cause: EntryId) {
        if self.queued_controllers.insert(key.clone()) {
            let delay =
                self.random.between(latency::CONTROLLER_WATCH.0, latency::CONTROLLER_WATCH.1);
            self.wake_after(delay, Wake::Controller { key }, Some(cause));
        }
    }

    /// Queues an autoscaler's next look, unless it is queued already.
    pub(crate) fn enqueue_autoscaler(&mut self, key: Key, cause: Option<EntryId>) {
        if self.queued_controllers.insert(key.clone()) {
            let delay = controllers::SYNC_PERIOD + self.latency(latency::AUTOSCALER_SYNC);
            self.wake_after(delay, Wake::Controller { key }, cause);
        }
    }

    /// Queues a controller's look at a later time, unless an earlier one is queued already.
    ///
    /// Models client-go/util/workqueue/delaying_queue.go: of two times for a key the earlier
    /// counts.
    pub(crate) fn enqueue_controller_after(
        &mut self,
        key: Key,
        delay: Duration,
        cause: Option<EntryId>,
    ) {
        let at = self.now + delay;
        match self.memory.delayed.get(&key) {
            Some((known, _)) if *known <= at => return,
            Some((_, token)) => {
                let token = *token;
                self.cancel(token);
            }
            None => {}
        }
        let token = self.wake_at(at, Wake::ControllerLater { key: key.clone() }, cause);
        self.memory.delayed.insert(key, (at, token));
    }

    /// Picks a latency from its range.
    pub(crate) fn latency(&mut self, range: latency::Range) -> Duration {
        self.random.between(range.0, range.1)
    }
}
