//! The right side: the picture, and under it what you would see and why.
//!
//! Owns: which view stands where. Does not own: the views themselves.

use std::rc::Rc;

use yew::{Callback, Html, classes, html};

use crate::diagnostic::{Severity, Span};
use crate::gallery;
use crate::i18n::page::Page;
use crate::manifest::place::{is, objects};
use crate::ui::anatomy::AnatomyView;
use crate::ui::answer;
use crate::ui::autoscaling::AutoscalingView;
use crate::ui::compare::CompareView;
use crate::ui::hands::Hands;
use crate::ui::icons::Icon;
use crate::ui::mini_lane::MiniLane;
use crate::ui::msg::Msg;
use crate::ui::paper::Paper;
use crate::ui::processes::ProcessesView;
use crate::ui::run::Run;
use crate::ui::state::{Action, Panel, State, View};
use crate::ui::story::StoryList;
use crate::ui::strip::Strip;
use crate::ui::termination::TerminationView;
use crate::ui::thumbnail::Thumbnail;
use crate::ui::timeline::TimelineView;
use crate::ui::transport;
use crate::ui::why::WhyPanel;
use crate::view::why::{About, Why, why_of};

/// The picture of a card.
pub fn thumbnail(run: &Rc<Run>, id: &str) -> Html {
    html! { <Thumbnail timeline={run.timeline.clone()} id={id.to_owned()} /> }
}

/// The transport.
pub fn transport(state: &State, hands: &Hands) -> Html {
    transport::transport(&transport::Props {
        run: state.run.clone(),
        cursor: state.cursor,
        zoomed: state.window.is_some(),
        playing: state.playing,
        speed: state.speed,
        lang: state.lang,
        dispatch: hands.dispatch.clone(),
        strip: strip(state, hands),
    })
}

/// Its strip.
fn strip(state: &State, hands: &Hands) -> Html {
    let Some(run) = &state.run else { return Html::default() };
    html! {
        <Strip timeline={run.timeline.clone()} cursor={state.cursor} window={state.window}
            lang={state.lang} on_seek={hands.on_seek.clone()} />
    }
}

/// One container, above the Story of a phone.
pub fn mini_lane(state: &State, hands: &Hands) -> Html {
    let lanes = |run: &&Rc<Run>| run.timeline.main_lane().is_some();
    let Some(run) = state.run.as_ref().filter(lanes) else { return Html::default() };
    html! {
        <div class="mini">
            <MiniLane timeline={run.timeline.clone()} cursor={state.cursor} lang={state.lang}
                on_seek={hands.on_seek.clone()} />
        </div>
    }
}

/// A view's own word.
pub const fn word(view: View, t: &Page) -> &'static str {
    match view {
        View::Timeline => t.timeline,
        View::Anatomy => t.anatomy,
        View::Processes => t.processes,
        View::Autoscaling => t.autoscaling,
        View::Compare => "⇄",
        View::Termination => t.termination,
    }
}

/// Why a view has nothing to show.
const fn nothing(view: View, t: &Page) -> &'static str {
    match view {
        View::Timeline | View::Compare => t.empty,
        View::Anatomy | View::Processes => t.no_pods,
        View::Autoscaling => t.no_scaler,
        View::Termination => t.no_leaver,
    }
}

/// The tab of a view; faint where the run has nothing to show in it.
fn tab(view: View, state: &State, hands: &Hands) -> Html {
    let shown = state.view == view;
    let useful = state.run.as_ref().is_none_or(|run| view.has_something(run));
    let class = classes!("tab", shown.then_some("on"), (!useful).then_some("faint"));
    let t = Page::of(state.lang);
    let title = (!useful).then(|| nothing(view, t));
    let disabled = (!useful).then_some("true");
    let dispatch = hands.dispatch.clone();
    let onclick = Callback::from(move |_: web_sys::MouseEvent| {
        dispatch.emit(Action::ShowView(view).into());
    });
    html! {
        <button type="button" {class} {title} aria-disabled={disabled}
            aria-pressed={if shown { "true" } else { "false" }} {onclick}>
            {word(view, t)}
        </button>
    }
}

