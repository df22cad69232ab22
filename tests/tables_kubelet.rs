//! Decisions of the kubelet, and endpoints of Pods, held against the restated upstream tables in
//! `tests/data/tables` (each names its source).
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

#[expect(dead_code, reason = "these tables have no Events and no printed rows")]
mod kubectl_support;
#[expect(dead_code, reason = "these tables give no plain seconds")]
mod tables_support;

use std::rc::Rc;

use kubectl_support::decode;
use podarium::cluster::controllers::endpointslice::endpoint;
use podarium::cluster::kubelet::backoff::Backoff;
use podarium::cluster::kubelet::environment::{Place, Sources, data_of, expand, expand_all};
use podarium::cluster::kubelet::image_puller::{Decision, decide};
use podarium::cluster::kubelet::observed::Observed;
use podarium::cluster::kubelet::phase::phase;
use podarium::cluster::kubelet::probe_handler::{Handler, exec_outcome};
use podarium::cluster::kubelet::probe_worker::{Next, ProbeResult, Tally, result_of};
use podarium::cluster::kubelet::status::{containers_ready, initialized, ready};
use podarium::manifest::Object;
use podarium::manifest::pod::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, Pod, PodSpec, PodStatus,
};
use podarium::manifest::probe::Probe;
use podarium::manifest::service::Service;
use podarium::manifest::volume::{ConfigMap, Secret};
use podarium::time::{Duration, Instant};
use podarium::trace::{ProbeKind, ProbeOutcome};
use serde_json::{Value as Json, json};
use tables_support::{NOW, Score, cases, int};

