//! Load on Services: where its requests go at every moment, and what becomes of them.
//!
//! Owns: the mix of a load (which node sends to which Pods, and whether those answer), counting
//! between two changes of it, queues before a Pod that has too little CPU and before a bottleneck.
//! Does not own: the arithmetic of numbers (`trace::requests`), or what nodes know (`network`).
//!
//! No request is simulated. A mix holds until something changes, and then the numbers since are
//! counted at once: the cost is that of the changes, however many requests there were.

mod queue;

use std::rc::Rc;

use crate::cluster::key::{Key, subject_of};
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::{Wake, World};
use crate::manifest::pod::Pod;
use crate::manifest::quantity::Quantity;
use crate::manifest::scenario_document::{ImageSpec, LoadSpec};
use crate::map::Map;
use crate::rule::Rule;
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};
use crate::trace::requests::{Loss, Lost, Requests, Stream, TICK, share};
use crate::trace::{Actor, Change, Entry, EntryId, Name};
use crate::workload::cri::Listener;

use queue::Queue;

/// How long a client waits that does not say. Invented: what people's HTTP clients are set to.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);
/// A span that loses requests to a queue is told at least this often, so that one sees it change.
const SPAN_MAX: Duration = Duration::from_secs(15);

/// All loads on Services.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    flows: Vec<Flow>,
    /// The machines' doors at the last look.
    doors: u64,
    /// Routes or sandboxes have changed since.
    pub(crate) stale: bool,
}

/// What a Pod does with a request that reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open(Listener),
    Closed,
    Gone,
}

/// A Pod that requests are sent to.
#[derive(Clone, Debug, PartialEq)]
struct End {
    pod: Name,
    ip: Name,
    node: usize,
    fate: Fate,
    /// Billionths of a request a second that its CPU is enough for.
    capacity: Option<i128>,
}

/// Where requests go: for each node the Pods in turn.
#[derive(Clone, Debug, Default, PartialEq)]
struct Mix {
    ends: Vec<End>,
    lanes: Vec<Vec<usize>>,
    /// The node of each lane.
    sources: Vec<usize>,
    /// Lanes whose requests are dropped, not refused: there are Pods elsewhere.
    drops: Vec<usize>,
}

/// Requests that a process may be working on although it gets no new ones.
#[derive(Debug)]
struct Drain {
    mix: Rc<Mix>,
    end: usize,
    listener: Listener,
    /// When the first of them may have come, and the last.
    since: Instant,
    closed: Instant,
    /// How long each takes.
    takes: Duration,
    /// How many there were at the close, by node: what becomes of them is open.
    held: Vec<u64>,
}

impl Drain {
    /// How many it is working on at a moment, by the node that they came from.
    fn working(&self, stream: &Stream, at: Instant) -> Vec<u64> {
        let last = stream.sent(self.closed);
        let first = stream.sent((at - self.takes).max(self.since)).min(last);
        let places = self.mix.lanes.len() as u64;
        let lanes = self.mix.lanes.iter().enumerate();
        lanes
            .map(|(node, lane)| {
                let Some(place) = lane.iter().position(|end| *end == self.end) else { return 0 };
                let (place, ways) = (place as u64, lane.len() as u64);
                let of = |count| share(share(count, places, node as u64), ways, place);
                of(last) - of(first)
            })
            .collect()
    }
}

/// A load on one Service.
#[derive(Debug)]
struct Flow {
    load: usize,
    name: String,
    service: Option<Key>,
    stream: Stream,
    path: String,
    timeout: Duration,
    bottleneck: Option<Queue>,
    mix: Rc<Mix>,
    mix_since: Instant,
    /// Counted until here.
    at: Instant,
    count: u64,
    queues: Map<Name, Queue>,
    drains: Vec<Drain>,
    /// What is counted and not yet told: since when, and why it began.
    from: Instant,
    cause: Option<EntryId>,
    sent: u64,
    served: u64,
    lost: Map<(Name, Name, Lost), u64>,
    /// How many were ever lost to queues, and whether some were at the last tick.
    waited_in_vain: u64,
    overloaded: bool,
}

impl Traffic {
    /// The loads of a scenario that are requests to a Service.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let flows = scenario.load.iter().enumerate();
        let flows = flows.filter_map(|(load, spec)| Flow::new(load, spec)).collect();
        Self { flows, doors: 0, stale: false }
    }

    /// Whether there is any.
    pub(crate) const fn has_load(&self) -> bool {
        !self.flows.is_empty()
    }
}

