//! The Do panel: what can be done at the cursor, and what is done in this scenario.
//!
//! Owns: which commands are offered. Does not own: writing them into the text (`edit`), or what
//! they do (`cluster`).

use std::rc::Rc;

use yew::{Callback, Html, html};

use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::manifest::Object;
use crate::scenario::Action;
use crate::time::Instant;
use crate::ui::icons::Icon;
use crate::ui::menu::Menu;
use crate::ui::msg::Msg;
use crate::ui::run::Run;
use crate::ui::state;

/// How many Pods are offered; the prompt reaches the others.
const SHOWN: usize = 24;

/// What the panel needs.
pub struct Props {
    /// What happens.
    pub run: Rc<Run>,
    /// The moment at which it would be done.
    pub cursor: Instant,
    /// The language.
    pub lang: Lang,
    /// Whether the text can be edited now.
    pub editable: bool,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The panel.
pub fn doing(props: &Props) -> Html {
    let t = Page::of(props.lang);
    let offers = offers(&props.run, props.cursor);
    html! {
        <section class="do" aria-label={t.actions}>
            <h2>{fill(t.do_at, &[&props.cursor.clock()])}</h2>
            <div class="chips">
                { for offers.iter().map(|offer| chip(props, t, offer)) }
                if offers.is_empty() { <span class="muted">{t.nothing_to_do}</span> }
            </div>
            <ul class="done">
                if !props.run.scenario.objects.is_empty() {
                    { row(props, t, Instant::ZERO, "kubectl apply -f pod.yaml", None) }
                }
                { for props.run.scenario.actions.iter().map(|action| {
                    row(props, t, action.at, &action.run, Some(action))
                }) }
            </ul>
        </section>
    }
}

/// A command, and other ways to give it.
struct Offer {
    /// As it stands on the button.
    label: String,
    /// What the button does; without it the button only opens the other ways.
    run: Option<String>,
    /// The other ways.
    variants: Vec<String>,
}

/// How a Pod can be deleted.
struct PodOffer {
    leaves: bool,
    delete: String,
    force: String,
}

/// A command without the word that begins them all.
fn bare(command: &str) -> &str {
    command.strip_prefix("kubectl ").unwrap_or(command)
}

fn offers(run: &Run, at: Instant) -> Vec<Offer> {
    let state = run.trace.state_at(at);
    let namespaced = |namespace: &str| {
        if namespace.is_empty() || namespace == "default" {
            String::new()
        } else {
            format!(" -n {namespace}")
        }
    };
    let mut offers = Vec::new();
    for object in state.objects.iter() {
        if let Object::Deployment(deployment) = object {
            let name = &deployment.metadata.name;
            let namespace = namespaced(&deployment.metadata.namespace);
            let now = deployment.spec.replicas.unwrap_or(1);
            let mut wanted = vec![0, now - 1, now + 1, now * 2, 10];
            wanted.retain(|n| *n >= 0 && *n != now);
            crate::order::sort(&mut wanted);
            wanted.dedup();
            offers.push(Offer {
                label: format!("scale {name}"),
                run: None,
                variants: wanted
                    .iter()
                    .map(|n| format!("kubectl scale deployment {name} --replicas={n}{namespace}"))
                    .collect(),
            });
        }
    }
    let pods: Vec<PodOffer> = state
        .pods()
        .take(SHOWN)
        .map(|pod| {
            let name = &pod.metadata.name;
            let own = namespaced(&pod.metadata.namespace);
            let delete = format!("kubectl delete pod {name}{own}");
            let force = format!("{delete} --grace-period=0 --force");
            // What goes already can only be waited for no longer.
            PodOffer { leaves: pod.metadata.deletion_timestamp.is_some(), delete, force }
        })
        .collect();
    offers.extend(match &pods[..] {
        [] => None,
        [own] if own.leaves => Some(Offer {
            label: format!("{} --force", bare(&own.delete)),
            run: Some(own.force.clone()),
            variants: Vec::new(),
        }),
        [own] => Some(Offer {
            label: bare(&own.delete).to_owned(),
            run: Some(own.delete.clone()),
            variants: vec![
                format!("{} --grace-period=5", own.delete),
                format!("{} --now", own.delete),
                own.force.clone(),
            ],
        }),
        many => Some(Offer {
            label: "delete pod".to_owned(),
            run: None,
            variants: many
                .iter()
                .map(|own| if own.leaves { own.force.clone() } else { own.delete.clone() })
                .collect(),
        }),
    });
    offers
}

fn chip(props: &Props, t: &Page, offer: &Offer) -> Html {
    let act = |run: &str| {
        let (dispatch, run) = (props.dispatch.clone(), run.to_owned());
        Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(Msg::Do(run.clone())))
    };
    let variants = offer.variants.iter().map(|run| {
        html! {
            <button type="button" class="menu-item mono" disabled={!props.editable} onclick={act(run)}>
                {run.clone()}
            </button>
        }
    });
    let face = match &offer.run {
        Some(_) => Icon::Caret.html(),
        None => {
            html! { <><span class="clip mono">{offer.label.clone()}</span>{Icon::Caret.html()}</> }
        }
    };
    html! {
        <span class="chip-group">
            if let Some(run) = &offer.run {
                <button type="button" class="chip" disabled={!props.editable} onclick={act(run)}>
                    <span class="clip mono">{offer.label.clone()}</span>
                </button>
            }
            if !offer.variants.is_empty() {
                <Menu class="chip more" up=true label={fill(t.variants, &[&offer.label])} {face}>
                    <div class="menu-list">{ for variants }</div>
                </Menu>
            }
        </span>
    }
}

fn row(props: &Props, t: &Page, at: Instant, run: &str, action: Option<&Action>) -> Html {
    let dispatch = props.dispatch.clone();
    let seek = Callback::from(move |_: web_sys::MouseEvent| {
        dispatch.emit(state::Action::Seek(at).into());
    });
    let remove = action.map(|action| {
        let (dispatch, action) = (props.dispatch.clone(), action.clone());
        let onclick = Callback::from(move |_: web_sys::MouseEvent| {
            dispatch.emit(Msg::Remove(action.clone()));
        });
        let label = fill(t.remove_action, &[run]);
        html! {
            <button type="button" class="btn icon-only small-x" aria-label={label.clone()} title={label}
                disabled={!props.editable} {onclick}>{Icon::Close.html()}</button>
        }
    });
    html! {
        <li>
            <button type="button" class="did" onclick={seek}>
                <svg class="diamond" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2l6 6-6 6-6-6z" /></svg>
                <span class="muted">{at.clock()}</span><span class="clip mono">{run.to_owned()}</span>
            </button>
            {remove.unwrap_or_default()}
        </li>
    }
}
