//! What is simulated: manifests, actions, load, version, seed, cluster. And the gallery.
//!
//! Owns: [`Scenario`] and reading one from text. Not: the grammar of the text (`manifest`).

use crate::diagnostic::Diagnostic;
use crate::manifest::scenario_document::{ImageSpec, LoadSpec, MetricsSpec, NodeSpec, OutageSpec};
use crate::manifest::{Loaded, Object};
use crate::time::{Duration, Instant};
use crate::version::KubeVersion;

/// All that a trace depends on.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Name, from the Scenario document.
    pub name: String,
    /// Titles by language.
    pub titles: std::collections::BTreeMap<String, String>,
    /// Applied at time zero, in this order.
    pub objects: Vec<Object>,
    /// What is done later, in the order of time.
    pub actions: Vec<Action>,
    /// The Kubernetes release.
    pub version: KubeVersion,
    /// The source of all chance.
    pub seed: u64,
    /// How long it is simulated.
    pub duration: Duration,
    /// The machines; at least one.
    pub nodes: Vec<NodeSpec>,
    /// Bytes per second from the registry.
    pub registry_bandwidth: i64,
    /// Time until the registry's first byte.
    pub registry_latency: Duration,
    /// Images described in the Scenario document.
    pub images: Vec<ImageSpec>,
    /// Load.
    pub load: Vec<LoadSpec>,
    /// metrics-server.
    pub metrics: Option<MetricsSpec>,
    /// When metrics-server answers nothing.
    pub metrics_outages: Vec<OutageSpec>,
}

/// Something done at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// When.
    pub at: Instant,
    /// The command line.
    pub run: String,
    /// On this node instead of where kubectl is.
    pub node: Option<String>,
}

impl Scenario {
    /// Reads a text: manifests and at most one Scenario document. Never fails.
    pub fn from_text(text: &str) -> (Self, Vec<Diagnostic>) {
        let mut loaded = crate::manifest::load(text);
        let diagnostics = std::mem::take(&mut loaded.diagnostics);
        (Self::from_loaded(loaded), diagnostics)
    }

    /// Makes a scenario of a loaded text.
    pub fn from_loaded(loaded: Loaded) -> Self {
        Self { objects: loaded.objects, duration: Duration::from_secs(600), ..Self::default() }
    }
}
