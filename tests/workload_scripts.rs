//! Scripts and what they print, how they end, and when.

use podarium::time::{Duration, Instant};
use podarium::workload::cri::{
    ContainerId, ContainerSetup, Happening, SandboxId, SandboxSetup, Signal,
};
use podarium::workload::image::Catalogue;
use podarium::workload::machine::Machine;

/// A machine with one Pod in which containers run one after the other.
struct Bench {
    machine: Machine,
    sandbox: SandboxId,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let mut machine = Machine::new("node1", "10.99.0.2", Catalogue::default());
        let setup = SandboxSetup { hostname: "p".to_owned(), ..SandboxSetup::default() };
        let sandbox = machine.create_sandbox(setup);
        machine.attach_network(sandbox, "10.244.1.7");
        machine.start_pause(Instant::ZERO, sandbox);
        Self { machine, sandbox, now: Instant::ZERO }
    }

    fn start(&mut self, setup: ContainerSetup) -> ContainerId {
        let id = self.machine.create_container(self.sandbox, setup);
        self.machine.start_container(self.now, id).expect("the container starts");
        id
    }

    /// Runs until a moment; everything that happened, with its time.
    fn run(&mut self, until: Instant) -> Vec<(Instant, Happening)> {
        let mut all = Vec::new();
        while let Some(at) = self.machine.next_wakeup().filter(|at| *at <= until) {
            for happening in self.machine.advance(at) {
                all.push((at, happening));
            }
        }
        self.machine.advance(until);
        self.now = until;
        all
    }
}

fn shell(image: &str, script: &str) -> ContainerSetup {
    ContainerSetup {
        image: image.to_owned(),
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        ..ContainerSetup::default()
    }
}

/// Output lines, exit code and whole seconds of a script's life.
fn outcome(image: &str, script: &str, horizon: i64) -> (Vec<String>, Option<i32>, i64) {
    let mut bench = Bench::new();
    bench.start(shell(image, script));
    let mut lines = Vec::new();
    for (at, happening) in bench.run(Instant::from_secs(horizon)) {
        match happening {
            Happening::Output { line, .. } => lines.push(line),
            Happening::Exited { code, .. } => {
                return (lines, Some(code), at.as_micros() / 1_000_000);
            }
            _ => {}
        }
    }
    (lines, None, horizon)
}

/// What is wrong with a script, if anything.
fn check((script, output, code, seconds): (&str, &str, i32, i64)) -> Option<String> {
    let (lines, exit, after) = outcome("busybox:1.28", script, 4_000);
    let (got, wanted) = ((lines.join("\n"), exit, after), (output.to_owned(), Some(code), seconds));
    (got != wanted).then(|| format!("{script:?}\n   got {got:?}\nwanted {wanted:?}\n"))
}

