//! Volumes and where containers mount them.
//!
//! Models pkg/apis/core/validation/validation.go ValidateVolumes and ValidateVolumeMounts.

use crate::manifest::pod::Container;
use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::dns_label;
use crate::manifest::volume::{DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection};
use crate::map::Set;

/// Checks a Pod's volumes.
pub fn volumes(volumes: &[Volume], field: &str, findings: &mut Findings) {
    let mut names = Set::new();
    for (index, volume) in volumes.iter().enumerate() {
        let field = format!("{field}[{index}]");
        sources(volume, &field, findings);
        let name = format!("{field}.name");
        if volume.name.is_empty() {
            findings.required(&name, "");
            continue;
        }
        let faults = dns_label(&volume.name);
        if faults.is_empty() && !names.insert(&volume.name) {
            findings.duplicate(&name, &volume.name);
        }
        for fault in faults {
            findings.invalid_text(&name, &volume.name, &fault);
        }
    }
}

fn sources(volume: &Volume, field: &str, findings: &mut Findings) {
    let mut given = 0;
    let mut first = |name: &str, findings: &mut Findings| {
        given += 1;
        if given > 1 {
            let rule = "may not specify more than 1 volume type";
            findings.forbidden(&format!("{field}.{name}"), rule);
        }
        given == 1
    };
    if let Some(empty_dir) = &volume.empty_dir
        && first("emptyDir", findings)
        && empty_dir.size_limit.as_ref().is_some_and(|limit| limit.nanos() < 0)
    {
        let rule = "SizeLimit field must be a valid resource quantity";
        findings.forbidden(&format!("{field}.emptyDir.sizeLimit"), rule);
    }
    if let Some(host_path) = &volume.host_path
        && first("hostPath", findings)
    {
        host(&host_path.path, host_path.kind.as_deref(), &format!("{field}.hostPath"), findings);
    }
    if let Some(secret) = &volume.secret
        && first("secret", findings)
    {
        let field = format!("{field}.secret");
        if secret.secret_name.is_empty() {
            findings.required(&format!("{field}.secretName"), "");
        }
        mode(secret.default_mode, &format!("{field}.defaultMode"), findings);
        items(&secret.items, &format!("{field}.items"), findings);
    }
    if let Some(claim) = &volume.persistent_volume_claim
        && first("persistentVolumeClaim", findings)
        && claim.claim_name.is_empty()
    {
        findings.required(&format!("{field}.persistentVolumeClaim.claimName"), "");
    }
    if let Some(downward) = &volume.downward_api
        && first("downwardAPI", findings)
    {
        let field = format!("{field}.downwardAPI");
        mode(downward.default_mode, &format!("{field}.defaultMode"), findings);
        downward_files(&downward.items, &field, findings);
    }
    if let Some(config_map) = &volume.config_map
        && first("configMap", findings)
    {
        let field = format!("{field}.configMap");
        if config_map.name.is_empty() {
            findings.required(&format!("{field}.name"), "");
        }
        mode(config_map.default_mode, &format!("{field}.defaultMode"), findings);
        items(&config_map.items, &format!("{field}.items"), findings);
    }
    if let Some(projected) = &volume.projected
        && first("projected", findings)
    {
        let field = format!("{field}.projected");
        mode(projected.default_mode, &format!("{field}.defaultMode"), findings);
        for (index, source) in projected.sources.iter().enumerate() {
            projection(source, &format!("{field}.sources[{index}]"), findings);
        }
    }
}

fn downward_files(files: &[DownwardAPIVolumeFile], field: &str, findings: &mut Findings) {
    for file in files {
        // The API server names no index here.
        let path = format!("{field}.path");
        if file.path.is_empty() {
            findings.required(&path, "");
        } else {
            descending(&file.path, &path, findings);
            if file.path.starts_with("..") && !file.path.split('/').any(|part| part == "..") {
                findings.invalid_text(&path, &file.path, "must not start with '..'");
            }
        }
        if file.field_ref.is_none() && file.resource_field_ref.is_none() {
            findings.required(field, "one of fieldRef and resourceFieldRef is required");
        }
        mode(file.mode, &format!("{field}.mode"), findings);
    }
}

