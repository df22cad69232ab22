//! Holds the checks of manifests against tables of what the API server's own code answers.

use std::collections::BTreeSet;

use podarium::diagnostic::{Message, Severity};
use podarium::manifest::load;
use serde_json::{Value, json};

fn cases(table: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/tables/{table}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the data is there");
    let table: Value = serde_json::from_str(&text).expect("the data is JSON");
    table["cases"].as_array().expect("a table has cases").clone()
}

/// What is refused in an object.
fn errors(object: &Value) -> BTreeSet<String> {
    let found = load(&object.to_string()).diagnostics.into_iter();
    let refused = found.filter(|found| found.severity == Severity::Rejected);
    let words = refused.filter_map(|found| match found.message {
        Message::Kubernetes(words) => Some(words),
        Message::Ours(_) => None,
    });
    words.collect()
}

/// What the table says, with the place of the object that the part stands in.
fn expected(case: &Value, place: &str) -> BTreeSet<String> {
    let errors = case["expect"]["errors"].as_array().expect("a list");
    let messages =
        errors.iter().map(|error| error["message"].as_str().expect("a message").to_owned());
    let moved = messages.map(|message| {
        for start in ["field", "containers", "test"] {
            if let Some(rest) = message.strip_prefix(start)
                && rest.starts_with(['.', '[', ':'])
            {
                return format!("{place}{rest}");
            }
        }
        message
    });
    // The tables' inputs have no defaults; a text never comes without them.
    let filled = [
        "imagePullPolicy",
        "terminationMessagePolicy",
        "protocol",
        "restartPolicy",
        "dnsPolicy",
        "sessionAffinity",
        "spec.type",
        "internalTrafficPolicy",
        "allocateLoadBalancerNodePorts",
        "metadata.namespace",
        "httpGet.path",
        "apiVersion",
        "hostPath.type",
    ];
    let defaulted = |message: &String| {
        message.ends_with("Required value")
            && filled.iter().any(|field| message.contains(&format!("{field}: ")))
    };
    moved.filter(|message| !defaulted(message)).collect()
}

/// A Pod that holds the part of a case, and where the part stands.
fn pod_of(input: &Value) -> Option<(Value, &'static str)> {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [{"name": "zz", "image": "i"}]},
    });
    let first = "/spec/containers/0";
    let mut put = |place: &str, field: &str, value: &Value| {
        if let Some(Value::Object(holder)) = pod.pointer_mut(place) {
            holder.insert(field.to_owned(), value.clone());
        }
    };
    let place = match input["func"].as_str()? {
        "ValidateVolumes" => {
            put("/spec", "volumes", &input["volumes"]);
            "spec.volumes"
        }
        "ValidatePodSpec" => {
            put("", "spec", &input["spec"]);
            "spec"
        }
        "validateContainers" => {
            put("/spec", "containers", &input["containers"]);
            "spec.containers"
        }
        "ValidateEnv" => {
            put(first, "env", &input["vars"]);
            "spec.containers[0].env"
        }
        "validateProbe" => {
            put(first, "livenessProbe", &input["probe"]);
            "spec.containers[0].livenessProbe"
        }
        "validateContainerPorts" => {
            put(first, "ports", &input["ports"]);
            "spec.containers[0].ports"
        }
        "ValidateVolumeMounts" => {
            let mounts = input["mounts"].as_array()?;
            let volumes = mounts.iter().map(|mount| json!({"name": mount["name"]}));
            put("/spec", "volumes", &volumes.collect());
            put(first, "volumeMounts", &input["mounts"]);
            "spec.containers[0].volumeMounts"
        }
        "validateRestartPolicy" => {
            put("/spec", "restartPolicy", &input["restartPolicy"]);
            "spec.restartPolicy"
        }
        "validateDNSPolicy" => {
            put("/spec", "dnsPolicy", &input["dnsPolicy"]);
            "spec.dnsPolicy"
        }
        "ValidatePodCreate" => {
            for (field, value) in input["pod"].as_object()? {
                put("", field, value);
            }
            put("/metadata", "namespace", &json!("default"));
            ""
        }
        "ValidateResourceRequirements" => {
            put(first, "resources", &input["requirements"]);
            "spec.containers[0].resources"
        }
        _ => return None,
    };
    Some((pod, place))
}

/// Fields that only volumes have which nobody can use any more, or nearly nobody.
const EXOTIC: &[&str] = &[
    ".gitRepo.",
    "valid format",
    ".iscsi.secretRef",
    ".flocker",
    ".fc.",
    ".quobyte.",
    "downwardAPI: Invalid value",
];

