//! The console: what a terminal printed, and a prompt under it.
//!
//! Owns: drawing the transcript. Does not own: what lines do (`console`), the field they are typed
//! into (`prompt`), or what kubectl prints (`view::kubectl`).

use std::rc::Rc;

use yew::{Callback, Html, classes, html};

use crate::console::session::{Item, Session};
use crate::console::{At, Note};
use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::time::Instant;
use crate::ui::msg::Msg;
use crate::ui::prompt::Prompt;
use crate::ui::run::Run;
use crate::ui::state::{Action, Command, State, Tab};
use crate::view::kubectl::Output;
use crate::view::kubectl::trouble::pieces;

/// The panel.
pub fn kubectl(state: &State, run: &Rc<Run>, dispatch: &Callback<Msg>) -> Html {
    let t = Page::of(state.lang);
    let session = &state.console;
    let at = At { scenario: &run.scenario, trace: &run.trace, at: state.cursor };
    let last = session.items().last();
    // A terminal stands at its end; a table that a session begins with is read from its head.
    let newest = last.filter(|item| item.id > 0 || item.line.starts_with("kubectl describe"));
    // On a phone the panel has no height until its tab is chosen.
    let tab = state.tab == Tab::Kubectl;
    let newest = newest.map(|item| (item.id, item.line.clone(), tab));
    html! {
        <section class="panel kubectl" aria-label="kubectl">
            <div class="ph">
                <h2>{"kubectl"}</h2>
                <div class="seg" role="group" aria-label={t.kubectl_command}>
                    { segment(state, dispatch, Command::GetPods, "get pods") }
                    { segment(state, dispatch, Command::DescribePod, "describe pod") }
                    { segment(state, dispatch, Command::GetEvents, "get events") }
                </div>
            </div>
            // Only what is added is read out: the last line changes while the cursor moves.
            <div class="term" id="term" tabindex="0" role="log" aria-label={t.transcript}
                aria-relevant="additions" aria-live={if state.playing { "off" } else { "polite" }}>
                { for session.items().iter().map(|item| {
                    shown(session, item, &at, state.cursor, state.lang)
                }) }
            </div>
            <Prompt session={session.clone()} run={run.clone()} cursor={state.cursor}
                lang={state.lang} {newest} dispatch={dispatch.clone()} />
        </section>
    }
}

fn segment(state: &State, dispatch: &Callback<Msg>, command: Command, label: &'static str) -> Html {
    let dispatch = dispatch.clone();
    let last = state.console.items().last().filter(|item| item.live);
    let pressed = last.is_some_and(|item| match command {
        Command::DescribePod => item.line.starts_with("kubectl describe pod"),
        Command::GetPods | Command::GetEvents => *item.line == *state.line_of(command),
    });
    let onclick =
        Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(Action::Print(command).into()));
    html! {
        <button type="button" aria-pressed={if pressed { "true" } else { "false" }}
            {onclick}>{label}</button>
    }
}

fn shown(session: &Session, item: &Item, at: &At<'_>, cursor: Instant, lang: Lang) -> Html {
    let t = Page::of(lang);
    let output = session.output_of(item, at);
    let moment = session.moment_of(item, cursor);
    let now = moment == cursor;
    html! {
        <div key={item.id} class="said">
            <div class={classes!("asof", now.then_some("now"))}>
                {fill(t.as_of, &[&moment.clock()])}
            </div>
            <pre><span class="p">{item.prompt.to_string()}{" "}</span>{item.line.to_string()}{"\n"}{
                printed(&output)
            }</pre>
            { for item.notes.iter().map(|note| html! { <p class="words">{note_of(note, t)}</p> }) }
        </div>
    }
}

fn printed(output: &Output) -> Html {
    html! {
        <>
            { for pieces(&output.stdout).into_iter().map(|(text, bad)| {
                if bad { html! { <span class="bad">{text.to_owned()}</span> } }
                else { html! { {text.to_owned()} } }
            }) }
            // What kubectl says beside an answer is no fault.
            if !output.stderr.is_empty() {
                <span class={(output.exit != 0).then_some("bad")}>{output.stderr.clone()}</span>
            }
        </>
    }
}

/// What is said beside the output.
pub fn note_of(note: &Note, t: &Page) -> String {
    match note {
        Note::NotModelled(verb) => fill(t.note_not_modelled, &[verb]),
        Note::Unknown => t.note_unknown.to_owned(),
        Note::FileIsText => t.note_file_is_text.to_owned(),
        Note::Elsewhere => t.note_elsewhere.to_owned(),
        Note::StillRuns => t.note_still_runs.to_owned(),
        Note::EditThere => t.note_edit_there.to_owned(),
        Note::EditElsewhere => t.note_edit_elsewhere.to_owned(),
        Note::Loop => t.note_loop.to_owned(),
        Note::TextRefused => t.note_text_refused.to_owned(),
    }
}
