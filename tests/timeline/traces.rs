//! Traces made by hand, so that every mark of the timeline is drawn.
//!
//! Times are those of recordings on Kubernetes 1.36.2 where one exists: the two-container Pod, the
//! startup probe that never passes, the image that does not exist, init containers in order.

use std::rc::Rc;

use podarium::manifest::Object;
use podarium::manifest::meta::{ObjectMeta, OwnerReference};
use podarium::manifest::pod::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, Pod, PodCondition, PodSpec, PodStatus,
};
use podarium::manifest::probe::{ExecAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe};
use podarium::manifest::quantity::IntOrString;
use podarium::rule::Rule;
use podarium::time::{Duration, Instant};
use podarium::trace::{
    Actor, Change, Entry, EntryId, HookKind, ProbeKind, ProbeOutcome, PullStep, SandboxStep,
    Subject, Trace, Verb,
};

/// A moment in milliseconds.
pub fn ms(millis: i64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

/// Entries in any order, with causes by place; sorted when the trace is made.
pub struct Story {
    entries: Vec<(Entry, Option<usize>)>,
    pod: Pod,
    horizon: Instant,
}

impl Story {
    /// A Pod with these containers, applied at zero.
    pub fn new(name: &str, horizon_s: i64, init: &[Container], containers: &[Container]) -> Self {
        let pod = Pod {
            metadata: ObjectMeta {
                name: name.to_owned(),
                namespace: "default".to_owned(),
                uid: format!("uid-{name}"),
                creation_timestamp: Some(Instant::ZERO),
                ..ObjectMeta::default()
            },
            spec: PodSpec {
                init_containers: init.to_vec(),
                containers: containers.to_vec(),
                ..PodSpec::default()
            }
            .into(),
            status: PodStatus { phase: "Pending".to_owned(), ..PodStatus::default() },
        };
        let mut story = Self { entries: Vec::new(), pod, horizon: Instant::from_secs(horizon_s) };
        story.act(0, "kubectl apply -f pod.yaml");
        story.store(5, Verb::Created, Rule::ObjectStored);
        story
    }

    fn subject(&self, container: Option<&str>) -> Subject {
        Subject {
            kind: "Pod".into(),
            namespace: "default".into(),
            name: self.pod.metadata.name.as_str().into(),
            uid: self.pod.metadata.uid.as_str().into(),
            container: container.map(Into::into),
        }
    }

    fn push(
        &mut self,
        at: i64,
        actor: Actor,
        container: Option<&str>,
        change: Change,
        rule: Rule,
    ) -> usize {
        let cause = self.entries.len().checked_sub(1).filter(|_| actor != Actor::You);
        let subject = self.subject(container);
        self.entries.push((Entry { at: ms(at), actor, subject, change, cause: None, rule }, cause));
        self.entries.len() - 1
    }

    /// You do something.
    pub fn act(&mut self, at: i64, command: &str) -> usize {
        let change =
            Change::Acted { command: command.into(), output: "".into(), exit: 0, done: None };
        self.push(at, Actor::You, None, change, Rule::YouActed)
    }

    /// The Pod as it is now is stored.
    pub fn store(&mut self, at: i64, verb: Verb, rule: Rule) -> usize {
        let object = Object::Pod(Rc::new(self.pod.clone()));
        self.push(at, Actor::Kubelet, None, Change::Stored { verb, object }, rule)
    }

    /// The Pod is changed and stored.
    pub fn set(&mut self, at: i64, change: impl FnOnce(&mut Pod)) -> usize {
        change(&mut self.pod);
        self.store(at, Verb::Updated, Rule::StatusAtSyncStart)
    }

    /// Any other entry about a container.
    pub fn on(&mut self, at: i64, container: &str, change: Change, rule: Rule) -> usize {
        self.push(at, Actor::Kubelet, Some(container), change, rule)
    }

    pub fn start(&mut self, at: i64, container: &str, attempt: i32) {
        self.on(at, container, Change::ContainerStarted { attempt }, Rule::ContainerStarted);
    }

    pub fn exit(&mut self, at: i64, container: &str, attempt: i32, code: i32) {
        let reason = if code == 0 { "Completed" } else { "Error" }.into();
        let signal = if code > 128 { code - 128 } else { 0 };
        let change = Change::ContainerExited { attempt, code, signal, reason };
        self.on(at, container, change, Rule::ProcessExited);
    }

    pub fn stopping(&mut self, at: i64, container: &str, grace: i64, message: &str) {
        let change =
            Change::Stopping { grace: Duration::from_secs(grace), message: message.into() };
        self.on(at, container, change, Rule::StopSignal);
    }

    pub fn signal(&mut self, at: i64, container: &str, signal: &str, ignored: bool) {
        let rule = if ignored { Rule::PidOneIgnores } else { Rule::StopSignal };
        self.on(at, container, Change::Signal { signal: signal.into(), ignored }, rule);
    }

    pub fn backoff(&mut self, at: i64, container: &str, window: i64, from: i64, blocks: bool) {
        let window = Duration::from_secs(window);
        let change = Change::Backoff { window, from: ms(from), blocks };
        self.on(at, container, change, Rule::CrashLoopBackoff);
    }

    pub fn probe(
        &mut self,
        at: i64,
        container: &str,
        kind: ProbeKind,
        outcome: ProbeOutcome,
        count: (i32, i32),
    ) {
        let change = Change::Probe {
            kind,
            outcome,
            detail: "HTTP probe failed with statuscode: 404".into(),
            count,
        };
        self.on(at, container, change, Rule::ProbeRan);
    }

    pub fn pull(&mut self, at: i64, container: &str, image: &str, step: PullStep) {
        self.on(at, container, Change::Pull { image: image.into(), step }, Rule::ImagePull);
    }

    pub fn hook(&mut self, at: i64, container: &str, kind: HookKind, result: Option<bool>) {
        self.on(at, container, Change::Hook { kind, result }, Rule::HookRan);
    }

    pub fn scheduled_and_sandboxed(&mut self, reason: &str) {
        let node = |pod: &mut Pod| {
            pod.spec.node_name = "node01".to_owned();
            condition(pod, "PodScheduled", true);
        };
        self.set(15, node);
        let all: Vec<String> = self.pod.spec.containers.iter().map(|c| c.name.clone()).collect();
        let inits: Vec<String> =
            self.pod.spec.init_containers.iter().map(|c| c.name.clone()).collect();
        self.set(40, |pod| {
            pod.status.container_statuses = all.iter().map(|name| waiting(name, reason)).collect();
            pod.status.init_container_statuses =
                inits.iter().map(|name| waiting(name, reason)).collect();
        });
        let sandbox = Change::Sandbox(SandboxStep::NetworkAttached { ip: "10.244.1.7".into() });
        self.push(300, Actor::Runtime, None, sandbox, Rule::NetworkAttached);
        self.push(
            450,
            Actor::Kubelet,
            None,
            Change::Sandbox(SandboxStep::Ready),
            Rule::SandboxCreated,
        );
    }

    pub fn trace(mut self) -> Trace {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|index| self.entries[*index].0.at);
        let mut trace = Trace::new(self.horizon);
        let mut ids: Vec<Option<EntryId>> = vec![None; self.entries.len()];
        for index in order {
            let (entry, cause) = &mut self.entries[index];
            entry.cause = cause.and_then(|cause| ids[cause]);
            ids[index] = Some(trace.push(entry.clone()));
        }
        trace
    }
}

