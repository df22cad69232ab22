//! Draws every picture of the test traces into a folder, to be looked at: `pictures FOLDER`.

#[path = "../tests/timeline/traces.rs"]
mod traces;

use std::fs;
use std::path::Path;

use podarium::draw;
use podarium::i18n::Lang;
use podarium::time::Instant;
use podarium::trace::Trace;
use podarium::view::axis::{Axis, Window, folds, opened};
use podarium::view::timeline::{TimelineOptions, timeline};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/pictures".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for (name, trace) in traces::all() {
        for (lang, theme, width) in [
            (Lang::En, "light", 1040.0),
            (Lang::En, "dark", 1040.0),
            (Lang::Zh, "light", 1040.0),
            (Lang::En, "light", 390.0),
        ] {
            let file = format!("{name}-{theme}-{}-{width}.html", lang.tag());
            fs::write(folder.join(file), page(name, &trace, lang, theme, width))?;
        }
    }
    Ok(())
}

fn page(name: &str, trace: &Trace, lang: Lang, theme: &str, width: f64) -> String {
    let picture = timeline(trace, &TimelineOptions::default());
    let layout = draw::Layout::new(&picture, width, lang);
    let cursor = Instant::from_micros(trace.horizon().as_micros() * 42 / 100);
    let folds = opened(&folds(&picture.moments, trace.horizon()), cursor);
    let axis = Axis::new(Window::whole(trace.horizon()), &folds, layout.plot, draw::TEAR);
    let drawn = draw::timeline(&picture, &axis, &layout, lang, "p", true);
    let x = layout.plot_x + axis.x(cursor);
    let legend: String = draw::legend(&picture)
        .into_iter()
        .map(|(glyph, key)| {
            format!(
                "<span class=\"tl-key\">{}{}</span>",
                draw::glyph(glyph),
                (lang.timeline().legend)(key)
            )
        })
        .collect();
    let lane = picture
        .main_lanes()
        .first()
        .map(|lane| draw::mini_lane(&picture, lane, width.min(420.0), lang, "m"));
    format!(
        "<!doctype html><html data-theme=\"{theme}\"><meta charset=\"utf-8\"><title>{name}</title>\
         <link rel=\"stylesheet\" href=\"tokens.css\"><link rel=\"stylesheet\" href=\"timeline.css\">\
         <body style=\"margin:0;background:var(--bg);color:var(--ink);font:13px/18px var(--sans);width:{width}px\">\
         <div class=\"tl-view\" style=\"position:relative\">{}<div class=\"tl-cursor\" style=\"transform:translateX({x}px);height:{}px\">\
         <span class=\"tl-pill\">{cursor}</span></div></div><div class=\"tl-legend\">{legend}</div>\
         <div style=\"padding:8px 16px\">{}</div>{}\
         <div style=\"padding:12px;width:208px\">{}</div></body></html>",
        drawn.svg,
        drawn.foot,
        draw::strip(&picture, (width - 40.0).min(700.0), "s"),
        lane.unwrap_or_default(),
        draw::thumbnail(&picture, 208.0, "t"),
    )
}
