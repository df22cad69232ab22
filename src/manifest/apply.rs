//! What `kubectl apply -f` says about each document, word for word.
//!
//! Owns: [`Applied`], [`Refusal`] and their text. Does not own: deciding (`load.rs`, `validate/`).

use crate::diagnostic::Span;

/// What became of one object of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The document, or the item of a list.
    pub span: Span,
    /// The kind as written.
    pub kind: String,
    /// The name as written.
    pub name: String,
    /// The resource in kubectl's answers: `deployment.apps`.
    pub resource: String,
    /// `created`, `configured` or `unchanged`; says nothing when refused.
    pub verb: &'static str,
    /// Warnings of the API server, without `Warning: `.
    pub warnings: Vec<String>,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
}

/// Why kubectl or the API server refused an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The text is no YAML; the words of the YAML library.
    NotYaml(String),
    /// Too little to be an object at all.
    NotAnObject(String),
    /// The kind does not exist; apiVersion, namespace.
    NoMatch {
        /// `v1`.
        api_version: String,
        /// As written, or nothing.
        namespace: String,
    },
    /// kubectl itself cannot read the metadata.
    Undecodable(String),
    /// No name to ask the server for; plural resource and group/version.
    NoName {
        /// `/v1, Resource=pods`.
        resource: String,
        /// `/v1, Kind=Pod`.
        kind: String,
    },
    /// kubectl refuses by itself.
    Kubectl(String),
    /// The API server cannot decode the object.
    BadRequest(String),
    /// The API server knows why the object is wrong.
    Invalid(Vec<String>),
}

/// What kubectl printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit code.
    pub exit: i32,
}

/// The whole answer to `kubectl apply -f <file>`.
pub fn kubectl_apply(applied: &[Applied], file: &str) -> Output {
    let mut output = Output::default();
    let mut errors = String::new();
    for object in applied {
        for warning in &object.warnings {
            output.stderr.push_str(&format!("Warning: {warning}\n"));
        }
        match &object.refusal {
            Some(refusal) => {
                errors.push_str(&refusal.text(object, file));
                errors.push('\n');
            }
            None => output.stdout.push_str(&object.line()),
        }
    }
    if applied.is_empty() {
        errors.push_str("error: no objects passed to apply\n");
    }
    output.exit = i32::from(!errors.is_empty());
    output.stderr.push_str(&errors);
    output
}

impl Applied {
    /// The line of an object that was accepted: `pod/p created`.
    pub fn line(&self) -> String {
        format!("{}/{} {}\n", self.resource, self.name, self.verb)
    }
}

impl Refusal {
    /// The error as kubectl prints it, without the last line break.
    ///
    /// Models kubectl/pkg/cmd/util/helpers.go and cli-runtime/pkg/resource/visitor.go.
    pub fn text(&self, object: &Applied, file: &str) -> String {
        match self {
            Self::NotYaml(words) => {
                format!("error: error parsing {file}: error converting YAML to JSON: yaml: {words}")
            }
            Self::NotAnObject(words) => format!(
                "error: error validating \"{file}\": error validating data: {words}; if you \
                 choose to ignore these errors, turn validation off with --validate=false"
            ),
            Self::NoMatch { api_version, namespace } => format!(
                "error: resource mapping not found for name: \"{}\" namespace: \"{namespace}\" \
                 from \"{file}\": no matches for kind \"{}\" in version \"{api_version}\"\n\
                 ensure CRDs are installed first",
                object.name, object.kind
            ),
            Self::Undecodable(words) => format!("error: unable to decode \"{file}\": {words}"),
            Self::NoName { resource, kind } => format!(
                "error: error when retrieving current configuration of:\n\
                 Resource: \"{resource}\", GroupVersionKind: \"{kind}\"\n\
                 Name: \"\", Namespace: \"default\"\n\
                 from server for: \"{file}\": resource name may not be empty"
            ),
            Self::Kubectl(words) => format!("error: {words}"),
            Self::BadRequest(words) => {
                format!("Error from server (BadRequest): error when creating \"{file}\": {words}")
            }
            Self::Invalid(causes) => {
                let start = format!("The {} \"{}\" is invalid: ", object.kind, object.name);
                match causes.as_slice() {
                    [one] => start + one,
                    several => {
                        let lines: String =
                            several.iter().map(|cause| format!("\n* {cause}")).collect();
                        start + &lines
                    }
                }
            }
        }
    }
}
