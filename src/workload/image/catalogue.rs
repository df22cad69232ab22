//! What an image has: its size, its command, its user, its ports.
//!
//! Owns: [`Image`], of a known row or of what a Scenario says. Does not own: the rows (`known`),
//! the files (`files`), references and pulls (`image`), or what programs do.

use std::rc::Rc;

use crate::manifest::scenario_document::ImageSpec;
use crate::workload::fs::Layer;
use crate::workload::image::known::{KNOWN, Known, OFFICIAL};
use crate::workload::image::tools::Base::{self, Alpine, Debian};

/// An image.
#[derive(Clone, Debug, Default)]
pub(in crate::workload) struct Image {
    /// `docker.io/library/nginx`: without tag and digest.
    pub(in crate::workload) repository: String,
    pub(in crate::workload) base: Base,
    pub(in crate::workload) bytes: i64,
    pub(in crate::workload) entrypoint: Vec<String>,
    pub(in crate::workload) command: Vec<String>,
    pub(in crate::workload) env: Vec<(String, String)>,
    pub(in crate::workload) working_dir: String,
    pub(in crate::workload) uid: i64,
    pub(in crate::workload) stop_signal: &'static str,
    pub(in crate::workload) ports: Vec<u16>,
    pub(in crate::workload) files: Rc<Layer>,
    pub(in crate::workload) spec: Option<Rc<ImageSpec>>,
    /// Its program is one that nobody knows.
    pub(in crate::workload) unknown: bool,
}

impl Image {
    /// The image of a repository, `docker.io/library/nginx`; `tag` chooses the variant.
    pub(in crate::workload) fn find(
        repository: &str,
        tag: &str,
        spec: Option<Rc<ImageSpec>>,
    ) -> Self {
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
    pub(in crate::workload) fn is_known(name: &str) -> bool {
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
}
