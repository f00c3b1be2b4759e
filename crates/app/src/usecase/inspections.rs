//! On-site inspections: a state frozen for an authority, the address that opens it, and what was
//! brought to the screen. What inspectors remark is not here.

use std::sync::Arc;

use jiff::civil::Date;
use sonae_domain::era;
use sonae_domain::evidence::ContentHash;
use sonae_domain::ids::{EvidenceId, InstitutionId, ItemId, RecordId};
use sonae_domain::inspection::{Inspection, ShownItem, Stamp};

use super::checklist::WhichForm;
use super::documents::Content;
use super::evidence::ItemLink;
use super::failure::Failure;
use super::first_visit::{day, required};
use super::inspection_remarks::RemarkView;
use super::installation::Installation;
use super::labels;
use super::package::{Enclosures, Opened};
use super::register_forms::Typed;
use super::registers::{Kept, Saved, Seen};
use super::secrets::token_hash;
use super::vendor_requests::{Requested, institution_in, link_of};
use super::workspace::{Workspace, store_failure};

/// More lines of what was shown say nothing more; the history has them all.
const SHOWN_MAX: usize = 100;

/// An inspection with what became of it.
#[derive(Debug, Clone)]
pub(crate) struct InspectionView {
    pub(crate) id: RecordId,
    pub(crate) version: i64,
    pub(crate) inspection: Inspection,
    /// The address opens the package now.
    pub(crate) is_open: bool,
    /// Those not settled first.
    pub(crate) remarks: Vec<RemarkView>,
}

impl InspectionView {
    pub(super) fn seen(&self) -> Seen {
        Seen {
            id: self.id.clone(),
            version: Some(self.version),
        }
    }
}

/// An item that was brought to the screen.
pub(crate) struct Shown {
    pub(crate) item: ItemLink,
    pub(crate) stamp: Stamp,
}

/// An inspector who came by the address. It reads one frozen package, nothing more.
pub(crate) struct InspectorVisit {
    pub(crate) workspace: Workspace,
    pub(crate) view: InspectionView,
    pub(crate) package: Arc<Opened>,
}

/// The inspection before one, as far as what was frozen for it is concerned.
pub(crate) struct Before {
    pub(crate) inspected_on: Date,
    /// None if it cannot be read any more.
    pub(crate) package: Option<Arc<Opened>>,
}

impl Installation {
    /// Lets an inspector in by a code. Unknown, ended and taken back look the same.
    ///
    /// # Errors
    /// The code opens nothing, too many attempts, or the store fails.
    pub(crate) async fn inspector_visit(
        self: &Arc<Self>,
        code: &str,
        address: &str,
    ) -> Result<InspectorVisit, Failure> {
        match self.inspection_opened_by(code).await? {
            Some(visit) => Ok(visit),
            None => {
                self.count_address(address).await?;
                Err(Failure::not_found(labels::not_there()))
            }
        }
    }

    async fn inspection_opened_by(
        self: &Arc<Self>,
        code: &str,
    ) -> Result<Option<InspectorVisit>, Failure> {
        let Some(institution) = institution_in(code) else {
            return Ok(None);
        };
        let institution = self
            .store
            .institution(&InstitutionId::new(institution))
            .await;
        let Some(institution) = institution.map_err(store_failure)? else {
            return Ok(None);
        };
        let workspace = self.workspace(institution);
        let hash = token_hash(code);
        let mut inspections = workspace.inspections().await?.into_iter();
        let is_meant = |view: &InspectionView| {
            let link = view.inspection.link.as_ref();
            view.is_open && link.is_some_and(|link| link.code_hash == hash)
        };
        let Some(view) = inspections.find(is_meant) else {
            return Ok(None);
        };
        let package = workspace.frozen(&view).await?;
        Ok(Some(InspectorVisit {
            workspace,
            view,
            package,
        }))
    }
}

