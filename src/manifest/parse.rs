//! YAML text → span trees, one a document. The only file that knows the YAML crate.
//!
//! Owns: documents, anchors and aliases, merges, duplicate keys, limits and syntax errors. Does not
//! own: what a scalar means (`scalar.rs`) or what a document is for (`load.rs`).

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use crate::diagnostic::{Diagnostic, Finding, Hint, Message, Severity, Span};
use crate::manifest::node::{Key, Node, Value};
use crate::manifest::scalar::resolve_plain;
use crate::map::Map;

/// Bytes of text that are read. Invented: a hundred times the longest manifest one would paste.
pub const TEXT_LIMIT: usize = 2 * 1024 * 1024;
/// Values that are kept, over all documents. Invented: keeps memory below some 30 MB.
const NODE_LIMIT: usize = 200_000;
/// Values that aliases may add. Invented; go-yaml allows a ratio that grows with the text.
const ALIAS_LIMIT: usize = 20_000;
/// Values that are kept for aliases. Invented: anchors inside anchors are kept once for each.
const ANCHOR_LIMIT: usize = 400_000;
/// Bytes that are read again for escapes of YAML 1.1. Invented: each scalar with one is a reading
/// of its own.
const MEND_WORK: usize = 10 * TEXT_LIMIT;
/// Levels of nesting. Invented: twice as deep as any API object, far from any stack's end.
const DEPTH_LIMIT: usize = 100;

/// One document of a text.
#[derive(Debug)]
pub struct Document {
    /// The bytes between the separators.
    pub span: Span,
    /// The value, or what Kubernetes' YAML library would say.
    pub root: Result<Node, String>,
}

/// Reads a text into documents; empty ones are left out. Never fails.
pub fn parse(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut budget = Budget { nodes: NODE_LIMIT, aliased: ALIAS_LIMIT, anchored: ANCHOR_LIMIT };
    let read = within_limit(text, diagnostics);
    for span in chunks(read) {
        if budget.nodes == 0 {
            break;
        }
        parse_chunk(text, span, &mut budget, &mut documents, diagnostics);
    }
    documents
}

/// What is left of the limits.
#[derive(Clone, Copy)]
struct Budget {
    nodes: usize,
    aliased: usize,
    anchored: usize,
}

/// Cuts a text that is too long behind its last whole document.
fn within_limit<'t>(text: &'t str, diagnostics: &mut Vec<Diagnostic>) -> &'t str {
    if text.len() <= TEXT_LIMIT {
        return text;
    }
    let mut end = TEXT_LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind("\n---").unwrap_or(0);
    diagnostics.push(Diagnostic {
        severity: Severity::Rejected,
        span: Span { start: end, end: text.len() },
        field: String::new(),
        message: Message::Ours(Finding::TextTooLong { bytes: text.len(), limit: TEXT_LIMIT }),
        hint: Some(Hint::MakeItSmaller),
    });
    &text[..end]
}

/// The parts between lines that begin with `---`, where every YAML document must end.
///
/// Models apimachinery/pkg/util/yaml/decoder.go, which splits before it parses: so one broken
/// document does not take the others along.
fn chunks(text: &str) -> Vec<Span> {
    let start_of_text = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut chunks = vec![Span { start: start_of_text, end: text.len() }];
    let mut at = start_of_text;
    for line in text[start_of_text..].split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---")
            && (rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        {
            if let Some(last) = chunks.last_mut() {
                last.end = at;
            }
            chunks.push(Span { start: at + 3, end: text.len() });
        }
        at += line.len();
    }
    let blank = |span: &Span| {
        text[span.start..span.end].lines().all(|line| {
            let line = line.trim();
            line.is_empty() || line.starts_with(['#', '%']) || line == "..."
        })
    };
    chunks.retain(|span| !blank(span));
    chunks
}

