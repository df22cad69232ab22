//! Exponential back-off, as the kubelet keeps it for containers and for images.
//!
//! Models client-go/util/flowcontrol/backoff.go. Does not own: what is tried again, or when the
//! Pod worker looks.

use crate::map::Map;
use crate::time::{Duration, Instant};

/// The first back-off.
///
/// Models pkg/kubelet/kubelet.go backOffPeriod.
pub(crate) const INITIAL: Duration = Duration::from_secs(10);
/// The longest back-off.
///
/// Models pkg/kubelet/kubelet.go MaxCrashLoopBackOff.
pub(crate) const MAX: Duration = Duration::from_secs(300);

/// Back-offs by key.
#[derive(Clone, Debug)]
pub struct Backoff<K: Ord> {
    entries: Map<K, Window>,
    initial: Duration,
    max: Duration,
}

impl<K: Ord> Default for Backoff<K> {
    fn default() -> Self {
        Self::new(INITIAL, MAX)
    }
}

/// One back-off: how long it is, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How long.
    pub length: Duration,
    /// When it was last made longer.
    pub updated: Instant,
}

impl<K: Ord> Backoff<K> {
    /// Begins with no back-off; each series goes from the first to the longest.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { entries: Map::new(), initial, max }
    }

    /// The back-off that counts for something that ended at `event_time`.
    ///
    /// Models IsInBackOffSince: none when there is none, or when so long has passed between the
    /// last back-off and the event that it is forgotten.
    pub fn since(&self, key: &K, event_time: Instant) -> Option<Window> {
        self.entries.get(key).copied().filter(|window| !self.has_expired(event_time, window))
    }

    /// The back-off from now on: twice the last one, or the first one.
    ///
    /// Models Next.
    pub fn next(&mut self, key: K, event_time: Instant, now: Instant) -> Duration {
        let length = match self.entries.get(&key) {
            Some(window) if !self.has_expired(event_time, window) => {
                (window.length * 2).min(self.max)
            }
            Some(_) | None => self.initial,
        };
        self.entries.insert(key, Window { length, updated: now });
        length
    }

    /// Whether there was a back-off that is forgotten by now.
    pub fn is_expired(&self, key: &K, event_time: Instant) -> bool {
        self.entries.get(key).is_some_and(|window| self.has_expired(event_time, window))
    }

    /// Twice the longest back-off without an update, and a back-off is forgotten.
    ///
    /// Models hasExpired: "10 minutes of success" is this, measured at the next failure.
    fn has_expired(&self, event_time: Instant, window: &Window) -> bool {
        event_time.since(window.updated) > self.max * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_doubles_to_five_minutes_and_is_forgotten_after_ten() {
        let mut backoff = Backoff::default();
        let mut now = Instant::ZERO;
        let mut series = Vec::new();
        for _ in 0..7 {
            series.push(backoff.next("app", now, now).as_secs());
            now = now + Duration::from_secs(60);
        }
        assert_eq!(series, [10, 20, 40, 80, 160, 300, 300]);
        let later = now + Duration::from_secs(601 - 60);
        assert_eq!(backoff.since(&"app", later), None);
        assert_eq!(backoff.next("app", later, later), INITIAL);
    }
}
