//! Rows of a ledger to records of devices. A row that cannot be read is a finding, never dropped.

use sonae_domain::evidence::{Place, Reading};
use sonae_domain::ledger::{AssetField, AssetKind, AssetRecord, RemoteMaintenance};

use super::mapping::Columns;
use super::{detect, words};
use crate::findings::Findings;
use crate::labels::tables as labels;
use crate::table::{self, Cells, Header, Row, Scope, Sheet, Table};
use crate::{Input, ReadError, identity};

/// Reads every sheet that has the header row of a ledger.
pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    let table = table::load(super::FORMAT, input.bytes, Scope::All)?;
    let mut findings = Findings::default();
    let mut rows = Vec::new();
    let mut n_ledgers = 0;
    for sheet in &table.sheets {
        match detect::header_row(sheet, input.mapping) {
            Some(header_row) => {
                n_ledgers += 1;
                rows.extend(read_sheet(input, sheet, header_row, &mut findings)?);
            }
            None if sheet.rows.is_empty() => {}
            None => findings.unread(
                sheet.place(None, None),
                labels::sheet_without_header(sheet.rows.len()),
            ),
        }
    }
    if n_ledgers == 0 {
        return Err(if is_blank(&table) {
            ReadError::Empty
        } else {
            ReadError::UnknownFormat
        });
    }
    if rows.is_empty() {
        return Err(ReadError::NoRows {
            format: super::FORMAT,
        });
    }
    Ok(Reading {
        format: super::FORMAT.to_owned(),
        reader_version: super::READER.version,
        source: super::FORMAT.to_owned(),
        collector: super::FORMAT.to_owned(),
        command: None,
        target: None,
        collected_at: None,
        facts: Vec::new(),
        assets: rows.into_iter().flatten().collect(),
        findings: findings.into_vec(),
    })
}

fn is_blank(table: &Table) -> bool {
    table.sheets.iter().all(|sheet| sheet.rows.is_empty())
}

/// The rows of devices; nothing for one that cannot be read.
fn read_sheet(
    input: &Input<'_>,
    sheet: &Sheet,
    header_row: usize,
    findings: &mut Findings,
) -> Result<Vec<Option<AssetRecord>>, ReadError> {
    let (above, rest) = sheet.rows.split_at(header_row);
    let Some((header, rows)) = rest.split_first() else {
        return Ok(Vec::new());
    };
    let headers = table::headers_of(header);
    refuse_forbidden(&headers)?;
    table::report_above(sheet, above, findings);
    let columns = Columns::of(headers.clone(), input.mapping);
    report_columns(sheet, header.number, &columns, findings);
    let mut ledger = Ledger {
        sheet,
        headers,
        columns,
        sheet_kind: None,
    };
    ledger.sheet_kind = ledger.kind_of_sheet(findings);
    let mut read = Vec::new();
    for row in rows {
        if ledger.is_of_device(row, findings) {
            read.push(ledger.read_row(row, findings));
        }
    }
    Ok(read)
}

/// Whole files are refused, since the bytes would be kept as evidence.
pub(super) fn refuse_forbidden(headers: &[Header]) -> Result<(), ReadError> {
    let forbidden = headers.iter().map(|header| &header.text).find(|text| {
        table::is_patient(text) || table::is_password(text) || table::is_birthday(text)
    });
    match forbidden {
        None => Ok(()),
        Some(text) => Err(ReadError::Forbidden {
            format: super::FORMAT,
            what: format!("「{text}」"),
        }),
    }
}

/// The id that our own export prints; a device is recognised by what is written on it instead.
const OWN_ID: &str = "機器ID";

fn report_columns(sheet: &Sheet, row: u32, columns: &Columns, findings: &mut Findings) {
    let place = |header: &Header| -> Place { sheet.place(Some(row), Some(&header.text)) };
    let unmapped = columns
        .unmapped
        .iter()
        .filter(|header| header.text != OWN_ID);
    for header in unmapped {
        findings.notice(place(header), labels::unmapped_column());
    }
    for header in &columns.doubled {
        findings.notice(place(header), labels::doubled_column());
    }
}

/// A sheet with its columns.
struct Ledger<'a> {
    sheet: &'a Sheet,
    headers: Vec<Header>,
    columns: Columns,
    /// What the sheet's name says when there is no column for the kind.
    sheet_kind: Option<AssetKind>,
}

