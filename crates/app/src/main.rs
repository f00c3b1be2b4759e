//! Sonae: the MHLW cybersecurity checklist, carried out with proof.
//! Only this file asks the clock and the environment; everything else is told.

mod cli;
mod usecase;
mod web;

use std::process::ExitCode;

use usecase::installation::Clock;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the clock"
)]
fn main() -> ExitCode {
    cli::run(Clock::new(jiff::Timestamp::now))
}