/// What people ask who come with this scenario.
pub fn question(state: &State) -> Html {
    let entry = state.origin.as_ref().and_then(|origin| gallery::entry(&origin.id));
    html! {
        if let Some(entry) = entry {
            <p class="question">{entry.question(state.lang)}</p>
        }
    }
}

/// The button that begins, shows or ends a comparison.
fn comparing(state: &State, hands: &Hands) -> Html {
    let t = state.lang.compare();
    let shown = state.view == View::Compare;
    let label = match (shown, &state.pinned) {
        (true, _) => t.stop,
        (false, Some(_)) => t.show,
        (false, None) => t.start,
    };
    let dispatch = hands.dispatch.clone();
    let onclick = Callback::from(move |_: web_sys::MouseEvent| {
        dispatch.emit(Action::Compare.into());
    });
    html! {
        <button type="button" class={classes!("tab", "tab-icon", shown.then_some("on"))}
            aria-pressed={if shown { "true" } else { "false" }} aria-label={label} title={label}
            disabled={state.run.is_none()} {onclick}>
            {Icon::Compare.html()}<span>{t.title}</span>
        </button>
    }
}

/// The row of tabs above the picture: what is drawn, and how it ends.
pub fn tabs(state: &State, hands: &Hands) -> Html {
    let t = Page::of(state.lang);
    let verdict = state
        .run
        .as_ref()
        .map(|run| (state.lang.timeline().verdict)(&run.timeline.summary, run.timeline.horizon));
    html! {
        <div class="tabs">
            <div class="tabs-list" role="group" aria-label={t.pictures}>
                { for View::ALL.into_iter().map(|view| tab(view, state, hands)) }
                { comparing(state, hands) }
            </div>
            <span class="grow"></span>
            if state.stale && state.run.is_some() {
                <span class="verdict bad" role="status">{t.last_valid}</span>
            } else {
                <span class="verdict">{verdict.unwrap_or_default()}</span>
            }
        </div>
    }
}

/// The picture.
pub fn picture(state: &State, hands: &Hands) -> Html {
    let t = Page::of(state.lang);
    let shown = state.run.as_ref().filter(|run| !run.is_blank());
    html! {
        <div class="picture" id="picture" tabindex="0">
            if let Some(run) = shown {
                { drawn(run, state, hands) }
            } else {
                { nothing_yet(state, t) }
            }
        </div>
    }
}

/// Before there is anything to draw: where it will begin, and what to do.
fn nothing_yet(state: &State, t: &Page) -> Html {
    html! {
        <div class="blank">
            <div class="blank-lane" aria-hidden="true">
                <span>{state.lang.timeline().you}</span>
                <i><svg class="diamond" viewBox="0 0 16 16"><path d="M8 2l6 6-6 6-6-6z" /></svg>{"apply"}</i>
            </div>
            <p class="empty">{if state.stale { t.refused } else { t.empty }}</p>
        </div>
    }
}

/// The view that is chosen.
fn drawn(run: &Rc<Run>, state: &State, hands: &Hands) -> Html {
    match state.view {
        View::Timeline => html! {
            <TimelineView paper={Paper::Timeline(run.timeline.clone())} cursor={state.cursor}
                window={state.window} focus={state.why} lang={state.lang}
                on_seek={hands.on_seek.clone()} on_window={hands.on_window.clone()}
                lit={state.lit.clone()} on_hover={hands.on_hover.clone()}
                on_focus={hands.on_focus.clone()} />
        },
        View::Anatomy => html! {
            <AnatomyView run={run.clone()} cursor={state.cursor} pod={state.pod.clone()}
                lang={state.lang} editable={!state.stale && !state.embedded}
                dispatch={hands.dispatch.clone()} />
        },
        View::Processes => html! {
            <ProcessesView run={run.clone()} cursor={state.cursor} pod={state.pod.clone()}
                lang={state.lang} dispatch={hands.dispatch.clone()} />
        },
        View::Compare => match &state.pinned {
            None => html! { <p class="empty">{state.lang.compare().no_pin}</p> },
            Some(a) => html! {
                <CompareView a={a.clone()} b={run.clone()} cursor={state.cursor}
                    window={state.window} lang={state.lang} hands={hands.clone()}
                    editable={!state.embedded} />
            },
        },
        View::Termination => html! {
            <TerminationView run={run.clone()} cursor={state.cursor} lang={state.lang}
                hands={hands.clone()} editable={!state.embedded && !state.stale} />
        },
        View::Autoscaling => html! {
            <AutoscalingView scalers={run.scalers()} text={run.text.clone()} cursor={state.cursor}
                window={state.window} focus={state.why} lang={state.lang} hands={hands.clone()}
                editable={!state.embedded && !state.stale} />
        },
    }
}

