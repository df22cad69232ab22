//! kube-controller-manager: each controller looks at one object and moves the world towards it.
//!
//! Owns: handing a key to its controller. Does not own: the work queue
//! (`World::enqueue_controller`).

pub mod autoscaler;
mod deployment;
mod endpointslice;
mod garbage;
mod horizontal;
pub mod replica_calculator;
mod replicaset;
pub mod scaling_rules;

pub(crate) use deployment::revision;
pub(crate) use horizontal::{Autoscaler, SYNC_PERIOD};

use crate::cluster::World;
use crate::cluster::store::Key;
use crate::trace::EntryId;

impl World<'_> {
    /// One look of a controller at one of its objects.
    pub(crate) fn controller_sync(&mut self, key: &Key, cause: Option<EntryId>) {
        match key.kind.as_str() {
            "Deployment" => self.sync_deployment(key, cause),
            "ReplicaSet" => self.sync_replicaset(key, cause),
            "Service" => self.sync_endpointslices(key, cause),
            "HorizontalPodAutoscaler" => self.sync_autoscaler(key, cause),
            _ => {}
        }
    }
}
