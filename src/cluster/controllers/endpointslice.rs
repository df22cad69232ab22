//! The EndpointSlice controller: who is behind a Service.
//!
//! Models k8s.io/endpointslice/utils.go podToEndpoint and pkg/controller/endpointslice. Does not
//! own: how nodes route (kube-proxy).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::{Pod, resolve_port};
use crate::manifest::quantity::IntOrString;
use crate::manifest::service::{
    Endpoint, EndpointConditions, EndpointPort, EndpointSlice, Service, ServicePort,
};
use crate::map::Map;
use crate::map::index::Index;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

/// Endpoints that a slice holds at most (--max-endpoints-per-slice).
const ENDPOINTS_MAX: usize = 100;

/// What shall become of the slices of a Service.
#[derive(Debug, Default)]
struct Changes {
    create: Vec<EndpointSlice>,
    update: Vec<EndpointSlice>,
    delete: Vec<Rc<EndpointSlice>>,
}

/// What a Service's endpoints were written from.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The version of the Service.
    version: String,
    /// How many nodes there were.
    nodes: usize,
    /// How many endpoints were listed: who deletes a slice by hand gets it back whole.
    listed: usize,
    /// Pods that have changed since then.
    pods: Vec<String>,
}

fn listed(slices: &[Rc<EndpointSlice>]) -> usize {
    slices.iter().map(|slice| slice.endpoints.len()).sum()
}

