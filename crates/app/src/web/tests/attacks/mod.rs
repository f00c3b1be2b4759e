//! Scripted attacks on coming in. Each file begins with the list of what is tried; the function of
//! that name tries it and says what must hold. Every attack has a house of its own, on SQLite and on
//! PostgreSQL, so that none leaves anything to the next.

/// Lists the attacks of a file and carries each out on both databases.
macro_rules! attacks {
    ($($attack:ident),+ $(,)?) => {
        /// What is tried here, by name.
        pub(super) const ATTACKS: &[&str] = &[$(stringify!($attack)),+];

        #[tokio::test(flavor = "multi_thread")]
        async fn on_sqlite() {
            let mut tally = super::Tally::default();
            $(for _ in 0..super::n_times(module_path!()) {
                let house = crate::web::tests::House::on_sqlite().await;
                let attack = $attack(super::guarded(house).await);
                tally.carry_out(stringify!($attack), attack).await;
            })+
            tally.all_must_hold();
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn on_postgres() {
            let mut tally = super::Tally::default();
            $(for n in 0..super::n_times(module_path!()) {
                let name = format!("{}_{n}", stringify!($attack));
                let house = crate::web::tests::House::on_postgres(&name).await;
                let attack = $attack(super::guarded(house).await);
                tally.carry_out(stringify!($attack), attack).await;
            })+
            tally.all_must_hold();
        }
    };
}

mod crafted;
mod guessing;
mod invitations;
mod other_sites;
mod races;
mod raising;
mod second_step;
mod sessions;
mod vendor_links;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use jiff::SignedDuration;
use sonae_domain::ids::{AccountId, InstitutionId};
use sonae_store::{Account, AccountChange, Secret};
use tokio::sync::OnceCell;
use tokio::task::{JoinSet, LocalSet};
use totp_rs::Builder;

use super::browser::PASSWORD;
use super::{Answered, House, OURS};
use crate::usecase::secrets::{password_hash, recovery_code_hash};
use crate::web::addressed::addressed;
use crate::web::visit::SESSION_COOKIE;

/// The program of the administrator, and that of the officer.
const SECRETS: [(&str, &str); 2] = [
    ("administrator", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
    ("safety_officer", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"),
];

/// On paper in the administrator's drawer.
const RECOVERY_CODES: [&str; 2] = ["3k9d-0fmp-1wxt-abcd", "7h2n-4qrs-8vyz-efgj"];

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[test]
fn at_least_sixty_attacks_are_tried() {
    let all = [
        crafted::ATTACKS,
        guessing::ATTACKS,
        invitations::ATTACKS,
        other_sites::ATTACKS,
        races::ATTACKS,
        raising::ATTACKS,
        second_step::ATTACKS,
        sessions::ATTACKS,
        vendor_links::ATTACKS,
    ];
    let n_attacks: usize = all.iter().map(|attacks| attacks.len()).sum();
    assert!(n_attacks >= 60, "{n_attacks}");
}

/// Which attacks got through; one that does keeps none of the others from being tried.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    async fn carry_out(&mut self, name: &'static str, attack: impl Future<Output = ()> + 'static) {
        let alone = LocalSet::new();
        let attack = alone.spawn_local(attack);
        if alone.run_until(attack).await.is_err() {
            *self.0.entry(name).or_default() += 1;
        }
    }

    fn all_must_hold(self) {
        assert!(self.0.is_empty(), "got through: {:?}", self.0);
    }
}

/// A race is lost by luck: the trial runs them many times, each time they run once.
fn n_times(file: &str) -> u32 {
    let scale = std::env::var("SONAE_TRIAL").ok();
    let scale = scale.filter(|_| file.ends_with("::races"));
    scale.map_or(1, |scale| scale.parse().expect("a number"))
}

/// Everybody comes in by password; the administrator and the officer show a code as well.
async fn guarded(house: House) -> House {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let make = async || password_hash(PASSWORD.to_owned()).await.unwrap();
    let hash = HASH.get_or_init(make).await;
    for login in [
        "administrator",
        "safety_officer",
        "system_operator",
        "viewer",
    ] {
        change(
            &house,
            login,
            AccountChange::Password(Secret::new(hash.clone())),
        )
        .await;
    }
    for (login, secret) in SECRETS {
        change(&house, login, AccountChange::Totp(Secret::new(secret))).await;
    }
    let codes = RECOVERY_CODES.map(|code| Secret::new(recovery_code_hash(code)));
    let (store, id) = (
        &house.app.installation.store,
        AccountId::new("administrator"),
    );
    let kept = store.replace_recovery_codes(&id, &codes, "test", house.now());
    kept.await.unwrap();
    house
}

async fn change(house: &House, login: &str, change: AccountChange) {
    let (store, id) = (
        &house.app.installation.store,
        account(house, login).await.id,
    );
    let changed = store.change_account(&id, &change, "test", house.now());
    changed.await.unwrap();
}

async fn account(house: &House, login: &str) -> Account {
    let account = house.app.installation.store.account_by_login(login).await;
    account.unwrap().expect("an account")
}

/// What somebody may do, as `ours viewer`.
async fn roles(house: &House, login: &str) -> String {
    let id = account(house, login).await.id;
    let grants = house.app.installation.store.grants_of(&id).await.unwrap();
    let open = grants.iter().filter(|(_, grant)| grant.revoked.is_none());
    let named = open.map(|(of, grant)| format!("{of} {}", grant.role.as_str()));
    let mut named: Vec<String> = named.collect();
    named.sort_unstable();
    named.join(", ")
}

/// A request with nothing in it but what an attacker puts there.
struct Sent(Request<Body>);

impl Sent {
    fn to(method: Method, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::HOST, "sonae.test");
        Self(request.body(Body::empty()).unwrap())
    }

    fn get(path: &str) -> Self {
        Self::to(Method::GET, path)
    }

    /// A form as our own pages send it.
    fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = serde_html_form::to_string(fields).unwrap();
        Self::to(Method::POST, path)
            .with("origin", "http://sonae.test")
            .body("application/x-www-form-urlencoded", &body)
    }

    fn body(mut self, kind: &str, body: &str) -> Self {
        *self.0.body_mut() = Body::from(body.to_owned());
        self.with("content-type", kind)
    }

    /// In place of what the header said before.
    fn with(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_str(value).unwrap();
        self.0.headers_mut().insert(name, value);
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.headers_mut().remove(name);
        self
    }

    fn in_session(self, token: &str) -> Self {
        self.with("cookie", &format!("{SESSION_COOKIE}={token}"))
    }

    fn with_token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    fn from(mut self, address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        let peer = SocketAddr::new(address, 50_000);
        self.0.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    async fn at(self, house: &House) -> Answered {
        house.send(self.0).await
    }
}

