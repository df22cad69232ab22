//! What the API writes of a Pod beside the fields that the engine keeps.
//!
//! Owns: the fields that are empty and written all the same, and those of a container's status that
//! follow from its spec: its resources, its user, its mounts. Does not own: the fields themselves
//! (`manifest::encode`), or their style (`go_yaml`).

use crate::manifest::encode::{Encode, Tree};
use crate::manifest::pod::{Container, Pod};
use crate::map::Map;
use crate::order;
use crate::workload::image::Catalogue;

/// Adds to the tree of a Pod what the API server prints of it.
pub(super) fn complete(pod: &Pod, map: &mut Map<String, Tree>) {
    let Some(Tree::Map(status)) = map.get_mut("status") else { return };
    if let Some(ip) = status.get("hostIP").cloned() {
        status.insert("hostIPs".to_owned(), Tree::List(vec![Tree::map([("ip", ip)])]));
    }
    // A release that does not count the generations of a Pod has none of these either.
    let generation = pod.metadata.generation;
    let counted = generation > 0;
    for condition in objects(status.get_mut("conditions")) {
        condition.entry("lastProbeTime".to_owned()).or_insert(Tree::Null);
        if counted {
            condition.insert("observedGeneration".to_owned(), Tree::Int(generation));
        }
    }
    if counted {
        status.insert("observedGeneration".to_owned(), Tree::Int(generation));
        if status.get("containerStatuses").is_some() {
            status.insert("resources".to_owned(), Tree::Map(Map::new()));
        }
    }
    for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
        for container in objects(status.get_mut(list)) {
            for (key, empty) in [
                ("ready", Tree::Bool(false)),
                ("restartCount", Tree::Int(0)),
                ("image", Tree::text("")),
                ("imageID", Tree::text("")),
            ] {
                container.entry(key.to_owned()).or_insert(empty);
            }
            for key in ["state", "lastState"] {
                let ended = container.get_mut(key).and_then(|state| state.map_mut("terminated"));
                if let Some(ended) = ended {
                    ended.entry("exitCode".to_owned()).or_insert(Tree::Int(0));
                }
            }
            let name = match container.get("name") {
                Some(Tree::Text(name)) => name.clone(),
                _ => continue,
            };
            if let Some(spec) = pod.spec.container(&name).filter(|_| counted) {
                of_spec(pod, spec, container);
            }
        }
    }
}

/// What kubelet_pods.go convertToAPIContainerStatuses takes from the spec and from the runtime.
fn of_spec(pod: &Pod, spec: &Container, status: &mut Map<String, Tree>) {
    if !spec.volume_mounts.is_empty() {
        let mounts = spec.volume_mounts.iter().map(|mount| {
            let mut own = Map::new();
            own.insert("mountPath".to_owned(), mount.mount_path.encode());
            own.insert("name".to_owned(), mount.name.encode());
            if mount.read_only {
                own.insert("readOnly".to_owned(), Tree::Bool(true));
                own.insert("recursiveReadOnly".to_owned(), Tree::text("Disabled"));
            }
            Tree::Map(own)
        });
        status.insert("volumeMounts".to_owned(), Tree::List(mounts.collect()));
    }
    // The runtime tells the rest of what it has made.
    if status.get("containerID").is_none() {
        return;
    }
    if let Some(Tree::Text(image)) = status.get_mut("image") {
        *image = Catalogue::normalize(image);
    }
    status.insert("resources".to_owned(), spec.resources.encode());
    if !spec.resources.requests.is_empty() {
        status.insert("allocatedResources".to_owned(), spec.resources.requests.encode());
    }
    status.insert("user".to_owned(), Tree::map([("linux", user(pod, spec))]));
}

/// As whom a container runs.
fn user(pod: &Pod, spec: &Container) -> Tree {
    let (own, of_pod) = (spec.security_context.as_ref(), pod.spec.security_context.as_ref());
    let uid = own.and_then(|own| own.run_as_user).or(of_pod.and_then(|of| of.run_as_user));
    let gid = own.and_then(|own| own.run_as_group).or(of_pod.and_then(|of| of.run_as_group));
    let uid = uid.or_else(|| Catalogue::default().facts(&spec.image).user).unwrap_or(0);
    let gid = gid.unwrap_or(0);
    let mut groups = vec![gid];
    if let Some(of_pod) = of_pod {
        groups.extend(of_pod.fs_group.iter().chain(&of_pod.supplemental_groups));
    }
    order::sort(&mut groups);
    groups.dedup();
    Tree::map([
        ("gid", gid.encode()),
        ("supplementalGroups", groups.encode()),
        ("uid", uid.encode()),
    ])
}

fn objects(list: Option<&mut Tree>) -> impl Iterator<Item = &mut Map<String, Tree>> {
    let items = match list {
        Some(Tree::List(items)) => items.as_mut_slice(),
        _ => &mut [],
    };
    items.iter_mut().filter_map(|item| match item {
        Tree::Map(map) => Some(map),
        _ => None,
    })
}
