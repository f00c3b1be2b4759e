//! What vendors answer: typed at a one-time address or from a returned paper, handed in once, and
//! taken over row by row by a person. Nothing is taken over by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use sonae_domain::answer::{Answer, Institution};
use sonae_domain::edition::{Edition, Form, Item, Text};
use sonae_domain::ids::{AssetId, InstitutionId, ItemId, RecordId};
use sonae_domain::ledger::{AssetRecord, RemoteMaintenance};
use sonae_domain::register::Document;
use sonae_domain::standing::{EvidenceState, Standing, standing};
use sonae_domain::vendor::{
    AnswerSource, AttemptRefused, RemoteDifference, RemoteStatement, Taken, VendorAnswer,
    VendorDraft, VendorLine, asks_vendors, remote_differences,
};
use sonae_ingest::answer_form;

use super::answering::{NOTE_CHARS_MAX, refuse_secret};
use super::checklist::WhichForm;
use super::failure::Failure;
use super::first_visit::{day, filled};
use super::import::SourceFile;
use super::installation::Installation;
use super::labels;
use super::register_forms::Typed;
use super::registers::{Saved, Seen};
use super::secrets::token_hash;
use super::vendor_requests::{RequestView, institution_in, unchanged_meanwhile};
use super::workspace::{Workspace, store_failure};

/// A vendor saves a few times an hour for a few days; more is a program gone wild, and each is kept.
const DRAFTS_MAX: i64 = 200;

/// A form with each note at its longest is 30 KiB, and 500 devices with a line each 100 KiB.
pub(super) const DRAFT_BYTES_MAX: usize = 256 * 1024;

/// MDS and SDS of a few products.
const DOCUMENTS_MAX: usize = 10;

/// The control of 2-③ on the institution's form.
const DISCLOSURE: &str = "vendor-disclosure-collected";

/// One page asks about so many devices; what is beyond goes into the free text.
pub(crate) const DEVICES_MAX: usize = 500;

/// Something that must be mended before an answer can be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mend {
    /// The field on the page, by its name.
    pub(crate) field: String,
    pub(crate) text: Text,
}

/// What a vendor is asked, ready for a page.
pub(crate) struct Questions<'a> {
    pub(crate) edition: &'a Edition,
    pub(crate) form: &'a Form,
    pub(crate) items: Vec<&'a Item>,
    pub(crate) devices: Vec<(AssetId, AssetRecord)>,
    /// Of the ledger, beyond [`DEVICES_MAX`].
    pub(crate) n_devices_more: usize,
}

/// A vendor who came by a one-time address. It sees one request of one institution, nothing more.
pub(crate) struct VendorVisit {
    pub(crate) workspace: Workspace,
    pub(crate) view: RequestView,
}

/// An answer beside the ledger and the form, for the institution.
pub(crate) struct AnswerBeside<'a> {
    pub(crate) rows: Vec<AnsweredRow<'a>>,
    pub(crate) differences: Vec<(AssetId, AssetRecord, RemoteDifference)>,
    pub(crate) devices: Vec<(AssetId, AssetRecord)>,
}

/// A row of the form with what the vendor said.
pub(crate) struct AnsweredRow<'a> {
    pub(crate) item: &'a Item,
    pub(crate) answer: Option<Answer>,
    /// How the vendor's form stands in it, once it was taken over; declared at most.
    pub(crate) standing: Option<Standing>,
    pub(crate) taken: Option<Taken>,
}

impl<'a> AnsweredRow<'a> {
    fn of(item: &'a Item, said: &VendorAnswer, today: Date) -> Self {
        let (answer, taken) = (said.answer(&item.id), said.taken.get(&item.id).cloned());
        // No evidence of ours speaks about the vendor's house: declared is the most that it can be.
        let stands = || standing(answer.as_ref(), EvidenceState::None, false, today);
        Self {
            item,
            standing: taken.is_some().then(stands),
            answer,
            taken,
        }
    }
}

impl Installation {
    /// Lets a vendor in by a one-time code. Unknown, ended, used and withdrawn look the same.
    ///
    /// # Errors
    /// The code opens nothing, too many attempts, or the store fails.
    pub(crate) async fn vendor_visit(
        self: &Arc<Self>,
        code: &str,
        address: &str,
    ) -> Result<VendorVisit, Failure> {
        match self.opened_by(code).await? {
            Some(visit) => Ok(visit),
            None => {
                self.count_address(address).await?;
                Err(Failure::not_found(labels::not_there()))
            }
        }
    }

