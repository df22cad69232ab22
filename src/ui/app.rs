//! The page as a whole: it holds the state and draws it.
//!
//! Owns: the layout, and which message leads where. Does not own: how an action changes the state
//! (`state`), what it asks of the browser (`effects`), or any picture.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::render::AnimationFrame;
use gloo::timers::callback::Timeout;
use yew::{Callback, Component, Context, Html, classes, html};

use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::manifest::place::place;
use crate::ui::address::{Frame, Query};
use crate::ui::copying;
use crate::ui::dialog::Dialog;
use crate::ui::drafts::Drafts;
use crate::ui::editor::{Editor, Handle};
use crate::ui::gallery::Gallery;
use crate::ui::hands::Hands;
use crate::ui::icons::Icon;
use crate::ui::keys::Situation;
use crate::ui::margin::{self, Note};
use crate::ui::msg::Msg;
use crate::ui::points;
use crate::ui::pre_stop;
use crate::ui::run::Run;
use crate::ui::splitter::Splitter;
use crate::ui::state::{Action, NEW_POD, Notice, Opening, Panel, Screen, State, Tab, Theme, View};
use crate::ui::taken::Taken;
use crate::ui::{
    address, browser, diagnostics, doing, edit, embed, kubectl, listen, panels, topbar,
};

/// Where the layout is that of a phone, as in `app.css`.
const PHONE: &str = "(max-width: 719px)";

/// The page.
pub struct App {
    pub(super) state: State,
    pub(super) query: Query,
    pub(super) dispatch: Callback<Msg>,
    pub(super) hands: Hands,
    pub(super) editor: Handle,
    pub(super) depths: (bool, bool),
    pub(super) drafts: Rc<Drafts>,
    /// Names the versions of this visit to a scenario.
    pub(super) visit: u64,
    pub(super) copied: bool,
    pub(super) dark: bool,
    /// Milliseconds that the last run took.
    pub(super) took: f64,
    pub(super) said: Rc<str>,
    pub(super) said_at: f64,
    pub(super) frame: Option<AnimationFrame>,
    pub(super) frame_at: f64,
    pub(super) quiet: Option<Timeout>,
    pub(super) settle: Option<Timeout>,
    pub(super) notice: Option<Timeout>,
    pub(super) copied_over: Option<Timeout>,
    /// The tab that was brought into view last.
    pub(super) revealed: Option<(Screen, View, Tab)>,
    /// What the keys depend on, for the listener that must answer at once.
    pub(super) situation: Rc<Cell<Situation>>,
    pub(super) _listeners: Vec<EventListener>,
}

/// What the page needs.
#[derive(Default, yew::Properties, PartialEq)]
pub struct Props {
    /// What its frame had.
    pub taken: Rc<Taken>,
}

/// Mounts the page into its frame.
pub fn mount() {
    let root = browser::document().get_element_by_id("app");
    match root {
        Some(root) => {
            let props = Props { taken: Rc::new(Taken::read(&root)) };
            yew::Renderer::<App>::with_root_and_props(root, props).render()
        }
        None => yew::Renderer::<App>::with_props(Props::default()).render(),
    };
    browser::started();
}

