//! One look of the Job controller: what it counts, what it makes and unmakes, what it writes.
//!
//! Models pkg/controller/job/job_controller.go syncJob, manageJob and
//! trackJobStatusAndRemoveFinalizers, as a function without effects. Does not own: carrying it out
//! (`job`).

use std::rc::Rc;

use crate::cluster::controllers::job::backoff::{
    BACKOFF, BACKOFF_MAX, BackoffRecord, failures_of_index, finished_at, remaining_of_index,
};
use crate::cluster::controllers::job::failure_policy::{Action, match_policy};
use crate::cluster::controllers::job::indexes;
use crate::cluster::controllers::job::success_policy::success;
use crate::cluster::controllers::pods::{Order, deletion_order, is_active, is_ready};
use crate::manifest::pod::Pod;
use crate::manifest::workloads::{Job, JobCondition, JobStatus};
use crate::map::{Map, Set};
use crate::time::{Duration, Instant};

/// The finalizer that keeps a Pod until it has been counted.
pub const FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// The most Pods that one look creates or deletes (MaxPodCreateDeletePerSync).
const BURST: usize = 500;
/// The most Pods that wait for being counted (MaxUncountedPods).
const UNCOUNTED_MAX: usize = 500;

/// What one look decides, in the order in which it is carried out.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Pods to delete: too many, or the Job is suspended. They are let go before, uncounted.
    pub delete: Vec<Rc<Pod>>,
    /// Pods to delete because the Job is over. They count as failed when it has failed.
    pub abandon: Vec<Rc<Pod>>,
    /// Pods to create, each with its index and the Pod that it replaces, if there are such.
    pub create: Vec<NewPod>,
    /// `Suspended` or `Resumed`: the Event about it.
    pub suspension: Option<&'static str>,
    /// The status before the Pods are let go; `None` when nothing is to be written.
    pub before: Option<JobStatus>,
    /// Pods that have been counted, or need not be, and lose their finalizer.
    pub let_go: Vec<Rc<Pod>>,
    /// The status after that; `None` when it stays as it is.
    pub after: Option<JobStatus>,
    /// The condition with which the Job ends.
    pub finished: Option<JobCondition>,
    /// When to look again at the latest.
    pub again: Option<Duration>,
    /// What is remembered of failures from now on.
    pub record: BackoffRecord,
}

impl Plan {
    /// Some Pods could not be created: they are not active.
    ///
    /// Models job_controller.go manageJob, which takes the failed and the skipped off again.
    pub fn not_made(&mut self, job: &Job, count: usize) {
        if count == 0 {
            return;
        }
        for status in [&mut self.before, &mut self.after].into_iter().flatten() {
            status.active -= count as i32;
        }
        let same = |status: &Option<JobStatus>| status.as_ref() == Some(&job.status);
        if same(&self.before) {
            self.before = None;
        }
        if same(&self.after) {
            self.after = None;
        }
    }
}

/// In which ways a release and the moment differ from others.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// SuccessCriteriaMet and FailureTarget come before the end.
    pub delays: bool,
    /// Indexes can fail on their own.
    pub per_index: bool,
    /// What the last look has done has not come back yet: nothing more is done.
    pub expects: bool,
}

/// A Pod to create.
#[derive(Clone, Debug)]
pub struct NewPod {
    /// Its index, in an Indexed Job.
    pub index: Option<i32>,
    /// The failed Pod of this index, when indexes have limits of their own.
    pub replaces: Option<Rc<Pod>>,
}

/// Everything that one look has found out so far.
struct Look<'j> {
    job: &'j Job,
    pods: &'j [Rc<Pod>],
    now: Instant,
    ways: Ways,
    active: Vec<Rc<Pod>>,
    ready: i32,
    terminating: i32,
    succeeded: i32,
    failed: i32,
    before_indexes: Set<i32>,
    succeeded_indexes: Set<i32>,
    failed_indexes: Set<i32>,
    /// The failed Pods that remember how often their index has failed.
    delayed: Map<i32, Rc<Pod>>,
    finished: Option<JobCondition>,
    status: JobStatus,
    plan: Plan,
}

