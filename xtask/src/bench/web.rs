//! Figures of the served program: one answer saved, one checklist read, many clients at once, the
//! overview of many institutions, the start and the memory at rest. On SQLite and on PostgreSQL.
//! Beside each stands the same round trip without work, in the same run.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::product::Sonae;
use super::seed::{self, Side};

#[path = "../../../crates/store/tests/postgres/mod.rs"]
#[expect(
    clippy::expect_used,
    reason = "the tests' own server: without it there is nothing to measure"
)]
mod postgres;

/// Answer rows in the installation, as our peers were measured.
const ROWS: [usize; 3] = [22, 4_400, 30_000];

/// Requests of one kind; the 95th percentile then rests on ten.
const N_REQUESTS: usize = 200;

/// Clients at once.
const N_CLIENTS: usize = 8;

/// How long they write: some hundred saves to each item, more than anybody makes in years.
const MANY_CLIENTS: Duration = Duration::from_secs(2);

/// Institutions in the overview.
const N_INSTITUTIONS: usize = 1_000;

/// The clock of the served program, when the seeded session is open.
const NOW: &str = "2026-11-21T03:00:00Z";

/// What was promised.
const GOAL_REQUEST: Duration = Duration::from_millis(3);
const GOAL_OVERVIEW: Duration = Duration::from_millis(50);
const GOAL_SAVES_PER_SECOND: f64 = 1_000.0;
const GOAL_FIRST_START: Duration = Duration::from_millis(500);
const GOAL_START: Duration = Duration::from_millis(200);
const GOAL_IDLE_MIB: u64 = 40;

/// Runs all of them; says whether every goal was met.
pub(super) fn run(root: &Path, sonae: &Sonae, folder: &Path) -> Result<bool> {
    let items = seed::items(root)?;
    let mut met = start_and_rest(sonae, folder)?;
    for side in [Side::Sqlite, Side::Postgres] {
        for n_rows in ROWS {
            let n_institutions = n_rows.div_ceil(items.len());
            let at = installation(sonae, folder, side, &items, n_institutions, n_rows)?;
            met &= one_client(&at, side, n_rows)?;
            if n_rows == ROWS[1] {
                met &= many_clients(&at, side, &items)?;
            }
        }
        let n_rows = N_INSTITUTIONS * items.len();
        let at = installation(sonae, folder, side, &items, N_INSTITUTIONS, n_rows)?;
        met &= overview(&at, side)?;
    }
    Ok(met)
}

