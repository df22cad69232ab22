//! Processes, signals, namespaces, files and sockets of one machine.

use podarium::manifest::scenario_document::{ExitSpec, HttpSpec, ImageSpec, OnTermSpec};
use podarium::time::{Duration, Instant};
use podarium::workload::cri::{
    Answer, ContainerId, ContainerSetup, Happening, Mount, ProcessRow, SandboxId, SandboxSetup,
    Signal, SignalFate,
};
use podarium::workload::cri::{LocalAnswer, ProcessStep};
use podarium::workload::image::{Catalogue, Reference};
use podarium::workload::machine::Machine;

/// A machine with one Pod.
struct Bench {
    machine: Machine,
    sandbox: SandboxId,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        Self::with(Catalogue::default(), SandboxSetup::default())
    }

    fn with(catalogue: Catalogue, setup: SandboxSetup) -> Self {
        let mut machine = Machine::new("node1", "10.99.0.2", catalogue);
        let setup = SandboxSetup { hostname: "p".to_owned(), ..setup };
        let sandbox = machine.create_sandbox(setup);
        machine.attach_network(sandbox, "10.244.1.7");
        machine.start_pause(Instant::ZERO, sandbox);
        Self { machine, sandbox, now: Instant::ZERO }
    }

    fn shared() -> Self {
        let setup = SandboxSetup { share_process_namespace: true, ..SandboxSetup::default() };
        Self::with(Catalogue::default(), setup)
    }

    fn start(&mut self, setup: ContainerSetup) -> ContainerId {
        let id = self.machine.create_container(self.sandbox, setup);
        self.machine.start_container(self.now, id).expect("the container starts");
        id
    }

    fn run_for(&mut self, seconds: i64) -> Vec<Happening> {
        let until = self.now + Duration::from_secs(seconds);
        let mut all = Vec::new();
        while let Some(at) = self.machine.next_wakeup().filter(|at| *at <= until) {
            all.extend(self.machine.advance(at));
        }
        self.machine.advance(until);
        self.now = until;
        all
    }

    /// Runs a command in a container: exit code and output.
    fn exec(&mut self, id: ContainerId, words: &[&str]) -> (i32, String) {
        let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let wanted = self.machine.exec(self.now, id, &argv).expect("the command starts");
        let until = self.now + Duration::from_secs(60);
        while let Some(at) = self.machine.next_wakeup().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            for happening in self.machine.advance(at) {
                if let Happening::ExecFinished { exec, code, output } = happening
                    && exec == wanted
                {
                    return (code, output);
                }
            }
        }
        panic!("{words:?} does not end");
    }

    fn signal(&mut self, id: ContainerId, signal: Signal) -> SignalFate {
        self.machine.signal(self.now, id, signal)
    }

    fn rows(&self, id: ContainerId) -> Vec<(u32, u32, char, String)> {
        let row = |row: ProcessRow| (row.pid, row.parent, row.state, row.command);
        self.machine.processes(id).into_iter().map(row).collect()
    }
}

fn image(name: &str) -> ContainerSetup {
    ContainerSetup { image: name.to_owned(), ..ContainerSetup::default() }
}

fn shell(script: &str) -> ContainerSetup {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    ContainerSetup { command, ..image("busybox:1.28") }
}

fn command(name: &str, words: &[&str]) -> ContainerSetup {
    let command = words.iter().map(|word| (*word).to_owned()).collect();
    ContainerSetup { command, ..image(name) }
}

fn exit_of(happenings: &[Happening], id: ContainerId) -> Option<(i32, i32)> {
    happenings.iter().find_map(|happening| match happening {
        Happening::Exited { container, code, signal, .. } if *container == id => {
            Some((*code, *signal))
        }
        _ => None,
    })
}

fn lines(happenings: &[Happening]) -> Vec<String> {
    let line = |happening: &Happening| match happening {
        Happening::Output { line, .. } => Some(line.clone()),
        _ => None,
    };
    happenings.iter().filter_map(line).collect()
}

