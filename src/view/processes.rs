//! The table of processes at a moment, once for each point of view: a container, the node.
//!
//! Owns: [`Processes`], as plain structs and as text. Does not own: replaying a trace (`inside`),
//! or any sentence (`i18n`).

use std::fmt;

use crate::manifest::pod::{Container, Pod};
use crate::manifest::probe::LifecycleHandler;
use crate::map::Map;
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::inside::{Inside, PodInside, Process, Signal, inside, pod_at};
use crate::workload::machine::{Machine, NODE_PROCESSES};

/// What one Pod's containers and their node see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processes {
    /// The Pod.
    pub pod: String,
    /// Whether its containers see one another's processes.
    pub shared: bool,
    /// One for each container, then the node, if the Pod has one.
    pub points: Vec<Point>,
}

/// A point of view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The container, or the node.
    pub name: String,
    /// It is the node, which sees everything.
    pub is_node: bool,
    /// What PID 1 is here; empty while nothing runs.
    pub one: String,
    /// The processes, children below their parents.
    pub rows: Vec<Row>,
}

/// A process as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// PID here.
    pub pid: u32,
    /// Its parent's PID here; 0 when the parent is outside.
    pub parent: u32,
    /// PID on the node.
    pub host_pid: u32,
    /// PID in its own namespace.
    pub own_pid: u32,
    /// `S` sleeping, `T` stopped, `Z` zombie; a space when it is gone.
    pub state: char,
    /// The command line.
    pub command: String,
    /// How deep below a root.
    pub depth: u8,
    /// Its Pod, where it is not the chosen one; empty for the node's own.
    pub pod: String,
    /// Its container; empty for pause and the node's own.
    pub container: String,
    /// What is to be known about it.
    pub notes: Vec<Note>,
}

impl Row {
    /// It has ended, and nobody has read its exit status.
    pub fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }

    /// It is not in the table any more.
    pub fn is_gone(&self) -> bool {
        self.state == ' '
    }
}

/// Something to be known about a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It is PID 1 of its namespace: signals without a handler do not reach it.
    One,
    /// It is pause, and everybody's PID 1: it reads the exit status of orphans.
    PauseReaps,
    /// It is pause, with a namespace of its own: it has nothing to read.
    PauseAlone,
    /// It is the first process of its container, and an ordinary one here.
    First,
    /// It was run from outside.
    Exec(Exec),
    /// Its parent ended: PID 1 is its parent now.
    Adopted {
        /// Whether PID 1 is pause.
        by_pause: bool,
    },
    /// Its exit status is unread, because its parent does not wait.
    Zombie(i32),
    /// Its exit status was read, and it is gone.
    Gone(Instant),
    /// It listens.
    Ports(Vec<u16>),
    /// The newest signal that came.
    Signalled {
        /// `TERM`, `HUP`, …
        signal: String,
        /// When.
        at: Instant,
        /// Nothing happened.
        ignored: bool,
        /// PID of the sender here; nothing when the runtime sent it.
        by: Option<u32>,
    },
    /// A signal stopped it until another one continues it.
    Stopped,
}

/// Who runs a command inside a container from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exec {
    /// A startup, liveness or readiness probe.
    Probe,
    /// A postStart or preStop hook.
    Hook,
    /// Probably you.
    You,
}

/// The points of view of a Pod: of the one that is chosen, or the first that exists.
pub fn processes(trace: &Trace, at: Instant, chosen: Option<&str>) -> Option<Processes> {
    Some(processes_of(&*pod_at(trace, at, chosen)?, &inside(trace, at)))
}

/// The points of view of a Pod, of what is inside.
pub fn processes_of(pod: &Pod, all: &Inside) -> Processes {
    let nobody = PodInside::default();
    let own = all.of(pod).unwrap_or(&nobody);
    let containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
    let containers = containers.chain(&pod.spec.ephemeral_containers);
    let mut points: Vec<Point> =
        containers.map(|container| of_container(pod, own, container)).collect();
    if !pod.spec.node_name.is_empty() {
        points.push(of_node(pod, all));
    }
    Processes {
        pod: pod.metadata.name.clone(),
        shared: pod.spec.share_process_namespace == Some(true),
        points,
    }
}

fn of_container(pod: &Pod, own: &PodInside, container: &Container) -> Point {
    let seat = own.seats.get(container.name.as_str());
    let ns = seat.and_then(|seat| seat.namespaces.as_ref()).map(|numbers| numbers.pid);
    let name = container.name.clone();
    let Some(ns) = ns else {
        return Point { name, is_node: false, one: String::new(), rows: Vec::new() };
    };
    let mut table = Table { pod, on_node: ns == Machine::own_namespaces().pid, known: Vec::new() };
    if table.on_node {
        table.push_node();
    }
    let alive = own.processes.values().chain(&own.ghosts);
    for process in alive.filter(|process| process.ns == ns) {
        table.push(own, process, own);
    }
    let rows = table.rows();
    let one = rows.iter().find(|row| row.pid == 1).map(|row| row.command.clone());
    Point { name, is_node: false, one: one.unwrap_or_default(), rows }
}

