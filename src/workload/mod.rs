//! What runs inside containers: images, processes, files, sockets, scripts.
//!
//! Owns: one [`machine::Machine`] a node: its kernel as far as Pods can see it (namespaces,
//! processes, signals, files, sockets), and the programs of well-known images. Does not own: who
//! starts and stops containers, or routes between nodes (`cluster`).

mod applets;
mod catalogue;
mod files;
mod fs;
pub mod image;
mod kernel;
pub mod machine;
mod process;
mod procfs;
mod programs;
mod server;
mod shell;
pub mod steady;
pub mod told;
mod usage;
