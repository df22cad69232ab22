//! The files that an image brings.
//!
//! Owns: which they are. Does not own: trees of files (`fs`), or which programs there are
//! (`tools`).

use crate::workload::fs::{Content, Layer, Node, parent};
use crate::workload::image::catalogue::Image;
use crate::workload::image::tools::{self, Base};

impl Image {
    /// The lowest layer of a container's file system.
    pub(in crate::workload) fn layer(&self) -> Layer {
        let mut layer = Layer::new();
        for directory in [
            "/bin",
            "/dev",
            "/etc",
            "/home",
            "/opt",
            "/proc",
            "/root",
            "/run",
            "/sbin",
            "/srv",
            "/sys",
            "/tmp",
            "/usr",
            "/var",
            "/usr/bin",
            "/usr/local",
            "/usr/local/bin",
            "/usr/sbin",
            "/var/log",
            "/var/run",
            "/var/lib",
            "/usr/share",
            "/mnt",
            "/media",
            "/var/cache",
        ] {
            let needless = self.base == Base::Nothing
                && !matches!(directory, "/dev" | "/etc" | "/proc" | "/sys");
            if !needless {
                let mode = if directory == "/tmp" { 0o1777 } else { 0o755 };
                layer.insert(directory.to_owned(), Node { mode, ..Node::new(Content::Directory) });
            }
        }
        for (directory, names) in tools::of_base(self.base) {
            for name in *names {
                layer.insert(format!("{directory}/{name}"), Node::new(Content::Program(name)));
            }
        }
        let mut put = |path: &str, content: Content| {
            let mut end = 0;
            while let Some(next) = path[end + 1..].find('/') {
                end += 1 + next;
                layer
                    .entry(path[..end].to_owned())
                    .or_insert_with(|| Node::new(Content::Directory));
            }
            layer.insert(path.to_owned(), Node::new(content));
        };
        let file = |text: &str| Content::File(text.to_owned());
        for word in [self.entrypoint.first(), self.command.first()].into_iter().flatten() {
            self.put_program(word, &mut put);
        }
        let release = match self.base {
            Base::Busybox | Base::Nothing => None,
            Base::Alpine => Some(
                "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n",
            ),
            Base::Debian => Some(
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
            ),
            Base::RedHat => Some("NAME=\"Oracle Linux Server\"\nVERSION=\"9.6\"\nID=\"ol\"\n"),
        };
        if let Some(release) = release {
            put("/etc/os-release", file(release));
        }
        let mut passwd =
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n".to_owned();
        for (name, uid) in USERS {
            if self.has_user(name) {
                passwd += &format!("{name}:x:{uid}:{uid}:{name}:/nonexistent:/bin/false\n");
            }
        }
        if self.base != Base::Nothing {
            put("/etc/passwd", file(&passwd));
            put(
                "/etc/group",
                file(
                    &passwd
                        .lines()
                        .map(|line| {
                            let mut parts = line.split(':');
                            let name = parts.next().unwrap_or("");
                            let gid = parts.nth(1).unwrap_or("0");
                            format!("{name}:x:{gid}:\n")
                        })
                        .collect::<String>(),
                ),
            );
        }
        if self.has_program("nginx") {
            put("/etc/nginx/nginx.conf", file(NGINX_CONF));
            put(
                "/etc/nginx/mime.types",
                file("types {\n    text/html html htm shtml;\n    text/css css;\n}\n"),
            );
            let port = self.ports.first().copied().unwrap_or(80);
            put(
                "/etc/nginx/conf.d/default.conf",
                file(&NGINX_DEFAULT.replace("PORT", &port.to_string())),
            );
            put("/usr/share/nginx/html/index.html", file(NGINX_INDEX));
            put("/usr/share/nginx/html/50x.html", file("<h1>An error occurred.</h1>\n"));
            put("/var/log/nginx/access.log", Content::Link("/dev/stdout".to_owned()));
            put("/var/log/nginx/error.log", Content::Link("/dev/stderr".to_owned()));
        }
        if self.has_program("httpd-foreground") {
            put(
                "/usr/local/apache2/htdocs/index.html",
                file("<html><body><h1>It works!</h1></body></html>\n"),
            );
            put("/usr/local/apache2/conf/httpd.conf", file("Listen 80\n"));
        }
        layer
    }

    fn has_program(&self, name: &str) -> bool {
        self.command.iter().chain(&self.entrypoint).take(3).any(|word| word == name)
    }

    fn has_user(&self, name: &str) -> bool {
        let last = self.repository.rsplit('/').next().unwrap_or("");
        match name {
            "nginx" => self.has_program("nginx"),
            "www-data" => self.base == Base::Debian,
            "redis" => self.has_program("redis-server"),
            "postgres" => self.has_program("postgres"),
            "mysql" => self.has_program("mysqld") || self.has_program("mariadbd"),
            "mongodb" => self.has_program("mongod"),
            "node" => self.has_program("node"),
            name => last.contains(name),
        }
    }

    /// Puts the program that the image is about where it belongs.
    fn put_program(&self, word: &str, put: &mut impl FnMut(&str, Content)) {
        let name = word.rsplit('/').next().unwrap_or(word);
        let path = if word.starts_with('/') {
            word.to_owned()
        } else if let Some(rest) = word.strip_prefix("./") {
            format!("/{rest}")
        } else {
            let place = tools::place(name);
            format!("{place}/{name}")
        };
        if let Some(known) = tools::known(name).filter(|_| !self.unknown) {
            put(&path, Content::Program(known));
            for also in tools::beside(known) {
                let directory = parent(&path);
                // What stands in the root is not on the PATH.
                let directory = if directory == "/" { "/usr/local/bin" } else { directory };
                put(&format!("{directory}/{also}"), Content::Program(also));
            }
        } else {
            put(&path, Content::Program("app"));
            if self.unknown {
                for also in tools::beside("app") {
                    put(&format!("/usr/bin/{also}"), Content::Program(also));
                }
            }
        }
    }
}

/// Users that images have, where they are needed.
pub(in crate::workload) const USERS: [(&str, i64); 9] = [
    ("nginx", 101),
    ("www-data", 33),
    ("redis", 999),
    ("postgres", 999),
    ("mysql", 999),
    ("mongodb", 999),
    ("node", 1000),
    ("memcache", 11211),
    ("rabbitmq", 999),
];

const NGINX_CONF: &str = "user  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /run/nginx.pid;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    sendfile        on;\n    keepalive_timeout  65;\n    include /etc/nginx/conf.d/*.conf;\n}\n";

const NGINX_DEFAULT: &str = "server {\n    listen       PORT;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n";

const NGINX_INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n</body>\n</html>\n";
