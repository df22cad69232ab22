//! What Tab offers: verbs, kinds, flags, and the names that exist at the moment.
//!
//! Owns: [`complete`]. Does not own: showing it (`ui`).

use crate::console::{At, verbs};
use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::map::{Map, Set};
use crate::trace::State;
use crate::view::kubectl::resources::{RESOURCES, Resource};

/// Options that are offered at most. Invented: a longer list helps nobody.
const OPTIONS_MAX: usize = 60;

/// How a line can go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is completed, in bytes of the line.
    pub from: usize,
    /// What can stand there, whole words in their order.
    pub options: Vec<String>,
}

impl Completion {
    /// What all options begin with.
    pub fn common(&self) -> &str {
        let Some(first) = self.options.first() else { return "" };
        let mut length = first.len();
        for option in &self.options[1..] {
            let same = first
                .char_indices()
                .zip(option.chars())
                .find(|((_, a), b)| a != b)
                .map_or(first.len().min(option.len()), |((at, _), _)| at);
            length = length.min(same);
        }
        &first[..length]
    }
}

/// Completes the last word of a line, as far as it is typed.
pub fn complete(at: &At<'_>, line: &str, files: &Map<String, String>) -> Completion {
    // Only the command that is being typed counts.
    let begin = line.rfind([';', '|', '&', '\n']).map_or(0, |at| at + 1);
    let piped = line[..begin].ends_with('|') && !line[..begin].ends_with("||");
    let command = &line[begin..];
    let from = begin + command.rfind([' ', '(']).map_or(0, |at| at + 1);
    let word = &line[from..];
    let before: Vec<&str> = line[begin..from].trim_start_matches("$(").split_whitespace().collect();
    let state = at.trace.state_at(at.at);
    let mut offered = Set::new();
    if piped {
        if before.is_empty() {
            offered.extend(["grep", "head", "sort", "tail", "wc", "awk", "cut"].map(str::to_owned));
        }
    } else {
        offer(at, &state, &before, word, files, &mut offered);
    }
    let mut options: Vec<String> =
        offered.into_iter().filter(|option| option.starts_with(word) && option != word).collect();
    options.truncate(OPTIONS_MAX);
    Completion { from, options }
}

fn offer(
    at: &At<'_>,
    state: &State<'_>,
    before: &[&str],
    word: &str,
    files: &Map<String, String>,
    to: &mut Set<String>,
) {
    let nodes = |to: &mut Set<String>| {
        to.extend(at.scenario.nodes.iter().map(|node| node.name.clone()));
    };
    let all =
        || verbs::LOOKS.iter().chain(verbs::ACTS).chain(&["edit", "exec", "rollout"]).copied();
    let Some((first, rest)) = before.split_first() else {
        to.extend(["kubectl", "ssh", "clear"].map(str::to_owned));
        to.extend(all().map(str::to_owned));
        return;
    };
    let rest = match *first {
        "kubectl" | "k" => rest,
        "ssh" | "node" if rest.is_empty() => return nodes(to),
        _ if verbs::kind(first) != verbs::Kind::Unknown => before,
        _ => return to.extend(files.keys().cloned()),
    };
    let Some((verb, rest)) = rest.split_first() else {
        return to.extend(all().map(str::to_owned));
    };
    if rest.contains(&"--") {
        return;
    }
    let namespace = flag(rest, &["-n", "--namespace"]).unwrap_or("default");
    match rest.last().copied().unwrap_or_default() {
        "-n" | "--namespace" => return to.extend(names(state, "Namespace", "")),
        "-o" | "--output" => {
            let forms = ["wide", "yaml", "json", "name", "jsonpath=", "custom-columns="];
            return to.extend(forms.map(str::to_owned));
        }
        "-c" | "--container" => return containers(state, rest, namespace, to),
        "-f" | "--filename" if *verb != "logs" => {
            to.insert("pod.yaml".to_owned());
            return to.extend(files.keys().cloned());
        }
        "-l" | "--selector" => {
            for pod in state.pods() {
                to.extend(pod.metadata.labels.iter().map(|(key, value)| format!("{key}={value}")));
            }
            return;
        }
        _ => {}
    }
    if word.starts_with('-') {
        return flags(verb, to);
    }
    let plain: Vec<&str> = plain(rest);
    // `pod/x` is one word.
    if let Some((kind, _)) = word.split_once('/') {
        if let Some(resource) = Resource::find(kind) {
            let known = names(state, resource.kind, namespace);
            to.extend(known.map(|name| format!("{kind}/{name}")));
        }
        return;
    }
    let kinds = |to: &mut Set<String>| {
        for resource in RESOURCES {
            let there = state.objects.iter().any(|object| object.kind() == resource.kind);
            if there || matches!(resource.kind, "Pod" | "Deployment" | "Service" | "Event") {
                to.insert(resource.plural.to_owned());
                to.insert(resource.kind.to_ascii_lowercase());
            }
        }
    };
    match (*verb, plain.as_slice()) {
        ("cordon" | "uncordon" | "drain", _) => nodes(to),
        ("top", []) => to.extend(["pods", "nodes"].map(str::to_owned)),
        ("logs" | "exec" | "debug", []) => {
            to.extend(names(state, "Pod", namespace));
            for kind in ["Deployment", "Job"] {
                let known = names(state, kind, namespace);
                to.extend(known.map(|name| format!("{}/{name}", kind.to_ascii_lowercase())));
            }
        }
        ("rollout", []) => to
            .extend(["status", "history", "restart", "undo", "pause", "resume"].map(str::to_owned)),
        ("set", []) => to.extend(["image", "env", "resources"].map(str::to_owned)),
        ("create", []) => to.extend(
            ["deployment", "job", "cronjob", "configmap", "secret", "namespace"].map(str::to_owned),
        ),
        ("config", []) => to.extend(["current-context", "get-contexts", "view"].map(str::to_owned)),
        ("rollout", [_]) => workloads(state, namespace, to),
        ("set", [_]) => workloads(state, namespace, to),
        ("set", ["image", target, ..]) => images(state, target, namespace, to),
        ("scale" | "autoscale" | "expose", []) => {
            workloads(state, namespace, to);
            kinds(to);
        }
        ("run" | "create" | "apply" | "replace" | "version" | "api-resources", _) => {}
        (_, []) => {
            kinds(to);
            if *verb == "get" {
                to.insert("all".to_owned());
            }
        }
        ("rollout" | "set", [_, kind, ..]) | (_, [kind, ..]) => {
            if let Some(resource) = Resource::find(kind) {
                to.extend(names(state, resource.kind, namespace));
            }
        }
    }
}

