//! The objects as they are now, and what is asked of them often.
//!
//! Owns: [`Store`], its indexes and its tallies. Does not own: writing and telling (`api_server`).

use std::rc::Rc;

use crate::cluster::booked::Books;
use crate::cluster::key::{Key, controller_of, with_metadata};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::map::index::Index;
use crate::map::wide::Wide;
use crate::map::{Map, Set};
use crate::trace::Verb;

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

    /// The kinds of which there are objects, or were.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
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

    /// Gives an object the next resourceVersion.
    pub(super) fn stamp(&mut self, object: &mut Object) {
        self.resource_version += 1;
        let version = self.resource_version.to_string();
        with_metadata(object, |metadata| metadata.resource_version = version);
    }

    /// Stores an object, or takes it away, and returns what was there.
    pub(super) fn write(&mut self, key: Key, verb: Verb, object: &Object) -> Option<Object> {
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
