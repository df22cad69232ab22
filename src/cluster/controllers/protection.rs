//! Claims and volumes that are in use: deleting them waits.
//!
//! Models plugin/pkg/admission/storage/storageobjectinuseprotection and
//! pkg/controller/volume/pvcprotection, pvprotection. Does not own: binding (`storage`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::{Key, with_metadata};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

/// What keeps a claim, and what keeps a volume.
const OF_CLAIMS: &str = "kubernetes.io/pvc-protection";
const OF_VOLUMES: &str = "kubernetes.io/pv-protection";

/// Gives a new claim or volume the finalizer that keeps it while it is in use.
pub(crate) fn protect(verb: Verb, object: &mut Object) {
    let finalizer = match (verb, &object) {
        (Verb::Created, Object::PersistentVolumeClaim(_)) => OF_CLAIMS,
        (Verb::Created, Object::PersistentVolume(_)) => OF_VOLUMES,
        _ => return,
    };
    if !has(object, finalizer) {
        with_metadata(object, |metadata| metadata.finalizers.push(finalizer.to_owned()));
    }
}

fn has(object: &Object, finalizer: &str) -> bool {
    object.metadata().finalizers.iter().any(|own| own == finalizer)
}

/// Whether a Pod names a claim. A Pod without a node does not count: no kubelet would start it.
fn uses(pod: &Pod, claim: &Key) -> bool {
    let named = |name: &str| name == claim.name;
    !pod.spec.node_name.is_empty()
        && pod.metadata.namespace == claim.namespace
        && pod.spec.volumes.iter().any(|volume| {
            volume.persistent_volume_claim.as_ref().is_some_and(|own| named(&own.claim_name))
        })
}

impl World<'_> {
    /// A claim or a volume was written: is it one that may go now?
    pub(crate) fn unprotect(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(object) = self.store.get(key).cloned() else { return };
        if object.metadata().deletion_timestamp.is_none() {
            return;
        }
        let (finalizer, in_use) = match &object {
            Object::PersistentVolumeClaim(_) => {
                (OF_CLAIMS, self.store.pods().any(|pod| uses(pod, key)))
            }
            Object::PersistentVolume(volume) => (OF_VOLUMES, volume.status.phase == "Bound"),
            _ => return,
        };
        if in_use || !has(&object, finalizer) {
            return;
        }
        let mut object = object;
        with_metadata(&mut object, |metadata| metadata.finalizers.retain(|own| own != finalizer));
        let (actor, rule) = (Actor::StorageProtection, Rule::InUseProtected);
        let entry = self.put(actor, Verb::Updated, object, rule, cause);
        self.finish_deletion(key, Some(entry));
    }

    /// A Pod is gone: claims that waited for it may go.
    pub(crate) fn release_claims(&mut self, pod: &Rc<Pod>, entry: EntryId) {
        let claims: Vec<Key> = pod
            .spec
            .volumes
            .iter()
            .filter_map(|volume| volume.persistent_volume_claim.as_ref())
            .map(|own| Key::new("PersistentVolumeClaim", &pod.metadata.namespace, &own.claim_name))
            .collect();
        for key in claims {
            self.enqueue_controller(key, entry);
        }
    }
}
