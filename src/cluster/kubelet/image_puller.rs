//! Images: which are on the node, and getting those that are not.
//!
//! Models pkg/kubelet/images/image_manager.go and puller.go (serial pulls). Does not own: what an
//! image is (`workload::image`).

use crate::cluster::events::Say;
use crate::cluster::key::Key;
use crate::cluster::kubelet::actions::List;
use crate::cluster::kubelet::backoff::Backoff;
use crate::cluster::kubelet::steps::StartStep;
use crate::cluster::kubelet::steps::Step;
use crate::cluster::{World, latency};
use crate::manifest::Object;
use crate::manifest::pod::Container;
use crate::map::Set;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, PullStep};
use crate::version::Feature;
use crate::workload::image::{Catalogue, ImageFacts};

/// The images of one node.
#[derive(Clone, Debug)]
pub struct ImagePuller {
    catalogue: Catalogue,
    /// References that are present, tag and registry spelled out.
    present: Set<String>,
    /// Those of them that this kubelet pulled with a Pod's credentials.
    with_secret: Set<String>,
    /// When the pull that is under way ends; pulls of one node wait for one another.
    busy_until: Instant,
}

impl ImagePuller {
    /// The images that are on the node from the beginning.
    pub(crate) fn new(images: &[String], catalogue: Catalogue) -> Self {
        let present = images.iter().map(|image| Catalogue::normalize(image)).collect();
        Self { catalogue, present, with_secret: Set::new(), busy_until: Instant::ZERO }
    }

    /// The kubelet is gone, and with it the pull that was under way.
    pub(crate) const fn interrupt(&mut self) {
        self.busy_until = Instant::ZERO;
    }

    /// The images that are on the node, registry and tag spelled out.
    pub(crate) fn present(&self) -> impl Iterator<Item = &str> {
        self.present.iter().map(String::as_str)
    }

    fn is_present(&self, image: &str) -> bool {
        self.present.contains(&Catalogue::normalize(image))
    }

    /// What the kubelet knows of an image that is on the node.
    ///
    /// An image that was put there and is in no registry is a plain one.
    pub(crate) fn facts(&self, image: &str) -> ImageFacts {
        self.catalogue.facts(image)
    }

    /// The user that an image runs as, when it says one.
    pub(crate) fn image_user(&self, image: &str) -> Option<i64> {
        self.facts(image).user.or(Some(0))
    }
}

/// What is done about the image of a container that is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Its name is no reference to an image.
    InvalidName,
    /// It is on the node, and that is enough.
    Present,
    /// It is not on the node and must not be pulled.
    NeverPull,
    /// A pull has failed; the next one may not be tried before this time.
    BackedOff(Instant),
    /// The runtime is asked to pull it.
    Pull,
}

/// Decides what is done about an image, by pull policy, presence and earlier failures.
///
/// Models image_manager.go EnsureImageExists and shouldPullImage.
pub fn decide(
    image: &str,
    policy: &str,
    present: bool,
    backoff: &Backoff<String>,
    now: Instant,
) -> Decision {
    if !Catalogue::is_valid_reference(image) {
        return Decision::InvalidName;
    }
    match (policy, present) {
        ("IfNotPresent" | "Never", true) => return Decision::Present,
        ("Never", false) => return Decision::NeverPull,
        _ => {}
    }
    match backoff.since(&image.to_owned(), now).map(|window| window.updated + window.length) {
        Some(until) if now < until => Decision::BackedOff(until),
        Some(_) | None => Decision::Pull,
    }
}

