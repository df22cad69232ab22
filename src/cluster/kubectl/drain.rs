//! `kubectl cordon`, `uncordon`, `taint` and `drain`: what is done to nodes.
//!
//! Models kubectl/pkg/drain, kubectl/pkg/cmd/drain and kubectl/pkg/cmd/taint. A drain goes on until
//! every Pod has left: what it prints grows meanwhile. Does not own: evicting
//! (`cluster::eviction`).

use std::rc::Rc;

use crate::cluster::eviction::NotEvicted;
use crate::cluster::key::{Key, controller_of};
use crate::cluster::kubectl::args::Args;
use crate::cluster::kubectl::{Printed, not_found};
use crate::cluster::kubelet::static_pods::is_mirror;
use crate::cluster::{Wake, World};
use crate::manifest::Object;
use crate::manifest::cluster::{Node, Taint};
use crate::manifest::pod::Pod;
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::trace::{Actor, EntryId};

/// How long kubectl waits before it tries to evict a Pod again (drain.go evictPods).
const RETRY: Duration = Duration::from_secs(5);

/// A drain that is under way.
#[derive(Debug)]
pub(crate) struct Drain {
    entry: EntryId,
    node: String,
    text: String,
    grace: Option<i64>,
    /// Deletes instead of evicting.
    deletes: bool,
    /// Gives up then, after this long.
    until: Option<(Instant, Duration)>,
    /// Pods that are not gone yet, with their UIDs, and whether they are on their way.
    waiting: Map<Key, (String, bool)>,
    /// When it tries again to evict what it could not.
    retry_at: Instant,
    /// It has given up.
    over: bool,
}

/// What a drain finds on a node.
#[derive(Default)]
struct Found {
    pods: Vec<Rc<Pod>>,
    fatal: Map<&'static str, Vec<String>>,
    warnings: Map<&'static str, Vec<String>>,
}

