//! What containers are told, and what is told of them, where no recording shows it.
#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::manifest::pod::{ContainerStateTerminated, Pod};
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Trace};

/// Runs manifests on one node that has the images; `more` are further fields of the scenario.
fn run_with(manifests: &str, more: &str) -> Trace {
    let text = format!(
        "{manifests}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n\
         spec:\n  duration: 60s\n  {more}\n  cluster:\n    nodes:\n    - {{name: node1, images: \
         [\"busybox:1.36\", \"nginx:1.25\", \"nginx:1.26\"]}}\n"
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

/// A Pod `p` with this spec, written as it stands below `spec:` with two spaces before each line.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}\n")
}

/// The Pod `p` at a second.
fn at(trace: &Trace, second: i64) -> Rc<Pod> {
    match trace.state_at(Instant::from_secs(second)).get("Pod", "default", "p") {
        Some(Object::Pod(pod)) => pod.clone(),
        _ => panic!("the Pod is there at {second} s"),
    }
}

/// How the containers of the Pod have ended.
fn ends(pod: &Pod) -> Vec<(&str, &ContainerStateTerminated)> {
    let ended = pod.status.container_statuses.iter();
    ended.filter_map(|own| Some((&*own.name, own.state.terminated.as_ref()?))).collect()
}

/// The messages of the Events of a reason, in the order of their first time.
fn said(trace: &Trace, reason: &str) -> Vec<String> {
    let state = trace.state_at(trace.horizon());
    state.events().filter(|event| event.reason == reason).map(|own| own.message.clone()).collect()
}

/// What containers have printed, one line each.
fn output(trace: &Trace) -> String {
    let line = |change: &Change| match change {
        Change::Output { line } => Some(format!("{line}\n")),
        _ => None,
    };
    trace.entries().iter().filter_map(|entry| line(&entry.change)).collect()
}

#[test]
fn a_container_that_failed_without_a_word_is_told_of_by_its_log() {
    let container = |name: &str, script: &str, more: &str| {
        format!(
            "  - {{name: {name}, image: 'busybox:1.36', command: [sh, -c, \"{script}\"], \
             terminationMessagePolicy: FallbackToLogsOnError{more}}}\n"
        )
    };
    let trace = run_with(
        &pod(&format!(
            "  restartPolicy: Never\n  containers:\n{}{}{}{}{}",
            container("both", "echo to stdout; echo to stderr >&2; exit 3", ""),
            container("own", "echo lost; printf because > /dev/termination-log; exit 3", ""),
            container("fine", "echo fine", ""),
            container("long", "for i in $(seq 200); do echo line $i; done; exit 1", ""),
            container("other", "echo x > /tmp/end; exit 1", ", terminationMessagePath: /tmp/end"),
        )),
        "",
    );
    let pod = at(&trace, 30);
    let ends = ends(&pod);
    let message = |name: &str| {
        ends.iter().find(|(own, _)| *own == name).map(|(_, end)| &*end.message).expect("it ended")
    };
    assert_eq!(message("both"), "to stdout\nto stderr\n");
    assert_eq!(message("own"), "because");
    assert_eq!(message("fine"), "");
    assert_eq!(message("other"), "x\n");
    let long = message("long");
    assert!(long.starts_with("line 121\n") && long.ends_with("line 200\n"), "{long}");
}

#[test]
fn names_are_looked_up_as_the_policy_says() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {a: b}, \
                   ports: [{port: 80}]}\n---\n";
    let ask = |spec: &str| {
        let script = "cat /etc/resolv.conf; for h in web web.default.svc.cluster.local; do \
                      nslookup $h > /dev/null && echo yes || echo no; done";
        let spec = format!(
            "  restartPolicy: Never\n{spec}\n  containers: [{{name: a, image: 'busybox:1.36', \
             command: [sh, -c, \"sleep 2; {script}\"]}}]"
        );
        output(&run_with(&format!("{service}{}", pod(&spec)), ""))
    };
    let usual = "search default.svc.cluster.local svc.cluster.local cluster.local\n\
                 nameserver 10.96.0.10\noptions ndots:5\n";
    let node = "nameserver 10.99.0.1\n";
    assert_eq!(ask(""), format!("{usual}yes\nyes\n"));
    // The trap: on the node's network the cluster's names are not known.
    assert_eq!(ask("  hostNetwork: true"), format!("{node}no\nno\n"));
    assert_eq!(
        ask("  hostNetwork: true\n  dnsPolicy: ClusterFirstWithHostNet"),
        format!("{usual}yes\nyes\n")
    );
    assert_eq!(ask("  dnsPolicy: Default"), format!("{node}no\nno\n"));
    assert_eq!(
        ask("  dnsPolicy: None\n  dnsConfig: {nameservers: [10.96.0.10], searches: [a.example], \
             options: [{name: edns0}]}"),
        "search a.example\nnameserver 10.96.0.10\noptions edns0\nno\nyes\n"
    );
    let more = ask("  dnsConfig: {nameservers: [1.1.1.1], searches: [a.example], \
                    options: [{name: ndots, value: '2'}]}");
    let wanted = "search default.svc.cluster.local svc.cluster.local cluster.local a.example\n\
                  nameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:2\nyes\nyes\n";
    assert_eq!(more, wanted);
}

