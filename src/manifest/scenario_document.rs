//! The Scenario document: our own, optional, at most one in a text.
//!
//! Owns: its fields and how durations, versions and rates are written in it. Does not own: what
//! they mean (`scenario`, `workload`).

use crate::diagnostic::{Diagnostic, Finding, Hint, Message, Severity, Span};
use crate::manifest::LoadedScenario;
use crate::manifest::curve::{CpuCurve, RateCurve};
use crate::manifest::decode::{Decode, Decoder, api_object};
use crate::manifest::node::{Node, Value};
use crate::manifest::quantity::Quantity;
use crate::manifest::schema::nearest;
use crate::map::{Map, Set};
use crate::time::Duration;
use crate::version::KubeVersion;

/// apiVersion of the Scenario document.
pub const API_VERSION: &str = "podarium.dev/v1";

api_object! {
    /// ScenarioSpec: what happens to the manifests, where, and how long.
    ScenarioSpec {
        "title" title: Map<String, String>,
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
        "labels" labels: Map<String, String>,
        "taints" taints: Vec<crate::manifest::cluster::Taint>,
        "capacity" capacity: Map<String, Quantity>,
        "images" images: Vec<String>,
        "profiles" profiles: Vec<String>,
        "proxySync" proxy_sync: Option<Duration>,
        "staticPods" static_pods: Map<String, String>,
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
        "private" private: bool,
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

/// What SIGTERM does: `ignore`, or drain and exit.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct OnTermSpec {
    /// Nothing at all happens.
    pub ignore: bool,
    /// How long it takes until the process ends.
    pub drain: Option<Duration>,
    /// How it ends.
    pub exit_code: i32,
}

impl crate::manifest::encode::Encode for OnTermSpec {
    fn encode(&self) -> crate::manifest::encode::Tree {
        use crate::manifest::encode::Tree;
        match (self.ignore, self.drain) {
            (true, _) => Tree::text("ignore"),
            (false, drain) => {
                Tree::map([("drain", drain.encode()), ("exitCode", self.exit_code.encode())])
            }
        }
    }
}

/// `onTerm: ignore` or `onTerm: {drain: 4s, exitCode: 0}`.
impl Decode for OnTermSpec {
    const GO_TYPE: &'static str = "OnTermSpec";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let mut spec = Self::default();
        if let Some(word) = node.as_str() {
            spec.ignore = word == "ignore";
            if !spec.ignore {
                let value = word.to_owned();
                let expected = "ignore, {drain: 4s, exitCode: 0}";
                decoder.find(node.span, Finding::BadScenarioValue { value, expected }, None);
            }
            return spec;
        }
        decoder.object(node, Self::GO_TYPE, &mut |key, value, decoder| match key.name.as_str() {
            "ignore" => spec.ignore = bool::decode(value, decoder),
            "drain" => spec.drain = Option::decode(value, decoder),
            "exitCode" => spec.exit_code = i32::decode(value, decoder),
            _ => decoder.unread(key.span, &["ignore", "drain", "exitCode"]),
        });
        spec
    }
}

api_object! {
    /// CPU that the process uses: always, for each request, and at first while it starts.
    CpuSpec {
        "idle" idle: Option<Quantity>,
        "perRequest" per_request: Option<Duration>,
        "startup" startup: Option<Quantity>,
        "startupFor" startup_for: Option<Duration>,
    }
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
        "rps" rps: RateCurve,
        "path" path: Option<String>,
        "timeout" timeout: Option<Duration>,
        "cpu" cpu: CpuCurve,
        "capPerPod" cap_per_pod: Option<Quantity>,
        "memoryPerPod" memory_per_pod: Option<Quantity>,
        "bottleneck" bottleneck: Option<BottleneckSpec>,
    }
}

api_object! {
    /// Something behind the Pods that does not scale with them.
    BottleneckSpec { "name" name: String, "capacityRps" capacity_rps: Option<Quantity> }
}

api_object! {
    /// metrics-server. It is there unless `installed` says no.
    MetricsSpec {
        "installed" installed: Option<bool>,
        "interval" interval: Option<Duration>,
        "idle" idle: Option<Quantity>,
        "scrapesAt" scrapes_at: Vec<Duration>,
        "custom" custom: Vec<CustomMetricSpec>,
    }
}

api_object! {
    /// A metric that applications or others tell: custom and external metrics APIs.
    CustomMetricSpec { "name" name: String, "values" values: Vec<MetricPoint> }
}

api_object! {
    /// The value of a metric from a time on.
    MetricPoint { "at" at: Duration, "value" value: Quantity }
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

/// Durations are written as Go writes them, `1m30s`; `0` needs no unit.
impl Decode for Duration {
    const GO_TYPE: &'static str = "Duration";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let written = match &node.value {
            Value::Null => return Self::ZERO,
            Value::String(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Seq(_) => "[…]".to_owned(),
            Value::Map(_) => "{…}".to_owned(),
        };
        Self::parse(&written).filter(|duration| *duration >= Self::ZERO).unwrap_or_else(|| {
            let number =
                !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let finding =
                Finding::BadScenarioValue { value: written, expected: "1m30s, 10s, 500ms" };
            decoder.find(node.span, finding, number.then_some(Hint::GiveAUnit));
            Self::ZERO
        })
    }
}

