//! What the page shows, and how each action changes it.
//!
//! Owns: [`State`], [`Action`] and [`State::reduce`], which is deterministic and knows no browser.
//! Does not own: effects (address, storage, timers, clipboard: `app`), or what is drawn (`view`).

use std::rc::Rc;

use crate::console::At;
use crate::console::session::{Entered, Session};
use crate::diagnostic::Diagnostic;
use crate::gallery::{self, GalleryEntry};
use crate::i18n::Lang;
use crate::share::Damage;
use crate::time::{Duration, Instant};
use crate::trace::EntryId;
use crate::ui::run::{Run, run};
pub use crate::ui::theme::Theme;
pub use crate::ui::views::View;
use crate::view::axis::{self, Window};

/// The empty Pod that "New" opens.
pub const NEW_POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx
";

/// Which page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// The start page.
    #[default]
    Gallery,
    /// A scenario.
    Scenario,
}

/// How fast play is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// A quarter of real time.
    Quarter,
    /// Real time.
    Real,
    /// Four times.
    #[default]
    Four,
    /// Sixteen times.
    Sixteen,
    /// A minute a second.
    Sixty,
}

impl Speed {
    /// Every speed, slow first.
    pub const ALL: [Self; 5] = [Self::Quarter, Self::Real, Self::Four, Self::Sixteen, Self::Sixty];

    /// As it stands on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Quarter => "¼×",
            Self::Real => "1×",
            Self::Four => "4×",
            Self::Sixteen => "16×",
            Self::Sixty => "60×",
        }
    }

    /// Virtual time that passes in some real time.
    fn of(self, real: Duration) -> Duration {
        match self {
            Self::Quarter => Duration::from_micros(real.as_micros() / 4),
            Self::Real => real,
            Self::Four => real * 4,
            Self::Sixteen => real * 16,
            Self::Sixty => real * 60,
        }
    }

    /// Whether play skips dead time.
    const fn skips(self) -> bool {
        match self {
            Self::Quarter | Self::Real => false,
            Self::Four | Self::Sixteen | Self::Sixty => true,
        }
    }
}

/// What a phone shows under the transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// One line an entry.
    #[default]
    Story,
    /// The timeline.
    Timeline,
    /// The editor.
    Yaml,
    /// kubectl.
    Kubectl,
}

impl Tab {
    /// Every tab, left to right.
    pub const ALL: [Self; 4] = [Self::Story, Self::Timeline, Self::Yaml, Self::Kubectl];

    /// The word for it in markup.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Timeline => "timeline",
            Self::Yaml => "yaml",
            Self::Kubectl => "kubectl",
        }
    }
}

/// What stands beside kubectl.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// Why it is as it is at the cursor.
    #[default]
    Why,
    /// One line an entry.
    Story,
}

/// A command with a button of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `kubectl get pods`.
    GetPods,
    /// `kubectl describe pod NAME`.
    DescribePod,
    /// `kubectl get events`.
    GetEvents,
}

/// The line that a session begins with.
const FIRST_LINE: &str = "kubectl get pods";

/// A scenario of the gallery, at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub id: Rc<str>,
    /// Its revision.
    pub revision: u32,
}

/// A scenario to show, and where in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opening {
    /// The text.
    pub text: Rc<str>,
    /// The scenario of the gallery that it was made from.
    pub origin: Option<Origin>,
    /// Where the cursor stands; without it, where the story has settled.
    pub at: Option<Instant>,
    /// What the picture is about; without it, the timeline.
    pub view: Option<View>,
    /// The text that it is compared with.
    pub against: Option<Rc<str>>,
    /// The first digits of the digest that the author of the link saw.
    pub digest: Option<u16>,
    /// Why it may be less than what was shared.
    pub damage: Option<Damage>,
}

/// A line above the page, until it is dismissed.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Edits were replaced by another scenario; they can be brought back.
    Replaced(Rc<Opening>),
    /// The link is damaged; this is what could be read.
    Damaged(Damage),
    /// The engine of today gives another trace than the author of the link saw.
    Differs,
    /// The action could not be written into the text.
    CannotWrite,
    /// The picture could not be saved.
    NoPicture,
}

/// Something over the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// The list of keys.
    Help,
    /// A link to copy by hand.
    CopyByHand(Rc<str>),
}

