//! The Story: one line an entry that matters, lives that are alike told once.
//!
//! Owns: which entries are told and how they are grouped ([`Story`], [`Item`], [`Line`], [`What`]).
//! Does not own: the sentences (`i18n`).

mod network;
mod telling;

use std::fmt;

use crate::rule::Rule;
use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::trace::{EntryId, HookKind, ProbeKind, ProbeOutcome, Trace};
use crate::view::autoscaling::Look;
use crate::view::timeline::is_look;

/// A longer silence is said.
const SILENCE: Duration = Duration::from_secs(5);
/// A process that ends so soon after its signal is told in one line with it.
const AT_ONCE: Duration = Duration::from_secs(1);
/// So many lives like the one before are one line.
const MANY_LIVES: usize = 2;
/// From so many Pods on, what the same happens to them is one line.
const MANY_PODS: usize = 3;

/// Everything that happened, to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The lines, in order.
    pub items: Vec<Item>,
    /// Every line, also those that the items leave out: what Why chooses from.
    pub told: Vec<Line>,
    /// Whether there is more than one Pod, so that lines must say which.
    pub several_pods: bool,
}

/// A part of the Story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// One entry.
    Line(Line),
    /// Nothing happened for this long.
    Silence(Duration),
    /// Lives like the one before were left out.
    LivesAlike {
        /// How many.
        count: usize,
        /// When the first of them began.
        from: Instant,
        /// When the last of them ended.
        to: Instant,
    },
    /// The same happened to more Pods.
    PodsAlike {
        /// How many more.
        count: usize,
        /// To the last of them at this time.
        to: Instant,
    },
}

