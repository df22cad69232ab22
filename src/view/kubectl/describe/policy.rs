//! `kubectl describe` of budgets, quotas, LimitRanges and claims.
//!
//! Models kubectl/pkg/describe/describe.go. Does not own: their rows (`kubectl::limits`).

use crate::manifest::Object;
use crate::manifest::policy::{LimitRange, PodDisruptionBudget, ResourceQuota};
use crate::manifest::quantity::Quantity;
use crate::manifest::selector;
use crate::manifest::storage::PersistentVolumeClaim;
use crate::view::kubectl::limits::access_modes;
use crate::view::kubectl::pod_row::age;

use super::{Context, Writer};

pub(super) fn budget(w: &mut Writer, context: &Context<'_>, budget: &PodDisruptionBudget) {
    let PodDisruptionBudget { metadata, spec, status } = budget;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    if let Some(least) = &spec.min_available {
        w.field(0, "Min available", &least.to_string());
    } else if let Some(most) = &spec.max_unavailable {
        w.field(0, "Max unavailable", &most.to_string());
    }
    let selector = spec.selector.as_ref().map_or_else(|| "<unset>".to_owned(), selector::format);
    w.field(0, "Selector", &selector);
    w.line(0, "Status:");
    for (label, count) in [
        ("Allowed disruptions", status.disruptions_allowed),
        ("Current", status.current_healthy),
        ("Desired", status.desired_healthy),
        ("Total", status.expected_pods),
    ] {
        w.field(2, label, &count.to_string());
    }
    w.events(context, metadata);
}

/// Models helpTextForResourceQuotaScope.
fn meaning(scope: &str) -> &'static str {
    match scope {
        "Terminating" => {
            "Matches all pods that have an active deadline. These pods have a limited lifespan on \
             a node before being actively terminated by the system."
        }
        "NotTerminating" => {
            "Matches all pods that do not have an active deadline. These pods usually include long \
             running pods whose container command is not expected to terminate."
        }
        "BestEffort" => {
            "Matches all pods that do not have resource requirements set. These pods have a best \
             effort quality of service."
        }
        "NotBestEffort" => {
            "Matches all pods that have at least one resource requirement set. These pods have a \
             burstable or guaranteed quality of service."
        }
        _ => "",
    }
}

pub(super) fn quota(w: &mut Writer, quota: &ResourceQuota) {
    w.field(0, "Name", &quota.metadata.name);
    w.field(0, "Namespace", &quota.metadata.namespace);
    let mut scopes = quota.spec.scopes.clone();
    crate::order::sort(&mut scopes);
    if !scopes.is_empty() {
        w.field(0, "Scopes", &scopes.join(", "));
        for scope in scopes.iter().filter(|scope| !meaning(scope).is_empty()) {
            w.line(0, &format!(" * {}", meaning(scope)));
        }
    }
    w.line(0, "Resource\tUsed\tHard");
    w.line(0, "--------\t----\t----");
    for (name, hard) in &quota.status.hard {
        let used = quota.status.used.get(name).map_or("0", Quantity::text);
        w.line(0, &format!("{name}\t{used}\t{}", hard.text()));
    }
}

pub(super) fn limit_range(w: &mut Writer, range: &LimitRange) {
    w.field(0, "Name", &range.metadata.name);
    w.field(0, "Namespace", &range.metadata.namespace);
    w.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    w.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for item in &range.spec.limits {
        let lists = [
            &item.min,
            &item.max,
            &item.default_request,
            &item.default,
            &item.max_limit_request_ratio,
        ];
        let mut names: Vec<&String> = lists.iter().flat_map(|list| list.keys()).collect();
        crate::order::sort(&mut names);
        names.dedup();
        for name in names {
            let cells = lists.map(|list| list.get(name).map_or("-", Quantity::text));
            w.line(0, &format!("{}\t{name}\t{}", item.kind, cells.join("\t")));
        }
    }
}

pub(super) fn claim(w: &mut Writer, context: &Context<'_>, claim: &PersistentVolumeClaim) {
    let PersistentVolumeClaim { metadata, spec, status } = claim;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    w.field(0, "StorageClass", spec.storage_class_name.as_deref().unwrap_or_default());
    let phase = match metadata.deletion_timestamp {
        Some(since) => format!("Terminating (lasts {})", age(context.now(), Some(since))),
        None => status.phase.clone(),
    };
    w.field(0, "Status", &phase);
    w.field(0, "Volume", &spec.volume_name);
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    w.field(0, "Finalizers", &format!("[{}]", metadata.finalizers.join(" ")));
    let bound = !spec.volume_name.is_empty();
    let capacity = status.capacity.get("storage").filter(|_| bound).map_or("", Quantity::text);
    w.field(0, "Capacity", capacity);
    let modes = if bound { access_modes(&status.access_modes) } else { String::new() };
    w.field(0, "Access Modes", &modes);
    w.field(0, "VolumeMode", spec.volume_mode.as_deref().unwrap_or("Filesystem"));
    let used_by = context.state.objects.iter().filter_map(|object| match object {
        Object::Pod(pod)
            if pod.metadata.namespace == metadata.namespace
                && pod.spec.volumes.iter().any(|volume| {
                    let source = volume.persistent_volume_claim.as_ref();
                    source.is_some_and(|source| source.claim_name == metadata.name)
                }) =>
        {
            Some(pod.metadata.name.clone())
        }
        _ => None,
    });
    w.column("Used By", used_by);
    w.events(context, metadata);
}
