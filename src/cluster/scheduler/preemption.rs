//! Preemption: a Pod that fits nowhere drives less important ones away.
//!
//! Models pkg/scheduler/framework/plugins/defaultpreemption and framework/preemption. Does not own:
//! priorities (`cluster::admission`), or the deletion itself (`store`).

use std::cmp::Reverse;
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::scheduler::{Unfit, Without};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId};

/// What came of trying.
pub(super) enum Preemption {
    /// Victims were found on this node and are on their way.
    Nominated(String),
    /// The Pod may not: what FailedScheduling says of it.
    NotEligible(String),
    /// Nobody's end would help: what FailedScheduling says of it. An earlier promise is void.
    InVain(String),
}

/// Who would have to go from a node.
struct Candidate {
    node: usize,
    victims: Vec<Rc<Pod>>,
    /// How many of them a budget does not let go.
    violations: usize,
}

/// The priority of a Pod.
pub(super) fn priority(pod: &Pod) -> i32 {
    pod.spec.priority.unwrap_or(0)
}

impl World<'_> {
    /// Looks for less important Pods whose end would make room.
    pub(super) fn preempt(
        &mut self,
        pod: &Pod,
        unfit: &[(usize, Unfit)],
        cause: Option<EntryId>,
    ) -> Preemption {
        if pod.spec.preemption_policy.as_deref() == Some("Never") {
            return Preemption::NotEligible(
                "not eligible due to preemptionPolicy=Never.".to_owned(),
            );
        }
        let nominated = &pod.status.nominated_node_name;
        let leaving = !nominated.is_empty()
            && self
                .pods_on(nominated)
                .iter()
                .any(|other| other.is_terminating() && priority(other) < priority(pod));
        if leaving {
            return Preemption::NotEligible(
                "not eligible due to a terminating pod on the nominated node.".to_owned(),
            );
        }
        let mut nodes: Vec<usize> =
            unfit.iter().filter(|(_, why)| why.resolvable).map(|(node, _)| *node).collect();
        nodes.dedup();
        let mut best: Option<Candidate> = None;
        let mut in_vain: Map<String, usize> = Map::new();
        for node in &nodes {
            match self.victims(pod, *node) {
                Ok(candidate) => {
                    if best.as_ref().is_none_or(|best| cost(&candidate) < cost(best)) {
                        best = Some(candidate);
                    }
                }
                Err(reasons) => {
                    for reason in reasons {
                        *in_vain.entry(reason).or_default() += 1;
                    }
                }
            }
        }
        let Some(candidate) = best else {
            let helpless = self.members().len() - nodes.len();
            if helpless > 0 {
                let reason = "Preemption is not helpful for scheduling".to_owned();
                in_vain.insert(reason, helpless);
            }
            return Preemption::InVain(self.in_vain(in_vain));
        };
        let node = self.nodes[candidate.node].name.clone();
        for victim in &candidate.victims {
            self.preempt_one(pod, victim, &node, cause);
        }
        Preemption::Nominated(node)
    }

    fn preempt_one(&mut self, pod: &Pod, victim: &Rc<Pod>, node: &str, cause: Option<EntryId>) {
        let reason = (
            "PreemptionByScheduler",
            "default-scheduler: preempting to accommodate a higher priority pod",
        );
        let entry = self.disrupt(Actor::Scheduler, victim, reason, Rule::Preempts, cause);
        let key = Key::new("Pod", &victim.metadata.namespace, &victim.metadata.name);
        let entry = self.delete(Actor::Scheduler, &key, None, entry).or(entry);
        let message = format!("Preempted by pod {} on node {node}", pod.metadata.uid);
        let about = Object::Pod(victim.clone());
        self.say_scheduler(&about, "Normal", "Preempted", message, entry);
    }

    /// The fewest Pods of a node that must go, the most important ones kept.
    ///
    /// Models SelectVictimsOnNode; the reasons why nobody's end would help are the node's.
    fn victims(&self, pod: &Pod, node: usize) -> Result<Candidate, Vec<String>> {
        let name = &self.nodes[node].name;
        let mut lower: Vec<Rc<Pod>> = self
            .pods_on(name)
            .into_iter()
            .filter(|other| priority(other) < priority(pod) && !other.is_terminal())
            .collect();
        if lower.is_empty() {
            return Err(vec!["No preemption victims found for incoming pod".to_owned()]);
        }
        let mut without: Without = lower.iter().map(|other| other.metadata.uid.clone()).collect();
        let still = self.filter(pod, node, &without);
        if !still.is_empty() {
            return Err(still.into_iter().map(|unfit| unfit.reason).collect());
        }
        let started = |pod: &Pod| pod.status.start_time;
        let protected = |pod: &Rc<Pod>| {
            self.budgets_of(pod).iter().any(|budget| budget.status.disruptions_allowed <= 0)
        };
        // The ones that a budget protects are spared first, then the more important, then the
        // older ones.
        crate::order::sort_by_key(&mut lower, |other| {
            (Reverse(protected(other)), Reverse(priority(other)), started(other))
        });
        let mut victims = Vec::new();
        for other in lower {
            without.remove(&other.metadata.uid);
            if !self.filter(pod, node, &without).is_empty() {
                without.insert(other.metadata.uid.clone());
                victims.push(other);
            }
        }
        let violations = victims.iter().filter(|pod| protected(pod)).count();
        Ok(Candidate { node, victims, violations })
    }

    fn in_vain(&self, reasons: Map<String, usize>) -> String {
        let mut items: Vec<String> =
            reasons.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        crate::order::sort(&mut items);
        format!("0/{} nodes are available: {}.", self.members().len(), items.join(", "))
    }
}

/// Which candidate is the least harm; ties go to the first.
///
/// Models pickOneNodeForPreemption.
fn cost(candidate: &Candidate) -> (usize, i32, i64, usize) {
    let priorities = candidate.victims.iter().map(|pod| priority(pod));
    (
        candidate.violations,
        priorities.clone().max().unwrap_or(i32::MIN),
        priorities.map(i64::from).sum(),
        candidate.victims.len(),
    )
}
