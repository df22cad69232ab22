//! A little Python: what one-line programs of Jobs are made of.
//!
//! Owns: names, numbers, texts, `if`, `for … in range(…)`, `print`, `time.sleep`, `sys.exit` and
//! the environment. Anything else makes the whole program one that is not simulated. Does not own:
//! running what comes out (`Task`).

use crate::map::Map;
use crate::time::Duration;

/// Statements that a program may run. Invented: a Job of a lesson runs a few dozen.
const STATEMENTS_MAX: usize = 5_000;

/// What a program does, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Print(String),
    Sleep(Duration),
    Exit(i32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    None,
    Number(i64),
    Text(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::None | Self::Text(_) => None,
        }
    }

    const fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Number(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
        }
    }
}

struct Run<'e> {
    env: &'e dyn Fn(&str) -> Option<String>,
    names: Map<String, Value>,
    deeds: Vec<Deed>,
    left: usize,
    over: bool,
}

/// What a program does; nothing where it holds more than is known here.
pub(super) fn run(code: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<Vec<Deed>> {
    let mut lines = Vec::new();
    for line in code.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        // Several statements of one line; a text with a semicolon in it is left whole.
        let whole = line.contains(['"', '\'']) && line.contains(';') && !line.contains("; ");
        let parts: Vec<&str> = if whole { vec![line] } else { line.split(';').collect() };
        for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
            lines.push((indent, part.trim()));
        }
    }
    let mut run =
        Run { env, names: Map::new(), deeds: Vec::new(), left: STATEMENTS_MAX, over: false };
    run.block(&lines)?;
    Some(run.deeds)
}

impl Run<'_> {
    fn block(&mut self, lines: &[(usize, &str)]) -> Option<()> {
        let mut at = 0;
        // Whether a branch of the `if` before was taken.
        let mut taken = false;
        while at < lines.len() && !self.over {
            self.left = self.left.checked_sub(1)?;
            let (indent, line) = lines[at];
            let end = at + 1 + lines[at + 1..].iter().take_while(|next| next.0 > indent).count();
            let Some((head, rest)) = self.head(line) else {
                self.statement(line)?;
                at += 1;
                continue;
            };
            let inner: Vec<(usize, &str)> =
                if rest.is_empty() { lines[at + 1..end].to_vec() } else { vec![(indent, rest)] };
            at = end;
            if let Some((name, count)) =
                head.strip_prefix("for ").and_then(|h| h.split_once(" in "))
            {
                let count = count.strip_prefix("range(")?.strip_suffix(')')?;
                for number in 0..self.expression(count)?.number()? {
                    self.names.insert(name.trim().to_owned(), Value::Number(number));
                    self.block(&inner)?;
                    if self.over {
                        break;
                    }
                }
                continue;
            }
            let tried = match head.strip_prefix("elif ") {
                Some(condition) => !taken && self.expression(condition)?.is_true(),
                None if head == "else" => !taken,
                None => {
                    taken = false;
                    self.expression(head.strip_prefix("if ")?)?.is_true()
                }
            };
            if tried {
                taken = true;
                self.block(&inner)?;
            }
        }
        Some(())
    }

    /// `if …:` and the like: what stands before the colon, and what behind it on the same line.
    fn head<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        let leads = ["if ", "elif ", "else", "for "];
        if !leads.iter().any(|lead| line.starts_with(lead)) {
            return None;
        }
        let colon = outside(line, ":")?;
        Some((line[..colon].trim(), line[colon + 1..].trim()))
    }

    fn statement(&mut self, line: &str) -> Option<()> {
        if line == "pass" || line.starts_with("import ") || line.starts_with("from ") {
            return Some(());
        }
        if let Some((name, arguments)) = call(line) {
            match name {
                "print" => {
                    let mut words = Vec::new();
                    for argument in arguments.iter().filter(|a| !a.starts_with("flush=")) {
                        words.push(self.expression(argument)?.text());
                    }
                    self.deeds.push(Deed::Print(words.join(" ") + "\n"));
                }
                "time.sleep" | "sleep" => {
                    let seconds = self.expression(arguments.first()?)?.number()?;
                    self.deeds.push(Deed::Sleep(Duration::from_secs(seconds.max(0))));
                }
                "sys.exit" | "exit" | "quit" | "os._exit" => {
                    let code = match arguments.first() {
                        Some(argument) => self.expression(argument)?,
                        None => Value::None,
                    };
                    let code = match code {
                        Value::None => 0,
                        Value::Number(code) => i32::try_from(code & 0xff).ok()?,
                        // A text goes to stderr, and the program has failed.
                        Value::Text(text) => {
                            self.deeds.push(Deed::Print(text + "\n"));
                            1
                        }
                    };
                    self.deeds.push(Deed::Exit(code));
                    self.over = true;
                }
                _ => return None,
            }
            return Some(());
        }
        let equals = outside(line, "=")?;
        let name = line[..equals].trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let value = self.expression(&line[equals + 1..])?;
        self.names.insert(name.to_owned(), value);
        Some(())
    }

    fn expression(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        for operator in [" or ", " and "] {
            if let Some(at) = outside(text, operator) {
                let left = self.expression(&text[..at])?;
                let decided = left.is_true() == (operator == " or ");
                return if decided {
                    Some(left)
                } else {
                    self.expression(&text[at + operator.len()..])
                };
            }
        }
        if let Some(rest) = text.strip_prefix("not ") {
            return Some(Value::Number(i64::from(!self.expression(rest)?.is_true())));
        }
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            let Some(at) = outside(text, operator) else { continue };
            let left = self.expression(&text[..at])?;
            let right = self.expression(&text[at + operator.len()..])?;
            let order = match (&left, &right) {
                (Value::Number(a), Value::Number(b)) => a.cmp(b),
                (Value::Text(a), Value::Text(b)) => a.cmp(b),
                _ if matches!(operator, "==" | "!=") => std::cmp::Ordering::Less,
                _ => return None,
            };
            let holds = match operator {
                "==" => order.is_eq(),
                "!=" => order.is_ne(),
                "<=" => order.is_le(),
                ">=" => order.is_ge(),
                "<" => order.is_lt(),
                _ => order.is_gt(),
            };
            return Some(Value::Number(i64::from(holds)));
        }
        for operator in ["+", "-", "*", "//", "%"] {
            let Some(at) = outside(text, operator).filter(|at| *at > 0) else { continue };
            let left = self.expression(&text[..at])?;
            let right = self.expression(&text[at + operator.len()..])?;
            if let (Value::Text(a), Value::Text(b), "+") = (&left, &right, operator) {
                return Some(Value::Text(format!("{a}{b}")));
            }
            let (a, b) = (left.number()?, right.number()?);
            let result = match operator {
                "+" => a.checked_add(b)?,
                "-" => a.checked_sub(b)?,
                "*" => a.checked_mul(b)?,
                "//" => a.checked_div_euclid(b)?,
                _ => a.checked_rem_euclid(b)?,
            };
            return Some(Value::Number(result));
        }
        self.atom(text)
    }

    fn atom(&self, text: &str) -> Option<Value> {
        for quote in ['"', '\''] {
            let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
            if let Some(inner) = inner.filter(|inner| !inner.contains([quote, '\\'])) {
                return Some(Value::Text(inner.to_owned()));
            }
        }
        if let Ok(number) = text.parse() {
            return Some(Value::Number(number));
        }
        match text {
            "None" => return Some(Value::None),
            "True" => return Some(Value::Number(1)),
            "False" => return Some(Value::Number(0)),
            _ => {}
        }
        let variable = |name: &Value| (self.env)(&name.text()).map_or(Value::None, Value::Text);
        if let Some(name) = text.strip_prefix("os.environ[").and_then(|t| t.strip_suffix(']')) {
            return Some(variable(&self.expression(name)?)).filter(|value| *value != Value::None);
        }
        let Some((name, arguments)) = call(text) else { return self.names.get(text).cloned() };
        let first = self.expression(arguments.first()?)?;
        match name {
            "int" => first.text().trim().parse().ok().map(Value::Number),
            "str" => Some(Value::Text(first.text())),
            "len" => i64::try_from(first.text().chars().count()).ok().map(Value::Number),
            "os.environ.get" | "os.getenv" => match (variable(&first), arguments.get(1)) {
                (Value::None, Some(otherwise)) => self.expression(otherwise),
                (value, _) => Some(value),
            },
            _ => None,
        }
    }
}

