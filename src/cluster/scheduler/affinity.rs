//! Where a Pod may be because of other Pods: affinity, anti-affinity, topology spread; and which of
//! the possible nodes it would rather have.
//!
//! Models pkg/scheduler/framework/plugins/interpodaffinity, podtopologyspread, nodeaffinity and
//! tainttoleration. Does not own: the other reasons (`scheduler`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::scheduler::{Unfit, Without, is_tolerated, term_matches};
use crate::manifest::pod::{Pod, PodAffinityTerm, TopologySpreadConstraint};
use crate::map::Map;

/// Whether a term of one Pod means another Pod.
fn means(term: &PodAffinityTerm, owner: &Pod, other: &Pod) -> bool {
    let namespace = &other.metadata.namespace;
    let here = match (&term.namespace_selector, term.namespaces.is_empty()) {
        // An empty selector means every namespace; labels of namespaces are not looked at further.
        (Some(_), _) => true,
        (None, true) => *namespace == owner.metadata.namespace,
        (None, false) => term.namespaces.contains(namespace),
    };
    here && term.label_selector.as_ref().is_some_and(|s| s.matches(&other.metadata.labels))
}

fn affinity_terms(pod: &Pod) -> &[PodAffinityTerm] {
    let affinity = pod.spec.affinity.as_ref().and_then(|a| a.pod_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

fn anti_affinity_terms(pod: &Pod) -> &[PodAffinityTerm] {
    let affinity = pod.spec.affinity.as_ref().and_then(|a| a.pod_anti_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

impl World<'_> {
    /// The value of a topology key on a node by name.
    fn domain(&self, node: &str, key: &str) -> Option<&str> {
        let index = self.node_index(node)?;
        self.nodes[index].labels.get(key).map(String::as_str)
    }

    /// Pods that have a node and are not over.
    fn placed(&self, without: &Without) -> Vec<&Rc<Pod>> {
        self.store
            .pods()
            .filter(|pod| {
                !pod.spec.node_name.is_empty()
                    && !pod.is_terminal()
                    && !without.contains(&pod.metadata.uid)
            })
            .collect()
    }

    /// Why other Pods keep a Pod from a node, if they do.
    pub(super) fn unfit_beside_pods(
        &self,
        pod: &Pod,
        index: usize,
        without: &Without,
    ) -> Option<Unfit> {
        self.unfit_for_spread(pod, index, without)
            .or_else(|| self.unfit_for_affinity(pod, index, without))
    }

    fn unfit_for_affinity(&self, pod: &Pod, index: usize, without: &Without) -> Option<Unfit> {
        let (wants, avoids) = (affinity_terms(pod), anti_affinity_terms(pod));
        if wants.is_empty() && avoids.is_empty() && !self.store.has_anti_affinity {
            return None;
        }
        let placed = self.placed(without);
        let labels = &self.nodes[index].labels;
        let together = |term: &PodAffinityTerm, node: &str| {
            let here = labels.get(&term.topology_key);
            here.is_some() && here.map(String::as_str) == self.domain(node, &term.topology_key)
        };
        let satisfied = wants.iter().all(|term| {
            let on =
                |other: &&Rc<Pod>| means(term, pod, other) && together(term, &other.spec.node_name);
            placed.iter().any(on)
        });
        // The first of a group that wants to be together may be anywhere.
        let first = || {
            wants.iter().all(|term| {
                labels.contains_key(&term.topology_key)
                    && means(term, pod, pod)
                    && !placed.iter().any(|other| means(term, pod, other))
            })
        };
        if !satisfied && !first() {
            return Some(Unfit::new("node(s) didn't match pod affinity rules", false));
        }
        let crowded = avoids.iter().any(|term| {
            placed
                .iter()
                .any(|other| means(term, pod, other) && together(term, &other.spec.node_name))
        });
        if crowded {
            return Some(Unfit::new("node(s) didn't match pod anti-affinity rules", true));
        }
        let unwelcome = placed.iter().any(|other| {
            anti_affinity_terms(other)
                .iter()
                .any(|term| means(term, other, pod) && together(term, &other.spec.node_name))
        });
        unwelcome
            .then(|| Unfit::new("node(s) didn't satisfy existing pods anti-affinity rules", true))
    }

    fn unfit_for_spread(&self, pod: &Pod, index: usize, without: &Without) -> Option<Unfit> {
        let hard = |constraint: &&TopologySpreadConstraint| {
            constraint.when_unsatisfiable == "DoNotSchedule"
        };
        for constraint in pod.spec.topology_spread_constraints.iter().filter(hard) {
            let key = &constraint.topology_key;
            let Some(here) = self.nodes[index].labels.get(key) else {
                let reason = "node(s) didn't match pod topology spread constraints (missing \
                              required label)";
                return Some(Unfit::new(reason, false));
            };
            let Some(selector) = &constraint.label_selector else { continue };
            // Domains are those of the nodes that the Pod's own selector means.
            let mut counts: Map<&str, i32> = Map::new();
            for node in self.members() {
                if let Some(domain) = self.nodes[node].labels.get(key)
                    && self.selects_node(pod, node)
                {
                    counts.entry(domain).or_default();
                }
            }
            for other in self.placed(without) {
                if other.metadata.namespace == pod.metadata.namespace
                    && !other.is_terminating()
                    && selector.matches(&other.metadata.labels)
                    && let Some(domain) = self.domain(&other.spec.node_name, key)
                    && let Some(count) = counts.get_mut(domain)
                {
                    *count += 1;
                }
            }
            let least = counts.values().copied().min().unwrap_or(0);
            let own = i32::from(selector.matches(&pod.metadata.labels));
            let count = counts.get(here.as_str()).copied().unwrap_or(0);
            if count + own - least > constraint.max_skew.max(1) {
                let reason = "node(s) didn't match pod topology spread constraints";
                return Some(Unfit::new(reason, true));
            }
        }
        None
    }

    /// How much a Pod would rather be elsewhere: preferences that a node does not meet.
    pub(super) fn reluctance(&self, pod: &Pod, index: usize) -> i128 {
        let node = &self.nodes[index];
        let mut cost = 0_i128;
        for taint in node.taints.iter().filter(|taint| taint.effect == "PreferNoSchedule") {
            // The plugin counts for three.
            cost += if is_tolerated(pod, taint) { 0 } else { 300 };
        }
        let Some(affinity) = &pod.spec.affinity else { return cost };
        for term in affinity.node_affinity.iter().flat_map(|affinity| &affinity.preferred) {
            if !term_matches(&term.preference, &node.labels, &node.name) {
                cost += i128::from(term.weight);
            }
        }
        let weighted = |affinity: &Option<crate::manifest::pod::PodAffinity>, sign: i128| {
            let mut cost = 0;
            for term in affinity.iter().flat_map(|affinity| &affinity.preferred) {
                let key = &term.pod_affinity_term.topology_key;
                let here = node.labels.get(key).map(String::as_str);
                let beside = self.placed(&Without::new()).into_iter().any(|other| {
                    means(&term.pod_affinity_term, pod, other)
                        && here.is_some()
                        && self.domain(&other.spec.node_name, key) == here
                });
                if beside {
                    cost += sign * i128::from(term.weight);
                }
            }
            cost
        };
        cost + weighted(&affinity.pod_affinity, -1) + weighted(&affinity.pod_anti_affinity, 1)
    }
}
