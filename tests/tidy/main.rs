//! Holds the house rules that neither the compiler nor clippy knows.
//!
//! Owns: which files each rule is for, and the few exceptions. Does not own: the rules (`checks`).

#![cfg(not(target_arch = "wasm32"))]

mod checks;
mod planted;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use checks::Fault;

/// Folders that are built, installed or somebody else's.
const SKIPPED: [&str; 7] =
    [".git", "target", "dist", "node_modules", "vendor", "results", ".tools"];
/// What is read: text that we wrote.
const READ: [&str; 15] = [
    "rs", "toml", "md", "css", "html", "js", "mjs", "ts", "json", "sh", "yml", "yaml", "txt",
    "svg", "run",
];

/// Lines beyond which a file is too long.
const LINES: usize = 700;
/// The one table of hashes. It finds by name and cannot be walked, so that its order shows nowhere.
const INDEX: &str = "src/map/index.rs";

/// Files that cannot but use one another: an object that is applied again is a text that is read;
/// the words of a script hold scripts.
const CIRCLES: [[&str; 2]; 2] = [
    ["manifest::last_applied", "manifest::load"],
    ["workload::shell::code", "workload::shell::word"],
];

struct File {
    /// From the package's root, with `/`.
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, own)| own == extension)
    }

    /// `src/manifest/pod.rs` → `["manifest", "pod"]`; main.rs and lib.rs → `[]`.
    fn module(&self) -> Option<Vec<&str>> {
        let path = self.path.strip_prefix("src/")?.strip_suffix(".rs")?;
        let mut parts: Vec<&str> = path.split('/').collect();
        if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
            parts.pop();
        }
        Some(parts)
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                walk(root, &path, files);
            }
        } else if READ.iter().any(|end| name.ends_with(&format!(".{end}")) || name == *end)
            || matches!(name, "Makefile" | "LICENSE-MIT" | "LICENSE-APACHE")
        {
            let path_text = path.strip_prefix(root).expect("below the root").to_string_lossy();
            let text = fs::read_to_string(&path).expect("our files are UTF-8");
            files.push(File { path: path_text.replace('\\', "/"), text });
        }
    }
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(root, root, &mut files);
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "the walk finds the sources");
    files
}

/// Runs a rule over the files that it is for; fails with every fault, as `path:line: words`.
fn hold(applies: impl Fn(&File) -> bool, rule: impl Fn(&File) -> Vec<Fault>) {
    let mut seen = 0;
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| applies(file)) {
        seen += 1;
        let words = |(line, words)| format!("{}:{line}: {words}", file.path);
        faults.extend(rule(file).into_iter().map(words));
    }
    assert!(seen > 0, "the rule is for no file at all");
    assert!(faults.is_empty(), "{} faults\n{}\n", faults.len(), faults.join("\n"));
}

fn in_src(file: &File) -> bool {
    file.module().is_some()
}

#[test]
fn modules_use_only_earlier_ones() {
    let files = files();
    let lib = files.iter().find(|file| file.path == "src/lib.rs").expect("src/lib.rs");
    let groups = checks::module_order(&lib.text);
    assert!(groups.len() > 5, "lib.rs declares its modules in paragraphs: {groups:?}");
    hold(in_src, |file| {
        let module = file.module().unwrap_or_default();
        checks::uses_only_earlier(&groups, &module, &source::split(&file.text))
    });
}

#[test]
fn files_do_not_use_one_another_in_circles() {
    let files = files();
    let sources: Vec<(Vec<&str>, String)> = files
        .iter()
        .filter_map(|file| Some((file.module()?, source::split(&file.text).code)))
        // Tests may look at whatever they like.
        .map(|(module, code)| {
            let end = code.find("#[cfg(test)]\nmod ").unwrap_or(code.len());
            (module, code[..end].to_owned())
        })
        .filter(|(module, _)| !module.is_empty())
        .collect();
    assert_eq!(checks::circles(&sources), CIRCLES.map(|circle| circle.to_vec()));
}

