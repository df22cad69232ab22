//! A part of an object that its versions share.
//!
//! Owns: [`Shared`]. A Pod is written again and again while it lives, and its spec hardly ever
//! changes: each version would be a copy of it. Does not own: what is shared.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::encode::Absent;
use crate::manifest::encode::{Encode, Tree};
use crate::manifest::node::Node;

/// A value that is copied when it is changed, and not before.
#[derive(Default)]
pub struct Shared<T>(Rc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Rc::make_mut(&mut self.0)
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// What is shared is equal to itself; most comparisons end here.
impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<T: Hash> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Decode + Clone> Decode for Shared<T> {
    const GO_TYPE: &'static str = T::GO_TYPE;

    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        T::decode(node, decoder).into()
    }

    fn merge(&mut self, node: &Node, decoder: &mut Decoder) {
        (**self).merge(node, decoder);
    }
}

impl<T: Encode> Encode for Shared<T> {
    fn encode(&self) -> Tree {
        self.0.encode()
    }
}

impl<T: Absent> Absent for Shared<T> {
    fn is_absent(&self) -> bool {
        self.0.is_absent()
    }
}
