//! Storage that outlives Pods: PersistentVolumeClaim, PersistentVolume, StorageClass; their
//! defaults.
//!
//! Does not own: who binds and makes volumes (`cluster::controllers::storage`).

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::{NodeSelector, ResourceRequirements};
use crate::manifest::quantity::Quantity;
use crate::map::Map;

/// The annotation that makes a StorageClass the one of claims that name none.
pub const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

api_object! {
    /// PersistentVolumeClaim: a wish for storage.
    PersistentVolumeClaim {
        "metadata" metadata: ObjectMeta,
        "spec" spec: PersistentVolumeClaimSpec,
        "status" status: PersistentVolumeClaimStatus,
    }
}

api_object! {
    /// PersistentVolumeClaimSpec: how much, and of which kind.
    PersistentVolumeClaimSpec {
        "accessModes" access_modes: Vec<String>,
        "resources" resources: ResourceRequirements,
        "storageClassName" storage_class_name: Option<String>,
        "volumeMode" volume_mode: Option<String>,
        "volumeName" volume_name: String,
    }
}

api_object! {
    /// PersistentVolumeClaimStatus: whether there is a volume.
    PersistentVolumeClaimStatus {
        "accessModes" access_modes: Vec<String>,
        "capacity" capacity: Map<String, Quantity>,
        "phase" phase: String,
    }
}

api_object! {
    /// PersistentVolume: a piece of storage.
    PersistentVolume {
        "metadata" metadata: ObjectMeta,
        "spec" spec: PersistentVolumeSpec,
        "status" status: PersistentVolumeStatus,
    }
}

api_object! {
    /// VolumeNodeAffinity: the nodes that can use it.
    VolumeNodeAffinity { "required" required: Option<NodeSelector> }
}

api_object! {
    /// PersistentVolumeSpec: how much, for whom, and what happens afterwards.
    PersistentVolumeSpec {
        "accessModes" access_modes: Vec<String>,
        "capacity" capacity: Map<String, Quantity>,
        "claimRef" claim_ref: Option<ClaimReference>,
        "persistentVolumeReclaimPolicy" reclaim_policy: String,
        "storageClassName" storage_class_name: String,
        "volumeMode" volume_mode: Option<String>,
        "nodeAffinity" node_affinity: Option<VolumeNodeAffinity>,
    }
}

api_object! {
    /// The claim that has a volume.
    ClaimReference { "name" name: String, "namespace" namespace: String, "uid" uid: String }
}

api_object! {
    /// PersistentVolumeStatus: whether it is taken.
    PersistentVolumeStatus { "phase" phase: String, "reason" reason: String }
}

api_object! {
    /// StorageClass: how volumes are made for claims.
    StorageClass {
        "metadata" metadata: ObjectMeta,
        "provisioner" provisioner: String,
        "reclaimPolicy" reclaim_policy: Option<String>,
        "volumeBindingMode" volume_binding_mode: Option<String>,
        "allowVolumeExpansion" allow_volume_expansion: Option<bool>,
        "parameters" parameters: Map<String, String>,
    }
}

always_present!(
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    PersistentVolumeSpec,
    PersistentVolumeStatus
);

impl StorageClass {
    /// Whether a volume is made only when a Pod needs it.
    pub fn waits(&self) -> bool {
        self.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer")
    }

    /// Whether it is the one of claims that name none.
    pub fn is_default(&self) -> bool {
        self.metadata.annotations.get(DEFAULT_CLASS).is_some_and(|value| value == "true")
    }
}

/// Fills in a claim.
pub fn claim(claim: &mut PersistentVolumeClaim) {
    claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    claim.status.phase = "Pending".to_owned();
}

/// Fills in a volume.
pub fn volume(volume: &mut PersistentVolume) {
    volume.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    if volume.spec.reclaim_policy.is_empty() {
        volume.spec.reclaim_policy = "Retain".to_owned();
    }
    volume.status.phase = "Available".to_owned();
}

/// Fills in a class.
pub fn class(class: &mut StorageClass) {
    class.reclaim_policy.get_or_insert_with(|| "Delete".to_owned());
    class.volume_binding_mode.get_or_insert_with(|| "Immediate".to_owned());
}
