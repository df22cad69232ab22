//! The page as a whole: it holds the state, draws it, and does what an action asks of the browser.
//!
//! Owns: effects (address, storage, clipboard, timers, keys) and the layout. Does not own: how an
//! action changes the state (`state`), or any picture.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, KeyboardEvent};
use yew::{Callback, Component, Context, Html, classes, html};

use crate::diagnostic::{Span, utf16_offset};
use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::scenario;
use crate::time::Duration;
use crate::ui::address::{self, Query};
use crate::ui::diagnostics::Diagnostics;
use crate::ui::dialog::Dialog;
use crate::ui::doing::Doing;
use crate::ui::drafts::{Draft, Drafts};
use crate::ui::editor::{Editor, Handle};
use crate::ui::gallery::Gallery;
use crate::ui::icons::Icon;
use crate::ui::keys::{self, Situation};
use crate::ui::kubectl::Kubectl;
use crate::ui::splitter::Splitter;
use crate::ui::state::{Action, NEW_POD, Notice, Opening, Origin, Screen, State, Tab, Theme};
use crate::ui::topbar::Topbar;
use crate::ui::transport::Transport;
use crate::ui::{browser, edit, embed, panels, strip};
use crate::version::KubeVersion;

/// A run that took less is done at every key.
const QUICK: f64 = 10.0;
/// Otherwise the text is run after this much quiet, in milliseconds.
const QUIET: u32 = 150;
/// The address and the draft follow after this much quiet, in milliseconds.
const SETTLE: u32 = 300;
/// How long edits that were replaced can be brought back, in milliseconds.
const UNDO_TIME: u32 = 10_000;
/// How long the button says that the link was copied, in milliseconds.
const COPIED_TIME: u32 = 2_000;
/// At most one announcement in this time, in milliseconds.
const ANNOUNCE: f64 = 1_000.0;
/// With reduced motion play jumps from entry to entry, one in this time, in milliseconds.
const STEP_TIME: f64 = 900.0;

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Something that changes only the state.
    Act(Action),
    /// A frame of play.
    Frame,
    /// The visitor went to another address.
    Went,
    /// The text has been quiet for long enough.
    Quiet,
    /// The address and the draft are due.
    Settle,
    /// The page is left: the draft is due now.
    Leave,
    /// Copy the link.
    CopyLink,
    /// It was copied, or not.
    Copied(bool),
    /// The button has said so for long enough.
    CopiedOver,
    /// Edits can no longer be brought back.
    NoticeOver,
    /// The system turned light or dark.
    SystemTheme,
    /// Take the last edit back.
    Undo,
    /// Make it again.
    Redo,
    /// The editor is loaded, or will not be.
    EditorReady,
    /// Put the focus into the editor.
    FocusEditor,
    /// Put the focus into the prompt.
    FocusPrompt,
    /// Put the focus on the element of a selector.
    Focus(&'static str),
    /// Bring the element of a selector into view.
    Reveal(&'static str),
    /// Select a place of the text.
    GoTo(Span),
    /// Do a command at the cursor.
    Do(String),
    /// Take an action back.
    Remove(scenario::Action),
    /// Choose another Kubernetes.
    SetVersion(KubeVersion),
    /// Open an empty Pod.
    New,
    /// Open an empty editor to paste into.
    Paste,
    /// Open a text that was pasted or dropped.
    Pasted(Rc<str>),
    /// Open one of the visitor's own texts.
    OpenDraft(Rc<str>),
    /// Forget one of them.
    ForgetDraft(Rc<str>),
}

impl From<Action> for Msg {
    fn from(action: Action) -> Self {
        Self::Act(action)
    }
}

/// The page.
pub struct App {
    state: State,
    query: Query,
    dispatch: Callback<Msg>,
    hands: panels::Hands,
    editor: Handle,
    depths: (bool, bool),
    drafts: Rc<Drafts>,
    /// Names the versions of this visit to a scenario.
    visit: u64,
    copied: bool,
    dark: bool,
    /// Milliseconds that the last run took.
    took: f64,
    said: Rc<str>,
    said_at: f64,
    frame: Option<AnimationFrame>,
    frame_at: f64,
    quiet: Option<Timeout>,
    settle: Option<Timeout>,
    notice: Option<Timeout>,
    copied_over: Option<Timeout>,
    /// What the keys depend on, for the listener that must answer at once.
    situation: Rc<Cell<Situation>>,
    _listeners: Vec<EventListener>,
}

/// Mounts the page into its frame.
pub fn mount() {
    let root = browser::document().get_element_by_id("app");
    match root {
        Some(root) => yew::Renderer::<App>::with_root(root).render(),
        None => yew::Renderer::<App>::new().render(),
    };
    browser::started();
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let query = Query::parse(&browser::query());
        let lang = query.lang.unwrap_or_else(|| {
            Lang::from_tag(&browser::stored("lang").unwrap_or_else(browser::language))
        });
        let theme = query
            .theme
            .unwrap_or_else(|| Theme::from_word(&browser::stored("theme").unwrap_or_default()));
        let drafts = Drafts::parse(&browser::stored("drafts").unwrap_or_default());
        let dispatch = ctx.link().callback(|msg| msg);
        let situation = Rc::<Cell<Situation>>::default();
        let mut app = Self {
            state: State { lang, theme, ..State::default() },
            query,
            hands: panels::Hands::new(&dispatch),
            dispatch,
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
            _listeners: listeners(ctx, &situation),
            situation,
        };
        app.went(ctx);
        app.dress();
        app.situate();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Act(action) => self.act(ctx, action),
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
            Msg::CopyLink => self.copy_link(ctx),
            Msg::Copied(done) => self.copied(ctx, done),
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
            Msg::GoTo(span) => {
                let text = &self.state.text;
                let (from, to) = (utf16_offset(text, span.start), utf16_offset(text, span.end));
                self.editor.go_to(from, to);
            }
            Msg::Do(run) => {
                let edited = edit::with_action(&self.state.text, self.state.cursor, &run);
                self.write(ctx, edited);
            }
            Msg::Remove(action) => {
                let edited = edit::without_action(&self.state.text, &action);
                self.write(ctx, edited);
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

    fn view(&self, _: &Context<Self>) -> Html {
        let t = Page::of(self.state.lang);
        let scenario = self.state.screen == Screen::Scenario;
        if self.query.embed && scenario {
            let fragment = self.fragment();
            return embed::embed(&self.state, &self.title(), &fragment, &self.hands);
        }
        html! {
            <div class={classes!("app", self.state.stale.then_some("stale"))}
                data-screen={if scenario { "scenario" } else { "gallery" }} data-tab={self.state.tab.word()}>
                if scenario { <a class="skip" href="#picture" onclick={skip}>{t.skip}</a> }
                { self.topbar() }
                { self.notice(t) }
                if scenario {
                    { self.scenario(t) }
                } else {
                    <Gallery lang={self.state.lang} drafts={self.drafts.clone()} dispatch={self.dispatch.clone()} />
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
    fn title(&self) -> Rc<str> {
        title(&self.state)
    }

    fn topbar(&self) -> Html {
        let version = self.state.run.as_ref().map(|run| run.scenario.version).unwrap_or_default();
        html! {
            <Topbar lang={self.state.lang} theme={self.state.theme} screen={self.state.screen}
                title={self.title()} {version} editable={!self.state.stale} depths={self.depths}
                copied={self.copied} drafts={self.drafts.clone()} dispatch={self.dispatch.clone()} />
        }
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
                        <div class="sheet">
                            <Editor text={state.text.clone()} diagnostics={state.diagnostics.clone()}
                                lang={state.lang} dark={self.dark} handle={self.editor.clone()}
                                dispatch={self.dispatch.clone()} />
                            <Diagnostics text={state.text.clone()} diagnostics={state.diagnostics.clone()}
                                lang={state.lang} dispatch={self.dispatch.clone()} />
                        </div>
                        if let Some(run) = &state.run {
                            <Doing run={run.clone()} cursor={state.cursor} lang={state.lang}
                                editable={!state.stale} dispatch={self.dispatch.clone()} />
                        }
                    </section>
                    <Splitter label={t.splitter} />
                    <section class="see" aria-label={t.see}>
                        <Transport run={state.run.clone()} cursor={state.cursor} playing={state.playing}
                zoomed={state.window.is_some()}
                            speed={state.speed} lang={state.lang} dispatch={self.dispatch.clone()}>
                            { panels::strip(state, &self.hands) }
                        </Transport>
                        { panels::tabs(state) }
                        { panels::mini_lane(state, &self.hands) }
                        { panels::picture(state, &self.hands) }
                        <div class="bottom">
                            if let Some(run) = &state.run {
                                <Kubectl run={run.clone()} cursor={state.cursor} command={state.command}
                                    typed={state.typed.clone()} pod={state.pod.clone()} lang={state.lang}
                                    dispatch={self.dispatch.clone()} />
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

    fn tab(&self, t: &Page, tab: Tab) -> Html {
        let (icon, label) = match tab {
            Tab::Story => (Icon::Story, t.story),
            Tab::Timeline => (Icon::Timeline, t.timeline),
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
fn title(state: &State) -> Rc<str> {
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

// What an action asks of the browser.
impl App {
    fn situate(&self) {
        self.situation.set(Situation {
            screen: self.state.screen,
            dialog: self.state.dialog.is_some(),
            notice: self.state.notice.is_some(),
            playing: self.state.playing,
        });
    }

    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        match &action {
            Action::Edit(text) => {
                if **text == *self.state.text {
                    return;
                }
                self.state.reduce(action);
                if self.took < QUICK {
                    self.run(ctx);
                } else {
                    let dispatch = self.dispatch.clone();
                    self.quiet = Some(Timeout::new(QUIET, move || dispatch.emit(Msg::Quiet)));
                }
                self.settle_soon(ctx);
                return;
            }
            Action::Open(opening) => {
                self.open(ctx, opening.clone());
                return;
            }
            _ => {}
        }
        let (cursor, playing) = (self.state.cursor, self.state.playing);
        let (lang, theme) = (self.state.lang, self.state.theme);
        let text = self.state.text.clone();
        self.state.reduce(action);
        if self.state.lang != lang {
            browser::store("lang", self.state.lang.tag());
            self.dress();
        }
        if self.state.theme != theme {
            browser::store("theme", self.state.theme.word());
            self.dress();
        }
        if self.state.playing && !playing {
            self.frame_at = browser::now();
            self.next_frame(ctx);
        }
        if self.state.cursor != cursor {
            self.announce();
        }
        let moved = self.state.cursor != cursor && !self.state.playing;
        if moved || playing != self.state.playing || !Rc::ptr_eq(&text, &self.state.text) {
            self.settle_soon(ctx);
        }
    }

    fn run(&mut self, ctx: &Context<Self>) {
        self.quiet = None;
        let before = browser::now();
        self.state.reduce(Action::Run);
        self.took = browser::now() - before;
        self.settle_soon(ctx);
    }

    /// Writes an edit into the text, or says that it cannot be done.
    fn write(&mut self, ctx: &Context<Self>, edited: Option<String>) {
        match edited {
            Some(text) => {
                self.act(ctx, Action::Edit(text.into()));
                if self.quiet.is_some() {
                    self.run(ctx);
                }
            }
            None => self.state.reduce(Action::Say(Notice::CannotWrite)),
        }
    }

    /// Shows a scenario as a new step in the history.
    fn open(&mut self, ctx: &Context<Self>, opening: Opening) {
        self.keep_draft();
        self.show(ctx, opening);
        browser::push_fragment(&self.fragment());
    }

    fn show(&mut self, ctx: &Context<Self>, opening: Opening) {
        self.visit = browser::unix_millis();
        self.settle = None;
        let before = browser::now();
        self.state.reduce(Action::Open(opening));
        self.took = browser::now() - before;
        let dispatch = ctx.link().callback(|()| Msg::NoticeOver);
        self.notice = Some(Timeout::new(UNDO_TIME, move || dispatch.emit(())));
        self.dress();
    }

    fn open_draft(&mut self, ctx: &Context<Self>, text: &Rc<str>) {
        let Some(draft) = self.drafts.0.iter().find(|draft| draft.text == *text).cloned() else {
            return;
        };
        let origin = draft.origin.split_once('@').and_then(|(id, revision)| {
            Some(Origin { id: id.into(), revision: revision.parse().ok()? })
        });
        self.open(ctx, Opening { text: text.clone(), origin, ..Opening::default() });
        // The visitor's own, and a version of the same visit.
        self.state.opened = Rc::default();
        self.visit = draft.visit;
    }

    /// Shows what the address says.
    fn went(&mut self, ctx: &Context<Self>) {
        let fragment = browser::fragment();
        if fragment.is_empty() {
            self.state.reduce(Action::ShowGallery);
            self.dress();
        } else {
            self.show(ctx, address::opening(&fragment));
        }
    }

    fn fragment(&self) -> String {
        address::fragment(&self.state)
    }

    fn settle_soon(&mut self, _: &Context<Self>) {
        let dispatch = self.dispatch.clone();
        self.settle = Some(Timeout::new(SETTLE, move || dispatch.emit(Msg::Settle)));
    }

    fn write_address(&mut self) {
        self.settle = None;
        if self.state.screen == Screen::Scenario {
            browser::replace_fragment(&self.fragment());
        }
    }

    /// Keeps the text, if it is the visitor's own.
    fn keep_draft(&mut self) {
        if !self.state.edited() {
            return;
        }
        let origin = self.state.origin.as_ref();
        let draft = Draft {
            visit: self.visit,
            saved: browser::unix_millis(),
            origin: origin.map(|o| format!("{}@{}", o.id, o.revision)).unwrap_or_default(),
            name: self.title().to_string(),
            text: self.state.text.clone(),
        };
        let same = self.drafts.0.first().is_some_and(|first| {
            first.text == draft.text && first.visit == draft.visit && first.name == draft.name
        });
        if !same {
            // Another tab may have kept something since.
            let mut drafts = Drafts::parse(&browser::stored("drafts").unwrap_or_default());
            drafts.keep(draft);
            browser::store("drafts", &drafts.print());
            self.drafts = Rc::new(drafts);
        }
    }

    /// Theme, language and title of the document.
    fn dress(&mut self) {
        self.dark = match self.state.theme {
            Theme::Auto => browser::matches("(prefers-color-scheme: dark)"),
            Theme::Light => false,
            Theme::Dark => true,
        };
        browser::set_root("data-theme", if self.dark { "dark" } else { "light" });
        browser::set_root("lang", if self.state.lang == Lang::Zh { "zh-CN" } else { "en" });
        let t = Page::of(self.state.lang);
        let title = match self.state.screen {
            Screen::Gallery => t.tab_title.to_owned(),
            Screen::Scenario => format!("{} · Podarium", self.title()),
        };
        browser::document().set_title(&title);
    }

    fn copy_link(&mut self, ctx: &Context<Self>) {
        self.write_address();
        let link = browser::address(&self.fragment());
        ctx.link().send_future(async move { Msg::Copied(browser::copy(&link).await.is_ok()) });
    }

    fn copied(&mut self, ctx: &Context<Self>, done: bool) {
        if !done {
            let link = browser::address(&self.fragment());
            let dialog = crate::ui::state::Dialog::CopyByHand(link.into());
            self.state.reduce(Action::Show(dialog));
            return;
        }
        self.copied = true;
        self.said = Page::of(self.state.lang).copied.into();
        let link = ctx.link().clone();
        let over = Timeout::new(COPIED_TIME, move || link.send_message(Msg::CopiedOver));
        self.copied_over = Some(over);
    }

    fn next_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(request_animation_frame(move |_| link.send_message(Msg::Frame)));
    }

    fn play(&mut self, ctx: &Context<Self>) {
        self.frame = None;
        if !self.state.playing {
            return;
        }
        let now = browser::now();
        // A tab in the background gets no frames: time does not leap when it comes back.
        let passed = (now - self.frame_at).clamp(0.0, 250.0);
        if browser::reduced_motion() {
            if now - self.frame_at >= STEP_TIME {
                self.frame_at = now;
                self.state.reduce(Action::Next);
                self.announce();
                if self.state.cursor >= self.state.horizon() {
                    self.state.reduce(Action::Play(false));
                }
            }
        } else {
            self.frame_at = now;
            self.state.reduce(Action::Tick(Duration::from_micros((passed * 1_000.0) as i64)));
            self.announce();
        }
        if self.state.playing {
            self.next_frame(ctx);
        } else {
            self.settle_soon(ctx);
        }
    }

    /// Tells a screen reader where the cursor is, at most once a second.
    fn announce(&mut self) {
        let now = browser::now();
        if now - self.said_at >= ANNOUNCE {
            self.said_at = now;
            self.said = self.state.run.as_ref().map_or_else(Rc::default, |run| {
                let status = strip::status_at(&run.timeline, self.state.cursor);
                (self.state.lang.timeline().at)(self.state.cursor, &status).into()
            });
        }
    }
}

/// What the page listens to as a whole.
fn listeners(ctx: &Context<App>, situation: &Rc<Cell<Situation>>) -> Vec<EventListener> {
    let window = browser::window();
    let sends = |msg: Msg| {
        let link = ctx.link().clone();
        move |_: &web_sys::Event| link.send_message(msg.clone())
    };
    let mut listeners = vec![
        EventListener::new(&window, "hashchange", sends(Msg::Went)),
        EventListener::new(&window, "pagehide", sends(Msg::Leave)),
    ];
    if let Ok(Some(media)) = window.match_media("(prefers-color-scheme: dark)") {
        listeners.push(EventListener::new(&media, "change", sends(Msg::SystemTheme)));
    }
    let (link, situation) = (ctx.link().clone(), situation.clone());
    let active = EventListenerOptions::enable_prevent_default();
    listeners.push(EventListener::new_with_options(&window, "keydown", active, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.default_prevented() {
            return;
        }
        if let Some(msg) = keys::pressed(event, situation.get()) {
            event.prevent_default();
            link.send_message(msg);
        }
    }));
    listeners.push(EventListener::new(&window, "paste", pasting(ctx)));
    listeners.push(EventListener::new_with_options(&window, "dragover", active, |event| {
        // Otherwise the browser leaves the page for the file.
        event.prevent_default();
    }));
    listeners.push(EventListener::new_with_options(&window, "drop", active, dropping(ctx)));
    listeners
}

/// A text pasted anywhere but into a field opens as a scenario.
fn pasting(ctx: &Context<App>) -> impl FnMut(&web_sys::Event) + 'static {
    let link = ctx.link().clone();
    move |event| {
        let Some(event) = event.dyn_ref::<ClipboardEvent>() else { return };
        if event.default_prevented() || keys::in_text(event) {
            return;
        }
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            link.send_message(Msg::Pasted(text.into()));
        }
    }
}

/// A file dropped anywhere opens as a scenario.
fn dropping(ctx: &Context<App>) -> impl FnMut(&web_sys::Event) + 'static {
    let link = ctx.link().clone();
    move |event| {
        let Some(event) = event.dyn_ref::<DragEvent>() else { return };
        let Some(data) = event.data_transfer() else { return };
        let Some(file) = data.files().and_then(|files| files.get(0)) else { return };
        event.prevent_default();
        let link = link.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // A file that cannot be read opens nothing.
            if let Ok(text) = wasm_bindgen_futures::JsFuture::from(file.text()).await {
                link.send_message(Msg::Pasted(text.as_string().unwrap_or_default().into()));
            }
        });
    }
}