/// Everything that the page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The language.
    pub lang: Lang,
    /// The theme as chosen.
    pub theme: Theme,
    /// Which page.
    pub screen: Screen,
    /// The text in the editor.
    pub text: Rc<str>,
    /// The text as it was opened; what differs from it is the visitor's own.
    pub opened: Rc<str>,
    /// The scenario of the gallery that the text was made from.
    pub origin: Option<Origin>,
    /// The last run of a text that the API server accepts.
    pub run: Option<Rc<Run>>,
    /// The entries of the field that is pointed at in the text.
    pub lit: Rc<[EntryId]>,
    /// The run that was put aside, to be compared with.
    pub pinned: Option<Rc<Run>>,
    /// What there is to say about the text as it is now.
    pub diagnostics: Rc<Vec<Diagnostic>>,
    /// Whether the run is older than the text, because the text is rejected.
    pub stale: bool,
    /// The moment that everything shows.
    pub cursor: Instant,
    /// Where it stood when the scenario was opened.
    pub poster: Instant,
    /// Whether the page stands inside another: play tells the story from its beginning.
    pub embedded: bool,
    /// What the picture is about.
    pub view: View,
    /// Whether the picture is shown to a room: larger, with what it says, and nothing beside it.
    pub presenting: bool,
    /// What is in view; without it, everything.
    pub window: Option<Window>,
    /// Whether the cursor moves by itself.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The tab on a phone.
    pub tab: Tab,
    /// What was typed at the prompt, and what it printed.
    pub console: Session,
    /// The Pod that `describe` and the pictures of one Pod are about; otherwise the first.
    pub pod: Option<Rc<str>>,
    /// What stands beside kubectl.
    pub panel: Panel,
    /// The entry whose causes are shown.
    pub why: Option<EntryId>,
    /// A line above the page.
    pub notice: Option<Notice>,
    /// Something over the page.
    pub dialog: Option<Dialog>,
}

/// What can happen to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Show the start page.
    ShowGallery,
    /// Show a scenario.
    Open(Opening),
    /// The text was edited.
    Edit(Rc<str>),
    /// Read and run the text as it is now.
    Run,
    /// Put the cursor at a moment.
    Seek(Instant),
    /// Move the cursor by a span.
    Move(Duration),
    /// Put the cursor at the previous entry.
    Previous,
    /// Put the cursor at the next entry.
    Next,
    /// Put the cursor at apply.
    Home,
    /// Put the cursor at the horizon.
    End,
    /// Zoom around the cursor: thousandths of the time in view.
    Zoom(i64),
    /// Show this window; without it, everything.
    View(Option<Window>),
    /// Show the picture to a room, or no longer.
    Present(bool),
    /// Show another picture.
    ShowView(View),
    /// Light these entries.
    Light(Rc<[EntryId]>),
    /// Compare with what is here now, or show the comparison again, or end it.
    Compare,
    /// Compare with what is here now.
    Pin,
    /// Show everything.
    Fit,
    /// Show everything as it was opened.
    Reset,
    /// Play or pause.
    Play(bool),
    /// Real time passed while playing.
    Tick(Duration),
    /// Play at another speed.
    SetSpeed(Speed),
    /// Show another tab of the phone.
    ShowTab(Tab),
    /// Print another command.
    Print(Command),
    /// Forget what the prompt printed.
    ClearConsole,
    /// Draw this Pod, where a picture is about one.
    ShowPod(Rc<str>),
    /// Mark an entry: Why is about it from now on.
    Mark(Option<EntryId>),
    /// Mark what the next lane down, or up, shows at the cursor.
    Lane(bool),
    /// Ask why an entry came to be: marks it and shows Why.
    Ask(Option<EntryId>),
    /// Show something else beside kubectl.
    ShowPanel(Panel),
    /// Speak another language.
    SetLang(Lang),
    /// Take another theme.
    SetTheme(Theme),
    /// Say something above the page.
    Say(Notice),
    /// Take the line above the page away.
    Dismiss,
    /// Bring back what was replaced.
    Restore,
    /// Show something over the page.
    Show(Dialog),
    /// Close what is over the page.
    Close,
}

impl State {
    /// Whether the text is the visitor's own.
    pub fn edited(&self) -> bool {
        self.screen == Screen::Scenario && self.text != self.opened
    }

    /// The end of the simulated time.
    pub fn horizon(&self) -> Instant {
        self.run.as_ref().map_or(Instant::ZERO, |run| run.trace.horizon())
    }

