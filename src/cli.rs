//! The command line: trace, get, describe, events, logs, view, lint, link. Native only.
//!
//! Owns: arguments, files, streams and exit codes. Does not own: anything that is printed; it asks
//! `view`, `i18n` and `share`. Every command is a function of its arguments and its input, so that
//! tests run them without a process.

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, LineIndex, Severity};
use crate::i18n::{Lang, diagnostics};
use crate::scenario::Scenario;
use crate::share::{self, SharedState};
use crate::time::{Duration, Instant};
use crate::trace::Trace;
use crate::view::anatomy::anatomy;
use crate::view::autoscaling::autoscaling;
use crate::view::kubectl;
use crate::view::kubectl::flags::Flags;
use crate::view::nodes::nodes;
use crate::view::processes::processes;
use crate::view::rows;
use crate::view::story::story;
use crate::view::termination::termination;
use crate::view::timeline::{TimelineOptions, timeline};

/// Everything went well.
const OK: i32 = 0;
/// A manifest is refused, or what was asked for is not there.
const REFUSED: i32 = 1;
/// The command was not understood, or a file could not be read.
const USAGE: i32 = 2;

/// The longest time that is simulated for `--at`: what lies beyond is a slip of the hand.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

const EXAMPLES: &str = "\
Examples:
  podarium lint pod.yaml deploy.yaml       what would a real API server say to these?
  podarium get pod.yaml --at 40s           kubectl get pods, 40 seconds after kubectl apply
  podarium get pod.yaml --at 40s all -o wide
  podarium describe pod.yaml --at 3m pod web
  podarium events pod.yaml --at 3m --for pod/web
  podarium logs pod.yaml --at 3m web -c app --previous
  podarium view pod.yaml --view anatomy --at 12s
  podarium trace pod.yaml | jq -c 'select(.kind == \"pod\")'
  cat pod.yaml | podarium link -           an address that holds the whole scenario

FILE holds manifests and, if you like, one Scenario document with later actions; `-` reads standard
input. Time is virtual and begins with kubectl apply: the same file gives the same answer, always.

Exit status: 0 fine, 1 refused or not found, 2 wrong usage or unreadable file.";

const WORDS_HELP: &str = "\
Behind the file stands what you would write behind the kubectl verb, flags and all:
kinds and their short names, names, -n, -A, -l, -o wide|name|yaml|json, --show-labels, --sort-by.";

/// A glass box for Kubernetes Pods: simulates what happens to manifests, second by second
#[derive(Debug, Parser)]
#[command(name = "podarium", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    /// Language of what podarium itself says about manifests; Kubernetes speaks English
    #[arg(long, global = true, value_parser = ["en", "zh"], default_value = "en")]
    lang: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print everything that happens to the Pods, one JSON object a line
    ///
    /// A line for each change of a row of `kubectl get pods`, of an Event, of the endpoints behind
    /// a Service and of a Deployment's numbers; "t" is seconds since kubectl apply.
    Trace {
        /// Manifests; - for standard input
        file: PathBuf,
    },
    /// Print what kubectl get prints at a moment; pods when nothing else is named
    #[command(after_help = WORDS_HELP)]
    Get(Moment),
    /// Print what kubectl describe prints at a moment; pods when nothing else is named
    #[command(after_help = WORDS_HELP)]
    Describe(Moment),
    /// Print what kubectl events prints at a moment
    #[command(
        after_help = "Behind the file: -n, -A, --for pod/NAME, --types Warning, --no-headers."
    )]
    Events(Moment),
    /// Print what kubectl top prints at a moment: CPU and memory of pods, or of nodes
    #[command(after_help = "Behind the file: pods or nodes, -n, -A, -l, --containers.")]
    Top(Moment),
    /// Print what a container has written by a moment
    #[command(after_help = "Behind the file: POD or KIND/NAME, -c, --previous, --tail, \
                            --timestamps, --all-containers, --prefix, -l.")]
    Logs(Moment),
    /// Draw a picture of the page as text: at a moment, of one Pod
    View {
        /// Manifests; - for standard input
        file: PathBuf,
        /// Which picture
        #[arg(long, value_name = "VIEW", value_enum, default_value = "timeline")]
        view: Drawing,
        /// How long after kubectl apply, such as 40s or 2m30s; the end of the scenario otherwise
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<Instant>,
        /// Which Pod; the first otherwise
        #[arg(long, value_name = "NAME")]
        pod: Option<String>,
    },
    /// Say what a real API server would refuse, and what will surprise you
    ///
    /// One line a finding: file:line:column: severity: message. Errors are what an API server
    /// refuses; warnings are accepted; notes are accepted by Kubernetes and not simulated here.
    /// Exit status 0 when everything would be accepted, 1 when something would be refused.
    Lint {
        /// Manifests; - for standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print an address that holds the whole scenario
    Link {
        /// Manifests; - for standard input
        file: PathBuf,
        /// Where the page is served
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/")]
        base: String,
        /// Open the page at this moment, such as 40s or 2m30s
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<Instant>,
    },
}