fn strings(json: &Json) -> Vec<String> {
    json.as_array().into_iter().flatten().map(|s| s.as_str().unwrap().to_owned()).collect()
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

/// What is absent decodes as an empty object.
fn or_empty(json: &Json) -> Json {
    if json.is_null() { json!({}) } else { json.clone() }
}

fn statuses(json: &Json) -> Vec<ContainerStatus> {
    json.as_array().into_iter().flatten().map(decode).collect()
}

/// Where the runtime calls the state of a container unknown: here it never does.
const UNKNOWN: &str = "no runtime loses sight of a container";

fn phases(table: &str) -> Score {
    let mut score = Score::default();
    for case in cases(table) {
        let input = &case["input"];
        let spec: PodSpec = decode(&input["spec"]);
        let status = &input["status"];
        let regular = statuses(&status["containerStatuses"]);
        // The older table has no word on it: a regular container has been made, or has not.
        let has_initialized = input["podHasInitialized"].as_bool().unwrap_or_else(|| {
            regular.iter().any(|s| s.state.running.is_some() || s.state.terminated.is_some())
        });
        let mut all = regular;
        all.extend(statuses(&status["initContainerStatuses"]));
        let is_terminal = input["podIsTerminal"] == true;
        let found = phase(&spec, &all, is_terminal, has_initialized);
        score.check(&case, found, text(&case["expect"]["phase"]));
    }
    score
}

#[test]
fn phases_are_those_of_a_recent_kubelet() {
    phases("pod_phase_recent").done(46, &[]);
}

#[test]
fn phases_are_those_of_the_kubelet() {
    phases("pod_phase").done(37, &[]);
}

#[test]
fn conditions_follow_the_containers() {
    let mut score = Score::default();
    for case in cases("pod_conditions") {
        let (input, wanted) = (&case["input"], &case["expect"]["condition"]);
        let spec: PodSpec = decode(&or_empty(&input["spec"]));
        let mut status = PodStatus { phase: text(&input["podPhase"]), ..PodStatus::default() };
        let conditions = input["conditions"].as_array().into_iter().flatten();
        status.conditions = conditions.map(decode).collect();
        let all = statuses(&input["containerStatuses"]);
        let found = match wanted["type"].as_str().unwrap() {
            "ContainersReady" => {
                status.container_statuses = all;
                containers_ready(&spec, &status)
            }
            "Ready" => {
                status.container_statuses = all;
                let of_containers = containers_ready(&spec, &status);
                ready(&Pod { spec: spec.into(), status, ..Pod::default() }, &of_containers)
            }
            _ => {
                let is_init =
                    |s: &ContainerStatus| spec.init_containers.iter().any(|c| c.name == s.name);
                (status.init_container_statuses, status.container_statuses) =
                    all.into_iter().partition(is_init);
                initialized(&spec, &status)
            }
        };
        // The words of Initialized are not in the table.
        let words = |message: &str| {
            if wanted["type"] == "" { String::new() } else { message.to_owned() }
        };
        score.check(
            &case,
            (found.status, found.reason, words(&found.message)),
            (text(&wanted["status"]), text(&wanted["reason"]), text(&wanted["message"])),
        );
    }
    // A list of statuses that does not exist is nothing that a kubelet's own status ever has.
    score.done(26, &["PodReadyCondition 0", "PodInitializedCondition :"]);
}

/// The state of a container as the runtime has it.
fn runtime_state(json: &Json) -> Option<ContainerState> {
    let mut state = ContainerState::default();
    let started = json["startedAt"]["abs"]
        .as_str()
        .map(|_| kubectl_support::time(&json["startedAt"]["abs"], NOW).unwrap());
    match json["state"].as_str().unwrap() {
        "created" => {}
        "running" => {
            state.running = Some(ContainerStateRunning { started_at: started.or(Some(NOW)) });
        }
        "exited" => {
            let exit_code = int(&json["exitCode"]);
            state.terminated =
                Some(ContainerStateTerminated { exit_code, ..ContainerStateTerminated::default() });
        }
        "unknown" => return None,
        other => panic!("state {other}"),
    }
    Some(state)
}

#[test]
fn statuses_are_generated_from_what_the_runtime_has() {
    let mut score = Score::default();
    for case in cases("pod_status_generation") {
        let (input, wanted) = (&case["input"], &case["expect"]["expected"]);
        let mut observed = Observed::new(decode(&input["pod"]), NOW);
        observed.previous(decode(&input["previousStatus"]));
        let current = &input["currentStatus"];
        let sandbox = &current["sandboxStatuses"][0];
        observed.sandbox(
            0,
            sandbox["state"] == "SANDBOX_READY",
            sandbox["network"]["ip"].as_str().unwrap(),
        );
        for container in current["containerStatuses"].as_array().into_iter().flatten() {
            let id = container["id"]["id"].as_str().unwrap();
            let state = runtime_state(container).unwrap();
            observed.instance(container["name"].as_str().unwrap(), id, "", &state);
        }
        let found = observed.status(input["isPodTerminal"] == true, NOW);
        let states = |statuses: &[ContainerStatus]| -> Vec<(String, String, ContainerState)> {
            let id = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
            statuses
                .iter()
                .map(|s| (s.name.clone(), id(&s.container_id), s.state.clone()))
                .collect()
        };
        let of_table: Vec<ContainerStatus> = wanted["containerStatuses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|json| {
                let state = &json["state"];
                let mut status = ContainerStatus {
                    name: text(&json["name"]),
                    container_id: text(&json["containerID"]),
                    ..ContainerStatus::default()
                };
                if let Some(waiting) = state.get("waiting") {
                    let reason = text(&waiting["reason"]);
                    status.state.waiting =
                        Some(ContainerStateWaiting { reason, ..ContainerStateWaiting::default() });
                } else {
                    let at = &state["running"]["startedAt"]["abs"];
                    let started_at = kubectl_support::time(at, NOW);
                    status.state.running = Some(ContainerStateRunning { started_at });
                }
                status
            })
            .collect();
        // The harness calls every container ready, running or not: readiness is no part of this.
        let condition = |kind: &str| found.condition(kind).map(|c| c.status.clone());
        let ready_to_start =
            text(&case["expect"]["expectedPodReadyToStartContainersCondition"]["status"]);
        score.check(
            &case,
            (
                &found.phase,
                &found.reason,
                &found.message,
                states(&found.container_statuses),
                ["PodReadyToStartContainers", "Initialized", "PodScheduled"].map(condition),
            ),
            (
                text(&wanted["phase"]),
                text(&wanted["reason"]),
                text(&wanted["message"]),
                states(&of_table),
                [ready_to_start.as_str(), "True", "True"].map(|status| Some(status.to_owned())),
            ),
        );
    }
    score.done(3, &[]);
}

/// The hashes that the containers of the recent table have as long as their spec is as it was.
const HASHES: [(&str, i64); 3] =
    [("foo1", 1_043_764_558), ("foo2", 401_589_736), ("foo3", 3_587_551_395)];

