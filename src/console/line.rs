//! A line of the prompt, taken apart as a shell would: commands, pipes, files, substitutions.
//!
//! Owns: [`commands`] and [`Part`]. Does not own: what any of them does. Deliberately small: loops
//! and conditions belong into a container's own shell, which has all of them.

use crate::console::loops;
use crate::console::scan::Scan;

/// One command of a line, with what stands around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The command itself, here-document included.
    pub command: String,
    /// What its output is piped through, as written: `grep x | wc -l`.
    pub pipe: String,
    /// The file that its output goes to.
    pub into: Option<Into>,
    /// It is done only if the one before succeeded (`&&`) or failed (`||`).
    pub only_if: Option<bool>,
}

/// A redirection of standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Into {
    /// The name as written.
    pub file: String,
    /// `>>`.
    pub append: bool,
}

/// Cuts a text into its commands; a here-document stays with its command.
pub fn commands(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut only_if = None;
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (end, skip, next) = end_of_command(rest);
        let (mut command, mut after) = (rest[..end].to_owned(), &rest[end + skip..]);
        if let Some(word) = here_word(&command) {
            // Until the word alone on a line, or the end of what was pasted.
            let mut body = String::new();
            let mut lines = after.split_inclusive('\n');
            let mut used = 0;
            for line in lines.by_ref() {
                used += line.len();
                if line.trim() == word {
                    break;
                }
                body.push_str(line);
            }
            after = &after[used..];
            if !body.is_empty() && !body.ends_with('\n') {
                body.push('\n');
            }
            command = format!("{}\n{body}{word}", command.trim());
        }
        if !command.trim().is_empty() && !command.trim_start().starts_with('#') {
            parts.push(part(&command, only_if));
        }
        only_if = next;
        rest = after;
    }
    parts
}

/// Where the first command ends, how long the separator is, and what it means for the next one.
fn end_of_command(text: &str) -> (usize, usize, Option<bool>) {
    let mut scan = Scan::default();
    let mut before = ' ';
    let comment = text.trim_start().starts_with('#');
    // A loop is one command.
    let whole = loops::length(text).unwrap_or(0);
    for (at, character) in text.char_indices() {
        if at < whole {
            continue;
        }
        let escaped = before == '\\';
        let plain = scan.step(character, escaped);
        before = if escaped { ' ' } else { character };
        let rest = &text[at..];
        if comment && character != '\n' {
            continue;
        }
        if plain && character == '\n' {
            return (at, 1, None);
        }
        if plain && character == ';' {
            return (at, 1, None);
        }
        if plain && rest.starts_with("&&") {
            return (at, 2, Some(true));
        }
        if plain && rest.starts_with("||") {
            return (at, 2, Some(false));
        }
    }
    (text.len(), 0, None)
}

/// The word that ends the here-document of a command, if it has one.
fn here_word(command: &str) -> Option<String> {
    let (_, rest) = command.split_once("<<")?;
    let word = rest.trim_start_matches('-').split_whitespace().next()?;
    Some(word.trim_matches(['\'', '"']).to_owned())
}

fn part(command: &str, only_if: Option<bool>) -> Part {
    let (line, document) = match command.split_once('\n') {
        Some((line, rest)) if line.contains("<<") => (line, Some(rest)),
        _ => (command, None),
    };
    let whole = loops::length(line).unwrap_or(0);
    let (each, line) = line.split_at(whole);
    let mut pieces: Vec<String> = vec![String::new()];
    let mut scan = Scan::default();
    let mut before = ' ';
    for character in line.chars() {
        let escaped = before == '\\';
        if scan.step(character, escaped) && character == '|' {
            pieces.push(String::new());
        } else if let Some(last) = pieces.last_mut() {
            // A line that goes on below is one line.
            if escaped && character == '\n' {
                last.pop();
            } else {
                last.push(character);
            }
        }
        before = if escaped { ' ' } else { character };
    }
    let last = pieces.len() - 1;
    let (kept, into) = redirected(&pieces[last]);
    pieces[last] = kept;
    let mut command = format!("{each}{}", pieces.remove(0)).trim().to_owned();
    if let Some(document) = document {
        command.push('\n');
        command.push_str(document);
    }
    let pipe = pieces.iter().map(|piece| piece.trim()).collect::<Vec<_>>().join(" | ");
    Part { command, pipe, into, only_if }
}

