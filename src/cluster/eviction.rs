//! The Eviction API: a deletion that asks the Pod's disruption budget first.
//!
//! Models pkg/registry/core/pod/storage/eviction.go. Does not own: counting budgets
//! (`controllers::disruption`), or who asks.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::is_ready;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::policy::PodDisruptionBudget;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

/// Why a Pod was not evicted, in the API server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotEvicted {
    /// 429: it may be tried again.
    TooManyRequests(String),
    /// 500: it may not.
    Error(String),
}

impl World<'_> {
    /// Evicts a Pod, or says why not.
    pub(crate) fn evict(
        &mut self,
        pod: &Rc<Pod>,
        grace: Option<i64>,
        cause: Option<EntryId>,
    ) -> Result<(), NotEvicted> {
        let free = pod.is_terminal() || pod.is_terminating() || pod.status.phase == "Pending";
        let mut cause = cause;
        if !free {
            let budgets = self.budgets_of(pod);
            match budgets.as_slice() {
                [] => {}
                [budget] => cause = self.ask_budget(pod, budget, cause)?,
                _ => {
                    return Err(NotEvicted::Error(
                        "This pod has more than one PodDisruptionBudget, which the eviction \
                         subresource does not support."
                            .to_owned(),
                    ));
                }
            }
        }
        let (reason, rule) =
            (("EvictionByEvictionAPI", "Eviction API: evicting"), Rule::PodEvicted);
        let entry = self.disrupt(Actor::ApiServer, pod, reason, rule, cause);
        let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
        self.delete(Actor::ApiServer, &key, grace, entry);
        Ok(())
    }

    /// Takes one disruption from a budget, if there is one to take.
    fn ask_budget(
        &mut self,
        pod: &Pod,
        budget: &Rc<PodDisruptionBudget>,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, NotEvicted> {
        let (status, spec) = (&budget.status, &budget.spec);
        if !is_ready(pod) {
            let always = spec.unhealthy_pod_eviction_policy.as_deref() == Some("AlwaysAllow");
            let enough =
                status.current_healthy >= status.desired_healthy && status.desired_healthy > 0;
            if always || enough {
                return Ok(cause);
            }
        }
        let name = &budget.metadata.name;
        let about = Object::PodDisruptionBudget(budget.clone());
        if status.observed_generation < budget.metadata.generation {
            return Err(NotEvicted::TooManyRequests(format!(
                "Cannot evict pod as it would violate the pod's disruption budget. The disruption \
                 budget {name} is still being processed by the server."
            )));
        }
        if status.disruptions_allowed == 0 {
            let what = format!(
                "the disruption budget {name} needs {} healthy pods and has {} currently",
                status.desired_healthy, status.current_healthy
            );
            self.note(Actor::ApiServer, &about, &what, Rule::BudgetRefuses, cause);
            return Err(NotEvicted::TooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.".to_owned(),
            ));
        }
        let mut changed = (**budget).clone();
        changed.status.disruptions_allowed -= 1;
        let object = Object::PodDisruptionBudget(Rc::new(changed));
        let rule = Rule::PodEvicted;
        Ok(Some(self.put(Actor::ApiServer, Verb::Updated, object, rule, cause)))
    }
}
