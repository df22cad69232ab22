//! What the controllers of workloads make of whole scenarios.
#![cfg(not(target_arch = "wasm32"))]

mod workloads_support;

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Verb};
use workloads_support::{created, events, fired, job, names, printed, run, run_on, workload};

#[test]
fn a_stateful_set_grows_shrinks_and_updates_one_by_one() {
    let claims = "  replicas: 3\n  serviceName: web\n  volumeClaimTemplates:\n  - metadata: {name: \
                  data}\n    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: \
                  1Gi}}}\n";
    let manifest = workload("StatefulSet", "web", claims);
    let trace = run(
        &manifest,
        60,
        &[
            (15, "kubectl set image sts/web nginx=nginx:1.27"),
            (35, "kubectl scale sts web --replicas=1"),
            (50, "kubectl rollout undo sts/web"),
        ],
    );
    assert_eq!(names(&trace, "Pod", 14), ["web-0", "web-1", "web-2"]);
    let order: Vec<String> = created(&trace, "web-").into_iter().map(|(_, name)| name).collect();
    assert_eq!(order, ["web-0", "web-1", "web-2", "web-2", "web-1", "web-0", "web-0"]);
    assert_eq!(names(&trace, "Pod", 45), ["web-0"]);
    let claims = names(&trace, "PersistentVolumeClaim", 59);
    assert_eq!(claims, ["data-web-0", "data-web-1", "data-web-2"], "claims stay");
    let said = events(&trace, "SuccessfulCreate");
    assert!(said.contains(&"Create Pod web-0 in StatefulSet web successful".to_owned()));
    assert!(fired(&trace, Rule::StatefulSetUpdates) && fired(&trace, Rule::StatefulSetDeletes));
}

#[test]
fn a_daemon_set_is_on_every_node_even_a_cordoned_one() {
    let manifest = workload("DaemonSet", "agent", "");
    let nodes = ["node1", "node2", "node3"];
    let actions = [
        (5, "kubectl cordon node2"),
        (6, "kubectl delete pod -l app=agent"),
        (15, "kubectl set image ds/agent nginx=nginx:1.27"),
    ];
    let trace = run_on(&manifest, 40, &actions, &nodes);
    for second in [4, 14, 39] {
        let state = trace.state_at(Instant::from_secs(second));
        let mut on: Vec<&str> = state.pods().map(|pod| pod.spec.node_name.as_str()).collect();
        on.sort_unstable();
        assert_eq!(on, nodes, "at {second}");
    }
    let state = trace.state_at(Instant::from_secs(39));
    assert!(state.pods().all(|pod| pod.spec.containers[0].image == "nginx:1.27"));
    assert!(fired(&trace, Rule::DaemonSetUpdates));
}

#[test]
fn a_job_waits_longer_after_each_failure() {
    let trace = run(&job("j", "exit 3", "  backoffLimit: 3\n"), 100, &[]);
    let at: Vec<i64> = created(&trace, "j-").into_iter().map(|(second, _)| second).collect();
    assert_eq!(at.len(), 4, "{at:?}");
    // 10, 20 and 40 seconds from the failure before.
    for (pair, wait) in at.windows(2).zip([10, 20, 40]) {
        assert!((wait..wait + 3).contains(&(pair[1] - pair[0])), "{at:?}");
    }
    let failed = events(&trace, "BackoffLimitExceeded");
    assert_eq!(failed, ["Job has reached the specified backoff limit"]);
    assert!(fired(&trace, Rule::JobFails));
}

