//! Two runs on one clock: the lanes that differ, what was changed, and what came of it.
//!
//! Owns: how the comparison is laid out. Does not own: what differs (`view`), or which run is A
//! (`state`).

use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html, use_memo};

use crate::i18n::Lang;
use crate::time::Instant;
use crate::ui::hands::Hands;
use crate::ui::paper::Paper;
use crate::ui::run::Run;
use crate::ui::state::Action;
use crate::ui::timeline::TimelineView;
use crate::view::axis::Window;
use crate::view::compare::{Comparison, Edit, compare, edits, folds_differ};
use crate::view::kubectl;
use crate::view::timeline::{TimelineOptions, timeline};

/// Changed lines that are listed.
const LINES: usize = 6;
/// What both sides print.
const COMMAND: &str = "kubectl get pods";

/// What the view needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The run that was put aside.
    pub a: Rc<Run>,
    /// The run of the text as it is now.
    pub b: Rc<Run>,
    /// Where the cursor is.
    pub cursor: Instant,
    /// What is in view; `None` for all.
    pub window: Option<Window>,
    /// The language.
    pub lang: Lang,
    /// What may be asked for.
    pub hands: Hands,
    /// Whether what is here may become A.
    pub editable: bool,
}

/// What is worked out once for two runs.
struct Compared {
    comparison: Comparison,
    picture: Rc<crate::view::timeline::Timeline>,
    edits: Vec<Edit>,
}

fn compared(a: &Run, b: &Run) -> Compared {
    let comparison = if folds_differ(&a.timeline, &b.timeline) {
        // One line a Pod in both.
        let lines = TimelineOptions { most_lanes: 0, open: Vec::new() };
        compare(&timeline(&a.trace, &lines), &timeline(&b.trace, &lines))
    } else {
        compare(&a.timeline, &b.timeline)
    };
    let picture = Rc::new(comparison.picture.clone());
    Compared { comparison, picture, edits: edits(&a.text, &b.text) }
}

/// The view.
#[component]
pub fn CompareView(props: &Props) -> Html {
    let t = props.lang.compare();
    let key = (Rc::as_ptr(&props.a) as usize, Rc::as_ptr(&props.b) as usize);
    let found = use_memo(key, |_| compared(&props.a, &props.b));
    let Compared { comparison, picture, edits } = &*found;
    let dispatch = props.hands.dispatch.clone();
    let pin = Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(Action::Pin.into()));
    let facts: Vec<String> = comparison.facts.iter().map(t.fact).collect();
    html! {
        <div class="cmp">
            <div class="cmp-head">
                <b>{t.title}</b>
                if !edits.is_empty() {
                    <span class="cmp-facts" role="status">{facts.join(" · ")}</span>
                    <span class="grow"></span>
                    if props.editable {
                        <button type="button" class="btn line" onclick={pin}>{t.pin}</button>
                    }
                }
            </div>
            if edits.is_empty() {
                <p class="empty">{t.unchanged}</p>
            } else {
                { changes(props.lang, edits) }
                if comparison.differ == 0 {
                    <p class="empty">{t.no_difference}</p>
                } else {
                    <TimelineView paper={Paper::Timeline(picture.clone())} cursor={props.cursor}
                        window={props.window} lang={props.lang} id="cmp"
                        on_seek={props.hands.on_seek.clone()}
                        on_window={props.hands.on_window.clone()} />
                }
                if !comparison.alike.is_empty() {
                    <p class="cmp-alike">{(t.alike)(comparison.alike.len(), &comparison.alike.join(", "))}</p>
                }
                <div class="cmp-terms">
                    { terminal(props, "A", &props.a) }{ terminal(props, "B", &props.b) }
                </div>
            }
        </div>
    }
}

/// What was written in B, and what was taken away.
fn changes(lang: Lang, edits: &[Edit]) -> Html {
    let t = lang.compare();
    html! {
        <div class="cmp-edits">
            <span>{t.plus}</span>
            <ul>
                { for edits.iter().take(LINES).map(|own| html! {
                    <li class={if own.added { "cmp-add" } else { "cmp-cut" }}>
                        {if own.added { "+ " } else { "− " }}{own.line.trim()}
                    </li>
                }) }
                if edits.len() > LINES { <li class="cmp-more">{(t.more)(edits.len() - LINES)}</li> }
            </ul>
        </div>
    }
}

/// What kubectl prints in one of the two at the cursor.
fn terminal(props: &Props, side: &'static str, run: &Run) -> Html {
    let at = props.cursor.min(run.trace.horizon());
    let output = kubectl::run(&run.trace.state_at(at), &run.trace, COMMAND);
    let (text, error) = output.map_or_else(Default::default, |own| (own.stdout, own.stderr));
    let class = if side == "A" { "cmp-side cmp-a" } else { "cmp-side" };
    html! {
        <div class="cmp-term" role="group" tabindex="0" aria-label={(props.lang.compare().in_side)(side)}>
            <span {class} aria-hidden="true">{side}</span>
            <pre><span class="p">{"$ "}</span>{COMMAND}{"\n"}{text}<span class="bad">{error}</span></pre>
        </div>
    }
}
