//! YAML text → typed objects and diagnostics; never fails.
//!
//! Owns: reading text (`parse`), the API's types, defaults, and what the API server refuses, in
//! its own words. Does not own: anything that happens to objects afterwards.

pub mod apply;
pub mod autoscaling;
pub mod base64;
pub mod cluster;
pub mod curve;
pub mod decode;
pub mod defaults;
mod diff;
pub mod encode;
mod internal;
pub mod json;
pub mod kinds;
pub mod last_applied;
mod legacy;
mod load;
pub mod meta;
mod newer;
pub mod node;
mod object;
pub mod parse;
pub mod place;
pub mod pod;
pub mod policy;
pub mod probe;
pub mod qos;
pub mod quantity;
pub mod scalar;
pub mod scenario_document;
pub mod schedule;
pub mod schema;
mod schema_table;
pub mod selector;
pub mod service;
pub mod shared;
pub mod storage;
pub mod time_zone;
mod typed;
pub mod validate;
pub mod volume;
pub mod workloads;

use std::rc::Rc;

pub use load::{load, load_as};
use meta::ObjectMeta;

/// A typed object of the API. Snapshots share it: objects are never changed, only replaced.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Object {
    /// core/v1 Pod.
    Pod(Rc<pod::Pod>),
    /// apps/v1 Deployment.
    Deployment(Rc<workloads::Deployment>),
    /// apps/v1 ReplicaSet.
    ReplicaSet(Rc<workloads::ReplicaSet>),
    /// apps/v1 StatefulSet.
    StatefulSet(Rc<workloads::StatefulSet>),
    /// apps/v1 DaemonSet.
    DaemonSet(Rc<workloads::DaemonSet>),
    /// batch/v1 Job.
    Job(Rc<workloads::Job>),
    /// batch/v1 CronJob.
    CronJob(Rc<workloads::CronJob>),
    /// core/v1 Service.
    Service(Rc<service::Service>),
    /// discovery.k8s.io/v1 EndpointSlice.
    EndpointSlice(Rc<service::EndpointSlice>),
    /// core/v1 ConfigMap.
    ConfigMap(Rc<volume::ConfigMap>),
    /// core/v1 Secret.
    Secret(Rc<volume::Secret>),
    /// core/v1 Node.
    Node(Rc<cluster::Node>),
    /// core/v1 Namespace.
    Namespace(Rc<cluster::Namespace>),
    /// autoscaling/v2 HorizontalPodAutoscaler.
    HorizontalPodAutoscaler(Rc<autoscaling::HorizontalPodAutoscaler>),
    /// core/v1 Event.
    Event(Rc<cluster::Event>),
    /// policy/v1 PodDisruptionBudget.
    PodDisruptionBudget(Rc<policy::PodDisruptionBudget>),
    /// scheduling.k8s.io/v1 PriorityClass.
    PriorityClass(Rc<policy::PriorityClass>),
    /// core/v1 LimitRange.
    LimitRange(Rc<policy::LimitRange>),
    /// core/v1 ResourceQuota.
    ResourceQuota(Rc<policy::ResourceQuota>),
    /// core/v1 PersistentVolumeClaim.
    PersistentVolumeClaim(Rc<storage::PersistentVolumeClaim>),
    /// core/v1 PersistentVolume.
    PersistentVolume(Rc<storage::PersistentVolume>),
    /// storage.k8s.io/v1 StorageClass.
    StorageClass(Rc<storage::StorageClass>),
    /// Any other kind: accepted, shown, not simulated.
    Unsimulated(Rc<cluster::Unsimulated>),
}

impl Object {
    /// The kind, `Pod`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Pod(_) => "Pod",
            Self::Deployment(_) => "Deployment",
            Self::ReplicaSet(set) => set.type_meta().1,
            Self::StatefulSet(_) => "StatefulSet",
            Self::DaemonSet(_) => "DaemonSet",
            Self::Job(_) => "Job",
            Self::CronJob(_) => "CronJob",
            Self::Service(_) => "Service",
            Self::EndpointSlice(_) => "EndpointSlice",
            Self::ConfigMap(_) => "ConfigMap",
            Self::Secret(_) => "Secret",
            Self::Node(_) => "Node",
            Self::Namespace(_) => "Namespace",
            Self::HorizontalPodAutoscaler(_) => "HorizontalPodAutoscaler",
            Self::Event(_) => "Event",
            Self::PodDisruptionBudget(_) => "PodDisruptionBudget",
            Self::PriorityClass(_) => "PriorityClass",
            Self::LimitRange(_) => "LimitRange",
            Self::ResourceQuota(_) => "ResourceQuota",
            Self::PersistentVolumeClaim(_) => "PersistentVolumeClaim",
            Self::PersistentVolume(_) => "PersistentVolume",
            Self::StorageClass(_) => "StorageClass",
            Self::Unsimulated(object) => &object.kind,
        }
    }

    /// The metadata.
    pub fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Pod(object) => &object.metadata,
            Self::Deployment(object) => &object.metadata,
            Self::ReplicaSet(object) => &object.metadata,
            Self::StatefulSet(object) => &object.metadata,
            Self::DaemonSet(object) => &object.metadata,
            Self::Job(object) => &object.metadata,
            Self::CronJob(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
            Self::EndpointSlice(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::Secret(object) => &object.metadata,
            Self::Node(object) => &object.metadata,
            Self::Namespace(object) => &object.metadata,
            Self::HorizontalPodAutoscaler(object) => &object.metadata,
            Self::Event(object) => &object.metadata,
            Self::PodDisruptionBudget(object) => &object.metadata,
            Self::PriorityClass(object) => &object.metadata,
            Self::LimitRange(object) => &object.metadata,
            Self::ResourceQuota(object) => &object.metadata,
            Self::PersistentVolumeClaim(object) => &object.metadata,
            Self::PersistentVolume(object) => &object.metadata,
            Self::StorageClass(object) => &object.metadata,
            Self::Unsimulated(object) => &object.metadata,
        }
    }
}

/// What became of a text.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The objects in the order of the text, with the API server's defaults. Only those that the
    /// API server accepts.
    pub objects: Vec<Object>,
    /// The Scenario document, if there is one.
    pub scenario: Option<LoadedScenario>,
    /// Everything there is to say about the text, in its order.
    pub diagnostics: Vec<crate::diagnostic::Diagnostic>,
    /// What `kubectl apply` says about each object of the text, in its order.
    pub applied: Vec<apply::Applied>,
    /// Defaults that nobody wrote, with the place of the object that lacks them.
    pub defaults: Vec<AppliedDefault>,
}

/// A Scenario document and its name.
#[derive(Clone, Debug, Default)]
pub struct LoadedScenario {
    /// `metadata.name`.
    pub name: String,
    /// `spec`.
    pub spec: scenario_document::ScenarioSpec,
}

/// A field that the API server filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedDefault {
    /// Where the object stands that lacks it.
    pub span: crate::diagnostic::Span,
    /// The field: `spec.containers[0].imagePullPolicy`.
    pub field: String,
    /// The value as YAML.
    pub value: String,
}
