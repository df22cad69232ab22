//! (trace, cursor) → plain structs; each also prints as text.

pub mod anatomy;
pub mod autoscaling;
pub mod axis;
pub mod compare;
pub mod fields;
pub mod inside;
pub mod kubectl;
pub mod nodes;
pub mod processes;
pub mod rows;
pub mod story;
pub mod termination;
pub mod timeline;
pub mod why;
