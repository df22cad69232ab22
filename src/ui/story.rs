//! The Story: a real list, one line an entry, the one of the cursor marked.

use std::rc::Rc;

use web_sys::HtmlElement;
use yew::{Callback, Html, NodeRef, Properties, component, html, use_effect_with, use_node_ref};

use crate::draw;
use crate::i18n::Lang;
use crate::time::Instant;
use crate::trace::EntryId;
use crate::view::story::{Item, Line, Story};

/// What the list needs.
#[derive(Properties)]
pub struct Props {
    /// What is told.
    pub story: Rc<Story>,
    /// The moment.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// A line was chosen: its moment.
    pub on_seek: Callback<Instant>,
    /// A line was chosen: its entry.
    #[prop_or_default]
    pub on_focus: Callback<Option<EntryId>>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.story, &other.story)
            && self.cursor == other.cursor
            && self.lang == other.lang
            && self.on_seek == other.on_seek
            && self.on_focus == other.on_focus
    }
}

/// The list.
#[component]
pub fn StoryList(props: &Props) -> Html {
    let list = use_node_ref();
    let current = props.story.item_at(props.cursor);
    let shown = list.clone();
    use_effect_with((current, Rc::as_ptr(&props.story) as usize), move |_| reveal(&shown));
    let texts = props.lang.story();
    html! {
        <ol class="sy" ref={list} aria-label={texts.story}>
            { for props.story.items.iter().enumerate().map(|(index, item)| match item {
                Item::Line(line) => row(props, line, current == Some(index)),
                Item::Silence(span) => fold(index, &(texts.silence)(*span)),
                Item::LivesAlike { count, .. } => fold(index, &(texts.lives_alike)(*count)),
                Item::PodsAlike { count, .. } => fold(index, &(texts.pods_alike)(*count)),
            }) }
        </ol>
    }
}

fn row(props: &Props, line: &Line, is_current: bool) -> Html {
    let said = (props.lang.story().said)(line, props.story.several_pods);
    let (at, entry) = (line.at, line.entry);
    let (seek, focus) = (props.on_seek.clone(), props.on_focus.clone());
    let onclick = Callback::from(move |_| {
        seek.emit(at);
        focus.emit(Some(entry));
    });
    let current = is_current.then_some("true");
    html! {
        <li key={format!("e{}", line.entry.0)} class={if is_current { "sy-now" } else { "" }} aria-current={current}>
            <button type="button" class="sy-row" {onclick}>
                <span class="sy-t">{line.at.clock()}</span>
                {Html::from_html_unchecked(draw::glyph(draw::of_what(&line.what)).into())}
                <span class="sy-w">{said.claim}
                    if !said.detail.is_empty() { <span class="sy-d">{said.detail}</span> }
                </span>
            </button>
        </li>
    }
}

fn fold(index: usize, text: &str) -> Html {
    html! { <li key={format!("f{index}")} class="sy-fold"><span>{format!("⋯ {text}")}</span></li> }
}

/// Brings the current line into view, scrolling the list alone and never the page.
fn reveal(list: &NodeRef) {
    let Some(list) = list.cast::<HtmlElement>() else { return };
    let Ok(Some(row)) = list.query_selector(".sy-now") else { return };
    let Some(pane) = scroller(&list) else { return };
    let (pane_box, row_box) = (pane.get_bounding_client_rect(), row.get_bounding_client_rect());
    let above = row_box.top() - pane_box.top();
    let below = row_box.bottom() - pane_box.bottom();
    let by = if above < 0.0 {
        above - 24.0
    } else if below > 0.0 {
        below + 24.0
    } else {
        return;
    };
    pane.set_scroll_top(pane.scroll_top() + by as i32);
}

/// The nearest element around the list that scrolls by itself.
fn scroller(list: &HtmlElement) -> Option<web_sys::Element> {
    let mut next: Option<web_sys::Element> = Some(list.clone().into());
    while let Some(element) = next {
        if element.tag_name().eq_ignore_ascii_case("body") {
            return None;
        }
        if element.scroll_height() > element.client_height() + 1 && element.client_height() > 0 {
            return Some(element);
        }
        next = element.parent_element();
    }
    None
}