#[test]
fn indexes_fail_one_by_one_and_deadlines_end_all() {
    let per_index = "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  \
                     backoffLimitPerIndex: 1\n";
    let script = "sleep 2; test $JOB_COMPLETION_INDEX != 1";
    let manifests = format!(
        "{}---\n{}",
        job("idx", script, per_index),
        job("dead", "sleep 1000", "  activeDeadlineSeconds: 10\n  ttlSecondsAfterFinished: 20\n")
    );
    let trace = run(&manifests, 90, &[]);
    assert_eq!(created(&trace, "idx-1-").len(), 2);
    assert_eq!(created(&trace, "idx-").len(), 4);
    assert_eq!(events(&trace, "FailedIndexes"), ["Job has failed indexes"]);
    let state = trace.state_at(Instant::from_secs(60));
    let Some(Object::Job(idx)) = state.get("Job", "default", "idx") else { panic!("no Job") };
    assert_eq!(idx.status.completed_indexes, "0,2");
    assert_eq!(idx.status.failed_indexes.as_deref(), Some("1"));
    assert_eq!(events(&trace, "DeadlineExceeded").len(), 1);
    // Failed at 41 s, when the last Pod is gone; removed 20 s later.
    assert_eq!(names(&trace, "Job", 55), ["dead", "idx"]);
    assert_eq!(names(&trace, "Job", 70), ["idx"]);
    assert!(fired(&trace, Rule::JobTtl) && fired(&trace, Rule::ForegroundDeletion));
}

#[test]
fn a_policy_ends_a_job_at_once() {
    let policy = "  podFailurePolicy:\n    rules:\n    - action: FailJob\n      onExitCodes: \
                  {operator: In, values: [42]}\n";
    let trace = run(&job("j", "exit 42", policy), 20, &[]);
    assert_eq!(created(&trace, "j-").len(), 1);
    let pod = &created(&trace, "j-")[0].1;
    let message = format!(
        "Container c for pod default/{pod} failed with exit code 42 matching FailJob rule at index 0"
    );
    assert_eq!(events(&trace, "PodFailurePolicy"), [message]);
}

#[test]
fn a_cron_job_keeps_its_times_and_its_history() {
    let manifest = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec:\n  schedule: \
                    \"* * * * *\"\n  successfulJobsHistoryLimit: 2\n  jobTemplate:\n    spec:\n      \
                    template:\n        spec:\n          restartPolicy: OnFailure\n          \
                    containers: [{name: c, image: \"busybox:1.36\", command: [sh, -c, \"sleep 5\"]}]\n";
    let suspend = "kubectl patch cronjob tick --type=json -p \
                   '[{\"op\":\"replace\",\"path\":\"/spec/suspend\",\"value\":true}]'";
    let trace = run(manifest, 320, &[(250, suspend)]);
    // Zero is 2026-01-05T00:00:00Z; names count minutes since 1970.
    assert_eq!(names(&trace, "Job", 240), ["tick-29459522", "tick-29459523"]);
    assert_eq!(names(&trace, "Job", 242), ["tick-29459522", "tick-29459523", "tick-29459524"]);
    assert_eq!(names(&trace, "Job", 319), ["tick-29459523", "tick-29459524"]);
    assert_eq!(printed(&trace), ["cronjob.batch/tick patched"]);
}

#[test]
fn a_pod_that_is_relabelled_is_let_go_and_replaced() {
    let manifest = workload("ReplicaSet", "web", "  replicas: 2\n");
    let first = run(&manifest, 10, &[]);
    let pod = created(&first, "web-")[0].1.clone();
    let away = format!("kubectl label pod {pod} app=debug --overwrite");
    let back = format!("kubectl label pod {pod} app=web --overwrite");
    let trace = run(&manifest, 40, &[(12, &away), (25, &back)]);
    assert_eq!(names(&trace, "Pod", 20).len(), 3);
    let state = trace.state_at(Instant::from_secs(20));
    let Some(Object::Pod(orphan)) = state.get("Pod", "default", &pod) else { panic!("gone") };
    assert!(orphan.metadata.owner_references.is_empty());
    // Back again it is one too many.
    assert_eq!(names(&trace, "Pod", 39).len(), 2);
    assert!(fired(&trace, Rule::OrphanReleased) && fired(&trace, Rule::OrphanAdopted));
}

