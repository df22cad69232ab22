//! s
use super::Findings;
use crate::manifest::volume::*;
/// x
pub fn config_map(_p: &ConfigMap, _f: &mut Findings) {}
/// x
pub fn secret(_p: &Secret, _f: &mut Findings) {}
