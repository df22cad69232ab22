//! metrics-server, and what Pods use under the scenario's load.
//!
//! Owns: CPU and memory of every Pod at any time, when metrics-server looks, and what it answers.
//! Does not own: who asks (autoscalers, `kubectl top`). Nothing here wakes up: usage is a function
//! of when Pods were ready and of the load, so it is computed when somebody asks.
//!
//! Models sigs.k8s.io/metrics-server pkg/storage/pod.go: a sample is the mean between two looks at
//! a container's CPU counter, and is kept until the next look.

mod load;

use std::collections::VecDeque;

use crate::cluster::random::Random;
use crate::manifest::curve::Points;
use crate::manifest::pod::{Container, Pod, PodStatus};
use crate::manifest::quantity::Quantity;
use crate::manifest::scenario_document::ImageSpec;
use crate::map::Map;
use crate::map::wide::Wide;
use crate::order;
use crate::scenario::Metering;
use crate::time::{Duration, Instant};

use load::{Load, Reaches, SECOND, Step, Timeline, level, points};

/// `--metric-resolution` in metrics-server's own manifests.
const INTERVAL_DEFAULT: Duration = Duration::from_secs(15);
/// Looks more often than this are not possible (metrics-server refuses less than 10 s; a second
/// keeps a run short).
const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// A container's counter moves for the first time so long after its start: cAdvisor looks at a new
/// container, then again 10 s and up to that much later (its `housekeeping_interval` with jitter).
/// Recorded: a container of 13.1 s had not moved at metrics-server's look, one of 14.4 s had.
const FIRST_HOUSEKEEPING: Duration = Duration::from_millis(13_500);
/// Memory of a container of which nobody says anything. Recorded: an idle nginx.
const MEMORY_DEFAULT: i64 = 12 << 20;
/// CPU of a container of which nobody says anything, in billionths. Invented: a server that waits.
const IDLE_DEFAULT: i128 = 1_000_000;
/// CPU and memory of a node without Pods: kubelet, runtime, system. Invented.
pub const NODE_IDLE: (i64, i64) = (60, 700 << 20);

/// When metrics-server looks, and what it finds.
#[derive(Clone, Debug)]
pub struct Meter {
    loads: Vec<Load>,
    idle: Option<i128>,
    interval: Duration,
    first: Instant,
    scrapes_at: Vec<Instant>,
    outages: Vec<(Instant, Instant)>,
    images: Vec<ImageSpec>,
    custom: Vec<(String, Points)>,
    installed: bool,
}

/// A container of a Pod and its runs: since when, until when.
#[derive(Clone, Debug)]
struct ContainerUse {
    name: String,
    image: String,
    /// Billionths of a core that it may use at most.
    limit: Option<i128>,
    /// Billionths of a core that it keeps busy, as its arguments say.
    busy: i128,
    runs: Vec<(Instant, Option<Instant>)>,
}

/// A Pod as far as usage goes.
#[derive(Clone, Debug)]
struct PodUse {
    namespace: String,
    name: String,
    node: String,
    /// The loads that reach it, by their place.
    loads: Vec<usize>,
    ready: Vec<(Instant, Option<Instant>)>,
    containers: Vec<ContainerUse>,
    running: bool,
    gone: bool,
}

/// What all Pods were up to lately.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    pods: Wide<String, PodUse>,
    /// Pods that are gone, oldest first: they shared the load until then.
    gone: VecDeque<(Instant, String)>,
    /// Label selectors of Services, by namespace and name.
    services: Map<(String, String), Map<String, String>>,
}

/// What metrics-server says about a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerSample {
    /// Its name.
    pub name: String,
    /// Billionths of a core.
    pub cpu_nanos: i128,
    /// Bytes.
    pub memory: i64,
}

/// What metrics-server says about a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSample {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The Pod's node.
    pub node: String,
    /// When the later look was, to the whole second.
    pub timestamp: Instant,
    /// Time between the two looks.
    pub window: Duration,
    /// Its containers.
    pub containers: Vec<ContainerSample>,
}

impl PodSample {
    /// Thousandths of a core, each container rounded up, as `MilliValue` does.
    pub fn cpu_milli(&self) -> i64 {
        self.containers.iter().map(|own| milli(own.cpu_nanos)).sum()
    }

    /// Bytes.
    pub fn memory(&self) -> i64 {
        self.containers.iter().map(|own| own.memory).sum()
    }
}

