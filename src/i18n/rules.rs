//! Texts of the rules.
