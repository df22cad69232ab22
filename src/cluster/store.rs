//! The API server's store: objects, resourceVersions, and who watches them.
//!
//! Owns: writing objects into the trace, identity (UID, generated names), graceful deletion, and
//! telling the components that watch. Does not own: what those components do about it.

use std::rc::Rc;

use crate::cluster::booked::Books;
use crate::cluster::controllers::job::BATCH;
use crate::cluster::controllers::{daemonset, protection};
use crate::cluster::{Wake, World, check, latency};
use crate::manifest::Object;
use crate::manifest::meta::{ObjectMeta, OwnerReference};
use crate::manifest::pod::Pod;
use crate::map::index::Index;
use crate::map::wide::Wide;
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, Subject, Verb};

/// Kind, namespace, name: the key of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `Pod`.
    pub kind: String,
    /// Empty for objects of the whole cluster.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// The key of a kind, namespace and name.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The key of an object.
    pub fn of(object: &Object) -> Self {
        let metadata = object.metadata();
        Self::new(object.kind(), &metadata.namespace, &metadata.name)
    }
}

/// What one object owns.
#[derive(Clone, Debug, Default)]
struct Family {
    members: Wide<Key, Object>,
    tally: Tally,
}

/// What the Pods add up to that one object controls, so that its controller need not look at every
/// Pod whenever one of them changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Pods that have not ended and that nobody has deleted.
    pub(crate) active: usize,
    /// Those of them that are Ready.
    pub(crate) ready: usize,
    /// Pods that are being deleted.
    pub(crate) terminating: usize,
    /// Whether labels of one of the Pods have changed, or one was taken in: they may no longer be
    /// what the selector asks for.
    pub(crate) relabelled: bool,
}

impl Tally {
    fn count(&mut self, pod: &Pod, present: bool) {
        let add = |number: &mut usize, counts: bool| match (counts, present) {
            (true, true) => *number += 1,
            (true, false) => *number = number.saturating_sub(1),
            (false, _) => {}
        };
        let (leaves, over) = (pod.is_terminating(), pod.is_terminal());
        add(&mut self.terminating, leaves);
        add(&mut self.active, !leaves && !over);
        add(&mut self.ready, !leaves && !over && pod.status.is_true("Ready"));
    }
}

/// All objects as they are now.
#[derive(Clone, Debug, Default)]
pub struct Store {
    objects: Wide<Key, Object>,
    /// How many objects there are of each kind.
    kinds: Map<String, usize>,
    /// Pods by UID: their places among those that there are, and were.
    pods: Index,
    every_pod: Vec<Option<Rc<Pod>>>,
    /// What objects own, by UID of the owner.
    families: Index,
    every_family: Vec<Family>,
    /// Pods that no controller has.
    orphans: Set<Key>,
    /// What the Pods of each node add up to.
    pub(crate) books: Books,
    /// Whether there was ever a Pod that keeps others away: the scheduler asks each placed Pod only
    /// then (upstream keeps HavePodsWithRequiredAntiAffinityList for that).
    pub(crate) has_anti_affinity: bool,
    /// How often a ConfigMap or Secret was written: what volumes hold depends on it.
    pub(crate) configs: u64,
    resource_version: u64,
}

impl Store {
    /// An object.
    pub fn get(&self, key: &Key) -> Option<&Object> {
        self.objects.get(key)
    }

