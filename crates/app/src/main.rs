//! Sonae: the MHLW cybersecurity checklist, carried out with proof.
//! Only this file asks the clock and the environment; everything else is told.

mod cli;
mod usecase;
mod web;

use std::process::ExitCode;

use usecase::installation::Clock;
use usecase::listening::Serve;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the clock"
)]
fn main() -> ExitCode {
    let serve: Serve = |installation, listen| Box::pin(web::serve(installation, listen));
    cli::run(Clock::new(jiff::Timestamp::now), serve)
}
