//! Requests that no browser of ours sends: ways out to other sites, lines smuggled into headers,
//! paths written in odd ways, methods in disguise, and too much of everything.

use axum::http::Method;

use super::{Sent, account, came_in, code_in, is_in, ours, session_of, show_code, sign_in};
use crate::web::tests::browser::PASSWORD;
use crate::web::tests::{ADMINISTRATOR, Answered, House, VIEWER};

attacks![
    elsewhere_after_signing_in,
    elsewhere_after_the_code,
    elsewhere_for_whoever_is_in,
    elsewhere_with_what_was_typed,
    elsewhere_by_the_preferences,
    a_line_in_a_redirect,
    a_line_in_a_name,
    markup_in_a_login_name,
    a_path_around_the_doors,
    a_path_to_files,
    another_method_in_disguise,
    another_method_at_a_door,
    a_look_by_head,
    a_form_beyond_all_measure,
    an_answer_beyond_all_measure,
    bytes_that_are_no_text,
];

/// Where browsers would go, if we sent them.
const ELSEWHERE: [&str; 12] = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "https://evil.test",
    "https:evil.test",
    "javascript:alert(1)",
    "/\t/evil.test",
    "/\n/evil.test",
    " //evil.test",
    "evil.test",
    "@evil.test",
];

async fn elsewhere_after_signing_in(house: House) {
    for next in ELSEWHERE {
        let fields = [("login", "viewer"), ("password", PASSWORD), ("next", next)];
        let said = Sent::form("/login", &fields).at(&house).await;
        assert_eq!(said.brief(), "303 /", "{next:?}");
    }
}

async fn elsewhere_after_the_code(house: House) {
    let fields = [
        ("login", "administrator"),
        ("password", PASSWORD),
        ("next", ELSEWHERE[0]),
    ];
    let half = Sent::form("/login", &fields).at(&house).await;
    assert!(
        half.to().starts_with("/login/code?next=%2F%2Fevil"),
        "{}",
        half.to()
    );
    let half = session_of(&half).unwrap();
    let code = code_in(&house, "administrator", 0);
    let fields = [("code", code.as_str()), ("next", ELSEWHERE[0])];
    let whole = Sent::form("/login/code", &fields).in_session(&half);
    assert_eq!(whole.at(&house).await.brief(), "303 /");
}

async fn elsewhere_for_whoever_is_in(house: House) {
    for next in [
        "%2F%2Fevil.test",
        "https%3A%2F%2Fevil.test",
        "%2F%5Cevil.test",
    ] {
        let path = format!("/login?next={next}");
        let said = Sent::get(&path).in_session("viewer").at(&house).await;
        assert_eq!(said.brief(), "303 /", "{next}");
    }
    let asked = Sent::get("//evil.test/%2e%2e").at(&house).await;
    assert!(asked.to().is_empty() || asked.to().starts_with("/login?"));
}

/// The page that sends once more what was typed sends it to us.
async fn elsewhere_with_what_was_typed(house: House) {
    for next in ELSEWHERE {
        let fields = [
            ("login", "viewer"),
            ("password", PASSWORD),
            ("next", next),
            ("carried", "note=secret"),
        ];
        let page = Sent::form("/login", &fields).at(&house).await.text();
        assert!(page.contains("secret"), "{next:?}");
        for action in page.split("action=\"").skip(1) {
            let is_ours = action.starts_with('/') && !action.starts_with("//");
            assert!(is_ours, "{next:?}: {action:.60}");
        }
    }
}

async fn elsewhere_by_the_preferences(house: House) {
    for place in ELSEWHERE {
        let fields = [("language", "en"), ("place", place)];
        let said = Sent::form("/preferences", &fields).at(&house).await;
        assert_eq!(said.brief(), "303 /", "{place:?}");
    }
}

/// What an answer says in headers that we did not write.
fn smuggled(answer: &Answered) -> Vec<String> {
    let all = answer.headers.iter();
    let all = all.map(|(name, value)| format!("{name}: {value:?}"));
    all.filter(|line| line.starts_with("x-evil") || line.contains("evil=1"))
        .collect()
}

