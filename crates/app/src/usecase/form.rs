//! The official form on paper: filled with the answers of the year, or empty to fill by hand.

use std::path::Path;

use sonae_domain::answer::Answer;
use sonae_domain::edition::{Edition, EditionStatus, Form, Text, Wording};
use sonae_domain::ids::{EditionId, FormId, ItemId};
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::Language;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::CheckRow;
pub(crate) use sonae_report::{AnswerShown, FormRow, FormSheet};
use sonae_report::{
    ConfirmationSheet, DeviceAsked, DocumentShown, EvidenceShown, HistoryNote, ItemState,
    ReasonShown, RenderError, RequestLetter,
};

use super::checklist::{Checklist, WhichForm};
use super::documents::DocumentView;
use super::failure::Failure;
use super::files;
use super::labels;
use super::vendor_requests::RequestView;
use super::workspace::Workspace;

/// A page has room for a few of the rows that decided; `sonae why` shows all.
const REASONS_MAX: usize = 3;

/// How the form is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct FormOptions {
    pub(crate) which: WhichForm,
    /// Without answers, to fill by hand.
    pub(crate) blank: bool,
    /// The official form alone, without standing and evidence.
    pub(crate) form_only: bool,
    /// Up to this round of confirmation; nothing means all.
    pub(crate) round: Option<u8>,
    /// Of our own pages; the official form stays Japanese.
    pub(crate) language: Language,
}

/// Kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Pdf,
    Xlsx,
}

/// A form that may be chosen.
pub(crate) struct PrintableForm {
    pub(crate) edition: EditionId,
    pub(crate) form: FormId,
    pub(crate) label: String,
}

/// A form before it is printed.
pub(crate) struct FormPreview {
    pub(crate) edition: EditionId,
    pub(crate) edition_label: String,
    pub(crate) form: FormId,
    pub(crate) title: Wording,
    /// How many confirmations the form has columns for.
    pub(crate) rounds: u8,
    pub(crate) rows: Vec<PreviewRow>,
}

/// A row of a form before it is printed.
pub(crate) struct PreviewRow {
    pub(crate) number: String,
    pub(crate) wording: Wording,
    /// By round.
    pub(crate) answers: Vec<AnswerShown>,
    /// None where the form is printed alone.
    pub(crate) standing: Option<Standing>,
}

impl Workspace {
    /// A form as a file.
    ///
    /// # Errors
    /// No such form, or the store, a check or the typesetter fails.
    pub(crate) async fn form_file(
        &self,
        options: &FormOptions,
        kind: FileKind,
    ) -> Result<Vec<u8>, Failure> {
        if options.blank {
            let (edition, form) = self.form(&options.which)?;
            let sheet = self.sheet(edition, form, blank_rows(edition, form), options);
            return render(&sheet, kind);
        }
        let checklist = self.judge(&options.which, options.round).await?;
        self.judged_form_file(&checklist, options, kind).await
    }

    /// A form that is judged already, as a file.
    ///
    /// # Errors
    /// The store or the typesetter fails.
    pub(crate) async fn judged_form_file(
        &self,
        checklist: &Checklist<'_>,
        options: &FormOptions,
        kind: FileKind,
    ) -> Result<Vec<u8>, Failure> {
        let documents = self.documents().await?;
        // Behind all that was read, so that the checkpoint covers what is printed.
        let history = self.history_note().await;
        let rows = judged_rows(checklist, &documents, options);
        render(&self.own_sheet(checklist, rows, options, history), kind)
    }

    /// The sheet on which the director (院長) confirms how a form stands, as PDF.
    ///
    /// # Errors
    /// No such form, or the store, a check or the typesetter fails.
    pub(crate) async fn confirmation_sheet(
        &self,
        options: &FormOptions,
    ) -> Result<Vec<u8>, Failure> {
        let checklist = self.judge(&options.which, options.round).await?;
        let standings = checklist.standings.iter().map(|item| item.standing);
        let sheet = ConfirmationSheet {
            institution: self.name_on_paper(),
            edition: &checklist.edition.head,
            form: checklist.form,
            standings: standings.collect(),
            history: self.history_note().await,
            language: options.language,
            generated_on: self.today,
        };
        sonae_report::confirmation_sheet_pdf(&sheet).map_err(render_failure)
    }

