//! Whole objects as YAML and JSON, as `kubectl get -o` prints them. Native only.
//!
//! Owns: what the API always writes although it is empty, and the style of Go's YAML. Does not own:
//! the fields themselves (`manifest` serializes them).

use serde_json::{Map, Value, json};

use crate::manifest::Object;
use crate::view::kubectl::resources::api_version;

/// The objects as YAML: one by itself, or a List.
pub fn yaml(objects: &[&Object], single: bool) -> Result<String, String> {
    let value = document(objects, single)?;
    let text = serde_yaml::to_string(&value).map_err(|error| error.to_string())?;
    Ok(go_style(&text))
}

/// The objects as JSON: one by itself, or a List.
pub fn json(objects: &[&Object], single: bool) -> Result<String, String> {
    use serde::Serialize;
    let value = document(objects, single)?;
    let mut bytes = Vec::new();
    let style = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, style);
    value.serialize(&mut serializer).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn document(objects: &[&Object], single: bool) -> Result<Value, String> {
    let mut items = objects.iter().map(|object| whole(object)).collect::<Result<Vec<_>, _>>()?;
    if single && items.len() == 1 {
        return Ok(items.remove(0));
    }
    Ok(json!({
        "apiVersion": "v1",
        "items": items,
        "kind": "List",
        "metadata": { "resourceVersion": "" },
    }))
}

/// One object with its apiVersion and kind. Keys come sorted, as kubectl prints them.
fn whole(object: &Object) -> Result<Value, String> {
    let value = match object {
        Object::Pod(pod) => serde_json::to_value(&**pod),
        Object::Deployment(deployment) => serde_json::to_value(&**deployment),
        Object::ReplicaSet(replica_set) => serde_json::to_value(&**replica_set),
        Object::StatefulSet(stateful_set) => serde_json::to_value(&**stateful_set),
        Object::DaemonSet(daemon_set) => serde_json::to_value(&**daemon_set),
        Object::Job(job) => serde_json::to_value(&**job),
        Object::CronJob(cron_job) => serde_json::to_value(&**cron_job),
        Object::Service(service) => serde_json::to_value(&**service),
        Object::EndpointSlice(slice) => serde_json::to_value(&**slice),
        Object::ConfigMap(config_map) => serde_json::to_value(&**config_map),
        Object::Secret(secret) => serde_json::to_value(&**secret),
        Object::Node(node) => serde_json::to_value(&**node),
        Object::HorizontalPodAutoscaler(autoscaler) => serde_json::to_value(&**autoscaler),
        Object::Namespace(namespace) => serde_json::to_value(&namespace.metadata).map(
            |metadata| json!({ "metadata": metadata, "status": { "phase": namespace.phase } }),
        ),
        Object::Event(event) => serde_json::to_value(&event.metadata).map(|metadata| {
            json!({
                "count": event.count,
                "eventTime": event.event_time,
                "firstTimestamp": event.first_timestamp,
                "involvedObject": {
                    "fieldPath": event.field_path,
                    "kind": event.involved_kind,
                    "name": event.involved_name,
                    "namespace": event.metadata.namespace,
                    "uid": event.involved_uid,
                },
                "lastTimestamp": event.last_timestamp,
                "message": event.message,
                "metadata": metadata,
                "reason": event.reason,
                "reportingComponent": event.source,
                "reportingInstance": event.host,
                "source": { "component": event.source, "host": event.host },
                "type": event.kind,
            })
        }),
        Object::PodDisruptionBudget(inner) => serde_json::to_value(&**inner),
        Object::PriorityClass(inner) => serde_json::to_value(&**inner),
        Object::LimitRange(inner) => serde_json::to_value(&**inner),
        Object::ResourceQuota(inner) => serde_json::to_value(&**inner),
        Object::PersistentVolumeClaim(inner) => serde_json::to_value(&**inner),
        Object::PersistentVolume(inner) => serde_json::to_value(&**inner),
        Object::StorageClass(inner) => serde_json::to_value(&**inner),
        Object::Unsimulated(other) => {
            serde_json::to_value(&other.metadata).map(|metadata| json!({ "metadata": metadata }))
        }
    };
    let mut value = value.map_err(|error| error.to_string())?;
    if let Some(map) = value.as_object_mut() {
        map.insert("apiVersion".to_owned(), api_version(object).into());
        map.insert("kind".to_owned(), object.kind().into());
        complete(object, map);
    }
    Ok(value)
}

