//! Containers: names, images, ports, environment, resources, restart rules.
//!
//! Models pkg/apis/core/validation/validation.go validateContainerCommon and its neighbours.

use crate::manifest::pod::{
    Container, ContainerPort, EnvVar, EnvVarSource, PodSpec, ResourceRequirements, SecurityContext,
};
use crate::manifest::qos;
use crate::manifest::quantity::Quantity;
use crate::manifest::validate::meta::{dns_label, dns_subdomain, qualified_name};
use crate::manifest::validate::number::{id, port_name, port_number};
use crate::manifest::validate::profile::profiles;
use crate::manifest::validate::{FINDINGS_LIMIT, Findings, probe, quoted, volume};
use crate::map::{Map, Set};
use crate::version::Feature;

/// Checks the regular containers.
pub fn containers(spec: &PodSpec, path: &str, findings: &mut Findings) {
    if spec.containers.is_empty() {
        findings.required(&format!("{path}.containers"), "");
        return;
    }
    let grace = spec.grace_period_seconds();
    let volumes = spec.volumes.iter().map(|volume| volume.name.as_str()).collect();
    let mut names = Set::new();
    for (index, container) in spec.containers.iter().enumerate() {
        let field = format!("{path}.containers[{index}]");
        common(container, &volumes, &field, findings);
        if !container.name.is_empty() && !names.insert(&container.name) {
            findings.duplicate(&format!("{field}.name"), &container.name);
        }
        probe::all(container, grace, &field, findings);
        restart_policy(container, &field, findings);
    }
    host_ports(&spec.containers, 0, path, "containers", findings);
}

/// Checks the init containers.
pub fn init_containers(spec: &PodSpec, path: &str, findings: &mut Findings) {
    let grace = spec.grace_period_seconds();
    let volumes = spec.volumes.iter().map(|volume| volume.name.as_str()).collect();
    let mut names: Set<&String> = spec.containers.iter().map(|c| &c.name).collect();
    for (index, container) in spec.init_containers.iter().enumerate() {
        let field = format!("{path}.initContainers[{index}]");
        common(container, &volumes, &field, findings);
        restart_policy(container, &field, findings);
        if !container.name.is_empty() && !names.insert(&container.name) {
            findings.duplicate(&format!("{field}.name"), &container.name);
        }
        host_ports(std::slice::from_ref(container), index, path, "initContainers", findings);
        if container.is_sidecar() {
            probe::all(container, grace, &field, findings);
            continue;
        }
        for (at, policy) in container.resize_policy.iter().enumerate() {
            if policy.restart_policy == "RestartContainer" {
                let field = format!("{field}.resizePolicy[{at}].restartPolicy");
                let rule = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                findings.invalid_text(&field, &policy.restart_policy, rule);
            }
        }
        let rule = "may not be set for init containers without restartPolicy=Always";
        for (name, set) in [
            ("lifecycle", container.lifecycle.is_some()),
            ("livenessProbe", container.liveness_probe.is_some()),
            ("readinessProbe", container.readiness_probe.is_some()),
            ("startupProbe", container.startup_probe.is_some()),
        ] {
            if set {
                findings.forbidden(&format!("{field}.{name}"), rule);
            }
        }
    }
}

fn common(container: &Container, volumes: &Set<&str>, field: &str, findings: &mut Findings) {
    let name = format!("{field}.name");
    if container.name.is_empty() {
        findings.required(&name, "");
    } else {
        for fault in dns_label(&container.name) {
            findings.invalid_text(&name, &container.name, &fault);
        }
    }
    let image = format!("{field}.image");
    if container.image.is_empty() {
        findings.required(&image, "");
    }
    let policies = ["File", "FallbackToLogsOnError"];
    if !policies.contains(&container.termination_message_policy.as_str()) {
        let policy = &container.termination_message_policy;
        findings.unsupported(&format!("{field}.terminationMessagePolicy"), policy, &policies);
    }
    ports(&container.ports, &format!("{field}.ports"), findings);
    for (index, variable) in container.env.iter().enumerate() {
        environment(variable, &format!("{field}.env[{index}]"), findings);
    }
    env_from(container, field, findings);
    volume::mounts(container, volumes, &format!("{field}.volumeMounts"), findings);
    let policies = ["Always", "IfNotPresent", "Never"];
    if !policies.contains(&container.image_pull_policy.as_str()) {
        let policy = &container.image_pull_policy;
        findings.unsupported(&format!("{field}.imagePullPolicy"), policy, &policies);
    }
    resources(&container.resources, &format!("{field}.resources"), findings);
    resize_policy(container, field, findings);
    if let Some(context) = &container.security_context {
        security_context(context, &format!("{field}.securityContext"), findings);
    }
}