    /// Writes a form to a file, whole or not at all.
    ///
    /// # Errors
    /// Another ending than `.pdf` or `.xlsx`, no such form, or the file cannot be written.
    pub(crate) async fn write_form(
        &self,
        options: &FormOptions,
        out: &Path,
    ) -> Result<(), Failure> {
        let kind = file_kind(out)?;
        files::write_whole(out, &self.form_file(options, kind).await?)
    }

    /// Writes a form that is judged already, at a start when nobody has added documents yet.
    ///
    /// # Errors
    /// Another ending than `.pdf` or `.xlsx`, or the file cannot be written.
    pub(crate) fn write_judged_form(
        &self,
        checklist: &Checklist<'_>,
        history: &HistoryNote,
        options: &FormOptions,
        out: &Path,
    ) -> Result<(), Failure> {
        let kind = file_kind(out)?;
        let rows = judged_rows(checklist, &[], options);
        let sheet = self.own_sheet(checklist, rows, options, history.clone());
        files::write_whole(out, &render(&sheet, kind)?)
    }

    /// What will be printed, row by row, to look at before.
    ///
    /// # Errors
    /// No such form, or the store or a check fails.
    pub(crate) async fn form_preview(&self, options: &FormOptions) -> Result<FormPreview, Failure> {
        let (edition, form) = self.form(&options.which)?;
        let rows = match options.blank {
            true => blank_rows(edition, form).iter().map(preview).collect(),
            false => {
                let checklist = self.judge(&options.which, options.round).await?;
                let rows = judged_rows(&checklist, &[], options);
                rows.iter().map(preview).collect()
            }
        };
        Ok(FormPreview {
            edition: edition.head.id.clone(),
            edition_label: edition.head.label.clone(),
            form: form.id.clone(),
            title: form.title.clone(),
            rounds: form.rounds.max(1),
            rows,
        })
    }

    /// Every form of every edition that may be printed, the newest edition first.
    pub(crate) fn printable_forms(&self) -> Vec<PrintableForm> {
        let editions = self.catalog.editions.values().rev();
        let printable = editions.filter(|edition| edition.head.status != EditionStatus::Draft);
        printable
            .flat_map(|edition| {
                edition.head.forms.iter().map(|form| PrintableForm {
                    edition: edition.head.id.clone(),
                    form: form.id.clone(),
                    label: format!("{} {}", edition.head.label, form.label),
                })
            })
            .collect()
    }

