//! A map for very many keys: sorted vectors of moderate length, one after the other.
//!
//! Owns: [`Wide`], which a key enters or leaves without moving all the others. Does not own: maps
//! of some dozen keys, which are most ([`Map`](crate::map::Map)).

use std::borrow::Borrow;

/// Values by key, in the order of the keys.
#[derive(Clone, Debug)]
pub struct Wide<K, V> {
    /// None is empty.
    parts: Vec<Vec<(K, V)>>,
    len: usize,
}

/// A part that grows beyond this becomes two.
const MOST: usize = 128;

impl<K, V> Default for Wide<K, V> {
    fn default() -> Self {
        Self { parts: Vec::new(), len: 0 }
    }
}

impl<K: Ord, V> Wide<K, V> {
    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The part in which a key stands or would stand, and where.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> (usize, Result<usize, usize>)
    where
        K: Borrow<Q>,
    {
        let after = self.parts.partition_point(|part| part[0].0.borrow() <= key);
        let part = after.saturating_sub(1);
        let at = self
            .parts
            .get(part)
            .map_or(Err(0), |pairs| pairs.binary_search_by(|(other, _)| other.borrow().cmp(key)));
        (part, at)
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (part, at) = self.place(key);
        at.ok().map(|at| &self.parts[part][at].1)
    }

    /// The value of a key, which may be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (part, at) = self.place(key);
        at.ok().map(|at| &mut self.parts[part][at].1)
    }

    /// Sets the value of a key; returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (part, at) = self.place(&key);
        match at {
            Ok(at) => return Some(std::mem::replace(&mut self.parts[part][at].1, value)),
            Err(at) => {
                self.len += 1;
                if self.parts.is_empty() {
                    self.parts.push(Vec::new());
                }
                let pairs = &mut self.parts[part];
                pairs.insert(at, (key, value));
                if pairs.len() > MOST {
                    // What comes in order fills its parts.
                    let keep = if at + 1 == pairs.len() { MOST } else { MOST / 2 };
                    let rest = pairs.split_off(keep);
                    self.parts.insert(part + 1, rest);
                }
            }
        }
        None
    }

    /// Takes a key and its value out; returns the value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (part, at) = self.place(key);
        let (_, value) = self.parts[part].remove(at.ok()?);
        self.len -= 1;
        if self.parts[part].is_empty() {
            self.parts.remove(part);
        }
        Some(value)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.parts.iter().flatten().map(|(_, value)| value)
    }

    /// Keys and values from this key on.
    pub fn range<'w>(&'w self, from: &K) -> impl Iterator<Item = (&'w K, &'w V)> + use<'w, K, V> {
        let (part, Ok(at) | Err(at)) = self.place(from);
        self.parts.iter().skip(part).flatten().skip(at).map(|(key, value)| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_wide_map_does_what_a_tree_does() {
        let (mut wide, mut tree) = (Wide::default(), BTreeMap::new());
        let mut state = 7_u32;
        for round in 0..30_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = (state >> 16) % 3_000;
            // First it grows, then it shrinks.
            if (state >> 8) % 8 < if round < 15_000 { 2 } else { 6 } {
                assert_eq!(wide.remove(&key), tree.remove(&key));
            } else {
                assert_eq!(wide.insert(key, round), tree.insert(key, round));
            }
            assert_eq!(wide.get(&key), tree.get(&key));
            assert_eq!((wide.len(), wide.is_empty()), (tree.len(), tree.is_empty()));
            if round % 1_000 == 0 {
                assert!(wide.range(&key).eq(tree.range(key..)));
                assert!(wide.values().eq(tree.values()));
            }
        }
        for key in 0..1_000 {
            wide.insert(5_000 + key, 0);
        }
        if let Some(value) = wide.get_mut(&5_500) {
            *value = 7;
        }
        assert_eq!((wide.get(&5_500), wide.get(&9_999)), (Some(&7), None));
    }
}
