//! From the span tree to typed objects, field by field; never fails.
//!
//! Owns: [`Decode`], the [`Decoder`] that collects what did not fit, and the `api_object!` macro
//! that declares an API type once: its Rust struct, its JSON names, how it is read and written.
//! Does not own: unknown fields (`schema.rs`), defaults (`defaults.rs`) or rules (`validate/`).
//!
//! A value of the wrong type leaves its field at the default and adds a diagnostic in the words of
//! Go's encoding/json, so one text can show all its type errors at once. (kubectl stops at the
//! first; all of them are shown because all of them must be mended.)

use crate::diagnostic::{Diagnostic, Finding, Hint, Message, Severity, Span};
use crate::manifest::node::{Key, Node, Value};
use crate::map::Map;

/// Unread fields that are kept of one object. Invented: more than the whole API has in one kind.
const UNREAD_LIMIT: usize = 1000;

/// A type that can be read from a YAML value.
pub trait Decode: Default {
    /// What Go calls the type, for `cannot unmarshal … of type …`.
    const GO_TYPE: &'static str;
    /// Reads the value; what does not fit is reported to the decoder and left at its default.
    fn decode(node: &Node, decoder: &mut Decoder) -> Self;
    /// Writes the value over this one: a patch says only what is different.
    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        *self = Self::decode(node, decoder);
    }
}

/// What is read in place, whatever its type: [`Decode`] behind a pointer.
///
/// What walks objects and lists is compiled once, and not once for each of two hundred types; that
/// is a twentieth of the page.
pub trait Read {
    /// Writes the value over this one.
    fn read(&mut self, node: &Node, decoder: &mut Decoder);
}

impl<T: Decode> Read for T {
    fn read(&mut self, node: &Node, decoder: &mut Decoder) {
        self.merge(node, decoder);
    }
}

/// A list whose items are read in place, whatever their type.
trait List {
    fn len(&self) -> usize;
    /// Adds an item that says nothing yet.
    fn push(&mut self);
    fn at(&mut self, index: usize) -> Option<&mut dyn Read>;
    fn swap(&mut self, one: usize, other: usize);
    fn truncate(&mut self, len: usize);
    /// Whether a value changes nothing of the item.
    fn is_said(&self, index: usize, node: &Node) -> bool;
}

impl<T: Decode + Clone + PartialEq> List for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn push(&mut self) {
        self.push(T::default());
    }
    fn at(&mut self, index: usize) -> Option<&mut dyn Read> {
        self.get_mut(index).map(|item| item as &mut dyn Read)
    }
    fn swap(&mut self, one: usize, other: usize) {
        self.as_mut_slice().swap(one, other);
    }
    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }
    fn is_said(&self, index: usize, node: &Node) -> bool {
        self.get(index).is_some_and(|known| {
            let mut probe = known.clone();
            probe.merge(node, &mut Decoder::default());
            probe == *known
        })
    }
}

/// Reads one more item at the end of a list.
fn add(list: &mut dyn List, node: &Node, decoder: &mut Decoder) {
    let index = list.len();
    list.push();
    if let Some(item) = list.at(index) {
        item.read(node, decoder);
    }
}

/// Takes an item out; those behind it move up.
fn remove(list: &mut dyn List, index: usize) {
    for at in index + 1..list.len() {
        list.swap(at - 1, at);
    }
    list.truncate(list.len().saturating_sub(1));
}

/// Reads a list over the one that is there.
fn read_list(list: &mut dyn List, node: &Node, decoder: &mut Decoder, go_type: &str) {
    let keys = decoder.path.last().map(|step| merge_key(step)).unwrap_or_default();
    match &node.value {
        Value::Null => list.truncate(0),
        Value::Seq(items) if decoder.lists == Lists::Merge && !keys.is_empty() => {
            merge_items(list, items, keys, decoder);
        }
        Value::Seq(items) => {
            list.truncate(0);
            for (index, item) in items.iter().enumerate() {
                decoder.path.push(format!("[{index}]"));
                add(list, item, decoder);
                decoder.path.pop();
            }
        }
        Value::Map(entries) if decoder.patches => patch_places(list, entries, decoder),
        other @ (Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Map(_)) => {
            let go_type = match go_type {
                simple @ ("string" | "bool" | "int32" | "int64") => format!("[]{simple}"),
                name => format!("[]v1.{name}"),
            };
            decoder.wrong_type(node, other.json_kind(), &go_type);
            list.truncate(0);
        }
    }
}

