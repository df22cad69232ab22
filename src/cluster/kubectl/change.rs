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
        let mut several = self.all_targets(args, words)?;
        match several.keys.drain(..).next() {
            Some(key) => match self.store.get(&key).cloned() {
                Some(object) => Ok((key, object)),
                None => Err(Printed::error(not_found(&plural_of(&key.kind), &key.name))),
            },
            None => Err(Printed::error(several.missing.trim_end().to_owned())),
        }
    }

    /// The objects that the words, a selector or `--all` mean.
    ///
    /// Models cli-runtime/pkg/resource/builder.go: what is not there is told at the end.
    pub(super) fn all_targets(&self, args: &Args, words: &[String]) -> Result<Targets, Printed> {
        let named = args.targets(words).map_err(Printed::error)?;
        if named.is_empty() {
            return Err(Printed::error(NO_RESOURCE.to_owned()));
        }
        let mut targets = Targets::default();
        for (kind, name) in named {
            if name.is_empty() && args.selector().is_none() && !args.has("all") {
                return Err(Printed::error(NO_NAME.to_owned()));
            }
            let found = self.selected(kind, &name, args)?;
            if found.is_empty() && !name.is_empty() {
                targets.missing.push_str(&not_found(&plural_of(kind), &name));
                targets.missing.push('\n');
            }
            targets.keys.extend(found);
        }
        if targets.keys.is_empty() && targets.missing.is_empty() {
            let namespace = args.namespace();
            targets.missing = format!("No resources found in {namespace} namespace.\n");
            targets.nothing = true;
        }
        Ok(targets)
    }

    pub(super) fn put_changed(&mut self, mut object: Object, entry: EntryId) {
        let counts = !matches!(object, Object::HorizontalPodAutoscaler(_));
        with_metadata(&mut object, |metadata| metadata.generation += i64::from(counts));
        let rule = Rule::ObjectUpdated;
        self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(entry));
    }

    pub(super) fn kubectl_scale(&mut self, args: &Args, entry: EntryId) -> Printed {
        let number = |flag: &str| match args.value(flag) {
            None => Ok(-1),
            Some(text) => text.parse::<i32>().map_err(|_| {
                Printed::error(format!(
                    "error: invalid argument \"{text}\" for \"--{flag}\" flag: strconv.ParseInt: \
                     parsing \"{text}\": invalid syntax\nSee 'kubectl scale --help' for usage."
                ))
            }),
        };
        let (replicas, wanted) = match (number("replicas"), number("current-replicas")) {
            (Ok(replicas), Ok(wanted)) => (replicas, wanted),
            (Err(printed), _) | (_, Err(printed)) => return printed,
        };
        if args.value("replicas").is_none() {
            return Printed::error("error: required flag(s) \"replicas\" not set".to_owned());
        }
        if replicas < 0 {
            return Printed::error(
                "error: The --replicas=COUNT flag is required, and COUNT must be greater than or \
                 equal to 0"
                    .to_owned(),
            );
        }
        let targets = match self.all_targets(args, &args.words) {
            Ok(targets) => targets,
            Err(printed) => return printed,
        };
        if targets.nothing {
            return Printed::error("error: no objects passed to scale".to_owned());
        }
        let mut printed = Printed::default();
        for key in &targets.keys {
            let Some(object) = self.store.get(key).cloned() else { continue };
            let is = replicas_of(&object);
            let refusal = match with_replicas(object, replicas) {
                None => Some(
                    "Error from server (NotFound): the server could not find the requested \
                     resource\n"
                        .to_owned(),
                ),
                Some(_) if wanted >= 0 && is != wanted => {
                    Some(format!("error: Expected replicas to be {wanted}, was {is}\n"))
                }
                Some(changed) => {
                    // registry/apps/deployment/strategy.go: the generation counts changes.
                    if is != replicas {
                        self.put_changed(changed, entry);
                    }
                    let resource = resource_of(&key.kind);
                    printed.text.push_str(&format!("{resource}/{} scaled\n", key.name));
                    None
                }
            };
            if let Some(refusal) = refusal {
                // The first error ends it.
                printed.text.push_str(&refusal);
                printed.exit = 1;
                return printed;
            }
        }
        targets.ended(printed)
    }

    pub(super) fn kubectl_rollout(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((verb, words)) = args.words.split_first() else {
            return Printed::error(
                "Usage:\n  kubectl rollout status|history|restart|undo|pause|resume TYPE/NAME"
                    .to_owned(),
            );
        };
        if !matches!(verb.as_str(), "restart" | "pause" | "resume" | "undo" | "status" | "history")
        {
            return unknown_command("rollout", verb);
        }
        let targets = match self.rollout_targets(args, words) {
            Ok(targets) => targets,
            Err(printed) => return printed,
        };
        if targets.nothing {
            return Printed::error(targets.missing);
        }
        let mut all = Printed::default();
        for key in &targets.keys {
            let Some(object) = self.store.get(key).cloned() else { continue };
            let one = self.roll_one(verb, args, (key.clone(), object), entry);
            if !all.text.is_empty() && !all.text.ends_with('\n') {
                all.text.push('\n');
            }
            all.text.push_str(&one.text);
            all.exit = all.exit.max(one.exit);
        }
        targets.ended(all)
    }

    /// What a rollout is about: objects, or all of a kind.
    fn rollout_targets(&self, args: &Args, words: &[String]) -> Result<Targets, Printed> {
        let all = matches!(words, [kind] if !kind.contains('/') && kind_of(kind).is_some());
        if !all {
            return self.all_targets(args, words);
        }
        let mut of_kind = args.clone();
        of_kind.turn_on("all");
        self.all_targets(&of_kind, words)
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
            verb => return unknown_command("rollout", verb),
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

    pub(super) fn kubectl_label(&mut self, args: &Args, entry: EntryId) -> Printed {
        let is_change =
            |word: &String| word.contains('=') || (word.ends_with('-') && word.len() > 1);
        let (changes, words): (Vec<String>, Vec<String>) =
            args.words.iter().cloned().partition(is_change);
        let what = if args.verb == "annotate" { "annotation" } else { "label" };
        if words.is_empty() {
            return Printed::error(
                "error: one or more resources must be specified as <resource> <name> or \
                 <resource>/<name>"
                    .to_owned(),
            );
        }
        if changes.is_empty() && !args.has("list") {
            return Printed::error(format!("error: at least one {what} update is required"));
        }
        let targets = match self.all_targets(args, &words) {
            Ok(targets) => targets,
            Err(printed) => return printed,
        };
        if targets.nothing {
            return Printed::ok("No resources found\n".to_owned());
        }
        let mut printed = Printed::default();
        for key in &targets.keys {
            self.label_one(key, &changes, args, entry, &mut printed);
        }
        targets.ended(printed)
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
        let annotate = args.verb == "annotate";
        let (mut added, mut removed, mut refusals) = (false, false, Vec::new());
        with_metadata(&mut object, |metadata| {
            let map = if annotate { &mut metadata.annotations } else { &mut metadata.labels };
            if args.has("list") {
                for (name, value) in map.iter() {
                    printed.text.push_str(&format!("{name}={value}\n"));
                }
                return;
            }
            for change in changes {
                match change.split_once('=') {
                    Some((name, value)) => {
                        // A change-cause may always be overwritten.
                        let free = annotate && name == "kubernetes.io/change-cause";
                        let known = map.get(name).filter(|known| *known != value && !free);
                        if let Some(known) = known.filter(|_| !args.has("overwrite")) {
                            refusals.push(format!("'{name}' already has a value ({known})"));
                        } else {
                            let before = map.insert(name.to_owned(), value.to_owned());
                            added |= before.is_none_or(|before| before != value);
                        }
                    }
                    None => {
                        let name = change.strip_suffix('-').unwrap_or(change);
                        let gone = map.remove(name).is_some();
                        removed |= gone;
                        if !gone && !annotate {
                            let line = format!("label \"{name}\" not found.\n");
                            printed.text.push_str(&line);
                        }
                    }
                }
            }
        });
        if args.has("list") {
            return;
        }
        if !refusals.is_empty() {
            let words = if annotate {
                format!(
                    "error: --overwrite is false but found the following declared annotation(s): \
                     {}\n",
                    refusals.join("; ")
                )
            } else {
                let each =
                    refusals.iter().map(|refusal| format!("{refusal}, and --overwrite is false\n"));
                // Several errors stand without their name.
                let start = if refusals.len() == 1 { "error: " } else { "" };
                each.fold(start.to_owned(), |text, line| text + &line)
            };
            printed.text.push_str(&words);
            printed.exit = 1;
            return;
        }
        if added || removed {
            let rule = Rule::ObjectUpdated;
            self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(entry));
        }
        // label.go updateDataChangeMsg; annotate has one word.
        let done = match (annotate, added, removed) {
            (true, _, _) => "annotated",
            (false, true, true) => "modified",
            (false, true, false) => "labeled",
            (false, false, true) => "unlabeled",
            (false, false, false) => "not labeled",
        };
        printed.text.push_str(&format!("{}/{} {done}\n", resource_of(&key.kind), key.name));
    }
}

