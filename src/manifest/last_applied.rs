//! What `kubectl apply` remembers, and the three-way merge that it does with it.
//!
//! Owns: the annotation and its text, and what becomes of an object that is applied again. Does
//! not own: storing it (`cluster::kubectl::apply`).
//!
//! Models kubectl/pkg/util/apply.go and apimachinery/pkg/util/strategicpatch/patch.go: what the
//! last manifest named and this one does not is removed, what neither names is left alone.

use crate::diagnostic::Span;
use crate::manifest::Object;
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
    let mut live = node_of(&encoded(known)?);
    if let Value::Map(entries) = &mut live.value {
        entries.retain(|(key, _)| key.name != "status");
    }
    let last = known.metadata().annotations.get(LAST_APPLIED).and_then(|text| parsed(text));
    let new = parsed(manifest)?;
    if new.get("apiVersion").and_then(Node::as_str) == Some("autoscaling/v1") {
        return None;
    }
    let mut text = String::new();
    write(&merge(Some(&live), last.as_ref(), &new, ""), &mut text);
    super::load(&text).objects.into_iter().next()
}

fn parsed(text: &str) -> Option<Node> {
    let documents = super::parse::parse(text, &mut Vec::new());
    documents.into_iter().next()?.root.ok()
}

fn encoded(object: &Object) -> Option<Tree> {
    match object {
        Object::Pod(object) => Some(object.encode()),
        Object::Deployment(object) => Some(object.encode()),
        Object::ReplicaSet(object) => Some(object.encode()),
        Object::StatefulSet(object) => Some(object.encode()),
        Object::DaemonSet(object) => Some(object.encode()),
        Object::CronJob(object) => Some(object.encode()),
        Object::Service(object) => Some(object.encode()),
        Object::ConfigMap(object) => Some(object.encode()),
        Object::Secret(object) => Some(object.encode()),
        Object::HorizontalPodAutoscaler(object) => Some(object.encode()),
        Object::PodDisruptionBudget(object) => Some(object.encode()),
        Object::Job(_)
        | Object::EndpointSlice(_)
        | Object::Node(_)
        | Object::Namespace(_)
        | Object::Event(_)
        | Object::PriorityClass(_)
        | Object::LimitRange(_)
        | Object::ResourceQuota(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_)
        | Object::Unsimulated(_) => None,
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
