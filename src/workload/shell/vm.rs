//! A shell that runs: one step of its code after the other, stopping where it has to wait.
//!
//! Owns: [`Vm`], control flow, forks and waiting. Does not own: builtin commands (`builtins`),
//! expansion (`expand`), or the process it runs in (`kernel`).

use std::collections::VecDeque;
use std::rc::Rc;

use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::workload::cri::Signal;
use crate::workload::kernel::process::{FileId, Pid, Read, Step};
use crate::workload::kernel::{Kernel, Program};
use crate::workload::shell::code::{Code, compile};

/// Steps that a shell runs at once, at most.
const SLICE: i64 = 200;

/// Functions that may call each other, at most; real shells end at their stack.
pub(super) const DEEPEST_CALL: usize = 200;

/// The descriptor that a shell reads the output of `$(…)` from.
pub(super) const CAPTURE: i32 = 63;

/// Which shell it is: they differ in what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::workload) enum Flavor {
    /// busybox.
    #[default]
    Ash,
    /// Debian's sh.
    Dash,
    /// bash, also as sh.
    Bash,
}

/// `set`'s options.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) exit: bool,
    pub(super) no_unset: bool,
    pub(super) trace: bool,
    pub(super) no_glob: bool,
    pub(super) pipe_fail: bool,
}

impl Options {
    pub(super) fn letters(&self) -> String {
        [(self.exit, 'e'), (self.no_glob, 'f'), (self.no_unset, 'u'), (self.trace, 'x')]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, letter)| *letter)
            .collect()
    }
}

/// A variable.
#[derive(Clone, Debug, Default)]
pub(super) struct Variable {
    pub(super) value: String,
    pub(super) exported: bool,
    pub(super) read_only: bool,
}

/// What a piece of code is run as.
#[derive(Clone, Debug)]
pub(super) enum FrameKind {
    Script,
    Eval,
    Source,
    Function { parameters: Vec<String>, locals: Vec<(String, Option<Variable>)> },
    Trap { status: i32 },
}

/// A loop that runs, and what to unwind when it is left.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) again: usize,
    pub(super) end: usize,
    pub(super) saves: usize,
    pub(super) cases: usize,
    pub(super) fors: usize,
    pub(super) condition: u32,
}

pub(super) type Saved = Vec<(i32, Option<FileId>)>;

/// Code that runs.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) code: Rc<Code>,
    pub(super) at: usize,
    pub(super) kind: FrameKind,
    pub(super) loops: Vec<Loop>,
    pub(super) cases: Vec<String>,
    pub(super) fors: Vec<VecDeque<String>>,
    pub(super) saves: Vec<Saved>,
    pub(super) condition: u32,
}

/// What the shell waits for.
#[derive(Clone, Debug, Default)]
pub(super) enum Waiting {
    #[default]
    Nothing,
    /// Its standard input has the script.
    Script,
    /// Nobody will ever type anything.
    Terminal,
    /// Foreground children, and how those that ended did.
    Children(Vec<(Pid, Option<i32>)>),
    /// The output of `$(…)`.
    Output { key: usize, child: Pid, text: String, ended: bool },
    /// The `wait` builtin; `all` waits for whatever there is.
    Jobs { pids: Vec<Pid>, all: bool },
}

/// A background child.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) pid: Pid,
    pub(super) number: u32,
    pub(super) code: Option<i32>,
}

/// What a step led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Block,
    Exit(i32),
    /// Another program runs in this process now, or it is dead.
    Gone,
}

/// A shell.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct Vm {
    pub(super) frames: Vec<Frame>,
    pub(super) variables: Map<String, Variable>,
    pub(super) parameters: Vec<String>,
    pub(super) name: String,
    pub(super) functions: Map<String, (Rc<Code>, usize)>,
    pub(super) traps: Map<i32, String>,
    pub(super) status: i32,
    pub(super) last_background: Option<u32>,
    pub(super) options: Options,
    pub(super) shell_pid: u32,
    pub(super) flavor: Flavor,
    pub(super) bash: bool,
    /// Results of `$(…)` and `$((…))` of the command that is being expanded.
    pub(super) results: Vec<(usize, String)>,
    pub(super) output_status: Option<i32>,
    pub(super) waiting: Waiting,
    pub(super) jobs: Vec<Job>,
    pub(super) condition: u32,
    pub(super) exiting: Option<i32>,
    interactive: bool,
}

