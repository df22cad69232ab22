//! JSON patches: a list of operations on paths.
//!
//! Owns: [`as_merge`], which does the operations to what is there, one after the other, and says
//! them as a merge patch. Models RFC 6902 as evanphx/json-patch has it. Does not own: merging
//! (`patch`).

use crate::diagnostic::Span;
use crate::manifest::Object;
use crate::manifest::last_applied::written;
use crate::manifest::node::{Key as Field, Node, Value};

/// What the API server says of a path that leads nowhere, and of a test that fails
/// (apiserver/pkg/endpoints/handlers/patch.go applyJSPatch).
const REJECTED: &str = "The request is invalid: the server rejected our request due to an error \
                        in our request";

/// A JSON patch as a merge patch: paths become nested fields, places in lists keep their numbers.
pub(super) fn as_merge(patch: &Node, before: &Object) -> Result<Node, String> {
    let mut root = Node { span: patch.span, value: Value::Map(Vec::new()) };
    let mut live = written(before);
    if !matches!(patch.value, Value::Seq(_)) {
        return Err(
            "error: unable to parse the patch: a JSON patch is a list of operations".to_owned()
        );
    }
    for operation in patch.items() {
        let text = |name: &str| operation.get(name).and_then(Node::as_str).unwrap_or_default();
        let (op, path) = (text("op"), steps(text("path")));
        let from = steps(text("from"));
        let found = |path: &[String]| match &live {
            Some(live) => at(live, path).cloned().ok_or_else(|| REJECTED.to_owned()),
            None => Ok(Node::null(patch.span)),
        };
        let given = || operation.get("value").cloned().ok_or_else(|| REJECTED.to_owned());
        let value = match op {
            "test" => {
                if live.is_some() && found(&path)?.value != given()?.value {
                    return Err(REJECTED.to_owned());
                }
                continue;
            }
            "remove" => {
                found(&path)?;
                None
            }
            "replace" => {
                found(&path)?;
                Some(given()?)
            }
            "add" => Some(given()?),
            "copy" | "move" => Some(found(&from)?),
            _ => return Err(REJECTED.to_owned()),
        };
        if op == "move" {
            change(&mut live, &from, None)?;
            insert(&mut root, &from, Node::null(patch.span));
        }
        change(&mut live, &path, value.clone().map(|value| (value, op != "replace")))?;
        let mut path = path;
        if let Some(step) = path.last_mut()
            && matches!(op, "add" | "copy" | "move")
            && is_place(step)
        {
            step.insert(0, '+');
        }
        insert(&mut root, &path, value.unwrap_or_else(|| Node::null(patch.span)));
    }
    Ok(root)
}

fn is_place(step: &str) -> bool {
    !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit())
}

fn steps(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or_default();
    path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// Where a path leads.
fn at<'n>(node: &'n Node, path: &[String]) -> Option<&'n Node> {
    let Some((step, rest)) = path.split_first() else { return Some(node) };
    let inner = match &node.value {
        Value::Seq(items) => items.get(step.parse::<usize>().ok()?),
        _ => node.get(step),
    };
    at(inner?, rest)
}

/// Does an operation to what is there; `true` with the value adds it.
fn change(
    live: &mut Option<Node>,
    path: &[String],
    value: Option<(Node, bool)>,
) -> Result<(), String> {
    let (Some(live), Some((last, parents))) = (live, path.split_last()) else { return Ok(()) };
    let mut node = live;
    for step in parents {
        let inner = match &mut node.value {
            Value::Seq(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            Value::Map(entries) => {
                entries.iter_mut().find(|(key, _)| key.name == *step).map(|(_, inner)| inner)
            }
            _ => None,
        };
        node = inner.ok_or(REJECTED)?;
    }
    match (&mut node.value, value) {
        (Value::Map(entries), value) => {
            entries.retain(|(key, _)| key.name != *last);
            if let Some((value, _)) = value {
                entries.push((Field { span: Span::default(), name: last.clone() }, value));
            }
        }
        (Value::Seq(items), value) => {
            let index = if last == "-" { Some(items.len()) } else { last.parse().ok() };
            let index = index.filter(|index| *index <= items.len()).ok_or(REJECTED)?;
            match value {
                Some((value, true)) => items.insert(index, value),
                Some((value, false)) => *items.get_mut(index).ok_or(REJECTED)? = value,
                None if index < items.len() => drop(items.remove(index)),
                None => return Err(REJECTED.to_owned()),
            }
        }
        (_, _) => return Err(REJECTED.to_owned()),
    }
    Ok(())
}

fn insert(node: &mut Node, steps: &[String], value: Node) {
    let Some((step, rest)) = steps.split_first() else {
        *node = value;
        return;
    };
    if !matches!(node.value, Value::Map(_)) {
        node.value = Value::Map(Vec::new());
    }
    let Value::Map(entries) = &mut node.value else { return };
    if let Some((_, inner)) = entries.iter_mut().find(|(field, _)| field.name == *step) {
        return insert(inner, rest, value);
    }
    let mut inner = Node::null(node.span);
    insert(&mut inner, rest, value);
    entries.push((Field { span: node.span, name: step.clone() }, inner));
}
