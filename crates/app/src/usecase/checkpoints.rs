//! Whether the histories hold, by themselves and against checkpoints that people kept, and the signed
//! checkpoints of them. Nothing is signed that was not made anew and compared before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use sonae_domain::checkpoint::{Checkpoint, ShortCode, SignedCheckpoint};
use sonae_domain::edition::Text;
use sonae_domain::ids::InstitutionId;
use sonae_domain::merkle::Edge;
use sonae_report::HistoryNote;
use sonae_store::{KeptCheckpoint, Verified};

use super::failure::Failure;
use super::history_key::{HistoryKey, Signer};
use super::installation::Installation;
use super::workspace::{Workspace, store_failure};
use super::{files, labels, printing};

/// A signed checkpoint has a few hundred bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Whose history a checkpoint speaks about begins so.
const ORIGIN: &str = "sonae/";

/// In place of the id of an institution, for the history of the installation itself.
const OF_INSTALLATION: &str = "installation";

/// A checkpoint that this installation signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MadeCheckpoint {
    /// What it says.
    pub(crate) checkpoint: Checkpoint,
    /// The signed note.
    pub(crate) note: String,
    /// Size and the beginning of the root, for paper.
    pub(crate) short_code: ShortCode,
    /// With which others check the signature.
    pub(crate) verifier_key: String,
    /// When.
    pub(crate) made_at: Timestamp,
    tree: Edge,
}

impl MadeCheckpoint {
    /// The short code as a QR code, an `svg` element.
    ///
    /// # Errors
    /// It cannot be drawn.
    pub(crate) fn qr(&self) -> Result<String, Failure> {
        let code = self.short_code.to_string();
        printing::qr("checkpoint", &code, &code)
    }

    /// Writes it to a file.
    ///
    /// # Errors
    /// It cannot be drawn or written.
    pub(crate) fn draw(&self, path: &Path) -> Result<(), Failure> {
        files::write_whole(path, self.qr()?.as_bytes())
    }

    /// As it stands at the foot of a sheet.
    fn on_paper(&self) -> HistoryNote {
        HistoryNote::Checkpoint {
            short_code: self.short_code.to_string(),
            made_at: self.made_at,
        }
    }

    /// What is kept, if it says what the tree beside it is and this key signed it.
    fn of(kept: KeptCheckpoint, origin: &str, key: &HistoryKey) -> Option<Self> {
        let signed = signed(&kept, origin)?;
        if key.has_signed(&signed) != Signer::This {
            return None;
        }
        Some(Self {
            short_code: signed.checkpoint.short_code(),
            checkpoint: signed.checkpoint,
            note: kept.note,
            verifier_key: key.verifier_key(origin),
            made_at: kept.made_at,
            tree: kept.tree,
        })
    }
}

/// The note that is kept beside a tree; none if it says something else.
fn signed(kept: &KeptCheckpoint, origin: &str) -> Option<SignedCheckpoint> {
    let signed: SignedCheckpoint = kept.note.parse().ok()?;
    let expected = said_of(&kept.tree, origin);
    (signed.checkpoint == expected).then_some(signed)
}

fn said_of(tree: &Edge, origin: &str) -> Checkpoint {
    Checkpoint {
        origin: origin.to_owned(),
        size: tree.size(),
        root: tree.root(),
    }
}

/// A checkpoint that somebody kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KnownCheckpoint {
    /// The signed note.
    Signed(SignedCheckpoint),
    /// What was printed.
    Short(ShortCode),
}

/// What was found out about a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryReport {
    /// Whose it is; none for the installation's own.
    pub(crate) of: Option<InstitutionId>,
    /// Under which name people know it.
    pub(crate) name: Text,
    /// How many entries it has.
    pub(crate) n_entries: u64,
    /// The first entry that is not as it was written, and how.
    pub(crate) bad: Option<Text>,
    /// What is worth a look and proves nothing.
    pub(crate) remark: Option<Text>,
}

/// What was found out about a checkpoint that somebody kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownReport {
    /// Its short code.
    pub(crate) short_code: ShortCode,
    /// Whether the history is still the one that it speaks about.
    pub(crate) holds: bool,
    /// In words.
    pub(crate) text: Text,
}

/// What was found out about all histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryVerdict {
    /// The installation's own first.
    pub(crate) histories: Vec<HistoryReport>,
    /// In the order in which they were handed in.
    pub(crate) known: Vec<KnownReport>,
}

