//! (trace, cursor) → plain structs; each also prints as text.

pub mod autoscaling;
pub mod axis;
pub mod kubectl;
pub mod rows;
pub mod story;
pub mod timeline;
pub mod why;
