//! Finding by name: a number for each of very many texts.
//!
//! Owns: [`Index`], an open hash table that can be asked and not walked, so that no order of hashes
//! ever shows. Does not own: what the numbers mean.

/// Numbers by text.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Places in `names`, plus one; 0 is free. There are twice as many as names, and more.
    slots: Vec<u32>,
    names: Vec<Option<(Box<str>, u32)>>,
    /// Places in `names` that are free.
    free: Vec<u32>,
}

/// The fewest slots.
const LEAST: usize = 16;

impl Index {
    /// How many texts there are.
    pub const fn len(&self) -> usize {
        self.names.len() - self.free.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a text.
    pub fn get(&self, name: &str) -> Option<u32> {
        let slot = self.slot_of(name)?;
        self.at(slot).map(|(_, number)| number)
    }

    /// Sets the number of a text.
    pub fn insert(&mut self, name: &str, number: u32) {
        if let Some(slot) = self.slot_of(name) {
            let place = self.slots[slot] as usize - 1;
            if let Some((_, known)) = self.names[place].as_mut() {
                *known = number;
            }
            return;
        }
        if (self.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let named = Some((name.into(), number));
        let place = match self.free.pop() {
            Some(place) => {
                self.names[place as usize] = named;
                place
            }
            None => {
                self.names.push(named);
                self.names.len() as u32 - 1
            }
        };
        self.put(name, place);
    }

    /// Forgets a text; returns its number.
    pub fn remove(&mut self, name: &str) -> Option<u32> {
        let mut hole = self.slot_of(name)?;
        let place = self.slots[hole] - 1;
        let number = self.names[place as usize].take().map(|(_, number)| number);
        self.free.push(place);
        // Whoever comes after and would rather stand here moves up.
        let mask = self.slots.len() - 1;
        let mut next = (hole + 1) & mask;
        while let Some((name, _)) = self.at(next) {
            let home = hash(name) as usize & mask;
            if (next.wrapping_sub(home) & mask) >= (next.wrapping_sub(hole) & mask) {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        self.slots[hole] = 0;
        number
    }

    /// What stands in a slot.
    fn at(&self, slot: usize) -> Option<(&str, u32)> {
        let place = (self.slots[slot] as usize).checked_sub(1)?;
        self.names[place].as_ref().map(|(name, number)| (&**name, *number))
    }

    fn slot_of(&self, name: &str) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = hash(name) as usize & mask;
        loop {
            match self.at(slot) {
                Some((known, _)) if known == name => return Some(slot),
                Some(_) => slot = (slot + 1) & mask,
                None => return None,
            }
        }
    }

    fn put(&mut self, name: &str, place: u32) {
        let mask = self.slots.len() - 1;
        let mut slot = hash(name) as usize & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = place + 1;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(LEAST);
        self.slots = vec![0; size];
        let names = std::mem::take(&mut self.names);
        for (place, named) in names.iter().enumerate() {
            if let Some((name, _)) = named {
                self.put(name, place as u32);
            }
        }
        self.names = names;
    }
}

/// Eight bytes at a time; the constant is that of the golden ratio.
fn hash(text: &str) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sum = text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(MIX).rotate_left(29);
    }
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Map;

    #[test]
    fn an_index_knows_what_a_map_knows() {
        let (mut index, mut map) = (Index::default(), Map::new());
        let mut state = 7_u32;
        for round in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let name = format!("name-{}", (state >> 20) % 700);
            if (state >> 8) % 5 < 2 {
                assert_eq!(index.remove(&name), map.remove(&name));
            } else {
                index.insert(&name, round);
                map.insert(name.clone(), round);
            }
            assert_eq!(index.get(&name), map.get(&name).copied());
            assert_eq!(index.len(), map.len());
        }
        assert!(map.iter().all(|(name, number)| index.get(name) == Some(*number)));
        assert!(!index.is_empty() && Index::default().get("x").is_none());
    }
}