/// Checks what only Pods are held to, and templates are not.
pub fn pod_images(spec: &PodSpec, findings: &mut Findings) {
    for (list, containers) in
        [("containers", &spec.containers), ("initContainers", &spec.init_containers)]
    {
        for (index, container) in containers.iter().enumerate() {
            if container.image.trim() != container.image {
                let rule = "must not have leading or trailing whitespace";
                let field = format!("spec.{list}[{index}].image");
                findings.invalid_text(&field, &container.image, rule);
            }
        }
    }
}

fn resize_policy(container: &Container, field: &str, findings: &mut Findings) {
    let field = format!("{field}.resizePolicy");
    let mut names = Set::new();
    for (at, policy) in container.resize_policy.iter().enumerate() {
        let name = policy.resource_name.as_str();
        if !names.insert(name) {
            findings.duplicate(&format!("{field}[{at}]"), name);
        }
        if !["cpu", "memory"].contains(&name) {
            findings.unsupported(&field, name, &["cpu", "memory"]);
        }
        let possible = ["NotRequired", "RestartContainer"];
        if !possible.contains(&policy.restart_policy.as_str()) {
            findings.unsupported(&field, &policy.restart_policy, &possible);
        }
    }
}

fn restart_policy(container: &Container, field: &str, findings: &mut Findings) {
    let policy = format!("{field}.restartPolicy");
    match container.restart_policy.as_deref() {
        None => {
            if !container.restart_policy_rules.is_empty() {
                let rule = "must specify restartPolicy when restart rules are used";
                findings.required(&policy, rule);
            }
        }
        Some("Always" | "Never" | "OnFailure") => {}
        Some(other) => {
            findings.unsupported(&policy, other, &["Always", "Never", "OnFailure"]);
        }
    }
    let rules = &container.restart_policy_rules;
    if rules.len() > 20 {
        findings.too_many(&format!("{field}.restartPolicyRules"), rules.len(), 20);
    }
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("{field}.restartPolicyRules[{index}]");
        let actions = ["Restart", "RestartAllContainers"];
        if !actions.contains(&rule.action.as_str()) {
            findings.unsupported(&format!("{field}.action"), &rule.action, &actions);
        }
        let field = format!("{field}.exitCodes");
        let Some(codes) = &rule.exit_codes else {
            findings.required(&field, "must be specified");
            continue;
        };
        if !["In", "NotIn"].contains(&codes.operator.as_str()) {
            findings.unsupported(&format!("{field}.operator"), &codes.operator, &["In", "NotIn"]);
        }
        if codes.values.len() > 255 {
            findings.too_many(&format!("{field}.values"), codes.values.len(), 255);
        }
    }
}

fn ports(ports: &[ContainerPort], field: &str, findings: &mut Findings) {
    let mut names = Set::new();
    for (index, port) in ports.iter().enumerate() {
        let field = format!("{field}[{index}]");
        if !port.name.is_empty() {
            let name = format!("{field}.name");
            let faults = port_name(&port.name);
            if faults.is_empty() && !names.insert(&port.name) {
                findings.duplicate(&name, &port.name);
            }
            for fault in faults {
                findings.invalid_text(&name, &port.name, fault);
            }
        }
        if port.container_port == 0 {
            findings.required(&format!("{field}.containerPort"), "");
        } else {
            port_number(port.container_port, &format!("{field}.containerPort"), findings);
        }
        if port.host_port != 0 {
            port_number(port.host_port, &format!("{field}.hostPort"), findings);
        }
        if !["TCP", "UDP", "SCTP"].contains(&port.protocol.as_str()) {
            let possible = ["SCTP", "TCP", "UDP"];
            findings.unsupported(&format!("{field}.protocol"), &port.protocol, &possible);
        }
    }
}