impl World<'_> {
    fn node_by_name(&self, name: &str) -> Option<Rc<Node>> {
        match self.store.get(&Key::new("Node", "", name)) {
            Some(Object::Node(node)) => Some(node.clone()),
            _ => None,
        }
    }

    /// The nodes that a command names.
    fn named_nodes(&self, args: &Args) -> Result<Vec<Rc<Node>>, Printed> {
        let mut nodes = Vec::new();
        for name in args.words.iter().filter(|word| !matches!(word.as_str(), "node" | "nodes")) {
            let name = name.rsplit('/').next().unwrap_or(name);
            let found = self.node_by_name(name);
            nodes.push(found.ok_or_else(|| Printed::error(not_found("nodes", name)))?);
        }
        if let Some((key, value)) = args.selector().and_then(|selector| selector.split_once('=')) {
            let chosen = self.store.list("Node").filter_map(|object| match object {
                Object::Node(node) => Some(node.clone()),
                _ => None,
            });
            nodes.extend(
                chosen.filter(|node| {
                    node.metadata.labels.get(key).is_some_and(|label| label == value)
                }),
            );
        }
        if nodes.is_empty() {
            let usage = format!("error: USAGE: {} NODE [flags]", args.verb);
            return Err(Printed::error(usage));
        }
        Ok(nodes)
    }

    pub(super) fn kubectl_cordon(&mut self, args: &Args, entry: EntryId) -> Printed {
        let nodes = match self.named_nodes(args) {
            Ok(nodes) => nodes,
            Err(printed) => return printed,
        };
        let text = nodes
            .iter()
            .map(|node| self.cordon(node, args.verb == "cordon", entry))
            .collect::<Vec<_>>()
            .join("\n");
        Printed::ok(text)
    }

    fn cordon(&mut self, node: &Rc<Node>, on: bool, entry: EntryId) -> String {
        let done = if on { "cordoned" } else { "uncordoned" };
        let name = &node.metadata.name;
        if node.spec.unschedulable == on {
            return format!("node/{name} already {done}");
        }
        let mut changed = (**node).clone();
        changed.spec.unschedulable = on;
        self.put_changed(Object::Node(Rc::new(changed)), entry);
        format!("node/{name} {done}")
    }

    pub(super) fn kubectl_taint(&mut self, args: &Args, entry: EntryId) -> Printed {
        let is_taint = |word: &&String| word.contains(':') || word.ends_with('-');
        let (taints, mut names) =
            (args.words.iter().filter(is_taint).cloned().collect::<Vec<_>>(), args.clone());
        names.words.retain(|word| !is_taint(&word));
        if taints.is_empty() {
            return Printed::error("error: at least one taint update is required".to_owned());
        }
        let nodes = match self.named_nodes(&names) {
            Ok(nodes) => nodes,
            Err(printed) => return printed,
        };
        let mut printed = Printed::default();
        for node in nodes {
            let mut changed = (*node).clone();
            match retaint(&mut changed, &taints, args.has("overwrite"), self.now.truncated()) {
                Ok(done) => {
                    self.put_changed(Object::Node(Rc::new(changed)), entry);
                    printed.text.push_str(&format!("node/{} {done}\n", node.metadata.name));
                }
                Err(error) => {
                    printed.text.push_str(&format!("error: {error}\n"));
                    printed.exit = 1;
                }
            }
        }
        printed
    }

    pub(super) fn kubectl_drain(&mut self, args: &Args, entry: EntryId) -> Printed {
        let nodes = match self.named_nodes(args) {
            Ok(nodes) => nodes,
            Err(printed) => return printed,
        };
        let mut printed = Printed::default();
        for node in &nodes {
            let line = self.cordon(node, true, entry);
            printed.text.push_str(&(line + "\n"));
        }
        let timeout = args.value("timeout").and_then(Duration::parse);
        let timeout = timeout.filter(|timeout| *timeout > Duration::ZERO);
        for node in &nodes {
            let name = node.metadata.name.clone();
            let found = self.find_to_drain(&name, args);
            if !found.fatal.is_empty() {
                refuse(&name, &found.fatal, &mut printed);
                continue;
            }
            if !found.warnings.is_empty() {
                let warnings: Vec<String> = found
                    .warnings
                    .iter()
                    .map(|(what, pods)| format!("{what}: {}", pods.join(", ")))
                    .collect();
                printed.text.push_str(&format!("Warning: {}\n", warnings.join("; ")));
            }
            let waiting = found.pods.iter().map(|pod| {
                let key = Key::new("Pod", &pod.metadata.namespace, &pod.metadata.name);
                (key, (pod.metadata.uid.clone(), false))
            });
            let grace = args.value("grace-period").and_then(|text| text.parse().ok());
            let drain = Drain {
                entry,
                node: name,
                text: std::mem::take(&mut printed.text),
                grace: grace.filter(|seconds: &i64| *seconds >= 0),
                deletes: args.has("disable-eviction"),
                until: timeout.map(|timeout| (self.now + timeout, timeout)),
                waiting: waiting.collect(),
                retry_at: self.now,
                over: false,
            };
            self.drains.push(drain);
            let index = self.drains.len() - 1;
            self.drain_step(index);
            if let Some(timeout) = timeout {
                self.wake_after(timeout, Wake::Drain { index }, Some(entry));
            }
            printed.text.clone_from(&self.drains[index].text);
        }
        printed
    }

    /// Which Pods of a node would go, and which stand against it.
    fn find_to_drain(&self, node: &str, args: &Args) -> Found {
        let mut found = Found::default();
        for pod in self.pods_on(node) {
            if is_mirror(&pod) {
                continue;
            }
            let name = format!("{}/{}", pod.metadata.namespace, pod.metadata.name);
            let owner = controller_of(&pod.metadata);
            let daemon = owner.is_some_and(|owner| owner.kind == "DaemonSet");
            let over = pod.is_terminal();
            if daemon && !over {
                if args.has("ignore-daemonsets") {
                    found.warnings.entry("ignoring DaemonSet-managed Pods").or_default().push(name);
                    continue;
                }
                let what = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
                found.fatal.entry(what).or_default().push(name);
                continue;
            }
            let local = pod.spec.volumes.iter().any(|volume| volume.empty_dir.is_some());
            // Its warning is dropped by the next filter (filters.go localStorageFilter).
            let allowed = args.has("delete-emptydir-data") || args.has("delete-local-data");
            if local && !over && !allowed {
                let what = "Pods with local storage (use --delete-emptydir-data to override)";
                found.fatal.entry(what).or_default().push(name);
                continue;
            }
            if owner.is_none() && !over {
                if args.has("force") {
                    let what = "deleting Pods that declare no controller";
                    found.warnings.entry(what).or_default().push(name);
                } else {
                    let what = "Pods that declare no controller (use --force to override)";
                    found.fatal.entry(what).or_default().push(name);
                    continue;
                }
            }
            found.pods.push(pod);
        }
        found
    }

    /// Tries to send away every Pod that has not gone yet.
    pub(crate) fn drain_step(&mut self, index: usize) {
        let Some(drain) = self.drains.get(index) else { return };
        if drain.waiting.is_empty() {
            return self.drained(index);
        }
        if let Some((until, timeout)) = drain.until
            && self.now >= until
        {
            // Who waits to try again sees the end of the time only then.
            if self.now < drain.retry_at {
                return;
            }
            return self.drain_given_up(index, timeout);
        }
        let (entry, grace, deletes) = (drain.entry, drain.grace, drain.deletes);
        let waiting: Vec<(String, Key)> = drain
            .waiting
            .iter()
            .filter(|(_, (_, going))| !going)
            .map(|(key, (uid, _))| (uid.clone(), key.clone()))
            .collect();
        let mut again = false;
        for (uid, key) in waiting {
            let Some(pod) = self.store.pod_by_uid(&uid).cloned() else {
                self.pod_drained(&uid);
                continue;
            };
            let name = format!("{}/{}", key.namespace, key.name);
            if !deletes {
                self.drain_says(index, &format!("evicting pod {name}"));
            }
            let result = if deletes {
                self.delete(Actor::ApiServer, &key, grace, Some(entry));
                Ok(())
            } else {
                self.evict(&pod, grace, Some(entry))
            };
            let (words, retry) = match result {
                Ok(()) => {
                    if let Some((_, going)) =
                        self.drains.get_mut(index).and_then(|drain| drain.waiting.get_mut(&key))
                    {
                        *going = true;
                    }
                    continue;
                }
                Err(NotEvicted::TooManyRequests(words)) => (words, " (will retry after 5s)"),
                Err(NotEvicted::Error(words)) => (words, ""),
            };
            let (namespace, name) = (&key.namespace, &key.name);
            let line =
                format!("error when evicting pods/\"{name}\" -n \"{namespace}\"{retry}: {words}");
            self.drain_says(index, &line);
            again |= !retry.is_empty();
        }
        if again {
            if let Some(drain) = self.drains.get_mut(index) {
                drain.retry_at = self.now + RETRY;
            }
            self.wake_after(RETRY, Wake::Drain { index }, Some(entry));
        } else if self.drains.get(index).is_some_and(|drain| drain.waiting.is_empty()) {
            self.drained(index);
        }
    }

    /// A Pod is gone: a drain that waited for it goes on.
    pub(crate) fn pod_drained(&mut self, uid: &str) {
        for index in 0..self.drains.len() {
            let drain = &mut self.drains[index];
            let of_pod = |(_, (of, _)): &(&Key, &(String, bool))| of == uid;
            let Some(key) = drain.waiting.iter().find(of_pod).map(|(key, _)| key.clone()) else {
                continue;
            };
            drain.waiting.remove(&key);
            let done = if drain.deletes { "deleted" } else { "evicted" };
            let empty = drain.waiting.is_empty();
            self.drain_says(index, &format!("pod/{} {done}", key.name));
            if empty {
                self.drained(index);
            }
        }
    }

    /// Whether a command still waits for Pods to go.
    pub(crate) fn is_draining(&self, entry: EntryId) -> bool {
        self.drains.iter().any(|drain| drain.entry == entry && !drain.waiting.is_empty())
    }

    fn drained(&mut self, index: usize) {
        if self.drains[index].over || self.drains[index].text.ends_with(" drained\n") {
            return;
        }
        let line = format!("node/{} drained", self.drains[index].node);
        self.drain_says(index, &line);
    }

    fn drain_given_up(&mut self, index: usize, timeout: Duration) {
        let drain = &mut self.drains[index];
        let waiting = std::mem::take(&mut drain.waiting);
        let node = drain.node.clone();
        let mut text = String::new();
        for (key, _) in waiting.iter().filter(|(_, (_, going))| !going) {
            text.push_str(&format!("evicting pod {}/{}\n", key.namespace, key.name));
        }
        let errors: Vec<String> = waiting
            .iter()
            .map(|(key, (_, going))| {
                let (name, namespace) = (&key.name, &key.namespace);
                let what = if *going {
                    format!("waiting for pod \"{name}\" in namespace \"{namespace}\" to terminate")
                } else {
                    format!("evicting pods/\"{name}\" -n \"{namespace}\"")
                };
                format!("error when {what}: global timeout reached: {}", timeout.go())
            })
            .collect();
        // drain.go deleteOrEvictPodsSimple
        let all = aggregate(&errors);
        text.push_str(&format!(
            "There are pending pods in node \"{node}\" when an error occurred: {all}\n"
        ));
        for (key, _) in waiting.iter() {
            text.push_str(&format!("pod/{}\n", key.name));
        }
        let mut printed = Printed { text, ..Printed::default() };
        give_up(&node, &errors, &mut printed);
        drain.until = None;
        drain.over = true;
        self.drain_says(index, printed.text.trim_end());
        let (entry, text) = (self.drains[index].entry, self.drains[index].text.clone());
        self.set_output(entry, Printed { text, exit: 1, ..Printed::default() });
    }

    fn drain_says(&mut self, index: usize, line: &str) {
        let Some(drain) = self.drains.get_mut(index) else { return };
        drain.text.push_str(line);
        drain.text.push('\n');
        let (entry, text) = (drain.entry, drain.text.clone());
        self.set_output(entry, Printed::ok(text));
    }
}

