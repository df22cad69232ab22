//! The Deployment controller: one ReplicaSet a template, and the way from one to the next.
//!
//! Models pkg/controller/deployment: sync.go, rolling.go, recreate.go, progress.go. Does not own:
//! Pods (`replicaset`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::events::Say;
use crate::cluster::store::{Key, controller_of};
use crate::manifest::Object;
use crate::manifest::meta::OwnerReference;
use crate::manifest::quantity::IntOrString;
use crate::manifest::workloads::{
    Deployment, DeploymentStatus, ReplicaSet, ReplicaSetSpec, WorkloadCondition,
};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

/// The label that tells the Pods of one ReplicaSet from those of another.
const HASH_LABEL: &str = "pod-template-hash";
/// The annotation with the number of the rollout.
pub(crate) const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation with the replicas that the Deployment wanted when this set was last scaled.
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";

type Set = Rc<ReplicaSet>;

impl World<'_> {
    /// One step of a Deployment towards its template and replicas.
    pub(crate) fn sync_deployment(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Deployment(deployment)) = self.store.get(key) else { return };
        let deployment = deployment.clone();
        if deployment.metadata.deletion_timestamp.is_some() {
            return;
        }
        let sets = self.sets_of(&deployment);
        let hash = template_hash(&deployment);
        let name = format!("{}-{hash}", deployment.metadata.name);
        let current = sets.iter().find(|set| set.metadata.name == name).cloned();
        let old: Vec<Set> = sets.iter().filter(|set| set.metadata.name != name).cloned().collect();
        let mut cause = cause;
        let scaled_event = self.scale_with_deployment(&deployment, &sets, cause);
        if !scaled_event {
            if !deployment.spec.paused {
                let made_new = current.is_none() || self.needs_revision(&current, &old);
                match &current {
                    None => cause = self.make_set(&deployment, &hash, &name, &old, cause),
                    Some(set) if made_new => self.renew_revision(set, &old, cause),
                    Some(_) => {}
                }
            }
            if !deployment.spec.paused {
                self.roll(&deployment, &name, cause);
            }
        }
        self.count_deployment(key, &name, cause);
    }

    /// The ReplicaSets of a Deployment, oldest first.
    pub(crate) fn sets_of(&self, deployment: &Deployment) -> Vec<Set> {
        let mut sets: Vec<Set> = self
            .store
            .list("ReplicaSet")
            .filter_map(|object| match object {
                Object::ReplicaSet(set)
                    if controller_of(&set.metadata)
                        .is_some_and(|owner| owner.uid == deployment.metadata.uid) =>
                {
                    Some(set.clone())
                }
                _ => None,
            })
            .collect();
        crate::order::sort_by_key(&mut sets, |set| {
            (set.metadata.creation_timestamp, revision(set))
        });
        sets
    }

    fn needs_revision(&self, current: &Option<Set>, old: &[Set]) -> bool {
        current.as_ref().is_some_and(|set| old.iter().any(|other| revision(other) > revision(set)))
    }

    /// Makes the ReplicaSet of the Deployment's template, with its first replicas.
    fn make_set(
        &mut self,
        deployment: &Rc<Deployment>,
        hash: &str,
        name: &str,
        old: &[Set],
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let spec = &deployment.spec;
        let wanted = spec.replicas.unwrap_or(1);
        let replicas = if spec.strategy.kind == "Recreate" {
            if old.iter().any(|set| replicas(set) > 0 || self.has_living_pods(set)) {
                0
            } else {
                wanted
            }
        } else {
            new_replicas(deployment, old, None)
        };
        let mut template = spec.template.clone();
        template.metadata.labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
        let mut selector = spec.selector.clone().unwrap_or_default();
        selector.match_labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
        let mut metadata = crate::manifest::meta::ObjectMeta {
            name: name.to_owned(),
            namespace: deployment.metadata.namespace.clone(),
            labels: template.metadata.labels.clone(),
            owner_references: vec![OwnerReference {
                api_version: "apps/v1".to_owned(),
                kind: "Deployment".to_owned(),
                name: deployment.metadata.name.clone(),
                uid: deployment.metadata.uid.clone(),
                controller: true,
                block_owner_deletion: true,
            }],
            ..Default::default()
        };
        let next = old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        metadata.annotations.insert(REVISION.to_owned(), next.to_string());
        metadata.annotations.insert(DESIRED.to_owned(), wanted.to_string());
        self.fill_metadata(&mut metadata, true);
        let set = ReplicaSet {
            metadata,
            spec: ReplicaSetSpec {
                replicas: Some(replicas),
                min_ready_seconds: spec.min_ready_seconds,
                selector: Some(selector),
                template,
            },
            ..ReplicaSet::default()
        };
        let actor = Actor::DeploymentController;
        let object = Object::ReplicaSet(Rc::new(set));
        let rule = Rule::DeploymentMakesReplicaSet;
        let entry = self.put(actor, Verb::Created, object, rule, cause);
        if replicas > 0 {
            self.say_scaled(deployment, "up", name, 0, replicas, entry);
        }
        Some(entry)
    }

    /// A template that was used before becomes the newest revision again.
    fn renew_revision(&mut self, set: &Set, old: &[Set], cause: Option<EntryId>) {
        let next = old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        let mut changed = (**set).clone();
        changed.metadata.annotations.insert(REVISION.to_owned(), next.to_string());
        let object = Object::ReplicaSet(Rc::new(changed));
        let actor = Actor::DeploymentController;
        self.put(actor, Verb::Updated, object, Rule::DeploymentScales, cause);
    }

    fn has_living_pods(&self, set: &ReplicaSet) -> bool {
        self.pods_of(&set.metadata.uid).iter().any(|pod| !pod.is_terminal())
    }

    /// One step from the old sets to the new one.
    fn roll(&mut self, deployment: &Rc<Deployment>, name: &str, cause: Option<EntryId>) {
        let sets = self.sets_of(deployment);
        let Some(new) = sets.iter().find(|set| set.metadata.name == name).cloned() else { return };
        let old: Vec<Set> = sets.iter().filter(|set| set.metadata.name != name).cloned().collect();
        let wanted = deployment.spec.replicas.unwrap_or(1);
        if deployment.spec.strategy.kind == "Recreate" {
            let mut scaled = false;
            for set in old.iter().filter(|set| replicas(set) > 0) {
                self.scale_set(deployment, set, 0, cause);
                scaled = true;
            }
            let living = old.iter().any(|set| self.has_living_pods(set));
            if !scaled && !living && replicas(&new) != wanted {
                self.scale_set(deployment, &new, wanted, cause);
            }
            return;
        }
        let target = if replicas(&new) > wanted {
            wanted
        } else {
            new_replicas(deployment, &old, Some(&new))
        };
        if target != replicas(&new) {
            return self.scale_set(deployment, &new, target, cause);
        }
        self.shrink_old(deployment, &new, &old, cause);
    }

    /// Takes Pods from the old sets as far as availability allows.
    ///
    /// Models rolling.go reconcileOldReplicaSets.
    fn shrink_old(
        &mut self,
        deployment: &Rc<Deployment>,
        new: &Set,
        old: &[Set],
        cause: Option<EntryId>,
    ) {
        let total: i32 = old.iter().map(replicas).sum::<i32>() + replicas(new);
        let old_total: i32 = old.iter().map(replicas).sum();
        if old_total == 0 {
            return;
        }
        let min_available = deployment.spec.replicas.unwrap_or(1) - max_unavailable(deployment);
        let new_unavailable = replicas(new) - new.status.available_replicas;
        let mut may_go = total - min_available - new_unavailable;
        if may_go <= 0 {
            return;
        }
        let mut sizes: Vec<(Set, i32)> =
            old.iter().map(|set| (set.clone(), replicas(set))).collect();
        for (set, size) in &mut sizes {
            // Those that do not work go first: nobody misses them.
            let unhealthy = (*size - set.status.available_replicas).max(0).min(may_go);
            *size -= unhealthy;
            may_go -= unhealthy;
        }
        let available: i32 = old.iter().chain([new]).map(|set| set.status.available_replicas).sum();
        let mut healthy = (available - min_available).max(0).min(may_go.max(0));
        for (_, size) in &mut sizes {
            let going = (*size).min(healthy);
            *size -= going;
            healthy -= going;
        }
        for (set, size) in sizes {
            if size != replicas(&set) {
                self.scale_set(deployment, &set, size, cause);
            }
        }
    }

    /// The Deployment itself was scaled: its sets follow in proportion.
    ///
    /// Models sync.go isScalingEvent and scale. Returns whether that was it.
    fn scale_with_deployment(
        &mut self,
        deployment: &Rc<Deployment>,
        sets: &[Set],
        cause: Option<EntryId>,
    ) -> bool {
        let wanted = deployment.spec.replicas.unwrap_or(1);
        let active: Vec<&Set> = sets.iter().filter(|set| replicas(set) > 0).collect();
        let is_event = active.iter().any(|set| {
            set.metadata
                .annotations
                .get(DESIRED)
                .and_then(|desired| desired.parse::<i32>().ok())
                .is_some_and(|desired| desired != wanted)
        });
        if !is_event {
            return false;
        }
        match active.as_slice() {
            [only] => {
                let only = (*only).clone();
                self.scale_set(deployment, &only, wanted, cause);
            }
            several => self.scale_in_proportion(deployment, several, wanted, cause),
        }
        true
    }

    /// Models sync.go scale: what is added or taken is shared out by size, the rest goes to the
    /// largest.
    fn scale_in_proportion(
        &mut self,
        deployment: &Rc<Deployment>,
        active: &[&Set],
        wanted: i32,
        cause: Option<EntryId>,
    ) {
        let total: i32 = active.iter().map(|set| replicas(set)).sum();
        let allowed = if wanted > 0 { wanted + max_surge(deployment) } else { 0 };
        let to_add = allowed - total;
        let mut order: Vec<Set> = active.iter().map(|set| (*set).clone()).collect();
        crate::order::sort_by_key(&mut order, |set| {
            (-replicas(set), set.metadata.creation_timestamp)
        });
        let mut left = to_add;
        let mut sizes: Vec<i32> = Vec::new();
        for set in &order {
            let size = replicas(set);
            let share = proportion(set, size, wanted, allowed, left, deployment);
            left -= share;
            sizes.push(size + share);
        }
        if let Some(first) = sizes.first_mut() {
            *first = (*first + left).max(0);
        }
        for (set, size) in order.iter().zip(sizes) {
            self.scale_set(deployment, set, size, cause);
        }
    }

    /// Sets the replicas of a ReplicaSet and says so.
    fn scale_set(
        &mut self,
        deployment: &Rc<Deployment>,
        set: &Set,
        size: i32,
        cause: Option<EntryId>,
    ) {
        let before = replicas(set);
        let mut changed = (**set).clone();
        let wanted = deployment.spec.replicas.unwrap_or(1).to_string();
        changed.metadata.annotations.insert(DESIRED.to_owned(), wanted);
        if before != size {
            changed.spec.replicas = Some(size);
            changed.metadata.generation += 1;
        }
        let actor = Actor::DeploymentController;
        let object = Object::ReplicaSet(Rc::new(changed));
        let entry = self.put(actor, Verb::Updated, object, Rule::DeploymentScales, cause);
        if before != size {
            let direction = if size > before { "up" } else { "down" };
            self.say_scaled(deployment, direction, &set.metadata.name, before, size, entry);
        }
    }

    fn say_scaled(
        &mut self,
        deployment: &Rc<Deployment>,
        direction: &str,
        name: &str,
        before: i32,
        after: i32,
        cause: EntryId,
    ) {
        let say = Say {
            kind: "Normal",
            reason: "ScalingReplicaSet",
            message: format!("Scaled {direction} replica set {name} from {before} to {after}"),
            field_path: String::new(),
        };
        let about = Object::Deployment(deployment.clone());
        self.say(Actor::DeploymentController, "", &about, say, Some(cause));
    }

    /// Writes the Deployment's status: counts and conditions.
    ///
    /// Models sync.go calculateStatus and progress.go syncRolloutStatus.
    fn count_deployment(&mut self, key: &Key, new: &str, cause: Option<EntryId>) {
        let Some(Object::Deployment(deployment)) = self.store.get(key) else { return };
        let deployment = deployment.clone();
        let sets = self.sets_of(&deployment);
        let total: i32 = sets.iter().map(|set| set.status.replicas).sum();
        let available: i32 = sets.iter().map(|set| set.status.available_replicas).sum();
        let ready: i32 = sets.iter().map(|set| set.status.ready_replicas).sum();
        let current = sets.iter().find(|set| set.metadata.name == new);
        let wanted = deployment.spec.replicas.unwrap_or(1);
        let mut status = DeploymentStatus {
            observed_generation: deployment.metadata.generation,
            replicas: total,
            updated_replicas: current.map_or(0, |set| set.status.replicas),
            ready_replicas: ready,
            available_replicas: available,
            unavailable_replicas: (sets.iter().map(replicas).sum::<i32>() - available).max(0),
            conditions: deployment.status.conditions.clone(),
            ..DeploymentStatus::default()
        };
        if self.scenario.version.has(Feature::TerminatingReplicas) {
            let sum = sets.iter().filter_map(|set| set.status.terminating_replicas).sum();
            status.terminating_replicas = Some(sum);
        }
        let enough = available >= wanted - max_unavailable(&deployment);
        let (word, message) = if enough {
            ("MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
        };
        self.set_condition(&mut status, "Available", enough, word, message.to_owned());
        self.set_progress(&deployment, &mut status, current, new);
        if let Some(set) = current {
            let annotation = set.metadata.annotations.get(REVISION).cloned();
            self.write_deployment(&deployment, status, annotation, cause);
        } else if status != deployment.status {
            self.write_deployment(&deployment, status, None, cause);
        }
    }

    fn write_deployment(
        &mut self,
        deployment: &Rc<Deployment>,
        status: DeploymentStatus,
        annotation: Option<String>,
        cause: Option<EntryId>,
    ) {
        let mut changed = (**deployment).clone();
        changed.status = status;
        if let Some(annotation) = annotation {
            changed.metadata.annotations.insert(REVISION.to_owned(), annotation);
        }
        if changed != **deployment {
            let object = Object::Deployment(Rc::new(changed));
            let actor = Actor::DeploymentController;
            self.put(actor, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }

    fn set_progress(
        &self,
        deployment: &Deployment,
        status: &mut DeploymentStatus,
        current: Option<&Set>,
        name: &str,
    ) {
        let wanted = deployment.spec.replicas.unwrap_or(1);
        let complete = current.is_some()
            && status.updated_replicas == wanted
            && status.replicas == wanted
            && status.available_replicas == wanted;
        let known = status.conditions.iter().any(|condition| condition.kind == "Progressing");
        let progressed = status.updated_replicas > deployment.status.updated_replicas
            || status.available_replicas > deployment.status.available_replicas
            || status.ready_replicas > deployment.status.ready_replicas;
        if complete {
            let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
            self.set_condition(status, "Progressing", true, "NewReplicaSetAvailable", message);
        } else if current.is_some() && !known {
            let message = format!("Created new replica set \"{name}\"");
            self.set_condition(status, "Progressing", true, "NewReplicaSetCreated", message);
        } else if progressed {
            let message = format!("ReplicaSet \"{name}\" is progressing.");
            self.set_condition(status, "Progressing", true, "ReplicaSetUpdated", message);
        }
    }

    fn set_condition(
        &self,
        status: &mut DeploymentStatus,
        kind: &str,
        is_true: bool,
        reason: &str,
        message: String,
    ) {
        let word = if is_true { "True" } else { "False" };
        let now = Some(self.now.truncated());
        let old = status.conditions.iter().find(|condition| condition.kind == kind);
        if old
            .is_some_and(|old| old.status == word && old.reason == reason && old.message == message)
        {
            return;
        }
        let transition =
            old.filter(|old| old.status == word).map_or(now, |old| old.last_transition_time);
        let condition = WorkloadCondition {
            kind: kind.to_owned(),
            status: word.to_owned(),
            last_update_time: now,
            last_transition_time: transition,
            reason: reason.to_owned(),
            message,
        };
        status.conditions.retain(|condition| condition.kind != kind);
        status.conditions.push(condition);
    }
}

fn replicas(set: &Set) -> i32 {
    set.spec.replicas.unwrap_or(1)
}

/// The number of the rollout that a ReplicaSet belongs to.
pub(crate) fn revision(set: &ReplicaSet) -> i64 {
    set.metadata.annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// How many replicas the new set may have now.
///
/// Models deployment_util.go NewRSNewReplicas.
fn new_replicas(deployment: &Deployment, old: &[Set], new: Option<&Set>) -> i32 {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let current = new.map_or(0, replicas);
    let total: i32 = old.iter().map(replicas).sum::<i32>() + current;
    let room = wanted + max_surge(deployment) - total;
    if room <= 0 {
        return current;
    }
    current + room.min(wanted - current).max(0)
}

/// The share of one set when a Deployment is scaled in the middle of a rollout.
///
/// Models deployment_util.go GetReplicaSetProportion, with integers: size × allowed / before,
/// rounded half away from zero.
fn proportion(
    set: &Set,
    size: i32,
    wanted: i32,
    allowed: i32,
    left: i32,
    deployment: &Deployment,
) -> i32 {
    if size == 0 || left == 0 {
        return 0;
    }
    let desired = set
        .metadata
        .annotations
        .get(DESIRED)
        .and_then(|desired| desired.parse::<i32>().ok())
        .unwrap_or(wanted);
    let before = i64::from(desired + max_surge_of(deployment, desired)).max(1);
    let product = i64::from(size) * i64::from(allowed);
    let target = (2 * product + before) / (2 * before);
    let share = i32::try_from(target).unwrap_or(i32::MAX).saturating_sub(size);
    if left > 0 { share.min(left).max(0) } else { share.max(left).min(0) }
}

/// `25%` of the replicas, rounded up for the surge and down for what may be missing.
fn scaled(value: Option<&IntOrString>, replicas: i32, round_up: bool) -> i32 {
    match value {
        None => scaled(Some(&IntOrString::String("25%".to_owned())), replicas, round_up),
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: i32 = text.trim_end_matches('%').parse().unwrap_or(0);
            let product = percent.saturating_mul(replicas);
            product / 100 + i32::from(round_up && product % 100 != 0)
        }
    }
}

fn max_surge_of(deployment: &Deployment, replicas: i32) -> i32 {
    let rolling = deployment.spec.strategy.rolling_update.as_ref();
    if deployment.spec.strategy.kind == "Recreate" {
        return 0;
    }
    scaled(rolling.and_then(|rolling| rolling.max_surge.as_ref()), replicas, true)
}

/// How many Pods more than asked for there may be.
fn max_surge(deployment: &Deployment) -> i32 {
    max_surge_of(deployment, deployment.spec.replicas.unwrap_or(1))
}

/// How many Pods fewer than asked for there may be. Both must not be 0: then it is 1.
///
/// Models deployment_util.go ResolveFenceposts.
fn max_unavailable(deployment: &Deployment) -> i32 {
    let replicas = deployment.spec.replicas.unwrap_or(1);
    if deployment.spec.strategy.kind == "Recreate" {
        return 0;
    }
    let rolling = deployment.spec.strategy.rolling_update.as_ref();
    let unavailable =
        scaled(rolling.and_then(|rolling| rolling.max_unavailable.as_ref()), replicas, false);
    if unavailable == 0 && max_surge(deployment) == 0 { 1 } else { unavailable.min(replicas) }
}

/// The hash in the name of a ReplicaSet: the same template has the same one.
///
/// Models controller_utils.go ComputeHash in its form (FNV-1a of the template, in the alphabet of
/// SafeEncodeString); the bytes hashed are ours, so the letters differ from a real cluster's.
fn template_hash(deployment: &Deployment) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    let mut text = format!("{:?}", deployment.spec.template);
    text.push_str(&deployment.status.collision_count.unwrap_or(0).to_string());
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    const ALPHABET: &[u8] = b"456789bcdf";
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit - b'0')])).collect()
}
