//! Image references, and what the registry says of them.
//!
//! Owns: [`Catalogue`]: reading references, which images exist, how big they are. Does not own:
//! what is in them (`catalogue`).

pub(super) mod catalogue;
mod files;
mod known;
pub(super) mod tools;

use std::cell::RefCell;
use std::rc::Rc;

use crate::manifest::scenario_document::ImageSpec;
use crate::map::Map;
use crate::workload::image::catalogue::Image;
use crate::workload::image::known::OFFICIAL;

/// Why an image cannot be pulled, in containerd's words after `failed to pull and unpack image …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullError {
    /// There is no such tag: the runtime answers with a status of its own.
    NotFound(String),
    /// Everything else that the registry says.
    Unknown(String),
}

impl PullError {
    /// As it stands in front of what failed: kubelet prints the code of a status that has one.
    ///
    /// Recorded: a missing tag is `rpc error: code = NotFound desc = …`, a denied pull is not.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "rpc error: code = NotFound desc = ",
            Self::Unknown(_) => "",
        }
    }

    /// What was said.
    pub fn text(&self) -> &str {
        match self {
            Self::NotFound(text) | Self::Unknown(text) => text,
        }
    }
}

/// What the kubelet and the runtime must know of an image before it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Bytes to pull (compressed), which is also what the Pulled event prints.
    pub bytes: i64,
    /// `SIGTERM` unless the image says otherwise (nginx: `SIGQUIT`).
    pub stop_signal: String,
    /// The user of the image, as a number where it is one; 0 is root.
    pub user: Option<i64>,
    /// `docker.io/library/nginx@sha256:…`, the same for the same image every time.
    pub image_id: String,
}

/// A reference, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `docker.io/library/nginx`.
    pub repository: String,
    /// `latest` when there is neither tag nor digest.
    pub tag: String,
    /// `sha256:…`.
    pub digest: String,
}

/// Whether it could as well be the ID of an image.
fn is_identifier(image: &str) -> bool {
    image.len() == 64 && image.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Reference {
    /// Reads a reference as the distribution project's grammar has it; `None` if it is none.
    ///
    /// Models distribution/reference ParseNormalizedNamed.
    pub fn parse(image: &str) -> Option<Self> {
        if is_identifier(image) {
            return None;
        }
        let (name, digest) = match image.split_once('@') {
            Some((name, digest)) => {
                let (algorithm, hex) = digest.split_once(':')?;
                let fits = algorithm != "sha256" || hex.len() == 64;
                if !fits || hex.len() < 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return None;
                }
                (name, digest.to_owned())
            }
            None => (image, String::new()),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (name, ""),
        };
        let tag_fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if tag.len() > 128 || !tag.bytes().all(tag_fits) || tag.starts_with(['.', '-']) {
            return None;
        }
        if image.ends_with(':') || name.is_empty() || name.len() > 255 {
            return None;
        }
        let (domain, path) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (first, rest.to_owned())
            }
            _ if name.contains('/') => ("docker.io", name.to_owned()),
            _ => ("docker.io", format!("library/{name}")),
        };
        let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
        if !path.split('/').all(is_path_component) || !is_domain(domain) {
            return None;
        }
        let path = if domain == "docker.io" && !path.contains('/') {
            format!("library/{path}")
        } else {
            path
        };
        let tag = if tag.is_empty() && digest.is_empty() { "latest" } else { tag };
        Some(Self { repository: format!("{domain}/{path}"), tag: tag.to_owned(), digest })
    }

    /// The whole reference, as containerd names it.
    pub fn text(&self) -> String {
        let mut text = self.repository.clone();
        if !self.tag.is_empty() {
            text.push(':');
            text += &self.tag;
        }
        if !self.digest.is_empty() {
            text.push('@');
            text += &self.digest;
        }
        text
    }
}

/// Lower-case letters and digits, separated by `.`, `_`, `__` or any number of `-`.
fn is_path_component(part: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends =
        bytes.first().is_some_and(|b| letter(*b)) && bytes.last().is_some_and(|b| letter(*b));
    let inside = bytes.iter().all(|byte| letter(*byte) || b"._-".contains(byte));
    let separators =
        !["..", "._", "_.", ".-", "-.", "_-", "-_", "___"].iter().any(|bad| part.contains(bad));
    ends && inside && separators
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = domain.split_once(':').unwrap_or((domain, "0"));
    !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// The images that can be pulled: the catalogue, the Scenario's own, and everybody else's.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    described: Vec<Rc<ImageSpec>>,
    /// Images that were looked up already, by reference.
    images: RefCell<Map<String, Rc<Image>>>,
}

