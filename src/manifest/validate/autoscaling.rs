//! HorizontalPodAutoscalers, v1 and v2.
//!
//! Models pkg/apis/autoscaling/validation/validation.go.

use crate::manifest::node::{Node, Value};
use crate::manifest::quantity::Quantity;
use crate::manifest::validate::Findings;
use crate::manifest::validate::workload::{number, text};

/// Checks an autoscaler.
pub fn check(root: &Node, findings: &mut Findings) {
    let least = number(root, "spec.minReplicas").unwrap_or(1);
    let most = number(root, "spec.maxReplicas").unwrap_or(0);
    if least < 1 {
        let rule = "must be greater than or equal to 1";
        findings.invalid("spec.minReplicas", &least.to_string(), rule);
    }
    if most < 1 {
        findings.required("spec.maxReplicas", "must be set and greater than 0");
    }
    if most < least {
        let rule = "must be greater than or equal to `minReplicas`";
        findings.invalid("spec.maxReplicas", &most.to_string(), rule);
    }
    for name in ["kind", "name"] {
        let field = format!("spec.scaleTargetRef.{name}");
        if text(root, &field).unwrap_or_default().is_empty() {
            findings.required(&field, "");
        }
    }
    let metrics = root.at("spec.metrics").map(Node::items).unwrap_or_default();
    for (index, spec) in metrics.iter().enumerate() {
        metric(spec, &format!("spec.metrics[{index}]"), findings);
    }
    if let Some(percent) = number(root, "spec.targetCPUUtilizationPercentage")
        && percent < 1
    {
        let field = "spec.targetCPUUtilizationPercentage";
        findings.invalid(field, &percent.to_string(), "must be greater than 0");
    }
    let outside =
        metrics.iter().any(|metric| matches!(text(metric, "type"), Some("Object" | "External")));
    if least == 0 && !outside {
        let rule = "must specify at least one Object or External metric to support scaling to \
                    zero replicas";
        findings.forbidden("spec.metrics", rule);
    }
    for direction in ["scaleUp", "scaleDown"] {
        let field = format!("spec.behavior.{direction}");
        if let Some(rules) = root.at(&field) {
            scaling_rules(rules, &field, findings);
        }
    }
}

/// The types of metrics, and the fields that describe them.
const SOURCES: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

fn metric(spec: &Node, field: &str, findings: &mut Findings) {
    let kind = text(spec, "type").unwrap_or_default();
    if kind.is_empty() {
        findings.required(&format!("{field}.type"), "must specify a metric source type");
        return;
    }
    let Some((_, source)) = SOURCES.iter().find(|(known, _)| *known == kind) else {
        let possible = SOURCES.map(|(known, _)| known);
        findings.unsupported(&format!("{field}.type"), kind, &possible);
        return;
    };
    let field = format!("{field}.{source}");
    let Some(given) = spec.get(source).filter(|node| node.value != Value::Null) else {
        findings.required(&field, "must populate information for the given metric source");
        return;
    };
    if matches!(kind, "Resource" | "ContainerResource")
        && text(given, "name").unwrap_or_default().is_empty()
    {
        findings.required(&format!("{field}.name"), "must specify a resource name");
    }
    let nothing = Node::null(given.span);
    let wanted = given.get("target").unwrap_or(&nothing);
    target(wanted, &format!("{field}.target"), findings);
    match kind {
        "Resource" | "ContainerResource" => resource(wanted, &field, findings),
        "Pods" => {
            if positive(wanted, "averageValue") != Some(true) {
                let rule = "must specify a positive target averageValue";
                findings.required(&format!("{field}.target.averageValue"), rule);
            }
        }
        _ => {
            let (value, average) = (wanted.get("value"), wanted.get("averageValue"));
            if value.is_none() && average.is_none() {
                let rule = "must set either a target value for metric or a per-pod target";
                findings.required(&format!("{field}.target.averageValue"), rule);
            }
        }
    }
}

