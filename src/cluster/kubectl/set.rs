//! `kubectl set image`, `set env` and `set resources`.
//!
//! Models kubectl/pkg/cmd/set. Does not own: what controllers make of a changed template.

use crate::cluster::World;
use crate::cluster::kubectl::Printed;
use crate::cluster::kubectl::args::{Args, resource_of};
use crate::cluster::kubectl::change::pod_spec;
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
        let is_change = |word: &String| {
            word.contains('=') || (what == "env" && word.ends_with('-') && word.len() > 1)
        };
        let (changes, words): (Vec<String>, Vec<String>) =
            words.iter().cloned().partition(is_change);
        let keys = match self.all_targets(args, &words) {
            Ok(keys) => keys,
            Err(printed) => return printed,
        };
        let mut printed = Printed::default();
        for key in keys {
            let Some(before) = self.store.get(&key).cloned() else { continue };
            let mut object = before.clone();
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
                "env" => set_env(spec, &changes, args).map(|()| "env updated"),
                "resources" => set_resources(spec, args).map(|()| "resource requirements updated"),
                other => Err(format!("error: `kubectl set {other}` is not simulated")),
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
        printed
    }
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
    for container in chosen(spec, args)? {
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
