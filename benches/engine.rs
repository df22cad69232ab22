//! How fast the engine is: `cargo bench`.
//!
//! Owns: some measurements, the throughput against a bare heap in the same run, and how time and
//! memory grow from 10 to 10,000 Pods. Does not own: what is measured in the browser
//! (`tests/browser`).

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

/// What steady Pods do: nothing, or serve and be asked whether they are ready.
const SLEEPS: &str = "image: busybox, command: [sleep, infinity]";
const SERVES: &str = "image: nginx:1.25, readinessProbe: {httpGet: {path: /, port: 80}}";

/// One Pod whose container fails at once, and its back-off.
const CRASH_LOOP: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: crash
spec:
  containers:
  - name: main
    image: busybox
    command: [sh, -c, exit 1]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: crash-loop
spec:
  duration: 10m
";

/// A Deployment of Pods that only run, a hundred on a node.
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
      - {name: main, WORK}
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

fn steady(replicas: u32, work: &str, duration: &str) -> Scenario {
    let mut text = STEADY
        .replace("REPLICAS", &replicas.to_string())
        .replace("WORK", work)
        .replace("DURATION", duration);
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

#[divan::bench]
fn a_pod_that_crashes_for_ten_minutes(bencher: divan::Bencher) {
    let (scenario, _) = Scenario::from_text(CRASH_LOOP);
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench(args = [100, 1_000], max_time = 5)]
fn steady_pods_for_ten_minutes(bencher: divan::Bencher, replicas: u32) {
    let scenario = steady(replicas, SLEEPS, "10m");
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

/// All are Ready within half a minute: this is that and ten minutes more.
#[divan::bench(args = [100, 1_000], max_time = 5)]
fn probed_pods_for_ten_minutes(bencher: divan::Bencher, replicas: u32) {
    let scenario = steady(replicas, SERVES, "630s");
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench(max_time = 5)]
fn a_hundred_steady_pods_for_a_day(bencher: divan::Bencher) {
    let scenario = steady(100, SLEEPS, "24h");
    bencher.bench_local(|| Cluster::run(black_box(&scenario)));
}

#[divan::bench(max_time = 5)]
fn a_hundred_probed_pods_for_a_day(bencher: divan::Bencher) {
    let scenario = steady(100, SERVES, "24h");
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

/// The most memory that this process ever held, in megabytes; known on Linux alone.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1_024.0)
}

/// One size in a process of its own, so that its memory is its own: seconds and megabytes.
fn alone(replicas: u32, served: bool) {
    let mut scenario = steady(replicas, SERVES, "630s");
    if served {
        scenario.objects.extend(Scenario::from_text(SERVICE).0.objects);
    }
    let trace = Cluster::run(&scenario);
    let state = trace.state_at(trace.horizon());
    let ready = state.pods().filter(|pod| pod.status.is_true("Ready")).count();
    assert_eq!(ready, replicas as usize, "every Pod is Ready at the end");
    drop(trace);
    let runs = if replicas > 1_000 { 1 } else { 3 };
    let time = median_of(runs, || {
        black_box(Cluster::run(black_box(&scenario)));
    });
    println!("{} {}", time.as_secs_f64(), peak_memory().unwrap_or(f64::NAN));
}

/// A Service that means the steady Pods.
const SERVICE: &str = "\
---
apiVersion: v1
kind: Service
metadata:
  name: steady
spec:
  selector: {app: steady}
  ports: [{port: 80}]
";

/// Prints how time and memory grow with the number of Pods, and the slope of the line through the
/// logarithms of both: 1 is as much more as there are more Pods.
fn growth(flag: &str, what: &str, counts: &[u32]) {
    println!("growth, {what} to Ready and ten minutes more:");
    let mut points = Vec::new();
    for replicas in counts.iter().copied() {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = std::process::Command::new(program);
        let output = child.args([flag, &replicas.to_string()]).output();
        let output = output.expect("it runs again");
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        let (Some(seconds), Some(megabytes)) = (numbers.next(), numbers.next()) else { continue };
        println!("  {replicas:>6} Pods {:>10.1} ms {megabytes:>8.1} MB", seconds * 1_000.0);
        points.push((f64::from(replicas).ln(), seconds.ln()));
    }
    let count = points.len() as f64;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let above: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let below: f64 = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
    println!("  slope {:.2}\n", above / below);
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, replicas] = args.as_slice()
        && matches!(flag.as_str(), "--alone" | "--served")
    {
        return alone(replicas.parse().unwrap_or(10), flag == "--served");
    }
    if !args.iter().any(|arg| arg == "--test" || arg == "--list") {
        throughput();
        growth("--alone", "Pods with a readiness probe", &[10, 100, 1_000, 10_000]);
        growth("--served", "the same behind a Service", &[10, 100, 1_000]);
    }
    divan::main();
}