    async fn opened_by(self: &Arc<Self>, code: &str) -> Result<Option<VendorVisit>, Failure> {
        let Some(institution) = institution_in(code) else {
            return Ok(None);
        };
        let institution = InstitutionId::new(institution);
        let institution = self.store.institution(&institution).await;
        let institution = institution.map_err(store_failure)?;
        let asks = |institution: &Institution| asks_vendors(institution.vendor_contract);
        let Some(institution) = institution.filter(asks) else {
            return Ok(None);
        };
        let workspace = self.workspace(institution);
        let hash = token_hash(code);
        let mut requests = workspace.vendor_requests().await?.into_iter();
        let is_meant = |view: &RequestView| {
            let link = view.request.link.as_ref();
            link.is_some_and(|link| link.code_hash == hash)
        };
        let Some(view) = requests.find(is_meant) else {
            return Ok(None);
        };
        match view.request.link_closed(view.state, workspace.now) {
            None => Ok(Some(VendorVisit { workspace, view })),
            Some(why) => {
                let by = labels::by_link(&view.vendor);
                workspace.note_refused(&view, why, &by).await?;
                Ok(None)
            }
        }
    }
}

impl VendorVisit {
    /// What was typed so far.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn draft(&self) -> Result<VendorDraft, Failure> {
        Ok(self.workspace.draft_of(&self.view.id).await?.0)
    }

    /// Keeps what was typed so far, whatever it means, and the files that came with it.
    ///
    /// # Errors
    /// A password stands in it, it is too long, there were too many drafts or files, or the store
    /// fails.
    pub(crate) async fn save_draft(
        &self,
        typed: &Typed,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), Failure> {
        let mut n_bytes = 0;
        for (name, values) in typed.fields() {
            for value in values {
                n_bytes += name.len() + value.len();
                refuse_secret(Some(value))?;
            }
        }
        if n_bytes > DRAFT_BYTES_MAX {
            return Err(Failure::refused(labels::draft_too_long()));
        }
        let (mut draft, seen) = self.workspace.draft_of(&self.view.id).await?;
        if draft.documents.len() + files.len() > DOCUMENTS_MAX {
            return Err(Failure::refused(labels::too_many_documents(DOCUMENTS_MAX)));
        }
        if seen.version.is_some_and(|version| version >= DRAFTS_MAX) {
            return Err(Failure::refused(labels::too_many_drafts()));
        }
        let by = labels::by_link(&self.view.vendor);
        for (name, bytes) in files {
            let title = labels::vendor_document(&self.view.vendor, &name);
            let file = SourceFile {
                name,
                bytes: Arc::new(bytes),
                modified_on: self.workspace.today,
            };
            let items = self.workspace.disclosure_items()?;
            let kept = self.workspace.keep_sent(title, items, file, &by).await?;
            draft.documents.push(kept);
        }
        draft.fields.clone_from(typed.fields());
        draft.fields.remove("go");
        let saved = self.workspace.keep(&seen, &draft, &by).await?;
        unchanged_meanwhile(saved)
    }

    /// Hands the answer in, once.
    ///
    /// # Errors
    /// There is one already, it is for another edition, or the store fails.
    pub(crate) async fn hand_in(
        &self,
        typed: &Typed,
        answer: &VendorAnswer,
    ) -> Result<(), Failure> {
        let by = labels::by_link(&self.view.vendor);
        self.workspace.hand_in(&self.view, typed, answer, &by).await
    }
}

