//! `kubectl explain`: the fields of a kind and their types.
//!
//! Owns: [`run`] and the layout. Does not own: the field table of the API server's decoder
//! (`manifest::schema`), or the descriptions, which are ours and not the API's (`words`).

mod words;

use crate::manifest::schema;
use crate::view::kubectl::Output;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::resources::Resource;

/// Levels that `--recursive` goes down.
const DEEPEST: usize = 8;
/// Characters of a line of description.
const WIDTH: usize = 76;

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
    let (mut owner, mut last) = ("", "");
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let inside = code.trim_start_matches(['[', '{']);
        let Some((_, next)) = schema::fields(inside).find(|(known, _)| *known == step) else {
            return Output::error(format!("error: field \"{step}\" does not exist"));
        };
        (owner, code, last) = (inside, next, step);
    }
    let inside = code.trim_start_matches(['[', '{']);
    let mut said = vec![words::words(inside).filter(|_| inside.len() > 1)];
    if !last.is_empty() {
        text.push_str(&format!("FIELD: {last} <{}>", type_name(code)));
        if words::is_required(owner, last) {
            text.push_str(" -required-");
        }
        text.push('\n');
        let choices = words::choices(owner, last);
        if !choices.is_empty() {
            text.push_str("ENUM:\n");
            for choice in choices.split(' ') {
                text.push_str(&format!("    {choice}\n"));
            }
        }
        text.push('\n');
        said.insert(0, words::words(&format!("{owner}.{last}")));
    }
    text.push_str("DESCRIPTION:\n");
    if said.iter().all(Option::is_none) {
        text.push_str("    <empty>\n");
    }
    for words in said.into_iter().flatten() {
        wrapped(words, &mut text);
    }
    // kubectl indents the empty line too.
    text.push_str("    \n");
    if schema::fields(inside).next().is_some() {
        text.push_str("FIELDS:\n");
        list(inside, 1, flags.recursive, &mut text);
    }
    text.push('\n');
    Output::ok(text)
}

fn list(type_code: &str, level: usize, recursive: bool, text: &mut String) {
    for (name, code) in schema::fields(type_code) {
        text.extend(std::iter::repeat_n("  ", level));
        let required = if words::is_required(type_code, name) { " -required-" } else { "" };
        text.push_str(&format!("{name}\t<{}>{required}\n", type_name(code)));
        let choices = words::choices(type_code, name);
        if !choices.is_empty() {
            text.extend(std::iter::repeat_n("  ", level));
            text.push_str(&format!("enum: {}\n", choices.replace(' ', ", ")));
        }
        if !recursive {
            if let Some(words) = words::words(&format!("{type_code}.{name}")) {
                wrapped(words, text);
            }
            text.push('\n');
            continue;
        }
        let inside = code.trim_start_matches(['[', '{']);
        // A JSONSchema holds itself.
        if level < DEEPEST && inside != type_code {
            list(inside, level + 1, recursive, text);
        }
    }
}

/// Words in lines of 76 at most, four spaces in.
fn wrapped(words: &str, text: &mut String) {
    let mut width = 0;
    for word in words.split(' ') {
        if width > 0 && width + 1 + word.len() > WIDTH {
            text.push('\n');
            width = 0;
        }
        text.push_str(if width == 0 { "    " } else { " " });
        width += usize::from(width > 0) + word.len();
        text.push_str(word);
    }
    text.push('\n');
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

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let output = run(&Flags::parse("explain", &words).expect("flags"));
        assert_eq!(output.stderr, "");
        output.stdout
    }

    #[test]
    fn a_field_is_printed_as_kubectl_prints_it() {
        assert_eq!(
            explain("pod.spec.restartPolicy"),
            "KIND:       Pod\nVERSION:    v1\n\nFIELD: restartPolicy <string>\nENUM:\n    Always\n    \
             Never\n    OnFailure\n\nDESCRIPTION:\n    Whether containers that exit are started \
             again: always, only after a\n    failure, or never. Always is the default.\n    \n\n"
        );
        let probe = explain("deploy.spec.template.spec.containers.livenessProbe.httpGet");
        assert!(probe.starts_with("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\n"));
        assert!(probe.contains("FIELD: httpGet <HTTPGetAction>\n\nDESCRIPTION:\n    A GET; "));
        assert!(probe.contains("  port\t<IntOrString> -required-\n    The port, by its number"));
        assert!(probe.contains("  scheme\t<string>\n  enum: HTTP, HTTPS\n\n"));
        let all = explain("pod.spec --recursive");
        assert!(all.contains("  containers\t<[]Container> -required-\n    args\t<[]string>\n"));
        assert!(!all.contains("Keeps standard input"), "a recursive list describes nothing");
    }
}
