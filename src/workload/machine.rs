//! One node's kernel, as far as Pods can see it.
//!
//! Owns: namespaces, the process table, signals, files and sockets of one node, in virtual time.
//! Does not own: deciding which container starts (the kubelet does), or the way between nodes.
//! Driven from outside: [`Machine::next_wakeup`] says when it wants to be looked at,
//! [`Machine::advance`] lets everything happen that is due and tells what did.

use crate::time::{Duration, Instant};
use crate::workload::cri::{
    Answer, ContainerId, ContainerSetup, ExecId, Happening, Listener, Namespaces, ProcessRow,
    ProcessStep, RequestId, SandboxId, SandboxSetup, Signal, SignalFate, StartError, VolumeId,
};
use crate::workload::fs::{Fs, normal};
use crate::workload::image::Catalogue;
use crate::workload::kernel::process::{Budget, Network, Pid, PidNamespace, Process};
use crate::workload::kernel::{Container, Kernel, Reaper, Sandbox};
use crate::workload::programs;

/// Address and user agent of a probe: it comes from the node, through its bridge.
pub(super) const PROBE_CLIENT: (&str, &str) = ("10.244.0.1", "kube-probe/1.36");

/// What runc says before the reason.
const CANNOT_START: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
const CANNOT_EXEC: &str =
    "OCI runtime exec failed: exec failed: unable to start container process: ";

/// The node's own processes, which Pods with hostPID see. Invented: a few stand for many.
pub const NODE_PROCESSES: [(u32, &str); 3] =
    [(1, "/sbin/init"), (612, "/usr/bin/containerd"), (745, "/usr/bin/kubelet")];

/// What a volume held, on its way to another machine.
#[derive(Clone, Debug, Default)]
pub struct Contents(Fs);

/// One node's kernel.
pub struct Machine {
    pub(super) kernel: Kernel,
}

impl Machine {
    /// A machine with this host name and address, and the images it may run.
    pub fn new(hostname: &str, ip: &str, catalogue: Catalogue) -> Self {
        let mut kernel = Kernel::new(programs::load);
        hostname.clone_into(&mut kernel.hostname);
        kernel.catalogue = catalogue;
        kernel.networks.insert(0, Network { ip: ip.to_owned(), ..Network::default() });
        for (number, command) in NODE_PROCESSES {
            kernel.pid_namespaces.insert(0, PidNamespace { init: Some(1), last: number - 1 });
            kernel.add_process(
                Process {
                    argv: vec![command.to_owned()],
                    parent: (number > 1).then_some(1),
                    program: Some(Box::new(Reaper)),
                    reaps: true,
                    announced: true,
                    handled: (1 << 15) | (1 << 2) | (1 << 1),
                    ..Process::default()
                },
                false,
            );
        }
        kernel.pid_namespaces.insert(0, PidNamespace { init: Some(1), last: 1_000 });
        Self { kernel }
    }

    /// Makes the namespaces of a Pod; its network has no address yet.
    pub fn create_sandbox(&mut self, setup: SandboxSetup) -> SandboxId {
        let id = SandboxId(self.kernel.fresh());
        let network = if setup.host_network { 0 } else { id.0 };
        if network != 0 {
            self.kernel.networks.insert(network, Network::default());
        }
        let pid_ns = if setup.host_pid {
            Some(0)
        } else if setup.share_process_namespace {
            Some(self.kernel.fresh())
        } else {
            None
        };
        self.kernel.sandboxes.insert(id, Sandbox { setup, network, pid_ns, pause: None });
        id
    }

    /// CNI ADD: eth0 with this address.
    pub fn attach_network(&mut self, sandbox: SandboxId, ip: &str) {
        let Some(sandbox) = self.kernel.sandboxes.get(&sandbox) else { return };
        if sandbox.network != 0
            && let Some(network) = self.kernel.networks.get_mut(&sandbox.network)
        {
            ip.clone_into(&mut network.ip);
        }
    }

