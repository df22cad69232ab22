//! Services.
//!
//! Models pkg/apis/core/validation/validation.go ValidateService.

use core::net::IpAddr;

use crate::manifest::encode::Encode;
use crate::manifest::internal;
use crate::manifest::node::{Node, Value};
use crate::manifest::service::{Service, ServicePort};
use crate::manifest::validate::meta::{
    NameRule, dns_label, dns_subdomain, labels, object_meta, qualified_name,
};
use crate::manifest::validate::networking::range;
use crate::manifest::validate::number::{port as port_or_name, port_number};
use crate::manifest::validate::plain::address;
use crate::manifest::validate::workload::{number, text};
use crate::manifest::validate::{Findings, quoted};
use crate::map::Set;
use crate::version::Feature;

/// Checks a Service.
pub fn create(service: &Service, root: &Node, findings: &mut Findings) {
    let relaxed = findings.version.has(Feature::RelaxedServiceNames);
    let rule = if relaxed { NameRule::Label } else { NameRule::OldLabel };
    object_meta(&service.metadata, rule, findings);
    let spec = &service.spec;
    let headless = spec.cluster_ip == "None";
    let external_name = spec.kind == "ExternalName";
    if spec.ports.is_empty() && !headless && !external_name {
        findings.required("spec.ports", "");
    }
    if spec.kind == "LoadBalancer" && headless {
        let rule = "may not be set to 'None' for LoadBalancer services";
        findings.invalid_text("spec.clusterIPs[0]", "None", rule);
    }
    if spec.kind == "NodePort" && headless {
        let rule = "may not be set to 'None' for NodePort services";
        findings.invalid_text("spec.clusterIPs[0]", "None", rule);
    }
    if external_name {
        if !spec.cluster_ip.is_empty() {
            findings.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        }
        for field in ["spec.ipFamilies", "spec.ipFamilyPolicy"] {
            if root.at(field).is_some_and(|node| node.value != Value::Null) {
                findings.forbidden(field, "may not be set for ExternalName services");
            }
        }
        let host = spec.external_name.strip_suffix('.').unwrap_or(&spec.external_name);
        if host.is_empty() {
            findings.required("spec.externalName", "");
        } else {
            for fault in dns_subdomain(host) {
                findings.invalid_text("spec.externalName", host, &fault);
            }
        }
    }
    for (index, port) in spec.ports.iter().enumerate() {
        if spec.kind == "LoadBalancer" && port.port == 10_250 {
            let rule = "may not expose port 10250 externally since it is used by kubelet";
            findings.invalid(&format!("spec.ports[{index}]"), "10250", rule);
        }
    }
    let mut names = Set::new();
    for (index, port) in spec.ports.iter().enumerate() {
        let field = format!("spec.ports[{index}]");
        service_port(port, spec.ports.len() > 1, &mut names, &field, findings);
    }
    labels(&spec.selector, "spec.selector", findings);
    if !["ClientIP", "None"].contains(&spec.session_affinity.as_str()) {
        let possible = ["ClientIP", "None"];
        findings.unsupported("spec.sessionAffinity", &spec.session_affinity, &possible);
    }
    affinity(&spec.session_affinity, root, findings);
    addresses(service, findings);
    cluster_ips(service, root, findings);
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.contains(&spec.kind.as_str()) {
        findings.unsupported("spec.type", &spec.kind, &kinds);
    }
    traffic_policies(service, findings);
    ports_together(&spec.ports, &spec.kind, findings);
    of_load_balancers(&spec.kind, root, findings);
}

/// What is set for clients that stay with their Pod.
fn affinity(kind: &str, root: &Node, findings: &mut Findings) {
    let field = "spec.sessionAffinityConfig";
    let Some(config) = root.at(field).filter(|node| node.value != Value::Null) else { return };
    if kind == "None" {
        findings.forbidden(field, "must not be set when session affinity is None");
    }
    if let Some(seconds) = number(config, "clientIP.timeoutSeconds")
        && kind == "ClientIP"
        && !(1..=86_400).contains(&seconds)
    {
        let field = format!("{field}.clientIP.timeoutSeconds");
        let rule = "must be greater than 0 and less than 86400";
        findings.invalid(&field, &seconds.to_string(), rule);
    }
}

