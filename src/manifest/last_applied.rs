//! What `kubectl apply` remembers, and the three-way merge that it does with it.
//!
//! Owns: the annotation and its text, and what becomes of an object that is applied again. Does
//! not own: storing it (`cluster::kubectl::apply`).
//!
//! Models kubectl/pkg/util/apply.go and apimachinery/pkg/util/strategicpatch/patch.go: what the
//! last manifest named and this one does not is removed, what neither names is left alone.

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::manifest::Object;
use crate::manifest::autoscaling::{HorizontalPodAutoscaler, MetricSpec};
use crate::manifest::decode::merge_key;
use crate::manifest::encode::{Encode, Tree};
use crate::manifest::json::push_go_text;
use crate::manifest::node::{Key, Node, Value};

/// The annotation that holds the manifest.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

const NOWHERE: Span = Span { start: 0, end: 0 };

/// The annotation of an object that is applied as this document.
pub(crate) fn annotation(root: &Node, namespace: &str) -> String {
    let mut root = root.clone();
    if let Value::Map(entries) = &mut root.value {
        let metadata = child(entries, "metadata");
        if let Value::Map(metadata) = metadata {
            if let Value::Map(annotations) = child(metadata, "annotations") {
                annotations.retain(|(key, _)| key.name != LAST_APPLIED);
            }
            let named = metadata.iter().any(|(key, _)| key.name == "namespace");
            if !named && !namespace.is_empty() {
                metadata.push(entry("namespace", Value::String(namespace.to_owned())));
            }
        }
    }
    let mut text = String::new();
    write(&root, &mut text);
    text.push('\n');
    text
}

/// The object that results when a manifest is applied over one that exists.
///
/// `None` where the kind is not merged here: then the manifest takes the object's place.
pub(crate) fn merged(known: &Object, manifest: &str) -> Option<Object> {
    // The caller writes the annotation: this one would be that of the merged text.
    let mut live = written(known)?;
    if let Value::Map(entries) = &mut live.value {
        entries.retain(|(key, _)| key.name != "status");
    }
    let last = known.metadata().annotations.get(LAST_APPLIED).and_then(|text| parsed(text));
    let new = parsed(manifest)?;
    let old_form = new.get("apiVersion").and_then(Node::as_str) == Some("autoscaling/v1");
    if let (Object::HorizontalPodAutoscaler(known), true) = (known, old_form) {
        as_v1(&mut live, known);
    }
    if matches!(known, Object::Job(_)) {
        without_generated(&mut live);
    }
    let mut text = String::new();
    write(&merge(Some(&live), last.as_ref(), &new, ""), &mut text);
    let mut object = super::load(&text).objects.into_iter().next()?;
    if let (Object::HorizontalPodAutoscaler(new), Object::HorizontalPodAutoscaler(old), true) =
        (&mut object, known, old_form)
    {
        // What that version has no field for travels in annotations, and stays.
        let spec = &mut Rc::make_mut(new).spec;
        spec.behavior.clone_from(&old.spec.behavior);
        let is_cpu = |metric: &&MetricSpec| {
            metric
                .resource
                .as_ref()
                .is_some_and(|own| own.name == "cpu" && own.target.average_utilization.is_some())
        };
        spec.metrics.extend(old.spec.metrics.iter().filter(|metric| !is_cpu(metric)).cloned());
    }
    if let (Object::Job(new), Object::Job(old)) = (&mut object, known) {
        let spec = &mut Rc::make_mut(new).spec;
        if spec.selector.is_none() {
            spec.selector.clone_from(&old.spec.selector);
        }
        for (key, value) in &old.spec.template.metadata.labels {
            if GENERATED.contains(&key.as_str()) {
                spec.template.metadata.labels.insert(key.clone(), value.clone());
            }
        }
    }
    Some(object)
}

/// The labels that a Job's template is given with its selector
/// (pkg/registry/batch/job/strategy.go generateSelector).
const GENERATED: [&str; 4] = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];

/// A Job as who wrote it would: what is generated may not be written by hand.
fn without_generated(job: &mut Node) {
    let Value::Map(entries) = &mut job.value else { return };
    let Value::Map(spec) = child(entries, "spec") else { return };
    let by_hand = spec
        .iter()
        .any(|(key, node)| key.name == "manualSelector" && node.value == Value::Bool(true));
    if by_hand {
        return;
    }
    spec.retain(|(key, _)| key.name != "selector");
    let Value::Map(template) = child(spec, "template") else { return };
    let Value::Map(metadata) = child(template, "metadata") else { return };
    if let Value::Map(labels) = child(metadata, "labels") {
        labels.retain(|(key, _)| !GENERATED.contains(&key.name.as_str()));
    }
}

fn parsed(text: &str) -> Option<Node> {
    let documents = super::parse::parse(text, &mut Vec::new());
    documents.into_iter().next()?.root.ok()
}