#[test]
fn only_ui_knows_the_browser_and_only_cli_the_machine() {
    hold(in_src, |file| {
        let module = file.module().unwrap_or_default();
        checks::knows_its_place(&module, &source::split(&file.text))
    });
}

#[test]
fn nothing_depends_on_hash_order_or_a_clock() {
    let index = |file: &File| file.path == INDEX;
    hold(
        |file| in_src(file) && !index(file),
        |file| checks::nothing_undetermined(&source::split(&file.text)),
    );
    hold(index, |file| checks::nothing_walked(&source::split(&file.text)));
}

#[test]
fn nothing_is_left_unwritten() {
    hold(in_src, |file| checks::finished(&source::split(&file.text)));
}

#[test]
fn every_file_says_what_it_owns() {
    hold(|file| file.is("rs"), |file| checks::begins_with_docs(&file.text));
}

#[test]
fn lines_fit_the_page() {
    // Styles are written one rule a line.
    let code = ["rs", "js", "mjs", "ts", "sh"];
    hold(
        |file| code.iter().any(|extension| file.is(extension)),
        |file| {
            let parts = file.is("rs").then(|| source::split(&file.text));
            checks::narrow(&file.text, parts.as_ref())
        },
    );
}

#[test]
fn files_are_short_enough_to_read() {
    let code = ["rs", "css", "js", "mjs", "ts", "sh"];
    hold(
        |file| code.iter().any(|extension| file.is(extension)),
        |file| {
            let lines = file.text.lines().count();
            if lines > LINES {
                vec![(LINES, format!("{lines} lines, {LINES} are enough"))]
            } else {
                Vec::new()
            }
        },
    );
}

#[test]
fn what_is_left_to_do_has_a_number() {
    hold(|file| !file.is("json"), |file| checks::numbered_todos(&file.text));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    // Manifests speak of paths in containers.
    hold(|file| !file.is("yaml"), |file| checks::no_machine_paths(&file.text));
}

#[test]
fn colours_stand_in_tokens_css_only() {
    let page = |file: &File| {
        file.path.starts_with("src/")
            || file.path == "index.html"
            || (file.path.starts_with("editor/")
                && (file.is("js") || file.is("mjs") || file.is("ts")))
            || (file.path.starts_with("static/") && (file.is("css") || file.is("js")))
    };
    let files = files();
    let tokens = files.iter().find(|file| file.path == "static/tokens.css");
    hold(page, |file| {
        if file.path == "static/tokens.css" {
            return Vec::new();
        }
        let text = match file.module() {
            // A number after `#` in a comment or in code is no colour; in a string it is.
            Some(_) => source::split(&file.text).strings,
            None => file.text.clone(),
        };
        let mut faults = checks::colours(&text);
        // A browser reads its own frame's colour from the document, where no token reaches.
        faults.retain(|(line, words)| {
            let line = file.text.lines().nth(line - 1).unwrap_or_default();
            let value = words.strip_prefix("a colour: ").unwrap_or_default().to_ascii_lowercase();
            let known = tokens.is_some_and(|file| file.text.to_ascii_lowercase().contains(&value));
            !(file.path == "index.html" && line.contains("theme-color") && known)
        });
        faults
    });
}

#[test]
fn custom_properties_that_are_read_are_set() {
    let files = files();
    let sets = |file: &&File| {
        file.is("css") || file.is("svg") || in_src(file) || file.path.starts_with("editor/")
    };
    let set: BTreeSet<String> =
        files.iter().filter(sets).flat_map(|file| checks::properties_set(&file.text)).collect();
    hold(
        |file| file.path.starts_with("src/") || file.path.starts_with("static/") || file.is("html"),
        |file| {
            let read = checks::properties_read(&file.text);
            read.difference(&set).map(|name| (1, format!("nobody sets {name}"))).collect()
        },
    );
}

#[test]
fn every_scenario_has_a_title_in_every_language() {
    hold(
        |file| file.path.starts_with("static/scenarios/") && file.is("yaml"),
        |file| match checks::missing_titles(&file.text) {
            Ok(missing) => missing.iter().map(|lang| (1, format!("no title in {lang}"))).collect(),
            Err(error) => vec![(1, error)],
        },
    );
}
