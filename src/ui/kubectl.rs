//! The kubectl strip: what a terminal would print at the moment of the cursor.
//!
//! Owns: choosing the command and typing one. Does not own: what kubectl prints (`view::kubectl`).

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, SubmitEvent};
use yew::{Callback, Html, TargetCast, html};

use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::time::Instant;
use crate::ui::app::Msg;
use crate::ui::run::Run;
use crate::ui::state::{Action, Command};

/// What the strip needs.
pub struct Props {
    /// What happens.
    pub run: Rc<Run>,
    /// The moment.
    pub cursor: Instant,
    /// The command.
    pub command: Command,
    /// The command typed at the prompt.
    pub typed: Rc<str>,
    /// The Pod to describe; otherwise the first.
    pub pod: Option<Rc<str>>,
    /// The language.
    pub lang: Lang,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The strip.
pub fn kubectl(props: &Props) -> Html {
    let t = Page::of(props.lang);
    let state = props.run.trace.state_at(props.cursor);
    let pods: Vec<Rc<str>> = state.pods().map(|pod| Rc::from(pod.metadata.name.as_str())).collect();
    let chosen = props.pod.clone().filter(|name| pods.contains(name));
    let pod = chosen.or_else(|| pods.first().cloned());
    let line: Rc<str> = match props.command {
        Command::GetPods => "kubectl get pods -o wide".into(),
        Command::DescribePod => {
            format!("kubectl describe pod {}", pod.as_deref().unwrap_or_default()).trim_end().into()
        }
        Command::GetEvents => "kubectl get events".into(),
        Command::Typed => props.typed.clone(),
    };
    let output = crate::view::kubectl::run(&state, &props.run.trace, &line);
    html! {
        <section class="panel kubectl" aria-label="kubectl">
            <div class="ph">
                <h2>{"kubectl"}</h2>
                <div class="seg" role="group" aria-label={t.kubectl_command}>
                    { segment(props, Command::GetPods, "get pods") }
                    { segment(props, Command::DescribePod, "describe pod") }
                    { segment(props, Command::GetEvents, "get events") }
                </div>
                <span class="asof">{fill(t.as_of, &[&props.cursor.clock()])}</span>
            </div>
            <div class="term" tabindex="0" role="group" aria-label={line.to_string()}>
                <pre><span class="p">{"$ "}</span>{line.to_string()}{"\n"}{
                    match output {
                        Some(output) => html! { <>
                            {output.stdout}
                            if !output.stderr.is_empty() { <span class="bad">{output.stderr}</span> }
                        </> },
                        None => html! { <span class="words">{t.not_a_command}</span> },
                    }
                }</pre>
            </div>
            { prompt(props, t) }
        </section>
    }
}

fn segment(props: &Props, command: Command, label: &'static str) -> Html {
    let dispatch = props.dispatch.clone();
    let onclick =
        Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(Action::Print(command).into()));
    html! {
        <button type="button" aria-pressed={if props.command == command { "true" } else { "false" }}
            {onclick}>{label}</button>
    }
}

/// Read verbs answer at once; verbs that change something become actions at the cursor.
fn prompt(props: &Props, t: &Page) -> Html {
    let dispatch = props.dispatch.clone();
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target_dyn_into::<Element>();
        let field = form.and_then(|form| form.query_selector("input").ok().flatten());
        let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let typed = field.value();
        let words = typed.trim();
        if words.is_empty() {
            return;
        }
        let line = match words.split_whitespace().next() {
            Some("kubectl") => words.to_owned(),
            Some("k") => words.replacen('k', "kubectl", 1),
            Some(_) | None => format!("kubectl {words}"),
        };
        let verb = line.split_whitespace().nth(1).unwrap_or_default();
        if matches!(verb, "delete" | "scale") {
            dispatch.emit(Msg::Do(line));
        } else {
            dispatch.emit(Action::Prompt(line.into()).into());
        }
        field.set_value("");
    });
    html! {
        <form class="prompt" {onsubmit}>
            <span class="p" aria-hidden="true">{"$"}</span>
            <input type="text" id="prompt" autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-label={t.prompt} placeholder="kubectl get deployments" />
        </form>
    }
}
