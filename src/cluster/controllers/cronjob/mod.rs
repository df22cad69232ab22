//! The CronJob controller: a Job at its times.
//!
//! Carries out what `plan` decides. Models pkg/controller/cronjob/cronjob_controllerv2.go. Does
//! not own: schedules (`manifest::schedule`) or Jobs (`job`).

pub mod plan;

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::job::{drop_disabled, generate_selector};
use crate::cluster::controllers::pods::{normal, owner};
use crate::cluster::events::Say;
use crate::cluster::key::{Key, controller_of};
use crate::manifest::Object;
use crate::manifest::defaults::{self, Filled};
use crate::manifest::meta::ObjectMeta;
use crate::manifest::workloads::{ActiveJob, CronJob, Job};
use crate::rule::Rule;
use crate::time::Instant;
use crate::trace::{Actor, EntryId, Verb};

const ACTOR: Actor = Actor::CronJobController;

impl World<'_> {
    /// One look at a CronJob.
    pub(crate) fn sync_cron_job(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::CronJob(cron_job)) = self.store.get(key) else { return };
        let cron_job = cron_job.clone();
        let jobs = self.jobs_of(&cron_job.metadata);
        let mut plan = plan::plan(&cron_job, &jobs, self.now);
        let refused = plan.create.is_some() && self.namespace_refusal(&key.namespace).is_some();
        if refused {
            plan.refused(&cron_job);
        }
        let about = Object::CronJob(cron_job.clone());
        for (kind, reason, message) in plan.events {
            let say = Say { kind, reason, message, field_path: String::new() };
            self.say(ACTOR, "", &about, say, cause);
        }
        for name in plan.replace {
            self.delete_job(&about, &key.namespace, &name, cause);
        }
        let mut status = plan.status;
        let mut cause = cause;
        // The API server would refuse a second object of the name.
        let name = plan.create.map(|scheduled| plan::job_name(&cron_job, scheduled));
        let taken = name
            .is_some_and(|name| self.store.get(&Key::new("Job", &key.namespace, &name)).is_some());
        if let Some(scheduled) = plan.create.filter(|_| !taken) {
            let (active, entry) = self.create_scheduled_job(&cron_job, scheduled, cause);
            status.active.push(active);
            cause = Some(entry);
        }
        let superfluous = if refused { Vec::new() } else { plan::superfluous(&cron_job, &jobs) };
        for job in superfluous {
            self.delete_job(&about, &key.namespace, &job.metadata.name, cause);
        }
        if status != cron_job.status {
            let object = Object::CronJob(Rc::new(CronJob { status, ..(*cron_job).clone() }));
            self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
        if let Some(delay) = plan.again {
            self.enqueue_controller_after(key.clone(), delay, cause);
        }
    }

    fn jobs_of(&self, metadata: &ObjectMeta) -> Vec<Rc<Job>> {
        self.store
            .list("Job")
            .filter_map(|object| match object {
                Object::Job(job)
                    if controller_of(&job.metadata).is_some_and(|o| o.uid == metadata.uid) =>
                {
                    Some(job.clone())
                }
                _ => None,
            })
            .collect()
    }

    /// Creates the Job for a time.
    ///
    /// Models utils.go getJobFromTemplate2.
    fn create_scheduled_job(
        &mut self,
        cron_job: &Rc<CronJob>,
        scheduled: Instant,
        cause: Option<EntryId>,
    ) -> (ActiveJob, EntryId) {
        let template = &cron_job.spec.job_template;
        let mut job = Job {
            metadata: template.metadata.clone(),
            spec: template.spec.clone(),
            ..Job::default()
        };
        job.metadata.name = plan::job_name(cron_job, scheduled);
        job.metadata.namespace.clone_from(&cron_job.metadata.namespace);
        job.metadata.owner_references = vec![owner("batch/v1", "CronJob", &cron_job.metadata)];
        job.metadata.annotations.insert(
            "batch.kubernetes.io/cronjob-scheduled-timestamp".to_owned(),
            scheduled.rfc3339(),
        );
        let (job, entry) = self.create_job(ACTOR, job, Rule::CronJobCreates, cause);
        let message = format!("Created job {}", job.metadata.name);
        let about = Object::CronJob(cron_job.clone());
        self.say(ACTOR, "", &about, normal("SuccessfulCreate", message), Some(entry));
        let active = plan::active(&job);
        (active, entry)
    }

    /// Stores a new Job as the API server does.
    pub(crate) fn create_job(
        &mut self,
        actor: Actor,
        mut job: Job,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> (Job, EntryId) {
        self.fill_metadata(&mut job.metadata, true);
        drop_disabled(&mut job.spec, self.scenario.version);
        defaults::job(&mut job, &mut Filled::silent());
        generate_selector(&mut job);
        let object = Object::Job(Rc::new(job.clone()));
        let entry = self.put(actor, Verb::Created, object, rule, cause);
        (job, entry)
    }

    fn delete_job(&mut self, about: &Object, namespace: &str, name: &str, cause: Option<EntryId>) {
        let key = Key::new("Job", namespace, name);
        if self.delete(ACTOR, &key, None, cause).is_some() {
            let say = normal("SuccessfulDelete", format!("Deleted job {name}"));
            self.say(ACTOR, "", about, say, cause);
        }
    }
}
