//! Holds reading and checking of manifests against what a real API server answered.

use podarium::diagnostic::{Finding, Hint, Message, Severity};
use podarium::manifest::apply::kubectl_apply;
use podarium::manifest::{Object, load};
use serde_json::Value;

fn data(path: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the data is there");
    let table: Value = serde_json::from_str(&text).expect("the data is JSON");
    table["cases"].as_array().expect("a table has cases").clone()
}

/// Refused on the recorded machine for reasons that are not in the text.
const OTHER_VERDICT: &[&str] = &[
    // kubectl was called with another namespace than the manifest names.
    "050-ns-mismatch",
    // The API server accepts generateName; only `kubectl apply` does not. Reported as a warning.
    "051-generate-name",
    // A ServiceAccount that no text mentions may exist.
    "123-sa-missing",
];

/// The text with every UID made the same: nobody can know them.
fn without_uids(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split("controller-uid\":\"").enumerate() {
        let skipped = if index == 0 { 0 } else { 36 };
        let start = if index == 0 { "" } else { "controller-uid\":\"" };
        out = out + start + &part[skipped..];
    }
    out
}

#[test]
fn kubectl_answers_as_recorded() {
    let cases = data("validation.json");
    assert_eq!(cases.len(), 151);
    let (mut verdicts, mut words) = (Vec::new(), Vec::new());
    let mut exact = 0;
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let yaml = case["yaml"].as_str().unwrap();
        let setup = case["setup"].as_str();
        let text = setup.map_or_else(|| yaml.to_owned(), |setup| format!("{setup}\n---\n{yaml}"));
        let mut applied = load(&text).applied;
        if setup.is_some() {
            let first = applied.remove(0);
            assert!(first.refusal.is_none(), "{name}: {first:?}");
        }
        let output = kubectl_apply(&applied, &format!("{name}.yaml"));
        if (i64::from(output.exit) != case["exit"]) != OTHER_VERDICT.contains(&name) {
            verdicts.push(format!("{name}: {output:?}\n   recorded {}", case["stderr"]));
            continue;
        }
        let recorded = case["stderr"].as_str().unwrap().replace("\"validation\"", "\"default\"");
        let same = without_uids(output.stderr.trim_end()) == without_uids(recorded.trim_end())
            && output.stdout == case["stdout"].as_str().unwrap();
        exact += usize::from(same);
        let excused = OTHER_VERDICT.contains(&name);
        if same == excused {
            words.push(format!("{name}:\n   {}\n   {recorded}", output.stderr));
        }
    }
    assert!(verdicts.is_empty(), "verdicts:\n{}", verdicts.join("\n"));
    assert!(words.is_empty(), "words:\n{}", words.join("\n"));
    assert_eq!(exact, cases.len() - OTHER_VERDICT.len());
}

