//! The cells of `kubectl get` for each kind of objects.
//!
//! Owns: [`table`] for every kind. Models pkg/printers/internalversion/printers.go. Does not own:
//! choosing the objects (`get.rs`) or aligning cells (`table.rs`).

use std::fmt::Display;

use crate::manifest::Object;
use crate::manifest::cluster::{Event, Namespace, Node};
use crate::manifest::meta::{Labels, ObjectMeta};
use crate::manifest::pod::{Container, Pod};
use crate::manifest::selector::{format, format_labels};
use crate::manifest::service::{EndpointSlice, Service};
use crate::manifest::volume::{ConfigMap, Secret};
use crate::manifest::workloads::{CronJob, DaemonSet, Deployment, Job, ReplicaSet, StatefulSet};
use crate::time::Instant;
use crate::trace::State;
use crate::version::KubeVersion;
use crate::view::kubectl::autoscaling;
use crate::view::kubectl::events;
use crate::view::kubectl::limits;
use crate::view::kubectl::pod_row::{age, or_none, print_pod};
use crate::view::kubectl::table::{Row, Table};

/// The label by which an EndpointSlice says whose endpoints it holds.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// How many endpoints or ports a cell names before it only counts.
const LISTED: usize = 3;

/// What a node says about its software; invented, and the same for every node.
const OS_IMAGE: &str = "Debian GNU/Linux 13 (trixie)";
const KERNEL: &str = "6.12.48 (amd64)";
const RUNTIME: &str = "containerd://2.2.1";

/// The table of objects that are all of one kind.
pub fn table(kind: &str, objects: &[&Object], state: &State<'_>, wide: bool) -> Table {
    let now = state.at;
    let rows = objects
        .iter()
        .map(|object| {
            let metadata = object.metadata();
            Row {
                namespace: metadata.namespace.clone(),
                labels: format_labels(&metadata.labels),
                cells: cells(kind, object, state, now, wide),
            }
        })
        .collect();
    let (columns, narrow) = columns(kind, wide);
    Table { columns, narrow, rows }
}