/// Rounds billionths up to thousandths.
pub fn milli(nanos: i128) -> i64 {
    i64::try_from((nanos + 999_999).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

impl Meter {
    /// The meter of a scenario.
    pub fn new(metering: &Metering) -> Self {
        let interval = metering.metrics.interval.unwrap_or(INTERVAL_DEFAULT).max(INTERVAL_MIN);
        let mut scrapes_at: Vec<Instant> =
            metering.metrics.scrapes_at.iter().map(|at| Instant::ZERO + *at).collect();
        order::sort(&mut scrapes_at);
        // Its own stream of chance: whether anyone measures must not change anything else.
        let mut random = Random::new(metering.seed ^ 0x6d65_7472_6963_7321);
        Self {
            loads: metering.load.iter().filter_map(Load::new).collect(),
            idle: metering.metrics.idle.as_ref().map(Quantity::nanos),
            interval,
            first: Instant::ZERO + random.between(Duration::ZERO, interval),
            scrapes_at,
            outages: metering
                .outages
                .iter()
                .map(|outage| (Instant::ZERO + outage.from, Instant::ZERO + outage.until))
                .collect(),
            images: metering.images.clone(),
            custom: metering
                .metrics
                .custom
                .iter()
                .map(|own| (own.name.clone(), points(own.values.iter().map(|p| (p.at, &p.value)))))
                .collect(),
            installed: metering.metrics.installed != Some(false),
        }
    }

    /// Whether there is a metrics-server.
    pub const fn is_installed(&self) -> bool {
        self.installed
    }

    /// The value of a metric that is no resource, in thousandths; nothing when nobody tells it.
    pub fn custom(&self, name: &str, at: Instant) -> Option<i64> {
        let (_, points) = self.custom.iter().find(|(own, _)| own == name)?;
        let after = points.partition_point(|(start, _)| *start <= at);
        let index = after.checked_sub(1)?;
        let value = level(points.get(index)?, points.get(after), at);
        i64::try_from(value / 1_000_000).ok()
    }

    /// The last look at or before a moment.
    fn scrape_before(&self, at: Instant) -> Instant {
        let (Some(first), Some(last)) = (self.scrapes_at.first(), self.scrapes_at.last()) else {
            return tick_before(self.first, self.interval, at);
        };
        if at < *first {
            tick_before(*first, self.interval, at)
        } else if at >= *last {
            tick_before(*last, self.interval, at)
        } else {
            let after = self.scrapes_at.partition_point(|scrape| *scrape <= at);
            self.scrapes_at.get(after.saturating_sub(1)).copied().unwrap_or(*first)
        }
    }

    /// Every look until a moment, in order.
    pub fn looks(&self, end: Instant) -> Vec<Instant> {
        let mut looks = Vec::new();
        let mut at = self.scrape_before(end);
        while at >= Instant::ZERO {
            looks.push(at);
            at = self.scrape_before(at - Duration::from_micros(1));
        }
        looks.reverse();
        looks
    }

    /// The last two looks at a moment.
    fn scrapes(&self, at: Instant) -> (Instant, Instant) {
        let last = self.scrape_before(at);
        (self.scrape_before(last - Duration::from_micros(1)), last)
    }

    /// Before this nothing matters any more at a moment.
    fn horizon(&self, at: Instant) -> Instant {
        let (before, _) = self.scrapes(at);
        let earlier = self.scrape_before(before - Duration::from_micros(1));
        earlier.min(before - FIRST_HOUSEKEEPING - FIRST_HOUSEKEEPING)
    }

    /// What metrics-server answers at a moment, in the order of namespace and name.
    pub fn samples(&self, usage: &Usage, at: Instant) -> Vec<PodSample> {
        let (before, last) = self.scrapes(at);
        let out = self.outages.iter().any(|(from, until)| (*from..*until).contains(&last));
        if !self.installed || out {
            return Vec::new();
        }
        let timelines: Vec<Option<Timeline<'_>>> = (0..self.loads.len())
            .map(|load| self.timeline(usage, load, self.horizon(at), last))
            .collect();
        let mut samples: Vec<PodSample> = usage
            .pods
            .values()
            .filter(|pod| pod.running && !pod.gone)
            .filter_map(|pod| self.sample(pod, &timelines, before, last))
            .collect();
        order::sort_by(&mut samples, |a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        samples
    }

    fn sample(
        &self,
        pod: &PodUse,
        timelines: &[Option<Timeline<'_>>],
        before: Instant,
        last: Instant,
    ) -> Option<PodSample> {
        let mut from = Instant::UNIX_EPOCH;
        let mut to = last;
        let mut running = Vec::new();
        for (index, container) in pod.containers.iter().enumerate() {
            let run = container
                .runs
                .iter()
                .rev()
                .find(|(start, end)| *start <= last && end.is_none_or(|end| end > last));
            let Some((start, _)) = run else { continue };
            let point = |scrape: Instant| {
                if scrape < *start + FIRST_HOUSEKEEPING { *start } else { scrape }
            };
            let end = point(last);
            let begin = if before < *start { *start } else { point(before) };
            if end <= begin {
                // The counter has not moved between the two looks.
                return None;
            }
            from = from.max(begin);
            to = to.min(end);
            running.push((index, *start));
        }
        if running.is_empty() || from >= to {
            return None;
        }
        let window = to.since(from);
        let containers = running
            .into_iter()
            .enumerate()
            .map(|(place, (index, start))| {
                let container = &pod.containers[index];
                let share =
                    if place == 0 { self.share(pod, container, timelines, from, to) } else { 0 };
                ContainerSample {
                    name: container.name.clone(),
                    cpu_nanos: share
                        + self.idle(container, place == 0)
                        + self.startup(container, start, from, to),
                    memory: self.memory(pod, container, place == 0, last.since(start)),
                }
            })
            .collect();
        Some(PodSample {
            namespace: pod.namespace.clone(),
            name: pod.name.clone(),
            node: pod.node.clone(),
            timestamp: to.truncated(),
            window,
            containers,
        })
    }

    /// The load's part of a container's CPU: the mean over a window, in billionths of a core.
    fn share(
        &self,
        pod: &PodUse,
        container: &ContainerUse,
        timelines: &[Option<Timeline<'_>>],
        from: Instant,
        to: Instant,
    ) -> i128 {
        let window = i128::from(to.since(from).as_micros()).max(1);
        let mut total = 0;
        for index in &pod.loads {
            let Some(Some(timeline)) = timelines.get(*index) else { continue };
            let amount: i128 = pod
                .ready
                .iter()
                .map(|(start, end)| {
                    let (start, end) = ((*start).max(from), end.unwrap_or(to).min(to));
                    if end > start { timeline.at(end) - timeline.at(start) } else { 0 }
                })
                .sum();
            if timeline.load.requests {
                let cost = self
                    .image(&container.image)
                    .and_then(|image| image.cpu.as_ref()?.per_request)
                    .unwrap_or(Duration::ZERO);
                total += amount * i128::from(cost.as_micros()) / SECOND;
            } else {
                total += amount;
            }
        }
        let mean = total / window;
        container.limit.map_or(mean, |limit| mean.min(limit))
    }

    fn image(&self, name: &str) -> Option<&ImageSpec> {
        self.images.iter().find(|image| image.name == name)
    }

    /// CPU of a container without load: the Scenario's for the first, else its image's.
    fn idle(&self, container: &ContainerUse, is_first: bool) -> i128 {
        let own = self.image(&container.image).and_then(|image| image.cpu.as_ref()?.idle.clone());
        if container.busy > 0 {
            return container.limit.map_or(container.busy, |limit| container.busy.min(limit));
        }
        match (&self.idle, own) {
            (Some(idle), None) => {
                if is_first {
                    *idle
                } else {
                    0
                }
            }
            (None | Some(_), Some(own)) => own.nanos(),
            (None, None) => IDLE_DEFAULT,
        }
    }

    /// What a container uses more while it starts: the mean over a window, in billionths of a core.
    fn startup(
        &self,
        container: &ContainerUse,
        start: Instant,
        from: Instant,
        to: Instant,
    ) -> i128 {
        let cpu = self.image(&container.image).and_then(|image| image.cpu.as_ref());
        let Some((more, long)) =
            cpu.and_then(|cpu| Some((cpu.startup.as_ref()?, cpu.startup_for?)))
        else {
            return 0;
        };
        let busy = to.min(start + long).since(from.max(start)).max(Duration::ZERO);
        let more = container.limit.map_or(more.nanos(), |limit| more.nanos().min(limit));
        more * i128::from(busy.as_micros()) / i128::from(to.since(from).as_micros()).max(1)
    }

    fn memory(&self, pod: &PodUse, container: &ContainerUse, is_first: bool, age: Duration) -> i64 {
        let of_load = pod.loads.iter().filter_map(|load| self.loads.get(*load)?.memory).max();
        if let (Some(memory), true) = (of_load, is_first) {
            return memory;
        }
        let Some(own) = self.image(&container.image).and_then(|image| image.memory.as_ref()) else {
            return MEMORY_DEFAULT;
        };
        let growth = own.per_minute.as_ref().map_or(0, Quantity::value);
        let grown = i128::from(growth) * i128::from(age.as_micros()) / (60 * SECOND);
        own.idle.as_ref().map_or(MEMORY_DEFAULT, Quantity::value)
            + i64::try_from(grown).unwrap_or(i64::MAX / 2)
    }

    /// Bytes of memory of a container at a moment; nothing while it does not run.
    pub(crate) fn memory_at(
        &self,
        usage: &Usage,
        uid: &str,
        container: &str,
        at: Instant,
    ) -> Option<i64> {
        let pod = usage.pods.get(uid)?;
        let place = pod.containers.iter().position(|own| own.name == container)?;
        let own = pod.containers.get(place)?;
        let (start, _) = own.runs.iter().rev().find(|(_, end)| end.is_none())?;
        Some(self.memory(pod, own, place == 0, at.since(*start)))
    }

    /// What every ready Pod of a load got, added up over time.
    fn timeline(
        &self,
        usage: &Usage,
        index: usize,
        from: Instant,
        to: Instant,
    ) -> Option<Timeline<'_>> {
        let load = self.loads.get(index)?;
        let mut changes: Vec<(Instant, i64)> = vec![(to, 0)];
        for pod in usage.pods.values().filter(|pod| pod.loads.contains(&index)) {
            for (start, end) in &pod.ready {
                changes.push(((*start).max(from), 1));
                changes.extend(end.map(|end| (end.max(from), -1)));
            }
        }
        order::sort(&mut changes);
        let mut steps = Vec::with_capacity(changes.len() + 1);
        let mut step = Step { at: from, sum: 0, ready: 0 };
        for (when, change) in changes {
            let when = when.min(to);
            steps.push(step);
            step = Step {
                at: when,
                sum: step.sum + load.integral(step.ready, step.at, when),
                ready: step.ready + change,
            };
        }
        steps.push(step);
        Some(Timeline { load, steps })
    }
}

/// The last tick of a rhythm at or before a moment.
fn tick_before(phase: Instant, interval: Duration, at: Instant) -> Instant {
    let past = at.since(phase).as_micros().div_euclid(interval.as_micros().max(1));
    phase + interval * past
}

impl Usage {
    /// Takes note of a Pod as it is from now on.
    pub fn observe(&mut self, meter: &Meter, pod: &Pod, deleted: bool, now: Instant) {
        let uid = &pod.metadata.uid;
        if self.pods.get(uid).is_none() {
            let loads = self.loads_of(meter, pod);
            self.pods.insert(uid.clone(), PodUse::new(pod, loads));
        }
        let Some(known) = self.pods.get_mut(uid) else { return };
        known.node.clone_from(&pod.spec.node_name);
        known.running = pod.status.phase == "Running";
        known.gone |= deleted;
        // A Pod that is being deleted gets no new requests.
        let ready = !deleted && !pod.is_terminating() && pod.status.is_true("Ready");
        follow(&mut known.ready, ready.then_some(now), now);
        for container in &mut known.containers {
            let started = running_since(&pod.status, &container.name).filter(|_| !deleted);
            follow(&mut container.runs, started, now);
        }
        if deleted {
            self.gone.push_back((now, uid.clone()));
        }
        self.forget(meter, now, uid);
    }

    /// Takes note of a Service: which Pods a load on it reaches.
    pub fn observe_service(&mut self, namespace: &str, name: &str, selector: &Map<String, String>) {
        let key = (namespace.to_owned(), name.to_owned());
        self.services.insert(key, selector.clone());
    }

    /// The loads that reach a Pod.
    ///
    /// A ReplicaSet of a Deployment has its name and the hash of the template, which its Pods bear.
    fn loads_of(&self, meter: &Meter, pod: &Pod) -> Vec<usize> {
        let metadata = &pod.metadata;
        let hash = metadata.labels.get("pod-template-hash");
        let owner = metadata.owner_references.iter().find(|owner| owner.controller);
        let reached = |load: &Load| match &load.reaches {
            Reaches::Deployment(name) => match (owner, hash) {
                (Some(owner), Some(hash)) => owner
                    .name
                    .strip_prefix(name.as_str())
                    .and_then(|rest| rest.strip_prefix('-'))
                    .is_some_and(|rest| rest == hash),
                (Some(owner), None) => owner.name == *name,
                (None, _) => false,
            },
            Reaches::Service(name) => self
                .services
                .get(&(metadata.namespace.clone(), name.clone()))
                .is_some_and(|selector| {
                    !selector.is_empty()
                        && selector.iter().all(|(k, v)| metadata.labels.get(k) == Some(v))
                }),
        };
        let loads = meter.loads.iter().enumerate();
        loads.filter(|(_, load)| reached(load)).map(|(index, _)| index).collect()
    }

    /// Drops what no sample can see any more.
    fn forget(&mut self, meter: &Meter, now: Instant, uid: &str) {
        let long = |list: &[(Instant, Option<Instant>)]| list.len() > 8;
        let grown = self.pods.get(uid).is_some_and(|pod| {
            long(&pod.ready) || pod.containers.iter().any(|container| long(&container.runs))
        });
        if !grown && self.gone.is_empty() {
            return;
        }
        let horizon = meter.horizon(now);
        while let Some((at, uid)) = self.gone.front() {
            if *at >= horizon {
                break;
            }
            self.pods.remove(uid);
            self.gone.pop_front();
        }
        if let Some(pod) = self.pods.get_mut(uid).filter(|_| grown) {
            let recent =
                |(_, end): &(Instant, Option<Instant>)| end.is_none_or(|end| end >= horizon);
            pod.ready.retain(recent);
            for container in &mut pod.containers {
                container.runs.retain(recent);
            }
        }
    }
}

impl PodUse {
    fn new(pod: &Pod, loads: Vec<usize>) -> Self {
        let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar());
        Self {
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            node: String::new(),
            loads,
            ready: Vec::new(),
            containers: pod
                .spec
                .containers
                .iter()
                .chain(sidecars)
                .map(|container| ContainerUse {
                    name: container.name.clone(),
                    image: container.image.clone(),
                    limit: container
                        .resources
                        .limits
                        .get("cpu")
                        .or_else(|| pod.spec.resources.as_ref()?.limits.get("cpu"))
                        .map(Quantity::nanos),
                    busy: busy(container),
                    runs: Vec::new(),
                })
                .collect(),
            running: false,
            gone: false,
        }
    }
}

/// What a load generator is told to use: `stress --cpu 2`, or `-cpus 2` of vish/stress.
fn busy(container: &Container) -> i128 {
    let words = || container.command.iter().chain(&container.args);
    if !container.image.contains("stress") && !words().any(|word| word.contains("stress")) {
        return 0;
    }
    let flag = |word: &&String| matches!(word.as_str(), "--cpu" | "-c" | "-cpus" | "--cpus");
    let after = words().skip_while(|word| !flag(word)).nth(1);
    let inline = words().find_map(|word| word.strip_prefix("--cpu="));
    let cores = after.map(String::as_str).or(inline).and_then(|text| text.parse::<i64>().ok());
    i128::from(cores.unwrap_or(0).clamp(0, 1_024)) * 1_000_000_000
}

/// Begins or ends the last span of a list.
fn follow(spans: &mut Vec<(Instant, Option<Instant>)>, since: Option<Instant>, now: Instant) {
    let open = spans.last_mut().filter(|(_, end)| end.is_none());
    match (open, since) {
        (Some((start, end)), Some(since)) => {
            // Readiness says "now" each time; a container that has a new start was restarted.
            if since != now && since != *start {
                *end = Some(now);
                spans.push((since, None));
            }
        }
        (Some((_, end)), None) => *end = Some(now),
        (None, Some(since)) => spans.push((since, None)),
        (None, None) => {}
    }
}

/// Since when a container runs, as the API says it.
fn running_since(status: &PodStatus, name: &str) -> Option<Instant> {
    status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses)
        .find(|container| container.name == name)?
        .state
        .running
        .as_ref()?
        .started_at
}
