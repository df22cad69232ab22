//! What can happen to the page.
//!
//! Owns: [`Msg`], which every part of the page sends. Does not own: what follows from it (`app`,
//! `effects`).

use std::rc::Rc;

use crate::diagnostic::Span;
use crate::scenario;
use crate::trace::EntryId;
use crate::ui::copying::Form;
use crate::ui::points::PointMove;
use crate::ui::pre_stop::PreStop;
use crate::ui::state::Action;
use crate::version::KubeVersion;
use crate::view::why::fields::Place;

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
    /// Copy the link, or let the scenario leave in another form.
    Copy(Form),
    /// It was copied or saved.
    Copied,
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
    /// Show a field of an object in the editor.
    ShowField(Place),
    /// Do a command at the cursor, because a button says so.
    Do(String),
    /// Do a line of the prompt at the cursor.
    Type(Rc<str>),
    /// Take an action back.
    Remove(scenario::Action),
    /// An entry is pointed at: its field lights up in the text.
    Point(Option<EntryId>),
    /// A place of the text is pointed at, in UTF-16 units: its entries light up.
    PointText(Option<usize>),
    /// Write out the default whose note stands beside a line.
    WriteDefault(usize),
    /// Move a point of a curve.
    MovePoint(PointMove),
    /// Let the containers of a Pod share their processes, or not.
    Share(Rc<str>, bool),
    /// Set how long a preStop hook sleeps.
    PreStop(PreStop),
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
