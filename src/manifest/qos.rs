//! What a Pod asks for altogether: its QoS class and the requests that the scheduler counts.
//!
//! Owns: those two sums. Does not own: what happens to Pods of a class (`cluster`).

use crate::manifest::pod::{Container, PodSpec};
use crate::manifest::quantity::Quantity;
use crate::map::Map;

/// Amounts by resource name.
pub type Resources = Map<String, Quantity>;

/// The QoS class of a Pod: `Guaranteed`, `Burstable` or `BestEffort`.
///
/// Models pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS.
pub fn qos_class(spec: &PodSpec) -> &'static str {
    let (mut requests, mut limits) = (Resources::new(), Resources::new());
    let mut guaranteed = true;
    let pod_level = spec
        .resources
        .as_ref()
        .filter(|resources| !resources.limits.is_empty() || !resources.requests.is_empty());
    if let Some(resources) = pod_level {
        count(&mut requests, &resources.requests);
        guaranteed = count(&mut limits, &resources.limits) == 2;
    } else {
        for container in spec.containers.iter().chain(&spec.init_containers) {
            count(&mut requests, &container.resources.requests);
            guaranteed &= count(&mut limits, &container.resources.limits) == 2;
        }
    }
    if requests.is_empty() && limits.is_empty() {
        return "BestEffort";
    }
    let equal = requests.iter().all(|(name, request)| {
        limits.get(name).is_some_and(|limit| limit.compare(request).is_eq())
    });
    if guaranteed && equal && requests.len() == limits.len() { "Guaranteed" } else { "Burstable" }
}

/// The priority from which on a Pod belongs to its node (apis/scheduling SystemCriticalPriority
/// and what lies above it: system-node-critical).
const NODE_CRITICAL: i32 = 2_000_001_000;

/// How gladly the kernel ends a container when the node runs out of memory: −997 hardly, 1000 at
/// once. `memory` is the node's.
///
/// Models pkg/kubelet/qos/policy.go GetContainerOOMScoreAdjust.
pub fn oom_score_adj(spec: &PodSpec, container: &Container, memory: i64) -> i32 {
    let critical = spec.priority.is_some_and(|priority| priority >= NODE_CRITICAL);
    match qos_class(spec) {
        "Guaranteed" => return -997,
        _ if critical => return -997,
        "BestEffort" => return 1000,
        _ => {}
    }
    let score = |container: &Container| {
        let request = container.resources.requests.get("memory").map_or(0, Quantity::value);
        // Nothing beyond 1000 fits into the result.
        let part = i128::from(request) * 1000 / i128::from(memory.max(1));
        1000 - i32::try_from(part.clamp(0, 1000)).unwrap_or(1000)
    };
    let sidecar = spec.init_containers.iter().any(|init| {
        init.name == container.name && init.restart_policy.as_deref() == Some("Always")
    });
    let own = score(container);
    let score = match spec.containers.iter().map(score).min() {
        // A sidecar is not ended before the containers that it serves.
        Some(least) if sidecar => own.min(least),
        Some(_) | None => own,
    };
    score.clamp(3, 999)
}

/// Adds what counts for the class, and says how many resources that were.
fn count(sum: &mut Resources, list: &Resources) -> usize {
    let counted = list.iter().filter(|(name, quantity)| {
        matches!(name.as_str(), "cpu" | "memory") && quantity.nanos() > 0
    });
    let mut found = 0;
    for (name, quantity) in counted {
        found += 1;
        add(sum, name, quantity);
    }
    found
}

fn add(sum: &mut Resources, name: &str, quantity: &Quantity) {
    let total = match sum.get(name) {
        Some(so_far) => so_far.plus(quantity),
        None => quantity.clone(),
    };
    sum.insert(name.to_owned(), total);
}

fn add_all(sum: &mut Resources, list: &Resources) {
    for (name, quantity) in list {
        add(sum, name, quantity);
    }
}

fn at_least(sum: &mut Resources, list: &Resources) {
    for (name, quantity) in list {
        if sum.get(name).is_none_or(|so_far| so_far.compare(quantity).is_lt()) {
            sum.insert(name.clone(), quantity.clone());
        }
    }
}

/// What the scheduler reserves for a Pod.
///
/// Models component-helpers/resource/helpers.go PodRequests: sidecars run beside everything that
/// starts after them, init containers one after the other.
pub fn requests(spec: &PodSpec) -> Resources {
    total(spec, &|container| &container.resources.requests, |resources| &resources.requests)
}

/// The most that a Pod may use, as far as its containers have limits.
///
/// Models component-helpers/resource/helpers.go PodLimits.
pub fn limits(spec: &PodSpec) -> Resources {
    total(spec, &|container| &container.resources.limits, |resources| &resources.limits)
}

fn total(
    spec: &PodSpec,
    of_container: &dyn Fn(&Container) -> &Resources,
    of_pod: fn(&crate::manifest::pod::ResourceRequirements) -> &Resources,
) -> Resources {
    let mut running = Resources::new();
    for container in &spec.containers {
        add_all(&mut running, of_container(container));
    }
    let (mut sidecars, mut at_start) = (Resources::new(), Resources::new());
    for container in &spec.init_containers {
        let own = of_container(container);
        if container.is_sidecar() {
            add_all(&mut running, own);
            add_all(&mut sidecars, own);
            at_least(&mut at_start, &sidecars);
        } else {
            let mut together = own.clone();
            add_all(&mut together, &sidecars);
            at_least(&mut at_start, &together);
        }
    }
    at_least(&mut running, &at_start);
    if let Some(resources) = &spec.resources {
        running.extend(of_pod(resources).clone());
    }
    add_all(&mut running, &spec.overhead);
    running
}
