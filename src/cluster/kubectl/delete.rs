//! `kubectl delete`.
//!
//! Models kubectl/pkg/cmd/delete/delete.go. Does not own: graceful deletion itself (`store`).

use crate::cluster::World;
use crate::cluster::key::{Key, with_metadata};
use crate::cluster::kubectl::Printed;
use crate::cluster::kubectl::args::{Args, resource_of};
use crate::manifest::kinds::is_cluster_wide;
use crate::manifest::selector;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};
use crate::version::Feature;

impl World<'_> {
    pub(super) fn kubectl_delete(&mut self, args: &Args, entry: EntryId) -> Printed {
        if args.has("all") && args.selector().is_some() {
            return Printed::error(
                "error: cannot set --all and --selector at the same time".to_owned(),
            );
        }
        let targets = match self.all_targets(args, &args.words) {
            Ok(targets) => targets,
            Err(printed) => return printed,
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
        if targets.nothing {
            return Printed::ok("No resources found\n".to_owned());
        }
        for key in &targets.keys {
            self.delete_one(key, grace, args, entry, &mut printed);
        }
        if args.has("ignore-not-found") {
            return printed;
        }
        targets.ended(printed)
    }

    /// The objects that a kind, a name or a selector mean.
    pub(super) fn selected(
        &self,
        kind: &str,
        name: &str,
        args: &Args,
    ) -> Result<Vec<Key>, Printed> {
        if !name.is_empty() {
            let key = key_of(kind, name, args);
            return Ok(if self.store.get(&key).is_some() { vec![key] } else { Vec::new() });
        }
        let selector = args.selector().map(selector::parse).transpose().map_err(Printed::error)?;
        let everywhere = args.has("A") || args.has("all-namespaces") || is_cluster_wide(kind);
        let chosen = self.store.list(kind).filter(|object| {
            let metadata = object.metadata();
            (everywhere || metadata.namespace == args.namespace())
                && selector.as_ref().is_none_or(|selector| selector.matches(&metadata.labels))
        });
        Ok(chosen.map(Key::of).collect())
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
    let namespace = if is_cluster_wide(kind) { "" } else { args.namespace() };
    Key::new(kind, namespace, name)
}
