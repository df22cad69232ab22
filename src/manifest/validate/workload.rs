//! Controllers of the apps group: Deployment, ReplicaSet, StatefulSet, DaemonSet.
//!
//! Models pkg/apis/apps/validation/validation.go.

use crate::manifest::meta::{LabelSelector, Labels, ObjectMeta};
use crate::manifest::node::Node;
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::quantity::IntOrString;
use crate::manifest::validate::meta::{NameRule, object_meta, selector};
use crate::manifest::validate::{Findings, pod, quoted};
use crate::manifest::workloads::{Deployment, DeploymentStrategy, ReplicaSet, RollingUpdate};

/// Checks a Deployment.
pub fn deployment(deployment: &Deployment, findings: &mut Findings) {
    object_meta(&deployment.metadata, NameRule::Subdomain, findings);
    let spec = &deployment.spec;
    not_negative(spec.replicas.map(i64::from), "spec.replicas", findings);
    let controller = Controller {
        selector: spec.selector.as_ref(),
        template: &spec.template,
        empty: "empty selector is invalid for deployment",
        deadline: "activeDeadlineSeconds in ReplicaSet is not Supported",
        whole_template: true,
    };
    controller.check(findings);
    strategy(&spec.strategy, findings);
    not_negative(Some(spec.min_ready_seconds.into()), "spec.minReadySeconds", findings);
    let limit = spec.revision_history_limit.map(i64::from);
    not_negative(limit, "spec.revisionHistoryLimit", findings);
    if let Some(seconds) = spec.progress_deadline_seconds {
        let field = "spec.progressDeadlineSeconds";
        not_negative(Some(seconds.into()), field, findings);
        if seconds <= spec.min_ready_seconds {
            let rule = "must be greater than minReadySeconds";
            findings.invalid(field, &seconds.to_string(), rule);
        }
    }
}

/// Checks a ReplicaSet.
pub fn replica_set(replica_set: &ReplicaSet, findings: &mut Findings) {
    object_meta(&replica_set.metadata, NameRule::Subdomain, findings);
    let spec = &replica_set.spec;
    not_negative(spec.replicas.map(i64::from), "spec.replicas", findings);
    not_negative(Some(spec.min_ready_seconds.into()), "spec.minReadySeconds", findings);
    let controller = Controller {
        selector: spec.selector.as_ref(),
        template: &spec.template,
        empty: "empty selector is invalid for deployment",
        deadline: "activeDeadlineSeconds in ReplicaSet is not Supported",
        whole_template: true,
    };
    controller.check(findings);
}

/// Checks a ReplicationController.
///
/// Models ValidateReplicationControllerSpec.
pub fn replication_controller(set: &ReplicaSet, findings: &mut Findings) {
    if set.spec.selector.as_ref().is_none_or(|own| own.match_labels.is_empty()) {
        findings.required("spec.selector", "");
    }
    let controller = Controller {
        selector: set.spec.selector.as_ref(),
        template: &set.spec.template,
        empty: "",
        deadline: "activeDeadlineSeconds in ReplicationController is not Supported",
        whole_template: false,
    };
    object_meta(&set.metadata, NameRule::Subdomain, findings);
    not_negative(Some(set.spec.min_ready_seconds.into()), "spec.minReadySeconds", findings);
    not_negative(set.spec.replicas.map(i64::from), "spec.replicas", findings);
    if set.spec.selector.as_ref().is_some_and(|own| !own.match_labels.is_empty()) {
        controller.check(findings);
    }
}