impl Workspace {
    /// All inspections, the latest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn inspections(&self) -> Result<Vec<InspectionView>, Failure> {
        let mut remarks = self.remarks().await?;
        let kept = self.kept::<Inspection>().await?.into_iter();
        let mut views: Vec<InspectionView> = kept
            .map(|kept| {
                let (own, others) = std::mem::take(&mut remarks)
                    .into_iter()
                    .partition(|view| view.remark.inspection == kept.id);
                remarks = others;
                self.inspection_view(kept, own)
            })
            .collect();
        views.sort_by(|a, b| {
            let key =
                |view: &InspectionView| (view.inspection.inspected_on, view.inspection.frozen_at);
            key(b).cmp(&key(a))
        });
        Ok(views)
    }

    /// One inspection.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub(crate) async fn inspection(&self, id: &RecordId) -> Result<InspectionView, Failure> {
        let kept = self.kept_one::<Inspection>(id).await?;
        let mut remarks = self.remarks().await?;
        remarks.retain(|view| view.remark.inspection == *id);
        Ok(self.inspection_view(kept, remarks))
    }

    fn inspection_view(&self, kept: Kept<Inspection>, remarks: Vec<RemarkView>) -> InspectionView {
        InspectionView {
            id: kept.id,
            version: kept.version,
            is_open: kept.body.is_open(self.now),
            inspection: kept.body,
            remarks,
        }
    }

    /// Freezes the institution as it is now for an authority, as a package; with an address if the
    /// inspector is to read it on this server.
    ///
    /// # Errors
    /// Something is missing, the package cannot be made, or the store fails.
    pub(crate) async fn freeze(&self, typed: &Typed, by: &str) -> Result<Requested, Failure> {
        let authority = required(typed.one("authority"), "authority")?;
        let missing = || Failure::refused(labels::field_missing("inspected_on")).at("inspected_on");
        let inspected_on = day(typed.one("inspected_on"), "inspected_on")?.ok_or_else(missing)?;
        let (edition, form) = self.form(&WhichForm::default())?;
        let (bytes, _) = self.package(&Enclosures::of(typed)).await?;
        let seen = self.new_record();
        let package_hash = ContentHash::of(&bytes);
        let root = Opened::read(&bytes)?.root();
        let content = Content {
            name: format!("{}-{}.zip", edition.head.id, self.today),
            bytes,
        };
        let code = (typed.one("link") == "yes").then(|| self.new_code());
        let inspection = Inspection {
            authority,
            inspected_on,
            edition: edition.head.id.clone(),
            form: form.id.clone(),
            package: self.keep_content(&seen.id, content, self.today, by).await?,
            package_hash,
            root,
            frozen_at: self.now,
            link: code.as_ref().map(link_of),
            revoked: None,
        };
        self.keep(&seen, &inspection, by).await?;
        Ok(Requested { id: seen.id, code })
    }

    /// Gives an inspection a new address; the one before opens nothing any more. What it opens stays
    /// what was frozen.
    ///
    /// # Errors
    /// There is none, somebody changed it meanwhile, or the store fails.
    pub(crate) async fn reopen_inspection(
        &self,
        id: &RecordId,
        by: &str,
    ) -> Result<Requested, Failure> {
        let mut view = self.inspection(id).await?;
        let code = self.new_code();
        view.inspection.link = Some(link_of(&code));
        view.inspection.revoked = None;
        self.change_inspection(&view, by).await?;
        Ok(Requested {
            id: view.id,
            code: Some(code),
        })
    }

    /// Takes the address back. From the moment that this is kept it opens nothing.
    ///
    /// # Errors
    /// There is none, somebody changed it meanwhile, or the store fails.
    pub(crate) async fn close_inspection(&self, id: &RecordId, by: &str) -> Result<(), Failure> {
        let mut view = self.inspection(id).await?;
        if view.inspection.revoked.is_some() {
            return Ok(());
        }
        view.inspection.revoked = Some(self.stamp(by));
        self.change_inspection(&view, by).await
    }

    async fn change_inspection(&self, view: &InspectionView, by: &str) -> Result<(), Failure> {
        match self.keep(&view.seen(), &view.inspection, by).await? {
            Saved::Done | Saved::Same => Ok(()),
            Saved::Conflict(_) => Err(Failure::refused(labels::inspection_changed())),
        }
    }

    /// The bytes that were frozen.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) async fn frozen_bytes(&self, view: &InspectionView) -> Result<Vec<u8>, Failure> {
        self.raw(&view.inspection.package).await
    }

    /// What was frozen, opened.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn frozen(&self, view: &InspectionView) -> Result<Arc<Opened>, Failure> {
        let hash = &view.inspection.package_hash;
        if let Some(opened) = self.installation.opened.get(hash) {
            return Ok(opened);
        }
        let bytes = self.frozen_bytes(view).await?;
        if ContentHash::of(&bytes) != *hash {
            return Err(Failure::unusable(labels::frozen_unreadable()));
        }
        let opened = Arc::new(Opened::read(&bytes)?);
        let kept = &self.installation.opened;
        kept.keep(hash.clone(), opened.n_bytes(), &opened);
        Ok(opened)
    }

    /// Who did something now.
    pub(super) fn stamp(&self, by: &str) -> Stamp {
        Stamp {
            by: by.to_owned(),
            at: self.now,
        }
    }

    /// Writes down that an item was brought to the screen.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn note_shown(&self, item: &ItemId, by: &str) -> Result<(), Failure> {
        let shown = ShownItem { item: item.clone() };
        self.keep(&self.new_record(), &shown, by).await.map(drop)
    }

    /// What was brought to the screen today, the latest first.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn shown_today(&self) -> Result<Vec<Shown>, Failure> {
        let mut kept = self.kept::<ShownItem>().await?;
        kept.retain(|kept| era::day_in_japan(kept.changed_at) == self.today);
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.changed_at));
        kept.truncate(SHOWN_MAX);
        let named = |kept: Kept<ShownItem>| {
            Some(Shown {
                item: self.item_link_of(&kept.body.item)?,
                stamp: Stamp {
                    by: kept.changed_by,
                    at: kept.changed_at,
                },
            })
        };
        Ok(kept.into_iter().filter_map(named).collect())
    }
}

