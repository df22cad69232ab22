//! `kubectl create`, `run` and `expose`: objects from flags alone.
//!
//! Models kubectl/pkg/cmd/{create,run,expose}. Does not own: manifests (`World::apply`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::controllers::pods::owner;
use crate::cluster::key::Key;
use crate::cluster::kubectl::args::{Args, plural_of, resource_of};
use crate::cluster::kubectl::change::unknown_command;
use crate::cluster::kubectl::create_others::{self, Made};
use crate::cluster::kubectl::{Printed, not_found};
use crate::manifest::cluster::Namespace;
use crate::manifest::defaults::{self, Filled};
use crate::manifest::meta::{LabelSelector, Labels, ObjectMeta, OwnerReference};
use crate::manifest::pod::{Container, ContainerPort, EnvVar, Pod, PodSpec, PodTemplateSpec};
use crate::manifest::quantity::IntOrString;
use crate::manifest::service::{Service, ServicePort};
use crate::manifest::validate::batch::cron_schedule;
use crate::manifest::validate::{FieldError, Findings, pod as pod_rules};
use crate::manifest::volume::{ConfigMap, Secret};
use crate::manifest::workloads::{CronJob, Deployment, Job};
use crate::manifest::{Object, kinds};
use crate::trace::EntryId;
use crate::version::KubeVersion;

/// What is made here; `create_others` knows the rest.
const KINDS: &[&str] = &[
    "configmap",
    "cm",
    "secret",
    "namespace",
    "ns",
    "deployment",
    "deploy",
    "job",
    "cronjob",
    "cj",
    "token",
];

