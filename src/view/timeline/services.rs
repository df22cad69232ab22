//! The lanes of Services: who is listed behind one, which nodes send there, what became of
//! requests.
//!
//! Owns: what a trace says of each Service, in order ([`Service`]), and its lanes. Does not own:
//! where they stand among others (`build`).

use super::{Figure, Group, GroupKind, Label, Lane, LaneKind, Mark, Note, Piece, Shape, State};
use crate::manifest::Object;
use crate::manifest::service::{Endpoint, EndpointSlice};
use crate::map::Map;
use crate::time::Instant;
use crate::trace::requests::{Backend, Lost, Requests, Routes, Stream};
use crate::trace::{Change, EntryId, Name, Trace, Verb};

/// With more nodes than this a Pod's routes are one bar, as high as the share of nodes.
const ROWS_MAX: usize = 6;
/// The label that names a slice's Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// One Service through its whole life.
pub(super) struct Service<'t> {
    namespace: &'t str,
    pub name: &'t str,
    uid: &'t str,
    /// Versions of its slices, each with the name of the slice.
    slices: Vec<(Instant, EntryId, &'t str, Option<&'t EndpointSlice>)>,
    routes: Vec<(Instant, EntryId, &'t Name, &'t Routes)>,
    requests: Vec<(Instant, EntryId, &'t Requests)>,
    /// When it was removed, or the horizon.
    end: Instant,
}

/// How a Service knows a Pod.
pub(super) struct Target<'t> {
    pub namespace: &'t str,
    pub name: &'t str,
    /// Its addresses: one, unless its sandbox was made again.
    pub ips: Vec<&'t str>,
}

impl Target<'_> {
    fn is(&self, name: &str, ip: &str) -> bool {
        self.name == name && self.ips.contains(&ip)
    }

    fn endpoint<'s>(&self, slice: &'s EndpointSlice) -> Option<&'s Endpoint> {
        slice.endpoints.iter().find(|own| {
            own.addresses.first().is_some_and(|address| self.is(&own.target_ref, address))
        })
    }

    fn is_in(&self, routes: &Routes) -> bool {
        routes.to.iter().any(|Backend { pod, ip, .. }| self.is(pod, ip))
    }
}

/// Every Service, in the order of creation.
pub(super) fn services(trace: &Trace) -> Vec<Service<'_>> {
    let mut all: Vec<Service<'_>> = Vec::new();
    for (id, entry) in (0..).map(EntryId).zip(trace.entries()) {
        let subject = &entry.subject;
        let own = |namespace: &str, name: &str| {
            all.iter().rposition(|own| own.namespace == namespace && own.name == name)
        };
        match &entry.change {
            Change::Stored { verb: Verb::Created, object: Object::Service(_) } => {
                all.push(Service {
                    namespace: &subject.namespace,
                    name: &subject.name,
                    uid: &subject.uid,
                    slices: Vec::new(),
                    routes: Vec::new(),
                    requests: Vec::new(),
                    end: trace.horizon(),
                });
            }
            Change::Stored { verb: Verb::Deleted, object: Object::Service(_) } => {
                if let Some(place) = own(&subject.namespace, &subject.name) {
                    all[place].end = entry.at;
                }
            }
            Change::Stored { verb, object: Object::EndpointSlice(slice) } => {
                let metadata = &slice.metadata;
                let name = metadata.labels.get(SERVICE_NAME).map_or("", String::as_str);
                if let Some(place) = own(&metadata.namespace, name) {
                    let there = (*verb != Verb::Deleted).then_some(&**slice);
                    all[place].slices.push((entry.at, id, &subject.name, there));
                }
            }
            Change::Routed { node, routes, .. } => {
                if let Some(place) = own(&subject.namespace, &subject.name) {
                    all[place].routes.push((entry.at, id, node, routes));
                }
            }
            Change::Requests(requests) => {
                if let Some(place) = own(&subject.namespace, &subject.name) {
                    all[place].requests.push((entry.at, id, requests));
                }
            }
            Change::Acted { .. }
            | Change::Stored { .. }
            | Change::Volume { .. }
            | Change::Manifest { .. }
            | Change::Sandbox(_)
            | Change::Pull { .. }
            | Change::ContainerCreated { .. }
            | Change::ContainerStarted { .. }
            | Change::ContainerExited { .. }
            | Change::Backoff { .. }
            | Change::Stopping { .. }
            | Change::Signal { .. }
            | Change::Process { .. }
            | Change::Output { .. }
            | Change::Probe { .. }
            | Change::Quiet(_)
            | Change::Hook { .. }
            | Change::Decided { .. }
            | Change::Scaling(_)
            | Change::Limit { .. } => {}
        }
    }
    all
}