pub fn container(name: &str, image: &str) -> Container {
    Container { name: name.to_owned(), image: image.to_owned(), ..Container::default() }
}

pub fn condition(pod: &mut Pod, kind: &str, is_true: bool) {
    let status = if is_true { "True" } else { "False" }.to_owned();
    pod.status.conditions.retain(|c| c.kind != kind);
    pod.status.conditions.push(PodCondition {
        kind: kind.to_owned(),
        status,
        ..PodCondition::default()
    });
}

pub fn waiting(name: &str, reason: &str) -> ContainerStatus {
    let waiting =
        ContainerStateWaiting { reason: reason.to_owned(), ..ContainerStateWaiting::default() };
    status(name, false, 0, ContainerState { waiting: Some(waiting), ..ContainerState::default() })
}

pub fn running(name: &str, ready: bool, restarts: i32) -> ContainerStatus {
    let running = ContainerStateRunning { started_at: Some(Instant::ZERO) };
    let mut status = status(
        name,
        ready,
        restarts,
        ContainerState { running: Some(running), ..ContainerState::default() },
    );
    status.started = Some(true);
    status
}

pub fn ended(name: &str, code: i32, restarts: i32) -> ContainerStatus {
    let ended = ContainerStateTerminated {
        exit_code: code,
        reason: if code == 0 { "Completed" } else { "Error" }.to_owned(),
        ..ContainerStateTerminated::default()
    };
    status(
        name,
        false,
        restarts,
        ContainerState { terminated: Some(ended), ..ContainerState::default() },
    )
}

