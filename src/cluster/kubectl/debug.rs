//! `kubectl debug`: an ephemeral container, a copy of a Pod, or a Pod on a node's namespaces.
//!
//! Models kubectl/pkg/cmd/debug/debug.go, with the profile general. Does not own: what becomes of
//! the container (`kubelet`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::kubectl::args::{self, Args};
use crate::cluster::kubectl::create::{container, refused};
use crate::cluster::kubectl::{Printed, not_found};
use crate::manifest::Object;
use crate::manifest::defaults;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::{Container, Pod, PodSpec, Toleration};
use crate::manifest::volume::{HostPathVolumeSource, Volume, VolumeMount};
use crate::rule::Rule;
use crate::trace::{Actor, EntryId};

/// Profiles that there are; here they make no difference.
const PROFILES: [&str; 6] = ["legacy", "general", "baseline", "netadmin", "restricted", "sysadmin"];

/// The release whose kubectl has general as its default.
const GENERAL_SINCE: u8 = 36;

/// The first that says so of legacy.
const DEPRECATED_SINCE: u8 = 32;

impl World<'_> {
    /// Adds a container for looking around.
    pub(super) fn kubectl_debug(&mut self, args: &Args, entry: EntryId) -> Printed {
        let mut printed = Printed::default();
        if let Err(error) = self.debug_flags(args, &mut printed.text) {
            return Printed::error(printed.text + &error);
        }
        let target = args.words.first().cloned().unwrap_or_default();
        let (kind, name) = target.split_once('/').unwrap_or(("pod", &target));
        let done = match args::kind_of(kind) {
            Some("Pod") => match self.store.pod(args.namespace(), name).cloned() {
                None => Err(not_found("pods", name)),
                Some(pod) if args.value("copy-to").is_some() => {
                    self.debug_copy(&pod, args, &mut printed.text, entry)
                }
                Some(pod) => self.debug_inside(&pod, args, &mut printed.text, entry),
            },
            Some("Node") => match self.node_index(name) {
                None => Err(not_found("nodes", name)),
                Some(_) => {
                    let pod = on_node(name, args, &self.random.suffix());
                    printed.text.push_str(&format!(
                        "Creating debugging pod {} with container debugger on node {name}.\n",
                        pod.metadata.name
                    ));
                    self.debug_create(pod, args, entry)
                }
            },
            Some(kind) => Err(format!("error: \"{kind}\" not supported by debug")),
            None => Err(format!("error: the server doesn't have a resource type \"{kind}\"")),
        };
        match done {
            Ok(()) if interactive(args) => printed.text.push_str(
                "All commands and output from this session will be recorded in container logs, \
                 including credentials and sensitive information passed through the command \
                 prompt.\nIf you don't see a command prompt, try pressing enter.\n",
            ),
            Ok(()) => {}
            Err(error) => return Printed::error(printed.text + &error),
        }
        printed
    }

    /// What is refused before anything is asked for, and what is said about the flags.
    fn debug_flags(&self, args: &Args, said: &mut String) -> Result<(), String> {
        let copies = args.value("copy-to").is_some();
        let image = args.value("image").is_some();
        let refuse = |words: &str| Err(format!("error: {words}"));
        let set_image = args.value("set-image").is_some();
        if copies && !image && !set_image && args.after.is_empty() {
            return refuse("you must specify --image, --set-image or command arguments.");
        }
        if copies && !args.after.is_empty() && !image && named(args).is_none() {
            let words = "you must specify an existing container or a new image when specifying \
                         args.";
            return refuse(words);
        }
        for flag in ["replace", "same-node", "set-image"] {
            if !copies && args.has(flag) {
                return refuse(&format!("--{flag} may only be used with --copy-to."));
            }
        }
        if !copies && !image {
            return refuse("you must specify --image when not using --copy-to.");
        }
        if args.words.is_empty() {
            return refuse("NAME or filename is required for debug");
        }
        if args.has("replace") {
            return refuse("`kubectl debug --replace` is not simulated");
        }
        if let Some(target) = args.value("target") {
            if copies {
                let words = "--target is incompatible with --copy-to. Use --share-processes \
                             instead.";
                return refuse(words);
            }
            if !quiet(args) {
                said.push_str(&format!(
                    "Targeting container \"{target}\". If you don't see processes from this \
                     container it may be because the container runtime doesn't support this \
                     feature.\n"
                ));
            }
        }
        if terminal(args) && !interactive(args) {
            return refuse("-i/--stdin is required for containers with -t/--tty=true");
        }
        let minor = self.scenario.version.minor();
        let default = if minor < GENERAL_SINCE { "legacy" } else { "general" };
        let profile = args.value("profile").unwrap_or(default);
        if !PROFILES.contains(&profile) {
            return refuse(&format!("unknown profile: {profile}"));
        }
        if profile == "legacy" && minor >= DEPRECATED_SINCE {
            said.push_str(
                "--profile=legacy is deprecated and will be removed in the future. It is \
                 recommended to explicitly specify a profile, for example \"--profile=general\".\n",
            );
        }
        Ok(())
    }

    /// The name of the new container; says so where nobody chose it.
    fn debug_name(&mut self, args: &Args, said: &mut String) -> String {
        if let Some(name) = named(args) {
            return name.to_owned();
        }
        let name = format!("debugger-{}", self.random.suffix());
        if !quiet(args) {
            said.push_str(&format!("Defaulting debug container name to {name}.\n"));
        }
        name
    }

    /// Adds an ephemeral container to a Pod.
    fn debug_inside(
        &mut self,
        pod: &Pod,
        args: &Args,
        said: &mut String,
        entry: EntryId,
    ) -> Result<(), String> {
        let name = self.debug_name(args, said);
        if pod.metadata.annotations.contains_key("kubernetes.io/config.mirror") {
            return Err("Error from server (BadRequest): static pods do not support ephemeral \
                        containers"
                .to_owned());
        }
        let field = format!("spec.ephemeralContainers[{}]", pod.spec.ephemeral_containers.len());
        let invalid = |what: String| {
            Err(format!("The Pod \"{}\" is invalid: {field}.{what}", pod.metadata.name))
        };
        if pod.spec.container(&name).is_some() {
            return invalid(format!("name: Duplicate value: \"{name}\""));
        }
        let target = args.value("target").map(str::to_owned);
        if let Some(target) = &target {
            let mut targets = pod.spec.init_containers.iter().chain(&pod.spec.containers);
            if !targets.any(|own| own.name == *target) {
                return invalid(format!("targetContainerName: Not found: \"{target}\""));
            }
        }
        let mut added = debugger(&name, args);
        added.target_container_name = target;
        defaults::ephemeral(&mut added);
        let mut pod = pod.clone();
        pod.metadata.generation += 1;
        pod.spec.ephemeral_containers.push(added);
        self.update_pod(Actor::ApiServer, pod, Rule::ObjectUpdated, Some(entry));
        Ok(())
    }

    /// Makes a copy of a Pod, with a container more or another image.
    fn debug_copy(
        &mut self,
        pod: &Pod,
        args: &Args,
        said: &mut String,
        entry: EntryId,
    ) -> Result<(), String> {
        let mut spec = PodSpec::clone(&pod.spec);
        spec.ephemeral_containers.clear();
        if !args.has("same-node") {
            spec.node_name.clear();
        }
        spec.share_process_namespace = Some(args.value("share-processes") != Some("false"));
        for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
            for (flag, probe) in [
                ("keep-liveness", &mut container.liveness_probe),
                ("keep-readiness", &mut container.readiness_probe),
                ("keep-startup", &mut container.startup_probe),
            ] {
                if !args.has(flag) {
                    *probe = None;
                }
            }
        }
        for pair in args.value("set-image").unwrap_or_default().split(',') {
            let Some((name, image)) = pair.split_once('=') else { continue };
            let all = spec.containers.iter_mut().chain(&mut spec.init_containers);
            for container in all.filter(|own| name == "*" || own.name == name) {
                container.image = image.to_owned();
            }
        }
        let known = named(args).filter(|name| spec.container(name).is_some());
        if let Some(name) = known {
            let mut all = spec.containers.iter_mut().chain(&mut spec.init_containers);
            if let Some(own) = all.find(|own| own.name == name) {
                if !args.after.is_empty() {
                    own.command.clone_from(&args.after);
                    own.args.clear();
                }
                if let Some(image) = args.value("image") {
                    own.image = image.to_owned();
                }
                own.stdin = interactive(args);
                own.tty = terminal(args);
            }
        } else if args.value("image").is_some() {
            let name = self.debug_name(args, said);
            spec.containers.push(debugger(&name, args));
        } else if args.value("set-image").is_none() {
            return Err("error: you must specify image when creating new container".to_owned());
        }
        let keeps = |flag: &str, own: &crate::manifest::meta::Labels| {
            if args.has(flag) { own.clone() } else { Default::default() }
        };
        let metadata = ObjectMeta {
            name: args.value("copy-to").unwrap_or_default().to_owned(),
            namespace: pod.metadata.namespace.clone(),
            labels: keeps("keep-labels", &pod.metadata.labels),
            annotations: keeps("keep-annotations", &pod.metadata.annotations),
            ..ObjectMeta::default()
        };
        let copy = Pod { metadata, spec: spec.into(), ..Pod::default() };
        self.debug_create(copy, args, entry)
    }

    fn debug_create(&mut self, pod: Pod, args: &Args, entry: EntryId) -> Result<(), String> {
        let name = pod.metadata.name.clone();
        let object = super::create::with_defaults(Object::Pod(Rc::new(pod)));
        refused(&object, args)?;
        if self.store.pod(args.namespace(), &name).is_some() {
            return Err(format!(
                "Error from server (AlreadyExists): pods \"{name}\" already exists"
            ));
        }
        let Object::Pod(pod) = object else { return Ok(()) };
        self.create_pod(Actor::You, (*pod).clone(), Rule::ObjectStored, Some(entry))
            .map(|_| ())
            .map_err(|error| format!("Error from server (Forbidden): {error}"))
    }
}

