//! How a container is asked: exec, httpGet, tcpSocket, grpc; for probes and for hooks.
//!
//! Models pkg/kubelet/prober/prober.go runProbe, pkg/probe/{exec,http,tcp,grpc} and their texts.
//! Does not own: what an answer adds up to (`prober`, `hooks`).

use crate::cluster::kubelet::steps::ExecOwner;
use crate::cluster::{Wake, World, latency};
use crate::manifest::pod::{Container, resolve_port};
use crate::manifest::probe::{ExecAction, GRPCAction, HTTPGetAction, Probe, TCPSocketAction};
use crate::time::Duration;
use crate::trace::ProbeOutcome;
use crate::workload::cri::{Answer, ContainerId, ExecId};

/// How a probe asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Handler<'p> {
    /// By a command in the container.
    Exec(&'p ExecAction),
    /// By a request to a port.
    HttpGet(&'p HTTPGetAction),
    /// By opening a connection.
    TcpSocket(&'p TCPSocketAction),
    /// By the health service of gRPC.
    Grpc(&'p GRPCAction),
}

impl<'p> Handler<'p> {
    /// The handler of a probe; one without any cannot be asked: "missing probe handler".
    ///
    /// Models prober.go runProbe: the first that is set counts.
    pub const fn of(probe: &'p Probe) -> Option<Self> {
        match probe {
            Probe { exec: Some(exec), .. } => Some(Self::Exec(exec)),
            Probe { http_get: Some(http), .. } => Some(Self::HttpGet(http)),
            Probe { tcp_socket: Some(tcp), .. } => Some(Self::TcpSocket(tcp)),
            Probe { grpc: Some(grpc), .. } => Some(Self::Grpc(grpc)),
            _ => None,
        }
    }
}

/// What the exit code of a probe's command says.
///
/// Models pkg/probe/exec/exec.go Probe.
pub const fn exec_outcome(code: i32) -> ProbeOutcome {
    if code == 0 { ProbeOutcome::Success } else { ProbeOutcome::Failure }
}

/// An answer, and how long it takes to come.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) outcome: ProbeOutcome,
    pub(crate) text: String,
    pub(crate) after: Duration,
}

impl Reply {
    fn now(outcome: ProbeOutcome, text: impl Into<String>) -> Self {
        Self { outcome, text: text.into(), after: Duration::from_millis(1) }
    }
}

/// Redirects that are followed (pkg/probe/http RedirectChecker uses Go's ten).
const REDIRECTS_MAX: usize = 10;

impl World<'_> {
    /// Asks as the probe says, and sees to it that the answer comes.
    pub(crate) fn probe_handler(&mut self, uid: &str, index: usize) {
        let Some(worker) = self.worker(uid) else { return };
        let Some(probe) = worker.probes.get(index).cloned() else { return };
        let Some(container) = worker.pod.spec.container(&probe.container).cloned() else { return };
        if matches!(Handler::of(&probe.probe), Some(Handler::Exec(_))) {
            let delay = self.latency(latency::EXEC);
            self.wake_after(delay, Wake::ProbeExec { uid: uid.to_owned(), index }, None);
            return;
        }
        let reply = self.ask_network(uid, &container, &probe.probe, probe.timeout());
        let wake = Wake::ProbeReply {
            uid: uid.to_owned(),
            index,
            outcome: reply.outcome,
            text: reply.text,
        };
        self.wake_after(reply.after, wake, None);
    }

    /// Runs the command of an exec probe in the container.
    pub(crate) fn probe_exec(&mut self, uid: &str, index: usize) {
        let Some(worker) = self.worker(uid) else { return };
        let Some(probe) = worker.probes.get(index).cloned() else { return };
        let Some(container) = worker.pod.spec.container(&probe.container).cloned() else { return };
        let command = probe.probe.exec.map(|exec| exec.command).unwrap_or_default();
        let name = &container.name;
        let running = self.running_container(uid, name);
        let alive = running.filter(|(node, id)| self.nodes[*node].machine.is_alive(*id));
        let Some((node, id)) = alive else {
            let task = super::newest(&worker_instances(self, uid), name)
                .map(|instance| instance.id.clone())
                .unwrap_or_default();
            let text = format!(
                "rpc error: code = NotFound desc = failed to exec in container: failed to load \
                 task: no running task found: task {task} not found"
            );
            return self.probe_answered(uid, index, ProbeOutcome::Errored, &text);
        };
        let now = self.now;
        let Some(pod) = self.worker(uid).map(|worker| worker.pod.clone()) else { return };
        let env = self.environment(&pod, &container).unwrap_or_default();
        let argv: Vec<String> =
            command.iter().map(|word| super::environment::expand(word, &env)).collect();
        match self.nodes[node].machine.exec(now, id, &argv) {
            Ok(exec) => {
                let owner = ExecOwner::Probe { uid: uid.to_owned(), index };
                self.nodes[node].execs.insert(exec, owner);
                let mut timeout = Duration::ZERO;
                if let Some(probe) = self.worker_mut(uid).and_then(|w| w.probes.get_mut(index)) {
                    timeout = probe.timeout();
                    if let Some(asking) = &mut probe.asking {
                        asking.exec = Some(exec);
                    }
                }
                let wake = Wake::ExecTimeout { node, exec };
                self.wake_after(timeout, wake, None);
                self.watch_machine(node);
            }
            Err(error) => {
                let text = format!(
                    "rpc error: code = Unknown desc = failed to exec in container: failed to \
                     start exec \"{}\": {}",
                    self.random.hex(64),
                    error.0
                );
                self.probe_answered(uid, index, ProbeOutcome::Errored, &text);
            }
        }
    }

    /// The container on its machine, if it runs.
    pub(crate) fn running_container(&self, uid: &str, name: &str) -> Option<(usize, ContainerId)> {
        let worker = self.worker(uid)?;
        let running = worker.is_running(name);
        let instance = super::newest(&worker.instances, name).filter(|_| running)?;
        Some((worker.node, instance.machine_id?))
    }

    /// A command that was run from outside has taken too long.
    pub(crate) fn exec_timeout(&mut self, node: usize, exec: ExecId) {
        let Some(ExecOwner::Probe { uid, index }) = self.nodes[node].execs.get(&exec).cloned()
        else {
            return;
        };
        self.nodes[node].execs.remove(&exec);
        let now = self.now;
        self.nodes[node].machine.kill_exec(now, exec);
        self.watch_machine(node);
        let Some(probe) = self.worker(&uid).and_then(|w| w.probes.get(index)) else { return };
        let command =
            probe.probe.exec.as_ref().map(|exec| exec.command.join(" ")).unwrap_or_default();
        let seconds = probe.timeout().go();
        let text = format!("command timed out: \"{command}\" timed out after {seconds}");
        self.probe_answered(&uid, index, ProbeOutcome::Timeout, &text);
    }

    /// A command of an exec probe has ended.
    pub(crate) fn probe_exec_ended(&mut self, uid: &str, index: usize, code: i32, output: &str) {
        self.probe_answered(uid, index, exec_outcome(code), output);
    }

    /// Asks over the network: httpGet, tcpSocket or grpc.
    fn ask_network(
        &mut self,
        uid: &str,
        container: &Container,
        probe: &Probe,
        timeout: Duration,
    ) -> Reply {
        let ip = self.worker(uid).and_then(|w| w.sandbox_ip()).unwrap_or_default().to_owned();
        let grpc = match Handler::of(probe) {
            Some(Handler::HttpGet(http)) => {
                return self.http_get(uid, container, http, timeout, true);
            }
            Some(Handler::TcpSocket(tcp)) => {
                return self.tcp_socket(uid, container, tcp, timeout);
            }
            Some(Handler::Grpc(grpc)) => grpc,
            Some(Handler::Exec(_)) | None => {
                return Reply::now(ProbeOutcome::Errored, "missing probe handler");
            }
        };
        match self.ask_host(uid, &ip, grpc.port, None) {
            Answer::Http { .. } | Answer::Connected => Reply::now(ProbeOutcome::Success, ""),
            // gRPC keeps trying to connect until its time is over.
            Answer::Refused | Answer::Unreachable | Answer::UnknownHost => Reply {
                outcome: ProbeOutcome::Failure,
                text: format!(
                    "timeout: failed to connect service \"{ip}:{}\" within {}: context deadline \
                     exceeded",
                    grpc.port,
                    timeout.go()
                ),
                after: timeout,
            },
        }
    }

    /// Opens a connection to a port of the Pod, or of another host.
    fn tcp_socket(
        &mut self,
        uid: &str,
        container: &Container,
        tcp: &TCPSocketAction,
        timeout: Duration,
    ) -> Reply {
        let ip = self.worker(uid).and_then(|w| w.sandbox_ip()).unwrap_or_default().to_owned();
        let port = match resolve_port(&tcp.port, container) {
            Some(port) => port,
            None => return unknown_port(&tcp.port.to_string()),
        };
        let host = if tcp.host.is_empty() { ip } else { tcp.host.clone() };
        let place = format!("{host}:{port}");
        match self.ask_host(uid, &host, port, None) {
            Answer::Refused => refused(&format!("dial tcp {place}")),
            Answer::Unreachable | Answer::UnknownHost => Reply {
                outcome: ProbeOutcome::Timeout,
                text: format!("dial tcp {place}: i/o timeout"),
                after: timeout,
            },
            Answer::Http { .. } | Answer::Connected => Reply::now(ProbeOutcome::Success, ""),
        }
    }

    /// The address that is asked over TLS and is known to speak without it.
    pub(crate) fn plain_for_tls(
        &self,
        uid: &str,
        container: &Container,
        http: &HTTPGetAction,
    ) -> Option<String> {
        let port = resolve_port(&http.port, container).filter(|_| http.scheme == "HTTPS")?;
        let worker = self.worker(uid)?;
        let ip = worker.sandbox_ip()?;
        let sandbox = worker.sandbox_id().filter(|_| http.host.is_empty() || http.host == ip)?;
        let machine = &self.nodes[worker.node].machine;
        let plain = machine.speaks_plainly(sandbox, u16::try_from(port).ok()?);
        plain.then(|| format!("{ip}:{port}"))
    }

    /// A GET request; `judge` whether the status counts (it does not for hooks).
    pub(crate) fn http_get(
        &mut self,
        uid: &str,
        container: &Container,
        http: &HTTPGetAction,
        timeout: Duration,
        judge: bool,
    ) -> Reply {
        let Some(port) = resolve_port(&http.port, container) else {
            return unknown_port(&http.port.to_string());
        };
        let ip = self.worker(uid).and_then(|w| w.sandbox_ip()).unwrap_or_default().to_owned();
        let host = if http.host.is_empty() { ip } else { http.host.clone() };
        let scheme = if http.scheme == "HTTPS" { "https" } else { "http" };
        let slash = if http.path.starts_with('/') { "" } else { "/" };
        let mut path = format!("{slash}{}", http.path);
        let url = format!("{scheme}://{host}:{port}{path}");
        if self.plain_for_tls(uid, container, http).is_some() {
            let text = format!("Get \"{url}\": http: server gave HTTP response to HTTPS client");
            return Reply::now(ProbeOutcome::Failure, text);
        }
        let mut spent = Duration::from_millis(1);
        for _ in 0..=REDIRECTS_MAX {
            let (status, location, body, after) = match self.ask_host(uid, &host, port, Some(&path))
            {
                Answer::Http { status, location, body, after } => (status, location, body, after),
                Answer::Connected => {
                    let text = format!("Get \"{url}\": EOF");
                    return Reply::now(ProbeOutcome::Failure, text);
                }
                Answer::Refused => {
                    return refused(&format!("Get \"{url}\": dial tcp {host}:{port}"));
                }
                Answer::UnknownHost => {
                    let text = format!("Get \"{url}\": dial tcp: lookup {host}: no such host");
                    return Reply::now(ProbeOutcome::Failure, text);
                }
                Answer::Unreachable => return timed_out(&url, timeout),
            };
            spent += after;
            if spent > timeout {
                return timed_out(&url, timeout);
            }
            if !judge || (200..300).contains(&status) {
                return Reply { outcome: ProbeOutcome::Success, text: String::new(), after: spent };
            }
            if !(300..400).contains(&status) {
                let text = format!("HTTP probe failed with statuscode: {status}");
                return Reply { outcome: ProbeOutcome::Failure, text, after: spent };
            }
            match location.as_deref().and_then(|to| same_host(to, &host)) {
                Some(next) => path = next,
                None => {
                    // Redirected elsewhere: a success with a warning.
                    let text = format!("Probe terminated redirects, Response body: {body}");
                    return Reply { outcome: ProbeOutcome::Warning, text, after: spent };
                }
            }
        }
        Reply::now(ProbeOutcome::Failure, format!("Get \"{url}\": stopped after 10 redirects"))
    }

    /// Asks a host from the node of the Pod: the Pod itself, or another address.
    fn ask_host(&mut self, uid: &str, host: &str, port: i32, path: Option<&str>) -> Answer {
        let Ok(port) = u16::try_from(port) else { return Answer::Refused };
        let Some(worker) = self.worker(uid) else { return Answer::Unreachable };
        let (node, own) = (worker.node, worker.sandbox_ip() == Some(host));
        if own && worker.sandbox.as_ref().is_some_and(|sandbox| sandbox.detached) {
            return Answer::Unreachable;
        }
        let metadata = &worker.pod.metadata;
        let (name, namespace) = (metadata.name.clone(), metadata.namespace.clone());
        let Some(sandbox) = worker.sandbox_id().filter(|_| own) else {
            return self.reach((node, &namespace), (host, port), path);
        };
        let answer = self.nodes[node].machine.request(self.now, sandbox, port, path);
        // What the server has written is read at once.
        self.watch_machine(node);
        match answer {
            // A probe stands in the same queue as everybody else.
            Answer::Http { status, body, location, after } => {
                let after = after + self.traffic_delay(&name);
                Answer::Http { status, body, location, after }
            }
            other => other,
        }
    }
}

fn refused(what: &str) -> Reply {
    Reply::now(ProbeOutcome::Failure, format!("{what}: connect: connection refused"))
}

fn timed_out(url: &str, timeout: Duration) -> Reply {
    Reply {
        outcome: ProbeOutcome::Timeout,
        text: format!(
            "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting \
             headers)"
        ),
        after: timeout,
    }
}

/// A port name that no port of the container has: an error, not a failure.
fn unknown_port(name: &str) -> Reply {
    Reply::now(ProbeOutcome::Errored, format!("strconv.Atoi: parsing \"{name}\": invalid syntax"))
}

/// The path of a redirect that stays on the host.
fn same_host(location: &str, host: &str) -> Option<String> {
    if location.starts_with('/') {
        return Some(location.to_owned());
    }
    let rest = location.strip_prefix("http://").or_else(|| location.strip_prefix("https://"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let name = authority.split(':').next().unwrap_or(authority);
    (name == host).then(|| format!("/{path}"))
}

fn worker_instances(world: &World<'_>, uid: &str) -> Vec<super::Instance> {
    world.worker(uid).map(|worker| worker.instances.clone()).unwrap_or_default()
}
