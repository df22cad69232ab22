//! What tells an object from others: its key, its place in the trace, its owner.
//!
//! Owns: [`Key`] and reading an object's metadata. Does not own: the objects (`store`).

use std::rc::Rc;

use crate::manifest::Object;
use crate::manifest::meta::{ObjectMeta, OwnerReference};
use crate::manifest::pod::Pod;
use crate::trace::Subject;

/// Kind, namespace, name: the key of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `Pod`.
    pub kind: String,
    /// Empty for objects of the whole cluster.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Key {
    /// The key of a kind, namespace and name.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The key of an object.
    pub fn of(object: &Object) -> Self {
        let metadata = object.metadata();
        Self::new(object.kind(), &metadata.namespace, &metadata.name)
    }
}

/// The subject of an entry about an object.
pub fn subject_of(object: &Object) -> Subject {
    let metadata = object.metadata();
    Subject {
        kind: object.kind().into(),
        namespace: metadata.namespace.as_str().into(),
        name: metadata.name.as_str().into(),
        uid: metadata.uid.as_str().into(),
        container: None,
    }
}

/// The subject of an entry about a Pod or one of its containers.
pub fn pod_subject(pod: &Pod, container: Option<&str>) -> Subject {
    Subject {
        kind: "Pod".into(),
        namespace: pod.metadata.namespace.as_str().into(),
        name: pod.metadata.name.as_str().into(),
        uid: pod.metadata.uid.as_str().into(),
        container: container.map(Into::into),
    }
}

/// The owner that controls an object.
pub fn controller_of(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().find(|owner| owner.controller)
}

/// Changes the metadata of an object, copying it when it is shared.
pub fn with_metadata(object: &mut Object, change: impl FnOnce(&mut ObjectMeta)) {
    match object {
        Object::Pod(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Deployment(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ReplicaSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::StatefulSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::DaemonSet(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Job(object) => change(&mut Rc::make_mut(object).metadata),
        Object::CronJob(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Service(object) => change(&mut Rc::make_mut(object).metadata),
        Object::EndpointSlice(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ConfigMap(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Secret(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Node(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Namespace(object) => change(&mut Rc::make_mut(object).metadata),
        Object::HorizontalPodAutoscaler(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Event(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PodDisruptionBudget(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PriorityClass(object) => change(&mut Rc::make_mut(object).metadata),
        Object::LimitRange(object) => change(&mut Rc::make_mut(object).metadata),
        Object::ResourceQuota(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PersistentVolumeClaim(object) => change(&mut Rc::make_mut(object).metadata),
        Object::PersistentVolume(object) => change(&mut Rc::make_mut(object).metadata),
        Object::StorageClass(object) => change(&mut Rc::make_mut(object).metadata),
        Object::Unsimulated(object) => change(&mut Rc::make_mut(object).metadata),
    }
}