/// A picture that also prints as text.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Drawing {
    /// Everything along the time.
    Timeline,
    /// Everything as a list, in whole sentences.
    Story,
    /// Which namespaces the containers of a Pod share.
    Anatomy,
    /// The table of processes, as each container and the node see it.
    Processes,
    /// The nodes, with their Pods, images and static manifests.
    Nodes,
    /// How a Pod ends, and who still sends it requests meanwhile.
    Termination,
    /// Every look of every autoscaler, with its sum.
    Autoscaling,
}

#[derive(Debug, Args)]
struct Moment {
    /// Manifests; - for standard input
    file: PathBuf,
    /// How long after kubectl apply, such as 40s, 2m30s or 1h; the end of the scenario otherwise
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Instant>,
    /// What stands behind the kubectl verb
    #[arg(value_name = "WORDS", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// Reads a moment: Go's duration grammar, or plain seconds.
fn moment(text: &str) -> Result<Instant, String> {
    let span = match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(i64::from(seconds))),
        Err(_) => Duration::parse(text),
    };
    match span {
        Some(span) if span < Duration::ZERO => {
            Err("time begins with kubectl apply: it cannot be negative".to_owned())
        }
        Some(span) if span > LONGEST => Err("at most 168h are simulated".to_owned()),
        Some(span) => Ok(Instant::ZERO + span),
        None => Err("write a time such as 40s, 2m30s or 1h".to_owned()),
    }
}

/// Where a command reads and writes.
struct Streams<'s> {
    lang: Lang,
    input: &'s mut dyn Read,
    out: &'s mut dyn Write,
    err: &'s mut dyn Write,
}

