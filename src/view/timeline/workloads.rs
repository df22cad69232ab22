//! The lanes of what has the template of Pods: the load on it, what its Pods use, how many they
//! are.
//!
//! Owns: which workloads have something to tell, and those lanes. Does not own: the measuring
//! (`cluster::metrics`), or where the lanes stand (`build`).

use super::services::{Service, line, push_step};
use super::{Figure, Group, GroupKind, Lane, LaneKind, Note, Piece, State};
use crate::cluster::metrics::{Meter, Usage};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::quantity::Quantity;
use crate::map::Map;
use crate::time::Instant;
use crate::trace::requests::Stream;
use crate::trace::{Change, EntryId, History, Name, Trace, Verb};
use crate::view::autoscaling::counts;

/// Looks of metrics-server that are drawn at most. Invented: more are no wider than a pixel.
const LOOKS_MAX: usize = 480;
/// Owners above a Pod: ReplicaSet, Deployment.
const OWNERS_MAX: usize = 4;

/// What has the template of Pods, and no owner.
struct Workload<'t> {
    kind: &'t str,
    namespace: &'t str,
    name: &'t str,
    uid: &'t Name,
    /// An autoscaler looks at it.
    scaled: bool,
    /// A load reaches its Pods.
    loaded: bool,
    cpu: Vec<Piece>,
}

/// The lanes of every workload that has something to tell.
pub(super) fn groups(trace: &Trace, services: &[Service<'_>]) -> Vec<Group> {
    let mut workloads = workloads(trace);
    let owners = owners(trace);
    for workload in &mut workloads {
        workload.loaded = is_loaded(trace, workload, &owners, services);
    }
    if workloads.iter().any(|own| own.loaded || own.scaled) {
        measure(trace, &owners, &mut workloads);
    }
    workloads.into_iter().filter_map(|own| own.group(trace)).collect()
}

fn workloads(trace: &Trace) -> Vec<Workload<'_>> {
    let kinds =
        ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"];
    let histories = trace.histories().iter();
    let own = histories.filter(|history| {
        let first = history.versions.first().and_then(|id| trace.entry(*id));
        let owned = first.is_some_and(|entry| match &entry.change {
            Change::Stored { object, .. } => !object.metadata().owner_references.is_empty(),
            _ => false,
        });
        !owned && kinds.contains(&&*history.kind)
    });
    own.map(|history| Workload {
        kind: &history.kind,
        namespace: &history.namespace,
        name: &history.name,
        uid: &history.uid,
        scaled: is_scaled(trace, history),
        loaded: false,
        cpu: Vec::new(),
    })
    .collect()
}

/// Whether an autoscaler has it as its target.
fn is_scaled(trace: &Trace, target: &History) -> bool {
    let mut scalers =
        trace.histories().iter().filter(|history| &*history.kind == "HorizontalPodAutoscaler");
    scalers.any(|history| {
        let last = history.versions.last().and_then(|id| trace.entry(*id));
        last.is_some_and(|entry| match &entry.change {
            Change::Stored { object: Object::HorizontalPodAutoscaler(own), .. } => {
                let reference = &own.spec.scale_target_ref;
                history.namespace == target.namespace
                    && *reference.kind == *target.kind
                    && *reference.name == *target.name
            }
            _ => false,
        })
    })
}

/// Every Pod, by UID: the UID of the owner that nobody owns, or its own.
fn owners(trace: &Trace) -> Map<Name, Name> {
    let above: Map<&str, &str> = trace
        .histories()
        .iter()
        .filter_map(|history| {
            let entry = trace.entry(*history.versions.first()?)?;
            let Change::Stored { object, .. } = &entry.change else { return None };
            let owner = object.metadata().owner_references.iter().find(|own| own.controller)?;
            Some((&*history.uid, owner.uid.as_str()))
        })
        .collect();
    let pods = trace.histories().iter().filter(|history| &*history.kind == "Pod");
    pods.map(|history| {
        let mut uid: &str = &history.uid;
        for _ in 0..OWNERS_MAX {
            let Some(next) = above.get(uid) else { break };
            uid = next;
        }
        (history.uid.clone(), Name::from(uid))
    })
    .collect()
}