impl HistoryVerdict {
    /// Nothing is bad.
    pub(crate) fn holds(&self) -> bool {
        self.histories.iter().all(|history| history.bad.is_none())
            && self.known.iter().all(|known| known.holds)
    }
}

/// Reads what somebody kept: a short code, or the path of a file with a signed checkpoint or a code.
///
/// # Errors
/// It is neither, or the file cannot be read.
pub(crate) fn read_known(typed: &str) -> Result<KnownCheckpoint, Failure> {
    if let Ok(code) = typed.parse() {
        return Ok(KnownCheckpoint::Short(code));
    }
    let (bytes, _) = files::read_limited(Path::new(typed), NOTE_BYTES_MAX)?;
    read_sent(typed, &String::from_utf8_lossy(&bytes))
}

/// Reads what somebody kept and sent: a signed checkpoint or a short code, under a name of its own.
///
/// # Errors
/// It is neither.
pub(crate) fn read_sent(name: &str, text: &str) -> Result<KnownCheckpoint, Failure> {
    let signed = text.parse().map(KnownCheckpoint::Signed);
    let read = signed.or_else(|_| text.parse().map(KnownCheckpoint::Short));
    read.map_err(|source| Failure::refused(labels::not_a_checkpoint(name)).because(source))
}

/// The latest checkpoint of a history, and what was made anew behind it.
struct Tail {
    latest: Option<MadeCheckpoint>,
    verified: Verified,
}

impl Workspace {
    /// What a sheet on paper says of the institution's history: of now with a checkpoint, which is made if
    /// there is none yet; of a past day with the latest that was signed by then. A sheet is printed even
    /// if the history does not hold or nothing can be signed, and says so.
    pub(crate) async fn history_note(&self) -> HistoryNote {
        let noted = self.noted().await;
        noted.unwrap_or_else(|failure| {
            // Why is for the log: a sheet goes to people outside.
            tracing::error!("no checkpoint for a sheet: {}", failure.text.en);
            HistoryNote::Missing(labels::no_checkpoint_made())
        })
    }

    async fn noted(&self) -> Result<HistoryNote, Failure> {
        let (installation, of) = (&self.installation, Some(&self.institution.id));
        let tail = installation.tail(of).await?;
        if let Some(bad) = &tail.verified.first_bad {
            return Ok(HistoryNote::Changed(labels::history_bad(bad)));
        }
        let checkpoint = match self.as_of {
            None => Some(installation.sign(of, tail).await?),
            Some(_) => installation.latest_checkpoint(of, self.as_of).await?,
        };
        let missing = || HistoryNote::Missing(labels::no_checkpoint_by(self.today));
        Ok(checkpoint.map_or_else(missing, |made| made.on_paper()))
    }

    /// The latest checkpoint of the institution's history, if one was made.
    ///
    /// # Errors
    /// See [`Installation::latest_checkpoint`].
    pub(crate) async fn latest_checkpoint(&self) -> Result<Option<MadeCheckpoint>, Failure> {
        let of = Some(&self.institution.id);
        self.installation.latest_checkpoint(of, self.as_of).await
    }

    /// Makes the institution's history anew and compares it with itself and with checkpoints that people
    /// kept. Of other institutions nothing is looked at.
    ///
    /// # Errors
    /// See [`Installation::verify_history`].
    pub(crate) async fn verify_history(
        &self,
        known: &[KnownCheckpoint],
    ) -> Result<HistoryVerdict, Failure> {
        let ours = vec![Some(self.institution.id.clone())];
        self.installation.verify(ours, known).await
    }

    /// A signed checkpoint of the institution's history.
    ///
    /// # Errors
    /// See [`Installation::checkpoint`].
    pub(crate) async fn checkpoint(&self) -> Result<MadeCheckpoint, Failure> {
        self.installation
            .checkpoint(Some(&self.institution.id))
            .await
    }
}

impl Installation {
    /// A signed checkpoint of a history as it is now, which is kept with it. What came after the latest
    /// one is made anew and compared first.
    ///
    /// # Errors
    /// An entry is not as it was written: nothing is signed. The store fails or there is no key.
    pub(crate) async fn checkpoint(
        &self,
        of: Option<&InstitutionId>,
    ) -> Result<MadeCheckpoint, Failure> {
        let tail = self.tail(of).await?;
        match &tail.verified.first_bad {
            Some(bad) => Err(Failure::refused(labels::history_not_signed(bad))),
            None => self.sign(of, tail).await,
        }
    }

