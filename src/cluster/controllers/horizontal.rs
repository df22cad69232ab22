//! The HorizontalPodAutoscaler controller: every 15 seconds a look, and sometimes a change.
//!
//! Models pkg/controller/podautoscaler/horizontal.go. Owns: the rhythm, finding the target and its
//! Pods, writing replicas and status, and the record of each decision. Does not own: the decision
//! (`autoscaler`), or metrics (`cluster::metrics`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::autoscaler::{Look, Metrics, Said, Scale, go_text, set_condition};
use crate::cluster::controllers::replica_calculator::{PodMetric, PodMetrics, Settings};
use crate::cluster::controllers::scaling_rules::Memory;
use crate::cluster::events::Say;
use crate::cluster::key::{Key, subject_of};
use crate::cluster::metrics::{Meter, PodSample, milli};
use crate::manifest::Object;
use crate::manifest::autoscaling::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus,
    MetricIdentifier,
};
use crate::manifest::kinds::{self, Served};
use crate::manifest::meta::LabelSelector;
use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::scaling::{Scaling, Verdict};
use crate::trace::{Actor, Change, Entry, EntryId, Verb};

/// Between two looks: `--horizontal-pod-autoscaler-sync-period`. The first comes so long after the
/// autoscaler was made (rate_limiters.go, FixedItemIntervalRateLimiter).
pub(crate) const SYNC_PERIOD: Duration = Duration::from_secs(15);

/// What an autoscaler remembers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Autoscaler {
    memory: Memory,
    /// The target's selector at the last look, as other autoscalers see it (selectors.go).
    selector: Option<LabelSelector>,
}

/// A target: its scale subresource, and who its Pods are.
#[derive(Debug)]
struct Target {
    object: Object,
    scale: Scale,
    selector: LabelSelector,
}

/// Kinds that have a scale subresource.
const SCALABLE: [&str; 4] = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"];

