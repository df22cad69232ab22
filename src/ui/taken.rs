//! What the page takes over from its frame: the pictures of the start page's cards.
//!
//! Owns: reading them before the frame goes. Does not own: drawing them (`frame`); a card that has
//! none draws its own.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::{AttrValue, Html, html};

use crate::map::Map;
use crate::ui::measure::Drawing;

/// A card's picture, and how long its scenario takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    svg: AttrValue,
    /// How long the scenario takes.
    pub length: String,
}

impl Picture {
    /// The picture.
    pub fn html(&self) -> Html {
        html! { <Drawing svg={self.svg.clone()} /> }
    }
}

/// The pictures by the names of their cards.
#[derive(Debug, Default, PartialEq)]
pub struct Taken(Map<String, Picture>);

impl Taken {
    /// Reads them from the frame.
    pub fn read(frame: &Element) -> Self {
        let mut taken = Map::new();
        let Ok(cards) = frame.query_selector_all("[data-card]") else { return Self(taken) };
        for index in 0..cards.length() {
            let card = cards.get(index).and_then(|node| node.dyn_into::<Element>().ok());
            let part = |class: &str| card.as_ref()?.query_selector(class).ok().flatten();
            let id = card.as_ref().and_then(|card| card.get_attribute("data-card"));
            if let (Some(id), Some(svg), Some(length)) = (id, part(".th"), part(".num")) {
                let length = length.text_content().unwrap_or_default();
                taken.insert(id, Picture { svg: svg.inner_html().into(), length });
            }
        }
        Self(taken)
    }

    /// The picture of a card.
    pub fn get(&self, id: &str) -> Option<Picture> {
        self.0.get(id).cloned()
    }
}
