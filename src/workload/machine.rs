//! One node's kernel, as far as Pods can see it.
//!
//! Owns: namespaces, the process table, signals, files and sockets of one node, in virtual time.
//! Does not own: deciding which container starts (the kubelet does), or the way between nodes.
//! Driven from outside: [`Machine::next_wakeup`] says when it wants to be looked at,
//! [`Machine::advance`] lets everything happen that is due and tells what did.

use crate::time::{Duration, Instant};
use crate::workload::applets::system::user_name;
use crate::workload::fs::{Fs, base, normal, parent};
use crate::workload::image::Catalogue;
use crate::workload::kernel::{Container, Exec, Kernel, Sandbox};
use crate::workload::process::{Budget, Network, Open, Pid, PidNamespace, Process, Program};
use crate::workload::programs::DEFAULT_PATH;
use crate::workload::told::{Namespaces, ProcessStep};

/// A Pod's sandbox: its namespaces and its pause process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SandboxId(pub u32);
/// A container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerId(pub u32);
/// A directory that containers can mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeId(pub u32);
/// A command run inside a container from outside: a probe, a hook, `kubectl exec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExecId(pub u32);
/// A request that a process sent beyond its own network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u32);

/// A signal, by its Linux number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal(pub i32);

impl Signal {
    /// Hang up; by convention: read your configuration again.
    pub const HUP: Self = Self(1);
    /// Interrupt from the keyboard.
    pub const INT: Self = Self(2);
    /// Quit; nginx drains.
    pub const QUIT: Self = Self(3);
    /// Cannot be handled.
    pub const KILL: Self = Self(9);
    /// Please end.
    pub const TERM: Self = Self(15);

    /// Reads `SIGTERM`, `TERM` or `15`.
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Ok(number) = name.parse::<i32>() {
            return (0..=64).contains(&number).then_some(Self(number));
        }
        let index = NAMES.iter().position(|known| *known == name)?;
        i32::try_from(index).ok().map(Self)
    }

    /// The name without `SIG`: `TERM`.
    pub fn name(self) -> &'static str {
        usize::try_from(self.0)
            .ok()
            .and_then(|index| NAMES.get(index))
            .copied()
            .unwrap_or("UNKNOWN")
    }
}

/// Linux' signals by number (include/uapi/asm-generic/signal.h).
const NAMES: [&str; 32] = [
    "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
    "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Which namespaces a Pod has of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxSetup {
    /// The hostname that processes see.
    pub hostname: String,
    /// The node's network instead of one of its own.
    pub host_network: bool,
    /// The node's processes instead of its own.
    pub host_pid: bool,
    /// The node's IPC instead of its own.
    pub host_ipc: bool,
    /// One PID namespace for all containers, with pause as PID 1.
    pub share_process_namespace: bool,
    /// Lines of /etc/hosts after the Pod's own.
    pub host_aliases: Vec<(String, Vec<String>)>,
    /// The text of /etc/resolv.conf.
    pub resolv_conf: String,
}

/// A volume in a container's file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where the container sees it.
    pub path: String,
    /// What it sees there.
    pub volume: VolumeId,
    /// A part of the volume instead of its root.
    pub sub_path: String,
    /// Writing fails.
    pub read_only: bool,
}

/// A process that listens on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    pid: Pid,
    /// How long its answers take.
    pub latency: Duration,
}

