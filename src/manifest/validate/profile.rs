//! What the API server refuses in profiles of seccomp and AppArmor.
//!
//! Models pkg/apis/core/validation/validation.go validateSeccompProfileField and
//! ValidateAppArmorProfileField. Does not own: whether a node has a profile (`cluster::kubelet`).

use crate::manifest::pod::SecurityProfile;
use crate::manifest::validate::Findings;

/// Checks both profiles of a security context that stands at `path`.
pub fn profiles(
    seccomp: Option<&SecurityProfile>,
    app_armor: Option<&SecurityProfile>,
    path: &str,
    findings: &mut Findings,
) {
    if let Some(profile) = seccomp {
        let field = format!("{path}.seccompProfile");
        check(profile, &field, ("seccompProfile", "seccomp"), findings);
    }
    if let Some(profile) = app_armor {
        let field = format!("{path}.appArmorProfile");
        check(profile, &field, ("appArmorProfile", "AppArmor"), findings);
    }
}

fn check(profile: &SecurityProfile, path: &str, names: (&str, &str), findings: &mut Findings) {
    let (field, name) = names;
    let local = format!("{path}.localhostProfile");
    let file = profile.localhost_profile.as_deref();
    match (profile.kind.as_str(), file) {
        ("Localhost", None | Some("")) => {
            findings.required(&local, &format!("must be set when {name} type is Localhost"));
        }
        ("Localhost", Some(_)) | ("RuntimeDefault" | "Unconfined", None) => {}
        ("RuntimeDefault" | "Unconfined", Some(file)) => {
            let rule = format!("can only be set when {name} type is Localhost");
            findings.invalid_text(&local, file, &rule);
        }
        ("", _) => {
            let rule = format!("type is required when {field} is set");
            findings.required(&format!("{path}.type"), &rule);
        }
        (other, _) => {
            let possible = ["Localhost", "RuntimeDefault", "Unconfined"];
            findings.unsupported(&format!("{path}.type"), other, &possible);
        }
    }
}