#[test]
fn a_sidecar_with_a_new_image_is_told_of_in_its_own_words() {
    let trace = run_with(
        &pod("  initContainers: [{name: s, image: 'nginx:1.25', restartPolicy: Always}]\n  \
              containers: [{name: a, image: 'busybox:1.36', command: [sleep, '99']}]"),
        "actions: [{at: 10s, run: 'kubectl set image pod/p s=nginx:1.26'}]",
    );
    assert_eq!(said(&trace, "Killing"), ["Init container s definition changed"]);
    assert_eq!(at(&trace, 30).status.init_container_statuses[0].restart_count, 1);
}

#[test]
fn keys_that_begin_with_a_digit_were_no_variables_before_1_32() {
    let manifests = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cm}}\ndata: {{1st: a, app.name: b, GOOD: \
         c}}\n---\n{}",
        pod(
            "  restartPolicy: Never\n  containers: [{name: a, image: 'busybox:1.36', command: [env], \
             envFrom: [{configMapRef: {name: cm}}]}]"
        )
    );
    let now = run_with(&manifests, "");
    assert!(output(&now).contains("1st=a\n"));
    assert_eq!(said(&now, "InvalidEnvironmentVariableNames"), Vec::<String>::new());
    let then = run_with(&manifests, "kubernetesVersion: '1.31'");
    let printed = output(&then);
    assert!(!printed.contains("1st="), "{printed}");
    assert!(printed.contains("app.name=b\n") && printed.contains("GOOD=c\n"), "{printed}");
    assert_eq!(
        said(&then, "InvalidEnvironmentVariableNames"),
        [
            "Keys [1st] from the EnvFrom configMap default/cm were skipped since they are considered \
          invalid environment variable names."
        ]
    );
}

#[test]
fn other_resources_are_another_back_off() {
    let crash = |more: &str| {
        let trace = run_with(
            &pod(
                "  containers: [{name: a, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit \
                  1'], resources: {requests: {cpu: 100m}}}]",
            ),
            more,
        );
        at(&trace, 25).status.container_statuses[0].restart_count
    };
    let resized = "actions: [{at: 8s, run: \"kubectl patch pod p --subresource resize -p \
                   '{\\\"spec\\\":{\\\"containers\\\":[{\\\"name\\\":\\\"a\\\",\\\"resources\\\":\
                   {\\\"requests\\\":{\\\"cpu\\\":\\\"200m\\\"}}}]}}'\"}]";
    assert_eq!(crash(""), 2);
    assert!(crash(resized) > 2, "the wait of before is forgotten");
}