/// All that the runtime is told about a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerSetup {
    /// Its name in the Pod.
    pub name: String,
    /// The image as the Pod names it.
    pub image: String,
    /// Replaces the image's entrypoint when not empty; `$(VAR)` is expanded already.
    pub command: Vec<String>,
    /// Replaces the image's arguments when not empty; `$(VAR)` is expanded already.
    pub args: Vec<String>,
    /// Environment in order; the machine adds PATH, HOSTNAME and HOME as the runtime does.
    pub env: Vec<(String, String)>,
    /// Replaces the image's working directory when not empty.
    pub working_dir: String,
    /// Volumes.
    pub mounts: Vec<Mount>,
    /// Ports that the container declares: an image nobody knows listens there.
    pub ports: Vec<u16>,
    /// stdin stays open.
    pub stdin: bool,
    /// A terminal: shells wait for input instead of ending.
    pub tty: bool,
    /// User, when the Pod says one.
    pub run_as_user: Option<i64>,
    /// Primary group, when the Pod says one.
    pub run_as_group: Option<i64>,
    /// The Pod's further groups: fsGroup and supplementalGroups.
    pub groups: Vec<i64>,
    /// The group that volumes belong to.
    pub fs_group: Option<i64>,
    /// The container's own files cannot be changed.
    pub read_only_root: bool,
    /// Bytes of memory beyond which the kernel ends it.
    pub memory_limit: Option<i64>,
    /// How gladly the kernel ends it when the machine runs out of memory.
    pub oom_score_adj: i32,
    /// /dev/termination-log, or where the Pod wants it.
    pub termination_message_path: String,
}

/// Why the runtime could not start a container's first process, in runc's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(pub String);

/// What sending a signal did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalFate {
    /// The process got it (and acts on it in its own time).
    Delivered,
    /// PID 1 of its namespace has no handler for it: nothing happens.
    Ignored,
    /// The process is gone already.
    NoProcess,
}

/// Address and user agent of a probe: it comes from the node, through its bridge.
pub(super) const PROBE_CLIENT: (&str, &str) = ("10.244.0.1", "kube-probe/1.36");

/// Something that happened on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The first process of a container ended, and with it the container.
    Exited {
        /// Which container.
        container: ContainerId,
        /// Exit code; 128 + signal when a signal ended it.
        code: i32,
        /// The signal that ended it, or 0.
        signal: i32,
        /// It used more memory than its limit.
        out_of_memory: bool,
        /// What it wrote to its termination message path.
        termination_message: String,
    },
    /// A command run from outside ended.
    ExecFinished {
        /// Which.
        exec: ExecId,
        /// Exit code.
        code: i32,
        /// stdout and stderr, as they came.
        output: String,
    },
    /// Something happened to a process of a container; its first one is told of when it has begun.
    Process {
        /// Which container.
        container: ContainerId,
        /// PID on the node.
        host_pid: u32,
        /// PID as the container sees it.
        pid: u32,
        /// What happened.
        step: ProcessStep,
    },
    /// A process wrote a line to the container's stdout or stderr.
    Output {
        /// Which container.
        container: ContainerId,
        /// The line without its end.
        line: String,
    },
    /// A process wants to reach something outside its Pod; answer with [`Machine::answer`].
    Request {
        /// For the answer.
        id: RequestId,
        /// Who asks.
        container: ContainerId,
        /// The host as written: an IP, a Service, a name.
        host: String,
        /// The port.
        port: u16,
        /// The path of an HTTP request; `None` for a bare connection.
        path: Option<String>,
    },
    /// A process did something that cannot be judged here.
    NotSimulated {
        /// Which container.
        container: ContainerId,
        /// What, in one English line.
        what: String,
    },
}

/// What answers on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody listens.
    Refused,
    /// Nobody answers at all: no such address, or a firewall.
    Unreachable,
    /// The name is not known.
    UnknownHost,
    /// Somebody listens and answers.
    Http {
        /// The status.
        status: u16,
        /// The body.
        body: String,
        /// `Location`, for redirects.
        location: Option<String>,
        /// How long the answer takes.
        after: Duration,
    },
    /// Somebody listens; bytes that are no HTTP.
    Connected,
}