/// The object as the API would write it, without kind and version.
pub(crate) fn written(object: &Object) -> Option<Node> {
    let merges =
        !matches!(object, Object::EndpointSlice(_) | Object::Event(_) | Object::Unsimulated(_));
    merges.then(|| node_of(&object.encode()))
}

/// An autoscaler as autoscaling/v1 has it: one metric is a field, the others have none.
///
/// Models pkg/apis/autoscaling/v1/conversion.go.
fn as_v1(node: &mut Node, scaler: &HorizontalPodAutoscaler) {
    let Value::Map(entries) = &mut node.value else { return };
    let Value::Map(spec) = child(entries, "spec") else { return };
    spec.retain(|(key, _)| !matches!(key.name.as_str(), "metrics" | "behavior"));
    let percent = scaler.spec.metrics.iter().find_map(|metric| {
        let resource = metric.resource.as_ref().filter(|own| own.name == "cpu")?;
        resource.target.average_utilization
    });
    if let Some(percent) = percent {
        let name = "targetCPUUtilizationPercentage";
        spec.push(entry(name, Value::Int(i64::from(percent))));
    }
}

/// `name` is the field in which these stand.
fn merge(live: Option<&Node>, last: Option<&Node>, new: &Node, name: &str) -> Node {
    let value = match (&new.value, live.map(|live| &live.value)) {
        (Value::Map(wanted), Some(Value::Map(kept))) => {
            let mut entries = Vec::new();
            for (key, value) in kept {
                let before = last.and_then(|last| last.get(&key.name));
                match new.get(&key.name) {
                    Some(wanted) => {
                        let one = merge(Some(value), before, wanted, &key.name);
                        entries.push((key.clone(), one));
                    }
                    // patchStrategy retainKeys: what is left over would contradict it.
                    None if before.is_some() || name == "strategy" || name == "updateStrategy" => {}
                    None => entries.push((key.clone(), value.clone())),
                }
            }
            let there = |key: &Key| kept.iter().any(|(other, _)| other.name == key.name);
            entries.extend(wanted.iter().filter(|(key, _)| !there(key)).cloned());
            Value::Map(entries)
        }
        (Value::Seq(wanted), Some(Value::Seq(kept))) => {
            // A list whose items are not told apart by a field is replaced.
            let first = wanted.first().or(kept.first());
            let mut keys = merge_key(name).iter();
            let Some(key) = keys.find(|key| first.is_some_and(|item| item.get(key).is_some()))
            else {
                return new.clone();
            };
            let find = |items: &[Node], item: &Node| {
                items.iter().find(|other| same(other.get(key), item.get(key))).cloned()
            };
            let before = last.map(Node::items).unwrap_or_default();
            let mut items: Vec<Node> = wanted
                .iter()
                .map(|item| {
                    let (live, last) = (find(kept, item), find(before, item));
                    merge(live.as_ref(), last.as_ref(), item, "")
                })
                .collect();
            let others = kept
                .iter()
                .filter(|item| find(wanted, item).is_none() && find(before, item).is_none());
            items.extend(others.cloned());
            Value::Seq(items)
        }
        _ => return new.clone(),
    };
    Node { span: NOWHERE, value }
}

fn same(a: Option<&Node>, b: Option<&Node>) -> bool {
    a.map(|node| &node.value) == b.map(|node| &node.value)
}

fn entry(name: &str, value: Value) -> (Key, Node) {
    (Key { span: NOWHERE, name: name.to_owned() }, Node { span: NOWHERE, value })
}

/// The value under a key; an empty map where there is none.
fn child<'m>(entries: &'m mut Vec<(Key, Node)>, name: &str) -> &'m mut Value {
    let index = match entries.iter().position(|(key, _)| key.name == name) {
        Some(index) => index,
        None => {
            entries.push(entry(name, Value::Null));
            entries.len() - 1
        }
    };
    let value = &mut entries[index].1.value;
    if *value == Value::Null {
        *value = Value::Map(Vec::new());
    }
    value
}

fn node_of(tree: &Tree) -> Node {
    let value = match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Int(number) => Value::Int(*number),
        Tree::Text(text) => Value::String(text.clone()),
        Tree::List(items) => Value::Seq(items.iter().map(node_of).collect()),
        Tree::Map(map) => {
            Value::Map(map.iter().map(|(key, tree)| entry(key, node_of(tree).value)).collect())
        }
    };
    Node { span: NOWHERE, value }
}

/// Writes a document as Go's encoder does: keys in order, no space.
fn write(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&number.to_string()),
        Value::String(text) => push_go_text(out, text),
        Value::Seq(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            let mut sorted: Vec<&(Key, Node)> = entries.iter().collect();
            crate::order::sort_by(&mut sorted, |a, b| a.0.name.cmp(&b.0.name));
            out.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_go_text(out, &key.name);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}