impl Component for App {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let query = Query::parse(&browser::query());
        let lang = query.lang.unwrap_or_else(|| {
            Lang::from_tag(&browser::stored("lang").unwrap_or_else(browser::language))
        });
        let theme = query
            .theme
            .unwrap_or_else(|| Theme::from_word(&browser::stored("theme").unwrap_or_default()));
        // A phone tells the story first.
        let panel = if browser::matches(PHONE) { Panel::Story } else { Panel::Why };
        let drafts = Drafts::parse(&browser::stored("drafts").unwrap_or_default());
        let dispatch = ctx.link().callback(|msg| msg);
        let situation = Rc::<Cell<Situation>>::default();
        let mut app = Self {
            state: State {
                lang,
                theme,
                panel,
                embedded: query.embed.is_some(),
                ..State::default()
            },
            query,
            hands: Hands::new(&dispatch),
            dispatch: dispatch.clone(),
            editor: Handle::default(),
            depths: (false, false),
            drafts: Rc::new(drafts),
            visit: browser::unix_millis(),
            copied: false,
            dark: false,
            took: 0.0,
            said: Rc::default(),
            said_at: 0.0,
            frame: None,
            frame_at: 0.0,
            quiet: None,
            settle: None,
            notice: None,
            copied_over: None,
            revealed: None,
            _listeners: listen::listeners(&dispatch, &situation),
            situation,
        };
        app.went(ctx);
        app.dress();
        app.situate();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Act(action) => {
                if matches!(action, Action::Edit(_)) {
                    self.editor.heard();
                }
                self.act(ctx, action);
            }
            Msg::Frame => self.play(ctx),
            Msg::Went => {
                self.keep_draft();
                self.went(ctx);
            }
            Msg::Quiet => self.run(ctx),
            Msg::Settle => {
                self.write_address();
                self.keep_draft();
            }
            Msg::Leave => {
                self.keep_draft();
                return false;
            }
            Msg::Copy(form) => self.copy(ctx, form),
            Msg::Copied => self.copied(ctx),
            Msg::CopiedOver => self.copied = false,
            Msg::NoticeOver => {
                if matches!(self.state.notice, Some(Notice::Replaced(_))) {
                    self.state.reduce(Action::Dismiss);
                }
            }
            Msg::SystemTheme => self.dress(),
            Msg::Undo => self.editor.undo(),
            Msg::Redo => self.editor.redo(),
            Msg::EditorReady => {}
            Msg::FocusEditor => {
                self.state.reduce(Action::ShowTab(Tab::Yaml));
                self.editor.focus();
            }
            Msg::FocusPrompt => {
                self.state.reduce(Action::ShowTab(Tab::Kubectl));
                browser::focus("#prompt");
            }
            Msg::Focus(selector) => {
                browser::focus(selector);
                return false;
            }
            Msg::Reveal(selector) => {
                browser::reveal(selector);
                return false;
            }
            Msg::GoTo(span) => self.go_to(span),
            Msg::ShowField(field) => {
                let text = &self.state.text;
                if let Some(span) = place(text, &field.kind, &field.name, &field.path) {
                    self.go_to(span);
                }
            }
            Msg::Do(run) => self.enter(ctx, &run, true),
            Msg::Type(line) => self.enter(ctx, &line, false),
            Msg::Remove(action) => {
                let edited = edit::without_action(&self.state.text, &action);
                self.write(ctx, edited);
            }
            Msg::Point(entry) => {
                self.point(entry);
                return false;
            }
            Msg::PointText(place) => {
                let lit = self.lit_at(place);
                if lit == self.state.lit {
                    return false;
                }
                self.state.reduce(Action::Light(lit));
            }
            Msg::WriteDefault(line) => {
                let notes = self.notes();
                if let Some(note) = notes.iter().find(|note| note.line == line) {
                    let edited = margin::with_default(&self.state.text, &note.default);
                    self.write(ctx, edited);
                }
            }
            Msg::MovePoint(to) => {
                let edited = points::with_point(&self.state.text, to);
                match edited {
                    Some(text) => self.preview(ctx, text),
                    None => self.state.reduce(Action::Say(Notice::CannotWrite)),
                }
                if to.done {
                    self.editor.settle();
                }
            }
            Msg::Share(pod, shared) => {
                let owner = self.state.run.as_ref().and_then(|run| run.maker_of(&pod));
                let edited = owner.and_then(|(kind, name)| {
                    edit::with_shared_processes(&self.state.text, &kind, &name, shared)
                });
                self.write(ctx, edited);
            }
            Msg::PreStop(to) => {
                match pre_stop::with_pre_stop(&self.state.text, &to) {
                    Some(text) => self.preview(ctx, text),
                    None => self.state.reduce(Action::Say(Notice::CannotWrite)),
                }
                if to.done {
                    self.editor.settle();
                }
            }
            Msg::SetVersion(version) => {
                let edited = edit::with_version(&self.state.text, version);
                self.write(ctx, edited);
            }
            Msg::New => self.open(ctx, Opening { text: NEW_POD.into(), ..Opening::default() }),
            Msg::Paste => {
                self.open(ctx, Opening::default());
                self.state.reduce(Action::ShowTab(Tab::Yaml));
                let dispatch = self.dispatch.clone();
                // The editor has to be there first.
                self.quiet = Some(Timeout::new(200, move || dispatch.emit(Msg::FocusEditor)));
            }
            Msg::Pasted(text) => {
                // A picture that was saved here stands for its scenario.
                if let Some(fragment) = copying::fragment_of(&text) {
                    self.open(ctx, address::opening(&fragment));
                    return true;
                }
                self.open(ctx, Opening { text, ..Opening::default() });
                // A pasted text is the visitor's own from the start.
                self.state.opened = Rc::default();
                self.settle_soon(ctx);
            }
            Msg::OpenDraft(text) => self.open_draft(ctx, &text),
            Msg::ForgetDraft(text) => {
                Rc::make_mut(&mut self.drafts).forget(&text);
                browser::store("drafts", &self.drafts.print());
            }
        }
        self.depths = self.editor.depths();
        self.situate();
        true
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        // On a phone the row of tabs is wider than the screen.
        let shown = (self.state.screen, self.state.view, self.state.tab);
        if self.revealed != Some(shown) {
            self.revealed = Some(shown);
            browser::reveal_within(".tabs", ".tab.on");
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let t = Page::of(self.state.lang);
        let scenario = self.state.screen == Screen::Scenario;
        if let Some(frame) = self.query.embed.filter(|_| scenario) {
            let fragment = self.fragment();
            let inside = match frame {
                Frame::Picture => embed::Inside::Picture,
                Frame::Split => embed::Inside::Split(self.editor()),
                Frame::Console => {
                    embed::Inside::Console(self.state.run.as_ref().map(|run| self.kubectl(run)))
                }
            };
            return embed::embed(&self.state, &self.title(), &fragment, &self.hands, inside);
        }
        html! {
            <div class={classes!("app", self.state.stale.then_some("stale"), self.state.presenting.then_some("presenter"))}
                data-screen={if scenario { "scenario" } else { "gallery" }} data-tab={self.state.tab.word()}>
                if scenario { <a class="skip" href="#picture" onclick={skip}>{t.skip}</a> }
                { self.topbar() }
                { self.notice(t) }
                if scenario {
                    { self.scenario(t) }
                } else {
                    <Gallery lang={self.state.lang} drafts={self.drafts.clone()}
                        taken={ctx.props().taken.clone()} dispatch={self.dispatch.clone()} />
                }
                if let Some(dialog) = &self.state.dialog {
                    <Dialog dialog={dialog.clone()} lang={self.state.lang}
                        close={self.dispatch.reform(|()| Action::Close.into())} />
                }
                <div class="sr" aria-live="polite" role="status">{self.said.to_string()}</div>
            </div>
        }
    }
}