/// A served program. It ends with this value.
struct Served {
    child: Child,
    address: String,
    ready: Duration,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Where an installation's data lies.
struct Place {
    data: PathBuf,
    database: Option<String>,
}

fn serve(sonae: &Sonae, place: &Place) -> Result<Served> {
    let start = Instant::now();
    let mut command = Command::new(&sonae.program);
    command.args(["--now", NOW, "--data"]).arg(&place.data);
    if let Some(database) = &place.database {
        command.args(["--database", database]);
    }
    let mut child = command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("its output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let address = loop {
        let line = lines.next().context("the program ended")??;
        if let Some((_, address)) = line.split_once("http://") {
            break format!("http://{address}");
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    Client::new(&address).get("/healthz")?;
    Ok(Served {
        child,
        address,
        ready: start.elapsed(),
    })
}

/// An installation with so many answers, served.
fn installation(
    sonae: &Sonae,
    folder: &Path,
    side: Side,
    items: &[String],
    n_institutions: usize,
    n_rows: usize,
) -> Result<Served> {
    let name = format!("web_{n_institutions}_{n_rows}");
    let place = Place {
        data: folder.join(format!("{name}-{side:?}")),
        database: match side {
            Side::Sqlite => None,
            Side::Postgres => Some(postgres::Server::get().database(&name)),
        },
    };
    // The program makes its tables; what fills them is written beside it.
    drop(serve(sonae, &place)?);
    let sql = seed::sql(side, items, n_institutions, n_rows);
    let mut shell = match &place.database {
        None => Command::new("sqlite3"),
        Some(_) => Command::new("psql"),
    };
    match &place.database {
        None => shell.arg("-bail").arg(place.data.join("sonae.sqlite")),
        Some(url) => shell.args(["-q", "-v", "ON_ERROR_STOP=1", url]),
    };
    let mut filled = shell
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("sqlite3 or psql: run scripts/setup.sh --bench")?;
    filled
        .stdin
        .take()
        .context("its input is piped")?
        .write_all(sql.as_bytes())?;
    if !filled.wait()?.success() {
        bail!("the installation could not be filled");
    }
    serve(sonae, &place)
}

/// A browser or program that keeps its connection.
struct Client {
    agent: ureq::Agent,
    address: String,
}

impl Client {
    fn new(address: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0);
        Self {
            agent: config.build().into(),
            address: address.to_owned(),
        }
    }

    /// A page or an answer of the interface; fails unless it is there.
    fn get(&self, path: &str) -> Result<String> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.address))
            .header("cookie", format!("sonae_session={}", seed::TOKEN))
            .header("authorization", format!("Bearer {}", seed::TOKEN))
            .call()?;
        let body = response.body_mut().read_to_string()?;
        match response.status().as_u16() {
            200 => Ok(body),
            status => bail!("GET {path}: {status}: {body}"),
        }
    }

    /// Saves another answer in place of the one seen, and says when it was recorded.
    fn save(&self, item: &str, n: usize, seen: Option<&str>) -> Result<String> {
        let answer = serde_json::json!({
            "round": 1, "value": "yes", "note": format!("note {n}"), "seen": seen,
        });
        let path = format!("/api/v1/checklist/{item}/answer");
        let mut response = self
            .agent
            .put(format!("{}{path}", self.address))
            .header("authorization", format!("Bearer {}", seed::TOKEN))
            .header("content-type", "application/json")
            .send(answer.to_string())?;
        let body = response.body_mut().read_to_string()?;
        if response.status().as_u16() != 200 {
            bail!("PUT {path}: {}: {body}", response.status());
        }
        let body: serde_json::Value = serde_json::from_str(&body)?;
        let recorded_at = body.pointer("/answer/recorded_at");
        let recorded_at = recorded_at.and_then(serde_json::Value::as_str);
        Ok(recorded_at.context("no recorded_at")?.to_owned())
    }

    /// When the present answer to an item was recorded.
    fn seen(&self, item: &str) -> Result<Option<String>> {
        let body: serde_json::Value =
            serde_json::from_str(&self.get(&format!("/api/v1/checklist/{item}"))?)?;
        let recorded_at = body.pointer("/answer/recorded_at");
        Ok(recorded_at
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned))
    }
}

/// How long requests took.
struct Spread {
    p50: Duration,
    p95: Duration,
}

impl Spread {
    fn of(n: usize, mut request: impl FnMut(usize) -> Result<()>) -> Result<Self> {
        let mut walls = Vec::with_capacity(n);
        for at in 0..n {
            let start = Instant::now();
            request(at)?;
            walls.push(start.elapsed());
        }
        walls.sort();
        let at = |percent: usize| walls.get(walls.len() * percent / 100).copied();
        Ok(Self {
            p50: at(50).context("nothing was asked")?,
            p95: at(95).context("nothing was asked")?,
        })
    }
}

fn one_client(at: &Served, side: Side, n_rows: usize) -> Result<bool> {
    let client = Client::new(&at.address);
    let item = "1-1";
    let mut seen = client.seen(item)?;
    // The first page judges; later ones find the verdicts as they were.
    client.get("/checklist")?;
    let idle = Spread::of(N_REQUESTS, |_| client.get("/healthz").map(drop))?;
    let save = Spread::of(N_REQUESTS, |n| {
        seen = Some(client.save(item, n, seen.as_deref())?);
        Ok(())
    })?;
    let read = Spread::of(N_REQUESTS, |_| client.get("/checklist").map(drop))?;
    let read_json = Spread::of(N_REQUESTS, |_| client.get("/api/v1/checklist").map(drop))?;
    let mut met = true;
    for (what, spread) in [
        ("answer saved", &save),
        ("checklist page", &read),
        ("checklist as JSON", &read_json),
    ] {
        met &= say(
            side,
            &format!("{what}, {n_rows} answers"),
            spread,
            &idle,
            GOAL_REQUEST,
        );
    }
    Ok(met)
}

