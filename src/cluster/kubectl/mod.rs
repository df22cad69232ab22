//! What you do: kubectl's write verbs, carried out at their time.
//!
//! Owns: reading a command line, doing it, and what kubectl prints. Models kubectl/pkg/cmd. Does
//! not own: read verbs (`view::kubectl`), which change nothing.

mod apply;
mod args;
mod autoscale;
mod change;
mod create;
mod create_others;
mod debug;
mod delete;
mod drain;
mod exec;
mod json_patch;
mod patch;
mod set;

use std::rc::Rc;

use crate::cluster::key::{Key, with_metadata};
use crate::cluster::{Wake, World, latency};
use crate::manifest::meta::LabelSelector;
use crate::manifest::pod::{Pod, PodStatus};
use crate::manifest::service::Service;
use crate::manifest::{Object, base64, defaults, kinds, qos};
use crate::rule::Rule;
use crate::trace::{Actor, Change, Entry, EntryId, Subject, Verb};

use args::Args;
pub(crate) use args::plural_of as plural;
pub(crate) use drain::Drain;

/// What a command printed, and how it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Printed {
    pub(crate) text: String,
    pub(crate) exit: i32,
    /// The object that `--dry-run` made.
    pub(crate) dry: Option<Object>,
}

impl Printed {
    fn ok(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    fn error(text: String) -> Self {
        Self { text, exit: 1, ..Self::default() }
    }
}

impl World<'_> {
    /// Makes the cluster and applies every object of the scenario, in its order.
    pub(crate) fn apply_all(&mut self) {
        self.store_namespaces();
        self.store_nodes();
        self.store_classes();
        let entry = self.acted("kubectl apply -f -", Rule::YouActed);
        let objects = &self.scenario.objects;
        let mut errors = String::new();
        for object in objects {
            if let Err(error) = self.apply(object.clone(), entry) {
                errors.push_str(&in_file(&error));
                errors.push('\n');
            }
        }
        if !errors.is_empty() {
            self.refused("kubectl apply -f -", entry);
            self.set_output(entry, Printed::error(errors));
        }
        self.scan_static_pods(Some(entry));
    }

    /// Records that you ran a command. What it printed is known when it is done.
    fn acted(&mut self, command: &str, rule: Rule) -> EntryId {
        let change =
            Change::Acted { command: command.into(), output: "".into(), exit: 0, done: None };
        let at = self.now;
        let entry = Entry { at, actor: Actor::You, subject: nobody(), change, cause: None, rule };
        self.record(entry)
    }

    /// Begins an action of the scenario: kubectl has to start before it can ask for anything.
    pub(crate) fn act(&mut self, index: usize) {
        let Some(action) = self.scenario.actions.get(index) else { return };
        let entry = self.acted(&action.run, Rule::YouActed);
        if action.node.is_some() {
            return self.perform(index, entry);
        }
        let (low, high) = latency::KUBECTL;
        // One terminal: what is typed at the same moment is done one after the other.
        let free = self.terminal + low;
        let done = (self.now + self.random.tailed(low, high)).max(free);
        self.terminal = done;
        self.wake_after(done.since(self.now), Wake::Perform { index, entry }, Some(entry));
    }

    /// Carries out an action of the scenario.
    pub(crate) fn perform(&mut self, index: usize, entry: EntryId) {
        let Some(action) = self.scenario.actions.get(index) else { return };
        let command = action.run.clone();
        if let Some(watched) = self.watched.as_mut().filter(|watched| watched.index == index) {
            watched.entry = Some(entry);
        }
        let printed = match action.node.clone() {
            Some(node) => self.run_on_node(&node, &command, entry),
            None => self.run_command(&command, entry),
        };
        if printed.exit != 0 {
            self.refused(&command, entry);
        }
        if let Some(watched) = self.watched.as_mut().filter(|watched| watched.index == index) {
            watched.dry.clone_from(&printed.dry);
        }
        self.set_output(entry, printed);
    }

    fn refused(&mut self, command: &str, cause: EntryId) {
        let change = Change::Decided { what: format!("refused: {command}").into() };
        self.record(Entry {
            at: self.now,
            actor: Actor::You,
            subject: nobody(),
            change,
            cause: Some(cause),
            rule: Rule::CommandRefused,
        });
    }

