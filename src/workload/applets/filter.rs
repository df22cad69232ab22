//! Programs that take their input line by line: cat, grep, sed, tr, cut, head, tee, rev.
//!
//! Owns: what each makes of a line. Does not own: where lines come from (`mod`).

use crate::workload::applets::sed::{Sed, sed};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::posix::regex::Regex;

/// Such a program.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    kind: Kind,
    done: bool,
    code: i32,
    number: usize,
    /// The file whose lines come, when its name is printed.
    file: String,
    edit: Option<(String, String)>,
}

#[derive(Clone, Debug)]
enum Kind {
    Cat { numbers: bool },
    Grep(Box<Grep>),
    Sed(Box<Sed>),
    Tr { from: Vec<char>, to: Option<Vec<char>>, squeeze: bool, complement: bool },
    Cut { fields: Vec<(usize, usize)>, delimiter: Option<String>, only: bool },
    Head { lines: usize, bytes: bool },
    Tee(Vec<String>),
    Rev,
}

#[derive(Clone, Debug)]
struct Grep {
    patterns: Vec<Regex>,
    invert: bool,
    count: bool,
    quiet: bool,
    only: bool,
    names: Option<bool>,
    list: bool,
    line_numbers: bool,
    found: usize,
    limit: usize,
    whole: bool,
}

type Made = Result<(Filter, Vec<String>), String>;

impl Filter {
    /// The filter of this name, and the files it is to read.
    pub(super) fn new(name: &str, args: &[String]) -> Option<Made> {
        let made = match name {
            "cat" => cat(args),
            "grep" | "egrep" | "fgrep" => grep(name, args),
            "sed" => sed(args).map(|(sed, files)| (Kind::Sed(sed), files)),
            "tr" => tr(args),
            "cut" => cut(args),
            "head" => head(args),
            "tee" => tee(args),
            "rev" => Ok((Kind::Rev, args.to_vec())),
            _ => return None,
        };
        Some(made.map(|(kind, files)| {
            let code = i32::from(matches!(kind, Kind::Grep(_)));
            let done = matches!(kind, Kind::Head { lines: 0, .. });
            (Self { kind, done, code, number: 0, file: String::new(), edit: None }, files)
        }))
    }

    pub(super) fn begin_file(&mut self, file: &str, files: usize) {
        file.clone_into(&mut self.file);
        match &mut self.kind {
            Kind::Grep(grep) => {
                grep.names = Some(grep.names.unwrap_or(files > 1));
                grep.found = 0;
            }
            Kind::Head { .. } => self.done = false,
            Kind::Cat { .. }
            | Kind::Sed(_)
            | Kind::Tr { .. }
            | Kind::Cut { .. }
            | Kind::Tee(_)
            | Kind::Rev => {}
        }
    }

    pub(super) fn end_file(&mut self) -> String {
        match &mut self.kind {
            Kind::Sed(sed) if sed.in_place => {
                let out = sed.finish();
                self.edit = Some((self.file.clone(), sed.edit()));
                out
            }
            Kind::Grep(grep) if grep.count => {
                let name = if grep.names == Some(true) {
                    format!("{}:", self.file)
                } else {
                    String::new()
                };
                format!("{name}{}\n", grep.found)
            }
            _ => String::new(),
        }
    }

