//! The seating chart of a Pod, the switch beside it, and the nodes around it.
//!
//! Owns: what a press does. Does not own: the pictures (`draw`), or what they show (`view`).
//!
//! The pictures are drawn again when what they show has changed, not when the cursor has moved.

use std::rc::Rc;

use yew::{
    AttrValue, Callback, Html, Properties, classes, component, html, use_memo, use_node_ref,
    use_state_eq,
};

use crate::draw::{self, Press, Pressable, Short};
use crate::i18n::Lang;
use crate::time::Instant;
use crate::ui::measure::{Drawing, placed, use_width};
use crate::ui::msg::Msg;
use crate::ui::pod_chooser::pod_chooser;
use crate::ui::run::Run;
use crate::ui::state::{Action, Tab};
use crate::view::anatomy::{Anatomy, anatomy_of};
use crate::view::inside::{inside, pod_at, pods_at};
use crate::view::nodes::{Nodes, nodes_of};

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
    /// Whether the text can be edited now.
    pub editable: bool,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// All that is shown.
#[derive(PartialEq)]
struct Model {
    anatomy: Option<Anatomy>,
    nodes: Nodes,
    pods: Vec<String>,
}

impl Model {
    fn new(run: &Run, at: Instant, chosen: Option<&str>) -> Self {
        let (trace, all) = (&run.trace, inside(&run.trace, at));
        let names = pods_at(trace, at).iter().map(|pod| pod.metadata.name.clone()).collect();
        Self {
            anatomy: pod_at(trace, at, chosen).map(|pod| anatomy_of(&pod, &all, at)),
            nodes: nodes_of(trace, &all, at),
            pods: names,
        }
    }
}

/// The view.
#[component]
pub fn AnatomyView(props: &Props) -> Html {
    let t = props.lang.inside();
    let node = use_node_ref();
    let width = use_width(&node);
    let hovered = use_state_eq(|| None::<String>);
    let model = Rc::new(Model::new(&props.run, props.cursor, props.pod.as_deref()));
    let key = (model.clone(), width.map(|width| width as i64), props.lang);
    let drawn = use_memo(key, |(model, width, lang)| {
        let width = (*width)? as f64;
        let shown = model.anatomy.as_ref();
        let chart = shown.map(|anatomy| draw::anatomy(anatomy, width, *lang, "an"));
        let chosen = shown.map_or("", |anatomy| anatomy.pod.as_str());
        Some((chart, draw::nodes(&model.nodes, chosen, width, *lang, "no")))
    });
    let (chart, nodes) = drawn
        .as_ref()
        .as_ref()
        .map_or((None, None), |(chart, nodes)| (chart.as_ref(), Some(nodes)));
    let paper = width.map_or(f64::INFINITY, f64::from);
    let first = chart.and_then(|chart| chart.presses.iter().find(|p| p.what.contains(" exec ")));
    let command = hovered.as_ref().cloned().or_else(|| first.map(|press| press.what.clone()));
    let type_it = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |what: String| {
            dispatch.emit(Action::ShowTab(Tab::Kubectl).into());
            dispatch.emit(Msg::Type(what.into()));
        })
    };
    let show_pod = props.dispatch.reform(|what: String| Action::ShowPod(what.into()).into());
    let point = {
        let hovered = hovered.setter();
        Callback::from(move |what: Option<String>| hovered.set(what))
    };
    html! {
        <div class="an-view" ref={node}>
            if let Some(anatomy) = &model.anatomy {
                { head(props, anatomy, &model.pods) }
                { caption(props.lang, anatomy) }
                if let Some(chart) = chart {
                    { pressable(chart, paper, t.shows, &type_it, &point) }
                }
                { reading(props.lang, command) }
            } else {
                <p class="empty">{t.no_pod}</p>
            }
            <div class="an-sub">
                <h2>{t.nodes}</h2><span class="muted">{t.nodes_sub}</span>
            </div>
            if let Some(nodes) = nodes {
                { pressable(nodes, paper, t.show_pod, &show_pod, &Callback::noop()) }
            }
        </div>
    }
}

