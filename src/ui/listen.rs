//! What the page listens to as a whole: keys, paste, drop, the address, the theme.
//!
//! Owns: the listeners. Does not own: what each key does (`keys`), or what then happens (`app`).

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, KeyboardEvent, MessageEvent};
use yew::Callback;

use crate::ui::keys::{self, Situation};
use crate::ui::msg::Msg;
use crate::ui::{browser, embed};

/// What the page listens to as a whole.
pub fn listeners(dispatch: &Callback<Msg>, situation: &Rc<Cell<Situation>>) -> Vec<EventListener> {
    let window = browser::window();
    let sends = |msg: Msg| {
        let dispatch = dispatch.clone();
        move |_: &web_sys::Event| dispatch.emit(msg.clone())
    };
    let mut listeners = vec![
        EventListener::new(&window, "hashchange", sends(Msg::Went)),
        EventListener::new(&window, "pagehide", sends(Msg::Leave)),
    ];
    if let Ok(Some(media)) = window.match_media("(prefers-color-scheme: dark)") {
        listeners.push(EventListener::new(&media, "change", sends(Msg::SystemTheme)));
    }
    let (sender, situation) = (dispatch.clone(), situation.clone());
    let active = EventListenerOptions::enable_prevent_default();
    listeners.push(EventListener::new_with_options(&window, "keydown", active, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.default_prevented() {
            return;
        }
        if let Some(msg) = keys::pressed(event, situation.get()) {
            event.prevent_default();
            sender.emit(msg);
        }
    }));
    listeners.push(EventListener::new(&window, "message", hearing(dispatch)));
    listeners.push(EventListener::new(&window, "paste", pasting(dispatch)));
    listeners.push(EventListener::new_with_options(&window, "dragover", active, |event| {
        // Otherwise the browser leaves the page for the file.
        event.prevent_default();
    }));
    listeners.push(EventListener::new_with_options(&window, "drop", active, dropping(dispatch)));
    listeners
}

/// The page around this one may put the cursor somewhere, or another text into it.
fn hearing(dispatch: &Callback<Msg>) -> impl FnMut(&web_sys::Event) + 'static {
    let dispatch = dispatch.clone();
    move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
        let action = browser::is_parent(event.source().as_ref())
            .then(|| embed::asked(&event.data()))
            .flatten();
        if let Some(action) = action {
            dispatch.emit(action.into());
        }
    }
}

/// A text pasted anywhere but into a field opens as a scenario.
fn pasting(dispatch: &Callback<Msg>) -> impl FnMut(&web_sys::Event) + 'static {
    let dispatch = dispatch.clone();
    move |event| {
        let Some(event) = event.dyn_ref::<ClipboardEvent>() else { return };
        if event.default_prevented() || keys::in_text(event) {
            return;
        }
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            dispatch.emit(Msg::Pasted(text.into()));
        }
    }
}

/// A file dropped anywhere opens as a scenario.
fn dropping(dispatch: &Callback<Msg>) -> impl FnMut(&web_sys::Event) + 'static {
    let dispatch = dispatch.clone();
    move |event| {
        let Some(event) = event.dyn_ref::<DragEvent>() else { return };
        let Some(data) = event.data_transfer() else { return };
        let Some(file) = data.files().and_then(|files| files.get(0)) else { return };
        event.prevent_default();
        let dispatch = dispatch.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // A file that cannot be read opens nothing.
            if let Ok(text) = wasm_bindgen_futures::JsFuture::from(file.text()).await {
                dispatch.emit(Msg::Pasted(text.as_string().unwrap_or_default().into()));
            }
        });
    }
}
