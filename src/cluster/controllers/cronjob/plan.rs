//! One look of the CronJob controller: which time is due, and what is done about it.
//!
//! Models pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob and utils.go, as a function
//! without effects. Does not own: carrying it out (`cronjob`).

use std::rc::Rc;

use crate::manifest::schedule::Schedule;
use crate::manifest::time_zone::Zone;
use crate::manifest::workloads::{ActiveJob, CronJob, CronJobStatus, Job};
use crate::time::{Duration, Instant};

/// A look comes a little after its time, for clocks that differ (nextScheduleDelta).
const DELTA: Duration = Duration::from_millis(100);
/// Starts that may be missed before it is said aloud.
const MISSED_MAX: i64 = 100;

/// What one look decides.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What is said: type, reason, message.
    pub events: Vec<(&'static str, &'static str, String)>,
    /// Jobs to delete because a new one takes their place.
    pub replace: Vec<String>,
    /// The time for which a Job is to be created.
    pub create: Option<Instant>,
    /// The status, before a new Job is added to it.
    pub status: CronJobStatus,
    /// When to look again.
    pub again: Option<Duration>,
}

impl Plan {
    /// The Job could not be created because the namespace goes: nothing is written, and nothing
    /// is cleaned up.
    ///
    /// Models cronjob_controllerv2.go syncCronJob, HasStatusCause NamespaceTerminatingCause.
    pub fn refused(&mut self, cron_job: &CronJob) {
        self.create = None;
        self.again = None;
        self.status = cron_job.status.clone();
    }
}

/// The times of a CronJob that count at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// From when on times are looked at.
    pub earliest: Instant,
    /// The last time that has passed.
    pub most_recent: Option<Instant>,
    /// More than a hundred have passed.
    pub too_many: bool,
}

/// The last time that has passed and was not used.
///
/// Models utils.go mostRecentScheduleTime; the error is a schedule without two different times.
pub fn most_recent(
    cron_job: &CronJob,
    now: Instant,
    schedule: Schedule,
    zone: Zone,
    with_deadline: bool,
) -> Result<Due, String> {
    let created = cron_job.metadata.creation_timestamp.unwrap_or_default();
    let mut earliest = cron_job.status.last_schedule_time.unwrap_or(created);
    if let Some(seconds) = cron_job.spec.starting_deadline_seconds.filter(|_| with_deadline) {
        earliest = earliest.max(now - Duration::from_secs(seconds));
    }
    let due = |most_recent| Due { earliest, most_recent, too_many: false };
    let never = "time difference between two schedules is less than 1 second";
    let next = |after| schedule.next(after, zone).ok_or_else(|| never.to_owned());
    let first = next(earliest)?;
    if now < first {
        return Ok(due(None));
    }
    let second = next(first)?;
    if now < second {
        return Ok(due(Some(first)));
    }
    let between = second.since(first).as_secs();
    if between < 1 {
        return Err(never.to_owned());
    }
    let missed = now.since(first).as_secs() / between + 1;
    // Two intervals before the last one, so that an uneven schedule is met on its own times.
    let mut last = None;
    let mut at = next(first + Duration::from_secs((missed - 2) * between))?;
    while at <= now {
        last = Some(at);
        at = next(at)?;
    }
    Ok(Due { earliest, most_recent: last, too_many: missed > MISSED_MAX })
}

/// Looks at a CronJob and its Jobs.
pub fn plan(cron_job: &CronJob, jobs: &[Rc<Job>], now: Instant) -> Plan {
    let mut plan = Plan { status: cron_job.status.clone(), ..Plan::default() };
    look_at_jobs(&mut plan, jobs);
    if cron_job.metadata.deletion_timestamp.is_some() || cron_job.spec.suspend == Some(true) {
        return plan;
    }
    let zone = match &cron_job.spec.time_zone {
        None => Zone::UTC,
        Some(name) => Zone::find(name).unwrap_or(Zone::UTC),
    };
    let text = &cron_job.spec.schedule;
    if text.contains("TZ") {
        // cronjob_controllerv2.go formatSchedule: the zone of the schedule is the one that counts.
        let message = format!(
            "CRON_TZ or TZ used in schedule \"{text}\" is not officially supported, see \
             https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
        );
        plan.events.push(("Warning", "UnsupportedSchedule", message));
    }
    match Schedule::with_zone(text) {
        Ok((schedule, own)) => {
            let timing = (schedule, own.unwrap_or(zone));
            at_its_time(&mut plan, cron_job, jobs, timing, now);
        }
        Err(fault) => {
            let message = format!("unparseable schedule: \"{text}\" : {fault}");
            plan.events.push(("Warning", "UnparseableSchedule", message));
        }
    }
    plan
}