impl Flow {
    fn new(load: usize, spec: &LoadSpec) -> Option<Self> {
        let name = spec.service.clone().filter(|_| !spec.rps.0.is_empty())?;
        let capacity = spec.bottleneck.as_ref().and_then(|b| b.capacity_rps.as_ref());
        let timeout = spec.timeout.filter(|timeout| *timeout > Duration::ZERO);
        Some(Self {
            load,
            name,
            service: None,
            stream: Stream::new(spec.rps.0.points()),
            path: spec.path.clone().unwrap_or_else(|| "/".to_owned()),
            timeout: timeout.unwrap_or(TIMEOUT_DEFAULT),
            bottleneck: capacity.map(|capacity| Queue::new(capacity.nanos())),
            mix: Rc::default(),
            mix_since: Instant::ZERO,
            at: Instant::ZERO,
            count: 0,
            queues: Map::new(),
            drains: Vec::new(),
            from: Instant::ZERO,
            cause: None,
            sent: 0,
            served: 0,
            lost: Map::new(),
            waited_in_vain: 0,
            overloaded: false,
        })
    }

    /// Counts the requests since the last time.
    fn settle(&mut self, now: Instant, nodes: &[Name]) {
        let until = self.stream.sent(now).max(self.count);
        let mix = self.mix.clone();
        let places = mix.lanes.len() as u64;
        let mut arrived = vec![0_u64; mix.ends.len()];
        for (place, (lane, node)) in mix.lanes.iter().zip(&mix.sources).enumerate() {
            let first = share(self.count, places, place as u64);
            let last = share(until, places, place as u64);
            if last == first {
                continue;
            }
            let name = nodes.get(*node).cloned().unwrap_or_default();
            self.sent += last - first;
            if lane.is_empty() {
                let dropped = mix.drops.contains(&place);
                let why = if dropped { Lost::Dropped } else { Lost::NoEndpoints };
                self.lose(name, "".into(), why, last - first);
                continue;
            }
            for (place, end) in lane.iter().enumerate() {
                let (place, ways) = (place as u64, lane.len() as u64);
                let count = share(last, ways, place) - share(first, ways, place);
                let why = match mix.ends[*end].fate {
                    Fate::Open(_) => {
                        arrived[*end] += count;
                        continue;
                    }
                    Fate::Closed => Lost::Closed,
                    Fate::Gone => Lost::Unanswered,
                };
                self.lose(name.clone(), mix.ends[*end].pod.clone(), why, count);
            }
        }
        let passed = now.since(self.at);
        let mut served = 0;
        for (end, count) in mix.ends.iter().zip(&arrived) {
            let mut good = *count;
            if let Some(capacity) = end.capacity {
                let queue = self.queues.entry(end.pod.clone()).or_insert(Queue::new(capacity));
                let lost = queue.step(good, passed, self.timeout).min(good);
                good -= lost;
                self.lose("".into(), end.pod.clone(), Lost::Overloaded, lost);
            }
            served += good;
        }
        if let Some(queue) = &mut self.bottleneck {
            let lost = queue.step(served, passed, self.timeout).min(served);
            served -= lost;
            self.lose("".into(), "".into(), Lost::Bottleneck, lost);
        }
        self.served += served;
        self.count = until;
        self.at = now;
    }

    fn lose(&mut self, node: Name, pod: Name, why: Lost, count: u64) {
        if matches!(why, Lost::Overloaded | Lost::Bottleneck) {
            self.waited_in_vain += count;
        }
        if count > 0 {
            *self.lost.entry((node, pod, why)).or_default() += count;
        }
    }

    /// Takes the next mix. What processes that get no more are still working on is kept apart.
    fn take(&mut self, mix: Mix, now: Instant) {
        for (index, end) in self.mix.ends.iter().enumerate() {
            let Fate::Open(listener) = end.fate else { continue };
            let next = mix.ends.iter().find(|next| next.ip == end.ip);
            if next.is_some_and(|next| matches!(next.fate, Fate::Open(own) if own == listener)) {
                continue;
            }
            let waits = self.queues.remove(&end.pod).map_or(Duration::ZERO, |queue| queue.delay());
            let mut drain = Drain {
                mix: self.mix.clone(),
                end: index,
                listener,
                since: self.mix_since,
                closed: now,
                takes: listener.latency + waits.min(self.timeout),
                held: Vec::new(),
            };
            drain.held = drain.working(&self.stream, now);
            for count in &mut drain.held {
                // They were counted as served when they came.
                *count = (*count).min(self.served);
                self.served -= *count;
                self.sent -= *count;
            }
            self.drains.push(drain);
        }
        self.mix = Rc::new(mix);
        self.mix_since = now;
    }

    /// What a process was working on has come to its end, or died with it.
    fn drained(&mut self, drain: &Drain, died: Option<Instant>, nodes: &[Name]) {
        let mut cut = died.map_or_else(Vec::new, |died| drain.working(&self.stream, died));
        cut.resize(drain.held.len(), 0);
        for (node, (held, cut)) in drain.mix.sources.iter().zip(drain.held.iter().zip(cut)) {
            let cut = cut.min(*held);
            self.sent += held;
            self.served += held - cut;
            let name = nodes.get(*node).cloned().unwrap_or_default();
            self.lose(name, drain.mix.ends[drain.end].pod.clone(), Lost::Cut, cut);
        }
    }

