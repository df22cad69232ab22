//! Shell scripts, run in virtual time.
//!
//! Owns: from a script's text to what it does ([`vm::Vm`]). Does not own: the grammar of commands
//! (a library parses them), or the programs that scripts call (`applets`, `server`).

pub(super) mod arithmetic;
mod builtins;
pub(super) mod code;
mod command;
mod expand;
pub(super) mod pattern;
pub(super) mod test;
pub(super) mod vm;
mod word;
