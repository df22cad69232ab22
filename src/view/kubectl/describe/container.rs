//! Containers, volumes and tolerations in a description: those of a Pod and those of a template.

use crate::manifest::pod::{
    Container, ContainerPort, ContainerState, ContainerStatus, EnvVar, Pod, ResourceRequirements,
    Toleration, TopologySpreadConstraint,
};
use crate::manifest::probe::Probe;
use crate::manifest::quantity::Quantity;
use crate::manifest::selector;
use crate::manifest::volume::{ResourceFieldSelector, Volume, VolumeProjection};
use crate::time::Instant;
use crate::view::kubectl::pod_row::or_none;

use super::Writer;

/// Where containers stand: in a Pod, with statuses, or in a template, without.
pub(super) enum Place<'p> {
    /// In this Pod.
    Pod(&'p Pod),
    /// In the template of a controller.
    Template,
}

impl Place<'_> {
    /// What indents the titles.
    const fn space(&self) -> &'static str {
        match self {
            Self::Pod(_) => "",
            Self::Template => "  ",
        }
    }

    /// What indents the names under the titles.
    const fn name_indent(&self) -> &'static str {
        match self {
            Self::Pod(_) => "",
            Self::Template => " ",
        }
    }
}

/// Writes containers under a title.
pub(super) fn containers(
    w: &mut Writer,
    title: &str,
    containers: &[Container],
    statuses: &[ContainerStatus],
    place: &Place<'_>,
) {
    let none = if containers.is_empty() { " <none>" } else { "" };
    w.line(0, &format!("{}{title}:{none}", place.space()));
    for container in containers {
        let status = statuses.iter().find(|status| status.name == container.name);
        w.line(1, &format!("{}{}:", place.name_indent(), container.name));
        basics(w, container, status);
        command(w, "Command", &container.command);
        command(w, "Args", &container.args);
        if let Some(status) = status {
            state(w, "State", &status.state);
            if status.last_state.terminated.is_some() {
                state(w, "Last State", &status.last_state);
            }
            w.field(2, "Ready", if status.ready { "True" } else { "False" });
            w.field(2, "Restart Count", &status.restart_count.to_string());
        }
        resources(w, 2, &container.resources);
        let probes = [
            ("Liveness", &container.liveness_probe),
            ("Readiness", &container.readiness_probe),
            ("Startup", &container.startup_probe),
        ];
        for (label, probe) in probes {
            if let Some(probe) = probe {
                w.field(2, label, &describe_probe(probe));
            }
        }
        env_from(w, container);
        env(w, container, place);
        mounts(w, container);
    }
}

fn basics(w: &mut Writer, container: &Container, status: Option<&ContainerStatus>) {
    if let Some(status) = status {
        w.field(2, "Container ID", &status.container_id);
    }
    w.field(2, "Image", &container.image);
    if let Some(status) = status {
        w.field(2, "Image ID", &status.image_id);
    }
    let list = |number: fn(&ContainerPort) -> i32| {
        let ports: Vec<String> = container
            .ports
            .iter()
            .map(|port| {
                let name = match port.name.as_str() {
                    "" => String::new(),
                    name => format!(" ({name})"),
                };
                format!("{}/{}{name}", number(port), port.protocol)
            })
            .collect();
        ports.join(", ")
    };
    let several = if container.ports.len() > 1 { "s" } else { "" };
    w.field(2, &format!("Port{several}"), &or_none(&list(|port| port.container_port)));
    w.field(2, &format!("Host Port{several}"), &or_none(&list(|port| port.host_port)));
}

fn command(w: &mut Writer, label: &str, words: &[String]) {
    if !words.is_empty() {
        w.line(2, &format!("{label}:"));
    }
    for line in words.iter().flat_map(|word| word.split('\n')) {
        w.line(3, line);
    }
}

fn time(at: Option<Instant>) -> String {
    // Go prints its own beginning of time where the API has none.
    at.map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), Instant::rfc1123z)
}