/// Reads a Scenario document; what cannot be read is left at its default and reported.
pub fn read(root: &Node, text: &str) -> (LoadedScenario, Vec<Diagnostic>) {
    let mut decoder = Decoder::new(API_VERSION, "Scenario");
    let mut scenario = LoadedScenario::default();
    let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
    scenario.name = name.and_then(Node::as_str).unwrap_or_default().to_owned();
    if let Some(spec) = root.get("spec") {
        let spec = with_version_as_text(spec, text);
        decoder.within("spec".to_owned(), |decoder| {
            scenario.spec = ScenarioSpec::decode(&spec, decoder);
            check_version(&spec, &scenario.spec.kubernetes_version, decoder);
            check_nodes(&spec, decoder);
        });
    }
    if let Some(version) = root.get("apiVersion")
        && version.as_str() != Some(API_VERSION)
    {
        let value = version.as_str().unwrap_or_default().to_owned();
        decoder.find(
            version.span,
            Finding::BadScenarioValue { value, expected: API_VERSION },
            Some(Hint::DidYouMean(API_VERSION.to_owned())),
        );
    }
    for (key, _) in root.entries() {
        if !matches!(key.name.as_str(), "apiVersion" | "kind" | "metadata" | "spec") {
            decoder.unread(key.span, &["metadata", "spec"]);
            if let Some(unread) = decoder.unread.last_mut() {
                unread.field.clone_from(&key.name);
            }
        }
    }
    let unread = std::mem::take(&mut decoder.unread);
    let mut diagnostics: Vec<Diagnostic> =
        decoder.diagnostics.into_iter().map(|found| in_our_words(found, text)).collect();
    for unread in unread {
        let name = unread.field.rsplit('.').next().unwrap_or_default();
        let hint = match nearest(name, unread.known.iter().copied()) {
            Some(meant) => Hint::DidYouMean(meant.to_owned()),
            None => Hint::OneOf(unread.known.iter().map(|name| (*name).to_owned()).collect()),
        };
        diagnostics.push(Diagnostic {
            severity: Severity::Rejected,
            span: unread.span,
            field: unread.field.clone(),
            message: Message::Ours(Finding::UnknownScenarioField(unread.field)),
            hint: Some(hint),
        });
    }
    (scenario, diagnostics)
}

/// `kubernetesVersion: 1.30` is a number for YAML; its text is what was meant.
fn with_version_as_text(spec: &Node, text: &str) -> Node {
    let mut spec = spec.clone();
    if let Value::Map(entries) = &mut spec.value
        && let Some((_, node)) = entries.iter_mut().find(|(key, _)| key.name == "kubernetesVersion")
        && matches!(node.value, Value::Float(_) | Value::Int(_))
    {
        node.value = Value::String(slice(text, node.span));
    }
    spec
}

fn check_version(spec: &Node, version: &str, decoder: &mut Decoder) {
    if version.is_empty() || KubeVersion::parse(version).is_some() {
        return;
    }
    let value = version.to_owned();
    let span = spec.get("kubernetesVersion").map_or(spec.span, |node| node.span);
    // The oldest and the newest release of `version.rs`.
    let expected = "1.20, …, 1.36";
    decoder.within("kubernetesVersion".to_owned(), |decoder| {
        decoder.find(span, Finding::BadScenarioValue { value, expected }, None);
    });
}

/// Every machine has a name of its own.
fn check_nodes(spec: &Node, decoder: &mut Decoder) {
    let nodes = spec.get("cluster").and_then(|cluster| cluster.get("nodes"));
    let Some(Value::Seq(nodes)) = nodes.map(|nodes| &nodes.value) else { return };
    let mut names = Set::new();
    for (index, node) in nodes.iter().enumerate() {
        let name = node.get("name");
        let value = name.and_then(Node::as_str).unwrap_or_default().to_owned();
        if !value.is_empty() && names.insert(value.clone()) {
            continue;
        }
        let span = name.map_or(node.span, |name| name.span);
        decoder.within(format!("cluster.nodes[{index}].name"), |decoder| {
            let expected = "node1, node2, …";
            decoder.find(span, Finding::BadScenarioValue { value, expected }, None);
        });
    }
}

fn slice(text: &str, span: Span) -> String {
    text.get(span.start..span.end).unwrap_or_default().to_owned()
}

/// A wrong type, said without Go's names.
fn in_our_words(found: Diagnostic, text: &str) -> Diagnostic {
    let words = match &found.message {
        Message::Kubernetes(words) => words,
        Message::Ours(_) => return found,
    };
    let go_type = words.rsplit(' ').next().unwrap_or_default();
    let expected = match go_type {
        "string" => "\"…\"",
        "bool" => "true, false",
        "int32" | "int64" => "1, 2, 3, …",
        list if list.starts_with("[]") => "[…]",
        map if map.starts_with("map") || map.starts_with("v1.") => "{…: …}",
        _ => "100m, 64Mi, 2",
    };
    let written = slice(text, found.span);
    let value = written.lines().next().unwrap_or_default().to_owned();
    let hint = (go_type == "string").then(|| Hint::QuoteIt(value.clone()));
    Diagnostic {
        message: Message::Ours(Finding::BadScenarioValue { value, expected }),
        hint,
        ..found
    }
}
