//! Objects that describe the cluster itself: Node, Namespace, Event.

use crate::manifest::decode::{always_present, api_object};
use crate::manifest::meta::{Labels, ObjectMeta};
use crate::manifest::quantity::Quantity;
use crate::map::Map;
use crate::time::Instant;

api_object! {
    /// Node: a machine.
    Node {
        "metadata" metadata: ObjectMeta,
        "spec" spec: NodeSpec,
        "status" status: NodeStatus,
    }
}

api_object! {
    /// NodeSpec: whether Pods may come.
    NodeSpec { "unschedulable" unschedulable: bool, "taints" taints: Vec<Taint> }
}

api_object! {
    /// Taint: what a Pod must tolerate to come or stay.
    Taint {
        "key" key: String,
        "value" value: String,
        "effect" effect: String,
        "timeAdded" time_added: Option<Instant>,
    }
}

api_object! {
    /// NodeStatus: what the machine has.
    NodeStatus {
        "capacity" capacity: Map<String, Quantity>,
        "allocatable" allocatable: Map<String, Quantity>,
        "internalIP" internal_ip: String,
        "conditions" conditions: Vec<NodeCondition>,
    }
}

api_object! {
    /// NodeCondition: one answer about the machine.
    NodeCondition {
        "type" kind: String,
        "status" status: String,
        "lastHeartbeatTime" last_heartbeat_time: Option<Instant>,
        "lastTransitionTime" last_transition_time: Option<Instant>,
        "reason" reason: String,
        "message" message: String,
    }
}

impl NodeStatus {
    /// Whether a condition is `True`.
    pub fn is_true(&self, kind: &str) -> bool {
        self.conditions.iter().any(|c| c.kind == kind && c.status == "True")
    }

    /// Whether the node is Ready.
    pub fn ready(&self) -> bool {
        self.is_true("Ready")
    }
}

api_object! {
    /// Namespace: a part of the cluster's names.
    Namespace { "metadata" metadata: ObjectMeta, "phase" phase: String }
}

always_present!(NodeSpec, NodeStatus);

/// Event: what a component says about an object.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Event {
    /// Name (`p.18a3…`) and namespace.
    pub metadata: ObjectMeta,
    /// Kind of the object it is about.
    pub involved_kind: String,
    /// Name of the object it is about.
    pub involved_name: String,
    /// UID of the object it is about.
    pub involved_uid: String,
    /// `spec.containers{app}`, or nothing.
    pub field_path: String,
    /// `Normal` or `Warning`.
    pub kind: String,
    /// CamelCase word.
    pub reason: String,
    /// The sentence.
    pub message: String,
    /// Component that says so (`kubelet`).
    pub source: String,
    /// Node of the component, for the kubelet.
    pub host: String,
    /// First time, whole second; nothing for events.k8s.io events such as Scheduled.
    pub first_timestamp: Option<Instant>,
    /// Last time.
    pub last_timestamp: Option<Instant>,
    /// Set instead of the two above by components that use events.k8s.io.
    pub event_time: Option<Instant>,
    /// How often.
    pub count: i32,
}

/// An object of a kind that is accepted and not simulated.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Unsimulated {
    /// `networking.k8s.io/v1`.
    pub api_version: String,
    /// `Ingress`.
    pub kind: String,
    /// Name and labels.
    pub metadata: ObjectMeta,
    /// Unused labels of the kind, kept for printing.
    pub labels: Labels,
}
