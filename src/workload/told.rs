//! What the kernel tells of its processes: who runs, who ended, who is a zombie, who listens.
//!
//! Owns: [`ProcessStep`] and when each is told. Does not own: what happens (`kernel`).
//!
//! A process that ends and is waited for at the same moment is told once; only a zombie that stays
//! one is told as such, and again when its exit status is read at last. Whoever replays the steps
//! has the table of processes at any moment: children of a process that ended belong to PID 1.

use std::rc::Rc;

use crate::workload::kernel::Kernel;
use crate::workload::machine::{Happening, SandboxId, Signal, SignalFate};
use crate::workload::process::Pid;

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

impl Kernel {
    /// Tells of a process, if it belongs to a container; nothing is told of one that nobody knows.
    pub(super) fn tell(&mut self, pid: Pid, step: ProcessStep) {
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
    pub(super) fn announce(&mut self, pid: Pid) {
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
    pub(super) fn announce_program(&mut self, pid: Pid) {
        if !self.is_first(pid) {
            self.announce(pid);
        }
    }

    /// Whether a process is the first of its container.
    pub(super) fn is_first(&self, pid: Pid) -> bool {
        self.container_of(pid).is_some_and(|container| container.init == Some(pid))
    }

    /// A process is gone from the table: tells of its end, unless that was the container's.
    pub(super) fn gone(&mut self, pid: Pid) {
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
    pub(super) fn tell_zombies(&mut self) {
        for pid in std::mem::take(&mut self.unread) {
            let Some(process) = self.processes.get_mut(&pid) else { continue };
            let Some(code) = process.zombie else { continue };
            process.told_end = true;
            self.announce(pid);
            self.tell(pid, ProcessStep::Exited { code, zombie: true });
        }
    }

    /// Sends a signal from one process to another.
    pub(super) fn signal_from(&mut self, sender: Pid, target: Pid, signal: Signal) -> SignalFate {
        let place = self.happenings.len();
        let known = self.processes.get(&target).map(|process| (process.container, process.ns_pid));
        let fate = self.send(target, signal, false);
        let ignored = match fate {
            SignalFate::Delivered => false,
            SignalFate::Ignored => true,
            SignalFate::NoProcess => return fate,
        };
        // Signal 0 only asks whether somebody is there.
        if let Some((Some(container), pid)) = known
            && signal.0 != 0
        {
            let step = ProcessStep::Signalled { signal: signal.name(), ignored, by: sender };
            let told = Happening::Process { container, host_pid: target, pid, step };
            self.happenings.insert(place, told);
        }
        fate
    }

    /// The namespaces of a process.
    pub(super) fn namespaces(&self, pid: Pid) -> Namespaces {
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
    pub(super) fn pause(&self, sandbox: SandboxId) -> Option<(u32, u32, ProcessStep)> {
        let pid = self.sandboxes.get(&sandbox)?.pause?;
        let process = self.processes.get(&pid)?;
        let namespaces = Some(Rc::new(self.namespaces(pid)));
        let step = ProcessStep::Runs { parent: 0, command: process.command().into(), namespaces };
        Some((pid, process.ns_pid, step))
    }
}
