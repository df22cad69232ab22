//! The prompt: what lines print, what becomes an action, and that no usual line is unknown.

use podarium::map::Map;
use std::rc::Rc;

use podarium::cluster::Cluster;
use podarium::console::session::Session;
use podarium::console::{At, Note, Reply, ask};
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::Trace;

/// A cluster with a bit of everything.
const TEXT: &str = r#"
apiVersion: v1
kind: Pod
metadata:
  name: daemon-pod
  labels: {app: two}
spec:
  containers:
  - name: nginx
    image: nginx:1.25
  - name: shell
    image: busybox
    command: [sh, -c, "echo hello; sleep 3600"]
---
apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  containers:
  - name: nginx
    image: nginx:1.25
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-dp
spec:
  replicas: 2
  selector: {matchLabels: {app: nginx-dp}}
  template:
    metadata: {labels: {app: nginx-dp}}
    spec:
      initContainers:
      - name: init01
        image: busybox
        command: [sh, -c, "touch /tmp/here"]
      containers:
      - name: nginx
        image: nginx:1.25
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 10m}}
"#;

struct Desk {
    scenario: Scenario,
    trace: Rc<Trace>,
    files: Map<String, String>,
}

impl Desk {
    fn new(text: &str) -> Self {
        let scenario = Scenario::from_text(text).0;
        let trace = Rc::new(Cluster::run(&scenario));
        Self { scenario, trace, files: Map::new() }
    }

    fn ask(&mut self, seconds: i64, line: &str) -> Reply {
        let at = Instant::from_secs(seconds);
        ask(&At { scenario: &self.scenario, trace: &self.trace, at }, line, None, &mut self.files)
    }

    fn out(&mut self, seconds: i64, line: &str) -> String {
        let reply = self.ask(seconds, line);
        reply.output.stdout + &reply.output.stderr
    }

    /// Does a line, and lets the actions happen.
    fn act(&mut self, seconds: i64, line: &str) -> String {
        let reply = self.ask(seconds, line);
        assert!(!reply.actions.is_empty(), "{line} becomes an action: {:?}", reply.output);
        self.scenario.actions.extend(reply.actions);
        self.trace = Rc::new(Cluster::run(&self.scenario));
        reply.output.stdout + &reply.output.stderr
    }
}

/// Every form of command that the article about Pods uses or means.
const FORMS: &[&str] = &[
    "kubectl get pod",
    "kubectl get pods",
    "kubectl get pod -o wide",
    "kubectl get pod daemon-pod -o yaml",
    "kubectl get pod -w",
    "kubectl get nodes",
    "kubectl get all",
    "kubectl get deploy,rs,svc,hpa",
    "kubectl describe pod nginx",
    "kubectl describe pod daemon-pod",
    "kubectl apply -f pod.yaml",
    "kubectl create -f pod.yaml",
    "kubectl delete -f pod.yaml",
    "kubectl exec -ti daemon-pod -- sh",
    "kubectl exec -it daemon-pod -c shell -- sh",
    "kubectl exec daemon-pod -c shell -- ps",
    "kubectl exec daemon-pod -c shell -- ls /tmp",
    "kubectl exec nginx -- ls /data",
    "kubectl exec nginx -- touch /tmp/1",
    "kubectl exec nginx -- cat /etc/hosts",
    "kubectl logs daemon-pod -c shell",
    "kubectl delete pod nginx",
    "kubectl delete pod nginx --grace-period=0 --force",
    "kubectl edit pod nginx",
    "kubectl api-versions",
    "kubectl api-versions | grep autoscaling",
    "kubectl create deployment other --image=nginx --dry-run=client -oyaml > other.yaml",
    "kubectl top pod",
    "kubectl expose deployment nginx-dp --port=80",
    "kubectl autoscale deployment nginx-dp --cpu-percent=10 --min=1 --max=3",
    "kubectl get hpa",
    "kubectl scale deployment nginx-dp --replicas=3",
    "kubectl run load --image=busybox -- sh -c 'while true; do wget -q -O- http://nginx-dp; done'",
    "ssh node1 ls /etc/kubernetes/manifests",
    "ssh node1 crictl ps",
    "touch 1",
    "cat 1",
    "cat 123123.txt",
];

