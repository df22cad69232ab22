//! Kubernetes quantities (`100m`, `64Mi`, `1e3`) as exact integers, and int-or-string.

use crate::manifest::decode::{Absent, Decode, Decoder};
use crate::manifest::node::{Node, Value};

/// An amount of a resource, kept with the text its family prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// Billionths of the unit: `1` is 1_000_000_000, `100m` is 100_000_000.
    nanos: i128,
    /// The canonical text.
    text: String,
}

impl Quantity {
    /// Reads Kubernetes' grammar.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        todo!("manifest owner")
    }

    /// Whole units, rounded up, as `Value()` does.
    pub fn value(&self) -> i64 {
        (self.nanos.div_euclid(1_000_000_000)
            + i128::from(self.nanos.rem_euclid(1_000_000_000) != 0)) as i64
    }

    /// Thousandths, rounded up, as `MilliValue()` does.
    pub fn milli_value(&self) -> i64 {
        (self.nanos.div_euclid(1_000_000) + i128::from(self.nanos.rem_euclid(1_000_000) != 0))
            as i64
    }

    /// The canonical text, as the API prints it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Decode for Quantity {
    const GO_TYPE: &'static str = "Quantity";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let _ = (node, decoder);
        todo!("manifest owner")
    }
}

impl serde::Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// A port or a count: a number, or a name or percentage.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A port name, or a percentage such as `25%`.
    String(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::String(text) => text.fmt(f),
        }
    }
}

impl Absent for IntOrString {
    fn is_absent(&self) -> bool {
        false
    }
}

impl Decode for IntOrString {
    const GO_TYPE: &'static str = "IntOrString";
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.value {
            Value::String(text) => Self::String(text.clone()),
            Value::Int(_) => Self::Int(i32::decode(node, decoder)),
            Value::Null => Self::default(),
            other @ (Value::Bool(_) | Value::Float(_) | Value::Seq(_) | Value::Map(_)) => {
                decoder.wrong_type(node, other.json_kind(), "intstr.IntOrString");
                Self::default()
            }
        }
    }
}
