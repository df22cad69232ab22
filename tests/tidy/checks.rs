//! The house rules that neither the compiler nor clippy holds, one function each.
//!
//! Owns: the rules. Does not own: which files there are (`main`), or reading Rust (`source`).
//! Each function takes texts and returns faults, so that each can be shown to find a planted one.

use std::collections::BTreeSet;

use crate::source::{Parts, paths, split};

/// A fault: line and words.
pub type Fault = (usize, String);

/// The paragraphs of module declarations in lib.rs: a module may use those of earlier paragraphs.
pub fn module_order(lib: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = vec![Vec::new()];
    for line in split(lib).code.lines() {
        match line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")) {
            Some(rest) => groups.last_mut().expect("one at least").push(word(rest).to_owned()),
            None if line.trim().is_empty() => groups.push(Vec::new()),
            None => {}
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// No module uses one that stands beside or after it in lib.rs. `module` is the path of modules of
/// the file: `["manifest", "pod"]`.
pub fn uses_only_earlier(groups: &[Vec<String>], module: &[&str], parts: &Parts) -> Vec<Fault> {
    let place = |name: &str| groups.iter().position(|group| group.iter().any(|m| m == name));
    let Some(own) = module.first() else { return Vec::new() };
    let Some(mine) = place(own) else { return vec![(1, format!("lib.rs has no module {own}"))] };
    let mut faults = Vec::new();
    for (line, name) in crate_modules(&parts.code) {
        // What is no module is a macro or an item of lib.rs itself.
        if name != *own && place(&name).is_some_and(|other| other >= mine) {
            faults.push((line, format!("{own} uses {name}, which stands beside or after it")));
        }
    }
    for (line, levels) in climbs(&parts.code) {
        if levels >= module.len() {
            faults.push((line, "super climbs to the crate: name the module".to_owned()));
        }
    }
    faults
}

/// Files that use one another in a circle, beyond a module and its own parts, which are one room.
/// A file is its path of modules and its code; each circle is told once, in order.
pub fn circles(files: &[(Vec<&str>, String)]) -> Vec<Vec<String>> {
    let uses: Vec<Vec<usize>> = files.iter().map(|file| used_by(file, files)).collect();
    let reach: Vec<BTreeSet<usize>> = (0..files.len()).map(|from| reached(from, &uses)).collect();
    let mut found: Vec<Vec<String>> = (0..files.len())
        .filter(|file| reach[*file].contains(file))
        .map(|file| {
            let ring = reach[file].iter().filter(|other| reach[**other].contains(&file));
            ring.map(|other| files[*other].0.join("::")).collect()
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The files whose modules one names.
fn used_by((module, code): &(Vec<&str>, String), files: &[(Vec<&str>, String)]) -> Vec<usize> {
    let mut found = BTreeSet::new();
    for path in crate_paths(code, module) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        // The longest path of modules that stands at its front.
        let other = (1..=names.len()).rev().find_map(|length| {
            files.iter().position(|(other, _)| other.as_slice() == &names[..length])
        });
        let Some(other) = other else { continue };
        let theirs = &files[other].0;
        if !theirs.starts_with(module) && !module.starts_with(theirs) {
            found.insert(other);
        }
    }
    found.into_iter().collect()
}

fn reached(from: usize, uses: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut next = uses[from].clone();
    while let Some(file) = next.pop() {
        if seen.insert(file) {
            next.extend(&uses[file]);
        }
    }
    seen
}

/// Paths that begin with `crate` or `super`, from the crate on; of a list in braces each item.
fn crate_paths(code: &str, module: &[&str]) -> Vec<Vec<String>> {
    let own = |levels: usize| module[..module.len().saturating_sub(levels)].to_vec();
    let starts = code.match_indices("crate::").map(|(at, word)| (at, at + word.len(), 0));
    let supers = code.match_indices("super::").map(|(at, word)| (at, at + word.len(), 1));
    let mut found = Vec::new();
    for (at, after, levels) in starts.chain(supers) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ':' | '('))
        {
            continue;
        }
        let base = if levels == 0 { Vec::new() } else { own(levels) };
        let mut path: Vec<String> = base.into_iter().map(str::to_owned).collect();
        let mut rest = &code[after..];
        loop {
            let name = word(rest);
            if name.is_empty() {
                break;
            }
            if name == "super" {
                path.pop();
            } else {
                path.push(name.to_owned());
            }
            match rest[name.len()..].strip_prefix("::") {
                Some(more) => rest = more,
                None => break,
            }
        }
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_names(list).into_iter().map(|name| {
                let mut item = path.clone();
                item.push(name);
                item
            })),
            None => found.push(path),
        }
    }
    found
}

