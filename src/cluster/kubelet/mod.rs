//! The kubelet: one worker a Pod, and what they share.
//!
//! Owns: what the kubelet knows of a Pod ([`PodWorker`]), and hearing of changes from the API
//! server. Files: `pod_worker` the loop, `sync_pod` making it so, `actions` what to do, `container`
//! starting one, `steps` what is under way, `backoff`, `image_puller`, `pleg` noticing,
//! `probe_worker` the probes, `prober`, `probe_handler` and `quiet` asking them, `hooks`, `status`
//! and `phase` telling, `status_manager` when, `termination` the end, `eviction_manager` making
//! room, `node_status` and `outage` the kubelet's own; `observed` asks the decisions among them
//! without a run. Does not own: the kernel (`workload::machine`).

pub mod actions;
pub mod backoff;
pub(crate) mod container;
mod disks;
pub mod dns;
pub mod environment;
pub(crate) mod eviction_manager;
pub(crate) mod hooks;
pub mod image_puller;
mod last_words;
pub(crate) mod node_reads;
pub(crate) mod node_status;
pub mod observed;
mod outage;
pub mod phase;
pub(crate) mod pleg;
pub(crate) mod pod_worker;
pub mod probe_handler;
pub mod probe_worker;
pub mod prober;
mod profiles;
mod quiet;
pub(crate) mod resize;
pub(crate) mod static_pods;
pub mod status;
pub(crate) mod status_manager;
pub(crate) mod steps;
pub(crate) mod sync_pod;
pub(crate) mod termination;
pub(crate) mod volumes;

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::queue::Token;
use crate::manifest::pod::{Pod, PodStatus};
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::{EntryId, Name};
use crate::workload::cri::{ContainerId, SandboxId, VolumeId};

use actions::ToKill;
use backoff::Backoff;
use probe_worker::{ProbeWorker, Results};
use status_manager::Sending;
use steps::Sync;
use termination::Kill;

/// Which of the three things a worker does.
///
/// Models pkg/kubelet/pod_workers.go: SyncPod, SyncTerminatingPod, SyncTerminatedPod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WorkerState {
    /// Make the Pod run as its spec says.
    Syncing,
    /// Stop everything.
    Terminating,
    /// Clean up after everything has stopped.
    Terminated,
    /// Nothing more to do.
    Finished,
}

/// A container as the runtime has it: one instance of one container of the spec.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance {
    pub(crate) name: Name,
    /// Which instance of the container: also its restart count.
    pub(crate) attempt: i32,
    /// The image as it was when the instance was made.
    pub(crate) image: String,
    pub(crate) image_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    /// The sandbox it was made in.
    pub(crate) sandbox: u32,
    pub(crate) state: InstanceState,
    /// The container on the machine; `None` once it was removed there.
    pub(crate) machine_id: Option<ContainerId>,
    /// The entry that started it, and the one that ended it.
    pub(crate) started_entry: Option<EntryId>,
    pub(crate) exit_entry: Option<EntryId>,
    /// The signal that was sent last.
    pub(crate) stop_entry: Option<EntryId>,
    /// The PLEG has seen that it ended.
    pub(crate) noticed: bool,
    /// The signal that asks it to end.
    pub(crate) stop_signal: String,
}

/// The runtime's states of a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InstanceState {
    /// Made, not started.
    Created,
    /// Its first process runs.
    Running {
        /// Since when.
        started: Instant,
    },
    /// Its first process has ended, or never could start.
    Exited(Exit),
}

/// How an instance ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exit {
    pub(crate) code: i32,
    pub(crate) signal: i32,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// `None` when the process never started: the API prints 1970 then.
    pub(crate) started: Option<Instant>,
    pub(crate) finished: Instant,
}

/// A Pod's sandbox as the runtime has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sandbox {
    pub(crate) id: SandboxId,
    pub(crate) attempt: u32,
    pub(crate) ip: String,
    pub(crate) ready: bool,
    /// CNI DEL has taken its interface away.
    pub(crate) detached: bool,
}

/// What the PLEG last saw of a Pod.
///
/// Models pkg/kubelet/container/cache.go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cache {
    pub(crate) instances: Vec<Instance>,
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) at: Instant,
}

