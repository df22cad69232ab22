//! The verbs that join a terminal to something: port-forward, proxy, attach, auth.
//!
//! Owns: what they print at first, and what they say when there is nothing to join. Does not own:
//! a connection: there is nobody here to use it. Models kubectl/pkg/cmd/{portforward,proxy,attach,
//! auth}.

use crate::manifest::Object;
use crate::manifest::pod::Pod;
use crate::manifest::quantity::IntOrString;
use crate::manifest::service::Service;
use crate::trace::State;
use crate::view::kubectl::Output;
use crate::view::kubectl::logs::{TIMED_OUT, pods_of};
use crate::view::kubectl::resources::Resource;

/// The words of a command without its flags, and the flags that have a value.
struct Words<'w> {
    plain: Vec<&'w str>,
    flags: Vec<(&'w str, &'w str)>,
}

const WITH_VALUE: &[&str] = &[
    "-n",
    "--namespace",
    "-c",
    "--container",
    "--address",
    "-p",
    "--port",
    "--pod-running-timeout",
];

impl<'w> Words<'w> {
    fn of(words: &'w [String], verb: &str) -> Self {
        let mut found = Self { plain: Vec::new(), flags: Vec::new() };
        let mut rest = words.iter().map(String::as_str).take_while(|word| *word != "--");
        let mut verb_seen = false;
        while let Some(word) = rest.next() {
            if word.starts_with('-') && word.len() > 1 {
                let (name, value) = match word.split_once('=') {
                    Some((name, value)) => (name, value),
                    None if WITH_VALUE.contains(&word) => (word, rest.next().unwrap_or_default()),
                    None => (word, ""),
                };
                found.flags.push((name, value));
            } else if !verb_seen && word == verb {
                verb_seen = true;
            } else {
                found.plain.push(word);
            }
        }
        found
    }

    fn value(&self, names: [&str; 2]) -> Option<&'w str> {
        self.flags.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| *value)
    }

    fn namespace(&self) -> &'w str {
        self.value(["-n", "--namespace"]).unwrap_or("default")
    }
}

/// The object that `pod`, `type/name` or `type name` means.
fn object<'s>(state: &'s State<'_>, target: &str, namespace: &str) -> Result<&'s Object, String> {
    let (kind, name) = target.split_once('/').unwrap_or(("pod", target));
    let Some(resource) = Resource::find(kind) else {
        return Err(format!("error: the server doesn't have a resource type \"{kind}\""));
    };
    state.get(resource.kind, namespace, name).ok_or_else(|| {
        let plural = resource.qualified_plural();
        format!("Error from server (NotFound): {plural} \"{name}\" not found")
    })
}

/// `kubectl port-forward`: the lines that say what is forwarded.
pub(super) fn port_forward(state: &State<'_>, words: &[String]) -> Output {
    let words = Words::of(words, "port-forward");
    let usage = "\nSee 'kubectl port-forward -h' for help and examples";
    let Some((target, ports)) = words.plain.split_first().filter(|(_, ports)| !ports.is_empty())
    else {
        return Output::error(format!(
            "error: TYPE/NAME and list of ports are required for port-forward{usage}"
        ));
    };
    let object = match object(state, target, words.namespace()) {
        Ok(object) => object,
        Err(error) => return Output::error(error),
    };
    let Some(pods) = pods_of(state, object) else {
        return Output::error(format!(
            "error: cannot attach to *v1.{kind}: selector for *v1.{kind} not implemented",
            kind = object.kind()
        ));
    };
    let Some(pod) = pods.first() else { return Output::error(TIMED_OUT.to_owned()) };
    if pod.status.phase != "Running" {
        return Output::error(format!(
            "error: unable to forward port because pod is not running. Current status={}",
            pod.status.phase
        ));
    }
    let mut lines = String::new();
    for port in ports {
        let (local, remote) = port.split_once(':').unwrap_or((port, port));
        let wanted = if remote.is_empty() { local } else { remote };
        let number = match object {
            Object::Service(service) => target_port(service, pod, wanted),
            _ => named(pod, wanted),
        };
        let number = match number {
            Ok(number) => number,
            Err(error) => return Output::error(error),
        };
        let local = match local {
            // A free port is taken. Invented: where Linux begins to look for one.
            "" => 32_768 + i64::from(number) % 28_000,
            text => match text.parse::<u16>() {
                Ok(local) if port.contains(':') => i64::from(local),
                // A port of a Service alone is the local one, too.
                _ => text.parse().unwrap_or(i64::from(number)),
            },
        };
        for address in ["127.0.0.1", "[::1]"] {
            lines.push_str(&format!("Forwarding from {address}:{local} -> {number}\n"));
        }
    }
    Output::ok(lines)
}

/// A port of a Pod by number or name.
fn named(pod: &Pod, wanted: &str) -> Result<u16, String> {
    if let Ok(number) = wanted.parse::<u16>() {
        return Ok(number);
    }
    if wanted.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "error: error parsing remote port: strconv.ParseUint: parsing \"{wanted}\": value out of \
             range"
        ));
    }
    let ports = pod.spec.containers.iter().flat_map(|container| &container.ports);
    let found = ports.into_iter().find(|port| port.name == wanted);
    found.and_then(|port| u16::try_from(port.container_port).ok()).ok_or_else(|| {
        format!("error: Pod '{}' does not have a named port '{wanted}'", pod.metadata.name)
    })
}

