//! A template and a context to a PDF. The typesetter sees a world of embedded fonts and two or
//! three files in memory: no disk, no network, no clock, no packages.
//! What a user typed reaches it as JSON only, never as template source.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use crate::error::RenderError;
use crate::glyphs;

/// A report's template, embedded in the binary.
pub(crate) struct Template {
    /// Name of its folder.
    pub(crate) report: &'static str,
    /// The typst source.
    pub(crate) source: &'static str,
    /// Tagged PDF helps readers who cannot see, but makes long tables 13 times larger.
    pub(crate) tagged: bool,
}

/// A PDF, and what is worth knowing about it.
pub(crate) struct Rendered {
    pub(crate) bytes: Vec<u8>,
    /// For tests of the layout.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests count pages"))]
    pub(crate) n_pages: usize,
    /// What the typesetter would like to have otherwise; empty in every test.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests look at warnings"))]
    pub(crate) warnings: String,
}

const BASE: &str = include_str!("../../../templates/reports/base.typ");

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files: [&'static [u8]; 3] = [
        include_bytes!("../fonts/BIZUDGothic-Regular.ttf"),
        include_bytes!("../fonts/BIZUDGothic-Bold.ttf"),
        include_bytes!("../fonts/NotoSansCJKjp-Fallback.otf"),
    ];
    files
        .into_iter()
        .flat_map(|file| Font::iter(Bytes::new(file)))
        .collect()
});
static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> =
    LazyLock::new(|| LazyHash::new(Library::builder().build()));

struct ReportWorld {
    main: Source,
    base: Source,
    data: (FileId, Bytes),
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.base]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 {
            Ok(self.data.1.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Renders a context; the same context and day give the same bytes.
pub(crate) fn render(
    template: &Template,
    context: &impl Serialize,
    generated_on: Date,
) -> Result<Rendered, RenderError> {
    let world = world(template, context)?;
    let refused = |errors: &[SourceDiagnostic]| RenderError::Template {
        report: template.report,
        message: said(errors),
    };
    let compiled = typst::compile::<PagedDocument>(&world);
    let rendered = compiled.output.and_then(|document| {
        let bytes = typst_pdf::pdf(&document, &options(template, generated_on))?;
        Ok((bytes, document.pages().len()))
    });
    // The typesetter's cache is global and would keep every report ever made.
    typst::comemo::evict(0);
    let (bytes, n_pages) = rendered.map_err(|errors| refused(&errors))?;
    Ok(Rendered {
        bytes,
        n_pages,
        warnings: said(&compiled.warnings),
    })
}

fn world(template: &Template, context: &impl Serialize) -> Result<ReportWorld, RenderError> {
    let as_context = |source| RenderError::Context {
        report: template.report,
        source,
    };
    let mut data = serde_json::to_value(context).map_err(as_context)?;
    let missing = glyphs::replace_unprintable(&mut data, &printable);
    let data = serde_json::json!({ "context": data, "missing": missing });
    let data = serde_json::to_vec(&data).map_err(as_context)?;
    // File ids are interned for the life of the program, so the paths are always the same.
    let id = |path| file_id(template.report, path);
    Ok(ReportWorld {
        main: Source::new(id(template.report)?, template.source.to_owned()),
        base: Source::new(id("base.typ")?, BASE.to_owned()),
        data: (id("data.json")?, Bytes::new(data)),
    })
}

fn file_id(report: &'static str, path: &str) -> Result<FileId, RenderError> {
    let path = VirtualPath::new(path).map_err(|error| RenderError::Template {
        report,
        message: format!("{error:?}"),
    })?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

fn printable(c: char) -> bool {
    FONTS
        .iter()
        .any(|font| font.info().coverage.contains(u32::from(c)))
}

fn options(template: &Template, generated_on: Date) -> PdfOptions {
    let midnight = Datetime::from_ymd_hms(
        generated_on.year().into(),
        generated_on.month().unsigned_abs(),
        generated_on.day().unsigned_abs(),
        0,
        0,
        0,
    );
    PdfOptions {
        creator: Smart::Custom(Some("Sonae".to_owned())),
        timestamp: midnight.map(Timestamp::new_utc),
        tagged: template.tagged,
        ..PdfOptions::default()
    }
}

fn said(diagnostics: &[SourceDiagnostic]) -> String {
    diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect::<Vec<_>>()
        .join("; ")
}
