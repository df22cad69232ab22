//! The start page: a wall on which every card is the thumbnail of its own trace.
//!
//! Owns: the wall, its search and when a thumbnail is drawn. Does not own: the scenarios
//! (`gallery`) or their pictures (`thumbnail`).

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, InputEvent};
use yew::{Callback, Component, Context, Html, Properties, TargetCast, html};

use crate::gallery::{self, GalleryEntry, Group};
use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::ui::drafts::{Draft, Drafts};
use crate::ui::icons::Icon;
use crate::ui::msg::Msg as Page_;
use crate::ui::run::{self, Run};
use crate::ui::taken::{Picture, Taken};
use crate::ui::{browser, panels, start};

/// Address and title of every scenario, for menus.
pub fn links(lang: Lang) -> Vec<(String, &'static str)> {
    gallery::all().iter().map(|entry| (start::href(entry), entry.title(lang))).collect()
}

/// How long ago something was saved, in words.
pub fn ago(t: &Page, saved: u64) -> String {
    let minutes = browser::unix_millis().saturating_sub(saved) / 60_000;
    match minutes {
        0 => t.just_now.to_owned(),
        1..60 => fill(t.minutes_ago, &[&minutes.to_string()]),
        60..1_440 => fill(t.hours_ago, &[&(minutes / 60).to_string()]),
        _ => fill(t.days_ago, &[&(minutes / 1_440).to_string()]),
    }
}

/// What the wall needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// The visitor's own texts.
    pub drafts: Rc<Drafts>,
    /// The pictures that the frame had.
    pub taken: Rc<Taken>,
    /// Where messages go.
    pub dispatch: Callback<Page_>,
}

/// The wall.
pub struct Gallery {
    search: String,
}

impl Component for Gallery {
    type Message = String;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self { search: String::new() }
    }

    fn update(&mut self, _: &Context<Self>, search: String) -> bool {
        self.search = search;
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let t = Page::of(props.lang);
        let oninput = ctx.link().callback(|event: InputEvent| {
            event.target_unchecked_into::<HtmlInputElement>().value()
        });
        let words = self.search.to_lowercase();
        let found: Vec<&GalleryEntry> =
            gallery::all().iter().filter(|entry| says(entry, &words)).collect();
        let groups = Group::ALL.iter().filter_map(|group| {
            let mut cards = found.iter().filter(|entry| entry.group == *group).peekable();
            cards.peek()?;
            Some(html! {
                <section class="grp" key={group.title(Lang::En)}>
                    <div><h2>{group.title(props.lang)}</h2><p class="sub">{group.about(props.lang)}</p></div>
                    <div class="cards">{ for cards.map(|entry| card(props, "g", entry)) }</div>
                </section>
            })
        });
        html! {
            <main class="wall">
                <div class="hero">
                    <h1>{t.headline}</h1>
                    <label class="search">
                        {Icon::Search.html()}
                        <input id="search" type="search" aria-label={t.search} placeholder={t.search_example} {oninput} />
                        <kbd>{"/"}</kbd>
                    </label>
                </div>
                if words.is_empty() { { first_group(props, t) } }
                // A list of its own: among others its length would decide which element is
                // which, and the search would lose its focus.
                <>{ for groups }</>
                if found.is_empty() { <p class="nothing">{fill(t.nothing_found, &[&self.search])}</p> }
                if words.is_empty() && !props.drafts.0.is_empty() { { edits(props, t) } }
            </main>
        }
    }
}

/// Whether all words stand somewhere in a scenario.
fn says(entry: &GalleryEntry, words: &str) -> bool {
    words.split_whitespace().all(|word| {
        Lang::ALL.iter().any(|lang| {
            entry.title(*lang).to_lowercase().contains(word)
                || entry.fact(*lang).to_lowercase().contains(word)
                || entry.question(*lang).to_lowercase().contains(word)
                || entry.group.title(*lang).to_lowercase().contains(word)
        }) || entry.text.to_lowercase().contains(word)
    })
}

fn card(props: &Props, place: &str, entry: &GalleryEntry) -> Html {
    let lang = props.lang;
    let id = format!("{place}-{}", entry.id);
    let picture = props.taken.get(&id);
    html! {
        <Card key={entry.id} {id} href={start::href(entry)} title={entry.title(lang)}
            fact={entry.fact(lang)} question={entry.question(lang)}
            text={Rc::<str>::from(entry.text)} {picture} />
    }
}

fn first_group(props: &Props, t: &Page) -> Html {
    let send = |msg: Page_| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: web_sys::MouseEvent| dispatch.emit(msg.clone()))
    };
    let first =
        start::FIRST.iter().filter_map(|id| gallery::all().iter().find(|entry| entry.id == *id));
    html! {
        <section class="grp">
            <div><h2>{t.start}</h2><p class="sub">{t.start_sub}</p></div>
            <div class="cards">
                <button type="button" class="card paste" onclick={send(Page_::Paste)}>
                    <span class="ti">{t.paste}</span>
                    <span class="sample mono" aria-hidden="true">{start::SAMPLE[0]}<br />{start::SAMPLE[1]}<i></i></span>
                    <span class="fa"><span>{t.paste_sub}</span><kbd>{"Ctrl V"}</kbd></span>
                </button>
                { for first.map(|entry| card(props, "s", entry)) }
            </div>
        </section>
    }
}

