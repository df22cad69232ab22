//! Programs that ask others: wget, curl, nc, nslookup, ping, redis-cli, …
//!
//! Owns: what they ask, what they print, how long they wait. Does not own: the way there (`cluster`
//! answers what leaves the Pod).

use crate::time::{Duration, Instant};
use crate::workload::applets::{Done, finish, seconds};
use crate::workload::cri::{Answer, Happening, RequestId};
use crate::workload::cri::{LocalAnswer, ProcessStep};
use crate::workload::fs::Content;
use crate::workload::kernel::process::{Pid, Step};
use crate::workload::kernel::{Kernel, Request};

/// Such a program.
#[derive(Clone, Debug)]
pub(super) struct Net {
    name: &'static str,
    host: String,
    port: u16,
    path: Option<String>,
    /// Waits this long at most.
    timeout: Option<Duration>,
    quiet: bool,
    /// curl -f: errors of the server are failures.
    fail: bool,
    head: bool,
    /// Where the body goes: `-` is stdout.
    output: Option<String>,
    /// curl -w.
    write_out: Option<String>,
    retries: u32,
    follow: bool,
    redirects: u32,
    listens: bool,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Asked {
        id: RequestId,
        until: Option<Instant>,
    },
    /// The answer is on its way.
    Answered {
        at: Instant,
        answer: Box<Answer>,
        until: Option<Instant>,
    },
    Listening,
}

impl Net {
    /// Reads the arguments; `Err` when there is nothing to ask.
    pub(super) fn new(
        kernel: &mut Kernel,
        pid: Pid,
        name: &'static str,
        args: &[String],
    ) -> Result<Self, Done> {
        let mut net = Self {
            name,
            host: String::new(),
            port: 80,
            path: None,
            timeout: None,
            quiet: false,
            fail: false,
            head: false,
            output: None,
            write_out: None,
            retries: 0,
            follow: name == "wget",
            redirects: 0,
            listens: false,
            state: State::Start,
        };
        let mut words: Vec<String> = Vec::new();
        net.read_flags(args, &mut words);
        match name {
            "wget" | "curl" => {
                let Some(url) = words.first().cloned() else {
                    let text = if name == "wget" { "missing URL" } else { "no URL specified" };
                    return Err(Done::failed(name, text, if name == "wget" { 1 } else { 2 }));
                };
                if url.starts_with("https://") {
                    net.port = 443;
                }
                if net.read_url(&url).is_none() {
                    let text = format!("not an http or ftp url: {url}");
                    return Err(Done::failed(name, &text, if name == "wget" { 1 } else { 3 }));
                }
            }
            "podcli" => {
                let url = words.last().cloned().unwrap_or_default();
                if net.read_url(&url).is_none() {
                    return Err(Done::failed("podcli", "invalid address", 1));
                }
            }
            "nslookup" | "dig" => {
                net.port = 53;
                net.host =
                    words.first().cloned().unwrap_or_else(|| "kubernetes.default".to_owned());
            }
            "ping" => {
                net.host = words.first().cloned().unwrap_or_default();
                net.port = 0;
            }
            "nc" | "telnet" => {
                if net.listens {
                    net.port = words.iter().find_map(|word| word.parse().ok()).unwrap_or(net.port);
                } else {
                    net.host = words.first().cloned().unwrap_or_default();
                    net.port = words.get(1).and_then(|port| port.parse().ok()).unwrap_or(23);
                }
            }
            _ => {
                net.host = "127.0.0.1".to_owned();
                net.port = match name {
                    "redis-cli" => 6379,
                    "pg_isready" | "psql" => 5432,
                    "mongosh" | "mongo" => 27017,
                    "rabbitmq-diagnostics" => 5672,
                    _ => 3306,
                };
                for (index, arg) in args.iter().enumerate() {
                    match (arg.as_str(), args.get(index + 1)) {
                        ("-h", Some(host)) => net.host.clone_from(host),
                        ("-p", Some(port)) => net.port = port.parse().unwrap_or(net.port),
                        _ => {}
                    }
                }
            }
        }
        let _ = (kernel, pid);
        Ok(net)
    }