fn is_loaded(
    trace: &Trace,
    workload: &Workload<'_>,
    owners: &Map<Name, Name>,
    services: &[Service<'_>],
) -> bool {
    let pods = || {
        trace.histories().iter().filter(|history| {
            &*history.kind == "Pod" && owners.get(&history.uid) == Some(workload.uid)
        })
    };
    trace.metering().load.iter().any(|load| match (&load.deployment, &load.service) {
        (Some(name), _) => workload.kind == "Deployment" && name == workload.name,
        (None, Some(name)) => services.iter().filter(|own| own.is_named(name)).any(|service| {
            pods().any(|history| service.reaches(&history.namespace, &history.name))
        }),
        (None, None) => false,
    })
}

/// What is summed up of a workload's Pods at a look.
#[derive(Clone, Copy, Default)]
struct Sum {
    pods: i64,
    used: i64,
    request: i64,
    limit: i64,
}

/// A Pod that is there.
struct Known {
    workload: usize,
    /// Thousandths of a core that it requests, and may use.
    share: (i64, i64),
}

/// Looks with metrics-server, and writes down what it finds.
fn measure(trace: &Trace, owners: &Map<Name, Name>, workloads: &mut [Workload<'_>]) {
    let meter = Meter::new(trace.metering());
    if !meter.is_installed() {
        return;
    }
    let looks = meter.looks(trace.horizon());
    let stride = looks.len().div_ceil(LOOKS_MAX).max(1);
    let mut looks = looks.into_iter().step_by(stride).peekable();
    let mut usage = Usage::default();
    let mut pods: Map<(String, String), Known> = Map::new();
    let mut newest: Vec<Option<EntryId>> = vec![None; workloads.len()];
    for (id, entry) in (0..).map(EntryId).zip(trace.entries()) {
        while let Some(at) = looks.next_if(|look| *look < entry.at) {
            look((&meter, &usage), (at, trace.horizon()), &pods, &newest, workloads);
        }
        match &entry.change {
            Change::Stored { verb, object: Object::Pod(pod) } => {
                let gone = *verb == Verb::Deleted;
                usage.observe(&meter, pod, gone, entry.at);
                let owner = owners.get(pod.metadata.uid.as_str());
                let place = workloads.iter().position(|own| Some(own.uid) == owner);
                let Some(workload) = place else { continue };
                let key = (pod.metadata.namespace.clone(), pod.metadata.name.clone());
                if gone {
                    pods.remove(&key);
                } else {
                    pods.insert(key, Known { workload, share: share(pod) });
                }
                newest[workload] = Some(id);
            }
            Change::Stored { object: Object::Service(service), .. } => {
                let metadata = &service.metadata;
                let selector = &service.spec.selector;
                usage.observe_service(&metadata.namespace, &metadata.name, selector);
            }
            _ => {}
        }
    }
    for at in looks {
        look((&meter, &usage), (at, trace.horizon()), &pods, &newest, workloads);
    }
}

fn look(
    (meter, usage): (&Meter, &Usage),
    (at, end): (Instant, Instant),
    pods: &Map<(String, String), Known>,
    newest: &[Option<EntryId>],
    workloads: &mut [Workload<'_>],
) {
    let mut sums = vec![Sum::default(); workloads.len()];
    for sample in meter.samples(usage, at) {
        let used = sample.cpu_milli();
        let Some(own) = pods.get(&(sample.namespace, sample.name)) else { continue };
        let sum = &mut sums[own.workload];
        sum.pods += 1;
        sum.used += used;
        sum.request += own.share.0;
        sum.limit += own.share.1;
    }
    for ((workload, sum), entry) in workloads.iter_mut().zip(sums).zip(newest) {
        let Some(entry) = entry.filter(|_| sum.pods > 0) else {
            // Nothing is known any more.
            if let Some(last) = workload.cpu.last_mut() {
                last.to = last.to.min(at);
            }
            continue;
        };
        let mean = |all: i64| (all + sum.pods - 1) / sum.pods;
        let (used, request, limit) = (mean(sum.used), mean(sum.request), mean(sum.limit));
        let state = State::Figure(Figure::Cpu { used, request, limit });
        push_step(&mut workload.cpu, (at, end), state, format!("{used}m"), entry);
    }
}

/// What a Pod requests and may use: nothing where one of its containers has no limit.
fn share(pod: &Pod) -> (i64, i64) {
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_sidecar());
    let mut sum = (0, Some(0));
    for container in pod.spec.containers.iter().chain(sidecars) {
        let of = |list: &Map<String, Quantity>| list.get("cpu").map(Quantity::milli_value);
        let limit = of(&container.resources.limits);
        sum.0 += of(&container.resources.requests).or(limit).unwrap_or(0);
        sum.1 = sum.1.zip(limit).map(|(all, own)| all + own);
    }
    (sum.0, sum.1.unwrap_or(0))
}

impl Workload<'_> {
    fn group(self, trace: &Trace) -> Option<Group> {
        let mut lanes = Vec::new();
        lanes.extend(self.load_lane(trace));
        // A usage that never changes says nothing, unless somebody acts upon it.
        if self.scaled || self.cpu.len() > 1 {
            lanes.extend(self.cpu_lane());
        }
        lanes.extend(self.replicas_lane(trace));
        (!lanes.is_empty()).then(|| Group {
            kind: GroupKind::Workload,
            name: format!("{} {}", self.kind, self.name),
            uid: self.uid.to_string(),
            lanes,
        })
    }

    fn lane(kind: LaneKind, name: &str, pieces: Vec<Piece>) -> Option<Lane> {
        let (name, note) = (name.to_owned(), Note::None);
        let lane = Lane { kind, name, note, pieces, marks: Vec::new() };
        (!lane.pieces.is_empty()).then_some(lane)
    }

    /// CPU that the scenario asks of all its Pods.
    fn load_lane(&self, trace: &Trace) -> Option<Lane> {
        let mut loads = trace.metering().load.iter();
        let load = loads.find(|load| {
            self.kind == "Deployment"
                && load.deployment.as_deref() == Some(self.name)
                && !load.cpu.0.is_empty()
        })?;
        let stream = Stream::new(load.cpu.0.points());
        // The load is yours: it comes with what you applied.
        let pieces = line(&stream, true, Instant::ZERO, trace.horizon(), &|_| Some(EntryId(0)));
        Self::lane(LaneKind::Load, "load", pieces)
    }

    fn cpu_lane(&self) -> Option<Lane> {
        Self::lane(LaneKind::Cpu, "CPU", self.cpu.clone())
    }

    /// Where there is ever another number of Pods than one, or somebody who changes it.
    fn replicas_lane(&self, trace: &Trace) -> Option<Lane> {
        let counts = counts(trace, self.namespace, &(self.kind.to_owned(), self.name.to_owned()));
        let several = counts.iter().any(|count| count.wanted != 1 || count.made > 1);
        if !several && !self.scaled {
            return None;
        }
        let mut pieces = Vec::new();
        for count in counts {
            let state = State::Figure(Figure::Replicas {
                wanted: count.wanted,
                made: count.made,
                ready: count.ready,
            });
            let word = format!("{}/{}", count.ready, count.wanted);
            push_step(&mut pieces, (count.at, trace.horizon()), state, word, count.entry);
        }
        if let Some(removed) = self.removed(trace)
            && let Some(last) = pieces.last_mut()
        {
            last.to = removed.max(last.from);
        }
        Self::lane(LaneKind::Replicas, "replicas", pieces)
    }

    fn removed(&self, trace: &Trace) -> Option<Instant> {
        let history = trace.histories().iter().find(|history| history.uid == *self.uid)?;
        let last = trace.entry(*history.versions.last()?)?;
        match &last.change {
            Change::Stored { verb: Verb::Deleted, .. } => Some(last.at),
            _ => None,
        }
    }
}
