//! Shell patterns: `*`, `?`, `[a-z]`, with `\` before what is meant literally.
//!
//! Owns: matching and the removal of matching ends. Does not own: expanding words (`expand`).

/// Puts `\` before everything that a pattern would understand.
pub(in crate::workload) fn escape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            result.push('\\');
        }
        result.push(c);
    }
    result
}

/// Takes the `\` away again.
pub(in crate::workload) fn unescape(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            result.extend(chars.next());
        } else {
            result.push(c);
        }
    }
    result
}

/// Whether a pattern means more than its own text.
pub(in crate::workload) fn is_pattern(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Whether a text matches a whole pattern.
pub(in crate::workload) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    matches_chars(&pattern, &text)
}

/// The usual two-pointer match: on a mismatch the last `*` takes one character more.
pub(in crate::workload) fn matches_chars(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if t == text.len() {
            return p == pattern.len();
        }
        match one(&pattern[p..], text[t]) {
            Some(length) => {
                p += length;
                t += 1;
            }
            None => match star {
                Some((at, seen)) => {
                    star = Some((at, seen + 1));
                    p = at + 1;
                    t = seen + 1;
                }
                None => return false,
            },
        }
    }
}

/// Matches one character; gives how much of the pattern that took.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '\\' => match pattern.get(1) {
            Some(literal) => (*literal == c).then_some(2),
            None => (c == '\\').then_some(1),
        },
        '[' => match class(pattern, c) {
            Some((true, length)) => Some(length),
            Some((false, _)) => None,
            None => (c == '[').then_some(1),
        },
        literal => (*literal == c).then_some(1),
    }
}

/// A `[…]`: whether it has the character, and its length; `None` when it never closes.
fn class(pattern: &[char], c: char) -> Option<(bool, usize)> {
    let mut at = 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let mut found = false;
    let mut first = true;
    loop {
        let mut low = *pattern.get(at)?;
        if low == ']' && !first {
            return Some((found != negated, at + 1));
        }
        first = false;
        if low == '[' && pattern.get(at + 1) == Some(&':') {
            let end = (at + 2..pattern.len()).find(|i| pattern[*i] == ':')?;
            let name: String = pattern[at + 2..end].iter().collect();
            found |= match name.as_str() {
                "alpha" => c.is_alphabetic(),
                "digit" => c.is_ascii_digit(),
                "alnum" => c.is_alphanumeric(),
                "space" | "blank" => c.is_whitespace(),
                "upper" => c.is_uppercase(),
                "lower" => c.is_lowercase(),
                "punct" => c.is_ascii_punctuation(),
                "xdigit" => c.is_ascii_hexdigit(),
                _ => false,
            };
            at = end + 2;
            continue;
        }
        if low == '\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        let high = match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(high)) if *high != ']' => {
                at += 2;
                *high
            }
            _ => low,
        };
        found |= low <= c && c <= high;
        at += 1;
    }
}

/// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`.
pub(in crate::workload) fn remove(
    text: &str,
    pattern: &str,
    suffix: bool,
    longest: bool,
) -> String {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    let count = chars.len();
    let mut cuts: Vec<usize> = (0..=count).collect();
    // The cut is where the removed end begins (suffix) or ends (prefix).
    if suffix != longest {
        cuts.reverse();
    }
    for cut in cuts {
        let (removed, kept) =
            if suffix { (&chars[cut..], &chars[..cut]) } else { (&chars[..cut], &chars[cut..]) };
        if matches_chars(&pattern, removed) {
            return kept.iter().collect();
        }
    }
    text.to_owned()
}

/// `${x/p/w}` and `${x//p/w}`.
pub(in crate::workload) fn replace(text: &str, pattern: &str, with: &str, all: bool) -> String {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    let mut result = String::new();
    let mut at = 0;
    let mut done = pattern.is_empty();
    while at < chars.len() {
        let found = if done {
            None
        } else {
            (at + 1..=chars.len()).rev().find(|end| matches_chars(&pattern, &chars[at..*end]))
        };
        match found {
            Some(end) => {
                result += with;
                at = end;
                done = !all;
            }
            None => {
                result.push(chars[at]);
                at += 1;
            }
        }
    }
    result
}