/// What a list in a patch does to the list that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    /// It takes its place.
    #[default]
    Replace,
    /// Its items are merged into those of the same name.
    ///
    /// Models apimachinery/pkg/util/strategicpatch.
    Merge,
}

/// Collects what did not fit, and knows where in the object it is.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The kind of the object, `Pod`, for the message.
    kind: String,
    /// `v1`, `apps/v1`.
    version: String,
    /// The Go struct that holds the field, and the JSON path without indices, as Go prints it.
    structs: Vec<&'static str>,
    path: Vec<String>,
    /// What did not fit.
    pub diagnostics: Vec<Diagnostic>,
    /// Fields that no type reads.
    pub unread: Vec<Unread>,
    /// What a patch does to lists.
    pub lists: Lists,
    /// Lists may be changed by place, as JSON patches do.
    pub patches: bool,
}

/// A field that its type does not read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The field as the API server names it.
    pub field: String,
    /// The bytes of its key.
    pub span: Span,
    /// The fields that its type does read.
    pub known: Vec<&'static str>,
}

impl Decoder {
    /// A decoder for one object of this kind and apiVersion.
    pub fn new(api_version: &str, kind: &str) -> Self {
        Self { kind: kind.to_owned(), version: api_version.to_owned(), ..Self::default() }
    }

    /// Reports a value of the wrong type.
    pub fn wrong_type(&mut self, node: &Node, what: &str, go_type: &str) {
        let structure = self.structs.last().copied().unwrap_or_default();
        let field: String = self
            .path
            .iter()
            .filter(|step| !step.starts_with('['))
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(".");
        let place = if structure.is_empty() {
            "Go value".to_owned()
        } else {
            format!("Go struct field {structure}.{field}")
        };
        self.report(
            node.span,
            format!("json: cannot unmarshal {what} into {place} of type {go_type}"),
        );
    }

    /// Reports an error that decoding itself finds, in the API server's frame.
    pub fn report(&mut self, span: Span, error: String) {
        // The API server names the version inside its group: apps/v1 is "v1" here.
        let version = self.version.rsplit('/').next().unwrap_or_default();
        let message = format!(
            "{} in version \"{version}\" cannot be handled as a {}: {error}",
            self.kind, self.kind
        );
        self.diagnostics.push(Diagnostic {
            severity: Severity::Rejected,
            span,
            field: self.field(),
            message: Message::Kubernetes(message),
            hint: None,
        });
    }

    /// Reports something in our own words.
    pub fn find(&mut self, span: Span, finding: Finding, hint: Option<Hint>) {
        self.diagnostics.push(Diagnostic {
            severity: Severity::Rejected,
            span,
            field: self.field(),
            message: Message::Ours(finding),
            hint,
        });
    }

    /// Remembers a field that the type does not read; the caller decides what it means.
    pub fn unread(&mut self, span: Span, known: &[&'static str]) {
        if self.unread.len() < UNREAD_LIMIT {
            let known = known.to_vec();
            self.unread.push(Unread { field: self.field(), span, known });
        }
    }

    /// The field as the API server's validation names it: `spec.containers[0].image`.
    pub fn field(&self) -> String {
        let mut field = String::new();
        for step in &self.path {
            if !field.is_empty() && !step.starts_with('[') {
                field.push('.');
            }
            field.push_str(step);
        }
        field
    }

    /// Walks the entries of an object, handing each key and value to `read`.
    pub fn object(
        &mut self,
        node: &Node,
        name: &'static str,
        read: &mut dyn FnMut(&Key, &Node, &mut Self),
    ) {
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => {
                self.structs.push(name);
                for (key, value) in entries {
                    self.path.push(key.name.clone());
                    read(key, value, self);
                    self.path.pop();
                }
                self.structs.pop();
            }
            other @ (Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Seq(_)) => {
                let what = other.json_kind();
                self.wrong_type(node, what, &format!("v1.{name}"));
            }
        }
    }

