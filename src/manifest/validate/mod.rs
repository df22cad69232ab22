//! What the API server refuses or warns about, in its own words and order.
//!
//! Owns: the rules, one file a group of kinds, and the grammar of their errors. Does not own:
//! decoding (`schema.rs`), defaults (`defaults.rs`) or where a field stands (`node.rs`).

pub mod affinity;
pub mod autoscaling;
pub mod batch;
pub mod config;
pub mod container;
pub mod meta;
pub mod networking;
mod number;
pub mod others;
pub mod plain;
pub mod pod;
pub mod policy;
pub mod probe;
pub mod profile;
pub mod service;
pub mod update;
pub mod volume;
pub mod workload;

use crate::version::KubeVersion;

/// One error or warning about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// `spec.containers[0].image`.
    pub field: String,
    /// `Required value`, with whatever follows.
    pub detail: String,
}

impl FieldError {
    /// The error as the API server writes it.
    pub fn text(&self) -> String {
        format!("{}: {}", self.field, self.detail)
    }
}

/// Findings that are kept of one object. Invented: nobody reads more, and a list of thousands of
/// equal faults must not take minutes.
pub const FINDINGS_LIMIT: usize = 100;

/// What a validation finds, in its order.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is refused.
    pub errors: Vec<FieldError>,
    /// What is accepted with a warning.
    pub warnings: Vec<FieldError>,
    /// The release that is asked.
    pub version: KubeVersion,
}

/// The constructors of apimachinery/pkg/util/validation/field/errors.go.
impl Findings {
    fn push(&mut self, field: &str, detail: String) {
        let error = FieldError { field: field.to_owned(), detail };
        // The API server drops causes that it has named already.
        if self.errors.len() < FINDINGS_LIMIT && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// A field that must be there.
    pub fn required(&mut self, field: &str, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.push(field, format!("Required value{colon}{detail}"));
    }

    /// A value that is wrong; `value` is printed as it is.
    pub fn invalid(&mut self, field: &str, value: &str, detail: &str) {
        self.push(field, format!("Invalid value: {value}: {detail}"));
    }

    /// A text that is wrong, printed in quotes.
    pub fn invalid_text(&mut self, field: &str, value: &str, detail: &str) {
        self.invalid(field, &quoted(value), detail);
    }

    /// A word that is none of the possible ones, which are given in the order of printing.
    pub fn unsupported(&mut self, field: &str, value: &str, possible: &[&str]) {
        self.unsupported_value(field, &quoted(value), possible);
    }

    /// A value that is none of the possible ones; `value` is printed as it is.
    pub fn unsupported_value(&mut self, field: &str, value: &str, possible: &[&str]) {
        let possible: Vec<String> = possible.iter().map(|word| quoted(word)).collect();
        let possible = possible.join(", ");
        self.push(field, format!("Unsupported value: {value}: supported values: {possible}"));
    }

    /// Something that is wrong without a value to show.
    pub fn invalid_plain(&mut self, field: &str, detail: &str) {
        self.push(field, format!("Invalid value: {detail}"));
    }

    /// A field that must not be there.
    pub fn forbidden(&mut self, field: &str, detail: &str) {
        self.push(field, format!("Forbidden: {detail}"));
    }

    /// A value that another one has already.
    pub fn duplicate(&mut self, field: &str, value: &str) {
        self.duplicate_value(field, &quoted(value));
    }

    /// A value that another one has already; `value` is printed as it is.
    pub fn duplicate_value(&mut self, field: &str, value: &str) {
        self.push(field, format!("Duplicate value: {value}"));
    }

    /// A name that nothing has.
    pub fn not_found(&mut self, field: &str, value: &str) {
        self.push(field, format!("Not found: {}", quoted(value)));
    }

    /// A text that is too long.
    pub fn too_long(&mut self, field: &str, limit: usize) {
        self.push(field, format!("Too long: may not be more than {limit} bytes"));
    }

    /// A list that is too long.
    pub fn too_many(&mut self, field: &str, given: usize, limit: usize) {
        self.push(field, format!("Too many: {given}: must have at most {limit} items"));
    }

    /// An accepted field that deserves a warning.
    pub fn warn(&mut self, field: &str, detail: impl Into<String>) {
        if self.warnings.len() < FINDINGS_LIMIT {
            self.warnings.push(FieldError { field: field.to_owned(), detail: detail.into() });
        }
    }
}

/// A text in quotes, as Go's `%q` prints it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() && (control as u32) < 0x80 => {
                quoted.push_str(&format!("\\x{:02x}", control as u32));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
