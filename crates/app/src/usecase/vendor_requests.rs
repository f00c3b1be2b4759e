//! Requests to vendors: made, listed, given a new address, withdrawn. What they answer is not here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sonae_domain::answer::Answer;
use sonae_domain::edition::{Audience, Edition, Form};
use sonae_domain::ids::{AssetId, ItemId, RecordId};
use sonae_domain::ledger::AssetRecord;
use sonae_domain::register::{System, Vendor};
use sonae_domain::vendor::{
    AttemptRefused, Channel, OneTimeLink, RefusedAttempt, RequestState, VendorAnswer,
    VendorRequest, asks_vendors, is_same_name,
};

use super::checklist::WhichForm;
use super::deadlines::{Deadline, DeadlineKind};
use super::failure::Failure;
use super::first_visit::day;
use super::labels;
use super::register_forms::Typed;
use super::registers::{Kept, Saved, Seen};
use super::secrets::{new_token, token_hash};
use super::workspace::Workspace;

/// An address is for the vendor's next days, not to lie about in a mailbox for months.
pub(crate) const LINK_DAYS_MAX: i64 = 14;

/// More refused attempts on one request tell nothing new, and each is a line of the journal.
const ATTEMPTS_KEPT_MAX: usize = 20;

/// Institution and secret in a one-time code. The institution is no secret; with it no table has to
/// be searched across institutions.
const CODE_SIGN: char = '.';

/// A request with what people know it by.
#[derive(Debug, Clone)]
pub(crate) struct RequestView {
    pub(crate) id: RecordId,
    pub(crate) version: i64,
    pub(crate) request: VendorRequest,
    pub(crate) state: RequestState,
    pub(crate) vendor: String,
    pub(crate) systems: Vec<String>,
    pub(crate) answer: Option<Kept<VendorAnswer>>,
}

impl RequestView {
    /// Why no answer can be taken any more.
    pub(crate) fn closed(&self) -> Option<AttemptRefused> {
        self.state.closed()
    }

    /// Whether somebody waits for an answer whose day has passed.
    pub(crate) fn is_overdue(&self, today: Date) -> bool {
        self.state == RequestState::Open && self.request.due_on < today
    }

    /// The form that the vendor is asked to fill in.
    pub(crate) fn which_form(&self) -> WhichForm {
        WhichForm {
            form: Some(self.request.form.to_string()),
            edition: Some(self.request.edition.to_string()),
        }
    }

    /// The vendor's answer to an item, once a person took it over.
    pub(crate) fn taken_answer(&self, item: &ItemId) -> Option<Answer> {
        let answer = &self.answer.as_ref()?.body;
        answer
            .taken
            .contains_key(item)
            .then(|| answer.answer(item))?
    }

    /// Whether the address is past its end while the answer is still waited for.
    pub(crate) fn is_link_over(&self, now: Timestamp) -> bool {
        self.request.link.is_some()
            && self.request.link_closed(self.state, now) == Some(AttemptRefused::CodeEnded)
    }

    fn seen(&self) -> Seen {
        Seen {
            id: self.id.clone(),
            version: Some(self.version),
        }
    }

    /// What the institution has to wait for or to do by the day.
    fn deadline(&self) -> Option<Deadline> {
        let title = match self.state {
            RequestState::Open => labels::answer_due(&self.vendor),
            RequestState::Answered => labels::answer_to_take_over(&self.vendor),
            RequestState::TakenOver | RequestState::Withdrawn => return None,
        };
        Some(Deadline {
            kind: DeadlineKind::Request,
            on: self.request.due_on,
            about: self.id.to_string(),
            title,
            note: labels::asked_on(self.request.made_on),
            link: format!("/settings/requests/{}", self.id),
        })
    }
}

/// A request that was just made or given a new address.
#[derive(Debug, Clone)]
pub(crate) struct Requested {
    pub(crate) id: RecordId,
    /// What stands in the address, and until when it opens; nobody can tell it a second time.
    pub(crate) code: Option<(String, Timestamp)>,
}

