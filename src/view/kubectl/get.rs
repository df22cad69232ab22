//! `kubectl get`: which objects, in which form.
//!
//! Owns: choosing objects by kind, name, namespace and selector, and the forms table, `-o name`,
//! `-o yaml` and `-o json`. Does not own: cells (`columns.rs`).

use crate::manifest::Object;
use crate::manifest::encode::Tree;
use crate::manifest::meta::LabelSelector;
use crate::manifest::quantity::Quantity;
use crate::manifest::selector;
use crate::trace::State;
use crate::view::kubectl::Output;
use crate::view::kubectl::columns;
use crate::view::kubectl::document;
use crate::view::kubectl::flags::Flags;
use crate::view::kubectl::jsonpath;
use crate::view::kubectl::resources::{ALL, RESOURCES, Resource};
use crate::view::kubectl::table::{Columns, GET, align};

/// A kind as it was asked for; kinds that are not simulated have only their own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `Pod`.
    pub kind: String,
    /// `pods`, `deployments.apps`.
    pub qualified_plural: String,
    /// `pod`, `deployment.apps`.
    pub qualified_singular: String,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// What was asked for: objects of a kind, all or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Of this kind.
    pub kind: Kind,
    /// These; all when there are none.
    pub names: Vec<String>,
}

/// Objects of one kind that were found.
#[derive(Clone, Debug)]
pub struct Group<'s> {
    /// Their kind.
    pub kind: Kind,
    /// They.
    pub objects: Vec<&'s Object>,
}

/// What a command found.
#[derive(Clone, Debug, Default)]
pub struct Found<'s> {
    /// The objects by kind, in the order in which they were asked for.
    pub groups: Vec<Group<'s>>,
    /// What was asked for by name and is not there, as kubectl complains.
    pub missing: Vec<String>,
    /// Whether several kinds were asked for.
    pub several: bool,
    /// Whether only kinds without a namespace were asked for.
    pub cluster_wide: bool,
    /// Whether objects were asked for by name.
    pub by_name: bool,
}

impl Kind {
    fn find(state: &State<'_>, name: &str) -> Result<Self, String> {
        if let Some(resource) = Resource::find(name) {
            return Ok(Self::known(resource));
        }
        // A kind of an extension: known when an object of it exists.
        let wanted = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
        let found = state.objects.iter().find(|object| {
            let lower = object.kind().to_ascii_lowercase();
            wanted == lower || wanted == plural(&lower)
        });
        match found {
            Some(object) => {
                let lower = object.kind().to_ascii_lowercase();
                Ok(Self {
                    kind: object.kind().to_owned(),
                    qualified_plural: plural(&lower),
                    qualified_singular: lower,
                    namespaced: !object.metadata().namespace.is_empty(),
                })
            }
            None => Err(format!("error: the server doesn't have a resource type \"{name}\"")),
        }
    }

    fn known(resource: &Resource) -> Self {
        Self {
            kind: resource.kind.to_owned(),
            qualified_plural: resource.qualified_plural(),
            qualified_singular: resource.qualified_singular(),
            namespaced: resource.namespaced,
        }
    }

    fn holds(&self, object: &Object) -> bool {
        // Endpoints are what a Service's slices say; there is one of them for each Service.
        if self.kind == "Endpoints" {
            // A Service without a selector has none, unless somebody writes them.
            return matches!(object, Object::Service(own) if !own.spec.selector.is_empty());
        }
        object.kind() == self.kind
    }
}

fn plural(lower: &str) -> String {
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with('s') => format!("{lower}es"),
        None => format!("{lower}s"),
    }
}

/// Reads `pods x y`, `pods,svc`, `pod/x svc/y` or `all`.
pub fn requests(state: &State<'_>, words: &[String]) -> Result<Vec<Request>, String> {
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if words.iter().any(|word| word.contains('/')) {
        let mut requests: Vec<Request> = Vec::new();
        for word in words {
            let Some((kind, name)) =
                word.split_once('/').filter(|(k, n)| !k.is_empty() && !n.is_empty())
            else {
                return Err("error: there is no need to specify a resource type as a separate \
                            argument when passing arguments in resource/name form (e.g. 'kubectl \
                            get resource/<resource_name>' instead of 'kubectl get resource \
                            resource/<resource_name>'"
                    .to_owned());
            };
            let kind = Kind::find(state, kind)?;
            match requests.iter_mut().find(|request| request.kind == kind) {
                Some(request) => request.names.push(name.to_owned()),
                None => requests.push(Request { kind, names: vec![name.to_owned()] }),
            }
        }
        return Ok(requests);
    }
    let names = words[1..].to_vec();
    if first == "all" {
        let kinds = ALL.iter().filter_map(|kind| Resource::of_kind(kind)).map(Kind::known);
        return Ok(kinds.map(|kind| Request { kind, names: names.clone() }).collect());
    }
    first
        .split(',')
        .map(|name| Ok(Request { kind: Kind::find(state, name)?, names: names.clone() }))
        .collect()
}

