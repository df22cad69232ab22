//! Commands that read manifests: `apply -f`, `create -f`, `replace -f` and `delete -f`.
//!
//! Owns: which text is meant. `-` is what stands behind `<<EOF` in the command itself, so that a
//! scenario stays one text; any other file is that text. Models kubectl/pkg/cmd/apply. Does not
//! own: reading manifests (`manifest`), or storing objects.

use std::rc::Rc;

use crate::cluster::World;
use crate::cluster::key::{Key, with_metadata};
use crate::cluster::kubectl::args::{Args, plural_of};
use crate::cluster::kubectl::{Printed, not_found};
use crate::diagnostic::Span;
use crate::manifest::apply::{Applied, Refusal};
use crate::manifest::last_applied::{self, LAST_APPLIED};
use crate::manifest::node::Node;
use crate::manifest::validate::{FieldError, Findings, update};
use crate::manifest::{Object, defaults, kinds};
use crate::trace::EntryId;

/// Takes a command and its here-document apart.
pub(super) fn here_document(command: &str) -> (&str, Option<String>) {
    let (first, rest) = command.split_once('\n').unwrap_or((command, ""));
    let Some((line, word)) = first.split_once("<<") else { return (command.trim_end(), None) };
    let word = word.trim_start_matches('-').trim().trim_matches(['\'', '"']);
    let lines = rest.lines().take_while(|line| line.trim() != word);
    (line.trim_end(), Some(lines.fold(String::new(), |text, line| text + line + "\n")))
}

impl World<'_> {
    pub(super) fn kubectl_with_file(
        &mut self,
        args: &Args,
        file: &str,
        stdin: Option<String>,
        entry: EntryId,
    ) -> Printed {
        if file.contains("://") {
            return Printed::error(format!(
                "error: unable to read URL \"{file}\": there is no network here"
            ));
        }
        let (objects, applied) = match (file, stdin) {
            ("-", None) => {
                return Printed::error(format!("error: no objects passed to {}", args.verb));
            }
            ("-", Some(text)) => {
                let loaded = crate::manifest::load_as(&text, self.scenario.version);
                (loaded.objects, loaded.applied)
            }
            (_, _) => (self.scenario.objects.clone(), Vec::new()),
        };
        let said = if file == "-" { "STDIN" } else { file };
        let mut printed = Printed::default();
        let mut refused = String::new();
        for found in &applied {
            for warning in &found.warnings {
                printed.text.push_str(&format!("Warning: {warning}\n"));
            }
            if let Some(refusal) = &found.refusal {
                refused.push_str(&refusal.text(found, said));
                refused.push('\n');
            }
        }
        if objects.is_empty() && refused.is_empty() {
            return Printed::error(format!("error: no objects passed to {}", args.verb));
        }
        if args.verb == "delete" {
            for object in &objects {
                let words = vec![object.kind().to_owned(), object.metadata().name.clone()];
                let one =
                    self.kubectl_delete(&args.about(words, &object.metadata().namespace), entry);
                printed.text.push_str(&one.text);
                printed.exit = printed.exit.max(one.exit);
            }
        } else {
            for object in objects {
                self.store_from_file(args, object, said, entry, &mut printed);
            }
        }
        printed.exit = printed.exit.max(i32::from(!refused.is_empty()));
        printed.text.push_str(&refused);
        printed
    }

    fn store_from_file(
        &mut self,
        args: &Args,
        mut object: Object,
        file: &str,
        entry: EntryId,
        printed: &mut Printed,
    ) {
        let namespaced = !kinds::is_cluster_wide(object.kind());
        with_metadata(&mut object, |metadata| {
            if namespaced && metadata.namespace.is_empty() {
                args.namespace().clone_into(&mut metadata.namespace);
            }
        });
        let key = Key::of(&object);
        let known = self.store.get(&key).cloned();
        let mut refuse = |words: String| {
            printed.text.push_str(&words);
            printed.text.push('\n');
            printed.exit = 1;
        };
        if known.is_some() && args.verb == "create" {
            return refuse(format!(
                "Error from server (AlreadyExists): error when creating \"{file}\": {} \"{}\" \
                 already exists",
                plural_of(&key.kind),
                key.name
            ));
        }
        if known.is_none() && args.verb == "replace" {
            return refuse(not_found(&plural_of(&key.kind), &key.name));
        }
        if let Some(refusal) = self.namespace_refusal(&key.namespace).filter(|_| known.is_none()) {
            return refuse(format!(
                "Error from server (Forbidden): error when creating \"{file}\": {} \"{}\" is \
                 forbidden: {refusal}",
                plural_of(&key.kind),
                key.name
            ));
        }
        self.remember(args, &mut object, known.as_ref(), printed);
        let mut refuse = |words: String| {
            printed.text.push_str(&words);
            printed.text.push('\n');
            printed.exit = 1;
        };
        let causes = against(&object, known.as_ref());
        if !causes.is_empty() {
            let applied =
                Applied { kind: key.kind.clone(), name: key.name.clone(), ..Applied::default() };
            return refuse(Refusal::Invalid(causes).text(&applied, file));
        }
        if let Err(error) = self.apply(object, entry) {
            return refuse(super::in_file(&error));
        }
        let verb = match (&known, args.verb.as_str()) {
            (None, _) => "created",
            (Some(_), "replace") => "replaced",
            (Some(known), _) if self.store.get(&key) == Some(known) => "unchanged",
            (Some(_), _) => "configured",
        };
        let resource = super::args::resource_of(&key.kind);
        printed.text.push_str(&format!("{resource}/{} {verb}\n", key.name));
    }
}

