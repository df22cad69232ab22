// An autoscaler: each look with its sum, the load drawn by hand, and what to do about <unknown>.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, test } from "./podarium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const HPA = "#g=hpa-load@1&v=autoscaling";

const sum = (podarium) => podarium.see.getByRole("region", { name: "Decisions" });
const point = (podarium, number) =>
  podarium.see.getByRole("slider", { name: new RegExp(`^Point ${number} of the load`) });

test("each look says its sum, and the arrows walk from look to look", async ({ podarium }) => {
  await podarium.scenario(`${HPA}&t=90`);
  await expect(podarium.see.getByRole("button", { name: "Autoscaling" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(sum(podarium)).toContainText("1 → 3");
  await expect(sum(podarium)).toContainText("ceil(1 × 141 / 50) = 3");
  await podarium.page.keyboard.press("ArrowRight");
  await expect(sum(podarium)).toContainText("115m ÷ 300m = 38 %");
  await podarium.page.keyboard.press("ArrowLeft");
  await expect(sum(podarium)).toContainText("141 ÷ 50 = 2.82");
  // The list says the same without pointing.
  await podarium.see.getByText(/^Every look/).click();
  await podarium.see.getByRole("button", { name: /^8:15/ }).click();
  await expect(sum(podarium)).toContainText("3 → 1");
  expect(await podarium.moment()).toMatch(/^495/);
});

test("the load is drawn by hand: the text and the replicas follow, one step of undo", async ({
  podarium,
}) => {
  const { page } = podarium;
  await podarium.scenario(`${HPA}&t=150`);
  await expect(podarium.see).toContainText(/shop\S+\s+1\/1/);
  await expect(podarium.kubectl).toContainText(/(shop-\S+\s+1\/1[\s\S]*){3}/);
  const box = await point(podarium, 3).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let way = 2; way <= 18; way += 2) await page.mouse.move(x, y + way);
  // While it is held: with so little load one Pod is enough.
  await expect(point(podarium, 3)).toHaveAttribute("aria-valuetext", /^[0-9]{1,2}m, 1:01/);
  await page.mouse.up();
  const low = await point(podarium, 3).getAttribute("aria-valuenow");
  expect(Number(low)).toBeLessThan(100);
  // What was written is in sight.
  await expect(podarium.editor).toContainText(`total: ${low}m`);
  await page.getByRole("button", { name: podarium.words.undo }).click();
  await expect(point(podarium, 3)).toHaveAttribute("aria-valuenow", "140");
  await expect(page.getByRole("button", { name: podarium.words.undo })).toBeDisabled();

  // By keyboard.
  await point(podarium, 3).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowRight");
  await expect(point(podarium, 3)).toHaveAttribute("aria-valuetext", "142m, 1:02.0");
  expect(await podarium.moment(), "the cursor stays").toMatch(/^150/);
});

test("<unknown> says why and leads to the field", async ({ podarium }) => {
  await podarium.scenario("#g=hpa-unknown@1&v=autoscaling&t=60");
  await expect(sum(podarium)).toContainText("container proxy requests no cpu");
  await podarium.see.getByRole("button", { name: /Change resources\.requests\.cpu/ }).click();
  await expect(podarium.editor).toBeFocused();
  const chosen = await podarium.page.evaluate(() => globalThis.getSelection().toString());
  expect(chosen).toContain("name: proxy");
});

for (const [name, options] of Object.entries({
  "light, en": { colorScheme: "light", lang: "en" },
  "dark, zh": { colorScheme: "dark", lang: "zh" },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
})) {
  test(`axe: ${name}`, async ({ visitor }) => {
    const reader = await visitor(options);
    for (const rest of [`${HPA}&t=90`, "#g=hpa-unknown@1&v=autoscaling&t=60"]) {
      await reader.open(rest);
      await expect(reader.scrubber).toBeVisible();
      if (name === "phone") await reader.showPicture();
      await expect(reader.page.locator(".as-card")).toBeVisible();
      // Until the editor is there its column scrolls without anything in it to focus.
      await expect(reader.page.locator(".cm-content")).toBeAttached();
      await reader.page.evaluate(AXE);
      const found = await reader.page.evaluate(() =>
        globalThis.axe.run(document, { resultTypes: ["violations"] }),
      );
      const faults = found.violations.flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id} ${node.html}`),
      );
      expect(faults).toEqual([]);
      expect(
        await reader.page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        "nothing is wider than the page",
      ).toBeLessThanOrEqual(0);
    }
  });
}