    /// Changes what the page shows. The same action on the same state gives the same state.
    pub fn reduce(&mut self, action: Action) {
        match action {
            Action::ShowGallery => {
                self.screen = Screen::Gallery;
                self.playing = false;
                self.presenting = false;
                self.dialog = None;
            }
            Action::Open(opening) => self.open(opening),
            Action::Edit(text) => self.text = text,
            Action::Run => self.rerun(),
            Action::Seek(at) => self.seek(at),
            Action::Move(by) => self.seek(self.cursor + by),
            Action::Previous => {
                let to =
                    self.run.as_ref().and_then(|run| self.view.beside(run, self.cursor, false));
                self.seek(to.unwrap_or(Instant::ZERO));
            }
            Action::Next => {
                let to = self.run.as_ref().and_then(|run| self.view.beside(run, self.cursor, true));
                self.seek(to.unwrap_or(self.horizon()));
            }
            Action::Home => self.seek(Instant::ZERO),
            Action::End => self.seek(self.horizon()),
            Action::Zoom(thousandths) => {
                if let Some(run) = &self.run {
                    let (whole, end) = (Window::whole(self.horizon()), self.horizon());
                    let now = self.window.unwrap_or(whole);
                    let next = axis::zoomed(now, &run.folds, end, self.cursor, thousandths);
                    self.window = (next != whole).then_some(next);
                }
            }
            Action::View(window) => self.window = window,
            Action::Present(presenting) => self.presenting = presenting,
            Action::ShowView(view) => {
                if self.run.as_ref().is_none_or(|run| view.has_something(run)) {
                    self.view = view;
                }
            }
            Action::Compare if self.view == View::Compare => {
                self.pinned = None;
                self.view = View::default();
            }
            Action::Compare => {
                self.pinned = self.pinned.take().or_else(|| self.run.clone());
                self.view = View::Compare;
            }
            Action::Light(entries) => self.lit = entries,
            Action::Pin => self.pinned.clone_from(&self.run),
            Action::Fit => self.window = None,
            Action::Reset => self.reset(),
            Action::Play(playing) => {
                let poster = self.embedded && !self.playing && self.cursor == self.poster;
                if playing && (poster || self.cursor >= self.horizon()) {
                    self.cursor = Instant::ZERO;
                }
                self.playing = playing && self.run.is_some();
            }
            Action::Tick(real) => self.tick(real),
            Action::SetSpeed(speed) => self.speed = speed,
            Action::ShowTab(tab) => self.tab = tab,
            Action::Print(command) => self.print(command),
            Action::ClearConsole => self.console.clear(),
            Action::ShowPod(pod) => self.pod = Some(pod),
            Action::Mark(entry) => self.why = entry,
            Action::Lane(down) => self.step_lane(down),
            Action::Ask(entry) => {
                self.why = entry;
                self.panel = if entry.is_some() { Panel::Why } else { self.panel };
            }
            Action::ShowPanel(panel) => self.panel = panel,
            Action::SetLang(lang) => self.lang = lang,
            Action::SetTheme(theme) => self.theme = theme,
            Action::Say(notice) => self.notice = Some(notice),
            Action::Dismiss => self.notice = None,
            Action::Restore => {
                if let Some(Notice::Replaced(before)) = self.notice.take() {
                    self.open((*before).clone());
                    // What comes back was the visitor's own and stays so.
                    self.opened = Rc::default();
                    self.notice = None;
                }
            }
            Action::Show(dialog) => self.dialog = Some(dialog),
            Action::Close => self.dialog = None,
        }
    }

    fn step_lane(&mut self, down: bool) {
        let Some(run) = &self.run else { return };
        self.why = run.timeline.beside(self.cursor, self.why, down).or(self.why);
    }

    /// The line of a command with a button, as of the cursor.
    pub fn line_of(&self, command: Command) -> String {
        match command {
            Command::GetPods => FIRST_LINE.to_owned(),
            Command::GetEvents => "kubectl get events".to_owned(),
            Command::DescribePod => {
                let run = self.run.as_ref();
                let state = run.map(|run| run.trace.state_at(self.cursor));
                let pod = state.as_ref().and_then(|state| {
                    // The one that Why is about, or the first.
                    let marked = self.why.and_then(|id| run?.trace.entry(id));
                    let uid = marked.map(|entry| &*entry.subject.uid);
                    let of_mark = state.pods().find(|pod| Some(pod.metadata.uid.as_str()) == uid);
                    let chosen = self.pod.as_deref();
                    let by_name =
                        || state.pods().find(|pod| Some(pod.metadata.name.as_str()) == chosen);
                    of_mark.or_else(by_name).or_else(|| state.pods().next())
                });
                let name = pod.map_or("", |pod| pod.metadata.name.as_str());
                let namespace = pod.map_or("default", |pod| pod.metadata.namespace.as_str());
                let mut line = format!("kubectl describe pod {name}");
                if namespace != "default" {
                    line.push_str(" -n ");
                    line.push_str(namespace);
                }
                line.trim_end().to_owned()
            }
        }
    }

