//! Texts as QR codes: SVG that stands inside a page or on a printed sheet. Dark on light whatever
//! the theme, because many readers do not find an inverted code.

use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::error::RenderError;
use crate::svg::{self, Element};

/// Survives a stain on 15 % of the code, and stays coarse enough for an old telephone.
const CORRECTION: EcLevel = EcLevel::M;
/// The light edge that the standard asks for, in modules.
const QUIET_ZONE: usize = 4;
/// On the screen; the page may scale it.
const PIXELS_A_MODULE: f64 = 4.0;
/// In a workbook: at the size of a stamp a pixel is 0.15 mm, and the file 50 kB larger.
const BITMAP_PIXELS_A_MODULE: usize = 4;
/// Both headers of a bitmap.
const BITMAP_HEAD_BYTES: usize = 54;
/// How a code says that its bytes are UTF-8.
const ECI_UTF_8: u32 = 26;

/// A QR code as an `svg` element of class `qr`; `id` begins the ids inside, `title` says what it
/// leads to.
///
/// # Errors
/// The text is too long, or the drawing cannot be written.
pub fn qr_svg(id: &str, title: &str, text: &str) -> Result<String, RenderError> {
    let code = encoded(text)?;
    let width = n_modules(&code) * PIXELS_A_MODULE;
    let picture = svg::picture(id, "qr", (width, width), (title, None));
    drawn(picture, &code)
}

/// The same for the typesetter, which does not announce pictures.
pub(crate) fn printed(text: &str) -> Result<String, RenderError> {
    let picture = Element::new("svg").with("xmlns", "http://www.w3.org/2000/svg");
    drawn(picture, &encoded(text)?)
}

/// The same for a workbook: a bitmap of 24 bits a pixel, the only picture without compression that
/// programs for workbooks read. A row is a multiple of 4 bytes, because a module is 4 pixels wide.
pub(crate) fn bitmap(text: &str) -> Result<Vec<u8>, RenderError> {
    let code = encoded(text)?;
    let n_pixels = BITMAP_PIXELS_A_MODULE * (code.width() + 2 * QUIET_ZONE);
    let n_bytes = BITMAP_HEAD_BYTES + 3 * n_pixels * n_pixels;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let mut bitmap = b"BM".to_vec();
    for field in [n_bytes, 0, BITMAP_HEAD_BYTES, 40, n_pixels, n_pixels] {
        bitmap.extend(number(field));
    }
    // One plane of 24 bits, not compressed; sizes and colours as the rest says.
    bitmap.extend([1, 0, 24, 0]);
    bitmap.resize(BITMAP_HEAD_BYTES, 0);
    let module = |pixel: usize| (pixel / BITMAP_PIXELS_A_MODULE).checked_sub(QUIET_ZONE);
    let is_dark = |x: usize, y: usize| match (module(x), module(y)) {
        (Some(x), Some(y)) if x.max(y) < code.width() => code[(x, y)] == Color::Dark,
        _ => false,
    };
    // The lowest row comes first.
    for y in (0..n_pixels).rev() {
        for x in 0..n_pixels {
            bitmap.extend([if is_dark(x, y) { 0 } else { u8::MAX }; 3]);
        }
    }
    Ok(bitmap)
}

fn encoded(text: &str) -> Result<QrCode, QrError> {
    if text.is_ascii() {
        return QrCode::with_error_correction_level(text, CORRECTION);
    }
    // Left to itself, the crate takes bytes of UTF-8 for kanji of Shift JIS wherever they look so.
    let mut encoded = Err(QrError::DataTooLong);
    for version in (1..=40).map(Version::Normal) {
        encoded = utf8_bits(text, version).and_then(|bits| QrCode::with_bits(bits, CORRECTION));
        if encoded.is_ok() {
            break;
        }
    }
    encoded
}

fn utf8_bits(text: &str, version: Version) -> Result<Bits, QrError> {
    let mut bits = Bits::new(version);
    bits.push_eci_designator(ECI_UTF_8)?;
    bits.push_byte_data(text.as_bytes())?;
    bits.push_terminator(CORRECTION)?;
    Ok(bits)
}

