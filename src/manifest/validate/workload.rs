//! s
use super::Findings;
use crate::manifest::workloads::*;
/// x
pub fn deployment(_p: &Deployment, _f: &mut Findings) {}
/// x
pub fn replica_set(_p: &ReplicaSet, _f: &mut Findings) {}
