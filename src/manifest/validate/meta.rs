//! Names, labels and annotations: rules that every object obeys.
//!
//! Models apimachinery/pkg/util/validation/validation.go and
//! apimachinery/pkg/api/validation/objectmeta.go.

use crate::manifest::meta::{LabelSelector, Labels, ObjectMeta};
use crate::manifest::validate::Findings;

/// What a DNS label must look like.
pub const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
     characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  \
     or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
/// What a DNS subdomain must look like.
pub const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
     alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character \
     (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric \
     characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. \
     'MyValue',  or 'my_value',  or '12345', regex used for validation is \
     '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must \
     start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', \
     regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// How an object's name is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// As most names.
    Subdomain,
    /// As Namespaces' names, and Services' of late.
    Label,
    /// As Services' names before: a letter first.
    OldLabel,
    /// As RBAC's names: nearly anything.
    PathSegment,
}

fn lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            lower_alphanumeric(*first)
                && lower_alphanumeric(*last)
                && bytes.iter().all(|b| lower_alphanumeric(*b) || *b == b'-')
        }
        _ => false,
    }
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// Everything that is wrong with a DNS label (`IsDNS1123Label`).
pub fn dns_label(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 63 {
        faults.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(text) {
        // A subdomain that is no label has dots that do not belong there.
        faults
            .push(if is_subdomain(text) { "must not contain dots" } else { LABEL_RULE }.to_owned());
    }
    faults
}

/// Everything that is wrong with a label that begins with a letter (`IsDNS1035Label`).
fn old_label(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 63 {
        faults.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(text) || !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        faults.push(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start \
             with an alphabetic character, and end with an alphanumeric character (e.g. \
             'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
                .to_owned(),
        );
    }
    faults
}

/// Everything that is wrong with a DNS subdomain (`IsDNS1123Subdomain`).
pub fn dns_subdomain(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 253 {
        faults.push("must be no more than 253 characters".to_owned());
    }
    if !is_subdomain(text) {
        faults.push(SUBDOMAIN_RULE.to_owned());
    }
    faults
}

/// Everything that is wrong with a qualified name (`IsQualifiedName`).
pub fn qualified_name(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                faults.push("prefix part must be non-empty".to_owned());
            } else {
                faults.extend(
                    dns_subdomain(prefix).into_iter().map(|fault| format!("prefix part {fault}")),
                );
            }
            *name
        }
        _ => {
            faults.push(format!(
                "a qualified name {QUALIFIED_RULE} with an optional DNS subdomain prefix and '/' \
                 (e.g. 'example.com/MyName')"
            ));
            return faults;
        }
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        faults.push("name part must be no more than 63 characters".to_owned());
    }
    if !is_name_part(name) {
        faults.push(format!("name part {QUALIFIED_RULE}"));
    }
    faults
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && bytes
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        }
        _ => false,
    }
}

/// Everything that is wrong with a label's value (`IsValidLabelValue`).
pub fn label_value(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.len() > 63 {
        faults.push("must be no more than 63 characters".to_owned());
    }
    if !text.is_empty() && !is_name_part(text) {
        faults.push(LABEL_VALUE_RULE.to_owned());
    }
    faults
}

/// Checks labels, as `ValidateLabels` does.
pub fn labels(labels: &Labels, field: &str, findings: &mut Findings) {
    for (key, value) in labels {
        for fault in qualified_name(key) {
            findings.invalid_text(field, key, &fault);
        }
        for fault in label_value(value) {
            findings.invalid_text(field, value, &fault);
        }
    }
}

/// Checks annotations, as `ValidateAnnotations` does.
pub fn annotations(annotations: &Labels, field: &str, findings: &mut Findings) {
    let mut size = 0;
    for (key, value) in annotations {
        for fault in qualified_name(&key.to_lowercase()) {
            findings.invalid_text(field, key, &fault);
        }
        size += key.len() + value.len();
    }
    if size > 256 * 1024 {
        findings.too_long(field, 256 * 1024);
    }
}

/// Checks an object's metadata, as `ValidateObjectMeta` does.
pub fn object_meta(metadata: &ObjectMeta, rule: NameRule, findings: &mut Findings) {
    if !metadata.generate_name.is_empty() {
        let stem = metadata.generate_name.trim_end_matches('-');
        name(stem, rule, "metadata.generateName", &metadata.generate_name, findings);
    }
    if metadata.name.is_empty() {
        if metadata.generate_name.is_empty() {
            findings.required("metadata.name", "name or generateName is required");
        }
    } else {
        name(&metadata.name, rule, "metadata.name", &metadata.name, findings);
    }
    if !metadata.namespace.is_empty() {
        for fault in dns_label(&metadata.namespace) {
            findings.invalid_text("metadata.namespace", &metadata.namespace, &fault);
        }
    }
    labels(&metadata.labels, "metadata.labels", findings);
    annotations(&metadata.annotations, "metadata.annotations", findings);
    owners(metadata, findings);
    for (index, finalizer) in metadata.finalizers.iter().enumerate() {
        let field = format!("metadata.finalizers[{index}]");
        for fault in qualified_name(finalizer) {
            findings.invalid_text(&field, finalizer, &fault);
        }
    }
}

/// Models validateOwnerReference.
fn owners(metadata: &ObjectMeta, findings: &mut Findings) {
    for (index, owner) in metadata.owner_references.iter().enumerate() {
        let field = format!("metadata.ownerReferences[{index}]");
        for (name, value, rule) in [
            ("apiVersion", &owner.api_version, "version must not be empty"),
            ("kind", &owner.kind, "must not be empty"),
            ("name", &owner.name, "must not be empty"),
            ("uid", &owner.uid, "must not be empty"),
        ] {
            if value.is_empty() {
                findings.invalid_text(&format!("{field}.{name}"), "", rule);
            }
        }
    }
}

fn name(text: &str, rule: NameRule, field: &str, written: &str, findings: &mut Findings) {
    let faults = match rule {
        NameRule::Subdomain => dns_subdomain(text),
        NameRule::Label => dns_label(text),
        NameRule::OldLabel => old_label(text),
        NameRule::PathSegment => ["/", "%"]
            .iter()
            .filter(|part| text.contains(**part))
            .map(|part| format!("may not contain '{part}'"))
            .collect(),
    };
    for fault in faults {
        findings.invalid_text(field, written, &fault);
    }
}

/// Checks a label selector, as `ValidateLabelSelector` does.
pub fn selector(selector: &LabelSelector, field: &str, findings: &mut Findings) {
    labels(&selector.match_labels, &format!("{field}.matchLabels"), findings);
    for (index, requirement) in selector.match_expressions.iter().enumerate() {
        let field = format!("{field}.matchExpressions[{index}]");
        match requirement.operator.as_str() {
            "In" | "NotIn" => {
                if requirement.values.is_empty() {
                    findings.required(
                        &format!("{field}.values"),
                        "must be specified when `operator` is 'In' or 'NotIn'",
                    );
                }
            }
            "Exists" | "DoesNotExist" => {
                if !requirement.values.is_empty() {
                    findings.forbidden(
                        &format!("{field}.values"),
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                    );
                }
            }
            other => findings.invalid_text(
                &format!("{field}.operator"),
                other,
                "not a valid selector operator",
            ),
        }
        for fault in qualified_name(&requirement.key) {
            findings.invalid_text(&format!("{field}.key"), &requirement.key, &fault);
        }
        for (at, value) in requirement.values.iter().enumerate() {
            for fault in label_value(value) {
                findings.invalid_text(&format!("{field}.values[{at}]"), value, &fault);
            }
        }
    }
}
