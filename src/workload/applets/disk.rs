//! Programs about files: ls, cp, mv, rm, mkdir, touch, stat, find, …
//!
//! Owns: what they do and print. Does not own: the files (`files`).

use crate::time::Instant;
use crate::workload::applets::Done;
use crate::workload::fs::{Content, Errno, Node, base, normal, parent};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::posix::pattern;

/// Bytes of a hole that are kept. Invented: a page, enough to be seen.
const HOLE_MAX: usize = 4096;

/// Runs one of these programs; `None` when it is none of them.
pub(super) fn run(kernel: &mut Kernel, pid: Pid, name: &str, args: &[String]) -> Option<Done> {
    let flags: String = args
        .iter()
        .filter(|a| a.starts_with('-') && !a.starts_with("--"))
        .map(|a| &a[1..])
        .collect();
    let files: Vec<&String> =
        args.iter().filter(|arg| !arg.starts_with('-') || *arg == "-").collect();
    let long = |flag: &str| args.iter().any(|arg| arg == flag);
    Some(match name {
        "ls" => ls(kernel, pid, &flags, &files, long("--full-time")),
        "touch" => each(name, &files, |path| match kernel.node(pid, path) {
            Ok(_) => {
                let clock = kernel.clock;
                kernel.change(pid, path, |node| node.modified = clock)
            }
            Err(Errno::NotFound) if flags.contains('c') => Ok(()),
            Err(_) => kernel.put(pid, path, Content::File(String::new())),
        }),
        "mkdir" => make_directories(kernel, pid, &flags, args),
        "rmdir" => each(name, &files, |path| match kernel.node(pid, path) {
            Ok(node) if !node.is_directory() => Err(Errno::NotDirectory),
            _ => kernel.unlink(pid, path),
        }),
        "rm" | "unlink" => {
            let force = flags.contains('f');
            let recursive = flags.contains(['r', 'R']);
            let mut done = Done::default();
            for path in &files {
                if let Err((path, errno)) = remove(kernel, pid, path, recursive) {
                    if errno == Errno::NotFound && force {
                        continue;
                    }
                    let problem = match errno {
                        Errno::IsDirectory => format!("'{path}' is a directory"),
                        errno => format!("can't remove '{path}': {}", errno.text()),
                    };
                    done.complain("rm", &problem);
                }
            }
            done
        }
        "cp" | "mv" | "ln" | "install" => two(kernel, pid, name, &flags, &files),
        "chmod" => match files.split_first() {
            Some((mode, paths)) => each(name, paths, |path| {
                let current = kernel.node(pid, path)?.mode;
                let new = change_mode(mode, current);
                kernel.change(pid, path, |node| node.mode = new)
            }),
            None => Done::failed(name, "missing operand", 1),
        },
        "chown" | "chgrp" => match files.split_first() {
            Some((owner, paths)) => {
                let (user, group) = match owner.split_once(':') {
                    _ if name == "chgrp" => ("", owner.as_str()),
                    Some(both) => both,
                    None => (owner.as_str(), ""),
                };
                // Groups of the images here have the numbers of their users.
                let (uid, gid) = (kernel.uid_of(pid, user), kernel.uid_of(pid, group));
                each(name, paths, |path| {
                    kernel.change(pid, path, |node| {
                        node.uid = uid.unwrap_or(node.uid);
                        node.gid = gid.unwrap_or(node.gid);
                    })
                })
            }
            None => Done::failed(name, "missing operand", 1),
        },
        "readlink" | "realpath" => {
            let mut done = Done::default();
            for path in &files {
                match kernel.node_at(pid, path, false).map(|node| node.content) {
                    Ok(Content::Link(target)) if name == "readlink" && !flags.contains('f') => {
                        done.out += &format!("{target}\n");
                    }
                    Ok(_) if name == "realpath" || flags.contains('f') => {
                        done.out += &format!("{}\n", normal(&kernel.cwd(pid), path));
                    }
                    _ => done.code = 1,
                }
            }
            done
        }
        "stat" => stat(kernel, pid, args, &files),
        "pwd" => Done::out(format!("{}\n", kernel.cwd(pid))),
        "mktemp" => {
            let number = kernel.fresh();
            let path = format!("/tmp/tmp.{number:06}");
            let content =
                if flags.contains('d') { Content::Directory } else { Content::File(String::new()) };
            match kernel.put(pid, &path, content) {
                Ok(()) => Done::out(format!("{path}\n")),
                Err(errno) => Done::failed(name, errno.text(), 1),
            }
        }
        "mkfifo" => each(name, &files, |path| kernel.put(pid, path, Content::File(String::new()))),
        "truncate" | "fallocate" => {
            let size = args
                .iter()
                .skip_while(|arg| !matches!(arg.as_str(), "-s" | "-l"))
                .nth(1)
                .or_else(|| args.first());
            let bytes = size.and_then(|size| {
                super::system::bytes(size.trim_start_matches("-s").trim_start_matches("-l"))
            });
            let paths: Vec<&String> =
                files.iter().filter(|f| super::system::bytes(f).is_none()).copied().collect();
            let wanted = bytes.unwrap_or(0);
            if name == "fallocate" {
                return Some(each(name, &paths, |path| kernel.pour_into(pid, path, wanted)));
            }
            each(name, &paths, |path| {
                let mut text = kernel.read_file(pid, path).unwrap_or_default();
                // A file that is only made longer has a hole, which takes no room: of a long one
                // nothing is kept.
                let length = usize::try_from(wanted).unwrap_or(0);
                match length.checked_sub(text.len()) {
                    None => {
                        let cut = (0..=length).rev().find(|at| text.is_char_boundary(*at));
                        text.truncate(cut.unwrap_or(0));
                    }
                    Some(hole) => text += &"\0".repeat(hole.min(HOLE_MAX)),
                }
                kernel.put(pid, path, Content::File(text))
            })
        }
        "find" => find(kernel, pid, args)?,
        "du" => du(kernel, pid, &files, &flags),
        "cmp" | "diff" => {
            let text =
                |path: Option<&&String>| path.and_then(|path| kernel.read_file(pid, path).ok());
            let (a, b) = (text(files.first()), text(files.get(1)));
            match (a, b) {
                (Some(a), Some(b)) if a == b => Done::default(),
                (Some(_), Some(_)) => {
                    Done { code: 1, ..Done::out(format!("{} {} differ\n", files[0], files[1])) }
                }
                _ => Done::failed(name, "No such file or directory", 2),
            }
        }
        "test" | "[" => {
            let inner = match (name, args) {
                ("[", [inner @ .., last]) if last == "]" => inner,
                (_, args) => args,
            };
            match crate::workload::posix::test::test(kernel, pid, inner) {
                Ok(value) => Done { code: i32::from(!value), ..Done::default() },
                Err(problem) => Done::failed(name, &problem, 2),
            }
        }
        _ => return None,
    })
}