fn status(name: &str, ready: bool, restart_count: i32, state: ContainerState) -> ContainerStatus {
    ContainerStatus {
        name: name.to_owned(),
        ready,
        restart_count,
        state,
        ..ContainerStatus::default()
    }
}

/// The article's first Pod: nginx ends at once, the shell as PID 1 ignores TERM.
pub fn two_containers() -> Trace {
    let mut s = Story::new(
        "web",
        120,
        &[],
        &[container("nginx", "nginx:1.25"), container("shell", "busybox")],
    );
    s.scheduled_and_sandboxed("ContainerCreating");
    s.pull(460, "nginx", "nginx:1.25", PullStep::Started { until: ms(4_260) });
    let took = Duration::from_millis(3_781);
    s.pull(4_241, "nginx", "nginx:1.25", PullStep::Finished { took, bytes: 71_005_258 });
    s.start(4_400, "nginx", 0);
    s.pull(4_420, "shell", "busybox", PullStep::Started { until: ms(5_300) });
    let took = Duration::from_millis(902);
    s.pull(5_322, "shell", "busybox", PullStep::Finished { took, bytes: 2_160_406 });
    s.start(5_450, "shell", 0);
    s.set(5_500, |pod| {
        pod.status.phase = "Running".to_owned();
        pod.status.container_statuses = vec![running("nginx", true, 0), running("shell", true, 0)];
        condition(pod, "Ready", true);
    });
    s.act(19_000, "kubectl get pods");
    s.act(40_000, "kubectl delete pod web");
    s.set(40_005, |pod| {
        pod.metadata.deletion_timestamp = Some(ms(70_000));
        pod.metadata.deletion_grace_period_seconds = Some(30);
    });
    s.stopping(40_030, "nginx", 30, "Stopping container nginx");
    s.stopping(40_031, "shell", 30, "Stopping container shell");
    s.signal(40_040, "nginx", "QUIT", false);
    s.signal(40_041, "shell", "TERM", true);
    s.exit(40_080, "nginx", 0, 0);
    s.signal(70_060, "shell", "KILL", false);
    s.exit(70_090, "shell", 0, 137);
    s.set(70_500, |pod| {
        pod.status.phase = "Failed".to_owned();
        pod.status.container_statuses = vec![ended("nginx", 0, 0), ended("shell", 137, 0)];
        condition(pod, "Ready", false);
    });
    s.store(71_100, Verb::Deleted, Rule::KubeletDeletes);
    s.trace()
}