/// Writes what the API never leaves out although it is empty.
fn complete(object: &Object, map: &mut Map<String, Value>) {
    match object {
        Object::Pod(_) => complete_pod(map),
        Object::Service(service) => {
            if let Some(Value::Object(spec)) = map.get_mut("spec")
                && !service.spec.cluster_ip.is_empty()
            {
                spec.insert("clusterIPs".to_owned(), json!([service.spec.cluster_ip]));
            }
            map.entry("status").or_insert_with(|| json!({ "loadBalancer": {} }));
        }
        Object::EndpointSlice(slice) => {
            let endpoints: Vec<Value> = slice
                .endpoints
                .iter()
                .map(|endpoint| {
                    let pod = endpoint.target_ref.rsplit('/').next().unwrap_or_default();
                    json!({
                        "addresses": endpoint.addresses,
                        "conditions": {
                            "ready": endpoint.conditions.ready,
                            "serving": endpoint.conditions.serving,
                            "terminating": endpoint.conditions.terminating,
                        },
                        "nodeName": endpoint.node_name,
                        "targetRef": {
                            "kind": "Pod",
                            "name": pod,
                            "namespace": slice.metadata.namespace,
                        },
                    })
                })
                .collect();
            map.insert("endpoints".to_owned(), endpoints.into());
        }
        Object::Node(node) => {
            if let Some(Value::Object(status)) = map.get_mut("status") {
                let ip = status.remove("internalIP").unwrap_or_default();
                status.insert(
                    "addresses".to_owned(),
                    json!([
                        { "address": ip, "type": "InternalIP" },
                        { "address": node.metadata.name, "type": "Hostname" },
                    ]),
                );
            }
        }
        Object::HorizontalPodAutoscaler(_) => {
            if let Some(Value::Object(status)) = map.get_mut("status") {
                status.entry("currentMetrics").or_insert(Value::Null);
                status.entry("desiredReplicas").or_insert(json!(0));
            }
        }
        Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::StatefulSet(_)
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

fn complete_pod(map: &mut Map<String, Value>) {
    let Some(Value::Object(status)) = map.get_mut("status") else { return };
    if let Some(ip) = status.get("hostIP").cloned() {
        status.insert("hostIPs".to_owned(), json!([{ "ip": ip }]));
    }
    for condition in objects(status.get_mut("conditions")) {
        condition.entry("lastProbeTime").or_insert(Value::Null);
    }
    for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
        for container in objects(status.get_mut(list)) {
            for (key, empty) in [
                ("ready", json!(false)),
                ("restartCount", json!(0)),
                ("image", json!("")),
                ("imageID", json!("")),
            ] {
                container.entry(key).or_insert(empty);
            }
            for key in ["state", "lastState"] {
                let ended = container.get_mut(key).and_then(|state| state.get_mut("terminated"));
                if let Some(Value::Object(ended)) = ended {
                    ended.entry("exitCode").or_insert(json!(0));
                }
            }
        }
    }
}

fn objects(list: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    list.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Puts scalars into the quotes that Go's YAML writer chooses: double ones around what would be
/// read as another type, times among them.
fn go_style(yaml: &str) -> String {
    let mut out = String::with_capacity(yaml.len());
    // Lines that begin deeper than this belong to a block of text and stay as they are.
    let mut block: Option<usize> = None;
    for line in yaml.lines() {
        let depth = line.len() - line.trim_start().len();
        let mut indent = depth;
        while line[indent..].starts_with("- ") {
            indent += 2;
        }
        if block.is_some_and(|block| depth > block || line.is_empty()) {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        block = None;
        let quoted = line[indent..].starts_with(['\'', '"']);
        let colon = line[indent..].find(": ").map(|colon| indent + colon + 2).filter(|_| !quoted);
        let (head, scalar) = line.split_at(colon.unwrap_or(indent));
        if scalar.starts_with('|') || scalar.starts_with('>') {
            // Text lies deeper than its key; without a key it lies where the item begins.
            block = Some(if colon.is_some() { indent } else { indent.saturating_sub(1) });
        }
        out.push_str(head);
        match scalar.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            Some(inner) if looks_typed(inner) => {
                out.push('"');
                out.push_str(inner);
                out.push('"');
            }
            None if looks_like_time(scalar) || looks_like_old_bool(scalar) => {
                out.push('"');
                out.push_str(scalar);
                out.push('"');
            }
            Some(_) | None if block.is_some() => out.push_str(scalar),
            Some(_) | None => {
                let indent = if colon.is_some() { indent + 2 } else { indent };
                push_folded(&mut out, scalar, head.chars().count(), indent);
            }
        }
        out.push('\n');
    }
    out
}

/// Appends a scalar, broken at the first space beyond the 80th column as often as needed.
///
/// Models yaml_emitter_write_plain_scalar and its siblings of go-yaml 2.
fn push_folded(out: &mut String, scalar: &str, start: usize, indent: usize) {
    let mut column = start;
    let mut before = ' ';
    // The text ends before its last quote.
    let end = scalar.len() - usize::from(scalar.starts_with(['\'', '"']));
    let mut rest = scalar.char_indices().peekable();
    while let Some((index, character)) = rest.next() {
        let breaks = character == ' '
            && column > 80
            && before != ' '
            && index + 1 < end
            && rest.peek().is_some_and(|(_, next)| *next != ' ');
        if breaks {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.push(character);
            column += 1;
        }
        before = character;
    }
}

/// Whether plain text would be read as a bool, null, number or time.
fn looks_typed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null" | "~"
    );
    let digits = text.trim_start_matches(['-', '+', '.']);
    word || (digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok())
        || (lower.starts_with("0x") && lower[2..].chars().all(|c| c.is_ascii_hexdigit()))
        || looks_like_time(text)
}

