//! The process table of a node: fork, exec, exit, signals, and who runs when.
//!
//! Owns: [`Kernel`] and everything about processes; what a [`Program`] is to it. Does not own:
//! files (`files`), the programs (`shell`, `applets`, `server`: the kernel knows none of them), or
//! the interface to the outside (`machine`).

mod descriptors;
pub(super) mod exec;
pub(super) mod files;
pub(super) mod process;
mod procfs;
mod signals;
mod told;
mod usage;
mod users;

use std::rc::Rc;

use crate::map::{Map, Set};
use crate::time::{Duration, Instant};
use crate::workload::cri::{
    Answer, ContainerId, ContainerSetup, ExecId, Happening, RequestId, SandboxId, SandboxSetup,
    Signal,
};
use crate::workload::fs::{Errno, Fs};
use crate::workload::image::Catalogue;
use crate::workload::image::catalogue::Image;
use crate::workload::kernel::process::{
    Budget, FileId, FsId, Network, OpenFile, Pid, PidNamespace, Pipe, Process, Step,
};

/// From fork to the first step of the new program.
///
/// Invented: about what a small program takes on a quiet machine.
pub(super) const FORK_AND_EXEC: Duration = Duration::from_millis(1);

/// PIDs that runc's own threads use up before the program of a container or exec runs.
///
/// Recorded on Kubernetes 1.36.2: nginx is 1 and its workers 8 and 9; commands run from outside
/// are six numbers apart.
const RUNC_THREADS: u32 = 6;

/// Processes of a container, zombies too.
///
/// Invented: kubelets often set a limit (podPidsLimit), and a simulation of more helps nobody.
const MOST_PROCESSES: usize = 300;

/// What a process start or a line of output costs of a container's allowance, in steps.
const START_COST: i64 = 100;
const LINE_COST: i64 = 100;

/// A Pod's sandbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Sandbox {
    pub(super) setup: SandboxSetup,
    pub(super) network: u32,
    /// The PID namespace that its containers share, if they do.
    pub(super) pid_ns: Option<u32>,
    pub(super) pause: Option<Pid>,
}

/// A container.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) sandbox: SandboxId,
    pub(super) setup: ContainerSetup,
    pub(super) image: Rc<Image>,
    pub(super) root: FsId,
    pub(super) init: Option<Pid>,
    pub(super) pid_ns: u32,
    /// What stdout and stderr wrote since the last end of a line.
    pub(super) partial: [String; 2],
    pub(super) budget: Budget,
    pub(super) slowed: bool,
    pub(super) out_of_memory: bool,
    /// Bytes of its log.
    pub(super) logged: i64,
    /// What was already said that cannot be judged.
    pub(super) told: Set<String>,
}

/// A command run from outside.
#[derive(Clone, Debug)]
pub(super) struct Exec {
    pub(super) pid: Pid,
    pub(super) output: String,
}

/// A request that left the Pod.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) pid: Pid,
    pub(super) answer: Option<(Instant, Answer)>,
}

/// A program while it runs in a process.
pub(super) trait Program {
    /// Runs until it waits, ends, or has done enough for the moment.
    fn step(&mut self, kernel: &mut Kernel, pid: Pid) -> Step;

    /// Which signals it handles, which it ignores (bit n: signal n), and whether it reaps at once.
    fn dispositions(&self) -> (u64, u64, bool) {
        (0, 0, false)
    }

    /// Bytes of memory that it is known to hold.
    fn memory(&self, _now: Instant) -> Option<i64> {
        None
    }

    /// Whether its memory grows by itself.
    fn grows(&self) -> bool {
        false
    }

    /// Whether others depend on its being there.
    fn serves(&self) -> bool {
        false
    }

    /// How long its answer to a request for a path takes.
    fn latency(&self, _now: Instant, _path: &str) -> Duration {
        Duration::ZERO
    }

    /// Whether it is known to speak HTTP without TLS on a port of its own.
    fn speaks_plainly(&self, _port: u16) -> bool {
        false
    }

    /// What it answers on a port of its own: to an HTTP GET for a path, or to a bare connection.
    fn answer(
        &self,
        _kernel: &mut Kernel,
        _pid: Pid,
        _path: Option<&str>,
        _client: (&str, &str),
    ) -> Answer {
        Answer::Connected
    }

