//! `kubectl explain`: the fields of a kind and their types.
//!
//! Owns: [`run`]. The field table of the API server's decoder (`manifest::schema`) is all there is
//! here: names and types, without the API's descriptions.

use crate::manifest::schema;
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::resources::Resource;

/// Levels that `--recursive` goes down.
const DEEPEST: usize = 8;

/// Runs `kubectl explain`.
///
/// Models kubectl/pkg/explain/v2/templates/plaintext.tmpl.
pub fn run(flags: &Flags) -> Output {
    let Some(word) = flags.words.first() else {
        return Output::error(
            "error: You must specify the type of resource to explain. Use \"kubectl api-resources\" \
             for a complete list of supported resources."
                .to_owned(),
        );
    };
    let (name, path) = word.split_once('.').unwrap_or((word, ""));
    let Some(resource) = Resource::find(name) else {
        return Output::error(format!("error: the server doesn't have a resource type \"{name}\""));
    };
    let kind = resource.kind;
    let Some(root) = schema::type_of_kind(&resource.api_version(), kind) else {
        return Output::error(format!(
            "error: couldn't find resource for \"{}, Kind={kind}\"",
            resource.api_version()
        ));
    };
    let mut text = String::new();
    if !resource.group.is_empty() {
        text.push_str(&format!("GROUP:      {}\n", resource.group));
    }
    text.push_str(&format!("KIND:       {kind}\nVERSION:    {}\n\n", resource.version));
    let mut code = root;
    let mut last = "";
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let inside = code.trim_start_matches(['[', '{']);
        let Some((_, next)) = schema::fields(inside).find(|(known, _)| *known == step) else {
            return Output::error(format!("error: field \"{step}\" does not exist"));
        };
        (code, last) = (next, step);
    }
    if !last.is_empty() {
        text.push_str(&format!("FIELD: {last} <{}>\n\n", type_name(code)));
    }
    let inside = code.trim_start_matches(['[', '{']);
    if schema::fields(inside).next().is_some() {
        text.push_str("FIELDS:\n");
        list(inside, 1, if flags.recursive { DEEPEST } else { 1 }, &mut text);
    }
    Output::ok(text)
}

fn list(type_code: &str, level: usize, deepest: usize, text: &mut String) {
    for (name, code) in schema::fields(type_code) {
        text.extend(std::iter::repeat_n("  ", level));
        text.push_str(&format!("{name}\t<{}>\n", type_name(code)));
        let inside = code.trim_start_matches(['[', '{']);
        // A JSONSchema holds itself.
        if level < deepest && inside != type_code {
            list(inside, level + 1, deepest, text);
        }
    }
}

/// A type code of the table as kubectl names the type.
fn type_name(code: &str) -> String {
    if let Some(inner) = code.strip_prefix('[') {
        return format!("[]{}", type_name(inner));
    }
    if let Some(inner) = code.strip_prefix('{') {
        return format!("map[string]{}", type_name(inner));
    }
    match code {
        "s" | "y" => "string",
        "i" | "l" => "integer",
        "b" => "boolean",
        "f" => "number",
        "q" => "Quantity",
        "x" => "IntOrString",
        "t" => "Time",
        "o" => "Object",
        other => other.rsplit('.').next().unwrap_or(other),
    }
    .to_owned()
}
