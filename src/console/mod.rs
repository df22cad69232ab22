//! A prompt at a moment: what a line that is typed there prints, and what it does to the scenario.
//!
//! Owns: [`ask`]: which lines are kubectl's, which only look, which become actions, and what is
//! said where something is not modelled. What changes something is tried out first
//! (`Cluster::attempt`): a command that kubectl refuses is answered and not written down. Does not
//! own: what commands do (`cluster`) or print (`view::kubectl`), or writing into the text (`ui`).

mod attached;
pub mod complete;
mod copy;
pub mod line;
pub mod local;
mod loops;
mod plumbing;
pub mod reads;
mod scan;
pub mod session;
mod verbs;

use std::rc::Rc;

use crate::cluster::Cluster;
use crate::map::Map;
use crate::scenario::{Action, Scenario};
use crate::time::{Duration, Instant};
use crate::trace::{Change, Trace};
use crate::view::kubectl::Output;
use crate::view::kubectl::resources::Resource;
use line::Part;
use verbs::Kind;

/// Rounds of a loop. Invented: each may run the scenario again.
const REPEATS_MAX: usize = 20;
/// Substitutions within one line. Invented: nobody types more.
const SUBSTITUTIONS_MAX: usize = 8;

/// Where the prompt stands when it is not at kubectl's own terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// In a container's shell.
    Container {
        /// `kubectl exec` with its flags, up to the `--`.
        exec: String,
        /// The directory.
        directory: String,
    },
    /// On a node.
    Node(String),
}

/// What is said beside the output, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A verb of kubectl's that is not modelled.
    NotModelled(String),
    /// Not a command at all: what there is.
    Unknown,
    /// `-f FILE` means the text in the editor.
    FileIsText,
    /// This is done on a node, or in a container.
    Elsewhere,
    /// It ran longer than one waits; it goes on.
    StillRuns,
    /// The object is in the text: change it there.
    EditThere,
    /// The object is not in the text.
    EditElsewhere,
    /// A loop or condition of the shell.
    Loop,
    /// The text is refused, so nothing can be added to it.
    TextRefused,
}

/// What else a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// Show this object in the editor.
    Edit {
        /// Kind.
        kind: String,
        /// Name.
        name: String,
    },
    /// Forget what was printed.
    Clear,
    /// Go into a shell.
    Enter(Inside),
    /// Come back from it.
    Leave,
}

/// What a line did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What was printed.
    pub output: Output,
    /// What becomes part of the scenario.
    pub actions: Vec<Action>,
    /// What is said beside it.
    pub notes: Vec<Note>,
    /// What else is asked for.
    pub go: Option<Go>,
    /// Whether the same line says something else at another moment, and costs little to ask again.
    pub live: bool,
}

/// The scenario, its trace and the moment at which a line is typed.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What happens in it.
    pub trace: &'a Rc<Trace>,
    /// The moment.
    pub at: Instant,
}

impl At<'_> {
    /// The moment of an action: the text names tenths of a second.
    pub fn of_action(&self) -> Instant {
        Instant::from_micros(self.at.as_micros().max(0) / 100_000 * 100_000)
    }
}

/// How long kubectl needs until it has asked the API server: what stands behind `;` begins to look
/// only then. The usual time of `cluster::latency::KUBECTL`.
const KUBECTL: Duration = Duration::from_millis(100);

/// How long after its moment a command of kubectl may still be on its way, at most.
const ON_ITS_WAY: Duration = Duration::from_millis(2_000);

/// The moment at which a prompt that is asked at `at` answers: what was typed in this moment before
/// is done by then, for kubectl needs a while to start.
pub fn settled(trace: &Trace, at: Instant) -> Instant {
    let first = trace.entries().partition_point(|entry| entry.at + ON_ITS_WAY < at);
    let typed = trace.entries()[first..].iter().take_while(|entry| entry.at <= at);
    let done = typed.filter_map(|entry| match entry.change {
        Change::Acted { done: Some(done), .. } if entry.at > Instant::ZERO => Some(done + KUBECTL),
        _ => None,
    });
    done.filter(|done| *done <= at + ON_ITS_WAY + KUBECTL).fold(at, Instant::max)
}

