//! Programs that make text of text: echo, printf, seq, sort, wc, tail, uniq, xargs, …
//!
//! Owns: what they print. Does not own: line-by-line programs (`filter`).

use std::collections::VecDeque;

use crate::manifest::base64;
use crate::workload::applets::{Done, system};
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::posix::print;

/// The last lines of a text.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines[lines.len().saturating_sub(count)..].concat()
}

/// Whether a program reads all of its standard input before it says anything.
pub(super) fn wants_input(name: &str, args: &[String]) -> bool {
    let files =
        args.iter().filter(|arg| !arg.starts_with('-') && arg.parse::<i64>().is_err()).count();
    match name {
        "sort" | "wc" | "tail" | "uniq" | "tac" | "nl" | "base64" | "md5sum" | "sha256sum"
        | "sha1sum" | "paste" | "hexdump" | "od" => {
            let takes_value = args.iter().any(|arg| matches!(arg.as_str(), "-k" | "-t"));
            files == 0 || (takes_value && files == 1)
        }
        "awk" => files <= 1,
        _ => false,
    }
}

/// Runs one of these programs; `None` when it is none of them, or does something unknown.
pub(super) fn run(
    kernel: &mut Kernel,
    pid: Pid,
    name: &str,
    args: &[String],
    input: Option<&str>,
) -> Option<Done> {
    match name {
        "echo" => return Some(Done::out(print::echo(args, false))),
        "printf" => {
            let (out, problem) = print::printf(args);
            let mut done = Done::out(out);
            if let Some(problem) = problem {
                done.complain("printf", &problem);
            }
            return Some(done);
        }
        "seq" => return Some(seq(args)),
        "basename" => {
            let path = args.first().map_or("", String::as_str);
            let base = crate::workload::fs::base(path);
            let cut = args.get(1).and_then(|suffix| base.strip_suffix(suffix.as_str()));
            return Some(Done::out(format!("{}\n", cut.unwrap_or(base))));
        }
        "dirname" => {
            let path = args.first().map_or("", String::as_str).trim_end_matches('/');
            let directory = match path.rfind('/') {
                None => ".",
                Some(0) => "/",
                Some(end) => &path[..end],
            };
            return Some(Done::out(format!("{directory}\n")));
        }
        "expr" => return Some(expr(args)),
        "sort" | "wc" | "tail" | "uniq" | "tac" | "nl" | "base64" | "md5sum" | "sha256sum"
        | "sha1sum" | "paste" | "awk" => {}
        _ => return None,
    }
    if name == "awk" {
        return awk(args, input.unwrap_or(""), kernel, pid);
    }
    let options = Options::read(name, args);
    if name == "wc" {
        return Some(wc(kernel, pid, &options, input));
    }
    let mut done = Done::default();
    let mut text = String::new();
    if options.files.is_empty() {
        text.push_str(input.unwrap_or(""));
    }
    for file in &options.files {
        match kernel.read_file(pid, file) {
            Ok(content) => {
                if name == "tail" && options.files.len() > 1 {
                    text += &format!("==> {file} <==\n");
                }
                text += &content;
            }
            Err(errno) => done.complain(name, &format!("can't open '{file}': {}", errno.text())),
        }
    }
    let lines = || text.lines();
    done.out = match name {
        "sort" => sort(&text, &options),
        "tail" => {
            let count = options.value.as_deref().unwrap_or("10");
            match count.strip_prefix('+').and_then(|from| from.parse::<usize>().ok()) {
                Some(from) => text.split_inclusive('\n').skip(from.max(1) - 1).collect(),
                None if options.bytes => {
                    let most = count.trim_start_matches('-').parse().unwrap_or(10);
                    let from = text.len().saturating_sub(most);
                    (from..=text.len()).find_map(|at| text.get(at..)).unwrap_or("").to_owned()
                }
                None => last_lines(&text, count.trim_start_matches('-').parse().unwrap_or(10)),
            }
        }
        "uniq" => uniq(&text, &options),
        "tac" => lines().rev().map(|line| format!("{line}\n")).collect(),
        "nl" => lines().enumerate().map(|(i, line)| format!("{:6}\t{line}\n", i + 1)).collect(),
        "paste" => format!(
            "{}\n",
            lines().collect::<Vec<_>>().join(options.delimiter.as_deref().unwrap_or("\t"))
        ),
        "base64" if options.letters.contains('d') => base64::decode(&text),
        "base64" => encode_base64(&text, options.value.as_deref() == Some("0")),
        // Invented: a number that is the same for the same text; not the real sum.
        _ => {
            kernel.not_simulated(
                pid,
                &format!("{name}: equal texts have equal sums here, not the real ones"),
            );
            let sum = crate::workload::image::digest(&text);
            let length = if name == "md5sum" { 32 } else { 64 };
            let label = options.files.first().map_or("-", String::as_str);
            format!("{}  {label}\n", &sum["sha256:".len()..][..length])
        }
    };
    Some(done)
}