/// One line; the goal is for the median.
fn say(side: Side, what: &str, spread: &Spread, idle: &Spread, goal: Duration) -> bool {
    let ms = |wall: Duration| wall.as_secs_f64() * 1000.0;
    let met = spread.p50 <= goal;
    println!(
        "web {side:?}: {what}: p50 {:.2} ms, p95 {:.2} ms, goal {:.0} ms; {:.1} x a request \
         without work ({:.2} ms){}",
        ms(spread.p50),
        ms(spread.p95),
        ms(goal),
        spread.p50.as_secs_f64() / idle.p50.as_secs_f64(),
        ms(idle.p50),
        if met { "" } else { "  MISSED" },
    );
    met
}

/// Each client has items of its own, so that nobody is too late.
fn many_clients(at: &Served, side: Side, items: &[String]) -> Result<bool> {
    let handles: Vec<String> = handles(&Client::new(&at.address))?;
    let n_clients = N_CLIENTS.min(items.len());
    let start = Instant::now();
    let threads: Vec<_> = (0..n_clients)
        .map(|n| {
            let client = Client::new(&at.address);
            let own: Vec<String> = handles.iter().skip(n).step_by(n_clients).cloned().collect();
            std::thread::spawn(move || write_until(&client, &own, start + MANY_CLIENTS))
        })
        .collect();
    let mut n_saved = 0;
    for thread in threads {
        n_saved += thread
            .join()
            .map_err(|_| anyhow::anyhow!("a client panicked"))??;
    }
    let per_second = f64::from(u32::try_from(n_saved)?) / start.elapsed().as_secs_f64();
    let met = per_second >= GOAL_SAVES_PER_SECOND;
    println!(
        "web {side:?}: {n_clients} clients: {per_second:.0} saves a second, goal \
         {GOAL_SAVES_PER_SECOND:.0}{}",
        if met { "" } else { "  MISSED" },
    );
    Ok(met)
}

/// Names of the items as the interface takes them.
fn handles(client: &Client) -> Result<Vec<String>> {
    let body: serde_json::Value = serde_json::from_str(&client.get("/api/v1/checklist")?)?;
    let items = body.get("items").and_then(serde_json::Value::as_array);
    let handle = |item: &serde_json::Value| Some(item.get("handle")?.as_str()?.to_owned());
    Ok(items.into_iter().flatten().filter_map(handle).collect())
}

fn write_until(client: &Client, items: &[String], end: Instant) -> Result<usize> {
    let seen = items.iter().map(|item| client.seen(item));
    let mut seen = seen.collect::<Result<Vec<_>>>()?;
    let mut n_saved = 0;
    while Instant::now() < end {
        for (item, seen) in items.iter().zip(&mut seen) {
            *seen = Some(client.save(item, n_saved, seen.as_deref())?);
            n_saved += 1;
        }
    }
    Ok(n_saved)
}

fn overview(at: &Served, side: Side) -> Result<bool> {
    let client = Client::new(&at.address);
    let idle = Spread::of(N_REQUESTS, |_| client.get("/healthz").map(drop))?;
    let shown = Spread::of(N_REQUESTS, |_| client.get("/institutions").map(drop))?;
    say(
        side,
        &format!("overview of {N_INSTITUTIONS}"),
        &shown,
        &idle,
        GOAL_OVERVIEW,
    );
    Ok(shown.p95 <= GOAL_OVERVIEW)
}

fn start_and_rest(sonae: &Sonae, folder: &Path) -> Result<bool> {
    let place = Place {
        data: folder.join("web-start"),
        database: None,
    };
    let mut met = true;
    for (what, goal) in [
        ("first start", GOAL_FIRST_START),
        ("later start", GOAL_START),
    ] {
        let served = serve(sonae, &place)?;
        let in_time = served.ready <= goal;
        let idle_mib = resident_mib(served.child.id())?;
        let small = idle_mib <= GOAL_IDLE_MIB;
        println!(
            "web: {what}: ready in {} ms, goal {} ms; {idle_mib} MiB at rest, goal \
             {GOAL_IDLE_MIB} MiB{}",
            served.ready.as_millis(),
            goal.as_millis(),
            if in_time && small { "" } else { "  MISSED" },
        );
        met &= in_time && small;
    }
    Ok(met)
}

/// What the kernel counts as resident.
fn resident_mib(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.context("the kernel does not say")?.parse()?;
    Ok(kib.div_ceil(1024))
}
