//! A long history: a million entries as a version before hashes left them, which the product then takes
//! under its tree by itself. Nothing of how it hashes is known here.

use std::path::Path;

use super::measure::Call;

/// Thirty years of a large hospital.
const N_ENTRIES: usize = 1_000_000;

/// Fills the database of a data folder that was just made.
pub(super) fn fill(database: &Path) -> Call {
    let sql = format!(
        "drop trigger journal_stays;
        update journal set rows_hash = null, leaf_hash = null;
        delete from heads;
        insert into unhashed select id from institutions;
        create temp table n as
            with recursive n (i) as (select 1 union all select i + 1 from n where i < {N_ENTRIES})
            select i, (select id from institutions) as institution from n;
        insert into journal (institution_id, seq, at, by_whom, action, subject, detail, judged)
        select institution, i + 1, 1795219200000 + i * 1000, 'benchmark', 'answer',
            'item-' || i % 100, '{{\"after\":\"yes\",\"before\":\"no\",\"round\":1,\"target_on\":null}}', 0
        from n;
        insert into answers (institution_id, item_id, round, version, value, confirmed_on, note,
            answered_by, recorded_at)
        select institution, 'item-' || i % 100, 1, i, 'yes', '2026-11-20', 'looked at by two',
            'benchmark', 1795219200000 + i * 1000
        from n;
        create trigger journal_stays before update on journal when old.leaf_hash is not null
        begin select raise(abort, 'the journal is append-only'); end;"
    );
    Call::new("sqlite3").path(database).args([&sql])
}

/// Reads the same rows.
pub(super) fn read(database: &Path) -> Call {
    Call::new("sqlite3")
        .path(database)
        .args(["select * from journal; select * from answers;"])
}
