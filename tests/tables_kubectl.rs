//! What kubectl prints, held against the restated upstream tables in `tests/data/tables`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

mod kubectl_support;

use kubectl_support::{data, decode, object, pod, time};
use podarium::manifest::Object;
use podarium::manifest::workloads::Deployment;
use podarium::time::{Duration, Instant};
use podarium::trace::State;
use podarium::version::KubeVersion;
use podarium::view::kubectl::columns;
use podarium::view::kubectl::pod_row::print_pod;
use podarium::view::kubectl::rollout::deployment_status;

/// Far enough from zero for ages of years.
const NOW: Instant = Instant::from_secs(1_000_000_000);

/// The cases of a table, without those that its makers do not vouch for.
fn cases(table: &str) -> Vec<serde_json::Value> {
    let table = data(&format!("tables/{table}.json"));
    let cases = table["cases"].as_array().unwrap();
    cases.iter().filter(|case| case.get("caution").is_none()).cloned().collect()
}

fn text(json: &serde_json::Value) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

#[test]
fn pods_print_as_upstream_prints_them() {
    let cases = cases("print_pod");
    assert_eq!(cases.len(), 22);
    for case in cases {
        let input = &case["input"]["object"];
        let pods = match input.get("items") {
            Some(items) => items.as_array().unwrap().clone(),
            None => vec![input.clone()],
        };
        let rows = case["expect"]["rows"].as_array().unwrap();
        assert_eq!(pods.len(), rows.len());
        for (json, expected) in pods.iter().zip(rows) {
            let row = print_pod(&pod(json, NOW), NOW);
            let mut cells =
                vec![row.name.clone(), row.ready(), row.status, row.restarts_text, row.age];
            if case["input"]["wide"] == true {
                cells.extend([row.ip, row.node, row.nominated_node, row.readiness_gates]);
            }
            let expected: Vec<String> = expected.as_array().unwrap().iter().map(text).collect();
            assert_eq!(cells, expected, "{}", case["name"]);
        }
    }
}

#[test]
fn other_kinds_print_as_upstream_prints_them() {
    let mut checked = 0;
    for case in cases("print_other") {
        let mut json = case["input"]["object"].clone();
        // Addresses of load balancers are not simulated.
        if json["status"]["loadBalancer"].get("ingress").is_some() {
            continue;
        }
        if let Some(ip) = json["spec"]["clusterIPs"].get(0).cloned() {
            json["spec"]["clusterIP"] = ip;
        }
        // Upstream says 1.9 seconds from now; the table keeps whole seconds.
        if json["metadata"]["creationTimestamp"]["rel_s"] == 2 {
            json["metadata"]["creationTimestamp"]["rel_s"] = 1.9.into();
        }
        if json["status"]["lastScheduleTime"]["rel_s"] == 2 {
            json["status"]["lastScheduleTime"]["rel_s"] = 1.9.into();
        }
        let Some(object) = object(&json, NOW) else { continue };
        // 1.28 had no STATUS of Jobs and no TIMEZONE of CronJobs yet.
        let newer = match &object {
            Object::Job(_) => Some(1),
            Object::CronJob(_) => Some(2),
            _ => None,
        };
        let wide = case["input"]["wide"] == true;
        let state = State { at: NOW, objects: vec![&object], version: KubeVersion::LATEST };
        let table = columns::table(object.kind(), &[&object], &state, wide);
        let shown = if wide { table.columns.len() } else { table.narrow };
        let expected: Vec<String> =
            case["expect"]["rows"][0].as_array().unwrap().iter().map(text).collect();
        let mut cells = table.rows[0].cells[..shown].to_vec();
        if let Some(column) = newer {
            cells.remove(column);
        }
        assert_eq!(cells, expected, "{}", case["name"]);
        checked += 1;
    }
    assert_eq!(checked, 22);
}

#[test]
fn ages_have_the_boundaries_of_upstream() {
    let mut checked = 0;
    for case in cases("human_duration") {
        // The short form is used by older printers only.
        if case["input"]["form"] != "human" {
            continue;
        }
        let nanos = case["input"]["nanoseconds"].as_i64().unwrap();
        // Virtual time has microseconds; what lies between two belongs to the one nearer to zero.
        let age = Duration::from_micros(nanos / 1_000).human();
        assert_eq!(age, text(&case["expect"]["text"]), "{}", case["name"]);
        checked += 1;
    }
    assert!(checked >= 35, "{checked}");
}

#[test]
fn rollouts_say_how_far_they_are() {
    let mut checked = 0;
    for case in cases("rollout_status") {
        if !text(&case["name"]).starts_with("Deployment") {
            continue;
        }
        let input = &case["input"];
        let deployment: Deployment = decode(&serde_json::json!({
            "metadata": { "name": "foo", "generation": input["generation"] },
            "spec": { "replicas": input["specReplicas"] },
            "status": input["status"],
        }));
        let (message, done) = deployment_status(&deployment).unwrap();
        assert_eq!(message + "\n", text(&case["expect"]["msg"]), "{}", case["name"]);
        assert_eq!(done, case["expect"]["done"] == true, "{}", case["name"]);
        checked += 1;
    }
    assert_eq!(checked, 3);
}

#[test]
fn the_calendar_of_these_tests_is_that_of_the_library() {
    let at = time(&"2026-11-23T08:48:18Z".into(), NOW).unwrap();
    assert_eq!(at.rfc3339(), "2026-11-23T08:48:18Z");
    assert!(matches!(object(&serde_json::json!({ "kind": "Pod" }), NOW), Some(Object::Pod(_))));
}