fn each(name: &str, paths: &[&String], mut how: impl FnMut(&str) -> Result<(), Errno>) -> Done {
    let mut done = Done::default();
    if paths.is_empty() {
        return Done::failed(name, "missing operand", 1);
    }
    for path in paths {
        if let Err(errno) = how(path) {
            let problem = match name {
                "touch" => format!("{path}: {}", errno.text()),
                _ => format!("'{path}': {}", errno.text()),
            };
            done.complain(name, &problem);
        }
    }
    done
}

fn make_directories(kernel: &mut Kernel, pid: Pid, flags: &str, args: &[String]) -> Done {
    let mut done = Done::default();
    let mut rest = args.iter();
    while let Some(path) = rest.next() {
        if path == "-m" {
            rest.next();
            continue;
        }
        if path.starts_with('-') {
            continue;
        }
        let whole = normal(&kernel.cwd(pid), path);
        let result = if flags.contains('p') {
            let mut at = 0;
            let mut result = Ok(());
            while at < whole.len() && result.is_ok() {
                at = whole[at + 1..].find('/').map_or(whole.len(), |next| at + 1 + next);
                result = match kernel.node(pid, &whole[..at]) {
                    Ok(node) if node.is_directory() => Ok(()),
                    Ok(_) => Err(Errno::Exists),
                    Err(_) => kernel.make_directory(pid, &whole[..at]),
                };
            }
            result
        } else {
            kernel.make_directory(pid, path)
        };
        if let Err(errno) = result {
            done.complain("mkdir", &format!("can't create directory '{path}': {}", errno.text()));
        }
    }
    done
}

