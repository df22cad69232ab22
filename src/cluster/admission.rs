//! Admission: what the API server does to a new object, and what it forbids, because of other
//! objects.
//!
//! Models the plugins pkg/apis plugin/pkg/admission/priority and limitranger, and
//! apiserver's resourcequota. Does not own: defaults of the object alone (`manifest::defaults`), or
//! counting quotas afterwards (`controllers::quota`).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::quota;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::pod::{Pod, ResourceRequirements};
use crate::manifest::policy::{LimitRange, LimitRangeItem, PriorityClass, ResourceList};
use crate::manifest::qos;
use crate::manifest::quantity::Quantity;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId};

/// Classes that every cluster has (pkg/apis/scheduling SystemPriorityClasses).
const SYSTEM: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// Why a bound is not kept.
fn compare(value: Option<&Quantity>, bound: &Quantity) -> Option<Ordering> {
    value.map(|value| value.compare(bound))
}

impl World<'_> {
    /// Fills in what other objects say of a new Pod, or says why it is forbidden.
    pub(crate) fn admit_pod(&self, pod: &mut Pod) -> Result<(), String> {
        self.admit_priority(pod)?;
        self.admit_runtime_class(pod)?;
        let ranges: Vec<Rc<LimitRange>> = self
            .store
            .list("LimitRange")
            .filter_map(|object| match object {
                Object::LimitRange(range) if range.metadata.namespace == pod.metadata.namespace => {
                    Some(range.clone())
                }
                _ => None,
            })
            .collect();
        let mut faults = Vec::new();
        for range in &ranges {
            fill(pod, range);
        }
        above_limits(pod)?;
        for item in ranges.iter().flat_map(|range| &range.spec.limits) {
            check(pod, item, &mut faults);
        }
        let name = &pod.metadata.name;
        match faults.as_slice() {
            [] => {}
            [one] => return Err(format!("pods \"{name}\" is forbidden: {one}")),
            several => {
                let all = several.join(", ");
                return Err(format!("pods \"{name}\" is forbidden: [{all}]"));
            }
        }
        self.admit_security(pod)
            .and_then(|()| quota::admit(&self.store, &Object::Pod(Rc::new(pod.clone()))))
            .map_err(|error| format!("pods \"{name}\" is forbidden: {error}"))
    }

    /// Says whether a new object that is no Pod is forbidden.
    pub(crate) fn admit_object(&mut self, object: &Object, cause: EntryId) -> Result<(), String> {
        let metadata = object.metadata();
        let mut faults = Vec::new();
        if let Object::PersistentVolumeClaim(claim) = object {
            for other in self.store.list("LimitRange") {
                let Object::LimitRange(range) = other else { continue };
                if range.metadata.namespace != metadata.namespace {
                    continue;
                }
                let of_claims = |item: &&LimitRangeItem| item.kind == "PersistentVolumeClaim";
                for item in range.spec.limits.iter().filter(of_claims) {
                    let requests = &claim.spec.resources.requests;
                    // A claim has no limits: what it asks for is both.
                    bounds(item, requests, requests, &mut faults);
                }
            }
        }
        let error = match faults.as_slice() {
            [] => quota::admit(&self.store, object).err(),
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        };
        let Some(error) = error else { return Ok(()) };
        let plural = crate::cluster::kubectl::plural(object.kind());
        let error = format!("{plural} \"{}\" is forbidden: {error}", metadata.name);
        self.note(Actor::ApiServer, object, &error, Rule::AdmissionForbids, Some(cause));
        Err(error)
    }

    /// Models plugin/pkg/admission/runtimeclass/admission.go. What the class says is not read:
    /// every node is taken to have its handler.
    fn admit_runtime_class(&self, pod: &Pod) -> Result<(), String> {
        let Some(class) = &pod.spec.runtime_class_name else { return Ok(()) };
        if self.store.get(&Key::new("RuntimeClass", "", class)).is_some() {
            return Ok(());
        }
        let name = asked(pod);
        Err(format!(
            "pods \"{name}\" is forbidden: pod rejected: RuntimeClass \"{class}\" not found"
        ))
    }

    /// Models plugin/pkg/admission/priority/admission.go.
    fn admit_priority(&self, pod: &mut Pod) -> Result<(), String> {
        let name = &pod.spec.priority_class_name;
        let mut classes = self.store.list("PriorityClass").filter_map(|object| match object {
            Object::PriorityClass(class) => Some(class),
            _ => None,
        });
        let class: Option<&Rc<PriorityClass>> = if name.is_empty() {
            // Of several defaults the lowest counts.
            classes.filter(|class| class.global_default).min_by_key(|class| class.value)
        } else {
            let found = classes.find(|class| class.metadata.name == *name);
            if found.is_none() {
                let Some((_, value)) = SYSTEM.iter().find(|(system, _)| system == name) else {
                    return Err(format!(
                        "pods \"{}\" is forbidden: no PriorityClass with name {name} was found",
                        asked(pod)
                    ));
                };
                pod.spec.priority = Some(*value);
                return Ok(());
            }
            found
        };
        if let Some(class) = class {
            pod.spec.priority_class_name.clone_from(&class.metadata.name);
            pod.spec.priority = Some(class.value);
            if pod.spec.preemption_policy.is_none() || !class.preempts() {
                pod.spec.preemption_policy = Some(class.preemption_policy.clone());
            }
        }
        Ok(())
    }
}

