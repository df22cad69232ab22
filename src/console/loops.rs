//! `for NAME in WORDS; do COMMANDS; done`, as people paste it.
//!
//! Owns: finding such a loop, and putting a word in the place of its variable. Does not own: doing
//! the commands (`Terminal`). Other loops and conditions belong into a container's own shell.

use crate::console::scan::Scan;

/// A loop over words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// The variable.
    pub name: String,
    /// The words as written.
    pub words: String,
    /// What is done with each.
    pub body: String,
}

/// How long the loop is with which a text begins, `done` included.
pub fn length(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    if !text[start..].starts_with("for ") {
        return None;
    }
    let mut depth = 0_usize;
    let mut from = None;
    let mut scan = Scan::default();
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let escaped = before == '\\';
        let plain = scan.step(character, escaped);
        before = if escaped { ' ' } else { character };
        let ends = character.is_whitespace() || character == ';' || character == '|';
        match from {
            None if plain && !ends => from = Some(at),
            Some(word) if ends => {
                depth = counted(&text[word..at], depth);
                if depth == 0 && &text[word..at] == "done" {
                    return Some(at);
                }
                from = None;
            }
            None | Some(_) => {}
        }
    }
    let last = &text[from?..];
    (last == "done" && depth == 1).then_some(text.len())
}

fn counted(word: &str, depth: usize) -> usize {
    match word {
        "for" | "while" | "until" => depth + 1,
        "done" => depth.saturating_sub(1),
        _ => depth,
    }
}

/// Takes a loop apart; `None` for any other command.
pub fn parse(command: &str) -> Option<Each> {
    let text = command.trim();
    if length(text) != Some(text.len()) {
        return None;
    }
    let text = text.strip_prefix("for ")?.strip_suffix("done")?;
    let (name, rest) = text.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim_start().strip_prefix("in")?;
    let end = rest.find([';', '\n'])?;
    let body = rest[end + 1..].trim_start().strip_prefix("do")?;
    body.starts_with(char::is_whitespace).then(|| Each {
        name: name.to_owned(),
        words: ranges(rest[..end].trim()),
        body: body.trim().trim_end_matches(';').to_owned(),
    })
}

/// `{1..3}` written out.
fn ranges(words: &str) -> String {
    let mut out = Vec::new();
    for word in words.split_whitespace() {
        let range = word.strip_prefix('{').and_then(|word| word.strip_suffix('}'));
        let ends = range.and_then(|range| range.split_once(".."));
        match ends.and_then(|(a, b)| Some((a.parse::<i32>().ok()?, b.parse::<i32>().ok()?))) {
            Some((from, to)) => out.extend((from..=to).take(100).map(|n| n.to_string())),
            None => out.push(word.to_owned()),
        }
    }
    out.join(" ")
}

/// The commands with a word in the place of a variable, but for what single quotes keep.
pub fn with(body: &str, name: &str, word: &str) -> String {
    let mut out = String::new();
    let (mut single, mut double) = (false, false);
    let mut rest = body;
    while let Some(character) = rest.chars().next() {
        match character {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '\\' if !single && rest.len() > 1 && rest.is_char_boundary(2) => {
                out.push_str(&rest[..2]);
                rest = &rest[2..];
                continue;
            }
            '$' if !single => {
                let braced = format!("${{{name}}}");
                if let Some(after) = rest.strip_prefix(&braced) {
                    out.push_str(word);
                    rest = after;
                    continue;
                }
                let after = rest[1..].strip_prefix(name);
                let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if let Some(after) = after.filter(|after| !after.starts_with(part)) {
                    out.push_str(word);
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        out.push(character);
        rest = &rest[character.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_found_and_written_out() {
        let line = "for p in a b; do echo \"== $p\"; kubectl exec $p -- sh -c 'echo $p'; done";
        let each = parse(line).unwrap();
        assert_eq!((each.name.as_str(), each.words.as_str()), ("p", "a b"));
        let body = with(&each.body, "p", "a");
        assert_eq!(body, "echo \"== a\"; kubectl exec a -- sh -c 'echo $p'");
        assert_eq!(with("x$pod ${p}s $p\\$p", "p", "a"), "x$pod as a\\$p");
        let nested = "for i in {1..3}; do for j in 1; do echo $i; done; done";
        assert_eq!(parse(nested).unwrap().words, "1 2 3");
        assert_eq!(length(&format!("{nested}; echo")), Some(nested.len()));
        assert_eq!(length(&format!("{nested} | wc -l")), Some(nested.len()));
        for other in ["for", "for x in a b", "echo for x in a; do x; done", "for x in a; do y; don"]
        {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
