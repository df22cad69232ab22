//! Why it is so at a moment: the chain of causes, newest first.
//!
//! Owns: where the chain begins, which of its entries are told, and which fields would change it.
//! Does not own: the sentences (`i18n`).

use std::fmt;

use crate::manifest::Object;
use crate::manifest::pod::{Container, Pod};
use crate::map::Map;
use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::trace::{Change, EntryId, ProbeKind, ProbeOutcome, Trace};
use crate::view::story::{Line, Story, What, story};

pub mod fields;
mod topic;

use fields::Place;

/// A chain longer than this tires.
const MOST_LINKS: usize = 5;
/// A chain no longer than this tells everything.
const FEW_LINKS: usize = 3;
/// A pull that took so long explains something in any chain. Invented.
const LONG_PULL: Duration = Duration::from_secs(3);
/// Entries walked through at most; chains are short, traces need not be.
const MOST_STEPS: usize = 2_000;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// What is asked.
    pub question: Question,
    /// How it is at the moment itself, where that says more than the newest entry.
    pub now: Option<Now>,
    /// What led to it, newest first.
    pub links: Vec<Line>,
    /// What is yours to change, and would have changed it.
    pub remedies: Vec<Remedy>,
}

/// What a picture is about, where nothing was pointed at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Pods, and Jobs that have ended.
    #[default]
    Pods,
    /// How many there are of what an autoscaler looks at.
    Replicas,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Nothing exists yet, or any more.
    Nothing,
    /// Why a Pod has this STATUS.
    Status {
        /// The Pod.
        pod: String,
        /// Its STATUS.
        status: String,
        /// READY, `1/2`.
        readiness: String,
    },
    /// Why there are so many of a workload.
    Replicas {
        /// The workload.
        name: String,
        /// How many it wants.
        replicas: i32,
    },
    /// Why a Job has ended so.
    Job {
        /// The Job.
        job: String,
        /// Its STATUS.
        status: String,
    },
    /// Why a Pod is gone.
    Gone {
        /// The Pod.
        pod: String,
    },
    /// Why an entry happened.
    Entry(Line),
}

/// How it is at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// A container waits for its back-off.
    BackOff {
        /// The container.
        container: String,
        /// For how long already.
        so_far: Duration,
        /// The back-off.
        window: Duration,
        /// When it will be started; `None` where the simulated time ends before.
        until: Option<Instant>,
        /// The entry.
        entry: EntryId,
        /// Since when.
        since: Instant,
    },
    /// A container was asked to end and has not.
    Ending {
        /// The container.
        container: String,
        /// For how long already.
        so_far: Duration,
        /// When SIGKILL comes.
        kill_at: Instant,
        /// The entry.
        entry: EntryId,
        /// Since when.
        since: Instant,
    },
}

/// A field on the chain that is yours to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The field, as it stands in the manifest.
    pub field: String,
    /// Its value now; empty where nothing stands there.
    pub value: String,
    /// What a change does.
    pub kind: RemedyKind,
    /// Where it stands.
    pub place: Option<Place>,
}

/// What a change of a field does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemedyKind {
    /// The command must not end, or end with 0.
    FixCommand,
    /// Another policy does not start it again.
    RestartPolicy,
    /// What it refers to must exist.
    MakeIt,
    /// The image must exist.
    FixImage,
    /// The probe must ask for what exists.
    FixProbe,
    /// More patience only delays it.
    MorePatience,
    /// The process must handle the signal.
    HandleSignal,
    /// A shorter grace ends it sooner.
    ShorterGrace,
    /// Ask for less.
    RequestLess,
    /// Allow more memory.
    MoreMemory,
    /// Wait until the nodes have forgotten the Pod.
    LeaveLater,
    /// Allow more CPU.
    MoreCpu,
}

/// Answers for a moment, or for an entry that was pointed at.
pub fn why(trace: &Trace, at: Instant, focus: Option<EntryId>) -> Why {
    why_of(trace, &story(trace), at, focus, About::Pods)
}

/// The same, where the Story is told already.
pub fn why_of(
    trace: &Trace,
    story: &Story,
    at: Instant,
    focus: Option<EntryId>,
    about: About,
) -> Why {
    let lines = &story.told;
    let by_entry: Map<EntryId, &Line> = lines.iter().map(|line| (line.entry, line)).collect();
    let asked = focus.and_then(|id| told(trace, id, &by_entry));
    let (question, newest) = match asked {
        Some(line) => (Question::Entry(line.clone()), Some(line.entry)),
        None => topic::topic(trace, lines, &by_entry, at, about),
    };
    // Only a Pod can be in the middle of something.
    let of_pod = matches!(question, Question::Status { .. } | Question::Nothing);
    let now = if focus.is_none() && of_pod { now(trace, at) } else { None };
    let start = match &now {
        Some(Now::BackOff { entry, .. } | Now::Ending { entry, .. }) => Some(*entry),
        None => newest,
    };
    let links = start.map_or_else(Vec::new, |start| chain(trace, start, &by_entry));
    let remedies = remedies(trace, &links);
    Why { question, now, links, remedies }
}

