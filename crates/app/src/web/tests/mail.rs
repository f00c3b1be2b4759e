//! Reminders by mail, sent to a real mail server: Debian's `python3-aiosmtpd`.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use sonae_store::Secret;

use super::{ADMINISTRATOR, Answered, House, OPERATOR, OURS};
use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::WhichForm;
use crate::usecase::mail::{MailLogin, Reminded};

/// Debian's own: the mail server is a package of it, which another Python does not see.
const PYTHON: &str = "/usr/bin/python3";

/// Prints subject, recipients and text of every mail in a maildir, read by another program's rules.
const READ_MAILS: &str = "
import email, email.policy, os, sys
new = os.path.join(sys.argv[1], 'new')
for name in sorted(os.listdir(new)):
    mail = email.message_from_binary_file(open(os.path.join(new, name), 'rb'), policy=email.policy.default)
    print(mail['subject'], '|', mail['from'], '|', mail['to'])
    print(mail.get_content())
";

/// A mail server that keeps what it gets; stopped when dropped.
struct MailServer {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl MailServer {
    fn start() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = Command::new(PYTHON)
            .args(["-m", "aiosmtpd", "--nosetuid", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .args(["--class", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mails"))
            .stderr(Stdio::null())
            .spawn()
            .expect("python3-aiosmtpd, which scripts/setup.sh installs");
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            process,
            port,
            folder,
        }
    }

    /// All mails that arrived.
    fn mails(&self) -> String {
        read_mails(&self.folder.path().join("mails"))
    }
}

/// A port below those that the system gives to clients: knocking at one of theirs until a server is
/// there may connect to itself, and then the server finds it taken.
fn free_port() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);

