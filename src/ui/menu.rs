//! A button that opens a small panel below itself.
//!
//! Owns: opening, and closing by Escape, by a choice or by leaving. Does not own: what stands in
//! it.

use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};
use yew::{
    AttrValue, Children, Classes, Component, Context, Html, NodeRef, Properties, TargetCast,
};
use yew::{classes, html};

/// What a menu needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Classes of the button.
    #[prop_or_default]
    pub class: Classes,
    /// What the button shows.
    pub face: Html,
    /// What a screen reader says, where the face has no words.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Whether the panel hangs at the right edge of the button.
    #[prop_or_default]
    pub right: bool,
    /// Whether the panel opens upwards.
    #[prop_or_default]
    pub up: bool,
    /// What stands in the panel.
    pub children: Children,
}

/// The menu.
#[derive(Default)]
pub struct Menu {
    open: bool,
    root: NodeRef,
}

/// What happens to it.
pub enum Msg {
    /// Opens or closes.
    Toggle,
    /// Closes; the flag says whether the button gets the focus back.
    Close(bool),
}

impl Component for Menu {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self::default()
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        let was = self.open;
        match msg {
            Msg::Toggle => self.open = !self.open,
            Msg::Close(refocus) => {
                self.open = false;
                let root = self.root.cast::<HtmlElement>();
                let button = root.and_then(|r| r.query_selector("button").ok().flatten());
                if let Some(button) = button.filter(|_| refocus && was) {
                    let button: HtmlElement = wasm_bindgen::JsCast::unchecked_into(button);
                    // A button can always be focused.
                    let _ = button.focus();
                }
            }
        }
        was != self.open
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let props = ctx.props();
        let onfocusout = link.batch_callback(|event: FocusEvent| {
            let here =
                event.current_target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<Node>(t).ok());
            let to =
                event.related_target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<Node>(t).ok());
            let inside = here.is_some_and(|here| to.is_some() && here.contains(to.as_ref()));
            (!inside).then_some(Msg::Close(false))
        });
        let onkeydown = link.batch_callback(|event: KeyboardEvent| {
            (event.key() == "Escape").then(|| {
                event.stop_propagation();
                Msg::Close(true)
            })
        });
        // A click on a button or link of the panel is a choice; on its other parts it is not.
        let onclick = link.batch_callback(|event: web_sys::MouseEvent| {
            let target = event.target_dyn_into::<web_sys::Element>()?;
            let choice = target.closest("button, a").ok().flatten()?;
            (!choice.has_attribute("data-stay")).then_some(Msg::Close(true))
        });
        html! {
            <div class="menu" ref={self.root.clone()} {onfocusout} {onkeydown}>
                <button type="button" class={props.class.clone()} aria-label={props.label.clone()}
                    title={props.label.clone()} aria-expanded={if self.open { "true" } else { "false" }}
                    onclick={link.callback(|_| Msg::Toggle)}>{props.face.clone()}</button>
                if self.open {
                    // Takes the focus, so that a press on its empty parts does not close it.
                    <div class={classes!("panel-menu", props.right.then_some("right"), props.up.then_some("up"))}
                        tabindex="-1" {onclick}>{props.children.clone()}</div>
                }
            </div>
        }
    }
}
