//! What the simulator says, held against what a real cluster did (`tests/conformance/README.md`).
//!
//! Owns: the comparison and its tolerances. Does not own: the recordings, which are facts.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::needless_range_loop,
    reason = "an alignment runs over two sequences and one place past their ends"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::view::rows;
use regex::Regex;
use serde_json::Value;

/// States shorter than this are noise of the recording.
const TRANSIENT: f64 = 0.3;
/// States shorter than this may be seen or missed by a watch; boundaries may move by as much.
const OPTIONAL: f64 = 2.2;

/// A state, when it began, and how long it lasted.
type Span = (f64, String, f64);
/// States of one thing, by its name, in the order of their time.
type Named = Vec<(String, Vec<(f64, String)>)>;
/// A place of an alignment: how many states of each side are behind it.
type At = (usize, usize);
/// What it costs to come to a place, and from where.
type Way = (u32, Option<At>);
/// When an Event was first said, and how often, by object and message.
type Heard = (f64, BTreeMap<(String, String), i64>);
/// What an Event says, but for what differs from run to run.
type EventKey = (String, String, String, String, String, String);

struct Patterns {
    backoff: Regex,
    names: [Regex; 2],
    rewrites: Vec<(Regex, &'static str)>,
}

impl Patterns {
    fn new() -> Self {
        let of = |text: &str| Regex::new(text).expect("a pattern of this file");
        Self {
            backoff: of(
                "Error|BackOff|Completed|ErrImage|InvalidImage|OOMKilled|ContainerCannotRun|StartError",
            ),
            names: [
                of("^(.*?)(?:-([456789bcdf]{6,10}))?-([bcdfghjklmnpqrstvwxz2456789]{5})$"),
                of("^(.*?)-([456789bcdf]{6,10})$"),
            ],
            rewrites: vec![
                (
                    of(
                        r"\b([a-z0-9][a-z0-9-]*?)-[456789bcdf]{6,10}(-[bcdfghjklmnpqrstvwxz2456789]{5})?\b",
                    ),
                    "$1-*",
                ),
                (of(r"\b\d{1,3}(\.\d{1,3}){3}\b"), "<ip>"),
                (
                    of(
                        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32,64}\b",
                    ),
                    "<uid>",
                ),
                (
                    of(r"in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes"),
                    "in <d>",
                ),
                (of(r#"(Back-off pulling image "[^"]+").*"#), "$1"),
                (of(r#"(?s)(Failed to pull image "[^"]+"):.*"#), "$1"),
                (
                    of(
                        r"(?s)(Error: failed to (?:create|start) container(?:d task)?|OCI runtime \w+ failed).*",
                    ),
                    "$1",
                ),
                (of("no new claims to deallocate, "), ""),
            ],
        }
    }

    /// Generated names differ from run to run: they are numbered in the order of their appearance.
    fn names(&self, rows: &[Value]) -> BTreeMap<String, String> {
        let mut known = BTreeMap::new();
        let mut count: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for row in rows {
            let name = match row["kind"].as_str().unwrap_or_default() {
                "pod" | "endpoints" | "job" => row["name"].as_str(),
                "event" => row["object"].as_str().and_then(|o| o.split_once('/')).map(|(_, n)| n),
                _ => None,
            };
            let Some(name) = name else { continue };
            if known.contains_key(name) {
                continue;
            }
            let matched = self
                .names
                .iter()
                .enumerate()
                .find_map(|(index, pattern)| Some((index, pattern.captures(name)?)));
            let label = match matched {
                Some((index, captures)) => {
                    let base = captures[1].to_owned();
                    let number = count.entry((base.clone(), index)).or_default();
                    *number += 1;
                    format!("{base}~{number}")
                }
                None => name.to_owned(),
            };
            known.insert(name.to_owned(), label);
        }
        known
    }

    fn message(&self, text: &str, known: &BTreeMap<String, String>) -> String {
        let mut text = text.to_owned();
        let mut names: Vec<&String> = known.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in names {
            let label = &known[name];
            if label != name {
                let base = label.split('~').next().unwrap_or(label);
                text = text.replace(name.as_str(), &format!("{base}-*"));
            }
        }
        for (pattern, with) in &self.rewrites {
            text = pattern.replace_all(&text, *with).into_owned();
        }
        text.trim().to_owned()
    }
}

/// States without repetitions and without transients.
fn collapse(states: &[(f64, String)], end: f64) -> Vec<Span> {
    let merge = |states: &[(f64, String)]| {
        let mut out: Vec<(f64, String)> = Vec::new();
        for state in states {
            if out.last().is_none_or(|last| last.1 != state.1) {
                out.push(state.clone());
            }
        }
        out
    };
    let mut states = merge(states);
    loop {
        let spans: Vec<Span> = states
            .iter()
            .enumerate()
            .map(|(i, (t, key))| {
                let until = states.get(i + 1).map_or(end, |next| next.0);
                (*t, key.clone(), until - t)
            })
            .collect();
        let last = spans.len().saturating_sub(1);
        let mut kept: Vec<(f64, String)> = spans
            .iter()
            .enumerate()
            .filter(|(i, span)| span.2 >= TRANSIENT || *i == last)
            .map(|(_, span)| (span.0, span.1.clone()))
            .collect();
        if kept.len() == states.len() {
            return spans;
        }
        if let Some(first) = kept.first_mut() {
            first.0 = states[0].0;
        }
        states = merge(&kept);
    }
}

type Sequences = BTreeMap<&'static str, Vec<(String, Vec<Span>)>>;

fn push(list: &mut Named, name: &str, state: (f64, String)) {
    match list.iter_mut().find(|(known, _)| known == name) {
        Some((_, states)) => states.push(state),
        None => list.push((name.to_owned(), vec![state])),
    }
}

fn sequences(rows: &[Value], known: &BTreeMap<String, String>, end: f64) -> Sequences {
    let mut lists: BTreeMap<&'static str, Named> = BTreeMap::new();
    for kind in ["pod", "endpoint", "deployment", "hpa"] {
        lists.insert(kind, Vec::new());
    }
    let label = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        known.get(name).cloned().unwrap_or_else(|| name.to_owned())
    };
    for row in rows {
        let t = row["t"].as_f64().unwrap_or_default().max(0.0);
        if t > end {
            continue;
        }
        match row["kind"].as_str().unwrap_or_default() {
            "pod" => {
                let state = if row["deleted"].as_bool() == Some(true) {
                    "deleted".to_owned()
                } else {
                    format!(
                        "{} {} {}",
                        row["ready"].as_str().unwrap_or_default(),
                        row["status"].as_str().unwrap_or_default(),
                        row["restarts"]
                    )
                };
                let list = lists.get_mut("pod").expect("made above");
                push(list, &label(&row["name"]), (t, state));
            }
            "endpoints" => {
                let list = lists.get_mut("endpoint").expect("made above");
                let endpoints = row["endpoints"].as_array().cloned().unwrap_or_default();
                let now: BTreeMap<String, String> = endpoints
                    .iter()
                    .filter(|e| e["pod"].as_str().is_some_and(|pod| !pod.is_empty()))
                    .map(|e| {
                        let flag = |key: &str| u8::from(e[key].as_bool() == Some(true));
                        let (r, s, t) = (flag("ready"), flag("serving"), flag("terminating"));
                        (label(&e["pod"]), format!("r{r} s{s} t{t}"))
                    })
                    .collect();
                let mut pods: BTreeSet<String> = now.keys().cloned().collect();
                pods.extend(list.iter().map(|(name, _)| name.clone()));
                for pod in pods {
                    let state = now.get(&pod).cloned().unwrap_or_else(|| "absent".to_owned());
                    push(list, &pod, (t, state));
                }
            }
            kind @ ("deployment" | "hpa") => {
                let kind = if kind == "hpa" { "hpa" } else { "deployment" };
                let list = lists.get_mut(kind).expect("made above");
                let name = row["name"].as_str().unwrap_or_default();
                push(list, name, (t, row["desired"].to_string()));
            }
            _ => {}
        }
    }
    lists
        .into_iter()
        .map(|(kind, list)| {
            let spans =
                list.into_iter().map(|(name, states)| (name, collapse(&states, end))).collect();
            (kind, spans)
        })
        .collect()
}

/// Aligns two sequences: a short state may be missing on either side, and so may what comes so late
/// that the horizon decides whether it is seen. Says what differs.
fn differs(p: &Patterns, kind: &str, exp: &[Span], act: &[Span], end: f64) -> Option<String> {
    let jittery = exp.iter().any(|span| p.backoff.is_match(&span.1));
    let late = end - f64::max(3.0, if jittery { 0.2 * end } else { 0.0 });
    let may_drop = |span: &Span| span.2 < OPTIONAL || span.0 >= late;
    let (n, m) = (exp.len(), act.len());
    let mut best: BTreeMap<At, Way> = BTreeMap::new();
    best.insert((0, 0), (0, None));
    for i in 0..=n {
        for j in 0..=m {
            let Some((cost, _)) = best.get(&(i, j)).copied() else { continue };
            let steps = [
                ((i + 1, j + 1), i < n && j < m && exp[i].1 == act[j].1, 0),
                ((i + 1, j), i < n && may_drop(&exp[i]), 1),
                ((i, j + 1), j < m && may_drop(&act[j]), 1),
            ];
            for (to, possible, weight) in steps {
                if possible && best.get(&to).is_none_or(|known| known.0 > cost + weight) {
                    best.insert(to, (cost + weight, Some((i, j))));
                }
            }
        }
    }
    if !best.contains_key(&(n, m)) {
        let (i, j) = best.keys().copied().max_by_key(|(i, j)| (i + j, *i)).unwrap_or_default();
        let show = |spans: &[Span], k: usize| {
            let from = k.saturating_sub(1);
            let shown: Vec<String> = spans
                .iter()
                .skip(from)
                .take(k + 3 - from)
                .map(|span| format!("{} [{:.1} s]", span.1, span.2))
                .collect();
            if shown.is_empty() { "(none)".to_owned() } else { shown.join(" > ") }
        };
        return Some(format!("here {}; really {}", show(act, j), show(exp, i)));
    }
    let mut pairs = Vec::new();
    let mut at = (n, m);
    while let Some(Some(from)) = best.get(&at).map(|known| known.1) {
        if at == (from.0 + 1, from.1 + 1) {
            pairs.push(from);
        }
        at = from;
    }
    for (i, j) in pairs.into_iter().rev() {
        let ((te, key, de), (ta, _, da)) = (&exp[i], &act[j]);
        if i + 1 == n || j + 1 == m || te + de >= late {
            continue;
        }
        let tolerance = if kind == "pod" && p.backoff.is_match(key) {
            f64::max(3.0, 0.6 * de)
        } else if matches!(kind, "deployment" | "hpa") {
            f64::max(16.5, 0.1 * de)
        } else {
            f64::max(OPTIONAL, 0.12 * de)
        };
        if (de - da).abs() > tolerance {
            return Some(format!(
                "{key:?} lasts {da:.1} s from {ta:.1} s, really {de:.1} s from {te:.1} s"
            ));
        }
    }
    None
}

/// Which of several alike is which does not matter: a maximum matching decides.
fn assign(
    p: &Patterns,
    kind: &str,
    exp: &[Vec<Span>],
    act: &[Vec<Span>],
    end: f64,
) -> Vec<Option<String>> {
    let why: Vec<Vec<Option<String>>> =
        exp.iter().map(|e| act.iter().map(|a| differs(p, kind, e, a, end)).collect()).collect();
    fn place(
        i: usize,
        why: &[Vec<Option<String>>],
        owner: &mut BTreeMap<usize, usize>,
        seen: &mut BTreeSet<usize>,
    ) -> bool {
        for j in 0..why[i].len() {
            if why[i][j].is_none() && seen.insert(j) {
                let taken = owner.get(&j).copied();
                if taken.is_none_or(|other| place(other, why, owner, seen)) {
                    owner.insert(j, i);
                    return true;
                }
            }
        }
        false
    }
    let mut owner = BTreeMap::new();
    for i in 0..exp.len() {
        place(i, &why, &mut owner, &mut BTreeSet::new());
    }
    let placed: BTreeSet<usize> = owner.values().copied().collect();
    let mut free: Vec<usize> = (0..act.len()).filter(|j| !owner.contains_key(j)).collect();
    exp.iter()
        .enumerate()
        .map(|(i, spans)| {
            let so_late = spans.first().is_some_and(|span| span.0 >= 0.8 * end);
            if placed.contains(&i) || (so_late && free.is_empty()) {
                return None;
            }
            if free.is_empty() {
                return Some("is missing".to_owned());
            }
            why[i][free.remove(0)].clone()
        })
        .collect()
}

fn events(
    p: &Patterns,
    rows: &[Value],
    known: &BTreeMap<String, String>,
    end: f64,
) -> BTreeMap<EventKey, (f64, i64)> {
    let mut seen: BTreeMap<EventKey, Heard> = BTreeMap::new();
    for row in rows {
        let t = row["t"].as_f64().unwrap_or_default();
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let (reason, message) = (text("reason"), text("message"));
        if row["kind"] != "event"
            || t > end
            || (reason == "FailedMount" && message.contains("kube-root-ca"))
        {
            continue;
        }
        let object = text("object");
        let (kind, name) = object.split_once('/').unwrap_or((&object, ""));
        let label = known.get(name).map_or(name, String::as_str);
        let base = label.split('~').next().unwrap_or(label);
        let star = if label == name { "" } else { "-*" };
        let key = (
            kind.to_owned(),
            format!("{base}{star}"),
            text("type"),
            reason,
            text("field"),
            p.message(&message, known),
        );
        let count = row["count"].as_i64().unwrap_or_default();
        let (_, each) = seen.entry(key).or_insert((t, BTreeMap::new()));
        let so_far = each.entry((name.to_owned(), message)).or_default();
        *so_far = (*so_far + i64::from(count == 1)).max(count.max(1));
    }
    seen.into_iter().map(|(key, (t, each))| (key, (t, each.values().sum()))).collect()
}

/// Everything in which the simulator differs from one recording.
fn compare(p: &Patterns, expected: &[Value], actual: &[Value], end: f64) -> Vec<String> {
    let (ke, ka) = (p.names(expected), p.names(actual));
    let (se, sa) = (sequences(expected, &ke, end), sequences(actual, &ka, end));
    let mut faults = Vec::new();
    for (kind, really) in &se {
        if really.is_empty() {
            continue;
        }
        type Side = Vec<(String, Vec<Span>)>;
        let mut groups: BTreeMap<String, (Side, Side)> = BTreeMap::new();
        for (name, spans) in really {
            let base = name.split('~').next().unwrap_or(name).to_owned();
            groups.entry(base).or_default().0.push((name.clone(), spans.clone()));
        }
        for (name, spans) in &sa[kind] {
            let base = name.split('~').next().unwrap_or(name).to_owned();
            groups.entry(base).or_default().1.push((name.clone(), spans.clone()));
        }
        for (base, (exp, act)) in groups {
            let spans = |side: &Side| side.iter().map(|(_, s)| s.clone()).collect::<Vec<_>>();
            let found = assign(p, kind, &spans(&exp), &spans(&act), end);
            for ((name, _), fault) in exp.iter().zip(found) {
                faults.extend(fault.map(|fault| format!("{kind} {name}: {fault}")));
            }
            let late = act
                .iter()
                .filter(|(_, spans)| spans.iter().all(|span| span.0 >= 0.8 * end))
                .count();
            if act.len() - late > exp.len() {
                faults.push(format!("{kind} {base}: {} of them, really {}", act.len(), exp.len()));
            }
        }
    }
    let (ee, ea) = (events(p, expected, &ke, end), events(p, actual, &ka, end));
    for (key, (t, count)) in &ee {
        match ea.get(key) {
            None if *t < 0.8 * end => faults.push(format!("event missing at {t:.1} s: {key:?}")),
            None => {}
            Some((_, seen)) if (seen - count).abs() as f64 > f64::max(1.0, 0.3 * *count as f64) => {
                faults.push(format!("event {seen} times, really {count}: {key:?}"));
            }
            Some((at, _)) if (at - t).abs() > f64::max(2.5, 0.3 * t) => {
                faults.push(format!("event at {at:.1} s, really {t:.1} s: {key:?}"));
            }
            Some(_) => {}
        }
    }
    for (key, (t, _)) in &ea {
        if !ee.contains_key(key) && *t < 0.8 * end {
            faults.push(format!("event invented at {t:.1} s: {key:?}"));
        }
    }
    faults
}

fn rows_of(text: &str) -> Vec<Value> {
    text.lines()
        .filter(|line| line.trim_start().starts_with('{'))
        .map(|line| serde_json::from_str(line).expect("a row is a JSON object"))
        .collect()
}

/// What differs from the nearest recording of a case.
fn run_case(p: &Patterns, folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("scenario.yaml")).expect("a case has a scenario");
    let (scenario, _) = Scenario::from_text(&text);
    let end = scenario.duration.as_micros() as f64 / 1e6;
    let actual: Vec<Value> = rows::rows(&Cluster::run(&scenario))
        .iter()
        .map(|row| serde_json::from_str(&row.json()).expect("a row is a JSON object"))
        .collect();
    ["expected.jsonl", "expected-2.jsonl"]
        .iter()
        .filter_map(|name| fs::read_to_string(folder.join(name)).ok())
        .map(|text| compare(p, &rows_of(&text), &actual, end))
        .min_by_key(Vec::len)
        .expect("a case has a recording")
}

#[test]
fn the_recordings_that_were_reproduced_still_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let listed = fs::read_to_string(root.join("passing.txt")).unwrap_or_default();
    let listed: BTreeSet<&str> =
        listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut cases: Vec<_> = fs::read_dir(&root)
        .expect("the recordings are part of the repository")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("expected.jsonl").exists())
        .collect();
    cases.sort();
    let patterns = Patterns::new();
    let (mut passing, mut report) = (Vec::new(), String::new());
    for folder in &cases {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("plain names");
        let faults = run_case(&patterns, folder);
        match faults.first() {
            None => passing.push(name.to_owned()),
            Some(first) => {
                let _ = writeln!(report, "{name} ({}): {first}", faults.len());
            }
        }
    }
    println!("{} of {} recordings reproduced\n{report}", passing.len(), cases.len());
    if std::env::var_os("UPDATE").is_some() {
        let text = format!("# Recordings that the simulator reproduces.\n{}\n", passing.join("\n"));
        fs::write(root.join("passing.txt"), text).expect("the list can be written");
        return;
    }
    let now: BTreeSet<&str> = passing.iter().map(String::as_str).collect();
    let lost: Vec<_> = listed.difference(&now).collect();
    let won: Vec<_> = now.difference(&listed).collect();
    assert!(lost.is_empty(), "no longer reproduced: {lost:?}\n{report}");
    assert!(won.is_empty(), "newly reproduced, add them to passing.txt: {won:?}");
}

