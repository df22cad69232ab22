//! The right side: the picture, and under it what you would see and why.
//!
//! Owns: which view stands where. Does not own: the views themselves.

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html};

use crate::i18n::Lang;
use crate::i18n::page::Page;
use crate::ui::app::Msg;
use crate::ui::state::{Run, State};

/// The picture of a card.
pub fn thumbnail(run: &Rc<Run>) -> Html {
    let _ = run;
    html! {}
}

/// The strip of the transport.
pub fn strip(state: &State, dispatch: &Callback<Msg>) -> Html {
    let _ = (state, dispatch);
    html! {}
}

/// The row of tabs above the picture: what is drawn, and how it ends.
pub fn tabs(state: &State) -> Html {
    let t = Page::of(state.lang);
    html! {
        <div class="tabs">
            <h2 class="tab on">{t.timeline}</h2>
            <span class="grow"></span>
            if state.stale { <b class="verdict bad" role="status">{t.last_valid}</b> }
        </div>
    }
}

/// What the picture needs.
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// What happens.
    pub run: Option<Rc<Run>>,
    /// The language.
    pub lang: Lang,
}

/// The picture.
#[component]
pub fn Picture(props: &PictureProps) -> Html {
    let t = Page::of(props.lang);
    html! { <div class="picture" id="picture" tabindex="-1"><p class="empty">{t.empty}</p></div> }
}

/// Story and Why.
pub fn story(state: &State, dispatch: &Callback<Msg>) -> Html {
    let _ = dispatch;
    let t = Page::of(state.lang);
    html! { <section class="panel story-panel" aria-label={t.story}><div class="ph"><h2>{t.story}</h2></div></section> }
}
