//! The command line: what can be typed. Help texts are Japanese first, English second.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

/// 医療機関・薬局のサイバーセキュリティ対策チェックリストを、証拠とともに。
/// The MHLW cybersecurity checklist, carried out with proof.
#[derive(Debug, Parser)]
#[command(name = "sonae", version, verbatim_doc_comment)]
pub(crate) struct Cli {
    /// データの保存先 / Data folder [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "SONAE_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// PostgreSQL を使う場合の接続先 / Database address instead of the embedded database
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SONAE_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// 表示する言語 / Language of the output
    #[arg(long, global = true, value_enum, default_value_t = Lang::Ja, env = "SONAE_LANG")]
    pub(crate) lang: Lang,
    /// The instant taken as now, for reproducible runs.
    #[arg(long, global = true, hide = true, value_name = "INSTANT")]
    pub(crate) now: Option<Timestamp>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    Ja,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// この端末を調べ、チェックリストを判定して印刷用ファイルまで作る / From nothing to a judged checklist
    Quickstart(Quickstart),
    /// 画面を開く（ブラウザで使う）/ Serve the pages for a browser
    Serve(Serve),
    /// 期限のお知らせをメールで送る（1日1回動かす）/ Send the reminders that are due; run it once a day
    Remind,
    /// この端末の情報を集める（読み取りのみ）/ Collect this machine, read-only
    Collect(Collect),
    /// 証拠や台帳のファイルを読み込む / Import evidence or a ledger
    Import(Import),
    /// 確認項目を証拠と照らし合わせる / Judge the checklist
    Judge(Judge),
    /// 確認項目に答える / Answer an item
    Answer(Answer),
    /// ある項目の判定の根拠をすべて見る / The facts behind an item
    Why(Why),
    /// ある項目をやさしく説明する / Explain an item in plain words
    Explain(Explain),
    /// 様式を PDF か Excel で作る / Write the official form
    Form(Form),
    /// 機器台帳 / The asset ledger
    #[command(subcommand)]
    Ledger(Ledger),
    /// 読み込んだ証拠 / The evidence held
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// チェックリストの年度版 / Editions of the checklist
    #[command(subcommand)]
    Edition(EditionCommand),
    /// 施設の名前・種別・契約の有無 / The institution
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// 履歴が書き換えられていないかを確かめる / Whether the history is as it was written
    #[command(subcommand)]
    History(History),
    /// 立入検査の提出一式を作る・確かめる / The inspection package
    #[command(subcommand)]
    Package(Package),
    /// データを丸ごと1つのファイルに保存し、読み直して確かめる / Back up everything into one file
    Backup(Backup),
    /// バックアップを戻す / Put a backup back
    Restore(Restore),
    /// 事業者が使う：鍵、署名つきの回答、製品の回答 / For vendors: key, signed answers, answers for all customers
    Vendor(Vendor),
    /// 検査機関向け：鍵、指摘への署名 / For authorities: a key, signed remarks
    Inspector(Inspector),
    /// 用語をやさしく説明する / Terms explained
    Glossary(Glossary),
    /// Reads one file from standard input under limits; started by `import`.
    #[command(hide = true)]
    ReadFile,
}