/// Recorded on Kubernetes 1.36.2: PIDs 1, 7, 8 alone; 1 (pause), 7, 13 in a shared namespace.
#[test]
fn zombies_stay_unless_pause_reaps_them() {
    let mut alone = Bench::new();
    let id = alone.start(command("busybox:1.28", &["zombie"]));
    alone.run_for(5);
    let (_, ps) = alone.exec(id, &["ps", "-o", "pid,ppid,stat,comm"]);
    let expected = "PID   PPID  STAT COMMAND\n    1     0 S    zombie\n    8     1 Z    zombie\n    9     1 Z    zombie\n   10     0 R    ps\n";
    assert_eq!(ps, expected);

    let mut shared = Bench::shared();
    let id = shared.start(command("busybox:1.28", &["zombie"]));
    shared.run_for(5);
    let (_, ps) = shared.exec(id, &["ps", "-o", "pid,ppid,stat,comm"]);
    let expected = "PID   PPID  STAT COMMAND\n    1     0 S    pause\n    6     0 S    zombie\n   12     6 Z    zombie\n   14     0 R    ps\n";
    assert_eq!(ps, expected);
}

/// Recorded on Kubernetes 1.36.2 (an article's example of shareProcessNamespace).
#[test]
fn a_shared_namespace_shows_all_and_lets_signals_through() {
    let mut bench = Bench::shared();
    let nginx = bench.start(image("nginx:latest"));
    let busybox = ContainerSetup { tty: true, stdin: true, ..image("busybox") };
    let busybox = bench.start(busybox);
    bench.run_for(12);
    let (_, ps) = bench.exec(busybox, &["ps"]);
    assert_eq!(
        ps,
        "PID   USER     COMMAND\n    1 65535    /pause\n    6 root     nginx: master process nginx -g daemon off;\n   12 root     sh\n   18 nginx    nginx: worker process\n   19 nginx    nginx: worker process\n   20 root     ps\n"
    );
    let one = bench.exec(nginx, &["readlink", "/proc/self/ns/pid"]);
    let other = bench.exec(busybox, &["readlink", "/proc/self/ns/pid"]);
    assert_eq!(one, other);
    let script = "p=$(pidof nginx | xargs -n1 | sort -n | head -1); echo nginx master pid $p; r=root; ls -l /proc/$p/$r/etc/nginx; kill -HUP $p; sleep 1; ps";
    let (_, output) = bench.exec(busybox, &["sh", "-c", script]);
    assert!(output.starts_with("nginx master pid 6\ntotal 12\ndrwxr-xr-x"), "{output}");
    assert!(output.contains("conf.d\n") && output.contains("mime.types\n"), "{output}");
    assert_eq!(output.matches("nginx: worker process").count(), 2);
    bench.run_for(1);
    let script = "kill -9 $(pidof nginx | xargs -n1 | sort -n | head -1)";
    bench
        .machine
        .exec(bench.now, busybox, &["sh", "-c", script].map(str::to_owned))
        .expect("starts");
    let happened = bench.run_for(1);
    assert_eq!(exit_of(&happened, nginx), Some((137, 9)));
    assert_eq!(exit_of(&happened, busybox), None);
    assert_eq!(bench.rows(busybox).len(), 2, "{:?}", bench.rows(busybox));
}