/// The names right after `crate::`, braces included, each with its line.
fn crate_modules(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$')) {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push((line, word(rest).to_owned())),
            Some(list) => found.extend(first_names(list).into_iter().map(|name| (line, name))),
        }
    }
    found
}

/// The first name of every item in a use list, up to the brace that closes it.
fn first_names(list: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut start = true;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if c.is_whitespace() => {}
            _ if start => {
                names.push(word(&list[at..]).to_owned());
                start = false;
            }
            _ => {}
        }
    }
    names
}

/// Every chain of `super::` with the number of levels it climbs beyond its inline modules.
fn climbs(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut inline: Vec<usize> = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let opens_module = {
            let line = line.trim_start();
            let line = line.strip_prefix("pub ").unwrap_or(line);
            line.starts_with("mod ") && line.trim_end().ends_with('{')
        };
        if opens_module {
            inline.push(depth);
        }
        let mut rest = line;
        while let Some(at) = rest.find("super::") {
            rest = &rest[at..];
            let mut levels = 0_usize;
            while let Some(after) = rest.strip_prefix("super::") {
                levels += 1;
                rest = after;
            }
            if let Some(beyond) = levels.checked_sub(inline.len()).filter(|&beyond| beyond > 0) {
                found.push((index + 1, beyond));
            }
        }
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if inline.last() == Some(&depth) {
                        inline.pop();
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Crates that know a browser; only `ui` and main.rs may name them.
const BROWSER: [&str; 7] =
    ["web_sys", "js_sys", "gloo", "yew", "wasm_bindgen", "wasm_bindgen_futures", "gloo_utils"];
/// Modules of std that know a machine; only `cli` and main.rs may name them.
const MACHINE: [&str; 4] = ["fs", "process", "env", "thread"];

/// Only `ui` knows the browser, only `cli` the machine.
pub fn knows_its_place(module: &[&str], parts: &Parts) -> Vec<Fault> {
    let mut faults = Vec::new();
    let top = module.first().copied().unwrap_or("main");
    let from_std = |path: &str| {
        let second = path.strip_prefix("std::").map(word);
        second.filter(|name| MACHINE.contains(name)).map(str::to_owned)
    };
    for (line, path) in paths(&parts.code) {
        let first = word(&path);
        if BROWSER.contains(&first) && !matches!(top, "ui" | "main") {
            faults.push((line, format!("{first} outside ui")));
        }
        if let Some(name) = from_std(&path)
            && !matches!(top, "cli" | "main")
        {
            faults.push((line, format!("std::{name} outside cli")));
        }
    }
    for (at, open) in parts.code.match_indices("std::{") {
        let line = parts.code[..at].matches('\n').count() + 1;
        for name in first_names(&parts.code[at + open.len()..]) {
            if MACHINE.contains(&name.as_str()) && !matches!(top, "cli" | "main") {
                faults.push((line, format!("std::{name} outside cli")));
            }
        }
    }
    faults
}

/// Names that have no order, or ask the real clock. The page may ask the browser for its time.
const BANNED: [(&str, &str); 5] = [
    ("HashMap", "order is part of the answer: map::Map or Vec"),
    ("HashSet", "order is part of the answer: map::Set or Vec"),
    ("Instant::now", "the engine has virtual time, and wasm32 has no clock"),
    ("SystemTime", "the engine has virtual time, and wasm32 has no clock"),
    ("thread_rng", "chance comes from the scenario's seed"),
];

/// No hash order, no clock, no chance from outside.
pub fn nothing_undetermined(parts: &Parts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, path) in paths(&parts.code) {
        let segments: Vec<&str> = path.split("::").collect();
        for (name, why) in BANNED {
            let name: Vec<&str> = name.split("::").collect();
            if segments.windows(name.len()).any(|window| window == name) {
                faults.push((line, format!("{}: {why}", name.join("::"))));
            }
        }
    }
    faults
}

/// A table of hashes is asked by name and never walked.
pub fn nothing_walked(parts: &Parts) -> Vec<Fault> {
    const WAYS: [&str; 6] = ["iter", "keys", "values", "drain", "retain", "IntoIterator"];
    let own = parts.code.split("mod tests").next().unwrap_or_default();
    paths(own)
        .into_iter()
        .filter(|(_, path)| path.split("::").any(|word| WAYS.contains(&word)))
        .map(|(line, path)| (line, format!("{path}: an index that is walked shows an order")))
        .collect()
}

/// Nothing is left to be written.
pub fn finished(parts: &Parts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, path) in paths(&parts.code) {
        let call = format!("{path}!");
        if matches!(path.as_str(), "todo" | "unimplemented" | "dbg")
            && parts.code.lines().nth(line - 1).is_some_and(|code| code.contains(&call))
        {
            faults.push((line, call));
        }
    }
    faults
}

