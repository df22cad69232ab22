//! kube-controller-manager: each controller looks at one object and moves the world towards it.
//!
//! Owns: handing a key to its controller. Does not own: the work queue
//! (`World::enqueue_controller`).

pub mod autoscaler;
mod claim_retention;
pub mod cronjob;
pub(crate) mod daemonset;
pub mod deployment;
mod disruption;
pub mod endpointslice;
mod garbage;
mod horizontal;
pub mod job;
mod namespace;
pub(crate) mod node_lifecycle;
mod podgc;
pub mod pods;
pub(crate) mod protection;
pub(crate) mod quota;
pub mod replica_calculator;
mod replicaset;
mod revisions;
pub mod scaling_rules;
mod statefulset;
mod storage;
mod taint_eviction;

pub(crate) use deployment::revision;
pub(crate) use horizontal::{Autoscaler, SYNC_PERIOD};

use crate::cluster::World;
use crate::cluster::key::{Key, subject_of};
use crate::cluster::queue::Token;
use crate::manifest::Object;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId};

/// What controllers remember beside the API.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Looks that are due later: a work queue holds a key once, at its earliest time.
    pub(crate) delayed: Map<Key, (Instant, Token)>,
    /// Failures of Jobs.
    pub(crate) job_backoff: Map<Key, job::backoff::BackoffRecord>,
    /// Until when a Job's controller waits for what it has done to come back.
    pub(crate) job_expects: Map<Key, Instant>,
    /// Templates of StatefulSets and DaemonSets, by the UID of their owner.
    pub(crate) revisions: Map<String, Vec<revisions::Revision>>,
    /// Failed Pods of DaemonSets, by UID and node: the wait, and since when.
    pub(crate) daemon_backoff: Map<String, (Duration, Instant)>,
    /// How often in a row a controller could not create a Pod of an object.
    pub(crate) failed_creations: Map<Key, u32>,
    /// What the endpoints of each Service were written from.
    pub(crate) endpoints: Map<Key, endpointslice::Seen>,
    /// Why the first Pod of a look could not be made.
    pub(crate) creation_error: Option<String>,
    /// When the volume of a claim will have been made, by the claim's UID.
    pub(crate) provisions: Map<String, Instant>,
    /// What the collector of Pods remembers.
    pub(crate) pod_gc: podgc::PodGc,
    /// Pods that a taint drives away, by UID; nothing is due any more for those that were marked.
    pub(crate) evictions: Map<String, Option<Token>>,
}

impl World<'_> {
    /// One look of a controller at one of its objects.
    pub(crate) fn controller_sync(&mut self, key: &Key, cause: Option<EntryId>) {
        match key.kind.as_str() {
            "Deployment" => self.sync_deployment(key, cause),
            "ReplicaSet" | "ReplicationController" => self.sync_replicaset(key, cause),
            "StatefulSet" => self.sync_stateful_set(key, cause),
            "DaemonSet" => self.sync_daemon_set(key, cause),
            "Job" => self.sync_job(key, cause),
            "CronJob" => self.sync_cron_job(key, cause),
            "PodDisruptionBudget" => self.sync_budget(key, cause),
            "ResourceQuota" => self.sync_quota(key, cause),
            "PersistentVolumeClaim" => {
                self.unprotect(key, cause);
                self.sync_claim(key, cause);
            }
            "PersistentVolume" => self.unprotect(key, cause),
            "Node" => self.sync_node(key, cause),
            "Namespace" => self.sync_namespace(key, cause),
            "Service" => self.sync_endpointslices(key, cause),
            "HorizontalPodAutoscaler" => self.sync_autoscaler(key, cause),
            _ => {}
        }
    }

    /// Records what a controller decided about an object.
    pub(crate) fn note(
        &mut self,
        actor: Actor,
        about: &Object,
        what: &str,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> EntryId {
        let (at, subject) = (self.now, subject_of(about));
        let change = Change::Decided { what: what.into() };
        self.record(Entry { at, actor, subject, change, cause, rule })
    }
}