/// Takes `> file` off the end of a command; `2>&1` and `2>/dev/null` mean nothing here.
fn redirected(command: &str) -> (String, Option<Into>) {
    let mut scan = Scan::default();
    let mut before = ' ';
    let mut cut = None;
    for (at, character) in command.char_indices() {
        let escaped = before == '\\';
        let plain = scan.step(character, escaped);
        let numbered = before.is_ascii_digit() && before != '1';
        before = if escaped { ' ' } else { character };
        if plain && character == '>' && !numbered && !command[at + 1..].starts_with('&') {
            cut = Some(at);
            break;
        }
    }
    let Some(at) = cut else {
        return (command.replace(" 2>&1", "").replace(" 2>/dev/null", ""), None);
    };
    let append = command[at + 1..].starts_with('>');
    let file = command[at + 1 + usize::from(append)..].split_whitespace().next();
    let kept = command[..at].trim_end().trim_end_matches(" 1").to_owned();
    (kept, file.map(|file| Into { file: file.trim_matches(['\'', '"']).to_owned(), append }))
}

/// The first `$(…)` of a command: where it stands, and what is inside.
pub fn substitution(command: &str) -> Option<(usize, usize, &str)> {
    let line = command.split_once('\n').map_or(command, |(line, _)| line);
    let mut single = false;
    for (at, character) in line.char_indices() {
        match character {
            '\'' => single = !single,
            '$' if !single && line[at + 1..].starts_with('(') => {
                let mut depth = 0_usize;
                for (end, character) in line[at + 1..].char_indices() {
                    match character {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        let end = at + 1 + end;
                        return Some((at, end + 1, &line[at + 2..end]));
                    }
                }
                return None;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands_of(text: &str) -> Vec<String> {
        commands(text).into_iter().map(|part| part.command).collect()
    }

    #[test]
    fn a_line_is_cut_outside_of_quotes() {
        assert_eq!(
            commands_of("k get po; k get rs && k top po"),
            ["k get po", "k get rs", "k top po"]
        );
        assert_eq!(
            commands_of("k exec p -- sh -c 'a; b | c > d'"),
            ["k exec p -- sh -c 'a; b | c > d'"]
        );
        assert_eq!(commands_of("# words; more\n\nk get po\\\n -A"), ["k get po -A"]);
        assert!(commands("  \n # only words").is_empty());
        assert_eq!(commands("a || b")[1].only_if, Some(false));
        assert_eq!(commands("a && b")[1].only_if, Some(true));
    }

    #[test]
    fn pipes_and_files_stand_beside_the_command() {
        let parts = commands("k get po -A 2>/dev/null | grep web | wc -l >> 'out'");
        assert_eq!(parts[0].command, "k get po -A 2>/dev/null");
        assert_eq!(parts[0].pipe, "grep web | wc -l");
        assert_eq!(parts[0].into, Some(Into { file: "out".to_owned(), append: true }));
        let parts = commands("k create deploy d --image=nginx -oyaml>d.yaml");
        assert_eq!(parts[0].command, "k create deploy d --image=nginx -oyaml");
        assert_eq!(parts[0].into, Some(Into { file: "d.yaml".to_owned(), append: false }));
        assert_eq!(commands("k get po 2>&1")[0].into, None);
    }

    #[test]
    fn a_here_document_stays_with_its_command() {
        let text = "kubectl apply -f - <<EOF\nkind: Pod\n  a: b; c\nEOF\nkubectl get po";
        assert_eq!(
            commands_of(text),
            ["kubectl apply -f - <<EOF\nkind: Pod\n  a: b; c\nEOF", "kubectl get po"]
        );
        assert_eq!(commands_of("k apply -f - <<E\na: b"), ["k apply -f - <<E\na: b\nE"]);
    }

    #[test]
    fn substitutions_are_found() {
        let line = "k delete $(k get po -o name | head -$(echo 1)) x";
        let (from, to, inside) = substitution(line).unwrap();
        assert_eq!((from, &line[to..]), (9, " x"));
        assert_eq!(inside, "k get po -o name | head -$(echo 1)");
        assert_eq!(substitution("k exec p -- sh -c 'echo $(date)'"), None);
        assert_eq!(substitution("echo $(date"), None);
    }
}
