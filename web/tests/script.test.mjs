// sonae.js on the pattern pages: what each attribute adds, and that nothing is needed from it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { serve } from "../serve.mjs";
import { newPage, noComplaints, openBrowser } from "./lib/browser.mjs";

let browser;
let site;

before(async () => {
  browser = await openBrowser();
  site = await serve();
});

after(async () => {
  await browser?.close();
  site?.stop();
});

/** Runs a test on a page of its own, and lets the browser complain of nothing. */
const on = (path, name, act, { expected = [], ...options } = {}) =>
  test(name, async () => {
    const baseURL = site.url.replace("127.0.0.1", "localhost");
    const page = await newPage(browser, { baseURL, ...options });
    await page.goto(path);
    await act(page);
    noComplaints(page, expected);
    await page.context().close();
  });

/** Answers requests to a path with JSON, or status 200 and a page; keeps what was sent. */
async function stub(page, path, reply) {
  const sent = [];
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    sent.push(route.request().postData());
    const { wait = 0, ...response } = reply;
    await new Promise((resolve) => setTimeout(resolve, wait));
    return route.fulfill(response);
  });
  return sent;
}

const json = (value) => ({ contentType: "application/json", body: JSON.stringify(value) });

on("/item", "typed text comes back after the session was lost", async (page) => {
  await page.getByLabel("いいえ").check();
  await page.getByLabel("目標日").fill("R8.3.31");
  await page.goto("/login");
  await page.goto("/item");
  assert.equal(await page.getByLabel("いいえ").isChecked(), true);
  assert.equal(await page.getByLabel("目標日").inputValue(), "R8.3.31");
  assert.equal(await page.locator("[data-restored]").isVisible(), true);
});

on("/item", "nothing is said to be restored when nothing was typed", async (page) => {
  assert.equal(await page.locator("[data-restored]").isVisible(), false);
});

on("/item", "what was typed is forgotten when it is thrown away", async (page) => {
  await page.getByLabel("備考").fill("x");
  await page.reload();
  await page.getByText("入力を捨てる").click();
  await page.reload();
  assert.equal(await page.getByLabel("備考").inputValue(), "毎月末に事務長が退職者を確認している。");
});

for (const key of ["item-2-5", "*"]) {
  on("/item", `what was typed is forgotten when the server has it: ${key}`, async (page) => {
    await page.getByLabel("備考").fill("x");
    await page.route("**/item", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace("<main", `<main data-kept="${key}"`);
      await route.fulfill({ response, body });
    });
    await page.reload();
    assert.notEqual(await page.getByLabel("備考").inputValue(), "x");
  });
}

on("/login", "a password is never kept", async (page) => {
  await page.locator("form.card").evaluate((form) => form.setAttribute("data-keep", "login"));
  await page.getByLabel("パスワード", { exact: true }).fill("secret words");
  await page.getByLabel("利用者名").fill("hanako");
  const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
  assert.match(kept, /hanako/);
  assert.doesNotMatch(kept, /secret/);
});

on("/item", "two presses are one request", async (page) => {
  const sent = await stub(page, "/item", { wait: 300, contentType: "text/html", body: "<title>ok</title>" });
  await page.locator("form[data-once]").evaluate((form) => {
    form.requestSubmit();
    setTimeout(() => form.requestSubmit(), 100);
  });
  await page.waitForFunction(() => document.title === "ok");
  assert.equal(sent.length, 1);
});

on("/import", "while a file is read the page says so, and no longer than that", async (page) => {
  const notice = page.locator("[data-sending-notice]");
  assert.equal(await notice.isVisible(), false);
  const sent = await stub(page, "/import", { wait: 500, contentType: "text/html", body: "<title>ok</title>" });
  const shown = await page.getByRole("button", { name: "読み取る" }).evaluate((button) => {
    button.click();
    button.click();
    return document.querySelector("[data-sending-notice]").checkVisibility();
  });
  assert.equal(shown, true);
  await page.waitForFunction(() => document.title === "ok");
  assert.equal(sent.length, 1);
  await page.goBack();
  assert.equal(await notice.isVisible(), false);
});

on("/import", "a dropped file goes to the file control", async (page) => {
  const dragged = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "台帳.csv"));
    return data;
  });
  await page.locator(".drop").dispatchEvent("drop", { dataTransfer: dragged });
  assert.equal(await page.locator("#file").evaluate((input) => input.files[0].name), "台帳.csv");
});

on("/ledger", "a column switched off stays off", async (page) => {
  await page.getByText("列を選ぶ").click();
  await page.getByLabel("OS").uncheck();
  await page.reload();
  assert.equal(await page.getByRole("columnheader", { name: "OS" }).count(), 0);
  assert.equal(await page.getByText("Windows Server 2022").isVisible(), false);
  await page.getByText("列を選ぶ").click();
  await page.getByLabel("OS").check();
  assert.equal(await page.getByText("Windows Server 2022").isVisible(), true);
});

