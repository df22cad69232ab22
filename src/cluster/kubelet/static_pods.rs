//! Static Pods: manifests in a node's own folder, and their mirrors in the API.
//!
//! Models pkg/kubelet/config/file.go and common.go, pkg/kubelet/pod/mirror_client.go, and the part
//! of pod_workers.go that lets a new Pod of the same name wait for the old one. Does not own:
//! running them, which is as for any other Pod.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::cluster::key::{Key, pod_subject};
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::kubelet::{PodWorker, WorkerState, backoff};
use crate::cluster::{Wake, World};
use crate::digest::Digest;
use crate::manifest::last_applied::LAST_APPLIED;
use crate::manifest::meta::OwnerReference;
use crate::manifest::pod::{MIRROR, Pod, PodSpec, PodStatus, Toleration};
use crate::manifest::{Object, qos};
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, Change, Entry, EntryId, Verb};
use crate::version::Feature;

/// Where the kubelet looks for manifests (staticPodPath of every usual installation).
pub(crate) const MANIFESTS: &str = "/etc/kubernetes/manifests/";
/// Orphaned mirrors are removed at this beat (kubelet.go housekeepingPeriod).
const HOUSEKEEPING: Duration = Duration::from_secs(2);
/// The beat of the ticker that drains the work queue.
const TICK: Duration = Duration::from_secs(1);

/// Whether a Pod of the API only mirrors a static one.
pub(crate) fn is_mirror(pod: &Pod) -> bool {
    pod.metadata.annotations.contains_key(MIRROR)
}

