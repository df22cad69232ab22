//! The bar above the page: where you are, which Kubernetes, and what you can do with all of it.
//!
//! Owns: its controls, in a row on wide screens and in one menu on a phone. Does not own: what they
//! do (`app`).

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::{Callback, Html, TargetCast, classes, html};

use crate::i18n::Lang;
use crate::i18n::page::{Page, fill};
use crate::ui::copying::Form;
use crate::ui::drafts::Drafts;
use crate::ui::icons::{Icon, mark};
use crate::ui::menu::Menu;
use crate::ui::msg::Msg;
use crate::ui::state::{Action, Dialog, Screen, Theme};
use crate::version::KubeVersion;

/// What the bar needs.
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// The theme as chosen.
    pub theme: Theme,
    /// Which page is shown.
    pub screen: Screen,
    /// What the scenario is called.
    pub title: Rc<str>,
    /// Its Kubernetes release.
    pub version: KubeVersion,
    /// Whether the text can be edited by the controls.
    pub editable: bool,
    /// Whether there is something to undo, and to redo.
    pub depths: (bool, bool),
    /// Whether the link was copied a moment ago.
    pub copied: bool,
    /// The visitor's own texts.
    pub drafts: Rc<Drafts>,
    /// Where messages go.
    pub dispatch: Callback<Msg>,
}

/// The bar.
pub fn topbar(props: &Props) -> Html {
    let t = Page::of(props.lang);
    let on_scenario = props.screen == Screen::Scenario;
    html! {
        <header class="top" aria-label={t.top_bar}>
            <a class="brand" href="#" aria-label={if on_scenario { format!("Podarium: {}", t.back) } else { "Podarium".to_owned() }}>
                if on_scenario { <span class="phone back">{Icon::Back.html()}</span> }
                {mark()}<span class="brand-name">{"Podarium"}</span>
            </a>
            if on_scenario {
                <Menu class="btn strong chooser" label={fill("{}: {}", &[t.choose_scenario, &props.title])}
                    face={html! { <><span class="clip">{props.title.to_string()}</span>{Icon::Caret.html()}</> }}>
                    { scenarios(props, t) }
                </Menu>
                <span class="wide">{ version(props, t) }</span>
                <span class="phone version-word">{ format!("Kubernetes {}", props.version) }</span>
            } else {
                <nav class="wide top-nav" aria-label="Podarium">
                    <a class="btn strong" href="#" aria-current="page">{t.gallery}</a>
                    if !props.drafts.0.is_empty() {
                        <button type="button" class="btn muted" onclick={send(props, Msg::Reveal("#your-edits"))}>
                            {t.your_edits}
                        </button>
                    }
                </nav>
            }
            <span class="grow"></span>
            if on_scenario {
                <span class="wide tools">{ history(props, t) }{ copy(props, t) }</span>
            }
            <span class="wide tools">{ settings(props, t, false) }</span>
            <span class="phone">
                <Menu class="btn icon-only" label={t.more} right=true face={Icon::More.html()}>
                    if on_scenario {
                        <div class="menu-row" data-stay="">{ version(props, t) }</div>
                        <div class="menu-row">{ history(props, t) }{ copy(props, t) }</div>
                    }
                    <div class="menu-row">{ settings(props, t, true) }</div>
                </Menu>
            </span>
        </header>
    }
}

fn send(props: &Props, msg: Msg) -> Callback<web_sys::MouseEvent> {
    let dispatch = props.dispatch.clone();
    Callback::from(move |_| dispatch.emit(msg.clone()))
}

fn icon(props: &Props, icon: Icon, label: &str, enabled: bool, msg: Msg) -> Html {
    html! {
        <button type="button" class="btn icon-only" aria-label={label.to_owned()} title={label.to_owned()}
            disabled={!enabled} onclick={send(props, msg)}>{icon.html()}</button>
    }
}

