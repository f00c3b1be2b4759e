//! The words of the command line, in both languages. Sentences of use cases are not here.

use sonae_domain::labels::Language;

use crate::usecase::editions::CellRole;

/// The same words in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(&'static str, &'static str);

impl Words {
    pub(super) fn of(self, language: Language) -> &'static str {
        language.pick(self.0, self.1)
    }
}

pub(super) const HOLDS: Words = Words("変わっていません", "holds");
pub(super) const CHANGED_HISTORY: Words = Words("変わっています", "CHANGED");
pub(super) const ENTRIES: Words = Words("件", "entries");
pub(super) const SHORT_CODE: Words = Words("短い番号", "Short code");
pub(super) const VERIFIER_KEY: Words = Words("署名を確かめる鍵", "Verifier key");
pub(super) const TRUSTED: Words = Words("確かめました", "holds");
pub(super) const UNTRUSTED: Words = Words("信用できません", "NOT TO BE TRUSTED");
pub(super) const PACKAGE_OF: Words = Words("施設", "Institution");
pub(super) const SEALED_AT: Words = Words("署名した日時", "Sealed at");
pub(super) const FILES: Words = Words("ファイル数", "Files");
pub(super) const PROVEN: Words = Words("履歴が裏づける回答", "Answers that the history proves");
pub(super) const JUDGED_AGAIN: Words = Words("判定し直した規則", "Checks judged again");
pub(super) const OTHER_CHECKS: Words = Words(
    "この Sonae のものと違う規則",
    "Checks that are not those of this program",
);
pub(super) const CHECKS_OF_ROWS_NOT_COMPARED: Words = Words(
    "別の版の Sonae が作ったため、どの項目をどの規則で判定するかは、提出一式の記載のままです",
    "Another version made it: which checks speak about an item is what the package says itself",
);
pub(super) const ROWS_NOT_COMPARED: Words = Words(
    "この Sonae が持たない年度版のため、項目がそろっているかは確かめていません",
    "This program has not that edition: whether all items are there was not compared",
);
pub(super) const PAGES_NOT_COMPARED: Words = Words(
    "別の版の Sonae が作ったため、ページ（index.html、remarks.html）が記載のとおりかは確かめていません",
    "Another version made it: whether the pages (index.html, remarks.html) say the same was not compared",
);
pub(super) const MISSING: Words = Words("入っていないもの", "Missing");
pub(super) const KEY_KNOWN: Words = Words(
    "お手元の鍵で署名を確かめました",
    "The signature fits the key that you hold",
);
pub(super) const KEY_CARRIED: Words = Words(
    "署名は一式に入っている鍵に合います。その鍵が施設のものかどうかは、次の鍵と短い番号を施設に確かめてください",
    "The signature fits the key in the package. Ask the institution whether this key and short code are its own",
);
pub(super) const NUMBER: Words = Words("番号", "No.");
pub(super) const ITEM: Words = Words("チェック項目", "Item");
pub(super) const ANSWER: Words = Words("回答", "Answer");
pub(super) const EVIDENCE: Words = Words("証拠", "Evidence");
pub(super) const STANDING: Words = Words("状況", "Standing");
pub(super) const COVERAGE: Words = Words("範囲", "Coverage");
pub(super) const REASON: Words = Words("理由", "Reason");
pub(super) const PERSON: Words = Words("人が判断", "person");
pub(super) const PERSON_ONLY: Words = Words(
    "人が資料などで確かめる項目です",
    "a person confirms this with documents",
);
pub(super) const NONE: Words = Words("なし", "none");
pub(super) const SUBJECT: Words = Words("対象", "Subject");
pub(super) const VERDICT: Words = Words("判定", "Verdict");
pub(super) const AS_OF: Words = Words("判定日", "as of");
pub(super) const FORM: Words = Words("様式", "Form");
pub(super) const EDITION: Words = Words("年度版", "Edition");
pub(super) const STATUS: Words = Words("状態", "Status");
pub(super) const FORMS: Words = Words("様式", "Forms");
pub(super) const FILE: Words = Words("ファイル", "File");
pub(super) const FORMAT: Words = Words("形式", "Format");
pub(super) const SOURCE: Words = Words("出所", "Source");
pub(super) const DAY: Words = Words("基準日", "Day");
pub(super) const BASIS: Words = Words("日付の根拠", "Basis of the day");
pub(super) const ROWS: Words = Words("行", "rows");
pub(super) const CURRENT: Words = Words("有効", "current");
pub(super) const REPLACED: Words = Words("旧", "replaced");
pub(super) const ID: Words = Words("ID", "Id");
pub(super) const KIND: Words = Words("種別", "Kind");
pub(super) const NAME: Words = Words("名前", "Name");
pub(super) const LOCATION: Words = Words("所在", "Location");
pub(super) const USABILITY: Words = Words("使用可否の状態", "State of use");
pub(super) const ADDRESSES: Words = Words("アドレス", "Addresses");
pub(super) const OS: Words = Words("OS", "OS");
pub(super) const WORDING: Words = Words("文言の照合", "Wording");
pub(super) const VENDOR_CONTRACT: Words = Words("事業者との契約", "Vendor contract");
pub(super) const WHAT: Words = Words("何を聞かれているか", "What is asked");
pub(super) const WHY: Words = Words("なぜ必要か", "Why");
pub(super) const LOOK_AT: Words = Words("見るところ", "What to look at");
pub(super) const COUNTS_AS_EVIDENCE: Words = Words("証拠になるもの", "What counts as evidence");
pub(super) const INSPECTOR: Words = Words("立入検査では", "At the inspection");
pub(super) const SCRIPT: Words = Words("電話でそのまま読める文", "What to say on the telephone");
pub(super) const TERMS: Words = Words("用語", "Terms");
pub(super) const GUIDELINE: Words = Words("ガイドライン", "Guideline");
pub(super) const CHANGED: Words = Words("この年度版での変更", "Changed in this edition");
pub(super) const UNREADABLE: Words = Words(
    "読めなかったもの・確認してほしいもの",
    "Not read, or worth a look",
);
pub(super) const ADDED: Words = Words("追加", "added");
pub(super) const REMOVED: Words = Words("削除", "removed");
pub(super) const CHANGED_ROW: Words = Words("変更", "changed");
pub(super) const SAME: Words = Words("同じ", "same");
pub(super) const UNDERSTOOD: Words = Words("読み取れたもの", "Understood");
pub(super) const UNEXPLAINED: Words = Words("説明できない行", "Rows not explained");
pub(super) const ANSWERS_OF_OTHER_FORM: Words = Words(
    "様式が変わりました。前の様式の回答は残っていますが、この様式には出ません",
    "The form changed. Answers of the former form are kept, but not shown on this one",
);
pub(super) const HELD: Words = Words("保留", "held");
pub(super) const NOT_IN_FILE: Words = Words(
    "台帳にあって、このファイルにない機器（使わないなら sonae ledger retire）",
    "in the ledger, but not in this file (no longer used? sonae ledger retire)",
);
pub(super) const MORE_FINDINGS: Words = Words(
    "すべて見るには sonae evidence show",
    "all of them: sonae evidence show",
);
pub(super) const IN_USE: Words = Words(
    "使用中（文言がある中で最新。新しい版は公式のExcelから読み込めます）",
    "in use (the newest whose wording is here; import the later one from the official workbook)",
);
pub(super) const ORIGINAL: Words = Words("現物", "original is inspected");
pub(super) const MAY_BE_BLANK: Words = Words("記入不要", "may be left blank");
pub(super) const WITHOUT_VENDOR: Words = Words(
    "事業者と契約していない場合",
    "without a contract with a vendor",
);
pub(super) const RENUMBERED: Words = Words("番号のみ変更", "renumbered");
pub(super) const SUMMARY: Words = Words("証拠から分かったこと", "What the evidence says");
pub(super) const KEPT_FILE: Words = Words(
    "書き込みがあるため上書きしませんでした（回答の取り込みは sonae answer --from）",
    "filled in since, so it was not overwritten (take its answers with sonae answer --from)",
);
pub(super) const RETIRED: Words = Words("台帳から外しました", "taken out of the ledger");
pub(super) const VERSION: Words = Words("版", "Version");
pub(super) const WHEN: Words = Words("日時", "When");
pub(super) const WHO: Words = Words("誰が", "Who");
pub(super) const DRAFT: Words = Words("下書き", "draft");
pub(super) const PUBLISHED: Words = Words("公開しました", "published");
pub(super) const NOT_A_KNOWN_FILE: Words = Words(
    "公式ファイルの一覧（sha256）にないファイルです。公式のものか確かめてください",
    "not one of the official files known by sha256; make sure that it is official",
);
pub(super) const REPLACED_ANSWER: Words = Words(
    "前の回答と置き換えました（履歴は残ります）",
    "takes the place of (history stays)",
);
pub(super) const LATER_ROUND_COUNTS: Words = Words(
    "この回より後の回の回答があるため、様式と判定にはそちらが使われます",
    "a later round has an answer, and that one counts",
);
pub(super) const CONTRACT_OPEN: Words = Words(
    "記入不要は、事業者と契約がない施設だけです。契約がなければ `sonae institution set --vendor-contract none` で登録してください。",
    "Only an institution without a vendor contract may leave it blank. If there is none, say so with `sonae institution set --vendor-contract none`.",
);
pub(super) const TARGET: Words = Words("目標日", "target");
pub(super) const ROUND: Words = Words("回", "round");
pub(super) const NOT_TAKEN: Words = Words("取り込めない", "not taken");
pub(super) const SHOW_ALL: Words = Words("--all ですべて表示", "--all shows every one");
pub(super) const DRY_RUN: Words =
    Words("試し読み（保存していません）", "dry run, nothing recorded");