fn state(w: &mut Writer, label: &str, state: &ContainerState) {
    if let Some(running) = &state.running {
        w.field(2, label, "Running");
        w.field(3, "Started", &time(running.started_at));
    } else if let Some(waiting) = &state.waiting {
        w.field(2, label, "Waiting");
        if !waiting.reason.is_empty() {
            w.field(3, "Reason", &waiting.reason);
        }
    } else if let Some(ended) = &state.terminated {
        w.field(2, label, "Terminated");
        if !ended.reason.is_empty() {
            w.field(3, "Reason", &ended.reason);
        }
        if !ended.message.is_empty() {
            w.field(3, "Message", &ended.message);
        }
        w.field(3, "Exit Code", &ended.exit_code.to_string());
        if ended.signal > 0 {
            w.field(3, "Signal", &ended.signal.to_string());
        }
        w.field(3, "Started", &time(ended.started_at));
        w.field(3, "Finished", &time(ended.finished_at));
    } else {
        w.field(2, label, "Waiting");
    }
}

/// Writes limits and requests.
pub(super) fn resources(w: &mut Writer, level: usize, resources: &ResourceRequirements) {
    for (label, amounts) in [("Limits", &resources.limits), ("Requests", &resources.requests)] {
        if !amounts.is_empty() {
            w.line(level, &format!("{label}:"));
        }
        for (name, amount) in amounts {
            w.field(level + 1, name, amount.text());
        }
    }
}

fn describe_probe(probe: &Probe) -> String {
    let numbers = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds,
        probe.timeout_seconds,
        probe.period_seconds,
        probe.success_threshold,
        probe.failure_threshold
    );
    let what = if let Some(exec) = &probe.exec {
        format!("exec [{}]", exec.command.join(" "))
    } else if let Some(get) = &probe.http_get {
        let host =
            if get.host.contains(':') { format!("[{}]", get.host) } else { get.host.clone() };
        let slash = if get.path.is_empty() || get.path.starts_with('/') { "" } else { "/" };
        let path = get.path.replace('%', "%25").replace('?', "%3F").replace(' ', "%20");
        let scheme = get.scheme.to_ascii_lowercase();
        let colon = if scheme.is_empty() { "" } else { ":" };
        format!("http-get {scheme}{colon}//{host}:{}{slash}{path}", get.port)
    } else if let Some(socket) = &probe.tcp_socket {
        format!("tcp-socket {}:{}", socket.host, socket.port)
    } else if let Some(grpc) = &probe.grpc {
        format!("grpc <pod>:{} {}", grpc.port, grpc.service.as_deref().unwrap_or_default())
    } else {
        "unknown".to_owned()
    };
    format!("{what} {numbers}")
}

fn env_from(w: &mut Writer, container: &Container) {
    if container.env_from.is_empty() {
        return;
    }
    w.line(2, "Environment Variables from:");
    for source in &container.env_from {
        let (kind, reference) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(reference), _) => ("ConfigMap", Some(reference)),
            (None, Some(reference)) => ("Secret", Some(reference)),
            (None, None) => ("", None),
        };
        let prefix = match source.prefix.as_str() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        let name = reference.map_or("", |reference| reference.name.as_str());
        let optional = reference.is_some_and(|reference| reference.optional == Some(true));
        w.line(3, &format!("{name}\t{kind}{prefix}\tOptional: {optional}"));
    }
}

fn env(w: &mut Writer, container: &Container, place: &Place<'_>) {
    if container.env.is_empty() {
        return w.field(2, "Environment", "<none>");
    }
    w.line(2, "Environment:");
    for EnvVar { name, value, value_from } in &container.env {
        let Some(source) = value_from else {
            for (index, line) in value.split('\n').enumerate() {
                if index == 0 {
                    w.field(3, name, line);
                } else {
                    w.line(3, &format!("\t{line}"));
                }
            }
            continue;
        };
        if let Some(field) = &source.field_ref {
            let value = match place {
                Place::Pod(pod) => pod_field(pod, &field.field_path),
                Place::Template => String::new(),
            };
            let version = if field.api_version.is_empty() { "v1" } else { &field.api_version };
            w.field(3, name, &format!("{value} ({version}:{})", field.field_path));
        } else if let Some(field) = &source.resource_field_ref {
            let value = resource_field(container, field);
            w.field(3, name, &format!("{value} ({})", field.resource));
        } else if let Some(key) = &source.secret_key_ref {
            let optional = key.optional == Some(true);
            let set = format!("<set to the key '{}' in secret '{}'>", key.key, key.name);
            w.field(3, name, &format!("{set}\tOptional: {optional}"));
        } else if let Some(key) = &source.config_map_key_ref {
            let optional = key.optional == Some(true);
            let set = format!("<set to the key '{}' of config map '{}'>", key.key, key.name);
            w.field(3, name, &format!("{set}\tOptional: {optional}"));
        }
    }
}