impl World<'_> {
    pub(super) fn kubectl_create(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((kind, words)) = args.words.split_first() else {
            return Printed::error("error: must specify one of -f and -k".to_owned());
        };
        let mut words = words.to_vec();
        let generic = kind == "secret" && words.first().is_some_and(|word| word == "generic");
        if generic {
            words.remove(0);
        } else if let Some(made) = create_others::described(kind, &words, args) {
            return match made {
                Ok(Made { object, before }) => self.make(object, args, &before, "created", entry),
                Err(error) => Printed::error(error),
            };
        } else if !KINDS.contains(&kind.as_str()) {
            let mut printed = unknown_command("create", kind);
            printed.text.insert_str(0, "Error: must specify one of -f and -k\n\n");
            return printed;
        }
        let Some(name) = words.first().cloned() else {
            return Printed::error(
                "error: exactly one NAME is required, got 0\nSee 'kubectl create -h' for help and \
                 examples"
                    .to_owned(),
            );
        };
        let metadata =
            ObjectMeta { name, namespace: args.namespace().to_owned(), ..Default::default() };
        let made = match kind.as_str() {
            "configmap" | "cm" => config_map(metadata, args),
            "secret" => secret(metadata, args),
            "namespace" | "ns" => Ok(namespace(metadata)),
            "deployment" | "deploy" => deployment(metadata, args),
            "job" => self.job_from_flags(metadata, args),
            "cronjob" | "cj" => cron_job(metadata, args, self.scenario.version),
            other => Err(format!("error: `kubectl create {other}` is not simulated")),
        };
        match made {
            Ok(object) => {
                let word = object.kind().to_lowercase();
                let before = match word.as_str() {
                    "namespace" => "Error from server (AlreadyExists): ".to_owned(),
                    // The colon is missing there.
                    "secret" => "error: failed to create secret ".to_owned(),
                    word => format!("error: failed to create {word}: "),
                };
                self.make(object, args, &before, "created", entry)
            }
            Err(error) => Printed::error(error),
        }
    }

    /// Stores an object that flags have made, or only shows it; `done` is what kubectl says.
    pub(super) fn make(
        &mut self,
        object: Object,
        args: &Args,
        before: &str,
        done: &str,
        entry: EntryId,
    ) -> Printed {
        let key = Key::of(&object);
        let resource = match &object {
            Object::Unsimulated(own) => kinds::resource(&own.api_version, &own.kind),
            _ => resource_of(&key.kind),
        };
        if let Some(how) = args.value("dry-run").filter(|how| *how != "none") {
            let note = if how == "server" { "server dry run" } else { "dry run" };
            let text = format!("{resource}/{} {done} ({note})\n", key.name);
            let dry = Some(if how == "server" { with_defaults(object) } else { object });
            return Printed { text, exit: 0, dry };
        }
        let object = with_defaults(object);
        if let Err(refusal) = refused(&object, args) {
            return Printed::error(refusal);
        }
        let mut printed = self.store_new(object, before, entry);
        if printed.exit == 0 {
            printed.text = format!("{resource}/{} {done}\n", key.name);
        }
        printed
    }

    /// Stores a new object; `before` stands before the words of a refusal.
    fn store_new(&mut self, object: Object, before: &str, entry: EntryId) -> Printed {
        let key = Key::of(&object);
        let plural = plural_of(&key.kind);
        if self.store.get(&key).is_some() {
            return Printed::error(format!("{before}{plural} \"{}\" already exists", key.name));
        }
        if let Some(refusal) = self.namespace_refusal(&key.namespace) {
            let name = &key.name;
            return Printed::error(format!("{before}{plural} \"{name}\" is forbidden: {refusal}"));
        }
        let line = format!("{}/{} created\n", resource_of(&key.kind), key.name);
        match self.apply(object, entry) {
            Ok(()) => Printed::ok(line),
            Err(error) if error.starts_with("Pod ") => Printed::error(format!("The {error}")),
            Err(error) => Printed::error(format!("{before}{error}")),
        }
    }

    pub(super) fn kubectl_run(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some(name) = args.words.first().cloned() else {
            return Printed::error("error: NAME is required for run".to_owned());
        };
        let Some(image) = args.value("image") else {
            return Printed::error("error: required flag(s) \"image\" not set".to_owned());
        };
        let mut container = container(&name, image, args);
        let rest: Vec<String> = args.words.iter().skip(1).chain(&args.after).cloned().collect();
        if args.has("command") {
            container.command = rest;
        } else {
            container.args = rest;
        }
        let labels = match args.value("labels").or_else(|| args.value("l")) {
            Some(text) => pairs(text),
            None => [("run".to_owned(), name.clone())].into(),
        };
        let pod = Pod {
            metadata: ObjectMeta {
                name,
                namespace: args.namespace().to_owned(),
                labels,
                ..Default::default()
            },
            spec: PodSpec {
                containers: vec![container],
                restart_policy: args.value("restart").unwrap_or("Always").to_owned(),
                dns_policy: "ClusterFirst".to_owned(),
                ..PodSpec::default()
            }
            .into(),
            ..Pod::default()
        };
        let before = "Error from server (AlreadyExists): ";
        self.make(Object::Pod(Rc::new(pod)), args, before, "created", entry)
    }

    pub(super) fn kubectl_expose(&mut self, args: &Args, entry: EntryId) -> Printed {
        let (key, object) = match self.target(args, &args.words) {
            Ok(found) => found,
            Err(printed) => return printed,
        };
        let (selector, ports) = match &object {
            Object::Pod(pod) => (pod.metadata.labels.clone(), ports_of(&pod.spec)),
            Object::Deployment(d) => {
                (of(d.spec.selector.as_ref()), ports_of(&d.spec.template.spec))
            }
            Object::ReplicaSet(r) => {
                (of(r.spec.selector.as_ref()), ports_of(&r.spec.template.spec))
            }
            Object::Service(s) => (
                s.spec.selector.clone(),
                s.spec.ports.iter().map(|p| (p.port, p.protocol.clone())).collect(),
            ),
            _ => {
                return Printed::error(format!("error: cannot expose a {}", key.kind));
            }
        };
        let asked = args.value("port").and_then(|text| text.parse::<i32>().ok());
        let protocol = args.value("protocol").unwrap_or("TCP").to_owned();
        let chosen = match asked {
            Some(port) => vec![(port, protocol)],
            None => ports,
        };
        if chosen.is_empty() {
            return Printed::error(
                "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose \
                 -h' for help and examples"
                    .to_owned(),
            );
        }
        let target = args.value("target-port").map(|text| match text.parse::<i32>() {
            Ok(number) => IntOrString::Int(number),
            Err(_) => IntOrString::String(text.to_owned()),
        });
        let several = chosen.len() > 1;
        let ports = chosen
            .into_iter()
            .enumerate()
            .map(|(index, (port, protocol))| ServicePort {
                name: if several { format!("port-{}", index + 1) } else { String::new() },
                port,
                protocol,
                target_port: target.clone(),
                ..ServicePort::default()
            })
            .collect();
        let name = args.value("name").unwrap_or(&key.name).to_owned();
        let mut service = Service {
            metadata: ObjectMeta {
                name,
                namespace: key.namespace.clone(),
                labels: object.metadata().labels.clone(),
                ..Default::default()
            },
            ..Service::default()
        };
        service.spec.selector = match args.selector() {
            Some(text) => pairs(text),
            None => selector,
        };
        service.spec.ports = ports;
        service.spec.kind = args.value("type").unwrap_or_default().to_owned();
        let before = "Error from server (AlreadyExists): ";
        self.make(Object::Service(Rc::new(service)), args, before, "exposed", entry)
    }

    fn job_from_flags(&self, metadata: ObjectMeta, args: &Args) -> Result<Object, String> {
        if let Some(from) = args.value("from") {
            let (kind, name) = from.split_once('/').unwrap_or(("", from));
            if !matches!(kind, "cronjob" | "cronjobs" | "cj") {
                return Err(format!("error: unknown object type for --from: {from}"));
            }
            let key = Key::new("CronJob", args.namespace(), name);
            let Some(Object::CronJob(cron_job)) = self.store.get(&key) else {
                return Err(not_found("cronjobs.batch", name));
            };
            return Ok(Object::Job(Rc::new(from_cron_job(metadata, cron_job))));
        }
        let Some(image) = args.value("image") else {
            return Err("error: either --image or --from must be specified".to_owned());
        };
        let name = metadata.name.clone();
        let mut job = Job { metadata, ..Job::default() };
        job.spec.template.spec = finite(&name, image, args).into();
        Ok(Object::Job(Rc::new(job)))
    }
}

