//! The form as a workbook that can be filled in, sent back and read again without loss.
//! The reader finds the header row by `item_id` and the columns by their headers.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format,
    FormatAlign, Image, Worksheet, XlsxError,
};
use sonae_domain::edition::Wording;
use sonae_domain::era;
use sonae_domain::labels::{Label, Language};

use super::context::{
    Name, chunks, coverage, edition_note, group_of, names, number_told_apart, section_of,
    title_lines, unverified, without_evidence,
};
use super::{FormRow, FormSheet, ReasonShown};
use crate::error::RenderError;
use crate::workbook::{self, LINE_HEIGHT};
use crate::{labels, qr};

/// The form on its first sheet, states and evidence on the second.
///
/// # Errors
/// A text is longer than a cell can hold, or the short code than a QR code can.
pub fn form_xlsx(sheet: &FormSheet<'_>) -> Result<Vec<u8>, RenderError> {
    let title = title_lines(sheet).join(" ");
    let mut book = workbook::new(&title, sheet.generated_on)?;
    let note = sheet.history.as_ref();
    let code = note.and_then(|note| note.code(sheet.language));
    let qr = code.map(|(code, _)| qr::bitmap(code)).transpose()?;
    FormWriter::new(sheet, book.add_worksheet(), qr).write()?;
    if sheet.has_states() {
        write_states(sheet, book.add_worksheet())?;
    }
    Ok(book.save_to_buffer()?)
}

/// 20 mm on paper: a telephone reads it at arm's length.
const QR_PIXELS: u32 = 76;
/// Of the row that holds it, in points.
const QR_ROW_HEIGHT: f64 = 60.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Section,
    Item,
    Number,
    Marks,
    Answer(u8),
    ConfirmedOn(u8),
    TargetOn,
    Note,
    ItemId,
}

impl Column {
    fn all(n_answers: u8) -> Vec<Self> {
        let mut columns = vec![Self::Section, Self::Item, Self::Number, Self::Marks];
        columns.extend([Self::Answer(1), Self::ConfirmedOn(1), Self::TargetOn]);
        for column in 2..=n_answers {
            columns.extend([Self::Answer(column), Self::ConfirmedOn(column)]);
        }
        // Without a place for remarks on the official form they would be lost on the way back.
        columns.extend([Self::Note, Self::ItemId]);
        columns
    }

    fn header(self) -> String {
        match self {
            Self::Section => labels::SECTION.to_owned(),
            Self::Item => labels::ITEM.of(Language::Ja).to_owned(),
            Self::Number => labels::NUMBER.of(Language::Ja).to_owned(),
            Self::Marks => labels::MARKS.to_owned(),
            Self::Answer(i) => labels::round(labels::ANSWER.of(Language::Ja), i),
            Self::ConfirmedOn(i) => labels::round(labels::CONFIRMED_ON, i),
            Self::TargetOn => labels::TARGET_ON.to_owned(),
            Self::Note => labels::NOTE.to_owned(),
            Self::ItemId => labels::ITEM_ID.to_owned(),
        }
    }

    /// In half-width characters.
    fn width(self) -> f64 {
        match self {
            Self::Section => 15.0,
            Self::Item => 45.0,
            Self::Number => 6.5,
            Self::Marks => 6.5,
            Self::Answer(_) => 9.0,
            Self::ConfirmedOn(_) | Self::TargetOn => 9.5,
            Self::Note => 26.0,
            Self::ItemId => 38.0,
        }
    }
}

struct FormWriter<'s, 'a> {
    form: &'s FormSheet<'a>,
    sheet: &'s mut Worksheet,
    columns: Vec<Column>,
    row: u32,
    /// Of the checkpoint, as a bitmap.
    qr: Option<Vec<u8>>,
}

impl<'s, 'a> FormWriter<'s, 'a> {
    fn new(form: &'s FormSheet<'a>, sheet: &'s mut Worksheet, qr: Option<Vec<u8>>) -> Self {
        Self {
            form,
            sheet,
            columns: Column::all(form.n_columns()),
            row: 0,
            qr,
        }
    }

