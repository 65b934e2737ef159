//! Times as exports write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::Offset;

/// Ways to write a time with its zone.
const ZONED: [&str; 5] = ["%a %b %d %H:%M:%S %z %Y", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %:z", "%Y-%m-%dT%H:%M:%S%z", "%a, %d %b %Y %H:%M:%S %z"];
/// Ways to write one without, of which none can be taken for another. A day is never taken for a month: see [`day_first`].
const LOCAL: [&str; 9] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d-%b-%Y %I:%M%p",
    "%d-%b-%Y %H:%M",
    "%d %b %Y %H:%M",
    "%b %d, %Y %I:%M:%S %p",
];

/// A time by RFC 3339 in UTC where its zone is told, without a zone where it is not, and as it stands where it cannot be read.
/// `utc` says that times without a zone are in UTC.
pub(super) fn parse(written: &str, utc: bool) -> String {
    let trimmed = written.trim();
    if let Some(time) = usual(trimmed) {
        return time;
    }
    if let Some(time) = epoch(trimmed) {
        return shown(time);
    }
    if let Ok(time) = trimmed.parse::<Timestamp>() {
        return shown(time);
    }
    let (text, eastern) = match trimmed.rsplit_once(' ') {
        Some((text, "EST")) => (text, Some(Offset::constant(-5))),
        Some((text, "EDT")) => (text, Some(Offset::constant(-4))),
        Some((text, "UTC" | "GMT")) => (text, Some(Offset::UTC)),
        _ => (trimmed, utc.then_some(Offset::UTC)),
    };
    if let Some(time) = ZONED.iter().find_map(|form| strtime::parse(form, text).ok()?.to_timestamp().ok()) {
        return shown(time);
    }
    let local = LOCAL.iter().find_map(|form| DateTime::strptime(form, text).ok()).or_else(|| day_first(text));
    match (local, eastern) {
        (Some(local), Some(offset)) => offset.to_timestamp(local).map_or_else(|_| written.to_owned(), shown),
        (Some(local), None) => local.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        (None, _) => written.to_owned(),
    }
}

/// When something was: a time by RFC 3339 in UTC, which is also taken for the zone where none is told, or a day where nothing more is. As text, either
/// kind sorts by time.
pub(crate) fn moment(written: &str) -> Option<String> {
    let day = Date::strptime("%Y-%m-%d", written.trim()).map(|day| day.to_string());
    day.ok().or_else(|| Some(parse(written, true)).filter(|read| read.parse::<Timestamp>().is_ok()))
}

/// Seconds, milliseconds or microseconds since 1970, told apart by their number of digits.
fn epoch(text: &str) -> Option<Timestamp> {
    let whole = text.split_once('.').map_or(text, |(whole, rest)| if rest.bytes().all(|b| b.is_ascii_digit()) { whole } else { text });
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        15 | 16 => Timestamp::from_microsecond(number).ok(),
        _ => None,
    }
}

/// `2024-02-14T01:00:00.000Z`, as most exports write it: what [`shown`] makes of it, without taking it apart.
fn usual(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (seconds, rest) = bytes.split_at_checked(19)?;
    let fraction = rest.strip_suffix(b"Z")?;
    let digits = |digits: &[u8]| !digits.is_empty() && digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit);
    if !fraction.is_empty() && !fraction.strip_prefix(b".").is_some_and(digits) {
        return None;
    }
    let form = b"0000-00-00T00:00:00";
    if !seconds.iter().zip(form).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form }) {
        return None;
    }
    let two = |at: usize| (10 * (seconds[at] - b'0') + seconds[at + 1] - b'0').cast_signed();
    Date::new(100 * i16::from(two(0)) + i16::from(two(2)), two(5), two(8)).ok()?;
    (two(11) < 24 && two(14) < 60 && two(17) < 60).then(|| format!("{}Z", &text[..19]))
}

fn shown(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `14/02/2024 08.00`: slashes and a day that cannot be a month, or the dot between hour and minute that Indonesians write.
fn day_first(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', ','])?;
    let day: u8 = date.split('/').next()?.parse().ok()?;
    if day <= 12 && !time.contains('.') {
        return None;
    }
    let text = format!("{date} {}", time.trim().replace('.', ":"));
    ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"].iter().find_map(|form| DateTime::strptime(form, &text).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_usual_form_reads_as_any_other(text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?Z") {
            if let Some(read) = usual(&text) {
                prop_assert_eq!(Some(read), text.parse::<Timestamp>().ok().map(shown));
            }
        }
    }

    #[test]
    fn every_way_to_write_a_time_is_read() {
        for (written, utc, read) in [
            ("1707872400", false, "2024-02-14T01:00:00Z"),
            ("1707872400.0", false, "2024-02-14T01:00:00Z"),
            ("1707872400123", false, "2024-02-14T01:00:00Z"),
            ("1707872400123456", false, "2024-02-14T01:00:00Z"),
            ("2024-02-14T08:00:00.250+07:00", false, "2024-02-14T01:00:00Z"),
            ("2024-02-14T01:00:00.000Z", false, "2024-02-14T01:00:00Z"),
            ("2024-02-30T01:00:00.000Z", false, "2024-02-30T01:00:00.000Z"),
            ("2024-02-14 01:00:00+00:00", false, "2024-02-14T01:00:00Z"),
            ("2024-02-14T01:00:00+0000", false, "2024-02-14T01:00:00Z"),
            ("Wed Feb 14 01:00:00 +0000 2024", false, "2024-02-14T01:00:00Z"),
            ("2024-02-14 08:00:00 +07:00", false, "2024-02-14T01:00:00Z"),
            ("2024-02-13 20:00:00 EST", false, "2024-02-14T01:00:00Z"),
            ("2024-02-14 01:00:00", true, "2024-02-14T01:00:00Z"),
            ("2024-02-14 01:00:00", false, "2024-02-14T01:00:00"),
            ("14-Feb-2024 08:00AM", false, "2024-02-14T08:00:00"),
            ("14/02/2024 08.00", false, "2024-02-14T08:00:00"),
            ("02/03/2024 08.00", false, "2024-03-02T08:00:00"),
            ("02/03/2024 08:00", false, "02/03/2024 08:00"),
            ("2 weeks ago", false, "2 weeks ago"),
        ] {
            assert_eq!(parse(written, utc), read, "{written}");
        }
    }

    #[test]
    fn a_moment_is_a_time_in_one_zone_or_a_day() {
        for (written, read) in [
            ("2024-02-14T06:00:00+07:00", Some("2024-02-13T23:00:00Z")),
            ("2024-02-14T08:00:00", Some("2024-02-14T08:00:00Z")),
            (" 2024-02-14 ", Some("2024-02-14")),
            ("2024-02", None),
            ("02/03/2024 08:00", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(moment(written).as_deref(), read, "{written}");
        }
    }
}
