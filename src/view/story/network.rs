//! What the Story says of Services: who is behind one, who has not heard of it, what was lost.
//!
//! Owns: what is remembered of slices, routes and requests from one entry to the next. Does not
//! own: the lines of Pods (`telling`).

use super::What;
use crate::manifest::service::EndpointSlice;
use crate::map::Map;
use crate::time::Instant;
use crate::trace::requests::{Lost, Requests, Routes};
use crate::trace::{Entry, Name};

/// The label that names a slice's Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// How a Pod stands in a slice.
#[derive(Clone, PartialEq)]
struct Standing {
    ready: bool,
    serving: bool,
    terminating: bool,
    /// Since when it gets no new requests.
    left: Option<Instant>,
    /// The slice that lists it.
    slice: Name,
}

/// What is remembered of a Service.
#[derive(Default)]
struct Memory {
    endpoints: Map<String, Standing>,
    /// The Pods that each node knows.
    nodes: Map<Name, Vec<Name>>,
    /// Pods on their way out: since when.
    leaving: Map<String, Instant>,
    /// The last span of each load.
    spans: Map<usize, Requests>,
}

/// What is remembered of all Services, by namespace and name.
#[derive(Default)]
pub(super) struct Network(Map<(Name, Name), Memory>);

impl Network {
    fn memory(&mut self, entry: &Entry, name: Name) -> &mut Memory {
        self.0.entry((entry.subject.namespace.clone(), name)).or_default()
    }

    /// What a new version of a slice says, and of which Pod.
    pub fn slice(
        &mut self,
        entry: &Entry,
        slice: &EndpointSlice,
        gone: bool,
    ) -> Vec<(String, What)> {
        let name = slice.metadata.labels.get(SERVICE_NAME).cloned().unwrap_or_default();
        let memory = self.memory(entry, name.as_str().into());
        let mut said = Vec::new();
        let listed = if gone { &[][..] } else { &slice.endpoints[..] };
        for endpoint in listed {
            let conditions = &endpoint.conditions;
            let pod = &endpoint.target_ref;
            let before = memory.endpoints.get(pod).cloned();
            let was_ready = before.as_ref().is_some_and(|before| before.ready);
            let mut now = Standing {
                ready: conditions.ready,
                serving: conditions.serving,
                terminating: conditions.terminating,
                left: before.as_ref().and_then(|before| before.left),
                slice: entry.subject.name.clone(),
            };
            let service = name.clone();
            if now.ready && !was_ready {
                now.left = None;
                said.push((pod.clone(), What::EndpointReady { service }));
            } else if was_ready && !now.ready {
                now.left = Some(entry.at);
                memory.leaving.insert(pod.clone(), entry.at);
                let (serving, terminating) = (now.serving, now.terminating);
                said.push((pod.clone(), What::EndpointUnready { service, serving, terminating }));
            }
            memory.endpoints.insert(pod.clone(), now);
        }
        let there = |pod: &String| listed.iter().any(|own| own.target_ref == *pod);
        let of_slice = |(pod, standing): &(&String, &Standing)| {
            standing.slice == entry.subject.name && !there(pod)
        };
        let lost: Vec<String> = memory
            .endpoints
            .iter()
            .filter(|own| of_slice(own))
            .map(|(pod, _)| pod.clone())
            .collect();
        for pod in lost {
            let before = memory.endpoints.remove(&pod);
            let since = before.as_ref().and_then(|before| before.left).unwrap_or(entry.at);
            let ready = before.is_some_and(|before| before.ready);
            memory.leaving.insert(pod.clone(), since);
            let (service, was_ready) = (name.clone(), ready);
            said.push((pod, What::EndpointGone { service, was_ready }));
        }
        said
    }

    /// What a node's new rules say: which Pods nobody sends requests to any more.
    pub fn routed(&mut self, entry: &Entry, node: &Name, routes: &Routes) -> Vec<(String, What)> {
        let service = entry.subject.name.clone();
        let memory = self.memory(entry, service.clone());
        let now: Vec<Name> = routes.to.iter().map(|backend| backend.pod.clone()).collect();
        let before = memory.nodes.insert(node.clone(), now.clone()).unwrap_or_default();
        let mut said = Vec::new();
        for pod in before.into_iter().filter(|pod| !now.contains(pod)) {
            if memory.nodes.values().any(|known| known.contains(&pod)) {
                continue;
            }
            let Some(since) = memory.leaving.remove(&*pod) else { continue };
            let took = entry.at.since(since);
            let (node, nodes) = (node.to_string(), memory.nodes.len());
            let service = service.to_string();
            said.push((pod.to_string(), What::Unrouted { service, node, nodes, took }));
        }
        said
    }

    /// What became of requests, where some were lost.
    pub fn requests(&mut self, entry: &Entry, requests: &Requests) -> Option<What> {
        let service = entry.subject.name.clone();
        let memory = self.memory(entry, service.clone());
        let before = memory.spans.insert(requests.load, requests.clone());
        if requests.lost.is_empty() {
            return None;
        }
        let mut reasons: Map<Lost, u64> = Map::new();
        let (mut pods, mut nodes): (Vec<Name>, Vec<Name>) = (Vec::new(), Vec::new());
        for loss in &requests.lost {
            *reasons.entry(loss.why).or_default() += loss.count;
            for (name, list) in [(&loss.pod, &mut pods), (&loss.node, &mut nodes)] {
                if !name.is_empty() && !list.contains(name) {
                    list.push(name.clone());
                }
            }
        }
        Some(What::RequestsLost {
            service: service.to_string(),
            lost: requests.losses(),
            sent: requests.sent,
            reasons: reasons.into_iter().collect(),
            pods: pods.iter().map(ToString::to_string).collect(),
            nodes: nodes.len(),
            since: requests.lost_since(entry.at, before.as_ref()),
        })
    }
}