fn history(props: &Props, t: &Page) -> Html {
    html! {
        <>
            { icon(props, Icon::Undo, t.undo, props.depths.0, Msg::Undo) }
            { icon(props, Icon::Redo, t.redo, props.depths.1, Msg::Redo) }
        </>
    }
}

fn copy(props: &Props, t: &Page) -> Html {
    let (sign, word) =
        if props.copied { (Icon::Check, t.copied) } else { (Icon::Copy, t.copy_link) };
    html! {
        <span class="copy">
            <button type="button" class="btn line" title="Ctrl+S" onclick={send(props, Msg::Copy(Form::Link))}>
                {sign.html()}{word}
            </button>
            <Menu class="btn line icon-only" label={t.copy_as} right=true face={Icon::Caret.html()}>
                <div class="menu-list">
                    { for Form::ALL.into_iter().map(|form| html! {
                        <button type="button" class="menu-item" onclick={send(props, Msg::Copy(form))}>
                            {form.word(t)}
                            if form.file().is_some() { <span class="muted">{"↓"}</span> }
                        </button>
                    }) }
                </div>
            </Menu>
        </span>
    }
}

fn settings(props: &Props, t: &Page, words: bool) -> Html {
    let theme = match props.theme {
        Theme::Auto => t.theme_auto,
        Theme::Light => t.theme_light,
        Theme::Dark => t.theme_dark,
    };
    let theme = fill(t.theme, &[theme]);
    let other = match props.lang {
        Lang::En => Lang::Zh,
        Lang::Zh => Lang::En,
    };
    let entry = |sign: Icon, label: &str, lang: Option<&'static str>, action: Action| {
        let class = if words { classes!("btn") } else { classes!("btn", "icon-only") };
        html! {
            <button type="button" {class} {lang} aria-label={label.to_owned()} title={label.to_owned()}
                onclick={send(props, action.into())}>
                {sign.html()}if words { {label} }
            </button>
        }
    };
    html! {
        <>
            { entry(Icon::Theme, &theme, None, Action::SetTheme(props.theme.next())) }
            { entry(Icon::Language, t.other_language, Some(other.tag()), Action::SetLang(other)) }
            { entry(Icon::Help, t.help, None, Action::Show(Dialog::Help)) }
        </>
    }
}

fn version(props: &Props, t: &Page) -> Html {
    let dispatch = props.dispatch.clone();
    let onchange = Callback::from(move |event: web_sys::Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        if let Some(version) = KubeVersion::parse(&select.value()) {
            dispatch.emit(Msg::SetVersion(version));
        }
    });
    html! {
        <label class="select">
            <select aria-label={t.version} {onchange} disabled={!props.editable}>
                { for KubeVersion::all().map(|version| html! {
                    <option value={version.to_string()} selected={version == props.version}>
                        { format!("Kubernetes {version}") }
                    </option>
                }) }
            </select>
            {Icon::Caret.html()}
        </label>
    }
}

fn scenarios(props: &Props, t: &Page) -> Html {
    html! {
        <div class="menu-list">
            <button type="button" class="menu-item" onclick={send(props, Msg::New)}>
                <b>{t.new}</b><span class="muted">{t.new_sub}</span>
            </button>
            <hr />
            { for crate::ui::gallery::links(props.lang).into_iter().map(|(href, title)| html! {
                <a class="menu-item" {href}>{title}</a>
            }) }
            if !props.drafts.0.is_empty() {
                <hr />
                <div class="menu-title">{t.your_edits}</div>
                { for props.drafts.0.iter().take(8).map(|draft| html! {
                    <button type="button" class="menu-item" onclick={send(props, Msg::OpenDraft(draft.text.clone()))}>
                        <span class="clip">{draft.name.clone()}</span>
                        <span class="muted">{crate::ui::gallery::ago(t, draft.saved)}</span>
                    </button>
                }) }
            }
            <hr />
            <a class="menu-item" href="#">{t.gallery}</a>
        </div>
    }
}
