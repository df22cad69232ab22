//! Schedules of CronJobs: five fields, `@daily` and its like, `@every 5m`.
//!
//! Models robfig/cron v3 parser.go ParseStandard and spec.go Next. Does not own: what happens at
//! those times (`cluster`).

use crate::manifest::time_zone::Zone;
use crate::time::{Duration, Instant};

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At these minutes of these days.
    Fields(Fields),
    /// Again and again after the same time.
    Every(Duration),
}

/// The five fields, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

/// The bit that says that a field was `*` or `?`.
const STAR: u64 = 1 << 63;

/// One field of a schedule: its least and greatest value, and names for some of them.
struct Field {
    least: u32,
    greatest: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 5] = [
    Field { least: 0, greatest: 59, names: &[] },
    Field { least: 0, greatest: 23, names: &[] },
    Field { least: 1, greatest: 31, names: &[] },
    Field { least: 1, greatest: 12, names: MONTHS },
    Field { least: 0, greatest: 6, names: DAYS },
];

/// Schedules that have a name.
const NAMED: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// How far ahead a time is looked for (spec.go: five years).
const DAYS_AHEAD: i64 = 5 * 366;

impl Schedule {
    /// Reads a schedule and the zone that it names itself, as `TZ=Asia/Tokyo 0 9 * * *` does.
    pub fn with_zone(text: &str) -> Result<(Self, Option<Zone>), String> {
        let named = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ="));
        let Some((name, schedule)) = named.and_then(|named| named.split_once(' ')) else {
            return Self::fields(text).map(|schedule| (schedule, None));
        };
        let Some(zone) = Zone::find(name) else {
            return Err(format!("provided bad location {name}: unknown time zone {name}"));
        };
        Self::fields(schedule.trim()).map(|schedule| (schedule, Some(zone)))
    }

    /// Reads a schedule, or says what is wrong in the words of its library.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::with_zone(text).map(|(schedule, _)| schedule)
    }

    fn fields(schedule: &str) -> Result<Self, String> {
        if let Some(every) = schedule.strip_prefix("@every ") {
            return match Duration::parse(every) {
                // cron.Every: whole seconds, at least one.
                Some(every) => Ok(Self::Every(Duration::from_secs(every.as_secs().max(1)))),
                None => Err(format!(
                    "failed to parse duration {schedule}: time: invalid duration \"{every}\""
                )),
            };
        }
        if schedule.starts_with('@') {
            return match NAMED.iter().find(|(name, _)| *name == schedule) {
                Some((_, fields)) => Self::fields(fields),
                None => Err(format!("unrecognized descriptor: {schedule}")),
            };
        }
        let parts: Vec<&str> = schedule.split_ascii_whitespace().collect();
        if parts.len() != FIELDS.len() {
            return Err(format!(
                "expected exactly 5 fields, found {}: [{}]",
                parts.len(),
                parts.join(" ")
            ));
        }
        let mut bits = [0_u64; 5];
        for ((part, field), bits) in parts.iter().zip(&FIELDS).zip(&mut bits) {
            for range in part.split(',').filter(|range| !range.is_empty()) {
                *bits |= field.range(range)?;
            }
        }
        let [minute, hour, day, month, weekday] = bits;
        Ok(Self::Fields(Fields { minute, hour, day, month, weekday }))
    }

    /// The first time after this moment; `None` when there is none within five years.
    pub fn next(self, after: Instant, zone: Zone) -> Option<Instant> {
        match self {
            Self::Every(every) => Some(after.truncated() + every),
            Self::Fields(fields) => fields.next(after, zone),
        }
    }
}

impl Fields {
    fn day_matches(self, day: i64, weekday: usize) -> bool {
        let in_month = self.day & (1 << day) != 0;
        let in_week = self.weekday & (1 << weekday) != 0;
        // Two restrictions mean either; a star means the other one alone.
        if self.day & STAR != 0 || self.weekday & STAR != 0 {
            in_month && in_week
        } else {
            in_month || in_week
        }
    }

