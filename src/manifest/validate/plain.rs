//! Rules that are a place and a word: a field that must be there, or be one of a few.
//!
//! Owns: the table of such rules for what no type of ours checks, and walking a document along it.
//! Does not own: rules that compare fields (the files beside this one).
//!
//! Models pkg/apis/*/validation/validation.go; words stand in the order in which they are printed.

use core::net::IpAddr;

use crate::manifest::node::{Node, Value};
use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::dns_subdomain;

/// What must hold at a place.
#[derive(Clone, Copy)]
enum Must {
    /// It is there and not empty; the text says why.
    Exist(&'static str),
    /// It is one of these words, if it is there.
    OneOf(&'static str),
    /// It is a number that is not negative, if it is there.
    NotNegative,
    /// It is an absolute path, if it is there.
    Absolute,
    /// It is an address, if it is there.
    Address,
    /// It is a DNS subdomain, if it is there.
    Subdomain,
}

use Must::{Absolute, Address, Exist, NotNegative, OneOf, Subdomain};

const MODES: Must = OneOf("ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod");
const PROTOCOLS: Must = OneOf("TCP UDP SCTP");
const CONSTRAINT: &str = "topologySpreadConstraints[]";

/// Rules below the spec of a Pod; `%` stands for a volume.
const OF_PODS: &[(&str, &str, Must)] = &[
    ("%", "nfs.server", Exist("")),
    ("%", "nfs.path", Exist("")),
    ("%", "nfs.path", Absolute),
    ("%", "iscsi.targetPortal", Exist("")),
    ("%", "iscsi.iqn", Exist("")),
    ("%", "glusterfs.endpoints", Exist("")),
    ("%", "glusterfs.path", Exist("")),
    ("%", "rbd.monitors", Exist("")),
    ("%", "rbd.image", Exist("")),
    ("%", "cephfs.monitors", Exist("")),
    ("%", "azureFile.secretName", Exist("")),
    ("%", "azureFile.shareName", Exist("")),
    ("%", "azureDisk.diskName", Exist("")),
    ("%", "azureDisk.diskURI", Exist("")),
    ("%", "awsElasticBlockStore.volumeID", Exist("")),
    ("%", "gcePersistentDisk.pdName", Exist("")),
    ("%", "cinder.volumeID", Exist("")),
    ("%", "vsphereVolume.volumePath", Exist("")),
    ("%", "portworxVolume.volumeID", Exist("")),
    ("%", "flexVolume.driver", Exist("")),
    ("%", "scaleIO.gateway", Exist("")),
    ("%", "scaleIO.system", Exist("")),
    ("%", "scaleIO.volumeName", Exist("")),
    ("%", "csi.driver", Exist("")),
    ("%", "ephemeral.volumeClaimTemplate", Exist("")),
    ("securityContext", "fsGroupChangePolicy", OneOf("Always OnRootMismatch")),
    ("securityContext", "supplementalGroupsPolicy", OneOf("Merge Strict")),
    ("securityContext", "seLinuxChangePolicy", OneOf("MountOption Recursive")),
    ("containers[].securityContext", "procMount", OneOf("Default Unmasked")),
    ("initContainers[].securityContext", "procMount", OneOf("Default Unmasked")),
    ("", "dnsConfig.nameservers[]", Address),
    (CONSTRAINT, "nodeAffinityPolicy", OneOf("Honor Ignore")),
    (CONSTRAINT, "nodeTaintsPolicy", OneOf("Honor Ignore")),
    ("", "hostAliases[].ip", Address),
    ("", "hostAliases[].hostnames[]", Subdomain),
    ("", "preemptionPolicy", OneOf("PreemptLowerPriority Never")),
    ("os", "name", Exist("cannot be empty")),
];

/// Rules of whole objects, by their kind.
const OF_KINDS: &[(&str, &str, Must)] = &[
    (
        "StatefulSet",
        "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
        OneOf("Retain Delete"),
    ),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy.whenScaled", OneOf("Retain Delete")),
    ("StatefulSet", "spec.ordinals.start", NotNegative),
    ("Service", "spec.ipFamilyPolicy", OneOf("PreferDualStack RequireDualStack SingleStack")),
    ("Service", "spec.ipFamilies[]", OneOf("IPv4 IPv6")),
    ("Service", "spec.trafficDistribution", OneOf("PreferClose PreferSameNode PreferSameZone")),
    ("PersistentVolumeClaim", "spec.accessModes[]", MODES),
    ("PersistentVolumeClaim", "spec.storageClassName", Subdomain),
    ("PersistentVolumeClaim", "spec.volumeMode", OneOf("Block Filesystem")),
    ("PersistentVolumeClaim", "spec.dataSource.name", Exist("")),
    ("PersistentVolumeClaim", "spec.dataSource.kind", Exist("")),
    ("PersistentVolume", "spec.accessModes", Exist("")),
    ("PersistentVolume", "spec.accessModes[]", MODES),
    ("PersistentVolume", "spec.capacity", Exist("")),
    ("PersistentVolume", "spec.persistentVolumeReclaimPolicy", OneOf("Delete Recycle Retain")),
    ("PersistentVolume", "spec.hostPath.path", Exist("")),
    ("PersistentVolume", "spec.nfs.server", Exist("")),
    ("PersistentVolume", "spec.nfs.path", Exist("")),
    ("PersistentVolume", "spec.nfs.path", Absolute),
    ("PersistentVolume", "spec.csi.driver", Exist("")),
    ("PersistentVolume", "spec.csi.volumeHandle", Exist("")),
    ("PersistentVolume", "spec.local.path", Exist("")),
    ("PersistentVolume", "spec.storageClassName", Subdomain),
    ("PersistentVolume", "spec.volumeMode", OneOf("Block Filesystem")),
    ("StorageClass", "reclaimPolicy", OneOf("Delete Retain")),
    ("StorageClass", "volumeBindingMode", OneOf("Immediate WaitForFirstConsumer")),
    ("NetworkPolicy", "spec.ingress[].ports[].protocol", PROTOCOLS),
    ("NetworkPolicy", "spec.egress[].ports[].protocol", PROTOCOLS),
    ("NetworkPolicy", "spec.policyTypes[]", OneOf("Ingress Egress")),
    ("RuntimeClass", "handler", Exist("")),
    ("IngressClass", "spec.controller", Exist("")),
    ("Role", "rules[].verbs", Exist("verbs must contain at least one value")),
    ("ClusterRole", "rules[].verbs", Exist("verbs must contain at least one value")),
    ("RoleBinding", "roleRef.kind", OneOf("Role ClusterRole")),
    ("RoleBinding", "roleRef.name", Exist("")),
    ("RoleBinding", "subjects[].name", Exist("")),
    ("RoleBinding", "subjects[].kind", OneOf("ServiceAccount User Group")),
    ("ClusterRoleBinding", "roleRef.kind", OneOf("ClusterRole")),
    ("ClusterRoleBinding", "roleRef.name", Exist("")),
    ("ClusterRoleBinding", "subjects[].name", Exist("")),
    ("ClusterRoleBinding", "subjects[].kind", OneOf("ServiceAccount User Group")),
];

/// Volumes that are deprecated or work no more (pkg/api/pod/warnings.go).
const OLD_VOLUMES: &[(&str, &str)] = &[
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// Checks an object; `pod` is where the spec of its Pods stands, if that is checked with it.
pub fn check(root: &Node, kind: &str, pod: Option<&str>, findings: &mut Findings) {
    if let Some(pod) = pod {
        for (base, path, must) in OF_PODS {
            let base = match *base {
                "%" => "volumes[].",
                "" => "",
                other => &format!("{other}."),
            };
            rule(root, &format!("{pod}.{base}{path}"), *must, findings);
        }
        for (name, words) in OLD_VOLUMES {
            root.each(&format!("{pod}.volumes[].{name}"), &mut |place, node| {
                if node.is_some_and(|node| node.value != Value::Null) {
                    findings.warn(place, *words);
                }
            });
        }
        for holder in ["", "containers[].", "initContainers[]."] {
            profiles(root, &format!("{pod}.{holder}securityContext"), findings);
        }
        let os = format!("{pod}.os");
        let name = root.at(&format!("{os}.name")).and_then(Node::as_str).unwrap_or_default();
        if !matches!(name, "" | "linux" | "windows") {
            findings.unsupported(&os, name, &["linux", "windows"]);
        }
    }
    for (_, path, must) in OF_KINDS.iter().filter(|(of, ..)| *of == kind) {
        rule(root, path, *must, findings);
    }
}

fn rule(root: &Node, path: &str, must: Must, findings: &mut Findings) {
    root.each(path, &mut |place, node| {
        if let Exist(why) = must {
            if node.is_none_or(is_empty) {
                findings.required(place, why);
            }
            return;
        }
        let Some(node) = node else { return };
        if let (NotNegative, Some(number)) = (must, node.as_int()) {
            super::workload::not_negative(Some(number), place, findings);
        }
        let Some(text) = node.as_str().filter(|text| !text.is_empty()) else { return };
        match must {
            OneOf(words) => {
                let words: Vec<&str> = words.split(' ').collect();
                if !words.contains(&text) {
                    // Of a list the API server names the list.
                    let field = place.strip_suffix(']').and_then(|place| place.rsplit_once('['));
                    let indexed = path.contains("policyTypes") || path.contains("ipFamilies");
                    let field = field.filter(|_| !indexed).map_or(place, |(list, _)| list);
                    findings.unsupported(field, text, &words);
                }
            }
            Absolute if !text.starts_with('/') => {
                findings.invalid_text(place, text, "must be an absolute path");
            }
            Address => address(text, place, findings),
            Subdomain => {
                for fault in dns_subdomain(text) {
                    findings.invalid_text(place, text, &fault);
                }
            }
            Absolute | Exist(_) | NotNegative => {}
        }
    });
}

/// Checks an IP address (`IsValidIP`).
pub(super) fn address(text: &str, field: &str, findings: &mut Findings) {
    if text.parse::<IpAddr>().is_err() {
        let rule = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        findings.invalid_text(field, text, rule);
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

/// Checks the profiles of seccomp and AppArmor, which no type of ours reads.
fn profiles(root: &Node, context: &str, findings: &mut Findings) {
    for (name, what, order) in [
        ("seccompProfile", "seccomp", ["Localhost", "RuntimeDefault", "Unconfined"]),
        ("appArmorProfile", "AppArmor", ["Localhost", "RuntimeDefault", "Unconfined"]),
    ] {
        root.each(&format!("{context}.{name}"), &mut |place, node| {
            let Some(profile) = node.filter(|node| node.value != Value::Null) else { return };
            let word = |key: &str| profile.get(key).and_then(Node::as_str).unwrap_or_default();
            let (kind, local) = (word("type"), profile.get("localhostProfile"));
            let field = format!("{place}.type");
            if kind.is_empty() {
                findings.required(&field, &format!("type is required when {name} is set"));
            } else if !order.contains(&kind) {
                findings.unsupported(&field, kind, &order);
            }
            if kind == "Localhost" && local.is_none() {
                let rule = format!("must be set when {what} type is Localhost");
                findings.required(&format!("{place}.localhostProfile"), &rule);
            }
        });
    }
}