/// Runs a command 20 seconds after the start of a scenario; what it prints.
fn typed(text: &str, at: i64, command: &str) -> String {
    let (scenario, diagnostics) = Scenario::from_text(text);
    assert_eq!(diagnostics, [], "{text}");
    let at = Instant::from_secs(at);
    let action = podarium::scenario::Action { at, run: command.to_owned(), node: None };
    Cluster::attempt(&scenario, action).output
}

/// A web server, and actions upon it.
fn debugged(actions: &str) -> String {
    format!(
        "{}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec: \
         {{duration: 60s, cluster: {{nodes: [{{name: node1, images: [\"busybox:1.36\", \
         \"nginx:1.25\"]}}]}}, actions: [{actions}]}}\n",
        pod("  containers: [{name: web, image: 'nginx:1.25'}]")
    )
}

#[test]
fn a_container_can_be_added_to_look_around() {
    let text = debugged(
        "{at: 5s, run: 'kubectl debug p --image=busybox:1.36 -c see --target=web -- sh -c \"ps; \
         sleep 3; exit 7\"'}, {at: 20s, run: 'kubectl debug p -it --image=busybox:1.36 -c stay'}, \
         {at: 40s, run: kubectl delete pod p}",
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, []);
    let trace = Cluster::run(&scenario);
    let printed = output(&trace);
    assert!(printed.contains("nginx: master process"), "it sees its target: {printed}");
    let pod = at(&trace, 30);
    assert_eq!(pod.metadata.generation, 3);
    let statuses = &pod.status.ephemeral_container_statuses;
    let ended = statuses[0].state.terminated.as_ref().expect("it has ended");
    assert_eq!((ended.exit_code, statuses[0].restart_count), (7, 0));
    let running = &statuses[1];
    assert!(running.state.running.is_some());
    assert_eq!((running.ready, running.started), (false, None));
    // Neither the phase nor READY know of it.
    assert_eq!(pod.status.phase, "Running");
    let state = trace.state_at(Instant::from_secs(30));
    let table = podarium::view::kubectl::run(&state, &trace, "get pod p --no-headers");
    assert!(table.expect("it reads only").stdout.contains(" 1/1 "));
    let started: Vec<String> = state
        .events()
        .filter(|event| event.reason == "Started")
        .map(|event| event.field_path.clone())
        .collect();
    let field = |name: &str| format!("spec.ephemeralContainers{{{name}}}");
    assert_eq!(started, ["spec.containers{web}".to_owned(), field("see"), field("stay")]);
    // It is stopped with the Pod.
    assert_eq!(said(&trace, "Killing"), ["Stopping container web", "Stopping container stay"]);
}

#[test]
fn debug_says_and_refuses_what_kubectl_does() {
    let text = debugged("");
    let ask = |command: &str| typed(&text, 20, command);
    let said = ask("kubectl debug p --image=busybox:1.36 --target=web -- true");
    let (first, second) = said.split_once('\n').expect("two lines");
    assert_eq!(
        first,
        "Targeting container \"web\". If you don't see processes from this container it may be \
         because the container runtime doesn't support this feature."
    );
    assert!(second.starts_with("Defaulting debug container name to debugger-"), "{second}");
    for (command, refusal) in [
        ("kubectl debug p", "error: you must specify --image when not using --copy-to."),
        ("kubectl debug --image=busybox", "error: NAME or filename is required for debug"),
        (
            "kubectl debug p -t --image=busybox",
            "error: -i/--stdin is required for containers with -t/--tty=true",
        ),
        ("kubectl debug q --image=busybox", "Error from server (NotFound): pods \"q\" not found"),
        (
            "kubectl debug p --image=busybox -c web",
            "The Pod \"p\" is invalid: spec.ephemeralContainers[0].name: Duplicate value: \"web\"",
        ),
        (
            "kubectl debug p --image=busybox -c see --target=nobody -q",
            "The Pod \"p\" is invalid: spec.ephemeralContainers[0].targetContainerName: Not found: \
             \"nobody\"",
        ),
        ("kubectl debug p --image=busybox --profile=x", "error: unknown profile: x"),
    ] {
        assert_eq!(ask(command).trim_end(), refusal, "{command}");
    }
    let old = text.replace("duration:", "kubernetesVersion: '1.33', duration:");
    let said = typed(&old, 20, "kubectl debug p --image=busybox:1.36 -c see");
    assert!(said.starts_with("--profile=legacy is deprecated"), "{said}");
    let said = ask("kubectl debug node/node1 -it --image=busybox:1.36");
    assert!(said.starts_with("Creating debugging pod node-debugger-node1-"), "{said}");
}

