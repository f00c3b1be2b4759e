//! Sheets to forms: what each cell is, from its wording and its neighbours.

use sonae_domain::edition::{Item, SourceDocument};
use sonae_domain::evidence::{ContentHash, Place};

use super::draft;
use super::wording::{self, Year};
use super::{CellRole, EditionDraft, Understood, UnexplainedRow};
use crate::ReadError;
use crate::table::{self, Row, Scope, Sheet};

/// Reads a workbook as a draft. Items with the wording of a previous edition keep its slug.
///
/// # Errors
/// Not a table, no items, no fiscal year anywhere, damaged, or beyond a limit.
pub fn read(bytes: &[u8], file_name: &str, previous: &[Item]) -> Result<EditionDraft, ReadError> {
    let table = table::load(super::FORMAT, bytes, Scope::All)?;
    let mut log = Log::default();
    let sheets: Vec<SheetRead> = table
        .sheets
        .iter()
        .map(|sheet| SheetReader::new(sheet, &mut log).read())
        .collect();
    let forms: Vec<SheetRead> = sheets
        .into_iter()
        .filter(|sheet| !sheet.items.is_empty())
        .collect();
    if forms.is_empty() {
        return Err(ReadError::UnknownFormat);
    }
    let year = year(&forms, file_name).ok_or_else(|| ReadError::Damaged {
        format: super::FORMAT,
        place: forms
            .first()
            .map(|form| form.sheet.clone())
            .unwrap_or_default(),
        why: "no fiscal year such as 令和8年度版".to_owned(),
    })?;
    let document = SourceDocument {
        title: file_name.to_owned(),
        url: None,
        sha256: Some(ContentHash::of(bytes).0),
        read: true,
    };
    let (head, items) = draft::of(forms, year, document, previous);
    Ok(EditionDraft {
        head,
        items,
        understood: log.understood,
        unexplained: log.unexplained,
    })
}

/// What was understood and what not, over all sheets.
#[derive(Debug, Default)]
struct Log {
    understood: Vec<Understood>,
    unexplained: Vec<UnexplainedRow>,
}

/// A text and where it stands, as `様式, B5`.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) at: String,
}

/// One sheet as a form.
#[derive(Debug, Default)]
pub(super) struct SheetRead {
    pub(super) sheet: String,
    pub(super) title: Option<Found>,
    pub(super) labels: Vec<Found>,
    pub(super) notes: Vec<Found>,
    /// With the printed number.
    pub(super) sections: Vec<(String, Found)>,
    pub(super) groups: Vec<Found>,
    pub(super) items: Vec<ItemRead>,
    pub(super) rounds: u8,
    pub(super) has_note_column: bool,
}

/// One item.
#[derive(Debug)]
pub(super) struct ItemRead {
    /// Position among the sections.
    pub(super) section: Option<usize>,
    /// Position among the groups.
    pub(super) group: Option<usize>,
    /// As printed; empty if none is.
    pub(super) number: String,
    pub(super) wording: Found,
}

/// The year of the edition: 年度版 counts most, then 年度, then a month; notes only if nothing else.
fn year(forms: &[SheetRead], file_name: &str) -> Option<i16> {
    let heads = forms.iter().flat_map(|form| {
        let labels = form.labels.iter().map(|label| label.text.as_str());
        form.title
            .iter()
            .map(|title| title.text.as_str())
            .chain(labels)
            .chain([form.sheet.as_str()])
    });
    let heads: Vec<Year> = heads.chain([file_name]).filter_map(wording::year).collect();
    let notes = forms.iter().flat_map(|form| &form.notes);
    heads
        .iter()
        .find(|year| year.is_edition)
        .or_else(|| heads.iter().find(|year| year.is_fiscal))
        .or_else(|| heads.first())
        .copied()
        .or_else(|| notes.filter_map(|note| wording::year(&note.text)).next())
        .map(|year| year.year)
}

/// A sheet while it is read from above.
struct SheetReader<'a> {
    sheet: &'a Sheet,
    log: &'a mut Log,
    read: SheetRead,
    section: Option<usize>,
    group: Option<usize>,
    /// The last row of a group header that is merged over the rows of its items.
    group_ends: Option<u32>,
}

/// What the cells of a row say together.
struct RowSigns {
    /// The number that stands alone in a cell.
    number: Option<String>,
    asks_for_answer: bool,
    has_item: bool,
}

impl<'a> SheetReader<'a> {
    fn new(sheet: &'a Sheet, log: &'a mut Log) -> Self {
        let name = sheet.name.clone().unwrap_or_default();
        let read = SheetRead {
            sheet: name,
            rounds: 1,
            ..SheetRead::default()
        };
        Self {
            sheet,
            log,
            read,
            section: None,
            group: None,
            group_ends: None,
        }
    }

    fn read(mut self) -> SheetRead {
        let sheet = self.sheet;
        for row in &sheet.rows {
            if self.group_ends.is_some_and(|last| row.number > last) {
                (self.group, self.group_ends) = (None, None);
            }
            if row.filled().all(|(_, text)| wording::is_header(text)) {
                self.read_headers(row);
            } else {
                self.read_row(row);
            }
        }
        self.read
    }

    fn read_headers(&mut self, row: &Row) {
        for (column, text) in row.filled() {
            self.read.rounds = self.read.rounds.max(wording::rounds(text).unwrap_or(1));
            self.read.has_note_column |= table::key(text).starts_with("備考");
            self.understood(row, column, text, CellRole::Header);
        }
    }

