//! The file of a backup, as `docs/reference/backup.md` tells: a ZIP with lines of JSON for each table
//! and a manifest with their hashes; the last bytes are the hash of all bytes before them.
//! Which database the rows come from or go to is not known here.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sonae_store::{Cause, Cell, Rows, Sink, Source};
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

/// What the manifest calls the file.
const FORMAT: &str = "sonae-backup";

/// Counts up when a program that knows the former version could not read the file.
const VERSION: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// Twenty tables of twenty columns are 10 KiB.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// An evidence file of 64 MiB is 86 MiB in base64; what its reader made of it is no larger.
const LINE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The comment of a ZIP is its end, so that the hash can stand there.
const SEAL: &str = "sha256:";

/// SHA-256 in hexadecimal digits.
const SEAL_BYTES: u64 = 64;

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    #[serde(flatten)]
    kind: Kind,
    /// The program that wrote it.
    pub(super) program: String,
    /// Of the tables, when it was written.
    pub(super) schema: i64,
    /// The moment that it shows.
    pub(super) made_at: Timestamp,
    /// By name.
    pub(super) tables: Vec<Table>,
}

/// Read first: what follows may be of a shape that this program does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kind {
    format: String,
    version: u32,
}

/// A table of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<String>,
    pub(super) n_rows: u64,
    /// Of its lines.
    sha256: String,
}

/// Why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackupError {
    /// The disk says no.
    #[error(transparent)]
    Io(io::Error),
    /// It is not a backup, or no longer.
    #[error("{0}")]
    Damaged(&'static str),
    /// The ZIP is broken.
    #[error("not a readable ZIP")]
    Zip(#[source] ZipError),
    /// A line or the manifest is broken.
    #[error("not the JSON of a backup")]
    Json(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("{what} {found} is newer than {known}, the newest that this program knows")]
    Newer {
        what: &'static str,
        found: i64,
        known: i64,
    },
    /// The rows are not those that the manifest speaks of.
    #[error("the rows are not those of the backup")]
    OtherRows,
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData => Self::Damaged("it is cut off"),
            _ => Self::Io(error),
        }
    }
}

impl From<ZipError> for BackupError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            other => Self::Zip(other),
        }
    }
}

/// Where lines go.
pub(super) trait Place: Write + Send {
    /// The lines of a table begin.
    fn begin(&mut self, table: &str) -> Result<(), BackupError>;
}

/// Nowhere: only hashes and numbers are wanted.
impl Place for io::Sink {
    fn begin(&mut self, _: &str) -> Result<(), BackupError> {
        Ok(())
    }
}

impl<W: Write + Seek + Send> Place for ZipWriter<W> {
    fn begin(&mut self, table: &str) -> Result<(), BackupError> {
        Ok(self.start_file(file_of(table), packed())?)
    }
}

/// Makes lines of a dump, and counts and hashes them.
pub(super) struct Lines<P> {
    place: P,
    tables: Vec<Table>,
    hash: Sha256,
    expected: Option<Vec<Table>>,
}

impl<'a> Lines<ZipWriter<BufWriter<&'a File>>> {
    /// Writes them into an empty file.
    pub(super) fn into_file(file: &'a File) -> Self {
        Self::new(ZipWriter::new(BufWriter::new(file)), None)
    }

    /// Writes what stands behind the tables, and sees to it that all lies on the disk.
    pub(super) fn finish(self, program: &str, made_at: Timestamp) -> Result<(), BackupError> {
        let manifest = Manifest {
            kind: Kind {
                format: FORMAT.to_owned(),
                version: VERSION,
            },
            program: program.to_owned(),
            schema: sonae_store::schema(),
            made_at,
            tables: self.tables,
        };
        let mut zip = self.place;
        zip.start_file(MANIFEST, packed())?;
        zip.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
        zip.set_comment(format!("{SEAL}{}", "0".repeat(64)))?;
        let file = zip.finish()?.into_inner().map_err(|e| e.into_error())?;
        let seal = hash_before_seal(file)?;
        let mut file = file;
        file.write_all(seal.as_bytes())?;
        Ok(file.sync_all()?)
    }
}

