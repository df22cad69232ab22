//! JSONPath as kubectl reads it: `-o jsonpath`, `-o custom-columns`, `--sort-by`, `wait --for`.
//!
//! Owns: templates ([`print`]) and paths ([`find`]). Models client-go/util/jsonpath, without its
//! recursive descent (`..`), unions and steps of slices. Does not own: the trees
//! (`manifest::encode`).

use crate::manifest::encode::Tree;
use crate::view::kubectl::document::compact;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`, `['name']`.
    Field(String),
    /// `[3]`, `[-1]`.
    Index(i64),
    /// `[1:3]`.
    Slice(Option<i64>, Option<i64>),
    /// `[*]`, `.*`.
    Every,
    /// `[?(@.type=="Ready")]`; without an operator the path must exist.
    Filter(Vec<Step>, Option<(String, String)>),
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Path(Vec<Step>),
    /// `{range …}…{end}`.
    Range(Vec<Step>, Vec<Piece>),
}

/// Prints a template for a value; the error is what kubectl says of the template.
pub fn print(template: &str, root: &Tree) -> Result<String, String> {
    let mut rest = template;
    let pieces = pieces(&mut rest, false)
        .map_err(|why| format!("error: error parsing jsonpath {template}, {why}"))?;
    let mut out = String::new();
    write(&pieces, root, &mut out);
    Ok(out)
}

/// Everything that a path leads to; `.a.b`, `{.a.b}` and `a.b` are the same.
pub fn find<'t>(path: &str, root: &'t Tree) -> Result<Vec<&'t Tree>, String> {
    let inner = path.strip_prefix('{').and_then(|path| path.strip_suffix('}')).unwrap_or(path);
    let inner = inner.trim();
    let steps =
        if inner.starts_with(['.', '[']) { steps(inner)? } else { steps(&format!(".{inner}"))? };
    Ok(follow(&steps, root))
}

/// A value as it stands in the output.
pub fn show(tree: &Tree) -> String {
    match tree {
        Tree::Text(text) => text.clone(),
        Tree::Null => String::new(),
        other => {
            let mut out = String::new();
            compact(other, &mut out);
            out
        }
    }
}

fn write(pieces: &[Piece], here: &Tree, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Path(steps) => {
                for (index, found) in follow(steps, here).iter().enumerate() {
                    if index > 0 {
                        out.push(' ');
                    }
                    out.push_str(&show(found));
                }
            }
            Piece::Range(steps, inner) => {
                for item in follow(steps, here) {
                    write(inner, item, out);
                }
            }
        }
    }
}

/// Reads pieces until `{end}`, or until the template ends.
fn pieces(rest: &mut &str, inside: bool) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    loop {
        let Some(open) = rest.find('{') else {
            if inside {
                return Err("not in range, nothing to end".to_owned());
            }
            if !rest.is_empty() {
                found.push(Piece::Text((*rest).to_owned()));
            }
            *rest = "";
            return Ok(found);
        };
        if open > 0 {
            found.push(Piece::Text(rest[..open].to_owned()));
        }
        let Some(close) = closing(&rest[open..]) else {
            return Err("unclosed action".to_owned());
        };
        let action = rest[open + 1..open + close].trim().to_owned();
        *rest = &rest[open + close + 1..];
        if action == "end" {
            return if inside { Ok(found) } else { Err("not in range, nothing to end".to_owned()) };
        }
        if let Some(path) = action.strip_prefix("range ") {
            let steps = steps(path.trim())?;
            let inner = pieces(rest, true)?;
            found.push(Piece::Range(steps, inner));
        } else if action.starts_with(['"', '\'']) {
            found.push(Piece::Text(unquoted(&action)));
        } else {
            found.push(Piece::Path(steps(&action)?));
        }
    }
}

/// Where the brace closes that the text begins with; quotes hide braces.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match (quote, character) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '}') => return Some(at),
            _ => {}
        }
    }
    None
}

fn unquoted(text: &str) -> String {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    inner.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\'", "'")
}

/// Reads `.a.b[0]['c\.d'][?(@.e=="f")]`.
fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('$').or_else(|| path.strip_prefix('@')).unwrap_or(path);
    while !rest.is_empty() {
        if rest.starts_with("..") {
            return Err("recursive descent is not understood here".to_owned());
        }
        if let Some(after) = rest.strip_prefix('.') {
            let mut name = String::new();
            let mut characters = after.char_indices();
            let mut end = after.len();
            while let Some((at, character)) = characters.next() {
                match character {
                    '\\' => {
                        if let Some((_, next)) = characters.next() {
                            name.push(next);
                        }
                    }
                    '.' | '[' => {
                        end = at;
                        break;
                    }
                    c if c.is_whitespace() => {
                        return Err(format!("unexpected path {path:?}"));
                    }
                    c => name.push(c),
                }
            }
            match name.as_str() {
                "" if after.is_empty() => {}
                "*" => steps.push(Step::Every),
                _ if !name.is_empty() => steps.push(Step::Field(name)),
                _ => {}
            }
            rest = &after[end..];
        } else if rest.starts_with('[') {
            let end = bracket(rest).ok_or_else(|| "unterminated array".to_owned())?;
            steps.push(in_brackets(rest[1..end].trim())?);
            rest = &rest[end + 1..];
        } else {
            return Err(format!("unrecognized character in action: {:?}", rest.chars().next()));
        }
    }
    Ok(steps)
}

fn bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn in_brackets(text: &str) -> Result<Step, String> {
    if text == "*" {
        return Ok(Step::Every);
    }
    if text.starts_with(['\'', '"']) {
        return Ok(Step::Field(unquoted(text).replace("\\.", ".")));
    }
    if let Some(filter) = text.strip_prefix("?(").and_then(|text| text.strip_suffix(')')) {
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            if let Some((left, right)) = filter.split_once(operator) {
                let right = right.trim();
                let right =
                    if right.starts_with(['"', '\'']) { unquoted(right) } else { right.to_owned() };
                let left = steps(left.trim())?;
                return Ok(Step::Filter(left, Some((operator.to_owned(), right))));
            }
        }
        return Ok(Step::Filter(steps(filter.trim())?, None));
    }
    if let Some((from, to)) = text.split_once(':') {
        return Ok(Step::Slice(from.trim().parse().ok(), to.trim().parse().ok()));
    }
    text.parse().map(Step::Index).map_err(|_| format!("invalid array index {text}"))
}

fn follow<'t>(steps: &[Step], root: &'t Tree) -> Vec<&'t Tree> {
    let mut found = vec![root];
    for step in steps {
        let mut next = Vec::new();
        for tree in found {
            match step {
                Step::Field(name) => next.extend(tree.get(name)),
                Step::Index(index) => {
                    let items = tree.items();
                    next.extend(place(*index, items.len()).and_then(|at| items.get(at)));
                }
                Step::Slice(from, to) => {
                    let items = tree.items();
                    let from = from.and_then(|from| place(from, items.len())).unwrap_or(0);
                    let to =
                        to.map_or(items.len(), |to| place(to, items.len()).unwrap_or(items.len()));
                    next.extend(items.iter().take(to).skip(from));
                }
                Step::Every => match tree {
                    Tree::List(items) => next.extend(items),
                    Tree::Map(map) => next.extend(map.values()),
                    Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Text(_) => {}
                },
                Step::Filter(path, test) => {
                    next.extend(tree.items().iter().filter(|item| passes(item, path, test)));
                }
            }
        }
        found = next;
    }
    found
}

fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if index < 0 { length + index } else { index }).ok()
}

fn passes(item: &Tree, path: &[Step], test: &Option<(String, String)>) -> bool {
    let found = follow(path, item);
    let Some((operator, wanted)) = test else { return !found.is_empty() };
    let Some(value) = found.first().map(|found| show(found)) else { return false };
    match operator.as_str() {
        "==" => value == *wanted,
        "!=" => value != *wanted,
        _ => match (value.parse::<i64>(), wanted.parse::<i64>()) {
            (Ok(value), Ok(wanted)) => match operator.as_str() {
                "<" => value < wanted,
                "<=" => value <= wanted,
                ">" => value > wanted,
                _ => value >= wanted,
            },
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let condition = |kind: &str, status: &str| {
            Tree::map([("type", Tree::text(kind)), ("status", Tree::text(status))])
        };
        let pod = |name: &str, restarts: i64| {
            Tree::map([
                ("name", Tree::text(name)),
                ("restarts", Tree::Int(restarts)),
                ("a.b/c", Tree::text("dotted")),
                (
                    "conditions",
                    Tree::List(vec![condition("Ready", "True"), condition("Initialized", "False")]),
                ),
            ])
        };
        Tree::map([("items", Tree::List(vec![pod("x", 0), pod("y", 3)]))])
    }

    #[test]
    fn templates_print_what_they_lead_to() {
        for (template, printed) in [
            ("{.items[*].name}", "x y"),
            ("{.items[0].name}{\"\\n\"}", "x\n"),
            ("{.items[-1].name}", "y"),
            ("{range .items[*]}{.name}={.restarts};{end}", "x=0;y=3;"),
            ("{.items[0].conditions[?(@.type==\"Ready\")].status}", "True"),
            ("{.items[?(@.restarts>1)].name}", "y"),
            ("{.items[0]['a\\.b/c']}", "dotted"),
            ("{.items[0].a\\.b/c}", "dotted"),
            ("{.nothing.here}", ""),
            ("{.items[0:1].name} text", "x text"),
            ("{.items[1].conditions[0]}", "{\"status\":\"True\",\"type\":\"Ready\"}"),
        ] {
            assert_eq!(print(template, &tree()).as_deref(), Ok(printed), "{template}");
        }
        for template in ["{.a", "{end}", "{range .items[*]}{.name}", "{..name}", "{.items[x]}"] {
            assert!(print(template, &tree()).is_err(), "{template}");
        }
        assert_eq!(find("items[1].name", &tree()).unwrap(), [&Tree::text("y")]);
    }
}