    /// What it goes on to answer until something happens in its Pod, and its line of log about each
    /// such request: before the time, and after it. `None` when that may change by itself.
    fn steady(&self, _kernel: &Kernel, _pid: Pid, _path: &str, _client: (&str, &str)) -> Lasting {
        None
    }
}

/// An answer that lasts, and the line of log about it.
pub(super) type Lasting = Option<(Answer, Option<(String, String)>)>;

/// Makes the program behind a path ready to run in a process: it, and its command line.
pub(super) type Load =
    fn(&mut Kernel, Pid, &str, Option<&'static str>, Vec<String>) -> Result<Loaded, Errno>;

/// A program, and the command line that it has.
pub(super) type Loaded = (Box<dyn Program>, Vec<String>);

/// Reaps its children and waits for ever: pause, and the node's own processes.
pub(super) struct Reaper;

impl Program for Reaper {
    fn step(&mut self, _kernel: &mut Kernel, _pid: Pid) -> Step {
        Step::Block(None)
    }

    fn dispositions(&self) -> (u64, u64, bool) {
        ((1 << 2) | (1 << 15), 0, true)
    }
}

/// One node's kernel.
pub(super) struct Kernel {
    pub(super) hostname: String,
    pub(super) catalogue: Catalogue,
    pub(super) clock: Instant,
    sequence: u64,
    queue: Map<(Instant, u64), Pid>,
    pub(super) happenings: Vec<Happening>,
    /// Zombies of this moment that have not been told to the outside.
    pub(super) unread: Vec<Pid>,
    pub(super) processes: Map<Pid, Process>,
    pub(super) pid_namespaces: Map<u32, PidNamespace>,
    pub(super) networks: Map<u32, Network>,
    pub(super) sandboxes: Map<SandboxId, Sandbox>,
    pub(super) containers: Map<ContainerId, Container>,
    pub(super) execs: Map<ExecId, Exec>,
    pub(super) requests: Map<RequestId, Request>,
    pub(super) filesystems: Map<FsId, Fs>,
    pub(super) files: Map<FileId, OpenFile>,
    pub(super) pipes: Map<u32, Pipe>,
    /// How often a port opened or closed, or a server ended.
    pub(super) doors: u64,
    /// How often a program took much memory, gave it back, or filled a file.
    pub(super) bulk: u64,
    /// Containers in which a process has done something.
    pub(super) stirred: Vec<ContainerId>,
    last_id: u32,
    load: Load,
}

impl Kernel {
    /// A kernel without processes; `load` knows the programs.
    pub(super) fn new(load: Load) -> Self {
        Self {
            hostname: String::new(),
            catalogue: Catalogue::default(),
            clock: Instant::default(),
            sequence: 0,
            queue: Map::new(),
            happenings: Vec::new(),
            unread: Vec::new(),
            processes: Map::new(),
            pid_namespaces: Map::new(),
            networks: Map::new(),
            sandboxes: Map::new(),
            containers: Map::new(),
            execs: Map::new(),
            requests: Map::new(),
            filesystems: Map::new(),
            files: Map::new(),
            pipes: Map::new(),
            doors: 0,
            bulk: 0,
            stirred: Vec::new(),
            last_id: 0,
            load,
        }
    }

    /// A number that was never given before.
    pub(super) fn fresh(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// Lets a process run at a time, unless it will run before that anyway.
    pub(super) fn schedule(&mut self, pid: Pid, at: Instant) {
        let at = at.max(self.clock);
        self.sequence += 1;
        let key = (at, self.sequence);
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.zombie.is_some() {
            return;
        }
        if let Some(earlier) = process.wake {
            if earlier.0 <= at {
                return;
            }
            self.queue.remove(&earlier);
        }
        process.wake = Some(key);
        self.queue.insert(key, pid);
    }

    pub(super) fn wake(&mut self, pid: Pid) {
        self.schedule(pid, self.clock);
    }

    pub(super) fn next_wakeup(&self) -> Option<Instant> {
        if !self.happenings.is_empty() || !self.unread.is_empty() {
            return Some(self.clock);
        }
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn advance(&mut self, now: Instant) -> Vec<Happening> {
        while let Some((&key, &pid)) = self.queue.first_key_value() {
            if key.0 > now {
                break;
            }
            self.queue.remove(&key);
            self.clock = self.clock.max(key.0);
            self.run(pid);
        }
        self.clock = self.clock.max(now);
        self.tell_zombies();
        std::mem::take(&mut self.happenings)
    }

    /// Lets a process run until it waits.
    fn run(&mut self, pid: Pid) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.wake = None;
        if process.zombie.is_some() || process.stopped {
            return;
        }
        let container = process.container;
        let mut program = std::mem::take(&mut process.program);
        let step = program.as_mut().map_or(Step::Block(None), |program| program.step(self, pid));
        self.stir(container);
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.zombie.is_some() {
            return;
        }
        match step {
            Step::Replaced => {}
            Step::Exit(code) => self.exit(pid, code, 0),
            Step::Again(cost) => {
                process.program = program;
                if self.is_first(pid) {
                    self.announce(pid);
                }
                let at = self.clock + cost.max(Duration::from_micros(1)) + self.debt(pid);
                self.schedule(pid, at);
            }
            Step::Block(until) => {
                process.program = program;
                self.announce(pid);
                if let Some(until) = until {
                    // Whoever waits for a moment that has passed gets the next one: time goes on.
                    self.schedule(pid, until.max(self.clock + Duration::from_millis(1)));
                }
            }
        }
    }

    /// Remembers that something has happened in a container.
    fn stir(&mut self, container: Option<ContainerId>) {
        if let Some(id) = container.filter(|id| !self.stirred.contains(id)) {
            self.stirred.push(id);
        }
    }

    /// Takes steps from the allowance of a process's container.
    pub(super) fn charge(&mut self, pid: Pid, steps: i64) {
        let Some(id) = self.processes.get(&pid).and_then(|process| process.container) else {
            return;
        };
        let clock = self.clock;
        if let Some(container) = self.containers.get_mut(&id) {
            container.budget.spend(clock, steps);
            if container.budget.debt() > Duration::ZERO && !container.slowed {
                container.slowed = true;
                self.happenings.push(Happening::NotSimulated {
                    container: id,
                    what: "a loop that hardly rests: from here on it runs slower than it would"
                        .to_owned(),
                });
            }
        }
    }

    fn debt(&self, pid: Pid) -> Duration {
        self.container_of(pid).map_or(Duration::ZERO, |container| container.budget.debt())
    }

    pub(super) fn container_of(&self, pid: Pid) -> Option<&Container> {
        self.containers.get(&self.processes.get(&pid)?.container?)
    }

    pub(super) fn sandbox_of(&self, pid: Pid) -> Option<&Sandbox> {
        self.sandboxes.get(&self.processes.get(&pid)?.sandbox?)
    }

    /// Says once for a container that something cannot be judged.
    pub(super) fn not_simulated(&mut self, pid: Pid, what: &str) {
        let Some(id) = self.processes.get(&pid).and_then(|process| process.container) else {
            return;
        };
        if let Some(container) = self.containers.get_mut(&id)
            && container.told.insert(what.to_owned())
        {
            self.happenings.push(Happening::NotSimulated { container: id, what: what.to_owned() });
        }
    }

    /// The next PID of a namespace.
    pub(super) fn next_pid(&mut self, ns: u32) -> u32 {
        let namespace = self.pid_namespaces.entry(ns).or_default();
        namespace.last += 1;
        namespace.last
    }

    /// Adds a process that somebody outside starts: pause, a container's first, an exec.
    pub(super) fn add_process(&mut self, mut process: Process, threads: bool) -> Pid {
        let pid = self.next_pid(0);
        process.ns_pid = if process.pid_ns == 0 { pid } else { self.next_pid(process.pid_ns) };
        if threads && let Some(namespace) = self.pid_namespaces.get_mut(&process.pid_ns) {
            namespace.last += RUNC_THREADS - 1 + u32::from(process.ns_pid == 1);
        }
        if process.ns_pid == 1
            && let Some(namespace) = self.pid_namespaces.get_mut(&process.pid_ns)
        {
            namespace.init = Some(pid);
        }
        process.started = self.clock;
        self.processes.insert(pid, process);
        pid
    }

    /// Copies a process; the copy runs `program`.
    pub(super) fn fork(&mut self, parent: Pid, program: Option<Box<dyn Program>>) -> Option<Pid> {
        let original = self.processes.get(&parent)?;
        let container = original.container;
        let beside = self.processes.values().filter(|p| p.container == container).count();
        if beside >= MOST_PROCESSES {
            self.not_simulated(parent, "more than 300 processes in a container: fork fails");
            return None;
        }
        let original = self.processes.get(&parent)?;
        let copy = Process {
            parent: Some(parent),
            born_to: Some(parent),
            pid_ns: original.pid_ns,
            container: original.container,
            sandbox: original.sandbox,
            exec: original.exec,
            uid: original.uid,
            argv: original.argv.clone(),
            title: original.title.clone(),
            env: original.env.clone(),
            cwd: original.cwd.clone(),
            fds: original.fds.clone(),
            ignored: original.ignored,
            program,
            ..Process::default()
        };
        for file in copy.fds.values() {
            self.reference(*file);
        }
        self.charge(parent, START_COST);
        let pid = self.add_process(copy, false);
        let at = self.clock + FORK_AND_EXEC + self.debt(pid);
        self.schedule(pid, at);
        Some(pid)
    }

    /// Ends a process; `signal` is what ended it, or 0.
    pub(super) fn exit(&mut self, pid: Pid, code: i32, signal: i32) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.zombie.is_some() {
            return;
        }
        let code = code & 0xff;
        process.zombie = Some(code);
        process.killed = signal;
        let program = process.program.take();
        self.doors += u64::from(program.is_some_and(|program| program.serves()));
        process.pending.clear();
        let (fds, wake) = (std::mem::take(&mut process.fds), process.wake.take());
        let (container, exec, parent) = (process.container, process.exec, process.parent);
        let (ns, ns_pid) = (process.pid_ns, process.ns_pid);
        self.stir(container);
        if let Some(key) = wake {
            self.queue.remove(&key);
        }
        for file in fds.into_values() {
            self.release(file);
        }
        for network in self.networks.values_mut() {
            let before = network.listeners.len();
            network.listeners.retain(|_, owner| *owner != pid);
            self.doors += u64::from(network.listeners.len() != before);
        }
        self.requests.retain(|_, request| request.pid != pid);
        self.orphan_children(pid, ns);
        if ns != 0 && ns_pid == 1 {
            self.end_namespace(ns);
        }
        let first = container
            .is_some_and(|id| self.containers.get(&id).is_some_and(|c| c.init == Some(pid)));
        if let Some(id) = container.filter(|_| first) {
            self.container_ended(id, pid, code, signal);
        }
        if let Some(id) = exec
            && self.execs.get(&id).is_some_and(|exec| exec.pid == pid)
            && let Some(exec) = self.execs.remove(&id)
        {
            self.happenings.push(Happening::ExecFinished { exec: id, code, output: exec.output });
        }
        if first {
            // Its end is the container's, and told as such.
            self.processes.remove(&pid);
        } else {
            self.leave(pid, parent);
        }
    }

    /// A process that ended stays a zombie until its parent waits for it.
    fn leave(&mut self, pid: Pid, parent: Option<Pid>) {
        let alive = parent.and_then(|parent| self.processes.get(&parent));
        if alive.is_some_and(|process| process.zombie.is_none() && !process.reaps) {
            if !self.unread.contains(&pid)
                && self.processes.get(&pid).is_some_and(|process| !process.told_end)
            {
                self.unread.push(pid);
            }
        } else {
            self.gone(pid);
        }
        if let Some(parent) = parent {
            self.wake(parent);
        }
    }

    /// Children of a process that ends belong to their namespace's PID 1 from now on.
    fn orphan_children(&mut self, pid: Pid, ns: u32) {
        let heir = self
            .pid_namespaces
            .get(&ns)
            .and_then(|namespace| namespace.init)
            .filter(|init| *init != pid);
        let children: Vec<Pid> = self
            .processes
            .iter()
            .filter(|(_, process)| process.parent == Some(pid))
            .map(|(child, _)| *child)
            .collect();
        for child in children {
            let Some(process) = self.processes.get_mut(&child) else { continue };
            process.parent = heir;
            if process.zombie.is_some() {
                self.leave(child, heir);
            }
        }
    }

    /// PID 1 has ended: the kernel kills all others of its namespace.
    fn end_namespace(&mut self, ns: u32) {
        if let Some(namespace) = self.pid_namespaces.get_mut(&ns) {
            namespace.init = None;
        }
        let rest: Vec<Pid> = self
            .processes
            .iter()
            .filter(|(_, process)| process.pid_ns == ns && process.zombie.is_none())
            .map(|(pid, _)| *pid)
            .collect();
        for pid in rest {
            self.exit(pid, 128 + Signal::KILL.0, Signal::KILL.0);
        }
    }

    /// The first process has ended: the runtime kills what is left of the container's cgroup.
    fn container_ended(&mut self, id: ContainerId, first: Pid, code: i32, signal: i32) {
        let rest: Vec<Pid> = self
            .processes
            .iter()
            .filter(|(pid, process)| {
                process.container == Some(id) && **pid != first && process.zombie.is_none()
            })
            .map(|(pid, _)| *pid)
            .collect();
        for pid in rest {
            self.exit(pid, 128 + Signal::KILL.0, Signal::KILL.0);
        }
        self.flush(id);
        let termination_message = self.termination_message(id);
        let Some(container) = self.containers.get_mut(&id) else { return };
        container.init = None;
        let out_of_memory = container.out_of_memory;
        self.happenings.push(Happening::Exited {
            container: id,
            code,
            signal,
            out_of_memory,
            termination_message,
        });
    }

    /// What is left of a line when a container ends is a line too.
    fn flush(&mut self, id: ContainerId) {
        let Some(container) = self.containers.get_mut(&id) else { return };
        for stream in 0..2 {
            let line = std::mem::take(&mut container.partial[stream]);
            if !line.is_empty() {
                self.happenings.push(Happening::Output { container: id, line });
            }
        }
    }

    /// Text that a process writes to the container's log.
    pub(super) fn log(&mut self, pid: Pid, id: ContainerId, stream: usize, text: &str) {
        let mut lines = 0;
        if let Some(container) = self.containers.get_mut(&id) {
            container.logged += text.len() as i64;
            for piece in text.split_inclusive('\n') {
                container.partial[stream].push_str(piece);
                if piece.ends_with('\n') {
                    let mut line = std::mem::take(&mut container.partial[stream]);
                    line.truncate(line.trim_end_matches(['\n', '\r']).len());
                    self.happenings.push(Happening::Output { container: id, line });
                    lines += 1;
                }
            }
        }
        self.charge(pid, lines * LINE_COST);
    }

    /// A process by the number that another process knows it by.
    pub(super) fn by_number(&self, looker: Pid, number: u32) -> Option<Pid> {
        let ns = self.processes.get(&looker)?.pid_ns;
        self.processes
            .iter()
            .find(
                |(pid, p)| {
                    if ns == 0 { **pid == number } else { p.pid_ns == ns && p.ns_pid == number }
                },
            )
            .map(|(pid, _)| *pid)
    }

    /// The processes of the namespace that a process is in, in the order of their PIDs there.
    pub(super) fn visible(&self, ns: u32) -> Vec<Pid> {
        let mut pids: Vec<(u32, Pid)> = self
            .processes
            .iter()
            .filter(|(_, process)| ns == 0 || process.pid_ns == ns)
            .map(|(pid, process)| (if ns == 0 { *pid } else { process.ns_pid }, *pid))
            .collect();
        crate::order::sort(&mut pids);
        pids.into_iter().map(|(_, pid)| pid).collect()
    }

    /// Takes a child that has ended out of the table and gives its exit code.
    pub(super) fn reap(&mut self, parent: Pid, child: Pid) -> Option<i32> {
        let process = self.processes.get(&child)?;
        if process.parent != Some(parent) {
            return None;
        }
        let code = process.zombie?;
        self.gone(child);
        Some(code)
    }

    /// The children of a process that have ended, waited for all at once.
    pub(super) fn reap_all(&mut self, parent: Pid) -> Vec<(Pid, i32)> {
        let ended: Vec<(Pid, i32)> = self
            .processes
            .iter()
            .filter(|(_, process)| process.parent == Some(parent))
            .filter_map(|(pid, process)| process.zombie.map(|code| (*pid, code)))
            .collect();
        for (pid, _) in &ended {
            self.gone(*pid);
        }
        ended
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
            Some(program) => program.answer(self, pid, path, client),
            None => Answer::Connected,
        };
        if let Some(process) = self.processes.get_mut(&pid)
            && process.zombie.is_none()
        {
            process.program = program;
        }
        answer
    }
}