/// Whether the spec of a container is still that of its instance.
fn unchanged(input: &Json, status: &Json) -> bool {
    let name = status["name"].as_str().unwrap();
    if let Some(hash) = input["hashes"][name].as_i64() {
        return HASHES.contains(&(name, hash));
    }
    // The harness gives init containers any hash; only regular ones are meant.
    !name.starts_with("foo") || status["hashMatchesSpec"] != false
}

fn result(word: &str) -> ProbeResult {
    match word.to_lowercase().as_str() {
        "success" => ProbeResult::Success,
        "failure" => ProbeResult::Failure,
        "unknown" => ProbeResult::Unknown,
        other => panic!("result {other}"),
    }
}

/// What a sync does, in the table's order: kill the Pod, make a sandbox, its number, containers to
/// start, init containers to start, containers to kill, debug containers to start.
type Planned = (bool, bool, i64, [Vec<String>; 4]);

/// What a sync of the engine does.
fn sync(input: &Json) -> Result<Planned, &'static str> {
    let mut pod = Pod { spec: decode(&input["podSpec"]), ..Pod::default() };
    pod.metadata.deletion_timestamp = (input["podDeleting"] == true).then_some(NOW);
    let spec = pod.spec.clone();
    let mut observed = Observed::new(pod, NOW);
    // The newest comes first.
    if let Some(sandbox) = input["sandboxes"].as_array().unwrap().first() {
        let attempt = u32::try_from(int(&sandbox["attempt"])).unwrap();
        observed.sandbox(attempt, sandbox["state"] == "SANDBOX_READY", "10.0.0.1");
    }
    for status in input["containerStatuses"].as_array().unwrap() {
        let name = status["name"].as_str().unwrap();
        let Some(container) = spec.container(name) else { continue };
        let Some(state) = runtime_state(status) else { return Err(UNKNOWN) };
        let id = status["id"].as_str().unwrap();
        let image = if unchanged(input, status) { container.image.as_str() } else { "before" };
        observed.instance(name, id, image, &state);
        for (key, kind) in [("liveness", ProbeKind::Liveness), ("startup", ProbeKind::Startup)] {
            if let Some(word) = status[key].as_str() {
                observed.result(id, kind, result(word));
            }
        }
    }
    let actions = observed.actions();
    let names = |all: &[Container], places: &[usize]| -> Vec<String> {
        places.iter().map(|place| all[*place].name.clone()).collect()
    };
    let mut kills: Vec<String> = actions.to_kill.into_iter().map(|kill| kill.container).collect();
    kills.sort();
    let lists = [
        names(&spec.containers, &actions.to_start),
        names(&spec.init_containers, &actions.init_to_start),
        kills,
        names(&spec.ephemeral_containers, &actions.ephemeral_to_start),
    ];
    Ok((actions.kill_pod, actions.create_sandbox, i64::from(actions.attempt), lists))
}

fn syncs(table: &str) -> Score {
    let mut score = Score::default();
    for case in cases(table) {
        let expect = &case["expect"];
        let mut kills = strings(&expect["containersToKill"]);
        kills.sort();
        let lists = [
            strings(&expect["containersToStart"]),
            strings(&expect["initContainersToStart"]),
            kills,
            strings(&expect["ephemeralContainersToStart"]),
        ];
        let kill_pod = expect["killPod"] == true;
        let create_sandbox = expect["createSandbox"] == true;
        let attempt = expect["attempt"].as_i64().unwrap();
        let wanted: Result<_, &str> = Ok((kill_pod, create_sandbox, attempt, lists));
        score.check(&case, sync(&case["input"]), wanted);
    }
    score
}

#[test]
fn a_sync_does_what_that_of_a_recent_kubelet_does() {
    syncs("compute_pod_actions_recent").done(12, &[
        "computePodActions: Kill and recreate the container if the container is in unknown state",
    ]);
}

#[test]
fn a_sync_does_what_that_of_the_kubelet_does() {
    let of = |table: &str, case: &str| format!("ComputePodActions{table}: {case}");
    let excused = [
        // The runtime of a run never calls a container's state unknown.
        of("", "Kill and recreate the container if the container is in unknown state"),
        of("WithInitContainers", "init container state unknown;"),
        of("WithRestartableInitContainers", "restartable init container state unknown;"),
        of(
            "WithInitAndEphemeralContainers",
            "Ephemeral container is in unknown state; leave it alone",
        ),
    ];
    syncs("compute_pod_actions").done(39, &excused.each_ref().map(String::as_str));
}

