//! The templates that a StatefulSet or DaemonSet has had, each under the name of its hash.
//!
//! Models pkg/controller/history. A ControllerRevision of the API holds the template as a patch;
//! here it is kept beside the store. Does not own: which Pod gets which (`statefulset`,
//! `daemonset`).

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::digest::Digest;
use crate::manifest::Object;
use crate::manifest::cluster::Unsimulated;
use crate::manifest::meta::{ObjectMeta, OwnerReference};
use crate::manifest::pod::PodTemplateSpec;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

/// The label of a Pod with the name, or hash, of its template's revision.
pub(crate) const REVISION_LABEL: &str = "controller-revision-hash";

/// One revision of an object.
#[derive(Clone, Debug)]
pub(crate) struct Revision {
    /// `web-5f7d8c9b44`.
    pub(crate) name: String,
    /// Counts from 1; a template that comes back gets a new number.
    pub(crate) number: i64,
    pub(crate) template: PodTemplateSpec,
}

/// The letters of a hash, as they stand in names.
///
/// Models controller_utils.go ComputeHash in its form (FNV-1a of the template, in the alphabet of
/// SafeEncodeString); the bytes hashed are ours, so the letters differ from a real cluster's.
pub(crate) fn hash_of(template: &PodTemplateSpec) -> String {
    const ALPHABET: &[u8] = b"456789bcdf";
    let mut digest = Digest::default();
    template.hash(&mut digest);
    // Both halves count, and 32 bits have the ten digits of a real one.
    let hash = (digest.finish() ^ (digest.finish() >> 32)) as u32;
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit - b'0')])).collect()
}

impl World<'_> {
    /// The revision of a template: the one that is known, or a new one. Old ones beyond the
    /// history go.
    pub(crate) fn revision_of(
        &mut self,
        actor: Actor,
        owner: &OwnerReference,
        namespace: &str,
        template: &PodTemplateSpec,
        keep: (usize, &[String]),
        cause: Option<EntryId>,
    ) -> Revision {
        let known = self.memory.revisions.entry(owner.uid.clone()).or_default();
        let next = known.iter().map(|revision| revision.number).max().unwrap_or(0) + 1;
        if let Some(at) = known.iter().position(|revision| revision.template == *template) {
            if known[at].number + 1 < next {
                known[at].number = next;
            }
            return known[at].clone();
        }
        let name = format!("{}-{}", owner.name, hash_of(template));
        let revision = Revision { name: name.clone(), number: next, template: template.clone() };
        known.push(revision.clone());
        let mut metadata = ObjectMeta {
            name,
            namespace: namespace.to_owned(),
            labels: template.metadata.labels.clone(),
            owner_references: vec![owner.clone()],
            ..ObjectMeta::default()
        };
        self.fill_metadata(&mut metadata, true);
        let object = Object::Unsimulated(Rc::new(Unsimulated {
            api_version: "apps/v1".to_owned(),
            kind: "ControllerRevision".to_owned(),
            labels: metadata.labels.clone(),
            metadata,
        }));
        self.put(actor, Verb::Created, object, Rule::RevisionKept, cause);
        self.forget_revisions(actor, owner, namespace, keep, cause);
        revision
    }

    /// Deletes the oldest revisions that no Pod has, beyond the number that is kept.
    fn forget_revisions(
        &mut self,
        actor: Actor,
        owner: &OwnerReference,
        namespace: &str,
        (limit, live): (usize, &[String]),
        cause: Option<EntryId>,
    ) {
        let Some(known) = self.memory.revisions.get_mut(&owner.uid) else { return };
        crate::order::sort_by_key(known, |revision| revision.number);
        let newest = known.last().map(|revision| revision.name.clone()).unwrap_or_default();
        let unused: Vec<String> = known
            .iter()
            .map(|revision| revision.name.clone())
            .filter(|name| *name != newest && !live.contains(name))
            .collect();
        let surplus = unused.len().saturating_sub(limit);
        for name in unused.into_iter().take(surplus) {
            if let Some(known) = self.memory.revisions.get_mut(&owner.uid) {
                known.retain(|revision| revision.name != name);
            }
            self.delete(actor, &Key::new("ControllerRevision", namespace, &name), None, cause);
        }
    }

    /// The template of a revision of an object.
    pub(crate) fn template_of_revision(
        &self,
        object: &ObjectMeta,
        to: Option<i64>,
    ) -> Option<PodTemplateSpec> {
        let mut known = self.memory.revisions.get(&object.uid)?.clone();
        crate::order::sort_by_key(&mut known, |revision| revision.number);
        match to.filter(|number| *number > 0) {
            Some(number) => known.into_iter().find(|revision| revision.number == number),
            None => {
                known.pop()?;
                known.pop()
            }
        }
        .map(|revision| revision.template)
    }
}
