//! More than one was given: roles, the installation, other institutions, time.

use axum::http::Method;
use sonae_domain::ids::{AccountId, GrantId, InstitutionId};
use sonae_domain::people::{Grant, Role};

use super::{Sent, account, ours, roles};
use crate::web::routes::doors;
use crate::web::tests::people::grant;
use crate::web::tests::{ADMINISTRATOR, House, OPERATOR, OURS, THEIRS, VIEWER, Who};

attacks![
    every_form_of_another_role,
    a_role_in_ones_own_forms,
    a_role_in_the_forms_of_others,
    the_installation_for_a_new_colleague,
    a_role_that_is_none,
    an_outsider_as_administrator,
    an_outsider_who_stays_longer,
    the_last_administrator_taken_away,
    the_last_administrator_left_to_nobody,
    an_institution_without_a_role,
    an_institution_in_an_address,
    a_page_of_the_installation,
    a_role_by_the_interface,
];

/// What somebody would wish for.
const WISHES: [(&str, &str); 8] = [
    ("role", "administrator"),
    ("roles", "administrator"),
    ("is_operator", "true"),
    ("operator", "yes"),
    ("second_factor", "optional"),
    ("account", "administrator"),
    ("institution", "theirs"),
    ("ends_on", "2099-12-31"),
];