    /// A form with what people answered, and at its foot what is known about the history of it.
    fn own_sheet<'a>(
        &'a self,
        checklist: &'a Checklist<'_>,
        rows: Vec<FormRow<'a>>,
        options: &FormOptions,
        history: HistoryNote,
    ) -> FormSheet<'a> {
        FormSheet {
            history: Some(history),
            ..self.sheet(checklist.edition, checklist.form, rows, options)
        }
    }

    /// The official form of a judged checklist as it looks on paper, with the answers up to a round.
    pub(crate) fn official_sheet<'a>(
        &'a self,
        checklist: &'a Checklist<'_>,
        round: u8,
    ) -> FormSheet<'a> {
        let options = FormOptions {
            form_only: true,
            round: Some(round),
            ..FormOptions::default()
        };
        let rows = judged_rows(checklist, &[], &options);
        self.sheet(checklist.edition, checklist.form, rows, &options)
    }

    /// The letter that asks a vendor, with the blank form behind it; `url` is where the institution
    /// types the answer of a returned paper.
    ///
    /// # Errors
    /// The edition is gone, the store fails, or the typesetter does.
    pub(crate) async fn request_letter(
        &self,
        view: &RequestView,
        url: &str,
    ) -> Result<Vec<u8>, Failure> {
        let questions = self.questions(view).await?;
        let (edition, form) = (questions.edition, questions.form);
        let devices = questions.devices.iter().map(|(_, record)| DeviceAsked {
            name: record.name.clone(),
            model: record.model.clone().unwrap_or_default(),
        });
        let options = FormOptions {
            blank: true,
            ..FormOptions::default()
        };
        let sheet = FormSheet {
            vendor: &view.vendor,
            ..self.sheet(edition, form, blank_rows(edition, form), &options)
        };
        let letter = RequestLetter {
            vendor: &view.vendor,
            systems: &view.systems,
            made_on: view.request.made_on,
            due_on: view.request.due_on,
            request: view.id.as_str(),
            url,
            devices: devices.collect(),
        };
        sonae_report::request_letter_pdf(&sheet, &letter).map_err(render_failure)
    }

    /// The form of a vendor with what a person took over of its answer; blank before that.
    ///
    /// # Errors
    /// The edition is gone, or the typesetter fails.
    pub(crate) async fn vendor_form_file(
        &self,
        view: &RequestView,
        kind: FileKind,
    ) -> Result<Vec<u8>, Failure> {
        let options = FormOptions {
            which: view.which_form(),
            form_only: true,
            ..FormOptions::default()
        };
        let (edition, form) = self.form(&options.which)?;
        let mut rows = blank_rows(edition, form);
        for row in &mut rows {
            let taken = view.taken_answer(&row.item.id);
            row.answers.extend(taken.as_ref().map(AnswerShown::from));
        }
        let history = match rows.iter().any(|row| !row.answers.is_empty()) {
            true => Some(self.history_note().await),
            false => None,
        };
        let sheet = FormSheet {
            vendor: &view.vendor,
            history,
            ..self.sheet(edition, form, rows, &options)
        };
        render(&sheet, kind)
    }

    /// The institution's name; empty where nobody has given it one.
    fn name_on_paper(&self) -> &str {
        match self.institution.name.as_str() {
            labels::INSTITUTION_UNNAMED => "",
            name => name,
        }
    }

    fn sheet<'a>(
        &'a self,
        edition: &'a Edition,
        form: &'a Form,
        rows: Vec<FormRow<'a>>,
        options: &FormOptions,
    ) -> FormSheet<'a> {
        FormSheet {
            edition: &edition.head,
            form,
            institution: self.name_on_paper(),
            vendor: "",
            rows,
            blank: options.blank,
            generated_on: self.today,
            language: options.language,
            history: None,
        }
    }
}

fn file_kind(out: &Path) -> Result<FileKind, Failure> {
    match out.extension().and_then(|ending| ending.to_str()) {
        Some("pdf") => Ok(FileKind::Pdf),
        Some("xlsx") => Ok(FileKind::Xlsx),
        _ => Err(Failure::refused(labels::unknown_output(out, ".pdf, .xlsx"))),
    }
}

fn render(sheet: &FormSheet<'_>, kind: FileKind) -> Result<Vec<u8>, Failure> {
    let rendered = match kind {
        FileKind::Pdf => sonae_report::form_pdf(sheet),
        FileKind::Xlsx => sonae_report::form_xlsx(sheet),
    };
    rendered.map_err(render_failure)
}

/// What the renderer says, in words that a person can act on.
pub(crate) fn render_failure(error: RenderError) -> Failure {
    let failure = match &error {
        RenderError::NotInCp932(places) => Failure::refused(labels::not_in_cp932(places)),
        RenderError::TooManyRows { n_rows, n_rows_max } => {
            Failure::refused(labels::too_many_rows(*n_rows, *n_rows_max))
        }
        _ => Failure::unexpected(labels::form_not_rendered()),
    };
    failure.because(error)
}

