//! Decisions of the Deployment controller, held against the restated upstream tables in
//! `tests/data/tables` (each names its source).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

#[expect(dead_code, reason = "these tables have no Pods and no Events")]
mod kubectl_support;
mod tables_support;

use std::rc::Rc;

use kubectl_support::{decode, time};
use podarium::cluster::controllers::deployment::arithmetic::{self, DESIRED, MAX, Set};
use podarium::cluster::controllers::deployment::progress;
use podarium::manifest::quantity::IntOrString;
use podarium::manifest::workloads::{Deployment, DeploymentStatus, ReplicaSet, WorkloadCondition};
use podarium::time::{Duration, Instant};
use serde_json::Value as Json;
use tables_support::{NOW, Score, cases, int, name, secs};

fn set_of(json: &Json) -> Set {
    let mut set: ReplicaSet = decode(json);
    set.metadata.creation_timestamp = time(&json["metadata"]["creationTimestamp"], NOW);
    Rc::new(set)
}

/// A set with so many replicas, of which so many are available.
fn plain_set(name: &str, replicas: i32, available: i32) -> Set {
    let mut set = ReplicaSet::default();
    set.metadata.name = name.to_owned();
    set.spec.replicas = Some(replicas);
    set.status.replicas = replicas;
    set.status.available_replicas = available;
    Rc::new(set)
}

fn rolling(replicas: i32, surge: &Json, unavailable: &Json) -> Deployment {
    let count = |json: &Json| match json {
        Json::String(text) => IntOrString::String(text.clone()),
        other => IntOrString::Int(int(other)),
    };
    let mut deployment = Deployment::default();
    deployment.spec.replicas = Some(replicas);
    deployment.spec.strategy.kind = "RollingUpdate".to_owned();
    let update = deployment.spec.strategy.rolling_update.get_or_insert_default();
    update.max_surge = Some(count(surge));
    update.max_unavailable = Some(count(unavailable));
    deployment
}

#[test]
fn rolling_updates_take_the_steps_of_upstream() {
    let mut score = Score::default();
    for case in cases("deployment_rolling_update") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let replicas = int(&input["deploymentReplicas"]);
        let deployment = rolling(replicas, &input["maxSurge"], &input["maxUnavailable"]);
        let old = |ready: &Json| plain_set("old", int(&input["oldReplicas"]), int(ready));
        match name(&case).split(':').next().unwrap() {
            "DeploymentController_reconcileNewReplicaSet" => {
                let new = plain_set("new", int(&input["newReplicas"]), 0);
                let found = arithmetic::next_new(&deployment, &[old(&Json::Null)], &new);
                score.check(&case, found, int(&expect["expectedNewReplicas"]));
            }
            "DeploymentController_reconcileOldReplicaSets" => {
                let ready = int(&input["readyPodsFromNewRS"]);
                let new = plain_set("new", int(&input["newReplicas"]), ready);
                let old = old(&input["readyPodsFromOldRS"]);
                let found = arithmetic::shrink_old(&deployment, &[old], &new);
                let wanted = expect["scaleExpected"] == true;
                let wanted = wanted.then(|| int(&expect["expectedOldReplicas"]));
                score.check(&case, found.first().map(|(_, size)| *size), wanted);
            }
            "DeploymentController_cleanupUnhealthyReplicas" => {
                let mut sizes = vec![(old(&input["readyPods"]), int(&input["oldReplicas"]))];
                let most = int(&input["maxCleanupCount"]);
                let found = arithmetic::clean_up_unhealthy(&mut sizes, most);
                score.check(&case, found, int(&expect["cleanupCountExpected"]));
            }
            "DeploymentController_scaleDownOldReplicaSetsForRollingUpdate" => {
                let mut sizes = vec![(old(&input["readyPods"]), int(&input["oldReplicas"]))];
                let spare = int(&input["readyPods"]) - arithmetic::min_available(&deployment);
                arithmetic::shrink_healthy(&mut sizes, spare);
                score.check(&case, sizes[0].1, int(&expect["expectedOldReplicas"]));
            }
            other => panic!("{other}"),
        }
    }
    score.done(8, &[]);
}

