//! kube-scheduler: which node a Pod goes to, or why none.
//!
//! Models pkg/scheduler/schedule_one.go with the default plugins that matter here, and
//! framework/types.go FitError. Does not own: what the node then does.

mod affinity;
mod preemption;
mod retry;
mod volumes;

use crate::cluster::World;
use crate::cluster::key::pod_subject;
use crate::manifest::Object;
use crate::manifest::cluster::Taint;
use crate::manifest::meta::LabelSelectorRequirement;
use crate::manifest::pod::{NodeSelectorTerm, Pod, PodCondition, Toleration};
use crate::manifest::qos;
use crate::map::{Map, Set};
use crate::rule::Rule;
use crate::trace::{Actor, Change, Entry, EntryId};
use crate::version::Feature;

use preemption::{Preemption, priority};

/// The name by which Pods ask for this scheduler.
const DEFAULT_SCHEDULER: &str = "default-scheduler";

pub(crate) use retry::{NodeChange, Waiting};

/// Pods that are thought away, by UID.
type Without = Set<String>;

/// Who says that a node does not do.
///
/// Models the plugins of pkg/scheduler/framework/plugins, in the order in which they filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plugin {
    /// nodeunschedulable
    Cordon,
    /// tainttoleration
    Taints,
    /// nodeaffinity
    NodeAffinity,
    /// nodeports
    Ports,
    /// noderesources
    Resources,
    /// volumebinding and volumerestrictions
    Volumes,
    /// podtopologyspread
    Spread,
    /// interpodaffinity
    PodAffinity,
}

/// Why a node does not do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unfit {
    reason: String,
    plugin: Plugin,
    /// Pods could leave and make it fit.
    resolvable: bool,
}

