//! Open files: descriptors, pipes, and what reading and writing do.
//!
//! Owns: the table of open files. Does not own: the trees of files (`files`).

use crate::workload::fs::{Content, Errno, Node};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::files::Place;
use crate::workload::kernel::process::{FileId, Open, OpenFile, Pid, Pipe, Read};

/// Invented: the longest output that an exec keeps, so that loops stay small.
const EXEC_OUTPUT_LIMIT: usize = 256 * 1024;

/// Invented: the longest file, so that loops stay small.
const FILE_LIMIT: usize = 1024 * 1024;

/// Bytes that are kept of a file that a program filled at once. Invented: enough for `head`.
const POURED_MAX: usize = 4096;

impl Kernel {
    /// Opens a pipe: the end to read from and the end to write to.
    pub(in crate::workload) fn pipe(&mut self) -> (FileId, FileId) {
        let pipe = self.fresh();
        self.pipes.insert(pipe, Pipe { readers: 1, writers: 1, ..Pipe::default() });
        (self.open_file(Open::PipeRead(pipe)), self.open_file(Open::PipeWrite(pipe)))
    }

    /// An entry of the table of open files.
    pub(in crate::workload) fn open_file(&mut self, open: Open) -> FileId {
        let id = self.fresh();
        self.files.insert(id, OpenFile { open, references: 1 });
        id
    }

    pub(in crate::workload) fn reference(&mut self, file: FileId) {
        if let Some(entry) = self.files.get_mut(&file) {
            entry.references += 1;
        }
    }

    /// One descriptor less; the last one closes the file.
    pub(in crate::workload) fn release(&mut self, file: FileId) {
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
    pub(in crate::workload) fn open(
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
    pub(in crate::workload) fn open_descriptor(
        &mut self,
        other: Pid,
        fd: i32,
    ) -> Result<FileId, Errno> {
        let file = self.processes.get(&other).and_then(|process| process.fds.get(&fd).copied());
        let file = file.ok_or(Errno::NotFound)?;
        self.reference(file);
        Ok(file)
    }

    /// Replaces a descriptor of a process.
    pub(in crate::workload) fn set_fd(&mut self, pid: Pid, fd: i32, file: Option<FileId>) {
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
    pub(in crate::workload) fn write(
        &mut self,
        pid: Pid,
        fd: i32,
        text: &str,
    ) -> Result<(), Errno> {
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
    pub(in crate::workload) fn pour(&mut self, pid: Pid, fd: i32, bytes: i64) {
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
    pub(in crate::workload) fn pour_into(
        &mut self,
        pid: Pid,
        path: &str,
        bytes: i64,
    ) -> Result<(), Errno> {
        let bytes = usize::try_from(bytes).unwrap_or(0);
        let kept = bytes.min(POURED_MAX);
        self.put(pid, path, Content::File("\0".repeat(kept)))?;
        self.bulk += 1;
        self.change(pid, path, |node| node.beyond = bytes - kept)
    }

    /// Reads all that is there, or one line.
    pub(in crate::workload) fn read(&mut self, pid: Pid, fd: i32, line: bool) -> Read {
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
    pub(in crate::workload) fn unread(&mut self, pid: Pid, fd: i32) -> usize {
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
    pub(in crate::workload) fn is_terminal(&self, pid: Pid, fd: i32) -> bool {
        let file = self.processes.get(&pid).and_then(|process| process.fds.get(&fd));
        let open = file.and_then(|file| self.files.get(file)).map(|entry| &entry.open);
        let tty = self.container_of(pid).is_some_and(|container| container.setup.tty);
        tty && matches!(open, Some(Open::Terminal(_)))
    }
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
