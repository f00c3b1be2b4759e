// The round trip to its end: what was answered is frozen, an inspector verifies and reads it, remarks on
// it, the institution corrects it, and the inspector settles it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { checkAxe, noSidewaysScroll, shot } from "./lib/browser.mjs";
import { dataFolder, sonae } from "./lib/sonae.mjs";
import { download, firstVisit, looksLike, walk } from "./lib/walk.mjs";

const AUTHORITY = "備前保健所";

walk("an inspection from the freeze to the settled remark", async ({ visit, step, sonae: program }) => {
  const page = await visit();
  const inspector = await visit({ size: "phone" });
  const elsewhere = dataFolder();
  let link;
  let inspection;
  let zip;

  try {
    await step("the institution answers and freezes", async () => {
      await firstVisit(page, { systems: ["電子カルテ"] });
      await sonae(program.data, ["answer", "2-1", "yes", "--by", "備え 花子"]);
      await sonae(program.data, ["answer", "2-5", "no", "--target-on", "R9.3.31", "--by", "備え 花子"]);
      await page.goto("/forms");
      await page.getByRole("link", { name: "検査用に固定する" }).click();
      await page.getByLabel("検査機関").fill(AUTHORITY);
      await page.getByRole("checkbox", { name: "リンクを作る" }).check();
      await page.getByRole("button", { name: "固定する" }).click();
      link = new URL(await page.locator("#link").textContent()).pathname;
      await shot(page, "inspection-link");
      await page.getByRole("link", { name: "検査の記録を見る" }).click();
      inspection = new URL(page.url()).pathname;
      zip = await download(page, page.getByRole("link", { name: "固定した一式を保存" }));
      looksLike(zip, "xlsx");
    });

    await step("the inspector's own machine verifies the file without the institution's data", async () => {
      const file = join(elsewhere.path, "package.zip");
      writeFileSync(file, zip);
      const said = await sonae(join(elsewhere.path, "empty"), ["package", "verify", file]);
      assert.match(said, /備え診療所/);
      const changed = Buffer.from(zip);
      changed[Math.floor(changed.length / 2)] ^= 1;
      writeFileSync(file, changed);
      await assert.rejects(sonae(join(elsewhere.path, "empty"), ["package", "verify", file]));
    });

    await step("the inspector reads what was frozen, not what was changed since", async () => {
      await sonae(program.data, ["answer", "2-5", "yes", "--by", "備え 花子"]);
      await inspector.goto(link);
      await inspector.getByRole("heading", { name: "備え診療所" }).waitFor();
      const row = inspector.getByRole("row", { name: /^2-⑤/ });
      await row.getByText("いいえ").waitFor();
      await row.getByText("令和9年3月31日").waitFor();
      await noSidewaysScroll(inspector, "inspector");
      await checkAxe(inspector, "inspector");
      await shot(inspector, "inspector");
    });

    await step("the inspector remarks on an item", async () => {
      await inspector.getByLabel("項目の番号").fill("2-1");
      await inspector.getByLabel("指摘の内容").fill("台帳にない機器が3台あります。");
      await inspector.getByLabel("是正期限").fill("2026-12-20");
      await inspector.getByLabel("検査者の氏名").fill("検査 一郎");
      await inspector.getByRole("button", { name: "指摘を送る" }).click();
      await inspector.getByText("未対応").waitFor();
    });

    await step("the institution is reminded and corrects it", async () => {
      await page.goto("/deadlines");
      await page.getByRole("link", { name: "立入検査の指摘 2-① を是正する" }).waitFor();
      await page.goto(inspection);
      await page.getByText("是正を記録する").click();
      await page.getByLabel("何をしたか").fill("3台を台帳に加えました。");
      await page.getByRole("button", { name: "是正を保存する" }).click();
      await page.getByText("再確認待ち").first().waitFor();
      await checkAxe(page, "inspection-corrected");
      await shot(page, "inspection-corrected");
    });

    await step("the inspector settles it", async () => {
      await inspector.goto(link);
      await inspector.getByText("是正を確かめる").click();
      await inspector.getByLabel("確認済み").check();
      await inspector.locator("form[action*='/remarks/']").getByLabel("検査者の氏名").fill("検査 一郎");
      await inspector.getByRole("button", { name: "再確認を保存する" }).click();
      await inspector.getByText("保存しました。施設にも表示されます。").waitFor();
      await page.reload();
      await page.getByText("確認済み").first().waitFor();
    });

    await step("an address taken back opens nothing", async () => {
      await page.getByRole("button", { name: "リンクを取り消す" }).click();
      await page.getByText("リンクを取り消しました。").waitFor();
      const lost = await inspector.goto(link);
      assert.equal(lost.status(), 404);
    }, { expected: [/status of 404/] });
  } finally {
    elsewhere.remove();
  }
});