/// Looks at a Job and its Pods.
pub fn plan(job: &Job, pods: &[Rc<Pod>], record: BackoffRecord, now: Instant, ways: Ways) -> Plan {
    let active: Vec<Rc<Pod>> = pods.iter().filter(|pod| is_active(pod)).cloned().collect();
    let count = |test: &dyn Fn(&Pod) -> bool| pods.iter().filter(|pod| test(pod)).count() as i32;
    let mut look = Look {
        ready: active.iter().filter(|pod| is_ready(pod)).count() as i32,
        terminating: count(&|pod| pod.is_terminating() && !pod.is_terminal()),
        succeeded: 0,
        failed: 0,
        before_indexes: Set::new(),
        succeeded_indexes: Set::new(),
        failed_indexes: Set::new(),
        delayed: Map::new(),
        finished: None,
        status: job.status.clone(),
        plan: Plan::default(),
        job,
        pods,
        now,
        ways,
        active,
    };
    look.run(record);
    look.plan
}

impl Look<'_> {
    fn run(&mut self, record: BackoffRecord) {
        let (new_succeeded, new_failed) = self.newly_finished();
        let uncounted = &self.job.status.uncounted;
        let ignored = new_failed.iter().filter(|pod| !self.match_of(pod).counts).count();
        self.succeeded = self.job.status.succeeded
            + new_succeeded.len() as i32
            + uncounted.succeeded.len() as i32;
        self.failed = self.job.status.failed
            + (new_failed.len() - ignored) as i32
            + uncounted.failed.len() as i32;
        if self.status.start_time.is_none() && !self.is_suspended() {
            self.status.start_time = Some(self.now.truncated());
        }
        let times = |pods: &[Rc<Pod>]| -> Vec<Instant> {
            pods.iter().map(|pod| finished_at(pod, self.now)).collect()
        };
        self.plan.record = record.after(&times(&new_succeeded), &times(&new_failed));
        self.find_end();
        let mut active = self.active.len() as i32;
        let mut suspension_changed = false;
        if self.finished.is_some() {
            self.plan.abandon.clone_from(&self.active);
            self.terminating += active;
            active = 0;
            self.ready = 0;
            if self.ways.expects {
                // There may be Pods that have not been seen yet.
                self.finished = None;
            }
        } else {
            let managed = !self.ways.expects && self.job.metadata.deletion_timestamp.is_none();
            if managed {
                active = self.manage(active);
            }
            let done = match self.job.spec.completions {
                None => self.succeeded > 0,
                Some(wanted) => self.succeeded >= wanted,
            };
            if done && active == 0 {
                let kind = if self.ways.delays { "SuccessCriteriaMet" } else { "Complete" };
                let message = "Reached expected number of succeeded pods";
                self.finished = Some(self.condition(kind, "CompletionsReached", message));
            } else if managed {
                suspension_changed = self.note_suspension();
            }
        }
        let mut changed = suspension_changed
            || self.status.start_time != self.job.status.start_time
            || active != self.status.active
            || Some(self.ready) != self.status.ready
            || Some(self.terminating) != self.status.terminating;
        self.status.active = active;
        self.status.ready = Some(self.ready);
        self.status.terminating = Some(self.terminating);
        changed |= self.count();
        self.end(changed);
    }

    const fn is_suspended(&self) -> bool {
        matches!(self.job.spec.suspend, Some(true))
    }

    fn is_indexed(&self) -> bool {
        self.job.spec.completion_mode.as_deref() == Some("Indexed")
    }

    fn completions(&self) -> i32 {
        self.job.spec.completions.unwrap_or(0)
    }

    /// The index of a Pod, if it is one that the Job has.
    fn valid_index(&self, pod: &Pod) -> Option<i32> {
        indexes::index_of(pod).filter(|index| *index < self.completions())
    }

    /// A failed Pod is replaced only when it is really over, not as soon as it is deleted.
    fn replaces_failed_only(&self) -> bool {
        self.job.spec.pod_replacement_policy.as_deref() == Some("Failed")
    }

    fn is_failed(&self, pod: &Pod) -> bool {
        match pod.status.phase.as_str() {
            "Failed" => true,
            "Succeeded" => false,
            phase if self.replaces_failed_only() => pod.is_terminating() && phase == "Pending",
            _ => pod.is_terminating(),
        }
    }

    fn match_of(&self, pod: &Pod) -> crate::cluster::controllers::job::failure_policy::Match {
        match_policy(self.job.spec.pod_failure_policy.as_ref(), pod, self.ways.per_index)
    }

    fn condition(&self, kind: &str, reason: &str, message: &str) -> JobCondition {
        let now = Some(self.now.truncated());
        JobCondition {
            kind: kind.to_owned(),
            status: "True".to_owned(),
            last_probe_time: now,
            last_transition_time: now,
            reason: reason.to_owned(),
            message: message.to_owned(),
        }
    }

    fn failure(&self, reason: &str, message: &str) -> JobCondition {
        self.condition(if self.ways.delays { "FailureTarget" } else { "Failed" }, reason, message)
    }

    /// Pods that have ended and were never counted: those that succeeded, and those that failed.
    fn newly_finished(&self) -> (Vec<Rc<Pod>>, Vec<Rc<Pod>>) {
        let uncounted = &self.job.status.uncounted;
        let valid = |pod: &&Rc<Pod>| {
            is_tracked(pod) && (!self.is_indexed() || self.valid_index(pod).is_some())
        };
        let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
        for pod in self.pods.iter().filter(valid) {
            let uid = &pod.metadata.uid;
            if pod.status.phase == "Succeeded" && !uncounted.succeeded.contains(uid) {
                succeeded.push(pod.clone());
            } else if self.is_failed(pod) && !uncounted.failed.contains(uid) {
                failed.push(pod.clone());
            }
        }
        (succeeded, failed)
    }

    /// Whether the Job is over, and how.
    fn find_end(&mut self) {
        let known = |kind: &str| {
            self.job.status.conditions.iter().find(|c| c.kind == kind && c.status == "True")
        };
        self.finished = known("SuccessCriteriaMet").cloned().or_else(|| {
            let target = known("FailureTarget")?;
            Some(self.condition("Failed", &target.reason, &target.message))
        });
        if self.finished.is_none() {
            self.finished = self
                .pods
                .iter()
                .filter(|pod| self.is_failed(pod))
                .find_map(|pod| self.match_of(pod).message)
                .map(|message| self.condition("FailureTarget", "PodFailurePolicy", &message));
        }
        if self.finished.is_none() {
            let limit = self.job.spec.backoff_limit.unwrap_or(6);
            if self.failed > limit || self.restarted_too_often(limit) {
                let message = "Job has reached the specified backoff limit";
                self.finished = Some(self.failure("BackoffLimitExceeded", message));
            } else if let Some(left) = self.until_deadline() {
                if left <= Duration::ZERO {
                    let message = "Job was active longer than specified deadline";
                    self.finished = Some(self.failure("DeadlineExceeded", message));
                } else {
                    self.look_again(left);
                }
            }
        }
        if self.is_indexed() {
            self.look_at_indexes();
        }
    }

    fn until_deadline(&self) -> Option<Duration> {
        let seconds = self.job.spec.active_deadline_seconds?;
        let start = self.status.start_time.filter(|_| !self.is_suspended())?;
        Some(Duration::from_secs(seconds) - self.now.since(start))
    }

    /// With restartPolicy OnFailure the restarts of all Pods together count.
    fn restarted_too_often(&self, limit: i32) -> bool {
        if self.job.spec.template.spec.restart_policy != "OnFailure" {
            return false;
        }
        let restarts: i32 = self
            .pods
            .iter()
            .filter(|pod| matches!(pod.status.phase.as_str(), "Running" | "Pending"))
            .flat_map(|pod| {
                pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses)
            })
            .map(|status| status.restart_count)
            .sum();
        if limit == 0 { restarts > 0 } else { restarts >= limit }
    }

    fn look_at_indexes(&mut self) {
        let completions = self.completions();
        self.before_indexes = indexes::parse(&self.job.status.completed_indexes, completions);
        self.succeeded_indexes.clone_from(&self.before_indexes);
        for pod in self.pods.iter().filter(|pod| is_tracked(pod)) {
            if pod.status.phase == "Succeeded"
                && let Some(index) = self.valid_index(pod)
            {
                self.succeeded_indexes.insert(index);
            }
        }
        self.succeeded = self.succeeded_indexes.len() as i32;
        if let Some(limit) = self.job.spec.backoff_limit_per_index {
            self.look_at_failed_indexes(limit);
        }
        if self.finished.is_none()
            && let Some(message) =
                success(self.job.spec.success_policy.as_ref(), &self.succeeded_indexes, completions)
        {
            self.finished = Some(self.condition("SuccessCriteriaMet", "SuccessPolicy", &message));
        }
    }

    fn look_at_failed_indexes(&mut self, limit: i32) {
        let completions = self.completions();
        let known = self.job.status.failed_indexes.as_deref().unwrap_or_default();
        self.failed_indexes = indexes::parse(known, completions);
        let limit = u32::try_from(limit).unwrap_or(0);
        let failing: Vec<Rc<Pod>> = self
            .pods
            .iter()
            .filter(|pod| is_tracked(pod) && self.is_failed(pod))
            .cloned()
            .collect();
        for pod in &failing {
            let Some(index) = self.valid_index(pod) else { continue };
            let fails = self.match_of(pod).action == Some(Action::FailIndex)
                || failures_of_index(pod) >= limit;
            if fails {
                self.failed_indexes.insert(index);
            }
        }
        let failed = self.failed_indexes.len() as i32;
        if self.finished.is_none() {
            if self.job.spec.max_failed_indexes.is_some_and(|most| failed > most) {
                let message = "Job has exceeded the specified maximal number of failed indexes";
                self.finished = Some(self.failure("MaxFailedIndexesExceeded", message));
            } else if failed > 0 && failed + self.succeeded >= completions {
                self.finished = Some(self.failure("FailedIndexes", "Job has failed indexes"));
            }
        }
        let active: Set<i32> =
            self.active.iter().filter_map(|pod| indexes::index_of(pod)).collect();
        for pod in &failing {
            let Some(index) = self.valid_index(pod) else { continue };
            let over = self.succeeded_indexes.contains(&index)
                || self.failed_indexes.contains(&index)
                || active.contains(&index);
            let age = |pod: &Pod| {
                (
                    failures_of_index(pod) + super::backoff::ignored_of_index(pod),
                    finished_at(pod, self.now),
                )
            };
            let older = self.delayed.get(&index).is_some_and(|known| age(known) > age(pod));
            if !over && !older {
                self.delayed.insert(index, pod.clone());
            }
        }
    }

    /// Creates or deletes Pods; returns how many are active then.
    fn manage(&mut self, active: i32) -> i32 {
        if self.is_suspended() {
            return self.remove(active, active);
        }
        let parallelism = self.job.spec.parallelism.unwrap_or(1);
        let wanted = match self.job.spec.completions {
            // One success, and the others are left to finish.
            None if self.succeeded > 0 => active,
            None => parallelism,
            Some(completions) => (completions - self.succeeded).min(parallelism).max(0),
        };
        let surplus = (active - wanted).max(0);
        let left = self.remove(active, surplus);
        if left != active {
            return left;
        }
        let leaving = if self.replaces_failed_only() { self.terminating } else { 0 };
        let missing = (wanted - leaving - active).max(0);
        if missing == 0 {
            return active;
        }
        let independent = self.job.spec.backoff_limit_per_index.is_some();
        if !independent {
            let left = self.plan.record.remaining(self.now, BACKOFF, BACKOFF_MAX);
            if left > Duration::ZERO {
                self.look_again(left);
                // job_controller.go manageJob: nobody counts as active while the Job waits.
                return 0;
            }
        }
        let missing = usize::try_from(missing).unwrap_or(0).min(BURST);
        if !self.is_indexed() {
            self.plan.create = vec![NewPod { index: None, replaces: None }; missing];
            return active + missing as i32;
        }
        let pending = self.pending_indexes(missing);
        let mut shortest: Option<Duration> = None;
        for index in pending {
            let replaces = self.delayed.get(&index).cloned();
            let left = remaining_of_index(replaces.as_deref(), self.now);
            if independent && left > Duration::ZERO {
                shortest = Some(shortest.map_or(left, |known| known.min(left)));
            } else {
                self.plan.create.push(NewPod { index: Some(index), replaces });
            }
        }
        if let Some(left) = shortest {
            self.look_again(left);
            if self.plan.create.is_empty() {
                return 0;
            }
        }
        active + self.plan.create.len() as i32
    }

    /// The first indexes that have neither a Pod nor an end.
    fn pending_indexes(&self, count: usize) -> Vec<i32> {
        let mut taken: Set<i32> =
            self.active.iter().filter_map(|pod| indexes::index_of(pod)).collect();
        if self.replaces_failed_only() {
            let leaving = self.pods.iter().filter(|pod| pod.is_terminating() && !pod.is_terminal());
            taken.extend(leaving.filter_map(|pod| indexes::index_of(pod)));
        }
        (0..self.completions())
            .filter(|index| {
                !taken.contains(index)
                    && !self.succeeded_indexes.contains(index)
                    && !self.failed_indexes.contains(index)
            })
            .take(count)
            .collect()
    }

    /// Chooses so many Pods, at least, to be deleted; returns how many are left.
    fn remove(&mut self, active: i32, at_least: i32) -> i32 {
        let at_least = usize::try_from(at_least).unwrap_or(0);
        let mut left = self.active.clone();
        if self.is_indexed() {
            left = self.remove_duplicates();
        }
        let missing = at_least.saturating_sub(self.plan.delete.len());
        let order = deletion_order(&left, Order::PLAIN, self.now, &|_| 0);
        self.plan.delete.extend(order.into_iter().take(missing));
        self.plan.delete.truncate(BURST);
        self.ready -= self.plan.delete.iter().filter(|pod| is_ready(pod)).count() as i32;
        let removed = self.plan.delete.len() as i32;
        self.terminating += removed;
        active - removed
    }

    /// Pods without an index of the Job go, and all but one of each index; returns the others.
    fn remove_duplicates(&mut self) -> Vec<Rc<Pod>> {
        let mut by_index: Map<i32, Vec<Rc<Pod>>> = Map::new();
        for pod in self.active.clone() {
            match self.valid_index(&pod) {
                Some(index) => by_index.entry(index).or_default().push(pod),
                None => self.plan.delete.push(pod),
            }
        }
        let mut left = Vec::new();
        for (_, pods) in by_index {
            let mut order = deletion_order(&pods, Order::PLAIN, self.now, &|_| 0);
            left.extend(order.pop());
            self.plan.delete.extend(order);
        }
        left
    }

    fn look_again(&mut self, after: Duration) {
        self.plan.again = Some(self.plan.again.map_or(after, |known| known.min(after)));
    }

    /// Writes down that the Job is suspended, or no longer.
    fn note_suspension(&mut self) -> bool {
        let (reason, message, event) = if self.is_suspended() {
            ("JobSuspended", "Job suspended", "Suspended")
        } else {
            ("JobResumed", "Job resumed", "Resumed")
        };
        let mut condition = self.condition("Suspended", reason, message);
        if !self.is_suspended() {
            condition.status = "False".to_owned();
        }
        if !ensure_condition(&mut self.status.conditions, condition) {
            return false;
        }
        self.plan.suspension = Some(event);
        if !self.is_suspended() {
            // Time before the suspension does not count.
            self.status.start_time = Some(self.now.truncated());
        }
        true
    }

    /// Counts the Pods that have ended. Returns whether the status has to be written first.
    fn count(&mut self) -> bool {
        let tracked: Set<&str> = self
            .pods
            .iter()
            .filter(|pod| is_tracked(pod))
            .map(|pod| pod.metadata.uid.as_str())
            .collect();
        let mut changed = settle(&mut self.status, &|uid| tracked.contains(uid));
        let mut pods: Vec<&Rc<Pod>> = self.pods.iter().filter(|pod| is_tracked(pod)).collect();
        if self.is_indexed() {
            crate::order::sort_by_key(&mut pods, |pod| indexes::index_of(pod));
        }
        for pod in pods {
            // Pods that were deleted on the way have been let go already.
            let deleted = |p: &Rc<Pod>| p.metadata.uid == pod.metadata.uid;
            if self.plan.delete.iter().any(deleted) || !self.may_go(pod) {
                continue;
            }
            self.plan.let_go.push(pod.clone());
            changed |= self.count_one(pod);
            let uncounted = &self.status.uncounted;
            if uncounted.succeeded.len() + uncounted.failed.len() >= UNCOUNTED_MAX {
                self.look_again(Duration::ZERO);
                break;
            }
        }
        if self.is_indexed() {
            let completed = indexes::text(&self.succeeded_indexes);
            changed |= completed != self.status.completed_indexes;
            self.status.succeeded = self.succeeded_indexes.len() as i32;
            self.status.completed_indexes = completed;
            if self.job.spec.backoff_limit_per_index.is_some() {
                let failed = Some(indexes::text(&self.failed_indexes));
                changed |= failed != self.status.failed_indexes;
                self.status.failed_indexes = failed;
            }
        }
        changed
    }

    fn count_one(&mut self, pod: &Pod) -> bool {
        let uid = &pod.metadata.uid;
        let index = self.valid_index(pod);
        let uncounted = &self.status.uncounted;
        if pod.status.phase == "Succeeded" && !uncounted.failed.contains(uid) {
            if self.is_indexed() {
                return index.is_some_and(|index| !self.before_indexes.contains(&index));
            }
            if uncounted.succeeded.contains(uid) {
                return false;
            }
            self.status.uncounted.succeeded.push(uid.clone());
            return true;
        }
        let failing = self.finished.as_ref().is_some_and(|c| c.kind != "SuccessCriteriaMet");
        if !(self.is_failed(pod) || failing)
            || uncounted.failed.contains(uid)
            || (self.is_indexed() && index.is_none())
            || !self.match_of(pod).counts
        {
            return false;
        }
        self.status.uncounted.failed.push(uid.clone());
        true
    }

    /// Whether a Pod need not be kept any longer (canRemoveFinalizer).
    fn may_go(&self, pod: &Pod) -> bool {
        if self.job.metadata.deletion_timestamp.is_some()
            || self.finished.is_some()
            || pod.status.phase == "Succeeded"
        {
            return true;
        }
        if !self.is_failed(pod) {
            return false;
        }
        let remembers = indexes::index_of(pod)
            .and_then(|index| self.delayed.get(&index))
            .is_some_and(|kept| kept.metadata.uid == pod.metadata.uid);
        self.job.spec.backoff_limit_per_index.is_none() || !remembers
    }

    /// The two writes of the status, and the end of the Job.
    fn end(&mut self, mut changed: bool) {
        let interim = self.finished.clone();
        if let Some(condition) = &interim
            && matches!(condition.kind.as_str(), "FailureTarget" | "SuccessCriteriaMet")
        {
            if !self.status.conditions.iter().any(|c| c.kind == condition.kind) {
                self.status.conditions.push(condition.clone());
                changed = true;
            }
            let kind = if condition.kind == "FailureTarget" { "Failed" } else { "Complete" };
            self.finished = Some(self.condition(kind, &condition.reason, &condition.message));
        }
        if changed {
            self.plan.before = Some(self.status.clone());
        }
        let gone: Set<&str> =
            self.plan.let_go.iter().map(|pod| pod.metadata.uid.as_str()).collect();
        let tracked: Set<&str> = self
            .pods
            .iter()
            .filter(|pod| is_tracked(pod))
            .map(|pod| pod.metadata.uid.as_str())
            .filter(|uid| !gone.contains(uid))
            .collect();
        let settled = settle(&mut self.status, &|uid| tracked.contains(uid));
        let uncounted = &self.status.uncounted;
        let waits = !uncounted.succeeded.is_empty()
            || !uncounted.failed.is_empty()
            || (self.ways.delays && self.terminating > 0);
        if let Some(condition) = self.finished.take().filter(|_| !waits) {
            if condition.kind == "Complete" {
                self.status.completion_time = condition.last_transition_time;
            }
            ensure_condition(&mut self.status.conditions, condition.clone());
            self.plan.finished = Some(condition);
        }
        if settled || self.plan.finished.is_some() {
            self.plan.after = Some(self.status.clone());
        }
    }
}

/// Whether a Pod waits for being counted.
pub(crate) fn is_tracked(pod: &Pod) -> bool {
    pod.metadata.finalizers.iter().any(|finalizer| finalizer == FINALIZER)
}

/// Pods that have been let go move from the list of the uncounted into the numbers.
fn settle(status: &mut JobStatus, is_tracked: &dyn Fn(&str) -> bool) -> bool {
    let moved = |list: &mut Vec<String>| {
        let before = list.len();
        list.retain(|uid| is_tracked(uid));
        (before - list.len()) as i32
    };
    let succeeded = moved(&mut status.uncounted.succeeded);
    let failed = moved(&mut status.uncounted.failed);
    status.succeeded += succeeded;
    status.failed += failed;
    succeeded + failed > 0
}

/// Sets a condition; returns whether anything is different. A condition that never was need not
/// be written to be false.
pub fn ensure_condition(conditions: &mut Vec<JobCondition>, condition: JobCondition) -> bool {
    match conditions.iter_mut().find(|known| known.kind == condition.kind) {
        Some(known) if known.status == condition.status => false,
        Some(known) => {
            *known = condition;
            true
        }
        None if condition.status == "False" => false,
        None => {
            conditions.push(condition);
            true
        }
    }
}
