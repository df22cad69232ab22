//! `kubectl describe` of Services, EndpointSlices, Nodes and what only holds data.

use crate::manifest::Object;
use crate::manifest::autoscaling::HorizontalPodAutoscaler;
use crate::manifest::cluster::{Namespace, Node};
use crate::manifest::pod::{Container, Pod};
use crate::manifest::quantity::Quantity;
use crate::manifest::selector::format_labels;
use crate::manifest::service::{EndpointSlice, Service};
use crate::manifest::volume::{ConfigMap, Secret};
use crate::map::Map;
use crate::view::kubectl::autoscaling;
use crate::view::kubectl::columns::{list_some, node_roles, slices_of};
use crate::view::kubectl::pod_row::{age, or_none};
use crate::view::kubectl::resources::api_version;

use super::{Context, Writer};

fn unset(text: &str) -> &str {
    if text.is_empty() { "<unset>" } else { text }
}

fn identity(w: &mut Writer, metadata: &crate::manifest::meta::ObjectMeta) {
    w.field(0, "Name", &metadata.name);
    if !metadata.namespace.is_empty() {
        w.field(0, "Namespace", &metadata.namespace);
    }
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
}

pub(super) fn service(w: &mut Writer, context: &Context<'_>, service: &Service) {
    let Service { metadata, spec } = service;
    identity(w, metadata);
    w.field(0, "Selector", &format_labels(&spec.selector));
    w.field(0, "Type", &spec.kind);
    if let Some(policy) = &spec.ip_family_policy {
        w.field(0, "IP Family Policy", policy);
    }
    w.field(0, "IP Families", &or_none(&spec.ip_families.join(",")));
    w.field(0, "IP", &spec.cluster_ip);
    w.field(0, "IPs", &or_none(&spec.cluster_ip));
    if !spec.external_ips.is_empty() {
        w.field(0, "External IPs", &spec.external_ips.join(","));
    }
    if !spec.external_name.is_empty() {
        w.field(0, "External Name", &spec.external_name);
    }
    for port in &spec.ports {
        let name = unset(&port.name);
        let protocol = &port.protocol;
        w.line(0, &format!("Port:\t{name}\t{}/{protocol}", port.port));
        let target =
            port.target_port.as_ref().map_or_else(|| port.port.to_string(), ToString::to_string);
        w.field(0, "TargetPort", &format!("{target}/{protocol}"));
        if let Some(application) = &port.app_protocol {
            w.field(0, "AppProtocol", application);
        }
        if port.node_port != 0 {
            w.line(0, &format!("NodePort:\t{name}\t{}/{protocol}", port.node_port));
        }
        w.field(0, "Endpoints", &ready_endpoints(context, service, &port.name));
    }
    w.field(0, "Session Affinity", &spec.session_affinity);
    if let Some(policy) = spec.external_traffic_policy.as_ref().filter(|p| !p.is_empty()) {
        w.field(0, "External Traffic Policy", policy);
    }
    if let Some(policy) = &spec.internal_traffic_policy {
        w.field(0, "Internal Traffic Policy", policy);
    }
    if let Some(distribution) = &spec.traffic_distribution {
        w.field(0, "Traffic Distribution", distribution);
    }
    w.events(context, metadata);
}

/// `ip:port` of what is ready behind one port; blank when nothing is, `<none>` without slices.
///
/// Models formatEndpointSlices of describe.go.
fn ready_endpoints(context: &Context<'_>, service: &Service, port_name: &str) -> String {
    let mut slices = slices_of(service, context.state).peekable();
    if slices.peek().is_none() {
        return or_none("");
    }
    let mut list = Vec::new();
    for slice in slices {
        let ready = slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready);
        let addresses: Vec<&String> = ready.filter_map(|e| e.addresses.first()).collect();
        if slice.ports.is_empty() {
            list.extend(addresses.iter().map(|address| (*address).clone()));
        }
        for port in slice.ports.iter().filter(|port| port.name == port_name) {
            list.extend(addresses.iter().map(|address| format!("{address}:{}", port.port)));
        }
    }
    list_some(list.iter())
}

pub(super) fn autoscaler(
    w: &mut Writer,
    context: &Context<'_>,
    autoscaler: &HorizontalPodAutoscaler,
) {
    let metadata = &autoscaler.metadata;
    identity(w, metadata);
    let created = metadata.creation_timestamp.unwrap_or_default();
    w.field(0, "CreationTimestamp", &created.rfc1123z());
    for (level, line) in autoscaling::lines(autoscaler) {
        w.line(level, &line);
    }
    w.events(context, metadata);
}

