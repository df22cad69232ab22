//! Probes that are answered alike: one entry stands for all of them, and nothing is lost by it.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, ProbeKind, Trace};
use podarium::view::kubectl::run;
use podarium::view::timeline::{LaneKind, TimelineOptions, timeline};

/// nginx with a readiness probe every five seconds, and what else is said of the scenario.
fn web(probe: &str, more: &str) -> Trace {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: \
         nginx\n    image: nginx:1.25\n    readinessProbe: {{{probe}, periodSeconds: 5}}\n---\n\
         apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n{more}"
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

const HTTP: &str = "httpGet: {path: /, port: 80}";

/// The seconds at which the timeline shows an answer of the readiness probe.
fn answers(trace: &Trace) -> Vec<i64> {
    let picture = timeline(trace, &TimelineOptions::default());
    let lanes = picture.groups.iter().flat_map(|group| &group.lanes);
    let mut lanes = lanes.filter(|lane| lane.kind == LaneKind::Probe(ProbeKind::Readiness));
    let marks = lanes.next().map(|lane| lane.marks.iter()).expect("there is a probe");
    marks.map(|mark| mark.at.as_micros() / 1_000_000).collect()
}

fn logs(trace: &Trace, at: i64) -> String {
    let at = Instant::from_secs(at);
    run(&trace.state_at(at), trace, "kubectl logs web").expect("it is kubectl").stdout
}

#[test]
fn each_answer_is_in_the_picture_and_in_the_log() {
    for probe in [HTTP, "tcpSocket: {port: 80}"] {
        let trace = web(probe, "  duration: 10m\n");
        let answers = answers(&trace);
        assert!((118..=122).contains(&answers.len()), "{probe}: {}", answers.len());
        // After the first, which was asked for, they are one period apart.
        let apart: Vec<i64> = answers.windows(2).skip(1).map(|pair| pair[1] - pair[0]).collect();
        assert!(apart.iter().all(|apart| *apart == 5), "{probe}: {apart:?}");
        assert!(trace.entries().len() < 100, "{probe}: {}", trace.entries().len());
    }
    let trace = web(HTTP, "  duration: 10m\n");
    let probed = |at: i64| logs(&trace, at).matches("kube-probe/1.36").count();
    let counted = |at: i64| answers(&trace).iter().filter(|answer| **answer < at).count();
    for at in [30, 61, 599] {
        assert!(probed(at).abs_diff(counted(at)) <= 1, "{at} s: {}", probed(at));
    }
    assert!(logs(&trace, 300).contains("[05/Jan/2026:00:04:5"), "{}", logs(&trace, 300));
}

#[test]
fn what_happens_in_the_pod_is_noticed_at_the_next_beat() {
    let remove = "  duration: 3m\n  actions:\n  - {at: 100s, run: kubectl exec web -- rm \
                  /usr/share/nginx/html/index.html}\n";
    let trace = web(HTTP, remove);
    let failed = trace.entries().iter().find_map(|entry| match &entry.change {
        Change::Stored { object: Object::Event(event), .. } if event.reason == "Unhealthy" => {
            Some((entry.at.as_micros() / 1_000_000, event.message.clone()))
        }
        _ => None,
    });
    let (at, message) = failed.expect("the probe fails");
    assert!((100..=105).contains(&at), "{at}");
    assert_eq!(message, "Readiness probe failed: HTTP probe failed with statuscode: 403");
    let beats = answers(&trace);
    let apart: Vec<i64> = beats.windows(2).skip(1).map(|pair| pair[1] - pair[0]).collect();
    // None is left out and none comes twice; the Pod that is not ready is asked once more.
    assert!(apart.iter().filter(|apart| **apart != 5).count() <= 2, "{apart:?}");
    assert!((33..=38).contains(&beats.len()), "{}", beats.len());
}

#[test]
fn a_pod_that_leaves_is_asked_until_it_is_gone_and_no_longer() {
    let trace =
        web(HTTP, "  duration: 5m\n  actions:\n  - {at: 62s, run: kubectl delete pod web}\n");
    let answers = answers(&trace);
    assert!(answers.iter().all(|at| *at <= 64), "{answers:?}");
    assert!((11..=13).contains(&answers.len()), "{}", answers.len());
}

#[test]
fn a_kubelet_that_is_stopped_asks_nobody() {
    let stop = "  duration: 5m\n  cluster: {nodes: [{name: node1}]}\n  actions:\n  - {at: 62s, run: systemctl stop kubelet, node: \
                node1}\n  - {at: 122s, run: systemctl start kubelet, node: node1}\n";
    let answers = answers(&web(HTTP, stop));
    assert!(!answers.iter().any(|at| (63..122).contains(at)), "{answers:?}");
    assert!(answers.iter().filter(|at| **at >= 122).count() >= 33, "{answers:?}");
}

#[test]
fn a_day_of_probes_is_no_longer_than_an_hour() {
    let day = web(HTTP, "  duration: 24h\n");
    assert_eq!(day.entries().len(), web(HTTP, "  duration: 1h\n").entries().len());
    assert_eq!(answers(&day).len() / 100, 172);
}

#[test]
fn a_server_that_will_change_is_asked_every_time() {
    let rule = "  duration: 3m\n  images:\n  - name: nginx:1.25\n    listen: [{port: 80}]\n    http:\n    - {path: /, status: \
                500, from: 60s}\n";
    let trace = web(HTTP, rule);
    let failures = trace.entries().iter().filter(|entry| {
        matches!(&entry.change, Change::Probe { outcome, .. }
            if *outcome == podarium::trace::ProbeOutcome::Failure)
    });
    // The very first question comes before nginx listens.
    let first = failures.map(|entry| entry.at.as_micros() / 1_000_000).find(|at| *at > 10);
    assert!(first.is_some_and(|at| (60..=67).contains(&at)), "{first:?}");
}
