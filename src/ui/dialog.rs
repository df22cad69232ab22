//! What stands over the page: the list of keys, and a link to copy by hand.
//!
//! Owns: the frame and its focus. Does not own: the keys themselves (`keys`).

use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, html};

use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::ui::icons::Icon;
use crate::ui::state;
use crate::version::KubeVersion;

/// What a dialog needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which.
    pub dialog: state::Dialog,
    /// The language.
    pub lang: Lang,
    /// Closes it.
    pub close: Callback<()>,
}

/// A dialog.
#[derive(Default)]
pub struct Dialog {
    first: NodeRef,
}

impl Component for Dialog {
    type Message = ();
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self::default()
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if !first_render {
            return;
        }
        if let Some(element) = self.first.cast::<HtmlElement>() {
            // The first control can always be focused.
            let _ = element.focus();
        }
        match &ctx.props().dialog {
            state::Dialog::Help => {}
            state::Dialog::CopyByHand(_) => {
                if let Some(input) = self.first.cast::<HtmlInputElement>() {
                    input.select();
                }
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let t = Page::of(ctx.props().lang);
        let close = ctx.props().close.clone();
        let onclick = close.reform(|_| ());
        let (title, body) = match &ctx.props().dialog {
            state::Dialog::Help => (t.keys, keys(t)),
            state::Dialog::CopyByHand(link) => (
                t.copy_by_hand,
                html! {
                    <>
                        <p class="muted">{t.copy_by_hand_sub}</p>
                        <input ref={self.first.clone()} class="field" readonly=true
                            aria-label={t.copy_by_hand} value={link.to_string()} />
                    </>
                },
            ),
        };
        let first = match &ctx.props().dialog {
            state::Dialog::Help => self.first.clone(),
            state::Dialog::CopyByHand(_) => NodeRef::default(),
        };
        let onkeydown = Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => {
                event.stop_propagation();
                close.emit(());
            }
            // The page below is out of reach: the focus stays inside.
            "Tab" => keep_focus(&event),
            _ => {}
        });
        html! {
            <div class="glass" onclick={onclick.clone()}>
                <div class="dialog" role="dialog" aria-modal="true" aria-labelledby="dialog-title"
                    {onkeydown} onclick={|event: web_sys::MouseEvent| event.stop_propagation()}>
                    <div class="dialog-head">
                        <h2 id="dialog-title">{title}</h2>
                        <button type="button" class="btn icon-only" ref={first}
                            aria-label={t.close} {onclick}>{Icon::Close.html()}</button>
                    </div>
                    {body}
                </div>
            </div>
        }
    }
}

fn keep_focus(event: &KeyboardEvent) {
    let Some(dialog) = event.current_target() else { return };
    let dialog: HtmlElement = wasm_bindgen::JsCast::unchecked_into(dialog);
    let Ok(all) = dialog.query_selector_all("button, a, input") else { return };
    let ends = (all.get(0), all.get(all.length().saturating_sub(1)));
    let (Some(first), Some(last)) = ends else { return };
    let active = crate::ui::browser::document().active_element();
    let at = |node: &web_sys::Node| {
        active.as_ref().is_some_and(|active| active.is_same_node(Some(node)))
    };
    let to = match event.shift_key() {
        true if at(&first) => last,
        false if at(&last) => first,
        true | false => return,
    };
    event.prevent_default();
    let to: HtmlElement = wasm_bindgen::JsCast::unchecked_into(to);
    // Controls can be focused.
    let _ = to.focus();
}

fn keys(t: &Page) -> Html {
    let rows: [(&[&str], &str); 17] = [
        (&["Space"], t.key_play),
        (&["←", "→"], t.key_entry),
        (&["Shift ←", "Shift →"], t.key_second),
        (&["↑", "↓"], t.key_lane),
        (&["Home", "End"], t.key_ends),
        (&["+", "-", "0"], t.key_zoom),
        (&["Shift", "Ctrl"], t.key_area),
        (&["1", "…", "6"], t.key_views),
        (&["Enter"], t.key_why),
        (&["p"], t.key_present),
        (&["e"], t.key_editor),
        (&["Alt ↑", "Alt ↓"], t.key_number),
        (&["c"], t.key_console),
        (&["Ctrl Z"], t.undo),
        (&["Ctrl S"], t.key_copy),
        (&["/"], t.key_search),
        (&["?"], t.key_help),
    ];
    html! {
        <>
            <dl class="keys">
                { for rows.iter().map(|(keys, what)| html! {
                    <div><dt>{ for keys.iter().map(|key| html! { <kbd>{*key}</kbd> }) }</dt><dd>{*what}</dd></div>
                }) }
            </dl>
            <p class="muted">{fill(t.about, &[&KubeVersion::LATEST.to_string()])}</p>
        </>
    }
}
