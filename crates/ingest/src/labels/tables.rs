//! Sentences of the readers of tables that people keep: ledger, roster, workbooks.