impl World<'_> {
    /// One look of an autoscaler.
    pub(crate) fn sync_autoscaler(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::HorizontalPodAutoscaler(autoscaler)) = self.store.get(key) else {
            self.autoscalers.remove(key);
            return;
        };
        let autoscaler = autoscaler.clone();
        self.enqueue_autoscaler(key.clone(), cause);
        let mut own = self.autoscalers.remove(key).unwrap_or_default();
        match self.target_of(&autoscaler) {
            Ok(Some(target)) => self.look(key, &autoscaler, &target, &mut own, cause),
            // A kind that is not simulated: nobody knows its replicas.
            Ok(None) => {}
            Err(error) => self.cannot_get_scale(&autoscaler, &error, cause),
        }
        self.autoscalers.insert(key.clone(), own);
    }

    /// The object whose replicas an autoscaler sets.
    ///
    /// Models RESTMappings and scaleForResourceMappings, in their words.
    fn target_of(&self, autoscaler: &HorizontalPodAutoscaler) -> Result<Option<Target>, String> {
        let CrossVersionObjectReference { api_version, kind, name } =
            &autoscaler.spec.scale_target_ref;
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        match kinds::served(api_version, kind) {
            Served::Yes => {}
            Served::No => {
                let words = format!("no matches for kind \"{kind}\" in group \"{group}\"");
                return Err(format!(
                    "unable to determine resource for scale target reference: {words}"
                ));
            }
            Served::Maybe | Served::Custom => return Ok(None),
        }
        if !SCALABLE.contains(&kind.as_str()) {
            return Err("the server could not find the requested resource".to_owned());
        }
        let key = Key::new(kind, &autoscaler.metadata.namespace, name);
        let Some(object) = self.store.get(&key) else {
            let dot = if group.is_empty() { "" } else { "." };
            let resource = format!("{}{dot}{group}", kinds::plural(kind));
            return Err(format!("{resource} \"{name}\" not found"));
        };
        let (replicas, status_replicas, selector) = match object {
            Object::Deployment(own) => {
                (own.spec.replicas, own.status.replicas, own.spec.selector.clone())
            }
            Object::ReplicaSet(own) => {
                (own.spec.replicas, own.status.replicas, own.spec.selector.clone())
            }
            Object::StatefulSet(own) => {
                (own.spec.replicas, own.status.replicas, own.spec.selector.clone())
            }
            _ => return Ok(None),
        };
        Ok(Some(Target {
            object: object.clone(),
            scale: Scale { spec_replicas: replicas.unwrap_or(1), status_replicas },
            selector: selector.unwrap_or_default(),
        }))
    }

    fn cannot_get_scale(
        &mut self,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        error: &str,
        cause: Option<EntryId>,
    ) {
        let said =
            Said { warning: true, reason: "FailedGetScale".to_owned(), message: error.to_owned() };
        let spec = &autoscaler.spec;
        let bounds = (spec.min_replicas.unwrap_or(1), spec.max_replicas);
        let scaling = Scaling::blind(0, bounds, "FailedGetScale", error);
        let entry = self.record_scaling(autoscaler, scaling, cause);
        self.say_autoscaler(autoscaler, said, entry);
        let mut status = autoscaler.status.clone();
        let message =
            format!("the HPA controller was unable to get the target's current scale: {error}");
        set_condition(&mut status, self.now, "AbleToScale", false, "FailedGetScale", &message);
        self.write_autoscaler(autoscaler, status, Rule::AutoscalerDisabled, entry);
    }

    /// Looks at a target that exists.
    fn look(
        &mut self,
        key: &Key,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        target: &Target,
        own: &mut Autoscaler,
        cause: Option<EntryId>,
    ) {
        let namespace = &autoscaler.metadata.namespace;
        let pods: Vec<Rc<Pod>> = self
            .store
            .pods()
            .filter(|pod| {
                pod.metadata.namespace == *namespace
                    && target.selector.matches(&pod.metadata.labels)
            })
            .cloned()
            .collect();
        own.selector = Some(target.selector.clone());
        if let Some(others) = self.others_that_select(key, &pods) {
            return self.ambiguous(autoscaler, target, &others, cause);
        }
        let answers = Answers {
            namespace,
            meter: &self.meter,
            samples: self.samples_of(&pods),
            pods: &pods,
            now: self.now,
        };
        let outcome = Look {
            spec: &autoscaler.spec,
            scale: &target.scale,
            pods: &pods,
            metrics: &answers,
            settings: &Settings::default(),
            now: self.now,
        }
        .reconcile(&autoscaler.status, &mut own.memory);
        let entry = self.record_scaling(autoscaler, outcome.scaling, cause);
        if let Some(replicas) = outcome.rescale {
            self.rescale(&target.object, replicas, entry);
        }
        for said in outcome.events {
            self.say_autoscaler(autoscaler, said, entry);
        }
        self.write_autoscaler(autoscaler, outcome.status, Rule::ControllerStatus, entry);
        if let Some(said) = outcome.last_words {
            self.say_autoscaler(autoscaler, said, entry);
        }
    }

    /// What metrics-server says about these Pods.
    fn samples_of(&self, pods: &[Rc<Pod>]) -> Vec<PodSample> {
        let mut samples = self.meter.samples(&self.usage, self.now);
        // Both are in the order of namespace and name.
        samples.retain(|sample| {
            let wanted = (&sample.namespace, &sample.name);
            pods.binary_search_by(|pod| (&pod.metadata.namespace, &pod.metadata.name).cmp(&wanted))
                .is_ok()
        });
        samples
    }

    /// Autoscalers that select Pods of this one, it included; nothing when it is alone.
    ///
    /// Models hpasControllingPodsUnderSelector: others are known from their first look on.
    fn others_that_select(&self, key: &Key, pods: &[Rc<Pod>]) -> Option<Vec<Key>> {
        let mut all = vec![key.clone()];
        for (other, known) in &self.autoscalers {
            let selects = other != key
                && other.namespace == key.namespace
                && self.store.get(other).is_some()
                && known.selector.as_ref().is_some_and(|selector| {
                    pods.iter().any(|pod| selector.matches(&pod.metadata.labels))
                });
            if selects {
                all.push(other.clone());
            }
        }
        crate::order::sort(&mut all);
        (all.len() > 1).then_some(all)
    }

    fn ambiguous(
        &mut self,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        target: &Target,
        others: &[Key],
        cause: Option<EntryId>,
    ) {
        let names: Vec<String> =
            others.iter().map(|key| format!("{{{} {}}}", key.name, key.namespace)).collect();
        let error = format!(
            "pods by selector {} are controlled by multiple HPAs: [{}]",
            target.selector,
            names.join(" ")
        );
        let mut status = autoscaler.status.clone();
        let able = "the HPA controller was able to get the target's current scale";
        set_condition(&mut status, self.now, "AbleToScale", true, "SucceededGetScale", able);
        set_condition(&mut status, self.now, "ScalingActive", false, "AmbiguousSelector", &error);
        status.current_replicas = target.scale.spec_replicas;
        status.current_metrics.clear();
        let said = |reason: &str| Said {
            warning: true,
            reason: reason.to_owned(),
            message: error.clone(),
        };
        let bounds = (autoscaler.spec.min_replicas.unwrap_or(1), autoscaler.spec.max_replicas);
        let current = target.scale.spec_replicas;
        let scaling = Scaling::blind(current, bounds, "AmbiguousSelector", &error);
        let entry = self.record_scaling(autoscaler, scaling, cause);
        self.say_autoscaler(autoscaler, said("AmbiguousSelector"), entry);
        self.write_autoscaler(autoscaler, status, Rule::AutoscalerDisabled, entry);
        self.say_autoscaler(autoscaler, said("FailedComputeMetricsReplicas"), entry);
    }

    /// Records a decision with its arithmetic. Each one, also when it is like the one before: the
    /// sample was another, and so was its age.
    fn record_scaling(
        &mut self,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        scaling: Scaling,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let rule = rule_of(&scaling);
        let object = Object::HorizontalPodAutoscaler(autoscaler.clone());
        Some(self.record(Entry {
            at: self.now,
            actor: Actor::HorizontalPodAutoscaler,
            subject: subject_of(&object),
            change: Change::Scaling(Rc::new(scaling)),
            cause,
            rule,
        }))
    }

    fn rescale(&mut self, target: &Object, replicas: i32, cause: Option<EntryId>) {
        let changed = match target {
            Object::Deployment(own) => {
                let mut changed = (**own).clone();
                changed.spec.replicas = Some(replicas);
                changed.metadata.generation += 1;
                Object::Deployment(Rc::new(changed))
            }
            Object::ReplicaSet(own) => {
                let mut changed = (**own).clone();
                changed.spec.replicas = Some(replicas);
                changed.metadata.generation += 1;
                Object::ReplicaSet(Rc::new(changed))
            }
            Object::StatefulSet(own) => {
                let mut changed = (**own).clone();
                changed.spec.replicas = Some(replicas);
                changed.metadata.generation += 1;
                Object::StatefulSet(Rc::new(changed))
            }
            _ => return,
        };
        let actor = Actor::HorizontalPodAutoscaler;
        self.put(actor, Verb::Updated, changed, Rule::AutoscalerRescales, cause);
    }

    fn say_autoscaler(
        &mut self,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        said: Said,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let about = Object::HorizontalPodAutoscaler(autoscaler.clone());
        let say = Say {
            kind: if said.warning { "Warning" } else { "Normal" },
            reason: &said.reason,
            message: said.message,
            field_path: String::new(),
        };
        self.say(Actor::HorizontalPodAutoscaler, "", &about, say, cause)
    }

    /// Writes the status if it is different. Models updateStatusIfNeeded.
    fn write_autoscaler(
        &mut self,
        autoscaler: &Rc<HorizontalPodAutoscaler>,
        status: HorizontalPodAutoscalerStatus,
        rule: Rule,
        cause: Option<EntryId>,
    ) {
        if status == autoscaler.status {
            return;
        }
        let mut changed = (**autoscaler).clone();
        changed.status = status;
        let object = Object::HorizontalPodAutoscaler(Rc::new(changed));
        self.put(Actor::HorizontalPodAutoscaler, Verb::Updated, object, rule, cause);
    }
}

