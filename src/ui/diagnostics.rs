//! The findings under the editor: where, what, and what to write instead.
//!
//! Owns: how they are listed. Does not own: their words (`i18n::diagnostics`).

use std::rc::Rc;

use yew::{Callback, Html, html};

use crate::diagnostic::{Diagnostic, LineIndex, Severity};
use crate::i18n::Lang;
use crate::i18n::diagnostics as words;
use crate::i18n::page::{Page, fill};
use crate::ui::msg::Msg;

/// How many are listed; the editor marks them all.
const SHOWN: usize = 8;

/// What the list needs.
pub struct Props {
    /// The text.
    pub text: Rc<str>,
    /// What there is to say about it.
    pub diagnostics: Rc<Vec<Diagnostic>>,
    /// The language.
    pub lang: Lang,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The list: what is rejected first.
pub fn diagnostics(props: &Props) -> Html {
    let t = Page::of(props.lang);
    if props.diagnostics.is_empty() {
        return Html::default();
    }
    let index = LineIndex::new(&props.text);
    let mut sorted: Vec<&Diagnostic> = props.diagnostics.iter().collect();
    crate::order::sort_by_key(&mut sorted, |diagnostic| (diagnostic.severity, diagnostic.span));
    let rest = sorted.len().saturating_sub(SHOWN);
    html! {
        <div class="findings" role="group" aria-label={t.findings}>
            { for sorted.iter().take(SHOWN).map(|diagnostic| finding(props, t, &index, diagnostic)) }
            if rest > 0 { <p class="muted small">{fill(t.more_findings, &[&rest.to_string()])}</p> }
        </div>
    }
}

fn finding(props: &Props, t: &Page, index: &LineIndex, diagnostic: &Diagnostic) -> Html {
    let line = index.place(&props.text, diagnostic.span.start).line.to_string();
    let class = match diagnostic.severity {
        Severity::Rejected => "finding bad",
        Severity::Surprising => "finding warn",
        Severity::NotSimulated => "finding",
    };
    let dispatch = props.dispatch.clone();
    let span = diagnostic.span;
    let onclick = Callback::from(move |_| dispatch.emit(Msg::GoTo(span)));
    html! {
        <button type="button" {class} {onclick}>
            <span class="at">
                {fill(t.line_is, &[&line, words::severity(props.lang, diagnostic.severity)])}
            </span>
            <span class="what">{words::message(props.lang, &diagnostic.message)}</span>
            if let Some(hint) = &diagnostic.hint {
                <span class="hint">{words::hint(props.lang, hint)}</span>
            }
        </button>
    }
}
