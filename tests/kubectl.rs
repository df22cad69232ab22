//! kubectl's output as of a moment, held against what kubectl printed.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

mod kubectl_support;

use kubectl_support::{object, time};
use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::time::Instant;
use podarium::trace::{Actor, Change, Entry, State, Subject, Trace, Verb};
use podarium::version::KubeVersion;
use podarium::view::kubectl::describe::describe;
use podarium::view::kubectl::{Output, run};
use proptest::strategy::Strategy as _;
use serde_json::json;

/// Descriptions recorded on Kubernetes 1.36.2, each with the object that it describes.
fn check_descriptions(file: &str, json: &serde_json::Value, wrong: &mut Vec<String>) -> usize {
    let now = time(&json["now"], Instant::ZERO).unwrap();
    let items = json["items"].as_array().unwrap();
    let mut objects: Vec<Object> = Vec::new();
    for item in items {
        objects.push(object(&item["object"], now).unwrap());
        let events = item["events"].as_array().unwrap();
        objects.extend(events.iter().map(|event| object(event, now).unwrap()));
    }
    let state = State { at: now, objects: objects.iter().collect(), version: KubeVersion::LATEST };
    for item in items {
        let subject = object(&item["object"], now).unwrap();
        let text = describe(&state, &subject, item["showEvents"] == true);
        let expected = item["expect"].as_str().unwrap();
        let differs = text.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
        if text != expected {
            wrong.push(format!("{file}, {}: {differs:?}", subject.metadata().name));
        }
    }
    items.len()
}

