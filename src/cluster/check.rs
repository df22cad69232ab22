//! What must always be true, looked at after every wake-up in debug builds.
//!
//! Does not own: making it true. A violated invariant is a bug of the engine, never of the input.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::kubelet::{Instance, InstanceState, PodWorker, WorkerState, newest};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Change, Entry, Name, Verb};

/// What a stopping container may take beyond its grace period: the two seconds that the runtime
/// always gives, and the way of the signals.
const STOP_SLACK: Duration = Duration::from_millis(2_500);
/// Until a change of a Pod has reached the endpoints of its Services.
const ENDPOINT_LAG: Duration = Duration::from_millis(100);

/// What earlier looks have seen.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Entries that were looked at.
    seen: usize,
    at: Instant,
    /// UID by key of everything that the API holds, as the entries tell it.
    live: BTreeMap<Key, String>,
    resource_version: u64,
    /// When a stopping container must have ended, by UID and name.
    stops: BTreeMap<(Name, Name), Instant>,
    /// Pods that are not ready any more, and when their endpoints must know.
    unready: BTreeMap<Key, Instant>,
}

impl Watch {
    /// Panics when an invariant is violated (debug builds only).
    pub(super) fn look(&mut self, world: &World<'_>) {
        assert!(self.at <= world.now, "time goes back");
        self.at = world.now;
        let mut changed = BTreeSet::new();
        while let Some(entry) = world.trace.entries().get(self.seen) {
            self.entry(world, entry);
            if let Change::Stored { object, .. } = &entry.change {
                changed.insert(Key::of(object));
            }
            self.seen += 1;
        }
        for key in changed {
            let stored = world.store.get(&key).map(|object| object.metadata().uid.as_str());
            let told = self.live.get(&key).map(String::as_str);
            assert_eq!(stored, told, "the store and the trace differ about {key:?}");
        }
        // Nobody stops anything where no kubelet runs; one that starts begins anew.
        self.stops.retain(|(uid, _), _| {
            world.worker(uid).is_none_or(|worker| world.nodes[worker.node].power == Power::On)
        });
        for ((uid, name), until) in &self.stops {
            assert!(
                self.at <= *until,
                "container {name} of {uid} still runs, long after its grace period"
            );
        }
        self.endpoints(world);
        workers(world);
        statuses(world);
    }

    fn entry(&mut self, world: &World<'_>, entry: &Entry) {
        assert!(entry.at <= self.at, "an entry is of the future");
        if let Some(cause) = entry.cause.and_then(|cause| world.trace.entry(cause)) {
            assert!(cause.at <= entry.at, "a cause is later than what it led to");
        }
        if entry.rule == Rule::KubeletStarted {
            // A kubelet that starts does not know what its predecessor was stopping.
            self.stops.retain(|(uid, _), _| {
                world
                    .worker(uid)
                    .is_none_or(|worker| world.nodes[worker.node].name != *entry.subject.name)
            });
        }
        let container = entry.subject.container.clone().unwrap_or_default();
        let of = (entry.subject.uid.clone(), container);
        match &entry.change {
            Change::Stored { verb, object } => self.stored(*verb, object),
            Change::Stopping { grace, .. } => {
                // A process may have ended already, and the kubelet not know it yet.
                let ended = world
                    .worker(&of.0)
                    .and_then(|worker| newest(&worker.instances, &of.1))
                    .is_none_or(|instance| instance.exit_entry.is_some());
                if !ended {
                    let grace = (*grace).max(Duration::ZERO);
                    self.stops.insert(of, entry.at + grace + STOP_SLACK);
                }
            }
            Change::ContainerExited { .. } => {
                self.stops.remove(&of);
            }
            Change::ContainerStarted { .. } => {
                if let Some(worker) = world.worker(&of.0) {
                    init_containers_first(worker, &of.1);
                }
            }
            Change::Acted { .. }
            | Change::Volume { .. }
            | Change::Sandbox(_)
            | Change::Manifest { .. }
            | Change::Pull { .. }
            | Change::ContainerCreated { .. }
            | Change::Backoff { .. }
            | Change::Signal { .. }
            | Change::Process { .. }
            | Change::Output { .. }
            | Change::Probe { .. }
            | Change::Quiet(_)
            | Change::Hook { .. }
            | Change::Decided { .. }
            | Change::Scaling(_)
            | Change::Routed { .. }
            | Change::Requests(_)
            | Change::Limit { .. } => {}
        }
    }

    /// What is new was not there, what is changed or removed was, and is the same object.
    fn stored(&mut self, verb: Verb, object: &Object) {
        let (key, metadata) = (Key::of(object), object.metadata());
        let version = metadata.resource_version.parse().unwrap_or(0);
        assert!(version > self.resource_version, "resourceVersion goes back at {key:?}");
        self.resource_version = version;
        let known = self.live.get(&key);
        match verb {
            Verb::Created => {
                assert!(known.is_none(), "{key:?} is created and is there");
                self.live.insert(key.clone(), metadata.uid.clone());
            }
            Verb::Updated | Verb::Deleted => {
                assert_eq!(known, Some(&metadata.uid), "{key:?} is changed and is not there");
                if verb == Verb::Deleted {
                    self.live.remove(&key);
                }
            }
        }
        if let Object::Pod(pod) = object {
            let ready = pod.status.is_true("Ready") && !pod.is_terminating();
            if ready && verb != Verb::Deleted {
                self.unready.remove(&key);
            } else {
                self.unready.entry(key).or_insert(self.at + ENDPOINT_LAG);
            }
        }
    }

