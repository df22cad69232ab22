//! A trace as rows of JSON, one for each change that a watching kubectl would have seen.
//!
//! Owns: [`Row`], [`rows`] and their JSON. These are the rows in which recordings of real clusters
//! are kept, so that one can be held against the other. Does not own: what the rows mean for a
//! person (`kubectl`, `timeline`).

use crate::manifest::Object;
use crate::manifest::autoscaling::HorizontalPodAutoscaler;
use crate::manifest::cluster::Event;
use crate::manifest::json::push_text;
use crate::manifest::pod::Pod;
use crate::manifest::service::EndpointSlice;
use crate::manifest::workloads::{Deployment, Job, JobCondition};
use crate::map::index::Index;
use crate::time::Instant;
use crate::trace::{Change, Trace, Verb};
use crate::view::kubectl::pod_row::print_pod;

/// Something that changed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: Instant,
    /// What is so from now on.
    pub what: What,
}

/// What a row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A row of `kubectl get pods -w`.
    Pod {
        /// Name.
        name: String,
        /// READY.
        ready: String,
        /// STATUS.
        status: String,
        /// RESTARTS, the number.
        restarts: i32,
    },
    /// A Pod is gone.
    PodDeleted {
        /// Name.
        name: String,
    },
    /// An Event was written, or written again with a higher count.
    Event {
        /// `Pod/p`.
        object: String,
        /// `Normal` or `Warning`.
        kind: String,
        /// Reason.
        reason: String,
        /// Message.
        message: String,
        /// `spec.containers{app}`, or nothing.
        field: String,
        /// Component.
        from: String,
        /// How often so far.
        count: i32,
    },
    /// The endpoints of a slice.
    Endpoints {
        /// Name of the slice.
        name: String,
        /// Its endpoints.
        endpoints: Vec<EndpointRow>,
    },
    /// The numbers of a Deployment.
    Deployment {
        /// Name.
        name: String,
        /// What is asked for.
        desired: i32,
        /// `status.replicas`.
        replicas: i32,
        /// `status.updatedReplicas`.
        updated: i32,
        /// `status.readyReplicas`.
        ready: i32,
        /// `status.availableReplicas`.
        available: i32,
    },
    /// The numbers of a Job.
    Job {
        /// Name.
        name: String,
        /// `status.active`.
        active: i32,
        /// `status.succeeded`.
        succeeded: i32,
        /// `status.failed`.
        failed: i32,
        /// Its conditions: type, and status with the reason.
        conditions: Vec<String>,
    },
    /// The numbers and conditions of a HorizontalPodAutoscaler.
    HorizontalPodAutoscaler {
        /// Name.
        name: String,
        /// `status.currentReplicas`; nothing before the first look.
        current: Option<i32>,
        /// `status.desiredReplicas`.
        desired: i32,
        /// Type, and status with reason: `True:ReadyForNewScale`.
        conditions: Vec<(String, String)>,
    },
}

/// One endpoint of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRow {
    /// Name of the Pod.
    pub pod: String,
    /// It gets requests.
    pub ready: bool,
    /// Its Pod is Ready.
    pub serving: bool,
    /// Its Pod is being deleted.
    pub terminating: bool,
}

/// Every row of a trace, in the order of time; a row only where something it shows changed.
pub fn rows(trace: &Trace) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // The last row of each object.
    let mut before = Index::default();
    for entry in trace.entries() {
        let Change::Stored { verb, object } = &entry.change else { continue };
        let deleted = *verb == Verb::Deleted;
        let what = match object {
            Object::Pod(pod) if deleted => What::PodDeleted { name: pod.metadata.name.clone() },
            Object::Pod(pod) => pod_row(pod, entry.at),
            Object::HorizontalPodAutoscaler(autoscaler) if !deleted => autoscaler_row(autoscaler),
            // An Event that expires is no news.
            Object::Event(event) if !deleted => event_row(event),
            Object::EndpointSlice(slice) => endpoints_row(slice, deleted),
            Object::Deployment(deployment) if !deleted => deployment_row(deployment),
            Object::Job(job) if !deleted => job_row(job),
            Object::Job(_)
            | Object::Event(_)
            | Object::HorizontalPodAutoscaler(_)
            | Object::Deployment(_)
            | Object::ReplicaSet(_)
            | Object::StatefulSet(_)
            | Object::DaemonSet(_)
            | Object::CronJob(_)
            | Object::Service(_)
            | Object::ConfigMap(_)
            | Object::Secret(_)
            | Object::Node(_)
            | Object::Namespace(_)
            | Object::PodDisruptionBudget(_)
            | Object::PriorityClass(_)
            | Object::LimitRange(_)
            | Object::ResourceQuota(_)
            | Object::PersistentVolumeClaim(_)
            | Object::PersistentVolume(_)
            | Object::StorageClass(_)
            | Object::Unsimulated(_) => continue,
        };
        let uid = object.metadata().uid.as_str();
        let known = before.get(uid).and_then(|place| rows.get(place as usize));
        if known.is_none_or(|row| row.what != what) {
            before.insert(uid, rows.len() as u32);
            rows.push(Row { at: entry.at, what });
        }
    }
    rows
}