/// Story and Why.
pub fn story(state: &State, hands: &Hands) -> Html {
    let t = Page::of(state.lang);
    let Some(run) = &state.run else {
        return html! { <p class="empty phone">{if state.stale { t.refused } else { t.empty }}</p> };
    };
    let choice = |panel: Panel, label: &'static str| {
        let dispatch = hands.dispatch.clone();
        let onclick = Callback::from(move |_: web_sys::MouseEvent| {
            dispatch.emit(Action::ShowPanel(panel).into());
        });
        let pressed = if state.panel == panel { "true" } else { "false" };
        html! { <button type="button" aria-pressed={pressed} {onclick}>{label}</button> }
    };
    html! {
        <section class="panel story-panel" aria-label={t.panel}>
            <div class="ph">
                <div class="seg words" role="group" aria-label={t.panel}>
                    { choice(Panel::Why, t.why) }{ choice(Panel::Story, t.story) }
                </div>
            </div>
            <div class="pane">
                { answered(state, hands) }
                { match state.panel {
                    Panel::Story => html! {
                        <StoryList story={run.story.clone()} cursor={state.cursor} lang={state.lang}
                            on_seek={hands.on_seek.clone()} on_focus={hands.on_mark.clone()} />
                    },
                    Panel::Why => why(run, state, hands),
                } }
            </div>
        </section>
    }
}

/// The answer to the question of a scenario that comes along; its fields lead into the text.
pub fn answered(state: &State, hands: &Hands) -> Html {
    let Some((answer, holds)) = answer::answer(state) else { return Html::default() };
    html! {
        <p class={classes!("answer", (!holds).then_some("past"))}>
            if !holds { <small>{Page::of(state.lang).before_edit}</small> }
            { for answer::pieces(answer).map(|(field, piece)| {
                let place = answer::field_at(&state.text, piece).filter(|_| field);
                match place {
                    Some(span) => {
                        let dispatch = hands.dispatch.clone();
                        let onclick = Callback::from(move |_| dispatch.emit(Msg::GoTo(span)));
                        html! { <button type="button" class="wy-field" {onclick}>{piece}</button> }
                    }
                    None if field => html! { <code class="wy-field">{piece}</code> },
                    None => html! { {piece} },
                }
            }) }
        </p>
    }
}

fn why(run: &Rc<Run>, state: &State, hands: &Hands) -> Html {
    let why = Rc::new(answer(run, state));
    html! {
        <WhyPanel unmodelled={unmodelled(&why, state)} {why} cursor={state.cursor} lang={state.lang}
            several_pods={run.story.several_pods} trace={run.trace.clone()}
            on_seek={hands.on_seek.clone()} on_focus={hands.on_mark.clone()}
            on_field={hands.dispatch.reform(Msg::ShowField)}
            on_span={hands.dispatch.reform(Msg::GoTo)} />
    }
}

/// Why it is so at the cursor.
pub fn answer(run: &Run, state: &State) -> Why {
    why_of(&run.trace, &run.story, state.cursor, state.why, about(state))
}

/// What the picture is about.
fn about(state: &State) -> About {
    if state.view == View::Autoscaling { About::Replicas } else { About::Pods }
}

/// What has no effect here of the object that the answer is about, at most three fields.
fn unmodelled(why: &Why, state: &State) -> Vec<(String, Span)> {
    let about = why.remedies.iter().find_map(|remedy| remedy.place.as_ref());
    let Some(about) = about else { return Vec::new() };
    let objects = objects(&state.text);
    let Some(object) = objects.iter().find(|node| is(node, &about.kind, &about.name)) else {
        return Vec::new();
    };
    state
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::NotSimulated && !found.field.is_empty())
        .filter(|found| object.span.start <= found.span.start && found.span.end <= object.span.end)
        .map(|found| (found.field.clone(), found.span))
        .take(3)
        .collect()
}