impl World<'_> {
    /// Every node's kubelet reads its folder.
    pub(crate) fn scan_static_pods(&mut self, cause: Option<EntryId>) {
        for node in 0..self.nodes.len() {
            self.scan_manifests(node, cause);
        }
    }

    /// A kubelet compares its folder with what it runs.
    ///
    /// inotify tells it at once; the scan every 20 s finds nothing more here.
    pub(crate) fn scan_manifests(&mut self, node: usize, cause: Option<EntryId>) {
        if self.nodes[node].power != Power::On {
            return;
        }
        let files = self.nodes[node].manifests.clone();
        let known = self.nodes[node].static_pods.clone();
        for (file, uid) in &known {
            let wanted = files.get(file).and_then(|text| self.static_pod(node, file, text));
            if wanted.is_none_or(|pod| pod.metadata.uid != *uid) {
                self.nodes[node].static_pods.remove(file);
                self.static_pod_removed(uid, file, cause);
            }
        }
        for (file, text) in &files {
            let Some(pod) = self.static_pod(node, file, text) else { continue };
            if self.nodes[node].static_pods.get(file) == Some(&pod.metadata.uid) {
                continue;
            }
            let uid = pod.metadata.uid.clone();
            self.nodes[node].static_pods.insert(file.clone(), uid.clone());
            if let Some(resource) = self.referenced(&pod.spec) {
                // The kubelet says it in its own log and nowhere else: no Pod, no mirror.
                self.record(Entry {
                    at: self.now,
                    actor: Actor::Kubelet,
                    subject: pod_subject(&pod, None),
                    change: Change::Decided {
                        what: format!("static pods may not reference {resource}").into(),
                    },
                    cause,
                    rule: Rule::StaticPodRefused,
                });
                continue;
            }
            let name = pod.metadata.name.clone();
            let waits = self.nodes[node].workers.values().any(|worker| {
                worker.mirror
                    && worker.pod.metadata.name == name
                    && worker.state != WorkerState::Finished
            });
            if waits {
                // The old Pod of this name must have ended; the kubelet looks again after a while.
                let wait = self.random.jitter(backoff::INITIAL, 50);
                let due = (self.now + wait).next_tick(self.nodes[node].ticker_phase, TICK);
                self.wake_at(due, Wake::StaticPod { node, pod: Rc::new(pod) }, cause);
            } else {
                self.static_pod_added(node, Rc::new(pod), cause);
            }
        }
    }

    /// The objects of the API that a static Pod names and must not, since 1.34.
    ///
    /// Models pkg/api/pod/util.go HasAPIObjectReference.
    fn referenced(&self, spec: &PodSpec) -> Option<&'static str> {
        if !self.scenario.version.has(Feature::PreventStaticPodReferences) {
            return None;
        }
        let containers = || spec.init_containers.iter().chain(&spec.containers);
        let from = || containers().flat_map(|container| &container.env_from);
        let env = || {
            let all = containers().flat_map(|container| &container.env);
            all.filter_map(|variable| variable.value_from.as_ref())
        };
        let projected = || {
            let all = spec.volumes.iter().filter_map(|volume| volume.projected.as_ref());
            all.flat_map(|projected| &projected.sources)
        };
        let volumes = || spec.volumes.iter();
        let secrets = !spec.image_pull_secrets.is_empty()
            || from().any(|source| source.secret_ref.is_some())
            || env().any(|source| source.secret_key_ref.is_some())
            || volumes().any(|volume| volume.secret.is_some())
            || projected().any(|source| source.secret.is_some());
        let config_maps = from().any(|source| source.config_map_ref.is_some())
            || env().any(|source| source.config_map_key_ref.is_some())
            || volumes().any(|volume| volume.config_map.is_some())
            || projected().any(|source| source.config_map.is_some());
        let claims = volumes().any(|volume| volume.persistent_volume_claim.is_some());
        [
            (!spec.service_account_name.is_empty(), "serviceaccounts"),
            (secrets, "secrets"),
            (config_maps, "configmaps"),
            (claims, "persistentvolumeclaims"),
        ]
        .into_iter()
        .find_map(|(there, resource)| there.then_some(resource))
    }

    /// The Pod that a manifest file stands for.
    ///
    /// Models config/common.go applyDefaults.
    fn static_pod(&self, node: usize, file: &str, text: &str) -> Option<Pod> {
        let loaded = crate::manifest::load(text);
        let mut pod = loaded.objects.iter().find_map(|object| match object {
            Object::Pod(pod) => Some((**pod).clone()),
            _ => None,
        })?;
        let host = self.nodes[node].name.to_lowercase();
        let mut digest = Digest::default();
        (&pod.spec, &host, file).hash(&mut digest);
        let first = digest.finish();
        // As long as the MD5 of a real one: the second half goes over the same once more.
        (first, &pod.spec).hash(&mut digest);
        let uid = format!("{first:016x}{:016x}", digest.finish());
        let metadata = &mut pod.metadata;
        metadata.annotations.remove(LAST_APPLIED);
        metadata.name = format!("{}-{host}", metadata.name);
        if metadata.namespace.is_empty() {
            metadata.namespace = "default".to_owned();
        }
        metadata.uid.clone_from(&uid);
        for (key, value) in [
            ("kubernetes.io/config.hash", uid.as_str()),
            ("kubernetes.io/config.source", "file"),
            ("kubernetes.io/config.seen", &self.now.rfc3339()),
        ] {
            metadata.annotations.insert(key.to_owned(), value.to_owned());
        }
        pod.spec.node_name.clone_from(&self.nodes[node].name);
        pod.spec.tolerations.push(Toleration {
            operator: "Exists".to_owned(),
            effect: "NoExecute".to_owned(),
            ..Toleration::default()
        });
        pod.status = PodStatus {
            phase: "Pending".to_owned(),
            qos_class: qos::qos_class(&pod.spec).to_owned(),
            ..PodStatus::default()
        };
        Some(pod)
    }

    /// The kubelet begins to work for a static Pod.
    pub(crate) fn static_pod_added(&mut self, node: usize, pod: Rc<Pod>, cause: Option<EntryId>) {
        let uid = pod.metadata.uid.clone();
        let current = self.nodes[node].static_pods.values().any(|known| *known == uid);
        if !current || self.worker(&uid).is_some() {
            return;
        }
        let now = self.now;
        let file = self.nodes[node].static_pods.iter().find(|(_, known)| **known == uid);
        let file = file.map(|(file, _)| file.as_str().into()).unwrap_or_default();
        let host = self.nodes[node].name.as_str().into();
        let cause = Some(self.record(Entry {
            at: now,
            actor: Actor::Kubelet,
            subject: pod_subject(&pod, None),
            change: Change::Manifest { file, node: host, there: true },
            cause,
            rule: Rule::ManifestRead,
        }));
        let mut worker = PodWorker::new(pod, node, now);
        worker.mirror = true;
        self.add_worker(&uid, worker);
        self.reconcile_mirror(&uid, cause);
        self.worker_wake(&uid, cause);
    }

    /// The file is gone, or says something else: the Pod is stopped with its grace period.
    fn static_pod_removed(&mut self, uid: &str, file: &str, cause: Option<EntryId>) {
        let now = self.now;
        let Some(worker) = self.worker(uid) else { return };
        let subject = pod_subject(&worker.pod, None);
        let node = self.nodes[worker.node].name.as_str().into();
        let cause = Some(self.record(Entry {
            at: now,
            actor: Actor::Kubelet,
            subject,
            change: Change::Manifest { file: file.into(), node, there: false },
            cause,
            rule: Rule::ManifestRead,
        }));
        let Some(worker) = self.worker_mut(uid) else { return };
        worker.orphaned = true;
        if worker.state == WorkerState::Syncing {
            worker.state = WorkerState::Terminating;
            self.worker_wake(uid, cause);
        }
    }

    /// The mirror of a static Pod, if it is in the API.
    pub(crate) fn mirror_of(&self, worker: &PodWorker) -> Option<Rc<Pod>> {
        let metadata = &worker.pod.metadata;
        self.store.pod(&metadata.namespace, &metadata.name).filter(|pod| is_mirror(pod)).cloned()
    }

    /// Makes the mirror, or makes it anew when somebody deletes it.
    ///
    /// Models kubelet.go SyncPod's part on mirror pods.
    pub(crate) fn reconcile_mirror(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(worker) = self.worker(uid) else { return };
        if !worker.mirror || worker.state != WorkerState::Syncing {
            return;
        }
        let mut cause = cause;
        let pod = worker.pod.clone();
        let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
        if let Some(mirror) = self.mirror_of(worker) {
            let stale = mirror.metadata.annotations.get(MIRROR) != Some(&pod.metadata.uid);
            if !mirror.is_terminating() && !stale {
                return;
            }
            cause = self.delete(Actor::Kubelet, &key, Some(0), cause).or(cause);
        }
        let node = self.worker(uid).map_or(0, |worker| worker.node);
        let node_uid = self
            .store
            .get(&Key::new("Node", "", &self.nodes[node].name))
            .map(|object| object.metadata().uid.clone())
            .unwrap_or_default();
        let mut mirror = (*pod).clone();
        mirror.metadata.annotations.insert(MIRROR.to_owned(), uid.to_owned());
        mirror.metadata.owner_references = vec![OwnerReference {
            api_version: "v1".to_owned(),
            kind: "Node".to_owned(),
            name: self.nodes[node].name.clone(),
            uid: node_uid,
            controller: true,
            block_owner_deletion: false,
        }];
        self.fill_metadata(&mut mirror.metadata, true);
        let object = Object::Pod(Rc::new(mirror));
        self.put(Actor::Kubelet, Verb::Created, object, Rule::MirrorPod, cause);
        self.queue_patch(uid);
    }

    /// A mirror was changed in the API: only its deletion matters to the kubelet.
    pub(crate) fn mirror_changed(&mut self, mirror: &Pod, cause: Option<EntryId>) {
        let Some(uid) = mirror.metadata.annotations.get(MIRROR).cloned() else { return };
        if mirror.is_terminating() && self.worker(&uid).is_some() {
            self.reconcile_mirror(&uid, cause);
        }
    }

    /// Queues the removal of the mirror of a static Pod that has ended.
    pub(crate) fn queue_mirror_removal(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(worker) = self.worker(uid) else { return };
        let phase = self.nodes[worker.node].ticker_phase;
        let due = (self.now + Duration::from_micros(1)).next_tick(phase, HOUSEKEEPING);
        self.wake_at(due, Wake::Housekeeping { uid: uid.to_owned() }, cause);
    }

    /// Housekeeping removes the mirror of a static Pod that is no more.
    pub(crate) fn remove_mirror(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(worker) = self.worker(uid) else { return };
        let mirror = self
            .mirror_of(worker)
            .filter(|mirror| mirror.metadata.annotations.get(MIRROR).is_some_and(|of| of == uid));
        if let Some(mirror) = mirror {
            let key = Key::new("Pod", &mirror.metadata.namespace, &mirror.metadata.name);
            self.delete(Actor::Kubelet, &key, Some(0), cause);
        }
    }

    /// A command on a node: what people do to manifests there, and what it printed.
    ///
    /// Files of the manifests folder can be removed, moved away and back, and edited with sed.
    pub(crate) fn node_command(
        &mut self,
        node: usize,
        words: &[String],
        entry: EntryId,
    ) -> Result<String, String> {
        let words: Vec<&str> =
            words.iter().map(String::as_str).filter(|word| *word != "sudo").collect();
        if self.nodes[node].power == Power::Off {
            return Err(format!(
                "ssh: connect to host {} port 22: No route to host",
                self.nodes[node].ip
            ));
        }
        match words.as_slice() {
            ["systemctl", verb @ ("stop" | "start" | "restart"), "kubelet" | "kubelet.service"] => {
                if *verb != "start" {
                    self.stop_kubelet(node, entry);
                }
                if *verb != "stop" {
                    self.start_kubelet(node, Some(entry));
                }
                return Ok(String::new());
            }
            ["reboot"] | ["shutdown", "-r", ..] | ["systemctl", "reboot"] => {
                self.power_off(node, true, entry);
                return Ok(String::new());
            }
            ["poweroff" | "halt"] | ["shutdown", ..] | ["systemctl", "poweroff" | "halt"] => {
                self.power_off(node, false, entry);
                return Ok(String::new());
            }
            _ => {}
        }
        if let Some(read) = self.node_reads(node, &words) {
            return read;
        }
        let node_host = &mut self.nodes[node];
        let missing = |path: &str| format!("{path}: No such file or directory");
        match words.as_slice() {
            ["rm", rest @ ..] => {
                for path in rest.iter().filter(|word| !word.starts_with('-')) {
                    if node_host.take_file(path).is_none() {
                        return Err(format!("rm: cannot remove '{}'", missing(path)));
                    }
                }
            }
            ["mv" | "cp", rest @ ..] => {
                let copy = words.first() == Some(&"cp");
                let paths: Vec<&&str> = rest.iter().filter(|word| !word.starts_with('-')).collect();
                let [from, to] = paths.as_slice() else {
                    return Err("mv: missing file operand".to_owned());
                };
                let Some(text) = node_host.take_file(from) else {
                    return Err(format!("{}: cannot stat '{}'", words[0], missing(from)));
                };
                if copy {
                    node_host.put_file(from, text.clone());
                }
                let name = from.rsplit('/').next().unwrap_or(from);
                let target = if to.ends_with('/')
                    || to.rsplit('/').next().is_some_and(|l| !l.contains('.'))
                {
                    format!("{}/{name}", to.trim_end_matches('/'))
                } else {
                    (**to).to_owned()
                };
                node_host.put_file(&target, text);
            }
            ["sed", "-i", script, path] => {
                let Some(text) = node_host.take_file(path) else {
                    return Err(format!("sed: can't read {}", missing(path)));
                };
                let changed = substitute(&text, script);
                node_host.put_file(path, changed.clone().unwrap_or(text));
                if changed.is_none() {
                    return Err(format!("sed: only s/old/new/ is simulated, not {script}"));
                }
            }
            _ => {
                return Err(format!(
                    "{}: on a node only ls, cat, rm, mv, cp and sed -i of manifests, crictl, systemctl \
                     stop and start kubelet, reboot and poweroff are simulated",
                    words.first().unwrap_or(&"")
                ));
            }
        }
        self.scan_manifests(node, Some(entry));
        Ok(String::new())
    }
}

/// `s/old/new/` with any separator, on plain text.
fn substitute(text: &str, script: &str) -> Option<String> {
    let rest = script.strip_prefix('s')?;
    let separator = rest.chars().next()?;
    let mut parts = rest[separator.len_utf8()..].split(separator);
    let (old, new) = (parts.next()?, parts.next()?);
    let old = old.replace("\\.", ".");
    Some(text.replace(&old, new))
}