    /// A file that was changed in place.
    pub(super) fn take_edit(&mut self) -> Option<(String, String)> {
        self.edit.take()
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn code(&self) -> i32 {
        self.code
    }

    pub(super) fn finish(&mut self) -> String {
        match &mut self.kind {
            Kind::Sed(sed) => {
                let out = sed.finish();
                self.code = sed.has_quit().unwrap_or(self.code);
                out
            }
            Kind::Grep(grep) if grep.count && self.file.is_empty() => format!("{}\n", grep.found),
            _ => String::new(),
        }
    }

    /// What a line becomes.
    pub(super) fn feed(&mut self, kernel: &mut Kernel, pid: Pid, line: &str) -> String {
        self.number += 1;
        let body = line.strip_suffix('\n').unwrap_or(line);
        let end = &line[body.len()..];
        match &mut self.kind {
            Kind::Cat { numbers: false } => line.to_owned(),
            Kind::Cat { numbers: true } => format!("{:6}\t{line}", self.number),
            Kind::Rev => format!("{}{end}", body.chars().rev().collect::<String>()),
            Kind::Tee(files) => {
                for file in files {
                    if let Ok(open) = kernel.open(pid, file, Some(true)) {
                        kernel.set_fd(pid, 60, Some(open));
                        let _ = kernel.write(pid, 60, line);
                        kernel.set_fd(pid, 60, None);
                    }
                }
                line.to_owned()
            }
            Kind::Head { lines, bytes: true } => {
                let mut take = (*lines).min(line.len());
                while !line.is_char_boundary(take) {
                    take -= 1;
                }
                *lines -= take;
                self.done = *lines == 0;
                line[..take].to_owned()
            }
            Kind::Head { lines, bytes: false } => {
                *lines = lines.saturating_sub(1);
                self.done = *lines == 0;
                line.to_owned()
            }
            Kind::Cut { fields, delimiter, only } => {
                cut_line(body, fields, delimiter.as_deref(), *only)
                    .map_or_else(String::new, |text| text + "\n")
            }
            Kind::Tr { from, to, squeeze, complement } => {
                let mut result = String::new();
                let mut last = None;
                for c in line.chars() {
                    let at = from.iter().position(|known| *known == c);
                    let hit = at.is_some() != *complement;
                    let new = match (&*to, hit) {
                        (_, false) => Some(c),
                        (None, true) if *squeeze => Some(c),
                        (None, true) => None,
                        (Some(to), true) => to.get(at.unwrap_or(usize::MAX)).or(to.last()).copied(),
                    };
                    let Some(new) = new else { continue };
                    if *squeeze && hit && last == Some(new) {
                        continue;
                    }
                    last = Some(new);
                    result.push(new);
                }
                result
            }
            Kind::Grep(grep) => {
                let out = grep.line(body, self.number, &self.file);
                if grep.found > 0 {
                    self.code = 0;
                    self.done = grep.quiet || grep.found >= grep.limit || grep.list;
                }
                out
            }
            Kind::Sed(sed) => {
                let out = sed.feed(body);
                if let Some(code) = sed.has_quit() {
                    (self.done, self.code) = (true, code);
                }
                out
            }
        }
    }
}

impl Grep {
    fn line(&mut self, body: &str, number: usize, file: &str) -> String {
        let find = |regex: &Regex| match regex.find(body) {
            Some((start, end)) if self.whole => {
                (start == 0 && end == body.len()).then_some((start, end))
            }
            found => found,
        };
        let found = self.patterns.iter().find_map(find);
        if found.is_some() == self.invert {
            return String::new();
        }
        self.found += 1;
        if self.quiet || self.count {
            return String::new();
        }
        if self.list {
            return format!("{file}\n");
        }
        let mut prefix = if self.names == Some(true) { format!("{file}:") } else { String::new() };
        if self.line_numbers {
            prefix += &format!("{number}:");
        }
        if !self.only {
            return format!("{prefix}{body}\n");
        }
        let mut result = String::new();
        let mut at = 0;
        while let Some((start, end)) =
            self.patterns.iter().find_map(|regex| regex.find(&body[at..]))
        {
            if end > start {
                result += &format!("{prefix}{}\n", &body[at + start..at + end]);
                at += end;
            } else {
                match body[at..].chars().next() {
                    Some(c) => at += c.len_utf8(),
                    None => break,
                }
            }
            if at >= body.len() {
                break;
            }
        }
        result
    }
}

type Parts = Result<(Kind, Vec<String>), String>;

fn cat(args: &[String]) -> Parts {
    let numbers = args.iter().any(|arg| arg == "-n");
    let files = args.iter().filter(|arg| !arg.starts_with('-') || *arg == "-").cloned().collect();
    Ok((Kind::Cat { numbers }, files))
}

fn tee(args: &[String]) -> Parts {
    let files: Vec<String> = args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    Ok((Kind::Tee(files), Vec::new()))
}

fn head(args: &[String]) -> Parts {
    let (mut lines, mut bytes, mut files) = (10, false, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let value = match arg.as_str() {
            "-n" | "-c" => rest.next().map(String::as_str),
            flag if flag.starts_with('-') && flag.len() > 1 => {
                Some(flag.trim_start_matches(['-', 'n', 'c']))
            }
            _ => {
                files.push(arg.clone());
                continue;
            }
        };
        bytes = bytes || arg.starts_with("-c");
        lines = value
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| format!("invalid number '{}'", value.unwrap_or("")))?;
    }
    Ok((Kind::Head { lines, bytes }, files))
}