pub(super) const WRITTEN: Words = Words("保存しました", "written");
pub(super) const RECORDED: Words = Words("記録しました", "recorded");
pub(super) const ALREADY_KNOWN: Words = Words("すでに読み込み済みです", "already imported");
pub(super) const OLDER: Words = Words(
    "履歴として保存しました（より新しい証拠が有効なままです）",
    "kept as history; newer evidence of this source still counts",
);
pub(super) const LEDGER_NEW: Words = Words("台帳に追加", "new in the ledger");
pub(super) const LEDGER_CHANGED: Words = Words("台帳の内容を更新", "changed in the ledger");
pub(super) const LEDGER_SAME: Words = Words("変わりなし", "unchanged");
pub(super) const LEDGER_CONFLICT: Words = Words(
    "取り込めない（人の判断が必要）",
    "not taken, needs a person",
);
pub(super) const LEDGER_SIMILAR: Words = Words(
    "台帳に追加（同じ名前の機器がすでにあります）",
    "new in the ledger, though a device of this name is there",
);
pub(super) const ASSETS: Words = Words("台", "devices");
pub(super) const ANSWERS_SAME: Words = Words("変わりなし", "unchanged");
pub(super) const NOTE: Words = Words("お知らせ", "Note");
pub(super) const NEXT: Words = Words("次にすること", "What to do next");
pub(super) const THIS_MACHINE: Words = Words("この端末", "This machine");
pub(super) const ADDED_TO_LEDGER: Words = Words("台帳に加えました", "added to the ledger");
pub(super) const UPDATED_IN_LEDGER: Words = Words("台帳を更新しました", "updated in the ledger");
pub(super) const NOT_SEEN: Words = Words(
    "見えなかったもの（判定では「不明」になります）",
    "Not seen (counts as unknown)",
);
pub(super) const SEEN_MORE_AS_ROOT: Words = Words(
    "管理者権限（sudo）で実行すると、より多く確認できます。",
    "Run with administrator rights (sudo) to see more.",
);
pub(super) const ANSWER_HINT: Words = Words(
    "回答は人が行います。Sonaeが「はい」を付けることはありません。",
    "People answer. Sonae never answers \"yes\" for you.",
);
pub(super) const UNMAPPED: Words = Words(
    "前の年度版と文言が同じでない項目は、人が確認する項目になります",
    "rows whose wording changed will be judged by people",
);

