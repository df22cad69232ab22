//! How fast the engine is: `cargo bench`.
//!
//! Owns: three measurements, and the throughput against a bare heap in the same run. Does not own:
//! what is measured in the browser (`tests/browser`).

#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;

/// Two containers that share a network, for ten minutes, as most visitors meet them first.
const TWO_CONTAINERS: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: daemon-pod
spec:
  containers:
  - name: nginx
    image: nginx:latest
  - name: shell
    image: busybox
    tty: true
    stdin: true
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: two-containers
spec:
  duration: 10m
";

/// A hundred Pods that end and back off for an hour: as busy as a kubelet gets.
const CRASHING: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crash
spec:
  replicas: 100
  selector:
    matchLabels: {app: crash}
  template:
    metadata:
      labels: {app: crash}
    spec:
      containers:
      - name: main
        image: busybox
        command: [sh, -c, \"for i in 1 2 3; do echo $i; sleep 1; done; exit 1\"]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: crash
spec:
  duration: 1h
";

/// A Deployment of Pods that run and do nothing else, a hundred on a node.
const STEADY: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: steady
spec:
  replicas: REPLICAS
  selector:
    matchLabels: {app: steady}
  template:
    metadata:
      labels: {app: steady}
    spec:
      containers:
      - name: main
        image: busybox
        command: [sleep, infinity]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: steady
spec:
  duration: DURATION
  cluster:
    nodes:
";

fn steady(replicas: u32, duration: &str) -> Scenario {
    let mut text = STEADY.replace("REPLICAS", &replicas.to_string()).replace("DURATION", duration);
    for node in 0..replicas.div_ceil(100) {
        let _ = writeln!(text, "    - name: node{node}");
    }
    Scenario::from_text(&text).0
}

/// A file of many objects, as people keep them.
fn long_manifest() -> String {
    let mut text = String::new();
    for i in 0..100 {
        let pod = TWO_CONTAINERS.split("---").next().unwrap_or_default();
        let named = pod.replace("daemon-pod", &format!("pod-{i}"));
        let _ = write!(text, "# The Pod number {i}\n{named}---\n");
    }
    text
}

#[divan::bench]
fn two_containers_for_ten_minutes(bencher: divan::Bencher) {
    let (scenario, _) = Scenario::from_text(TWO_CONTAINERS);
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench]
fn text_to_trace(bencher: divan::Bencher) {
    bencher.bench_local(|| Cluster::run(&Scenario::from_text(black_box(TWO_CONTAINERS)).0));
}

#[divan::bench(max_time = 5)]
fn a_hundred_crashing_pods_for_an_hour(bencher: divan::Bencher) {
    let (scenario, _) = Scenario::from_text(CRASHING);
    let entries = Cluster::run(&scenario).entries().len();
    let counter = divan::counter::ItemsCount::new(entries);
    bencher.counter(counter).bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench(args = [100, 1_000], max_time = 5)]
fn steady_pods_for_ten_minutes(bencher: divan::Bencher, replicas: u32) {
    let scenario = steady(replicas, "10m");
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench(max_time = 5)]
fn a_hundred_steady_pods_for_a_day(bencher: divan::Bencher) {
    let scenario = steady(100, "24h");
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench]
fn load_a_hundred_pods(bencher: divan::Bencher) {
    let text = long_manifest();
    let counter = divan::counter::BytesCount::of_str(&text);
    bencher.counter(counter).bench_local(|| podarium::manifest::load(black_box(&text)));
}

/// The least that a discrete-event engine has to do: a push and a pop an event, in the order of
/// time. The queue holds as many events as a hundred Pods have waiting.
fn bare_heap(events: usize) -> u64 {
    let mut heap = BinaryHeap::new();
    let mut sequence = 0_u64;
    let mut next = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        next % 10_000_000
    };
    let waiting = 300.min(events);
    for _ in 0..waiting {
        heap.push(Reverse((random(), sequence)));
        sequence += 1;
    }
    let mut sum = 0_u64;
    for popped in 0..events {
        let Some(Reverse((at, number))) = heap.pop() else { break };
        sum = sum.wrapping_add(at ^ number);
        if popped + waiting < events {
            heap.push(Reverse((at + random(), sequence)));
            sequence += 1;
        }
    }
    sum
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn median_of(runs: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = std::time::Instant::now();
            work();
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

/// Prints the throughput, and what a bare heap does in the same run on the same machine.
fn throughput() {
    let (scenario, _) = Scenario::from_text(CRASHING);
    let entries = Cluster::run(&scenario).entries().len();
    let engine = median_of(7, || {
        black_box(Cluster::run(black_box(&scenario)));
    });
    let heap = median_of(7, || {
        black_box(bare_heap(black_box(entries)));
    });
    let per_second = |time: Duration| entries as f64 / time.as_secs_f64();
    println!("throughput, {entries} entries of a hundred crashing Pods in an hour (medians of 7):");
    println!("  engine     {:>12.0} entries/s  {engine:.2?}", per_second(engine));
    println!("  bare heap  {:>12.0} events/s   {heap:.2?}", per_second(heap));
    println!("  ratio      {:>12.1}\n", engine.as_secs_f64() / heap.as_secs_f64());
}

fn main() {
    if !std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        throughput();
    }
    divan::main();
}
