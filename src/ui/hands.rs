//! What a view may ask for.
//!
//! Owns: [`Hands`], the callbacks that all views share. Does not own: what then happens (`app`).

use yew::Callback;

use crate::time::Instant;
use crate::trace::EntryId;
use crate::ui::msg::Msg;
use crate::ui::state::Action;
use crate::view::axis::Window;

/// What a view may ask for. Made once: a view whose properties stay the same is not drawn again.
#[derive(Clone, PartialEq)]
pub struct Hands {
    /// Anything.
    pub dispatch: Callback<Msg>,
    /// Puts the cursor somewhere.
    pub on_seek: Callback<Instant>,
    /// Brings something else into view.
    pub on_window: Callback<Option<Window>>,
    /// Asks why an entry came to be.
    pub on_focus: Callback<Option<EntryId>>,
    /// Points at an entry, or at none any more.
    pub on_hover: Callback<Option<EntryId>>,
    /// Marks an entry, and leaves the panel as it is.
    pub on_mark: Callback<Option<EntryId>>,
}

impl Hands {
    /// The hands that lead to this dispatcher.
    pub fn new(dispatch: &Callback<Msg>) -> Self {
        Self {
            dispatch: dispatch.clone(),
            on_seek: dispatch.reform(|at| Action::Seek(at).into()),
            on_window: dispatch.reform(|window| Action::View(window).into()),
            on_focus: dispatch.reform(|entry| Action::Ask(entry).into()),
            on_hover: dispatch.reform(Msg::Point),
            on_mark: dispatch.reform(|entry| Action::Mark(entry).into()),
        }
    }
}
