//! What kubectl prints as of a moment, byte for byte.

pub mod pod_row;
pub mod table;