#[test]
fn containers_of_a_pod_share_network_and_hostname_but_not_processes() {
    let mut bench = Bench::new();
    let nginx = bench.start(image("nginx:latest"));
    let client = bench.start(ContainerSetup { tty: true, stdin: true, ..image("busybox") });
    bench.run_for(15);
    assert_eq!(bench.exec(nginx, &["hostname"]).1, "p\n");
    let (code, page) = bench.exec(client, &["wget", "-qO-", "http://127.0.0.1"]);
    assert_eq!(code, 0);
    assert!(page.contains("<title>Welcome to nginx!</title>"));
    let (_, listening) = bench.exec(client, &["netstat", "-lnt"]);
    assert!(
        listening.contains("0.0.0.0:80              0.0.0.0:*               LISTEN"),
        "{listening}"
    );
    let (_, address) = bench.exec(client, &["ip", "addr"]);
    assert!(address.contains("inet 10.244.1.7/16 brd 10.244.255.255 scope global eth0"));
    assert!(bench.exec(nginx, &["cat", "/etc/hosts"]).1.ends_with("10.244.1.7\tp\n"));
    let commands: Vec<String> = bench.rows(client).into_iter().map(|row| row.3).collect();
    assert_eq!(commands, ["sh"]);
    let pids: Vec<(u32, u32)> = bench.rows(nginx).into_iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(pids, [(1, 0), (8, 1), (9, 1)]);
    let one = bench.exec(nginx, &["readlink", "/proc/self/ns/net"]);
    assert_eq!(one, bench.exec(client, &["readlink", "/proc/self/ns/net"]));
    let one = bench.exec(nginx, &["readlink", "/proc/self/ns/pid"]);
    assert_ne!(one, bench.exec(client, &["readlink", "/proc/self/ns/pid"]));
}

#[test]
fn pid_1_without_a_handler_ignores_signals() {
    let mut bench = Bench::new();
    let id = bench.start(shell("sleep 3600"));
    bench.run_for(1);
    assert_eq!(bench.rows(id), [(1, 0, 'S', "sleep 3600".to_owned())]);
    assert_eq!(bench.signal(id, Signal::TERM), SignalFate::Ignored);
    assert_eq!(bench.exec(id, &["kill", "-9", "1"]).0, 0);
    assert_eq!(exit_of(&bench.run_for(5), id), None);
    assert_eq!(bench.signal(id, Signal::KILL), SignalFate::Delivered);
    assert_eq!(exit_of(&bench.run_for(1), id), Some((137, 9)));
    assert_eq!(bench.signal(id, Signal::KILL), SignalFate::NoProcess);
}

#[test]
fn the_end_of_pid_1_ends_all_and_execs_too() {
    let mut bench = Bench::new();
    let id = bench.start(shell("sleep 100 & sleep 3; exit 3"));
    bench.run_for(1);
    let exec =
        bench.machine.exec(bench.now, id, &["sleep", "60"].map(str::to_owned)).expect("starts");
    let happened = bench.run_for(10);
    assert_eq!(exit_of(&happened, id), Some((3, 0)));
    assert!(happened.contains(&Happening::ExecFinished { exec, code: 137, output: String::new() }));
    let ended = happened.iter().filter(|h| {
        matches!(h, Happening::Process { step: ProcessStep::Exited { code: 137, .. }, .. })
    });
    assert_eq!(ended.count(), 2);
    assert!(bench.rows(id).is_empty());
}

#[test]
fn volumes_stay_and_are_shared_the_container_starts_afresh() {
    let mut bench = Bench::new();
    let volume = bench.machine.create_volume();
    let mount = |path: &str, read_only| Mount {
        path: path.to_owned(),
        volume,
        sub_path: String::new(),
        read_only,
    };
    let script = "echo x >> /data/n; echo x >> /tmp/n; wc -l /data/n /tmp/n; exit 1";
    let setup = ContainerSetup { mounts: vec![mount("/data", false)], ..shell(script) };
    for round in 1..=3 {
        let id = bench.start(setup.clone());
        let happened = bench.run_for(1);
        // Recorded on Kubernetes 1.36.2, after three runs: nine places, and a total.
        let expected = [
            format!("{round:9} /data/n"),
            format!("{:9} /tmp/n", 1),
            format!("{:9} total", round + 1),
        ];
        assert_eq!(lines(&happened), expected);
        assert_eq!(exit_of(&happened, id), Some((1, 0)));
        bench.machine.remove_container(id);
    }
    bench.machine.write_volume(volume, "sub/k", "v1");
    let read_only = ContainerSetup {
        mounts: vec![Mount { sub_path: "sub".to_owned(), ..mount("/cfg", true) }],
        ..shell("cat /cfg/k; echo; echo y > /cfg/k; touch /cfg/z; sleep 5; cat /cfg/k; echo")
    };
    bench.start(read_only);
    let happened = bench.run_for(2);
    assert_eq!(
        lines(&happened),
        [
            "v1",
            "sh: can't create /cfg/k: Read-only file system",
            "touch: /cfg/z: Read-only file system"
        ]
    );
    bench.machine.write_volume(volume, "sub/k", "v2");
    assert_eq!(lines(&bench.run_for(10)), ["v2"]);
}

