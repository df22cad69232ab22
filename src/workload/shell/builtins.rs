//! Commands that the shell runs itself.
//!
//! Owns: what they do to the shell. Does not own: echo, printf, test and kill as such, which are
//! programs too (`applets`, `test`).

use crate::workload::applets;
use crate::workload::cri::Signal;
use crate::workload::fs::normal;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{Pid, Read};
use crate::workload::posix::print;
use crate::workload::posix::test::test;
use crate::workload::shell::code::compile;
use crate::workload::shell::command::restore;
use crate::workload::shell::vm::{Flavor, Flow, FrameKind, Saved, Variable, Vm, Waiting};

const BUILTINS: [&str; 43] = [
    ".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "echo", "eval",
    "exec", "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "let", "local",
    "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times",
    "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "wait", "declare", "typeset",
];

impl Vm {
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        let only_bash = matches!(name, "source" | "let" | "builtin" | "declare" | "typeset");
        BUILTINS.contains(&name) && !(only_bash && self.flavor == Flavor::Dash)
    }

    pub(super) fn run_builtin(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        words: &[String],
        assignments: Vec<(String, String)>,
        saved: Saved,
    ) -> Flow {
        let args = &words[1..];
        let name = words[0].as_str();
        if name == "exec" {
            return self.exec(kernel, pid, args, assignments, saved);
        }
        // Assignments before a builtin hold while it runs: `IFS=: read a b`.
        let before: Vec<(String, Option<Variable>)> = assignments
            .iter()
            .map(|(name, _)| (name.clone(), self.variables.get(name).cloned()))
            .collect();
        for (name, value) in assignments {
            self.assign(&name, value);
        }
        let flow = match name {
            "eval" | "." | "source" | "return" | "exit" | "break" | "continue" => {
                let flow = self.control(kernel, pid, name, args);
                // What eval runs is redirected too: its frame puts the descriptors back.
                restore_later(self, kernel, pid, saved);
                return flow;
            }
            "command" | "builtin" if args.first().is_some_and(|arg| !arg.starts_with('-')) => {
                restore(kernel, pid, saved);
                return self.command(kernel, pid, args);
            }
            "read" => self.read(kernel, pid, args),
            "wait" => {
                self.advance();
                self.wait(kernel, pid, args);
                restore(kernel, pid, saved);
                return Flow::Next;
            }
            _ => self.plain(kernel, pid, name, args),
        };
        restore(kernel, pid, saved);
        for (name, variable) in before {
            match variable {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
        if flow == Flow::Next {
            self.advance();
        }
        flow
    }

    /// `command foo`: without looking at functions.
    fn command(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Flow {
        if self.is_builtin(&args[0]) {
            return self.run_builtin(kernel, pid, args, Vec::new(), Saved::new());
        }
        self.advance();
        let Some(child) = kernel.fork(pid, None) else {
            return self.cannot_fork(kernel, pid);
        };
        match kernel.execute(child, args.to_vec(), Some(self.environment(kernel, pid))) {
            Ok(()) => self.waiting = Waiting::Children(vec![(child, None)]),
            Err(errno) => {
                let (message, code) = self.cannot_run(&args[0], errno);
                self.complain(kernel, child, &message);
                kernel.exit(child, code, 0);
                kernel.reap(pid, child);
                self.status = code;
            }
        }
        Flow::Next
    }

    fn exec(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        args: &[String],
        assignments: Vec<(String, String)>,
        saved: Saved,
    ) -> Flow {
        for (_, file) in saved {
            if let Some(file) = file {
                kernel.release(file);
            }
        }
        let Some(name) = args.first() else {
            self.status = 0;
            self.advance();
            return Flow::Next;
        };
        let mut env = self.environment(kernel, pid);
        for (name, value) in assignments {
            env.retain(|(known, _)| *known != name);
            env.push((name, value));
        }
        match kernel.execute(pid, args.to_vec(), Some(env)) {
            Ok(()) => Flow::Gone,
            Err(errno) => {
                let (message, code) = self.cannot_run(name, errno);
                self.complain(kernel, pid, &message);
                self.end(kernel, pid, code)
            }
        }
    }

    fn control(&mut self, kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Flow {
        let number = args.first().and_then(|arg| arg.parse::<i32>().ok());
        match name {
            "exit" => {
                if !args.is_empty() && number.is_none() {
                    self.complain(kernel, pid, &format!("exit: Illegal number: {}", args[0]));
                    return self.end(kernel, pid, 2);
                }
                let code = number.unwrap_or(self.status) & 0xff;
                self.end(kernel, pid, code)
            }
            "return" => {
                self.status = number.unwrap_or(self.status) & 0xff;
                let known = self
                    .frames
                    .iter()
                    .any(|f| matches!(f.kind, FrameKind::Function { .. } | FrameKind::Source));
                if !known {
                    // Outside of functions it ends the script.
                    return self.end(kernel, pid, self.status);
                }
                loop {
                    let inner = self.frames.last().map(|frame| {
                        matches!(frame.kind, FrameKind::Function { .. } | FrameKind::Source)
                    });
                    let status = self.status;
                    self.pop_frame(kernel, pid);
                    self.status = status;
                    if inner != Some(false) {
                        return Flow::Next;
                    }
                }
            }
            "break" | "continue" => {
                self.status = 0;
                let levels = number.unwrap_or(1).max(1) as usize;
                self.leave_loop(kernel, pid, levels, name == "continue");
                Flow::Next
            }
            _ => {
                self.advance();
                let (script, kind) = if name == "eval" {
                    (args.join(" "), FrameKind::Eval)
                } else {
                    let path = args.first().cloned().unwrap_or_default();
                    match kernel.read_file(pid, &path) {
                        Ok(text) => (text, FrameKind::Source),
                        Err(_) => {
                            let message = match self.flavor {
                                Flavor::Ash => format!(
                                    "{name}: can't open '{path}': No such file or directory"
                                ),
                                Flavor::Dash => format!("{name}: cannot open {path}: No such file"),
                                Flavor::Bash => format!("{path}: No such file or directory"),
                            };
                            self.complain(kernel, pid, &message);
                            self.status = 1;
                            // A special builtin that fails ends a POSIX shell.
                            if self.flavor != Flavor::Bash {
                                return self.end(kernel, pid, 2);
                            }
                            return Flow::Next;
                        }
                    }
                };
                if self.frames.len() > 100 {
                    self.complain(kernel, pid, "nested too deeply");
                    return self.end(kernel, pid, 2);
                }
                match compile(&script, false) {
                    Ok(code) => {
                        self.status = 0;
                        self.push_frame(code, 0, kind);
                        Flow::Next
                    }
                    Err(message) => {
                        self.complain(kernel, pid, &message);
                        self.end(kernel, pid, 2)
                    }
                }
            }
        }
    }

    fn wait(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) {
        let _ = (&kernel, pid);
        let names: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        if names.is_empty() {
            self.status = 0;
            self.waiting = Waiting::Jobs { pids: Vec::new(), all: true };
            return;
        }
        let pids: Vec<Pid> = names.iter().filter_map(|name| self.job(name)).collect();
        if pids.len() < names.len() {
            self.status = 127;
        }
        if !pids.is_empty() {
            self.waiting = Waiting::Jobs { pids, all: false };
        }
    }

    /// A job by `%1`, or by its PID.
    fn job(&self, name: &str) -> Option<Pid> {
        if let Some(number) = name.strip_prefix('%') {
            let index = match number {
                "" | "%" | "+" => self.jobs.len(),
                number => number.parse::<usize>().ok()?,
            };
            return self.jobs.get(index.checked_sub(1)?).map(|job| job.pid);
        }
        let number: u32 = name.parse().ok()?;
        self.jobs.iter().find(|job| job.number == number).map(|job| job.pid)
    }

    /// `read`: waits for a line.
    fn read(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Flow {
        let mut raw = false;
        let mut names: Vec<&str> = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-r" => raw = true,
                "-p" | "-t" | "-n" | "-d" | "-u" => {
                    args.next();
                }
                flag if flag.starts_with('-') => raw = raw || flag.contains('r'),
                name => names.push(name),
            }
        }
        let mut line = match kernel.read(pid, 0, true) {
            Read::Data(line) => line,
            Read::Wait => return Flow::Block,
            Read::End => {
                for name in names {
                    self.assign(name, String::new());
                }
                self.status = 1;
                return Flow::Next;
            }
        };
        let complete = line.ends_with('\n');
        line.truncate(line.trim_end_matches('\n').len());
        if !raw {
            line = crate::workload::posix::pattern::unescape(&line);
        }
        let names = if names.is_empty() { vec!["REPLY"] } else { names };
        let separators = self.variable("IFS").unwrap_or_default();
        let blank = |c: char| separators.contains(c) && c.is_whitespace();
        let mut rest = line.trim_start_matches(blank);
        for (index, name) in names.iter().enumerate() {
            if index + 1 == names.len() {
                self.assign(name, rest.trim_end_matches(blank).to_owned());
                break;
            }
            let end = rest.find(|c: char| separators.contains(c)).unwrap_or(rest.len());
            let value = rest[..end].to_owned();
            rest = rest[end..].trim_start_matches(blank);
            let mut chars = rest.chars();
            if chars.next().is_some_and(|c| separators.contains(c) && !c.is_whitespace()) {
                rest = chars.as_str().trim_start_matches(blank);
            }
            self.assign(name, value);
        }
        self.status = i32::from(!complete);
        Flow::Next
    }

    /// The builtins that neither wait nor jump.
    fn plain(&mut self, kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Flow {
        self.status = match name {
            ":" | "true" | "hash" | "times" | "ulimit" | "bg" | "fg" | "alias" | "unalias" => 0,
            "false" => 1,
            "echo" => {
                let escapes = self.flavor == Flavor::Dash;
                let text = print::echo(args, escapes);
                return self.print(kernel, pid, &text, 0);
            }
            "printf" => {
                let (text, problem) = print::printf(args);
                let status = i32::from(problem.is_some());
                if let Some(problem) = problem {
                    match self.flavor {
                        Flavor::Ash => {
                            let own = match problem.strip_suffix(": invalid number") {
                                Some(value) => format!("invalid number '{value}'"),
                                None => problem,
                            };
                            self.complain(kernel, pid, &own);
                        }
                        Flavor::Dash | Flavor::Bash => {
                            self.complain(kernel, pid, &format!("printf: {problem}"));
                        }
                    }
                }
                return self.print(kernel, pid, &text, status);
            }
            "test" | "[" => return self.test(kernel, pid, name, args),
            "cd" => self.change_directory(kernel, pid, args),
            "pwd" => {
                let text = format!("{}\n", kernel.cwd(pid));
                return self.print(kernel, pid, &text, 0);
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                return self.declare(kernel, pid, name, args);
            }
            "unset" => {
                for name in args.iter().filter(|arg| !arg.starts_with('-')) {
                    self.variables.remove(name);
                    if args.first().is_some_and(|arg| arg == "-f") {
                        self.functions.remove(name);
                    }
                }
                0
            }
            "set" => return self.set(kernel, pid, args),
            "shift" => {
                let count = args.first().map_or(1, |arg| arg.parse().unwrap_or(1));
                if count > self.parameters.len() {
                    1
                } else {
                    self.parameters.drain(..count);
                    0
                }
            }
            "trap" => self.trap(kernel, pid, args),
            "umask" => return self.print(kernel, pid, "0022\n", 0),
            "jobs" => {
                let mut text = String::new();
                for (index, job) in self.jobs.iter().enumerate() {
                    let state = if job.code.is_none() { "Running" } else { "Done" };
                    text += &format!("[{}] + {state}\n", index + 1);
                }
                return self.print(kernel, pid, &text, 0);
            }
            "type" | "command" | "builtin" => return self.which(kernel, pid, name, args),
            "kill" => {
                let args: Vec<String> = args
                    .iter()
                    .map(|arg| match arg.strip_prefix('%').and(self.job(arg)) {
                        Some(job) => kernel
                            .processes
                            .get(&job)
                            .map_or_else(|| arg.clone(), |process| process.ns_pid.to_string()),
                        None => arg.clone(),
                    })
                    .collect();
                let (code, problem) = applets::system::kill(kernel, pid, &args);
                if let Some(problem) = problem {
                    // busybox' builtins speak in the shell's name.
                    let own = problem.strip_prefix("kill: ").unwrap_or(&problem);
                    let ash = self.flavor == Flavor::Ash;
                    self.complain(kernel, pid, if ash { own } else { &problem });
                }
                code
            }
            "let" => {
                let mut value = 0;
                for arg in args {
                    match crate::workload::posix::arithmetic::compute(arg, self) {
                        Ok(result) => value = result,
                        Err(problem) => {
                            self.complain(kernel, pid, &problem);
                            value = 0;
                        }
                    }
                }
                i32::from(value == 0)
            }
            "getopts" => self.getopts(args),
            _ => 0,
        };
        Flow::Next
    }

    /// Writes to stdout; a pipe that nobody reads ends the shell.
    fn print(&mut self, kernel: &mut Kernel, pid: Pid, text: &str, status: i32) -> Flow {
        self.status = status;
        let piped = kernel.processes.get(&pid).and_then(|process| process.fds.get(&1)).is_some();
        if kernel.write(pid, 1, text).is_err() {
            if piped {
                kernel.exit(pid, 128 + 13, 13);
                return Flow::Gone;
            }
            self.complain(kernel, pid, "write error: Bad file descriptor");
            self.status = 1;
        }
        Flow::Next
    }

    fn test(&mut self, kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Flow {
        let args = match (name, args) {
            ("[", [inner @ .., last]) if last == "]" => inner,
            ("[", _) => {
                self.complain(kernel, pid, "[: missing ]");
                self.status = 2;
                return Flow::Next;
            }
            (_, args) => args,
        };
        self.status = match test(kernel, pid, args) {
            Ok(value) => i32::from(!value),
            Err(problem) => {
                // busybox' builtins speak in the shell's name.
                let ash = self.flavor == Flavor::Ash;
                let own = if ash { problem } else { format!("{name}: {problem}") };
                self.complain(kernel, pid, &own);
                2
            }
        };
        Flow::Next
    }

    fn change_directory(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> i32 {
        let before = kernel.cwd(pid);
        let to = match args.iter().find(|arg| arg.as_str() == "-" || !arg.starts_with('-')) {
            None => self.variable("HOME").unwrap_or_else(|| "/".to_owned()),
            Some(arg) if arg == "-" => self.variable("OLDPWD").unwrap_or_else(|| before.clone()),
            Some(arg) => arg.clone(),
        };
        let problem = match kernel.node(pid, &to) {
            Ok(node) if node.is_directory() => {
                let path = normal(&before, &to);
                if let Some(process) = kernel.processes.get_mut(&pid) {
                    process.cwd.clone_from(&path);
                }
                if args.first().is_some_and(|arg| arg == "-") {
                    let _ = kernel.write(pid, 1, &format!("{path}\n"));
                }
                self.export("PWD", path);
                self.assign("OLDPWD", before);
                return 0;
            }
            Ok(_) => "Not a directory",
            Err(errno) => errno.text(),
        };
        let message = match self.flavor {
            Flavor::Ash => format!("cd: can't cd to {to}: {problem}"),
            Flavor::Dash => format!("cd: can't cd to {to}"),
            Flavor::Bash => format!("cd: {to}: {problem}"),
        };
        self.complain(kernel, pid, &message);
        if self.flavor == Flavor::Bash { 1 } else { 2 }
    }

    fn declare(&mut self, kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Flow {
        let names: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        let export = name == "export" || args.iter().any(|arg| arg == "-x");
        let read_only = name == "readonly" || args.iter().any(|arg| arg == "-r");
        if names.is_empty() {
            let mut text = String::new();
            for (name, variable) in &self.variables {
                if variable.exported && export {
                    text += &format!("export {name}='{}'\n", variable.value);
                }
            }
            return self.print(kernel, pid, &text, 0);
        }
        for arg in names {
            let (variable, value) = match arg.split_once('=') {
                Some((variable, value)) => (variable, Some(value)),
                None => (arg.as_str(), None),
            };
            if !is_name(variable) {
                self.complain(kernel, pid, &format!("{name}: {variable}: bad variable name"));
                self.status = 2;
                return Flow::Next;
            }
            let global = export || name == "readonly";
            if !global
                && let Some(locals) = self.frames.iter_mut().rev().find_map(|f| match &mut f.kind {
                    FrameKind::Function { locals, .. } => Some(locals),
                    FrameKind::Script
                    | FrameKind::Eval
                    | FrameKind::Source
                    | FrameKind::Trap { .. } => None,
                })
            {
                locals.push((variable.to_owned(), self.variables.get(variable).cloned()));
                if value.is_none() {
                    self.variables.remove(variable);
                }
            }
            let entry = self.variables.entry(variable.to_owned()).or_default();
            if let Some(value) = value {
                value.clone_into(&mut entry.value);
            }
            entry.exported = entry.exported || export;
            entry.read_only = entry.read_only || read_only;
        }
        self.status = 0;
        Flow::Next
    }

    fn set(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> Flow {
        self.status = 0;
        if args.is_empty() {
            let text: String = self
                .variables
                .iter()
                .filter(|(name, _)| is_name(name))
                .map(|(name, variable)| format!("{name}='{}'\n", variable.value))
                .collect();
            return self.print(kernel, pid, &text, 0);
        }
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let on = arg.starts_with('-');
            if arg == "--" {
                self.parameters = rest.cloned().collect();
                return Flow::Next;
            }
            if !(on || arg.starts_with('+')) || arg.len() < 2 {
                self.parameters = std::iter::once(arg).chain(rest).cloned().collect();
                return Flow::Next;
            }
            for letter in arg.chars().skip(1) {
                if letter == 'o' {
                    match rest.next().map(String::as_str) {
                        Some("errexit") => self.options.exit = on,
                        Some("nounset") => self.options.no_unset = on,
                        Some("xtrace") => self.options.trace = on,
                        Some("noglob") => self.options.no_glob = on,
                        Some("pipefail") => self.options.pipe_fail = on,
                        Some(_) | None => {}
                    }
                } else if !self.set_option(letter, on) {
                    self.complain(kernel, pid, &format!("set: illegal option -{letter}"));
                    return self.end(kernel, pid, 2);
                }
            }
        }
        Flow::Next
    }

    fn trap(&mut self, kernel: &mut Kernel, pid: Pid, args: &[String]) -> i32 {
        let args: Vec<&String> = args.iter().filter(|arg| *arg != "--").collect();
        let Some((action, names)) = args.split_first() else {
            let mut text = String::new();
            for (number, action) in &self.traps {
                let name = if *number == 0 { "EXIT" } else { Signal(*number).name() };
                text += &format!("trap -- '{action}' {name}\n");
            }
            let _ = kernel.write(pid, 1, &text);
            return 0;
        };
        // With one argument, or a number first, everything is reset.
        let reset = *action == "-" || names.is_empty() || action.parse::<i32>().is_ok();
        let names = if names.is_empty() || action.parse::<i32>().is_ok() { &args } else { names };
        let mut status = 0;
        for name in names {
            let number = match name.as_str() {
                "EXIT" | "0" => 0,
                // ERR, DEBUG and RETURN are bash's own; they are accepted and never happen.
                "ERR" | "DEBUG" | "RETURN" if self.bash => continue,
                name => match Signal::parse(name) {
                    Some(signal) => signal.0,
                    None => {
                        self.complain(
                            kernel,
                            pid,
                            &format!("trap: {name}: invalid signal specification"),
                        );
                        status = 1;
                        continue;
                    }
                },
            };
            if reset {
                self.traps.remove(&number);
            } else {
                self.traps.insert(number, (*action).clone());
            }
            let bit = 1u64.checked_shl(number.unsigned_abs()).unwrap_or(0);
            if number > 0
                && let Some(process) = kernel.processes.get_mut(&pid)
            {
                process.handled &= !bit;
                process.ignored &= !bit;
                if !reset && action.is_empty() {
                    process.ignored |= bit;
                } else if !reset {
                    process.handled |= bit;
                }
            }
        }
        status
    }

    fn which(&mut self, kernel: &mut Kernel, pid: Pid, command: &str, args: &[String]) -> Flow {
        let mut text = String::new();
        let mut status = 0;
        let short = command != "type" && args.first().is_some_and(|arg| arg == "-v");
        for name in args.iter().filter(|arg| !arg.starts_with('-')) {
            let builtin = self.is_builtin(name) || self.functions.contains_key(name);
            let found = kernel.find_program(pid, name, None).ok();
            match (builtin, found) {
                (true, _) if short => text += &format!("{name}\n"),
                (true, _) => text += &format!("{name} is a shell builtin\n"),
                (false, Some((path, _))) if short => text += &format!("{path}\n"),
                (false, Some((path, _))) => text += &format!("{name} is {path}\n"),
                (false, None) => {
                    if !short {
                        self.complain(kernel, pid, &format!("type: {name}: not found"));
                    }
                    status = 127;
                }
            }
        }
        self.print(kernel, pid, &text, status)
    }

    fn getopts(&mut self, args: &[String]) -> i32 {
        let [letters, name, ..] = args else { return 2 };
        let index: usize =
            self.variable("OPTIND").and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
        let words: &[String] = if args.len() > 2 { &args[2..] } else { &self.parameters };
        let Some(word) = words.get(index - 1).cloned() else {
            self.assign(name, "?".to_owned());
            return 1;
        };
        let Some(letter) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) else {
            self.assign(name, "?".to_owned());
            return 1;
        };
        if word == "--" {
            self.assign("OPTIND", (index + 1).to_string());
            return 1;
        }
        let rest = word[1 + letter.len_utf8()..].to_owned();
        let takes =
            letters.find(letter).map(|at| letters[at + letter.len_utf8()..].starts_with(':'));
        let (value, argument, next) = match takes {
            Some(true) if !rest.is_empty() => (letter, rest, index + 1),
            Some(true) => (letter, words.get(index).cloned().unwrap_or_default(), index + 2),
            Some(false) => (letter, String::new(), index + 1),
            None => ('?', letter.to_string(), index + 1),
        };
        self.assign(name, value.to_string());
        self.assign("OPTARG", argument);
        self.assign("OPTIND", next.to_string());
        0
    }
}

/// Descriptors that are put back when the frame that was just begun ends.
fn restore_later(vm: &mut Vm, kernel: &mut Kernel, pid: Pid, saved: Saved) {
    let begun = vm
        .frames
        .last()
        .is_some_and(|f| f.at == 0 && matches!(f.kind, FrameKind::Eval | FrameKind::Source));
    if begun && !saved.is_empty() {
        vm.save(saved);
    } else {
        restore(kernel, pid, saved);
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