/// A script that exits 1: restarts at once, then 10, 20, 40 s and more.
pub fn crash_loop() -> Trace {
    let mut s = Story::new("app", 300, &[], &[container("app", "busybox:1.36")]);
    s.scheduled_and_sandboxed("ContainerCreating");
    let starts = [600, 3_100, 17_500, 42_600, 88_700, 176_000];
    let windows = [0, 10, 20, 40, 80, 160];
    for (index, start) in starts.into_iter().enumerate() {
        let (attempt, life) = (index as i32, 2_000);
        s.start(start, "app", attempt);
        s.set(start + 60, |pod| {
            pod.status.phase = "Running".to_owned();
            pod.status.container_statuses = vec![running("app", true, attempt)];
            condition(pod, "Ready", true);
        });
        let end = start + life;
        s.exit(end, "app", attempt, 1);
        s.set(end + 400, |pod| {
            pod.status.container_statuses = vec![ended("app", 1, attempt)];
            condition(pod, "Ready", false);
        });
        let window = windows[index];
        if window > 0 {
            s.backoff(end + 420, "app", window, end, true);
            let next = starts.get(index + 1).copied().unwrap_or(300_000);
            let crash = |pod: &mut Pod| {
                let mut status = waiting("app", "CrashLoopBackOff");
                status.restart_count = attempt;
                pod.status.container_statuses = vec![status];
            };
            if window >= 80 {
                s.set(end + 65_000, crash);
            } else {
                s.set(next - 200, crash);
            }
            if next < 300_000 {
                s.backoff(next - 50, "app", window, end, false);
            }
        }
    }
    s.trace()
}

/// An image that does not exist.
pub fn no_image() -> Trace {
    let image = "nginx:does-not-exist";
    let mut s = Story::new("p", 180, &[], &[container("app", image)]);
    s.scheduled_and_sandboxed("ContainerCreating");
    let fails = [1_000, 14_000, 42_000, 83_000];
    for (index, fail) in fails.into_iter().enumerate() {
        s.pull(fail - 500, "app", image, PullStep::Started { until: ms(fail) });
        s.pull(fail, "app", image, PullStep::Failed { message: "not found".into() });
        s.set(fail + 50, |pod| {
            pod.status.container_statuses = vec![waiting("app", "ErrImagePull")]
        });
        let until = ms(fail + 10_000 * (1 << index));
        s.pull(fail + 1_000, "app", image, PullStep::BackedOff { until });
        s.set(fail + 1_100, |pod| {
            pod.status.container_statuses = vec![waiting("app", "ImagePullBackOff")];
        });
    }
    s.trace()
}

/// Two init containers, then nginx; the kubelet sees an exit up to a second later.
pub fn init_order() -> Trace {
    let init = [container("i1", "busybox"), container("i2", "busybox")];
    let mut s = Story::new("p", 14, &init, &[container("app", "nginx")]);
    s.scheduled_and_sandboxed("PodInitializing");
    s.start(700, "i1", 0);
    s.set(760, |pod| pod.status.init_container_statuses[0] = running("i1", false, 0));
    s.exit(3_720, "i1", 0, 0);
    s.set(4_380, |pod| pod.status.init_container_statuses[0] = ended("i1", 0, 0));
    s.start(4_530, "i2", 0);
    s.set(4_600, |pod| pod.status.init_container_statuses[1] = running("i2", false, 0));
    s.exit(8_550, "i2", 0, 0);
    s.set(9_410, |pod| {
        pod.status.init_container_statuses[1] = ended("i2", 0, 0);
        condition(pod, "Initialized", true);
    });
    s.start(9_480, "app", 0);
    s.set(9_520, |pod| {
        pod.status.phase = "Running".to_owned();
        pod.status.container_statuses = vec![running("app", true, 0)];
        condition(pod, "Ready", true);
    });
    s.trace()
}