/// Why a command ended early.
enum Stop {
    /// Nobody reads our output any more, or it cannot be written.
    Io(io::Error),
    /// With this exit status; everything has been said.
    Exit(i32),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let code =
        run_with(std::env::args_os(), &mut io::stdin().lock(), &mut out, &mut io::stderr().lock());
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Runs a command line, the program's name first, and gives its exit status.
pub fn run<A: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = A>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> i32 {
    run_with(args, &mut io::empty(), out, err)
}

/// Runs a command line with something to read for `-`.
pub fn run_with<A: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = A>,
    input: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> i32 {
    let mut streams = Streams { lang: Lang::En, input, out, err };
    let ended = match Cli::try_parse_from(args) {
        Ok(cli) => {
            streams.lang = Lang::from_tag(&cli.lang);
            execute(cli.command, &mut streams)
        }
        Err(error) => say(&error, &mut streams),
    };
    let ended = ended.and_then(|code| {
        streams.out.flush()?;
        Ok(code)
    });
    match ended {
        Ok(code) | Err(Stop::Exit(code)) => code,
        // `podarium trace … | head` is no failure.
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => OK,
        Err(Stop::Io(error)) => {
            // When even this cannot be written there is nobody left to tell.
            let _ = writeln!(streams.err, "podarium: cannot write: {error}");
            USAGE
        }
    }
}

/// Prints help and version on standard output, complaints on standard error.
fn say(error: &clap::Error, streams: &mut Streams<'_>) -> Result<i32, Stop> {
    let text = error.render();
    if error.use_stderr() {
        write!(streams.err, "{text}")?;
        return Ok(USAGE);
    }
    write!(streams.out, "{text}")?;
    Ok(OK)
}

fn execute(command: Command, streams: &mut Streams<'_>) -> Result<i32, Stop> {
    match command {
        Command::Trace { file } => trace(&file, streams),
        Command::Get(moment) => at_a_moment("get", moment, streams),
        Command::Describe(moment) => at_a_moment("describe", moment, streams),
        Command::Events(moment) => at_a_moment("events", moment, streams),
        Command::Top(moment) => at_a_moment("top", moment, streams),
        Command::Logs(moment) => at_a_moment("logs", moment, streams),
        Command::View { file, view, at, pod } => draw(&file, view, at, pod.as_deref(), streams),
        Command::Lint { files } => lint(&files, streams),
        Command::Link { file, base, at } => link(&file, &base, at, streams),
    }
}

/// A file as text; what cannot be read ends the command.
fn read(file: &Path, streams: &mut Streams<'_>) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        streams.input.read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    let name = name_of(file);
    if let Err(error) = read {
        writeln!(streams.err, "podarium: cannot read {name}: {}", reason(&error))?;
        return Err(Stop::Exit(USAGE));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let place = error.utf8_error().valid_up_to();
            writeln!(streams.err, "podarium: {name} is not UTF-8 text: see byte {}", place + 1)?;
            Err(Stop::Exit(USAGE))
        }
    }
}

/// The operating system's words without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "<stdin>".to_owned() } else { file.display().to_string() }
}

/// Reads a scenario and says on standard error what there is to say about it. The second is the
/// exit status that follows from it.
fn load(file: &Path, streams: &mut Streams<'_>) -> Result<(Scenario, i32), Stop> {
    let text = read(file, streams)?;
    let (scenario, found) = Scenario::from_text(&text);
    let code = report(streams.lang, &name_of(file), &text, &found, streams.err)?;
    Ok((scenario, code))
}

/// Writes one line a finding; gives 1 when one of them is a refusal.
fn report(
    lang: Lang,
    name: &str,
    text: &str,
    found: &[Diagnostic],
    to: &mut dyn Write,
) -> Result<i32, Stop> {
    let lines = LineIndex::new(text);
    let mut code = OK;
    for diagnostic in found {
        let place = lines.place(text, diagnostic.span.start);
        let severity = match diagnostic.severity {
            Severity::Rejected => {
                code = REFUSED;
                "error"
            }
            Severity::Surprising => "warning",
            Severity::NotSimulated => "note",
        };
        // Some of the API server's messages have several lines.
        let words = diagnostics::line(lang, diagnostic);
        let words = words.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        writeln!(to, "{name}:{}:{}: {severity}: {words}", place.line, place.column)?;
    }
    Ok(code)
}

fn trace(file: &Path, streams: &mut Streams<'_>) -> Result<i32, Stop> {
    let (scenario, code) = load(file, streams)?;
    for row in rows::rows(&Cluster::run(&scenario)) {
        writeln!(streams.out, "{}", row.json())?;
    }
    Ok(code)
}

fn at_a_moment(verb: &str, moment: Moment, streams: &mut Streams<'_>) -> Result<i32, Stop> {
    let Moment { file, at, words } = moment;
    let (mut words, late) = match take_at(words) {
        Ok(taken) => taken,
        Err(error) => {
            writeln!(streams.err, "podarium: --at: {error}")?;
            return Ok(USAGE);
        }
    };
    let (mut scenario, refused) = load(&file, streams)?;
    let at = match late.or(at) {
        Some(at) => {
            scenario.duration = scenario.duration.max(at.since(Instant::ZERO));
            at
        }
        None => Instant::ZERO + scenario.duration,
    };
    if matches!(verb, "get" | "describe")
        && Flags::parse(verb, &words).is_ok_and(|flags| flags.words.is_empty())
    {
        words.insert(0, "pods".to_owned());
    }
    words.insert(0, verb.to_owned());
    let trace: Trace = Cluster::run(&scenario);
    let output = kubectl::run_words(&trace.state_at(at), &trace, &words).unwrap_or_default();
    streams.out.write_all(output.stdout.as_bytes())?;
    // What was printed comes before what is complained about, as on a terminal.
    streams.out.flush()?;
    streams.err.write_all(output.stderr.as_bytes())?;
    Ok(output.exit.max(refused))
}

