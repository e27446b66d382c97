//! Instants of fields.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::text;

/// An instant in UTC, to the microsecond, from the year -9999 to the end of the year 9999.
///
/// A [`Timestamp`] ends 26 hours earlier, before [`Instant::MAX`], with which .NET says *for ever*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The date of a time, UTC.
pub fn utc_date(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The text of [`Instant::MAX`], which .NET counts in units of 100 nanoseconds.
const FOR_EVER: &str = "9999-12-31T23:59:59.9999999Z";

/// The beginning of 1970, from which instants are counted.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Instant {
    /// The last instant, .NET's `DateTime.MaxValue`: 9999-12-31T23:59:59.9999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The instant of this number of microseconds since 1970 UTC; `None` outside the years -9999 to 9999.
    pub fn from_microsecond(micros: i64) -> Option<Self> {
        EPOCH.checked_add(SignedDuration::from_micros(micros)).ok().map(|_| Self(micros))
    }

    /// The number of microseconds since 1970 UTC.
    pub fn as_microsecond(self) -> i64 {
        self.0
    }

    /// The beginning of a day, UTC.
    pub fn beginning_of(day: Date) -> Option<Self> {
        Self::at(day.to_datetime(Time::midnight()), Offset::UTC)
    }

    /// The date and time in UTC.
    pub fn civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_micros(self.0))
    }

    /// The instant as a [`Timestamp`]; `None` in the last 26 hours, which that cannot tell.
    pub fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.0).ok()
    }

    /// The instant that is `span` later, or [`Instant::MAX`] when that is earlier. Parts of a microsecond are cut off.
    #[must_use]
    pub fn saturating_add(self, span: SignedDuration) -> Self {
        let later = i64::try_from(span.as_micros()).ok().and_then(|span| self.0.checked_add(span));
        later.and_then(Self::from_microsecond).unwrap_or(Self::MAX)
    }

    /// The instant at which it is this date and time where the clock is `offset` ahead of UTC.
    fn at(civil: DateTime, offset: Offset) -> Option<Self> {
        let utc = civil.duration_since(EPOCH) - SignedDuration::from_secs(offset.seconds().into());
        Self::from_microsecond(i64::try_from(utc.as_micros()).ok()?)
    }
}

impl From<Timestamp> for Instant {
    /// Parts of a microsecond are cut off.
    fn from(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

impl fmt::Display for Instant {
    /// The instant as ISO 8601 writes it, such as `2024-04-01T13:25:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::MAX { f.write_str(FOR_EVER) } else { write!(f, "{}Z", self.civil()) }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The error for a text that is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as 2024-04-01T13:25:00Z")]
pub struct NoInstant;

impl FromStr for Instant {
    type Err = NoInstant;

    /// Reads an instant such as `2024-04-01 13:25Z`, `2024-04-01T13:25:00+13:00` or
    /// `2024-04-01T13:25:00[Pacific/Auckland]`. Without offset and time zone it is in UTC, without a time at midnight.
    /// Parts of a microsecond are cut off. An unknown time zone, and one that does not have the offset given, is an
    /// error.
    fn from_str(text: &str) -> Result<Self, NoInstant> {
        let text = text::trim(text);
        let pieces = match Pieces::parse(text) {
            Ok(pieces) => pieces,
            // A date alone may be marked as UTC, too.
            Err(_) => {
                text.strip_suffix(['Z', 'z']).and_then(|date| Pieces::parse(date).ok()).ok_or(NoInstant)?
            }
        };
        let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let zone = pieces.to_time_zone().map_err(|_| NoInstant)?;
        let instant = match (pieces.offset(), zone) {
            (None, None) | (Some(PiecesOffset::Zulu), _) => Self::at(civil, Offset::UTC),
            (None, Some(zone)) => zone.to_timestamp(civil).ok().map(Self::from),
            (Some(PiecesOffset::Numeric(offset)), zone) => Self::at(civil, offset.offset())
                .filter(|at| zone.is_none_or(|zone| at.has(&zone, offset.offset()))),
            (Some(_), _) => None,
        };
        instant.ok_or(NoInstant)
    }
}

impl Instant {
    /// Whether clocks in this time zone are `offset` ahead of UTC at the instant.
    fn has(self, zone: &TimeZone, offset: Offset) -> bool {
        self.timestamp().is_some_and(|at| zone.to_offset(at) == offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Instant>().ok().map(|instant| instant.to_string())
    }

    #[test]
    fn instants_come_out_as_they_came_in_up_to_the_last_of_dot_net() {
        for text in [
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T00:00:00Z",
            "9999-12-30T22:00:01Z",
            "2024-04-01T13:25:00Z",
            "2024-04-01T13:25:00.123456Z",
            "1969-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        assert_eq!(read("9999-12-31T23:59:59.9999999"), Some(FOR_EVER.to_owned()));
        assert_eq!(FOR_EVER.parse(), Ok(Instant::MAX));
        assert!(Instant::from(Timestamp::MAX) < Instant::MAX);
        assert_eq!(Instant::MAX.timestamp(), None);
        assert_eq!(Instant::from_microsecond(Instant::MAX.as_microsecond() + 1), None);
    }

    #[test]
    fn the_time_zone_of_an_instant_is_used() {
        for (text, utc) in [
            ("2024-04-01T13:25:00[Pacific/Auckland]", "2024-04-01T00:25:00Z"),
            ("2024-04-10T13:25:00[Pacific/Auckland]", "2024-04-10T01:25:00Z"),
            ("2024-04-01T13:25:00+13:00[Pacific/Auckland]", "2024-04-01T00:25:00Z"),
            ("2024-04-01T00:25:00Z[Pacific/Auckland]", "2024-04-01T00:25:00Z"),
            ("2024-04-01T13:25:00+02:00", "2024-04-01T11:25:00Z"),
            ("9999-12-31T23:59:59+14:00", "9999-12-31T09:59:59Z"),
            ("2024-04-01 13:25", "2024-04-01T13:25:00Z"),
            (" 2024-04-01 13:25z\u{a0}", "2024-04-01T13:25:00Z"),
            ("2024-04-01", "2024-04-01T00:00:00Z"),
            ("2024-04-01Z", "2024-04-01T00:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_instant_is_refused() {
        for text in [
            "",
            "soon",
            "2024-04-01T13:25:00[Pacific/Nowhere]",
            "2024-04-01T13:25:00+02:00[Pacific/Auckland]",
            "2024-02-30T00:00:00Z",
            "2024-04-01T25:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "10000-01-01T00:00:00Z",
            "2024-04-01T13:25:00Z and more",
            "13:25",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
