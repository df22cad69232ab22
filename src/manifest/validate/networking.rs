//! Ingresses and NetworkPolicies, which are accepted and not simulated: their rules all the same.
//!
//! Models pkg/apis/networking/validation/validation.go. Does not own: what is one of a few words
//! (`plain.rs`).

use core::net::IpAddr;

use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::meta::LabelSelector;
use crate::manifest::node::{Node, Value};
use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::{SUBDOMAIN_RULE, dns_label, dns_subdomain, selector};
use crate::manifest::validate::number::{port_name, port_number};
use crate::manifest::validate::workload::{number, text};

/// Checks an Ingress.
pub fn ingress(root: &Node, findings: &mut Findings) {
    let rules = root.at("spec.rules").map(Node::items).unwrap_or_default();
    let fallback = root.at("spec.defaultBackend").filter(|node| node.value != Value::Null);
    if rules.is_empty() && fallback.is_none() {
        let rule = "either `defaultBackend` or `rules` must be specified";
        findings.invalid("spec", "null", rule);
    }
    if let Some(node) = fallback {
        backend(node, "spec.defaultBackend", findings);
    }
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("spec.rules[{index}]");
        if let Some(name) = text(rule, "host").filter(|name| !name.is_empty()) {
            let field = format!("{field}.host");
            if name.parse::<IpAddr>().is_ok() {
                let rule = "must be a DNS name, not an IP address";
                findings.invalid_text(&field, name, rule);
            }
            host(name, &field, findings);
        }
        let Some(http) = rule.get("http").filter(|node| node.value != Value::Null) else {
            continue;
        };
        let paths = http.get("paths").map(Node::items).unwrap_or_default();
        let field = format!("{field}.http.paths");
        if paths.is_empty() {
            findings.required(&field, "");
        }
        for (at, path) in paths.iter().enumerate() {
            http_path(path, &format!("{field}[{at}]"), findings);
        }
    }
    root.each("spec.tls[].hosts[]", &mut |place, node| {
        if let Some(name) = node.and_then(Node::as_str) {
            host(name, place, findings);
        }
    });
}

