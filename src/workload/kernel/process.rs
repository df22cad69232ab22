//! What the kernel knows of a process, a namespace, an open file.
//!
//! Owns: the plain data of the process table. Does not own: what happens to it (`kernel`).

use std::collections::VecDeque;

use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::workload::cri::{ContainerId, ExecId, SandboxId, Signal};
use crate::workload::kernel::Program;

/// PID on the node.
pub(in crate::workload) type Pid = u32;
/// A tree of files.
pub(in crate::workload) type FsId = u32;
/// An entry of the table of open files.
pub(in crate::workload) type FileId = u32;

/// What a program wants after it ran for a while.
#[derive(Clone, Copy, Debug)]
pub(in crate::workload) enum Step {
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
#[derive(Default)]
pub(in crate::workload) struct Process {
    pub(in crate::workload) parent: Option<Pid>,
    /// Whose child it was at first: an orphan has another parent now.
    pub(in crate::workload) born_to: Option<Pid>,
    pub(in crate::workload) pid_ns: u32,
    pub(in crate::workload) ns_pid: u32,
    pub(in crate::workload) container: Option<ContainerId>,
    pub(in crate::workload) sandbox: Option<SandboxId>,
    pub(in crate::workload) exec: Option<ExecId>,
    pub(in crate::workload) uid: i64,
    pub(in crate::workload) argv: Vec<String>,
    /// What it calls itself instead of its argv, as nginx does.
    pub(in crate::workload) title: Option<String>,
    pub(in crate::workload) env: Vec<(String, String)>,
    pub(in crate::workload) cwd: String,
    pub(in crate::workload) fds: Map<i32, FileId>,
    /// What it runs; nothing while that is being looked at, or when it has ended.
    pub(in crate::workload) program: Option<Box<dyn Program>>,
    pub(in crate::workload) zombie: Option<i32>,
    /// The signal that ended it, or 0.
    pub(in crate::workload) killed: i32,
    pub(in crate::workload) stopped: bool,
    /// Bit n: signal n is ignored, across exec too.
    pub(in crate::workload) ignored: u64,
    /// Bit n: the program has a handler for signal n.
    pub(in crate::workload) handled: u64,
    /// Reaps its children as they end.
    pub(in crate::workload) reaps: bool,
    pub(in crate::workload) pending: VecDeque<Signal>,
    pub(in crate::workload) wake: Option<(Instant, u64)>,
    pub(in crate::workload) started: Instant,
    /// Its command line has been told to the outside.
    pub(in crate::workload) announced: bool,
    /// Its end has been told to the outside, because it stayed a zombie.
    pub(in crate::workload) told_end: bool,
}

impl Process {
    /// The name of its program: the last part of argv[0].
    pub(in crate::workload) fn name(&self) -> &str {
        self.argv
            .first()
            .map_or("", |first| crate::workload::fs::base(first).trim_start_matches('-'))
    }

    /// The command line as ps shows it.
    pub(in crate::workload) fn command(&self) -> String {
        let line = match &self.title {
            Some(title) => title.clone(),
            None => self.argv.join(" ").replace('\n', " "),
        };
        if self.zombie.is_some() { format!("[{}]", self.name()) } else { line }
    }

    pub(in crate::workload) fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A PID namespace.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct PidNamespace {
    /// Its PID 1.
    pub(in crate::workload) init: Option<Pid>,
    /// The last number given.
    pub(in crate::workload) last: u32,
}

/// A network namespace.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct Network {
    pub(in crate::workload) ip: String,
    /// Port → who listens.
    pub(in crate::workload) listeners: Map<u16, Pid>,
}

/// What an open file is.
#[derive(Clone, Debug)]
pub(in crate::workload) enum Open {
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
pub(in crate::workload) struct OpenFile {
    pub(in crate::workload) open: Open,
    pub(in crate::workload) references: u32,
}

/// A pipe.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct Pipe {
    pub(in crate::workload) data: String,
    pub(in crate::workload) readers: u32,
    pub(in crate::workload) writers: u32,
    pub(in crate::workload) waiting: Vec<Pid>,
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) enum Read {
    Data(String),
    End,
    /// Nothing yet; the reader is woken when there is.
    Wait,
}

/// How much a container may do: an allowance that grows with virtual time.
#[derive(Clone, Copy, Debug)]
pub(in crate::workload) struct Budget {
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

    pub(in crate::workload) const fn new(at: Instant) -> Self {
        Self { tokens: Self::BURST, at, spent: 0 }
    }

    /// Microseconds of virtual time that one step costs.
    const fn step(&self) -> i64 {
        let rate =
            if self.spent > Self::TIRED_AFTER { Self::TIRED_A_SECOND } else { Self::A_SECOND };
        1_000_000 / rate
    }

    pub(in crate::workload) fn spend(&mut self, now: Instant, cost: i64) {
        let grown = now.since(self.at).as_micros() / self.step();
        if grown > 0 {
            self.tokens = (self.tokens + grown).min(Self::BURST);
            self.at = now;
        }
        self.tokens -= cost;
        self.spent = self.spent.saturating_add(cost);
    }

    /// How long its processes have to wait before they go on.
    pub(in crate::workload) fn debt(&self) -> Duration {
        Duration::from_micros((-self.tokens).max(0) * self.step())
    }
}
