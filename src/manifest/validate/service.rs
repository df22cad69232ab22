//! Services.
//!
//! Models pkg/apis/core/validation/validation.go ValidateService.

use core::net::IpAddr;

use crate::manifest::service::{Service, ServicePort};
use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::{NameRule, dns_label, dns_subdomain, labels, object_meta};
use crate::manifest::validate::number::{port as port_or_name, port_number};
use crate::map::Set;

/// Checks a Service.
pub fn create(service: &Service, findings: &mut Findings) {
    object_meta(&service.metadata, NameRule::Label, findings);
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
        let host = spec.external_name.strip_suffix('.').unwrap_or(&spec.external_name);
        if host.is_empty() {
            findings.required("spec.externalName", "");
        } else {
            for fault in dns_subdomain(host) {
                findings.invalid_text("spec.externalName", host, &fault);
            }
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
    addresses(service, findings);
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.contains(&spec.kind.as_str()) {
        findings.unsupported("spec.type", &spec.kind, &kinds);
    }
    traffic_policies(service, findings);
    ports_together(&spec.ports, &spec.kind, findings);
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
}

fn ports_together(ports: &[ServicePort], kind: &str, findings: &mut Findings) {
    let (mut numbers, mut node_ports) = (Set::new(), Set::new());
    for (index, port) in ports.iter().enumerate() {
        let node_port = format!("spec.ports[{index}].nodePort");
        if port.node_port != 0 && matches!(kind, "ClusterIP" | "ExternalName") {
            let rule = format!("may not be used when `type` is '{kind}'");
            findings.forbidden(&node_port, &rule);
        }
        if port.node_port != 0 && !node_ports.insert((port.node_port, &port.protocol)) {
            findings.duplicate_value(&node_port, &port.node_port.to_string());
        }
        if !numbers.insert((port.port, &port.protocol)) {
            let value = format!("{{\"protocol\":\"{}\",\"port\":{}}}", port.protocol, port.port);
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