#[derive(Debug, Default)]
struct Options {
    letters: String,
    value: Option<String>,
    bytes: bool,
    key: Option<usize>,
    delimiter: Option<String>,
    files: Vec<String>,
}

impl Options {
    fn read(name: &str, args: &[String]) -> Self {
        let mut options = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let letter = arg.chars().nth(1).filter(|_| arg.starts_with('-'));
            let inline = arg.get(2..).filter(|inline| !inline.is_empty()).map(str::to_owned);
            match (name, letter) {
                (_, None) => {
                    if arg != "-" {
                        options.files.push(arg.clone());
                    }
                }
                ("tail", Some('n' | 'c')) | ("base64", Some('w')) => {
                    options.bytes = letter == Some('c');
                    options.value = inline.or_else(|| rest.next().cloned());
                }
                ("tail", Some(c)) if c.is_ascii_digit() => {
                    options.value = Some(arg[1..].to_owned())
                }
                ("sort", Some('k')) => {
                    let key = inline.or_else(|| rest.next().cloned()).unwrap_or_default();
                    let digits: String = key.chars().take_while(char::is_ascii_digit).collect();
                    options.key = digits.parse().ok();
                    options.letters.extend(key.chars().filter(char::is_ascii_alphabetic));
                }
                ("sort", Some('t')) | ("paste", Some('d')) => {
                    options.delimiter = inline.or_else(|| rest.next().cloned());
                }
                (_, Some(_)) => options.letters += &arg[1..],
            }
        }
        options
    }
}

fn number_at_start(text: &str) -> i64 {
    let text = text.trim_start();
    let digits: String = text
        .chars()
        .enumerate()
        .take_while(|(i, c)| c.is_ascii_digit() || (*i == 0 && *c == '-'))
        .map(|(_, c)| c)
        .collect();
    digits.parse().unwrap_or(0)
}