impl InspectorVisit {
    /// The inspection before this one.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn before(&self) -> Result<Option<Before>, Failure> {
        let inspected_on = self.view.inspection.inspected_on;
        let all = self.workspace.inspections().await?.into_iter();
        let before = all
            .filter(|view| view.inspection.inspected_on < inspected_on)
            .max_by_key(|view| (view.inspection.inspected_on, view.inspection.frozen_at));
        let Some(view) = before else {
            return Ok(None);
        };
        let package = match self.workspace.frozen(&view).await {
            Ok(package) => Some(package),
            // What this inspector may read does not depend on it.
            Err(failure) => {
                let (id, why) = (&view.id, &failure.text.en);
                tracing::warn!(inspection = %id, "no former package: {why}");
                None
            }
        };
        Ok(Some(Before {
            inspected_on: view.inspection.inspected_on,
            package,
        }))
    }

    /// Name and bytes of a document that a correction of this inspection's remarks names.
    ///
    /// # Errors
    /// None names it, or the store fails.
    pub(crate) async fn correcting_document(
        &self,
        id: &EvidenceId,
    ) -> Result<(String, Vec<u8>), Failure> {
        let mut named = self.view.remarks.iter().flat_map(|view| &view.documents);
        if !named.any(|named| named.evidence == *id) {
            return Err(Failure::not_found(labels::not_there()));
        }
        let (evidence, _) = self.workspace.evidence_record(id).await?;
        Ok((evidence.file_name, self.workspace.raw(id).await?))
    }
}