/// A field of a Pod as the downward API names it.
///
/// Models kubectl/pkg/util/fieldpath ExtractFieldPathAsString.
fn pod_field(pod: &Pod, path: &str) -> String {
    let subscript = |prefix: &str| {
        path.strip_prefix(prefix)?
            .strip_suffix("']")
            .or_else(|| path.strip_prefix(&prefix.replace('\'', "\""))?.strip_suffix("\"]"))
    };
    if let Some(key) = subscript("metadata.labels['") {
        return pod.metadata.labels.get(key).cloned().unwrap_or_default();
    }
    if let Some(key) = subscript("metadata.annotations['") {
        return pod.metadata.annotations.get(key).cloned().unwrap_or_default();
    }
    match path {
        "metadata.name" => pod.metadata.name.clone(),
        "metadata.namespace" => pod.metadata.namespace.clone(),
        "metadata.uid" => pod.metadata.uid.clone(),
        // kubectl itself resolves metadata only; what the kubelet resolves stays blank.
        _ => String::new(),
    }
}

/// A request or limit in units of its divisor, rounded up.
///
/// Models kubectl/pkg/util/resource ExtractContainerResourceValue.
fn resource_field(container: &Container, field: &ResourceFieldSelector) -> String {
    let (amounts, name) = match field.resource.split_once('.') {
        Some(("limits", name)) => (&container.resources.limits, name),
        Some(("requests", name)) => (&container.resources.requests, name),
        Some(_) | None => return String::new(),
    };
    let measure = |quantity: &Quantity| {
        if name == "cpu" { quantity.milli_value() } else { quantity.value() }
    };
    let unit = if name == "cpu" { 1_000 } else { 1 };
    let divisor = field.divisor.as_ref().map_or(0, measure);
    let divisor = if divisor <= 0 { unit } else { divisor };
    let amount = amounts.get(name).map_or(0, measure);
    let value = amount / divisor + i64::from(amount % divisor > 0);
    if value == 0 && matches!(field.resource.as_str(), "limits.cpu" | "limits.memory") {
        return "node allocatable".to_owned();
    }
    value.to_string()
}

fn mounts(w: &mut Writer, container: &Container) {
    if container.volume_mounts.is_empty() {
        return w.field(2, "Mounts", "<none>");
    }
    w.line(2, "Mounts:");
    let mut mounts: Vec<_> = container.volume_mounts.iter().collect();
    crate::order::sort_by(&mut mounts, |a, b| a.mount_path.cmp(&b.mount_path));
    for mount in mounts {
        let access = if mount.read_only { "ro" } else { "rw" };
        let path = match mount.sub_path.as_str() {
            "" => String::new(),
            path => format!(",path={path:?}"),
        };
        w.line(3, &format!("{} from {} ({access}{path})", mount.mount_path, mount.name));
    }
}

/// Writes the volumes.
pub(super) fn volumes(w: &mut Writer, volumes: &[Volume], place: &Place<'_>) {
    let space = place.space();
    if volumes.is_empty() {
        return w.line(0, &format!("{space}Volumes:\t<none>"));
    }
    w.line(0, &format!("{space}Volumes:"));
    for volume in volumes {
        w.line(1, &format!("{}{}:", place.name_indent(), volume.name));
        describe_volume(w, volume);
    }
}