#[test]
fn a_pod_can_be_copied_to_look_around() {
    let text = debugged(
        "{at: 5s, run: 'kubectl debug p --copy-to=q --image=busybox:1.36 -c see -- sh -c \"ps; sleep \
         99\"'}, {at: 6s, run: 'kubectl debug p --copy-to=r --set-image=web=busybox:1.36'}",
    );
    let (scenario, _) = Scenario::from_text(&text);
    let trace = Cluster::run(&scenario);
    let printed = output(&trace);
    assert!(printed.contains("/pause") && printed.contains("nginx: master"), "shared: {printed}");
    let state = trace.state_at(trace.horizon());
    let copy = |name: &str| match state.get("Pod", "default", name) {
        Some(Object::Pod(pod)) => pod.clone(),
        _ => panic!("{name} is there"),
    };
    assert_eq!(copy("q").spec.containers.len(), 2);
    assert_eq!(copy("r").spec.containers[0].image, "busybox:1.36");
}

/// A Pod that does something with a claim and a directory of its node.
fn with_disks(name: &str, node: &str, script: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  restartPolicy: Never\n  \
         nodeSelector: {{kubernetes.io/hostname: {node}}}\n  containers: [{{name: a, image: \
         \"busybox:1.36\", command: [sh, -c, \"{script}\"], volumeMounts: [{{name: c, mountPath: \
         /claim}}, {{name: h, mountPath: /host}}, {{name: log, mountPath: /log, subPath: app}}]}}]\n  \
         volumes: [{{name: c, persistentVolumeClaim: {{claimName: c}}}}, {{name: h, hostPath: \
         {{path: /data, type: DirectoryOrCreate}}}}, {{name: log, hostPath: {{path: /data/log}}}}]\n"
    )
}

#[test]
fn claims_outlive_pods_and_nodes_and_directories_of_a_node_stay_on_it() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: \
                 {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n";
    let later = |at: i64, name: &str, node: &str| {
        let pod =
            with_disks(name, node, "cat /claim/x; cat /host/log/app/y; echo $HOSTNAME >> /claim/x");
        let run = format!("kubectl apply -f - <<EOF\n{pod}EOF");
        format!("{{at: {at}s, run: {}}}", serde_json::json!(run))
    };
    let text = format!(
        "{claim}{}---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n  \
         duration: 60s\n  cluster: {{nodes: [{{name: one}}, {{name: two}}]}}\n  actions: [{}, {}, \
         {}]\n",
        with_disks("first", "one", "echo first >> /claim/x; echo of one > /log/y"),
        later(20, "second", "one"),
        later(30, "third", "two"),
        later(40, "fourth", "one"),
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    let trace = Cluster::run(&scenario);
    let missing = "cat: can't open '/host/log/app/y': No such file or directory\n";
    assert_eq!(
        output(&trace),
        format!("first\nof one\nfirst\nsecond\n{missing}first\nsecond\nthird\nof one\n")
    );
}

#[test]
fn a_directory_of_the_node_must_be_of_its_type() {
    let ask = |path: &str, kind: &str| {
        let trace = run_with(
            &pod(&format!(
                "  volumes: [{{name: h, hostPath: {{path: {path}, type: {kind}}}}}]\n  containers: \
                 [{{name: a, image: 'busybox:1.36', command: [sleep, '99'], volumeMounts: [{{name: \
                 h, mountPath: /h}}]}}]"
            )),
            "",
        );
        said(&trace, "FailedMount")
    };
    let fails = |path: &str, what: &str| {
        let start = "MountVolume.SetUp failed for volume \"h\" : hostPath type check failed:";
        [format!("{start} {path} is not {what}")]
    };
    assert_eq!(ask("/nowhere", "Directory"), fails("/nowhere", "a directory"));
    assert_eq!(ask("/etc/hostname", "Directory"), fails("/etc/hostname", "a directory"));
    assert_eq!(ask("/var/log", "File"), fails("/var/log", "a file"));
    assert_eq!(
        ask("/var/run/docker.sock", "Socket"),
        fails("/var/run/docker.sock", "a socket file")
    );
    for (path, kind) in [
        ("/nowhere", "DirectoryOrCreate"),
        ("/nowhere", "\"\""),
        ("/var/log/", "Directory"),
        ("/run/xtables.lock", "FileOrCreate"),
        ("/run/containerd/containerd.sock", "Socket"),
        ("/dev/fuse", "CharDevice"),
    ] {
        assert_eq!(ask(path, kind), Vec::<String>::new(), "{path} {kind}");
    }
}

#[test]
fn a_profile_that_the_node_lacks_keeps_the_container_from_being_created() {
    let ask = |annotations: &str, context: &str, more: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, annotations: {{{annotations}}}}}\nspec:\n  \
             containers: [{{name: a, image: nginx, securityContext: {{{context}}}}}]\n---\n\
             apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec: {{duration: \
             60s, cluster: {{nodes: [{{name: one{more}}}]}}}}\n"
        );
        let (scenario, diagnostics) = Scenario::from_text(&text);
        assert_eq!(diagnostics, [], "{text}");
        let trace = Cluster::run(&scenario);
        let pod = at(&trace, 30);
        let state = pod.status.container_statuses[0].state.clone();
        let waits = state.waiting.map(|own| (own.reason, own.message)).unwrap_or_default();
        (waits, said(&trace, "Failed"))
    };
    let seccomp = "seccompProfile: {type: Localhost, localhostProfile: profiles/a.json}";
    let message = "failed to create containerd container: cannot load seccomp profile \
                   \"/var/lib/kubelet/seccomp/profiles/a.json\": open \
                   /var/lib/kubelet/seccomp/profiles/a.json: no such file or directory";
    let stuck = |message: &str| {
        let waits = ("CreateContainerError".to_owned(), message.to_owned());
        (waits, vec![format!("Error: {message}")])
    };
    assert_eq!(ask("", seccomp, ""), stuck(message));
    assert_eq!(ask("", seccomp, ", profiles: [profiles/a.json]"), Default::default());
    let message = "failed to get container spec opts: failed to generate apparmor spec opts: \
                   apparmor profile not found k8s-deny";
    let field = "appArmorProfile: {type: Localhost, localhostProfile: k8s-deny}";
    let old = "container.apparmor.security.beta.kubernetes.io/a: localhost/k8s-deny";
    assert_eq!(ask("", field, ""), stuck(message));
    assert_eq!(ask(old, "", ""), stuck(message));
    assert_eq!(ask(old, "appArmorProfile: {type: RuntimeDefault}", ""), Default::default());
}

