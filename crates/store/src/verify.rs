//! Makes a history anew: every hash from lines and rows, the tree from the hashes. Nothing is kept but
//! the right edge and the latest state of what changes, so that a long history needs little memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use sonae_domain::canonical::{Line, RowsHash};
use sonae_domain::merkle::{Edge, Hash};
use sqlx::FromRow;

use crate::error::StoreError;
use crate::heads;
use crate::history::{Bad, Difference, KeptCheckpoint, Verified};
use crate::sql::{Tx, fetch_all, fetch_optional};
use crate::tied::{self, Spoken, THINGS, TIED};

/// Lines read at once; with their hashes a megabyte or two.
const N_LINES: i64 = 2_000;

/// Bytes of evidence behind lines whose rows are read at once: the driver reads rows ahead, and a file
/// may have 64 MiB.
const N_BYTES_MAX: i64 = 16 * 1024 * 1024;

/// Two who write at the same time may be dated the other way round, and an import takes its time.
const BACKWARDS_MIN_MS: i64 = 60 * 60 * 1000;

/// A line of the journal with its hashes.
#[derive(FromRow)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    by_whom: String,
    action: String,
    subject: String,
    detail: String,
    judged: bool,
    rows_hash: Option<Vec<u8>>,
    leaf_hash: Option<Vec<u8>>,
}

/// How far we are.
struct Walk {
    tree: Edge,
    /// The last line that was read, and that a next one follows.
    last: i64,
    wanted: BTreeSet<u64>,
    roots: BTreeMap<u64, Hash>,
    /// The latest line of each thing that changes, with the hash of its state.
    latest: BTreeMap<(&'static str, String), (i64, Hash)>,
    first_bad: Option<Bad>,
    /// Whether a line spoke of the rows that were there before there were hashes.
    has_begun: bool,
    newest_at: i64,
    backwards: Option<i64>,
}

/// All of the history of the scope.
pub(crate) async fn all(tx: &mut Tx, sizes: &BTreeSet<u64>) -> Result<Verified, StoreError> {
    let kept = heads::checkpoints(tx).await?;
    let sizes_kept = kept.iter().flatten().map(|kept| kept.tree.size());
    let mut walk = Walk::from(Edge::default());
    walk.wanted = sizes.iter().copied().chain(sizes_kept).collect();
    walk.walk_on(tx).await?;
    if !walk.has_begun && tied::rows_before(tx).await? != RowsHash::new().finish() {
        walk.found(0, Difference::Unwritten("rows", String::new()));
    }
    walk.compare_with_kept(&kept);
    walk.compare_things(tx).await?;
    walk.compare_things_without_line(tx).await?;
    let mut verified = walk.verified();
    verified.roots.retain(|size, _| sizes.contains(size));
    Ok(verified)
}

/// What came after a tree that somebody vouches for.
pub(crate) async fn tail(tx: &mut Tx, tree: &Edge) -> Result<Verified, StoreError> {
    let mut walk = Walk::from(tree.clone());
    walk.walk_on(tx).await?;
    walk.compare_things(tx).await?;
    Ok(walk.verified())
}

impl Walk {
    fn from(tree: Edge) -> Self {
        Self {
            last: i64::try_from(tree.size()).unwrap_or(i64::MAX),
            tree,
            wanted: BTreeSet::new(),
            roots: BTreeMap::new(),
            latest: BTreeMap::new(),
            first_bad: None,
            has_begun: false,
            newest_at: i64::MIN,
            backwards: None,
        }
    }

    fn verified(self) -> Verified {
        Verified {
            tree: self.tree,
            first_bad: self.first_bad,
            roots: self.roots,
            backwards: self.backwards,
        }
    }

    /// The number that the next line has.
    fn next(&self) -> i64 {
        self.last.saturating_add(1)
    }

    /// Of two that are bad the first counts; of two at the same place the one found first.
    fn found(&mut self, seq: i64, what: Difference) {
        if self.first_bad.as_ref().is_none_or(|bad| seq < bad.seq) {
            self.first_bad = Some(Bad { seq, what });
        }
    }

    /// A tree over these lines is another. A line among them that is bad is the reason; if there is none,
    /// the first of them is the earliest that can be it.
    fn found_among(&mut self, lines: RangeInclusive<u64>, what: Difference) {
        let number = |line: u64| i64::try_from(line).unwrap_or(i64::MAX);
        let last = number(*lines.end());
        if self.first_bad.as_ref().is_none_or(|bad| bad.seq > last) {
            self.found(number(*lines.start()), what);
        }
    }