#[test]
fn a_wrong_simulation_would_be_noticed() {
    let patterns = Patterns::new();
    let row = |t: f64, status: &str| serde_json::json!({"t": t, "kind": "pod", "name": "p", "ready": "0/1", "status": status, "restarts": 0});
    let event = |t: f64, reason: &str| {
        serde_json::json!({"t": t, "kind": "event", "object": "Pod/p", "type": "Normal",
            "reason": reason, "message": "m", "field": "", "count": 1})
    };
    let real = [row(0.0, "Pending"), row(10.0, "Running"), event(1.0, "Scheduled")];
    assert!(compare(&patterns, &real, &real, 60.0).is_empty());
    for wrong in [
        vec![row(0.0, "Pending"), row(20.0, "Running"), event(1.0, "Scheduled")],
        vec![row(0.0, "Pending"), row(10.0, "Failed"), event(1.0, "Scheduled")],
        vec![row(0.0, "Pending"), row(10.0, "Running")],
        vec![row(0.0, "Pending"), row(10.0, "Running"), event(9.0, "Scheduled")],
        vec![row(0.0, "Pending"), row(10.0, "Running"), event(1.0, "Scheduled"), event(2.0, "X")],
    ] {
        assert!(!compare(&patterns, &real, &wrong, 60.0).is_empty(), "{wrong:?}");
    }
}