#[test]
fn scaled_rollouts_share_as_upstream_does() {
    let mut score = Score::default();
    for case in cases("deployment_scaling") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let old = |deployment: Option<&Deployment>| -> Vec<Set> {
            let list = input["oldRSs"].as_array().into_iter().flatten();
            list.map(set_of).map(|set| annotated(set, deployment)).collect()
        };
        if name(&case).starts_with("DeploymentController_cleanup") {
            let mut deployment = Deployment::default();
            deployment.spec.revision_history_limit = Some(int(&input["revisionHistoryLimit"]));
            let found = arithmetic::superfluous(&deployment, &old(None));
            let mut names: Vec<&str> = found.iter().map(|set| &*set.metadata.name).collect();
            names.sort_unstable();
            match expect["expectedDeletedRSs"].as_object() {
                Some(wanted) => {
                    let wanted: Vec<&str> = wanted.keys().map(String::as_str).collect();
                    score.check(&case, names, wanted);
                }
                None => score.check(&case, found.len() as i32, int(&expect["expectedDeletions"])),
            }
            continue;
        }
        let deployment: Deployment = decode(&input["deployment"]);
        let before: Deployment = decode(&input["oldDeployment"]);
        let new = input.get("newRS").map(|json| annotated(set_of(json), Some(&before)));
        let old = old(Some(&before));
        let sizes = arithmetic::scale(&deployment, new.as_ref(), &old);
        let size_of = |set: &Set| {
            let sized = sizes.iter().find(|(known, _)| known.metadata.name == set.metadata.name);
            sized.map_or_else(|| arithmetic::replicas(set), |(_, size)| *size)
        };
        let found: Vec<i32> = new.iter().chain(&old).map(size_of).collect();
        let wanted: Vec<i32> = expect
            .get("expectedNew")
            .into_iter()
            .chain(expect["expectedOld"].as_array().unwrap())
            .map(|json| arithmetic::replicas(&set_of(json)))
            .collect();
        score.check(&case, found, wanted);
    }
    score.done(20, &[]);
}

/// The harness writes into each set what the Deployment wanted before, unless the case does.
fn annotated(set: Set, before: Option<&Deployment>) -> Set {
    let Some(before) = before else { return set };
    let mut set = (*set).clone();
    let most = arithmetic::wanted(before) + arithmetic::max_surge(before);
    let desired = arithmetic::wanted(before).to_string();
    set.metadata.annotations.entry(DESIRED.to_owned()).or_insert(desired);
    set.metadata.annotations.entry(MAX.to_owned()).or_insert(most.to_string());
    Rc::new(set)
}

fn status_of(json: &Json, at: &Json, now: Instant) -> DeploymentStatus {
    let mut status: DeploymentStatus = decode(json);
    for (index, condition) in status.conditions.iter_mut().enumerate() {
        condition.last_update_time = time(&at["conditions"][index]["lastUpdateTime"], now);
    }
    status
}

fn deployment_of(json: &Json) -> Deployment {
    let mut deployment: Deployment = decode(json);
    deployment.status = status_of(&json["status"], &json["status"], NOW);
    deployment
}

