//! Words of kubectl's output that are no good news.
//!
//! Owns: [`pieces`], which finds them. Does not own: how they look.

/// Words of a table that are no good news.
const TROUBLE: &[&str] = &[
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "Error",
    "Evicted",
    "ImagePullBackOff",
    "Init:CrashLoopBackOff",
    "Init:ErrImagePull",
    "Init:Error",
    "Init:ImagePullBackOff",
    "InvalidImageName",
    "NotReady",
    "OOMKilled",
    "PostStartHookError",
    "RunContainerError",
    "StartError",
    "Warning",
];

/// Cuts a text at the words that are no good news.
pub fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    for word in text.split([' ', '\n']) {
        if TROUBLE.contains(&word) {
            if start < at {
                pieces.push((&text[start..at], false));
            }
            pieces.push((word, true));
            start = at + word.len();
        }
        at += word.len() + 1;
    }
    if start < text.len() {
        pieces.push((&text[start..], false));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_cut_out_of_its_line() {
        assert_eq!(
            pieces("a  Error   1\nb Running\n"),
            [("a  ", false), ("Error", true), ("   1\nb Running\n", false)]
        );
        assert_eq!(pieces("Errors"), [("Errors", false)]);
        assert_eq!(pieces(""), []);
    }
}