/// Whether a Service means a Pod.
fn selects(service: &Service, pod: &Pod) -> bool {
    let labels = &pod.metadata.labels;
    pod.metadata.namespace == service.metadata.namespace
        && service.spec.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

const ACTOR: Actor = Actor::EndpointSliceController;

impl World<'_> {
    /// Writes the endpoints of a Service as its Pods are now.
    pub(crate) fn sync_endpointslices(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Service(service)) = self.store.get(key) else {
            return self.remove_endpointslice(key, cause);
        };
        let service = service.clone();
        if service.spec.selector.is_empty() || service.spec.kind == "ExternalName" {
            return;
        }
        let memory = self.memory.endpoints.remove(key);
        if let Some(changes) = memory.and_then(|memory| self.changes_of_some(&service, memory)) {
            self.write_slices(changes, cause);
            self.memory.failed_creations.remove(key);
            self.remember_endpoints(key, &service);
            return;
        }
        let pods: Vec<Rc<Pod>> = self
            .store
            .pods()
            .filter(|pod| !pod.is_terminal() && selects(&service, pod))
            .cloned()
            .collect();
        let mut errors = Vec::new();
        let mut wanted: Vec<(Vec<EndpointPort>, Vec<Endpoint>)> = Vec::new();
        for pod in pods.iter().filter(|pod| !pod.status.pod_ip.is_empty()) {
            let node = &pod.spec.node_name;
            if self.registered(node).is_none() && !service.spec.publish_not_ready_addresses {
                let (pod, service) = (&pod.metadata.name, &key.name);
                errors.push(format!(
                    "skipping Pod {pod} for Service {}/{service}: Node {node} Not Found",
                    key.namespace
                ));
                continue;
            }
            let (ports, endpoint) = (ports(&service, pod), endpoint(pod, &service));
            match wanted.iter_mut().find(|(known, _)| *known == ports) {
                Some((_, endpoints)) => endpoints.push(endpoint),
                None => wanted.push((ports, vec![endpoint])),
            }
        }
        let existing: Vec<Rc<EndpointSlice>> = self.slices_of(&service);
        let changes = reconcile(existing, wanted, &service);
        self.write_slices(changes, cause);
        if errors.is_empty() {
            self.memory.failed_creations.remove(key);
            self.remember_endpoints(key, &service);
            return;
        }
        let all = match errors.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let (namespace, name) = (&key.namespace, &key.name);
        let text = format!("Error updating Endpoint Slices for Service {namespace}/{name}: {all}");
        let say = super::pods::warning("FailedToUpdateEndpointSlices", text);
        self.say(ACTOR, "", &Object::Service(service), say, cause);
        self.retry_creation(key.clone(), cause);
    }

    fn write_slices(&mut self, changes: Changes, cause: Option<EntryId>) {
        for mut slice in changes.create {
            self.fill_metadata(&mut slice.metadata, true);
            self.put_slice(Verb::Created, slice, cause);
        }
        for slice in changes.update {
            self.put_slice(Verb::Updated, slice, cause);
        }
        for slice in changes.delete {
            let key = Key::of(&Object::EndpointSlice(slice));
            self.delete(ACTOR, &key, None, cause);
        }
    }

    /// From now on the slices of a Service are those of its Pods, but for Pods that change.
    fn remember_endpoints(&mut self, key: &Key, service: &Service) {
        let seen = Seen {
            version: service.metadata.resource_version.clone(),
            nodes: self.store.list("Node").count(),
            listed: listed(&self.slices_of(service)),
            pods: Vec::new(),
        };
        self.memory.endpoints.insert(key.clone(), seen);
    }

    /// A Pod of a Service is not as it was when its endpoints were written.
    pub(crate) fn endpoint_changed(&mut self, service: &Key, pod: &str) {
        if let Some(seen) = self.memory.endpoints.get_mut(service)
            && seen.pods.last().is_none_or(|last| last != pod)
        {
            seen.pods.push(pod.to_owned());
        }
    }

    /// What becomes of the slices when only these Pods have changed. With a thousand Pods, looking
    /// at all of them for each that becomes ready would be most of a run.
    ///
    /// `None` where all of them have to be looked at.
    fn changes_of_some(&self, service: &Service, seen: Seen) -> Option<Changes> {
        let same = seen.version == service.metadata.resource_version
            && seen.nodes == self.store.list("Node").count();
        let numbered =
            |port: &ServicePort| !matches!(port.target_port, Some(IntOrString::String(_)));
        if !same || !service.spec.ports.iter().all(numbered) {
            return None;
        }
        let ports = ports(service, &Pod::default());
        let existing = self.slices_of(service);
        if existing.is_empty() || listed(&existing) != seen.listed {
            return None;
        }
        if existing.iter().any(|slice| slice.ports != ports) {
            return None;
        }
        let mut wanted: Map<String, Option<Endpoint>> = Map::new();
        for name in seen.pods {
            let pod = self.store.pod(&service.metadata.namespace, &name);
            let pod = pod.filter(|pod| selects(service, pod));
            let pod = pod.filter(|pod| !pod.status.pod_ip.is_empty() && !pod.is_terminal());
            if let Some(pod) = pod
                && self.registered(&pod.spec.node_name).is_none()
                && !service.spec.publish_not_ready_addresses
            {
                return None;
            }
            wanted.insert(name, pod.map(|pod| endpoint(pod, service)));
        }
        let count = existing.len();
        let mut changes = Changes::default();
        let mut sorted = Sorted::default();
        for slice in existing {
            if !slice.endpoints.iter().any(|own| wanted.contains_key(&own.target_ref)) {
                sorted.unchanged.push(slice);
                continue;
            }
            let kept =
                slice.endpoints.iter().filter_map(|own| match wanted.get_mut(&own.target_ref) {
                    None => Some(own.clone()),
                    Some(slot)
                        if slot.as_ref().is_some_and(|new| new.addresses == own.addresses) =>
                    {
                        slot.take()
                    }
                    Some(_) => None,
                });
            let kept = kept.collect();
            sorted.sort(slice, kept, &mut changes);
        }
        let left: Vec<Endpoint> = wanted.into_iter().filter_map(|(_, endpoint)| endpoint).collect();
        sorted.spread(left, &|| new_slice(service, ports.clone()), &mut changes);
        if changes.create.is_empty() && changes.delete.len() == count {
            // Nobody is left: one slice stays, without ports.
            return None;
        }
        changes.recycle();
        Some(changes)
    }

    fn put_slice(&mut self, verb: Verb, slice: EndpointSlice, cause: Option<EntryId>) {
        let object = Object::EndpointSlice(Rc::new(slice));
        self.put(ACTOR, verb, object, Rule::EndpointsFollow, cause);
    }

    /// The slices of a Service.
    pub(crate) fn slices_of(&self, service: &Service) -> Vec<Rc<EndpointSlice>> {
        self.store
            .dependents(&service.metadata.uid)
            .filter_map(|object| match object {
                Object::EndpointSlice(slice) => Some(slice.clone()),
                _ => None,
            })
            .collect()
    }

    fn remove_endpointslice(&mut self, key: &Key, cause: Option<EntryId>) {
        let gone: Vec<Key> = self
            .store
            .list("EndpointSlice")
            .filter(|object| {
                let metadata = object.metadata();
                metadata.namespace == key.namespace
                    && metadata.labels.get("kubernetes.io/service-name") == Some(&key.name)
            })
            .map(Key::of)
            .collect();
        for key in gone {
            self.delete(ACTOR, &key, None, cause);
        }
    }
}