#[derive(Debug, Args)]
pub(crate) struct Quickstart {
    /// まとめを表示したら終わる / End after the summary
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// checklist.pdf と checklist.xlsx の保存先 / Where the form is written [default: here]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// 待ち受けるアドレスと番号 / Address and port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8640")]
    pub(crate) listen: SocketAddr,
    /// 自分で作った証明書で暗号化する / Encrypt with a certificate of our own making
    #[arg(long, conflicts_with_all = ["certificate", "behind_proxy"])]
    pub(crate) tls: bool,
    /// その証明書に書く名前（繰り返し可）/ Name for that certificate; may be repeated
    #[arg(long, value_name = "HOST", requires = "tls")]
    pub(crate) name: Vec<String>,
    /// 証明書（PEM）/ Certificate with its chain, PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) certificate: Option<PathBuf>,
    /// その秘密鍵（PEM）/ Its key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,
    /// 暗号化する代理サーバの後ろで動かす / A proxy in front encrypts and says who asks
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// ブラウザで開くアドレス（パスキーと設定用リンクに使う）/ Address in browsers, for passkeys and links
    #[arg(long, value_name = "https://NAME", env = "SONAE_ORIGIN")]
    pub(crate) origin: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// 保存するファイル / The file to write [default: HOST-DAY.sonae.zip]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// 読み込むファイル / Files
    #[arg(required_unless_present = "formats")]
    pub(crate) files: Vec<PathBuf>,
    /// 保存せず、何が読めて何が読めないかだけを示す / Show what would be read, record nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// いつの時点の情報か（内容に日付がないとき）/ The day for which the files speak
    #[arg(long, value_name = "DAY")]
    pub(crate) effective_on: Option<String>,
    /// 同じ出所の古い証拠と入れ替えるための名前 / Name of the source whose older facts are replaced
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// 台帳の列の対応「見出し=項目」/ Column of the ledger, `HEADER=FIELD`; remembered
    #[arg(long = "map", value_name = "HEADER=FIELD")]
    pub(crate) mapping: Vec<String>,
    /// 誰が読み込んだか / Who imports
    #[arg(long, value_name = "NAME", env = "SONAE_USER", default_value = "cli")]
    pub(crate) by: String,
    /// 読み込める形式の一覧 / List the formats
    #[arg(long)]
    pub(crate) formats: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WhichForm {
    /// 様式（facility, pharmacy, vendor）/ Form [default: the institution's]
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<String>,
    /// 年度版 / Edition [default: the newest published]
    #[arg(long, value_name = "EDITION")]
    pub(crate) edition: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Judge {
    #[command(flatten)]
    pub(crate) which: WhichForm,
    /// 機械で読める形で出す / As JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// 矛盾・期限超過・期限切れがあれば終了コード5 / Exit 5 if something is contradicted, overdue or stale
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// 項目（2-⑤、2-5、2-12:server など）/ The item
    #[arg(required_unless_present = "from")]
    pub(crate) item: Option<String>,
    /// はい・いいえ・記入不要 / yes, no, not-required
    #[arg(required_unless_present = "from")]
    pub(crate) value: Option<String>,
    /// 確認日（省略すると今日）/ Day of the confirmation [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) confirmed_on: Option<String>,
    /// 目標日（いいえのとき）/ Target day, with `no`
    #[arg(long, value_name = "DAY")]
    pub(crate) target_on: Option<String>,
    /// 備考 / Note
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// 誰が答えたか（必ず書く）/ Who answers (required)
    #[arg(long, value_name = "NAME", env = "SONAE_USER")]
    pub(crate) by: Option<String>,
    /// 年度内の何回目の確認か / Round within the year [default: the latest, else 1]
    #[arg(long)]
    pub(crate) round: Option<u8>,
    /// 記入した様式（Excel）から読み込む / Take the answers of a filled-in form
    #[arg(long, value_name = "FILE", conflicts_with_all = ["item", "value"])]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) which: WhichForm,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// 項目 / The item
    pub(crate) item: String,
    #[command(flatten)]
    pub(crate) which: WhichForm,
    /// 対象をすべて表示する / Show every subject
    #[arg(long)]
    pub(crate) all: bool,
    /// 機械で読める形で出す / As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// 項目 / The item
    pub(crate) item: String,
    #[command(flatten)]
    pub(crate) which: WhichForm,
}

#[derive(Debug, Args)]
pub(crate) struct Form {
    #[command(flatten)]
    pub(crate) which: WhichForm,
    /// 保存するファイル（.pdf か .xlsx）/ The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// 手書き用の白紙の様式 / An empty form to fill by hand
    #[arg(long)]
    pub(crate) blank: bool,
    /// 様式だけ（状況と証拠のページを付けない）/ The official form alone, without standing and evidence
    #[arg(long)]
    pub(crate) form_only: bool,
    /// 何回目の確認か / Round [default: the latest]
    #[arg(long)]
    pub(crate) round: Option<u8>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    /// 一覧 / List
    List,
    /// 1台のすべて / Everything about one device
    Show {
        /// 機器ID・機器名・シリアル番号・MACアドレス・IPアドレス / Id, name, serial, MAC or IP
        asset: String,
        /// 機械で読める形で出す / As JSON
        #[arg(long)]
        json: bool,
    },
    /// 使わなくなった機器を台帳から外す（履歴は残る）/ Take a device out of the ledger; history stays
    Retire {
        /// 機器ID・機器名・シリアル番号・MACアドレス・IPアドレス / Id, name, serial, MAC or IP
        asset: String,
        /// 誰が / Who
        #[arg(long, value_name = "NAME", env = "SONAE_USER", default_value = "cli")]
        by: String,
    },
    /// 書き出す（.csv、.xlsx、.pdf）/ Export
    Export {
        /// 保存するファイル / The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// CSVの文字コード / Encoding of a CSV file
        #[arg(long, value_enum, default_value_t = Encoding::Utf8)]
        encoding: Encoding,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Encoding {
    /// UTF-8 (BOM)
    Utf8,
    /// CP932 (Shift JIS)
    Cp932,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// 一覧 / List
    List {
        /// 入れ替えられた古い証拠も / Replaced evidence, too
        #[arg(long)]
        all: bool,
    },
    /// 1件の記録と、読めなかったもの / One record, and what could not be read
    Show {
        /// 証拠ID / Id
        id: String,
    },
    /// 元のファイルを取り出す / Get the raw file back
    Raw {
        /// 証拠ID / Id
        id: String,
        /// 保存するファイル / The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum EditionCommand {
    /// 一覧 / List
    List,
    /// 文言と照合の状況 / Wordings and what is verified
    Show {
        /// 年度版 / Edition
        edition: String,
    },
    /// 2つの年度版の違い / What differs
    Diff {
        /// 古い方 / The older
        from: String,
        /// 新しい方 / The newer
        to: String,
    },
    /// 公式のExcelを読む。--saveで下書きとして保存 / Read an official workbook; --save keeps a draft
    Import {
        /// 公式のExcel（.xlsx）/ Official workbooks of one edition
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 下書きとして保存する / Keep as a draft
        #[arg(long)]
        save: bool,
        /// 誰が / Who
        #[arg(long, value_name = "NAME", env = "SONAE_USER", default_value = "cli")]
        by: String,
    },
    /// 下書きを公開する（以後変更不可）/ Publish a draft; it is frozen from then on
    Publish {
        /// 年度版 / Edition
        edition: String,
        /// 誰が / Who
        #[arg(long, value_name = "NAME", env = "SONAE_USER")]
        by: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstitutionCommand {
    /// 表示 / Show
    Show,
    /// 変更 / Change
    Set {
        /// 施設名 / Name
        #[arg(long)]
        name: Option<String>,
        /// 種別 / Kind
        #[arg(long, value_enum)]
        kind: Option<Kind>,
        /// 医療情報システムの事業者との契約 / Contract with a vendor
        #[arg(long, value_enum)]
        vendor_contract: Option<Contract>,
        /// 誰が / Who
        #[arg(long, value_name = "NAME", env = "SONAE_USER", default_value = "cli")]
        by: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// 病院
    #[value(alias = "病院")]
    Hospital,
    /// 診療所
    #[value(aliases = ["診療所", "クリニック", "医院"])]
    Clinic,
    /// 歯科診療所
    #[value(aliases = ["歯科診療所", "歯科"])]
    DentalClinic,
    /// 助産所
    #[value(alias = "助産所")]
    BirthCentre,
    /// 薬局
    #[value(alias = "薬局")]
    Pharmacy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Contract {
    /// 契約あり
    #[value(alias = "あり")]
    Exists,
    /// 契約なし
    #[value(alias = "なし")]
    None,
    /// 未確認
    #[value(alias = "未確認")]
    Unconfirmed,
}

#[derive(Debug, Subcommand)]
pub(crate) enum History {
    /// すべて計算し直して確かめる。変わっていれば終了コード1 / Recompute everything; exit 1 if changed
    Verify {
        /// 以前の控え（短い番号かファイル。繰り返し可）/ An earlier checkpoint, code or file; may be repeated
        #[arg(long, value_name = "CODE|FILE")]
        checkpoint: Vec<String>,
    },
    /// 今の履歴の控え（署名つき）を出す / Print a signed checkpoint of the history
    Checkpoint {
        /// 施設ではなく、Sonae全体の履歴 / Of the installation: accounts, logins, editions
        #[arg(long)]
        installation: bool,
        /// 短い番号のQRコード（SVG）の保存先 / Where the QR code of the short code is written, as SVG
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Package {
    /// 今の状態の一式を1つのZIPにし、読み直して確かめる / Write the package, and read it again
    Build {
        /// 保存するファイル / The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// 中身も入れる書類（現物・すべて・なし）/ Documents whose contents go along
        #[arg(long, value_enum, default_value_t = Documents::Originals)]
        documents: Documents,
        /// 中身も入れる証拠のID。何度でも書ける（既定では入れない）/ Evidence whose file goes along; repeat it [default: none]
        #[arg(long, value_name = "ID")]
        evidence: Vec<String>,
        /// 機器・アカウントの名前、アドレス、シリアル番号をそのまま載せる（既定では仮の名前に置き換える）/ Tell details of the network as they are
        #[arg(long)]
        network_details: bool,
    },
    /// 受け取った一式を確かめる（データベース不要）。信用できなければ終了コード1 / Verify a package without a database; exit 1 if it is not to be trusted
    Verify {
        /// 提出一式のファイル / The package
        file: PathBuf,
        /// 施設から別に受け取った、署名を確かめる鍵 / The verifier key that you hold
        #[arg(long, value_name = "VERIFIER")]
        key: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Documents {
    /// 現物（連絡体制図・BCP・運用管理規程）/ What inspectors ask to see
    Originals,
    /// すべて / All about the form
    All,
    /// なし / None
    None,
}

#[derive(Debug, Args)]
pub(crate) struct Inspector {
    /// 鍵のファイル（省略するとデータの保存先の inspector.key）/ Key file [default: inspector.key in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: InspectorCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InspectorCommand {
    /// 鍵を作る。名前を省略すると、今の鍵の指紋を表示する / Make the key, or show the fingerprint of the one there is
    Key {
        /// 検査機関名 / Name of the authority
        #[arg(long)]
        name: Option<String>,
    },
    /// 指摘を書く画面で保存したファイルに署名する / Sign remarks that the page of a package saved
    Sign {
        /// 指摘のファイル（.sonae）/ The remarks
        remarks: PathBuf,
        /// 保存するファイル（省略すると元のファイル）/ The file to write [default: the same]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Vendor {
    /// 鍵のファイル（省略するとデータの保存先の vendor.key）/ Key file [default: vendor.key in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: VendorCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    /// 鍵を作る。名前を省略すると、今の鍵の指紋を表示する / Make the key, or show the fingerprint of the one there is
    Key {
        /// 会社名 / Name of the company
        #[arg(long)]
        name: Option<String>,
    },
    /// 依頼に、記入した様式で答えて署名する / Answer a request with a filled-in form, signed
    Answer {
        /// 施設から届いた依頼（.sonae）/ The request
        request: PathBuf,
        /// 記入した様式（.xlsx）/ The filled-in form
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
        /// 回答者の氏名 / Who answers
        #[arg(long, value_name = "NAME", env = "SONAE_USER")]
        by: String,
        /// 保存するファイル（.sonae）/ The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// 依頼の画面で保存した回答に署名する / Sign an answer that the page of a request saved
    Sign {
        /// 回答ファイル（.sonae）/ The answer
        answer: PathBuf,
        /// 保存するファイル（省略すると元のファイル）/ The file to write [default: the same]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// 製品の回答を、すべての顧客に一つのファイルで出す / Answer once for all customers of a product
    Publish(Publish),
    /// 顧客ごとに記入済みの様式を作る / Write a filled-in form for each customer
    Export {
        /// 記入した様式（.xlsx）/ The filled-in form
        #[arg(long, value_name = "FILE")]
        answers: PathBuf,
        /// 顧客の一覧（CSV・XLSX）/ The customers
        #[arg(long, value_name = "FILE")]
        customers: PathBuf,
        /// 保存するフォルダか .zip / The folder or ZIP to write
        #[arg(long, value_name = "DIR|ZIP")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// 製品名 / Product
    #[arg(long)]
    pub(crate) product: String,
    /// 製品の版 / Its version
    #[arg(long)]
    pub(crate) version: String,
    /// 記入した様式（.xlsx）/ The filled-in form
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: PathBuf,
    /// 顧客ごとに違う回答（CSV・XLSX）/ Where it is otherwise for a customer
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Option<PathBuf>,
    /// 回答者の氏名 / Who answers
    #[arg(long, value_name = "NAME", env = "SONAE_USER")]
    pub(crate) by: String,
    /// 有効期限（省略すると1年後）/ Until when it counts [default: a year from now]
    #[arg(long, value_name = "DAY")]
    pub(crate) ends_on: Option<String>,
    /// 保存するファイル（.sonae）/ The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// 保存するファイル（上書きはしない）/ The file to write; none is overwritten
    pub(crate) file: PathBuf,
    /// 作らずに、このファイルが使えるかだけを確かめる / Only check that this file is whole
    #[arg(long)]
    pub(crate) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// バックアップのファイル / The backup
    pub(crate) file: PathBuf,
    /// 今のデータと入れ替える（今のデータは名前を変えて残る）/ Replace the data; they are kept aside
    #[arg(long)]
    pub(crate) replace: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Glossary {
    /// 用語（省略すると一覧）/ The term [default: all]
    pub(crate) term: Option<String>,
}
