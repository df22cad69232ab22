//! Holds `src/manifest/schema_table.rs` against the published API of Kubernetes 1.36.
//!
//! `PODARIUM_WRITE_SCHEMA=1 cargo test --test schema_table` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use k8s_openapi::api as k8s;
use schemars::generate::SchemaSettings;
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manifest/schema_table.rs");
const HEADER: &str = "//! Field names and types of the Kubernetes API, written by \
                      `tests/schema_table.rs`: do not edit.\n";

/// Kinds whose fields are known, with the key of their type.
fn kinds() -> (Value, Vec<(&'static str, &'static str, &'static str)>) {
    let mut generator = SchemaSettings::draft07().into_generator();
    let mut kinds = Vec::new();
    macro_rules! add {
        ($version:literal, $group:ident, $api:ident: $($kind:ident),+) => { $(
            generator.subschema_for::<k8s::$group::$api::$kind>();
            let module = concat!(stringify!($group), ".", stringify!($api), ".");
            kinds.push(($version, stringify!($kind), module));
        )+ };
    }
    add!("v1", core, v1: ConfigMap, LimitRange, Namespace, PersistentVolume,
        PersistentVolumeClaim, Pod, ReplicationController, ResourceQuota, Secret, Service,
        ServiceAccount);
    add!("apps/v1", apps, v1: DaemonSet, Deployment, ReplicaSet, StatefulSet);
    add!("autoscaling/v1", autoscaling, v1: HorizontalPodAutoscaler);
    add!("autoscaling/v2", autoscaling, v2: HorizontalPodAutoscaler);
    add!("batch/v1", batch, v1: CronJob, Job);
    add!("networking.k8s.io/v1", networking, v1: Ingress, IngressClass, NetworkPolicy);
    add!("policy/v1", policy, v1: PodDisruptionBudget);
    add!("rbac.authorization.k8s.io/v1", rbac, v1: ClusterRole, ClusterRoleBinding, Role,
        RoleBinding);
    add!("scheduling.k8s.io/v1", scheduling, v1: PriorityClass);
    add!("storage.k8s.io/v1", storage, v1: StorageClass);
    (Value::Object(generator.take_definitions(true)), kinds)
}

/// `io.k8s.api.core.v1.Container` → `Container`; types that are not v1 keep their version.
fn short(key: &str) -> String {
    let mut parts = key.rsplit('.');
    let name = parts.next().unwrap_or_default();
    match parts.next() {
        Some("v1") | None => name.to_owned(),
        Some(version) if version.starts_with('v') => format!("{version}.{name}"),
        Some(_) => name.to_owned(),
    }
}

/// The key of the type that a schema refers to, or that what it holds refers to.
fn reference(schema: &Value) -> Option<String> {
    let direct = schema["$ref"].as_str().or(schema["allOf"][0]["$ref"].as_str());
    match direct {
        Some(reference) => reference.rsplit('/').next().map(str::to_owned),
        None => ["items", "additionalProperties"]
            .iter()
            .filter(|part| schema[**part].is_object())
            .find_map(|part| reference(&schema[*part])),
    }
}

/// One letter for a simple type, `[` or `{` before what a list or map holds, or a type's name.
fn code(schema: &Value) -> String {
    let holds = schema["items"].is_object() || schema["additionalProperties"].is_object();
    if let Some(key) = reference(schema).filter(|_| !holds) {
        return match short(&key).as_str() {
            "Quantity" => "q".to_owned(),
            "IntOrString" => "x".to_owned(),
            "Time" | "MicroTime" => "t".to_owned(),
            status if status.ends_with("Status") => "o".to_owned(),
            name => name.to_owned(),
        };
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("byte")) => "y".to_owned(),
        (Some("string"), Some("date-time")) => "t".to_owned(),
        (Some("string"), _) => "s".to_owned(),
        (Some("boolean"), _) => "b".to_owned(),
        (Some("integer"), Some("int64")) => "l".to_owned(),
        (Some("integer"), _) => "i".to_owned(),
        (Some("number"), _) => "f".to_owned(),
        (Some("array"), _) => format!("[{}", code(&schema["items"])),
        (Some("object"), _) if schema["additionalProperties"].is_object() => {
            format!("{{{}", code(&schema["additionalProperties"]))
        }
        _ => "o".to_owned(),
    }
}

fn table() -> String {
    let (definitions, kinds) = kinds();
    let definitions = definitions.as_object().expect("definitions are an object");
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut pending: Vec<String> =
        kinds.iter().map(|(_, kind, module)| format!("io.k8s.api.{module}{kind}")).collect();
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    while let Some(key) = pending.pop() {
        let name = short(&key);
        if let Some(other) = names.get(&name) {
            assert_eq!(*other, key, "two types of one name");
            continue;
        }
        names.insert(name.clone(), key.clone());
        let empty = serde_json::Map::new();
        let properties = definitions[&key]["properties"].as_object().unwrap_or(&empty);
        let mut fields = Vec::new();
        for (field, schema) in properties {
            let code = code(schema);
            let inner = code.trim_start_matches(['[', '{']);
            if inner.len() > 1 {
                pending.push(reference(schema).expect("a type that is named is referred to"));
            }
            fields.push(if code == "s" { field.clone() } else { format!("{field}:{code}") });
        }
        fields.sort();
        types.insert(name, fields.join(" "));
    }
    let mut text = HEADER.to_owned();
    text.push_str("\n/// Kinds: apiVersion, kind, type.\n#[rustfmt::skip]\n");
    text.push_str("pub static KINDS: &[(&str, &str, &str)] = &[\n");
    for (version, kind, module) in &kinds {
        let name = short(&format!("io.k8s.api.{module}{kind}"));
        let _ = writeln!(text, "    (\"{version}\", \"{kind}\", \"{name}\"),");
    }
    text.push_str("];\n\n/// Types by name, each with its fields.\n#[rustfmt::skip]\n");
    text.push_str("pub static TYPES: &[(&str, &str)] = &[\n");
    for (name, fields) in &types {
        let _ = writeln!(text, "    (\"{name}\", \"{fields}\"),");
    }
    text.push_str("];\n");
    text
}

#[test]
fn the_table_is_the_published_api() {
    let table = table();
    if std::env::var_os("PODARIUM_WRITE_SCHEMA").is_some() {
        std::fs::write(PATH, &table).expect("the table can be written");
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(committed == table, "PODARIUM_WRITE_SCHEMA=1 cargo test --test schema_table");
    assert!(table.len() < 50_000, "{} bytes", table.len());
}
