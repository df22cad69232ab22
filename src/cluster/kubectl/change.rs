//! `kubectl scale`, `rollout`, `label`, `cordon`: changing what is there.
//!
//! Models kubectl/pkg/cmd/{scale,rollout,label}. Does not own: patches (`patch`), or what
//! controllers make of it.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::revision;
use crate::cluster::key::{Key, with_metadata};
use crate::cluster::kubectl::args::{Args, kind_of, plural_of, resource_of};
use crate::cluster::kubectl::{Printed, not_found};
use crate::manifest::Object;
use crate::manifest::last_applied::LAST_APPLIED;
use crate::manifest::node::{Node, Value};
use crate::manifest::pod::{PodSpec, PodTemplateSpec};
use crate::manifest::workloads::Deployment;
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

impl World<'_> {
    /// The one object that the words name, or why not.
    pub(super) fn target(&self, args: &Args, words: &[String]) -> Result<(Key, Object), Printed> {
        let targets = args.targets(words).map_err(Printed::error)?;
        let Some((kind, name)) = targets.into_iter().next().filter(|(_, name)| !name.is_empty())
        else {
            return Err(Printed::error(
                "error: resource(s) were provided, but no name was specified".to_owned(),
            ));
        };
        let namespace = if matches!(kind, "Node" | "Namespace") { "" } else { args.namespace() };
        let key = Key::new(kind, namespace, &name);
        match self.store.get(&key) {
            Some(object) => Ok((key, object.clone())),
            None => Err(Printed::error(not_found(&plural_of(kind), &name))),
        }
    }

    pub(super) fn put_changed(&mut self, mut object: Object, entry: EntryId) {
        let counts = !matches!(object, Object::HorizontalPodAutoscaler(_));
        with_metadata(&mut object, |metadata| metadata.generation += i64::from(counts));
        let rule = Rule::ObjectUpdated;
        self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(entry));
    }

    pub(super) fn kubectl_scale(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some(replicas) = args.value("replicas").and_then(|text| text.parse::<i32>().ok())
        else {
            return Printed::error("error: required flag(s) \"replicas\" not set".to_owned());
        };
        let (key, object) = match self.target(args, &args.words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let Some(changed) = with_replicas(object, replicas) else {
            return Printed::error(
                "Error from server (NotFound): the server could not find the requested resource"
                    .to_owned(),
            );
        };
        self.put_changed(changed, entry);
        Printed::ok(format!("{}/{} scaled\n", resource_of(&key.kind), key.name))
    }

    pub(super) fn kubectl_rollout(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((verb, words)) = args.words.split_first() else {
            return Printed::error("error: rollout needs a subcommand".to_owned());
        };
        let keys = match self.rollout_targets(args, words) {
            Ok(keys) => keys,
            Err(printed) => return printed,
        };
        let mut all = Printed::default();
        for key in keys {
            let Some(object) = self.store.get(&key).cloned() else { continue };
            let one = self.roll_one(verb, args, (key, object), entry);
            if !all.text.is_empty() && !all.text.ends_with('\n') {
                all.text.push('\n');
            }
            all.text.push_str(&one.text);
            all.exit = all.exit.max(one.exit);
        }
        all
    }

    /// What a rollout is about: an object, or all of a kind.
    fn rollout_targets(&self, args: &Args, words: &[String]) -> Result<Vec<Key>, Printed> {
        let [kind] = words else { return self.target(args, words).map(|(key, _)| vec![key]) };
        let Some(kind) = kind_of(kind).filter(|_| !kind.contains('/')) else {
            return self.target(args, words).map(|(key, _)| vec![key]);
        };
        let fits = |object: &&Object| {
            let labels = &object.metadata().labels;
            object.metadata().namespace == args.namespace()
                && args.selector().is_none_or(|selector| {
                    selector.split(',').all(|term| {
                        let (key, value) = term.split_once('=').unwrap_or((term, ""));
                        labels.get(key).is_some_and(|own| own == value.trim_start_matches('='))
                    })
                })
        };
        let keys: Vec<Key> = self.store.list(kind).filter(fits).map(Key::of).collect();
        if keys.is_empty() {
            let text = format!("No resources found in {} namespace.", args.namespace());
            return Err(Printed::error(text));
        }
        Ok(keys)
    }

    fn roll_one(
        &mut self,
        verb: &str,
        args: &Args,
        (key, object): (Key, Object),
        entry: EntryId,
    ) -> Printed {
        let paused = matches!(&object, Object::Deployment(own) if own.spec.paused);
        let mut changed = object.clone();
        let done = match verb {
            "restart" if paused => {
                return Printed::error(format!(
                    "error: {} \"{}\" can't restart paused deployment (run rollout resume first)",
                    plural_of(&key.kind),
                    key.name
                ));
            }
            "restart" => {
                let now = self.now.rfc3339();
                let Some(template) = template(&mut changed) else {
                    return cannot_roll(&key, "restarting");
                };
                let annotation = "kubectl.kubernetes.io/restartedAt".to_owned();
                template.metadata.annotations.insert(annotation, now);
                "restarted"
            }
            "pause" | "resume" => {
                let Object::Deployment(deployment) = &mut changed else {
                    let word = if verb == "pause" { "pausing" } else { "resuming" };
                    return cannot_roll(&key, word);
                };
                let paused = verb == "pause";
                if deployment.spec.paused == paused {
                    let word = if paused { "already" } else { "not" };
                    let (resource, name) = (plural_of(&key.kind), &key.name);
                    return Printed::error(format!(
                        "error: {resource} \"{name}\" is {word} paused"
                    ));
                }
                Rc::make_mut(deployment).spec.paused = paused;
                if paused { "paused" } else { "resumed" }
            }
            "undo" if !matches!(key.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") => {
                let resource = resource_of(&key.kind);
                let group = resource.find('.').map_or("", |dot| &resource[dot..]);
                let kind = format!("{}{group}", key.kind);
                return Printed::error(format!(
                    "error: no rollbacker has been implemented for \"{kind}\""
                ));
            }
            "undo" if paused => {
                return Printed::error(
                    "error: you cannot rollback a paused deployment; resume it first with \
                     'kubectl rollout resume' and try again"
                        .to_owned(),
                );
            }
            "undo" => {
                let to = args.value("to-revision").and_then(|text| text.parse::<i64>().ok());
                let old = match &object {
                    Object::Deployment(deployment) => self.previous_template(deployment, to),
                    other => self.template_of_revision(other.metadata(), to),
                };
                let Some(old) = old else {
                    return match to.filter(|number| *number > 0) {
                        Some(number) => Printed::error(format!(
                            "error: unable to find specified revision {number} in history"
                        )),
                        None => Printed::error(format!(
                            "error: no rollout history found for {} \"{}\"",
                            key.kind.to_lowercase(),
                            key.name
                        )),
                    };
                };
                match template(&mut changed) {
                    Some(template) if *template == old => {
                        return Printed::ok(format!(
                            "{}/{} skipped rollback (current template already matches revision \
                             {})\n",
                            resource_of(&key.kind),
                            key.name,
                            to.unwrap_or(0)
                        ));
                    }
                    Some(template) => *template = old,
                    None => return cannot_roll(&key, "rolling back"),
                }
                "rolled back"
            }
            "status" | "history" => return Printed::default(),
            verb => return Printed::error(format!("error: unknown command \"rollout {verb}\"")),
        };
        // kubectl/pkg/cmd/rollout/rollout_undo.go
        let applied = changed.metadata().annotations.contains_key(LAST_APPLIED);
        let warning = if verb == "undo" && applied {
            format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back \
                 will not update the {LAST_APPLIED} annotation, which may cause unexpected \
                 behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' \
                 with your previous configuration file instead.\n",
                plural_of(&key.kind).split('.').next().unwrap_or_default(),
                key.name
            )
        } else {
            String::new()
        };
        self.put_changed(changed, entry);
        Printed::ok(format!("{warning}{}/{} {done}\n", resource_of(&key.kind), key.name))
    }

    fn previous_template(
        &self,
        deployment: &Deployment,
        to: Option<i64>,
    ) -> Option<PodTemplateSpec> {
        let mut sets = self.sets_of(deployment);
        crate::order::sort_by_key(&mut sets, |set| revision(set));
        let set = match to.filter(|number| *number > 0) {
            Some(number) => sets.into_iter().find(|set| revision(set) == number)?,
            None => {
                sets.pop()?;
                sets.pop()?
            }
        };
        let mut template = set.spec.template.clone();
        template.metadata.labels.remove("pod-template-hash");
        Some(template)
    }

    /// The objects that the words, a selector or `--all` mean.
    pub(super) fn all_targets(&self, args: &Args, words: &[String]) -> Result<Vec<Key>, Printed> {
        if args.selector().is_none() && !args.has("all") {
            return self.target(args, words).map(|(key, _)| vec![key]);
        }
        let targets = args.targets(words).map_err(Printed::error)?;
        Ok(targets.iter().flat_map(|(kind, name)| self.selected(kind, name, args)).collect())
    }

    pub(super) fn kubectl_label(&mut self, args: &Args, entry: EntryId) -> Printed {
        let is_change =
            |word: &String| word.contains('=') || (word.ends_with('-') && word.len() > 1);
        let (changes, words): (Vec<String>, Vec<String>) =
            args.words.iter().cloned().partition(is_change);
        let keys = match self.all_targets(args, &words) {
            Ok(keys) => keys,
            Err(printed) => return printed,
        };
        let mut printed = Printed::default();
        for key in keys {
            self.label_one(&key, &changes, args, entry, &mut printed);
        }
        printed
    }

    fn label_one(
        &mut self,
        key: &Key,
        changes: &[String],
        args: &Args,
        entry: EntryId,
        printed: &mut Printed,
    ) {
        let Some(mut object) = self.store.get(key).cloned() else { return };
        let before = object.clone();
        let annotate = args.verb == "annotate";
        let mut refusal = None;
        with_metadata(&mut object, |metadata| {
            let map = if annotate { &mut metadata.annotations } else { &mut metadata.labels };
            for change in changes {
                match change.split_once('=') {
                    Some((name, value)) => {
                        let known = map.get(name).filter(|known| *known != value);
                        if let Some(known) = known.filter(|_| !args.has("overwrite")) {
                            refusal = Some(format!(
                                "error: '{name}' already has a value ({known}), and --overwrite is \
                                 false\n"
                            ));
                        } else {
                            map.insert(name.to_owned(), value.to_owned());
                        }
                    }
                    None => {
                        map.remove(change.trim_end_matches('-'));
                    }
                }
            }
        });
        if let Some(refusal) = refusal {
            printed.text.push_str(&refusal);
            printed.exit = 1;
            return;
        }
        let done = match (before == object, annotate) {
            (true, false) => "not labeled",
            (_, true) => "annotated",
            (false, false) => "labeled",
        };
        if before != object {
            let rule = Rule::ObjectUpdated;
            self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(entry));
        }
        printed.text.push_str(&format!("{}/{} {done}\n", resource_of(&key.kind), key.name));
    }
}