    fn write(mut self) -> Result<(), XlsxError> {
        self.sheet.set_name(labels::SHEET_FORM)?;
        self.write_top()?;
        let header_row = self.row;
        self.write_header()?;
        let first_row = self.row;
        for rows in chunks(self.form) {
            self.write_section(rows)?;
        }
        self.limit_cells(first_row)?;
        self.row += 1;
        self.write_legend()?;
        self.write_history()?;
        self.set_up_print(header_row)
    }

    /// Explains the marks that occur, and no others.
    fn write_legend(&mut self) -> Result<(), XlsxError> {
        let form = self.form.form;
        let items = || self.form.rows.iter().map(|row| row.item);
        let originals = items().any(|item| item.original.is_some());
        let to_verify = items()
            .map(|item| &item.wording)
            .chain([&form.title])
            .chain(&form.notes)
            .chain(items().filter_map(|item| section_of(form, item)))
            .chain(items().filter_map(|item| group_of(form, item)))
            .any(unverified);
        let lines = [
            originals.then_some(labels::LEGEND_ORIGINAL),
            to_verify.then_some(labels::LEGEND_TO_VERIFY),
            Some(labels::LEGEND_OWN),
            edition_note(self.form),
        ];
        for line in lines.into_iter().flatten() {
            self.write_line(line, &workbook::small(), LINE_HEIGHT)?;
        }
        Ok(())
    }

    /// The checkpoint for the eye and for the camera, or why there is none.
    fn write_history(&mut self) -> Result<(), XlsxError> {
        let Some(note) = &self.form.history else {
            return Ok(());
        };
        let language = self.form.language;
        let format = match note.is_alarm() {
            true => workbook::alarm(),
            false => workbook::small(),
        };
        if let Some((code, made_at)) = note.code(language) {
            let title = labels::CHECKPOINT.of(language);
            let line = format!("{title}  {code}  {made_at}");
            self.write_line(&line, &workbook::plain().set_bold(), LINE_HEIGHT + 4.0)?;
        }
        self.write_line(&note.text(language), &format, 2.0 * LINE_HEIGHT)?;
        let Some(qr) = self.qr.take() else {
            return Ok(());
        };
        let picture = Image::new_from_buffer(&qr)?
            .set_scale_to_size(QR_PIXELS, QR_PIXELS, true)
            .set_alt_text(labels::CHECKPOINT_QR.of(language));
        self.sheet.insert_image(self.row, 0, &picture)?;
        self.write_line("", &workbook::small(), QR_ROW_HEIGHT)
    }

    /// The last column that is shown; behind it stands the hidden `item_id`.
    fn last_shown(&self) -> u16 {
        u16::try_from(self.columns.len())
            .unwrap_or(u16::MAX)
            .saturating_sub(2)
    }

