//! Pods that have to go because their node has too little memory or disk, or because they wrote
//! more than they may; and Pods that a kubelet does not let in.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;
use std::rc::Rc;

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::manifest::pod::Pod;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::Trace;
use podarium::view::kubectl;

fn run(name: &str) -> Trace {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name);
    let text = std::fs::read_to_string(path).expect("the scenario is part of the repository");
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{name}");
    Cluster::run(&scenario)
}

fn pod(trace: &Trace, second: i64, name: &str) -> Rc<Pod> {
    let state = trace.state_at(Instant::from_secs(second));
    match state.get("Pod", "default", name) {
        Some(Object::Pod(pod)) => pod.clone(),
        _ => panic!("{name} is there at {second} s"),
    }
}

/// The Events of a reason: the object, the second, the message.
fn events(trace: &Trace, reason: &str) -> Vec<(String, i64, String)> {
    let state = trace.state_at(trace.horizon());
    let all = state.events().filter(|event| event.reason == reason);
    all.map(|event| {
        let at = event.first_timestamp.unwrap_or_default().as_micros() / 1_000_000;
        (event.involved_name.clone(), at, event.message.clone())
    })
    .collect()
}

fn line(trace: &Trace, second: i64, command: &str, name: &str) -> String {
    let state = trace.state_at(Instant::from_secs(second));
    let printed = kubectl::run(&state, trace, command).expect("it reads only").stdout;
    let line = printed.lines().find(|line| line.trim_start().starts_with(name));
    line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn of_those_beyond_their_request_the_least_important_goes_first() {
    let trace = run("eviction-memory.yaml");
    let evicted = events(&trace, "Evicted");
    let (name, at, message) = &evicted[0];
    // `important` is further beyond its request, and `modest` is within.
    assert_eq!(name, "hungry");
    assert!((120..=150).contains(at), "100 MiB are left after two minutes: {at}");
    let words = "The node was low on resource: memory. Threshold quantity: 100Mi, available: ";
    let rest = message.strip_prefix(words).expect("it begins with the threshold");
    let (available, rest) = rest.split_once("Ki. ").expect("whole pages");
    assert!(available.parse::<i64>().expect("a number") < 100 * 1024, "{message}");
    assert!(rest.starts_with("Container app was using "), "{message}");
    assert!(
        rest.ends_with("Ki, request is 100Mi, has larger consumption of memory. "),
        "{message}"
    );
    let gone = pod(&trace, *at + 10, "hungry");
    assert_eq!(gone.status.phase, "Failed");
    assert_eq!(gone.status.reason, "Evicted");
    assert_eq!(gone.status.message, *message);
    let target = gone.status.condition("DisruptionTarget").expect("it was disrupted");
    assert_eq!((&*target.status, &*target.reason), ("True", "TerminationByKubelet"));
    assert_eq!(target.message, *message);
    for name in ["important", "modest"] {
        assert_eq!(pod(&trace, 590, name).status.phase, "Running", "{name}");
    }
    assert_eq!(events(&trace, "EvictionThresholdMet")[0].2, "Attempting to reclaim memory");
}

#[test]
fn pressure_is_a_condition_and_a_taint_for_five_minutes() {
    let trace = run("eviction-memory.yaml");
    let met = events(&trace, "EvictionThresholdMet")[0].1;
    let condition = |second| line(&trace, second, "describe node node1", "MemoryPressure");
    assert!(condition(met - 5).starts_with("MemoryPressure False"), "{}", condition(met - 5));
    let under = condition(met + 12);
    assert!(under.starts_with("MemoryPressure True"), "{under}");
    let words = "KubeletHasInsufficientMemory kubelet has insufficient memory available";
    assert!(under.ends_with(words), "{under}");
    let taint = "Taints: node.kubernetes.io/memory-pressure:NoSchedule";
    assert_eq!(line(&trace, met + 12, "describe node node1", "Taints"), taint);
    assert_eq!(line(&trace, met + 299, "describe node node1", "Taints"), taint);
    assert_eq!(line(&trace, met + 315, "describe node node1", "Taints"), "Taints: <none>");
    // What asks for nothing is not let in meanwhile.
    let late = pod(&trace, 210, "late");
    assert_eq!((&*late.status.phase, &*late.status.reason), ("Failed", "Evicted"));
    let message = "Pod was rejected: The node had condition: [MemoryPressure]. ";
    assert_eq!(late.status.message, message);
    assert_eq!(line(&trace, 210, "get pods", "late"), "late 0/1 Evicted 0 10s");
}

#[test]
fn what_a_pod_writes_has_limits() {
    let trace = run("eviction-disk.yaml");
    let evicted = events(&trace, "Evicted");
    let of = |name: &str| {
        let found = evicted.iter().find(|event| event.0 == name);
        found.map(|(_, at, message)| (*at, message.as_str())).unwrap_or_default()
    };
    let (at, message) = of("files");
    assert_eq!(message, "Container writer exceeded its local ephemeral storage limit \"10Mi\". ");
    assert!((0..=12).contains(&at), "{at}");
    let (at, message) = of("total");
    let words = "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ";
    assert_eq!(message, words);
    assert!(at <= 72, "{at}");
    let (at, message) = of("cache");
    assert_eq!(message, "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Mi\". ");
    // Volumes are added up once a minute.
    assert!((10..=72).contains(&at), "{at}");
    for name in ["files", "total", "cache"] {
        let gone = pod(&trace, 470, name);
        assert_eq!((&*gone.status.phase, &*gone.status.reason), ("Failed", "Evicted"), "{name}");
        // Nobody else needs the room.
        assert!(gone.status.condition("DisruptionTarget").is_none(), "{name}");
    }
    // sh as PID 1 does not hear SIGTERM: one second of grace, and at least two.
    assert_eq!(line(&trace, 470, "get pods", "total"), "total 0/1 Error 0 7m50s");
}

#[test]
fn a_full_disk_evicts_and_lets_nobody_in() {
    let trace = run("eviction-disk.yaml");
    let evicted = events(&trace, "Evicted");
    let (_, at, message) = evicted.iter().find(|event| event.0 == "hoarder").expect("it goes");
    assert!((31..=60).contains(at), "{at}");
    let words = "The node was low on resource: ephemeral-storage. Threshold quantity: 1536Mi, ";
    assert!(message.starts_with(words), "{message}");
    assert!(message.contains("Container app was using "), "{message}");
    assert!(
        message.ends_with("request is 0, has larger consumption of ephemeral-storage. "),
        "{message}"
    );
    let taints = line(&trace, *at + 12, "describe node node2", "Taints");
    assert_eq!(taints, "Taints: node.kubernetes.io/disk-pressure:NoSchedule");
    // It asks for memory, but a full disk turns away everybody.
    let late = pod(&trace, 130, "late");
    let message = "Pod was rejected: The node had condition: [DiskPressure]. ";
    assert_eq!(late.status.message, message);
    // What had ended is removed, and then there is room again.
    assert_eq!(line(&trace, 470, "describe node node2", "Taints"), "Taints: <none>");
}

#[test]
fn a_kubelet_checks_what_came_past_the_scheduler() {
    let trace = run("eviction-disk.yaml");
    let much = pod(&trace, 5, "too-much");
    assert_eq!((&*much.status.phase, &*much.status.reason), ("Failed", "OutOfcpu"));
    let message = "Pod was rejected: Node didn't have enough resource: cpu, requested: 16000, \
                   used: 0, capacity: 8000";
    assert_eq!(much.status.message, message);
    let elsewhere = pod(&trace, 5, "elsewhere");
    assert_eq!(elsewhere.status.reason, "NodeAffinity");
    assert_eq!(line(&trace, 5, "get pods", "elsewhere"), "elsewhere 0/1 NodeAffinity 0 5s");
}
