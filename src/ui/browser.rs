//! The browser, as far as the page uses it: storage, address, clipboard, clock and preferences.
//!
//! Owns: every call that may fail in some browser; failing is quiet where the page works without.
//! Does not own: what is stored or copied.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, HtmlElement, Storage, Window};

/// The window. A page without one cannot be drawn.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The document.
pub fn document() -> Document {
    window().document().expect("a window has a document")
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What was stored under a key; nothing where storage is refused.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(&key_of(key)).ok().flatten()
}

/// Stores a value; where storage is refused or full, nothing is kept.
pub fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // Refused or full: the page works on without it.
        let _ = storage.set_item(&key_of(key), value);
    }
}

fn key_of(key: &str) -> String {
    let mut full = "podarium.".to_owned();
    full.push_str(key);
    full
}

/// Scrolls an element to its end, once what was added stands in it.
pub fn scroll_to_end(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_scroll_top(element.scroll_height());
    }
}

/// The query of the address, with its question mark.
pub fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// The fragment of the address, without its hash.
pub fn fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// The whole address with another fragment.
pub fn address(fragment: &str) -> String {
    let href = window().location().href().unwrap_or_default();
    let mut address = href.split('#').next().unwrap_or_default().to_owned();
    address.push('#');
    address.push_str(fragment);
    address
}

/// The address of the page with this query, empty or with its `?`, and this fragment.
pub fn whole_page(query: &str, fragment: &str) -> String {
    let location = window().location();
    let mut address = location.origin().unwrap_or_default();
    address.push_str(&location.pathname().unwrap_or_default());
    address.push_str(query);
    address.push('#');
    address.push_str(fragment);
    address
}

/// Replaces the fragment without a new step in the history.
pub fn replace_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        // Browsers limit how often; the next change writes it again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address(fragment)));
    }
}

/// Sets the fragment as a new step in the history.
pub fn push_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address(fragment)));
    }
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Milliseconds since 1970.
pub fn unix_millis() -> u64 {
    js_sys::Date::now() as u64
}

/// Whether a media query holds.
pub fn matches(media: &str) -> bool {
    window().match_media(media).ok().flatten().is_some_and(|list| list.matches())
}

/// Whether motion should be reduced.
pub fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// The language that the browser asks for.
pub fn language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Sets an attribute of the document's root.
pub fn set_root(attribute: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Our attribute names are valid.
        let _ = root.set_attribute(attribute, value);
    }
}

/// Puts a text on the clipboard; an error where the browser refuses.
pub async fn copy(text: &str) -> Result<(), JsValue> {
    let navigator = window().navigator();
    // Missing on pages without TLS.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())?;
    if clipboard.is_undefined() {
        return Err(JsValue::NULL);
    }
    let written = navigator.clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.map(|_| ())
}

/// Loads a script of the page when it is needed. `boot.js` has the import: an address is no place
/// for code of ours.
pub async fn import(file: &str) -> Result<JsValue, JsValue> {
    let base = document().base_uri()?.unwrap_or_default();
    let url = web_sys::Url::new_with_base(file, &base)?.href();
    let import = js_sys::Reflect::get(&window(), &"podariumImport".into())?;
    let promise = js_sys::Function::from(import).call1(&JsValue::NULL, &url.into())?;
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(promise)).await
}

/// Offers a drawing as a file; an empty one stands for the picture that the page shows.
pub async fn save_picture(
    kind: &str,
    drawing: &str,
    name: &str,
    link: &str,
) -> Result<(), JsValue> {
    let export = import(concat!("export.js?v=", env!("CARGO_PKG_VERSION"))).await?;
    let save = js_sys::Function::from(js_sys::Reflect::get(&export, &"save".into())?);
    let given: js_sys::Array =
        [kind, drawing, name, link].iter().map(|text| JsValue::from(*text)).collect();
    let promise = save.apply(&JsValue::NULL, &given)?;
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(promise)).await.map(|_| ())
}

/// Whether a message comes from the page around this one, and there is one.
pub fn is_parent(source: Option<&js_sys::Object>) -> bool {
    let window = window();
    let parent = window.parent().ok().flatten();
    match (source, parent) {
        (Some(source), Some(parent)) => {
            let (own, parent): (&JsValue, &JsValue) = (window.as_ref(), parent.as_ref());
            let source: &JsValue = source.as_ref();
            source == parent && source != own
        }
        (None, _) | (_, None) => false,
    }
}

/// Tells the page around this one something: `{podarium: 1, type, …}`. It is no secret, so any page
/// may hear it; without a page around, nothing is said.
pub fn tell_parent(kind: &str, more: &[(&str, f64)]) {
    let window = window();
    let Some(parent) = window.parent().ok().flatten() else { return };
    if js_sys::Object::is(parent.as_ref(), window.as_ref()) {
        return;
    }
    let message = js_sys::Object::new();
    let set = |name: &str, value: JsValue| {
        // A plain object takes every property.
        let _ = js_sys::Reflect::set(&message, &name.into(), &value);
    };
    set("podarium", 1.into());
    set("type", kind.into());
    for (name, value) in more {
        set(name, JsValue::from_f64(*value));
    }
    // Numbers and a word can be cloned.
    let _ = parent.post_message(&message, "*");
}

/// Focuses the first element of a selector.
pub fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot be focused stays as it is.
        let _ = element.focus();
    }
}

/// Whether an element of this selector has the focus.
pub fn has_focus(selector: &str) -> bool {
    document().active_element().is_some_and(|element| element.matches(selector).unwrap_or(false))
}

/// Brings the first element of a selector into view.
pub fn reveal(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        element.scroll_into_view();
    }
}

/// Pixels beside an element that was brought into view.
const PEEK: f64 = 8.0;

/// Scrolls a row sideways, by as little as brings its element of a selector into view.
pub fn reveal_within(row: &str, selector: &str) {
    let found = |selector: &str| document().query_selector(selector).ok().flatten();
    let (Some(row), Some(element)) = (found(row), found(&format!("{row} {selector}"))) else {
        return;
    };
    let (outer, inner) = (row.get_bounding_client_rect(), element.get_bounding_client_rect());
    // A little more than the element itself shows that the row goes on.
    let before = (outer.left() - inner.left() + PEEK).max(0.0);
    let behind = (inner.right() - outer.right() + PEEK).max(0.0);
    if before > 0.0 || behind > 0.0 {
        row.set_scroll_left(row.scroll_left() + (behind - before) as i32);
    }
}

/// Tells `boot.js` that the page runs.
pub fn started() {
    if let Ok(event) = web_sys::Event::new("podarium-started") {
        // Nobody cancels it.
        let _ = window().dispatch_event(&event);
    }
}
