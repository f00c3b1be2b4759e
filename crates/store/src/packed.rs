//! Bytes as they lie in the database: one byte of version, then the content, deflated if that makes
//! it smaller. Facts are JSON inside, read straight into cells. No SQL here.

use std::fmt;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sonae_domain::fact::{FactRows, FactValue};

/// The content follows as it is.
const STORED: u8 = 0;

/// The size of the content as 8 bytes, little-endian, then the content by raw deflate.
const DEFLATED: u8 = 1;

/// Version and size.
const HEAD_BYTES: usize = 9;

/// Deflate makes at most 1,032 bytes out of one; a size beyond that is damage, not content, and
/// must not make us ask for the memory.
const RATIO_MAX: u64 = 1032;

/// Why bytes of the database cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damaged {
    #[error("packed in a way that this program does not know")]
    Version,
    #[error("the size does not fit")]
    Size,
    #[error("not deflated data")]
    Deflate(#[from] flate2::DecompressError),
    #[error("not the JSON that was written")]
    Json(#[from] serde_json::Error),
}

/// Packs bytes.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(HEAD_BYTES + bytes.len() / 2 + 64);
    packed.push(DEFLATED);
    packed.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    // The fast level: facts shrink to a tenth with it, and the slower ones save little more.
    let mut deflate = Compress::new(Compression::fast(), false);
    loop {
        let n_read = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(n_read..).unwrap_or_default();
        match deflate.compress_vec(rest, &mut packed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) if packed.len() <= bytes.len() => return packed,
            Ok(Status::Ok | Status::BufError) if packed.len() <= bytes.len() => {
                packed.reserve(bytes.len() / 2 + 64);
            }
            // Not smaller: pictures, archives, next to nothing.
            Ok(_) | Err(_) => break,
        }
    }
    let mut stored = Vec::with_capacity(1 + bytes.len());
    stored.push(STORED);
    stored.extend_from_slice(bytes);
    stored
}

/// Unpacks many blobs with one set of tables.
pub(crate) struct Unpacker {
    inflate: Decompress,
    content: Vec<u8>,
}

impl Unpacker {
    pub(crate) fn new() -> Self {
        Self {
            inflate: Decompress::new(false),
            content: Vec::new(),
        }
    }

    /// The content; valid until the next call.
    pub(crate) fn unpack<'a>(&'a mut self, packed: &'a [u8]) -> Result<&'a [u8], Damaged> {
        match packed.split_first() {
            Some((&STORED, content)) => Ok(content),
            Some((&DEFLATED, rest)) => self.inflate(rest),
            Some(_) | None => Err(Damaged::Version),
        }
    }

    fn inflate(&mut self, packed: &[u8]) -> Result<&[u8], Damaged> {
        let (size, deflated) = packed.split_first_chunk().ok_or(Damaged::Size)?;
        let size = u64::from_le_bytes(*size);
        if size > RATIO_MAX * (deflated.len() as u64 + 1) {
            return Err(Damaged::Size);
        }
        let size = usize::try_from(size).map_err(|_| Damaged::Size)?;
        self.inflate.reset(false);
        self.content.clear();
        self.content.reserve_exact(size);
        let status =
            self.inflate
                .decompress_vec(deflated, &mut self.content, FlushDecompress::Finish)?;
        if status != Status::StreamEnd || self.content.len() != size {
            return Err(Damaged::Size);
        }
        Ok(&self.content)
    }

    /// The facts of a table.
    pub(crate) fn facts(&mut self, table: String, packed: &[u8]) -> Result<FactRows, Damaged> {
        let body: Body = serde_json::from_slice(self.unpack(packed)?)?;
        Ok(FactRows {
            table,
            columns: body.columns,
            rows: body.rows.0,
        })
    }
}

/// Packs the facts of a table; the table's name stands beside them.
pub(crate) fn pack_facts(facts: &FactRows) -> Result<Vec<u8>, serde_json::Error> {
    #[derive(serde::Serialize)]
    struct Body<'a> {
        columns: &'a [String],
        rows: &'a [Vec<FactValue>],
    }
    let body = Body {
        columns: &facts.columns,
        rows: &facts.rows,
    };
    Ok(pack(&serde_json::to_vec(&body)?))
}

#[derive(Deserialize)]
struct Body {
    columns: Vec<String>,
    rows: Rows,
}

/// Rows read without the detour that an untagged enumeration takes: twice as fast.
struct Rows(Vec<Vec<FactValue>>);

struct Row(Vec<FactValue>);

struct Cell(FactValue);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(
            Vec::<Row>::deserialize(from)?
                .into_iter()
                .map(|row| row.0)
                .collect(),
        ))
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Cells;

        impl<'de> Visitor<'de> for Cells {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the cells of a row")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Row, A::Error> {
                let mut row = Vec::with_capacity(8);
                while let Some(Cell(value)) = cells.next_element()? {
                    row.push(value);
                }
                row.shrink_to_fit();
                Ok(Row(row))
            }
        }

        from.deserialize_seq(Cells)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Value;

        impl Visitor<'_> for Value {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("null, a whole number or text")
            }

            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell(FactValue::Null))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell(FactValue::Integer(number)))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Cell, E> {
                i64::try_from(number)
                    .map_err(E::custom)
                    .map(|n| Cell(FactValue::Integer(n)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell(FactValue::Text(text.to_owned())))
            }
        }

        from.deserialize_any(Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> usize {
        let packed = pack(bytes);
        assert_eq!(Unpacker::new().unpack(&packed).unwrap(), bytes);
        packed.len()
    }

    #[test]
    fn what_was_packed_comes_back() {
        assert_eq!(check(b""), 1);
        assert_eq!(check(b"x"), 2);
        assert!(check(&[b'a'; 100_000]) < 1000);
        let noise: Vec<u8> = (0..50_000_u64)
            .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8 ^ ((n * n) >> 7) as u8)
            .collect();
        assert!(check(&noise) <= noise.len() + 1);
    }

    #[test]
    fn facts_come_back() {
        let facts = FactRows {
            table: "users".to_owned(),
            columns: vec!["uid".to_owned(), "username".to_owned(), "shell".to_owned()],
            rows: vec![
                vec![
                    FactValue::Integer(i64::MIN),
                    "院長 \"\\\u{0}\u{1f600}".into(),
                    FactValue::Null,
                ],
                vec![FactValue::Integer(i64::MAX), "".into(), "0".into()],
            ],
        };
        let packed = pack_facts(&facts).unwrap();
        assert_eq!(
            Unpacker::new().facts("users".to_owned(), &packed).unwrap(),
            facts
        );
    }

    #[test]
    fn damage_is_seen() {
        let packed = pack(&[b'a'; 5000]);
        let damaged = |change: fn(&mut Vec<u8>)| {
            let mut packed = packed.clone();
            change(&mut packed);
            Unpacker::new().unpack(&packed).is_err()
        };
        assert!(damaged(|p| p.clear()));
        assert!(damaged(|p| p[0] = 9));
        assert!(damaged(|p| p[1] ^= 1));
        assert!(damaged(|p| p[7] = 0xff));
        assert!(damaged(|p| p.truncate(5)));
        assert!(damaged(|p| p.truncate(p.len() - 1)));
        assert!(!damaged(|_| ()));
    }
}
