//! kube-scheduler: which node a Pod goes to, or why none.
//!
//! Models pkg/scheduler/schedule_one.go with the default plugins that matter here, and
//! framework/types.go FitError. Does not own: what the node then does.

mod affinity;
mod preemption;

use crate::cluster::key::pod_subject;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::Taint;
use crate::manifest::meta::LabelSelectorRequirement;
use crate::manifest::pod::{NodeSelectorTerm, Pod, PodCondition, Toleration};
use crate::manifest::qos;
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, Change, Entry, EntryId};
use crate::version::Feature;

use preemption::{Preemption, priority};

/// The name by which Pods ask for this scheduler.
const DEFAULT_SCHEDULER: &str = "default-scheduler";
/// Unschedulable Pods are tried again after this even if nothing happened.
///
/// Models pkg/scheduler/backend/queue DefaultPodMaxInUnschedulablePodsDuration.
const UNSCHEDULABLE_MAX: Duration = Duration::from_secs(300);
/// First and longest back-off of a Pod that could not be scheduled.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// A Pod that fits nowhere.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    attempts: u32,
    last: Instant,
    /// Whether a Pod that leaves could help.
    resolvable: bool,
}

/// Pods that are thought away, by UID.
type Without = Set<String>;

/// Why a node does not do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unfit {
    reason: String,
    /// Pods could leave and make it fit.
    resolvable: bool,
}

impl Unfit {
    fn new(reason: &str, resolvable: bool) -> Self {
        Self { reason: reason.to_owned(), resolvable }
    }
}

