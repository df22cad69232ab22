//! Label selectors as they are written behind `-l`.
//!
//! Owns: [`parse`] and [`format`]. Does not own: whether labels match (`manifest::meta`).

use crate::manifest::meta::{LabelSelector, LabelSelectorRequirement, Labels};

/// Reads `app=web,tier!=db,env in (a, b),!x`.
///
/// Models apimachinery/pkg/labels/selector.go Parse; the error is what kubectl prints.
pub fn parse(text: &str) -> Result<LabelSelector, String> {
    let mut selector = LabelSelector::default();
    for part in split_outside_parentheses(text) {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let requirement = requirement(part).ok_or_else(|| {
            format!(
                "error: unable to parse requirement: found '{part}', expected: a label selector"
            )
        })?;
        selector.match_expressions.push(requirement);
    }
    Ok(selector)
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0_i32, 0);
    let mut parts = Vec::new();
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(part: &str) -> Option<LabelSelectorRequirement> {
    let make = |key: &str, operator: &str, values: Vec<String>| {
        let key = key.trim();
        // A key is one word; a value may be empty.
        (!key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)))
            .then(|| LabelSelectorRequirement {
                key: key.to_owned(),
                operator: operator.to_owned(),
                values,
            })
    };
    if let Some(list) = part.strip_suffix(')') {
        let (head, list) = list.split_once('(')?;
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, word) = head.trim().rsplit_once(char::is_whitespace)?;
        return match word {
            "in" => make(key, "In", values),
            "notin" => make(key, "NotIn", values),
            _ => None,
        };
    }
    if let Some((key, value)) = part.split_once("!=") {
        return make(key, "NotIn", vec![value.trim().to_owned()]);
    }
    if let Some((key, value)) = part.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return make(key, "In", vec![value.trim().to_owned()]);
    }
    match part.strip_prefix('!') {
        Some(key) => make(key, "DoesNotExist", Vec::new()),
        None => make(part, "Exists", Vec::new()),
    }
}

/// Prints labels as `a=b,c=d`; `<none>` without any.
pub fn format_labels(labels: &Labels) -> String {
    if labels.is_empty() {
        return "<none>".to_owned();
    }
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// Prints a selector as kubectl does: `app=web,env in (a,b)`.
///
/// Models apimachinery/pkg/apis/meta/v1/helpers.go FormatLabelSelector.
pub fn format(selector: &LabelSelector) -> String {
    let text = selector.to_string();
    if text.is_empty() { "<none>".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_understood() {
        let labels: Labels =
            [("app", "web"), ("env", "a")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        for (text, matches) in [
            ("app=web", true),
            ("app==web,env=a", true),
            ("app!=web", false),
            ("tier!=db", true),
            ("env in (a, b)", true),
            ("env notin (a,b),app", false),
            ("!tier", true),
            ("!app", false),
            ("tier", false),
            ("", true),
        ] {
            assert_eq!(parse(text).unwrap().matches(&labels), matches, "{text}");
        }
        for text in ["a b", "=x", "a in b)", "in (a)"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(format(&parse("b in (z,y),!a,c").unwrap()), "!a,b in (y,z),c");
        assert_eq!(format(&LabelSelector::default()), "<none>");
    }
}