/// The port of the Pod behind a port of a Service (translateServicePortToTargetPort).
fn target_port(service: &Service, pod: &Pod, wanted: &str) -> Result<u16, String> {
    let number = wanted.parse::<i32>().ok();
    let is_it = |name: &str, port: i32| number.map_or(name == wanted, |number| port == number);
    let Some(port) = service.spec.ports.iter().find(|port| is_it(&port.name, port.port)) else {
        return Err(match number {
            Some(_) => format!(
                "error: Service {} does not have a service port {wanted}",
                service.metadata.name
            ),
            None => format!(
                "error: Service '{}' does not have a named port '{wanted}'",
                service.metadata.name
            ),
        });
    };
    match (&port.target_port, service.spec.cluster_ip.as_str()) {
        // Headless: the port of the Service is that of the Pod.
        (_, "None") | (None, _) => Ok(u16::try_from(port.port).unwrap_or_default()),
        (Some(IntOrString::Int(0)), _) => Ok(u16::try_from(port.port).unwrap_or_default()),
        (Some(IntOrString::Int(number)), _) => Ok(u16::try_from(*number).unwrap_or_default()),
        (Some(IntOrString::String(name)), _) => named(pod, name),
    }
}

/// `kubectl proxy`.
pub(super) fn proxy(words: &[String]) -> Output {
    let words = Words::of(words, "proxy");
    let port = words.value(["-p", "--port"]).unwrap_or("8001");
    let address = words.value(["--address", "--address"]).unwrap_or("127.0.0.1");
    Output::ok(format!("Starting to serve on {address}:{port}\n"))
}

/// `kubectl attach`: what stands there before the container writes something.
pub(super) fn attach(state: &State<'_>, words: &[String]) -> Output {
    let words = Words::of(words, "attach");
    let Some(first) = words.plain.first() else {
        return Output::error("error: at least 1 argument is required for attach".to_owned());
    };
    let target = match words.plain.get(1) {
        Some(name) => format!("{first}/{name}"),
        None => (*first).to_owned(),
    };
    let object = match object(state, &target, words.namespace()) {
        Ok(object) => object,
        Err(error) => return Output::error(error),
    };
    let pods = pods_of(state, object).unwrap_or_default();
    let Some(pod) = pods.first() else { return Output::error(TIMED_OUT.to_owned()) };
    let name = &pod.metadata.name;
    if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
        return Output::error(format!(
            "error: cannot attach a container in a completed pod; current phase is {}",
            pod.status.phase
        ));
    }
    let spec = &pod.spec;
    let mut output = Output::default();
    let wanted = match words.value(["-c", "--container"]) {
        Some(wanted) => wanted,
        None => {
            let first = spec.containers.first().map_or("", |container| container.name.as_str());
            if spec.containers.len() + spec.init_containers.len() > 1 {
                let all = spec.containers.iter().map(|own| own.name.clone());
                let init = spec.init_containers.iter().map(|own| format!("{} (init)", own.name));
                let all: Vec<String> = all.chain(init).collect();
                let all = all.join(", ");
                output.stderr = format!("Defaulted container \"{first}\" out of: {all}\n");
            }
            first
        }
    };
    let every = || spec.containers.iter().chain(&spec.init_containers);
    let Some(container) = every().find(|container| container.name == wanted) else {
        return Output::error(format!(
            "error: cannot attach to the container: container {wanted} not found in pod {name}"
        ));
    };
    let statuses = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
    let mut running = statuses.filter(|own| own.name == wanted && own.state.running.is_some());
    if running.next().is_none() {
        output.complain(&format!(
            "error: Internal error occurred: unable to upgrade connection: container {wanted} not \
             found in pod {name}_{}",
            pod.metadata.namespace
        ));
        return output;
    }
    let asks = |short: char, long: &str| {
        words
            .flags
            .iter()
            .any(|(flag, _)| *flag == long || (!flag.starts_with("--") && flag.contains(short)))
    };
    if asks('t', "--tty") && !container.tty {
        output.stderr.push_str(&format!(
            "error: Unable to use a TTY - container {wanted} did not allocate one\n"
        ));
    }
    output.stderr.push_str(
        "All commands and output from this session will be recorded in container logs, including \
         credentials and sensitive information passed through the command prompt.\n\
         If you don't see a command prompt, try pressing enter.\n",
    );
    output
}

/// `kubectl auth`: whoever sits here may do everything.
pub(super) fn auth(words: &[String]) -> Output {
    let words = Words::of(words, "auth");
    let wanted = |name: &str| words.flags.iter().any(|(flag, _)| *flag == name);
    match words.plain.as_slice() {
        ["whoami"] => Output::ok(
            "ATTRIBUTE   VALUE\nUsername    you\nGroups      [system:masters system:authenticated]\n"
                .to_owned(),
        ),
        ["can-i"] if wanted("--list") => Output::ok(
            "Resources   Non-Resource URLs   Resource Names   Verbs\n\
             *.*         []                  []               [*]\n            \
             [*]                 []               [*]\n"
                .to_owned(),
        ),
        ["can-i", _, what, ..] => {
            let kind = what.split(['/', '.']).next().unwrap_or(what);
            let known = what.starts_with('/') || kind == "*" || Resource::find(kind).is_some();
            let mut output = Output::ok("yes\n".to_owned());
            if !known {
                let words = format!("Warning: the server doesn't have a resource type '{kind}'\n");
                output.stderr.push_str(&words);
            }
            output
        }
        ["can-i", ..] => Output::error(
            "error: you must specify two arguments: verb resource or verb resource/resourceName.\n\
             See 'kubectl auth can-i -h' for help and examples."
                .to_owned(),
        ),
        ["reconcile", ..] => {
            Output::error("error: `kubectl auth reconcile` is not simulated".to_owned())
        }
        [] => Output::ok("Usage:\n  kubectl auth can-i VERB TYPE | whoami\n".to_owned()),
        [other, ..] => Output::error(format!(
            "error: unknown command \"{other}\"\nSee 'kubectl auth -h' for help and examples"
        )),
    }
}
