//! Holds the autoscaler against tables of Kubernetes' own tests (`tests/data/tables/hpa_*`).
//!
//! Owns: nothing but the translation of the tables' words; their conventions are those of the
//! upstream harnesses named in each table's `source`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

use std::rc::Rc;

use podarium::cluster::controllers::autoscaler::{Look, Metrics, Scale};
use podarium::cluster::controllers::replica_calculator::{
    Calculation, PodMetric, PodMetrics, Settings, Tolerances,
};
use podarium::cluster::controllers::scaling_rules::{
    Bounds, Memory, Recommendation, ScaleEvent, change_in, limits,
};
use podarium::manifest::autoscaling::{
    self, CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus,
    MetricIdentifier, MetricSpec, cpu_utilization,
};
use podarium::manifest::decode::{Decode, Decoder};
use podarium::manifest::defaults::Filled;
use podarium::manifest::parse::parse;
use podarium::manifest::pod::{Container, Pod, PodCondition};
use podarium::manifest::quantity::Quantity;
use podarium::time::{Duration, Instant};
use podarium::trace::scaling::Proposal;
use serde_json::Value;

/// Far enough from zero for everything that was long ago.
const NOW: Instant = Instant::from_secs(1_000_000);

/// The cases of a table that count.
fn cases(table: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/tables/{table}.json", env!("CARGO_MANIFEST_DIR"));
    let table: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let counts =
        |case: &&Value| case.get("caution").is_none() && case.get("customClients").is_none();
    table["cases"].as_array().unwrap().iter().filter(counts).cloned().collect()
}

/// Decodes any API type: JSON is YAML.
fn decode<T: Decode>(json: &Value) -> T {
    let mut decoder = Decoder::new("v2", "Test");
    let document = parse(&json.to_string(), &mut Vec::new()).pop().unwrap();
    let object = T::decode(&document.root.unwrap(), &mut decoder);
    assert_eq!(decoder.diagnostics, [], "{json}");
    object
}

fn int(json: &Value) -> i32 {
    i32::try_from(json.as_i64().unwrap()).unwrap()
}

fn seconds(json: &Value) -> Duration {
    Duration::from_secs(json.as_i64().unwrap())
}

/// The flags of the upstream tests.
fn harness() -> Settings {
    Settings {
        cpu_initialization_period: Duration::from_secs(120),
        delay_of_initial_readiness_status: Duration::from_secs(10),
        scale_up_limit_factor: 8.0,
        ..Settings::default()
    }
}

/// A Pod with containers that request so much CPU each, started and last changed its readiness.
fn pod(
    name: &str,
    containers: &[&str],
    request: Option<&str>,
    ready: &str,
    start: Instant,
    transition: Instant,
) -> Pod {
    let mut pod = Pod::default();
    name.clone_into(&mut pod.metadata.name);
    for container in containers {
        let mut own = Container { name: (*container).to_owned(), ..Container::default() };
        if let Some(request) = request {
            for resource in ["cpu", "memory"] {
                let amount = Quantity::parse(request).unwrap();
                own.resources.requests.insert(resource.to_owned(), amount);
            }
        }
        pod.spec.containers.push(own);
    }
    "Running".clone_into(&mut pod.status.phase);
    pod.status.start_time = Some(start);
    pod.status.conditions.push(PodCondition {
        kind: "Ready".to_owned(),
        status: ready.to_owned(),
        last_transition_time: Some(transition),
        ..PodCondition::default()
    });
    pod
}

fn sample(milli: i64, timestamp: Instant) -> PodMetric {
    PodMetric { milli, timestamp, window: Duration::from_secs(60) }
}

