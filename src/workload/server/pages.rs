//! What a server answers: its rules, its pages, its files, its nginx configuration.
//!
//! Owns: the answer to a path, and the line of log about it. Does not own: when it listens
//! (`server`).

use crate::manifest::scenario_document::HttpSpec;
use crate::time::{Duration, Instant};
use crate::workload::cri::Answer;
use crate::workload::fs::Content;
use crate::workload::kernel::Kernel;
use crate::workload::kernel::process::Pid;
use crate::workload::server::{Pages, QUICK, Server};

impl Server {
    /// The rule that a path falls under now.
    pub(super) fn rule(&self, now: Instant, path: &str) -> Option<&HttpSpec> {
        let elapsed = self.elapsed(now);
        self.behaviour.rules.iter().rev().find(|rule| {
            rule.path == path
                && rule.from.is_none_or(|from| elapsed >= from)
                && rule.until.is_none_or(|until| elapsed < until)
        })
    }

    /// Whether what is answered to a path does not change as time goes by.
    pub(super) fn is_steady(&self, now: Instant, path: &str) -> bool {
        let plain = path.split('?').next().unwrap_or(path);
        let elapsed = self.elapsed(now);
        let to_come = |at: Option<Duration>| at.is_some_and(|at| at > elapsed);
        let changes = |rule: &HttpSpec| to_come(rule.from) || to_come(rule.until);
        let ruled = self.behaviour.rules.iter().any(|rule| rule.path == plain && changes(rule));
        !ruled && !matches!(self.behaviour.pages, Pages::Liveness)
    }

    /// What the log says of a request: before the time, and after it.
    pub(super) fn access_line(
        &self,
        path: &str,
        answer: &Answer,
        (client, agent): (&str, &str),
    ) -> Option<(String, String)> {
        let Answer::Http { status, body, .. } = answer else { return None };
        self.behaviour.access_log.then(|| {
            let size = body.len();
            let rest = format!("] \"GET {path} HTTP/1.1\" {status} {size} \"-\" \"{agent}\" \"-\"");
            (format!("{client} - - ["), rest)
        })
    }

    /// What stands under a path now.
    pub(super) fn page(&self, kernel: &Kernel, pid: Pid, path: &str) -> Answer {
        let plain = path.split('?').next().unwrap_or(path);
        let elapsed = self.elapsed(kernel.clock);
        let rule = self.rule(kernel.clock, plain);
        let answer = |status: u16, body: &str| Answer::Http {
            status,
            body: body.to_owned(),
            location: None,
            after: QUICK,
        };
        if let Some(rule) = rule {
            Answer::Http {
                status: u16::try_from(rule.status).unwrap_or(200),
                body: format!("{}\n", rule.status),
                location: rule.location.clone(),
                after: rule.latency.unwrap_or(QUICK),
            }
        } else {
            match &self.behaviour.pages {
                Pages::None => Answer::Connected,
                Pages::Always(status, body) => answer(*status, body),
                Pages::Root(body) if plain == "/" => answer(200, body),
                Pages::Root(_) => answer(404, "404 page not found\n"),
                Pages::Files(root) => {
                    let root = if root.is_empty() { kernel.cwd(pid) } else { root.clone() };
                    file_answer(kernel, pid, &root, plain, "Not Found")
                }
                Pages::Nginx => nginx_answer(kernel, pid, plain),
                Pages::Hostname => {
                    let name = kernel.sandbox_of(pid).map(|s| s.setup.hostname.clone());
                    answer(200, &name.unwrap_or_default())
                }
                Pages::Liveness if plain == "/healthz" => {
                    // k8s.io/kubernetes test/images/agnhost/liveness: healthy for ten seconds.
                    if elapsed > Duration::from_secs(10) {
                        answer(
                            500,
                            &format!(
                                "error: {}.{:06}",
                                elapsed.as_secs(),
                                elapsed.as_micros() % 1_000_000
                            ),
                        )
                    } else {
                        answer(200, "ok")
                    }
                }
                Pages::Liveness => answer(404, "404 page not found\n"),
                Pages::Netexec => netexec(kernel, pid, path, plain),
            }
        }
    }
}