    /// Whether the mix as it is loses requests, queues aside.
    fn loses(&self) -> bool {
        self.mix.lanes.iter().any(|lane| {
            lane.is_empty()
                || lane.iter().any(|end| !matches!(self.mix.ends[*end].fate, Fate::Open(_)))
        })
    }
}

impl World<'_> {
    /// Looks whether the mix of a load has changed.
    pub(crate) fn traffic_look(&mut self) {
        if self.traffic.flows.is_empty() {
            return;
        }
        let doors = self.nodes.iter().map(|node| node.machine.doors()).sum();
        if self.traffic.doors == doors && !self.traffic.stale {
            return;
        }
        self.traffic.doors = doors;
        self.traffic.stale = false;
        let mut flows = std::mem::take(&mut self.traffic.flows);
        let nodes = self.node_names();
        for flow in &mut flows {
            let begins = flow.service.is_none();
            if begins {
                flow.service = self.service_of(&flow.name);
                flow.at = self.now;
                flow.from = self.now;
                flow.count = flow.stream.sent(self.now);
            }
            let Some(service) = flow.service.clone() else { continue };
            let mix = self.mix(&service, &flow.path);
            let lost_before = flow.loses();
            if mix != *flow.mix {
                flow.settle(self.now, &nodes);
                flow.take(mix, self.now);
            } else if !flow.drains.is_empty() {
                flow.settle(self.now, &nodes);
            } else {
                continue;
            }
            self.settle_drains(flow, &nodes);
            if begins {
                // Requests may have to wait for CPU or for the bottleneck.
                let costs = |image: &ImageSpec| {
                    image.cpu.as_ref().is_some_and(|cpu| cpu.per_request.is_some())
                };
                if flow.bottleneck.is_some() || self.scenario.images.iter().any(costs) {
                    self.wake_after(TICK, Wake::Traffic { load: flow.load }, None);
                }
                flow.cause = self.last_entry();
            } else if !flow.lost.is_empty() || lost_before != flow.loses() {
                self.tell(flow);
            }
        }
        self.traffic.flows = flows;
    }

    /// Processes that have died with what they were working on, or have had the time for it.
    fn settle_drains(&self, flow: &mut Flow, nodes: &[Name]) {
        let now = self.now;
        for drain in std::mem::take(&mut flow.drains) {
            let node = drain.mix.ends[drain.end].node;
            let ended = self.nodes.get(node).is_none_or(|n| n.machine.has_ended(drain.listener));
            if ended {
                flow.drained(&drain, Some(now), nodes);
            } else if drain.closed + drain.takes > now {
                flow.drains.push(drain);
            } else {
                flow.drained(&drain, None, nodes);
            }
        }
    }

    /// Time to look at the queues of a load.
    pub(crate) fn traffic_tick(&mut self, load: usize) {
        let mut flows = std::mem::take(&mut self.traffic.flows);
        let nodes = self.node_names();
        if let Some(flow) = flows.iter_mut().find(|flow| flow.load == load) {
            let before = flow.waited_in_vain;
            flow.settle(self.now, &nodes);
            let loses = flow.waited_in_vain > before;
            let long = self.now.since(flow.from) >= SPAN_MAX;
            if loses != flow.overloaded || (loses && long) {
                flow.overloaded = loses;
                self.tell(flow);
            }
            self.wake_after(TICK, Wake::Traffic { load }, None);
        }
        self.traffic.flows = flows;
    }

    /// The end of the simulated time: tells the rest.
    pub(crate) fn traffic_ends(&mut self) {
        let mut flows = std::mem::take(&mut self.traffic.flows);
        let nodes = self.node_names();
        for flow in flows.iter_mut().filter(|flow| flow.service.is_some()) {
            flow.settle(self.now, &nodes);
            for drain in std::mem::take(&mut flow.drains) {
                flow.drained(&drain, None, &nodes);
            }
            self.tell(flow);
        }
    }

    /// How long a request to a Pod waits for CPU at this moment.
    pub(crate) fn traffic_delay(&mut self, pod: &str) -> Duration {
        let mut flows = std::mem::take(&mut self.traffic.flows);
        let nodes = self.node_names();
        let mut delay = Duration::ZERO;
        for flow in flows.iter_mut().filter(|flow| flow.queues.contains_key(pod)) {
            flow.settle(self.now, &nodes);
            delay += flow.queues.get(pod).map_or(Duration::ZERO, |queue| queue.delay());
        }
        self.traffic.flows = flows;
        delay
    }

    fn node_names(&self) -> Vec<Name> {
        if self.traffic.flows.is_empty() && self.scenario.load.is_empty() {
            return Vec::new();
        }
        self.nodes.iter().map(|node| node.name.as_str().into()).collect()
    }

    fn service_of(&self, name: &str) -> Option<Key> {
        self.store.list("Service").find(|s| s.metadata().name == name).map(Key::of)
    }

    /// Where requests for a Service go now.
    fn mix(&self, service: &Key, path: &str) -> Mix {
        let mut mix = Mix::default();
        let mut places: Map<Name, usize> = Map::new();
        for (node, host) in self.nodes.iter().enumerate() {
            if host.power == Power::Off {
                // Who would send from there is off, too.
                continue;
            }
            mix.sources.push(node);
            let mut lane = Vec::new();
            if let Some(known) = self.network.known(node, service) {
                if known.routes.dropped {
                    mix.drops.push(mix.lanes.len());
                }
                let stuck = known.only.is_some();
                for backend in &known.routes.to {
                    if stuck && known.only.as_ref() != Some(&backend.pod) {
                        continue;
                    }
                    // Nobody sends to a Pod that does not have the port.
                    let Some(port) = backend.ports.first().filter(|port| **port != 0) else {
                        continue;
                    };
                    let place = *places.entry(backend.ip.clone()).or_insert_with(|| {
                        mix.ends.push(self.end(backend.pod.clone(), &backend.ip, *port, path));
                        mix.ends.len() - 1
                    });
                    lane.push(place);
                }
            }
            mix.lanes.push(lane);
        }
        mix
    }

    /// What the Pod of an address does with a request.
    fn end(&self, pod: Name, ip: &Name, port: u16, path: &str) -> End {
        let gone = End { pod, ip: ip.clone(), node: 0, fate: Fate::Gone, capacity: None };
        let Some((node, worker)) = self.worker_of_address(ip) else { return gone };
        let Some(sandbox) = worker.sandbox_id() else { return gone };
        let fate = match self.nodes[node].machine.listener(sandbox, port, path) {
            Some(listener) => Fate::Open(listener),
            None => Fate::Closed,
        };
        let capacity = capacity(&worker.pod, &self.scenario.images);
        End { node, fate, capacity, ..gone }
    }

    /// Tells what became of the requests since the last time.
    fn tell(&mut self, flow: &mut Flow) {
        let cause = std::mem::replace(&mut flow.cause, self.last_entry());
        let from = std::mem::replace(&mut flow.from, self.now);
        let lost = std::mem::take(&mut flow.lost);
        let (sent, served) = (std::mem::take(&mut flow.sent), std::mem::take(&mut flow.served));
        let subject = flow.service.as_ref().and_then(|key| self.store.get(key)).map(subject_of);
        let Some(subject) = subject.filter(|_| sent > 0) else { return };
        let mut by_reason: Map<Lost, u64> = Map::new();
        for ((_, _, why), count) in &lost {
            *by_reason.entry(*why).or_default() += count;
        }
        let most = by_reason.iter().max_by_key(|(why, count)| (**count, std::cmp::Reverse(**why)));
        let rule = match most.map(|(why, _)| *why) {
            None => Rule::RequestsServed,
            Some(Lost::NoEndpoints | Lost::Closed) => Rule::RequestsRefused,
            Some(Lost::Dropped) => Rule::ProxyDrops,
            Some(Lost::Unanswered) => Rule::RequestsUnanswered,
            Some(Lost::Cut) => Rule::RequestsCut,
            Some(Lost::Overloaded) => Rule::RequestsWaitForCpu,
            Some(Lost::Bottleneck) => Rule::RequestsBottleneck,
        };
        let lost = lost
            .into_iter()
            .map(|((node, pod, why), count)| Loss { node, pod, why, count })
            .collect();
        let load = flow.load;
        let change = Change::Requests(Rc::new(Requests { from, load, sent, served, lost }));
        let (at, actor) = (self.now, Actor::Clients);
        self.record(Entry { at, actor, subject, change, cause, rule });
    }
}

/// Billionths of a request a second that a Pod's CPU limit is enough for.
fn capacity(pod: &Pod, images: &[ImageSpec]) -> Option<i128> {
    pod.spec.containers.iter().find_map(|container| {
        let image = images.iter().find(|image| image.name == container.image)?;
        let cpu = image.cpu.as_ref()?;
        let cost = i128::from(cpu.per_request?.as_micros());
        let limit = container.resources.limits.get("cpu")?.nanos();
        let idle = cpu.idle.as_ref().map_or(0, Quantity::nanos);
        (cost > 0).then(|| ((limit - idle).max(0) * 1_000_000 / cost).max(1))
    })
}
