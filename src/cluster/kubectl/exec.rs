//! `kubectl exec`: a command inside a container.
//!
//! Models kubectl/pkg/cmd/exec/exec.go. Does not own: what the command does (`workload`).

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::kubectl::args::{self, Args};
use crate::cluster::kubectl::{Printed, not_found};
use crate::cluster::kubelet::node_status::Power;
use crate::cluster::kubelet::steps::ExecOwner;
use crate::manifest::pod::Pod;
use crate::trace::{Change, EntryId};

/// The annotation that chooses a container where the command line does not.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

impl World<'_> {
    /// Begins a command in a container; what it writes is known when it ends.
    pub(super) fn kubectl_exec(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some(target) = args.words.first() else {
            return Printed::error("error: pod or type/name must be specified".to_owned());
        };
        // Before there was a `--`, the command stood behind the Pod; that is refused today.
        if args.after.is_empty() {
            let words = if args.words.len() > 1 {
                "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] \
                 instead"
            } else {
                "error: you must specify at least one command for the container"
            };
            return Printed::error(format!("{words}\nSee 'kubectl exec -h' for help and examples"));
        }
        let name = target.rsplit('/').next().unwrap_or(target);
        let namespace = args.namespace().to_owned();
        let pod = match self.exec_target(target, name, &namespace) {
            Ok(pod) => pod,
            Err(error) => return Printed::error(error),
        };
        let mut printed = Printed::default();
        let container = match chosen(&pod, args, &mut printed.text) {
            Ok(container) => container,
            Err(error) => return Printed::error(error),
        };
        if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
            return Printed::error(format!(
                "error: cannot exec into a container in a completed pod; current phase is {}",
                pod.status.phase
            ));
        }
        let missing = format!(
            "error: Internal error occurred: unable to upgrade connection: container not found \
             (\"{container}\")"
        );
        if pod.spec.node_name.is_empty() {
            return Printed::error(format!(
                "Error from server (BadRequest): pod {} does not have a host assigned",
                pod.metadata.name
            ));
        }
        let Some(worker) = self.worker(pod.kubelet_uid()) else { return Printed::error(missing) };
        let running = worker.is_running(&container);
        let instance = crate::cluster::kubelet::newest(&worker.instances, &container);
        let (Some(id), true) = (instance.and_then(|instance| instance.machine_id), running) else {
            return Printed::error(missing);
        };
        let (node, now) = (worker.node, self.now);
        let host = &self.nodes[node];
        if host.power != Power::On {
            return Printed::error(format!(
                "Error from server: error dialing backend: dial tcp {}:10250: connect: {}",
                host.ip,
                match host.power {
                    Power::KubeletStopped => "connection refused",
                    Power::On | Power::Off => "no route to host",
                }
            ));
        }
        match self.nodes[node].machine.exec(now, id, &args.after) {
            Ok(exec) => {
                self.nodes[node].execs.insert(exec, ExecOwner::You(entry));
                self.watch_machine(node);
                printed
            }
            Err(error) => {
                let text = format!("error: Internal error occurred: {}", error.0);
                Printed { text: printed.text + &text, exit: 1, ..Printed::default() }
            }
        }
    }

    /// A command of yours ended: now it is known what it wrote.
    pub(crate) fn exec_ended(&mut self, entry: EntryId, code: i32, output: String) {
        let before = match self.trace().entry(entry).map(|entry| &entry.change) {
            Some(Change::Acted { output, .. }) => output.to_string(),
            _ => String::new(),
        };
        let mut text = before + &output;
        if code != 0 {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("command terminated with exit code {code}\n"));
        }
        self.set_output(entry, Printed { text, exit: code, dry: None });
    }

    fn exec_target(&self, target: &str, name: &str, namespace: &str) -> Result<Rc<Pod>, String> {
        let Some((kind, _)) = target.split_once('/') else {
            let pod = self.store.pod(namespace, name).cloned();
            return pod.ok_or_else(|| not_found("pods", name));
        };
        let Some(kind) = args::kind_of(kind) else {
            return Err(format!("error: the server doesn't have a resource type \"{kind}\""));
        };
        if kind == "Pod" {
            let pod = self.store.pod(namespace, name).cloned();
            return pod.ok_or_else(|| not_found("pods", name));
        }
        let key = crate::cluster::key::Key::new(kind, namespace, name);
        let Some(object) = self.store.get(&key) else {
            return Err(not_found(&args::plural_of(kind), name));
        };
        let selector = super::selector_of(object).unwrap_or_default();
        self.store
            .pods()
            .filter(|pod| pod.metadata.namespace == namespace && !pod.is_terminating())
            .find(|pod| selector.matches(&pod.metadata.labels))
            .cloned()
            .ok_or_else(|| "error: timed out waiting for the condition".to_owned())
    }
}

/// The container that is meant; says so where the Pod has several and none is named.
fn chosen(pod: &Pod, args: &Args, said: &mut String) -> Result<String, String> {
    let spec = &pod.spec;
    let init = spec.init_containers.iter().map(|c| (&c.name, " (init)"));
    let ephemeral = spec.ephemeral_containers.iter().map(|c| (&c.name, " (ephem)"));
    let every: Vec<(&String, &str)> =
        spec.containers.iter().map(|c| (&c.name, "")).chain(ephemeral).chain(init).collect();
    if let Some(wanted) = args.value("c").or_else(|| args.value("container")) {
        return match every.iter().find(|(name, _)| *name == wanted) {
            Some(_) => Ok(wanted.to_owned()),
            None => Err(format!(
                "Error from server (BadRequest): container {wanted} is not valid for pod {}",
                pod.metadata.name
            )),
        };
    }
    let default = pod.metadata.annotations.get(DEFAULT_CONTAINER);
    if let Some(name) = default.filter(|name| every.iter().any(|(known, _)| known == name)) {
        return Ok(name.clone());
    }
    let Some((first, _)) = every.first() else { return Ok(String::new()) };
    if every.len() > 1 {
        let list: Vec<String> = every.iter().map(|(name, note)| format!("{name}{note}")).collect();
        said.push_str(&format!("Defaulted container \"{first}\" out of: {}\n", list.join(", ")));
    }
    Ok((*first).clone())
}