#[test]
fn scripts_print_and_end_as_they_do() {
    let cases = [
        ("exit 42", "", 42, 0),
        ("exit 255", "", 255, 0),
        ("exec sleep 1", "", 0, 1),
        ("sleep 3; exit 42", "", 42, 3),
        ("echo boom; exit 1", "boom", 1, 0),
        ("sleep 4; echo 3.14", "3.14", 0, 4),
        // Recorded on Kubernetes 1.36.2: the inner shell takes the place of PID 1, which is immune.
        ("sh -c \"kill -SEGV \\$\\$\"", "", 0, 0),
        // busybox 1.35 prints each of these.
        ("sh -c \"kill -SEGV \\$\\$\"; echo $?", "Segmentation fault\n139", 0, 0),
        ("sh -c \"kill -9 \\$\\$\"; echo $?", "Killed\n137", 0, 0),
        ("timeout 1 sleep 5; echo $?", "Terminated\n143", 0, 1),
        ("timeout -s KILL 2 sleep 5; echo $?", "Killed\n137", 0, 2),
        ("trap '' TERM; timeout 1 sleep 3; echo $?", "0", 0, 3),
        (
            "kill -l 9; kill -l TERM; kill 99999",
            "KILL\n15\nsh: can't kill pid 99999: No such process",
            1,
            0,
        ),
        ("[ 1 -eq x ]; echo $?", "sh: x: bad number\n2", 0, 0),
        ("seq -s, 1 4; seq -w 9 11", "1,2,3,4\n09\n10\n11", 0, 0),
        ("set -x; : 'b c' a.b", "+ : 'b c' a.b", 0, 0),
        ("cd /tmp; cd -", "/", 0, 0),
        (
            "printf abcdef | tail -c 3; printf 'a b\\n' | wc",
            "def        1         2         4",
            0,
            0,
        ),
        ("touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600", "", 0, 630),
        ("for i in 1 2 3; do echo $i; sleep 1; done", "1\n2\n3", 0, 3),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo n$i; done", "n1\nn2\nn3", 0, 0),
        ("until [ -f /tmp/x ]; do sleep 1; touch /tmp/x; done; echo ok", "ok", 0, 1),
        ("case abc in a*) echo yes;; *) echo no;; esac", "yes", 0, 0),
        ("f() { echo \"$1-$2\"; return 3; }; f a b; echo $?", "a-b\n3", 0, 0),
        ("x=hello; echo ${x#he} ${x%lo} ${#x} ${y:-d} ${x/l/L}", "llo hel 5 d heLlo", 0, 0),
        ("echo $(echo a; echo b) \"$(printf 'x\\ny')\"", "a b x\ny", 0, 0),
        ("echo a b c | wc -w", "3", 0, 0),
        ("printf 'b\\na\\n' | sort | head -1", "a", 0, 0),
        ("seq 1 5 | grep -v 3 | tr '\\n' ' '", "1 2 4 5 ", 0, 0),
        ("cat <<EOF\nhi $((1+2))\nEOF", "hi 3", 0, 0),
        ("foo", "sh: foo: not found", 127, 0),
        ("foo || echo rescued", "sh: foo: not found\nrescued", 0, 0),
        ("set -e; false; echo never", "", 1, 0),
        ("set -e; if false; then :; fi; false || true; echo on", "on", 0, 0),
        ("true && echo t; false && echo f; ! false && echo n", "t\nn", 0, 0),
        ("(exit 3); echo $?", "3", 0, 0),
        ("trap 'echo bye' EXIT; echo hi; exit 5", "hi\nbye", 5, 0),
        ("sleep 2 & sleep 1; wait; echo done", "done", 0, 2),
        ("sleep 5 & kill $!; wait $!; echo $?", "143", 0, 0),
        ("echo x >> /tmp/n; echo y >> /tmp/n; cat /tmp/n; wc -l < /tmp/n", "x\ny\n2", 0, 0),
        ("cat /nope", "cat: can't open '/nope': No such file or directory", 1, 0),
        ("ls /nope 2>/dev/null; echo $?", "1", 0, 0),
        ("echo err >&2", "err", 0, 0),
        ("timeout 2 sleep 10; echo $?", "Terminated\n143", 0, 2),
        ("read x < /etc/hostname; echo \"[$x]\"", "[p]", 0, 0),
        ("echo a:b | while IFS=: read x y; do echo $y$x; done", "ba", 0, 0),
        ("set -- a b c; shift; echo $# $*", "2 b c", 0, 0),
        ("eval 'x=1; echo $x'", "1", 0, 0),
        ("x=1; (x=2); echo $x", "1", 0, 0),
        ("export A=1; sh -c 'echo $A'", "1", 0, 0),
        ("A=2 sh -c 'echo $A'; echo [$A]", "2\n[]", 0, 0),
        ("date +%s", "1767571200", 0, 0),
        ("hostname; whoami; pwd", "p\nroot\n/", 0, 0),
        ("mkdir /data; cd /data; touch a b; ls; echo *", "a\nb\na b", 0, 0),
        ("sleep 0.5; sleep 0.6", "", 0, 1),
        ("sleep 1m", "", 0, 60),
        ("for f in /etc/host*; do echo $f; done", "/etc/hostname\n/etc/hosts", 0, 0),
        ("while true; do break; done; echo out", "out", 0, 0),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3", 0, 0),
        ("echo 'a b' | sed 's/a/c/; s/b/d/'", "c d", 0, 0),
        ("echo one two | awk '{print $2}'", "two", 0, 0),
        ("yes | head -2", "y\ny", 0, 0),
        ("if", "sh: syntax error: unexpected end of file", 2, 0),
        ("echo prestop > /proc/1/fd/1", "prestop", 0, 0),
    ];
    let wrong: String = cases.into_iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_trap_runs_after_the_command_before_it() {
    let mut bench = Bench::new();
    let script = "trap 'echo got TERM; sleep 4; exit 0' TERM; while true; do sleep 1; done";
    let id = bench.start(shell("busybox:1.28", script));
    bench.run(Instant::from_micros(10_500_000));
    bench.machine.signal(bench.now, id, Signal::TERM);
    let happened = bench.run(Instant::from_secs(30));
    let line = happened.iter().find(|(_, h)| matches!(h, Happening::Output { .. }));
    let end = happened.iter().find(|(_, h)| matches!(h, Happening::Exited { code: 0, .. }));
    let (line, end) = (line.expect("it says so").0, end.expect("it ends").0);
    assert!(line >= Instant::from_micros(10_900_000) && line < Instant::from_micros(11_200_000));
    assert!(end.since(line) >= Duration::from_secs(4));
}

#[cfg(not(target_arch = "wasm32"))]
mod fuzz {
    use super::{Bench, Instant, shell};
    use proptest::prelude::*;

    const PIECES: [&str; 64] = [
        "echo",
        " ",
        " ",
        " ",
        ";",
        "\n",
        "|",
        "&",
        "&&",
        "||",
        "(",
        ")",
        "{",
        "}",
        "$(",
        "`",
        "\"",
        "'",
        "$",
        "${",
        "$((",
        "))",
        "x",
        "x=1",
        "$x",
        "${x:-",
        "${x#",
        "${x/",
        "[",
        "]",
        "[[",
        "]]",
        "if",
        "then",
        "else",
        "fi",
        "while",
        "do",
        "done",
        "for",
        "in",
        "case",
        "esac",
        ";;",
        "!",
        "true",
        "false",
        "sleep 1",
        "cat",
        "grep",
        "sed s/a/b/",
        "trap",
        "exit",
        "wait",
        "read y",
        "kill $$",
        ">",
        "<",
        ">>",
        "2>&1",
        "<<E",
        "f()",
        "*",
        "\\",
    ];

    fn run(script: &str) {
        for image in ["busybox", "debian"] {
            let mut bench = Bench::new();
            bench.start(shell(image, script));
            bench.run(Instant::from_secs(20));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 250,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn pieces_never_panic_or_hang(picks in prop::collection::vec(0..PIECES.len(), 0..24)) {
            let script: String = picks.iter().map(|pick| PIECES[*pick]).collect();
            run(&script);
        }

        #[test]
        fn characters_never_panic_or_hang(script in "[ -~\n]{0,40}") {
            run(&script);
        }

        #[test]
        fn nesting_never_overflows(piece in 0..PIECES.len(), times in 0usize..3000) {
            run(&PIECES[piece].repeat(times));
            run(&format!("{} ", PIECES[piece]).repeat(times));
        }
    }
}

#[test]
fn bash_knows_more() {
    for (script, output) in [
        ("[[ web-12 =~ -([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}", "12"),
        ("echo $(</etc/hostname)", "p"),
        ("[[ abc == a* && ! -f /nope ]] && echo yes", "yes"),
        ("for ((i=0;i<3;i++)); do echo $i; done", "0\n1\n2"),
        ("x=Abc; echo ${x^^} ${x:1:2} ${x//b/B}", "ABC bc ABc"),
        ("set -euo pipefail; false | true; echo never", ""),
        ("nope", "bash: line 1: nope: command not found"),
    ] {
        let setup = ContainerSetup {
            image: "debian".to_owned(),
            command: ["bash", "-c", script].map(str::to_owned).to_vec(),
            ..ContainerSetup::default()
        };
        let mut bench = Bench::new();
        bench.start(setup);
        let happened = bench.run(Instant::from_secs(5));
        let lines: Vec<String> = happened
            .into_iter()
            .filter_map(|(_, happening)| match happening {
                Happening::Output { line, .. } => Some(line),
                _ => None,
            })
            .collect();
        assert_eq!(lines.join("\n"), output, "{script}");
    }
}

/// The Kubernetes documentation's Job that computes π.
#[test]
fn perl_computes_pi() {
    let mut bench = Bench::new();
    let command = ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"].map(str::to_owned).to_vec();
    bench.start(ContainerSetup {
        image: "perl:5.34.0".to_owned(),
        command,
        ..ContainerSetup::default()
    });
    let happened = bench.run(Instant::from_secs(5));
    let line = happened.iter().find_map(|(_, happening)| match happening {
        Happening::Output { line, .. } => Some(line.as_str()),
        _ => None,
    });
    let line = line.expect("it prints");
    assert!(line.starts_with("3.14159265358979323846264338327950288419716939937510"), "{line}");
    assert_eq!(line.len(), 2_001);
}

/// `tests/data/sed.json`: what GNU sed prints.
#[test]
fn sed_prints_what_sed_prints() {
    let table: serde_json::Value =
        serde_json::from_str(include_str!("data/sed.json")).expect("it is JSON");
    let input = table["input"].as_str().expect("the input");
    let mut faults = Vec::new();
    for row in table["scripts"].as_array().expect("the scripts") {
        let (script, wanted) = (row[0].as_str().expect("text"), row[1].as_str().expect("text"));
        let line = format!("printf '{input}' | {script}; echo =$?");
        let (lines, _, _) = outcome("busybox:1.36", &line, 60);
        if lines.join("\n") != wanted.trim_end_matches('\n') {
            faults.push(format!("{script}\n   got {lines:?}\nwanted {wanted:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_edited_cut_and_dates_are_read() {
    let script = "printf 'a\nb\n' > /x; printf 'c\nb\n' > /y; sed -i '$d' /x /y; cat /x /y; \
                  echo hello > /z; truncate -s 2 /z; cat /z; echo; truncate -s 4 /z; wc -c < /z; \
                  date -d @86400; date -d nonsense";
    let (lines, code, _) = outcome("busybox:1.36", script, 60);
    let day = "Fri Jan  2 00:00:00 UTC 1970";
    assert_eq!(lines, ["a", "c", "he", "4", day, "date: invalid date 'nonsense'"]);
    assert_eq!(code, Some(1));
}

#[test]
fn bash_knows_arrays() {
    let script = "items=(foo bar baz); i=1; echo ${items[$i]} ${items[2]} ${items[@]} $items; \
                  items[1]=new; echo ${items[1]}";
    let mut bench = Bench::new();
    bench.start(ContainerSetup {
        image: "docker.io/library/bash:5".to_owned(),
        command: ["bash", "-c", script].map(str::to_owned).to_vec(),
        ..ContainerSetup::default()
    });
    let lines: Vec<String> = bench
        .run(Instant::from_secs(5))
        .into_iter()
        .filter_map(|(_, happening)| match happening {
            Happening::Output { line, .. } => Some(line),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["bar baz foo bar baz foo", "new"]);
}
