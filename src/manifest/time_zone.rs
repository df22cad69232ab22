//! Time zones of CronJobs: how far a wall clock is ahead of UTC.
//!
//! Owns: the zones that are known here, with today's rules. Does not own: whether a name may be
//! written (`validate`). A whole zone database would weigh more than all else in this folder.

use crate::time::{Duration, Instant};

/// When clocks are put forward by an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Summer {
    /// Never.
    No,
    /// From the last Sunday of March to the last of October, at 01:00 UTC.
    Europe,
    /// From the second Sunday of March to the first of November, at two o'clock.
    America,
    /// From the first Sunday of October to the first of April, at two o'clock standard time.
    Australia,
}

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    minutes: i64,
    summer: Summer,
}

/// Zones by minutes ahead of UTC.
const ZONES: &[(&str, i64, Summer)] = &[
    (
        "UTC GMT Etc/UTC Etc/GMT Etc/Zulu Universal Zulu Africa/Abidjan Africa/Accra Atlantic/Reykjavik",
        0,
        Summer::No,
    ),
    ("Europe/London Europe/Dublin Europe/Lisbon", 0, Summer::Europe),
    (
        "Europe/Amsterdam Europe/Berlin Europe/Brussels Europe/Budapest Europe/Copenhagen \
         Europe/Madrid Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm \
         Europe/Vienna Europe/Warsaw Europe/Zurich CET",
        60,
        Summer::Europe,
    ),
    ("Africa/Lagos Africa/Algiers Africa/Tunis", 60, Summer::No),
    (
        "Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Riga \
         Europe/Sofia Europe/Tallinn Europe/Vilnius EET",
        120,
        Summer::Europe,
    ),
    ("Africa/Johannesburg Africa/Maputo", 120, Summer::No),
    (
        "Europe/Moscow Europe/Istanbul Europe/Minsk Asia/Riyadh Asia/Baghdad Africa/Nairobi",
        180,
        Summer::No,
    ),
    ("Asia/Dubai Asia/Baku Asia/Tbilisi Asia/Yerevan", 240, Summer::No),
    ("Asia/Karachi Asia/Tashkent Asia/Almaty Asia/Yekaterinburg", 300, Summer::No),
    ("Asia/Kolkata Asia/Calcutta Asia/Colombo", 330, Summer::No),
    ("Asia/Kathmandu", 345, Summer::No),
    ("Asia/Dhaka", 360, Summer::No),
    ("Asia/Bangkok Asia/Jakarta Asia/Ho_Chi_Minh Asia/Saigon", 420, Summer::No),
    (
        "Asia/Shanghai Asia/Chongqing Asia/Hong_Kong Asia/Macau Asia/Taipei Asia/Singapore \
         Asia/Kuala_Lumpur Asia/Manila Australia/Perth PRC Singapore Hongkong",
        480,
        Summer::No,
    ),
    ("Asia/Tokyo Asia/Seoul Japan ROK", 540, Summer::No),
    ("Australia/Brisbane", 600, Summer::No),
    (
        "Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra",
        600,
        Summer::Australia,
    ),
    ("America/Sao_Paulo America/Argentina/Buenos_Aires America/Buenos_Aires", -180, Summer::No),
    ("America/Halifax", -240, Summer::America),
    ("America/Bogota America/Lima America/Panama", -300, Summer::No),
    ("America/New_York America/Toronto America/Detroit US/Eastern EST5EDT", -300, Summer::America),
    ("America/Mexico_City America/Costa_Rica", -360, Summer::No),
    ("America/Chicago America/Winnipeg US/Central CST6CDT", -360, Summer::America),
    ("America/Phoenix US/Arizona", -420, Summer::No),
    ("America/Denver America/Edmonton US/Mountain MST7MDT", -420, Summer::America),
    (
        "America/Los_Angeles America/Vancouver America/Tijuana US/Pacific PST8PDT",
        -480,
        Summer::America,
    ),
    ("America/Anchorage US/Alaska", -540, Summer::America),
    ("Pacific/Honolulu US/Hawaii", -600, Summer::No),
];

impl Zone {
    /// UTC.
    pub const UTC: Self = Self { minutes: 0, summer: Summer::No };

    /// A zone by its name in the IANA database; `None` for those that are not known here.
    pub fn find(name: &str) -> Option<Self> {
        if let Some(hours) = name.strip_prefix("Etc/GMT").filter(|hours| !hours.is_empty()) {
            // These are written with the sign of POSIX: Etc/GMT-8 is ahead of UTC.
            let hours: i64 = hours.parse().ok().filter(|hours| (-14..=12).contains(hours))?;
            return Some(Self { minutes: -hours * 60, summer: Summer::No });
        }
        ZONES
            .iter()
            .find(|(names, _, _)| names.split_ascii_whitespace().any(|known| known == name))
            .map(|(_, minutes, summer)| Self { minutes: *minutes, summer: *summer })
    }

    /// How far the wall clock is ahead at this moment.
    pub fn offset(self, at: Instant) -> Duration {
        let hour = if self.is_summer(at) { 60 } else { 0 };
        Duration::from_secs((self.minutes + hour) * 60)
    }

    /// The moment at which the wall clock shows this time.
    pub fn to_utc(self, wall: Instant) -> Instant {
        let standard = wall - Duration::from_secs(self.minutes * 60);
        let summer = standard - Duration::from_secs(3_600);
        if self.is_summer(summer) { summer } else { standard }
    }

    fn is_summer(self, at: Instant) -> bool {
        let standard = at + Duration::from_secs(self.minutes * 60);
        let (year, ..) = standard.civil();
        // Sunday number n of a month, 0 being the last; seconds of the day, on the clock named.
        let sunday = |month: i64, n: i64, seconds: i64| {
            sunday_of(standard, year, month, n) + Duration::from_secs(seconds)
        };
        match self.summer {
            Summer::No => false,
            Summer::Europe => at >= sunday(3, 0, 3_600) && at < sunday(10, 0, 3_600),
            Summer::America => standard >= sunday(3, 2, 7_200) && standard < sunday(11, 1, 3_600),
            Summer::Australia => standard >= sunday(10, 1, 7_200) || standard < sunday(4, 1, 7_200),
        }
    }
}

/// Midnight of a Sunday of a month of the year that `near` is in.
fn sunday_of(near: Instant, year: i64, month: i64, n: i64) -> Instant {
    let day = Duration::from_secs(86_400);
    let (_, m, d, hour, minute, second, _) = near.civil();
    let mut at = near.truncated() - Duration::from_secs(hour * 3_600 + minute * 60 + second);
    // To the first of the month: by days, as months differ.
    at = at - day * (d - 1);
    let mut current = m;
    while current > month {
        at = at - day;
        let (_, m, d, ..) = at.civil();
        at = at - day * (d - 1);
        current = m;
    }
    while current < month {
        at = at + day * length(year, current);
        current += 1;
    }
    let (.., weekday) = at.civil();
    let first = at + day * ((7 - weekday as i64) % 7);
    if n > 0 {
        return first + day * (7 * (n - 1));
    }
    let (_, _, date, ..) = first.civil();
    first + day * (7 * ((length(year, month) - date) / 7))
}

const fn length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}