impl Catalogue {
    /// The catalogue, with the images that the Scenario describes.
    pub fn new(described: &[ImageSpec]) -> Self {
        Self {
            described: described.iter().cloned().map(Rc::new).collect(),
            images: RefCell::default(),
        }
    }

    /// Whether the reference can be read at all (`InvalidImageName` if not).
    pub fn is_valid_reference(image: &str) -> bool {
        Reference::parse(image).is_some()
    }

    /// Why a reference cannot be read, in the words of the distribution project.
    ///
    /// Models distribution/reference ParseNormalizedNamed and splitDockerDomain.
    pub fn reference_fault(image: &str) -> String {
        if is_identifier(image) {
            return format!(
                "invalid repository name ({image}), cannot specify 64-byte hexadecimal strings"
            );
        }
        let upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
        let remote = match image.split_once('/') {
            None => format!("library/{image}"),
            Some((first, rest))
                if first == "localhost" || first.contains(['.', ':']) || upper(first) =>
            {
                rest.to_owned()
            }
            Some(_) => image.to_owned(),
        };
        let remote = remote.split(':').next().unwrap_or_default();
        if upper(remote) {
            return format!(
                "invalid reference format: repository name ({remote}) must be lowercase"
            );
        }
        "invalid reference format".to_owned()
    }

    /// The reference with registry and tag spelled out: `docker.io/library/nginx:latest`.
    pub fn normalize(image: &str) -> String {
        Reference::parse(image).map_or_else(|| image.to_owned(), |reference| reference.text())
    }

    /// What an image is that is on the node, whether or not a registry has it.
    pub fn facts(&self, image: &str) -> ImageFacts {
        let known = self.image(image);
        let (repository, own) = Reference::parse(image)
            .map(|reference| (reference.repository.clone(), reference.digest))
            .unwrap_or_default();
        let digest = if own.is_empty() { digest(&Self::normalize(image)) } else { own };
        ImageFacts {
            bytes: known.bytes,
            stop_signal: known.stop_signal.to_owned(),
            user: Some(known.uid),
            image_id: format!("{repository}@{digest}"),
        }
    }

    /// Whether the registry asks for credentials.
    pub fn is_private(&self, image: &str) -> bool {
        let reference = Reference::parse(image);
        let described = reference.and_then(|reference| self.described(image, &reference));
        described.is_some_and(|spec| spec.private)
    }

    /// The registry of an image, `docker.io` where none is named.
    pub fn registry(image: &str) -> String {
        let repository = Reference::parse(image).map(|reference| reference.repository);
        let repository = repository.unwrap_or_default();
        repository.split('/').next().unwrap_or_default().to_owned()
    }

    /// What the registry says to somebody without credentials.
    pub fn denied(image: &str) -> PullError {
        match Reference::parse(image) {
            Some(reference) if reference.repository.starts_with("docker.io/") => {
                PullError::Unknown(missing(&reference))
            }
            Some(_) | None => PullError::Unknown(
                "pull access denied, repository does not exist or may require authorization: \
                 authorization failed: no basic auth credentials"
                    .to_owned(),
            ),
        }
    }

    /// What an image is, or why the registry does not have it.
    pub fn resolve(&self, image: &str) -> Result<ImageFacts, PullError> {
        let Some(reference) = Reference::parse(image) else {
            return Err(PullError::Unknown("invalid reference format".to_owned()));
        };
        let described = self.described(image, &reference);
        if described.as_ref().is_some_and(|spec| spec.missing) {
            return Err(PullError::Unknown(missing(&reference)));
        }
        if described.is_none()
            && let Some(name) = reference.repository.strip_prefix("docker.io/library/")
        {
            if !is_official(name) {
                return Err(PullError::Unknown(missing(&reference)));
            }
            if !is_plausible_tag(&reference.tag) {
                return Err(PullError::NotFound(format!("{}: not found", reference.text())));
            }
        }
        Ok(self.facts(image))
    }

