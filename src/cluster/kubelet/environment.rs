//! What a container is told: environment variables and the files of its volumes.
//!
//! Models pkg/kubelet/kubelet_pods.go makeEnvironmentVariables and
//! k8s.io/kubernetes/third_party/forked/golang/expansion. Does not own: files that the image
//! brings (`workload`).

use crate::cluster::World;
use crate::cluster::key::Key;
use crate::manifest::meta::Labels;
use crate::manifest::pod::{Container, EnvVarSource, Pod};
use crate::manifest::quantity::Quantity;
use crate::manifest::service::Service;
use crate::manifest::volume::{
    ConfigMapVolumeSource, DownwardAPIVolumeFile, KeyToPath, ResourceFieldSelector, Volume,
};
use crate::manifest::{Object, base64};
use crate::map::{Map, Set};
use crate::version::Feature;

/// Replaces `$(VAR)` by the variable's value; `$$` is a dollar, unknown names stay as they are.
pub fn expand(text: &str, env: &[(String, String)]) -> String {
    expand_with(text, &mut |name| value_of(name, env))
}

/// Replaces every `$(VAR)`, as subPathExpr needs it: each must be known and not empty.
///
/// Models pkg/kubelet/container/helpers.go ExpandContainerVolumeMounts.
pub fn expand_all(text: &str, env: &[(String, String)]) -> Result<String, String> {
    let mut missing = Set::new();
    let expanded = expand_with(text, &mut |name| {
        let value = value_of(name, env);
        if value.is_none_or(str::is_empty) {
            missing.insert(name.to_owned());
        }
        value
    });
    if missing.is_empty() {
        return Ok(expanded);
    }
    let missing: Vec<String> = missing.into_iter().collect();
    Err(format!("missing value for {}", missing.join(", ")))
}

fn value_of<'e>(name: &str, env: &'e [(String, String)]) -> Option<&'e str> {
    env.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn expand_with<'e>(text: &str, value: &mut dyn FnMut(&str) -> Option<&'e str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if let Some(after) = tail.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) =
            tail.strip_prefix('(').and_then(|inside| inside.split_once(')'))
        {
            match value(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push_str("$(");
                    out.push_str(name);
                    out.push(')');
                }
            }
            rest = after;
        } else {
            out.push('$');
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

/// The keys and values of a ConfigMap or Secret.
pub fn data_of(object: &Object) -> Option<Labels> {
    match object {
        Object::ConfigMap(map) => Some(map.data.clone()),
        Object::Secret(secret) => Some(
            secret
                .data
                .iter()
                .map(|(key, value)| (key.clone(), base64::decode(value)))
                .chain(secret.string_data.clone())
                .collect(),
        ),
        _ => None,
    }
}

fn set(env: &mut Vec<(String, String)>, name: String, value: String) {
    match env.iter_mut().find(|(known, _)| *known == name) {
        Some(entry) => entry.1 = value,
        None => env.push((name, value)),
    }
}

/// Where a Pod runs, as far as the downward API tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The address of the node.
    pub node_ip: &'a str,
    /// The address of the Pod.
    pub pod_ip: &'a str,
    /// What the node has for Pods: limits that are not set are these.
    pub allocatable: Option<&'a Map<String, Quantity>>,
}