/// Finds what the words and flags of a command mean.
pub fn find<'s>(state: &'s State<'_>, flags: &Flags) -> Result<Found<'s>, String> {
    let requests = requests(state, &flags.words)?;
    let selector = match &flags.selector {
        Some(text) => selector::parse(text)?,
        None => LabelSelector::default(),
    };
    let fields = flags.field_selector.as_deref().map(field_selector).transpose()?;
    let everything = flags.words.first().is_some_and(|word| word == "all");
    let mut found = Found {
        several: everything || requests.len() > 1,
        cluster_wide: requests.iter().all(|request| !request.kind.namespaced),
        by_name: requests.iter().any(|request| !request.names.is_empty()),
        ..Found::default()
    };
    for Request { kind, names } in requests {
        if let (Some(fields), Some(text)) = (&fields, &flags.field_selector)
            && let Some(refusal) = unselectable(&kind, fields, text)
        {
            return Err(refusal);
        }
        let mut objects: Vec<&Object> = state
            .objects
            .iter()
            .copied()
            .filter(|object| kind.holds(object))
            .filter(|object| {
                !kind.namespaced
                    || flags.all_namespaces
                    || object.metadata().namespace == flags.namespace()
            })
            .filter(|object| selector.matches(&object.metadata().labels))
            .filter(|object| fields.as_ref().is_none_or(|fields| fields_match(object, fields)))
            .collect();
        // The API server lists in the order of its keys: namespace, then name.
        crate::order::sort_by(&mut objects, |a, b| {
            let key = |object: &Object| {
                let metadata = object.metadata();
                (metadata.namespace.clone(), metadata.name.clone())
            };
            key(a).cmp(&key(b))
        });
        if !names.is_empty() {
            let all = std::mem::take(&mut objects);
            for name in names {
                match all.iter().find(|object| object.metadata().name == name) {
                    Some(object) => objects.push(object),
                    None => found.missing.push(format!(
                        "Error from server (NotFound): {} \"{name}\" not found",
                        kind.qualified_plural
                    )),
                }
            }
        }
        if let Some(path) = &flags.sort_by {
            sort_by(&mut objects, path)?;
        }
        if !objects.is_empty() {
            found.groups.push(Group { kind, objects });
        }
    }
    Ok(found)
}

/// Whether an object is asked for, and as what.
pub fn matches(state: &State<'_>, flags: &Flags, object: &Object) -> Option<Kind> {
    let request = requests(state, &flags.words).ok()?.into_iter().next()?;
    let metadata = object.metadata();
    let named = request.names.is_empty() || request.names.contains(&metadata.name);
    let here =
        !request.kind.namespaced || flags.all_namespaces || metadata.namespace == flags.namespace();
    let selector = flags.selector.as_deref().map(selector::parse).transpose().ok()?;
    let selected = selector.is_none_or(|selector| selector.matches(&metadata.labels));
    let fields = flags.field_selector.as_deref().map(field_selector).transpose().ok()?;
    let fits = fields.is_none_or(|fields| fields_match(object, &fields));
    (request.kind.holds(object) && named && here && selected && fits).then_some(request.kind)
}

/// Which columns a table shows.
pub fn shown(flags: &Flags, namespaced: bool, headed: bool) -> Columns<'_> {
    Columns {
        wide: flags.wide(),
        namespace: flags.all_namespaces && namespaced,
        label_columns: &flags.label_columns,
        labels: flags.show_labels,
        no_headers: flags.no_headers || headed,
    }
}

/// What stands before the names of a table.
pub fn prefix(flags: &Flags, group: &Group<'_>) -> String {
    if flags.show_kind { format!("{}/", group.kind.qualified_singular) } else { String::new() }
}

