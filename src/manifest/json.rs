//! Text as JSON has it.
//!
//! Owns: the quotes and what has to be escaped between them. Does not own: what is written, or how
//! it is laid out (`rows`, `kubectl::document`).

use std::fmt::Write as _;

/// Appends a text as a JSON string.
pub fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends a text as Go writes it: what HTML or JavaScript could misread is escaped too.
///
/// Models encoding/json appendString with escapeHTML, which kubectl and the API's codecs leave on.
pub fn push_go_text(out: &mut String, text: &str) {
    let mut plain = String::new();
    push_text(&mut plain, text);
    for character in plain.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
}
