//! The editor: CodeMirror, loaded after the first picture.
//!
//! Owns: the bridge to `static/vendor/editor.js`, the plain text that stands until it is there, and
//! a plain field where it cannot be loaded. Does not own: what is wrong with the text
//! (`diagnostic`), or the editor's own behaviour (`editor/`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlTextAreaElement, InputEvent};
use yew::{Callback, Component, Context, Html, NodeRef, Properties, TargetCast, html};

use crate::diagnostic::{Diagnostic, Severity, utf16_offset};
use crate::i18n::Lang;
use crate::i18n::diagnostics as words;
use crate::i18n::page::Page;
use crate::ui::browser;
use crate::ui::margin::Note;
use crate::ui::msg::Msg as Page_;
use crate::ui::state::Action;

/// Where the bundle lies, relative to the page.
const BUNDLE: &str = concat!("vendor/editor.js?v=", env!("CARGO_PKG_VERSION"));

/// The editor's handle, shared with the page; nothing until it is loaded.
#[derive(Clone, Default)]
pub struct Handle {
    editor: Rc<RefCell<Option<JsValue>>>,
    /// Texts that it told and that the page has not heard yet.
    unheard: Rc<Cell<u32>>,
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.editor, &other.editor)
    }
}

impl Handle {
    /// Calls a function of the editor; nothing where there is no editor yet.
    fn call(&self, name: &str, arguments: &[&JsValue]) -> Option<JsValue> {
        // The editor may call back while it runs: no borrow is held.
        let editor = self.editor.borrow().clone()?;
        call(&editor, name, arguments).ok()
    }

    /// Shows a text that undo will know nothing of.
    pub fn preview(&self, text: &str) {
        self.call("previewText", &[&JsValue::from_str(text)]);
    }

    /// The text that is shown is meant: the way to it is one step of undo.
    pub fn settle(&self) {
        self.call("settleText", &[]);
    }

    /// Marks a range of UTF-16 units as linked, or none.
    pub fn mark(&self, range: Option<(usize, usize)>) {
        let list = Array::new();
        if let Some((from, to)) = range {
            let item = Object::new();
            set(&item, "from", &number(from));
            set(&item, "to", &number(to));
            set(&item, "class", &"cm-linked".into());
            list.push(&item);
        }
        self.call("setMarks", &[&list]);
    }

    /// Whether it is loaded.
    pub fn is_ready(&self) -> bool {
        self.editor.borrow().is_some()
    }

    /// The page has heard one more text.
    pub fn heard(&self) {
        self.unheard.set(self.unheard.get().saturating_sub(1));
    }

    /// Takes back the last change.
    pub fn undo(&self) {
        self.call("undo", &[]);
    }

    /// Makes the last change again.
    pub fn redo(&self) {
        self.call("redo", &[]);
    }

    /// Whether there is something to take back, and something to make again.
    pub fn depths(&self) -> (bool, bool) {
        let has = |name| self.call(name, &[]).is_some_and(|value| value.is_truthy());
        (has("canUndo"), has("canRedo"))
    }

    /// Puts the focus into the text.
    pub fn focus(&self) {
        if self.call("focus", &[]).is_none() {
            browser::focus(".editor textarea");
        }
    }

    /// Selects a range of UTF-16 units and brings it into view.
    pub fn go_to(&self, from: usize, to: usize) {
        self.call("goto", &[&number(from), &number(to)]);
        self.focus();
    }
}

fn number(value: usize) -> JsValue {
    JsValue::from_f64(value as f64)
}

fn call(object: &JsValue, name: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    let list = Array::new();
    for argument in arguments {
        list.push(argument);
    }
    function.apply(object, &list)
}

/// Sets a property of a plain object, which cannot fail.
fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// What the editor needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text.
    pub text: Rc<str>,
    /// What there is to say about it.
    pub diagnostics: Rc<Vec<Diagnostic>>,
    /// What stands in the margin, of the text as it is.
    pub notes: Rc<[Note]>,
    /// The language.
    pub lang: Lang,
    /// Whether the theme is dark.
    pub dark: bool,
    /// Whether the text cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
    /// Shared with the page.
    pub handle: Handle,
    /// Where edits go.
    pub dispatch: Callback<Page_>,
}

/// The editor.
pub struct Editor {
    root: NodeRef,
    failed: bool,
    /// Kept alive as long as the editor may call it.
    onchange: Option<Closure<dyn FnMut(String)>>,
    /// The same.
    onpoint: Option<Closure<dyn FnMut(Option<f64>)>>,
    /// The same.
    onnote: Option<Closure<dyn FnMut(f64, String)>>,
    /// The text that the editor has, as far as we know.
    told: Rc<RefCell<Rc<str>>>,
    /// Dropped with the editor: what was asked for late is not built.
    _later: gloo::timers::callback::Timeout,
}

/// What happens to it.
pub enum Msg {
    /// The bundle is here.
    Loaded(JsValue),
    /// It will not come.
    Failed,
}