impl World<'_> {
    /// Tries to find a node for a Pod.
    pub(crate) fn schedule(&mut self, uid: &str, cause: Option<EntryId>) {
        let Some(pod) = self.store.pod_by_uid(uid).cloned() else {
            self.unschedulable.remove(uid);
            return;
        };
        if !pod.spec.node_name.is_empty() || pod.is_terminating() {
            return;
        }
        if pod.spec.scheduler_name != DEFAULT_SCHEDULER && !pod.spec.scheduler_name.is_empty() {
            let what = format!("no scheduler named {} exists", pod.spec.scheduler_name);
            return self.scheduler_says(&pod, what, Rule::UnknownScheduler, cause);
        }
        if !pod.spec.scheduling_gates.is_empty() {
            return self.gate(&pod, cause);
        }
        if self.assumed.contains_key(uid) {
            return;
        }
        let claims = match self.claims_of(&pod) {
            Ok(claims) => claims,
            Err(why) => return self.fail_before_filters(&pod, &why, cause),
        };
        let mut fits = Vec::new();
        let mut unfit: Vec<(usize, Unfit)> = Vec::new();
        let nobody = Without::new();
        for index in self.members() {
            let reasons = self.filter(&pod, index, &nobody);
            if reasons.is_empty() {
                fits.push(index);
            } else {
                unfit.extend(reasons.into_iter().map(|reason| (index, reason)));
            }
        }
        match self.best(&pod, &fits) {
            Some(node) if claims.is_empty() => self.bind(&pod, node, cause),
            Some(node) => {
                self.unschedulable.remove(uid);
                self.assumed.insert(uid.to_owned(), node);
                let name = self.nodes[node].name.clone();
                self.select_node(&claims, &name, cause);
            }
            None => self.fail_scheduling(&pod, &unfit, cause),
        }
    }

    fn scheduler_says(&mut self, pod: &Pod, what: String, rule: Rule, cause: Option<EntryId>) {
        let subject = pod_subject(pod, None);
        let change = Change::Decided { what: what.into() };
        let at = self.now;
        self.record(Entry { at, actor: Actor::Scheduler, subject, change, cause, rule });
    }

    /// A Pod with scheduling gates is not even queued.
    fn gate(&mut self, pod: &Pod, cause: Option<EntryId>) {
        let condition = PodCondition {
            kind: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: "SchedulingGated".to_owned(),
            message: "Scheduling is blocked due to non-empty scheduling gates".to_owned(),
            ..PodCondition::default()
        };
        self.set_scheduled_condition(pod, condition, cause);
    }

    /// Why a Pod does not fit a node: the reason of the first plugin that says so.
    fn filter(&self, pod: &Pod, index: usize, without: &Without) -> Vec<Unfit> {
        let node = &self.nodes[index];
        let spec = &pod.spec;
        let unfit = |reason: &str, resolvable: bool| vec![Unfit::new(reason, resolvable)];
        // plugins/nodeunschedulable: a taint of that name could be tolerated.
        let cordon = Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            effect: "NoSchedule".to_owned(),
            ..Taint::default()
        };
        if node.unschedulable && !is_tolerated(pod, &cordon) {
            return unfit("node(s) were unschedulable", false);
        }
        let tolerated = node.taints.iter().all(|taint| {
            taint.effect == "PreferNoSchedule"
                || spec.tolerations.iter().any(|toleration| tolerates(toleration, taint))
        });
        if !tolerated {
            return unfit("node(s) had untolerated taint(s)", false);
        }
        if !self.selects_node(pod, index) {
            return unfit("node(s) didn't match Pod's node affinity/selector", false);
        }
        let wanted = host_ports(pod);
        let taken = !wanted.is_empty()
            && self
                .store
                .books
                .of(&node.name)
                .into_iter()
                .flat_map(|booked| &booked.keys)
                .filter_map(|key| self.store.pod(&key.namespace, &key.name))
                .filter(|other| !other.is_terminal() && !without.contains(&other.metadata.uid))
                .any(|other| host_ports(other).iter().any(|port| wanted.contains(port)));
        if taken {
            return unfit("node(s) didn't have free ports for the requested pod ports", true);
        }
        let reasons = self.fit_resources(pod, index, without);
        if !reasons.is_empty() {
            return reasons;
        }
        self.unfit_beside_pods(pod, index, without).into_iter().collect()
    }

    /// Whether a Pod's node selector and required node affinity mean this node.
    pub(crate) fn selects_node(&self, pod: &Pod, index: usize) -> bool {
        let (node, spec) = (&self.nodes[index], &pod.spec);
        let required = spec
            .affinity
            .as_ref()
            .and_then(|affinity| affinity.node_affinity.as_ref())
            .and_then(|affinity| affinity.required.as_ref());
        spec.node_selector.iter().all(|(k, v)| node.labels.get(k) == Some(v))
            && required.is_none_or(|required| {
                required
                    .node_selector_terms
                    .iter()
                    .any(|term| term_matches(term, &node.labels, &node.name))
            })
    }

    /// Models plugins/noderesources/fit.go; Pods that were promised a node are counted there.
    fn fit_resources(&self, pod: &Pod, index: usize, without: &Without) -> Vec<Unfit> {
        let node = &self.nodes[index];
        let here = self.store.books.of(&node.name);
        let mut reasons = Vec::new();
        let gone: Vec<_> =
            without.iter().filter_map(|uid| self.store.pod_by_uid(uid)).cloned().collect();
        let promised: Vec<_> = self
            .unschedulable
            .keys()
            .filter_map(|uid| self.store.pod_by_uid(uid))
            .filter(|other| {
                other.status.nominated_node_name == node.name
                    && other.metadata.uid != pod.metadata.uid
                    && other.spec.node_name.is_empty()
                    && priority(other) >= priority(pod)
            })
            .cloned()
            .collect();
        let count = |pods: &[std::rc::Rc<Pod>]| i64::try_from(pods.len()).unwrap_or(0);
        let pods = node.allocatable.get("pods").map_or(110, |quantity| quantity.value());
        let active = here.map_or(0, |here| here.active) - count(&gone) + count(&promised);
        if active + 1 > pods {
            reasons.push(Unfit::new("Too many pods", true));
        }
        for (name, wanted) in qos::requests(&pod.spec) {
            let wanted = wanted.milli_value();
            if wanted == 0 {
                continue;
            }
            let sum = |pods: &[std::rc::Rc<Pod>]| -> i128 {
                pods.iter()
                    .filter_map(|pod| qos::requests(&pod.spec).get(&name).cloned())
                    .map(|quantity| i128::from(quantity.milli_value()))
                    .sum()
            };
            let capacity = node.allocatable.get(&name).map_or(0, |quantity| quantity.milli_value());
            let used = here.and_then(|here| here.requested.get(&name)).copied().unwrap_or(0)
                - sum(&gone)
                + sum(&promised);
            if i128::from(wanted) > i128::from(capacity) - used {
                reasons.push(Unfit::new(&format!("Insufficient {name}"), wanted <= capacity));
            }
        }
        reasons
    }

    /// The node with the most room; among equals the one with fewer Pods of the same owner, then
    /// chance.
    ///
    /// Models plugins noderesources/least_allocated.go and podtopologyspread's default constraints
    /// in their effect, not their arithmetic.
    fn best(&mut self, pod: &Pod, fits: &[usize]) -> Option<usize> {
        let owner = crate::cluster::key::controller_of(&pod.metadata);
        let mut best: Option<(i128, usize)> = None;
        for index in fits {
            let node = &self.nodes[*index];
            let here = self.store.books.of(&node.name);
            let siblings = owner.zip(here).map_or(0, |(owner, here)| here.siblings(&owner.uid));
            let used = here.map_or(0, |here| here.weight);
            let chance = i128::from(self.random.below(1_000));
            let rather = self.reluctance(pod, *index) * 1_000_000_000_000;
            let cost = rather + siblings * 100_000_000 + used * 1_000 + chance;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, *index));
            }
        }
        best.map(|(_, index)| index)
    }

    fn bind(&mut self, pod: &Pod, node: usize, cause: Option<EntryId>) {
        self.unschedulable.remove(&pod.metadata.uid);
        let name = self.nodes[node].name.clone();
        let mut bound = pod.clone();
        bound.spec.node_name.clone_from(&name);
        bound.status.nominated_node_name.clear();
        bound.status.conditions.retain(|condition| condition.kind != "PodScheduled");
        bound.status.conditions.push(PodCondition {
            kind: "PodScheduled".to_owned(),
            status: "True".to_owned(),
            last_transition_time: Some(self.now.truncated()),
            ..PodCondition::default()
        });
        let entry = self.update_pod(Actor::Scheduler, bound.clone(), Rule::Scheduled, cause);
        let metadata = &pod.metadata;
        let message =
            format!("Successfully assigned {}/{} to {name}", metadata.namespace, metadata.name);
        let about = Object::Pod(std::rc::Rc::new(bound));
        self.say_scheduler(&about, "Normal", "Scheduled", message, Some(entry));
    }

    /// Pods whose volumes are all there now go to their nodes.
    pub(crate) fn claims_bound(&mut self, cause: EntryId) {
        let assumed: Vec<(String, usize)> =
            self.assumed.iter().map(|(uid, node)| (uid.clone(), *node)).collect();
        for (uid, node) in assumed {
            let Some(pod) = self.store.pod_by_uid(&uid).cloned() else {
                self.assumed.remove(&uid);
                continue;
            };
            if self.claims_of(&pod).is_ok_and(|claims| claims.is_empty()) {
                self.assumed.remove(&uid);
                if pod.spec.node_name.is_empty() && !pod.is_terminating() {
                    self.bind(&pod, node, Some(cause));
                }
            }
        }
    }

    /// A Pod that fits nowhere whatever the nodes are like.
    fn fail_before_filters(&mut self, pod: &Pod, why: &str, cause: Option<EntryId>) {
        let total = self.members().len();
        let preemption = if pod.spec.preemption_policy.as_deref() == Some("Never") {
            "not eligible due to preemptionPolicy=Never.".to_owned()
        } else {
            format!(
                "0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
            )
        };
        let claims = self.about_claims();
        let message =
            format!("0/{total} nodes are available: {why}. {claims}preemption: {preemption}");
        self.say_unschedulable(pod, message, false, cause);
    }

    fn fail_scheduling(&mut self, pod: &Pod, unfit: &[(usize, Unfit)], cause: Option<EntryId>) {
        let mut pod = pod.clone();
        let preempted = match self.preempt(&pod, unfit, cause) {
            Preemption::Nominated(node) => {
                pod.status.nominated_node_name = node;
                None
            }
            Preemption::Not(why) => Some(why),
        };
        let pod = &pod;
        let message = self.fit_error(unfit, preempted.as_deref());
        let resolvable = unfit.iter().any(|(_, reason)| reason.resolvable);
        self.say_unschedulable(pod, message, resolvable, cause);
    }

    fn say_unschedulable(
        &mut self,
        pod: &Pod,
        message: String,
        resolvable: bool,
        cause: Option<EntryId>,
    ) {
        self.scheduler_says(pod, message.clone(), Rule::Unschedulable, cause);
        let about = Object::Pod(std::rc::Rc::new(pod.clone()));
        let mut text = message.clone();
        if text.len() > 1_024 {
            text.truncate(1_020);
            text.push_str(" ...");
        }
        let entry = self.say_scheduler(&about, "Warning", "FailedScheduling", text, cause);
        let condition = PodCondition {
            kind: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: "Unschedulable".to_owned(),
            message,
            ..PodCondition::default()
        };
        self.set_scheduled_condition(pod, condition, entry);
        let attempts = self.unschedulable.get(&pod.metadata.uid).map_or(0, |w| w.attempts) + 1;
        let waiting = Waiting { attempts, last: self.now, resolvable };
        self.unschedulable.insert(pod.metadata.uid.clone(), waiting);
        let wake = Wake::Schedule { uid: pod.metadata.uid.clone() };
        self.wake_after(UNSCHEDULABLE_MAX, wake, entry.or(cause));
    }

    fn set_scheduled_condition(
        &mut self,
        pod: &Pod,
        mut condition: PodCondition,
        cause: Option<EntryId>,
    ) {
        let old = pod.status.condition("PodScheduled");
        let known = self.store.pod_by_uid(&pod.metadata.uid);
        let nominated = known.is_some_and(|known| {
            known.status.nominated_node_name != pod.status.nominated_node_name
        });
        let same =
            |old: &PodCondition| old.message == condition.message && old.status == condition.status;
        if !nominated && old.is_some_and(same) {
            return;
        }
        condition.last_transition_time = old
            .filter(|old| old.status == condition.status)
            .and_then(|old| old.last_transition_time)
            .or(Some(self.now.truncated()));
        let mut changed = pod.clone();
        changed.status.conditions.retain(|condition| condition.kind != "PodScheduled");
        changed.status.conditions.push(condition);
        self.update_pod(Actor::Scheduler, changed, Rule::Unschedulable, cause);
    }

    /// The sentence of FailedScheduling: how many nodes say what, and why preemption did not help.
    fn fit_error(&self, unfit: &[(usize, Unfit)], preemption: Option<&str>) -> String {
        let total = self.members().len();
        if total == 0 {
            return "no nodes available to schedule pods".to_owned();
        }
        let mut reasons: Map<&str, usize> = Map::new();
        for (_, reason) in unfit {
            *reasons.entry(&reason.reason).or_default() += 1;
        }
        let mut filters: Vec<String> =
            reasons.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        crate::order::sort(&mut filters);
        let filters = filters.join(", ");
        let Some(preemption) = preemption else {
            return format!("0/{total} nodes are available: {filters}.");
        };
        let claims = self.about_claims();
        format!("0/{total} nodes are available: {filters}. {claims}preemption: {preemption}")
    }

    fn about_claims(&self) -> &'static str {
        if self.scenario.version.has(Feature::ClaimsInFailedScheduling) {
            "no new claims to deallocate, "
        } else {
            ""
        }
    }

    /// A Pod has left: those that fit nowhere are tried again, each after its back-off.
    pub(crate) fn retry_unschedulable(&mut self, cause: EntryId) {
        self.retry(false, cause);
    }

    /// A node is different: even those that no leaving Pod could help are tried again.
    pub(crate) fn retry_all_unschedulable(&mut self, cause: EntryId) {
        self.retry(true, cause);
    }

    fn retry(&mut self, all: bool, cause: EntryId) {
        let due: Vec<(String, Instant)> = self
            .unschedulable
            .iter()
            .filter(|(_, waiting)| all || waiting.resolvable)
            .map(|(uid, waiting)| {
                let doubled = BACKOFF.0 * (1_i64 << waiting.attempts.saturating_sub(1).min(4));
                (uid.clone(), waiting.last + doubled.min(BACKOFF.1))
            })
            .collect();
        for (uid, at) in due {
            self.wake_at(at, Wake::Schedule { uid }, Some(cause));
        }
    }
}