fn of_node(pod: &Pod, all: &Inside) -> Point {
    let node = &pod.spec.node_name;
    let nobody = PodInside::default();
    let own = all.of(pod).unwrap_or(&nobody);
    let mut table = Table { pod, on_node: true, known: Vec::new() };
    table.push_node();
    for inside in all.pods.values().filter(|inside| *inside.node == **node) {
        for process in inside.processes.values() {
            table.push(inside, process, own);
        }
    }
    let rows = table.rows();
    Point { name: node.clone(), is_node: true, one: NODE_PROCESSES[0].1.to_owned(), rows }
}

/// Rows in the making, each with its parent's PID on the node.
struct Table<'p> {
    pod: &'p Pod,
    /// Numbers are the node's own.
    on_node: bool,
    known: Vec<(u32, Row)>,
}

impl Table<'_> {
    /// The node's own processes, as far as they are drawn.
    fn push_node(&mut self) {
        for (pid, command) in NODE_PROCESSES {
            let parent = u32::from(pid != 1);
            let row = Row {
                pid,
                parent,
                host_pid: pid,
                own_pid: pid,
                state: 'S',
                command: command.to_owned(),
                depth: 0,
                pod: String::new(),
                container: String::new(),
                notes: Vec::new(),
            };
            self.known.push((parent, row));
        }
    }

    fn push(&mut self, inside: &PodInside, process: &Process, own: &PodInside) {
        let number = |process: &Process| {
            if self.on_node { process.host_pid } else { process.pid }
        };
        let parent = inside.parent(process);
        let seen = inside.processes.get(&parent).filter(|p| self.on_node || p.ns == process.ns);
        let state = match (process.gone, process.zombie) {
            (Some(_), _) => ' ',
            (None, Some(_)) => 'Z',
            (None, None) if process.paused => 'T',
            (None, None) => 'S',
        };
        let stranger = !std::ptr::eq(inside, own);
        let row = Row {
            pid: number(process),
            parent: seen.map_or(u32::from(self.on_node && parent == 1), number),
            host_pid: process.host_pid,
            own_pid: process.pid,
            state,
            command: process.command.to_string(),
            depth: 0,
            pod: if stranger { inside.name.to_string() } else { self.pod.metadata.name.clone() },
            container: process.container.as_deref().unwrap_or_default().to_owned(),
            notes: self.notes(inside, process),
        };
        self.known.push((parent, row));
    }

    fn notes(&self, inside: &PodInside, process: &Process) -> Vec<Note> {
        let mut notes = Vec::new();
        let pause = process.container.is_none();
        // pause's namespace is everybody's when another first process is in it.
        let shared = inside.processes.values().any(|other| {
            other.first && other.ns == process.ns && other.host_pid != process.host_pid
        });
        let hosted = process.pid == process.host_pid;
        match (pause, process.pid) {
            (true, 1) if shared => notes.push(Note::PauseReaps),
            (true, _) if !hosted => notes.push(Note::PauseAlone),
            (false, 1) => notes.push(Note::One),
            _ if process.first => notes.push(Note::First),
            _ => {}
        }
        if process.born_to == 0 && !process.first && process.gone.is_none() {
            notes.push(Note::Exec(self.exec(process)));
        }
        let parent = inside.parent(process);
        if process.born_to != 0 && parent != process.born_to {
            let by_pause = inside.processes.get(&parent).is_some_and(|one| one.container.is_none());
            notes.push(Note::Adopted { by_pause });
        }
        match (process.gone, process.zombie) {
            (Some(at), _) => notes.push(Note::Gone(at)),
            (None, Some(code)) => notes.push(Note::Zombie(code)),
            (None, None) => {}
        }
        if process.paused {
            notes.push(Note::Stopped);
        }
        if !process.ports.is_empty() {
            notes.push(Note::Ports(process.ports.clone()));
        }
        if let Some(Signal { name, ignored, by, at }) = &process.signal {
            let sender = inside.processes.get(by);
            let by = sender.map(|p| if self.on_node { p.host_pid } else { p.pid });
            let signal = name.to_string();
            notes.push(Note::Signalled { signal, at: *at, ignored: *ignored, by });
        }
        notes
    }

    /// Who runs this command from outside: the one whose YAML says the same.
    fn exec(&self, process: &Process) -> Exec {
        let spec = &self.pod.spec;
        let all = spec.init_containers.iter().chain(&spec.containers);
        let container = all
            .chain(&spec.ephemeral_containers)
            .find(|c| Some(c.name.as_str()) == process.container.as_deref());
        let Some(container) = container else { return Exec::You };
        let says = |command: &Vec<String>| command.join(" ").replace('\n', " ") == *process.command;
        let probes =
            [&container.startup_probe, &container.liveness_probe, &container.readiness_probe];
        let probed = probes
            .into_iter()
            .flatten()
            .any(|probe| probe.exec.as_ref().is_some_and(|exec| says(&exec.command)));
        let hook = |handler: &Option<LifecycleHandler>| {
            let exec = handler.as_ref().and_then(|handler| handler.exec.as_ref());
            exec.is_some_and(|exec| says(&exec.command))
        };
        let hooked = container
            .lifecycle
            .as_ref()
            .is_some_and(|hooks| hook(&hooks.post_start) || hook(&hooks.pre_stop));
        match (probed, hooked) {
            (true, _) => Exec::Probe,
            (false, true) => Exec::Hook,
            (false, false) => Exec::You,
        }
    }

    /// Children below their parents, each level in the order of PIDs.
    fn rows(self) -> Vec<Row> {
        let mut children: Map<u32, Vec<usize>> = Map::new();
        let there: Vec<u32> = self.known.iter().map(|(_, row)| row.host_pid).collect();
        let mut order: Vec<(u32, usize)> =
            self.known.iter().enumerate().map(|(index, (_, row))| (row.pid, index)).collect();
        crate::order::sort(&mut order);
        let mut stack = Vec::new();
        for (_, index) in order.into_iter().rev() {
            let Some((parent, row)) = self.known.get(index) else { continue };
            if there.contains(parent) && *parent != row.host_pid {
                children.entry(*parent).or_default().push(index);
            } else {
                stack.push((index, 0));
            }
        }
        let mut rows = Vec::new();
        let mut known: Vec<Option<Row>> =
            self.known.into_iter().map(|(_, row)| Some(row)).collect();
        while let Some((index, depth)) = stack.pop() {
            let Some(mut row) = known.get_mut(index).and_then(Option::take) else { continue };
            row.depth = depth;
            let below = children.remove(&row.host_pid).unwrap_or_default();
            stack.extend(below.into_iter().map(|child| (child, depth.saturating_add(1))));
            rows.push(row);
        }
        rows
    }
}

