//! The address of an inspector is taken back while it is read: whoever asks after that sees nothing,
//! and nobody ever sees what was written after the freeze.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::inspections::{Frozen, answer, path_after};
use super::{ADMINISTRATOR, House, Who};

/// Each time; the trial makes a thousand of them.
const N_RACES: usize = 10;

/// How many read at the same moment.
const N_READERS: usize = 3;

/// How long somebody who began to read before may go on.
const LAST_READ: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_after_an_address_was_taken_back_on_sqlite() {
    race(House::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_after_an_address_was_taken_back_on_postgres() {
    race(House::on_postgres("revoking").await).await;
}

/// A reading: when it began and ended, and what was shown.
struct Reading {
    began: Instant,
    ended: Instant,
    status: StatusCode,
    text: String,
}

/// Reads on and on until nothing is shown any more.
async fn read(frozen: Arc<Frozen>, link: String) -> Vec<Reading> {
    let mut readings = Vec::new();
    loop {
        let began = Instant::now();
        let said = frozen.house.get(Who::Stranger, &link).await;
        let is_over = said.status == StatusCode::NOT_FOUND;
        readings.push(Reading {
            began,
            ended: Instant::now(),
            status: said.status,
            text: said.text(),
        });
        if is_over {
            return readings;
        }
    }
}

async fn race(house: House) {
    let scale: usize = std::env::var("SONAE_TRIAL").map_or(1, |scale| scale.parse().unwrap());
    let frozen = Arc::new(Frozen::in_house(house).await);
    let (open, close) = (
        format!("{}/open", frozen.path),
        format!("{}/close", frozen.path),
    );
    let (mut n_before, mut slowest) = (0, Duration::ZERO);
    for n in 0..N_RACES * scale {
        let said = frozen.house.post(ADMINISTRATOR, &open, &[]).await;
        let link = path_after(&said, "http://sonae.test", "/inspect/");
        let first = frozen.house.get(Who::Stranger, &link).await.text();
        let readers: Vec<_> = (0..N_READERS)
            .map(|_| tokio::spawn(read(Arc::clone(&frozen), link.clone())))
            .collect();
        answer(&frozen.house, "2-1", ["no", "yes"][n % 2]).await;
        let said = frozen.house.post(ADMINISTRATOR, &close, &[]).await;
        let closed = Instant::now();
        assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text());
        for reader in readers {
            for reading in reader.await.unwrap() {
                let shown = reading.status == StatusCode::OK;
                if !shown {
                    assert_eq!(reading.status, StatusCode::NOT_FOUND, "race {n}");
                    continue;
                }
                assert!(
                    reading.began < closed,
                    "race {n}: read after it was taken back"
                );
                assert_eq!(
                    reading.text, first,
                    "race {n}: something else than what was frozen"
                );
                slowest = slowest.max(reading.ended.saturating_duration_since(closed));
                n_before += 1;
            }
        }
    }
    println!(
        "{n_before} readings before, 0 after; the last one ended {slowest:?} after it was taken back"
    );
    assert!(slowest <= LAST_READ, "{slowest:?}");
    assert!(n_before > 0, "nobody read before: no race");
}