    fn print(&mut self, command: Command) {
        let Some(run) = self.run.clone() else { return };
        let line = self.line_of(command);
        let at = At { scenario: &run.scenario, trace: &run.trace, at: self.cursor };
        self.console.show(&at, &line);
    }

    /// Does a line of the prompt; what it asks for beyond the transcript comes back.
    ///
    /// After a button the line that followed the cursor goes on following it.
    pub fn enter(&mut self, line: &str, button: bool) -> Entered {
        let Some(run) = self.run.clone() else { return Entered::default() };
        let at = At { scenario: &run.scenario, trace: &run.trace, at: self.cursor };
        self.console.enter(&at, line, !self.stale, button)
    }

    fn open(&mut self, opening: Opening) {
        let replaced = self.edited() && self.text != opening.text;
        let before = replaced.then(|| {
            Rc::new(Opening {
                text: self.text.clone(),
                origin: self.origin.clone(),
                at: Some(self.cursor),
                view: Some(self.view),
                against: self.pinned.as_ref().map(|run| run.text.clone()),
                ..Opening::default()
            })
        });
        self.screen = Screen::Scenario;
        self.opened = opening.text.clone();
        self.text = opening.text;
        self.origin = opening.origin;
        self.run = None;
        self.pinned = opening.against.and_then(|text| run(&text).0);
        self.window = None;
        self.why = None;
        self.pod = None;
        self.playing = false;
        self.dialog = None;
        // A scenario of the gallery begins where its question is answered; a link to another moment
        // of it begins where its author was.
        let shown = self.origin.as_ref().and_then(|origin| {
            let entry = gallery::entry(&origin.id)?;
            (opening.at.is_none() && *entry.text == *self.text).then_some(entry)
        });
        let line = shown.and_then(GalleryEntry::line).unwrap_or(FIRST_LINE);
        self.console = Session::default();
        self.rerun();
        // On a phone a text of which there is nothing to tell is shown itself.
        if self.run.as_ref().is_none_or(|run| run.is_blank()) {
            self.tab = Tab::Yaml;
        }
        let settled = self.run.as_ref().and_then(|run| run.settled());
        let at = opening.at.or(shown.and_then(GalleryEntry::at)).or(settled);
        self.seek(at.unwrap_or(Instant::ZERO));
        self.poster = self.cursor;
        self.console = Session::beginning_with(line, self.cursor);
        let view = shown.and_then(|entry| View::from_word(entry.view()));
        self.view = opening.view.or(view).unwrap_or_default();
        let differs = match (opening.digest, &self.run) {
            (Some(digest), Some(run)) => digest != run.digest(),
            (Some(_), None) | (None, _) => false,
        };
        self.notice = match (opening.damage, before) {
            (Some(why), _) => Some(Notice::Damaged(why)),
            (None, Some(before)) => Some(Notice::Replaced(before)),
            (None, None) => differs.then_some(Notice::Differs),
        };
    }

    fn reset(&mut self) {
        if self.text != self.opened {
            self.text = self.opened.clone();
            self.rerun();
        }
        self.playing = false;
        self.window = None;
        self.seek(self.poster);
        self.why = None;
    }

    fn rerun(&mut self) {
        let (run, diagnostics) = run(&self.text);
        self.diagnostics = diagnostics;
        self.stale = run.is_none();
        if run.is_some() {
            self.run = run;
            self.why = None;
            self.lit = Rc::default();
            self.cursor = self.cursor.min(self.horizon());
            // What was in view stays so, as far as there is still time to see.
            let end = self.horizon();
            self.window = self.window.filter(|window| window.to <= end);
        }
    }

    fn seek(&mut self, at: Instant) {
        let at = at.clamp(Instant::ZERO, self.horizon());
        if at != self.cursor {
            // The question was about another moment.
            self.why = None;
        }
        self.cursor = at;
    }

