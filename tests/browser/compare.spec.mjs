// Two runs on one clock: the text is put aside, edited, compared, and one link carries both.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, test } from "./podarium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const begin = (podarium) => podarium.see.getByRole("button", { name: /^Compare: what is here/ });

/** Nine seconds become four. */
async function edit(podarium) {
  const number = podarium.editor.locator(".cm-number", { hasText: /^9$/ });
  await number.click();
  for (let step = 0; step < 5; step += 1) await podarium.page.keyboard.press("Alt+ArrowDown");
  await expect(podarium.editor).toContainText("seconds: 4");
}

test("A stays, B is what is edited, and the link holds both", async ({ podarium, visitor }) => {
  await podarium.scenario("#g=prestop-sleep@1&t=40");
  await begin(podarium).click();
  await expect(podarium.see).toContainText("A and B are the same text");
  await expect(podarium.page).toHaveURL(/&a=1.*v=compare/);
  const same = podarium.page.url();
  await edit(podarium);
  await expect(podarium.see.getByText(/ready \S+ = same · gone \S+ → \S+/)).toBeVisible();
  await expect(podarium.see).toContainText("− seconds: 9");
  await expect(podarium.see).toContainText("+ seconds: 4");
  await expect(podarium.see.getByRole("group", { name: "kubectl get pods in A" })).toBeVisible();
  await expect(podarium.see).toContainText(/lanes? alike/);
  // The address follows when the typing has come to rest.
  await expect
    .poll(async () => {
      const seen = podarium.page.url();
      await podarium.page.waitForTimeout(1_000);
      return seen !== same && seen === podarium.page.url();
    })
    .toBe(true);

  const other = await visitor();
  await other.scenario(new URL(podarium.page.url()).hash);
  await expect(other.see).toContainText("+ seconds: 4");
  await expect(other.editor).toContainText("seconds: 4");
  await other.see.getByRole("button", { name: "Compare: end it" }).click();
  await expect(other.see.getByRole("button", { name: "Timeline" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(other.page).not.toHaveURL(/&a=/);
});

for (const [name, options] of Object.entries({
  "light, en": { colorScheme: "light", lang: "en" },
  "dark, zh": { colorScheme: "dark", lang: "zh" },
})) {
  test(`axe: ${name}`, async ({ visitor, podarium }) => {
    await podarium.scenario("#g=prestop-sleep@1&t=40");
    await begin(podarium).click();
    await edit(podarium);
    // Both texts, the edited one too: the address follows a little later.
    await expect(podarium.page).toHaveURL(/&d=1.*&a=1.*v=compare/);
    const reader = await visitor(options);
    await reader.scenario(new URL(podarium.page.url()).hash);
    await expect(reader.page.locator(".cmp-terms")).toBeVisible();
    await reader.page.evaluate(AXE);
    const found = await reader.page.evaluate(() =>
      globalThis.axe.run(document, { resultTypes: ["violations"] }),
    );
    const faults = found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id} ${node.html}`),
    );
    expect(faults).toEqual([]);
  });
}
