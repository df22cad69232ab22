//! What commands print here, held against what they printed while the recordings were made.
//!
//! Owns: the comparison of `conformance/*/commands.jsonl` (the line, when it was typed, its exact
//! output) with what the prompt says at that moment, and the list of those that differ with the
//! reason. What differs from run to run is left out of it: times, addresses, hashes, ids, process
//! ids but 1, the kernel's name. Does not own: the recordings, which are facts.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use podarium::cluster::Cluster;
use podarium::console::{At, ask, line, settled};
use podarium::map::Map;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::view::kubectl;
use regex::Regex;
use serde_json::Value;

/// Recorded commands whose output differs here, and why.
///
/// The case, the second, the reason. An entry that agrees after all fails the test,
/// but for those that chance decides.
const EXCEPTIONS: &[(&str, u32, &str)] = &[
    ("seed-two-containers", 20, "a request typed at the prompt is answered and forgotten"),
    ("deploy-recreate", 15, "chance: which of three Pods are ready at once"),
    ("deploy-rolling", 60, "chance: how many Pods are made when each status is written"),
    ("env-downward", 110, "chance: how long the sync that renews the file is stretched"),
    ("hpa-unready-long", 635, "chance: at which of two beats the metrics came"),
    ("static-pod-clean", 80, "chance: how long the Pod takes to go"),
    ("init-two-order", 9, "chance: an init container was seen to end 0.4 s later there"),
    ("hpa-no-requests", 235, "chance: at which beat the first metrics are there"),
    ("hpa-no-requests", 120, "chance: typed within 2 ms of the autoscaler's beat"),
    ("hpa-ramp", 715, "chance: how fresh each metric was decides the steps"),
    ("hpa-v1-autoscale", 100, "chance: how fresh each metric was, 15m or 16m a Pod"),
    ("hostnetwork", 12, "the recorded machine was called otherwise than its node"),
    ("localhost-reach", 12, "wget of the recorded image ended by a fault of its own"),
    ("qos", 15, "the recorded runtime could not set a score below 0: 0 there, -997 here"),
];

/// Ages may differ by as much as the lives of two runs do.
fn alike_ages(a: i64, b: i64) -> bool {
    (a - b).abs() <= 2.max(b / 10)
}

