//! What the start page is made of, for the page and for its frame.
//!
//! Owns: which cards come first, where they lead and what stands on them. Does not own: the wall
//! (`gallery`) or what stands before it (`frame`).

use crate::gallery::GalleryEntry;
use crate::ui::run::Run;

/// The scenarios beside the first card.
pub const FIRST: [&str; 3] = ["startup-never", "rolling-update", "hpa-load"];

/// What stands on the first card.
pub const SAMPLE: [&str; 2] = ["apiVersion: v1", "kind: Pod"];

/// Thumbnails are drawn at this width and stretched to the card's.
pub const WIDTH: f64 = 208.0;

/// Where a card leads.
pub fn href(entry: &GalleryEntry) -> String {
    format!("#g={}@{}", entry.id, entry.revision)
}

/// How long the scenario of a card takes.
pub fn length(run: &Run) -> String {
    let clock = run.trace.horizon().clock();
    clock.strip_suffix(".0").unwrap_or(&clock).to_owned()
}