#[test]
fn a_second_server_on_a_port_fails() {
    let mut bench = Bench::new();
    let first = bench.start(image("nginx"));
    bench.run_for(1);
    let second = bench.start(image("nginx"));
    let happened = bench.run_for(10);
    assert_eq!(exit_of(&happened, second), Some((1, 0)));
    let all = lines(&happened).join("\n");
    assert_eq!(
        all.matches("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
            .count(),
        5
    );
    assert!(all.ends_with("nginx: [emerg] still could not bind()"), "{all}");
    assert_eq!(exit_of(&happened, first), None);
}

#[test]
fn what_cannot_start_says_so_in_runcs_words() {
    const PREFIX: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
    for (setup, why) in [
        (
            command("nginx:1.25", &["/no/such/binary"]),
            "exec: \"/no/such/binary\": stat /no/such/binary: no such file or directory",
        ),
        (command("nginx:1.25", &["nope"]), "exec: \"nope\": executable file not found in $PATH"),
        (
            command("registry.k8s.io/pause:3.9", &["sh", "-c", "true"]),
            "exec: \"sh\": executable file not found in $PATH",
        ),
        (command("busybox", &["/etc"]), "exec: \"/etc\": permission denied"),
    ] {
        let mut bench = Bench::new();
        let id = bench.machine.create_container(bench.sandbox, setup);
        let error = bench.machine.start_container(bench.now, id).expect_err("it cannot start");
        assert_eq!(error.0, format!("{PREFIX}{why}"));
        assert!(bench.run_for(1).is_empty());
    }
    let mut bench = Bench::new();
    let id = bench.start(image("nginx:1.25"));
    bench.run_for(1);
    let error = bench.machine.exec(bench.now, id, &["/no/such".to_owned()]).expect_err("no such");
    assert_eq!(
        error.0,
        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/no/such\": stat /no/such: no such file or directory"
    );
}

#[test]
fn images_end_as_they_do() {
    // Image, signal, exit code if it ends; bare shells end at once without a terminal.
    for (name, signal, code) in [
        ("nginx:1.25", Signal::QUIT, Some(0)),
        ("nginx:1.25", Signal::TERM, Some(0)),
        ("redis", Signal::TERM, Some(0)),
        ("postgres:16", Signal::INT, Some(0)),
        ("httpd:2.4", Signal(28), Some(0)),
        ("mysql:8.0", Signal::TERM, Some(0)),
        ("registry.k8s.io/pause:3.9", Signal::TERM, Some(0)),
        ("registry.k8s.io/e2e-test-images/agnhost:2.40", Signal::TERM, Some(0)),
        ("quay.io/somebody/app:1", Signal::TERM, Some(0)),
        ("k8s.gcr.io/liveness", Signal::TERM, None),
    ] {
        let mut bench = Bench::new();
        let id = bench.start(image(name));
        assert_eq!(exit_of(&bench.run_for(20), id), None, "{name} runs");
        bench.signal(id, signal);
        assert_eq!(exit_of(&bench.run_for(5), id).map(|(code, _)| code), code, "{name}");
    }
    for name in ["busybox", "alpine:3.20", "debian", "ubuntu:24.04", "python:3", "node:22"] {
        let mut bench = Bench::new();
        let id = bench.start(image(name));
        assert_eq!(exit_of(&bench.run_for(2), id), Some((0, 0)), "{name}");
        let id = bench.start(ContainerSetup { tty: true, stdin: true, ..image(name) });
        assert_eq!(exit_of(&bench.run_for(100), id), None, "{name} with a terminal");
    }
}

#[test]
fn servers_answer() {
    let mut bench = Bench::new();
    bench.start(image("nginx"));
    bench.run_for(1);
    let mut ask = |port: u16, path: Option<&str>| match bench.machine.request(
        bench.now,
        bench.sandbox,
        port,
        path,
    ) {
        Answer::Http { status, .. } => status,
        Answer::Refused => 1,
        Answer::Connected => 2,
        other => panic!("{other:?}"),
    };
    assert_eq!(ask(80, Some("/")), 200);
    assert_eq!(ask(80, Some("/nope")), 404);
    assert_eq!(ask(80, None), 2);
    assert_eq!(ask(8181, Some("/ready")), 1);

    let mut bench = Bench::new();
    bench.start(image("registry.k8s.io/liveness"));
    bench.run_for(5);
    let status = |bench: &mut Bench| match bench.machine.request(
        bench.now,
        bench.sandbox,
        8080,
        Some("/healthz"),
    ) {
        Answer::Http { status, .. } => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(status(&mut bench), 200);
    bench.run_for(6);
    assert_eq!(status(&mut bench), 500);
}

#[test]
fn a_scenarios_images_do_what_it_says() {
    let rule = |status, from, until| HttpSpec {
        path: "/healthz".to_owned(),
        status,
        from,
        until,
        ..HttpSpec::default()
    };
    let minute = Duration::from_secs(60);
    let described = [
        ImageSpec {
            name: "my/app:1.0".to_owned(),
            http: vec![rule(200, None, None), rule(500, Some(minute), Some(minute * 2))],
            on_term: Some(OnTermSpec {
                ignore: false,
                drain: Some(Duration::from_secs(4)),
                exit_code: 7,
            }),
            ..ImageSpec::default()
        },
        ImageSpec {
            name: "dies".to_owned(),
            exit: Some(ExitSpec { after: Some(Duration::from_secs(3)), code: 9 }),
            ..ImageSpec::default()
        },
        ImageSpec { name: "nginx:9".to_owned(), missing: true, ..ImageSpec::default() },
    ];
    let catalogue = Catalogue::new(&described);
    assert!(catalogue.resolve("nginx:9").is_err());
    assert!(catalogue.resolve("dies").is_ok());
    let mut bench = Bench::with(catalogue, SandboxSetup::default());
    let id = bench.start(ContainerSetup { ports: vec![8080], ..image("my/app:1.0") });
    let dies = bench.start(image("dies"));
    assert_eq!(exit_of(&bench.run_for(10), dies), Some((9, 0)));
    let status = |bench: &mut Bench, path: &str| match bench.machine.request(
        bench.now,
        bench.sandbox,
        8080,
        Some(path),
    ) {
        Answer::Http { status, .. } => status,
        other => panic!("{other:?}"),
    };
    assert_eq!((status(&mut bench, "/healthz"), status(&mut bench, "/other")), (200, 404));
    bench.run_for(60);
    assert_eq!(status(&mut bench, "/healthz"), 500);
    assert_eq!(bench.signal(id, Signal::TERM), SignalFate::Delivered);
    assert_eq!(exit_of(&bench.run_for(3), id), None);
    assert_eq!(exit_of(&bench.run_for(2), id), Some((7, 0)));
}

#[test]
fn requests_that_leave_the_pod_are_answered_from_outside() {
    let mut bench = Bench::new();
    let script = "wget -qO- -T 2 http://db:5432/x; echo $?; wget -qO- -T 2 http://db/; echo $?; nslookup db >/dev/null; echo $?";
    bench.start(shell(script));
    let mut answers = vec![
        Some(Answer::Http {
            status: 200,
            body: "hi\n".to_owned(),
            location: None,
            after: Duration::from_millis(5),
        }),
        None,
        Some(Answer::UnknownHost),
    ];
    let mut printed = Vec::new();
    while let Some(at) = bench.machine.next_wakeup() {
        for happening in bench.machine.advance(at) {
            match happening {
                Happening::Request { id, host, port, path, .. } => {
                    assert_eq!(host, "db");
                    assert_eq!(path.is_none(), port == 53);
                    if let Some(answer) = answers.remove(0) {
                        bench.machine.answer(at, id, answer);
                    }
                }
                Happening::Output { line, .. } => printed.push(line),
                _ => {}
            }
        }
    }
    assert_eq!(printed, ["hi", "0", "wget: download timed out", "1", "1"]);
}

#[test]
fn loops_without_rest_end_nothing() {
    for script in [
        "while true; do :; done",
        "while :; do echo x; done",
        "while true; do true; date; done",
        "yes",
        "b() { b | b & }; b; sleep 5000",
        "f() { f; }; f",
    ] {
        let mut bench = Bench::new();
        let id = bench.start(shell(script));
        let happened = bench.run_for(3_600);
        assert!(happened.len() < 60_000, "{script}: {}", happened.len());
        if !script.starts_with("f()") {
            let said =
                happened.iter().filter(|h| matches!(h, Happening::NotSimulated { .. })).count();
            assert_eq!(said, 1, "{script}");
            bench.signal(id, Signal::KILL);
            assert_eq!(exit_of(&bench.run_for(1), id), Some((137, 9)), "{script}");
        }
    }
}

#[test]
fn memory_beyond_the_limit_ends_the_container() {
    for words in [
        &["stress", "--vm", "1", "--vm-bytes", "150M"][..],
        &["sh", "-c", "tail /dev/zero; echo no"],
    ] {
        let mut bench = Bench::new();
        let name = if words[0] == "stress" { "polinux/stress" } else { "busybox" };
        bench.start(ContainerSetup { memory_limit: Some(100 << 20), ..command(name, words) });
        let happened = bench.run_for(5);
        assert!(
            happened
                .iter()
                .any(|h| matches!(h, Happening::Exited { code: 137, out_of_memory: true, .. })),
            "{words:?}: {happened:?}"
        );
    }
}

#[test]
fn termination_messages_are_read() {
    let mut bench = Bench::new();
    bench.start(shell("echo why > /dev/termination-log; exit 1"));
    let happened = bench.run_for(1);
    let message = happened.iter().find_map(|happening| match happening {
        Happening::Exited { termination_message, .. } => Some(termination_message.as_str()),
        _ => None,
    });
    assert_eq!(message, Some("why\n"));
}

#[test]
fn references_are_read_as_docker_reads_them() {
    for (image, whole) in [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.25", "docker.io/library/nginx:1.25"),
        ("my/app", "docker.io/my/app:latest"),
        ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
        ("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"),
    ] {
        assert_eq!(Reference::parse(image).expect(image).text(), whole);
    }
    for image in [
        "",
        "Nginx",
        "Nginx:UPPER CASE",
        "a b",
        "nginx:",
        "-x",
        "a//b",
        "nginx@sha256:1",
        "x:y:z/",
        "{IMAGE}",
    ] {
        assert!(!Catalogue::is_valid_reference(image), "{image}");
    }
}

#[test]
fn the_registry_has_what_it_has() {
    let catalogue = Catalogue::default();
    for image in [
        "nginx",
        "nginx:1.25",
        "nginx:1.14.2",
        "nginx:stable-alpine",
        "busybox:1.28",
        "redis:8.0.2",
        "mysql:5.7",
        "mongo:3.4.1",
        "ubuntu:24.04",
        "python:3.12-slim-bookworm",
        "wordpress:6.2.1-apache",
        "quay.io/x/y:z",
        "my/app:whatever",
        "rabbitmq:3-management",
        "tomcat:9.0-jdk17-temurin",
        "alpine:3",
    ] {
        assert!(catalogue.resolve(image).is_ok(), "{image}");
    }
    let denied = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";
    assert_eq!(catalogue.resolve("nginxx-does-not-exist").expect_err("absent").text(), denied);
    let absent = catalogue.resolve("nginx:no-such-tag").expect_err("absent");
    assert_eq!(absent.text(), "docker.io/library/nginx:no-such-tag: not found");
    assert_eq!(absent.code(), "rpc error: code = NotFound desc = ");
    let nginx = catalogue.resolve("nginx:1.25").expect("there");
    assert_eq!((nginx.stop_signal.as_str(), nginx.user), ("SIGQUIT", Some(0)));
    assert!(nginx.image_id.starts_with("docker.io/library/nginx@sha256:"));
    assert_eq!(nginx.image_id.len(), "docker.io/library/nginx@sha256:".len() + 64);
}

/// What is told of processes but for their start, in order: PID and step.
fn told(happened: &[Happening]) -> Vec<(u32, &ProcessStep)> {
    let steps = happened.iter().filter_map(|happening| match happening {
        Happening::Process { pid, step, .. } => Some((*pid, step)),
        _ => None,
    });
    steps.filter(|(_, step)| !matches!(step, ProcessStep::Runs { .. })).collect()
}

#[test]
fn a_child_that_is_waited_for_ends_once_and_a_zombie_is_told_as_one() {
    let mut bench = Bench::new();
    bench.start(shell("sleep 1; sleep 2; exec sleep 60"));
    let happened = bench.run_for(10);
    let ended = ProcessStep::Exited { code: 0, zombie: false };
    assert_eq!(told(&happened), [(8, &ended), (9, &ended)]);

    // sleep as PID 1 never waits; the shell before it did.
    let mut bench = Bench::new();
    let id = bench.start(shell("sleep 2 & exec sleep 60"));
    let happened = bench.run_for(10);
    let zombie = ProcessStep::Exited { code: 0, zombie: true };
    assert_eq!(told(&happened), [(8, &zombie)]);
    assert_eq!(bench.rows(id)[1], (8, 1, 'Z', "[sleep]".to_owned()));

    // An orphan is read by pause: it is told of although it never ran long enough.
    let mut bench = Bench::shared();
    bench.start(ContainerSetup {
        image: "busybox".to_owned(),
        command: vec!["zombie".to_owned()],
        ..ContainerSetup::default()
    });
    let happened = bench.run_for(10);
    assert_eq!(told(&happened), [(13, &ended), (12, &zombie)]);
}

#[test]
fn signals_ports_and_localhost_are_told() {
    let mut bench = Bench::shared();
    bench.start(ContainerSetup { image: "nginx".to_owned(), ..ContainerSetup::default() });
    bench.start(shell("sleep 1; wget -qO- 127.0.0.1 >/dev/null; killall -HUP nginx; nc -l -p 80"));
    let happened = bench.run_for(5);
    let steps = told(&happened);
    let has = |wanted: &dyn Fn(&ProcessStep) -> bool| steps.iter().any(|(_, step)| wanted(step));
    assert!(has(&|step| matches!(step, ProcessStep::Listens { port: 80, taken: false })));
    assert!(has(&|step| matches!(
        step,
        ProcessStep::Asked { port: 80, answer: LocalAnswer::Status(200) }
    )));
    assert!(has(&|step| matches!(
        step,
        ProcessStep::Signalled { signal: "HUP", ignored: false, .. }
    )));
    assert!(has(&|step| matches!(step, ProcessStep::Listens { port: 80, taken: true })));
}
