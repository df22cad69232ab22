//! The Job controller: Pods that run to their end, as often as needed.
//!
//! Carries out what `plan` decides. Models pkg/controller/job/job_controller.go and
//! pkg/controller/ttlafterfinished. Does not own: restarts in place (the kubelet does those).

pub mod backoff;
pub mod failure_policy;
mod indexes;
pub mod plan;
mod success_policy;

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{from_template, normal, owner, slow_start, warning};
use crate::cluster::key::{Key, controller_of};
use crate::cluster::latency;
use crate::manifest::Object;
use crate::manifest::meta::LabelSelector;
use crate::manifest::pod::{EnvVar, EnvVarSource, Pod};
use crate::manifest::volume::ObjectFieldSelector;
use crate::manifest::workloads::{Job, JobSpec, JobStatus};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::{Feature, KubeVersion};

use plan::{FINALIZER, NewPod, Plan, Ways};

/// Changes of Pods are collected for so long before the Job is looked at (syncJobBatchPeriod).
pub const BATCH: Duration = Duration::from_secs(1);

const ACTOR: Actor = Actor::JobController;
/// The manager of Jobs that name none (JobControllerName).
const MANAGER: &str = "kubernetes.io/job-controller";

/// Forgets what the chosen release does not know of a Job.
///
/// Models pkg/registry/batch/job/strategy.go dropDisabledFields.
pub(crate) fn drop_disabled(spec: &mut JobSpec, version: KubeVersion) {
    if !version.has(Feature::JobBackoffLimitPerIndex) {
        if spec.backoff_limit_per_index.take().is_some() && spec.backoff_limit == Some(i32::MAX) {
            // Its default came with the limit of each index.
            spec.backoff_limit = None;
        }
        spec.max_failed_indexes = None;
        spec.pod_replacement_policy = None;
    }
}

/// Gives a new Job its selector and its Pods the labels that belong to it.
///
/// Models pkg/registry/batch/job/strategy.go generateSelector.
pub(crate) fn generate_selector(job: &mut Job) {
    if job.spec.manual_selector == Some(true) {
        return;
    }
    let (name, uid) = (job.metadata.name.clone(), job.metadata.uid.clone());
    let labels = &mut job.spec.template.metadata.labels;
    for (key, value) in [
        ("controller-uid", &uid),
        ("job-name", &name),
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
    ] {
        labels.insert(key.to_owned(), value.clone());
    }
    let selector = job.spec.selector.get_or_insert_with(LabelSelector::default);
    selector.match_labels.insert("batch.kubernetes.io/controller-uid".to_owned(), uid);
    // SetDefaults_Job, when the stored object is read again.
    if job.metadata.labels.is_empty() {
        job.metadata.labels.clone_from(&job.spec.template.metadata.labels);
    }
}

