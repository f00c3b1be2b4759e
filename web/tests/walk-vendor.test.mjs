// A vendor is asked by link, answers on a phone without an account, and a person takes it over.

import assert from "node:assert/strict";

import { firstVisit, walk } from "./lib/walk.mjs";

const VENDOR = "青葉システム";

walk("a vendor answers by a link and the institution takes it over", async ({ visit, step }) => {
  const page = await visit();
  const vendor = await visit({ size: "phone" });
  let link;
  let request;

  await step("the institution asks its vendor", async () => {
    await firstVisit(page, { systems: ["電子カルテ"] });
    await page.goto("/settings/vendors/new");
    await page.getByLabel("事業者の名称").fill(VENDOR);
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByRole("link", { name: VENDOR }).click();
    await page.getByRole("link", { name: "確認を依頼する" }).click();
    await page.getByLabel("回答期限").fill("2026-11-30");
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
  });
});