#[test]
fn descriptions_are_those_of_kubectl() {
    let folder = match std::env::var("PODARIUM_DESCRIPTIONS") {
        Ok(folder) => folder,
        Err(_) => format!("{}/tests/data/describe", env!("CARGO_MANIFEST_DIR")),
    };
    let (mut checked, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        checked += check_descriptions(&path.display().to_string(), &json, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 20, "{checked}");
}

/// A trace in which everything is stored at its time, and one second in which kubectl looks.
struct Scene {
    trace: Trace,
    now: Instant,
}

impl Scene {
    fn new(now: i64, objects: &[serde_json::Value]) -> Self {
        let now = Instant::from_secs(now);
        let mut trace = Trace::new(now);
        for json in objects {
            let mut json = json.clone();
            let name = format!("{}/{}", json["kind"].as_str().unwrap(), json["metadata"]["name"]);
            let metadata = json["metadata"].as_object_mut().unwrap();
            metadata.entry("namespace").or_insert("default".into());
            metadata.entry("uid").or_insert(name.into());
            let object = object(&json, now).unwrap();
            let subject = subject(&object, None);
            trace.push(entry(
                Instant::ZERO,
                subject,
                Change::Stored { verb: Verb::Created, object },
            ));
        }
        Self { trace, now }
    }

    fn run(&self, line: &str) -> Output {
        run(&self.trace.state_at(self.now), &self.trace, line).unwrap()
    }

    /// Standard output of a command that succeeds and complains about nothing.
    fn stdout(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!((output.exit, output.stderr.as_str()), (0, ""), "{line}");
        output.stdout
    }

    /// Standard error and exit status of a command that prints nothing else.
    fn stderr(&self, line: &str) -> (String, i32) {
        let output = self.run(line);
        assert_eq!(output.stdout, "", "{line}");
        (output.stderr, output.exit)
    }
}

fn subject(object: &Object, container: Option<&str>) -> Subject {
    let metadata = object.metadata();
    Subject {
        kind: object.kind().into(),
        namespace: metadata.namespace.as_str().into(),
        name: metadata.name.as_str().into(),
        uid: metadata.uid.as_str().into(),
        container: container.map(Into::into),
    }
}

fn entry(at: Instant, subject: Subject, change: Change) -> Entry {
    Entry { at, actor: Actor::ApiServer, subject, change, cause: None, rule: Rule::ObjectStored }
}

/// A Pod as the API would hold it, created `age` seconds before kubectl looks.
fn running(name: &str, age: i64, labels: serde_json::Value) -> serde_json::Value {
    json!({
        "kind": "Pod",
        "metadata": { "name": name, "labels": labels, "creationTimestamp": { "rel_s": -age } },
        "spec": { "nodeName": "node1", "containers": [{ "name": "nginx", "image": "nginx" }] },
        "status": {
            "phase": "Running",
            "podIPs": [{ "ip": "10.99.0.2" }],
            "conditions": [
                { "type": "Initialized", "status": "True" },
                { "type": "Ready", "status": "True" },
            ],
            "containerStatuses": [{ "name": "nginx", "ready": true, "state": { "running": {} } }],
        },
    })
}

#[test]
fn tables_are_those_that_were_recorded() {
    // The outputs stand in recordings made on Kubernetes 1.36.2.
    let set = "test-init-container-84cd88bc6c";
    let scene = Scene::new(
        15,
        &[
            json!({
                "kind": "ReplicaSet",
                "metadata": { "name": set, "creationTimestamp": { "rel_s": -15 } },
                "spec": { "replicas": 1 },
                "status": { "replicas": 1, "readyReplicas": 1 },
            }),
            json!({
                "kind": "Deployment",
                "metadata": { "name": "test-init-container", "creationTimestamp": { "rel_s": -15 } },
                "spec": { "replicas": 1 },
                "status": { "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1 },
            }),
            running(&format!("{set}-n8s5b"), 15, json!({})),
        ],
    );
    assert_eq!(
        scene.stdout("kubectl get all"),
        "\
NAME                                       READY   STATUS    RESTARTS   AGE
pod/test-init-container-84cd88bc6c-n8s5b   1/1     Running   0          15s

NAME                                  READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/test-init-container   1/1     1            1           15s

NAME                                             DESIRED   CURRENT   READY   AGE
replicaset.apps/test-init-container-84cd88bc6c   1         1         1       15s
"
    );

    let mut pending = running("b", 12, json!({}));
    pending["spec"]["nodeName"] = "".into();
    pending["status"] = json!({ "phase": "Pending" });
    let scene = Scene::new(12, &[pending, running("a", 12, json!({}))]);
    assert_eq!(
        scene.stdout("kubectl get pods -o wide"),
        "\
NAME   READY   STATUS    RESTARTS   AGE   IP          NODE     NOMINATED NODE   READINESS GATES
a      1/1     Running   0          12s   10.99.0.2   node1    <none>           <none>
b      0/1     Pending   0          12s   <none>      <none>   <none>           <none>
"
    );

    let mut looping = running("nginx", 177, json!({}));
    looping["status"]["containerStatuses"] = json!([{
        "name": "nginx",
        "restartCount": 4,
        "state": { "waiting": { "reason": "CrashLoopBackOff" } },
        "lastState": { "terminated": { "exitCode": 0, "finishedAt": { "rel_s": -27 } } },
    }]);
    assert_eq!(
        Scene::new(177, &[looping]).stdout("kubectl get pod"),
        "\
NAME    READY   STATUS             RESTARTS      AGE
nginx   0/1     CrashLoopBackOff   4 (27s ago)   2m57s
"
    );
}

#[test]
fn objects_are_chosen_by_name_label_field_and_namespace() {
    let mut elsewhere = running("c", 5, json!({ "app": "web" }));
    elsewhere["metadata"]["namespace"] = "other".into();
    let scene = Scene::new(
        60,
        &[
            running("b", 60, json!({ "app": "db" })),
            running("a", 30, json!({ "app": "web", "tier": "front" })),
            elsewhere,
            json!({ "kind": "Namespace", "metadata": { "name": "default", "namespace": "",
                "creationTimestamp": { "rel_s": -60 } } }),
        ],
    );
    let names = |line: &str| scene.stdout(line).replace("pod/", "").replace('\n', " ");
    assert_eq!(names("kubectl get pods -o name"), "a b ");
    assert_eq!(names("kubectl get po -l app=web -o name"), "a ");
    assert_eq!(names("kubectl get pod -l 'app in (web,db),!tier' -o name"), "b ");
    assert_eq!(names("kubectl -n other get pods -o name"), "c ");
    assert_eq!(names("k get pods b a -o name"), "b a ");
    assert_eq!(names("get pods --field-selector metadata.name!=a -o name"), "b ");
    assert_eq!(names("get pods --sort-by=.metadata.creationTimestamp -o name"), "b a ");
    assert_eq!(
        scene.stdout("kubectl get pods -A --show-labels --no-headers"),
        "\
default   a     1/1   Running   0     30s   app=web,tier=front
default   b     1/1   Running   0     60s   app=db
other     c     1/1   Running   0     5s    app=web
"
    );
    assert_eq!(
        scene.stdout("kubectl get pod/a ns/default"),
        "\
NAME    READY   STATUS    RESTARTS   AGE
pod/a   1/1     Running   0          30s

NAME                STATUS   AGE
namespace/default   Active   60s
"
    );
}

#[test]
fn complaints_and_exit_statuses_are_kubectls() {
    let scene = Scene::new(60, &[running("a", 30, json!({}))]);
    for (line, text, exit) in [
        ("get svc", "No resources found in default namespace.\n", 0),
        ("get svc -A", "No resources found\n", 0),
        ("get nodes", "No resources found\n", 0),
        ("get pod x", "Error from server (NotFound): pods \"x\" not found\n", 1),
        ("get deploy/x", "Error from server (NotFound): deployments.apps \"x\" not found\n", 1),
        ("get pod x --ignore-not-found", "", 0),
        ("get foo", "error: the server doesn't have a resource type \"foo\"\n", 1),
        ("describe pod x", "Error from server (NotFound): pods \"x\" not found\n", 1),
        ("describe svc", "No resources found in default namespace.\n", 0),
        ("events", "No events found in default namespace.\n", 0),
        ("frob", "error: unknown command \"frob\" for \"kubectl\"\n", 1),
        ("top pods", "error: metrics not available yet\n", 1),
        ("top pod x", "Error from server (NotFound): pods \"x\" not found\n", 1),
        (
            "logs x",
            "error: error from server (NotFound): pods \"x\" not found in namespace \"default\"\n",
            1,
        ),
        ("logs a -c x", "error: container x is not valid for pod a\n", 1),
    ] {
        assert_eq!(scene.stderr(line), (text.to_owned(), exit), "{line}");
    }
    let output = scene.run("get pod a x");
    assert!(output.stdout.starts_with("NAME") && output.exit == 1, "{output:?}");
    let state = scene.trace.state_at(scene.now);
    for line in ["kubectl delete pod a", "apply -f x", "exec a -- ls", "rollout undo deploy/x", ""]
    {
        assert_eq!(run(&state, &scene.trace, line), None, "{line}");
    }
    assert_eq!(run(&state, &scene.trace, "get 'pods").unwrap().exit, 2);
}

#[test]
fn services_and_what_is_behind_them() {
    let endpoint = |ip: &str, ready: bool, terminating: bool| {
        json!({ "addresses": [ip], "targetRef": ip,
                "conditions": { "ready": ready, "terminating": terminating } })
    };
    let scene = Scene::new(
        60,
        &[
            json!({
                "kind": "Service",
                "metadata": { "name": "web", "creationTimestamp": { "rel_s": -20 } },
                "spec": { "type": "NodePort", "clusterIP": "10.96.0.9", "selector": { "app": "web" },
                          "ports": [{ "port": 80, "nodePort": 30080, "protocol": "TCP" }] },
            }),
            json!({
                "kind": "EndpointSlice",
                "metadata": { "name": "web-x2x5c", "creationTimestamp": { "rel_s": -20 },
                              "labels": { "kubernetes.io/service-name": "web" } },
                "addressType": "IPv4",
                "ports": [{ "port": 80, "protocol": "TCP" }],
                "endpoints": [
                    endpoint("10.244.0.1", true, false), endpoint("10.244.0.2", false, false),
                    endpoint("10.244.0.3", true, false), endpoint("10.244.0.4", true, false),
                    endpoint("10.244.0.5", false, true), endpoint("10.244.0.6", true, false),
                ],
            }),
        ],
    );
    assert_eq!(
        scene.stdout("get svc -o wide"),
        "\
NAME   TYPE       CLUSTER-IP   EXTERNAL-IP   PORT(S)        AGE   SELECTOR
web    NodePort   10.96.0.9    <none>        80:30080/TCP   20s   app=web
"
    );
    assert_eq!(
        scene.stdout("get endpointslices"),
        "\
NAME        ADDRESSTYPE   PORTS   ENDPOINTS                                      AGE
web-x2x5c   IPv4          80      10.244.0.1,10.244.0.2,10.244.0.3 + 3 more...   20s
"
    );
    let endpoints = scene.run("get ep");
    assert!(endpoints.stderr.starts_with("Warning: v1 Endpoints is deprecated"));
    assert_eq!(
        endpoints.stdout,
        "\
NAME   ENDPOINTS                                               AGE
web    10.244.0.1:80,10.244.0.3:80,10.244.0.4:80 + 1 more...   20s
"
    );
}

#[test]
fn events_have_their_order_and_their_ages() {
    let event = |name: &str, first: i64, last: i64, count: i32, reason: &str| {
        json!({
            "kind": "Event",
            "metadata": { "name": name },
            "involvedObject": { "kind": "Pod", "name": "p", "fieldPath": "spec.containers{app}" },
            "type": "Normal", "reason": reason, "message": "Container created\n",
            "source": { "component": "kubelet", "host": "node1" },
            "firstTimestamp": { "rel_s": -first }, "lastTimestamp": { "rel_s": -last },
            "count": count,
        })
    };
    let mut scheduled = event("p.a", 0, 0, 0, "Scheduled");
    for key in ["firstTimestamp", "lastTimestamp", "count"] {
        scheduled.as_object_mut().unwrap().remove(key);
    }
    scheduled["eventTime"] = json!({ "rel_s": -300 });
    scheduled["involvedObject"]["fieldPath"] = "".into();
    let scene = Scene::new(
        600,
        &[event("p.c", 299, 41, 7, "Pulled"), event("p.b", 298, 297, 2, "Created"), scheduled],
    );
    // In the order of names, as the API server lists them.
    assert_eq!(
        scene.stdout("get events"),
        "\
LAST SEEN   TYPE     REASON      OBJECT   MESSAGE
5m          Normal   Scheduled   pod/p    Container created
4m57s       Normal   Created     pod/p    Container created
41s         Normal   Pulled      pod/p    Container created
"
    );
    assert_eq!(
        scene.stdout("kubectl events --for pod/p"),
        "\
LAST SEEN               TYPE     REASON      OBJECT   MESSAGE
5m                      Normal   Scheduled   Pod/p    Container created
4m57s (x2 over 4m58s)   Normal   Created     Pod/p    Container created
41s (x7 over 4m59s)     Normal   Pulled      Pod/p    Container created
"
    );
    let wide = scene.stdout("get ev -o wide");
    assert!(wide.starts_with("LAST SEEN   TYPE     REASON      OBJECT   SUBOBJECT "), "{wide}");
    assert!(wide.contains("kubelet, node1"), "{wide}");
}

#[test]
fn logs_belong_to_one_instance_of_one_container() {
    let mut pod = running("p", 30, json!({}));
    pod["spec"]["containers"][0]["name"] = "app".into();
    pod["spec"]["initContainers"] = json!([{ "name": "i1" }]);
    pod["status"]["containerStatuses"][0]["name"] = "app".into();
    pod["status"]["containerStatuses"][0]["lastState"] = json!({ "terminated": { "exitCode": 1 } });
    let mut scene = Scene::new(30, &[pod.clone()]);
    let object = kubectl_support::object(&pod, scene.now).unwrap();
    let mut about = subject(&object, Some("app"));
    about.uid = scene.trace.histories()[0].uid.clone();
    let start = |attempt| Change::ContainerStarted { attempt };
    let line = |text: &str| Change::Output { line: text.into() };
    for (second, change) in [
        (1, start(0)),
        (2, line("first")),
        (10, start(1)),
        (11, line("second")),
        (12, line("third")),
        (40, line("too late")),
    ] {
        scene.trace.push(entry(Instant::from_secs(second), about.clone(), change));
    }
    let output = scene.run("kubectl logs p");
    assert_eq!(output.stdout, "second\nthird\n");
    assert_eq!(output.stderr, "Defaulted container \"app\" out of: app, i1 (init)\n");
    assert_eq!(scene.stdout("logs p -c app --previous"), "first\n");
    assert_eq!(scene.stdout("logs pod/p app --tail=1"), "third\n");
    assert_eq!(
        scene.stdout("logs p -c app --timestamps --tail 1"),
        "2026-01-05T00:00:12.000000000Z third\n"
    );
    assert_eq!(
        scene.stderr("logs p -c i1"),
        (
            "Error from server (BadRequest): container \"i1\" in pod \"p\" is not available\n"
                .into(),
            1
        )
    );

    // Recorded on Kubernetes 1.36.2 while an init container ran.
    pod["status"]["containerStatuses"] = json!([
        { "name": "app", "state": { "waiting": { "reason": "PodInitializing" } } },
    ]);
    let output = Scene::new(10, &[pod]).run("kubectl logs p");
    assert_eq!((output.stdout.as_str(), output.exit), ("", 1));
    assert_eq!(
        output.stderr,
        "Defaulted container \"app\" out of: app, i1 (init)\nError from server (BadRequest): \
         container \"app\" in pod \"p\" is waiting to start: PodInitializing\n"
    );
}

#[test]
fn data_is_counted_and_secrets_stay_secret() {
    let scene = Scene::new(
        60,
        &[
            json!({ "kind": "ConfigMap", "metadata": { "name": "cm" }, "data": { "a": "b" } }),
            json!({ "kind": "Secret", "metadata": { "name": "s" }, "type": "Opaque",
                "data": { "password": "aHVudGVyMg==" } }),
        ],
    );
    assert_eq!(
        scene.stdout("describe cm cm"),
        "\
Name:         cm
Namespace:    default
Labels:       <none>
Annotations:  <none>

Data
====
a:
----
b


BinaryData
====

Events:  <none>
"
    );
    let secret = scene.stdout("describe secret s");
    assert!(secret.contains("\nType:  Opaque\n\nData\n====\npassword:  7 bytes\n"), "{secret}");
    assert!(!secret.contains("hunter"), "{secret}");
}

#[test]
fn whole_objects_are_written_as_go_writes_them() {
    let recorded = kubectl_support::data("get-pod-yaml.json");
    let scene = Scene::new(25, &[recorded["object"].clone()]);
    let line = "get pod daemon-pod -o yaml -n seed-two-containers";
    let (ours, theirs) = (scene.stdout(line), recorded["expect"].as_str().unwrap());
    let differs = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
    assert_eq!(differs, None);
    assert_eq!(ours, theirs);
}

proptest::proptest! {
    /// Whatever is typed gets an answer, and never a panic.
    #[test]
    fn every_line_gets_an_answer(
        words in proptest::collection::vec(
            proptest::prop_oneof![
                "[a-z/.,=!() -]{0,12}",
                "\\PC{0,6}",
                proptest::sample::select(vec![
                    "get", "describe", "events", "logs", "rollout", "status", "pods", "pod/a", "all",
                    "-o", "wide", "yaml", "json", "name", "-A", "-n", "-l", "app in (a", "--sort-by",
                    ".metadata.name", "--tail", "-1", "--for", "pod/a", "-c", "--", "ep", "svc/web",
                ]).prop_map(str::to_owned),
            ],
            0..8,
        )
    ) {
        let scene = Scene::new(60, &[
            running("a", 30, json!({ "app": "web" })),
            json!({ "kind": "Service", "metadata": { "name": "web" },
                    "spec": { "selector": { "app": "web" } } }),
        ]);
        let state = scene.trace.state_at(scene.now);
        let _ = run(&state, &scene.trace, &words.join(" "));
        let _ = podarium::view::kubectl::run_words(&state, &scene.trace, &words);
    }
}