/// The behaviour that decided most in a look.
fn rule_of(scaling: &Scaling) -> Rule {
    let Some(recommended) = scaling.recommended else {
        let outside = scaling.current > scaling.most || scaling.current < scaling.least;
        return match (scaling.metrics.is_empty(), outside && scaling.current != 0) {
            (true, true) => Rule::AutoscalerLimits,
            (true, false) => Rule::AutoscalerDisabled,
            (false, _) => Rule::AutoscalerLacksMetrics,
        };
    };
    let is_verdict = |verdict: Verdict| {
        scaling.metrics.iter().any(|metric| {
            metric.result.as_ref().is_ok_and(|p| p.verdict == verdict && p.replicas == recommended)
        })
    };
    if scaling.desired != scaling.stabilized {
        Rule::AutoscalerLimits
    } else if scaling.stabilized != recommended {
        Rule::AutoscalerStabilizes
    } else if is_verdict(Verdict::Computed) {
        Rule::AutoscalerComputes
    } else if is_verdict(Verdict::Held) {
        Rule::AutoscalerHolds
    } else {
        Rule::AutoscalerTolerates
    }
}

/// What the metrics APIs answer about the Pods of one target.
struct Answers<'a> {
    namespace: &'a str,
    meter: &'a Meter,
    samples: Vec<PodSample>,
    pods: &'a [Rc<Pod>],
    now: Instant,
}

