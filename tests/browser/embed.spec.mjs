// The page inside pages of another origin: what they see, what they may ask for, what they may not.

import { createServer } from "node:http";

import { expect, test } from "./podarium.mjs";

const SCENE = "#g=startup-never@1&t=177";

/** A page of another origin with these scenes in it; resolves to its address and how to end it. */
function host(scenes) {
  const frames = scenes.map(([title, src]) =>
    `<iframe title="${title}" width="860" height="420" src="${src}"></iframe>`);
  const page = `<!doctype html><link rel="icon" href="data:,"><title>Host</title>
<script>
  window.heard = [];
  addEventListener("message", ({ data, source }) => {
    const from = [...document.querySelectorAll("iframe")]
      .findIndex((frame) => frame.contentWindow === source);
    if (data?.podarium === 1) window.heard.push({ from, ...data });
  });
</script>${frames.join("\n")}`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}/`;
      resolve({ url, close: () => server.close() });
    });
  });
}

test("three scenes in a page of another origin answer to it, and to nobody else", async ({
  browser,
}) => {
  const page_ = process.env.PODARIUM_URL;
  const { url, close } = await host([
    ["picture", `${page_}?embed=timeline&theme=light${SCENE}`],
    ["split", `${page_}?embed=split&edit=0&lang=zh${SCENE}`],
    ["console", `${page_}?embed=console&theme=dark${SCENE}`],
  ]);
  const context = await browser.newContext({ viewport: { width: 1000, height: 1400 } });
  const faults = [];
  context.on("weberror", (error) => faults.push(String(error.error())));
  try {
    const page = await context.newPage();
    await page.goto(url);
    const frame = (title) => page.frameLocator(`iframe[title="${title}"]`);
    const scrubbers = ["picture", "split", "console"].map((title) =>
      frame(title).getByRole("slider", { name: title === "split" ? "时间" : "Time", exact: true }));
    for (const scrubber of scrubbers) await expect(scrubber).toHaveValue("1770");
    await expect(frame("picture").locator(".editor")).toHaveCount(0);
    await expect(frame("split").locator(".cm-content")).toHaveAttribute("aria-readonly", "true");
    await expect(frame("console").locator(".kubectl")).toContainText("CrashLoopBackOff");
    await expect.poll(() => page.evaluate(() =>
      new Set(window.heard.filter(({ type }) => type === "ready").map(({ from }) => from)).size,
    )).toBe(3);
    // No scene takes the focus.
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);

    const say = (message) => page.evaluate((data) => {
      for (const one of document.querySelectorAll("iframe")) {
        one.contentWindow.postMessage(data, "*");
      }
    }, message);
    await say({ podarium: 1, type: "seek", at: 20 });
    for (const scrubber of scrubbers) await expect(scrubber).toHaveValue("200");
    const theme = frame("picture").locator("html");
    await expect(theme).toHaveAttribute("data-theme", "light");
    await say({ podarium: 1, type: "theme", theme: "dark" });
    await expect(theme).toHaveAttribute("data-theme", "dark");
    const junk = [null, 7, "seek", { podarium: 1 }, { podarium: 1, type: "seek", at: "x" },
      { podarium: 1, type: "seek", at: NaN }, { podarium: 2, type: "seek", at: 1 },
      { podarium: 1, type: "load" }, { podarium: 1, type: "run", text: "a" }];
    for (const message of junk) await say(message);
    await say({ podarium: 1, type: "seek", at: 1e300 });
    for (const scrubber of scrubbers) await expect(scrubber).toHaveValue("4200");

    // A scene does not listen to its neighbour.
    const neighbour = page.frames().find((one) => one.url().includes("embed=console"));
    await neighbour.evaluate(() =>
      parent.frames[0].postMessage({ podarium: 1, type: "seek", at: 3 }, "*"));
    await page.waitForTimeout(300);
    await expect(scrubbers[0]).toHaveValue("4200");

    const text = "apiVersion: v1\nkind: Pod\nmetadata: {name: loaded}\nspec:\n"
      + "  containers: [{name: web, image: nginx}]\n";
    await say({ podarium: 1, type: "load", text });
    await expect(frame("picture").getByRole("heading", { level: 1 })).toHaveText("Pod loaded");
    await expect(frame("split").locator(".cm-content")).toContainText("loaded");
    expect(faults).toEqual([]);
  } finally {
    await context.close();
    close();
  }
});
