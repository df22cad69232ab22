//! kubectl's verbs, as the prompt sees them: which look, which act, and which are not modelled.
//!
//! Owns: [`kind`], kubectl's words for a verb that does not exist, and short usages. Does not own:
//! what a verb does.

use crate::manifest::Object;
use crate::view::kubectl::Output;

/// What a verb is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only looks.
    Looks,
    /// It changes something.
    Acts,
    /// Some of its subcommands look.
    Rollout,
    /// It runs something in a container.
    Exec,
    /// It joins the terminal to something, or copies.
    Joins,
    /// It opens an editor.
    Edit,
    /// kubectl has it, and it is not modelled.
    NotModelled,
    /// There is no such verb.
    Unknown,
}

/// Verbs that only look.
pub(super) const LOOKS: &[&str] = &[
    "api-resources",
    "api-versions",
    "cluster-info",
    "config",
    "describe",
    "events",
    "explain",
    "get",
    "help",
    "logs",
    "options",
    "top",
    "version",
    "wait",
];

/// Verbs that change something.
pub(super) const ACTS: &[&str] = &[
    "annotate",
    "apply",
    "autoscale",
    "cordon",
    "create",
    "debug",
    "delete",
    "drain",
    "expose",
    "label",
    "patch",
    "replace",
    "run",
    "scale",
    "set",
    "taint",
    "uncordon",
];

/// Verbs that join the terminal to something.
const JOINS: &[&str] = &["attach", "auth", "cp", "port-forward", "proxy"];

/// Verbs that are kubectl's and not modelled.
const NOT_MODELLED: &[&str] =
    &["alpha", "certificate", "completion", "diff", "kustomize", "kuberc", "plugin"];

pub(super) fn kind(verb: &str) -> Kind {
    match verb {
        "" | "log" => Kind::Looks,
        "rollout" => Kind::Rollout,
        "exec" => Kind::Exec,
        "edit" => Kind::Edit,
        _ if LOOKS.contains(&verb) => Kind::Looks,
        _ if ACTS.contains(&verb) => Kind::Acts,
        _ if JOINS.contains(&verb) => Kind::Joins,
        _ if NOT_MODELLED.contains(&verb) => Kind::NotModelled,
        _ => Kind::Unknown,
    }
}

/// The verb among the words after `kubectl`; flags may stand before it.
pub(super) fn verb_of(words: &[String]) -> Option<&str> {
    let mut index = 0;
    while let Some(word) = words.get(index) {
        if !word.starts_with('-') {
            return Some(word);
        }
        index += if matches!(word.as_str(), "-n" | "--namespace" | "--context") { 2 } else { 1 };
    }
    None
}

