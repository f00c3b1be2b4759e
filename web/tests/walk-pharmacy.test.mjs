// A pharmacy: its own form, and its own names for who is responsible.

import assert from "node:assert/strict";

import { addColleague, accept, choose, download, firstVisit, itemNumber, looksLike, walk } from "./lib/walk.mjs";

const KANRI = { name: "薬師 太郎", login: "taro", password: "mizuumi tegami 44 sora" };

walk("a pharmacy sees its own form and its own names of roles", async ({ visit, step }) => {
  const page = await visit();

  await step("the set-up takes a pharmacy", async () => {
    await firstVisit(page, {
      kind: "薬局",
      institution: "備え薬局",
      systems: ["電子薬歴", "レセコン"],
      contract: "契約なし",
    });
    await page.getByRole("heading", { name: "今日やること" }).waitFor();
  });

  await step("the form is the pharmacy's", async () => {
    await page.getByRole("link", { name: "チェックリスト", exact: true }).click();
    await page.getByRole("heading", { name: /薬局におけるサイバーセキュリティ対策チェックリスト/ }).waitFor();
    await page.getByText("薬局名　備え薬局").waitFor();
    const forms = page.getByRole("navigation", { name: "様式", exact: true });
    assert.match(await forms.locator("[aria-current]").innerText(), /薬局/);
  });

  await step("without a contract 記入不要 may be chosen", async () => {
    await page.getByRole("link", { name: /（2-②）/ }).click();
    assert.equal(await itemNumber(page), "2-②");
    await page.getByText("事業者と契約がないので選べます。").waitFor();
    await choose(page, "記入不要");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText(/保存しました。2-② 記入不要/).waitFor();
    await page.locator(".standing-line").getByText("記入不要", { exact: true }).waitFor();
  });

  await step("the roles have a pharmacy's names", async () => {
    await page.goto("/settings/people/new");
    const roles = await page.getByRole("group", { name: "役割" }).innerText();
    assert.match(roles, /システム管理責任者（安全管理）/);
    assert.doesNotMatch(roles, /医療情報システム安全管理責任者/);
  });

  await step("a colleague comes in by the set-up link, and answers", async () => {
    const link = await addColleague(page, KANRI, /システム管理責任者（企画管理）/);
    const colleague = await visit({ size: "phone" });
    await accept(colleague, link, KANRI);
    await colleague.getByRole("link", { name: /続きから答える/ }).click();
    assert.equal(await itemNumber(colleague), "1-①");
    await choose(colleague, "はい");
    await colleague.getByRole("button", { name: "保存する" }).click();
    await colleague.getByText(/保存しました。1-① はい　薬師 太郎/).waitFor();
  });

  await step("the form is printed", async () => {
    await page.getByRole("link", { name: "様式・印刷" }).click();
    await page.getByRole("row", { name: /1-①/ }).getByText("はい").waitFor();
    looksLike(await download(page, page.getByRole("link", { name: "PDFで保存", exact: true })), "pdf");
  });
});