    fn tick(&mut self, real: Duration) {
        if !self.playing {
            return;
        }
        let Some(run) = self.run.clone() else { return };
        let mut to = self.cursor + self.speed.of(real);
        if self.speed.skips() {
            to = run.over_dead_time(to).unwrap_or(to);
        }
        self.seek(to);
        self.playing = self.cursor < self.horizon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_take_turns_and_keep_their_words() {
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            assert_eq!(Theme::from_word(theme.word()), theme);
            assert_eq!(theme.next().next().next(), theme);
        }
    }

    #[test]
    fn the_cursor_stays_inside_the_run() {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        state.reduce(Action::Seek(Instant::from_secs(1_000_000)));
        assert_eq!(state.cursor, state.horizon());
        state.reduce(Action::Move(Duration::from_secs(-5_000_000)));
        assert_eq!(state.cursor, Instant::ZERO);
    }

    #[test]
    fn a_rejected_text_keeps_the_last_run_and_an_empty_one_is_no_mistake() {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        let run = state.run.clone();
        assert!(run.is_some() && !state.stale);
        state.reduce(Action::Edit("kind: Pod\nspec: [\n".into()));
        state.reduce(Action::Run);
        assert!(state.stale && state.run == run && !state.diagnostics.is_empty());
        state.reduce(Action::Edit("\n".into()));
        state.reduce(Action::Run);
        assert!(!state.stale && state.run != run && state.diagnostics.is_empty());
    }

    #[test]
    fn replaced_edits_can_be_brought_back() {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        assert_eq!(state.notice, None);
        state.reduce(Action::Edit("# mine\n".into()));
        assert!(state.edited());
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        assert!(matches!(state.notice, Some(Notice::Replaced(_))));
        state.reduce(Action::Restore);
        assert_eq!(&*state.text, "# mine\n");
        assert!(state.edited());
        assert_eq!(state.notice, None);
    }

    #[test]
    fn an_embed_plays_from_its_beginning_and_goes_back_to_its_poster() {
        let at = Some(Instant::from_secs(2));
        let mut state = State { embedded: true, ..State::default() };
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), at, ..Opening::default() }));
        assert_eq!((state.cursor, state.playing), (Instant::from_secs(2), false));
        state.reduce(Action::Play(true));
        assert_eq!(state.cursor, Instant::ZERO);
        state.reduce(Action::SetSpeed(Speed::Real));
        state.reduce(Action::Tick(Duration::from_millis(500)));
        state.reduce(Action::Play(false));
        state.reduce(Action::Play(true));
        assert_eq!(state.cursor, Instant::from_micros(500_000), "it goes on where it was");
        state.reduce(Action::Edit("# mine\n".into()));
        state.reduce(Action::Zoom(500));
        state.reduce(Action::Reset);
        assert_eq!((state.cursor, state.playing), (Instant::from_secs(2), false));
        assert_eq!((&*state.text, state.window), (NEW_POD, None));
    }

    #[test]
    fn what_is_there_is_put_aside_and_compared() {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        let a = state.run.clone();
        state.reduce(Action::Compare);
        assert_eq!((state.view, &state.pinned), (View::Compare, &a));
        state.reduce(Action::Edit(NEW_POD.replace("nginx", "nope:1").into()));
        state.reduce(Action::Run);
        state.reduce(Action::ShowView(View::Timeline));
        state.reduce(Action::Compare);
        assert_eq!((state.view, &state.pinned), (View::Compare, &a), "A stays what it was");
        state.reduce(Action::Compare);
        assert_eq!((state.view, &state.pinned), (View::Timeline, &None));
    }

    #[test]
    fn play_from_the_end_begins_at_apply() {
        let mut state = State::default();
        state.reduce(Action::Open(Opening { text: NEW_POD.into(), ..Opening::default() }));
        state.reduce(Action::End);
        state.reduce(Action::Play(true));
        assert_eq!(state.cursor, Instant::ZERO);
        state.reduce(Action::SetSpeed(Speed::Real));
        state.reduce(Action::Tick(Duration::from_millis(500)));
        assert_eq!(state.cursor, Instant::from_micros(500_000));
        state.reduce(Action::Seek(state.horizon()));
        state.reduce(Action::Tick(Duration::from_millis(500)));
        assert!(!state.playing);
    }
}
