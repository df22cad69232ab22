//! Documents → objects: what a text means, object by object, and what is said about it.
//!
//! Owns: the order of kubectl's and the API server's checks, lists, the Scenario document, two
//! objects of one name. Does not own: the checks themselves (`schema`, `defaults`, `validate`).

use crate::diagnostic::{Diagnostic, Finding, Hint, Message, Severity, Span};
use crate::manifest::apply::{Applied, Refusal};
use crate::manifest::decode::{Decode, Decoder};
use crate::manifest::kinds::{Served, is_cluster_wide, plural, resource, served};
use crate::manifest::meta::ObjectMeta;
use crate::manifest::node::{Node, Value};
use crate::manifest::schema::{self, Misfit};
use crate::manifest::typed::{Head, checked, is_simulated};
use crate::manifest::validate::Findings;
use crate::manifest::{
    Loaded, Object, defaults, last_applied, legacy, newer, parse, scenario_document, validate,
};
use crate::map::Map;
use crate::version::KubeVersion;

/// Objects that are read from one text. Invented: far more than a page can show.
const OBJECT_LIMIT: usize = 500;

/// Findings that are kept of one text, the worst first. Invented: an editor cannot show more.
const DIAGNOSTIC_LIMIT: usize = 1000;

/// Reads a text: manifests and at most one Scenario document. Never fails.
pub fn load(text: &str) -> Loaded {
    load_as(text, KubeVersion::default())
}

/// Reads a text for a release, unless its Scenario document chooses another.
pub fn load_as(text: &str, release: KubeVersion) -> Loaded {
    let mut diagnostics = Vec::new();
    let documents = parse::parse(text, &mut diagnostics);
    let version = documents.iter().find_map(|document| chosen(document.root.as_ref().ok()?, text));
    let mut loader = Loader {
        text,
        loaded: Loaded::default(),
        known: Map::new(),
        seen: 0,
        version: version.unwrap_or(release),
    };
    loader.loaded.diagnostics = diagnostics;
    for document in documents {
        match document.root {
            Ok(root) => loader.document(&root),
            Err(words) => loader.loaded.applied.push(Applied {
                span: document.span,
                refusal: Some(Refusal::NotYaml(words)),
                ..Applied::default()
            }),
        }
    }
    loader.finish()
}

/// What identifies an object: kind, namespace, name.
type Identity = (String, String, String);

/// The version of an object that the API server has, and where it stands among the objects.
struct Stored {
    node: Node,
    object: Object,
    index: usize,
}

struct Loader<'t> {
    text: &'t str,
    loaded: Loaded,
    known: Map<Identity, Stored>,
    seen: usize,
    /// The release that the Scenario document chooses, wherever that stands.
    version: KubeVersion,
}

/// The release that a Scenario document chooses.
fn chosen(root: &Node, text: &str) -> Option<KubeVersion> {
    let kind = root.get("kind").and_then(Node::as_str);
    root.at("spec.kubernetesVersion").filter(|_| kind == Some("Scenario"))?;
    KubeVersion::parse(&scenario_document::read(root, text).0.spec.kubernetes_version)
}