/// Does a line at a moment.
pub fn ask(
    at: &At<'_>,
    line: &str,
    inside: Option<&Inside>,
    files: &mut Map<String, String>,
) -> Reply {
    let mut terminal = Terminal {
        scenario: at.scenario.clone(),
        trace: at.trace.clone(),
        at: settled(at.trace, at.at),
        action_at: at.of_action(),
        files,
        reply: Reply::default(),
        depth: 0,
    };
    match inside {
        Some(Inside::Container { exec, directory }) => {
            terminal.in_container(exec, directory, line);
        }
        Some(Inside::Node(node)) => terminal.on_node(node, line),
        None => terminal.line(line),
    }
    terminal.reply
}

struct Terminal<'a> {
    scenario: Scenario,
    trace: Rc<Trace>,
    at: Instant,
    action_at: Instant,
    files: &'a mut Map<String, String>,
    reply: Reply,
    /// How deep the substitutions are.
    depth: usize,
}

impl Terminal<'_> {
    fn line(&mut self, line: &str) {
        let parts = line::commands(line);
        let alone = parts.len() == 1;
        let mut last = 0;
        for part in parts {
            if part.only_if.is_some_and(|wanted| wanted != (last == 0)) {
                continue;
            }
            let plain = alone && part.pipe.is_empty() && part.into.is_none();
            let output = self.part(part);
            self.reply.live &= plain;
            last = output.exit;
            self.reply.output.stdout.push_str(&output.stdout);
            self.reply.output.stderr.push_str(&output.stderr);
        }
        self.reply.output.exit = last;
    }

    fn part(&mut self, part: Part) -> Output {
        let mut output = match loops::parse(&part.command) {
            Some(each) => self.repeat(&each),
            None => {
                let command = self.substituted(&part.command);
                self.command(&command)
            }
        };
        if !part.pipe.is_empty() {
            let piped = local::run(&part.pipe, Some(&output.stdout), self.files);
            output.stdout = piped.stdout;
            output.stderr.push_str(&piped.stderr);
            output.exit = piped.exit;
        }
        if let Some(into) = part.into {
            let text = std::mem::take(&mut output.stdout);
            if into.file != "/dev/null" {
                let file = self.files.entry(into.file).or_default();
                if !into.append {
                    file.clear();
                }
                file.push_str(&text);
            }
        }
        output
    }

    /// `for NAME in WORDS; do COMMANDS; done`.
    fn repeat(&mut self, each: &loops::Each) -> Output {
        let words = self.substituted(&each.words);
        let words = shell_words::split(&words).unwrap_or_default();
        let before = std::mem::take(&mut self.reply.output);
        for word in words.iter().take(REPEATS_MAX) {
            self.line(&loops::with(&each.body, &each.name, word));
        }
        if words.len() > REPEATS_MAX {
            self.reply.notes.push(Note::Loop);
        }
        self.reply.live = false;
        std::mem::replace(&mut self.reply.output, before)
    }

    /// The command with every `$(…)` replaced by what it prints.
    fn substituted(&mut self, command: &str) -> String {
        let mut command = command.to_owned();
        for _ in 0..SUBSTITUTIONS_MAX {
            if self.depth > 2 {
                break;
            }
            let Some((from, to, inner)) = line::substitution(&command) else { break };
            let inner = inner.to_owned();
            self.depth += 1;
            let outer = std::mem::take(&mut self.reply);
            self.line(&inner);
            let said = std::mem::replace(&mut self.reply, outer);
            self.depth -= 1;
            self.reply.output.stderr.push_str(&said.output.stderr);
            let words: Vec<&str> = said.output.stdout.split_whitespace().collect();
            command.replace_range(from..to, &words.join(" "));
            self.reply.live = false;
        }
        command
    }

    fn command(&mut self, command: &str) -> Output {
        let (first, document) = command.split_once('\n').unwrap_or((command, ""));
        let words = match shell_words::split(first) {
            Ok(words) => words,
            Err(_) => {
                return failed("sh: syntax error: unterminated quoted string".to_owned(), 2);
            }
        };
        // What stands before a command and changes nothing here.
        let mut first = first.trim();
        let mut skip = 0;
        while let Some(rest) = first.strip_prefix("time ").or_else(|| first.strip_prefix("sudo ")) {
            (first, skip) = (rest.trim_start(), skip + 1);
        }
        let Some(word) = words.get(skip) else { return Output::default() };
        let rest = &words[skip + 1..];
        match word.as_str() {
            "kubectl" | "k" => self.kubectl(rest, first, document),
            "watch" => {
                let rest: Vec<&String> =
                    rest.iter().skip_while(|word| word.starts_with('-')).collect();
                let inner = shell_words::join(rest.iter().map(|word| word.as_str()));
                self.command(&inner)
            }
            "clear" | "reset" => self.go(Go::Clear),
            "exit" | "logout" => self.go(Go::Leave),
            "alias" | "cd" | "export" | "set" if word != "set" => Output::default(),
            "touch" | "rm" => {
                for name in rest.iter().filter(|word| !word.starts_with('-')) {
                    if word == "rm" {
                        self.files.remove(name);
                    } else {
                        self.files.entry(name.clone()).or_default();
                    }
                }
                Output::default()
            }
            "ssh" | "node" => self.ssh(rest),
            "crictl" | "docker" | "systemctl" | "journalctl" | "nsenter" | "vi" | "vim"
            | "nano" | "curl" | "wget" | "ping" | "ps" => {
                self.reply.notes.push(Note::Elsewhere);
                failed(format!("sh: {word}: not found"), 127)
            }
            "for" | "while" | "until" | "if" => {
                self.reply.notes.push(Note::Loop);
                failed(format!("sh: {word}: not here"), 2)
            }
            verb if verbs::kind(verb) != Kind::Unknown => {
                let line = format!("kubectl {}", first.trim());
                self.kubectl(&words[skip..], &line, document)
            }
            program if local::PROGRAMS.contains(&format!(" {program} ")) => {
                local::run(first, None, self.files)
            }
            program => {
                self.reply.notes.push(Note::Unknown);
                failed(format!("sh: {program}: not found"), 127)
            }
        }
    }

    fn go(&mut self, go: Go) -> Output {
        self.reply.go = Some(go);
        Output::default()
    }

    /// A command of kubectl's; `line` is how it was written.
    fn kubectl(&mut self, words: &[String], line: &str, document: &str) -> Output {
        let verb = verbs::verb_of(words).unwrap_or_default();
        let help =
            words.iter().take_while(|word| *word != "--").any(|w| w == "--help" || w == "-h");
        if help {
            return Output::ok(verbs::usage(verb));
        }
        match verbs::kind(verb) {
            Kind::Looks => {
                self.reply.live = true;
                let state = self.trace.state_at(self.at);
                crate::view::kubectl::run_words(&state, &self.trace, words).unwrap_or_default()
            }
            Kind::Rollout => {
                let looks = words.iter().any(|word| matches!(word.as_str(), "status" | "history"));
                if looks {
                    self.reply.live = true;
                    let state = self.trace.state_at(self.at);
                    return crate::view::kubectl::run_words(&state, &self.trace, words)
                        .unwrap_or_default();
                }
                self.act(line, document)
            }
            Kind::Acts if verb == "run" && attached::stays(words) => self.run_attached(words, line),
            Kind::Acts => self.act(line, document),
            Kind::Exec => self.exec(words, line),
            Kind::Edit => self.edit(words),
            Kind::Joins => self.join(verb, words),
            Kind::NotModelled => {
                self.reply.notes.push(Note::NotModelled(verb.to_owned()));
                Output { exit: 1, ..Output::default() }
            }
            Kind::Unknown => {
                self.reply.notes.push(Note::Unknown);
                failed(verbs::unknown(verb), 1)
            }
        }
    }

    /// A command that changes something: tried out, and written down when kubectl accepts it.
    fn act(&mut self, line: &str, document: &str) -> Output {
        let mut run = line.trim().to_owned();
        if let Some(rest) = run.strip_prefix("k ") {
            run = format!("kubectl {rest}");
        }
        if !document.is_empty() {
            run.push('\n');
            run.push_str(document.trim_end());
        } else if let Some((file, text)) = self.file_of(&run) {
            // A file of this session becomes part of the command: the scenario is one text.
            run = format!("{} <<EOF\n{}\nEOF", run.replacen(&file, "-", 1), text.trim_end());
        } else if verbs::file(&run).is_some_and(|file| file != "-") {
            self.reply.notes.push(Note::FileIsText);
        }
        let tried = self.attempt(&run, None, self.action_at);
        if let Some(object) = &tried.dry {
            return verbs::dry(&run, object, tried.output);
        }
        let same = |line: &str| {
            line.ends_with(" unchanged")
                || line.ends_with(" already cordoned")
                || line.ends_with(" already uncordoned")
                || line.ends_with(" not found.")
                || line.ends_with(" not labeled")
                || line.ends_with("(no change)")
                || line == "No resources found"
        };
        let nothing = !tried.output.is_empty() && tried.output.lines().all(same);
        let refused = tried.exit != 0 && !tried.output.lines().any(verbs::says_done);
        let lists = shell_words::split(line).is_ok_and(|words| words.iter().any(|w| w == "--list"));
        if !refused && !nothing && !lists {
            self.write(run, None);
        }
        if !tried.ended {
            self.reply.notes.push(Note::StillRuns);
        }
        printed(tried.output, tried.exit)
    }

    fn file_of(&self, run: &str) -> Option<(String, String)> {
        let file = verbs::file(run)?;
        let text = self.files.get(&file)?.clone();
        Some((file, text))
    }

    fn exec(&mut self, words: &[String], line: &str) -> Output {
        let cut = words.iter().position(|word| word == "--");
        let (before, argv) = match cut {
            Some(cut) => (&words[..cut], &words[cut + 1..]),
            None => (words, &words[words.len()..]),
        };
        let run = match line.trim().strip_prefix("k ") {
            Some(rest) => format!("kubectl {rest}"),
            None => line.trim().to_owned(),
        };
        let shell =
            matches!(argv, [one] if matches!(one.rsplit('/').next(), Some("sh" | "bash" | "ash")));
        let terminal = before
            .iter()
            .any(|word| matches!(word.as_str(), "--tty" | "--stdin" | "-it" | "-ti" | "-i" | "-t"));
        if shell && terminal {
            let exec = shell_words::join(
                std::iter::once("kubectl").chain(before.iter().map(String::as_str)),
            );
            let probe = format!("{exec} -- {} -c pwd", argv[0]);
            let tried = self.attempt(&probe, None, self.at);
            if tried.exit == 0 {
                let directory = tried.output.lines().last().unwrap_or("/").to_owned();
                self.reply.go = Some(Go::Enter(Inside::Container { exec, directory }));
                let said = tried.output.lines().filter(|line| line.starts_with("Defaulted"));
                let said = said.fold(String::new(), |text, line| text + line + "\n");
                return Output::notice_text(said);
            }
            return printed(tried.output, tried.exit);
        }
        self.run_exec(run, argv)
    }

    fn run_exec(&mut self, run: String, argv: &[String]) -> Output {
        let looks = reads::only_looks(argv);
        let tried = self.attempt(&run, None, if looks { self.at } else { self.action_at });
        let began = tried.exit == 0 || tried.output.contains("command terminated with exit code");
        if !looks && began {
            self.write(run, None);
        }
        if !tried.ended {
            self.reply.notes.push(Note::StillRuns);
        }
        printed(tried.output, tried.exit)
    }

    /// `kubectl edit`: the editor of this page is the text.
    fn edit(&mut self, words: &[String]) -> Output {
        let plain: Vec<&str> = words
            .iter()
            .skip_while(|word| *word != "edit")
            .skip(1)
            .map(String::as_str)
            .filter(|word| !word.starts_with('-'))
            .collect();
        let (kind, name) = match plain.as_slice() {
            [one] => match one.split_once('/') {
                Some(pair) => pair,
                None => return failed(verbs::usage("edit"), 1),
            },
            [kind, name, ..] => (*kind, *name),
            [] => return failed(verbs::usage("edit"), 1),
        };
        let Some(resource) = Resource::find(kind) else {
            return failed(format!("error: the server doesn't have a resource type \"{kind}\""), 1);
        };
        let state = self.trace.state_at(self.at);
        let mut object = state
            .objects
            .iter()
            .copied()
            .find(|object| object.kind() == resource.kind && object.metadata().name == name);
        if object.is_none() {
            return failed(
                format!(
                    "Error from server (NotFound): {} \"{name}\" not found",
                    resource.qualified_plural()
                ),
                1,
            );
        }
        // What a controller made stands in the text as its owner.
        let mut note = Note::EditThere;
        while let Some(found) = object {
            let (kind, name) = (found.kind(), &found.metadata().name);
            let written = self
                .scenario
                .objects
                .iter()
                .any(|known| known.kind() == kind && known.metadata().name == *name);
            if written {
                self.reply.notes.push(note);
                return self.go(Go::Edit { kind: kind.to_owned(), name: name.clone() });
            }
            note = Note::EditElsewhere;
            object = found.metadata().owner_references.first().and_then(|owner| {
                state.objects.iter().copied().find(|object| object.metadata().uid == owner.uid)
            });
        }
        self.reply.notes.push(Note::EditElsewhere);
        Output { exit: 1, ..Output::default() }
    }

    fn in_container(&mut self, exec: &str, directory: &str, line: &str) {
        let line = line.trim();
        let words = shell_words::split(line).unwrap_or_default();
        let quoted = |script: &str| shell_words::quote(script).into_owned();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => {}
            ["exit", ..] | ["logout"] => self.reply.go = Some(Go::Leave),
            ["clear"] => self.reply.go = Some(Go::Clear),
            ["cd", rest @ ..] => {
                let to = rest.first().copied().unwrap_or("/root");
                let script = format!("cd {} && cd {} && pwd", quoted(directory), quoted(to));
                let run = format!("{exec} -- sh -c {}", quoted(&script));
                let tried = self.attempt(&run, None, self.at);
                if tried.exit == 0 {
                    let directory = tried.output.lines().last().unwrap_or("/").to_owned();
                    let exec = exec.to_owned();
                    self.reply.go = Some(Go::Enter(Inside::Container { exec, directory }));
                } else {
                    let said = tried.output.lines().filter(|line| !line.starts_with("command "));
                    self.reply.output = failed(said.collect::<Vec<_>>().join("\n"), tried.exit);
                }
            }
            _ => {
                let script = match directory {
                    "/" => line.to_owned(),
                    _ => format!("cd {} && {line}", quoted(directory)),
                };
                let argv = vec!["sh".to_owned(), "-c".to_owned(), line.to_owned()];
                let run = format!("{exec} -- sh -c {}", quoted(&script));
                let mut output = self.run_exec(run, &argv);
                // A shell says nothing of its commands' exit codes.
                for text in [&mut output.stdout, &mut output.stderr] {
                    let kept: Vec<&str> = text
                        .split_inclusive('\n')
                        .filter(|line| {
                            !line.starts_with("command terminated with exit code")
                                && !line.starts_with("Defaulted container")
                        })
                        .collect();
                    *text = kept.concat();
                }
                self.reply.output = output;
            }
        }
    }

    /// `ssh node1`, `ssh node1 crictl ps`, `node node1 -- ls`.
    fn ssh(&mut self, words: &[String]) -> Output {
        let mut plain = words.iter().skip_while(|word| word.starts_with('-'));
        let Some(name) = plain.next() else {
            return failed("usage: ssh NODE [COMMAND]".to_owned(), 255);
        };
        let node = name.rsplit('@').next().unwrap_or(name).to_owned();
        let rest: Vec<&str> = plain.map(String::as_str).filter(|word| *word != "--").collect();
        if !self.scenario.nodes.iter().any(|known| known.name == node) {
            return failed(format!("ssh: Could not resolve hostname {node}"), 255);
        }
        match rest.as_slice() {
            [] => self.go(Go::Enter(Inside::Node(node))),
            // `ssh node1 'crictl ps'` hands over one word.
            [one] => self.node_command(&node, one),
            several => {
                let run = shell_words::join(several.iter().copied());
                self.node_command(&node, &run)
            }
        }
    }

    fn on_node(&mut self, node: &str, line: &str) {
        match line.trim() {
            "" => {}
            "exit" | "logout" => self.reply.go = Some(Go::Leave),
            "clear" => self.reply.go = Some(Go::Clear),
            line => {
                for part in line::commands(line) {
                    let mut output = self.node_command(node, &part.command);
                    if !part.pipe.is_empty() {
                        let piped = local::run(&part.pipe, Some(&output.stdout), self.files);
                        output.stdout = piped.stdout;
                        output.exit = piped.exit;
                    }
                    self.reply.output.stdout.push_str(&output.stdout);
                    self.reply.output.stderr.push_str(&output.stderr);
                    self.reply.output.exit = output.exit;
                }
            }
        }
    }

    fn node_command(&mut self, node: &str, run: &str) -> Output {
        let program = run.split_whitespace().find(|word| *word != "sudo").unwrap_or_default();
        let tried = self.attempt(run, Some(node), self.action_at);
        let looks = matches!(program, "ls" | "cat" | "crictl" | "hostname");
        if !looks && tried.exit == 0 {
            self.write(run.to_owned(), Some(node.to_owned()));
        }
        printed(tried.output, tried.exit)
    }

    fn attempt(
        &self,
        run: &str,
        node: Option<&str>,
        at: Instant,
    ) -> crate::cluster::attempt::Attempt {
        let node = node.map(str::to_owned);
        Cluster::attempt(&self.scenario, Action { at, run: run.to_owned(), node })
    }

    /// Makes a command part of the scenario; what comes after it on the line sees it.
    fn write(&mut self, run: String, node: Option<String>) {
        let action = Action { at: self.action_at, run, node };
        self.reply.actions.push(action.clone());
        let index = self.scenario.actions.partition_point(|known| known.at <= action.at);
        self.scenario.actions.insert(index, action);
        let mut scenario = self.scenario.clone();
        // Only until now: what follows is asked at this moment.
        scenario.duration = self.at.since(Instant::ZERO) + ON_ITS_WAY;
        self.trace = Rc::new(Cluster::run(&scenario));
        self.at = settled(&self.trace, self.at);
    }
}

