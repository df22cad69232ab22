//! `kubectl set`: image, env, resources, serviceaccount and selector.
//!
//! Models kubectl/pkg/cmd/set. Does not own: what controllers make of a changed template.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::kubectl::Printed;
use crate::cluster::kubectl::args::{Args, resource_of};
use crate::cluster::kubectl::change::{pod_spec, unknown_command};
use crate::manifest::Object;
use crate::manifest::pod::{Container, EnvVar, PodSpec};
use crate::manifest::quantity::Quantity;
use crate::map::Map;
use crate::trace::EntryId;

impl World<'_> {
    pub(super) fn kubectl_set(&mut self, args: &Args, entry: EntryId) -> Printed {
        let Some((what, words)) = args.words.split_first() else {
            return Printed::error(
                "error: you must specify one of image, env, resources".to_owned(),
            );
        };
        if !matches!(
            what.as_str(),
            "image" | "env" | "resources" | "serviceaccount" | "sa" | "selector"
        ) {
            return unknown_command("set", what);
        }
        let is_change = |word: &String| {
            word.contains('=') || (what == "env" && word.ends_with('-') && word.len() > 1)
        };
        let (mut changes, mut words): (Vec<String>, Vec<String>) =
            words.iter().cloned().partition(is_change);
        if matches!(what.as_str(), "serviceaccount" | "sa") {
            // The last word is no resource.
            let account = words.pop().filter(|_| !words.is_empty());
            let Some(account) = account else {
                return Printed::error("error: serviceaccount is required".to_owned());
            };
            changes = vec![account];
        }
        if what == "image" && changes.is_empty() {
            return Printed::error("error: at least one image update is required".to_owned());
        }
        let targets = match self.all_targets(args, &words) {
            Ok(targets) => targets,
            Err(printed) => return printed,
        };
        let mut printed = Printed::default();
        for key in &targets.keys {
            let Some(before) = self.store.get(key).cloned() else { continue };
            let mut object = before.clone();
            if what == "selector" {
                match set_selector(&mut object, &changes) {
                    Ok(()) => {
                        if object != before {
                            self.put_changed(object, entry);
                        }
                        let resource = resource_of(&key.kind);
                        let line = format!("{resource}/{} selector updated\n", key.name);
                        printed.text.push_str(&line);
                    }
                    Err(error) => return Printed::error(error),
                }
                continue;
            }
            let Some(spec) = pod_spec(&mut object) else {
                printed.text.push_str(&format!(
                    "error: {}/{} the object has no pod template\n",
                    resource_of(&key.kind),
                    key.name
                ));
                printed.exit = 1;
                continue;
            };
            let done = match what.as_str() {
                "image" => set_images(spec, &changes).map(|()| "image updated"),
                "env" if args.has("list") => {
                    printed.text.push_str(&listed(spec, &key.kind, &key.name));
                    continue;
                }
                "env" => set_env(spec, &changes, args).map(|()| "env updated"),
                "serviceaccount" | "sa" => {
                    spec.service_account_name = changes.first().cloned().unwrap_or_default();
                    Ok("serviceaccount updated")
                }
                _ => set_resources(spec, args).map(|()| "resource requirements updated"),
            };
            match done {
                Ok(done) => {
                    // kubectl says nothing where nothing changes.
                    if object != before {
                        self.put_changed(object, entry);
                        let resource = resource_of(&key.kind);
                        printed.text.push_str(&format!("{resource}/{} {done}\n", key.name));
                    }
                }
                Err(error) => return Printed::error(error),
            }
        }
        targets.ended(printed)
    }
}

/// `kubectl set selector`: of a Service alone.
fn set_selector(object: &mut Object, changes: &[String]) -> Result<(), String> {
    let Object::Service(service) = object else {
        return Err("error: setting a selector is only supported for Services".to_owned());
    };
    let Some(text) = changes.first() else {
        return Err("error: one selector is required".to_owned());
    };
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    Rc::make_mut(service).spec.selector =
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(())
}

