//! Spoils texts: bytes, lines, pieces of other texts.
//!
//! Owns: how. Does not own: which texts, or what they must withstand.

use crate::chance::Chance;

const BYTES: &[u8] = b" \n\t-:{}[],'\"|>&*!#%@?0129aZ\\/\0\x7f\xc3\xe4\xff";

const LINES: [&str; 22] = [
    "---",
    "...",
    "%YAML 1.2",
    "- ",
    "? a",
    ": b",
    "<<: *x",
    "x: &x {y: *x}",
    "    restartPolicy: Never",
    "  terminationGracePeriodSeconds: -1",
    "  terminationGracePeriodSeconds: 9223372036854775807",
    "  activeDeadlineSeconds: 99999999999999",
    "  replicas: 2147483647",
    "      periodSeconds: 0",
    "  duration: 9999999h",
    "  duration: 0s",
    "  seed: -9223372036854775808",
    "  kubernetesVersion: 1.19",
    "  - {at: 1s, run: kubectl delete pods --all}",
    "  - {at: 86399s, run: 'kubectl'}",
    "apiVersion: apps/v1",
    "kind: Deployment",
];

/// The text with one to a few faults; `other` lends lines.
pub fn mutate(chance: &mut Chance, text: &str, other: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..chance.between(1, 4) {
        if chance.percent(50) {
            spoil_bytes(chance, &mut bytes);
        } else {
            bytes = spoil_lines(chance, &String::from_utf8_lossy(&bytes), other).into_bytes();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn spoil_bytes(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let place = chance.below(bytes.len() + 1);
    match chance.below(5) {
        0 => bytes.truncate(place),
        1 => bytes.insert(place, chance.pick(BYTES)),
        2 => {
            let end = (place + chance.between(1, 20)).min(bytes.len());
            bytes.drain(place..end);
        }
        3 => {
            let end = (place + chance.between(1, 60)).min(bytes.len());
            let piece = bytes[place..end].to_vec();
            let at = chance.below(bytes.len() + 1);
            bytes.splice(at..at, piece);
        }
        _ => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = chance.pick(BYTES);
            }
        }
    }
}

fn spoil_lines(chance: &mut Chance, text: &str, other: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let place = chance.below(lines.len() + 1);
    let indented;
    match chance.below(6) {
        0 => lines.insert(place, chance.pick(&LINES)),
        1 => {
            let others: Vec<&str> = other.lines().chain([""]).collect();
            lines.insert(place, chance.pick(&others));
        }
        2 if place < lines.len() => {
            lines.remove(place);
        }
        3 if place < lines.len() => lines.insert(place, lines[place]),
        4 if place < lines.len() => {
            let with = chance.below(lines.len());
            lines.swap(place, with);
        }
        _ => {
            if let Some(line) = lines.get_mut(place) {
                let value = chance.pick(&["0", "-1", "[]", "{}", "null", "x", "1e9", "999999999"]);
                indented = match line.split_once(':') {
                    Some((key, _)) if chance.percent(70) => format!("{key}: {value}"),
                    _ => format!("  {line}"),
                };
                *line = &indented;
            }
        }
    }
    lines.join("\n")
}
