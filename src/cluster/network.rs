//! The way to a Service: what kube-proxy on each node knows of it, and the cluster's DNS.
//!
//! Owns: when a node learns of a change, whom it then sends requests to, names and addresses. Does
//! not own: who is behind a Service (`controllers::endpointslice`), or load (`traffic`).
//!
//! Models pkg/proxy: a change is heard at once, but a node's rules are written again at most once
//! in a second (runner/bounded_frequency_runner.go). Two changes within a second, as every step of
//! a rollout makes them, thus reach the second one's node a second late.

use std::rc::Rc;

use crate::cluster::key::{Key, subject_of};
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::node::NodeHost;
use crate::cluster::random::Random;
use crate::cluster::{Wake, World, latency};
use crate::manifest::Object;
use crate::manifest::service::{EndpointConditions, EndpointSlice, Service, ServicePort};
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::requests::{Backend, Routes};
use crate::trace::{Actor, Change, Entry, EntryId, Name};
use crate::version::Feature;
use crate::workload::cri::Answer;

/// `minSyncPeriod`: the least time between the end of a sync of the rules and the next one's start.
///
/// Models pkg/proxy/apis/config/v1alpha1/defaults.go.
const MIN_SYNC_PERIOD: Duration = Duration::from_secs(1);

/// Names that stand for names are followed so often. Invented: resolvers stop at some number.
const CNAMES_MAX: usize = 8;

/// kube-proxy of one node.
#[derive(Debug)]
pub(crate) struct Proxy {
    luck: Random,
    /// How long it takes to write the rules, where the scenario says so.
    takes: Option<Duration>,
    /// When it may write again.
    free_at: Instant,
    /// A sync is queued or under way.
    busy: bool,
    /// Services that have changed since the last sync, and the entry that said so.
    heard: Map<Key, EntryId>,
    /// What the sync under way will have written at its end.
    writing: Vec<(Key, Option<Known>, EntryId)>,
    /// The rules as they are.
    knows: Map<Key, Known>,
}

/// What a node knows of a Service.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) routes: Rc<Routes>,
    /// Ports of the Service, each with the port of the node.
    ports: Vec<(i32, i32)>,
    /// With session affinity: to whom the node's own clients stick.
    pub(crate) only: Option<Name>,
    affinity: bool,
    /// Requests that scripts have sent.
    picks: usize,
}

/// What leads to Pods.
#[derive(Debug)]
pub(crate) struct Network {
    proxies: Vec<Proxy>,
    /// Routes without a node's own view, by the version of their slice.
    made: Map<Key, (String, Rc<Routes>)>,
}

/// What a host name stands for.
enum Meaning {
    /// A Service, and the Pods it selects.
    Service(Key),
    /// An address.
    Address(String),
    Unknown,
}

impl Network {
    /// The proxies of the nodes, and after them the cluster's DNS, which needs no rules.
    pub(crate) fn new(scenario: &crate::scenario::Scenario) -> Self {
        let proxy = |name: &str, takes| Proxy {
            luck: Random::keyed(scenario.seed, "kube-proxy", name, 0),
            takes,
            free_at: Instant::ZERO,
            busy: false,
            heard: Map::new(),
            writing: Vec::new(),
            knows: Map::new(),
        };
        let mut proxies: Vec<Proxy> =
            scenario.nodes.iter().map(|node| proxy(&node.name, node.proxy_sync)).collect();
        proxies.push(proxy("coredns", Some(Duration::ZERO)));
        Self { proxies, made: Map::new() }
    }

    /// What a node knows of a Service; of a headless one, what the DNS knows.
    pub(crate) fn known(&self, node: usize, service: &Key) -> Option<&Known> {
        let own = self.proxies.get(node).and_then(|proxy| proxy.knows.get(service));
        own.or_else(|| self.proxies.last().and_then(|dns| dns.knows.get(service)))
    }
}

/// A Service without an address of its own: its name stands for its Pods.
fn is_headless(service: &Service) -> bool {
    service.spec.cluster_ip == "None"
}