/// What the engine printed, complaints apart: they stand in another colour.
fn printed(text: String, exit: i32) -> Output {
    let complaint = |line: &str| {
        [
            "error: ",
            "error when ",
            "cannot delete ",
            "There are pending ",
            "Error: ",
            "Error ",
            "Warning: ",
            "The ",
            "Flag --",
            "Defaulted container",
            "sh: ",
            "bash: ",
        ]
        .iter()
        .any(|start| line.starts_with(start))
            || line == "No resources found"
            || line.starts_with("command terminated with")
    };
    let mut output = Output { exit, ..Output::default() };
    let (mut complains, mut mixed) = (false, false);
    for line in text.split_inclusive('\n') {
        // The lines after an error belong to it.
        complains = complaint(line.trim_end())
            || (complains
                && (line.starts_with("* ")
                    || line.starts_with("See ")
                    || line.starts_with("Example resource")
                    || line.trim().is_empty()
                    || line.starts_with(' ')));
        // A terminal shows both in the order in which they come.
        mixed |= !complains && !output.stderr.is_empty() && !output.stdout.is_empty();
        let to = if complains { &mut output.stderr } else { &mut output.stdout };
        to.push_str(line);
        if !line.ends_with('\n') {
            to.push('\n');
        }
    }
    if mixed {
        return Output { stdout: text, exit, ..Output::default() };
    }
    output
}

fn failed(words: String, exit: i32) -> Output {
    let stderr = if words.is_empty() || words.ends_with('\n') { words } else { words + "\n" };
    Output { stderr, exit, ..Output::default() }
}