impl Lines<io::Sink> {
    /// Keeps no line, but accepts the end only if all tables are as they should be.
    pub(super) fn compared(expected: Vec<Table>) -> Self {
        Self::new(io::sink(), Some(expected))
    }
}

impl<P: Place> Lines<P> {
    fn new(place: P, expected: Option<Vec<Table>>) -> Self {
        Self {
            place,
            tables: Vec::new(),
            hash: Sha256::new(),
            expected,
        }
    }

    /// The tables; in full after the end.
    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    fn end_table(&mut self) {
        let sha256 = hex::encode(self.hash.finalize_reset());
        if let Some(table) = self.tables.last_mut() {
            table.sha256 = sha256;
        }
    }

    fn write(&mut self, cells: &[Cell]) -> Result<(), BackupError> {
        let cells: Vec<_> = cells.iter().map(JsonCell::from).collect();
        let mut line = serde_json::to_vec(&cells)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.place.write_all(&line)?;
        if let Some(table) = self.tables.last_mut() {
            table.n_rows += 1;
        }
        Ok(())
    }
}

impl<P: Place> Sink for Lines<P> {
    fn begin(&mut self, name: &str, columns: &[String]) -> Result<(), Cause> {
        self.end_table();
        self.place.begin(name)?;
        self.tables.push(Table {
            name: name.to_owned(),
            columns: columns.to_vec(),
            n_rows: 0,
            sha256: String::new(),
        });
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Cause> {
        Ok(self.write(cells)?)
    }

    fn end(&mut self) -> Result<(), Cause> {
        self.end_table();
        self.tables.sort_by(|one, other| one.name.cmp(&other.name));
        match &self.expected {
            Some(expected) if *expected != self.tables => Err(BackupError::OtherRows.into()),
            _ => Ok(()),
        }
    }
}

/// A backup that was read to its end and found whole.
pub(super) struct Backup {
    zip: ZipArchive<BufReader<File>>,
    pub(super) manifest: Manifest,
}

impl Backup {
    /// Reads all of a file before anything is done with it.
    ///
    /// # Errors
    /// A single bit is not as it was written, or a newer program wrote it.
    pub(super) fn open(file: File) -> Result<Self, BackupError> {
        let seal = hash_before_seal(&file)?;
        let mut written = String::new();
        (&file).take(SEAL_BYTES).read_to_string(&mut written)?;
        if written != seal {
            return Err(BackupError::Damaged("its hash is another"));
        }
        let mut zip = ZipArchive::new(BufReader::new(file))?;
        let manifest = manifest_of(&mut zip)?;
        let mut backup = Self { zip, manifest };
        backup.read_all()?;
        Ok(backup)
    }

    /// Lines that give the same hashes when they are written again are whole, and can be read.
    fn read_all(&mut self) -> Result<(), BackupError> {
        let expected = self.manifest.tables.clone();
        let mut lines = Lines::compared(expected.clone());
        for table in &expected {
            let broken = |cause: Cause| match cause.downcast() {
                Ok(error) => *error,
                Err(_) => BackupError::OtherRows,
            };
            lines.begin(&table.name, &table.columns).map_err(broken)?;
            let rows = self.rows(file_of(&table.name))?;
            for cells in rows {
                lines.write(&cells?)?;
            }
        }
        lines.end().map_err(|_| BackupError::OtherRows)
    }

    fn rows(
        &mut self,
        file: String,
    ) -> Result<impl Iterator<Item = Result<Vec<Cell>, BackupError>> + Send, BackupError> {
        let mut lines = BufReader::new(self.zip.by_name(&file)?);
        let mut next = move || -> Result<Option<Vec<Cell>>, BackupError> {
            let mut line = Vec::new();
            let n_bytes = (&mut lines)
                .take(LINE_BYTES_MAX)
                .read_until(b'\n', &mut line)?;
            if n_bytes == 0 {
                return Ok(None);
            }
            let cells: Vec<JsonCell<'_>> = serde_json::from_slice(&line)?;
            cells
                .into_iter()
                .map(JsonCell::into_cell)
                .collect::<Result<_, _>>()
                .map(Some)
        };
        Ok(std::iter::from_fn(move || next().transpose()))
    }
}

impl Source for Backup {
    fn table(&mut self, name: &str) -> Result<Option<Rows<'_>>, Cause> {
        let table = self.manifest.tables.iter().find(|table| table.name == name);
        let Some(table) = table.cloned() else {
            return Ok(None);
        };
        let cells = self.rows(file_of(name))?;
        Ok(Some(Rows {
            columns: table.columns,
            cells: Box::new(cells.map(|cells| cells.map_err(Cause::from))),
        }))
    }
}