/// Reads `metadata.name=x,status.phase!=Running` as (path, is equal, value).
fn field_selector(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (path, equal, value) = if let Some((path, value)) = part.split_once("!=") {
                (path, false, value)
            } else if let Some((path, value)) = part.split_once('=') {
                (path, true, value.strip_prefix('=').unwrap_or(value))
            } else {
                return Err(format!(
                    "Error from server (BadRequest): invalid selector: '{part}'; can't understand \
                     '{part}'"
                ));
            };
            Ok((path.trim().to_owned(), equal, value.trim().to_owned()))
        })
        .collect()
}

fn fields_match(object: &Object, fields: &[(String, bool, String)]) -> bool {
    fields.iter().all(|(path, equal, wanted)| {
        let value = field_of(object, path).unwrap_or_default();
        (value == *wanted) == *equal
    })
}

/// What a field selector may ask about a kind, as pkg/apis/core/v1/conversion.go has it.
fn selectable(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &[
            "metadata.name",
            "metadata.namespace",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        "Event" => &[
            "metadata.name",
            "metadata.namespace",
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        "Node" => &["metadata.name", "spec.unschedulable"],
        "Namespace" => &["metadata.name", "status.phase"],
        "Secret" => &["metadata.name", "metadata.namespace", "type"],
        "Job" => &["metadata.name", "metadata.namespace", "status.successful"],
        "ReplicaSet" | "ReplicationController" => {
            &["metadata.name", "metadata.namespace", "status.replicas"]
        }
        "Service" => &["metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type"],
        _ => &["metadata.name", "metadata.namespace"],
    }
}

/// The refusal of a field that the API server has no index of.
fn unselectable(kind: &Kind, fields: &[(String, bool, String)], text: &str) -> Option<String> {
    let known = selectable(&kind.kind);
    let (path, _, _) = fields.iter().find(|(path, _, _)| !known.contains(&path.as_str()))?;
    let group = kind.qualified_plural.split_once('.').map_or("", |(_, group)| group);
    let version = match kind.kind.as_str() {
        "HorizontalPodAutoscaler" => "v2",
        _ => "v1",
    };
    let label = match kind.kind.as_str() {
        "Pod" | "Event" | "Node" | "Namespace" | "Secret" | "ReplicationController" | "Service" => {
            format!("field label not supported: {path}")
        }
        "Job" | "ReplicaSet" => format!("field label \"{path}\" not supported for {}", kind.kind),
        _ => format!(
            "\"{path}\" is not a known field selector: only \"metadata.name\", \
             \"metadata.namespace\""
        ),
    };
    let plural = kind.qualified_plural.split('.').next().unwrap_or_default();
    Some(format!(
        "Error from server (BadRequest): Unable to find \"{group}/{version}, Resource={plural}\" that \
         match label selector \"\", field selector \"{text}\": {label}"
    ))
}

/// What stands in a field.
fn field_of(object: &Object, path: &str) -> Option<String> {
    let metadata = object.metadata();
    let known = match (object, path) {
        (_, "metadata.name") => Some(&metadata.name),
        (_, "metadata.namespace") => Some(&metadata.namespace),
        (Object::Event(event), "involvedObject.name") => Some(&event.involved_name),
        (Object::Event(event), "involvedObject.kind") => Some(&event.involved_kind),
        (Object::Event(event), "involvedObject.uid") => Some(&event.involved_uid),
        (Object::Event(_), "involvedObject.namespace") => Some(&metadata.namespace),
        (Object::Event(event), "involvedObject.fieldPath") => Some(&event.field_path),
        (Object::Event(event), "reason") => Some(&event.reason),
        (Object::Event(event), "type") => Some(&event.kind),
        (Object::Event(event), "source" | "reportingComponent") => Some(&event.source),
        _ => None,
    };
    if let Some(known) = known {
        return Some(known.clone());
    }
    let path = if path == "status.successful" { "status.succeeded" } else { path };
    let tree = document::whole(object);
    let found = jsonpath::find(&format!("{{.{path}}}"), &tree).ok()?;
    let absent = matches!(path, "spec.unschedulable" | "spec.hostNetwork");
    match found.first() {
        Some(found) => Some(jsonpath::show(found)),
        // Go's zero values are text here.
        None => Some(if absent { "false".to_owned() } else { String::new() }),
    }
}

/// Sorts by what a path leads to: numbers, quantities, times and text.
///
/// Models kubectl/pkg/cmd/get/sorter.go: stable, and what lacks the field comes first.
fn sort_by(objects: &mut Vec<&Object>, path: &str) -> Result<(), String> {
    let mut keyed = Vec::new();
    let mut known = objects.is_empty();
    for object in objects.iter() {
        let tree = document::whole(object);
        let found = jsonpath::find(path.trim_matches(['\'', '"']), &tree)
            .map_err(|why| format!("error: error parsing jsonpath {path}, {why}"))?;
        known |= !found.is_empty();
        keyed.push((found.first().map(|found| Sortable::of(found)), *object));
    }
    if !known {
        let field = path.trim_matches(['{', '}', '\'', '"']).trim_start_matches('.');
        return Err(format!(
            "error: couldn't find any field with path \"{{.{field}}}\" in the list of objects"
        ));
    }
    crate::order::sort_by(&mut keyed, |a, b| a.0.cmp(&b.0));
    *objects = keyed.into_iter().map(|(_, object)| object).collect();
    Ok(())
}

/// A value in the order of `--sort-by`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Sortable {
    Number(i64),
    Text(String),
}

