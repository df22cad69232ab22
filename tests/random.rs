//! Scenarios that nobody wrote: the engine's invariants hold in all of them.
//!
//! Every seed makes a text (`random/generate.rs`), which is read, run and looked at as the page
//! does it. `cluster/check.rs` looks at the engine after every wake-up, in builds with debug
//! assertions. `SEEDS=10000 cargo test --test random` runs that many, `FIRST=…` begins elsewhere,
//! `SHOW=42` prints the text of a seed.
//!
//! Owns: running seeds and saying which failed. Does not own: what a text holds (`random/`).

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::disallowed_methods,
    reason = "the slowest seeds are printed; nothing is decided by the clock"
)]

#[path = "random/chance.rs"]
mod chance;
#[path = "random/commands.rs"]
mod commands;
#[path = "random/generate.rs"]
mod generate;
#[path = "random/mutate.rs"]
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant as Clock;

use chance::Chance;
use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::trace::Trace;
use podarium::view::timeline::{TimelineOptions, timeline};
use podarium::view::{kubectl, story, why};

/// How many seeds the usual test run takes.
const SCENARIOS: u64 = 150;
const TEXTS: u64 = 150;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Runs a check for every seed, on as many threads as there are processors, and says which failed.
fn for_every_seed(what: &str, count: u64, check: impl Fn(u64) + Sync) {
    let (first, count) = (number("FIRST", 0), number("SEEDS", count));
    let next = AtomicU64::new(first);
    let slow = Mutex::new(Vec::new());
    let failed = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let begun = Clock::now();
                    if catch_unwind(AssertUnwindSafe(|| check(seed))).is_err() {
                        eprintln!("{what}: seed {seed} failed");
                        failed.lock().expect("nobody panics with it").push(seed);
                    }
                    slow.lock().expect("nobody panics with it").push((begun.elapsed(), seed));
                }
            });
        }
    });
    let mut slow = slow.into_inner().expect("nobody panics with it");
    slow.sort();
    // Time depends on the machine: told, never judged.
    let slowest: Vec<String> = slow
        .iter()
        .rev()
        .take(5)
        .map(|(took, seed)| format!("{seed}: {} ms", took.as_millis()))
        .collect();
    println!("{what}: {count} seeds; the slowest are {}", slowest.join(", "));
    let mut failed = failed.into_inner().expect("nobody panics with it");
    failed.sort_unstable();
    assert!(failed.is_empty(), "{what}: {} of {count} seeds failed: {failed:?}", failed.len());
}

/// What the page and the command line show, at some moments.
fn look(chance: &mut Chance, trace: &Trace) {
    let told = story::story(trace);
    let picture = timeline(trace, &TimelineOptions::default());
    let end = trace.horizon().since(Instant::ZERO);
    for _ in 0..3 {
        let at = Instant::ZERO
            + Duration::from_millis(chance.below(end.as_millis() as usize + 1) as i64);
        let state = trace.state_at(at);
        for line in [
            "get pods,deploy,rs,sts,ds,jobs,cronjobs,svc,endpointslices,nodes,hpa -A -o wide",
            "describe pods -A",
            "describe deploy,rs,sts,ds,jobs,cronjobs,svc,nodes -A",
            "events -A",
            "get events -A",
            "get pods -A -o yaml",
            "top pods -A",
        ] {
            let output = kubectl::run(&state, trace, line);
            assert!(output.is_some(), "{line} reads only");
        }
        for pod in state.pods() {
            let (name, namespace) = (&pod.metadata.name, &pod.metadata.namespace);
            let line = format!("logs {name} -n {namespace} --all-containers");
            assert!(kubectl::run(&state, trace, &line).is_some(), "{line} reads only");
        }
        let _ = why::why_of(trace, &told, at, None, why::About::Pods);
        let _ = picture.next_moment(at, true);
    }
}

fn check_trace(trace: &Trace) {
    let mut last = Instant::ZERO;
    for entry in trace.entries() {
        assert!(entry.at >= last, "time goes back from {last:?} to {:?}", entry.at);
        assert!(entry.at <= trace.horizon(), "{:?} is after the horizon", entry.at);
        last = entry.at;
    }
}

#[test]
fn any_scenario_keeps_the_invariants() {
    if let Some(seed) = std::env::var("SHOW").ok().and_then(|text| text.parse().ok()) {
        println!("{}", generate::scenario(seed));
        return;
    }
    for_every_seed("scenarios", SCENARIOS, |seed| {
        let text = generate::scenario(seed);
        let (scenario, _) = Scenario::from_text(&text);
        let trace = Cluster::run(&scenario);
        check_trace(&trace);
        look(&mut Chance::new(seed ^ 0xabcd), &trace);
        if seed.is_multiple_of(4) {
            let again = Cluster::run(&Scenario::from_text(&text).0);
            assert_eq!(trace.digest(), again.digest(), "the same text twice");
        }
    });
}

#[test]
fn most_scenarios_are_accepted() {
    // A generator whose texts are refused would test nothing.
    let accepted = |seed: &u64| {
        let (scenario, _) = Scenario::from_text(&generate::scenario(*seed));
        !scenario.objects.is_empty()
    };
    let count = (0..100).filter(accepted).count();
    assert!(count >= 90, "{count} of 100 hold objects");
}

#[test]
fn any_text_is_read_and_run() {
    let gallery: Vec<&str> = podarium::gallery::all().iter().map(|entry| entry.text).collect();
    for_every_seed("texts", TEXTS, |seed| {
        let mut chance = Chance::new(seed ^ 0x7e87);
        let generated = generate::scenario(seed);
        let all = [chance.pick(&gallery), chance.pick(&gallery), &generated];
        let text = mutate::mutate(&mut chance, all[chance_of_three(seed)], all[1]);
        let (scenario, diagnostics) = Scenario::from_text(&text);
        for diagnostic in &diagnostics {
            let span = diagnostic.span;
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is a piece of the text");
        }
        let trace = Cluster::run(&scenario);
        check_trace(&trace);
        look(&mut chance, &trace);
    });
}

/// Two of three texts come from the gallery.
const fn chance_of_three(seed: u64) -> usize {
    if seed.is_multiple_of(3) { 2 } else { 0 }
}
