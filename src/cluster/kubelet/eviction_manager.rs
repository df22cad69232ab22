//! Making room on a node: Pods that are evicted, and Pods that are not let in.
//!
//! Models pkg/kubelet/eviction/eviction_manager.go and helpers.go with the hard thresholds of
//! every usual installation, and pkg/kubelet/kubelet.go rejectPod. Deleting unused images and dead
//! containers first, inodes and PIDs are not modelled. Does not own: stopping a Pod
//! (`termination`), or what the control plane makes of the node's conditions
//! (`controllers::node_lifecycle`).

use std::rc::Rc;

use crate::cluster::events::Say;
use crate::cluster::kubelet::node_status::Under;
use crate::cluster::kubelet::{PodWorker, WorkerState, newest, static_pods};
use crate::cluster::metrics::NODE_IDLE;
use crate::cluster::queue::Token;
use crate::cluster::random::Random;
use crate::cluster::scheduler::is_tolerated;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::Taint;
use crate::manifest::pod::{Container, Pod, PodStatus};
use crate::manifest::qos;
use crate::manifest::quantity::Quantity;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId};
use crate::version::Feature;

/// The manager looks this often (kubelet.go evictionMonitoringPeriod).
const PERIOD: Duration = Duration::from_secs(10);
/// After an eviction it waits until the Pod is cleaned up: this often it looks, and this long
/// (eviction_manager.go podCleanupPollFreq, podCleanupTimeout).
const CLEANUP: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// memory.available below this is pressure (eviction/defaults_linux.go).
const MEMORY_AVAILABLE: i64 = 100 << 20;
/// imagefs.available below this part of the disk is pressure, in percent. Where images and Pods
/// share a disk, as here, this one is met before nodefs.available<10%.
const DISK_AVAILABLE_PERCENT: i64 = 15;
/// A condition lasts at least this long (evictionPressureTransitionPeriod).
const TRANSITION: Duration = Duration::from_secs(300);
/// Seconds of grace (eviction_manager.go immediateEvictionGracePeriodSeconds).
const GRACE: i64 = 1;
/// The sizes of a Pod's volumes are added up this often, and up to as long again later
/// (kubelet.go VolumeStatsAggPeriod, stats/volume_stat_calculator.go).
const VOLUME_STATS: Duration = Duration::from_secs(60);
/// A kubelet writes its node's status this often (nodeStatusUpdateFrequency).
const NODE_STATUS: Duration = Duration::from_secs(10);
/// From this priority on a Pod is critical (scheduling.SystemCriticalPriority).
const CRITICAL: i32 = 2_000_000_000;
const PAGE: i64 = 4096;
/// What a node needs of its own disk, in percent. Invented: the system and the images.
const DISK_IDLE_PERCENT: i64 = 30;

const MEMORY: &str = "memory";
const STORAGE: &str = "ephemeral-storage";

/// What the eviction manager of a node knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pressure {
    /// When a threshold was last found crossed.
    memory_met: Option<Instant>,
    disk_met: Option<Instant>,
    under: Under,
    queued: Option<Token>,
    /// Pods that were evicted and are not cleaned up, and until when that is waited for.
    leaving: Option<(Vec<String>, Instant)>,
    /// What the volumes of a Pod held when they were last added up, and when that is next.
    volumes: Map<String, (Instant, Map<String, i64>)>,
}

impl Pressure {
    /// The conditions as of now.
    pub(crate) const fn now(&self) -> Under {
        self.under
    }
}

/// What there is of a resource of a node, and what is free.
#[derive(Clone, Copy, Debug)]
struct Observed {
    threshold: i64,
    available: i64,
}

impl Observed {
    const fn met(self) -> bool {
        self.available < self.threshold
    }
}