fn draw(
    file: &Path,
    view: Drawing,
    at: Option<Instant>,
    pod: Option<&str>,
    streams: &mut Streams<'_>,
) -> Result<i32, Stop> {
    let (mut scenario, code) = load(file, streams)?;
    let at = at.unwrap_or(Instant::ZERO + scenario.duration);
    scenario.duration = scenario.duration.max(at.since(Instant::ZERO));
    let trace = Cluster::run(&scenario);
    let text = match view {
        Drawing::Timeline => Some(timeline(&trace, &TimelineOptions::default()).to_string()),
        Drawing::Story => Some(streams.lang.told(&story(&trace))),
        Drawing::Anatomy => anatomy(&trace, at, pod).map(|picture| picture.to_string()),
        Drawing::Processes => processes(&trace, at, pod).map(|picture| picture.to_string()),
        Drawing::Nodes => Some(nodes(&trace, at).to_string()),
        Drawing::Termination => termination(&trace, at).map(|picture| picture.to_string()),
        Drawing::Autoscaling => {
            let scalers = autoscaling(&trace);
            let texts: Vec<String> = scalers.iter().map(|scaler| scaler.to_string()).collect();
            Some(texts.join("\n")).filter(|text| !text.is_empty())
        }
    };
    if let Some(text) = text {
        write!(streams.out, "{text}")?;
        return Ok(code);
    }
    let missing = match view {
        Drawing::Termination => "no Pod is deleted in this scenario".to_owned(),
        Drawing::Autoscaling => "there is no HorizontalPodAutoscaler in this scenario".to_owned(),
        Drawing::Timeline
        | Drawing::Story
        | Drawing::Anatomy
        | Drawing::Processes
        | Drawing::Nodes => format!("there is no such Pod at {}", at.clock()),
    };
    writeln!(streams.err, "podarium: {missing}")?;
    Ok(REFUSED)
}

/// Finds `--at` among the words: whoever writes it last means the same.
fn take_at(words: Vec<String>) -> Result<(Vec<String>, Option<Instant>), String> {
    let (mut rest, mut at) = (Vec::new(), None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--at" {
            at = Some(moment(&words.next().ok_or("a time is missing")?)?);
        } else if let Some(text) = word.strip_prefix("--at=") {
            at = Some(moment(text)?);
        } else {
            rest.push(word);
        }
    }
    Ok((rest, at))
}

fn lint(files: &[PathBuf], streams: &mut Streams<'_>) -> Result<i32, Stop> {
    let mut code = OK;
    for file in files {
        code = code.max(match read(file, streams) {
            Ok(text) => {
                let (_, found) = Scenario::from_text(&text);
                report(streams.lang, &name_of(file), &text, &found, streams.out)?
            }
            // The other files are still worth a look.
            Err(Stop::Exit(code)) => code,
            Err(error @ Stop::Io(_)) => return Err(error),
        });
    }
    Ok(code)
}

fn link(
    file: &Path,
    base: &str,
    at: Option<Instant>,
    streams: &mut Streams<'_>,
) -> Result<i32, Stop> {
    let text = read(file, streams)?;
    let (_, found) = Scenario::from_text(&text);
    report(streams.lang, &name_of(file), &text, &found, streams.err)?;
    if text.len() > share::TEXT_LIMIT {
        let limit = share::TEXT_LIMIT / 1024;
        writeln!(streams.err, "podarium: a link holds at most {limit} KiB of text")?;
        return Ok(REFUSED);
    }
    let state = SharedState { text: Some(text), cursor: at, ..SharedState::default() };
    let address = base.split('#').next().unwrap_or_default();
    writeln!(streams.out, "{address}#{}", share::encode(&state))?;
    Ok(OK)
}
