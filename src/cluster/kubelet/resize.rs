//! Changing a running container's CPU and memory.
//!
//! Models pkg/kubelet/allocation and kuberuntime_manager.go doPodResizeAction. Does not own: what
//! a node's Pods ask for together (`booked`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::events::Say;
use crate::cluster::kubelet::actions::ToKill;
use crate::manifest::Object;
use crate::manifest::pod::{Container, Pod};
use crate::manifest::qos::{self, Resources};
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

fn json(container: &Container) -> String {
    let lists =
        [("limits", &container.resources.limits), ("requests", &container.resources.requests)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| {
        let items = list.iter().map(|(name, own)| format!("\"{name}\":\"{}\"", own.text()));
        format!("\"{name}\":{{{}}}", items.collect::<Vec<_>>().join(","))
    });
    let lists: Vec<String> = lists.collect();
    format!("{{\"name\":\"{}\",\"resources\":{{{}}}}}", container.name, lists.join(","))
}

/// What the Events of a resize say of it.
///
/// Models pkg/kubelet/allocation's podResizeEvent: init containers are those that stay.
fn describe(pod: &Pod, error: &str) -> String {
    let sidecars = pod.spec.init_containers.iter().filter(|own| own.is_sidecar());
    let sidecars: Vec<String> = sidecars.map(json).collect();
    let containers: Vec<String> = pod.spec.containers.iter().map(json).collect();
    let init = match sidecars.is_empty() {
        true => String::new(),
        false => format!("\"initContainers\":[{}],", sidecars.join(",")),
    };
    let error = match error {
        "" => String::new(),
        error => format!(",\"error\":\"{error}\""),
    };
    let generation = pod.metadata.generation;
    format!(
        "{{{init}\"containers\":[{}],\"generation\":{generation}{error}}}",
        containers.join(",")
    )
}

impl World<'_> {
    /// The kubelet hears that a Pod's resources have changed: it resizes what runs, if its node
    /// has room.
    pub(crate) fn resize(&mut self, uid: &str, old: &Rc<Pod>, cause: Option<EntryId>) {
        if !self.scenario.version.has(Feature::InPlaceResize) {
            return;
        }
        let Some(worker) = self.worker(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        let from = worker.allocated.clone().unwrap_or_else(|| old.clone());
        if pod.is_terminating() {
            return;
        }
        let pending = match resized(&from, &pod).is_empty() {
            true => None,
            false => self.no_room(node, &pod),
        };
        if let Some((reason, message)) = pending {
            return self.resize_waits(uid, from, reason, message, cause);
        }
        if let Some(worker) = self.worker_mut(uid) {
            worker.allocated = None;
            worker.resize_pending = None;
        }
        if resized(&from, &pod).is_empty() {
            return;
        }
        let what = describe(&pod, "");
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
        let kills = restarted_by_resize(&from, &pod);
        if let Some(worker) = self.worker_mut(uid) {
            worker.resize_kills.extend(kills);
        }
    }

    /// Why a node has no room for a Pod as it is to be: never, or not now.
    ///
    /// Models pkg/kubelet/allocation/allocation_manager.go canResizePod.
    fn no_room(&self, node: usize, pod: &Pod) -> Option<(&'static str, String)> {
        let asked = qos::requests(&pod.spec);
        for (name, unit) in [("cpu", 1), ("memory", 1000)] {
            let milli = |list: &Resources| list.get(name).map_or(0, |own| own.milli_value() / unit);
            let (own, there) = (milli(&asked), milli(&self.nodes[node].allocatable));
            if own > there {
                let words = "Node didn't have enough capacity:";
                let message = format!("{words} {name}, requested: {own}, capacity: {there}");
                return Some(("Infeasible", message));
            }
        }
        let (_, message) =
            self.does_not_fit(node, pod).filter(|(why, _)| why.starts_with("Out"))?;
        Some(("Deferred", message))
    }

    /// A resize waits; what runs goes on as it is.
    fn resize_waits(
        &mut self,
        uid: &str,
        from: Rc<Pod>,
        reason: &'static str,
        message: String,
        cause: Option<EntryId>,
    ) {
        let Some(worker) = self.worker_mut(uid) else { return };
        let (node, pod) = (worker.node, worker.pod.clone());
        worker.allocated = Some(from);
        let pending = (reason, message.clone());
        if worker.resize_pending.as_ref() == Some(&pending) {
            return;
        }
        worker.resize_pending = Some(pending);
        let what = describe(&pod, &message);
        let words = format!("resize {reason}: {message}");
        let entry = self.decided(uid, None, &words, Rule::ResizePending).or(cause);
        let host = self.nodes[node].name.clone();
        let say = Say {
            kind: "Warning",
            reason: if reason == "Deferred" { "ResizeDeferred" } else { "ResizeInfeasible" },
            message: format!("Pod resize {reason}: {what}"),
            field_path: String::new(),
        };
        self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, entry);
    }

    /// Room was made on a node: what waits for it is tried again.
    ///
    /// Models allocation_manager.go RetryPendingResizes.
    pub(crate) fn retry_resizes(&mut self, node: usize, cause: Option<EntryId>) {
        let workers = self.nodes[node].workers.iter();
        let waiting = workers.filter(|(_, worker)| worker.allocated.is_some());
        let waiting: Vec<String> = waiting.map(|(uid, _)| uid.clone()).collect();
        for uid in waiting {
            let Some(pod) = self.worker(&uid).map(|worker| worker.pod.clone()) else { continue };
            self.resize(&uid, &pod, cause);
            if self.worker(&uid).is_some_and(|worker| worker.allocated.is_none()) {
                self.worker_wake(&uid, cause);
            }
        }
    }
}