/// A cell as it stands in a line.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum JsonCell<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
    Bytes { base64: String },
}

impl<'a> From<&'a Cell> for JsonCell<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(*number),
            Cell::Text(text) => Self::Text(Cow::Borrowed(text)),
            Cell::Bytes(bytes) => Self::Bytes {
                base64: STANDARD.encode(bytes),
            },
        }
    }
}

impl JsonCell<'_> {
    fn into_cell(self) -> Result<Cell, BackupError> {
        Ok(match self {
            Self::Null => Cell::Null,
            Self::Integer(number) => Cell::Integer(number),
            Self::Text(text) => Cell::Text(text.into_owned()),
            Self::Bytes { base64 } => Cell::Bytes(
                STANDARD
                    .decode(base64)
                    .map_err(|_| BackupError::Damaged("bytes that are no base64"))?,
            ),
        })
    }
}

/// The hash of a file up to its seal, before which the file then stands.
fn hash_before_seal(mut file: &File) -> Result<String, BackupError> {
    let n_bytes = file.seek(SeekFrom::End(0))?;
    let n_sealed = n_bytes.checked_sub(SEAL_BYTES);
    let n_sealed = n_sealed.ok_or(BackupError::Damaged("it is too short"))?;
    file.rewind()?;
    let mut hash = Sha256::new();
    io::copy(
        &mut BufReader::new(file).take(n_sealed),
        &mut HashWriter(&mut hash),
    )?;
    file.seek(SeekFrom::Start(n_sealed))?;
    Ok(hex::encode(hash.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn manifest_of(zip: &mut ZipArchive<BufReader<File>>) -> Result<Manifest, BackupError> {
    let mut bytes = Vec::new();
    zip.by_name(MANIFEST)?
        .take(MANIFEST_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    let newer = |what, found, known| BackupError::Newer { what, found, known };
    let kind: Kind = serde_json::from_slice(&bytes)?;
    if kind.format != FORMAT {
        return Err(BackupError::Damaged("it is a ZIP of another kind"));
    }
    if kind.version > VERSION {
        return Err(newer("format", kind.version.into(), VERSION.into()));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes)?;
    if manifest.schema > sonae_store::schema() {
        return Err(newer("schema", manifest.schema, sonae_store::schema()));
    }
    if zip.len() != manifest.tables.len() + 1 {
        return Err(BackupError::Damaged("files are missing or too many"));
    }
    Ok(manifest)
}

fn file_of(table: &str) -> String {
    format!("tables/{table}.ndjson")
}

/// Evidence is packed in the database already; the fast level takes away what base64 added.
fn packed() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o600)
        // A table may be larger than 4 GiB, and nobody knows before it is written.
        .large_file(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(made: impl FnOnce(&File)) -> File {
        let file = tempfile::tempfile().unwrap();
        made(&file);
        file
    }

    /// A backup of one table with every kind of cell.
    fn whole(file: &File) {
        let mut lines = Lines::into_file(file);
        let columns = ["a", "b"].map(str::to_owned);
        lines.begin("things", &columns).unwrap();
        for row in rows() {
            lines.row(&row).unwrap();
        }
        lines.end().unwrap();
        lines.finish("sonae 9", Timestamp::UNIX_EPOCH).unwrap();
    }

    fn rows() -> [Vec<Cell>; 3] {
        [
            vec![Cell::Integer(i64::MIN), Cell::Text("院長\n\"{}".to_owned())],
            vec![Cell::Null, Cell::Bytes((0..=255).collect())],
            vec![Cell::Text("null".to_owned()), Cell::Bytes(Vec::new())],
        ]
    }

    #[test]
    fn what_was_written_is_read() {
        let mut backup = Backup::open(file(whole)).unwrap();
        assert_eq!(backup.manifest.program, "sonae 9");
        assert!(backup.table("others").unwrap().is_none());
        let read = backup.table("things").unwrap().unwrap();
        assert_eq!(read.columns, ["a", "b"]);
        let read: Result<Vec<_>, _> = read.cells.collect();
        assert_eq!(read.unwrap(), rows());
    }

    #[test]
    fn every_bit_counts() {
        let good = file(whole);
        let n_bytes = good.metadata().unwrap().len();
        let mut bytes = Vec::new();
        (&good).rewind().unwrap();
        (&good).read_to_end(&mut bytes).unwrap();
        for at in 0..n_bytes {
            let bad = file(|mut file| {
                let mut bytes = bytes.clone();
                bytes[usize::try_from(at).unwrap()] ^= 1 << (at % 8);
                file.write_all(&bytes).unwrap();
            });
            assert!(Backup::open(bad).is_err(), "byte {at}");
            let cut = file(|mut file| {
                let kept = &bytes[..usize::try_from(at).unwrap()];
                file.write_all(kept).unwrap();
            });
            assert!(Backup::open(cut).is_err(), "cut at {at}");
        }
    }

    /// A file with a good seal on what these files say.
    fn sealed(files: &[(&str, &str)]) -> String {
        let file = file(|file| {
            let mut zip = ZipWriter::new(file);
            for (name, text) in files {
                zip.start_file(*name, packed()).unwrap();
                zip.write_all(text.as_bytes()).unwrap();
            }
            zip.set_comment(format!("{SEAL}{}", "0".repeat(64)))
                .unwrap();
            zip.finish().unwrap();
            let seal = hash_before_seal(file).unwrap();
            let mut file = file;
            file.write_all(seal.as_bytes()).unwrap();
        });
        match Backup::open(file) {
            Ok(_) => "whole".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_good_seal_alone_is_not_enough() {
        const LINES: &str = "[1,\"x\"]\n[2,null]\n";
        let sha256 = hex::encode(Sha256::digest(LINES));
        let manifest = |change: (&str, &str)| {
            format!(
                r#"{{"format": "sonae-backup", "version": 1, "program": "sonae 1", "schema": 1,
                "made_at": "2026-11-21T03:00:00Z", "tables": [{{"name": "t",
                "columns": ["a", "b"], "n_rows": 2, "sha256": "{sha256}"}}]}}"#
            )
            .replace(change.0, change.1)
        };
        let with = |change, lines| {
            let manifest = manifest(change);
            sealed(&[("tables/t.ndjson", lines), (MANIFEST, &manifest)])
        };
        assert_eq!(with(("", ""), LINES), "whole");
        for (change, expected) in [
            (("sonae-backup", "x"), "it is a ZIP of another kind"),
            (
                ("version\": 1", "version\": 2"),
                "format 2 is newer than 1, the newest that this program knows",
            ),
            (
                ("n_rows\": 2", "n_rows\": 3"),
                "the rows are not those of the backup",
            ),
            (("\"made_at\"", "\"x\""), "not the JSON of a backup"),
            (("\"t\"", "\"u\""), "not a readable ZIP"),
        ] {
            assert_eq!(with(change, LINES), expected, "{change:?}");
        }
        let newer = with(("schema\": 1", "schema\": 999"), LINES);
        assert!(newer.starts_with("schema 999 is newer than "), "{newer}");
        for (lines, expected) in [
            (
                "[1,\"y\"]\n[2,null]\n",
                "the rows are not those of the backup",
            ),
            ("[1,\"x\"]\n", "the rows are not those of the backup"),
            ("[1,\"x\"]\n[2,null]\n\n", "not the JSON of a backup"),
            ("[1,true]\n", "not the JSON of a backup"),
            ("[1,{\"base64\":\"*\"}]\n", "bytes that are no base64"),
        ] {
            assert_eq!(with(("", ""), lines), expected, "{lines}");
        }
        let manifest = manifest(("", ""));
        let more = [("tables/t.ndjson", LINES), ("x", ""), (MANIFEST, &manifest)];
        assert_eq!(sealed(&more), "files are missing or too many");
        assert_eq!(sealed(&[("x", "")]), "not a readable ZIP");
    }
}
