//! Files as a process sees them: mounts, permissions, open files, pipes, `/dev`.
//!
//! Owns: resolving paths and everything done with file descriptors. Does not own: the trees
//! themselves (`fs`), or what `/proc` says (`procfs`).

use crate::workload::cri::{ContainerId, VolumeId};
use crate::workload::fs::{Content, Errno, Fs, Node, base, normal, parent};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::{FsId, Pid};

/// What a path means to a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) enum Place {
    /// A path in a tree.
    In { fs: FsId, path: String, read_only: bool, root: bool },
    /// A device, by its name below /dev.
    Device(&'static str),
    /// Something below /proc: the path after it, with `self` resolved.
    Proc(String),
}

/// The devices that every container has.
const DEVICES: [&str; 9] =
    ["null", "zero", "tty", "stdin", "stdout", "stderr", "random", "urandom", "full"];

impl Kernel {
    /// The text of a file, or nothing.
    pub(in crate::workload) fn text_of(&self, pid: Pid, path: &str) -> Option<String> {
        match self.node(pid, path).ok()?.content {
            Content::File(text) => Some(text),
            Content::Directory | Content::Link(_) | Content::Program(_) => None,
        }
    }

    /// What a path means; symbolic links are followed, the last one only if asked.
    pub(in crate::workload) fn place(
        &self,
        pid: Pid,
        path: &str,
        follow: bool,
    ) -> Result<Place, Errno> {
        let cwd = self.processes.get(&pid).map_or("/", |process| process.cwd.as_str());
        let mut path = normal(cwd, path);
        for _ in 0..16 {
            let place = self.mounted(pid, &path)?;
            let Place::In { fs, path: inner, .. } = &place else { return Ok(place) };
            let Some((link, target)) = self.first_link(*fs, inner, follow) else {
                return Ok(place);
            };
            let tail = &inner[link.len()..];
            let seen = &path[..path.len().saturating_sub(tail.len())];
            path = normal(&normal(parent(seen), &target), tail.trim_start_matches('/'));
        }
        Err(Errno::Loop)
    }

    /// The first link on the way to a path inside one tree.
    fn first_link(&self, fs: FsId, path: &str, last_too: bool) -> Option<(String, String)> {
        let tree = self.filesystems.get(&fs)?;
        let mut end = 0;
        while end < path.len() {
            end = path[end + 1..].find('/').map_or(path.len(), |next| end + 1 + next);
            if end == path.len() && !last_too {
                return None;
            }
            if let Some(Node { content: Content::Link(target), .. }) = tree.get(&path[..end]) {
                return Some((path[..end].to_owned(), target.clone()));
            }
        }
        None
    }

    /// Finds the mount that a normal path is under.
    fn mounted(&self, pid: Pid, path: &str) -> Result<Place, Errno> {
        let process = self.processes.get(&pid).ok_or(Errno::NotFound)?;
        let id = process.container.ok_or(Errno::NotFound)?;
        let container = self.containers.get(&id).ok_or(Errno::NotFound)?;
        if let Some(rest) = under(path, "/proc") {
            let rest = rest.strip_prefix("self").map_or_else(
                || rest.to_owned(),
                |tail| format!("{}{tail}", if process.pid_ns == 0 { pid } else { process.ns_pid }),
            );
            let mut parts = rest.splitn(3, '/');
            if let (Some(number), Some("root")) = (parts.next(), parts.next()) {
                let number = number.parse().map_err(|_| Errno::NotFound)?;
                let other = self.by_number(pid, number).ok_or(Errno::NotFound)?;
                let tail = format!("/{}", parts.next().unwrap_or(""));
                return self.mounted(other, &normal("/", &tail));
            }
            return Ok(Place::Proc(rest));
        }
        if let Some(rest) = under(path, "/dev")
            && let Some(device) = DEVICES.iter().find(|name| **name == rest)
        {
            return Ok(Place::Device(device));
        }
        let mount = container
            .setup
            .mounts
            .iter()
            .filter_map(|mount| {
                let at = normal("/", &mount.path);
                under(path, &at).map(|rest| (at.len(), mount, rest.to_owned()))
            })
            .max_by_key(|(length, _, _)| *length);
        let place = match mount {
            Some((_, mount, rest)) => Place::In {
                fs: mount.volume.0,
                path: normal(&normal("/", &mount.sub_path), &rest),
                read_only: mount.read_only,
                root: false,
            },
            None => Place::In {
                fs: container.root,
                path: path.to_owned(),
                read_only: container.setup.read_only_root && under(path, "/dev").is_none(),
                root: true,
            },
        };
        Ok(place)
    }