    /// Starts pause in the sandbox.
    pub fn start_pause(&mut self, now: Instant, sandbox: SandboxId) {
        self.kernel.clock = self.kernel.clock.max(now);
        let Some(known) = self.kernel.sandboxes.get(&sandbox) else { return };
        let pid_ns = known.pid_ns;
        let pid_ns = pid_ns.unwrap_or_else(|| self.kernel.fresh());
        let pid = self.kernel.add_process(
            Process {
                pid_ns,
                sandbox: Some(sandbox),
                uid: 65_535,
                argv: vec!["/pause".to_owned()],
                program: Some(Box::new(Reaper)),
                reaps: true,
                announced: true,
                handled: (1 << 15) | (1 << 2),
                ..Process::default()
            },
            false,
        );
        // runc's threads have taken the numbers up to the first container's.
        if let Some(namespace) = self.kernel.pid_namespaces.get_mut(&pid_ns)
            && pid_ns != 0
        {
            namespace.last += 4;
        }
        if let Some(known) = self.kernel.sandboxes.get_mut(&sandbox) {
            known.pause = Some(pid);
        }
    }

    /// pause: its PID on the node and in its namespace, and what there is to tell of it.
    pub fn pause(&self, sandbox: SandboxId) -> Option<(u32, u32, ProcessStep)> {
        self.kernel.pause(sandbox)
    }

    /// The number of a sandbox's network namespace.
    pub fn network_namespace(&self, sandbox: SandboxId) -> u32 {
        self.kernel.network_number(Some(sandbox))
    }

    /// The namespaces of the node itself.
    pub fn own_namespaces() -> Namespaces {
        Kernel::new(programs::load).namespaces(0)
    }

    /// Ends pause and everything that is left in the sandbox, without Happenings.
    pub fn stop_sandbox(&mut self, now: Instant, sandbox: SandboxId) {
        self.kernel.clock = self.kernel.clock.max(now);
        let before = self.kernel.happenings.len();
        let pids: Vec<Pid> = self
            .kernel
            .processes
            .iter()
            .filter(|(_, process)| process.sandbox == Some(sandbox))
            .map(|(pid, _)| *pid)
            .collect();
        for pid in &pids {
            self.kernel.exit(*pid, 128 + 9, 9);
        }
        for pid in pids {
            self.kernel.processes.remove(&pid);
        }
        self.kernel.happenings.truncate(before);
        if let Some(gone) = self.kernel.sandboxes.remove(&sandbox)
            && gone.network != 0
        {
            self.kernel.networks.remove(&gone.network);
        }
    }

    /// A new, empty directory.
    pub fn create_volume(&mut self) -> VolumeId {
        let id = self.kernel.fresh();
        self.kernel.filesystems.insert(id, Fs::default());
        VolumeId(id)
    }

    /// What a volume holds at this moment.
    pub fn copy_of(&self, volume: VolumeId) -> Contents {
        Contents(self.kernel.filesystems.get(&volume.0).cloned().unwrap_or_default())
    }

    /// A volume that holds what another one held.
    pub fn attach(&mut self, contents: Contents) -> VolumeId {
        let id = self.kernel.fresh();
        self.kernel.filesystems.insert(id, contents.0);
        VolumeId(id)
    }

    /// Makes a directory in a volume, and those above it.
    pub fn make_directory(&mut self, volume: VolumeId, path: &str) {
        let clock = self.kernel.clock;
        if let Some(tree) = self.kernel.filesystems.get_mut(&volume.0) {
            tree.make_directories(&normal("/", path), clock);
        }
    }

    /// Whether a path of a volume is a directory; nothing when there is no such path.
    pub fn is_directory(&self, volume: VolumeId, path: &str) -> Option<bool> {
        let path = normal("/", path);
        if path == "/" {
            return Some(true);
        }
        self.kernel.filesystems.get(&volume.0)?.get(&path).map(|node| node.is_directory())
    }

    /// Puts a file into a volume, replacing what was there; directories are made.
    pub fn write_volume(&mut self, volume: VolumeId, path: &str, content: &str) {
        self.kernel.write_volume(volume, path, content);
    }

    /// Takes a file out of a volume.
    pub fn remove_from_volume(&mut self, volume: VolumeId, path: &str) {
        if let Some(tree) = self.kernel.filesystems.get_mut(&volume.0) {
            tree.remove(&normal("/", path));
        }
    }

