//! Sets of indexes of a Job, and their text: `1,3-5,7`.
//!
//! Models pkg/controller/job/indexed_job_utils.go. Does not own: what the indexes mean (`plan`).

use crate::manifest::pod::Pod;
use crate::map::Set;

/// The annotation and label with the index of a Pod.
pub(crate) const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// The index of a Pod, if it has a valid one.
pub(crate) fn index_of(pod: &Pod) -> Option<i32> {
    let text = pod.metadata.annotations.get(INDEX)?;
    text.parse().ok().filter(|index| *index >= 0)
}

/// Reads a set; what is not below the number of completions is left out.
pub(crate) fn parse(text: &str, completions: i32) -> Set<i32> {
    let mut set = Set::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>()) else { continue };
        set.extend(first.max(0)..=last.min(completions.saturating_sub(1)));
    }
    set
}

/// Writes a set; three and more in a row become a range.
pub(crate) fn text(set: &Set<i32>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut indexes = set.iter().copied().peekable();
    while let Some(first) = indexes.next() {
        let mut last = first;
        while let Some(next) = indexes.next_if(|next| *next == last + 1) {
            last = next;
        }
        parts.push(match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        });
    }
    parts.join(",")
}
