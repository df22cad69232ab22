//! `/proc` as a process sees it.
//!
//! Owns: its names and texts, and the numbers of namespaces. Does not own: processes (`kernel`).

use crate::workload::cri::SandboxId;
use crate::workload::fs::{Content, Errno, Node};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{FileId, Open, Pid};

/// The namespaces that `/proc/PID/ns` lists.
pub(in crate::workload) const NAMESPACES: [&str; 10] = [
    "cgroup",
    "ipc",
    "mnt",
    "net",
    "pid",
    "pid_for_children",
    "time",
    "time_for_children",
    "user",
    "uts",
];

/// Linux' own numbers of the node's namespaces (include/linux/proc_ns.h); others count on.
const FIRST_NAMESPACE: u32 = 4_026_531_834;
const POD_NAMESPACES: u32 = 4_026_532_300;

/// Files of `/proc` itself.
const FILES: [&str; 9] = [
    "cpuinfo",
    "meminfo",
    "uptime",
    "loadavg",
    "version",
    "mounts",
    "stat",
    "cmdline",
    "filesystems",
];

/// Files of one process.
const PROCESS_FILES: [&str; 6] = ["cmdline", "comm", "environ", "oom_score_adj", "stat", "status"];

/// What the kubelet wants for pause (kubelet/qos/policy.go PodInfraOOMAdj).
const PAUSE_OOM_SCORE: i32 = -998;

impl Kernel {
    /// What a path below /proc is.
    pub(in crate::workload) fn proc_node(&self, pid: Pid, path: &str) -> Option<Node> {
        let directory = || Some(Node { mode: 0o555, ..Node::new(Content::Directory) });
        if path.is_empty() {
            return directory();
        }
        if let Some(text) = self.proc_text(pid, path) {
            return Some(Node { mode: 0o444, ..Node::new(Content::File(text)) });
        }
        let mut parts = path.split('/');
        let other = self.by_number(pid, parts.next()?.parse().ok()?)?;
        match (parts.next(), parts.next(), parts.next()) {
            (None | Some("ns" | "fd"), None, None) => directory(),
            (Some("cwd"), None, None) => Some(Node::new(Content::Link(self.cwd(other)))),
            (Some("exe"), None, None) => {
                let process = self.processes.get(&other)?;
                Some(Node::new(Content::Link(process.argv.first()?.clone())))
            }
            (Some("ns"), Some(kind), None) => {
                Some(Node::new(Content::Link(self.namespace(other, kind)?)))
            }
            (Some("fd"), Some(fd), None) => {
                let file = *self.processes.get(&other)?.fds.get(&fd.parse().ok()?)?;
                Some(Node::new(Content::Link(self.describe_file(file))))
            }
            _ => None,
        }
    }

    fn describe_file(&self, file: FileId) -> String {
        match self.files.get(&file).map(|entry| &entry.open) {
            Some(Open::Null) | None => "/dev/null".to_owned(),
            Some(Open::Zero) => "/dev/zero".to_owned(),
            Some(Open::Terminal(_)) => "/dev/pts/0".to_owned(),
            Some(Open::Log(..) | Open::Exec(_) | Open::Text(..)) => {
                format!("pipe:[{}]", 20_000 + file)
            }
            Some(Open::PipeRead(id) | Open::PipeWrite(id)) => format!("pipe:[{}]", 20_000 + id),
            Some(Open::File { path, .. }) => path.clone(),
        }
    }

    /// The names below a directory of /proc.
    pub(in crate::workload) fn proc_names(&self, pid: Pid, path: &str) -> Option<Vec<String>> {
        let ns = self.processes.get(&pid)?.pid_ns;
        let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        if path.is_empty() {
            let mut names = own(&FILES);
            names.push("self".to_owned());
            for other in self.visible(ns) {
                let number = if ns == 0 { other } else { self.processes.get(&other)?.ns_pid };
                names.push(number.to_string());
            }
            return Some(names);
        }
        let mut parts = path.split('/');
        let other = self.by_number(pid, parts.next()?.parse().ok()?)?;
        match (parts.next(), parts.next()) {
            (None, None) => {
                let mut names = own(&PROCESS_FILES);
                names.extend(own(&["cwd", "exe", "fd", "ns", "root"]));
                Some(names)
            }
            (Some("ns"), None) => Some(own(&NAMESPACES)),
            (Some("fd"), None) => {
                Some(self.processes.get(&other)?.fds.keys().map(i32::to_string).collect())
            }
            _ => None,
        }
    }

    /// The name of a namespace, `pid:[4026532300]`.
    pub(in crate::workload) fn namespace(&self, pid: Pid, kind: &str) -> Option<String> {
        let number = self.namespace_number(pid, kind)?;
        let kind = kind.trim_end_matches("_for_children");
        Some(format!("{kind}:[{number}]"))
    }

    /// The number of a namespace; a process that nobody knows is the node's own.
    pub(in crate::workload) fn namespace_number(&self, pid: Pid, kind: &str) -> Option<u32> {
        let process = self.processes.get(&pid);
        let sandbox = process.and_then(|process| process.sandbox);
        let setup = sandbox.and_then(|id| Some((id.0, &self.sandboxes.get(&id)?.setup)));
        let own = |offset: u32, id: u32| POD_NAMESPACES + id * 8 + offset;
        let pid_ns = process.map_or(0, |process| process.pid_ns);
        Some(match (kind, setup) {
            ("cgroup", _) => FIRST_NAMESPACE + 1,
            ("time" | "time_for_children", _) => FIRST_NAMESPACE,
            ("user", _) => FIRST_NAMESPACE + 3,
            ("ipc", Some((id, setup))) if !setup.host_ipc => own(0, id),
            ("uts", Some((id, setup))) if !setup.host_network => own(1, id),
            ("net", _) => self.network_number(sandbox),
            ("pid" | "pid_for_children", _) if pid_ns != 0 => own(3, pid_ns),
            ("mnt", sandbox) => match (process.and_then(|process| process.container), sandbox) {
                (Some(id), _) => own(4, id.0),
                (None, Some((id, _))) => own(4, id),
                (None, None) => FIRST_NAMESPACE + 7,
            },
            ("ipc", _) => FIRST_NAMESPACE + 5,
            ("uts", _) => FIRST_NAMESPACE + 4,
            ("pid" | "pid_for_children", _) => FIRST_NAMESPACE + 2,
            _ => return None,
        })
    }