    /// Makes a container in a sandbox; nothing runs yet.
    pub fn create_container(&mut self, sandbox: SandboxId, setup: ContainerSetup) -> ContainerId {
        let id = ContainerId(self.kernel.fresh());
        let image = self.kernel.catalogue.image(&setup.image);
        let root = self.kernel.fresh();
        self.kernel.filesystems.insert(root, Fs::over(image.files.clone()));
        let container = Container {
            sandbox,
            setup,
            image,
            root,
            init: None,
            pid_ns: 0,
            partial: [String::new(), String::new()],
            budget: Budget::new(self.kernel.clock),
            slowed: false,
            out_of_memory: false,
            logged: 0,
            told: crate::map::Set::new(),
        };
        self.kernel.containers.insert(id, container);
        self.kernel.prepare_root(id);
        id
    }

    /// Starts the container's first process.
    pub fn start_container(&mut self, now: Instant, id: ContainerId) -> Result<(), StartError> {
        self.kernel.clock = self.kernel.clock.max(now);
        self.kernel.start_container(id).map_err(|why| StartError(format!("{CANNOT_START}{why}")))
    }

    /// Sends a signal to the container's first process, as the runtime does.
    pub fn signal(&mut self, now: Instant, id: ContainerId, signal: Signal) -> SignalFate {
        self.kernel.clock = self.kernel.clock.max(now);
        let Some(pid) = self.kernel.containers.get(&id).and_then(|container| container.init) else {
            return SignalFate::NoProcess;
        };
        self.kernel.send(pid, signal, true)
    }

    /// Whether the container's first process is there.
    pub fn is_alive(&self, id: ContainerId) -> bool {
        self.kernel.containers.get(&id).is_some_and(|container| container.init.is_some())
    }

    /// Forgets a container that has ended: its own file system is gone, volumes stay.
    pub fn remove_container(&mut self, id: ContainerId) {
        let rest: Vec<Pid> = self
            .kernel
            .processes
            .iter()
            .filter(|(_, process)| process.container == Some(id))
            .map(|(pid, _)| *pid)
            .collect();
        let before = self.kernel.happenings.len();
        for pid in rest {
            self.kernel.exit(pid, 128 + 9, 9);
            self.kernel.processes.remove(&pid);
        }
        self.kernel.happenings.truncate(before);
        if let Some(gone) = self.kernel.containers.remove(&id) {
            self.kernel.filesystems.remove(&gone.root);
        }
    }

    /// Runs a command in a running container; `Err` has runc's words when it cannot start.
    pub fn exec(
        &mut self,
        now: Instant,
        id: ContainerId,
        argv: &[String],
    ) -> Result<ExecId, StartError> {
        self.kernel.clock = self.kernel.clock.max(now);
        self.kernel.start_exec(id, argv).map_err(|why| StartError(format!("{CANNOT_EXEC}{why}")))
    }

    /// Ends a command that takes too long.
    pub fn kill_exec(&mut self, now: Instant, exec: ExecId) {
        self.kernel.clock = self.kernel.clock.max(now);
        if let Some(known) = self.kernel.execs.get(&exec) {
            let pid = known.pid;
            self.kernel.exit(pid, 128 + 9, 9);
        }
    }

    /// Asks a port in a Pod's network: an HTTP GET for a path, a bare connection for `None`.
    pub fn request(
        &mut self,
        now: Instant,
        sandbox: SandboxId,
        port: u16,
        path: Option<&str>,
    ) -> Answer {
        self.request_from(now, sandbox, port, path, PROBE_CLIENT)
    }

    /// Asks like [`Machine::request`], from this address and as this user agent.
    pub fn request_from(
        &mut self,
        now: Instant,
        sandbox: SandboxId,
        port: u16,
        path: Option<&str>,
        client: (&str, &str),
    ) -> Answer {
        self.kernel.clock = self.kernel.clock.max(now);
        let Some(known) = self.kernel.sandboxes.get(&sandbox) else { return Answer::Unreachable };
        self.kernel.ask(known.network, port, path, client)
    }

    /// Who listens on a port in a Pod's network: nobody knows that it was asked.
    pub fn listener(&self, sandbox: SandboxId, port: u16, path: &str) -> Option<Listener> {
        let network = self.kernel.sandboxes.get(&sandbox)?.network;
        let pid = *self.kernel.networks.get(&network)?.listeners.get(&port)?;
        let process = self.kernel.processes.get(&pid)?;
        let program = process.program.as_ref();
        let latency =
            program.map_or(Duration::ZERO, |program| program.latency(self.kernel.clock, path));
        Some(Listener { pid, latency })
    }

