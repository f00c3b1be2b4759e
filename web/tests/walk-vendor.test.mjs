// A vendor is asked by link or by file, answers without an account, and a person takes it over.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { checkAxe, noSidewaysScroll, shot } from "./lib/browser.mjs";
import { vendorDesk } from "./lib/vendor.mjs";
import { download, firstVisit, looksLike, walk } from "./lib/walk.mjs";

const VENDOR = "青葉システム";

/** From a fresh program to the page on which the vendor is asked. */
async function toRequest(page) {
  await firstVisit(page, { systems: ["電子カルテ"] });
  await page.goto("/settings/vendors/new");
  await page.getByLabel("事業者の名称").fill(VENDOR);
  await page.getByRole("button", { name: "保存する" }).click();
  await page.getByRole("link", { name: VENDOR }).click();
  await page.getByRole("link", { name: "確認を依頼する" }).click();
}

walk("a vendor answers by a link and the institution takes it over", async ({ visit, step }) => {
  const page = await visit();
  const vendor = await visit({ size: "phone" });
  let link;
  let request;

  await step("the institution asks its vendor", async () => {
    await toRequest(page);
    assert.equal(await page.getByLabel("回答期限").inputValue(), "2026-12-04");
    await page.getByRole("button", { name: "依頼を作る" }).click();
    link = new URL(await page.locator("#link").textContent()).pathname;
    await page.getByRole("link", { name: "依頼を見る" }).click();
    request = new URL(page.url()).pathname;
    await page.getByText("回答待ち").first().waitFor();
  });

  await step("the vendor types, leaves, and finds its draft again", async () => {
    await vendor.goto(link);
    await vendor.getByLabel("回答する方の氏名").fill("青葉 太郎");
    const row = vendor.getByRole("group", { name: /^1-①/ });
    assert.ok(!(await row.getByLabel("目標日").isVisible()), "asked after いいえ only");
    await row.getByLabel("いいえ", { exact: true }).check();
    assert.ok(await row.getByLabel("目標日").isVisible());
    await row.getByLabel("はい").check();
    await vendor.getByRole("button", { name: "下書きを保存" }).click();
    await vendor.getByText("下書きを保存しました。").waitFor();
    await vendor.goto(link);
    assert.equal(await vendor.getByLabel("回答する方の氏名").inputValue(), "青葉 太郎");
    assert.ok(await vendor.getByRole("group", { name: /^1-①/ }).getByLabel("はい").isChecked());
  });

  await step("it hands in once, after a review", async () => {
    await vendor.getByRole("button", { name: "確認画面へ進む" }).click();
    await vendor.getByText("提出は一度だけです。").waitFor();
    await noSidewaysScroll(vendor, "vendor-review");
    await checkAxe(vendor, "vendor-review");
    await shot(vendor, "vendor-review");
    await vendor.getByRole("button", { name: "提出する" }).click();
    await vendor.getByRole("heading", { name: "回答を提出しました" }).waitFor();
  });

  await step("the link opens nothing any more", async () => {
    const lost = await vendor.goto(link);
    assert.equal(lost.status(), 404);
  }, { expected: [/status of 404/] });

  await step("a person takes a row over", async () => {
    await page.goto(request);
    await page.getByText("署名なし").waitFor();
    await page.getByLabel("採用する").check();
    await page.getByRole("button", { name: "選んだ項目を採用する" }).click();
    await page.getByText("選んだ項目を採用しました。").waitFor();
    await page.getByText("申告のみ").waitFor();
    looksLike(await download(page, page.getByRole("link", { name: "様式を保存（PDF）", exact: true })), "pdf");
    await checkAxe(page, "request-taken");
    await shot(page, "request-taken");
  });
});

