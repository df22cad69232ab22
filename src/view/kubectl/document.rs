//! Whole objects as YAML and JSON, as `kubectl get -o` prints them.
//!
//! Owns: what the API always writes although it is empty. Does not own: the fields themselves
//! (`manifest::encode`), or the style of Go's YAML (`go_yaml`).

use crate::manifest::Object;
use crate::manifest::encode::{Encode, Tree};
use crate::manifest::json::push_go_text;
use crate::manifest::workloads::REPLICATION_CONTROLLER;
use crate::map::Map;
use crate::view::kubectl::resources::api_version;
use crate::view::kubectl::{go_yaml, pod_tree};

/// The objects as YAML: one by itself, or a List.
pub fn yaml(objects: &[&Object], single: bool) -> String {
    go_yaml::print(&document(objects, single))
}

/// The objects as JSON: one by itself, or a List.
pub fn json(objects: &[&Object], single: bool) -> String {
    let mut text = String::new();
    write_json(&document(objects, single), 0, &mut text);
    text.push('\n');
    text
}

/// An object that was only made (`--dry-run`): without what the cluster would add.
pub fn fresh(object: &Object, as_json: bool) -> String {
    let mut tree = bare(object);
    if let Some(metadata) = tree.map_mut("metadata")
        && metadata.get("namespace") == Some(&Tree::text("default"))
    {
        // Only a namespace that was asked for is written.
        metadata.remove("namespace");
    }
    // Structs without `omitempty` are printed although nothing stands in them.
    let empty = || Tree::Map(Map::new());
    let template = match object {
        Object::Pod(_) => tree.map_mut("spec"),
        Object::Deployment(_) => {
            if let Some(spec) = tree.map_mut("spec") {
                spec.entry("strategy".to_owned()).or_insert_with(empty);
            }
            pod_spec(tree.map_mut("spec"))
        }
        Object::Job(_) => pod_spec(tree.map_mut("spec")),
        Object::CronJob(_) => {
            match tree.map_mut("spec").and_then(|spec| spec.get_mut("jobTemplate")) {
                Some(job) => pod_spec(job.map_mut("spec")),
                None => None,
            }
        }
        _ => None,
    };
    if let Some(Tree::List(containers)) = template.and_then(|spec| spec.get_mut("containers")) {
        for container in containers {
            if let Tree::Map(container) = container {
                container.entry("resources".to_owned()).or_insert_with(empty);
            }
        }
    }
    let status = match object {
        Object::Pod(_)
        | Object::Deployment(_)
        | Object::Job(_)
        | Object::CronJob(_)
        | Object::Namespace(_) => Some(empty()),
        Object::Service(_) => Some(Tree::map([("loadBalancer", empty())])),
        _ => None,
    };
    if let (Some(status), Tree::Map(map)) = (status, &mut tree) {
        map.insert("status".to_owned(), status);
    }
    if as_json {
        let mut text = String::new();
        write_json(&tree, 0, &mut text);
        text.push('\n');
        return text;
    }
    go_yaml::print(&tree)
}

/// The Pod's spec inside the spec of something that has a template.
fn pod_spec(spec: Option<&mut Map<String, Tree>>) -> Option<&mut Map<String, Tree>> {
    spec?.get_mut("template")?.map_mut("spec")
}

fn document(objects: &[&Object], single: bool) -> Tree {
    let mut items: Vec<Tree> = objects.iter().map(|object| whole(object)).collect();
    if single && items.len() == 1 {
        return items.remove(0);
    }
    list(items)
}

/// Objects as the List that kubectl makes of them.
pub fn list(items: Vec<Tree>) -> Tree {
    Tree::map([
        ("apiVersion", Tree::text("v1")),
        ("items", Tree::List(items)),
        ("kind", Tree::text("List")),
        ("metadata", Tree::map([("resourceVersion", Tree::text(""))])),
    ])
}

/// One object with its apiVersion and kind.
pub fn whole(object: &Object) -> Tree {
    let mut tree = bare(object);
    if let Tree::Map(map) = &mut tree {
        complete(object, map);
    }
    tree
}

fn bare(object: &Object) -> Tree {
    let mut tree = object.encode();
    if !counts_generations(object)
        && let Some(metadata) = tree.map_mut("metadata")
    {
        metadata.remove("generation");
    }
    if let Tree::Map(map) = &mut tree {
        map.insert("apiVersion".to_owned(), Tree::Text(api_version(object)));
        map.insert("kind".to_owned(), Tree::text(object.kind()));
    }
    tree
}

/// Whether the API server counts how often the spec of such an object has changed: only where a
/// strategy in pkg/registry sets `metadata.generation`.
fn counts_generations(object: &Object) -> bool {
    match object {
        Object::Pod(_)
        | Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::StatefulSet(_)
        | Object::DaemonSet(_)
        | Object::Job(_)
        | Object::CronJob(_)
        | Object::EndpointSlice(_)
        | Object::HorizontalPodAutoscaler(_)
        | Object::PodDisruptionBudget(_)
        | Object::PriorityClass(_)
        | Object::Unsimulated(_) => true,
        Object::Service(_)
        | Object::ConfigMap(_)
        | Object::Secret(_)
        | Object::Node(_)
        | Object::Namespace(_)
        | Object::Event(_)
        | Object::LimitRange(_)
        | Object::ResourceQuota(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_) => false,
    }
}