/// Titles of a kind's columns, and how many of them show without `-o wide`.
fn columns(kind: &str, wide: bool) -> (&'static [&'static str], usize) {
    match kind {
        "Pod" => (
            &[
                "NAME",
                "READY",
                "STATUS",
                "RESTARTS",
                "AGE",
                "IP",
                "NODE",
                "NOMINATED NODE",
                "READINESS GATES",
            ],
            5,
        ),
        "Deployment" => (
            &[
                "NAME",
                "READY",
                "UP-TO-DATE",
                "AVAILABLE",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
            5,
        ),
        "ReplicaSet" | "ReplicationController" => {
            (&["NAME", "DESIRED", "CURRENT", "READY", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"], 5)
        }
        "StatefulSet" => (&["NAME", "READY", "AGE", "CONTAINERS", "IMAGES"], 3),
        "DaemonSet" => (
            &[
                "NAME",
                "DESIRED",
                "CURRENT",
                "READY",
                "UP-TO-DATE",
                "AVAILABLE",
                "NODE SELECTOR",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
            8,
        ),
        "Job" => (
            &[
                "NAME",
                "STATUS",
                "COMPLETIONS",
                "DURATION",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
            5,
        ),
        "CronJob" => (
            &[
                "NAME",
                "SCHEDULE",
                "TIMEZONE",
                "SUSPEND",
                "ACTIVE",
                "LAST SCHEDULE",
                "AGE",
                "CONTAINERS",
                "IMAGES",
                "SELECTOR",
            ],
            7,
        ),
        "Service" => {
            (&["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"], 6)
        }
        "EndpointSlice" => (&["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"], 5),
        "Endpoints" => (&["NAME", "ENDPOINTS", "AGE"], 3),
        "HorizontalPodAutoscaler" => {
            (&["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"], 7)
        }
        "ConfigMap" => (&["NAME", "DATA", "AGE"], 3),
        "Secret" => (&["NAME", "TYPE", "DATA", "AGE"], 4),
        "Namespace" => (&["NAME", "STATUS", "AGE"], 3),
        "PodDisruptionBudget"
        | "PriorityClass"
        | "LimitRange"
        | "ResourceQuota"
        | "PersistentVolumeClaim"
        | "PersistentVolume"
        | "StorageClass" => limits::headers(kind),
        "Node" => (
            &[
                "NAME",
                "STATUS",
                "ROLES",
                "AGE",
                "VERSION",
                "INTERNAL-IP",
                "EXTERNAL-IP",
                "OS-IMAGE",
                "KERNEL-VERSION",
                "CONTAINER-RUNTIME",
            ],
            5,
        ),
        "Event" if wide => (
            &[
                "LAST SEEN",
                "TYPE",
                "REASON",
                "OBJECT",
                "SUBOBJECT",
                "SOURCE",
                "MESSAGE",
                "FIRST SEEN",
                "COUNT",
                "NAME",
            ],
            10,
        ),
        "Event" => (&["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"], 5),
        _ => (&["NAME", "AGE"], 2),
    }
}

fn cells(kind: &str, object: &Object, state: &State<'_>, now: Instant, wide: bool) -> Vec<String> {
    match object {
        Object::Pod(pod) => pod_cells(pod, now),
        Object::Deployment(deployment) => deployment_cells(deployment, now),
        Object::ReplicaSet(replica_set) => replica_set_cells(replica_set, now),
        Object::StatefulSet(set) => stateful_set_cells(set, now),
        Object::DaemonSet(set) => daemon_set_cells(set, now),
        Object::Job(job) => job_cells(job, now),
        Object::CronJob(cron_job) => cron_job_cells(cron_job, now),
        // Endpoints are not stored: what they would hold follows from the slices.
        Object::Service(service) if kind == "Endpoints" => vec![
            service.metadata.name.clone(),
            endpoints_of(service, state),
            age(now, service.metadata.creation_timestamp),
        ],
        Object::Service(service) => service_cells(service, now),
        Object::EndpointSlice(slice) => slice_cells(slice, now),
        Object::ConfigMap(config_map) => config_map_cells(config_map, now),
        Object::Secret(secret) => secret_cells(secret, now),
        Object::Namespace(namespace) => namespace_cells(namespace, now),
        Object::Node(node) => node_cells(node, now),
        Object::HorizontalPodAutoscaler(autoscaler) => {
            name_and_age(&autoscaler.metadata, now, autoscaling::cells(autoscaler))
        }
        Object::Event(event) => event_cells(event, now, wide),
        Object::PodDisruptionBudget(_)
        | Object::PriorityClass(_)
        | Object::LimitRange(_)
        | Object::ResourceQuota(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_) => limits::cells(object, now),
        Object::Unsimulated(other) => name_and_age(&other.metadata, now, []),
    }
}

/// NAME first, AGE last.
fn name_and_age<const N: usize>(
    metadata: &ObjectMeta,
    now: Instant,
    between: [String; N],
) -> Vec<String> {
    let mut cells = vec![metadata.name.clone()];
    cells.extend(between);
    cells.push(age(now, metadata.creation_timestamp));
    cells
}

fn pod_cells(pod: &Pod, now: Instant) -> Vec<String> {
    let row = print_pod(pod, now);
    vec![
        row.name.clone(),
        row.ready(),
        row.status,
        row.restarts_text,
        row.age,
        row.ip,
        row.node,
        row.nominated_node,
        row.readiness_gates,
    ]
}

fn names_and_images(containers: &[Container]) -> [String; 2] {
    [list(containers.iter().map(|c| &c.name)), list(containers.iter().map(|c| &c.image))]
}

fn deployment_cells(deployment: &Deployment, now: Instant) -> Vec<String> {
    let Deployment { metadata, spec, status } = deployment;
    let mut cells = name_and_age(
        metadata,
        now,
        [
            format!("{}/{}", status.ready_replicas, spec.replicas.unwrap_or(1)),
            status.updated_replicas.to_string(),
            status.available_replicas.to_string(),
        ],
    );
    cells.extend(names_and_images(&spec.template.spec.containers));
    cells.push(spec.selector.as_ref().map_or_else(|| or_none(""), format));
    cells
}

fn replica_set_cells(replica_set: &ReplicaSet, now: Instant) -> Vec<String> {
    let ReplicaSet { metadata, spec, status, .. } = replica_set;
    let mut cells = name_and_age(
        metadata,
        now,
        [
            spec.replicas.unwrap_or(1).to_string(),
            status.replicas.to_string(),
            status.ready_replicas.to_string(),
        ],
    );
    cells.extend(names_and_images(&spec.template.spec.containers));
    cells.push(spec.selector.as_ref().map_or_else(|| or_none(""), format));
    cells
}

fn stateful_set_cells(set: &StatefulSet, now: Instant) -> Vec<String> {
    let StatefulSet { metadata, spec, status } = set;
    let ready = format!("{}/{}", status.ready_replicas, spec.replicas.unwrap_or(1));
    let mut cells = name_and_age(metadata, now, [ready]);
    cells.extend(names_and_images(&spec.template.spec.containers));
    cells
}

fn daemon_set_cells(set: &DaemonSet, now: Instant) -> Vec<String> {
    let DaemonSet { metadata, spec, status } = set;
    let mut cells = name_and_age(
        metadata,
        now,
        [
            status.desired_number_scheduled.to_string(),
            status.current_number_scheduled.to_string(),
            status.number_ready.to_string(),
            status.updated_number_scheduled.to_string(),
            status.number_available.to_string(),
            format_labels(&spec.template.spec.node_selector),
        ],
    );
    cells.extend(names_and_images(&spec.template.spec.containers));
    cells.push(spec.selector.as_ref().map_or_else(|| or_none(""), format));
    cells
}

fn job_cells(job: &Job, now: Instant) -> Vec<String> {
    let Job { metadata, spec, status } = job;
    let succeeded = status.succeeded;
    let completions = match (spec.completions, spec.parallelism.unwrap_or(0)) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let duration = match (status.start_time, status.completion_time) {
        (None, _) => String::new(),
        (Some(start), end) => end.unwrap_or(now).since(start).human(),
    };
    let mut cells = name_and_age(metadata, now, [job_status(job), completions, duration]);
    cells.extend(names_and_images(&spec.template.spec.containers));
    cells.push(spec.selector.as_ref().map_or_else(|| or_none(""), format));
    cells
}

/// STATUS of a Job.
///
/// Models printJob of printers.go.
pub fn job_status(job: &Job) -> String {
    let is = |kind: &str| job.status.is_true(kind);
    let word = if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if job.metadata.deletion_timestamp.is_some() {
        "Terminating"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else if is("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    };
    word.to_owned()
}

fn cron_job_cells(cron_job: &CronJob, now: Instant) -> Vec<String> {
    let CronJob { metadata, spec, status } = cron_job;
    let suspended = if spec.suspend == Some(true) { "True" } else { "False" };
    let mut cells = name_and_age(
        metadata,
        now,
        [
            spec.schedule.clone(),
            spec.time_zone.clone().unwrap_or_else(|| or_none("")),
            suspended.to_owned(),
            status.active.len().to_string(),
            status.last_schedule_time.map_or_else(|| or_none(""), |last| age(now, Some(last))),
        ],
    );
    let job = &spec.job_template.spec;
    cells.extend(names_and_images(&job.template.spec.containers));
    cells.push(job.selector.as_ref().map_or_else(|| or_none(""), format));
    cells
}

fn service_cells(service: &Service, now: Instant) -> Vec<String> {
    let spec = &service.spec;
    let kind = if spec.kind.is_empty() { "ClusterIP" } else { &spec.kind };
    let external = if kind == "ExternalName" {
        spec.external_name.clone()
    } else if !spec.external_ips.is_empty() {
        list(spec.external_ips.iter())
    } else if kind == "LoadBalancer" {
        // Nothing here hands out addresses of load balancers.
        "<pending>".to_owned()
    } else {
        or_none("")
    };
    let ports = list(spec.ports.iter().map(|port| {
        if port.node_port > 0 {
            format!("{}:{}/{}", port.port, port.node_port, port.protocol)
        } else {
            format!("{}/{}", port.port, port.protocol)
        }
    }));
    let mut cells = name_and_age(
        &service.metadata,
        now,
        [kind.to_owned(), or_none(&spec.cluster_ip), external, or_none(&ports)],
    );
    cells.push(format_labels(&spec.selector));
    cells
}

fn slice_cells(slice: &EndpointSlice, now: Instant) -> Vec<String> {
    let unset = |text: String| if text.is_empty() { "<unset>".to_owned() } else { text };
    let addresses = slice.endpoints.iter().flat_map(|endpoint| &endpoint.addresses);
    name_and_age(
        &slice.metadata,
        now,
        [
            slice.address_type.clone(),
            unset(list_some(slice.ports.iter().map(|port| port.port))),
            unset(list_some(addresses)),
        ],
    )
}

/// `ip:port` of everything ready behind a Service, as Endpoints hold it.
fn endpoints_of(service: &Service, state: &State<'_>) -> String {
    let mut ready = Vec::new();
    let mut known = false;
    for slice in slices_of(service, state) {
        let listed: Vec<_> = slice.endpoints.iter().filter(|e| !e.conditions.terminating).collect();
        known |= !listed.is_empty();
        let addresses: Vec<&String> =
            listed.iter().filter(|e| e.conditions.ready).flat_map(|e| &e.addresses).collect();
        if slice.ports.is_empty() {
            ready.extend(addresses.iter().map(|address| (*address).clone()));
        }
        for port in &slice.ports {
            ready.extend(addresses.iter().map(|address| format!("{address}:{}", port.port)));
        }
    }
    // With addresses that are all unready the cell is empty; without any it says so.
    if known { list_some(ready.iter()) } else { or_none("") }
}

/// The EndpointSlices of a Service.
pub fn slices_of<'s>(
    service: &'s Service,
    state: &'s State<'_>,
) -> impl Iterator<Item = &'s EndpointSlice> {
    state.objects.iter().filter_map(|object| match object {
        Object::EndpointSlice(slice)
            if slice.metadata.namespace == service.metadata.namespace
                && slice.metadata.labels.get(SERVICE_NAME) == Some(&service.metadata.name) =>
        {
            Some(&**slice)
        }
        _ => None,
    })
}

fn config_map_cells(config_map: &ConfigMap, now: Instant) -> Vec<String> {
    let count = config_map.data.len() + config_map.binary_data.len();
    name_and_age(&config_map.metadata, now, [count.to_string()])
}

fn secret_cells(secret: &Secret, now: Instant) -> Vec<String> {
    let kind = if secret.kind.is_empty() { "Opaque" } else { &secret.kind };
    let added = secret.string_data.keys().filter(|key| !secret.data.contains_key(*key)).count();
    let count = secret.data.len() + added;
    name_and_age(&secret.metadata, now, [kind.to_owned(), count.to_string()])
}

fn namespace_cells(namespace: &Namespace, now: Instant) -> Vec<String> {
    let phase = if namespace.phase.is_empty() { "Active" } else { &namespace.phase };
    name_and_age(&namespace.metadata, now, [phase.to_owned()])
}

fn node_cells(node: &Node, now: Instant) -> Vec<String> {
    let mut status = if node.status.ready() { "Ready" } else { "NotReady" }.to_owned();
    if node.spec.unschedulable {
        status.push_str(",SchedulingDisabled");
    }
    vec![
        node.metadata.name.clone(),
        status,
        node_roles(&node.metadata.labels),
        age(now, node.metadata.creation_timestamp),
        format!("v{}.2", KubeVersion::LATEST),
        or_none(&node.status.internal_ip),
        or_none(""),
        OS_IMAGE.to_owned(),
        KERNEL.to_owned(),
        RUNTIME.to_owned(),
    ]
}

/// Roles that the labels of a node give it.
pub fn node_roles(labels: &Labels) -> String {
    let mut roles: Vec<&str> = labels
        .iter()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None => (key == "kubernetes.io/role").then_some(value),
        })
        .filter(|role| !role.is_empty())
        .collect();
    crate::order::sort(&mut roles);
    roles.dedup();
    or_none(&roles.join(","))
}

fn event_cells(event: &Event, now: Instant, wide: bool) -> Vec<String> {
    let message = event.message.trim().to_owned();
    let mut cells = vec![
        events::last_seen(event, now),
        event.kind.clone(),
        event.reason.clone(),
        events::object(event),
    ];
    if wide {
        let source = if event.host.is_empty() {
            event.source.clone()
        } else {
            format!("{}, {}", event.source, event.host)
        };
        cells.extend([
            event.field_path.clone(),
            source,
            message,
            events::first_seen(event, now),
            event.count.max(1).to_string(),
            event.metadata.name.clone(),
        ]);
    } else {
        cells.push(message);
    }
    cells
}

/// Items with commas between.
fn list(items: impl Iterator<Item = impl Display>) -> String {
    let mut text = String::new();
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&item.to_string());
    }
    text
}

/// The first few items, and how many more there are.
///
/// Models listWithMoreString of printers.go.
pub fn list_some(items: impl Iterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    let mut text = list(items.iter().take(LISTED));
    if items.len() > LISTED {
        text.push_str(&format!(" + {} more...", items.len() - LISTED));
    }
    text
}
