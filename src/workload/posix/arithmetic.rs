//! `$((…))`: integers of 64 bits, as C computes them.
//!
//! Owns: reading and computing an expression at once. Does not own: its expansion (`expand`).

use crate::map::Map;

/// The variables an expression sees and sets.
pub(in crate::workload) trait Variables {
    fn get(&self, name: &str) -> Option<String>;
    fn set(&mut self, name: &str, value: String);
}

impl Variables for Map<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        Map::get(self, name).cloned()
    }
    fn set(&mut self, name: &str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

/// Computes an expression; `Err` has what the shell says.
pub(in crate::workload) fn compute(
    text: &str,
    variables: &mut dyn Variables,
) -> Result<i64, String> {
    let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0, variables };
    if reader.peek().is_none() {
        return Ok(0);
    }
    let value = reader.comma(true)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err("arithmetic syntax error".to_owned()),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    variables: &'a mut dyn Variables,
}

/// Operators between two values, loosest first; longer ones before their beginnings.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

type Value = Result<i64, String>;

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn accept(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// `live`: whether side effects count.
    fn comma(&mut self, live: bool) -> Value {
        let mut value = self.assignment(live)?;
        while self.accept(",") {
            value = self.assignment(live)?;
        }
        Ok(value)
    }

    fn assignment(&mut self, live: bool) -> Value {
        self.depth += 1;
        if self.depth > 60 {
            return Err("expression recursion level exceeded".to_owned());
        }
        let start = self.at;
        if let Some(name) = self.name() {
            self.peek();
            for operator in ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="] {
                let rest = &self.text[self.at..];
                if rest.starts_with(operator.as_bytes()) && !rest.starts_with(b"==") {
                    self.at += operator.len();
                    let right = self.assignment(live)?;
                    let operator = operator.trim_end_matches('=');
                    let value = if operator.is_empty() {
                        right
                    } else {
                        apply(operator, self.variable(&name)?, right)?
                    };
                    if live {
                        self.variables.set(&name, value.to_string());
                    }
                    self.depth -= 1;
                    return Ok(value);
                }
            }
            self.at = start;
        }
        let condition = self.level(0, live)?;
        let value = if self.accept("?") {
            let yes = self.assignment(live && condition != 0)?;
            if !self.accept(":") {
                return Err("arithmetic syntax error".to_owned());
            }
            let no = self.assignment(live && condition == 0)?;
            if condition != 0 { yes } else { no }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    fn level(&mut self, level: usize, live: bool) -> Value {
        let Some(operators) = LEVELS.get(level) else { return self.unary(live) };
        let mut left = self.level(level + 1, live)?;
        while let Some(operator) = self.operator(operators) {
            let live = match operator {
                "&&" => live && left != 0,
                "||" => live && left == 0,
                _ => live,
            };
            let right = self.level(level + 1, live)?;
            left = if live || matches!(operator, "&&" | "||") {
                apply(operator, left, right)?
            } else {
                0
            };
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.peek();
        let rest = &self.text[self.at..];
        let operator = operators.iter().find(|operator| rest.starts_with(operator.as_bytes()))?;
        // `a & b` is not `a && b`, `a | b` not `a || b`, `a < b` not `a << b`.
        let next = rest.get(operator.len());
        if matches!(*operator, "|" | "&" | "<" | ">") && next == Some(&operator.as_bytes()[0]) {
            return None;
        }
        self.at += operator.len();
        Some(operator)
    }

    fn unary(&mut self, live: bool) -> Value {
        self.depth += 1;
        if self.depth > 60 {
            return Err("expression recursion level exceeded".to_owned());
        }
        let value = match self.peek() {
            Some(b'+') if self.accept("++") => self.step(1, live)?,
            Some(b'-') if self.accept("--") => self.step(-1, live)?,
            Some(b'!') => {
                self.at += 1;
                i64::from(self.unary(live)? == 0)
            }
            Some(b'~') => {
                self.at += 1;
                !self.unary(live)?
            }
            Some(b'-') => {
                self.at += 1;
                self.unary(live)?.wrapping_neg()
            }
            Some(b'+') => {
                self.at += 1;
                self.unary(live)?
            }
            Some(b'(') => {
                self.at += 1;
                let value = self.comma(live)?;
                if !self.accept(")") {
                    return Err("arithmetic syntax error".to_owned());
                }
                value
            }
            Some(b'0'..=b'9') => self.number()?,
            _ => self.reference(live)?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn reference(&mut self, live: bool) -> Value {
        let name = self.name().ok_or_else(|| "arithmetic syntax error".to_owned())?;
        let value = self.variable(&name)?;
        let change = if self.accept("++") {
            1
        } else if self.accept("--") {
            -1
        } else {
            return Ok(value);
        };
        if live {
            self.variables.set(&name, value.wrapping_add(change).to_string());
        }
        Ok(value)
    }

    /// `++x` and `--x`.
    fn step(&mut self, change: i64, live: bool) -> Value {
        let name = self.name().ok_or_else(|| "arithmetic syntax error".to_owned())?;
        let value = self.variable(&name)?.wrapping_add(change);
        if live {
            self.variables.set(&name, value.to_string());
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        self.peek();
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if length == 0 || rest[0].is_ascii_digit() {
            return None;
        }
        self.at += length;
        Some(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    fn number(&mut self) -> Value {
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        self.at += length;
        let digits = String::from_utf8_lossy(&rest[..length]).into_owned();
        parse_number(&digits).ok_or_else(|| "arithmetic syntax error".to_owned())
    }

    fn variable(&mut self, name: &str) -> Value {
        let text = self.variables.get(name).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(number) = text.strip_prefix('-').map_or_else(
            || parse_number(text),
            |digits| parse_number(digits).map(i64::wrapping_neg),
        ) {
            return Ok(number);
        }
        // A variable that names a variable.
        self.depth += 1;
        if self.depth > 20 {
            return Err("expression recursion level exceeded".to_owned());
        }
        let valid = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !text.starts_with(|c: char| c.is_ascii_digit());
        let value = if valid {
            let name = text.to_owned();
            self.variable(&name)?
        } else {
            return Err(format!("arithmetic syntax error: {text}"));
        };
        self.depth -= 1;
        Ok(value)
    }
}

fn parse_number(digits: &str) -> Option<i64> {
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return i64::from_str_radix(digits, 8).ok();
    }
    digits.parse().ok()
}

fn apply(operator: &str, left: i64, right: i64) -> Value {
    let shift = u32::try_from(right & 63).unwrap_or(0);
    Ok(match operator {
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" | "%" if right == 0 => return Err("divide by zero".to_owned()),
        "/" => left.wrapping_div(right),
        "%" => left.wrapping_rem(right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "&" => left & right,
        "|" => left | right,
        "^" => left ^ right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "&&" => i64::from(left != 0 && right != 0),
        "||" => i64::from(left != 0 || right != 0),
        _ => 0,
    })
}