impl Component for Editor {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link().clone();
        // The picture first.
        let later = gloo::timers::callback::Timeout::new(30, move || {
            spawn_local(async move {
                link.send_message(match browser::import(BUNDLE).await {
                    Ok(module) => Msg::Loaded(module),
                    Err(_) => Msg::Failed,
                });
            });
        });
        let told = Rc::new(RefCell::new(Rc::default()));
        Self {
            root: NodeRef::default(),
            failed: false,
            onchange: None,
            onpoint: None,
            onnote: None,
            told,
            _later: later,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        // Whoever reads the lines goes on reading in the editor.
        let reads = browser::has_focus(".lines");
        let loaded = match msg {
            Msg::Loaded(module) => self.build(ctx, &module).is_some(),
            Msg::Failed => false,
        };
        self.failed = !loaded;
        if loaded && reads {
            ctx.props().handle.focus();
        }
        ctx.props().dispatch.emit(Page_::EditorReady);
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        let new = ctx.props();
        if !new.handle.is_ready() {
            return true;
        }
        // What the editor told us it has already. And while the page has not heard its last text,
        // what comes is an older one: a slow page draws a key after the next key, and to show what
        // was before it would leave the cursor behind what was typed.
        let newer = new.handle.unheard.get() > 0;
        if new.text != old.text && !newer && *self.told.borrow() != new.text {
            new.handle.call("setText", &[&JsValue::from_str(&new.text)]);
            *self.told.borrow_mut() = new.text.clone();
        }
        if new.lang != old.lang {
            let label = Page::of(new.lang).editor;
            new.handle.call("setLanguage", &[&new.lang.tag().into(), &label.into()]);
        }
        if new.dark != old.dark {
            new.handle.call("setTheme", &[&JsValue::from_bool(new.dark)]);
        }
        if !Rc::ptr_eq(&new.diagnostics, &old.diagnostics) || new.lang != old.lang {
            show_diagnostics(new);
        }
        // They are made anew with each run; mostly they say the same.
        if new.notes != old.notes || new.lang != old.lang {
            show_notes(new);
        }
        false
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let ready = props.handle.is_ready();
        let dispatch = props.dispatch.clone();
        let oninput = Callback::from(move |event: InputEvent| {
            let field: HtmlTextAreaElement = event.target_unchecked_into();
            dispatch.emit(Action::Edit(field.value().into()).into());
        });
        html! {
            <div class="editor">
                <div class="editor-box" ref={self.root.clone()}></div>
                if self.failed {
                    <textarea class="plain" spellcheck="false" autocapitalize="off" {oninput} readonly={props.fixed}
                        aria-label={Page::of(props.lang).editor} value={props.text.to_string()} />
                } else if !ready {
                    { lines(&props.text, props.lang) }
                }
            </div>
        }
    }

    fn destroy(&mut self, ctx: &Context<Self>) {
        let handle = &ctx.props().handle;
        handle.call("destroy", &[]);
        handle.editor.borrow_mut().take();
        handle.unheard.set(0);
    }
}

impl Editor {
    fn build(&mut self, ctx: &Context<Self>, module: &JsValue) -> Option<()> {
        let props = ctx.props();
        let parent = self.root.cast::<Element>()?;
        let (dispatch, told) = (props.dispatch.clone(), self.told.clone());
        let unheard = props.handle.unheard.clone();
        let onchange = Closure::<dyn FnMut(String)>::new(move |text: String| {
            let text: Rc<str> = text.into();
            *told.borrow_mut() = text.clone();
            unheard.set(unheard.get() + 1);
            dispatch.emit(Action::Edit(text).into());
        });
        let dispatch = props.dispatch.clone();
        let onpoint = Closure::<dyn FnMut(Option<f64>)>::new(move |place: Option<f64>| {
            dispatch.emit(Page_::PointText(place.map(|place| place as usize)));
        });
        let dispatch = props.dispatch.clone();
        let onnote = Closure::<dyn FnMut(f64, String)>::new(move |line: f64, _: String| {
            dispatch.emit(Page_::WriteDefault(line as usize));
        });
        let options = Object::new();
        set(&options, "doc", &JsValue::from_str(&props.text));
        set(&options, "lang", &props.lang.tag().into());
        set(&options, "dark", &props.dark.into());
        set(&options, "readOnly", &props.fixed.into());
        set(&options, "label", &Page::of(props.lang).editor.into());
        set(&options, "placeholder", &Page::of(props.lang).paste.into());
        set(&options, "onChange", onchange.as_ref());
        set(&options, "onPoint", onpoint.as_ref());
        set(&options, "onNote", onnote.as_ref());
        let editor = call(module, "create", &[&parent, &options]).ok()?;
        self.onchange = Some(onchange);
        self.onpoint = Some(onpoint);
        self.onnote = Some(onnote);
        *props.handle.editor.borrow_mut() = Some(editor);
        show_diagnostics(props);
        show_notes(props);
        Some(())
    }
}

fn show_notes(props: &Props) {
    let title = Page::of(props.lang).margin_note;
    let list = Array::new();
    for note in props.notes.iter() {
        let item = Object::new();
        set(&item, "line", &number(note.line));
        set(&item, "text", &note.text.as_str().into());
        set(&item, "title", &title.into());
        list.push(&item);
    }
    props.handle.call("setNotes", &[&list]);
}

fn show_diagnostics(props: &Props) {
    let list = Array::new();
    for diagnostic in props.diagnostics.iter() {
        let item = Object::new();
        set(&item, "from", &number(utf16_offset(&props.text, diagnostic.span.start)));
        set(&item, "to", &number(utf16_offset(&props.text, diagnostic.span.end)));
        let severity = match diagnostic.severity {
            Severity::Rejected => "rejected",
            Severity::Surprising => "surprising",
            Severity::NotSimulated => "notSimulated",
        };
        set(&item, "severity", &severity.into());
        set(&item, "message", &words::message(props.lang, &diagnostic.message).into());
        if let Some(hint) = &diagnostic.hint {
            set(&item, "hint", &words::hint(props.lang, hint).into());
        }
        list.push(&item);
    }
    props.handle.call("setDiagnostics", &[&list]);
}

/// The text with its numbers, until the editor is there.
fn lines(text: &str, lang: Lang) -> Html {
    html! {
        <pre class="lines" role="group" tabindex="0" aria-label={Page::of(lang).editor}>
            { for text.lines().take(200).map(|line| html! { <span>{line}{"\n"}</span> }) }
        </pre>
    }
}
