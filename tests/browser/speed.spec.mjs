// How long a visitor waits, measured in their browser and printed. What is asserted is only that
// nobody would call it slow on a machine that does other things as well.

import { expect, median, report, test } from "./podarium.mjs";

test.describe.configure({ mode: "serial" });

/** Types one character after another and measures each: from the key to the frame that shows it. */
async function latencies(podarium, times) {
  const { page } = podarium;
  await podarium.editor.focus();
  await page.keyboard.press("ControlOrMeta+Home");
  // To the end of the first name: it stands in the picture and in what kubectl prints.
  const line = (await podarium.text()).split("\n").findIndex((one) => /^ +name: \S/.test(one));
  expect(line).toBeGreaterThan(0);
  for (let i = 0; i < line; i += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  const measured = [];
  for (let i = 0; i < times; i += 1) {
    await page.evaluate((see) => {
      const root = document.querySelector(`[aria-label="${see}"]`);
      globalThis.shown = new Promise((resolve) => {
        let pressed;
        addEventListener("keydown", () => (pressed = performance.now()), {
          once: true,
          capture: true,
        });
        new MutationObserver((_, observer) => {
          if (pressed === undefined) return;
          observer.disconnect();
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve(performance.now() - pressed);
            channel.port2.postMessage(null);
          });
        }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
      });
    }, podarium.words.see);
    await page.keyboard.press("x");
    measured.push(await page.evaluate(() => globalThis.shown));
  }
  return measured;
}

test("from a keystroke to the new picture", async ({ podarium }) => {
  await podarium.gallery();
  const links = podarium.page.locator('a[href^="#g="]');
  await expect(links.first()).toBeVisible();
  const hrefs = [
    ...new Set(await links.evaluateAll((all) => all.map((a) => a.getAttribute("href")))),
  ];
  test.setTimeout(20_000 + hrefs.length * 10_000);
  const all = [];
  for (const href of hrefs) {
    await podarium.gallery();
    await podarium.page.locator(`a[href="${href}"]`).first().click();
    await podarium.stands();
    const measured = await latencies(podarium, 9);
    report(`keystroke to picture, ${href}`, `${median(measured).toFixed(1)} ms median of 9`);
    all.push(...measured);
  }
  report("keystroke to picture, gallery", `${median(all).toFixed(1)} ms median of ${all.length}`);
  expect(median(all)).toBeLessThan(500);
});

test("the first visit", async ({ podarium }) => {
  await podarium.gallery();
  const loaded = await podarium.page.evaluate(() => {
    const files = performance.getEntriesByType("resource");
    return {
      count: files.length + 1,
      bytes: files.reduce((sum, file) => sum + file.encodedBodySize, 0),
      stands: performance.now(),
    };
  });
  report(
    "first visit",
    `${loaded.count} files, ${(loaded.bytes / 1000).toFixed(0)} KB uncompressed`,
  );
});
