//! The images people use, as data.
//!
//! Owns: [`Image`], the table of known images and their files. Does not own: references and pulls
//! (`image`), or what their programs do (`programs`).

use std::rc::Rc;

use crate::manifest::scenario_document::ImageSpec;
use crate::workload::fs::{Content, Layer, Node, parent};

/// Whose small programs an image has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Base {
    /// busybox, as alpine has it too.
    #[default]
    Busybox,
    Alpine,
    /// Debian, Ubuntu: dash, bash and the GNU programs.
    Debian,
    /// Red Hat and its kin.
    RedHat,
    /// Nothing but its own program.
    Nothing,
}

/// An image.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    /// `docker.io/library/nginx`: without tag and digest.
    pub(super) repository: String,
    pub(super) base: Base,
    pub(super) bytes: i64,
    pub(super) entrypoint: Vec<String>,
    pub(super) command: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) working_dir: String,
    pub(super) uid: i64,
    pub(super) stop_signal: &'static str,
    pub(super) ports: Vec<u16>,
    pub(super) files: Rc<Layer>,
    pub(super) spec: Option<Rc<ImageSpec>>,
    /// Its program is one that nobody knows.
    pub(super) unknown: bool,
}

/// A row of the table.
struct Known {
    /// Repositories, the registry's own name first; a `*` at the end stands for any ending.
    names: &'static [&'static str],
    /// Compressed size in units of 100 kB.
    size: i64,
    base: Base,
    entrypoint: &'static [&'static str],
    command: &'static [&'static str],
    ports: &'static [u16],
    stop: &'static str,
    uid: i64,
}

const fn known(
    names: &'static [&'static str],
    size: i64,
    base: Base,
    entrypoint: &'static [&'static str],
    command: &'static [&'static str],
    ports: &'static [u16],
) -> Known {
    Known { names, size, base, entrypoint, command, ports, stop: "SIGTERM", uid: 0 }
}

impl Known {
    const fn stop(mut self, signal: &'static str) -> Self {
        self.stop = signal;
        self
    }

    const fn user(mut self, uid: i64) -> Self {
        self.uid = uid;
        self
    }
}

const ENTRYPOINT: &[&str] = &["docker-entrypoint.sh"];
const NONE: &[&str] = &[];

use Base::{Alpine, Busybox, Debian, Nothing, RedHat};

