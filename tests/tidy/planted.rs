//! Shows that every rule finds a planted fault, and lets pass what only looks like one.
//!
//! Owns: the small texts. Does not own: the rules (`checks`).

use crate::checks::*;
use crate::source::split;

const LIB: &str = "//! Docs.\n\npub mod time;\n\npub mod rule;\npub mod version;\n\npub mod trace;\n\n\
                   #[cfg(test)]\npub mod cli;\n";

fn order(module: &[&str], code: &str) -> Vec<usize> {
    let faults = uses_only_earlier(&module_order(LIB), module, &split(code));
    faults.into_iter().map(|(line, _)| line).collect()
}

#[test]
fn lib_rs_is_read_in_paragraphs() {
    assert_eq!(
        module_order(LIB),
        [vec!["time"], vec!["rule", "version"], vec!["trace"], vec!["cli"]]
    );
}

#[test]
fn a_use_that_turns_back() {
    assert_eq!(order(&["rule"], "use crate::time::Instant;"), []);
    assert_eq!(order(&["rule"], "use crate::trace::Trace;"), [1]);
    assert_eq!(order(&["rule"], "\nfn f() { crate::trace::g() }"), [2]);
    assert_eq!(order(&["rule"], "use crate::{time::Instant, trace::{A, B}};"), [1]);
    assert_eq!(order(&["rule"], "use crate::{\n    time::{A, B},\n    rule,\n};"), []);
    assert_eq!(order(&["rule"], "use crate::version::V;"), [1], "a neighbour");
    assert_eq!(order(&["rule"], "// use crate::trace::Trace;\nlet a = \"crate::trace\";"), []);
    assert_eq!(order(&["rule", "inner"], "use crate::rule::X;"), [], "its own room");
    assert_eq!(order(&["nobody"], ""), [1], "lib.rs does not know it");
}

#[test]
fn files_in_a_circle() {
    let found = |files: &[(&str, &str)]| {
        let files: Vec<(Vec<&str>, String)> = files
            .iter()
            .map(|(module, code)| (module.split("::").collect(), split(code).code))
            .collect();
        circles(&files)
    };
    let there = ("a", "use crate::b::{self, c::B};");
    assert_eq!(found(&[there, ("b", ""), ("b::c", "use crate::a::A;")]), [["a", "b::c"]]);
    assert_eq!(found(&[there, ("b", ""), ("b::c", "fn f() { super::super::a::g() }")]).len(), 1);
    assert_eq!(found(&[there, ("b", ""), ("b::c", "// crate::a\nuse crate::d::A;")]).len(), 0);
    assert_eq!(found(&[("a", "use crate::a::b::B;"), ("a::b", "use crate::a::A;")]).len(), 0);
    let three = [("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;")];
    assert_eq!(found(&three), [["a", "b", "c"]]);
}

#[test]
fn a_super_that_leaves_the_room() {
    assert_eq!(order(&["rule"], "use super::trace::Trace;"), [1]);
    assert_eq!(order(&["rule", "inner"], "use super::X;\nuse super::super::trace::Y;"), [2]);
    assert_eq!(order(&["rule"], "mod tests {\n    use super::*;\n}\nuse super::A;"), [4]);
    assert_eq!(order(&["rule"], "mod tests {\n    use super::super::trace::A;\n}"), [2]);
}

fn place(module: &[&str], code: &str) -> usize {
    knows_its_place(module, &split(code)).len()
}

#[test]
fn a_browser_outside_ui_and_a_machine_outside_cli() {
    assert_eq!(place(&["view"], "use web_sys::Window;"), 1);
    assert_eq!(place(&["view", "x"], "let a = js_sys::Date::now();"), 1);
    assert_eq!(place(&["ui", "app"], "use yew::prelude::*;"), 0);
    assert_eq!(place(&["view"], "// web_sys\nlet a = \"yew\"; let gloomy = 1;"), 0);
    assert_eq!(place(&["ui"], "std::fs::read(p)"), 1);
    assert_eq!(place(&["cluster"], "use std::{fmt, env};"), 1);
    assert_eq!(place(&["cluster"], "use std::{fmt, rc::Rc};"), 0);
    assert_eq!(place(&["cli"], "std::process::exit(1)"), 0);
    assert_eq!(place(&[], "std::env::args()"), 0, "main.rs");
}

#[test]
fn an_order_or_a_clock_from_outside() {
    let faults = |code| nothing_undetermined(&split(code)).len();
    assert_eq!(faults("use std::collections::HashMap;"), 1);
    assert_eq!(faults("std::time::Instant::now()"), 1);
    assert_eq!(faults("let t: SystemTime;"), 1);
    assert_eq!(faults("// HashMap\nBTreeMap::new(); Instant::ZERO; \"SystemTime\""), 0);
}