impl World<'_> {
    /// A Service, or who is behind it, has changed: everyone who routes hears of it.
    pub(crate) fn tell_proxies(&mut self, service: &Key, cause: EntryId) {
        let headless = match self.store.get(service) {
            Some(Object::Service(service)) => is_headless(service),
            _ => false,
        };
        let dns = self.network.proxies.len() - 1;
        let gone = self.store.get(service).is_none();
        for index in 0..=dns {
            if !gone && (index == dns) != headless {
                continue;
            }
            let luck = &mut self.network.proxies[index].luck;
            let delay = luck.between(latency::PROXY_WATCH.0, latency::PROXY_WATCH.1);
            let wake = Wake::ProxyHears { proxy: index, service: service.clone() };
            self.wake_after(delay, wake, Some(cause));
        }
    }

    /// A proxy hears of a change, and writes its rules as soon as it may.
    pub(crate) fn proxy_hears(&mut self, index: usize, service: Key, cause: Option<EntryId>) {
        let Some(cause) = cause else { return };
        if self.nodes.get(index).is_some_and(|node| node.power == Power::Off) {
            // The proxy is as dead as its machine.
            return;
        }
        let now = self.now;
        let proxy = &mut self.network.proxies[index];
        proxy.heard.insert(service, cause);
        if !proxy.busy {
            proxy.busy = true;
            let at = proxy.free_at.max(now);
            self.wake_at(at, Wake::ProxySync { proxy: index }, None);
        }
    }

    /// A machine goes off: its rules go with it, and so does what its proxy was doing.
    pub(crate) fn proxy_off(&mut self, index: usize) {
        let proxy = &mut self.network.proxies[index];
        proxy.heard = Map::new();
        proxy.writing = Vec::new();
        proxy.knows = Map::new();
    }

    /// kube-proxy starts with the machine, and is told of every Service.
    pub(crate) fn proxy_starts(&mut self, index: usize, cause: EntryId) {
        let services: Vec<Key> = self
            .store
            .list("Service")
            .filter(|object| matches!(object, Object::Service(own) if !is_headless(own)))
            .map(Key::of)
            .collect();
        let delay = self.latency(latency::PROXY_START);
        for service in services {
            let wake = Wake::ProxyHears { proxy: index, service };
            self.wake_after(delay, wake, Some(cause));
        }
    }

    /// A proxy looks at all that it has heard and begins to write.
    pub(crate) fn proxy_sync(&mut self, index: usize) {
        let heard = std::mem::take(&mut self.network.proxies[index].heard);
        let writing = heard
            .into_iter()
            .map(|(service, cause)| {
                let known = self.known_of(index, &service);
                (service, known, cause)
            })
            .collect();
        let proxy = &mut self.network.proxies[index];
        proxy.writing = writing;
        let takes = match proxy.takes {
            Some(takes) => takes,
            None => proxy.luck.between(latency::PROXY_SYNC.0, latency::PROXY_SYNC.1),
        };
        self.wake_after(takes, Wake::ProxySynced { proxy: index }, None);
    }

    /// The rules are written: from now on the node routes by them.
    pub(crate) fn proxy_synced(&mut self, index: usize) {
        let node: Name = match self.nodes.get(index) {
            Some(host) => host.name.as_str().into(),
            None => "".into(),
        };
        let dns = index + 1 == self.network.proxies.len();
        for (service, known, cause) in std::mem::take(&mut self.network.proxies[index].writing) {
            let before = self.network.proxies[index].knows.remove(&service);
            let Some(mut known) = known else { continue };
            let same = before.as_ref().is_some_and(|before| {
                *before.routes == *known.routes && before.affinity == known.affinity
            });
            if known.affinity {
                known.only = self.stick(index, &known.routes, before.and_then(|b| b.only));
            }
            let (routes, only) = (known.routes.clone(), known.only.clone());
            self.network.proxies[index].knows.insert(service.clone(), known);
            let Some(object) = self.store.get(&service).filter(|_| !same) else { continue };
            let rule = match (routes.to.is_empty(), routes.fallback, dns) {
                (true, _, false) if routes.dropped => Rule::ProxyDrops,
                (true, _, false) => Rule::ProxyRejects,
                (_, true, false) => Rule::ProxyFallsBack,
                (_, _, false) => Rule::ProxyRoutes,
                (_, _, true) => Rule::HeadlessDns,
            };
            let entry = Entry {
                at: self.now,
                actor: if dns { Actor::ClusterDns } else { Actor::KubeProxy },
                subject: subject_of(object),
                change: Change::Routed { node: node.clone(), routes, only },
                cause: Some(cause),
                rule,
            };
            self.record(entry);
        }
        let now = self.now;
        let proxy = &mut self.network.proxies[index];
        proxy.free_at = if dns { now } else { now + MIN_SYNC_PERIOD };
        proxy.busy = !proxy.heard.is_empty();
        if proxy.busy {
            let at = proxy.free_at;
            self.wake_at(at, Wake::ProxySync { proxy: index }, None);
        }
    }

    /// To whom a client of the node sticks: the one it had, or one of them all.
    ///
    /// Models pkg/proxy/iptables/proxier.go: a recent client goes to the same endpoint.
    fn stick(&mut self, index: usize, routes: &Routes, had: Option<Name>) -> Option<Name> {
        let kept = had.filter(|had| routes.to.iter().any(|backend| backend.pod == *had));
        kept.or_else(|| {
            let count = routes.to.len() as u64;
            let place = self.network.proxies[index].luck.below(count.max(1)) as usize;
            routes.to.get(place).map(|backend| backend.pod.clone())
        })
    }

    /// Whether nodes send the requests of a Service to different Pods.
    fn routes_differ(&self, service: &Service) -> bool {
        let version = self.scenario.version;
        service.spec.internal_traffic_policy.as_deref() == Some("Local")
            || match service.spec.traffic_distribution.as_deref() {
                Some("PreferClose") => version.has(Feature::TrafficDistribution),
                Some("PreferSameZone" | "PreferSameNode") => {
                    version.has(Feature::PreferSameTrafficDistribution)
                }
                _ => false,
            }
    }

    /// Whom a node sends requests to that does not treat all Pods alike.
    ///
    /// Models pkg/proxy/topology.go topologyModeFromHints: Pods of the node, else of its zone, else
    /// all; and the internal traffic policy, which knows no else.
    fn routes_from(
        &self,
        host: &NodeHost,
        slices: &[Rc<EndpointSlice>],
        service: &Service,
    ) -> Routes {
        let ports = &service.spec.ports;
        let all = routes(slices, ports, &|_| true);
        if service.spec.internal_traffic_policy.as_deref() == Some("Local") {
            let here = routes(slices, ports, &|node| node == host.name);
            return Routes { dropped: here.to.is_empty() && !all.to.is_empty(), ..here };
        }
        if all.fallback {
            return all;
        }
        let zone_of = |node: &str| {
            let place = self.node_index(node)?;
            self.nodes[place].labels.get("topology.kubernetes.io/zone")
        };
        let same_node = service.spec.traffic_distribution.as_deref() == Some("PreferSameNode");
        let here = routes(slices, ports, &|node| same_node && node == host.name);
        if !here.to.is_empty() {
            return here;
        }
        let zone = zone_of(&host.name);
        let zoned = all.to.iter().all(|backend| zone_of(&backend.node).is_some());
        let near = routes(slices, ports, &|node| zone.is_some() && zone_of(node) == zone);
        // One endpoint without a zone, and hints are not used at all.
        if zoned && !near.to.is_empty() && !near.fallback { near } else { all }
    }

    /// What a proxy would write for a Service now.
    fn known_of(&mut self, index: usize, key: &Key) -> Option<Known> {
        let Some(Object::Service(service)) = self.store.get(key) else { return None };
        let service = service.clone();
        let slices = self.slices_of(&service);
        if slices.is_empty() {
            return None;
        }
        let ports = &service.spec.ports;
        let own = self.nodes.get(index).filter(|_| self.routes_differ(&service));
        let routes = match own {
            Some(host) => Rc::new(self.routes_from(host, &slices, &service)),
            None => {
                let versions: Vec<&str> =
                    slices.iter().map(|slice| slice.metadata.resource_version.as_str()).collect();
                let version = versions.join(",");
                match self.network.made.get(key) {
                    Some((known, routes)) if *known == version => routes.clone(),
                    Some(_) | None => {
                        let routes = Rc::new(routes(&slices, ports, &|_| true));
                        self.network.made.insert(key.clone(), (version, routes.clone()));
                        routes
                    }
                }
            }
        };
        let ports = ports.iter().map(|port| (port.port, port.node_port)).collect();
        let affinity = service.spec.session_affinity == "ClientIP";
        Some(Known { routes, ports, only: None, affinity, picks: 0 })
    }

    /// Answers a process that wants to reach something outside its Pod, or a probe of another host.
    pub(crate) fn reach(
        &mut self,
        (node, namespace): (usize, &str),
        (host, port): (&str, u16),
        path: Option<&str>,
    ) -> Answer {
        let service = match self.meaning(host, namespace) {
            Meaning::Service(key) => key,
            Meaning::Address(ip) => match self.node_port(&ip, port) {
                Some((at, key)) => return self.through(at, &key, port, path, true),
                None => return self.reach_address(&ip, port, path),
            },
            Meaning::Unknown => return Answer::UnknownHost,
        };
        self.through(node, &service, port, path, false)
    }

    /// What a name lookup says: the address as the body.
    pub(crate) fn look_up(&self, host: &str, namespace: &str) -> Answer {
        let ip = match self.meaning(host, namespace) {
            Meaning::Address(ip) => ip,
            Meaning::Unknown => return Answer::UnknownHost,
            Meaning::Service(key) => match self.store.get(&key) {
                Some(Object::Service(service)) if !is_headless(service) => {
                    service.spec.cluster_ip.clone()
                }
                // Without an endpoint a headless Service has no address.
                _ => {
                    let known = self.network.known(0, &key);
                    let all = known.map(|known| known.routes.to.as_slice()).unwrap_or_default();
                    if all.is_empty() {
                        return Answer::UnknownHost;
                    }
                    let all: Vec<&str> = all.iter().map(|backend| &*backend.ip).collect();
                    all.join("\n")
                }
            },
        };
        Answer::Http { status: 200, body: ip, location: None, after: Duration::from_millis(1) }
    }

    /// What a name or address means to a Pod of a namespace.
    ///
    /// Models the search list of a Pod's resolv.conf (kubelet/network/dns/dns.go) and the names of
    /// the DNS specification (github.com/kubernetes/dns/blob/master/docs/specification.md).
    fn meaning(&self, host: &str, namespace: &str) -> Meaning {
        let mut host = host.to_owned();
        // An ExternalName is a CNAME, which may lead to another one.
        for _ in 0..CNAMES_MAX {
            match self.external_name(&host, namespace) {
                Some(next) => host = next,
                None => break,
            }
        }
        self.direct_meaning(&host, namespace)
    }

    /// The name that an ExternalName Service stands for.
    fn external_name(&self, host: &str, namespace: &str) -> Option<String> {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let name = name.strip_suffix(".cluster.local").unwrap_or(&name);
        let labels: Vec<&str> = name.split('.').collect();
        let key = match labels[..] {
            [name] => Key::new("Service", namespace, name),
            [name, other] | [name, other, "svc"] => Key::new("Service", other, name),
            _ => return None,
        };
        match self.store.get(&key) {
            Some(Object::Service(own)) if own.spec.kind == "ExternalName" => {
                Some(own.spec.external_name.clone())
            }
            _ => None,
        }
    }

    fn direct_meaning(&self, host: &str, namespace: &str) -> Meaning {
        if host.parse::<std::net::IpAddr>().is_ok() {
            let of_service = self
                .store
                .list("Service")
                .find(|object| matches!(object, Object::Service(s) if s.spec.cluster_ip == host));
            return match of_service {
                Some(service) => Meaning::Service(Key::of(service)),
                None => Meaning::Address(host.to_owned()),
            };
        }
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let name = name.strip_suffix(".cluster.local").unwrap_or(&name);
        let labels: Vec<&str> = name.split('.').collect();
        let service = |name: &str, namespace: &str| {
            let key = Key::new("Service", namespace, name);
            match self.store.get(&key) {
                Some(Object::Service(own)) if own.spec.kind != "ExternalName" => Some(key),
                _ => None,
            }
        };
        let pod = |hostname: &str, subdomain: &str, namespace: &str| {
            self.store
                .pods()
                .find(|pod| {
                    pod.metadata.namespace == namespace
                        && pod.spec.hostname == hostname
                        && pod.spec.subdomain == subdomain
                        && !pod.status.pod_ip.is_empty()
                })
                .map(|pod| Meaning::Address(pod.status.pod_ip.clone()))
        };
        let found = match labels[..] {
            [name] => service(name, namespace).map(Meaning::Service),
            [name, other] => {
                service(name, other).map(Meaning::Service).or_else(|| pod(name, other, namespace))
            }
            [name, other, "svc"] => service(name, other).map(Meaning::Service),
            [ip, _, "pod"] => Some(Meaning::Address(ip.replace('-', "."))),
            [name, other, space] | [name, other, space, "svc"] => pod(name, other, space),
            _ => None,
        };
        found.unwrap_or(Meaning::Unknown)
    }

    /// The Service behind a port of a node, and the node.
    fn node_port(&self, ip: &str, port: u16) -> Option<(usize, Key)> {
        let node = self.nodes.iter().position(|node| node.ip == ip)?;
        let knows = &self.network.proxies.get(node)?.knows;
        let of_port = |known: &Known| known.ports.iter().any(|(_, own)| *own == i32::from(port));
        let (key, _) = knows.iter().find(|(_, known)| of_port(known))?;
        Some((node, key.clone()))
    }

    /// Sends a request through the rules of a node.
    fn through(
        &mut self,
        node: usize,
        service: &Key,
        port: u16,
        path: Option<&str>,
        by_node_port: bool,
    ) -> Answer {
        let headless = matches!(self.store.get(service),
            Some(Object::Service(service)) if is_headless(service));
        let index = if headless { self.network.proxies.len() - 1 } else { node };
        let proxy = self.network.proxies.get_mut(index);
        let Some(known) = proxy.and_then(|proxy| proxy.knows.get_mut(service)) else {
            // A name without endpoints does not resolve; an address without rules is refused.
            return if headless { Answer::UnknownHost } else { Answer::Refused };
        };
        let wanted = i32::from(port);
        let place = known.ports.iter().position(|(own, node_port)| {
            if by_node_port { *node_port == wanted } else { *own == wanted }
        });
        // A Pod behind a headless Service is asked directly, at any port.
        if place.is_none() && !headless {
            return Answer::Unreachable;
        }
        let target = |backend: &Backend| match place.filter(|_| !headless) {
            Some(place) => backend.ports.get(place).copied().filter(|target| *target != 0),
            None => Some(port),
        };
        let able: Vec<(Name, Name, u16)> = known
            .routes
            .to
            .iter()
            .filter_map(|own| Some((own.pod.clone(), own.ip.clone(), target(own)?)))
            .collect();
        if able.is_empty() {
            return match (headless, known.routes.dropped) {
                (true, _) => Answer::UnknownHost,
                (false, true) => Answer::Unreachable,
                (false, false) => Answer::Refused,
            };
        }
        let stuck =
            known.only.as_ref().and_then(|only| able.iter().position(|(pod, _, _)| pod == only));
        let (_, ip, target) = able[stuck.unwrap_or(known.picks % able.len())].clone();
        known.picks += 1;
        self.reach_address(&ip, target, path)
    }

    /// Asks the Pod of an address.
    fn reach_address(&mut self, ip: &str, port: u16, path: Option<&str>) -> Answer {
        match self.sandbox_of_address(ip) {
            Some((node, sandbox)) => {
                self.nodes[node].machine.request(self.now, sandbox, port, path)
            }
            None => Answer::Unreachable,
        }
    }

    /// Services whose endpoints a slice holds.
    pub(crate) fn tell_of_slice(&mut self, slice: &EndpointSlice, cause: EntryId) {
        let services: Set<Key> = slice
            .metadata
            .owner_references
            .iter()
            .map(|owner| Key::new("Service", &slice.metadata.namespace, &owner.name))
            .collect();
        for service in services {
            self.tell_proxies(&service, cause);
        }
    }
}

