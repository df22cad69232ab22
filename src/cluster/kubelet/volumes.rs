//! Waiting for volumes: what a missing ConfigMap or Secret does to a Pod.
//!
//! Models pkg/kubelet/volumemanager (WaitForAttachAndMount) and the retries of
//! pkg/volume/util/nestedpendingoperations. Does not own: what is in a volume (`environment`).

use crate::cluster::events::Say;
use crate::cluster::key::Key;
use crate::cluster::kubelet::WorkerState;
use crate::cluster::kubelet::steps::Outcome;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::volume::{KeyToPath, Volume};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId};

/// The first wait after a mount that failed, and the longest (exponentialbackoff.go).
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(122));
/// How long one sync waits for its volumes (podAttachAndMountTimeout, 2 min 3 s).
const WAIT_MAX: Duration = Duration::from_secs(123);

impl World<'_> {
    /// Whether every volume can be mounted. If not, says so and looks again later.
    pub(crate) fn volumes_can_be_mounted(&mut self, uid: &str) -> bool {
        let now = self.now;
        let Some(worker) = self.worker(uid) else { return false };
        let pod = worker.pod.clone();
        let node = worker.node;
        if let Some(worker) = self.worker_mut(uid) {
            worker.mount_timer = None;
        }
        let Some(worker) = self.worker(uid) else { return false };
        if worker.state != WorkerState::Syncing {
            // Deleted meanwhile: the wait is cancelled, and the Pod is stopped.
            self.sync_end(uid, Outcome { failed: true, ..Outcome::default() });
            return false;
        }
        let missing = self.missing_source(&pod).or_else(|| self.wrong_host_path(node, &pod));
        let Some((volume, why)) = missing else { return true };
        let Some(worker) = self.worker_mut(uid) else { return false };
        let began = *worker.mount_began.get_or_insert(now);
        worker.mount_tries += 1;
        let tries = worker.mount_tries;
        let host = self.nodes[node].name.clone();
        let message = format!("MountVolume.SetUp failed for volume \"{volume}\" : {why}");
        let entry = self.decided(uid, None, &message, Rule::FailedMount);
        self.say_of_mount(&host, &pod, message, entry);
        if now.since(began) >= WAIT_MAX {
            let message = format!(
                "Unable to attach or mount volumes: unmounted volumes=[{volume}], unattached \
                 volumes=[], failed to process volumes=[]: context deadline exceeded"
            );
            self.say_of_mount(&host, &pod, message, entry);
            if let Some(worker) = self.worker_mut(uid) {
                worker.mount_began = None;
            }
            self.sync_end(uid, Outcome { failed: true, ..Outcome::default() });
            return false;
        }
        let wait = (RETRY.0 * (1_i64 << (tries - 1).min(8))).min(RETRY.1);
        let token = self.wake_after(wait, Wake::Worker { uid: uid.to_owned() }, None);
        if let Some(worker) = self.worker_mut(uid) {
            worker.mount_timer = Some(token);
        }
        false
    }

    /// A Pod that is deleted does not wait for its volumes any longer.
    ///
    /// Models pod_workers.go: going to terminate cancels the context of the sync under way.
    pub(crate) fn stop_waiting_for_volumes(&mut self, uid: &str) {
        let token = self.worker_mut(uid).and_then(|worker| worker.mount_timer.take());
        if let Some(token) = token {
            self.cancel(token);
            self.worker_step(uid);
        }
    }

    fn say_of_mount(&mut self, host: &str, pod: &Pod, message: String, cause: Option<EntryId>) {
        let about = Object::Pod(std::rc::Rc::new(pod.clone()));
        let field_path = String::new();
        let say = Say { kind: "Warning", reason: "FailedMount", message, field_path };
        self.say(Actor::Kubelet, host, &about, say, cause);
    }

    /// The first volume whose ConfigMap or Secret, or a key of it, does not exist.
    fn missing_source(&self, pod: &Pod) -> Option<(String, String)> {
        pod.spec
            .volumes
            .iter()
            .find_map(|volume| Some((volume.name.clone(), self.missing_in(pod, volume)?)))
    }

    /// The first hostPath that is not what it should be.
    fn wrong_host_path(&mut self, node: usize, pod: &Pod) -> Option<(String, String)> {
        pod.spec.volumes.iter().find_map(|volume| {
            let why = self.check_host_path(node, volume.host_path.as_ref()?).err()?;
            Some((volume.name.clone(), why))
        })
    }

    fn missing_in(&self, pod: &Pod, volume: &Volume) -> Option<String> {
        let mut sources: Vec<(&str, &str, &[KeyToPath], bool)> = Vec::new();
        if let Some(source) = &volume.config_map {
            let optional = source.optional == Some(true);
            sources.push(("ConfigMap", &source.name, &source.items, optional));
        }
        if let Some(source) = &volume.secret {
            let optional = source.optional == Some(true);
            sources.push(("Secret", &source.secret_name, &source.items, optional));
        }
        for source in volume.projected.iter().flat_map(|projected| &projected.sources) {
            for (kind, reference) in [("ConfigMap", &source.config_map), ("Secret", &source.secret)]
            {
                if let Some(reference) = reference {
                    let optional = reference.optional == Some(true);
                    sources.push((kind, &reference.name, &reference.items, optional));
                }
            }
        }
        sources.into_iter().find_map(|(kind, name, items, optional)| {
            // The root certificate is in every namespace; a controller puts it there.
            if optional || name == "kube-root-ca.crt" {
                return None;
            }
            let lower = kind.to_lowercase();
            let keys: Vec<&String> =
                match self.store.get(&Key::new(kind, &pod.metadata.namespace, name)) {
                    Some(Object::ConfigMap(map)) => {
                        map.data.keys().chain(map.binary_data.keys()).collect()
                    }
                    Some(Object::Secret(secret)) => {
                        secret.data.keys().chain(secret.string_data.keys()).collect()
                    }
                    _ => return Some(format!("{lower} \"{name}\" not found")),
                };
            items.iter().find(|item| !keys.contains(&&item.key)).map(|item| match kind {
                "Secret" => format!("references non-existent secret key: {}", item.key),
                _ => format!("configmap references non-existent config key: {}", item.key),
            })
        })
    }
}