fn sort(text: &str, options: &Options) -> String {
    let key = |line: &str| -> String {
        match options.key {
            None => line.to_owned(),
            Some(key) => match &options.delimiter {
                Some(delimiter) => {
                    line.split(delimiter.as_str()).nth(key.max(1) - 1).unwrap_or("").to_owned()
                }
                None => line.split_whitespace().skip(key.max(1) - 1).collect::<Vec<_>>().join(" "),
            },
        }
    };
    let mut lines: Vec<&str> = text.lines().collect();
    if options.letters.contains('n') {
        crate::order::sort_by(&mut lines, |a, b| {
            number_at_start(&key(a)).cmp(&number_at_start(&key(b))).then(a.cmp(b))
        });
    } else {
        crate::order::sort_by(&mut lines, |a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
    }
    if options.letters.contains('u') {
        lines.dedup();
    }
    if options.letters.contains('r') {
        lines.reverse();
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn uniq(text: &str, options: &Options) -> String {
    let mut groups: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut() {
            Some((count, last)) if *last == line => *count += 1,
            _ => groups.push((1, line)),
        }
    }
    groups
        .iter()
        .filter(|(count, _)| !options.letters.contains('d') || *count > 1)
        .map(|(count, line)| {
            if options.letters.contains('c') {
                format!("{count:7} {line}\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

fn wc(kernel: &Kernel, pid: Pid, options: &Options, input: Option<&str>) -> Done {
    let busybox = kernel.is_busybox(pid);
    let wanted = if options.letters.is_empty() { "lwc" } else { &options.letters };
    let count = |text: &str| {
        let all = [
            ('l', text.matches('\n').count()),
            ('w', text.split_whitespace().count()),
            ('c', text.len()),
        ];
        all.into_iter()
            .filter(|(letter, _)| {
                wanted.contains(*letter) || (*letter == 'c' && wanted.contains('m'))
            })
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    // busybox aligns whenever it names files or counts more than one thing, to nine places.
    let print = |values: &[usize], name: &str| {
        let numbers: Vec<String> = if busybox && (!name.is_empty() || values.len() > 1) {
            values.iter().map(|value| format!("{value:9}")).collect::<Vec<_>>()
        } else if values.len() > 1 {
            values.iter().map(|value| format!("{value:7}")).collect()
        } else {
            values.iter().map(usize::to_string).collect()
        };
        let space = if name.is_empty() { "" } else { " " };
        format!("{}{space}{name}\n", numbers.join(" "))
    };
    let mut done = Done::default();
    if options.files.is_empty() {
        done.out = print(&count(input.unwrap_or("")), "");
        return done;
    }
    let mut total: Vec<usize> = Vec::new();
    for file in &options.files {
        match kernel.read_file(pid, file) {
            Ok(text) => {
                let values = count(&text);
                total.resize(values.len(), 0);
                for (sum, value) in total.iter_mut().zip(&values) {
                    *sum += value;
                }
                done.out += &print(&values, file);
            }
            Err(errno) if busybox => done.complain("wc", &format!("{file}: {}", errno.text())),
            Err(errno) => done.complain("wc", &format!("{file}: {}", errno.text())),
        }
    }
    if options.files.len() > 1 {
        done.out += &print(&total, "total");
    }
    done
}

fn seq(args: &[String]) -> Done {
    let (mut separator, mut wide) = ("\n".to_owned(), false);
    let mut numbers = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-s" => separator = rest.next().cloned().unwrap_or_default(),
            "-w" => wide = true,
            text if text.starts_with("-s") => text[2..].clone_into(&mut separator),
            text => match text.parse::<i64>() {
                Ok(number) => numbers.push(number),
                Err(_) => return Done::failed("seq", &format!("invalid number '{text}'"), 1),
            },
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        _ => return Done::failed("seq", "missing operand", 1),
    };
    let mut values = Vec::new();
    let mut value = first;
    // Invented limit: nobody reads more lines than these.
    while values.len() < 100_000 && if step > 0 { value <= last } else { value >= last } {
        values.push(value.to_string());
        value = value.saturating_add(step);
    }
    if values.is_empty() {
        return Done::default();
    }
    if wide {
        let width = values.iter().map(String::len).max().unwrap_or(0);
        for value in &mut values {
            let (sign, digits) = value.strip_prefix('-').map_or(("", &**value), |d| ("-", d));
            *value = format!("{sign}{digits:0>0$}", width - sign.len());
        }
    }
    Done::out(values.join(&separator) + "\n")
}

fn expr(args: &[String]) -> Done {
    let text = match args {
        [left, operator, right]
            if matches!(operator.as_str(), "=" | "!=" | "<" | ">" | "<=" | ">=") =>
        {
            let holds = match (left.parse::<i64>(), right.parse::<i64>()) {
                (Ok(a), Ok(b)) => compare(operator, &a, &b),
                _ => compare(operator, left, right),
            };
            i64::from(holds).to_string()
        }
        [word, text] if word == "length" => text.chars().count().to_string(),
        args => {
            let mut none = crate::map::Map::new();
            match crate::workload::posix::arithmetic::compute(&args.join(" "), &mut none) {
                Ok(value) => value.to_string(),
                Err(_) if args.len() == 1 => args[0].clone(),
                Err(_) => return Done::failed("expr", "syntax error", 2),
            }
        }
    };
    let code = i32::from(text == "0" || text.is_empty());
    Done { out: format!("{text}\n"), code, ..Done::default() }
}

fn compare<T: PartialOrd + ?Sized>(operator: &str, left: &T, right: &T) -> bool {
    match operator {
        "=" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "<=" => left <= right,
        _ => left >= right,
    }
}

/// The commands that xargs runs.
pub(super) fn xargs(args: &[String], input: &str) -> VecDeque<Vec<String>> {
    let mut at = 0;
    let (mut each, mut replace) = (usize::MAX, None);
    while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
        let inline = arg.get(2..).filter(|inline| !inline.is_empty()).map(str::to_owned);
        match arg.get(..2) {
            Some("-n" | "-L") => {
                let value = inline.or_else(|| {
                    at += 1;
                    args.get(at).cloned()
                });
                each = value.and_then(|value| value.parse().ok()).unwrap_or(usize::MAX).max(1);
            }
            Some("-I") => {
                replace = inline.or_else(|| {
                    at += 1;
                    args.get(at).cloned()
                });
            }
            Some("-P") if inline.is_none() => at += 1,
            _ => {}
        }
        at += 1;
    }
    let command: Vec<String> =
        if at < args.len() { args[at..].to_vec() } else { vec!["echo".to_owned()] };
    if let Some(mark) = replace {
        return input
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| command.iter().map(|word| word.replace(&mark, line.trim())).collect())
            .collect();
    }
    let words: Vec<String> = input.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return VecDeque::from([command]);
    }
    words
        .chunks(each.min(words.len()))
        .take(5_000)
        .map(|chunk| command.iter().chain(chunk).cloned().collect())
        .collect()
}

/// What `base64` prints: lines of 76 letters, or one line.
fn encode_base64(text: &str, one_line: bool) -> String {
    let result = base64::encode(text);
    if one_line {
        return result;
    }
    let lines: Vec<&str> =
        result.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap_or("")).collect();
    lines.join("\n") + "\n"
}

/// awk programs of the shape `{print $1, "x"}`, with `/pattern/` before; all else is unknown.
fn awk(args: &[String], input: &str, kernel: &Kernel, pid: Pid) -> Option<Done> {
    let mut separator: Option<String> = None;
    let mut rest = args.iter();
    let mut program = None;
    let mut files = Vec::new();
    while let Some(arg) = rest.next() {
        match arg.strip_prefix("-F") {
            Some("") => separator = rest.next().cloned(),
            Some(inline) => separator = Some(inline.to_owned()),
            None if program.is_none() => program = Some(arg.clone()),
            None => files.push(arg.clone()),
        }
    }
    let program = program?;
    let (pattern, action) = match program.trim().strip_prefix('/') {
        Some(tail) => {
            let (pattern, tail) = tail.split_once('/')?;
            let regex = crate::workload::posix::regex::Regex::new(pattern, true).ok()?;
            (Some(regex), tail.trim().to_owned())
        }
        None => (None, program.trim().to_owned()),
    };
    let action = if action.is_empty() { "{print}".to_owned() } else { action };
    let body = action.strip_prefix('{')?.strip_suffix('}')?.trim();
    let body = body.trim_end_matches(';').trim().strip_prefix("print")?.trim();
    let mut text = if files.is_empty() { input.to_owned() } else { String::new() };
    for file in files {
        text += &kernel.text_of(pid, &file)?;
    }
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        if pattern.as_ref().is_some_and(|regex| regex.find(line).is_none()) {
            continue;
        }
        let fields: Vec<&str> = match &separator {
            Some(separator) => line.split(separator.as_str()).collect(),
            None => line.split_whitespace().collect(),
        };
        let mut parts = Vec::new();
        for item in body.split(',').map(str::trim) {
            let mut part = String::new();
            for token in item.split_whitespace() {
                part += &match token {
                    "$0" | "" => line.to_owned(),
                    "$NF" => (*fields.last().unwrap_or(&"")).to_owned(),
                    "NR" => (number + 1).to_string(),
                    "NF" => fields.len().to_string(),
                    token if token.starts_with('$') => {
                        let index: usize = token[1..].parse().ok()?;
                        (*fields.get(index.checked_sub(1)?).unwrap_or(&"")).to_owned()
                    }
                    token if token.len() > 1 && token.starts_with('"') && token.ends_with('"') => {
                        token[1..token.len() - 1].to_owned()
                    }
                    _ => return None,
                };
            }
            parts.push(if item.is_empty() { line.to_owned() } else { part });
        }
        out += &(parts.join(" ") + "\n");
    }
    let _ = system::bytes;
    Some(Done::out(out))
}

/// The first digits of π, by the spigot of Rabinowitz and Wagon.
pub(super) fn pi(digits: usize) -> String {
    // Invented: more than this takes longer than anybody waits for a page.
    let digits = digits.clamp(1, 3_000);
    let length = digits * 10 / 3 + 2;
    let mut remainders = vec![2u32; length];
    let mut result = String::new();
    let (mut nines, mut held) = (0, None::<u32>);
    while result.len() < digits {
        let mut carry = 0;
        for index in (1..length).rev() {
            let value = remainders[index] * 10 + carry;
            let divisor = 2 * index as u32 + 1;
            remainders[index] = value % divisor;
            carry = value / divisor * index as u32;
        }
        let value = remainders[0] * 10 + carry;
        remainders[0] = value % 10;
        let digit = value / 10;
        if digit == 9 {
            nines += 1;
            continue;
        }
        let (bump, filler) = if digit == 10 { (1, "0") } else { (0, "9") };
        if let Some(held) = held {
            result += &(held + bump).to_string();
        }
        result += &filler.repeat(nines);
        nines = 0;
        held = Some(digit % 10);
    }
    result.truncate(digits);
    result.insert(1, '.');
    result
}