/// Writes what the API never leaves out although it is empty.
fn complete(object: &Object, map: &mut Map<String, Tree>) {
    match object {
        Object::Pod(pod) => pod_tree::complete(pod, map),
        Object::Service(service) => {
            if let Some(Tree::Map(spec)) = map.get_mut("spec")
                && !service.spec.cluster_ip.is_empty()
            {
                let ips = Tree::List(vec![service.spec.cluster_ip.encode()]);
                spec.insert("clusterIPs".to_owned(), ips);
            }
            map.entry("status".to_owned())
                .or_insert_with(|| Tree::map([("loadBalancer", Tree::Map(Map::new()))]));
        }
        Object::EndpointSlice(slice) => {
            let endpoints: Vec<Tree> = slice
                .endpoints
                .iter()
                .map(|endpoint| {
                    let pod = endpoint.target_ref.rsplit('/').next().unwrap_or_default();
                    Tree::map([
                        ("addresses", endpoint.addresses.encode()),
                        (
                            "conditions",
                            Tree::map([
                                ("ready", endpoint.conditions.ready.encode()),
                                ("serving", endpoint.conditions.serving.encode()),
                                ("terminating", endpoint.conditions.terminating.encode()),
                            ]),
                        ),
                        ("nodeName", endpoint.node_name.encode()),
                        (
                            "targetRef",
                            Tree::map([
                                ("kind", Tree::text("Pod")),
                                ("name", Tree::text(pod)),
                                ("namespace", slice.metadata.namespace.encode()),
                            ]),
                        ),
                    ])
                })
                .collect();
            map.insert("endpoints".to_owned(), Tree::List(endpoints));
        }
        Object::Node(node) => {
            if let Some(Tree::Map(status)) = map.get_mut("status") {
                let ip = status.remove("internalIP").unwrap_or_default();
                let address = |kind: &str, address: Tree| {
                    Tree::map([("address", address), ("type", Tree::text(kind))])
                };
                let addresses = vec![
                    address("InternalIP", ip),
                    address("Hostname", node.metadata.name.encode()),
                ];
                status.insert("addresses".to_owned(), Tree::List(addresses));
            }
        }
        Object::HorizontalPodAutoscaler(_) => {
            if let Some(Tree::Map(status)) = map.get_mut("status") {
                status.entry("currentMetrics".to_owned()).or_insert(Tree::Null);
                status.entry("desiredReplicas".to_owned()).or_insert(Tree::Int(0));
            }
        }
        Object::ReplicaSet(set) if set.kind == REPLICATION_CONTROLLER => {
            if let Some(Tree::Map(spec)) = map.get_mut("spec")
                && let Some(Tree::Map(selector)) = spec.get_mut("selector")
                && let Some(labels) = selector.remove("matchLabels")
            {
                spec.insert("selector".to_owned(), labels);
            }
        }
        Object::StatefulSet(_) => {
            if let Some(Tree::Map(status)) = map.get_mut("status") {
                for name in ["availableReplicas", "replicas"] {
                    status.entry(name.to_owned()).or_insert(Tree::Int(0));
                }
            }
        }
        Object::ReplicaSet(_) => {
            if let Some(Tree::Map(status)) = map.get_mut("status") {
                status.entry("replicas".to_owned()).or_insert(Tree::Int(0));
            }
        }
        Object::Deployment(_)
        | Object::DaemonSet(_)
        | Object::Job(_)
        | Object::CronJob(_)
        | Object::ConfigMap(_)
        | Object::Secret(_)
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

/// Writes a value as kubectl's JSON: four spaces a level.
fn write_json(value: &Tree, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    match value {
        Tree::Null => out.push_str("null"),
        Tree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Int(number) => out.push_str(&number.to_string()),
        Tree::Text(text) => push_go_text(out, text),
        Tree::List(items) if items.is_empty() => out.push_str("[]"),
        Tree::Map(map) if map.is_empty() => out.push_str("{}"),
        Tree::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                write_json(item, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        Tree::Map(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                push_go_text(out, key);
                out.push_str(": ");
                write_json(item, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

/// A JSON value on one line, as `-o jsonpath` prints what is no scalar.
pub fn compact(value: &Tree, out: &mut String) {
    match value {
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Text(_) => write_json(value, 0, out),
        Tree::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                compact(item, out);
            }
            out.push(']');
        }
        Tree::Map(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_go_text(out, key);
                out.push(':');
                compact(item, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_as_kubectl_does() {
        let tree = Tree::map([
            ("b", Tree::List(vec![Tree::Int(1), Tree::text("a\"\n\u{1}&<>")])),
            ("a", Tree::Map(Map::new())),
        ]);
        let mut text = String::new();
        write_json(&tree, 0, &mut text);
        assert_eq!(
            text,
            "{\n    \"a\": {},\n    \"b\": [\n        1,\n        \"a\\\"\\n\\u0001\\u0026\\u003c\\u003e\"\n    ]\n}"
        );
        let mut short = String::new();
        compact(&tree, &mut short);
        assert_eq!(short, "{\"a\":{},\"b\":[1,\"a\\\"\\n\\u0001\\u0026\\u003c\\u003e\"]}");
    }
}
