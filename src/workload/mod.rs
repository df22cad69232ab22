//! What runs inside containers: images, processes, files, sockets, scripts.
//!
//! Owns: one [`machine::Machine`] a node: its kernel as far as Pods can see it (namespaces,
//! processes, signals, files, sockets), and the programs of well-known images. Does not own: who
//! starts and stops containers, or routes between nodes (`cluster`).

mod applets;
pub mod cri;
mod fs;
pub mod image;
mod kernel;
pub mod machine;
mod posix;
mod programs;
mod runc;
mod server;
mod shell;
pub mod steady;
