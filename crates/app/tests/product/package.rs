//! The inspection package as people hold it: built, carried elsewhere, and verified without the data.

use crate::harness::{Sonae, read, write};

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