/// What to do after the first run, the most useful first.
pub(super) const NEXT_STEPS: [Words; 5] = [
    Words(
        "sonae institution set --name 施設名 --kind clinic        施設名と種別を入れる",
        "sonae institution set --name NAME --kind clinic        name your institution",
    ),
    Words(
        "sonae explain 2-5                                       項目の意味をやさしく読む",
        "sonae explain 2-5                                       read what an item means",
    ),
    Words(
        "sonae answer 2-5 いいえ --target-on R9.3.31 --by 氏名    確認した項目に答える",
        "sonae answer 2-5 no --target-on 2027-03-31 --by NAME    answer what you confirmed",
    ),
    Words(
        "sonae import 台帳.xlsx 名簿.csv nmap.xml                  台帳や証拠を読み込む",
        "sonae import ledger.xlsx roster.csv nmap.xml            import ledger and evidence",
    ),
    Words(
        "sonae why 2-7                                           判定の根拠を見る",
        "sonae why 2-7                                           see the facts behind a verdict",
    ),
];

/// What a cell of an official workbook was taken for.
pub(super) fn cell_role(role: CellRole) -> Words {
    match role {
        CellRole::Title => Words("表題", "title"),
        CellRole::Label => Words("種別", "label"),
        CellRole::Note => Words("注記", "note"),
        CellRole::Header => Words("見出し", "header"),
        CellRole::Section => Words("区分", "section"),
        CellRole::Group => Words("小見出し", "group"),
        CellRole::Number => Words("番号", "number"),
        CellRole::Item => Words("項目", "item"),
        CellRole::AnswerTemplate => Words("回答欄", "answer"),
        CellRole::Blank => Words("記入欄", "blank"),
    }
}
pub(super) const OPEN_THIS: Words = Words("ブラウザで開いてください", "Open in a browser");
pub(super) const STOP_HINT: Words =
    Words("終わるときは Ctrl+C を押します。", "Press Ctrl+C to stop.");