/// The resize subresource: resources of containers, merged by name.
pub(super) fn resize_patch(object: Object, patch: &Node) -> Option<Object> {
    let Object::Pod(pod) = object else { return None };
    let mut changed = (*pod).clone();
    for wanted in patch.get("spec")?.get("containers")?.items() {
        let name = wanted.get("name")?.as_str()?;
        let container = changed.spec.containers.iter_mut().find(|c| c.name == name)?;
        let resources = wanted.get("resources")?;
        for (list, key) in [
            (&mut container.resources.requests, "requests"),
            (&mut container.resources.limits, "limits"),
        ] {
            for (resource, amount) in resources.get(key).map(Node::entries).unwrap_or_default() {
                let text = match &amount.value {
                    Value::Int(number) => number.to_string(),
                    _ => amount.as_str()?.to_owned(),
                };
                let quantity = crate::manifest::quantity::Quantity::parse(&text).ok()?;
                list.insert(resource.name.clone(), quantity);
            }
        }
    }
    Some(Object::Pod(Rc::new(changed)))
}

/// Sets the replicas of what can be scaled.
fn with_replicas(mut object: Object, replicas: i32) -> Option<Object> {
    let slot = match &mut object {
        Object::Deployment(object) => &mut Rc::make_mut(object).spec.replicas,
        Object::ReplicaSet(object) => &mut Rc::make_mut(object).spec.replicas,
        Object::StatefulSet(object) => &mut Rc::make_mut(object).spec.replicas,
        _ => return None,
    };
    *slot = Some(replicas);
    Some(object)
}

/// The template that a rollout changes.
fn template(object: &mut Object) -> Option<&mut PodTemplateSpec> {
    match object {
        Object::Deployment(object) => Some(&mut Rc::make_mut(object).spec.template),
        Object::StatefulSet(object) => Some(&mut Rc::make_mut(object).spec.template),
        Object::DaemonSet(object) => Some(&mut Rc::make_mut(object).spec.template),
        _ => None,
    }
}

/// The Pod's spec in an object: its own, or its template's.
pub(super) fn pod_spec(object: &mut Object) -> Option<&mut PodSpec> {
    match object {
        Object::Pod(object) => Some(&mut Rc::make_mut(object).spec),
        Object::ReplicaSet(object) => Some(&mut Rc::make_mut(object).spec.template.spec),
        Object::CronJob(object) => {
            Some(&mut Rc::make_mut(object).spec.job_template.spec.template.spec)
        }
        other => template(other).map(|template| &mut *template.spec),
    }
}

fn cannot_roll(key: &Key, doing: &str) -> Printed {
    let (resource, name) = (plural_of(&key.kind), &key.name);
    Printed::error(format!("error: {resource} \"{name}\" {doing} is not supported"))
}
