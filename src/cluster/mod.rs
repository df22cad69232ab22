//! The discrete-event engine: runs a scenario in virtual time and writes the trace.

use crate::scenario::Scenario;
use crate::time::Instant;
use crate::trace::Trace;

/// A Kubernetes cluster in virtual time.
#[derive(Debug)]
pub struct Cluster;

impl Cluster {
    /// Runs a scenario to its horizon. A pure function; never fails.
    pub fn run(scenario: &Scenario) -> Trace {
        Trace::new(Instant::ZERO + scenario.duration)
    }
}
