//! Which programs there are, where images have them, and how each begins.
//!
//! Owns: finding an executable and making it run. Does not own: what it then does (`shell`,
//! `applets`, `server`).

use crate::time::Duration;
use crate::workload::applets::Task;
use crate::workload::catalogue::Base;
use crate::workload::fs::{Content, Errno};
use crate::workload::kernel::Kernel;
use crate::workload::process::{Pid, Program};
use crate::workload::server::{Behaviour, OnSignal, Pages, Server, nginx_config, nginx_ports};
use crate::workload::shell::code::compile;
use crate::workload::shell::vm::{Flavor, Vm};

const BUSYBOX: &[&str] = &[
    "[",
    "arch",
    "ash",
    "awk",
    "base64",
    "basename",
    "busybox",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "cmp",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "dmesg",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "factor",
    "false",
    "fgrep",
    "find",
    "free",
    "grep",
    "groups",
    "gunzip",
    "gzip",
    "head",
    "hexdump",
    "hostname",
    "httpd",
    "id",
    "ifconfig",
    "install",
    "ip",
    "kill",
    "killall",
    "less",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "more",
    "mount",
    "mv",
    "nc",
    "netstat",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "nslookup",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "ping",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "route",
    "sed",
    "seq",
    "setsid",
    "sh",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "stty",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "telnet",
    "test",
    "time",
    "timeout",
    "top",
    "touch",
    "tr",
    "traceroute",
    "true",
    "truncate",
    "fallocate",
    "tty",
    "uname",
    "uniq",
    "unlink",
    "uptime",
    "usleep",
    "vi",
    "watch",
    "wc",
    "wget",
    "which",
    "who",
    "whoami",
    "xargs",
    "yes",
    "zcat",
    // A program of the recordings that makes zombies.
    "zombie",
    "sysctl",
];

const GNU: &[&str] = &[
    "[",
    "arch",
    "awk",
    "base64",
    "basename",
    "bash",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cmp",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "factor",
    "false",
    "fgrep",
    "find",
    "grep",
    "groups",
    "gzip",
    "head",
    "hostname",
    "id",
    "install",
    "kill",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "more",
    "mount",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "od",
    "paste",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sh",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "stty",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "fallocate",
    "tty",
    "uname",
    "uniq",
    "unlink",
    "wc",
    "which",
    "who",
    "whoami",
    "xargs",
    "yes",
    "perl",
];

/// The recorded nginx image had these too.
const TOOLS: &[&str] = &["ps", "ip", "netstat", "pidof", "wget", "curl", "killall", "pgrep"];

/// The small programs of a base, by directory.
pub(super) fn of_base(base: Base) -> &'static [(&'static str, &'static [&'static str])] {
    match base {
        Base::Busybox => &[("/bin", BUSYBOX)],
        Base::Alpine => &[("/bin", BUSYBOX), ("/sbin", &["apk"])],
        Base::Debian => &[("/bin", GNU), ("/usr/bin", &["apt-get", "apt"])],
        Base::RedHat => {
            &[("/usr/bin", GNU), ("/bin", &["sh", "bash", "curl", "yum", "dnf", "microdnf"])]
        }
        Base::Nothing => &[],
    }
}

/// Programs that images are about.
const MAIN: &[&str] = &[
    "nginx",
    "httpd-foreground",
    "apache2-foreground",
    "redis-server",
    "redis-cli",
    "memcached",
    "postgres",
    "psql",
    "pg_isready",
    "mysqld",
    "mariadbd",
    "mysql",
    "mysqladmin",
    "mongod",
    "mongosh",
    "mongo",
    "rabbitmq-server",
    "rabbitmq-diagnostics",
    "haproxy",
    "traefik",
    "caddy",
    "envoy",
    "pause",
    "agnhost",
    "server",
    "serve_hostname",
    "goproxy",
    "etcd",
    "coredns",
    "hello-app",
    "kuard",
    "podinfo",
    "http-echo",
    "python3",
    "node",
    "jshell",
    "irb",
    "perl",
    "catalina.sh",
    "curl",
    "zsh",
    "fluentd",
    "fluent-bit",
    "prometheus",
    "node_exporter",
    "run.sh",
    "stress",
    "registry",
    "elasticsearch",
    "hello",
    "docker-entrypoint.sh",
    "entrypoint.sh",
    "bash",
    "sh",
    "healthcheck.sh",
];

