//! What kubectl and the controllers make of rollouts that people try to break.
#![cfg(not(target_arch = "wasm32"))]

#[expect(dead_code, reason = "shared with the tests of workloads")]
mod workloads_support;

use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::time::Instant;
use podarium::trace::Change;
use workloads_support::{fired, names, printed, run, workload};

#[test]
fn a_paused_deployment_is_neither_restarted_nor_rolled_back() {
    let manifest = workload("Deployment", "web", "  replicas: 2\n");
    let trace = run(
        &manifest,
        60,
        &[
            (10, "kubectl set image deploy/web nginx=nginx:1.27"),
            (20, "kubectl rollout pause deploy/web"),
            (21, "kubectl rollout undo deploy/web"),
            (22, "kubectl rollout restart deploy/web"),
            (23, "kubectl set env deploy/web A=B"),
            (30, "kubectl rollout resume deploy/web"),
            (40, "kubectl rollout undo deploy/web --to-revision=3"),
            (50, "kubectl rollout restart deployment"),
        ],
    );
    assert_eq!(
        printed(&trace)[2..],
        [
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout \
             resume' and try again",
            "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume \
             first)",
            "deployment.apps/web env updated",
            "deployment.apps/web resumed",
            "deployment.apps/web skipped rollback (current template already matches revision 3)",
            "deployment.apps/web restarted",
        ]
    );
    assert_eq!(names(&trace, "ReplicaSet", 29).len(), 2, "nothing new while it is paused");
    assert_eq!(names(&trace, "ReplicaSet", 39).len(), 3);
}

#[test]
fn claims_go_with_pods_that_are_too_many_when_they_are_told_to() {
    let more = |when: &str| {
        format!(
            "  replicas: 2\n  serviceName: db\n  persistentVolumeClaimRetentionPolicy: {{{when}}}\n  \
             volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: \
             [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
        )
    };
    let acts = [(30, "kubectl scale sts db --replicas=1"), (60, "kubectl delete sts db")];
    let claims = |when: &str| {
        let trace = run(&workload("StatefulSet", "db", &more(when)), 90, &acts);
        let of = |second| names(&trace, "PersistentVolumeClaim", second).len();
        (of(29), of(59), of(89), fired(&trace, Rule::ClaimRetained))
    };
    assert_eq!(claims("whenScaled: Retain"), (2, 2, 2, false));
    assert_eq!(claims("whenScaled: Delete"), (2, 1, 1, true));
    let (before, scaled, deleted, _) = claims("whenDeleted: Delete");
    assert_eq!((before, scaled, deleted), (2, 2, 0));
}

/// With a surge two Pods of one node are there at once: the older one is the one that counts.
#[test]
fn a_daemon_set_counts_the_oldest_pod_of_a_node_and_its_templates() {
    let more = "  minReadySeconds: 5\n  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: \
                0}}\n";
    let manifest = workload("DaemonSet", "a", more);
    let trace = run(&manifest, 60, &[(20, "kubectl set image ds/a nginx=nginx:1.27")]);
    let of = |second: i64| {
        let state = trace.state_at(Instant::from_secs(second));
        let Some(Object::DaemonSet(set)) = state.get("DaemonSet", "default", "a") else {
            panic!("no DaemonSet")
        };
        let annotation = "deprecated.daemonset.template.generation";
        let generation = set.metadata.annotations.get(annotation).cloned().unwrap_or_default();
        (set.status.number_available, set.status.updated_number_scheduled, generation)
    };
    assert_eq!(of(19), (2, 2, "1".to_owned()));
    assert_eq!(of(23), (2, 0, "2".to_owned()), "the new Pod is ready, and not available yet");
    assert_eq!(of(59), (2, 2, "2".to_owned()));
}

/// A drain that is refused for too long gives up, and has drained nothing.
#[test]
fn a_drain_that_gives_up_says_what_it_waited_for() {
    let budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: \
                  {maxUnavailable: 0, selector: {matchLabels: {app: web}}}\n";
    let manifest = workload("Deployment", "web", "  replicas: 2\n") + budget;
    let trace = run(&manifest, 60, &[(10, "kubectl drain node1 --timeout=12s")]);
    let text = &printed(&trace)[0];
    let last = text.lines().last().unwrap_or_default();
    assert!(last.starts_with("error when evicting pods/\"web-"), "{text}");
    assert!(last.ends_with("-n \"default\": global timeout reached: 12s"), "{text}");
    assert!(!text.contains("node1 drained"), "{text}");
}

/// A Pod that never becomes ready holds an ordered update back, even on the way back.
#[test]
fn an_ordered_update_is_stuck_until_somebody_deletes_the_broken_pod() {
    let manifest = workload("StatefulSet", "db", "  replicas: 2\n  serviceName: db\n");
    let trace = run(
        &manifest,
        90,
        &[
            (10, "kubectl set image sts/db nginx=nginx:broken"),
            (40, "kubectl rollout undo sts/db"),
            (60, "kubectl delete pod db-1"),
        ],
    );
    let image = |second: i64| {
        let state = trace.state_at(Instant::from_secs(second));
        match state.get("Pod", "default", "db-1") {
            Some(Object::Pod(pod)) => pod.spec.containers[0].image.clone(),
            _ => String::new(),
        }
    };
    assert_eq!(
        (&*image(39), &*image(59), &*image(89)),
        ("nginx:broken", "nginx:broken", "nginx:1.25")
    );
}