fn netexec(kernel: &Kernel, pid: Pid, path: &str, plain: &str) -> Answer {
    let host = kernel.sandbox_of(pid).map(|s| s.setup.hostname.clone()).unwrap_or_default();
    let (status, body, location) = match plain {
        "/" | "/clientip" => (200, "NOW: 10.244.0.1\n".to_owned(), None),
        "/healthz" | "/healthZ" => (200, String::new(), None),
        "/hostname" | "/hostName" => (200, host, None),
        "/echo" => {
            (200, path.split_once("msg=").map_or(String::new(), |(_, m)| m.to_owned()), None)
        }
        "/redirect" => {
            let asked = path.split_once("location=").or_else(|| path.split_once("loc="));
            let to = asked.map_or("/", |(_, to)| to);
            let to = to.split('&').next().unwrap_or(to).replace("%3A", ":").replace("%2F", "/");
            (302, format!("<a href=\"{to}\">Found</a>.\n\n"), Some(to))
        }
        _ => (404, "404 page not found\n".to_owned(), None),
    };
    Answer::Http { status, body, location, after: Duration::from_millis(1) }
}

fn file_answer(kernel: &Kernel, pid: Pid, root: &str, path: &str, missing: &str) -> Answer {
    let place = crate::workload::fs::normal("/", &format!("{root}/{path}"));
    let answer = |status: u16, body: String| Answer::Http {
        status,
        body,
        location: None,
        after: Duration::from_millis(1),
    };
    let error = |status: u16, what: &str| {
        answer(
            status,
            format!(
                "<html>\r\n<head><title>{status} {what}</title></head>\r\n<body>\r\n<center><h1>{status} {what}</h1></center>\r\n</body>\r\n</html>\r\n"
            ),
        )
    };
    match kernel.node(pid, &place) {
        Ok(node) if node.is_directory() => {
            match kernel.read_file(pid, &format!("{place}/index.html")) {
                Ok(body) => answer(200, body),
                Err(_) => error(403, "Forbidden"),
            }
        }
        Ok(node) => match node.content {
            Content::File(body) => answer(200, body),
            Content::Directory | Content::Link(_) | Content::Program(_) => {
                answer(200, String::new())
            }
        },
        Err(_) => error(404, missing),
    }
}

/// Reads the configuration again for every request: few lines, and always what is mounted now.
fn nginx_answer(kernel: &Kernel, pid: Pid, path: &str) -> Answer {
    let config = nginx_config(kernel, pid);
    let mut root = "/usr/share/nginx/html".to_owned();
    let mut best: Option<(usize, &str)> = None;
    for chunk in config.split("location").skip(1) {
        let Some((head, body)) = chunk.split_once('{') else { continue };
        let body = body.split('}').next().unwrap_or("");
        let exact = head.trim_start().starts_with('=');
        let prefix = head.trim_matches(|c: char| c.is_whitespace() || "=^~".contains(c));
        let fits = if exact { path == prefix } else { path.starts_with(prefix) };
        let weight = prefix.len() + if exact { 1_000 } else { 0 };
        if fits && !prefix.is_empty() && best.is_none_or(|(length, _)| weight >= length) {
            best = Some((weight, body));
        }
    }
    let body = best.map_or("", |(_, body)| body);
    for directive in body.split(';').chain(config.split(['{', '}', ';'])) {
        let mut words = directive.split_whitespace();
        match (words.next(), words.next()) {
            (Some("return"), Some(status)) if body.contains("return") => {
                let Ok(status) = status.parse() else { continue };
                let rest = words.collect::<Vec<_>>().join(" ");
                let text = rest.trim_matches(['"', '\'']).to_owned();
                let location = (300..400).contains(&status).then(|| text.clone());
                return Answer::Http {
                    status,
                    body: text,
                    location,
                    after: Duration::from_millis(1),
                };
            }
            (Some("root"), Some(place)) => {
                root = place.trim_matches(['"', '\'']).to_owned();
                break;
            }
            _ => {}
        }
    }
    file_answer(kernel, pid, &root, path, "Not Found")
}

/// All of nginx' configuration that matters, comments taken out.
pub(in crate::workload) fn nginx_config(kernel: &Kernel, pid: Pid) -> String {
    let main = kernel.read_file(pid, "/etc/nginx/nginx.conf").unwrap_or_default();
    let mut text = main.clone();
    if main.is_empty() || main.contains("conf.d") {
        for name in kernel.list(pid, "/etc/nginx/conf.d").unwrap_or_default() {
            if name.ends_with(".conf") {
                text += &kernel
                    .read_file(pid, &format!("/etc/nginx/conf.d/{name}"))
                    .unwrap_or_default();
                text.push('\n');
            }
        }
    }
    text.lines().map(|line| line.split('#').next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The ports that nginx' configuration names.
pub(in crate::workload) fn nginx_ports(config: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = config
        .split(['{', '}', ';'])
        .filter_map(|directive| {
            let mut words = directive.split_whitespace();
            if words.next() != Some("listen") {
                return None;
            }
            words.next()?.rsplit(':').next()?.parse().ok()
        })
        .collect();
    crate::order::sort(&mut ports);
    ports.dedup();
    ports
}