impl Workspace {
    /// What the vendor of a request is asked.
    ///
    /// # Errors
    /// The edition is gone, or the store fails.
    pub(crate) async fn questions(&self, view: &RequestView) -> Result<Questions<'_>, Failure> {
        let (edition, form) = self.form(&view.which_form())?;
        let mut devices: Vec<_> = self.devices_of(view).await?.into_iter().collect();
        devices.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        let n_devices_more = devices.len().saturating_sub(DEVICES_MAX);
        devices.truncate(DEVICES_MAX);
        Ok(Questions {
            edition,
            form,
            items: edition.items_of(&form.id).collect(),
            devices,
            n_devices_more,
        })
    }

    /// What was typed, as an answer; or all that must be mended.
    pub(crate) fn read_answer(
        &self,
        questions: &Questions<'_>,
        typed: &Typed,
        source: AnswerSource,
        documents: Vec<RecordId>,
    ) -> Result<VendorAnswer, Vec<Mend>> {
        let mut reader = Reader {
            workspace: self,
            questions,
            typed,
            mends: Vec::new(),
        };
        let answer = reader.answer(source, documents);
        match reader.mends.is_empty() {
            true => Ok(answer),
            false => Err(reader.mends),
        }
    }

    /// Keeps what somebody of the institution typed from a returned paper.
    ///
    /// # Errors
    /// There is an answer already, it is for another edition, a document is not there, or the store
    /// fails.
    pub(crate) async fn enter_from_paper(
        &self,
        view: &RequestView,
        typed: &Typed,
        answer: &VendorAnswer,
        by: &str,
    ) -> Result<(), Failure> {
        for document in &answer.documents {
            self.kept_one::<Document>(document).await?;
        }
        self.hand_in(view, typed, answer, by).await
    }

    pub(super) async fn hand_in(
        &self,
        view: &RequestView,
        typed: &Typed,
        answer: &VendorAnswer,
        by: &str,
    ) -> Result<(), Failure> {
        let other = typed.one("edition") != view.request.edition.as_str();
        let why = view
            .closed()
            .or_else(|| other.then_some(AttemptRefused::OtherEdition));
        // The answer has the request's id: of two at the same moment one finds the other's.
        let seen = Seen {
            id: view.id.clone(),
            version: None,
        };
        let why = match why {
            Some(why) => why,
            None => match self.keep(&seen, answer, by).await? {
                Saved::Done | Saved::Same => return Ok(()),
                Saved::Conflict(_) => AttemptRefused::AlreadyAnswered,
            },
        };
        self.note_refused(view, why, by).await?;
        Err(Failure::refused(labels::answer_not_taken(why)))
    }

    /// The answer of a request beside the form and the ledger; nothing where there is none.
    ///
    /// # Errors
    /// The edition is gone, or the store fails.
    pub(crate) async fn answer_beside(
        &self,
        view: &RequestView,
    ) -> Result<Option<AnswerBeside<'_>>, Failure> {
        let Some(answer) = view.answer.as_ref().map(|answer| &answer.body) else {
            return Ok(None);
        };
        let questions = self.questions(view).await?;
        let items = questions.items.iter();
        let rows = items.map(|item| AnsweredRow::of(item, answer, self.today));
        let devices = self.devices_of(view).await?;
        let ledger = devices
            .iter()
            .map(|(id, record)| (id, record.remote_maintenance));
        let differences = remote_differences(ledger, answer);
        let named = |(id, difference): (&AssetId, RemoteDifference)| {
            Some((id.clone(), devices.get(id)?.clone(), difference))
        };
        Ok(Some(AnswerBeside {
            rows: rows.collect(),
            differences: differences.into_iter().filter_map(named).collect(),
            devices: questions.devices,
        }))
    }

    /// Takes rows of a vendor's answer over into the vendor's form, as a person says.
    ///
    /// # Errors
    /// Nothing was chosen, the vendor did not answer it, somebody was faster, or the store fails.
    pub(crate) async fn take_over(
        &self,
        view: &RequestView,
        items: &[ItemId],
        by: &str,
    ) -> Result<(), Failure> {
        let not_there = || Failure::not_found(labels::not_there());
        let kept = view.answer.as_ref().ok_or_else(not_there)?;
        if items.is_empty() {
            return Err(Failure::refused(labels::nothing_chosen()));
        }
        let mut answer = kept.body.clone();
        for item in items {
            if !answer.lines.contains_key(item) {
                return Err(not_there());
            }
            let taken = || Taken {
                by: by.to_owned(),
                at: self.now,
            };
            answer.taken.entry(item.clone()).or_insert_with(taken);
        }
        let seen = Seen {
            id: kept.id.clone(),
            version: Some(kept.version),
        };
        let saved = self.keep(&seen, &answer, by).await?;
        unchanged_meanwhile(saved)
    }

    /// The rows of the own form about MDS/SDS.
    fn disclosure_items(&self) -> Result<Vec<ItemId>, Failure> {
        let (edition, form) = self.form(&WhichForm::default())?;
        let asks = |item: &&Item| {
            let mut controls = edition.controls_of(&item.id);
            controls.any(|control| control.as_str() == DISCLOSURE)
        };
        let items = edition.items_of(&form.id).filter(asks);
        Ok(items.map(|item| item.id.clone()).collect())
    }

    async fn draft_of(&self, request: &RecordId) -> Result<(VendorDraft, Seen), Failure> {
        let mut drafts = self.kept::<VendorDraft>().await?.into_iter();
        let draft = drafts.find(|draft| draft.id == *request);
        let seen = Seen {
            id: request.clone(),
            version: draft.as_ref().map(|draft| draft.version),
        };
        Ok((draft.map(|draft| draft.body).unwrap_or_default(), seen))
    }
}