#[test]
fn a_namespace_takes_everything_along() {
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n".to_owned()
        + &workload("Deployment", "web", "  replicas: 2\n")
            .replace("metadata: {name: web}", "metadata: {name: web, namespace: shop}");
    let trace = run(
        &manifest,
        60,
        &[
            (10, "kubectl delete ns shop"),
            (11, "kubectl create configmap late -n shop --from-literal=a=b"),
        ],
    );
    let printed = printed(&trace);
    assert_eq!(printed[0], "namespace \"shop\" deleted");
    assert!(printed[1].contains("because it is being terminated"), "{}", printed[1]);
    assert_eq!(names(&trace, "Pod", 14).len(), 2, "the controller waits 5 s");
    assert!(names(&trace, "Namespace", 14).contains(&"shop".to_owned()));
    assert!(names(&trace, "Pod", 40).is_empty());
    assert!(names(&trace, "Deployment", 40).is_empty());
    assert!(!names(&trace, "Namespace", 40).contains(&"shop".to_owned()));
}

/// The Node object is deleted at 20 s, while the machine and its Pods run on.
#[test]
fn a_node_that_is_deleted_takes_its_pods_along_a_minute_later() {
    let manifest = workload("Deployment", "web", "  replicas: 2\n");
    let again = "{at: 120s, node: node2, run: systemctl restart kubelet}";
    let text = format!(
        "{manifest}---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n  \
         duration: 3m\n  actions:\n  - {{at: 20s, run: kubectl delete node node2}}\n  - {{at: 100s, \
         run: kubectl scale deploy web --replicas=3}}\n  - {again}\n"
    );
    let trace = Cluster::run(&Scenario::from_text(&text).0);
    let nodes = |second| names(&trace, "Node", second);
    assert_eq!(
        (nodes(30), nodes(130)),
        (vec!["node1".into()], vec!["node1".into(), "node2".into()])
    );
    assert_eq!(
        events(&trace, "RemovingNode"),
        ["Node node2 event: Removing Node node2 from Controller"]
    );
    assert_eq!(
        events(&trace, "RegisteredNode"),
        ["Node node2 event: Registered Node node2 in Controller"]
    );
    let (failed, at) = trace
        .entries()
        .iter()
        .find_map(|entry| match &entry.change {
            Change::Stored { verb: Verb::Updated, object: Object::Pod(pod) }
                if pod.status.phase == "Failed" =>
            {
                Some((pod.clone(), entry.at.as_micros() / 1_000_000))
            }
            _ => None,
        })
        .expect("a Pod is called Failed");
    // The next look within 20 s, 40 s of quarantine.
    assert!((60..81).contains(&at), "{at}");
    let target = failed.status.condition("DisruptionTarget").expect("it says why");
    assert_eq!(
        (&*target.reason, &*target.message),
        ("DeletionByPodGC", "PodGC: node no longer exists")
    );
    assert_eq!(names(&trace, "Pod", 58).len(), 2, "until then it is as it was");
    assert!(!names(&trace, "Pod", 85).contains(&failed.metadata.name));
    let state = trace.state_at(Instant::from_secs(119));
    assert!(state.pods().all(|pod| pod.spec.node_name == "node1"), "nobody goes where no node is");
}