#[test]
fn an_index_that_is_walked() {
    let faults = |code| nothing_walked(&split(code)).len();
    assert_eq!(faults("fn all(&self) { self.0.iter() }"), 1);
    assert_eq!(faults("impl IntoIterator for Index {}"), 1);
    assert_eq!(faults("fn get(&self) { self.0.get(name) }\nmod tests { map.iter() }"), 0);
}

#[test]
fn something_left_unwritten() {
    let faults = |code| finished(&split(code)).len();
    assert_eq!(faults(concat!("fn f() { to", "do!() }")), 1);
    assert_eq!(faults(concat!("fn f() { unimpl", "emented!(\"x\") }")), 1);
    assert_eq!(faults(concat!("let todo = 1; // to", "do!()")), 0);
}

#[test]
fn a_file_without_docs() {
    assert_eq!(begins_with_docs("//! Owns it.\nfn f() {}").len(), 0);
    assert_eq!(begins_with_docs("fn f() {}\n//! Late.").len(), 1);
    assert_eq!(begins_with_docs("//! \n").len(), 1);
    assert_eq!(begins_with_docs("").len(), 1);
}

#[test]
fn a_line_that_is_too_wide() {
    let wide = format!("let a = {};", "b".repeat(100));
    let quoted = format!("let a = \"{}\";", "b".repeat(100));
    let address = format!("// https://example.com/{}", "b".repeat(100));
    let narrow_of = |text: &str| narrow(text, Some(&split(text))).len();
    assert_eq!(narrow_of(&wide), 1);
    assert_eq!(narrow_of(&quoted), 0);
    assert_eq!(narrow_of(&address), 0);
    assert_eq!(narrow_of(&format!("<p {}>", "b".repeat(110))), 0);
    assert_eq!(narrow_of(&format!("<p {}>", "b".repeat(130))), 1);
    assert_eq!(narrow(&quoted, None).len(), 1);
    assert_eq!(narrow_of(&"中".repeat(100)), 0);
}

#[test]
fn something_to_do_without_a_number() {
    let mark = concat!("TO", "DO");
    assert_eq!(numbered_todos(&format!("// {mark}: later")).len(), 1);
    assert_eq!(numbered_todos(&format!("// {mark}(#): later")).len(), 1);
    assert_eq!(numbered_todos(&format!("// {mark}(me): later")).len(), 1);
    assert_eq!(numbered_todos(&format!("// {mark}(#12): later")).len(), 0);
    assert_eq!(numbered_todos(&format!("MY{mark}S = 1")).len(), 0);
}

#[test]
fn a_path_of_one_machine() {
    assert_eq!(no_machine_paths(concat!("see /ho", "me/ann/x")).len(), 1);
    assert_eq!(no_machine_paths(concat!("\"/wo", "rk/x\"")).len(), 1);
    assert_eq!(no_machine_paths(concat!("a/ho", "me/x and https://a.b/ho", "me/x")).len(), 0);
}

#[test]
fn a_colour_outside_the_tokens() {
    assert_eq!(colours("a { color: #1A2230; }").len(), 1);
    assert_eq!(colours("a { color: #fff }").len(), 1);
    assert_eq!(colours("fill=\"#abcd\"").len(), 1);
    assert_eq!(colours("color: rgb(1, 2, 3)").len(), 1);
    assert_eq!(colours("#g=startup @ #2 #12345 #header #facade-x &#123; url(#abc-d)").len(), 0);
    assert_eq!(colours("color: var(--ink); verb(1)").len(), 0);
}

#[test]
fn a_property_that_nobody_sets() {
    let set = properties_set(
        ":root { --ink: red; --bg : blue } style=\"--row:3\" a--b: c set(\"--say\", 1)",
    );
    assert_eq!(set.into_iter().collect::<Vec<_>>(), ["--bg", "--ink", "--row", "--say"]);
    let read = properties_read("color: var(--ink); width: calc(var( --row ) * 2); --not: 1");
    assert_eq!(read.into_iter().collect::<Vec<_>>(), ["--ink", "--row"]);
}

#[test]
fn a_scenario_without_a_title_in_one_language() {
    let pod = "kind: Pod\nmetadata: {name: a}\n---\n";
    let scenario = |title: &str| format!("{pod}kind: Scenario\nspec: {{title: {title}}}\n");
    assert_eq!(missing_titles(&scenario("{en: A, zh: 甲}")), Ok(vec![]));
    assert_eq!(missing_titles(&scenario("{en: A}")), Ok(vec!["zh"]));
    assert_eq!(missing_titles(&scenario("{en: A, zh: ' '}")), Ok(vec!["zh"]));
    assert_eq!(missing_titles(pod), Ok(vec!["en", "zh"]), "no document at all");
    assert!(missing_titles("a: [").is_err());
}
