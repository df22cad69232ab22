//! The pictures of a run: which there are, and their names in links.
//!
//! Owns: [`View`]. Does not own: how each is drawn (`panels` and the components it calls).

use crate::time::Instant;
use crate::ui::run::Run;

/// What the picture is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Everything, along the time.
    #[default]
    Timeline,
    /// Which namespaces the containers of a Pod share, and the nodes around it.
    Anatomy,
    /// The table of processes, as each container and the node see it.
    Processes,
    /// How a Pod leaves, and who was faster.
    Termination,
    /// Load, usage, replicas and decisions of an autoscaler.
    Autoscaling,
    /// The run that was put aside, and this one.
    Compare,
}

impl View {
    /// Every view that a run has by itself, left to right.
    pub const ALL: [Self; 5] =
        [Self::Timeline, Self::Anatomy, Self::Processes, Self::Termination, Self::Autoscaling];

    /// The word for it in links.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Anatomy => "anatomy",
            Self::Processes => "processes",
            Self::Termination => "termination",
            Self::Autoscaling => "autoscaling",
            Self::Compare => "compare",
        }
    }

    /// Reads that word; nothing where a link names a view that is not known here.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Compare]).find(|view| view.word() == word)
    }

    /// Whether the run has anything to show in it.
    pub fn has_something(self, run: &Run) -> bool {
        match self {
            Self::Timeline | Self::Compare => true,
            Self::Anatomy | Self::Processes => run.has_pods(),
            Self::Termination => crate::view::termination::any(&run.trace),
            Self::Autoscaling => run.has_scalers(),
        }
    }

    /// The next moment at which it changes, or the one before.
    pub fn beside(self, run: &Run, at: Instant, next: bool) -> Option<Instant> {
        match self {
            Self::Autoscaling => run.look_beside(at, next),
            Self::Timeline
            | Self::Anatomy
            | Self::Processes
            | Self::Termination
            | Self::Compare => {
                if next {
                    run.next(at)
                } else {
                    run.previous(at)
                }
            }
        }
    }
}
