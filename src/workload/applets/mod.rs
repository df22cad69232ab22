//! Small programs: what busybox and the GNU tools do, as far as Pods' scripts use them.
//!
//! Owns: [`Task`], such a program while it runs. Does not own: shells, or programs that serve.

mod disk;
mod filter;
mod hogs;
mod net;
mod python;
mod sed;
pub(super) mod system;
mod text;

use std::collections::VecDeque;

use crate::time::{Duration, Instant};
use crate::workload::applets::filter::Filter;
use crate::workload::applets::net::Net;
use crate::workload::cri::Signal;
use crate::workload::kernel::process::{Pid, Read, Step};
use crate::workload::kernel::{Kernel, Program};

/// A small program that runs.
#[derive(Clone, Debug)]
pub(super) struct Task {
    name: &'static str,
    state: State,
    /// What it read of its standard input.
    input: String,
    /// Bytes of memory that it holds.
    memory: i64,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Ending(i32),
    /// Until then, or for ever.
    Sleep(Option<Instant>),
    /// Line after line of standard input.
    Filter(Box<Filter>),
    /// All of standard input first.
    Slurp,
    /// `tail -f`.
    Follow {
        path: String,
        seen: usize,
    },
    Yes(String),
    /// Commands one after the other, each as a child.
    Commands {
        queue: VecDeque<Vec<String>>,
        child: Option<Pid>,
        until: Option<Instant>,
        /// What `timeout` sends; afterwards nothing.
        signal: Option<Signal>,
        code: i32,
    },
    Net(Box<Net>),
    /// What a program of an interpreter does, one after the other.
    Deeds(VecDeque<python::Deed>),
    /// The recordings' maker of zombies.
    Zombies(bool),
}

/// How often `tail -f` looks.
const FOLLOW: Duration = Duration::from_secs(1);

/// What a program prints and how it ends.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i32,
}

impl Done {
    pub(super) fn out(text: impl Into<String>) -> Self {
        Self { out: text.into(), ..Self::default() }
    }

    pub(super) fn failed(name: &str, problem: &str, code: i32) -> Self {
        Self { err: format!("{name}: {problem}\n"), code, ..Self::default() }
    }

    pub(super) fn complain(&mut self, name: &str, problem: &str) {
        self.err += &format!("{name}: {problem}\n");
        self.code = 1;
    }
}