    loop {
        let n = std::process::id().wrapping_mul(7) + TRIED.fetch_add(1, Ordering::SeqCst);
        let port = u16::try_from(20_000 + n % 12_000).expect("a port");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn read_mails(folder: &Path) -> String {
    let said = Command::new(PYTHON)
        .args(["-c", READ_MAILS])
        .arg(folder)
        .env("PYTHONUTF8", "1")
        .output();
    let said = said.expect("python3");
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    said.replace("\r\n", "\n")
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn fields(port: &str) -> [(&str, &str); 7] {
    [
        ("host", "127.0.0.1"),
        ("port", port),
        ("encryption", "none"),
        ("user", ""),
        ("from", "Sonae <sonae@clinic.example>"),
        ("to", "sato@clinic.example\r\nsuzuki@clinic.example"),
        ("web_address", "https://sonae.clinic.example/"),
    ]
}

/// いいえ to item 1-1, with a 目標日.
async fn set_target(house: &House, target: &str) {
    let typed = TypedAnswer {
        item: "1-1".to_owned(),
        value: "no".to_owned(),
        confirmed_on: None,
        target_on: Some(target.to_owned()),
        note: None,
        by: Some("test".to_owned()),
        round: None,
    };
    let workspace = house.workspace().await;
    let done = workspace.answer(&WhichForm::default(), &typed).await;
    done.map(|_| ()).expect("an answer");
}

async fn save(house: &House, port: &str, seen: &str) -> Answered {
    let mut fields: Vec<(&str, &str)> = fields(port).into();
    fields.push(("seen", seen));
    house.post(ADMINISTRATOR, "/settings/mail", &fields).await
}

/// The state that the page shows, as its form names it.
async fn seen(house: &House) -> String {
    let page = house.get(ADMINISTRATOR, "/settings/mail").await;
    page.field("seen").expect("the form")
}

async fn set_up(house: &House, port: &str) {
    let saved = save(house, port, &seen(house).await).await;
    assert_eq!(saved.brief(), "303 /settings/mail?done=saved");
}

#[tokio::test]
async fn two_who_change_it_see_each_other() {
    let house = House::on_sqlite().await;
    let nothing = seen(&house).await;
    let port = async || {
        let kept = house.workspace().await.mail_settings().await.unwrap();
        kept.map(|kept| kept.port)
    };
    assert_eq!(save(&house, "25", &nothing).await.status, 303);
    // Sent twice, and then by somebody who saw the page before.
    assert_eq!(save(&house, "25", &nothing).await.status, 303);
    let second = save(&house, "465", &nothing).await;
    assert_eq!(second.status, 422);
    assert_eq!(
        port().await.as_deref(),
        Some("25"),
        "nothing was overwritten"
    );
    assert_eq!(
        second.field("port").as_deref(),
        Some("465"),
        "what was typed"
    );
    assert!(second.text().contains("<dd>25</dd>"), "theirs");
    // Having seen both, the second one chooses.
    let shown = second.field("seen").unwrap();
    assert_eq!(save(&house, "465", &shown).await.status, 303);
    assert_eq!(port().await.as_deref(), Some("465"));
    // A refusal does not take the state that is there now for the one that was seen.
    let refused = save(&house, "0", &shown).await;
    assert_eq!(refused.field("seen"), Some(shown));
    let current = seen(&house).await;
    house.post(ADMINISTRATOR, "/settings/mail/stop", &[]).await;
    let stopped = save(&house, "587", &current).await;
    assert_eq!((stopped.status.as_u16(), port().await), (422, None));
    assert!(stopped.text().contains("いまは送らない設定です"));
}

async fn remind(house: &House) -> Reminded {
    house.workspace().await.remind().await.expect("it works")
}

#[tokio::test]
async fn a_reminder_is_sent_once_a_day_and_only_when_set_up() {
    let server = MailServer::start();
    let house = House::on_sqlite().await;
    set_target(&house, "2026-11-28").await;
    assert_eq!(remind(&house).await, Reminded::NotSetUp);
    let port = server.port.to_string();
    set_up(&house, &port).await;
    assert_eq!(remind(&house).await, Reminded::Sent(1));
    assert_eq!(remind(&house).await, Reminded::AlreadyToday);
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(remind(&house).await, Reminded::NothingDue);
    let expected = expect_test::expect![[r#"
        [Sonae] name of ours: 期限のお知らせ（1件） | Sonae <sonae@clinic.example> | sato@clinic.example, suzuki@clinic.example
        name of ours の期限のお知らせです（令和8年11月21日）。

        ■ 1-① 安全管理の責任者を決める の目標日
           令和8年11月28日（あと7日）
           https://sonae.clinic.example/checklist/1-1

        すべての期限: https://sonae.clinic.example/deadlines
        お知らせをやめるとき: https://sonae.clinic.example/settings/mail
    "#]];
    expected.assert_eq(&format!("{}\n", server.mails().trim_end()));
}

#[tokio::test]
async fn a_test_mail_shows_whether_mail_arrives() {
    let server = MailServer::start();
    let house = House::on_sqlite().await;
    let test = async || house.post(ADMINISTRATOR, "/settings/mail/test", &[]).await;
    assert_eq!(test().await.status, 422);
    let port = server.port.to_string();
    set_up(&house, &port).await;
    assert_eq!(test().await.brief(), "303 /settings/mail?done=mail_sent");
    assert!(server.mails().contains("メールの確認"));
    for _ in 0..2 {
        let stopped = house.post(ADMINISTRATOR, "/settings/mail/stop", &[]).await;
        assert_eq!(stopped.brief(), "303 /settings/mail?done=mail_stopped");
    }
    assert_eq!(remind(&house).await, Reminded::NotSetUp);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_and_tried_again() {
    let house = House::on_sqlite().await;
    set_target(&house, "2026-11-28").await;
    set_up(&house, "1").await;
    let refused = house.post(ADMINISTRATOR, "/settings/mail/test", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("メールを送れませんでした"));
    assert_eq!(refused.field("host").as_deref(), Some("127.0.0.1"));
    let reminded = house.workspace().await.remind().await;
    assert!(reminded.is_err());
    // What was not sent is not taken as sent.
    let server = MailServer::start();
    let port = server.port.to_string();
    set_up(&house, &port).await;
    assert_eq!(remind(&house).await, Reminded::Sent(1));
    // The other institution set up nothing.
    let all = house.app.installation.remind_all().await.expect("all");
    let brief: Vec<String> = all
        .into_iter()
        .map(|(name, said)| format!("{name}: {:?}", said.ok()))
        .collect();
    let expected = [
        "name of ours: Some(AlreadyToday)",
        "name of theirs: Some(NotSetUp)",
    ];
    assert_eq!(
        (brief, OURS),
        (expected.map(str::to_owned).to_vec(), "ours")
    );
}

#[tokio::test]
async fn settings_that_cannot_be_sent_with_are_refused_with_what_was_typed() {
    let house = House::on_sqlite().await;
    let check = async |name: &str, value: &str| {
        let typed = fields("25").map(|(field, typed)| match field == name {
            true => (field, value),
            false => (field, typed),
        });
        let refused = house.post(ADMINISTRATOR, "/settings/mail", &typed).await;
        assert_eq!(refused.status, 422, "{name}");
        assert_eq!(refused.field("port").as_deref(), Some(typed[1].1), "{name}");
        assert!(
            refused.text().contains("suzuki@") == (name != "to"),
            "{name}"
        );
        assert!(
            house
                .workspace()
                .await
                .mail_settings()
                .await
                .unwrap()
                .is_none()
        );
    };
    check("host", " ").await;
    check("port", "70000").await;
    check("port", "0").await;
    check("from", "sonae").await;
    check("to", " ").await;
    check("to", "a@b.example, nobody").await;
    check("web_address", "sonae.clinic.example").await;
    // Without a password nobody logs in, and the reason is said.
    let mut typed = fields("25");
    typed[3] = ("user", "sonae");
    let saved = house.post(ADMINISTRATOR, "/settings/mail", &typed).await;
    assert_eq!(saved.status, 303);
    let refused = house.post(ADMINISTRATOR, "/settings/mail/test", &[]).await;
    assert!(refused.text().contains("SONAE_SMTP_PASSWORD に入れて"));
    assert_eq!(house.get(OPERATOR, "/settings/mail").await.status, 403);
}

/// A mail server for one guest, which asks for a login and tells what it heard.
fn listener(socket: TcpListener) -> std::thread::JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let (stream, _) = socket.accept().expect("a guest");
        let mut answers = stream.try_clone().expect("the same guest");
        let mut say = |line: &str| answers.write_all(format!("{line}\r\n").as_bytes());
        say("220 mail").expect("a greeting");
        let mut heard = Vec::new();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _gone = match line.get(..4) {
                Some("EHLO") => say("250-mail\r\n250 AUTH PLAIN"),
                Some("AUTH") => say("535 no"),
                _ => say("250 ok"),
            };
            heard.push(line);
        }
        heard
    })
}

#[tokio::test]
async fn the_password_of_the_installation_is_told_to_no_other_server() {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = socket.local_addr().expect("an address").port().to_string();
    let heard = listener(socket);
    let house = House::with_mail_login(MailLogin {
        host: "127.0.0.1".to_owned(),
        user: "sonae".to_owned(),
        password: Secret::new("geheim".to_owned()),
    })
    .await;
    let try_with = async |host: &str| {
        let shown = seen(&house).await;
        let mut typed = fields(&port).to_vec();
        typed[0].1 = host;
        typed[3].1 = "sonae";
        typed.push(("seen", &shown));
        let saved = house.post(ADMINISTRATOR, "/settings/mail", &typed).await;
        assert_eq!(saved.status, 303);
        house.post(ADMINISTRATOR, "/settings/mail/test", &[]).await
    };
    // What an administrator calls their mail server: nobody is asked, and the page says why.
    let refused = try_with("localhost").await;
    let why = "ほかのサーバや利用者名には送りません";
    assert_eq!(
        (refused.status.as_u16(), refused.text().contains(why)),
        (422, true)
    );
    let page = house.get(ADMINISTRATOR, "/settings/mail").await;
    assert!(page.text().contains(why));
    // The one that the password is for hears it, and is the first to be heard from.
    let refused = try_with("127.0.0.1").await;
    assert!(refused.text().contains("535"));
    let heard = heard.join().expect("a conversation");
    let logins = heard.iter().filter(|line| line.starts_with("AUTH PLAIN"));
    assert_eq!(logins.count(), 1, "{heard:?}");
}