fn parse_chunk(
    text: &str,
    span: Span,
    budget: &mut Budget,
    documents: &mut Vec<Document>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut source = Source { text: text[span.start..span.end].into(), span, longer: Vec::new() };
    let before = *budget;
    let mut result = source.read(text, budget);
    for _ in 0..=MEND_WORK / source.text.len().max(1) {
        let Some(offset) = result.stopped_at else { break };
        if !source.mend(offset) {
            break;
        }
        *budget = before;
        result = source.read(text, budget);
    }
    diagnostics.append(&mut result.diagnostics);
    documents.extend(result.roots.into_iter().map(|root| Document { span, root: Ok(root) }));
    if let Some(failure) = result.failure {
        let words = match &failure.message {
            Message::Ours(Finding::Syntax(words)) => {
                let at = failure.span.start.saturating_sub(span.start);
                Some(go_words(words, &text[span.start..span.end], at))
            }
            Message::Ours(Finding::UnknownAlias(name)) => {
                Some(format!("unknown anchor '{name}' referenced"))
            }
            Message::Ours(Finding::TooManyAliases { .. }) => {
                Some("document contains excessive aliasing".to_owned())
            }
            Message::Ours(_) | Message::Kubernetes(_) => None,
        };
        documents.extend(words.map(|words| Document { span, root: Err(words) }));
        diagnostics.push(*failure);
    }
}

/// The text of a chunk as the parser gets it.
struct Source<'t> {
    text: Cow<'t, str>,
    span: Span,
    /// Places in `text` behind which two more bytes stand than in the original.
    longer: Vec<usize>,
}

/// What became of a chunk.
struct Outcome {
    roots: Vec<Node>,
    failure: Option<Failure>,
    /// Where an escape is that the scanner does not know, in the source.
    stopped_at: Option<usize>,
    diagnostics: Vec<Diagnostic>,
}

impl Source<'_> {
    fn read(&self, text: &str, budget: &mut Budget) -> Outcome {
        let options =
            granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
        let mut builder = Builder::new(text, self.span.start, budget);
        let mut parser = Parser::new_from_str_with_options(&self.text, options);
        let (mut roots, mut stopped_at) = (Vec::new(), None);
        let failure = loop {
            let Some(next) = parser.next_event() else { break None };
            match next {
                Ok((event, place)) => {
                    let range = place.byte_range().unwrap_or_default();
                    let (start, end) = (self.original(range.start), self.original(range.end));
                    if let Err(failure) = builder.event(event, Span { start, end }) {
                        break Some(failure);
                    }
                    if builder.finished {
                        builder.finished = false;
                        roots.extend(builder.root.take());
                    }
                }
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or_default();
                    let words = error.info();
                    stopped_at = words.contains("unknown escape").then_some(offset);
                    let start = self.original(offset);
                    break Some(Box::new(syntax_error(text, self.span, start, words)));
                }
            }
        };
        Outcome { roots, failure, stopped_at, diagnostics: builder.diagnostics }
    }

    /// The byte of the whole text that a byte of the source came from.
    fn original(&self, offset: usize) -> usize {
        let longer = self.longer.partition_point(|place| *place < offset);
        (self.span.start + offset.saturating_sub(2 * longer)).min(self.span.end)
    }

    /// Writes `\'` in the quoted scalar where the parser stopped as YAML 1.2 knows it: `\x27`.
    ///
    /// Kubernetes' YAML library allows this escape, goyaml.v2/scannerc.go.
    fn mend(&mut self, stopped_at: usize) -> bool {
        // The scanner stops at the quote that opens the scalar, or inside it.
        let quote = self.text.get(stopped_at..).is_some_and(|rest| rest.starts_with('"'));
        let first = stopped_at + usize::from(quote);
        if self.text.get(first..).is_none() {
            return false;
        }
        let mut mended = self.text[..first].to_owned();
        let mut rest = &self.text[first..];
        let mut longer = self.longer.clone();
        while let Some(at) = rest.find(['\\', '"']) {
            mended.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with('"') {
                break;
            }
            if let Some(behind) = rest.strip_prefix("\\'") {
                mended.push_str("\\x27");
                longer.push(mended.len() - 1);
                rest = behind;
            } else {
                let next = rest.chars().nth(1).map_or(1, |next| 1 + next.len_utf8());
                mended.push_str(&rest[..next]);
                rest = &rest[next..];
            }
        }
        mended.push_str(rest);
        if mended.len() == self.text.len() {
            return false;
        }
        crate::order::sort(&mut longer);
        self.longer = longer;
        self.text = mended.into();
        true
    }
}