/// Jobs that have finished or are gone are no longer active.
fn look_at_jobs(plan: &mut Plan, jobs: &[Rc<Job>]) {
    for job in jobs {
        let name = &job.metadata.name;
        let uid = &job.metadata.uid;
        let listed = plan.status.active.iter().any(|active| active.uid == *uid);
        let finished = job.status.is_finished();
        if !listed && !finished {
            let message = format!("Saw a job that the controller did not create or forgot: {name}");
            plan.events.push(("Warning", "UnexpectedJob", message));
        } else if listed && finished {
            plan.status.active.retain(|active| active.uid != *uid);
            let condition = if job.status.is_true("Complete") { "Complete" } else { "Failed" };
            let message = format!("Saw completed job: {name}, condition: {condition}");
            plan.events.push(("Normal", "SawCompletedJob", message));
        }
        if job.status.is_true("Complete") {
            let last = &mut plan.status.last_successful_time;
            *last = (*last).max(job.status.completion_time);
        }
    }
    let gone: Vec<ActiveJob> = plan
        .status
        .active
        .iter()
        .filter(|active| jobs.iter().all(|job| job.metadata.uid != active.uid))
        .cloned()
        .collect();
    for job in gone {
        plan.status.active.retain(|active| active.uid != job.uid);
        let message = format!("Active job went missing: {}", job.name);
        plan.events.push(("Normal", "MissingJob", message));
    }
}

/// Decides about the time that is due.
fn at_its_time(
    plan: &mut Plan,
    cron_job: &CronJob,
    jobs: &[Rc<Job>],
    (schedule, zone): (Schedule, Zone),
    now: Instant,
) {
    // Jobs that were seen to be over count already; the last time is that of before this look.
    let due = match most_recent(cron_job, now, schedule, zone, true) {
        Ok(due) => due,
        Err(fault) => {
            let message = format!("invalid schedule: {} : {fault}", cron_job.spec.schedule);
            plan.events.push(("Warning", "InvalidSchedule", message));
            return;
        }
    };
    if due.too_many {
        let message = "too many missed start times. Set or decrease \
                       .spec.startingDeadlineSeconds or check clock skew";
        plan.events.push(("Warning", "TooManyMissedTimes", message.to_owned()));
    }
    plan.again = Some(until_next(cron_job, now, schedule, zone));
    let Some(scheduled) = due.most_recent.filter(|at| *at <= now) else { return };
    let too_late = cron_job
        .spec
        .starting_deadline_seconds
        .is_some_and(|seconds| scheduled + Duration::from_secs(seconds) < now);
    if too_late {
        let message = format!("Missed scheduled time to start a job: {}", scheduled.rfc1123z());
        plan.events.push(("Warning", "MissSchedule", message));
        return;
    }
    let name = job_name(cron_job, scheduled);
    if plan.status.active.iter().any(|active| active.name == name)
        || cron_job.status.last_schedule_time == Some(scheduled)
    {
        return;
    }
    match cron_job.spec.concurrency_policy.as_str() {
        "Forbid" if !plan.status.active.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency \
                           policy is Forbid";
            plan.events.push(("Normal", "JobAlreadyActive", message.to_owned()));
            return;
        }
        "Replace" => {
            plan.replace = plan.status.active.drain(..).map(|active| active.name).collect();
        }
        _ => {}
    }
    match jobs.iter().find(|job| job.metadata.name == name) {
        // Made before, and forgotten: it is taken back into the list.
        Some(job) => plan.status.active.push(active(job)),
        None => plan.create = Some(scheduled),
    }
    plan.status.last_schedule_time = Some(scheduled);
    let after = CronJob { status: plan.status.clone(), ..cron_job.clone() };
    plan.again = Some(until_next(&after, now, schedule, zone));
}

/// What the list of the active holds of a Job.
pub fn active(job: &Job) -> ActiveJob {
    ActiveJob {
        api_version: "batch/v1".to_owned(),
        kind: "Job".to_owned(),
        name: job.metadata.name.clone(),
        namespace: job.metadata.namespace.clone(),
        uid: job.metadata.uid.clone(),
    }
}

/// How long until the next look.
///
/// Models cronjob_controllerv2.go nextScheduleTimeDuration.
fn until_next(cron_job: &CronJob, now: Instant, schedule: Schedule, zone: Zone) -> Duration {
    let from = match most_recent(cron_job, now, schedule, zone, false) {
        Ok(due) => match due.most_recent {
            Some(at) => at,
            None if due.too_many => now,
            None => due.earliest,
        },
        Err(_) => now,
    };
    schedule.next(from, zone).map_or(Duration::from_secs(86_400), |at| (at + DELTA).since(now))
}

/// The name of the Job for a time: the CronJob's, and the minutes since 1970.
pub fn job_name(cron_job: &CronJob, scheduled: Instant) -> String {
    format!("{}-{}", cron_job.metadata.name, scheduled.unix_seconds().div_euclid(60))
}

/// The Jobs that are more than the history keeps, oldest first.
///
/// Models cronjob_controllerv2.go cleanupFinishedJobs.
pub fn superfluous(cron_job: &CronJob, jobs: &[Rc<Job>]) -> Vec<Rc<Job>> {
    let mut all = Vec::new();
    for (kind, keep) in [
        ("Complete", cron_job.spec.successful_jobs_history_limit),
        ("Failed", cron_job.spec.failed_jobs_history_limit),
    ] {
        let Some(keep) = keep.and_then(|keep| usize::try_from(keep).ok()) else { continue };
        let mut finished: Vec<Rc<Job>> =
            jobs.iter().filter(|job| job.status.is_true(kind)).cloned().collect();
        crate::order::sort_by_key(&mut finished, |job| {
            (job.status.start_time.is_none(), job.status.start_time, job.metadata.name.clone())
        });
        finished.truncate(finished.len().saturating_sub(keep));
        all.extend(finished);
    }
    all
}