    /// Reads an object field by field; a key that is none of them is remembered as unread.
    pub fn fields(
        &mut self,
        node: &Node,
        name: &'static str,
        known: &[&'static str],
        fields: &mut [&mut dyn Read],
    ) {
        self.object(node, name, &mut |key, value, decoder| {
            let place = known.iter().position(|field| *field == key.name);
            match place.and_then(|at| fields.get_mut(at)) {
                Some(field) => field.read(value, decoder),
                None => decoder.unread(key.span, known),
            }
        });
    }

    /// Reads below a step of the path: a field's name, or `[0]`.
    pub fn within<T>(&mut self, step: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let value = read(self);
        self.path.pop();
        value
    }
}

impl Decode for String {
    const GO_TYPE: &'static str = "string";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::String(text) => text.clone(),
            Value::Null => Self::new(),
            other @ (Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Seq(_)
            | Value::Map(_)) => {
                decoder.wrong_type(node, other.json_kind(), Self::GO_TYPE);
                Self::new()
            }
        }
    }
}

impl Decode for bool {
    const GO_TYPE: &'static str = "bool";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Bool(value) => *value,
            Value::Null => false,
            other @ (Value::String(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Seq(_)
            | Value::Map(_)) => {
                decoder.wrong_type(node, other.json_kind(), Self::GO_TYPE);
                false
            }
        }
    }
}

impl Decode for i64 {
    const GO_TYPE: &'static str = "int64";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        integer(node, decoder, Self::GO_TYPE, Self::MIN, Self::MAX)
    }
}

impl Decode for i32 {
    const GO_TYPE: &'static str = "int32";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let (min, max) = (i64::from(Self::MIN), i64::from(Self::MAX));
        Self::try_from(integer(node, decoder, Self::GO_TYPE, min, max)).unwrap_or_default()
    }
}

fn integer(node: &Node, decoder: &mut Decoder, go_type: &str, min: i64, max: i64) -> i64 {
    match &node.value {
        Value::Int(value) if (min..=max).contains(value) => *value,
        Value::Int(value) => {
            decoder.wrong_type(node, &format!("number {value}"), go_type);
            0
        }
        Value::Float(value) => {
            decoder.wrong_type(node, &format!("number {value}"), go_type);
            0
        }
        Value::Null => 0,
        other @ (Value::Bool(_) | Value::String(_) | Value::Seq(_) | Value::Map(_)) => {
            decoder.wrong_type(node, other.json_kind(), go_type);
            0
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    const GO_TYPE: &'static str = T::GO_TYPE;
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        (node.value != Value::Null).then(|| T::decode(node, decoder))
    }
    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        if node.value == Value::Null {
            *self = None;
        } else {
            self.get_or_insert_with(T::default).merge(node, decoder);
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    const GO_TYPE: &'static str = T::GO_TYPE;
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Self::new(T::decode(node, decoder))
    }
    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        T::merge(self, node, decoder);
    }
}

/// The field by which items of a list are told apart, where a patch merges them.
///
/// Models the `patchMergeKey` tags of the API's types.
pub(super) fn merge_key(list: &str) -> &'static [&'static str] {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "schedulingGates" => &["name"],
        "volumeMounts" => &["mountPath"],
        "ports" => &["containerPort", "port"],
        "ownerReferences" => &["uid"],
        "conditions" => &["type"],
        "hostAliases" => &["ip"],
        "topologySpreadConstraints" => &["topologyKey"],
        _ => &[],
    }
}

/// Merges a list item by item; an item that is nobody's is added.
fn merge_items(list: &mut dyn List, items: &[Node], keys: &[&str], decoder: &mut Decoder) {
    for item in items {
        let entry = item.entries().iter().find(|(key, _)| keys.contains(&key.name.as_str()));
        // The one that is not changed by the key alone is the one that has this key.
        let place = entry.and_then(|(key, value)| {
            let only = Value::Map(vec![(key.clone(), value.clone())]);
            let only = Node { span: item.span, value: only };
            (0..list.len()).find(|at| list.is_said(*at, &only))
        });
        let removes = item.get("$patch").and_then(Node::as_str) == Some("delete");
        match place {
            Some(at) if removes => remove(list, at),
            Some(at) => {
                if let Some(known) = list.at(at) {
                    known.read(item, decoder);
                }
            }
            None if removes => {}
            None => add(list, item, decoder),
        }
    }
}