/// What a command is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets {
    /// The objects that are there.
    pub(super) keys: Vec<Key>,
    /// The errors about those that are not.
    pub(super) missing: String,
    /// A selector or `--all` meant nothing.
    pub(super) nothing: bool,
}

impl Targets {
    /// What was printed, and at its end what was not found.
    pub(super) fn ended(&self, mut printed: Printed) -> Printed {
        if !self.missing.is_empty() {
            printed.text.push_str(&self.missing);
            printed.exit = 1;
        }
        printed
    }
}

/// cli-runtime/pkg/resource/builder.go missingResourceError.
pub(super) const NO_RESOURCE: &str = "error: You must provide one or more resources by argument \
    or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   \
    '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";
/// The same, when a kind has no name.
pub(super) const NO_NAME: &str = "error: resource(s) were provided, but no name was specified";

/// kubectl/pkg/cmd/util/helpers.go DefaultSubCommandRun.
pub(super) fn unknown_command(verb: &str, word: &str) -> Printed {
    Printed::error(format!(
        "error: unknown command \"{word}\"\nSee 'kubectl {verb} -h' for help and examples"
    ))
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

/// The replicas of what can be scaled.
fn replicas_of(object: &Object) -> i32 {
    let replicas = match object {
        Object::Deployment(object) => object.spec.replicas,
        Object::ReplicaSet(object) => object.spec.replicas,
        Object::StatefulSet(object) => object.spec.replicas,
        _ => None,
    };
    replicas.unwrap_or(1)
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
