//! What is drawn along the time: each kind of picture that shares axis, folds, cursor and window.
//!
//! Owns: which drawing a picture is. Does not own: the drawings (`draw`), or how one points at them
//! (`timeline`).

use std::rc::Rc;

use crate::draw::{self, Layout, Picture};
use crate::i18n::Lang;
use crate::time::Instant;
use crate::view::autoscaling::Scaler;
use crate::view::axis::{Axis, Fold, Window};
use crate::view::timeline::Timeline;

/// A picture along the time.
#[derive(Clone)]
pub enum Paper {
    /// Lanes from cause to effect.
    Timeline(Rc<Timeline>),
    /// Strips of an autoscaler.
    Scaler(Rc<Scaler>),
}

/// Pictures are compared by identity: each is drawn once.
impl PartialEq for Paper {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Timeline(one), Self::Timeline(two)) => Rc::ptr_eq(one, two),
            (Self::Scaler(one), Self::Scaler(two)) => Rc::ptr_eq(one, two),
            (Self::Timeline(_) | Self::Scaler(_), _) => false,
        }
    }
}

/// What a drawing depends on beside its picture.
pub struct Sheet<'s> {
    /// How wide it is.
    pub width: f64,
    /// What is in view.
    pub window: Window,
    /// Where the paper is torn.
    pub folds: &'s [Fold],
    /// The language.
    pub lang: Lang,
    /// Keeps the drawings of a page apart.
    pub id: &'s str,
    /// The scale of a curve while its points are moved.
    pub ceiling: Option<i64>,
}

impl Paper {
    /// The end of the simulated time.
    pub fn horizon(&self) -> Instant {
        match self {
            Self::Timeline(own) => own.horizon,
            Self::Scaler(own) => own.horizon,
        }
    }

    /// The moments that matter, in order.
    pub fn moments(&self) -> &[Instant] {
        match self {
            Self::Timeline(own) => &own.moments,
            Self::Scaler(own) => &own.moments,
        }
    }

    /// Draws it.
    pub fn draw(&self, sheet: &Sheet<'_>) -> (Axis, Picture) {
        let axis = |layout: &Layout| Axis::new(sheet.window, sheet.folds, layout.plot, layout.tear);
        match self {
            Self::Timeline(own) => {
                let layout = Layout::new(own, sheet.width, sheet.lang);
                let axis = axis(&layout);
                let picture = draw::timeline(own, &axis, &layout, sheet.lang, sheet.id);
                (axis, picture)
            }
            Self::Scaler(own) => {
                let layout = draw::autoscaling_layout(own, sheet.width);
                let axis = axis(&layout);
                let picture = draw::autoscaling(own, &axis, &layout, sheet.lang, sheet.ceiling);
                (axis, picture)
            }
        }
    }
}
