//! Changing a running container's CPU and memory.
//!
//! Models pkg/kubelet/allocation and kuberuntime_manager.go doPodResizeAction. Does not own:
//! whether a node has room for it, which is taken for granted here.

use crate::cluster::World;
use crate::cluster::events::Say;
use crate::cluster::kubelet::actions::ToKill;
use crate::manifest::Object;
use crate::manifest::pod::{Container, Pod};
use crate::manifest::qos::Resources;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId};
use crate::version::Feature;

/// Containers whose resources two versions of a Pod give differently.
fn resized<'p>(old: &Pod, new: &'p Pod) -> Vec<&'p Container> {
    new.spec
        .containers
        .iter()
        .filter(|container| {
            old.spec
                .container(&container.name)
                .is_some_and(|before| before.resources != container.resources)
        })
        .collect()
}

/// Containers that a resize restarts, because their resizePolicy says so.
pub(crate) fn restarted_by_resize(old: &Pod, new: &Pod) -> Vec<ToKill> {
    resized(old, new)
        .into_iter()
        .filter(|container| {
            let before = old.spec.container(&container.name);
            container.resize_policy.iter().any(|policy| {
                let of = |c: &Container| {
                    let name = &policy.resource_name;
                    (c.resources.limits.get(name).cloned(), c.resources.requests.get(name).cloned())
                };
                policy.restart_policy == "RestartContainer"
                    && before.is_some_and(|before| of(before) != of(container))
            })
        })
        .map(|container| ToKill {
            container: container.name.clone(),
            message: format!("Container {} resize requires restart", container.name),
            grace: None,
        })
        .collect()
}

fn json(list: &Resources) -> String {
    let items: Vec<String> =
        list.iter().map(|(name, quantity)| format!("\"{name}\":\"{}\"", quantity.text())).collect();
    format!("{{{}}}", items.join(","))
}

fn describe(pod: &Pod) -> String {
    let containers: Vec<String> = pod
        .spec
        .containers
        .iter()
        .map(|container| {
            format!(
                "{{\"name\":\"{}\",\"resources\":{{\"limits\":{},\"requests\":{}}}}}",
                container.name,
                json(&container.resources.limits),
                json(&container.resources.requests)
            )
        })
        .collect();
    format!(
        "{{\"containers\":[{}],\"generation\":{}}}",
        containers.join(","),
        pod.metadata.generation
    )
}

impl World<'_> {
    /// The kubelet hears that a Pod's resources have changed: it resizes what runs.
    pub(crate) fn resize(&mut self, uid: &str, old: &Pod, cause: Option<EntryId>) {
        if !self.scenario.version.has(Feature::InPlaceResize) {
            return;
        }
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        if resized(old, &pod).is_empty() || pod.is_terminating() {
            return;
        }
        let what = describe(&pod);
        let entry = self.decided(uid, None, &format!("resize: {what}"), Rule::Resized).or(cause);
        let host = self.nodes[node].name.clone();
        for (reason, word) in [("ResizeStarted", "started"), ("ResizeCompleted", "completed")] {
            let say = Say {
                kind: "Normal",
                reason,
                message: format!("Pod resize {word}: {what}"),
                field_path: String::new(),
            };
            self.say(Actor::Kubelet, &host, &Object::Pod(pod.clone()), say, entry);
        }
        let kills = restarted_by_resize(old, &pod);
        if let Some(worker) = self.worker_mut(uid) {
            worker.resize_kills.extend(kills);
        }
    }
}
