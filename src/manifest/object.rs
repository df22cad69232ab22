//! An object of any kind as a tree of plain values.
//!
//! Owns: the tree, without kind and version. Does not own: the trees of the kinds (their own
//! structs), or what kubectl adds and leaves out (`view::kubectl::document`, `last_applied`).

use crate::manifest::Object;
use crate::manifest::encode::{Encode, Tree};

impl Encode for Object {
    fn encode(&self) -> Tree {
        match self {
            Self::Pod(object) => object.encode(),
            Self::Deployment(object) => object.encode(),
            Self::ReplicaSet(object) => object.encode(),
            Self::StatefulSet(object) => object.encode(),
            Self::DaemonSet(object) => object.encode(),
            Self::Job(object) => object.encode(),
            Self::CronJob(object) => object.encode(),
            Self::Service(object) => object.encode(),
            Self::EndpointSlice(object) => object.encode(),
            Self::ConfigMap(object) => object.encode(),
            Self::Secret(object) => object.encode(),
            Self::Node(object) => object.encode(),
            Self::HorizontalPodAutoscaler(object) => object.encode(),
            Self::Namespace(namespace) => Tree::map([
                ("metadata", namespace.metadata.encode()),
                ("status", Tree::map([("phase", namespace.phase.encode())])),
            ]),
            Self::Event(event) => Tree::map([
                ("count", event.count.encode()),
                ("eventTime", event.event_time.encode()),
                ("firstTimestamp", event.first_timestamp.encode()),
                (
                    "involvedObject",
                    Tree::map([
                        ("fieldPath", event.field_path.encode()),
                        ("kind", event.involved_kind.encode()),
                        ("name", event.involved_name.encode()),
                        ("namespace", event.metadata.namespace.encode()),
                        ("uid", event.involved_uid.encode()),
                    ]),
                ),
                ("lastTimestamp", event.last_timestamp.encode()),
                ("message", event.message.encode()),
                ("metadata", event.metadata.encode()),
                ("reason", event.reason.encode()),
                ("reportingComponent", event.source.encode()),
                ("reportingInstance", event.host.encode()),
                (
                    "source",
                    Tree::map([
                        ("component", event.source.encode()),
                        ("host", event.host.encode()),
                    ]),
                ),
                ("type", event.kind.encode()),
            ]),
            Self::PodDisruptionBudget(object) => object.encode(),
            Self::PriorityClass(object) => object.encode(),
            Self::LimitRange(object) => object.encode(),
            Self::ResourceQuota(object) => object.encode(),
            Self::PersistentVolumeClaim(object) => object.encode(),
            Self::PersistentVolume(object) => object.encode(),
            Self::StorageClass(object) => object.encode(),
            Self::Unsimulated(other) => Tree::map([("metadata", other.metadata.encode())]),
        }
    }
}
