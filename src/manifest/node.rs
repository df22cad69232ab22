//! The span tree: a YAML document as Kubernetes understands it, with the place of every part.
//!
//! Owns: [`Node`], [`Value`], [`Span`] and walking by path. Does not own: reading text (`parse.rs`)
//! or meaning (`decode.rs`).

use crate::diagnostic::Span;

/// A value and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The bytes of the value, without its key.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The bytes of the key.
    pub span: Span,
    /// The key; Kubernetes' objects have only strings as keys.
    pub name: String,
}

/// What YAML 1.1 makes of a scalar or collection, after anchors and merges.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    #[default]
    Null,
    /// `true`, `yes`, `on`, … and their opposites.
    Bool(bool),
    /// A whole number, octal and hexadecimal forms included.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping in the order of the text, every key once.
    Map(Vec<(Key, Node)>),
}

impl Value {
    /// The word that Go's JSON decoder has for this kind of value.
    pub const fn json_kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Float(_) => "number",
            Self::String(_) => "string",
            Self::Seq(_) => "array",
            Self::Map(_) => "object",
        }
    }
}

impl Node {
    /// An empty value at a place.
    pub const fn null(span: Span) -> Self {
        Self { span, value: Value::Null }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key and value under a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Self)> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find(|(k, _)| k.name == key).map(|(k, node)| (k, node))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Seq(_) => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Seq(_)
            | Value::Map(_) => None,
        }
    }

    /// A whole number.
    pub const fn as_int(&self) -> Option<i64> {
        match &self.value {
            Value::Int(number) => Some(*number),
            Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Seq(_)
            | Value::Map(_) => None,
        }
    }

    /// The items of a sequence; nothing for any other value.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Seq(items) => items,
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Map(_) => &[],
        }
    }

    /// The entries of a mapping; nothing for any other value.
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Seq(_) => &[],
        }
    }

    /// The value of a field named as the API server names it, if it is there.
    pub fn at(&self, path: &str) -> Option<&Self> {
        let mut here = self;
        for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
            here = match step.parse::<usize>() {
                Ok(index) if !here.items().is_empty() => here.items().get(index)?,
                Ok(_) | Err(_) => here.get(step)?,
            };
        }
        Some(here)
    }

    /// Walks every place that a path means, in which `[]` stands for each item.
    ///
    /// The last step need not be there: then its place comes without a value, as long as its
    /// parent is there.
    pub fn each(&self, path: &str, visit: &mut dyn FnMut(&str, Option<&Self>)) {
        self.each_below(path, String::new(), visit);
    }

    fn each_below(&self, path: &str, so_far: String, visit: &mut dyn FnMut(&str, Option<&Self>)) {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        let name = step.strip_suffix("[]").unwrap_or(step);
        let dot = if so_far.is_empty() { "" } else { "." };
        let place = format!("{so_far}{dot}{name}");
        let below = |node: &Self, place: String, visit: &mut dyn FnMut(&str, Option<&Self>)| {
            if rest.is_empty() {
                visit(&place, Some(node));
            } else {
                node.each_below(rest, place, visit);
            }
        };
        match self.get(name) {
            Some(list) if name.len() < step.len() => {
                for (index, item) in list.items().iter().enumerate() {
                    below(item, format!("{place}[{index}]"), visit);
                }
            }
            Some(inner) => below(inner, place, visit),
            None if rest.is_empty() && name == step && matches!(self.value, Value::Map(_)) => {
                visit(&place, None);
            }
            None => {}
        }
    }

    /// The place of a field named as the API server names it: `spec.containers[0].ports[1].name`.
    ///
    /// Gives the deepest part that exists, so that a message about a missing field points at its
    /// parent. Map keys may stand in brackets too: `resources.limits[cpu]`.
    pub fn span_at(&self, path: &str) -> Span {
        let mut here = self;
        let mut span = self.span;
        let mut rest = path;
        while !rest.is_empty() {
            let step;
            if let Some(inside) = rest.strip_prefix('[') {
                let Some((index, tail)) = inside.split_once(']') else { break };
                step = index;
                rest = tail.strip_prefix('.').unwrap_or(tail);
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                step = &rest[..end];
                rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
            }
            let next = match step.parse::<usize>() {
                Ok(index) if !here.items().is_empty() => {
                    here.items().get(index).map(|node| (node.span, node))
                }
                Ok(_) | Err(_) => here.entry(step).map(|(key, node)| {
                    let scalar = node.items().is_empty() && node.entries().is_empty();
                    let whole = Span { start: key.span.start, end: node.span.end };
                    (if scalar && node.value != Value::Null { node.span } else { whole }, node)
                }),
            };
            let Some((found, node)) = next else { break };
            span = found;
            here = node;
        }
        span
    }
}
