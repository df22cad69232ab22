//! Where a Pod may be because of other Pods: affinity, anti-affinity, topology spread; and which of
//! the possible nodes it would rather have.
//!
//! Models pkg/scheduler/framework/plugins/interpodaffinity, podtopologyspread, nodeaffinity and
//! tainttoleration. Does not own: the other reasons (`scheduler`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::scheduler::{Plugin, Unfit, Without, is_tolerated, term_matches, untolerated};
use crate::manifest::Object;
use crate::manifest::meta::LabelSelector;
use crate::manifest::pod::{Pod, PodAffinityTerm, TopologySpreadConstraint};
use crate::map::Map;

fn affinity_terms(pod: &Pod) -> &[PodAffinityTerm] {
    let affinity = pod.spec.affinity.as_ref().and_then(|a| a.pod_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

fn anti_affinity_terms(pod: &Pod) -> &[PodAffinityTerm] {
    let affinity = pod.spec.affinity.as_ref().and_then(|a| a.pod_anti_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

/// Which Pods a constraint counts: those of the same revision too, where keys say so.
fn spread_selector(constraint: &TopologySpreadConstraint, pod: &Pod) -> Option<LabelSelector> {
    let mut selector = constraint.label_selector.clone()?;
    for key in &constraint.match_label_keys {
        if let Some(value) = pod.metadata.labels.get(key) {
            selector.match_labels.insert(key.clone(), value.clone());
        }
    }
    Some(selector)
}

impl World<'_> {
    /// Whether a term of one Pod means another Pod.
    fn means(&self, term: &PodAffinityTerm, owner: &Pod, other: &Pod) -> bool {
        let namespace = &other.metadata.namespace;
        let here = match &term.namespace_selector {
            Some(selector) => {
                let space = self.store.get(&Key::new("Namespace", "", namespace));
                let labels = match space {
                    Some(Object::Namespace(space)) => space.metadata.labels.clone(),
                    _ => Default::default(),
                };
                selector.matches(&labels) || term.namespaces.contains(namespace)
            }
            None if term.namespaces.is_empty() => *namespace == owner.metadata.namespace,
            None => term.namespaces.contains(namespace),
        };
        here && term.label_selector.as_ref().is_some_and(|s| s.matches(&other.metadata.labels))
    }

    /// Whether a Pod wants to be beside another one.
    pub(super) fn wants_beside(&self, pod: &Pod, other: &Pod) -> bool {
        affinity_terms(pod).iter().any(|term| self.means(term, pod, other))
    }

    /// Whether a Pod is spread together with another one.
    pub(super) fn spreads_with(&self, pod: &Pod, other: &Pod) -> bool {
        pod.metadata.namespace == other.metadata.namespace
            && pod.spec.topology_spread_constraints.iter().any(|constraint| {
                spread_selector(constraint, pod)
                    .is_some_and(|selector| selector.matches(&other.metadata.labels))
            })
    }

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
        // Only Pods that all the terms mean count.
        let all = |other: &Pod| wants.iter().all(|term| self.means(term, pod, other));
        let meant: Vec<&&Rc<Pod>> = if wants.is_empty() {
            Vec::new()
        } else {
            placed.iter().filter(|other| all(other)).collect()
        };
        let satisfied = wants
            .iter()
            .all(|term| meant.iter().any(|other| together(term, &other.spec.node_name)));
        // The first of a group that wants to be together may be anywhere.
        let has_keys = wants.iter().all(|term| labels.contains_key(&term.topology_key));
        let first = has_keys && meant.is_empty() && all(pod);
        if !satisfied && !first {
            let reason = "node(s) didn't match pod affinity rules";
            return Some(Unfit::new(Plugin::PodAffinity, reason, false));
        }
        let crowded = avoids.iter().any(|term| {
            placed
                .iter()
                .any(|other| self.means(term, pod, other) && together(term, &other.spec.node_name))
        });
        if crowded {
            let reason = "node(s) didn't match pod anti-affinity rules";
            return Some(Unfit::new(Plugin::PodAffinity, reason, true));
        }
        let unwelcome = placed.iter().any(|other| {
            anti_affinity_terms(other)
                .iter()
                .any(|term| self.means(term, other, pod) && together(term, &other.spec.node_name))
        });
        let reason = "node(s) didn't satisfy existing pods anti-affinity rules";
        unwelcome.then(|| Unfit::new(Plugin::PodAffinity, reason, true))
    }

    fn unfit_for_spread(&self, pod: &Pod, index: usize, without: &Without) -> Option<Unfit> {
        let hard = |constraint: &&TopologySpreadConstraint| {
            constraint.when_unsatisfiable == "DoNotSchedule"
        };
        let constraints: Vec<&TopologySpreadConstraint> =
            pod.spec.topology_spread_constraints.iter().filter(hard).collect();
        // Only nodes that have all the keys have domains.
        let has_keys = |node: usize| {
            let labels = &self.nodes[node].labels;
            constraints.iter().all(|constraint| labels.contains_key(&constraint.topology_key))
        };
        for constraint in &constraints {
            let key = &constraint.topology_key;
            let Some(here) = self.nodes[index].labels.get(key) else {
                let reason = "node(s) didn't match pod topology spread constraints (missing \
                              required label)";
                return Some(Unfit::new(Plugin::Spread, reason, false));
            };
            let Some(selector) = spread_selector(constraint, pod) else { continue };
            let mut counts: Map<&str, i32> = Map::new();
            for node in self.members() {
                if has_keys(node)
                    && self.counts_for(pod, constraint, node)
                    && let Some(domain) = self.nodes[node].labels.get(key)
                {
                    counts.entry(domain).or_default();
                }
            }
            for other in self.placed(without) {
                let counted = self
                    .node_index(&other.spec.node_name)
                    .is_some_and(|node| has_keys(node) && self.counts_for(pod, constraint, node));
                if counted
                    && other.metadata.namespace == pod.metadata.namespace
                    && !other.is_terminating()
                    && selector.matches(&other.metadata.labels)
                    && let Some(domain) = self.domain(&other.spec.node_name, key)
                    && let Some(count) = counts.get_mut(domain)
                {
                    *count += 1;
                }
            }
            // Domains that are missing are empty ones.
            let domains = i32::try_from(counts.len()).unwrap_or(i32::MAX);
            let least = if domains < constraint.min_domains.unwrap_or(1) {
                0
            } else {
                counts.values().copied().min().unwrap_or(0)
            };
            let own = i32::from(selector.matches(&pod.metadata.labels));
            let count = counts.get(here.as_str()).copied().unwrap_or(0);
            if count + own - least > constraint.max_skew.max(1) {
                let reason = "node(s) didn't match pod topology spread constraints";
                return Some(Unfit::new(Plugin::Spread, reason, true));
            }
        }
        None
    }

    /// Whether the Pods of a node count for a constraint (matchNodeInclusionPolicies).
    fn counts_for(&self, pod: &Pod, constraint: &TopologySpreadConstraint, node: usize) -> bool {
        let by_affinity = constraint.node_affinity_policy.as_deref() != Some("Ignore");
        let by_taints = constraint.node_taints_policy.as_deref() == Some("Honor");
        (!by_affinity || self.selects_node(pod, node))
            && (!by_taints || untolerated(pod, &self.nodes[node].taints).is_none())
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
                    self.means(&term.pod_affinity_term, pod, other)
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
