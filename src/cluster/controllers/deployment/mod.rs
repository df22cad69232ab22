//! The Deployment controller: one ReplicaSet a template, and the way from one to the next.
//!
//! Carries out what `arithmetic` and `progress` decide. Models pkg/controller/deployment: sync.go,
//! rolling.go, recreate.go. Does not own: Pods (`replicaset`).

pub mod arithmetic;
pub mod progress;

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{normal, owner};
use crate::cluster::controllers::revisions::hash_of;
use crate::cluster::key::{Key, controller_of};
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::workloads::{Deployment, DeploymentStatus, ReplicaSet, ReplicaSetSpec};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

pub(crate) use arithmetic::revision;
use arithmetic::{DESIRED, MAX, REVISION, Set, max_surge, replicas, wanted};

const ACTOR: Actor = Actor::DeploymentController;

/// The label that tells the Pods of one ReplicaSet from those of another.
const HASH_LABEL: &str = "pod-template-hash";

impl World<'_> {
    /// One step of a Deployment towards its template and replicas.
    pub(crate) fn sync_deployment(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Deployment(deployment)) = self.store.get(key) else { return };
        let deployment = deployment.clone();
        let hash = template_hash(&deployment);
        let name = format!("{}-{hash}", deployment.metadata.name);
        if deployment.metadata.deletion_timestamp.is_some() {
            return self.count_deployment(key, &name, false, cause);
        }
        let deployment = self.note_pause(deployment, cause);
        let (new, old) = self.sorted_sets(&deployment, &name);
        let all: Vec<Set> = old.iter().chain(&new).cloned().collect();
        let mut cause = cause;
        if deployment.spec.paused || arithmetic::is_scaling(&deployment, &all) {
            for (set, size) in arithmetic::scale(&deployment, new.as_ref(), &old) {
                self.scale_set(&deployment, &set, size, cause);
            }
            if deployment.spec.paused {
                self.forget_old_sets(&deployment, &old, cause);
            }
            return self.count_deployment(key, &name, false, cause);
        }
        match &new {
            None => cause = self.make_set(&deployment, &hash, &name, &old, cause),
            Some(set) => self.keep_set(&deployment, set, &old, cause),
        }
        if !self.roll(&deployment, &name, cause) && self.is_done(key) {
            self.forget_old_sets(&deployment, &old, cause);
        }
        self.count_deployment(key, &name, true, cause);
    }

    /// The ReplicaSets of a Deployment, oldest first.
    pub(crate) fn sets_of(&self, deployment: &Deployment) -> Vec<Set> {
        let mut sets: Vec<Set> = self
            .store
            .dependents(&deployment.metadata.uid)
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

    /// The set of the current template, and the others.
    fn sorted_sets(&self, deployment: &Deployment, name: &str) -> (Option<Set>, Vec<Set>) {
        let (mut new, old): (Vec<Set>, Vec<Set>) =
            self.sets_of(deployment).into_iter().partition(|set| set.metadata.name == name);
        (new.pop(), old)
    }

    /// While a rollout is paused its deadline does not count.
    ///
    /// Models sync.go checkPausedConditions.
    fn note_pause(&mut self, deployment: Rc<Deployment>, cause: Option<EntryId>) -> Rc<Deployment> {
        let known = progress::condition(&deployment.status, "Progressing");
        if deployment.spec.progress_deadline_seconds.is_none()
            || known.is_some_and(|known| known.reason == progress::TIMED_OUT)
        {
            return deployment;
        }
        let is_noted = known.is_some_and(|known| known.reason == "DeploymentPaused");
        let (reason, message) = match (deployment.spec.paused, is_noted) {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            (true, true) | (false, false) => return deployment,
        };
        let mut changed = (*deployment).clone();
        let condition =
            progress::make("Progressing", "Unknown", reason, message.to_owned(), self.now);
        progress::set(&mut changed.status, condition);
        let changed = Rc::new(changed);
        let object = Object::Deployment(changed.clone());
        self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, cause);
        changed
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
        // recreate.go: the new set is made only when the old Pods have gone.
        if spec.strategy.kind == "Recreate"
            && old.iter().any(|set| replicas(set) > 0 || self.has_living_pods(set))
        {
            return cause;
        }
        let size = arithmetic::new_replicas(deployment, old, None);
        let mut template = spec.template.clone();
        template.metadata.labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
        let mut selector = spec.selector.clone().unwrap_or_default();
        selector.match_labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
        let mut metadata = ObjectMeta {
            name: name.to_owned(),
            namespace: deployment.metadata.namespace.clone(),
            labels: template.metadata.labels.clone(),
            owner_references: vec![owner("apps/v1", "Deployment", &deployment.metadata)],
            ..Default::default()
        };
        let next = old.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        metadata.annotations.insert(REVISION.to_owned(), next.to_string());
        annotate(deployment, &mut metadata);
        self.fill_metadata(&mut metadata, true);
        let set = ReplicaSet {
            metadata,
            spec: ReplicaSetSpec {
                replicas: Some(size),
                min_ready_seconds: spec.min_ready_seconds,
                selector: Some(selector),
                template,
            },
            ..ReplicaSet::default()
        };
        let object = Object::ReplicaSet(Rc::new(set));
        let rule = Rule::DeploymentMakesReplicaSet;
        let entry = self.put(ACTOR, Verb::Created, object, rule, cause);
        if size > 0 {
            self.say_scaled(deployment, "up", name, (0, size), entry);
        }
        let message = format!("Created new replica set \"{name}\"");
        self.note_found(deployment, "NewReplicaSetCreated", message, entry);
        Some(entry)
    }

    /// The set of the template is there: it becomes the newest revision, if it is not.
    ///
    /// Models sync.go getNewReplicaSet.
    fn keep_set(
        &mut self,
        deployment: &Rc<Deployment>,
        set: &Set,
        old: &[Set],
        cause: Option<EntryId>,
    ) {
        let newest = old.iter().map(|set| revision(set)).max().unwrap_or(0);
        let mut changed = (**set).clone();
        if newest >= revision(set) {
            changed.metadata.annotations.insert(REVISION.to_owned(), (newest + 1).to_string());
        }
        if changed.spec.min_ready_seconds != deployment.spec.min_ready_seconds {
            changed.spec.min_ready_seconds = deployment.spec.min_ready_seconds;
            changed.metadata.generation += 1;
        }
        if changed == **set {
            return;
        }
        let object = Object::ReplicaSet(Rc::new(changed));
        let entry = self.put(ACTOR, Verb::Updated, object, Rule::DeploymentScales, cause);
        if progress::condition(&deployment.status, "Progressing").is_none() {
            let message = format!("Found new replica set \"{}\"", set.metadata.name);
            self.note_found(deployment, "FoundNewReplicaSet", message, entry);
        }
    }

    /// A rollout begins: the deadline counts from here.
    fn note_found(
        &mut self,
        deployment: &Rc<Deployment>,
        reason: &str,
        message: String,
        cause: EntryId,
    ) {
        if deployment.spec.progress_deadline_seconds.is_none_or(|limit| limit == i32::MAX) {
            return;
        }
        let key = Key::of(&Object::Deployment(deployment.clone()));
        let Some(Object::Deployment(newest)) = self.store.get(&key) else { return };
        let mut changed = (**newest).clone();
        let condition = progress::make("Progressing", "True", reason, message, self.now);
        progress::set(&mut changed.status, condition);
        let object = Object::Deployment(Rc::new(changed));
        self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, Some(cause));
    }

    fn has_living_pods(&self, set: &ReplicaSet) -> bool {
        self.pods_of(&set.metadata.uid).iter().any(|pod| !pod.is_terminal())
    }

    /// One step from the old sets to the new one. Returns whether there was one to take.
    fn roll(&mut self, deployment: &Rc<Deployment>, name: &str, cause: Option<EntryId>) -> bool {
        let (new, old) = self.sorted_sets(deployment, name);
        if deployment.spec.strategy.kind == "Recreate" {
            let mut scaled = false;
            for set in old.iter().filter(|set| replicas(set) > 0) {
                scaled |= self.scale_set(deployment, set, 0, cause);
            }
            let living = old.iter().any(|set| self.has_living_pods(set));
            if let Some(new) = new.filter(|_| !scaled && !living) {
                return self.scale_set(deployment, &new, wanted(deployment), cause);
            }
            return true;
        }
        let Some(new) = new else { return true };
        let target = arithmetic::next_new(deployment, &old, &new);
        if target != replicas(&new) {
            return self.scale_set(deployment, &new, target, cause);
        }
        let shrinking = arithmetic::shrink_old(deployment, &old, &new);
        for (set, size) in &shrinking {
            self.scale_set(deployment, set, *size, cause);
        }
        !shrinking.is_empty()
    }

    fn is_done(&self, key: &Key) -> bool {
        matches!(
            self.store.get(key),
            Some(Object::Deployment(deployment))
                if progress::is_complete(deployment, &deployment.status)
        )
    }

    /// Deletes old sets beyond revisionHistoryLimit.
    fn forget_old_sets(&mut self, deployment: &Deployment, old: &[Set], cause: Option<EntryId>) {
        for set in arithmetic::superfluous(deployment, old) {
            let key = Key::new("ReplicaSet", &set.metadata.namespace, &set.metadata.name);
            self.delete(ACTOR, &key, None, cause);
        }
    }

    /// Sets the replicas of a ReplicaSet and says so. Returns whether it had others.
    fn scale_set(
        &mut self,
        deployment: &Rc<Deployment>,
        set: &Set,
        size: i32,
        cause: Option<EntryId>,
    ) -> bool {
        let before = replicas(set);
        let mut changed = (**set).clone();
        annotate(deployment, &mut changed.metadata);
        if before != size {
            changed.spec.replicas = Some(size);
            changed.metadata.generation += 1;
        }
        if changed == **set {
            return false;
        }
        let object = Object::ReplicaSet(Rc::new(changed));
        let entry = self.put(ACTOR, Verb::Updated, object, Rule::DeploymentScales, cause);
        if before != size {
            let direction = if size > before { "up" } else { "down" };
            self.say_scaled(deployment, direction, &set.metadata.name, (before, size), entry);
        }
        before != size
    }

    fn say_scaled(
        &mut self,
        deployment: &Rc<Deployment>,
        direction: &str,
        name: &str,
        (before, after): (i32, i32),
        cause: EntryId,
    ) {
        let message = format!("Scaled {direction} replica set {name} from {before} to {after}");
        let about = Object::Deployment(deployment.clone());
        self.say(ACTOR, "", &about, normal("ScalingReplicaSet", message), Some(cause));
    }

    /// Writes the Deployment's status: counts, conditions and, on the way, the progress.
    ///
    /// Models sync.go calculateStatus and progress.go syncRolloutStatus.
    fn count_deployment(&mut self, key: &Key, new: &str, rolls: bool, cause: Option<EntryId>) {
        let Some(Object::Deployment(deployment)) = self.store.get(key) else { return };
        let deployment = deployment.clone();
        let sets = self.sets_of(&deployment);
        let current = sets.iter().find(|set| set.metadata.name == new);
        let sum =
            |count: &dyn Fn(&ReplicaSet) -> i32| sets.iter().map(|set| count(set)).sum::<i32>();
        let available = sum(&|set| set.status.available_replicas);
        let mut status = DeploymentStatus {
            observed_generation: deployment.metadata.generation,
            replicas: sum(&|set| set.status.replicas),
            updated_replicas: current.map_or(0, |set| set.status.replicas),
            ready_replicas: sum(&|set| set.status.ready_replicas),
            available_replicas: available,
            unavailable_replicas: (sum(&replicas) - available).max(0),
            conditions: deployment.status.conditions.clone(),
            collision_count: deployment.status.collision_count,
            ..DeploymentStatus::default()
        };
        if self.scenario.version.has(Feature::TerminatingReplicas) {
            let sum = sets.iter().filter_map(|set| set.status.terminating_replicas).sum();
            status.terminating_replicas = Some(sum);
        }
        let least = wanted(&deployment) - arithmetic::max_unavailable(&deployment);
        let enough = available >= least;
        let (word, reason, message) = if enough {
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        };
        let condition = progress::make("Available", word, reason, message.to_owned(), self.now);
        progress::set(&mut status, condition);
        if rolls {
            progress::estimate(&deployment, &mut status, new, self.now);
            progress::take_failure(&mut status, current.map(|set| &**set), &sets);
            if let Some(left) = progress::until_stuck(&deployment, &status, self.now)
                && status == deployment.status
            {
                let delay = left + Duration::from_secs(1);
                self.enqueue_controller_after(key.clone(), delay, cause);
            }
        }
        let mut changed = (*deployment).clone();
        changed.status = status;
        if let Some(number) = current.and_then(|set| set.metadata.annotations.get(REVISION)) {
            changed.metadata.annotations.insert(REVISION.to_owned(), number.clone());
        }
        if changed != *deployment {
            let object = Object::Deployment(Rc::new(changed));
            self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }
}

/// Writes into a set what its Deployment wants now, so that a later change can be told.
fn annotate(deployment: &Deployment, metadata: &mut ObjectMeta) {
    let most = wanted(deployment) + max_surge(deployment);
    metadata.annotations.insert(DESIRED.to_owned(), wanted(deployment).to_string());
    metadata.annotations.insert(MAX.to_owned(), most.to_string());
}

/// The hash in the name of a ReplicaSet: the same template has the same one.
fn template_hash(deployment: &Deployment) -> String {
    let mut template = deployment.spec.template.clone();
    if let Some(collisions) = deployment.status.collision_count.filter(|count| *count > 0) {
        template.metadata.annotations.insert("collisions".to_owned(), collisions.to_string());
    }
    hash_of(&template)
}
