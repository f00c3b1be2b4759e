//! Sheets to questions with their answers. A doubtful answer is not read, and no line is left out
//! without being named.

use sonae_domain::disclosure::{
    DisclosureAnswer, DisclosureEdition, DisclosureKind, DisclosureRow,
};
use sonae_domain::edition::Text;

use super::layout::{self, Answers, Headers, Layout};
use super::words::{self, CellMark, Doubt, Fact, Field};
use super::{DisclosureReading, FORMAT, PassedOver, QUESTIONS_MAX};
use crate::ReadError;
use crate::findings::Findings;
use crate::labels::disclosure as labels;
use crate::table::{self, Row, Scope, Sheet, Vocabulary};

/// All questions and remarks together; the official forms have some 20,000 characters.
const TEXT_CHARS_MAX: usize = 400_000;

/// Nobody looks through more headings.
const PASSED_OVER_MAX: usize = 500;

/// A product with a longer name is a sentence that stands beside a label.
const NAME_CHARS_MAX: usize = 200;

/// A short word in the column of numbers that counts as one: `ア`, `(a)`.
const SIGN_CHARS_MAX: usize = 3;

/// Reads a filled form.
///
/// # Errors
/// It does not name itself an MDS or SDS (開示書), is damaged, or beyond a limit.
pub fn read(bytes: &[u8], _file_name: &str) -> Result<DisclosureReading, ReadError> {
    let table = table::load(FORMAT, bytes, Scope::All)?;
    let names_itself = |sheet: &Sheet| {
        let mut cells = sheet.rows.iter().flat_map(Row::filled);
        let name = sheet.name.as_deref().unwrap_or_default();
        words::names_the_form(name) || cells.any(|(_, text)| words::names_the_form(text))
    };
    if !table.sheets.iter().any(names_itself) {
        return Err(ReadError::NoDisclosure);
    }
    let (fields, facts) = (words::fields(), words::facts());
    let read = |sheet| SheetReader::new(sheet, &fields).read();
    let mut sheets: Vec<SheetRead<'_>> = table.sheets.iter().map(read).collect();
    let mut findings = Findings::default();
    leave_out_blank_forms(&mut sheets, &mut findings);
    let mut reading = DisclosureReading {
        kind: kind(&sheets),
        edition: edition(&sheets).unwrap_or_default(),
        ..DisclosureReading::default()
    };
    for sheet in sheets {
        sheet.take_facts(&facts, &mut reading, &mut findings);
        sheet.report(&mut findings);
        reading.rows.extend(sheet.rows);
        reading.passed_over.extend(sheet.passed_over);
    }
    let n_more = reading.passed_over.len().saturating_sub(PASSED_OVER_MAX);
    if n_more > 0 {
        reading.passed_over.truncate(PASSED_OVER_MAX);
        findings.unread(crate::findings::whole(), labels::more_lines(n_more));
    }
    reading.findings = findings.into_vec();
    within_limits(reading)
}

fn within_limits(reading: DisclosureReading) -> Result<DisclosureReading, ReadError> {
    let chars = |row: &DisclosureRow| {
        row.question.chars().count() + row.note.as_deref().map_or(0, |note| note.chars().count())
    };
    let n_chars: usize = reading.rows.iter().map(chars).sum();
    crate::limits::within(FORMAT, "questions", reading.rows.len(), QUESTIONS_MAX)?;
    crate::limits::within(FORMAT, "characters of questions", n_chars, TEXT_CHARS_MAX)?;
    Ok(reading)
}

