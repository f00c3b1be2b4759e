//! The product from outside: the program as a user runs it, and the data that ships with it.
#![expect(
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "tables and snapshots of tests"
)]

mod backup;
mod bad_input;
mod cli;
mod data;
mod harness;
mod history;
mod inspector;
mod package;
#[path = "../../../store/tests/postgres/mod.rs"]
mod postgres;
mod round_trip;
mod stories;
mod vendor;