    /// Every object of a kind, in the order of namespace and name.
    pub fn list<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Object> + 's {
        let any = self.kinds.get(kind).is_some_and(|count| *count > 0);
        let from = any.then(|| self.objects.range(&Key::new(kind, "", "")));
        from.into_iter()
            .flatten()
            .take_while(move |(key, _)| key.kind == kind)
            .map(|(_, object)| object)
    }

    /// How many objects there are of a kind.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.kinds.get(kind).copied().unwrap_or(0)
    }

    /// Every object.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// The Pods, in the order of namespace and name.
    pub fn pods(&self) -> impl Iterator<Item = &Rc<Pod>> {
        self.list("Pod").filter_map(|object| match object {
            Object::Pod(pod) => Some(pod),
            _ => None,
        })
    }

    /// What an object owns, by its UID.
    pub fn dependents(&self, uid: &str) -> impl Iterator<Item = &Object> {
        self.family(uid).into_iter().flat_map(|family| family.members.values())
    }

    fn family(&self, uid: &str) -> Option<&Family> {
        self.every_family.get(self.families.get(uid)? as usize)
    }

    /// What the Pods add up to that an object controls, by its UID.
    pub(crate) fn tally(&self, uid: &str) -> Option<Tally> {
        self.family(uid).map(|family| family.tally)
    }

    /// Whether each Pod has a controller.
    pub(crate) const fn has_no_orphans(&self) -> bool {
        self.orphans.is_empty()
    }

    /// The Pods that no controller has, in the order of namespace and name.
    pub fn orphan_pods(&self) -> Vec<Rc<Pod>> {
        self.orphans.iter().filter_map(|key| self.pod(&key.namespace, &key.name).cloned()).collect()
    }

    /// Stores an object, or takes it away, and returns what was there.
    fn write(&mut self, key: Key, verb: Verb, object: &Object) -> Option<Object> {
        let stays = verb != Verb::Deleted;
        let before = self.objects.get(&key).cloned();
        self.configs += u64::from(matches!(object, Object::ConfigMap(_) | Object::Secret(_)));
        let pod = |object: Option<&Object>| match object {
            Some(Object::Pod(pod)) => Some(Rc::clone(pod)),
            _ => None,
        };
        let (old, new) = (pod(before.as_ref()), pod(stays.then_some(object)));
        self.books.note(&key, old.as_deref(), new.as_deref());
        self.has_anti_affinity |= new
            .as_ref()
            .and_then(|pod| pod.spec.affinity.as_ref())
            .is_some_and(|affinity| affinity.pod_anti_affinity.is_some());
        self.tally_up(old.as_deref(), new.as_deref());
        let metadata = object.metadata();
        let same = stays
            && before.as_ref().is_some_and(|before| {
                let before = before.metadata();
                before.uid == metadata.uid && before.owner_references == metadata.owner_references
            });
        if !same && let Some(before) = &before {
            self.index(&key, before, false);
        }
        self.note_pod(&metadata.uid, new);
        if before.is_none() {
            *self.kinds.entry(key.kind.clone()).or_default() += 1;
        }
        if stays {
            self.index(&key, object, true);
            match self.objects.get_mut(&key) {
                Some(known) => *known = object.clone(),
                None => {
                    self.objects.insert(key, object.clone());
                }
            }
        } else {
            self.objects.remove(&key);
            if let Some(count) = self.kinds.get_mut(&key.kind) {
                *count = count.saturating_sub(1);
            }
        }
        before
    }

    /// Keeps the Pods by UID in step.
    fn note_pod(&mut self, uid: &str, pod: Option<Rc<Pod>>) {
        match (self.pods.get(uid), pod) {
            (Some(place), Some(pod)) => self.every_pod[place as usize] = Some(pod),
            (Some(place), None) => {
                self.every_pod[place as usize] = None;
                self.pods.remove(uid);
            }
            (None, Some(pod)) => {
                self.pods.insert(uid, self.every_pod.len() as u32);
                self.every_pod.push(Some(pod));
            }
            (None, None) => {}
        }
    }

    /// Keeps what Pods add up to in step with one that comes, changes or goes.
    fn tally_up(&mut self, old: Option<&Pod>, new: Option<&Pod>) {
        let relabelled = matches!((old, new), (Some(old), Some(new))
            if old.metadata.labels != new.metadata.labels
                || old.metadata.owner_references != new.metadata.owner_references);
        for (pod, present) in [(old, false), (new, true)] {
            let Some(pod) = pod else { continue };
            let Some(owner) = controller_of(&pod.metadata) else { continue };
            let family = self.family_mut(&owner.uid);
            family.tally.count(pod, present);
            family.tally.relabelled |= relabelled;
        }
    }

    fn family_mut(&mut self, uid: &str) -> &mut Family {
        let place = match self.families.get(uid) {
            Some(place) => place as usize,
            None => {
                let place = self.every_family.len();
                self.families.insert(uid, place as u32);
                self.every_family.push(Family::default());
                place
            }
        };
        &mut self.every_family[place]
    }

    /// Keeps the indexes in step with an object that comes or goes.
    fn index(&mut self, key: &Key, object: &Object, present: bool) {
        let metadata = object.metadata();
        for owner in &metadata.owner_references {
            let members = &mut self.family_mut(&owner.uid).members;
            match (present, members.get_mut(key)) {
                (true, Some(known)) => *known = object.clone(),
                (true, None) => {
                    members.insert(key.clone(), object.clone());
                }
                (false, _) => {
                    members.remove(key);
                }
            }
        }
        if key.kind == "Pod" {
            if present && controller_of(metadata).is_none() {
                self.orphans.insert(key.clone());
            } else {
                self.orphans.remove(key);
            }
        }
    }

    /// A Pod by name.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Rc<Pod>> {
        match self.get(&Key::new("Pod", namespace, name)) {
            Some(Object::Pod(pod)) => Some(pod),
            _ => None,
        }
    }

    /// A Pod by UID.
    pub fn pod_by_uid(&self, uid: &str) -> Option<&Rc<Pod>> {
        self.every_pod.get(self.pods.get(uid)? as usize)?.as_ref()
    }
}

