//! YAML in the style of Go: which quotes, where lines break.
//!
//! Owns: [`print`]. Models sigs.k8s.io/yaml with goyaml.v2: encode.go stringv, resolve.go and
//! emitterc.go. Does not own: what is printed (`document`).

use crate::manifest::encode::Tree;

/// Lines are broken at the first space beyond this column.
const WIDTH: usize = 80;

/// Prints a document.
pub fn print(tree: &Tree) -> String {
    let mut out = String::new();
    match tree {
        Tree::Map(map) if !map.is_empty() => write_block(tree, 0, &mut out),
        Tree::List(items) if !items.is_empty() => write_block(tree, 0, &mut out),
        scalar => {
            write_inline(scalar, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

/// Whether a value goes on below its key.
fn is_block(tree: &Tree) -> bool {
    match tree {
        Tree::Map(map) => !map.is_empty(),
        Tree::List(items) => !items.is_empty(),
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Text(_) => false,
    }
}

/// Writes a collection; the cursor stands at `indent`, or where the first item begins.
fn write_block(tree: &Tree, indent: usize, out: &mut String) {
    match tree {
        Tree::Map(map) => {
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                write_text(key, indent, true, out);
                out.push(':');
                if is_block(value) {
                    out.push('\n');
                    // Items of a list stand under their key.
                    let deeper = match value {
                        Tree::Map(_) => indent + 2,
                        _ => indent,
                    };
                    pad(deeper, out);
                    write_block(value, deeper, out);
                } else {
                    out.push(' ');
                    write_inline(value, indent, out);
                    out.push('\n');
                }
            }
        }
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                out.push_str("- ");
                if is_block(item) {
                    write_block(item, indent + 2, out);
                } else {
                    write_inline(item, indent, out);
                    out.push('\n');
                }
            }
        }
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Text(_) => {
            write_inline(tree, indent, out);
        }
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn write_inline(tree: &Tree, indent: usize, out: &mut String) {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Tree::Int(number) => out.push_str(&number.to_string()),
        Tree::Text(text) => write_text(text, indent, false, out),
        Tree::List(_) => out.push_str("[]"),
        Tree::Map(_) => out.push_str("{}"),
    }
}

/// What a scalar allows.
struct Looks {
    plain: bool,
    single: bool,
    block: bool,
    lines: bool,
}

/// Models emitterc.go yaml_emitter_analyze_scalar.
fn look(text: &str) -> Looks {
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut lines, mut special) = (false, false);
    let (mut leading_space, mut leading_break) = (false, false);
    let (mut trailing_space, mut trailing_break) = (false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut before_space, mut before_break) = (false, false);
    let mut after_space = true;
    let last = text.chars().count().saturating_sub(1);
    let mut rest = text.chars().enumerate().peekable();
    while let Some((index, character)) = rest.next() {
        let followed = rest.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t' | '\n' | '\r'));
        indicators |= match character {
            '#' if index > 0 => after_space,
            ':' => followed,
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`' => index == 0,
            '-' | '?' => index == 0 && followed,
            _ => false,
        };
        let is_break = matches!(character, '\n' | '\r');
        special |= character != '\n' && character != '\t' && character.is_control();
        special |= character == '\u{feff}' || character == '\t';
        lines |= is_break;
        if character == ' ' {
            leading_space |= index == 0;
            trailing_space |= index == last;
            break_space |= before_break;
            (before_space, before_break) = (true, false);
        } else if is_break {
            leading_break |= index == 0;
            trailing_break |= index == last;
            space_break |= before_space;
            (before_space, before_break) = (false, true);
        } else {
            (before_space, before_break) = (false, false);
        }
        after_space = matches!(character, ' ' | '\t' | '\n' | '\r');
    }
    let edges = leading_space || leading_break || trailing_space || trailing_break;
    let broken = space_break || special;
    Looks {
        plain: !(indicators || edges || break_space || broken || lines),
        single: !(break_space || broken),
        block: !(trailing_space || broken),
        lines,
    }
}

fn write_text(text: &str, indent: usize, key: bool, out: &mut String) {
    let looks = look(text);
    let typed = is_typed(text);
    if !typed && looks.lines && looks.block && !key {
        return write_literal(text, indent, out);
    }
    let start = out.len();
    let column = out[out.rfind('\n').map_or(0, |at| at + 1)..].chars().count();
    if typed || (!looks.plain && !looks.single) || looks.lines {
        out.push('"');
        for character in text.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
                c => out.push(c),
            }
        }
        out.push('"');
    } else if looks.plain {
        out.push_str(text);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
    if !key && column + out.len() - start > WIDTH {
        let scalar = out.split_off(start);
        push_folded(out, &scalar, column, indent + 2);
    }
}

/// Text of several lines, as it is.
fn write_literal(text: &str, indent: usize, out: &mut String) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    if !text.ends_with('\n') {
        out.push('-');
    } else if text == "\n" || text.ends_with("\n\n") {
        out.push('+');
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent + 2, out);
            out.push_str(line);
        }
    }
}

/// Appends a scalar, broken at the first space beyond the 80th column as often as needed.
///
/// Models yaml_emitter_write_plain_scalar and its siblings.
fn push_folded(out: &mut String, scalar: &str, start: usize, indent: usize) {
    let mut column = start;
    let mut before = ' ';
    // The text ends before its last quote.
    let end = scalar.len() - usize::from(scalar.starts_with(['\'', '"']));
    let mut rest = scalar.char_indices().peekable();
    while let Some((index, character)) = rest.next() {
        let breaks = character == ' '
            && column > WIDTH
            && before != ' '
            && index + 1 < end
            && rest.peek().is_some_and(|(_, next)| *next != ' ');
        if breaks {
            out.push('\n');
            pad(indent, out);
            column = indent;
        } else {
            out.push(character);
            column += 1;
        }
        before = character;
    }
}

/// Whether plain text would be read as something else: a bool, a null, a number, a time.
///
/// Models resolve.go, and encode.go isBase60Float.
fn is_typed(text: &str) -> bool {
    if text.is_empty() || text == "~" || text == "<<" {
        return true;
    }
    const WORDS: &str = " y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON \
                         off Off OFF null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf \
                         +.INF -.inf -.Inf -.INF ";
    if !text.contains(' ') && WORDS.contains(&format!(" {text} ")) {
        return true;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    is_number(digits) || is_base_60(digits) || is_time(text)
}

fn is_number(digits: &str) -> bool {
    let plain = digits.replace('_', "");
    if let Some(hex) = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(bits) = plain.strip_prefix("0b").or_else(|| plain.strip_prefix("0B")) {
        return !bits.is_empty() && bits.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(octal) = plain.strip_prefix("0o").or_else(|| plain.strip_prefix("0O")) {
        return !octal.is_empty() && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    let (mantissa, exponent) = match plain.find(['e', 'E']) {
        Some(at) => (&plain[..at], Some(&plain[at + 1..])),
        None => (plain.as_str(), None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        !text.is_empty() && all_digits(text)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, part)) => {
            (!whole.is_empty() || !part.is_empty()) && all_digits(whole) && all_digits(part)
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

/// `1:30`, which YAML 1.1 reads as ninety.
fn is_base_60(digits: &str) -> bool {
    let mut parts = digits.split(':');
    let first = parts.next().unwrap_or_default();
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let rest: Vec<&str> = parts.collect();
    number(&first.replace('_', ""))
        && !rest.is_empty()
        && rest.iter().all(|part| {
            let part = part.split('.').next().unwrap_or_default();
            number(part) && (part.len() == 1 || (part.len() == 2 && part < "60"))
        })
}

/// `2026-01-05T00:00:00Z`, or the day alone.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let date = |bytes: &[u8]| {
        bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    };
    match bytes.len() {
        10 => date(bytes),
        20.. => date(&bytes[..10]) && matches!(bytes[10], b'T' | b't' | b' ') && bytes[13] == b':',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_those_of_go() {
        for (text, printed) in [
            ("", "\"\""),
            ("True", "\"True\""),
            ("no", "\"no\""),
            ("5", "\"5\""),
            ("0644", "\"0644\""),
            ("1e3", "\"1e3\""),
            ("1:30", "\"1:30\""),
            ("0x1f", "\"0x1f\""),
            (".5", "\"0\"".replace('0', ".5").as_str()),
            ("2026-01-05T00:00:00Z", "\"2026-01-05T00:00:00Z\""),
            ("{}", "'{}'"),
            ("* * * * *", "'* * * * *'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("-y", "-y"),
            ("- y", "'- y'"),
            ("it's", "it's"),
            ("'x", "'''x'"),
            ("a:b", "a:b"),
            ("a:", "'a:'"),
            ("10.0.0.1", "10.0.0.1"),
            ("100m", "100m"),
            ("nginx:1.25", "nginx:1.25"),
            (" a", "' a'"),
            ("a\tb", "\"a\\tb\""),
            ("a\nb", "|-\n  a\n  b"),
            ("a\n", "|\n  a"),
            ("a \nb", "\"a \\nb\""),
        ] {
            assert_eq!(print(&Tree::text(text)), format!("{printed}\n"), "{text:?}");
        }
    }

    #[test]
    fn lists_stand_under_their_keys() {
        let item = Tree::map([("b", Tree::Int(1)), ("a", Tree::List(Vec::new()))]);
        let tree = Tree::map([
            ("list", Tree::List(vec![item, Tree::List(vec![Tree::Int(2)])])),
            ("map", Tree::map([("text", Tree::text("x\ny"))])),
        ]);
        assert_eq!(print(&tree), "list:\n- a: []\n  b: 1\n- - 2\nmap:\n  text: |-\n    x\n    y\n");
    }

    #[test]
    fn long_lines_break_where_go_breaks_them() {
        let long = "0/3 nodes are available: 1 node(s) had taints that the pod didn't tolerate, \
                    2 node(s) didn't match node selector.";
        assert_eq!(
            print(&Tree::map([("message", Tree::text(long))])),
            "message: '0/3 nodes are available: 1 node(s) had taints that the pod didn''t \
             tolerate,\n  2 node(s) didn''t match node selector.'\n"
        );
    }
}
