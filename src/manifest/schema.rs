//! Which fields the Kubernetes API has, and of which types: unknown fields and wrong types.
//!
//! Owns: walking a document along the field table (`schema_table.rs`), in the words of the API
//! server's decoder. Does not own: what values mean (`validate/`), or our structs (`decode.rs`).
//!
//! Go decodes JSON that was made from YAML with sorted keys, and stops at the first wrong type.
//! All are reported here, because all must be mended; the first is the one that kubectl prints.

use crate::diagnostic::{Hint, Span};
use crate::manifest::node::{Key, Node, Value};
use crate::manifest::quantity::Quantity;
use crate::manifest::schema_table::{KINDS, TYPES};
use crate::manifest::validate::FINDINGS_LIMIT;

/// What does not fit the API.
#[derive(Clone, Debug)]
pub struct Misfit {
    /// The field as the API server names it.
    pub field: String,
    /// Where it stands.
    pub span: Span,
    /// `json: cannot unmarshal …` or `unknown field "…"`.
    pub error: String,
    /// Whether it is an unknown field, which only strict decoding refuses.
    pub unknown: bool,
    /// What to write instead.
    pub hint: Option<Hint>,
}

/// The type of a kind whose fields are known.
pub fn type_of_kind(api_version: &str, kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|(v, k, _)| *v == api_version && *k == kind).map(|(_, _, name)| *name)
}

/// The fields of a type.
fn fields_of(name: &str) -> Option<&'static str> {
    TYPES.binary_search_by(|(other, _)| (*other).cmp(name)).ok().map(|at| TYPES[at].1)
}

/// The names and type codes of a type's fields; none for a type that is not known.
pub fn fields(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    fields_of(name)
        .unwrap_or_default()
        .split_ascii_whitespace()
        .map(|field| field.split_once(':').unwrap_or((field, "s")))
}

/// Whether the API has this field, named as `spec.containers[0].image`, in a type.
pub fn knows(type_name: &str, field: &str) -> bool {
    let mut code = type_name;
    for step in field.split('.') {
        let name = step.split('[').next().unwrap_or_default();
        if code.starts_with('{') || code == "o" {
            return true;
        }
        let Some((_, next)) = fields(code).find(|(known, _)| *known == name) else { return false };
        code = next.trim_start_matches('[');
    }
    true
}

/// Finds everything in a document that does not fit a type.
pub fn check(root: &Node, type_name: &'static str) -> Vec<Misfit> {
    let mut walk = Walk { misfits: Vec::new(), field: String::new(), go: Vec::new() };
    walk.object(root, type_name, None);
    walk.misfits
}

struct Walk {
    misfits: Vec<Misfit>,
    /// The field as the API server names it.
    field: String,
    /// The same as Go's decoder names it: no indices, no keys, but embedded structs.
    go: Vec<&'static str>,
}

/// Structs that Go embeds, which its decoder names in the path.
fn embedded_in(type_name: &str, field: &str) -> Option<&'static str> {
    match (type_name, field) {
        ("Probe", "exec" | "httpGet" | "tcpSocket" | "grpc") => Some("ProbeHandler"),
        ("Volume", name) if name != "name" => Some("VolumeSource"),
        (
            "ConfigMapKeySelector"
            | "SecretKeySelector"
            | "ConfigMapVolumeSource"
            | "ConfigMapEnvSource"
            | "SecretEnvSource"
            | "ConfigMapProjection"
            | "SecretProjection",
            "name",
        ) => Some("LocalObjectReference"),
        _ => None,
    }
}

