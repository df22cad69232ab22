//! From words to strings: parameters, substitutions, splitting, globbing.
//!
//! Owns: expansion as POSIX orders it. Does not own: reading words (`word`).

use std::rc::Rc;

use crate::workload::fs::normal;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::posix::arithmetic::{self, Variables};
use crate::workload::posix::pattern::{self, escape, is_pattern, unescape};
use crate::workload::shell::code::Code;
use crate::workload::shell::vm::Vm;
use crate::workload::shell::word::{How, Part, Word};

/// Why an expansion could not finish.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// A command has to run first; its output is then known by this key.
    Run(usize, Rc<Code>),
    /// The shell gives up with these words.
    Error(String),
}

/// The fields that come into being; each as a pattern, literal characters escaped.
#[derive(Debug, Default)]
struct Fields {
    done: Vec<String>,
    current: String,
    /// Something, even an empty quoted string, began the current field.
    begun: bool,
}

impl Fields {
    fn end(&mut self) {
        if self.begun {
            self.done.push(std::mem::take(&mut self.current));
            self.begun = false;
        }
    }
}

impl Variables for Vm {
    fn get(&self, name: &str) -> Option<String> {
        self.variable(name)
    }
    fn set(&mut self, name: &str, value: String) {
        self.assign(name, value);
    }
}

impl Vm {
    /// Expands words to arguments.
    pub(super) fn expand(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        words: &[Word],
    ) -> Result<Vec<String>, Stop> {
        let mut result = Vec::new();
        for word in words {
            if word.assignment {
                result.push(self.expand_one(kernel, pid, word)?);
                continue;
            }
            let mut fields = Fields::default();
            self.parts(kernel, pid, word, true, &mut fields)?;
            fields.end();
            for field in fields.done {
                if is_pattern(&field) && !self.options.no_glob {
                    let found = glob(kernel, pid, &field);
                    if found.is_empty() {
                        result.push(unescape(&field));
                    } else {
                        result.extend(found);
                    }
                } else {
                    result.push(unescape(&field));
                }
            }
        }
        Ok(result)
    }

    /// Expands a word to one string: no splitting, no globbing.
    pub(super) fn expand_one(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        word: &Word,
    ) -> Result<String, Stop> {
        Ok(unescape(&self.expand_pattern(kernel, pid, word)?))
    }

    /// Expands a word to a pattern.
    pub(super) fn expand_pattern(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        word: &Word,
    ) -> Result<String, Stop> {
        let mut fields = Fields::default();
        self.parts(kernel, pid, word, false, &mut fields)?;
        Ok(fields.current)
    }

    fn parts(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        word: &Word,
        split: bool,
        fields: &mut Fields,
    ) -> Result<(), Stop> {
        for part in &word.parts {
            match part {
                Part::Text { text, quoted } => {
                    fields.begun = true;
                    if *quoted {
                        fields.current += &escape(text);
                    } else {
                        fields.current += &text.replace('\\', "\\\\");
                    }
                }
                Part::Home => {
                    fields.begun = true;
                    fields.current += &escape(&self.variable("HOME").unwrap_or_default());
                }
                Part::Command { code, quoted } => {
                    let key = Rc::as_ptr(code) as usize;
                    let Some(output) = self.known(key) else {
                        return Err(Stop::Run(key, code.clone()));
                    };
                    self.add(&output, *quoted, split, fields);
                }
                Part::Arithmetic { expression, quoted } => {
                    let key = std::ptr::from_ref(expression) as usize;
                    let value = match self.known(key) {
                        Some(value) => value,
                        None => {
                            let text = self.expand_one(kernel, pid, expression)?;
                            let value = arithmetic::compute(&text, self).map_err(Stop::Error)?;
                            self.results.push((key, value.to_string()));
                            value.to_string()
                        }
                    };
                    self.add(&value, *quoted, split, fields);
                }
                Part::Parameter { name, how, quoted } => {
                    self.parameter(kernel, pid, (name, how, *quoted), split, fields)?;
                }
            }
        }
        Ok(())
    }

