//! The page inside another page: a title, play, the picture and a way out.
//!
//! Owns: that frame. Does not own: the picture.

use yew::{Html, html};

use crate::i18n::page::Page;
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::{browser, panels};

/// The frame.
pub fn embed(state: &State, title: &str, fragment: &str, hands: &panels::Hands) -> Html {
    let t = Page::of(state.lang);
    html! {
        <main class="app embed">
            <header class="embed-head">
                <h1 class="clip">{title.to_owned()}</h1>
                <a class="btn" href={browser::whole_page(fragment)} target="_blank" rel="noopener">
                    {t.open_full}{Icon::Open.html()}
                </a>
            </header>
            { panels::transport(state, hands) }
            { panels::picture(state, hands) }
        </main>
    }
}