/// One entry of the Story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Instant,
    /// The entry.
    pub entry: EntryId,
    /// The behaviour it obeys.
    pub rule: Rule,
    /// The Pod, or the object, that it is about.
    pub pod: String,
    /// The container that it is about; empty where it is about no container.
    pub container: String,
    /// What happened.
    pub what: What,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// You ran a command.
    Acted {
        /// The command line.
        command: String,
        /// What it printed.
        output: String,
        /// Whether it was accepted.
        ok: bool,
    },
    /// A Deployment made a ReplicaSet.
    ReplicaSetMade {
        /// Its name.
        name: String,
        /// How many Pods it wants.
        replicas: i32,
    },
    /// A controller made the Pod.
    PodMade,
    /// A controller deleted the Pod.
    PodUnmade,
    /// The Pod tolerated the taint of its node for so long and no longer.
    Evicted,
    /// The kubelet of a node no longer reports.
    NodeSilent,
    /// A Job is decided.
    JobDecided {
        /// `Complete`, `FailureTarget`, …
        condition: String,
        /// `BackoffLimitExceeded`, `CompletionsReached`, …
        reason: String,
        /// In the controller's words.
        message: String,
    },
    /// The scheduler chose a node.
    Scheduled {
        /// Its name.
        node: String,
    },
    /// No node fits.
    Unschedulable {
        /// In the scheduler's words.
        message: String,
    },
    /// The Pod has its network.
    Network {
        /// Its address.
        ip: String,
    },
    /// An image arrived.
    Pulled {
        /// As the Pod names it.
        image: String,
        /// How long it took.
        took: Duration,
        /// Its size.
        bytes: i64,
    },
    /// An image could not be pulled.
    PullFailed {
        /// As the Pod names it.
        image: String,
        /// In the runtime's words.
        message: String,
    },
    /// A pull has to wait.
    PullHeld {
        /// As the Pod names it.
        image: String,
        /// For how long.
        wait: Duration,
    },
    /// A container cannot be made or started.
    CannotStart {
        /// Its name.
        container: String,
        /// `CreateContainerConfigError`, …
        reason: String,
        /// In the kubelet's words.
        message: String,
    },
    /// A container started.
    Started {
        /// Which of its lives, from 1.
        number: i32,
        /// The back-off that had passed.
        passed: Option<Duration>,
        /// How long after its end.
        late: Option<Duration>,
        /// The time since the life before ended.
        waited: Option<Duration>,
    },
    /// A container ended.
    Exited {
        /// Which of its lives, from 1.
        number: i32,
        /// Exit code.
        code: i32,
        /// `Completed`, `Error`, `OOMKilled`, …
        reason: String,
        /// How long it ran.
        ran: Option<Duration>,
    },
    /// A restart has to wait for the back-off.
    HeldBack {
        /// Which restart.
        restart: i32,
        /// Time since the exit that counts.
        since: Duration,
        /// The back-off.
        window: Duration,
    },
    /// The kubelet began to stop a container.
    Stopping {
        /// The grace it has.
        grace: Duration,
        /// Why, as the event says.
        message: String,
    },
    /// A signal.
    Signalled {
        /// `TERM`, `QUIT`, `KILL`.
        signal: String,
        /// Nobody handles it.
        ignored: bool,
        /// Exit code, and how long after the signal, where the process ended at once.
        exit: Option<(i32, Duration)>,
    },
    /// A probe found something.
    Probe {
        /// Which.
        kind: ProbeKind,
        /// What it found.
        outcome: ProbeOutcome,
        /// In the words of its event.
        detail: String,
        /// How many in a row, of how many that count.
        count: (i32, i32),
    },
    /// A hook began.
    HookBegan {
        /// Which.
        kind: HookKind,
    },
    /// A hook ended.
    HookEnded {
        /// Which.
        kind: HookKind,
        /// Whether it succeeded.
        ok: bool,
        /// How long it took.
        took: Option<Duration>,
    },
    /// The STATUS column says something new that only the API knows.
    Status {
        /// The word.
        status: String,
    },
    /// All containers of the Pod are ready.
    Ready {
        /// `2/2`.
        readiness: String,
        /// Time since the Pod was made.
        took: Option<Duration>,
    },
    /// Not all are ready any more.
    Unready {
        /// `1/2`.
        readiness: String,
    },
    /// The Pod's phase is final.
    Finished {
        /// `Succeeded`, `Failed`.
        phase: String,
    },
    /// The Pod is gone from the API.
    Gone {
        /// Time since it was deleted.
        took: Option<Duration>,
    },
    /// A Pod gets requests of a Service.
    EndpointReady {
        /// The Service.
        service: String,
    },
    /// It gets none any more.
    EndpointUnready {
        /// The Service.
        service: String,
        /// It could still serve.
        serving: bool,
        /// It is on its way out.
        terminating: bool,
    },
    /// It is not listed any more.
    EndpointGone {
        /// The Service.
        service: String,
        /// It was ready until then.
        was_ready: bool,
    },
    /// The last node has learned that it gets none.
    Unrouted {
        /// The Service.
        service: String,
        /// The node; empty for the cluster's DNS.
        node: String,
        /// How many nodes there are.
        nodes: usize,
        /// How long after the endpoint was no longer ready.
        took: Duration,
    },
    /// Requests were lost.
    RequestsLost {
        /// The Service.
        service: String,
        /// How many.
        lost: u64,
        /// Of how many that were sent.
        sent: u64,
        /// Why, and how many each.
        reasons: Vec<(Lost, u64)>,
        /// The Pods that they were sent to.
        pods: Vec<String>,
        /// How many nodes sent them there; 0 where it does not matter.
        nodes: usize,
        /// Since when.
        since: Instant,
    },
    /// An autoscaler looked at its target, and something came of it.
    Scaling(Look),
    /// The simulator cannot judge something.
    NotSimulated {
        /// What.
        what: String,
    },
    /// A limit of the simulator was reached.
    Limit {
        /// Which.
        what: String,
    },
}

/// Tells a trace.
pub fn story(trace: &Trace) -> Story {
    let pods = trace.histories().iter().filter(|history| &*history.kind == "Pod").count();
    let told = at_once(telling::tell(trace));
    let shown = losses_joined(&told);
    let items = if pods > MANY_PODS { pods_alike(&shown) } else { lives_alike(&shown) };
    Story { items: with_silence(items), told, several_pods: pods > 1 }
}