walk("an inspector without a network reads the package and remarks by a file", async ({ visit, step, sonae: program }) => {
  const page = await visit();
  const inspector = await visit({ size: "phone" });
  const folder = dataFolder();
  let inspection;
  let remarks;

  try {
    await step("the institution hands the file over", async () => {
      await firstVisit(page, { systems: ["電子カルテ"] });
      await sonae(program.data, ["answer", "2-1", "yes", "--by", "備え 花子"]);
      await page.goto("/inspections");
      await page.getByLabel("検査機関").fill(AUTHORITY);
      await page.getByRole("button", { name: "固定する" }).click();
      await page.getByText("検査用に固定しました。").waitFor();
      inspection = new URL(page.url()).pathname;
      const zip = join(folder.path, "package.zip");
      writeFileSync(zip, await download(page, page.getByRole("link", { name: "固定した一式を保存" })));
      await promisify(execFile)("python3", ["-m", "zipfile", "-e", zip, folder.path]);
    });

    await step("the inspector reads it", async () => {
      await inspector.context().setOffline(true);
      await inspector.goto(pathToFileURL(join(folder.path, "index.html")).href);
      await inspector.getByRole("heading", { name: "備え診療所" }).waitFor();
      await noSidewaysScroll(inspector, "package-index");
      await checkAxe(inspector, "package-index");
      await shot(inspector, "package-index");
      await inspector.getByRole("link", { name: "指摘を書く" }).click();
    });

    await step("and writes a remark, in two goes", async () => {
      const save = inspector.getByRole("button", { name: "指摘のファイルを保存" });
      await save.click();
      await inspector.getByText("検査機関と検査者の氏名、指摘の内容を入力してください。").waitFor();
      await inspector.getByLabel("検査機関").fill(AUTHORITY);
      await inspector.getByLabel("検査者の氏名").fill("検査 一郎");
      await inspector.getByRole("combobox").selectOption({ index: 2 });
      await inspector.getByLabel("指摘の内容").fill("台帳にない機器が3台あります。");
      const half = await download(inspector, save);
      await inspector.reload();
      await inspector.getByLabel("途中で保存したファイルから続ける").setInputFiles({ name: "a.sonae", mimeType: "application/json", buffer: half });
      await inspector.getByText("保存した指摘を読み込みました。").waitFor();
      assert.equal(await inspector.getByLabel("指摘の内容").inputValue(), "台帳にない機器が3台あります。");
      await inspector.getByLabel("是正期限").fill("2026-12-20");
      await noSidewaysScroll(inspector, "package-remarks");
      await checkAxe(inspector, "package-remarks");
      await shot(inspector, "package-remarks");
      remarks = await download(inspector, save);
      await inspector.getByText("保存しました。ファイルを医療機関に渡してください。").waitFor();
    });

    await step("and signs them with the authority's key", async () => {
      const file = join(folder.path, "remarks.sonae");
      writeFileSync(file, remarks);
      const own = join(folder.path, "inspector");
      await sonae(own, ["inspector", "key", "--name", AUTHORITY]);
      await sonae(own, ["inspector", "sign", file]);
      remarks = readFileSync(file);
    });

    await step("the institution takes the file in, once", async () => {
      for (const _ of ["sent", "sent again"]) {
        await page.goto(inspection);
        await page.getByLabel("検査者から届いた指摘のファイル").setInputFiles({ name: "a.sonae", mimeType: "application/json", buffer: remarks });
        await page.getByRole("button", { name: "取り込む" }).click();
        await page.getByText("指摘のファイルを取り込みました。").waitFor();
        assert.equal(await page.getByText("台帳にない機器が3台あります。").count(), 1);
      }
      await page.getByText(/^.*署名（鍵 備前保健所 .*）のあるファイルから 備え 花子 が取り込み/).waitFor();
      await page.getByText("是正期限 令和8年12月20日").waitFor();
    });
  } finally {
    folder.remove();
  }
});

walk("an item comes to the screen by its number", async ({ visit, step, sonae: program }) => {
  const page = await visit();

  await step("typed as people write it", async () => {
    await firstVisit(page);
    await sonae(program.data, ["answer", "2-5", "yes", "--by", "備え 花子"]);
    await page.goto("/inspections/showing");
    await page.keyboard.type("２－⑤");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/inspections/showing?item=2-5");
    await page.getByRole("heading", { name: /アカウントを削除または無効化/ }).waitFor();
    await page.getByText("今日、表示した項目").waitFor();
    await checkAxe(page, "showing");
    await shot(page, "showing");
  });

  await step("a number that is not there is asked for again", async () => {
    await page.keyboard.type("9-9");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("9-9").waitFor();
  }, { expected: [/status of 422/] });
});
