//! One container for the phone, above the Story.

use std::rc::Rc;

use web_sys::{Element, MouseEvent};
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_memo, use_node_ref, use_state_eq,
};

use crate::draw::{self, MINI_X, Short};
use crate::i18n::Lang;
use crate::time::Instant;
use crate::ui::measure::{Drawing, use_width};
use crate::view::timeline::{Lane, Timeline};

/// Air at the right of the plot, as `draw` has it.
const RIGHT: f64 = 16.0;

/// What the lane needs.
#[derive(Properties)]
pub struct Props {
    /// What is drawn.
    pub timeline: Rc<Timeline>,
    /// The moment.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// A moment was chosen.
    pub on_seek: Callback<Instant>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.timeline, &other.timeline)
            && self.cursor == other.cursor
            && self.lang == other.lang
            && self.on_seek == other.on_seek
    }
}

/// The lane; a tap on its name shows the next container.
#[component]
pub fn MiniLane(props: &Props) -> Html {
    let node = use_node_ref();
    let width = use_width(&node);
    let chosen = use_state_eq(|| None::<String>);
    let lanes = props.timeline.main_lanes();
    let of_choice = lanes.iter().copied().find(|lane| Some(&lane.name) == chosen.as_ref());
    let lane = of_choice.or_else(|| props.timeline.main_lane());
    let name = lane.map_or(String::new(), |lane| lane.name.clone());
    let key = (
        Rc::as_ptr(&props.timeline) as usize,
        width.map(|width| width as i64),
        props.lang.tag(),
        name.clone(),
    );
    let svg = use_memo(key, |(_, width, _, _)| {
        let (lane, width) = (lane?, (*width)? as f64);
        Some(AttrValue::from(draw::mini_lane(&props.timeline, lane, width, props.lang, "mini")))
    });
    let horizon = props.timeline.horizon.as_micros().max(1);
    let (node_of, on_seek) = (node.clone(), props.on_seek.clone());
    let onclick = Callback::from(move |event: MouseEvent| {
        let Some(element) = node_of.cast::<Element>() else { return };
        let rect = element.get_bounding_client_rect();
        let plot = (rect.width() - MINI_X - RIGHT).max(1.0);
        let part = (f64::from(event.client_x()) - rect.left() - MINI_X) / plot;
        if part >= -0.02 {
            on_seek.emit(Instant::from_micros((part.clamp(0.0, 1.0) * horizon as f64) as i64));
        }
    });
    let next = next_of(&lanes, &name);
    let (several, choose) = (lanes.len() > 1, chosen.clone());
    let onname = Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        choose.set(next.clone());
    });
    let place = width.map(|width| {
        MINI_X
            + (width - MINI_X - RIGHT) * props.cursor.as_micros().clamp(0, horizon) as f64
                / horizon as f64
    });
    html! {
        <div class="ml" ref={node} {onclick}>
            if let Some(svg) = &*svg { <Drawing svg={svg.clone()} /> }
            if several { <button type="button" class="ml-name" aria-label={name} onclick={onname} /> }
            if let Some(x) = place { <i class="ml-cursor" style={format!("transform:translateX({}px)", Short(x))} /> }
        </div>
    }
}

/// The name of the lane after this one, round and round.
fn next_of(lanes: &[&Lane], name: &str) -> Option<String> {
    let place = lanes.iter().position(|lane| lane.name == name)?;
    lanes.get((place + 1) % lanes.len()).map(|lane| lane.name.clone())
}