/// Why a container waits, as the last sync found.
///
/// Models pkg/kubelet/reason_cache.go: the API shows it one sync later.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WaitingReason {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// What the kubelet knows of one Pod, and what it is doing for it.
#[derive(Debug)]
pub(crate) struct PodWorker {
    /// The Pod as the API server last sent it.
    pub(crate) pod: Rc<Pod>,
    pub(crate) node: usize,
    pub(crate) state: WorkerState,
    /// What the runtime has: the truth.
    pub(crate) instances: Vec<Instance>,
    pub(crate) sandbox: Option<Sandbox>,
    /// What the kubelet believes.
    pub(crate) cache: Cache,
    /// The runtime has changed since the last relist.
    pub(crate) changed: bool,
    /// The sync that is under way.
    pub(crate) sync: Option<Sync>,
    /// The update that the worker has taken and waits with for a newer look of the PLEG.
    pub(crate) in_hand: Option<Option<EntryId>>,
    /// An update that came meanwhile; however many, they are one.
    pub(crate) update: Option<Option<EntryId>>,
    pub(crate) last_sync_end: Option<Instant>,
    /// The last sync changed nothing, and nothing has come up since: another one would be the same
    /// as long as `Store::configs` is so.
    pub(crate) settled: Option<u64>,
    pub(crate) resync: Option<Token>,
    /// Syncs that failed: each has its own luck.
    pub(crate) resyncs: u64,
    /// The object is gone from the API while the kubelet still works (force deletion).
    pub(crate) orphaned: bool,
    /// A static Pod: the API holds its mirror only.
    pub(crate) mirror: bool,
    pub(crate) reasons: Map<Name, WaitingReason>,
    pub(crate) backoff: Backoff<Name>,
    pub(crate) pull_backoff: Backoff<String>,
    /// The runtime's words of the last failed pull, by image.
    pub(crate) pull_error: Map<String, String>,
    /// When the pull that waits for its turn was asked for.
    pub(crate) pull_asked: Option<Instant>,
    /// The status that was last set, and what led to it.
    pub(crate) status: PodStatus,
    pub(crate) status_cause: Option<EntryId>,
    /// A status on its way to the API server.
    pub(crate) sending: Option<Sending>,
    /// The status has changed since: it is sent next.
    pub(crate) unsent: bool,
    /// Volumes by name, once they are mounted.
    pub(crate) volumes: Option<Map<String, VolumeId>>,
    /// The Pod as it was before a resize for which there is no room, and what the node says of it.
    pub(crate) allocated: Option<Rc<Pod>>,
    pub(crate) resize_pending: Option<(&'static str, String)>,
    /// What the kubelet has written into them: paths and contents.
    pub(crate) volume_files: Map<String, Vec<(String, String)>>,
    /// Since when volumes are waited for, and how often a mount has failed.
    pub(crate) mount_began: Option<Instant>,
    pub(crate) mount_tries: u32,
    pub(crate) mount_timer: Option<Token>,
    /// When the kubelet first saw it.
    pub(crate) start_time: Instant,
    /// The Pod was ended by the kubelet for this reason (deadline, eviction).
    pub(crate) ended_for: Option<(&'static str, String)>,
    /// All containers were removed to begin anew, and no regular one has been made since.
    pub(crate) beginning_anew: bool,
    /// The number of the next instance of containers whose instances were all removed.
    pub(crate) attempts: Map<Name, i32>,
    /// It was evicted to make room: the words of its condition DisruptionTarget.
    pub(crate) disrupted: Option<String>,
    /// Seconds of grace that whoever ends the Pod leaves it.
    pub(crate) grace_override: Option<i64>,
    /// Containers that are being stopped, by their number on the machine.
    pub(crate) kills: Map<u32, Kill>,
    /// Containers that a resize restarts at the next sync.
    pub(crate) resize_kills: Vec<ToKill>,
    pub(crate) probes: Vec<ProbeWorker>,
    pub(crate) probes_added: bool,
    pub(crate) results: Results,
}

impl PodWorker {
    fn new(pod: Rc<Pod>, node: usize, now: Instant) -> Self {
        Self {
            status: pod.status.clone(),
            pod,
            node,
            state: WorkerState::Syncing,
            instances: Vec::new(),
            sandbox: None,
            cache: Cache { at: now, ..Cache::default() },
            changed: false,
            sync: None,
            in_hand: None,
            update: None,
            last_sync_end: None,
            settled: None,
            resync: None,
            resyncs: 0,
            orphaned: false,
            mirror: false,
            reasons: Map::new(),
            backoff: Backoff::default(),
            pull_backoff: Backoff::default(),
            pull_error: Map::new(),
            pull_asked: None,
            status_cause: None,
            sending: None,
            unsent: false,
            volumes: None,
            allocated: None,
            resize_pending: None,
            mount_began: None,
            mount_tries: 0,
            mount_timer: None,
            volume_files: Map::new(),
            start_time: now,
            ended_for: None,
            beginning_anew: false,
            attempts: Map::new(),
            disrupted: None,
            grace_override: None,
            kills: Map::new(),
            resize_kills: Vec::new(),
            probes: Vec::new(),
            probes_added: false,
            results: Results::new(),
        }
    }

    /// The address of the Pod, while it has a network.
    pub(crate) fn sandbox_ip(&self) -> Option<&str> {
        self.sandbox.as_ref().filter(|s| s.ready).map(|s| s.ip.as_str())
    }

    /// The sandbox on the machine, while it is ready.
    pub(crate) fn sandbox_id(&self) -> Option<SandboxId> {
        self.sandbox.as_ref().filter(|s| s.ready).map(|s| s.id)
    }

    /// The instance that runs on the machine under this number.
    pub(crate) fn instance_of(&mut self, id: ContainerId) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.machine_id == Some(id))
    }

