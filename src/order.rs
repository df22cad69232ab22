//! Sorting, compiled once.
//!
//! Owns: [`sort`], [`sort_by`] and [`sort_by_key`]: stable, like those of the standard library,
//! which are compiled anew for every type they sort, four kilobytes of wasm and more each. Here one
//! sort of places serves all types. Does not own: any order.

use std::cmp::Ordering;

/// Sorts items; equal ones keep their order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by a key; equal ones keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts items by a comparison; equal ones keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let at = |place: usize| items.get(place);
    let mut places = sorted_places(items.len(), &|a, b| match (at(a), at(b)) {
        (Some(a), Some(b)) => compare(a, b),
        // Places are those of items.
        (None, _) | (_, None) => Ordering::Equal,
    });
    for place in 0..items.len() {
        // Each swap brings one item to where it belongs.
        while let Some(wanted) = places.get(place).copied().filter(|wanted| *wanted != place) {
            items.swap(place, wanted);
            places.swap(place, wanted);
        }
    }
}

/// Where each of `count` items belongs.
fn sorted_places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut places = vec![0; count];
    for (place, item) in order.into_iter().enumerate() {
        if let Some(slot) = places.get_mut(item) {
            *slot = place;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_sorted_as_by_the_standard_library() {
        // A linear congruence: the same numbers everywhere.
        let mut state: u32 = 7;
        for length in [0, 1, 2, 3, 20, 21, 100, 1_000] {
            let mut items: Vec<(u32, usize)> = (0..length)
                .map(|index| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 28, index)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by_key(&mut items, |item| item.0);
            assert_eq!(items, expected);
            sort_by(&mut items, |a, b| b.cmp(a));
            expected.sort_by(|a, b| b.cmp(a));
            assert_eq!(items, expected);
            sort(&mut items);
            expected.sort();
            assert_eq!(items, expected);
        }
    }
}
