//! `test`, `[` and the operators of `[[`.
//!
//! Owns: judging an expression over strings, numbers and files. Does not own: its expansion.

use crate::workload::fs::Content;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;

/// Judges the arguments of `test`; `Err` has what it says about them.
pub(in crate::workload) fn test(
    kernel: &Kernel,
    pid: Pid,
    args: &[String],
) -> Result<bool, String> {
    if args.len() > 200 {
        return Err("too many arguments".to_owned());
    }
    let mut reader = Reader { kernel, pid, args, at: 0 };
    if args.is_empty() {
        return Ok(false);
    }
    // POSIX: few arguments are judged by their number.
    match args {
        [one] => return Ok(!one.is_empty()),
        [not, one] if not == "!" => return Ok(one.is_empty()),
        [left, operator, right] if is_binary(operator) => {
            return binary(kernel, pid, operator, left, right);
        }
        _ => {}
    }
    let value = reader.or()?;
    match reader.args.get(reader.at) {
        None => Ok(value),
        Some(extra) => Err(format!("{extra}: unknown operand")),
    }
}

struct Reader<'a> {
    kernel: &'a Kernel,
    pid: Pid,
    args: &'a [String],
    at: usize,
}

impl Reader<'_> {
    fn next(&self) -> Option<&str> {
        self.args.get(self.at).map(String::as_str)
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut value = self.and()?;
        while self.next() == Some("-o") {
            self.at += 1;
            let right = self.and()?;
            value = value || right;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut value = self.not()?;
        while self.next() == Some("-a") {
            self.at += 1;
            let right = self.not()?;
            value = value && right;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, String> {
        if self.next() == Some("!") {
            self.at += 1;
            return Ok(!self.not()?);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<bool, String> {
        let rest = &self.args[self.at..];
        match rest {
            [] => Err("argument expected".to_owned()),
            [left, operator, right, ..] if is_binary(operator) => {
                self.at += 3;
                binary(self.kernel, self.pid, operator, left, right)
            }
            [open, ..] if open == "(" => {
                self.at += 1;
                let value = self.or()?;
                if self.next() != Some(")") {
                    return Err("closing paren expected".to_owned());
                }
                self.at += 1;
                Ok(value)
            }
            [operator, word, ..] if is_unary(operator) => {
                self.at += 2;
                Ok(unary(self.kernel, self.pid, operator, word))
            }
            [word, ..] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
        }
    }
}

fn is_unary(operator: &str) -> bool {
    let mut chars = operator.chars();
    chars.next() == Some('-')
        && chars.next().is_some_and(|c| "bcdefghkLnprsStuvwxz".contains(c))
        && chars.next().is_none()
}

fn is_binary(operator: &str) -> bool {
    matches!(
        operator,
        "=" | "=="
            | "!="
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

/// An operator before one word.
pub(in crate::workload) fn unary(kernel: &Kernel, pid: Pid, operator: &str, word: &str) -> bool {
    match operator {
        "-n" => return !word.is_empty(),
        "-z" => return word.is_empty(),
        "-t" => return word.parse().is_ok_and(|fd| kernel.is_terminal(pid, fd)),
        "-L" | "-h" => {
            return kernel
                .node_at(pid, word, false)
                .is_ok_and(|node| matches!(node.content, Content::Link(_)));
        }
        _ => {}
    }
    let Ok(node) = kernel.node(pid, word) else { return false };
    let device = word.starts_with("/dev/") && matches!(operator, "-c" | "-w" | "-r" | "-e");
    match operator {
        "-f" => !node.is_directory() && !word.starts_with("/dev/"),
        "-d" => node.is_directory(),
        "-s" => node.size() > 0,
        "-x" => node.mode & 0o111 != 0,
        "-c" => device,
        "-b" | "-p" | "-S" | "-u" | "-g" | "-k" => false,
        _ => true,
    }
}

/// An operator between two words.
pub(in crate::workload) fn binary(
    kernel: &Kernel,
    pid: Pid,
    operator: &str,
    left: &str,
    right: &str,
) -> Result<bool, String> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: bad number"));
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => number(left)? == number(right)?,
        "-ne" => number(left)? != number(right)?,
        "-lt" => number(left)? < number(right)?,
        "-le" => number(left)? <= number(right)?,
        "-gt" => number(left)? > number(right)?,
        "-ge" => number(left)? >= number(right)?,
        "-nt" | "-ot" => {
            let time = |path: &str| kernel.node(pid, path).ok().map(|node| node.modified);
            let (left, right) = (time(left), time(right));
            if operator == "-nt" { left > right } else { left < right }
        }
        _ => false,
    })
}