fn grep(name: &str, args: &[String]) -> Parts {
    let mut grep = Grep {
        patterns: Vec::new(),
        invert: false,
        count: false,
        quiet: false,
        only: false,
        names: None,
        list: false,
        line_numbers: false,
        found: 0,
        limit: usize::MAX,
        whole: false,
    };
    let (mut extended, mut fixed, mut ignore_case, mut word) =
        (name == "egrep", name == "fgrep", false, false);
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            files.extend(rest.by_ref().cloned());
            break;
        }
        if arg.starts_with("--") || !arg.starts_with('-') || arg.len() < 2 {
            if !arg.starts_with("--") {
                files.push(arg.clone());
            }
            continue;
        }
        let mut letters = arg.chars().skip(1);
        while let Some(letter) = letters.next() {
            match letter {
                'v' => grep.invert = true,
                'c' => grep.count = true,
                'q' => grep.quiet = true,
                'o' => grep.only = true,
                'l' => grep.list = true,
                'n' => grep.line_numbers = true,
                'h' => grep.names = Some(false),
                'H' => grep.names = Some(true),
                'i' | 'y' => ignore_case = true,
                'E' | 'P' => extended = true,
                'F' => fixed = true,
                'w' => word = true,
                'x' => grep.whole = true,
                'e' | 'm' | 'A' | 'B' | 'C' => {
                    let inline: String = letters.by_ref().collect();
                    let value = if inline.is_empty() { rest.next().cloned() } else { Some(inline) };
                    let value = value.ok_or("option requires an argument")?;
                    match letter {
                        'e' => texts.push(value),
                        'm' => grep.limit = value.parse().unwrap_or(usize::MAX),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }
    if texts.is_empty() {
        if files.is_empty() {
            return Err("no pattern".to_owned());
        }
        texts.push(files.remove(0));
    }
    for text in texts {
        for line in text.split('\n') {
            let mut regex = if fixed { Regex::literal(line) } else { Regex::new(line, extended)? };
            regex.ignore_case = ignore_case;
            regex.word = word;
            grep.patterns.push(regex);
        }
    }
    Ok((Kind::Grep(Box::new(grep)), files))
}

fn tr(args: &[String]) -> Parts {
    let flags: String =
        args.iter().filter(|arg| arg.starts_with('-') && arg.len() > 1).cloned().collect();
    let mut sets = args.iter().filter(|arg| !arg.starts_with('-') || arg.len() < 2);
    let from = character_set(sets.next().ok_or("missing operand")?);
    let to = if flags.contains('d') { None } else { sets.next().map(|set| character_set(set)) };
    Ok((
        Kind::Tr { from, to, squeeze: flags.contains('s'), complement: flags.contains(['c', 'C']) },
        Vec::new(),
    ))
}

/// `a-z`, `[:upper:]`, `\n`: the characters of a set.
fn character_set(text: &str) -> Vec<char> {
    let text = crate::workload::posix::print::escapes(text).0;
    let range = |from: char, to: char| (from..=to).collect::<Vec<_>>();
    let mut result = Vec::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((name, tail)) = rest.strip_prefix("[:").and_then(|tail| tail.split_once(":]")) {
            rest = tail;
            result.extend(match name {
                "upper" => range('A', 'Z'),
                "lower" => range('a', 'z'),
                "digit" => range('0', '9'),
                "alpha" => [range('A', 'Z'), range('a', 'z')].concat(),
                "alnum" => [range('0', '9'), range('A', 'Z'), range('a', 'z')].concat(),
                "space" => vec![' ', '\t', '\n', '\r', '\x0b', '\x0c'],
                "punct" => ('!'..='~').filter(char::is_ascii_punctuation).collect(),
                _ => Vec::new(),
            });
            continue;
        }
        let mut chars = rest.chars();
        chars.next();
        let (dash, high) = (chars.next(), chars.next());
        match (dash, high) {
            (Some('-'), Some(high)) if u32::from(high) < u32::from(c) + 1_024 => {
                result.extend(c..=high);
                rest = chars.as_str();
            }
            _ => {
                result.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    result
}

fn cut(args: &[String]) -> Parts {
    let (mut fields, mut delimiter, mut characters, mut only, mut files) =
        (Vec::new(), "\t".to_owned(), false, false, Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let letter = arg.chars().nth(1).filter(|_| arg.starts_with('-'));
        let mut value = || match arg.get(2..) {
            Some(inline) if !inline.is_empty() => inline.to_owned(),
            _ => rest.next().cloned().unwrap_or_default(),
        };
        match letter {
            Some('d') => delimiter = value(),
            Some('f') => fields = ranges(&value())?,
            Some('c' | 'b') => {
                characters = true;
                fields = ranges(&value())?;
            }
            Some('s') => only = true,
            Some(_) => {}
            None => files.push(arg.clone()),
        }
    }
    if fields.is_empty() {
        return Err("expected a list of bytes, characters, or fields".to_owned());
    }
    Ok((Kind::Cut { fields, delimiter: (!characters).then_some(delimiter), only }, files))
}

fn ranges(text: &str) -> Result<Vec<(usize, usize)>, String> {
    text.split(',')
        .map(|part| {
            let number = |text: &str, default: usize| {
                if text.is_empty() {
                    Ok(default)
                } else {
                    text.parse().map_err(|_| format!("invalid range: {part}"))
                }
            };
            match part.split_once('-') {
                Some((from, to)) => Ok((number(from, 1)?, number(to, usize::MAX)?)),
                None => {
                    let one = number(part, 0)?;
                    Ok((one, one))
                }
            }
        })
        .collect()
}

fn cut_line(
    body: &str,
    fields: &[(usize, usize)],
    delimiter: Option<&str>,
    only: bool,
) -> Option<String> {
    let wanted = |number: usize| fields.iter().any(|(from, to)| (*from..=*to).contains(&number));
    let Some(delimiter) = delimiter else {
        return Some(
            body.chars().enumerate().filter(|(i, _)| wanted(i + 1)).map(|(_, c)| c).collect(),
        );
    };
    if delimiter.is_empty() || !body.contains(delimiter) {
        return (!only).then(|| body.to_owned());
    }
    let parts: Vec<&str> = body
        .split(delimiter)
        .enumerate()
        .filter(|(index, _)| wanted(index + 1))
        .map(|(_, part)| part)
        .collect();
    Some(parts.join(delimiter))
}