    /// Seconds of grace that a deletion leaves, or the spec's; at least one.
    ///
    /// Models pod_workers.go calculateEffectiveGracePeriod.
    pub(crate) fn grace(&self) -> Duration {
        let spec = self.pod.spec.grace_period_seconds();
        let seconds = match self.pod.metadata.deletion_grace_period_seconds {
            Some(seconds) if !self.orphaned => seconds.min(spec.max(seconds)),
            Some(_) | None => spec,
        };
        let seconds = self.grace_override.map_or(seconds, |own| own.min(seconds));
        Duration::from_secs(seconds.max(1))
    }
}

/// A node, and a place in its roster.
pub(crate) const fn split(place: u32) -> (usize, u16) {
    ((place >> 16) as usize, place as u16)
}

/// The newest instance of a container.
pub(crate) fn newest<'i>(instances: &'i [Instance], name: &str) -> Option<&'i Instance> {
    instances.iter().rev().find(|instance| &*instance.name == name)
}

impl World<'_> {
    /// The worker of a Pod.
    pub(crate) fn worker(&self, uid: &str) -> Option<&PodWorker> {
        let (node, place) = split(self.worker_nodes.get(uid)?);
        self.nodes.get(node)?.workers.at(place)
    }

    /// The worker of a Pod, to be changed.
    pub(crate) fn worker_mut(&mut self, uid: &str) -> Option<&mut PodWorker> {
        let (node, place) = split(self.worker_nodes.get(uid)?);
        self.nodes.get_mut(node)?.workers.at_mut(place)
    }

    /// A kubelet begins to work for a Pod.
    pub(crate) fn add_worker(&mut self, uid: &str, worker: PodWorker) {
        let node = worker.node;
        let place = self.nodes[node].workers.insert(uid, worker);
        self.worker_nodes.insert(uid, (node as u32) << 16 | u32::from(place));
    }

    /// The Pod as its kubelet knows it.
    pub(crate) fn known_to_kubelet(&self, pod: &Pod) -> Option<&Rc<Pod>> {
        self.worker(&pod.metadata.uid).map(|worker| &worker.pod)
    }

    /// The kubelet hears that a Pod is new, has changed, or is gone.
    ///
    /// Models pkg/kubelet/kubelet.go HandlePodAdditions / Updates / Removes and
    /// pod_workers.go UpdatePod.
    pub(crate) fn kubelet_pod_update(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(pod) = self.store.pod_by_uid(uid).cloned() else {
            return self.kubelet_pod_removed(uid, cause);
        };
        if static_pods::is_mirror(&pod) {
            return self.mirror_changed(&pod, cause);
        }
        if self.worker(uid).is_none() {
            let Some(node) = self.node_index(&pod.spec.node_name) else { return };
            if pod.is_terminal() {
                return;
            }
            if let Some((reason, message)) = self.refusal(node, &pod) {
                return self.reject_pod(node, &pod, reason, &message, cause);
            }
            let worker = PodWorker::new(pod.clone(), node, self.now);
            self.add_worker(uid, worker);
            self.watch_deadline(uid, &pod, cause);
        }
        let Some(worker) = self.worker_mut(uid) else { return };
        let terminating = pod.is_terminating() || pod.is_terminal();
        let before = std::mem::replace(&mut worker.pod, pod);
        if terminating && worker.state == WorkerState::Syncing {
            worker.state = WorkerState::Terminating;
        }
        if worker.state == WorkerState::Finished {
            return self.finished_pod_changed(uid, cause);
        }
        if terminating {
            self.stop_waiting_for_volumes(uid);
        }
        self.resize(uid, &before, cause);
        self.worker_wake(uid, cause);
    }

    /// A Pod that is over for the kubelet was changed: a deletion is confirmed at once.
    fn finished_pod_changed(&mut self, uid: &str, cause: Option<EntryId>) {
        let deleting = self.worker(uid).is_some_and(|worker| worker.pod.is_terminating());
        if deleting && let Some(worker) = self.worker_mut(uid) {
            worker.status_cause = cause;
            self.queue_patch(uid);
        }
    }

    /// The object is gone while the kubelet still has containers: force deletion.
    pub(crate) fn kubelet_pod_removed(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.orphaned = true;
        let node = worker.node;
        match worker.state {
            WorkerState::Syncing => {
                worker.state = WorkerState::Terminating;
                self.stop_waiting_for_volumes(uid);
                self.worker_wake(uid, cause);
            }
            WorkerState::Terminating | WorkerState::Terminated => {}
            // A probe whose answer is still under way is told of when it comes.
            WorkerState::Finished if worker.probes.iter().any(ProbeWorker::waits) => {}
            WorkerState::Finished => self.forget_worker(uid),
        }
        self.retry_resizes(node, cause);
    }

    /// The kubelet has nothing more to do with a Pod.
    pub(crate) fn forget_worker(&mut self, uid: &str) {
        self.rouse(uid);
        let Some(index) = self.worker_nodes.remove(uid) else { return };
        let (index, _) = split(index);
        if let Some(worker) = self.nodes[index].workers.remove(uid) {
            if let Some(token) = worker.resync {
                self.cancel(token);
            }
            self.nodes[index].containers.retain(|_, owner| owner != uid);
        }
    }
}
