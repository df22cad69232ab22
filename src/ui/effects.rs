//! What an action asks of the browser: address, storage, clipboard, timers, frames.
//!
//! Owns: when the text is run, when the address and the draft follow, and how time passes. Does not
//! own: what an action does to the state (`state`), or the layout (`app`).

use std::rc::Rc;

use gloo::render::request_animation_frame;
use gloo::timers::callback::Timeout;
use yew::Context;

use crate::console::settled;
use crate::diagnostic::{Span, byte_offset, utf16_offset};
use crate::i18n::Lang;
use crate::i18n::page::Page;
use crate::manifest::place::place;
use crate::time::{Duration, Instant};
use crate::trace::EntryId;
use crate::ui::app::App;
use crate::ui::copying::{self, Form};
use crate::ui::drafts::{Draft, Drafts};
use crate::ui::keys::Situation;
use crate::ui::msg::Msg;
use crate::ui::state::{Action, Dialog, Notice, Opening, Origin, Screen, Tab, Theme};
use crate::ui::{address, browser, edit, strip};
use crate::view::fields::{entries_at, field_of, span_of};

/// A run that took less is done at every key, in milliseconds: with it the key still shows in its
/// own frame or the next.
const QUICK: f64 = 16.0;
/// A run that took less follows the key by a frame, so that the letter stands before it.
const BRISK: f64 = 100.0;
/// About a frame, in milliseconds.
const FRAME: u32 = 16;
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

impl App {
    pub(super) fn situate(&self) {
        self.situation.set(Situation {
            screen: self.state.screen,
            dialog: self.state.dialog.is_some(),
            notice: self.state.notice.is_some(),
            playing: self.state.playing,
            presenting: self.state.presenting,
        });
    }

