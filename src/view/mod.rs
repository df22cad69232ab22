//! (trace, cursor) → plain structs; each also prints as text.

pub mod kubectl;
pub mod rows;