pub(super) const FINGERPRINT: Words = Words(
    "証明書の指紋（SHA-256、ブラウザの表示と同じか確かめてください）",
    "Fingerprint of the certificate (SHA-256; compare it with what the browser shows)",
);
pub(super) const MAIL_OFF: Words = Words("メールの設定がありません", "mail is not set up");
pub(super) const REMINDED_TODAY: Words = Words("今日はもう送りました", "sent today already");
pub(super) const NOTHING_DUE: Words = Words("今日は送るものがありません", "nothing is due today");
pub(super) const REMINDED: Words = Words("お知らせを送りました", "reminder sent");
pub(super) const NOT_REMINDED: Words = Words("送れませんでした", "not sent");
pub(super) const BACKED_UP: Words = Words(
    "バックアップを保存し、読み直して確かめました",
    "Backed up, and read again to the end",
);
pub(super) const BACKUP_WHOLE: Words = Words(
    "バックアップは最後まで読めました。壊れていません",
    "The backup was read to its end and is whole",
);
pub(super) const RESTORED: Words = Words("バックアップから戻しました", "Restored from the backup");
pub(super) const BACKUP_OF: Words = Words("いつのデータか", "Shows the data of");
pub(super) const PROGRAM: Words = Words("作ったプログラム", "Made by");
pub(super) const INSTITUTIONS: Words = Words("施設", "Institutions");
pub(super) const RECORDS: Words = Words("記録", "Records");
pub(super) const BEFORE: Words = Words(
    "これまでのデータはここに残しました",
    "The data that were there are kept here",
);
pub(super) const BACKUP_IS_SECRET: Words = Words(
    "回答、証拠、職員のアカウントが入っています。鍵のかかる場所に、この端末から離して保管してください。",
    "It holds answers, evidence and staff accounts. Keep it locked up, away from this machine.",
);
pub(super) const SIGN_IN_AGAIN: Words = Words(
    "画面を使う人は、もう一度ログインしてください。",
    "Everybody who uses the pages signs in again.",
);
pub(super) const KEY_FILE: Words = Words("鍵のファイル", "Key file");
pub(super) const KEY_NAME: Words = Words("鍵の名前", "Name of the key");
pub(super) const KEY_FINGERPRINT: Words = Words("指紋", "Fingerprint");
pub(super) const KEY_IS_SECRET: Words = Words(
    "鍵のファイルは誰にも渡さず、控えを安全な場所に取ってください。顧客には、指紋を電話で読み上げて確かめてもらいます。",
    "Give the key file to nobody, and keep a copy in a safe place. Read the fingerprint to your customers by telephone.",
);
pub(super) const INSPECTOR_KEY_IS_SECRET: Words = Words(
    "鍵のファイルは誰にも渡さず、控えを安全な場所に取ってください。医療機関には、指紋を電話で読み上げて確かめてもらいます。",
    "Give the key file to nobody, and keep a copy in a safe place. Read the fingerprint to institutions by telephone.",
);
pub(super) const SIGNED: Words = Words("署名しました", "Signed");
pub(super) const ANSWERED_FOR_ALL: Words = Words("製品の回答を出しました", "Published");
pub(super) const ITEMS_ANSWERED: Words = Words("答えた項目", "Items answered");
pub(super) const CUSTOMERS_APART: Words = Words(
    "個別の回答がある顧客（この名前は、ファイルを受け取る全員が読めます）",
    "Customers with answers of their own (whoever gets the file can read their names)",
);
pub(super) const ENDS_ON: Words = Words("有効期限", "Counts until");
pub(super) const FORMS_WRITTEN: Words = Words("顧客ごとの様式を保存しました", "Forms written");
