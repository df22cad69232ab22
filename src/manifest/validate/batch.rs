//! Jobs and CronJobs.
//!
//! Models pkg/apis/batch/validation/validation.go. Does not own: schedules (`manifest::schedule`).

use crate::manifest::encode::Tree;
use crate::manifest::internal;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::{Node, Value};
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::schedule::Schedule;
use crate::manifest::validate::meta::{dns_subdomain, qualified_name};
use crate::manifest::validate::workload::{not_negative, number, text};
use crate::manifest::validate::{Findings, pod};
use crate::version::Feature;

/// Checks a Job's spec; `template` has its defaults already.
pub fn job(spec: &Node, template: &PodTemplateSpec, field: &str, findings: &mut Findings) {
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        not_negative(number(spec, name), &format!("{field}.{name}"), findings);
    }
    managed_by(spec, field, findings);
    indexes(spec, field, findings);
    let manual =
        matches!(spec.get("manualSelector").map(|node| &node.value), Some(Value::Bool(true)));
    if let Some(selector) = spec.get("selector")
        && !manual
        && !selector.entries().is_empty()
    {
        let value = internal::json(&internal::whole(Tree::Null, Some(selector)));
        let rule = "`selector` not auto-generated";
        findings.invalid(&format!("{field}.selector"), &value, rule);
    }
    let policy = spec.get("podFailurePolicy").is_some_and(|node| !node.entries().is_empty());
    failure_rules(spec, template, field, findings);
    if let Some(replacement) = text(spec, "podReplacementPolicy") {
        let possible = if policy { &["Failed"][..] } else { &["Failed", "TerminatingOrFailed"] };
        if !possible.contains(&replacement) {
            let field = format!("{field}.podReplacementPolicy");
            findings.unsupported(&field, replacement, possible);
        }
    }
    success_rules(spec, field, findings);
    pod::template(template, &format!("{field}.template"), findings);
    let restart = template.spec.restart_policy.as_str();
    let restart_field = format!("{field}.template.spec.restartPolicy");
    if matches!(restart, "" | "Always") {
        findings.required(&restart_field, "valid values: \"OnFailure\", \"Never\"");
    } else if !["OnFailure", "Never"].contains(&restart) {
        findings.unsupported(&restart_field, restart, &["OnFailure", "Never"]);
    } else if policy && restart != "Never" {
        let rule = "only \"Never\" is supported when podFailurePolicy is specified";
        findings.invalid_text(&restart_field, restart, rule);
    }
}

fn managed_by(spec: &Node, field: &str, findings: &mut Findings) {
    let Some(manager) = text(spec, "managedBy") else { return };
    let field = format!("{field}.managedBy");
    let (domain, path) = manager.split_once('/').unwrap_or(("", ""));
    if !dns_subdomain(domain).is_empty() || path.is_empty() {
        let rule = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        findings.invalid_text(&field, manager, rule);
    }
    if manager.len() > 63 {
        findings.too_long(&field, 63);
    }
}