impl Workspace {
    /// All requests: those without an answer first, the longest overdue on top.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn vendor_requests(&self) -> Result<Vec<RequestView>, Failure> {
        let mut names = self.request_names().await?;
        let requests = self.kept::<VendorRequest>().await?;
        let mut views: Vec<RequestView> = requests
            .into_iter()
            .map(|request| names.view(request))
            .collect();
        views.sort_by(|a, b| {
            (a.state, a.request.due_on, &a.id).cmp(&(b.state, b.request.due_on, &b.id))
        });
        Ok(views)
    }

    /// One request.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub(crate) async fn vendor_request(&self, id: &RecordId) -> Result<RequestView, Failure> {
        let request = self.kept_one::<VendorRequest>(id).await?;
        Ok(self.request_names().await?.view(request))
    }

    /// Days on which answers are due; none where no vendor is asked.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn request_deadlines(&self) -> Result<Vec<Deadline>, Failure> {
        if !asks_vendors(self.institution.vendor_contract) {
            return Ok(Vec::new());
        }
        let requests = self.vendor_requests().await?;
        Ok(requests.iter().filter_map(RequestView::deadline).collect())
    }

    /// The last day on which an address that is made today opens.
    pub(crate) fn last_link_day(&self) -> Date {
        let latest = SignedDuration::from_hours(24 * LINK_DAYS_MAX);
        self.today.saturating_add(latest)
    }

    /// The form that vendors are asked to fill in: that of the newest edition.
    ///
    /// # Errors
    /// The edition has none.
    pub(crate) fn vendor_form(&self) -> Result<(&Edition, &Form), Failure> {
        let (edition, _) = self.form(&WhichForm::default())?;
        let mut forms = edition.head.forms.iter();
        let form = forms.find(|form| form.audience == Audience::Vendor);
        let none = || Failure::refused(labels::no_vendor_form(&edition.head.label));
        form.map(|form| (edition, form)).ok_or_else(none)
    }

    /// Asks a vendor for some of its systems.
    ///
    /// # Errors
    /// No vendor is asked here, something is missing or unknown, or the store fails.
    pub(crate) async fn request_confirmation(
        &self,
        vendor: &RecordId,
        typed: &Typed,
        by: &str,
    ) -> Result<Requested, Failure> {
        if !asks_vendors(self.institution.vendor_contract) {
            return Err(Failure::refused(labels::vendors_not_asked()));
        }
        self.kept_one::<Vendor>(vendor).await?;
        let (edition, form) = self.vendor_form()?;
        let systems = self.systems_typed(typed).await?;
        let due_on = day(typed.one("due_on"), "due_on")?
            .ok_or_else(|| Failure::refused(labels::field_missing("due_on")).at("due_on"))?;
        if due_on < self.today {
            return Err(Failure::refused(labels::due_before_today()).at("due_on"));
        }
        let channels = channels_typed(typed)?;
        let code = channels.contains(&Channel::Link).then(|| self.new_code());
        let request = VendorRequest {
            vendor: vendor.clone(),
            systems,
            edition: edition.head.id.clone(),
            form: form.id.clone(),
            made_on: self.today,
            made_by: by.to_owned(),
            due_on,
            channels,
            link: code.as_ref().map(link_of),
            withdrawn: false,
            refused: Vec::new(),
        };
        let seen = self.new_record();
        self.keep(&seen, &request, by).await?;
        Ok(Requested { id: seen.id, code })
    }

    /// Gives an open request a new address; the one before opens nothing any more.
    ///
    /// # Errors
    /// The request takes no answer, was changed meanwhile, or the store fails.
    pub(crate) async fn renew_link(&self, id: &RecordId, by: &str) -> Result<Requested, Failure> {
        let mut view = self.open_request(id).await?;
        let code = self.new_code();
        view.request.link = Some(link_of(&code));
        if !view.request.channels.contains(&Channel::Link) {
            view.request.channels.push(Channel::Link);
        }
        let saved = self.keep(&view.seen(), &view.request, by).await?;
        unchanged_meanwhile(saved)?;
        Ok(Requested {
            id: view.id,
            code: Some(code),
        })
    }

    /// Takes an open request back; nothing can be answered any more.
    ///
    /// # Errors
    /// The request takes no answer anyway, was changed meanwhile, or the store fails.
    pub(crate) async fn withdraw_request(&self, id: &RecordId, by: &str) -> Result<(), Failure> {
        let mut view = self.open_request(id).await?;
        view.request.withdrawn = true;
        let saved = self.keep(&view.seen(), &view.request, by).await?;
        unchanged_meanwhile(saved)
    }

    /// A request that still takes an answer.
    ///
    /// # Errors
    /// It does not, there is none, or the store fails.
    async fn open_request(&self, id: &RecordId) -> Result<RequestView, Failure> {
        let view = self.vendor_request(id).await?;
        match view.closed() {
            None => Ok(view),
            Some(why) => Err(Failure::refused(labels::answer_not_taken(why))),
        }
    }

    /// Notes on the request that an answer came and was not taken.
    ///
    /// # Errors
    /// The store fails.
    pub(super) async fn note_refused(
        &self,
        view: &RequestView,
        why: AttemptRefused,
        by: &str,
    ) -> Result<(), Failure> {
        let mut request = view.request.clone();
        if request.refused.len() >= ATTEMPTS_KEPT_MAX {
            return Ok(());
        }
        request.refused.push(RefusedAttempt { at: self.now, why });
        // Whoever was faster noted the same or something more important.
        self.keep(&view.seen(), &request, by).await.map(drop)
    }

    /// Devices of the ledger that a vendor is asked about.
    ///
    /// They are those that the ledger puts down to it, and those of the systems of the request for
    /// which it names nobody. Nothing else of the ledger is shown to it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn devices_of(
        &self,
        view: &RequestView,
    ) -> Result<BTreeMap<AssetId, AssetRecord>, Failure> {
        let concerns = |record: &AssetRecord| {
            let is_vendor = |name: &String| is_same_name(name, &view.vendor);
            let is_system = |name: &String| view.systems.iter().any(|it| is_same_name(name, it));
            match &record.vendor {
                Some(vendor) => is_vendor(vendor),
                None => record.system.as_ref().is_some_and(is_system),
            }
        };
        let ledger = self.ledger().await?.into_iter().map(|(asset, _)| asset);
        let concerned = ledger.filter(|asset| concerns(&asset.record));
        Ok(concerned.map(|asset| (asset.id, asset.record)).collect())
    }

    async fn request_names(&self) -> Result<RequestNames, Failure> {
        let answers = self.kept::<VendorAnswer>().await?.into_iter();
        Ok(RequestNames {
            vendors: self.kept_by_id().await?,
            systems: self.kept_by_id().await?,
            answers: answers.map(|answer| (answer.id.clone(), answer)).collect(),
        })
    }

    async fn systems_typed(&self, typed: &Typed) -> Result<Vec<RecordId>, Failure> {
        let known: BTreeMap<RecordId, System> = self.kept_by_id().await?;
        let chosen: Vec<RecordId> = typed.all("systems").iter().map(RecordId::new).collect();
        match chosen.iter().all(|id| known.contains_key(id)) {
            true => Ok(chosen),
            false => Err(Failure::refused(labels::system_gone()).at("systems")),
        }
    }

    pub(super) fn new_code(&self) -> (String, Timestamp) {
        let latest = SignedDuration::from_hours(24 * LINK_DAYS_MAX);
        let ends_at = self.now.saturating_add(latest).unwrap_or(self.now);
        let code = format!("{}{CODE_SIGN}{}", self.institution.id, new_token());
        (code, ends_at)
    }
}

