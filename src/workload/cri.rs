//! What the kubelet asks of a node's machine, and what it hears of it: the runtime's interface.
//!
//! Owns: the plain data of both. Does not own: doing it ([`machine`](super::machine)).

use std::rc::Rc;

use crate::time::Duration;

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
    pub(super) pid: u32,
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
    /// The same of the Pod as a whole.
    pub pod_memory_limit: Option<i64>,
    /// How gladly the kernel ends it when the machine runs out of memory.
    pub oom_score_adj: i32,
    /// /dev/termination-log, or where the Pod wants it.
    pub termination_message_path: String,
    /// The container whose PID namespace it joins.
    pub pid_target: Option<ContainerId>,
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
    /// A process wants to reach something outside its Pod: the machine wants an answer.
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

/// The namespaces that a process is in, by the numbers that `/proc/self/ns` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Namespaces {
    /// Network.
    pub net: u32,
    /// System V shared memory, POSIX message queues.
    pub ipc: u32,
    /// Host name.
    pub uts: u32,
    /// Processes.
    pub pid: u32,
    /// File systems.
    pub mnt: u32,
}

/// What somebody in the Pod answered to a request from the Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalAnswer {
    /// Nobody listens.
    Refused,
    /// A connection, and no HTTP.
    Connected,
    /// An HTTP status.
    Status(u16),
}

/// What happened to a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProcessStep {
    /// It runs this command from now on.
    Runs {
        /// PID on the node of the process that made it; 0 when the runtime started it.
        parent: u32,
        /// The command line as ps shows it.
        command: Rc<str>,
        /// Where it is, for the first process of a container and for pause.
        namespaces: Option<Rc<Namespaces>>,
    },
    /// It ended.
    Exited {
        /// Exit code; 128 + signal when a signal ended it.
        code: i32,
        /// Its parent has not read that: an entry of the table is left.
        zombie: bool,
    },
    /// The exit status of a zombie was read: it is gone.
    Reaped,
    /// Another process sent it a signal.
    Signalled {
        /// `TERM`, `KILL`, `HUP`, …
        signal: &'static str,
        /// It has no handler and is PID 1, or it ignores the signal.
        ignored: bool,
        /// The sender's PID on the node.
        by: u32,
    },
    /// It listens on a port, or cannot because another one does.
    Listens {
        /// The port.
        port: u16,
        /// Somebody else has it.
        taken: bool,
    },
    /// It listens no more.
    Closed,
    /// It asked a port of its own Pod, by way of localhost.
    Asked {
        /// The port.
        port: u16,
        /// What came back.
        answer: LocalAnswer,
    },
}
