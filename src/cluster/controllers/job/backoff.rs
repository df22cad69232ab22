//! How long a Job waits before it replaces a Pod that failed.
//!
//! Models pkg/controller/job/backoff_utils.go. Does not own: when the Job looks (`job`).

use crate::manifest::pod::Pod;
use crate::time::{Duration, Instant};

/// The wait after the first failure (DefaultJobPodFailureBackOff).
pub const BACKOFF: Duration = Duration::from_secs(10);
/// The longest wait (MaxJobPodFailureBackOff).
pub const BACKOFF_MAX: Duration = Duration::from_secs(600);

/// How many Pods of a Job have failed since one succeeded, and when the last one did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackoffRecord {
    /// Failures since the last success.
    pub failures_after_last_success: u32,
    /// When the last one ended.
    pub last_failure: Option<Instant>,
}

impl BackoffRecord {
    /// The record after these Pods have ended, given by their times; a success forgets what was
    /// before it.
    pub fn after(self, succeeded: &[Instant], failed: &[Instant]) -> Self {
        let mut failed = failed.to_vec();
        crate::order::sort(&mut failed);
        let Some(last_success) = succeeded.iter().max() else {
            let count = u32::try_from(failed.len()).unwrap_or(u32::MAX);
            return match failed.last() {
                None => self,
                Some(last) => Self {
                    failures_after_last_success: self.failures_after_last_success + count,
                    last_failure: Some(*last),
                },
            };
        };
        let later = failed.iter().filter(|failure| *failure > last_success).count();
        match failed.last().filter(|_| later > 0) {
            Some(last) => Self {
                failures_after_last_success: u32::try_from(later).unwrap_or(u32::MAX),
                last_failure: Some(*last),
            },
            None => Self::default(),
        }
    }

    /// How much of the wait is left.
    pub fn remaining(self, now: Instant, first: Duration, longest: Duration) -> Duration {
        let Some(last) = self.last_failure else { return Duration::ZERO };
        remaining(self.failures_after_last_success, last, now, first, longest)
    }
}

/// How much of the wait is left after so many failures, the last one then.
pub fn remaining(
    failures: u32,
    last: Instant,
    now: Instant,
    first: Duration,
    longest: Duration,
) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let mut wait = first;
    for _ in 1..failures {
        wait = (wait * 2).min(longest);
        if wait == longest {
            break;
        }
    }
    (wait.min(longest) - now.since(last)).max(Duration::ZERO)
}

/// When a Pod ended: with its last container; else when it stopped being Ready; else when its
/// deletion was asked for; else now.
pub fn finished_at(pod: &Pod, now: Instant) -> Instant {
    from_containers(pod)
        .or_else(|| {
            let ready = pod.status.condition("Ready").filter(|c| c.status == "False")?;
            ready.last_transition_time
        })
        .or_else(|| {
            let deletion = pod.metadata.deletion_timestamp?;
            let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
            Some(deletion - Duration::from_secs(grace))
        })
        .unwrap_or(now)
}

fn from_containers(pod: &Pod) -> Option<Instant> {
    let mut last = None;
    for status in &pod.status.container_statuses {
        // One container without an end, and the containers say nothing.
        last = last.max(Some(status.state.terminated.as_ref()?.finished_at?));
    }
    last
}

/// How much of the wait of one index is left after the failure of this Pod.
pub fn remaining_of_index(pod: Option<&Pod>, now: Instant) -> Duration {
    remaining_of_index_with(pod, now, BACKOFF, BACKOFF_MAX)
}

/// As [`remaining_of_index`], with other waits.
pub fn remaining_of_index_with(
    pod: Option<&Pod>,
    now: Instant,
    first: Duration,
    longest: Duration,
) -> Duration {
    let Some(pod) = pod else { return Duration::ZERO };
    let failures = failures_of_index(pod) + ignored_of_index(pod) + 1;
    remaining(failures, finished_at(pod, now), now, first, longest)
}

/// How often the index had failed when this Pod was made.
pub(crate) fn failures_of_index(pod: &Pod) -> u32 {
    count(pod, FAILURES)
}

/// How many failures of the index had been ignored when this Pod was made.
pub(crate) fn ignored_of_index(pod: &Pod) -> u32 {
    count(pod, IGNORED)
}

fn count(pod: &Pod, annotation: &str) -> u32 {
    pod.metadata.annotations.get(annotation).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The annotation with the failures of an index.
pub(crate) const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
/// The annotation with its failures that were ignored.
pub(crate) const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
