//! One step of a shell's code: what each operation does, and where the shell goes on.
//!
//! Owns: control flow. Does not own: simple commands (`command`), waiting and forks (`vm`).

use std::collections::VecDeque;

use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{Open, Pid};
use crate::workload::posix::pattern;
use crate::workload::shell::code::Op;
use crate::workload::shell::command::restore;
use crate::workload::shell::expand::Stop;
use crate::workload::shell::vm::{CAPTURE, Flow, FrameKind, Loop, Saved, Vm, Waiting};

impl Vm {
    pub(super) fn one(&mut self, kernel: &mut Kernel, pid: Pid) -> Flow {
        let Some(frame) = self.frames.last() else {
            let code = self.exiting.take().unwrap_or(self.status);
            return self.end(kernel, pid, code);
        };
        let Some(op) = frame.code.ops.get(frame.at).cloned() else {
            return self.pop_frame(kernel, pid);
        };
        let next = frame.at + 1;
        match op {
            Op::Simple(simple) => return self.simple(kernel, pid, &simple),
            Op::Jump(to) => return self.go(to),
            Op::JumpIfOk(to) => return self.go(if self.status == 0 { to } else { next }),
            Op::JumpIfFailed(to) => return self.go(if self.status == 0 { next } else { to }),
            Op::Negate => self.status = i32::from(self.status == 0),
            Op::SetStatus(status) => self.status = status,
            Op::CheckExit => {
                if self.options.exit && self.condition == 0 && self.status != 0 {
                    return self.end(kernel, pid, self.status);
                }
            }
            Op::ConditionStart => self.condition += 1,
            Op::ConditionEnd => self.condition = self.condition.saturating_sub(1),
            Op::Subshell(end) => {
                self.go(end);
                return match self.fork_at(kernel, pid, next) {
                    Some(child) => {
                        self.waiting = Waiting::Children(vec![(child, None)]);
                        Flow::Next
                    }
                    None => self.cannot_fork(kernel, pid),
                };
            }
            Op::Background(end) => {
                self.go(end);
                let Some(child) = self.fork_at(kernel, pid, next) else {
                    return self.cannot_fork(kernel, pid);
                };
                let null = kernel.open_file(Open::Null);
                kernel.set_fd(child, 0, Some(null));
                self.add_job(kernel, child);
                self.status = 0;
                return Flow::Next;
            }
            Op::Pipeline { parts, end } => {
                self.go(end);
                return self.pipeline(kernel, pid, &parts);
            }
            Op::End => return self.end(kernel, pid, self.status),
            Op::RedirectStart(redirects) => {
                return self.redirect_start(kernel, pid, &redirects, next);
            }
            Op::RedirectEnd => {
                let saved = self.frames.last_mut().and_then(|frame| frame.saves.pop());
                restore(kernel, pid, saved.unwrap_or_default());
            }
            Op::LoopStart { again, end } => {
                let condition = self.condition;
                if let Some(frame) = self.frames.last_mut() {
                    let (saves, cases, fors) =
                        (frame.saves.len(), frame.cases.len(), frame.fors.len());
                    frame.loops.push(Loop { again, end, saves, cases, fors, condition });
                }
            }
            Op::LoopEnd => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.loops.pop();
                }
            }
            Op::ForStart { words } => {
                let values = match words {
                    Some(words) => match self.expand(kernel, pid, &words) {
                        Ok(values) => values,
                        Err(stop) => return self.stopped(kernel, pid, stop),
                    },
                    None => self.parameters.clone(),
                };
                self.results.clear();
                self.status = 0;
                if let Some(frame) = self.frames.last_mut() {
                    frame.fors.push(values.into());
                }
            }
            Op::ForNext { name, end } => {
                let value = self
                    .frames
                    .last_mut()
                    .and_then(|f| f.fors.last_mut())
                    .and_then(VecDeque::pop_front);
                match value {
                    Some(value) => self.assign(&name, value),
                    None => return self.go(end),
                }
            }
            Op::ForEnd => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.fors.pop();
                }
            }
            Op::CaseStart(word) => {
                let value = match self.expand_one(kernel, pid, &word) {
                    Ok(value) => value,
                    Err(stop) => return self.stopped(kernel, pid, stop),
                };
                self.results.clear();
                if let Some(frame) = self.frames.last_mut() {
                    frame.cases.push(value);
                }
            }
            Op::CaseTest { patterns, otherwise } => {
                let value = self
                    .frames
                    .last()
                    .and_then(|frame| frame.cases.last())
                    .cloned()
                    .unwrap_or_default();
                let mut found = false;
                for word in patterns.iter() {
                    match self.expand_pattern(kernel, pid, word) {
                        Ok(text) => found = found || pattern::matches(&text, &value),
                        Err(stop) => return self.stopped(kernel, pid, stop),
                    }
                }
                self.results.clear();
                if !found {
                    return self.go(otherwise);
                }
            }
            Op::CaseEnd => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.cases.pop();
                }
            }
            Op::Arithmetic(word) => match self.expand_one(kernel, pid, &word) {
                Ok(value) => {
                    self.status = i32::from(value == "0");
                    self.results.clear();
                }
                Err(stop) => return self.stopped(kernel, pid, stop),
            },
            Op::Test(expression) => match self.judge(kernel, pid, &expression) {
                Ok(value) => {
                    self.status = i32::from(!value);
                    self.results.clear();
                }
                Err(stop) => return self.stopped(kernel, pid, stop),
            },
            Op::Function { name, end } => {
                let code = frame.code.clone();
                self.functions.insert(name, (code, next));
                self.status = 0;
                return self.go(end);
            }
            Op::Return => return self.pop_frame(kernel, pid),
        }
        self.go(next)
    }

    pub(super) fn go(&mut self, to: usize) -> Flow {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = to;
        }
        Flow::Next
    }

    /// Descriptors to put back when the frame on top ends.
    pub(super) fn save(&mut self, saved: Saved) {
        if let Some(frame) = self.frames.last_mut() {
            frame.saves.push(saved);
        }
    }

    /// The next step of the frame on top.
    pub(super) fn advance(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at += 1;
        }
    }

    pub(super) fn pop_frame(&mut self, kernel: &mut Kernel, pid: Pid) -> Flow {
        let Some(frame) = self.frames.pop() else { return Flow::Next };
        for saved in frame.saves.into_iter().rev() {
            restore(kernel, pid, saved);
        }
        self.condition = frame.condition;
        match frame.kind {
            FrameKind::Script | FrameKind::Eval | FrameKind::Source => {}
            FrameKind::Function { parameters, locals } => {
                self.parameters = parameters;
                for (name, before) in locals.into_iter().rev() {
                    match before {
                        Some(variable) => self.variables.insert(name, variable),
                        None => self.variables.remove(&name),
                    };
                }
            }
            FrameKind::Trap { status } => self.status = status,
        }
        Flow::Next
    }

    /// Leaves or repeats a loop; `false` when there is none.
    pub(super) fn leave_loop(&mut self, kernel: &mut Kernel, pid: Pid, levels: usize, again: bool) {
        while matches!(self.frames.last(), Some(frame) if frame.loops.is_empty()
            && matches!(frame.kind, FrameKind::Eval))
        {
            self.pop_frame(kernel, pid);
        }
        let Some(frame) = self.frames.last_mut() else { return };
        let keep = frame.loops.len().saturating_sub(levels.max(1));
        frame.loops.truncate(keep + 1);
        let Some(inner) = frame.loops.last().cloned() else {
            frame.at += 1;
            return;
        };
        frame.cases.truncate(inner.cases);
        frame.fors.truncate(inner.fors);
        let undone = frame.saves.split_off(inner.saves.min(frame.saves.len()));
        frame.at = if again { inner.again } else { inner.end };
        self.condition = inner.condition;
        for saved in undone.into_iter().rev() {
            restore(kernel, pid, saved);
        }
    }

    /// An expansion could not finish: run what it needs, or give up.
    pub(super) fn stopped(&mut self, kernel: &mut Kernel, pid: Pid, stop: Stop) -> Flow {
        match stop {
            Stop::Run(key, code) => {
                let mut copy = self.copy();
                copy.frames.clear();
                copy.push_frame(code, 0, FrameKind::Script);
                let Some(child) = kernel.fork(pid, Some(Box::new(copy))) else {
                    return self.cannot_fork(kernel, pid);
                };
                let (read, write) = kernel.pipe();
                kernel.set_fd(child, 1, Some(write));
                kernel.set_fd(pid, CAPTURE, Some(read));
                self.waiting = Waiting::Output { key, child, text: String::new(), ended: false };
                Flow::Next
            }
            Stop::Error(message) => {
                self.complain(kernel, pid, &message);
                self.results.clear();
                self.end(kernel, pid, if self.bash { 1 } else { 2 })
            }
        }
    }
}