/// The skip link moves the focus, and leaves the address alone.
fn skip(event: web_sys::MouseEvent) {
    event.prevent_default();
    browser::focus("#picture");
}

// What is drawn.
impl App {
    pub(super) fn title(&self) -> Rc<str> {
        title(&self.state)
    }

    fn topbar(&self) -> Html {
        let version = self.state.run.as_ref().map(|run| run.scenario.version).unwrap_or_default();
        topbar::topbar(&topbar::Props {
            lang: self.state.lang,
            theme: self.state.theme,
            screen: self.state.screen,
            title: self.title(),
            version,
            editable: !self.state.stale,
            depths: self.depths,
            copied: self.copied,
            drafts: self.drafts.clone(),
            dispatch: self.dispatch.clone(),
        })
    }

    fn notice(&self, t: &Page) -> Html {
        let Some(notice) = &self.state.notice else { return Html::default() };
        let (words, restore) = match notice {
            Notice::Replaced(_) => (t.replaced.to_owned(), true),
            Notice::Damaged(damage) => {
                (fill(t.damaged, &[&damage.explain(self.state.lang)]), false)
            }
            Notice::Differs => (t.differs.to_owned(), false),
            Notice::CannotWrite => (t.cannot_write.to_owned(), false),
            Notice::NoPicture => (t.no_picture.to_owned(), false),
        };
        html! {
            <div class="notice" role="status">
                <span>{words}</span>
                if restore {
                    <button type="button" class="btn line" onclick={self.send(Action::Restore)}>{t.undo}</button>
                }
                <button type="button" class="btn icon-only" aria-label={t.close}
                    onclick={self.send(Action::Dismiss)}>{Icon::Close.html()}</button>
            </div>
        }
    }

