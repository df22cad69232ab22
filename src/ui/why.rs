//! Why: the chain of causes at the cursor, newest first, and what would prevent it.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::draw::{self, Glyph};
use crate::i18n::Lang;
use crate::i18n::story::Said;
use crate::rule::Rule;
use crate::time::Instant;
use crate::trace::EntryId;
use crate::view::why::{Now, Why, source_link, source_name};

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
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        (Rc::ptr_eq(&self.why, &other.why) || self.why == other.why)
            && (self.cursor, self.lang, self.several_pods)
                == (other.cursor, other.lang, other.several_pods)
            && self.on_seek == other.on_seek
            && self.on_focus == other.on_focus
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
        link(props, entry, props.cursor, draw::of_now(now), (texts.now)(now), rule)
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
                        link(props, line.entry, line.at, mark, said, Some(line.rule))
                    }) }
                </ol>
            }
            if !why.remedies.is_empty() {
                <div class="wy-prevent">
                    <b>{texts.prevent}</b>
                    <ul>
                        { for why.remedies.iter().map(|remedy| html! {
                            <li key={remedy.field.clone()}>
                                <code class="wy-field">{field(&remedy.field, &remedy.value)}</code>
                                <span>{(texts.remedy)(remedy)}</span>
                            </li>
                        }) }
                    </ul>
                </div>
            }
        </div>
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
                if !said.detail.is_empty() { <div class="wy-d">{said.detail}</div> }
            </div>
        </li>
    }
}