    async fn walk_on(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        // Lines with numbers that none can have come first.
        let mut read = if self.last == 0 { i64::MIN } else { self.last };
        loop {
            let lines = lines_behind(tx, read).await?;
            let Some(last) = lines.last() else { break };
            let sizes = evidence_sizes(tx, read, last.seq).await?;
            read = last.seq;
            let mut rest = lines.as_slice();
            while !rest.is_empty() {
                let (part, behind) = rest.split_at(n_together(rest, &sizes));
                self.part(tx, part).await?;
                rest = behind;
            }
        }
        for hashed in &TIED {
            if let Some(seq) = tied::first_behind(tx, hashed, self.last).await? {
                self.found(seq, Difference::Unwritten(hashed.table, String::new()));
            }
        }
        self.compare_with_head(tx).await
    }

    /// Lines whose numbers follow each other, with the rows behind them.
    async fn part(&mut self, tx: &mut Tx, lines: &[Row]) -> Result<(), StoreError> {
        let Some(first) = lines.first() else {
            return Ok(());
        };
        if first.seq != self.next() {
            self.found(self.next(), Difference::Missing);
        }
        let mut hashes = vec![RowsHash::new(); lines.len()];
        let tables = TIED.each_ref().map(|hashed| hashed.table);
        tied::add_rows(tx, &tables, first.seq, &mut hashes).await?;
        for (line, rows) in lines.iter().zip(hashes) {
            self.line(tx, line, rows.finish()).await?;
        }
        Ok(())
    }

    /// `rows` is the hash of the rows that carry the number of the line.
    async fn line(&mut self, tx: &mut Tx, line: &Row, rows: Hash) -> Result<(), StoreError> {
        let kept = line
            .rows_hash
            .as_deref()
            .and_then(|hash| hash.try_into().ok());
        let kept: Hash = kept.unwrap_or_default();
        let leaf = line.form(&tx.scope, kept).leaf_hash();
        if line.leaf_hash.as_deref() != Some(&leaf[..]) {
            self.found(line.seq, Difference::Line);
        }
        let none = RowsHash::new().finish();
        let (expected, of_line) = match tied::spoken(&line.action) {
            Spoken::Rows(_) => (kept, rows),
            Spoken::State(thing) => {
                self.latest
                    .insert((thing.word, line.subject.clone()), (line.seq, kept));
                (none, rows)
            }
            Spoken::Before => self.before(tx, line, kept, rows).await?,
            Spoken::Nothing => (none, if kept == none { rows } else { kept }),
        };
        if expected != of_line {
            self.found(line.seq, Difference::Rows);
        }
        if line.at <= self.newest_at.saturating_sub(BACKWARDS_MIN_MS) {
            self.backwards.get_or_insert(line.seq);
        }
        self.newest_at = self.newest_at.max(line.at);
        self.last = line.seq;
        self.tree.push(leaf);
        if self.wanted.contains(&self.tree.size()) {
            self.roots.insert(self.tree.size(), self.tree.root());
        }
        Ok(())
    }

    /// A line about what was there before there were hashes: all rows, or the state of a thing.
    async fn before(
        &mut self,
        tx: &mut Tx,
        line: &Row,
        kept: Hash,
        rows: Hash,
    ) -> Result<(Hash, Hash), StoreError> {
        let thing = line.subject.split_once('/');
        if let Some((thing, id)) = thing.and_then(|(word, id)| Some((tied::thing(word)?, id))) {
            self.latest
                .insert((thing.word, id.to_owned()), (line.seq, kept));
            return Ok((RowsHash::new().finish(), rows));
        }
        self.has_begun = true;
        Ok((kept, tied::rows_before(tx).await?))
    }

    /// What things are now says nothing if lines or rows are not as they were: another line would be
    /// their latest, another piece of evidence would count.
    async fn compare_things(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.first_bad.is_some() {
            return Ok(());
        }
        if let Some(seq) = wrongly_current(tx).await? {
            self.found(seq, Difference::Current);
        }
        let latest = std::mem::take(&mut self.latest);
        for ((word, id), (seq, expected)) in &latest {
            let Some(thing) = tied::thing(word) else {
                continue;
            };
            if tied::state(tx, thing, id).await? != *expected {
                self.found(*seq, Difference::State(word, id.clone()));
            }
        }
        self.latest = latest;
        Ok(())
    }

