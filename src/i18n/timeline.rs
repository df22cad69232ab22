//! Texts of the timeline.
