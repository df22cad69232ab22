//! The namespace controller: a namespace that is deleted takes everything in it along.
//!
//! Models pkg/controller/namespace: namespace_controller.go and deletion. Does not own: refusing
//! what is still created there (`World::namespace_refusal` tells the others).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::Object;
use crate::manifest::cluster::Namespace;
use crate::manifest::meta::ObjectMeta;
use crate::rule::Rule;
use crate::time::Duration;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

const ACTOR: Actor = Actor::NamespaceController;

/// Every look comes this much later, so that what was just created is seen
/// (namespaceDeletionGracePeriod).
const GRACE: Duration = Duration::from_secs(5);

/// The namespaces that every cluster has.
const BUILT_IN: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

impl World<'_> {
    /// Stores the namespaces that every cluster has.
    pub(crate) fn store_namespaces(&mut self) {
        for name in BUILT_IN {
            let labels = [("kubernetes.io/metadata.name".to_owned(), name.to_owned())].into();
            let metadata = ObjectMeta {
                name: name.to_owned(),
                // No chance is spent on objects that are always there.
                uid: format!("namespace-{name}"),
                creation_timestamp: Some(self.now.truncated()),
                labels,
                ..ObjectMeta::default()
            };
            let namespace = Namespace { metadata, phase: "Active".to_owned() };
            let object = Object::Namespace(Rc::new(namespace));
            self.put(Actor::ApiServer, Verb::Created, object, Rule::ObjectStored, None);
        }
    }

    /// Why nothing can be created in a namespace any more; `None` while it can.
    ///
    /// Models apiserver/pkg/admission/plugin/namespace/lifecycle.
    pub(crate) fn namespace_refusal(&self, namespace: &str) -> Option<String> {
        match self.store.get(&Key::new("Namespace", "", namespace)) {
            Some(Object::Namespace(object)) if object.metadata.deletion_timestamp.is_some() => {
                Some(format!(
                    "unable to create new content in namespace {namespace} because it is being \
                     terminated"
                ))
            }
            _ => None,
        }
    }

    /// A deletion only marks the namespace; the controller does the rest.
    pub(crate) fn terminate_namespace(
        &mut self,
        name: &str,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let key = Key::new("Namespace", "", name);
        let Some(Object::Namespace(namespace)) = self.store.get(&key) else { return None };
        if namespace.metadata.deletion_timestamp.is_some() {
            return None;
        }
        let mut changed = (**namespace).clone();
        changed.phase = "Terminating".to_owned();
        changed.metadata.deletion_timestamp = Some(self.now.truncated());
        let object = Object::Namespace(Rc::new(changed));
        let rule = Rule::NamespaceTerminates;
        let entry = self.put(Actor::ApiServer, Verb::Updated, object, rule, cause);
        self.enqueue_controller_after(key, GRACE, Some(entry));
        Some(entry)
    }

    /// Deletes what is in a namespace that is being deleted: Pods first, then the rest.
    pub(crate) fn sync_namespace(&mut self, key: &Key, cause: Option<EntryId>) {
        let Some(Object::Namespace(namespace)) = self.store.get(key) else { return };
        if namespace.metadata.deletion_timestamp.is_none() {
            return;
        }
        let object = Object::Namespace(namespace.clone());
        let inside: Vec<Key> = self
            .store
            .all()
            .filter(|object| object.metadata().namespace == key.name)
            .map(Key::of)
            .collect();
        let (pods, rest): (Vec<Key>, Vec<Key>) =
            inside.into_iter().partition(|key| key.kind == "Pod");
        if pods.is_empty() && rest.is_empty() {
            let rule = Rule::NamespaceEmptied;
            self.put(ACTOR, Verb::Deleted, object, rule, cause);
            return;
        }
        let pods_first = self.scenario.version.has(Feature::OrderedNamespaceDeletion);
        let waits = pods_first && !pods.is_empty();
        let what = format!("{} Pods and {} other objects are left", pods.len(), rest.len());
        let entry = self.note(ACTOR, &object, &what, Rule::NamespaceEmptied, cause);
        for key in pods {
            self.delete(ACTOR, &key, None, Some(entry));
        }
        if !waits {
            for key in rest {
                self.delete(ACTOR, &key, None, Some(entry));
            }
        }
        self.enqueue_controller_after(key.clone(), GRACE, Some(entry));
    }
}
