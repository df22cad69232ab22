//! Single requests, where there are few enough to draw each.
//!
//! Owns: which request of a load left which node when, and for whom. Does not own: the numbering
//! (`trace::requests`).

use super::Termination;
use crate::time::Instant;
use crate::trace::requests::{Routes, Stream};
use crate::trace::{Change, Trace};

/// Requests that are drawn one by one at most. Invented: more would touch one another.
const DOTS_MAX: u64 = 420;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// When it was sent.
    pub at: Instant,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The Pod answered.
    Served,
    /// It was sent to the Pod, and lost.
    Lost,
    /// It was sent to another Pod.
    Elsewhere,
}

/// Adds the requests that are in view, unless they are too many.
pub(super) fn add(leaving: &mut Termination, trace: &Trace) {
    let Some((load, service)) = load(leaving, trace) else { return };
    let stream = Stream::new(trace.metering().load[load].rps.0.points());
    leaving.rate = stream.rate(leaving.asked);
    let nodes: Vec<&str> = trace
        .histories()
        .iter()
        .filter(|history| &*history.kind == "Node")
        .map(|history| &*history.name)
        .collect();
    let (first, last) = (stream.sent(leaving.from), stream.sent(leaving.to));
    if last - first > DOTS_MAX || nodes.is_empty() {
        return;
    }
    for number in first..last {
        let Some(at) = stream.when(number, leaving.to) else { continue };
        let places = nodes.len() as u64;
        let node = nodes[(number % places) as usize];
        let Some(track) = leaving.nodes.iter_mut().find(|track| track.node == node) else {
            continue;
        };
        let Some((routes, only)) = known(trace, node, &service, at) else { continue };
        let ways = routes.to.len() as u64;
        if ways == 0 {
            continue;
        }
        let place = (number / places % ways) as usize;
        let to = only.unwrap_or(&routes.to[place].pod);
        let closed = leaving.closed.is_some_and(|closed| at >= closed);
        let fate = match (*to == *leaving.pod, closed) {
            (false, _) => Fate::Elsewhere,
            (true, true) => Fate::Lost,
            (true, false) => Fate::Served,
        };
        track.dots.push(Dot { at, fate });
    }
}

/// The load whose requests reach the Pod, and the name of its Service.
fn load(leaving: &Termination, trace: &Trace) -> Option<(usize, String)> {
    let loads = trace.metering().load.iter().enumerate();
    let mut named = loads.filter_map(|(index, load)| Some((index, load.service.clone()?)));
    named.find(|(index, service)| {
        !trace.metering().load[*index].rps.0.is_empty()
            && trace.entries().iter().any(|entry| match &entry.change {
                Change::Routed { routes, .. } => {
                    *entry.subject.name == **service
                        && routes.to.iter().any(|backend| *backend.pod == *leaving.pod)
                }
                _ => false,
            })
    })
}

/// What a node knew of a Service at a moment.
fn known<'t>(
    trace: &'t Trace,
    node: &str,
    service: &str,
    at: Instant,
) -> Option<(&'t Routes, Option<&'t str>)> {
    let after = trace.entries().partition_point(|entry| entry.at <= at);
    trace.entries()[..after].iter().rev().find_map(|entry| match &entry.change {
        Change::Routed { node: own, routes, only }
            if **own == *node && *entry.subject.name == *service =>
        {
            Some((&**routes, only.as_deref()))
        }
        _ => None,
    })
}
