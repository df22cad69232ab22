//! sed: its scripts, and what they make of a stream of lines.
//!
//! Owns: addresses, commands, the pattern and the hold space. Does not own: where lines come from
//! (`filter`). Models POSIX sed with what GNU's and busybox' add to it: `-i`, `-E`, `first~step`,
//! `addr,+n`, `Q`.

use crate::workload::posix::regex::Regex;

/// A script, and how far it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Sed {
    commands: Vec<Command>,
    silent: bool,
    pub(super) in_place: bool,
    extended: bool,
    /// Some address means the last line: each line waits for the next one.
    waits: bool,
    /// The line that waits.
    ahead: Option<String>,
    number: usize,
    last: bool,
    pattern: String,
    hold: String,
    /// Where a command waits for the next line.
    suspended: Option<usize>,
    substituted: bool,
    /// Printed when the cycle is over.
    after: String,
    out: String,
    /// It reads no more; its exit code.
    quit: Option<i32>,
    /// What changes files in place.
    edited: String,
}

#[derive(Clone, Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    /// The last line of a range that is under way.
    until: Option<usize>,
    negated: bool,
    action: Action,
}

#[derive(Clone, Debug)]
enum Address {
    Line(usize),
    Step(usize, usize),
    Plus(usize),
    Match(Regex),
    Last,
}

#[derive(Clone, Debug)]
enum Action {
    /// `{`: goes on behind the `}` at this place when not selected.
    Block(usize),
    /// `}` and labels.
    Nothing,
    Substitute {
        regex: Regex,
        with: String,
        nth: usize,
        all: bool,
        print: bool,
    },
    Transliterate(Vec<char>, Vec<char>),
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Number,
    Quit(i32, bool),
    Append(String),
    Insert(String),
    Change(String),
    /// `n`, and `N` which appends.
    Next(bool),
    /// `h`, and `H` which appends.
    Hold(bool),
    /// `g`, and `G` which appends.
    Get(bool),
    Exchange,
    /// `b`, and `t` which goes only after a substitution.
    Branch(usize, bool),
}

/// How a cycle goes on after a command.
enum Flow {
    Next,
    To(usize),
    /// The cycle is over; whether the pattern space is printed.
    Over(bool),
    /// `D`: the same cycle again without a new line.
    Again,
    Wait,
}

/// Commands of one cycle, at most. Invented: more is a loop that never ends.
const STEPS: usize = 100_000;

impl Sed {
    /// What a line makes it print.
    pub(super) fn feed(&mut self, line: &str) -> String {
        if self.waits {
            if let Some(line) = self.ahead.replace(line.to_owned()) {
                self.take(line);
            }
        } else {
            self.take(line.to_owned());
        }
        self.printed()
    }

    /// There are no more lines.
    pub(super) fn finish(&mut self) -> String {
        self.last = true;
        if let Some(line) = self.ahead.take() {
            self.take(line);
        }
        if let Some(place) = self.suspended.take()
            && self.quit.is_none()
        {
            // There is no next line: `n` has printed this one, `N` prints it now.
            let append = matches!(self.commands[place].action, Action::Next(true));
            self.end_cycle(append);
        }
        self.last = false;
        self.printed()
    }

    /// The exit code, once it reads no more.
    pub(super) const fn has_quit(&self) -> Option<i32> {
        self.quit
    }

    /// What the file becomes that has been read, when files are changed in place.
    pub(super) fn edit(&mut self) -> String {
        self.number = 0;
        std::mem::take(&mut self.edited)
    }

    fn printed(&mut self) -> String {
        let out = std::mem::take(&mut self.out);
        if !self.in_place {
            return out;
        }
        self.edited += &out;
        String::new()
    }

    fn take(&mut self, line: String) {
        if self.quit.is_some() {
            return;
        }
        self.number += 1;
        let mut at = 0;
        match self.suspended.take() {
            Some(place) => {
                if let Some(Action::Next(true)) = self.commands.get(place).map(|c| &c.action) {
                    self.pattern = format!("{}\n{line}", self.pattern);
                } else {
                    self.pattern = line;
                }
                at = place + 1;
            }
            None => {
                self.pattern = line;
                self.substituted = false;
            }
        }
        for _ in 0..STEPS {
            if at >= self.commands.len() {
                return self.end_cycle(true);
            }
            match self.step(at) {
                Flow::Next => at += 1,
                Flow::To(place) => at = place,
                Flow::Again => at = 0,
                Flow::Over(print) => return self.end_cycle(print),
                Flow::Wait => {
                    self.suspended = Some(at);
                    return;
                }
            }
        }
        self.quit = Some(1);
    }

