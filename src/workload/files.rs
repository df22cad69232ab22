//! Files as a process sees them: mounts, permissions, open files, pipes, `/dev`.
//!
//! Owns: resolving paths and everything done with file descriptors. Does not own: the trees
//! themselves (`fs`), or what `/proc` says (`procfs`).

use crate::workload::fs::{Content, Errno, Fs, Node, base, normal, parent};
use crate::workload::kernel::Kernel;
use crate::workload::machine::{ContainerId, VolumeId};
use crate::workload::process::{FileId, FsId, Open, OpenFile, Pid, Read};

/// What a path means to a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
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
    /// What a path means; symbolic links are followed, the last one only if asked.
    pub(super) fn place(&self, pid: Pid, path: &str, follow: bool) -> Result<Place, Errno> {
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
    pub(super) fn is_root(&self, pid: Pid, path: &str) -> bool {
        let place = self.place(pid, path, true);
        matches!(place, Ok(Place::In { root: true, path, .. }) if path == "/" || path.is_empty())
    }

    /// A node by its path, links followed.
    pub(super) fn node(&self, pid: Pid, path: &str) -> Result<Node, Errno> {
        self.node_at(pid, path, true)
    }

    /// A node by its path; the last link followed only if asked.
    pub(super) fn node_at(&self, pid: Pid, path: &str, follow: bool) -> Result<Node, Errno> {
        match self.place(pid, path, follow)? {
            Place::In { fs, path, .. } => self.in_tree(fs, &path).ok_or(Errno::NotFound),
            Place::Device(_) => Ok(Node { mode: 0o666, ..Node::new(Content::File(String::new())) }),
            Place::Proc(path) => self.proc_node(pid, &path).ok_or(Errno::NotFound),
        }
    }

    fn in_tree(&self, fs: FsId, path: &str) -> Option<Node> {
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
    pub(super) fn list(&self, pid: Pid, path: &str) -> Result<Vec<String>, Errno> {
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

    pub(super) fn cwd(&self, pid: Pid) -> String {
        self.processes.get(&pid).map_or_else(|| "/".to_owned(), |process| process.cwd.clone())
    }

    /// The text of a file.
    pub(super) fn read_file(&self, pid: Pid, path: &str) -> Result<String, Errno> {
        match self.node(pid, path)?.content {
            Content::File(text) => Ok(text),
            Content::Directory => Err(Errno::IsDirectory),
            Content::Link(_) | Content::Program(_) => Ok(String::new()),
        }
    }

    /// A place that this process may change.
    fn writable(&self, pid: Pid, path: &str) -> Result<(FsId, String), Errno> {
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

    fn tree(&mut self, fs: FsId) -> &mut Fs {
        self.filesystems.entry(fs).or_default()
    }

    /// Makes or replaces a node.
    pub(super) fn put(&mut self, pid: Pid, path: &str, content: Content) -> Result<(), Errno> {
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
    pub(super) fn make_directory(&mut self, pid: Pid, path: &str) -> Result<(), Errno> {
        if self.node(pid, path).is_ok() {
            return Err(Errno::Exists);
        }
        self.put(pid, path, Content::Directory)
    }

    /// Changes a node in place.
    pub(super) fn change(
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
    pub(super) fn unlink(&mut self, pid: Pid, path: &str) -> Result<(), Errno> {
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
    pub(super) fn rename(&mut self, pid: Pid, from: &str, to: &str) -> Result<(), Errno> {
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

    /// An entry of the table of open files.
    pub(super) fn open_file(&mut self, open: Open) -> FileId {
        let id = self.fresh();
        self.files.insert(id, OpenFile { open, references: 1 });
        id
    }

    pub(super) fn reference(&mut self, file: FileId) {
        if let Some(entry) = self.files.get_mut(&file) {
            entry.references += 1;
        }
    }

    /// One descriptor less; the last one closes the file.
    pub(super) fn release(&mut self, file: FileId) {
        let Some(entry) = self.files.get_mut(&file) else { return };
        entry.references = entry.references.saturating_sub(1);
        if entry.references > 0 {
            return;
        }
        let Some(entry) = self.files.remove(&file) else { return };
        let id = match entry.open {
            Open::PipeRead(id) | Open::PipeWrite(id) => id,
            Open::Null
            | Open::Zero
            | Open::Terminal(_)
            | Open::Log(..)
            | Open::Exec(_)
            | Open::Text(..)
            | Open::File { .. } => return,
        };
        let Some(pipe) = self.pipes.get_mut(&id) else { return };
        match entry.open {
            Open::PipeRead(_) => pipe.readers = pipe.readers.saturating_sub(1),
            _ => pipe.writers = pipe.writers.saturating_sub(1),
        }
        let waiting = std::mem::take(&mut pipe.waiting);
        if pipe.readers == 0 && pipe.writers == 0 {
            self.pipes.remove(&id);
        }
        for pid in waiting {
            self.wake(pid);
        }
    }

    /// Opens a path; `write` is `None` for reading, `Some(true)` for appending.
    pub(super) fn open(
        &mut self,
        pid: Pid,
        path: &str,
        write: Option<bool>,
    ) -> Result<FileId, Errno> {
        match self.place(pid, path, true)? {
            Place::Device(name) => self.open_device(pid, name),
            Place::Proc(inner) => self.open_proc(pid, &inner),
            Place::In { fs, path: inner, .. } => {
                let node = self.in_tree(fs, &inner);
                if node.as_ref().is_some_and(Node::is_directory) && write.is_some() {
                    return Err(Errno::IsDirectory);
                }
                let mut position = 0;
                match (write, &node) {
                    (None, None) => return Err(Errno::NotFound),
                    (None, Some(_)) => {}
                    (Some(append), _) => {
                        self.writable(pid, path)?;
                        if append && node.is_some() {
                            position = node.map_or(0, |node| node.size());
                        } else if node.is_some() {
                            self.change(pid, path, |node| {
                                node.content = Content::File(String::new());
                                node.beyond = 0;
                            })?;
                        } else {
                            self.put(pid, path, Content::File(String::new()))?;
                        }
                    }
                }
                let append = write == Some(true);
                Ok(self.open_file(Open::File { fs, path: inner, position, append }))
            }
        }
    }

    fn open_device(&mut self, pid: Pid, name: &str) -> Result<FileId, Errno> {
        let fd = match name {
            "stdin" => 0,
            "stdout" => 1,
            "stderr" => 2,
            "zero" => return Ok(self.open_file(Open::Zero)),
            "random" | "urandom" => {
                // No chance in here: the same characters every time.
                let text = "k7Qw2ZxN9bVtR4yLmP0sHc8DfJgA1eUo".repeat(32);
                return Ok(self.open_file(Open::Text(text, 0)));
            }
            _ => return Ok(self.open_file(Open::Null)),
        };
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd).copied());
        let file = file.ok_or(Errno::NotFound)?;
        self.reference(file);
        Ok(file)
    }

    /// Another process's descriptor: the same pipe or log, opened again.
    pub(super) fn open_descriptor(&mut self, other: Pid, fd: i32) -> Result<FileId, Errno> {
        let file = self.processes.get(&other).and_then(|process| process.fds.get(&fd).copied());
        let file = file.ok_or(Errno::NotFound)?;
        self.reference(file);
        Ok(file)
    }

    /// Replaces a descriptor of a process.
    pub(super) fn set_fd(&mut self, pid: Pid, fd: i32, file: Option<FileId>) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let old = match file {
            Some(file) => process.fds.insert(fd, file),
            None => process.fds.remove(&fd),
        };
        if let Some(old) = old {
            self.release(old);
        }
    }

    /// Writes; `Err` when nobody can ever read it.
    pub(super) fn write(&mut self, pid: Pid, fd: i32, text: &str) -> Result<(), Errno> {
        if text.is_empty() {
            return Ok(());
        }
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd).copied());
        let Some(file) = file else { return Err(Errno::NotFound) };
        let clock = self.clock;
        match self.files.get_mut(&file).map(|entry| &mut entry.open) {
            Some(
                Open::Null | Open::Zero | Open::Text(..) | Open::PipeRead(_) | Open::Terminal(None),
            )
            | None => Ok(()),
            Some(Open::Log(id, stream) | Open::Terminal(Some((id, stream)))) => {
                let (id, stream) = (*id, *stream);
                self.log(pid, id, stream, text);
                Ok(())
            }
            Some(Open::Exec(id)) => {
                let id = *id;
                self.charge(pid, text.len() as i64 / 32);
                if let Some(exec) = self.execs.get_mut(&id)
                    && exec.output.len() < EXEC_OUTPUT_LIMIT
                {
                    exec.output.push_str(text);
                }
                Ok(())
            }
            Some(Open::PipeWrite(id)) => {
                let id = *id;
                self.charge(pid, text.len() as i64 / 32);
                let Some(pipe) = self.pipes.get_mut(&id) else { return Err(Errno::Denied) };
                if pipe.readers == 0 {
                    return Err(Errno::Denied);
                }
                pipe.data.push_str(text);
                for pid in std::mem::take(&mut pipe.waiting) {
                    self.wake(pid);
                }
                Ok(())
            }
            Some(Open::File { fs, path, position, append }) => {
                let (fs, path, append) = (*fs, path.clone(), *append);
                let at = *position;
                let tree = self.filesystems.entry(fs).or_default();
                if let Some(node) = tree.get_mut(&path)
                    && let Content::File(content) = &mut node.content
                {
                    node.modified = clock;
                    let full = content.len() + text.len() > FILE_LIMIT;
                    node.beyond += if full { text.len() } else { 0 };
                    let end = write_at(content, if append { content.len() } else { at }, text);
                    if let Some(Open::File { position, .. }) =
                        self.files.get_mut(&file).map(|entry| &mut entry.open)
                    {
                        *position = end;
                    }
                }
                self.charge(pid, text.len() as i64 / 32);
                Ok(())
            }
        }
    }

    /// Writes so many bytes of which only the first are kept.
    pub(super) fn pour(&mut self, pid: Pid, fd: i32, bytes: i64) {
        let bytes = usize::try_from(bytes).unwrap_or(0);
        let kept = bytes.min(POURED_MAX);
        let _ = self.write(pid, fd, &"\0".repeat(kept));
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd).copied());
        let open = file.and_then(|file| self.files.get(&file)).map(|entry| &entry.open);
        if let Some(Open::File { fs, path, .. }) = open {
            let (fs, path) = (*fs, path.clone());
            if let Some(node) = self.tree(fs).get_mut(&path) {
                node.beyond += bytes - kept;
            }
            self.bulk += 1;
        }
    }

    /// Makes a file of so many bytes of which only the first are kept.
    pub(super) fn pour_into(&mut self, pid: Pid, path: &str, bytes: i64) -> Result<(), Errno> {
        let bytes = usize::try_from(bytes).unwrap_or(0);
        let kept = bytes.min(POURED_MAX);
        self.put(pid, path, Content::File("\0".repeat(kept)))?;
        self.bulk += 1;
        self.change(pid, path, |node| node.beyond = bytes - kept)
    }

    /// Reads all that is there, or one line.
    pub(super) fn read(&mut self, pid: Pid, fd: i32, line: bool) -> Read {
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd).copied());
        let Some(entry) = file.and_then(|file| self.files.get_mut(&file)) else { return Read::End };
        match &mut entry.open {
            Open::Terminal(_) => Read::Wait,
            Open::Null | Open::Log(..) | Open::Exec(_) | Open::PipeWrite(_) | Open::Zero => {
                Read::End
            }
            Open::Text(text, position) => take_text(text, position, line),
            Open::File { fs, path, position, .. } => {
                let text = match self.filesystems.get(fs).and_then(|tree| tree.get(path)) {
                    Some(Node { content: Content::File(text), .. }) => text,
                    _ => return Read::End,
                };
                take_text(text, position, line)
            }
            Open::PipeRead(id) => {
                let Some(pipe) = self.pipes.get_mut(id) else { return Read::End };
                let end = pipe.data.find('\n').map(|end| end + 1);
                let ready = if line { end } else { Some(pipe.data.len()).filter(|n| *n > 0) };
                match ready {
                    Some(end) => {
                        let data: String = pipe.data.drain(..end).collect();
                        for pid in std::mem::take(&mut pipe.waiting) {
                            self.wake(pid);
                        }
                        Read::Data(data)
                    }
                    None if pipe.writers == 0 && pipe.data.is_empty() => Read::End,
                    None if pipe.writers == 0 => Read::Data(std::mem::take(&mut pipe.data)),
                    None => {
                        if !pipe.waiting.contains(&pid) {
                            pipe.waiting.push(pid);
                        }
                        Read::Wait
                    }
                }
            }
        }
    }

    /// How much waits in the pipe behind a descriptor; asks to be woken when it is read.
    pub(super) fn unread(&mut self, pid: Pid, fd: i32) -> usize {
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd).copied());
        let Some(Open::PipeWrite(id)) =
            file.and_then(|file| self.files.get(&file)).map(|entry| entry.open.clone())
        else {
            return 0;
        };
        self.pipes.get_mut(&id).map_or(0, |pipe| {
            if !pipe.data.is_empty() && !pipe.waiting.contains(&pid) {
                pipe.waiting.push(pid);
            }
            pipe.data.len()
        })
    }

    /// Whether a descriptor is a terminal.
    pub(super) fn is_terminal(&self, pid: Pid, fd: i32) -> bool {
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd));
        let open = file.and_then(|file| self.files.get(file)).map(|entry| &entry.open);
        let tty = self.container_of(pid).is_some_and(|container| container.setup.tty);
        tty && matches!(open, Some(Open::Terminal(_)))
    }

    /// What the container wrote to its termination message path.
    pub(super) fn termination_message(&self, id: ContainerId) -> String {
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
    pub(super) fn write_volume(&mut self, volume: VolumeId, path: &str, content: &str) {
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

/// Invented: the longest output that an exec keeps, so that loops stay small.
const EXEC_OUTPUT_LIMIT: usize = 256 * 1024;

/// Invented: the longest file, so that loops stay small.
const FILE_LIMIT: usize = 1024 * 1024;

/// Bytes that are kept of a file that a program filled at once. Invented: enough for `head`.
const POURED_MAX: usize = 4096;

/// The rest of a path below a directory.
fn under<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    if directory == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn write_at(content: &mut String, at: usize, text: &str) -> usize {
    if content.len() + text.len() > FILE_LIMIT {
        return content.len();
    }
    if at >= content.len() || !content.is_char_boundary(at) {
        // Whoever truncated the file meanwhile leaves a hole; nobody here looks at holes.
        content.push_str(text);
        return content.len();
    }
    let mut end = (at + text.len()).min(content.len());
    while !content.is_char_boundary(end) {
        end += 1;
    }
    content.replace_range(at..end, text);
    at + text.len()
}

fn take_text(text: &str, position: &mut usize, line: bool) -> Read {
    let rest = text.get(*position..).unwrap_or("");
    if rest.is_empty() {
        return Read::End;
    }
    let end = if line { rest.find('\n').map_or(rest.len(), |end| end + 1) } else { rest.len() };
    *position += end;
    Read::Data(rest[..end].to_owned())
}