#[test]
fn no_command_of_the_article_is_unknown() {
    let mut desk = Desk::new(TEXT);
    for form in FORMS {
        let reply = desk.ask(60, form);
        let strange = reply.notes.iter().any(|note| {
            matches!(note, Note::Unknown | Note::NotModelled(_) | Note::Elsewhere | Note::Loop)
        });
        assert!(!strange, "{form}: {reply:?}");
        for words in ["unknown command", "unknown flag", "unknown shorthand", "not simulated"] {
            assert!(!reply.output.stderr.contains(words), "{form}: {}", reply.output.stderr);
        }
        let silent = reply.output == Default::default();
        let may_be =
            reply.go.is_some() || form.contains("touch") || form.contains('>') || *form == "cat 1";
        assert!(!silent || may_be || form.contains("ls /"), "{form} says nothing");
    }
    assert!(desk.files["other.yaml"].starts_with("apiVersion: apps/v1\nkind: Deployment\n"));
}

#[test]
fn what_only_looks_is_answered_and_forgotten() {
    let mut desk = Desk::new(TEXT);
    for line in [
        "kubectl get pods",
        "k get po -A | wc -l",
        "kubectl exec daemon-pod -c shell -- ls /",
        "kubectl logs daemon-pod -c shell | head -1",
        "kubectl rollout status deploy/nginx-dp",
        "ssh node1 crictl pods",
        "kubectl create deployment x --image=nginx --dry-run=client",
    ] {
        let reply = desk.ask(60, line);
        assert_eq!(reply.actions, [], "{line}");
        assert_eq!(reply.output.exit, 0, "{line}: {:?}", reply.output);
        assert!(!reply.output.stdout.is_empty(), "{line}");
    }
    assert_eq!(desk.out(60, "k logs daemon-pod -c shell"), "hello\n");
    assert_eq!(desk.out(60, "k get po --no-headers | grep -c nginx-dp").trim(), "2");
}

#[test]
fn what_changes_something_becomes_an_action_and_prints_kubectls_line() {
    let mut desk = Desk::new(TEXT);
    for (line, said) in [
        ("kubectl scale deploy/nginx-dp --replicas=3", "deployment.apps/nginx-dp scaled\n"),
        (
            "k set image deploy/nginx-dp nginx=nginx:1.26",
            "deployment.apps/nginx-dp image updated\n",
        ),
        ("k set env deploy/nginx-dp A=b", "deployment.apps/nginx-dp env updated\n"),
        (
            "k set resources deploy/nginx-dp --requests=cpu=20m",
            "deployment.apps/nginx-dp resource requirements updated\n",
        ),
        ("k rollout pause deploy/nginx-dp", "deployment.apps/nginx-dp paused\n"),
        ("k rollout resume deploy/nginx-dp", "deployment.apps/nginx-dp resumed\n"),
        ("k rollout restart deploy/nginx-dp", "deployment.apps/nginx-dp restarted\n"),
        ("k expose deploy nginx-dp --port=80", "service/nginx-dp exposed\n"),
        (
            "k autoscale deploy nginx-dp --cpu=10% --min=1 --max=3",
            "horizontalpodautoscaler.autoscaling/nginx-dp autoscaled\n",
        ),
        ("k run p --image=nginx", "pod/p created\n"),
        ("k create deployment d --image=nginx", "deployment.apps/d created\n"),
        ("k label pod nginx a=b", "pod/nginx labeled\n"),
        ("k annotate pod nginx a=b", "pod/nginx annotated\n"),
        ("k cordon node1", "node/node1 cordoned\n"),
        ("k delete pod nginx", "pod \"nginx\" deleted from default namespace\n"),
        (
            "k apply -f - <<EOF\napiVersion: v1\nkind: Pod\nmetadata: {name: here}\nspec:\n  \
             containers: [{name: a, image: nginx}]\nEOF",
            "pod/here created\n",
        ),
    ] {
        assert_eq!(desk.act(60, line), said, "{line}");
    }
    let names = desk.out(70, "k get po -o name");
    for pod in ["pod/here", "pod/p"] {
        assert!(names.lines().any(|line| line == pod), "{pod} in {names}");
    }
    assert!(!names.contains("pod/nginx\n"), "{names}");
}

