//! What all our workbooks share: look, properties, cells typed as what they are.
//! Text is always written as a string, so that nothing a user typed becomes a formula.

use jiff::civil::Date;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use crate::labels;
use crate::width::half_widths;

/// `R7.11.5`: short, and what people write on this form; the cell holds a real date.
const DATE_FORMAT: &str = "[$-411]ge.m.d";
pub(crate) const A4: u8 = 9;
/// Excel's own limit for the height of a row, in points.
pub(crate) const ROW_HEIGHT_MAX: f64 = 409.0;
/// Of one line of 10 point text, in points.
pub(crate) const LINE_HEIGHT: f64 = 13.5;

/// A workbook whose bytes depend on its content and the given day only.
pub(crate) fn new(title: &str, generated_on: Date) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let created = excel_day(generated_on)?;
    book.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author("Sonae")
            .set_creation_datetime(&created),
    );
    Ok(book)
}

fn excel_day(day: Date) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(day.year()).unwrap_or(0);
    ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs())
}

pub(crate) fn plain() -> Format {
    Format::new()
        .set_font_name(labels::FONT)
        .set_font_size(10)
        .set_align(FormatAlign::VerticalCenter)
}

pub(crate) fn small() -> Format {
    plain().set_font_size(8).set_text_wrap()
}

/// Red and bold, for what nobody may overlook.
pub(crate) fn alarm() -> Format {
    small()
        .set_bold()
        .set_font_size(10)
        .set_font_color(Color::RGB(0x00B3_1A12))
}

/// Text keeps a distance from the line at its left.
pub(crate) fn cell() -> Format {
    bordered().set_align(FormatAlign::Left).set_indent(1)
}

pub(crate) fn centred() -> Format {
    bordered().set_align(FormatAlign::Center)
}

fn bordered() -> Format {
    plain().set_text_wrap().set_border(FormatBorder::Thin)
}

/// A line to write a name on.
pub(crate) fn line() -> Format {
    plain().set_border_bottom(FormatBorder::Thin)
}

pub(crate) fn header() -> Format {
    centred()
        .set_bold()
        .set_background_color(Color::RGB(0x00E1_E1E1))
}

pub(crate) fn group() -> Format {
    cell().set_background_color(Color::RGB(0x00F0_F0F0))
}

pub(crate) fn title() -> Format {
    plain()
        .set_bold()
        .set_font_size(14)
        .set_align(FormatAlign::Center)
        .set_text_wrap()
}

/// A date as a date; one that workbooks do not know, before 1900, as text.
pub(crate) fn write_day(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    day: Date,
    format: &Format,
) -> Result<(), XlsxError> {
    match excel_day(day) {
        Ok(date) => {
            let format = format.clone().set_num_format(DATE_FORMAT);
            sheet.write_datetime_with_format(row, column, &date, &format)?;
        }
        Err(_) => {
            sheet.write_string_with_format(row, column, day.to_string(), format)?;
        }
    }
    Ok(())
}

/// An empty cell that shows a date as soon as somebody enters one.
pub(crate) fn write_no_day(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    format: &Format,
) -> Result<(), XlsxError> {
    sheet.write_blank(row, column, &format.clone().set_num_format(DATE_FORMAT))?;
    Ok(())
}

/// Text over some cells; one cell is not merged, because the format does not know that.
pub(crate) fn write_over(
    sheet: &mut Worksheet,
    (first_row, first_column): (u32, u16),
    (last_row, last_column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if (first_row, first_column) == (last_row, last_column) {
        sheet.write_string_with_format(first_row, first_column, text, format)?;
    } else {
        sheet.merge_range(first_row, first_column, last_row, last_column, text, format)?;
    }
    Ok(())
}

/// What the indent and the cell's own padding take from its width, in half-width characters.
const CELL_PADDING: f64 = 2.0;

/// How high a row must be for a text in a column of so many half-width characters.
/// Programs measure merged cells wrongly or not at all, so the height is ours to say.
pub(crate) fn height_of(text: &str, width: f64) -> f64 {
    let width = (width - CELL_PADDING).max(1.0);
    let lines: f64 = text
        .split('\n')
        .map(|line| (half_widths(line) / width).ceil().max(1.0))
        .sum();
    lines * LINE_HEIGHT + 7.0
}

/// Header of each printed page; `&` begins a command there.
pub(crate) fn page_header(left: &str, right: &str) -> String {
    let [left, right] = [left, right].map(|text| text.replace('&', "&&"));
    // A digit after the font size would be read as part of it.
    format!(
        "&L&\"{font},Bold\"&14 {left}&R&\"{font},Regular\"&9 {right}",
        font = labels::FONT
    )
}

/// Footer with file's name, day and page; `&` begins a command there.
pub(crate) fn footer(left: &str) -> String {
    format!("&L&8 {}&R&8&P / &N", left.replace('&', "&&"))
}
