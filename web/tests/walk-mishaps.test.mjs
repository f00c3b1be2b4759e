// What must not cost anybody work: no JavaScript, a session that ended while typing.

import assert from "node:assert/strict";

import { NOW } from "./lib/sonae.mjs";
import { HANAKO, choose, codeOf, enterCode, firstVisit, itemNumber, logIn, looksLike, walk } from "./lib/walk.mjs";

const SESSION = /sonae.*session|session/i;

walk("the main path without JavaScript", async ({ visit, step }) => {
  const page = await visit({ scripts: false });
  let secret;

  await step("the first visit", async () => {
    ({ secret } = await firstVisit(page));
  });

  await step("log out, log in with password and code", async () => {
    await page.getByRole("button", { name: "ログアウト" }).click();
    await logIn(page, HANAKO);
    await enterCode(page, codeOf(secret, NOW));
    await page.getByRole("heading", { name: "今日やること" }).waitFor();
  });

  await step("one item is answered", async () => {
    await page.getByRole("link", { name: /続きから答える/ }).click();
    await choose(page, "いいえ");
    await page.getByLabel("目標日").fill("R9.3.31");
    await page.getByRole("button", { name: "保存して次へ" }).click();
    await page.getByText("保存しました。1-① いいえ").waitFor();
  });

  await step("evidence is taken", async () => {
    await page.getByRole("link", { name: "証拠", exact: true }).click();
    await page.getByLabel("ファイルをここに置くか、選んでください").setInputFiles({
      name: "台帳.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("機器名,種別,所在,使用可否の状態\nuketsuke-pc,端末PC,受付,使用可\n"),
    });
    await page.getByRole("button", { name: "中身を確かめる" }).click();
    await page.getByLabel("いつの情報ですか").fill("R8.11.20");
    await page.getByRole("button", { name: "この内容で取り込む" }).click();
    await page.getByText("証拠を取り込みました。").waitFor();
  });

  await step("the form is printed", async () => {
    await page.getByRole("link", { name: "様式・印刷" }).click();
    const href = await page.getByRole("link", { name: "PDFで保存", exact: true }).getAttribute("href");
    looksLike(await (await page.request.get(href)).body(), "pdf");
  });
});

walk("a session that ended while typing costs nothing", async ({ visit, step }) => {
  const page = await visit();
  let secret;

  await step("the first visit", async () => {
    ({ secret } = await firstVisit(page));
  });

  await step("a long note is typed, and the session ends", async () => {
    await page.goto("/checklist/1-1");
    await choose(page, "はい");
    await page.getByLabel("備考").fill("院長が務め、事務長が助ける。");
    const cookies = await page.context().cookies();
    assert.ok(cookies.some(({ name }) => SESSION.test(name)), `${cookies.map(({ name }) => name)}`);
    await page.context().clearCookies({ name: SESSION });
  });

  await step("saving asks to log in, and says that nothing is lost", async () => {
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText("入力した内容は失われていません。").waitFor();
    await logIn(page, HANAKO);
    await enterCode(page, codeOf(secret, NOW));
  }, { expected: [/status of 401/] });

  await step("what was typed is shown and sent", async () => {
    await page.getByRole("heading", { name: "入力の続き" }).waitFor();
    await page.getByText("院長が務め、事務長が助ける。").waitFor();
    await page.getByRole("button", { name: "この内容で送る" }).click();
    await page.getByText("保存しました。1-① はい").waitFor();
    assert.equal(await itemNumber(page), "1-①");
    assert.equal(await page.getByLabel("備考").inputValue(), "院長が務め、事務長が助ける。");
  });

  const drafts = page.locator("[data-drafts]");

  await step("what was typed and not saved is named on the first page", async () => {
    await page.goto("/");
    assert.equal(await drafts.isVisible(), false);
    await page.goto("/checklist/2-8");
    await page.getByLabel("備考").fill("副院長にたずねる。");
    await page.goto("/");
    await drafts.getByText("まだ保存していない下書き").waitFor();
    await drafts.getByRole("link", { name: "2-⑧" }).click();
    assert.equal(await page.getByLabel("備考").inputValue(), "副院長にたずねる。");
  });

  await step("and no longer once it is saved", async () => {
    await choose(page, "はい");
    await page.getByRole("button", { name: "保存する" }).click();
    await page.getByText("保存しました。2-⑧ はい").waitFor();
    await page.goto("/");
    assert.equal(await drafts.isVisible(), false);
  });
});