/// What an Indexed Job needs, and what no other Job may have.
fn indexes(spec: &Node, field: &str, findings: &mut Findings) {
    /// maxParallelismForIndexedJob and maxFailedIndexesForIndexedJob.
    const MOST: i64 = 100_000;
    let mode = text(spec, "completionMode").unwrap_or("NonIndexed");
    let at = |name: &str| format!("{field}.{name}");
    let per_index = number(spec, "backoffLimitPerIndex");
    let failed = number(spec, "maxFailedIndexes");
    if failed.is_some() && per_index.is_none() {
        findings.required(&at("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    }
    match mode {
        "Indexed" => {
            let completions = number(spec, "completions");
            if completions.is_none() {
                findings.required(&at("completions"), "when completion mode is Indexed");
            }
            if let Some(parallelism) = number(spec, "parallelism").filter(|n| *n > MOST) {
                let rule =
                    format!("must be less than or equal to {MOST} when completion mode is Indexed");
                findings.invalid(&at("parallelism"), &parallelism.to_string(), &rule);
            }
            let Some(failed) = failed else { return };
            if completions.is_some_and(|completions| failed > completions) {
                let rule = "must be less than or equal to completions";
                findings.invalid(&at("maxFailedIndexes"), &failed.to_string(), rule);
            }
            if failed > MOST {
                let rule = format!("must be less than or equal to {MOST}");
                findings.invalid(&at("maxFailedIndexes"), &failed.to_string(), &rule);
            }
        }
        "NonIndexed" => {
            for (name, value) in [("backoffLimitPerIndex", per_index), ("maxFailedIndexes", failed)]
            {
                if let Some(value) = value {
                    let rule = "requires indexed completion mode";
                    findings.invalid(&at(name), &value.to_string(), rule);
                }
            }
        }
        other => {
            findings.unsupported(&at("completionMode"), other, &["NonIndexed", "Indexed"]);
        }
    }
}

/// Models validateSuccessPolicy.
fn success_rules(spec: &Node, field: &str, findings: &mut Findings) {
    let Some(policy) = spec.get("successPolicy").filter(|node| node.value != Value::Null) else {
        return;
    };
    let field = format!("{field}.successPolicy");
    if text(spec, "completionMode") != Some("Indexed") {
        let tree = internal::whole(Tree::Null, Some(policy));
        let value = internal::compact("SuccessPolicy", &tree);
        findings.invalid(&field, &value, "requires indexed completion mode");
        return;
    }
    let rules = policy.get("rules").map(Node::items).unwrap_or_default();
    if rules.is_empty() {
        let rule = "at least one rules must be specified when the successPolicy is specified";
        findings.required(&format!("{field}.rules"), rule);
    }
    let completions = number(spec, "completions").unwrap_or(0);
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("{field}.rules[{index}]");
        let count = number(rule, "succeededCount");
        if count.is_none() && text(rule, "succeededIndexes").is_none() {
            let rule = "at least one of succeededCount or succeededIndexes must be specified";
            findings.required(&field, rule);
        }
        let field = format!("{field}.succeededCount");
        not_negative(count, &field, findings);
        if let Some(count) = count.filter(|count| *count > completions) {
            let rule = format!(
                "must be less than or equal to {completions} (the number of specified completions)"
            );
            findings.invalid(&field, &count.to_string(), &rule);
        }
    }
}

/// Models validatePodFailurePolicy.
fn failure_rules(spec: &Node, template: &PodTemplateSpec, field: &str, findings: &mut Findings) {
    let rules = spec.at("podFailurePolicy.rules").map(Node::items).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("{field}.podFailurePolicy.rules[{index}]");
        let action = text(rule, "action").unwrap_or_default();
        let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
        let action_field = format!("{field}.action");
        if action.is_empty() {
            let rule = "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]";
            findings.required(&action_field, rule);
        } else if action == "FailIndex" {
            if number(spec, "backoffLimitPerIndex").is_none() {
                let rule = "requires the backoffLimitPerIndex to be set";
                findings.invalid_text(&action_field, action, rule);
            }
        } else if !actions.contains(&action) {
            findings.unsupported(&action_field, action, &actions);
        }
        let codes = rule.get("onExitCodes").filter(|node| node.value != Value::Null);
        let conditions = rule.get("onPodConditions").map(Node::items).unwrap_or_default();
        if let Some(codes) = codes {
            exit_codes(codes, template, &format!("{field}.onExitCodes"), findings);
        }
        for (at, pattern) in conditions.iter().enumerate() {
            let field = format!("{field}.onPodConditions[{at}]");
            let kind = text(pattern, "type").unwrap_or_default();
            for fault in qualified_name(kind) {
                findings.invalid_text(&format!("{field}.type"), kind, &fault);
            }
            let possible = ["False", "True", "Unknown"];
            if let Some(status) = text(pattern, "status").filter(|word| !possible.contains(word)) {
                findings.unsupported(&format!("{field}.status"), status, &possible);
            }
        }
        match (codes.is_some(), !conditions.is_empty()) {
            (true, true) => findings.invalid_plain(
                &field,
                "specifying both OnExitCodes and OnPodConditions is not supported",
            ),
            (false, false) => findings.invalid_plain(
                &field,
                "specifying one of OnExitCodes and OnPodConditions is required",
            ),
            (true, false) | (false, true) => {}
        }
    }
}

fn exit_codes(codes: &Node, template: &PodTemplateSpec, field: &str, findings: &mut Findings) {
    let operator = text(codes, "operator").unwrap_or_default();
    let operator_field = format!("{field}.operator");
    if operator.is_empty() {
        findings.required(&operator_field, "valid values: [\"In\" \"NotIn\"]");
    } else if !["In", "NotIn"].contains(&operator) {
        findings.unsupported(&operator_field, operator, &["In", "NotIn"]);
    }
    if let Some(name) = text(codes, "containerName")
        && template.spec.container(name).is_none()
    {
        let rule = "must be one of the container or initContainer names in the pod template";
        findings.invalid_text(&format!("{field}.containerName"), name, rule);
    }
    let values = codes.get("values");
    let given = values.map(Node::items).unwrap_or_default();
    let all: Vec<i64> = given.iter().filter_map(Node::as_int).collect();
    let list = format!("{field}.values");
    let printed = || internal::json(&internal::whole(Tree::Null, values));
    if all.is_empty() {
        findings.invalid(&list, &printed(), "at least one value is required");
    } else if all.len() > 255 {
        findings.too_many(&list, all.len(), 255);
    }
    for (at, value) in all.iter().enumerate().take(255) {
        let field = format!("{list}[{at}]");
        if operator == "In" && *value == 0 {
            findings.invalid(&field, "0", "must not be 0 for the In operator");
        }
        if all[..at].contains(value) {
            findings.duplicate_value(&field, &value.to_string());
        }
    }
    if all.windows(2).any(|pair| pair[0] > pair[1]) {
        findings.invalid(&list, &printed(), "must be ordered");
    }
}

/// Checks a CronJob; `template` has its defaults already.
pub fn cron_job(
    root: &Node,
    metadata: &ObjectMeta,
    template: &PodTemplateSpec,
    findings: &mut Findings,
) {
    let field = "spec.schedule";
    let schedule = text(root, field).unwrap_or_default();
    if schedule.is_empty() {
        findings.required(field, "");
    } else {
        cron_schedule(schedule, text(root, "spec.timeZone").is_some(), findings);
    }
    let nothing = Node::null(root.span);
    let spec = root.at("spec.jobTemplate.spec").unwrap_or(&nothing);
    job(spec, template, "spec.jobTemplate.spec", findings);
    not_negative(
        number(root, "spec.startingDeadlineSeconds"),
        "spec.startingDeadlineSeconds",
        findings,
    );
    if let Some(policy) = text(root, "spec.concurrencyPolicy") {
        let policies = ["Allow", "Forbid", "Replace"];
        if !policies.contains(&policy) {
            findings.unsupported("spec.concurrencyPolicy", policy, &policies);
        }
    }
    if let Some(zone) = text(root, "spec.timeZone")
        && !is_time_zone(zone)
    {
        let rule = format!("unknown time zone {zone}");
        findings.invalid_text("spec.timeZone", zone, &rule);
    }
    for field in ["spec.successfulJobsHistoryLimit", "spec.failedJobsHistoryLimit"] {
        not_negative(number(root, field), field, findings);
    }
    if metadata.name.len() > 52 {
        let rule = "must be no more than 52 characters";
        findings.invalid_text("metadata.name", &metadata.name, rule);
    }
}

/// Models validateScheduleFormat, and registry/batch/cronjob/strategy.go WarningsOnCreate.
pub fn cron_schedule(schedule: &str, has_zone: bool, findings: &mut Findings) {
    let field = "spec.schedule";
    if let Err(fault) = Schedule::parse(schedule) {
        findings.invalid_text(field, schedule, &fault);
    }
    if !schedule.contains("TZ") {
        return;
    }
    if findings.version.has(Feature::NoZoneInSchedule) {
        let rule = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        findings.invalid_text(field, schedule, rule);
    } else if has_zone {
        let rule = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
        findings.invalid_text(field, schedule, rule);
    }
}

/// Whether a name looks like one of the IANA time zone database; its cities are not listed here.
fn is_time_zone(zone: &str) -> bool {
    const AREAS: &str = "Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada \
        Chile Etc Europe Indian Mexico Pacific US";
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
    match zone.split_once('/') {
        Some((area, city)) => {
            AREAS.split(' ').any(|known| known == area)
                && city.split('/').all(|part| !part.is_empty() && part.bytes().all(fits))
        }
        None => zone.len() >= 2 && zone != "Local" && zone.bytes().all(fits),
    }
}