/// The error as Kubernetes' YAML library words it, which counts lines in the document.
///
/// Models goyaml.v2/decode.go `fail`: the scanner counts lines from one, the parser from nought,
/// and neither speaks of the first.
fn go_words(words: &str, chunk: &str, at: usize) -> String {
    // The library that splits the documents takes the separator's whole line away.
    let first = usize::from(chunk.starts_with(['\r', '\n']));
    let before = chunk.get(first..at.max(first)).unwrap_or_default();
    let above = before.matches('\n').count();
    let problem = words.rsplit(", ").next().unwrap_or_default();
    let (problem, line) = match problem {
        _ if words.starts_with("while parsing a ") && !words.contains("escape") => (problem, above),
        _ if words.starts_with("tabs disallowed") || words.starts_with("unexpected character") => {
            ("found character that cannot start any token", above + 1)
        }
        "found a tab" => ("found a tab character that violates indentation", above + 2),
        "unclosed quote" => {
            ("found unexpected end of stream", chunk[first..].matches('\n').count() + 1)
        }
        "simple key expected ':'" => ("could not find expected ':'", above + 2),
        "misplaced bracket" => ("did not find expected node content", above),
        "illegal placement of ':' indicator" => ("did not find expected ',' or ']'", above),
        other => (other, above + 1),
    };
    match line {
        0 | 1 => problem.to_owned(),
        line => format!("line {line}: {problem}"),
    }
}

/// An error of the scanner, with what usually causes it.
fn syntax_error(text: &str, chunk: Span, at: usize, words: String) -> Diagnostic {
    let mut start = at.min(chunk.end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = &text[line_start..line_end];
    let indent_has_tab = line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).any(|b| b == b'\t');
    let length = text[start..line_end].chars().next().map_or(0, char::len_utf8);
    Diagnostic {
        severity: Severity::Rejected,
        span: Span { start, end: start + length },
        field: String::new(),
        hint: (indent_has_tab || words.contains(" tab")).then_some(Hint::UseSpaces),
        message: Message::Ours(Finding::Syntax(words)),
    }
}

/// Why a chunk cannot be read on.
type Failure = Box<Diagnostic>;

/// A collection that is not finished yet.
enum Open {
    Seq { start: usize, flow: bool, anchor: usize, items: Vec<Node> },
    Map { start: usize, flow: bool, anchor: usize, entries: Vec<(Key, Node)>, key: Option<Key> },
}

