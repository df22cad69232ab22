//! What becomes of the claims of a StatefulSet: whose they are says with whom they go.
//!
//! Models updateClaimOwnerRefForSetAndPod of pkg/controller/statefulset/stateful_set_utils.go. Does
//! not own: making claims (`statefulset`), or deleting what has lost its owner (`garbage`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::owner;
use crate::cluster::key::{Key, with_metadata};
use crate::manifest::meta::OwnerReference;
use crate::manifest::pod::Pod;
use crate::manifest::workloads::StatefulSet;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

impl World<'_> {
    /// Whether the claims of a set go when the set is deleted.
    pub(crate) fn claims_go_with_set(&self, set: &StatefulSet) -> bool {
        let policy = set.spec.claim_retention.as_ref();
        self.scenario.version.has(Feature::StatefulSetAutoDeleteClaims)
            && policy.is_some_and(|policy| policy.when_deleted == "Delete")
    }

    /// Makes each claim belong to the set, to its Pod, or to nobody, as the policy says. A claim
    /// belongs to a Pod only while that is one too many.
    pub(crate) fn retain_claims(
        &mut self,
        set: &StatefulSet,
        pods: &[(Rc<Pod>, bool)],
        cause: Option<EntryId>,
    ) {
        let policy = set.spec.claim_retention.as_ref();
        let with_pod = self.scenario.version.has(Feature::StatefulSetAutoDeleteClaims)
            && policy.is_some_and(|policy| policy.when_scaled == "Delete");
        let with_set = self.claims_go_with_set(set);
        for template in &set.spec.volume_claim_templates {
            for (pod, condemned) in pods {
                let name = format!("{}-{}", template.metadata.name, pod.metadata.name);
                let key = Key::new("PersistentVolumeClaim", &set.metadata.namespace, &name);
                let Some(mut object) = self.store.get(&key).cloned() else { continue };
                let of_pod = with_pod && *condemned;
                let wanted: Vec<OwnerReference> = if of_pod {
                    vec![owner("v1", "Pod", &pod.metadata)]
                } else if with_set {
                    vec![owner("apps/v1", "StatefulSet", &set.metadata)]
                } else {
                    Vec::new()
                };
                let ours = |own: &OwnerReference| {
                    own.uid == set.metadata.uid
                        || (own.kind == "Pod" && own.name == pod.metadata.name)
                };
                let known = &object.metadata().owner_references;
                let mut after: Vec<OwnerReference> =
                    known.iter().filter(|own| !ours(own)).cloned().collect();
                after.extend(wanted);
                if *known == after {
                    continue;
                }
                with_metadata(&mut object, |metadata| metadata.owner_references = after);
                let (actor, rule) = (Actor::StatefulSetController, Rule::ClaimRetained);
                self.put(actor, Verb::Updated, object, rule, cause);
            }
        }
    }
}
