// The start page before the wasm is there, and how the page takes it over.

import { TWO, expect, test } from "./podarium.mjs";

/** Holds the wasm back until it is let go. */
async function hold(page) {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  await page.route("**/*.wasm", async (route) => {
    await gate;
    await route.continue();
  });
  return go;
}

/** Where the words and pictures of the start page stand. */
const places = (page) =>
  page.evaluate((what) =>
    [...document.querySelectorAll(what)]
      .filter((one) => one.checkVisibility())
      .map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        const words = one.matches("svg, .search, .card, .wall, .page") ? "" : one.textContent;
        return [words, x, y, width, height].join(" ");
      }),
    "h1, h2, .sub, .card, .ti, .th svg, .fa span, .search, .top svg, .wall, .page",
  );

const started = (page) => expect(page.locator(".frame")).toHaveCount(0);

for (const [what, options] of [
  ["on a desktop", {}],
  ["in Chinese, dark", { lang: "zh", colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`the start page stands without the wasm, and nothing jumps, ${what}`, async ({
    visitor,
  }) => {
    const podarium = await visitor(options);
    const { page } = podarium;
    const go = await hold(page);
    await page.goto(podarium.host, { waitUntil: "commit" });
    await expect(page.locator(".card .th svg").first()).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    const before = await places(page);
    expect(before.length).toBeGreaterThan(200);
    go();
    await started(page);
    expect(await places(page)).toEqual(before);
  });
}

test("on a phone the answer stands before the program, and stays where it is", async ({
  visitor,
}) => {
  for (const lang of ["en", "zh"]) {
    const phone = await visitor({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      lang,
    });
    const { page } = phone;
    const go = await hold(page);
    await page.goto(`${phone.host}#g=startup-never@1&t=60`, { waitUntil: "commit" });
    const stands = () =>
      page.evaluate(() =>
        [...document.querySelectorAll(".see > .question, .see > .answer")].map((one) => {
          const { x, y, width, height } = one.getBoundingClientRect();
          return [one.textContent, x, y, width, height].join(" ");
        }));
    await expect(page.locator(".frame .see > .answer")).toContainText("path");
    await page.evaluate(() => document.fonts.ready);
    const before = await stands();
    expect(before.length).toBe(2);
    go();
    await started(page);
    expect(await stands()).toEqual(before);
  }
  // An edited text has no answer that anybody knows.
  const other = await visitor();
  const go = await hold(other.page);
  await other.page.goto(`${other.host}#g=startup-never@1&d=1AbC`, { waitUntil: "commit" });
  await expect(other.page.locator(".bones")).toBeVisible();
  await other.page.waitForTimeout(500);
  expect(await other.page.locator(".frame .answer").textContent()).toBe("");
  go();
});

test("what is done before the start is not lost", async ({ visitor }) => {
  const podarium = await visitor();
  const { page } = podarium;
  let go = await hold(page);
  await page.goto(podarium.host, { waitUntil: "commit" });
  await page.getByRole("searchbox").fill("init");
  go();
  await started(page);
  await expect(page.getByRole("searchbox")).toHaveValue("init");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await expect(page.locator(".card")).not.toHaveCount(0);
  await expect(page.locator('a[href^="#g=exit-1@"]')).toHaveCount(0);

  go = await hold(page);
  await page.reload({ waitUntil: "commit" });
  await page.locator('.frame a[href^="#g=init-order@"]').click();
  await expect(page.locator(".bones")).toBeVisible();
  go();
  await podarium.stands();
});

test("a file dropped and a text pasted before the start are opened by it", async ({ visitor }) => {
  const podarium = await visitor();
  const { page } = podarium;
  const give = (type, name) =>
    page.evaluate(
      ([kind, text]) => {
        const data = new DataTransfer();
        const what = { bubbles: true, cancelable: true };
        let event;
        if (kind === "drop") {
          data.items.add(new File([text], "pod.yaml", { type: "text/yaml" }));
          event = new DragEvent("drop", { dataTransfer: data, ...what });
        } else {
          data.setData("text/plain", text);
          event = new ClipboardEvent("paste", { clipboardData: data, ...what });
        }
        document.querySelector("h1, .card").dispatchEvent(event);
        return event.defaultPrevented;
      },
      [type, TWO.replace("pair", name)],
    );
  for (const [type, name] of [["drop", "dropped"], ["paste", "pasted"]]) {
    const go = await hold(page);
    await page.goto("about:blank");
    await page.goto(podarium.host, { waitUntil: "commit" });
    await expect(page.locator(".frame .card").first()).toBeVisible();
    // Otherwise the browser would leave the page for the file.
    expect(await give(type, name)).toBe(true);
    go();
    await podarium.stands();
    await expect(podarium.editor).toContainText(name);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }
});
