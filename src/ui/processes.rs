//! The table of processes: one, with a tab for each point of view.
//!
//! Owns: the tabs and the table. Does not own: what stands in it (`view::processes`).

use std::rc::Rc;

use yew::{
    Callback, Html, Properties, classes, component, html, use_effect_with, use_memo, use_state_eq,
};

use crate::i18n::Lang;
use crate::i18n::inside::InsideTexts;
use crate::time::Instant;
use crate::ui::browser;
use crate::ui::msg::Msg;
use crate::ui::pod_chooser::pod_chooser;
use crate::ui::run::Run;
use crate::view::inside::{inside, pod_at, pods_at};
use crate::view::processes::{Note, Point, Processes, Row, processes_of};

/// What the view needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What happens.
    pub run: Rc<Run>,
    /// The moment.
    pub cursor: Instant,
    /// The Pod that is chosen.
    pub pod: Option<Rc<str>>,
    /// The language.
    pub lang: Lang,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The view.
#[component]
pub fn ProcessesView(props: &Props) -> Html {
    let t = props.lang.inside();
    let chosen = use_state_eq(|| None::<String>);
    let key = (props.run.clone(), props.cursor, props.pod.clone());
    let model = use_memo(key, |(run, at, pod)| {
        let names: Vec<String> =
            pods_at(&run.trace, *at).iter().map(|pod| pod.metadata.name.clone()).collect();
        let shown = pod_at(&run.trace, *at, pod.as_deref());
        shown.map(|pod| (names, processes_of(&pod, &inside(&run.trace, *at))))
    });
    let index = model.as_ref().as_ref().map_or(0, |(_, processes)| {
        let named = |name: &String| processes.points.iter().position(|point| point.name == *name);
        let running = || processes.points.iter().position(|point| !point.rows.is_empty());
        chosen.as_ref().and_then(named).or_else(running).unwrap_or(0)
    });
    // Many or long names are wider than their row.
    use_effect_with((index, props.pod.clone()), |_| {
        browser::reveal_within(".pr-points", "[aria-pressed=true]");
    });
    let Some((pods, processes)) = model.as_ref() else {
        return html! { <p class="empty">{t.no_pod}</p> };
    };
    let Some(point) = processes.points.get(index) else {
        return html! { <p class="empty">{t.no_pod}</p> };
    };
    html! {
        <div class="pr-view">
            <div class="an-head">
                { pod_chooser(pods, &processes.pod, props.lang, &props.dispatch) }
                <div class="seg pr-points" role="group" aria-label={t.points}>
                    { for processes.points.iter().enumerate().map(|(place, point)| {
                        let (name, set) = (point.name.clone(), chosen.setter());
                        let onclick = Callback::from(move |_: web_sys::MouseEvent| {
                            set.set(Some(name.clone()));
                        });
                        let pressed = if place == index { "true" } else { "false" };
                        html! {
                            <button type="button" aria-pressed={pressed} title={point.name.clone()}
                                {onclick}>{point.name.clone()}</button>
                        }
                    }) }
                </div>
            </div>
            { caption(processes, index, t) }
            { table(processes, point, t) }
            { foot(point, t) }
        </div>
    }
}

fn caption(processes: &Processes, index: usize, t: &InsideTexts) -> Html {
    let empty = processes.points.get(index).is_none_or(|point| point.rows.is_empty());
    let sentence = if empty { t.no_process.to_owned() } else { (t.table)(processes, index) };
    html! { <p class="pr-lead"><b>{sentence}</b></p> }
}

fn table(processes: &Processes, point: &Point, t: &'static InsideTexts) -> Html {
    if point.rows.is_empty() {
        return Html::default();
    }
    let [pid, ppid, stat, command, host] = t.headings;
    html! {
        <div class="pr-box" tabindex="0" role="group" aria-label={point.name.clone()}>
            <table class="pr-table">
                <thead><tr>
                    <th class="n" scope="col">{pid}</th><th class="n" scope="col">{ppid}</th>
                    <th scope="col">{stat}</th><th scope="col">{command}</th>
                    if !point.is_node { <th class="n host" scope="col">{host}</th> }
                </tr></thead>
                <tbody>{ for point.rows.iter().map(|one| row(processes, point, one, t)) }</tbody>
            </table>
        </div>
    }
}

fn row(processes: &Processes, point: &Point, row: &Row, t: &'static InsideTexts) -> Html {
    let class = classes!(
        row.is_zombie().then_some("zombie"),
        row.is_gone().then_some("gone"),
        (point.is_node && row.pod == processes.pod).then_some("own"),
    );
    let style = format!("padding-left:{}px", 16 * u16::from(row.depth.min(8)));
    let one = row.pid == 1 && !point.is_node && !row.is_gone();
    let of = if point.is_node { Some((t.of_pod)(&row.pod, &row.container)) } else { None };
    let inside = (point.is_node && !row.pod.is_empty() && row.own_pid != row.pid)
        .then(|| (t.inside_as)(row.own_pid));
    let notes = row.notes.iter().map(t.note);
    let notes: Vec<String> = of.into_iter().chain(inside).chain(notes).collect();
    // A sentence about an exit status that nobody reads is an error; one about a signal is news.
    let bad = row.notes.iter().any(|note| matches!(note, Note::Zombie(_)));
    html! {
        <tr {class} key={row.host_pid}>
            <td class="n">{row.pid}</td>
            <td class="n muted">{row.parent}</td>
            <td class="stat">{ stat(row.state) }<span class="sr">{(t.stat)(row.state)}</span></td>
            <td class="cmd"><div {style} class={classes!((row.depth > 0).then_some("child"))}>
                <span class="mono">{row.command.clone()}</span>
                if one { <span class="pr-one" title={t.one_long}>{t.one}</span> }
                <span class={classes!("note", bad.then_some("bad"))}>{notes.join(" · ")}</span>
            </div></td>
            if !point.is_node { <td class="n host muted">{row.host_pid}</td> }
        </tr>
    }
}

/// The mark and the letter of a state.
fn stat(state: char) -> Html {
    let mark = match state {
        'Z' => {
            html! { <><circle class="z" cx="6" cy="6" r="4.5" /><path class="z" d="M3 9l6-6" /></> }
        }
        'T' => html! { <rect class="s" x="2" y="2" width="8" height="8" /> },
        'S' => html! { <circle class="s" cx="6" cy="6" r="4.5" /> },
        _ => html! { <circle class="g" cx="6" cy="6" r="4.5" /> },
    };
    html! {
        <>
            <svg class="pr-mark" viewBox="0 0 12 12" aria-hidden="true">{mark}</svg>
            <span class="mono" aria-hidden="true">{state.to_string()}</span>
        </>
    }
}

fn foot(point: &Point, t: &InsideTexts) -> Html {
    let zombies = point.rows.iter().any(Row::is_zombie);
    let outside = !point.is_node && point.rows.iter().any(|row| row.parent == 0);
    html! {
        <p class="pr-foot muted">
            if zombies { <span>{t.zombie_is}</span> }
            if outside { <span>{t.outside}</span> }
        </p>
    }
}