#[test]
fn what_kubectl_refuses_is_not_written_down() {
    let mut desk = Desk::new(TEXT);
    for (line, said) in [
        ("k delete pod nobody", "Error from server (NotFound): pods \"nobody\" not found\n"),
        (
            "k scale deploy/nobody --replicas=2",
            "Error from server (NotFound): deployments.apps \"nobody\" not found\n",
        ),
        ("k exec nobody -- ls", "Error from server (NotFound): pods \"nobody\" not found\n"),
        (
            "k exec daemon-pod -c x -- ls",
            "Error from server (BadRequest): container x is not valid for pod daemon-pod\n",
        ),
        ("k set image deploy/nginx-dp x=nginx", "error: unable to find container named \"x\"\n"),
        (
            "k apply -f - <<EOF\napiVersion: v1\nkind: Pod\nmetadata: {name: Bad}\nspec:\n  \
             containers: [{name: a, image: nginx}]\nEOF",
            "The Pod \"Bad\" is invalid: metadata.name: Invalid value: \"Bad\": a lowercase RFC \
             1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
             must start and end with an alphanumeric character (e.g. 'example.com', regex used \
             for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n",
        ),
        (
            "k gte pods",
            "error: unknown command \"gte\" for \"kubectl\"\n\nDid you mean this?\n\tget\n",
        ),
    ] {
        let reply = desk.ask(60, line);
        assert_eq!(reply.actions, [], "{line}");
        assert_eq!(reply.output.stdout + &reply.output.stderr, said, "{line}");
    }
    // Nothing would change.
    assert_eq!(desk.ask(60, "k apply -f pod.yaml").actions, []);
}

#[test]
fn commands_of_a_line_see_one_another() {
    let mut desk = Desk::new(TEXT);
    let reply = desk.ask(60, "k delete pod nginx && k get pod nginx --no-headers");
    assert_eq!(reply.actions.len(), 1);
    assert!(reply.output.stdout.contains("Terminating"), "{}", reply.output.stdout);
    let line = "kubectl delete $(kubectl get pod -l app=nginx-dp -o name | head -1)";
    let reply = desk.ask(60, line);
    assert!(reply.output.stdout.contains("deleted from default namespace"), "{reply:?}");
    assert!(reply.actions[0].run.starts_with("kubectl delete pod/nginx-dp-"), "{reply:?}");
    let reply = desk.ask(60, "k delete pod nobody && k delete pod nginx");
    assert_eq!(reply.actions, []);
    let reply = desk.ask(60, "k get pod nobody || echo none");
    assert_eq!(reply.output.stdout, "none\n");
}

#[test]
fn dry_runs_print_what_kubectl_prints() {
    let mut desk = Desk::new(TEXT);
    assert_eq!(
        desk.out(1, "kubectl create deployment web --image=nginx --dry-run=client -oyaml"),
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: web\n  name: web\n\
         spec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: web\n  strategy: {}\n  \
         template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n      \
         - image: nginx\n        name: nginx\n        resources: {}\nstatus: {}\n"
    );
    assert_eq!(
        desk.out(1, "k run p --image=nginx --dry-run=client -o yaml"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    run: p\n  name: p\nspec:\n  \
         containers:\n  - image: nginx\n    name: p\n    resources: {}\n  dnsPolicy: ClusterFirst\n  \
         restartPolicy: Always\nstatus: {}\n"
    );
    assert_eq!(
        desk.out(1, "k create deploy web --image=nginx --dry-run=client"),
        "deployment.apps/web created (dry run)\n"
    );
    // A file of the session can be applied.
    desk.out(1, "k create deploy web --image=nginx --dry-run=client -oyaml > web.yaml");
    assert_eq!(desk.act(30, "k apply -f web.yaml"), "deployment.apps/web created\n");
    assert!(desk.out(60, "k get deploy web").contains("1/1"));
}

#[test]
fn a_shell_in_a_container_is_one() {
    let mut desk = Desk::new(TEXT);
    let mut session = Session::default();
    let mut line = |session: &mut Session, line: &str| {
        let at = At { scenario: &desk.scenario, trace: &desk.trace, at: Instant::from_secs(60) };
        let entered = session.enter(&at, line, true, false);
        let last = session.items().last().unwrap();
        let said = last.output.stdout.clone() + &last.output.stderr;
        desk.scenario.actions.extend(entered.actions);
        desk.trace = Rc::new(Cluster::run(&desk.scenario));
        said
    };
    line(&mut session, "kubectl exec -ti daemon-pod -c shell -- sh");
    assert_eq!(session.prompt(), "/ #");
    line(&mut session, "cd /tmp");
    assert_eq!(session.prompt(), "/tmp #");
    assert_eq!(line(&mut session, "ls"), "");
    assert_eq!(line(&mut session, "echo a > b; mkdir c"), "");
    assert_eq!(line(&mut session, "ls"), "b\nc\n");
    assert_eq!(line(&mut session, "cat b | wc -l").trim(), "1");
    assert!(line(&mut session, "cd /nowhere").contains("can't cd to /nowhere"));
    assert!(line(&mut session, "lss").contains("not found"));
    line(&mut session, "exit");
    assert_eq!(session.prompt(), "$");
    line(&mut session, "ssh node1");
    assert_eq!(session.prompt(), "root@node1:~#");
    assert!(line(&mut session, "docker ps").contains("command not found"));
    line(&mut session, "exit");
    assert_eq!(session.history().len(), 12);
}

#[test]
fn the_last_line_follows_the_cursor_until_the_next_is_typed() {
    let desk = Desk::new(TEXT);
    let at = |seconds| At {
        scenario: &desk.scenario,
        trace: &desk.trace,
        at: Instant::from_secs(seconds),
    };
    let mut session = Session::beginning_with("kubectl get pod nginx --no-headers", Instant::ZERO);
    let first = session.items()[0].clone();
    assert_eq!(session.output_of(&first, &at(0)).stdout.split_whitespace().nth(2), Some("Pending"));
    assert!(session.output_of(&first, &at(60)).stdout.contains("Running"));
    session.enter(&at(60), "kubectl get pod -w nginx", true, false);
    let (first, last) = (session.items()[0].clone(), session.items()[1].clone());
    assert_eq!(session.moment_of(&first, Instant::ZERO), Instant::from_secs(60));
    assert!(session.output_of(&first, &at(0)).stdout.contains("Running"), "it stays as it was");
    let rows = |seconds| session.output_of(&last, &at(seconds)).stdout.lines().count();
    assert_eq!(rows(60), 2);
    // A watch that began earlier has seen more.
    let mut session = Session::default();
    session.enter(&at(0), "kubectl get pod -w nginx", true, false);
    let last = session.items()[0].clone();
    let rows = |seconds| session.output_of(&last, &at(seconds)).stdout.clone();
    assert!(rows(0).lines().count() < rows(60).lines().count());
    assert!(rows(60).contains("ContainerCreating"), "{}", rows(60));
}

#[test]
fn several_objects_are_scaled_labelled_and_deleted_at_once() {
    let mut desk = Desk::new(TEXT);
    assert_eq!(
        desk.act(10, "k create deploy one --image=nginx:1.25"),
        "deployment.apps/one created\n"
    );
    assert_eq!(
        desk.act(20, "k scale deploy/one deploy/nobody deploy/nginx-dp --replicas=3"),
        "deployment.apps/one scaled\ndeployment.apps/nginx-dp scaled\nError from server (NotFound): \
         deployments.apps \"nobody\" not found\n"
    );
    assert_eq!(desk.out(30, "k get deploy -o jsonpath='{.items[*].spec.replicas}'"), "3 3");
    for (line, said) in [
        (
            "k scale deploy one --replicas=1 --current-replicas=9",
            "error: Expected replicas to be 9, was 3\n",
        ),
        (
            "k scale deploy one --replica=1",
            "error: unknown flag: --replica\nSee 'kubectl scale --help' for usage.\n",
        ),
        (
            "k create deploy x --imag nginx",
            "error: unknown flag: --imag\nSee 'kubectl create deploy --help' for usage.\n",
        ),
        ("k delete pods", "error: resource(s) were provided, but no name was specified\n"),
        (
            "k rollout rewind deploy/one",
            "error: unknown command \"rewind\"\nSee 'kubectl rollout -h' for help and examples\n",
        ),
        (
            "k annotate deploy one deployment.kubernetes.io/revision=7",
            "error: --overwrite is false but found the following declared annotation(s): \
             'deployment.kubernetes.io/revision' already has a value (1)\n",
        ),
        ("k label pod nginx nope-", "label \"nope\" not found.\npod/nginx not labeled\n"),
        (
            "k set selector deploy/one a=b",
            "error: setting a selector is only supported for Services\n",
        ),
    ] {
        let reply = desk.ask(30, line);
        assert_eq!(reply.actions, [], "{line}");
        assert_eq!(reply.output.stdout + &reply.output.stderr, said, "{line}");
    }
    assert_eq!(desk.act(31, "k label pod nginx a=b"), "pod/nginx labeled\n");
    assert_eq!(desk.act(32, "k label pod nginx a- c=d"), "pod/nginx modified\n");
    assert_eq!(desk.act(33, "k label pod nginx c-"), "pod/nginx unlabeled\n");
    assert_eq!(
        desk.act(34, "k delete deploy -l 'app in (one, two)'"),
        "deployment.apps \"one\" deleted from default namespace\n"
    );
}

#[test]
fn what_flags_describe_is_made() {
    let mut desk = Desk::new(TEXT);
    for (line, said) in [
        ("k create sa bob", "serviceaccount/bob created\n"),
        ("k create service nodeport web --tcp=80:8080", "service/web created\n"),
        ("k create quota q --hard=pods=9,requests.cpu=4", "resourcequota/q created\n"),
        (
            "k create pdb p --selector=app=nginx-dp --min-available=50%",
            "poddisruptionbudget.policy/p created\n",
        ),
        ("k create pc high --value=1000", "priorityclass.scheduling.k8s.io/high created\n"),
        (
            "k create role r --verb=get,list --resource=pods",
            "role.rbac.authorization.k8s.io/r created\n",
        ),
        ("k create ingress i --rule='a.b/*=web:80'", "ingress.networking.k8s.io/i created\n"),
        ("k create secret generic s --from-literal=password=x", "secret/s created\n"),
        ("k set sa deploy/nginx-dp bob", "deployment.apps/nginx-dp serviceaccount updated\n"),
        ("k set env deploy/nginx-dp A=b", "deployment.apps/nginx-dp env updated\n"),
        ("k set selector svc/web app=nginx-dp", "service/web selector updated\n"),
    ] {
        assert_eq!(desk.act(20, line), said, "{line}");
    }
    let path = |path: &str| format!("-o jsonpath='{{{path}}}'");
    for (line, said) in [
        (format!("k get svc web {}", path(".spec.ports[0].targetPort")), "8080"),
        (format!("k get svc web {}", path(".spec.selector")), "{\"app\":\"nginx-dp\"}"),
        (format!("k get pdb p {}", path(".spec.minAvailable")), "50%"),
        (format!("k get secret s {}", path(".data.password")), "eA=="),
        (
            "k set env deploy/nginx-dp --list".to_owned(),
            "# Deployment nginx-dp, container nginx\nA=b\n# Deployment nginx-dp, container init01\nA=b\n",
        ),
    ] {
        assert_eq!(desk.out(30, &line), said, "{line}");
    }
    for (line, said) in [
        (
            "k create service clusterip x",
            "error: at least one tcp port specifier must be provided\n",
        ),
        ("k create pdb x --min-available=1", "error: a selector must be specified\n"),
        (
            "k create ns default",
            "Error from server (AlreadyExists): namespaces \"default\" already exists\n",
        ),
        (
            "k create secret generic s",
            "error: failed to create secret secrets \"s\" already exists\n",
        ),
        (
            "k create pc high",
            "error: failed to create priorityclass: priorityclasses.scheduling.k8s.io \"high\" already exists\n",
        ),
    ] {
        assert_eq!(desk.out(30, line), said, "{line}");
    }
}

#[test]
fn json_patches_are_done_step_by_step() {
    let mut desk = Desk::new(TEXT);
    let rejected = "The request is invalid: the server rejected our request due to an error in our \
                    request\n";
    for patch in [
        r#"{"op":"replace","path":"/spec/nope","value":1}"#,
        r#"{"op":"remove","path":"/spec/template/spec/containers/1"}"#,
        r#"{"op":"add","path":"/metadata/labels/a","value":"b"}"#,
        r#"{"op":"test","path":"/spec/replicas","value":9}"#,
    ] {
        let line = format!("kubectl patch deploy nginx-dp --type=json -p '[{patch}]'");
        assert_eq!(desk.out(20, &line), rejected, "{patch}");
    }
    let line = "kubectl patch deploy nginx-dp --type=json -p '[{\"op\":\"test\",\"path\":\
                \"/spec/replicas\",\"value\":2},{\"op\":\"copy\",\"from\":\"/spec/replicas\",\
                \"path\":\"/spec/minReadySeconds\"},{\"op\":\"replace\",\"path\":\
                \"/spec/replicas\",\"value\":3}]'";
    assert_eq!(desk.act(20, line), "deployment.apps/nginx-dp patched\n");
    let path = "k get deploy nginx-dp -o jsonpath='{.spec.replicas} {.spec.minReadySeconds}'";
    assert_eq!(desk.out(30, path), "3 2");
}

#[test]
fn verbs_that_join_a_terminal_say_their_first_lines() {
    let mut desk = Desk::new(TEXT);
    desk.act(20, "k expose deploy nginx-dp --port=8000 --target-port=80 --name=web");
    let both =
        |text: &str| format!("Forwarding from 127.0.0.1:{text}\nForwarding from [::1]:{text}\n");
    for (line, said) in [
        ("k port-forward pod/nginx 8080:80", both("8080 -> 80")),
        ("k port-forward nginx 80", both("80 -> 80")),
        ("k port-forward svc/web 8080:8000", both("8080 -> 80")),
        ("k port-forward deploy/nginx-dp 9000:80", both("9000 -> 80")),
        ("k proxy", "Starting to serve on 127.0.0.1:8001\n".to_owned()),
    ] {
        let reply = desk.ask(40, line);
        assert_eq!(reply.output.stdout, said, "{line}");
        assert_eq!((reply.actions, reply.notes), (vec![], vec![Note::StillRuns]), "{line}");
    }
    for (line, said) in [
        (
            "k port-forward nginx",
            "error: TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl \
             port-forward -h' for help and examples\n",
        ),
        ("k port-forward nobody 80", "Error from server (NotFound): pods \"nobody\" not found\n"),
        ("k port-forward svc/web 80", "error: Service web does not have a service port 80\n"),
        ("k port-forward nginx http", "error: Pod 'nginx' does not have a named port 'http'\n"),
        (
            "k attach nginx -it",
            "error: Unable to use a TTY - container nginx did not allocate one\nAll commands and \
             output from this session will be recorded in container logs, including credentials \
             and sensitive information passed through the command prompt.\nIf you don't see a \
             command prompt, try pressing enter.\n",
        ),
        ("k auth can-i delete pods", "yes\n"),
        ("k cp a b", "error: one of src or dest must be a remote file specification\n"),
        ("k cp a nginx:/b", "error: a doesn't exist in local filesystem\n"),
        (
            "k cp nginx:/nothing here",
            "tar: nothing: Cannot stat: No such file or directory\ntar: Exiting with failure \
             status due to previous errors\nerror: exit status 2\n",
        ),
    ] {
        assert_eq!(desk.out(40, line), said, "{line}");
    }
    let pending = desk.out(0, "k port-forward nginx 80");
    assert!(pending.contains("pod is not running. Current status=Pending"), "{pending}");
    // A file goes there and back.
    desk.out(40, "echo hello > file");
    assert_eq!(desk.act(40, "k cp file daemon-pod:/tmp/there -c shell"), "");
    assert_eq!(
        desk.out(50, "k cp daemon-pod:/tmp/there back -c shell"),
        "tar: Removing leading `/' from member names\n"
    );
    assert_eq!(desk.out(50, "cat back"), "hello\n");
}

#[test]
fn labels_have_columns_and_fields_are_known_or_refused() {
    let mut desk = Desk::new(TEXT);
    assert_eq!(
        desk.out(40, "k get pods -L app,example.com/tier daemon-pod nginx"),
        "NAME         READY   STATUS    RESTARTS   AGE   APP   TIER\n\
         daemon-pod   2/2     Running   0          40s   two   \n\
         nginx        1/1     Running   0          40s         \n"
    );
    for (line, said) in [
        (
            "k get pods --field-selector status.foo=bar",
            "Error from server (BadRequest): Unable to find \"/v1, Resource=pods\" that match label \
             selector \"\", field selector \"status.foo=bar\": field label not supported: status.foo\n",
        ),
        ("k get nodes --field-selector spec.unschedulable=true", "No resources found\n"),
        (
            "k api-resources --namespaced=false --api-group=storage.k8s.io -o name",
            "storageclasses.storage.k8s.io\n",
        ),
        (
            "k logs cm/kube-root-ca.crt",
            "error: error from server (NotFound): configmaps \"kube-root-ca.crt\" not found in \
             namespace \"default\"\n",
        ),
    ] {
        assert_eq!(desk.out(40, line), said, "{line}");
    }
    // Of several Pods the one that has been ready longest is read.
    desk.act(50, "k scale deploy nginx-dp --replicas=3");
    let first = desk.out(60, "k logs deploy/nginx-dp --tail=1");
    let oldest =
        desk.out(60, "k get pods -l app=nginx-dp --sort-by=.metadata.creationTimestamp -o name");
    let young = oldest.lines().last().unwrap_or_default();
    assert!(first.contains("Found 3 pods, using pod/"), "{first}");
    assert!(!first.contains(young), "{first}");
}

#[test]
fn a_pod_for_one_command_prints_it_and_goes() {
    let mut desk = Desk::new(TEXT);
    let service = "k expose deploy nginx-dp --port=80 --name=web";
    assert_eq!(desk.act(20, service), "service/web exposed\n");
    let line = "k run tmp --rm -it --image=busybox --restart=Never -- wget -qO- http://web";
    let reply = desk.ask(40, line);
    let said = &reply.output.stdout;
    assert!(said.contains("Welcome to nginx!"), "{reply:?}");
    assert!(said.ends_with("pod \"tmp\" deleted from default namespace\n"), "{said}");
    assert!(reply.output.stderr.starts_with("All commands and output from this"), "{reply:?}");
    let runs: Vec<&str> = reply.actions.iter().map(|action| action.run.as_str()).collect();
    assert_eq!(runs[1..], ["kubectl delete pod tmp -n default"]);
    assert!(reply.actions[1].at > reply.actions[0].at, "it goes when it has ended");
    let failed =
        desk.ask(40, "k run x -i --image=busybox --restart=Never -- sh -c 'exit 3'").output;
    assert_eq!(failed.exit, 3);
    assert!(failed.stderr.contains("pod default/x terminated (Error)"), "{failed:?}");
    let shut = desk.ask(40, "k run y --rm -i --image=busybox --restart=Never -- sleep 1000");
    assert_eq!((shut.actions.len(), shut.notes), (1, vec![Note::StillRuns]));
    let plain = "k run z --image=busybox --restart=Never -- echo -it";
    assert_eq!(desk.act(40, plain), "pod/z created\n");
}

#[test]
fn a_status_of_a_rollout_gives_up_in_time_and_generations_are_counted_where_they_are() {
    let mut desk = Desk::new(TEXT);
    desk.act(40, "k set image deploy/nginx-dp nginx=nginx:nope");
    let words = ["rollout", "status", "deploy/nginx-dp", "--timeout=5s"].map(str::to_owned);
    let told = |at: i64| {
        let (from, at) = (Instant::from_secs(41), Instant::from_secs(at));
        podarium::view::kubectl::run_since(&desk.trace, from, at, &words).unwrap()
    };
    assert_eq!(told(45).stderr, "");
    assert_eq!(told(46).stderr, "error: timed out waiting for the condition\n");
    assert_eq!(told(90), told(46));
    desk.act(41, "k create cm c --from-literal=a=b");
    for (kind, counts) in [("cm/c", false), ("node/node1", false), ("deploy/nginx-dp", true)] {
        let yaml = desk.out(50, &format!("k get {kind} -o yaml"));
        assert_eq!(yaml.contains("\n  generation: "), counts, "{yaml}");
    }
}