impl Sortable {
    fn of(tree: &Tree) -> Self {
        match tree {
            Tree::Int(number) => Self::Number(*number),
            Tree::Text(text) => match Quantity::parse(text) {
                Ok(quantity) => Self::Number(quantity.milli_value()),
                Err(_) => Self::Text(text.clone()),
            },
            other => Self::Text(jsonpath::show(other)),
        }
    }
}

/// Runs `kubectl get`.
pub fn run(state: &State<'_>, flags: &Flags) -> Output {
    if flags.words.is_empty() {
        return Output::error(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a \
             complete list of supported resources.\n\nerror: Required resource not specified.\nUse \
             \"kubectl explain <resource>\" for a detailed description of that resource (e.g. \
             kubectl explain pods).\nSee 'kubectl get -h' for help and examples"
                .to_owned(),
        );
    }
    if flags.all_namespaces && flags.words.len() > 1 {
        return Output::error(
            "error: a resource cannot be retrieved by name across all namespaces".to_owned(),
        );
    }
    let found = match find(state, flags) {
        Ok(found) => found,
        Err(error) => return Output::error(error),
    };
    let mut output = Output::default();
    match flags.output.as_deref() {
        None | Some("wide") => print_tables(state, flags, &found, &mut output),
        Some("name") => {
            for (group, object) in every(&found) {
                output.stdout.push_str(&format!(
                    "{}/{}\n",
                    group.kind.qualified_singular,
                    object.metadata().name
                ));
            }
        }
        Some("yaml" | "json") => print_document(flags, &found, &mut output),
        Some(form) if form.starts_with("jsonpath=") || form.starts_with("jsonpath-as-json=") => {
            let template = form.split_once('=').map_or("", |(_, template)| template);
            match jsonpath::print(template, &tree(&found)) {
                Ok(text) => output.stdout.push_str(&text),
                Err(error) => output.complain(&error),
            }
        }
        Some(form) if form.starts_with("custom-columns=") => {
            let spec = form.split_once('=').map_or("", |(_, spec)| spec);
            match custom_columns(spec, &found, flags.no_headers) {
                Ok(text) => output.stdout.push_str(&text),
                Err(error) => output.complain(&error),
            }
        }
        Some(other) => {
            // cli-runtime genericclioptions NoCompatiblePrinterError, with every printer it has.
            return Output::error(format!(
                "error: unable to match a printer suitable for the output format \"{other}\", \
                 allowed formats are: custom-columns,custom-columns-file,go-template,\
                 go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,\
                 template,templatefile,wide,yaml"
            ));
        }
    }
    if !flags.ignore_not_found {
        for missing in &found.missing {
            output.complain(missing);
        }
    }
    output
}

/// Everything that was found, kind by kind.
pub fn every<'f, 's>(found: &'f Found<'s>) -> impl Iterator<Item = (&'f Group<'s>, &'s Object)> {
    found.groups.iter().flat_map(|group| group.objects.iter().map(move |object| (group, *object)))
}

