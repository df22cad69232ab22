//! What the kubelet makes of whole scenarios, where no recording shows it.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Trace};

/// Runs manifests for half a minute on a node that has the image.
fn run(manifests: &str) -> Trace {
    let text = format!(
        "{manifests}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n\
         spec:\n  duration: 30s\n  cluster:\n    nodes:\n    - {{name: node1, images: \
         [\"busybox:1.36\"]}}\n"
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

/// What containers have printed.
fn output(trace: &Trace) -> String {
    let line = |change: &Change| match change {
        Change::Output { line } => Some(line.to_string()),
        _ => None,
    };
    trace.entries().iter().filter_map(|entry| line(&entry.change)).collect()
}

/// The messages of the Warnings of the Pod, each once.
fn warnings(trace: &Trace) -> Vec<String> {
    let state = trace.state_at(Instant::from_secs(30));
    let mut messages: Vec<String> = state
        .objects
        .iter()
        .filter_map(|object| match object {
            Object::Event(event) if event.kind == "Warning" => Some(event.message.clone()),
            _ => None,
        })
        .collect();
    messages.sort();
    messages.dedup();
    messages
}

/// A Pod whose only container sees its volume whole, and a part of it by an expression.
fn with_sub_path(expression: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  restartPolicy: Never\n  \
         volumes: [{{name: v, emptyDir: {{}}}}]\n  containers:\n  - name: a\n    image: \
         busybox:1.36\n    env: [{{name: POD_NAME, valueFrom: {{fieldRef: {{fieldPath: \
         metadata.name}}}}}}]\n    command: [sh, -c, \"echo here > /part/x; cat /all/of-p/x\"]\n    \
         volumeMounts:\n    - {{name: v, mountPath: /part, subPathExpr: {expression}}}\n    - \
         {{name: v, mountPath: /all}}\n"
    )
}

#[test]
fn a_probe_that_is_sent_to_another_host_succeeds_with_a_warning() {
    let trace = run(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    \
         image: registry.k8s.io/e2e-test-images/agnhost:2.40\n    args: [netexec]\n    \
         readinessProbe: {httpGet: {path: \"/redirect?loc=http://example.com/\", port: 8080}}\n",
    );
    // The words as a cluster of 1.36.2 said them.
    assert_eq!(
        warnings(&trace),
        ["Readiness probe warning: Probe terminated redirects, Response body: \
          <a href=\"http://example.com/\">Found</a>.\n\n"]
    );
    let ready = trace.state_at(Instant::from_secs(30)).objects.iter().any(|object| {
        matches!(object, Object::Pod(pod) if pod.status.container_statuses.iter().all(|c| c.ready))
    });
    assert!(ready);
}

#[test]
fn a_part_of_a_volume_can_be_named_by_a_variable() {
    let trace = run(&with_sub_path("of-$(POD_NAME)"));
    assert_eq!(output(&trace).trim_end(), "here");
    assert_eq!(warnings(&trace), Vec::<String>::new());
}

#[test]
fn a_part_that_has_no_name_keeps_the_container_from_being_made() {
    let trace = run(&with_sub_path("of-$(NOBODY)"));
    assert_eq!(output(&trace), "");
    assert_eq!(warnings(&trace), ["Error: missing value for NOBODY"]);
}

#[test]
fn a_name_that_is_no_image_is_refused_with_the_reason() {
    let hex = "0123456789abcdef".repeat(4);
    for (image, fault) in [
        ("Web", "invalid reference format: repository name (library/Web) must be lowercase"),
        ("web:x:y", "invalid reference format"),
        (
            &hex,
            &format!("invalid repository name ({hex}), cannot specify 64-byte hexadecimal strings"),
        ),
    ] {
        let trace = run(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: \
             a, image: \"{image}\"}}\n"
        ));
        let message = format!(
            "Failed to apply default image tag \"{image}\": couldn't parse image name \
             \"{image}\": {fault}"
        );
        assert_eq!(warnings(&trace), ["Error: InvalidImageName", &message]);
    }
}

/// Events of a reason, with when each was said last and how often.
fn events(trace: &Trace, reason: &str) -> Vec<(String, String, i32)> {
    let state = trace.state_at(trace.horizon());
    let all = state.events().filter(|event| event.reason == reason);
    all.map(|event| (event.involved_name.clone(), event.message.clone(), event.count)).collect()
}

#[test]
fn a_node_without_a_free_address_makes_no_sandbox() {
    let text = include_str!("scenarios/addresses.yaml");
    let (scenario, diagnostics) = Scenario::from_text(text);
    assert_eq!(diagnostics, []);
    let trace = Cluster::run(&scenario);
    let ready = |second: i64| {
        let state = trace.state_at(Instant::from_secs(second));
        let pods = state.objects.iter().filter_map(|object| match object {
            Object::Pod(pod) => {
                Some((pod.status.phase == "Running", &*pod.metadata.name == "late"))
            }
            _ => None,
        });
        let (mut many, mut late) = (0, false);
        for (running, is_late) in pods {
            many += usize::from(running && !is_late);
            late |= running && is_late;
        }
        (many, late)
    };
    assert_eq!(ready(59), (253, false));
    assert_eq!(ready(89), (253, false));
    assert_eq!(ready(149), (250, true));
    // Each try names another sandbox, so that the Events are not one.
    let failed = events(&trace, "FailedCreatePodSandBox");
    assert!((2..=6).contains(&failed.len()), "{failed:?}");
    let start = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup \
                 network for sandbox \"";
    let end = "no IP addresses available in range set: 10.244.1.1-10.244.1.254";
    for (name, message, _) in failed {
        assert_eq!(name, "late");
        assert!(message.starts_with(start) && message.ends_with(end), "{message}");
    }
}

#[test]
fn a_private_image_needs_its_secret_on_every_node_and_for_every_pod() {
    let text = include_str!("scenarios/private-image.yaml");
    let run = |version: &str| {
        let text =
            text.replace("  duration:", &format!("  kubernetesVersion: '{version}'\n  duration:"));
        let (scenario, diagnostics) = Scenario::from_text(&text);
        assert_eq!(diagnostics, [], "{text}");
        Cluster::run(&scenario)
    };
    let trace = run("1.36");
    let missing = events(&trace, "FailedToRetrieveImagePullSecret");
    let words = "Unable to retrieve some image pull secrets (regcred); attempting to pull the \
                 image may not succeed.";
    assert_eq!((&*missing[0].0, &*missing[0].1), ("without", words));
    assert!(missing[0].2 >= 3, "at every sync until the Secret is there: {}", missing[0].2);
    let denied = events(&trace, "Failed").into_iter().find(|event| event.0 == "without");
    let denied = denied.expect("it is denied at first").1;
    assert!(denied.ends_with("authorization failed: no basic auth credentials"), "{denied}");
    let phase = |trace: &Trace, name: &str| match trace
        .state_at(trace.horizon())
        .get("Pod", "default", name)
    {
        Some(Object::Pod(pod)) => pod.status.phase.clone(),
        _ => panic!("{name} is there"),
    };
    assert_eq!(phase(&trace, "without"), "Running");
    // The image is on the node, but this Pod has no Secret for it.
    assert_eq!(phase(&trace, "other"), "Pending");
    // Before 1.35 nobody asked.
    assert_eq!(phase(&run("1.34"), "other"), "Running");
}

#[test]
fn a_pod_is_known_by_the_groups_of_its_security_context() {
    let trace =
        run("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  restartPolicy: Never\n  \
         securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, \
         supplementalGroups: [4000]}\n  containers:\n  - name: a\n    image: busybox:1.36\n    \
         command: [sh, -c, \"id; id -g; printenv HOME NOBODY HOSTNAME\"]\n");
    assert_eq!(output(&trace), "uid=1000 gid=3000 groups=2000,3000,40003000/p");
}

#[test]
fn a_pod_of_a_template_asks_for_its_limits() {
    let trace = run(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: \
         {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      \
         containers:\n      - name: a\n        image: busybox:1.36\n        command: [sleep, '99']\n        \
         resources: {limits: {cpu: 500m, memory: 128Mi}}\n",
    );
    let state = trace.state_at(trace.horizon());
    let pod = state.pods().next().expect("it has a Pod");
    assert_eq!(pod.status.qos_class, "Guaranteed");
    assert_eq!(pod.spec.containers[0].resources.requests["cpu"].text(), "500m");
}

#[test]
fn a_gate_that_is_taken_away_lets_the_pod_be_scheduled() {
    let gated = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, \
                 image: \"busybox:1.36\", command: [sleep, '99']}]\n";
    let text = format!(
        "{gated}  schedulingGates: [{{name: example.com/wait}}]\n---\napiVersion: \
         podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n  duration: 30s\n  \
         actions:\n  - at: 10s\n    run: {}\n",
        serde_json::json!(format!("kubectl apply -f - <<EOF\n{gated}EOF"))
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    let trace = Cluster::run(&scenario);
    let at = |second: i64| {
        let state = trace.state_at(Instant::from_secs(second));
        state.pods().next().map(|pod| pod.status.phase.clone()).unwrap_or_default()
    };
    assert_eq!((at(9).as_str(), at(20).as_str()), ("Pending", "Running"));
}

#[test]
fn a_rule_can_make_all_containers_begin_anew() {
    let text = include_str!("scenarios/restart-all.yaml");
    let (scenario, diagnostics) = Scenario::from_text(text);
    assert_eq!(diagnostics, [], "{text}");
    let trace = Cluster::run(&scenario);
    let at = |second: i64| match trace
        .state_at(Instant::from_secs(second))
        .get("Pod", "default", "worker")
    {
        Some(Object::Pod(pod)) => pod.clone(),
        _ => panic!("the Pod is there at {second} s"),
    };
    let (before, amid, after) = (at(20), at(23), at(55));
    let restarting = |pod: &podarium::manifest::pod::Pod| {
        let found = pod.status.condition("AllContainersRestarting");
        found.map(|condition| (condition.status.clone(), condition.reason.clone()))
    };
    assert_eq!(restarting(&before), None);
    let started = ("True".to_owned(), "RestartAllContainersStarted".to_owned());
    assert_eq!(restarting(&amid), Some(started));
    assert_eq!(restarting(&after), None);
    assert_eq!(after.status.phase, "Running");
    // The Pod stays the same, and every container counts a restart, init containers too.
    assert_eq!(before.metadata.uid, after.metadata.uid);
    assert_eq!(before.status.pod_ip, after.status.pod_ip);
    let init = after.status.init_container_statuses.iter();
    for status in init.chain(&after.status.container_statuses) {
        assert_eq!(status.restart_count, 1, "{}", status.name);
    }
    // Two seconds instead of the grace period, and no hook.
    let killing = events(&trace, "Killing");
    assert_eq!(killing, [("worker".to_owned(), "killing".to_owned(), 1)]);
    let command = "kubectl exec worker -c main -- cat /shared/log".to_owned();
    let action =
        podarium::scenario::Action { at: Instant::from_secs(50), run: command, node: None };
    let log = Cluster::attempt(&scenario, action).output;
    assert_eq!(log, "setup\nmain\nsetup\nmain\n");
    // Nothing holds the second start back.
    assert_eq!(events(&trace, "BackOff"), []);
}

#[test]
fn a_job_in_python_ends_as_its_program_says() {
    let code = "import os, sys\\nindex = int(os.environ.get('JOB_COMPLETION_INDEX'))\\nif index == \
                0:\\n  sys.exit(1)\\nelif index == 1:\\n  sys.exit(42)\\nelse:\\n  print('fine')\\n";
    let trace = run(&format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec:\n  completions: 3\n  \
         parallelism: 3\n  completionMode: Indexed\n  backoffLimitPerIndex: 0\n  template:\n    \
         spec:\n      restartPolicy: Never\n      containers:\n      - name: a\n        image: \
         docker.io/library/python:3\n        command: [python3, -c, \"{code}\"]\n"
    ));
    let mut ends: Vec<(String, i32)> = trace
        .state_at(trace.horizon())
        .pods()
        .map(|pod| {
            let index = &pod.metadata.annotations["batch.kubernetes.io/job-completion-index"];
            let state = &pod.status.container_statuses[0].state;
            (index.clone(), state.terminated.as_ref().map_or(-1, |end| end.exit_code))
        })
        .collect();
    ends.sort();
    let wanted = [("0", 1), ("1", 42), ("2", 0)].map(|(index, code)| (index.to_owned(), code));
    assert_eq!(ends, wanted);
    assert_eq!(output(&trace).trim(), "fine");
}

#[test]
fn what_stress_is_told_to_use_is_measured_up_to_the_limit() {
    let trace = Cluster::run(
        &Scenario::from_text(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  resources: {limits: {cpu: \
             '1'}}\n  containers: [{name: a, image: vish/stress, args: [-cpus, '2']}]\n---\n\
             apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {name: t}\nspec: {duration: \
             120s}\n",
        )
        .0,
    );
    let state = trace.state_at(Instant::from_secs(110));
    let top = podarium::view::kubectl::run(&state, &trace, "top pod p --no-headers");
    assert!(top.expect("it reads only").stdout.contains(" 1000m "), "two cores are asked for");
}
