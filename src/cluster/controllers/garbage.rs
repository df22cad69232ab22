//! The garbage collector: what an owner leaves behind goes too.
//!
//! Models pkg/controller/garbagecollector: background and foreground deletion. Does not own:
//! orphaning, which takes the owner reference away before the owner goes (`kubectl`).

use crate::cluster::key::{Key, with_metadata};
use crate::cluster::{Wake, World, latency};
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

/// The finalizer of an owner that waits until what it owns has gone.
const FOREGROUND: &str = "foregroundDeletion";

impl World<'_> {
    /// Deletes everything whose only owner is gone.
    pub(crate) fn collect_garbage(&mut self, owner: &str, cause: Option<EntryId>) {
        self.let_orphans_go(owner, cause);
        let keys: Vec<Key> = self
            .store
            .dependents(owner)
            .filter(|object| object.metadata().deletion_timestamp.is_none())
            .map(Key::of)
            .collect();
        for key in keys {
            self.delete(Actor::GarbageCollector, &key, None, cause);
        }
    }

    /// Deletes an object after everything that it owns.
    ///
    /// Models apiserver/pkg/registry/generic/registry/store.go
    /// deletionFinalizersForGarbageCollection.
    pub(crate) fn delete_foreground(
        &mut self,
        actor: Actor,
        key: &Key,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let mut object = self.store.get(key)?.clone();
        if matches!(object, Object::Pod(_) | Object::Namespace(_)) {
            return self.delete(actor, key, None, cause);
        }
        if object.metadata().deletion_timestamp.is_some() {
            return None;
        }
        let now = self.now.truncated();
        with_metadata(&mut object, |metadata| {
            metadata.deletion_timestamp = Some(now);
            metadata.generation += 1;
            metadata.finalizers.push(FOREGROUND.to_owned());
        });
        let entry = self.put(actor, Verb::Updated, object, Rule::ForegroundDeletion, cause);
        self.wake_foreground(key.clone(), entry);
        Some(entry)
    }

    fn wake_foreground(&mut self, key: Key, entry: EntryId) {
        let delay = self.latency(latency::CONTROLLER_WATCH);
        self.wake_after(delay, Wake::Foreground { key }, Some(entry));
    }

    /// Something is gone: an owner that waits for it looks whether it was the last.
    pub(crate) fn wake_waiting_owners(&mut self, metadata: &ObjectMeta, entry: EntryId) {
        let waiting: Vec<Key> = metadata
            .owner_references
            .iter()
            .map(|owner| Key::new(&owner.kind, &metadata.namespace, &owner.name))
            .filter(|key| self.store.get(key).is_some_and(is_waiting))
            .collect();
        for key in waiting {
            self.wake_foreground(key, entry);
        }
    }

    /// Deletes what a waiting owner still owns, or the owner when nothing is left.
    pub(crate) fn foreground_step(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(object) = self.store.get(key).filter(|object| is_waiting(object)) else { return };
        let (mut object, uid) = (object.clone(), object.metadata().uid.clone());
        let keys: Vec<Key> = self.store.dependents(&uid).map(Key::of).collect();
        if keys.is_empty() {
            with_metadata(&mut object, |metadata| {
                metadata.finalizers.retain(|finalizer| finalizer != FOREGROUND);
            });
            let actor = Actor::GarbageCollector;
            let entry = self.put(actor, Verb::Updated, object, Rule::ForegroundDeletion, cause);
            self.finish_deletion(key, Some(entry));
            return;
        }
        for key in keys {
            let Some(metadata) = self.store.get(&key).map(Object::metadata) else { continue };
            let owns = self.store.dependents(&metadata.uid).next().is_some();
            if metadata.deletion_timestamp.is_some() {
                continue;
            }
            // Only what owns something itself is made to wait in turn.
            if owns {
                self.delete_foreground(Actor::GarbageCollector, &key, cause);
            } else {
                self.delete(Actor::GarbageCollector, &key, None, cause);
            }
        }
    }
}

fn is_waiting(object: &Object) -> bool {
    object.metadata().finalizers.iter().any(|finalizer| finalizer == FOREGROUND)
}