fn projection(source: &VolumeProjection, field: &str, findings: &mut Findings) {
    let given = usize::from(source.secret.is_some())
        + usize::from(source.config_map.is_some())
        + usize::from(source.downward_api.is_some())
        + usize::from(source.service_account_token.is_some());
    if given > 1 {
        findings.forbidden(field, "may not specify more than 1 volume type");
    }
    for (name, named) in [("secret", &source.secret), ("configMap", &source.config_map)] {
        if let Some(named) = named {
            let field = format!("{field}.{name}");
            if named.name.is_empty() {
                findings.required(&format!("{field}.name"), "");
            }
            items(&named.items, &format!("{field}.items"), findings);
        }
    }
    if let Some(downward) = &source.downward_api {
        downward_files(&downward.items, &format!("{field}.downwardAPI"), findings);
    }
    if let Some(token) = &source.service_account_token {
        let field = format!("{field}.serviceAccountToken");
        if token.expiration_seconds.is_some_and(|seconds| seconds < 600) {
            let seconds = token.expiration_seconds.unwrap_or_default().to_string();
            let rule = "may not specify a duration less than 10 minutes";
            findings.invalid(&format!("{field}.expirationSeconds"), &seconds, rule);
        }
        if token.path.is_empty() {
            findings.required(&format!("{field}.path"), "");
        }
    }
}

fn host(path: &str, kind: Option<&str>, field: &str, findings: &mut Findings) {
    if path.is_empty() {
        findings.required(&format!("{field}.path"), "");
    } else if path.split('/').any(|part| part == "..") {
        findings.invalid_text(&format!("{field}.path"), path, "must not contain '..'");
    }
    let possible = [
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    if let Some(kind) = kind
        && !possible.contains(&kind)
    {
        findings.unsupported(&format!("{field}.type"), kind, &possible);
    }
}

fn mode(mode: Option<i32>, field: &str, findings: &mut Findings) {
    if let Some(mode) = mode
        && !(0..=0o777).contains(&mode)
    {
        let rule = "must be a number between 0 and 0777 (octal), both inclusive";
        findings.invalid(field, &mode.to_string(), rule);
    }
}

fn items(items: &[KeyToPath], field: &str, findings: &mut Findings) {
    for (index, item) in items.iter().enumerate() {
        let field = format!("{field}[{index}]");
        if item.key.is_empty() {
            findings.required(&format!("{field}.key"), "");
        }
        if item.path.is_empty() {
            findings.required(&format!("{field}.path"), "");
        } else {
            descending(&item.path, &format!("{field}.path"), findings);
        }
        mode(item.mode, &format!("{field}.mode"), findings);
    }
}

/// Checks a path that must stay below its directory (`validateLocalDescendingPath`).
fn descending(path: &str, field: &str, findings: &mut Findings) {
    if path.starts_with('/') {
        findings.invalid_text(field, path, "must be a relative path");
    }
    if path.split('/').any(|part| part == "..") {
        findings.invalid_text(field, path, "must not contain '..'");
    }
}

/// Checks where a container mounts the Pod's volumes, given by name.
pub fn mounts(container: &Container, volumes: &Set<&str>, list: &str, findings: &mut Findings) {
    let mut paths = Set::new();
    for (index, mount) in container.volume_mounts.iter().enumerate() {
        let field = format!("{list}[{index}]");
        if mount.name.is_empty() {
            findings.required(&format!("{field}.name"), "");
        }
        if !volumes.contains(mount.name.as_str()) {
            findings.not_found(&format!("{field}.name"), &mount.name);
        }
        let path = format!("{field}.mountPath");
        if mount.mount_path.is_empty() {
            findings.required(&path, "");
        }
        if !paths.insert(&mount.mount_path) {
            findings.invalid_text(&path, &mount.mount_path, "must be unique");
        }
        if !mount.sub_path.is_empty() {
            // The API server names no index here.
            descending(&mount.sub_path, &format!("{list}.subPath"), findings);
        }
        if !mount.sub_path_expr.is_empty() {
            let field = format!("{field}.subPathExpr");
            if !mount.sub_path.is_empty() {
                findings.invalid_text(
                    &field,
                    &mount.sub_path_expr,
                    "subPathExpr and subPath are mutually exclusive",
                );
            }
            descending(&mount.sub_path_expr, &format!("{list}.subPathExpr"), findings);
        }
        if let Some(propagation) = &mount.mount_propagation {
            let field = format!("{list}.mountPropagation");
            let possible = ["Bidirectional", "HostToContainer", "None"];
            if !possible.contains(&propagation.as_str()) {
                findings.unsupported(&field, propagation, &possible);
            }
            let privileged = container.security_context.as_ref().and_then(|own| own.privileged);
            if propagation == "Bidirectional" && privileged != Some(true) {
                let rule = "Bidirectional mount propagation is available only to privileged \
                            containers";
                findings.forbidden(&field, rule);
            }
        }
    }
}
