// An institution with something on every page: answers, evidence, records, a colleague.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { sonae } from "./sonae.mjs";
import { vendorDesk } from "./vendor.mjs";
import { addColleague, firstVisit } from "./walk.mjs";

const clinic = (name) => fileURLToPath(new URL(`../../../fixtures/stories/clinic/${name}`, import.meta.url));

const FILES = ["ledger.csv", "ad.ldif", "roster.csv", "nmap.xml", "restic.json", "drills.csv"];

/** Answers that meet the evidence in different ways. */
const ANSWERS = [
  ["1-1", "yes"],
  ["2-1", "yes"],
  ["2-2", "yes"],
  ["2-3", "no", "--target-on", "R9.3.31"],
  ["2-4", "no", "--confirmed-on", "R8.10.1", "--target-on", "R8.10.31"],
  ["2-5", "yes"],
  ["3-2", "yes"],
];

/** A ledger that was looked at and not taken yet; its third column nobody has seen before. */
const UNDECIDED = Buffer.from("機器名,種別,置き場,使用可否の状態\nehr,サーバ,地下,使用可\nxray,端末PC,1階,使用可\n");

/** An MDS with invented questions: a no, an answer that nobody can read, a heading. */
const DISCLOSURE = Buffer.from(`製造業者による医療情報セキュリティ開示書 Ver.5.0
製造業者名,備えシステム株式会社,,作成日,R8.4.1
製品名称,そなえカルテ,,バージョン,3.2
No,質問,はい,いいえ,対象外,備考
1 記録,,,,,
1.1,診療の記録に、いつ誰が書いたかを残しますか,○,,,
1.2,離れた場所に記録の写しを置きますか,,○,,備考1（次の版で対応する予定です）
1.3,持ち運べる媒体に書き出すとき暗号化しますか,○,○,,
1.4,無線の通信を使いますか,,,○,
`);

/** Fills the institution of a fresh program; gives the address of one page for each route with a parameter. */
export async function furnish(page, data) {
  await firstVisit(page, { systems: ["電子カルテ", "オンライン資格確認"] });
  await sonae(data, ["import", "--effective-on", "R8.11.20", "--by", "備え 花子", ...FILES.map(clinic)]);
  for (const [item, value, ...rest] of ANSWERS) {
    await sonae(data, ["answer", item, value, ...rest, "--by", "備え 花子"]);
  }
  const vendor = await add(page, "vendors", { 事業者の名称: "備えシステム株式会社", 電話番号: "03-0000-0000" });
  const system = await first(page, "/settings/systems", "/settings/systems/");
  const contract = await add(page, "contracts", { 契約名: "電子カルテ保守契約", 契約終了日: "2027-03-31" }, { 事業者: "備えシステム株式会社" });
  const asked = await ask(page, vendor);
  const inspection = await freeze(page);
  const publication = await addPublication(page, vendor);
  const link = await addColleague(page, { name: "備え 次郎", login: "jiro" }, /^システム運用担当者/);
  const document = await addDocument(page);
  const disclosure = await addDisclosure(page);
  await makeCheckpoint(page);
  const asset = await first(page, "/ledger", "/ledger/", /^\/ledger\/(?!import|new|merge|export|labels)[^/?]+$/);
  return {
    "/checklist/{item}": "/checklist/2-5",
    "/evidence/{id}": await first(page, "/evidence", "/evidence/", /^\/evidence\/(?!collect|documents|review)[^/?]+$/),
    "/evidence/documents/{id}": document,
    "/evidence/documents/{id}/edit": `${document}/edit`,
    "/evidence/review": await review(page),
    "/history/checklist": "/history/checklist?on=R8.11.19",
    "/inspections/showing": "/inspections/showing?item=2-5",
    "/inspections/{record}": inspection.path,
    "/inspect/{code}": inspection.link,
    "/ledger/import/{token}": await undecided(page),
    "/ledger/{asset}": asset,
    "/ledger/{asset}/edit": `${asset}/edit`,
    "/settings/people/{account}": await first(page, "/settings/people", "/settings/people/", /people\/(?!new)[^/]+$/),
    "/settings/vendors/{record}": vendor,
    "/settings/vendors/{record}/request": `${vendor}/request`,
    "/settings/vendors/{record}/publications": `${vendor}/publications`,
    "/settings/publications/{record}": publication,
    "/settings/requests/{record}": asked.request,
    "/settings/requests/{record}/paper": `${asked.request}/paper`,
    "/vendor/{code}": asked.link,
    "/settings/systems/{record}": system,
    "/settings/contracts/{record}": contract,
    "/settings/disclosures/review": await readDisclosure(page),
    "/settings/disclosures/{record}": disclosure,
    "/settings/disclosures/{record}/edit": `${disclosure}/edit`,
    "/settings/disclosures/{record}/risks/{position}": `${disclosure}/risks/1`,
    "/welcome/{token}": new URL(link).pathname,
  };
}

/** Signs the history as it is so far. */
async function makeCheckpoint(page) {
  await page.goto("/history/checkpoint");
  await page.getByRole("button", { name: "今の控えを作る" }).click();
  await page.waitForURL("**/history/checkpoint?done=*");
}