/// A path of a form that was shown for our institution.
fn ours(path: &str) -> String {
    addressed(path, &InstitutionId::new(OURS))
}

fn sign_in(login: &str, password: &str) -> Sent {
    Sent::form("/login", &[("login", login), ("password", password)])
}

fn show_code(half: &str, code: &str) -> Sent {
    Sent::form("/login/code", &[("code", code)]).in_session(half)
}

/// The token of the session that an answer begins; none begins where it says so.
fn session_of(answer: &Answered) -> Option<String> {
    answer
        .cookie(SESSION_COOKIE)
        .filter(|token| !token.is_empty())
}

/// Signs in by password: in, or half in.
async fn came_in(house: &House, login: &str) -> String {
    let answer = sign_in(login, PASSWORD).at(house).await;
    session_of(&answer).expect("a session")
}

/// Whether a session opens the page about oneself.
async fn is_in(house: &House, session: &str) -> bool {
    let page = Sent::get("/me").in_session(session).at(house).await;
    page.status == 200
}

/// What the program of a person shows after so many seconds.
fn code_in(house: &House, login: &str, seconds: i64) -> String {
    let (_, secret) = SECRETS.iter().find(|(of, _)| *of == login).unwrap();
    code_of(secret, house.now().as_second() + seconds)
}

fn code_of(secret: &str, second: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(second).unwrap()).to_string()
}

/// One after the other; what was answered, as `401 x10, 429 x2`.
async fn tried(house: &House, attempts: impl IntoIterator<Item = Sent>) -> String {
    let mut answers = Vec::new();
    for attempt in attempts {
        answers.push(attempt.at(house).await);
    }
    summed(&answers)
}

/// All at the same moment.
async fn at_once(house: &House, attempts: impl IntoIterator<Item = Sent>) -> Vec<Answered> {
    let mut under_way = JoinSet::new();
    for Sent(request) in attempts {
        let router = house.router.clone();
        under_way.spawn(async move { super::answered(&router, request).await });
    }
    under_way.join_all().await
}

fn summed(answers: &[Answered]) -> String {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
    }
    let counts = counts.iter().map(|(status, n)| format!("{status} x{n}"));
    counts.collect::<Vec<_>>().join(", ")
}
