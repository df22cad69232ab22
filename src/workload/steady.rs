//! What a server will go on to answer: as now, until something happens in its Pod.
//!
//! Owns: whether an answer depends on nothing but what stands in the Pod ([`Machine::steady`]), and
//! in which containers something has happened. Does not own: the answers (`server`).

use crate::workload::cri::{Answer, ContainerId, SandboxId};
use crate::workload::kernel::process::Open;
use crate::workload::machine::{Machine, PROBE_CLIENT};

/// An answer that stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steady {
    /// It.
    pub answer: Answer,
    /// What the server writes into the container's log about each request: before the time, and
    /// after it.
    pub line: Option<(String, String)>,
}

impl Machine {
    /// What a port answers to a probe from now on; `None` when that may change by itself, or when
    /// asking leaves other traces than a line of the log.
    pub fn steady(&self, sandbox: SandboxId, port: u16, path: Option<&str>) -> Option<Steady> {
        let kernel = &self.kernel;
        let network = kernel.sandboxes.get(&sandbox)?.network;
        let pid = *kernel.networks.get(&network)?.listeners.get(&port)?;
        let process = kernel.processes.get(&pid)?;
        if process.stopped || process.zombie.is_some() {
            return None;
        }
        let program = process.program.as_ref()?;
        let Some(path) = path else {
            return Some(Steady { answer: Answer::Connected, line: None });
        };
        let (answer, line) = program.steady(kernel, pid, path, PROBE_CLIENT)?;
        if line.is_some() {
            let file = process.fds.get(&1)?;
            let Open::Log(id, _) = kernel.files.get(file)?.open else { return None };
            if Some(id) != process.container {
                return None;
            }
        }
        Some(Steady { answer, line })
    }

    /// The containers in which something has happened since this was last asked.
    pub fn stirred(&mut self) -> Vec<ContainerId> {
        std::mem::take(&mut self.kernel.stirred)
    }
}