    fn end_cycle(&mut self, print: bool) {
        if print && !self.silent {
            self.out += &format!("{}\n", self.pattern);
        }
        self.out += &std::mem::take(&mut self.after);
    }

    fn meets(&self, address: &Address) -> bool {
        match address {
            Address::Line(line) => *line == self.number,
            Address::Step(first, 0) => *first == self.number,
            Address::Step(first, step) => {
                self.number >= *first && (self.number - first).is_multiple_of(*step)
            }
            Address::Match(regex) => regex.find(&self.pattern).is_some(),
            Address::Last => self.last,
            Address::Plus(_) => false,
        }
    }

    fn is_selected(&mut self, at: usize) -> bool {
        let command = &self.commands[at];
        let Some(from) = &command.from else { return !command.negated };
        let Some(to) = &command.to else { return self.meets(from) != command.negated };
        let (selected, until) = match command.until {
            Some(end) => {
                let over = match to {
                    Address::Line(_) | Address::Plus(_) => self.number >= end,
                    to => self.meets(to),
                };
                // The line of a number that has passed is not of the range any more.
                (self.number <= end, (!over).then_some(end))
            }
            None if self.meets(from) => {
                let end = match to {
                    Address::Line(line) => *line,
                    Address::Plus(more) => self.number + more,
                    Address::Step(..) | Address::Match(_) | Address::Last => usize::MAX,
                };
                let over = end <= self.number || matches!(to, Address::Last if self.last);
                (true, (!over).then_some(end))
            }
            None => (false, None),
        };
        let negated = command.negated;
        self.commands[at].until = until;
        selected != negated
    }

    fn step(&mut self, at: usize) -> Flow {
        let selected = self.is_selected(at);
        let action = self.commands[at].action.clone();
        if let Action::Block(end) = action {
            return if selected { Flow::Next } else { Flow::To(end) };
        }
        if !selected {
            return Flow::Next;
        }
        match action {
            Action::Block(_) | Action::Nothing => {}
            Action::Substitute { regex, with, nth, all, print } => {
                if let Some(new) = substituted(&regex, &self.pattern, &with, nth, all) {
                    self.pattern = new;
                    self.substituted = true;
                    if print {
                        self.out += &format!("{}\n", self.pattern);
                    }
                }
            }
            Action::Transliterate(from, to) => {
                let change = |c: char| match from.iter().position(|known| *known == c) {
                    Some(place) => to.get(place).copied().unwrap_or(c),
                    None => c,
                };
                self.pattern = self.pattern.chars().map(change).collect();
            }
            Action::Delete => return Flow::Over(false),
            Action::DeleteFirst => match self.pattern.split_once('\n') {
                Some((_, rest)) => {
                    self.pattern = rest.to_owned();
                    self.out += &std::mem::take(&mut self.after);
                    return Flow::Again;
                }
                None => return Flow::Over(false),
            },
            Action::Print => self.out += &format!("{}\n", self.pattern),
            Action::PrintFirst => {
                let first = self.pattern.split('\n').next().unwrap_or("");
                self.out += &format!("{first}\n");
            }
            Action::Number => self.out += &format!("{}\n", self.number),
            Action::Quit(code, print) => {
                self.quit = Some(code);
                return Flow::Over(print);
            }
            Action::Append(line) => self.after += &format!("{line}\n"),
            Action::Insert(line) => self.out += &format!("{line}\n"),
            Action::Change(line) => {
                // A range is changed as one.
                let command = &self.commands[at];
                if command.to.is_none() || command.until.is_none() || command.negated {
                    self.out += &format!("{line}\n");
                }
                return Flow::Over(false);
            }
            Action::Next(append) => {
                if !append && !self.silent {
                    self.out += &format!("{}\n", self.pattern);
                }
                if !append {
                    self.out += &std::mem::take(&mut self.after);
                }
                if self.last {
                    // There is no next line: `n` has printed this one, `N` prints it now.
                    self.quit = Some(0);
                    return Flow::Over(append);
                }
                return Flow::Wait;
            }
            Action::Hold(false) => self.hold.clone_from(&self.pattern),
            Action::Hold(true) => self.hold = format!("{}\n{}", self.hold, self.pattern),
            Action::Get(false) => self.pattern.clone_from(&self.hold),
            Action::Get(true) => self.pattern = format!("{}\n{}", self.pattern, self.hold),
            Action::Exchange => std::mem::swap(&mut self.hold, &mut self.pattern),
            Action::Branch(place, after_change) => {
                if !after_change || std::mem::take(&mut self.substituted) {
                    return Flow::To(place);
                }
            }
        }
        Flow::Next
    }
}

