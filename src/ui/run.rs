//! One text, read and run: everything that the pictures are drawn from.
//!
//! Owns: [`Run`] and the moments at which one stops in it. Does not own: reading, running or
//! drawing.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, Finding, Message, Severity};
use crate::manifest::{AppliedDefault, load};
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};
use crate::trace::{Change, History, Trace};
use crate::ui::margin::{self, Note};
use crate::view::autoscaling::{Scaler, autoscaling};
use crate::view::axis::{self, Fold};
use crate::view::story::{Story, story};
use crate::view::timeline::{Timeline, TimelineOptions, timeline};

/// One text, read and run: everything that the pictures are drawn from.
#[derive(Debug)]
pub struct Run {
    /// The text.
    pub text: Rc<str>,
    /// What it says.
    pub scenario: Scenario,
    /// What happens.
    pub trace: Rc<Trace>,
    /// The picture of it.
    pub timeline: Rc<Timeline>,
    /// The story of it.
    pub story: Rc<Story>,
    /// The stretches in which nothing happens.
    pub folds: Vec<Fold>,
    /// The first 16 bits of the trace's digest, once somebody asked: it takes longer than the run.
    digest: OnceCell<u16>,
    /// The pictures of its autoscalers, once somebody looked.
    scalers: OnceCell<Rc<[Rc<Scaler>]>>,
    /// What the API server fills in.
    defaults: Vec<AppliedDefault>,
    /// The notes about it, once an editor asked.
    notes: OnceCell<Rc<[Note]>>,
}

/// Runs are compared by identity: the pictures of a run are drawn once.
impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Run {
    /// The first 16 bits of the trace's digest.
    pub fn digest(&self) -> u16 {
        *self.digest.get_or_init(|| (self.trace.digest() >> 48) as u16)
    }

    /// What stands in the editor's margin: what the API server fills in.
    pub fn notes(&self) -> Rc<[Note]> {
        self.notes.get_or_init(|| margin::notes(&self.text, &self.defaults).into()).clone()
    }

    /// The pictures of its autoscalers.
    pub fn scalers(&self) -> Rc<[Rc<Scaler>]> {
        self.scalers.get_or_init(|| autoscaling(&self.trace).into()).clone()
    }

    /// Whether there is ever an autoscaler.
    pub fn has_scalers(&self) -> bool {
        self.trace.histories().iter().any(|own| &*own.kind == "HorizontalPodAutoscaler")
    }

    /// The next look of an autoscaler, or the one before.
    pub fn look_beside(&self, at: Instant, forward: bool) -> Option<Instant> {
        let scalers = self.scalers();
        let looks = scalers.iter().filter_map(|scaler| scaler.next_look(at, forward));
        if forward { looks.min() } else { looks.max() }
    }

    /// Whether there is nothing to draw: no object, and no Pod of a file.
    pub fn is_blank(&self) -> bool {
        self.scenario.objects.is_empty() && !self.has_pods()
    }

    /// Whether there is ever a Pod: static ones are no objects of the text.
    pub fn has_pods(&self) -> bool {
        self.trace.histories().iter().any(|history| &*history.kind == "Pod")
    }

    /// Kind and name of the object of the text that a Pod comes from: itself, or whose it is.
    pub fn maker_of(&self, pod: &str) -> Option<(String, String)> {
        let histories = self.trace.histories();
        let named = |history: &&History| &*history.kind == "Pod" && &*history.name == pod;
        let mut history = histories.iter().rev().find(named)?;
        // A ReplicaSet's Deployment, a Job's CronJob: owners are few.
        for _ in 0..4 {
            let first = self.trace.entry(*history.versions.first()?)?;
            let Change::Stored { object, .. } = &first.change else { return None };
            let mut owners = object.metadata().owner_references.iter();
            let Some(owner) = owners.find(|owner| owner.controller) else { break };
            history = histories.iter().find(|other| *other.uid == *owner.uid)?;
        }
        Some((history.kind.to_string(), history.name.to_string()))
    }

    /// The first moment after this one, by the tenth of a second that the clock shows.
    pub fn next(&self, at: Instant) -> Option<Instant> {
        let moments = &self.timeline.moments;
        moments.get(moments.partition_point(|moment| tenth(*moment) <= tenth(at))).copied()
    }

    /// The last moment before this one, by the tenth of a second that the clock shows.
    pub fn previous(&self, at: Instant) -> Option<Instant> {
        let moments = &self.timeline.moments;
        let index = moments.partition_point(|moment| tenth(*moment) < tenth(at));
        moments.get(index.checked_sub(1)?).copied()
    }

    /// Where fast play goes on, when nothing happens at this moment.
    pub fn over_dead_time(&self, at: Instant) -> Option<Instant> {
        self.folds.iter().find(|fold| fold.hides(at)).map(|fold| fold.to)
    }

    /// The moment at which a scenario is first shown: the last thing that happens before you do
    /// something, and while there still is a Pod, so that picture and kubectl both have something
    /// to say.
    pub fn settled(&self) -> Option<Instant> {
        let moments = &self.timeline.moments;
        let mut acts = self.scenario.actions.iter().map(|action| action.at);
        let first = acts.find(|at| *at > Instant::ZERO);
        let until = first.map_or(self.trace.horizon(), |at| at - Duration::from_micros(1));
        let past = &moments[..moments.partition_point(|moment| *moment <= until)];
        let with_a_pod = past.iter().rev().find(|moment| self.has_pods_at(**moment));
        with_a_pod.or(past.last()).copied()
    }

    fn has_pods_at(&self, at: Instant) -> bool {
        let mut pods = self.trace.histories().iter().filter(|history| &*history.kind == "Pod");
        pods.any(|history| self.trace.object_at(history, at).is_some())
    }
}

