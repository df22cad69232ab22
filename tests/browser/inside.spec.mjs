// Anatomy and Processes: what is inside a Pod, at the cursor.

import { TWO, expect, test } from "./podarium.mjs";

const ZOMBIES = `apiVersion: v1
kind: Pod
metadata: {name: lost}
spec:
  containers:
  - {name: app, image: "busybox:1.28", command: [zombie]}
`;

/** Chooses a picture by its tab. */
async function choose(podarium, name) {
  const tab = podarium.page.getByRole("button", { name, exact: true });
  await tab.click();
  await expect(tab).toHaveAttribute("aria-pressed", "true");
}

test("the seating chart merges a row when the switch writes the field", async ({ podarium }) => {
  const { page } = podarium;
  await podarium.paste(TWO);
  await expect(podarium.see).toContainText("pair");
  await podarium.scrub(1);
  await choose(podarium, "Anatomy");
  const chart = page.getByRole("img", { name: /^Seating chart of pair/ });
  await expect(chart).toBeVisible();
  const wide = chart.locator(".an-wide");
  const before = await wide.count();
  const share = page.getByRole("switch");
  await expect(share).toHaveAttribute("aria-checked", "false");
  await share.click();
  await expect(podarium.editor).toContainText("shareProcessNamespace: true");
  await expect(share).toHaveAttribute("aria-checked", "true");
  await expect(wide).toHaveCount(before + 1);
  await share.click();
  await expect(podarium.editor).not.toContainText("shareProcessNamespace");
  await expect(wide).toHaveCount(before);
});

test("a cell types the command that shows it", async ({ podarium }) => {
  await podarium.paste(TWO);
  await expect(podarium.see).toContainText("pair");
  await podarium.scrub(1);
  await choose(podarium, "Anatomy");
  const cell = podarium.page.getByRole("button", { name: /Type kubectl exec pair .* -- / });
  const name = await cell.first().getAttribute("aria-label");
  await cell.first().click();
  await expect(podarium.page.locator(".kubectl")).toContainText(name.replace("Type ", ""));
});

test("the table of processes has a tab for each point of view", async ({ podarium }) => {
  const { page } = podarium;
  await podarium.paste(ZOMBIES);
  await expect(podarium.see).toContainText("lost");
  await podarium.scrub(1);
  await choose(podarium, "Processes");
  const rows = page.getByRole("table").getByRole("row");
  await expect(rows).toHaveCount(4);
  await expect(page.locator("tr.zombie")).toHaveCount(2);
  const views = page.getByRole("group", { name: "Point of view" }).getByRole("button");
  await views.last().click();
  await expect(page.getByRole("table")).toContainText("/usr/bin/kubelet");
});

test("numbers choose pictures, and a link keeps which", async ({ podarium }) => {
  const { page } = podarium;
  await podarium.scenario("#g=two-containers@1&t=12&v=processes");
  await expect(page.getByRole("table")).toBeVisible();
  await page.locator("h1").first().evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("2");
  await expect(page.getByRole("switch")).toBeVisible();
  await page.keyboard.press("1");
  await expect(page.locator(".tl-sheet")).toBeVisible();
});

test("a picture that would be empty says why, in both languages", async ({ visitor }) => {
  const said = { en: "HorizontalPodAutoscaler", zh: "没有" };
  for (const lang of ["en", "zh"]) {
    const reader = await visitor({ lang });
    await reader.scenario("#g=two-containers@1");
    const faint = reader.page.locator(".tab.faint");
    await expect(faint.first()).toHaveAttribute("title", new RegExp(said[lang]));
    await expect(faint.first()).toHaveAttribute("aria-disabled", "true");
  }
});

test("on a phone the row of pictures has no cut label", async ({ visitor }) => {
  const phone = await visitor({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.open("#g=two-containers@1&t=12&v=anatomy");
  await expect(phone.scrubber).toBeVisible();
  await phone.show("Anatomy");
  await expect(phone.page.getByRole("switch")).toBeVisible();
  const tabs = await phone.page.locator(".tab").all();
  for (const tab of tabs) {
    await tab.scrollIntoViewIfNeeded();
    const box = await tab.boundingBox();
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
  }
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
});
