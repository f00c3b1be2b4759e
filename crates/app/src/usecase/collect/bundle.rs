//! The file that carries a collection to Sonae: a ZIP of a manifest and one file of lines a table.
//! The same collection gives the same bytes.

use std::io::{Cursor, Write};

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sonae_domain::evidence::ContentHash;
use sonae_domain::fact::{FactRows, FactValue};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::Collection;
use super::seen::gap_rows;

/// What the reader looks for in the manifest.
const FORMAT: &str = "sonae-bundle";
const VERSION: u32 = 1;

/// Readable by everybody: the file says what is secret by itself, which is nothing.
const PERMISSIONS: u32 = 0o644;

/// Why a collection could not be put into a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    /// A row cannot be written as JSON.
    #[error("writing `{file}`")]
    Json {
        /// The entry of the ZIP.
        file: String,
        #[source]
        source: serde_json::Error,
    },
    /// An entry does not fit the ZIP.
    #[error("packing `{file}`")]
    Zip {
        /// The entry of the ZIP.
        file: String,
        #[source]
        source: zip::result::ZipError,
    },
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: &'a str,
    version: u32,
    collector: &'a str,
    collected_at: Timestamp,
    host: Host<'a>,
    as_root: bool,
    tables: Vec<TableEntry>,
}

#[derive(Serialize)]
struct Host<'a> {
    key: &'a str,
    hostname: &'a str,
    serial: Option<&'a str>,
}

#[derive(Serialize)]
struct TableEntry {
    table: String,
    file: String,
    n_rows: usize,
    sha256: ContentHash,
}

/// One row as a JSON object, its columns in the table's order.
struct Row<'a> {
    columns: &'a [String],
    values: &'a [FactValue],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, value) in self.columns.iter().zip(self.values) {
            map.serialize_entry(column, value)?;
        }
        map.end()
    }
}

/// Packs a collection.
///
/// # Errors
/// A row cannot be written, or the ZIP cannot be built.
pub(crate) fn bundle(collection: &Collection, collector: &str) -> Result<Vec<u8>, BundleError> {
    let gaps = gap_rows(&collection.gaps);
    let mut tables = Vec::new();
    let mut files = Vec::new();
    for rows in collection.tables.iter().chain([&gaps]) {
        let file = format!("{}.jsonl", rows.table);
        let bytes = lines(rows, &file)?;
        tables.push(TableEntry {
            table: rows.table.clone(),
            file: file.clone(),
            n_rows: rows.rows.len(),
            sha256: ContentHash::of(&bytes),
        });
        files.push((file, bytes));
    }
    let manifest = Manifest {
        format: FORMAT,
        version: VERSION,
        collector,
        collected_at: collection.collected_at,
        host: Host {
            key: &collection.host_key,
            hostname: &collection.hostname,
            serial: collection.serial.as_deref(),
        },
        as_root: collection.as_root,
        tables,
    };
    let file = "manifest.json".to_owned();
    let mut bytes = serde_json::to_vec_pretty(&manifest).map_err(|source| BundleError::Json {
        file: file.clone(),
        source,
    })?;
    bytes.push(b'\n');
    files.insert(0, (file, bytes));
    pack(&files)
}

fn lines(rows: &FactRows, file: &str) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for values in &rows.rows {
        serde_json::to_writer(
            &mut bytes,
            &Row {
                columns: &rows.columns,
                values,
            },
        )
        .map_err(|source| BundleError::Json {
            file: file.to_owned(),
            source,
        })?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn pack(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, BundleError> {
    // The start of DOS time, so that the bytes do not depend on when they were packed.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(PERMISSIONS);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (file, bytes) in files {
        zip.start_file(file, options)
            .and_then(|()| Ok(zip.write_all(bytes)?))
            .map_err(|source| BundleError::Zip {
                file: file.clone(),
                source,
            })?;
    }
    let packed = zip.finish().map_err(|source| BundleError::Zip {
        file: "the end of the file".to_owned(),
        source,
    })?;
    Ok(packed.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use expect_test::expect;
    use sonae_domain::fact::{FactRows, FactValue};
    use zip::ZipArchive;

    use super::super::seen::{Gap, GapCode};
    use super::{Collection, bundle};

    fn collection() -> Collection {
        let mut users = FactRows::new("users", &["uid", "username", "shell"]);
        users
            .rows
            .push(vec![0.into(), "root".into(), FactValue::Null]);
        users.rows.push(vec![1000.into(), "佐藤".into(), "".into()]);
        Collection {
            hostname: "srv-01".to_owned(),
            host_key: "machine:0123".to_owned(),
            serial: None,
            as_root: false,
            collected_at: "2026-11-21T03:00:00Z".parse().unwrap(),
            tables: vec![users],
            gaps: vec![Gap {
                table: "shadow",
                code: GapCode::NeedsRoot,
                detail: "/etc/shadow".to_owned(),
            }],
        }
    }

    #[test]
    fn manifest_first_then_a_file_a_table() {
        let bytes = bundle(&collection(), "sonae 0.1.0").unwrap();
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).unwrap();
            text += &format!("--- {}\n", entry.name().unwrap());
            entry.read_to_string(&mut text).unwrap();
        }
        expect![[r#"
            --- manifest.json
            {
              "format": "sonae-bundle",
              "version": 1,
              "collector": "sonae 0.1.0",
              "collected_at": "2026-11-21T03:00:00Z",
              "host": {
                "key": "machine:0123",
                "hostname": "srv-01",
                "serial": null
              },
              "as_root": false,
              "tables": [
                {
                  "table": "users",
                  "file": "users.jsonl",
                  "n_rows": 2,
                  "sha256": "51b7fcc207a5437bae65b0f0228c73af0a6456fa2a388495b4add62a314ef7f4"
                },
                {
                  "table": "collection_gaps",
                  "file": "collection_gaps.jsonl",
                  "n_rows": 1,
                  "sha256": "369146245f9eecd14a74ccce6bce99f2866d1c40b6e841a57bc6716606b37c08"
                }
              ]
            }
            --- users.jsonl
            {"uid":0,"username":"root","shell":null}
            {"uid":1000,"username":"佐藤","shell":""}
            --- collection_gaps.jsonl
            {"table_name":"shadow","code":"needs_root","detail":"/etc/shadow"}
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn the_same_collection_gives_the_same_bytes() {
        let pack = || bundle(&collection(), "sonae 0.1.0").unwrap();
        assert_eq!(pack(), pack());
    }
}