#[test]
fn a_profile_says_where_it_is_and_only_then() {
    let refused = |context: &str| {
        let text = pod(&format!(
            "  securityContext: {{{context}}}\n  containers: [{{name: a, image: nginx}}]"
        ));
        let (_, diagnostics) = Scenario::from_text(&text);
        diagnostics
            .iter()
            .map(|own| podarium::i18n::diagnostics::message(podarium::i18n::Lang::En, &own.message))
            .collect::<Vec<_>>()
    };
    for (context, wanted) in [
        (
            "seccompProfile: {type: Localhost}",
            "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when \
             seccomp type is Localhost",
        ),
        (
            "appArmorProfile: {type: RuntimeDefault, localhostProfile: x}",
            "spec.securityContext.appArmorProfile.localhostProfile: Invalid value: \"x\": can only \
             be set when AppArmor type is Localhost",
        ),
        (
            "seccompProfile: {type: Strict}",
            "spec.securityContext.seccompProfile.type: Unsupported value: \"Strict\": supported \
             values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"",
        ),
    ] {
        assert_eq!(refused(context), [wanted], "{context}");
    }
}

#[test]
fn containers_of_a_pod_share_the_limit_that_the_pod_has() {
    let hog = |name: &str, bytes: &str| {
        format!(
            "  - {{name: {name}, image: polinux/stress, command: [stress, --vm, '1', --vm-bytes, {bytes}, \
             --timeout, 100s]}}\n"
        )
    };
    let ask = |limit: &str| {
        let trace = run_with(
            &pod(&format!(
                "  restartPolicy: Never\n  resources: {{limits: {{memory: {limit}}}}}\n  \
                 containers:\n{}{}",
                hog("a", "100M"),
                hog("b", "100M")
            )),
            "",
        );
        let pod = at(&trace, 30);
        let ended = ends(&pod);
        let ended = ended.iter().map(|(name, end)| format!("{name} {}", end.reason));
        ended.collect::<Vec<_>>()
    };
    assert_eq!(ask("250Mi"), Vec::<String>::new());
    // Each would fit, both do not.
    assert_eq!(ask("150Mi"), ["b OOMKilled"]);
    assert_eq!(ask("50Mi"), ["a OOMKilled", "b OOMKilled"]);
}

