//! A queue of requests before something that can do only so many a second.
//!
//! Owns: how it grows, drains, and turns requests away. Does not own: what it stands before.

use crate::time::Duration;

/// Billionths of a request.
const REQUEST: i128 = 1_000_000_000;
/// Microseconds in a second.
const SECOND: i128 = 1_000_000;

/// Requests that wait. Those whose client would give up before their turn are turned away.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// Billionths of a request that are done in a second.
    capacity: i128,
    /// Billionths of a request that wait.
    waiting: i128,
}

impl Queue {
    pub(super) const fn new(capacity: i128) -> Self {
        Self { capacity: if capacity > 0 { capacity } else { 1 }, waiting: 0 }
    }

    /// So many requests came while so much time passed; returns how many were lost.
    pub(super) fn step(&mut self, came: u64, passed: Duration, patience: Duration) -> u64 {
        let micros = |duration: Duration| i128::from(duration.as_micros());
        let done = self.capacity * micros(passed) / SECOND;
        self.waiting = (self.waiting + i128::from(came) * REQUEST - done).max(0);
        let most = self.capacity * micros(patience) / SECOND + REQUEST;
        let lost = (self.waiting - most).max(0) / REQUEST;
        self.waiting -= lost * REQUEST;
        u64::try_from(lost).unwrap_or(0)
    }

    /// How long a request that comes now waits for its turn.
    pub(super) fn delay(&self) -> Duration {
        let micros = self.waiting * SECOND / self.capacity;
        Duration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX / 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_waits_and_then_is_turned_away() {
        let (second, patience) = (Duration::from_secs(1), Duration::from_secs(2));
        let mut queue = Queue::new(10 * REQUEST);
        assert_eq!(queue.step(10, second, patience), 0);
        assert_eq!(queue.delay(), Duration::ZERO);
        assert_eq!(queue.step(20, second, patience), 0);
        assert_eq!(queue.delay(), Duration::from_secs(1));
        let mut lost = 0;
        for _ in 0..100 {
            lost += queue.step(20, second, patience);
        }
        // Ten a second are too many, less what may wait for two seconds.
        assert_eq!(lost, 1000 - 11);
        for _ in 0..3 {
            queue.step(0, second, patience);
        }
        assert_eq!(queue.delay(), Duration::ZERO);
    }
}
