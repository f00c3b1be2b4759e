//! How values of the domain stand in columns: words, days and instants. A value that cannot be read
//! back is damage and named with its column; it never becomes a default.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::error::StoreError;

/// The word of an enumeration, the same as in the files of `data/`.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // Enumerations without fields only: anything else would be refused when read back.
        Ok(_) | Err(_) => String::new(),
    }
}

/// The enumeration that a word stands for.
pub(crate) fn of_word<T: DeserializeOwned>(
    column: &'static str,
    word: &str,
) -> Result<T, StoreError> {
    let word: StrDeserializer<'_, WordError> = word.into_deserializer();
    T::deserialize(word).map_err(|error| StoreError::corrupt(column, error))
}

/// A civil day from `YYYY-MM-DD`.
pub(crate) fn date(column: &'static str, text: &str) -> Result<Date, StoreError> {
    text.parse()
        .map_err(|error: jiff::Error| StoreError::corrupt(column, error))
}

/// The same for a column that may be empty.
pub(crate) fn optional_date(
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<Date>, StoreError> {
    text.map(|text| date(column, text)).transpose()
}

/// An instant from milliseconds.
pub(crate) fn instant(column: &'static str, milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| StoreError::corrupt(column, error))
}

/// The same for a column that may be empty.
pub(crate) fn optional_instant(
    column: &'static str,
    milliseconds: Option<i64>,
) -> Result<Option<Timestamp>, StoreError> {
    milliseconds.map(|at| instant(column, at)).transpose()
}

/// A number that a column holds as 64 bits.
pub(crate) fn number<T: TryFrom<i64>>(column: &'static str, number: i64) -> Result<T, StoreError>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    number
        .try_into()
        .map_err(|error: T::Error| StoreError::corrupt(column, error))
}

/// The last instant that counts, as milliseconds; for the present none is too late.
pub(crate) fn until(as_of: Option<Timestamp>) -> i64 {
    as_of.map_or(i64::MAX, Timestamp::as_millisecond)
}