impl World<'_> {
    /// One look at a Job.
    pub(crate) fn sync_job(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Job(job)) = self.store.get(key) else { return };
        let job = job.clone();
        if job.spec.managed_by.as_deref().is_some_and(|manager| manager != MANAGER) {
            // job_controller.go syncJob: another controller has it, and does nothing here.
            return;
        }
        if job.status.is_finished() {
            self.finished_job(&job, cause);
            return;
        }
        let reference = owner("batch/v1", "Job", &job.metadata);
        let selector = job.spec.selector.clone();
        let namespace = &job.metadata.namespace;
        let pods = self.claim_pods(ACTOR, &reference, namespace, selector.as_ref(), cause);
        let record = self.memory.job_backoff.get(key).copied().unwrap_or_default();
        let version = self.scenario.version;
        let ways = Ways {
            delays: version.has(Feature::DelayedJobConditions),
            per_index: version.has(Feature::JobBackoffLimitPerIndex),
            expects: self.memory.job_expects.get(key).is_some_and(|until| self.now < *until),
        };
        let mut plan = plan::plan(&job, &pods, record, self.now, ways);
        self.memory.job_backoff.insert(key.clone(), plan.record);
        self.carry_out(&job, &mut plan, cause);
        if let Some(delay) = plan.again {
            self.enqueue_controller_after(key.clone(), delay, cause);
        }
    }

    fn carry_out(&mut self, job: &Rc<Job>, plan: &mut Plan, cause: Option<EntryId>) {
        let about = Object::Job(job.clone());
        for pod in &plan.delete {
            let pod = self.let_go(pod, cause);
            self.delete_owned_pod(ACTOR, &about, &pod, cause);
        }
        for pod in &plan.abandon {
            self.delete_owned_pod(ACTOR, &about, pod, cause);
        }
        let missing = plan.create.len();
        let (_, made) = slow_start(missing, &mut |place| {
            let pod = self.job_pod(job, &plan.create[place]);
            self.create_owned_pod(ACTOR, &about, pod, Rule::JobCreates, cause)
        });
        plan.not_made(job, missing - made);
        if made > 0 || !plan.delete.is_empty() {
            // What was done has to come back before more is done (UIDTrackingExpectations).
            let seen = self.now + latency::CONTROLLER_WATCH.1;
            self.memory.job_expects.insert(Key::of(&about), seen);
        }
        if let Some(reason) = plan.suspension {
            let message = format!("Job {}", reason.to_lowercase());
            self.say(ACTOR, "", &about, normal(reason, message), cause);
        }
        let mut cause = cause;
        if let Some(status) = &plan.before {
            let rule =
                if plan.let_go.is_empty() { Rule::ControllerStatus } else { Rule::JobCounts };
            cause = Some(self.write_job(job, status.clone(), rule, cause));
        }
        for pod in &plan.let_go {
            self.let_go(pod, cause);
        }
        if let Some(status) = &plan.after {
            let rule = match &plan.finished {
                Some(condition) if condition.kind == "Failed" => Rule::JobFails,
                Some(_) => Rule::JobCompletes,
                None => Rule::JobCounts,
            };
            cause = Some(self.write_job(job, status.clone(), rule, cause));
        }
        if let Some(condition) = &plan.finished {
            let say = if condition.kind == "Complete" {
                normal("Completed", "Job completed".to_owned())
            } else {
                warning(&condition.reason, condition.message.clone())
            };
            self.say(ACTOR, "", &about, say, cause);
        }
    }

    fn write_job(
        &mut self,
        job: &Job,
        status: JobStatus,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> EntryId {
        // The newest metadata, and the status of this look.
        let newest =
            match self.store.get(&Key::new("Job", &job.metadata.namespace, &job.metadata.name)) {
                Some(Object::Job(newest)) => (**newest).clone(),
                _ => job.clone(),
            };
        let object = Object::Job(Rc::new(Job { status, ..newest }));
        self.put(ACTOR, Verb::Updated, object, rule, cause)
    }

    /// Takes the finalizer off a Pod; returns the Pod as it is then.
    pub(crate) fn let_go(&mut self, pod: &Pod, cause: Option<EntryId>) -> Rc<Pod> {
        let Some(known) = self.store.pod_by_uid(&pod.metadata.uid).cloned() else {
            return Rc::new(pod.clone());
        };
        if !plan::is_tracked(&known) {
            return known;
        }
        let mut changed = (*known).clone();
        changed.metadata.finalizers.retain(|finalizer| finalizer != FINALIZER);
        let key = Key::new("Pod", &changed.metadata.namespace, &changed.metadata.name);
        let changed = Rc::new(changed);
        let object = Object::Pod(changed.clone());
        let entry = self.put(ACTOR, Verb::Updated, object, Rule::JobLetsGo, cause);
        self.finish_deletion(&key, Some(entry));
        changed
    }

    fn job_pod(&self, job: &Job, new: &NewPod) -> Pod {
        let reference = owner("batch/v1", "Job", &job.metadata);
        let mut pod = from_template(&job.spec.template, &job.metadata.namespace, reference);
        pod.metadata.finalizers.push(FINALIZER.to_owned());
        let Some(index) = new.index else { return pod };
        let name = &job.metadata.name;
        pod.metadata.generate_name = format!("{name}-{index}-");
        if pod.spec.hostname.is_empty() {
            pod.spec.hostname = format!("{name}-{index}");
        }
        let annotations = &mut pod.metadata.annotations;
        annotations.insert(indexes::INDEX.to_owned(), index.to_string());
        pod.metadata.labels.insert(indexes::INDEX.to_owned(), index.to_string());
        if job.spec.backoff_limit_per_index.is_some() {
            let (mut failures, mut ignored) = (0, 0);
            if let Some(replaced) = &new.replaces {
                failures = backoff::failures_of_index(replaced);
                ignored = backoff::ignored_of_index(replaced);
                let policy = job.spec.pod_failure_policy.as_ref();
                // Only where indexes have limits of their own is there a Pod to be replaced.
                if failure_policy::match_policy(policy, replaced, true).counts {
                    failures += 1;
                } else {
                    ignored += 1;
                }
            }
            annotations.insert(backoff::FAILURES.to_owned(), failures.to_string());
            if ignored > 0 {
                annotations.insert(backoff::IGNORED.to_owned(), ignored.to_string());
            }
        }
        let spec = &mut *pod.spec;
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
            if container.env.iter().all(|variable| variable.name != "JOB_COMPLETION_INDEX") {
                container.env.push(index_variable());
            }
        }
        pod
    }

    /// A finished Job lets go of what is left, and goes itself when its time is over.
    fn finished_job(&mut self, job: &Rc<Job>, cause: Option<EntryId>) {
        for pod in self.pods_of(&job.metadata.uid) {
            if plan::is_tracked(&pod) {
                self.let_go(&pod, cause);
            }
        }
        let Some(ttl) = job.spec.ttl_seconds_after_finished else { return };
        if job.metadata.deletion_timestamp.is_some() {
            return;
        }
        let end = job
            .status
            .conditions
            .iter()
            .find(|c| matches!(c.kind.as_str(), "Complete" | "Failed") && c.status == "True")
            .and_then(|condition| condition.last_transition_time)
            .unwrap_or(self.now);
        let left = Duration::from_secs(i64::from(ttl)) - self.now.since(end);
        let key = Key::new("Job", &job.metadata.namespace, &job.metadata.name);
        if left > Duration::ZERO {
            self.enqueue_controller_after(key, left, cause);
        } else {
            let what = "ttlSecondsAfterFinished has passed";
            let entry = self.note(ACTOR, &Object::Job(job.clone()), what, Rule::JobTtl, cause);
            self.delete_foreground(Actor::TtlAfterFinished, &key, Some(entry));
        }
    }

    /// Pods whose Job is gone are counted by nobody: they are let go.
    ///
    /// Models job_controller.go syncOrphanPod.
    pub(crate) fn let_orphans_go(&mut self, owner: &str, cause: Option<EntryId>) {
        for pod in self.pods_of(owner) {
            let of_job = controller_of(&pod.metadata).is_some_and(|owner| owner.kind == "Job");
            if of_job && plan::is_tracked(&pod) {
                self.let_go(&pod, cause);
            }
        }
    }
}

/// `JOB_COMPLETION_INDEX`, from the annotation.
fn index_variable() -> EnvVar {
    let field = ObjectFieldSelector {
        api_version: "v1".to_owned(),
        field_path: format!("metadata.annotations['{}']", indexes::INDEX),
    };
    EnvVar {
        name: "JOB_COMPLETION_INDEX".to_owned(),
        value_from: Some(EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() }),
        ..EnvVar::default()
    }
}
