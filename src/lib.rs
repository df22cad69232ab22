//! Podarium: a glass box for Kubernetes Pods.
//!
//! A scenario is data, a trace is a pure function of the scenario, and every picture is a pure
//! function of (trace, cursor). Data flows one way; each module may use those above it:
//!
//! ```text
//! time, map, order, digest, diagnostic, rule, version → manifest → workload → scenario → trace
//!   → cluster → view → console → i18n → draw → gallery → share → cli | ui
//! ```

pub mod time;

pub mod map;
pub mod order;

pub mod digest;

pub mod diagnostic;
pub mod rule;
pub mod version;

pub mod manifest;

pub mod workload;

pub mod scenario;

pub mod trace;

pub mod cluster;

pub mod view;

pub mod console;

pub mod i18n;

pub mod draw;

pub mod gallery;

pub mod share;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;

pub mod ui;