impl Walk {
    fn object(&mut self, node: &Node, type_name: &'static str, parent: Option<&'static str>) {
        let mut entries: Vec<&(Key, Node)> = node.entries().iter().collect();
        crate::order::sort_by(&mut entries, |a, b| a.0.name.cmp(&b.0.name));
        for (key, value) in entries {
            if self.misfits.len() >= FINDINGS_LIMIT {
                return;
            }
            let length = self.field.len();
            if !self.field.is_empty() {
                self.field.push('.');
            }
            self.field.push_str(&key.name);
            match fields(type_name).find(|(name, _)| *name == key.name) {
                Some((name, code)) => {
                    let depth = self.go.len();
                    self.go.extend(embedded_in(type_name, name));
                    self.go.push(name);
                    self.value(value, code, type_name, type_name);
                    self.go.truncate(depth);
                }
                None => {
                    let hint = self.hint(key, type_name, parent, length);
                    self.misfits.push(Misfit {
                        error: format!("unknown field \"{}\"", self.field),
                        field: self.field.clone(),
                        span: key.span,
                        unknown: true,
                        hint,
                    });
                }
            }
            self.field.truncate(length);
        }
    }

    /// A name that was probably meant, or a place where the field exists.
    fn hint(
        &self,
        key: &Key,
        type_name: &str,
        parent: Option<&str>,
        length: usize,
    ) -> Option<Hint> {
        let names = fields(type_name).map(|(name, _)| name);
        if let Some(name) = nearest(&key.name, names) {
            return Some(Hint::DidYouMean(name.to_owned()));
        }
        let here = &self.field[..length];
        let has = |name: &str| fields(name).any(|(field, _)| field == key.name);
        for (name, code) in fields(type_name) {
            let inner = code.trim_start_matches('[');
            if name != "metadata" && inner.len() > 1 && has(inner) {
                let index = if code.starts_with('[') { "[0]" } else { "" };
                let dot = if here.is_empty() { "" } else { "." };
                return Some(Hint::BelongsTo(format!("{here}{dot}{name}{index}.{}", key.name)));
            }
        }
        let up = here.rfind('.').map_or("", |at| &here[..at]);
        if parent.is_some_and(has) {
            let dot = if up.is_empty() { "" } else { "." };
            return Some(Hint::BelongsTo(format!("{up}{dot}{}", key.name)));
        }
        None
    }