/// Losses that go on for the same reasons are told once, when they end; so are those of a few
/// seconds, whatever their reasons.
fn losses_joined(lines: &[Line]) -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let mut line = line.clone();
        if let What::RequestsLost { service, lost, sent, reasons, pods, nodes, since } =
            &mut line.what
        {
            let own = |earlier: &Line| match &earlier.what {
                What::RequestsLost { service: of, reasons: why, since: begun, .. } => {
                    let same = why.iter().map(|own| own.0).eq(reasons.iter().map(|own| own.0));
                    let short = line.at.since(*begun) <= SILENCE;
                    of == service && earlier.at >= *since && (same || short)
                }
                _ => false,
            };
            if let Some(place) = joined.iter().rposition(own)
                && let What::RequestsLost {
                    lost: n,
                    sent: of,
                    reasons: why,
                    pods: to,
                    nodes: from,
                    since: begun,
                    ..
                } = joined.remove(place).what
            {
                (*lost, *sent, *since) = (*lost + n, *sent + of, begun);
                *nodes = from.max(*nodes);
                for (why, count) in why {
                    match reasons.iter_mut().find(|(own, _)| *own == why) {
                        Some((_, all)) => *all += count,
                        None => reasons.push((why, count)),
                    }
                }
                crate::order::sort(reasons);
                pods.extend(to);
                crate::order::sort(pods);
                pods.dedup();
            }
        }
        joined.push(line);
    }
    joined
}

/// A signal and the exit that follows at once are one line; `Stopping` says nothing beside them.
fn at_once(lines: Vec<Line>) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if let What::Exited { code, .. } = line.what {
            let signal = told.iter_mut().rev().find(|earlier| {
                (&earlier.pod, &earlier.container) == (&line.pod, &line.container)
                    && matches!(earlier.what, What::Signalled { .. } | What::Started { .. })
            });
            if let Some(Line { at, what: What::Signalled { exit, .. }, .. }) = signal {
                let after = line.at.since(*at);
                if after <= AT_ONCE && exit.is_none() {
                    *exit = Some((code, after));
                    continue;
                }
            }
        }
        told.push(line);
    }
    let keep: Vec<bool> =
        told.iter().enumerate().map(|(i, line)| says_more(line, &told, i)).collect();
    told.into_iter().zip(keep).filter_map(|(line, keep)| keep.then_some(line)).collect()
}

/// Whether a line says more than its neighbours within a second.
fn says_more(line: &Line, lines: &[Line], index: usize) -> bool {
    let near =
        |other: &&Line| other.at.since(line.at) <= AT_ONCE && line.at.since(other.at) <= AT_ONCE;
    let later = || lines[index + 1..].iter().take_while(|other| near(other));
    let earlier = || lines[..index].iter().rev().take_while(|other| near(other));
    let own = |other: &&Line| (&other.pod, &other.container) == (&line.pod, &line.container);
    match &line.what {
        What::Stopping { .. } => !later()
            .filter(own)
            .any(|other| matches!(other.what, What::Signalled { .. } | What::HookBegan { .. })),
        // The word that stands there for a moment only.
        What::Status { .. } => !later()
            .any(|other| other.pod == line.pod && matches!(other.what, What::Started { .. })),
        // Ready again because it runs again.
        What::Ready { took: None, .. } => !earlier().any(|other| {
            other.pod == line.pod
                && matches!(other.what, What::Started { number, .. } if number > 1)
        }),
        _ => true,
    }
}

/// Tells the first of several lives alike, and how many followed.
fn lives_alike(lines: &[Line]) -> Vec<Item> {
    let starts: Vec<usize> = (0..lines.len())
        .filter(|index| matches!(lines[*index].what, What::Started { .. }))
        .collect();
    let life = |place: usize| {
        let to = starts.get(place + 1).copied().unwrap_or(lines.len());
        &lines[starts[place]..to]
    };
    let mut items = Vec::new();
    let before = starts.first().copied().unwrap_or(lines.len());
    items.extend(lines[..before].iter().cloned().map(Item::Line));
    let mut place = 0;
    while place < starts.len() {
        items.extend(life(place).iter().cloned().map(Item::Line));
        let more =
            (place + 1..starts.len()).take_while(|next| alike(life(place), life(*next))).count();
        if more >= MANY_LIVES {
            let last = life(place + more);
            let to = last.last().map_or(last[0].at, |line| line.at);
            items.push(Item::LivesAlike { count: more, from: life(place + 1)[0].at, to });
            place += more;
        }
        place += 1;
    }
    items
}

/// Whether two lives went alike, whatever their times, and whatever you looked at in the first.
fn alike(first: &[Line], other: &[Line]) -> bool {
    let looks =
        |line: &&Line| matches!(&line.what, What::Acted { command, .. } if is_look(command));
    let first: Vec<&Line> = first.iter().filter(|line| !looks(line)).collect();
    first.len() == other.len() && first.iter().zip(other).all(|(a, b)| same(a, b))
}