/// The line of an entry, or of the nearest of its causes that says something.
fn told<'l>(trace: &Trace, id: EntryId, lines: &Map<EntryId, &'l Line>) -> Option<&'l Line> {
    trace.causes(id).take(MOST_STEPS).find_map(|(id, _)| lines.get(&id).copied())
}

/// How it is now, where a container is in the middle of something.
fn now(trace: &Trace, at: Instant) -> Option<Now> {
    let mut doing: Map<(&str, &str), Now> = Map::new();
    for (id, entry) in
        (0..).map(EntryId).zip(trace.entries()).take_while(|(_, entry)| entry.at <= at)
    {
        let Some(container) = &entry.subject.container else { continue };
        let key = (&*entry.subject.uid, &**container);
        match &entry.change {
            Change::Backoff { window, from, blocks: true } => {
                // Looked at again and again: the first time says why, the last since when.
                let first = match doing.get(&key) {
                    Some(Now::BackOff { entry, .. }) => *entry,
                    _ => id,
                };
                doing.insert(
                    key,
                    Now::BackOff {
                        container: container.to_string(),
                        so_far: at.since(*from),
                        window: *window,
                        until: None,
                        entry: first,
                        since: *from,
                    },
                );
            }
            Change::Stopping { grace, .. } => {
                doing.insert(
                    key,
                    Now::Ending {
                        container: container.to_string(),
                        so_far: at.since(entry.at),
                        kill_at: entry.at + *grace,
                        entry: id,
                        since: entry.at,
                    },
                );
            }
            Change::Signal { .. } => {
                if let Some(Now::Ending { entry, .. }) = doing.get_mut(&key) {
                    *entry = id;
                }
            }
            Change::ContainerStarted { .. } | Change::ContainerExited { .. } => {
                doing.remove(&key);
            }
            _ => {}
        }
    }
    let mut now = doing.into_values().next_back()?;
    if let Now::BackOff { container, until, .. } = &mut now {
        *until = trace
            .entries()
            .iter()
            .skip_while(|entry| entry.at <= at)
            .find(|entry| {
                matches!(entry.change, Change::ContainerStarted { .. })
                    && entry.subject.container.as_deref() == Some(container)
            })
            .map(|entry| entry.at);
    }
    Some(now)
}

/// The told entries on the way from an entry to what you did, at most five of them.
fn chain(trace: &Trace, start: EntryId, lines: &Map<EntryId, &Line>) -> Vec<Line> {
    let mut all: Vec<&Line> = trace
        .causes(start)
        .take(MOST_STEPS)
        .filter_map(|(id, _)| lines.get(&id).copied())
        .collect();
    // What happened again and again to the same is one link: the newest.
    let mut seen: Vec<(std::mem::Discriminant<What>, String)> = Vec::new();
    all.retain(|line| {
        let signal = match &line.what {
            What::Signalled { signal, .. } => signal.as_str(),
            _ => "",
        };
        let key = (std::mem::discriminant(&line.what), format!("{} {signal}", line.container));
        let is_new = matches!(line.what, What::Acted { .. }) || !seen.contains(&key);
        seen.push(key);
        is_new
    });
    // Every Pod was scheduled once: that explains only where little else does.
    if all.len() > FEW_LINKS {
        all.retain(|line| match &line.what {
            What::Scheduled { .. } | What::Network { .. } => false,
            What::Pulled { took, .. } => *took >= LONG_PULL,
            _ => true,
        });
    }
    if all.len() <= MOST_LINKS {
        return all.into_iter().cloned().collect();
    }
    // The first, the last, and between them those that weigh most.
    let mut chosen: Vec<usize> = (1..all.len() - 1).collect();
    crate::order::sort_by_key(&mut chosen, |index| {
        (std::cmp::Reverse(weight(&all[*index].what)), *index)
    });
    chosen.truncate(MOST_LINKS - 2);
    chosen.extend([0, all.len() - 1]);
    crate::order::sort(&mut chosen);
    chosen.into_iter().filter_map(|index| all.get(index).map(|line| (*line).clone())).collect()
}