    fn send(&self, action: Action) -> Callback<web_sys::MouseEvent> {
        let dispatch = self.dispatch.clone();
        Callback::from(move |_| dispatch.emit(action.clone().into()))
    }

    fn scenario(&self, t: &Page) -> Html {
        let state = &self.state;
        html! {
            <>
                <main class="page">
                    <h1 class="sr">{self.title().to_string()}</h1>
                    <section class="say" aria-label={t.say}>
                        { panels::question(state) }
                        <div class="sheet">
                            { self.editor() }
                        </div>
                        if let Some(run) = &state.run {
                            { self.doing(run) }
                        }
                    </section>
                    <Splitter label={t.splitter} />
                    <section class="see" aria-label={t.see}>
                        { panels::transport(state, &self.hands) }
                        { panels::tabs(state, &self.hands) }
                        { panels::question(state) }
                        { panels::answered(state, &self.hands) }
                        { panels::mini_lane(state, &self.hands) }
                        { panels::picture(state, &self.hands) }
                        if state.presenting { { embed::caption(state) } }
                        <div class="bottom">
                            if let Some(run) = &state.run {
                                { self.kubectl(run) }
                            }
                            { panels::story(state, &self.hands) }
                        </div>
                    </section>
                </main>
                <nav class="bnav" aria-label={t.views}>
                    { for Tab::ALL.iter().map(|tab| self.tab(t, *tab)) }
                </nav>
            </>
        }
    }

    /// The text, and what there is to say about it.
    fn editor(&self) -> Html {
        let state = &self.state;
        html! {
            <>
                <Editor text={state.text.clone()} diagnostics={state.diagnostics.clone()}
                    notes={self.notes()}
                    lang={state.lang} dark={self.dark} fixed={self.query.fixed}
                    handle={self.editor.clone()} dispatch={self.dispatch.clone()} />
                { self.diagnostics() }
            </>
        }
    }

    /// The notes in its margin; none while what was run is another text.
    fn notes(&self) -> Rc<[Note]> {
        let run = self.state.run.as_ref().filter(|run| run.text == self.state.text);
        run.map(|run| run.notes()).unwrap_or_default()
    }

    fn diagnostics(&self) -> Html {
        diagnostics::diagnostics(&diagnostics::Props {
            text: self.state.text.clone(),
            diagnostics: self.state.diagnostics.clone(),
            lang: self.state.lang,
            dispatch: self.dispatch.clone(),
        })
    }

    fn doing(&self, run: &Rc<Run>) -> Html {
        doing::doing(&doing::Props {
            run: run.clone(),
            cursor: self.state.cursor,
            lang: self.state.lang,
            editable: !self.state.stale,
            dispatch: self.dispatch.clone(),
        })
    }

    fn kubectl(&self, run: &Rc<Run>) -> Html {
        kubectl::kubectl(&self.state, run, &self.dispatch)
    }

    /// What the picture is called behind the tab of a phone.
    fn picture_word(&self, t: &Page) -> &'static str {
        match self.state.view {
            View::Compare => self.state.lang.compare().title,
            view => panels::word(view, t),
        }
    }

    fn tab(&self, t: &Page, tab: Tab) -> Html {
        let (icon, label) = match tab {
            Tab::Story => (Icon::Story, t.story),
            Tab::Timeline => (Icon::Timeline, self.picture_word(t)),
            Tab::Yaml => (Icon::Yaml, t.yaml),
            Tab::Kubectl => (Icon::Terminal, "kubectl"),
        };
        let current = (self.state.tab == tab).then_some("page");
        html! {
            <button type="button" aria-current={current} onclick={self.send(Action::ShowTab(tab))}>
                {icon.html()}<span>{label}</span>
            </button>
        }
    }
}

/// What a scenario is called: by its own title, its name, or its first object.
pub fn title(state: &State) -> Rc<str> {
    let Some(run) = &state.run else { return "YAML".into() };
    let scenario = &run.scenario;
    let titled = scenario.titles.get(state.lang.tag()).or_else(|| scenario.titles.values().next());
    match (titled, scenario.objects.first()) {
        (Some(title), _) => title.as_str().into(),
        (None, _) if !scenario.name.is_empty() => scenario.name.as_str().into(),
        (None, Some(object)) => format!("{} {}", object.kind(), object.metadata().name).into(),
        (None, None) => "YAML".into(),
    }
}