/// The file begins by saying what it owns.
pub fn begins_with_docs(text: &str) -> Vec<Fault> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match first.strip_prefix("//! ") {
        Some(words) if !words.trim().is_empty() => Vec::new(),
        _ => vec![(1, "begins without `//! `: what does it own, and what not?".to_owned())],
    }
}

/// Columns of a line of code or prose.
const WIDTH: usize = 100;
/// Columns of a line of markup, which no formatter breaks.
const MARKUP: usize = 130;

/// No line is wider than the page, but for strings and addresses, which nobody can break.
pub fn narrow(text: &str, parts: Option<&Parts>) -> Vec<Fault> {
    let without_strings = |index: usize, line: &str| {
        let strings = parts.and_then(|parts| parts.strings.lines().nth(index));
        let inside = strings.map_or(0, |strings| strings.trim().chars().count());
        line.chars().count() - inside
    };
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let width = line.chars().count();
        let code = line.trim_start();
        let attributes = code.contains("={") || code.starts_with("{ for ");
        let markup = attributes || code.starts_with('<') || code.contains("</");
        let enough = if markup { MARKUP } else { WIDTH };
        if width > enough && !line.contains("://") && without_strings(index, line) > enough {
            faults.push((index + 1, format!("{width} columns, {enough} are enough")));
        }
    }
    faults
}

/// A mark that something is left to do names the number under which it is kept.
pub fn numbered_todos(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for mark in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")] {
            for (at, _) in line.match_indices(mark) {
                let rest = &line[at + mark.len()..];
                let alone = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                    && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                let number = rest
                    .strip_prefix("(#")
                    .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
                let numbered = rest.starts_with("(#")
                    && number.is_some_and(|after| {
                        after.starts_with(')') && after.len() < rest.len() - 2
                    });
                if alone && !numbered {
                    faults.push((index + 1, format!("{mark} without a number: {mark}(#12)")));
                }
            }
        }
    }
    faults
}

/// Paths that only exist on somebody's own machine.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:", "\\Users"),
    concat!("/roo", "t/."),
    concat!("/wo", "rk/"),
    concat!("/tmp/", "bash"),
];

/// Nothing names a path of the machine it was written on.
pub fn no_machine_paths(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for path in MACHINE_PATHS {
            // `${HOME}/…` and an address such as `example.com/home/` are no paths of a machine.
            let absolute = line.match_indices(path).any(|(at, _)| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '}' | '-'))
            });
            if absolute {
                faults.push((index + 1, format!("a path of one machine: {path}")));
            }
        }
    }
    faults
}

/// The colours written in a text: `#1a2b3c`, `rgb(…)` and their kin.
pub fn colours(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (at, _) in line.match_indices('#') {
            let rest = &line[at + 1..];
            let digits = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
            let follows =
                rest[digits..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
            let entity = line[..at].ends_with('&');
            if matches!(digits, 3 | 4 | 6 | 8) && !follows && !entity {
                faults.push((index + 1, format!("a colour: #{}", &rest[..digits])));
            }
        }
        for call in ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb("] {
            let alone = |at: usize| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'))
            };
            if line.match_indices(call).any(|(at, _)| alone(at)) {
                faults.push((index + 1, format!("a colour: {call}…)")));
            }
        }
    }
    faults
}

/// The custom properties that a text sets: `--name:`, or `"--name"` in a call.
pub fn properties_set(text: &str) -> BTreeSet<String> {
    properties(text, |before, after| {
        let quoted = before.ends_with('"') && after.starts_with('"');
        quoted || after.trim_start().starts_with(':')
    })
}

/// The custom properties that a text reads: `var(--name`.
pub fn properties_read(text: &str) -> BTreeSet<String> {
    properties(text, |before, _| before.trim_end().ends_with("var("))
}

fn properties(text: &str, wanted: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("--") {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let starts = rest.starts_with(|c: char| c.is_ascii_lowercase());
        let alone = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        if starts && alone && wanted(&text[..at], &rest[end..]) {
            found.insert(format!("--{}", &rest[..end]));
        }
    }
    found
}

/// The languages that a manifest's Scenario document lacks a title in; empty without a document.
pub fn missing_titles(yaml: &str) -> Result<Vec<&'static str>, String> {
    use serde::Deserialize;
    for document in serde_yaml::Deserializer::from_str(yaml) {
        let value = serde_yaml::Value::deserialize(document).map_err(|error| error.to_string())?;
        if value.get("kind").and_then(|kind| kind.as_str()) == Some("Scenario") {
            let title = |lang: &str| {
                let spec = value.get("spec")?;
                spec.get("title")?.get(lang)?.as_str().filter(|title| !title.trim().is_empty())
            };
            return Ok(["en", "zh"].into_iter().filter(|lang| title(lang).is_none()).collect());
        }
    }
    Ok(vec!["en", "zh"])
}
