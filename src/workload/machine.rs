//! One node's kernel, as far as Pods can see it.
//!
//! Owns: namespaces, the process table, signals, files and sockets of one node, in virtual time.
//! Does not own: deciding which container starts (the kubelet does), or the way between nodes.
//! Driven from outside: [`Machine::next_wakeup`] says when it wants to be looked at,
//! [`Machine::advance`] lets everything happen that is due and tells what did.

use crate::time::{Duration, Instant};
use crate::workload::image::Catalogue;

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
        let _ = text;
        todo!("workload owner")
    }

    /// The name without `SIG`: `TERM`.
    pub fn name(self) -> &'static str {
        todo!("workload owner")
    }
}

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
    /// Bytes of memory beyond which the kernel ends it.
    pub memory_limit: Option<i64>,
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
    /// A process other than the container's first began or changed its program.
    ProcessRuns {
        /// Which container.
        container: ContainerId,
        /// PID as the container sees it.
        pid: u32,
        /// The command line as ps shows it.
        command: String,
    },
    /// A process other than the container's first ended.
    ProcessEnded {
        /// Which container.
        container: ContainerId,
        /// PID as the container sees it.
        pid: u32,
        /// Exit code; 128 + signal when a signal ended it.
        code: i32,
    },
    /// A process wrote a line to the container's stdout or stderr.
    Output {
        /// Which container.
        container: ContainerId,
        /// The line without its end.
        line: String,
    },
    /// A container began to listen on a port.
    Listening {
        /// Which container.
        container: ContainerId,
        /// The port.
        port: u16,
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

/// One node's kernel.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    _todo: (),
}

impl Machine {
    /// A machine with this host name and address, and the images it may run.
    pub fn new(hostname: &str, ip: &str, catalogue: Catalogue) -> Self {
        let _ = (hostname, ip, catalogue);
        todo!("workload owner")
    }

    /// Makes the namespaces of a Pod; its network has no address yet.
    pub fn create_sandbox(&mut self, setup: SandboxSetup) -> SandboxId {
        let _ = setup;
        todo!("workload owner")
    }

    /// CNI ADD: eth0 with this address.
    pub fn attach_network(&mut self, sandbox: SandboxId, ip: &str) {
        let _ = (sandbox, ip);
        todo!("workload owner")
    }

    /// Starts pause in the sandbox.
    pub fn start_pause(&mut self, now: Instant, sandbox: SandboxId) {
        let _ = (now, sandbox);
        todo!("workload owner")
    }

    /// Ends pause and everything that is left in the sandbox, without Happenings.
    pub fn stop_sandbox(&mut self, now: Instant, sandbox: SandboxId) {
        let _ = (now, sandbox);
        todo!("workload owner")
    }

    /// A new, empty directory.
    pub fn create_volume(&mut self) -> VolumeId {
        todo!("workload owner")
    }

    /// Puts a file into a volume, replacing what was there; directories are made.
    pub fn write_volume(&mut self, volume: VolumeId, path: &str, content: &str) {
        let _ = (volume, path, content);
        todo!("workload owner")
    }

    /// Makes a container in a sandbox; nothing runs yet.
    pub fn create_container(&mut self, sandbox: SandboxId, setup: ContainerSetup) -> ContainerId {
        let _ = (sandbox, setup);
        todo!("workload owner")
    }

    /// Starts the container's first process.
    pub fn start_container(&mut self, now: Instant, id: ContainerId) -> Result<(), StartError> {
        let _ = (now, id);
        todo!("workload owner")
    }

    /// Sends a signal to the container's first process, as the runtime does.
    pub fn signal(&mut self, now: Instant, id: ContainerId, signal: Signal) -> SignalFate {
        let _ = (now, id, signal);
        todo!("workload owner")
    }

    /// Forgets a container that has ended: its own file system is gone, volumes stay.
    pub fn remove_container(&mut self, id: ContainerId) {
        let _ = id;
        todo!("workload owner")
    }

    /// Runs a command in a running container; `Err` has runc's words when it cannot start.
    pub fn exec(
        &mut self,
        now: Instant,
        id: ContainerId,
        argv: &[String],
    ) -> Result<ExecId, StartError> {
        let _ = (now, id, argv);
        todo!("workload owner")
    }

    /// Ends a command that takes too long.
    pub fn kill_exec(&mut self, now: Instant, exec: ExecId) {
        let _ = (now, exec);
        todo!("workload owner")
    }

    /// Asks a port in a Pod's network: an HTTP GET for a path, a bare connection for `None`.
    pub fn request(
        &mut self,
        now: Instant,
        sandbox: SandboxId,
        port: u16,
        path: Option<&str>,
    ) -> Answer {
        let _ = (now, sandbox, port, path);
        todo!("workload owner")
    }

    /// Answers a [`Happening::Request`].
    pub fn answer(&mut self, now: Instant, id: RequestId, answer: Answer) {
        let _ = (now, id, answer);
        todo!("workload owner")
    }

    /// When something is due; `None` while everything waits for the outside.
    pub fn next_wakeup(&self) -> Option<Instant> {
        todo!("workload owner")
    }

    /// Lets everything happen that is due until now, in order.
    pub fn advance(&mut self, now: Instant) -> Vec<Happening> {
        let _ = now;
        todo!("workload owner")
    }

    /// The processes that a container sees, in the order of their PIDs.
    pub fn processes(&self, id: ContainerId) -> Vec<ProcessRow> {
        let _ = id;
        todo!("workload owner")
    }
}