/// The name of a field of a row: `value-2-2`.
pub(crate) fn field_of(part: &str, of: &str) -> String {
    format!("{part}-{of}")
}

/// Reads what was typed, and gathers all that must be mended.
struct Reader<'a> {
    workspace: &'a Workspace,
    questions: &'a Questions<'a>,
    typed: &'a Typed,
    mends: Vec<Mend>,
}

impl Reader<'_> {
    fn answer(&mut self, source: AnswerSource, documents: Vec<RecordId>) -> VendorAnswer {
        let confirmed_on = self.day("confirmed_on").unwrap_or(self.workspace.today);
        let answered_by = self.note("answered_by").unwrap_or_default();
        if answered_by.is_empty() {
            self.mend("answered_by", labels::answered_by_missing());
        }
        let mut answer = VendorAnswer {
            source,
            answered_by,
            confirmed_on,
            submitted_at: self.workspace.now,
            lines: BTreeMap::new(),
            remote: self.remote(),
            other_devices: self.note("other_devices"),
            usb: self.note("usb"),
            passwords: self.note("duties"),
            documents,
            taken: BTreeMap::new(),
        };
        for item in &self.questions.items {
            if let Some(line) = self.line(item) {
                answer.lines.insert(item.id.clone(), line);
                self.check(item, &answer);
            }
        }
        if answer.lines.is_empty() {
            self.mend("items", labels::nothing_answered());
        }
        answer
    }

    fn line(&mut self, item: &Item) -> Option<VendorLine> {
        let handle = self.questions.edition.handle(item);
        let (value, target) = (field_of("value", &handle), field_of("target", &handle));
        let note = self.note(&field_of("note", &handle));
        let target_on = self.day(&target);
        let confirmed = field_of("confirmed", &handle);
        let confirmed_on = self.day(&confirmed);
        let value = answer_form::answer_value(self.typed.one(&value))?;
        Some(VendorLine {
            value,
            confirmed_on,
            target_on,
            note,
        })
    }

    /// What holds for every answer holds for a vendor's.
    fn check(&mut self, item: &Item, answer: &VendorAnswer) {
        let fiscal_year = self.questions.edition.head.fiscal_year;
        let answer = answer.answer(&item.id);
        let checked = answer.map(|answer| answer.check(self.workspace.today, fiscal_year));
        if let Some(Err(refused)) = checked {
            let handle = self.questions.edition.handle(item);
            let text = labels::form_answer_refused(&item.number, &refused.text());
            self.mend(&field_of("value", &handle), text);
        }
    }

    fn remote(&mut self) -> BTreeMap<AssetId, RemoteStatement> {
        let mut remote = BTreeMap::new();
        for (id, _) in &self.questions.devices {
            let said = self.typed.one(&field_of("remote", id.as_str())).into();
            let how = self.note(&field_of("how", id.as_str()));
            if let Ok(said) = serde_json::from_value::<RemoteMaintenance>(said) {
                remote.insert(id.clone(), RemoteStatement { remote: said, how });
            }
        }
        remote
    }

    fn day(&mut self, field: &str) -> Option<Date> {
        let typed = day(self.typed.one(field), "day");
        typed.unwrap_or_else(|failure| {
            self.mend(field, failure.text);
            None
        })
    }

    /// A free text, short enough and without a password.
    fn note(&mut self, field: &str) -> Option<String> {
        let note = filled(self.typed.one(field))?;
        if note.chars().count() > NOTE_CHARS_MAX {
            self.mend(field, labels::note_too_long(NOTE_CHARS_MAX));
        }
        if let Err(failure) = refuse_secret(Some(&note)) {
            self.mend(field, failure.text);
        }
        Some(note)
    }

    fn mend(&mut self, field: &str, text: Text) {
        self.mends.push(Mend {
            field: field.to_owned(),
            text,
        });
    }
}