/// Which Pod, and the switch that merges a row.
fn head(props: &Props, anatomy: &Anatomy, pods: &[String]) -> Html {
    let t = props.lang.inside();
    let facts = [anatomy.ip.as_deref(), Some(anatomy.node.as_str()), Some(anatomy.status.as_str())];
    let facts = facts.into_iter().flatten().filter(|fact| !fact.is_empty());
    let shared = anatomy.shares_processes;
    let (dispatch, pod) = (props.dispatch.clone(), Rc::<str>::from(anatomy.pod.as_str()));
    let onclick = Callback::from(move |_: web_sys::MouseEvent| {
        dispatch.emit(Msg::Share(pod.clone(), !shared));
    });
    let title = if anatomy.can_share { t.share } else { t.cannot_share };
    html! {
        <div class="an-head">
                { pod_chooser(pods, &anatomy.pod, props.lang, &props.dispatch) }
                <span class="an-facts mono">{ for facts.map(|fact| html! { <span>{fact.to_owned()}</span> }) }</span>
                <button type="button" role="switch" class="an-switch" {title} aria-label={t.share}
                    aria-checked={if shared { "true" } else { "false" }}
                    disabled={!anatomy.can_share || !props.editable} {onclick}>
                    <span class="mono">{"shareProcessNamespace"}</span><i></i>
                </button>
        </div>
    }
}

/// What the picture shows.
fn caption(lang: Lang, anatomy: &Anatomy) -> Html {
    let (sentence, why) = (lang.inside().caption)(&anatomy.caption);
    html! { <p class="an-lead"><b>{sentence}</b>{" "}<span class="muted">{why}</span></p> }
}

/// How it is read, and the command that shows a cell in a real cluster.
fn reading(lang: Lang, command: Option<String>) -> Html {
    let t = lang.inside();
    html! {
        <div class="an-caption">
            if let Some(command) = command {
                <p class="an-command"><span class="mono"><span aria-hidden="true">{"$ "}</span>{command}</span>
                    {" "}<span class="muted">{t.click}</span></p>
            }
            <p class="muted">{t.seating}</p>
        </div>
    }
}

/// A drawing with buttons over the parts that can be pressed.
fn pressable(
    drawing: &Pressable,
    paper: f64,
    label: fn(&str) -> String,
    press: &Callback<String>,
    point: &Callback<Option<String>>,
) -> Html {
    let style = format!("width:{}px;height:{}px", Short(drawing.width), Short(drawing.height));
    let scrolls = (drawing.width > paper + 1.0).then_some("more");
    html! {
        <div class={classes!("an-scroll", scrolls)}>
            <div class="an-sheet" {style}>
                <Drawing svg={AttrValue::from(drawing.svg.clone())} />
                { for drawing.presses.iter().map(|place| button(place, label, press, point)) }
            </div>
        </div>
    }
}

fn button(
    Press { place: [x, y, width, height], what }: &Press,
    label: fn(&str) -> String,
    press: &Callback<String>,
    point: &Callback<Option<String>>,
) -> Html {
    let style = placed([*x, *y, *width, *height]);
    let (press, own) = (press.clone(), what.clone());
    let onclick = Callback::from(move |_: web_sys::MouseEvent| press.emit(own.clone()));
    let over = |what: Option<String>| {
        let point = point.clone();
        Callback::from(move |()| point.emit(what.clone()))
    };
    let (enter, leave) = (over(Some(what.clone())), over(None));
    html! {
        <button type="button" class={classes!("an-press")} {style} aria-label={label(what)}
            onmouseenter={enter.reform(|_| ())} onmouseleave={leave.reform(|_| ())}
            onfocus={enter.reform(|_| ())} onblur={leave.reform(|_| ())} {onclick}></button>
    }
}
