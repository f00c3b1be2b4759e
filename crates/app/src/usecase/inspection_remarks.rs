//! What inspectors remark, and what the institution does about it. A remark is never changed; it is
//! settled by what an inspector says, and how that came is kept with it.

use jiff::civil::Date;
use sonae_domain::edition::{Edition, Item};
use sonae_domain::ids::{EvidenceId, ItemId, RecordId};
use sonae_domain::inspection::{
    Correction, CorrectionDocument, InspectionRemark, REMARK_CHARS_MAX, REMARKS_MAX, Recheck,
    Rechecked, Remark, RemarkFile, RemarkSource, RemarkState,
};
use sonae_domain::signed::{self, Purpose};

use super::answering::refuse_secret;
use super::checklist::WhichForm;
use super::deadlines::{Deadline, DeadlineKind, Undated};
use super::documents::DocumentView;
use super::evidence::ItemLink;
use super::failure::Failure;
use super::first_visit::{day, filled, required};
use super::inspections::{InspectionView, InspectorVisit};
use super::labels;
use super::register_forms::Typed;
use super::registers::{Kept, Saved, Seen, record_change};
use super::workspace::Workspace;

/// A remark with how it stands.
#[derive(Debug, Clone)]
pub(crate) struct RemarkView {
    pub(crate) id: RecordId,
    pub(crate) version: i64,
    pub(crate) remark: InspectionRemark,
    pub(crate) state: RemarkState,
    /// The row that it is about.
    pub(crate) item: Option<ItemLink>,
    /// What shows the correction.
    pub(crate) documents: Vec<ShownBy>,
}

/// A document that shows a correction.
#[derive(Debug, Clone)]
pub(crate) struct ShownBy {
    pub(crate) title: String,
    /// Where its bytes are.
    pub(crate) evidence: EvidenceId,
    pub(crate) since: DocumentSince,
}

/// What became of a document after it was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentSince {
    /// Its bytes are still the same.
    Same,
    /// It holds other bytes now.
    Replaced,
    TakenAway,
    /// An older record does not say what it was: it is shown as it is now.
    Unknown,
}

impl RemarkView {
    fn seen(&self) -> Seen {
        Seen {
            id: self.id.clone(),
            version: Some(self.version),
        }
    }

    /// Whether a recheck says something that is not known yet. One that came before is passed over, so
    /// that an old file changes nothing.
    ///
    /// # Errors
    /// It comes in a way that is less to be believed than the remark, or it is about a correction that is
    /// not the present one.
    fn is_news(&self, recheck: &Recheck, source: &RemarkSource) -> Result<bool, Failure> {
        let refused = |text| Err(Failure::refused(text).at("file"));
        let kept = self.remark.recheck.as_ref();
        if kept.is_some_and(|kept| recheck.at <= kept.said.at) {
            return Ok(false);
        }
        let key = key_of(&self.remark.source);
        if key.is_some() && key_of(source) != key {
            return refused(labels::recheck_by_another());
        }
        let corrected = self.remark.correction.as_ref().map(|it| it.stamp.at);
        match recheck.correction == corrected {
            true => Ok(true),
            false => refused(labels::recheck_of_other_correction()),
        }
    }

    /// What the institution has to do, whether there is a day for it or not.
    fn task(&self) -> Option<Undated> {
        let is_open = matches!(self.state, RemarkState::Open | RemarkState::Overdue);
        is_open.then(|| Undated {
            title: labels::remark_to_correct(self.item.as_ref().map(|item| item.number.as_str())),
            note: labels::as_written(&self.remark.said.text),
            link: format!("/inspections/{}#{}", self.remark.inspection, self.id),
        })
    }

    /// The same by its day, where there is one.
    fn deadline(&self) -> Option<Deadline> {
        let on = self.remark.said.due_on?;
        let Undated { title, note, link } = self.task()?;
        Some(Deadline {
            kind: DeadlineKind::Remark,
            on,
            about: self.id.to_string(),
            title,
            note,
            link,
        })
    }
}

