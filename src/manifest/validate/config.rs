//! ConfigMaps and Secrets.
//!
//! Models pkg/apis/core/validation/validation.go ValidateConfigMap and ValidateSecret.

use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::{NameRule, object_meta};
use crate::manifest::volume::{ConfigMap, Secret};
use crate::map::Map;

/// The most bytes that a ConfigMap or Secret may hold.
const SIZE_LIMIT: usize = 1024 * 1024;

/// Checks a ConfigMap.
pub fn config_map(config_map: &ConfigMap, findings: &mut Findings) {
    object_meta(&config_map.metadata, NameRule::Subdomain, findings);
    keys(&config_map.data, "data", findings);
    keys(&config_map.binary_data, "binaryData", findings);
    for key in config_map.data.keys().filter(|key| config_map.binary_data.contains_key(*key)) {
        let rule = "duplicate of key present in binaryData";
        findings.invalid_text(&format!("data[{key}]"), key, rule);
    }
    let size = size(&config_map.data) + size(&config_map.binary_data);
    if size > SIZE_LIMIT {
        findings.too_long("", SIZE_LIMIT);
    }
}

/// Checks a Secret.
pub fn secret(secret: &Secret, findings: &mut Findings) {
    object_meta(&secret.metadata, NameRule::Subdomain, findings);
    keys(&secret.data, "data", findings);
    if size(&secret.data) > SIZE_LIMIT {
        findings.too_long("data", SIZE_LIMIT);
    }
    let needed = match secret.kind.as_str() {
        "kubernetes.io/dockercfg" => &[".dockercfg"][..],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        _ => &[],
    };
    for key in needed {
        if !secret.data.contains_key(*key) && !secret.string_data.contains_key(*key) {
            findings.required(&format!("data[{key}]"), "");
        }
    }
}

fn size(data: &Map<String, String>) -> usize {
    data.values().map(String::len).sum()
}

fn keys(data: &Map<String, String>, field: &str, findings: &mut Findings) {
    for key in data.keys() {
        let field = format!("{field}[{key}]");
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if key.len() > 253 {
            findings.invalid_text(&field, key, "must be no more than 253 characters");
        }
        if key.is_empty() || !key.bytes().all(fits) {
            let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or \
                        '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for \
                        validation is '[-._a-zA-Z0-9]+')";
            findings.invalid_text(&field, key, rule);
        } else if key == "." {
            findings.invalid_text(&field, key, "must not be '.'");
        } else if key.starts_with("..") {
            let rule = if key == ".." { "must not be '..'" } else { "must not start with '..'" };
            findings.invalid_text(&field, key, rule);
        }
    }
}