/// A Pod that names a node which there is not.
#[test]
fn a_pod_of_a_node_that_never_was_is_collected() {
    let manifest = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: nowhere, \
                    containers: [{name: c, image: \"nginx:1.25\"}]}}";
    let trace = run(manifest, 90, &[]);
    assert_eq!((names(&trace, "Pod", 39).len(), names(&trace, "Pod", 65).len()), (1, 0));
}

/// What ReplicaSets were called before.
#[test]
fn a_replication_controller_keeps_its_pods_and_knows_no_rollouts() {
    let manifest = "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: old}\nspec:\n  \
                    replicas: 2\n  selector: {app: old}\n  template:\n    metadata: {labels: {app: \
                    old}}\n    spec: {containers: [{name: nginx, image: \"nginx:1.25\"}]}\n";
    let trace = run(
        manifest,
        60,
        &[
            (10, "kubectl scale rc old --replicas=3"),
            (20, "kubectl rollout restart rc/old"),
            (21, "kubectl rollout undo rc/old"),
            (22, "kubectl set image rc/old nginx=nginx:1.27"),
            (30, "kubectl delete rc old"),
        ],
    );
    assert_eq!(
        printed(&trace),
        [
            "replicationcontroller/old scaled",
            "error: replicationcontrollers \"old\" restarting is not supported",
            "error: no rollbacker has been implemented for \"ReplicationController\"",
            "replicationcontroller/old image updated",
            "replicationcontroller \"old\" deleted from default namespace",
        ]
    );
    let state = trace.state_at(Instant::from_secs(29));
    let images: Vec<&str> = state.pods().map(|pod| pod.spec.containers[0].image.as_str()).collect();
    assert_eq!(images, ["nginx:1.25"; 3], "a new template is for new Pods");
    assert!(
        state.pods().all(|pod| pod.metadata.owner_references[0].kind == "ReplicationController")
    );
    assert!(trace.state_at(Instant::from_secs(59)).pods().next().is_none());
}

#[test]
fn a_job_that_may_not_make_pods_counts_none_and_waits_longer_each_time() {
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: \
                 \"1\"}}\n---\n";
    let manifest =
        quota.to_owned() + &job("j", "sleep 100", "  parallelism: 5\n  completions: 5\n");
    let trace = run(&manifest, 60, &[]);
    let state = trace.state_at(Instant::from_secs(59));
    let Some(Object::Job(j)) = state.get("Job", "default", "j") else { panic!("no Job") };
    assert_eq!(j.status.active, 1);
    // One, then two, of which both fail: the rest is not tried. Again after 1, 2, 4, … seconds.
    let refused = |from: i64, to: i64| {
        let in_time = |entry: &podarium::trace::Entry| {
            (from * 1_000_000..to * 1_000_000).contains(&entry.at.as_micros())
        };
        let forbids = |entry: &&podarium::trace::Entry| {
            in_time(entry) && entry.rule == Rule::AdmissionForbids
        };
        trace.entries().iter().filter(forbids).count()
    };
    assert_eq!(refused(0, 1), 2);
    assert!((4..9).contains(&refused(1, 60)), "{}", refused(1, 60));
}

#[test]
fn a_job_of_another_manager_is_left_alone() {
    let trace = run(&job("j", "sleep 1", "  managedBy: example.com/queue\n"), 20, &[]);
    assert!(created(&trace, "j-").is_empty());
}

#[test]
fn commands_without_a_manifest_make_what_they_say() {
    let trace = run(
        "",
        60,
        &[
            (1, "kubectl create deployment web --image=nginx:1.25 --replicas=2 --port=80"),
            (2, "kubectl expose deployment web --port=8080 --target-port=80"),
            (3, "kubectl run shell --image=busybox:1.36 --restart=Never -- sleep 3"),
            (4, "kubectl create job once --image=busybox:1.36 -- sh -c 'sleep 2'"),
            (5, "kubectl create configmap cm --from-literal=a=b --from-literal=c=d"),
            (6, "kubectl create configmap cm --from-literal=a=b"),
            (
                7,
                "kubectl patch deployment web -p '{\"spec\":{\"replicas\":3,\"template\":{\"spec\":\
                 {\"containers\":[{\"name\":\"nginx\",\"image\":\"nginx:1.27\"}]}}}}'",
            ),
            (20, "kubectl rollout undo deployment/web"),
            (30, "kubectl scale daemonset nobody --replicas=1"),
        ],
    );
    assert_eq!(
        printed(&trace),
        [
            "deployment.apps/web created",
            "service/web exposed",
            "pod/shell created",
            "job.batch/once created",
            "configmap/cm created",
            "error: failed to create configmap: configmaps \"cm\" already exists",
            "deployment.apps/web patched",
            "deployment.apps/web rolled back",
            "Error from server (NotFound): daemonsets.apps \"nobody\" not found",
        ]
    );
    let state = trace.state_at(Instant::from_secs(59));
    let Some(Object::Service(service)) = state.get("Service", "default", "web") else {
        panic!("no Service")
    };
    assert_eq!(service.spec.selector.get("app").map(String::as_str), Some("web"));
    assert_eq!(service.spec.ports[0].port, 8080);
    let of_web: Vec<&str> = state
        .pods()
        .filter(|pod| pod.metadata.labels.get("app").is_some_and(|app| app == "web"))
        .map(|pod| pod.spec.containers[0].image.as_str())
        .collect();
    assert_eq!(of_web, ["nginx:1.25"; 3]);
    let Some(Object::Job(once)) = state.get("Job", "default", "once") else { panic!("no Job") };
    assert_eq!((once.status.succeeded, once.status.is_finished()), (1, true));
    let Some(Object::Pod(shell)) = state.get("Pod", "default", "shell") else { panic!("no Pod") };
    assert_eq!(shell.status.phase, "Succeeded");
}

#[test]
fn a_rollout_that_does_not_move_is_called_stuck() {
    let manifest = workload("Deployment", "web", "  progressDeadlineSeconds: 30\n");
    let trace =
        run(&manifest, 90, &[(10, "kubectl set image deploy/web nginx=nginxx-does-not-exist")]);
    let state = trace.state_at(Instant::from_secs(89));
    let Some(Object::Deployment(web)) = state.get("Deployment", "default", "web") else {
        panic!("no Deployment")
    };
    let progressing = web.status.conditions.iter().find(|c| c.kind == "Progressing").unwrap();
    assert_eq!((&*progressing.status, &*progressing.reason), ("False", "ProgressDeadlineExceeded"));
    let since = progressing.last_transition_time.unwrap().as_micros() / 1_000_000;
    assert!((40..45).contains(&since), "{since}");
}

#[test]
fn a_history_is_as_long_as_it_is_asked_to_be() {
    let manifest = workload("Deployment", "web", "  replicas: 1\n  revisionHistoryLimit: 1\n");
    let patch = |n: i32| {
        format!(
            "kubectl patch deploy web -p \
             '{{\"spec\":{{\"template\":{{\"metadata\":{{\"annotations\":{{\"n\":\"{n}\"}}}}}}}}}}'"
        )
    };
    let (one, two, three) = (patch(1), patch(2), patch(3));
    let trace = run(&manifest, 60, &[(5, &one), (15, &two), (25, &three)]);
    assert_eq!(names(&trace, "ReplicaSet", 59).len(), 2, "the current one and one old one");
}

/// A mounted ConfigMap follows; what was read into the environment does not.
#[test]
fn a_mounted_config_map_follows_at_the_next_sync() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {k: v1}\n---\n\
                    apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: \
                    app\n    image: busybox:1.36\n    command: [sh, -c, \"while true; do cat /cfg/k; \
                    echo; sleep 5; done\"]\n    volumeMounts: [{name: v, mountPath: /cfg}]\n  \
                    volumes: [{name: v, configMap: {name: cm}}]\n";
    let patch = "kubectl patch cm cm -p '{\"data\":{\"k\":\"v2\"}}'";
    let trace = run(manifest, 120, &[(15, patch)]);
    let first = trace.entries().iter().find_map(|entry| match &entry.change {
        Change::Output { line } if &**line == "v2" => Some(entry.at.as_micros() / 1_000_000),
        _ => None,
    });
    // A healthy Pod is synced every 60 to 90 seconds; the loop looks every 5.
    assert!(first.is_some_and(|second| (60..98).contains(&second)), "{first:?}");
    assert!(fired(&trace, Rule::VolumeRefreshed));
}
