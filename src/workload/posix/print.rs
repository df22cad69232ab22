//! echo and printf: what they print, and what backslashes mean to them.
//!
//! Owns: the text. Does not own: where it goes.

/// `\n`, `\t`, `\0101`, `\x41`; and whether `\c` ended the text.
pub(in crate::workload) fn escapes(text: &str) -> (String, bool) {
    let mut result = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            None => result.push('\\'),
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('a') => result.push('\x07'),
            Some('b') => result.push('\x08'),
            Some('e') => result.push('\x1b'),
            Some('f') => result.push('\x0c'),
            Some('v') => result.push('\x0b'),
            Some('\\') => result.push('\\'),
            Some('c') => return (result, true),
            Some(first @ ('x' | '0'..='7')) => {
                let (radix, most) = if first == 'x' { (16, 2) } else { (8, 3) };
                let mut value = first.to_digit(8).filter(|_| first != 'x').unwrap_or(0);
                let mut taken = 0;
                while taken < most {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
                    value = value * radix + digit;
                    chars.next();
                    taken += 1;
                }
                result.extend(char::from_u32(value & 0xff));
            }
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
        }
    }
    (result, false)
}

/// What echo prints; `always`: dash understands escapes without `-e`.
pub(in crate::workload) fn echo(args: &[String], always: bool) -> String {
    let (mut newline, mut escaped) = (true, always);
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let flags = arg.strip_prefix('-').unwrap_or("");
        let known = !flags.is_empty() && flags.chars().all(|c| matches!(c, 'n' | 'e' | 'E'));
        if !known || (always && flags != "n") {
            break;
        }
        newline = newline && !flags.contains('n');
        escaped = (escaped || flags.contains('e')) && !flags.contains('E');
        at += 1;
    }
    let mut text = args[at..].join(" ");
    if escaped {
        let (unescaped, stop) = escapes(&text);
        text = unescaped;
        newline = newline && !stop;
    }
    if newline {
        text.push('\n');
    }
    text
}

/// What printf prints, and what it complains about.
pub(in crate::workload) fn printf(args: &[String]) -> (String, Option<String>) {
    let Some((format, values)) = args.split_first() else {
        return (String::new(), Some("usage: printf FORMAT [ARGUMENT...]".to_owned()));
    };
    let (format, values) = match format.as_str() {
        "--" => match values.split_first() {
            Some((format, values)) => (format, values),
            None => return (String::new(), None),
        },
        _ => (format, values),
    };
    let mut values = values.iter();
    let mut result = String::new();
    let mut problem = None;
    loop {
        let before = values.len();
        let mut chars = format.chars().peekable();
        let mut literal = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => {
                    literal.push(c);
                    literal.extend(chars.next());
                }
                '%' if chars.peek() == Some(&'%') => {
                    chars.next();
                    literal.push('%');
                }
                '%' => {
                    result += &escapes(&std::mem::take(&mut literal)).0;
                    let mut spec = String::new();
                    while let Some(c) =
                        chars.peek().copied().filter(|c| "-+ #0123456789.*".contains(*c))
                    {
                        spec.push(c);
                        chars.next();
                    }
                    let kind = chars.next().unwrap_or('s');
                    let value = values.next().cloned();
                    let (text, bad) = convert(&spec, kind, value.as_deref());
                    result += &text;
                    problem = problem.or(bad);
                }
                c => literal.push(c),
            }
        }
        let (text, stop) = escapes(&literal);
        result += &text;
        // The format is used again until all values are printed.
        if stop || values.len() == 0 || values.len() == before || result.len() > 100_000 {
            return (result, problem);
        }
    }
}

fn convert(spec: &str, kind: char, value: Option<&str>) -> (String, Option<String>) {
    let (flags, precision) = match spec.split_once('.') {
        Some((flags, precision)) => (flags, precision.parse::<usize>().ok()),
        None => (spec, None),
    };
    let left = flags.contains('-');
    let digits = flags.trim_start_matches(['-', '+', ' ', '#']);
    let zero = digits.starts_with('0') && !left;
    let width: usize = digits.trim_start_matches('0').parse().unwrap_or(0).min(1_000);
    let text = value.unwrap_or("");
    let number = || -> Result<i64, String> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(0);
        }
        if let Some(c) = trimmed.strip_prefix(['\'', '"']) {
            return Ok(c.chars().next().map_or(0, |c| i64::from(u32::from(c))));
        }
        let hex = trimmed.strip_prefix("0x").map(|hex| i64::from_str_radix(hex, 16));
        hex.unwrap_or_else(|| trimmed.parse()).map_err(|_| format!("{text}: invalid number"))
    };
    let mut problem = None;
    let mut integer = || match number() {
        Ok(number) => number,
        Err(bad) => {
            problem = Some(bad);
            0
        }
    };
    let body = match kind {
        's' => text.chars().take(precision.unwrap_or(usize::MAX)).collect(),
        'b' => escapes(text).0,
        'c' => text.chars().take(1).collect(),
        'd' | 'i' | 'u' => integer().to_string(),
        'x' => format!("{:x}", integer()),
        'X' => format!("{:X}", integer()),
        'o' => format!("{:o}", integer()),
        'f' | 'e' | 'g' => decimal(text, precision.unwrap_or(6)),
        'q' => format!("'{text}'"),
        other => {
            problem = Some(format!("%{other}: invalid format"));
            String::new()
        }
    };
    let missing = width.saturating_sub(body.chars().count());
    let padded = if left {
        format!("{body}{}", " ".repeat(missing))
    } else if zero && kind != 's' {
        match body.strip_prefix('-') {
            Some(rest) => format!("-{}{rest}", "0".repeat(missing)),
            None => format!("{}{body}", "0".repeat(missing)),
        }
    } else {
        format!("{}{body}", " ".repeat(missing))
    };
    (padded, problem)
}

/// A decimal number with this many places, without floats.
fn decimal(text: &str, places: usize) -> String {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut fraction: String = fraction.chars().filter(char::is_ascii_digit).take(places).collect();
    while fraction.len() < places.min(30) {
        fraction.push('0');
    }
    if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