on("/item", "keys choose an answer", async (page) => {
  await page.keyboard.press("i");
  assert.equal(await page.getByLabel("いいえ").isChecked(), true);
  await page.keyboard.press("k");
  assert.equal(await page.getByLabel("いいえ").isChecked(), true, "記入不要 cannot be chosen here");
  await page.keyboard.press("h");
  assert.equal(await page.getByLabel("はい").isChecked(), true);
});

on("/item", "keys do nothing while one types, or when they are switched off", async (page) => {
  await page.getByLabel("備考").pressSequentially("i");
  assert.equal(await page.getByLabel("いいえ").isChecked(), false);
  await page.getByLabel("キーで選ぶ").uncheck();
  await page.keyboard.press("i");
  await page.reload();
  await page.keyboard.press("i");
  assert.equal(await page.getByLabel("いいえ").isChecked(), false);
});

on("/item", "a text is copied", async (page) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByText("文をコピー").click();
  await page.getByText("コピーしました").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^お世話になっております/);
});

on("/form", "the print button prints", async (page) => {
  await page.evaluate(() => {
    window.print = () => document.body.setAttribute("data-printed", "");
  });
  await page.getByText("この画面を印刷").click();
  assert.equal(await page.locator("body[data-printed]").count(), 1);
});

/** A key as a phone or a laptop has it, that says yes at once. */
async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Bytes that differ between base64 and base64url. */
const USER = "-_8";
const CHALLENGE = "-_challenge_0123456789-_";

on("/", "a passkey is registered, then used", async (page) => {
  await authenticator(page);
  await stub(page, "/account/passkeys/options", json({
    publicKey: {
      challenge: CHALLENGE,
      rp: { id: "localhost", name: "Sonae" },
      user: { id: USER, name: "hanako", displayName: "山田 花子" },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    },
  }));
  const registered = await stub(page, "/account/passkeys", json({ next: "/login" }));
  await page.getByText("パスキーを登録する").click();
  await page.waitForURL("**/login");
  const { name, credential } = JSON.parse(registered[0]);
  assert.equal(name, "受付のパソコン");
  assert.equal(clientData(credential).challenge, CHALLENGE);
  assert.ok(credential.response.attestationObject);

  await stub(page, "/login/passkey/options", json({
    publicKey: {
      challenge: CHALLENGE,
      rpId: "localhost",
      allowCredentials: [{ type: "public-key", id: credential.rawId }],
      userVerification: "required",
    },
  }));
  const used = await stub(page, "/login/passkey", json({ next: "/home" }));
  await page.getByText("パスキーでログイン").click();
  await page.waitForURL("**/home");
  const login = JSON.parse(used[0]).credential;
  assert.equal(login.id, credential.id);
  assert.equal(login.response.userHandle, USER);
  assert.ok(login.response.signature && login.response.authenticatorData);
});

const clientData = ({ response }) =>
  JSON.parse(Buffer.from(response.clientDataJSON, "base64url").toString());

on(
  "/login",
  "a passkey that fails says so, and may be tried again",
  async (page) => {
    await stub(page, "/login/passkey/options", { status: 429, body: "" });
    const button = page.getByRole("button", { name: "パスキーでログイン" });
    await button.click();
    await page.getByText("パスキーでログインできませんでした").waitFor();
    assert.equal(await button.getAttribute("aria-busy"), null);
  },
  { expected: [/status of 429/] },
);

on(
  "/item",
  "without JavaScript nothing dead is shown, and いいえ asks for its date",
  async (page) => {
    assert.equal(await page.getByLabel("キーで選ぶ").isVisible(), false);
    assert.equal(await page.getByLabel("目標日").isVisible(), false);
    await page.getByLabel("いいえ").check();
    assert.equal(await page.getByLabel("目標日").isVisible(), true);
    await page.goto("/login");
    assert.equal(await page.getByText("パスキーでログイン", { exact: true }).isVisible(), false);
    await page.goto("/form");
    assert.equal(await page.getByText("この画面を印刷").isVisible(), false);
  },
  { scripts: false },
);

on(
  "/home",
  "on a phone the menu opens without JavaScript",
  async (page) => {
    const ledger = page.getByRole("link", { name: "台帳", exact: true });
    assert.equal(await ledger.isVisible(), false);
    await page.getByRole("button", { name: "メニュー" }).click();
    await ledger.click();
    await page.waitForURL("**/ledger");
  },
  { scripts: false, size: "phone" },
);