impl Ledger<'_> {
    fn header(&self, field: AssetField) -> Option<&Header> {
        self.columns.by_field.get(&field)?.first()
    }

    fn kind_of_sheet(&self, findings: &mut Findings) -> Option<AssetKind> {
        if self.header(AssetField::Kind).is_some() {
            return None;
        }
        let place = self.sheet.place(None, None);
        let name = self.sheet.name.as_deref().unwrap_or_default();
        let kind = words::kind(name);
        findings.notice(
            place,
            match kind {
                Some(_) => labels::kind_from_sheet(name),
                None => labels::no_kind_column(),
            },
        );
        Some(kind.unwrap_or(AssetKind::Unknown))
    }

    /// Whether a row stands for a device, rather than for the header again or for a total.
    fn is_of_device(&self, row: &Row, findings: &mut Findings) -> bool {
        let place = || self.sheet.place(Some(row.number), None);
        let mut headers = self.headers.iter();
        if headers.all(|header| row.cell(header.column) == header.text) {
            findings.notice(place(), labels::repeated_header());
            return false;
        }
        let is_total = row
            .filled()
            .next()
            .is_some_and(|(_, text)| words::is_total(text));
        if is_total {
            findings.unread(place(), labels::total_row());
        }
        !is_total
    }

    fn read_row(&self, row: &Row, findings: &mut Findings) -> Option<AssetRecord> {
        let mut cells = Cells {
            sheet: self.sheet,
            row,
            findings,
        };
        self.report_headless(&mut cells);
        let Some(name) = cells.text(self.header(AssetField::Name)) else {
            self.report_nameless(&mut cells);
            return None;
        };
        Some(self.record(&mut cells, name))
    }

    /// Cells beside the table, under no header.
    fn report_headless(&self, cells: &mut Cells<'_>) {
        for (column, text) in cells.row.filled() {
            if self.headers.iter().all(|header| header.column != column) {
                cells.row_unread(labels::cell_without_header(text));
            }
        }
    }

    fn report_nameless(&self, cells: &mut Cells<'_>) {
        let note = self
            .header(AssetField::Note)
            .map(|header| cells.row.cell(header.column));
        let mut filled = cells.row.filled();
        let text = match (note, filled.next(), filled.next()) {
            (Some(note), Some((_, only)), None) if note == only => labels::row_of_note(note),
            (_, Some((_, only)), None) => labels::row_of_note(only),
            _ => labels::row_without_name(),
        };
        drop(filled);
        cells.row_unread(text);
    }

    fn record(&self, cells: &mut Cells<'_>, name: String) -> AssetRecord {
        let mut text = |field| cells.text(self.header(field));
        AssetRecord {
            name,
            location: text(AssetField::Location),
            usability: text(AssetField::Usability),
            system: text(AssetField::System),
            vendor: text(AssetField::Vendor),
            maker: text(AssetField::Maker),
            model: text(AssetField::Model),
            directory_id: text(AssetField::DirectoryId),
            os: text(AssetField::Os),
            os_version: text(AssetField::OsVersion),
            owner: text(AssetField::Owner),
            note: text(AssetField::Note),
            kind: self.kind(cells),
            serial: self.serial(cells),
            macs: self.addresses(cells, AssetField::Macs).collect(),
            ips: self.addresses(cells, AssetField::Ips).collect(),
            remote_maintenance: self.remote_maintenance(cells),
            acquired_on: cells.day(self.header(AssetField::AcquiredOn)),
            support_ends_on: cells.day(self.header(AssetField::SupportEndsOn)),
        }
    }

    fn kind(&self, cells: &mut Cells<'_>) -> AssetKind {
        let Some(header) = self.header(AssetField::Kind) else {
            return self.sheet_kind.unwrap_or(AssetKind::Unknown);
        };
        let Some(text) = cells.text(Some(header)) else {
            cells.notice(header, labels::kind_missing());
            return AssetKind::Unknown;
        };
        words::kind(&text).unwrap_or_else(|| {
            cells.notice(header, labels::kind_unknown(&text));
            AssetKind::Unknown
        })
    }

    /// As written on the device; placeholders of makers and people are no serial numbers, and two
    /// devices with the same placeholder must not become one.
    fn serial(&self, cells: &mut Cells<'_>) -> Option<String> {
        let header = self.header(AssetField::Serial)?;
        let text = cells.text(Some(header))?;
        if identity::serial(&text).is_none() {
            cells.notice(header, labels::not_a_serial(&text));
            return None;
        }
        Some(text)
    }

    fn remote_maintenance(&self, cells: &mut Cells<'_>) -> RemoteMaintenance {
        let Some(header) = self.header(AssetField::RemoteMaintenance) else {
            return RemoteMaintenance::Unconfirmed;
        };
        let Some(text) = cells.text(Some(header)) else {
            return RemoteMaintenance::Unconfirmed;
        };
        words::remote_maintenance(&text).unwrap_or_else(|| {
            cells.notice(header, labels::remote_unknown(&text));
            RemoteMaintenance::Unconfirmed
        })
    }

    /// MAC or IP addresses of all columns of the field.
    fn addresses(
        &self,
        cells: &mut Cells<'_>,
        field: AssetField,
    ) -> impl Iterator<Item = String> + use<> {
        let mut found = Vec::new();
        for header in self.columns.by_field.get(&field).into_iter().flatten() {
            let Some(text) = cells.text(Some(header)) else {
                continue;
            };
            for word in address_words(&text, field) {
                match (field, address(word, field)) {
                    (_, Some(address)) => found.push(address),
                    (AssetField::Macs, None) => cells.unread(header, labels::not_a_mac(word)),
                    (_, None) if words::is_dynamic(word) => {
                        cells.notice(header, labels::dynamic_ip(word));
                    }
                    (_, None) => cells.unread(header, labels::not_an_ip(word)),
                }
            }
        }
        found.into_iter()
    }
}

/// The words of a cell; one whole address may hold blanks.
fn address_words(text: &str, field: AssetField) -> Vec<&str> {
    if address(text, field).is_some() {
        return vec![text];
    }
    text.split(|c: char| c.is_whitespace() || ",;|、，；／（）()・".contains(c))
        // A slash separates addresses, or an address from its prefix length.
        .flat_map(|word| match word.split_once('/') {
            Some((_, prefix)) if prefix.len() <= 3 => vec![word],
            _ => word.split('/').collect(),
        })
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect()
}

fn address(word: &str, field: AssetField) -> Option<String> {
    if field == AssetField::Macs {
        let joined: String = word.split_whitespace().collect();
        return identity::mac(word).or_else(|| identity::mac(&joined));
    }
    let is_prefix = |text: &str| text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    match word.split_once('/') {
        Some((address, prefix)) if is_prefix(prefix) => identity::ip(address),
        _ => identity::ip(word),
    }
}
