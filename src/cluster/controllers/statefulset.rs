//! The StatefulSet controller: Pods with names that stay, one after the other.
//!
//! Models pkg/controller/statefulset/stateful_set_control.go. Does not own: templates of the past
//! (`revisions`), or volumes behind claims, which are not simulated.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{
    from_template, is_ready, normal, owner, until_available, warning,
};
use crate::cluster::controllers::revisions::{REVISION_LABEL, Revision};
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::Pod;
use crate::manifest::storage::{self, PersistentVolumeClaim};
use crate::manifest::volume::{PersistentVolumeClaimVolumeSource, Volume};
use crate::manifest::workloads::{StatefulSet, StatefulSetStatus};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

const ACTOR: Actor = Actor::StatefulSetController;

/// The label with the name of a Pod.
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
/// The label with its number.
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The Pods of a set, sorted by what is to become of them.
struct Members {
    /// The wanted ones by place; `None` where there is none.
    wanted: Vec<Option<Rc<Pod>>>,
    /// Those that are too many, lowest number first.
    surplus: Vec<Rc<Pod>>,
    /// The number of the first.
    start: i32,
    /// The revision of the template of now, and the one before the update.
    update: Revision,
    current: Revision,
}

impl World<'_> {
    /// One look at a StatefulSet.
    pub(crate) fn sync_stateful_set(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::StatefulSet(set)) = self.store.get(key) else { return };
        let set = set.clone();
        let reference = owner("apps/v1", "StatefulSet", &set.metadata);
        let selector = set.spec.selector.clone();
        let pods = self.claim_pods(ACTOR, &reference, &key.namespace, selector.as_ref(), cause);
        let live: Vec<String> = pods
            .iter()
            .filter_map(|pod| pod.metadata.labels.get(REVISION_LABEL).cloned())
            .chain([set.status.current_revision.clone()])
            .collect();
        let history = usize::try_from(set.spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
        let update = self.revision_of(
            ACTOR,
            &reference,
            &key.namespace,
            &set.spec.template,
            (history, &live),
            cause,
        );
        let known = self.memory.revisions.get(&set.metadata.uid);
        let current = known
            .and_then(|all| all.iter().find(|r| r.name == set.status.current_revision))
            .cloned()
            .unwrap_or_else(|| update.clone());
        let members = sort_members(&set, &pods, update, current);
        let mut status = count(&set, &pods, &members, self.now);
        if set.metadata.deletion_timestamp.is_none() {
            self.own_claims(&set, &members, cause);
            self.move_members(&set, &members, &mut status, cause);
        }
        self.finish_stateful_set(&set, &pods, status, cause);
    }

    fn finish_stateful_set(
        &mut self,
        set: &Rc<StatefulSet>,
        pods: &[Rc<Pod>],
        mut status: StatefulSetStatus,
        cause: Option<EntryId>,
    ) {
        // completeRollingUpdate: the new revision becomes the current one.
        if set.spec.update_strategy.kind == "RollingUpdate"
            && status.updated_replicas == status.replicas
            && status.ready_replicas == status.replicas
        {
            status.current_replicas = status.updated_replicas;
            status.current_revision.clone_from(&status.update_revision);
        }
        let min_ready = set.spec.min_ready_seconds;
        let waits = pods
            .iter()
            .filter_map(|pod| until_available(pod, min_ready, self.now))
            .filter(|left| *left > Duration::ZERO)
            .min();
        if let Some(left) = waits {
            let key = Key::of(&Object::StatefulSet(set.clone()));
            self.enqueue_controller_after(key, left, cause);
        }
        if status != set.status {
            let object = Object::StatefulSet(Rc::new(StatefulSet { status, ..(**set).clone() }));
            self.put(ACTOR, Verb::Updated, object, Rule::ControllerStatus, cause);
        }
    }

    /// Creates, deletes and updates Pods, one at a time unless the policy is Parallel.
    fn move_members(
        &mut self,
        set: &Rc<StatefulSet>,
        members: &Members,
        status: &mut StatefulSetStatus,
        cause: Option<EntryId>,
    ) {
        let ordered = set.spec.pod_management_policy != "Parallel";
        for (place, pod) in members.wanted.iter().enumerate() {
            let ordinal = members.start + place as i32;
            let settled = match pod {
                None => {
                    self.create_member(set, members, ordinal, status, cause);
                    false
                }
                Some(pod) if pod.is_terminal() => {
                    self.recreate_member(set, pod, cause);
                    // The name is free only when the object is gone.
                    return;
                }
                Some(pod) => self.is_healthy(set, pod),
            };
            if ordered && !settled {
                return;
            }
        }
        if !self.remove_surplus(set, members, ordered, status, cause) {
            return;
        }
        if set.spec.update_strategy.kind == "RollingUpdate" {
            self.update_members(set, members, status, cause);
        }
    }

    /// Sees to it whose the claims of the Pods are.
    fn own_claims(&mut self, set: &Rc<StatefulSet>, members: &Members, cause: Option<EntryId>) {
        if set.spec.volume_claim_templates.is_empty() {
            return;
        }
        let wanted = members.wanted.iter().flatten().map(|pod| (pod.clone(), false));
        let surplus = members.surplus.iter().map(|pod| (pod.clone(), true));
        let pods: Vec<(Rc<Pod>, bool)> = wanted.chain(surplus).collect();
        self.retain_claims(set, &pods, cause);
    }

    /// Running, Ready for long enough, and not on its way out.
    fn is_healthy(&self, set: &StatefulSet, pod: &Pod) -> bool {
        let available = until_available(pod, set.spec.min_ready_seconds, self.now);
        !pod.is_terminating()
            && pod.status.phase == "Running"
            && available.is_some_and(|left| left == Duration::ZERO)
    }

    /// Deletes surplus Pods from the top. Returns whether updates may go on.
    fn remove_surplus(
        &mut self,
        set: &Rc<StatefulSet>,
        members: &Members,
        ordered: bool,
        status: &mut StatefulSetStatus,
        cause: Option<EntryId>,
    ) -> bool {
        let first_unhealthy = members
            .wanted
            .iter()
            .flatten()
            .chain(&members.surplus)
            .find(|pod| !self.is_healthy(set, pod))
            .map(|pod| pod.metadata.uid.clone());
        for pod in members.surplus.iter().rev() {
            if pod.is_terminating() {
                if ordered {
                    return false;
                }
                continue;
            }
            let healthy = self.is_healthy(set, pod);
            if ordered && !healthy && first_unhealthy.as_ref() != Some(&pod.metadata.uid) {
                return false;
            }
            self.delete_member(set, pod, Rule::StatefulSetDeletes, cause);
            uncount(status, pod);
            if ordered {
                return false;
            }
        }
        true
    }

    /// Replaces one Pod of an older revision, the highest first.
    fn update_members(
        &mut self,
        set: &Rc<StatefulSet>,
        members: &Members,
        status: &mut StatefulSetStatus,
        cause: Option<EntryId>,
    ) {
        let rolling = set.spec.update_strategy.rolling_update.as_ref();
        let partition = rolling.and_then(|rolling| rolling.partition).unwrap_or(0);
        for (place, pod) in members.wanted.iter().enumerate().rev() {
            if members.start + (place as i32) < partition {
                return;
            }
            let Some(pod) = pod else { return };
            let revision = pod.metadata.labels.get(REVISION_LABEL);
            if revision != Some(&members.update.name) && !pod.is_terminating() {
                self.delete_member(set, pod, Rule::StatefulSetUpdates, cause);
                uncount(status, pod);
                return;
            }
            if !self.is_healthy(set, pod) {
                return;
            }
        }
    }

    fn create_member(
        &mut self,
        set: &Rc<StatefulSet>,
        members: &Members,
        ordinal: i32,
        status: &mut StatefulSetStatus,
        cause: Option<EntryId>,
    ) {
        let about = Object::StatefulSet(set.clone());
        let namespace = &set.metadata.namespace;
        if self.namespace_refusal(namespace).is_some() {
            return;
        }
        let revision =
            if needs_current(set, members, ordinal) { &members.current } else { &members.update };
        let reference = owner("apps/v1", "StatefulSet", &set.metadata);
        let mut pod = from_template(&revision.template, namespace, reference);
        let name = format!("{}-{ordinal}", set.metadata.name);
        pod.metadata.name.clone_from(&name);
        pod.metadata.generate_name = format!("{}-", set.metadata.name);
        let labels = &mut pod.metadata.labels;
        labels.insert(POD_NAME.to_owned(), name.clone());
        labels.insert(POD_INDEX.to_owned(), ordinal.to_string());
        labels.insert(REVISION_LABEL.to_owned(), revision.name.clone());
        pod.spec.hostname.clone_from(&name);
        pod.spec.subdomain.clone_from(&set.spec.service_name);
        let claims = self.create_claims(set, &mut pod, cause);
        let set_name = &set.metadata.name;
        let made =
            claims.and_then(|()| self.create_pod(ACTOR, pod, Rule::StatefulSetCreates, cause));
        let entry = match made {
            Ok((_, entry)) => entry,
            Err(error) => {
                let message = format!(
                    "{} Pod {name} in StatefulSet {set_name} failed error: {error}",
                    self.set_verb("Create", "create")
                );
                self.say(ACTOR, "", &about, warning("FailedCreate", message), cause);
                return self.retry_creation(Key::of(&about), cause);
            }
        };
        self.memory.failed_creations.remove(&Key::of(&about));
        let message = format!(
            "{} Pod {name} in StatefulSet {set_name} successful",
            self.set_verb("Create", "create")
        );
        self.say(ACTOR, "", &about, normal("SuccessfulCreate", message), Some(entry));
        status.replicas += 1;
        if revision.name == status.current_revision {
            status.current_replicas += 1;
        }
        if revision.name == status.update_revision {
            status.updated_replicas += 1;
        }
    }

    /// Gives a Pod its claims: those that it had before, or new ones.
    fn create_claims(
        &mut self,
        set: &Rc<StatefulSet>,
        pod: &mut Pod,
        cause: Option<EntryId>,
    ) -> Result<(), String> {
        let mut result = Ok(());
        for template in &set.spec.volume_claim_templates {
            let name = format!("{}-{}", template.metadata.name, pod.metadata.name);
            pod.spec.volumes.retain(|volume| volume.name != template.metadata.name);
            pod.spec.volumes.push(Volume {
                name: template.metadata.name.clone(),
                persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                    claim_name: name.clone(),
                    ..PersistentVolumeClaimVolumeSource::default()
                }),
                ..Volume::default()
            });
            let namespace = &set.metadata.namespace;
            let key = Key::new("PersistentVolumeClaim", namespace, &name);
            if let Some(known) = self.store.get(&key) {
                if known.metadata().deletion_timestamp.is_some() {
                    result = Err(format!("pvc {name} is being deleted"));
                }
                continue;
            }
            let owners = self
                .claims_go_with_set(set)
                .then(|| owner("apps/v1", "StatefulSet", &set.metadata))
                .into_iter()
                .collect();
            let mut metadata = ObjectMeta {
                name: name.clone(),
                namespace: namespace.clone(),
                owner_references: owners,
                labels: set.spec.selector.clone().unwrap_or_default().match_labels,
                ..ObjectMeta::default()
            };
            self.fill_metadata(&mut metadata, true);
            let mut claim = PersistentVolumeClaim {
                metadata,
                spec: template.spec.clone(),
                ..Default::default()
            };
            storage::claim(&mut claim);
            self.default_class(&mut claim);
            let object = Object::PersistentVolumeClaim(Rc::new(claim));
            let rule = Rule::StatefulSetClaims;
            let entry = self.put(ACTOR, Verb::Created, object, rule, cause);
            let message = format!(
                "{} Claim {name} Pod {} in StatefulSet {} success",
                self.set_verb("Create", "create"),
                pod.metadata.name,
                set.metadata.name
            );
            let about = Object::StatefulSet(set.clone());
            self.say(ACTOR, "", &about, normal("SuccessfulCreate", message), Some(entry));
        }
        result
    }

    /// A Pod that has ended is made anew under its name.
    fn recreate_member(&mut self, set: &Rc<StatefulSet>, pod: &Pod, cause: Option<EntryId>) {
        if pod.is_terminating() {
            return;
        }
        let (reason, word) = if pod.status.phase == "Failed" {
            ("RecreatingFailedPod", "failed")
        } else {
            ("RecreatingTerminatedPod", "terminated")
        };
        let (namespace, name) = (&set.metadata.namespace, &set.metadata.name);
        let message = format!(
            "StatefulSet {namespace}/{name} is recreating {word} Pod {}",
            pod.metadata.name
        );
        let about = Object::StatefulSet(set.clone());
        self.say(ACTOR, "", &about, warning(reason, message), cause);
        self.delete_member(set, pod, Rule::StatefulSetDeletes, cause);
    }

    fn delete_member(
        &mut self,
        set: &Rc<StatefulSet>,
        pod: &Pod,
        rule: Rule,
        cause: Option<EntryId>,
    ) {
        let about = Object::StatefulSet(set.clone());
        let name = &pod.metadata.name;
        let what = format!("{name} goes");
        let noted = self.note(ACTOR, &about, &what, rule, cause);
        let key = Key::new("Pod", &pod.metadata.namespace, name);
        let entry = self.delete(ACTOR, &key, None, Some(noted));
        let message = format!(
            "{} Pod {name} in StatefulSet {} successful",
            self.set_verb("Delete", "delete"),
            set.metadata.name
        );
        self.say(ACTOR, "", &about, normal("SuccessfulDelete", message), entry.or(cause));
    }

    /// How an Event begins: the release decides.
    fn set_verb(&self, capital: &'static str, small: &'static str) -> &'static str {
        let has = self.scenario.version.has(Feature::CapitalStatefulSetEvents);
        if has { capital } else { small }
    }
}