/// The article's startup probe, which asks for a page that does not exist.
pub fn startup_probe() -> Trace {
    let mut nginx = container("nginx", "nginx:latest");
    nginx.startup_probe = Some(Probe {
        http_get: Some(HTTPGetAction {
            path: "/api/successStart".to_owned(),
            port: IntOrString::Int(80),
            ..HTTPGetAction::default()
        }),
        period_seconds: 10,
        failure_threshold: 3,
        ..Probe::default()
    });
    let mut s = Story::new("nginx", 420, &[], &[nginx]);
    s.scheduled_and_sandboxed("ContainerCreating");
    let starts = [590, 30_500, 60_600, 90_500, 120_500, 201_400, 312_300];
    let ends = [30_370, 60_380, 90_380, 120_330, 150_370, 230_300, 342_300];
    for (index, (start, end)) in starts.into_iter().zip(ends).enumerate() {
        let attempt = index as i32;
        if index >= 5 {
            s.backoff(start - 90, "nginx", [40, 80][index - 5], ends[index - 1], false);
        }
        s.start(start, "nginx", attempt);
        s.set(start + 60, |pod| {
            pod.status.phase = "Running".to_owned();
            pod.status.container_statuses = vec![running("nginx", false, attempt)];
        });
        for (n, at) in [end - 20_040, end - 10_040, end - 70].into_iter().enumerate() {
            s.probe(at, "nginx", ProbeKind::Startup, ProbeOutcome::Failure, (n as i32 + 1, 3));
        }
        s.stopping(
            end - 60,
            "nginx",
            30,
            "Container nginx failed startup probe, will be restarted",
        );
        s.signal(end - 55, "nginx", "QUIT", false);
        s.exit(end, "nginx", attempt, 0);
        let window = [0, 0, 10, 20, 40, 80, 160][index];
        let from = if index == 0 { 0 } else { ends[index - 1] };
        if window > 0 {
            s.backoff(end + 20, "nginx", window, from, index >= 4);
        }
        if index >= 4 {
            s.backoff(end + 690, "nginx", window, end, true);
            s.set(end + 700, |pod| {
                let mut status = waiting("nginx", "CrashLoopBackOff");
                status.restart_count = attempt;
                pod.status.container_statuses = vec![status];
            });
        }
    }
    s.act(19_000, "kubectl get pod");
    s.act(177_000, "kubectl get pod");
    s.trace()
}

/// Sidecar, hooks, probes of every kind and outcome, a preStop that fails, a grace period that
/// holds.
pub fn everything() -> Trace {
    let mut proxy = container("proxy", "envoyproxy/envoy:v1.30");
    proxy.restart_policy = Some("Always".to_owned());
    let mut app = container("app", "my/app:1.0");
    let probe = |period: i32, threshold: i32| Probe {
        period_seconds: period,
        failure_threshold: threshold,
        ..Probe::default()
    };
    app.startup_probe = Some(probe(2, 3));
    app.liveness_probe = Some(probe(5, 3));
    app.readiness_probe = Some(probe(5, 3));
    let exec = |line: &str| LifecycleHandler {
        exec: Some(ExecAction { command: vec!["sh".to_owned(), "-c".to_owned(), line.to_owned()] }),
        ..LifecycleHandler::default()
    };
    app.lifecycle = Some(Lifecycle {
        post_start: Some(exec("mkdir /tmp/x")),
        pre_stop: Some(exec("sleep 9")),
        ..Lifecycle::default()
    });
    let mut s = Story::new("shop-0", 90, &[container("migrate", "my/app:1.0"), proxy], &[app]);
    s.scheduled_and_sandboxed("PodInitializing");
    s.start(900, "migrate", 0);
    s.set(960, |pod| pod.status.init_container_statuses[0] = running("migrate", false, 0));
    s.exit(3_000, "migrate", 0, 0);
    s.set(3_600, |pod| pod.status.init_container_statuses[0] = ended("migrate", 0, 0));
    s.start(3_800, "proxy", 0);
    s.set(3_900, |pod| pod.status.init_container_statuses[1] = running("proxy", true, 0));
    s.start(4_200, "app", 0);
    s.hook(4_210, "app", HookKind::PostStart, None);
    s.hook(6_300, "app", HookKind::PostStart, Some(true));
    s.set(6_400, |pod| {
        pod.status.phase = "Running".to_owned();
        pod.status.container_statuses = vec![running("app", false, 0)];
    });
    for (n, at) in [8_000, 10_000].into_iter().enumerate() {
        s.probe(at, "app", ProbeKind::Startup, ProbeOutcome::Failure, (n as i32 + 1, 3));
        s.probe(at, "app", ProbeKind::Liveness, ProbeOutcome::Held, (0, 3));
        s.probe(at, "app", ProbeKind::Readiness, ProbeOutcome::Held, (0, 3));
    }
    s.probe(12_000, "app", ProbeKind::Startup, ProbeOutcome::Success, (1, 1));
    for n in 0..9 {
        let at = 12_100 + n * 5_000;
        s.probe(at, "app", ProbeKind::Liveness, ProbeOutcome::Success, (1, 1));
        let outcome = match n {
            3 => ProbeOutcome::Failure,
            4 => ProbeOutcome::Timeout,
            5 => ProbeOutcome::Errored,
            _ => ProbeOutcome::Success,
        };
        s.probe(at + 60, "app", ProbeKind::Readiness, outcome, (1, 3));
    }
    s.set(12_200, |pod| {
        pod.status.container_statuses = vec![running("app", true, 0)];
        condition(pod, "Ready", true);
    });
    s.act(55_000, "kubectl delete pod shop-0 --grace-period=30");
    s.set(55_005, |pod| pod.metadata.deletion_timestamp = Some(ms(85_000)));
    s.stopping(55_030, "app", 30, "Stopping container app");
    s.stopping(55_032, "proxy", 30, "Stopping container proxy");
    s.hook(55_040, "app", HookKind::PreStop, None);
    s.hook(64_050, "app", HookKind::PreStop, Some(false));
    s.signal(64_060, "app", "TERM", false);
    s.exit(68_000, "app", 0, 0);
    s.signal(68_010, "proxy", "TERM", false);
    s.exit(70_400, "proxy", 0, 143);
    s.set(70_700, |pod| {
        pod.status.phase = "Succeeded".to_owned();
        pod.status.container_statuses = vec![ended("app", 0, 0)];
        pod.status.init_container_statuses = vec![ended("migrate", 0, 0), ended("proxy", 143, 0)];
        condition(pod, "Ready", false);
    });
    s.store(71_300, Verb::Deleted, Rule::KubeletDeletes);
    s.trace()
}

