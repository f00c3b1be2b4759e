//! The inspection package as people hold it: built, carried elsewhere, and verified without the data.

use std::io::Read;

use crate::harness::{Sonae, fixture, read, write};

/// A file of a package.
fn file(package: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(package)).expect("a ZIP");
    let mut text = String::new();
    let mut file = zip.by_name(name).expect("the file");
    file.read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_package_is_verified_where_there_are_no_data() {
    let sonae = Sonae::new();
    sonae.ok(&["answer", "2-1", "はい", "--by", "院長"]);
    let built = sonae.run(&["package", "build", "--out", "package.zip"]);
    assert_eq!(built.code, 0, "{}", built.all());
    let bytes = read(&sonae.path("package.zip"));

    let elsewhere = Sonae::new();
    write(&elsewhere.path("package.zip"), &bytes);
    let said = elsewhere.run(&["package", "verify", "package.zip"]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(
        !elsewhere.path("data").exists(),
        "nothing is opened or made"
    );

    let raw = elsewhere.run_raw(&["package", "verify", "package.zip"]);
    let key = raw
        .lines()
        .find_map(|line| line.strip_prefix("署名を確かめる鍵: "));
    let key = key.expect("a key");
    let held = elsewhere.run(&["package", "verify", "package.zip", "--key", key]);
    assert_eq!(held.code, 0, "{}", held.all());
    let other = elsewhere.run(&["package", "verify", "package.zip", "--key", "sonae/x"]);
    assert_eq!(other.code, 1, "{}", other.all());

    let mut changed = bytes;
    let at = changed.len() / 2;
    changed[at] ^= 1;
    write(&elsewhere.path("changed.zip"), &changed);
    let changed = elsewhere.run(&["package", "verify", "changed.zip", "--key", key]);
    assert_eq!(changed.code, 1, "{}", changed.all());
    assert_eq!(elsewhere.run(&["package", "verify", "none.zip"]).code, 3);
}

/// Other programs open it as any ZIP.
#[test]
fn a_package_is_a_zip_for_everybody() {
    let sonae = Sonae::new();
    sonae.ok(&["package", "build", "--out", "package.zip"]);
    let bytes = std::io::Cursor::new(read(&sonae.path("package.zip")));
    let mut zip = zip::ZipArchive::new(bytes).expect("a ZIP");
    let mut names = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let n_bytes = std::io::copy(&mut file, &mut std::io::sink()).expect("its sum fits");
        assert_eq!(n_bytes, file.size());
        names.push(file.name().expect("a name").into_owned());
    }
    for name in [
        "manifest.json",
        "form.pdf",
        "form.xlsx",
        "ledger.pdf",
        "ledger.xlsx",
        "missing.json",
    ] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
}

/// What the facts of a real ledger with evidence say is said again where neither is.
#[test]
fn facts_are_judged_again_elsewhere() {
    let sonae = Sonae::new();
    let clinic = |file: &str| fixture(&format!("stories/clinic/{file}"));
    let files = [
        "ledger.csv",
        "roster.csv",
        "ad.ldif",
        "nmap.xml",
        "restic.json",
        "drills.csv",
    ];
    let files = files.map(clinic);
    let mut import = vec!["import", "--effective-on", "R8.11.20"];
    import.extend(files.iter().map(String::as_str));
    sonae.ok(&import);
    for item in ["2-1", "2-5", "2-6", "3-2"] {
        sonae.ok(&["answer", item, "はい", "--by", "院長"]);
    }
    sonae.ok(&["package", "build", "--out", "package.zip"]);
    let bytes = read(&sonae.path("package.zip"));
    let elsewhere = Sonae::new();
    elsewhere.file("package.zip", &bytes);
    elsewhere.ok(&["package", "verify", "package.zip"]);

    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let here = json(&sonae.ok(&["judge", "--json"]));
    let there = json(&file(&bytes, "form.json"));
    let (here, there) = (here["items"].as_array(), there["items"].as_array());
    let (here, there) = (here.expect("items"), there.expect("items"));
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(there) {
        assert_eq!(here["number"], there["number"]);
        assert_eq!(here["verdict"], there["verdict"], "{}", there["number"]);
        assert_eq!(here["standing"], there["standing"], "{}", there["number"]);
    }
    let verdicts = file(&bytes, "verdicts.json");
    for verdict in ["met", "not_met", "conditional", "unknown"] {
        assert!(
            verdicts.contains(&format!("\"verdict\":\"{verdict}\"")),
            "{verdict}"
        );
    }
}

