// What the tests of the page share: the server, the browser, and the count at the end.
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

const tests = [];

/** Registers a test; its name says what it looks at. */
export function test(name, body) {
  tests.push({ name, body });
}

export function equal(got, wanted, what) {
  if (JSON.stringify(got) !== JSON.stringify(wanted))
    throw new Error(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Starts a command that says where it listens, and gives the address. */
export async function start(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const address = await new Promise((found, failed) => {
    const read = (text) => {
      said += text;
      const match = /Listening at (https?:\/\/\S+)/.exec(said);
      if (match) found(match[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", failed);
    child.on("exit", (status) => failed(new Error(`${command} ended with ${status}: ${said}`)));
    setTimeout(() => failed(new Error(`${command} does not listen: ${said}`)), 60000).unref();
  });
  return { address, stop: () => child.kill("SIGTERM") };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-gpu"],
  });
}

/** Runs what was registered, with a fresh page each, and prints `N passed, N failed`. */
export async function runAll(makePage) {
  let failed = 0;
  for (const { name, body } of tests) {
    if (process.argv[4] && !name.includes(process.argv[4])) continue;
    const begin = Date.now();
    const opened = [];
    try {
      await body(async (options) => {
        const page = await makePage(options || {});
        opened.push(page);
        return page;
      });
      for (const page of opened) equal(page.findings, [], "what the browser reports");
      console.log(`ok ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      ++failed;
      console.log(`FAILED ${name}: ${error.message}`);
    }
    for (const page of opened) await page.context().close();
  }
  const ran = tests.filter(({ name }) => !process.argv[4] || name.includes(process.argv[4])).length;
  console.log(`${ran - failed} passed, ${failed} failed`);
  return failed || !ran ? 1 : 0;
}
