//! Claims and volumes: binding what fits, and having made what does not exist yet.
//!
//! Models pkg/controller/volume/persistentvolume/pv_controller.go and the events of
//! sig-storage-lib-external-provisioner. Does not own: which node a Pod with claims goes to
//! (`scheduler`).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::{normal, warning};
use crate::cluster::events::Say;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::Pod;
use crate::manifest::storage::{
    ClaimReference, DEFAULT_CLASS, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec,
    PersistentVolumeStatus, StorageClass,
};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId, Verb};

const ACTOR: Actor = Actor::PersistentVolumeController;
/// How long a provisioner needs. Invented: the local-path provisioner starts a Pod for it.
const PROVISION: Duration = Duration::from_secs(3);
/// The controller looks at every claim this often (pv_controller's resyncPeriod).
const RESYNC: Duration = Duration::from_secs(15);
/// The node that the scheduler chose for a claim's volume.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// Who makes the volumes of the class that every cluster here has, as in kind and k3s.
const PROVISIONER: &str = "rancher.io/local-path";

impl World<'_> {
    /// Stores the StorageClass that is there before anything is applied.
    pub(crate) fn store_classes(&mut self) {
        let metadata = ObjectMeta {
            name: "standard".to_owned(),
            // No chance is spent on objects that are always there.
            uid: "storageclass-standard".to_owned(),
            creation_timestamp: Some(self.now.truncated()),
            annotations: [(DEFAULT_CLASS.to_owned(), "true".to_owned())].into(),
            ..ObjectMeta::default()
        };
        let class = StorageClass {
            metadata,
            provisioner: PROVISIONER.to_owned(),
            reclaim_policy: Some("Delete".to_owned()),
            volume_binding_mode: Some("WaitForFirstConsumer".to_owned()),
            ..StorageClass::default()
        };
        let object = Object::StorageClass(Rc::new(class));
        self.put(Actor::ApiServer, Verb::Created, object, Rule::ObjectStored, None);
    }

    /// Gives a claim that names no class the default one.
    ///
    /// Models plugin/pkg/admission/storage/storageclass/setdefault: the newest default counts.
    pub(crate) fn default_class(&self, claim: &mut PersistentVolumeClaim) {
        if claim.spec.storage_class_name.is_some() {
            return;
        }
        let default = self
            .store
            .list("StorageClass")
            .filter_map(|object| match object {
                Object::StorageClass(class) if class.is_default() => Some(class),
                _ => None,
            })
            .max_by_key(|class| class.metadata.creation_timestamp);
        claim.spec.storage_class_name = default.map(|class| class.metadata.name.clone());
    }

    pub(crate) fn class_of(&self, claim: &PersistentVolumeClaim) -> Option<Rc<StorageClass>> {
        let name = claim.spec.storage_class_name.as_ref()?;
        match self.store.get(&Key::new("StorageClass", "", name)) {
            Some(Object::StorageClass(class)) => Some(class.clone()),
            _ => None,
        }
    }

    pub(crate) fn claim(&self, key: &Key) -> Option<Rc<PersistentVolumeClaim>> {
        match self.store.get(key) {
            Some(Object::PersistentVolumeClaim(claim)) => Some(claim.clone()),
            _ => None,
        }
    }

    /// One look at a claim.
    pub(crate) fn sync_claim(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(claim) = self.claim(key) else { return };
        if claim.status.phase == "Bound" || claim.metadata.deletion_timestamp.is_some() {
            return;
        }
        let selected = claim.metadata.annotations.contains_key(SELECTED_NODE);
        // Who waits for the Pod takes no volume that nobody has promised.
        let waits = !selected && self.class_of(&claim).is_some_and(|class| class.waits());
        let promised = |volume: &Rc<PersistentVolume>| volume.spec.claim_ref.is_some();
        if let Some(volume) = self.volume_for(&claim).filter(|volume| !waits || promised(volume)) {
            return self.bind_claim(&claim, &volume, cause);
        }
        let about = Object::PersistentVolumeClaim(claim.clone());
        let name = claim.spec.storage_class_name.clone().unwrap_or_default();
        match self.class_of(&claim) {
            Some(class) if selected || !class.waits() => {
                return self.provision(&claim, &class, cause);
            }
            Some(_) => {
                let text = "waiting for first consumer to be created before binding".to_owned();
                self.say(ACTOR, "", &about, normal("WaitForFirstConsumer", text), cause);
            }
            None if name.is_empty() => {
                let text = "no persistent volumes available for this claim and no storage class is \
                            set";
                self.say(ACTOR, "", &about, normal("FailedBinding", text.to_owned()), cause);
            }
            None => {
                let text = format!("storageclass.storage.k8s.io \"{name}\" not found");
                self.say(ACTOR, "", &about, warning("ProvisioningFailed", text), cause);
            }
        }
        self.enqueue_controller_after(key.clone(), RESYNC, cause);
    }

    /// The volumes that are free and do.
    pub(crate) fn volumes_for<'s>(
        &'s self,
        claim: &'s PersistentVolumeClaim,
    ) -> impl Iterator<Item = &'s Rc<PersistentVolume>> {
        let wanted = claim.spec.resources.requests.get("storage");
        let class = claim.spec.storage_class_name.as_deref().unwrap_or_default();
        let fits = move |volume: &&Rc<PersistentVolume>| {
            let spec = &volume.spec;
            let free = spec.claim_ref.as_ref().is_none_or(|of| {
                of.name == claim.metadata.name && of.namespace == claim.metadata.namespace
            });
            free && volume.status.phase != "Released"
                && (claim.spec.volume_name.is_empty()
                    || claim.spec.volume_name == volume.metadata.name)
                && spec.storage_class_name == class
                && claim.spec.access_modes.iter().all(|mode| spec.access_modes.contains(mode))
                && spec
                    .capacity
                    .get("storage")
                    .zip(wanted)
                    .is_some_and(|(size, wanted)| size.compare(wanted) != Ordering::Less)
        };
        self.store
            .list("PersistentVolume")
            .filter_map(|object| match object {
                Object::PersistentVolume(volume) => Some(volume),
                _ => None,
            })
            .filter(fits)
    }

    /// The smallest volume that is free and does, where its Pod will be.
    fn volume_for(&self, claim: &PersistentVolumeClaim) -> Option<Rc<PersistentVolume>> {
        let size = |volume: &PersistentVolume| {
            volume.spec.capacity.get("storage").map_or(0, |size| size.nanos())
        };
        let selected = claim.metadata.annotations.get(SELECTED_NODE);
        let node = selected.and_then(|name| self.node_index(name));
        self.volumes_for(claim)
            .filter(|volume| node.is_none_or(|node| self.reaches(volume, node)))
            .min_by(|a, b| size(a).cmp(&size(b)))
            .cloned()
    }

    /// Models bind: the volume says whose it is, then the claim says which it has.
    fn bind_claim(
        &mut self,
        claim: &Rc<PersistentVolumeClaim>,
        volume: &Rc<PersistentVolume>,
        cause: Option<EntryId>,
    ) {
        let mut taken = (**volume).clone();
        taken.spec.claim_ref = Some(ClaimReference {
            name: claim.metadata.name.clone(),
            namespace: claim.metadata.namespace.clone(),
            uid: claim.metadata.uid.clone(),
        });
        taken.status.phase = "Bound".to_owned();
        let object = Object::PersistentVolume(Rc::new(taken));
        let rule = Rule::ClaimBound;
        let entry = self.put(ACTOR, Verb::Updated, object, rule, cause);
        let mut bound = (**claim).clone();
        bound.spec.volume_name.clone_from(&volume.metadata.name);
        bound.status.phase = "Bound".to_owned();
        bound.status.access_modes.clone_from(&volume.spec.access_modes);
        bound.status.capacity.clone_from(&volume.spec.capacity);
        let object = Object::PersistentVolumeClaim(Rc::new(bound));
        let entry = self.put(ACTOR, Verb::Updated, object, rule, Some(entry));
        self.claims_bound(entry);
        self.retry_for_volumes(entry);
    }

    /// Has a volume made for a claim, which takes a while.
    fn provision(
        &mut self,
        claim: &Rc<PersistentVolumeClaim>,
        class: &StorageClass,
        cause: Option<EntryId>,
    ) {
        let about = Object::PersistentVolumeClaim(claim.clone());
        let key = Key::of(&about);
        let due = self.memory.provisions.get(&claim.metadata.uid).copied();
        let by =
            |reason, message| Say { kind: "Normal", reason, message, field_path: String::new() };
        let Some(due) = due else {
            let by_whom = &class.provisioner;
            let text = format!(
                "Waiting for a volume to be created either by the external provisioner \
                 '{by_whom}' or manually by the system administrator. If volume creation is \
                 delayed, please verify that the provisioner is running and correctly registered."
            );
            let entry = self.say(ACTOR, "", &about, normal("ExternalProvisioning", text), cause);
            if *by_whom != PROVISIONER {
                // Nobody answers to another name.
                self.enqueue_controller_after(key, RESYNC, entry.or(cause));
                return;
            }
            let (namespace, name) = (&claim.metadata.namespace, &claim.metadata.name);
            let text = format!(
                "External provisioner is provisioning volume for claim \"{namespace}/{name}\""
            );
            let say = by("Provisioning", text);
            self.say(Actor::Provisioner, "", &about, say, cause);
            self.memory.provisions.insert(claim.metadata.uid.clone(), self.now + PROVISION);
            self.enqueue_controller_after(key, PROVISION, entry.or(cause));
            return;
        };
        if self.now < due {
            return;
        }
        let name = format!("pvc-{}", claim.metadata.uid);
        let spec = PersistentVolumeSpec {
            access_modes: claim.spec.access_modes.clone(),
            capacity: claim.spec.resources.requests.clone(),
            claim_ref: Some(ClaimReference {
                name: claim.metadata.name.clone(),
                namespace: claim.metadata.namespace.clone(),
                uid: claim.metadata.uid.clone(),
            }),
            reclaim_policy: class.reclaim_policy.clone().unwrap_or_else(|| "Delete".to_owned()),
            storage_class_name: class.metadata.name.clone(),
            volume_mode: claim.spec.volume_mode.clone(),
            node_affinity: None,
        };
        let mut metadata = ObjectMeta { name: name.clone(), ..ObjectMeta::default() };
        self.fill_metadata(&mut metadata, false);
        let status = PersistentVolumeStatus { phase: "Available".to_owned(), ..Default::default() };
        let volume = Rc::new(PersistentVolume { metadata, spec, status });
        let object = Object::PersistentVolume(volume.clone());
        let (actor, rule) = (Actor::Provisioner, Rule::VolumeProvisioned);
        let entry = self.put(actor, Verb::Created, object, rule, cause);
        let say = by("ProvisioningSucceeded", format!("Successfully provisioned volume {name}"));
        self.say(actor, "", &about, say, Some(entry));
        self.bind_claim(claim, &volume, Some(entry));
    }

    /// A claim, a volume or a class is new: claims without a volume are looked at again.
    pub(crate) fn enqueue_claims(&mut self, entry: EntryId) {
        let keys: Vec<Key> = self
            .store
            .list("PersistentVolumeClaim")
            .filter(|object| match object {
                Object::PersistentVolumeClaim(claim) => claim.status.phase != "Bound",
                _ => false,
            })
            .map(Key::of)
            .collect();
        for key in keys {
            self.enqueue_controller(key, entry);
        }
    }

    /// A claim is gone: its volume is deleted with it, or kept as Released.
    pub(crate) fn claim_gone(&mut self, claim: &PersistentVolumeClaim, entry: EntryId) {
        let key = Key::new("PersistentVolume", "", &claim.spec.volume_name);
        let Some(Object::PersistentVolume(volume)) = self.store.get(&key) else { return };
        let mut released = (**volume).clone();
        let deletes = released.spec.reclaim_policy == "Delete";
        released.status.phase = "Released".to_owned();
        let object = Object::PersistentVolume(Rc::new(released));
        let entry = self.put(ACTOR, Verb::Updated, object, Rule::ClaimBound, Some(entry));
        if deletes {
            self.delete(Actor::Provisioner, &key, None, Some(entry));
        }
    }

    /// The claims of a Pod: why it cannot be scheduled, or those that wait for it.
    ///
    /// Models plugins/volumebinding PreFilter.
    pub(crate) fn claims_of(&self, pod: &Pod) -> Result<Vec<Key>, String> {
        let mut waiting = Vec::new();
        for volume in &pod.spec.volumes {
            let Some(source) = &volume.persistent_volume_claim else { continue };
            let name = &source.claim_name;
            let key = Key::new("PersistentVolumeClaim", &pod.metadata.namespace, name);
            let Some(claim) = self.claim(&key) else {
                return Err(format!("persistentvolumeclaim \"{name}\" not found"));
            };
            if claim.metadata.deletion_timestamp.is_some() {
                return Err(format!("persistentvolumeclaim \"{name}\" is being deleted"));
            }
            if claim.status.phase == "Bound" {
                continue;
            }
            if !self.class_of(&claim).is_some_and(|class| class.waits()) {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
            waiting.push(key);
        }
        Ok(waiting)
    }

    /// Tells the claims of a Pod which node it will go to.
    pub(crate) fn select_node(&mut self, claims: &[Key], node: &str, cause: Option<EntryId>) {
        for key in claims {
            let Some(claim) = self.claim(key) else { continue };
            let mut changed = (*claim).clone();
            changed.metadata.annotations.insert(SELECTED_NODE.to_owned(), node.to_owned());
            let object = Object::PersistentVolumeClaim(Rc::new(changed));
            let rule = Rule::ClaimWaits;
            self.put(Actor::Scheduler, Verb::Updated, object, rule, cause);
        }
    }
}
