//! A database that was put back to an earlier state and written on: found against any checkpoint that
//! was carried outside. And what flips between hash and disk is found before a checkpoint is signed.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::ids::InstitutionId;
use sonae_domain::merkle::{self, Hash};
use sonae_store::Store;
use sqlx::AssertSqlSafe;

use super::{Dice, Superuser, addresses, keep_checkpoint, n_tries, tail};
use crate::dumps::{Dump, dump};
use crate::postgres::Server;
use crate::{answer, one_institution};

/// Says yes to an item, as nobody said it before.
async fn say(store: &dyn Store, ours: &InstitutionId, note: &str) {
    let answer = sonae_domain::answer::Answer {
        note: Some(note.to_owned()),
        ..answer("a", 1)
    };
    store.record_answer(ours, &answer).await.unwrap();
}

/// Size and root now.
async fn carried(store: &dyn Store, ours: &InstitutionId) -> (u64, Hash) {
    let tree = tail(store, Some(ours)).await.tree;
    (tree.size(), tree.root())
}

async fn is_held(store: &dyn Store, ours: &InstitutionId, (size, root): (u64, Hash)) -> bool {
    let verified = store
        .verify_history(Some(ours), &[size].into())
        .await
        .unwrap();
    assert_eq!(verified.first_bad, None, "in itself it is whole");
    verified.roots.get(&size) == Some(&root)
}

#[tokio::test]
async fn every_fork_is_found_against_what_was_carried_outside() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(11);
    for nth in 0..n_tries(6) {
        let name = |of: &str| match nth % 2 {
            0 => folder
                .path()
                .join(format!("{of}{nth}"))
                .to_str()
                .unwrap()
                .to_owned(),
            _ => Server::get().database(&format!("fork_{of}{nth}")),
        };
        let (store, ours) = one_institution(&name("first")).await;
        for n in 0..dice.below(20) {
            say(&*store, &ours, &format!("before {n}")).await;
        }
        let (backup, before): (Dump, _) = (dump(&*store).await, carried(&*store, &ours).await);
        for n in 0..=dice.below(20) {
            say(&*store, &ours, &format!("then {n}")).await;
        }
        let then = carried(&*store, &ours).await;
        assert!(is_held(&*store, &ours, then).await && is_held(&*store, &ours, before).await);

        let rolled_back = sonae_store::open(&name("second")).await.unwrap();
        rolled_back
            .load(&mut backup.clone(), &mut Dump::default())
            .await
            .unwrap();
        for n in 0..dice.below(40) {
            say(&*rolled_back, &ours, &format!("instead {n}")).await;
        }
        assert!(!is_held(&*rolled_back, &ours, then).await, "{nth}");
        assert!(
            is_held(&*rolled_back, &ours, before).await,
            "{nth}: what was before is the same"
        );
    }
}

#[tokio::test]
async fn any_two_sizes_are_shown_to_be_one_history() {
    let (_folder, addresses) = addresses("sizes");
    for address in addresses {
        let (store, ours) = one_institution(&address).await;
        for n in 0..59 {
            say(&*store, &ours, &n.to_string()).await;
        }
        let leaves = store.leaf_hashes(Some(&ours)).await.unwrap();
        let sizes: BTreeSet<u64> = (11..=60).collect();
        let roots: BTreeMap<u64, Hash> = store
            .verify_history(Some(&ours), &sizes)
            .await
            .unwrap()
            .roots;
        assert_eq!(roots.len(), 50);
        for (size, root) in &roots {
            for (earlier, earlier_root) in roots.range(..size) {
                let proof = merkle::consistency_proof(&leaves[..*size as usize], *earlier as usize);
                let (earlier, later) = ((*earlier, *earlier_root), (*size, *root));
                assert!(merkle::is_consistent(&proof, earlier, later));
            }
        }
    }
}

/// Something flips a bit of what is written after the last checkpoint, in a row or in a line.
#[tokio::test]
async fn what_flips_is_found_before_it_is_signed() {
    let (_folder, addresses) = addresses("flips");
    let mut dice = Dice(12);
    for address in addresses {
        let (store, ours) = one_institution(&address).await;
        let mut owner = Superuser::of(&address).await;
        for nth in 0..n_tries(6) {
            let id = format!("e-{nth}");
            let new = crate::evidence(&id, "nmap", "2026-11-01", &"raw ".repeat(nth + 30));
            store.record_evidence(&ours, new).await.unwrap();
            say(&*store, &ours, &id).await;
            assert_eq!(tail(&*store, Some(&ours)).await.first_bad, None);
            let (table, column) = [
                ("blobs", "body"),
                ("facts", "body"),
                ("findings", "body"),
                ("journal", "leaf_hash"),
                ("journal", "rows_hash"),
                ("answers", "note"),
            ][dice.below(6)];
            let row = format!(
                "institution_id = 'ours'
                and seq = (select max(seq) from {table} where institution_id = 'ours')"
            );
            let from = format!("{table} where {row}");
            let flipped = flipped(&mut owner, column, &from, &mut dice).await;
            owner
                .run(&format!("create temp table kept as select * from {table}"))
                .await;
            let set = format!("update {table} set {column} = {flipped} where {row}");
            owner.run(&set).await;
            let tail = tail(&*store, Some(&ours)).await;
            assert!(tail.first_bad.is_some(), "{set}");
            owner.run(&format!("delete from {table}")).await;
            owner
                .run(&format!("insert into {table} select * from kept"))
                .await;
            owner.run("drop table kept").await;
            keep_checkpoint(&*store, &ours).await;
        }
    }
}

/// The value of a column in one row with one bit flipped, as a literal.
async fn flipped(owner: &mut Superuser, column: &str, from: &str, dice: &mut Dice) -> String {
    let is_text = column == "note";
    let as_bytes = match (is_text, &owner) {
        (false, _) => column.to_owned(),
        (true, Superuser::Sqlite(_)) => format!("cast({column} as blob)"),
        (true, Superuser::Postgres(_)) => format!("convert_to({column}, 'UTF8')"),
    };
    let sql = AssertSqlSafe(format!("select {as_bytes} from {from}"));
    let mut bytes: Vec<u8> = match owner {
        Superuser::Sqlite(at) => sqlx::query_scalar(sql).fetch_one(at).await.unwrap(),
        Superuser::Postgres(at) => sqlx::query_scalar(sql).fetch_one(at).await.unwrap(),
    };
    let nth = dice.below(bytes.len());
    // Text stays text that way.
    bytes[nth] ^= 1 << dice.below(if is_text { 3 } else { 8 });
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match (is_text, &owner) {
        (true, _) => format!("'{}'", String::from_utf8(bytes).unwrap()),
        (false, Superuser::Sqlite(_)) => format!("X'{hex}'"),
        (false, Superuser::Postgres(_)) => format!("'\\x{hex}'::bytea"),
    }
}