impl Task {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, state: State::Start, input: String::new(), memory: 0 }
    }

    /// A program that has ended already.
    pub(super) fn ending(code: i32) -> Self {
        Self { name: "", state: State::Ending(code), input: String::new(), memory: 0 }
    }

    fn argv(kernel: &Kernel, pid: Pid) -> Vec<String> {
        kernel.processes.get(&pid).map(|process| process.argv.clone()).unwrap_or_default()
    }

    fn start(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let argv = Self::argv(kernel, pid);
        let args = argv.get(1..).unwrap_or(&[]);
        let name = self.name;
        match name {
            "sleep" | "usleep" => return self.sleep(kernel, pid, args),
            "yes" => {
                let word = if args.is_empty() { "y".to_owned() } else { args.join(" ") };
                self.state = State::Yes(format!("{word}\n"));
                return Step::Again(Duration::ZERO);
            }
            // It looks for the end of a line for ever and keeps all that it read.
            "tail" | "sort" | "tac" if args.iter().any(|arg| arg == "/dev/zero") => {
                return self.swallow(kernel, pid);
            }
            "tail"
                if args.iter().any(|a| {
                    a == "-f"
                        || a == "-F"
                        || (a.starts_with('-') && a.ends_with('f') && a.len() > 2)
                }) =>
            {
                return self.follow(kernel, pid, args);
            }
            "timeout" | "time" | "watch" => return self.run_one(kernel, pid, args),
            "xargs" => {
                self.state = State::Slurp;
                return Step::Again(Duration::ZERO);
            }
            "zombie" => {
                self.state = State::Zombies(false);
                return Step::Again(Duration::ZERO);
            }
            "wget"
            | "curl"
            | "nc"
            | "nslookup"
            | "ping"
            | "telnet"
            | "dig"
            | "redis-cli"
            | "pg_isready"
            | "mysqladmin"
            | "mongosh"
            | "mongo"
            | "healthcheck.sh"
            | "rabbitmq-diagnostics" => {
                return match Net::new(kernel, pid, name, args) {
                    Ok(net) => {
                        self.state = State::Net(Box::new(net));
                        Step::Again(Duration::ZERO)
                    }
                    Err(done) => finish(kernel, pid, done),
                };
            }
            "top" | "vi" | "less" | "more" if kernel.is_terminal(pid, 1) => {
                self.state = State::Sleep(None);
                return Step::Again(Duration::ZERO);
            }
            "podcli" | "mysql" | "psql" => {
                return match Net::new(kernel, pid, name, args) {
                    Ok(net) => {
                        self.state = State::Net(Box::new(net));
                        Step::Again(Duration::ZERO)
                    }
                    Err(done) => finish(kernel, pid, done),
                };
            }
            "dd" if args.iter().any(|arg| arg == "if=/dev/zero" || arg == "if=/dev/urandom") => {
                return self.dd(kernel, pid, args);
            }
            "stress" | "stress-ng" => return self.stress(kernel, pid, args),
            "head"
                if args.iter().any(|arg| matches!(arg.as_str(), "/dev/zero" | "/dev/urandom")) =>
            {
                let after = args.iter().skip_while(|arg| *arg != "-c").nth(1);
                let inline = args.iter().find_map(|arg| arg.strip_prefix("-c"));
                let wanted = after.map(String::as_str).or(inline).and_then(system::bytes);
                kernel.pour(pid, 1, wanted.unwrap_or(0));
                return finish(kernel, pid, Done::default());
            }
            "nginx" => {
                let done = system::nginx(kernel, pid, args);
                return finish(kernel, pid, done);
            }
            _ => {}
        }
        if let Some(filter) = Filter::new(name, args) {
            return self.filter(kernel, pid, filter);
        }
        if text::wants_input(name, args) {
            self.state = State::Slurp;
            return Step::Again(Duration::ZERO);
        }
        let done = disk::run(kernel, pid, name, args)
            .or_else(|| system::run(kernel, pid, name, args))
            .or_else(|| text::run(kernel, pid, name, args, None));
        match done {
            Some(done) => finish(kernel, pid, done),
            None => self.unknown(kernel, pid, args),
        }
    }

    /// A program whose work cannot be judged: says so, and does the most likely.
    fn unknown(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let line = Self::argv(kernel, pid).join(" ");
        let interpreter =
            matches!(self.name, "python3" | "python" | "node" | "perl" | "php" | "irb" | "jshell");
        if interpreter && args.is_empty() {
            // Without a program and without a terminal they read the end of their input at once.
            if kernel.is_terminal(pid, 0) {
                self.state = State::Sleep(None);
                return Step::Again(Duration::ZERO);
            }
            return Step::Exit(0);
        }
        if let Some(digits) =
            args.iter().find_map(|arg| arg.strip_prefix("print bpi(")?.strip_suffix(')'))
            && let Ok(digits) = digits.parse()
        {
            // The example Job of the Kubernetes documentation.
            return finish(kernel, pid, Done::out(text::pi(digits) + "\n"));
        }
        if self.name.starts_with("python")
            && let Some(code) = args.iter().skip_while(|arg| *arg != "-c").nth(1)
        {
            let process = kernel.processes.get(&pid);
            let known = |name: &str| Some(process?.variable(name)?.to_owned());
            if let Some(deeds) = python::run(code, &known) {
                self.state = State::Deeds(deeds.into());
                return Step::Again(Duration::ZERO);
            }
        }
        if let Some(code) = args.iter().find_map(|arg| {
            let arg = arg
                .trim()
                .strip_prefix("import sys")
                .unwrap_or(arg)
                .trim_start_matches([';', ' ', '\n']);
            let code = arg
                .strip_prefix("sys.exit(")
                .or(arg.strip_prefix("exit("))
                .or(arg.strip_prefix("process.exit("))?;
            code.trim_end_matches([')', ';', ' ', '\n']).parse::<i32>().ok()
        }) {
            return Step::Exit(code);
        }
        if args.iter().any(|arg| matches!(arg.as_str(), "--version" | "-v" | "-V" | "version")) {
            let done = Done::out(format!("{} 1.0.0\n", self.name));
            return finish(kernel, pid, done);
        }
        kernel.not_simulated(pid, &format!("{line}: not simulated; taken to succeed"));
        Step::Exit(0)
    }

    fn filter(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        filter: Result<(Filter, Vec<String>), String>,
    ) -> Step {
        let (mut filter, files) = match filter {
            Ok(parts) => parts,
            Err(problem) => {
                return finish(kernel, pid, Done::failed(self.name, &problem, 2));
            }
        };
        if files.is_empty() {
            self.state = State::Filter(Box::new(filter));
            return Step::Again(Duration::ZERO);
        }
        let mut done = Done::default();
        for file in &files {
            let text = if file == "-" { Ok(String::new()) } else { kernel.read_file(pid, file) };
            match text {
                Ok(text) => {
                    filter.begin_file(file, files.len());
                    for line in text.split_inclusive('\n') {
                        if filter.is_done() {
                            break;
                        }
                        done.out += &filter.feed(kernel, pid, line);
                    }
                    done.out += &filter.end_file();
                    if let Some((file, text)) = filter.take_edit() {
                        let content = crate::workload::fs::Content::File(text);
                        let _ = kernel.put(pid, &file, content);
                    }
                }
                Err(errno) => {
                    let problem =
                        if kernel.is_busybox(pid) && self.name != "grep" && self.name != "sed" {
                            format!("can't open '{file}': {}", errno.text())
                        } else {
                            format!("{file}: {}", errno.text())
                        };
                    done.complain(self.name, &problem);
                }
            }
        }
        done.out += &filter.finish();
        let failed = done.code;
        done.code = if failed != 0 && self.name == "grep" { 2 } else { failed.max(filter.code()) };
        finish(kernel, pid, done)
    }

    fn sleep(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let mut total = Duration::ZERO;
        if args.is_empty() {
            return finish(kernel, pid, Done::failed("sleep", "missing operand", 1));
        }
        for arg in args.iter().filter(|arg| *arg != "--") {
            if matches!(arg.as_str(), "infinity" | "inf") {
                self.state = State::Sleep(None);
                return Step::Block(None);
            }
            match seconds(arg) {
                Some(duration) if self.name == "usleep" => {
                    total += Duration::from_micros(duration.as_secs());
                }
                Some(duration) => total += duration,
                None => {
                    let problem = if kernel.is_busybox(pid) {
                        format!("invalid number '{arg}'")
                    } else {
                        format!("invalid time interval '{arg}'")
                    };
                    return finish(kernel, pid, Done::failed("sleep", &problem, 1));
                }
            }
        }
        let until = kernel.clock + total;
        self.state = State::Sleep(Some(until));
        Step::Block(Some(until))
    }

    fn follow(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let mut lines = 10usize;
        let mut path = None;
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-n" => {
                    lines = rest
                        .next()
                        .and_then(|n| n.trim_start_matches('+').parse().ok())
                        .unwrap_or(10)
                }
                flag if flag.starts_with('-') && flag.len() > 1 => {
                    let digits: String = flag.chars().filter(char::is_ascii_digit).collect();
                    lines = digits.parse().unwrap_or(lines);
                }
                file => path = path.or(Some(file.to_owned())),
            }
        }
        let Some(path) = path else {
            self.state = State::Slurp;
            return Step::Again(Duration::ZERO);
        };
        if path == "/dev/null" || path == "/dev/stdout" || path == "/dev/stderr" {
            self.state = State::Sleep(None);
            return Step::Block(None);
        }
        let text = match kernel.read_file(pid, &path) {
            Ok(text) => text,
            Err(errno) if args.iter().any(|arg| arg == "-F") => {
                let _ = kernel.write(pid, 2, &format!("tail: {path}: {}\n", errno.text()));
                String::new()
            }
            Err(errno) => {
                let problem = format!("can't open '{path}': {}", errno.text());
                return finish(kernel, pid, Done::failed("tail", &problem, 1));
            }
        };
        let out = text::last_lines(&text, lines);
        self.state = State::Follow { path, seen: text.len() };
        match put(kernel, pid, &out) {
            Err(step) => step,
            Ok(()) => Step::Block(Some(kernel.clock + FOLLOW)),
        }
    }

    /// `timeout 5 program …`, `time program …`.
    fn run_one(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Step {
        let mut at = 0;
        let (mut limit, mut signal) = (None, Signal::TERM);
        while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
            match arg.as_str() {
                "-t" if self.name == "timeout" => {
                    at += 1;
                    limit = args.get(at).and_then(|arg| seconds(arg));
                }
                "-s" => {
                    at += 1;
                    signal = args.get(at).and_then(|name| Signal::parse(name)).unwrap_or(signal);
                }
                "-k" | "-n" => at += 1,
                _ => {}
            }
            at += 1;
        }
        if self.name == "timeout" && limit.is_none() {
            limit = args.get(at).and_then(|arg| seconds(arg));
            at += 1;
            if limit.is_none() {
                return finish(kernel, pid, Done::failed("timeout", "invalid number", 125));
            }
        }
        let Some(command) = args.get(at..).filter(|rest| !rest.is_empty()) else {
            return finish(kernel, pid, Done::failed(self.name, "missing operand", 125));
        };
        self.state = State::Commands {
            queue: VecDeque::from([command.to_vec()]),
            child: None,
            until: limit.filter(|limit| *limit > Duration::ZERO).map(|limit| kernel.clock + limit),
            signal: Some(signal),
            code: 0,
        };
        Step::Again(Duration::ZERO)
    }

    fn commands(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let name = self.name;
        let State::Commands { queue, child, until, signal, code } = &mut self.state else {
            return Step::Exit(0);
        };
        while let Some(signal) = kernel.processes.get_mut(&pid).and_then(|p| p.pending.pop_front())
        {
            if let Some(child) = *child {
                kernel.signal_from(pid, child, signal);
            }
        }
        if let Some(running) = *child {
            let by = kernel.processes.get(&running).map_or(0, |child| child.killed);
            let ended = kernel.reap_all(pid);
            match ended.iter().find(|(ended, _)| *ended == running) {
                Some((_, status)) => {
                    *child = None;
                    let late = name == "timeout" && signal.is_none();
                    if late && by != 0 && kernel.is_busybox(pid) {
                        kernel.exit(pid, *status, by);
                        return Step::Exit(*status);
                    }
                    *code = match (name, *status) {
                        ("xargs", 0) => *code,
                        ("xargs", 126 | 127) => *status,
                        ("xargs", _) => 123,
                        // busybox becomes the command and is asked by a child of its own;
                        // coreutils stays above it and has a code for this.
                        (_, status) if late && (status == 137 || kernel.is_busybox(pid)) => status,
                        (_, _) if late => 124,
                        (_, status) => status,
                    };
                }
                None => {
                    if let Some(at) = *until
                        && at <= kernel.clock
                    {
                        *until = None;
                        kernel.signal_from(pid, running, signal.take().unwrap_or(Signal::TERM));
                        return Step::Again(Duration::ZERO);
                    }
                    return Step::Block(*until);
                }
            }
        }
        let Some(argv) = queue.pop_front() else { return Step::Exit(*code) };
        let command = argv.first().cloned().unwrap_or_default();
        let Some(new) = kernel.fork(pid, None) else { return Step::Exit(1) };
        match kernel.execute(new, argv, None) {
            Ok(()) => *child = Some(new),
            Err(errno) => {
                let text = match name {
                    "xargs" => format!("xargs: {command}: {}\n", errno.text()),
                    name if kernel.is_busybox(pid) => {
                        format!("{name}: can't execute '{command}': {}\n", errno.text())
                    }
                    name => {
                        format!("{name}: failed to run command '{command}': {}\n", errno.text())
                    }
                };
                let _ = kernel.write(pid, 2, &text);
                kernel.exit(new, 127, 0);
                kernel.reap(pid, new);
                return Step::Exit(127);
            }
        }
        Step::Block(*until)
    }

    fn with_input(&mut self, kernel: &mut Kernel, pid: Pid, input: &str) -> Step {
        let argv = Self::argv(kernel, pid);
        let args = argv.get(1..).unwrap_or(&[]);
        if self.name == "xargs" {
            self.state = State::Commands {
                queue: text::xargs(args, input),
                child: None,
                until: None,
                signal: None,
                code: 0,
            };
            return Step::Again(Duration::ZERO);
        }
        match text::run(kernel, pid, self.name, args, Some(input)) {
            Some(done) => finish(kernel, pid, done),
            None => self.unknown(kernel, pid, args),
        }
    }

    /// Makes a child that ends, and one whose parent ends before it; waits for neither.
    ///
    /// Recorded on Kubernetes 1.36.2: a PID 1 that does not wait keeps both as zombies; with a
    /// shared PID namespace pause reaps the orphan.
    fn zombies(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        if matches!(self.state, State::Zombies(false)) {
            self.state = State::Zombies(true);
            if let Some(middle) = kernel.fork(pid, None)
                && let Some(inner) = kernel.fork(middle, None)
            {
                kernel.exit(middle, 0, 0);
                kernel.exit(inner, 0, 0);
            }
        }
        Step::Block(None)
    }
}

