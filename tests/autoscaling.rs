//! Autoscalers in a whole cluster: the rhythm, the words, the metrics, kubectl.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::draw;
use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::scaling::Scaling;
use podarium::trace::{Change, Trace};
use podarium::view::autoscaling::{Cause, CurveKind, Decision, Look};
use podarium::view::{axis, kubectl};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: nginx, resources: {requests: {cpu: 10m}}}
---
";

/// An autoscaler of `web`, with more of its spec.
fn autoscaler(name: &str, more: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}}}\n\
         spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n{more}\n---\n"
    )
}

/// A Scenario document of so many seconds, with more of its spec.
///
/// It names its seed: how fresh a metric is when it is looked at is luck, and so is each step.
fn scenario(seconds: u32, more: &str) -> String {
    format!(
        "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: x}}\n\
         spec:\n  seed: 15372\n  duration: {seconds}s\n{more}\n"
    )
}

/// The article's load: from 60 s to 200 s.
const LOAD: &str = "  metrics: {idle: 0m}
  load:
  - deployment: web
    cpu: [{at: 60s, total: 8m}, {at: 200s, total: 8m}, {at: 200s, total: 0m}]";

fn run(text: &str) -> Trace {
    let (scenario, diagnostics) = Scenario::from_text(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Cluster::run(&scenario)
}

fn kubectl(trace: &Trace, seconds: i64, line: &str) -> String {
    let state = trace.state_at(Instant::from_secs(seconds));
    let output = kubectl::run(&state, trace, line).expect("a reading verb");
    output.stdout + &output.stderr
}

fn decisions(trace: &Trace) -> Vec<(Instant, &Scaling)> {
    trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Scaling(scaling) => Some((entry.at, &**scaling)),
            _ => None,
        })
        .collect()
}

/// What the autoscaler said, in order: seconds, reason, message.
fn said(trace: &Trace) -> Vec<(i64, String, String)> {
    trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Stored { object: Object::Event(event), .. }
                if event.involved_kind == "HorizontalPodAutoscaler" =>
            {
                let seconds = entry.at.as_micros() / 1_000_000;
                Some((seconds, event.reason.clone(), event.message.clone()))
            }
            _ => None,
        })
        .collect()
}