    /// The number of a network namespace.
    pub(in crate::workload) fn network_number(&self, sandbox: Option<SandboxId>) -> u32 {
        match sandbox.and_then(|id| Some((id.0, &self.sandboxes.get(&id)?.setup))) {
            Some((id, setup)) if !setup.host_network => POD_NAMESPACES + id * 8 + 2,
            Some(_) | None => FIRST_NAMESPACE + 6,
        }
    }

    fn proc_text(&self, pid: Pid, path: &str) -> Option<String> {
        let seconds = self.clock.as_micros() / 1_000_000;
        match path {
            "uptime" => return Some(format!("{}.00 {}.00\n", 86_400 + seconds, 2 * seconds)),
            "loadavg" => return Some("0.10 0.08 0.05 1/120 4242\n".to_owned()),
            "version" => return Some("Linux version 6.18.44 (podarium) #1 SMP\n".to_owned()),
            "meminfo" => {
                return Some(
                    "MemTotal:        8388608 kB\nMemFree:         6291456 kB\nMemAvailable:    7340032 kB\n"
                        .to_owned(),
                );
            }
            "cpuinfo" => {
                return Some(
                    (0..2)
                        .map(|cpu| format!("processor\t: {cpu}\nmodel name\t: virtual\n\n"))
                        .collect(),
                );
            }
            "mounts" => return Some(self.mounts(pid)),
            "stat" | "cmdline" | "filesystems" => return Some(String::new()),
            _ => {}
        }
        let (number, file) = path.split_once('/')?;
        let other = self.by_number(pid, number.parse().ok()?)?;
        let process = self.processes.get(&other)?;
        match file {
            "cmdline" => Some(match &process.title {
                Some(title) => format!("{title}\0"),
                None => process.argv.iter().map(|arg| format!("{arg}\0")).collect(),
            }),
            "comm" => Some(format!("{}\n", process.name())),
            "environ" => {
                Some(process.env.iter().map(|(key, value)| format!("{key}={value}\0")).collect())
            }
            "oom_score_adj" => {
                let score = match (self.container_of(other), process.sandbox) {
                    (Some(container), _) => container.setup.oom_score_adj,
                    (None, Some(_)) => PAUSE_OOM_SCORE,
                    (None, None) => 0,
                };
                Some(format!("{score}\n"))
            }
            "stat" => Some(format!("{number} ({}) {}\n", process.name(), self.state(other))),
            "status" => {
                let looker = self.processes.get(&pid)?;
                let parent = self.parent_number(looker.pid_ns, other);
                Some(format!(
                    "Name:\t{}\nState:\t{}\nPid:\t{number}\nPPid:\t{parent}\nUid:\t{}\n",
                    process.name(),
                    self.state(other),
                    process.uid
                ))
            }
            _ => None,
        }
    }

    fn mounts(&self, pid: Pid) -> String {
        let mut text =
            "overlay / overlay rw,relatime 0 0\nproc /proc proc rw 0 0\ntmpfs /dev tmpfs rw 0 0\n"
                .to_owned();
        if let Some(container) = self.container_of(pid) {
            for mount in &container.setup.mounts {
                let mode = if mount.read_only { "ro" } else { "rw" };
                text += &format!("/dev/vda {} ext4 {mode},relatime 0 0\n", mount.path);
            }
        }
        text
    }

    /// `R`, `S`, `T` or `Z`.
    pub(in crate::workload) fn state(&self, pid: Pid) -> char {
        match self.processes.get(&pid) {
            Some(process) if process.zombie.is_some() => 'Z',
            Some(process) if process.stopped => 'T',
            // Whoever is being looked at by itself runs; a loop that wants to go on runs too.
            Some(process) if process.program.is_none() => 'R',
            _ => 'S',
        }
    }

    /// The parent's number in a namespace; 0 when it is outside.
    pub(in crate::workload) fn parent_number(&self, ns: u32, pid: Pid) -> u32 {
        let parent = self.processes.get(&pid).and_then(|process| process.parent);
        match parent.and_then(|parent| self.processes.get(&parent).map(|p| (parent, p))) {
            Some((parent, _)) if ns == 0 => parent,
            Some((_, process)) if process.pid_ns == ns => process.ns_pid,
            _ => 0,
        }
    }

    /// Opens something below /proc.
    pub(in crate::workload) fn open_proc(&mut self, pid: Pid, path: &str) -> Result<FileId, Errno> {
        let parts: Vec<&str> = path.split('/').collect();
        if let [number, "fd", fd] = parts.as_slice() {
            let number = number.parse().map_err(|_| Errno::NotFound)?;
            let fd = fd.parse().map_err(|_| Errno::NotFound)?;
            let other = self.by_number(pid, number).ok_or(Errno::NotFound)?;
            return self.open_descriptor(other, fd);
        }
        match self.proc_node(pid, path).map(|node| node.content) {
            Some(Content::File(text)) => Ok(self.open_file(Open::Text(text, 0))),
            Some(_) => Err(Errno::IsDirectory),
            None => Err(Errno::NotFound),
        }
    }
}