/// The nodes of a cluster, in the order in which they stand in it.
pub(super) fn nodes(trace: &Trace) -> Vec<&str> {
    let nodes = trace.histories().iter().filter(|history| &*history.kind == "Node");
    nodes.map(|history| &*history.name).collect()
}

impl<'t> Service<'t> {
    /// Requests that were sent to it, and those of them that were lost.
    pub fn counted(&self) -> (u64, u64) {
        let sum = |of: fn(&Requests) -> u64| self.requests.iter().map(|(_, _, own)| of(own)).sum();
        (sum(|own| own.sent), sum(Requests::losses))
    }

    /// Whether a Pod was ever among those that requests are sent to.
    pub fn reaches(&self, namespace: &str, pod: &str) -> bool {
        self.namespace == namespace
            && self
                .routes
                .iter()
                .any(|(_, _, _, routes)| routes.to.iter().any(|own| *own.pod == *pod))
    }

    /// Whether it is the one that a load names.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    /// The rows of a Pod: how it is listed, and who sends requests to it. None where it never was.
    pub fn lanes_of(&self, target: &Target<'_>, nodes: &[&str]) -> Vec<Lane> {
        if target.namespace != self.namespace {
            return Vec::new();
        }
        let lanes = [self.endpoint_lane(target), self.routes_lane(target, nodes)];
        lanes.into_iter().flatten().collect()
    }

    fn endpoint_lane(&self, target: &Target<'_>) -> Option<Lane> {
        let mut lane = row(LaneKind::Endpoint, "Endpoint", Note::Name(self.name.to_owned()));
        let mut listed: Option<(State, &str)> = None;
        let mut holder = "";
        for (at, id, name, slice) in &self.slices {
            let now = slice.and_then(|slice| target.endpoint(slice)).map(condition);
            if now.is_none() && holder != *name {
                // A slice of others.
                continue;
            }
            holder = name;
            if now == listed {
                continue;
            }
            if let Some(piece) = lane.pieces.last_mut().filter(|_| listed.is_some()) {
                piece.to = *at;
            }
            if let Some((state, word)) = now {
                let label = Label::Words(vec![word.to_owned()]);
                lane.pieces.push(Piece { from: *at, to: self.end, state, label, entry: *id });
            }
            if listed.is_some() != now.is_some() {
                let shape = Shape::Endpoint { added: now.is_some() };
                lane.marks.push(Mark { at: *at, shape, label: Label::None, entry: *id });
            }
            listed = now;
        }
        lane.pieces.retain(|piece| piece.to > piece.from);
        (!lane.pieces.is_empty()).then_some(lane)
    }

    fn routes_lane(&self, target: &Target<'_>, nodes: &[&str]) -> Option<Lane> {
        let dns = self.routes.iter().all(|(_, _, node, _)| node.is_empty());
        let mut known: Vec<&str> = nodes.to_vec();
        known.retain(|node| self.routes.iter().any(|(_, _, own, _)| ***own == **node));
        if dns {
            known = vec![""];
        }
        let mut rows = Vec::new();
        for node in &known {
            rows.push(self.routes_of(target, node));
        }
        if rows.iter().all(|(pieces, _)| pieces.is_empty()) {
            return None;
        }
        let name = if dns { "DNS" } else { "kube-proxy" };
        let note = match &known[..] {
            [node] => Note::Name((*node).to_owned()),
            many => Note::Nodes(many.len()),
        };
        let mut lane = row(LaneKind::Routes, name, note);
        if known.len() > ROWS_MAX {
            lane.pieces = shares(&rows, self.end);
            return Some(lane);
        }
        for (level, (pieces, ends)) in (0..).zip(rows) {
            for (from, to, entry, fallback) in pieces {
                let state = State::Figure(Figure::Routed { level, fallback });
                let node = known.get(usize::from(level)).map_or("", |node| *node);
                let label = Label::Words(vec![node.to_owned()]);
                lane.pieces.push(Piece { from, to, state, label, entry });
            }
            for (at, entry) in ends {
                let shape = Shape::Unlearned { level };
                lane.marks.push(Mark { at, shape, label: Label::None, entry });
            }
        }
        crate::order::sort_by_key(&mut lane.pieces, |piece| piece.entry);
        crate::order::sort_by_key(&mut lane.marks, |mark| mark.entry);
        Some(lane)
    }