impl World<'_> {
    /// Merges a manifest into what it is applied over; only `apply` leaves it behind.
    fn remember(
        &self,
        args: &Args,
        object: &mut Object,
        known: Option<&Object>,
        printed: &mut Printed,
    ) {
        let manifest = object.metadata().annotations.get(LAST_APPLIED).cloned();
        let manifest = manifest.unwrap_or_default();
        let old = known.map(|known| known.metadata().annotations.clone()).unwrap_or_default();
        if args.verb != "apply" {
            with_metadata(object, |metadata| {
                metadata.annotations.remove(LAST_APPLIED);
                for (key, value) in old {
                    metadata.annotations.entry(key).or_insert(value);
                }
            });
            return;
        }
        let Some(known) = known else { return };
        if !old.contains_key(LAST_APPLIED) {
            let plural = plural_of(known.kind());
            let plural = plural.split('.').next().unwrap_or_default();
            let name = &known.metadata().name;
            printed.text.push_str(&format!(
                "Warning: resource {plural}/{name} is missing the {LAST_APPLIED} annotation which \
                 is required by kubectl apply. kubectl apply should only be used on resources \
                 created declaratively by either kubectl create --save-config or kubectl apply. \
                 The missing annotation will be patched automatically.\n"
            ));
        }
        match last_applied::merged(known, &manifest) {
            Some(merged) => *object = merged,
            None => with_metadata(object, |metadata| {
                for (key, value) in old {
                    metadata.annotations.entry(key).or_insert(value);
                }
            }),
        }
        with_metadata(object, |metadata| {
            metadata.annotations.insert(LAST_APPLIED.to_owned(), manifest);
        });
    }
}

/// What the API server has against this change of an object that exists.
pub(super) fn against(object: &Object, known: Option<&Object>) -> Vec<String> {
    let Some(known) = known else { return Vec::new() };
    let mut object = object.clone();
    if let (Object::Pod(new), Object::Pod(old)) = (&mut object, known) {
        // What admission and the scheduler wrote is not in the file, and stays.
        let token = old.spec.volumes.iter().find_map(|v| v.name.strip_prefix("kube-api-access-"));
        let new = Rc::make_mut(new);
        defaults::admit(new, token.unwrap_or_default());
        new.spec.node_name.clone_from(&old.spec.node_name);
    }
    let tree = |object: &Object| {
        last_applied::written(object).unwrap_or_else(|| Node::null(Span::default()))
    };
    let mut findings = Findings::default();
    update::check((known, &tree(known)), (&object, &tree(&object)), &mut findings);
    findings.errors.iter().map(FieldError::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_here_document_ends_at_its_word() {
        let command = "kubectl apply -f - <<'EOF'\nkind: Pod\n  a: b\nEOF\nrest";
        let text = "kind: Pod\n  a: b\n".to_owned();
        assert_eq!(here_document(command), ("kubectl apply -f -", Some(text)));
        assert_eq!(here_document("kubectl get pod\n"), ("kubectl get pod", None));
    }
}
