//! Which programs serve, and how each does.
//!
//! Owns: the [`Behaviour`] of the programs of images. Does not own: a server that runs (`server`).

use crate::time::Duration;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::server::pages::{nginx_config, nginx_ports};
use crate::workload::server::{Behaviour, OnSignal, Pages};

impl Kernel {
    /// How a program serves, if it does.
    pub(super) fn behaviour(
        &self,
        pid: Pid,
        name: &'static str,
        argv: &[String],
    ) -> Option<Behaviour> {
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
