//! Texts of the autoscaling picture.
//!
//! Owns: [`ScalingTexts`], one constant a language. Sentences are translated whole.

mod en;
mod zh;

use crate::i18n::Lang;
use crate::time::Duration;
use crate::view::autoscaling::{Cause, CurveKind, Look, Scaler, Step};

/// Texts of the autoscaling picture.
#[derive(Clone, Copy, Debug)]
pub struct ScalingTexts {
    /// Name of the strip of the load.
    pub load: &'static str,
    /// What a curve is about.
    pub curve: fn(CurveKind) -> &'static str,
    /// Name of the strip of what was measured.
    pub usage: &'static str,
    /// Its notes; whether it is a percentage.
    pub usage_notes: fn(bool) -> [&'static str; 2],
    /// Name of the strip of replicas.
    pub replicas: &'static str,
    /// What its line is.
    pub wanted: &'static str,
    /// What its area is.
    pub ready: &'static str,
    /// Name of the strip of decisions.
    pub decisions: &'static str,
    /// What its numbers are.
    pub wants: &'static str,
    /// What its marks are.
    pub does: &'static str,
    /// What a window does.
    pub window: fn(Duration) -> String,
    /// The picture in a sentence, for those who do not see it.
    pub picture: fn(&Scaler) -> String,
    /// What it aims at, under its name.
    pub aims: fn(&Scaler) -> String,
    /// A decision in a few words: `above target`.
    pub claim: fn(&Look) -> String,
    /// A decision in one line, with its sum.
    pub title: fn(&Look) -> String,
    /// Name and note of a step; the look that it belongs to.
    pub step: fn(&Look, &Step) -> (&'static str, String),
    /// Why nothing could be decided, and what to do.
    pub cause: fn(&Cause) -> String,
    /// Choose one of several autoscalers.
    pub choose: &'static str,
    /// Heading of the list of all looks.
    pub all: &'static str,
    /// No look yet.
    pub not_yet: &'static str,
    /// There is no autoscaler.
    pub none: &'static str,
    /// A point of the curve, for a screen reader: its number, and how it is moved.
    pub knob: fn(usize) -> String,
    /// Name of the field to change.
    pub change: &'static str,
}

impl Lang {
    /// The autoscaling picture's texts in this language.
    pub const fn scaling(self) -> &'static ScalingTexts {
        match self {
            Self::En => &en::TEXTS,
            Self::Zh => &zh::TEXTS,
        }
    }
}

/// `0.9`, `1.1`, `1.05`: thousandths without zeros at the end.
fn decimal(thousandths: i32) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    let short = text.trim_end_matches('0');
    short.strip_suffix('.').map_or_else(|| short.to_owned(), |whole| format!("{whole}.0"))
}
