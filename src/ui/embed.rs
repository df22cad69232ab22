//! The page inside another page: a title, play, the picture, what it says, and a way out.
//!
//! Owns: that frame, and telling the page around it how high it would like to be. Does not own:
//! the picture.
//!
//! Messages to the parent: `{podarium: 1, type: "ready"}` once, `{podarium: 1, type: "size",
//! height}` whenever the height changes at which nothing has to scroll.
//!
//! Messages that the parent may send: `{podarium: 1, type: "seek", at}` with seconds, `"load"` with
//! a `text`, `"theme"` with a `theme` (`light`, `dark`, `auto`). Another window is not heard.

use std::rc::Rc;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, ResizeObserver};
use yew::{Callback, Html, Properties, component, html, use_effect_with};

use crate::i18n::page::Page;
use crate::time::Instant;
use crate::ui::hands::Hands;
use crate::ui::icons::Icon;
use crate::ui::run::Run;
use crate::ui::state::{Action, Opening, State, Theme, View};
use crate::ui::{browser, panels};
use crate::view::story::{Line, What};
use crate::view::termination::termination;
use crate::view::timeline::is_look;
use crate::view::why::Question;

/// What stands in the frame.
pub enum Inside {
    /// The picture.
    Picture,
    /// The text beside the picture.
    Split(Html),
    /// kubectl, once there is something to ask about.
    Console(Option<Html>),
}

/// The frame.
pub fn embed(state: &State, title: &str, fragment: &str, hands: &Hands, inside: Inside) -> Html {
    let t = Page::of(state.lang);
    let dispatch = hands.dispatch.clone();
    let reset = Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(Action::Reset.into()));
    html! {
        <main class="app embed">
            <header class="embed-head">
                <h1 class="clip">{title.to_owned()}</h1>
                <span class="grow"></span>
                <button type="button" class="btn icon-only" aria-label={t.reset} title={t.reset}
                    onclick={reset}>{Icon::Reset.html()}</button>
                <a class="btn" href={browser::whole_page("", fragment)} target="_blank" rel="noopener">
                    {t.open_full}{Icon::Open.html()}
                </a>
            </header>
            { panels::transport(state, hands) }
            { match inside {
                Inside::Picture => panels::picture(state, hands),
                Inside::Split(editor) => html! {
                    <div class="embed-split">
                        <section class="sheet" aria-label={t.say}>{editor}</section>
                        { panels::picture(state, hands) }
                    </div>
                },
                Inside::Console(console) => html! {
                    <div class="picture embed-console">{console.unwrap_or_default()}</div>
                },
            } }
            { caption(state) }
            <Height run={state.run.clone()} />
        </main>
    }
}

/// What the page around asks for.
pub fn asked(message: &JsValue) -> Option<Action> {
    let field = |name: &str| js_sys::Reflect::get(message, &name.into()).ok();
    if field("podarium")?.as_f64() != Some(1.0) {
        return None;
    }
    match field("type")?.as_string()?.as_str() {
        "seek" => {
            // Micros fit a double exactly for longer than any scenario lasts; what does not fit is
            // clamped by the cast, and the cursor stays inside the run.
            let micros = field("at")?.as_f64().filter(|at| at.is_finite())? * 1e6;
            Some(Action::Seek(Instant::from_micros(micros as i64)))
        }
        "load" => {
            let text = field("text")?.as_string()?.replace("\r\n", "\n").into();
            Some(Action::Open(Opening { text, ..Opening::default() }))
        }
        "theme" => Some(Action::SetTheme(Theme::from_word(&field("theme")?.as_string()?))),
        _ => None,
    }
}

/// What the picture says at the cursor: what lasts, or else what happened last.
pub fn caption(state: &State) -> Html {
    let Some(run) = &state.run else { return Html::default() };
    let texts = state.lang.story();
    let why = panels::answer(run, state);
    let happened = |line: &&Line| match &line.what {
        What::Acted { command, .. } => !is_look(command),
        _ => true,
    };
    let newest = || run.story.told.iter().rev().filter(|line| line.at <= state.cursor);
    // Where the picture is about one Pod, so is what is said below it.
    let leaver =
        (state.view == View::Termination).then(|| termination(&run.trace, state.cursor)).flatten();
    let shown = |line: &&Line| leaver.as_ref().is_none_or(|own| own.pod == line.pod);
    let line = match why.question {
        Question::Replicas { .. } => why.links.first(),
        _ => newest().filter(shown).find(happened).or_else(|| newest().find(happened)),
    };
    let said = match (&why.now, line) {
        (Some(now), _) => Some((texts.now)(now)),
        (None, Some(line)) => Some((texts.said)(line, run.story.several_pods)),
        (None, None) => None,
    };
    html! {
        <p class="caption">
            if let Some(said) = said { <b>{said.claim}</b>{" "}<span>{said.detail}</span> }
        </p>
    }
}

/// What is measured: the picture of this run.
#[derive(Properties, PartialEq)]
struct HeightProps {
    run: Option<Rc<Run>>,
}

/// Tells the page around this one how high the whole picture is.
#[component]
fn Height(props: &HeightProps) -> Html {
    let run = props.run.as_ref().map(|run| Rc::as_ptr(run) as usize);
    use_effect_with((), |()| browser::tell_parent("ready", &[]));
    use_effect_with(run, |_| {
        let watch = Watch::new();
        move || drop(watch)
    });
    Html::default()
}

/// Watches the height of the picture while it lives.
struct Watch {
    observer: ResizeObserver,
    _on_resize: Closure<dyn FnMut()>,
}

impl Watch {
    fn new() -> Option<Self> {
        let find = |selector: &str| {
            let found = browser::document().query_selector(selector).ok().flatten()?;
            found.dyn_into::<HtmlElement>().ok()
        };
        let (frame, room, picture) =
            (find(".embed")?, find(".embed .picture")?, find(".embed .picture > *")?);
        let mut last = 0;
        let watched = picture.clone();
        let on_resize = Closure::<dyn FnMut()>::new(move || {
            let around = frame.offset_height() - room.client_height();
            let height = around + watched.offset_height();
            if height != last {
                last = height;
                browser::tell_parent("size", &[("height", f64::from(height))]);
            }
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        observer.observe(&picture);
        Some(Self { observer, _on_resize: on_resize })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
