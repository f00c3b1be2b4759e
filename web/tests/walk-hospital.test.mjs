// A hospital: its ledger of 3,000 rows with mistakes in it, and two people at the same row.

import assert from "node:assert/strict";

import { HANAKO, accept, addColleague, download, firstVisit, walk } from "./lib/walk.mjs";

const JIRO = { name: "備え 次郎", login: "jiro", password: "kawara yuubin 91 hoshi" };

const N_ROWS = 3000;

/** `機器の呼び名` is a header that Sonae has not seen before. */
const HEADER = "機器の呼び名,種別,設置場所,使用可否の状態,シリアル番号,MACアドレス,サポート終了日";

/** Every 100th row has a day that is none, every 150th an address that is none, two have one serial number. */
const N_BAD_CELLS = 30 + 20;
const N_NEW = N_ROWS - 2;

const hex = (n) => n.toString(16).padStart(4, "0").replace(/(..)(..)/, "$1:$2");

function ledger() {
  const rows = Array.from({ length: N_ROWS }, (_, at) => {
    const n = at + 1;
    const mac = n % 150 === 0 ? "00:a0:de" : `00:a0:de:01:${hex(n)}`;
    const day = n % 100 === 0 ? "令和99年13月" : "令和11年3月31日";
    return `pc-${String(n).padStart(4, "0")},端末PC,${n % 8}階病棟,使用可,SN${n},${mac},${day}`;
  });
  // The last row says the serial number of the first again.
  rows[N_ROWS - 1] = rows[N_ROWS - 1].replace(`SN${N_ROWS}`, "SN1");
  return Buffer.from([HEADER, ...rows].join("\r\n"));
}

walk("a hospital takes its ledger of 3,000 rows, mistakes and all", async ({ visit, step }) => {
  const page = await visit();
  const heading = (name) => page.getByRole("heading", { name, level: 1 }).waitFor();
  let link;

  await step("the set-up takes a hospital, and a colleague is asked in", async () => {
    await firstVisit(page, { kind: "病院", institution: "備え病院" });
    link = await addColleague(page, JIRO, /^システム運用担当者/);
  });

  await step("the file is read, and nothing is kept yet", async () => {
    await page.goto("/ledger/import");
    await page.getByLabel("ファイルをここに置くか、選んでください").setInputFiles({
      name: "資産台帳.csv",
      mimeType: "text/csv",
      buffer: ledger(),
    });
    await page.getByLabel("いつ現在の台帳ですか").fill("令和8年11月20日");
    await page.getByRole("button", { name: "内容を確かめる" }).click();
    await heading("取り込む前の確認");
    await page.getByText("まだ保存していません").waitFor();
    await page.getByText("このままでは取り込めません").waitFor();
  }, { expected: [/status of 422/] });

  await step("the header that nobody knows is asked about", async () => {
    await page.getByLabel("機器の呼び名").selectOption({ label: "機器名" });
    await page.getByRole("button", { name: "この読み方で確かめ直す" }).click();
    await heading("取り込む前の確認");
    assert.match(await page.getByLabel("機器の呼び名").locator("option:checked").innerText(), /機器名/);
  });

  await step("the report counts what happens, and names rows", async () => {
    const kinds = await page.getByRole("navigation", { name: "結果の種類" }).innerText();
    for (const line of [`読めなかった箇所 ${N_BAD_CELLS}`, "保留（人の判断が必要） 2", `新規 ${N_NEW}`]) {
      assert.ok(kinds.includes(line), `${line} in ${kinds}`);
    }
    const row = (name) => page.getByRole("row", { name });
    await row(/ 101行目 \/ サポート終了日/).getByText("「令和99年13月」を日付として読み取れません").waitFor();
    await row(/ 151行目 \/ MACアドレス/).getByText("「00:a0:de」をMACアドレスとして読み取れません").waitFor();
    await row(/^保留.* pc-0001 /).getByText("シリアル番号 SN1 が同じファイルの「pc-3000」と同じです").waitFor();
    const all = await download(page, page.getByRole("link", { name: "全件をCSVで保存" }));
    assert.equal(all.toString().trim().split("\n").length, N_BAD_CELLS + N_ROWS, "a line each");
  });

  await step("it is taken", async () => {
    await page.getByRole("button", { name: "この内容で取り込む" }).click();
    await page.getByText("台帳を取り込みました。").waitFor();
    await page.getByText(`使用中の機器は${N_NEW}台です。`).waitFor();
  });

  await step("the list goes on where it ended, and is searched", async () => {
    const rows = page.locator("#ledger-rows > tr");
    const n = await rows.count();
    assert.ok(n < 500, `${n} rows at once`);
    await page.getByRole("link", { name: "続きを表示" }).click();
    await page.waitForFunction((before) => document.querySelectorAll("#ledger-rows > tr").length > before, n);
    await page.getByLabel("探す").fill("pc-2345");
    await page.getByRole("button", { name: "絞り込む" }).click();
    await page.getByText("1台のうち1台を表示しています。").waitFor();
  });

  await step("a row is changed in its place", async () => {
    await page.getByRole("link", { name: "編集 pc-2345" }).click();
    await page.getByRole("textbox", { name: "所在" }).fill("地下倉庫");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByRole("cell", { name: "地下倉庫" }).waitFor();
  });

  await step("of two people at the same row, the second sees both and chooses", async () => {
    const colleague = await visit();
    await accept(colleague, link, JIRO);
    const open = async (who) => {
      await who.goto("/ledger?q=pc-2345");
      await who.getByRole("link", { name: "pc-2345", exact: true }).click();
      await who.getByRole("link", { name: "編集", exact: true }).click();
    };
    await open(page);
    await open(colleague);
    await page.getByRole("textbox", { name: "所在" }).fill("3階病棟");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText("機器を保存しました。").waitFor();

    await colleague.getByLabel("所在").first().fill("4階病棟");
    await colleague.getByRole("button", { name: "保存する" }).click();
    await colleague.getByText(`${HANAKO.name}さんが先に保存しました`).waitFor();
    assert.equal(await colleague.getByRole("textbox", { name: "所在" }).inputValue(), "4階病棟");
    await colleague.getByLabel("先に保存された「3階病棟」にする").check();
    await colleague.getByRole("button", { name: "選んだ内容で保存する" }).click();
    await colleague.getByText("機器を保存しました。").waitFor();
    assert.match(await colleague.getByRole("main").innerText(), /3階病棟/);
  }, { expected: [/status of 409/] });
});
