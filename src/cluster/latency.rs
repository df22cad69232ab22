//! How long things take on a quiet machine, measured.
//!
//! Owns: the named latencies between one component's act and the next one's, as ranges of which
//! chance picks. Medians are those recorded on a Kubernetes 1.36.2 node at load 0.5 (14 Pods with
//! one container, 8 with two); ranges cover the minimum to about the 90th percentile. Does not own:
//! periods and back-offs, which are Kubernetes' own constants and stand beside their code.

use crate::time::Duration;

/// A range of durations: the shortest and the longest.
pub type Range = (Duration, Duration);

const fn millis(low: i64, high: i64) -> Range {
    (Duration::from_millis(low), Duration::from_millis(high))
}

/// A command is typed until the API server hears of it: kubectl starts, reads its configuration,
/// and asks what there is. 50 | 90 | 260 ms in 84 recorded commands.
pub const KUBECTL: Range = millis(50, 350);
/// An unscheduled Pod is seen by the scheduler and bound: 4 | 6 | 18 ms after it was stored.
pub const SCHEDULE: Range = millis(4, 10);
/// One Pod after the other: the shortest time between two of the scheduler's decisions.
pub const SCHEDULING_CYCLE: Duration = Duration::from_millis(2);
/// A bound Pod reaches the kubelet, which starts its first sync: 10 to 20 ms.
pub const KUBELET_WATCH: Range = millis(5, 10);
/// A status that was set reaches the API server.
pub const STATUS_PATCH: Range = millis(5, 12);
/// A kubelet has started on a machine until its kube-proxy has listed all Services. Invented: the
/// sandbox and the container of one Pod whose image is there, and a second to read everything.
pub const PROXY_START: Range = millis(2_000, 4_000);
/// A change of a Pod's object reaches a controller's work queue.
pub const CONTROLLER_WATCH: Range = millis(3, 9);
/// WaitForAttachAndMount polls every 300 ms; mounts of a token are ready at its first poll.
///
/// Models pkg/kubelet/volumemanager/volume_manager.go podAttachAndMountRetryInterval.
pub const VOLUME_POLL: Duration = Duration::from_millis(300);
/// RunPodSandbox until the network namespace exists.
pub const SANDBOX_NAMESPACE: Range = millis(8, 15);
/// CNI ADD: most often near the lower end, seldom near the upper one ([`Random::tailed`]).
///
/// [`Random::tailed`]: crate::cluster::random::Random::tailed
pub const SANDBOX_NETWORK: Range = millis(35, 535);
/// pause is created and started; the sandbox is ready. From the kubelet's first status until then
/// 0.40 | 0.50 s, a tenth of all longer than 0.9 s: Pods that begin together do not end together.
pub const SANDBOX_PAUSE: Range = millis(40, 60);
/// The image is known to be there until the container is created: 17 | 40 | 157 ms.
pub const CREATE_CONTAINER: Range = millis(15, 60);
/// The container is created until its process runs; with the next one 61 | 72 | 90 ms.
pub const START_CONTAINER: Range = millis(45, 70);
/// The process runs until StartContainer has returned and the Started event is written: 15 ms.
pub const STARTED: Range = millis(11, 18);
/// SyncPod's end until the on-demand relist has refreshed the Pod in the cache.
pub const ON_DEMAND_RELIST: Range = millis(4, 9);
/// A command is asked for until it runs in the container (exec probes answer within 14 ms).
pub const EXEC: Range = millis(9, 14);
/// The kubelet decides to stop a container until the runtime sends the signal: nginx has ended 8 ms
/// after its Killing event.
pub const STOP_CONTAINER: Range = millis(2, 4);
/// A process has ended until the runtime says so: the shim's event, and containerd's handling of
/// it.
///
/// Derived: a container that exits at once is still seen running by the relist right after its
/// start (in every recording of one), and the final status follows the last exit by 0.10 to 0.18 s.
pub const EXIT_SEEN: Range = millis(25, 60);
/// All containers have ended until CNI DEL has taken the Pod's interface away: StopContainer
/// returns, then pause is killed. Derived: StopPodSandbox as a whole takes 60 to 140 ms, and pause
/// needs half of it to start.
pub const STOP_PAUSE: Range = millis(35, 60);
/// The interface is gone until StopPodSandbox has returned.
pub const STOP_NETWORK: Range = millis(35, 60);
/// All containers have ended until the reconciler has unmounted the Pod's volumes: it looks every
/// 100 ms, and does not wait for the worker.
///
/// Models pkg/kubelet/volumemanager/reconciler. From the final status until the object is gone:
/// 0.11 | 0.44 | 0.87 s in 75 recorded deletions, which is the wait for a relist and little more.
pub const UNMOUNT: Range = millis(20, 130);
/// A worker that finds volumes still mounted looks again after this.
///
/// Models pkg/kubelet/volumemanager/volume_manager.go podAttachAndMountRetryInterval, with which
/// WaitForUnmount polls.
pub const UNMOUNT_POLL: Duration = Duration::from_millis(300);
/// cgroups and the Pod's directory are removed.
///
/// Models kubelet.go SyncTerminatedPod.
pub const CLEAN_UP: Range = millis(8, 30);
/// The registry says that it does not have an image.
pub const REGISTRY_REFUSAL: Range = millis(60, 110);
/// A change of a slice reaches kube-proxy. Invented: as long as a change takes to a kubelet.
pub const PROXY_WATCH: Range = millis(5, 15);
/// kube-proxy writes a node's rules. Invented: what iptables-restore or nft needs for some hundred
/// rules; the scenario can say more (`proxySync`).
pub const PROXY_SYNC: Range = millis(20, 60);
/// An autoscaler's look takes this long, which the next one waits for: 15.007 to 15.012 s apart.
pub const AUTOSCALER_SYNC: Range = millis(5, 12);