impl Program for Task {
    fn step(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        match &mut self.state {
            State::Start => self.start(kernel, pid),
            State::Ending(code) => Step::Exit(*code),
            State::Sleep(until) => match until {
                Some(at) if *at <= kernel.clock => Step::Exit(0),
                until => Step::Block(*until),
            },
            State::Filter(filter) => loop {
                match kernel.read(pid, 0, true) {
                    Read::Wait => return Step::Block(None),
                    Read::Data(line) => {
                        let out = filter.feed(kernel, pid, &line);
                        if let Err(step) = put(kernel, pid, &out) {
                            return step;
                        }
                        if filter.is_done() {
                            return Step::Exit(filter.code());
                        }
                    }
                    Read::End => {
                        let out = filter.finish();
                        if let Err(step) = put(kernel, pid, &out) {
                            return step;
                        }
                        return Step::Exit(filter.code());
                    }
                }
            },
            State::Slurp => loop {
                match kernel.read(pid, 0, false) {
                    Read::Wait => return Step::Block(None),
                    Read::Data(data) => self.input.push_str(&data),
                    Read::End => {
                        let input = std::mem::take(&mut self.input);
                        return self.with_input(kernel, pid, &input);
                    }
                }
            },
            State::Follow { path, seen } => {
                let text = kernel.read_file(pid, path).unwrap_or_default();
                if text.len() < *seen {
                    *seen = 0;
                }
                let new = text.get(*seen..).unwrap_or("").to_owned();
                *seen = text.len();
                match put(kernel, pid, &new) {
                    Err(step) => step,
                    Ok(()) => Step::Block(Some(kernel.clock + FOLLOW)),
                }
            }
            State::Yes(line) => {
                if kernel.unread(pid, 1) > 65_536 {
                    return Step::Block(None);
                }
                let line = line.clone();
                match put(kernel, pid, &line.repeat(64)) {
                    Err(step) => step,
                    Ok(()) => Step::Again(Duration::from_micros(100)),
                }
            }
            State::Commands { .. } => self.commands(kernel, pid),
            State::Net(net) => net.step(kernel, pid),
            State::Deeds(deeds) => loop {
                match deeds.pop_front() {
                    Some(python::Deed::Print(text)) => {
                        if let Err(step) = put(kernel, pid, &text) {
                            return step;
                        }
                    }
                    Some(python::Deed::Sleep(duration)) => {
                        return Step::Block(Some(kernel.clock + duration));
                    }
                    Some(python::Deed::Exit(code)) => return Step::Exit(code),
                    None => return Step::Exit(0),
                }
            },
            State::Zombies(_) => self.zombies(kernel, pid),
        }
    }