    fn read_row(&mut self, row: &Row) {
        let alone = |text| wording::number(text).filter(|(_, rest)| rest.is_empty());
        let mut signs = RowSigns {
            number: row
                .filled()
                .find_map(|(_, text)| alone(text))
                .map(|(n, _)| n.to_owned()),
            asks_for_answer: row.filled().any(|(_, text)| wording::asks_for_answer(text)),
            has_item: false,
        };
        let mut left = Vec::new();
        let mut section_number: Option<&str> = None;
        for (column, text) in row.filled() {
            // A section's number in a cell of its own, before its title.
            if text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit()) && signs.number.is_none()
            {
                section_number = Some(text);
                continue;
            }
            match (section_number.take(), self.role(row, column, text, &signs)) {
                (Some(number), None | Some(CellRole::Item)) => {
                    let whole = format!("{number} {text}");
                    self.take(row, column, &whole, CellRole::Section, &mut signs);
                }
                (number, role) => {
                    left.extend(number.map(str::to_owned));
                    match role {
                        Some(role) => self.take(row, column, text, role, &mut signs),
                        None => left.push(text.to_owned()),
                    }
                }
            }
        }
        left.extend(section_number.map(str::to_owned));
        // A number without a wording is an item that we failed to see.
        left.extend(signs.number.filter(|_| !signs.has_item));
        if !left.is_empty() {
            let sheet = self.read.sheet.clone();
            self.log.unexplained.push(UnexplainedRow {
                sheet,
                row: row.number,
                cells: left,
            });
        }
    }

    /// What a cell is, or nothing if that cannot be told.
    fn role(&self, row: &Row, column: usize, text: &str, signs: &RowSigns) -> Option<CellRole> {
        let is_first = self.read.items.is_empty();
        if wording::is_note(text) {
            return Some(CellRole::Note);
        }
        if wording::is_template(text) {
            return Some(CellRole::AnswerTemplate);
        }
        if is_first && self.read.title.is_none() && wording::is_title(text) {
            return Some(CellRole::Title);
        }
        match wording::number(text) {
            Some((_, "")) => return Some(CellRole::Number),
            Some(_) if !signs.has_item => return Some(CellRole::Item),
            _ => {}
        }
        if wording::is_group(text) {
            return Some(CellRole::Group);
        }
        if wording::section(text).is_some() {
            return Some(CellRole::Section);
        }
        if wording::is_label(text) && signs.number.is_none() {
            return Some(CellRole::Label);
        }
        if wording::is_blank_field(text) && signs.number.is_none() {
            return Some(CellRole::Blank);
        }
        let (from, to) = self.rows_of(row.number, column);
        if from < to && !text.contains('。') {
            return Some(CellRole::Section);
        }
        let is_item = signs.number.is_some() || signs.asks_for_answer;
        (is_item && !signs.has_item).then_some(CellRole::Item)
    }

    fn take(&mut self, row: &Row, column: usize, text: &str, role: CellRole, signs: &mut RowSigns) {
        self.understood(row, column, text, role);
        let at = format!("{}, {}{}", self.read.sheet, letters(column), row.number);
        let found = Found {
            text: text.to_owned(),
            at: at.clone(),
        };
        match role {
            CellRole::Title => self.read.title = Some(found),
            CellRole::Label => self.read.labels.push(found),
            CellRole::Note => self.read.notes.push(found),
            CellRole::Section => {
                let next = self.read.sections.len();
                let number = wording::section(text).unwrap_or_else(|| (next + 1).to_string());
                self.read.sections.push((number, found));
                (self.section, self.group, self.group_ends) = (Some(next), None, None);
            }
            CellRole::Group => {
                self.group = Some(self.read.groups.len());
                self.read.groups.push(found);
                let (from, to) = self.rows_of(row.number, column);
                // Beside its items it covers only the rows over which it is merged.
                let is_beside = from < to || signs.asks_for_answer || signs.number.is_some();
                self.group_ends = is_beside.then_some(to);
            }
            CellRole::Item => {
                signs.has_item = true;
                let (number, text) = match (&signs.number, wording::number(text)) {
                    (Some(number), _) => (number.clone(), text),
                    (None, Some((number, rest))) => (number.to_owned(), rest),
                    (None, None) => (String::new(), text),
                };
                let wording = Found {
                    text: text.to_owned(),
                    at,
                };
                let (section, group) = (self.section, self.group);
                self.read.items.push(ItemRead {
                    section,
                    group,
                    number,
                    wording,
                });
            }
            CellRole::Number | CellRole::Header | CellRole::AnswerTemplate | CellRole::Blank => {}
        }
    }

    /// The rows over which a cell is merged.
    fn rows_of(&self, row: u32, column: usize) -> (u32, u32) {
        let starts = |area: &&table::Area| area.rows.0 == row && area.columns.0 == column;
        self.sheet
            .merged
            .iter()
            .find(starts)
            .map_or((row, row), |area| area.rows)
    }

    fn understood(&mut self, row: &Row, column: usize, text: &str, what: CellRole) {
        let column = letters(column);
        let place = Place {
            part: Some(self.read.sheet.clone()),
            row: Some(row.number),
            column: Some(column),
        };
        self.log.understood.push(Understood {
            place,
            what,
            text: text.to_owned(),
        });
    }
}

/// A column as spreadsheets name it: A, Z, AA.
fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters
}
