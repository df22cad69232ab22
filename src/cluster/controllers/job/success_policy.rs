//! Whether the indexes that have succeeded are enough for a Job.
//!
//! Models pkg/controller/job/success_policy.go matchSuccessPolicy. Does not own: what follows
//! (`plan`).

use crate::cluster::controllers::job::indexes;
use crate::manifest::workloads::SuccessPolicy;
use crate::map::Set;

/// The rule of a success policy that is met.
pub(super) fn success(
    policy: Option<&SuccessPolicy>,
    succeeded: &Set<i32>,
    completions: i32,
) -> Option<String> {
    let rules = &policy?.rules;
    let met = rules.iter().position(|rule| {
        let count = rule.succeeded_count.and_then(|count| usize::try_from(count).ok());
        match (&rule.succeeded_indexes, count) {
            (Some(text), count) => {
                let wanted = indexes::parse(text, completions);
                let have = wanted.intersection(succeeded).count();
                have >= count.unwrap_or(wanted.len())
            }
            (None, Some(count)) => succeeded.len() >= count,
            (None, None) => false,
        }
    })?;
    Some(format!("Matched rules at index {met}"))
}
