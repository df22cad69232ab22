//! The page: draws views, emits actions. The only part that knows a browser.
//!
//! Owns: the page's [`state`], the edits it writes into the text ([`edit`], [`points`],
//! [`pre_stop`]), the drafts it keeps ([`drafts`]) and, for wasm32 only, one component a view. The
//! others know no browser either and are tested natively. Does not own: what Kubernetes does, or
//! what a view says.

pub mod address;
pub mod answer;
pub mod copying;
pub mod drafts;
pub mod edit;
#[cfg(not(target_arch = "wasm32"))]
pub mod frame;
pub mod icons;
pub mod margin;
pub mod points;
pub mod pre_stop;
pub mod run;
pub mod start;
pub mod state;
pub mod theme;
pub mod views;

#[cfg(target_arch = "wasm32")]
mod anatomy;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod autoscaling;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod compare;
#[cfg(target_arch = "wasm32")]
mod diagnostics;
#[cfg(target_arch = "wasm32")]
mod dialog;
#[cfg(target_arch = "wasm32")]
mod doing;
#[cfg(target_arch = "wasm32")]
mod editor;
#[cfg(target_arch = "wasm32")]
mod effects;
#[cfg(target_arch = "wasm32")]
mod embed;
#[cfg(target_arch = "wasm32")]
mod gallery;
#[cfg(target_arch = "wasm32")]
mod hands;
#[cfg(target_arch = "wasm32")]
mod keys;
#[cfg(target_arch = "wasm32")]
mod knobs;
#[cfg(target_arch = "wasm32")]
mod kubectl;
#[cfg(target_arch = "wasm32")]
mod listen;
#[cfg(target_arch = "wasm32")]
mod measure;
#[cfg(target_arch = "wasm32")]
mod menu;
#[cfg(target_arch = "wasm32")]
mod mini_lane;
#[cfg(target_arch = "wasm32")]
mod msg;
#[cfg(target_arch = "wasm32")]
mod panels;
#[cfg(target_arch = "wasm32")]
mod paper;
#[cfg(target_arch = "wasm32")]
mod pod_chooser;
#[cfg(target_arch = "wasm32")]
mod processes;
#[cfg(target_arch = "wasm32")]
mod prompt;
#[cfg(target_arch = "wasm32")]
mod splitter;
#[cfg(target_arch = "wasm32")]
mod story;
#[cfg(target_arch = "wasm32")]
mod strip;
#[cfg(target_arch = "wasm32")]
mod taken;
#[cfg(target_arch = "wasm32")]
mod termination;
#[cfg(target_arch = "wasm32")]
mod thumbnail;
#[cfg(target_arch = "wasm32")]
mod timeline;
#[cfg(target_arch = "wasm32")]
mod topbar;
#[cfg(target_arch = "wasm32")]
mod transport;
#[cfg(target_arch = "wasm32")]
mod why;

/// Mounts the page.
#[cfg(target_arch = "wasm32")]
pub fn start() {
    app::mount();
}
