//! Which key does what.
//!
//! Owns: the table of keys. Does not own: what each then does (`state`, `app`).

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::time::Duration;
use crate::ui::copying::Form;
use crate::ui::msg::Msg;
use crate::ui::state::{Action, Dialog, Panel, Screen, View};

/// As much of the state as a key depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Situation {
    /// Which page is shown.
    pub screen: Screen,
    /// Whether something stands over it.
    pub dialog: bool,
    /// Whether a line stands above it.
    pub notice: bool,
    /// Whether the cursor moves by itself.
    pub playing: bool,
    /// Whether the picture is shown to a room.
    pub presenting: bool,
}

/// What a key asks for; nothing while the visitor types.
pub fn pressed(event: &KeyboardEvent, state: Situation) -> Option<Msg> {
    let key = event.key();
    let command = event.ctrl_key() || event.meta_key();
    if command && !event.alt_key() && !event.shift_key() && key.eq_ignore_ascii_case("s") {
        return (state.screen == Screen::Scenario).then_some(Msg::Copy(Form::Link));
    }
    if event.alt_key() || event.is_composing() || in_text(event) {
        return None;
    }
    // In a text the text takes it back; everywhere else it is the scenario that was changed.
    if command && key.eq_ignore_ascii_case("z") && state.screen == Screen::Scenario {
        let redo = event.shift_key();
        return (!state.dialog).then_some(if redo { Msg::Redo } else { Msg::Undo });
    }
    if command {
        return None;
    }
    if key == "Escape" {
        return if state.dialog {
            Some(Action::Close.into())
        } else {
            let dismiss = state.notice.then_some(Action::Dismiss);
            dismiss.or(state.presenting.then_some(Action::Present(false))).map(Into::into)
        };
    }
    if state.dialog {
        return None;
    }
    if key == "?" {
        return Some(Action::Show(Dialog::Help).into());
    }
    match state.screen {
        Screen::Gallery => (key == "/").then_some(Msg::Focus("#search")),
        Screen::Scenario => on_scenario(&key, event.shift_key(), state, event),
    }
}

fn on_scenario(key: &str, shift: bool, state: Situation, event: &KeyboardEvent) -> Option<Msg> {
    let action = match (key, shift) {
        // A focused button is pressed by the space bar.
        (" ", _) if on(event, "button, a, select, summary") => return None,
        (" ", _) => Action::Play(!state.playing),
        ("ArrowLeft" | "ArrowRight" | "Home" | "End", _) if on(event, "select") => return None,
        ("ArrowLeft", false) => Action::Previous,
        ("ArrowRight", false) => Action::Next,
        ("ArrowLeft", true) => Action::Move(Duration::from_secs(-1)),
        ("ArrowRight", true) => Action::Move(Duration::from_secs(1)),
        ("ArrowUp" | "ArrowDown", _) if on(event, "select, .st-range, .pane") => return None,
        ("ArrowUp", false) => Action::Lane(false),
        ("ArrowDown", false) => Action::Lane(true),
        ("Home", _) => Action::Home,
        ("End", _) => Action::End,
        ("+" | "=", _) => Action::Zoom(500),
        ("-" | "_", _) => Action::Zoom(2_000),
        ("0", _) => Action::Fit,
        ("p" | "P", _) => Action::Present(!state.presenting),
        ("1" | "2" | "3" | "4" | "5" | "6", false) => {
            let place = key.parse::<usize>().unwrap_or(1) - 1;
            Action::ShowView(*View::ALL.get(place)?)
        }
        ("Enter", _) if on(event, "button, a, select, summary") => return None,
        ("Enter", _) => Action::ShowPanel(Panel::Why),
        ("e", _) => return Some(Msg::FocusEditor),
        ("c", _) => return Some(Msg::FocusPrompt),
        _ => return None,
    };
    Some(action.into())
}

/// Whether an event goes into a text. The scrubber is an input, but not one for text.
pub fn in_text(event: &web_sys::Event) -> bool {
    on(event, "input:not(.st-range), textarea, [contenteditable=true]")
}

fn on(event: &web_sys::Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).ok().flatten().is_some())
}