fn print_tables(state: &State<'_>, flags: &Flags, found: &Found<'_>, output: &mut Output) {
    let namespace_column =
        flags.all_namespaces && found.groups.iter().any(|group| group.kind.namespaced);
    for (index, group) in found.groups.iter().enumerate() {
        if index > 0 && !flags.no_headers {
            output.stdout.push('\n');
        }
        let prefix = if found.several || flags.show_kind {
            format!("{}/", group.kind.qualified_singular)
        } else {
            String::new()
        };
        let kind = group.kind.kind.as_str();
        if kind == "Endpoints" {
            output.stderr.push_str(
                "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 \
                 EndpointSlice\n",
            );
        }
        let shown = Columns {
            wide: flags.wide(),
            namespace: namespace_column,
            label_columns: &flags.label_columns,
            labels: flags.show_labels,
            no_headers: flags.no_headers,
        };
        let table = columns::table(kind, &group.objects, state, flags.wide());
        // Events are listed by age: their names say nothing, and are not shown.
        let prefix = if kind == "Event" && !flags.wide() { "" } else { &prefix };
        output.stdout.push_str(&table.print(shown, prefix));
    }
    if found.groups.is_empty() && found.missing.is_empty() && !flags.ignore_not_found {
        output.stderr.push_str(&if flags.all_namespaces || found.cluster_wide {
            "No resources found\n".to_owned()
        } else {
            format!("No resources found in {} namespace.\n", flags.namespace())
        });
    }
}

fn print_document(flags: &Flags, found: &Found<'_>, output: &mut Output) {
    let objects: Vec<&Object> = every(found).map(|(_, object)| object).collect();
    let single = found.by_name && objects.len() == 1 && found.missing.is_empty();
    if objects.is_empty() && found.by_name {
        return;
    }
    output.stdout.push_str(&if flags.output.as_deref() == Some("json") {
        document::json(&objects, single)
    } else {
        document::yaml(&objects, single)
    });
}

/// What was found as one value: the object asked for by name, or a List.
fn tree(found: &Found<'_>) -> Tree {
    let mut items: Vec<Tree> = every(found).map(|(_, object)| document::whole(object)).collect();
    if found.by_name && items.len() == 1 && found.missing.is_empty() {
        items.remove(0)
    } else {
        document::list(items)
    }
}

/// A table whose columns are `TITLE:PATH`.
///
/// Models kubectl/pkg/cmd/get/customcolumn.go.
fn custom_columns(spec: &str, found: &Found<'_>, no_headers: bool) -> Result<String, String> {
    let mut columns = Vec::new();
    for column in spec.split(',') {
        let Some((title, path)) = column.split_once(':').filter(|(_, path)| !path.is_empty())
        else {
            return Err(format!(
                "error: unexpected custom-columns spec: {column}, expected <header>:<json-path-expr>"
            ));
        };
        columns.push((title, path));
    }
    let mut text = String::new();
    if !no_headers {
        text.push_str(&columns.iter().map(|(title, _)| *title).collect::<Vec<_>>().join("\t"));
        text.push('\n');
    }
    for (_, object) in every(found) {
        let tree = document::whole(object);
        let mut cells = Vec::new();
        for (_, path) in &columns {
            let found = jsonpath::find(path, &tree).map_err(|why| format!("error: {why}"))?;
            let shown: Vec<String> = found.iter().map(|found| jsonpath::show(found)).collect();
            cells.push(if shown.is_empty() { "<none>".to_owned() } else { shown.join(",") });
        }
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    Ok(align(&text, GET))
}

/// Runs `kubectl api-resources`.
pub fn api_resources(flags: &Flags) -> Output {
    use crate::view::kubectl::table::{Row, Table};
    let shown: Vec<&Resource> = RESOURCES
        .iter()
        .filter(|resource| flags.namespaced.is_none_or(|wanted| resource.namespaced == wanted))
        .filter(|resource| {
            let version = resource.api_version();
            let group = version.split_once('/').map_or("", |(group, _)| group);
            flags.api_group.as_ref().is_none_or(|wanted| wanted == group)
        })
        .collect();
    match flags.output.as_deref() {
        None | Some("wide") => {}
        Some("name") => {
            let names = shown.iter().map(|resource| resource.qualified_plural() + "\n");
            return Output::ok(names.collect());
        }
        Some(other) => {
            return Output::error(format!("error: --output {other} is not available"));
        }
    }
    let rows = shown
        .iter()
        .map(|resource| Row {
            cells: vec![
                resource.plural.to_owned(),
                resource.short.join(","),
                resource.api_version(),
                resource.namespaced.to_string(),
                resource.kind.to_owned(),
            ],
            ..Row::default()
        })
        .collect();
    let table = Table {
        columns: &["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"],
        narrow: 5,
        rows,
    };
    Output::ok(table.print(Columns { no_headers: flags.no_headers, ..Columns::default() }, ""))
}
