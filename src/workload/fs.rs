//! Files in memory: an image's files below, what a container changed above.
//!
//! Owns: [`Fs`], one tree of files, and the names of errors. Does not own: where a tree is mounted,
//! or what `/proc` and `/dev` show (`files`).

use std::rc::Rc;

use crate::map::Map;
use crate::time::Instant;

/// Why a file operation failed, in the C library's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errno {
    NotFound,
    Denied,
    ReadOnly,
    IsDirectory,
    NotDirectory,
    Exists,
    NotEmpty,
    Loop,
    NoExec,
}

impl Errno {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::NotFound => "No such file or directory",
            Self::Denied => "Permission denied",
            Self::ReadOnly => "Read-only file system",
            Self::IsDirectory => "Is a directory",
            Self::NotDirectory => "Not a directory",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
            Self::Loop => "Too many levels of symbolic links",
            Self::NoExec => "Exec format error",
        }
    }
}

/// What a node of the tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    File(String),
    Directory,
    Link(String),
    /// An executable that the simulator knows, by the name of its behaviour.
    Program(&'static str),
}

/// A file, directory, link or program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) mode: u32,
    pub(super) uid: i64,
    pub(super) gid: i64,
    pub(super) modified: Instant,
    /// Bytes that the file has beyond those that are kept here.
    pub(super) beyond: usize,
}

impl Node {
    pub(super) fn new(content: Content) -> Self {
        let mode = match content {
            Content::File(_) => 0o644,
            Content::Directory | Content::Program(_) => 0o755,
            Content::Link(_) => 0o777,
        };
        Self { content, mode, uid: 0, gid: 0, modified: Instant::ZERO, beyond: 0 }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.content == Content::Directory
    }

    pub(super) fn size(&self) -> usize {
        match &self.content {
            Content::File(text) => text.len() + self.beyond,
            Content::Directory => 4096,
            Content::Link(target) => target.len(),
            // Invented: programs have no bytes here; ls has to print some size.
            Content::Program(_) => 1_131_168,
        }
    }
}

/// The files of an image, shared by its containers.
pub(super) type Layer = Map<String, Node>;

/// One tree: a shared lower layer and the changes above it, as overlayfs does it.
#[derive(Clone, Debug, Default)]
pub(super) struct Fs {
    lower: Rc<Layer>,
    upper: Map<String, Option<Node>>,
}

impl Fs {
    pub(super) fn over(lower: Rc<Layer>) -> Self {
        Self { lower, upper: Map::new() }
    }

    /// A node by its path from this tree's root: `/` or `/a/b`.
    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        match self.upper.get(path) {
            Some(changed) => changed.as_ref(),
            None => self.lower.get(path),
        }
    }

    pub(super) fn put(&mut self, path: &str, node: Node) {
        self.upper.insert(path.to_owned(), Some(node));
    }

    /// For changing; copies the node up first.
    pub(super) fn get_mut(&mut self, path: &str) -> Option<&mut Node> {
        if !self.upper.contains_key(path) {
            let copy = self.lower.get(path)?.clone();
            self.upper.insert(path.to_owned(), Some(copy));
        }
        self.upper.get_mut(path)?.as_mut()
    }

    /// Bytes that the files take which are not an image's.
    pub(super) fn written(&self) -> usize {
        let files = self.upper.values().flatten();
        let own = files.filter(|node| matches!(node.content, Content::File(_)));
        own.fold(0, |sum, node| sum + node.size())
    }

    /// Removes one node; a directory has to be empty.
    pub(super) fn remove(&mut self, path: &str) {
        if self.lower.contains_key(path) {
            self.upper.insert(path.to_owned(), None);
        } else {
            self.upper.remove(path);
        }
    }

    /// Every path below a directory, in order.
    pub(super) fn below(&self, directory: &str) -> Vec<String> {
        let prefix = if directory == "/" { "/".to_owned() } else { format!("{directory}/") };
        let inside = |path: &&String| path.starts_with(&prefix) && path.len() > prefix.len();
        let mut paths: Vec<String> = self
            .lower
            .range(prefix.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&prefix))
            .filter(inside)
            .filter(|path| !self.upper.contains_key(*path))
            .cloned()
            .collect();
        paths.extend(
            self.upper
                .range(prefix.clone()..)
                .take_while(|(path, _)| path.starts_with(&prefix))
                .filter(|(path, node)| node.is_some() && inside(path))
                .map(|(path, _)| path.clone()),
        );
        crate::order::sort(&mut paths);
        paths
    }

    /// The names in a directory, in order.
    pub(super) fn names(&self, directory: &str) -> Vec<String> {
        let skip = if directory == "/" { 1 } else { directory.len() + 1 };
        self.below(directory)
            .into_iter()
            .filter_map(|path| {
                let name = &path[skip..];
                (!name.contains('/')).then(|| name.to_owned())
            })
            .collect()
    }

    /// Makes a directory and all above it.
    pub(super) fn make_directories(&mut self, path: &str, at: Instant) {
        let mut end = 0;
        while end < path.len() {
            end = path[end + 1..].find('/').map_or(path.len(), |next| end + 1 + next);
            let part = &path[..end];
            if !part.is_empty() && part != "/" && self.get(part).is_none() {
                self.put(part, Node { modified: at, ..Node::new(Content::Directory) });
            }
        }
    }
}

/// The directory of a path.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

/// The last name of a path.
pub(super) fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// An absolute path without `.`, `..` and doubled slashes.
pub(super) fn normal(cwd: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let whole = if path.starts_with('/') { String::new() } else { format!("{cwd}/") };
    for part in whole.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { "/".to_owned() } else { format!("/{}", parts.join("/")) }
}