fn tenth(at: Instant) -> i64 {
    at.as_micros().div_euclid(100_000)
}

/// Reads and runs a text. The run is missing when the API server would reject the text.
pub fn run(text: &Rc<str>) -> (Option<Rc<Run>>, Rc<Vec<Diagnostic>>) {
    let mut loaded = load(text);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let defaults = std::mem::take(&mut loaded.defaults);
    let scenario = Scenario::from_loaded(loaded);
    // Nothing to simulate yet is no mistake: the page shows an empty picture.
    let nothing = Message::Ours(Finding::NothingHere);
    let rejected =
        diagnostics.iter().any(|d| d.severity == Severity::Rejected && d.message != nothing);
    if text.trim().is_empty() {
        diagnostics.clear();
    }
    let diagnostics = Rc::new(diagnostics);
    if rejected {
        return (None, diagnostics);
    }
    let trace = Rc::new(Cluster::run(&scenario));
    let timeline = Rc::new(timeline(&trace, &TimelineOptions::default()));
    let story = Rc::new(story(&trace));
    let folds = axis::folds(&timeline.moments, timeline.horizon);
    let digest = OnceCell::new();
    let scalers = OnceCell::new();
    let notes = OnceCell::new();
    let text = text.clone();
    let run =
        Run { text, scenario, trace, timeline, story, folds, digest, scalers, defaults, notes };
    (Some(Rc::new(run)), diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::At;
    use crate::console::session::Session;
    use crate::ui::views::View;

    #[test]
    fn a_scenario_is_first_shown_while_there_is_something_to_see() {
        for entry in crate::gallery::all() {
            let (run, _) = run(&entry.text.into());
            let run = run.expect("an API server accepts it");
            let at = run.settled().expect("something happens");
            assert!(run.has_pods_at(at), "{}: no Pod at {}", entry.id, at.clock());
        }
    }

    #[test]
    fn a_scenario_of_the_gallery_begins_where_its_question_is_answered() {
        for entry in crate::gallery::all() {
            answers(entry, entry.text.into());
            // The moment is no matter of luck, but for those that name their seed.
            for seed in (0..3).filter(|_| !entry.text.contains("\n  seed: ")) {
                let (before, after) = entry.text.rsplit_once("kind: Scenario").expect("its own");
                let after = after.replacen("\nspec:\n", &format!("\nspec:\n  seed: {seed}\n"), 1);
                answers(entry, format!("{before}kind: Scenario{after}").into());
            }
        }
    }

    fn answers(entry: &crate::gallery::GalleryEntry, text: Rc<str>) {
        let id = entry.id;
        let (run, _) = run(&text);
        let run = run.expect("an API server accepts it");
        let at = entry.at().expect("it says when");
        assert!(at < run.trace.horizon(), "{id} ends before");
        assert!(run.has_pods_at(at), "{id}: no Pod at {}", at.clock());
        let view = View::from_word(entry.view()).expect("a view");
        assert!(view.has_something(&run), "{id} has nothing in {view:?}");
        let console = At { scenario: &run.scenario, trace: &run.trace, at };
        let line = entry.line().expect("a line");
        let session = Session::beginning_with(line, at);
        let said = session.output_of(&session.items()[0], &console);
        let meant = said.stderr.contains("exceeded its progress deadline");
        assert!(said.stderr.is_empty() || meant, "{id}: {line}: {}", said.stderr);
        assert!(meant || !said.stdout.is_empty(), "{id}: {line} says nothing");
    }
}
