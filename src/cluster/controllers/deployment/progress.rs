//! How far a rollout is, and when it counts as stuck.
//!
//! Models pkg/controller/deployment/progress.go and util/deployment_util.go. Does not own: the
//! numbers (`deployment`).

use std::rc::Rc;

use crate::cluster::controllers::deployment::arithmetic::wanted;
use crate::cluster::controllers::replicaset::REPLICA_FAILURE;
use crate::manifest::workloads::{Deployment, DeploymentStatus, ReplicaSet, WorkloadCondition};
use crate::time::{Duration, Instant};

/// The reason of a rollout that has arrived.
pub const AVAILABLE: &str = "NewReplicaSetAvailable";
/// The reason of a rollout that is stuck.
pub const TIMED_OUT: &str = "ProgressDeadlineExceeded";

/// A condition of a status.
pub fn condition<'s>(status: &'s DeploymentStatus, kind: &str) -> Option<&'s WorkloadCondition> {
    status.conditions.iter().find(|condition| condition.kind == kind)
}

/// Takes a condition away.
pub fn remove(status: &mut DeploymentStatus, kind: &str) {
    status.conditions.retain(|condition| condition.kind != kind);
}

/// Sets a condition; one with the same status and reason stays as it is.
///
/// Models SetDeploymentCondition.
pub fn set(status: &mut DeploymentStatus, mut new: WorkloadCondition) {
    if let Some(known) = condition(status, &new.kind) {
        if known.status == new.status && known.reason == new.reason {
            return;
        }
        if known.status == new.status {
            new.last_transition_time = known.last_transition_time;
        }
    }
    remove(status, &new.kind);
    status.conditions.push(new);
}

/// A new condition.
pub fn make(
    kind: &str,
    status: &str,
    reason: &str,
    message: String,
    now: Instant,
) -> WorkloadCondition {
    let now = Some(now.truncated());
    WorkloadCondition {
        kind: kind.to_owned(),
        status: status.to_owned(),
        last_update_time: now,
        last_transition_time: now,
        reason: reason.to_owned(),
        message,
    }
}

/// The deadline, if there is one.
fn deadline(deployment: &Deployment) -> Option<Duration> {
    let seconds = deployment.spec.progress_deadline_seconds.filter(|limit| *limit != i32::MAX)?;
    Some(Duration::from_secs(i64::from(seconds)))
}

/// Whether all Pods are new ones, and available.
pub fn is_complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let wanted = wanted(deployment);
    status.updated_replicas == wanted
        && status.replicas == wanted
        && status.available_replicas == wanted
        && status.observed_generation >= deployment.metadata.generation
}

/// Whether more is done than at the last look.
pub fn is_progressing(deployment: &Deployment, new: &DeploymentStatus) -> bool {
    let old = &deployment.status;
    new.updated_replicas > old.updated_replicas
        || new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}

/// Whether nothing has moved for longer than progressDeadlineSeconds.
pub fn is_timed_out(deployment: &Deployment, status: &DeploymentStatus, now: Instant) -> bool {
    let (Some(deadline), Some(known)) = (deadline(deployment), condition(status, "Progressing"))
    else {
        return false;
    };
    match known.reason.as_str() {
        AVAILABLE => false,
        TIMED_OUT => true,
        _ => known.last_update_time.is_some_and(|since| since + deadline < now),
    }
}

/// Writes into a status how far the rollout to this set is.
///
/// Models syncRolloutStatus.
pub fn estimate(deployment: &Deployment, status: &mut DeploymentStatus, name: &str, now: Instant) {
    const KIND: &str = "Progressing";
    if deadline(deployment).is_none() {
        return remove(status, KIND);
    }
    let known = condition(&deployment.status, KIND).cloned();
    let arrived = status.replicas == status.updated_replicas
        && known.as_ref().is_some_and(|known| known.reason == AVAILABLE);
    if arrived {
        return;
    }
    if is_complete(deployment, status) {
        let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
        set(status, make(KIND, "True", AVAILABLE, message, now));
    } else if is_progressing(deployment, status) {
        let message = format!("ReplicaSet \"{name}\" is progressing.");
        let mut new = make(KIND, "True", "ReplicaSetUpdated", message, now);
        // Each sign of progress renews the time from which the deadline counts.
        if let Some(known) = known.filter(|known| known.status == "True") {
            new.last_transition_time = known.last_transition_time;
        }
        remove(status, KIND);
        status.conditions.push(new);
    } else if is_timed_out(deployment, status, now) {
        let message = format!("ReplicaSet \"{name}\" has timed out progressing.");
        set(status, make(KIND, "False", TIMED_OUT, message, now));
    }
}

/// Takes over from a set that its Pods cannot be made; the new set's failure comes first.
///
/// Models getReplicaFailures and ReplicaSetToDeploymentCondition.
pub fn take_failure(
    status: &mut DeploymentStatus,
    new: Option<&ReplicaSet>,
    sets: &[Rc<ReplicaSet>],
) {
    let failure = |set: &ReplicaSet| {
        set.status.conditions.iter().find(|condition| condition.kind == REPLICA_FAILURE).cloned()
    };
    let found = new.and_then(failure).or_else(|| sets.iter().find_map(|set| failure(set)));
    match found {
        Some(found) => {
            let last_update_time = found.last_transition_time;
            set(status, WorkloadCondition { last_update_time, ..found });
        }
        None => remove(status, REPLICA_FAILURE),
    }
}

/// How long until a rollout that does not move counts as stuck; `None` when it cannot.
///
/// Models requeueStuckDeployment; less than a second is at once.
pub fn until_stuck(
    deployment: &Deployment,
    status: &DeploymentStatus,
    now: Instant,
) -> Option<Duration> {
    let known = condition(&deployment.status, "Progressing")?;
    let deadline = deadline(deployment)?;
    if is_complete(deployment, status) || known.reason == TIMED_OUT {
        return None;
    }
    let left = (known.last_update_time? + deadline).since(now);
    Some(if left < Duration::from_secs(1) { Duration::ZERO } else { left })
}