    /// No endpoint is ready for long while its Pod is not.
    fn endpoints(&mut self, world: &World<'_>) {
        let now = self.at;
        self.unready.retain(|key, until| {
            if *until > now {
                return true;
            }
            for object in world.store.list("EndpointSlice") {
                let Object::EndpointSlice(slice) = object else { continue };
                let of_pod = slice.metadata.namespace == key.namespace
                    && slice
                        .endpoints
                        .iter()
                        .any(|e| e.target_ref == key.name && e.conditions.ready);
                assert!(
                    !of_pod || !follows_readiness(world, object),
                    "{} is a ready endpoint of {} and is not ready",
                    key.name,
                    slice.metadata.name
                );
            }
            false
        });
    }
}

/// Whether a slice belongs to a Service that selects Pods and publishes only ready ones.
fn follows_readiness(world: &World<'_>, slice: &Object) -> bool {
    slice.metadata().owner_references.iter().any(|owner| {
        let key = Key::new("Service", &slice.metadata().namespace, &owner.name);
        matches!(world.store.get(&key), Some(Object::Service(service))
            if service.metadata.uid == owner.uid
                && !service.spec.publish_not_ready_addresses
                && !service.spec.selector.is_empty())
    })
}

/// A container starts after the init containers before it: regular ones have succeeded in its
/// sandbox, sidecars were started there.
fn init_containers_first(worker: &PodWorker, name: &str) {
    let spec = &worker.pod.spec;
    let Some(started) = worker.instances.iter().rev().find(|i| *i.name == *name) else { return };
    let of = |name: &str| -> Vec<&Instance> {
        let same = |i: &&Instance| *i.name == *name && i.sandbox == started.sandbox;
        worker.instances.iter().filter(same).collect()
    };
    for init in spec.init_containers.iter().take_while(|init| init.name != name) {
        let instances = of(&init.name);
        let ready = instances.iter().any(|instance| match &instance.state {
            InstanceState::Created => false,
            InstanceState::Running { .. } => init.is_sidecar(),
            InstanceState::Exited(exit) => {
                exit.code == 0 || (init.is_sidecar() && exit.started.is_some())
            }
        });
        assert!(ready, "container {name} runs before {}: {instances:?}", init.name);
    }
}

fn workers(world: &World<'_>) {
    let mut addresses = BTreeSet::new();
    let mut uids = BTreeSet::new();
    for node in &world.nodes {
        for (uid, worker) in node.workers.iter() {
            assert!(uids.insert(uid), "Pod {uid} has two workers");
            let running = worker
                .instances
                .iter()
                .filter(|instance| matches!(instance.state, InstanceState::Running { .. }));
            let mut names = BTreeSet::new();
            for instance in running {
                assert!(
                    names.insert(instance.name.clone()),
                    "two instances of container {} of {uid} run at once",
                    instance.name
                );
                assert!(
                    worker.state < WorkerState::Terminated,
                    "container {} of {uid} runs after its Pod has ended",
                    instance.name
                );
            }
            if let Some(ip) = worker.sandbox_ip().filter(|_| !worker.pod.spec.host_network) {
                assert!(addresses.insert(ip), "two Pods have the address {ip}");
            }
            assert!(
                worker.state != WorkerState::Finished || worker.sync.is_none(),
                "{uid} is synced after it has finished"
            );
        }
    }
    let workers: usize = world.nodes.iter().map(|node| node.workers.len()).sum();
    assert_eq!(workers, world.worker_nodes.len(), "the index of workers is in step");
}

fn statuses(world: &World<'_>) {
    for pod in world.store.pods() {
        let status = &pod.status;
        if status.phase == "Running" {
            assert!(!pod.spec.node_name.is_empty(), "{} runs without a node", pod.metadata.name);
        }
        for container in &status.container_statuses {
            let states = [
                container.state.waiting.is_some(),
                container.state.running.is_some(),
                container.state.terminated.is_some(),
            ];
            let set = states.iter().filter(|set| **set).count();
            assert!(set <= 1, "container {} has {set} states at once", container.name);
            assert!(
                !container.ready || container.state.running.is_some(),
                "container {} is ready and does not run",
                container.name
            );
        }
    }
}

/// What a new version of a Pod may not take back.
pub(super) fn successor(before: &Pod, after: &Pod) {
    let name = &after.metadata.name;
    assert_eq!(before.metadata.uid, after.metadata.uid, "{name} is another Pod");
    if before.is_terminal() {
        let (old, new) = (&before.status.phase, &after.status.phase);
        assert_eq!(old, new, "{name} leaves a terminal phase");
    }
    if !before.spec.node_name.is_empty() {
        assert_eq!(before.spec.node_name, after.spec.node_name, "{name} moves to another node");
    }
    if let Some(deletion) = before.metadata.deletion_timestamp {
        let later = after.metadata.deletion_timestamp;
        assert!(later.is_some_and(|later| later <= deletion), "{name} is deleted later, or not");
    }
    let statuses = |pod: &Pod| {
        let init = pod.status.init_container_statuses.iter();
        init.chain(&pod.status.container_statuses)
            .map(|status| (status.name.clone(), status.restart_count))
            .collect::<BTreeMap<_, _>>()
    };
    let counts = statuses(after);
    for (container, count) in statuses(before) {
        let now = counts.get(&container);
        assert!(
            now.is_some_and(|now| *now >= count),
            "the restarts of {container} of {name} go from {count} to {now:?}"
        );
    }
}
