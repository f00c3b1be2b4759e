// A clinic, from the first visit to the printed forms, by its manager alone.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { addAuthenticator, choose, download, itemNumber, looksLike, setUp, walk } from "./lib/walk.mjs";

/** The ledger, the accounts and the staff; one who left has an account still. */
const FILES = ["ledger.csv", "ad.ldif", "roster.csv"].map((name) =>
  fileURLToPath(new URL(`../../fixtures/stories/clinic/${name}`, import.meta.url)),
);

walk("a clinic, from the first visit to the printed forms", async ({ visit, step }) => {
  const page = await visit();
  const heading = (name) => page.getByRole("heading", { name, level: 1 }).waitFor();
  const go = (name) => page.getByRole("navigation", { name: "メインメニュー" }).getByRole("link", { name }).click();

  await step("the set-up asks a few questions", async () => {
    await setUp(page, { systems: ["電子カルテ", "オンライン資格確認"] });
    await heading("二要素認証");
    await page.getByText("先に登録してください").waitFor();
  });

  await step("an authenticator is registered, recovery codes are shown once", async () => {
    const { codes } = await addAuthenticator(page);
    assert.equal(new Set(codes).size, 10);
  });

  await step("home shows three big buttons", async () => {
    await heading("今日やること");
    for (const name of [/続きから答える/, /証拠を入れる/, /印刷する/]) {
      assert.ok(await page.getByRole("link", { name }).first().isVisible(), `${name}`);
    }
  });

  await step("はい goes on to the next item", async () => {
    await page.getByRole("link", { name: /続きから答える/ }).click();
    assert.equal(await itemNumber(page), "1-①");
    await choose(page, "はい");
    await page.getByLabel("備考").fill("院長が務める。");
    await page.getByRole("button", { name: "保存して次へ" }).click();
    await page.getByText(/保存しました。1-① はい/).waitFor();
    assert.equal(await itemNumber(page), "2-①");
  });

  await step("いいえ asks for its date, which may be of an era", async () => {
    await choose(page, "いいえ");
    await page.getByLabel("目標日").fill("令和8年13月");
    await page.getByRole("button", { name: "保存して次へ" }).click();
    await page.getByText("保存していません。次の点を直してください").waitFor();
    assert.ok(await page.getByRole("radio", { name: /^いいえ/ }).isChecked(), "the choice is kept");
    await page.getByLabel("目標日").fill("令和9年3月31日");
    await page.getByRole("button", { name: "保存して次へ" }).click();
    await page.getByText(/保存しました。2-① いいえ/).waitFor();
  }, { expected: [/status of 422/] });

  await step("はい without evidence is only said", async () => {
    assert.equal(await itemNumber(page), "2-②");
    await choose(page, "はい");
    await page.getByRole("button", { name: "保存して次へ" }).click();
    await page.getByText(/保存しました。2-② はい/).waitFor();
  });

  await step("記入不要 contradicts a contract, and says so", async () => {
    assert.equal(await itemNumber(page), "2-③");
    await page.getByText(/選ぶと「矛盾」になります/).waitFor();
    await choose(page, "記入不要");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText(/保存しました。2-③ 記入不要/).waitFor();
    await page.locator(".standing-line").getByText("矛盾", { exact: true }).waitFor();
  });

  await step("はい where the directory will say otherwise", async () => {
    await page.goto("/checklist/2-5");
    assert.equal(await itemNumber(page), "2-⑤");
    await choose(page, "はい");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText(/保存しました。2-⑤ はい/).waitFor();
    await page.locator(".standing-line").getByText("申告のみ", { exact: true }).waitFor();
  });

  await step("files are read, looked at, and taken", async () => {
    await go("証拠");
    await page.getByLabel("ファイルをここに置くか、選んでください").setInputFiles(FILES);
    await heading("取り込む前の確認");
    await page.getByText("台帳の機器: 3台").waitFor();
    for (const day of await page.getByLabel("いつの情報ですか").all()) await day.fill("令和8年11月20日");
    await page.getByRole("button", { name: "この内容で取り込む" }).click();
    await page.getByText("証拠を取り込みました。").waitFor();
  });

  await step("the checklist shows each answer and how it stands", async () => {
    await go("チェックリスト");
    await page.getByText("19項目中 5項目に回答").waitFor();
    const shows = async (number, ...words) => {
      const row = await page.getByRole("row").filter({ hasText: `（${number}）` }).innerText();
      for (const word of words) assert.ok(row.includes(word), `${number}: ${word} in ${row}`);
    };
    await shows("1-①", "申告のみ", "11/20", "院長が務める。");
    await shows("2-①", "3/31");
    await shows("2-②", "申告のみ");
    await shows("2-③", "矛盾", "記入不要");
    await shows("2-⑤", "矛盾", "証拠で確認");
  });

  await step("the contradiction shows both sides, and is explained with an end", async () => {
    await go("矛盾");
    const card = page.getByRole("article").filter({ hasText: "2-⑤" });
    await card.getByRole("region", { name: "回答" }).getByText("はい").waitFor();
    await card.getByRole("region", { name: "証拠" }).getByText("満たさない").first().waitFor();
    await card.getByText("事情を書く").click();
    await card.getByLabel("事情").fill("退職者のアカウントは月末に業者が止める。");
    await card.getByLabel("説明の期限").fill("R8.12.10");
    await card.getByRole("button", { name: "説明を保存する" }).click();
    await page.getByText("説明を保存しました。").waitFor();
    await card.getByText("説明あり（令和8年12月10日まで）").waitFor();
  });

  await step("the forms are saved as PDF and as XLSX", async () => {
    await go("様式・印刷");
    looksLike(await download(page, page.getByRole("link", { name: "PDFで保存", exact: true })), "pdf");
    looksLike(await download(page, page.getByRole("link", { name: "Excelで保存" })), "xlsx");
    looksLike(await download(page, page.getByRole("link", { name: "台帳をPDFで保存" })), "pdf");
  });

  await step("the history tells it all", async () => {
    await go("履歴");
    const told = await page.getByRole("main").innerText();
    for (const word of [/2-①/, /ledger\.csv/, /説明/, /備え 花子/]) assert.match(told, word);
  });
});
