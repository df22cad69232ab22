//! What a kubelet says of its node, and whether there is one to say it.
//!
//! Owns: the conditions as a kubelet reports them. Does not own: what the control plane makes of
//! its silence (`controllers::node_lifecycle`).

use crate::manifest::cluster::NodeCondition;
use crate::time::Instant;

/// Which conditions of pressure a node has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Under {
    pub(crate) memory: bool,
    pub(crate) disk: bool,
}

/// Whether a machine and its kubelet are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Both are.
    On,
    /// Containers run on without a kubelet.
    KubeletStopped,
    /// Nothing runs.
    Off,
}

/// The conditions that a kubelet reports.
///
/// Models pkg/kubelet/nodestatus/setters.go.
pub(crate) fn kubelet_conditions(now: Instant, under: Under) -> Vec<NodeCondition> {
    let memory = match under.memory {
        true => {
            ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        }
        false => ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    };
    let disk = match under.disk {
        true => ("True", "KubeletHasDiskPressure", "kubelet has disk pressure"),
        false => ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    };
    [
        ("MemoryPressure", memory),
        ("DiskPressure", disk),
        (
            "PIDPressure",
            ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ),
        ("Ready", ("True", "KubeletReady", "kubelet is posting ready status")),
    ]
    .into_iter()
    .map(|(kind, (status, reason, message))| NodeCondition {
        kind: kind.to_owned(),
        status: status.to_owned(),
        last_heartbeat_time: Some(now),
        last_transition_time: Some(now),
        reason: reason.to_owned(),
        message: message.to_owned(),
    })
    .collect()
}