/// The endpoint of a Pod: ready unless it is leaving, serving as its Ready condition says.
///
/// Models k8s.io/endpointslice/utils.go podToEndpoint.
pub fn endpoint(pod: &Pod, service: &Service) -> Endpoint {
    let serving = pod.status.is_true("Ready");
    let terminating = pod.is_terminating();
    Endpoint {
        addresses: vec![pod.status.pod_ip.clone()],
        conditions: EndpointConditions {
            ready: service.spec.publish_not_ready_addresses || (serving && !terminating),
            serving,
            terminating,
        },
        node_name: pod.spec.node_name.clone(),
        target_ref: pod.metadata.name.clone(),
    }
}

/// The ports of a Service as one Pod has them; one that it does not have is left out.
///
/// Models k8s.io/endpointslice/utils.go getEndpointPorts.
fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    service
        .spec
        .ports
        .iter()
        .filter_map(|port| {
            let target = port.target_port.clone().unwrap_or(IntOrString::Int(port.port));
            let number = match &target {
                IntOrString::Int(number) => Some(*number),
                IntOrString::String(_) => {
                    pod.spec.containers.iter().find_map(|c| resolve_port(&target, c))
                }
            }?;
            let protocol =
                if port.protocol.is_empty() { "TCP" } else { port.protocol.as_str() }.to_owned();
            Some(EndpointPort { name: port.name.clone(), port: number, protocol })
        })
        .collect()
}

/// A slice of a Service that is not stored yet.
fn new_slice(service: &Service, ports: Vec<EndpointPort>) -> EndpointSlice {
    let owner = &service.metadata;
    let mut metadata = ObjectMeta {
        generate_name: format!("{}-", owner.name),
        namespace: owner.namespace.clone(),
        owner_references: vec![super::pods::owner("v1", "Service", owner)],
        ..ObjectMeta::default()
    };
    // k8s.io/endpointslice/utils.go setEndpointSliceLabels: the Service's own, and whose it is.
    metadata.labels.clone_from(&owner.labels);
    if service.spec.cluster_ip == "None" {
        metadata.labels.insert("service.kubernetes.io/headless".to_owned(), String::new());
    }
    let manager = "endpointslice-controller.k8s.io".to_owned();
    metadata.labels.insert("endpointslice.kubernetes.io/managed-by".to_owned(), manager);
    metadata.labels.insert("kubernetes.io/service-name".to_owned(), owner.name.clone());
    EndpointSlice { metadata, address_type: "IPv4".to_owned(), ports, ..EndpointSlice::default() }
}