/// Where a text stands outside of quotes and brackets; the last place for what binds to the left.
fn outside(text: &str, wanted: &str) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_i32;
    let mut found = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, _) if depth == 0 && text[at..].starts_with(wanted) => {
                // `=` alone, not a part of `==`; `/` twice, `*` once.
                let before = text[..at].chars().next_back();
                let after = text[at + wanted.len()..].chars().next();
                let part = |c: Option<char>| c.is_some_and(|c| "=!<>/*".contains(c));
                if wanted.len() > 1 || !(part(before) || part(after)) {
                    found = Some(at);
                    if !matches!(wanted, "+" | "-") {
                        break;
                    }
                }
            }
            (None, _) => {}
        }
    }
    found
}

/// `name(a, b)` taken apart.
fn call(text: &str) -> Option<(&str, Vec<&str>)> {
    let open = text.find('(')?;
    let (name, inner) = (&text[..open], text[open + 1..].strip_suffix(')')?);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let mut arguments = Vec::new();
    let mut rest = inner;
    while let Some(at) = outside(rest, ",") {
        arguments.push(rest[..at].trim());
        rest = &rest[at + 1..];
    }
    if !rest.trim().is_empty() {
        arguments.push(rest.trim());
    }
    // `f(a) + g(b)` is no call.
    let balanced = arguments
        .iter()
        .all(|argument| argument.matches('(').count() == argument.matches(')').count());
    balanced.then_some((name, arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeds(code: &str) -> Option<Vec<Deed>> {
        run(code, &|name| (name == "INDEX").then(|| "1".to_owned()))
    }

    #[test]
    fn programs_of_jobs_are_understood() {
        let code = "import os, sys\nindex = int(os.environ.get(\"INDEX\"))\nif index == 0:\n  \
                    sys.exit(1)\nelif index == 1:\n  print('one', index + 41)\n  sys.exit(42)\n\
                    else:\n  sys.exit(0)\n";
        let print = Deed::Print("one 42\n".to_owned());
        assert_eq!(deeds(code), Some(vec![print, Deed::Exit(42)]));
        let line = "import time; time.sleep(5); print(\"Hello\")";
        let wait = Deed::Sleep(Duration::from_secs(5));
        assert_eq!(deeds(line), Some(vec![wait.clone(), Deed::Print("Hello\n".to_owned())]));
        let each = "import time\nfor i in range(2):\n    print(i)\n    time.sleep(5)";
        let print = |text: &str| Deed::Print(text.to_owned());
        assert_eq!(deeds(each), Some(vec![print("0\n"), wait.clone(), print("1\n"), wait]));
        let not = "x = os.getenv('NO', '7')\nif not x == '7' or x == 'a': exit(3)";
        assert_eq!(deeds(not), Some(vec![]));
        for unknown in ["import antigravity as a\na.fly()", "x = [1]", "print(undefined)", "1/0"] {
            assert_eq!(deeds(unknown), None, "{unknown}");
        }
    }
}
