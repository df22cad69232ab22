//! Objects from JSON, with their times, for tests of what kubectl prints.

use std::rc::Rc;

use podarium::diagnostic::Span;
use podarium::manifest::Object;
use podarium::manifest::cluster::{Event, Namespace};
use podarium::manifest::decode::{Decode, Decoder};
use podarium::manifest::meta::ObjectMeta;
use podarium::manifest::node::{Key, Node, Value};
use podarium::manifest::pod::{ContainerState, ContainerStatus, Pod};
use podarium::manifest::workloads::{CronJob, Job};
use podarium::time::{Duration, Instant};
use serde_json::Value as Json;

/// A table of restated upstream tests, or a file of recorded descriptions.
pub fn data(path: &str) -> Json {
    let path = format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn node(json: &Json) -> Node {
    let span = Span::default();
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::Seq(items.iter().map(node).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(name, value)| (Key { span, name: name.clone() }, node(value)))
                .collect(),
        ),
    };
    Node { span, value }
}

/// Decodes any API type from JSON; its times stay at zero.
pub fn decode<T: Decode>(json: &Json) -> T {
    let mut decoder = Decoder::new("v1", "Test");
    let object = T::decode(&node(json), &mut decoder);
    assert_eq!(decoder.diagnostics, [], "{json}");
    object
}

/// A time: `{"rel_s": -10}` is ten seconds before now; a string is RFC 3339 in UTC.
pub fn time(json: &Json, now: Instant) -> Option<Instant> {
    if let Some(seconds) = json.get("rel_s") {
        let millis = (seconds.as_f64().unwrap() * 1_000.0) as i64;
        return Some(now + Duration::from_millis(millis));
    }
    let text = json.as_str()?;
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    // Days since 1970 of a civil date, years counted from March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + number(11..13) * 3_600 + number(14..16) * 60 + number(17..19);
    Some(Instant::from_secs(seconds - Instant::ZERO.unix_seconds()))
}

fn metadata(json: &Json, now: Instant) -> ObjectMeta {
    let mut metadata: ObjectMeta = decode(&json["metadata"]);
    metadata.creation_timestamp = time(&json["metadata"]["creationTimestamp"], now);
    metadata.deletion_timestamp = time(&json["metadata"]["deletionTimestamp"], now);
    metadata
}

fn state_times(state: &mut ContainerState, json: &Json, now: Instant) {
    if let Some(running) = &mut state.running {
        running.started_at = time(&json["running"]["startedAt"], now);
    }
    if let Some(ended) = &mut state.terminated {
        ended.started_at = time(&json["terminated"]["startedAt"], now);
        ended.finished_at = time(&json["terminated"]["finishedAt"], now);
    }
}

fn status_times(statuses: &mut [ContainerStatus], json: &Json, now: Instant) {
    for (index, status) in statuses.iter_mut().enumerate() {
        state_times(&mut status.state, &json[index]["state"], now);
        state_times(&mut status.last_state, &json[index]["lastState"], now);
    }
}

/// A Pod with its times.
pub fn pod(json: &Json, now: Instant) -> Pod {
    let mut pod: Pod = decode(json);
    pod.metadata = metadata(json, now);
    let status = &json["status"];
    pod.status.start_time = time(&status["startTime"], now);
    for (index, condition) in pod.status.conditions.iter_mut().enumerate() {
        let json = &status["conditions"][index];
        condition.last_transition_time = time(&json["lastTransitionTime"], now);
        condition.last_probe_time = time(&json["lastProbeTime"], now);
    }
    status_times(&mut pod.status.container_statuses, &status["containerStatuses"], now);
    status_times(&mut pod.status.init_container_statuses, &status["initContainerStatuses"], now);
    pod
}

/// An Event with its times.
pub fn event(json: &Json, now: Instant) -> Event {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let involved = &json["involvedObject"];
    let series = &json["series"];
    let count = json["count"].as_i64().or_else(|| series["count"].as_i64()).unwrap_or(0);
    let mut metadata = metadata(json, now);
    if metadata.namespace.is_empty() {
        "default".clone_into(&mut metadata.namespace);
    }
    let source = text(&json["source"]["component"]);
    let host = text(&json["source"]["host"]);
    Event {
        metadata,
        involved_kind: text(&involved["kind"]),
        involved_name: text(&involved["name"]),
        involved_uid: text(&involved["uid"]),
        field_path: text(&involved["fieldPath"]),
        kind: text(&json["type"]),
        reason: text(&json["reason"]),
        message: text(&json["message"]),
        source: if source.is_empty() { text(&json["reportingComponent"]) } else { source },
        host: if host.is_empty() { text(&json["reportingInstance"]) } else { host },
        first_timestamp: time(&json["firstTimestamp"], now),
        last_timestamp: time(&json["lastTimestamp"], now)
            .or_else(|| time(&series["lastObservedTime"], now)),
        event_time: time(&json["eventTime"], now),
        count: i32::try_from(count).unwrap(),
    }
}

/// An object of a simulated kind, with its times; `None` for any other kind.
pub fn object(json: &Json, now: Instant) -> Option<Object> {
    macro_rules! plain {
        ($variant:ident) => {{
            let mut object = decode::<podarium_types::$variant>(json);
            object.metadata = metadata(json, now);
            Object::$variant(Rc::new(object))
        }};
    }
    Some(match json["kind"].as_str()? {
        "Pod" => Object::Pod(Rc::new(pod(json, now))),
        "Event" => Object::Event(Rc::new(event(json, now))),
        "Namespace" => Object::Namespace(Rc::new(Namespace {
            metadata: metadata(json, now),
            phase: json["status"]["phase"].as_str().unwrap_or_default().to_owned(),
        })),
        "Deployment" => plain!(Deployment),
        "ReplicaSet" => plain!(ReplicaSet),
        "StatefulSet" => plain!(StatefulSet),
        "DaemonSet" => plain!(DaemonSet),
        "Job" => {
            let mut job = decode::<Job>(json);
            job.metadata = metadata(json, now);
            job.status.start_time = time(&json["status"]["startTime"], now);
            job.status.completion_time = time(&json["status"]["completionTime"], now);
            Object::Job(Rc::new(job))
        }
        "CronJob" => {
            let mut cron_job = decode::<CronJob>(json);
            cron_job.metadata = metadata(json, now);
            cron_job.status.last_schedule_time = time(&json["status"]["lastScheduleTime"], now);
            Object::CronJob(Rc::new(cron_job))
        }
        "Service" => plain!(Service),
        "EndpointSlice" => plain!(EndpointSlice),
        "ConfigMap" => plain!(ConfigMap),
        "Secret" => plain!(Secret),
        "Node" => plain!(Node),
        _ => return None,
    })
}

/// The API types by the names of their variants.
mod podarium_types {
    pub use podarium::manifest::cluster::Node;
    pub use podarium::manifest::service::{EndpointSlice, Service};
    pub use podarium::manifest::volume::{ConfigMap, Secret};
    pub use podarium::manifest::workloads::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
}