/// Bytes as Go prints a quantity of the family BinarySI.
fn bytes(amount: i64) -> String {
    let mut amount = amount.max(0);
    let mut unit = 0;
    while amount != 0 && amount % 1024 == 0 && unit < 6 {
        (amount, unit) = (amount / 1024, unit + 1);
    }
    format!("{amount}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][unit])
}

fn percent(whole: i64, part: i64) -> i64 {
    i64::try_from(i128::from(whole) * i128::from(part) / 100).unwrap_or(i64::MAX)
}

/// Memory comes in pages, and a disk in blocks of the same size.
fn pages(bytes: i64) -> i64 {
    bytes.saturating_add(PAGE - 1) / PAGE * PAGE
}

fn request(container: &Container, resource: &str) -> i64 {
    container.resources.requests.get(resource).map_or(0, Quantity::value)
}

fn storage_limit(container: &Container) -> Option<&Quantity> {
    container.resources.limits.get(STORAGE).filter(|limit| limit.value() > 0)
}

/// Whether what the Pod writes has a limit.
fn has_storage_limit(pod: &Pod) -> bool {
    let own = |container: &Container| storage_limit(container).is_some();
    let volume =
        pod.spec.volumes.iter().any(|volume| {
            volume.empty_dir.as_ref().is_some_and(|source| source.size_limit.is_some())
        });
    volume || pod.spec.containers.iter().chain(&pod.spec.init_containers).any(own)
}

/// Models pkg/kubelet/types/pod_update.go IsCriticalPod.
fn is_critical(pod: &Pod, is_static: bool) -> bool {
    is_static
        || static_pods::is_mirror(pod)
        || pod.spec.priority.is_some_and(|priority| priority >= CRITICAL)
}

/// A Pod that may have to go: its worker's UID and what speaks for it.
///
/// Models eviction/helpers.go rankMemoryPressure and rankDiskPressureFunc: who uses more than it
/// asked for goes first, then who is less important, then who uses most beyond its request.
struct Candidate {
    within: bool,
    priority: i32,
    beyond: i64,
    uid: String,
}

impl World<'_> {
    /// Something on a node has begun to take memory or disk: the manager looks from now on.
    pub(crate) fn watch_usage(&mut self, node: usize, cause: Option<EntryId>) {
        // Whether there is anything to see is asked once a look, not for each container.
        if self.nodes[node].pressure.queued.is_some() {
            return;
        }
        let name = &self.nodes[node].name;
        let mut luck = Random::keyed(self.scenario.seed, "eviction", name, 0);
        let phase = Instant::ZERO + luck.between(Duration::ZERO, PERIOD);
        let due = (self.now + Duration::from_micros(1)).next_tick(phase, PERIOD);
        let token = self.wake_at(due, Wake::Eviction { node }, cause);
        self.nodes[node].pressure.queued = Some(token);
    }

    /// Whether the next look may find anything: looks that cannot are left out.
    fn is_watched(&self, node: usize) -> bool {
        let host = &self.nodes[node];
        let limited = |worker: &PodWorker| {
            worker.state == WorkerState::Syncing && has_storage_limit(&worker.pod)
        };
        host.pressure.under != Under::default()
            || host.machine.memory_grows()
            || host.workers.values().any(limited)
            || self.memory_of_node(node).met()
            || self.disk_of_node(node).met()
    }

    /// One look of the manager.
    pub(crate) fn eviction_pass(&mut self, node: usize, cause: Option<EntryId>) {
        self.nodes[node].pressure.queued = None;
        if let Some((uids, until)) = self.nodes[node].pressure.leaving.clone() {
            let there = uids.iter().any(|uid| {
                self.worker(uid).is_some_and(|worker| worker.state != WorkerState::Finished)
            });
            if there && self.now < until {
                return self.look_again(node, CLEANUP.0, cause);
            }
            self.nodes[node].pressure.leaving = None;
        }
        let evicted = self.make_room(node, cause);
        if !evicted.is_empty() {
            self.nodes[node].pressure.leaving = Some((evicted, self.now + CLEANUP.1));
            return self.look_again(node, CLEANUP.0, cause);
        }
        if self.is_watched(node) {
            self.look_again(node, PERIOD, cause);
        }
    }

    fn look_again(&mut self, node: usize, delay: Duration, cause: Option<EntryId>) {
        let token = self.wake_after(delay, Wake::Eviction { node }, cause);
        self.nodes[node].pressure.queued = Some(token);
    }

    /// Evicts what has to go; the Pods by their UIDs.
    ///
    /// Models eviction_manager.go synchronize.
    fn make_room(&mut self, node: usize, cause: Option<EntryId>) -> Vec<String> {
        let (memory, disk) = (self.memory_of_node(node), self.disk_of_node(node));
        let cause = self.note_pressure(node, memory, disk, cause);
        self.add_up_volumes(node);
        let over = self.evict_over_limits(node, cause);
        if !over.is_empty() {
            return over;
        }
        // Memory comes first (helpers.go byEvictionPriority).
        let (resource, observed) = match (memory.met(), disk.met()) {
            (true, _) => (MEMORY, memory),
            (false, true) => (STORAGE, disk),
            (false, false) => return Vec::new(),
        };
        if let Some(about) = self.node_object(node) {
            let host = self.nodes[node].name.clone();
            let message = format!("Attempting to reclaim {resource}");
            let reason = "EvictionThresholdMet";
            let say = Say { kind: "Warning", reason, message, field_path: String::new() };
            self.say(Actor::Kubelet, &host, &about, say, cause);
        }
        let Some(uid) = self.first_to_go(node, resource) else { return Vec::new() };
        let message = self.eviction_message(&uid, resource, observed);
        self.evict_pod(&uid, message, true, cause);
        vec![uid]
    }

    /// Notes which thresholds are crossed; conditions follow, and last at least five minutes.
    fn note_pressure(
        &mut self,
        node: usize,
        memory: Observed,
        disk: Observed,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let now = self.now;
        let pressure = &mut self.nodes[node].pressure;
        if memory.met() {
            pressure.memory_met = Some(now);
        }
        if disk.met() {
            pressure.disk_met = Some(now);
        }
        let lasts = |met: Option<Instant>| met.is_some_and(|met| now.since(met) < TRANSITION);
        let under = Under { memory: lasts(pressure.memory_met), disk: lasts(pressure.disk_met) };
        let before = std::mem::replace(&mut pressure.under, under);
        let mut cause = cause;
        let changes = [
            (before.memory, under.memory, "memory.available", memory),
            (before.disk, under.disk, "imagefs.available", disk),
        ];
        for (was, is, signal, observed) in changes {
            if was == is {
                continue;
            }
            let than = if is { "below" } else { "for five minutes not below" };
            let what = format!(
                "{signal} is {}, {than} {}",
                bytes(observed.available),
                bytes(observed.threshold)
            );
            cause = Some(self.note_node(node, &what, Rule::NodePressure, cause));
        }
        if before != under {
            let name = &self.nodes[node].name;
            let mut luck = Random::keyed(self.scenario.seed, "node-status", name, 0);
            let phase = Instant::ZERO + luck.between(Duration::ZERO, NODE_STATUS);
            let due = (now + Duration::from_micros(1)).next_tick(phase, NODE_STATUS);
            self.wake_at(due, Wake::NodeReports { node, booted: false }, cause);
        }
        cause
    }

    fn capacity(&self, node: usize, resource: &str) -> i64 {
        self.nodes[node].allocatable.get(resource).map_or(0, Quantity::value)
    }

    fn memory_of_node(&self, node: usize) -> Observed {
        let capacity = self.capacity(node, MEMORY);
        // Invented: a small machine has a small system.
        let own = NODE_IDLE.1.min(capacity / 4);
        let workers = self.nodes[node].workers.values();
        let there = workers.filter(|worker| worker.state != WorkerState::Finished);
        let used = there.fold(own, |sum, worker| {
            sum.saturating_add(self.memory_of_pod(&worker.pod.metadata.uid))
        });
        Observed { threshold: MEMORY_AVAILABLE, available: (capacity - used).max(0) }
    }

    fn disk_of_node(&self, node: usize) -> Observed {
        let capacity = self.capacity(node, STORAGE);
        let own = percent(capacity, DISK_IDLE_PERCENT);
        // What has ended is removed before anybody is evicted (reclaimNodeLevelResources).
        let there = self.nodes[node].workers.values();
        let there = there.filter(|worker| worker.state != WorkerState::Finished);
        let used = there.fold(own, |sum, worker| {
            let volumes = worker.pod.spec.volumes.iter();
            let volumes: i64 = volumes.map(|volume| self.bytes_of(worker, &volume.name)).sum();
            let containers =
                worker.pod.spec.containers.iter().chain(&worker.pod.spec.init_containers);
            let own: i64 = containers.map(|own| self.written_by(worker, &own.name)).sum();
            sum.saturating_add(volumes).saturating_add(own)
        });
        let threshold = percent(capacity, DISK_AVAILABLE_PERCENT);
        Observed { threshold, available: (capacity - used).max(0) }
    }

    /// Bytes that a container holds: what its programs say, else what metrics say of its image.
    fn memory_of(&self, uid: &str, container: &str) -> i64 {
        let Some(worker) = self.worker(uid) else { return 0 };
        let instance = newest(&worker.instances, container);
        let Some(id) = instance.and_then(|own| own.machine_id) else { return 0 };
        if !worker.is_running(container) {
            return 0;
        }
        let told = self.nodes[worker.node].machine.memory(self.now, id);
        let metered = || self.meter.memory_at(&self.usage, uid, container, self.now);
        pages(told.or_else(metered).unwrap_or(0))
    }

    fn memory_of_pod(&self, uid: &str) -> i64 {
        let Some(worker) = self.worker(uid) else { return 0 };
        let spec = &worker.pod.spec;
        let all = spec.containers.iter().chain(&spec.init_containers);
        all.map(|container| self.memory_of(uid, &container.name)).sum()
    }

    /// Bytes in a volume of a Pod that takes the node's disk.
    fn bytes_of(&self, worker: &PodWorker, volume: &str) -> i64 {
        let source = worker.pod.spec.volumes.iter().find(|own| own.name == volume);
        let empty = source.and_then(|source| source.empty_dir.as_ref());
        let id = worker.volumes.as_ref().and_then(|volumes| volumes.get(volume));
        match (empty, id) {
            (Some(_), Some(id)) => pages(self.nodes[worker.node].machine.volume_bytes(*id)),
            (None, _) | (_, None) => 0,
        }
    }

    /// Bytes of a container's own files and of its log.
    fn written_by(&self, worker: &PodWorker, container: &str) -> i64 {
        let instance = newest(&worker.instances, container);
        let Some(id) = instance.and_then(|own| own.machine_id) else { return 0 };
        let (files, log) = self.nodes[worker.node].machine.written(id);
        pages(files).saturating_add(pages(log))
    }

    /// Adds up the volumes of the Pods for which it is time.
    fn add_up_volumes(&mut self, node: usize) {
        let (now, seed) = (self.now, self.scenario.seed);
        let name = self.nodes[node].name.clone();
        let phase =
            Random::keyed(seed, "volume-stats", &name, 0).between(Duration::ZERO, VOLUME_STATS);
        let mut fresh = Vec::new();
        for (uid, worker) in self.nodes[node].workers.iter() {
            let known = self.nodes[node].pressure.volumes.get(uid).map(|(next, _)| *next);
            let first = || worker.start_time.next_tick(Instant::ZERO + phase, VOLUME_STATS);
            let due = known.unwrap_or_else(first);
            if worker.volumes.is_none() || now < due {
                continue;
            }
            let beat = now.as_micros() as u64;
            let mut luck = Random::keyed(seed, "volume-stats", &worker.pod.metadata.name, beat);
            let next = now + luck.jitter(VOLUME_STATS, 100);
            let sizes = worker.pod.spec.volumes.iter();
            let sizes: Map<String, i64> =
                sizes.map(|own| (own.name.clone(), self.bytes_of(worker, &own.name))).collect();
            fresh.push((uid.clone(), (next, sizes)));
        }
        let known = &mut self.nodes[node].pressure.volumes;
        for (uid, sizes) in fresh {
            known.insert(uid, sizes);
        }
    }

    /// Evicts every Pod that has written more than its limits.
    ///
    /// Models eviction_manager.go localStorageEviction: no condition DisruptionTarget, for nobody
    /// else needs the room.
    fn evict_over_limits(&mut self, node: usize, cause: Option<EntryId>) -> Vec<String> {
        let uids: Vec<String> = self.active(node);
        let mut evicted = Vec::new();
        for uid in uids {
            let Some(message) = self.over_limits(&uid) else { continue };
            if self.evict_pod(&uid, message, false, cause) {
                evicted.push(uid);
            }
        }
        evicted
    }

    fn over_limits(&self, uid: &str) -> Option<String> {
        let worker = self.worker(uid)?;
        let spec = &worker.pod.spec;
        let sizes = self.nodes[worker.node].pressure.volumes.get(uid).map(|(_, sizes)| sizes);
        let size = |volume: &str| sizes.and_then(|sizes| sizes.get(volume)).copied().unwrap_or(0);
        for volume in &spec.volumes {
            let limit = volume.empty_dir.as_ref().and_then(|source| source.size_limit.as_ref());
            let Some(limit) = limit.filter(|limit| limit.value() > 0) else { continue };
            if size(&volume.name) > limit.value() {
                return Some(format!(
                    "Usage of EmptyDir volume \"{}\" exceeds the limit \"{}\". ",
                    volume.name,
                    limit.text()
                ));
            }
        }
        let on_disk = spec.volumes.iter().filter(|volume| {
            volume.empty_dir.as_ref().is_some_and(|source| source.medium != "Memory")
        });
        let volumes: i64 = on_disk.map(|volume| size(&volume.name)).sum();
        let written = spec.containers.iter().chain(&spec.init_containers);
        let written: i64 = written.map(|own| self.written_by(worker, &own.name)).sum();
        if let Some(limit) = qos::limits(spec).get(STORAGE).filter(|limit| limit.value() > 0)
            && volumes + written > limit.value()
        {
            return Some(format!(
                "Pod ephemeral local storage usage exceeds the total limit of containers {}. ",
                limit.text()
            ));
        }
        spec.containers.iter().find_map(|container| {
            let limit = storage_limit(container)?;
            (self.written_by(worker, &container.name) > limit.value()).then(|| {
                format!(
                    "Container {} exceeded its local ephemeral storage limit \"{}\". ",
                    container.name,
                    limit.text()
                )
            })
        })
    }

    /// The Pods that a kubelet works for and that nobody stops yet.
    fn active(&self, node: usize) -> Vec<String> {
        let workers = self.nodes[node].workers.iter();
        workers
            .filter(|(_, worker)| worker.state == WorkerState::Syncing)
            .map(|(uid, _)| uid.clone())
            .collect()
    }

    fn first_to_go(&self, node: usize, resource: &str) -> Option<String> {
        let mut candidates: Vec<Candidate> = self
            .active(node)
            .into_iter()
            .filter_map(|uid| {
                let worker = self.worker(&uid)?;
                if is_critical(&worker.pod, worker.mirror) {
                    return None;
                }
                let asked = qos::requests(&worker.pod.spec);
                let asked = asked.get(resource).map_or(0, Quantity::value);
                let beyond = self.usage_of_pod(worker, &uid, resource) - asked;
                let priority = worker.pod.spec.priority.unwrap_or(0);
                Some(Candidate { within: beyond <= 0, priority, beyond, uid })
            })
            .collect();
        crate::order::sort_by(&mut candidates, |a, b| {
            (a.within, a.priority, -a.beyond).cmp(&(b.within, b.priority, -b.beyond))
        });
        candidates.into_iter().next().map(|candidate| candidate.uid)
    }

    fn usage_of_pod(&self, worker: &PodWorker, uid: &str, resource: &str) -> i64 {
        if resource == MEMORY {
            return self.memory_of_pod(uid);
        }
        let volumes = worker.pod.spec.volumes.iter();
        let volumes: i64 = volumes.map(|volume| self.bytes_of(worker, &volume.name)).sum();
        let written = worker.pod.spec.containers.iter();
        volumes + written.map(|own| self.written_by(worker, &own.name)).sum::<i64>()
    }

    /// Models eviction/helpers.go evictionMessage.
    fn eviction_message(&self, uid: &str, resource: &str, observed: Observed) -> String {
        let mut message = format!(
            "The node was low on resource: {resource}. Threshold quantity: {}, available: {}. ",
            bytes(observed.threshold),
            bytes(observed.available)
        );
        let Some(worker) = self.worker(uid) else { return message };
        for container in &worker.pod.spec.containers {
            let used = match resource {
                MEMORY => self.memory_of(uid, &container.name),
                _ => self.written_by(worker, &container.name),
            };
            if used <= request(container, resource) {
                continue;
            }
            let asked = container.resources.requests.get(resource).map_or("0", Quantity::text);
            message.push_str(&format!(
                "Container {} was using {}, request is {asked}, has larger consumption of \
                 {resource}. ",
                container.name,
                bytes(used),
            ));
        }
        message
    }

    /// Ends a Pod to make room; a critical one stays.
    ///
    /// Models eviction_manager.go evictPod.
    fn evict_pod(
        &mut self,
        uid: &str,
        message: String,
        disrupts: bool,
        cause: Option<EntryId>,
    ) -> bool {
        let Some(worker) = self.worker(uid) else { return false };
        if is_critical(&worker.pod, worker.mirror) {
            return false;
        }
        let (pod, node) = (worker.pod.clone(), worker.node);
        let named = self.scenario.version.has(Feature::PodDisruptionConditions);
        let rule = if disrupts { Rule::EvictedForRoom } else { Rule::EvictedOverLimit };
        if let Some(worker) = self.worker_mut(uid) {
            worker.status_cause = cause.or(worker.status_cause);
            worker.ended_for = Some(("Evicted", message.clone()));
            worker.disrupted = (disrupts && named).then(|| message.clone());
            worker.grace_override = Some(GRACE);
            worker.state = WorkerState::Terminating;
        }
        let entry = self.decided(uid, None, message.trim_end(), rule).or(cause);
        let host = self.nodes[node].name.clone();
        let say = Say { kind: "Warning", reason: "Evicted", message, field_path: String::new() };
        self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, entry);
        self.stop_waiting_for_volumes(uid);
        self.worker_wake(uid, entry);
        true
    }

    /// Why a kubelet does not let a new Pod in: reason and message.
    ///
    /// Models eviction_manager.go Admit, and pkg/kubelet/lifecycle/predicate.go for Pods that came
    /// past the scheduler.
    pub(crate) fn refusal(&self, node: usize, pod: &Pod) -> Option<(&'static str, String)> {
        let under = self.nodes[node].pressure.now();
        if under != Under::default() && !is_critical(pod, false) {
            let taint = Taint {
                key: "node.kubernetes.io/memory-pressure".to_owned(),
                effect: "NoSchedule".to_owned(),
                ..Taint::default()
            };
            // Only what asked for nothing would make it worse.
            let spared = qos::qos_class(&pod.spec) != "BestEffort" || is_tolerated(pod, &taint);
            if under.disk || !spared {
                let conditions: Vec<&str> =
                    [("MemoryPressure", under.memory), ("DiskPressure", under.disk)]
                        .into_iter()
                        .filter(|(_, is)| *is)
                        .map(|(condition, _)| condition)
                        .collect();
                let conditions = conditions.join(" ");
                return Some(("Evicted", format!("The node had condition: [{conditions}]. ")));
            }
        }
        if pod.status.condition("PodScheduled").is_some() {
            return None;
        }
        self.does_not_fit(node, pod)
    }

    pub(super) fn does_not_fit(&self, node: usize, pod: &Pod) -> Option<(&'static str, String)> {
        let host = &self.nodes[node];
        let booked = self.store.books.of(&host.name);
        let asked = qos::requests(&pod.spec);
        let short = |what: &str, requested: i128, used: i128, capacity: i128| {
            format!(
                "Node didn't have enough resource: {what}, requested: {requested}, used: {used}, \
                 capacity: {capacity}"
            )
        };
        let pods = host.allocatable.get("pods").map_or(0, Quantity::value);
        let active = booked.map_or(0, |booked| booked.active);
        if active > pods {
            let (used, capacity) = (i128::from(active) - 1, i128::from(pods));
            return Some(("OutOfpods", short("pods", 1, used, capacity)));
        }
        for (name, reason) in [("cpu", "OutOfcpu"), (MEMORY, "OutOfmemory")] {
            let own = asked.get(name).map_or(0, |own| i128::from(own.milli_value()));
            let all = booked.and_then(|booked| booked.requested.get(name)).copied().unwrap_or(0);
            let there = host.allocatable.get(name);
            let capacity = there.map_or(0, |there| i128::from(there.milli_value()));
            if own > 0 && all > capacity {
                // Processors are counted in thousandths, memory in bytes.
                let unit = if name == "cpu" { 1 } else { 1000 };
                let message = short(name, own / unit, (all - own) / unit, capacity / unit);
                return Some((reason, message));
            }
        }
        let words = "Predicate NodeAffinity failed: node(s) didn't match Pod's node \
                     affinity/selector";
        (!self.selects_node(pod, node)).then(|| ("NodeAffinity", words.to_owned()))
    }

    /// Models kubelet.go rejectPod.
    pub(crate) fn reject_pod(
        &mut self,
        node: usize,
        pod: &Rc<Pod>,
        reason: &str,
        message: &str,
        cause: Option<EntryId>,
    ) {
        let host = self.nodes[node].name.clone();
        let about = Object::Pod(pod.clone());
        let entry = self.note(Actor::Kubelet, &about, message.trim_end(), Rule::PodRejected, cause);
        let say =
            Say { kind: "Warning", reason, message: message.to_owned(), field_path: String::new() };
        self.say(Actor::Kubelet, &host, &about, say, Some(entry));
        let mut changed = (**pod).clone();
        changed.status = PodStatus {
            phase: "Failed".to_owned(),
            reason: reason.to_owned(),
            message: format!("Pod was rejected: {message}"),
            start_time: Some(self.now.truncated()),
            qos_class: pod.status.qos_class.clone(),
            ..PodStatus::default()
        };
        self.update_pod(Actor::Kubelet, changed, Rule::PodRejected, Some(entry));
    }
}