async fn a_line_in_a_redirect(house: House) {
    for next in [
        "/\r\nset-cookie: evil=1",
        "/a\nx-evil: 1",
        "/\u{2028}x-evil: 1",
    ] {
        let fields = [("login", "viewer"), ("password", PASSWORD), ("next", next)];
        let said = Sent::form("/login", &fields).at(&house).await;
        assert_eq!(said.status, 303, "{next:?}");
        assert!(smuggled(&said).is_empty(), "{:?}", smuggled(&said));
        let fields = [("language", "en\r\nx-evil: 1"), ("place", next)];
        let said = Sent::form("/preferences", &fields).at(&house).await;
        assert!(smuggled(&said).is_empty(), "{:?}", smuggled(&said));
    }
}

/// Files are named after what people typed.
async fn a_line_in_a_name(house: House) {
    let name = "a\"\r\nset-cookie: evil=1\r\n\r\n<b>";
    let path = "/settings/institution";
    let seen = house.get(ADMINISTRATOR, path).await.field("seen").unwrap();
    let fields = [
        ("seen", seen.as_str()),
        ("name", name),
        ("kind", "clinic"),
        ("contract", "none"),
    ];
    let saved = house.post(ADMINISTRATOR, path, &fields).await;
    assert!(!saved.status.is_server_error(), "{}", saved.brief());
    for path in [
        "/forms/form.pdf",
        "/forms/form.xlsx",
        "/ledger/export.csv",
        "/history/journal.csv",
        "/history/checkpoint/note",
    ] {
        let file = house.get(VIEWER, path).await;
        assert!(!file.status.is_server_error(), "{path}: {}", file.brief());
        assert!(smuggled(&file).is_empty(), "{path}: {:?}", smuggled(&file));
    }
    assert!(!house.get(VIEWER, "/").await.text().contains("\n<b>"));
}

async fn markup_in_a_login_name(house: House) {
    let login = "\"><script>alert(1)</script>";
    let page = sign_in(login, "wrong").at(&house).await;
    assert_eq!(page.status, 401);
    assert!(!page.text().contains("<script>alert"));
    let path = "/login?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let page = Sent::get(path).at(&house).await;
    assert!(!page.text().contains("<script>alert"));
}

/// By a stranger and by somebody without the role.
async fn a_path_around_the_doors(house: House) {
    for path in [
        "/settings/people/new",
        "//settings/people/new",
        "/settings//people/new",
        "/./settings/people/new",
        "/%2e/settings/people/new",
        "/login/../settings/people/new",
        "/login/..;/settings/people/new",
        "/login/%2e%2e/settings/people/new",
        "/assets/..%2fsettings/people/new",
        "/settings%2fpeople%2fnew",
        "/settings/people/new/",
        "/settings/people/new;x=1",
        "/settings/people/new.json",
        "/settings/people/new%20",
        "/SETTINGS/PEOPLE/NEW",
        "/settings/people/new?public=1",
    ] {
        for attempt in [Sent::get(path), Sent::get(path).in_session("viewer")] {
            let said = attempt.at(&house).await;
            assert!(
                !said.status.is_success() && !said.status.is_server_error(),
                "{path}: {}",
                said.brief()
            );
        }
        let forwarded = Sent::get("/login")
            .with("x-original-url", path)
            .with("x-rewrite-url", path);
        let said = forwarded.in_session("viewer").at(&house).await;
        assert_eq!(said.brief(), "303 /", "{path}");
    }
}

async fn a_path_to_files(house: House) {
    for path in [
        "/assets/../Cargo.toml",
        "/assets/%2e%2e%2fCargo.toml",
        "/assets/..%5c..%5cCargo.toml",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/file:%2f%2f%2fetc%2fpasswd",
        "/settings/backup/file?name=..%2fhistory.key",
        "/ledger/import/..%2f..%2fhistory.key",
        "/evidence/..%2f..%2fsonae.db/raw",
    ] {
        let said = Sent::get(path).in_session("viewer").at(&house).await;
        assert!(said.status.is_client_error(), "{path}: {}", said.brief());
    }
}

