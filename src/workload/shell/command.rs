//! Simple commands and redirections: functions, builtins, programs as children or in place.
//!
//! Owns: what happens to a command once it is its turn. Does not own: control flow and waiting
//! (`vm`), or what builtins do (`builtins`).

use std::rc::Rc;

use crate::workload::fs::Errno;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{FileId, Open, Pid};
use crate::workload::posix::{arithmetic, pattern, test};
use crate::workload::shell::code::{Code, Op, Redirect, Simple, Target, TestExpression};
use crate::workload::shell::expand::Stop;
use crate::workload::shell::vm::{DEEPEST_CALL, Flavor, Flow, FrameKind, Saved, Vm, Waiting};

impl Vm {
    pub(super) fn redirect_start(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        redirects: &[Redirect],
        next: usize,
    ) -> Flow {
        match self.redirect(kernel, pid, pid, redirects) {
            Ok(saved) => {
                self.results.clear();
                if let Some(frame) = self.frames.last_mut() {
                    frame.saves.push(saved);
                }
                self.go(next)
            }
            Err(Ok(stop)) => self.stopped(kernel, pid, stop),
            Err(Err(message)) => {
                self.complain(kernel, pid, &message);
                self.results.clear();
                self.status = 1;
                self.skip_redirected(next)
            }
        }
    }