/// Models create_job.go createJobFromCronJob.
fn from_cron_job(mut metadata: ObjectMeta, cron_job: &CronJob) -> Job {
    let template = &cron_job.spec.job_template;
    metadata.labels.clone_from(&template.metadata.labels);
    metadata.annotations.clone_from(&template.metadata.annotations);
    let by_hand = ("cronjob.kubernetes.io/instantiate".to_owned(), "manual".to_owned());
    metadata.annotations.extend([by_hand]);
    metadata.owner_references = vec![OwnerReference {
        block_owner_deletion: false,
        ..owner("batch/v1", "CronJob", &cron_job.metadata)
    }];
    Job { metadata, spec: template.spec.clone(), ..Job::default() }
}

/// `a=b,c=d`.
fn pairs(text: &str) -> Labels {
    text.split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn of(selector: Option<&LabelSelector>) -> Labels {
    selector.map(|selector| selector.match_labels.clone()).unwrap_or_default()
}

fn ports_of(spec: &PodSpec) -> Vec<(i32, String)> {
    spec.containers
        .iter()
        .flat_map(|container| &container.ports)
        .map(|port| (port.container_port, port.protocol.clone()))
        .collect()
}

pub(super) fn container(name: &str, image: &str, args: &Args) -> Container {
    let port = args.value("port").and_then(|text| text.parse::<i32>().ok());
    let env = args.values("env").filter_map(|pair| pair.split_once('='));
    Container {
        name: name.to_owned(),
        image: image.to_owned(),
        ports: port
            .map(|port| ContainerPort { container_port: port, ..ContainerPort::default() })
            .into_iter()
            .collect(),
        env: env
            .map(|(name, value)| EnvVar {
                name: name.to_owned(),
                value: value.to_owned(),
                ..EnvVar::default()
            })
            .collect(),
        ..Container::default()
    }
}

/// A Pod that runs to its end.
fn finite(name: &str, image: &str, args: &Args) -> PodSpec {
    let mut container = container(name, image, args);
    container.command.clone_from(&args.after);
    PodSpec {
        containers: vec![container],
        restart_policy: args.value("restart").unwrap_or("Never").to_owned(),
        ..PodSpec::default()
    }
}

fn literals(args: &Args) -> Result<Labels, String> {
    let mut data = Labels::new();
    for literal in args.values("from-literal") {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(format!("error: invalid literal source {literal}, expected key=value"));
        };
        if data.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(if args.words.first().is_some_and(|word| word == "secret") {
                format!("error: cannot add key {key}, another key by that name already exists")
            } else {
                let name = args.words.get(1).map(String::as_str).unwrap_or_default();
                format!(
                    "error: cannot add key \"{key}\", another key by that name already exists in \
                     Data for ConfigMap \"{name}\""
                )
            });
        }
    }
    if args.values("from-file").next().is_some() {
        return Err("error: there are no files here: use --from-literal".to_owned());
    }
    Ok(data)
}

fn config_map(metadata: ObjectMeta, args: &Args) -> Result<Object, String> {
    let data = literals(args)?;
    Ok(Object::ConfigMap(Rc::new(ConfigMap { metadata, data, ..ConfigMap::default() })))
}

fn secret(metadata: ObjectMeta, args: &Args) -> Result<Object, String> {
    let string_data = literals(args)?;
    let kind = args.value("type").unwrap_or("Opaque").to_owned();
    Ok(Object::Secret(Rc::new(Secret { metadata, kind, string_data, ..Secret::default() })))
}

