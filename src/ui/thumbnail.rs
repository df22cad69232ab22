//! A trace at the size of a card.

use std::rc::Rc;

use yew::{AttrValue, Html, Properties, component, html, use_memo};

use crate::draw;
use crate::ui::measure::Drawing;
use crate::ui::start::WIDTH;
use crate::view::timeline::Timeline;

/// What a thumbnail needs.
#[derive(Properties)]
pub struct Props {
    /// What is drawn.
    pub timeline: Rc<Timeline>,
    /// Keeps the drawings of a page apart: an id that is used once.
    pub id: AttrValue,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.timeline, &other.timeline) && self.id == other.id
    }
}

/// The thumbnail; decoration beside the words of the card.
#[component]
pub fn Thumbnail(props: &Props) -> Html {
    let key = (Rc::as_ptr(&props.timeline) as usize, props.id.clone());
    let svg = use_memo(key, |(_, id)| AttrValue::from(draw::thumbnail(&props.timeline, WIDTH, id)));
    html! { <Drawing svg={(*svg).clone()} /> }
}
