//! Reading restated upstream tables, and keeping the score.

use podarium::time::{Duration, Instant};
use serde_json::Value as Json;

use crate::kubectl_support::data;

/// Far enough from zero for ages of years.
pub const NOW: Instant = Instant::from_secs(1_000_000_000);

/// The cases of a table, without those that its makers do not vouch for.
pub fn cases(table: &str) -> Vec<Json> {
    let table = data(&format!("tables/{table}.json"));
    let cases = table["cases"].as_array().unwrap();
    cases.iter().filter(|case| case.get("caution").is_none()).cloned().collect()
}

/// The name of a case.
pub fn name(case: &Json) -> &str {
    case["name"].as_str().unwrap()
}

/// A whole number; nothing is 0.
pub fn int(json: &Json) -> i32 {
    json.as_i64().map_or(0, |number| i32::try_from(number).unwrap())
}

/// Seconds, with fractions.
pub fn secs(json: &Json) -> Duration {
    Duration::from_millis((json.as_f64().unwrap_or(0.0) * 1_000.0).round() as i64)
}

/// What did not agree; those that cannot are named by the caller, each with its reason.
#[derive(Default)]
pub struct Score {
    checked: usize,
    wrong: Vec<String>,
}

impl Score {
    /// Holds one answer against the table.
    pub fn check(
        &mut self,
        case: &Json,
        found: impl std::fmt::Debug,
        wanted: impl std::fmt::Debug,
    ) {
        self.checked += 1;
        let (found, wanted) = (format!("{found:?}"), format!("{wanted:?}"));
        if found != wanted {
            self.wrong.push(format!("{}: {found}, wanted {wanted}", name(case)));
        }
    }

    /// Fails unless so many were checked, and all but the named agree.
    pub fn done(&self, checked: usize, excused: &[&str]) {
        let wrong: Vec<&String> = self
            .wrong
            .iter()
            .filter(|wrong| !excused.iter().any(|name| wrong.starts_with(name)))
            .collect();
        assert!(wrong.is_empty(), "{} wrong:\n{wrong:#?}", wrong.len());
        for name in excused {
            assert!(self.wrong.iter().any(|wrong| wrong.starts_with(name)), "{name} agrees now");
        }
        assert_eq!(self.checked, checked);
    }
}
