//! Maps and sets in the order of their keys, on one sorted vector each.
//!
//! Owns: [`Map`] and [`Set`], with the words of `BTreeMap` and `BTreeSet`. Each key and value of
//! those costs kilobytes of wasm, where a sorted vector costs a search and a move; the engine's
//! maps are small, or grow at their end. Beside them [`wide`] and [`index`], for the few that hold
//! tens of thousands. Does not own: any order (`Ord` of the keys).

pub mod index;
pub mod wide;

use std::borrow::Borrow;
use std::fmt;
use std::ops::{Index, RangeFrom};
use std::slice::{Iter, IterMut};

/// Values by key, in the order of the keys.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Map<K, V> {
    /// A map of nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keys and values.
    pub fn iter(&self) -> Pairs<'_, K, V> {
        Pairs(self.0.iter())
    }

    /// Keys and values, which may be changed.
    pub fn iter_mut(&mut self) -> PairsMut<'_, K, V> {
        PairsMut(self.0.iter_mut())
    }

    /// The keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values, which may be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The keys alone.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> {
        self.0.into_iter().map(|(key, _)| key)
    }

    /// The values alone.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.0.into_iter().map(|(_, value)| value)
    }

    /// The first key with its value.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.0.first().map(|(key, value)| (key, value))
    }

    /// The last key with its value.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.0.last().map(|(key, value)| (key, value))
    }

    /// Takes the first key and its value out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    /// Keeps what the test wants.
    pub fn retain(&mut self, mut wanted: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| wanted(key, value));
    }
}

impl<K: Ord, V> Map<K, V> {
    /// Where a key stands, or where it would.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    /// Where a key stands, or where it would; quick where it comes last.
    #[inline(never)]
    fn place_new(&self, key: &K) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if last < key => Err(self.0.len()),
            _ => self.place(key),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// The value of a key, which may be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is such a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; returns the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place_new(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a key and its value out; returns the value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The place of a key, with its value or without.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = self.place_new(&key);
        Entry { map: self, key, place }
    }

    /// Keys and values from this key on.
    pub fn range(&self, keys: RangeFrom<K>) -> Pairs<'_, K, V> {
        let (Ok(at) | Err(at)) = self.place(&keys.start);
        Pairs(self.0[at..].iter())
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::new();
        map.extend(pairs);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Map<K, V> {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for Map<K, V> {
    type Output = V;

    /// The value of a key that is there.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is there")
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m, K, V> IntoIterator for &'m Map<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Pairs<'m, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'m, K, V> IntoIterator for &'m mut Map<K, V> {
    type Item = (&'m K, &'m mut V);
    type IntoIter = PairsMut<'m, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// The keys and values of a map.
#[derive(Debug)]
pub struct Pairs<'m, K, V>(Iter<'m, (K, V)>);

impl<K, V> Clone for Pairs<'_, K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<'m, K, V> Iterator for Pairs<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> DoubleEndedIterator for Pairs<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key, value))
    }
}

impl<K, V> ExactSizeIterator for Pairs<'_, K, V> {}

/// The keys and values of a map, whose values may be changed.
#[derive(Debug)]
pub struct PairsMut<'m, K, V>(IterMut<'m, (K, V)>);

impl<'m, K, V> Iterator for PairsMut<'m, K, V> {
    type Item = (&'m K, &'m mut V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (&*key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// The place of a key in a map.
#[derive(Debug)]
pub struct Entry<'m, K, V> {
    map: &'m mut Map<K, V>,
    key: K,
    place: Result<usize, usize>,
}

impl<'m, K, V> Entry<'m, K, V> {
    /// The value; where there is none, this one.
    pub fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    /// The value; where there is none, the one that is made.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'m mut V {
        let pairs = &mut self.map.0;
        let at = match self.place {
            Ok(at) => at,
            Err(at) => {
                pairs.insert(at, (self.key, make()));
                at
            }
        };
        &mut pairs[at].1
    }

    /// The value; where there is none, the default.
    pub fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value where there is one.
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        if let Ok(at) = self.place {
            change(&mut self.map.0[at].1);
        }
        self
    }
}