    /// Whether who listens on a port is known to speak HTTP without TLS.
    pub fn speaks_plainly(&self, sandbox: SandboxId, port: u16) -> bool {
        let network = self.kernel.sandboxes.get(&sandbox).map(|known| known.network);
        let network = network.and_then(|network| self.kernel.networks.get(&network));
        let pid = network.and_then(|network| network.listeners.get(&port));
        let process = pid.and_then(|pid| self.kernel.processes.get(pid));
        let program = process.and_then(|process| process.program.as_ref());
        program.is_some_and(|program| program.speaks_plainly(port))
    }

    /// Whether a process that listened has ended.
    pub fn has_ended(&self, listener: Listener) -> bool {
        self.kernel.processes.get(&listener.pid).is_none_or(|process| process.zombie.is_some())
    }

    /// Rises with every port that opens or closes and every server that ends.
    pub const fn doors(&self) -> u64 {
        self.kernel.doors
    }

    /// Rises when a program takes much memory, gives it back, or fills a file.
    pub const fn bulk(&self) -> u64 {
        self.kernel.bulk
    }

    /// Bytes of memory that a container's programs are known to hold at a moment.
    pub fn memory(&self, now: Instant, id: ContainerId) -> Option<i64> {
        self.kernel.memory_of(now, id)
    }

    /// Whether some program's memory grows by itself.
    pub fn memory_grows(&self) -> bool {
        self.kernel.memory_grows()
    }

    /// Bytes that a container has written: into its own files, and into its log.
    pub fn written(&self, id: ContainerId) -> (i64, i64) {
        self.kernel.written_by(id)
    }

    /// Bytes in a volume.
    pub fn volume_bytes(&self, volume: VolumeId) -> i64 {
        self.kernel.bytes_in(volume.0)
    }

    /// Answers a [`Happening::Request`].
    ///
    /// A name lookup asks port 53 without a path: the body of an HTTP answer is the address.
    pub fn answer(&mut self, now: Instant, id: RequestId, answer: Answer) {
        self.kernel.clock = self.kernel.clock.max(now);
        let clock = self.kernel.clock;
        let Some(request) = self.kernel.requests.get_mut(&id) else { return };
        let at = match &answer {
            Answer::Http { after, .. } => clock + *after,
            Answer::Refused | Answer::Unreachable | Answer::UnknownHost | Answer::Connected => {
                clock
            }
        };
        request.answer = Some((at, answer));
        let pid = request.pid;
        self.kernel.schedule(pid, at);
    }

    /// When something is due; `None` while everything waits for the outside.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.kernel.next_wakeup()
    }

    /// Lets everything happen that is due until now, in order.
    pub fn advance(&mut self, now: Instant) -> Vec<Happening> {
        self.kernel.advance(now)
    }

    /// The processes that a container sees, in the order of their PIDs.
    pub fn processes(&self, id: ContainerId) -> Vec<ProcessRow> {
        let Some(container) = self.kernel.containers.get(&id) else { return Vec::new() };
        if container.init.is_none() {
            return Vec::new();
        }
        self.rows(container.pid_ns)
    }

    /// The processes of a sandbox's own namespace: pause, and what shares it.
    pub fn sandbox_processes(&self, id: SandboxId) -> Vec<ProcessRow> {
        let pause = self.kernel.sandboxes.get(&id).and_then(|sandbox| sandbox.pause);
        match pause.and_then(|pid| self.kernel.processes.get(&pid)) {
            Some(process) => self.rows(process.pid_ns),
            None => Vec::new(),
        }
    }

    fn rows(&self, ns: u32) -> Vec<ProcessRow> {
        self.kernel
            .visible(ns)
            .into_iter()
            .filter_map(|pid| {
                let process = self.kernel.processes.get(&pid)?;
                Some(ProcessRow {
                    pid: if ns == 0 { pid } else { process.ns_pid },
                    parent: self.kernel.parent_number(ns, pid),
                    host_pid: pid,
                    state: self.kernel.state(pid),
                    user: self.kernel.user_name(pid),
                    command: process.command(),
                    container: process.container,
                })
            })
            .collect()
    }

    /// The name of a namespace as a container's processes see it: `pid:[4026532300]`.
    pub fn namespace(&self, id: ContainerId, kind: &str) -> Option<String> {
        let pid = self.kernel.containers.get(&id)?.init?;
        self.kernel.namespace(pid, kind)
    }
}