    /// A compound command whose redirection failed does not run.
    pub(super) fn skip_redirected(&mut self, from: usize) -> Flow {
        let Some(frame) = self.frames.last_mut() else { return Flow::Next };
        let mut depth = 1;
        let mut at = from;
        while let Some(op) = frame.code.ops.get(at) {
            match op {
                Op::RedirectStart(_) => depth += 1,
                Op::RedirectEnd => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        frame.at = at;
        Flow::Next
    }

    /// Redirects descriptors of `target`; gives those that were there before.
    pub(super) fn redirect(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        target: Pid,
        redirects: &[Redirect],
    ) -> Result<Saved, Result<Stop, String>> {
        // All words first, so that nothing is opened twice when a command has to run for one.
        let mut words = Vec::new();
        for redirect in redirects {
            let word = match &redirect.target {
                Target::Read(word) | Target::Same(word) | Target::Text(word) => word,
                Target::Write { word, .. } | Target::Both { word, .. } => word,
            };
            words.push(self.expand_one(kernel, pid, word).map_err(Ok)?);
        }
        let mut saved = Saved::new();
        for (redirect, word) in redirects.iter().zip(words) {
            match self.open_redirect(kernel, target, redirect, &word) {
                Ok(file) => saved.push((redirect.fd, swap(kernel, target, redirect.fd, file))),
                Err(message) => {
                    restore(kernel, target, saved);
                    return Err(Err(message));
                }
            }
            if matches!(redirect.target, Target::Both { .. }) {
                let file = kernel.open_descriptor(target, 1).ok();
                saved.push((2, swap(kernel, target, 2, file)));
            }
        }
        Ok(saved)
    }

    pub(super) fn open_redirect(
        &self,
        kernel: &mut Kernel,
        pid: Pid,
        redirect: &Redirect,
        word: &str,
    ) -> Result<Option<FileId>, String> {
        match &redirect.target {
            Target::Read(_) => {
                kernel.open(pid, word, None).map(Some).map_err(|errno| match (self.flavor, errno) {
                    (Flavor::Ash, Errno::NotFound) => format!("can't open {word}: no such file"),
                    (Flavor::Dash, Errno::NotFound) => format!("cannot open {word}: No such file"),
                    (Flavor::Ash, errno) => format!("can't open {word}: {}", errno.text()),
                    (Flavor::Dash, errno) => format!("cannot open {word}: {}", errno.text()),
                    (Flavor::Bash, errno) => format!("{word}: {}", errno.text()),
                })
            }
            Target::Write { append, .. } | Target::Both { append, .. } => kernel
                .open(pid, word, Some(*append))
                .map(Some)
                .map_err(|errno| match (self.flavor, errno) {
                    (Flavor::Ash, Errno::NotFound) => {
                        format!("can't create {word}: nonexistent directory")
                    }
                    (Flavor::Dash, Errno::NotFound) => {
                        format!("cannot create {word}: Directory nonexistent")
                    }
                    (Flavor::Ash, errno) => format!("can't create {word}: {}", errno.text()),
                    (Flavor::Dash, errno) => format!("cannot create {word}: {}", errno.text()),
                    (Flavor::Bash, errno) => format!("{word}: {}", errno.text()),
                }),
            Target::Text(_) => Ok(Some(kernel.open_file(Open::Text(word.to_owned(), 0)))),
            Target::Same(_) if word == "-" => Ok(None),
            Target::Same(_) => {
                let other = word.parse().map_err(|_| format!("{word}: bad fd number"))?;
                kernel
                    .open_descriptor(pid, other)
                    .map(Some)
                    .map_err(|_| format!("{word}: Bad file descriptor"))
            }
        }
    }

    pub(super) fn judge(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        expression: &TestExpression,
    ) -> Result<bool, Stop> {
        Ok(match expression {
            TestExpression::And(left, right) => {
                self.judge(kernel, pid, left)? && self.judge(kernel, pid, right)?
            }
            TestExpression::Or(left, right) => {
                self.judge(kernel, pid, left)? || self.judge(kernel, pid, right)?
            }
            TestExpression::Not(inner) => !self.judge(kernel, pid, inner)?,
            TestExpression::Unary(operator, word) => {
                let word = self.expand_one(kernel, pid, word)?;
                test::unary(kernel, pid, operator, &word)
            }
            TestExpression::Binary(operator, left, right) => {
                let left = self.expand_one(kernel, pid, left)?;
                match operator.as_str() {
                    "==" | "=" | "!=" => {
                        let right = self.expand_pattern(kernel, pid, right)?;
                        pattern::matches(&right, &left) == (operator != "!=")
                    }
                    "=~" => {
                        let right = self.expand_one(kernel, pid, right)?;
                        let regex = crate::workload::posix::regex::Regex::new(&right, true);
                        let found = regex.ok().and_then(|regex| regex.captures(&left, 0));
                        for (index, group) in found.iter().flatten().enumerate() {
                            let text = group.map_or("", |(from, to)| &left[from..to]);
                            self.assign(&format!("BASH_REMATCH[{index}]"), text.to_owned());
                        }
                        found.is_some()
                    }
                    operator => {
                        let right = self.expand_one(kernel, pid, right)?;
                        if operator.starts_with('-')
                            && operator.len() == 3
                            && operator != "-nt"
                            && operator != "-ot"
                            && operator != "-ef"
                        {
                            let left = arithmetic::compute(&left, self).map_err(Stop::Error)?;
                            let right = arithmetic::compute(&right, self).map_err(Stop::Error)?;
                            return test::binary(
                                kernel,
                                pid,
                                operator,
                                &left.to_string(),
                                &right.to_string(),
                            )
                            .map_err(Stop::Error);
                        }
                        test::binary(kernel, pid, operator, &left, &right).map_err(Stop::Error)?
                    }
                }
            }
        })
    }

    pub(super) fn simple(&mut self, kernel: &mut Kernel, pid: Pid, simple: &Simple) -> Flow {
        let words = match self.expand(kernel, pid, &simple.words) {
            Ok(words) => words,
            Err(stop) => return self.stopped(kernel, pid, stop),
        };
        let mut assignments = Vec::new();
        for (name, append, word) in &simple.assignments {
            match self.expand_one(kernel, pid, word) {
                Ok(value) => {
                    let before = if *append { self.variable(name) } else { None };
                    assignments.push((name.clone(), before.unwrap_or_default() + &value));
                }
                Err(stop) => return self.stopped(kernel, pid, stop),
            }
        }
        if self.options.trace {
            let mut line: Vec<String> =
                assignments.iter().map(|(name, value)| format!("{name}={value}")).collect();
            line.extend(words.iter().map(|word| traced(word)));
            let _ = kernel.write(pid, 2, &format!("+ {}\n", line.join(" ")));
        }
        let flow = self.dispatch(kernel, pid, simple, words, assignments);
        if flow != Flow::Block
            && matches!(
                self.waiting,
                Waiting::Nothing | Waiting::Children(_) | Waiting::Jobs { .. }
            )
        {
            self.results.clear();
            self.output_status = None;
        }
        flow
    }

    pub(super) fn dispatch(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        simple: &Simple,
        words: Vec<String>,
        assignments: Vec<(String, String)>,
    ) -> Flow {
        let Some(command) = words.first().cloned() else {
            return match self.redirect(kernel, pid, pid, &simple.redirects) {
                Ok(saved) => {
                    restore(kernel, pid, saved);
                    for (name, value) in assignments {
                        if self.variables.get(&name).is_some_and(|variable| variable.read_only) {
                            self.complain(kernel, pid, &format!("{name}: is read only"));
                            return self.end(kernel, pid, 2);
                        }
                        self.assign(&name, value);
                    }
                    self.status = self.output_status.take().unwrap_or(0);
                    self.advance();
                    Flow::Next
                }
                Err(problem) => self.redirect_failed(kernel, pid, problem),
            };
        };
        if let Some((code, at)) = self.functions.get(&command).cloned() {
            return self.call(kernel, pid, (code, at), words, assignments, &simple.redirects);
        }
        if self.is_builtin(&command) {
            let saved = match self.redirect(kernel, pid, pid, &simple.redirects) {
                Ok(saved) => saved,
                Err(problem) => return self.redirect_failed(kernel, pid, problem),
            };
            return self.run_builtin(kernel, pid, &words, assignments, saved);
        }
        self.external(kernel, pid, simple, words, assignments)
    }

    pub(super) fn redirect_failed(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        problem: Result<Stop, String>,
    ) -> Flow {
        match problem {
            Ok(stop) => self.stopped(kernel, pid, stop),
            Err(message) => {
                self.complain(kernel, pid, &message);
                self.status = 1;
                self.advance();
                Flow::Next
            }
        }
    }

    pub(super) fn call(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        (code, at): (Rc<Code>, usize),
        mut words: Vec<String>,
        assignments: Vec<(String, String)>,
        redirects: &[Redirect],
    ) -> Flow {
        let saved = match self.redirect(kernel, pid, pid, redirects) {
            Ok(saved) => saved,
            Err(problem) => return self.redirect_failed(kernel, pid, problem),
        };
        self.advance();
        if self.frames.len() >= DEEPEST_CALL {
            self.complain(kernel, pid, "maximum function nesting level exceeded");
            return self.end(kernel, pid, 2);
        }
        words.remove(0);
        let parameters = std::mem::replace(&mut self.parameters, words);
        self.push_frame(code, at, FrameKind::Function { parameters, locals: Vec::new() });
        if let Some(frame) = self.frames.last_mut() {
            frame.saves.push(saved);
        }
        for (name, value) in assignments {
            self.assign(&name, value);
        }
        Flow::Next
    }

    /// Runs a program: as a child, or in the shell's own place when nothing follows.
    pub(super) fn external(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        simple: &Simple,
        words: Vec<String>,
        assignments: Vec<(String, String)>,
    ) -> Flow {
        let in_place = simple.last
            && self.frames.len() == 1
            && self.traps.is_empty()
            && self.exiting.is_none();
        let target = if in_place {
            pid
        } else {
            match kernel.fork(pid, None) {
                Some(child) => child,
                None => return self.cannot_fork(kernel, pid),
            }
        };
        let mut env = self.environment(kernel, pid);
        for (name, value) in assignments {
            env.retain(|(known, _)| *known != name);
            env.push((name, value));
        }
        match self.redirect(kernel, pid, target, &simple.redirects) {
            Ok(saved) => {
                for (_, file) in saved {
                    if let Some(file) = file {
                        kernel.release(file);
                    }
                }
            }
            Err(Ok(stop)) => {
                if !in_place {
                    self.drop_child(kernel, pid, target, None);
                }
                return self.stopped(kernel, pid, stop);
            }
            Err(Err(message)) => {
                self.complain(kernel, target, &message);
                if in_place {
                    return self.end(kernel, pid, 1);
                }
                self.advance();
                self.drop_child(kernel, pid, target, Some(1));
                return Flow::Next;
            }
        }
        let name = words.first().cloned().unwrap_or_default();
        match kernel.execute(target, words, Some(env)) {
            Ok(()) if in_place => Flow::Gone,
            Ok(()) => {
                self.advance();
                self.waiting = Waiting::Children(vec![(target, None)]);
                Flow::Next
            }
            Err(errno) => {
                let (message, code) = self.cannot_run(&name, errno);
                self.complain(kernel, target, &message);
                if in_place {
                    return self.end(kernel, pid, code);
                }
                self.advance();
                self.drop_child(kernel, pid, target, Some(code));
                Flow::Next
            }
        }
    }

    /// A child that never became a program.
    pub(super) fn drop_child(
        &mut self,
        kernel: &mut Kernel,
        pid: Pid,
        child: Pid,
        code: Option<i32>,
    ) {
        kernel.exit(child, code.unwrap_or(0), 0);
        kernel.reap(pid, child);
        if let Some(code) = code {
            self.status = code;
        }
    }

    pub(super) fn cannot_run(&self, name: &str, errno: Errno) -> (String, i32) {
        match (errno, self.flavor) {
            (Errno::NotFound, Flavor::Bash) if name.contains('/') => {
                (format!("{name}: No such file or directory"), 127)
            }
            (Errno::NotFound, Flavor::Bash) => (format!("{name}: command not found"), 127),
            (Errno::NotFound, _) => (format!("{name}: not found"), 127),
            (errno, _) => (format!("{name}: {}", errno.text()), 126),
        }
    }
}

/// Replaces a descriptor and keeps what was there.
fn swap(kernel: &mut Kernel, pid: Pid, fd: i32, file: Option<FileId>) -> Option<FileId> {
    let process = kernel.processes.get_mut(&pid)?;
    match file {
        Some(file) => process.fds.insert(fd, file),
        None => process.fds.remove(&fd),
    }
}

/// Puts descriptors back as they were.
pub(super) fn restore(kernel: &mut Kernel, pid: Pid, saved: Saved) {
    for (fd, file) in saved.into_iter().rev() {
        kernel.set_fd(pid, fd, file);
    }
}

/// A word as `set -x` writes it: quoted where the shell would read it otherwise.
fn traced(word: &str) -> String {
    // busybox shell/ash.c maybe_single_quote.
    let plain = |c| matches!(c, '+'..=':' | '@'..='Z' | ']'..='_' | 'a'..='z');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
