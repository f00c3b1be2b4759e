//! What vendors publish once for all customers of a product, at one of them: taken in as a signed file,
//! compared with the one before, and taken over item by item by a person. What is said there about other
//! customers is neither shown nor kept.

use sha2::{Digest, Sha256};
use sonae_domain::edition::Text;
use sonae_domain::ids::{ItemId, RecordId};
use sonae_domain::publication::{
    Decision, DecisionChoice, KeptPublication, Publication, PublicationRefused, RefusedPublication,
    RefusedPublications,
};
use sonae_domain::register::Vendor;
use sonae_domain::signed::PublicKey;
use sonae_domain::vendor::{asks_vendors, is_same_name};
use sonae_domain::vendor_key::KeyTrust;

use super::answering::{NOTE_CHARS_MAX, refuse_secret};
use super::failure::Failure;
use super::filled_form::check_line;
use super::labels;
use super::registers::{Kept, Seen};
use super::vendor_requests::unchanged_meanwhile;
use super::workspace::Workspace;

/// More refused files of one vendor tell nothing new, and each is a line of the journal.
const REFUSED_KEPT_MAX: usize = 20;

/// What a person made of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) item: ItemId,
    pub(crate) choice: DecisionChoice,
    pub(crate) note: Option<String>,
}

/// Why a file was not taken, in short and in a sentence.
struct NotTaken {
    why: PublicationRefused,
    text: Text,
}

/// A publication whose signature fits.
struct Opened {
    publication: Publication,
    signer: PublicKey,
    file_sha256: String,
}

