//! Where a Pod may be because of its volumes.
//!
//! Models pkg/scheduler/framework/plugins/volumebinding FindPodVolumes and volumerestrictions. Does
//! not own: binding claims (`cluster::controllers::storage`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::cluster::scheduler::{Plugin, Unfit, Without, term_matches};
use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::storage::{PersistentVolume, PersistentVolumeClaim};

/// The provisioner of classes whose volumes somebody makes by hand.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

impl World<'_> {
    /// Why the volumes of a Pod keep it from a node.
    pub(super) fn unfit_for_volumes(
        &self,
        pod: &Pod,
        index: usize,
        without: &Without,
    ) -> Vec<Unfit> {
        let mut reasons = Vec::new();
        let mut say = |reason: &str, resolvable: bool| {
            let reason = Unfit::new(Plugin::Volumes, reason, resolvable);
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        };
        for volume in &pod.spec.volumes {
            let Some(source) = &volume.persistent_volume_claim else { continue };
            let key =
                Key::new("PersistentVolumeClaim", &pod.metadata.namespace, &source.claim_name);
            let Some(claim) = self.claim(&key) else { continue };
            if self.is_used_alone(&claim, pod, without) {
                say(
                    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod \
                     access mode already in-use by another pod",
                    true,
                );
                continue;
            }
            if claim.status.phase == "Bound" {
                let name = &claim.spec.volume_name;
                match self.store.get(&Key::new("PersistentVolume", "", name)) {
                    Some(Object::PersistentVolume(volume)) => {
                        if !self.reaches(volume, index) {
                            say("node(s) had volume node affinity conflict", false);
                        }
                    }
                    _ => say(
                        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
                        false,
                    ),
                }
                continue;
            }
            let by_hand =
                self.class_of(&claim).is_none_or(|class| class.provisioner == NO_PROVISIONER);
            if by_hand && !self.volumes_for(&claim).any(|volume| self.reaches(volume, index)) {
                say("node(s) didn't find available persistent volumes to bind", false);
            }
        }
        reasons
    }

    /// Whether a node can use a volume: a disk of another node cannot be mounted.
    pub(crate) fn reaches(&self, volume: &PersistentVolume, index: usize) -> bool {
        let node = &self.nodes[index];
        let required =
            volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
        required.is_none_or(|required| {
            required
                .node_selector_terms
                .iter()
                .any(|term| term_matches(term, &node.labels, &node.name))
        })
    }

    /// Whether another Pod has a claim that only one may use.
    fn is_used_alone(
        &self,
        claim: &Rc<PersistentVolumeClaim>,
        pod: &Pod,
        without: &Without,
    ) -> bool {
        claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod")
            && self.store.pods().any(|other| {
                other.metadata.uid != pod.metadata.uid
                    && other.metadata.namespace == pod.metadata.namespace
                    && !other.spec.node_name.is_empty()
                    && !other.is_terminal()
                    && !without.contains(&other.metadata.uid)
                    && other.spec.volumes.iter().any(|volume| {
                        let source = volume.persistent_volume_claim.as_ref();
                        source.is_some_and(|source| source.claim_name == claim.metadata.name)
                    })
            })
    }
}