pub(super) fn known(name: &str) -> Option<&'static str> {
    MAIN.iter().chain(BUSYBOX).find(|known| **known == name).copied()
}

/// Where a program stands whose image does not say.
pub(super) fn place(name: &str) -> &'static str {
    match name {
        "nginx" => "/usr/sbin",
        "sh" | "bash" | "zsh" => "/bin",
        "python3" | "node" | "java" => "/usr/local/bin",
        _ => "/usr/local/bin",
    }
}

/// Programs that stand beside another.
pub(super) fn beside(name: &str) -> &'static [&'static str] {
    match name {
        "nginx" => TOOLS,
        "redis-server" => &["redis-cli", "redis-sentinel", "bash"],
        "podinfo" => &["podcli"],
        "app" => TOOLS,
        "postgres" => &["psql", "pg_isready"],
        "mysqld" => &["mysql", "mysqladmin"],
        "mariadbd" => &["mysql", "mysqladmin", "healthcheck.sh"],
        "mongod" => &["mongosh", "mongo"],
        "rabbitmq-server" => &["rabbitmq-diagnostics"],
        "python3" => &["python", "pip", "curl", "wget", "ps"],
        "node" => &["npm", "yarn", "curl", "wget", "ps"],
        "zsh" => &["bash", "curl", "dig", "tcpdump", "jq"],
        "apache2-foreground" => &["php", "curl"],
        "httpd-foreground" => &["httpd"],
        "catalina.sh" | "jshell" => &["java", "curl"],
        "curl" | "irb" | "perl" => &["curl"],
        _ => &[],
    }
}

impl Kernel {
    /// Finds an executable: its path, and the behaviour behind it unless it is a script.
    ///
    /// Nobody knows what images that are not in the catalogue have: they have whatever is asked
    /// for.
    pub(super) fn find_program(
        &self,
        pid: Pid,
        name: &str,
        env: Option<&[(String, String)]>,
    ) -> Result<(String, Option<&'static str>), Errno> {
        let unknown = self.container_of(pid).is_some_and(|container| container.image.unknown);
        match self.search_program(pid, name, env) {
            Err(Errno::NotFound) if unknown && !name.is_empty() && !self.in_volume(pid, name) => {
                Ok((name.to_owned(), Some("app")))
            }
            found => found,
        }
    }

    fn search_program(
        &self,
        pid: Pid,
        name: &str,
        env: Option<&[(String, String)]>,
    ) -> Result<(String, Option<&'static str>), Errno> {
        if name.contains('/') {
            return self.executable(pid, name).map(|program| (name.to_owned(), program));
        }
        if name.is_empty() {
            return Err(Errno::NotFound);
        }
        let path = match env {
            Some(env) => env.iter().find(|(key, _)| key == "PATH").map(|(_, value)| value.clone()),
            None => self.processes.get(&pid).and_then(|p| p.variable("PATH").map(str::to_owned)),
        };
        let path = path.unwrap_or_else(|| DEFAULT_PATH.to_owned());
        let mut denied = false;
        for directory in path.split(':') {
            let candidate = format!("{directory}/{name}");
            match self.executable(pid, &candidate) {
                Ok(program) => return Ok((candidate, program)),
                Err(Errno::Denied) => denied = true,
                Err(_) => {}
            }
        }
        Err(if denied { Errno::Denied } else { Errno::NotFound })
    }

