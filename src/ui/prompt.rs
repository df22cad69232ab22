//! The field in which lines are typed: history, completion, pasted lines.
//!
//! Owns: what its keys do. Tab completes where there is something to complete and moves on where
//! there is not, so that nobody is caught; Escape leaves. Does not own: what can stand there
//! (`console::complete`), or what a line does.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlInputElement, KeyboardEvent, SubmitEvent};
use yew::{
    Callback, Html, Properties, component, html, use_effect_with, use_mut_ref, use_node_ref,
    use_state_eq,
};

use crate::console::complete::{Completion, complete};
use crate::console::session::Session;
use crate::console::{At, Inside};
use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::time::Instant;
use crate::ui::browser;
use crate::ui::msg::Msg;
use crate::ui::run::Run;
use crate::ui::state::Action;

/// What the field needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// History, files, and where the prompt stands.
    pub session: Session,
    /// What happens.
    pub run: Rc<Run>,
    /// The moment.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// The newest line of the transcript, its number, and whether a phone shows it: its end is
    /// brought into view.
    pub newest: Option<(u32, Rc<str>, bool)>,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The field, and the completions above it.
#[component]
pub fn Prompt(props: &Props) -> Html {
    let t = Page::of(props.lang);
    let field = use_node_ref();
    // How far back in the history: 0 is the line that is being typed.
    let back = use_mut_ref(|| 0_usize);
    let offered = use_state_eq(Completion::default);
    use_effect_with(props.newest.clone(), |newest| {
        if newest.is_some() {
            browser::scroll_to_end("term");
        }
    });
    let input = {
        let field = field.clone();
        move || field.cast::<HtmlInputElement>()
    };
    let submit = {
        let (input, dispatch, offered, back) =
            (input.clone(), props.dispatch.clone(), offered.clone(), back.clone());
        move || {
            let Some(field) = input() else { return };
            let line = field.value();
            field.set_value("");
            offered.set(Completion::default());
            *back.borrow_mut() = 0;
            dispatch.emit(Msg::Type(line.trim().into()));
        }
    };
    let onsubmit = {
        let submit = submit.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            submit();
        })
    };
    let tab = {
        let (input, offered) = (input.clone(), offered.clone());
        let (session, run, cursor) = (props.session.clone(), props.run.clone(), props.cursor);
        move |event: &KeyboardEvent| {
            let Some(field) = input() else { return };
            let line = field.value();
            if line.trim().is_empty() || session.inside().is_some() {
                return;
            }
            let at = At { scenario: &run.scenario, trace: &run.trace, at: cursor };
            let found = complete(&at, &line, session.files());
            let word = &line[found.from..];
            let common = found.common().to_owned();
            if let [one] = found.options.as_slice() {
                event.prevent_default();
                field.set_value(&completed(&line, &found, one));
                offered.set(Completion::default());
            } else if common.len() > word.len() {
                event.prevent_default();
                field.set_value(&format!("{}{common}", &line[..found.from]));
                offered.set(complete(&at, &field.value(), session.files()));
            } else if !found.options.is_empty() && *offered != found {
                event.prevent_default();
                offered.set(found);
            }
        }
    };
    let onkeydown = {
        let (input, back, offered, dispatch) =
            (input.clone(), back, offered.clone(), props.dispatch.clone());
        let history = props.session.history().to_vec();
        let inside = props.session.inside().is_some();
        Callback::from(move |event: KeyboardEvent| {
            let Some(field) = input() else { return };
            if event.is_composing() {
                return;
            }
            let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
            match event.key().as_str() {
                "Tab" if !event.shift_key() => tab(&event),
                "ArrowUp" | "ArrowDown" if !history.is_empty() => {
                    event.prevent_default();
                    let mut back = back.borrow_mut();
                    let up = event.key() == "ArrowUp";
                    *back =
                        if up { (*back + 1).min(history.len()) } else { back.saturating_sub(1) };
                    let line = history.len().checked_sub(*back).and_then(|at| history.get(at));
                    let text = line.map_or("", |line| line);
                    field.set_value(text);
                    let end = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
                    // A field of another type would refuse; this one is for text.
                    let _ = field.set_selection_range(end, end);
                }
                "Escape" => {
                    if offered.options.is_empty() {
                        let _ = field.blur();
                    } else {
                        offered.set(Completion::default());
                    }
                }
                "l" | "L" if control => {
                    event.prevent_default();
                    dispatch.emit(Action::ClearConsole.into());
                }
                "c" | "C" if control && field.selection_start() == field.selection_end() => {
                    field.set_value("");
                    offered.set(Completion::default());
                }
                "d" | "D" if control && inside && field.value().is_empty() => {
                    event.prevent_default();
                    dispatch.emit(Msg::Type("exit".into()));
                }
                _ => {}
            }
        })
    };
    let onpaste = {
        let (input, dispatch) = (input.clone(), props.dispatch.clone());
        Callback::from(move |event: yew::Event| {
            let Some(event) = event.dyn_ref::<ClipboardEvent>() else { return };
            let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
            let Some(text) = text.filter(|text| text.trim_end().contains('\n')) else { return };
            // A field has one line: several are done as they stand.
            event.prevent_default();
            let before = input().map(|field| field.value()).unwrap_or_default();
            if let Some(field) = input() {
                field.set_value("");
            }
            dispatch.emit(Msg::Type(format!("{before}{}", text.trim_end()).into()));
        })
    };
    let choose = {
        let offered = offered.clone();
        move |option: &str| {
            let (input, offered, option) = (input.clone(), offered.clone(), option.to_owned());
            Callback::from(move |_: web_sys::MouseEvent| {
                let Some(field) = input() else { return };
                field.set_value(&completed(&field.value(), &offered, &option));
                offered.set(Completion::default());
                let _ = field.focus();
            })
        }
    };
    let count = offered.options.len().to_string();
    html! {
        <div class="prompt-box">
            <form class="prompt" {onsubmit}>
                <span class="p" aria-hidden="true">{props.session.prompt()}</span>
                <input type="text" id="prompt" ref={field} autocomplete="off" autocapitalize="off"
                    spellcheck="false" enterkeyhint="go" aria-label={label(&props.session, t)}
                    placeholder={placeholder(&props.session)} {onkeydown} {onpaste} />
                <kbd aria-hidden="true">{"Tab"}</kbd>
            </form>
            <div class="offers" role="group" aria-label={t.completions}>
                { for offered.options.iter().map(|option| html! {
                    <button type="button" key={option.clone()} onclick={choose(option)}>
                        {option.clone()}
                    </button>
                }) }
            </div>
            <div class="sr" role="status">
                if !offered.options.is_empty() {
                    {fill(t.completions_are, &[&count, &offered.options.join(", ")])}
                }
            </div>
        </div>
    }
}

/// The line with one of the options; a space follows unless more belongs to the word.
fn completed(line: &str, found: &Completion, option: &str) -> String {
    let head = line.get(..found.from).unwrap_or_default();
    let gap = if option.ends_with(['=', '/']) { "" } else { " " };
    format!("{head}{option}{gap}")
}

fn label(session: &Session, t: &Page) -> String {
    match session.inside() {
        None => t.prompt.to_owned(),
        Some(Inside::Container { .. } | Inside::Node(_)) => {
            fill(t.prompt_inside, &[&session.prompt()])
        }
    }
}

fn placeholder(session: &Session) -> &'static str {
    match session.inside() {
        None => "kubectl describe pod",
        Some(Inside::Container { .. }) => "ps",
        Some(Inside::Node(_)) => "crictl ps",
    }
}