    fn value(&mut self, node: &Node, code: &'static str, holder: &str, parent: &'static str) {
        if node.value == Value::Null {
            return;
        }
        let what = node.value.json_kind();
        match code.as_bytes().first() {
            Some(b'[') => match &node.value {
                Value::Seq(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let length = self.field.len();
                        self.field.push_str(&format!("[{index}]"));
                        self.value(item, &code[1..], holder, parent);
                        self.field.truncate(length);
                    }
                }
                _ => self.wrong(node, what, holder, code),
            },
            Some(b'{') => match &node.value {
                Value::Map(entries) => {
                    let mut entries: Vec<&(Key, Node)> = entries.iter().collect();
                    crate::order::sort_by(&mut entries, |a, b| a.0.name.cmp(&b.0.name));
                    for (key, value) in entries {
                        let length = self.field.len();
                        self.field.push_str(&format!("[{}]", key.name));
                        self.value(value, &code[1..], holder, parent);
                        self.field.truncate(length);
                    }
                }
                _ => self.wrong(node, what, holder, code),
            },
            Some(_) if code.len() > 1 => match &node.value {
                Value::Map(_) => self.object(node, code, Some(parent)),
                _ => self.wrong(node, what, holder, code),
            },
            _ => self.scalar(node, code, holder),
        }
    }

    fn scalar(&mut self, node: &Node, code: &'static str, holder: &str) {
        let what = node.value.json_kind();
        let within = |number: i64| code == "l" || i32::try_from(number).is_ok();
        match (code, &node.value) {
            ("o", _) | ("s" | "t", Value::String(_)) | ("b", Value::Bool(_)) => {}
            ("x", Value::String(_)) | ("f", Value::Int(_) | Value::Float(_)) => {}
            ("i" | "l" | "x", Value::Int(number)) if within(*number) => {}
            ("i" | "l" | "x", Value::Int(number)) => {
                self.wrong(node, &format!("number {number}"), holder, code);
            }
            ("i" | "l" | "x", Value::Float(number)) => {
                self.wrong(node, &format!("number {number}"), holder, code);
            }
            ("q", value) => {
                let parsed = match value {
                    Value::String(text) => Quantity::parse(text.trim()),
                    Value::Int(number) => Quantity::parse(&number.to_string()),
                    Value::Float(number) => Quantity::parse(&number.to_string()),
                    Value::Null | Value::Bool(_) | Value::Seq(_) | Value::Map(_) => {
                        Quantity::parse("{}")
                    }
                };
                if let Err(error) = parsed {
                    self.misfit(node.span, error, None);
                }
            }
            ("y", Value::String(text)) => {
                if let Some(at) = base64_fault(text) {
                    let error = format!("illegal base64 data at input byte {at}");
                    self.misfit(node.span, error, None);
                }
            }
            _ => self.wrong(node, what, holder, code),
        }
    }

    fn wrong(&mut self, node: &Node, what: &str, holder: &str, code: &str) {
        let mut path = self.go.join(".");
        let mut holder = holder.rsplit('.').next().unwrap_or_default();
        if path == "metadata" {
            // kubectl reads the metadata by itself before it sends anything.
            holder = "metadataOnlyObject";
        }
        if holder.is_empty() {
            path.clear();
        }
        let go_type = go_type(code, &path);
        let error = format!(
            "json: cannot unmarshal {what} into Go struct field {holder}.{path} of type {go_type}"
        );
        let quote = match (code, &node.value) {
            ("s", Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
                Some(Hint::QuoteIt(match &node.value {
                    Value::Bool(value) => value.to_string(),
                    Value::Int(value) => value.to_string(),
                    Value::Float(value) => value.to_string(),
                    Value::Null | Value::String(_) | Value::Seq(_) | Value::Map(_) => String::new(),
                }))
            }
            _ => None,
        };
        self.misfit(node.span, error, quote);
    }

    fn misfit(&mut self, span: Span, error: String, hint: Option<Hint>) {
        if self.misfits.len() < FINDINGS_LIMIT {
            let field = self.field.clone();
            self.misfits.push(Misfit { field, span, error, unknown: false, hint });
        }
    }
}

/// What Go calls a type.
fn go_type(code: &str, path: &str) -> String {
    match code.as_bytes().first() {
        Some(b'[') => format!("[]{}", go_type(&code[1..], path)),
        Some(b'{') if path.ends_with("limits") || path.ends_with("requests") => {
            "v1.ResourceList".to_owned()
        }
        Some(b'{') => format!("map[string]{}", go_type(&code[1..], path)),
        _ => match code {
            "s" => "string".to_owned(),
            "b" => "bool".to_owned(),
            "i" | "x" => "int32".to_owned(),
            "l" => "int64".to_owned(),
            "f" => "float64".to_owned(),
            "q" => "resource.Quantity".to_owned(),
            "t" => "v1.Time".to_owned(),
            "y" => "[]uint8".to_owned(),
            name if name.contains('.') => name.to_owned(),
            name => format!("v1.{name}"),
        },
    }
}

/// The first byte that is not base64, as Go's encoding/base64 counts.
fn base64_fault(text: &str) -> Option<usize> {
    let mut seen = 0_usize;
    let mut padding = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\r' | b'\n' => {}
            b'=' if (seen + padding) % 4 >= 2 => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => seen += 1,
            _ => return Some(at),
        }
    }
    (!(seen + padding).is_multiple_of(4)).then_some(text.len())
}

/// The known name that was probably meant: the same but for case, or a slip or two away.
pub fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = written.to_lowercase();
    let allowed = if written.len() < 5 { 1 } else { 2 };
    names
        .filter(|name| name.len().abs_diff(written.len()) <= allowed)
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance over bytes; names of fields are short.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