/// Whether a Pod tolerates a taint.
pub(crate) fn is_tolerated(pod: &Pod, taint: &Taint) -> bool {
    pod.spec.tolerations.iter().any(|toleration| tolerates(toleration, taint))
}

/// Whether a toleration means a taint.
pub(crate) fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.is_empty() || toleration.effect == taint.effect;
    let key = toleration.key.is_empty() || toleration.key == taint.key;
    effect
        && key
        && (toleration.operator == "Exists"
            || (!toleration.key.is_empty() && toleration.value == taint.value))
}

fn term_matches(
    term: &NodeSelectorTerm,
    labels: &crate::manifest::meta::Labels,
    name: &str,
) -> bool {
    let by_name: crate::manifest::meta::Labels =
        [("metadata.name".to_owned(), name.to_owned())].into();
    let any = !term.match_expressions.is_empty() || !term.match_fields.is_empty();
    any && term.match_expressions.iter().all(|requirement| node_matches(requirement, labels))
        && term.match_fields.iter().all(|requirement| node_matches(requirement, &by_name))
}

fn node_matches(
    requirement: &LabelSelectorRequirement,
    labels: &crate::manifest::meta::Labels,
) -> bool {
    let value = labels.get(&requirement.key);
    let number = value.and_then(|value| value.parse::<i64>().ok());
    let bound = requirement.values.first().and_then(|bound| bound.parse::<i64>().ok());
    match requirement.operator.as_str() {
        "In" => value.is_some_and(|value| requirement.values.contains(value)),
        "NotIn" => !value.is_some_and(|value| requirement.values.contains(value)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => number.zip(bound).is_some_and(|(number, bound)| number > bound),
        "Lt" => number.zip(bound).is_some_and(|(number, bound)| number < bound),
        _ => false,
    }
}

/// The ports of the node that a Pod wants.
fn host_ports(pod: &Pod) -> Vec<(i32, &str)> {
    pod.spec
        .containers
        .iter()
        .flat_map(|container| &container.ports)
        .filter_map(|port| {
            let host = if pod.spec.host_network { port.container_port } else { port.host_port };
            (host > 0).then_some((host, port.protocol.as_str()))
        })
        .collect()
}