fn host_ports(
    containers: &[Container],
    first: usize,
    path: &str,
    list: &str,
    findings: &mut Findings,
) {
    let mut taken = Set::new();
    for (index, container) in containers.iter().enumerate() {
        for (at, port) in container.ports.iter().enumerate().filter(|(_, p)| p.host_port != 0) {
            let key = format!("{}/{}/{}", port.protocol, port.host_ip, port.host_port);
            if !taken.insert(key.clone()) {
                let index = first + index;
                let field = format!("{path}.{list}[{index}].ports[{at}].hostPort");
                findings.duplicate(&field, &key);
            }
        }
    }
}

fn environment(variable: &EnvVar, field: &str, findings: &mut Findings) {
    let name = format!("{field}.name");
    if variable.name.is_empty() {
        findings.required(&name, "");
    } else {
        variable_name(&variable.name, &name, findings);
    }
    if let Some(source) = &variable.value_from {
        value_from(variable, source, &format!("{field}.valueFrom"), findings);
    }
}

/// Models IsRelaxedEnvVarName, and IsEnvVarName before it.
fn variable_name(name: &str, field: &str, findings: &mut Findings) {
    if findings.version.has(Feature::RelaxedEnvironmentNames) {
        if !name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
            let rule = "a valid environment variable name must consist only of printable ASCII \
                        characters other than '='";
            findings.invalid_text(field, name, rule);
        }
        return;
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if !name.bytes().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
        let rule = "a valid environment variable name must consist of alphabetic characters, \
                    digits, '_', '-', or '.', and must not start with a digit (e.g. \
                    'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation \
                    is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
        findings.invalid_text(field, name, rule);
    }
    dots(name, field, findings);
}

/// Models hasChDirPrefix.
fn dots(name: &str, field: &str, findings: &mut Findings) {
    let rule = match name {
        "." => "must not be '.'",
        ".." => "must not be '..'",
        _ if name.starts_with("..") => "must not start with '..'",
        _ => return,
    };
    findings.invalid_text(field, name, rule);
}

fn value_from(variable: &EnvVar, source: &EnvVarSource, field: &str, findings: &mut Findings) {
    if let Some(reference) = &source.field_ref {
        field_path(&reference.field_path, &format!("{field}.fieldRef"), findings);
    }
    if let Some(reference) = &source.resource_field_ref {
        resource_field(&reference.resource, &format!("{field}.resourceFieldRef"), findings);
    }
    for (name, reference) in
        [("configMapKeyRef", &source.config_map_key_ref), ("secretKeyRef", &source.secret_key_ref)]
    {
        if let Some(reference) = reference {
            // An empty name is none, and no subdomain either.
            for fault in dns_subdomain(&reference.name) {
                findings.invalid_text(&format!("{field}.{name}.name"), &reference.name, &fault);
            }
            if reference.key.is_empty() {
                findings.required(&format!("{field}.{name}.key"), "");
            }
        }
    }
    let sources = usize::from(source.field_ref.is_some())
        + usize::from(source.resource_field_ref.is_some())
        + usize::from(source.config_map_key_ref.is_some())
        + usize::from(source.secret_key_ref.is_some())
        + usize::from(source.file_key_ref.is_some());
    if sources == 0 {
        let rule = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or \
                    `secretKeyRef`";
        findings.invalid_text(field, "", rule);
    }
    if !variable.value.is_empty() {
        if sources != 0 {
            let rule = "may not be specified when `value` is not empty";
            findings.invalid_text(field, "", rule);
        }
    } else if sources > 1 {
        let rule = "may not have more than one field specified at a time";
        findings.invalid_text(field, "", rule);
    }
}