fn preview(row: &FormRow<'_>) -> PreviewRow {
    let mut answers = row.answers.clone();
    answers.sort_by_key(|answer| answer.round);
    PreviewRow {
        number: row.item.number.clone(),
        wording: row.item.wording.clone(),
        answers,
        standing: row.state.as_ref().map(|state| state.standing),
    }
}

fn blank_rows<'a>(edition: &'a Edition, form: &'a Form) -> Vec<FormRow<'a>> {
    edition
        .items_of(&form.id)
        .map(|item| FormRow {
            item,
            answers: Vec::new(),
            state: None,
        })
        .collect()
}

/// The rows of a judged checklist as they are printed.
pub(crate) fn judged_rows<'a>(
    checklist: &'a Checklist<'_>,
    documents: &[DocumentView],
    options: &FormOptions,
) -> Vec<FormRow<'a>> {
    let shown = |answer: &&Answer| options.round.is_none_or(|round| answer.round <= round);
    checklist
        .standings
        .iter()
        .filter_map(|standing| {
            let item = checklist.item(standing)?;
            let of_item = checklist
                .answers
                .iter()
                .filter(|answer| answer.item == item.id)
                .filter(shown);
            Some(FormRow {
                item,
                answers: of_item.map(AnswerShown::from).collect(),
                state: (!options.form_only).then(|| ItemState {
                    documents: documents_shown(documents, &item.id),
                    ..state(checklist, standing)
                }),
            })
        })
        .collect()
}

fn state(checklist: &Checklist<'_>, standing: &ItemStanding) -> ItemState {
    let Some(check) = standing.decided_by.as_ref() else {
        let text = Text {
            ja: checklist.reason(standing, Language::Ja),
            en: checklist.reason(standing, Language::En),
        };
        let reasons = vec![ReasonShown {
            text,
            evidence: None,
        }];
        return ItemState {
            standing: standing.standing,
            coverage: None,
            reasons,
            documents: Vec::new(),
        };
    };
    let decided = checklist.judged.verdicts.get(check);
    let mut reasons: Vec<ReasonShown> = decided
        .into_iter()
        .flat_map(|decided| {
            decided
                .rows
                .iter()
                .filter(|row| row.verdict == decided.verdict)
        })
        .take(REASONS_MAX)
        .map(|row| ReasonShown {
            text: Text {
                ja: named_reason(checklist, standing, row, Language::Ja),
                en: named_reason(checklist, standing, row, Language::En),
            },
            evidence: evidence_shown(checklist, row),
        })
        .collect();
    if reasons.is_empty() {
        let text = Text {
            ja: labels::no_evidence(Language::Ja).to_owned(),
            en: labels::no_evidence(Language::En).to_owned(),
        };
        reasons.push(ReasonShown {
            text,
            evidence: None,
        });
    }
    ItemState {
        standing: standing.standing,
        coverage: Some(standing.coverage),
        reasons,
        documents: Vec::new(),
    }
}

fn documents_shown(documents: &[DocumentView], item: &ItemId) -> Vec<DocumentShown> {
    let of_item = documents
        .iter()
        .filter(|view| view.document.items.contains(item));
    of_item
        .map(|view| DocumentShown {
            title: view.document.title.clone(),
            effective_on: view.evidence.effective_on,
        })
        .collect()
}

fn named_reason(
    checklist: &Checklist<'_>,
    standing: &ItemStanding,
    row: &CheckRow,
    language: Language,
) -> String {
    let sentence = standing
        .decided_by
        .as_ref()
        .map(|check| checklist.row_reason(check, row, language))
        .unwrap_or_default();
    format!("{}: {sentence}", checklist.subject_name(&row.subject))
}

fn evidence_shown(checklist: &Checklist<'_>, row: &CheckRow) -> Option<EvidenceShown> {
    let evidence = checklist.judged.evidence.get(row.evidence_id.as_ref()?)?;
    Some(EvidenceShown {
        file_name: evidence.file_name.clone(),
        effective_on: evidence.effective_on,
    })
}
