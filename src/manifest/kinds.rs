//! Which kinds the Kubernetes API of 1.36 serves, under which groups and versions.
//!
//! Owns: whether a kind exists, and its name in kubectl's answers. Does not own: its fields
//! (`schema.rs`).

/// Group and version, and the kinds in it.
///
/// Models pkg/apis/*/register.go and what `kubectl api-resources` of 1.36 prints.
const SERVED: &[(&str, &str)] = &[
    (
        "v1",
        "Binding ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume \
         PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service \
         ServiceAccount",
    ),
    ("apps/v1", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration \
         ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding \
         ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("authentication.k8s.io/v1", "SelfSubjectReview TokenReview"),
    (
        "authorization.k8s.io/v1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview \
         SubjectAccessReview",
    ),
    ("autoscaling/v1", "HorizontalPodAutoscaler"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("batch/v1", "CronJob Job"),
    ("certificates.k8s.io/v1", "CertificateSigningRequest"),
    ("coordination.k8s.io/v1", "Lease"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("events.k8s.io/v1", "Event"),
    ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration"),
    ("networking.k8s.io/v1", "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR"),
    ("node.k8s.io/v1", "RuntimeClass"),
    ("policy/v1", "Eviction PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
    ("resource.k8s.io/v1", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    (
        "storage.k8s.io/v1",
        "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment \
         VolumeAttributesClass",
    ),
];

/// Kinds that belong to no namespace.
const CLUSTER_WIDE: &str = "APIService CSIDriver CSINode CertificateSigningRequest ClusterRole \
    ClusterRoleBinding CustomResourceDefinition DeviceClass FlowSchema IPAddress IngressClass \
    MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace \
    Node PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass \
    ServiceCIDR StorageClass ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding \
    ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass";

/// What there is to a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The API has it.
    Yes,
    /// The group is Kubernetes' own, and has no such kind or version.
    No,
    /// An alpha or beta version of a group of Kubernetes, which a cluster may serve.
    Maybe,
    /// A group of someone else: a custom resource.
    Custom,
}

/// Whether the API serves this kind in this version.
pub fn served(api_version: &str, kind: &str) -> Served {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    if let Some((_, kinds)) = SERVED.iter().find(|(served, _)| *served == api_version)
        && kinds.split_ascii_whitespace().any(|served| served == kind)
    {
        return Served::Yes;
    }
    let ours = SERVED
        .iter()
        .any(|(served, _)| served.rsplit_once('/').map_or("", |(group, _)| group) == group);
    match (ours, group) {
        // Groups without a dot and the legacy ones belong to Kubernetes.
        (true, _) | (false, "extensions") => {
            let early = version.contains("alpha") || version.contains("beta");
            if early && group.ends_with(".k8s.io") && !removed(api_version) {
                Served::Maybe
            } else {
                Served::No
            }
        }
        (false, group) if group.contains('.') => Served::Custom,
        (false, _) => Served::No,
    }
}

/// Early versions that 1.36 has left behind.
fn removed(api_version: &str) -> bool {
    matches!(
        api_version,
        "networking.k8s.io/v1beta1"
            | "rbac.authorization.k8s.io/v1beta1"
            | "rbac.authorization.k8s.io/v1alpha1"
            | "apiextensions.k8s.io/v1beta1"
            | "apiregistration.k8s.io/v1beta1"
            | "admissionregistration.k8s.io/v1beta1"
            | "scheduling.k8s.io/v1beta1"
            | "discovery.k8s.io/v1beta1"
            | "events.k8s.io/v1beta1"
            | "node.k8s.io/v1beta1"
            | "coordination.k8s.io/v1beta1"
            | "certificates.k8s.io/v1beta1"
            | "storage.k8s.io/v1beta1"
            | "flowcontrol.apiserver.k8s.io/v1beta1"
            | "flowcontrol.apiserver.k8s.io/v1beta2"
            | "flowcontrol.apiserver.k8s.io/v1beta3"
    )
}

/// Whether objects of the kind belong to no namespace.
pub fn is_cluster_wide(kind: &str) -> bool {
    CLUSTER_WIDE.split_ascii_whitespace().any(|wide| wide == kind)
}

/// The resource as kubectl's answers name it: `pod`, `deployment.apps`.
pub fn resource(api_version: &str, kind: &str) -> String {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let dot = if group.is_empty() { "" } else { "." };
    format!("{}{dot}{group}", kind.to_lowercase())
}

/// The plural of a resource, as the API's paths name it.
pub fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    if lower == "endpoints" {
        return lower;
    }
    if let Some(stem) = lower.strip_suffix('y') {
        return format!("{stem}ies");
    }
    if lower.ends_with('s') { format!("{lower}es") } else { format!("{lower}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        assert_eq!(served("v1", "Pod"), Served::Yes);
        assert_eq!(served("apps/v1", "Pod"), Served::No);
        assert_eq!(served("extensions/v1beta1", "Ingress"), Served::No);
        assert_eq!(served("autoscaling/v2beta2", "HorizontalPodAutoscaler"), Served::No);
        assert_eq!(served("argoproj.io/v1alpha1", "Rollout"), Served::Custom);
        assert_eq!(served("gateway.networking.k8s.io/v1", "Gateway"), Served::Custom);
        assert_eq!(plural("NetworkPolicy"), "networkpolicies");
        assert_eq!(plural("Ingress"), "ingresses");
    }
}