#[test]
fn a_runtime_class_must_be_there() {
    let class = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: \
                 runsc\n---\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec:\n  runtimeClassName: gvisor\n  \
               containers: [{name: a, image: nginx}]\n";
    let command = format!("kubectl apply -f - <<EOF\n{pod}EOF");
    assert_eq!(
        typed(&debugged(""), 10, &command).trim_end(),
        "Error from server (Forbidden): error when creating \"STDIN\": pods \"q\" is forbidden: pod \
         rejected: RuntimeClass \"gvisor\" not found"
    );
    let (scenario, _) = Scenario::from_text(&format!("{class}{}", debugged("")));
    let at = Instant::from_secs(10);
    let action = podarium::scenario::Action { at, run: command, node: None };
    assert_eq!(Cluster::attempt(&scenario, action).output.trim_end(), "pod/q created");
}

#[test]
fn a_resize_waits_until_its_node_has_room() {
    let sleeper = |name: &str, cpu: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  \
             terminationGracePeriodSeconds: 1\n  containers: [{{name: a, image: 'busybox:1.36', \
             command: [sleep, '999'], resources: {{requests: {{cpu: {cpu}}}}}}}]\n---\n"
        )
    };
    let patch = |at: i64, cpu: &str| {
        let patch = format!(
            "{{spec: {{containers: [{{name: a, resources: {{requests: {{cpu: {cpu}}}}}}}]}}}}"
        );
        let run = format!("kubectl patch pod p --subresource resize -p '{patch}'");
        format!("{{at: {at}s, run: {}}}", serde_json::json!(run))
    };
    let text = format!(
        "{}{}apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec: {{duration: \
         60s, cluster: {{nodes: [{{name: one, capacity: {{cpu: '4'}}, images: [\"busybox:1.36\"]}}]}}, \
         actions: [{}, {}, {{at: 30s, run: kubectl delete pod q}}]}}\n",
        sleeper("p", "500m"),
        sleeper("q", "2"),
        patch(10, "'1000'"),
        patch(20, "'3'"),
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    let trace = Cluster::run(&scenario);
    let pending = |second: i64| {
        let pod = at(&trace, second);
        pod.status
            .condition("PodResizePending")
            .map(|own| (own.reason.clone(), own.message.clone()))
    };
    let why = |reason: &str, message: &str| Some((reason.to_owned(), message.to_owned()));
    assert_eq!(pending(8), None);
    let message = "Node didn't have enough capacity: cpu, requested: 1000000, capacity: 4000";
    assert_eq!(pending(15), why("Infeasible", message));
    let message =
        "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000";
    assert_eq!(pending(25), why("Deferred", message));
    assert_eq!(pending(50), None);
    assert_eq!(
        said(&trace, "ResizeDeferred"),
        [format!(
            "Pod resize Deferred: {{\"containers\":[{{\"name\":\"a\",\"resources\":{{\"requests\":\
             {{\"cpu\":\"3\"}}}}}}],\"generation\":3,\"error\":\"{message}\"}}"
        )]
    );
    assert_eq!(said(&trace, "ResizeInfeasible").len(), 1);
    assert_eq!(said(&trace, "ResizeCompleted").len(), 1);
}