/// The subject of an entry about an object.
pub fn subject_of(object: &Object) -> Subject {
    let metadata = object.metadata();
    Subject {
        kind: object.kind().into(),
        namespace: metadata.namespace.as_str().into(),
        name: metadata.name.as_str().into(),
        uid: metadata.uid.as_str().into(),
        container: None,
    }
}

/// The subject of an entry about a Pod or one of its containers.
pub fn pod_subject(pod: &Pod, container: Option<&str>) -> Subject {
    Subject {
        kind: "Pod".into(),
        namespace: pod.metadata.namespace.as_str().into(),
        name: pod.metadata.name.as_str().into(),
        uid: pod.metadata.uid.as_str().into(),
        container: container.map(Into::into),
    }
}

impl World<'_> {
    /// Fills in what the API server gives a new object: namespace, name, UID, creation time.
    ///
    /// Models apiserver/pkg/registry/rest/create.go BeforeCreate and storage/names/generate.go.
    pub(crate) fn fill_metadata(&mut self, metadata: &mut ObjectMeta, namespaced: bool) {
        if namespaced && metadata.namespace.is_empty() {
            metadata.namespace = "default".to_owned();
        }
        if metadata.name.is_empty() && !metadata.generate_name.is_empty() {
            let base: String = metadata.generate_name.chars().take(58).collect();
            let mut name = format!("{base}{}", self.random.suffix());
            // A name that is taken is drawn again, eight times (registry/generic/registry/store.go
            // Create, since 1.30; before that the request failed and was sent again).
            for _ in 0..8 {
                let taken = self.store.pod(&metadata.namespace, &name).is_some();
                if !taken {
                    break;
                }
                name = format!("{base}{}", self.random.suffix());
            }
            metadata.name = name;
        }
        metadata.uid = self.random.uid();
        metadata.creation_timestamp = Some(self.now.truncated());
        metadata.generation = 1;
    }

    /// Writes an object and tells who watches it.
    pub(crate) fn put(
        &mut self,
        actor: Actor,
        verb: Verb,
        mut object: Object,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> EntryId {
        self.store.resource_version += 1;
        let version = self.store.resource_version.to_string();
        set_resource_version(&mut object, version);
        protection::protect(verb, &mut object);
        let key = Key::of(&object);
        daemonset::count_template(&mut object, self.store.get(&key));
        let subject = subject_of(&object);
        let change = Change::Stored { verb, object: object.clone() };
        let entry = self.record(Entry { at: self.now, actor, subject, change, cause, rule });
        if cfg!(debug_assertions)
            && let (Object::Pod(after), Some(Object::Pod(before))) = (&object, self.store.get(&key))
        {
            check::successor(before, after);
        }
        let before = self.store.write(key, verb, &object);
        if let (Some(Object::Pod(before)), Object::Pod(after)) = (&before, &object)
            && before.metadata.labels != after.metadata.labels
        {
            // endpointslice_controller.go GetPodServiceMemberships of the Pod as it was, too.
            self.notify_services(before, entry);
        }
        let renewed = before.is_none_or(|before| {
            let (before, metadata) = (before.metadata(), object.metadata());
            before.generation != metadata.generation
                || before.deletion_timestamp != metadata.deletion_timestamp
        });
        self.notify(verb, &object, renewed, entry);
        entry
    }

    /// Writes a changed Pod.
    pub(crate) fn update_pod(
        &mut self,
        actor: Actor,
        pod: Pod,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> EntryId {
        self.put(actor, Verb::Updated, Object::Pod(Rc::new(pod)), rule, cause)
    }

    /// Queues the work of every component that watches objects like this one.
    fn notify(&mut self, verb: Verb, object: &Object, renewed: bool, entry: EntryId) {
        let metadata = object.metadata();
        match object {
            Object::Pod(pod) => {
                self.usage.observe(&self.meter, pod, verb == Verb::Deleted, self.now);
                self.notify_of_pod(verb, pod, entry);
                self.pod_stays(pod, verb == Verb::Deleted, entry);
                self.enqueue_budgets(pod, entry);
                if verb != Verb::Deleted {
                    self.pod_gc_sees(pod, entry);
                }
                if verb == Verb::Deleted {
                    self.release_claims(pod, entry);
                    self.pod_drained(&pod.metadata.uid);
                }
                self.enqueue_adopters(pod, entry);
            }
            Object::StatefulSet(_)
            | Object::DaemonSet(_)
            | Object::CronJob(_)
            | Object::PodDisruptionBudget(_) => {
                self.enqueue_controller(Key::of(object), entry);
            }
            Object::Job(_) if renewed => self.enqueue_controller(Key::of(object), entry),
            // job_controller.go updateJob: its own status is looked at with what else comes.
            Object::Job(_) => {
                self.enqueue_controller_after(Key::of(object), BATCH, Some(entry));
            }
            Object::Node(node) => {
                if let Some(index) = self.node_index(&metadata.name) {
                    let host = &mut self.nodes[index];
                    host.registered = verb != Verb::Deleted;
                    host.labels.clone_from(&metadata.labels);
                    host.taints.clone_from(&node.spec.taints);
                    host.unschedulable = node.spec.unschedulable;
                }
                self.pod_gc_sees_node(node, verb == Verb::Deleted, entry);
                self.node_changed(node, verb == Verb::Deleted, entry);
                self.enqueue_daemon_sets(entry);
                self.retry_all_unschedulable(entry);
            }
            Object::HorizontalPodAutoscaler(_) => {
                if verb == Verb::Created {
                    self.enqueue_autoscaler(Key::of(object), Some(entry));
                }
            }
            Object::PersistentVolumeClaim(claim) => {
                if verb == Verb::Deleted {
                    self.claim_gone(claim, entry);
                } else if claim.status.phase != "Bound" || metadata.deletion_timestamp.is_some() {
                    self.enqueue_controller(Key::of(object), entry);
                }
                if verb == Verb::Created {
                    self.retry_all_unschedulable(entry);
                }
            }
            Object::PersistentVolume(_) | Object::StorageClass(_) => {
                if metadata.deletion_timestamp.is_some() && verb != Verb::Deleted {
                    self.enqueue_controller(Key::of(object), entry);
                }
                if verb == Verb::Created {
                    self.enqueue_claims(entry);
                }
            }
            Object::ReplicaSet(_) => {
                self.enqueue_controller(Key::of(object), entry);
            }
            Object::Deployment(_) => self.enqueue_controller(Key::of(object), entry),
            Object::Service(service) => {
                let selector = &service.spec.selector;
                self.usage.observe_service(&metadata.namespace, &metadata.name, selector);
                self.enqueue_controller(Key::of(object), entry);
                self.tell_proxies(&Key::of(object), entry);
            }
            Object::EndpointSlice(slice) => self.tell_of_slice(slice, entry),
            Object::ConfigMap(_)
            | Object::Secret(_)
            | Object::Namespace(_)
            | Object::Event(_)
            | Object::PriorityClass(_)
            | Object::LimitRange(_)
            | Object::ResourceQuota(_)
            | Object::Unsimulated(_) => {}
        }
        let counted = match object {
            Object::Pod(pod) => verb != Verb::Updated || pod.is_terminal(),
            Object::ResourceQuota(_) => renewed,
            _ => verb != Verb::Updated,
        };
        if counted {
            self.enqueue_quotas(object, entry);
        }
        if let Some(owner) = controller_of(metadata) {
            let key = Key::new(&owner.kind, &metadata.namespace, &owner.name);
            if owner.kind == "Job" {
                self.enqueue_controller_after(key, BATCH, Some(entry));
            } else {
                self.enqueue_controller(key, entry);
            }
        }
        if verb == Verb::Deleted {
            self.memory.revisions.remove(&metadata.uid);
            self.memory.job_backoff.remove(&Key::of(object));
            self.memory.job_expects.remove(&Key::of(object));
            self.wake_waiting_owners(metadata, entry);
        }
        if verb == Verb::Deleted && !matches!(object, Object::Event(_)) {
            let delay =
                self.random.between(latency::CONTROLLER_WATCH.0, latency::CONTROLLER_WATCH.1);
            self.wake_after(delay, Wake::Garbage { owner: metadata.uid.clone() }, Some(entry));
        }
    }

    fn notify_of_pod(&mut self, verb: Verb, pod: &Rc<Pod>, entry: EntryId) {
        let uid = pod.metadata.uid.clone();
        if pod.spec.node_name.is_empty() {
            let gated = pod.status.condition("PodScheduled").is_some_and(|condition| {
                condition.reason == "SchedulingGated" && condition.status == "False"
            });
            let opened = gated && pod.spec.scheduling_gates.is_empty() && !pod.is_terminating();
            if verb == Verb::Created || (verb == Verb::Updated && opened) {
                // The active queue is first come, first served.
                let delay = self.latency(latency::SCHEDULE);
                let at = (self.now + delay).max(self.scheduler_free);
                self.scheduler_free = at + latency::SCHEDULING_CYCLE;
                self.wake_at(at, Wake::Schedule { uid: uid.clone() }, Some(entry));
            }
        } else if self.kubelet_must_know(pod, verb) {
            let delay = self.random.between(latency::KUBELET_WATCH.0, latency::KUBELET_WATCH.1);
            self.wake_after(delay, Wake::PodUpdate { uid: uid.clone() }, Some(entry));
        }
        if verb == Verb::Deleted || pod.is_terminal() {
            self.retry_unschedulable(entry);
        }
        self.notify_services(pod, entry);
    }

    /// The Services that select a Pod look at their endpoints.
    fn notify_services(&mut self, pod: &Rc<Pod>, entry: EntryId) {
        let services: Vec<Key> = self
            .store
            .list("Service")
            .filter(|object| match object {
                Object::Service(service) => {
                    service.metadata.namespace == pod.metadata.namespace
                        && !service.spec.selector.is_empty()
                        && service
                            .spec
                            .selector
                            .iter()
                            .all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
                }
                _ => false,
            })
            .map(Key::of)
            .collect();
        for key in services {
            self.enqueue_controller(key, entry);
        }
    }

    /// The kubelet hears of every change, but acts on those that are not its own status.
    fn kubelet_must_know(&self, pod: &Rc<Pod>, verb: Verb) -> bool {
        let known = self.known_to_kubelet(pod);
        match (verb, known) {
            (Verb::Deleted, Some(_)) | (Verb::Created | Verb::Updated, None) => true,
            (Verb::Created | Verb::Updated, Some(known)) => {
                known.spec != pod.spec
                    || known.metadata.deletion_timestamp != pod.metadata.deletion_timestamp
                    || known.metadata.labels != pod.metadata.labels
                    || known.metadata.annotations != pod.metadata.annotations
            }
            (Verb::Deleted, None) => false,
        }
    }

    /// Deletes an object as the API server does: at once, or with a deletion timestamp first.
    ///
    /// Models apiserver/pkg/registry/rest/delete.go BeforeDelete and
    /// pkg/registry/core/pod/strategy.go CheckGracefulDelete. Returns the entry that did it.
    pub(crate) fn delete(
        &mut self,
        actor: Actor,
        key: &Key,
        grace: Option<i64>,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let object = self.store.get(key)?.clone();
        let Object::Pod(pod) = &object else {
            if matches!(object, Object::Namespace(_)) {
                return self.terminate_namespace(&key.name, cause);
            }
            return self.remove_or_mark(actor, object, cause);
        };
        let unscheduled = pod.spec.node_name.is_empty();
        let mut period = if unscheduled || pod.is_terminal() {
            0
        } else {
            grace.unwrap_or_else(|| pod.spec.grace_period_seconds())
        };
        if period < 0 {
            period = 1;
        }
        if period == 0 && pod.metadata.finalizers.is_empty() {
            let rule = match (unscheduled || pod.is_terminal(), actor) {
                (_, Actor::Kubelet) => Rule::KubeletDeletes,
                (_, Actor::PodGarbageCollector) => Rule::PodGarbageCollected,
                (true, _) => Rule::ImmediateDeletion,
                (false, _) => Rule::ForceDeletion,
            };
            return Some(self.put(actor, Verb::Deleted, object.clone(), rule, cause));
        }
        let mut changed = (**pod).clone();
        let (rule, period) = match changed.metadata.deletion_grace_period_seconds {
            // Already being deleted: a later request can only shorten it, and only if it says so.
            Some(current) if grace.is_none() || period >= current => return None,
            Some(_) => (Rule::GracefulDeletion, if period == 0 { 0 } else { period.max(1) }),
            None => (Rule::GracefulDeletion, period),
        };
        let rule = if period == 0 { Rule::FinalizerHolds } else { rule };
        // A shorter period counts from the first request.
        let asked = match (
            changed.metadata.deletion_timestamp,
            changed.metadata.deletion_grace_period_seconds,
        ) {
            (Some(at), Some(current)) => at - Duration::from_secs(current),
            (Some(_) | None, _) => self.now,
        };
        let deletion = (asked + Duration::from_secs(period)).truncated();
        changed.metadata.deletion_timestamp = Some(deletion);
        changed.metadata.deletion_grace_period_seconds = Some(period);
        changed.metadata.generation += 1;
        Some(self.update_pod(actor, changed, rule, cause))
    }

    /// Removes an object that has no grace period, unless finalizers keep it.
    fn remove_or_mark(
        &mut self,
        actor: Actor,
        object: Object,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        if object.metadata().finalizers.is_empty() {
            return Some(self.put(actor, Verb::Deleted, object, Rule::ObjectRemoved, cause));
        }
        let mut object = object;
        let now = self.now.truncated();
        if object.metadata().deletion_timestamp.is_some() {
            // It is being deleted already.
            return None;
        }
        with_metadata(&mut object, |metadata| metadata.deletion_timestamp = Some(now));
        Some(self.put(actor, Verb::Updated, object, Rule::FinalizerHolds, cause))
    }

    /// Removes a Pod whose deletion nothing holds back any more (its last finalizer is gone).
    pub(crate) fn finish_deletion(&mut self, key: &Key, cause: Option<EntryId>) -> Option<EntryId> {
        let object = self.store.get(key)?.clone();
        let metadata = object.metadata();
        let over = metadata.deletion_timestamp.is_some()
            && metadata.finalizers.is_empty()
            && metadata.deletion_grace_period_seconds.unwrap_or(0) == 0;
        over.then(|| self.put(Actor::ApiServer, Verb::Deleted, object, Rule::ObjectRemoved, cause))
    }

    /// How long the API server's timestamps say something has been so.
    pub(crate) fn age(&self, since: Option<Instant>) -> Duration {
        since.map_or(Duration::ZERO, |since| self.now.since(since))
    }
}

/// The owner that controls an object.
pub fn controller_of(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().find(|owner| owner.controller)
}

fn set_resource_version(object: &mut Object, version: String) {
    with_metadata(object, |metadata| metadata.resource_version = version);
}

/// Changes the metadata of an object, copying it when it is shared.
pub fn with_metadata(object: &mut Object, change: impl FnOnce(&mut ObjectMeta)) {
    match object {
        Object::Pod(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Deployment(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ReplicaSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::StatefulSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::DaemonSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Job(object) => change(&mut Rc::make_mut(object).metadata),
        Object::CronJob(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Service(object) => change(&mut Rc::make_mut(object).metadata),
        Object::EndpointSlice(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ConfigMap(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Secret(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Node(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Namespace(object) => change(&mut Rc::make_mut(object).metadata),
        Object::HorizontalPodAutoscaler(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Event(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PodDisruptionBudget(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PriorityClass(object) => change(&mut Rc::make_mut(object).metadata),
        Object::LimitRange(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ResourceQuota(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PersistentVolumeClaim(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PersistentVolume(object) => change(&mut Rc::make_mut(object).metadata),
        Object::StorageClass(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Unsimulated(object) => change(&mut Rc::make_mut(object).metadata),
    }
}
