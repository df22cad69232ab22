//! How many Pods each ReplicaSet of a Deployment may have.
//!
//! Models pkg/controller/deployment/{rolling,sync}.go and util/deployment_util.go, as functions
//! without effects. Does not own: carrying it out (`deployment`).

use std::cmp::Reverse;
use std::rc::Rc;

use crate::manifest::quantity::IntOrString;
use crate::manifest::workloads::{Deployment, ReplicaSet};

/// The annotation with the replicas that the Deployment wanted when this set was last scaled.
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// The annotation with the replicas that there could be at most, the surge included.
pub const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// The annotation with the number of the rollout.
pub const REVISION: &str = "deployment.kubernetes.io/revision";

/// A ReplicaSet, shared.
pub type Set = Rc<ReplicaSet>;

/// A set and the size that it shall have.
pub type Sized = (Set, i32);

/// The replicas that a Deployment asks for.
pub fn wanted(deployment: &Deployment) -> i32 {
    deployment.spec.replicas.unwrap_or(1)
}

/// The replicas that a set asks for.
pub fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
}

/// The number of the rollout that a ReplicaSet belongs to.
pub fn revision(set: &ReplicaSet) -> i64 {
    number(set, REVISION).unwrap_or(0)
}

fn number(set: &ReplicaSet, annotation: &str) -> Option<i64> {
    set.metadata.annotations.get(annotation)?.parse().ok()
}

/// `25%` of the replicas, rounded up for the surge and down for what may be missing.
fn scaled(value: Option<&IntOrString>, replicas: i32, round_up: bool) -> i32 {
    match value {
        None => 0,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let product = percent.saturating_mul(i64::from(replicas));
            let rest = i64::from(round_up && product % 100 != 0);
            i32::try_from(product / 100 + rest).unwrap_or(i32::MAX)
        }
    }
}