fn of_load_balancers(kind: &str, root: &Node, findings: &mut Findings) {
    let rule = "may only be used when `type` is 'LoadBalancer'";
    let ranges = root.at("spec.loadBalancerSourceRanges").map(Node::items).unwrap_or_default();
    // So it is spelled.
    let field = "spec.LoadBalancerSourceRanges";
    if !ranges.is_empty() && kind != "LoadBalancer" {
        findings.forbidden(field, rule);
    }
    for (index, text) in ranges.iter().enumerate() {
        let cidr = text.as_str().unwrap_or_default().trim();
        range(cidr, &format!("{field}[{index}]"), findings);
    }
    if let Some(class) = text(root, "spec.loadBalancerClass") {
        for fault in qualified_name(class) {
            findings.invalid_text("spec.loadBalancerClass", class, &fault);
        }
    }
    if let Some(port) = number(root, "spec.healthCheckNodePort").filter(|port| *port != 0) {
        let port = i32::try_from(port).unwrap_or(0);
        port_number(port, "spec.healthCheckNodePort", findings);
    }
    for name in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        let field = format!("spec.{name}");
        if kind != "LoadBalancer" && root.at(&field).is_some_and(|node| node.value != Value::Null) {
            findings.forbidden(&field, rule);
        }
    }
}

fn addresses(service: &Service, findings: &mut Findings) {
    let spec = &service.spec;
    let rule = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    let cluster_ip = spec.cluster_ip.as_str();
    if !matches!(cluster_ip, "" | "None") && cluster_ip.parse::<IpAddr>().is_err() {
        findings.invalid_text("spec.clusterIPs[0]", cluster_ip, rule);
    }
    for (index, address) in spec.external_ips.iter().enumerate() {
        let rule = match address.parse::<IpAddr>() {
            Err(_) => rule,
            Ok(ip) if ip.is_unspecified() => "may not be unspecified (0.0.0.0 or ::)",
            Ok(ip) if ip.is_loopback() => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            Ok(_) => continue,
        };
        findings.invalid_text(&format!("spec.externalIPs[{index}]"), address, rule);
    }
}

/// Models the parts of ValidateServiceClusterIPsRelatedFields that a text can break.
fn cluster_ips(service: &Service, root: &Node, findings: &mut Findings) {
    let spec = &service.spec;
    let field = "spec.clusterIPs";
    let given: Vec<&str> = root
        .at(field)
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_str)
        .collect();
    let list = || {
        let items: Vec<String> = given.iter().map(|item| quoted(item)).collect();
        format!("[{}]", items.join(","))
    };
    if given.first().is_some_and(|first| *first != spec.cluster_ip) {
        let rule = if spec.cluster_ip.is_empty() {
            "must be empty when `clusterIP` is not specified"
        } else {
            "first value must match `clusterIP`"
        };
        findings.invalid(field, &list(), rule);
    }
    if given.first() == Some(&"None") && given.len() > 1 {
        findings.invalid(field, &list(), "'None' must be the first and only value");
        return;
    }
    if given.len() > 2 {
        findings.invalid(field, &list(), "may only hold up to 2 values");
    }
    if let [one, other] = given.as_slice()
        && let (Ok(one), Ok(other)) = (one.parse::<IpAddr>(), other.parse::<IpAddr>())
        && one.is_ipv4() == other.is_ipv4()
    {
        let rule = "may specify no more than one IP for each IP family";
        findings.invalid(field, &list(), rule);
    }
    for (index, text) in given.iter().enumerate().skip(1) {
        address(text, &format!("{field}[{index}]"), findings);
    }
    let mut families = Set::new();
    for (index, family) in spec.ip_families.iter().enumerate() {
        if !families.insert(family) {
            findings.duplicate(&format!("spec.ipFamilies[{index}]"), family);
        }
    }
    let all = if given.is_empty() { vec![spec.cluster_ip.as_str()] } else { given };
    let asked = root.at("spec.ipFamilies").map_or(0, |node| node.items().len());
    for (index, (text, family)) in all.iter().zip(&spec.ip_families).take(asked).enumerate() {
        let Ok(ip) = text.parse::<IpAddr>() else { continue };
        if ip.is_ipv4() != (family == "IPv4") {
            let rule = format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            findings.invalid_text(&format!("{field}[{index}]"), text, &rule);
        }
    }
}

