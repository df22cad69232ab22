//! `kubectl top`: what Pods and nodes use, as metrics-server last saw it.
//!
//! Models kubectl/pkg/cmd/top and metricsutil/metrics_printer.go. Does not own: the numbers
//! (`cluster::metrics`).

use std::rc::Rc;

use crate::cluster::metrics::{Meter, NODE_IDLE, PodSample, Usage, milli};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::quantity::Quantity;
use crate::manifest::selector;
use crate::time::{Duration, Instant};
use crate::trace::{Change, State, Trace, Verb};
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::table::{GET, align};

/// A Pod younger than this may lack metrics (`metricsCreationDelay`).
const CREATION_DELAY: Duration = Duration::from_secs(120);
/// Bytes in a mebibyte.
const MEBIBYTE: i64 = 1 << 20;

/// Runs `kubectl top`.
pub fn run(state: &State<'_>, trace: &Trace, flags: &Flags) -> Output {
    let meter = Meter::new(trace.metering());
    let what = flags.words.first().map(String::as_str);
    let is_pods = matches!(what, Some("pod" | "pods" | "po"));
    let is_nodes = matches!(what, Some("node" | "nodes" | "no"));
    if !is_pods && !is_nodes {
        return Output::error(
            "error: unknown command; kubectl top pod and kubectl top node".to_owned(),
        );
    }
    if !meter.is_installed() {
        return Output::error("error: Metrics API not available".to_owned());
    }
    let samples = samples(trace, &meter, state.at);
    if is_pods { pods(state, flags, &samples) } else { nodes(state, flags, &samples) }
}

/// What metrics-server knows at a moment: how the Pods came to be so decides.
fn samples(trace: &Trace, meter: &Meter, at: Instant) -> Vec<PodSample> {
    let mut usage = Usage::default();
    for entry in trace.entries().iter().take_while(|entry| entry.at <= at) {
        match &entry.change {
            Change::Stored { verb, object: Object::Pod(pod) } => {
                usage.observe(meter, pod, *verb == Verb::Deleted, entry.at);
            }
            Change::Stored { object: Object::Service(service), .. } => {
                let metadata = &service.metadata;
                let selector = &service.spec.selector;
                usage.observe_service(&metadata.namespace, &metadata.name, selector);
            }
            _ => {}
        }
    }
    meter.samples(&usage, at)
}

fn pods(state: &State<'_>, flags: &Flags, samples: &[PodSample]) -> Output {
    let name = flags.words.get(1);
    let wanted = match flags.selector.as_deref().map(selector::parse).transpose() {
        Ok(wanted) => wanted.unwrap_or_default(),
        Err(error) => return Output::error(error),
    };
    let chosen: Vec<&Rc<Pod>> = state
        .pods()
        .filter(|pod| flags.all_namespaces || pod.metadata.namespace == flags.namespace())
        .filter(|pod| name.is_none_or(|name| pod.metadata.name == *name))
        .filter(|pod| wanted.matches(&pod.metadata.labels))
        .collect();
    let found: Vec<&PodSample> = samples
        .iter()
        .filter(|sample| {
            chosen.iter().any(|pod| {
                pod.metadata.name == sample.name && pod.metadata.namespace == sample.namespace
            })
        })
        .collect();
    if found.is_empty() {
        return nothing(state, flags, &chosen, name);
    }
    let mut text = String::new();
    if !flags.no_headers {
        if flags.all_namespaces {
            text.push_str("NAMESPACE\t");
        }
        text.push_str(if flags.containers { "POD\tNAME\t" } else { "NAME\t" });
        text.push_str("CPU(cores)\tMEMORY(bytes)\t\n");
    }
    for sample in found {
        let namespace =
            if flags.all_namespaces { format!("{}\t", sample.namespace) } else { String::new() };
        if flags.containers {
            for own in &sample.containers {
                let (cpu, memory) = (milli(own.cpu_nanos), own.memory / MEBIBYTE);
                let pod = &sample.name;
                let container = &own.name;
                text.push_str(&format!("{namespace}{pod}\t{container}\t{cpu}m\t{memory}Mi\t\n"));
            }
        } else {
            let cpu: i128 = sample.containers.iter().map(|own| own.cpu_nanos).sum();
            let (cpu, memory) = (milli(cpu), sample.memory() / MEBIBYTE);
            text.push_str(&format!("{namespace}{}\t{cpu}m\t{memory}Mi\t\n", sample.name));
        }
    }
    Output::ok(align(&text, GET))
}

/// Models verifyEmptyMetrics of top_pod.go.
fn nothing(state: &State<'_>, flags: &Flags, pods: &[&Rc<Pod>], name: Option<&String>) -> Output {
    if let (Some(name), true) = (name, pods.is_empty()) {
        return Output::error(format!("Error from server (NotFound): pods \"{name}\" not found"));
    }
    if let Some(name) = name {
        let namespace = flags.namespace();
        return Output::error(format!(
            "Error from server (NotFound): podmetrics.metrics.k8s.io \"{namespace}/{name}\" not \
             found"
        ));
    }
    if pods.is_empty() {
        return Output::notice(if flags.all_namespaces {
            "No resources found".to_owned()
        } else {
            format!("No resources found in {} namespace.", flags.namespace())
        });
    }
    for pod in pods {
        let created = pod.metadata.creation_timestamp.unwrap_or(state.at);
        let age = state.at.since(created);
        if age > CREATION_DELAY {
            return Output::error(format!(
                "error: Metrics not available for pod {}/{}, age: {}",
                pod.metadata.namespace,
                pod.metadata.name,
                age.go()
            ));
        }
    }
    Output::error("error: metrics not available yet".to_owned())
}

fn nodes(state: &State<'_>, flags: &Flags, samples: &[PodSample]) -> Output {
    let name = flags.words.get(1);
    let mut text = String::new();
    if !flags.no_headers {
        text.push_str("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n");
    }
    let mut nodes: Vec<_> = state
        .objects
        .iter()
        .filter_map(|object| match object {
            Object::Node(node) if name.is_none_or(|name| node.metadata.name == *name) => Some(node),
            _ => None,
        })
        .collect();
    crate::order::sort_by(&mut nodes, |a, b| a.metadata.name.cmp(&b.metadata.name));
    if let (Some(name), true) = (name, nodes.is_empty()) {
        return Output::error(format!("Error from server (NotFound): nodes \"{name}\" not found"));
    }
    for node in nodes {
        let own = samples.iter().filter(|sample| sample.node == node.metadata.name);
        let (mut cpu, mut memory) = NODE_IDLE;
        for sample in own {
            cpu += sample.cpu_milli();
            memory += sample.memory();
        }
        let of = |used: i64, all: i64| {
            if all > 0 { format!("{}%", used * 100 / all) } else { "<unknown>".to_owned() }
        };
        let allocatable = &node.status.allocatable;
        let cores = allocatable.get("cpu").map_or(0, Quantity::milli_value);
        let bytes = allocatable.get("memory").map_or(0, Quantity::value);
        text.push_str(&format!(
            "{}\t{cpu}m\t{}\t{}Mi\t{}\t\n",
            node.metadata.name,
            of(cpu, cores),
            memory / MEBIBYTE,
            of(memory, bytes)
        ));
    }
    Output::ok(align(&text, GET))
}