    fn write_line(&mut self, text: &str, format: &Format, height: f64) -> Result<(), XlsxError> {
        let last = self.last_shown();
        workbook::write_over(self.sheet, (self.row, 0), (self.row, last), text, format)?;
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    fn write_top(&mut self) -> Result<(), XlsxError> {
        let mut title = title_lines(self.form);
        if let Some(last) = title
            .last_mut()
            .filter(|_| unverified(&self.form.form.title))
        {
            last.push_str(&to_verify(" "));
        }
        for line in title {
            self.write_line(&line, &workbook::title(), 21.0)?;
        }
        let right = workbook::plain().set_align(FormatAlign::Right);
        for Name { label, value } in names(self.form) {
            match value {
                Some(value) => self.write_line(&format!("{label}：{value}"), &right, 18.0)?,
                None => self.write_name_field(label)?,
            }
        }
        for note in &self.form.form.notes {
            self.write_line(&marked(note, " "), &workbook::plain(), LINE_HEIGHT + 2.0)?;
        }
        Ok(())
    }

    /// A label, and right of it an empty cell to be filled in.
    fn write_name_field(&mut self, label: &str) -> Result<(), XlsxError> {
        let (row, last) = (self.row, self.last_shown());
        let right = workbook::plain().set_align(FormatAlign::Right);
        let line = workbook::line();
        self.sheet.write_string_with_format(row, 1, label, &right)?;
        workbook::write_over(self.sheet, (row, 2), (row, last), "", &line)?;
        self.sheet.set_row_height(row, 20.0)?;
        self.row += 1;
        Ok(())
    }

    fn write_header(&mut self) -> Result<(), XlsxError> {
        for (i, column) in (0..).zip(self.columns.clone()) {
            let header = column.header();
            self.sheet
                .write_string_with_format(self.row, i, header, &workbook::header())?;
            self.sheet.set_column_width(i, column.width())?;
            if column == Column::ItemId {
                self.sheet.set_column_hidden(i)?;
            }
        }
        self.sheet.set_row_height(self.row, 2.0 * LINE_HEIGHT)?;
        self.row += 1;
        Ok(())
    }

    fn write_section(&mut self, rows: &[FormRow<'_>]) -> Result<(), XlsxError> {
        let first_row = self.row;
        for rows in rows.chunk_by(|a, b| a.item.group == b.item.group) {
            if let Some(group) = rows.first().and_then(|r| group_of(self.form.form, r.item)) {
                self.write_group(group)?;
            }
            for row in rows {
                self.write_item(row)?;
            }
        }
        let title = rows
            .first()
            .and_then(|r| section_of(self.form.form, r.item));
        let title = title.map_or_else(String::new, |title| marked(title, "\n"));
        let format = workbook::cell().set_bold();
        workbook::write_over(
            self.sheet,
            (first_row, 0),
            (self.row - 1, 0),
            &title,
            &format,
        )
    }

    fn write_group(&mut self, group: &Wording) -> Result<(), XlsxError> {
        let last = self.last_shown();
        let text = &marked(group, " ");
        workbook::write_over(
            self.sheet,
            (self.row, 1),
            (self.row, last),
            text,
            &workbook::group(),
        )?;
        self.sheet.set_row_height(self.row, LINE_HEIGHT + 4.0)?;
        self.row += 1;
        Ok(())
    }

    fn write_item(&mut self, row: &FormRow<'_>) -> Result<(), XlsxError> {
        let question = question(row);
        let note = self.form.note_of(row).unwrap_or_default();
        for (i, column) in (0..).zip(self.columns.clone()) {
            self.write_cell((self.row, i), column, row, &question)?;
        }
        let height = workbook::height_of(&question, Column::Item.width())
            .max(workbook::height_of(note, Column::Note.width()))
            .max(workbook::height_of(&marks(row), Column::Marks.width()));
        self.sheet
            .set_row_height(self.row, height.min(workbook::ROW_HEIGHT_MAX))?;
        self.row += 1;
        Ok(())
    }

    fn write_cell(
        &mut self,
        at: (u32, u16),
        column: Column,
        row: &FormRow<'_>,
        question: &str,
    ) -> Result<(), XlsxError> {
        let (text, format) = match column {
            // Written once for the whole section.
            Column::Section => return Ok(()),
            Column::ConfirmedOn(i) => {
                let day = self
                    .form
                    .answer_in(row, i)
                    .map(|answer| answer.confirmed_on);
                return self.write_day(at, day);
            }
            Column::TargetOn => return self.write_day(at, self.form.target_of(row)),
            Column::Item => (question.to_owned(), workbook::cell()),
            Column::Number => (row.item.number.clone(), workbook::centred()),
            Column::Marks => (marks(row), workbook::centred().set_font_size(8)),
            Column::Answer(i) => {
                let answer = self
                    .form
                    .answer_in(row, i)
                    .map(|a| labels::official(a.value));
                (answer.unwrap_or_default().to_owned(), workbook::centred())
            }
            Column::Note => (
                self.form.note_of(row).unwrap_or_default().to_owned(),
                workbook::cell(),
            ),
            Column::ItemId => (row.item.id.as_str().to_owned(), workbook::plain()),
        };
        self.sheet
            .write_string_with_format(at.0, at.1, text, &format)?;
        Ok(())
    }

    fn write_day(
        &mut self,
        at: (u32, u16),
        day: Option<jiff::civil::Date>,
    ) -> Result<(), XlsxError> {
        match day {
            Some(day) => workbook::write_day(self.sheet, at, day, &workbook::centred()),
            None => workbook::write_no_day(self.sheet, at, &workbook::centred()),
        }
    }

    /// Answers are chosen from a list; a date that is no date is questioned, not refused.
    fn limit_cells(&mut self, first_row: u32) -> Result<(), XlsxError> {
        let last_row = self.row.saturating_sub(1).max(first_row);
        let choices = DataValidation::new()
            .allow_list_strings(&labels::ANSWER_CHOICES)?
            .set_input_title(labels::ANSWER_HINT_TITLE)?
            .set_input_message(labels::ANSWER_HINT)?
            .set_error_message(labels::ANSWER_REFUSED)?;
        let days = DataValidation::new()
            .allow_date(DataValidationRule::GreaterThan(ExcelDateTime::from_ymd(
                2000, 1, 1,
            )?))
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_message(labels::DATE_REFUSED)?;
        for (i, column) in (0..).zip(&self.columns) {
            let rule = match column {
                Column::Answer(_) => &choices,
                Column::ConfirmedOn(_) | Column::TargetOn => &days,
                _ => continue,
            };
            self.sheet
                .add_data_validation(first_row, i, last_row, i, rule)?;
        }
        Ok(())
    }

    fn set_up_print(self, header_row: u32) -> Result<(), XlsxError> {
        let form = self.form;
        let label = format!("{}（{}）", title_lines(form).join(" "), form.form.label);
        let printed_on = labels::PRINTED_ON.of(Language::Ja);
        let day = era::format_era(form.generated_on);
        let last = self.last_shown();
        self.sheet
            .set_paper_size(workbook::A4)
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.4, 0.4, 0.4, 0.6, 0.2, 0.3)
            .set_print_center_horizontally(true)
            .set_screen_gridlines(false)
            .set_footer(workbook::footer(&format!(
                "{label} {printed_on} {day} Sonae"
            )))
            .set_repeat_rows(header_row, header_row)?
            .set_print_area(0, 0, self.row - 1, last)?
            .set_freeze_panes(header_row + 1, 0)?;
        Ok(())
    }
}

fn question(row: &FormRow<'_>) -> String {
    match &row.item.remark {
        Some(remark) => format!("{}\n{remark}", row.item.wording.text),
        None => row.item.wording.text.clone(),
    }
}

fn marks(row: &FormRow<'_>) -> String {
    let original = row.item.original.as_ref().map(|_| labels::ORIGINAL);
    let to_verify = unverified(&row.item.wording).then_some(labels::TO_VERIFY);
    original
        .into_iter()
        .chain(to_verify)
        .collect::<Vec<_>>()
        .join("\n")
}

fn marked(wording: &Wording, separator: &str) -> String {
    if unverified(wording) {
        return format!("{}{}", wording.text, to_verify(separator));
    }
    wording.text.clone()
}

fn to_verify(separator: &str) -> String {
    format!("{separator}（{}）", labels::TO_VERIFY)
}

/// Widths of the second sheet, in half-width characters.
const STATE_WIDTHS: [f64; 8] = [16.0, 36.0, 10.0, 19.0, 29.0, 44.0, 22.0, 12.0];

fn write_states(form: &FormSheet<'_>, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let language = form.language;
    sheet.set_name(labels::SHEET_STATUS)?;
    sheet.write_string_with_format(
        0,
        0,
        labels::STATUS_TITLE.of(language),
        &workbook::plain().set_bold().set_font_size(14),
    )?;
    let own_page = labels::STATUS_OWN_PAGE.of(language);
    sheet.write_string_with_format(1, 0, own_page, &workbook::plain().set_font_size(9))?;
    let header_row = write_counts(form, sheet, 3)? + 1;
    let headers = [
        labels::NUMBER,
        labels::ITEM,
        labels::ANSWER,
        labels::STANDING,
        labels::COVERAGE,
        labels::REASON,
        labels::EVIDENCE_FILE,
        labels::EVIDENCE_DATE,
    ];
    for ((i, header), width) in (0..).zip(headers).zip(STATE_WIDTHS) {
        let header = header.of(language);
        sheet.write_string_with_format(header_row, i, header, &workbook::header())?;
        sheet.set_column_width(i, width)?;
    }
    sheet.set_row_height(header_row, 2.0 * LINE_HEIGHT)?;
    let mut row = header_row + 1;
    for item in &form.rows {
        row = write_state(form, sheet, item, row)?;
    }
    sheet
        .set_paper_size(workbook::A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_footer(workbook::footer(&format!("{} Sonae", form.institution)))
        .set_repeat_rows(header_row, header_row)?
        .set_freeze_panes(header_row + 1, 0)?;
    Ok(())
}

fn write_counts(
    form: &FormSheet<'_>,
    sheet: &mut Worksheet,
    mut row: u32,
) -> Result<u32, XlsxError> {
    let total = u32::try_from(form.rows.len()).unwrap_or(u32::MAX);
    let all = labels::ITEMS_ALL.of(form.language);
    sheet.write_string_with_format(row, 1, all, &workbook::cell())?;
    sheet.write_number_with_format(row, 2, total, &workbook::centred())?;
    sheet.set_row_height(row, LINE_HEIGHT + 4.0)?;
    row += 1;
    for standing in labels::STANDINGS {
        let states = form.rows.iter().filter_map(|row| row.state.as_ref());
        let n_items = states.filter(|state| state.standing == standing).count();
        if n_items == 0 {
            continue;
        }
        let (symbol, _) = labels::standing_mark(standing);
        let word = format!("{symbol} {}", standing.label(form.language));
        let n_items = u32::try_from(n_items).unwrap_or(u32::MAX);
        sheet.write_string_with_format(row, 1, word, &workbook::cell())?;
        sheet.write_number_with_format(row, 2, n_items, &workbook::centred())?;
        sheet.set_row_height(row, LINE_HEIGHT + 4.0)?;
        row += 1;
    }
    Ok(row)
}

/// One row a reason, and one for an item without any; item and standing stand on each, so that
/// the sheet can be filtered.
fn write_state(
    form: &FormSheet<'_>,
    sheet: &mut Worksheet,
    item: &FormRow<'_>,
    mut row: u32,
) -> Result<u32, XlsxError> {
    let reasons = item.state.as_ref().map_or(&[][..], |state| &state.reasons);
    let reasons = reasons.iter().map(Some);
    let none = item
        .state
        .as_ref()
        .is_none_or(|state| state.reasons.is_empty());
    for reason in reasons.chain(none.then_some(None)) {
        write_reason(form, sheet, item, reason, row)?;
        row += 1;
    }
    Ok(row)
}

fn write_reason(
    form: &FormSheet<'_>,
    sheet: &mut Worksheet,
    item: &FormRow<'_>,
    reason: Option<&ReasonShown>,
    row: u32,
) -> Result<(), XlsxError> {
    let language = form.language;
    let state = item.state.as_ref();
    let answer = form
        .answers_shown(item)
        .next()
        .map(|answer| labels::official(answer.value));
    let evidence = reason.and_then(|reason| reason.evidence.as_ref());
    let standing = state.map(|state| {
        let (symbol, _) = labels::standing_mark(state.standing);
        format!("{symbol} {}", state.standing.label(language))
    });
    let file = match (reason, evidence) {
        (None, _) => String::new(),
        (Some(_), None) => state.map_or_else(String::new, |it| without_evidence(it, language)),
        (Some(_), Some(evidence)) => evidence.file_name.clone(),
    };
    let texts = [
        number_told_apart(form, item.item),
        item.item.wording.text.clone(),
        answer.unwrap_or_default().to_owned(),
        standing.unwrap_or_default(),
        state
            .and_then(|state| coverage(state, language))
            .unwrap_or_default(),
        reason.map_or_else(String::new, |r| r.text.get(language).to_owned()),
        file,
    ];
    let heights = texts
        .iter()
        .zip(STATE_WIDTHS)
        .map(|(text, w)| workbook::height_of(text, w));
    let height = heights.fold(0.0, f64::max).min(workbook::ROW_HEIGHT_MAX);
    for (i, text) in (0..).zip(texts) {
        sheet.write_string_with_format(row, i, text, &workbook::cell())?;
    }
    match evidence {
        Some(e) => workbook::write_day(sheet, (row, 7), e.effective_on, &workbook::centred())?,
        None => workbook::write_no_day(sheet, (row, 7), &workbook::centred())?,
    }
    sheet.set_row_height(row, height)?;
    Ok(())
}
