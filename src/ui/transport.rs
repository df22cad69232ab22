//! The transport: play, speed, the clock and the strip on which one scrubs.
//!
//! Owns: its controls. Does not own: the picture in the strip, or how time passes (`state`).

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::{Callback, Html, TargetCast, html};

use crate::i18n::Lang;
use crate::i18n::page::Page;
use crate::time::Instant;
use crate::ui::icons::Icon;
use crate::ui::msg::Msg;
use crate::ui::run::Run;
use crate::ui::state::{Action, Speed};

/// What the transport needs.
pub struct Props {
    /// What happens.
    pub run: Option<Rc<Run>>,
    /// The moment shown.
    pub cursor: Instant,
    /// Whether only a part of the time is in view.
    pub zoomed: bool,
    /// Whether the cursor moves by itself.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The language.
    pub lang: Lang,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
    /// The strip.
    pub strip: Html,
}

/// The transport.
pub fn transport(props: &Props) -> Html {
    let t = Page::of(props.lang);
    let send = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(action.clone().into()))
    };
    let dispatch = props.dispatch.clone();
    let onchange = Callback::from(move |event: web_sys::Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        let speed = usize::try_from(select.selected_index()).ok();
        if let Some(speed) = speed.and_then(|index| Speed::ALL.get(index)) {
            dispatch.emit(Action::SetSpeed(*speed).into());
        }
    });
    let horizon = props.run.as_ref().map_or(Instant::ZERO, |run| run.trace.horizon());
    let clock = horizon.clock();
    html! {
        <div class="transport" role="group" aria-label={t.transport}>
            <button type="button" class="play" disabled={props.run.is_none()}
                aria-label={if props.playing { t.pause } else { t.play }}
                onclick={send(Action::Play(!props.playing))}>
                <svg viewBox="0 0 12 12" aria-hidden="true" fill="currentColor">
                    <path d={if props.playing { "M2 1h3v10H2zM7 1h3v10H7z" } else { "M2.5.8v10.4L11.2 6z" }} />
                </svg>
            </button>
            <label class="select speed wide">
                <select aria-label={t.speed} {onchange}>
                    { for Speed::ALL.iter().map(|speed| html! {
                        <option selected={*speed == props.speed}>{speed.label()}</option>
                    }) }
                </select>
                {Icon::Caret.html()}
            </label>
            <output class="clock" aria-live="off">{props.cursor.clock()}</output>
            <div class="strip-box">{props.strip.clone()}</div>
            <span class="horizon">{clock.strip_suffix(".0").unwrap_or(&clock).to_owned()}</span>
            <button type="button" class="btn line fit wide" disabled={!props.zoomed} onclick={send(Action::Fit)}>
                {Icon::Fit.html()}{t.fit}
            </button>
        </div>
    }
}