    pub(super) fn act(&mut self, ctx: &Context<Self>, action: Action) {
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
                    let wait = if self.took < BRISK { FRAME } else { QUIET };
                    self.quiet = Some(Timeout::new(wait, move || dispatch.emit(Msg::Quiet)));
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
        let (view, pinned) = (self.state.view, self.state.pinned.clone());
        let text = self.state.text.clone();
        self.state.reduce(action);
        if self.state.lang != lang {
            browser::store("lang", self.state.lang.tag());
            self.dress();
        }
        if self.state.theme != theme {
            // The theme of a page around this one is not the visitor's choice.
            if self.query.embed.is_none() {
                browser::store("theme", self.state.theme.word());
            }
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
        let turned = (view, &pinned) != (self.state.view, &self.state.pinned);
        if moved || turned || playing != self.state.playing || !Rc::ptr_eq(&text, &self.state.text)
        {
            self.settle_soon(ctx);
        }
    }

    pub(super) fn run(&mut self, ctx: &Context<Self>) {
        self.quiet = None;
        let before = browser::now();
        self.state.reduce(Action::Run);
        self.took = browser::now() - before;
        self.settle_soon(ctx);
    }

    /// Writes an edit into the text, or says that it cannot be done.
    pub(super) fn write(&mut self, ctx: &Context<Self>, edited: Option<String>) {
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

    /// Lights the field of an entry in the text.
    pub(super) fn point(&self, entry: Option<EntryId>) {
        let text = &self.state.text;
        let run = self.state.run.as_ref().filter(|run| run.text == *text);
        let field = run.zip(entry).and_then(|(run, entry)| field_of(&run.trace, entry));
        let span = field.and_then(|field| span_of(text, &field));
        self.editor
            .mark(span.map(|span| (utf16_offset(text, span.start), utf16_offset(text, span.end))));
    }

    /// The entries of the field at a place of the text.
    pub(super) fn lit_at(&self, place: Option<usize>) -> Rc<[EntryId]> {
        let text = &self.state.text;
        let run = self.state.run.as_ref().filter(|run| run.text == *text);
        run.zip(place).map_or_else(Rc::default, |(run, place)| {
            entries_at(&run.trace, text, byte_offset(text, place)).into()
        })
    }

    /// Shows an edit while it is still being made: it is run at once, and undo knows nothing of it.
    pub(super) fn preview(&mut self, ctx: &Context<Self>, text: String) {
        self.editor.preview(&text);
        self.state.reduce(Action::Edit(text.into()));
        self.run(ctx);
    }

    /// Does a line of the prompt: its actions go into the text, in one step of undo each.
    pub(super) fn enter(&mut self, ctx: &Context<Self>, line: &str, button: bool) {
        let mut actions = Vec::new();
        let mut edit = None;
        // A shell takes what was pasted line by line.
        let inside = self.state.console.inside().is_some();
        let lines: Vec<&str> = if inside { line.lines().collect() } else { vec![line] };
        for line in lines {
            let entered = self.state.enter(line, button);
            actions.extend(entered.actions);
            edit = entered.edit.or(edit);
        }
        if !actions.is_empty() {
            let mut text = Some(self.state.text.to_string());
            for action in &actions {
                text = text.and_then(|text| {
                    edit::with_action(&text, action.at, &action.run, action.node.as_deref())
                });
            }
            self.write(ctx, text);
            // Who pressed a button wants to see what it did: kubectl is done a moment later.
            let (run, at) = (self.state.run.clone(), self.state.cursor);
            if let Some(run) = run.filter(|_| button) {
                self.act(ctx, Action::Seek(settled(&run.trace, at)));
            }
        }
        if let Some((kind, name)) = edit {
            let span = place(&self.state.text, &kind, &name, "metadata.name");
            if let Some(span) = span {
                self.go_to(span);
            }
        }
    }

    /// Selects a place of the text in the editor.
    pub(super) fn go_to(&mut self, span: Span) {
        self.state.reduce(Action::ShowTab(Tab::Yaml));
        let text = &self.state.text;
        let (from, to) = (utf16_offset(text, span.start), utf16_offset(text, span.end));
        self.editor.go_to(from, to);
    }

    /// Shows a scenario as a new step in the history.
    pub(super) fn open(&mut self, ctx: &Context<Self>, opening: Opening) {
        self.keep_draft();
        self.show(ctx, opening);
        browser::push_fragment(&self.fragment());
    }

    pub(super) fn show(&mut self, ctx: &Context<Self>, opening: Opening) {
        self.visit = browser::unix_millis();
        self.settle = None;
        let before = browser::now();
        self.state.reduce(Action::Open(opening));
        self.took = browser::now() - before;
        let dispatch = ctx.link().callback(|()| Msg::NoticeOver);
        self.notice = Some(Timeout::new(UNDO_TIME, move || dispatch.emit(())));
        self.dress();
    }

    pub(super) fn open_draft(&mut self, ctx: &Context<Self>, text: &Rc<str>) {
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
    pub(super) fn went(&mut self, ctx: &Context<Self>) {
        let fragment = browser::fragment();
        if fragment.is_empty() {
            self.state.reduce(Action::ShowGallery);
            self.dress();
        } else {
            let mut opening = address::opening(&fragment);
            opening.view = opening.view.or(self.query.view);
            self.show(ctx, opening);
        }
    }

    pub(super) fn fragment(&self) -> String {
        address::fragment(&self.state)
    }

    pub(super) fn settle_soon(&mut self, _: &Context<Self>) {
        let dispatch = self.dispatch.clone();
        self.settle = Some(Timeout::new(SETTLE, move || dispatch.emit(Msg::Settle)));
    }

    pub(super) fn write_address(&mut self) {
        self.settle = None;
        if self.state.screen == Screen::Scenario {
            browser::replace_fragment(&self.fragment());
        }
    }

    /// Keeps the text, if it is the visitor's own.
    pub(super) fn keep_draft(&mut self) {
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
    pub(super) fn dress(&mut self) {
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

    pub(super) fn copy(&mut self, ctx: &Context<Self>, form: Form) {
        self.write_address();
        let (fragment, title) = (self.fragment(), self.title());
        let link = browser::address(&fragment);
        let mut query = String::from("?embed=");
        query.push_str(self.state.view.word());
        let embed = browser::whole_page(&query, &fragment);
        if let Some(text) = copying::text(form, &self.state, &title, &link, &embed) {
            ctx.link().send_future(async move {
                match browser::copy(&text).await {
                    Ok(()) => Msg::Copied,
                    Err(_) => Action::Show(Dialog::CopyByHand(text.into())).into(),
                }
            });
        } else if let Some(kind) = form.file() {
            let drawing = copying::drawing(&self.state).unwrap_or_default();
            let name = copying::file_name(&title, self.state.cursor.since(Instant::ZERO));
            ctx.link().send_future(async move {
                match browser::save_picture(kind, &drawing, &name, &link).await {
                    Ok(()) => Msg::Copied,
                    Err(_) => Action::Say(Notice::NoPicture).into(),
                }
            });
        }
    }

    pub(super) fn copied(&mut self, ctx: &Context<Self>) {
        self.copied = true;
        self.said = Page::of(self.state.lang).copied.into();
        let link = ctx.link().clone();
        let over = Timeout::new(COPIED_TIME, move || link.send_message(Msg::CopiedOver));
        self.copied_over = Some(over);
    }

    pub(super) fn next_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(request_animation_frame(move |_| link.send_message(Msg::Frame)));
    }

    pub(super) fn play(&mut self, ctx: &Context<Self>) {
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
    pub(super) fn announce(&mut self) {
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