/// Says that a node is not drained because of the Pods on it.
fn refuse(node: &str, fatal: &Map<&str, Vec<String>>, printed: &mut Printed) {
    let errors: Vec<String> = fatal
        .iter()
        .map(|(what, pods)| format!("cannot delete {what}: {}", pods.join(", ")))
        .collect();
    give_up(node, &errors, printed);
}

/// apimachinery/pkg/util/errors Aggregate, as one line.
fn aggregate(errors: &[String]) -> String {
    match errors {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// The errors stand once more at the end, each on its line, without `error: ` before them.
fn give_up(node: &str, errors: &[String], printed: &mut Printed) {
    let all = aggregate(errors);
    printed.text.push_str(&format!(
        "error: unable to drain node \"{node}\" due to error: {all}, continuing command...\n\
         There are pending nodes to be drained:\n {node}\n{}\n",
        errors.join("\n")
    ));
    printed.exit = 1;
}

/// Adds taints and takes away those that end in `-`; says what was done.
///
/// Models kubectl/pkg/cmd/taint/utils.go.
fn retaint(
    node: &mut Node,
    words: &[String],
    overwrite: bool,
    now: Instant,
) -> Result<&'static str, String> {
    let (mut added, mut removed, mut modified) = (false, false, false);
    for word in words {
        if let Some(gone) = word.strip_suffix('-') {
            let (key, effect) = gone.split_once(':').unwrap_or((gone, ""));
            let key = key.split('=').next().unwrap_or(key);
            let before = node.spec.taints.len();
            node.spec
                .taints
                .retain(|taint| taint.key != key || !(effect.is_empty() || taint.effect == effect));
            if node.spec.taints.len() == before {
                return Err(format!("taint \"{gone}\" not found"));
            }
            removed = true;
            continue;
        }
        let (pair, effect) = word.split_once(':').unwrap_or((word, ""));
        if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let same = |taint: &Taint| taint.key == key && taint.effect == effect;
        if node.spec.taints.iter().any(same) {
            if !overwrite {
                return Err(format!(
                    "node {} already has {key} taint(s) with same effect(s) and --overwrite is \
                     false",
                    node.metadata.name
                ));
            }
            node.spec.taints.retain(|taint| !same(taint));
            modified = true;
        } else {
            added = true;
        }
        node.spec.taints.push(Taint {
            key: key.to_owned(),
            value: value.to_owned(),
            effect: effect.to_owned(),
            time_added: (effect == "NoExecute").then_some(now),
        });
    }
    Ok(match (added, removed, modified) {
        (true, false, false) => "tainted",
        (false, true, false) => "untainted",
        _ => "modified",
    })
}