    fn read_flags(&mut self, args: &[String], words: &mut Vec<String>) {
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let time = |text: Option<&String>| text.and_then(|text| seconds(text));
            if let Some(long) = arg.strip_prefix("--") {
                let (key, inline) = match long.split_once('=') {
                    Some((key, value)) => (key, Some(value.to_owned())),
                    None => (long, None),
                };
                match key {
                    "timeout" | "max-time" | "connect-timeout" => {
                        let value = inline.or_else(|| rest.next().cloned());
                        self.timeout = time(value.as_ref()).or(self.timeout);
                    }
                    "tries" => {
                        let value = inline.or_else(|| rest.next().cloned());
                        self.retries = value
                            .and_then(|v| v.parse::<u32>().ok())
                            .unwrap_or(1)
                            .saturating_sub(1);
                    }
                    "retry" => {
                        self.retries =
                            rest.next().and_then(|value| value.parse().ok()).unwrap_or(0);
                    }
                    "fail" => self.fail = true,
                    "silent" | "quiet" => self.quiet = true,
                    "head" | "spider" => self.head = true,
                    "location" => self.follow = true,
                    "output" => self.output = rest.next().cloned(),
                    "write-out" => self.write_out = rest.next().cloned(),
                    "header" | "request" | "data" | "user" | "user-agent" | "resolve"
                    | "post-data"
                        if inline.is_none() =>
                    {
                        rest.next();
                    }
                    _ => {}
                }
                continue;
            }
            if !arg.starts_with('-') || arg.len() < 2 {
                words.push(arg.clone());
                continue;
            }
            let mut letters = arg.chars().skip(1);
            while let Some(letter) = letters.next() {
                let takes = match self.name {
                    "wget" => "OTtUPY".contains(letter),
                    "curl" => "omwHXdAuxTe".contains(letter),
                    "nc" | "telnet" => "wpieq".contains(letter),
                    "ping" => "cWwisI".contains(letter),
                    _ => false,
                };
                let value = takes.then(|| {
                    let inline: String = letters.by_ref().collect();
                    if inline.is_empty() { rest.next().cloned() } else { Some(inline) }
                });
                let value = value.flatten();
                match (self.name, letter) {
                    ("wget", 'q') | ("curl", 's') => self.quiet = true,
                    ("wget", 'O') | ("curl", 'o') => self.output = value,
                    ("wget", 'T') | ("curl", 'm') | ("nc", 'w') | ("ping", 'W' | 'w') => {
                        self.timeout = time(value.as_ref());
                    }
                    ("wget", 't') => {
                        self.retries = value
                            .and_then(|v| v.parse::<u32>().ok())
                            .unwrap_or(1)
                            .saturating_sub(1);
                    }
                    ("curl", 'w') => self.write_out = value,
                    ("curl", 'f') => self.fail = true,
                    ("curl", 'I') | ("wget", 'S') => self.head = letter == 'I' || self.head,
                    ("curl", 'L') => self.follow = true,
                    ("nc", 'l') => self.listens = true,
                    ("nc", 'p') => self.port = value.and_then(|v| v.parse().ok()).unwrap_or(0),
                    _ => {}
                }
            }
        }
    }

    fn read_url(&mut self, url: &str) -> Option<()> {
        let rest = match url.split_once("://") {
            Some(("http" | "https", rest)) => rest,
            Some(_) => return None,
            None => url,
        };
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, "/"),
        };
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, self.port),
        };
        host.trim_matches(['[', ']']).clone_into(&mut self.host);
        self.port = port;
        self.path = Some(if path.starts_with('/') { path.to_owned() } else { format!("/{path}") });
        (!self.host.is_empty()).then_some(())
    }

    pub(super) fn step(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        match &self.state {
            State::Start => self.ask(kernel, pid),
            State::Listening => Step::Block(None),
            State::Asked { id, until } => {
                let (id, until) = (*id, *until);
                match kernel.requests.get(&id).and_then(|request| request.answer.clone()) {
                    Some((at, answer)) => {
                        kernel.requests.remove(&id);
                        self.state = State::Answered { at, answer: Box::new(answer), until };
                        self.answered(kernel, pid)
                    }
                    None if until.is_some_and(|until| until <= kernel.clock) => {
                        kernel.requests.remove(&id);
                        self.timed_out(kernel, pid)
                    }
                    None => Step::Block(until),
                }
            }
            State::Answered { .. } => self.answered(kernel, pid),
        }
    }

    /// Asks: within the Pod at once, beyond it by a request to the outside.
    fn ask(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let network = kernel.sandbox_of(pid).map_or(0, |sandbox| sandbox.network);
        let Some(container) = kernel.processes.get(&pid).and_then(|process| process.container)
        else {
            return Step::Exit(1);
        };
        if self.listens {
            let listeners = &mut kernel.networks.entry(network).or_default().listeners;
            let taken = listeners.contains_key(&self.port);
            if !taken {
                listeners.insert(self.port, pid);
                kernel.doors += 1;
            }
            kernel.tell(pid, ProcessStep::Listens { port: self.port, taken });
            if taken {
                return finish(kernel, pid, Done::failed("nc", "bind: Address already in use", 1));
            }
            self.state = State::Listening;
            return Step::Block(None);
        }
        kernel.charge(pid, 100);
        let until = self.timeout.map(|timeout| kernel.clock + timeout);
        let ip =
            kernel.networks.get(&network).map(|network| network.ip.clone()).unwrap_or_default();
        let own_name = kernel
            .sandbox_of(pid)
            .map(|sandbox| sandbox.setup.hostname.clone())
            .unwrap_or_default();
        let aliases = kernel.text_of(pid, "/etc/hosts").unwrap_or_default();
        let known = aliases.lines().find_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let address = words.next()?;
            words.any(|name| name == self.host).then(|| address.to_owned())
        });
        let host = match known {
            Some(address) if self.port != 53 => address,
            _ => self.host.clone(),
        };
        let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "0.0.0.0")
            || host.starts_with("127.")
            || (!ip.is_empty() && host == ip)
            || (!own_name.is_empty() && host == own_name);
        if local && self.port != 53 {
            let agent = if self.name == "curl" { "curl/8.14.1" } else { "Wget" };
            let answer = if self.port == 0 {
                Answer::Connected
            } else {
                kernel.ask(network, self.port, self.path.as_deref(), ("127.0.0.1", agent))
            };
            if self.port != 0 {
                let answer = match &answer {
                    Answer::Http { status, .. } => LocalAnswer::Status(*status),
                    Answer::Connected => LocalAnswer::Connected,
                    Answer::Refused | Answer::Unreachable | Answer::UnknownHost => {
                        LocalAnswer::Refused
                    }
                };
                kernel.tell(pid, ProcessStep::Asked { port: self.port, answer });
            }
            let after = match &answer {
                Answer::Http { after, .. } => *after,
                Answer::Refused | Answer::Unreachable | Answer::UnknownHost | Answer::Connected => {
                    Duration::ZERO
                }
            };
            self.state =
                State::Answered { at: kernel.clock + after, answer: Box::new(answer), until };
            return self.answered(kernel, pid);
        }
        let id = RequestId(kernel.fresh());
        kernel.requests.insert(id, Request { pid, answer: None });
        kernel.happenings.push(Happening::Request {
            id,
            container,
            host,
            port: self.port,
            path: self.path.clone(),
        });
        self.state = State::Asked { id, until };
        Step::Block(until)
    }

    fn answered(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        let State::Answered { at, answer, until } = &self.state else { return Step::Exit(1) };
        let (at, answer, until) = (*at, (**answer).clone(), *until);
        let now = kernel.clock;
        if until.is_some_and(|until| until <= now && until < at) {
            return self.timed_out(kernel, pid);
        }
        if at > now {
            return Step::Block(Some(until.map_or(at, |until| until.min(at))));
        }
        if matches!(answer, Answer::Unreachable) {
            // Nobody says anything: it waits for its own timeout, or the kernel's.
            let limit = until.unwrap_or(now + CONNECT_TIMEOUT);
            self.state = State::Answered {
                at: limit,
                answer: Box::new(Answer::Unreachable),
                until: Some(limit),
            };
            if limit <= now {
                return self.timed_out(kernel, pid);
            }
            return Step::Block(Some(limit));
        }
        if let Answer::Http { status, location: Some(location), .. } = &answer
            && (300..400).contains(status)
            && self.follow
            && self.redirects < 10
        {
            self.redirects += 1;
            let location = location.clone();
            if location.starts_with('/') {
                self.path = Some(location);
            } else {
                self.port = if location.starts_with("https://") { 443 } else { 80 };
                self.read_url(&location);
            }
            self.state = State::Start;
            return Step::Again(Duration::from_micros(100));
        }
        if self.retries > 0 && matches!(answer, Answer::Refused) && self.name == "curl" {
            self.retries -= 1;
            self.state = State::Start;
            return Step::Again(Duration::from_secs(1));
        }
        let done = self.report(kernel, pid, &answer);
        finish(kernel, pid, done)
    }

    fn timed_out(&mut self, kernel: &mut Kernel, pid: Pid) -> Step {
        if self.retries > 0 {
            self.retries -= 1;
            self.state = State::Start;
            return Step::Again(Duration::from_secs(1));
        }
        let waited = self.timeout.unwrap_or(CONNECT_TIMEOUT).as_millis();
        let done = match self.name {
            "wget" => Done::failed("wget", "download timed out", 1),
            "curl" => Done::failed(
                "curl",
                &format!("(28) Connection timed out after {waited} milliseconds"),
                28,
            ),
            "nslookup" | "dig" => Done {
                out: ";; connection timed out; no servers could be reached\n".to_owned(),
                code: 1,
                ..Done::default()
            },
            "ping" => Done {
                out: format!(
                    "PING {} 56 data bytes\n\n--- {} ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n",
                    self.host, self.host
                ),
                code: 1,
                ..Done::default()
            },
            name => Done::failed(name, "connection timed out", 1),
        };
        finish(kernel, pid, done)
    }

    fn report(&self, kernel: &mut Kernel, pid: Pid, answer: &Answer) -> Done {
        match self.name {
            "wget" => self.wget(kernel, pid, answer),
            "curl" => self.curl(kernel, pid, answer),
            "nslookup" | "dig" => self.lookup(kernel, pid, answer),
            "nc" | "telnet" => match answer {
                Answer::Connected | Answer::Http { .. } => Done::default(),
                Answer::UnknownHost => {
                    Done::failed(self.name, &format!("bad address '{}'", self.host), 1)
                }
                Answer::Refused | Answer::Unreachable => Done { code: 1, ..Done::default() },
            },
            "ping" => match answer {
                Answer::UnknownHost => {
                    Done::failed("ping", &format!("bad address '{}'", self.host), 1)
                }
                _ => Done::out(format!(
                    "PING {}: 56 data bytes\n64 bytes from {}: seq=0 ttl=64 time=0.060 ms\n",
                    self.host, self.host
                )),
            },
            name => {
                let up = matches!(answer, Answer::Connected | Answer::Http { .. });
                match (name, up) {
                    ("redis-cli", true) => {
                        let argv =
                            kernel.processes.get(&pid).map(|p| p.argv.clone()).unwrap_or_default();
                        let ping = argv.iter().any(|arg| arg.eq_ignore_ascii_case("ping"));
                        if !ping {
                            kernel.not_simulated(
                                pid,
                                &format!("{}: only ping is simulated", argv.join(" ")),
                            );
                        }
                        Done::out(if ping { "PONG\n" } else { "OK\n" })
                    }
                    ("redis-cli", false) => Done {
                        err: format!(
                            "Could not connect to Redis at {}:{}: Connection refused\n",
                            self.host, self.port
                        ),
                        code: 1,
                        ..Done::default()
                    },
                    ("pg_isready", true) => {
                        Done::out("/var/run/postgresql:5432 - accepting connections\n")
                    }
                    ("pg_isready", false) => {
                        Done { code: 2, ..Done::out("/var/run/postgresql:5432 - no response\n") }
                    }
                    ("mysqladmin" | "healthcheck.sh", true) => Done::out("mysqld is alive\n"),
                    ("mysqladmin", false) => Done {
                        err: "mysqladmin: connect to server at 'localhost' failed\n".to_owned(),
                        code: 1,
                        ..Done::default()
                    },
                    (_, true) => Done::default(),
                    (_, false) => Done { code: 1, ..Done::default() },
                }
            }
        }
    }

    fn shown_host(&self) -> String {
        if self.port == 80 { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    fn wget(&self, kernel: &mut Kernel, pid: Pid, answer: &Answer) -> Done {
        let mut done = Done::default();
        if !self.quiet {
            done.err =
                format!("Connecting to {} ({}:{})\n", self.shown_host(), self.host, self.port);
        }
        match answer {
            Answer::UnknownHost => {
                let mut failed =
                    Done::failed("wget", &format!("bad address '{}'", self.shown_host()), 1);
                std::mem::swap(&mut done, &mut failed);
            }
            Answer::Refused => {
                done.complain(
                    "wget",
                    &format!("can't connect to remote host ({}): Connection refused", self.host),
                );
            }
            Answer::Http { status, body, .. } if *status < 400 => {
                let path = self.path.as_deref().unwrap_or("/");
                let name = crate::workload::fs::base(path.split('?').next().unwrap_or(path));
                let name = if name.is_empty() { "index.html" } else { name };
                match self.output.as_deref() {
                    _ if self.head => {}
                    Some("-") => done.out.clone_from(body),
                    file => {
                        let file = file.unwrap_or(name);
                        match kernel.open(pid, file, Some(false)) {
                            Ok(open) => {
                                kernel.set_fd(pid, 60, Some(open));
                                let _ = kernel.write(pid, 60, body);
                                kernel.set_fd(pid, 60, None);
                            }
                            Err(errno) => done.complain(
                                "wget",
                                &format!("can't open '{file}': {}", errno.text()),
                            ),
                        }
                    }
                }
            }
            Answer::Http { status, .. } => {
                done.complain(
                    "wget",
                    &format!("server returned error: HTTP/1.1 {status} {}", reason(*status)),
                );
            }
            Answer::Connected => done.complain("wget", "error getting response"),
            Answer::Unreachable => done.complain("wget", "download timed out"),
        }
        done
    }

    fn curl(&self, kernel: &mut Kernel, pid: Pid, answer: &Answer) -> Done {
        let failed = |code: i32, text: String| {
            let mut done = Done { code, ..Done::default() };
            if !self.quiet {
                done.err = format!("curl: ({code}) {text}\n");
            }
            done
        };
        let mut done = match answer {
            Answer::UnknownHost => failed(6, format!("Could not resolve host: {}", self.host)),
            Answer::Refused => failed(
                7,
                format!(
                    "Failed to connect to {} port {} after 0 ms: Could not connect to server",
                    self.host, self.port
                ),
            ),
            Answer::Unreachable => failed(28, "Connection timed out".to_owned()),
            Answer::Connected => failed(52, "Empty reply from server".to_owned()),
            Answer::Http { status, .. } if self.fail && *status >= 400 => {
                failed(22, format!("The requested URL returned error: {status}"))
            }
            Answer::Http { status, body, .. } => {
                let text = if self.head {
                    format!(
                        "HTTP/1.1 {status} {}\r\nContent-Length: {}\r\n\r\n",
                        reason(*status),
                        body.len()
                    )
                } else {
                    body.clone()
                };
                match self.output.as_deref() {
                    None | Some("-") => Done::out(text),
                    Some("/dev/null") => Done::default(),
                    Some(file) => {
                        let _ = kernel.put(pid, file, Content::File(text));
                        Done::default()
                    }
                }
            }
        };
        if let Some(format) = &self.write_out {
            let status = match answer {
                Answer::Http { status, .. } => format!("{status:03}"),
                Answer::Refused | Answer::Unreachable | Answer::UnknownHost | Answer::Connected => {
                    "000".to_owned()
                }
            };
            let text = format.replace("%{http_code}", &status).replace("%{response_code}", &status);
            done.out += &crate::workload::posix::print::escapes(&text).0;
        }
        done
    }

    fn lookup(&self, kernel: &Kernel, pid: Pid, answer: &Answer) -> Done {
        let resolv = kernel.text_of(pid, "/etc/resolv.conf").unwrap_or_default();
        let server = resolv
            .lines()
            .find_map(|line| line.strip_prefix("nameserver "))
            .unwrap_or("10.96.0.10")
            .trim()
            .to_owned();
        let head = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
        match answer {
            Answer::UnknownHost | Answer::Unreachable => {
                let out = format!("{head}** server can't find {}: NXDOMAIN\n\n", self.host);
                Done { out, code: 1, ..Done::default() }
            }
            Answer::Http { body, .. } if !body.trim().is_empty() => {
                let of = |ip: &str| format!("Name:\t{}\nAddress: {ip}\n", self.host);
                let all: String = body.trim().lines().map(of).collect();
                Done::out(format!("{head}{all}\n"))
            }
            Answer::Http { .. } | Answer::Connected | Answer::Refused => {
                Done::out(format!("{head}Name:\t{}\n\n", self.host))
            }
        }
    }
}

/// Linux gives up connecting after 127 s (six retries of SYN, net.ipv4.tcp_syn_retries).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(127);

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
