//! Where a field of an object stands in a text.
//!
//! Owns: finding an object by kind and name, and a field in it. Does not own: reading objects
//! (`load`), or what the field means.

use crate::diagnostic::Span;
use crate::manifest::node::Node;
use crate::manifest::parse;

/// The trees of all objects of a text, those of lists included, in its order.
pub fn objects(text: &str) -> Vec<Node> {
    let mut objects = Vec::new();
    for document in parse::parse(text, &mut Vec::new()) {
        let Ok(root) = document.root else { continue };
        let kind = root.get("kind").and_then(Node::as_str).unwrap_or_default();
        match root.get("items") {
            Some(items) if kind.ends_with("List") => objects.extend(items.items().iter().cloned()),
            Some(_) | None => objects.push(root),
        }
    }
    objects
}

/// Whether a tree is the object of this kind and name; an empty name fits any.
pub fn is(node: &Node, kind: &str, name: &str) -> bool {
    let own = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let own_name = node.get("metadata").and_then(|own| own.get("name")).and_then(Node::as_str);
    own("kind") == kind && (name.is_empty() || own_name == Some(name))
}

/// The place of a field, or of the deepest part of its path that is written.
///
/// `[name=app]` is the item of a list that has this name.
pub fn place(text: &str, kind: &str, name: &str, path: &str) -> Option<Span> {
    let objects = objects(text);
    let object = objects.iter().find(|node| is(node, kind, name))?;
    Some(object.span_at(&numbered(object, path)))
}

/// The place of a field that is written; nothing where it is not.
pub fn written(object: &Node, path: &str) -> Option<Span> {
    let path = numbered(object, path);
    let mut here = object;
    for part in path.split('.') {
        let (key, items) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
        here = here.get(key)?;
        for index in items.split(['[', ']']).filter(|index| !index.is_empty()) {
            here = here.items().get(index.parse::<usize>().ok()?)?;
        }
    }
    Some(object.span_at(&path))
}

/// The path with numbers where it names an item by its name.
fn numbered(root: &Node, path: &str) -> String {
    let Some((before, rest)) = path.split_once("[name=") else { return path.to_owned() };
    let Some((name, after)) = rest.split_once(']') else { return path.to_owned() };
    let list = before.split('.').try_fold(root, |node, key| node.get(key));
    let has_name = |item: &Node| item.get("name").and_then(Node::as_str) == Some(name);
    let index = list.and_then(|list| list.items().iter().position(has_name)).unwrap_or(0);
    numbered(root, &format!("{before}[{index}]{after}"))
}

#[cfg(test)]
mod tests {
    use super::place;

    const TEXT: &str = "\
kind: Pod
metadata: {name: a}
---
kind: List
items:
- kind: Deployment
  metadata: {name: web}
  spec:
    template:
      spec:
        containers:
        - name: one
          image: nginx
        - name: two
          image: busybox
";

    fn found(path: &str) -> &'static str {
        let span = place(TEXT, "Deployment", "web", path).expect("the object is there");
        &TEXT[span.start..span.end]
    }

    #[test]
    fn a_field_is_found_by_names() {
        assert_eq!(found("spec.template.spec.containers[name=two].image"), "busybox");
        let parent = found("spec.template.spec.containers[name=two].resources.requests.cpu");
        assert!(parent.starts_with("name: two"), "{parent}");
        assert_eq!(place(TEXT, "Deployment", "other", "spec"), None);
    }
}