impl Program for Vm {
    fn step(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let mut steps = 0;
        loop {
            if let Some(step) = self.between(kernel, pid) {
                kernel.charge(pid, steps);
                return step;
            }
            if steps >= SLICE {
                kernel.charge(pid, steps);
                return Step::Again(Duration::from_micros(steps));
            }
            steps += 1;
            let flow = self.one(kernel, pid);
            if kernel.processes.get(&pid).is_none_or(|process| process.zombie.is_some()) {
                return Step::Replaced;
            }
            match flow {
                Flow::Next => {}
                Flow::Block => {
                    kernel.charge(pid, steps);
                    return Step::Block(None);
                }
                Flow::Exit(code) => {
                    kernel.charge(pid, steps);
                    return Step::Exit(code);
                }
                Flow::Gone => return Step::Replaced,
            }
        }
    }
}

impl Vm {
    /// A shell that will run a script; `None` reads it from standard input.
    pub(in crate::workload) fn new(
        flavor: Flavor,
        name: &str,
        script: Option<(Rc<Code>, Vec<String>)>,
        env: &[(String, String)],
        (shell_pid, cwd): (u32, &str),
    ) -> Self {
        let mut vm = Self {
            flavor,
            bash: flavor == Flavor::Bash,
            name: name.to_owned(),
            shell_pid,
            ..Self::default()
        };
        for (key, value) in env {
            let variable = Variable { value: value.clone(), exported: true, ..Variable::default() };
            vm.variables.insert(key.clone(), variable);
        }
        let level: i64 = vm.variable("SHLVL").and_then(|text| text.parse().ok()).unwrap_or(0);
        vm.export("SHLVL", level.saturating_add(1).to_string());
        vm.export("PWD", cwd.to_owned());
        vm.assign("IFS", " \t\n".to_owned());
        match script {
            Some((code, parameters)) => {
                vm.parameters = parameters;
                vm.push_frame(code, 0, FrameKind::Script);
            }
            None => vm.waiting = Waiting::Script,
        }
        vm
    }