/// The fields of a Pod that a variable can hold, sorted as they are printed.
const VARIABLE_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// The resources that a variable can hold, sorted as they are printed.
const VARIABLE_RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

fn resource_field(resource: &str, field: &str, findings: &mut Findings) {
    let field = format!("{field}.resource");
    if resource.is_empty() {
        findings.required(&field, "");
    } else if !VARIABLE_RESOURCES.contains(&resource)
        && !resource.starts_with("limits.hugepages-")
        && !resource.starts_with("requests.hugepages-")
    {
        findings.unsupported(&field, resource, VARIABLE_RESOURCES);
    }
}

fn field_path(path: &str, reference: &str, findings: &mut Findings) {
    let field = &format!("{reference}.fieldPath");
    if path.is_empty() {
        findings.required(field, "");
        return;
    }
    if VARIABLE_FIELDS.contains(&path) {
        return;
    }
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        if !["metadata.labels", "metadata.annotations"].contains(&map) {
            let rule = format!(
                "error converting fieldPath: field label does not support subscript: {path}"
            );
            findings.invalid_text(field, path, &rule);
            return;
        }
        let key = if map.ends_with("labels") { key.to_owned() } else { key.to_lowercase() };
        for fault in qualified_name(&key) {
            findings.invalid_text(reference, &key, &fault);
        }
        return;
    }
    // Fields that selectors know and variables do not; pkg/apis/core/v1/conversion.go.
    if matches!(
        path,
        "metadata.labels"
            | "metadata.annotations"
            | "spec.restartPolicy"
            | "spec.schedulerName"
            | "spec.hostNetwork"
            | "status.phase"
            | "status.nominatedNodeName"
    ) {
        findings.unsupported(field, path, VARIABLE_FIELDS);
    } else {
        let rule = format!("error converting fieldPath: field label not supported: {path}");
        findings.invalid_text(field, path, &rule);
    }
}