/// How many Pods more, and how many fewer, than asked for there may be. Both must not be 0: then
/// one may be missing.
///
/// Models ResolveFenceposts.
pub fn fenceposts(
    surge: Option<&IntOrString>,
    unavailable: Option<&IntOrString>,
    desired: i32,
) -> (i32, i32) {
    let surge = scaled(surge, desired, true);
    let unavailable = scaled(unavailable, desired, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

fn posts(deployment: &Deployment) -> (i32, i32) {
    if deployment.spec.strategy.kind != "RollingUpdate" {
        return (0, 0);
    }
    let rolling = deployment.spec.strategy.rolling_update.as_ref();
    fenceposts(
        rolling.and_then(|rolling| rolling.max_surge.as_ref()),
        rolling.and_then(|rolling| rolling.max_unavailable.as_ref()),
        wanted(deployment),
    )
}

/// How many Pods more than asked for there may be.
pub fn max_surge(deployment: &Deployment) -> i32 {
    posts(deployment).0
}

/// How many Pods fewer than asked for there may be.
pub fn max_unavailable(deployment: &Deployment) -> i32 {
    posts(deployment).1.min(wanted(deployment))
}

/// How many Pods must be available during an update.
pub fn min_available(deployment: &Deployment) -> i32 {
    if deployment.spec.strategy.kind != "RollingUpdate" {
        return 0;
    }
    wanted(deployment) - max_unavailable(deployment)
}

/// How many replicas the new set may have now.
///
/// Models NewRSNewReplicas.
pub fn new_replicas(deployment: &Deployment, old: &[Set], new: Option<&Set>) -> i32 {
    let current = new.map_or(0, |set| replicas(set));
    if deployment.spec.strategy.kind == "Recreate" {
        return wanted(deployment);
    }
    let total: i32 = old.iter().map(|set| replicas(set)).sum::<i32>() + current;
    let room = wanted(deployment) + max_surge(deployment) - total;
    if room <= 0 { current } else { current + room.min(wanted(deployment) - current) }
}

/// The size of the new set after one step: it shrinks at once, and grows as the surge allows.
///
/// Models reconcileNewReplicaSet.
pub fn next_new(deployment: &Deployment, old: &[Set], new: &Set) -> i32 {
    if replicas(new) > wanted(deployment) {
        wanted(deployment)
    } else {
        new_replicas(deployment, old, Some(new))
    }
}

/// The old sets that shrink in one step, with their sizes.
///
/// Models reconcileOldReplicaSets: those that do not work go first, nobody misses them.
pub fn shrink_old(deployment: &Deployment, old: &[Set], new: &Set) -> Vec<Sized> {
    let total: i32 = old.iter().map(|set| replicas(set)).sum::<i32>() + replicas(new);
    if total == replicas(new) {
        return Vec::new();
    }
    let new_unavailable = replicas(new) - new.status.available_replicas;
    let may_go = total - min_available(deployment) - new_unavailable;
    if may_go <= 0 {
        return Vec::new();
    }
    let mut sizes: Vec<Sized> = old.iter().map(|set| (set.clone(), replicas(set))).collect();
    crate::order::sort_by_key(&mut sizes, |(set, _)| {
        (set.metadata.creation_timestamp, set.metadata.name.clone())
    });
    clean_up_unhealthy(&mut sizes, may_go);
    let available = old.iter().map(|set| set.status.available_replicas).sum::<i32>()
        + new.status.available_replicas;
    shrink_healthy(&mut sizes, available - min_available(deployment));
    sizes.retain(|(set, size)| *size != replicas(set));
    sizes
}

/// Takes Pods that are not available away. Models cleanupUnhealthyReplicas.
pub fn clean_up_unhealthy(sizes: &mut [Sized], mut most: i32) -> i32 {
    let before = most;
    for (set, size) in sizes {
        let unhealthy = (*size - set.status.available_replicas).max(0).min(most.max(0));
        *size -= unhealthy;
        most -= unhealthy;
    }
    before - most
}

/// Takes as many as can be missed. Models scaleDownOldReplicaSetsForRollingUpdate.
pub fn shrink_healthy(sizes: &mut [Sized], mut spare: i32) -> i32 {
    let before = spare.max(0);
    spare = before;
    for (_, size) in sizes {
        let going = (*size).min(spare);
        *size -= going;
        spare -= going;
    }
    before - spare
}

/// Whether the Deployment itself was scaled since its sets were last sized (isScalingEvent).
pub fn is_scaling(deployment: &Deployment, sets: &[Set]) -> bool {
    sets.iter().filter(|set| replicas(set) > 0).any(|set| {
        number(set, DESIRED).is_some_and(|desired| desired != i64::from(wanted(deployment)))
    })
}

/// The sizes of all sets after the Deployment was scaled.
///
/// Models sync.go scale: what is added or taken is shared out by size, the rest goes to the
/// largest.
pub fn scale(deployment: &Deployment, new: Option<&Set>, old: &[Set]) -> Vec<Sized> {
    let wanted = wanted(deployment);
    let mut active: Vec<Set> =
        old.iter().chain(new).filter(|set| replicas(set) > 0).cloned().collect();
    let newest = || {
        let mut old = old.to_vec();
        crate::order::sort_by_key(&mut old, |set| {
            Reverse((set.metadata.creation_timestamp, set.metadata.name.clone()))
        });
        old.into_iter().next()
    };
    match active.as_slice() {
        [] => return new.cloned().or_else(newest).map(|set| (set, wanted)).into_iter().collect(),
        [only] => return vec![(only.clone(), wanted)],
        _ => {}
    }
    if new.is_some_and(|set| is_saturated(set, wanted)) {
        return old.iter().filter(|set| replicas(set) > 0).map(|set| (set.clone(), 0)).collect();
    }
    if deployment.spec.strategy.kind != "RollingUpdate" {
        return Vec::new();
    }
    let total: i32 = active.iter().map(|set| replicas(set)).sum();
    let allowed = if wanted > 0 { wanted + max_surge(deployment) } else { 0 };
    let to_add = allowed - total;
    // Of equal ones the newer grow first, and the older shrink first.
    crate::order::sort_by_key(&mut active, |set| {
        (set.metadata.creation_timestamp, set.metadata.name.clone())
    });
    if to_add > 0 {
        active.reverse();
    }
    crate::order::sort_by_key(&mut active, |set| Reverse(replicas(set)));
    let mut added = 0;
    let mut sizes = Vec::new();
    for set in active {
        let share = proportion(&set, deployment, to_add, added);
        added += share;
        let size = replicas(&set) + share;
        sizes.push((set, size));
    }
    if let Some((_, first)) = sizes.first_mut() {
        *first = (*first + to_add - added).max(0);
    }
    sizes
}

fn is_saturated(set: &ReplicaSet, wanted: i32) -> bool {
    number(set, DESIRED) == Some(i64::from(wanted))
        && replicas(set) == wanted
        && set.status.available_replicas == wanted
}

/// The share of one set in what is added (or taken, when negative).
///
/// Models GetReplicaSetProportion, with integers: size × allowed / before, rounded half up.
fn proportion(set: &ReplicaSet, deployment: &Deployment, to_add: i32, added: i32) -> i32 {
    let size = replicas(set);
    if size == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let fraction = if wanted(deployment) == 0 {
        -size
    } else {
        let most = i64::from(wanted(deployment) + max_surge(deployment));
        let before = number(set, MAX)
            .filter(|before| *before > 0)
            .unwrap_or_else(|| i64::from(deployment.status.replicas));
        if before <= 0 {
            return 0;
        }
        let product = i64::from(size) * most;
        i32::try_from((2 * product + before) / (2 * before)).unwrap_or(i32::MAX) - size
    };
    let left = to_add - added;
    if to_add > 0 { fraction.min(left) } else { fraction.max(left) }
}

/// The old sets that are more than the history keeps, oldest first. Those that have Pods stay.
///
/// Models sync.go cleanupDeployment.
pub fn superfluous(deployment: &Deployment, old: &[Set]) -> Vec<Set> {
    let Some(limit) = deployment.spec.revision_history_limit.filter(|limit| *limit != i32::MAX)
    else {
        return Vec::new();
    };
    let mut sets: Vec<Set> =
        old.iter().filter(|set| set.metadata.deletion_timestamp.is_none()).cloned().collect();
    let surplus = sets.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    crate::order::sort_by_key(&mut sets, |set| (revision(set), set.metadata.creation_timestamp));
    sets.truncate(surplus);
    sets.retain(|set| {
        set.status.replicas == 0
            && replicas(set) == 0
            && set.metadata.generation <= set.status.observed_generation
    });
    sets
}