struct Patterns {
    rewrites: Vec<(Regex, &'static str)>,
    age: Regex,
    table: Regex,
}

impl Patterns {
    fn new() -> Self {
        let of = |text: &str| Regex::new(text).expect("a pattern of this file");
        let rewrites = [
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
            (r"\b[0-9a-f]{64}\b", "<id>"),
            (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
            (r"\b\d{1,3}(\.\d{1,3}){3}\b", "<ip>"),
            (r"\bfe80:[0-9a-f:]+", "<ip6>"),
            (r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000)?", "<time>"),
            (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000", "<time>"),
            (r"\b(Nov|Jan) +\d+ +(\d\d:\d\d|\d{4})", "<time>"),
            (r"\b17\d{8}\b", "<time>"),
            (r"\b(pid|net|ipc|uts|mnt|cgroup|user|time):\[\d+\]", "$1:[<inode>]"),
            (r"resourceVersion: .*", "resourceVersion: <n>"),
            (r"OS: Linux \S+", "OS: Linux <kernel>"),
            // What the registry of the recordings had.
            (r"image: docker.io/library/(nginx|busybox):\S+", "image: $1"),
            (r"nginx/\d+\.\d+\.\d+", "nginx/<version>"),
            (r"\d+ (<time> (?:mime.types|nginx.conf))", "<size> $1"),
            (r"getrlimit\(RLIMIT_NOFILE\): \d+:\d+", "getrlimit(RLIMIT_NOFILE): <n>:<n>"),
            // The recorded kubelet ran with a nice value.
            (r"\b([RSZ])<", "$1"),
            (r"(?m)^total \d+$", "total <blocks>"),
            // bash's own answer to `time`.
            (r"\n\nreal\t.*\nuser\t.*\nsys\t.*", ""),
            (r"eth0@if\d+", "eth0@if<n>"),
            (r"kube-api-access-[a-z0-9]{5}", "kube-api-access-*"),
            (
                r"\b([a-z][a-z0-9-]*?)-[456789bcdf]{6,10}(-[bcdfghjklmnpqrstvwxz2456789]{5})?\b",
                "$1-*",
            ),
            (r"\[notice\] (\d+)#(\d+):", "[notice] <n>#<n>:"),
            (r"start worker process \d+", "start worker process <n>"),
        ];
        Self {
            rewrites: rewrites.iter().map(|(pattern, with)| (of(pattern), *with)).collect(),
            age: of(r"^\(?((\d+)d)?((\d+)h)?((\d+)m)?((\d+)s)?\)?$"),
            table: of(r"^ *PID +(PPID|USER)"),
        }
    }

    /// The lines of an output as words, without what differs from run to run.
    fn lines(&self, text: &str, case: &str) -> Vec<Vec<String>> {
        // Each was recorded in a namespace of its own.
        let own = Regex::new(&format!(r#"(?i)\b(namespace:? +"?|namespace":"|search ){case}\b"#));
        let own = own.expect("names are plain");
        let mut text = own.replace_all(text, "${1}default").into_owned();
        for (pattern, with) in &self.rewrites {
            text = pattern.replace_all(&text, *with).into_owned();
        }
        let mut table = false;
        let mut pids: BTreeMap<String, usize> = BTreeMap::new();
        text.lines()
            .map(|line| {
                let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
                if self.table.is_match(line) {
                    table = true;
                    pids.clear();
                } else if table && words.first().is_none_or(|word| word.parse::<u32>().is_err()) {
                    table = false;
                } else if table {
                    // Which process is whose parent stays; the numbers are the kernel's.
                    for word in words.iter_mut().take(2) {
                        if word.parse::<u32>().is_ok_and(|pid| pid > 1) {
                            let next = pids.len() + 1;
                            *word = format!("<pid{}>", pids.entry(word.clone()).or_insert(next));
                        }
                    }
                }
                words
            })
            .fold(Vec::new(), |mut lines: Vec<Vec<String>>, line| {
                // How often a status was written while one waited does not matter.
                let waits = line.first().is_some_and(|word| word == "Waiting");
                if !waits || lines.last() != Some(&line) {
                    lines.push(line);
                }
                lines
            })
            .chunk_by(|a, b| (generated(a) && generated(b)) || (variable(a) && variable(b)))
            .flat_map(|rows| {
                // Rows of generated names stand in the order of these names, and variables in
                // that of a hash.
                let mut rows = rows.to_vec();
                if rows.first().is_some_and(|row| variable(row)) {
                    rows.sort();
                }
                rows.sort_by_key(|row| {
                    row.iter().map(|word| self.age(word).unwrap_or_default()).collect::<Vec<_>>()
                });
                rows
            })
            .collect()
    }

    fn age(&self, word: &str) -> Option<i64> {
        let found = self.age.captures(word)?;
        let part = |index: usize| found.get(index).and_then(|m| m.as_str().parse::<i64>().ok());
        let parts = [part(2), part(4), part(6), part(8)];
        if parts.iter().all(Option::is_none) {
            return None;
        }
        let [days, hours, minutes, seconds] = parts.map(Option::unwrap_or_default);
        Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    }

    fn alike(&self, here: &str, really: &str) -> bool {
        if here == really {
            return true;
        }
        match (self.age(here), self.age(really)) {
            (Some(here), Some(really)) => alike_ages(here, really),
            (None | Some(_), None | Some(_)) => false,
        }
    }

    /// The first place in which two outputs differ.
    fn differs(&self, case: &str, here: &str, really: &str) -> Option<String> {
        let (here, really) = (self.lines(here, case), self.lines(really, case));
        let none = Vec::new();
        for index in 0..here.len().max(really.len()) {
            let a = here.get(index).unwrap_or(&none);
            let b = really.get(index).unwrap_or(&none);
            let same = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.alike(a, b));
            if !same || here.get(index).is_some() != really.get(index).is_some() {
                return Some(format!(
                    "line {}: here {:?}; really {:?}",
                    index + 1,
                    a.join(" "),
                    b.join(" ")
                ));
            }
        }
        None
    }
}

fn generated(row: &[String]) -> bool {
    row.first().is_some_and(|name| name.ends_with("-*"))
}

/// `NAME=value`.
fn variable(row: &[String]) -> bool {
    let name = row.first().and_then(|word| word.split_once('=')).map(|(name, _)| name);
    name.is_some_and(|name| {
        name.bytes().all(|b| b.is_ascii_uppercase() || b"_0123456789".contains(&b))
    })
}

struct Recorded {
    at: Instant,
    command: String,
    exit: i64,
    output: String,
}

fn recorded(text: &str) -> Vec<Recorded> {
    text.lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).expect("a row is a JSON object");
            let text = |key: &str| row[key].as_str().expect("a text").to_owned();
            let micros = row["t"].as_f64().expect("a time") * 1e6;
            Recorded {
                // Actions of a scenario stand at tenths of a second.
                at: Instant::from_micros(micros as i64 / 100_000 * 100_000),
                command: text("command"),
                exit: row["exit"].as_i64().expect("a number"),
                output: text("output"),
            }
        })
        .collect()
}

/// Types a line at a moment; what is acted becomes part of the scenario.
fn type_in(scenario: &mut Scenario, at: Instant, command: &str) -> (String, i32) {
    let mut files = Map::new();
    let mut printed = String::new();
    let mut exit = 0;
    let horizon = Instant::ZERO + scenario.duration;
    for part in line::commands(command) {
        let trace = Rc::new(Cluster::run(scenario));
        let at_end = At { scenario: &scenario.clone(), trace: &trace, at };
        let text = match part.pipe.as_str() {
            "" => part.command.clone(),
            pipe => format!("{} | {pipe}", part.command),
        };
        if text.trim().starts_with("kubectl rollout status") {
            // It waits until the rollout is done.
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            let from = settled(&trace, at);
            let output = kubectl::run_since(&trace, from, horizon, &words).unwrap_or_default();
            printed += &output.stdout;
            printed += &output.stderr;
            exit = output.exit;
            continue;
        }
        let reply = ask(&at_end, &text, None, &mut files);
        // One terminal shows both; complaints come first where a command has both.
        printed += &reply.output.stderr;
        printed += &reply.output.stdout;
        exit = reply.output.exit;
        for action in reply.actions {
            let index = scenario.actions.partition_point(|known| known.at <= action.at);
            scenario.actions.insert(index, action);
        }
    }
    (printed, exit)
}

/// What each command of a case prints, and where that differs.
fn run_case(p: &Patterns, folder: &Path) -> Vec<(u32, String, Option<String>)> {
    let case = folder.file_name().and_then(|name| name.to_str()).expect("plain names");
    let text = fs::read_to_string(folder.join("scenario.yaml")).expect("a case has a scenario");
    let commands = fs::read_to_string(folder.join("commands.jsonl")).expect("it has commands");
    let (mut scenario, _) = Scenario::from_text(&text);
    let commands = recorded(&commands);
    // What the commands do is done by them.
    scenario.actions.retain(|action| {
        !commands.iter().any(|known| {
            known.at.since(action.at) < Duration::from_millis(500)
                && action.at.since(known.at) < Duration::from_millis(500)
                && known.command.contains(action.run.trim())
        })
    });
    commands
        .iter()
        .map(|known| {
            let (printed, exit) = type_in(&mut scenario, known.at, &known.command);
            let fault = p.differs(case, &printed, &known.output).or_else(|| {
                (i64::from(exit) != known.exit)
                    .then(|| format!("exit {exit}, really {}", known.exit))
            });
            if std::env::var_os("SHOW").is_some() && fault.is_some() {
                println!("== {case} {:?}\n{printed}-- really\n{}", known.command, known.output);
            }
            let second = u32::try_from(known.at.as_micros() / 1_000_000).expect("a short run");
            (second, known.command.clone(), fault)
        })
        .collect()
}

#[test]
fn a_wrong_output_would_be_noticed() {
    let p = Patterns::new();
    let real = "NAME READY STATUS RESTARTS AGE\nweb-7b46c4b544-fhsg2 1/1 Running 0 12s\n";
    let alike = "NAME READY STATUS RESTARTS AGE\nweb-6b46c4b555-fffff 1/1 Running 0 13s\n";
    assert_eq!(p.differs("case", alike, real), None);
    for wrong in [
        real.replace("Running", "Pending"),
        real.replace("12s", "19s"),
        real.replace("web-", "api-"),
        real.replace("1/1", "0/1"),
        format!("{real}more\n"),
        String::new(),
    ] {
        assert!(p.differs("case", &wrong, real).is_some(), "{wrong}");
    }
    // Whose child a process is.
    let table = "PID PPID STAT COMMAND\n1 0 S sh\n7 1 S sleep\n9 7 S sleep\n";
    let numbered = "PID PPID STAT COMMAND\n1 0 S sh\n8 1 S sleep\n20 8 S sleep\n";
    assert_eq!(p.differs("case", numbered, table), None);
    let other = "PID PPID STAT COMMAND\n1 0 S sh\n8 1 S sleep\n20 1 S sleep\n";
    assert!(p.differs("case", other, table).is_some());
}

#[test]
fn commands_print_what_they_printed_in_a_real_cluster() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut folders: Vec<_> = fs::read_dir(&root)
        .expect("the recordings are part of the repository")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("commands.jsonl").exists())
        .collect();
    folders.sort();
    let only = std::env::var("CASE").ok();
    let p = Patterns::new();
    let (mut agree, mut all) = (0, 0);
    let (mut report, mut wrong) = (String::new(), Vec::new());
    for folder in &folders {
        let case = folder.file_name().and_then(|name| name.to_str()).expect("plain names");
        if only.as_ref().is_some_and(|only| only != case) {
            continue;
        }
        for (second, command, fault) in run_case(&p, folder) {
            all += 1;
            let known = EXCEPTIONS.iter().find(|known| (known.0, known.1) == (case, second));
            match (&fault, known) {
                (None, None) => agree += 1,
                (None, Some((.., why))) if why.starts_with("chance") => agree += 1,
                (None, Some((.., why))) => {
                    agree += 1;
                    wrong.push(format!("{case} at {second} s agrees now: {why}"));
                }
                (Some(fault), Some((.., why))) => {
                    let _ = writeln!(report, "{case} at {second} s ({why}): {fault}");
                }
                (Some(fault), None) => {
                    wrong.push(format!("{case} at {second} s {command:?}: {fault}"))
                }
            }
        }
    }
    println!("{agree} of {all} recorded commands print the same\n{report}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