/// The number of a Pod of a set, from its name.
fn ordinal_of(set: &StatefulSet, pod: &Pod) -> Option<i32> {
    let rest = pod.metadata.name.strip_prefix(&set.metadata.name)?.strip_prefix('-')?;
    rest.parse().ok().filter(|ordinal| *ordinal >= 0)
}

fn sort_members(
    set: &StatefulSet,
    pods: &[Rc<Pod>],
    update: Revision,
    current: Revision,
) -> Members {
    let start = set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start);
    let wanted = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
    let mut members =
        Members { wanted: vec![None; wanted], surplus: Vec::new(), start, update, current };
    let mut numbered: Vec<(i32, Rc<Pod>)> = pods
        .iter()
        .filter_map(|pod| ordinal_of(set, pod).map(|ordinal| (ordinal, pod.clone())))
        .collect();
    crate::order::sort_by_key(&mut numbered, |(ordinal, _)| *ordinal);
    for (ordinal, pod) in numbered {
        let place = usize::try_from(ordinal - start).ok();
        match place.and_then(|place| members.wanted.get_mut(place)) {
            Some(slot) => *slot = Some(pod),
            None => members.surplus.push(pod),
        }
    }
    members
}

/// Whether a new Pod of this number still gets the template from before the update.
///
/// Models stateful_set_utils.go isCurrentRevisionNeeded.
fn needs_current(set: &StatefulSet, members: &Members, ordinal: i32) -> bool {
    let strategy = &set.spec.update_strategy;
    if strategy.kind != "RollingUpdate" || members.current.name == members.update.name {
        return false;
    }
    let partition = strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    ordinal < members.start + partition.unwrap_or(set.status.current_replicas)
}

