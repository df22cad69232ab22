//! Texts of the pictures of what is inside a Pod: seating chart, nodes, processes.
//!
//! One struct of texts, one constant a language; sentences are translated whole.

mod en;
mod zh;

use crate::i18n::Lang;
use crate::time::Instant;
use crate::trace::LocalAnswer;
use crate::view::anatomy::{Caption, Kind, SeatState};
use crate::view::processes::{Note, Processes};
use crate::view::timeline::Role;

/// Texts of what is inside a Pod.
#[derive(Clone, Copy, Debug)]
pub struct InsideTexts {
    /// How the seating chart is read.
    pub seating: &'static str,
    /// The chooser of the Pod.
    pub pod: &'static str,
    /// The switch beside the picture: what it does, for a screen reader.
    pub share: &'static str,
    /// Why the switch cannot be used.
    pub cannot_share: &'static str,
    /// What a namespace holds, below its name.
    pub holds: fn(Kind) -> &'static str,
    /// What the column of pause is.
    pub sandbox: &'static str,
    /// What pause is for.
    pub pause: &'static str,
    /// What a container is for.
    pub role: fn(Role) -> &'static str,
    /// How a seat is.
    pub state: fn(&SeatState) -> String,
    /// The wire to the node.
    pub veth: fn(&str) -> String,
    /// Who listens.
    pub listens: fn(&str) -> String,
    /// What a second bind() says.
    pub taken: &'static str,
    /// A request to localhost and its answer.
    pub localhost: fn(LocalAnswer) -> String,
    /// What is in an IPC namespace.
    pub ipc: &'static str,
    /// Before a host name.
    pub hostname: &'static str,
    /// Below pause's own processes.
    pub pause_alone: &'static str,
    /// Below pause when it is everybody's PID 1.
    pub pause_reaps: &'static str,
    /// So many more processes.
    pub more: fn(usize) -> String,
    /// Name of the rows of volumes.
    pub volume: &'static str,
    /// Whose they are.
    pub volume_of: &'static str,
    /// A volume that is not mounted yet.
    pub not_mounted: &'static str,
    /// A volume in a second container.
    pub same_directory: &'static str,
    /// A volume that cannot be written to.
    pub read_only: &'static str,
    /// A namespace that is the node's.
    pub nodes_own: &'static str,
    /// The band of what is always the node's.
    pub user_time: &'static str,
    /// What the picture shows, in one sentence, and why in another.
    pub caption: fn(&Caption) -> (String, &'static str),
    /// The seating chart in a sentence, for those who do not see it.
    pub chart: fn(&str, &str) -> String,
    /// Shows what is in a cell.
    pub shows: fn(&str) -> String,
    /// Below the seating chart: what a click does.
    pub click: &'static str,
    /// No Pod exists at this moment.
    pub no_pod: &'static str,

    /// Headline of the nodes.
    pub nodes: &'static str,
    /// How they are read.
    pub nodes_sub: &'static str,
    /// Where Pods without a node stand.
    pub no_node: &'static str,
    /// A node that has no Pod.
    pub empty_node: &'static str,
    /// The images of a node.
    pub images: &'static str,
    /// An image that nobody uses now.
    pub unused: &'static str,
    /// The manifests of a node.
    pub manifests: &'static str,
    /// A node without manifests.
    pub no_manifests: &'static str,
    /// What a manifest is.
    pub manifest_runs: &'static str,
    /// An address that the API does not show yet.
    pub unpublished: &'static str,
    /// Shows a Pod in the seating chart.
    pub show_pod: fn(&str) -> String,

    /// Points of view.
    pub points: &'static str,
    /// A container that is waiting.
    pub no_process: &'static str,
    /// The headings of the table: PID, PPID, STAT, COMMAND, host.
    pub headings: [&'static str; 5],
    /// The badge of PID 1.
    pub one: &'static str,
    /// Its explanation.
    pub one_long: &'static str,
    /// Something to be known about a process.
    pub note: fn(&Note) -> String,
    /// What the table shows, in one sentence.
    pub table: fn(&Processes, usize) -> String,
    /// What a zombie is.
    pub zombie_is: &'static str,
    /// STAT, in words.
    pub stat: fn(char) -> &'static str,
    /// Whose process it is, on the node.
    pub of_pod: fn(&str, &str) -> String,
    /// Where a process is PID so and so inside.
    pub inside_as: fn(u32) -> String,
    /// A process whose parent is outside.
    pub outside: &'static str,
}

impl Lang {
    /// The texts of what is inside a Pod.
    pub const fn inside(self) -> &'static InsideTexts {
        match self {
            Self::En => &en::TEXTS,
            Self::Zh => &zh::TEXTS,
        }
    }
}

/// A moment to the tenth, as the clock shows it.
fn clock(at: Instant) -> String {
    at.clock()
}