pub(super) fn endpoint_slice(w: &mut Writer, context: &Context<'_>, slice: &EndpointSlice) {
    identity(w, &slice.metadata);
    w.field(0, "AddressType", &slice.address_type);
    if slice.ports.is_empty() {
        w.line(0, "Ports: <unset>");
    } else {
        w.line(0, "Ports:");
        w.line(1, "Name\tPort\tProtocol");
        w.line(1, "----\t----\t--------");
        for port in &slice.ports {
            w.line(1, &format!("{}\t{}\t{}", unset(&port.name), port.port, port.protocol));
        }
    }
    if slice.endpoints.is_empty() {
        w.line(0, "Endpoints: <none>");
    } else {
        w.line(0, "Endpoints:");
    }
    for endpoint in &slice.endpoints {
        w.field(1, "- Addresses", &or_none(&endpoint.addresses.join(", ")));
        w.line(2, "Conditions:");
        w.field(3, "Ready", &endpoint.conditions.ready.to_string());
        w.field(2, "Hostname", "<unset>");
        if !endpoint.target_ref.is_empty() {
            let pod = endpoint.target_ref.rsplit('/').next().unwrap_or_default();
            w.field(2, "TargetRef", &format!("Pod/{pod}"));
        }
        w.field(2, "NodeName", unset(&endpoint.node_name));
        w.field(2, "Zone", "<unset>");
    }
    w.events(context, &slice.metadata);
}

pub(super) fn node(w: &mut Writer, context: &Context<'_>, node: &Node) {
    let metadata = &node.metadata;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Roles", &node_roles(&metadata.labels));
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    let created = metadata.creation_timestamp.unwrap_or_default();
    w.field(0, "CreationTimestamp", &created.rfc1123z());
    let mut taints: Vec<_> = node.spec.taints.iter().collect();
    crate::order::sort_by(&mut taints, |a, b| (&a.effect, &a.key).cmp(&(&b.effect, &b.key)));
    w.column(
        "Taints",
        taints.into_iter().map(|taint| {
            let value =
                if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
            format!("{}{value}:{}", taint.key, taint.effect)
        }),
    );
    w.field(0, "Unschedulable", &node.spec.unschedulable.to_string());
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in &node.status.conditions {
        let time = |at: Option<crate::time::Instant>| at.unwrap_or_default().rfc1123z();
        w.line(
            1,
            &format!(
                "{} \t{} \t{} \t{} \t{} \t{}",
                condition.kind,
                condition.status,
                time(condition.last_heartbeat_time),
                time(condition.last_transition_time),
                condition.reason,
                condition.message
            ),
        );
    }
    w.line(0, "Addresses:");
    w.field(1, "InternalIP", &node.status.internal_ip);
    w.field(1, "Hostname", &metadata.name);
    for (label, amounts) in
        [("Capacity", &node.status.capacity), ("Allocatable", &node.status.allocatable)]
    {
        w.line(0, &format!("{label}:"));
        for (name, amount) in amounts {
            w.field(1, name, amount.text());
        }
    }
    node_pods(w, context, node);
    w.events(context, metadata);
}

fn node_pods(w: &mut Writer, context: &Context<'_>, node: &Node) {
    let allocatable = &node.status.allocatable;
    let mut pods: Vec<&Pod> = context
        .state
        .pods()
        .map(|pod| &**pod)
        .filter(|pod| pod.spec.node_name == node.metadata.name && !pod.is_terminal())
        .collect();
    crate::order::sort_by(&mut pods, |a, b| {
        let key = |pod: &Pod| (pod.metadata.namespace.clone(), pod.metadata.name.clone());
        key(a).cmp(&key(b))
    });
    w.field(0, "Non-terminated Pods", &format!("({} in total)", pods.len()));
    w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let share = |name: &str, amount: i64| {
        let whole = allocatable.get(name).map_or(0, |quantity| measure(name, quantity));
        let percent = if whole > 0 { i128::from(amount) * 100 / i128::from(whole) } else { 0 };
        format!("{} ({percent}%)", amount_text(name, amount))
    };
    // Requests and limits of CPU and memory, in the order of the columns.
    let mut totals = [0_i64; 4];
    for pod in pods {
        let amounts = [
            pod_amount(pod, "cpu", false),
            pod_amount(pod, "cpu", true),
            pod_amount(pod, "memory", false),
            pod_amount(pod, "memory", true),
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total = total.saturating_add(amount);
        }
        w.line(
            1,
            &format!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                pod.metadata.namespace,
                pod.metadata.name,
                share("cpu", amounts[0]),
                share("cpu", amounts[1]),
                share("memory", amounts[2]),
                share("memory", amounts[3]),
                age(context.now(), pod.metadata.creation_timestamp)
            ),
        );
    }
    w.line(0, "Allocated resources:");
    w.line(0, "  (Total limits may be over 100 percent, i.e., overcommitted.)");
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    w.line(1, &format!("cpu\t{}\t{}", share("cpu", totals[0]), share("cpu", totals[1])));
    w.line(1, &format!("memory\t{}\t{}", share("memory", totals[2]), share("memory", totals[3])));
}