impl Workspace {
    /// All remarks, those with something to do first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn remarks(&self) -> Result<Vec<RemarkView>, Failure> {
        let kept = self.kept::<InspectionRemark>().await?;
        let mut corrections = kept.iter().filter_map(|kept| kept.body.correction.as_ref());
        let documents = match corrections.any(|correction| !correction.documents.is_empty()) {
            true => self.documents().await?,
            false => Vec::new(),
        };
        let view = |kept| self.remark_view(kept, &documents);
        let mut views: Vec<RemarkView> = kept.into_iter().map(view).collect();
        views.sort_by(|a, b| {
            let key =
                |view: &RemarkView| (view.state, view.remark.said.due_on.unwrap_or(Date::MAX));
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(views)
    }

    fn remark_view(&self, kept: Kept<InspectionRemark>, documents: &[DocumentView]) -> RemarkView {
        let item = kept.body.said.item.as_ref();
        let named = kept.body.correction.iter().flat_map(|it| &it.documents);
        RemarkView {
            documents: named.filter_map(|it| shown_by(it, documents)).collect(),
            state: kept.body.state(self.today),
            item: item.and_then(|item| self.item_link_of(item)),
            id: kept.id,
            version: kept.version,
            remark: kept.body,
        }
    }

    /// A row of any edition as people speak of it.
    pub(crate) fn item_link_of(&self, item: &ItemId) -> Option<ItemLink> {
        let mut editions = self.catalog.editions.values();
        let (edition, item) =
            editions.find_map(|edition: &Edition| Some((edition, edition.item(item)?)))?;
        Some(Self::item_link(edition, item))
    }

    /// Days by which remarks are to be corrected.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn remark_deadlines(&self) -> Result<Vec<Deadline>, Failure> {
        let remarks = self.remarks().await?;
        Ok(remarks.iter().filter_map(RemarkView::deadline).collect())
    }