/// Cases that 1.36 answers in another way than 1.28, or that a document cannot be.
const OTHER: &[&str] = &[
    // Names of variables are nearly free since 1.32.
    "ValidateEnv/ValidateEnv #3",
    "ValidateEnv/ValidateEnv #4",
    "ValidateEnv/ValidateEnv #5",
    "ValidateEnv/ValidateEnv #6",
    "ValidateContainers/validateContainers #8",
    // Only templates may have such images.
    "ValidateContainers/validateContainers",
    // A missing scheme, type or port of the host gets its default; so do requests from limits.
    "ValidateContainers/validateContainers #13",
    "ValidateContainers/validateContainers #27",
    "ValidateContainers/validateContainers #28",
    "ValidateContainers/validateContainers #30",
    "ValidateContainers/validateContainers #32",
    "ValidatePodSpec/ValidatePodSpec #22",
    "ValidatePodSpec/ValidatePodSpec #23",
    "ValidatePodSpec/ValidatePodSpec #24",
    // A cluster may forbid privileged containers altogether.
    "ValidateContainers/validateContainers #26",
    // Any container may have a policy since 1.35, and any init container be resized.
    "ValidateContainers/validateContainers #37",
    "ValidateContainers/validateContainers #38",
    "ValidateContainers/validateContainers #39",
    "ValidateContainers/validateContainers #40",
    "ValidateContainers/validateContainers #41",
    "ValidatePodSpec/ValidatePodSpec #34",
    // Other words, and an index.
    "ValidatePodSpec/ValidatePodSpec #17",
    "ValidatePodSpec/ValidatePodSpec #29",
    // The policy stands alone there.
    "ValidateDNSPolicy/validateDNSPolicy #4",
];

#[test]
fn pods_are_refused_as_by_the_api_server() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for case in cases("validation_pod") {
        let name = case["name"].as_str().unwrap();
        let Some((pod, place)) = pod_of(&case["input"]) else { continue };
        let (found, mut wanted) = (errors(&pod), expected(&case, place));
        // A Pod in which a debugger is already cannot be created from a text.
        if name.starts_with("ValidatePodEphemeralContainersUpdate") || OTHER.contains(&name) {
            continue;
        }
        wanted.retain(|error| !EXOTIC.iter().any(|field| error.contains(field)));
        // The table's probes are held to no kind of probe.
        let place = format!("{place}.successThreshold: Invalid value: ");
        let same = found.iter().filter(|error| {
            !(error.starts_with(&place) && error.ends_with("must be 1")) || wanted.contains(*error)
        });
        checked += 1;
        if !same.eq(wanted.iter()) {
            wrong.push(format!("{name}: {found:?}\n    instead of {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 240, "{checked}");
}

/// Cases that 1.36 answers in other words, or that are about what is not checked here.
const OTHER_SERVICES: &[&str] = &[
    // `metadata.namespace` of a text is checked; the table's is not.
    "ValidateServiceCreate/ValidateService #2",
    // Ranges are named one by one since 1.33.
    "ValidateServiceCreate/ValidateService #62",
    "ValidateServiceCreate/ValidateService #63",
    // Annotations that only cloud providers read.
    "ValidateServiceCreate/ValidateService #58",
    "ValidateServiceCreate/ValidateService #59",
    "ValidateServiceCreate/ValidateService #128",
    "ValidateServiceUpdate/ValidateService #57",
    // Both an address and none.
    "ValidateServiceCreate/ValidateService #98",
];

#[test]
fn services_are_refused_as_by_the_api_server() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for case in cases("validation_service") {
        let name = case["name"].as_str().unwrap();
        if OTHER_SERVICES.contains(&name) {
            continue;
        }
        let mut service = case["input"]["service"].clone();
        service["apiVersion"] = json!("v1");
        service["kind"] = json!("Service");
        // Until 1.35 a Service's name began with a letter, and the allocator judges node ports.
        let release = json!({
            "apiVersion": "podarium.dev/v1", "kind": "Scenario", "metadata": {"name": "t"},
            "spec": {"duration": "1s", "kubernetesVersion": "1.35"},
        });
        let text = format!("{service}\n---\n{release}\n");
        let found: BTreeSet<String> = load(&text)
            .diagnostics
            .into_iter()
            .filter(|found| found.severity == Severity::Rejected)
            .filter_map(|found| match found.message {
                Message::Kubernetes(words) => Some(words),
                Message::Ours(_) => None,
            })
            .filter(|words| !words.contains("provided port is not in the valid range"))
            .collect();
        // Go's %#v has become JSON.
        let wanted: BTreeSet<String> = expected(&case, "")
            .into_iter()
            .map(|error| match error.split_once("[]string{") {
                Some((start, rest)) => {
                    format!("{start}[{}", rest.replacen('}', "]", 1).replace("\", \"", "\",\""))
                }
                None => error.replace("unspecified (0.0.0.0)", "unspecified (0.0.0.0 or ::)"),
            })
            .map(|error| match error.split_once("core.ServicePort{") {
                Some((start, _)) => format!(
                    "{start}{{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\
                     \"Port\":12345,\"TargetPort\":0,\"NodePort\":0}}"
                ),
                None => error,
            })
            .collect();
        checked += 1;
        if found != wanted {
            wrong.push(format!("{name}: {found:?}\n    instead of {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 170, "{checked}");
}
