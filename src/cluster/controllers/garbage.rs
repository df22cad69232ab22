//! The garbage collector: what an owner leaves behind goes too.
//!
//! Models pkg/controller/garbagecollector, background deletion. Does not own: orphaning, which
//! takes the owner reference away before the owner goes (`kubectl`).

use crate::cluster::World;
use crate::cluster::store::Key;
use crate::trace::{Actor, EntryId};

impl World<'_> {
    /// Deletes everything whose only owner is gone.
    pub(crate) fn collect_garbage(&mut self, owner: &str, cause: Option<EntryId>) {
        let keys: Vec<Key> = self
            .store
            .all()
            .filter(|object| {
                let owners = &object.metadata().owner_references;
                owners.iter().any(|reference| reference.uid == owner)
                    && object.metadata().deletion_timestamp.is_none()
            })
            .map(Key::of)
            .collect();
        for key in keys {
            self.delete(Actor::GarbageCollector, &key, None, cause);
        }
    }
}
