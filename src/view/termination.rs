//! How a Pod leaves: the kubelet stops it, the nodes forget its address, and nobody waits.
//!
//! Owns: both tracks of one Pod as plain structs ([`Termination`]) and as text. Does not own: how
//! it is drawn (`draw::termination`), or any sentence (`i18n::termination`).

mod dots;
mod text;

use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::requests::{Lost, Requests};
use crate::trace::{Change, Entry, EntryId, History, HookKind, Trace, Verb};
use crate::workload::cri::ProcessStep;

pub use dots::{Dot, Fate};
pub use text::seconds;

/// Shown before the deletion and after the end.
const BEFORE: Duration = Duration::from_millis(1_000);
const AFTER: Duration = Duration::from_millis(1_500);
/// The picture shows at least so much.
const LEAST: Duration = Duration::from_secs(4);

/// One Pod's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termination {
    /// Its name.
    pub pod: String,
    /// Kind and name of the object that has its template: itself, or a Deployment, …
    pub source: (String, String),
    /// Every Pod that leaves: name and when it was asked to.
    pub leavers: Vec<(String, Instant)>,
    /// When it was asked to end, and the entry that did it.
    pub asked: Instant,
    /// The entry of that.
    pub entry: EntryId,
    /// Whether you deleted it yourself.
    pub yours: bool,
    /// The grace period.
    pub grace: Duration,
    /// What is in view.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Its containers, in the order of the spec.
    pub containers: Vec<ContainerEnd>,
    /// What the EndpointSlice says; nothing where no Service selects it.
    pub endpoint: Option<EndpointEnd>,
    /// What each node does with its requests.
    pub nodes: Vec<NodeTrack>,
    /// When nobody listens any more.
    pub closed: Option<Instant>,
    /// When the object was removed.
    pub removed: Option<Instant>,
    /// Requests a second, in billionths, at the deletion; nothing without a load.
    pub rate: i128,
    /// Requests to it that were lost from the deletion on, by reason.
    pub lost: Map<Lost, u64>,
}

/// A container's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerEnd {
    /// Its name.
    pub name: String,
    /// The preStop hook: since when, until when, and how it ended.
    pub hook: Option<(Instant, Option<Instant>, bool)>,
    /// What the hook does: `sleep: 5 s`.
    pub hook_words: String,
    /// How long the hook sleeps, if that is what it does.
    pub sleep: Option<i64>,
    /// The stop signal, and whether PID 1 did not get it.
    pub signal: Option<(Instant, String, bool)>,
    /// SIGKILL.
    pub killed: Option<Instant>,
    /// When it closed its ports; nothing when it never had any, or died with them open.
    pub closed: Option<Instant>,
    /// When it ended, and its exit code.
    pub exit: Option<(Instant, i32)>,
    /// It was ready when the deletion came.
    pub ready: bool,
}

/// An endpoint's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointEnd {
    /// It was ready when the deletion came.
    pub ready: bool,
    /// When it was no longer ready.
    pub unready: Option<Instant>,
    /// When it was no longer listed.
    pub removed: Option<Instant>,
}

/// A node and the requests that it sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTrack {
    /// Its name.
    pub node: String,
    /// Until when it sends requests to the Pod; the horizon when it never learns.
    pub until: Option<Instant>,
    /// Requests that are drawn one by one.
    pub dots: Vec<Dot>,
    /// Requests to the Pod that were lost.
    pub lost: u64,
}

impl Termination {
    /// When the last node has forgotten the Pod.
    pub fn last_route(&self) -> Option<Instant> {
        self.nodes.iter().filter_map(|node| node.until).max()
    }

    /// How long nodes sent requests where nobody listened; negative is the margin that was left.
    pub fn gap(&self) -> Option<Duration> {
        Some(self.last_route()?.since(self.closed?))
    }

    /// How many requests were lost.
    pub fn losses(&self) -> u64 {
        self.lost.values().sum()
    }

    /// The whole seconds of preStop sleep that would have been enough for the slowest node.
    pub fn enough(&self) -> Option<i64> {
        let needed = self.last_route()?.since(self.asked).as_micros();
        Some(needed.div_euclid(1_000_000) + 1)
    }

    /// When SIGKILL comes, or would have come.
    pub fn kill_due(&self) -> Instant {
        self.asked + self.grace
    }

    /// What preStop hooks took of the grace period.
    pub fn hooked(&self) -> Duration {
        let ends = self.containers.iter().filter_map(|container| {
            let (_, end, _) = container.hook?;
            Some(end?.since(self.asked))
        });
        ends.max().unwrap_or(Duration::ZERO)
    }

    /// How long it took until the last container had ended.
    pub fn took(&self) -> Option<Duration> {
        let exits: Option<Vec<Instant>> =
            self.containers.iter().map(|container| Some(container.exit?.0)).collect();
        Some(exits?.into_iter().max()?.since(self.asked))
    }
}

/// Whether any Pod leaves while it runs.
pub fn any(trace: &Trace) -> bool {
    !leavers(trace).is_empty()
}