fn remove(
    kernel: &mut Kernel,
    pid: Pid,
    path: &str,
    recursive: bool,
) -> Result<(), (String, Errno)> {
    let fail = |errno| (path.to_owned(), errno);
    let node = kernel.node_at(pid, path, false).map_err(fail)?;
    if node.is_directory() {
        if !recursive {
            return Err(fail(Errno::IsDirectory));
        }
        for name in kernel.list(pid, path).map_err(fail)? {
            remove(kernel, pid, &format!("{path}/{name}"), true)?;
        }
    }
    kernel.unlink(pid, path).map_err(fail)
}

fn two(kernel: &mut Kernel, pid: Pid, name: &str, flags: &str, files: &[&String]) -> Done {
    let Some((target, sources)) = files.split_last().filter(|(_, sources)| !sources.is_empty())
    else {
        return Done::failed(name, "missing file operand", 1);
    };
    let into = kernel.node(pid, target).is_ok_and(|node| node.is_directory());
    let mut done = Done::default();
    for source in sources {
        let to = if into { format!("{target}/{}", base(source)) } else { (*target).clone() };
        let result = match name {
            "mv" => kernel.rename(pid, source, &to),
            "ln" if flags.contains('s') => {
                if flags.contains('f') {
                    let _ = kernel.unlink(pid, &to);
                }
                match kernel.node_at(pid, &to, false) {
                    Ok(_) => Err(Errno::Exists),
                    Err(_) => kernel.put(pid, &to, Content::Link((*source).clone())),
                }
            }
            _ => copy(kernel, pid, source, &to, flags.contains(['r', 'R', 'a'])),
        };
        if let Err(errno) = result {
            let problem = match (name, errno) {
                ("cp", Errno::IsDirectory) => format!("omitting directory '{source}'"),
                ("cp", Errno::NotFound) if kernel.node(pid, source).is_ok() => {
                    format!("can't create '{to}': {}", errno.text())
                }
                ("cp", Errno::NotFound) => format!("can't stat '{source}': {}", errno.text()),
                ("cp", errno) => format!("can't create '{to}': {}", errno.text()),
                ("mv", errno) => format!("can't rename '{source}': {}", errno.text()),
                (_, errno) => format!("{to}: {}", errno.text()),
            };
            done.complain(name, &problem);
        }
    }
    done
}

fn copy(kernel: &mut Kernel, pid: Pid, from: &str, to: &str, recursive: bool) -> Result<(), Errno> {
    let node = kernel.node(pid, from)?;
    if !node.is_directory() {
        kernel.put(pid, to, node.content)?;
        let mode = node.mode;
        return kernel.change(pid, to, |node| node.mode = mode);
    }
    if !recursive {
        return Err(Errno::IsDirectory);
    }
    let names = kernel.list(pid, from)?;
    if kernel.node(pid, to).is_err() {
        kernel.make_directory(pid, to)?;
    }
    for name in names {
        copy(kernel, pid, &format!("{from}/{name}"), &format!("{to}/{name}"), true)?;
    }
    Ok(())
}

fn change_mode(text: &str, current: u32) -> u32 {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return mode & 0o7777;
    }
    let mut mode = current;
    for part in text.split(',') {
        let Some(at) = part.find(['+', '-', '=']) else { continue };
        let (who, what) = part.split_at(at);
        let bits = what[1..].chars().fold(0, |bits, c| {
            bits | match c {
                'r' => 0o444,
                'w' => 0o222,
                'x' | 'X' => 0o111,
                _ => 0,
            }
        });
        let mask = if who.is_empty() || who.contains('a') {
            0o777
        } else {
            who.chars().fold(0, |mask, c| {
                mask | match c {
                    'u' => 0o700,
                    'g' => 0o070,
                    'o' => 0o007,
                    _ => 0,
                }
            })
        };
        mode = match &what[..1] {
            "+" => mode | (bits & mask),
            "-" => mode & !(bits & mask),
            _ => (mode & !mask) | (bits & mask),
        };
    }
    mode
}

/// `drwxr-xr-x`.
fn mode_text(node: &Node) -> String {
    let kind = match node.content {
        Content::Directory => 'd',
        Content::Link(_) => 'l',
        Content::File(_) | Content::Program(_) => '-',
    };
    let mut text = kind.to_string();
    for shift in [6, 3, 0] {
        let bits = node.mode >> shift;
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            text.push(if bits & bit != 0 { letter } else { '-' });
        }
    }
    if node.mode & 0o2000 != 0 {
        let mut letters: Vec<char> = text.chars().collect();
        letters[6] = if node.mode & 0o010 != 0 { 's' } else { 'S' };
        text = letters.into_iter().collect();
    }
    if node.mode & 0o1000 != 0 {
        text.pop();
        text.push('t');
    }
    text
}

