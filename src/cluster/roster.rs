//! The Pods that a kubelet works for: by place at once, by UID in its order.
//!
//! Owns: [`Roster`]. Does not own: what is done for them (`kubelet`).

use crate::cluster::kubelet::PodWorker;
use crate::map::Map;

/// The workers of a node. A worker keeps its place as long as it is there.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    places: Vec<Option<Box<PodWorker>>>,
    free: Vec<u16>,
    by_uid: Map<String, u16>,
}

impl Roster {
    /// How many workers there are.
    pub(crate) const fn len(&self) -> usize {
        self.by_uid.len()
    }

    /// The worker in a place.
    pub(crate) fn at(&self, place: u16) -> Option<&PodWorker> {
        self.places.get(usize::from(place))?.as_deref()
    }

    /// The worker in a place, to be changed.
    pub(crate) fn at_mut(&mut self, place: u16) -> Option<&mut PodWorker> {
        self.places.get_mut(usize::from(place))?.as_deref_mut()
    }

    /// The worker of a Pod.
    pub(crate) fn get(&self, uid: &str) -> Option<&PodWorker> {
        self.at(*self.by_uid.get(uid)?)
    }

    /// Takes a worker in; its place.
    pub(crate) fn insert(&mut self, uid: &str, worker: PodWorker) -> u16 {
        let place = self.by_uid.get(uid).copied().or_else(|| self.free.pop());
        let place = place.unwrap_or_else(|| {
            self.places.push(None);
            u16::try_from(self.places.len() - 1).unwrap_or(u16::MAX)
        });
        self.by_uid.insert(uid.to_owned(), place);
        if let Some(slot) = self.places.get_mut(usize::from(place)) {
            *slot = Some(Box::new(worker));
        }
        place
    }

    /// Lets a worker go.
    pub(crate) fn remove(&mut self, uid: &str) -> Option<PodWorker> {
        let place = self.by_uid.remove(uid)?;
        self.free.push(place);
        self.places.get_mut(usize::from(place))?.take().map(|worker| *worker)
    }

    /// The UIDs, in their order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.by_uid.keys()
    }

    /// UIDs and workers, in the order of the UIDs.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &PodWorker)> {
        self.by_uid.iter().filter_map(|(uid, place)| Some((uid, self.at(*place)?)))
    }

    /// The workers, in the order of their UIDs.
    pub(crate) fn values(&self) -> impl Iterator<Item = &PodWorker> {
        self.iter().map(|(_, worker)| worker)
    }

    /// The workers, to be changed; in no order that means anything.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut PodWorker> {
        self.places.iter_mut().flatten().map(|worker| &mut **worker)
    }
}
