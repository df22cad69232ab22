//! Ports, and the numbers of users and groups: rules that several kinds share.
//!
//! Models pkg/apis/core/validation/validation.go and
//! apimachinery/pkg/util/validation/validation.go.

use crate::manifest::quantity::IntOrString;
use crate::manifest::validate::Findings;

/// Checks the number of a user or group.
pub(super) fn id(id: Option<i64>, field: &str, findings: &mut Findings) {
    if let Some(id) = id
        && !(0..=i64::from(i32::MAX)).contains(&id)
    {
        let rule = "must be between 0 and 2147483647, inclusive";
        findings.invalid(field, &id.to_string(), rule);
    }
}

/// Checks a port's number (`IsValidPortNum`).
pub(super) fn port_number(port: i32, field: &str, findings: &mut Findings) {
    if !(1..=65_535).contains(&port) {
        findings.invalid(field, &port.to_string(), "must be between 1 and 65535, inclusive");
    }
}

/// Everything that is wrong with a port's name (`IsValidPortName`).
pub(super) fn port_name(name: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if name.len() > 15 {
        faults.push("must be no more than 15 characters");
    }
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || !name.bytes().all(fits) {
        faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        faults.push("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        faults.push("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        faults.push("must not begin or end with a hyphen");
    }
    faults
}

/// Checks a port that may be a name (`ValidatePortNumOrName`).
pub(super) fn port(port: &IntOrString, field: &str, findings: &mut Findings) {
    match port {
        IntOrString::Int(number) => port_number(*number, field, findings),
        IntOrString::String(name) => {
            for fault in port_name(name) {
                findings.invalid_text(field, name, fault);
            }
        }
    }
}
