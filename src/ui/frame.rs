//! The start page as plain HTML, and the answers as plain text: what stands before the wasm is
//! there.
//!
//! Owns: the same elements as `topbar` and `gallery` draw, in both languages at once (`boot.js`
//! chooses before the first paint), with the pictures of the cards, which the page takes over; and
//! what `boot.js` says of a scenario that an address names. Does not own: `index.html`, which holds
//! the text that is made here as `static/start.html`, or `static/answers.txt` (`tests/frame.rs`
//! compares both).

use std::rc::Rc;

use crate::draw;
use crate::gallery::{self, GalleryEntry, Group};
use crate::i18n::Lang;
use crate::i18n::page::Page;
use crate::ui::icons::{Icon, MARK};
use crate::ui::run::{self, Run};
use crate::ui::start::{FIRST, SAMPLE, WIDTH, href, length};

/// The bar and the wall.
pub fn start() -> String {
    let mut out = Frame(String::new());
    out.bar();
    out.wall();
    out.0
}

/// One line for each scenario: its name and revision, then question and answer in each language,
/// with tabs between.
pub fn answers() -> String {
    let mut out = String::new();
    for entry in gallery::all() {
        out.push_str(&format!("{}@{}", entry.id, entry.revision));
        for lang in Lang::ALL {
            out.push_str(&format!("\t{}\t{}", entry.question(lang), entry.answer(lang)));
        }
        out.push('\n');
    }
    out
}

struct Frame(String);

impl Frame {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn bar(&mut self) {
        let tool = |icon: Icon| format!("<span class=\"btn icon-only\">{}</span>", svg(icon));
        let (theme, language, help) = (tool(Icon::Theme), tool(Icon::Language), tool(Icon::Help));
        let gallery = both("b", "", |t| t.gallery);
        self.line("<header class=\"top\" aria-hidden=\"true\">");
        self.line(&format!(
            "<span class=\"brand\">{MARK}<span class=\"brand-name\">Podarium</span></span>"
        ));
        self.line(&format!(
            "<span class=\"wide top-nav\"><span class=\"btn strong\">{gallery}</span></span>"
        ));
        self.line("<span class=\"grow\"></span>");
        self.line(&format!("<span class=\"wide tools\">{theme}{language}{help}</span>"));
        self.line(&format!(
            "<span class=\"phone\"><span class=\"menu\">{}</span></span>",
            tool(Icon::More)
        ));
        self.line("</header>");
    }

    fn wall(&mut self) {
        self.line("<main class=\"wall frame-gallery\">");
        let searches: String = Lang::ALL
            .iter()
            .map(|lang| {
                let t = Page::of(*lang);
                format!(
                    "<label class=\"search\" lang=\"{}\">{}<input type=\"search\" aria-label=\"{}\" \
                     placeholder=\"{}\"><kbd>/</kbd></label>",
                    lang.tag(),
                    svg(Icon::Search),
                    escape(t.search),
                    escape(t.search_example)
                )
            })
            .collect();
        let headline = both("h1", "", |t| t.headline);
        self.line(&format!("<div class=\"hero\">{headline}{searches}</div>"));
        self.group(&both("h2", "", |t| t.start), &both("p", "sub", |t| t.start_sub));
        let (title, about) = (both("span", "ti", |t| t.paste), both("span", "", |t| t.paste_sub));
        let [first, second] = SAMPLE;
        self.line(&format!(
            "<a class=\"card paste\" href=\"#new\">{title}<span class=\"sample mono\" \
             aria-hidden=\"true\">{first}<br>{second}<i></i></span><span class=\"fa\">{about}\
             <kbd>Ctrl V</kbd></span></a>"
        ));
        for entry in FIRST.iter().filter_map(|id| gallery::all().iter().find(|e| e.id == *id)) {
            self.card("s", entry);
        }
        self.line("</div></section>");
        for group in Group::ALL {
            let (title, about) =
                (words("h2", "", |l| group.title(l)), words("p", "sub", |l| group.about(l)));
            self.group(&title, &about);
            for entry in gallery::all().iter().filter(|entry| entry.group == group) {
                self.card("g", entry);
            }
            self.line("</div></section>");
        }
        self.line("</main>");
    }

    fn group(&mut self, title: &str, about: &str) {
        self.line(&format!(
            "<section class=\"grp\"><div>{title}{about}</div><div class=\"cards\">"
        ));
    }

    fn card(&mut self, place: &str, entry: &GalleryEntry) {
        let (run, _) = run::run(&Rc::from(entry.text));
        let id = format!("{place}-{}", entry.id);
        let picture = |run: &Rc<Run>| draw::thumbnail(&run.timeline, WIDTH, &id);
        self.line(&format!(
            "<a class=\"card\" data-card=\"{id}\" href=\"{}\">{}<span class=\"th\">{}</span>\
             <span class=\"fa\">{}<span class=\"num\">{}</span></span></a>",
            href(entry),
            words("span", "ti", |lang| entry.title(lang)),
            run.as_ref().map(picture).unwrap_or_default(),
            words("span", "", |lang| entry.fact(lang)),
            run.as_ref().map(|run| length(run)).unwrap_or_default(),
        ));
    }
}

/// An element for each language; the style sheet shows one of them.
fn words(tag: &str, class: &str, of: impl Fn(Lang) -> &'static str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    Lang::ALL
        .iter()
        .map(|lang| format!("<{tag}{class} lang=\"{}\">{}</{tag}>", lang.tag(), escape(of(*lang))))
        .collect()
}

fn both(tag: &str, class: &str, of: impl Fn(&Page) -> &'static str) -> String {
    words(tag, class, |lang| of(Page::of(lang)))
}

fn svg(icon: Icon) -> String {
    let half = match icon.half() {
        Some(path) => format!("<path d=\"{path}\" fill=\"currentColor\" stroke=\"none\"/>"),
        None => String::new(),
    };
    format!(
        "<svg class=\"icon\" viewBox=\"0 0 16 16\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"{}\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
         aria-hidden=\"true\"><path d=\"{}\"/>{half}</svg>",
        icon.width(),
        icon.path()
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
