//! The command line as a function: what it prints, where, and with which exit status.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "helpers of a test may stop where it makes no sense")]

use podarium::cli::{run, run_with};

/// Runs a command line with standard input; gives exit status, stdout and stderr.
fn podarium(args: &[&str], input: &str) -> (i32, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once("podarium").chain(args.iter().copied());
    let code = run_with(args, &mut input.as_bytes(), &mut out, &mut err);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
  - name: nginx
    image: nginx:1.25
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: one-pod
spec:
  duration: 30s
  cluster:
    nodes:
    - name: node1
      images:
      - nginx:1.25
";

/// A Pod that an API server refuses: a name in capitals, and a policy that does not exist.
const REFUSED: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: Web
spec:
  restartPolicy: Sometimes
  containers:
  - name: nginx
    image: nginx:1.25
";

fn file(name: &str, text: &str) -> String {
    let path = std::env::temp_dir().join(format!("podarium-cli-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn lint_is_silent_where_everything_is_accepted() {
    assert_eq!(podarium(&["lint", "-"], POD), (0, String::new(), String::new()));
}

#[test]
fn lint_names_file_line_and_column_of_every_refusal() {
    let (code, out, err) = podarium(&["lint", "-"], REFUSED);
    assert_eq!((code, err.as_str()), (1, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines.iter().any(|l| l.starts_with("<stdin>:4:9: error: ") && l.contains("metadata.name")),
        "{out}"
    );
    assert!(
        lines.iter().any(|l| l.starts_with("<stdin>:6:18: error: ") && l.contains("\"Sometimes\"")),
        "{out}"
    );
}

#[test]
fn lint_looks_at_every_file_and_keeps_the_worst() {
    let (good, bad) = (file("good.yaml", POD), file("bad.yaml", REFUSED));
    let (code, out, _) = podarium(&["lint", &good, &bad], "");
    assert_eq!(code, 1);
    assert!(out.lines().all(|line| line.starts_with(&bad)), "{out}");
    let (code, out, err) = podarium(&["lint", "/no/such/file.yaml", &bad], "");
    assert_eq!(code, 2);
    assert!(out.contains(&bad));
    assert_eq!(err, "podarium: cannot read /no/such/file.yaml: No such file or directory\n");
    for path in [good, bad] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn lint_notes_what_is_not_simulated_without_refusing_it() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\nspec:\n  \
                   defaultBackend: {service: {name: a, port: {number: 80}}}\n";
    let (code, out, _) = podarium(&["lint", "-"], ingress);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(": note: "), "{out}");
    let (code, chinese, _) = podarium(&["--lang", "zh", "lint", "-"], ingress);
    assert_eq!(code, 0);
    assert!(chinese.contains(": note: ") && chinese.contains("模拟"), "{chinese}");
}

#[test]
fn what_cannot_be_read_is_a_wrong_usage() {
    let (code, out, err) = podarium(&["trace", "/no/such/file.yaml"], "");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("/no/such/file.yaml"), "{err}");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code =
        run_with(["podarium", "lint", "-"], &mut [0x61, 0xff].as_slice(), &mut out, &mut err);
    assert_eq!(code, 2);
    assert_eq!(
        String::from_utf8(err).unwrap(),
        "podarium: <stdin> is not UTF-8 text: see byte 2\n"
    );
}

#[test]
fn wrong_usage_says_what_is_right() {
    for (args, hint) in [
        (&["frobnicate"][..], "unrecognized subcommand 'frobnicate'"),
        (&["lint"], "<FILES>..."),
        (&["get", "-", "--at", "soon"], "write a time such as 40s"),
        (&["get", "-", "--at", "-5s"], "cannot be negative"),
        (&["get", "-", "--at", "9000h"], "at most 168h"),
        (&["get", "-", "pods", "--at"], "a time is missing"),
        (&["trace"], "<FILE>"),
        (&["link", "-", "--bas", "x"], "--base"),
    ] {
        let (code, out, err) = podarium(args, POD);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(hint), "{args:?}: {err}");
    }
}

#[test]
fn help_teaches() {
    let (code, out, err) = podarium(&["--help"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    for word in ["trace", "get", "describe", "events", "logs", "lint", "link", "--at 40s"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let (code, out, _) = podarium(&["get", "--help"], "");
    assert_eq!(code, 0);
    assert!(out.contains("-o wide"), "{out}");
    let (code, out, _) = podarium(&["--version"], "");
    assert_eq!((code, out), (0, format!("podarium {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_link_holds_the_text_and_the_moment() {
    let (code, out, err) =
        podarium(&["link", "-", "--base", "https://example.org/p/#old", "--at", "1m30s"], POD);
    assert_eq!((code, err.as_str()), (0, ""));
    let fragment = out.trim_end().strip_prefix("https://example.org/p/").unwrap();
    let shared = podarium::share::decode(fragment).unwrap();
    assert_eq!(shared.text.as_deref(), Some(POD));
    assert_eq!(shared.cursor, Some(podarium::time::Instant::from_secs(90)));
}

/// Nobody reads: the first write fails.
struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut err = Vec::new();
    assert_eq!(run(["podarium", "--help"], &mut Closed, &mut err), 0);
    assert!(err.is_empty());
}

#[test]
fn a_trace_is_rows_in_the_order_of_time() {
    let (code, out, err) = podarium(&["trace", "-"], POD);
    assert_eq!((code, err.as_str()), (0, ""));
    let mut last = 0.0;
    let mut statuses = Vec::new();
    for line in out.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let t = row["t"].as_f64().unwrap();
        assert!(t >= last, "{line}");
        last = t;
        if row["kind"] == "pod" {
            statuses.push(row["status"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(statuses, ["Pending", "ContainerCreating", "Running"]);
    assert_eq!(podarium(&["trace", "-"], POD).1, out, "the same file, the same answer");
}

#[test]
fn get_prints_kubectls_table_wherever_the_time_is_written() {
    let (code, out, err) = podarium(&["get", "-", "--at", "20s"], POD);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        out,
        "NAME   READY   STATUS    RESTARTS   AGE\nweb    1/1     Running   0          20s\n"
    );
    assert_eq!(podarium(&["get", "-", "po", "web", "--at=20s"], POD).1, out);
    let (_, wide, _) = podarium(&["get", "-", "-o", "wide", "--at", "20"], POD);
    assert!(wide.contains("NOMINATED NODE") && wide.contains("node1"), "{wide}");
    // Without a time it is the end of the scenario, and later times are simulated too.
    assert!(podarium(&["get", "-"], POD).1.contains("30s"));
    assert!(podarium(&["get", "-", "--at", "3m"], POD).1.contains("3m"));
}

#[test]
fn what_is_not_there_ends_with_kubectls_complaint() {
    let (code, out, err) = podarium(&["get", "-", "pod", "nobody"], POD);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "Error from server (NotFound): pods \"nobody\" not found\n");
    let (code, _, err) = podarium(&["get", "-", "pods", "-l", "app=db"], POD);
    assert_eq!((code, err.as_str()), (0, "No resources found in default namespace.\n"));
}

#[test]
fn describe_and_events_tell_the_same_story() {
    let (code, out, _) = podarium(&["describe", "-", "--at", "20s", "pod", "web"], POD);
    assert_eq!(code, 0);
    assert!(out.contains("spec.containers{nginx}: Container started"), "{out}");
    let (code, out, _) = podarium(&["events", "-", "--at", "20s", "--for", "pod/web"], POD);
    assert_eq!(code, 0);
    assert!(out.starts_with("LAST SEEN   TYPE     REASON"), "{out}");
    assert!(out.contains("Successfully assigned default/web to node1"), "{out}");
}

#[test]
fn a_whole_object_is_valid_yaml_and_json() {
    let (code, yaml, _) = podarium(&["get", "-", "pod", "web", "-o", "yaml"], POD);
    assert_eq!(code, 0);
    assert!(yaml.starts_with("apiVersion: v1\nkind: Pod\nmetadata:\n"), "{yaml}");
    assert!(yaml.contains("  containers:\n  - image: nginx:1.25\n"), "{yaml}");
    assert!(yaml.contains("    status: \"True\"\n"), "{yaml}");
    let (_, json, _) = podarium(&["get", "-", "pods", "-o", "json"], POD);
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list["kind"], "List");
    assert_eq!(list["items"][0]["status"]["phase"], "Running");
}

#[test]
fn view_prints_every_picture_or_says_why_there_is_none() {
    let seen = |view: &str, text: &str| {
        let (code, out, err) = podarium(&["view", "-", "--view", view], text);
        (code, if code == 0 { out } else { err })
    };
    let deleted = POD.replace(
        "  duration: 30s\n",
        "  duration: 30s\n  actions:\n  - {at: 10s, run: kubectl delete pod web}\n",
    );
    for (view, word) in
        [("timeline", "web"), ("story", "web"), ("anatomy", "pause"), ("nodes", "node node1")]
    {
        let (code, text) = seen(view, POD);
        assert!(code == 0 && text.contains(word), "{view}: {code} {text}");
    }
    let (code, text) = seen("processes", POD);
    assert!(code == 0 && text.contains("nginx: master process"), "{text}");
    let (code, text) = seen("termination", &deleted);
    assert!(code == 0 && text.contains("nginx"), "{text}");
    assert_eq!(
        seen("termination", POD),
        (1, "podarium: no Pod is deleted in this scenario\n".to_owned())
    );
    assert_eq!(
        seen("autoscaling", POD),
        (1, "podarium: there is no HorizontalPodAutoscaler in this scenario\n".to_owned())
    );
    let scaled = include_str!("conformance/seed-hpa/scenario.yaml");
    let (code, text) = seen("autoscaling", scaled);
    assert!(code == 0 && text.contains("1 → 3") && text.contains("ceil("), "{text}");
}
