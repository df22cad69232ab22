//! s
use super::Findings;
use crate::manifest::service::*;
/// x
pub fn create(_p: &Service, _f: &mut Findings) {}