/// The Pods that were asked to end while a container ran.
fn leavers(trace: &Trace) -> Vec<(&History, Instant, EntryId)> {
    let pods = trace.histories().iter().filter(|history| &*history.kind == "Pod");
    let mut found: Vec<(&History, Instant, EntryId)> = pods
        .filter_map(|history| {
            history.versions.iter().find_map(|id| {
                let entry = trace.entry(*id)?;
                let (Verb::Updated, pod) = stored(entry)? else { return None };
                let runs = pod.status.container_statuses.iter().any(|s| s.state.running.is_some());
                (pod.is_terminating() && runs).then_some((history, entry.at, *id))
            })
        })
        .collect();
    crate::order::sort_by_key(&mut found, |(_, at, _)| *at);
    found
}

fn stored(entry: &Entry) -> Option<(Verb, &Pod)> {
    match &entry.change {
        Change::Stored { verb, object: Object::Pod(pod) } => Some((*verb, pod)),
        _ => None,
    }
}

/// The end of the Pod that was asked last before the cursor, or of the first one.
pub fn termination(trace: &Trace, cursor: Instant) -> Option<Termination> {
    let all = leavers(trace);
    let past = all.iter().rev().find(|(_, at, _)| *at <= cursor);
    let (history, asked, entry) = *past.or_else(|| all.first())?;
    let (_, pod) = stored(trace.entry(entry)?)?;
    let mut leaving = Termination {
        pod: history.name.to_string(),
        source: source(trace, pod),
        leavers: all.iter().map(|(own, at, _)| (own.name.to_string(), *at)).collect(),
        asked,
        entry,
        yours: is_yours(trace, entry),
        grace: Duration::from_secs(pod.metadata.deletion_grace_period_seconds.unwrap_or(30)),
        from: asked - BEFORE,
        to: asked,
        containers: containers(pod),
        endpoint: endpoint(trace, history, asked),
        nodes: Vec::new(),
        closed: None,
        removed: None,
        rate: 0,
        lost: Map::new(),
    };
    leaving.follow(trace, history);
    leaving.nodes = routes(trace, history, asked);
    leaving.count(trace);
    let ends = leaving.containers.iter().filter_map(|container| Some(container.exit?.0));
    let last = ends.chain(leaving.last_route()).chain(leaving.removed).max().unwrap_or(asked);
    leaving.to = (last + AFTER).max(asked + LEAST).min(trace.horizon().max(last));
    leaving.from = leaving.from.max(Instant::ZERO);
    dots::add(&mut leaving, trace);
    Some(leaving)
}

/// Whether a command of yours deleted this very Pod.
fn is_yours(trace: &Trace, entry: EntryId) -> bool {
    let cause = trace.entry(entry).and_then(|entry| entry.cause);
    cause
        .and_then(|cause| trace.entry(cause))
        .is_some_and(|entry| matches!(entry.change, Change::Acted { .. }))
}

/// Whose template a Pod comes from, up to the object that nobody controls.
fn source(trace: &Trace, pod: &Pod) -> (String, String) {
    let mut own = ("Pod".to_owned(), pod.metadata.name.clone());
    let mut metadata = &pod.metadata;
    while let Some(owner) = metadata.owner_references.iter().find(|owner| owner.controller) {
        own = (owner.kind.clone(), owner.name.clone());
        let history = trace.histories().iter().find(|history| *history.uid == *owner.uid);
        let first = history.and_then(|history| trace.entry(*history.versions.first()?));
        match first.map(|entry| &entry.change) {
            Some(Change::Stored { object, .. }) => metadata = object.metadata(),
            _ => break,
        }
    }
    own
}

fn containers(pod: &Pod) -> Vec<ContainerEnd> {
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_sidecar());
    let statuses =
        || pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
    pod.spec
        .containers
        .iter()
        .chain(sidecars)
        .filter(|container| {
            statuses().any(|status| status.name == container.name && status.state.running.is_some())
        })
        .map(|container| {
            let hook = container.lifecycle.as_ref().and_then(|l| l.pre_stop.as_ref());
            let hook_words = hook.map_or_else(String::new, |hook| {
                if let Some(sleep) = &hook.sleep {
                    format!("sleep: {} s", sleep.seconds)
                } else if let Some(exec) = &hook.exec {
                    exec.command.join(" ")
                } else if let Some(http) = &hook.http_get {
                    format!("GET {}", http.path)
                } else {
                    String::new()
                }
            });
            ContainerEnd {
                name: container.name.clone(),
                hook: None,
                hook_words,
                sleep: hook.and_then(|hook| Some(hook.sleep.as_ref()?.seconds)),
                signal: None,
                killed: None,
                closed: None,
                exit: None,
                ready: statuses().any(|status| status.name == container.name && status.ready),
            }
        })
        .collect()
}