    async fn tail(&self, of: Option<&InstitutionId>) -> Result<Tail, Failure> {
        let latest = self.latest_checkpoint(of, None).await?;
        let behind = latest
            .as_ref()
            .map_or_else(Edge::default, |latest| latest.tree.clone());
        let verified = self.store.verify_tail(of, &behind).await;
        Ok(Tail {
            latest,
            verified: verified.map_err(store_failure)?,
        })
    }

    /// Nothing in the tail may be bad. Without anything new the latest checkpoint stays.
    async fn sign(
        &self,
        of: Option<&InstitutionId>,
        Tail { latest, verified }: Tail,
    ) -> Result<MadeCheckpoint, Failure> {
        if let Some(latest) = latest.filter(|latest| latest.tree == verified.tree) {
            return Ok(latest);
        }
        let key = HistoryKey::open(&self.settings.data)?;
        let checkpoint = said_of(&verified.tree, &origin(of));
        let kept = KeptCheckpoint {
            note: checkpoint.note(&key.sign(&checkpoint.origin, &checkpoint.text())),
            tree: verified.tree,
            made_at: self.settings.clock.now(),
        };
        self.store
            .keep_checkpoint(of, &kept)
            .await
            .map_err(store_failure)?;
        Ok(MadeCheckpoint {
            note: kept.note,
            short_code: checkpoint.short_code(),
            verifier_key: key.verifier_key(&checkpoint.origin),
            made_at: kept.made_at,
            tree: kept.tree,
            checkpoint,
        })
    }

    /// The latest checkpoint that was signed, by now or by a moment; nothing is written or verified.
    ///
    /// # Errors
    /// The store fails, or the key cannot be read.
    pub(crate) async fn latest_checkpoint(
        &self,
        of: Option<&InstitutionId>,
        as_of: Option<Timestamp>,
    ) -> Result<Option<MadeCheckpoint>, Failure> {
        let Some(key) = HistoryKey::find(&self.settings.data)? else {
            return Ok(None);
        };
        let origin = origin(of);
        let kept = self.store.checkpoints(of).await.map_err(store_failure)?;
        let until = |kept: &KeptCheckpoint| as_of.is_none_or(|as_of| kept.made_at <= as_of);
        let mut made = kept
            .into_iter()
            .rev()
            .filter(until)
            .filter_map(|kept| MadeCheckpoint::of(kept, &origin, &key));
        Ok(made.next())
    }

    /// Makes all histories anew and compares them with themselves, with the checkpoints that they keep
    /// and with those that people kept. Nothing is written.
    ///
    /// # Errors
    /// The store fails, or the key cannot be read.
    pub(crate) async fn verify_history(
        &self,
        known: &[KnownCheckpoint],
    ) -> Result<HistoryVerdict, Failure> {
        let all = self.store.histories().await.map_err(store_failure)?;
        self.verify(all, known).await
    }

    async fn verify(
        &self,
        histories_of: Vec<Option<InstitutionId>>,
        known: &[KnownCheckpoint],
    ) -> Result<HistoryVerdict, Failure> {
        let key = HistoryKey::find(&self.settings.data)?;
        let sizes: BTreeSet<u64> = known.iter().map(KnownCheckpoint::size).collect();
        let names = self.store.institutions().await.map_err(store_failure)?;
        let name = |of: &InstitutionId| names.iter().find(|institution| institution.id == *of);
        let mut histories = Vec::new();
        let mut verified = BTreeMap::new();
        for of in histories_of {
            let made = self.store.verify_history(of.as_ref(), &sizes).await;
            let made = made.map_err(store_failure)?;
            let kept = self.store.checkpoints(of.as_ref()).await;
            let forged = forged(
                &kept.map_err(store_failure)?,
                &origin(of.as_ref()),
                key.as_ref(),
            );
            histories.push(HistoryReport {
                name: labels::name_of_history(of.as_ref().map(|of| {
                    name(of).map_or(of.as_str(), |institution| institution.name.as_str())
                })),
                n_entries: made.tree.size(),
                bad: made.first_bad.as_ref().map(labels::history_bad).or(forged),
                remark: made.backwards.map(labels::history_backwards),
                of: of.clone(),
            });
            verified.insert(origin(of.as_ref()), made);
        }
        let known = known
            .iter()
            .map(|known| known.compared(&verified, key.as_ref()));
        Ok(HistoryVerdict {
            known: known.collect(),
            histories,
        })
    }
}

