//! Texts of the diagnostics.