impl Loader<'_> {
    /// Says which fields the Scenario's version does not know; it may stand behind the objects.
    fn newer_fields(&mut self) {
        let chosen = self.loaded.scenario.as_ref().map(|s| s.spec.kubernetes_version.as_str());
        let Some(version) = chosen.and_then(KubeVersion::parse) else { return };
        let mut found = Vec::new();
        for stored in self.known.values() {
            let pods = match &stored.object {
                Object::Pod(pod) => (&pod.spec, "spec"),
                Object::Deployment(object) => (&object.spec.template.spec, "spec.template.spec"),
                Object::ReplicaSet(object) => (&object.spec.template.spec, "spec.template.spec"),
                Object::StatefulSet(object) => (&object.spec.template.spec, "spec.template.spec"),
                Object::DaemonSet(object) => (&object.spec.template.spec, "spec.template.spec"),
                Object::Job(object) => (&object.spec.template.spec, "spec.template.spec"),
                Object::CronJob(object) => (
                    &object.spec.job_template.spec.template.spec,
                    "spec.jobTemplate.spec.template.spec",
                ),
                Object::Service(_)
                | Object::EndpointSlice(_)
                | Object::ConfigMap(_)
                | Object::Secret(_)
                | Object::Node(_)
                | Object::Namespace(_)
                | Object::HorizontalPodAutoscaler(_)
                | Object::Event(_)
                | Object::PodDisruptionBudget(_)
                | Object::PriorityClass(_)
                | Object::LimitRange(_)
                | Object::ResourceQuota(_)
                | Object::PersistentVolumeClaim(_)
                | Object::PersistentVolume(_)
                | Object::StorageClass(_)
                | Object::Unsimulated(_) => {
                    let kind = stored.object.kind();
                    for (field, since) in newer::by_path(kind, &stored.node, None, version) {
                        found.push((stored.node.span_at(&field), field, since));
                    }
                    continue;
                }
            };
            let (spec, path) = pods;
            let kind = stored.object.kind();
            let mut fields = newer::fields(spec, path, version);
            fields.extend(newer::by_path(kind, &stored.node, Some(path), version));
            for (field, since) in fields {
                found.push((stored.node.span_at(&field), field, since));
            }
        }
        for (span, field, since) in found {
            let finding = Finding::FieldNewerThanVersion {
                field: field.clone(),
                since: format!("1.{since}"),
            };
            self.say(Severity::Surprising, span, finding, None);
            if let Some(last) = self.loaded.diagnostics.last_mut() {
                last.field = field;
            }
        }
    }

    fn finish(mut self) -> Loaded {
        self.newer_fields();
        if self.loaded.applied.is_empty()
            && self.loaded.scenario.is_none()
            && self.loaded.diagnostics.is_empty()
        {
            let span = Span { start: 0, end: 0 };
            self.say(Severity::Rejected, span, Finding::NothingHere, None);
        }
        let diagnostics = &mut self.loaded.diagnostics;
        if diagnostics.len() > DIAGNOSTIC_LIMIT {
            crate::order::sort_by_key(diagnostics, |diagnostic| diagnostic.severity);
            diagnostics.truncate(DIAGNOSTIC_LIMIT);
        }
        crate::order::sort_by_key(diagnostics, |diagnostic| diagnostic.span.start);
        self.loaded
    }

    fn say(&mut self, severity: Severity, span: Span, finding: Finding, hint: Option<Hint>) {
        self.loaded.diagnostics.push(Diagnostic {
            severity,
            span,
            field: String::new(),
            message: Message::Ours(finding),
            hint,
        });
    }

    fn quote(&mut self, severity: Severity, span: Span, field: &str, words: String) {
        self.loaded.diagnostics.push(Diagnostic {
            severity,
            span,
            field: field.to_owned(),
            message: Message::Kubernetes(words),
            hint: None,
        });
    }

    /// Refuses an object; `words` is what the list of findings says.
    fn refuse(&mut self, applied: Applied, refusal: Refusal, span: Span, words: &str) {
        self.quote(Severity::Rejected, span, "", words.to_owned());
        self.loaded.applied.push(Applied { refusal: Some(refusal), ..applied });
    }

    fn document(&mut self, root: &Node) {
        let Some((applied, head)) = self.head(root) else { return };
        if head.api_version.starts_with("podarium.dev/") && head.kind == "Scenario" {
            self.scenario(root);
            return;
        }
        let item_kind = head.kind.strip_suffix("List");
        if let (Some(item), Some(items)) = (item_kind, root.get("items"))
            && (item.is_empty() || served(head.api_version, item) == Served::Yes)
        {
            for item in items.items() {
                self.document(item);
            }
            return;
        }
        if self.seen == OBJECT_LIMIT {
            let finding = Finding::TooManyObjects { limit: OBJECT_LIMIT };
            self.say(Severity::Rejected, root.span, finding, Some(Hint::MakeItSmaller));
        }
        self.seen += 1;
        if self.seen <= OBJECT_LIMIT {
            self.object(root, &head, applied);
        }
    }

    /// Reads apiVersion, kind and name, or refuses as kubectl does before it asks the server.
    fn head<'n>(&mut self, root: &'n Node) -> Option<(Applied, Head<'n>)> {
        let mut applied = Applied { span: root.span, ..Applied::default() };
        let word = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
        match &root.value {
            Value::Null => return None,
            Value::Map(_) => {}
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) | Value::Seq(_) => {
                let words = "invalid object to validate";
                let refusal = Refusal::NotAnObject(words.to_owned());
                self.refuse(applied, refusal, root.span, words);
                return None;
            }
        }
        let (api_version, kind) = (word("apiVersion"), word("kind"));
        let name = root.get("metadata").and_then(|m| m.get("name")).and_then(Node::as_str);
        applied.name = name.unwrap_or_default().to_owned();
        applied.kind = kind.to_owned();
        applied.resource = resource(api_version, kind);
        let missing: Vec<&str> = [("apiVersion not set", api_version), ("kind not set", kind)]
            .iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(words, _)| *words)
            .collect();
        if !missing.is_empty() {
            let words = match missing.as_slice() {
                [one] => (*one).to_owned(),
                several => format!("[{}]", several.join(", ")),
            };
            let refusal = Refusal::NotAnObject(words.clone());
            self.refuse(applied, refusal, first_line(self.text, root.span), &words);
            return None;
        }
        let kind_span = root.get("kind").map_or(root.span, |node| node.span);
        Some((applied, Head { api_version, kind, kind_span }))
    }

    /// An old version is read as the one that replaced it, as long as the release serves it.
    fn object(&mut self, root: &Node, head: &Head<'_>, mut applied: Applied) {
        let old = legacy::find(head.api_version, head.kind);
        let Some(old) = old.filter(|old| old.is_served(self.version)) else {
            if old.is_some() || served(head.api_version, head.kind) == Served::No {
                self.no_match(root, head, applied);
            } else {
                self.current(root, head, applied);
            }
            return;
        };
        if let Some(warning) = old.warning(head.kind, self.version) {
            let span = root.get("apiVersion").map_or(root.span, |node| node.span);
            self.quote(Severity::Surprising, span, "apiVersion", warning.clone());
            applied.warnings.push(warning);
        }
        let root = old.converted(root);
        // What has no shape of today is not looked into.
        let unlike = head.kind == "Ingress" || old.instead.is_empty();
        let api_version = if unlike { head.api_version } else { old.instead };
        let head = Head { api_version, kind: head.kind, kind_span: head.kind_span };
        applied.resource =
            resource(if unlike { "networking.k8s.io/v1" } else { api_version }, head.kind);
        self.current(&root, &head, applied);
    }

    fn current(&mut self, root: &Node, head: &Head<'_>, applied: Applied) {
        let type_name = schema::type_of_kind(head.api_version, head.kind);
        if let Some(type_name) = type_name {
            let misfits = schema::check(root, type_name);
            if !misfits.is_empty() {
                self.misfits(misfits, head, applied);
                return;
            }
        }
        let mut decoder = Decoder::new(head.api_version, head.kind);
        let nothing = Node::null(root.span);
        let metadata_node = root.get("metadata").unwrap_or(&nothing);
        let mut metadata = ObjectMeta::decode(metadata_node, &mut decoder);
        if !decoder.diagnostics.is_empty() {
            // Only kinds without a field table come here with metadata of the wrong type.
            let words = "json: cannot unmarshal the metadata into v1.ObjectMeta";
            let span = metadata_node.span;
            self.refuse(applied, Refusal::Undecodable(words.to_owned()), span, words);
            return;
        }
        let Some(mut applied) = self.named(root, head, &mut metadata, applied) else { return };
        let namespace = if is_cluster_wide(head.kind) { "" } else { &*metadata.namespace };
        let manifest = last_applied::annotation(root, namespace);
        metadata.annotations.insert(last_applied::LAST_APPLIED.to_owned(), manifest);
        let known = self.identity(head, &metadata);
        let previous = self.known.remove(&known);
        let defaults_before = self.loaded.defaults.len();
        let mut findings = Findings { version: self.version, ..Findings::default() };
        let object =
            self.typed(root, head, metadata, previous.as_ref().map(|p| &p.node), &mut findings);
        if let Some(previous) = &previous {
            validate::update::check(
                (&previous.object, &previous.node),
                (&object, root),
                &mut findings,
            );
        }
        if !findings.errors.is_empty() {
            // apiserver/pkg/registry/rest/create.go: warnings are for what is stored.
            findings.warnings.clear();
        }
        applied.warnings.extend(findings.warnings.iter().map(validate::FieldError::text));
        for warning in &findings.warnings {
            let span = first_line(self.text, root.span_at(&warning.field));
            self.quote(Severity::Surprising, span, &warning.field, warning.text());
        }
        if !findings.errors.is_empty() {
            for error in &findings.errors {
                let span = root.span_at(&error.field);
                // What is missing is missing in the whole parent; its first line will do.
                let span = first_line(self.text, span);
                self.quote(Severity::Rejected, span, &error.field, error.text());
            }
            let causes = findings.errors.iter().map(validate::FieldError::text).collect();
            applied.refusal = Some(Refusal::Invalid(causes));
            self.loaded.defaults.truncate(defaults_before);
            if let Some(previous) = previous {
                self.known.insert(known, previous);
            }
            self.loaded.applied.push(applied);
            return;
        }
        self.store(known, previous, root, object, applied);
        if !is_simulated(head) {
            let finding = Finding::KindNotSimulated(head.kind.to_owned());
            self.say(Severity::NotSimulated, head.kind_span, finding, None);
        }
    }

    fn no_match(&mut self, root: &Node, head: &Head<'_>, applied: Applied) {
        let (kind, api_version) = (head.kind, head.api_version.to_owned());
        let words = format!("no matches for kind \"{kind}\" in version \"{api_version}\"");
        let written = root.get("metadata").and_then(|m| m.get("namespace"));
        let namespace = written.and_then(Node::as_str).unwrap_or_default().to_owned();
        let span = root.get("apiVersion").map_or(root.span, |node| node.span);
        let instead = legacy::find(&api_version, kind).map_or("", |old| old.instead);
        self.refuse(applied, Refusal::NoMatch { api_version, namespace }, span, &words);
        if let Some(last) = self.loaded.diagnostics.last_mut()
            && !instead.is_empty()
        {
            last.hint = Some(Hint::DidYouMean(instead.to_owned()));
        }
    }

    fn store(
        &mut self,
        known: Identity,
        previous: Option<Stored>,
        root: &Node,
        object: Object,
        mut applied: Applied,
    ) {
        let index = match previous {
            Some(previous) => {
                applied.verb = if same(&previous.node, root) { "unchanged" } else { "configured" };
                self.loaded.objects[previous.index] = object.clone();
                previous.index
            }
            None => {
                applied.verb = "created";
                self.loaded.objects.push(object.clone());
                self.loaded.objects.len() - 1
            }
        };
        self.known.insert(known, Stored { node: root.clone(), object, index });
        self.loaded.applied.push(applied);
    }

    fn identity(&self, head: &Head<'_>, metadata: &ObjectMeta) -> Identity {
        let group = head.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let kind = format!("{}.{group}", head.kind);
        (kind, metadata.namespace.clone(), metadata.name.clone())
    }

    /// Reports what does not fit the API, in the order of decoding.
    fn misfits(&mut self, misfits: Vec<Misfit>, head: &Head<'_>, mut applied: Applied) {
        let wrong_type = misfits.iter().find(|misfit| !misfit.unknown);
        // kubectl decodes the metadata of every object for itself.
        let metadata = misfits.iter().find(|misfit| {
            !misfit.unknown && misfit.field.split(['.', '[']).next() == Some("metadata")
        });
        let version = head.api_version.rsplit('/').next().unwrap_or_default();
        let kind = head.kind;
        let frame = format!("{kind} in version \"{version}\" cannot be handled as a {kind}: ");
        applied.refusal = Some(match (metadata, wrong_type) {
            (Some(misfit), _) => Refusal::Undecodable(misfit.error.clone()),
            (None, Some(misfit)) => Refusal::BadRequest(frame + &misfit.error),
            (None, None) => {
                let errors: Vec<&str> = misfits.iter().map(|m| m.error.as_str()).collect();
                Refusal::BadRequest(format!("{frame}strict decoding error: {}", errors.join(", ")))
            }
        });
        for misfit in misfits {
            let words = if misfit.unknown {
                format!("strict decoding error: {}", misfit.error)
            } else {
                misfit.error
            };
            let hint = match misfit.hint {
                // What stands in the text, not what became of it: `on`, not `true`.
                Some(Hint::QuoteIt(value)) => {
                    let written = self.text.get(misfit.span.start..misfit.span.end);
                    Some(Hint::QuoteIt(written.map_or(value, str::to_owned)))
                }
                other => other,
            };
            self.loaded.diagnostics.push(Diagnostic {
                severity: Severity::Rejected,
                span: misfit.span,
                field: misfit.field,
                message: Message::Kubernetes(words),
                hint,
            });
        }
        self.loaded.applied.push(applied);
    }

    /// Sees to name and namespace; refuses an object that has neither name nor generateName.
    fn named(
        &mut self,
        root: &Node,
        head: &Head<'_>,
        metadata: &mut ObjectMeta,
        mut applied: Applied,
    ) -> Option<Applied> {
        // What the API server gives each object anew: exported manifests have all of these.
        *metadata = ObjectMeta {
            uid: String::new(),
            resource_version: String::new(),
            generation: 0,
            creation_timestamp: None,
            deletion_timestamp: None,
            deletion_grace_period_seconds: None,
            ..std::mem::take(metadata)
        };
        if metadata.namespace.is_empty() && !is_cluster_wide(head.kind) {
            metadata.namespace = "default".to_owned();
        }
        if !metadata.name.is_empty() {
            return Some(applied);
        }
        if !metadata.generate_name.is_empty() {
            // The API server accepts this and makes a name; only kubectl apply does not.
            let words =
                format!("from {}: cannot use generate name with apply", metadata.generate_name);
            let span = root.span_at("metadata.generateName");
            self.quote(Severity::Surprising, span, "metadata.generateName", words);
            metadata.name = format!("{}{}", metadata.generate_name, suffix(self.seen));
            applied.name.clone_from(&metadata.name);
            return Some(applied);
        }
        let (group, version) = head.api_version.rsplit_once('/').unwrap_or(("", head.api_version));
        let refusal = Refusal::NoName {
            resource: format!("{group}/{version}, Resource={}", plural(head.kind)),
            kind: format!("{group}/{version}, Kind={}", head.kind),
        };
        let span = root
            .entry("metadata")
            .map_or_else(|| first_line(self.text, root.span), |(key, _)| key.span);
        let words = "metadata.name: Required value: name or generateName is required";
        self.refuse(applied, refusal, span, words);
        None
    }

    /// Makes the object, and remembers its defaults and what is not simulated.
    fn typed(
        &mut self,
        root: &Node,
        head: &Head<'_>,
        metadata: ObjectMeta,
        previous: Option<&Node>,
        findings: &mut Findings,
    ) -> Object {
        let mut filled = defaults::Filled::new(root, previous.is_some());
        let mut decoder = Decoder::new(head.api_version, head.kind);
        let object = checked(root, head, metadata, &mut decoder, &mut filled, findings);
        self.loaded.defaults.append(&mut filled.list);
        self.not_simulated(decoder, head);
        object
    }

    /// Fields that the API has and no type reads.
    fn not_simulated(&mut self, decoder: Decoder, head: &Head<'_>) {
        for unread in decoder.unread {
            if matches!(unread.field.as_str(), "apiVersion" | "kind" | "spec.finalizers")
                || unread.field.starts_with("status")
                || unread.field.starts_with("metadata.")
                || unread.field.contains(".metadata.")
                || !is_simulated(head)
            {
                continue;
            }
            let finding = Finding::FieldNotSimulated(unread.field.clone());
            self.loaded.diagnostics.push(Diagnostic {
                severity: Severity::NotSimulated,
                span: unread.span,
                field: unread.field,
                message: Message::Ours(finding),
                hint: None,
            });
        }
    }

    fn scenario(&mut self, root: &Node) {
        if self.loaded.scenario.is_some() {
            let span = first_line(self.text, root.span);
            self.say(Severity::Surprising, span, Finding::SecondScenario, None);
            return;
        }
        let (scenario, mut diagnostics) = scenario_document::read(root, self.text);
        self.loaded.diagnostics.append(&mut diagnostics);
        self.loaded.scenario = Some(scenario);
    }
}

/// Five letters as the API server appends to generateName; here they follow from the place.
fn suffix(seed: usize) -> String {
    // apimachinery/pkg/util/rand/rand.go: no vowels, no digits that look like them.
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut state = seed as u64 ^ 0x9e37_79b9;
    (0..5)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(ALPHABET[((state >> 33) % ALPHABET.len() as u64) as usize])
        })
        .collect()
}

/// The first line of a place, for findings about something that is missing.
fn first_line(text: &str, span: Span) -> Span {
    let body = text.get(span.start..span.end).unwrap_or_default();
    let line = body.find('\n').map_or(body.len(), |at| at);
    Span { start: span.start, end: span.start + line }
}

/// Whether two documents say the same, wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            let others: Map<&str, &Node> =
                b.iter().map(|(key, node)| (key.name.as_str(), node)).collect();
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    others.get(key.name.as_str()).is_some_and(|other| same(value, other))
                })
        }
        (Value::Seq(a), Value::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}