/// CPU counts in thousandths, everything else in whole units.
fn measure(name: &str, quantity: &Quantity) -> i64 {
    if name == "cpu" { quantity.milli_value() } else { quantity.value() }
}

/// An amount in the shortest exact form of its family.
fn amount_text(name: &str, amount: i64) -> String {
    if name == "cpu" {
        return if amount % 1_000 == 0 {
            (amount / 1_000).to_string()
        } else {
            format!("{amount}m")
        };
    }
    let units = [(1_i64 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    match units.iter().find(|(size, _)| amount != 0 && amount % size == 0) {
        Some((size, unit)) => format!("{}{unit}", amount / size),
        None => amount.to_string(),
    }
}

/// What a Pod asks for, or may use, of one resource.
///
/// Models component-helpers/resource PodRequests: containers and sidecars together, or the biggest
/// init container with the sidecars before it.
fn pod_amount(pod: &Pod, name: &str, limits: bool) -> i64 {
    let of = |amounts: &Map<String, Quantity>| amounts.get(name).map(|q| measure(name, q));
    let chosen = |container: &Container| {
        let resources = &container.resources;
        of(if limits { &resources.limits } else { &resources.requests }).unwrap_or(0)
    };
    if let Some(whole) = &pod.spec.resources
        && let Some(amount) = of(if limits { &whole.limits } else { &whole.requests })
    {
        return amount;
    }
    let (mut sidecars, mut biggest) = (0_i64, 0_i64);
    for container in &pod.spec.init_containers {
        let amount = chosen(container);
        if container.is_sidecar() {
            sidecars = sidecars.saturating_add(amount);
            biggest = biggest.max(sidecars);
        } else {
            biggest = biggest.max(sidecars.saturating_add(amount));
        }
    }
    let running = pod.spec.containers.iter().map(chosen).fold(sidecars, |a, b| a.saturating_add(b));
    let amount = running.max(biggest);
    amount.saturating_add(of(&pod.spec.overhead).filter(|_| !limits || amount > 0).unwrap_or(0))
}

pub(super) fn config_map(w: &mut Writer, context: &Context<'_>, config_map: &ConfigMap) {
    identity(w, &config_map.metadata);
    w.line(0, "\nData\n====");
    for (key, value) in &config_map.data {
        w.line(0, &format!("{key}:\n----\n{value}\n"));
    }
    w.line(0, "\nBinaryData\n====");
    for (key, value) in &config_map.binary_data {
        w.line(0, &format!("{key}: {} bytes", decoded_length(value)));
    }
    w.line(0, "");
    w.events(context, &config_map.metadata);
}

pub(super) fn secret(w: &mut Writer, secret: &Secret) {
    identity(w, &secret.metadata);
    let kind = if secret.kind.is_empty() { "Opaque" } else { &secret.kind };
    w.line(0, "");
    w.field(0, "Type", kind);
    w.line(0, "\nData\n====");
    let mut sizes: Map<&str, usize> =
        secret.data.iter().map(|(key, value)| (key.as_str(), decoded_length(value))).collect();
    // stringData is what will be stored under its key.
    sizes.extend(secret.string_data.iter().map(|(key, value)| (key.as_str(), value.len())));
    for (key, size) in sizes {
        w.field(0, key, &format!("{size} bytes"));
    }
}

/// How many bytes a base64 text stands for.
fn decoded_length(base64: &str) -> usize {
    let digits = base64.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=').count();
    digits * 3 / 4
}

pub(super) fn namespace(w: &mut Writer, namespace: &Namespace) {
    identity(w, &namespace.metadata);
    let phase = if namespace.phase.is_empty() { "Active" } else { &namespace.phase };
    w.field(0, "Status", phase);
    w.line(0, "\nNo resource quota.\n\nNo LimitRange resource.");
}

/// What can be said about an object of any kind.
pub(super) fn generic(w: &mut Writer, context: &Context<'_>, object: &Object) {
    identity(w, object.metadata());
    w.field(0, "API Version", &api_version(object));
    w.field(0, "Kind", object.kind());
    w.events(context, object.metadata());
}