/// What the client says when nobody serves custom metrics.
const NO_CUSTOM_METRICS: &str = "unable to fetch metrics from custom metrics API: no custom \
                                 metrics API (custom.metrics.k8s.io) registered";

impl Metrics for Answers<'_> {
    /// Models metrics/client.go GetResourceMetric.
    fn resource(&self, resource: &str, container: Option<&str>) -> Result<PodMetrics, String> {
        if !self.meter.is_installed() {
            return Err("unable to fetch metrics from resource metrics API: the server could not \
                        find the requested resource (get pods.metrics.k8s.io)"
                .to_owned());
        }
        if self.samples.is_empty() {
            return Err("no metrics returned from resource metrics API".to_owned());
        }
        let mut metrics = Map::new();
        for sample in &self.samples {
            let mut own: Vec<_> = sample.containers.iter().collect();
            if let Some(wanted) = container {
                own.retain(|container| container.name == wanted);
                if own.is_empty() {
                    return Err(format!(
                        "container {wanted} not present in metrics for pod {}/{}",
                        sample.namespace, sample.name
                    ));
                }
            }
            let amount = match resource {
                "cpu" => own.iter().map(|container| milli(container.cpu_nanos)).sum(),
                "memory" => own.iter().map(|own| own.memory.saturating_mul(1_000)).sum(),
                // Pods have no other resource metrics: all of them lack it.
                _ => continue,
            };
            let PodSample { timestamp, window, .. } = *sample;
            metrics.insert(sample.name.clone(), PodMetric { milli: amount, timestamp, window });
        }
        Ok(metrics)
    }

    /// The Scenario's number is shared by the ready Pods: each tells its part.
    fn pods(&self, metric: &MetricIdentifier) -> Result<PodMetrics, String> {
        let Some(total) = self.meter.custom(&metric.name, self.now) else {
            return Err(format!("unable to get metric {}: {NO_CUSTOM_METRICS}", metric.name));
        };
        let tells = |pod: &&Rc<Pod>| pod.status.is_true("Ready") && !pod.is_terminating();
        let ready = self.pods.iter().filter(tells).count();
        let part = total / i64::try_from(ready).unwrap_or(i64::MAX).max(1);
        let timestamp = self.now.truncated();
        let sample = PodMetric { milli: part, timestamp, window: Duration::from_secs(60) };
        let telling = self.pods.iter().filter(tells);
        Ok(telling.map(|pod| (pod.metadata.name.clone(), sample)).collect())
    }

    fn object(
        &self,
        metric: &MetricIdentifier,
        object: &CrossVersionObjectReference,
    ) -> Result<i64, String> {
        self.meter.custom(&metric.name, self.now).ok_or_else(|| {
            format!(
                "unable to get metric {}: {} on {} {}/{NO_CUSTOM_METRICS}",
                metric.name, object.kind, self.namespace, object.name
            )
        })
    }

    fn external(&self, metric: &MetricIdentifier) -> Result<Vec<i64>, String> {
        self.meter.custom(&metric.name, self.now).map(|value| vec![value]).ok_or_else(|| {
            format!(
                "unable to get external metric {}/{}/{}: unable to fetch metrics from external \
                 metrics API: the server could not find the requested resource (get \
                 {}.external.metrics.k8s.io)",
                self.namespace,
                metric.name,
                go_text(metric.selector.as_ref()),
                metric.name
            )
        })
    }
}