/// The Pods of a case of the calculator's table.
fn calculator_pods(input: &Value) -> Vec<Rc<Pod>> {
    let containers: Vec<&str> =
        input["containersPerPod"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let of = |json: &Value| {
        let (start, transition) = match json["startedSecondsAgo"].as_i64() {
            // The harness leaves the transition at the zero time.
            Some(ago) => (NOW - Duration::from_secs(ago), Instant::ZERO),
            None => (Instant::ZERO, Instant::ZERO),
        };
        let name = json["name"].as_str().unwrap();
        let request = json.get("requestPerContainer").and_then(Value::as_str);
        let ready = json["ready"].as_str().unwrap();
        let mut pod = pod(name, &containers, request, ready, start, transition);
        json["phase"].as_str().unwrap().clone_into(&mut pod.status.phase);
        pod.metadata.deletion_timestamp = (json["deleting"] == true).then_some(NOW);
        Rc::new(pod)
    };
    input["pods"].as_array().unwrap().iter().map(of).collect()
}

/// The samples of a case: sums of the containers, or one of them.
fn resource_metrics(input: &Value) -> PodMetrics {
    let names: Vec<&Value> = input["containersPerPod"].as_array().unwrap().iter().collect();
    let wanted = input.get("container").filter(|_| input["metricType"] == "ContainerResource");
    let of = |json: &Value| {
        let amounts = json["containersMilli"].as_array().unwrap();
        let milli = amounts
            .iter()
            .enumerate()
            .filter(|(index, _)| wanted.is_none_or(|wanted| names[*index] == wanted))
            .map(|(_, amount)| amount.as_i64().unwrap())
            .sum();
        (json["pod"].as_str().unwrap().to_owned(), sample(milli, Instant::ZERO))
    };
    input["metrics"].as_array().unwrap().iter().map(of).collect()
}

fn calculate(input: &Value) -> Result<Proposal, String> {
    let settings = harness();
    let pods = calculator_pods(input);
    let calculation = Calculation {
        current: int(&input["currentReplicas"]),
        pods: &pods,
        tolerances: Tolerances { up: 0.1, down: 0.1 },
        settings: &settings,
        now: NOW,
    };
    let kind = input["metricType"].as_str().unwrap();
    let levels = || -> Vec<i64> {
        input["metricsMilli"].as_array().unwrap().iter().map(|m| m.as_i64().unwrap()).collect()
    };
    let target = || input["targetMilli"].as_i64().unwrap();
    match kind {
        "Resource" | "ContainerResource" => calculation.utilization(
            resource_metrics(input),
            input["resource"].as_str().unwrap(),
            input.get("container").and_then(Value::as_str),
            int(&input["targetUtilization"]),
        ),
        "Pods" => {
            let name = |index| format!("test-pod-{index}");
            let metrics = levels()
                .into_iter()
                .enumerate()
                .map(|(index, milli)| (name(index), sample(milli, Instant::ZERO)))
                .collect();
            calculation.average(metrics, "", target())
        }
        "Object" | "External" => calculation.value(levels().iter().sum(), target()),
        "ExternalPerPod" | "ObjectPerPod" => {
            let replicas = int(&input["currentReplicas"]);
            Ok(calculation.value_per_pod(levels().iter().sum(), target(), replicas))
        }
        other => panic!("metric type {other}"),
    }
}

#[test]
fn replicas_are_those_of_the_replica_calculator() {
    let mut wrong = Vec::new();
    let cases = cases("hpa_replica_calculator");
    assert_eq!(cases.len(), 34);
    for case in cases {
        let expect = &case["expect"];
        let found = calculate(&case["input"]);
        let right = match (&found, expect.get("errorContains")) {
            (Err(error), Some(words)) => error.contains(words.as_str().unwrap()),
            (Ok(found), None) => {
                let is = |key: &str, value: i64| {
                    expect.get(key).and_then(Value::as_i64).is_none_or(|wanted| wanted == value)
                };
                is("replicas", i64::from(found.replicas))
                    && is("utilization", found.usage)
                    && is("rawValueMilli", found.raw)
                    && is("usageMilli", found.usage)
            }
            (Ok(_), Some(_)) | (Err(_), None) => false,
        };
        if !right {
            wrong.push(format!("{}: {found:?}, wanted {expect}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn recommendations(json: &Value) -> Vec<Recommendation> {
    let of = |json: &Value| Recommendation {
        replicas: int(&json["replicas"]),
        at: NOW - seconds(&json["secondsAgo"]),
    };
    json.as_array().unwrap().iter().map(of).collect()
}

#[test]
fn windows_stabilize_as_upstream() {
    let cases = cases("hpa_stabilization");
    assert_eq!(cases.len(), 9);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let mut memory = Memory {
            known: true,
            recommendations: recommendations(&input["recommendations"]),
            ..Memory::default()
        };
        let desired = int(&input["desiredReplicas"]);
        let found = if let Some(window) = input.get("downscaleStabilizationSeconds") {
            memory.stabilize(desired, seconds(window), NOW)
        } else {
            let rules = |key: &str| HPAScalingRules {
                stabilization_window_seconds: Some(int(&input[key])),
                ..HPAScalingRules::default()
            };
            let up = rules("scaleUpStabilizationWindowSeconds");
            let down = rules("scaleDownStabilizationWindowSeconds");
            memory.stabilize_both(desired, int(&input["currentReplicas"]), &up, &down, NOW)
        };
        assert_eq!(found, int(&expect["stabilizedReplicas"]), "{}", case["name"]);
        if let Some(length) = expect.get("logLength") {
            let found = i64::try_from(memory.recommendations.len()).unwrap();
            assert_eq!(Some(found), length.as_i64(), "{}", case["name"]);
        }
        if let Some(stored) = expect.get("storedRecommendationReplicas") {
            let found: Vec<i32> = memory.recommendations.iter().map(|r| r.replicas).collect();
            let wanted: Vec<i32> = stored.as_array().unwrap().iter().map(int).collect();
            assert_eq!(found, wanted, "{}", case["name"]);
        }
    }
}

fn policies(json: &Value) -> Vec<HPAScalingPolicy> {
    json.as_array().unwrap().iter().map(decode).collect()
}

/// Rules of one direction as the API keeps them: what is not there has its default.
fn behavior(up: &Value, down: &Value) -> HorizontalPodAutoscalerBehavior {
    let rules =
        |json: &Value| -> Option<HPAScalingRules> { (!json.is_null()).then(|| decode(json)) };
    let mut autoscaler = HorizontalPodAutoscaler {
        spec: HorizontalPodAutoscalerSpec {
            behavior: Some(HorizontalPodAutoscalerBehavior {
                scale_up: rules(up),
                scale_down: rules(down),
            }),
            ..HorizontalPodAutoscalerSpec::default()
        },
        ..HorizontalPodAutoscaler::default()
    };
    autoscaling::defaults(&mut autoscaler, &mut Filled::silent());
    autoscaler.spec.behavior.unwrap()
}

fn events(json: &Value) -> Vec<ScaleEvent> {
    let of = |json: &Value| ScaleEvent {
        change: int(&json["change"]),
        at: NOW - seconds(&json["secondsAgo"]),
        outdated: json["outdated"] == true,
    };
    json.as_array().unwrap().iter().map(of).collect()
}

fn bounds(input: &Value) -> Bounds {
    Bounds {
        current: int(&input["currentReplicas"]),
        least: int(&input["minReplicas"]),
        most: int(&input["maxReplicas"]),
    }
}

#[test]
fn policies_limit_the_rate_as_upstream() {
    let cases = cases("hpa_behavior_rate");
    assert_eq!(cases.len(), 19);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let behavior = behavior(&input["scaleUp"], &input["scaleDown"]);
        let memory = Memory {
            up: events(&input["scaleUpEvents"]),
            down: events(&input["scaleDownEvents"]),
            ..Memory::default()
        };
        let (up, down) = (behavior.scale_up.unwrap(), behavior.scale_down.unwrap());
        let desired = int(&input["desiredReplicas"]);
        let (found, reason) = memory.rate_limits(bounds(input), desired, &up, &down, NOW);
        assert_eq!(found, int(&expect["replicas"]), "{}", case["name"]);
        assert_eq!(expect["condition"], reason.word, "{}", case["name"]);
    }
}

#[test]
fn bounds_without_behavior_are_upstreams() {
    let cases = cases("hpa_limits_no_behavior");
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let factor = input["scaleUpLimitFactor"].as_f64().unwrap();
        let (found, reason) = limits(bounds(input), int(&input["desiredReplicas"]), factor);
        assert_eq!(found, int(&expect["replicas"]), "{}", case["name"]);
        assert_eq!(expect["condition"], reason.word, "{}", case["name"]);
    }
}

#[test]
fn behavior_is_filled_in_as_upstream() {
    let cases = cases("hpa_behavior_defaults");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let is_up = input.get("rateUpPods").is_some();
        let direction = if is_up { "Up" } else { "Down" };
        let mut written = HPAScalingRules {
            stabilization_window_seconds: input.get("stabilizationSeconds").map(int),
            select_policy: input.get("selectPolicy").map(|own| own.as_str().unwrap().to_owned()),
            ..HPAScalingRules::default()
        };
        for kind in ["Pods", "Percent"] {
            let value = int(&input[format!("rate{direction}{kind}")]);
            let period_seconds = int(&input[format!("rate{direction}{kind}PeriodSeconds")]);
            if value > 0 {
                let kind = kind.to_owned();
                written.policies.push(HPAScalingPolicy { kind, value, period_seconds });
            }
        }
        let mut autoscaler = HorizontalPodAutoscaler::default();
        let behavior = autoscaler.spec.behavior.insert(HorizontalPodAutoscalerBehavior::default());
        if is_up {
            behavior.scale_up = Some(written);
        } else {
            behavior.scale_down = Some(written);
        }
        autoscaling::defaults(&mut autoscaler, &mut Filled::silent());
        let behavior = autoscaler.spec.behavior.unwrap();
        let found = if is_up { behavior.scale_up } else { behavior.scale_down }.unwrap();
        assert_eq!(found.policies, policies(&expect["expectedPolicies"]), "{}", case["name"]);
        assert_eq!(
            expect["expectedSelectPolicy"],
            found.select_policy.unwrap(),
            "{}",
            case["name"]
        );
        let window = expect.get("expectedStabilization").map(int);
        assert_eq!(found.stabilization_window_seconds, window, "{}", case["name"]);
    }
}

#[test]
fn scale_events_are_kept_as_upstream() {
    let cases = cases("hpa_scale_events");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let rules = &input["rules"];
        let behavior = (!rules.is_null()).then(|| behavior(rules, &Value::Null));
        let previous = events(&input["previousEvents"]);
        let lately = change_in(&previous, 60, NOW);
        let mut memory = Memory { up: previous, ..Memory::default() };
        let change = int(&input["replicaChange"]);
        memory.store_scale_event(behavior.as_ref(), 1, 1 + change, NOW);
        let found: Vec<(i32, bool)> =
            memory.up.iter().map(|event| (event.change, event.outdated)).collect();
        let wanted: Vec<(i32, bool)> = expect["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (int(&event["change"]), event["outdated"] == true))
            .collect();
        assert_eq!(found, wanted, "{}", case["name"]);
        assert_eq!(lately, int(&expect["replicasChangeInLast60s"]), "{}", case["name"]);
    }
}

/// Metrics of the controller's harness: one level a Pod, one container a Pod.
struct Levels(Vec<i64>);

impl Levels {
    fn by_pod(&self) -> PodMetrics {
        let name = |index| format!("test-pod-{index}");
        self.0.iter().enumerate().map(|(index, level)| (name(index), sample(*level, NOW))).collect()
    }
}

impl Metrics for Levels {
    fn resource(&self, _: &str, _: Option<&str>) -> Result<PodMetrics, String> {
        Ok(self.by_pod())
    }
    fn pods(&self, _: &MetricIdentifier) -> Result<PodMetrics, String> {
        Ok(self.by_pod())
    }
    fn object(&self, _: &MetricIdentifier, _: &CrossVersionObjectReference) -> Result<i64, String> {
        Ok(self.0[0])
    }
    fn external(&self, _: &MetricIdentifier) -> Result<Vec<i64>, String> {
        Ok(self.0.clone())
    }
}

/// The Pods of the controller's harness.
fn controller_pods(input: &Value) -> Vec<Rc<Pod>> {
    let requests = input.get("reportedCPURequests").and_then(Value::as_array);
    let count = requests.map_or(int(&input["statusReplicas"]) as usize, Vec::len);
    let word = |key: &str, index: usize| input.get(key).map(|list| list[index].clone());
    (0..count)
        .map(|index| {
            let request = requests.map_or("1", |list| list[index].as_str().unwrap());
            let ready = word("reportedPodReadiness", index);
            let ready = ready.as_ref().map_or("True", |own| own.as_str().unwrap());
            let start = word("podStartedSecondsAgo", index)
                .map_or(Instant::ZERO, |ago| NOW - seconds(&ago));
            let name = format!("test-pod-{index}");
            let mut pod = pod(&name, &["container1"], Some(request), ready, start, start);
            if let Some(phase) = word("reportedPodPhase", index) {
                phase.as_str().unwrap().clone_into(&mut pod.status.phase);
            }
            let deleting = word("reportedPodDeletionTimestamp", index);
            pod.metadata.deletion_timestamp =
                deleting.is_some_and(|own| own == true).then_some(NOW);
            Rc::new(pod)
        })
        .collect()
}

#[test]
fn one_look_decides_as_the_controller() {
    let mut wrong = Vec::new();
    let cases = cases("hpa_controller");
    assert_eq!(cases.len(), 41);
    for case in cases {
        let (input, expect) = (&case["input"], &case["expect"]);
        let target = int(&input["cpuTarget"]);
        let mut metrics: Vec<MetricSpec> =
            (target > 0).then(|| cpu_utilization(target)).into_iter().collect();
        if let Some(more) = input.get("metricsTarget") {
            metrics.extend(more.as_array().unwrap().iter().map(decode::<MetricSpec>));
        }
        let spec = HorizontalPodAutoscalerSpec {
            min_replicas: Some(int(&input["minReplicas"])),
            max_replicas: int(&input["maxReplicas"]),
            metrics,
            ..HorizontalPodAutoscalerSpec::default()
        };
        let levels = input["reportedLevels"].as_array().unwrap();
        let levels = Levels(levels.iter().map(|level| level.as_i64().unwrap()).collect());
        let pods = controller_pods(input);
        let scale = Scale {
            spec_replicas: int(&input["specReplicas"]),
            status_replicas: int(&input["statusReplicas"]),
        };
        let mut memory = Memory::default();
        if let Some(previous) = input.get("previousRecommendations") {
            memory.known = true;
            memory.recommendations = recommendations(previous);
        }
        let settings = harness();
        let outcome = Look {
            spec: &spec,
            scale: &scale,
            pods: &pods,
            metrics: &levels,
            settings: &settings,
            now: NOW,
        }
        .reconcile(&HorizontalPodAutoscalerStatus::default(), &mut memory);
        let found = outcome.rescale.unwrap_or(scale.spec_replicas);
        let mut right = found == int(&expect["desiredReplicas"]);
        for wanted in expect.get("conditions").and_then(Value::as_array).into_iter().flatten() {
            right &= outcome.status.conditions.iter().any(|own| {
                wanted["type"] == own.kind.as_str()
                    && wanted["status"] == own.status.as_str()
                    && wanted["reason"] == own.reason.as_str()
            });
        }
        if !right {
            let conditions: Vec<(&str, &str)> = outcome
                .status
                .conditions
                .iter()
                .map(|own| (own.status.as_str(), own.reason.as_str()))
                .collect();
            wrong.push(format!("{}: {found} {conditions:?}, wanted {expect}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