/// The container that is named.
fn named(args: &Args) -> Option<&str> {
    args.value("c").or_else(|| args.value("container"))
}

fn quiet(args: &Args) -> bool {
    args.has("q") || args.has("quiet")
}

/// Whether stdin stays open.
fn interactive(args: &Args) -> bool {
    ["i", "it", "ti", "stdin"].iter().any(|flag| args.has(flag))
}

/// Whether there is a terminal.
fn terminal(args: &Args) -> bool {
    ["t", "it", "ti", "tty"].iter().any(|flag| args.has(flag))
}

/// The container that looks around.
fn debugger(name: &str, args: &Args) -> Container {
    let mut added = container(name, args.value("image").unwrap_or_default(), args);
    added.image_pull_policy = args.value("image-pull-policy").unwrap_or_default().to_owned();
    if args.has("arguments-only") {
        added.args.clone_from(&args.after);
    } else {
        added.command.clone_from(&args.after);
    }
    added.stdin = interactive(args);
    added.tty = terminal(args);
    added
}

/// A Pod in the namespaces of a node, with the node's files below /host.
fn on_node(node: &str, args: &Args, suffix: &str) -> Pod {
    let mut looking = debugger("debugger", args);
    let mount = VolumeMount {
        name: "host-root".to_owned(),
        mount_path: "/host".to_owned(),
        ..VolumeMount::default()
    };
    looking.volume_mounts.push(mount);
    let root = HostPathVolumeSource { path: "/".to_owned(), ..HostPathVolumeSource::default() };
    let spec = PodSpec {
        node_name: node.to_owned(),
        host_network: true,
        host_pid: true,
        host_ipc: true,
        restart_policy: "Never".to_owned(),
        tolerations: vec![Toleration { operator: "Exists".to_owned(), ..Toleration::default() }],
        volumes: vec![Volume {
            name: "host-root".to_owned(),
            host_path: Some(root),
            ..Volume::default()
        }],
        containers: vec![looking],
        ..PodSpec::default()
    };
    let metadata = ObjectMeta {
        name: format!("node-debugger-{node}-{suffix}"),
        namespace: args.namespace().to_owned(),
        labels: [("app.kubernetes.io/managed-by".to_owned(), "kubectl-debug".to_owned())].into(),
        ..ObjectMeta::default()
    };
    Pod { metadata, spec: spec.into(), ..Pod::default() }
}
