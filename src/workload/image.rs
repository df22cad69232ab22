//! The catalogue of images: what each is and what its process does.

use crate::manifest::scenario_document::ImageSpec;

/// Why an image cannot be pulled, in containerd's words after `failed to pull and unpack image …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError(pub String);

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

/// The images that can be pulled: the catalogue, the Scenario's own, and everybody else's.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    described: Vec<ImageSpec>,
}

impl Catalogue {
    /// The catalogue, with the images that the Scenario describes.
    pub fn new(described: &[ImageSpec]) -> Self {
        Self { described: described.to_vec() }
    }

    /// The reference with registry and tag spelled out: `docker.io/library/nginx:latest`.
    pub fn normalize(image: &str) -> String {
        let _ = image;
        todo!("workload owner")
    }

    /// What an image is that is on the node, wherever it came from.
    pub fn facts(&self, image: &str) -> ImageFacts {
        let _ = image;
        todo!("workload owner")
    }

    /// Whether the reference can be read at all (`InvalidImageName` if not).
    pub fn is_valid_reference(image: &str) -> bool {
        let _ = image;
        todo!("workload owner")
    }

    /// What an image is, or why the registry does not have it.
    pub fn resolve(&self, image: &str) -> Result<ImageFacts, PullError> {
        let _ = (image, &self.described);
        todo!("workload owner")
    }
}