fn describe_volume(w: &mut Writer, volume: &Volume) {
    let optional = |optional: Option<bool>| (optional == Some(true)).to_string();
    if let Some(host) = &volume.host_path {
        w.field(2, "Type", "HostPath (bare host directory volume)");
        w.field(2, "Path", &host.path);
        // An empty type is written; only a missing one is none.
        w.field(2, "HostPathType", host.kind.as_deref().unwrap_or("<none>"));
    } else if let Some(empty) = &volume.empty_dir {
        w.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
        w.field(2, "Medium", &empty.medium);
        let limit = empty.size_limit.as_ref().filter(|limit| limit.value() > 0);
        w.field(2, "SizeLimit", limit.map_or("<unset>", Quantity::text));
    } else if let Some(secret) = &volume.secret {
        w.field(2, "Type", "Secret (a volume populated by a Secret)");
        w.field(2, "SecretName", &secret.secret_name);
        w.field(2, "Optional", &optional(secret.optional));
    } else if let Some(config_map) = &volume.config_map {
        w.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
        w.field(2, "Name", &config_map.name);
        w.field(2, "Optional", &optional(config_map.optional));
    } else if let Some(claim) = &volume.persistent_volume_claim {
        w.field(
            2,
            "Type",
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        );
        w.field(2, "ClaimName", &claim.claim_name);
        w.field(2, "ReadOnly", &claim.read_only.to_string());
    } else if let Some(downward) = &volume.downward_api {
        w.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
        w.line(2, "Items:");
        for item in &downward.items {
            if let Some(field) = &item.field_ref {
                w.line(3, &format!("{} -> {}", field.field_path, item.path));
            }
            if let Some(field) = &item.resource_field_ref {
                w.line(3, &format!("{} -> {}", field.resource, item.path));
            }
        }
    } else if let Some(projected) = &volume.projected {
        w.field(
            2,
            "Type",
            "Projected (a volume that contains injected data from multiple sources)",
        );
        for source in &projected.sources {
            projection(w, source);
        }
    } else {
        w.line(1, "<unknown>");
    }
}

fn projection(w: &mut Writer, source: &VolumeProjection) {
    let optional = |optional: Option<bool>| (optional == Some(true)).to_string();
    if let Some(secret) = &source.secret {
        w.field(2, "SecretName", &secret.name);
        w.field(2, "Optional", &optional(secret.optional));
    } else if source.downward_api.is_some() {
        w.field(2, "DownwardAPI", "true");
    } else if let Some(config_map) = &source.config_map {
        w.field(2, "ConfigMapName", &config_map.name);
        w.field(2, "Optional", &optional(config_map.optional));
    } else if let Some(token) = &source.service_account_token {
        let seconds = token.expiration_seconds.unwrap_or(3_600);
        w.field(2, "TokenExpirationSeconds", &seconds.to_string());
    }
}

/// Writes the tolerations.
pub(super) fn tolerations(w: &mut Writer, label: &str, tolerations: &[Toleration]) {
    let mut sorted: Vec<&Toleration> = tolerations.iter().collect();
    crate::order::sort_by(&mut sorted, |a, b| a.key.cmp(&b.key));
    w.column(
        label,
        sorted.into_iter().map(|toleration| {
            let mut text = toleration.key.clone();
            if !toleration.value.is_empty() {
                text.push_str(&format!("={}", toleration.value));
            }
            if !toleration.effect.is_empty() {
                text.push_str(&format!(":{}", toleration.effect));
            }
            if toleration.operator == "Exists" && toleration.value.is_empty() {
                text.push_str(if text.is_empty() { "op=Exists" } else { " op=Exists" });
            }
            if let Some(seconds) = toleration.toleration_seconds {
                text.push_str(&format!(" for {seconds}s"));
            }
            text
        }),
    );
}

/// Writes the topology spread constraints, when there are any.
pub(super) fn topology_spread(
    w: &mut Writer,
    constraints: &[TopologySpreadConstraint],
    place: &Place<'_>,
) {
    if constraints.is_empty() {
        return;
    }
    let mut sorted: Vec<&TopologySpreadConstraint> = constraints.iter().collect();
    crate::order::sort_by(&mut sorted, |a, b| a.topology_key.cmp(&b.topology_key));
    for (index, constraint) in sorted.into_iter().enumerate() {
        let label = if index == 0 { "Topology Spread Constraints:" } else { "" };
        let selector = constraint
            .label_selector
            .as_ref()
            .map(|selector| format!(" for selector {}", selector::format(selector)))
            .unwrap_or_default();
        w.line(
            0,
            &format!(
                "{}{label}\t{}:{} when max skew {} is exceeded{selector}",
                place.space(),
                constraint.topology_key,
                constraint.when_unsatisfiable,
                constraint.max_skew
            ),
        );
    }
}
