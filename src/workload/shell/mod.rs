//! Shell scripts, run in virtual time.
//!
//! Owns: from a script's text to what it does ([`vm::Vm`]). Does not own: the grammar of commands
//! (a library parses them), or the programs that scripts call (`applets`, `server`).

mod builtins;
pub(super) mod code;
mod command;
mod expand;
mod run;
pub(super) mod vm;
mod word;