/// Checks a StatefulSet; `template` has its defaults already.
pub fn stateful_set(
    root: &Node,
    metadata: &ObjectMeta,
    selector: Option<&LabelSelector>,
    template: &PodTemplateSpec,
    findings: &mut Findings,
) {
    object_meta(metadata, NameRule::Subdomain, findings);
    if let Some(policy) = text(root, "spec.podManagementPolicy")
        && !["OrderedReady", "Parallel", ""].contains(&policy)
    {
        let rule = "must be 'OrderedReady' or 'Parallel'";
        findings.invalid_text("spec.podManagementPolicy", policy, rule);
    }
    if let Some(kind) = text(root, "spec.updateStrategy.type")
        && !["RollingUpdate", "OnDelete", ""].contains(&kind)
    {
        let rule = "must be 'RollingUpdate' or 'OnDelete'";
        findings.invalid_text("spec.updateStrategy", kind, rule);
    }
    let rolling = root.at("spec.updateStrategy.rollingUpdate");
    if text(root, "spec.updateStrategy.type") == Some("OnDelete")
        && let Some(rolling) = rolling
    {
        let partition = number(rolling, "partition").unwrap_or(0);
        let value = format!("{{\"Partition\":{partition},\"MaxUnavailable\":null}}");
        let rule = "only allowed for updateStrategy 'RollingUpdate'";
        findings.invalid("spec.updateStrategy.rollingUpdate", &value, rule);
    }
    for field in [
        "spec.updateStrategy.rollingUpdate.partition",
        "spec.replicas",
        "spec.minReadySeconds",
        "spec.revisionHistoryLimit",
    ] {
        not_negative(number(root, field), field, findings);
    }
    let controller = Controller {
        selector,
        template,
        empty: "empty selector is invalid for statefulset",
        deadline: "activeDeadlineSeconds in StatefulSet is not Supported",
        // ValidatePodTemplateSpecForStatefulSet leaves the Pod's spec to the Pod's creation.
        whole_template: false,
    };
    controller.check(findings);
}

/// Checks a DaemonSet; `template` has its defaults already.
pub fn daemon_set(
    root: &Node,
    metadata: &ObjectMeta,
    selector: Option<&LabelSelector>,
    template: &PodTemplateSpec,
    findings: &mut Findings,
) {
    object_meta(metadata, NameRule::Subdomain, findings);
    let controller = Controller {
        selector,
        template,
        empty: "empty selector is invalid for daemonset",
        deadline: "activeDeadlineSeconds in DaemonSet is not Supported",
        whole_template: true,
    };
    controller.check(findings);
    for field in ["spec.minReadySeconds", "spec.revisionHistoryLimit"] {
        not_negative(number(root, field), field, findings);
    }
    let rolling = "spec.updateStrategy.rollingUpdate";
    if let Some(kind) = text(root, "spec.updateStrategy.type")
        && !["RollingUpdate", "OnDelete", ""].contains(&kind)
    {
        findings.unsupported("spec.updateStrategy.type", kind, &["OnDelete", "RollingUpdate"]);
    }
    if text(root, "spec.updateStrategy.type") == Some("OnDelete") {
        return;
    }
    let unavailable_field = format!("{rolling}.maxUnavailable");
    let surge_field = format!("{rolling}.maxSurge");
    let unavailable = int_or_string(root, &unavailable_field).unwrap_or(IntOrString::Int(1));
    let surge = int_or_string(root, &surge_field).unwrap_or(IntOrString::Int(0));
    count_or_percent(&unavailable, &unavailable_field, findings);
    count_or_percent(&surge, &surge_field, findings);
    match (amount(&unavailable) == 0, amount(&surge) == 0) {
        (true, true) => {
            findings.required(&unavailable_field, "cannot be 0 when maxSurge is 0");
        }
        (false, false) => {
            let rule = "may not be set when maxUnavailable is non-zero";
            findings.invalid(&surge_field, &printed(&surge), rule);
        }
        (true, false) | (false, true) => {}
    }
}

/// What all controllers of Pods that run for ever have in common.
struct Controller<'c> {
    selector: Option<&'c LabelSelector>,
    template: &'c PodTemplateSpec,
    empty: &'static str,
    deadline: &'static str,
    whole_template: bool,
}

impl Controller<'_> {
    fn check(&self, findings: &mut Findings) {
        let labels = &self.template.metadata.labels;
        let mut empty = false;
        match self.selector {
            None => findings.required("spec.selector", ""),
            Some(given) => {
                selector(given, "spec.selector", findings);
                empty = given.match_labels.is_empty() && given.match_expressions.is_empty();
                if empty {
                    findings.invalid("spec.selector", "{}", self.empty);
                }
            }
        }
        if !empty && !self.selector.is_some_and(|selector| selector.matches(labels)) {
            let rule = "`selector` does not match template `labels`";
            findings.invalid("spec.template.metadata.labels", &json_labels(labels), rule);
        }
        if self.whole_template {
            pod::template(self.template, "spec.template", findings);
        } else {
            pod::template_metadata(self.template, "spec.template", findings);
        }
        let spec = &self.template.spec;
        if spec.restart_policy != "Always" {
            let field = "spec.template.spec.restartPolicy";
            findings.unsupported(field, &spec.restart_policy, &["Always"]);
        }
        if spec.active_deadline_seconds.is_some() {
            findings.forbidden("spec.template.spec.activeDeadlineSeconds", self.deadline);
        }
    }
}

