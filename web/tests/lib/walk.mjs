// What walks have in common: a program, a browser, steps with names, the first visit, logging in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Secret, TOTP } from "otpauth";

import { newPage, noComplaints, openBrowser, shot } from "./browser.mjs";
import { NOW, startSonae } from "./sonae.mjs";

/** Enough for the slowest walk, 3,000 rows read by a debug build on a busy machine. */
const WALK_MS = 180_000;

/** Whoever opens Sonae first, and so becomes its administrator. */
export const HANAKO = { name: "備え 花子", login: "hanako", password: "sakura denwa kaidan 7" };

/**
 * A story told in steps, on a program of its own. The walk gets `visit` for pages, which are the
 * options of `newPage`, and `step`; a step that fails leaves a picture and ends the walk.
 */
export function walk(story, act, { fixedNow = NOW, host = "127.0.0.1" } = {}) {
  test(story, { timeout: WALK_MS }, async (t) => {
    const sonae = await startSonae({ fixedNow });
    const browser = await openBrowser();
    const baseURL = sonae.url.replace("127.0.0.1", host);
    const pages = [];
    const visit = async (options) => {
      const page = await newPage(browser, { ...options, baseURL });
      pages.push(page);
      return page;
    };
    try {
      await act({ visit, sonae, step: steps(t, pages) });
    } finally {
      await browser.close();
      await sonae.stop();
    }
  });
}

/** Runs named parts of a walk, in which no browser may complain but as `expected` says. */
function steps(t, pages) {
  return async (name, act, { expected } = {}) => {
    let failed;
    await t.test(name, async () => {
      try {
        await act();
        for (const page of pages) noComplaints(page, expected);
      } catch (error) {
        failed = error;
        for (const [n, page] of pages.entries()) await shot(page, `failed-${n}-${t.name.replaceAll(/\W+/gu, "-")}`).catch(() => {});
        throw error;
      }
    });
    if (failed) throw new Error(`the walk ended at: ${name}`);
  };
}

/** Answers the questions of the set-up; the second factor is asked for next. */
export async function setUp(page, { kind = "診療所", institution = "備え診療所", person = HANAKO, systems = [], contract = "契約あり" } = {}) {
  await page.goto("/");
  await page.getByLabel("施設の種類").selectOption({ label: kind });
  await page.getByLabel("施設の名称").fill(institution);
  await page.getByLabel("都道府県").selectOption({ label: "東京都" });
  for (const system of systems) await page.getByLabel(system).check();
  await page.getByLabel(contract).check();
  await page.getByLabel("医療情報システム安全管理責任者").fill(person.name);
  await page.getByLabel("あなたの氏名").fill(person.name);
  await page.getByLabel("ログイン名").fill(person.login);
  await page.getByLabel("パスワード").fill(person.password);
  await page.getByRole("button", { name: "始める" }).click();
}

/**
 * Registers an authenticator, as the page asks an administrator to; gives its secret and the
 * recovery codes. Ends at home.
 */
export async function addAuthenticator(page, at = before(NOW)) {
  await page.getByRole("link", { name: "認証アプリを登録する" }).click();
  await page.getByText("QRコードを読み取れないとき").click();
  const secret = (await page.locator("#secret").innerText()).replaceAll(" ", "");
  await page.getByLabel("確認コード").fill(codeOf(secret, at));
  await page.getByRole("button", { name: "登録する" }).click();
  const codes = await page.getByRole("listitem").getByRole("code").allInnerTexts();
  assert.equal(codes.length, 10, "ten recovery codes");
  await page.getByRole("link", { name: "保管しました" }).click();
  await page.getByRole("link", { name: "Sonae", exact: true }).click();
  return { secret, codes };
}

/** From nothing to home. */
export async function firstVisit(page, answers) {
  await setUp(page, answers);
  return addAuthenticator(page);
}

/** The first half of logging in; it is the whole for whoever has no second factor. */
export async function logIn(page, { login, password }) {
  await page.getByLabel("ログイン名").fill(login);
  await page.getByLabel("パスワード").fill(password);
  await page.getByRole("button", { name: "ログイン", exact: true }).click();
}

/** The second half, by an authenticator. Each code counts once: a later login takes a later one. */
export async function enterCode(page, code) {
  await page.getByLabel("確認コード").fill(code);
  await page.getByRole("button", { name: "確認する", exact: true }).click();
}

/** The six digits an authenticator shows at an instant. */
export function codeOf(secret, at = NOW) {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.parse(at) });
}

/** The code before and after the present one; a clock may be off by 30 s. */
export const before = (at) => new Date(Date.parse(at) - 30_000).toISOString();
export const after = (at) => new Date(Date.parse(at) + 30_000).toISOString();

/** An administrator adds a colleague; gives the address to choose a password at. */
export async function addColleague(page, { name, login }, role) {
  await page.goto("/settings/people/new");
  await page.getByLabel("氏名").fill(name);
  await page.getByLabel("ログイン名").fill(login);
  await page.getByRole("checkbox", { name: role }).check();
  await page.getByRole("button", { name: "追加してリンクを作る" }).click();
  return page.locator("#link").innerText();
}

/** A colleague opens that address, chooses a password, and is in. */
export async function accept(page, link, { password }) {
  await page.goto(new URL(link).pathname);
  await page.getByLabel("新しいパスワード").fill(password);
  await page.getByRole("button", { name: "パスワードを決めて始める" }).click();
}

/** Chooses はい, いいえ or 記入不要 of the item on the screen. */
export async function choose(page, value) {
  await page.getByRole("radio", { name: new RegExp(`^${value}`) }).check();
}

/** The number of the item on the screen, such as 2-①. */
export async function itemNumber(page) {
  return (await page.locator(".breadcrumb [aria-current]").innerText()).trim();
}

/** What a link or button lets one save: its bytes. */
export async function download(page, pressed) {
  const [file] = await Promise.all([page.waitForEvent("download"), pressed.click()]);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the first bytes of a file say it is. */
export function looksLike(bytes, kind) {
  const signs = { pdf: "%PDF", xlsx: "PK" };
  const sign = signs[kind];
  assert.equal(bytes.subarray(0, sign.length).toString(), sign, `the file is ${kind}`);
}
