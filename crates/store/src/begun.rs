//! Brings journals of versions before hashes under the tree, once, at the first start after the upgrade:
//! each line gets its hash, and new lines speak of everything that was there before.

use jiff::Timestamp;
use serde_json::json;
use sonae_domain::canonical::RowsHash;
use sonae_domain::merkle::Edge;

use crate::backend::{Backend, INSTALLATION};
use crate::error::StoreError;
use crate::journal::{self, Event};
use crate::sql::{Tx, execute};
use crate::tied::{self, THINGS};
use crate::values::instant;
use crate::{heads, verify};

/// Who stands in the journal: no person asked for it.
const BY: &str = "sonae";

const DOING: &str = "begin the history";

/// Everything that waits for it.
pub(crate) async fn begin_all(backend: &dyn Backend) -> Result<(), StoreError> {
    let waiting = {
        let mut tx = backend.read(INSTALLATION, DOING).await?;
        heads::unhashed(&mut tx).await?
    };
    for scope in waiting {
        // The turn of the installation comes first; see `enter_to_write`.
        let mut tx = backend.write(INSTALLATION, DOING).await?;
        tx.enter_to_write(&scope).await?;
        // Two may have started at the same time. And whoever writes a name into the list anew does
        // not get a new beginning for it.
        if heads::find(&mut tx).await?.is_none() {
            begin(&mut tx).await?;
        }
        tx.enter(INSTALLATION).await?;
        heads::hashed(&mut tx, &scope).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn begin(tx: &mut Tx) -> Result<(), StoreError> {
    // Nobody asked for it, so it is dated as what was done last.
    let at = hash_lines(tx).await?;
    say(tx, "", at).await?;
    for thing in &THINGS {
        for id in tied::ids(tx, thing).await? {
            say(tx, &format!("{}/{id}", thing.word), at).await?;
        }
    }
    Ok(())
}

/// Gives each line its hash and says when the last was written. Which rows they wrote is not known.
async fn hash_lines(tx: &mut Tx) -> Result<Timestamp, StoreError> {
    let scope = tx.scope.clone();
    let none = RowsHash::new().finish();
    let mut tree = Edge::default();
    let (mut last, mut at) = (i64::MIN, 0);
    loop {
        let lines = verify::lines_behind(tx, last).await?;
        let Some(newest) = lines.last() else { break };
        (last, at) = (newest.seq, newest.at);
        for line in &lines {
            let leaf = line.form(&scope, none).leaf_hash();
            execute!(
                tx,
                "update journal set rows_hash = $3, leaf_hash = $4
                where institution_id = $1 and seq = $2 and leaf_hash is null",
                &scope,
                line.seq,
                &none[..],
                &leaf[..],
            )?;
            tree.push(leaf);
        }
    }
    heads::keep(tx, &tree).await?;
    instant("journal.at", at)
}

async fn say(tx: &mut Tx, subject: &str, at: Timestamp) -> Result<(), StoreError> {
    let event = Event {
        action: journal::BEGIN,
        subject,
        detail: json!({}),
        judged: false,
    };
    journal::add(tx, BY, at, event).await
}
