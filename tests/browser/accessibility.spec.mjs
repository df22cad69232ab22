// axe finds nothing to complain about: both pages, both themes, both languages, desktop and phone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, report, test } from "./podarium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A scenario for each picture, and what it is drawn in. */
const SCENES = [
  ["#g=exit-137s@1", ".picture .tl-sheet"],
  ["#g=two-containers@1", ".an-view"],
  ["#g=zombies@1", ".pr-view"],
  ["#g=rollout-loses@1", ".tm-view"],
  ["#g=hpa-late@1", ".as-card"],
];
const STORY = /^(Story|经过)$/;

/** What axe finds, one line a rule and place. */
async function violations(page) {
  // Colours are judged when they have arrived.
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished)));
  await page.evaluate(AXE);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      resultTypes: ["violations"],
      rules: { "target-size": { enabled: true } },
    }),
  );
  expect(result.passes.length, "axe looked at something").toBeGreaterThan(5);
  // The points of a curve stand where their values are, however close that is.
  const essential = (rule, node) =>
    rule.id === "target-size" && node.html.includes('class="as-knob');
  return result.violations.flatMap((rule) =>
    rule.nodes
      .filter((node) => !essential(rule, node))
      .map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.html}`),
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
      for (const [scene, view] of SCENES) {
        await reader.scenario(scene);
        await expect(reader.page.locator(view)).toBeVisible();
        expect(await violations(reader.page), view).toEqual([]);
      }
      // The other panel, a comparison, the help, and a notice.
      await reader.see.getByRole("button", { name: STORY }).click();
      await reader.see.locator(".tab-icon").click();
      await expect(reader.page.locator(".cmp-head")).toBeVisible();
      expect(await violations(reader.page), "compare and story").toEqual([]);
      await reader.page.evaluate(() => document.activeElement?.blur());
      await reader.page.keyboard.press("?");
      await expect(reader.page.getByRole("dialog")).toBeVisible();
      expect(await violations(reader.page), "help").toEqual([]);
      await reader.page.keyboard.press("Escape");
      await reader.write("kind: Pod\nspec: [\n");
      await expect(reader.findings).toBeVisible();
      expect(await violations(reader.page), "with findings").toEqual([]);
      report(`axe violations, ${theme}, ${lang}`, 0);
    });
  }
}

test("axe: embeds", async ({ visitor }) => {
  const reader = await visitor({ viewport: { width: 860, height: 420 } });
  for (const [scene] of SCENES) {
    await reader.open(`?embed=timeline${scene}`);
    await expect(reader.scrubber).toBeVisible();
    expect(await violations(reader.page), scene).toEqual([]);
  }
  for (const frame of ["split", "console"]) {
    await reader.open(`?embed=${frame}${SCENES[0][0]}`);
    await expect(reader.scrubber).toBeVisible();
    // The page stands when its editor has come, as for `stands`.
    if (frame === "split") await expect(reader.editor).toBeVisible();
    expect(await violations(reader.page), frame).toEqual([]);
  }
});

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
  for (const [scene, view] of SCENES) {
    await phone.open(scene);
    await phone.showPicture();
    await expect(phone.page.locator(view)).toBeVisible();
    expect(await violations(phone.page), view).toEqual([]);
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`more contrast, ${colorScheme}`, async ({ visitor }) => {
    const reader = await visitor({ colorScheme, contrast: "more" });
    for (const [scene, view] of SCENES) {
      await reader.scenario(scene);
      await expect(reader.page.locator(view)).toBeVisible();
      expect(await violations(reader.page), view).toEqual([]);
    }
    const ink = await reader.page.evaluate(() => getComputedStyle(document.body).color);
    expect(ink).toBe(colorScheme === "light" ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)");
  });

  test(`forced colours, ${colorScheme}: what a background says is still said`, async ({
    visitor,
  }) => {
    const reader = await visitor({ colorScheme, forcedColors: "active" });
    await reader.scenario(SCENES[0][0]);
    const drawn = await reader.page.evaluate(() => {
      const of = (what, pseudo) => getComputedStyle(document.querySelector(what), pseudo);
      return {
        ink: of("body").color,
        paper: of("body").backgroundColor,
        tab: of(".tab.on", "::after").backgroundColor,
        words: of(".picture .tl-sheet svg text").fill,
        done: of(".picture .tl-rdy").fill,
      };
    });
    expect(drawn.paper).not.toBe(drawn.ink);
    expect(drawn.tab, "the chosen tab is underlined").toBe(drawn.ink);
    expect([drawn.words, drawn.done], "the picture shows").not.toContain(drawn.paper);
  });
}
