// The first question of the gallery, answered on a keyboard; and the answers of all others.

import { expect, test } from "./podarium.mjs";

/** Presses Tab until what a locator finds has the focus; says whether it ever had. */
async function tabTo(page, wanted, most = 80) {
  for (let i = 0; i < most; i += 1) {
    if (await wanted.evaluate((one) => one === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  await expect(wanted, "Tab leads there").toBeFocused();
}

test("keyboard alone: a rollout loses requests, a preStop sleep saves them", async ({
  podarium,
}) => {
  await podarium.gallery();
  const { page } = podarium;
  await page.mouse.move(0, 0);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("drop a few");
  const card = page.locator('a.card[href^="#g=rollout-loses@"]');
  await expect(page.locator("a.card")).toHaveCount(1);
  await tabTo(page, card);
  await page.keyboard.press("Enter");
  await podarium.stands();

  // It opens where the question is answered: how many were lost, and why.
  const verdict = podarium.see.locator(".tm-verdict");
  await expect(verdict).toContainText(/Race lost: [1-9]\d* requests? in/);
  await expect(podarium.see.locator(".pane .answer")).toContainText("preStop: sleep 5");

  // The hook, typed below the image; each line goes in by itself.
  await page.keyboard.press("e");
  await expect(podarium.editor).toBeFocused();
  await page.keyboard.press("ControlOrMeta+Home");
  const line = (await podarium.text()).split("\n").findIndex((one) => one.includes("image:"));
  for (let i = 0; i < line; i += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  for (const words of ["", "lifecycle:", "preStop:", "sleep:"]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
  }
  await page.keyboard.type("seconds: 5");
  await expect.poll(() => podarium.text()).toContain(`        image: nginx:1.26
        lifecycle:
          preStop:
            sleep:
              seconds: 5
        readinessProbe:`);
  await expect(verdict).toContainText("Race won: no request lost");
  // What was said of the text as it was stays where it is, and says so.
  await expect(podarium.see.locator(".pane .answer")).toContainText("before your edit");
  await expect(podarium.findings).toHaveCount(0);

  // Out of the editor, and the other way: the slider writes the same field.
  await page.keyboard.press("Escape");
  const slider = page.getByRole("slider", { name: "preStop.sleep.seconds" });
  await tabTo(page, slider);
  await expect(slider).toHaveValue("5");
  await page.keyboard.press("Home");
  await expect(verdict).toContainText("Race lost");
  await expect(podarium.editor).toContainText("seconds: 0");
  for (let i = 0; i < 5; i += 1) await page.keyboard.press("ArrowRight");
  await expect(verdict).toContainText("Race won: no request lost");
  await expect(podarium.editor).toContainText("seconds: 5");
});

test("every scenario says its answer, and its fields lead into the text", async ({
  visitor,
}) => {
  test.setTimeout(240_000);
  for (const lang of ["en", "zh"]) {
    const reader = await visitor({ lang });
    await reader.gallery();
    const links = reader.page.locator('a.card[href^="#g="]');
    const hrefs = [...new Set(await links.evaluateAll((all) => all.map((one) => one.hash)))];
    expect(hrefs.length).toBeGreaterThan(55);
    for (const href of hrefs) {
      await reader.open(href);
      const answer = reader.see.locator(".pane .answer");
      await expect(answer, href).toBeVisible();
      expect((await answer.innerText()).length, href).toBeGreaterThan(20);
      await expect(answer.locator(".wy-field").first(), href).toBeVisible();
    }
    await reader.scenario("#g=startup-never@1");
    await reader.see.locator(".pane .answer").getByRole("button", { name: "path" }).click();
    await expect(reader.page.locator(".cm-content")).toBeFocused();
    const selected = await reader.page.evaluate(() => getSelection().toString());
    expect(selected).toBe("path");
  }
});
