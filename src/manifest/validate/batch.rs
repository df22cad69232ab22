//! Jobs and CronJobs.
//!
//! Models pkg/apis/batch/validation/validation.go. Does not own: schedules (`manifest::schedule`).

use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::Node;
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::schedule::Schedule;
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
    let mode = text(spec, "completionMode").unwrap_or("NonIndexed");
    if !["NonIndexed", "Indexed"].contains(&mode) {
        let possible = ["NonIndexed", "Indexed"];
        findings.unsupported(&format!("{field}.completionMode"), mode, &possible);
    }
    if mode == "Indexed" && number(spec, "completions").is_none() {
        let rule = format!("when completion mode is {mode}");
        findings.required(&format!("{field}.completions"), &rule);
    }
    let manual = matches!(
        spec.get("manualSelector").map(|node| &node.value),
        Some(crate::manifest::node::Value::Bool(true))
    );
    if let Some(selector) = spec.get("selector")
        && !manual
        && !selector.entries().is_empty()
    {
        findings.invalid(&format!("{field}.selector"), "{}", "`selector` not auto-generated");
    }
    let policy = spec.get("podFailurePolicy").is_some_and(|node| !node.entries().is_empty());
    failure_rules(spec, field, findings);
    pod::template(template, &format!("{field}.template"), findings);
    let restart = template.spec.restart_policy.as_str();
    let restart_field = format!("{field}.template.spec.restartPolicy");
    if !["OnFailure", "Never"].contains(&restart) {
        findings.required(&restart_field, "valid values: \"OnFailure\", \"Never\"");
    } else if policy && restart != "Never" {
        let rule = "only \"Never\" is supported when podFailurePolicy is specified";
        findings.invalid_text(&restart_field, restart, rule);
    }
}

fn failure_rules(spec: &Node, field: &str, findings: &mut Findings) {
    let rules = spec.at("podFailurePolicy.rules").map(Node::items).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("{field}.podFailurePolicy.rules[{index}]");
        let action = text(rule, "action").unwrap_or_default();
        let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
        if action.is_empty() {
            let rule = "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]";
            findings.required(&format!("{field}.action"), rule);
        } else if !actions.contains(&action) {
            findings.unsupported(&format!("{field}.action"), action, &actions);
        }
        let codes = rule.get("onExitCodes").filter(|node| !node.entries().is_empty());
        let conditions = rule.get("onPodConditions").filter(|node| !node.items().is_empty());
        if codes.is_none() && conditions.is_none() {
            findings.invalid_plain(
                &field,
                "specifying one of OnExitCodes and OnPodConditions is required",
            );
        }
        let Some(codes) = codes else { continue };
        let field = format!("{field}.onExitCodes");
        let operator = text(codes, "operator").unwrap_or_default();
        if !["In", "NotIn"].contains(&operator) {
            findings.unsupported(&format!("{field}.operator"), operator, &["In", "NotIn"]);
        }
        let values = codes.get("values").map(Node::items).unwrap_or_default();
        for (at, value) in values.iter().enumerate() {
            if operator == "In" && value.as_int() == Some(0) {
                let rule = "must not be 0 for the In operator";
                findings.invalid(&format!("{field}.values[{at}]"), "0", rule);
            }
        }
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