/// The first checkpoint that is kept and was not signed as it is.
fn forged(kept: &[KeptCheckpoint], origin: &str, key: Option<&HistoryKey>) -> Option<Text> {
    let is_forged = |kept: &&KeptCheckpoint| {
        let signed = signed(kept, origin);
        signed.is_none_or(|signed| signer(&signed, key) == Signer::Nobody)
    };
    let forged = kept.iter().find(is_forged)?;
    Some(labels::kept_checkpoint_forged(forged.tree.size()))
}

/// Without a key at hand, whoever signed had another.
fn signer(signed: &SignedCheckpoint, key: Option<&HistoryKey>) -> Signer {
    key.map_or(Signer::Another, |key| key.has_signed(signed))
}

impl KnownCheckpoint {
    fn size(&self) -> u64 {
        match self {
            Self::Signed(signed) => signed.checkpoint.size,
            Self::Short(code) => code.size,
        }
    }

    fn compared(
        &self,
        histories: &BTreeMap<String, Verified>,
        key: Option<&HistoryKey>,
    ) -> KnownReport {
        let (holds, text) = match self {
            Self::Signed(signed) => compared_signed(signed, histories, key),
            Self::Short(code) => compared_short(code, histories),
        };
        KnownReport {
            short_code: match self {
                Self::Signed(signed) => signed.checkpoint.short_code(),
                Self::Short(code) => code.clone(),
            },
            holds,
            text,
        }
    }
}

fn compared_signed(
    signed: &SignedCheckpoint,
    histories: &BTreeMap<String, Verified>,
    key: Option<&HistoryKey>,
) -> (bool, Text) {
    let checkpoint = &signed.checkpoint;
    let Some(history) = histories.get(&checkpoint.origin) else {
        return (false, labels::checkpoint_of_another(&checkpoint.origin));
    };
    let signer = signer(signed, key);
    match history.roots.get(&checkpoint.size) {
        _ if signer == Signer::Nobody => (false, labels::checkpoint_forged()),
        None if checkpoint.size > 0 => {
            let n_entries = history.tree.size();
            let text = labels::history_rolled_back(checkpoint.size, n_entries);
            (false, text)
        }
        Some(root) if *root != checkpoint.root => (false, labels::history_forked(checkpoint.size)),
        // What another key signed is compared all the same: ours may have been lost with an old machine.
        _ if signer == Signer::Another => (true, labels::checkpoint_of_other_key(checkpoint.size)),
        _ => (true, labels::checkpoint_holds(checkpoint.size)),
    }
}

/// A short code does not say whose history it is: one of them must have been so.
fn compared_short(code: &ShortCode, histories: &BTreeMap<String, Verified>) -> (bool, Text) {
    let starts_so = |history: &Verified| {
        let root = history.roots.get(&code.size);
        root.is_some_and(|root| root.starts_with(&code.root_start))
    };
    match histories.values().any(starts_so) {
        true => (true, labels::checkpoint_holds(code.size)),
        false
            if histories
                .values()
                .all(|history| history.tree.size() < code.size) =>
        {
            let n_entries = histories.values().map(|history| history.tree.size()).max();
            (
                false,
                labels::history_rolled_back(code.size, n_entries.unwrap_or_default()),
            )
        }
        false => (false, labels::short_code_unknown(code.size)),
    }
}