/// The name of a Pod for the plugins that may change it: what is left open is chosen after them.
///
/// Models apiserver's admission/errors.go extractResourceName.
fn asked(pod: &Pod) -> &str {
    let metadata = &pod.metadata;
    let controller = metadata.owner_references.first().map(|owner| &*owner.kind);
    if metadata.generate_name.is_empty() || controller == Some("StatefulSet") {
        &metadata.name
    } else {
        &metadata.generate_name
    }
}

/// Gives containers the defaults of a LimitRange.
///
/// Models limitranger/admission.go mergePodResourceRequirements.
fn fill(pod: &mut Pod, range: &LimitRange) {
    let mut notes = Vec::new();
    let spec = &mut pod.spec;
    let mut each = |resources: &mut ResourceRequirements, what: &str| {
        for item in range.spec.limits.iter().filter(|item| item.kind == "Container") {
            for (list, defaults, word) in [
                (&mut resources.requests, &item.default_request, "request"),
                (&mut resources.limits, &item.default, "limit"),
            ] {
                let mut set = Vec::new();
                for (name, amount) in defaults {
                    if !list.contains_key(name) {
                        list.insert(name.clone(), amount.clone());
                        set.push(name.as_str());
                    }
                }
                if !set.is_empty() {
                    notes.push(format!("{} {word} for {what}", set.join(", ")));
                }
            }
        }
    };
    for container in &mut spec.containers {
        each(&mut container.resources, &format!("container {}", container.name));
    }
    for container in &mut spec.init_containers {
        each(&mut container.resources, &format!("init container {}", container.name));
    }
    if !notes.is_empty() {
        let text = format!("LimitRanger plugin set: {}", notes.join("; "));
        pod.metadata.annotations.insert("kubernetes.io/limit-ranger".to_owned(), text);
        pod.status.qos_class = qos::qos_class(&pod.spec).to_owned();
    }
}

/// A default may have made a limit that is below a request.
fn above_limits(pod: &Pod) -> Result<(), String> {
    for (index, container) in pod.spec.containers.iter().enumerate() {
        for (name, request) in &container.resources.requests {
            let Some(limit) = container.resources.limits.get(name) else { continue };
            if request.compare(limit) == Ordering::Greater {
                return Err(format!(
                    "Pod \"{}\" is invalid: spec.containers[{index}].resources.requests: Invalid \
                     value: \"{}\": must be less than or equal to {name} limit of {}",
                    pod.metadata.name,
                    request.text(),
                    limit.text()
                ));
            }
        }
    }
    Ok(())
}

/// Checks a Pod against one item of a LimitRange.
///
/// Models limitranger/admission.go PodValidateLimitFunc.
fn check(pod: &Pod, item: &LimitRangeItem, faults: &mut Vec<String>) {
    match item.kind.as_str() {
        "Container" => {
            for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
                let resources = &container.resources;
                bounds(item, &resources.requests, &resources.limits, faults);
            }
        }
        "Pod" => bounds(item, &qos::requests(&pod.spec), &qos::limits(&pod.spec), faults),
        _ => {}
    }
}

fn bounds(
    item: &LimitRangeItem,
    requests: &ResourceList,
    limits: &ResourceList,
    faults: &mut Vec<String>,
) {
    let kind = &item.kind;
    for (name, bound) in &item.min {
        let (request, limit) = (requests.get(name), limits.get(name));
        let start = format!("minimum {name} usage per {kind} is {}", bound.text());
        let less = |value| compare(value, bound) == Some(Ordering::Less);
        match (request, limit) {
            (None, _) => faults.push(format!("{start}.  No request is specified")),
            (Some(value), _) if less(request) => {
                faults.push(format!("{start}, but request is {}", value.text()));
            }
            (Some(_), Some(value)) if less(limit) => {
                faults.push(format!("{start}, but limit is {}", value.text()));
            }
            (Some(_), _) => {}
        }
    }
    for (name, bound) in &item.max {
        let (request, limit) = (requests.get(name), limits.get(name));
        let start = format!("maximum {name} usage per {kind} is {}", bound.text());
        let more = |value| compare(value, bound) == Some(Ordering::Greater);
        match (limit, request) {
            (None, _) => faults.push(format!("{start}.  No limit is specified")),
            (Some(value), _) if more(limit) => {
                faults.push(format!("{start}, but limit is {}", value.text()));
            }
            (Some(_), Some(value)) if more(request) => {
                faults.push(format!("{start}, but request is {}", value.text()));
            }
            (Some(_), _) => {}
        }
    }
    for (name, ratio) in &item.max_limit_request_ratio {
        let (Some(request), Some(limit)) = (requests.get(name), limits.get(name)) else {
            faults.push(format!(
                "{name} max limit to request ratio per {kind} is {}, but no request is specified \
                 or request is 0",
                ratio.text()
            ));
            continue;
        };
        let (low, high) = (i128::from(request.milli_value()), i128::from(limit.milli_value()));
        if low > 0 && high * 1_000 > low * i128::from(ratio.milli_value()) {
            // Go's %f: six digits.
            let micro = high * 1_000_000 / low;
            let (whole, part) = (micro / 1_000_000, micro % 1_000_000);
            faults.push(format!(
                "{name} max limit to request ratio per {kind} is {}, but provided ratio is \
                 {whole}.{part:06}",
                ratio.text()
            ));
        }
    }
}
