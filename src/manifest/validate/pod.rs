//! s
use super::Findings;
use crate::manifest::pod::Pod;
/// x
pub fn create(_p: &Pod, _f: &mut Findings) {}