impl Processes {
    /// A point of view by its name.
    pub fn point(&self, name: &str) -> Option<&Point> {
        self.points.iter().find(|point| point.name == name)
    }
}

impl fmt::Display for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, point) in self.points.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let what = if point.is_node { "node" } else { "container" };
            writeln!(f, "pod {} · as {what} {} sees it", self.pod, point.name)?;
            writeln!(f, "{:>7} {:>7} STAT {:<44} HOST", "PID", "PPID", "COMMAND")?;
            for row in &point.rows {
                let indent = usize::from(row.depth) * 2;
                let command = format!("{:indent$}{}", "", row.command);
                let command: String = command.chars().take(44).collect();
                let line = format!(
                    "{:>7} {:>7} {:<4} {command:<44} {:<6} {}",
                    row.pid,
                    row.parent,
                    row.state,
                    row.host_pid,
                    row.notes.iter().map(note).collect::<Vec<_>>().join("; ")
                );
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}

fn note(note: &Note) -> String {
    match note {
        Note::One => "PID 1: ignores TERM unless handled".to_owned(),
        Note::PauseReaps => "PID 1 of the Pod, reaps orphans".to_owned(),
        Note::PauseAlone => "alone in its PID namespace".to_owned(),
        Note::First => "first of its container".to_owned(),
        Note::Exec(Exec::Probe) => "exec probe".to_owned(),
        Note::Exec(Exec::Hook) => "hook".to_owned(),
        Note::Exec(Exec::You) => "kubectl exec".to_owned(),
        Note::Adopted { by_pause: true } => "orphan, adopted by pause".to_owned(),
        Note::Adopted { by_pause: false } => "orphan, adopted by PID 1".to_owned(),
        Note::Zombie(code) => format!("zombie: exit {code} unread"),
        Note::Gone(at) => format!("gone at {}", at.clock()),
        Note::Ports(ports) => {
            let ports: Vec<String> = ports.iter().map(|port| format!(":{port}")).collect();
            format!("listens on {}", ports.join(" "))
        }
        Note::Signalled { signal, at, ignored, by } => {
            let by = by.map_or("the runtime".to_owned(), |pid| format!("PID {pid}"));
            let fate = if *ignored { ", ignored" } else { "" };
            format!("{signal} from {by} at {}{fate}", at.clock())
        }
        Note::Stopped => "stopped".to_owned(),
    }
}
