//! The command line of kubectl: words and flags, with its own complaints.
//!
//! Owns: [`Flags`]. Does not own: what a verb does with them.

/// The flags that the reading verbs understand, and the words that are not flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Words without a dash.
    pub words: Vec<String>,
    /// `-n`, `--namespace`.
    pub namespace: Option<String>,
    /// `-A`, `--all-namespaces`.
    pub all_namespaces: bool,
    /// `-o`, `--output`.
    pub output: Option<String>,
    /// `-l`, `--selector`.
    pub selector: Option<String>,
    /// `--field-selector`.
    pub field_selector: Option<String>,
    /// `--sort-by`.
    pub sort_by: Option<String>,
    /// `--show-labels`.
    pub show_labels: bool,
    /// `-L`, `--label-columns`.
    pub label_columns: Vec<String>,
    /// `--namespaced`, when it is set.
    pub namespaced: Option<bool>,
    /// `--api-group`, when it is set.
    pub api_group: Option<String>,
    /// `--show-kind`.
    pub show_kind: bool,
    /// `--no-headers`.
    pub no_headers: bool,
    /// `--ignore-not-found`.
    pub ignore_not_found: bool,
    /// `--show-events`, on unless it is turned off.
    pub hide_events: bool,
    /// `-c`, `--container`.
    pub container: Option<String>,
    /// `-p`, `--previous`.
    pub previous: bool,
    /// `--tail`.
    pub tail: Option<usize>,
    /// `--timestamps`.
    pub timestamps: bool,
    /// `--all-containers`.
    pub all_containers: bool,
    /// `--prefix`.
    pub prefix: bool,
    /// `--containers`.
    pub containers: bool,
    /// `--for`.
    pub about: Option<String>,
    /// `--types`.
    pub types: Option<String>,
    /// `-w`, `--watch`.
    pub watch: bool,
    /// `--watch-only`.
    pub watch_only: bool,
    /// `--revision`.
    pub revision: Option<i64>,
    /// `--timeout`.
    pub timeout: Option<String>,
    /// `--since`, in seconds.
    pub since: Option<i64>,
    /// `--recursive`.
    pub recursive: bool,
    /// `--limit-bytes` and the like change nothing here.
    pub client: bool,
}

/// Flags that take a value: long name and letter.
const VALUES: &[(&str, &str)] = &[
    ("namespace", "n"),
    ("output", "o"),
    ("selector", "l"),
    ("field-selector", ""),
    ("sort-by", ""),
    ("container", "c"),
    ("tail", ""),
    ("for", ""),
    ("types", ""),
    ("chunk-size", ""),
    ("revision", ""),
    ("timeout", ""),
    ("since", ""),
    ("request-timeout", ""),
    ("context", ""),
    ("kubeconfig", ""),
    ("limit-bytes", ""),
    ("max-log-requests", ""),
    ("api-version", ""),
    ("api-group", ""),
    ("label-columns", "L"),
    ("verbs", ""),
];

/// Flags that stand alone: long name and letter.
const SWITCHES: &[(&str, &str)] = &[
    ("all-namespaces", "A"),
    ("show-labels", ""),
    ("show-kind", ""),
    ("no-headers", ""),
    ("ignore-not-found", ""),
    ("show-events", ""),
    ("previous", "p"),
    ("timestamps", ""),
    ("all-containers", ""),
    ("prefix", ""),
    ("containers", ""),
    ("watch", "w"),
    ("follow", "f"),
    ("watch-only", ""),
    ("recursive", ""),
    ("client", ""),
    ("all", ""),
    ("show-managed-fields", ""),
    ("server-print", ""),
    ("namespaced", ""),
    ("minify", ""),
];