    fn run_on_node(&mut self, node: &str, command: &str, entry: EntryId) -> Printed {
        let Some(index) = self.node_index(node) else {
            return Printed::error(format!("ssh: Could not resolve hostname {node}"));
        };
        match shell_words::split(command) {
            Ok(words) => match self.node_command(index, &words, entry) {
                Ok(text) => Printed::ok(text),
                Err(message) => Printed::error(message),
            },
            Err(error) => Printed::error(format!("sh: {error}")),
        }
    }

    fn run_command(&mut self, command: &str, entry: EntryId) -> Printed {
        let (command, stdin) = apply::here_document(command);
        let words = match shell_words::split(command) {
            Ok(words) => words,
            Err(error) => return Printed::error(format!("sh: {error}")),
        };
        let Some((first, rest)) = words.split_first() else { return Printed::default() };
        if first != "kubectl" && first != "k" {
            let text = format!("sh: {first}: not found");
            return Printed { text, exit: 127, ..Printed::default() };
        }
        let args = Args::parse(rest);
        if let Some(wrong) = &args.wrong {
            return Printed::error(wrong.clone());
        }
        let from_file = args.value("f").or_else(|| args.value("filename"));
        if let ("apply" | "create" | "replace" | "delete", Some(file)) =
            (args.verb.as_str(), from_file)
        {
            return self.kubectl_with_file(&args, file, stdin, entry);
        }
        match args.verb.as_str() {
            "apply" | "replace" => {
                Printed::error("error: must specify one of -f and -k".to_owned())
            }
            "delete" => self.kubectl_delete(&args, entry),
            "scale" => self.kubectl_scale(&args, entry),
            "autoscale" => self.kubectl_autoscale(&args, entry),
            "set" => self.kubectl_set(&args, entry),
            "rollout" => self.kubectl_rollout(&args, entry),
            "patch" => self.kubectl_patch(&args, entry),
            "create" => self.kubectl_create(&args, entry),
            "run" => self.kubectl_run(&args, entry),
            "expose" => self.kubectl_expose(&args, entry),
            "label" | "annotate" => self.kubectl_label(&args, entry),
            "drain" => self.kubectl_drain(&args, entry),
            "taint" => self.kubectl_taint(&args, entry),
            "cordon" | "uncordon" => self.kubectl_cordon(&args, entry),
            "exec" => self.kubectl_exec(&args, entry),
            "debug" => self.kubectl_debug(&args, entry),
            "get" | "describe" | "logs" | "top" | "events" | "explain" | "wait" | "version" => {
                Printed::default()
            }
            verb => Printed::error(format!("error: unknown command \"{verb}\" for \"kubectl\"")),
        }
    }

    /// Stores an object as `kubectl apply` does: new, or in place of the one that is there.
    /// Returns the API server's words when it is forbidden.
    pub(crate) fn apply(&mut self, mut object: Object, cause: EntryId) -> Result<(), String> {
        let namespaced = !kinds::is_cluster_wide(object.kind());
        with_metadata(&mut object, |metadata| {
            if namespaced && metadata.namespace.is_empty() {
                metadata.namespace = "default".to_owned();
            }
        });
        if let Object::Secret(secret) = &mut object
            && !secret.string_data.is_empty()
        {
            // registry/core/secret: stringData is only written, under its keys in data.
            let secret = Rc::make_mut(secret);
            for (key, value) in std::mem::take(&mut secret.string_data) {
                secret.data.insert(key, base64::encode(&value));
            }
        }
        let known = self.store.get(&Key::of(&object)).cloned();
        if let (Object::PersistentVolumeClaim(claim), None) = (&mut object, &known) {
            self.default_class(Rc::make_mut(claim));
        }
        if known.is_none() && !matches!(object, Object::Pod(_)) {
            self.admit_object(&object, cause)?;
        }
        match (object, known) {
            (Object::Pod(pod), None) => {
                let pod = (*pod).clone();
                self.create_pod(Actor::You, pod, Rule::ObjectStored, Some(cause))?;
            }
            (Object::Service(service), None) => self.create_service(&service, cause),
            (Object::Job(job), None) => {
                let job = (*job).clone();
                self.create_job(Actor::ApiServer, job, Rule::ObjectStored, Some(cause));
            }
            (mut object, None) => {
                let mut metadata = object.metadata().clone();
                self.fill_metadata(&mut metadata, namespaced);
                if matches!(object, Object::HorizontalPodAutoscaler(_)) {
                    // registry/autoscaling/horizontalpodautoscaler/strategy.go counts none.
                    metadata.generation = 0;
                }
                with_metadata(&mut object, |old| *old = metadata);
                let rule = Rule::ObjectStored;
                self.put(Actor::ApiServer, Verb::Created, object, rule, Some(cause));
            }
            (object, Some(known)) => self.replace(object, &known, cause),
        }
        Ok(())
    }

