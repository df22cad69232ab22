//! Podarium: a glass box for Kubernetes Pods.
//!
//! A scenario is data, a trace is a pure function of the scenario, and every picture is a pure
//! function of (trace, cursor). Data flows one way; each module may use those above it:
//!
//! ```text
//! time, diagnostic, version, rule → manifest → workload → scenario → trace → cluster → view
//!   → i18n → share → cli | ui
//! ```

pub mod time;

pub mod diagnostic;
pub mod rule;
pub mod version;

pub mod manifest;

pub mod scenario;
pub mod trace;
pub mod workload;