/// What environments are made from, beside the Pod.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Keys and values of a ConfigMap or Secret of the Pod's namespace, by kind and name.
    pub data: &'a dyn Fn(&str, &str) -> Option<Labels>,
    /// Every Service.
    pub services: &'a [&'a Service],
    /// The Service of the API server: its address, and names and numbers of its ports.
    pub api_server: (&'a str, &'a [(&'a str, i32)]),
    /// Where the Pod runs.
    pub place: Place<'a>,
    /// Any printed name will do (1.32 and later).
    pub any_name: bool,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

impl Sources<'_> {
    /// The environment of a container, or why it cannot be made.
    pub fn environment(
        &self,
        pod: &Pod,
        container: &Container,
    ) -> Result<Vec<(String, String)>, String> {
        let mut env = self.service_environment(pod);
        for source in &container.env_from {
            let found = [("ConfigMap", &source.config_map_ref), ("Secret", &source.secret_ref)];
            for (kind, reference) in found {
                let Some(reference) = reference else { continue };
                match (self.data)(kind, &reference.name) {
                    Some(data) => {
                        for (key, value) in data {
                            let name = format!("{}{key}", source.prefix);
                            if self.any_name || is_variable(&name) {
                                set(&mut env, name, value);
                            }
                        }
                    }
                    None if reference.optional == Some(true) => {}
                    None => return Err(not_found(kind, &reference.name)),
                }
            }
        }
        for variable in &container.env {
            let value = match &variable.value_from {
                None => Some(expand(&variable.value, &env)),
                Some(source) => self.value_from(pod, container, source)?,
            };
            if let Some(value) = value {
                set(&mut env, variable.name.clone(), value);
            }
        }
        Ok(env)
    }

    /// What the kubelet says of keys that cannot be names of variables, one Event a source.
    ///
    /// Models kubelet_pods.go makeEnvironmentVariables before 1.32.
    fn skipped(&self, pod: &Pod, container: &Container) -> Vec<String> {
        let mut messages = Vec::new();
        for source in container.env_from.iter().filter(|_| !self.any_name) {
            let found = [
                ("ConfigMap", "configMap", &source.config_map_ref),
                ("Secret", "secret", &source.secret_ref),
            ];
            for (kind, word, reference) in found {
                let Some(reference) = reference else { continue };
                let data = (self.data)(kind, &reference.name).unwrap_or_default();
                let names = data.keys().map(|key| format!("{}{key}", source.prefix));
                let bad: Vec<String> = names.filter(|name| !is_variable(name)).collect();
                if !bad.is_empty() {
                    messages.push(format!(
                        "Keys [{}] from the EnvFrom {word} {}/{} were skipped since they are \
                         considered invalid environment variable names.",
                        bad.join(", "),
                        pod.metadata.namespace,
                        reference.name
                    ));
                }
            }
        }
        messages
    }

    fn value_from(
        &self,
        pod: &Pod,
        container: &Container,
        source: &EnvVarSource,
    ) -> Result<Option<String>, String> {
        if let Some(field) = &source.field_ref {
            return Ok(Some(self.place.pod_field(pod, &field.field_path)));
        }
        if let Some(resource) = &source.resource_field_ref {
            return Ok(Some(self.place.resource_field(pod, container, resource)));
        }
        let keys = [("ConfigMap", &source.config_map_key_ref), ("Secret", &source.secret_key_ref)];
        for (kind, selector) in keys {
            let Some(selector) = selector else { continue };
            let optional = selector.optional == Some(true);
            let namespace = &pod.metadata.namespace;
            let Some(data) = (self.data)(kind, &selector.name) else {
                return if optional { Ok(None) } else { Err(not_found(kind, &selector.name)) };
            };
            return match data.get(&selector.key) {
                Some(value) => Ok(Some(value.clone())),
                None if optional => Ok(None),
                None => Err(format!(
                    "couldn't find key {} in {kind} {namespace}/{}",
                    selector.key, selector.name
                )),
            };
        }
        Ok(None)
    }

    /// Variables of the Services of the Pod's namespace, and of the API server.
    ///
    /// Models pkg/kubelet/envvars/envvars.go FromServices.
    fn service_environment(&self, pod: &Pod) -> Vec<(String, String)> {
        let mut env = Vec::new();
        let (ip, ports) = self.api_server;
        service_variables(&mut env, "KUBERNETES", ip, ports);
        if pod.spec.enable_service_links == Some(false) {
            return env;
        }
        for service in self.services {
            let ip = &service.spec.cluster_ip;
            if service.metadata.namespace != pod.metadata.namespace || ip.is_empty() || ip == "None"
            {
                continue;
            }
            let name = service.metadata.name.to_uppercase().replace('-', "_");
            let ports: Vec<(String, i32)> = service
                .spec
                .ports
                .iter()
                .map(|port| (port.name.to_uppercase().replace('-', "_"), port.port))
                .collect();
            let ports: Vec<(&str, i32)> =
                ports.iter().map(|(name, port)| (name.as_str(), *port)).collect();
            service_variables(&mut env, &name, ip, &ports);
        }
        env
    }
}

impl Place<'_> {
    /// A field of the Pod by the path that the downward API has for it.
    fn pod_field(&self, pod: &Pod, path: &str) -> String {
        let metadata = &pod.metadata;
        let labels = |labels: &Labels| -> String {
            labels.iter().map(|(k, v)| format!("{k}={v:?}")).collect::<Vec<_>>().join("\n")
        };
        let keyed = |prefix: &str| {
            path.strip_prefix(prefix).and_then(|rest| rest.strip_suffix("']")).map(str::to_owned)
        };
        if let Some(key) = keyed("metadata.labels['") {
            return metadata.labels.get(&key).cloned().unwrap_or_default();
        }
        if let Some(key) = keyed("metadata.annotations['") {
            return metadata.annotations.get(&key).cloned().unwrap_or_default();
        }
        match path {
            "metadata.name" => metadata.name.clone(),
            "metadata.namespace" => metadata.namespace.clone(),
            "metadata.uid" => metadata.uid.clone(),
            "metadata.labels" => labels(&metadata.labels),
            "metadata.annotations" => labels(&metadata.annotations),
            "spec.nodeName" => pod.spec.node_name.clone(),
            "spec.serviceAccountName" => pod.spec.service_account_name.clone(),
            "status.hostIP" | "status.hostIPs" => self.node_ip.to_owned(),
            "status.podIP" | "status.podIPs" => self.pod_ip.to_owned(),
            _ => String::new(),
        }
    }

    /// A request or limit, in units of its divisor, rounded up; the node's when there is no limit.
    ///
    /// Models pkg/api/v1/resource/helpers.go ExtractContainerResourceValue.
    fn resource_field(
        &self,
        pod: &Pod,
        container: &Container,
        selector: &ResourceFieldSelector,
    ) -> String {
        let container = pod.spec.container(&selector.container_name).unwrap_or(container);
        let Some((kind, name)) = selector.resource.split_once('.') else { return String::new() };
        let resources = &container.resources;
        let own = if kind == "limits" {
            resources.limits.get(name)
        } else {
            resources.requests.get(name).or_else(|| resources.limits.get(name))
        };
        let of_node = self.allocatable.and_then(|allocatable| allocatable.get(name));
        let value = if kind == "limits" { own.or(of_node) } else { own };
        let Some(value) = value else { return "0".to_owned() };
        let divisor = selector.divisor.as_ref().map_or(1_000, |d| d.milli_value().max(1));
        let milli = value.milli_value();
        let rounded = milli.div_euclid(divisor) + i64::from(milli.rem_euclid(divisor) != 0);
        rounded.to_string()
    }
}

/// Whether a key was good enough for a variable before 1.32.
///
/// Models apimachinery's IsEnvVarName.
fn is_variable(name: &str) -> bool {
    let of_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let begins_well = name.starts_with(|c: char| of_names(c) && !c.is_ascii_digit());
    begins_well && name.chars().all(of_names) && name != "." && !name.starts_with("..")
}

impl World<'_> {
    /// The environment of a container, or why it cannot be made.
    pub(crate) fn environment(
        &self,
        pod: &Pod,
        container: &Container,
    ) -> Result<Vec<(String, String)>, String> {
        self.with_sources(pod, |sources| sources.environment(pod, container))
    }

    /// What the kubelet says of keys that it left out of an environment.
    pub(crate) fn skipped_keys(&self, pod: &Pod, container: &Container) -> Vec<String> {
        self.with_sources(pod, |sources| sources.skipped(pod, container))
    }

    fn with_sources<T>(&self, pod: &Pod, ask: impl Fn(&Sources<'_>) -> T) -> T {
        let namespace = &pod.metadata.namespace;
        let services: Vec<&Service> = self
            .store
            .list("Service")
            .filter_map(|object| match object {
                Object::Service(service) => Some(&**service),
                _ => None,
            })
            .collect();
        let sources = Sources {
            data: &|kind, name| self.data_of(kind, namespace, name),
            services: &services,
            api_server: ("10.96.0.1", &[("HTTPS", 443)]),
            place: self.place(pod),
            any_name: self.scenario.version.has(Feature::RelaxedEnvironmentNames),
        };
        ask(&sources)
    }

    /// Where a Pod runs.
    fn place(&self, pod: &Pod) -> Place<'_> {
        let Some(worker) = self.worker(&pod.metadata.uid) else { return Place::default() };
        let node = &self.nodes[worker.node];
        let pod_ip = worker.sandbox_ip().unwrap_or_default();
        Place { node_ip: &node.ip, pod_ip, allocatable: Some(&node.allocatable) }
    }

    /// The keys and values of a ConfigMap or Secret, if it exists.
    pub(super) fn data_of(&self, kind: &str, namespace: &str, name: &str) -> Option<Labels> {
        data_of(self.store.get(&Key::new(kind, namespace, name))?)
    }

    /// The files that the kubelet puts into a volume.
    pub(crate) fn volume_files(&self, pod: &Pod, volume: &Volume) -> Vec<(String, String)> {
        let mut files = Vec::new();
        if let Some(source) = &volume.config_map {
            self.keys_as_files(&mut files, "ConfigMap", pod, &source.name, &source.items);
        }
        if let Some(source) = &volume.secret {
            self.keys_as_files(&mut files, "Secret", pod, &source.secret_name, &source.items);
        }
        if let Some(source) = &volume.downward_api {
            self.fields_as_files(&mut files, pod, &source.items);
        }
        for source in volume.projected.iter().flat_map(|projected| &projected.sources) {
            let named: [(&str, &Option<ConfigMapVolumeSource>); 2] =
                [("ConfigMap", &source.config_map), ("Secret", &source.secret)];
            for (kind, reference) in named {
                if let Some(reference) = reference {
                    self.keys_as_files(&mut files, kind, pod, &reference.name, &reference.items);
                }
            }
            if let Some(source) = &source.downward_api {
                self.fields_as_files(&mut files, pod, &source.items);
            }
            if let Some(token) = &source.service_account_token {
                files.push((token.path.clone(), "<token>".to_owned()));
            }
        }
        files
    }

    fn keys_as_files(
        &self,
        files: &mut Vec<(String, String)>,
        kind: &str,
        pod: &Pod,
        name: &str,
        items: &[KeyToPath],
    ) {
        if kind == "ConfigMap" && name == "kube-root-ca.crt" {
            files.push(("ca.crt".to_owned(), "<certificate>".to_owned()));
            return;
        }
        let data = self.data_of(kind, &pod.metadata.namespace, name).unwrap_or_default();
        if items.is_empty() {
            files.extend(data);
            return;
        }
        for item in items {
            if let Some(value) = data.get(&item.key) {
                files.push((item.path.clone(), value.clone()));
            }
        }
    }

    fn fields_as_files(
        &self,
        files: &mut Vec<(String, String)>,
        pod: &Pod,
        items: &[DownwardAPIVolumeFile],
    ) {
        let place = self.place(pod);
        for item in items {
            let value = match (&item.field_ref, &item.resource_field_ref) {
                (Some(field), _) => place.pod_field(pod, &field.field_path),
                (None, Some(resource)) => {
                    place.resource_field(pod, &Container::default(), resource)
                }
                (None, None) => continue,
            };
            files.push((item.path.clone(), value));
        }
    }
}

