//! Facts and checks to verdicts, on a throw-away SQLite database in memory.
//!
//! Only facts under judgement are in that database: a check cannot reach users, secrets or files.
//! No clock, no file and no network is touched; the day and all settings are arguments, and work
//! is limited by counting steps, so that the same input gives the same answer everywhere.

mod check;
mod database;
mod derived;
mod judge;
mod product_support;
mod reason;
mod sql;

pub use check::{Check, CheckError};
pub use derived::is_derived;
pub use judge::{Gap, INCOMPLETE, JudgeError, Judgement, judge, needed_tables};
pub use product_support::{ProductSupport, ProductSupportError};
pub use reason::check_reason;