fn probe_kind(word: &str) -> ProbeKind {
    match word {
        "liveness" => ProbeKind::Liveness,
        "readiness" => ProbeKind::Readiness,
        "startup" => ProbeKind::Startup,
        other => panic!("probe {other}"),
    }
}

fn outcome(word: &str) -> ProbeOutcome {
    match word {
        "success" => ProbeOutcome::Success,
        "failure" => ProbeOutcome::Failure,
        other => panic!("outcome {other}"),
    }
}

/// A worker of the prober, the result that stands, and whether it has been ended.
struct Prober {
    tally: Tally,
    probe: Probe,
    spec: PodSpec,
    deleting: bool,
    stands: Option<ProbeResult>,
    ended: bool,
}

impl Prober {
    fn new(input: &Json, kind: ProbeKind) -> Self {
        let threshold = |key: &str| input[key].as_i64().map_or(1, |n| i32::try_from(n).unwrap());
        let probe = Probe {
            initial_delay_seconds: int(&input["initialDelaySeconds"]),
            success_threshold: threshold("successThreshold"),
            failure_threshold: threshold("failureThreshold"),
            ..Probe::default()
        };
        // The upstream tests' own Pod.
        let spec = decode(&json!({"restartPolicy": "Never", "containers": [{"name": "c"}]}));
        let tally = Tally::new(kind);
        Self { tally, probe, spec, deleting: false, stands: None, ended: false }
    }

    /// One beat, with the answer that there would be; whether the container was asked.
    fn beat(&mut self, status: &PodStatus, answer: &str) -> bool {
        let beat = self.tally.beat(&self.probe, &self.spec, "c", status, self.deleting, NOW);
        self.stands = beat.publish.last().copied().or(self.stands);
        self.ended = beat.next == Next::End;
        if beat.next != Next::Ask {
            return false;
        }
        let result = result_of(outcome(answer)).unwrap();
        if self.tally.answer(&self.probe, result) {
            self.tally.published(result);
            self.stands = Some(result);
        }
        true
    }
}

fn status_with(state: ContainerState, started: bool) -> PodStatus {
    let container = ContainerStatus {
        name: "c".to_owned(),
        container_id: "containerd://1".to_owned(),
        started: Some(started),
        state,
        ..ContainerStatus::default()
    };
    PodStatus {
        phase: "Running".to_owned(),
        container_statuses: vec![container],
        ..PodStatus::default()
    }
}

fn running(age: i64) -> ContainerState {
    let started_at = Some(NOW - Duration::from_secs(age));
    let running = Some(ContainerStateRunning { started_at });
    ContainerState { running, ..ContainerState::default() }
}

/// The status of a case that looks once.
fn probed_status(input: &Json, kind: ProbeKind) -> PodStatus {
    let json = &input["podStatus"];
    if let Some(phase) = json["phase"].as_str() {
        let mut status = status_with(running(100), true);
        phase.clone_into(&mut status.phase);
        return status;
    }
    let state = match json["containerState"].as_str() {
        None => return PodStatus::default(),
        Some("running") => running(100),
        Some("waiting") => ContainerState {
            waiting: Some(ContainerStateWaiting::default()),
            ..ContainerState::default()
        },
        Some("terminated") => ContainerState {
            terminated: Some(ContainerStateTerminated::default()),
            ..ContainerState::default()
        },
        Some(other) => panic!("state {other}"),
    };
    status_with(state, kind != ProbeKind::Startup)
}