/// The institution that a one-time code names.
pub(super) fn institution_in(code: &str) -> Option<&str> {
    code.rsplit_once(CODE_SIGN)
        .map(|(institution, _)| institution)
}

/// Nobody else changed the record meanwhile.
///
/// # Errors
/// Somebody did.
pub(super) fn unchanged_meanwhile<R>(saved: Saved<R>) -> Result<(), Failure> {
    match saved {
        Saved::Done | Saved::Same => Ok(()),
        Saved::Conflict(_) => Err(Failure::refused(labels::request_changed())),
    }
}

/// What is kept of a code and its end.
pub(super) fn link_of((code, ends_at): &(String, Timestamp)) -> OneTimeLink {
    OneTimeLink {
        code_hash: token_hash(code),
        ends_at: *ends_at,
    }
}

fn channels_typed(typed: &Typed) -> Result<Vec<Channel>, Failure> {
    let known = |word: &String| serde_json::from_value(word.as_str().into()).ok();
    let chosen: Vec<Channel> = typed.all("channels").iter().filter_map(known).collect();
    match chosen.is_empty() {
        true => Err(Failure::refused(labels::channel_missing()).at("channels")),
        false => Ok(chosen),
    }
}

/// What requests are shown with.
struct RequestNames {
    vendors: BTreeMap<RecordId, Vendor>,
    systems: BTreeMap<RecordId, System>,
    answers: BTreeMap<RecordId, Kept<VendorAnswer>>,
}

impl RequestNames {
    fn view(&mut self, request: Kept<VendorRequest>) -> RequestView {
        let answer = self.answers.remove(&request.id);
        let body = request.body;
        let systems = body.systems.iter().filter_map(|id| self.systems.get(id));
        let vendor = self.vendors.get(&body.vendor);
        RequestView {
            id: request.id,
            version: request.version,
            state: body.state(answer.as_ref().map(|answer| &answer.body)),
            vendor: vendor.map(|vendor| vendor.name.clone()).unwrap_or_default(),
            systems: systems.map(|system| system.name.clone()).collect(),
            answer,
            request: body,
        }
    }
}
