//! What a kubelet is in the middle of: the steps of a sync, of a start, of a stop, of a hook.
//!
//! Owns: the plain data. Does not own: taking the steps (`sync_pod`, `container`, `termination`,
//! `hooks`).

use std::collections::VecDeque;

use crate::cluster::kubelet::actions::{Actions, List};
use crate::time::Instant;
use crate::trace::{EntryId, HookKind};
use crate::workload::cri::ContainerId;

/// A sync under way: what is left to do.
#[derive(Debug)]
pub(crate) struct Sync {
    /// What led to the next step.
    pub(crate) cause: Option<EntryId>,
    pub(crate) step: Step,
    pub(crate) outcome: Outcome,
    /// Containers to start: their places in the lists of the spec.
    pub(crate) queue: VecDeque<(usize, List)>,
    /// What the kubelet believed when the sync began.
    pub(crate) actions: Actions,
}

impl Sync {
    pub(crate) fn new(cause: Option<EntryId>, step: Step) -> Self {
        Self {
            cause,
            step,
            outcome: Outcome::default(),
            queue: VecDeque::new(),
            actions: Actions::default(),
        }
    }
}

/// The step of a sync that comes next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Volumes are being mounted.
    Volumes,
    /// Containers that must go are being stopped.
    Killing,
    /// A sandbox is being made.
    Sandbox(SandboxStage),
    /// The next container of the queue.
    NextContainer,
    /// A container is being started.
    Starting { index: usize, list: List, step: StartStep },
    /// Containers of a Pod that ends are being stopped.
    TerminatingContainers,
    /// pause of a Pod that ends is being stopped.
    StoppingPause,
    /// The sandbox of a Pod that ends is being stopped; its network is gone.
    StoppingSandbox,
    /// Volumes of a Pod that has ended are being unmounted.
    Unmounting,
}

/// A stage of RunPodSandbox.
///
/// Models containerd/internal/cri/server/sandbox_run.go: network namespace, CNI, then pause. With
/// dockershim pause came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SandboxStage {
    /// The network namespace is being made.
    Namespace,
    /// CNI ADD is running.
    Network,
    /// pause is being started.
    Pause,
}

/// A step of starting a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StartStep {
    /// Another pull of the node is under way.
    PullQueued,
    /// The image is being pulled.
    Pulling {
        /// When the kubelet asked for it.
        asked: Instant,
        /// When the pull began.
        began: Instant,
    },
    /// The runtime creates the container.
    Creating,
    /// The runtime starts the container.
    Starting {
        /// The container on the machine.
        id: ContainerId,
    },
    /// The process runs; the runtime has not said so yet.
    Started {
        /// The container's number on the machine.
        id: u32,
    },
    /// The postStart hook runs; nothing else of the Pod is started meanwhile.
    PostStart {
        /// The container's number on the machine.
        id: u32,
    },
    /// The postStart hook failed: the container is being stopped.
    PostStartKill {
        /// The container's number on the machine.
        id: u32,
    },
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Something could not be done.
    pub(crate) failed: bool,
    /// When the shortest back-off in the way ends.
    pub(crate) backoff_until: Option<Instant>,
    /// Containers or the sandbox were changed.
    pub(crate) did_something: bool,
    /// The worker goes on to its next state at once.
    pub(crate) next_state: bool,
}

/// How far the stop of a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KillStage {
    /// Its preStop hook runs.
    PreStop,
    /// Other containers must end first.
    Turn,
    /// The runtime was told to stop it.
    Stopping,
    /// The stop signal was sent; SIGKILL comes when the grace period is over.
    Signalled,
}

/// A hook and the container it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HookOf {
    pub(crate) uid: String,
    pub(crate) container: u32,
    pub(crate) kind: HookKind,
}

/// Who waits for a command that was run inside a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExecOwner {
    /// `kubectl exec`: your terminal.
    You(EntryId),
    /// A probe.
    Probe { uid: String, index: usize },
    /// A hook.
    Hook(HookOf),
}
