//! `kubectl patch`: JSON, merge and strategic merge patches of any object.
//!
//! Models apimachinery/pkg/util/strategicpatch and RFC 7386. Does not own: the operations of a JSON
//! patch (`json_patch`), merging itself (`manifest::decode`), or what controllers make of it.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::{Key, with_metadata};
use crate::cluster::kubectl::Printed;
use crate::cluster::kubectl::args::{Args, resource_of};
use crate::cluster::kubectl::change::resize_patch;
use crate::cluster::kubectl::json_patch;
use crate::diagnostic::{Message, Span};
use crate::manifest::Object;
use crate::manifest::autoscaling;
use crate::manifest::decode::{Decode, Decoder, Lists};
use crate::manifest::defaults::{self, Filled};
use crate::manifest::last_applied::written;
use crate::manifest::node::{Node, Value};
use crate::manifest::validate::{FieldError, Findings, update};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

impl World<'_> {
    pub(super) fn kubectl_patch(&mut self, args: &Args, entry: EntryId) -> Printed {
        let (key, before) = match self.target(args, &args.words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let Some(patch) = args.value("p").or_else(|| args.value("patch")) else {
            return Printed::error("error: must specify --patch or --patch-file".to_owned());
        };
        // JSON is YAML: one scanner reads both.
        let documents = crate::manifest::parse::parse(patch, &mut Vec::new());
        let Some(root) = documents.into_iter().find_map(|document| document.root.ok()) else {
            return Printed::error(format!("error: unable to parse \"{patch}\""));
        };
        let changed = match (args.value("subresource"), args.value("type").unwrap_or("strategic")) {
            (Some("resize"), _) => resize_patch(before.clone(), &root)
                .ok_or_else(|| "error: this patch of a resize is not simulated".to_owned()),
            (_, "json") => json_patch::as_merge(&root, &before)
                .and_then(|patch| patched(&before, &patch, Lists::Replace, &key)),
            (_, "merge") => patched(&before, &root, Lists::Replace, &key),
            (_, "strategic") => patched(&before, &root, Lists::Merge, &key),
            (_, other) => {
                Err(format!("error: --type must be one of [json merge strategic], not \"{other}\""))
            }
        };
        let mut changed = match changed {
            Ok(changed) => changed,
            Err(error) => return Printed::error(error),
        };
        let line = format!("{}/{} patched", resource_of(&key.kind), key.name);
        if changed == before {
            return Printed::ok(format!("{line} (no change)\n"));
        }
        // A change of metadata alone is no new generation.
        let mut same = changed.clone();
        with_metadata(&mut same, |metadata| metadata.clone_from(before.metadata()));
        // An autoscaler has no generation.
        let counts = !matches!(before, Object::HorizontalPodAutoscaler(_));
        if counts && same != before {
            with_metadata(&mut changed, |metadata| metadata.generation += 1);
        }
        let rule = Rule::ObjectUpdated;
        self.put(Actor::ApiServer, Verb::Updated, changed, rule, Some(entry));
        self.finish_deletion(&key, Some(entry));
        Printed::ok(line + "\n")
    }
}

/// The object as the patch makes it, or why the API server refuses it.
fn patched(before: &Object, patch: &Node, lists: Lists, key: &Key) -> Result<Object, String> {
    if !matches!(patch.value, Value::Map(_)) {
        return Err("error: unable to parse the patch: it is no object".to_owned());
    }
    let mut decoder = Decoder::new("v1", &key.kind);
    decoder.lists = lists;
    decoder.patches = true;
    let mut object = before.clone();
    macro_rules! merge {
        ($inner:expr) => {
            Rc::make_mut($inner).merge(patch, &mut decoder)
        };
    }
    match &mut object {
        Object::Pod(inner) => merge!(inner),
        Object::Deployment(inner) => merge!(inner),
        Object::ReplicaSet(inner) => merge!(inner),
        Object::StatefulSet(inner) => merge!(inner),
        Object::DaemonSet(inner) => merge!(inner),
        Object::Job(inner) => merge!(inner),
        Object::CronJob(inner) => merge!(inner),
        Object::HorizontalPodAutoscaler(inner) => merge!(inner),
        Object::Service(inner) => merge!(inner),
        Object::ConfigMap(inner) => merge!(inner),
        Object::Secret(inner) => merge!(inner),
        Object::Node(inner) => merge!(inner),
        Object::Namespace(inner) => merge!(inner),
        Object::PodDisruptionBudget(inner) => merge!(inner),
        Object::PriorityClass(inner) => merge!(inner),
        Object::LimitRange(inner) => merge!(inner),
        Object::ResourceQuota(inner) => merge!(inner),
        Object::PersistentVolumeClaim(inner) => merge!(inner),
        Object::PersistentVolume(inner) => merge!(inner),
        Object::StorageClass(inner) => merge!(inner),
        Object::EndpointSlice(_) | Object::Event(_) | Object::Unsimulated(_) => {
            return Err(format!("error: patching a {} is not simulated", key.kind));
        }
    }
    if let Some(wrong) = decoder.diagnostics.first() {
        let words = match &wrong.message {
            Message::Kubernetes(words) => words.clone(),
            Message::Ours(_) => format!("the patch does not fit a {}", key.kind),
        };
        return Err(format!("Error from server (BadRequest): {words}"));
    }
    fill(&mut object);
    refuse(before, &object, key)?;
    Ok(object)
}

/// What a patch leaves open gets its default, as at creation.
fn fill(object: &mut Object) {
    let filled = &mut Filled::silent();
    match object {
        Object::Deployment(inner) => defaults::deployment(Rc::make_mut(inner), filled),
        Object::ReplicaSet(inner) => defaults::replica_set(Rc::make_mut(inner), filled),
        Object::StatefulSet(inner) => defaults::stateful_set(Rc::make_mut(inner), filled),
        Object::DaemonSet(inner) => defaults::daemon_set(Rc::make_mut(inner), filled),
        Object::Job(inner) => defaults::job(Rc::make_mut(inner), filled),
        Object::CronJob(inner) => defaults::cron_job(Rc::make_mut(inner), filled),
        Object::Service(inner) => defaults::service(Rc::make_mut(inner), filled),
        Object::HorizontalPodAutoscaler(inner) => {
            autoscaling::defaults(Rc::make_mut(inner), filled);
        }
        Object::Pod(_)
        | Object::EndpointSlice(_)
        | Object::ConfigMap(_)
        | Object::Secret(_)
        | Object::Node(_)
        | Object::Namespace(_)
        | Object::Event(_)
        | Object::PodDisruptionBudget(_)
        | Object::PriorityClass(_)
        | Object::LimitRange(_)
        | Object::ResourceQuota(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_)
        | Object::Unsimulated(_) => {}
    }
}

/// Fields that cannot change.
fn refuse(before: &Object, after: &Object, key: &Key) -> Result<(), String> {
    let tree = |object: &Object| written(object).unwrap_or_else(|| Node::null(Span::default()));
    let mut findings = Findings::default();
    update::check((before, &tree(before)), (after, &tree(after)), &mut findings);
    let causes: Vec<String> = findings.errors.iter().map(FieldError::text).collect();
    let start = format!("The {} \"{}\" is invalid: ", key.kind, key.name);
    match causes.as_slice() {
        [] => Ok(()),
        [one] => Err(start + one),
        several => {
            Err(start + &several.iter().map(|cause| format!("\n* {cause}")).collect::<String>())
        }
    }
}