/// A form that calls itself something else is what it is.
async fn another_method_in_disguise(house: House) {
    let path = "/api/v1/checklist/1-1/answer";
    let body = r#"{"round": 1, "value": "yes"}"#;
    for header in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let post = Sent::to(Method::POST, path).body("application/json", body);
        let said = post.with(header, "PUT").with_token("system_operator");
        assert_eq!(said.at(&house).await.status, 405, "{header}");
        let get = Sent::get("/logout")
            .with(header, "POST")
            .in_session("viewer");
        assert_eq!(get.at(&house).await.status, 405, "{header}");
    }
    let get = Sent::get(&ours("/logout?_method=POST")).in_session("viewer");
    assert_eq!(get.at(&house).await.status, 405);
    assert!(is_in(&house, "viewer").await);
}

async fn another_method_at_a_door(house: House) {
    for method in [
        "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "get",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for path in ["/logout", "/me/sessions/end", "/login/passkey"] {
            let knock = Sent::to(method.clone(), &ours(path)).in_session("viewer");
            let said = knock.with("origin", "http://sonae.test").at(&house).await;
            assert_eq!(said.status, 405, "{method} {path}");
            assert!(!said.text().contains("sonae_session"), "an echo");
        }
    }
    assert!(is_in(&house, "viewer").await);
}

/// It is a look without the page, and shows no more than looking does.
async fn a_look_by_head(house: House) {
    for path in ["/me", "/settings/people", "/evidence/x/raw", "/api/v1/me"] {
        let look = Sent::get(path).at(&house).await.brief();
        let head = Sent::to(Method::HEAD, path).at(&house).await;
        assert_eq!((head.brief(), head.body.len()), (look, 0), "{path}");
    }
}

async fn a_form_beyond_all_measure(house: House) {
    let long = "x".repeat(300 * 1024);
    for attempt in [
        sign_in("viewer", &long),
        sign_in(&long, PASSWORD),
        Sent::form("/me", &[("name", &long)]).in_session("viewer"),
        Sent::form("/setup", &[("name", &long)]),
        Sent::form("/welcome/x", &[("new_password", &long)]),
    ] {
        let said = attempt.at(&house).await;
        assert!(
            [413, 422].contains(&said.status.as_u16()),
            "{}",
            said.brief()
        );
        assert_eq!(session_of(&said), None);
    }
    let half = came_in(&house, "administrator").await;
    assert_eq!(show_code(&half, &long).at(&house).await.status, 413);
    assert_eq!(account(&house, "viewer").await.name, "name of viewer");
}

async fn an_answer_beyond_all_measure(house: House) {
    let body = format!("{{\"round\": 1, \"note\": \"{}\"}}", "x".repeat(300 * 1024));
    let deep = "[".repeat(100_000);
    for (body, token) in [(&body, "system_operator"), (&deep, "system_operator")] {
        let put = Sent::to(Method::PUT, "/api/v1/checklist/1-1/answer");
        let put = put.body("application/json", body).with_token(token);
        let said = put.at(&house).await;
        assert!(said.status.is_client_error(), "{}", said.brief());
    }
}

async fn bytes_that_are_no_text(house: House) {
    let kind = "application/x-www-form-urlencoded";
    for body in [
        "login=%ff%fe&password=x",
        "login=%00&password=x",
        "login=viewer&login=administrator&password=x",
        "login[]=viewer&password[$ne]=x",
        "password=x",
        "",
        "%",
    ] {
        let said = Sent::form("/login", &[]).body(kind, body).at(&house).await;
        assert!(said.status.is_client_error(), "{body}: {}", said.brief());
        assert_eq!(session_of(&said), None, "{body}");
    }
}
