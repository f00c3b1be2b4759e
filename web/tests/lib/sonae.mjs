// The program for the tests: started on a data folder of its own, with a fixed clock, and stopped.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

/**
 * What the tests take as now, so that screenshots and due dates stay the same: the day on which the
 * files of fixtures/stories/clinic were made.
 */
export const NOW = "2026-11-20T15:00:00+09:00";

/** A debug build on a busy machine; the program itself is ready in half a second. */
const READY_MS = 60_000;

const ADDRESS = /https?:\/\/127\.0\.0\.1:\d+/;

const program = () => {
  const path = process.env.SONAE_BIN;
  if (!path) throw new Error("SONAE_BIN does not name the program");
  return path;
};

/** A folder for the data of one test; `remove` it afterwards. */
export function dataFolder() {
  const path = mkdtempSync(join(tmpdir(), "sonae-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a command of the program on a data folder, such as `sonae(data, ["import", path])`. */
export async function sonae(data, args, { fixedNow = NOW } = {}) {
  const { stdout } = await promisify(execFile)(program(), ["--data", data, "--now", fixedNow, ...args]);
  return stdout;
}

/**
 * Serves on a free port. Gives the address, what was printed so far, and `stop`. The data folder is
 * a temporary one unless `data` names another; `fixedNow: null` lets the clock run.
 */
export async function startSonae({ args = [], data, fixedNow = NOW, env = {} } = {}) {
  const bin = program();
  const own = data ? null : dataFolder();
  const clock = fixedNow ? ["--now", fixedNow] : [];
  const all = ["--data", data ?? own.path, ...clock, "serve", "--listen", "127.0.0.1:0", ...args];
  const child = spawn(bin, all, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test run that is broken off leaves no server behind.
  process.once("exit", () => child.kill());
  const printed = [];
  child.stderr.on("data", (bytes) => printed.push(bytes.toString()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    own?.remove();
  };
  try {
    const url = await address(child, printed);
    return { url, data: data ?? own.path, printed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the line that says where the program listens. */
function address(child, printed) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`sonae serve ${why}:\n${printed.join("")}`));
    const timer = setTimeout(() => fail("said no address in time"), READY_MS);
    timer.unref();
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`ended with ${code}`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      printed.push(`${line}\n`);
      const found = line.match(ADDRESS);
      if (found) resolve(found[0]);
    });
  });
}