/// The text with its nth match replaced, or that and all later ones; nothing where there is none.
fn substituted(regex: &Regex, text: &str, with: &str, nth: usize, all: bool) -> Option<String> {
    if nth == 1 {
        let (new, changed) = regex.replace(text, with, all);
        return changed.then_some(new);
    }
    let mut from = 0;
    for _ in 1..nth {
        let (start, end) = regex.captures(text, from)?.first().copied().flatten()?;
        let width = text[..end].chars().count();
        from = if end == start { width + 1 } else { width };
    }
    let cut = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
    let (new, changed) = regex.replace(&text[cut..], with, all);
    changed.then(|| format!("{}{new}", &text[..cut]))
}

/// Reads scripts.
struct Parser<'s> {
    rest: &'s str,
    extended: bool,
    commands: Vec<Command>,
    /// Blocks that are open.
    open: Vec<usize>,
    labels: Vec<(String, usize)>,
    /// Branches and the labels that they mean.
    branches: Vec<(usize, String)>,
}

impl Parser<'_> {
    fn read(&mut self) -> Result<(), String> {
        loop {
            self.rest = self.rest.trim_start_matches([';', ' ', '\n', '\t']);
            if self.rest.is_empty() {
                return Ok(());
            }
            if self.rest.starts_with('#') {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
                continue;
            }
            self.command()?;
        }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some(number)
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        if let Some(tail) = self.rest.strip_prefix('$') {
            self.rest = tail;
            return Ok(Some(Address::Last));
        }
        if let Some(number) = self.number() {
            if let Some(tail) = self.rest.strip_prefix('~') {
                self.rest = tail;
                return Ok(Some(Address::Step(number, self.number().unwrap_or(0))));
            }
            return Ok(Some(Address::Line(number)));
        }
        let (mark, tail) = match self.rest.strip_prefix('\\') {
            Some(tail) => match tail.chars().next() {
                Some(mark) => (mark, &tail[mark.len_utf8()..]),
                None => return Err("unexpected end of script".to_owned()),
            },
            None => match self.rest.strip_prefix('/') {
                Some(tail) => ('/', tail),
                None => return Ok(None),
            },
        };
        let (pattern, tail) = delimited(tail, mark).ok_or("unterminated address regex")?;
        self.rest = tail;
        let mut regex = Regex::new(&pattern, self.extended)?;
        if let Some(tail) = self.rest.strip_prefix('I') {
            regex.ignore_case = true;
            self.rest = tail;
        }
        Ok(Some(Address::Match(regex)))
    }

    fn command(&mut self) -> Result<(), String> {
        let from = self.address()?;
        self.blanks();
        let mut to = None;
        if from.is_some()
            && let Some(tail) = self.rest.strip_prefix(',')
        {
            self.rest = tail;
            self.blanks();
            to = match self.rest.strip_prefix('+') {
                Some(tail) => {
                    self.rest = tail;
                    Some(Address::Plus(self.number().unwrap_or(0)))
                }
                None => Some(self.address()?.ok_or("unexpected `,'")?),
            };
        }
        self.blanks();
        let negated = self.rest.starts_with('!');
        self.rest = self.rest.trim_start_matches(['!', ' ']);
        let letter = self.rest.chars().next().ok_or("missing command")?;
        self.rest = &self.rest[letter.len_utf8()..];
        let action = self.action(letter)?;
        self.commands.push(Command { from, to, until: None, negated, action });
        Ok(())
    }

    fn action(&mut self, letter: char) -> Result<Action, String> {
        let here = self.commands.len();
        Ok(match letter {
            '{' => {
                self.open.push(here);
                Action::Block(0)
            }
            '}' => {
                let start = self.open.pop().ok_or("unexpected `}'")?;
                self.commands[start].action = Action::Block(here);
                Action::Nothing
            }
            ':' => {
                let label = self.word();
                self.labels.push((label, here));
                Action::Nothing
            }
            'b' | 't' => {
                self.blanks();
                let label = self.word();
                self.branches.push((here, label));
                Action::Branch(0, letter == 't')
            }
            's' => self.substitute()?,
            'y' => {
                let unterminated = "unterminated `y' command";
                let mark = self.rest.chars().next().ok_or(unterminated)?;
                let (from, tail) =
                    delimited(&self.rest[mark.len_utf8()..], mark).ok_or(unterminated)?;
                let (to, tail) = delimited(tail, mark).ok_or(unterminated)?;
                self.rest = tail;
                Action::Transliterate(from.chars().collect(), to.chars().collect())
            }
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            '=' => Action::Number,
            'q' | 'Q' => {
                self.blanks();
                let code = self.number().and_then(|code| i32::try_from(code).ok());
                Action::Quit(code.unwrap_or(0), letter == 'q')
            }
            'n' | 'N' => Action::Next(letter == 'N'),
            'h' | 'H' => Action::Hold(letter == 'H'),
            'g' | 'G' => Action::Get(letter == 'G'),
            'x' => Action::Exchange,
            'a' | 'i' | 'c' => {
                let (line, tail) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
                // `a\` on a line of its own: the text stands on the next.
                let (line, tail) = match line.trim_start().strip_prefix('\\') {
                    Some(own) if own.trim().is_empty() => {
                        tail.split_once('\n').unwrap_or((tail, ""))
                    }
                    Some(own) => (own, tail),
                    None => (line.trim_start(), tail),
                };
                self.rest = tail;
                match letter {
                    'a' => Action::Append(line.to_owned()),
                    'i' => Action::Insert(line.to_owned()),
                    _ => Action::Change(line.to_owned()),
                }
            }
            other => return Err(format!("unsupported command {other}")),
        })
    }

    /// A label.
    fn word(&mut self) -> String {
        let end = self.rest.find([';', '\n', ' ', '}']).unwrap_or(self.rest.len());
        let (label, rest) = self.rest.split_at(end);
        self.rest = rest;
        label.to_owned()
    }

    fn substitute(&mut self) -> Result<Action, String> {
        let unterminated = "unterminated `s' command";
        let mark = self.rest.chars().next().ok_or(unterminated)?;
        let tail = &self.rest[mark.len_utf8()..];
        let (pattern, tail) = delimited(tail, mark).ok_or(unterminated)?;
        let (with, tail) = delimited(tail, mark).ok_or(unterminated)?;
        let end = tail.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (flags, tail) = tail.split_at(end);
        self.rest = tail;
        let mut regex = Regex::new(&pattern, self.extended)?;
        regex.ignore_case = flags.contains(['i', 'I']);
        let digits: String = flags.chars().filter(char::is_ascii_digit).collect();
        let nth = digits.parse::<usize>().unwrap_or(1).max(1);
        let (all, print) = (flags.contains('g'), flags.contains('p'));
        Ok(Action::Substitute { regex, with, nth, all, print })
    }

    fn finish(mut self) -> Result<Vec<Command>, String> {
        if !self.open.is_empty() {
            return Err("unterminated {".to_owned());
        }
        for (at, label) in &self.branches {
            let place = match self.labels.iter().find(|(known, _)| known == label) {
                Some((_, place)) => *place,
                None if label.is_empty() => self.commands.len(),
                None => return Err(format!("can't find label for jump to `{label}'")),
            };
            if let Action::Branch(to, _) = &mut self.commands[*at].action {
                *to = place;
            }
        }
        Ok(self.commands)
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

/// The sed of these arguments, and the files that it is to read.
pub(super) fn sed(args: &[String]) -> Result<(Box<Sed>, Vec<String>), String> {
    let mut sed = Sed::default();
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
    // Several scripts are the lines of one: a block may begin in one and end in another.
    let script = scripts.join("\n");
    let mut parser = Parser {
        rest: &script,
        extended: sed.extended,
        commands: Vec::new(),
        open: Vec::new(),
        labels: Vec::new(),
        branches: Vec::new(),
    };
    parser.read()?;
    sed.commands = parser.finish()?;
    let last = |address: &Option<Address>| matches!(address, Some(Address::Last));
    sed.waits = sed.commands.iter().any(|command| last(&command.from) || last(&command.to));
    Ok((Box::new(sed), files))
}