    fn next(self, after: Instant, zone: Zone) -> Option<Instant> {
        let earliest = after.truncated() + Duration::from_secs(1);
        let local = earliest + zone.offset(earliest);
        let (_, _, _, hour, minute, second, _) = local.civil();
        let midnight = local - Duration::from_secs(hour * 3_600 + minute * 60 + second);
        for day in 0..DAYS_AHEAD {
            let date = midnight + Duration::from_secs(day * 86_400);
            let (_, month, of_month, _, _, _, weekday) = date.civil();
            if self.month & (1 << month) == 0 || !self.day_matches(of_month, weekday) {
                continue;
            }
            for hour in (0..24).filter(|hour| self.hour & (1 << hour) != 0) {
                for minute in (0..60).filter(|minute| self.minute & (1 << minute) != 0) {
                    let wall = date + Duration::from_secs(hour * 3_600 + minute * 60);
                    let at = zone.to_utc(wall);
                    // A wall clock that is put forward has no such time: it is passed over.
                    if at >= earliest && at + zone.offset(at) == wall {
                        return Some(at);
                    }
                }
            }
        }
        None
    }
}

impl Field {
    fn range(&self, text: &str) -> Result<u64, String> {
        let mut slashes = text.split('/');
        let range = slashes.next().unwrap_or_default();
        let step = slashes.next();
        if slashes.next().is_some() {
            return Err(format!("too many slashes: {text}"));
        }
        let mut star = 0;
        let (start, end) = if matches!(range, "*" | "?") {
            star = STAR;
            (self.least, self.greatest)
        } else {
            let mut hyphens = range.split('-');
            let start = self.number(hyphens.next().unwrap_or_default())?;
            let end = match hyphens.next() {
                Some(end) => self.number(end)?,
                None if step.is_some() => self.greatest,
                None => start,
            };
            if hyphens.next().is_some() {
                return Err(format!("too many hyphens: {text}"));
            }
            (start, end)
        };
        let step = step.map_or(Ok(1), whole)?;
        if start < self.least {
            let least = self.least;
            return Err(format!("beginning of range ({start}) below minimum ({least}): {text}"));
        }
        if end > self.greatest {
            let greatest = self.greatest;
            return Err(format!("end of range ({end}) above maximum ({greatest}): {text}"));
        }
        if start > end {
            return Err(format!(
                "beginning of range ({start}) beyond end of range ({end}): {text}"
            ));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {text}"));
        }
        let mut bits = if step > 1 { 0 } else { star };
        let mut value = start;
        while value <= end {
            bits |= 1 << value;
            value = value.saturating_add(step);
        }
        Ok(bits)
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_lowercase();
        match self.names.iter().position(|name| *name == lower) {
            Some(at) => Ok(at as u32 + self.least),
            None => whole(text),
        }
    }
}

fn whole(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        Err(_) => Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: i64, zone: &str) -> String {
        let zone = Zone::find(zone).unwrap();
        let schedule = Schedule::parse(schedule).unwrap();
        schedule.next(Instant::from_secs(after), zone).map_or_else(String::new, Instant::rfc3339)
    }

    #[test]
    fn times_are_found_as_the_library_finds_them() {
        // Zero is Monday, 5 January 2026, 00:00 UTC.
        for (schedule, after, zone, expected) in [
            ("*/5 * * * *", 0, "UTC", "2026-01-05T00:05:00Z"),
            ("* * * * *", 30, "UTC", "2026-01-05T00:01:00Z"),
            ("0 0 * * *", 0, "UTC", "2026-01-06T00:00:00Z"),
            ("30 6-16/4 * * 1-5", 0, "UTC", "2026-01-05T06:30:00Z"),
            ("0 0 13 * 5", 0, "UTC", "2026-01-09T00:00:00Z"),
            ("59 23 31 2 *", 0, "UTC", ""),
            ("@every 90s", 7, "UTC", "2026-01-05T00:01:37Z"),
            ("@monthly", 0, "UTC", "2026-02-01T00:00:00Z"),
            ("0 9 * * *", 0, "Asia/Shanghai", "2026-01-05T01:00:00Z"),
            ("0 9 * * *", 0, "America/New_York", "2026-01-05T14:00:00Z"),
            // The clock goes forward at two on 8 March: half past two does not come that day.
            ("30 2 * 3 *", 5_356_800, "America/New_York", "2026-03-09T06:30:00Z"),
            ("0 9 * 7 *", 0, "Europe/Berlin", "2026-07-01T07:00:00Z"),
        ] {
            assert_eq!(next(schedule, after, zone), expected, "{schedule} {zone}");
        }
    }
}