    /// Stores a new Pod as the API server does: admission, defaults, status.
    ///
    /// Models registry/core/pod/strategy.go PrepareForCreate and the admission plugins.
    pub(crate) fn create_pod(
        &mut self,
        actor: Actor,
        mut pod: Pod,
        rule: Rule,
        cause: Option<EntryId>,
    ) -> Result<(String, EntryId), String> {
        self.fill_metadata(&mut pod.metadata, true);
        defaults::of_pods_alone(&mut pod.spec);
        let suffix = self.random.suffix();
        if let Err(error) = self.admit_pod(&mut pod) {
            let about = Object::Pod(Rc::new(pod));
            self.note(Actor::ApiServer, &about, &error, Rule::AdmissionForbids, cause);
            return Err(error);
        }
        defaults::admit(&mut pod, &suffix);
        pod.status = PodStatus {
            phase: "Pending".to_owned(),
            qos_class: qos::qos_class(&pod.spec).to_owned(),
            ..PodStatus::default()
        };
        let name = pod.metadata.name.clone();
        let actor = if actor == Actor::You { Actor::ApiServer } else { actor };
        let entry = self.put(actor, Verb::Created, Object::Pod(Rc::new(pod)), rule, cause);
        Ok((name, entry))
    }

    /// Stores a new Service with an address of the cluster's range.
    fn create_service(&mut self, service: &Service, cause: EntryId) {
        let mut service = service.clone();
        self.fill_metadata(&mut service.metadata, true);
        let outside = service.spec.kind == "ExternalName";
        if service.spec.cluster_ip.is_empty() && !outside {
            let number = self.random.below(250 * 250);
            service.spec.cluster_ip =
                format!("10.{}.{}.{}", 96, number / 250 + 1, number % 250 + 2);
        }
        if matches!(service.spec.kind.as_str(), "NodePort" | "LoadBalancer") {
            for port in service.spec.ports.iter_mut().filter(|port| port.node_port == 0) {
                port.node_port = 30_000 + self.random.below(2_768) as i32;
            }
        }
        let object = Object::Service(Rc::new(service));
        let rule = Rule::ObjectStored;
        self.put(Actor::ApiServer, Verb::Created, object, rule, Some(cause));
    }