/// A process as ps shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessRow {
    /// PID in the namespace that looks.
    pub pid: u32,
    /// Parent's PID in that namespace; 0 when the parent is outside.
    pub parent: u32,
    /// PID on the node.
    pub host_pid: u32,
    /// `R`, `S`, `Z`.
    pub state: char,
    /// User name.
    pub user: String,
    /// Command line; zombies have theirs in brackets.
    pub command: String,
    /// The container it belongs to; `None` for pause and the node's own.
    pub container: Option<ContainerId>,
}

/// What runc says before the reason.
const CANNOT_START: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
const CANNOT_EXEC: &str =
    "OCI runtime exec failed: exec failed: unable to start container process: ";

/// The node's own processes, which Pods with hostPID see. Invented: a few stand for many.
pub const NODE_PROCESSES: [(u32, &str); 3] =
    [(1, "/sbin/init"), (612, "/usr/bin/containerd"), (745, "/usr/bin/kubelet")];

/// One node's kernel.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    pub(super) kernel: Kernel,
}

impl Machine {
    /// A machine with this host name and address, and the images it may run.
    pub fn new(hostname: &str, ip: &str, catalogue: Catalogue) -> Self {
        let mut kernel = Kernel::default();
        hostname.clone_into(&mut kernel.hostname);
        kernel.catalogue = catalogue;
        kernel.networks.insert(0, Network { ip: ip.to_owned(), ..Network::default() });
        for (number, command) in NODE_PROCESSES {
            kernel.pid_namespaces.insert(0, PidNamespace { init: Some(1), last: number - 1 });
            kernel.add_process(
                Process {
                    argv: vec![command.to_owned()],
                    parent: (number > 1).then_some(1),
                    program: Program::Reaper,
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
                program: Program::Reaper,
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
        Kernel::default().namespaces(0)
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
        let latency = match &process.program {
            Program::Server(server) => server.latency(self.kernel.clock, path),
            Program::None | Program::Reaper | Program::Shell(_) | Program::Task(_) => {
                Duration::ZERO
            }
        };
        Some(Listener { pid, latency })
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
                    user: user_name(&self.kernel, pid),
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

impl Container {
    /// Where the termination message is in the container.
    pub(super) fn termination_path(&self) -> String {
        match self.setup.termination_message_path.as_str() {
            "" => "/dev/termination-log".to_owned(),
            path => normal("/", path),
        }
    }
}

impl Kernel {
    /// What the kubelet and the runtime put into every container.
    fn prepare_root(&mut self, id: ContainerId) {
        let Some(container) = self.containers.get(&id) else { return };
        let Some(sandbox) = self.sandboxes.get(&container.sandbox) else { return };
        let ip = self.networks.get(&sandbox.network).map_or("", |network| network.ip.as_str());
        let hostname = if sandbox.setup.hostname.is_empty() {
            &self.hostname
        } else {
            &sandbox.setup.hostname
        };
        // pkg/kubelet/kubelet_pods.go managedHostsFileContent.
        let mut hosts = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n".to_owned();
        hosts += &format!("{ip}\t{hostname}\n");
        if !sandbox.setup.host_aliases.is_empty() {
            hosts += "\n# Entries added by HostAliases.\n";
            for (ip, names) in &sandbox.setup.host_aliases {
                hosts += &format!("{ip}\t{}\n", names.join("\t"));
            }
        }
        let files = [
            ("/etc/hosts".to_owned(), hosts),
            ("/etc/hostname".to_owned(), format!("{hostname}\n")),
            ("/etc/resolv.conf".to_owned(), sandbox.setup.resolv_conf.clone()),
            (container.termination_path(), String::new()),
        ];
        let directories: Vec<String> = container
            .setup
            .mounts
            .iter()
            .map(|mount| normal("/", &mount.path))
            .chain(std::iter::once(normal("/", &container.setup.working_dir)))
            .collect();
        let (root, mounts, clock) = (container.root, container.setup.mounts.clone(), self.clock);
        for (path, text) in files {
            self.write_volume(VolumeId(root), &path, &text);
        }
        if let Some(tree) = self.filesystems.get_mut(&root) {
            for directory in directories {
                tree.make_directories(parent(&directory), clock);
                if tree.get(&directory).is_none() {
                    tree.make_directories(&directory, clock);
                }
            }
        }
        // A subPath that is not there is made as a directory (pkg/volume/util/subpath).
        for mount in mounts.iter().filter(|mount| !mount.sub_path.is_empty()) {
            if let Some(tree) = self.filesystems.get_mut(&mount.volume.0) {
                tree.make_directories(&normal("/", &mount.sub_path), clock);
            }
        }
    }

    fn start_container(&mut self, id: ContainerId) -> Result<(), String> {
        let Some(container) = self.containers.get(&id) else {
            return Err("container not found".to_owned());
        };
        let (setup, image, sandbox) =
            (container.setup.clone(), container.image.clone(), container.sandbox);
        if let Some(why) = self.bad_mount(id) {
            return Err(why);
        }
        let mut argv =
            if setup.command.is_empty() { image.entrypoint.clone() } else { setup.command.clone() };
        if !setup.args.is_empty() {
            argv.extend(setup.args.iter().cloned());
        } else if setup.command.is_empty() {
            argv.extend(image.command.iter().cloned());
        }
        let pid_ns = self.sandboxes.get(&sandbox).and_then(|sandbox| sandbox.pid_ns);
        let pid_ns = pid_ns.unwrap_or_else(|| self.fresh());
        let pid = self.new_process(id, pid_ns);
        let stdin = if setup.tty && setup.stdin {
            Open::Terminal(Some((id, 0)))
        } else if setup.stdin {
            Open::Terminal(None)
        } else {
            Open::Null
        };
        let out = |stream| {
            if setup.tty { Open::Terminal(Some((id, stream))) } else { Open::Log(id, stream) }
        };
        for (fd, open) in [(0, stdin), (1, out(0)), (2, out(1))] {
            let file = self.open_file(open);
            self.set_fd(pid, fd, Some(file));
        }
        if let Some(container) = self.containers.get_mut(&id) {
            container.init = Some(pid);
            container.pid_ns = pid_ns;
            container.budget = Budget::new(self.clock);
        }
        self.begin(pid, argv).inspect_err(|_| {
            if let Some(container) = self.containers.get_mut(&id) {
                container.init = None;
            }
            self.forget(pid);
        })
    }

    fn start_exec(&mut self, id: ContainerId, argv: &[String]) -> Result<ExecId, String> {
        let Some(pid_ns) =
            self.containers.get(&id).filter(|container| container.init.is_some()).map(|c| c.pid_ns)
        else {
            return Err("cannot exec in a stopped container".to_owned());
        };
        let exec = ExecId(self.fresh());
        let pid = self.new_process(id, pid_ns);
        if let Some(process) = self.processes.get_mut(&pid) {
            process.exec = Some(exec);
        }
        self.execs.insert(exec, Exec { pid, output: String::new() });
        for (fd, open) in [(0, Open::Null), (1, Open::Exec(exec)), (2, Open::Exec(exec))] {
            let file = self.open_file(open);
            self.set_fd(pid, fd, Some(file));
        }
        match self.begin(pid, argv.to_vec()) {
            Ok(()) => Ok(exec),
            Err(why) => {
                self.execs.remove(&exec);
                self.forget(pid);
                Err(why)
            }
        }
    }

    /// A process that runc starts, with the environment and the user of its container.
    fn new_process(&mut self, id: ContainerId, pid_ns: u32) -> Pid {
        let Some(container) = self.containers.get(&id) else { return 0 };
        let (setup, image) = (&container.setup, &container.image);
        let hostname = self.sandboxes.get(&container.sandbox).map(|s| s.setup.hostname.clone());
        let hostname =
            hostname.filter(|name| !name.is_empty()).unwrap_or_else(|| self.hostname.clone());
        let mut env: Vec<(String, String)> = Vec::new();
        let mut set = |key: &str, value: &str| match env.iter_mut().find(|(known, _)| known == key)
        {
            Some((_, old)) => value.clone_into(old),
            None => env.push((key.to_owned(), value.to_owned())),
        };
        set("PATH", DEFAULT_PATH);
        set("HOSTNAME", &hostname);
        if setup.tty {
            set("TERM", "xterm");
        }
        for (key, value) in image.env.iter().chain(&setup.env) {
            set(key, value);
        }
        let uid = setup.run_as_user.unwrap_or(image.uid);
        set("HOME", if uid == 0 { "/root" } else { "/" });
        let working_dir =
            if setup.working_dir.is_empty() { &image.working_dir } else { &setup.working_dir };
        let process = Process {
            pid_ns,
            container: Some(id),
            sandbox: Some(container.sandbox),
            uid,
            cwd: normal("/", working_dir),
            env,
            ..Process::default()
        };
        self.add_process(process, true)
    }

    /// Puts the first program into a process; `Err` has runc's words.
    fn begin(&mut self, pid: Pid, argv: Vec<String>) -> Result<(), String> {
        use crate::workload::fs::Errno;
        let Some(name) = argv.first().cloned() else {
            return Err("no command specified".to_owned());
        };
        self.execute(pid, argv, None).map_err(|errno| match errno {
            Errno::NotFound if name.contains('/') => {
                format!("exec: \"{name}\": stat {name}: no such file or directory")
            }
            Errno::NotFound => format!("exec: \"{name}\": executable file not found in $PATH"),
            Errno::NotDirectory => format!("exec: \"{name}\": stat {name}: not a directory"),
            Errno::NoExec => format!("exec {name}: exec format error"),
            _ => format!("exec: \"{name}\": permission denied"),
        })
    }

    /// A process that never was.
    fn forget(&mut self, pid: Pid) {
        let Some(process) = self.processes.remove(&pid) else { return };
        for file in process.fds.into_values() {
            self.release(file);
        }
        if let Some(namespace) = self.pid_namespaces.get_mut(&process.pid_ns)
            && namespace.init == Some(pid)
        {
            namespace.init = None;
        }
    }

    /// A mount below a file cannot be made.
    fn bad_mount(&self, id: ContainerId) -> Option<String> {
        let container = self.containers.get(&id)?;
        let tree = self.filesystems.get(&container.root)?;
        container.setup.mounts.iter().find_map(|mount| {
            let path = normal("/", &mount.path);
            let mut above = parent(&path);
            while above != "/" {
                if tree.get(above).is_some_and(|node| !node.is_directory()) {
                    return Some(format!(
                        "error during container init: error mounting \"/var/lib/kubelet/volumes/{}\" to rootfs at \"{path}\": open o_path procfd: open /run/containerd: not a directory",
                        base(&path)
                    ));
                }
                above = parent(above);
            }
            None
        })
    }

    /// Asks whoever listens on a port.
    pub(super) fn ask(
        &mut self,
        network: u32,
        port: u16,
        path: Option<&str>,
        client: (&str, &str),
    ) -> Answer {
        let owner = self.networks.get(&network).and_then(|n| n.listeners.get(&port).copied());
        let Some(pid) = owner else { return Answer::Refused };
        let Some(process) = self.processes.get_mut(&pid) else { return Answer::Refused };
        if process.stopped {
            return Answer::Unreachable;
        }
        let program = std::mem::take(&mut process.program);
        let answer = match &program {
            Program::Server(server) => server.answer(self, pid, path, client),
            Program::None | Program::Reaper | Program::Shell(_) | Program::Task(_) => {
                Answer::Connected
            }
        };
        if let Some(process) = self.processes.get_mut(&pid)
            && process.zombie.is_none()
        {
            process.program = program;
        }
        answer
    }
}
