//! What the kernel knows of a process, a namespace, an open file.
//!
//! Owns: the plain data of the process table. Does not own: what happens to it (`kernel`).

use std::collections::VecDeque;

use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::workload::applets::Task;
use crate::workload::machine::{ContainerId, ExecId, SandboxId, Signal};
use crate::workload::server::Server;
use crate::workload::shell::vm::Vm;

/// PID on the node.
pub(super) type Pid = u32;
/// A tree of files.
pub(super) type FsId = u32;
/// An entry of the table of open files.
pub(super) type FileId = u32;

/// What a process runs.
#[derive(Clone, Debug, Default)]
pub(super) enum Program {
    /// It is being looked at right now, or it has ended.
    #[default]
    None,
    /// Reaps its children and waits for ever.
    Reaper,
    /// A shell with a script.
    Shell(Box<Vm>),
    /// A small program.
    Task(Box<Task>),
    /// A program that serves.
    Server(Box<Server>),
}

/// What a program wants after it ran for a while.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// To go on after this time.
    Again(Duration),
    /// To be woken, at the latest then.
    Block(Option<Instant>),
    /// To end.
    Exit(i32),
    /// It has been replaced by another program.
    Replaced,
}

/// A process.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub(super) parent: Option<Pid>,
    /// Whose child it was at first: an orphan has another parent now.
    pub(super) born_to: Option<Pid>,
    pub(super) pid_ns: u32,
    pub(super) ns_pid: u32,
    pub(super) container: Option<ContainerId>,
    pub(super) sandbox: Option<SandboxId>,
    pub(super) exec: Option<ExecId>,
    pub(super) uid: i64,
    pub(super) argv: Vec<String>,
    /// What it calls itself instead of its argv, as nginx does.
    pub(super) title: Option<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: String,
    pub(super) fds: Map<i32, FileId>,
    pub(super) program: Program,
    pub(super) zombie: Option<i32>,
    /// The signal that ended it, or 0.
    pub(super) killed: i32,
    pub(super) stopped: bool,
    /// Bit n: signal n is ignored, across exec too.
    pub(super) ignored: u64,
    /// Bit n: the program has a handler for signal n.
    pub(super) handled: u64,
    /// Reaps its children as they end.
    pub(super) reaps: bool,
    pub(super) pending: VecDeque<Signal>,
    pub(super) wake: Option<(Instant, u64)>,
    pub(super) started: Instant,
    /// Its command line has been told to the outside.
    pub(super) announced: bool,
    /// Its end has been told to the outside, because it stayed a zombie.
    pub(super) told_end: bool,
}

impl Process {
    /// The name of its program: the last part of argv[0].
    pub(super) fn name(&self) -> &str {
        self.argv
            .first()
            .map_or("", |first| crate::workload::fs::base(first).trim_start_matches('-'))
    }

    /// The command line as ps shows it.
    pub(super) fn command(&self) -> String {
        let line = match &self.title {
            Some(title) => title.clone(),
            None => self.argv.join(" ").replace('\n', " "),
        };
        if self.zombie.is_some() { format!("[{}]", self.name()) } else { line }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A PID namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct PidNamespace {
    /// Its PID 1.
    pub(super) init: Option<Pid>,
    /// The last number given.
    pub(super) last: u32,
}

/// A network namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) ip: String,
    /// Port → who listens.
    pub(super) listeners: Map<u16, Pid>,
}

/// What an open file is.
#[derive(Clone, Debug)]
pub(super) enum Open {
    Null,
    Zero,
    /// Nobody ever types anything.
    Terminal(Option<(ContainerId, usize)>),
    /// The container's log; 0 is stdout, 1 stderr.
    Log(ContainerId, usize),
    /// The output of a command run from outside.
    Exec(ExecId),
    PipeRead(u32),
    PipeWrite(u32),
    /// Text that is there already, and how much of it was read.
    Text(String, usize),
    File {
        fs: FsId,
        path: String,
        position: usize,
        append: bool,
    },
}

/// An open file and how many descriptors mean it.
#[derive(Clone, Debug)]
pub(super) struct OpenFile {
    pub(super) open: Open,
    pub(super) references: u32,
}

/// A pipe.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipe {
    pub(super) data: String,
    pub(super) readers: u32,
    pub(super) writers: u32,
    pub(super) waiting: Vec<Pid>,
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Data(String),
    End,
    /// Nothing yet; the reader is woken when there is.
    Wait,
}

/// How much a container may do: an allowance that grows with virtual time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    tokens: i64,
    at: Instant,
    /// Everything it ever did.
    spent: i64,
}

impl Budget {
    // Invented: real machines do millions of steps a second; a simulation of hours cannot. A burst
    // runs at full speed, a loop that never rests is slowed to this many steps a second, and after
    // half an hour of that to a few: what it does is known by then.
    const BURST: i64 = 200_000;
    const A_SECOND: i64 = 1_000;
    const TIRED_AFTER: i64 = 2_000_000;
    const TIRED_A_SECOND: i64 = 20;

    pub(super) const fn new(at: Instant) -> Self {
        Self { tokens: Self::BURST, at, spent: 0 }
    }

    /// Microseconds of virtual time that one step costs.
    const fn step(&self) -> i64 {
        let rate =
            if self.spent > Self::TIRED_AFTER { Self::TIRED_A_SECOND } else { Self::A_SECOND };
        1_000_000 / rate
    }

    pub(super) fn spend(&mut self, now: Instant, cost: i64) {
        let grown = now.since(self.at).as_micros() / self.step();
        if grown > 0 {
            self.tokens = (self.tokens + grown).min(Self::BURST);
            self.at = now;
        }
        self.tokens -= cost;
        self.spent = self.spent.saturating_add(cost);
    }

    /// How long its processes have to wait before they go on.
    pub(super) fn debt(&self) -> Duration {
        Duration::from_micros((-self.tokens).max(0) * self.step())
    }
}
