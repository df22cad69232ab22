//! Reading source text well enough to judge it: what is code, what is a string, what is a comment.
//!
//! Owns: [`split`] and the words of a text. Does not own: the judgements (`checks`).

/// One Rust file taken apart; each part keeps the length in characters and lines of the whole.
pub struct Parts {
    /// Code: comments and the insides of strings are blank.
    pub code: String,
    /// The insides of strings; everything else is blank.
    pub strings: String,
    /// Comments; everything else is blank.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Text,
    Comment,
}

/// Takes a Rust file apart.
pub fn split(text: &str) -> Parts {
    let chars: Vec<char> = text.chars().collect();
    let mut kinds = vec![Kind::Code; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let end = if rest.starts_with(&['/', '/']) {
            mark(&mut kinds, at, at + find(rest, 0, &['\n']), Kind::Comment)
        } else if rest.starts_with(&['/', '*']) {
            mark(&mut kinds, at, at + block_comment(rest), Kind::Comment)
        } else if let Some((open, hashes)) = raw_string(&chars, at) {
            let mut close = vec!['"'];
            close.extend(std::iter::repeat_n('#', hashes));
            let inside = find(&chars, at + open, &close);
            mark(&mut kinds, at + open, inside, Kind::Text) + close.len()
        } else if rest[0] == '"' {
            let inside = string_end(&chars, at + 1);
            mark(&mut kinds, at + 1, inside, Kind::Text) + 1
        } else if rest[0] == '\'' {
            match char_literal(rest) {
                Some(length) => mark(&mut kinds, at + 1, at + length - 1, Kind::Text) + 1,
                None => at + 1,
            }
        } else {
            at + 1
        };
        at = end;
    }
    let only = |kind| {
        let pick = |(&c, &k): (&char, &Kind)| if c == '\n' || k == kind { c } else { ' ' };
        chars.iter().zip(&kinds).map(pick).collect()
    };
    Parts { code: only(Kind::Code), strings: only(Kind::Text), comments: only(Kind::Comment) }
}

fn mark(kinds: &mut [Kind], from: usize, to: usize, kind: Kind) -> usize {
    let to = to.min(kinds.len());
    if from < to {
        kinds[from..to].fill(kind);
    }
    to.max(from)
}

/// The place of `needle` at or after `from`; the end when there is none.
fn find(chars: &[char], from: usize, needle: &[char]) -> usize {
    (from..chars.len()).find(|&i| chars[i..].starts_with(needle)).unwrap_or(chars.len())
}

/// The length of a block comment; they nest.
fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// `r"`, `r#"`, `br"`: the length of the opening and its number of hashes.
fn raw_string(chars: &[char], at: usize) -> Option<(usize, usize)> {
    if at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') {
        return None;
    }
    let rest = &chars[at..];
    let prefix = usize::from(matches!(rest[0], 'b' | 'c'));
    if rest.get(prefix) != Some(&'r') {
        return None;
    }
    let hashes = rest[prefix + 1..].iter().take_while(|&&c| c == '#').count();
    let open = prefix + 1 + hashes;
    (rest.get(open) == Some(&'"')).then_some((open + 1, hashes))
}

/// The place of the quote that ends the string.
fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at.min(chars.len())
}

/// The length of a character literal; `None` for a lifetime.
fn char_literal(rest: &[char]) -> Option<usize> {
    if rest.get(1) == Some(&'\\') {
        // The escaped character may itself be a quote.
        return rest.iter().skip(3).position(|&c| c == '\'').map(|i| i + 4);
    }
    (rest.get(2) == Some(&'\'')).then_some(3)
}

/// The identifiers and paths of a code text, each with its line: `std::fs::read`, `HashMap`.
pub fn paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut word = String::new();
        for c in line.chars().chain([' ']) {
            if c.is_alphanumeric() || c == '_' || c == ':' {
                word.push(c);
            } else if !word.is_empty() {
                found.push((index + 1, std::mem::take(&mut word)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeeze(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn strings_and_comments_are_no_code() {
        let parts = split("let a = \"x // y\"; // z \"w\"\nlet b = 1; /* q /* r */ s */ c();");
        assert_eq!(squeeze(&parts.code), "let a = \" \"; let b = 1; c();");
        assert_eq!(squeeze(&parts.strings), "x // y");
        assert_eq!(squeeze(&parts.comments), "// z \"w\" /* q /* r */ s */");
    }

    #[test]
    fn raw_strings_escapes_and_lifetimes() {
        let parts =
            split("f(r#\"a \"b\" c\"#, \"d\\\"e\", '\"', '\\'', &'x str, '\\u{1}', br\"q\");g");
        assert_eq!(squeeze(&parts.strings), "a \"b\" c d\\\"e \" \\' \\u{1} q");
        assert!(parts.code.ends_with(";g"), "{}", parts.code);
        assert!(parts.code.contains("&'x str"), "{}", parts.code);
    }

    #[test]
    fn an_end_that_never_comes_is_no_panic() {
        for text in ["\"abc", "r#\"abc", "/* a", "'", "'\\", "b", "r", "\"a\\"] {
            let parts = split(text);
            assert_eq!(parts.code.chars().count(), text.chars().count());
        }
    }

    #[test]
    fn parts_keep_lines() {
        let parts = split("a\n\"b\nc\"\nd");
        assert_eq!(parts.code.lines().count(), 4);
        assert_eq!(paths(&parts.code), [(1, "a".to_owned()), (4, "d".to_owned())]);
    }
}
