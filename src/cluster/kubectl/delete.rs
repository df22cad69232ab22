//! `kubectl delete`.
//!
//! Models kubectl/pkg/cmd/delete/delete.go. Does not own: graceful deletion itself (`store`).

use crate::cluster::World;
use crate::cluster::key::{Key, with_metadata};
use crate::cluster::kubectl::args::{Args, plural_of, resource_of};
use crate::cluster::kubectl::{Printed, not_found};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

impl World<'_> {
    pub(super) fn kubectl_delete(&mut self, args: &Args, entry: EntryId) -> Printed {
        let targets = match args.targets(&args.words) {
            Ok(targets) => targets,
            Err(message) => return Printed::error(message),
        };
        let forced = args.has("force");
        let grace = match (args.has("now"), args.value("grace-period")) {
            (true, _) => Some(1),
            // Without --force a grace period of 0 is raised to 1.
            (false, Some(text)) => match text.parse::<i64>() {
                Ok(0) if !forced => Some(1),
                Ok(seconds) if seconds < 0 => None,
                Ok(seconds) => Some(seconds),
                Err(_) => {
                    return Printed::error(format!(
                        "error: invalid argument \"{text}\" for \"--grace-period\" flag"
                    ));
                }
            },
            (false, None) if forced => Some(0),
            (false, None) => None,
        };
        let mut printed = Printed::default();
        if forced && grace == Some(0) {
            printed.text.push_str(
                "Warning: Immediate deletion does not wait for confirmation that the running \
                 resource has been terminated. The resource may continue to run on the cluster \
                 indefinitely.\n",
            );
        }
        let mut found = 0;
        for (kind, name) in targets {
            for key in self.selected(kind, &name, args) {
                found += 1;
                self.delete_one(&key, grace, args, entry, &mut printed);
            }
            if !name.is_empty()
                && self.store.get(&key_of(kind, &name, args)).is_none()
                && found == 0
            {
                printed.text.push_str(&not_found(&plural_of(kind), &name));
                printed.text.push('\n');
                printed.exit = 1;
            }
        }
        if found == 0 && printed.exit == 0 {
            printed.text.push_str("No resources found\n");
        }
        printed
    }

    /// The objects that a kind, a name or a selector mean.
    pub(super) fn selected(&self, kind: &str, name: &str, args: &Args) -> Vec<Key> {
        if !name.is_empty() {
            let key = key_of(kind, name, args);
            return if self.store.get(&key).is_some() { vec![key] } else { Vec::new() };
        }
        let all = args.has("all");
        let selector = args.selector();
        if !all && selector.is_none() {
            return Vec::new();
        }
        self.store
            .list(kind)
            .filter(|object| {
                let metadata = object.metadata();
                metadata.namespace == args.namespace()
                    && selector.is_none_or(|selector| {
                        selector.split(',').all(|term| {
                            let (key, value) = term.split_once('=').unwrap_or((term, ""));
                            let value = value.strip_prefix('=').unwrap_or(value);
                            metadata.labels.get(key).is_some_and(|label| label == value)
                        })
                    })
            })
            .map(Key::of)
            .collect()
    }

    fn delete_one(
        &mut self,
        key: &Key,
        grace: Option<i64>,
        args: &Args,
        entry: EntryId,
        printed: &mut Printed,
    ) {
        if args.value("cascade") == Some("orphan") {
            self.orphan_dependents(key, entry);
        }
        if args.value("cascade") == Some("foreground") {
            self.delete_foreground(Actor::ApiServer, key, Some(entry));
        } else {
            self.delete(Actor::ApiServer, key, grace, Some(entry));
        }
        let how = if grace == Some(0) { "force deleted" } else { "deleted" };
        let namespace = if self.scenario.version.has(Feature::DeleteNamesNamespace)
            && !key.namespace.is_empty()
        {
            format!(" from {} namespace", key.namespace)
        } else {
            String::new()
        };
        let resource = resource_of(&key.kind);
        printed.text.push_str(&format!("{resource} \"{}\" {how}{namespace}\n", key.name));
    }

    /// Takes the owner references away, so that the garbage collector leaves the objects alone.
    fn orphan_dependents(&mut self, key: &Key, entry: EntryId) {
        let Some(uid) = self.store.get(key).map(|object| object.metadata().uid.clone()) else {
            return;
        };
        let dependents: Vec<_> = self
            .store
            .all()
            .filter(|object| object.metadata().owner_references.iter().any(|o| o.uid == uid))
            .cloned()
            .collect();
        for mut object in dependents {
            with_metadata(&mut object, |metadata| {
                metadata.owner_references.retain(|owner| owner.uid != uid);
            });
            let actor = Actor::GarbageCollector;
            self.put(actor, Verb::Updated, object, Rule::GarbageCollected, Some(entry));
        }
    }
}

fn key_of(kind: &str, name: &str, args: &Args) -> Key {
    let namespace =
        if crate::manifest::kinds::is_cluster_wide(kind) { "" } else { args.namespace() };
    Key::new(kind, namespace, name)
}