/// `Jan  5 00:02`, or with the year when that is not the clock's.
fn short_time(at: Instant) -> String {
    // `Mon, 05 Jan 2026 00:02:57 +0000`
    let text = at.rfc1123z();
    let mut words = text.split_whitespace().skip(1);
    let day = words.next().unwrap_or("").trim_start_matches('0').to_owned();
    let month = words.next().unwrap_or("").to_owned();
    let time = words.nth(1).unwrap_or("");
    format!("{month} {day:>2} {}", time.get(..5).unwrap_or(""))
}

fn full_time(at: Instant) -> String {
    let text = at.rfc3339();
    format!("{} {} +0000", &text[..10], &text[11..19])
}

fn ls(kernel: &Kernel, pid: Pid, flags: &str, files: &[&String], full: bool) -> Done {
    let mut done = Done::default();
    let here = ".".to_owned();
    let files = if files.is_empty() { vec![&here] } else { files.to_vec() };
    let long = flags.contains('l') || full;
    let line = |name: &str, path: &str, node: &Node, target: Option<&str>| {
        if !long {
            return format!("{name}\n");
        }
        // overlayfs counts one link for a directory that several layers have, as all have `/`.
        let one = !node.is_directory() || kernel.is_root(pid, path);
        let links = if one { 1 } else { 2 };
        let owner = kernel.name_of(pid, node.uid);
        let group = kernel.name_of(pid, node.gid);
        let size = if matches!(node.content, Content::Link(_))
            && target.is_some_and(|t| t.contains(":["))
        {
            0
        } else {
            node.size()
        };
        let time = if full { full_time(node.modified) } else { short_time(node.modified) };
        let arrow = target.map_or(String::new(), |target| format!(" -> {target}"));
        format!("{} {links:4} {owner:8} {group:8} {size:9} {time} {name}{arrow}\n", mode_text(node))
    };
    let show = |name: &str, path: &str| match kernel.node_at(pid, path, false) {
        Ok(node) => {
            let target = match &node.content {
                Content::Link(target) => Some(target.clone()),
                _ => None,
            };
            line(name, path, &node, target.as_deref())
        }
        Err(_) => String::new(),
    };
    for file in &files {
        match kernel.node(pid, file) {
            Ok(node) if node.is_directory() && !flags.contains('d') => {
                let names = kernel.list(pid, file).unwrap_or_default();
                if files.len() > 1 {
                    done.out +=
                        &format!("{}{file}:\n", if done.out.is_empty() { "" } else { "\n" });
                }
                let hidden = flags.contains('a');
                let shown: Vec<&String> = names
                    .iter()
                    .filter(|name| hidden || flags.contains('A') || !name.starts_with('.'))
                    .collect();
                if long {
                    let blocks = shown.iter().map(|name| {
                        match kernel.node_at(pid, &format!("{file}/{name}"), false) {
                            Ok(node) if matches!(node.content, Content::Link(_)) => 0,
                            Ok(node) => node.size().div_ceil(4096),
                            Err(_) => 0,
                        }
                    });
                    let blocks: usize = blocks.sum();
                    done.out += &format!("total {}\n", 4 * blocks + if hidden { 8 } else { 0 });
                }
                if hidden {
                    done.out += &line(".", file, &node, None);
                    let up = format!("{file}/..");
                    let above =
                        kernel.node(pid, &up).unwrap_or_else(|_| Node::new(Content::Directory));
                    done.out += &line("..", &up, &above, None);
                }
                for name in shown {
                    done.out += &show(name, &format!("{file}/{name}"));
                }
            }
            Ok(_) => done.out += &show(file, file),
            Err(errno) if kernel.node_at(pid, file, false).is_ok() => {
                let _ = errno;
                done.out += &show(file, file);
            }
            Err(errno) => {
                let problem = if kernel.is_busybox(pid) {
                    format!("{file}: {}", errno.text())
                } else {
                    format!("cannot access '{file}': {}", errno.text())
                };
                done.complain("ls", &problem);
                if !kernel.is_busybox(pid) {
                    done.code = 2;
                }
            }
        }
    }
    done
}