walk("a vendor without a network answers by a file", async ({ visit, step }) => {
  const page = await visit();
  const vendor = await visit({ size: "phone" });
  const folder = mkdtempSync(join(tmpdir(), "sonae-vendor-"));
  const request = join(folder, "request.html");
  let answer;
  try {
    await step("the institution asks by file", async () => {
      await toRequest(page);
      await page.getByRole("checkbox", { name: "リンク" }).uncheck();
      await page.getByRole("checkbox", { name: "ファイル" }).check();
      await page.getByRole("button", { name: "依頼を作る" }).click();
      writeFileSync(request, await download(page, page.getByRole("link", { name: "依頼ファイルを保存（HTML）" })));
    });

    await step("the vendor fills it in and saves the answer", async () => {
      await vendor.context().setOffline(true);
      await vendor.goto(pathToFileURL(request).href);
      await noSidewaysScroll(vendor, "request-file");
      await checkAxe(vendor, "request-file");
      await shot(vendor, "request-file");
      const save = vendor.getByRole("button", { name: "回答ファイルを保存" });
      await vendor.getByLabel("回答する方の氏名").fill("青葉 太郎");
      const half = await download(vendor, save);
      await vendor.getByText("途中までの回答を保存しました。").waitFor();
      await vendor.reload();
      await vendor.getByLabel("途中で保存した回答ファイルから続ける").setInputFiles({ name: "a.sonae", mimeType: "application/json", buffer: half });
      await vendor.getByText("保存した回答を読み込みました。").waitFor();
      assert.equal(await vendor.getByLabel("回答する方の氏名").inputValue(), "青葉 太郎");
      await vendor.getByRole("group", { name: /^1-①/ }).getByLabel("はい").check();
      answer = await download(vendor, save);
      await vendor.getByText("回答ファイルを保存しました。").waitFor();
    });

    const takeIn = async (buffer) => {
      await page.getByText("回答ファイルかExcelを取り込む").first().click();
      await page.getByLabel("事業者から返ってきた回答ファイル").setInputFiles({ name: "a.sonae", mimeType: "application/json", buffer });
      await page.getByRole("button", { name: "回答ファイルかExcelを取り込む" }).click();
    };

    await step("a file that was changed is set aside", async () => {
      await takeIn(Buffer.from(answer.toString().replace("fy2025", "fy2024")));
      await page.getByText("別の年度版の様式の回答です。").first().waitFor();
      await shot(page, "request-file-refused");
      await page.goBack();
    }, { expected: [/status of 422/] });

    await step("the answer is filed, unsigned", async () => {
      await page.reload();
      await takeIn(answer);
      await page.getByText("署名なし").waitFor();
      await page.getByText("回答ファイルから 備え 花子 が取り込み").waitFor();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

walk("a vendor signs its answer, and answers once for a product", async ({ visit, step }) => {
  const page = await visit();
  const desk = await vendorDesk(VENDOR);
  const sonae = (buffer) => ({ name: "a.sonae", mimeType: "text/plain", buffer });
  try {
    await step("a signed answer comes back", async () => {
      await toRequest(page);
      await page.getByRole("checkbox", { name: "リンク" }).uncheck();
      await page.getByRole("checkbox", { name: "ファイル" }).check();
      await page.getByRole("button", { name: "依頼を作る" }).click();
      const request = await download(page, page.getByRole("link", { name: "依頼ファイルを保存（.sonae" }));
      const answer = await desk.answer(request);
      await page.getByText("回答ファイルかExcelを取り込む").first().click();
      await page.getByLabel("事業者から返ってきた回答ファイル").setInputFiles(sonae(answer));
      await page.getByRole("button", { name: "回答ファイルかExcelを取り込む" }).click();
      await page.getByText("署名あり・鍵は未確認").waitFor();
    });

    await step("a person compares the fingerprint", async () => {
      await page.getByText(desk.key).first().waitFor();
      await checkAxe(page, "vendor-key");
      await shot(page, "vendor-key");
      await page.getByRole("button", { name: `${desk.key} を事業者と読み合わせた` }).click();
      await page.getByText("指紋を確かめた鍵で署名されています。").waitFor();
    });

    await step("an answer for the product is taken over item by item", async () => {
      await page.goto("/settings/vendors");
      await page.getByRole("link", { name: VENDOR }).click();
      await page.getByRole("link", { name: "製品の回答" }).click();
      await page.getByLabel("事業者から届いた製品の回答").setInputFiles(sonae(await desk.publish("青葉カルテ", "5.1")));
      await page.getByRole("button", { name: "製品の回答を取り込む" }).click();
      await page.getByLabel("1-① 採用するか").selectOption({ label: "条件つきで採用" });
      await page.getByLabel("1-① 条件・理由").fill("外来のみ");
      await page.getByRole("button", { name: "選んだとおりに保存する" }).click();
      await page.getByText("項目の採用を保存しました。").waitFor();
      await checkAxe(page, "publication");
      await shot(page, "publication");
    });

    await step("it stands below the form of the checklist", async () => {
      await page.goto("/checklist?form=vendor");
      await page.getByRole("link", { name: `${VENDOR} 青葉カルテ` }).waitFor();
      await page.getByText("外来のみ").waitFor();
      await noSidewaysScroll(page, "checklist-taken");
      await shot(page, "checklist-taken");
    });
  } finally {
    desk.leave();
  }
});
