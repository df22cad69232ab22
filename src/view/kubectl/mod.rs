//! What kubectl prints as of a moment, byte for byte.
//!
//! Owns: [`run`], which answers the verbs that only read. Does not own: verbs that change something
//! (`cluster` performs them and keeps their output in the trace), or the objects themselves.

pub mod autoscaling;
pub mod columns;
pub mod describe;
pub mod document;
pub mod events;
pub mod explain;
pub mod flags;
pub mod get;
pub mod go_yaml;
pub mod jsonpath;
pub mod limits;
pub mod logs;
pub mod pod_row;
mod pod_tree;
pub mod resources;
pub mod rollout;
pub mod table;
pub mod top;
pub mod trifles;
pub mod trouble;
pub mod wait;
pub mod watch;

use crate::time::Instant;
use crate::trace::{State, Trace};
use crate::version::KubeVersion;
use flags::Flags;

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub exit: i32,
}

impl Output {
    /// Success.
    pub fn ok(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// Failure with a complaint.
    pub fn error(complaint: String) -> Self {
        let mut output = Self::default();
        output.complain(&complaint);
        output
    }

    /// Success with something to say beside the output.
    pub fn notice(line: String) -> Self {
        Self { stderr: line + "\n", ..Self::default() }
    }

    /// Success with lines to say beside the output.
    pub fn notice_text(text: String) -> Self {
        Self { stderr: text, ..Self::default() }
    }

    pub(crate) fn complain(&mut self, complaint: &str) {
        self.stderr.push_str(complaint);
        self.stderr.push('\n');
        self.exit = 1;
    }
}

/// The verbs that change something, or act inside containers.
const ELSEWHERE: &[&str] = &[
    "annotate",
    "apply",
    "attach",
    "auth",
    "autoscale",
    "cordon",
    "cp",
    "create",
    "debug",
    "delete",
    "diff",
    "drain",
    "edit",
    "exec",
    "expose",
    "label",
    "patch",
    "port-forward",
    "proxy",
    "replace",
    "run",
    "scale",
    "set",
    "taint",
    "uncordon",
];

/// Answers a command line that only reads; `None` for one that does more, or is not kubectl's.
///
/// The line may begin with `kubectl`, `k` or the verb itself.
pub fn run(state: &State<'_>, trace: &Trace, command_line: &str) -> Option<Output> {
    match shell_words::split(command_line) {
        Ok(words) => run_words(state, trace, &words),
        Err(_) => Some(Output {
            stderr: "sh: syntax error: unterminated quoted string\n".to_owned(),
            exit: 2,
            ..Output::default()
        }),
    }
}

/// Answers a command line that is cut into words already.
pub fn run_words(state: &State<'_>, trace: &Trace, words: &[String]) -> Option<Output> {
    answer(state, trace, state.at, words)
}

/// Answers a command line that was given earlier and still follows what happens (`-w`, `-f`).
pub fn run_since(trace: &Trace, from: Instant, at: Instant, words: &[String]) -> Option<Output> {
    answer(&trace.state_at(at), trace, from, words)
}

fn answer(state: &State<'_>, trace: &Trace, from: Instant, words: &[String]) -> Option<Output> {
    let words = match words.first().map(String::as_str) {
        Some("kubectl" | "k") => &words[1..],
        Some(_) => words,
        None => return None,
    };
    let (verb, rest) = split_verb(words);
    if ELSEWHERE.contains(&verb) {
        return None;
    }
    let looks = |word: &String| matches!(word.as_str(), "status" | "history");
    if verb == "rollout" && rest.first().is_some_and(|word| !looks(word)) {
        return None;
    }
    let flags = match Flags::parse(verb, &rest) {
        Ok(flags) => flags,
        Err(complaint) => return Some(Output::error(complaint)),
    };
    Some(match verb {
        "get" if flags.watch => watch::run(trace, from, state.at, &flags),
        "get" => get::run(state, &flags),
        "describe" => describe::run(state, &flags),
        "events" => events::run(state, &flags),
        "logs" | "log" => logs::run(state, trace, &flags),
        "rollout" => rollout::run(trace, from, state, &flags),
        "api-resources" => get::api_resources(&flags),
        "api-versions" => trifles::api_versions(),
        "cluster-info" => trifles::cluster_info(),
        "config" => trifles::config(&flags),
        "explain" => explain::run(&flags),
        "wait" => wait::run(trace, from, &flags),
        "help" | "options" => Output::ok(HELP.to_owned()),
        "version" => version(state.version),
        "top" => top::run(state, trace, &flags),
        "" => Output::ok(HELP.to_owned()),
        other => Output::error(format!("error: unknown command \"{other}\" for \"kubectl\"")),
    })
}

/// In the groups of `kubectl --help`, without the verbs that are not modelled.
const HELP: &str = "\
kubectl controls the Kubernetes cluster manager.

Basic Commands:
  create expose run set explain get edit delete

Deploy Commands:
  rollout scale autoscale

Cluster Management Commands:
  cluster-info top cordon uncordon drain taint

Troubleshooting and Debugging Commands:
  describe logs exec events

Advanced Commands:
  apply patch replace wait

Settings Commands:
  label annotate

Other Commands:
  api-resources api-versions config version

Use \"kubectl <command> --help\" for what is understood of a command.
";

/// The verb, and everything else in its order; flags may stand before the verb.
fn split_verb(words: &[String]) -> (&str, Vec<String>) {
    let mut index = 0;
    while let Some(word) = words.get(index) {
        if !word.starts_with('-') {
            let mut rest = words[..index].to_vec();
            rest.extend_from_slice(&words[index + 1..]);
            return (word, rest);
        }
        // `-n name` takes the next word along.
        index += if matches!(word.as_str(), "-n" | "--namespace") { 2 } else { 1 };
    }
    ("", Vec::new())
}

fn version(version: KubeVersion) -> Output {
    let release = format!("v{version}.2");
    Output::ok(format!("Client Version: {release}\nServer Version: {release}\n"))
}
