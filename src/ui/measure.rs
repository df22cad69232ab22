//! How wide an element is.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, component, hook, use_effect_with, use_state_eq,
};

use crate::draw::Short;

/// Watches the width of an element while it lives.
pub struct WidthWatch {
    observer: ResizeObserver,
    _on_resize: Closure<dyn FnMut()>,
}

impl WidthWatch {
    /// Tells the width now and whenever it changes. Hidden elements, which have none, tell nothing.
    pub fn new(element: &Element, tell: Callback<f64>) -> Option<Self> {
        let watched = element.clone();
        let mut last = -1.0;
        let mut look = move || {
            let width = f64::from(watched.client_width());
            if width > 0.0 && width != last {
                last = width;
                tell.emit(width);
            }
        };
        look();
        let on_resize = Closure::<dyn FnMut()>::new(look);
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_resize: on_resize })
    }
}

impl Drop for WidthWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The width of an element; `None` until it is known.
#[hook]
pub fn use_width(node: &NodeRef) -> Option<f64> {
    let width = use_state_eq(|| None);
    let (set, node) = (width.setter(), node.clone());
    use_effect_with((), move |()| {
        let element = node.cast::<Element>();
        let tell = Callback::from(move |width| set.set(Some(width)));
        let watch = element.and_then(|element| WidthWatch::new(&element, tell));
        move || drop(watch)
    });
    *width
}

/// What [`Drawing`] needs.
/// Where something stands in a drawing, as a style.
pub fn placed([left, top, width, height]: [f64; 4]) -> String {
    format!(
        "left:{}px;top:{}px;width:{}px;height:{}px",
        Short(left),
        Short(top),
        Short(width),
        Short(height)
    )
}

#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    /// Markup that `draw` made.
    pub svg: AttrValue,
}

/// A drawing, left alone while it stays the same.
///
/// The markup is not checked: only `draw` makes it, and it escapes every text.
#[component]
pub fn Drawing(props: &DrawingProps) -> Html {
    Html::from_html_unchecked(props.svg.clone())
}
