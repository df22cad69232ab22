//! Why: the chain of causes at the cursor, newest first, and what would prevent it.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::diagnostic::Span;
use crate::draw::{self, Glyph};
use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::i18n::story::Said;
use crate::rule::Rule;
use crate::time::Instant;
use crate::trace::{EntryId, Trace};
use crate::view::why::fields::{Field, Place, fields};
use crate::view::why::{Now, Remedy, Why, source_link, source_name};

/// What the panel needs.
#[derive(Properties)]
pub struct Props {
    /// The answer.
    pub why: Rc<Why>,
    /// The moment.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// Whether lines name their Pod.
    #[prop_or_default]
    pub several_pods: bool,
    /// A link was chosen: its moment.
    pub on_seek: Callback<Instant>,
    /// A link was chosen: its entry; nothing when the question is dropped.
    #[prop_or_default]
    pub on_focus: Callback<Option<EntryId>>,
    /// What happens, for the fields that a link rests on.
    pub trace: Rc<Trace>,
    /// What stands in the text, is not simulated, and may matter.
    #[prop_or_default]
    pub unmodelled: Vec<(String, Span)>,
    /// A field was chosen: show it in the editor.
    #[prop_or_default]
    pub on_field: Callback<Place>,
    /// Something in the text was chosen.
    #[prop_or_default]
    pub on_span: Callback<Span>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        (Rc::ptr_eq(&self.why, &other.why) || self.why == other.why)
            && (self.cursor, self.lang, self.several_pods)
                == (other.cursor, other.lang, other.several_pods)
            && self.on_seek == other.on_seek
            && self.on_focus == other.on_focus
            && Rc::ptr_eq(&self.trace, &other.trace)
            && self.unmodelled == other.unmodelled
            && (&self.on_field, &self.on_span) == (&other.on_field, &other.on_span)
    }
}

/// The panel; its heading is the question.
#[component]
pub fn WhyPanel(props: &Props) -> Html {
    let (texts, why) = (props.lang.story(), &props.why);
    let now = why.now.as_ref().map(|now| {
        let (entry, rule) = match now {
            Now::BackOff { entry, .. } => (*entry, Some(Rule::BackoffResync)),
            Now::Ending { entry, .. } => (*entry, Some(Rule::GraceEnds)),
        };
        link(props, entry, props.cursor, draw::of_now(now), (texts.now)(now), rule, &[])
    });
    html! {
        <div class="wy">
            <h2 class="wy-q">{(texts.question)(&why.question)}</h2>
            if why.links.is_empty() && now.is_none() {
                <p class="wy-none">{texts.no_cause}</p>
            } else {
                <ol class="wy-chain">
                    {now}
                    { for why.links.iter().map(|line| {
                        let said = (texts.said)(line, props.several_pods);
                        let mark = draw::of_what(&line.what);
                        let fields = fields(&props.trace, line);
                        link(props, line.entry, line.at, mark, said, Some(line.rule), &fields)
                    }) }
                </ol>
            }
            if !why.remedies.is_empty() {
                <div class="wy-prevent">
                    <b>{texts.prevent}</b>
                    <ul>
                        { for why.remedies.iter().map(|remedy| html! {
                            <li key={remedy.field.clone()}>
                                { of_remedy(props, remedy) }
                                <span>{(texts.remedy)(remedy)}</span>
                            </li>
                        }) }
                    </ul>
                </div>
            }
            if !props.unmodelled.is_empty() {
                <div class="wy-prevent">
                    <b>{Page::of(props.lang).may_matter}</b>
                    <ul>
                        { for props.unmodelled.iter().map(|(name, span)| {
                            let (on_span, span) = (props.on_span.clone(), *span);
                            let onclick = Callback::from(move |_| on_span.emit(span));
                            html! {
                                <li key={name.clone()}>
                                    <button type="button" class="wy-field" {onclick}>{name.clone()}</button>
                                </li>
                            }
                        }) }
                    </ul>
                </div>
            }
        </div>
    }
}

fn of_remedy(props: &Props, remedy: &Remedy) -> Html {
    chip(props, remedy.place.as_ref(), field(&remedy.field, &remedy.value))
}

/// A field; a button where it stands in the text.
fn chip(props: &Props, place: Option<&Place>, words: String) -> Html {
    let Some(place) = place.cloned() else {
        return html! { <code class="wy-field">{words}</code> };
    };
    let on_field = props.on_field.clone();
    let onclick = Callback::from(move |_| on_field.emit(place.clone()));
    let label = fill(Page::of(props.lang).show_field, &[&words]);
    html! {
        <button type="button" class="wy-field" aria-label={label} {onclick}>{words}</button>
    }
}

/// `failureThreshold: 3`; long values only by their beginning.
fn field(name: &str, value: &str) -> String {
    let short: String = value.chars().take(28).collect();
    let more = if short.len() < value.len() { "…" } else { "" };
    if value.is_empty() { name.to_owned() } else { format!("{name}: {short}{more}") }
}

fn link(
    props: &Props,
    entry: EntryId,
    at: Instant,
    glyph: Glyph,
    said: Said,
    rule: Option<Rule>,
    fields: &[Field],
) -> Html {
    let (seek, focus) = (props.on_seek.clone(), props.on_focus.clone());
    let onclick = Callback::from(move |_| {
        seek.emit(at);
        focus.emit(Some(entry));
    });
    let source = rule.and_then(|rule| Some((source_link(rule)?, source_name(rule)?)));
    html! {
        <li key={format!("{}-{}", entry.0, at.as_micros())} class="wy-link">
            <span class="wy-g">{Html::from_html_unchecked(draw::glyph(glyph).into())}</span>
            <span class="wy-t">{at.clock()}</span>
            <div class="wy-w">
                <div class="wy-head">
                    <button type="button" class="wy-claim" {onclick}>{said.claim}</button>
                    if let Some((href, name)) = source {
                        <a class="wy-src" {href} target="_blank" rel="noopener"
                            aria-label={AttrValue::from((props.lang.story().source)(name))}>{name}{" ↗"}</a>
                    }
                </div>
                if !said.detail.is_empty() || !fields.is_empty() {
                    <div class="wy-d">
                        {said.detail}
                        { for fields.iter().map(|known| html! {
                            <>{" "}{ chip(props, Some(&known.place), field(&known.name, &known.value)) }</>
                        }) }
                    </div>
                }
            </div>
        </li>
    }
}
