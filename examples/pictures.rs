//! Draws every picture of the test traces into a folder, to be looked at: `pictures FOLDER`.

#[path = "../tests/timeline/traces.rs"]
mod traces;

use std::fs;
use std::path::Path;

use podarium::cluster::Cluster;
use podarium::draw;
use podarium::gallery;
use podarium::i18n::Lang;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::Trace;
use podarium::view::axis::{Axis, Window, folds, opened};
use podarium::view::story::{Item, story};
use podarium::view::timeline::{TimelineOptions, timeline};
use podarium::view::why::why;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/pictures".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let gallery = gallery::all().iter().map(|entry| {
        let (scenario, _) = Scenario::from_text(entry.text);
        (entry.id, Cluster::run(&scenario))
    });
    for (name, trace) in traces::all().into_iter().chain(gallery) {
        for lang in Lang::ALL {
            fs::write(folder.join(format!("{name}-{}.txt", lang.tag())), told(&trace, lang))?;
        }
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
    let axis = Axis::new(Window::whole(trace.horizon()), &folds, layout.plot, layout.tear);
    let drawn = draw::timeline(&picture, &axis, &layout, lang, "p");
    let ticks: String = drawn
        .ticks
        .iter()
        .filter(|tick| (tick.x - layout.plot_x - axis.x(cursor)).abs() > 48.0)
        .map(|tick| {
            format!(
                "<text class=\"tl-s tl-m tl-mu\" x=\"{}\" y=\"30\" text-anchor=\"middle\">{}</text>",
                tick.x, tick.label
            )
        })
        .collect::<String>()
        + "</svg>";
    let x = layout.plot_x + axis.x(cursor);
    let legend: String = drawn
        .legend
        .iter()
        .map(|(glyph, key)| {
            format!(
                "<span class=\"tl-key\">{}{}</span>",
                draw::glyph(*glyph),
                (lang.timeline().legend)(*key)
            )
        })
        .collect();
    let lane = picture
        .main_lane()
        .map(|lane| draw::mini_lane(&picture, lane, width.min(420.0), lang, "m"));
    format!(
        "<!doctype html><html data-theme=\"{theme}\"><meta charset=\"utf-8\"><title>{name}</title>\
         <link rel=\"stylesheet\" href=\"tokens.css\"><link rel=\"stylesheet\" href=\"timeline.css\">\
         <body style=\"margin:0;background:var(--bg);color:var(--ink);font:13px/18px var(--sans);width:{width}px\">\
         <div class=\"tl-view\" style=\"position:relative\">{}<div class=\"tl-cursor\" style=\"transform:translateX({x}px);height:{}px\"></div>\
         <span class=\"tl-pill\" style=\"z-index:4;transform:translateX({x}px) translateX(-50%)\">{cursor}</span>{}</div><div class=\"tl-legend\">{legend}</div>\
         <div style=\"padding:8px 16px\">{}</div>{}\
         <div style=\"padding:12px;width:208px\">{}</div></body></html>",
        drawn.svg.replacen("</svg>", &ticks, 1),
        drawn.foot - 26.0,
        drawn.labels,
        draw::strip(&picture, (width - 40.0).min(700.0), "s"),
        lane.unwrap_or_default(),
        draw::thumbnail(&picture, 208.0, "t"),
    )
}

/// The picture as text, the Story and Why, in a language.
fn told(trace: &Trace, lang: Lang) -> String {
    let mut text = timeline(trace, &TimelineOptions::default()).to_string();
    let (story, words) = (story(trace), lang.story());
    for item in &story.items {
        let line = match item {
            Item::Line(line) => {
                let said = (words.said)(line, story.several_pods);
                format!("{:>8}  {}  |  {}", line.at.clock(), said.claim, said.detail)
            }
            Item::Silence(span) => format!("          ⋯ {}", (words.silence)(*span)),
            Item::LivesAlike { count, .. } => {
                format!("          ⋯ {}", (words.lives_alike)(*count))
            }
            Item::PodsAlike { count, .. } => format!("          ⋯ {}", (words.pods_alike)(*count)),
        };
        text.push_str(&line);
        text.push('\n');
    }
    for percent in [30, 42, 70, 100] {
        let at = Instant::from_micros(trace.horizon().as_micros() * percent / 100);
        let why = why(trace, at, None);
        text.push_str(&format!("\n{} {}\n", at.clock(), (words.question)(&why.question)));
        if let Some(now) = &why.now {
            let said = (words.now)(now);
            text.push_str(&format!("{:>8}  {}  |  {}\n", "", said.claim, said.detail));
        }
        for line in &why.links {
            let said = (words.said)(line, false);
            text.push_str(&format!("{:>8}  {}  |  {}\n", line.at.clock(), said.claim, said.detail));
        }
        for remedy in &why.remedies {
            let what = (words.remedy)(remedy);
            text.push_str(&format!("{:>8}  {}: {} {what}\n", "→", remedy.field, remedy.value));
        }
    }
    text
}