#[test]
fn what_people_write_wrong_is_told_in_the_words_of_the_api_server() {
    let cases = data("refusals.json");
    assert!(cases.len() > 190);
    let mut missing = Vec::new();
    for case in &cases {
        let (yaml, says) = (case["yaml"].as_str().unwrap(), case["says"].as_str().unwrap());
        let found = load(yaml).diagnostics;
        let told = found.iter().any(|found| match &found.message {
            Message::Kubernetes(words) => words == says,
            Message::Ours(_) => false,
        });
        if !told {
            missing.push(format!("{yaml}{says}\n    {found:?}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What the recorded cluster made of a token's volume and of the node.
fn without_chance(mut spec: Value) -> Value {
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("nodeName");
    }
    let mut text = spec.to_string();
    while let Some(at) = text.find("kube-api-access-") {
        text.replace_range(at..at + "kube-api-access-".len() + 5, "token");
    }
    serde_json::from_str(&text).expect("still JSON")
}

#[test]
fn pods_are_stored_with_the_recorded_defaults() {
    let mut checked = 0;
    for case in data("validation.json").iter().filter(|case| case["stored"].is_object()) {
        let loaded = load(case["yaml"].as_str().unwrap());
        let Some(Object::Pod(pod)) = loaded.objects.first() else { continue };
        let mut pod = podarium::manifest::pod::Pod::clone(pod);
        podarium::manifest::defaults::admit(&mut pod, "abcde");
        let spec = json(&pod.spec);
        let (spec, stored) = (without_chance(spec), without_chance(case["stored"].clone()));
        assert_eq!(spec, stored, "{}", case["name"]);
        checked += 1;
    }
    assert!(checked >= 18, "{checked}");
}

/// Verdicts of the table that later releases changed, or that are not of the API server.
const LATER: &[&str] = &[
    // A warning before 1.29.
    "cron: spec.schedule = \"TZ=UTC * * * * *\"",
    // Dropped before 1.29, because the gate was off.
    "job: spec.backoffLimitPerIndex = 1",
    // kubectl makes JSON of the YAML, so that the API server never sees the first of two keys.
    "text: duplicate key",
];

#[test]
fn mutants_are_accepted_and_refused_as_by_the_api_server() {
    let cases = data("tables/admission_mutants.json");
    assert_eq!(cases.len(), 221);
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case["caution"].is_null()) {
        let name = case["name"].as_str().unwrap();
        let expect = &case["expect"];
        let strict = &expect["outcomeWithStrictFieldValidation"];
        let outcome =
            strict["outcome"].as_str().or(strict.as_str()).or(expect["outcome"].as_str()).unwrap();
        if outcome == "kind-not-covered" {
            continue;
        }
        let loaded = load(case["input"]["yaml"].as_str().unwrap());
        let refused = loaded.diagnostics.iter().any(|d| d.severity == Severity::Rejected);
        if refused == (outcome == "accepted") && !LATER.contains(&name) {
            wrong.push(format!("{name}: {outcome}, {:?}\n    {expect}", loaded.diagnostics));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn findings(text: &str) -> Vec<Finding> {
    let ours = |message| match message {
        Message::Ours(finding) => Some(finding),
        Message::Kubernetes(_) => None,
    };
    load(text).diagnostics.into_iter().filter_map(|d| ours(d.message)).collect()
}

#[test]
fn bombs_are_refused_at_once() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        let aliases = [alias.as_str(); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(matches!(findings(&laughs).as_slice(), [Finding::TooManyAliases { .. }]));

    let nested = |open: &str| open.repeat(100_000);
    for text in [nested("["), nested("{a: "), nested("- "), nested("? "), nested("&a [")] {
        assert!(!findings(&text).is_empty(), "{}", &text[..20]);
    }
    let deep =
        "a:\n".to_owned() + &(1..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>();
    assert!(matches!(findings(&deep).as_slice(), [Finding::TooDeep { .. }]));

    let anchors: String = (0..90).map(|n| format!("&a{n} [")).collect();
    let anchored = anchors + &"x, ".repeat(100_000) + &"]".repeat(90);
    assert!(matches!(findings(&anchored).as_slice(), [Finding::TooManyAliases { .. }]));

    let long = "# comment\n".repeat(1_000_000) + "a: b\n";
    assert!(matches!(findings(&long).first(), Some(Finding::TextTooLong { .. })));
    let long = format!("a: \"{}\"", "x".repeat(10_000_000));
    assert!(matches!(findings(&long).first(), Some(Finding::TextTooLong { .. })));
    let many = "---\na: b\n".repeat(150_000);
    assert!(load(&many).diagnostics.len() < 200_000);
    let commas = "[".to_owned() + &"a,".repeat(900_000) + "]";
    assert!(matches!(findings(&commas).as_slice(), [Finding::TooManyObjects { .. }]));
}

#[test]
fn long_lists_take_no_longer_than_they_must() {
    let head = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
    let container = "  - name: a\n    image: b\n";
    for text in [
        format!("{head}{container}    ports:\n{}", "    - {containerPort: 80}\n".repeat(40_000)),
        format!("{head}{container}    env:\n{}", "    - {name: a}\n".repeat(40_000)),
        format!("{head}{}", "  - {name: a, image: b}\n".repeat(40_000)),
        format!("{head}{container}{}", "    xxxxxxxxx: 1\n".repeat(40_000)),
    ] {
        assert!(load(&text).diagnostics.len() <= 1000);
    }
}

#[test]
fn the_scenario_document_is_read() {
    let text = "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n  \
                kubernetesVersion: 1.28\n  seed: 7\n  duration: 10m\n  images:\n  \
                - {name: a, size: 120Mi, onTerm: ignore, listen: [{port: 80, after: 12s}]}\n  \
                - {name: b, onTerm: {drain: 4s, exitCode: 3}}\n  load:\n  \
                - {service: web, rps: [{at: 0s, rate: 10}]}\n  actions:\n  \
                - {at: 30s, run: kubectl delete pod a}\n---\napiVersion: v1\nkind: Pod\n\
                metadata: {name: p}\nspec:\n  containers: [{name: a, image: a}]\n  \
                initContainers: [{name: i, image: i, restartPolicy: Always}]\n";
    let loaded = load(text);
    let scenario = loaded.scenario.expect("there is a Scenario");
    assert_eq!((scenario.name.as_str(), scenario.spec.seed), ("s", Some(7)));
    assert_eq!(scenario.spec.kubernetes_version, "1.28");
    assert_eq!(scenario.spec.duration.map(|d| d.as_secs()), Some(600));
    let [a, b] = scenario.spec.images.as_slice() else { panic!("{:?}", scenario.spec.images) };
    assert!(a.on_term.as_ref().is_some_and(|on_term| on_term.ignore));
    assert_eq!(b.on_term.as_ref().map(|on_term| on_term.exit_code), Some(3));
    assert_eq!(scenario.spec.actions[0].run, "kubectl delete pod a");
    let [newer] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(newer.field, "spec.initContainers[0].restartPolicy");

    let wrong = text
        .replace("10m", "10")
        .replace("seed: 7", "sead: 7")
        .replace("1.28", "1.99")
        .replace("onTerm: ignore", "onTerm: ignored")
        .replace("port: 80", "port: http");
    let loaded = load(&wrong);
    let found: Vec<(&str, Option<&Hint>)> =
        loaded.diagnostics.iter().map(|d| (d.field.as_str(), d.hint.as_ref())).collect();
    assert_eq!(
        found,
        [
            ("spec.kubernetesVersion", None),
            ("spec.sead", Some(&Hint::DidYouMean("seed".to_owned()))),
            ("spec.duration", Some(&Hint::GiveAUnit)),
            ("spec.images[0].onTerm", None),
            ("spec.images[0].listen[0].port", None),
        ]
    );
    assert_eq!(loaded.objects.len(), 1);
}

#[test]
fn exported_objects_begin_anew() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  uid: 5\n  \
                creationTimestamp: \"2026-01-05T00:00:00Z\"\n  resourceVersion: \"7\"\nspec:\n  \
                containers: [{name: a, image: a}]\n  volumes: [{name: v, nfs: {server: s, \
                path: /}}]\nstatus: {phase: Running, podIP: 10.0.0.1}\n"
        .replace("uid: 5", "uid: abc");
    let loaded = load(&format!("{text}---\n{text}"));
    assert_eq!(loaded.applied.iter().map(|a| a.verb).collect::<Vec<_>>(), ["created", "unchanged"]);
    let [Object::Pod(pod)] = loaded.objects.as_slice() else { panic!("{loaded:?}") };
    assert_eq!((pod.status.phase.as_str(), pod.status.pod_ip.as_str()), ("Pending", ""));
    assert!(pod.metadata.uid.is_empty() && pod.metadata.creation_timestamp.is_none());
    assert!(pod.spec.volumes[0].empty_dir.is_none());
    let nfs = Finding::FieldNotSimulated("spec.volumes[0].nfs".to_owned());
    assert!(loaded.diagnostics.iter().all(|d| d.message == Message::Ours(nfs.clone())));
}

#[test]
fn hints_name_what_was_meant() {
    let pod = |spec: &str| {
        let text = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
        load(&text).diagnostics.first().and_then(|d| d.hint.clone())
    };
    let container = "  containers:\n  - name: a\n    image: b\n";
    let meant = |name: &str| Some(Hint::DidYouMean(name.to_owned()));
    assert_eq!(pod(&format!("{container}    livenesProbe: {{}}\n")), meant("livenessProbe"));
    assert_eq!(pod(&format!("{container}    Command: []\n")), meant("command"));
    let place = |name: &str| Some(Hint::BelongsTo(name.to_owned()));
    assert_eq!(pod(&format!("{container}    dnsPolicy: None\n")), place("spec.dnsPolicy"));
    assert_eq!(
        pod(&format!("{container}  livenessProbe: {{}}\n")),
        place("spec.containers[0].livenessProbe")
    );
    let quote = Some(Hint::QuoteIt("on".to_owned()));
    assert_eq!(pod(&format!("{container}    env: [{{name: A, value: on}}]\n")), quote);
}

#[test]
fn documents_live_on_after_a_broken_one() {
    let text = "\u{feff}apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\n\
                spec: {containers: [{name: a, image: nginx}]}\r\n\
                ---\r\nkind: [\r\n--- # third\r\napiVersion: v1\r\nkind: ConfigMap\r\n\
                metadata:\r\n\tname: tab\r\n---\r\napiVersion: v1\r\nkind: Namespace\r\n\
                metadata: {name: b}\r\n";
    let loaded = load(text);
    assert_eq!(loaded.objects.iter().map(|o| o.kind()).collect::<Vec<_>>(), ["Pod", "Namespace"]);
    let errors = loaded.diagnostics.iter().filter(|d| d.severity == Severity::Rejected);
    assert_eq!(errors.count(), 2, "{:?}", loaded.diagnostics);
}

#[test]
fn findings_stand_where_the_fault_is() {
    let text = "# 中文\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  \
                - name: app\n    image: nginx\n    imagePullpolicy: Never\n    \
                ports: [{containerPort: 70000}]\n";
    let loaded = load(text);
    let [unknown] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(&text[unknown.span.start..unknown.span.end], "imagePullpolicy");
    let fixed = text.replace("imagePullpolicy", "imagePullPolicy");
    let loaded = load(&fixed);
    let [port] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(&fixed[port.span.start..port.span.end], "70000");
    assert_eq!(port.field, "spec.containers[0].ports[0].containerPort");
}

#[test]
fn quotes_may_be_escaped_as_in_yaml_1_1() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  \
                a: \"it\\'s \\\\\\'so\\'\"\n  b: \"\\'\"\n  c: 1\n";
    let loaded = load(text);
    let [wrong] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(&text[wrong.span.start..wrong.span.end], "1");
    let loaded = load(&text.replace("c: 1", "c: x"));
    let Some(Object::ConfigMap(map)) = loaded.objects.first() else { panic!("{loaded:?}") };
    assert_eq!(map.data["a"], "it's \\'so'");
    assert_eq!(map.data["b"], "'");
}

mod properties {
    use super::load;
    use proptest::prelude::*;

    /// Pieces that manifests are made of, so that random texts reach beyond the scanner.
    const PIECES: &[&str] = &[
        "apiVersion: v1\n",
        "kind: Pod\n",
        "kind: Scenario\n",
        "apiVersion: podarium.dev/v1\n",
        "metadata: {name: p}\n",
        "spec:\n",
        "  containers:\n",
        "  - name: a\n",
        "    image: b\n",
        "    env: [{name: A, value: on}]\n",
        "    resources: {limits: {cpu: 1e99}}\n",
        "---\n",
        "&a ",
        "*a",
        "<<: *a\n",
        "? ",
        "- ",
        "\t",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "!!str ",
        "0x7fffffffffffffff",
        "99999999999999999999",
        "-1",
        "\u{feff}",
        "kind: List\nitems:\n",
        "kind: Deployment\napiVersion: apps/v1\n",
        "kind: CronJob\n",
        "apiVersion: batch/v1\n",
        "  schedule: \"* * * * *\"\n",
        "  duration: 10\n",
        "中",
        "  strategy: {rollingUpdate: {maxSurge: -5%}}\n",
        "\r\n",
        "# x\n",
        "%YAML 1.1\n",
        "...\n",
    ];

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            load(&text);
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            load(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn any_pieces_are_read(pieces in proptest::collection::vec(0..PIECES.len(), 0..40)) {
            let text: String = pieces.into_iter().map(|at| PIECES[at]).collect();
            let loaded = load(&text);
            for diagnostic in &loaded.diagnostics {
                let span = diagnostic.span;
                prop_assert!(text.get(span.start..span.end).is_some(), "{diagnostic:?}");
            }
        }
    }
}

fn json(object: &impl podarium::manifest::encode::Encode) -> serde_json::Value {
    let mut text = String::new();
    podarium::view::kubectl::document::compact(&object.encode(), &mut text);
    serde_json::from_str(&text).expect("a tree is JSON")
}
