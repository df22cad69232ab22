//! Virtual time: integer microseconds since the scenario's `kubectl apply`.
//!
//! Owns: [`Instant`], [`Duration`], their text forms (Go's duration grammar, kubectl's ages, the
//! API's timestamps, the page's clock). Does not own: any clock. Nothing here reads wall time.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Unix time of virtual instant zero: 2026-01-05T00:00:00Z, a Monday.
///
/// Invented: a trace has to name dates (`Start Time:`), and a fixed one keeps traces reproducible.
const EPOCH_UNIX_SECONDS: i64 = 1_767_571_200;

/// A span of virtual time in microseconds; may be negative when it is a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A duration of whole microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A duration of whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// A duration of whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(SECOND))
    }

    /// The number of microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The number of whole milliseconds, towards zero.
    pub const fn as_millis(self) -> i64 {
        self.0 / 1_000
    }

    /// The number of whole seconds, towards zero.
    pub const fn as_secs(self) -> i64 {
        self.0 / SECOND
    }

    /// Reads Go's duration grammar (`1h30m`, `4.8s`, `100ms`, `0`), as `time.ParseDuration` does.
    ///
    /// Returns `None` for anything else, and for durations beyond ±290 years.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Self::ZERO);
        }
        if rest.is_empty() {
            return None;
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|n| *n > 0)?;
            let (number, tail) = rest.split_at(digits);
            let unit_length =
                tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_length);
            let nanos: i128 = match unit {
                "ns" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => return None,
            };
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
                return None;
            }
            let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
            total = total.checked_add(whole.checked_mul(nanos)?)?;
            let mut scale = nanos;
            for digit in fraction.bytes() {
                scale /= 10;
                total += i128::from(digit - b'0') * scale;
            }
            rest = tail;
        }
        let micros = i64::try_from(total / 1_000).ok()?;
        Some(Self(if negative { -micros } else { micros }))
    }

    /// Prints an age as kubectl does (`45s`, `2m57s`, `3h5m`, `5d1h`).
    ///
    /// Models apimachinery/pkg/util/duration HumanDuration: integer truncation everywhere, and one
    /// second of grace for clocks that disagree before it says `<invalid>`.
    pub fn human(self) -> String {
        let seconds = self.as_secs();
        if self.0 <= -2 * SECOND || seconds < -1 {
            return "<invalid>".to_owned();
        }
        if self.0 < 0 {
            return "0s".to_owned();
        }
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        let two = |big: i64, unit: &str, small: i64, small_unit: &str| {
            if small == 0 {
                format!("{big}{unit}")
            } else {
                format!("{big}{unit}{small}{small_unit}")
            }
        };
        if seconds < 120 {
            format!("{seconds}s")
        } else if minutes < 10 {
            two(minutes, "m", seconds % 60, "s")
        } else if minutes < 180 {
            format!("{minutes}m")
        } else if hours < 8 {
            two(hours, "h", minutes % 60, "m")
        } else if hours < 48 {
            format!("{hours}h")
        } else if days < 8 {
            two(days, "d", hours % 24, "h")
        } else if days < 730 {
            format!("{days}d")
        } else if days < 8 * 365 {
            two(days / 365, "y", days % 365, "d")
        } else {
            format!("{}y", days / 365)
        }
    }

    /// Prints as Go's `time.Duration` does, to the millisecond (`35ms`, `1.204s`, `1m20s`).
    ///
    /// Models the `Truncate(time.Millisecond)` of pkg/kubelet/images/image_manager.go and the
    /// back-off texts of pkg/kubelet/kuberuntime/kuberuntime_manager.go.
    pub fn go(self) -> String {
        let millis = self.as_millis();
        if millis.abs() < 1_000 {
            return if millis == 0 { "0s".to_owned() } else { format!("{millis}ms") };
        }
        let sign = if millis < 0 { "-" } else { "" };
        let millis = millis.abs();
        let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
        let seconds = match (rest / 1_000, rest % 1_000) {
            (whole, 0) => format!("{whole}s"),
            (whole, part) => {
                format!("{whole}.{}s", format!("{part:03}").trim_end_matches('0'))
            }
        };
        match (hours, minutes) {
            (0, 0) => format!("{sign}{seconds}"),
            (0, minutes) => format!("{sign}{minutes}m{seconds}"),
            (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}"),
        }
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<i64> for Duration {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

/// A moment of virtual time: microseconds since apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The moment of `kubectl apply`.
    pub const ZERO: Self = Self(0);

    /// 1970: what the API prints for a moment that never was.
    pub const UNIX_EPOCH: Self = Self(-EPOCH_UNIX_SECONDS * SECOND);

    /// The moment this many microseconds after apply.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment this many whole seconds after apply.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(SECOND))
    }

    /// Microseconds since apply.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds since apply, for drawing. The engine itself computes with integers.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// The signed time from `earlier` to this moment.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// This moment cut to its whole second, as every timestamp in the Kubernetes API is.
    ///
    /// Models metav1.Time's RFC 3339 encoding, which has no fractions.
    pub const fn truncated(self) -> Self {
        Self(self.0.div_euclid(SECOND) * SECOND)
    }

    /// The first multiple of `period` after `phase` that is not before this moment.
    pub fn next_tick(self, phase: Self, period: Duration) -> Self {
        let past = self.0.saturating_sub(phase.0);
        if past <= 0 || period.0 <= 0 {
            return phase;
        }
        let periods = past / period.0 + i64::from(past % period.0 != 0);
        Self(phase.0.saturating_add(periods.saturating_mul(period.0)))
    }

    /// The time of servers' access logs: `05/Jan/2026:00:00:10 +0000`.
    pub fn common_log(self) -> String {
        // `Mon, 05 Jan 2026 00:02:57 +0000`
        let text = self.rfc1123z();
        let mut words = text.split_whitespace().skip(1);
        let mut next = || words.next().unwrap_or("");
        let (day, month, year, time) = (next(), next(), next(), next());
        format!("{day}/{month}/{year}:{time} +0000")
    }

    /// Year, month, day, hour, minute, second and weekday (0 = Sunday) in UTC.
    pub fn civil(self) -> (i64, i64, i64, i64, i64, i64, usize) {
        let unix = EPOCH_UNIX_SECONDS + self.0.div_euclid(SECOND);
        let (days, second_of_day) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
        // Howard Hinnant's days-to-civil: years start in March, so the leap day comes last.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let weekday = (days + 4).rem_euclid(7) as usize;
        (
            year,
            month,
            day,
            second_of_day / 3_600,
            second_of_day / 60 % 60,
            second_of_day % 60,
            weekday,
        )
    }

    /// Prints as the API does: `2026-01-05T00:02:57Z`.
    pub fn rfc3339(self) -> String {
        let (year, month, day, hour, minute, second, _) = self.civil();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Prints as `kubectl describe` does: `Mon, 05 Jan 2026 00:02:57 +0000`.
    pub fn rfc1123z(self) -> String {
        let (year, month, day, hour, minute, second, weekday) = self.civil();
        format!(
            "{}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} +0000",
            WEEKDAYS[weekday],
            MONTHS[(month - 1) as usize]
        )
    }

    /// Prints as `date` in a container does: `Mon Jan  5 00:02:57 UTC 2026`.
    pub fn date(self) -> String {
        let (year, month, day, hour, minute, second, weekday) = self.civil();
        format!(
            "{} {} {day:2} {hour:02}:{minute:02}:{second:02} UTC {year}",
            WEEKDAYS[weekday],
            MONTHS[(month - 1) as usize]
        )
    }

    /// Seconds since 1970, as `date +%s` prints them.
    pub const fn unix_seconds(self) -> i64 {
        EPOCH_UNIX_SECONDS + self.0.div_euclid(SECOND)
    }

    /// Prints the page's clock to the tenth of a second: `2:57.0`, `1:02:03.4`.
    pub fn clock(self) -> String {
        let tenths = self.0.max(0) / (SECOND / 10);
        let (hours, minutes, seconds, tenth) =
            (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
        if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}.{tenth}")
        } else {
            format!("{minutes}:{seconds:02}.{tenth}")
        }
    }
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read_and_printed() {
        for (text, micros) in
            [("40s", 40_000_000), ("1h30m", 5_400_000_000), ("4.8s", 4_800_000), ("-1.5ms", -1_500)]
        {
            assert_eq!(Duration::parse(text), Some(Duration(micros)), "{text}");
        }
        for text in ["", "s", "5", "1.2.3s", "5x", "--1s", "."] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
        assert_eq!(Duration::from_millis(80_000).go(), "1m20s");
        assert_eq!(Duration::from_millis(3_781).go(), "3.781s");
        assert_eq!(Duration::from_millis(35).go(), "35ms");
        assert_eq!(Duration::from_secs(300).go(), "5m0s");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(Instant::ZERO.rfc3339(), "2026-01-05T00:00:00Z");
        let leap = Instant::from_secs(785 * 86_400 + 3_723);
        assert_eq!(leap.rfc1123z(), "Tue, 29 Feb 2028 01:02:03 +0000");
        assert_eq!(Instant::from_secs(177).clock(), "2:57.0");
    }

    #[test]
    fn ticks_keep_their_phase() {
        let phase = Instant::from_micros(300);
        let period = Duration::from_micros(1_000);
        assert_eq!(Instant::from_micros(0).next_tick(phase, period), phase);
        assert_eq!(Instant::from_micros(301).next_tick(phase, period).as_micros(), 1_300);
        assert_eq!(Instant::from_micros(1_300).next_tick(phase, period).as_micros(), 1_300);
    }
}
