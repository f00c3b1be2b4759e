//! The institutions of an installation: which one a person works in, and for those who run the
//! installation how all of them stood when they were last looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::{Grant, Role};
use sonae_domain::standing::Standing;
use sonae_store::{Summary, new_id};

use super::checklist::{Checklist, WhichForm};
use super::doors::Entry;
use super::failure::Failure;
use super::first_visit::kind_of_word;
use super::installation::Installation;
use super::labels;
use super::workspace::{Workspace, left_behind, store_failure};

/// Standings that somebody has to act on.
const NEEDS: [Standing; 4] = [
    Standing::Contradicted,
    Standing::Overdue,
    Standing::Stale,
    Standing::TargetMissing,
];

/// So many institutions are summarised anew when somebody looks at all: some milliseconds each, as
/// most only had an answer, and with more the page would keep people waiting.
const SUMMARISED_MAX: usize = 20;

/// How an institution stood, kept so that an overview need not judge all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Items by standing.
    pub(crate) standings: BTreeMap<Standing, usize>,
}

/// An institution in the overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overview {
    pub(crate) institution: Institution,
    /// None as long as nobody looked at its checklist.
    pub(crate) seen: Option<Seen>,
    /// Whether the person who asks has a role in it.
    pub(crate) may_enter: bool,
}

/// How an institution stood, and when that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) counts: Counts,
    pub(crate) judged_on: Date,
    pub(crate) saved_at: Timestamp,
    /// Something was changed since.
    pub(crate) is_outdated: bool,
}

/// What a person typed to add an institution.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewInstitution {
    pub(crate) name: String,
    pub(crate) kind: String,
}

impl Counts {
    fn of(checklist: &Checklist<'_>) -> Self {
        let mut standings = BTreeMap::new();
        for standing in &checklist.standings {
            *standings.entry(standing.standing).or_insert(0) += 1;
        }
        Self { standings }
    }

    /// How many items stand so.
    pub(crate) fn n_of(&self, standing: Standing) -> usize {
        self.standings.get(&standing).copied().unwrap_or_default()
    }

    fn n_needing(&self) -> usize {
        NEEDS.iter().map(|standing| self.n_of(*standing)).sum()
    }
}

impl Workspace {
    /// Keeps how a checklist stands for the overview, if that has changed.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn keep_summary(&self, checklist: &Checklist<'_>) -> Result<(), Failure> {
        if self.as_of.is_some() {
            return Ok(());
        }
        let id = &self.institution.id;
        let body = serde_json::to_string(&Counts::of(checklist)).map_err(|source| {
            Failure::unexpected(labels::kept_unreadable("summary")).because(source)
        })?;
        let basis = (checklist.last_entry, self.today, body);
        if self.installation.summaries.is_kept(id, &basis) {
            return Ok(());
        }
        let (last_entry, judged_on, body) = basis.clone();
        let summary = Summary {
            body,
            last_entry,
            judged_on,
            saved_at: self.now,
        };
        left_behind(self.store.save_summary(id, &summary).await)?;
        self.installation.summaries.keep(id, basis);
        Ok(())
    }
}

