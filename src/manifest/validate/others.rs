//! s
use super::Findings;
use crate::manifest::{meta::ObjectMeta, node::Node};
/// x
pub fn check(_r: &Node, _v: &str, _k: &str, _m: &ObjectMeta, _f: &mut Findings) {}
