//! From metrics to a number of replicas.
//!
//! Models pkg/controller/podautoscaler/replica_calculator.go and metrics/utilization.go. Owns: the
//! arithmetic, and who counts as ready, unready or missing. Does not own: where metrics come from
//! (`metrics`), or what is done with the number (`horizontal`).
//!
//! Floating point is used here as upstream uses it, with + − × ÷ and ceil only, so that the
//! borders fall where Kubernetes' fall; every operation is exact or rounded alike on all machines.

use std::rc::Rc;

use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::scaling::{Proposal, Verdict};

/// What the calculator is told about its surroundings: the controller's flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How long after a Pod's start its CPU counts only while it is ready.
    pub cpu_initialization_period: Duration,
    /// How long after a Pod's start "not ready" may mean "never was".
    pub delay_of_initial_readiness_status: Duration,
    /// Ratios so near to 1 change nothing.
    pub tolerance: f64,
    /// How long recommendations to scale down wait when nothing is said.
    pub downscale_stabilization: Duration,
    /// How many times as many replicas one pass may ask for when nothing is said.
    pub scale_up_limit_factor: f64,
}

impl Default for Settings {
    /// The flags' defaults: pkg/controller/podautoscaler/config/v1alpha1/defaults.go.
    fn default() -> Self {
        Self {
            cpu_initialization_period: Duration::from_secs(300),
            delay_of_initial_readiness_status: Duration::from_secs(30),
            tolerance: 0.1,
            downscale_stabilization: Duration::from_secs(300),
            scale_up_limit_factor: 2.0,
        }
    }
}

/// How far a ratio may be from 1, in each direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Above 1.
    pub up: f64,
    /// Below 1.
    pub down: f64,
}

impl Tolerances {
    fn holds(self, ratio: f64) -> bool {
        (1.0 - self.down) <= ratio && ratio <= (1.0 + self.up)
    }
}

/// One Pod's sample of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodMetric {
    /// Thousandths of the unit.
    pub milli: i64,
    /// When it was taken, to the whole second.
    pub timestamp: Instant,
    /// Over which time it is the mean.
    pub window: Duration,
}

/// Samples by the name of the Pod.
pub type PodMetrics = Map<String, PodMetric>;

/// The Pods of a target by what their samples are worth.
#[derive(Clone, Debug, Default)]
struct Groups {
    ready: i32,
    unready: Vec<String>,
    missing: Vec<String>,
    ignored: Vec<String>,
}

/// Models groupPods.
fn group(
    pods: &[Rc<Pod>],
    metrics: &PodMetrics,
    resource: &str,
    settings: &Settings,
    now: Instant,
) -> Groups {
    let mut groups = Groups::default();
    for pod in pods {
        let name = pod.metadata.name.clone();
        if pod.is_terminating() || pod.status.phase == "Failed" {
            groups.ignored.push(name);
        } else if pod.status.phase == "Pending" {
            groups.unready.push(name);
        } else if let Some(metric) = metrics.get(&name) {
            if resource == "cpu" && is_unready(pod, metric, settings, now) {
                groups.unready.push(name);
            } else {
                groups.ready += 1;
            }
        } else {
            groups.missing.push(name);
        }
    }
    groups
}

/// Whether the CPU of a Pod does not count: it is starting, and that costs more than running.
fn is_unready(pod: &Pod, metric: &PodMetric, settings: &Settings, now: Instant) -> bool {
    let (Some(condition), Some(start)) = (pod.status.condition("Ready"), pod.status.start_time)
    else {
        return true;
    };
    let is_false = condition.status == "False";
    let transition = condition.last_transition_time.unwrap_or(Instant::UNIX_EPOCH);
    if start + settings.cpu_initialization_period > now {
        is_false || metric.timestamp < transition + metric.window
    } else {
        // Never was ready: what it uses is no load.
        is_false && start + settings.delay_of_initial_readiness_status > transition
    }
}

/// The words when no sample is left.
const NO_SAMPLES: &str = "did not receive metrics for targeted pods (pods might be unready)";
/// The words when the selector finds nothing.
const NO_PODS: &str = "no pods returned by selector while calculating replica count";

fn without_uncounted(metrics: &mut PodMetrics, groups: &Groups) {
    for name in groups.ignored.iter().chain(&groups.unready) {
        metrics.remove(name);
    }
}

/// Everything that one calculation looks at.
#[derive(Clone, Copy, Debug)]
pub struct Calculation<'a> {
    /// Replicas as the target's spec has them.
    pub current: i32,
    /// The Pods that the target's selector finds.
    pub pods: &'a [Rc<Pod>],
    /// How near is near enough.
    pub tolerances: Tolerances,
    /// The flags.
    pub settings: &'a Settings,
    /// Now.
    pub now: Instant,
}