/// Labels as compact JSON, as errors print them.
pub(super) fn json_labels(labels: &Labels) -> String {
    if labels.is_empty() {
        return "null".to_owned();
    }
    let entries: Vec<String> =
        labels.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
    format!("{{{}}}", entries.join(","))
}

fn strategy(strategy: &DeploymentStrategy, findings: &mut Findings) {
    match (strategy.kind.as_str(), &strategy.rolling_update) {
        ("Recreate", Some(_)) => findings.forbidden(
            "spec.strategy.rollingUpdate",
            "may not be specified when strategy `type` is 'Recreate'",
        ),
        ("Recreate", None) => {}
        ("RollingUpdate", Some(update)) => rolling_update(update, findings),
        ("RollingUpdate", None) => findings
            .required("spec.strategy.rollingUpdate", "this should be defaulted and never be nil"),
        (other, update) => {
            let update = match update {
                None => "null".to_owned(),
                Some(update) => {
                    let part = |part: &Option<IntOrString>| {
                        part.as_ref().map_or_else(|| "0".to_owned(), printed)
                    };
                    format!(
                        "{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}",
                        part(&update.max_unavailable),
                        part(&update.max_surge)
                    )
                }
            };
            findings.unsupported_value(
                "spec.strategy",
                &format!("{{\"Type\":{},\"RollingUpdate\":{update}}}", quoted(other)),
                &["Recreate", "RollingUpdate"],
            );
        }
    }
}

fn rolling_update(update: &RollingUpdate, findings: &mut Findings) {
    let (unavailable_field, surge_field) =
        ("spec.strategy.rollingUpdate.maxUnavailable", "spec.strategy.rollingUpdate.maxSurge");
    let zero = IntOrString::default();
    let unavailable = update.max_unavailable.as_ref().unwrap_or(&zero);
    let surge = update.max_surge.as_ref().unwrap_or(&zero);
    count_or_percent(unavailable, unavailable_field, findings);
    count_or_percent(surge, surge_field, findings);
    if amount(unavailable) == 0 && amount(surge) == 0 {
        let rule = "may not be 0 when `maxSurge` is 0";
        findings.invalid(unavailable_field, &printed(unavailable), rule);
    }
    if let IntOrString::String(_) = unavailable
        && amount(unavailable) > 100
    {
        let rule = "must not be greater than 100%";
        findings.invalid(unavailable_field, &printed(unavailable), rule);
    }
}

/// Checks a count or percentage (`ValidatePositiveIntOrPercent`).
fn count_or_percent(value: &IntOrString, field: &str, findings: &mut Findings) {
    match value {
        IntOrString::Int(number) => not_negative(Some((*number).into()), field, findings),
        IntOrString::String(text) => {
            let digits = text.strip_suffix('%').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let rule = "a valid percent string must be a numeric string followed by an ending \
                            '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
                findings.invalid_text(field, text, rule);
            }
        }
    }
}

/// The number of a count or percentage; what cannot be read counts as 0, as in Go.
fn amount(value: &IntOrString) -> i64 {
    match value {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => {
            text.strip_suffix('%').unwrap_or(text).parse().unwrap_or_default()
        }
    }
}

fn printed(value: &IntOrString) -> String {
    match value {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => quoted(text),
    }
}

/// A number must not be negative (`ValidateNonnegativeField`).
pub(super) fn not_negative(value: Option<i64>, field: &str, findings: &mut Findings) {
    if let Some(value) = value.filter(|value| *value < 0) {
        let rule = "must be greater than or equal to 0";
        findings.invalid(field, &value.to_string(), rule);
    }
}

/// A whole number of the document.
pub(super) fn number(root: &Node, field: &str) -> Option<i64> {
    root.at(field).and_then(Node::as_int)
}

/// A text of the document.
pub(super) fn text<'n>(root: &'n Node, field: &str) -> Option<&'n str> {
    root.at(field).and_then(Node::as_str)
}

fn int_or_string(root: &Node, field: &str) -> Option<IntOrString> {
    let node = root.at(field)?;
    match (node.as_int(), node.as_str()) {
        (Some(number), _) => i32::try_from(number).ok().map(IntOrString::Int),
        (None, Some(text)) => Some(IntOrString::String(text.to_owned())),
        (None, None) => None,
    }
}