fn pod_row(pod: &Pod, at: Instant) -> What {
    let row = print_pod(pod, at);
    What::Pod { ready: row.ready(), name: row.name, status: row.status, restarts: row.restarts }
}

fn event_row(event: &Event) -> What {
    What::Event {
        object: format!("{}/{}", event.involved_kind, event.involved_name),
        kind: event.kind.clone(),
        reason: event.reason.clone(),
        message: event.message.clone(),
        field: event.field_path.clone(),
        from: event.source.clone(),
        // Events written through events.k8s.io leave the count out while they are single.
        count: event.count.max(1),
    }
}

fn endpoints_row(slice: &EndpointSlice, deleted: bool) -> What {
    let listed = if deleted { &[] } else { slice.endpoints.as_slice() };
    let endpoints = listed
        .iter()
        .map(|endpoint| EndpointRow {
            pod: endpoint.target_ref.rsplit('/').next().unwrap_or_default().to_owned(),
            ready: endpoint.conditions.ready,
            serving: endpoint.conditions.serving,
            terminating: endpoint.conditions.terminating,
        })
        .collect();
    What::Endpoints { name: slice.metadata.name.clone(), endpoints }
}

fn deployment_row(deployment: &Deployment) -> What {
    let status = &deployment.status;
    What::Deployment {
        name: deployment.metadata.name.clone(),
        desired: deployment.spec.replicas.unwrap_or(1),
        replicas: status.replicas,
        updated: status.updated_replicas,
        ready: status.ready_replicas,
        available: status.available_replicas,
    }
}

fn job_row(job: &Job) -> What {
    let status = &job.status;
    let condition = |c: &JobCondition| format!("{}={}:{}", c.kind, c.status, c.reason);
    What::Job {
        name: job.metadata.name.clone(),
        active: status.active,
        succeeded: status.succeeded,
        failed: status.failed,
        conditions: status.conditions.iter().map(condition).collect(),
    }
}

fn autoscaler_row(autoscaler: &HorizontalPodAutoscaler) -> What {
    let status = &autoscaler.status;
    What::HorizontalPodAutoscaler {
        name: autoscaler.metadata.name.clone(),
        current: (!status.conditions.is_empty()).then_some(status.current_replicas),
        desired: status.desired_replicas,
        conditions: status
            .conditions
            .iter()
            .map(|own| (own.kind.clone(), format!("{}:{}", own.status, own.reason)))
            .collect(),
    }
}

impl Row {
    /// The row as one line of JSON, without the line's end.
    pub fn json(&self) -> String {
        let mut json = Json::new(self.at);
        match &self.what {
            What::Pod { name, ready, status, restarts } => json
                .text("kind", "pod")
                .text("name", name)
                .text("ready", ready)
                .text("status", status)
                .number("restarts", *restarts),
            What::PodDeleted { name } => {
                json.text("kind", "pod").text("name", name).raw("deleted", "true")
            }
            What::Event { object, kind, reason, message, field, from, count } => json
                .text("kind", "event")
                .text("object", object)
                .text("type", kind)
                .text("reason", reason)
                .text("message", message)
                .text("field", field)
                .text("from", from)
                .number("count", *count),
            What::Endpoints { name, endpoints } => {
                let list: Vec<String> = endpoints.iter().map(EndpointRow::json).collect();
                json.text("kind", "endpoints")
                    .text("name", name)
                    .raw("endpoints", &format!("[{}]", list.join(",")))
            }
            What::Deployment { name, desired, replicas, updated, ready, available } => json
                .text("kind", "deployment")
                .text("name", name)
                .number("desired", *desired)
                .number("replicas", *replicas)
                .number("updated", *updated)
                .number("ready", *ready)
                .number("available", *available),
            What::Job { name, active, succeeded, failed, conditions } => {
                let mut list = String::new();
                for (index, condition) in conditions.iter().enumerate() {
                    if index > 0 {
                        list.push(',');
                    }
                    push_text(&mut list, condition);
                }
                json.text("kind", "job")
                    .text("name", name)
                    .number("active", *active)
                    .number("succeeded", *succeeded)
                    .number("failed", *failed)
                    .raw("conditions", &format!("[{list}]"))
            }
            What::HorizontalPodAutoscaler { name, current, desired, conditions } => {
                let mut list = String::from("{");
                for (kind, word) in conditions {
                    if list.len() > 1 {
                        list.push(',');
                    }
                    push_text(&mut list, kind);
                    list.push(':');
                    push_text(&mut list, word);
                }
                list.push('}');
                let current = current.map_or_else(|| "null".to_owned(), |now| now.to_string());
                json.text("kind", "hpa")
                    .text("name", name)
                    .raw("current", &current)
                    .number("desired", *desired)
                    .raw("conditions", &list)
            }
        };
        json.0.push('}');
        json.0
    }
}