/// A Deployment's Pods: more than fit, so each is a line.
pub fn many() -> Trace {
    let mut stories = Vec::new();
    let names = ["7cjq2", "r8szq", "qbqj5", "pm6qz", "d2hxk", "n9w4t", "f7lbv", "c5gsm"];
    for (index, suffix) in names.into_iter().enumerate() {
        let name = format!("web-8949b877b-{suffix}");
        let mut s = Story::new(&name, 60, &[], &[container("nginx", "nginx:1.25")]);
        s.pod.metadata.owner_references = vec![OwnerReference {
            kind: "ReplicaSet".to_owned(),
            name: "web-8949b877b".to_owned(),
            controller: true,
            ..OwnerReference::default()
        }];
        s.entries.clear();
        let late = index as i64 * 90;
        s.push(
            20 + late,
            Actor::ReplicaSetController,
            None,
            Change::Stored { verb: Verb::Created, object: Object::Pod(Rc::new(s.pod.clone())) },
            Rule::ReplicaSetCreates,
        );
        s.set(60 + late, |pod| {
            pod.status.container_statuses = vec![waiting("nginx", "ContainerCreating")];
        });
        s.start(700 + late * 3, "nginx", 0);
        s.set(760 + late * 3, |pod| {
            pod.status.phase = "Running".to_owned();
            pod.status.container_statuses = vec![running("nginx", true, 0)];
            condition(pod, "Ready", true);
        });
        if index < 3 {
            s.set(30_000 + late, |pod| pod.metadata.deletion_timestamp = Some(ms(60_000)));
            s.store(31_000 + late * 4, Verb::Deleted, Rule::KubeletDeletes);
        }
        stories.push(s);
    }
    let mut all = Story::new("x", 60, &[], &[]);
    all.entries.truncate(1);
    all.act(30_000, "kubectl scale deployment web --replicas=5");
    for story in stories {
        let base = all.entries.len();
        all.entries
            .extend(story.entries.into_iter().map(|(e, cause)| (e, cause.map(|c| c + base))));
    }
    all.trace()
}

/// Every trace, with a name.
pub fn all() -> Vec<(&'static str, Trace)> {
    vec![
        ("two-containers", two_containers()),
        ("crash-loop", crash_loop()),
        ("no-image", no_image()),
        ("init-order", init_order()),
        ("startup-probe", startup_probe()),
        ("everything", everything()),
        ("many", many()),
    ]
}