/// Brings the slices of a Service to what is wanted with as few changes as possible: what is
/// listed stays where it is, and what is new fills the slices that change anyway.
///
/// Models k8s.io/endpointslice/reconciler.go reconcileByAddressType and reconcileByPortMapping.
fn reconcile(
    existing: Vec<Rc<EndpointSlice>>,
    wanted: Vec<(Vec<EndpointPort>, Vec<Endpoint>)>,
    service: &Service,
) -> Changes {
    let mut changes = Changes::default();
    let count = existing.len();
    let mut others = existing;
    for (ports, endpoints) in wanted {
        let (own, rest) = others.into_iter().partition(|slice| slice.ports == ports);
        others = rest;
        fill_slices(own, endpoints, &|| new_slice(service, ports.clone()), &mut changes);
    }
    // Nobody has these ports any more.
    changes.delete.extend(others);
    if count == changes.delete.len() && changes.create.is_empty() {
        // Without an endpoint one empty slice stays.
        let is_placeholder =
            |slice: &Rc<EndpointSlice>| slice.endpoints.is_empty() && slice.ports.is_empty();
        if changes.delete.len() == 1 && changes.delete.iter().all(is_placeholder) {
            changes.delete.clear();
        } else {
            changes.create.push(new_slice(service, Vec::new()));
        }
    }
    changes.recycle();
    changes
}

impl Changes {
    /// A slice that would go is used again for one that would come.
    fn recycle(&mut self) {
        while !self.create.is_empty() && !self.delete.is_empty() {
            let (new, old) = (self.create.remove(0), self.delete.remove(0));
            self.update.push(EndpointSlice { metadata: old.metadata.clone(), ..new });
        }
    }
}

/// The slices that there are, by what becomes of them before anything is added.
#[derive(Debug, Default)]
struct Sorted {
    changed: Vec<EndpointSlice>,
    unchanged: Vec<Rc<EndpointSlice>>,
}

impl Sorted {
    fn sort(&mut self, slice: Rc<EndpointSlice>, kept: Vec<Endpoint>, changes: &mut Changes) {
        if kept == slice.endpoints {
            self.unchanged.push(slice);
        } else if kept.is_empty() {
            changes.delete.push(slice);
        } else {
            self.changed.push(EndpointSlice { endpoints: kept, ..(*slice).clone() });
        }
    }
}

/// The slices of one set of ports.
fn fill_slices(
    existing: Vec<Rc<EndpointSlice>>,
    wanted: Vec<Endpoint>,
    new: &dyn Fn() -> EndpointSlice,
    changes: &mut Changes,
) {
    // By Pod: who is listed already must be found among thousands.
    let mut places = Index::default();
    for (place, endpoint) in (0..).zip(&wanted) {
        places.insert(&endpoint.target_ref, place);
    }
    let mut wanted: Vec<Option<Endpoint>> = wanted.into_iter().map(Some).collect();
    let mut sorted = Sorted::default();
    for slice in existing {
        let mut kept = Vec::new();
        for endpoint in &slice.endpoints {
            let place = places.get(&endpoint.target_ref).map(|place| place as usize);
            let Some(slot) = place.and_then(|place| wanted.get_mut(place)) else { continue };
            if slot.as_ref().is_some_and(|new| new.addresses == endpoint.addresses) {
                kept.extend(slot.take());
            }
        }
        sorted.sort(slice, kept, changes);
    }
    sorted.spread(wanted.into_iter().flatten().collect(), new, changes);
}

