//! What must always be true, looked at after every wake-up in debug builds.
//!
//! Does not own: making it true. A violated invariant is a bug of the engine, never of the input.

use std::collections::BTreeSet;

use crate::cluster::World;
use crate::cluster::kubelet::{InstanceState, WorkerState};

/// Panics when an invariant is violated (debug builds only).
pub(super) fn invariants(world: &World<'_>) {
    let mut addresses = BTreeSet::new();
    for node in &world.nodes {
        for (uid, worker) in &node.workers {
            let running = worker
                .instances
                .iter()
                .filter(|instance| matches!(instance.state, InstanceState::Running { .. }));
            let mut names = BTreeSet::new();
            for instance in running {
                assert!(
                    names.insert(instance.name.clone()),
                    "two instances of container {} of {uid} run at once",
                    instance.name
                );
                assert!(
                    worker.state < WorkerState::Terminated,
                    "container {} of {uid} runs after its Pod has ended",
                    instance.name
                );
            }
            if let Some(ip) = worker.sandbox_ip().filter(|_| !worker.pod.spec.host_network) {
                assert!(addresses.insert(ip.to_owned()), "two Pods have the address {ip}");
            }
            assert!(
                worker.state != WorkerState::Finished || worker.sync.is_none(),
                "{uid} is synced after it has finished"
            );
        }
    }
    let workers: usize = world.nodes.iter().map(|node| node.workers.len()).sum();
    assert_eq!(workers, world.worker_nodes.len(), "the index of workers is in step");
    for pod in world.store.pods() {
        let status = &pod.status;
        if status.phase == "Running" {
            assert!(!pod.spec.node_name.is_empty(), "{} runs without a node", pod.metadata.name);
        }
        for container in &status.container_statuses {
            let states = [
                container.state.waiting.is_some(),
                container.state.running.is_some(),
                container.state.terminated.is_some(),
            ];
            let set = states.iter().filter(|set| **set).count();
            assert!(set <= 1, "container {} has {set} states at once", container.name);
            assert!(
                !container.ready || container.state.running.is_some(),
                "container {} is ready and does not run",
                container.name
            );
        }
    }
}