    fn described(&self, image: &str, reference: &Reference) -> Option<Rc<ImageSpec>> {
        let same = |spec: &&Rc<ImageSpec>| {
            spec.name == image || Reference::parse(&spec.name).as_ref() == Some(reference)
        };
        let repository = |spec: &&Rc<ImageSpec>| {
            // Without a tag a description stands for all tags.
            let tail = spec.name.rsplit('/').next().unwrap_or("");
            !tail.contains(':')
                && Reference::parse(&spec.name)
                    .is_some_and(|r| r.repository == reference.repository)
        };
        self.described.iter().find(same).or_else(|| self.described.iter().find(repository)).cloned()
    }

    /// What is in an image.
    pub(super) fn image(&self, image: &str) -> Rc<Image> {
        if let Some(known) = self.images.borrow().get(image) {
            return known.clone();
        }
        let reference = Reference::parse(image).unwrap_or_else(|| Reference {
            repository: format!("docker.io/library/{image}"),
            tag: "latest".to_owned(),
            digest: String::new(),
        });
        let spec = self.described(image, &reference);
        // A description that only gives a size leaves the image what it is.
        let behaves = spec.as_ref().is_some_and(|spec| {
            !spec.listen.is_empty()
                || !spec.http.is_empty()
                || spec.on_term.is_some()
                || spec.exit.is_some()
                || spec.memory.is_some()
        });
        let mut found =
            Image::find(&reference.repository, &reference.tag, spec.clone().filter(|_| behaves));
        if let Some(size) = spec.as_ref().and_then(|spec| spec.size.as_ref()) {
            found.bytes = size.value();
        }
        let found = Rc::new(found);
        self.images.borrow_mut().insert(image.to_owned(), found.clone());
        found
    }
}

/// What Docker Hub and containerd say of a repository that is not there, or is private.
fn missing(reference: &Reference) -> String {
    if reference.repository.starts_with("docker.io/") {
        "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed".to_owned()
    } else {
        format!("{}: not found", reference.text())
    }
}

fn is_official(name: &str) -> bool {
    OFFICIAL.iter().any(|(official, _)| *official == name) || Image::is_known(name)
}

/// Words that tags of official images are made of, beside versions and releases.
const TAG_WORDS: [&str; 62] = [
    "latest",
    "stable",
    "alpine",
    "slim",
    "bookworm",
    "bullseye",
    "buster",
    "trixie",
    "jammy",
    "focal",
    "noble",
    "bionic",
    "xenial",
    "mainline",
    "perl",
    "otel",
    "edge",
    "lts",
    "current",
    "apache",
    "fpm",
    "cli",
    "zts",
    "glibc",
    "musl",
    "uclibc",
    "jdk",
    "jre",
    "temurin",
    "windows",
    "nanoserver",
    "windowsservercore",
    "management",
    "debian",
    "ubuntu",
    "centos",
    "rolling",
    "sid",
    "unstable",
    "testing",
    "stretch",
    "jessie",
    "wheezy",
    "trusty",
    "devel",
    "oldstable",
    "rc",
    "beta",
    "alpha",
    "hydrogen",
    "iron",
    "jod",
    "gallium",
    "community",
    "enterprise",
    "oss",
    "full",
    "minimal",
    "onbuild",
    "scratch",
    "dev",
    "tomcat",
];

/// Whether a tag looks like a version or a usual variant.
fn is_plausible_tag(tag: &str) -> bool {
    tag.split(['-', '_', '.', '+']).filter(|part| !part.is_empty()).all(|part| {
        let letters = part.trim_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() > letters.len();
        TAG_WORDS.contains(&letters)
            || (digits
                && (letters.is_empty()
                    || letters.len() <= 3
                    || letters == "java"
                    || letters == "alpine"))
            || (letters.len() <= 2 && digits)
    })
}

/// A digest that is the same for the same reference: FNV-1a, spread over 256 bits.
pub(super) fn digest(text: &str) -> String {
    let mut result = "sha256:".to_owned();
    for round in 0u64..4 {
        let mut hash = 0xcbf2_9ce4_8422_2325u64 ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash ^= hash >> 29;
        result += &format!("{hash:016x}");
    }
    result
}