/// Builds the tree of one chunk out of events.
struct Builder<'t, 'b> {
    text: &'t str,
    chunk_start: usize,
    budget: &'b mut Budget,
    open: Vec<Open>,
    root: Option<Node>,
    finished: bool,
    /// Anchored values, how many nodes each holds, and how deep it is.
    anchors: Map<usize, (Node, Measure)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t, 'b> Builder<'t, 'b> {
    fn new(text: &'t str, chunk_start: usize, budget: &'b mut Budget) -> Self {
        Self {
            text,
            chunk_start,
            budget,
            open: Vec::new(),
            root: None,
            finished: false,
            anchors: Map::new(),
            diagnostics: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, place: Span) -> Result<(), Failure> {
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) => Ok(()),
            Event::DocumentEnd => {
                self.finished = true;
                self.anchors.clear();
                Ok(())
            }
            Event::Alias(id) => self.alias(id, place),
            Event::UnresolvedAlias(name) => {
                Err(rejected(place, Finding::UnknownAlias(name.into_owned())))
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(place)?;
                let tag = tag.as_ref().and_then(|tag| tag.core_suffix());
                let value = match (style, tag) {
                    (ScalarStyle::Plain, Some("str")) => Value::String(text.into_owned()),
                    (ScalarStyle::Plain, _) => resolve_plain(&text),
                    (_, Some("bool" | "int" | "float" | "null")) => resolve_plain(&text),
                    _ => Value::String(text.into_owned()),
                };
                let span = self.scalar_span(place, style);
                self.finish(Node { span, value }, anchor)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.spend(place)?;
                let flow = style == StructureStyle::Flow;
                self.deeper(
                    place,
                    Open::Seq { start: place.start, flow, anchor, items: Vec::new() },
                )
            }
            Event::MappingStart(style, anchor, _) => {
                self.spend(place)?;
                let flow = style == StructureStyle::Flow;
                let entries = Vec::new();
                self.deeper(
                    place,
                    Open::Map { start: place.start, flow, anchor, entries, key: None },
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            // Comments and anchors' names are not asked for; later events mean nothing here.
            _ => Ok(()),
        }
    }

    fn spend(&mut self, place: Span) -> Result<(), Failure> {
        match self.budget.nodes.checked_sub(1) {
            Some(left) => {
                self.budget.nodes = left;
                Ok(())
            }
            None => Err(rejected(place, Finding::TooManyObjects { limit: NODE_LIMIT })),
        }
    }

    fn deeper(&mut self, place: Span, open: Open) -> Result<(), Failure> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(rejected(place, Finding::TooDeep { limit: DEPTH_LIMIT }));
        }
        self.open.push(open);
        Ok(())
    }

    /// Block scalars end with their last line, not with the blank lines behind it.
    fn scalar_span(&self, place: Span, style: ScalarStyle) -> Span {
        match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let body = self.text.get(place.start..place.end).unwrap_or_default();
                Span { start: place.start, end: place.start + body.trim_end().len() }
            }
            _ => place,
        }
    }

    fn alias(&mut self, id: usize, place: Span) -> Result<(), Failure> {
        let Some((node, measure)) = self.anchors.get(&id) else {
            // An alias inside its own anchor: the value is not complete yet.
            let name = self.text.get(place.start + 1..place.end).unwrap_or_default().to_owned();
            return Err(rejected(place, Finding::UnknownAlias(name)));
        };
        if self.open.len() + measure.depth > DEPTH_LIMIT {
            return Err(rejected(place, Finding::TooDeep { limit: DEPTH_LIMIT }));
        }
        match self.budget.aliased.checked_sub(measure.nodes) {
            Some(left) => self.budget.aliased = left,
            None => return Err(rejected(place, Finding::TooManyAliases { limit: ALIAS_LIMIT })),
        }
        let mut node = node.clone();
        node.span = place;
        self.finish(node, 0)
    }

    fn close(&mut self, place: Span) -> Result<(), Failure> {
        match self.open.pop() {
            Some(Open::Seq { start, flow, anchor, items }) => {
                let inner = items.last().map(|item| item.span.end);
                let span = Span { start, end: collection_end(flow, place, inner, start) };
                self.finish(Node { span, value: Value::Seq(items) }, anchor)
            }
            Some(Open::Map { start, flow, anchor, entries, key: _ }) => {
                let inner = entries.last().map(|(key, node)| node.span.end.max(key.span.end));
                let start = entries.first().map_or(start, |(key, _)| {
                    if flow { start } else { key.span.start.min(start.max(self.chunk_start)) }
                });
                let span = Span { start, end: collection_end(flow, place, inner, start) };
                let entries = self.merged(entries);
                self.finish(Node { span, value: Value::Map(entries) }, anchor)
            }
            None => Ok(()),
        }
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Failure> {
        if anchor != 0 {
            let measure = measure(&node);
            match self.budget.anchored.checked_sub(measure.nodes) {
                Some(left) => self.budget.anchored = left,
                None => {
                    let finding = Finding::TooManyAliases { limit: ANCHOR_LIMIT };
                    return Err(rejected(node.span, finding));
                }
            }
            self.anchors.insert(anchor, (node.clone(), measure));
        }
        match self.open.last_mut() {
            None => {
                self.root = Some(node);
                Ok(())
            }
            Some(Open::Seq { items, .. }) => {
                items.push(node);
                Ok(())
            }
            Some(Open::Map { entries, key, .. }) => {
                match key.take() {
                    None => *key = Some(key_of(&node)?),
                    Some(name) => entries.push((name, node)),
                }
                Ok(())
            }
        }
    }

    /// Resolves `<<` and keys that stand twice: the last one counts, and is kept in its place.
    fn merged(&mut self, entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
        let mut first: Map<String, usize> = Map::new();
        let mut result: Vec<(Key, Node)> = Vec::with_capacity(entries.len());
        let mut merges = Vec::new();
        for (key, node) in entries {
            if key.name == "<<" && self.is_plain(key.span) {
                merges.push(node);
                continue;
            }
            if let Some(at) = first.get(&key.name).copied() {
                self.diagnostics.push(Diagnostic {
                    severity: Severity::Surprising,
                    span: key.span,
                    field: String::new(),
                    message: Message::Ours(Finding::DuplicateKey(key.name.clone())),
                    hint: None,
                });
                if let Some(slot) = result.get_mut(at) {
                    *slot = (key, node);
                }
                continue;
            }
            first.insert(key.name.clone(), result.len());
            result.push((key, node));
        }
        for node in merges {
            // A list of mappings: the earlier one wins.
            let sources = match node.value {
                Value::Seq(items) => items,
                value => vec![Node { span: node.span, value }],
            };
            for source in sources {
                let Value::Map(entries) = source.value else { continue };
                for (key, node) in entries {
                    if !first.contains_key(&key.name) {
                        first.insert(key.name.clone(), result.len());
                        result.push((key, node));
                    }
                }
            }
        }
        result
    }

    fn is_plain(&self, span: Span) -> bool {
        self.text.get(span.start..span.end) == Some("<<")
    }
}