impl World<'_> {
    /// Makes sure that the image is on the node: at once, by a pull, or not at all.
    ///
    /// Models EnsureImageExists.
    pub(crate) fn ensure_image(&mut self, uid: &str, index: usize, list: List, c: &Container) {
        let Some(worker) = self.worker(uid) else { return };
        let image = &c.image;
        let puller = &self.nodes[worker.node].puller;
        let mut present = puller.is_present(image);
        // pullmanager/image_pull_manager.go MustAttemptImagePull: what was pulled with a secret is
        // for those that have one.
        let guarded = self.scenario.version.has(Feature::EnsureSecretPulledImages)
            && c.image_pull_policy == "IfNotPresent"
            && puller.with_secret.contains(&Catalogue::normalize(image));
        if guarded && !self.has_credentials(uid, image) {
            present = false;
        }
        match decide(image, &c.image_pull_policy, present, &worker.pull_backoff, self.now) {
            Decision::InvalidName => {
                let message = format!(
                    "Failed to apply default image tag \"{image}\": couldn't parse image name \
                     \"{image}\": {}",
                    Catalogue::reference_fault(image)
                );
                self.say_of_container(uid, &c.name, "Warning", "InspectFailed", message.clone());
                let rule = Rule::InvalidImageName;
                self.image_failed(uid, list, c, "InvalidImageName", message, rule);
            }
            Decision::Present => {
                let change = Change::Pull { image: image.as_str().into(), step: PullStep::Present };
                self.sync_record(uid, Some(&c.name), Actor::Kubelet, change, Rule::ImagePresent);
                let mut message = format!("Container image \"{image}\" already present on machine");
                if self.scenario.version.has(Feature::EnsureSecretPulledImages) {
                    message.push_str(" and can be accessed by the pod");
                }
                self.say_of_container(uid, &c.name, "Normal", "Pulled", message);
                self.image_is_there(uid, index, list, c);
            }
            Decision::NeverPull => {
                let message =
                    format!("Container image \"{image}\" is not present with pull policy of Never");
                self.say_of_container(
                    uid,
                    &c.name,
                    "Warning",
                    "ErrImageNeverPull",
                    message.clone(),
                );
                let rule = Rule::ImageNeverPulled;
                self.image_failed(uid, list, c, "ErrImageNeverPull", message, rule);
            }
            Decision::BackedOff(until) => self.pull_backed_off(uid, list, c, until),
            Decision::Pull => self.pull_when_free(uid, index, list, c),
        }
    }

    fn pull_when_free(&mut self, uid: &str, index: usize, list: List, c: &Container) {
        let now = self.now;
        let Some(worker) = self.worker(uid) else { return };
        let free = self.nodes[worker.node].puller.busy_until;
        if free <= now {
            return self.pull_begin(uid, index, list, c, Some(now));
        }
        // The Pulling event is written when the kubelet asks, the pull begins when its turn comes.
        self.say_pulling(uid, c);
        let change = Change::Pull { image: c.image.as_str().into(), step: PullStep::Queued };
        self.sync_record(uid, Some(&c.name), Actor::Kubelet, change, Rule::SerialPulls);
        let step = StartStep::PullQueued;
        if let Some(worker) = self.worker_mut(uid) {
            worker.pull_asked = Some(now);
        }
        self.set_step(uid, Step::Starting { index, list, step });
        self.worker_step_after(uid, free.since(now));
    }

    fn say_pulling(&mut self, uid: &str, c: &Container) {
        let message = format!("Pulling image \"{}\"", c.image);
        self.say_of_container(uid, &c.name, "Normal", "Pulling", message);
    }

    /// Begins a pull; `asked` is now unless it had to wait for its turn.
    pub(crate) fn pull_begin(
        &mut self,
        uid: &str,
        index: usize,
        list: List,
        c: &Container,
        asked: Option<Instant>,
    ) {
        let now = self.now;
        let Some(node) = self.worker(uid).map(|worker| worker.node) else { return };
        let free = self.nodes[node].puller.busy_until;
        if free > now {
            // Another one that waited was first.
            return self.worker_step_after(uid, free.since(now));
        }
        let asked = match asked {
            Some(now) => {
                self.say_pulling(uid, c);
                now
            }
            None => self.worker_mut(uid).and_then(|worker| worker.pull_asked.take()).unwrap_or(now),
        };
        let took = self.pull_time(uid, node, &c.image);
        let until = now + took;
        self.nodes[node].puller.busy_until = until;
        let step = PullStep::Started { until };
        let change = Change::Pull { image: c.image.as_str().into(), step };
        self.sync_record(uid, Some(&c.name), Actor::Runtime, change, Rule::ImagePull);
        let step = StartStep::Pulling { asked, began: now };
        self.set_step(uid, Step::Starting { index, list, step });
        self.worker_step_after(uid, took);
    }

    /// How long a pull takes: the registry's latency, and the bytes that are not there yet.
    fn pull_time(&mut self, uid: &str, node: usize, image: &str) -> Duration {
        let refused = self.is_refused(uid, node, image);
        let puller = &self.nodes[node].puller;
        let present = puller.is_present(image);
        match puller.catalogue.resolve(image) {
            Err(_) => self.latency(latency::REGISTRY_REFUSAL),
            Ok(_) if refused => self.latency(latency::REGISTRY_REFUSAL),
            Ok(_) if present => self.scenario.registry_latency,
            Ok(facts) => {
                let bandwidth = i128::from(self.scenario.registry_bandwidth.max(1));
                let micros = i128::from(facts.bytes) * 1_000_000 / bandwidth;
                let micros = i64::try_from(micros).unwrap_or(i64::MAX / 4);
                self.scenario.registry_latency + Duration::from_micros(micros)
            }
        }
    }

    /// Whether the registry does not give an image to a Pod.
    fn is_refused(&self, uid: &str, node: usize, image: &str) -> bool {
        self.nodes[node].puller.catalogue.is_private(image) && !self.has_credentials(uid, image)
    }

    /// Whether one of the Pod's pull secrets is for the registry of an image.
    fn has_credentials(&self, uid: &str, image: &str) -> bool {
        let Some(worker) = self.worker(uid) else { return false };
        let registry = Catalogue::registry(image);
        worker.pod.spec.image_pull_secrets.iter().any(|reference| {
            let namespace = &worker.pod.metadata.namespace;
            let secret = self.data_of("Secret", namespace, &reference.name).unwrap_or_default();
            let text = secret.get(".dockerconfigjson").or_else(|| secret.get(".dockercfg"));
            text.is_some_and(|text| text.contains(&registry))
        })
    }

    /// Says which pull secrets of a Pod are not there; it is tried without them.
    ///
    /// Models kubelet_pods.go getPullSecretsForPod.
    pub(crate) fn look_for_pull_secrets(&mut self, uid: &str) {
        let Some(worker) = self.worker(uid) else { return };
        let (pod, node) = (worker.pod.clone(), worker.node);
        let missing: Vec<&str> = pod
            .spec
            .image_pull_secrets
            .iter()
            .map(|reference| reference.name.as_str())
            .filter(|name| !name.is_empty())
            .filter(|name| {
                let key = Key::new("Secret", &pod.metadata.namespace, name);
                self.store.get(&key).is_none()
            })
            .collect();
        if missing.is_empty() {
            return;
        }
        let message = format!(
            "Unable to retrieve some image pull secrets ({}); attempting to pull the image may \
             not succeed.",
            missing.join(", ")
        );
        let entry = self.decided(uid, None, &message, Rule::PullSecretMissing);
        let reason = "FailedToRetrieveImagePullSecret";
        let say = Say { kind: "Warning", reason, message, field_path: String::new() };
        let host = self.nodes[node].name.clone();
        self.say(Actor::Kubelet, &host, &Object::Pod(pod), say, entry);
    }

    /// A pull has ended: the image is there, or the registry does not have it.
    pub(crate) fn pull_end(
        &mut self,
        uid: &str,
        index: usize,
        list: List,
        c: &Container,
        asked: Instant,
        began: Instant,
    ) {
        let now = self.now;
        let Some(node) = self.worker(uid).map(|worker| worker.node) else { return };
        let resolved = match self.is_refused(uid, node, &c.image) {
            true => Err(Catalogue::denied(&c.image)),
            false => self.nodes[node].puller.catalogue.resolve(&c.image),
        };
        let facts = match resolved {
            Ok(facts) => facts,
            Err(error) => {
                let reference = Catalogue::normalize(&c.image);
                let (code, text) = (error.code(), error.text());
                let message = format!(
                    "{code}failed to pull and unpack image \"{reference}\": failed to resolve \
                     image: {text}"
                );
                return self.pull_failed(uid, list, c, message);
            }
        };
        let puller = &mut self.nodes[node].puller;
        puller.present.insert(Catalogue::normalize(&c.image));
        if puller.catalogue.is_private(&c.image) {
            puller.with_secret.insert(Catalogue::normalize(&c.image));
        }
        let (took, waited) = (now.since(began), now.since(asked));
        let step = PullStep::Finished { took, bytes: facts.bytes };
        let change = Change::Pull { image: c.image.as_str().into(), step };
        self.sync_record(uid, Some(&c.name), Actor::Runtime, change, Rule::ImagePull);
        let mut message = format!("Successfully pulled image \"{}\" in {}", c.image, took.go());
        if self.scenario.version.has(Feature::PullWaitingInEvent) {
            message.push_str(&format!(" ({} including waiting)", waited.go()));
        }
        if self.scenario.version.has(Feature::ImageSizeInEvent) {
            message.push_str(&format!(". Image size: {} bytes.", facts.bytes));
        }
        self.say_of_container(uid, &c.name, "Normal", "Pulled", message);
        self.image_is_there(uid, index, list, c);
    }

    fn pull_failed(&mut self, uid: &str, list: List, c: &Container, message: String) {
        let now = self.now;
        let image = &c.image;
        let step = PullStep::Failed { message: message.as_str().into() };
        let change = Change::Pull { image: image.as_str().into(), step };
        self.sync_record(uid, Some(&c.name), Actor::Runtime, change, Rule::ImagePullFails);
        let event = format!("Failed to pull image \"{image}\": {message}");
        self.say_of_container(uid, &c.name, "Warning", "Failed", event);
        if let Some(worker) = self.worker_mut(uid) {
            worker.pull_backoff.next(image.clone(), now, now);
            worker.pull_error.insert(image.clone(), message.clone());
        }
        self.image_failed(uid, list, c, "ErrImagePull", message, Rule::ImagePullFails);
    }

    fn pull_backed_off(&mut self, uid: &str, list: List, c: &Container, until: Instant) {
        let image = &c.image;
        let step = PullStep::BackedOff { until };
        let change = Change::Pull { image: image.as_str().into(), step };
        self.sync_record(uid, Some(&c.name), Actor::Kubelet, change, Rule::ImagePullBackoff);
        let event = format!("Back-off pulling image \"{image}\"");
        self.say_of_container(uid, &c.name, "Normal", "BackOff", event.clone());
        let error = self
            .worker(uid)
            .and_then(|worker| worker.pull_error.get(image).cloned())
            .unwrap_or_default();
        let message = format!("{event}: ErrImagePull: {error}");
        self.image_failed(uid, list, c, "ImagePullBackOff", message, Rule::ImagePullBackoff);
    }

    /// The container cannot be started for want of its image.
    fn image_failed(
        &mut self,
        uid: &str,
        list: List,
        c: &Container,
        reason: &'static str,
        message: String,
        rule: Rule,
    ) {
        self.say_of_container(uid, &c.name, "Warning", "Failed", format!("Error: {reason}"));
        if matches!(rule, Rule::InvalidImageName | Rule::ImageNeverPulled) {
            self.decided(uid, Some(&c.name), &message, rule);
        }
        self.wait_for(uid, &c.name, reason, message);
        self.sync_failed(uid, None);
        self.start_failed(uid, list, c);
    }
}