/// Sizes: what the registries say of the tags people pull, rounded.
const KNOWN: &[Known] = &[
    // The recorded nginx had busybox' small programs, as nginx:alpine has; Debian's has no ps.
    known(
        &[
            "nginx",
            "registry.k8s.io/nginx",
            "gcr.io/google_containers/nginx",
            "gcr.io/google-samples/hello-frontend",
        ],
        720,
        Alpine,
        &["/docker-entrypoint.sh"],
        &["nginx", "-g", "daemon off;"],
        &[80],
    )
    .stop("SIGQUIT"),
    known(
        &["nginxinc/nginx-unprivileged"],
        720,
        Debian,
        &["/docker-entrypoint.sh"],
        &["nginx", "-g", "daemon off;"],
        &[8080],
    )
    .stop("SIGQUIT")
    .user(101),
    known(
        &["registry.k8s.io/nginx-slim", "registry.k8s.io/e2e-test-images/nginx"],
        400,
        Debian,
        NONE,
        &["nginx", "-g", "daemon off;"],
        &[80],
    )
    .stop("SIGQUIT"),
    known(
        &["httpd", "registry.k8s.io/e2e-test-images/httpd"],
        590,
        Debian,
        NONE,
        &["httpd-foreground"],
        &[80],
    )
    .stop("SIGWINCH"),
    known(
        &[
            "registry.k8s.io/hpa-example",
            "k8s.gcr.io/hpa-example",
            "gcr.io/google_containers/hpa-example",
            "php",
        ],
        1900,
        Debian,
        NONE,
        &["apache2-foreground"],
        &[80],
    ),
    known(&["wordpress"], 2300, Debian, ENTRYPOINT, &["apache2-foreground"], &[80])
        .stop("SIGWINCH"),
    known(
        &[
            "busybox",
            "registry.k8s.io/busybox",
            "k8s.gcr.io/busybox",
            "gcr.io/google_containers/busybox",
            "registry.k8s.io/e2e-test-images/busybox",
        ],
        22,
        Busybox,
        NONE,
        &["sh"],
        &[],
    ),
    known(&["alpine", "curlimages/alpine"], 36, Alpine, NONE, &["/bin/sh"], &[]),
    known(&["bash"], 66, Alpine, ENTRYPOINT, &["bash"], &[]),
    known(&["debian", "buildpack-deps"], 490, Debian, NONE, &["bash"], &[]),
    known(&["ubuntu"], 297, Debian, NONE, &["/bin/bash"], &[]),
    known(
        &[
            "centos",
            "fedora",
            "rockylinux",
            "almalinux",
            "amazonlinux",
            "oraclelinux",
            "redhat/ubi8",
            "redhat/ubi9",
        ],
        760,
        RedHat,
        NONE,
        &["/bin/bash"],
        &[],
    ),
    known(
        &[
            "redis",
            "valkey/valkey",
            "registry.k8s.io/redis",
            "gcr.io/google_containers/redis",
            "bitnami/redis",
        ],
        450,
        Debian,
        ENTRYPOINT,
        &["redis-server"],
        &[6379],
    ),
    known(&["memcached"], 320, Debian, ENTRYPOINT, &["memcached"], &[11211]).user(11211),
    known(&["postgres", "postgis/postgis"], 1570, Debian, ENTRYPOINT, &["postgres"], &[5432])
        .stop("SIGINT"),
    known(&["mysql"], 2430, RedHat, ENTRYPOINT, &["mysqld"], &[3306, 33060]),
    known(&["mariadb"], 1170, Debian, ENTRYPOINT, &["mariadbd"], &[3306]),
    known(
        &["mongo", "percona/percona-server-mongodb"],
        2760,
        Debian,
        ENTRYPOINT,
        &["mongod"],
        &[27017],
    ),
    known(&["rabbitmq"], 1010, Debian, ENTRYPOINT, &["rabbitmq-server"], &[5672]),
    known(
        &["haproxy"],
        410,
        Debian,
        ENTRYPOINT,
        &["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
        &[],
    )
    .stop("SIGUSR1")
    .user(99),
    known(&["traefik"], 480, Alpine, &["/entrypoint.sh"], &["traefik"], &[80]),
    known(
        &["caddy"],
        160,
        Alpine,
        NONE,
        &["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
        &[80],
    ),
    known(
        &["envoyproxy/envoy"],
        680,
        Debian,
        &["/docker-entrypoint.sh"],
        &["envoy", "-c", "/etc/envoy/envoy.yaml"],
        &[10000],
    ),
    known(
        &[
            "registry.k8s.io/pause*",
            "k8s.gcr.io/pause*",
            "gcr.io/google_containers/pause*",
            "rancher/pause",
            "rancher/mirrored-pause",
            "registry.k8s.io/e2e-test-images/pause",
        ],
        3,
        Nothing,
        &["/pause"],
        NONE,
        &[],
    )
    .user(65535),
    known(
        &[
            "registry.k8s.io/e2e-test-images/agnhost",
            "k8s.gcr.io/e2e-test-images/agnhost",
            "registry.k8s.io/e2e-test-images/jessie-dnsutils",
        ],
        510,
        Alpine,
        &["/agnhost"],
        &["pause"],
        &[],
    ),
    known(
        &[
            "registry.k8s.io/liveness",
            "k8s.gcr.io/liveness",
            "registry.k8s.io/e2e-test-images/liveness",
        ],
        47,
        Nothing,
        &["/server"],
        NONE,
        &[8080],
    ),
    known(
        &["registry.k8s.io/serve_hostname", "registry.k8s.io/e2e-test-images/serve-hostname"],
        47,
        Nothing,
        &["/serve_hostname"],
        NONE,
        &[9376],
    ),
    known(
        &["registry.k8s.io/goproxy", "k8s.gcr.io/goproxy"],
        20,
        Nothing,
        &["/goproxy"],
        NONE,
        &[8080],
    ),
    known(
        &[
            "registry.k8s.io/e2e-test-images/echoserver",
            "registry.k8s.io/echoserver",
            "k8s.gcr.io/echoserver",
            "gcr.io/google_containers/echoserver",
        ],
        180,
        Alpine,
        NONE,
        &["nginx", "-g", "daemon off;"],
        &[8080],
    ),
    known(
        &["registry.k8s.io/etcd", "quay.io/coreos/etcd"],
        570,
        Nothing,
        &["/usr/local/bin/etcd"],
        NONE,
        &[2379, 2380],
    ),
    known(
        &["registry.k8s.io/coredns/coredns", "coredns/coredns"],
        180,
        Nothing,
        &["/coredns"],
        NONE,
        &[53, 8080, 9153],
    ),
    known(
        &[
            "gcr.io/google-samples/hello-app",
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
            "gcr.io/google-samples/node-hello",
            "gcr.io/google-samples/kubernetes-bootcamp",
        ],
        110,
        Alpine,
        NONE,
        &["/hello-app"],
        &[8080],
    ),
    known(
        &[
            "gcr.io/google-samples/gb-frontend",
            "gcr.io/google_samples/gb-frontend",
            "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend",
        ],
        1900,
        Debian,
        NONE,
        &["apache2-foreground"],
        &[80],
    ),
    known(
        &[
            "gcr.io/google_samples/gb-redis*",
            "gcr.io/google-samples/gb-redis*",
            "us-docker.pkg.dev/google-samples/containers/gke/gb-redis*",
        ],
        450,
        Debian,
        NONE,
        &["redis-server"],
        &[6379],
    ),
    known(
        &["gcr.io/kuar-demo/kuard-amd64", "gcr.io/kuar-demo/kuard-arm64"],
        120,
        Alpine,
        NONE,
        &["/kuard"],
        &[8080],
    ),
    known(
        &["ghcr.io/stefanprodan/podinfo", "stefanprodan/podinfo"],
        270,
        Alpine,
        NONE,
        &["./podinfo"],
        &[9898, 9797, 9999],
    )
    .user(100),
    known(&["hashicorp/http-echo"], 40, Nothing, &["/http-echo"], NONE, &[5678]),
    known(
        &["traefik/whoami", "containous/whoami", "jwilder/whoami"],
        30,
        Nothing,
        &["/whoami"],
        NONE,
        &[80],
    ),
    known(
        &["mendhak/http-https-echo", "ealen/echo-server"],
        460,
        Alpine,
        NONE,
        &["node", "./index.js"],
        &[8080],
    ),
    known(
        &["nginxdemos/hello"],
        190,
        Alpine,
        &["/docker-entrypoint.sh"],
        &["nginx", "-g", "daemon off;"],
        &[80],
    )
    .stop("SIGQUIT"),
    known(&["python"], 3600, Debian, NONE, &["python3"], &[]),
    known(&["node"], 3900, Debian, ENTRYPOINT, &["node"], &[]),
    known(&["golang"], 2960, Debian, NONE, &["bash"], &[]),
    known(&["openjdk", "eclipse-temurin", "amazoncorretto"], 2300, Debian, NONE, &["jshell"], &[]),
    known(&["ruby"], 3800, Debian, NONE, &["irb"], &[]),
    known(&["perl"], 3600, Debian, NONE, &["perl", "-de0"], &[]),
    known(&["tomcat", "jetty"], 2050, Debian, NONE, &["catalina.sh", "run"], &[8080]),
    known(&["curlimages/curl"], 90, Alpine, &["/entrypoint.sh"], &["curl"], &[]).user(100),
    known(
        &[
            "nicolaka/netshoot",
            "praqma/network-multitool",
            "wbitt/network-multitool",
            "jonlabelle/network-tools",
        ],
        2000,
        Alpine,
        NONE,
        &["zsh"],
        &[],
    ),
    known(
        &["fluentd", "fluent/fluentd", "quay.io/fluentd_elasticsearch/fluentd"],
        600,
        Debian,
        NONE,
        &["fluentd"],
        &[24224],
    ),
    known(&["fluent/fluent-bit"], 350, Nothing, &["/fluent-bit/bin/fluent-bit"], NONE, &[2020]),
    known(
        &["prom/prometheus", "quay.io/prometheus/prometheus"],
        1100,
        Busybox,
        &["/bin/prometheus"],
        NONE,
        &[9090],
    )
    .user(65534),
    known(
        &["prom/node-exporter", "quay.io/prometheus/node-exporter"],
        120,
        Busybox,
        &["/bin/node_exporter"],
        NONE,
        &[9100],
    )
    .user(65534),
    known(&["grafana/grafana"], 1700, Alpine, &["/run.sh"], NONE, &[3000]).user(472),
    known(&["polinux/stress"], 40, Alpine, NONE, &["stress"], &[]),
    known(&["vish/stress"], 20, Nothing, &["/stress"], NONE, &[]),
    known(&["progrium/stress"], 1_000, Debian, &["/usr/bin/stress"], NONE, &[]),
    known(&["alexeiled/stress-ng", "polinux/stress-ng"], 40, Alpine, &["/stress-ng"], NONE, &[]),
    known(&["gcr.io/distroless*"], 20, Nothing, NONE, NONE, &[]),
    known(&["registry"], 100, Alpine, &["/entrypoint.sh"], &["registry", "serve"], &[5000]),
    known(
        &["elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch"],
        6000,
        Debian,
        NONE,
        &["elasticsearch"],
        &[9200, 9300],
    )
    .user(1000),
    known(&["hello-world"], 1, Nothing, NONE, &["/hello"], &[]),
];

/// Other official images: all are there, and serve on this port if on any.
pub(super) const OFFICIAL: &[(&str, u16)] = &[
    ("adminer", 8080),
    ("aerospike", 3000),
    ("api-firewall", 8080),
    ("arangodb", 8529),
    ("backdrop", 80),
    ("bash", 0),
    ("bonita", 8080),
    ("cassandra", 9042),
    ("chronograf", 8888),
    ("cirros", 0),
    ("clojure", 0),
    ("composer", 0),
    ("consul", 8500),
    ("convertigo", 28080),
    ("couchbase", 8091),
    ("couchdb", 5984),
    ("crate", 4200),
    ("dart", 0),
    ("docker", 2375),
    ("drupal", 80),
    ("eggdrop", 3333),
    ("elixir", 0),
    ("emqx", 1883),
    ("erlang", 0),
    ("flink", 8081),
    ("friendica", 80),
    ("gazebo", 0),
    ("gcc", 0),
    ("geonetwork", 8080),
    ("ghost", 2368),
    ("gradle", 0),
    ("groovy", 0),
    ("haskell", 0),
    ("haxe", 0),
    ("hylang", 0),
    ("ibmjava", 0),
    ("influxdb", 8086),
    ("joomla", 80),
    ("jruby", 0),
    ("julia", 0),
    ("kapacitor", 9092),
    ("kibana", 5601),
    ("kong", 8000),
    ("krakend", 8080),
    ("lightstreamer", 8080),
    ("liquibase", 0),
    ("logstash", 5044),
    ("mageia", 0),
    ("matomo", 80),
    ("maven", 0),
    ("mediawiki", 80),
    ("mongo-express", 8081),
    ("monica", 80),
    ("nats", 4222),
    ("neo4j", 7474),
    ("neurodebian", 0),
    ("nextcloud", 80),
    ("odoo", 8069),
    ("open-liberty", 9080),
    ("orientdb", 2424),
    ("percona", 3306),
    ("photon", 0),
    ("phpmyadmin", 80),
    ("plone", 8080),
    ("postfixadmin", 80),
    ("pypy", 0),
    ("r-base", 0),
    ("rakudo-star", 0),
    ("redmine", 3000),
    ("rethinkdb", 28015),
    ("rocket.chat", 3000),
    ("ros", 0),
    ("rust", 0),
    ("satosa", 8080),
    ("sapmachine", 0),
    ("scratch", 0),
    ("silverpeas", 8000),
    ("sl", 0),
    ("solr", 8983),
    ("sonarqube", 9000),
    ("spark", 0),
    ("spiped", 0),
    ("storm", 0),
    ("swift", 0),
    ("swipl", 0),
    ("teamspeak", 9987),
    ("telegraf", 8125),
    ("tomee", 8080),
    ("unit", 80),
    ("varnish", 80),
    ("vault", 8200),
    ("websphere-liberty", 9080),
    ("xwiki", 8080),
    ("yourls", 80),
    ("znc", 6697),
    ("zookeeper", 2181),
    ("archlinux", 0),
    ("alt", 0),
    ("clearlinux", 0),
    ("clefos", 0),
    ("crux", 0),
    ("opensuse", 0),
    ("express-gateway", 8080),
    ("fsharp", 0),
    ("jenkins", 8080),
    ("jobber", 0),
    ("notary", 4443),
    ("owncloud", 80),
    ("piwik", 80),
    ("java", 0),
    ("iojs", 0),
    ("rails", 0),
    ("django", 0),
    ("swarm", 0),
    ("vagrant", 0),
];

impl Image {
    /// The image of a repository, `docker.io/library/nginx`; `tag` chooses the variant.
    pub(super) fn find(repository: &str, tag: &str, spec: Option<Rc<ImageSpec>>) -> Self {
        let short = repository.strip_prefix("docker.io/").unwrap_or(repository);
        let short = short.strip_prefix("library/").unwrap_or(short);
        // Mirrors keep the names of what they mirror.
        let short = short
            .strip_prefix("public.ecr.aws/docker/library/")
            .or_else(|| short.strip_prefix("mirror.gcr.io/library/"))
            .or_else(|| short.strip_prefix("registry.k8s.io/library/"))
            .unwrap_or(short);
        let fits = |name: &&&str| match name.strip_suffix('*') {
            Some(start) => short.starts_with(start),
            None => **name == short,
        };
        let row = KNOWN.iter().find(|known| known.names.iter().any(|name| fits(&name)));
        let mut image = match row {
            Some(row) if spec.is_none() => Self::from_row(row),
            _ => Self::unknown(short),
        };
        if tag.contains("alpine") && image.base == Debian {
            image.base = Alpine;
            image.bytes = image.bytes / 3 + 3_000_000;
        }
        if tag.contains("slim") && image.base == Debian {
            image.bytes = image.bytes / 3 + 10_000_000;
        }
        image.repository = repository.to_owned();
        if let Some(spec) = spec {
            if let Some(size) = &spec.size {
                image.bytes = size.value();
            }
            image.spec = Some(spec);
        }
        image.files = Rc::new(image.layer());
        image
    }

    /// Whether the table has an official image of this name.
    pub(super) fn is_known(name: &str) -> bool {
        KNOWN.iter().any(|known| known.names.contains(&name))
    }

    fn from_row(row: &Known) -> Self {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Self {
            base: row.base,
            bytes: row.size * 100_000,
            entrypoint: own(row.entrypoint),
            command: own(row.command),
            uid: row.uid,
            stop_signal: row.stop,
            ports: row.ports.to_vec(),
            ..Self::default()
        }
    }

    /// An image that nobody knows: a server on the ports that the container declares.
    fn unknown(short: &str) -> Self {
        let port = OFFICIAL.iter().find(|(name, _)| *name == short).map_or(0, |(_, port)| *port);
        let name = short.rsplit('/').next().unwrap_or("app");
        // Invented: 50 MB, about what an ordinary service weighs.
        Self {
            base: Debian,
            bytes: 50_000_000,
            entrypoint: vec![format!("/usr/local/bin/{name}")],
            stop_signal: "SIGTERM",
            ports: if port == 0 { Vec::new() } else { vec![port] },
            unknown: true,
            ..Self::default()
        }
    }

    /// The files of the image.
    fn layer(&self) -> Layer {
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
            let needless =
                self.base == Nothing && !matches!(directory, "/dev" | "/etc" | "/proc" | "/sys");
            if !needless {
                let mode = if directory == "/tmp" { 0o1777 } else { 0o755 };
                layer.insert(directory.to_owned(), Node { mode, ..Node::new(Content::Directory) });
            }
        }
        for (directory, names) in crate::workload::programs::of_base(self.base) {
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
            Busybox | Nothing => None,
            Alpine => Some(
                "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n",
            ),
            Debian => Some(
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
            ),
            RedHat => Some("NAME=\"Oracle Linux Server\"\nVERSION=\"9.6\"\nID=\"ol\"\n"),
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
        if self.base != Nothing {
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
            "www-data" => self.base == Debian,
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
            let place = crate::workload::programs::place(name);
            format!("{place}/{name}")
        };
        if let Some(known) = crate::workload::programs::known(name).filter(|_| !self.unknown) {
            put(&path, Content::Program(known));
            for also in crate::workload::programs::beside(known) {
                let directory = parent(&path);
                // What stands in the root is not on the PATH.
                let directory = if directory == "/" { "/usr/local/bin" } else { directory };
                put(&format!("{directory}/{also}"), Content::Program(also));
            }
        } else {
            put(&path, Content::Program("app"));
            if self.unknown {
                for also in crate::workload::programs::beside("app") {
                    put(&format!("/usr/bin/{also}"), Content::Program(also));
                }
            }
        }
    }
}

/// Users that images have, where they are needed.
pub(super) const USERS: [(&str, i64); 9] = [
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
