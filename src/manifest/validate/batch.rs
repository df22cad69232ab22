//! Jobs and CronJobs.
//!
//! Models pkg/apis/batch/validation/validation.go, and the schedules of robfig/cron v3.

use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::Node;
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::validate::workload::{not_negative, number, text};
use crate::manifest::validate::{Findings, pod};
use crate::time::Duration;

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
    } else if schedule.contains("TZ") {
        let rule = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        findings.invalid_text(field, schedule, rule);
    } else if let Err(fault) = parse_schedule(schedule) {
        findings.invalid_text(field, schedule, &fault);
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

/// One field of a schedule: its least and greatest value, and names for some of them.
struct Field {
    least: u32,
    greatest: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 5] = [
    Field { least: 0, greatest: 59, names: &[] },
    Field { least: 0, greatest: 23, names: &[] },
    Field { least: 1, greatest: 31, names: &[] },
    Field { least: 1, greatest: 12, names: MONTHS },
    Field { least: 0, greatest: 6, names: DAYS },
];

/// Models robfig/cron v3 parser.go ParseStandard.
fn parse_schedule(schedule: &str) -> Result<(), String> {
    if schedule.starts_with('@') {
        const WORDS: &str = "@yearly @annually @monthly @weekly @daily @midnight @hourly";
        if let Some(every) = schedule.strip_prefix("@every ") {
            return match Duration::parse(every) {
                Some(_) => Ok(()),
                None => Err(format!(
                    "failed to parse duration {schedule}: time: invalid duration \"{every}\""
                )),
            };
        }
        return match WORDS.split(' ').any(|word| word == schedule) {
            true => Ok(()),
            false => Err(format!("unrecognized descriptor: {schedule}")),
        };
    }
    let parts: Vec<&str> = schedule.split_ascii_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Err(format!(
            "expected exactly 5 fields, found {}: [{}]",
            parts.len(),
            parts.join(" ")
        ));
    }
    for (part, field) in parts.iter().zip(&FIELDS) {
        for range in part.split(',').filter(|range| !range.is_empty()) {
            field.range(range)?;
        }
    }
    Ok(())
}

impl Field {
    fn range(&self, text: &str) -> Result<(), String> {
        let mut slashes = text.split('/');
        let range = slashes.next().unwrap_or_default();
        let step = slashes.next();
        if slashes.next().is_some() {
            return Err(format!("too many slashes: {text}"));
        }
        let (start, end) = if matches!(range, "*" | "?") {
            (self.least, self.greatest)
        } else {
            let mut hyphens = range.split('-');
            let start = self.number(hyphens.next().unwrap_or_default())?;
            let end = match hyphens.next() {
                Some(end) => self.number(end)?,
                None if step.is_some() => self.greatest,
                None => start,
            };
            if hyphens.next().is_some() {
                return Err(format!("too many hyphens: {text}"));
            }
            (start, end)
        };
        let step = step.map_or(Ok(1), whole)?;
        if start < self.least {
            let least = self.least;
            return Err(format!("beginning of range ({start}) below minimum ({least}): {text}"));
        }
        if end > self.greatest {
            let greatest = self.greatest;
            return Err(format!("end of range ({end}) above maximum ({greatest}): {text}"));
        }
        if start > end {
            return Err(format!(
                "beginning of range ({start}) beyond end of range ({end}): {text}"
            ));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {text}"));
        }
        Ok(())
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_lowercase();
        match self.names.iter().position(|name| *name == lower) {
            Some(at) => Ok(at as u32 + self.least),
            None => whole(text),
        }
    }
}

fn whole(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        Err(_) => Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax"
        )),
    }
}