/// Files of evidence tell of the network: none goes along that nobody named.
#[test]
fn evidence_goes_along_when_it_is_named() {
    let sonae = Sonae::new();
    let ledger = fixture("stories/clinic/ledger.csv");
    sonae.ok(&["import", "--effective-on", "R8.11.20", &ledger]);
    sonae.ok(&["package", "build", "--out", "package.zip"]);
    let index = |name: &str| {
        let text = file(&read(&sonae.path(name)), "evidence.json");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON")
    };
    let evidence = &index("package.zip")[0];
    assert!(evidence["path"].is_null(), "{evidence}");
    let id = evidence["id"].as_str().expect("an id");
    let build = |out: &str, id: &str| {
        sonae.run(&[
            "package",
            "build",
            "--documents",
            "none",
            "--evidence",
            id,
            "--out",
            out,
        ])
    };
    let built = build("with.zip", id);
    assert_eq!(built.code, 0, "{}", built.all());
    assert_eq!(index("with.zip")[0]["path"], "evidence/1.csv");
    sonae.ok(&["package", "verify", "with.zip"]);
    assert_ne!(build("none.zip", "unknown").code, 0);
    assert!(!sonae.path("none.zip").exists());
}

/// Names, addresses and numbers of a real ledger with evidence stay at home, and every item stands as it does
/// there.
#[test]
fn the_network_is_told_when_somebody_says_so() {
    let sonae = Sonae::new();
    let clinic = |file: &str| fixture(&format!("stories/clinic/{file}"));
    let files = [
        "ledger.csv",
        "roster.csv",
        "ad.ldif",
        "nmap.xml",
        "restic.json",
        "drills.csv",
    ];
    let files = files.map(clinic);
    let mut import = vec!["import", "--effective-on", "R8.11.20"];
    import.extend(files.iter().map(String::as_str));
    sonae.ok(&import);
    let said = sonae.ok(&["package", "build", "--out", "without.zip"]);
    assert!(said.contains("ネットワークの情報"), "{said}");
    let said = sonae.ok(&["package", "build", "--network-details", "--out", "with.zip"]);
    assert!(!said.contains("ネットワークの情報"), "{said}");
    let [without, with] = ["without.zip", "with.zip"].map(|name| {
        sonae.ok(&["package", "verify", name]);
        read(&sonae.path(name))
    });
    let (told, facts) = (file(&with, "facts.json"), file(&without, "facts.json"));
    for detail in ["192.168.10.", "dc=clinic", "S-1-5-21-1-2-3", "00:a0:de:"] {
        assert!(told.contains(detail), "{detail}");
        assert!(!facts.contains(detail), "{detail}");
    }
    let standings = |package: &[u8]| {
        let form: serde_json::Value =
            serde_json::from_str(&file(package, "form.json")).expect("JSON");
        let items = form["items"].as_array().expect("items").iter();
        let standing =
            |item: &serde_json::Value| format!("{} {}", item["number"], item["standing"]);
        items.map(standing).collect::<Vec<_>>()
    };
    assert_eq!(standings(&with), standings(&without));
}

/// Whoever was handed a wrong file is told what it is.
#[test]
fn bad_files_are_told_apart() {
    let sonae = Sonae::new();
    sonae.ok(&["package", "build", "--out", "package.zip"]);
    let bytes = read(&sonae.path("package.zip"));
    let check = |name: &str, bytes: &[u8], expected: &str| {
        let path = sonae.file(name, bytes);
        let said = sonae.run(&["package", "verify", &path]);
        assert_eq!(said.code, 1, "{}", said.all());
        assert!(said.out.contains(expected), "{name}: {}", said.all());
    };
    let half = bytes.len() / 2;
    // Each byte is also one that can stand in the base64 of a signature.
    let with = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        bytes
    };
    check("changed.zip", &with(half), "封印したあとに");
    check("signature.zip", &with(bytes.len() - 9), "署名が合いません");
    check("cut-off.zip", &bytes[..half], "途中で切れています");
    check(
        "appended.zip",
        &[&bytes[..], b"x"].concat(),
        "途中で切れています",
    );
    check("empty.zip", b"", "ZIP ではない");
    check("form.pdf", b"%PDF-1.7", "ZIP ではない");
    let book = read(&{
        sonae.ok(&["form", "--out", "form.xlsx"]);
        sonae.path("form.xlsx")
    });
    check("form.xlsx", &book, "封印がありません");
    check("again.zip", &packed_again(&bytes), "封印がありません");
}

/// The same files, packed by another program.
fn packed_again(package: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(package)).expect("a ZIP");
    let mut again = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..zip.len() {
        let file = zip.by_index_raw(at).expect("a file");
        again.raw_copy_file(file).expect("copied");
    }
    again.finish().expect("a ZIP").into_inner()
}