/// Whom requests go to: the ready ones, else those that leave and still serve.
///
/// Models pkg/proxy/topology.go CategorizeEndpoints.
fn routes(
    slices: &[Rc<EndpointSlice>],
    ports: &[ServicePort],
    on: &dyn Fn(&str) -> bool,
) -> Routes {
    let pick = |usable: fn(&EndpointConditions) -> bool| -> Vec<Backend> {
        let mut found = Vec::new();
        for slice in slices {
            let targets: Rc<[u16]> = ports
                .iter()
                .map(|port| {
                    let target = slice.ports.iter().find(|target| target.name == port.name);
                    target.and_then(|target| u16::try_from(target.port).ok()).unwrap_or(0)
                })
                .collect();
            let usable = slice
                .endpoints
                .iter()
                .filter(|endpoint| on(&endpoint.node_name))
                .filter(|endpoint| usable(&endpoint.conditions));
            found.extend(usable.filter_map(|endpoint| {
                Some(Backend {
                    pod: endpoint.target_ref.as_str().into(),
                    ip: endpoint.addresses.first()?.as_str().into(),
                    node: endpoint.node_name.as_str().into(),
                    ports: targets.clone(),
                })
            }));
        }
        found
    };
    let ready = pick(|conditions| conditions.ready);
    if !ready.is_empty() {
        return Routes { to: ready, ..Routes::default() };
    }
    let leaving = pick(|conditions| conditions.serving && conditions.terminating);
    Routes { fallback: !leaving.is_empty(), to: leaving, dropped: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::service::Endpoint;

    fn slice(endpoints: &[(&str, bool, bool, bool)]) -> Rc<EndpointSlice> {
        Rc::new(EndpointSlice {
            endpoints: endpoints
                .iter()
                .map(|(name, ready, serving, terminating)| Endpoint {
                    addresses: vec![format!("10.0.0.{name}")],
                    conditions: EndpointConditions {
                        ready: *ready,
                        serving: *serving,
                        terminating: *terminating,
                    },
                    node_name: format!("node{name}"),
                    target_ref: (*name).to_owned(),
                })
                .collect(),
            ..EndpointSlice::default()
        })
    }

    fn names(routes: &Routes) -> Vec<&str> {
        routes.to.iter().map(|backend| &*backend.pod).collect()
    }

    #[test]
    fn ready_ones_first_then_those_that_leave_and_serve_then_nobody() {
        let (ready, leaving) = ((true, true, false), (false, true, true));
        let of = |name, (a, b, c): (bool, bool, bool)| (name, a, b, c);
        let routes = |slice, node: Option<&str>| {
            routes(&[slice], &[], &|own| node.is_none_or(|node| node == own))
        };
        let some = routes(slice(&[of("1", ready), of("2", leaving)]), None);
        assert_eq!((names(&some), some.fallback), (vec!["1"], false));
        let last = routes(slice(&[of("2", leaving), ("3", false, false, false)]), None);
        assert_eq!((names(&last), last.fallback), (vec!["2"], true));
        let nobody = routes(slice(&[("3", false, false, true)]), None);
        assert_eq!((names(&nobody), nobody.fallback), (Vec::<&str>::new(), false));
        let here = routes(slice(&[of("1", ready), of("2", ready)]), Some("node2"));
        assert_eq!(names(&here), ["2"]);
    }
}