    /// When a node sends requests to a Pod, and when it learned not to.
    fn routes_of(&self, target: &Target<'_>, node: &str) -> Row {
        let (mut spans, mut ends): Row = (Vec::new(), Vec::new());
        let mut open = false;
        for (at, id, own, routes) in &self.routes {
            if ***own != *node {
                continue;
            }
            let has = target.is_in(routes);
            let same = spans.last().is_some_and(|(_, _, _, back)| *back == routes.fallback);
            if open && has && same {
                continue;
            }
            if let Some((_, to, _, _)) = spans.last_mut().filter(|_| open) {
                *to = *at;
            }
            if open && !has {
                ends.push((*at, *id));
            }
            if has {
                spans.push((*at, self.end, *id, routes.fallback));
            }
            open = has;
        }
        (spans, ends)
    }

    /// The lanes of the Service itself; `folded` when its Pods show no rows of their own.
    pub fn group(&self, trace: &Trace, folded: bool, nodes: &[&str]) -> Option<Group> {
        let mut lanes = self.request_lanes(trace);
        if folded {
            let strips = [self.endpoints_lane(), self.current_lane(trace, nodes)];
            let strips: Vec<Lane> = strips.into_iter().flatten().collect();
            lanes.splice(0..0, strips);
        }
        (!lanes.is_empty()).then(|| Group {
            kind: GroupKind::Service,
            name: self.name.to_owned(),
            uid: self.uid.to_owned(),
            lanes,
        })
    }

    /// How many endpoints there are, and how many of them get requests.
    fn endpoints_lane(&self) -> Option<Lane> {
        let mut lane = row(LaneKind::Endpoints, "endpoints", Note::None);
        let mut counts: Map<&str, (i32, i32)> = Map::new();
        for (at, entry, name, slice) in &self.slices {
            let endpoints = slice.map_or(&[][..], |slice| &slice.endpoints[..]);
            let count = |wanted: &dyn Fn(&&Endpoint) -> bool| {
                i32::try_from(endpoints.iter().filter(wanted).count()).unwrap_or(i32::MAX)
            };
            counts.insert(name, (count(&|_| true), count(&|own| own.conditions.ready)));
            let listed = counts.values().map(|(listed, _)| listed).sum();
            let ready: i32 = counts.values().map(|(_, ready)| ready).sum();
            let state = State::Figure(Figure::Replicas { wanted: listed, made: listed, ready });
            push_step(&mut lane.pieces, (*at, self.end), state, format!("{ready}"), *entry);
        }
        (!lane.pieces.is_empty()).then_some(lane)
    }

    /// How many nodes route by the newest slice.
    fn current_lane(&self, trace: &Trace, nodes: &[&str]) -> Option<Lane> {
        let of = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let mut turns: Vec<(Instant, EntryId, i32)> = Vec::new();
        for (at, id, node, _) in &self.routes {
            let cause = trace.entry(*id).and_then(|entry| entry.cause);
            let Some((id, since)) = cause.and_then(|c| Some((c, trace.entry(c)?.at))) else {
                continue;
            };
            if !node.is_empty() {
                turns.push((since, id, -1));
                turns.push((*at, id, 1));
            }
        }
        let first = self.routes.first()?;
        crate::order::sort_by_key(&mut turns, |(at, id, turn)| (*at, *turn, *id));
        let mut lane = row(LaneKind::Routes, "kube-proxy", Note::Nodes(nodes.len()));
        let mut behind = 0_i32;
        for (at, entry, turn) in turns {
            behind -= turn;
            let late = u32::try_from(behind.max(0)).unwrap_or(0).min(of);
            let state = State::Figure(Figure::RoutedBy { nodes: of - late, of });
            if at >= first.0 {
                let word = if late > 0 { format!("{}/{of}", of - late) } else { String::new() };
                push_step(&mut lane.pieces, (at, self.end), state, word, entry);
            }
        }
        (!lane.pieces.is_empty()).then_some(lane)
    }

    /// A lane a load: how much is sent, and what was lost.
    fn request_lanes(&self, trace: &Trace) -> Vec<Lane> {
        let loads = trace.metering().load.iter().enumerate();
        let lanes = loads.filter_map(|(index, load)| {
            let own: Vec<(Instant, EntryId, &Requests)> =
                self.requests.iter().filter(|(_, _, own)| own.load == index).copied().collect();
            let first = own.iter().map(|(_, _, requests)| requests.from).min()?;
            let entry_at = |at: Instant| {
                let later = own.iter().find(|(end, _, _)| *end > at).or(own.last());
                later.map(|(_, id, _)| *id)
            };
            let name = load.path.as_deref().filter(|path| *path != "/").unwrap_or_default();
            let mut lane = row(LaneKind::Requests, name, Note::None);
            lane.pieces =
                line(&Stream::new(load.rps.0.points()), false, first, self.end, &entry_at);
            let mut before = None;
            for (at, id, requests) in own {
                lane.pieces.extend(losses(at, id, requests, before));
                before = Some(requests);
            }
            Some(lane)
        });
        lanes.collect()
    }
}

