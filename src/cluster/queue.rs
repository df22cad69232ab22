//! The one queue: what happens next, first come first served among equals.
//!
//! Owns: order by (time, sequence), and cancelling. Does not own: what the wake-ups mean.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::map::Set;
use crate::time::Instant;

/// Names a wake-up, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(u64);

/// A priority queue of wake-ups in virtual time.
#[derive(Debug)]
pub struct Queue<T> {
    heap: BinaryHeap<Reverse<Item<T>>>,
    cancelled: Set<u64>,
    sequence: u64,
}

#[derive(Debug)]
struct Item<T> {
    at: Instant,
    sequence: u64,
    what: T,
}

// Only (time, sequence) orders items; the sequence is unique, so equality is identity.
impl<T> PartialEq for Item<T> {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl<T> Eq for Item<T> {}
impl<T> PartialOrd for Item<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Item<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), cancelled: Set::new(), sequence: 0 }
    }
}

impl<T> Queue<T> {
    /// Adds a wake-up; equal times keep the order in which they were added.
    pub fn push(&mut self, at: Instant, what: T) -> Token {
        let sequence = self.sequence;
        self.sequence += 1;
        self.heap.push(Reverse(Item { at, sequence, what }));
        Token(sequence)
    }

    /// Takes a wake-up back; one that has already come stays as it is.
    pub fn cancel(&mut self, token: Token) {
        self.cancelled.insert(token.0);
    }

    /// Takes back every wake-up that does not fulfil a condition.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.heap.retain(|Reverse(item)| keep(&item.what));
    }

    /// The next wake-up that nobody cancelled.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        while let Some(Reverse(item)) = self.heap.pop() {
            if self.cancelled.is_empty() || !self.cancelled.remove(&item.sequence) {
                return Some((item.at, item.what));
            }
        }
        None
    }

    /// How many wake-ups were ever added.
    pub const fn pushed(&self) -> u64 {
        self.sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_keep_their_order_and_cancelled_ones_never_come() {
        let mut queue = Queue::default();
        let at = Instant::from_secs;
        queue.push(at(2), 'c');
        queue.push(at(1), 'a');
        let token = queue.push(at(1), 'x');
        queue.push(at(1), 'b');
        queue.cancel(token);
        let order: Vec<char> = std::iter::from_fn(|| queue.pop().map(|(_, what)| what)).collect();
        assert_eq!(order, ['a', 'b', 'c']);
    }
}