/// On a side, with the quiet zone.
fn n_modules(code: &QrCode) -> f64 {
    let n_modules = code.width() + 2 * QUIET_ZONE;
    u32::try_from(n_modules).unwrap_or(u32::MAX).into()
}

fn drawn(picture: Element, code: &QrCode) -> Result<String, RenderError> {
    let (width, unit) = (n_modules(code), PIXELS_A_MODULE);
    let ground = Element::of_class("rect", "qr-light")
        .at("width", width * unit)
        .at("height", width * unit)
        .with("fill", "#fff");
    let modules = Element::of_class("path", "qr-dark")
        .with("fill", "#000")
        .with("transform", format!("scale({unit})"))
        .with("shape-rendering", "crispEdges")
        .with("d", path(code));
    let picture = picture.holding([ground, modules]);
    picture.to_text().map_err(RenderError::Svg)
}

/// Dark modules, line by line; what lies side by side is one rectangle.
fn path(code: &QrCode) -> String {
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, y) in colors.chunks(code.width()).zip(QUIET_ZONE..) {
        let mut x = QUIET_ZONE;
        for run in row.chunk_by(|a, b| a == b) {
            let n = run.len();
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{x} {y}h{n}v1h-{n}z"));
            }
            x += n;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    use super::*;

    #[test]
    fn a_golden_code_can_stand_inside_a_page() {
        let svg = qr_svg(
            "qr",
            "受付PC <台帳>",
            "https://sonae.example.jp/assets/A-0001",
        )
        .unwrap();
        assert!(!svg.contains("style") && !svg.contains("<?xml"));
        expect_file!["../golden/qr.svg"].assert_eq(&svg.replace("><", ">\n<"));
    }

    #[test]
    fn a_bitmap_shows_the_same_modules_as_the_drawing() {
        let text = "12345-3K9D-0FMP-1WXT-ABCD";
        let (code, bitmap) = (encoded(text).unwrap(), bitmap(text).unwrap());
        let n_modules = code.width() + 2 * QUIET_ZONE;
        let n_pixels = n_modules * BITMAP_PIXELS_A_MODULE;
        assert_eq!(bitmap.len(), BITMAP_HEAD_BYTES + 3 * n_pixels * n_pixels);
        let middle = |module: usize| module * BITMAP_PIXELS_A_MODULE + BITMAP_PIXELS_A_MODULE / 2;
        let mut read = String::new();
        for y in 0..n_modules {
            for x in 0..n_modules {
                let row = n_pixels - 1 - middle(y);
                let at = BITMAP_HEAD_BYTES + 3 * (row * n_pixels + middle(x));
                read.push(if bitmap[at] == 0 { '#' } else { '.' });
            }
        }
        let mut expected = vec!['.'; n_modules * n_modules];
        for (i, color) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (i % code.width(), i / code.width());
            if color == Color::Dark {
                expected[(y + QUIET_ZONE) * n_modules + x + QUIET_ZONE] = '#';
            }
        }
        assert_eq!(read, expected.into_iter().collect::<String>());
    }

    #[test]
    fn each_text_takes_the_smallest_code_that_holds_it() {
        // Of the standard's table for level M, in bytes: 14 in version 1, 2,331 in version 40;
        // the mark for UTF-8 takes 12 bits.
        for (text, version) in [
            (String::new(), Ok(1)),
            ("x".repeat(14), Ok(1)),
            ("x".repeat(15), Ok(2)),
            ("x".repeat(2_331), Ok(40)),
            ("x".repeat(2_332), Err(QrError::DataTooLong)),
            ("備え医院".to_owned(), Ok(1)),
            ("備え医院様".to_owned(), Ok(2)),
            ("備".repeat(776), Ok(40)),
            ("備".repeat(777), Err(QrError::DataTooLong)),
        ] {
            let code = encoded(&text).map(|code| code.version());
            assert_eq!(code, version.map(Version::Normal), "{text}");
        }
    }
}