/** The first link on a page that leads below a path. */
async function first(page, path, below, pattern = /./) {
  await page.goto(path);
  const links = await page.locator(`main a[href^="${below}"]`).evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  const found = links.find((href) => pattern.test(href));
  assert.ok(found, `${path} has no link below ${below}: ${links}`);
  return found;
}

async function add(page, register, fields, choices = {}) {
  await page.goto(`/settings/${register}/new`);
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  for (const [label, choice] of Object.entries(choices)) {
    await page.getByLabel(label).selectOption({ label: choice });
  }
  await page.getByRole("button", { name: "保存する" }).click();
  await page.getByText("保存しました。").waitFor();
  return first(page, `/settings/${register}`, `/settings/${register}/`, /\/(?!new)[^/]+$/);
}

/** Asks a vendor by link: where it answers, and where the institution sees the request. */
async function ask(page, vendor) {
  await page.goto(`${vendor}/request`);
  await page.getByLabel("回答期限").fill("2099-03-31");
  await page.getByRole("button", { name: "依頼を作る" }).click();
  const link = await page.locator("#link").textContent();
  const request = await page.getByRole("link", { name: "依頼を見る" }).getAttribute("href");
  return { link: new URL(link).pathname, request };
}

/** Freezes for an inspection, with a remark: where the inspector reads it, and where the institution does. */
async function freeze(page) {
  await page.goto("/inspections");
  await page.getByLabel("検査機関").fill("備前保健所");
  await page.getByRole("checkbox", { name: "リンクを作る" }).check();
  await page.getByRole("button", { name: "固定する" }).click();
  const link = new URL(await page.locator("#link").textContent()).pathname;
  const path = await page.getByRole("link", { name: "検査の記録を見る" }).getAttribute("href");
  await page.goto(link);
  await page.getByLabel("項目の番号").fill("2-1");
  await page.getByLabel("指摘の内容").fill("台帳にない機器が3台あります。");
  await page.getByLabel("是正期限").fill("2099-03-31");
  await page.getByLabel("検査者の氏名").fill("検査 一郎");
  await page.getByRole("button", { name: "指摘を送る" }).click();
  await page.getByText("保存しました。施設にも表示されます。").waitFor();
  return { link, path };
}

/** Takes in what a vendor answers for a product; gives its page. The key is compared, so that one may decide. */
async function addPublication(page, vendor) {
  const desk = await vendorDesk("備えシステム株式会社");
  try {
    await page.goto(`${vendor}/publications`);
    const file = { name: "product.sonae", mimeType: "text/plain", buffer: await desk.publish("備えカルテ", "5.1") };
    await page.getByLabel("事業者から届いた製品の回答").setInputFiles(file);
    await page.getByRole("button", { name: "製品の回答を取り込む" }).click();
    await page.getByText("製品の回答を取り込みました。").waitFor();
    const publication = new URL(page.url()).pathname;
    await page.goto(`${vendor}/publications`);
    await page.getByRole("button", { name: "と読み合わせた" }).click();
    await page.getByText("鍵を確認済みにしました。").waitFor();
    return publication;
  } finally {
    desk.leave();
  }
}

async function addDocument(page) {
  await page.goto("/evidence/documents/new");
  await page.getByLabel("ファイル").setInputFiles({ name: "保守契約書.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n") });
  await page.getByLabel("書類の名前").fill("電子カルテ保守契約書");
  await page.getByRole("checkbox", { name: /^2-②/ }).check();
  await page.getByLabel("基準日").fill("R8.4.1");
  await page.getByLabel("有効期限").fill("R9.3.31");
  await page.getByRole("button", { name: "保存する" }).click();
  await page.getByText("書類を保存しました。").waitFor();
  return new URL(page.url()).pathname;
}

async function readDisclosure(page) {
  await page.goto("/settings/disclosures/new");
  await page.getByLabel("開示書のファイル").setInputFiles({ name: "そなえカルテMDS.csv", mimeType: "text/csv", buffer: DISCLOSURE });
  await page.getByRole("button", { name: "内容を確かめる" }).click();
  await page.waitForURL("**/settings/disclosures/review?**");
  return pathOf(page);
}

async function addDisclosure(page) {
  await readDisclosure(page);
  await page.getByRole("checkbox", { name: "電子カルテ" }).check();
  await page.getByRole("button", { name: "記録する" }).click();
  await page.getByText("開示書を記録しました。").waitFor();
  return new URL(page.url()).pathname;
}

async function review(page) {
  await page.goto("/evidence");
  const files = [
    { name: "機器一覧.csv", mimeType: "text/csv", buffer: UNDECIDED },
    { name: "写真.jpg", mimeType: "image/jpeg", buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]) },
  ];
  await page.getByLabel("ファイルをここに置くか、選んでください").setInputFiles(files);
  await page.waitForURL("**/evidence/review?**");
  return pathOf(page);
}

async function undecided(page) {
  await page.goto("/ledger/import");
  await page.getByLabel("ファイルをここに置くか、選んでください").setInputFiles({ name: "機器一覧.csv", mimeType: "text/csv", buffer: UNDECIDED });
  await page.getByLabel("いつ現在の台帳ですか").fill("R8.11.20");
  await page.getByRole("button", { name: "内容を確かめる" }).click();
  await page.waitForURL("**/ledger/import/**");
  return pathOf(page);
}

function pathOf(page) {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}