fn namespace(mut metadata: ObjectMeta) -> Object {
    metadata.namespace.clear();
    let name = metadata.name.clone();
    metadata.labels.insert("kubernetes.io/metadata.name".to_owned(), name);
    Object::Namespace(Rc::new(Namespace { metadata, phase: "Active".to_owned() }))
}

/// The name of a container after its image: its last part without tag or digest.
fn name_of(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split([':', '@']).next().unwrap_or(last);
    name.replace(['_', '.'], "-")
}

fn deployment(mut metadata: ObjectMeta, args: &Args) -> Result<Object, String> {
    let images: Vec<&str> = args.values("image").flat_map(|images| images.split(',')).collect();
    if images.is_empty() {
        return Err("error: required flag(s) \"image\" not set".to_owned());
    }
    if images.len() > 1 && !args.after.is_empty() {
        return Err("error: cannot specify multiple --image options and command".to_owned());
    }
    let labels: Labels = [("app".to_owned(), metadata.name.clone())].into();
    metadata.labels.clone_from(&labels);
    let mut deployment = Deployment { metadata, ..Deployment::default() };
    let replicas = args.value("replicas").map_or(Ok(1), str::parse::<i32>);
    let Ok(replicas) = replicas else {
        return Err("error: invalid argument for \"-r, --replicas\" flag".to_owned());
    };
    deployment.spec.replicas = Some(replicas);
    deployment.spec.selector =
        Some(LabelSelector { match_labels: labels.clone(), ..LabelSelector::default() });
    deployment.spec.template = PodTemplateSpec {
        metadata: ObjectMeta { labels, ..ObjectMeta::default() },
        spec: PodSpec {
            containers: images
                .into_iter()
                .map(|image| Container {
                    command: args.after.clone(),
                    ..container(&name_of(image), image, args)
                })
                .collect(),
            ..PodSpec::default()
        }
        .into(),
    };
    Ok(Object::Deployment(Rc::new(deployment)))
}

fn cron_job(metadata: ObjectMeta, args: &Args, version: KubeVersion) -> Result<Object, String> {
    let (Some(image), Some(schedule)) = (args.value("image"), args.value("schedule")) else {
        let missing = if args.value("image").is_none() { "image" } else { "schedule" };
        return Err(format!("error: required flag(s) \"{missing}\" not set"));
    };
    let mut findings = Findings { version, ..Findings::default() };
    cron_schedule(schedule, false, &mut findings);
    if let Some(fault) = findings.errors.first() {
        return Err(format!(
            "error: failed to create cronjob: CronJob.batch \"{}\" is invalid: {}",
            metadata.name,
            fault.text()
        ));
    }
    let name = metadata.name.clone();
    let mut cron_job = CronJob { metadata, ..CronJob::default() };
    schedule.clone_into(&mut cron_job.spec.schedule);
    let template = &mut cron_job.spec.job_template;
    template.metadata.name.clone_from(&name);
    template.spec.template.spec = finite(&name, image, args).into();
    if args.value("restart").is_none() {
        "OnFailure".clone_into(&mut template.spec.template.spec.restart_policy);
    }
    Ok(Object::CronJob(Rc::new(cron_job)))
}

/// What the API server fills in.
pub(super) fn with_defaults(mut object: Object) -> Object {
    let filled = &mut Filled::silent();
    match &mut object {
        Object::Pod(object) => defaults::pod(Rc::make_mut(object), filled),
        Object::Deployment(object) => defaults::deployment(Rc::make_mut(object), filled),
        Object::Job(object) => defaults::job(Rc::make_mut(object), filled),
        Object::CronJob(object) => defaults::cron_job(Rc::make_mut(object), filled),
        Object::Service(object) => defaults::service(Rc::make_mut(object), filled),
        _ => {}
    }
    object
}

/// What the API server has against an object that flags have made.
pub(super) fn refused(object: &Object, args: &Args) -> Result<(), String> {
    let mut findings = Findings::default();
    match object {
        Object::Pod(pod) => pod_rules::create(pod, &mut findings),
        Object::Deployment(deployment) => {
            crate::manifest::validate::workload::deployment(deployment, &mut findings);
        }
        _ => {}
    }
    let Some(cause) = findings.errors.first().map(FieldError::text) else { return Ok(()) };
    let (kind, name) = (object.kind(), &object.metadata().name);
    Err(if matches!(args.verb.as_str(), "run" | "debug") {
        format!("The {kind} \"{name}\" is invalid: {cause}")
    } else {
        let word = kind.to_lowercase();
        format!("error: failed to create {word}: {kind}.apps \"{name}\" is invalid: {cause}")
    })
}