    /// Replaces an object by what is applied over it; what the cluster made of it stays.
    fn replace(&mut self, object: Object, known: &Object, cause: EntryId) {
        let object = match (object, known) {
            (Object::Pod(new), Object::Pod(old)) => {
                let mut changed = (**old).clone();
                for (container, wanted) in
                    changed.spec.containers.iter_mut().zip(&new.spec.containers)
                {
                    container.image.clone_from(&wanted.image);
                }
                for (container, wanted) in
                    changed.spec.init_containers.iter_mut().zip(&new.spec.init_containers)
                {
                    container.image.clone_from(&wanted.image);
                }
                changed.spec.active_deadline_seconds = new.spec.active_deadline_seconds;
                for toleration in &new.spec.tolerations {
                    if !changed.spec.tolerations.contains(toleration) {
                        changed.spec.tolerations.push(toleration.clone());
                    }
                }
                changed.spec.scheduling_gates.clone_from(&new.spec.scheduling_gates);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::Pod(Rc::new(changed))
            }
            (Object::Deployment(new), Object::Deployment(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::Deployment(Rc::new(changed))
            }
            (Object::StatefulSet(new), Object::StatefulSet(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::StatefulSet(Rc::new(changed))
            }
            (Object::DaemonSet(new), Object::DaemonSet(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::DaemonSet(Rc::new(changed))
            }
            (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::ReplicaSet(Rc::new(changed))
            }
            (Object::CronJob(new), Object::CronJob(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::CronJob(Rc::new(changed))
            }
            (Object::Job(new), Object::Job(old)) => {
                // The template and the selector were made with the Job and stay.
                let mut changed = (**old).clone();
                let (template, selector) = (old.spec.template.clone(), old.spec.selector.clone());
                changed.spec.clone_from(&new.spec);
                changed.spec.template = template;
                changed.spec.selector = selector;
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                changed.metadata.generation += i64::from(changed.spec != old.spec);
                Object::Job(Rc::new(changed))
            }
            (Object::HorizontalPodAutoscaler(new), Object::HorizontalPodAutoscaler(old)) => {
                let mut changed = (**old).clone();
                changed.spec.clone_from(&new.spec);
                changed.metadata.labels.clone_from(&new.metadata.labels);
                changed.metadata.annotations.clone_from(&new.metadata.annotations);
                Object::HorizontalPodAutoscaler(Rc::new(changed))
            }
            (mut object, known) => {
                let mut metadata = known.metadata().clone();
                metadata.labels.clone_from(&object.metadata().labels);
                metadata.annotations.clone_from(&object.metadata().annotations);
                if let (Object::Service(new), Object::Service(old)) = (&mut object, known) {
                    Rc::make_mut(new).spec.cluster_ip.clone_from(&old.spec.cluster_ip);
                }
                match (&mut object, known) {
                    (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => {
                        Rc::make_mut(new).status.clone_from(&old.status);
                    }
                    (Object::ResourceQuota(new), Object::ResourceQuota(old)) => {
                        Rc::make_mut(new).status.clone_from(&old.status);
                    }
                    (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
                        *new = old.clone();
                    }
                    (Object::PersistentVolume(new), Object::PersistentVolume(old)) => {
                        *new = old.clone();
                    }
                    _ => {}
                }
                with_metadata(&mut object, |old| *old = metadata);
                if object != *known {
                    with_metadata(&mut object, |metadata| metadata.generation += 1);
                }
                object
            }
        };
        if object == *known {
            // The API server writes nothing when nothing differs.
            return;
        }
        let rule = Rule::ObjectUpdated;
        self.put(Actor::ApiServer, Verb::Updated, object, rule, Some(cause));
    }

    fn set_output(&mut self, entry: EntryId, printed: Printed) {
        self.trace.set_output(entry, printed.text.into(), printed.exit, self.now);
    }
}

/// The error of an object that was read from a file.
fn in_file(error: &str) -> String {
    match error.strip_prefix("Pod ") {
        Some(_) => format!("The {error}"),
        None => {
            format!("Error from server (Forbidden): error when creating \"STDIN\": {error}")
        }
    }
}

/// Which Pods belong to an object.
fn selector_of(object: &Object) -> Option<LabelSelector> {
    match object {
        Object::Deployment(object) => object.spec.selector.clone(),
        Object::ReplicaSet(object) => object.spec.selector.clone(),
        Object::StatefulSet(object) => object.spec.selector.clone(),
        Object::DaemonSet(object) => object.spec.selector.clone(),
        Object::Job(object) => object.spec.selector.clone(),
        Object::Service(object) => Some(LabelSelector {
            match_labels: object.spec.selector.clone(),
            ..LabelSelector::default()
        }),
        _ => None,
    }
}

fn nobody() -> Subject {
    Subject {
        kind: "".into(),
        namespace: "".into(),
        name: "".into(),
        uid: "".into(),
        container: None,
    }
}

/// kubectl's words for an object that does not exist.
fn not_found(resource: &str, name: &str) -> String {
    format!("Error from server (NotFound): {resource} \"{name}\" not found")
}
