//! s
use super::Findings;
use crate::manifest::{Object, node::Node};
/// x
pub fn check(_o: (&Object, &Node), _n: (&Object, &Node), _f: &mut Findings) {}
