//! What one reads on a node: the folder of manifests, and what the runtime has.
//!
//! Owns: `ls`, `cat` and `crictl ps|pods|images`. Models cri-tools/cmd/crictl (tables) and
//! docker/go-units (ages). Does not own: changing manifests (`static_pods`).

use crate::cluster::World;
use crate::cluster::kubelet::static_pods::MANIFESTS;
use crate::cluster::kubelet::{Instance, InstanceState, PodWorker};
use crate::digest::Digest;
use crate::map::Set;
use crate::time::{Duration, Instant};
use crate::trace::{Change, SandboxStep};
use crate::workload::image::Reference;

/// crictl shows as much of an id (truncatedIDLen).
const ID_SHOWN: usize = 13;
/// The least width of a column of crictl's (newDefaultTableDisplay).
const COLUMN: usize = 20;

impl World<'_> {
    /// Answers a command that only reads; `None` for any other.
    pub(super) fn node_reads(&self, node: usize, words: &[&str]) -> Option<Result<String, String>> {
        let (program, rest) = words.split_first()?;
        let has = |flag: &str| rest.contains(&flag);
        let plain = rest.iter().filter(|word| !word.starts_with('-')).copied();
        Some(match (*program, rest.first().copied()) {
            ("ls", _) => self.node_ls(node, plain.collect(), has("-l") || has("-la")),
            ("cat", _) => plain
                .map(|path| {
                    self.nodes[node]
                        .file(path)
                        .map(str::to_owned)
                        .ok_or_else(|| format!("cat: {path}: No such file or directory"))
                })
                .collect(),
            ("crictl", Some("ps")) => Ok(self.crictl_ps(node, has("-a") || has("--all"))),
            ("crictl", Some("pods" | "pod")) => Ok(self.crictl_pods(node)),
            ("crictl", Some("images" | "image" | "img")) => Ok(self.crictl_images(node)),
            ("docker" | "podman" | "nerdctl", _) => {
                Err(format!("bash: {program}: command not found"))
            }
            ("hostname", None) => Ok(self.nodes[node].name.clone() + "\n"),
            _ => return None,
        })
    }

    fn node_ls(&self, node: usize, paths: Vec<&str>, long: bool) -> Result<String, String> {
        let paths = if paths.is_empty() { vec![MANIFESTS] } else { paths };
        let mut text = String::new();
        for path in paths {
            let folder = format!("{}/", path.trim_end_matches('/'));
            let mut names: Vec<&str> = self.nodes[node]
                .files()
                .filter_map(|(folder_of, name)| (folder_of == folder).then_some(name))
                .collect();
            crate::order::sort(&mut names);
            let known = folder == MANIFESTS || !names.is_empty();
            if !known && self.nodes[node].file(path).is_none() {
                return Err(format!("ls: cannot access '{path}': No such file or directory"));
            }
            if !known {
                names.push(path);
            }
            for name in names {
                if long {
                    let size = self.nodes[node]
                        .file(&format!("{folder}{name}"))
                        .or_else(|| self.nodes[node].file(name))
                        .map_or(0, str::len);
                    text.push_str(&format!("-rw------- 1 root root {size:>5} "));
                }
                text.push_str(name);
                text.push('\n');
            }
        }
        Ok(text)
    }

    /// Every Pod of the node whose sandbox the runtime still has, newest first.
    fn on_runtime(&self, node: usize) -> Vec<(&PodWorker, Instant)> {
        let mut pods: Vec<(&PodWorker, Instant)> = self.nodes[node]
            .workers
            .iter()
            .filter(|(_, worker)| worker.sandbox.is_some())
            .map(|(uid, worker)| {
                let made = self.trace().entries().iter().rev().find(|entry| {
                    *entry.subject.uid == **uid
                        && entry.change == Change::Sandbox(SandboxStep::PauseStarted)
                });
                (worker, made.map_or(worker.start_time, |entry| entry.at))
            })
            .collect();
        crate::order::sort_by_key(&mut pods, |(_, made)| std::cmp::Reverse(*made));
        pods
    }

    fn crictl_ps(&self, node: usize, all: bool) -> String {
        let mut rows = Vec::new();
        for (worker, made) in self.on_runtime(node) {
            let metadata = &worker.pod.metadata;
            for instance in worker.instances.iter().filter(|i| i.machine_id.is_some()) {
                let state = match &instance.state {
                    InstanceState::Created => "Created",
                    InstanceState::Running { .. } => "Running",
                    InstanceState::Exited(_) => "Exited",
                };
                if !all && state == "Exited" {
                    continue;
                }
                let began = began(instance).unwrap_or(made);
                let cells = vec![
                    short(&instance.id).to_owned(),
                    short(instance.image_id.rsplit(':').next().unwrap_or_default()).to_owned(),
                    ago(self.now.since(began)),
                    state.to_owned(),
                    instance.name.to_string(),
                    instance.attempt.to_string(),
                    sandbox_id(worker),
                    metadata.name.clone(),
                    metadata.namespace.clone(),
                ];
                rows.push((began, cells));
            }
        }
        crate::order::sort_by_key(&mut rows, |(began, _)| std::cmp::Reverse(*began));
        let head = [
            "CONTAINER",
            "IMAGE",
            "CREATED",
            "STATE",
            "NAME",
            "ATTEMPT",
            "POD ID",
            "POD",
            "NAMESPACE",
        ];
        table(&head, rows.into_iter().map(|(_, cells)| cells).collect())
    }

    fn crictl_pods(&self, node: usize) -> String {
        let rows = self.on_runtime(node).into_iter().map(|(worker, made)| {
            let sandbox = worker.sandbox.as_ref();
            let ready = sandbox.is_some_and(|sandbox| sandbox.ready);
            vec![
                sandbox_id(worker),
                ago(self.now.since(made)),
                if ready { "Ready" } else { "NotReady" }.to_owned(),
                worker.pod.metadata.name.clone(),
                worker.pod.metadata.namespace.clone(),
                sandbox.map_or(0, |sandbox| sandbox.attempt).to_string(),
                "(default)".to_owned(),
            ]
        });
        let head = ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"];
        table(&head, rows.collect())
    }

    fn crictl_images(&self, node: usize) -> String {
        let puller = &self.nodes[node].puller;
        let mut names: Set<String> = Set::new();
        names.extend(puller.present().map(str::to_owned));
        let rows = names.iter().map(|image| {
            let facts = puller.facts(image);
            let (name, tag) = match Reference::parse(image) {
                Some(reference) => (reference.repository, reference.tag),
                None => (image.clone(), "<none>".to_owned()),
            };
            let id = facts.image_id.rsplit(':').next().unwrap_or_default().to_owned();
            vec![name, tag, short(&id).to_owned(), size(facts.bytes)]
        });
        table(&["IMAGE", "TAG", "IMAGE ID", "SIZE"], rows.collect())
    }
}

