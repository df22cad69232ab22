//! What kubectl calls the kinds of objects: plural, singular, short names, group.
//!
//! Owns: [`Resource`] and finding one by any of its names. Does not own: how its objects print.

use crate::manifest::Object;

/// A kind of objects, as `kubectl api-resources` lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `Deployment`.
    pub kind: &'static str,
    /// `deployments`.
    pub plural: &'static str,
    /// Abbreviations, `deploy`.
    pub short: &'static [&'static str],
    /// API group; empty for core.
    pub group: &'static str,
    /// Version in the group.
    pub version: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

const fn core(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Resource {
    Resource { kind, plural, short, group: "", version: "v1", namespaced }
}

const fn grouped(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Resource {
    Resource { kind, plural, short, group, version, namespaced }
}

/// The kinds of a cluster without extensions, in the order of `kubectl api-resources`.
pub const RESOURCES: &[Resource] = &[
    core("ComponentStatus", "componentstatuses", &["cs"], false),
    core("ConfigMap", "configmaps", &["cm"], true),
    core("Endpoints", "endpoints", &["ep"], true),
    core("Event", "events", &["ev"], true),
    core("LimitRange", "limitranges", &["limits"], true),
    core("Namespace", "namespaces", &["ns"], false),
    core("Node", "nodes", &["no"], false),
    core("PersistentVolumeClaim", "persistentvolumeclaims", &["pvc"], true),
    core("PersistentVolume", "persistentvolumes", &["pv"], false),
    core("Pod", "pods", &["po"], true),
    core("PodTemplate", "podtemplates", &[], true),
    core("ReplicationController", "replicationcontrollers", &["rc"], true),
    core("ResourceQuota", "resourcequotas", &["quota"], true),
    core("Secret", "secrets", &[], true),
    core("ServiceAccount", "serviceaccounts", &["sa"], true),
    core("Service", "services", &["svc"], true),
    grouped("apps", "v1", "ControllerRevision", "controllerrevisions", &[], true),
    grouped("apps", "v1", "DaemonSet", "daemonsets", &["ds"], true),
    grouped("apps", "v1", "Deployment", "deployments", &["deploy"], true),
    grouped("apps", "v1", "ReplicaSet", "replicasets", &["rs"], true),
    grouped("apps", "v1", "StatefulSet", "statefulsets", &["sts"], true),
    grouped("autoscaling", "v2", "HorizontalPodAutoscaler", HPA, &["hpa"], true),
    grouped("batch", "v1", "CronJob", "cronjobs", &["cj"], true),
    grouped("batch", "v1", "Job", "jobs", &[], true),
    grouped("coordination.k8s.io", "v1", "Lease", "leases", &[], true),
    grouped("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", &[], true),
    grouped("networking.k8s.io", "v1", "IngressClass", "ingressclasses", &[], false),
    grouped("networking.k8s.io", "v1", "Ingress", "ingresses", &["ing"], true),
    grouped("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", &["netpol"], true),
    grouped("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", &[], false),
    grouped("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", &["pdb"], true),
    grouped(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", &[], false),
    grouped(RBAC, "v1", "ClusterRole", "clusterroles", &[], false),
    grouped(RBAC, "v1", "RoleBinding", "rolebindings", &[], true),
    grouped(RBAC, "v1", "Role", "roles", &[], true),
    grouped("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", &["pc"], false),
    grouped("storage.k8s.io", "v1", "StorageClass", "storageclasses", &["sc"], false),
];

const HPA: &str = "horizontalpodautoscalers";
const RBAC: &str = "rbac.authorization.k8s.io";

/// What `kubectl get all` means, in the order in which it prints.
pub const ALL: [&str; 10] = [
    "Pod",
    "ReplicationController",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "CronJob",
    "Job",
];

impl Resource {
    /// Finds a kind by any name kubectl takes: `po`, `pod`, `pods`, `Pod`, `deployments.apps`.
    pub fn find(name: &str) -> Option<&'static Self> {
        let name = name.to_ascii_lowercase();
        let (name, group) = match name.split_once('.') {
            Some((name, group)) => (name, Some(group)),
            None => (name.as_str(), None),
        };
        RESOURCES.iter().find(|resource| {
            let group_fits = group.is_none_or(|group| {
                // `deployments.v1.apps` names the version too.
                group == resource.group
                    || group.split_once('.') == Some((resource.version, resource.group))
            });
            let named = resource.plural == name
                || resource.kind.eq_ignore_ascii_case(name)
                || resource.short.contains(&name);
            named && group_fits
        })
    }

    /// Finds a kind by its name in manifests.
    pub fn of_kind(kind: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.kind == kind)
    }

    /// The plural with the group: `deployments.apps`.
    pub fn qualified_plural(&self) -> String {
        with_group(self.plural, self.group)
    }

    /// What stands before a name where several kinds are shown: `deployment.apps`.
    pub fn qualified_singular(&self) -> String {
        with_group(&self.kind.to_ascii_lowercase(), self.group)
    }

    /// `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

fn with_group(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// apiVersion of an object.
pub fn api_version(object: &Object) -> String {
    match object {
        Object::Unsimulated(other) => other.api_version.clone(),
        Object::Pod(_)
        | Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::StatefulSet(_)
        | Object::DaemonSet(_)
        | Object::Job(_)
        | Object::CronJob(_)
        | Object::Service(_)
        | Object::EndpointSlice(_)
        | Object::ConfigMap(_)
        | Object::Secret(_)
        | Object::Node(_)
        | Object::Namespace(_)
        | Object::HorizontalPodAutoscaler(_)
        | Object::PodDisruptionBudget(_)
        | Object::PriorityClass(_)
        | Object::LimitRange(_)
        | Object::ResourceQuota(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_)
        | Object::Event(_) => {
            Resource::of_kind(object.kind()).map(Resource::api_version).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_kind_is_known() {
        for name in ["po", "pod", "pods", "Pod", "PODS", "pods.v1."] {
            assert_eq!(Resource::find(name).map(|r| r.kind), Some("Pod"), "{name}");
        }
        for name in ["deploy", "deployment", "deployments.apps", "deployments.v1.apps"] {
            assert_eq!(Resource::find(name).map(|r| r.kind), Some("Deployment"), "{name}");
        }
        assert_eq!(Resource::find("deployments.batch"), None);
        assert_eq!(Resource::find("podss"), None);
        for kind in ALL {
            assert!(Resource::of_kind(kind).is_some(), "{kind}");
        }
        let deployment = Resource::of_kind("Deployment").unwrap();
        assert_eq!(deployment.qualified_singular(), "deployment.apps");
        assert_eq!(deployment.api_version(), "apps/v1");
    }
}