/// Stretches in which a node sends requests to a Pod (since when, until when, the entry, whether
/// as a last resort), and the moments at which it learned not to.
type Row = (Vec<(Instant, Instant, EntryId, bool)>, Vec<(Instant, EntryId)>);

fn row(kind: LaneKind, name: &str, note: Note) -> Lane {
    Lane { kind, name: name.to_owned(), note, pieces: Vec::new(), marks: Vec::new() }
}

/// An endpoint in the words of its conditions.
fn condition(endpoint: &Endpoint) -> (State, &'static str) {
    let conditions = &endpoint.conditions;
    match (conditions.ready, conditions.serving, conditions.terminating) {
        (true, _, false) => (State::Ready, "ready"),
        (true, _, true) => (State::Terminating, "ready, terminating"),
        (false, true, true) => (State::Terminating, "serving, terminating"),
        (false, false, true) => (State::Terminating, "terminating"),
        (false, _, false) => (State::Running, "not ready"),
    }
}

/// One bar for many nodes: how many of them send requests there.
fn shares(rows: &[Row], end: Instant) -> Vec<Piece> {
    let of = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let mut turns: Vec<(Instant, EntryId, bool)> = Vec::new();
    for (spans, ends) in rows {
        turns.extend(spans.iter().map(|(from, _, id, _)| (*from, *id, true)));
        turns.extend(ends.iter().map(|(at, id)| (*at, *id, false)));
    }
    crate::order::sort_by_key(&mut turns, |(at, id, _)| (*at, *id));
    let (mut nodes, mut pieces) = (0_u32, Vec::new());
    for (at, entry, learned) in turns {
        nodes = if learned { nodes + 1 } else { nodes.saturating_sub(1) };
        let state = State::Figure(Figure::RoutedBy { nodes: nodes.min(of), of });
        push_step(&mut pieces, (at, end), state, format!("{nodes}/{of}"), entry);
    }
    pieces
}

/// The next value of a step line; an equal one goes on, one of the same moment takes its place.
pub(super) fn push_step(
    pieces: &mut Vec<Piece>,
    (from, to): (Instant, Instant),
    state: State,
    word: String,
    entry: EntryId,
) {
    if pieces.last().is_some_and(|last| last.from == from) {
        pieces.pop();
    }
    match pieces.last_mut() {
        Some(last) if last.state == state && last.to >= from => {
            last.to = to;
            return;
        }
        Some(last) => last.to = last.to.min(from),
        None => {}
    }
    let label = if word.is_empty() { Label::None } else { Label::Words(vec![word]) };
    pieces.push(Piece { from, to, state, label, entry });
}

/// Straight pieces of a curve, from a moment on; nothing where it asks for nothing.
pub(super) fn line(
    stream: &Stream,
    cpu: bool,
    first: Instant,
    end: Instant,
    entry_at: &dyn Fn(Instant) -> Option<EntryId>,
) -> Vec<Piece> {
    let milli = |nanos: i128| i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX);
    let points = stream.points();
    let mut pieces = Vec::new();
    for (index, (at, value)) in points.iter().enumerate() {
        let (to, last) =
            points.get(index + 1).map_or((end, *value), |next| (next.0.min(end), next.1));
        let from = (*at).max(first);
        let Some(entry) = entry_at(from).filter(|_| from < to) else { continue };
        let value = if from > *at { stream.rate(from) } else { *value };
        let (value, last) = (milli(value), milli(last));
        if value > 0 || last > 0 {
            let state = State::Figure(Figure::Load { first: value, last, cpu });
            pieces.push(Piece { from, to, state, label: Label::None, entry });
        }
    }
    pieces
}

fn losses(
    at: Instant,
    entry: EntryId,
    requests: &Requests,
    before: Option<&Requests>,
) -> Option<Piece> {
    let mut by_reason: Map<Lost, u64> = Map::new();
    for loss in &requests.lost {
        *by_reason.entry(loss.why).or_default() += loss.count;
    }
    let reasons: Vec<(Lost, u64)> = by_reason.into_iter().collect();
    (!reasons.is_empty()).then(|| Piece {
        from: requests.lost_since(at, before),
        to: at,
        state: State::Figure(Figure::Lost { lost: requests.losses(), sent: requests.sent }),
        label: Label::Lost(reasons),
        entry,
    })
}
