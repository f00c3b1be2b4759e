// The interface for programs against its own description: some 2,000 requests, sound and unsound. None
// may be answered with a failure of the server, and every answer is one that the description names.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { newPage, openBrowser } from "./lib/browser.mjs";
import { furnish } from "./lib/furnish.mjs";
import { startSonae } from "./lib/sonae.mjs";

const N_CASES = 2_000;

const SCHEMATHESIS = fileURLToPath(new URL("../../target/python/bin/schemathesis", import.meta.url));

/** What must hold of each answer. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "ignored_auth",
  "unsupported_method",
  "allow_header_conformance",
];

test(`${N_CASES} requests of a program: no failure of the server`, { timeout: 300_000 }, async () => {
  const sonae = await startSonae();
  const browser = await openBrowser();
  try {
    const page = await newPage(browser, { baseURL: sonae.url });
    await furnish(page, sonae.data);
    const { test_cases: asked } = await ask(sonae, await makeToken(page));
    assert.ok(asked.generated >= N_CASES, `only ${asked.generated} requests`);
  } finally {
    await browser.close();
    await sonae.stop();
  }
});

/** A token that may write, as a person makes it. */
async function makeToken(page) {
  await page.goto("/me/tokens");
  await page.getByLabel("何に使うか").fill("schemathesis");
  await page.getByLabel("読み書き").check();
  await page.getByLabel("最終日").fill("2027-03-31");
  await page.getByRole("button", { name: "トークンを作る" }).click();
  return page.locator("#token").innerText();
}

/** Lets schemathesis ask, and gives its report. Its failures are the test's. */
async function ask({ url, data }, token) {
  const path = join(data, "schemathesis.json");
  const args = ["run", `${url}/api/v1/openapi.json`, "--url", url];
  args.push("--header", `Authorization: Bearer ${token}`, "--checks", CHECKS.join(","));
  // The same requests at each run.
  args.push("--max-examples", "250", "--seed", "1", "--generation-deterministic", "--no-color");
  args.push("--report-json-path", path);
  const run = promisify(execFile)(SCHEMATHESIS, args, { cwd: data, maxBuffer: 1 << 26 });
  await run.catch(({ stdout, stderr }) => assert.fail(`${stdout}${stderr}`));
  return JSON.parse(readFileSync(path, "utf8"));
}
