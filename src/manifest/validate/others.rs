//! Kinds that are accepted and not simulated: their rules all the same.
//!
//! Owns: which rules a kind has. Does not own: the rules (`workload.rs`, `batch.rs`,
//! `autoscaling.rs`).

use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::defaults::{Filled, pod_spec};
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::node::Node;
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::validate::meta::{NameRule, object_meta};
use crate::manifest::validate::{Findings, autoscaling, batch, networking, workload};

/// Checks an object of any kind that has no type of its own here.
pub fn check(
    root: &Node,
    api_version: &str,
    kind: &str,
    metadata: &ObjectMeta,
    findings: &mut Findings,
) {
    let selector = root.at("spec.selector").map(decoded::<LabelSelector>);
    match (api_version, kind) {
        ("apps/v1", "StatefulSet") => {
            let template = template(root, "spec.template");
            workload::stateful_set(root, metadata, selector.as_ref(), &template, findings);
        }
        ("apps/v1", "DaemonSet") => {
            let template = template(root, "spec.template");
            workload::daemon_set(root, metadata, selector.as_ref(), &template, findings);
        }
        ("batch/v1", "Job") => {
            object_meta(metadata, NameRule::Subdomain, findings);
            let template = template(root, "spec.template");
            if let Some(spec) = root.get("spec") {
                batch::job(spec, &template, "spec", findings);
            } else {
                batch::job(&Node::null(root.span), &template, "spec", findings);
            }
        }
        ("batch/v1", "CronJob") => {
            object_meta(metadata, NameRule::Subdomain, findings);
            let template = template(root, "spec.jobTemplate.spec.template");
            batch::cron_job(root, metadata, &template, findings);
        }
        ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => {
            object_meta(metadata, NameRule::Subdomain, findings);
            autoscaling::check(root, findings);
        }
        ("networking.k8s.io/v1", "Ingress") => {
            object_meta(metadata, NameRule::Subdomain, findings);
            networking::ingress(root, findings);
        }
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            object_meta(metadata, NameRule::Subdomain, findings);
            networking::network_policy(root, findings);
        }
        (group, _) if group.starts_with("rbac.authorization.k8s.io/") => {
            object_meta(metadata, NameRule::PathSegment, findings);
        }
        _ => object_meta(metadata, NameRule::PathSegment, findings),
    }
}

fn decoded<T: Decode>(node: &Node) -> T {
    // Wrong types were reported before, with the field table.
    T::decode(node, &mut Decoder::default())
}

fn template(root: &Node, path: &str) -> PodTemplateSpec {
    let mut template: PodTemplateSpec = root.at(path).map(decoded).unwrap_or_default();
    pod_spec(&mut template.spec, &format!("{path}.spec"), &mut Filled::new(root, false));
    template
}