impl Flags {
    /// Reads the words after a verb; a complaint comes as kubectl words it.
    pub fn parse(verb: &str, words: &[String]) -> Result<Self, String> {
        let usage = |what: String| format!("error: {what}\nSee 'kubectl {verb} --help' for usage.");
        let mut flags = Self::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                flags.words.extend(rest.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, inline) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                if SWITCHES.iter().any(|(known, _)| *known == name) {
                    flags.switch(name, inline.as_deref() != Some("false"));
                } else if VALUES.iter().any(|(known, _)| *known == name) {
                    let value = inline
                        .or_else(|| rest.next().cloned())
                        .ok_or_else(|| usage(format!("flag needs an argument: --{name}")))?;
                    flags.value(name, value).map_err(usage)?;
                } else {
                    return Err(usage(format!("unknown flag: --{name}")));
                }
            } else if word.len() > 1 && word.starts_with('-') {
                flags.letters(&word[1..], &mut rest).map_err(usage)?;
            } else {
                flags.words.push(word.clone());
            }
        }
        Ok(flags)
    }

    /// Reads `-Aw`, `-owide`, `-o wide`.
    fn letters<'a>(
        &mut self,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        for (index, letter) in letters.char_indices() {
            let mut buffer = [0; 4];
            let short: &str = letter.encode_utf8(&mut buffer);
            if let Some((name, _)) = SWITCHES.iter().find(|(_, known)| *known == short) {
                self.switch(name, true);
            } else if let Some((name, _)) = VALUES.iter().find(|(_, known)| *known == short) {
                let inline = &letters[index + letter.len_utf8()..];
                let inline = inline.strip_prefix('=').unwrap_or(inline);
                let value = if inline.is_empty() {
                    rest.next().cloned().ok_or_else(|| {
                        format!("flag needs an argument: '{letter}' in -{letters}")
                    })?
                } else {
                    inline.to_owned()
                };
                return self.value(name, value);
            } else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{letters}"));
            }
        }
        Ok(())
    }

    fn switch(&mut self, name: &str, on: bool) {
        match name {
            "all-namespaces" => self.all_namespaces = on,
            "show-labels" => self.show_labels = on,
            "show-kind" => self.show_kind = on,
            "no-headers" => self.no_headers = on,
            "ignore-not-found" => self.ignore_not_found = on,
            "show-events" => self.hide_events = !on,
            "previous" => self.previous = on,
            "timestamps" => self.timestamps = on,
            "all-containers" => self.all_containers = on,
            "prefix" => self.prefix = on,
            "containers" => self.containers = on,
            "watch" => self.watch = on,
            "watch-only" => (self.watch, self.watch_only) = (on || self.watch, on),
            "recursive" => self.recursive = on,
            "client" => self.client = on,
            "namespaced" => self.namespaced = Some(on),
            _ => {}
        }
    }

    fn value(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "namespace" => self.namespace = Some(value),
            "output" => self.output = Some(value),
            "selector" => self.selector = Some(value),
            "label-columns" => {
                self.label_columns.extend(value.split(',').map(str::to_owned));
            }
            "api-group" => self.api_group = Some(value),
            "field-selector" => self.field_selector = Some(value),
            "sort-by" => self.sort_by = Some(value),
            "container" => self.container = Some(value),
            "for" => self.about = Some(value),
            "types" => self.types = Some(value),
            "timeout" => self.timeout = Some(value),
            "revision" => self.revision = value.parse().ok(),
            "since" => match crate::time::Duration::parse(&value) {
                Some(span) => self.since = Some(span.as_micros() / 1_000_000),
                None => {
                    return Err(format!(
                        "invalid argument \"{value}\" for \"--since\" flag: time: invalid duration \
                         \"{value}\""
                    ));
                }
            },
            "tail" => match value.parse::<i64>() {
                // -1 stands for all lines.
                Ok(lines) => self.tail = usize::try_from(lines).ok(),
                Err(_) => {
                    return Err(format!(
                        "invalid argument \"{value}\" for \"--tail\" flag: strconv.ParseInt: \
                         parsing \"{value}\": invalid syntax"
                    ));
                }
            },
            _ => {}
        }
        Ok(())
    }

    /// The namespace that is meant.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// Whether `-o wide` is asked for.
    pub fn wide(&self) -> bool {
        self.output.as_deref() == Some("wide")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Flags, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Flags::parse("get", &words)
    }

    #[test]
    fn flags_are_read_in_every_form() {
        let flags = parse("pods -Aowide --selector=app=web --tail -1 x").unwrap();
        assert!(flags.all_namespaces && flags.wide());
        assert_eq!(flags.selector.as_deref(), Some("app=web"));
        assert_eq!(flags.words, ["pods", "x"]);
        assert_eq!(flags.tail, None);
        assert_eq!(parse("-o=yaml").unwrap().output.as_deref(), Some("yaml"));
        assert!(parse("--show-events=false").unwrap().hide_events);
    }

    #[test]
    fn complaints_are_kubectls() {
        let see = "\nSee 'kubectl get --help' for usage.";
        for (line, error) in [
            ("--foo=1", "error: unknown flag: --foo"),
            ("pods -x", "error: unknown shorthand flag: 'x' in -x"),
            ("pods -n", "error: flag needs an argument: 'n' in -n"),
            ("pods --namespace", "error: flag needs an argument: --namespace"),
        ] {
            assert_eq!(parse(line), Err(format!("{error}{see}")), "{line}");
        }
    }
}