/// A ratio of usage to target, with the numbers it was made of.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    ratio: f64,
    usage: i64,
    raw: i64,
    /// Usage and requests, added up.
    sums: (i64, i64),
}

impl Calculation<'_> {
    /// Replicas for a percentage of the requests.
    ///
    /// Models GetResourceReplicas.
    pub fn utilization(
        &self,
        mut metrics: PodMetrics,
        resource: &str,
        container: Option<&str>,
        target: i32,
    ) -> Result<Proposal, String> {
        if self.pods.is_empty() {
            return Err(NO_PODS.to_owned());
        }
        let groups = group(self.pods, &metrics, resource, self.settings, self.now);
        without_uncounted(&mut metrics, &groups);
        if metrics.is_empty() {
            return Err(NO_SAMPLES.to_owned());
        }
        let requests = requests(self.pods, resource, container)?;
        let first = utilization_ratio(&metrics, &requests, target)?;
        // Unknown Pods are taken to use what would argue most against the change.
        let most = i64::from(target.max(100));
        let assumed = |name: &str| requests.get(name).copied().unwrap_or(0) * most / 100;
        self.decide(metrics, &groups, first, i64::from(target), &assumed, &|metrics| {
            utilization_ratio(metrics, &requests, target)
        })
    }

    /// Replicas for a mean value a Pod, of a resource or of what the Pods tell themselves.
    ///
    /// Models calcPlainMetricReplicas.
    pub fn average(
        &self,
        mut metrics: PodMetrics,
        resource: &str,
        target: i64,
    ) -> Result<Proposal, String> {
        if self.pods.is_empty() {
            return Err(NO_PODS.to_owned());
        }
        let groups = group(self.pods, &metrics, resource, self.settings, self.now);
        without_uncounted(&mut metrics, &groups);
        if metrics.is_empty() {
            return Err(NO_SAMPLES.to_owned());
        }
        let first = average_ratio(&metrics, target);
        self.decide(metrics, &groups, first, target, &|_| target, &|metrics| {
            Ok(average_ratio(metrics, target))
        })
    }

    /// From the ratio of the known Pods to a number of replicas for all of them.
    fn decide(
        &self,
        mut metrics: PodMetrics,
        groups: &Groups,
        first: Ratio,
        target: i64,
        assumed: &dyn Fn(&str) -> i64,
        again: &dyn Fn(&PodMetrics) -> Result<Ratio, String>,
    ) -> Result<Proposal, String> {
        let mut proposal = Proposal {
            replicas: self.current,
            usage: first.usage,
            raw: first.raw,
            target,
            measured: first.sums,
            filled: first.sums,
            sampled: metrics.values().map(|metric| metric.timestamp).max(),
            used: first.usage,
            counted: groups.ready,
            unready: length(&groups.unready),
            known: groups.ready,
            missing: length(&groups.missing),
            ignored: length(&groups.ignored),
            verdict: Verdict::WithinTolerance,
        };
        let up_with_unready = !groups.unready.is_empty() && first.ratio > 1.0;
        if !up_with_unready && groups.missing.is_empty() {
            if !self.tolerances.holds(first.ratio) {
                proposal.replicas = ceil(first.ratio * f64::from(groups.ready));
                proposal.verdict = Verdict::Computed;
            }
            return Ok(proposal);
        }
        let nothing =
            |milli| PodMetric { milli, timestamp: Instant::UNIX_EPOCH, window: Duration::ZERO };
        if first.ratio < 1.0 {
            for name in &groups.missing {
                metrics.insert(name.clone(), nothing(assumed(name)));
            }
        } else if first.ratio > 1.0 {
            for name in &groups.missing {
                metrics.insert(name.clone(), nothing(0));
            }
        }
        if up_with_unready {
            for name in &groups.unready {
                metrics.insert(name.clone(), nothing(0));
            }
        }
        let second = again(&metrics)?;
        proposal.used = second.usage;
        proposal.filled = second.sums;
        proposal.counted = i32::try_from(metrics.len()).unwrap_or(i32::MAX);
        if self.tolerances.holds(second.ratio) {
            return Ok(proposal);
        }
        let replicas = ceil(second.ratio * f64::from(proposal.counted));
        let turned = (first.ratio < 1.0 && second.ratio > 1.0)
            || (first.ratio > 1.0 && second.ratio < 1.0)
            || (second.ratio < 1.0 && replicas > self.current)
            || (second.ratio > 1.0 && replicas < self.current);
        if turned {
            proposal.verdict = Verdict::Held;
        } else {
            proposal.replicas = replicas;
            proposal.verdict = Verdict::Computed;
        }
        Ok(proposal)
    }

    /// Replicas for one number that belongs to no Pod, shared by all.
    ///
    /// Models getUsageRatioReplicaCount.
    pub fn value(&self, usage: i64, target: i64) -> Result<Proposal, String> {
        let ratio = usage as f64 / target as f64;
        let mut proposal = plain(self.current, usage, usage, target);
        if self.current == 0 {
            proposal.replicas = ceil(ratio);
            proposal.counted = 1;
            proposal.verdict = Verdict::Computed;
            return Ok(proposal);
        }
        if self.tolerances.holds(ratio) {
            return Ok(proposal);
        }
        if self.pods.is_empty() {
            return Err(format!("unable to calculate ready pods: {NO_PODS}"));
        }
        let is_ready =
            |pod: &&Rc<Pod>| pod.status.phase == "Running" && pod.status.is_true("Ready");
        let ready = self.pods.iter().filter(is_ready).count();
        proposal.counted = i32::try_from(ready).unwrap_or(i32::MAX);
        proposal.replicas = ceil(ratio * f64::from(proposal.counted));
        proposal.verdict = Verdict::Computed;
        Ok(proposal)
    }

    /// Replicas for one number of which every Pod should have so much.
    ///
    /// Models GetObjectPerPodMetricReplicas and GetExternalPerPodMetricReplicas.
    pub fn value_per_pod(&self, usage: i64, target: i64, status_replicas: i32) -> Proposal {
        let ratio = usage as f64 / (target as f64 * f64::from(status_replicas));
        let mean = (usage as f64 / f64::from(status_replicas)).ceil();
        let mut proposal = plain(status_replicas, mean as i64, usage, target);
        if !self.tolerances.holds(ratio) {
            proposal.replicas = ceil(usage as f64 / target as f64);
            proposal.used = usage;
            proposal.counted = 1;
            proposal.verdict = Verdict::Computed;
        }
        proposal
    }
}