/// kubectl's words for a verb that does not exist.
///
/// Models spf13/cobra/args.go legacyArgs, with its suggestions.
pub(super) fn unknown(verb: &str) -> String {
    let mut text = format!("error: unknown command \"{verb}\" for \"kubectl\"");
    let verbs = LOOKS
        .iter()
        .chain(ACTS)
        .chain(JOINS)
        .chain(NOT_MODELLED)
        .chain(&["exec", "edit", "rollout"]);
    let mut near: Vec<&str> = verbs
        .copied()
        .filter(|known| known.starts_with(verb) || distance(verb, known) <= 2)
        .collect();
    if !near.is_empty() {
        crate::order::sort(&mut near);
        text.push_str("\n\nDid you mean this?\n");
        for known in near {
            text.push_str(&format!("\t{known}\n"));
        }
    }
    text
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The first lines of `kubectl VERB --help`: what is understood here.
pub(super) fn usage(verb: &str) -> String {
    let usage = match verb {
        "attach" => "attach POD|TYPE/NAME [-c CONTAINER] [-it]",
        "auth" => "auth can-i VERB TYPE | whoami",
        "cp" => "cp FILE POD:PATH | cp POD:PATH FILE [-c CONTAINER]",
        "port-forward" => "port-forward TYPE/NAME [LOCAL:]REMOTE…",
        "proxy" => "proxy [--port=8001]",
        "annotate" => "annotate TYPE NAME KEY=VAL|KEY- [--overwrite] [--all] [-l SELECTOR]",
        "apply" => "apply -f FILE|-",
        "autoscale" => "autoscale TYPE/NAME --max=N [--min=N] [--cpu=10%|500m] [--memory=…]",
        "cordon" | "uncordon" => "cordon|uncordon NODE",
        "create" => {
            "create -f FILE|- | deployment NAME --image=IMAGE | job | cronjob | configmap | secret \
             generic | namespace [--dry-run=client -o yaml]"
        }
        "debug" => {
            "debug POD|node/NODE --image=IMAGE [--target=CONTAINER] [-it] [--copy-to=NAME] \
             [--set-image=CONTAINER=IMAGE] [--share-processes] [-- COMMAND…]"
        }
        "delete" => {
            "delete TYPE NAME | TYPE/NAME | TYPE -l SELECTOR | -f FILE [--grace-period=N] [--now] \
             [--force] [--cascade=background|foreground|orphan] [--all]"
        }
        "describe" => "describe TYPE [NAME] [-l SELECTOR] [-A]",
        "drain" => "drain NODE [--ignore-daemonsets] [--delete-emptydir-data] [--force]",
        "edit" => "edit TYPE/NAME",
        "events" => "events [--for TYPE/NAME] [--types=Warning] [-A] [-w]",
        "exec" => "exec POD|TYPE/NAME [-c CONTAINER] [-it] -- COMMAND [ARGS…]",
        "explain" => "explain TYPE[.FIELD…] [--recursive]",
        "expose" => "expose TYPE NAME [--port=N] [--target-port=N] [--name=NAME] [--type=TYPE]",
        "get" => {
            "get TYPE [NAME…] [-o wide|yaml|json|name|jsonpath=…|custom-columns=…] [-l SELECTOR] \
             [--field-selector …] [-A] [-w] [--sort-by=PATH] [--show-labels] [--no-headers]"
        }
        "label" => "label TYPE NAME KEY=VAL|KEY- [--overwrite] [--all] [-l SELECTOR]",
        "logs" => {
            "logs POD|TYPE/NAME [-c CONTAINER] [-f] [-p] [--tail=N] [--timestamps] \
             [--all-containers] [--prefix] [-l SELECTOR]"
        }
        "patch" => "patch TYPE NAME -p PATCH [--type=strategic|merge|json]",
        "replace" => "replace -f FILE|-",
        "rollout" => "rollout status|history|restart|undo|pause|resume TYPE/NAME",
        "run" => "run NAME --image=IMAGE [--port=N] [--env=K=V] [-- ARGS…]",
        "scale" => "scale TYPE/NAME --replicas=N",
        "set" => "set image|env|resources TYPE/NAME CONTAINER=IMAGE|K=V|--requests=…",
        "taint" => "taint nodes NODE KEY=VAL:EFFECT|KEY-",
        "top" => "top pods|nodes [NAME] [--containers] [-A] [-l SELECTOR]",
        "wait" => "wait TYPE/NAME --for=condition=Ready|delete|jsonpath=… [--timeout=30s]",
        other => other,
    };
    format!("Usage:\n  kubectl {usage}\n")
}

/// The file that `-f` names.
pub(super) fn file(run: &str) -> Option<String> {
    let line = run.lines().next().unwrap_or_default();
    let words = shell_words::split(line).ok()?;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if word == "-f" || word == "--filename" {
            return words.next().cloned();
        }
        if let Some(file) = word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")) {
            return Some(file.to_owned());
        }
    }
    None
}

/// Whether a line says that something was done.
pub(super) fn says_done(line: &str) -> bool {
    const DONE: &[&str] = &[
        " created",
        " configured",
        " replaced",
        " deleted",
        " namespace",
        " scaled",
        " patched",
        " labeled",
        " annotated",
        " cordoned",
        " evicted",
        " drained",
        " updated",
    ];
    !line.starts_with("error")
        && !line.starts_with("Error")
        && DONE.iter().any(|end| line.ends_with(end))
}

/// What `--dry-run` prints.
pub(super) fn dry(run: &str, object: &Object, said: String) -> Output {
    let words = shell_words::split(run.lines().next().unwrap_or_default()).unwrap_or_default();
    let mut words = words.iter().take_while(|word| *word != "--");
    let mut form = None;
    while let Some(word) = words.next() {
        if let Some(value) = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o=")) {
            form = Some(value.to_owned());
        } else if word == "-o" || word == "--output" {
            form = words.next().cloned();
        } else if let Some(value) = word.strip_prefix("-o") {
            form = Some(value.to_owned());
        }
    }
    match form.as_deref() {
        Some("yaml") => Output::ok(crate::view::kubectl::document::fresh(object, false)),
        Some("json") => Output::ok(crate::view::kubectl::document::fresh(object, true)),
        Some("name") => {
            let name = said.split_whitespace().next().unwrap_or_default();
            Output::ok(format!("{name}\n"))
        }
        _ => Output::ok(said),
    }
}