/// The words that are neither flags nor their values.
fn plain<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if matches!(*word, "-n" | "--namespace" | "-o" | "--output" | "-c" | "-l" | "-f" | "-p") {
            words.next();
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    plain
}

fn flag<'w>(words: &[&'w str], names: &[&str]) -> Option<&'w str> {
    let at = words.iter().position(|word| names.contains(word))?;
    words.get(at + 1).copied()
}

/// The flags that the usage of a verb names, and those that all verbs have.
fn flags(verb: &str, to: &mut Set<String>) {
    to.insert("--namespace".to_owned());
    to.insert("--help".to_owned());
    let usage = verbs::usage(verb);
    for word in usage.split([' ', '[', ']', '|', '\n']) {
        if word.starts_with("--") {
            let name = word.split('=').next().unwrap_or(word);
            to.insert(if word.contains('=') { format!("{name}=") } else { name.to_owned() });
        }
    }
    for (verbs, flag) in [
        ("get describe delete logs label annotate top", "--selector="),
        ("get describe events top", "--all-namespaces"),
        ("get", "--output="),
        ("get events", "--watch"),
        ("logs", "--container="),
        ("exec", "--container="),
        ("logs", "--previous"),
        ("logs", "--follow"),
    ] {
        if verbs.split(' ').any(|known| known == verb) {
            to.insert(flag.to_owned());
        }
    }
    to.remove("--");
}

fn of<'s>(object: &'s Object, kind: &str, namespace: &str) -> Option<&'s ObjectMeta> {
    let metadata = object.metadata();
    let here = metadata.namespace.is_empty() || metadata.namespace == namespace;
    (object.kind() == kind && here).then_some(metadata)
}

fn names<'s>(
    state: &'s State<'_>,
    kind: &'s str,
    namespace: &'s str,
) -> impl Iterator<Item = String> + 's {
    state
        .objects
        .iter()
        .filter_map(move |object| of(object, kind, namespace))
        .map(|metadata| metadata.name.clone())
}

fn workloads(state: &State<'_>, namespace: &str, to: &mut Set<String>) {
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        let known = names(state, kind, namespace);
        to.extend(known.map(|name| format!("{}/{name}", kind.to_ascii_lowercase())));
    }
}

fn containers(state: &State<'_>, words: &[&str], namespace: &str, to: &mut Set<String>) {
    for pod in state.pods().filter(|pod| pod.metadata.namespace == namespace) {
        if words.iter().any(|word| word.rsplit('/').next() == Some(&pod.metadata.name)) {
            let spec = &pod.spec;
            let every = spec.init_containers.iter().chain(&spec.containers);
            to.extend(every.chain(&spec.ephemeral_containers).map(|c| c.name.clone()));
        }
    }
}

/// `nginx=nginx:1.25`: containers of a workload with the images that they have.
fn images(state: &State<'_>, target: &str, namespace: &str, to: &mut Set<String>) {
    let Some((kind, name)) = target.split_once('/') else { return };
    let Some(resource) = Resource::find(kind) else { return };
    for object in &state.objects {
        if of(object, resource.kind, namespace).is_none_or(|metadata| metadata.name != name) {
            continue;
        }
        let spec = match object {
            Object::Pod(object) => &object.spec,
            Object::Deployment(object) => &object.spec.template.spec,
            Object::StatefulSet(object) => &object.spec.template.spec,
            Object::DaemonSet(object) => &object.spec.template.spec,
            _ => continue,
        };
        to.extend(spec.containers.iter().map(|c| format!("{}={}", c.name, c.image)));
    }
}
