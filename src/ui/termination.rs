//! How a Pod leaves: the picture, what came of it, and the knob that decides it.
//!
//! Owns: which Pod is shown, and the slider. Does not own: the drawing (`draw`), the numbers
//! (`view`), or writing into the text (`pre_stop`).

use std::rc::Rc;

use web_sys::{Event, HtmlInputElement, HtmlSelectElement, InputEvent};
use yew::{
    AttrValue, Callback, Html, Properties, TargetCast, component, html, use_memo, use_node_ref,
};

use crate::draw;
use crate::i18n::Lang;
use crate::time::{Duration, Instant};
use crate::ui::hands::Hands;
use crate::ui::icons::Icon;
use crate::ui::measure::{Drawing, use_width};
use crate::ui::msg::Msg;
use crate::ui::pre_stop::PreStop;
use crate::ui::run::Run;
use crate::view::termination::{Termination, termination};

/// The slider goes so far.
const SLEEP_MAX: i64 = 15;

/// What the view needs.
#[derive(Properties)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
    /// Where the cursor is.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// What may be asked for.
    pub hands: Hands,
    /// Whether the slider may write.
    pub editable: bool,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.run, &other.run)
            && (self.cursor, self.lang, self.editable) == (other.cursor, other.lang, other.editable)
    }
}

/// The view.
#[component]
pub fn TerminationView(props: &Props) -> Html {
    let node = use_node_ref();
    let width = use_width(&node);
    let texts = props.lang.termination();
    let shown = termination(&props.run.trace, props.cursor);
    let key = shown.as_ref().map(|own| (own.pod.clone(), own.asked));
    let key = (Rc::as_ptr(&props.run) as usize, key, width.map(|w| w as i64), props.lang);
    let svg = use_memo(key, |(_, _, width, lang)| {
        let own = shown.as_ref()?;
        let ending = draw::termination(own, width.as_ref().copied()? as f64, *lang, "tm");
        Some((AttrValue::from(ending.svg.clone()), ending))
    });
    let Some(leaving) = &shown else {
        return html! { <div class="tm-view" ref={node}><p class="empty">{texts.empty}</p></div> };
    };
    let (fact, rest) = (texts.verdict)(leaving);
    let bad = leaving.losses() > 0 || leaving.gap().is_some_and(|gap| gap > Duration::ZERO);
    html! {
        <div class="tm-view">
            <div class="tm-head">
                <b>{texts.title}</b>
                { chooser(leaving, props) }
            </div>
            <div class="tm-result">
                <p class="tm-verdict" role="status">
                    <b class={bad.then_some("bad")}>{fact}</b>{" "}<span>{rest}</span>
                </p>
                if props.editable { { slider(leaving, props) } }
            </div>
            <div class="tm-sheet" ref={node}>
                if let Some((svg, ending)) = &*svg {
                    <Drawing svg={svg.clone()} />
                    { cursor(ending, props.cursor) }
                }
            </div>
            <p class="tm-note">
                {texts.about}
                if !leaving.nodes.is_empty() { <><br />{texts.model}</> }
            </p>
        </div>
    }
}

/// The cursor over both tracks.
fn cursor(ending: &draw::Ending, at: Instant) -> Html {
    let Some(x) = ending.place(at) else { return Html::default() };
    let (top, height) = (draw::Ending::HEAD, ending.foot - draw::Ending::HEAD);
    let (x, top, height) = (draw::Short(x), draw::Short(top), draw::Short(height));
    let style = format!("top:{top}px;height:{height}px;transform:translateX({x}px)");
    html! { <div class="tl-cursor tm-cursor" aria-hidden="true" {style}></div> }
}

/// Which Pod, where several leave, and what its dots mean.
fn chooser(leaving: &Termination, props: &Props) -> Html {
    let texts = props.lang.termination();
    let on_seek = props.hands.on_seek.clone();
    let moments: Vec<Instant> = leaving.leavers.iter().map(|(_, at)| *at).collect();
    let choose = Callback::from(move |event: Event| {
        let list: HtmlSelectElement = event.target_unchecked_into();
        let index = usize::try_from(list.selected_index()).unwrap_or(0);
        if let Some(at) = moments.get(index) {
            on_seek.emit(*at);
        }
    });
    html! {
        <>
            if leaving.leavers.len() > 1 {
                <span class="select line">
                    <select aria-label={texts.which} onchange={choose}>
                        { for leaving.leavers.iter().map(|(name, at)| html! {
                            <option selected={*name == leaving.pod && *at == leaving.asked}>
                                {format!("{} {name}", at.clock())}
                            </option>
                        }) }
                    </select>
                    {Icon::Caret.html()}
                </span>
            } else {
                <span class="tm-pod">{leaving.pod.clone()}</span>
            }
            if leaving.nodes.iter().any(|node| !node.dots.is_empty()) {
                <span class="tm-legend">
                    <span><i class="tm-dot served"></i>{texts.served}</span>
                    <span><i class="tm-dot lost">{"✕"}</i>{texts.lost}</span>
                    <span><i class="tm-dot other"></i>{texts.elsewhere}</span>
                </span>
            }
        </>
    }
}

/// preStop's sleep, written into the text.
fn slider(leaving: &Termination, props: &Props) -> Html {
    let Some(own) = leaving.containers.first() else { return Html::default() };
    // Where nobody routes to the Pod there is nothing to wait for.
    let idle = leaving.nodes.is_empty() && own.sleep.is_none();
    if idle || own.sleep.is_none() && !own.hook_words.is_empty() {
        return Html::default();
    }
    let seconds = own.sleep.unwrap_or(0);
    let edit = PreStop {
        source: leaving.source.clone(),
        container: own.name.clone(),
        seconds,
        done: false,
    };
    let send = |done: bool| {
        let (dispatch, edit) = (props.hands.dispatch.clone(), edit.clone());
        move |value: String| {
            if let Ok(seconds) = value.parse() {
                dispatch.emit(Msg::PreStop(PreStop { seconds, done, ..edit.clone() }));
            }
        }
    };
    let (moving, settled) = (send(false), send(true));
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        moving(input.value());
    });
    let onchange = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        settled(input.value());
    });
    let most = SLEEP_MAX.min(leaving.grace.as_secs()).max(seconds).max(1);
    html! {
        <label class="tm-knob">
            <code>{"preStop.sleep.seconds"}</code>
            <input type="range" min="0" max={most.to_string()} step="1" {oninput} {onchange}
                value={seconds.to_string()} />
            <output>{seconds}</output>
        </label>
    }
}