impl Sorted {
    /// Adds what is not listed yet where there is room.
    fn spread(self, wanted: Vec<Endpoint>, new: &dyn Fn() -> EndpointSlice, changes: &mut Changes) {
        let Self { mut changed, mut unchanged } = self;
        let mut left = wanted.len();
        let mut wanted = wanted.into_iter();
        let mut fill = |slice: &mut EndpointSlice| {
            let room = ENDPOINTS_MAX.saturating_sub(slice.endpoints.len());
            slice.endpoints.extend(wanted.by_ref().take(room));
            wanted.len()
        };
        // The fullest ones first.
        crate::order::sort_by_key(&mut changed, |slice| std::cmp::Reverse(slice.endpoints.len()));
        for slice in &mut changed {
            left = fill(slice);
        }
        while left > 0 {
            // getSliceToFill: the one that will be fullest and still has room for all.
            let room =
                |slice: &Rc<EndpointSlice>| ENDPOINTS_MAX.checked_sub(slice.endpoints.len() + left);
            let best = (0..unchanged.len())
                .filter(|place| left < ENDPOINTS_MAX && room(&unchanged[*place]).is_some())
                .min_by_key(|place| room(&unchanged[*place]));
            match best {
                Some(place) => {
                    let mut slice = (*unchanged.remove(place)).clone();
                    left = fill(&mut slice);
                    changed.push(slice);
                }
                None => {
                    let mut slice = new();
                    left = fill(&mut slice);
                    changes.create.push(slice);
                }
            }
        }
        changes.update.append(&mut changed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(pods: std::ops::Range<usize>) -> Vec<Endpoint> {
        let one = |number: usize| Endpoint {
            addresses: vec![format!("10.0.{}.{}", number / 200, number % 200)],
            target_ref: format!("pod-{number}"),
            ..Endpoint::default()
        };
        pods.map(one).collect()
    }

    fn ports(port: i32) -> Vec<EndpointPort> {
        vec![EndpointPort { port, ..EndpointPort::default() }]
    }

    /// The lengths of the slices that are created and updated, and how many go.
    fn shape(changes: &Changes) -> (Vec<usize>, Vec<usize>, usize) {
        let lengths = |slices: &[EndpointSlice]| -> Vec<usize> {
            slices.iter().map(|slice| slice.endpoints.len()).collect()
        };
        (lengths(&changes.create), lengths(&changes.update), changes.delete.len())
    }

    fn stored(changes: Changes) -> Vec<Rc<EndpointSlice>> {
        changes.create.into_iter().chain(changes.update).map(Rc::new).collect()
    }

    #[test]
    fn a_slice_holds_a_hundred_and_what_stands_stays() {
        let service = Service::default();
        let first = reconcile(Vec::new(), vec![(ports(80), endpoints(0..250))], &service);
        assert_eq!(shape(&first), (vec![100, 100, 50], vec![], 0));
        let first = stored(first);
        // Thirty more fit into the one that is not full.
        let more = reconcile(first.clone(), vec![(ports(80), endpoints(0..280))], &service);
        assert_eq!(shape(&more), (vec![], vec![80], 0));
        // Whoever leaves makes room in the slice that changes anyway.
        let other: Vec<Endpoint> =
            endpoints(1..250).into_iter().chain(endpoints(300..301)).collect();
        let other = reconcile(first.clone(), vec![(ports(80), other)], &service);
        assert_eq!(shape(&other), (vec![], vec![100], 0));
        // The first hundred leave: their slice goes.
        let fewer = reconcile(first.clone(), vec![(ports(80), endpoints(100..250))], &service);
        assert_eq!(shape(&fewer), (vec![], vec![], 1));
        // Nobody is left: of three slices one stays, without ports.
        let nobody = reconcile(first, Vec::new(), &service);
        assert_eq!(shape(&nobody), (vec![], vec![0], 2));
        assert!(nobody.update[0].ports.is_empty());
        let placeholder = vec![Rc::new(nobody.update[0].clone())];
        let again = reconcile(placeholder.clone(), Vec::new(), &service);
        assert_eq!(shape(&again), (vec![], vec![], 0));
        // Pods whose port of the name differs are apart.
        let two = vec![(ports(80), endpoints(0..1)), (ports(81), endpoints(1..2))];
        assert_eq!(shape(&reconcile(placeholder, two, &service)), (vec![1], vec![1], 0));
    }
}