    async fn compare_things_without_line(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.first_bad.is_some() {
            return Ok(());
        }
        for thing in &THINGS {
            for id in tied::ids(tx, thing).await? {
                let key = (thing.word, id);
                if !self.latest.contains_key(&key) {
                    self.found(self.next(), Difference::Unwritten(key.0, key.1));
                }
            }
        }
        Ok(())
    }

    async fn compare_with_head(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let head = heads::find(tx).await?.unwrap_or_default();
        if head.size() > self.tree.size() {
            self.found(self.next(), Difference::Missing);
        }
        if let Some(lines) = self.tree.first_difference(&head) {
            self.found_among(lines, Difference::Tree);
        }
        Ok(())
    }

    fn compare_with_kept(&mut self, kept: &[Result<KeptCheckpoint, i64>]) {
        let mut n_good = 0;
        for kept in kept {
            match kept {
                Ok(kept) if self.roots.get(&kept.tree.size()) == Some(&kept.tree.root()) => {
                    n_good = kept.tree.size();
                }
                // Behind what there is: lines are missing at the end.
                Ok(kept) if kept.tree.size() > self.tree.size() => {
                    let missing = self.tree.size() + 1..=kept.tree.size();
                    return self.found_among(missing, Difference::Checkpoint);
                }
                Ok(kept) => {
                    let lines = n_good + 1..=kept.tree.size();
                    return self.found_among(lines, Difference::Checkpoint);
                }
                // It cannot be read, so it says nothing about lines.
                Err(_) => self.found(self.next(), Difference::Checkpoint),
            }
        }
    }
}

impl Row {
    pub(crate) fn form<'a>(&'a self, institution: &'a str, rows_hash: Hash) -> Line<'a> {
        Line {
            institution,
            seq: self.seq,
            at: self.at,
            by: &self.by_whom,
            action: &self.action,
            subject: &self.subject,
            detail: &self.detail,
            judged: self.judged,
            rows_hash,
        }
    }
}

/// How many of the lines are taken together: as long as their numbers follow each other and the
/// evidence behind them is not too large; one at least.
fn n_together(lines: &[Row], evidence_sizes: &BTreeMap<i64, i64>) -> usize {
    let mut n_bytes = 0_i64;
    let mut before: Option<i64> = None;
    for (nth, line) in lines.iter().enumerate() {
        n_bytes = n_bytes.saturating_add(evidence_sizes.get(&line.seq).copied().unwrap_or(0));
        let follows = before.is_none_or(|before| before.checked_add(1) == Some(line.seq));
        if nth > 0 && (!follows || n_bytes > N_BYTES_MAX) {
            return nth;
        }
        before = Some(line.seq);
    }
    lines.len()
}

pub(crate) async fn lines_behind(tx: &mut Tx, last: i64) -> Result<Vec<Row>, StoreError> {
    let scope = tx.scope.clone();
    fetch_all!(
        tx,
        Row,
        "select seq, at, by_whom, action, subject, detail, judged, rows_hash, leaf_hash
        from journal where institution_id = $1 and seq > $2 order by seq limit $3",
        &scope,
        last,
        N_LINES,
    )
}

/// The bytes of evidence by the line that recorded it.
async fn evidence_sizes(
    tx: &mut Tx,
    behind: i64,
    last: i64,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let scope = tx.scope.clone();
    let rows = fetch_all!(
        tx,
        (i64, i64),
        "select seq, n_bytes from evidence where institution_id = $1 and seq > $2 and seq <= $3",
        &scope,
        behind,
        last,
    )?;
    Ok(rows.into_iter().collect())
}

/// The line that recorded the first piece of evidence of which it is wrong that it counts, or that it
/// does not.
async fn wrongly_current(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let scope = tx.scope.clone();
    let row = fetch_optional!(
        tx,
        (i64,),
        "select seq from evidence
        where institution_id = $1 and is_current = exists (
            select 1 from evidence as later
            where later.institution_id = evidence.institution_id
                and later.source = evidence.source
                and (later.effective_on, later.recorded_at, later.id)
                    > (evidence.effective_on, evidence.recorded_at, evidence.id))
        order by seq limit 1",
        &scope,
    )?;
    Ok(row.map(|(seq,)| seq))
}