impl Unfit {
    fn new(plugin: Plugin, reason: &str, resolvable: bool) -> Self {
        Self { reason: reason.to_owned(), plugin, resolvable }
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
        if self.was_tried_meanwhile(uid) {
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
            Err(why) => return self.fail_before_filters(&pod, &why, Plugin::Volumes, cause),
        };
        let mut fits = Vec::new();
        let mut unfit: Vec<(usize, Unfit)> = Vec::new();
        let nobody = Without::new();
        let pinned = match pinned(&pod) {
            Ok(pinned) => pinned,
            Err(why) => {
                return self.fail_before_filters(&pod, why, Plugin::NodeAffinity, cause);
            }
        };
        for index in self.members() {
            if pinned.as_ref().is_some_and(|names| !names.contains(&*self.nodes[index].name)) {
                unfit.extend(self.not_pinned().map(|reason| (index, reason)));
                continue;
            }
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

    /// What is said of the nodes that a Pod which names its nodes does not name.
    ///
    /// Models schedule_one.go findNodesThatFitPod with a PreFilterResult.
    fn not_pinned(&self) -> Option<Unfit> {
        let version = self.scenario.version;
        let reason = if version.has(Feature::PluginsOfUnfitNodes) {
            "node(s) didn't satisfy plugin(s) [NodeAffinity]"
        } else if version.has(Feature::PrefilterResultInMessage) {
            "node is filtered out by the prefilter result"
        } else if version.has(Feature::PreemptionInFailedScheduling) {
            // They were left out of the sentence.
            return None;
        } else {
            "node(s) didn't match Pod's node affinity/selector"
        };
        Some(Unfit::new(Plugin::NodeAffinity, reason, false))
    }

    /// Why a Pod does not fit a node: the reasons of the first plugin that has any.
    fn filter(&self, pod: &Pod, index: usize, without: &Without) -> Vec<Unfit> {
        let node = &self.nodes[index];
        let unfit = |plugin, reason: &str, resolvable| vec![Unfit::new(plugin, reason, resolvable)];
        if node.unschedulable && !is_tolerated(pod, &cordon()) {
            return unfit(Plugin::Cordon, "node(s) were unschedulable", false);
        }
        if let Some(taint) = untolerated(pod, &node.taints) {
            return unfit(Plugin::Taints, &self.taint_reason(taint), false);
        }
        if !self.selects_node(pod, index) {
            let reason = "node(s) didn't match Pod's node affinity/selector";
            return unfit(Plugin::NodeAffinity, reason, false);
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
                .any(|other| {
                    let theirs = host_ports(other);
                    wanted.iter().any(|port| theirs.iter().any(|other| port.conflicts(other)))
                });
        if taken {
            let reason = "node(s) didn't have free ports for the requested pod ports";
            return unfit(Plugin::Ports, reason, true);
        }
        let mut reasons = self.fit_resources(pod, index, without);
        if !reasons.is_empty() {
            // What the node never has makes the whole node one that no Pod could make fit.
            let resolvable = reasons.iter().all(|reason| reason.resolvable);
            for reason in &mut reasons {
                reason.resolvable = resolvable;
            }
            return reasons;
        }
        let reasons = self.unfit_for_volumes(pod, index, without);
        if !reasons.is_empty() {
            return reasons;
        }
        self.unfit_beside_pods(pod, index, without).into_iter().collect()
    }

    /// Models plugins/tainttoleration Filter; the words were shortened so that nobody learns of
    /// taints from Pods.
    fn taint_reason(&self, taint: &Taint) -> String {
        let version = self.scenario.version;
        let (key, value) = (&taint.key, &taint.value);
        if version.has(Feature::TaintsUnnamed) {
            "node(s) had untolerated taint(s)".to_owned()
        } else if version.has(Feature::PreemptionInFailedScheduling) {
            format!("node(s) had untolerated taint {{{key}: {value}}}")
        } else {
            format!("node(s) had taint {{{key}: {value}}}, that the pod didn't tolerate")
        }
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
            reasons.push(Unfit::new(Plugin::Resources, "Too many pods", true));
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
                let reason = format!("Insufficient {name}");
                reasons.push(Unfit::new(Plugin::Resources, &reason, wanted <= capacity));
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
    fn fail_before_filters(
        &mut self,
        pod: &Pod,
        why: &str,
        plugin: Plugin,
        cause: Option<EntryId>,
    ) {
        let total = self.members().len();
        if total == 0 {
            let message = "no nodes available to schedule pods".to_owned();
            return self.say_unschedulable(pod, message, vec![plugin], cause);
        }
        let preemption = if pod.spec.preemption_policy.as_deref() == Some("Never") {
            "not eligible due to preemptionPolicy=Never.".to_owned()
        } else {
            format!(
                "0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
            )
        };
        let message = format!(
            "0/{total} nodes are available: {why}.{}",
            self.about_preemption(Some(&preemption))
        );
        self.say_unschedulable(pod, message, vec![plugin], cause);
    }

    fn fail_scheduling(&mut self, pod: &Pod, unfit: &[(usize, Unfit)], cause: Option<EntryId>) {
        let mut pod = pod.clone();
        let preempted = match self.preempt(&pod, unfit, cause) {
            Preemption::Nominated(node) => {
                pod.status.nominated_node_name = node;
                None
            }
            Preemption::NotEligible(why) => Some(why),
            Preemption::InVain(why) => {
                pod.status.nominated_node_name.clear();
                Some(why)
            }
        };
        let pod = &pod;
        let message = self.fit_error(unfit, preempted.as_deref());
        let plugins = unfit.iter().map(|(_, reason)| reason.plugin).collect();
        self.say_unschedulable(pod, message, plugins, cause);
    }

    fn say_unschedulable(
        &mut self,
        pod: &Pod,
        message: String,
        mut plugins: Vec<Plugin>,
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
        crate::order::sort(&mut plugins);
        plugins.dedup();
        self.wait_for_a_change(pod, plugins, entry.or(cause));
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
        let about = self.about_preemption(preemption);
        format!("0/{total} nodes are available: {filters}.{about}")
    }

    /// The second sentence of FailedScheduling.
    fn about_preemption(&self, preemption: Option<&str>) -> String {
        let version = self.scenario.version;
        match preemption {
            Some(why) if version.has(Feature::ClaimsInFailedScheduling) => {
                format!(" no new claims to deallocate, preemption: {why}")
            }
            Some(why) if version.has(Feature::PreemptionInFailedScheduling) => {
                format!(" preemption: {why}")
            }
            Some(_) | None => String::new(),
        }
    }
}

/// The taint of a node that is closed; it may be tolerated by its name.
///
/// Models plugins/nodeunschedulable.
fn cordon() -> Taint {
    Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    }
}

/// The first taint that keeps a Pod away.
fn untolerated<'t>(pod: &Pod, taints: &'t [Taint]) -> Option<&'t Taint> {
    taints.iter().find(|taint| taint.effect != "PreferNoSchedule" && !is_tolerated(pod, taint))
}

/// The nodes that a Pod names in its affinity, if all of its terms name some.
///
/// Models plugins/nodeaffinity PreFilter.
fn pinned(pod: &Pod) -> Result<Option<Set<String>>, &'static str> {
    let affinity = pod.spec.affinity.as_ref().and_then(|own| own.node_affinity.as_ref());
    let Some(required) = affinity.and_then(|own| own.required.as_ref()) else { return Ok(None) };
    let mut names = Set::new();
    for term in &required.node_selector_terms {
        let mut own: Option<Set<String>> = None;
        for requirement in &term.match_fields {
            if requirement.key != "metadata.name" || requirement.operator != "In" {
                continue;
            }
            let named = requirement.values.iter();
            let kept = named.filter(|name| own.as_ref().is_none_or(|own| own.contains(*name)));
            own = Some(kept.cloned().collect());
        }
        let Some(own) = own else { return Ok(None) };
        for name in own.iter() {
            names.insert(name.clone());
        }
    }
    if required.node_selector_terms.is_empty() {
        return Ok(None);
    }
    if names.is_empty() {
        return Err("pod affinity terms conflict");
    }
    Ok(Some(names))
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

/// A port of the node that a Pod wants.
struct HostPort<'p> {
    ip: &'p str,
    protocol: &'p str,
    port: i32,
}

impl HostPort<'_> {
    /// Models framework HostPortInfo CheckConflict: no address means each of them.
    fn conflicts(&self, other: &HostPort<'_>) -> bool {
        let any = |ip: &str| matches!(ip, "" | "0.0.0.0");
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || any(self.ip) || any(other.ip))
    }
}

/// The ports of the node that a Pod wants; those of sidecars count.
fn host_ports(pod: &Pod) -> Vec<HostPort<'_>> {
    let sidecars = pod.spec.init_containers.iter().filter(|init| init.is_sidecar());
    sidecars
        .chain(&pod.spec.containers)
        .flat_map(|container| &container.ports)
        .filter_map(|port| {
            let host = if pod.spec.host_network { port.container_port } else { port.host_port };
            let wanted = HostPort { ip: &port.host_ip, protocol: &port.protocol, port: host };
            (host > 0).then_some(wanted)
        })
        .collect()
}
