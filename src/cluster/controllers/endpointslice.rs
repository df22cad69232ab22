//! The EndpointSlice controller: who is behind a Service.
//!
//! Models k8s.io/endpointslice/utils.go podToEndpoint and pkg/controller/endpointslice. Does not
//! own: how nodes route (kube-proxy).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::store::Key;
use crate::manifest::Object;
use crate::manifest::meta::{ObjectMeta, OwnerReference};
use crate::manifest::pod::{Pod, resolve_port};
use crate::manifest::quantity::IntOrString;
use crate::manifest::service::{
    Endpoint, EndpointConditions, EndpointPort, EndpointSlice, Service,
};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

impl World<'_> {
    /// Writes the endpoints of a Service as its Pods are now.
    pub(crate) fn sync_endpointslices(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Service(service)) = self.store.get(key) else {
            return self.remove_endpointslice(key, cause);
        };
        let service = service.clone();
        if service.spec.selector.is_empty() {
            return;
        }
        let pods: Vec<Rc<Pod>> = self
            .store
            .pods()
            .filter(|pod| {
                pod.metadata.namespace == service.metadata.namespace
                    && service
                        .spec
                        .selector
                        .iter()
                        .all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
            })
            .cloned()
            .collect();
        let endpoints: Vec<Endpoint> = pods
            .iter()
            .filter(|pod| !pod.status.pod_ip.is_empty() && !pod.is_terminal())
            .map(|pod| endpoint(pod, &service))
            .collect();
        let ports = ports(&service, &pods);
        let existing = self.slice_of(&service);
        if let Some(slice) = existing {
            if slice.endpoints == endpoints && slice.ports == ports {
                return;
            }
            let changed = EndpointSlice { endpoints, ports, ..(*slice).clone() };
            self.put_slice(Verb::Updated, changed, cause);
            return;
        }
        let mut metadata = ObjectMeta {
            generate_name: format!("{}-", service.metadata.name),
            namespace: service.metadata.namespace.clone(),
            owner_references: vec![OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Service".to_owned(),
                name: service.metadata.name.clone(),
                uid: service.metadata.uid.clone(),
                controller: true,
                block_owner_deletion: true,
            }],
            ..ObjectMeta::default()
        };
        metadata
            .labels
            .insert("kubernetes.io/service-name".to_owned(), service.metadata.name.clone());
        self.fill_metadata(&mut metadata, true);
        let address_type = "IPv4".to_owned();
        self.put_slice(
            Verb::Created,
            EndpointSlice { metadata, address_type, endpoints, ports },
            cause,
        );
    }

    fn put_slice(&mut self, verb: Verb, slice: EndpointSlice, cause: Option<EntryId>) {
        let object = Object::EndpointSlice(Rc::new(slice));
        self.put(Actor::EndpointSliceController, verb, object, Rule::EndpointsFollow, cause);
    }

    /// The slice of a Service.
    pub(crate) fn slice_of(&self, service: &Service) -> Option<Rc<EndpointSlice>> {
        self.store.list("EndpointSlice").find_map(|object| match object {
            Object::EndpointSlice(slice)
                if slice
                    .metadata
                    .owner_references
                    .iter()
                    .any(|owner| owner.uid == service.metadata.uid) =>
            {
                Some(slice.clone())
            }
            _ => None,
        })
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
            self.delete(Actor::EndpointSliceController, &key, None, cause);
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

fn ports(service: &Service, pods: &[Rc<Pod>]) -> Vec<EndpointPort> {
    service
        .spec
        .ports
        .iter()
        .filter_map(|port| {
            let target = port.target_port.clone().unwrap_or(IntOrString::Int(port.port));
            let number = match &target {
                IntOrString::Int(number) => Some(*number),
                IntOrString::String(_) => pods.iter().find_map(|pod| {
                    pod.spec.containers.iter().find_map(|c| resolve_port(&target, c))
                }),
            }?;
            let protocol =
                if port.protocol.is_empty() { "TCP" } else { port.protocol.as_str() }.to_owned();
            Some(EndpointPort { name: port.name.clone(), port: number, protocol })
        })
        .collect()
}