    /// Sets an option by its letter.
    pub(in crate::workload) fn set_option(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'e' => self.options.exit = on,
            'u' => self.options.no_unset = on,
            'x' => self.options.trace = on,
            'f' => self.options.no_glob = on,
            'i' => self.interactive = on,
            'a' | 'b' | 'h' | 'l' | 'm' | 'n' | 's' | 'v' | 'C' | 'B' | 'H' | 'P' | 'E' | 'T' => {}
            _ => return false,
        }
        true
    }

    pub(in crate::workload) fn set_pipe_fail(&mut self, on: bool) {
        self.options.pipe_fail = on;
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|variable| variable.value.clone())
    }

    pub(super) fn assign(&mut self, name: &str, value: String) {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if !variable.read_only {
            variable.value = value;
        }
    }

    pub(super) fn export(&mut self, name: &str, value: String) {
        self.assign(name, value);
        if let Some(variable) = self.variables.get_mut(name) {
            variable.exported = true;
        }
    }

    /// The environment of its children: as it came, then what was exported since.
    pub(super) fn environment(&self, kernel: &Kernel, pid: Pid) -> Vec<(String, String)> {
        let before = kernel.processes.get(&pid).map(|process| process.env.clone());
        let mut env: Vec<(String, String)> = before
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, _)| {
                let variable = self.variables.get(&name).filter(|variable| variable.exported)?;
                Some((name, variable.value.clone()))
            })
            .collect();
        for (name, variable) in &self.variables {
            if variable.exported && !env.iter().any(|(known, _)| known == name) {
                env.push((name.clone(), variable.value.clone()));
            }
        }
        env
    }

    pub(super) fn push_frame(&mut self, code: Rc<Code>, at: usize, kind: FrameKind) {
        self.frames.push(Frame {
            code,
            at,
            kind,
            loops: Vec::new(),
            cases: Vec::new(),
            fors: Vec::new(),
            saves: Vec::new(),
            condition: self.condition,
        });
    }

    /// Between two steps: children, signals. `Some` when it has to wait.
    pub(super) fn between(&mut self, kernel: &mut Kernel, pid: Pid) -> Option<Step> {
        if self.still_waits(kernel, pid) {
            return Some(Step::Block(None::<Instant>));
        }
        let signal = kernel.processes.get_mut(&pid).and_then(|p| p.pending.pop_front());
        if let Some(signal) = signal
            && let Some(action) = self.traps.get(&signal.0).cloned()
        {
            self.run_trap(kernel, pid, &action);
        }
        None
    }

    pub(super) fn run_trap(&mut self, kernel: &mut Kernel, pid: Pid, action: &str) {
        let status = self.status;
        match compile(action, false) {
            Ok(code) if self.frames.len() < DEEPEST_CALL => {
                self.push_frame(code, 0, FrameKind::Trap { status });
            }
            Ok(_) => {}
            Err(message) => self.complain(kernel, pid, &message),
        }
    }

    /// Looks at what it waits for; `false` when there is nothing to wait for any more.
    pub(super) fn still_waits(&mut self, kernel: &mut Kernel, pid: Pid) -> bool {
        if matches!(self.waiting, Waiting::Nothing) {
            return false;
        }
        let killed = self.death_notice(kernel, pid);
        let ended = kernel.reap_all(pid);
        if let Some(notice) = killed {
            let _ = kernel.write(pid, 2, &format!("{notice}\n"));
        }
        for (child, code) in &ended {
            if let Some(job) = self.jobs.iter_mut().find(|job| job.pid == *child) {
                job.code = Some(*code);
            }
        }
        let signal = kernel.processes.get(&pid).and_then(|p| p.pending.front().copied());
        match std::mem::take(&mut self.waiting) {
            Waiting::Nothing => false,
            Waiting::Terminal => {
                self.waiting = Waiting::Terminal;
                true
            }
            Waiting::Script => self.read_script(kernel, pid),
            Waiting::Children(mut children) => {
                for (child, code) in &mut children {
                    if let Some((_, end)) = ended.iter().find(|(ended, _)| ended == child) {
                        *code = Some(*end);
                    }
                    // Somebody else, such as a parent's SIGCHLD handler, took it away.
                    if code.is_none() && !kernel.processes.contains_key(child) {
                        *code = Some(0);
                    }
                }
                let codes: Option<Vec<i32>> = children.iter().map(|(_, code)| *code).collect();
                match codes {
                    Some(codes) => {
                        self.status = codes.last().copied().unwrap_or(0);
                        if self.options.pipe_fail
                            && let Some(failed) = codes.iter().rev().find(|code| **code != 0)
                        {
                            self.status = *failed;
                        }
                        false
                    }
                    None => {
                        self.waiting = Waiting::Children(children);
                        true
                    }
                }
            }
            Waiting::Output { key, child, mut text, ended: mut over } => {
                let mut all = false;
                loop {
                    match kernel.read(pid, CAPTURE, false) {
                        Read::Data(data) => text.push_str(&data),
                        Read::End => {
                            all = true;
                            break;
                        }
                        Read::Wait => break,
                    }
                }
                if let Some((_, code)) = ended.iter().find(|(pid, _)| *pid == child) {
                    over = true;
                    self.output_status = Some(*code);
                }
                if !(all && over) {
                    self.waiting = Waiting::Output { key, child, text, ended: over };
                    return true;
                }
                kernel.set_fd(pid, CAPTURE, None);
                text.truncate(text.trim_end_matches('\n').len());
                self.results.push((key, text));
                false
            }
            Waiting::Jobs { pids, all } => {
                let open = |job: &&Job| job.code.is_none() && (all || pids.contains(&job.pid));
                if self.jobs.iter().filter(open).count() == 0 {
                    self.status = match pids.last() {
                        Some(last) => self.job_status(*last),
                        None => 0,
                    };
                    if all {
                        self.jobs.clear();
                    }
                    return false;
                }
                if let Some(Signal(number)) = signal {
                    self.status = 128 + number;
                    return false;
                }
                self.waiting = Waiting::Jobs { pids, all };
                true
            }
        }
    }

    pub(super) fn job_status(&self, pid: Pid) -> i32 {
        self.jobs.iter().find(|job| job.pid == pid).and_then(|job| job.code).unwrap_or(127)
    }

    /// A shell without a script reads it from its standard input.
    pub(super) fn read_script(&mut self, kernel: &mut Kernel, pid: Pid) -> bool {
        if kernel.is_terminal(pid, 0) {
            // An interactive shell does not end on SIGTERM and takes SIGINT for itself.
            if let Some(process) = kernel.processes.get_mut(&pid) {
                process.ignored |= (1 << 15) | (1 << 2) | (1 << 3);
            }
            self.waiting = Waiting::Terminal;
            return true;
        }
        let mut script = self.variable("\0script").unwrap_or_default();
        loop {
            match kernel.read(pid, 0, false) {
                Read::Data(data) => script.push_str(&data),
                Read::End => break,
                Read::Wait => {
                    self.assign("\0script", script);
                    self.waiting = Waiting::Script;
                    return true;
                }
            }
        }
        self.variables.remove("\0script");
        match compile(&script, true) {
            Ok(code) => self.push_frame(code, 0, FrameKind::Script),
            Err(message) => {
                self.complain(kernel, pid, &message);
                self.status = 2;
            }
        }
        false
    }

    /// Says something on stderr as this shell does.
    pub(super) fn complain(&self, kernel: &mut Kernel, pid: Pid, message: &str) {
        let line = match self.flavor {
            Flavor::Ash => String::new(),
            Flavor::Dash => "1: ".to_owned(),
            Flavor::Bash => "line 1: ".to_owned(),
        };
        let _ = kernel.write(pid, 2, &format!("{}: {line}{message}\n", self.name));
    }

    /// What a shell writes when a signal ended a child for which it waits.
    ///
    /// Models busybox shell/ash.c getstatus and showjob; dash writes the same.
    fn death_notice(&self, kernel: &Kernel, pid: Pid) -> Option<&'static str> {
        let Waiting::Children(children) = &self.waiting else { return None };
        if self.flavor == Flavor::Bash || children.len() != 1 {
            return None;
        }
        let child = kernel.processes.get(&children.first()?.0)?;
        if child.zombie.is_none() || child.parent != Some(pid) {
            return None;
        }
        Some(match Signal(child.killed) {
            Signal(1) => "Hangup",
            Signal(3) => "Quit",
            Signal(4) => "Illegal instruction",
            Signal(6) => "Aborted",
            Signal(8) => "Floating point exception",
            Signal::KILL => "Killed",
            Signal(10) => "User defined signal 1",
            Signal(11) => "Segmentation fault",
            Signal(12) => "User defined signal 2",
            Signal(14) => "Alarm clock",
            Signal::TERM => "Terminated",
            _ => return None,
        })
    }

    /// Ends the shell, after its EXIT trap.
    pub(super) fn end(&mut self, kernel: &mut Kernel, pid: Pid, code: i32) -> Flow {
        match self.traps.remove(&0) {
            Some(action) if !action.is_empty() => {
                self.frames.clear();
                self.exiting = Some(code);
                self.status = code;
                self.run_trap(kernel, pid, &action);
                Flow::Next
            }
            _ => Flow::Exit(code),
        }
    }

    /// What a fork of this shell runs.
    pub(super) fn copy(&self) -> Self {
        let mut copy = self.clone();
        copy.traps.retain(|_, action| action.is_empty());
        copy.jobs.clear();
        copy.results.clear();
        copy.waiting = Waiting::Nothing;
        copy.exiting = None;
        copy.interactive = false;
        copy
    }

    pub(super) fn fork_at(&self, kernel: &mut Kernel, pid: Pid, at: usize) -> Option<Pid> {
        let mut copy = self.copy();
        let mut frame = copy.frames.pop()?;
        frame.at = at;
        frame.saves.clear();
        frame.kind = FrameKind::Script;
        copy.frames = vec![frame];
        for entry in copy.frames.iter_mut().flat_map(|frame| frame.loops.iter_mut()) {
            entry.saves = 0;
        }
        kernel.fork(pid, Some(Box::new(copy)))
    }

    pub(super) fn add_job(&mut self, kernel: &Kernel, child: Pid) {
        let number = kernel.processes.get(&child).map_or(0, |process| process.ns_pid);
        self.last_background = Some(number);
        self.jobs.push(Job { pid: child, number, code: None });
    }

    pub(super) fn pipeline(&mut self, kernel: &mut Kernel, pid: Pid, parts: &[usize]) -> Flow {
        let mut children = Vec::new();
        let mut input: Option<FileId> = None;
        for (index, start) in parts.iter().enumerate() {
            let Some(child) = self.fork_at(kernel, pid, *start) else {
                if let Some(read) = input {
                    kernel.release(read);
                }
                return self.cannot_fork(kernel, pid);
            };
            if let Some(read) = input.take() {
                kernel.set_fd(child, 0, Some(read));
            }
            if index + 1 < parts.len() {
                let (read, write) = kernel.pipe();
                kernel.set_fd(child, 1, Some(write));
                input = Some(read);
            }
            children.push((child, None));
        }
        self.waiting = Waiting::Children(children);
        Flow::Next
    }

    /// There are too many processes already; shells give up then.
    pub(super) fn cannot_fork(&mut self, kernel: &mut Kernel, pid: Pid) -> Flow {
        self.complain(kernel, pid, "can't fork: Resource temporarily unavailable");
        self.end(kernel, pid, 2)
    }
}