    /// Remarks to be corrected for which the inspector set no day.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn remarks_without_day(&self) -> Result<Vec<Undated>, Failure> {
        let mut remarks = self.remarks().await?;
        remarks.retain(|view| view.remark.said.due_on.is_none());
        Ok(remarks.iter().filter_map(RemarkView::task).collect())
    }

    /// Takes the file in that an inspector sent back, after everything in it was looked at: one thing that
    /// cannot be refuses all of it.
    ///
    /// # Errors
    /// It is no such file, for another institution or another package; a remark of it is here in
    /// other words; or the store fails.
    pub(crate) async fn take_remarks(
        &self,
        view: &InspectionView,
        bytes: &[u8],
        by: &str,
    ) -> Result<(), Failure> {
        let refused = |text| Failure::refused(text).at("file");
        let (body, signed_by) = match signed::is_signed(bytes) {
            false => (bytes.to_vec(), None),
            true => {
                let opened = signed::open(Purpose::InspectorRemarks, bytes);
                let opened = opened
                    .map_err(|error| refused(labels::remarks_not_opened(error)).because(error))?;
                let signer = labels::signed_as(&opened.signer);
                (opened.body.into_bytes(), Some(signer))
            }
        };
        let file = RemarkFile::read(&body);
        let file = file.map_err(|error| refused(labels::remark_file(&error)).because(error))?;
        if file.institution != self.institution.id {
            return Err(refused(labels::remarks_of_other_institution()));
        }
        if file.root != view.inspection.root {
            return Err(refused(labels::remarks_of_other_package()));
        }
        let source = RemarkSource::File {
            entered_by: by.to_owned(),
            signed_by,
            authority: Some(file.authority),
        };
        self.keep_remarks(
            view,
            file.remarks,
            file.rechecks.into_iter().collect(),
            source,
            by,
        )
        .await
    }

    /// Keeps remarks and rechecks, all or none, after all of them were looked at.
    async fn keep_remarks(
        &self,
        view: &InspectionView,
        remarks: Vec<Remark>,
        rechecks: Vec<(RecordId, Recheck)>,
        source: RemarkSource,
        by: &str,
    ) -> Result<(), Failure> {
        let all = self.remarks().await?;
        let known = |id: &RecordId| all.iter().find(|other| other.id == *id);
        let (old, new): (Vec<Remark>, Vec<Remark>) = remarks
            .into_iter()
            .partition(|remark| known(&remark.id).is_some());
        for remark in old.iter().chain(&new) {
            self.refuse_remark(view, remark, known(&remark.id))?;
        }
        if view.remarks.len() + new.len() > REMARKS_MAX {
            return Err(Failure::refused(labels::too_many_remarks(REMARKS_MAX)).at("file"));
        }
        let mut rechecked = Vec::new();
        for (id, recheck) in rechecks {
            refuse_secret(recheck.note.as_deref())?;
            let of_nothing = || Failure::refused(labels::recheck_of_nothing()).at("file");
            let of = known(&id).ok_or_else(of_nothing)?;
            if of.is_news(&recheck, &source)? {
                rechecked.push((of, recheck));
            }
        }
        let mut changes = Vec::new();
        for said in new {
            let seen = Seen {
                id: said.id.clone(),
                version: None,
            };
            let remark = InspectionRemark {
                inspection: view.id.clone(),
                said,
                source: source.clone(),
                correction: None,
                recheck: None,
            };
            changes.push(record_change(&seen, &remark, false)?);
        }
        for (of, said) in rechecked {
            let remark = InspectionRemark {
                recheck: Some(Rechecked {
                    said,
                    source: source.clone(),
                    taken_at: self.now,
                }),
                ..of.remark.clone()
            };
            changes.push(record_change(&of.seen(), &remark, false)?);
        }
        unchanged(self.keep_all::<InspectionRemark>(&changes, by).await?)
    }

    fn refuse_remark(
        &self,
        view: &InspectionView,
        remark: &Remark,
        known: Option<&RemarkView>,
    ) -> Result<(), Failure> {
        refuse_secret(Some(&remark.text))?;
        if known
            .is_some_and(|known| known.remark.said != *remark || known.remark.inspection != view.id)
        {
            return Err(Failure::refused(labels::remark_in_other_words()).at("file"));
        }
        let is_row = |item: &ItemId| self.row_of(view, item).is_some();
        match remark.item.as_ref().is_none_or(is_row) {
            true => Ok(()),
            false => Err(Failure::refused(labels::remark_on_unknown_item()).at("file")),
        }
    }

    /// A row of the form that was frozen.
    fn row_of(&self, view: &InspectionView, item: &ItemId) -> Option<&Item> {
        let edition = self.catalog.editions.get(&view.inspection.edition)?;
        edition
            .item(item)
            .filter(|item| item.form == view.inspection.form)
    }

    /// A remark as a person of the institution types it from a letter.
    ///
    /// # Errors
    /// Something is missing or cannot be, or the store fails.
    pub(crate) async fn enter_remark(
        &self,
        view: &InspectionView,
        typed: &Typed,
        by: &str,
    ) -> Result<(), Failure> {
        let source = RemarkSource::Paper {
            entered_by: by.to_owned(),
        };
        let remark = self.remark_typed(view, typed)?;
        self.keep_remarks(view, vec![remark], Vec::new(), source, by)
            .await
            .map(drop)
    }

    fn remark_typed(&self, view: &InspectionView, typed: &Typed) -> Result<Remark, Failure> {
        let which = WhichForm {
            form: Some(view.inspection.form.to_string()),
            edition: Some(view.inspection.edition.to_string()),
        };
        let item = match filled(typed.one("item")) {
            None => None,
            Some(number) => {
                let (edition, form) = self.form(&which)?;
                let item = self.item(edition, form, &number);
                Some(item.map_err(|failure| failure.at("item"))?.id.clone())
            }
        };
        Ok(Remark {
            id: self.new_record().id,
            item,
            text: words(typed, "text")?,
            due_on: day(typed.one("due_on"), "due_on")?,
            by: words(typed, "by")?,
            at: self.now,
        })
    }

    /// Records what was done about a remark. An earlier correction stays in the history.
    ///
    /// # Errors
    /// The remark is settled or not there, something is missing, somebody was faster, or the store
    /// fails.
    pub(crate) async fn correct(
        &self,
        view: &RemarkView,
        typed: &Typed,
        by: &str,
    ) -> Result<(), Failure> {
        if view.state == RemarkState::Settled {
            return Err(Failure::refused(labels::remark_settled()));
        }
        let mut documents = Vec::new();
        for id in typed.all("documents").iter().map(RecordId::new) {
            let named = self.document(&id).await?;
            documents.push(CorrectionDocument::AsItWas {
                id,
                evidence: named.evidence.id,
                sha256: named.evidence.content_hash,
                title: named.document.title,
            });
        }
        let done_on = day(typed.one("done_on"), "done_on")?.unwrap_or(self.today);
        if done_on > self.today {
            return Err(
                Failure::refused(labels::corrected_in_future(done_on, self.today)).at("done_on"),
            );
        }
        let remark = InspectionRemark {
            correction: Some(Correction {
                text: words(typed, "text")?,
                done_on,
                documents,
                stamp: self.stamp(by),
            }),
            ..view.remark.clone()
        };
        unchanged(self.keep(&view.seen(), &remark, by).await?)
    }
}