/// How much a link explains.
fn weight(what: &What) -> u8 {
    match what {
        What::Acted { .. } | What::HeldBack { .. } | What::PullFailed { .. } => 9,
        What::Exited { code, .. } => {
            if *code == 0 {
                7
            } else {
                8
            }
        }
        What::Probe { outcome: ProbeOutcome::Failure | ProbeOutcome::Timeout, .. } => 8,
        What::Signalled { .. } | What::CannotStart { .. } | What::Unschedulable { .. } => 8,
        What::PullHeld { .. }
        | What::HookEnded { .. }
        | What::Limit { .. }
        | What::NotSimulated { .. } => 7,
        What::Stopping { .. }
        | What::Finished { .. }
        | What::PodUnmade
        | What::Evicted
        | What::HookBegan { .. } => 6,
        What::RequestsLost { .. } | What::Scaling(_) | What::JobDecided { .. } => 8,
        What::NodeSilent => 8,
        What::EndpointUnready { .. } | What::Unrouted { .. } => 5,
        What::ReplicaSetMade { .. } | What::PodMade | What::Pulled { .. } => 4,
        What::Started { .. } | What::Probe { .. } | What::Ready { .. } | What::Unready { .. } => 3,
        What::Status { .. } | What::Gone { .. } => 3,
        What::EndpointReady { .. } | What::EndpointGone { .. } => 3,
        What::Scheduled { .. } | What::Network { .. } => 1,
    }
}

/// What is yours to change on this chain.
fn remedies(trace: &Trace, links: &[Line]) -> Vec<Remedy> {
    let mut remedies: Vec<Remedy> = Vec::new();
    for line in links {
        let Some(pod) = pod_of(trace, line).or_else(|| receiver(trace, line)) else { continue };
        let container = pod.spec.container(&line.container);
        remedies.extend(remedies_of(line, &pod, container).into_iter().map(|remedy| {
            let place = fields::place_of(trace, &pod, container, &remedy.field);
            Remedy { place, ..remedy }
        }));
    }
    let mut seen = Vec::new();
    remedies.retain(|remedy| {
        let new = !seen.contains(&remedy.field);
        seen.push(remedy.field.clone());
        new
    });
    remedies.truncate(3);
    remedies
}

fn remedies_of(line: &Line, pod: &Pod, container: Option<&Container>) -> Vec<Remedy> {
    let remedy = |field: &str, value: String, kind: RemedyKind| Remedy {
        field: field.to_owned(),
        value,
        kind,
        place: None,
    };
    let grace = || {
        let seconds = pod.spec.grace_period_seconds().to_string();
        remedy("terminationGracePeriodSeconds", seconds, RemedyKind::ShorterGrace)
    };
    let command = || {
        let words = container
            .map(|c| if c.command.is_empty() { c.args.join(" ") } else { c.command.join(" ") });
        remedy("command", words.unwrap_or_default(), RemedyKind::FixCommand)
    };
    let policy = || {
        let value =
            if pod.spec.restart_policy.is_empty() { "Always" } else { &pod.spec.restart_policy };
        remedy("restartPolicy", value.to_owned(), RemedyKind::RestartPolicy)
    };
    match &line.what {
        What::Exited { reason, .. } if reason == "OOMKilled" => {
            let limit = container
                .and_then(|c| c.resources.limits.get("memory"))
                .map(|quantity| quantity.text().to_owned());
            vec![remedy("limits.memory", limit.unwrap_or_default(), RemedyKind::MoreMemory)]
        }
        What::HeldBack { .. } => vec![policy()],
        What::Exited { code, .. } if *code != 0 && *code < 128 => vec![command()],
        What::Signalled { ignored: true, .. } => {
            let what = remedy("command", String::new(), RemedyKind::HandleSignal);
            vec![what, grace()]
        }
        What::PullFailed { image, .. } | What::PullHeld { image, .. } => {
            vec![remedy("image", image.clone(), RemedyKind::FixImage)]
        }
        What::CannotStart { reason, message, .. } => match reason.as_str() {
            "CreateContainerConfigError" => {
                let mut own = pod.spec.containers.iter();
                let whole = own.any(|own| !own.env_from.is_empty());
                let field = if whole { "envFrom" } else { "env" };
                let name = message.split('"').nth(1).unwrap_or_default();
                vec![remedy(field, name.to_owned(), RemedyKind::MakeIt)]
            }
            "InvalidImageName" | "ErrImageNeverPull" => {
                vec![remedy("image", String::new(), RemedyKind::FixImage)]
            }
            _ => vec![command()],
        },
        What::RequestsLost { reasons, .. } => {
            let has = |own: Lost| reasons.iter().any(|(why, _)| *why == own);
            let cpu = || {
                let limits = pod.spec.containers.first().map(|c| &c.resources.limits);
                limits.and_then(|own| Some(own.get("cpu")?.text().to_owned())).unwrap_or_default()
            };
            let leaves = pod.is_terminating() && (has(Lost::Closed) || has(Lost::Unanswered));
            let later = leaves.then(|| remedy("preStop", String::new(), RemedyKind::LeaveLater));
            let more =
                has(Lost::Overloaded).then(|| remedy("limits.cpu", cpu(), RemedyKind::MoreCpu));
            later.into_iter().chain(more).collect()
        }
        What::Unschedulable { .. } => {
            vec![remedy("requests", String::new(), RemedyKind::RequestLess)]
        }
        What::Probe { kind, outcome: ProbeOutcome::Failure | ProbeOutcome::Timeout, .. } => {
            probe_remedies(*kind, container)
        }
        _ => Vec::new(),
    }
}