#[test]
fn deployments_judge_themselves_as_upstream_does() {
    let mut score = Score::default();
    for case in cases("deployment_util") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let truth = expect["expected"] == true;
        match name(&case).split(':').next().unwrap() {
            "ResolveFenceposts" => {
                let value = |json: &Json| -> Option<IntOrString> {
                    let text = json.as_str()?;
                    let number = text.parse().map(IntOrString::Int);
                    Some(number.unwrap_or_else(|_| IntOrString::String(text.to_owned())))
                };
                let (surge, unavailable) =
                    (value(&input["maxSurge"]), value(&input["maxUnavailable"]));
                let desired = int(&input["desired"]);
                let found = arithmetic::fenceposts(surge.as_ref(), unavailable.as_ref(), desired);
                let wanted = (int(&expect["expectSurge"]), int(&expect["expectUnavailable"]));
                // What is no percentage is refused before it comes here.
                if expect["expectError"] == false {
                    score.check(&case, found, wanted);
                }
            }
            "NewRSNewReplicas" => {
                let deployment = rolling(int(&input["depReplicas"]), &input["maxSurge"], &1.into());
                let new = plain_set("new", int(&input["newRSReplicas"]), 0);
                let found = arithmetic::new_replicas(&deployment, &[], Some(&new));
                score.check(&case, found, int(&expect["expected"]));
            }
            "MaxUnavailable" => {
                let found = arithmetic::max_unavailable(&decode(&input["deployment"]));
                score.check(&case, found, int(&expect["expected"]));
            }
            "MinAvailable" => {
                let found = arithmetic::min_available(&decode(&input["deployment"]));
                score.check(&case, found, int(&expect["expected"]));
            }
            "GetCondition" => {
                let status: DeploymentStatus = decode(&input["status"]);
                let kind = input["condType"].as_str().unwrap();
                score.check(&case, progress::condition(&status, kind).is_some(), truth);
            }
            "SetCondition" | "RemoveCondition" => {
                let mut status: DeploymentStatus = decode(&input["status"]);
                match input.get("cond") {
                    Some(json) => progress::set(&mut status, decode(json)),
                    None => progress::remove(&mut status, input["condType"].as_str().unwrap()),
                }
                let wanted: DeploymentStatus = decode(&expect["expectedStatus"]);
                score.check(&case, status.conditions, wanted.conditions);
            }
            "DeploymentComplete" => {
                let deployment: Deployment = decode(&input["d"]);
                score.check(&case, progress::is_complete(&deployment, &deployment.status), truth);
            }
            "DeploymentProgressing" => {
                let deployment: Deployment = decode(&input["d"]);
                let status: DeploymentStatus = decode(&input["newStatus"]);
                score.check(&case, progress::is_progressing(&deployment, &status), truth);
            }
            "DeploymentTimedOut" => {
                let deployment = deployment_of(&input["d"]);
                let found = progress::is_timed_out(&deployment, &deployment.status, NOW);
                score.check(&case, found, truth);
            }
            // Templates are told apart by the hash in the name; adoption of ReplicaSets by label,
            // and annotations that are compared before a write, have no decision of their own here.
            "EqualIgnoreHash"
            | "FindOldReplicaSets"
            | "GetDeploymentsForReplicaSet"
            | "ReplicasAnnotationsNeedUpdate" => {}
            other => panic!("{other}"),
        }
    }
    score.done(26, &[]);
}

#[test]
fn rollouts_progress_and_get_stuck_as_upstream_says() {
    let mut score = Score::default();
    for case in cases("deployment_progress") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let deployment = deployment_of(&input["d"]);
        if name(&case).starts_with("RequeueStuckDeployment") {
            let status: DeploymentStatus = decode(&input["status"]);
            // The time of the test is in the name: so long before or after the deadline.
            let since = progress::condition(&deployment.status, "Progressing")
                .and_then(|condition| condition.last_update_time);
            let late = match name(&case).split(": ").nth(1).unwrap() {
                "stuck deployment - 1s" => -1_000,
                "failed deployment - less than a second => now" => -100,
                "failed deployment - 1s after deadline" => 1_000,
                "failed deployment - 60s after deadline" => 60_000,
                _ => 0,
            };
            let now = since.map_or(NOW, |since| since + Duration::from_millis(60_000 + late));
            let found = progress::until_stuck(&deployment, &status, now);
            let wanted = expect["expected"].as_f64().unwrap();
            let wanted = (wanted >= 0.0).then(|| secs(&expect["expected"]));
            score.check(&case, found, wanted);
            continue;
        }
        let sets: Vec<Set> = input["allRSs"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(input.get("newRS"))
            .map(set_of)
            .collect();
        let new = input.get("newRS").map(set_of);
        let mut status = DeploymentStatus {
            replicas: sets.iter().map(|set| set.status.replicas).sum(),
            updated_replicas: new.as_ref().map_or(0, |set| set.status.replicas),
            available_replicas: sets.iter().map(|set| set.status.available_replicas).sum(),
            conditions: deployment.status.conditions.clone(),
            ..DeploymentStatus::default()
        };
        let before = progress::condition(&deployment.status, "Progressing").cloned();
        progress::estimate(&deployment, &mut status, "foo", NOW);
        let found = progress::condition(&status, "Progressing");
        let brief = |c: &WorkloadCondition| format!("{} {}", c.status, c.reason);
        let wanted = input["conditionReason"]
            .as_str()
            .map(|reason| format!("{} {reason}", input["conditionStatus"].as_str().unwrap()));
        // A transition time that is kept is the one of before.
        let kept = input.get("lastTransition").is_some();
        let same = found.map(|c| c.last_transition_time)
            == before.as_ref().map(|c| c.last_transition_time);
        score.check(&case, (found.map(brief), kept && same), (wanted, kept));
    }
    score.done(13, &[]);
}
