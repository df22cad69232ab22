//! What the kernel tells of its processes: who runs, who ended, who is a zombie, who listens.
//!
//! Owns: when each [`ProcessStep`] is told. Does not own: what happens (`kernel`).
//!
//! A process that ends and is waited for at the same moment is told once; only a zombie that stays
//! one is told as such, and again when its exit status is read at last. Whoever replays the steps
//! has the table of processes at any moment: children of a process that ended belong to PID 1.

use std::rc::Rc;

use crate::workload::cri::{Happening, Namespaces, ProcessStep, SandboxId};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;

impl Kernel {
    /// Tells of a process, if it belongs to a container; nothing is told of one that nobody knows.
    pub(in crate::workload) fn tell(&mut self, pid: Pid, step: ProcessStep) {
        if !matches!(step, ProcessStep::Runs { .. }) {
            self.announce(pid);
        }
        let Some(process) = self.processes.get(&pid) else { return };
        if let Some(container) = process.container {
            let ns_pid = process.ns_pid;
            self.happenings.push(Happening::Process {
                container,
                host_pid: pid,
                pid: ns_pid,
                step,
            });
        }
    }

    /// Tells what a process runs, once for each program.
    pub(in crate::workload) fn announce(&mut self, pid: Pid) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if std::mem::replace(&mut process.announced, true) {
            return;
        }
        // The first of a container is the first to be told of.
        if let Some(first) = self.container_of(pid).and_then(|container| container.init) {
            self.announce(first);
        }
        let Some(process) = self.processes.get(&pid) else { return };
        let (command, parent) = (process.command().into(), process.born_to.unwrap_or(0));
        let namespaces = self.is_first(pid).then(|| Rc::new(self.namespaces(pid)));
        self.tell(pid, ProcessStep::Runs { parent, command, namespaces });
    }

    /// Tells what a process runs once it does something; the first of a container gets its title
    /// and ends its start first.
    pub(in crate::workload) fn announce_program(&mut self, pid: Pid) {
        if !self.is_first(pid) {
            self.announce(pid);
        }
    }

    /// Whether a process is the first of its container.
    pub(in crate::workload) fn is_first(&self, pid: Pid) -> bool {
        self.container_of(pid).is_some_and(|container| container.init == Some(pid))
    }

    /// A process is gone from the table: tells of its end, unless that was the container's.
    pub(in crate::workload) fn gone(&mut self, pid: Pid) {
        let Some(code) = self.processes.get(&pid).and_then(|process| process.zombie) else {
            return;
        };
        let untold = self.unread.iter().position(|known| *known == pid);
        let told = match untold {
            Some(index) => {
                self.unread.remove(index);
                false
            }
            None => self.processes.get(&pid).is_some_and(|process| process.told_end),
        };
        let orphan = self.processes.get(&pid).is_some_and(|p| p.parent != p.born_to);
        if orphan && !told {
            self.announce(pid);
        }
        let announced = self.processes.get(&pid).is_some_and(|process| process.announced);
        if told {
            self.tell(pid, ProcessStep::Reaped);
        } else if announced {
            self.tell(pid, ProcessStep::Exited { code, zombie: false });
        }
        self.processes.remove(&pid);
    }

    /// Tells of the zombies that nobody waited for at the moment at which they ended.
    pub(in crate::workload) fn tell_zombies(&mut self) {
        for pid in std::mem::take(&mut self.unread) {
            let Some(process) = self.processes.get_mut(&pid) else { continue };
            let Some(code) = process.zombie else { continue };
            process.told_end = true;
            self.announce(pid);
            self.tell(pid, ProcessStep::Exited { code, zombie: true });
        }
    }

    /// The namespaces of a process.
    pub(in crate::workload) fn namespaces(&self, pid: Pid) -> Namespaces {
        let number = |kind: &str| self.namespace_number(pid, kind).unwrap_or_default();
        Namespaces {
            net: number("net"),
            ipc: number("ipc"),
            uts: number("uts"),
            pid: number("pid"),
            mnt: number("mnt"),
        }
    }

    /// pause as the node sees it: PID on the node and in its namespace, and its namespaces.
    pub(in crate::workload) fn pause(&self, sandbox: SandboxId) -> Option<(u32, u32, ProcessStep)> {
        let pid = self.sandboxes.get(&sandbox)?.pause?;
        let process = self.processes.get(&pid)?;
        let namespaces = Some(Rc::new(self.namespaces(pid)));
        let step = ProcessStep::Runs { parent: 0, command: process.command().into(), namespaces };
        Some((pid, process.ns_pid, step))
    }
}