/// Official files hold the form of an MDS and that of an SDS; vendors fill in one of them.
fn leave_out_blank_forms(sheets: &mut [SheetRead<'_>], findings: &mut Findings) {
    let answered = sheets.iter().filter(|sheet| sheet.is_answered());
    let answered: Vec<DisclosureKind> = answered.filter_map(SheetRead::kind).collect();
    for sheet in sheets.iter_mut() {
        let other = sheet.kind().filter(|kind| !answered.contains(kind));
        if other.is_some() && !answered.is_empty() && !sheet.is_answered() && !sheet.rows.is_empty()
        {
            findings.notice(sheet.sheet.place(None, None), labels::blank_form());
            sheet.is_left_out = true;
            sheet.rows.clear();
            sheet.passed_over.clear();
        }
    }
}

/// What the sheets with questions are; nothing where they do not agree.
fn kind(sheets: &[SheetRead<'_>]) -> Option<DisclosureKind> {
    let with_rows = sheets.iter().filter(|sheet| !sheet.rows.is_empty());
    let mut kinds: Vec<DisclosureKind> = with_rows.flat_map(|sheet| sheet.kinds()).collect();
    if kinds.is_empty() {
        kinds = sheets.iter().flat_map(|sheet| sheet.kinds()).collect();
    }
    agreed(kinds)
}

fn edition(sheets: &[SheetRead<'_>]) -> Option<DisclosureEdition> {
    let texts = sheets
        .iter()
        .flat_map(|sheet| sheet.texts(sheet.others.len()));
    agreed(texts.filter_map(words::edition).collect())
}

fn agreed<T: PartialEq + Copy>(all: Vec<T>) -> Option<T> {
    let first = *all.first()?;
    all.iter().all(|one| *one == first).then_some(first)
}

/// What was read of one sheet.
struct SheetRead<'a> {
    sheet: &'a Sheet,
    rows: Vec<DisclosureRow>,
    passed_over: Vec<PassedOver>,
    /// Rows with an answer and no question.
    stray: Vec<u32>,
    /// Rows that are neither question nor header.
    others: Vec<&'a Row>,
    /// How many of them stand above the first question.
    n_above: usize,
    /// It is the blank one of two forms.
    is_left_out: bool,
}

impl<'a> SheetRead<'a> {
    /// Its name, and the texts of the first of the other rows.
    fn texts(&self, n_rows: usize) -> impl Iterator<Item = &'a str> {
        let (sheet, others) = (self.sheet, self.others.clone());
        let cells = others.into_iter().take(n_rows).flat_map(Row::filled);
        let name = sheet.name.as_deref().into_iter();
        name.chain(cells.map(|(_, text)| text))
    }

    fn kinds(&self) -> Vec<DisclosureKind> {
        let n_rows = match self.rows.is_empty() {
            true => self.others.len(),
            false => self.n_above,
        };
        self.texts(n_rows).flat_map(words::kinds).collect()
    }

    fn kind(&self) -> Option<DisclosureKind> {
        agreed(self.kinds())
    }

    fn is_answered(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.answer != DisclosureAnswer::Unread)
    }

    /// What stands beside labels; the first of each counts.
    fn take_facts(
        &self,
        facts: &Vocabulary<Fact>,
        reading: &mut DisclosureReading,
        findings: &mut Findings,
    ) {
        for row in &self.others {
            let cells: Vec<&str> = row.filled().map(|(_, text)| text).collect();
            for (at, text) in cells.iter().enumerate() {
                let (label, inline) = words::label_and_value(text);
                let Some((_, fact)) = facts.field(label) else {
                    continue;
                };
                let is_value = |text: &&str| facts.field(words::label_and_value(text).0).is_none();
                let next = cells.get(at + 1).copied().filter(is_value);
                let value = inline.or(next).map(one_line);
                let Some(value) = value.filter(|value| value.chars().count() <= NAME_CHARS_MAX)
                else {
                    continue;
                };
                let name = match fact {
                    Fact::Vendor => &mut reading.vendor,
                    Fact::Product => &mut reading.product,
                    Fact::Version => &mut reading.product_version,
                    Fact::Day => {
                        let day = table::day(&value);
                        if day.is_none() {
                            let place = self.sheet.place(Some(row.number), None);
                            findings.notice(place, labels::not_a_day(&value));
                        }
                        reading.stated_on = reading.stated_on.or(day);
                        continue;
                    }
                };
                name.get_or_insert(value);
            }
        }
    }

    /// What a person should know about the sheet.
    fn report(&self, findings: &mut Findings) {
        for row in &self.stray {
            let place = self.sheet.place(Some(*row), None);
            findings.unread(place, labels::answer_without_question());
        }
        if self.rows.is_empty() && !self.sheet.rows.is_empty() && !self.is_left_out {
            let mut cells = self.sheet.rows.iter().flat_map(Row::filled);
            let place = self.sheet.place(None, None);
            match cells.any(|(_, text)| words::is_answer(text)) {
                true => findings.unread(place, labels::no_questions()),
                false => findings.notice(place, labels::no_questions()),
            }
        }
    }
}