fn host(name: &str, field: &str, findings: &mut Findings) {
    if !name.contains('*') {
        for fault in dns_subdomain(name) {
            findings.invalid_text(field, name, &fault);
        }
        return;
    }
    let below = name.strip_prefix("*.").unwrap_or_default();
    if dns_subdomain(below).iter().any(|fault| fault == SUBDOMAIN_RULE) {
        let rule = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS \
                    subdomain, which must consist of lower case alphanumeric characters, '-' or \
                    '.' and end with an alphanumeric character (e.g. '*.example.com', regex used \
                    for validation is \
                    '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        findings.invalid_text(field, name, rule);
    }
}

fn http_path(node: &Node, field: &str, findings: &mut Findings) {
    let Some(kind) = text(node, "pathType") else {
        findings.required(&format!("{field}.pathType"), "pathType must be specified");
        return;
    };
    let path = text(node, "path").unwrap_or_default();
    let path_field = format!("{field}.path");
    let relative = !path.starts_with('/');
    match kind {
        "Exact" | "Prefix" => {
            if relative {
                findings.invalid_text(&path_field, path, "must be an absolute path");
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if path.contains(part) {
                    let rule = format!("must not contain '{part}'");
                    findings.invalid_text(&path_field, path, &rule);
                }
            }
            for end in ["/..", "/."] {
                if path.ends_with(end) {
                    findings.invalid_text(&path_field, path, &format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if relative && !path.is_empty() {
                findings.invalid_text(&path_field, path, "must be an absolute path");
            }
        }
        other => {
            let possible = ["Exact", "ImplementationSpecific", "Prefix"];
            findings.unsupported(&format!("{field}.pathType"), other, &possible);
        }
    }
    let nothing = Node::null(node.span);
    backend(node.get("backend").unwrap_or(&nothing), &format!("{field}.backend"), findings);
}

fn backend(node: &Node, field: &str, findings: &mut Findings) {
    let given = |name: &str| node.get(name).filter(|node| node.value != Value::Null);
    let service = match (given("service"), given("resource")) {
        (Some(_), Some(_)) => {
            let rule = "cannot set both resource and service backends";
            return findings.invalid_text(field, "", rule);
        }
        (None, None) => {
            let rule = "resource or service backend is required";
            return findings.invalid_text(field, "", rule);
        }
        (None, Some(resource)) => {
            for name in ["kind", "name"] {
                if text(resource, name).unwrap_or_default().is_empty() {
                    findings.required(&format!("{field}.resource.{name}"), "");
                }
            }
            return;
        }
        (Some(service), None) => service,
    };
    let name = text(service, "name").unwrap_or_default();
    let name_field = format!("{field}.service.name");
    if name.is_empty() {
        findings.required(&name_field, "");
    } else {
        for fault in dns_label(name) {
            findings.invalid_text(&name_field, name, &fault);
        }
    }
    let port = (text(service, "port.name").unwrap_or_default(), number(service, "port.number"));
    match port {
        ("", None | Some(0)) => findings.required(field, "port name or number is required"),
        ("", Some(number)) => {
            let number = i32::try_from(number).unwrap_or(0);
            port_number(number, &format!("{field}.service.port.number"), findings);
        }
        (name, None | Some(0)) => {
            for fault in port_name(name) {
                findings.invalid_text(&format!("{field}.service.port.name"), name, fault);
            }
        }
        (_, Some(_)) => {
            findings.invalid_text(field, "", "cannot set both port name & port number");
        }
    }
}

/// Checks a NetworkPolicy.
pub fn network_policy(root: &Node, findings: &mut Findings) {
    label_selector(root.at("spec.podSelector"), "spec.podSelector", findings);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        root.each(&format!("spec.{direction}[].ports[]"), &mut |place, node| {
            if let Some(node) = node {
                policy_port(node, place, findings);
            }
        });
        root.each(&format!("spec.{direction}[].{peers}[]"), &mut |place, node| {
            if let Some(node) = node {
                peer(node, place, findings);
            }
        });
    }
}

fn label_selector(node: Option<&Node>, field: &str, findings: &mut Findings) {
    if let Some(node) = node {
        selector(&LabelSelector::decode(node, &mut Decoder::default()), field, findings);
    }
}

fn policy_port(node: &Node, field: &str, findings: &mut Findings) {
    let (port, end) = (node.get("port"), number(node, "endPort"));
    let end_field = format!("{field}.endPort");
    match (port.and_then(Node::as_int), port.and_then(Node::as_str)) {
        (Some(number), _) => {
            let number = i32::try_from(number).unwrap_or(0);
            port_number(number, &format!("{field}.port"), findings);
            if let Some(end) = end.filter(|end| *end < i64::from(number)) {
                let rule = "must be greater than or equal to `port`";
                findings.invalid(&end_field, &end.to_string(), rule);
            }
        }
        (None, Some(name)) => {
            if let Some(end) = end {
                let rule = "may not be specified when `port` is non-numeric";
                findings.invalid(&end_field, &end.to_string(), rule);
            }
            for fault in port_name(name) {
                findings.invalid_text(&format!("{field}.port"), name, fault);
            }
        }
        (None, None) => {
            if let Some(end) = end {
                let rule = "may not be specified when `port` is not specified";
                findings.invalid(&end_field, &end.to_string(), rule);
            }
        }
    }
}

fn peer(node: &Node, field: &str, findings: &mut Findings) {
    let given = |name: &str| node.get(name).filter(|node| node.value != Value::Null);
    let (pods, spaces, block) =
        (given("podSelector"), given("namespaceSelector"), given("ipBlock"));
    label_selector(pods, &format!("{field}.podSelector"), findings);
    label_selector(spaces, &format!("{field}.namespaceSelector"), findings);
    if let Some(block) = block {
        let cidr = text(block, "cidr").unwrap_or_default();
        let field = format!("{field}.ipBlock.cidr");
        if cidr.is_empty() {
            findings.required(&field, "");
        } else {
            range(cidr, &field, findings);
        }
    }
    let others = usize::from(pods.is_some()) + usize::from(spaces.is_some());
    if others == 0 && block.is_none() {
        findings.required(field, "must specify a peer");
    } else if others > 0 && block.is_some() {
        findings.forbidden(field, "may not specify both ipBlock and another peer");
    }
}

/// Checks a range of addresses (`IsValidCIDR`).
pub(super) fn range(text: &str, field: &str, findings: &mut Findings) {
    let parsed = text.split_once('/').and_then(|(address, bits)| {
        let most = if address.parse::<IpAddr>().ok()?.is_ipv4() { 32 } else { 128 };
        bits.parse::<u8>().ok().filter(|bits| *bits <= most)
    });
    if parsed.is_none() {
        let rule = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        findings.invalid_text(field, text, rule);
    }
}