#[test]
fn probes_are_counted_as_the_prober_counts() {
    let mut score = Score::default();
    for case in cases("probe_worker") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let kind = probe_kind(input["probeType"].as_str().unwrap());
        let mut prober = Prober::new(input, kind);
        let Some(steps) = expect["steps"].as_array() else {
            prober.deleting = input["podStatus"]["deleting"] == true;
            if input["podStatus"]["initialDelayPassed"] == true {
                prober.probe.initial_delay_seconds = 10;
            }
            let answer = input["probeWouldReturn"].as_str().unwrap();
            prober.beat(&probed_status(input, kind), answer);
            let wanted = expect["result"].as_str().map(result);
            assert_eq!(wanted.is_some(), expect["resultSet"] == true);
            let goes_on = expect["workerContinues"] == true;
            score.check(&case, (prober.stands, !prober.ended), (wanted, goes_on));
            continue;
        };
        let (mut found, mut wanted) = (Vec::new(), Vec::new());
        for step in steps {
            let started = step["containerStarted"].as_bool();
            let started = started.unwrap_or(input["containerStarted"] == true);
            let age = step["containerAgeSeconds"].as_i64().unwrap_or(100);
            let status = status_with(running(age), started);
            let asked = prober.beat(&status, step["probeReturns"].as_str().unwrap());
            // What a step does not say is taken as it is found.
            let executed = step["probeExecuted"].as_bool().unwrap_or(asked);
            let run = step["resultRun"].as_i64().unwrap_or_else(|| prober.tally.run().into());
            found.push((prober.stands, i64::from(prober.tally.run()), asked, prober.ended));
            let result = Some(result(step["result"].as_str().unwrap()));
            wanted.push((result, run, executed, step["keepsRunning"] == false));
        }
        score.check(&case, found, wanted);
    }
    score.done(23, &[]);
}

/// What a container without a probe counts as.
fn unprobed() -> Option<ProbeResult> {
    let mut observed =
        Observed::new(decode(&json!({"spec": {"containers": [{"name": "c"}]}})), NOW);
    observed.sandbox(0, true, "10.0.0.1");
    observed.instance("c", "1", "", &running(0));
    let status = observed.status(false, NOW);
    status.container_statuses[0].ready.then_some(ProbeResult::Success)
}

#[test]
fn answers_to_probes_are_judged_as_the_prober_does() {
    let mut score = Score::default();
    for case in cases("probe_outcome") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let found = match input.get("probe").map(decode::<Probe>) {
            // The exit code is all that a command says.
            Some(probe) if Handler::of(&probe).is_some() => {
                match (input["execResult"].as_str().unwrap(), input["execError"] == true) {
                    ("success", false) => result_of(exec_outcome(0)),
                    ("failure", false) => result_of(exec_outcome(1)),
                    ("warning", false) => result_of(ProbeOutcome::Warning),
                    (_, true) => result_of(ProbeOutcome::Errored),
                    _ => None,
                }
            }
            Some(_) => result_of(ProbeOutcome::Errored),
            None => unprobed(),
        };
        let wanted = result(expect["expectedResult"].as_str().unwrap());
        score.check(&case, found, (expect["expectError"] == false).then_some(wanted));
    }
    // A handler that gives, without an error, no result does not exist.
    score.done(7, &["Probe: 5"]);
}

#[test]
fn images_are_pulled_as_often_as_upstream() {
    let mut score = Score::default();
    for case in cases("image_pull") {
        let input = &case["input"];
        let image = input["containerImage"].as_str().unwrap();
        let mut present = image == "present_image";
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let (mut found, mut wanted) = (Vec::new(), Vec::new());
        let attempts = case["expect"]["expected"].as_array().unwrap();
        for (second, attempt) in (0..).zip(attempts) {
            let now: Instant = NOW + Duration::from_secs(second);
            let policy = input["policy"].as_str().unwrap();
            let (calls, error) = match decide(image, policy, present, &backoff, now) {
                Decision::InvalidName => (0, "InvalidImageName"),
                Decision::Present => (1, ""),
                Decision::NeverPull => (1, "ErrImageNeverPull"),
                Decision::BackedOff(_) => (1, "ImagePullBackOff"),
                Decision::Pull if input.get("pullerErr").is_some() => {
                    backoff.next(image.to_owned(), now, now);
                    (2, "ErrImagePull")
                }
                Decision::Pull => {
                    present = true;
                    (2, "")
                }
            };
            found.push((["GetImageRef", "PullImage"][..calls].to_vec(), error));
            let calls = attempt["calls"].as_array().into_iter().flatten();
            let calls: Vec<&str> = calls.map(|call| call.as_str().unwrap()).collect();
            wanted.push((calls, attempt["err"]["error"].as_str().unwrap_or_default()));
        }
        score.check(&case, found, wanted);
    }
    score.done(
        11,
        &[
            // A runtime that does not answer what images it has.
            "SerializedPuller: image missing, pull if not present",
            // A kubelet whose pulls a second are limited (registryPullQPS).
            "SerializedPuller: image present and excessive qps rate, pull",
        ],
    );
}