/// Whether two lines say the same of different times.
fn same(a: &Line, b: &Line) -> bool {
    (&a.pod, &a.container) == (&b.pod, &b.container)
        && match (&a.what, &b.what) {
            (What::Acted { .. }, _) | (_, What::Acted { .. }) => false,
            (What::Exited { code: a, .. }, What::Exited { code: b, .. }) => a == b,
            (What::HeldBack { window: a, .. }, What::HeldBack { window: b, .. }) => a == b,
            (What::Signalled { signal: a, .. }, What::Signalled { signal: b, .. }) => a == b,
            (
                What::Probe { kind: a, outcome: x, count: m, .. },
                What::Probe { kind: b, outcome: y, count: n, .. },
            ) => (a, x, m) == (b, y, n),
            (What::Status { status: a }, What::Status { status: b }) => a == b,
            (What::RequestsLost { .. } | What::Scaling(_), _) => a.what == b.what,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
}

/// Tells what happens to many Pods once: the first of a row, and how many followed.
fn pods_alike(lines: &[Line]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    // The kinds of lines that are open: each with the place of its first line.
    let mut open: Vec<(std::mem::Discriminant<What>, usize, Instant)> = Vec::new();
    for line in lines {
        let kind = std::mem::discriminant(&line.what);
        open.retain(|(_, _, last)| line.at.since(*last) <= SILENCE);
        if matches!(line.what, What::Acted { .. }) {
            open.clear();
        } else if matches!(line.what, What::RequestsLost { .. } | What::Scaling(_)) {
            // Each has numbers of its own.
        } else if let Some((_, place, last)) = open.iter_mut().find(|(known, _, _)| *known == kind)
        {
            *last = line.at;
            match items.get_mut(*place + 1) {
                Some(Item::PodsAlike { count, to }) => (*count, *to) = (*count + 1, line.at),
                _ => {
                    let place = *place + 1;
                    items.insert(place, Item::PodsAlike { count: 1, to: line.at });
                    for (_, other, _) in open.iter_mut().filter(|(_, other, _)| *other >= place) {
                        *other += 1;
                    }
                }
            }
            continue;
        } else {
            open.push((kind, items.len(), line.at));
        }
        items.push(Item::Line(line.clone()));
    }
    items
}

fn with_silence(items: Vec<Item>) -> Vec<Item> {
    let mut told = Vec::with_capacity(items.len());
    let mut last: Option<Instant> = None;
    for item in items {
        let (from, to) = match &item {
            Item::Line(line) => (line.at, line.at),
            Item::LivesAlike { from, to, .. } => (*from, *to),
            Item::PodsAlike { .. } | Item::Silence(_) => {
                told.push(item);
                continue;
            }
        };
        let silence = last.map_or(Duration::ZERO, |last| from.since(last));
        if silence >= SILENCE
            && matches!(item, Item::Line(_))
            && !matches!(told.last(), Some(Item::LivesAlike { .. }))
        {
            told.push(Item::Silence(silence));
        }
        last = last.max(Some(to));
        told.push(item);
    }
    told
}

impl Story {
    /// The lines alone, in order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.items.iter().filter_map(|item| match item {
            Item::Line(line) => Some(line),
            Item::Silence(_) | Item::LivesAlike { .. } | Item::PodsAlike { .. } => None,
        })
    }

    /// The item that tells of a moment: the last one that began at or before it.
    pub fn item_at(&self, at: Instant) -> Option<usize> {
        self.items.iter().rposition(|item| match item {
            Item::Line(line) => line.at <= at,
            Item::LivesAlike { from, .. } => *from <= at,
            Item::Silence(_) | Item::PodsAlike { .. } => false,
        })
    }
}

impl fmt::Display for Story {
    /// Prints what a log would: times, names and Kubernetes' own words, no sentences.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.items {
            match item {
                Item::Line(line) => {
                    let name = if line.container.is_empty() { &line.pod } else { &line.container };
                    writeln!(f, "{:>8}  {name:16}  {}", line.at.clock(), line.rule.name())?;
                }
                Item::Silence(span) => writeln!(f, "{:>8}  ⋯ {}", "", span.go())?,
                Item::LivesAlike { count, .. } | Item::PodsAlike { count, .. } => {
                    writeln!(f, "{:>8}  ⋯ × {count}", "")?;
                }
            }
        }
        Ok(())
    }
}