impl Installation {
    /// The institutions in which a person has a role today, by name.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn institutions_of(&self, entry: &Entry) -> Result<Vec<Institution>, Failure> {
        let now = self.settings.clock.now();
        let mut ids: Vec<InstitutionId> = self
            .grants_now(&entry.person.account, now)
            .await?
            .into_iter()
            .map(|(institution, _)| institution)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut institutions = Vec::new();
        for id in &ids {
            institutions.extend(self.store.institution(id).await.map_err(store_failure)?);
        }
        institutions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(institutions)
    }

    /// All institutions and how they stood, those in need first; none for who does not run the
    /// installation.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn overview(
        self: &Arc<Self>,
        entry: &Entry,
    ) -> Result<Option<Vec<Overview>>, Failure> {
        if !may_run(entry) {
            return Ok(None);
        }
        let outdated = self.summarise_changed().await?;
        let now = self.settings.clock.now();
        let grants = self.grants_now(&entry.person.account, now).await?;
        let mut seen: BTreeMap<InstitutionId, Seen> = BTreeMap::new();
        for (id, summary) in self.store.summaries().await.map_err(store_failure)? {
            // A summary in an older form is made anew as soon as somebody looks.
            if let Ok(counts) = serde_json::from_str(&summary.body) {
                let (judged_on, saved_at) = (summary.judged_on, summary.saved_at);
                let summary = Seen {
                    counts,
                    judged_on,
                    saved_at,
                    is_outdated: outdated.contains(&id),
                };
                seen.insert(id, summary);
            }
        }
        let institutions = self.store.institutions().await.map_err(store_failure)?;
        let overview = |institution: Institution| Overview {
            seen: seen.remove(&institution.id),
            may_enter: grants.iter().any(|(of, _)| *of == institution.id),
            institution,
        };
        let mut all: Vec<Overview> = institutions.into_iter().map(overview).collect();
        all.sort_by(|a, b| (need(a), &a.institution.name).cmp(&(need(b), &b.institution.name)));
        Ok(Some(all))
    }

    /// Summarises anew a few of those that people and programs changed since they were last looked
    /// at, so that saving an answer need not wait for it; says which are still to be summarised.
    async fn summarise_changed(self: &Arc<Self>) -> Result<BTreeSet<InstitutionId>, Failure> {
        let changed = self.store.changed_since_summary().await;
        let mut left = BTreeSet::new();
        for (n, id) in changed.map_err(store_failure)?.into_iter().enumerate() {
            if n >= SUMMARISED_MAX {
                left.insert(id);
            } else if let Err(failure) = self.summarise(&id).await {
                tracing::error!(institution = %id, "no summary: {}", failure.text.en);
                left.insert(id);
            }
        }
        Ok(left)
    }

    async fn summarise(self: &Arc<Self>, id: &InstitutionId) -> Result<(), Failure> {
        let institution = self.store.institution(id).await.map_err(store_failure)?;
        let institution =
            institution.ok_or_else(|| Failure::not_found(labels::no_such_institution()))?;
        let workspace = self.workspace(institution);
        let checklist = workspace.judge(&WhichForm::default(), None).await?;
        workspace.keep_summary(&checklist).await
    }

    /// Makes an institution the one of a session.
    ///
    /// # Errors
    /// The person has no role in it, or there is none: the same for both.
    pub(crate) async fn enter(&self, entry: &Entry, typed: &str) -> Result<(), Failure> {
        let chosen = InstitutionId::new(typed);
        let not_found = || Failure::not_found(labels::no_such_institution());
        let now = self.settings.clock.now();
        let grants = self.grants_now(&entry.person.account, now).await?;
        if !grants.iter().any(|(of, _)| *of == chosen) {
            return Err(not_found());
        }
        let token = entry.session.as_deref().ok_or_else(not_found)?;
        let session = self.store.session(token).await.map_err(store_failure)?;
        let mut session = session.ok_or_else(not_found)?;
        session.institution = Some(chosen);
        let saved = self.store.save_session(&session).await;
        saved.map_err(store_failure)
    }

    /// Makes an institution the one of a session that just began, for what was typed in it before;
    /// none if the person has no role in it.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn go_back_in(
        self: &Arc<Self>,
        token: &str,
        institution: &InstitutionId,
    ) -> Result<Option<Institution>, Failure> {
        let Some(entry) = self.entry(token).await? else {
            return Ok(None);
        };
        let own = self.institutions_of(&entry).await?;
        let Some(found) = own.into_iter().find(|own| own.id == *institution) else {
            return Ok(None);
        };
        self.enter(&entry, institution.as_str()).await?;
        Ok(Some(found))
    }

    /// Adds an institution, of which the person becomes administrator, and works in it from now on.
    ///
    /// # Errors
    /// The name is missing, or the person does not run the installation: then there is nothing here.
    pub(crate) async fn add_institution(
        &self,
        entry: &Entry,
        typed: &NewInstitution,
    ) -> Result<(), Failure> {
        if !may_run(entry) {
            return Err(Failure::not_found(labels::no_such_institution()));
        }
        if typed.name.trim().is_empty() {
            return Err(Failure::refused(labels::institution_name_missing()));
        }
        let kind = kind_of_word(&typed.kind)
            .ok_or_else(|| Failure::refused(labels::institution_kind_missing()))?;
        let (now, by) = (self.settings.clock.now(), entry.person.name.as_str());
        let institution = new_institution(typed.name.trim(), kind, now);
        let grant = administrator(&entry.person.account, by, now);
        let founded = self.store.found_institution(&institution, &grant).await;
        founded.map_err(store_failure)?;
        self.enter(entry, institution.id.as_str()).await
    }
}

fn new_institution(name: &str, kind: InstitutionKind, now: Timestamp) -> Institution {
    Institution {
        id: InstitutionId::new(new_id(now)),
        name: name.to_owned(),
        kind,
        vendor_contract: VendorContract::Unconfirmed,
    }
}

/// The grant of whoever is the first to administer an institution.
pub(super) fn administrator(account: &AccountId, by: &str, now: Timestamp) -> Grant {
    Grant {
        id: GrantId::new(new_id(now)),
        account: account.clone(),
        role: Role::Administrator,
        outsider: false,
        purpose: None,
        ends_on: None,
        granted_by: by.to_owned(),
        granted_at: now,
        revoked: None,
    }
}

/// Whether somebody sees all institutions: who runs the installation, and has come in as far as
/// their own institution asks for, a second factor included.
pub(crate) fn may_run(entry: &Entry) -> bool {
    entry.person.is_operator && !entry.must_add_second_factor
}

/// Sorts the most needing first; what nobody has looked at comes before what is well.
fn need(overview: &Overview) -> (u8, std::cmp::Reverse<usize>, std::cmp::Reverse<usize>) {
    use std::cmp::Reverse;

    let Some(seen) = &overview.seen else {
        return (1, Reverse(0), Reverse(0));
    };
    let n_needing = seen.counts.n_needing();
    let n_unanswered = seen.counts.n_of(Standing::Unanswered);
    let place = if n_needing > 0 { 0 } else { 2 };
    (place, Reverse(n_needing), Reverse(n_unanswered))
}

/// What each kept summary rests on: the journal's last entry, the day, and what it says.
type SummaryBasis = (i64, Date, String);

/// Which summaries are kept as they are, so that looking does not write each time.
#[derive(Debug, Default)]
pub(crate) struct KeptSummaries {
    kept: Mutex<BTreeMap<InstitutionId, SummaryBasis>>,
}

impl KeptSummaries {
    fn is_kept(&self, institution: &InstitutionId, basis: &SummaryBasis) -> bool {
        lock(&self.kept).get(institution) == Some(basis)
    }

    fn keep(&self, institution: &InstitutionId, basis: SummaryBasis) {
        lock(&self.kept).insert(institution.clone(), basis);
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
