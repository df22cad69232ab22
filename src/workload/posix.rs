//! What the shell and the small programs share: patterns, expressions, sums, tests, escapes.
//!
//! Owns: these little languages. Does not own: the shell's (`shell`), or what programs do.

pub(super) mod arithmetic;
pub(super) mod pattern;
pub(super) mod print;
pub(super) mod regex;
pub(super) mod test;