/// A sheet while it is read from above.
struct SheetReader<'a, 'v> {
    fields: &'v Vocabulary<Field>,
    read: SheetRead<'a>,
    /// The number that a merged cell carries on.
    number: String,
    /// Questions of this sheet have numbers.
    has_numbers: bool,
}

/// What a row is.
enum Line {
    Question(DisclosureRow),
    /// More words of the question above.
    Continued(String),
    /// An answer to nothing.
    Stray,
    Other,
}

impl<'a, 'v> SheetReader<'a, 'v> {
    fn new(sheet: &'a Sheet, fields: &'v Vocabulary<Field>) -> Self {
        let read = SheetRead {
            sheet,
            rows: Vec::new(),
            passed_over: Vec::new(),
            stray: Vec::new(),
            others: Vec::new(),
            n_above: 0,
            is_left_out: false,
        };
        Self {
            fields,
            read,
            number: String::new(),
            has_numbers: false,
        }
    }

    fn read(mut self) -> SheetRead<'a> {
        let sheet = self.read.sheet;
        let mut headers = Headers::default();
        let mut layout: Option<Layout> = None;
        for row in &sheet.rows {
            if headers.take(row, sheet, self.fields) {
                layout = headers.layout();
                let beside = row
                    .filled()
                    .any(|(_, text)| self.fields.field(text).is_none());
                if beside && !self.read.rows.is_empty() {
                    self.pass_over(row);
                }
                continue;
            }
            match &layout {
                Some(layout) => self.take(row, layout),
                None => self.read.others.push(row),
            }
        }
        if layout.is_none()
            && let Some(layout) = layout::by_content(sheet)
        {
            self.read.others.clear();
            for row in &sheet.rows {
                self.take(row, &layout);
            }
            self.forget_titles();
        }
        self.read
    }

    fn take(&mut self, row: &'a Row, layout: &Layout) {
        match self.line(row, layout) {
            Line::Question(question) => {
                if self.read.rows.is_empty() {
                    self.read.n_above = self.read.others.len();
                }
                self.has_numbers |= !question.number.is_empty();
                self.number.clone_from(&question.number);
                self.read.rows.push(question);
            }
            Line::Continued(text) => {
                if let Some(question) = self.read.rows.last_mut() {
                    question.question = format!("{}\n{text}", question.question);
                }
            }
            Line::Stray => self.read.stray.push(row.number),
            Line::Other => {
                self.read.others.push(row);
                self.pass_over(row);
            }
        }
    }

    /// Without headers nobody knows where the questions begin: what stands above the first is its
    /// title, not a line among them.
    fn forget_titles(&mut self) {
        let first = self.read.rows.first().map_or(0, |question| question.row);
        let is_below = |line: &PassedOver| line.place.row.is_some_and(|row| row > first);
        self.read.passed_over.retain(is_below);
    }

    fn pass_over(&mut self, row: &Row) {
        let texts: Vec<String> = row.filled().map(|(_, text)| one_line(text)).collect();
        self.read.passed_over.push(PassedOver {
            place: self.read.sheet.place(Some(row.number), None),
            text: texts.join(" "),
        });
    }

    fn line(&self, row: &Row, layout: &Layout) -> Line {
        let sheet = self.read.sheet;
        let columns = layout.answers.columns();
        let begins_above = |column: usize| {
            let area = layout::area(sheet, row.number, column);
            area.is_some_and(|area| area.rows.0 < row.number)
        };
        let spans = row.filled().next().is_some_and(|(column, _)| {
            let area = layout::area(sheet, row.number, column);
            let last = area.map_or(column, |area| area.columns.1);
            column < *columns.start() && last >= *columns.start()
        });
        if spans {
            return Line::Other;
        }
        let (mut number, text) = number_and_question(row, layout);
        let has_answer = columns.clone().any(|column| !row.cell(column).is_empty());
        let has_question = layout
            .question
            .clone()
            .any(|column| !row.cell(column).is_empty());
        // A section stands in the column of numbers, and the column of questions is empty.
        if layout.number.is_some() && !has_question && !has_answer && !text.is_empty() {
            return Line::Other;
        }
        let answer = answer(row, &layout.answers);
        if text.is_empty() && number.is_empty() {
            return match answer {
                Ok(_) | Err(NotRead::Doubt(Doubt::TwoMarks)) => Line::Stray,
                Err(_) => Line::Other,
            };
        }
        let numbered = layout.number.is_some() || self.has_numbers;
        if number.is_empty() {
            let carried = layout
                .number
                .as_ref()
                .is_some_and(|at| begins_above(*at.start()));
            let is_part = begins_above(*columns.start()) || begins_above(*layout.question.start());
            match (has_answer, &answer) {
                (false, _) if is_part => return Line::Continued(text),
                (false, _) if numbered && !carried => return Line::Other,
                (true, Err(NotRead::Odd(_))) if numbered && !carried => return Line::Other,
                _ if carried => number.clone_from(&self.number),
                _ => {}
            }
        }
        let note = layout.note.map(|column| row.cell(column).to_owned());
        Line::Question(DisclosureRow {
            sheet: sheet.name.clone(),
            row: row.number,
            number,
            question: text,
            why: answer.as_ref().err().map(NotRead::text),
            answer: answer.unwrap_or(DisclosureAnswer::Unread),
            note: note.filter(|note| !note.is_empty()),
        })
    }
}

