//! `kubectl describe` of Jobs and CronJobs.
//!
//! Models describeJob and describeCronJob of kubectl/pkg/describe/describe.go. Does not own: the
//! template of their Pods (`workload.rs`).

use crate::manifest::selector;
use crate::manifest::workloads::{CronJob, Job, JobSpec};
use crate::view::kubectl::describe::pod::controlled_by;
use crate::view::kubectl::describe::workload::template;
use crate::view::kubectl::describe::{Context, Writer};

pub(super) fn job(w: &mut Writer, context: &Context<'_>, job: &Job) {
    let Job { metadata, spec, status } = job;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    w.field(0, "Selector", &spec.selector.as_ref().map(selector::format).unwrap_or_default());
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    controlled_by(w, metadata);
    numbers(w, spec);
    if let Some(start) = status.start_time {
        w.field(0, "Start Time", &start.rfc1123z());
    }
    if let Some(end) = status.completion_time {
        w.field(0, "Completed At", &end.rfc1123z());
    }
    if let (Some(start), Some(end)) = (status.start_time, status.completion_time) {
        w.field(0, "Duration", &end.since(start).human());
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        w.field(0, "Active Deadline Seconds", &format!("{seconds}s"));
    }
    let ready = status.ready.map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    let (active, succeeded, failed) = (status.active, status.succeeded, status.failed);
    w.field(
        0,
        "Pods Statuses",
        &format!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"),
    );
    if spec.completion_mode.as_deref() == Some("Indexed") {
        let none = |text: &str| if text.is_empty() { "<none>" } else { text }.to_owned();
        w.field(0, "Completed Indexes", &none(&status.completed_indexes));
    }
    template(w, &spec.template);
    w.events(context, metadata);
}

fn numbers(w: &mut Writer, spec: &JobSpec) {
    let number = |value: Option<i32>| value.map_or_else(|| "<unset>".to_owned(), |n| n.to_string());
    w.field(0, "Parallelism", &number(spec.parallelism));
    w.field(0, "Completions", &number(spec.completions));
    if let Some(mode) = &spec.completion_mode {
        w.field(0, "Completion Mode", mode);
    }
    if let Some(suspend) = spec.suspend {
        w.field(0, "Suspend", &suspend.to_string());
    }
    if let Some(limit) = spec.backoff_limit {
        w.field(0, "Backoff Limit", &limit.to_string());
    }
    if let Some(seconds) = spec.ttl_seconds_after_finished {
        w.field(0, "TTL Seconds After Finished", &seconds.to_string());
    }
}

pub(super) fn cron_job(w: &mut Writer, context: &Context<'_>, cron_job: &CronJob) {
    let CronJob { metadata, spec, status } = cron_job;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    w.field(0, "Schedule", &spec.schedule);
    if let Some(zone) = &spec.time_zone {
        w.field(0, "Time Zone", zone);
    }
    w.field(0, "Concurrency Policy", &spec.concurrency_policy);
    let suspend = if spec.suspend == Some(true) { "True" } else { "False" };
    w.field(0, "Suspend", suspend);
    let number = |value: Option<i32>| value.map_or_else(|| "<unset>".to_owned(), |n| n.to_string());
    w.field(0, "Successful Job History Limit", &number(spec.successful_jobs_history_limit));
    w.field(0, "Failed Job History Limit", &number(spec.failed_jobs_history_limit));
    let deadline = spec.starting_deadline_seconds;
    let deadline = deadline.map_or_else(|| "<unset>".to_owned(), |seconds| format!("{seconds}s"));
    w.field(0, "Starting Deadline Seconds", &deadline);
    let job = &spec.job_template.spec;
    let selector = job.selector.as_ref().map_or_else(|| "<unset>".to_owned(), selector::format);
    w.field(0, "Selector", &selector);
    w.field(0, "Parallelism", &number(job.parallelism));
    w.field(0, "Completions", &number(job.completions));
    if let Some(seconds) = job.active_deadline_seconds {
        w.field(0, "Active Deadline Seconds", &format!("{seconds}s"));
    }
    template(w, &job.template);
    let last = status.last_schedule_time;
    w.field(0, "Last Schedule Time", &last.map_or_else(|| "<unset>".to_owned(), |t| t.rfc1123z()));
    let active: Vec<&str> = status.active.iter().map(|job| job.name.as_str()).collect();
    let active = if active.is_empty() { "<none>".to_owned() } else { active.join(", ") };
    w.field(0, "Active Jobs", &active);
    w.events(context, metadata);
}