fn replicas(trace: &Trace, seconds: i64) -> i32 {
    match trace.state_at(Instant::from_secs(seconds)).get("Deployment", "default", "web") {
        Some(Object::Deployment(deployment)) => deployment.spec.replicas.unwrap_or(1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_articles_demo_plays() {
    let action =
        "  actions: [{at: 1s, run: kubectl autoscale deploy web --cpu-percent=10 --max=3}]";
    let trace = run(&(DEPLOYMENT.to_owned() + &scenario(620, &format!("{LOAD}\n{action}"))));
    let words: Vec<String> = said(&trace)
        .into_iter()
        .filter(|(_, reason, _)| reason == "SuccessfulRescale")
        .map(|(_, _, message)| message)
        .collect();
    assert_eq!(
        words,
        [
            "New size: 3; reason: cpu resource utilization (percentage of request) above target",
            "New size: 1; reason: All metrics below target",
        ]
    );
    assert_eq!((replicas(&trace, 60), replicas(&trace, 100), replicas(&trace, 620)), (1, 3, 1));
    // Recommendations of the last loaded sample hold for five minutes.
    let down = decisions(&trace).into_iter().find(|(_, own)| own.desired < own.current);
    let (at, down) = down.expect("it scales down");
    assert!((500..=530).contains(&(at.as_micros() / 1_000_000)), "{at}");
    assert_eq!((down.stabilized, down.desired, &*down.limited), (0, 1, "TooFewReplicas"));
    let up = decisions(&trace).into_iter().find(|(_, own)| own.desired > own.current);
    let (_, up) = up.expect("it scales up");
    let formula = up.metrics[0].formula().expect("numbers");
    assert_eq!(
        formula,
        format!(
            "ceil(1 × {} / 10) = {}",
            up.metrics[0].result.as_ref().map_or(0, |p| p.used),
            up.stabilized
        )
    );
    assert_eq!((up.current, up.desired, &*up.limited), (1, 3, "TooManyReplicas"));
}

#[test]
fn kubectl_shows_what_the_autoscaler_sees() {
    let hpa = autoscaler(
        "web",
        "  maxReplicas: 3\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 10}}",
    );
    let trace = run(&(DEPLOYMENT.to_owned() + &hpa + &scenario(200, LOAD)));
    let row = |seconds| {
        let text = kubectl(&trace, seconds, "get hpa --no-headers");
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row(1), "web Deployment/web cpu: <unknown>/10% 1 3 0 1s");
    assert_eq!(row(59), "web Deployment/web cpu: 0%/10% 1 3 1 59s");
    assert_eq!(row(150), "web Deployment/web cpu: 30%/10% 1 3 3 2m30s");
    let top = kubectl(&trace, 150, "top pods");
    assert!(top.contains("   CPU(cores)   MEMORY(bytes)   \n"), "{top}");
    assert_eq!(top.matches("3m           12Mi            \n").count(), 3, "{top}");
    assert_eq!(kubectl(&trace, 5, "top pods"), "error: metrics not available yet\n");
    let nodes = kubectl(&trace, 150, "top nodes");
    assert_eq!(nodes.lines().count(), 3, "{nodes}");
    assert!(nodes.contains("node1") && nodes.contains('%'), "{nodes}");
    let text = kubectl(&trace, 150, "describe hpa");
    for line in [
        "  resource cpu on pods  (as a percentage of request):  30% (3m) / 10%\n",
        "Deployment pods:                                       3 current / 3 desired\n",
        "  AbleToScale     True    ReadyForNewScale  recommended size matches current size\n",
        "  ScalingLimited  True    TooManyReplicas   the desired replica count is more than the",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn every_cause_of_unknown_has_its_words() {
    let plain = autoscaler("web", "  maxReplicas: 3");
    let first = |text: &str| {
        said(&run(text)).into_iter().next().map(|(_, reason, message)| (reason, message))
    };
    let expect = |text: &str, reason: &str, message: &str| {
        assert_eq!(first(text), Some((reason.to_owned(), message.to_owned())), "{text}");
    };
    let metric = "FailedGetResourceMetric";
    expect(
        &(DEPLOYMENT.to_owned() + &plain + &scenario(40, "  metrics: {installed: false}")),
        metric,
        "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch \
         metrics from resource metrics API: the server could not find the requested resource (get \
         pods.metrics.k8s.io)",
    );
    expect(
        &(DEPLOYMENT.to_owned()
            + &plain
            + &scenario(40, "  metricsOutages: [{from: 0s, until: 9m}]")),
        metric,
        "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics \
         returned from resource metrics API",
    );
    let without = DEPLOYMENT.replace("{requests: {cpu: 10m}}", "{}");
    let trace = run(&(without + &plain + &scenario(90, "")));
    let last = said(&trace).into_iter().rfind(|(_, reason, _)| reason == metric).map(|own| own.2);
    let last = last.expect("an event");
    assert!(
        last.starts_with(
            "failed to get cpu utilization: missing request for cpu in container app of Pod web-"
        ),
        "{last}"
    );
    assert_eq!(replicas(&trace, 90), 1);
    let other = plain
        .replace("name: web}\n", "name: web2}\n")
        .replace("kind: Deployment, name: web}", "kind: Deployment, name: web2}");
    expect(
        &(DEPLOYMENT.to_owned() + &other + &scenario(20, "")),
        "FailedGetScale",
        "deployments.apps \"web2\" not found",
    );
    let wrong =
        plain.replace("apiVersion: apps/v1, kind: Deployment", "apiVersion: v1, kind: Deployment");
    expect(
        &(DEPLOYMENT.to_owned() + &wrong + &scenario(20, "")),
        "FailedGetScale",
        "unable to determine resource for scale target reference: no matches for kind \
         \"Deployment\" in group \"\"",
    );
    let daemon = plain.replace("kind: Deployment", "kind: DaemonSet");
    expect(
        &(DEPLOYMENT.to_owned() + &daemon + &scenario(20, "")),
        "FailedGetScale",
        "the server could not find the requested resource",
    );
}

#[test]
fn two_autoscalers_of_one_target_stand_still() {
    let text = DEPLOYMENT.to_owned()
        + &autoscaler("a", "  maxReplicas: 3")
        + &autoscaler("b", "  maxReplicas: 5")
        + &scenario(120, LOAD);
    let trace = run(&text);
    let words =
        "pods by selector app=web are controlled by multiple HPAs: [{a default} {b default}]";
    assert!(
        said(&trace)
            .iter()
            .any(|(_, reason, message)| reason == "AmbiguousSelector" && message == words)
    );
    assert_eq!(replicas(&trace, 120), 1);
}

#[test]
fn zero_replicas_switch_the_autoscaler_off_and_bounds_act_at_once() {
    let action = "  actions: [{at: 50s, run: kubectl scale deploy web --replicas=0}]";
    let hpa = autoscaler("web", "  minReplicas: 2\n  maxReplicas: 3");
    let trace = run(&(DEPLOYMENT.to_owned() + &hpa + &scenario(120, action)));
    assert_eq!((replicas(&trace, 16), replicas(&trace, 120)), (2, 0));
    let reasons: Vec<String> = said(&trace).into_iter().map(|own| own.2).collect();
    assert_eq!(
        reasons[0],
        "New size: 2; reason: Current number of replicas below Spec.MinReplicas"
    );
    assert!(trace.entries().iter().any(|entry| entry.rule == Rule::AutoscalerDisabled));
    let described = kubectl(&trace, 120, "describe hpa");
    assert!(described.contains("ScalingDisabled    scaling is disabled since"), "{described}");
}

#[test]
fn autoscale_complains_as_kubectl_does() {
    for (line, output) in [
        ("autoscale deploy web", "error: required flag(s) \"max\" not set"),
        (
            "autoscale deploy web --min 3 --max=2",
            "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 2, min: 3",
        ),
        (
            "autoscale deploy x --max=2",
            "Error from server (NotFound): deployments.apps \"x\" not found",
        ),
        (
            "autoscale deploy/web --max=2",
            "Error from server (AlreadyExists): horizontalpodautoscalers.autoscaling \"web\" \
             already exists",
        ),
        (
            "autoscale deploy web --name more --max=2 --cpu=50m --memory 70%",
            "horizontalpodautoscaler.autoscaling/more autoscaled\n",
        ),
    ] {
        let more = format!("  actions: [{{at: 1s, run: kubectl {line}}}]");
        let text =
            DEPLOYMENT.to_owned() + &autoscaler("web", "  maxReplicas: 3") + &scenario(5, &more);
        let trace = run(&text);
        let found = trace.entries().iter().rev().find_map(|entry| match &entry.change {
            Change::Acted { output, .. } => Some(output.to_string()),
            _ => None,
        });
        assert_eq!(found.as_deref(), Some(output), "{line}");
    }
}

#[test]
fn memory_and_requests_of_a_service_are_measured() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\n";
    let more = "  images: [{name: nginx, cpu: {idle: 2m, perRequest: 5ms}, memory: {idle: 40Mi, perMinute: 30Mi}}]
  load: [{service: web, rps: [{at: 0s, rate: 10}]}]";
    let trace = run(&(service.to_owned() + DEPLOYMENT + &scenario(200, more)));
    let top = kubectl(&trace, 199, "top pods --no-headers");
    let cells: Vec<&str> = top.split_whitespace().collect();
    // 10 requests a second, 5 ms each, and 2m idle; 40 Mi and more than three minutes of growth.
    assert_eq!(cells[1], "52m", "{top}");
    let memory: i64 = cells[2].trim_end_matches("Mi").parse().expect("a number");
    assert!((130..=140).contains(&memory), "{top}");
}

#[test]
fn a_start_uses_cpu_and_counts_unless_the_pod_was_not_ready() {
    let image = "  images: [{name: nginx, listen: [{port: 80, after: 60s}], \
                 cpu: {idle: 1m, startup: 40m, startupFor: 60s}}]";
    let scaler = "  maxReplicas: 3\n  metrics: [{type: Resource, resource: \
                  {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]";
    let text = DEPLOYMENT.to_owned() + &autoscaler("web", scaler) + &scenario(240, image);
    let trace = run(&text);
    let cpu = |seconds| {
        let top = kubectl(&trace, seconds, "top pods --no-headers");
        top.split_whitespace().nth(1).map(str::to_owned)
    };
    assert_eq!(cpu(50).as_deref(), Some("41m"), "all of a window in the start");
    assert_eq!(cpu(230).as_deref(), Some("1m"), "none of it");
    assert_eq!(replicas(&trace, 100), 3, "the start counted");
    let probe = "readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 5}, resources";
    let trace = run(&text.replacen("resources", probe, 1));
    assert_eq!(replicas(&trace, 240), 1, "what was measured before Ready is left out");
}

#[test]
fn metrics_of_applications_come_from_the_scenario() {
    let metrics = "  maxReplicas: 10\n  metrics:\n  \
         - {type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 30}}}\n  \
         - {type: Pods, pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: 50}}}";
    let text =
        |custom: &str| DEPLOYMENT.to_owned() + &autoscaler("web", metrics) + &scenario(120, custom);
    let told = "  metrics: {custom: [{name: queue, values: [{at: 0s, value: 100}]}, \
                {name: qps, values: [{at: 0s, value: 90}]}]}";
    let trace = run(&text(told));
    let (_, first) = decisions(&trace)[0];
    let formulas: Vec<_> = first.metrics.iter().filter_map(|metric| metric.formula()).collect();
    assert_eq!(formulas, ["ceil(1 × 100000m / 30000m) = 4", "ceil(1 × 90000m / 50000m) = 2"]);
    assert_eq!(replicas(&trace, 120), 4);
    let words = said(&trace).into_iter().next().map(|own| own.2);
    assert_eq!(
        words.as_deref(),
        Some("New size: 4; reason: external metric queue(nil) above target")
    );
    let described = kubectl(&trace, 120, "describe hpa");
    assert!(described.contains("\"queue\" (target average value):  25 / 30\n"), "{described}");
    assert!(kubectl(&trace, 120, "get hpa").contains("25/30 (avg), 22500m/50 "));
    let trace = run(&text(""));
    let first = said(&trace)[0].2.clone();
    assert!(
        first.starts_with("unable to get external metric default/queue/nil: unable"),
        "{first}"
    );
    let reasons: Vec<String> = said(&trace).into_iter().take(3).map(|own| own.1).collect();
    assert_eq!(
        reasons,
        ["FailedGetExternalMetric", "FailedGetPodsMetric", "FailedComputeMetricsReplicas"]
    );
}

#[test]
fn a_quiet_day_costs_looks_and_nothing_else() {
    let hpa = autoscaler("web", "  maxReplicas: 3");
    let (short, _) = Scenario::from_text(&(DEPLOYMENT.to_owned() + &hpa + &scenario(600, "")));
    let (long, _) = Scenario::from_text(&(DEPLOYMENT.to_owned() + &hpa + &scenario(86_400, "")));
    let (first, _) = Cluster::run_measured(&short);
    let (day, effort) = Cluster::run_measured(&long);
    let others = |trace: &Trace| trace.entries().len() - decisions(trace).len();
    assert_eq!(others(&first), others(&day), "nothing happens after ten minutes");
    let looks = decisions(&day).len();
    assert!((5_740..=5_760).contains(&looks), "each look is told: {looks}");
    // A look every 15 s is 5,757 of them; the kubelet's own syncs are 1,300.
    assert!(effort.wakes < 7_500, "{effort:?}");
    assert_eq!(Cluster::run(&long).digest(), day.digest());
}

/// The picture of the only autoscaler.
fn picture(trace: &Trace) -> std::rc::Rc<podarium::view::autoscaling::Scaler> {
    let all = podarium::view::autoscaling::autoscaling(trace);
    assert_eq!(all.len(), 1);
    all[0].clone()
}

/// The autoscaler of the gallery.
fn shop() -> std::rc::Rc<podarium::view::autoscaling::Scaler> {
    let entry = podarium::gallery::entry("hpa-load").expect("it is in the gallery");
    let (mut scenario, _) = Scenario::from_text(entry.text);
    // How old each sample is when it is looked at is luck, and so are the numbers.
    scenario.seed = 99_926;
    picture(&Cluster::run(&scenario))
}

#[test]
fn the_picture_tells_each_look_with_its_sum() {
    let scaler = shop();
    let text = scaler.to_string();
    for line in [
        "hpa/shop  Deployment/shop  cpu 50 %  1 to 3\n",
        "   0:30.0  ? failed to get cpu utilization: did not receive metrics for targeted pods (pods \
         might be unready)\n",
        "   1:30.0  ↑ 1 → 3  141m ÷ 100m = 141 %; 141 ÷ 50 = 2.82; ceil(1 × 141 / 50) = 3\n",
        // Two Pods are missing: as they could turn it round, nothing changes.
        "   1:45.0  = 3  115m ÷ 100m = 115 %; 115m ÷ 300m = 38 %; 38 ÷ 50 = 0.76; 3\n",
        "   3:30.1  ‖ 3  15m ÷ 300m = 5 %; 5 ÷ 50 = 0.10; ceil(3 × 5 / 50) = 1; max(1, 3) = 3\n",
        "   8:15.2  ↓ 3 → 1  15m ÷ 300m = 5 %; 5 ÷ 50 = 0.10; ceil(3 × 5 / 50) = 1\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(scaler.looks.len(), 39, "a look every 15 s");
    // The last high recommendation holds the step down back for 300 s.
    let [(from, to)] = scaler.windows().collect::<Vec<_>>()[..] else { panic!("one window") };
    assert!((299..=301).contains(&to.since(from).as_secs()), "{from} {to}");
    // A look reads a sample that is some seconds old; the step stands at the sample.
    let up = scaler.looks.iter().find(|look| look.decision == Decision::Up).expect("it scales");
    let own = up.scaling.metrics[0].result.as_ref().expect("numbers");
    let age = up.at.since(own.sampled.expect("a sample")).as_secs();
    assert!((1..=15).contains(&age), "{age}");
    assert!(scaler.measures.iter().any(|own| own.value == 141 && Some(own.from) == up_sample(up)));
    // The curve of the scenario is what can be moved by hand.
    let load = scaler.load.as_ref().expect("a load");
    assert_eq!((load.kind, load.points.len(), load.points[2].milli), (CurveKind::Cpu, 5, 140));
    // Made, then ready.
    let three = scaler.counts.iter().position(|own| own.wanted == 3).expect("three are wanted");
    assert!(scaler.counts[three].ready == 1 && scaler.counts.iter().any(|own| own.ready == 3));
}

fn up_sample(look: &Look) -> Option<Instant> {
    look.scaling.metrics.first()?.result.as_ref().ok()?.sampled
}

#[test]
fn limits_and_several_metrics_are_steps_of_the_sum() {
    let hpa = autoscaler(
        "web",
        "  maxReplicas: 20\n  metrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}\n  - type: External\n    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 10}}",
    );
    let more = "  metrics:\n    idle: 0m\n    custom:\n    - {name: queue, values: [{at: 0s, value: 5}, {at: 60s, value: 5}, {at: 60s, value: 95}]}";
    let trace = run(&(DEPLOYMENT.to_owned() + &hpa + &scenario(200, more)));
    let scaler = picture(&trace);
    let text = scaler.to_string();
    assert!(text.contains("↑ 1 → 4  95; 95 ÷ 10 = 9.50; ceil(1 × 95 / 10) = 10; max("), "{text}");
    assert!(text.contains("min(10, max(4, 2 × 1)) = 4"), "{text}");
    assert_eq!(
        (scaler.aim.metric.as_str(), scaler.aim.target, scaler.metrics),
        ("queue", 10_000, 2)
    );
    assert_eq!(scaler.load.as_ref().map(|load| load.kind), Some(CurveKind::Custom));
}

#[test]
fn every_unknown_has_a_cause_and_most_a_field() {
    let plain = autoscaler("web", "  maxReplicas: 3");
    let causes = |text: &str| -> Vec<Cause> {
        let scaler = picture(&run(text));
        scaler.looks.iter().filter_map(|look| look.cause.clone()).collect()
    };
    let without = DEPLOYMENT.replace("{requests: {cpu: 10m}}", "{}");
    let request = Cause::NoRequest { resource: "cpu".to_owned(), container: "app".to_owned() };
    let found = causes(&(without + &plain + &scenario(90, "")));
    assert_eq!(found.last(), Some(&request));
    assert!(request.field().is_some_and(|(_, path)| path.ends_with("requests.cpu")));
    let of = |hpa: &str, more: &str| causes(&(DEPLOYMENT.to_owned() + hpa + &scenario(40, more)));
    assert_eq!(of(&plain, "  metrics: {installed: false}")[0], Cause::NoMetricsServer);
    assert_eq!(of(&plain, "")[0], Cause::NoSamples);
    assert_eq!(of(&plain, "")[1], Cause::PodsTooYoung);
    let other = plain.replace("kind: Deployment, name: web}", "kind: Deployment, name: web2}");
    assert_eq!(of(&other, ""), [Cause::NoTarget, Cause::NoTarget]);
    let external = "  maxReplicas: 3\n  metrics:\n  - type: External\n    external: {metric: {name: q}, target: {type: AverageValue, averageValue: 1}}";
    assert_eq!(of(&autoscaler("web", external), "")[0], Cause::NoCustomMetric);
    let zero = "  actions: [{at: 20s, run: kubectl scale deploy web --replicas=0}]";
    assert_eq!(of(&plain, zero)[1], Cause::ScaledToZero);
    let two = autoscaler("a", "  maxReplicas: 3") + &autoscaler("b", "  maxReplicas: 3");
    let trace = run(&(DEPLOYMENT.to_owned() + &two + &scenario(60, "")));
    let all = podarium::view::autoscaling::autoscaling(&trace);
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|own| own.looks.iter().any(|l| l.cause == Some(Cause::Ambiguous))));
}

#[test]
fn the_drawing_has_a_spot_for_each_look_and_says_every_sum() {
    let scaler = shop();
    for lang in podarium::i18n::Lang::ALL {
        for width in [320.0, 700.0, 1_040.0] {
            let layout = draw::autoscaling_layout(&scaler, width);
            let folds = axis::folds(&scaler.moments, scaler.horizon);
            let whole = axis::Window::whole(scaler.horizon);
            let axis = axis::Axis::new(whole, &folds, layout.plot, layout.tear);
            let picture = draw::autoscaling(&scaler, &axis, &layout, lang, None);
            let acts = |look: &&Look| matches!(look.decision, Decision::Up | Decision::Down);
            for look in scaler.looks.iter().filter(acts) {
                let spot = picture.spots.iter().find(|spot| spot.entry == look.entry);
                let spot = spot.expect("what changes something can be pointed at");
                assert!(spot.x > picture.plot_x && spot.x < width, "{spot:?}");
            }
            let hand = picture.hand.expect("the load can be moved");
            assert_eq!((hand.knobs.len(), hand.ceiling), (5, 200));
            assert!(hand.knobs.iter().all(|knob| knob.y <= hand.floor && knob.y > 50.0));
        }
        for look in &scaler.looks {
            let title = (lang.scaling().title)(look);
            assert!(title.starts_with(&look.at.clock()), "{title}");
            for step in look.steps() {
                let (name, note) = (lang.scaling().step)(look, &step);
                assert!(!name.is_empty() && !note.is_empty(), "{step:?}");
            }
        }
    }
}
