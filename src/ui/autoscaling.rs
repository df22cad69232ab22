//! An autoscaler: its strips, and the sum of one look in full.
//!
//! Owns: which autoscaler and which look is shown. Does not own: the drawing (`draw`), or the
//! numbers (`view`).

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::{
    Callback, Html, Properties, TargetCast, component, html, use_callback, use_state, use_state_eq,
};

use crate::i18n::Lang;
use crate::manifest::place::place;
use crate::time::Instant;
use crate::trace::EntryId;
use crate::ui::hands::Hands;
use crate::ui::msg::Msg;
use crate::ui::paper::Paper;
use crate::ui::state::{Action, Tab};
use crate::ui::timeline::TimelineView;
use crate::view::autoscaling::{Cause, Look, Scaler, Step};
use crate::view::axis::Window;

/// Looks that are listed at most.
const LISTED: usize = 300;

/// What the view needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Every autoscaler.
    pub scalers: Rc<[Rc<Scaler>]>,
    /// The text that they come from.
    pub text: Rc<str>,
    /// Where the cursor is.
    pub cursor: Instant,
    /// What is in view; `None` for all.
    pub window: Option<Window>,
    /// The entry in question.
    pub focus: Option<EntryId>,
    /// The language.
    pub lang: Lang,
    /// What may be asked for.
    pub hands: Hands,
    /// Whether the load may be drawn by hand.
    pub editable: bool,
}

/// The view.
#[component]
pub fn AutoscalingView(props: &Props) -> Html {
    let texts = props.lang.scaling();
    let chosen = use_state_eq(|| 0_usize);
    let hovered = use_state(|| None::<EntryId>);
    let on_hover = {
        let hovered = hovered.setter();
        use_callback((), move |entry: Option<EntryId>, ()| hovered.set(entry))
    };
    let on_point = use_callback(props.hands.dispatch.clone(), |to, dispatch| {
        dispatch.emit(Msg::MovePoint(to))
    });
    let Some(scaler) = props.scalers.get(*chosen).or_else(|| props.scalers.first()) else {
        return html! { <p class="empty">{texts.none}</p> };
    };
    let choose = {
        let chosen = chosen.setter();
        Callback::from(move |event: web_sys::Event| {
            let list: HtmlSelectElement = event.target_unchecked_into();
            chosen.set(usize::try_from(list.selected_index()).unwrap_or(0));
        })
    };
    let pointed = hovered.and_then(|entry| scaler.looks.iter().find(|look| look.entry == entry));
    let look = pointed.or_else(|| scaler.look_at(props.cursor));
    html! {
        <div class="as-view">
            <div class="as-head">
                if props.scalers.len() > 1 {
                    <select aria-label={texts.choose} onchange={choose}>
                        { for props.scalers.iter().enumerate().map(|(index, own)| html! {
                            <option selected={index == *chosen}>{format!("hpa/{}", own.name)}</option>
                        }) }
                    </select>
                } else {
                    <b>{format!("hpa/{}", scaler.name)}</b>
                }
                <span>{(texts.aims)(scaler)}</span>
            </div>
            <TimelineView paper={Paper::Scaler(scaler.clone())} cursor={props.cursor}
                window={props.window} focus={props.focus} lang={props.lang}
                on_seek={props.hands.on_seek.clone()} on_window={props.hands.on_window.clone()}
                on_focus={props.hands.on_focus.clone()} {on_hover}
                on_point={props.editable.then_some(on_point)} />
            { list(props, scaler, &hovered.setter()) }
            <section class="as-card" aria-label={texts.decisions}>
                if let Some(look) = look {
                    { card(props, scaler, look) }
                } else {
                    <p class="as-note">{texts.not_yet}</p>
                }
            </section>
        </div>
    }
}

/// One look in full.
fn card(props: &Props, scaler: &Scaler, look: &Look) -> Html {
    let texts = props.lang.scaling();
    let own = &look.scaling;
    let change = if own.current == own.desired {
        own.current.to_string()
    } else {
        format!("{} → {}", own.current, own.desired)
    };
    html! {
        <>
            <p class="as-said">
                <span class="as-t">{look.at.clock()}</span>
                <b class="as-change">{change}</b>
                <span>{(texts.claim)(look)}</span>
                if let Some(cause) = &look.cause { { remedy(props, scaler, cause) } }
            </p>
            <ol class="as-steps">
                { for look.steps().iter().map(|own| step(props.lang, look, own)) }
            </ol>
            if let Some(error) = error(look) { <p class="as-note as-error">{error}</p> }
        </>
    }
}

/// What the controller says itself.
fn error(look: &Look) -> Option<String> {
    let error = look.scaling.metrics.iter().find_map(|metric| metric.result.as_ref().err());
    look.cause.as_ref().map(|_| error.unwrap_or(&look.scaling.why).to_string())
}

fn step(lang: Lang, look: &Look, own: &Step) -> Html {
    let (name, note) = (lang.scaling().step)(look, own);
    html! {
        <li>
            <span class="as-name">{name}</span>
            <span class="as-sum">
                if !own.formula.is_empty() { {format!("{} = ", own.formula)} }
                <b>{&own.result}</b>
            </span>
            <span class="as-note">{note}</span>
        </li>
    }
}

/// The field to change, which leads to its place in the text.
fn remedy(props: &Props, scaler: &Scaler, cause: &Cause) -> Html {
    let Some((kind, path)) = cause.field() else { return Html::default() };
    let container = match cause {
        Cause::NoRequest { container, .. } => container.as_str(),
        _ => "",
    };
    let (kind, name) = match kind {
        "target" => (scaler.target.0.as_str(), scaler.target.1.as_str()),
        "HorizontalPodAutoscaler" => (kind, scaler.name.as_str()),
        other => (other, ""),
    };
    let full = path.replace("[]", &format!("[name={container}]"));
    let short = path.rsplit("[].").next().unwrap_or(&path).to_owned();
    let (text, dispatch) = (props.text.clone(), props.hands.dispatch.clone());
    let found = place(&text, kind, name, &full);
    let onclick = Callback::from(move |_: web_sys::MouseEvent| {
        if let Some(span) = found {
            dispatch.emit(Action::ShowTab(Tab::Yaml).into());
            dispatch.emit(Msg::GoTo(span));
        }
    });
    html! {
        <button type="button" class="as-field" disabled={found.is_none()} {onclick}>
            {props.lang.scaling().change}{" "}<code>{short}</code>
        </button>
    }
}

/// Every look as a line that can be reached without pointing.
fn list(props: &Props, scaler: &Scaler, hovered: &yew::UseStateSetter<Option<EntryId>>) -> Html {
    let texts = props.lang.scaling();
    let line = |look: &Look| {
        let (at, entry) = (look.at, look.entry);
        let (seek, set, unset) = (props.hands.on_seek.clone(), hovered.clone(), hovered.clone());
        let onclick = Callback::from(move |_: web_sys::MouseEvent| seek.emit(at));
        let onfocus = Callback::from(move |_: web_sys::FocusEvent| set.set(Some(entry)));
        let onblur = Callback::from(move |_: web_sys::FocusEvent| unset.set(None));
        html! {
            <li key={entry.0}>
                <button type="button" class="as-line" {onclick} {onfocus} {onblur}>
                    <span class="as-sign" aria-hidden="true">{look.decision.sign()}</span>
                    {(texts.title)(look)}
                </button>
            </li>
        }
    };
    html! {
        <details class="as-all">
            <summary>{format!("{} ({})", texts.all, scaler.looks.len())}</summary>
            <ol>{ for scaler.looks.iter().take(LISTED).map(line) }</ol>
        </details>
    }
}
