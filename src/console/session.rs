//! What was typed at the prompt, and what came of it.
//!
//! Owns: [`Session`]: the transcript, the history of lines, the shell one is in, files that were
//! written. The last line follows the cursor while it only looks; it keeps its moment when the next
//! one is typed. Does not own: what a line does (`ask`), or how the transcript is drawn (`ui`).

use std::rc::Rc;

use crate::console::{At, Go, Inside, Note, ask};
use crate::map::Map;
use crate::scenario::Action;
use crate::time::Instant;
use crate::view::kubectl::Output;

/// Lines of the transcript that are kept.
const ITEMS_MAX: usize = 40;
/// Lines of the history that are kept.
const HISTORY_MAX: usize = 200;

/// A line, and what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Tells it from the others.
    pub id: u32,
    /// When it was typed, in virtual time.
    pub at: Instant,
    /// What stood before it.
    pub prompt: Rc<str>,
    /// The line.
    pub line: Rc<str>,
    /// What it printed.
    pub output: Rc<Output>,
    /// What is said beside it.
    pub notes: Vec<Note>,
    /// Whether it follows the cursor as long as it is the last.
    pub live: bool,
}

/// A session at the prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    items: Vec<Item>,
    history: Vec<Rc<str>>,
    files: Map<String, String>,
    inside: Option<Inside>,
    next: u32,
}

/// What a line asks of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// Actions to write into the text.
    pub actions: Vec<Action>,
    /// An object to show in the editor.
    pub edit: Option<(String, String)>,
}

impl Session {
    /// A session that begins with a line which follows the cursor.
    pub fn beginning_with(line: &str, at: Instant) -> Self {
        let mut session = Self::default();
        session.push(at, line, Output::default(), Vec::new(), true);
        session
    }

    /// The transcript, oldest first.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Lines that were typed, oldest first.
    pub fn history(&self) -> &[Rc<str>] {
        &self.history
    }

    /// Files that were written with `>`.
    pub fn files(&self) -> &Map<String, String> {
        &self.files
    }

    /// The shell one is in.
    pub fn inside(&self) -> Option<&Inside> {
        self.inside.as_ref()
    }

    /// What stands before the next line.
    pub fn prompt(&self) -> String {
        match &self.inside {
            None => "$".to_owned(),
            Some(Inside::Container { directory, .. }) => format!("{directory} #"),
            Some(Inside::Node(node)) => format!("root@{node}:~#"),
        }
    }

    /// What the item printed, as of a moment: only the last one follows the cursor.
    pub fn output_of(&self, item: &Item, at: &At<'_>) -> Rc<Output> {
        let last = self.items.last().is_some_and(|last| last.id == item.id);
        if item.live && last {
            let from = if item.at <= at.at { item.at } else { at.at };
            Rc::new(follow(at, from, &item.line))
        } else {
            item.output.clone()
        }
    }

    /// The moment of an item: the cursor's for one that follows it.
    pub fn moment_of(&self, item: &Item, cursor: Instant) -> Instant {
        let last = self.items.last().is_some_and(|last| last.id == item.id);
        if item.live && last { cursor } else { item.at }
    }

    /// Does a line at a moment. Without a text that can be changed nothing is written. Where a
    /// button did it (`resume`), the line that followed the cursor follows it again.
    pub fn enter(&mut self, at: &At<'_>, line: &str, editable: bool, resume: bool) -> Entered {
        let line = line.trim();
        if line.is_empty() {
            return Entered::default();
        }
        let before = self.items.last().filter(|last| resume && last.live).cloned();
        self.settle(at);
        if self.history.last().is_none_or(|last| **last != *line) {
            self.history.push(line.into());
            let surplus = self.history.len().saturating_sub(HISTORY_MAX);
            self.history.drain(..surplus);
        }
        let mut reply = ask(at, line, self.inside.as_ref(), &mut self.files);
        if !editable && !reply.actions.is_empty() {
            reply.actions.clear();
            reply.output = Output::default();
            reply.notes = vec![Note::TextRefused];
        }
        let mut entered = Entered { actions: reply.actions, edit: None };
        let moment = if entered.actions.is_empty() { at.at } else { at.of_action() };
        self.push(moment, line, reply.output, reply.notes, reply.live);
        match reply.go {
            None => {}
            Some(Go::Clear) => self.clear(),
            Some(Go::Enter(inside)) => self.inside = Some(inside),
            Some(Go::Leave) => self.inside = None,
            Some(Go::Edit { kind, name }) => entered.edit = Some((kind, name)),
        }
        if let Some(before) = before {
            self.push(at.at, &before.line, Output::default(), Vec::new(), true);
        }
        entered
    }

    /// Shows a line that follows the cursor; the one before it is not kept twice.
    pub fn show(&mut self, at: &At<'_>, line: &str) {
        if self.items.last().is_some_and(|last| *last.line == *line && last.live) {
            return;
        }
        self.settle(at);
        self.push(at.at, line, Output::default(), Vec::new(), true);
    }

    /// Forgets what was printed.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// The last line keeps its moment from now on.
    fn settle(&mut self, at: &At<'_>) {
        let Some(last) = self.items.last().cloned() else { return };
        if last.live {
            let output = self.output_of(&last, at);
            if let Some(kept) = self.items.last_mut() {
                kept.output = output;
                kept.at = at.at;
                kept.live = false;
            }
        }
    }

    fn push(&mut self, at: Instant, line: &str, output: Output, notes: Vec<Note>, live: bool) {
        self.items.push(Item {
            id: self.next,
            at,
            prompt: self.prompt().into(),
            line: line.into(),
            output: Rc::new(output),
            notes,
            live,
        });
        self.next += 1;
        let surplus = self.items.len().saturating_sub(ITEMS_MAX);
        self.items.drain(..surplus);
    }
}

/// What a line that only looks prints, from when it was typed until now.
fn follow(at: &At<'_>, from: Instant, line: &str) -> Output {
    let words = shell_words::split(line).unwrap_or_default();
    let skip = words.iter().take_while(|word| matches!(word.as_str(), "time" | "sudo")).count();
    crate::view::kubectl::run_since(at.trace, from, at.at, &words[skip..]).unwrap_or_default()
}