fn probe_remedies(kind: ProbeKind, container: Option<&Container>) -> Vec<Remedy> {
    let Some((name, probe)) = container.and_then(|c| fields::probe_of(c, kind)) else {
        return Vec::new();
    };
    let mut remedies = Vec::new();
    if let Some(get) = &probe.http_get {
        remedies.push(Remedy {
            field: format!("{name}.httpGet.path"),
            value: get.path.clone(),
            kind: RemedyKind::FixProbe,
            place: None,
        });
    }
    remedies.push(Remedy {
        field: format!("{name}.failureThreshold"),
        value: probe.failure_threshold.to_string(),
        kind: RemedyKind::MorePatience,
        place: None,
    });
    remedies
}

fn pod_of(trace: &Trace, line: &Line) -> Option<std::rc::Rc<Pod>> {
    let uid = trace.entry(line.entry).map(|entry| entry.subject.uid.clone())?;
    let history = trace.histories().iter().find(|history| history.uid == uid)?;
    let id = history.versions.first()?;
    match &trace.entry(*id)?.change {
        Change::Stored { object: Object::Pod(pod), .. } => Some(pod.clone()),
        _ => None,
    }
}

/// The Pod that lost requests were sent to, as it last was until then.
fn receiver(trace: &Trace, line: &Line) -> Option<std::rc::Rc<Pod>> {
    let What::RequestsLost { pods, .. } = &line.what else { return None };
    let subject = &trace.entry(line.entry)?.subject;
    let history = trace.histories().iter().rev().find(|history| {
        &*history.kind == "Pod"
            && history.namespace == subject.namespace
            && pods.iter().any(|pod| **pod == *history.name)
    })?;
    let id = history.versions.iter().rev().find(|id| **id < line.entry)?;
    match &trace.entry(*id)?.change {
        Change::Stored { object: Object::Pod(pod), .. } => Some(pod.clone()),
        _ => None,
    }
}

/// Where a rule can be read: the file in its project, at the version that is simulated.
pub fn source_link(rule: Rule) -> Option<String> {
    let source = rule.source();
    let (first, rest) = source.split_once('/')?;
    let kubernetes = "https://github.com/kubernetes/kubernetes/blob/v1.36.2";
    Some(match first {
        "containerd" => format!("https://github.com/containerd/containerd/blob/v2.1.4/{rest}"),
        "kernel" if rest.starts_with("mm/") => {
            format!("https://github.com/torvalds/linux/blob/v6.12/{rest}")
        }
        "kernel" => format!("https://github.com/torvalds/linux/blob/v6.12/kernel/{rest}"),
        "client-go" | "apiserver" | "kubectl" => {
            format!("{kubernetes}/staging/src/k8s.io/{source}")
        }
        _ if first.contains(':') || first.contains(' ') => return None,
        _ => format!("{kubernetes}/pkg/{source}"),
    })
}

/// The last part of a rule's source: `kuberuntime_manager.go`.
pub fn source_name(rule: Rule) -> Option<&'static str> {
    source_link(rule)?;
    rule.source().rsplit('/').next()
}

impl fmt::Display for Why {
    /// Prints the chain as a log would: times, names, rules.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.links {
            let name = if line.container.is_empty() { &line.pod } else { &line.container };
            let (rule, source) = (line.rule.name(), line.rule.source());
            writeln!(f, "{:>8}  {name:16}  {rule:24}  {source}", line.at.clock())?;
        }
        for remedy in &self.remedies {
            writeln!(f, "{:>8}  {}: {}", "→", remedy.field, remedy.value)?;
        }
        Ok(())
    }
}