#[test]
fn who_asks_a_plain_port_over_tls_gets_no_answer() {
    let trace = run_with(
        &pod(
            "  containers:\n  - name: a\n    image: nginx:1.25\n    readinessProbe: {httpGet: {port: 80, \
              scheme: HTTPS}}\n    lifecycle: {postStart: {httpGet: {port: 80, path: /, scheme: HTTPS}}}\n  \
              - name: b\n    image: my/api\n    ports: [{containerPort: 8443}]\n    readinessProbe: \
              {httpGet: {port: 8443, scheme: HTTPS}}",
        ),
        "",
    );
    let pod = at(&trace, 30);
    let ip = &pod.status.pod_ip;
    let failed = format!(
        "Readiness probe failed: Get \"https://{ip}:80/\": http: server gave HTTP response to HTTPS \
         client"
    );
    assert_eq!(said(&trace, "Unhealthy")[0], failed);
    // A hook asks again without it.
    let fallback = format!(
        "request to HTTPS lifecycle hook {ip}:80 got HTTP response, retry with HTTP succeeded"
    );
    assert_eq!(said(&trace, "LifecycleHTTPFallback"), [fallback]);
    // Of an image that nobody knows the manifest is believed.
    let ready: Vec<bool> = pod.status.container_statuses.iter().map(|own| own.ready).collect();
    assert_eq!(ready, [false, true]);
}

#[test]
fn a_static_pod_may_not_name_objects_of_the_api() {
    let ask = |version: &str, more: &str| {
        let text = format!(
            "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n  duration: 20s\n  \
             kubernetesVersion: '{version}'\n  cluster:\n    nodes:\n    - name: one\n      staticPods:\n        \
             p.yaml: '{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: a, \
             image: nginx}}]{more}}}}}'\n"
        );
        let (scenario, diagnostics) = Scenario::from_text(&text);
        assert_eq!(diagnostics, [], "{text}");
        let trace = Cluster::run(&scenario);
        let mirrors = trace.state_at(trace.horizon()).pods().count();
        let refused = trace.entries().iter().filter_map(|entry| match &entry.change {
            Change::Decided { what } if what.starts_with("static pods") => Some(what.to_string()),
            _ => None,
        });
        (mirrors, refused.collect::<Vec<_>>())
    };
    let volume = ", volumes: [{name: v, configMap: {name: c, optional: true}}]";
    assert_eq!(ask("1.36", ""), (1, Vec::new()));
    let refused = ["static pods may not reference configmaps".to_owned()];
    assert_eq!(ask("1.36", volume), (0, refused.to_vec()));
    assert_eq!(ask("1.33", volume), (1, Vec::new()));
}