fn env_from(container: &Container, field: &str, findings: &mut Findings) {
    let list = format!("{field}.envFrom");
    for (index, source) in container.env_from.iter().enumerate() {
        let field = format!("{list}[{index}]");
        if !source.prefix.is_empty() {
            variable_name(&source.prefix, &format!("{field}.prefix"), findings);
        }
        let sources = [("configMapRef", &source.config_map_ref), ("secretRef", &source.secret_ref)];
        for (name, reference) in sources {
            let Some(reference) = reference else { continue };
            let field = format!("{field}.{name}.name");
            if reference.name.is_empty() {
                findings.required(&field, "");
                continue;
            }
            for fault in dns_subdomain(&reference.name) {
                findings.invalid_text(&field, &reference.name, &fault);
            }
        }
        // The API server names no index here.
        match (&source.config_map_ref, &source.secret_ref) {
            (None, None) => {
                let rule = "must specify one of: `configMapRef` or `secretRef`";
                findings.invalid_text(&list, "", rule);
            }
            (Some(_), Some(_)) => {
                let rule = "may not have more than one field specified at a time";
                findings.invalid_text(&list, "", rule);
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
    }
}

/// Checks the resources of a whole Pod.
pub fn pod_resources(
    spec: &PodSpec,
    resources: &ResourceRequirements,
    field: &str,
    findings: &mut Findings,
) {
    self::resources(resources, field, findings);
    for (list, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for name in amounts.keys() {
            let supported =
                ["cpu", "memory"].contains(&name.as_str()) || name.starts_with("hugepages-");
            if !supported {
                let field = format!("{field}.{list}[{name}]");
                findings.unsupported(&field, name, &["cpu", "hugepages-", "memory"]);
            }
        }
    }
    // Models validatePodResourceConsistency.
    let mut alone = spec.clone();
    alone.resources = None;
    alone.overhead = Map::new();
    let zero = Quantity::from_units(0);
    for (name, sum) in qos::requests(&alone) {
        let own = resources.requests.get(&name).unwrap_or(&zero);
        let known = matches!(name.as_str(), "cpu" | "memory") || name.starts_with("hugepages-");
        if known && sum.compare(own).is_gt() {
            let rule = format!(
                "must be greater than or equal to aggregate container requests of {}",
                sum.text()
            );
            findings.invalid_text(&format!("{field}.requests[{name}]"), own.text(), &rule);
        }
    }
    for (index, container) in spec.containers.iter().enumerate() {
        for (name, limit) in &container.resources.limits {
            let Some(own) = resources.limits.get(name) else { continue };
            if limit.compare(own).is_gt() {
                let field = format!("{field}.containers[{index}][{name}].limits");
                let rule = format!("must be less than or equal to pod limits of {}", own.text());
                findings.invalid_text(&field, limit.text(), &rule);
            }
        }
    }
}

fn resources(resources: &ResourceRequirements, field: &str, findings: &mut Findings) {
    huge_pages(resources, field, findings);
    for (name, quantity) in &resources.limits {
        amount(name, quantity, &format!("{field}.limits[{name}]"), findings);
    }
    for (name, quantity) in &resources.requests {
        amount(name, quantity, &format!("{field}.requests[{name}]"), findings);
        let overcommit = is_native(name) && !name.starts_with("hugepages-");
        match resources.limits.get(name) {
            Some(limit) if !overcommit && quantity.compare(limit).is_ne() => {
                let rule = format!("must be equal to {name} limit of {}", limit.text());
                findings.invalid_text(&format!("{field}.requests"), quantity.text(), &rule);
            }
            Some(limit) if quantity.compare(limit).is_gt() => {
                let rule =
                    format!("must be less than or equal to {name} limit of {}", limit.text());
                findings.invalid_text(&format!("{field}.requests"), quantity.text(), &rule);
            }
            Some(_) => {}
            None if overcommit => {}
            None => findings.required(
                &format!("{field}.limits"),
                "Limit must be set for non overcommitable resources",
            ),
        }
    }
}

/// Huge pages alone are nothing that a scheduler can place.
fn huge_pages(resources: &ResourceRequirements, field: &str, findings: &mut Findings) {
    let mut names = resources.limits.keys().chain(resources.requests.keys());
    let huge = names.clone().any(|name| name.starts_with("hugepages-"));
    if huge && !names.any(|name| matches!(name.as_str(), "cpu" | "memory")) {
        findings.forbidden(field, "HugePages require cpu or memory");
    }
}

fn is_native(name: &str) -> bool {
    name.split_once('/').is_none_or(|(group, _)| group.ends_with("kubernetes.io"))
}

/// Checks the name of a resource that containers may have (`validateContainerResourceName`).
pub(super) fn resource_name(name: &str, field: &str, findings: &mut Findings) {
    for fault in qualified_name(name) {
        findings.invalid_text(field, name, &fault);
    }
    if !name.contains('/') {
        let for_containers = matches!(name, "cpu" | "memory" | "ephemeral-storage")
            || name.starts_with("hugepages-");
        let standard = for_containers
            || matches!(
                name,
                "pods"
                    | "services"
                    | "secrets"
                    | "configmaps"
                    | "storage"
                    | "resourcequotas"
                    | "replicationcontrollers"
                    | "persistentvolumeclaims"
            )
            || name.starts_with("requests.")
            || name.starts_with("limits.");
        if !standard {
            let rule = "must be a standard resource type or fully qualified";
            findings.invalid_text(field, name, rule);
        }
        if !for_containers {
            findings.invalid_text(field, name, "must be a standard resource for containers");
        }
    }
}

fn amount(name: &str, quantity: &Quantity, field: &str, findings: &mut Findings) {
    resource_name(name, field, findings);
    if quantity.nanos() < 0 {
        findings.invalid_text(field, quantity.text(), "must be greater than or equal to 0");
    } else if !is_native(name) && quantity.nanos() % 1_000_000_000 != 0 {
        findings.invalid_text(field, quantity.text(), "must be an integer");
    }
}

fn security_context(context: &SecurityContext, field: &str, findings: &mut Findings) {
    id(context.run_as_user, &format!("{field}.runAsUser"), findings);
    id(context.run_as_group, &format!("{field}.runAsGroup"), findings);
    let (seccomp, app_armor) = (&context.seccomp_profile, &context.app_armor_profile);
    profiles(seccomp.as_ref(), app_armor.as_ref(), field, findings);
    if context.privileged == Some(true) && context.allow_privilege_escalation == Some(false) {
        let or_null = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
        let flag = |value: Option<bool>| or_null(value.map(|value| value.to_string()));
        let number = |value: Option<i64>| or_null(value.map(|value| value.to_string()));
        // The whole internal object, as Go writes it.
        let object = format!(
            "{{\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\
             \"WindowsOptions\":null,\"RunAsUser\":{},\"RunAsGroup\":{},\"RunAsNonRoot\":{},\
             \"ReadOnlyRootFilesystem\":{},\"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\
             \"SeccompProfile\":null,\"AppArmorProfile\":null}}",
            number(context.run_as_user),
            number(context.run_as_group),
            flag(context.run_as_non_root),
            flag(context.read_only_root_filesystem),
        );
        let rule = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        findings.invalid(field, &object, rule);
    }
}

/// Ports, variables and amounts that are accepted with a warning.
pub fn warnings(spec: &PodSpec, path: &str, findings: &mut Findings) {
    let lists = [("initContainers", &spec.init_containers), ("containers", &spec.containers)];
    let mut seen: Map<(i32, &str), Vec<(String, &ContainerPort)>> = Map::new();
    for (list, containers) in lists {
        for (index, container) in containers.iter().enumerate() {
            let field = format!("{path}.{list}[{index}]");
            variable_warnings(container, &field, findings);
            amount_warnings(&container.resources, &format!("{field}.resources"), findings);
            for (at, port) in container.ports.iter().enumerate() {
                let field = format!("{field}.ports[{at}]");
                let same = seen.entry((port.container_port, &port.protocol)).or_default();
                if findings.warnings.len() < FINDINGS_LIMIT {
                    port_warnings(port, &field, same, findings);
                }
                same.push((field, port));
            }
        }
    }
}

fn port_warnings(
    port: &ContainerPort,
    field: &str,
    same: &[(String, &ContainerPort)],
    findings: &mut Findings,
) {
    for (other_field, other) in same {
        let what = if port.host_ip == other.host_ip && port.host_port == other.host_port {
            "duplicate"
        } else if port.host_port == 0 || other.host_port == 0 {
            "overlapping"
        } else if port.host_port == other.host_port
            && port.host_ip.is_empty() != other.host_ip.is_empty()
        {
            "dangerously ambiguous"
        } else {
            continue;
        };
        findings.warn(field, format!("{what} port definition with {other_field}"));
    }
}

fn variable_warnings(container: &Container, field: &str, findings: &mut Findings) {
    let mut names = Set::new();
    for (index, variable) in container.env.iter().enumerate() {
        let earlier = !names.insert(&variable.name);
        // A value that builds on the earlier one is meant so.
        let builds_on_it = variable.value.contains(&format!("$({})", variable.name));
        if earlier && !builds_on_it {
            findings.warn(
                &format!("{field}.env[{index}]"),
                format!(
                    "hides previous definition of {}, which may be dropped when using apply",
                    quoted(&variable.name)
                ),
            );
        }
    }
}

fn amount_warnings(resources: &ResourceRequirements, field: &str, findings: &mut Findings) {
    for (list, amounts) in [("limits", &resources.limits), ("requests", &resources.requests)] {
        for name in ["memory", "ephemeral-storage"] {
            if let Some(quantity) = amounts.get(name)
                && quantity.nanos() % 1_000_000_000 != 0
            {
                findings.warn(
                    &format!("{field}.{list}[{name}]"),
                    format!(
                        "fractional byte value {} is invalid, must be an integer",
                        quoted(quantity.text())
                    ),
                );
            }
        }
    }
}