fn count(
    set: &StatefulSet,
    pods: &[Rc<Pod>],
    members: &Members,
    now: Instant,
) -> StatefulSetStatus {
    let mut status = StatefulSetStatus {
        observed_generation: set.metadata.generation,
        current_revision: members.current.name.clone(),
        update_revision: members.update.name.clone(),
        collision_count: set.status.collision_count.or(Some(0)),
        conditions: set.status.conditions.clone(),
        ..StatefulSetStatus::default()
    };
    let surplus = |pod: &Pod| members.surplus.iter().any(|p| p.metadata.uid == pod.metadata.uid);
    for pod in pods {
        status.replicas += 1;
        if pod.status.phase == "Running" && is_ready(pod) {
            status.ready_replicas += 1;
            let left = until_available(pod, set.spec.min_ready_seconds, now);
            status.available_replicas += i32::from(left == Some(Duration::ZERO));
        }
        if pod.is_terminating() || surplus(pod) && pod.is_terminal() {
            continue;
        }
        let revision = pod.metadata.labels.get(REVISION_LABEL);
        status.current_replicas += i32::from(revision == Some(&status.current_revision));
        status.updated_replicas += i32::from(revision == Some(&status.update_revision));
    }
    status
}

/// A Pod that has just been deleted no longer counts for its revision.
fn uncount(status: &mut StatefulSetStatus, pod: &Pod) {
    let revision = pod.metadata.labels.get(REVISION_LABEL);
    if revision == Some(&status.current_revision) {
        status.current_replicas -= 1;
    }
    if revision == Some(&status.update_revision) {
        status.updated_replicas -= 1;
    }
}