/// The Services of the upstream harness.
fn services() -> Vec<Service> {
    let service = |name: &str, namespace: &str, ip: &str, port: i32| {
        decode(&json!({
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"clusterIP": ip, "ports": [{"port": port, "protocol": "TCP"}]},
        }))
    };
    vec![
        service("test", "test1", "1.2.3.3", 8083),
        service("test", "test2", "1.2.3.5", 8085),
        service("none", "test1", "None", 8085),
        service("empty", "test1", "", 8085),
        service("not-special", "default", "1.2.3.8", 8088),
    ]
}

#[test]
fn environments_are_those_of_the_kubelet() {
    let mut score = Score::default();
    for case in cases("container_env") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let container: Container = decode(&input["container"]);
        let mut pod = Pod::default();
        "dapi-test-pod-name".clone_into(&mut pod.metadata.name);
        pod.metadata.namespace = text(&input["ns"]);
        pod.spec.enable_service_links = input["enableServiceLinks"].as_bool();
        let services = services();
        let services: Vec<&Service> = services.iter().collect();
        // The harness gives its one object whatever it is asked for.
        let sources = Sources {
            data: &|kind, name| {
                let object = match kind {
                    "ConfigMap" => {
                        Object::ConfigMap(Rc::new(decode::<ConfigMap>(input.get("configMap")?)))
                    }
                    _ => Object::Secret(Rc::new(decode::<Secret>(input.get("secret")?))),
                };
                data_of(&object).filter(|_| !name.starts_with("missing"))
            },
            services: &services,
            api_server: ("1.2.3.1", &[("", 8081)]),
            place: Place::default(),
            any_name: true,
        };
        let found = sources.environment(&pod, &container).map(|mut env| {
            env.sort();
            env
        });
        let wanted = expect["expectedEnvs"].as_array().into_iter().flatten();
        let mut wanted: Vec<(String, String)> =
            wanted.map(|env| (text(&env["name"]), text(&env["value"]))).collect();
        wanted.sort();
        let failed = expect["expectedError"] == true;
        score.check(&case, found.map_err(|_| ()), if failed { Err(()) } else { Ok(wanted) });
    }
    // Any printable name but one with "=" is valid since 1.34.
    score.done(13, &["secret_invalid_keys"]);
}

#[test]
fn variables_are_expanded_in_commands_and_sub_paths() {
    let mut score = Score::default();
    for case in cases("container_command_expansion") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let container: Container = decode(&input["container"]);
        let envs = input["envs"].as_array().into_iter().flatten();
        let env: Vec<(String, String)> =
            envs.map(|env| (text(&env["name"]), text(&env["value"]))).collect();
        if let Some(mount) = container.volume_mounts.first() {
            let found = expand_all(&mount.sub_path_expr, &env);
            let wanted = expect["expectedOk"] == true;
            score.check(&case, found.ok(), wanted.then(|| text(&expect["expectedSubPath"])));
            continue;
        }
        let all = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| expand(word, &env)).collect()
        };
        score.check(
            &case,
            (all(&container.command), all(&container.args)),
            (strings(&expect["expectedCommand"]), strings(&expect["expectedArgs"])),
        );
    }
    score.done(9, &[]);
}

#[test]
fn endpoints_are_those_of_the_pods() {
    let mut score = Score::default();
    for case in cases("endpoint_conditions") {
        let (input, wanted) = (&case["input"], &case["expect"]["expectedEndpoint"]);
        let mut service = Service::default();
        service.spec.publish_not_ready_addresses = input["publishNotReadyAddresses"] == true;
        let mut pod = input["pod"].clone();
        pod.as_object_mut().unwrap().remove("apiVersion");
        let found = endpoint(&decode(&pod), &service);
        // Host names and zones are not simulated.
        let is = |key: &str| wanted["conditions"][key] == true;
        let conditions = found.conditions;
        score.check(
            &case,
            (
                found.addresses,
                [conditions.ready, conditions.serving, conditions.terminating],
                found.node_name,
                found.target_ref,
            ),
            (
                strings(&wanted["addresses"]),
                ["ready", "serving", "terminating"].map(is),
                text(&wanted["nodeName"]),
                text(&wanted["targetRef"]["name"]),
            ),
        );
    }
    score.done(2, &[]);
}
