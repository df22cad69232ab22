//! `kubectl scale`, `set image`, `rollout`, `patch`, `label`, `cordon`: changing what is there.
//!
//! Models kubectl/pkg/cmd/{scale,set,rollout,patch}. Does not own: what controllers make of it.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::revision;
use crate::cluster::kubectl::args::{Args, plural_of, resource_of};
use crate::cluster::kubectl::{Printed, not_found};
use crate::cluster::store::{Key, with_metadata};
use crate::manifest::Object;
use crate::manifest::node::{Node, Value};
use crate::manifest::workloads::{Deployment, ReplicaSet};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId, Verb};

impl World<'_> {
    /// The one object that the words name, or why not.
    fn target(&self, args: &Args, words: &[String]) -> Result<(Key, Object), Printed> {
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

    fn put_changed(&mut self, mut object: Object, entry: EntryId) {
        with_metadata(&mut object, |metadata| metadata.generation += 1);
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
        let changed = match object {
            Object::Deployment(deployment) => {
                let mut changed: Deployment = (*deployment).clone();
                changed.spec.replicas = Some(replicas);
                Object::Deployment(Rc::new(changed))
            }
            Object::ReplicaSet(set) => {
                let mut changed: ReplicaSet = (*set).clone();
                changed.spec.replicas = Some(replicas);
                Object::ReplicaSet(Rc::new(changed))
            }
            _ => {
                return Printed::error(format!(
                    "Error from server (NotFound): the server could not find the requested \
                     resource: {} cannot be scaled here",
                    plural_of(&key.kind)
                ));
            }
        };
        self.put_changed(changed, entry);
        Printed::ok(format!("{}/{} scaled\n", resource_of(&key.kind), key.name))
    }

    pub(super) fn kubectl_set(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((what, words)) = args.words.split_first().filter(|(what, _)| *what == "image")
        else {
            return Printed::error("error: only `kubectl set image` is simulated".to_owned());
        };
        let _ = what;
        let (images, words): (Vec<String>, Vec<String>) =
            words.iter().cloned().partition(|word| word.contains('='));
        let (key, object) = match self.target(args, &words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let pairs: Vec<(&str, &str)> =
            images.iter().filter_map(|pair| pair.split_once('=')).collect();
        let (changed, missing) = match object {
            Object::Deployment(deployment) => {
                let mut changed = (*deployment).clone();
                let missing = set_images(&mut changed.spec.template.spec, &pairs);
                (Object::Deployment(Rc::new(changed)), missing)
            }
            Object::Pod(pod) => {
                let mut changed = (*pod).clone();
                let missing = set_images(&mut changed.spec, &pairs);
                (Object::Pod(Rc::new(changed)), missing)
            }
            other => (other, None),
        };
        if let Some(name) = missing {
            return Printed::error(format!("error: unable to find container named \"{name}\""));
        }
        self.put_changed(changed, entry);
        Printed::ok(format!("{}/{} image updated\n", resource_of(&key.kind), key.name))
    }

    pub(super) fn kubectl_rollout(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((verb, words)) = args.words.split_first() else {
            return Printed::error("error: rollout needs a subcommand".to_owned());
        };
        let (key, object) = match self.target(args, words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let Object::Deployment(deployment) = object else {
            return Printed::error(format!(
                "error: {}.apps \"{}\" cannot be rolled out here",
                key.kind.to_lowercase(),
                key.name
            ));
        };
        let mut changed = (*deployment).clone();
        let done = match verb.as_str() {
            "restart" => {
                let now = self.now.rfc3339();
                let annotation = "kubectl.kubernetes.io/restartedAt".to_owned();
                changed.spec.template.metadata.annotations.insert(annotation, now);
                "restarted"
            }
            "pause" => {
                changed.spec.paused = true;
                "paused"
            }
            "resume" => {
                changed.spec.paused = false;
                "resumed"
            }
            "undo" => match self.previous_template(&deployment, args.value("to-revision")) {
                Some(set) => {
                    changed.spec.template = set.spec.template.clone();
                    changed.spec.template.metadata.labels.remove("pod-template-hash");
                    "rolled back"
                }
                None => {
                    return Printed::error(format!(
                        "error: no rollout history found for deployment \"{}\"",
                        key.name
                    ));
                }
            },
            "status" | "history" => return Printed::default(),
            verb => return Printed::error(format!("error: unknown command \"rollout {verb}\"")),
        };
        self.put_changed(Object::Deployment(Rc::new(changed)), entry);
        Printed::ok(format!("deployment.apps/{} {done}\n", key.name))
    }

    fn previous_template(
        &self,
        deployment: &Deployment,
        to: Option<&str>,
    ) -> Option<Rc<ReplicaSet>> {
        let mut sets = self.sets_of(deployment);
        sets.sort_by_key(|set| revision(set));
        if let Some(wanted) = to.and_then(|text| text.parse::<i64>().ok()).filter(|n| *n > 0) {
            return sets.into_iter().find(|set| revision(set) == wanted);
        }
        sets.pop()?;
        sets.pop()
    }

    pub(super) fn kubectl_patch(&mut self, args: &Args, entry: EntryId) -> Printed {
        let (key, object) = match self.target(args, &args.words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let Some(patch) = args.value("p").or_else(|| args.value("patch")) else {
            return Printed::error("error: must specify --patch or --patch-file".to_owned());
        };
        // JSON is YAML: one scanner reads both.
        let documents = crate::manifest::parse::parse(patch, &mut Vec::new());
        let Some(root) = documents.into_iter().find_map(|document| document.root.ok()) else {
            return Printed::error("error: unable to parse the patch".to_owned());
        };
        let changed = if args.value("subresource") == Some("resize") {
            resize_patch(object, &root)
        } else if args.value("type") == Some("json") {
            json_patch(object, &root)
        } else {
            merge_patch(object, &root)
        };
        let Some(changed) = changed else {
            return Printed::error("error: this patch is not simulated".to_owned());
        };
        self.put_changed(changed, entry);
        self.finish_deletion(&key, Some(entry));
        Printed::ok(format!("{}/{} patched\n", resource_of(&key.kind), key.name))
    }

    pub(super) fn kubectl_label(&mut self, args: &Args, entry: EntryId) -> Printed {
        let is_change =
            |word: &String| word.contains('=') || (word.ends_with('-') && word.len() > 1);
        let (changes, words): (Vec<String>, Vec<String>) =
            args.words.iter().cloned().partition(is_change);
        let (key, mut object) = match self.target(args, &words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let annotate = args.verb == "annotate";
        with_metadata(&mut object, |metadata| {
            let map = if annotate { &mut metadata.annotations } else { &mut metadata.labels };
            for change in &changes {
                match change.split_once('=') {
                    Some((name, value)) => {
                        map.insert(name.to_owned(), value.to_owned());
                    }
                    None => {
                        map.remove(change.trim_end_matches('-'));
                    }
                }
            }
        });
        let rule = Rule::ObjectUpdated;
        self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(entry));
        let done = if annotate { "annotated" } else { "labeled" };
        Printed::ok(format!("{}/{} {done}\n", resource_of(&key.kind), key.name))
    }

    pub(super) fn kubectl_cordon(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some(name) = args.words.last().cloned() else {
            return Printed::error("error: one or more nodes must be specified".to_owned());
        };
        let Some(index) = self.node_index(&name) else {
            return Printed::error(not_found("nodes", &name));
        };
        self.nodes[index].unschedulable = args.verb == "cordon";
        let Some(Object::Node(node)) = self.store.get(&Key::new("Node", "", &name)).cloned() else {
            return Printed::error(not_found("nodes", &name));
        };
        let mut changed = (*node).clone();
        changed.spec.unschedulable = args.verb == "cordon";
        self.put_changed(Object::Node(Rc::new(changed)), entry);
        if args.verb == "uncordon" {
            self.retry_unschedulable(entry);
        }
        Printed::ok(format!("node/{name} {}ed\n", args.verb))
    }
}

/// Sets images by container name (`*` means all); returns a name that does not exist.
fn set_images(spec: &mut crate::manifest::pod::PodSpec, pairs: &[(&str, &str)]) -> Option<String> {
    for (name, image) in pairs {
        let mut found = false;
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
            if *name == "*" || container.name == *name {
                container.image = (*image).to_owned();
                found = true;
            }
        }
        if !found {
            return Some((*name).to_owned());
        }
    }
    None
}

/// JSON patches of what is simulated: taking finalizers away, and replicas.
fn json_patch(mut object: Object, patch: &Node) -> Option<Object> {
    for operation in patch.items() {
        let op = operation.get("op")?.as_str()?;
        let path = operation.get("path")?.as_str()?;
        match (op, path) {
            ("remove", "/metadata/finalizers" | "/metadata/finalizers/0") => {
                with_metadata(&mut object, |metadata| metadata.finalizers.clear());
            }
            ("replace" | "add", "/spec/replicas") => {
                let Value::Int(replicas) = operation.get("value")?.value else { return None };
                object = with_replicas(object, i32::try_from(replicas).ok()?)?;
            }
            _ => return None,
        }
    }
    Some(object)
}

fn with_replicas(object: Object, replicas: i32) -> Option<Object> {
    match object {
        Object::Deployment(mut deployment) => {
            Rc::make_mut(&mut deployment).spec.replicas = Some(replicas);
            Some(Object::Deployment(deployment))
        }
        Object::ReplicaSet(mut set) => {
            Rc::make_mut(&mut set).spec.replicas = Some(replicas);
            Some(Object::ReplicaSet(set))
        }
        _ => None,
    }
}

/// The resize subresource: resources of containers, merged by name.
fn resize_patch(object: Object, patch: &Node) -> Option<Object> {
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

/// Merge patches of what is simulated: metadata, data of ConfigMaps, replicas.
fn merge_patch(mut object: Object, patch: &Node) -> Option<Object> {
    for (key, value) in patch.entries() {
        match key.name.as_str() {
            "metadata" => merge_metadata(&mut object, value)?,
            "data" => {
                let Object::ConfigMap(map) = &mut object else { return None };
                for (key, value) in value.entries() {
                    let text = value.as_str()?.to_owned();
                    Rc::make_mut(map).data.insert(key.name.clone(), text);
                }
            }
            "spec" => {
                let Value::Int(replicas) = value.get("replicas")?.value else { return None };
                object = with_replicas(object, i32::try_from(replicas).ok()?)?;
            }
            _ => return None,
        }
    }
    Some(object)
}

fn merge_metadata(object: &mut Object, patch: &Node) -> Option<()> {
    let clears = patch.get("finalizers").is_some_and(|f| f.items().is_empty());
    let labels: Vec<(String, Option<String>)> = patch
        .get("labels")
        .map(|labels| {
            labels
                .entries()
                .iter()
                .map(|(key, value)| (key.name.clone(), value.as_str().map(str::to_owned)))
                .collect()
        })
        .unwrap_or_default();
    let known =
        patch.entries().iter().all(|(key, _)| matches!(key.name.as_str(), "finalizers" | "labels"));
    known.then(|| {
        with_metadata(object, |metadata| {
            if clears {
                metadata.finalizers.clear();
            }
            for (key, value) in labels {
                match value {
                    Some(value) => metadata.labels.insert(key, value),
                    None => metadata.labels.remove(&key),
                };
            }
        });
    })
}