const fn plain(replicas: i32, usage: i64, raw: i64, target: i64) -> Proposal {
    Proposal {
        replicas,
        usage,
        raw,
        target,
        measured: (usage, 0),
        filled: (usage, 0),
        sampled: None,
        used: usage,
        counted: replicas,
        unready: 0,
        known: replicas,
        missing: 0,
        ignored: 0,
        verdict: Verdict::WithinTolerance,
    }
}

fn length(names: &[String]) -> i32 {
    i32::try_from(names.len()).unwrap_or(i32::MAX)
}

/// Rounds up; what is no number of replicas at all becomes the nearest one.
fn ceil(replicas: f64) -> i32 {
    replicas.ceil() as i32
}

/// Models GetResourceUtilizationRatio: sums, not a mean of percentages, and whole percents.
fn utilization_ratio(
    metrics: &PodMetrics,
    requests: &Map<String, i64>,
    target: i32,
) -> Result<Ratio, String> {
    let (mut used, mut requested, mut entries) = (0_i64, 0_i64, 0_i64);
    for (name, metric) in metrics {
        if let Some(request) = requests.get(name) {
            used += metric.milli;
            requested += request;
            entries += 1;
        }
    }
    if requested == 0 {
        return Err("no metrics returned matched known pods".to_owned());
    }
    let percent = used.saturating_mul(100) / requested;
    Ok(Ratio {
        ratio: percent as f64 / f64::from(target),
        usage: percent,
        raw: used / entries.max(1),
        sums: (used, requested),
    })
}

/// Models GetMetricUsageRatio: the mean is whole before it is compared.
fn average_ratio(metrics: &PodMetrics, target: i64) -> Ratio {
    let count = i64::try_from(metrics.len()).unwrap_or(i64::MAX).max(1);
    let sum = metrics.values().map(|metric| metric.milli).sum::<i64>();
    let mean = sum / count;
    Ratio { ratio: mean as f64 / target as f64, usage: mean, raw: mean, sums: (sum, 0) }
}

/// What each Pod requests, in thousandths.
///
/// Models calculateRequests: regular containers and sidecars, or the Pod's own requests.
fn requests(
    pods: &[Rc<Pod>],
    resource: &str,
    container: Option<&str>,
) -> Result<Map<String, i64>, String> {
    let mut requests = Map::new();
    for pod in pods {
        let name = pod.metadata.name.clone();
        let of_pod = pod.spec.resources.as_ref().and_then(|own| own.requests.get(resource));
        if let (Some(request), None) = (of_pod, container) {
            requests.insert(name, request.milli_value());
            continue;
        }
        let sidecars = pod.spec.init_containers.iter().filter(|c| c.is_sidecar());
        let mut sum = 0;
        for own in pod.spec.containers.iter().chain(sidecars) {
            if container.is_some_and(|wanted| wanted != own.name) {
                continue;
            }
            let Some(request) = own.resources.requests.get(resource) else {
                return Err(format!(
                    "missing request for {resource} in container {} of Pod {name}",
                    own.name
                ));
            };
            sum += request.milli_value();
        }
        requests.insert(name, sum);
    }
    Ok(requests)
}
