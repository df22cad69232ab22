//! Versions of the API that are gone, or going: until when they are served, and what replaces them.
//!
//! Owns: the table, the API server's warning, and reading an old document as a new one. Does not
//! own: what is served today (`kinds.rs`).
//!
//! Models the prerelease-lifecycle tags of staging/src/k8s.io/api.

use crate::manifest::node::{Key, Node, Value};
use crate::version::KubeVersion;

/// An old version of some kinds.
#[derive(Clone, Copy, Debug)]
pub struct Legacy {
    api_version: &'static str,
    kinds: &'static str,
    /// The minor release from which on it is deprecated.
    deprecated: u8,
    /// The minor release that does not serve it any more.
    removed: u8,
    /// What to write instead; nothing where the kind is gone.
    pub instead: &'static str,
}

const fn old(
    api_version: &'static str,
    kinds: &'static str,
    deprecated: u8,
    removed: u8,
    instead: &'static str,
) -> Legacy {
    Legacy { api_version, kinds, deprecated, removed, instead }
}

const LEGACY: &[Legacy] = &[
    old("batch/v1beta1", "CronJob", 21, 25, "batch/v1"),
    old("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1"),
    old("policy/v1beta1", "PodSecurityPolicy", 21, 25, ""),
    old("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2"),
    old("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2"),
    old("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1"),
    old("extensions/v1beta1", "Deployment DaemonSet ReplicaSet", 9, 16, "apps/v1"),
    old("extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1"),
    old("apps/v1beta1", "Deployment StatefulSet", 9, 16, "apps/v1"),
    old("apps/v1beta2", "Deployment DaemonSet ReplicaSet StatefulSet", 9, 16, "apps/v1"),
    old("networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22, "networking.k8s.io/v1"),
    old(
        "rbac.authorization.k8s.io/v1beta1",
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        17,
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    old(
        "storage.k8s.io/v1beta1",
        "CSIDriver CSINode StorageClass VolumeAttachment",
        19,
        22,
        "storage.k8s.io/v1",
    ),
    old("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1"),
    old("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1"),
    old(
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        16,
        22,
        "apiextensions.k8s.io/v1",
    ),
    old("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1"),
    old("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1"),
    old("events.k8s.io/v1beta1", "Event", 19, 25, "events.k8s.io/v1"),
    old("v1", "Endpoints", 33, u8::MAX, "v1"),
];

/// The entry of a kind in an old version.
pub fn find(api_version: &str, kind: &str) -> Option<&'static Legacy> {
    LEGACY.iter().find(|old| {
        old.api_version == api_version && old.kinds.split(' ').any(|known| known == kind)
    })
}

impl Legacy {
    /// Whether a release serves it.
    pub fn is_served(&self, version: KubeVersion) -> bool {
        version.minor() < self.removed
    }

    /// What the API server says to everyone who uses it.
    pub fn warning(&self, kind: &str, version: KubeVersion) -> Option<String> {
        if version.minor() < self.deprecated {
            return None;
        }
        let mut text =
            format!("{} {kind} is deprecated in v1.{}+", self.api_version, self.deprecated);
        if self.removed < u8::MAX {
            text.push_str(&format!(", unavailable in v1.{}+", self.removed));
        }
        match (self.instead, kind) {
            ("", _) => {}
            (_, "Endpoints") => text.push_str("; use discovery.k8s.io/v1 EndpointSlice"),
            (instead, _) => text.push_str(&format!("; use {instead} {kind}")),
        }
        Some(text)
    }

    /// The document with the fields of the newer version; it keeps the name of the old one.
    pub fn converted(&self, root: &Node) -> Node {
        let mut root = root.clone();
        if self.api_version == "autoscaling/v2beta1"
            && let Some(metrics) = child(&mut root, "spec").and_then(|spec| child(spec, "metrics"))
            && let Value::Seq(items) = &mut metrics.value
        {
            for source in items.iter_mut().filter_map(|item| child(item, "resource")) {
                target(source);
            }
        }
        root
    }
}

fn child<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node)
}

/// `targetAverageUtilization: 50` as v2 writes it.
fn target(source: &mut Node) {
    let Value::Map(entries) = &mut source.value else { return };
    for (was, is, kind) in [
        ("targetAverageUtilization", "averageUtilization", "Utilization"),
        ("targetAverageValue", "averageValue", "AverageValue"),
    ] {
        let Some((key, value)) = entries.iter_mut().find(|(key, _)| key.name == was) else {
            continue;
        };
        let entry = |name: &str, node: Node| (Key { span: key.span, name: name.to_owned() }, node);
        let kind = Node { span: value.span, value: Value::String(kind.to_owned()) };
        let inner = Value::Map(vec![entry("type", kind), entry(is, value.clone())]);
        *value = Node { span: value.span, value: inner };
        key.name = "target".to_owned();
    }
}
