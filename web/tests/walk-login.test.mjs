// Coming in: password and code, recovery code, passkey, and the link for a colleague.

import assert from "node:assert/strict";

import { NOW } from "./lib/sonae.mjs";
import { HANAKO, accept, addColleague, after, codeOf, enterCode, firstVisit, logIn, walk } from "./lib/walk.mjs";

const JIRO = { name: "備え 次郎", login: "jiro", password: "kawara yuubin 91 hoshi" };

/** A key as a phone or a laptop has it, that says yes at once. */
async function passkeys(page) {
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

// Passkeys belong to a name, never to an IP address.
walk("every way to come in", async ({ visit, step }) => {
  const page = await visit();
  await passkeys(page);
  const home = page.getByRole("heading", { name: "今日やること" });
  const logOut = async () => {
    await page.getByRole("button", { name: "ログアウト" }).click();
    await page.getByText("ログアウトしました。").waitFor();
  };
  let doors;

  await step("the first account, with an authenticator", async () => {
    doors = await firstVisit(page);
    await home.waitFor();
    await logOut();
  });

  await step("a wrong password is refused, the login name stays", async () => {
    await logIn(page, { ...HANAKO, password: "not this one at all" });
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("ログイン名").inputValue(), HANAKO.login);
  }, { expected: [/status of 4\d\d/] });

  await step("a wrong code is refused, the right one opens", async () => {
    await logIn(page, HANAKO);
    await page.getByRole("heading", { name: "ログインの確認" }).waitFor();
    await enterCode(page, "000000");
    await page.getByRole("alert").waitFor();
    await enterCode(page, codeOf(doors.secret, NOW));
    await home.waitFor();
  }, { expected: [/status of 4\d\d/] });

  await step("the same code does not open twice", async () => {
    await logOut();
    await logIn(page, HANAKO);
    await enterCode(page, codeOf(doors.secret, NOW));
    await page.getByRole("alert").waitFor();
  }, { expected: [/status of 4\d\d/] });

  await step("a recovery code opens once", async () => {
    await enterCode(page, doors.codes[0]);
    await home.waitFor();
    await logOut();
    await logIn(page, HANAKO);
    await enterCode(page, doors.codes[0]);
    await page.getByRole("alert").waitFor();
    await enterCode(page, codeOf(doors.secret, after(NOW)));
    await home.waitFor();
  }, { expected: [/status of 4\d\d/] });

  await step("a passkey is registered", async () => {
    await page.goto("/me/second-factor");
    await page.getByLabel("パスキーの名前").fill("受付のパソコン");
    await page.getByRole("button", { name: "パスキーを登録する" }).click();
    await page.getByText("パスキーを登録しました。").waitFor();
    await page.getByText("受付のパソコン", { exact: true }).waitFor();
  });

  await step("the passkey opens without a password", async () => {
    await logOut();
    await page.getByRole("button", { name: "パスキーでログイン" }).click();
    await home.waitFor();
  });

  await step("the passkey opens after the password, in place of a code", async () => {
    await logOut();
    await logIn(page, HANAKO);
    await page.getByRole("button", { name: "パスキーで確認する" }).click();
    await home.waitFor();
  });

  await step("a colleague chooses a password by a link that works once", async () => {
    const link = await addColleague(page, JIRO, /^システム運用担当者/);
    const colleague = await visit();
    await accept(colleague, link, JIRO);
    await colleague.getByRole("heading", { name: "今日やること" }).waitFor();
    const stranger = await visit();
    await stranger.goto(new URL(link).pathname);
    await stranger.getByText("このリンクは、すでに使われたか").waitFor();
  }, { expected: [/status of 422/] });

  await step("the colleague logs in by password alone, and may not change people", async () => {
    const colleague = await visit();
    await colleague.goto("/login");
    await logIn(colleague, JIRO);
    await colleague.getByRole("heading", { name: "今日やること" }).waitFor();
    const closed = await colleague.goto("/settings/people");
    assert.equal(closed.status(), 403);
  }, { expected: [/status of 40[34]/] });
}, { host: "localhost" });
