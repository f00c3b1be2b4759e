//! A remark of an inspector in words, as the institution and the inspector read it.

use sonae_domain::ids::{EvidenceId, RecordId};
use sonae_domain::inspection::{
    Correction, InspectionRemark, Rechecked, RemarkSource, RemarkState,
};

use crate::usecase::evidence::ItemLink;
use crate::usecase::inspection_remarks::{DocumentSince, ShownBy};
use crate::usecase::inspections::InspectionView;
use crate::usecase::package::contents::RemarkEntry;
use crate::web::values::Badge;
use crate::web::visit::Visitor;
use crate::web::words::Words;

/// A remark in words.
pub(super) struct RemarkShown {
    pub(super) id: RecordId,
    /// Number and wording of the row; none for a remark on the whole.
    pub(super) item: Option<(String, String)>,
    pub(super) text: String,
    pub(super) due_on: Option<String>,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) source: String,
    pub(super) state: Badge,
    pub(super) is_settled: bool,
    pub(super) correction: Option<CorrectionShown>,
    /// When the correction was recorded, as a form sends it back.
    pub(super) correction_at: String,
    /// What the inspector said about the correction.
    pub(super) recheck: Option<RecheckShown>,
}

/// What the institution did, in words.
pub(super) struct CorrectionShown {
    pub(super) text: String,
    pub(super) done_on: String,
    pub(super) by: String,
    pub(super) documents: Vec<DocumentShown>,
}

/// A document that shows a correction.
pub(super) struct DocumentShown {
    pub(super) title: String,
    /// Its bytes; none where they are not at hand.
    pub(super) evidence: Option<EvidenceId>,
    /// What became of it since.
    pub(super) since: &'static str,
}

/// What the inspector said about it, in words.
pub(super) struct RecheckShown {
    pub(super) settled: bool,
    pub(super) note: Option<String>,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) source: String,
}

impl RemarkShown {
    /// Those of an inspection.
    pub(super) fn all(visitor: &Visitor, view: &InspectionView) -> Vec<Self> {
        let words = visitor.words();
        let authority = &view.inspection.authority;
        let shown = view.remarks.iter().map(|view| {
            let documents = view.documents.iter().map(|it| document(it, words));
            let (remark, item) = (&view.remark, view.item.as_ref());
            Self::of(
                words,
                authority,
                (remark, view.state),
                item,
                documents.collect(),
            )
        });
        shown.collect()
    }

    /// One of an earlier inspection, as a package has it. Its documents stayed at home.
    pub(super) fn earlier(
        words: Words,
        entry: &RemarkEntry,
        state: RemarkState,
        item: Option<&ItemLink>,
    ) -> Self {
        let documents = entry.documents.iter().map(|title| DocumentShown {
            title: title.clone(),
            evidence: None,
            since: "",
        });
        let remark = (&entry.remark, state);
        Self::of(words, &entry.authority, remark, item, documents.collect())
    }

    fn of(
        words: Words,
        authority: &str,
        (remark, state): (&InspectionRemark, RemarkState),
        item: Option<&ItemLink>,
        documents: Vec<DocumentShown>,
    ) -> Self {
        let (said, correction) = (&remark.said, remark.correction.as_ref());
        Self {
            id: said.id.clone(),
            item: item.map(|item| (item.number.clone(), item.text.clone())),
            text: said.text.clone(),
            due_on: said.due_on.map(|day| words.day(day)),
            by: said.by.clone(),
            at: words.moment(said.at),
            source: source(words, authority, &remark.source),
            state: badge(state, words),
            is_settled: state == RemarkState::Settled,
            correction_at: correction
                .map(|correction| correction.stamp.at.to_string())
                .unwrap_or_default(),
            correction: correction.map(|it| CorrectionShown::of(words, it, documents)),
            recheck: (remark.recheck.as_ref()).map(|it| RecheckShown::of(words, authority, it)),
        }
    }
}

impl CorrectionShown {
    fn of(words: Words, correction: &Correction, documents: Vec<DocumentShown>) -> Self {
        Self {
            text: correction.text.clone(),
            done_on: words.day(correction.done_on),
            by: correction.stamp.by.clone(),
            documents,
        }
    }
}

impl RecheckShown {
    fn of(words: Words, authority: &str, recheck: &Rechecked) -> Self {
        Self {
            settled: recheck.said.settled,
            note: recheck.said.note.clone(),
            by: recheck.said.by.clone(),
            at: words.moment(recheck.said.at),
            source: source(words, authority, &recheck.source),
        }
    }
}

/// Styled like the standing that means as much to do.
fn badge(state: RemarkState, words: Words) -> Badge {
    let wire = match state {
        RemarkState::Overdue => "overdue",
        RemarkState::Open => "planned",
        RemarkState::Corrected => "ready_to_confirm",
        RemarkState::Settled => "backed",
    };
    Badge {
        wire: wire.to_owned(),
        ..Badge::of(state, words.language)
    }
}

fn document(shown: &ShownBy, words: Words) -> DocumentShown {
    DocumentShown {
        title: shown.title.clone(),
        evidence: Some(shown.evidence.clone()),
        since: match shown.since {
            DocumentSince::Same => "",
            DocumentSince::Replaced => words.get("inspections.document_replaced"),
            DocumentSince::TakenAway => words.get("inspections.document_taken_away"),
            DocumentSince::Unknown => words.get("inspections.document_unknown"),
        },
    }
}

/// How a remark came, in words; with the authority that a file names, if that is another one.
fn source(words: Words, authority: &str, source: &RemarkSource) -> String {
    let how = match source {
        RemarkSource::Link => words.get("inspections.by_link").to_owned(),
        RemarkSource::File {
            entered_by,
            signed_by: None,
            ..
        } => words.with("inspections.by_unsigned_file", &[("by", entered_by)]),
        RemarkSource::File {
            entered_by,
            signed_by: Some(key),
            ..
        } => words.with(
            "inspections.by_signed_file",
            &[("by", entered_by), ("key", key)],
        ),
        RemarkSource::Paper { entered_by } => {
            words.with("inspections.by_paper", &[("by", entered_by)])
        }
    };
    match source.other_authority(authority) {
        None => how,
        Some(other) => {
            let other = words.with("inspections.other_authority", &[("authority", &other)]);
            format!("{how} {other}")
        }
    }
}