    fn executable(&self, pid: Pid, path: &str) -> Result<Option<&'static str>, Errno> {
        let node = self.node(pid, path)?;
        match node.content {
            Content::Program(name) => Ok(Some(name)),
            Content::Directory => Err(Errno::Denied),
            // Files of volumes: their mode is not known here, whoever mounts a script meant it.
            Content::File(_) if node.mode & 0o111 != 0 || self.in_volume(pid, path) => Ok(None),
            Content::File(_) | Content::Link(_) => Err(Errno::Denied),
        }
    }

    fn in_volume(&self, pid: Pid, path: &str) -> bool {
        use crate::workload::files::Place;
        matches!(self.place(pid, path, true), Ok(Place::In { root: false, .. }))
    }

    /// Makes a program ready to run.
    pub(super) fn load_program(
        &mut self,
        pid: Pid,
        path: &str,
        name: Option<&'static str>,
        argv: Vec<String>,
    ) -> Result<(Program, Vec<String>), Errno> {
        self.load(pid, path, name, argv, 0)
    }

    fn load(
        &mut self,
        pid: Pid,
        path: &str,
        name: Option<&'static str>,
        argv: Vec<String>,
        depth: u32,
    ) -> Result<(Program, Vec<String>), Errno> {
        if depth > 4 {
            return Err(Errno::Loop);
        }
        let Some(name) = name else {
            let text = self.read_file(pid, path)?;
            let line = text.lines().next().unwrap_or("").strip_prefix("#!").unwrap_or("/bin/sh");
            let mut words = line.split_whitespace().map(str::to_owned);
            let interpreter = words.next().ok_or(Errno::NoExec)?;
            let mut new = vec![interpreter.clone()];
            new.extend(words);
            new.push(path.to_owned());
            new.extend(argv.into_iter().skip(1));
            let (path, name) = self.find_program(pid, &interpreter, None)?;
            return self.load(pid, &path, name, new, depth + 1);
        };
        match name {
            "sh" | "ash" | "bash" | "dash" | "zsh" => {
                let flavor = self.flavor(pid, name);
                Ok((self.shell(pid, flavor, &argv), argv))
            }
            "busybox" if argv.len() > 1 => {
                let applet = argv[1].clone();
                let (path, name) = self.find_program(pid, &applet, None)?;
                self.load(pid, &path, name, argv[1..].to_vec(), depth + 1)
            }
            // These run what stands after them, in their own place.
            "docker-entrypoint.sh" | "entrypoint.sh" if argv.len() > 1 => {
                let rest = self.entrypoint_words(pid, &argv);
                let (path, name) = self.find_program(pid, &rest[0], None)?;
                self.load(pid, &path, name, rest, depth + 1)
            }
            "env" | "nohup" | "setsid" | "nice" => self.load_prefix(pid, name, argv, depth),
            name => {
                if let Some(behaviour) = self.behaviour(pid, name, &argv) {
                    return Ok((Program::Server(Box::new(Server::new(behaviour))), argv));
                }
                Ok((Program::Task(Box::new(Task::new(name))), argv))
            }
        }
    }

    /// What an image's entrypoint script makes of its arguments: flags belong to the program.
    fn entrypoint_words(&self, pid: Pid, argv: &[String]) -> Vec<String> {
        let rest = argv[1..].to_vec();
        if !rest[0].starts_with('-') {
            return rest;
        }
        let main = self.container_of(pid).and_then(|container| container.image.command.first());
        match main {
            Some(main) => std::iter::once(main.clone()).chain(rest).collect(),
            None => rest,
        }
    }

    /// `env A=1 program …`: the program, in the place of env.
    fn load_prefix(
        &mut self,
        pid: Pid,
        name: &'static str,
        argv: Vec<String>,
        depth: u32,
    ) -> Result<(Program, Vec<String>), Errno> {
        let mut at = 1;
        while let Some(word) = argv.get(at) {
            match word.split_once('=') {
                Some((key, value)) if name == "env" && !word.starts_with('-') => {
                    if let Some(process) = self.processes.get_mut(&pid) {
                        process.env.retain(|(known, _)| known != key);
                        process.env.push((key.to_owned(), value.to_owned()));
                    }
                }
                _ if word == "-i" && name == "env" => {
                    if let Some(process) = self.processes.get_mut(&pid) {
                        process.env.clear();
                    }
                }
                _ if word == "-u" && name == "env" => {
                    at += 1;
                    if let (Some(process), Some(key)) = (self.processes.get_mut(&pid), argv.get(at))
                    {
                        process.env.retain(|(known, _)| known != key);
                    }
                }
                _ if word == "-n" => at += 1,
                _ if word.starts_with('-') => {}
                _ => break,
            }
            at += 1;
        }
        if name == "nohup"
            && let Some(process) = self.processes.get_mut(&pid)
        {
            process.ignored |= 1 << 1;
        }
        match argv.get(at) {
            None => Ok((Program::Task(Box::new(Task::new(name))), argv)),
            Some(program) => {
                let (path, found) = self.find_program(pid, program, None)?;
                self.load(pid, &path, found, argv[at..].to_vec(), depth + 1)
            }
        }
    }

    fn flavor(&self, pid: Pid, name: &str) -> Flavor {
        let base = self.container_of(pid).map_or(Base::Busybox, |container| container.image.base);
        match (base, name) {
            (_, "bash" | "zsh") | (Base::RedHat, _) => Flavor::Bash,
            (Base::Debian, _) => Flavor::Dash,
            (Base::Busybox | Base::Alpine | Base::Nothing, _) => Flavor::Ash,
        }
    }

    /// Begins a shell: `sh -c script`, `sh file`, or `sh` with the script on standard input.
    fn shell(&mut self, pid: Pid, flavor: Flavor, argv: &[String]) -> Program {
        let mut options: Vec<(char, bool)> = Vec::new();
        let mut command = false;
        let mut pipe_fail = false;
        let mut at = 1;
        while let Some(word) = argv.get(at) {
            let on = word.starts_with('-');
            if !(on || word.starts_with('+')) || word.len() < 2 {
                break;
            }
            at += 1;
            if word == "--" {
                break;
            }
            if word.starts_with("--") {
                continue;
            }
            for letter in word.chars().skip(1) {
                match letter {
                    'c' => command = true,
                    'o' => {
                        match argv.get(at).map(String::as_str) {
                            Some("errexit") => options.push(('e', on)),
                            Some("nounset") => options.push(('u', on)),
                            Some("xtrace") => options.push(('x', on)),
                            Some("pipefail") => pipe_fail = on,
                            Some(_) | None => {}
                        }
                        at += 1;
                    }
                    letter => options.push((letter, on)),
                }
            }
        }
        let own = argv.first().cloned().unwrap_or_else(|| "sh".to_owned());
        let mut name = own.clone();
        let mut problem = None;
        let mut parameters: Vec<String> = Vec::new();
        let text = match argv.get(at) {
            Some(script) if command => {
                if let Some(zero) = argv.get(at + 1) {
                    name.clone_from(zero);
                    parameters = argv[at + 2..].to_vec();
                }
                Some(script.clone())
            }
            Some(file) => {
                name.clone_from(file);
                parameters = argv[at + 1..].to_vec();
                match self.read_file(pid, file) {
                    Ok(text) => Some(text),
                    Err(errno) => {
                        let (line, code) = match flavor {
                            Flavor::Ash => {
                                (format!("{own}: can't open '{file}': {}", errno.text()), 2)
                            }
                            Flavor::Dash => {
                                (format!("{own}: 0: cannot open {file}: No such file"), 2)
                            }
                            Flavor::Bash => (format!("{own}: {file}: {}", errno.text()), 127),
                        };
                        problem = Some((line, code));
                        None
                    }
                }
            }
            None if command => {
                problem = Some((format!("{own}: -c requires an argument"), 2));
                None
            }
            None => None,
        };
        let script = text.map(|text| compile(&text, true)).transpose().unwrap_or_else(|message| {
            let line = if flavor == Flavor::Ash { "" } else { "1: " };
            problem = Some((format!("{name}: {line}{message}"), 2));
            None
        });
        let (env, number, cwd) = self.processes.get(&pid).map_or_else(Default::default, |p| {
            (p.env.clone(), if p.pid_ns == 0 { pid } else { p.ns_pid }, p.cwd.clone())
        });
        if let Some((line, code)) = problem {
            let _ = self.write(pid, 2, &format!("{line}\n"));
            return Program::Task(Box::new(Task::ending(code)));
        }
        let script = script.map(|code| (code, parameters));
        let mut vm = Vm::new(flavor, &name, script, &env, (number, &cwd));
        for (letter, on) in options {
            vm.set_option(letter, on);
        }
        vm.set_pipe_fail(pipe_fail);
        Program::Shell(Box::new(vm))
    }

    /// How a program serves, if it does.
    fn behaviour(&self, pid: Pid, name: &'static str, argv: &[String]) -> Option<Behaviour> {
        let image = self.container_of(pid).map(|container| container.image.clone());
        let has = |word: &str| argv.iter().any(|arg| arg == word);
        let at = |port: u16, after: i64| vec![(port, Duration::from_millis(after))];
        let end =
            |after: i64, code: i32| OnSignal::End { after: Duration::from_millis(after), code };
        Some(match name {
            "nginx" => return self.nginx(pid, argv),
            "httpd-foreground" | "apache2-foreground" => Behaviour {
                ports: at(80, 30),
                pages: if name == "httpd-foreground" {
                    Pages::Files("/usr/local/apache2/htdocs".to_owned())
                } else {
                    Pages::Always(200, "OK!".to_owned())
                },
                winch: end(5, 0),
                title: Some(
                    if name == "httpd-foreground" {
                        "httpd -DFOREGROUND"
                    } else {
                        "apache2 -DFOREGROUND"
                    }
                    .to_owned(),
                ),
                workers: Some((
                    3,
                    if name == "httpd-foreground" {
                        "httpd -DFOREGROUND"
                    } else {
                        "apache2 -DFOREGROUND"
                    }
                    .to_owned(),
                    33,
                )),
                reaps: true,
                hup: OnSignal::Reload,
                ..Behaviour::ending(0)
            },
            "httpd" => {
                if !has("-f") && !has("-DFOREGROUND") {
                    return None;
                }
                let port = flag(argv, "-p").unwrap_or(80);
                let root =
                    argv.iter().skip_while(|a| *a != "-h").nth(1).cloned().unwrap_or_default();
                Behaviour { ports: at(port, 1), pages: Pages::Files(root), ..Behaviour::default() }
            }
            "redis-server" => Behaviour {
                ports: at(flag(argv, "--port").unwrap_or(6379), 20),
                title: Some(format!("redis-server *:{}", flag(argv, "--port").unwrap_or(6379))),
                log: vec!["1:M * Ready to accept connections tcp".to_owned()],
                ..Behaviour::ending(0)
            },
            "redis-sentinel" => Behaviour { ports: at(26379, 20), ..Behaviour::ending(0) },
            "memcached" => Behaviour { ports: at(11211, 10), ..Behaviour::ending(0) },
            "postgres" => Behaviour {
                ports: at(5432, 2_500),
                int: end(200, 0),
                term: end(200, 0),
                quit: end(5, 2),
                hup: OnSignal::Ignore,
                log: vec!["LOG:  database system is ready to accept connections".to_owned()],
                workers: Some((1, "postgres: checkpointer ".to_owned(), 999)),
                reaps: true,
                ..Behaviour::default()
            },
            "mysqld" | "mariadbd" => Behaviour {
                ports: vec![(3306, Duration::from_millis(9_000))],
                term: end(1_500, 0),
                ..Behaviour::default()
            },
            "mongod" => Behaviour {
                ports: at(27017, 1_500),
                term: end(800, 0),
                int: end(800, 0),
                ..Behaviour::default()
            },
            "rabbitmq-server" => {
                Behaviour { ports: at(5672, 6_000), term: end(2_000, 0), ..Behaviour::default() }
            }
            "haproxy" => Behaviour {
                ports: image
                    .map(|i| i.ports.iter().map(|p| (*p, Duration::ZERO)).collect())
                    .unwrap_or_default(),
                usr1: end(5, 0),
                ..Behaviour::ending(143)
            },
            "pause" => Behaviour { reaps: true, ..Behaviour::ending(0) },
            "agnhost" => return self.agnhost(argv),
            "server" => {
                Behaviour { ports: at(8080, 5), pages: Pages::Liveness, ..Behaviour::default() }
            }
            "serve_hostname" => {
                Behaviour { ports: at(9376, 5), pages: Pages::Hostname, ..Behaviour::default() }
            }
            "goproxy" => Behaviour { ports: at(8080, 5), ..Behaviour::default() },
            "http-echo" => {
                let text = argv
                    .iter()
                    .find_map(|arg| arg.trim_start_matches('-').strip_prefix("text="))
                    .unwrap_or("hello-world");
                let port = argv
                    .iter()
                    .find_map(|arg| arg.trim_start_matches('-').strip_prefix("listen=:"))
                    .and_then(|port| port.parse().ok())
                    .unwrap_or(5678);
                Behaviour {
                    ports: at(port, 5),
                    pages: Pages::Always(200, format!("{}\n", text.trim_matches('"'))),
                    ..Behaviour::ending(0)
                }
            }
            "hello-app" | "kuard" | "podinfo" => {
                let port = image.and_then(|image| image.ports.first().copied()).unwrap_or(8080);
                let body =
                    if name == "hello-app" { "Hello, world!\nVersion: 1.0.0\n" } else { "OK\n" };
                let drains = if name == "podinfo" { 5_000 } else { 5 };
                let term = if name == "podinfo" { end(drains, 0) } else { OnSignal::Default };
                Behaviour {
                    ports: at(port, 5),
                    pages: Pages::Always(200, body.to_owned()),
                    term,
                    ..Behaviour::default()
                }
            }
            "catalina.sh" => Behaviour {
                ports: at(8080, 4_000),
                pages: Pages::Root("<h1>Apache Tomcat</h1>".to_owned()),
                term: end(700, 143),
                int: end(700, 130),
                ..Behaviour::default()
            },
            "python3" | "python" if has("http.server") => {
                let port = argv
                    .iter()
                    .skip_while(|a| *a != "http.server")
                    .nth(1)
                    .and_then(|p| p.parse().ok())
                    .unwrap_or(8000);
                Behaviour {
                    ports: at(port, 150),
                    pages: Pages::Files(String::new()),
                    access_log: true,
                    int: end(5, 0),
                    ..Behaviour::default()
                }
            }
            // An interpreter with a program nobody here can read: no handler of its own.
            "python3" | "python" | "node" if argv.len() > 1 && !argv[1].starts_with('-') => {
                Behaviour {
                    ports: self.declared_ports(pid),
                    pages: Pages::Always(200, "OK\n".to_owned()),
                    int: if name == "node" { OnSignal::Default } else { end(5, 130) },
                    ..Behaviour::default()
                }
            }
            "java" => Behaviour {
                ports: self
                    .declared_ports(pid)
                    .into_iter()
                    .map(|(p, _)| (p, Duration::from_secs(4)))
                    .collect(),
                pages: Pages::Always(200, "OK\n".to_owned()),
                term: end(200, 143),
                int: end(200, 130),
                ..Behaviour::default()
            },
            "traefik" | "caddy" | "envoy" | "etcd" | "coredns" | "fluentd" | "fluent-bit"
            | "prometheus" | "node_exporter" | "run.sh" | "registry" | "elasticsearch" => {
                let slow = match name {
                    "elasticsearch" => 15_000,
                    "run.sh" => 4_000,
                    "fluentd" => 1_500,
                    _ => 50,
                };
                let ports = image.map(|image| image.ports.clone()).unwrap_or_default();
                let code = if name == "elasticsearch" { 143 } else { 0 };
                Behaviour {
                    ports: ports
                        .into_iter()
                        .map(|port| (port, Duration::from_millis(slow)))
                        .collect(),
                    pages: Pages::Always(200, "OK\n".to_owned()),
                    term: end(50, code),
                    int: end(50, code),
                    hup: OnSignal::Reload,
                    ..Behaviour::default()
                }
            }
            "app" if self.is_first(pid) => self.described(pid),
            _ => return None,
        })
    }

    fn declared_ports(&self, pid: Pid) -> Vec<(u16, Duration)> {
        let container = self.container_of(pid);
        let declared = container.map(|c| c.setup.ports.clone()).unwrap_or_default();
        let own = container.map(|c| c.image.ports.clone()).unwrap_or_default();
        let ports = if declared.is_empty() { own } else { declared };
        // Invented: an ordinary service listens a fifth of a second after its start.
        ports.into_iter().map(|port| (port, Duration::from_millis(200))).collect()
    }

    /// What the Scenario says of an image, or what is most usual: a server that ends on TERM.
    fn described(&self, pid: Pid) -> Behaviour {
        let image = self.container_of(pid).map(|container| container.image.clone());
        let spec = image.and_then(|image| image.spec.clone());
        let usual = OnSignal::End { after: Duration::from_millis(20), code: 0 };
        let mut behaviour = Behaviour {
            ports: self.declared_ports(pid),
            pages: Pages::Always(200, "OK\n".to_owned()),
            term: usual,
            int: usual,
            ..Behaviour::default()
        };
        let Some(spec) = spec else { return behaviour };
        if !spec.listen.is_empty() {
            behaviour.ports = spec
                .listen
                .iter()
                .filter_map(|listen| {
                    let port = u16::try_from(listen.port).ok()?;
                    Some((port, listen.after.unwrap_or(Duration::ZERO)))
                })
                .collect();
        }
        if !spec.http.is_empty() {
            behaviour.rules.clone_from(&spec.http);
            behaviour.pages = Pages::Root("OK\n".to_owned());
        }
        if let Some(on_term) = &spec.on_term {
            behaviour.term = if on_term.ignore {
                OnSignal::Ignore
            } else {
                OnSignal::End {
                    after: on_term.drain.unwrap_or(Duration::ZERO),
                    code: on_term.exit_code,
                }
            };
        }
        if let Some(exit) = &spec.exit {
            behaviour.exit = Some((exit.after.unwrap_or(Duration::ZERO), exit.code));
        }
        if let Some(memory) = &spec.memory {
            behaviour.memory = memory.idle.as_ref().map_or(0, |idle| idle.value());
            behaviour.memory_a_minute = memory.per_minute.as_ref().map_or(0, |grow| grow.value());
        }
        behaviour
    }

    fn nginx(&self, pid: Pid, argv: &[String]) -> Option<Behaviour> {
        let line = argv.join(" ");
        let once =
            argv.iter().any(|arg| matches!(arg.as_str(), "-s" | "-t" | "-T" | "-v" | "-V" | "-h"));
        let config = nginx_config(self, pid);
        let foreground = line.contains("daemon off") || config.contains("daemon off");
        if once || !foreground {
            return None;
        }
        let mut ports = nginx_ports(&config);
        if ports.is_empty() {
            ports.push(80);
        }
        let slow = OnSignal::End { after: Duration::from_millis(4), code: 0 };
        Some(Behaviour {
            ports: ports.into_iter().map(|port| (port, Duration::ZERO)).collect(),
            pages: Pages::Nginx,
            quit: slow,
            term: slow,
            int: slow,
            hup: OnSignal::Reload,
            usr1: OnSignal::Reload,
            title: Some(format!("nginx: master process {line}")),
            workers: Some((2, "nginx: worker process".to_owned(), 101)),
            log: [
                "using the \"epoll\" event method",
                "nginx/1.29.1",
                "OS: Linux 6.18.44",
                "getrlimit(RLIMIT_NOFILE): 1048576:1048576",
                "start worker processes",
            ]
            .map(str::to_owned)
            .to_vec(),
            reaps: true,
            access_log: true,
            nginx: true,
            ..Behaviour::default()
        })
    }

    /// The subcommands of agnhost that serve; all end at once on TERM.
    fn agnhost(&self, argv: &[String]) -> Option<Behaviour> {
        let port = |default: u16| {
            argv.iter()
                .find_map(|arg| {
                    arg.strip_prefix("--http-port=").or_else(|| arg.strip_prefix("--port="))
                })
                .and_then(|text| text.parse().ok())
                .or_else(|| flag(argv, "--http-port"))
                .or_else(|| flag(argv, "--port"))
                .unwrap_or(default)
        };
        let ready = Duration::from_millis(4);
        Some(match argv.get(1).map(String::as_str) {
            None | Some("pause") => {
                Behaviour { log: vec!["Paused".to_owned()], ..Behaviour::ending(0) }
            }
            Some("netexec") => Behaviour {
                ports: vec![(port(8080), ready)],
                pages: Pages::Netexec,
                ..Behaviour::ending(0)
            },
            Some("liveness") => {
                Behaviour { ports: vec![(8080, ready)], pages: Pages::Liveness, ..Behaviour::go() }
            }
            Some("serve-hostname") => Behaviour {
                ports: vec![(port(9376), ready)],
                pages: Pages::Hostname,
                ..Behaviour::ending(0)
            },
            Some("porter" | "test-webserver" | "webhook" | "net") => Behaviour {
                ports: vec![(port(80), ready)],
                pages: Pages::Always(200, "OK\n".to_owned()),
                ..Behaviour::go()
            },
            Some(_) => return None,
        })
    }
}

/// The PATH of an image that sets none (the runtime's default).
pub(super) const DEFAULT_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A port after a flag: `-p 8080`, `-p8080`.
fn flag(argv: &[String], name: &str) -> Option<u16> {
    let mut args = argv.iter();
    while let Some(arg) = args.next() {
        if arg == name {
            return args.next()?.rsplit(':').next()?.parse().ok();
        }
        if let Some(rest) = arg.strip_prefix(name)
            && let Ok(port) = rest.parse()
        {
            return Some(port);
        }
    }
    None
}
