// axe finds nothing to complain about: both pages, both themes, both languages, desktop and phone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, report, test } from "./podarium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, one line a rule and place. */
async function violations(page) {
  // Colours are judged when they have arrived.
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
  await page.evaluate(AXE);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"] }),
  );
  expect(result.passes.length, "axe looked at something").toBeGreaterThan(5);
  return result.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.html}`),
  );
}

for (const theme of ["light", "dark"]) {
  for (const lang of ["en", "zh"]) {
    test(`axe: ${theme}, ${lang}`, async ({ visitor }) => {
      const reader = await visitor({ lang, colorScheme: theme });
      await reader.gallery();
      await expect(reader.page.locator("html")).toHaveAttribute("data-theme", theme);
      expect(await violations(reader.page)).toEqual([]);
      await reader.page.locator('a[href^="#g="]').first().click();
      await reader.stands();
      expect(await violations(reader.page)).toEqual([]);
      for (const key of ["2", "3"]) {
        await reader.page.evaluate(() => document.activeElement?.blur());
        await reader.page.keyboard.press(key);
        await expect(reader.page.locator(key === "2" ? ".an-view" : ".pr-view")).toBeVisible();
        expect(await violations(reader.page), `picture ${key}`).toEqual([]);
      }
      await reader.write("kind: Pod\nspec: [\n");
      await expect(reader.findings).toBeVisible();
      expect(await violations(reader.page), "with findings").toEqual([]);
      report(`axe violations, ${theme}, ${lang}`, 0);
    });
  }
}

test("axe: phone, every view", async ({ visitor }) => {
  const phone = await visitor({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.gallery();
  expect(await violations(phone.page)).toEqual([]);
  await phone.page.locator('a[href^="#g="]').first().tap();
  await expect(phone.scrubber).toBeVisible();
  for (const name of ["Story", "Timeline", "YAML", "kubectl"]) {
    await phone.show(name);
    expect(await violations(phone.page)).toEqual([]);
  }
  await phone.show("Timeline");
  for (const name of ["Anatomy", "Processes"]) {
    await phone.page.getByRole("button", { name, exact: true }).tap();
    expect(await violations(phone.page), name).toEqual([]);
  }
});
