//! The API server: writing an object, and telling whoever watches.
//!
//! Owns: writing into the trace, identity (UID, generated names), graceful deletion, and which
//! component hears of which object. Does not own: the objects as they are (`store`), or what the
//! components do about it.

use std::rc::Rc;

use crate::cluster::controllers::job::BATCH;
use crate::cluster::controllers::{daemonset, protection};
use crate::cluster::key::{Key, controller_of, subject_of, with_metadata};
use crate::cluster::scheduler::NodeChange;
use crate::cluster::{Wake, World, check, latency};
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::Pod;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId, Verb};

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
        self.store.stamp(&mut object);
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
                let index = self.node_index(&metadata.name);
                let mut change = NodeChange::default();
                if let Some(index) = index {
                    let host = &mut self.nodes[index];
                    change = NodeChange {
                        added: verb == Verb::Created || !host.registered,
                        labels: host.labels != metadata.labels,
                        taints: host.taints != node.spec.taints,
                        cordon: host.unschedulable != node.spec.unschedulable,
                    };
                    host.registered = verb != Verb::Deleted;
                    host.labels.clone_from(&metadata.labels);
                    host.taints.clone_from(&node.spec.taints);
                    host.unschedulable = node.spec.unschedulable;
                }
                self.pod_gc_sees_node(node, verb == Verb::Deleted, entry);
                self.node_changed(node, verb == Verb::Deleted, entry);
                self.enqueue_daemon_sets(entry);
                if let Some(index) = index.filter(|_| verb != Verb::Deleted) {
                    self.retry_for_node(index, change, entry);
                }
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
                    self.retry_for_volumes(entry);
                }
            }
            Object::PersistentVolume(_) | Object::StorageClass(_) => {
                if metadata.deletion_timestamp.is_some() && verb != Verb::Deleted {
                    self.enqueue_controller(Key::of(object), entry);
                }
                if verb == Verb::Created {
                    self.enqueue_claims(entry);
                    self.retry_for_volumes(entry);
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
        let placed = !pod.spec.node_name.is_empty();
        if verb == Verb::Deleted || pod.is_terminal() {
            if placed || !pod.status.nominated_node_name.is_empty() {
                self.retry_after_pod_left(entry);
            }
        } else if placed {
            self.retry_beside(pod, entry);
        } else {
            self.retry_changed(pod, entry);
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
            self.endpoint_changed(&key, &pod.metadata.name);
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
