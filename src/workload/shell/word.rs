//! Words before expansion: quotes, parameters, substitutions.
//!
//! Owns: reading a word's text into parts. Does not own: what the parts become (`expand`).

use std::rc::Rc;

use crate::workload::shell::code::{Code, compile_at};

/// A word.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    /// `name=value` after `export`: not split.
    pub(super) assignment: bool,
}

/// A part of a word. `quoted` parts are neither split nor globbed.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Text {
        text: String,
        quoted: bool,
    },
    Parameter {
        name: String,
        how: How,
        quoted: bool,
    },
    Command {
        code: Rc<Code>,
        quoted: bool,
    },
    Arithmetic {
        expression: Word,
        quoted: bool,
    },
    /// `~` at the start.
    Home,
}

/// What is done with a parameter's value.
#[derive(Clone, Debug)]
pub(super) enum How {
    Plain,
    Length,
    /// `-`, `=`, `?`, `+`; `colon`: empty counts as unset.
    Default {
        operator: char,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`.
    Remove {
        suffix: bool,
        longest: bool,
        pattern: Word,
    },
    Replace {
        all: bool,
        pattern: Word,
        with: Word,
    },
    Part {
        from: Word,
        length: Option<Word>,
    },
    /// `^^` and `,,` of bash.
    Case {
        upper: bool,
        all: bool,
    },
}

impl Word {
    pub(super) fn literal(text: &str) -> Self {
        let part = Part::Text { text: text.to_owned(), quoted: true };
        Self { parts: vec![part], assignment: false }
    }

    pub(super) fn into_assignment(mut self) -> Self {
        self.assignment = true;
        self
    }

    pub(super) fn with_newline(mut self) -> Self {
        self.parts.push(Part::Text { text: "\n".to_owned(), quoted: true });
        self
    }
}

/// Reads a word.
pub(super) fn parse_word(text: &str, depth: usize) -> Result<Word, String> {
    let mut reader = Reader::new(text, depth);
    let mut word = Word::default();
    if text == "~" || text.starts_with("~/") {
        word.parts.push(Part::Home);
        reader.at = 1;
    }
    reader.unquoted(&mut word.parts)?;
    Ok(word)
}

/// Reads the text of a here-document, in which quotes mean nothing.
pub(super) fn parse_here_document(text: &str, depth: usize) -> Result<Word, String> {
    let mut reader = Reader::new(text, depth);
    let mut word = Word::default();
    reader.double_quoted(&mut word.parts, false)?;
    Ok(word)
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

type Parts = Vec<Part>;

impl Reader {
    fn new(text: &str, depth: usize) -> Self {
        Self { chars: text.chars().collect(), at: 0, depth: depth + 1 }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn unquoted(&mut self, parts: &mut Parts) -> Result<(), String> {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\'' => {
                    let text = self.until('\'');
                    parts.push(Part::Text { text, quoted: true });
                }
                '"' => {
                    // An empty pair of quotes still makes a word.
                    parts.push(Part::Text { text: String::new(), quoted: true });
                    self.double_quoted(parts, true)?;
                }
                '\\' => match self.peek(0) {
                    Some('\n') => self.at += 1,
                    Some(next) => {
                        self.at += 1;
                        text(parts, next, true);
                    }
                    None => text(parts, '\\', true),
                },
                '$' if self.peek(0) == Some('\'') => {
                    self.at += 1;
                    let raw = self.until_escaped();
                    let unescaped = crate::workload::posix::print::escapes(&raw).0;
                    parts.push(Part::Text { text: unescaped, quoted: true });
                }
                '$' => self.dollar(parts, false)?,
                '`' => self.backquoted(parts, false)?,
                c => text(parts, c, false),
            }
        }
        Ok(())
    }

    fn double_quoted(&mut self, parts: &mut Parts, ends: bool) -> Result<(), String> {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '"' if ends => return Ok(()),
                '\\' => match self.peek(0) {
                    Some('\n') => self.at += 1,
                    Some(next) if matches!(next, '$' | '`' | '\\') || (next == '"' && ends) => {
                        self.at += 1;
                        text(parts, next, true);
                    }
                    _ => text(parts, '\\', true),
                },
                '$' => self.dollar(parts, true)?,
                '`' => self.backquoted(parts, true)?,
                c => text(parts, c, true),
            }
        }
        Ok(())
    }

    fn until(&mut self, end: char) -> String {
        let mut result = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == end {
                break;
            }
            result.push(c);
        }
        result
    }

    fn until_escaped(&mut self) -> String {
        let mut result = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\'' => break,
                '\\' => {
                    result.push(c);
                    if let Some(next) = self.peek(0) {
                        self.at += 1;
                        if next == '\'' {
                            result.pop();
                        }
                        result.push(next);
                    }
                }
                c => result.push(c),
            }
        }
        result
    }

    fn backquoted(&mut self, parts: &mut Parts, quoted: bool) -> Result<(), String> {
        let mut script = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '`' => break,
                '\\' if matches!(self.peek(0), Some('`' | '\\' | '$')) => {
                    script.extend(self.peek(0));
                    self.at += 1;
                }
                c => script.push(c),
            }
        }
        parts.push(Part::Command { code: compile_at(&script, true, self.depth)?, quoted });
        Ok(())
    }

    /// What follows a `$`.
    fn dollar(&mut self, parts: &mut Parts, quoted: bool) -> Result<(), String> {
        match self.peek(0) {
            Some('(') if self.peek(1) == Some('(') => {
                let start = self.at;
                self.at += 1;
                let inner = self.balanced();
                // `$((…) …)` is a command that begins with a subshell.
                if inner.starts_with('(') && inner.ends_with(')') && closes_at_end(&inner) {
                    let mut reader = Self::new(&inner[1..inner.len() - 1], self.depth);
                    let mut expression = Word::default();
                    reader.double_quoted(&mut expression.parts, false)?;
                    parts.push(Part::Arithmetic { expression, quoted });
                    return Ok(());
                }
                self.at = start + 1;
                let script = self.balanced();
                parts.push(Part::Command { code: compile_at(&script, true, self.depth)?, quoted });
            }
            Some('(') => {
                self.at += 1;
                let mut script = self.balanced();
                // `$(<file)` of bash is the file's text.
                if script.starts_with('<') && !script.starts_with("<<") {
                    script.insert_str(0, "cat ");
                }
                parts.push(Part::Command { code: compile_at(&script, true, self.depth)?, quoted });
            }
            Some('{') => {
                self.at += 1;
                self.braced(parts, quoted)?;
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                parts.push(Part::Parameter { name, how: How::Plain, quoted });
            }
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.at += 1;
                parts.push(Part::Parameter { name: c.to_string(), how: How::Plain, quoted });
            }
            _ => text(parts, '$', quoted),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek(0).filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// The text until the parenthesis that closes the one just read.
    fn balanced(&mut self) -> String {
        let mut result = String::new();
        let mut depth = 1;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                '\\' => {
                    result.push(c);
                    if let Some(next) = self.peek(0) {
                        result.push(next);
                        self.at += 1;
                    }
                    continue;
                }
                '\'' => {
                    result.push(c);
                    result += &self.until('\'');
                    result.push('\'');
                    continue;
                }
                '"' => {
                    result.push(c);
                    self.copy_double_quoted(&mut result);
                    continue;
                }
                _ => {}
            }
            result.push(c);
        }
        result
    }

    fn copy_double_quoted(&mut self, result: &mut String) {
        while let Some(c) = self.peek(0) {
            self.at += 1;
            result.push(c);
            match c {
                '"' => return,
                '\\' => {
                    result.extend(self.peek(0));
                    self.at += 1;
                }
                '$' if self.peek(0) == Some('(') => {
                    self.at += 1;
                    let inner = self.balanced();
                    result.push('(');
                    *result += &inner;
                    result.push(')');
                }
                _ => {}
            }
        }
    }

    /// The text until the brace that closes `${`, or until one of `stops` before it.
    fn until_brace(&mut self, stops: &str) -> (String, Option<char>) {
        let mut result = String::new();
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '}' if depth == 0 => return (result, None),
                '}' => depth -= 1,
                '$' if self.peek(0) == Some('{') => {
                    result.push(c);
                    self.at += 1;
                    depth += 1;
                    result.push('{');
                    continue;
                }
                '$' if self.peek(0) == Some('(') => {
                    self.at += 1;
                    let inner = self.balanced();
                    result += "$(";
                    result += &inner;
                    result.push(')');
                    continue;
                }
                '\\' => {
                    result.push(c);
                    result.extend(self.peek(0));
                    self.at += 1;
                    continue;
                }
                '\'' => {
                    result.push(c);
                    result += &self.until('\'');
                    result.push('\'');
                    continue;
                }
                '"' => {
                    result.push(c);
                    self.copy_double_quoted(&mut result);
                    continue;
                }
                c if depth == 0 && stops.contains(c) => return (result, Some(c)),
                _ => {}
            }
            result.push(c);
        }
        (result, None)
    }

    fn braced(&mut self, parts: &mut Parts, quoted: bool) -> Result<(), String> {
        if self.peek(0) == Some('#') && self.peek(1).is_some_and(|c| c != '}') {
            self.at += 1;
            let (name, _) = self.until_brace("");
            parts.push(Part::Parameter { name, how: How::Length, quoted });
            return Ok(());
        }
        let mut name = self.name();
        if name.is_empty() {
            match self.peek(0) {
                Some(c) if "@*#?$!-".contains(c) => {
                    name.push(c);
                    self.at += 1;
                }
                _ => return Err("syntax error: bad substitution".to_owned()),
            }
        }
        if self.peek(0) == Some('[') {
            // An element of an array: only those that the shell itself fills are known.
            self.at += 1;
            let index = self.until(']');
            name = format!("{name}[{index}]");
        }
        let operator = self.peek(0).unwrap_or('}');
        self.at += 1;
        let how = match operator {
            '}' => How::Plain,
            ':' if matches!(self.peek(0), Some('-' | '=' | '?' | '+')) => {
                let operator = self.peek(0).unwrap_or('-');
                self.at += 1;
                How::Default { operator, colon: true, word: self.inner("", quoted)? }
            }
            '-' | '=' | '?' | '+' => {
                How::Default { operator, colon: false, word: self.inner("", quoted)? }
            }
            '#' | '%' => {
                let longest = self.peek(0) == Some(operator);
                self.at += usize::from(longest);
                let pattern = self.inner("", false)?;
                How::Remove { suffix: operator == '%', longest, pattern }
            }
            '/' => {
                let all = self.peek(0) == Some('/');
                self.at += usize::from(all);
                let (pattern, stop) = self.until_brace("/");
                let pattern = parse_word(&pattern, self.depth)?;
                let with = if stop.is_some() { self.inner("", false)? } else { Word::default() };
                How::Replace { all, pattern, with }
            }
            ':' => {
                let (from, stop) = self.until_brace(":");
                let from = parse_here_document(&from, self.depth)?;
                let length = match stop {
                    Some(_) => {
                        let (length, _) = self.until_brace("");
                        Some(parse_here_document(&length, self.depth)?)
                    }
                    None => None,
                };
                How::Part { from, length }
            }
            '^' | ',' => {
                let all = self.peek(0) == Some(operator);
                let _ = self.until_brace("");
                How::Case { upper: operator == '^', all }
            }
            _ => return Err("syntax error: bad substitution".to_owned()),
        };
        parts.push(Part::Parameter { name, how, quoted });
        Ok(())
    }

    fn inner(&mut self, stops: &str, quoted: bool) -> Result<Word, String> {
        if self.depth > 60 {
            return Err("syntax error: nested too deeply".to_owned());
        }
        let (text, _) = self.until_brace(stops);
        if quoted {
            // Inside double quotes, single quotes are ordinary characters.
            let mut reader = Self::new(&text.replace('"', ""), self.depth);
            let mut word = Word::default();
            reader.double_quoted(&mut word.parts, false)?;
            return Ok(word);
        }
        parse_word(&text, self.depth)
    }
}

/// Whether the first parenthesis of a text is closed by its last.
fn closes_at_end(text: &str) -> bool {
    let mut depth = 0;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return index + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}

/// Adds a character, joining it to a like part before it.
fn text(parts: &mut Parts, c: char, quoted: bool) {
    if let Some(Part::Text { text, quoted: before }) = parts.last_mut()
        && *before == quoted
    {
        text.push(c);
        return;
    }
    parts.push(Part::Text { text: c.to_string(), quoted });
}