fn traffic_policies(service: &Service, findings: &mut Findings) {
    let spec = &service.spec;
    let possible = ["Cluster", "Local"];
    let outside =
        matches!(spec.kind.as_str(), "NodePort" | "LoadBalancer") || !spec.external_ips.is_empty();
    let field = "spec.externalTrafficPolicy";
    match spec.external_traffic_policy.as_deref() {
        None | Some("") => {}
        Some(policy) if !outside => {
            let rule = "may only be set for externally-accessible services";
            findings.invalid_text(field, policy, rule);
        }
        Some(policy) if possible.contains(&policy) => {}
        Some(policy) => findings.unsupported(field, policy, &possible),
    }
    if let Some(policy) = spec.internal_traffic_policy.as_deref()
        && !possible.contains(&policy)
    {
        findings.unsupported("spec.internalTrafficPolicy", policy, &possible);
    }
}

fn service_port<'s>(
    port: &'s ServicePort,
    needs_name: bool,
    names: &mut Set<&'s str>,
    field: &str,
    findings: &mut Findings,
) {
    let name = format!("{field}.name");
    if port.name.is_empty() {
        if needs_name {
            findings.required(&name, "");
        }
    } else {
        for fault in dns_label(&port.name) {
            findings.invalid_text(&name, &port.name, &fault);
        }
        if !names.insert(&port.name) {
            findings.duplicate(&name, &port.name);
        }
    }
    port_number(port.port, &format!("{field}.port"), findings);
    if !["TCP", "UDP", "SCTP"].contains(&port.protocol.as_str()) {
        let possible = ["SCTP", "TCP", "UDP"];
        findings.unsupported(&format!("{field}.protocol"), &port.protocol, &possible);
    }
    if let Some(target) = &port.target_port {
        port_or_name(target, &format!("{field}.targetPort"), findings);
    }
    if let Some(protocol) = port.app_protocol.as_deref() {
        for fault in qualified_name(protocol) {
            findings.invalid_text(&format!("{field}.appProtocol"), protocol, &fault);
        }
    }
}

fn ports_together(ports: &[ServicePort], kind: &str, findings: &mut Findings) {
    let (mut numbers, mut node_ports) = (Set::new(), Set::new());
    for (index, port) in ports.iter().enumerate() {
        let node_port = format!("spec.ports[{index}].nodePort");
        if port.node_port != 0 && kind == "ClusterIP" {
            findings.forbidden(&node_port, "may not be used when `type` is 'ClusterIP'");
        }
        if port.node_port != 0 && !node_ports.insert((port.node_port, &port.protocol)) {
            findings.duplicate_value(&node_port, &port.node_port.to_string());
        }
        if !numbers.insert((port.port, &port.protocol)) {
            let same = ServicePort {
                protocol: port.protocol.clone(),
                port: port.port,
                ..ServicePort::default()
            };
            let value = internal::compact("ServicePort", &same.encode());
            findings.duplicate_value(&format!("spec.ports[{index}]"), &value);
        }
        if port.node_port != 0 && !(30_000..=32_767).contains(&port.node_port) {
            // The registry's allocator says so: pkg/registry/core/service/portallocator.
            let rule = "provided port is not in the valid range. The range of valid ports is \
                        30000-32767";
            findings.invalid(&node_port, &port.node_port.to_string(), rule);
        }
    }
}