impl EndpointRow {
    fn json(&self) -> String {
        let mut pod = String::new();
        push_text(&mut pod, &self.pod);
        format!(
            r#"{{"pod":{pod},"ready":{},"serving":{},"terminating":{}}}"#,
            self.ready, self.serving, self.terminating
        )
    }
}

/// A JSON object that is being written: flat, every key known.
struct Json(String);

impl Json {
    fn new(at: Instant) -> Self {
        let millis = at.as_micros() / 1_000;
        Self(format!("{{\"t\":{}.{:03}", millis / 1_000, millis % 1_000))
    }

    fn raw(&mut self, key: &str, value: &str) -> &mut Self {
        self.0.push_str(",\"");
        self.0.push_str(key);
        self.0.push_str("\":");
        self.0.push_str(value);
        self
    }

    fn number(&mut self, key: &str, value: i32) -> &mut Self {
        self.raw(key, &value.to_string())
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.raw(key, "");
        push_text(&mut self.0, value);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::manifest::meta::ObjectMeta;
    use crate::rule::Rule;
    use crate::trace::{Actor, Entry, Subject};

    fn store(trace: &mut Trace, millis: i64, verb: Verb, object: Object) {
        trace.push(Entry {
            at: Instant::from_micros(millis * 1_000),
            actor: Actor::ApiServer,
            subject: Subject {
                kind: object.kind().into(),
                namespace: "default".into(),
                name: object.metadata().name.as_str().into(),
                uid: object.metadata().uid.as_str().into(),
                container: None,
            },
            change: Change::Stored { verb, object },
            cause: None,
            rule: Rule::ObjectStored,
        });
    }

    fn meta(name: &str) -> ObjectMeta {
        ObjectMeta { name: name.to_owned(), uid: format!("uid-{name}"), ..ObjectMeta::default() }
    }

    #[test]
    fn a_row_only_where_something_changed() {
        let mut pod = Pod { metadata: meta("p"), ..Pod::default() };
        pod.spec.containers.push(crate::manifest::pod::Container::default());
        "Pending".clone_into(&mut pod.status.phase);
        let mut trace = Trace::new(Instant::from_secs(60));
        store(&mut trace, 0, Verb::Created, Object::Pod(Rc::new(pod.clone())));
        "node1".clone_into(&mut pod.spec.node_name);
        store(&mut trace, 10, Verb::Updated, Object::Pod(Rc::new(pod.clone())));
        pod.metadata.deletion_timestamp = Some(Instant::from_secs(42));
        store(&mut trace, 12_345, Verb::Updated, Object::Pod(Rc::new(pod.clone())));
        store(&mut trace, 13_000, Verb::Deleted, Object::Pod(Rc::new(pod)));
        let event = Event {
            metadata: meta("p.1"),
            involved_kind: "Pod".to_owned(),
            involved_name: "p".to_owned(),
            kind: "Normal".to_owned(),
            reason: "Scheduled".to_owned(),
            message: "a \"b\"\n\u{1}".to_owned(),
            source: "default-scheduler".to_owned(),
            ..Event::default()
        };
        store(&mut trace, 13_000, Verb::Created, Object::Event(Rc::new(event)));
        let lines: Vec<String> = rows(&trace).iter().map(Row::json).collect();
        assert_eq!(
            lines,
            [
                r#"{"t":0.000,"kind":"pod","name":"p","ready":"0/1","status":"Pending","restarts":0}"#,
                r#"{"t":12.345,"kind":"pod","name":"p","ready":"0/1","status":"Terminating","restarts":0}"#,
                r#"{"t":13.000,"kind":"pod","name":"p","deleted":true}"#,
                r#"{"t":13.000,"kind":"event","object":"Pod/p","type":"Normal","reason":"Scheduled","message":"a \"b\"\n\u0001","field":"","from":"default-scheduler","count":1}"#,
            ]
        );
        for line in lines {
            serde_json::from_str::<serde_json::Value>(&line).unwrap();
        }
    }
}