fn target(target: &Node, field: &str, findings: &mut Findings) {
    let kind = text(target, "type").unwrap_or_default();
    let type_field = format!("{field}.type");
    if kind.is_empty() {
        findings.required(&type_field, "must specify a metric target type");
    }
    if !["Utilization", "Value", "AverageValue"].contains(&kind) {
        let rule = "must be either Utilization, Value, or AverageValue";
        findings.invalid_text(&type_field, kind, rule);
    }
    for name in ["value", "averageValue"] {
        if positive(target, name) == Some(false) {
            let field = format!("{field}.{name}");
            let written = quantity(target, name);
            let value = written.as_ref().map_or("0", Quantity::text);
            findings.invalid_text(&field, value, "must be positive");
        }
    }
    if let Some(percent) = number(target, "averageUtilization")
        && percent < 1
    {
        let field = format!("{field}.averageUtilization");
        findings.invalid(&field, &percent.to_string(), "must be greater than 0");
    }
}

fn resource(target: &Node, field: &str, findings: &mut Findings) {
    let field = format!("{field}.target");
    match (target.get("averageUtilization"), target.get("averageValue")) {
        (None, None) => {
            let rule = "must set either a target raw value or a target utilization";
            findings.required(&format!("{field}.averageUtilization"), rule);
        }
        (Some(_), Some(_)) => {
            let rule = "may not set both a target raw value and a target utilization";
            findings.forbidden(&format!("{field}.averageValue"), rule);
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
}

fn quantity(node: &Node, field: &str) -> Option<Quantity> {
    let node = node.get(field)?;
    match (node.as_str(), node.as_int()) {
        (Some(text), _) => Quantity::parse(text).ok(),
        (None, Some(number)) => Some(Quantity::from_units(number)),
        (None, None) => None,
    }
}

fn positive(node: &Node, field: &str) -> Option<bool> {
    quantity(node, field).map(|quantity| quantity.nanos() > 0)
}

fn scaling_rules(rules: &Node, field: &str, findings: &mut Findings) {
    if let Some(seconds) = number(rules, "stabilizationWindowSeconds") {
        let field = format!("{field}.stabilizationWindowSeconds");
        if seconds < 0 {
            let rule = "must be greater than or equal to zero";
            findings.invalid(&field, &seconds.to_string(), rule);
        }
        if seconds > 3600 {
            let rule = "must be less than or equal to 3600";
            findings.invalid(&field, &seconds.to_string(), rule);
        }
    }
    if positive(rules, "tolerance") == Some(false)
        && let Some(tolerance) = quantity(rules, "tolerance").filter(|value| value.nanos() < 0)
    {
        let rule = "must be greater than or equal to 0";
        findings.invalid_text(&format!("{field}.tolerance"), tolerance.text(), rule);
    }
    if let Some(policy) = text(rules, "selectPolicy") {
        let possible = ["Disabled", "Max", "Min"];
        if !possible.contains(&policy) {
            findings.unsupported(&format!("{field}.selectPolicy"), policy, &possible);
        }
    }
    let Some(policies) = rules.get("policies").filter(|node| node.value != Value::Null) else {
        return;
    };
    if policies.items().is_empty() {
        let field = format!("{field}.policies");
        findings.required(&field, "must specify at least one Policy");
    }
    for (index, policy) in policies.items().iter().enumerate() {
        let field = format!("{field}.policies[{index}]");
        let kind = text(policy, "type").unwrap_or_default();
        if !["Percent", "Pods"].contains(&kind) {
            findings.unsupported(&format!("{field}.type"), kind, &["Percent", "Pods"]);
        }
        for name in ["value", "periodSeconds"] {
            let amount = number(policy, name).unwrap_or(0);
            let field = format!("{field}.{name}");
            if amount <= 0 {
                findings.invalid(&field, &amount.to_string(), "must be greater than zero");
            }
            if name == "periodSeconds" && amount > 1800 {
                let rule = "must be less than or equal to 1800";
                findings.invalid(&field, &amount.to_string(), rule);
            }
        }
    }
}