fn began(instance: &Instance) -> Option<Instant> {
    match &instance.state {
        InstanceState::Created => None,
        InstanceState::Running { started } => Some(*started),
        InstanceState::Exited(exit) => exit.started,
    }
}

fn short(id: &str) -> &str {
    id.get(..ID_SHOWN).unwrap_or(id)
}

/// A sandbox has an id of its own; nothing else of the simulation looks at it.
fn sandbox_id(worker: &PodWorker) -> String {
    use std::hash::Hasher;
    let attempt = worker.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt);
    let mut digest = Digest::default();
    digest.write(worker.pod.metadata.uid.as_bytes());
    digest.write(&attempt.to_le_bytes());
    let id = format!("{:016x}", digest.finish());
    short(&id).to_owned()
}

/// Models docker/go-units HumanDuration.
fn ago(age: Duration) -> String {
    let seconds = age.as_micros().max(0) / 1_000_000;
    let minutes = seconds / 60;
    let hours = (seconds + 1_800) / 3_600;
    match (seconds, minutes) {
        (0, _) => "Less than a second ago".to_owned(),
        (1, _) => "1 second ago".to_owned(),
        (seconds, 0) => format!("{seconds} seconds ago"),
        (_, 1) => "About a minute ago".to_owned(),
        (_, minutes) if minutes < 60 => format!("{minutes} minutes ago"),
        _ if hours == 1 => "About an hour ago".to_owned(),
        _ if hours < 48 => format!("{hours} hours ago"),
        _ => format!("{} days ago", hours / 24),
    }
}

/// Models docker/go-units HumanSizeWithPrecision with three digits.
fn size(bytes: i64) -> String {
    let mut unit = 1_i64;
    for name in ["B", "kB", "MB", "GB"] {
        if bytes < unit * 1_000 || name == "GB" {
            let thousandths = i128::from(bytes) * 1_000 / i128::from(unit);
            let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
            // Three digits in all, as %.3g prints them.
            let text = match whole {
                100.. => format!("{whole}"),
                10.. => format!("{whole}.{}", rest / 100),
                _ => format!("{whole}.{:02}", rest / 10),
            };
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            };
            return text + name;
        }
        unit *= 1_000;
    }
    String::new()
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            (cells.chain([head[column].chars().count()]).max().unwrap_or(0) + 3).max(COLUMN)
        })
        .collect();
    let mut text = String::new();
    for row in std::iter::once(&head).chain(&rows) {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let gap = widths[column] - cell.chars().count();
                text.extend(std::iter::repeat_n(' ', gap));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_are_those_of_go_units() {
        for (seconds, words) in [
            (0, "Less than a second ago"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (119, "About a minute ago"),
            (120, "2 minutes ago"),
            (3_599, "59 minutes ago"),
            (3_600, "About an hour ago"),
            (7_200, "2 hours ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), words);
        }
        for (bytes, words) in
            [(999, "999B"), (2_160_000, "2.16MB"), (71_000_000, "71MB"), (742_000, "742kB")]
        {
            assert_eq!(size(bytes), words);
        }
    }
}