/// Each door by whoever has a role that may not pass it.
async fn every_form_of_another_role(house: House) {
    let all = doors(&house.app).unwrap();
    let mut open = Vec::new();
    for (path, method) in all.opened() {
        let allowed = all.access().of(method, path).unwrap();
        let parts = path.split('/');
        let parts = parts.map(|part| {
            if part.starts_with('{') {
                "viewer"
            } else {
                part
            }
        });
        let path = parts.collect::<Vec<_>>().join("/");
        for role in Role::ALL {
            if allowed.public || allowed.signed_in || allowed.roles.contains(&role) {
                continue;
            }
            let said = match *method {
                Method::GET => house.get(Who::Has(role), &path).await,
                _ => house.post(Who::Has(role), &path, &WISHES).await,
            };
            if said.status != 403 {
                open.push(format!("{method} {path} {role:?}: {}", said.brief()));
            }
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

async fn a_role_in_ones_own_forms(house: House) {
    let before = account(&house, "viewer").await;
    let own: [(&str, &[(&str, &str)]); 4] = [
        (
            "/me",
            &[("name", "name of viewer"), ("login", "administrator")],
        ),
        ("/preferences", &[("place", "/")]),
        ("/me/sessions/end", &[]),
        ("/me/tokens", &[("name", "a"), ("scope", "administrator")]),
    ];
    for (path, fields) in own {
        let fields = [fields, &WISHES].concat();
        let said = house.post(VIEWER, path, &fields).await;
        assert!(!said.status.is_server_error(), "{path}");
    }
    assert_eq!(roles(&house, "viewer").await, "ours viewer");
    assert_eq!(account(&house, "viewer").await, before);
    assert_eq!(house.get(VIEWER, "/settings/people").await.status, 403);
}

async fn a_role_in_the_forms_of_others(house: House) {
    let before = roles(&house, "viewer").await;
    for path in ["roles", "open", "link", "factors"] {
        for who in [VIEWER, OPERATOR] {
            let path = format!("/settings/people/viewer/{path}");
            assert_eq!(house.post(who, &path, &WISHES).await.status, 403, "{path}");
        }
    }
    assert_eq!(roles(&house, "viewer").await, before);
}

async fn the_installation_for_a_new_colleague(house: House) {
    let mut fields = vec![("name", "Ichiro"), ("login", "ichiro")];
    fields.extend(WISHES.iter().filter(|(name, _)| *name != "ends_on"));
    let made = house
        .post(ADMINISTRATOR, "/settings/people/new", &fields)
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(roles(&house, "ichiro").await, "ours administrator");
    assert!(!account(&house, "ichiro").await.is_operator);
}

async fn a_role_that_is_none(house: House) {
    for role in [
        "operator",
        "root",
        "Administrator",
        " administrator",
        "*",
        "",
    ] {
        let fields = [("name", "Ichiro"), ("login", "ichiro"), ("role", role)];
        let said = house
            .post(ADMINISTRATOR, "/settings/people/new", &fields)
            .await;
        assert_eq!(said.status, 422, "{role}");
    }
}

/// What the page of a person holds to notice that somebody else changed it.
async fn seen(house: &House, login: &str) -> String {
    let page = house
        .get(ADMINISTRATOR, &format!("/settings/people/{login}"))
        .await;
    page.field("seen").unwrap()
}

async fn an_outsider_as_administrator(house: House) {
    let outsider = [
        ("role", "administrator"),
        ("outsider", "yes"),
        ("purpose", "repair"),
        ("ends_on", "2026-12-01"),
    ];
    let new = [&outsider[..], &[("name", "Vendor"), ("login", "vendor")]].concat();
    let said = house
        .post(ADMINISTRATOR, "/settings/people/new", &new)
        .await;
    assert_eq!(said.status, 422);
    let seen = seen(&house, "viewer").await;
    let known = [&outsider[..], &[("seen", &seen)]].concat();
    let said = house
        .post(ADMINISTRATOR, "/settings/people/viewer/roles", &known)
        .await;
    assert_eq!(said.status, 422);
    assert_eq!(roles(&house, "viewer").await, "ours viewer");
}

async fn an_outsider_who_stays_longer(house: House) {
    let (ours, now) = (InstitutionId::new(OURS), house.now());
    let store = &house.app.installation.store;
    store
        .revoke_grant(&ours, &GrantId::new("viewer"), "test", now)
        .await
        .unwrap();
    let until = "2026-11-21".parse().unwrap();
    let short = Grant {
        id: GrantId::new("short"),
        account: AccountId::new("viewer"),
        role: Role::PlanningManager,
        outsider: true,
        purpose: Some("repair".to_owned()),
        ends_on: Some(until),
        granted_by: "test".to_owned(),
        granted_at: now,
        revoked: None,
    };
    store.insert_grant(&ours, &short).await.unwrap();
    for path in [
        "/settings/people/viewer/roles",
        "/settings/people/viewer/open",
    ] {
        assert_eq!(
            house.post(VIEWER, path, &WISHES).await.status,
            403,
            "{path}"
        );
    }
    house.post(VIEWER, "/me", &WISHES).await;
    let kept = store.grants_of(&short.account).await.unwrap();
    let open = kept.iter().find(|(_, grant)| grant.revoked.is_none());
    assert_eq!(open.map(|(_, grant)| grant.ends_on), Some(Some(until)));
}

async fn the_last_administrator_taken_away(house: House) {
    let path = "/settings/people/administrator";
    let seen = seen(&house, "administrator").await;
    let fields = [("seen", seen.as_str()), ("role", "viewer")];
    let said = house
        .post(ADMINISTRATOR, &format!("{path}/roles"), &fields)
        .await;
    assert_eq!(said.status, 422, "another role");
    let none = [("seen", seen.as_str())];
    let said = house
        .post(ADMINISTRATOR, &format!("{path}/roles"), &none)
        .await;
    assert_eq!(said.status, 422, "no role");
    let said = house
        .post(ADMINISTRATOR, &format!("{path}/close"), &[])
        .await;
    assert_eq!(said.status, 422, "no account");
    assert_eq!(roles(&house, "administrator").await, "ours administrator");
}

/// Whoever never came in, is closed, or leaves on a day, does not count.
async fn the_last_administrator_left_to_nobody(house: House) {
    let invited = [
        ("name", "Ichiro"),
        ("login", "ichiro"),
        ("role", "administrator"),
    ];
    house
        .post(ADMINISTRATOR, "/settings/people/new", &invited)
        .await;
    let seen_viewer = seen(&house, "viewer").await;
    let short = [
        ("seen", seen_viewer.as_str()),
        ("role", "administrator"),
        ("ends_on", "2026-12-01"),
    ];
    let path = "/settings/people/viewer/roles";
    assert_eq!(house.post(ADMINISTRATOR, path, &short).await.status, 303);
    grant(&house, "planning_manager", OURS, Role::Administrator).await;
    let closed = "/settings/people/planning_manager/close";
    assert_eq!(house.post(ADMINISTRATOR, closed, &[]).await.status, 303);
    let said = house.post(ADMINISTRATOR, "/settings/people/administrator/close", &[]);
    assert_eq!(said.await.status, 422);
}

async fn an_institution_without_a_role(house: House) {
    for id in [THEIRS, "", "unknown", "ours' or '1'='1"] {
        house
            .post(VIEWER, "/institutions", &[("institution", id)])
            .await;
        let page = house.get(VIEWER, "/").await;
        assert!(page.text().contains("name of ours"), "{id}");
        assert!(!page.text().contains("name of theirs"), "{id}");
    }
}

/// It says what the form was shown for, and permits nothing.
async fn an_institution_in_an_address(house: House) {
    let fields = [("name", "Toto Systems")];
    for path in [
        "/settings/vendors/new?institution=theirs",
        "/settings/vendors/new?institution=theirs&institution=ours",
        "/settings/vendors/new?institution=OURS",
    ] {
        let form = Sent::form(path, &fields).in_session("system_operator");
        assert_eq!(form.at(&house).await.status, 409, "{path}");
    }
    let store = &house.app.installation.store;
    let kept = store.records(&InstitutionId::new(THEIRS), "vendor").await;
    assert!(kept.unwrap().is_empty());
    let both = Sent::form(&ours("/settings/vendors/new?institution=ours"), &fields);
    let both = both.in_session("foreigner").at(&house).await;
    assert_eq!(both.status, 409, "by somebody of theirs");
}

/// Running the installation is no role of an institution.
async fn a_page_of_the_installation(house: House) {
    house.add_neighbour().await;
    for who in [VIEWER, OPERATOR, Who::Neighbour] {
        assert_eq!(
            house.get(who, "/institutions/new").await.status,
            404,
            "{who:?}"
        );
        let fields = [
            ("name", "Mine"),
            ("kind", "clinic"),
            ("is_operator", "true"),
        ];
        let said = house.post(who, "/institutions/new", &fields).await;
        assert!(said.status.is_client_error(), "{who:?}: {}", said.status);
    }
    let all = house.app.installation.store.institutions().await.unwrap();
    assert_eq!(all.len(), 2);
}

async fn a_role_by_the_interface(house: House) {
    let answer = Sent::to(Method::PUT, "/api/v1/checklist/1-1/answer").body(
        "application/json",
        r#"{"round": 1, "value": "yes", "role": "administrator"}"#,
    );
    assert_eq!(answer.with_token("viewer").at(&house).await.status, 403);
}