/// Jobs, autoscalers of the older version, and what is stored and forbidden go by field, too.
#[test]
fn every_kind_is_merged_by_field() {
    let text = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, labels: {a: b}}\nspec:\n  \
                template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: \
                busybox, command: [sleep, '100']}]\n---\napiVersion: autoscaling/v1\nkind: \
                HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {scaleTargetRef: {apiVersion: \
                apps/v1, kind: Deployment, name: web}, maxReplicas: 5, \
                targetCPUUtilizationPercentage: 50}\n---\napiVersion: v1\nkind: LimitRange\n\
                metadata: {name: l}\nspec: {limits: [{type: Container, default: {cpu: 100m}}]}\n---\n\
                apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: p}\nvalue: \
                10\n";
    let job = |parallelism: &str, image: &str| {
        format!(
            "kubectl apply -f - <<EOF\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: \
             j}}\nspec:\n  {parallelism}\n  template:\n    spec:\n      restartPolicy: Never\n      \
             containers: [{{name: c, image: {image}, command: [sleep, '100']}}]\nEOF"
        )
    };
    let scaler = "kubectl apply -f - <<EOF\napiVersion: autoscaling/v1\nkind: \
                  HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {scaleTargetRef: {apiVersion: \
                  apps/v1, kind: Deployment, name: web}, maxReplicas: 7, \
                  targetCPUUtilizationPercentage: 60}\nEOF";
    let class = "kubectl apply -f - <<EOF\napiVersion: scheduling.k8s.io/v1\nkind: \
                 PriorityClass\nmetadata: {name: p}\nvalue: 20\nEOF";
    let (more, other) = (job("parallelism: 2", "busybox"), job("parallelism: 2", "nginx"));
    let trace = run(
        text,
        60,
        &[
            (5, "kubectl label job j hand=made"),
            (6, "kubectl label limits l hand=made"),
            (
                7,
                "kubectl patch hpa h --type=merge -p '{\"spec\":{\"behavior\":{\"scaleDown\":\
                 {\"stabilizationWindowSeconds\":10}}}}'",
            ),
            (10, "kubectl apply -f all.yaml"),
            (20, more.as_str()),
            (25, other.as_str()),
            (30, scaler),
            (35, class),
        ],
    );
    let applied = trace.entries().iter().skip(1).filter_map(|entry| match &entry.change {
        Change::Acted { command, output, .. }
            if command.starts_with("kubectl apply") && !command.ends_with(" -") =>
        {
            Some(output.trim_end().to_owned())
        }
        _ => None,
    });
    let printed: Vec<String> = applied.collect();
    assert_eq!(
        printed[0],
        "job.batch/j unchanged\nhorizontalpodautoscaler.autoscaling/h unchanged\nlimitrange/l \
         unchanged\npriorityclass.scheduling.k8s.io/p unchanged"
    );
    assert_eq!(printed[1], "job.batch/j configured");
    let refused = "The Job \"j\" is invalid: spec.template: Invalid value: {";
    assert!(printed[2].starts_with(refused), "{}", printed[2]);
    assert!(printed[2].trim_end().ends_with("}: field is immutable"), "{}", printed[2]);
    assert_eq!(printed[3], "horizontalpodautoscaler.autoscaling/h configured");
    assert_eq!(
        printed[4].trim_end(),
        "The PriorityClass \"p\" is invalid: value: Forbidden: may not be changed in an update."
    );
    let now = |line: &str| {
        let state = trace.state_at(Instant::from_secs(50));
        podarium::view::kubectl::run(&state, &trace, line).unwrap().stdout
    };
    // A map that the last manifest named and this one does not goes as a whole.
    assert_eq!(
        now("kubectl get job j --show-labels --no-headers").split("   ").last(),
        Some("<none>\n")
    );
    let path = "kubectl get hpa h -o jsonpath='{.spec.maxReplicas} \
                {.spec.behavior.scaleDown.stabilizationWindowSeconds} \
                {.spec.metrics[0].resource.target.averageUtilization}'";
    assert_eq!(now(path), "7 10 60");
}

/// A Pod that fits nowhere is tried once for all that changes while it backs off.
#[test]
fn a_pod_that_fits_nowhere_stands_in_the_queue_once() {
    let wants = |name: &str, replicas: &str, cpu: &str| {
        workload("Deployment", name, replicas)
            .replace("\"nginx:1.25\"", &format!("nginx, resources: {{requests: {{cpu: '{cpu}'}}}}"))
    };
    // Those that have the room could leave, and do not.
    let (full, big) = (wants("full", "  replicas: 4\n", "3"), wants("big", "  replicas: 1\n", "7"));
    let crowd = workload("Deployment", "crowd", "  replicas: 6\n");
    let trace = run(
        &format!("{full}---\n{big}---\n{crowd}"),
        400,
        &[
            (20, "kubectl delete pods -l app=crowd"),
            (60, "kubectl scale deploy crowd --replicas=0"),
        ],
    );
    let tried: Vec<i64> = trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Stored { object: Object::Event(event), .. }
                if event.reason == "FailedScheduling" =>
            {
                Some(entry.at.as_micros())
            }
            _ => None,
        })
        .collect();
    let apart = tried.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000);
    assert!(tried.len() >= 4 && apart, "{tried:?}");
}
