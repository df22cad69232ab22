//! The transport strip: the main Pod's STATUS for the whole trace, to scrub on.
//!
//! It is an `<input type="range">`: what is drawn lies under it.

use std::rc::Rc;

use web_sys::{HtmlInputElement, InputEvent};
use yew::{
    AttrValue, Callback, Html, Properties, TargetCast, component, html, use_memo, use_node_ref,
};

use crate::draw::{self, Short};
use crate::i18n::Lang;
use crate::time::Instant;
use crate::ui::measure::{Drawing, use_width};
use crate::view::axis::Window;
use crate::view::timeline::{Label, Timeline};

/// A step of the slider, in microseconds.
const STEP: i64 = 100_000;

/// What the strip needs.
#[derive(Properties)]
pub struct Props {
    /// What is drawn.
    pub timeline: Rc<Timeline>,
    /// Where the knob is.
    pub cursor: Instant,
    /// What the picture shows; `None` for all.
    #[prop_or_default]
    pub window: Option<Window>,
    /// The language.
    pub lang: Lang,
    /// The knob is moved.
    pub on_seek: Callback<Instant>,
    /// Keeps the drawings of a page apart.
    #[prop_or(AttrValue::Static("strip"))]
    pub id: AttrValue,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.timeline, &other.timeline)
            && self.cursor == other.cursor
            && self.window == other.window
            && self.lang == other.lang
            && self.id == other.id
            && self.on_seek == other.on_seek
    }
}

/// The STATUS of the main Pod at a moment, for those who hear it.
pub fn status_at(timeline: &Timeline, at: Instant) -> String {
    let Some(lane) = timeline.main_status() else { return String::new() };
    let status = match lane.at(at).map(|piece| &piece.label) {
        Some(Label::Words(words)) => words.first().map_or("", String::as_str),
        _ => "–",
    };
    format!("{} {status}", lane.name)
}

/// The strip.
#[component]
pub fn Strip(props: &Props) -> Html {
    let node = use_node_ref();
    let width = use_width(&node);
    let key =
        (Rc::as_ptr(&props.timeline) as usize, width.map(|width| width as i64), props.id.clone());
    let svg = use_memo(key, |(_, width, id)| {
        width.map(|width| AttrValue::from(draw::strip(&props.timeline, width as f64, id)))
    });
    let horizon = props.timeline.horizon.as_micros().max(1);
    let share = |at: Instant| at.as_micros().clamp(0, horizon) as f64 * 100.0 / horizon as f64;
    let (from, to) =
        props.window.map_or((0.0, 100.0), |window| (share(window.from), share(window.to)));
    let on_seek = props.on_seek.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        if let Ok(steps) = input.value().parse::<i64>() {
            on_seek.emit(Instant::from_micros((steps * STEP).min(horizon)));
        }
    });
    let texts = props.lang.timeline();
    let now = (texts.at)(props.cursor, &status_at(&props.timeline, props.cursor));
    html! {
        <div class="st" ref={node}>
            if let Some(svg) = &*svg { <Drawing svg={svg.clone()} /> }
            if props.window.is_some() {
                <i class="st-out" style={format!("left:0;width:{}%", Short(from))} />
                <i class="st-out" style={format!("left:{}%;right:0", Short(to))} />
                <i class="st-frame" style={format!("left:{}%;width:{}%", Short(from), Short(to - from))} />
            }
            <input class="st-range" type="range" min="0" max={(horizon / STEP).to_string()} step="1"
                value={(props.cursor.as_micros() / STEP).to_string()} {oninput}
                aria-label={texts.cursor} aria-valuetext={now} />
            <i class="st-knob" style={format!("left:{}%", Short(share(props.cursor)))} />
        </div>
    }
}
