//! The nodes at a moment: which Pods stand on each, its images and its manifests.
//!
//! Owns: [`Nodes`], as plain structs and as text. Does not own: what is inside a Pod (`anatomy`),
//! or any sentence (`i18n`).

use std::fmt;

use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::anatomy::{Anatomy, SeatState, anatomy_of};
use crate::view::inside::{Inside, inside, pods_at};

/// Every node, and the Pods that have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// The nodes, in the order of the cluster.
    pub nodes: Vec<NodeBox>,
    /// Pods without a node, each with what the scheduler says.
    pub waiting: Vec<(PodBox, String)>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeBox {
    /// Its name.
    pub name: String,
    /// Its Pods, oldest first.
    pub pods: Vec<PodBox>,
    /// Its images, and how many containers run from each.
    pub images: Vec<(String, usize)>,
    /// Files in the kubelet's folder, each with the Pod that it makes.
    pub manifests: Vec<(String, String)>,
}

/// A Pod as a glass box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodBox {
    /// Its name.
    pub name: String,
    /// STATUS and READY, as kubectl prints them.
    pub status: String,
    /// It is being deleted.
    pub terminating: bool,
    /// Its containers: name, image, how they are.
    pub containers: Vec<(String, String, SeatState)>,
    /// Whether pause is there.
    pub pause: bool,
    /// The address that the API shows.
    pub ip: Option<String>,
}

/// Every node at a moment.
pub fn nodes(trace: &Trace, at: Instant) -> Nodes {
    nodes_of(trace, &inside(trace, at), at)
}

/// Every node at a moment, of what is inside.
pub fn nodes_of(trace: &Trace, all: &Inside, at: Instant) -> Nodes {
    let histories = trace.histories().iter().filter(|history| &*history.kind == "Node");
    let mut nodes: Vec<NodeBox> = histories
        .filter_map(|history| trace.object_at(history, at))
        .filter_map(|object| match object {
            Object::Node(node) => Some(node.metadata.name.clone()),
            _ => None,
        })
        .map(|name| NodeBox { name, pods: Vec::new(), images: Vec::new(), manifests: Vec::new() })
        .collect();
    let mut waiting = Vec::new();
    for pod in pods_at(trace, at) {
        let picture = pod_box(&anatomy_of(&pod, all, at), pod.is_terminating());
        match nodes.iter_mut().find(|node| node.name == pod.spec.node_name) {
            Some(node) => node.pods.push(picture),
            None => waiting.push((picture, why_waiting(&pod))),
        }
    }
    for node in &mut nodes {
        let taken = |image: &str| {
            let all = node.pods.iter().flat_map(|pod| &pod.containers);
            all.filter(|(_, own, state)| own == image && is_taken(state)).count()
        };
        let images = all.images.get(node.name.as_str());
        node.images =
            images.into_iter().flatten().map(|image| (image.to_string(), taken(image))).collect();
        let own = all.pods.values().filter(|inside| *inside.node == *node.name);
        node.manifests = own
            .filter_map(|inside| {
                Some((inside.manifest.as_ref()?.to_string(), inside.name.to_string()))
            })
            .collect();
    }
    Nodes { nodes, waiting }
}

fn is_taken(state: &SeatState) -> bool {
    matches!(state, SeatState::Running | SeatState::Ready | SeatState::Terminating)
}

fn pod_box(anatomy: &Anatomy, terminating: bool) -> PodBox {
    let containers = anatomy.columns.iter().skip(1);
    PodBox {
        name: anatomy.pod.clone(),
        status: anatomy.status.clone(),
        terminating,
        containers: containers
            .map(|column| (column.name.clone(), column.image.clone(), column.state.clone()))
            .collect(),
        pause: anatomy.columns.first().is_some_and(|pause| is_taken(&pause.state)),
        ip: anatomy.published_ip.clone(),
    }
}

/// What the scheduler says of a Pod without a node.
fn why_waiting(pod: &Pod) -> String {
    let condition = pod.status.condition("PodScheduled");
    condition.map(|condition| condition.message.clone()).unwrap_or_default()
}

impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for node in &self.nodes {
            writeln!(f, "node {}", node.name)?;
            for pod in &node.pods {
                write_pod(f, pod)?;
            }
            for (image, users) in &node.images {
                writeln!(f, "  image {image} ×{users}")?;
            }
            for (file, pod) in &node.manifests {
                writeln!(f, "  manifest {file} → {pod}")?;
            }
        }
        for (pod, message) in &self.waiting {
            writeln!(f, "no node yet: {message}")?;
            write_pod(f, pod)?;
        }
        Ok(())
    }
}

fn write_pod(f: &mut fmt::Formatter<'_>, pod: &PodBox) -> fmt::Result {
    let ip = pod.ip.as_deref().unwrap_or("-");
    write!(f, "  pod {} · {} · {ip} ·", pod.name, pod.status)?;
    for (name, _, state) in &pod.containers {
        let sign = match state {
            SeatState::Waiting => "╌",
            SeatState::Running => "▒",
            SeatState::Ready => "█",
            SeatState::Terminating => "▚",
            SeatState::Exited(_) => "▮",
            SeatState::BackOff(_) => "▮····",
        };
        write!(f, " {name} {sign}")?;
    }
    writeln!(f)
}
