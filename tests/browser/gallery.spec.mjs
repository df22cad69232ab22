// The start page, and every scenario that comes along.

import { expect, test } from "./podarium.mjs";

/** The links of the gallery's cards. */
async function cards(podarium) {
  const links = podarium.page.locator('a[href^="#g="]');
  await expect(links.first()).toBeVisible();
  return [...new Set(await links.evaluateAll((all) => all.map((a) => a.getAttribute("href"))))];
}

test("the first entry is for your own YAML", async ({ podarium }) => {
  await podarium.gallery();
  const main = podarium.page.getByRole("main");
  const first = main.locator("a, button").filter({ visible: true }).first();
  await expect(first).toHaveText(podarium.words.paste);
  await expect(podarium.page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("each card is the thumbnail of its own trace", async ({ podarium }) => {
  await podarium.gallery();
  const hrefs = await cards(podarium);
  expect(hrefs.length).toBeGreaterThanOrEqual(5);
  const pictures = [];
  for (const href of hrefs) {
    const card = podarium.page.locator(`a[href="${href}"]`).first();
    await card.scrollIntoViewIfNeeded();
    await expect(card.locator("svg")).not.toHaveCount(0);
    pictures.push(
      await card
        .locator("svg")
        .last()
        .evaluate((svg) => svg.innerHTML),
    );
    expect(pictures.at(-1).length, href).toBeGreaterThan(50);
  }
  expect(new Set(pictures).size, "no two look the same").toBe(pictures.length);
});

test("every entry opens, shows its picture and what kubectl says", async ({ podarium }) => {
  await podarium.gallery();
  const hrefs = await cards(podarium);
  test.setTimeout(20_000 + hrefs.length * 6_000);
  for (const href of hrefs) {
    await test.step(href, async () => {
      await podarium.gallery();
      await podarium.page.locator(`a[href="${href}"]`).first().click();
      await podarium.stands();
      // A drawing, or a table of processes.
      await expect(podarium.see.locator("#picture").locator("svg[aria-label], table").first())
        .toBeVisible();
      // A table, a description, an object, or how a rollout goes.
      await expect(podarium.kubectl).toContainText(
        /\n(NAME|Name:|apiVersion:|Waiting for|error: deployment)/,
      );
      await expect(podarium.editor).toContainText("apiVersion");
      // What comes along is accepted by an API server.
      await expect(podarium.page.getByText(podarium.words.lastValid)).toHaveCount(0);
      // To the end and back: nothing in any moment may fail.
      for (const part of [0, 0.25, 0.5, 0.75, 1]) await podarium.scrub(part);
    });
  }
});

test("the browser's Back leads from a scenario to the gallery", async ({ podarium }) => {
  await podarium.gallery();
  await podarium.page.locator('a[href^="#g="]').first().click();
  await podarium.stands();
  await podarium.page.goBack();
  await expect(podarium.page.getByText(podarium.words.paste).first()).toBeVisible();
});
