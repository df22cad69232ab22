//! The chooser of the Pod that a picture is about.
//!
//! Owns: the list of Pods at a moment. Does not own: which one is chosen (`state`).

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, html};

use crate::i18n::Lang;
use crate::ui::icons::Icon;
use crate::ui::msg::Msg;
use crate::ui::state::Action;

/// The name of the Pod; a list to choose from where there are several.
pub fn pod_chooser(pods: &[String], shown: &str, lang: Lang, dispatch: &Callback<Msg>) -> Html {
    if pods.len() < 2 {
        return html! { <h2 class="an-pod clip">{format!("pod/{shown}")}</h2> };
    }
    let dispatch = dispatch.clone();
    let onchange = Callback::from(move |event: Event| {
        let list = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(list) = list {
            dispatch.emit(Action::ShowPod(Rc::from(list.value())).into());
        }
    });
    html! {
        <h2 class="an-pod select">
            <select aria-label={lang.inside().pod} {onchange}>
                { for pods.iter().map(|name| html! {
                    <option value={name.clone()} selected={name == shown}>{format!("pod/{name}")}</option>
                }) }
            </select>
            {Icon::Caret.html()}
        </h2>
    }
}
