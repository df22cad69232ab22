//! sed: its scripts, and what they make of a line.
//!
//! Owns: addresses and commands. Does not own: where lines come from (`filter`).

use crate::workload::posix::regex::Regex;

#[derive(Clone, Debug)]
pub(super) struct Sed {
    commands: Vec<SedCommand>,
    silent: bool,
    pub(super) in_place: bool,
    pub(super) out: String,
    extended: bool,
}

#[derive(Clone, Debug)]
struct SedCommand {
    address: Option<Address>,
    negated: bool,
    action: Action,
}

#[derive(Clone, Debug)]
enum Address {
    Line(usize),
    Lines(usize, usize),
    Match(Regex),
    Last,
}

#[derive(Clone, Debug)]
enum Action {
    Substitute { regex: Regex, with: String, all: bool, print: bool },
    Delete,
    Print,
    Quit,
    Append(String),
    Insert(String),
    Change(String),
}

impl Sed {
    pub(super) fn line(&self, body: &str, number: usize) -> (String, bool) {
        let mut text = body.to_owned();
        let (mut before, mut after) = (String::new(), String::new());
        let mut quit = false;
        for command in &self.commands {
            let selected = match &command.address {
                None => true,
                Some(Address::Line(line)) => *line == number,
                Some(Address::Lines(from, to)) => (*from..=*to).contains(&number),
                Some(Address::Match(regex)) => regex.find(&text).is_some(),
                // The last line is not known before it comes; nobody here needs it.
                Some(Address::Last) => false,
            };
            if selected == command.negated {
                continue;
            }
            match &command.action {
                Action::Substitute { regex, with, all, print } => {
                    let (new, changed) = regex.replace(&text, with, *all);
                    text = new;
                    if changed && *print {
                        before += &format!("{text}\n");
                    }
                }
                Action::Delete => return (before, quit),
                Action::Print => before += &format!("{text}\n"),
                Action::Quit => {
                    quit = true;
                    break;
                }
                Action::Append(line) => after += &format!("{line}\n"),
                Action::Insert(line) => before += &format!("{line}\n"),
                Action::Change(line) => return (format!("{before}{line}\n"), quit),
            }
        }
        if !self.silent {
            before += &format!("{text}\n");
        }
        (before + &after, quit)
    }

    fn parse(&mut self, script: &str) -> Result<(), String> {
        let mut rest = script.trim_start_matches([';', ' ', '\n', '\t']);
        while !rest.is_empty() {
            rest = self.command(rest)?.trim_start_matches([';', ' ', '\n', '\t', '}']);
        }
        Ok(())
    }

    fn command<'s>(&mut self, script: &'s str) -> Result<&'s str, String> {
        let unsupported =
            || format!("unsupported command {}", script.chars().next().unwrap_or(' '));
        let mut rest = script;
        let mut address = None;
        if let Some(tail) = rest.strip_prefix('/') {
            let (pattern, tail) = delimited(tail, '/').ok_or_else(unsupported)?;
            address = Some(Address::Match(Regex::new(&pattern, self.extended)?));
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('$') {
            address = Some(Address::Last);
            rest = tail;
        } else {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                let from = rest[..digits].parse().map_err(|_| unsupported())?;
                rest = &rest[digits..];
                address = Some(Address::Line(from));
                if let Some(tail) = rest.strip_prefix(',') {
                    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
                    let to = if let Some(end) = tail.strip_prefix('$') {
                        rest = end;
                        usize::MAX
                    } else {
                        rest = &tail[digits..];
                        tail[..digits].parse().map_err(|_| unsupported())?
                    };
                    address = Some(Address::Lines(from, to));
                }
            }
        }
        rest = rest.trim_start();
        let negated = rest.starts_with('!');
        rest = rest.trim_start_matches(['!', ' ']);
        let letter = rest.chars().next().ok_or_else(unsupported)?;
        rest = &rest[letter.len_utf8()..];
        let (action, rest) = match letter {
            's' => {
                let mark = rest.chars().next().ok_or_else(unsupported)?;
                let tail = &rest[mark.len_utf8()..];
                let (pattern, tail) = delimited(tail, mark).ok_or("unterminated `s' command")?;
                let (with, tail) = delimited(tail, mark).ok_or("unterminated `s' command")?;
                let flags = tail.bytes().take_while(|b| b.is_ascii_alphanumeric()).count();
                let (flags, tail) = tail.split_at(flags);
                let mut regex = Regex::new(&pattern, self.extended)?;
                regex.ignore_case = flags.contains(['i', 'I']);
                let (all, print) = (flags.contains('g'), flags.contains('p'));
                (Action::Substitute { regex, with, all, print }, tail)
            }
            'd' => (Action::Delete, rest),
            'p' => (Action::Print, rest),
            'q' => (Action::Quit, rest),
            'a' | 'i' | 'c' => {
                let (line, tail) = rest.split_once('\n').unwrap_or((rest, ""));
                let line = line.trim_start_matches(['\\', ' ']).to_owned();
                let action = match letter {
                    'a' => Action::Append(line),
                    'i' => Action::Insert(line),
                    _ => Action::Change(line),
                };
                (action, tail)
            }
            '{' => return Ok(rest),
            _ => return Err(unsupported()),
        };
        self.commands.push(SedCommand { address, negated, action });
        Ok(rest)
    }
}

/// The text up to a mark that no `\` stands before, and what follows the mark.
fn delimited(text: &str, mark: char) -> Option<(String, &str)> {
    let mut result = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == mark {
            return Some((result, &text[at + c.len_utf8()..]));
        }
        if c == '\\' {
            let (_, next) = chars.next()?;
            if next != mark {
                result.push('\\');
            }
            result.push(next);
        } else {
            result.push(c);
        }
    }
    None
}

pub(super) fn sed(args: &[String]) -> Result<(Box<Sed>, Vec<String>), String> {
    let mut sed = Sed {
        commands: Vec::new(),
        silent: false,
        in_place: false,
        out: String::new(),
        extended: false,
    };
    let (mut scripts, mut files) = (Vec::new(), Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-n" => sed.silent = true,
            "-E" | "-r" => sed.extended = true,
            "-e" => scripts.push(rest.next().cloned().ok_or("option requires an argument")?),
            flag if flag.starts_with("-i") => sed.in_place = true,
            flag if flag.starts_with('-') && flag.len() > 1 => {
                sed.silent = sed.silent || flag.contains('n');
                sed.extended = sed.extended || flag.contains(['E', 'r']);
                if flag.contains('e') {
                    scripts.push(rest.next().cloned().ok_or("option requires an argument")?);
                }
            }
            file => files.push(file.to_owned()),
        }
    }
    if scripts.is_empty() {
        if files.is_empty() {
            return Err("no script".to_owned());
        }
        scripts.push(files.remove(0));
    }
    for script in scripts {
        sed.parse(&script)?;
    }
    Ok((Box::new(sed), files))
}