/// Changes single items by their place: `0`, `+0` to insert there, `-` to append; nothing removes.
///
/// This is how a JSON patch (RFC 6902) is carried out.
fn patch_places(list: &mut dyn List, entries: &[(Key, Node)], decoder: &mut Decoder) {
    for (key, value) in entries {
        let inserts = key.name.starts_with('+');
        match key.name.trim_start_matches('+').parse::<usize>() {
            Err(_) => add(list, value, decoder),
            Ok(at) if inserts => {
                add(list, value, decoder);
                for behind in (at + 1..list.len()).rev() {
                    list.swap(behind - 1, behind);
                }
            }
            Ok(at) if at < list.len() && value.value == Value::Null => remove(list, at),
            Ok(at) => {
                if let Some(item) = list.at(at) {
                    item.read(value, decoder);
                }
            }
        }
    }
}

impl<T: Decode + Clone + PartialEq> Decode for Vec<T> {
    const GO_TYPE: &'static str = T::GO_TYPE;
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let mut list = Self::new();
        read_list(&mut list, node, decoder, T::GO_TYPE);
        list
    }
    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        read_list(self, node, decoder, T::GO_TYPE);
    }
}

impl<T: Decode> Decode for Map<String, T> {
    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        let Value::Map(entries) = &node.value else {
            *self = Self::decode(node, decoder);
            return;
        };
        for (key, value) in entries {
            if value.value == Value::Null {
                self.remove(&key.name);
            } else {
                let value = decoder.within(format!("[{}]", key.name), |d| T::decode(value, d));
                self.insert(key.name.clone(), value);
            }
        }
    }
    const GO_TYPE: &'static str = T::GO_TYPE;
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::Null => Self::new(),
            // kubectl drops entries without a value before it sends anything.
            Value::Map(entries) => entries
                .iter()
                .filter(|(_, value)| value.value != Value::Null)
                .map(|(key, value)| {
                    let value = decoder
                        .within(format!("[{}]", key.name), |decoder| T::decode(value, decoder));
                    (key.name.clone(), value)
                })
                .collect(),
            other @ (Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Seq(_)) => {
                let go_type = format!("map[string]{}", T::GO_TYPE);
                decoder.wrong_type(node, other.json_kind(), &go_type);
                Self::new()
            }
        }
    }
}

impl Decode for Value {
    const GO_TYPE: &'static str = "interface {}";
    fn decode(node: &Node, _decoder: &mut Decoder) -> Self {
        node.value.clone()
    }
}

/// Structs that the API always writes (`spec`, `status`, `metadata`).
macro_rules! always_present {
    ($($name:ty),* $(,)?) => { $(
        impl $crate::manifest::encode::Absent for $name {
            fn is_absent(&self) -> bool { false }
        }
    )* };
}
pub(crate) use always_present;

/// Declares an API type: the struct, its JSON names, its reader and its writer.
macro_rules! api_object {
    ($(#[$meta:meta])* $name:ident { $( $json:literal $field:ident : $type:ty ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Hash)]
        pub struct $name { $(
            #[doc = concat!("`", $json, "`, as in the Kubernetes API.")]
            pub $field: $type,
        )* }

        impl $crate::manifest::encode::Encode for $name {
            fn encode(&self) -> $crate::manifest::encode::Tree {
                $crate::manifest::encode::object(&[ $( ($json, &self.$field) ),* ])
            }
        }

        impl $crate::manifest::decode::Decode for $name {
            const GO_TYPE: &'static str = stringify!($name);
            fn decode(
                node: &$crate::manifest::node::Node,
                decoder: &mut $crate::manifest::decode::Decoder,
            ) -> Self {
                let mut object = Self::default();
                object.merge(node, decoder);
                object
            }
            fn merge(
                &mut self,
                node: &$crate::manifest::node::Node,
                decoder: &mut $crate::manifest::decode::Decoder,
            ) {
                decoder.fields(
                    node,
                    stringify!($name),
                    &[ $( $json ),* ],
                    &mut [ $( &mut self.$field ),* ],
                );
            }
        }
    };
}
pub(crate) use api_object;