fn edits(props: &Props, t: &Page) -> Html {
    html! {
        <section class="grp" id="your-edits" tabindex="-1">
            <div><h2>{t.your_edits}</h2><p class="sub">{t.your_edits_sub}</p></div>
            <div class="cards">
                { for props.drafts.0.iter().map(|draft| html! {
                    <div class="draft" key={draft.visit.to_string()}>
                        { draft_card(props, t, draft) }
                    </div>
                }) }
            </div>
        </section>
    }
}

fn draft_card(props: &Props, t: &Page, draft: &Draft) -> Html {
    let (dispatch, text) = (props.dispatch.clone(), draft.text.clone());
    let forget = Callback::from(move |_: web_sys::MouseEvent| {
        dispatch.emit(Page_::ForgetDraft(text.clone()));
    });
    let (dispatch, text) = (props.dispatch.clone(), draft.text.clone());
    let open = Callback::from(move |()| dispatch.emit(Page_::OpenDraft(text.clone())));
    let label = fill(t.forget_draft, &[&draft.name]);
    html! {
        <>
            <Card id={format!("d-{}", draft.visit)} title={draft.name.clone()}
                fact={ago(t, draft.saved)} text={draft.text.clone()} {open} />
            <button type="button" class="btn icon-only forget" aria-label={label.clone()} title={label}
                onclick={forget}>{Icon::Close.html()}</button>
        </>
    }
}

/// What a card needs.
#[derive(Properties, PartialEq)]
pub struct CardProps {
    /// Where it leads.
    #[prop_or_default]
    pub href: Option<String>,
    /// What it does, where it leads nowhere.
    #[prop_or_default]
    pub open: Option<Callback<()>>,
    /// Names its picture; used once in the page.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One fact.
    pub fact: String,
    /// What people ask about it.
    #[prop_or_default]
    pub question: Option<String>,
    /// The text whose trace it shows.
    pub text: Rc<str>,
    /// Its picture, where that is known without a run.
    #[prop_or_default]
    pub picture: Option<Picture>,
}

/// A card: runs its scenario when it comes into view and nothing else is to do.
pub struct Card {
    root: yew::NodeRef,
    run: Option<Rc<Run>>,
    watch: Option<Watch>,
    wait: Option<gloo::timers::callback::Timeout>,
}

/// Looks whether the card is in view.
struct Watch {
    observer: web_sys::IntersectionObserver,
    _seen: wasm_bindgen::closure::Closure<dyn FnMut(js_sys::Array)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// What happens to a card.
pub enum CardMsg {
    /// It came into view.
    Seen,
    /// Its turn has come.
    Run,
}

impl Component for Card {
    type Message = CardMsg;
    type Properties = CardProps;

    fn create(_: &Context<Self>) -> Self {
        Self { root: yew::NodeRef::default(), run: None, watch: None, wait: None }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if !first_render || ctx.props().picture.is_some() {
            return;
        }
        let link = ctx.link().clone();
        let seen = wasm_bindgen::closure::Closure::new(move |entries: js_sys::Array| {
            let near = entries.iter().any(|entry| {
                entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting()
            });
            if near {
                link.send_message(CardMsg::Seen);
            }
        });
        let observer = web_sys::IntersectionObserver::new(seen.as_ref().unchecked_ref());
        if let (Ok(observer), Some(root)) = (observer, self.root.cast::<web_sys::Element>()) {
            observer.observe(&root);
            self.watch = Some(Watch { observer, _seen: seen });
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &CardProps) -> bool {
        if ctx.props().text != old.text && self.run.is_some() {
            self.run = run::run(&ctx.props().text).0;
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: CardMsg) -> bool {
        match msg {
            CardMsg::Seen => {
                self.watch = None;
                // A task of its own: the browser paints and listens between two cards.
                let link = ctx.link().clone();
                self.wait = Some(gloo::timers::callback::Timeout::new(0, move || {
                    link.send_message(CardMsg::Run);
                }));
                false
            }
            CardMsg::Run => {
                self.run = run::run(&ctx.props().text).0;
                true
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let (picture, length) = match (&props.picture, &self.run) {
            (Some(picture), _) => (picture.html(), picture.length.clone()),
            (None, Some(run)) => (panels::thumbnail(run, &props.id), start::length(run)),
            (None, None) => Default::default(),
        };
        let inside = html! {
            <>
                <span class="ti">{props.title.clone()}</span>
                <span class="th">{picture}</span>
                <span class="fa"><span>{props.fact.clone()}</span><span class="num">{length}</span></span>
            </>
        };
        match (&props.href, &props.open) {
            (Some(href), _) => html! {
                <a class="card" ref={self.root.clone()} href={href.clone()} title={props.question.clone()}>
                    {inside}
                </a>
            },
            (None, open) => {
                let open = open.clone().unwrap_or_default();
                html! {
                    <button type="button" class="card" ref={self.root.clone()}
                        onclick={move |_: web_sys::MouseEvent| open.emit(())}>{inside}</button>
                }
            }
        }
    }
}