    /// Whether a path is `/` of a container's own files.
    pub(in crate::workload) fn is_root(&self, pid: Pid, path: &str) -> bool {
        let place = self.place(pid, path, true);
        matches!(place, Ok(Place::In { root: true, path, .. }) if path == "/" || path.is_empty())
    }

    /// A node by its path, links followed.
    pub(in crate::workload) fn node(&self, pid: Pid, path: &str) -> Result<Node, Errno> {
        self.node_at(pid, path, true)
    }

    /// A node by its path; the last link followed only if asked.
    pub(in crate::workload) fn node_at(
        &self,
        pid: Pid,
        path: &str,
        follow: bool,
    ) -> Result<Node, Errno> {
        match self.place(pid, path, follow)? {
            Place::In { fs, path, .. } => self.in_tree(fs, &path).ok_or(Errno::NotFound),
            Place::Device(_) => Ok(Node { mode: 0o666, ..Node::new(Content::File(String::new())) }),
            Place::Proc(path) => self.proc_node(pid, &path).ok_or(Errno::NotFound),
        }
    }

    pub(super) fn in_tree(&self, fs: FsId, path: &str) -> Option<Node> {
        let tree = self.filesystems.get(&fs)?;
        match tree.get(path) {
            None if path == "/" => {
                // A volume's root is open to everybody, a container's belongs to root.
                if self.containers.values().any(|c| c.root == fs) {
                    return Some(Node::new(Content::Directory));
                }
                // pkg/volume/volume_linux.go SetVolumeOwnership: fsGroup, and files inherit it.
                let group = self.containers.values().find_map(|container| {
                    let setup = &container.setup;
                    let mounted = setup.mounts.iter().any(|mount| mount.volume.0 == fs);
                    setup.fs_group.filter(|_| mounted)
                });
                let mode = if group.is_some() { 0o2777 } else { 0o777 };
                let gid = group.unwrap_or(0);
                Some(Node { mode, gid, ..Node::new(Content::Directory) })
            }
            node => node.cloned(),
        }
    }

    /// The names in a directory.
    pub(in crate::workload) fn list(&self, pid: Pid, path: &str) -> Result<Vec<String>, Errno> {
        let whole = normal(&self.cwd(pid), path);
        let mut names = match self.place(pid, path, true)? {
            Place::In { fs, path, .. } => {
                let node = self.in_tree(fs, &path).ok_or(Errno::NotFound)?;
                if !node.is_directory() {
                    return Err(Errno::NotDirectory);
                }
                self.filesystems.get(&fs).map(|tree| tree.names(&path)).unwrap_or_default()
            }
            Place::Device(_) => return Err(Errno::NotDirectory),
            Place::Proc(path) => self.proc_names(pid, &path).ok_or(Errno::NotFound)?,
        };
        if whole == "/dev" {
            names.extend(DEVICES.iter().map(|name| (*name).to_owned()));
        }
        crate::order::sort(&mut names);
        names.dedup();
        Ok(names)
    }

    pub(in crate::workload) fn cwd(&self, pid: Pid) -> String {
        self.processes.get(&pid).map_or_else(|| "/".to_owned(), |process| process.cwd.clone())
    }

    /// The text of a file.
    pub(in crate::workload) fn read_file(&self, pid: Pid, path: &str) -> Result<String, Errno> {
        match self.node(pid, path)?.content {
            Content::File(text) => Ok(text),
            Content::Directory => Err(Errno::IsDirectory),
            Content::Link(_) | Content::Program(_) => Ok(String::new()),
        }
    }

    /// A place that this process may change.
    pub(super) fn writable(&self, pid: Pid, path: &str) -> Result<(FsId, String), Errno> {
        match self.place(pid, path, true)? {
            Place::In { read_only: true, .. } => Err(Errno::ReadOnly),
            Place::In { fs, path, root, .. } => {
                let directory = self.in_tree(fs, parent(&path)).ok_or(Errno::NotFound)?;
                if !directory.is_directory() {
                    return Err(Errno::NotDirectory);
                }
                let uid = self.processes.get(&pid).map_or(0, |process| process.uid);
                let judge =
                    self.in_tree(fs, &path).filter(|n| !n.is_directory()).unwrap_or(directory);
                let open = judge.mode & 0o002 != 0
                    || (judge.mode & 0o020 != 0 && judge.gid == self.group_of(pid));
                if uid != 0 && root && judge.uid != uid && !open {
                    return Err(Errno::Denied);
                }
                Ok((fs, path))
            }
            Place::Device(_) | Place::Proc(_) => Err(Errno::Denied),
        }
    }

    pub(super) fn tree(&mut self, fs: FsId) -> &mut Fs {
        self.filesystems.entry(fs).or_default()
    }

