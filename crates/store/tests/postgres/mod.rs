//! A PostgreSQL server for tests, started once per test binary in a folder of its own.
//! Only the standard library is needed, so that other crates can take this file by `#[path]`.
//!
//! A shell stands between: it stops the server and removes the folder when its input closes, which
//! happens however this process ends, also on a panic or a kill.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Prints the folder when the server is ready. It listens on a socket in that folder only, so that
/// no port can be taken. `fsync=off`: nothing here outlives the test; whoever measures switches it on
/// with `SONAE_TEST_FSYNC=on`.
const SERVE: &str = r#"
bin=$1; fsync=$2; dir=$(mktemp -d /tmp/sonae-postgres-XXXXXX) || exit 1; cd "$dir" || exit 1
log=$dir/log
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$log" 2>&1 \
    || { cat "$log"; rm -rf "$dir"; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=$fsync \
    -c full_page_writes=$fsync -c max_connections=100 </dev/null >>"$log" 2>&1 &
server=$!
trap '' INT TERM HUP
n=0
until "$bin/pg_isready" -q -h "$dir"; do
    n=$((n + 1)); sleep 0.05
    [ $n -lt 400 ] && kill -0 $server 2>/dev/null || { cat "$log"; kill -9 $server; rm -rf "$dir"; exit 1; }
done
"$bin/psql" -q -h "$dir" -U postgres -d postgres -v ON_ERROR_STOP=1 \
    -c 'create role sonae login nosuperuser nobypassrls' >>"$log" 2>&1 || cat "$log"
echo "ready $dir"
cat >/dev/null
# Whoever runs by now: a test may have stopped and started it.
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir"
"#;

/// A running server.
pub(crate) struct Server {
    bin: String,
    dir: String,
    /// Its input, while open, keeps the server alive.
    _shell: Child,
}

impl Server {
    /// The server of this test binary.
    ///
    /// # Panics
    /// There is no PostgreSQL on this machine, or it does not start.
    pub(crate) fn get() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// A new and empty database, owned by the role `sonae`, which row level security binds.
    pub(crate) fn database(&self, name: &str) -> String {
        let args = ["-h", &self.dir, "-U", "postgres", "-O", "sonae", name];
        self.run("createdb", &args);
        self.url("sonae", name)
    }

    /// Runs a program of PostgreSQL in the folder of the server, whose data lie in `data` there.
    ///
    /// # Panics
    /// It does not succeed.
    pub(crate) fn run(&self, program: &str, args: &[&str]) {
        let ran = as_other_than_root()
            .arg(format!("{}/{program}", self.bin))
            .args(args)
            .current_dir(&self.dir)
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{program}: {said}");
    }

    /// The address of a database for a role; no password is asked for.
    pub(crate) fn url(&self, role: &str, database: &str) -> String {
        format!("postgres:///{database}?host={}&user={role}", self.dir)
    }

    /// A server that no other test uses.
    ///
    /// # Panics
    /// See [`Server::get`].
    pub(crate) fn start() -> Self {
        let Some(bin) = find_bin() else {
            panic!("these tests need the programs of PostgreSQL: run `scripts/setup.sh`");
        };
        let fsync = std::env::var("SONAE_TEST_FSYNC").unwrap_or_else(|_| "off".to_owned());
        let mut shell = as_other_than_root()
            .args(["sh", "-c", SERVE, "serve", &bin, &fsync])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Away from the signals that a test runner sends to the whole group.
            .process_group(0)
            .spawn()
            .expect("a shell starts");
        let mut said = String::new();
        let lines = BufReader::new(shell.stdout.take().expect("its output is piped")).lines();
        for line in lines.map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            if line.starts_with("ready ") {
                break;
            }
        }
        let Some((_, dir)) = said.trim_end().rsplit_once("ready ") else {
            let ended = shell.wait();
            panic!("PostgreSQL does not start ({ended:?}):\n{said}");
        };
        Self {
            bin,
            dir: dir.to_owned(),
            _shell: shell,
        }
    }
}

/// The folder with `initdb`: Debian's newest, or the one on the path.
fn find_bin() -> Option<String> {
    let script = "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; \
                  dirname \"$(command -v initdb)\"";
    let found = Command::new("sh").args(["-c", script]).output().ok()?;
    let found = String::from_utf8(found.stdout).ok()?;
    found
        .lines()
        .find(|line| line.starts_with('/'))
        .map(str::to_owned)
}

/// PostgreSQL refuses to run as root; Debian's package makes a user for it.
fn as_other_than_root() -> Command {
    let id = Command::new("id").arg("-u").output().expect("id starts");
    if id.stdout.trim_ascii() != b"0" {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        "--",
    ]);
    command
}