/// The number of a row and the words of its question; either may be empty.
fn number_and_question(row: &Row, layout: &Layout) -> (String, String) {
    let is_numbering = |column: usize| {
        let numbers = layout.number.as_ref();
        numbers.is_some_and(|numbers| numbers.contains(&column))
    };
    let is_sign =
        |text: &str| words::is_number(text) || (1..=SIGN_CHARS_MAX).contains(&text.chars().count());
    let first = layout
        .number
        .as_ref()
        .map_or(*layout.question.start(), |numbers| {
            *numbers.start().min(layout.question.start())
        });
    let mut number = String::new();
    let mut texts = Vec::new();
    for column in first..=*layout.question.end() {
        let text = row.cell(column);
        match text {
            "" => {}
            _ if is_numbering(column) && is_sign(text) => text.clone_into(&mut number),
            _ if is_numbering(column) || layout.question.contains(&column) => texts.push(text),
            _ => {}
        }
    }
    let text = texts.join(" ");
    match words::leading_number(&text) {
        Some((leading, rest)) if number.is_empty() => (leading.to_owned(), rest.to_owned()),
        _ => (number, text),
    }
}

/// Why an answer was not read.
enum NotRead {
    Doubt(Doubt),
    /// The cell says something else.
    Odd(String),
}

impl NotRead {
    fn text(&self) -> Text {
        match self {
            Self::Doubt(Doubt::NoMark) => labels::no_mark(),
            Self::Doubt(Doubt::TwoMarks) => labels::two_marks(),
            Self::Odd(cell) => labels::not_an_answer(cell),
        }
    }
}

fn answer(row: &Row, answers: &Answers) -> Result<DisclosureAnswer, NotRead> {
    match answers {
        Answers::Words(columns) => {
            let cells: Vec<&str> = columns.clone().map(|column| row.cell(column)).collect();
            let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            if cells.is_empty() {
                return Err(NotRead::Doubt(Doubt::NoMark));
            }
            let cell = cells.join("・");
            let printed = words::printed(&cell).ok_or_else(|| NotRead::Odd(one_line(&cell)))?;
            words::meant(&printed).map_err(NotRead::Doubt)
        }
        Answers::Marks {
            yes,
            no,
            not_applicable,
        } => {
            let columns = [
                (Some(*yes), DisclosureAnswer::Yes),
                (Some(*no), DisclosureAnswer::No),
                (*not_applicable, DisclosureAnswer::NotApplicable),
            ];
            let mut set = Vec::new();
            for (column, answer) in columns {
                let Some(column) = column else { continue };
                match words::cell_mark(row.cell(column), answer) {
                    CellMark::Blank => {}
                    CellMark::Set => set.push(answer),
                    CellMark::Odd => return Err(NotRead::Odd(one_line(row.cell(column)))),
                }
            }
            match set[..] {
                [answer] => Ok(answer),
                [] => Err(NotRead::Doubt(Doubt::NoMark)),
                _ => Err(NotRead::Doubt(Doubt::TwoMarks)),
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