/// `kubectl set env --list`: the variables of every container.
///
/// Models kubectl/pkg/cmd/set/set_env.go RunEnv and env/env_resolve.go GetEnvVarRefString.
fn listed(spec: &PodSpec, kind: &str, name: &str) -> String {
    let mut text = String::new();
    for container in spec.containers.iter().chain(&spec.init_containers) {
        text.push_str(&format!("# {kind} {name}, container {}\n", container.name));
        for variable in &container.env {
            let Some(from) = &variable.value_from else {
                text.push_str(&format!("{}={}\n", variable.name, variable.value));
                continue;
            };
            let source = if let Some(key) = &from.config_map_key_ref {
                format!("configmap {}, key {}", key.name, key.key)
            } else if let Some(key) = &from.secret_key_ref {
                format!("secret {}, key {}", key.name, key.key)
            } else if let Some(field) = &from.field_ref {
                format!("field path {}", field.field_path)
            } else if let Some(field) = &from.resource_field_ref {
                let prefix = match field.container_name.as_str() {
                    "" => String::new(),
                    container => format!("{container}/"),
                };
                format!("resource field {prefix}{}", field.resource)
            } else {
                "invalid valueFrom".to_owned()
            };
            text.push_str(&format!("# {} from {source}\n", variable.name));
        }
    }
    text
}

/// The containers that `-c` means; all without it.
fn chosen<'c>(spec: &'c mut PodSpec, args: &Args) -> Result<Vec<&'c mut Container>, String> {
    let wanted = args.value("c").or_else(|| args.value("containers")).unwrap_or("*").to_owned();
    let mut found: Vec<&mut Container> =
        spec.containers.iter_mut().filter(|c| wanted == "*" || c.name == wanted).collect();
    if found.is_empty() {
        found = spec.init_containers.iter_mut().filter(|c| c.name == wanted).collect();
    }
    if found.is_empty() {
        return Err(format!("error: unable to find container named {wanted}"));
    }
    Ok(found)
}

/// Sets images by container name; `*` means all.
fn set_images(spec: &mut PodSpec, pairs: &[String]) -> Result<(), String> {
    for (name, image) in pairs.iter().filter_map(|pair| pair.split_once('=')) {
        let mut found = false;
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
            if name == "*" || container.name == name {
                image.clone_into(&mut container.image);
                found = true;
            }
        }
        if !found {
            return Err(format!("error: unable to find container named \"{name}\""));
        }
    }
    Ok(())
}

/// `NAME=value` sets, `NAME-` takes away.
fn set_env(spec: &mut PodSpec, changes: &[String], args: &Args) -> Result<(), String> {
    if changes.is_empty() {
        return Err("error: at least one environment variable must be provided".to_owned());
    }
    // Here, unlike for resources, init containers are meant too.
    let wanted = args.value("c").or_else(|| args.value("containers")).unwrap_or("*").to_owned();
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        if wanted != "*" && container.name != wanted {
            continue;
        }
        for change in changes {
            let (name, value) = match change.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (change.trim_end_matches('-'), None),
            };
            let known = container.env.iter().position(|variable| variable.name == name);
            let new = value.map(|value| EnvVar {
                name: name.to_owned(),
                value: value.to_owned(),
                ..EnvVar::default()
            });
            match (known, new) {
                (Some(at), Some(new)) => container.env[at] = new,
                (Some(at), None) => {
                    container.env.remove(at);
                }
                (None, Some(new)) => container.env.push(new),
                (None, None) => {}
            }
        }
    }
    Ok(())
}

fn set_resources(spec: &mut PodSpec, args: &Args) -> Result<(), String> {
    let (requests, limits) = (args.value("requests"), args.value("limits"));
    if requests.is_none() && limits.is_none() {
        return Err("error: you must specify an update to requests or limits (in the form of \
                    --requests/--limits)"
            .to_owned());
    }
    let requests = quantities(requests.unwrap_or_default())?;
    let limits = quantities(limits.unwrap_or_default())?;
    for container in chosen(spec, args)? {
        for (list, wanted) in [
            (&mut container.resources.requests, &requests),
            (&mut container.resources.limits, &limits),
        ] {
            for (name, quantity) in wanted {
                list.insert(name.clone(), quantity.clone());
            }
        }
    }
    Ok(())
}

/// `cpu=10m,memory=64Mi`.
fn quantities(text: &str) -> Result<Map<String, Quantity>, String> {
    text.split(',')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                format!("error: invalid argument syntax {pair}, expected <resource>=<value>")
            })?;
            let quantity = Quantity::parse(value).map_err(|error| format!("error: {error}"))?;
            Ok((name.to_owned(), quantity))
        })
        .collect()
}
