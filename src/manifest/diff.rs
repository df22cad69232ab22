//! Two texts, line by line: what `diff -u` prints of them.
//!
//! Owns: finding what is the same, and the hunks. Does not own: which texts.
//!
//! Models Python's difflib, whose port k8s.io/apimachinery/pkg/util/diff uses: the longest common
//! run first, then what stands before and behind it.

use crate::map::Map;

/// Lines around a change.
const CONTEXT: usize = 3;

/// A run of equal lines: where it begins in both, and how long it is.
type Run = (usize, usize, usize);

/// The hunks in which `b` differs from `a`; every line ends with a line break.
pub(crate) fn unified(a: &[String], b: &[String]) -> String {
    let mut runs = Vec::new();
    let mut places: Map<&str, Vec<usize>> = Map::new();
    for (at, line) in b.iter().enumerate() {
        places.entry(line).or_default().push(at);
    }
    // What stands everywhere says nothing about where it belongs.
    if b.len() >= 200 {
        places.retain(|_, places| places.len() <= b.len() / 100 + 1);
    }
    collect(a, b, &places, (0, a.len(), 0, b.len()), &mut runs);
    runs.push((a.len(), b.len(), 0));
    hunks(a, b, &runs)
}

fn collect(
    a: &[String],
    b: &[String],
    places: &Map<&str, Vec<usize>>,
    (a_from, a_to, b_from, b_to): (usize, usize, usize, usize),
    runs: &mut Vec<Run>,
) {
    let mut best: Run = (a_from, b_from, 0);
    // How long the run is that ends at each line of `b`.
    let mut ends: Map<usize, usize> = Map::new();
    for (i, line) in a.iter().enumerate().take(a_to).skip(a_from) {
        let mut next = Map::new();
        for j in places.get(line.as_str()).into_iter().flatten().copied() {
            if j < b_from || j >= b_to {
                continue;
            }
            let before = j.checked_sub(1).and_then(|before| ends.get(&before)).copied();
            let length = before.unwrap_or(0) + 1;
            next.insert(j, length);
            if length > best.2 {
                best = (i + 1 - length, j + 1 - length, length);
            }
        }
        ends = next;
    }
    while best.0 > a_from && best.1 > b_from && a[best.0 - 1] == b[best.1 - 1] {
        best = (best.0 - 1, best.1 - 1, best.2 + 1);
    }
    while best.0 + best.2 < a_to
        && best.1 + best.2 < b_to
        && a[best.0 + best.2] == b[best.1 + best.2]
    {
        best.2 += 1;
    }
    if best.2 == 0 {
        return;
    }
    collect(a, b, places, (a_from, best.0, b_from, best.1), runs);
    runs.push(best);
    collect(a, b, places, (best.0 + best.2, a_to, best.1 + best.2, b_to), runs);
}

fn hunks(a: &[String], b: &[String], runs: &[Run]) -> String {
    let mut out = String::new();
    let mut hunk = Hunk::default();
    let (mut i, mut j) = (0, 0);
    for (a_at, b_at, length) in runs.iter().copied() {
        let changed = i < a_at || j < b_at;
        if changed {
            if hunk.lines.is_empty() {
                // What is the same before the first change of a hunk.
                let back = hunk.same_before.min(CONTEXT);
                hunk.start = (i - back, j - back);
                for line in &a[i - back..i] {
                    hunk.push(' ', line);
                }
            }
            for line in &a[i..a_at] {
                hunk.push('-', line);
            }
            for line in &b[j..b_at] {
                hunk.push('+', line);
            }
        }
        let last = a_at + length == a.len() && b_at + length == b.len();
        if !hunk.lines.is_empty() {
            if length > 2 * CONTEXT || last {
                for line in &a[a_at..a_at + length.min(CONTEXT)] {
                    hunk.push(' ', line);
                }
                hunk.finish(&mut out);
            } else {
                for line in &a[a_at..a_at + length] {
                    hunk.push(' ', line);
                }
            }
        }
        hunk.same_before = length;
        (i, j) = (a_at + length, b_at + length);
    }
    hunk.finish(&mut out);
    out
}

#[derive(Default)]
struct Hunk {
    start: (usize, usize),
    lines: String,
    counts: (usize, usize),
    same_before: usize,
}

impl Hunk {
    fn push(&mut self, sign: char, line: &str) {
        self.lines.push(sign);
        self.lines.push_str(line);
        self.lines.push('\n');
        self.counts.0 += usize::from(sign != '+');
        self.counts.1 += usize::from(sign != '-');
    }

    fn finish(&mut self, out: &mut String) {
        if self.lines.is_empty() {
            return;
        }
        let range = |start: usize, count: usize| match count {
            1 => format!("{}", start + 1),
            0 => format!("{start},0"),
            count => format!("{},{count}", start + 1),
        };
        let (a, b) = (range(self.start.0, self.counts.0), range(self.start.1, self.counts.1));
        out.push_str(&format!("@@ -{a} +{b} @@\n"));
        out.push_str(&self.lines);
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_hunk_has_three_lines_around_each_change() {
        let a = lines("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
        let b = lines("1 2 3 4 x y 6 7 8 9 10 11 12 13 14 16");
        let expected = "@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+x\n+y\n 6\n 7\n 8\n@@ -12,5 +13,4 @@\n \
                        12\n 13\n 14\n-15\n 16\n";
        assert_eq!(unified(&a, &b), expected);
        assert_eq!(unified(&a, &a), "");
        assert_eq!(unified(&lines("1"), &lines("1 2")), "@@ -1 +1,2 @@\n 1\n+2\n");
    }
}