    /// Makes or replaces a node.
    pub(in crate::workload) fn put(
        &mut self,
        pid: Pid,
        path: &str,
        content: Content,
    ) -> Result<(), Errno> {
        let (fs, path) = self.writable(pid, path)?;
        let uid = self.processes.get(&pid).map_or(0, |process| process.uid);
        // A directory with the setgid bit hands its group on.
        let above = self.in_tree(fs, parent(&path)).filter(|above| above.mode & 0o2000 != 0);
        let gid = above.as_ref().map_or_else(|| self.group_of(pid), |above| above.gid);
        let mut node = Node { uid, gid, modified: self.clock, ..Node::new(content) };
        if above.is_some() && node.is_directory() {
            node.mode |= 0o2000;
        }
        self.tree(fs).put(&path, node);
        Ok(())
    }

    /// Makes one directory.
    pub(in crate::workload) fn make_directory(
        &mut self,
        pid: Pid,
        path: &str,
    ) -> Result<(), Errno> {
        if self.node(pid, path).is_ok() {
            return Err(Errno::Exists);
        }
        self.put(pid, path, Content::Directory)
    }

    /// Changes a node in place.
    pub(in crate::workload) fn change(
        &mut self,
        pid: Pid,
        path: &str,
        how: impl FnOnce(&mut Node),
    ) -> Result<(), Errno> {
        let (fs, path) = self.writable(pid, path)?;
        match self.tree(fs).get_mut(&path) {
            Some(node) => {
                how(node);
                Ok(())
            }
            None if path == "/" => Ok(()),
            None => Err(Errno::NotFound),
        }
    }

    /// Removes a file or an empty directory.
    pub(in crate::workload) fn unlink(&mut self, pid: Pid, path: &str) -> Result<(), Errno> {
        let node = self.node_at(pid, path, false)?;
        if self.is_mount_point(pid, path) {
            return Err(Errno::Denied);
        }
        if node.is_directory() && !self.list(pid, path)?.is_empty() {
            return Err(Errno::NotEmpty);
        }
        let whole = normal(&self.cwd(pid), path);
        let (fs, directory) = match self.place(pid, parent(&whole), true)? {
            Place::In { read_only: true, .. } => return Err(Errno::ReadOnly),
            Place::In { fs, path, .. } => (fs, path),
            Place::Device(_) | Place::Proc(_) => return Err(Errno::Denied),
        };
        let inner = normal(&directory, base(&whole));
        self.writable(pid, parent(&whole)).or_else(|errno| {
            if parent(&whole) == "/" { self.writable(pid, &whole) } else { Err(errno) }
        })?;
        self.tree(fs).remove(&inner);
        Ok(())
    }

    /// Moves a node with all below it.
    pub(in crate::workload) fn rename(
        &mut self,
        pid: Pid,
        from: &str,
        to: &str,
    ) -> Result<(), Errno> {
        let node = self.node_at(pid, from, false)?;
        if node.is_directory() {
            let _ = self.make_directory(pid, to);
            for name in self.list(pid, from)? {
                self.rename(pid, &format!("{from}/{name}"), &format!("{to}/{name}"))?;
            }
        } else {
            self.put(pid, to, node.content)?;
            let mode = node.mode;
            self.change(pid, to, |node| node.mode = mode)?;
        }
        self.unlink(pid, from)
    }

    fn is_mount_point(&self, pid: Pid, path: &str) -> bool {
        let whole = normal(&self.cwd(pid), path);
        self.container_of(pid).is_some_and(|container| {
            container.setup.mounts.iter().any(|mount| normal("/", &mount.path) == whole)
        })
    }

    /// What the container wrote to its termination message path.
    pub(in crate::workload) fn termination_message(&self, id: ContainerId) -> String {
        let Some(container) = self.containers.get(&id) else { return String::new() };
        let tree = self.filesystems.get(&container.root);
        let path = container.termination_path();
        match tree.and_then(|tree| tree.get(&path)) {
            Some(Node { content: Content::File(text), .. }) => {
                let mut end = text.len().min(TERMINATION_MESSAGE_LIMIT);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text[..end].to_owned()
            }
            _ => String::new(),
        }
    }

    /// A file of a volume, made with its directories.
    pub(in crate::workload) fn write_volume(
        &mut self,
        volume: VolumeId,
        path: &str,
        content: &str,
    ) {
        let path = normal("/", path);
        let clock = self.clock;
        let tree = self.tree(volume.0);
        tree.make_directories(parent(&path), clock);
        let node = Node { modified: clock, ..Node::new(Content::File(content.to_owned())) };
        tree.put(&path, node);
    }
}

/// pkg/kubelet/kuberuntime: `maxMsgLength` of a termination message.
const TERMINATION_MESSAGE_LIMIT: usize = 4096;

/// The rest of a path below a directory.
fn under<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    if directory == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