/// Words that only YAML 1.1 reads as bools: our writer leaves them plain.
fn looks_like_old_bool(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off" | "y" | "n")
}

fn looks_like_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 20
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && bytes[19] == b'Z'
        && bytes[..4].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_where_go_breaks_them() {
        let long = "0/3 nodes are available: 1 node(s) had taints that the pod didn''t tolerate, \
                    2 node(s) didn''t match node selector.";
        assert_eq!(
            go_style(&format!("    message: '{long}'\n- -y\n")),
            "    message: '0/3 nodes are available: 1 node(s) had taints that the pod didn''t \
             tolerate,\n      2 node(s) didn''t match node selector.'\n- -y\n"
        );
    }

    #[test]
    fn quotes_are_those_of_go() {
        let text = "a: 'True'\nb: 2026-01-05T00:00:00Z\nc: '{}'\nd: |-\n  e: 'yes'\nf: '5'\n\
                    g:\n- no\n- plain\nh: ''\ni:\n- j: |-\n    'no'\n  k: 'no'\n- |-\n  'no'\n";
        assert_eq!(
            go_style(text),
            "a: \"True\"\nb: \"2026-01-05T00:00:00Z\"\nc: '{}'\nd: |-\n  e: 'yes'\nf: \"5\"\n\
             g:\n- \"no\"\n- plain\nh: \"\"\ni:\n- j: |-\n    'no'\n  k: \"no\"\n- |-\n  'no'\n"
        );
    }
}