/// Keys, in their order.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Set<T>(Map<T, ()>);

impl<T> Set<T> {
    /// A set of nothing.
    pub const fn new() -> Self {
        Self(Map::new())
    }

    /// How many keys there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The keys.
    pub fn iter(&self) -> Keys<'_, T> {
        Keys(self.0.0.iter())
    }

    /// The first key.
    pub fn first(&self) -> Option<&T> {
        self.0.first_key_value().map(|(key, ())| key)
    }

    /// The last key.
    pub fn last(&self) -> Option<&T> {
        self.0.last_key_value().map(|(key, ())| key)
    }

    /// Takes the first key out.
    pub fn pop_first(&mut self) -> Option<T> {
        self.0.pop_first().map(|(key, ())| key)
    }

    /// Keeps what the test wants.
    pub fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        self.0.retain(|key, ()| wanted(key));
    }
}

impl<T: Ord> Set<T> {
    /// Whether there is such a key.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// Adds a key; whether it is new.
    pub fn insert(&mut self, key: T) -> bool {
        self.0.insert(key, ()).is_none()
    }

    /// Takes a key out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(key).is_some()
    }

    /// The keys that stand in both sets.
    pub fn intersection<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s T> {
        self.iter().filter(|key| other.contains(*key))
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(keys: I) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(keys: [T; N]) -> Self {
        keys.into_iter().collect()
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(key, ())| key)
    }
}

impl<'s, T> IntoIterator for &'s Set<T> {
    type Item = &'s T;
    type IntoIter = Keys<'s, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The keys of a set.
#[derive(Debug)]
pub struct Keys<'s, T>(Iter<'s, (T, ())>);

impl<T> Clone for Keys<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<'s, T> Iterator for Keys<'s, T> {
    type Item = &'s T;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, ())| key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> DoubleEndedIterator for Keys<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, ())| key)
    }
}

impl<T> ExactSizeIterator for Keys<'_, T> {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// A linear congruence: the same numbers everywhere.
    fn numbers(count: usize) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(7_u32), |state| {
            Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
        .map(|state| state >> 24)
        .take(count)
    }

    #[test]
    fn a_map_does_what_the_standard_library_does() {
        let (mut map, mut tree) = (Map::new(), BTreeMap::new());
        for (round, number) in numbers(3_000).enumerate() {
            match number % 7 {
                0 | 1 => assert_eq!(map.remove(&number), tree.remove(&number)),
                2 => *map.entry(number).or_default() += *tree.entry(number).or_insert(round),
                3 => {
                    map.entry(number).and_modify(|value| *value += 1).or_insert(round);
                    tree.entry(number).and_modify(|value| *value += 1).or_insert(round);
                }
                4 if round % 5 == 0 => assert_eq!(map.pop_first(), tree.pop_first()),
                _ => assert_eq!(map.insert(number, round), tree.insert(number, round)),
            }
            if number % 7 == 2 {
                tree.insert(number, map[&number]);
            }
            assert_eq!(map.get(&(number + 1)), tree.get(&(number + 1)));
            assert!(map.iter().eq(&tree) && map.len() == tree.len());
            assert!(map.range(number..).eq(tree.range(number..)));
            assert_eq!(map.first_key_value(), tree.first_key_value());
            assert_eq!(map.last_key_value(), tree.last_key_value());
        }
        map.retain(|key, _| key % 2 == 0);
        tree.retain(|key, _| key % 2 == 0);
        assert!(map.iter().rev().eq(tree.iter().rev()));
        assert_eq!(format!("{map:?}"), format!("{tree:?}"));
        assert!(map.into_iter().eq(tree));
    }

    #[test]
    fn the_last_of_equal_keys_stays() {
        assert_eq!(Map::from([(2, 'a'), (1, 'b'), (2, 'c')])[&2], 'c');
        let set: Set<u32> = numbers(500).collect();
        assert!(set.iter().eq(&numbers(500).collect::<BTreeSet<_>>()));
    }
}