fn stat(kernel: &Kernel, pid: Pid, args: &[String], files: &[&String]) -> Done {
    let format = args
        .iter()
        .position(|arg| arg == "-c" || arg == "--format")
        .and_then(|at| args.get(at + 1));
    let mut done = Done::default();
    for file in files.iter().filter(|file| Some(**file) != format) {
        let node = match kernel.node_at(pid, file, false) {
            Ok(node) => node,
            Err(errno) => {
                done.complain("stat", &format!("can't stat '{file}': {}", errno.text()));
                continue;
            }
        };
        let owner = kernel.name_of(pid, node.uid);
        let group = kernel.name_of(pid, node.gid);
        let seconds = node.modified.unix_seconds();
        match format {
            Some(format) => {
                let text = format
                    .replace("%s", &node.size().to_string())
                    .replace("%n", file)
                    .replace("%U", &owner)
                    .replace("%G", &group)
                    .replace("%g", &node.gid.to_string())
                    .replace("%u", &node.uid.to_string())
                    .replace("%a", &format!("{:o}", node.mode))
                    .replace("%A", &mode_text(&node))
                    .replace("%Y", &seconds.to_string())
                    .replace("%F", if node.is_directory() { "directory" } else { "regular file" });
                done.out += &format!("{text}\n");
            }
            None => {
                done.out += &format!(
                    "  File: {file}\n  Size: {}\nAccess: ({:04o}/{})  Uid: ({:5}/{owner:>8})\nModify: {}\n",
                    node.size(),
                    node.mode,
                    mode_text(&node),
                    node.uid,
                    full_time(node.modified)
                );
            }
        }
    }
    done
}

/// find with -name, -type, -maxdepth; `None` when more is asked.
fn find(kernel: &Kernel, pid: Pid, args: &[String]) -> Option<Done> {
    let (mut places, mut name, mut kind, mut deepest) = (Vec::new(), None, None, 64usize);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-name" | "-iname" => name = rest.next().cloned(),
            "-type" => kind = rest.next().cloned(),
            "-maxdepth" => deepest = rest.next()?.parse().ok()?,
            "-print" => {}
            flag if flag.starts_with('-') => return None,
            place => places.push(place.to_owned()),
        }
    }
    if places.is_empty() {
        places.push(".".to_owned());
    }
    let mut done = Done::default();
    let mut open: Vec<(String, usize)> = places.into_iter().rev().map(|place| (place, 0)).collect();
    while let Some((path, depth)) = open.pop() {
        let node = match kernel.node_at(pid, &path, false) {
            Ok(node) => node,
            Err(errno) => {
                done.complain("find", &format!("{path}: {}", errno.text()));
                continue;
            }
        };
        let named = name.as_ref().is_none_or(|pattern| pattern::matches(pattern, base(&path)));
        let kinded = match kind.as_deref() {
            Some("d") => node.is_directory(),
            Some("f") => matches!(node.content, Content::File(_) | Content::Program(_)),
            Some("l") => matches!(node.content, Content::Link(_)),
            _ => true,
        };
        if named && kinded {
            done.out += &format!("{path}\n");
        }
        if node.is_directory() && depth < deepest && !path.starts_with("/proc") {
            for child in kernel.list(pid, &path).unwrap_or_default().into_iter().rev() {
                open.push((format!("{}/{child}", path.trim_end_matches('/')), depth + 1));
            }
        }
    }
    Some(done)
}

fn du(kernel: &Kernel, pid: Pid, files: &[&String], flags: &str) -> Done {
    let here = ".".to_owned();
    let files = if files.is_empty() { vec![&here] } else { files.to_vec() };
    let mut done = Done::default();
    for file in files {
        let mut total = 0usize;
        let mut open = vec![(file.clone(), 0)];
        while let Some((path, depth)) = open.pop() {
            let Ok(node) = kernel.node_at(pid, &path, false) else { continue };
            total += node.size().div_ceil(4096) * 4;
            if node.is_directory() && depth < 64 && !path.starts_with("/proc") {
                open.extend(
                    kernel
                        .list(pid, &path)
                        .unwrap_or_default()
                        .iter()
                        .map(|name| (format!("{path}/{name}"), depth + 1)),
                );
            }
        }
        let size = if flags.contains('h') { format!("{total}.0K") } else { total.to_string() };
        done.out += &format!("{size}\t{file}\n");
    }
    let _ = parent;
    done
}
