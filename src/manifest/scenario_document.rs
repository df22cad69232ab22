//! The Scenario document: our own, optional, at most one in a text.
//!
//! Owns: its fields and how durations, versions and rates are written in it. Does not own: what
//! they mean (`scenario`, `workload`).

use std::collections::BTreeMap;

use crate::manifest::decode::{Decode, Decoder, api_object};
use crate::manifest::node::Node;
use crate::manifest::quantity::Quantity;
use crate::time::Duration;

/// apiVersion of the Scenario document.
pub const API_VERSION: &str = "podarium.dev/v1";

api_object! {
    /// ScenarioSpec: what happens to the manifests, where, and how long.
    ScenarioSpec {
        "title" title: BTreeMap<String, String>,
        "kubernetesVersion" kubernetes_version: String,
        "seed" seed: Option<i64>,
        "duration" duration: Option<Duration>,
        "cluster" cluster: ClusterSpec,
        "images" images: Vec<ImageSpec>,
        "load" load: Vec<LoadSpec>,
        "metrics" metrics: Option<MetricsSpec>,
        "metricsOutages" metrics_outages: Vec<OutageSpec>,
        "actions" actions: Vec<ActionSpec>,
    }
}

api_object! {
    /// The machines, and the registry they pull from.
    ClusterSpec { "nodes" nodes: Vec<NodeSpec>, "registry" registry: Option<RegistrySpec> }
}

api_object! {
    /// The way to the registry.
    RegistrySpec { "bandwidth" bandwidth: Option<Quantity>, "latency" latency: Option<Duration> }
}

api_object! {
    /// One machine.
    NodeSpec {
        "name" name: String,
        "labels" labels: BTreeMap<String, String>,
        "taints" taints: Vec<crate::manifest::cluster::Taint>,
        "capacity" capacity: BTreeMap<String, Quantity>,
        "images" images: Vec<String>,
        "staticPods" static_pods: BTreeMap<String, String>,
    }
}

api_object! {
    /// What an image is, and what its process does.
    ImageSpec {
        "name" name: String,
        "size" size: Option<Quantity>,
        "listen" listen: Vec<ListenSpec>,
        "http" http: Vec<HttpSpec>,
        "onTerm" on_term: Option<OnTermSpec>,
        "cpu" cpu: Option<CpuSpec>,
        "memory" memory: Option<MemorySpec>,
        "exit" exit: Option<ExitSpec>,
        "missing" missing: bool,
    }
}

api_object! {
    /// A port that opens some time after the start.
    ListenSpec { "port" port: i32, "after" after: Option<Duration> }
}

api_object! {
    /// What a path answers, and when.
    HttpSpec {
        "path" path: String,
        "status" status: i32,
        "from" from: Option<Duration>,
        "until" until: Option<Duration>,
        "latency" latency: Option<Duration>,
        "location" location: Option<String>,
    }
}

api_object! {
    /// What SIGTERM does: `ignore`, or drain and exit.
    OnTermSpec {
        "ignore" ignore: bool,
        "drain" drain: Option<Duration>,
        "exitCode" exit_code: i32,
    }
}

api_object! {
    /// CPU that the process uses.
    CpuSpec { "idle" idle: Option<Quantity>, "perRequest" per_request: Option<Duration> }
}

api_object! {
    /// Memory that the process uses.
    MemorySpec { "idle" idle: Option<Quantity>, "perMinute" per_minute: Option<Quantity> }
}

api_object! {
    /// The process ends by itself.
    ExitSpec { "after" after: Option<Duration>, "code" code: i32 }
}

api_object! {
    /// Load on a Service, or CPU demand on a Deployment.
    LoadSpec {
        "service" service: Option<String>,
        "deployment" deployment: Option<String>,
        "rps" rps: Vec<RatePoint>,
        "cpu" cpu: Vec<CpuPoint>,
        "capPerPod" cap_per_pod: Option<Quantity>,
        "memoryPerPod" memory_per_pod: Option<Quantity>,
        "bottleneck" bottleneck: Option<BottleneckSpec>,
    }
}

api_object! {
    /// Requests per second from a time on.
    RatePoint { "at" at: Duration, "rate" rate: Quantity }
}

api_object! {
    /// CPU demand from a time on.
    CpuPoint { "at" at: Duration, "total" total: Quantity }
}

api_object! {
    /// Something behind the Pods that does not scale with them.
    BottleneckSpec { "name" name: String, "capacityRps" capacity_rps: Option<Quantity> }
}

api_object! {
    /// metrics-server.
    MetricsSpec {
        "interval" interval: Option<Duration>,
        "idle" idle: Option<Quantity>,
        "scrapesAt" scrapes_at: Vec<Duration>,
    }
}

api_object! {
    /// metrics-server answers nothing.
    OutageSpec { "from" from: Duration, "until" until: Duration }
}

api_object! {
    /// A command at a time; on a node when one is named.
    ActionSpec { "at" at: Duration, "run" run: String, "node" node: Option<String> }
}

crate::manifest::decode::always_present!(ClusterSpec, Duration, Quantity);

/// Durations are written as Go writes them, `1m30s`.
impl Decode for Duration {
    const GO_TYPE: &'static str = "Duration";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let _ = (node, decoder);
        todo!("manifest owner: report Finding::BadScenarioValue with Hint::GiveAUnit")
    }
}

impl serde::Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.go())
    }
}