impl InspectorVisit {
    /// Who this is in the history: an inspector has no account.
    fn by(&self, name: &str) -> String {
        labels::by_inspector(&self.view.inspection.authority, name)
    }

    /// Writes a remark.
    ///
    /// # Errors
    /// Something is missing or cannot be, there are too many, or the store fails.
    pub(crate) async fn write_remark(&self, typed: &Typed) -> Result<(), Failure> {
        let remark = self.workspace.remark_typed(&self.view, typed)?;
        let by = self.by(&remark.by);
        self.workspace
            .keep_remarks(
                &self.view,
                vec![remark],
                Vec::new(),
                RemarkSource::Link,
                &by,
            )
            .await
            .map(drop)
    }

    /// Says whether a remark is settled.
    ///
    /// # Errors
    /// There is no such remark, something is missing, somebody was faster, or the store fails.
    pub(crate) async fn recheck(&self, id: &RecordId, typed: &Typed) -> Result<(), Failure> {
        let is_own = self.view.remarks.iter().any(|view| view.id == *id);
        if !is_own {
            return Err(Failure::not_found(labels::not_there()));
        }
        let recheck = Recheck {
            correction: typed.one("correction").parse().ok(),
            settled: typed.one("settled") == "yes",
            note: match filled(typed.one("note")) {
                Some(_) => Some(words(typed, "note")?),
                None => None,
            },
            by: words(typed, "by")?,
            at: self.workspace.now,
        };
        let by = self.by(&recheck.by);
        let rechecks = vec![(id.clone(), recheck)];
        self.workspace
            .keep_remarks(&self.view, Vec::new(), rechecks, RemarkSource::Link, &by)
            .await
            .map(drop)
    }
}

/// None for a document of an older record that was taken away since: nobody knows what it was.
fn shown_by(named: &CorrectionDocument, documents: &[DocumentView]) -> Option<ShownBy> {
    let now = |id: &RecordId| documents.iter().find(|view| view.id == *id);
    Some(match named {
        CorrectionDocument::AsItWas {
            id,
            evidence,
            sha256,
            title,
        } => ShownBy {
            title: title.clone(),
            evidence: evidence.clone(),
            since: match now(id) {
                None => DocumentSince::TakenAway,
                Some(now) if now.evidence.content_hash == *sha256 => DocumentSince::Same,
                Some(_) => DocumentSince::Replaced,
            },
        },
        CorrectionDocument::Named(id) => {
            let now = now(id)?;
            ShownBy {
                title: now.document.title.clone(),
                evidence: now.evidence.id.clone(),
                since: DocumentSince::Unknown,
            }
        }
    })
}

/// The key that signed, where one did.
fn key_of(source: &RemarkSource) -> Option<&str> {
    match source {
        RemarkSource::File { signed_by, .. } => signed_by.as_deref(),
        RemarkSource::Link | RemarkSource::Paper { .. } => None,
    }
}

/// Words that must be there, without secrets, and not without end.
fn words(typed: &Typed, field: &'static str) -> Result<String, Failure> {
    let words = required(typed.one(field), field)?;
    refuse_secret(Some(&words))?;
    match words.chars().count() <= REMARK_CHARS_MAX {
        true => Ok(words),
        false => Err(Failure::refused(labels::words_too_long(REMARK_CHARS_MAX)).at(field)),
    }
}

fn unchanged<R>(saved: Saved<R>) -> Result<(), Failure> {
    match saved {
        Saved::Done | Saved::Same => Ok(()),
        Saved::Conflict(_) => Err(Failure::refused(labels::inspection_changed())),
    }
}