fn collection_end(flow: bool, place: Span, inner: Option<usize>, start: usize) -> usize {
    if flow { place.end } else { inner.unwrap_or(start) }
}

/// How big a value is.
#[derive(Clone, Copy)]
struct Measure {
    nodes: usize,
    depth: usize,
}

fn measure(node: &Node) -> Measure {
    let mut total = Measure { nodes: 1, depth: 1 };
    let items = node.items().iter();
    for child in items.chain(node.entries().iter().map(|(_, node)| node)) {
        let inner = measure(child);
        total.nodes += inner.nodes;
        total.depth = total.depth.max(inner.depth + 1);
    }
    total
}

/// Models sigs.k8s.io/yaml, which turns numbers and booleans that are keys into their text.
fn key_of(node: &Node) -> Result<Key, Failure> {
    let name = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Seq(_) | Value::Map(_) => {
            return Err(rejected(node.span, Finding::Syntax("invalid map key".to_owned())));
        }
    };
    Ok(Key { span: node.span, name })
}

fn rejected(span: Span, finding: Finding) -> Failure {
    let hint = match &finding {
        Finding::TooManyAliases { .. }
        | Finding::TooDeep { .. }
        | Finding::TooManyObjects { .. } => Some(Hint::MakeItSmaller),
        _ => None,
    };
    Box::new(Diagnostic {
        severity: Severity::Rejected,
        span,
        field: String::new(),
        message: Message::Ours(finding),
        hint,
    })
}