    fn known(&self, key: usize) -> Option<String> {
        self.results.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone())
    }

    /// Adds the result of an expansion to the fields.
    fn add(&self, value: &str, quoted: bool, split: bool, fields: &mut Fields) {
        if quoted {
            fields.begun = true;
            fields.current += &escape(value);
            return;
        }
        // What comes out of an unquoted expansion may be a pattern, but `\` is itself.
        if !split {
            fields.begun = true;
            fields.current += &value.replace('\\', "\\\\");
            return;
        }
        let separators = self.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
        for c in value.chars() {
            if separators.contains(c) {
                if !c.is_whitespace() {
                    fields.begun = true;
                }
                fields.end();
            } else {
                fields.begun = true;
                if c == '\\' {
                    fields.current.push('\\');
                }
                fields.current.push(c);
            }
        }
    }

    fn parameter(
        &mut self,
        kernel: &Kernel,
        pid: Pid,
        (name, how, quoted): (&str, &How, bool),
        split: bool,
        fields: &mut Fields,
    ) -> Result<(), Stop> {
        if matches!(how, How::Plain) && (name == "@" || (name == "*" && !quoted)) {
            self.all_parameters(quoted, split, fields);
            return Ok(());
        }
        let value = self.parameter_value(kernel, pid, name);
        if value.is_none() && self.options.no_unset && !matches!(how, How::Default { .. }) {
            return Err(Stop::Error(format!("{name}: parameter not set")));
        }
        let text = value.clone().unwrap_or_default();
        let result = match how {
            How::Plain => text,
            How::Length => text.chars().count().to_string(),
            How::Default { operator, colon, word } => {
                let missing = value.is_none() || (*colon && text.is_empty());
                match (operator, missing) {
                    ('+', true) => return Ok(()),
                    ('+', false) | ('-', true) => {
                        if quoted {
                            let inner = self.expand_one(kernel, pid, word)?;
                            self.add(&inner, true, split, fields);
                            return Ok(());
                        }
                        return self.parts(kernel, pid, word, split, fields);
                    }
                    ('=', true) => {
                        let inner = self.expand_one(kernel, pid, word)?;
                        self.assign(name, inner.clone());
                        inner
                    }
                    ('?', true) => {
                        let inner = self.expand_one(kernel, pid, word)?;
                        let inner =
                            if inner.is_empty() { "parameter not set".to_owned() } else { inner };
                        return Err(Stop::Error(format!("{name}: {inner}")));
                    }
                    _ => text,
                }
            }
            How::Remove { suffix, longest, pattern } => {
                let pattern = self.expand_pattern(kernel, pid, pattern)?;
                pattern::remove(&text, &pattern, *suffix, *longest)
            }
            How::Replace { all, pattern, with } => {
                let pattern = self.expand_pattern(kernel, pid, pattern)?;
                let with = self.expand_one(kernel, pid, with)?;
                pattern::replace(&text, &pattern, &with, *all)
            }
            How::Part { from, length } => {
                let chars: Vec<char> = text.chars().collect();
                let from = self.number(kernel, pid, from)?;
                let count = chars.len() as i64;
                let start = if from < 0 { (count + from).max(0) } else { from.min(count) };
                let end = match length {
                    None => count,
                    Some(length) => match self.number(kernel, pid, length)? {
                        length if length < 0 => (count + length).max(start),
                        length => start.saturating_add(length).min(count),
                    },
                };
                chars[start as usize..end as usize].iter().collect()
            }
            How::Case { upper, all } => {
                let change = |part: &str| {
                    if *upper { part.to_uppercase() } else { part.to_lowercase() }
                };
                let first = text.chars().next().map_or(0, char::len_utf8);
                let (head, tail) = text.split_at(first);
                if *all { change(&text) } else { format!("{}{tail}", change(head)) }
            }
        };
        self.add(&result, quoted, split, fields);
        Ok(())
    }

    fn number(&mut self, kernel: &Kernel, pid: Pid, word: &Word) -> Result<i64, Stop> {
        let text = self.expand_one(kernel, pid, word)?;
        arithmetic::compute(&text, self).map_err(Stop::Error)
    }

    /// `$@` and `$*`: a field for each parameter.
    fn all_parameters(&self, quoted: bool, split: bool, fields: &mut Fields) {
        for (index, value) in self.parameters.iter().enumerate() {
            if index > 0 {
                if split {
                    if quoted {
                        fields.begun = true;
                    }
                    fields.end();
                } else {
                    fields.current.push(' ');
                }
            }
            self.add(value, quoted, split, fields);
        }
        if self.parameters.is_empty() && quoted && fields.current.is_empty() {
            // "$@" without parameters is no field at all.
            fields.begun = false;
        }
    }

    fn parameter_value(&self, kernel: &Kernel, pid: Pid, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "$" => Some(self.shell_pid.to_string()),
            "!" => self.last_background.map(|pid| pid.to_string()),
            "#" => Some(self.parameters.len().to_string()),
            "*" | "@" => Some(self.parameters.join(" ")),
            "-" => Some(self.options.letters()),
            "0" => Some(self.name.clone()),
            "PPID" => {
                let ns = kernel.processes.get(&pid).map_or(0, |process| process.pid_ns);
                Some(kernel.parent_number(ns, pid).to_string())
            }
            "RANDOM" if self.bash => {
                // No chance in here: the same numbers every time.
                let turn =
                    kernel.clock.as_micros().wrapping_mul(1_103_515_245).wrapping_add(12_345);
                Some(((turn >> 16) & 0x7fff).to_string())
            }
            "SECONDS" if self.bash => {
                let started = kernel.processes.get(&pid).map_or(kernel.clock, |p| p.started);
                Some(kernel.clock.since(started).as_secs().to_string())
            }
            name if name.starts_with(|c: char| c.is_ascii_digit()) => {
                let index: usize = name.parse().ok()?;
                self.parameters.get(index.checked_sub(1)?).cloned()
            }
            name => match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                Some((array, index)) => self.element(array, index),
                None => self.variable(name),
            },
        }
    }

    /// An element of an array, or all of them.
    fn element(&self, array: &str, index: &str) -> Option<String> {
        let at = |index: usize| self.variable(&format!("{array}[{index}]"));
        if matches!(index, "@" | "*") {
            let all: Vec<String> = (0..).map_while(at).collect();
            return (!all.is_empty()).then(|| all.join(" "));
        }
        let name = index.trim_start_matches(['$', '{']).trim_end_matches('}');
        let number = match name.parse::<usize>() {
            Ok(number) => number,
            Err(_) => self.variable(name)?.trim().parse().ok()?,
        };
        match at(number) {
            // A plain variable is an array of one.
            None if number == 0 => self.variable(array),
            found => found,
        }
    }
}

/// The files that match a pattern, in order.
pub(in crate::workload) fn glob(kernel: &Kernel, pid: Pid, pattern: &str) -> Vec<String> {
    let absolute = pattern.starts_with('/');
    let mut found = vec![if absolute { "/".to_owned() } else { String::new() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for directory in &found {
            let join = |name: &str| match directory.as_str() {
                "" => name.to_owned(),
                "/" => format!("/{name}"),
                directory => format!("{directory}/{name}"),
            };
            let place = normal(&kernel.cwd(pid), directory);
            if !is_pattern(part) {
                let path = join(&unescape(part));
                if kernel.node_at(pid, &path, false).is_ok() {
                    next.push(path);
                }
                continue;
            }
            for name in kernel.list(pid, &place).unwrap_or_default() {
                let hidden = name.starts_with('.') && !part.starts_with('.');
                if !hidden && pattern::matches(part, &name) {
                    next.push(join(&name));
                }
            }
        }
        found = next;
    }
    found
}
