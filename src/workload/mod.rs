//! What runs inside containers: images, processes, files, sockets, scripts.
//!
//! Owns: one [`machine::Machine`] a node: its kernel as far as Pods can see it (namespaces,
//! processes, signals, files, sockets), and the programs of well-known images. Does not own: who
//! starts and stops containers, or routes between nodes (`cluster`).

pub mod image;
pub mod machine;