fn service_variables(env: &mut Vec<(String, String)>, name: &str, ip: &str, ports: &[(&str, i32)]) {
    let Some((_, first)) = ports.first() else { return };
    let mut push = |key: String, value: String| env.push((key, value));
    push(format!("{name}_SERVICE_HOST"), ip.to_owned());
    push(format!("{name}_SERVICE_PORT"), first.to_string());
    for (port_name, port) in ports.iter().filter(|(port_name, _)| !port_name.is_empty()) {
        push(format!("{name}_SERVICE_PORT_{port_name}"), port.to_string());
    }
    push(format!("{name}_PORT"), format!("tcp://{ip}:{first}"));
    for (_, port) in ports {
        push(format!("{name}_PORT_{port}_TCP"), format!("tcp://{ip}:{port}"));
        push(format!("{name}_PORT_{port}_TCP_PROTO"), "tcp".to_owned());
        push(format!("{name}_PORT_{port}_TCP_PORT"), port.to_string());
        push(format!("{name}_PORT_{port}_TCP_ADDR"), ip.to_owned());
    }
}

fn not_found(kind: &str, name: &str) -> String {
    format!("{} \"{name}\" not found", kind.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_as_the_kubelet_does() {
        let env = [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "$(A)".to_owned())];
        for (text, expected) in [
            ("$(A)", "1"),
            ("$$(A)", "$(A)"),
            ("$(C)", "$(C)"),
            ("x$(B)y", "x$(A)y"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
        ] {
            assert_eq!(expand(text, &env), expected, "{text}");
        }
    }
}
