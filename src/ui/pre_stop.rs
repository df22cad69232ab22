//! The preStop sleep, set by a slider: what is written into the text.
//!
//! Owns: [`PreStop`] and the few characters that it changes. Does not own: undo (the editor), or
//! what the hook does (`cluster`). Every edit is read back before it is handed out.

use crate::diagnostic::Severity;
use crate::manifest::node::Node;
use crate::manifest::place;
use crate::scenario::Scenario;

/// A container, and how long its preStop hook shall sleep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreStop {
    /// Kind and name of the object in the text.
    pub source: (String, String),
    /// The container.
    pub container: String,
    /// How long.
    pub seconds: i64,
    /// Whether the slider was let go.
    pub done: bool,
}

/// The text with that sleep; `None` where it cannot be written safely.
pub fn with_pre_stop(text: &str, to: &PreStop) -> Option<String> {
    let objects = place::objects(text);
    let object = objects.iter().find(|node| place::is(node, &to.source.0, &to.source.1))?;
    let container = container(object, &to.container)?;
    let mut edited = text.to_owned();
    match container.get("lifecycle") {
        Some(lifecycle) => {
            let span = lifecycle.at("preStop.sleep.seconds")?.span;
            edited.replace_range(span.start..span.end, &to.seconds.to_string());
        }
        None => {
            let image = container.get("image")?.span;
            let start = text[..image.start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[image.end..].find('\n').map_or(text.len(), |at| image.end + at);
            let key = text[start..image.start].find("image:")?;
            // A mapping in braces has no lines of its own.
            let before = &text[start..start + key];
            if !before.chars().all(|c| c == ' ' || c == '-') {
                return None;
            }
            let indent = " ".repeat(key);
            let hook = format!(
                "\n{indent}lifecycle:\n{indent}  preStop:\n{indent}    sleep:\n{indent}      \
                 seconds: {}",
                to.seconds
            );
            edited.insert_str(end, &hook);
        }
    }
    reads(text, &edited, to).then_some(edited)
}

/// A container of a Pod or of a template.
fn container<'n>(object: &'n Node, name: &str) -> Option<&'n Node> {
    let spec = object.get("spec")?;
    let spec = spec.at("template.spec").unwrap_or(spec);
    let mut items = spec.get("containers")?.items().iter();
    items.find(|item| item.get("name").and_then(Node::as_str) == Some(name))
}

/// Whether the text says what it should, and an API server would take it if it took it before.
fn reads(before: &str, after: &str, to: &PreStop) -> bool {
    let refused = |text: &str| {
        let (_, found) = Scenario::from_text(text);
        found.iter().filter(|found| found.severity == Severity::Rejected).count()
    };
    let objects = place::objects(after);
    let written = objects
        .iter()
        .find(|node| place::is(node, &to.source.0, &to.source.1))
        .and_then(|object| container(object, &to.container))
        .and_then(|own| own.at("lifecycle.preStop.sleep.seconds"))
        .and_then(|node| after.get(node.span.start..node.span.end));
    written == Some(to.seconds.to_string().as_str())
        && objects.len() == place::objects(before).len()
        && refused(after) <= refused(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
kind: Deployment
apiVersion: apps/v1
metadata: {name: web}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
      - name: nginx # the server
        image: nginx:1.27 # pinned
        ports:
        - containerPort: 80
";

    fn to(seconds: i64) -> PreStop {
        let source = ("Deployment".to_owned(), "web".to_owned());
        PreStop { source, container: "nginx".to_owned(), seconds, done: true }
    }

    #[test]
    fn a_hook_is_written_and_then_only_its_number() {
        let once = with_pre_stop(TEXT, &to(5)).expect("it can be written");
        assert!(once.contains("image: nginx:1.27 # pinned\n        lifecycle:\n"), "{once}");
        assert!(once.contains("              seconds: 5\n        ports:"), "{once}");
        let twice = with_pre_stop(&once, &to(12)).expect("it can be changed");
        assert_eq!(twice, once.replace("seconds: 5", "seconds: 12"));
    }

    #[test]
    fn what_cannot_be_written_safely_is_refused() {
        let braces = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: \
                      [{name: nginx, image: nginx}]}}";
        let pod = PreStop { source: ("Pod".into(), "web".into()), ..to(5) };
        assert_eq!(with_pre_stop(braces, &pod), None);
        assert_eq!(with_pre_stop(TEXT, &PreStop { container: "other".into(), ..to(5) }), None);
        // Longer than the grace period: the API server would refuse it.
        assert_eq!(with_pre_stop(TEXT, &to(31)), None);
    }
}