impl Workspace {
    /// What a vendor published, by product.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn publications_of(
        &self,
        vendor: &RecordId,
    ) -> Result<Vec<Kept<KeptPublication>>, Failure> {
        let mut kept = self.kept::<KeptPublication>().await?;
        kept.retain(|kept| kept.body.vendor == *vendor);
        kept.sort_by(|a, b| a.body.product.cmp(&b.body.product));
        Ok(kept)
    }

    /// Files of a vendor that were not taken, in their order.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn refused_publications(
        &self,
        vendor: &RecordId,
    ) -> Result<Option<Kept<RefusedPublications>>, Failure> {
        let mut kept = self.kept::<RefusedPublications>().await?.into_iter();
        Ok(kept.find(|kept| kept.id == *vendor))
    }

    /// Takes a published file in, and says where it is kept. Nothing of it counts before a person decides.
    ///
    /// # Errors
    /// It is none, over, not newer than the one that is here, for another edition, or signed by another key
    /// than the one that is known; then that is noted. Or the store fails.
    pub(crate) async fn take_publication(
        &self,
        vendor: &RecordId,
        bytes: &[u8],
        by: &str,
    ) -> Result<RecordId, Failure> {
        if !asks_vendors(self.institution.vendor_contract) {
            return Err(Failure::refused(labels::vendors_not_asked()));
        }
        self.kept_one::<Vendor>(vendor).await?;
        if bytes.is_empty() {
            return Err(Failure::refused(labels::answer_file_missing()).at("file"));
        }
        match self.take_if_it_fits(vendor, bytes, by).await? {
            Ok(id) => Ok(id),
            Err(NotTaken { why, text }) => {
                self.note_refused_publication(vendor, why, by).await?;
                Err(Failure::refused(text).at("file"))
            }
        }
    }

    async fn take_if_it_fits(
        &self,
        vendor: &RecordId,
        bytes: &[u8],
        by: &str,
    ) -> Result<Result<RecordId, NotTaken>, Failure> {
        let fits = |opened: Opened| self.check(&opened.publication).map(|()| opened);
        let opened = match opened(bytes).and_then(fits) {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        let known = self.publications_of(vendor).await?.into_iter();
        let mut known =
            known.filter(|known| is_same_name(&known.body.product, &opened.publication.product));
        let before = known.next();
        if let Some(why) = before
            .as_ref()
            .and_then(|before| opened.is_late(&before.body))
        {
            return Ok(Err(why.into()));
        }
        if self.meet_key(vendor, &opened.signer, by).await?.is_some() {
            return Ok(Err(PublicationRefused::OtherKey.into()));
        }
        let new = self.kept_here(vendor, opened);
        let (seen, new) = match before {
            None => (self.new_record(), new),
            Some(before) => {
                let seen = Seen {
                    id: before.id,
                    version: Some(before.version),
                };
                (seen, new.after(before.body))
            }
        };
        unchanged_meanwhile(self.keep(&seen, &new, by).await?)?;
        Ok(Ok(seen.id))
    }

    async fn note_refused_publication(
        &self,
        vendor: &RecordId,
        why: PublicationRefused,
        by: &str,
    ) -> Result<(), Failure> {
        let kept = self.refused_publications(vendor).await?;
        let seen = Seen {
            id: vendor.clone(),
            version: kept.as_ref().map(|kept| kept.version),
        };
        let mut noted = kept.map(|kept| kept.body).unwrap_or_default();
        if noted.refused.len() >= REFUSED_KEPT_MAX {
            return Ok(());
        }
        noted.refused.push(RefusedPublication { at: self.now, why });
        // Whoever was faster noted the same or something more important.
        self.keep(&seen, &noted, by).await.map(drop)
    }

    /// Takes rows over, narrows or refuses them, as a person says.
    ///
    /// # Errors
    /// Nothing was decided, a row is not there, a note is missing, nobody compared the key yet, the
    /// publication is over, somebody was faster, or the store fails.
    pub(crate) async fn decide(
        &self,
        seen: &Seen,
        decided: Vec<Decided>,
        by: &str,
    ) -> Result<(), Failure> {
        let mut kept = self.kept_one::<KeptPublication>(&seen.id).await?.body;
        if decided.is_empty() {
            return Err(Failure::refused(labels::nothing_chosen()));
        }
        if kept.ends_on < self.today {
            return Err(Failure::refused(labels::publication_not_taken(
                PublicationRefused::Over,
            )));
        }
        let key = self.vendor_key(&kept.vendor).await?;
        let trust = key.map(|key| key.body.trust(&kept.signed_by));
        if trust != Some(KeyTrust::Confirmed) {
            return Err(Failure::refused(labels::key_not_confirmed()));
        }
        for Decided { item, choice, note } in decided {
            if !kept.lines.contains_key(&item) {
                return Err(Failure::not_found(labels::not_there()));
            }
            if choice.needs_note() && note.is_none() {
                return Err(Failure::refused(labels::decision_without_note()));
            }
            check_note(note.as_deref()).map_err(Failure::refused)?;
            let decision = Decision {
                choice,
                note,
                by: by.to_owned(),
                at: self.now,
            };
            kept.decisions.insert(item, decision);
        }
        unchanged_meanwhile(self.keep(seen, &kept, by).await?)
    }

    fn check(&self, publication: &Publication) -> Result<(), NotTaken> {
        if publication.published_at > self.now {
            return Err(PublicationRefused::FromTheFuture.into());
        }
        if publication.ends_on < self.today {
            return Err(PublicationRefused::Over.into());
        }
        let other = || NotTaken::from(PublicationRefused::OtherEdition);
        let (edition, form) = self.vendor_form().map_err(|_| other())?;
        if publication.edition != edition.head.id || publication.form != form.id {
            return Err(other());
        }
        for (id, here) in publication.lines_for(&self.institution.id, &self.institution.name) {
            let item = edition.item(&id).filter(|item| item.form == form.id);
            let item = item.ok_or_else(|| labels::form_item_unknown(id.as_str()))?;
            let day = here.line.confirmed_on.ok_or_else(labels::day_missing);
            let checked = day.and_then(|day| check_line(edition, &id, &here.line, day, self.today));
            checked.map_err(|text| labels::form_answer_refused(&item.number, &text))?;
        }
        Ok(())
    }

    /// Without a word about other customers.
    fn kept_here(&self, vendor: &RecordId, opened: Opened) -> KeptPublication {
        let published = opened.publication;
        KeptPublication {
            lines: published.lines_for(&self.institution.id, &self.institution.name),
            vendor: vendor.clone(),
            product: published.product,
            product_version: published.product_version,
            edition: published.edition,
            form: published.form,
            answered_by: published.answered_by,
            published_at: published.published_at,
            ends_on: published.ends_on,
            signed_by: opened.signer,
            file_sha256: opened.file_sha256,
            before: None,
            decisions: std::collections::BTreeMap::new(),
        }
    }
}

impl Opened {
    /// Why it comes too late, after the one that is here.
    fn is_late(&self, before: &KeptPublication) -> Option<PublicationRefused> {
        if before.file_sha256 == self.file_sha256 {
            return Some(PublicationRefused::AlreadyTaken);
        }
        let is_older = before.published_at >= self.publication.published_at;
        is_older.then_some(PublicationRefused::Older)
    }
}

impl From<PublicationRefused> for NotTaken {
    fn from(why: PublicationRefused) -> Self {
        Self {
            text: labels::publication_not_taken(why),
            why,
        }
    }
}

/// What must be mended in a row.
impl From<Text> for NotTaken {
    fn from(text: Text) -> Self {
        Self {
            why: PublicationRefused::ToMend,
            text,
        }
    }
}

fn opened(bytes: &[u8]) -> Result<Opened, NotTaken> {
    let (publication, signer) = Publication::open(bytes)?;
    Ok(Opened {
        publication,
        signer,
        file_sha256: hex::encode(Sha256::digest(bytes)),
    })
}

fn check_note(note: Option<&str>) -> Result<(), Text> {
    if note.is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(labels::note_too_long(NOTE_CHARS_MAX));
    }
    refuse_secret(note).map_err(|failure| failure.text)
}
