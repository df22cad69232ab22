//! Trying a command out: what it would print at a moment, without doing it.
//!
//! Owns: [`Cluster::attempt`], which runs the same scenario with one action more and stops when
//! that is done. Does not own: what commands do (`kubectl`), or what becomes of the answer
//! (`console`).

use crate::cluster::kubelet::steps::ExecOwner;
use crate::cluster::{Cluster, World};
use crate::manifest::Object;
use crate::scenario::{Action, Scenario};
use crate::time::Duration;
use crate::trace::{Change, EntryId};

/// How long a command in a container may take.
///
/// Invented: who waits longer at a prompt reaches for Ctrl+C.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command did that was only tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// stdout and stderr, as they came.
    pub output: String,
    /// Exit status.
    pub exit: i32,
    /// Whether it ended within a minute.
    pub ended: bool,
    /// The object that `--dry-run` made.
    pub dry: Option<Object>,
}

/// The action that is watched, and its entry once it is there.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) index: usize,
    pub(crate) entry: Option<EntryId>,
    pub(crate) dry: Option<Object>,
}

impl Cluster {
    /// Does an action in a scenario and tells what it printed. A pure function; never fails.
    pub fn attempt(scenario: &Scenario, action: Action) -> Attempt {
        let mut scenario = scenario.clone();
        let at = action.at;
        let index = scenario.actions.partition_point(|known| known.at <= at);
        scenario.actions.insert(index, action);
        scenario.duration = at.since(crate::time::Instant::ZERO) + PATIENCE;
        let mut world = World::new(&scenario);
        world.watched = Some(Watched { index, entry: None, dry: None });
        world.apply_all();
        world.run();
        world.outcome()
    }
}

impl World<'_> {
    /// Whether the watched action is done: nothing that it began in a container runs, and no Pod
    /// that it sends away is there.
    pub(crate) fn watched_ended(&self) -> bool {
        let Some(Watched { entry: Some(entry), .. }) = &self.watched else { return false };
        !self.is_draining(*entry)
            && !self
                .nodes
                .iter()
                .any(|node| node.execs.values().any(|owner| *owner == ExecOwner::You(*entry)))
    }

    fn outcome(&self) -> Attempt {
        let Some(watched) = &self.watched else { return Attempt::default() };
        let entry = watched.entry.and_then(|id| self.trace.entry(id));
        let Some(Change::Acted { output, exit, .. }) = entry.map(|entry| &entry.change) else {
            return Attempt::default();
        };
        Attempt {
            output: output.to_string(),
            exit: *exit,
            ended: self.watched_ended(),
            dry: watched.dry.clone(),
        }
    }
}