impl Termination {
    /// What the kubelet, the kernel and the processes did.
    fn follow(&mut self, trace: &Trace, history: &History) {
        let of_pod = |entry: &&Entry| entry.subject.uid == history.uid && entry.at >= self.asked;
        let entries: Vec<&Entry> = trace.entries().iter().filter(of_pod).collect();
        for entry in entries {
            if let Change::Stored { verb: Verb::Deleted, .. } = entry.change {
                self.removed = Some(entry.at);
            }
            let Some(name) = &entry.subject.container else { continue };
            let Some(own) = self.containers.iter_mut().find(|own| *own.name == **name) else {
                continue;
            };
            if own.exit.is_some() {
                continue;
            }
            match &entry.change {
                Change::Hook { kind: HookKind::PreStop, result: None } => {
                    own.hook = Some((entry.at, None, true));
                }
                Change::Hook { kind: HookKind::PreStop, result: Some(ok) } => {
                    if let Some((_, end, known)) = &mut own.hook {
                        *end = Some(entry.at);
                        *known = *ok;
                    }
                }
                Change::Signal { signal, .. } if &**signal == "KILL" => own.killed = Some(entry.at),
                Change::Signal { signal, ignored } => {
                    let first = (entry.at, signal.to_string(), *ignored);
                    own.signal = own.signal.take().or(Some(first));
                }
                Change::Process { step: ProcessStep::Closed, .. } => {
                    own.closed = own.closed.or(Some(entry.at));
                }
                Change::ContainerExited { code, .. } => own.exit = Some((entry.at, *code)),
                _ => {}
            }
        }
        // Who never closed a port may have died with it open.
        let closes = |own: &ContainerEnd| own.closed.or_else(|| own.exit.map(|(at, _)| at));
        let explicit = self.containers.iter().filter_map(|own| own.closed).max();
        self.closed = explicit.or_else(|| self.containers.iter().filter_map(closes).max());
    }

    /// What became of requests to the Pod.
    fn count(&mut self, trace: &Trace) {
        for entry in trace.entries() {
            let Change::Requests(requests) = &entry.change else { continue };
            if entry.at < self.asked {
                continue;
            }
            self.count_span(requests);
        }
    }

    fn count_span(&mut self, requests: &Requests) {
        for loss in requests.lost.iter().filter(|loss| *loss.pod == *self.pod) {
            *self.lost.entry(loss.why).or_default() += loss.count;
            if let Some(node) = self.nodes.iter_mut().find(|node| *node.node == *loss.node) {
                node.lost += loss.count;
            }
        }
    }
}

/// What the slices said of the Pod.
fn endpoint(trace: &Trace, history: &History, asked: Instant) -> Option<EndpointEnd> {
    let mut known: Option<EndpointEnd> = None;
    let mut holder = "";
    for entry in trace.entries() {
        let Change::Stored { object: Object::EndpointSlice(slice), .. } = &entry.change else {
            continue;
        };
        if *slice.metadata.namespace != *history.namespace {
            continue;
        }
        let own = slice.endpoints.iter().find(|endpoint| *endpoint.target_ref == *history.name);
        if own.is_some() {
            holder = &entry.subject.name;
        } else if *holder != *entry.subject.name {
            // A slice of other Pods.
            continue;
        }
        match (own, &mut known) {
            (Some(endpoint), None) => {
                let ready = endpoint.conditions.ready;
                known = Some(EndpointEnd { ready, unready: None, removed: None });
            }
            (Some(endpoint), Some(known)) => {
                if entry.at < asked {
                    known.ready = endpoint.conditions.ready;
                } else if !endpoint.conditions.ready {
                    known.unready = known.unready.or(Some(entry.at));
                }
            }
            (None, Some(known)) if entry.at >= asked => {
                known.unready = known.unready.or(Some(entry.at));
                known.removed = known.removed.or(Some(entry.at));
            }
            (None, _) => {}
        }
    }
    known
}

/// Until when each node sends requests to the Pod.
fn routes(trace: &Trace, history: &History, asked: Instant) -> Vec<NodeTrack> {
    let mut tracks: Vec<NodeTrack> = Vec::new();
    for entry in trace.entries() {
        let Change::Routed { node, routes, .. } = &entry.change else { continue };
        if entry.subject.namespace != history.namespace {
            continue;
        }
        let has = routes.to.iter().any(|backend| *backend.pod == *history.name);
        match tracks.iter_mut().find(|track| *track.node == **node) {
            // Not the horizon yet: it learns, if it learns, from a later entry.
            Some(track) if has && track.until.is_some_and(|until| until < asked) => {
                track.until = Some(trace.horizon());
            }
            Some(track) if !has && track.until == Some(trace.horizon()) => {
                track.until = Some(entry.at);
            }
            Some(_) => {}
            None if has => tracks.push(NodeTrack {
                node: node.to_string(),
                until: Some(trace.horizon()),
                dots: Vec::new(),
                lost: 0,
            }),
            None => {}
        }
    }
    tracks.retain(|track| track.until.is_some_and(|until| until >= asked));
    crate::order::sort_by(&mut tracks, |a, b| a.node.cmp(&b.node));
    tracks
}
