//! Objects as trees of plain values: what `kubectl get -o yaml` prints, and paths walk through.
//!
//! Owns: [`Tree`], [`Encode`], what is left out, and the writers of the plain types of fields. Does
//! not own: the structs (`decode::api_object` makes their writers), or how a tree looks as text
//! (`view::kubectl::document`).

use crate::map::Map;
use crate::time::{Duration, Instant};

/// A JSON value; keys are sorted, as kubectl prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tree {
    /// `null`.
    #[default]
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number; the API has hardly any other.
    Int(i64),
    /// Text.
    Text(String),
    /// `[…]`.
    List(Vec<Tree>),
    /// `{…}`.
    Map(Map<String, Tree>),
}

impl Tree {
    /// Text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A map.
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        let mut map = Map::new();
        for (key, value) in entries {
            map.insert(key.to_owned(), value);
        }
        Self::Map(map)
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The map under a key, to be changed.
    pub fn map_mut(&mut self, key: &str) -> Option<&mut Map<String, Self>> {
        match self {
            Self::Map(map) => match map.get_mut(key) {
                Some(Self::Map(inner)) => Some(inner),
                _ => None,
            },
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The items of a list; nothing for any other value.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Text(_) | Self::Map(_) => &[],
        }
    }
}

/// What can be written as a tree.
pub trait Encode {
    /// The tree.
    fn encode(&self) -> Tree;
}

/// What can be written or left out, whatever its type.
pub trait Field {
    /// The tree, unless the field is left out.
    fn written(&self) -> Option<Tree>;
}

impl<T: Encode + Absent> Field for T {
    fn written(&self) -> Option<Tree> {
        (!self.is_absent()).then(|| self.encode())
    }
}

/// Whether a field is left out when the object is written, as Go's `omitempty` does.
pub trait Absent {
    /// Nothing is written for this value.
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}
impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
impl<T> Absent for Map<String, T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
impl Absent for String {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
impl Absent for bool {
    fn is_absent(&self) -> bool {
        !*self
    }
}
impl Absent for i32 {
    fn is_absent(&self) -> bool {
        *self == 0
    }
}
impl Absent for i64 {
    fn is_absent(&self) -> bool {
        *self == 0
    }
}

/// An object of those fields that are not left out.
pub(crate) fn object(fields: &[(&str, &dyn Field)]) -> Tree {
    let mut map = Map::new();
    for (name, field) in fields {
        if let Some(tree) = field.written() {
            map.insert((*name).to_owned(), tree);
        }
    }
    Tree::Map(map)
}

impl Encode for String {
    fn encode(&self) -> Tree {
        Tree::Text(self.clone())
    }
}
impl Encode for bool {
    fn encode(&self) -> Tree {
        Tree::Bool(*self)
    }
}
impl Encode for i32 {
    fn encode(&self) -> Tree {
        Tree::Int(i64::from(*self))
    }
}
impl Encode for i64 {
    fn encode(&self) -> Tree {
        Tree::Int(*self)
    }
}
impl Encode for Instant {
    fn encode(&self) -> Tree {
        Tree::Text(self.rfc3339())
    }
}
impl Encode for Duration {
    fn encode(&self) -> Tree {
        Tree::Text(self.go())
    }
}
impl<T: Encode> Encode for Option<T> {
    fn encode(&self) -> Tree {
        self.as_ref().map_or(Tree::Null, Encode::encode)
    }
}
impl<T: Encode> Encode for Vec<T> {
    fn encode(&self) -> Tree {
        Tree::List(self.iter().map(Encode::encode).collect())
    }
}
impl<T: Encode> Encode for Map<String, T> {
    fn encode(&self) -> Tree {
        Tree::Map(self.iter().map(|(key, value)| (key.clone(), value.encode())).collect())
    }
}
