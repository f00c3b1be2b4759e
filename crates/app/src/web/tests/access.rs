//! The access table: complete both ways, and kept by every door.

use axum::body::Body;
use axum::http::Method;
use sonae_domain::people::Role;

use super::{House, Who};
use crate::web::routes::doors;

/// What stands for an id in a path.
const UNKNOWN: &str = "unknown";

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let house = House::empty(None).await;
    let doors = doors(&house.app).unwrap();
    let mut opened: Vec<String> = doors
        .opened()
        .iter()
        .map(|(path, method)| format!("{path} {method}"))
        .collect();
    opened.sort_unstable();
    let mut rows: Vec<String> = doors
        .access()
        .routes()
        .map(|(path, method)| format!("{path} {method}"))
        .collect();
    rows.sort_unstable();
    assert_eq!(opened, rows);
}

#[tokio::test]
async fn every_door_lets_in_whom_the_table_allows_on_sqlite() {
    walk(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn every_door_lets_in_whom_the_table_allows_on_postgres() {
    walk(&House::on_postgres("access").await).await;
}

/// Knocks at every door as everybody.
async fn walk(house: &House) {
    let doors = doors(&house.app).unwrap();
    let mut wrong = Vec::new();
    let mut everybody = vec![Who::Stranger];
    everybody.extend(Role::ALL.map(Who::Has));
    for (path, method) in doors.opened() {
        // Signing out ends the session that the others still need.
        if path == "/logout" {
            continue;
        }
        let allowed = doors.access().of(method, path).unwrap();
        for who in &everybody {
            let may = match who {
                _ if allowed.public => true,
                Who::Stranger => false,
                Who::Has(role) => allowed.signed_in || allowed.roles.contains(role),
                Who::Foreigner | Who::Neighbour => true,
            };
            let said = knock(house, *who, method, path).await;
            let let_in = !refused(&said);
            if let_in != may || said.starts_with('5') {
                wrong.push(format!("{method} {path} {who:?}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn knock(house: &House, who: Who, method: &Method, path: &str) -> String {
    let path: String = path
        .split('/')
        .map(|part| if part.starts_with('{') { UNKNOWN } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let kind = match *method {
        Method::GET => "",
        _ => "application/x-www-form-urlencoded",
    };
    house.knock(who, method.clone(), &path, kind).await
}

fn refused(said: &str) -> bool {
    said.starts_with("401") || said.starts_with("403") || said.starts_with("303 /login?")
}

#[tokio::test]
async fn what_belongs_to_others_is_as_unknown_as_what_is_not_there() {
    let house = House::on_sqlite().await;
    let lost = house.get(super::VIEWER, "/no/such/page").await;
    assert_eq!(lost.status, 404);
    assert!(lost.text().contains("<h1>"), "{}", lost.text());
}

#[tokio::test]
async fn every_answer_carries_the_guards() {
    let house = House::on_sqlite().await;
    for (who, path) in [
        (Who::Stranger, "/login"),
        (super::VIEWER, "/"),
        (Who::Stranger, "/healthz"),
        (super::VIEWER, "/no/such/page"),
    ] {
        let answer = house.get(who, path).await;
        let header = |name: &str| {
            answer
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(header("referrer-policy"), Some("same-origin"), "{path}");
    }
}

#[tokio::test]
async fn no_other_site_changes_anything() {
    let house = House::on_sqlite().await;
    let check = async |origin: Option<&str>, site: Option<&str>, status: u16| {
        let mut request = axum::http::Request::builder()
            .method("POST")
            .uri("/logout")
            .header("host", "sonae.test")
            .header("cookie", "sonae_session=viewer");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{origin:?} {site:?}");
    };
    check(Some("https://elsewhere.test"), None, 403).await;
    check(Some("http://sonae.test"), Some("cross-site"), 403).await;
    check(Some("null"), None, 403).await;
    check(None, None, 403).await;
    check(Some("http://sonae.test"), Some("same-origin"), 303).await;
}
