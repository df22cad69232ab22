//! The line between what you say and what happens: drag it, or move it with the arrow keys.
//!
//! Owns: the width of the left column and keeping it. Does not own: the columns (`app.css`).

use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};
use yew::{Component, Context, Html, Properties, TargetCast, html};

use crate::ui::browser;

/// The width that the design gives it.
const DEFAULT: i32 = 400;
/// The narrowest left column in which a manifest can be read.
const LEAST: i32 = 280;
/// The narrowest right side in which the timeline can be read.
const RIGHT: i32 = 620;
/// How far an arrow key moves it.
const STEP: i32 = 20;

/// What the splitter needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What a screen reader calls it.
    pub label: &'static str,
}

/// The splitter.
pub struct Splitter {
    width: i32,
    dragged: bool,
}

/// What happens to it.
pub enum Msg {
    /// It is taken or let go.
    Drag(bool),
    /// It should stand here.
    To(i32),
}

impl Component for Splitter {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        let stored = browser::stored("split").and_then(|text| text.parse().ok());
        let splitter = Self { width: stored.unwrap_or(DEFAULT), dragged: false };
        splitter.apply();
        splitter
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Drag(dragged) => {
                self.dragged = dragged;
                if !dragged {
                    browser::store("split", &self.width.to_string());
                }
            }
            Msg::To(width) => {
                let window = browser::window().inner_width().ok().and_then(|w| w.as_f64());
                let most = (window.unwrap_or(1_440.0) as i32 - RIGHT).max(LEAST);
                self.width = width.clamp(LEAST, most);
                self.apply();
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let width = self.width;
        let onpointerdown = link.callback(|event: PointerEvent| {
            event.prevent_default();
            let line: HtmlElement = event.target_unchecked_into();
            // Without capture a fast hand only loses the line.
            let _ = line.set_pointer_capture(event.pointer_id());
            let _ = line.focus();
            Msg::Drag(true)
        });
        let dragged = self.dragged;
        let onpointermove = link
            .batch_callback(move |event: PointerEvent| dragged.then(|| Msg::To(event.client_x())));
        let onkeydown = link.batch_callback(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" => width - STEP,
                "ArrowRight" => width + STEP,
                "Home" => LEAST,
                "Enter" => DEFAULT,
                _ => return vec![],
            };
            event.prevent_default();
            vec![Msg::To(to), Msg::Drag(false)]
        });
        html! {
            <div class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
                aria-label={ctx.props().label} aria-valuenow={width.to_string()}
                aria-valuemin={LEAST.to_string()} aria-valuemax="2000"
                {onpointerdown} {onpointermove} onpointerup={link.callback(|_| Msg::Drag(false))}
                ondblclick={link.callback(|_| Msg::To(DEFAULT))} {onkeydown}></div>
        }
    }
}

impl Splitter {
    fn apply(&self) {
        if let Some(root) = browser::document().document_element() {
            let root: HtmlElement = wasm_bindgen::JsCast::unchecked_into(root);
            // A width in pixels is a valid value.
            let _ = root.style().set_property("--say", &format!("{}px", self.width));
        }
    }
}
