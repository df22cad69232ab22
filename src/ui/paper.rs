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
    /// What of the height is in view. Asked of a tall picture only: to answer, the browser has to
    /// lay out the page in the midst of a change, which costs more than drawing most pictures.
    pub seen: &'s dyn Fn() -> (f64, f64),
}

/// A picture no higher than this is drawn whole. Invented: about two screens.
const TALL: f64 = 1_600.0;
/// So much is drawn above and below what is seen, so that scrolling shows it at once.
const AROUND: f64 = 600.0;

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

    /// Whether only a part of a picture of this height is drawn.
    pub fn is_tall(height: f64) -> bool {
        height > TALL
    }

    /// Whether what was drawn when one part of a picture was seen is enough for another.
    pub fn covers(height: f64, drawn: (f64, f64), seen: (f64, f64)) -> bool {
        let above = seen.0.max(0.0) >= drawn.0 - AROUND;
        above && seen.1.min(height) <= drawn.1 + AROUND
    }

    /// Draws it.
    pub fn draw(&self, sheet: &Sheet<'_>) -> (Axis, Picture) {
        let axis = |layout: &Layout| Axis::new(sheet.window, sheet.folds, layout.plot, layout.tear);
        match self {
            Self::Timeline(own) => {
                let mut layout = Layout::new(own, sheet.width, sheet.lang);
                if Self::is_tall(layout.height) {
                    let seen = (sheet.seen)();
                    layout = layout.showing(seen.0 - AROUND, seen.1 + AROUND);
                }
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