    fn dispositions(&self) -> (u64, u64, bool) {
        match self.name {
            // Passes on to its child what it gets.
            "timeout" => ((1 << 15) | (1 << 2) | (1 << 1) | (1 << 3), 0, false),
            "top" | "watch" => (1 << 2, 0, false),
            _ => (0, 0, false),
        }
    }

    fn memory(&self, _now: Instant) -> Option<i64> {
        (self.memory > 0).then_some(self.memory)
    }
}

/// Writes what a program has to say and ends it.
fn finish(kernel: &mut Kernel, pid: Pid, done: Done) -> Step {
    let _ = kernel.write(pid, 2, &done.err);
    match put(kernel, pid, &done.out) {
        Ok(()) => Step::Exit(done.code),
        Err(step) => step,
    }
}

/// Writes to stdout; a pipe that nobody reads ends the program.
fn put(kernel: &mut Kernel, pid: Pid, text: &str) -> Result<(), Step> {
    match kernel.write(pid, 1, text) {
        Ok(()) => Ok(()),
        Err(_) => {
            kernel.exit(pid, 128 + 13, 13);
            Err(Step::Replaced)
        }
    }
}

/// `5`, `0.5`, `2m`: a time as sleep reads it.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let (number, unit) = match text.char_indices().last()? {
        (at, 's') => (&text[..at], 1),
        (at, 'm') => (&text[..at], 60),
        (at, 'h') => (&text[..at], 3_600),
        (at, 'd') => (&text[..at], 86_400),
        _ => (text, 1),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    Duration::parse(&format!("{number}s")).map(|duration| duration * unit)
}
