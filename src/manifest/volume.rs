//! Volumes, mounts, and the ConfigMaps and Secrets that feed them.

use crate::manifest::decode::api_object;
use crate::manifest::meta::{Labels, ObjectMeta};
use crate::manifest::quantity::Quantity;
use crate::map::Map;

api_object! {
    /// Volume: a directory that containers of the Pod can mount.
    Volume {
        "name" name: String,
        "emptyDir" empty_dir: Option<EmptyDirVolumeSource>,
        "hostPath" host_path: Option<HostPathVolumeSource>,
        "configMap" config_map: Option<ConfigMapVolumeSource>,
        "secret" secret: Option<SecretVolumeSource>,
        "projected" projected: Option<ProjectedVolumeSource>,
        "downwardAPI" downward_api: Option<DownwardAPIVolumeSource>,
        "persistentVolumeClaim" persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
    }
}

api_object! {
    /// EmptyDirVolumeSource: a directory that lives as long as the Pod.
    EmptyDirVolumeSource { "medium" medium: String, "sizeLimit" size_limit: Option<Quantity> }
}

api_object! {
    /// HostPathVolumeSource: a directory of the node.
    HostPathVolumeSource { "path" path: String, "type" kind: Option<String> }
}

/// A path without what says nothing: `//`, `/.` and a slash at its end.
pub fn clean(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.fold(String::new(), |path, part| path + "/" + part)
}

api_object! {
    /// ConfigMapVolumeSource: the keys of a ConfigMap as files.
    ConfigMapVolumeSource {
        "name" name: String,
        "items" items: Vec<KeyToPath>,
        "defaultMode" default_mode: Option<i32>,
        "optional" optional: Option<bool>,
    }
}

api_object! {
    /// SecretVolumeSource: the keys of a Secret as files.
    SecretVolumeSource {
        "secretName" secret_name: String,
        "items" items: Vec<KeyToPath>,
        "defaultMode" default_mode: Option<i32>,
        "optional" optional: Option<bool>,
    }
}

api_object! {
    /// KeyToPath: which key becomes which file.
    KeyToPath { "key" key: String, "path" path: String, "mode" mode: Option<i32> }
}

api_object! {
    /// ProjectedVolumeSource: several sources in one directory.
    ProjectedVolumeSource {
        "sources" sources: Vec<VolumeProjection>,
        "defaultMode" default_mode: Option<i32>,
    }
}

api_object! {
    /// VolumeProjection: one source of a projected volume.
    VolumeProjection {
        "secret" secret: Option<ConfigMapVolumeSource>,
        "configMap" config_map: Option<ConfigMapVolumeSource>,
        "downwardAPI" downward_api: Option<DownwardAPIVolumeSource>,
        "serviceAccountToken" service_account_token: Option<ServiceAccountTokenProjection>,
    }
}

api_object! {
    /// ServiceAccountTokenProjection: a token that the kubelet renews.
    ServiceAccountTokenProjection {
        "audience" audience: String,
        "expirationSeconds" expiration_seconds: Option<i64>,
        "path" path: String,
    }
}

api_object! {
    /// DownwardAPIVolumeSource: fields of the Pod as files.
    DownwardAPIVolumeSource {
        "items" items: Vec<DownwardAPIVolumeFile>,
        "defaultMode" default_mode: Option<i32>,
    }
}

api_object! {
    /// DownwardAPIVolumeFile: one field of the Pod as a file.
    DownwardAPIVolumeFile {
        "path" path: String,
        "fieldRef" field_ref: Option<ObjectFieldSelector>,
        "resourceFieldRef" resource_field_ref: Option<ResourceFieldSelector>,
        "mode" mode: Option<i32>,
    }
}

api_object! {
    /// ObjectFieldSelector: a field of the Pod.
    ObjectFieldSelector { "apiVersion" api_version: String, "fieldPath" field_path: String }
}

api_object! {
    /// ResourceFieldSelector: a request or limit of a container.
    ResourceFieldSelector {
        "containerName" container_name: String,
        "resource" resource: String,
        "divisor" divisor: Option<Quantity>,
    }
}

api_object! {
    /// PersistentVolumeClaimVolumeSource: storage that outlives the Pod.
    PersistentVolumeClaimVolumeSource { "claimName" claim_name: String, "readOnly" read_only: bool }
}

api_object! {
    /// VolumeMount: where a container sees a volume.
    VolumeMount {
        "name" name: String,
        "mountPath" mount_path: String,
        "readOnly" read_only: bool,
        "subPath" sub_path: String,
        "subPathExpr" sub_path_expr: String,
        "mountPropagation" mount_propagation: Option<String>,
        "recursiveReadOnly" recursive_read_only: Option<String>,
    }
}

api_object! {
    /// ConfigMap: configuration as keys and values.
    ConfigMap {
        "metadata" metadata: ObjectMeta,
        "data" data: Labels,
        "binaryData" binary_data: Map<String, String>,
        "immutable" immutable: Option<bool>,
    }
}

api_object! {
    /// Secret: keys and values that are not shown.
    Secret {
        "metadata" metadata: ObjectMeta,
        "type" kind: String,
        "data" data: Map<String, String>,
        "stringData" string_data: Labels,
        "immutable" immutable: Option<bool>,
    }
}