fn origin(of: Option<&InstitutionId>) -> String {
    format!(
        "{ORIGIN}{}",
        of.map_or(OF_INSTALLATION, InstitutionId::as_str)
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::usecase::installation::{Clock, Settings};

    /// A minute passes whenever somebody looks at the clock.
    async fn installation(data: &Path) -> (Installation, InstitutionId) {
        let minutes = Mutex::new(0..);
        let now = move || {
            let minute: i64 = minutes.lock().unwrap().next().unwrap();
            Timestamp::from_second(1_795_219_200 + minute * 60).unwrap()
        };
        let installation = Installation::open(Settings {
            data: data.to_owned(),
            database: None,
            clock: Clock::new(now),
            reader_program: data.to_owned(),
            mail_login: None,
        });
        let installation = installation.await.unwrap();
        let ours = installation.first_institution().await.unwrap().id;
        (installation, ours)
    }

    async fn write(installation: &Installation, ours: &InstitutionId, value: &str) {
        let at = installation.settings.clock.now();
        let saved = installation
            .store
            .save_setting(ours, "k", Some(value), "x", at);
        saved.await.unwrap();
    }

    #[tokio::test]
    async fn the_latest_checkpoint_is_given_until_something_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (installation, ours) = installation(folder.path()).await;
        let checkpoint = async || installation.checkpoint(Some(&ours)).await.unwrap();
        let latest = async |as_of| {
            let latest = installation.latest_checkpoint(Some(&ours), as_of);
            latest.await.unwrap()
        };
        assert_eq!(latest(None).await, None);
        let first = checkpoint().await;
        assert!(first.qr().unwrap().starts_with("<svg"));
        assert_eq!(checkpoint().await, first);
        write(&installation, &ours, "v").await;
        assert_eq!(
            latest(None).await.as_ref(),
            Some(&first),
            "nobody asked yet"
        );
        let second = checkpoint().await;
        assert_eq!((first.checkpoint.size, second.checkpoint.size), (1, 2));
        assert_eq!(latest(None).await.as_ref(), Some(&second));
        assert_eq!(latest(Some(first.made_at)).await.as_ref(), Some(&first));
        let before = first.made_at - jiff::SignedDuration::from_mins(1);
        assert_eq!(latest(Some(before)).await, None);
    }

    /// A key that is stolen signs anything, but then the lines are not what it says.
    #[tokio::test]
    async fn a_sheet_says_that_the_history_does_not_hold_and_which_entry() {
        let folder = tempfile::tempdir().unwrap();
        let (installation, ours) = installation(folder.path()).await;
        let first = installation.checkpoint(Some(&ours)).await.unwrap();
        let installation = Arc::new(installation);
        let note = async || {
            let institution = installation.first_institution().await.unwrap();
            installation.workspace(institution).history_note().await
        };
        assert_eq!(note().await, first.on_paper());
        write(&installation, &ours, "v").await;
        let mut tree = first.tree.clone();
        tree.push([7; 32]);
        let key = HistoryKey::open(folder.path()).unwrap();
        let said = said_of(&tree, &origin(Some(&ours)));
        let other = KeptCheckpoint {
            note: said.note(&key.sign(&said.origin, &said.text())),
            tree,
            made_at: first.made_at,
        };
        let kept = installation.store.keep_checkpoint(Some(&ours), &other);
        kept.await.unwrap();
        let noted = note().await;
        let HistoryNote::Changed(what) = &noted else {
            panic!("{noted:?}");
        };
        assert!(what.en.starts_with("entry "), "{what:?}");
        assert!(installation.checkpoint(Some(&ours)).await.is_err());
    }

    #[tokio::test]
    async fn a_sheet_is_printed_without_a_key_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let (installation, _) = installation(folder.path()).await;
        files::write_whole(&folder.path().join("history.key"), b"x").unwrap();
        let institution = installation.first_institution().await.unwrap();
        let workspace = Arc::new(installation).workspace(institution);
        let expected = HistoryNote::Missing(labels::no_checkpoint_made());
        assert_eq!(workspace.history_note().await, expected);
    }

    /// Whoever owns the database can write what looks like a checkpoint, but cannot sign it.
    #[tokio::test]
    async fn a_checkpoint_that_was_not_signed_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let (installation, ours) = installation(folder.path()).await;
        let first = installation.checkpoint(Some(&ours)).await.unwrap();
        let holds = async || installation.verify_history(&[]).await.unwrap().holds();
        for nth in ["v", "w"] {
            write(&installation, &ours, nth).await;
            assert!(holds().await, "{nth}");
        }
        let none = BTreeSet::new();
        let all = installation.store.verify_history(Some(&ours), &none);
        let tree = all.await.unwrap().tree;
        let of_now = said_of(&tree, &origin(Some(&ours)));
        // The signature of the first, under the text of the one now.
        let (_, signature) = first.note.split_once("\n\n").unwrap();
        let forged = KeptCheckpoint {
            note: format!("{}\n{signature}", of_now.text()),
            tree,
            made_at: first.made_at,
        };
        let kept = installation.store.keep_checkpoint(Some(&ours), &forged);
        kept.await.unwrap();
        assert!(!holds().await);
        let latest = installation.latest_checkpoint(Some(&ours), None).await;
        assert_eq!(latest.unwrap(), Some(first));
    }
}
