// On a phone, below a path, with a keyboard alone, with more type.

import { CRASH, TWO, expect, test } from "./podarium.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Nothing stands beyond the right edge, and the page does not scroll sideways. */
async function fits(podarium) {
  const width = await podarium.page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(width[0], "no sideways scrolling").toBeLessThanOrEqual(width[1]);
}

test("phone: gallery, story, timeline, YAML and kubectl", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await phone.gallery();
  await fits(phone);
  await phone.page.locator('a[href^="#g="]').first().tap();
  await expect(phone.scrubber).toBeVisible();
  await fits(phone);
  await expect(phone.views).toHaveCount(4);
  for (const name of ["Timeline", "YAML", "kubectl", "Story"]) {
    await phone.show(name);
    await fits(phone);
  }
  const small = await phone.page
    .getByRole("link")
    .or(phone.page.getByRole("button"))
    .filter({ visible: true })
    .evaluateAll((all) =>
      all
        .map((one) => [
          one.getBoundingClientRect(),
          one.getAttribute("aria-label") ?? one.innerText,
        ])
        .filter(([box]) => box.width < 24 || box.height < 24)
        .map(([box, name]) => `${name}: ${Math.round(box.width)}×${Math.round(box.height)}`),
    );
  expect(small, "targets are 24 px at least").toEqual([]);
});

test("phone: an edit shows in the story", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await phone.gallery();
  await phone.page.getByText(phone.words.paste).first().tap();
  await phone.show("YAML");
  await expect(phone.editor).toBeVisible();
  await phone.write(CRASH);
  await phone.show("Story");
  const story = phone.page.getByRole("region", { name: "Story" });
  await expect(story).toContainText(/exit\w*\s+(code\s+)?3/i);
  await expect(story).toBeVisible();
});

test("keyboard alone: from the gallery through time to the editor and out", async ({
  podarium,
}) => {
  await podarium.gallery();
  const { page } = podarium;
  const focused = () =>
    page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      const name = one.getAttribute("aria-label") ?? one.textContent.trim().slice(0, 30);
      return { name, href: one.getAttribute("href"), ring: ring || style.boxShadow !== "none" };
    });
  let found = false;
  for (let i = 0; i < 60 && !found; i += 1) {
    await page.keyboard.press("Tab");
    const { name, href, ring } = await focused();
    expect(ring, `${name} shows that it has the focus`).toBe(true);
    found = /^#g=/.test(href ?? "");
  }
  expect(found, "a card can be reached").toBe(true);
  await page.keyboard.press("Enter");
  await podarium.stands();

  await page.keyboard.press("Home");
  await expect.poll(() => podarium.place()).toBe(0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => podarium.place()).toBeGreaterThan(0);
  const third = await podarium.place();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => podarium.place()).toBeLessThan(third);
  await page.keyboard.press("End");
  await expect
    .poll(() => podarium.scrubber.evaluate((input) => Number(input.max) - Number(input.value)))
    .toBe(0);

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.keyboard.press("e");
  await expect(podarium.editor).toBeFocused();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.type("# e c ? 0 - +");
  await expect(podarium.editor).toContainText("# e c ? 0 - +");
  // Out of the editor, which keeps Tab for itself.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(podarium.editor).not.toBeFocused();
});

test("reduced motion: play steps from entry to entry", async ({ visitor }) => {
  const calm = await visitor({ reducedMotion: "reduce" });
  await calm.paste(TWO);
  await expect(calm.see).toContainText("pair");
  const moving = await calm.page.evaluate(
    () => document.getAnimations().filter((one) => one.playState === "running").length,
  );
  expect(moving).toBe(0);
  await calm.scrub(0);
  await calm.page.getByRole("button", { name: calm.words.play, exact: true }).click();
  await expect.poll(() => calm.place()).toBeGreaterThan(0);
});

test("twice the type: nothing is lost at the side", async ({ visitor }) => {
  // A window of 1440 px at 200 % has 720 px of its own.
  const close = await visitor({ viewport: { width: 720, height: 450 } });
  await close.gallery();
  await fits(close);
  await close.page.locator('a[href^="#g="]').first().click();
  await expect(close.scrubber).toBeVisible();
  await fits(close);
});

test("shown to a room: larger, with what it says, and nothing beside it", async ({ podarium }) => {
  await podarium.scenario("#g=startup-never@1&t=20");
  const { page } = podarium;
  const size = async () => (await podarium.picture.locator("text").first().boundingBox()).height;
  const before = await size();
  await podarium.scrubber.focus();
  await page.keyboard.press("p");
  await expect(podarium.editor).toBeHidden();
  await expect(page.locator(".caption")).toContainText("Startup probe");
  await expect.poll(size).toBeGreaterThan(before * 1.3);
  // What one points at is what one hits, at any size.
  const box = await podarium.picture.boundingBox();
  const at = async (part) => {
    await page.mouse.click(box.x + box.width * part, box.y + 30);
    const line = await page.locator(".tl-cursor").first().boundingBox();
    expect(Math.abs(line.x + line.width / 2 - (box.x + box.width * part))).toBeLessThan(3);
  };
  await at(0.3);
  await at(0.45);
  const there = await podarium.place();
  await page.keyboard.press("ArrowRight");
  expect(await podarium.place()).toBeGreaterThan(there);
  await page.keyboard.press("Escape");
  await expect(podarium.editor).toBeVisible();
});

test("an embedded scenario starts without the page around it", async ({ podarium }) => {
  await podarium.gallery();
  const href = await podarium.page.locator('a[href^="#g="]').first().getAttribute("href");
  await podarium.open(`?embed=timeline${href}`);
  await expect(podarium.scrubber).toBeVisible();
  await expect(podarium.editor).toHaveCount(0);
});

test("an embed plays from its beginning, goes back to its poster and tells its height", async ({
  visitor,
}) => {
  const host = await visitor();
  const { page } = host;
  // A page around it, of the same origin so that the test may look inside.
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await host.open("vendor/LICENSES.txt");
  await page.evaluate((src) => {
    window.heard = [];
    addEventListener("message", ({ data }) => data?.podarium === 1 && window.heard.push(data));
    document.body.innerHTML =
      '<div style="height:100vh;overflow:auto" id="page"><iframe title="scene" width="640"' +
      ` height="420" src="${src}"></iframe><div style="height:3000px"></div></div>`;
  }, `${host.host}?embed=timeline#g=startup-never@1&t=177`);
  const frame = page.frameLocator("iframe");
  const scrubber = frame.getByRole("slider", { name: host.words.scrub, exact: true });
  await expect(scrubber).toHaveValue("1770");
  await expect(frame.getByRole("heading", { level: 1 })).toHaveText("Startup probe never passes");
  await expect(frame.locator(".caption")).not.toBeEmpty();

  const heard = (type) =>
    page.evaluate((kind) => window.heard.filter((one) => one.type === kind), type);
  expect(await heard("ready")).toHaveLength(1);
  await expect.poll(async () => (await heard("size")).length).toBeGreaterThan(0);
  const { height } = (await heard("size")).at(-1);
  expect(height).toBeGreaterThan(200);
  await page.locator("iframe").evaluate((one, to) => one.setAttribute("height", to), height);
  const hidden = () =>
    frame.locator(".picture").evaluate((one) => one.scrollHeight - one.clientHeight);
  await expect.poll(hidden, "at that height nothing has to scroll").toBeLessThanOrEqual(0);

  // The plain wheel belongs to the page around it.
  await page.mouse.move(300, 200);
  await page.mouse.wheel(0, 240);
  const scrolled = () => page.locator("#page").evaluate((one) => one.scrollTop);
  await expect.poll(scrolled).toBeGreaterThan(0);
  await page.locator("#page").evaluate((one) => one.scrollTo(0, 0));
  await expect(scrubber).toHaveValue("1770");

  await frame.getByRole("button", { name: host.words.play, exact: true }).click();
  await frame.getByRole("button", { name: host.words.pause, exact: true }).click();
  expect(Number(await scrubber.inputValue())).toBeLessThan(1_000);
  await frame.getByRole("button", { name: "Reset" }).click();
  await expect(scrubber).toHaveValue("1770");
  const open = frame.getByRole("link", { name: "Open" });
  await expect(open).toHaveAttribute("href", /#g=startup-never@1&t=177/);
  await expect(open).toHaveAttribute("target", "_blank");
});

/** What stands beyond the window, or beyond a box that does not scroll. */
const lost = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways");
    for (const one of document.querySelectorAll(".picture, .sheet, .wall, .pane, .do")) {
      if (one.scrollWidth > one.clientWidth + 1) found.push(`${one.className} scrolls sideways`);
    }
    const chosen = document.querySelector(".tabs .tab.on");
    if (chosen?.checkVisibility() && chosen.getBoundingClientRect().right > width) {
      found.push("the chosen picture's tab is out of view");
    }
    // A terminal, an editor and a row of tabs scroll; so does a chart with many columns.
    const scrolls = ".term, .cm-editor, pre, .sr, .tabs, .seg, .offers, .an-scroll, .pr-box, svg";
    for (const one of document.querySelectorAll("button, a, h1, h2, p, label, select, li, span")) {
      if (one.closest(scrolls) || !one.checkVisibility({ visibilityProperty: true })) continue;
      const box = one.getBoundingClientRect();
      const words = one.textContent.slice(0, 40);
      if (box.width > 0 && box.right > width + 1) found.push(`beyond the window: ${words}`);
      const hides = getComputedStyle(one).overflowX !== "visible";
      const cut = hides && one.children.length === 0 && one.scrollWidth > one.clientWidth + 1;
      // The title of a scenario gives way to the buttons beside it, and stands in its menu too.
      if (cut && !one.closest(".chooser")) found.push(`cut: ${words}`);
    }
    return [...new Set(found)].slice(0, 9);
  });

const LONG = "a-name-that-is-as-long-as-names-of-pods-may-be-and-then-some-more";
const CROWD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: crowd}
spec:
  replicas: 200
  selector: {matchLabels: {app: crowd}}
  template:
    metadata: {labels: {app: crowd}}
    spec:
      containers: [{name: web, image: "nginx:1.27"}]
`;

for (const [width, height] of [
  [360, 740], [390, 844], [768, 1024], [1100, 800], [1440, 900], [2560, 1440], [720, 450],
]) {
  test(`nothing is lost at ${width} × ${height}`, async ({ visitor }) => {
    test.setTimeout(180_000);
    const phone = width < 720 ? { hasTouch: true, isMobile: true } : {};
    for (const lang of ["en", "zh"]) {
      const podarium = await visitor({ lang, viewport: { width, height }, ...phone });
      const { page } = podarium;
      const tabs = page.locator(".bnav button");
      await podarium.gallery();
      expect(await lost(page), "gallery").toEqual([]);
      for (const scene of [
        "exit-137s@1", "two-containers@1", "sidecar-order@1&v=anatomy", "shared-pid@1",
        "rollout-loses@1", "hpa-late@1",
      ]) {
        await page.goto("about:blank");
        await podarium.open(`#g=${scene}`);
        await expect(podarium.scrubber).toBeVisible();
        const places = width < 720 ? [0, 1, 2, 3] : [0];
        for (const place of places) {
          if (width < 720) await tabs.nth(place).tap();
          expect(await lost(page), `${lang}, ${scene}, ${place}`).toEqual([]);
        }
      }
    }
    const podarium = await visitor({ viewport: { width, height }, ...phone });
    for (const text of [TWO.replace("pair", LONG), CROWD]) {
      await podarium.gallery();
      await podarium.page.evaluate((pasted) => {
        const data = new DataTransfer();
        data.setData("text/plain", pasted);
        const what = { clipboardData: data, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new ClipboardEvent("paste", what));
      }, text);
      await expect(podarium.scrubber).toBeVisible();
      for (const place of width < 720 ? [0, 1, 2, 3] : [0]) {
        if (width < 720) await podarium.page.locator(".bnav button").nth(place).tap();
        expect(await lost(podarium.page), `${text.slice(0, 40)}, ${place}`).toEqual([]);
      }
    }
  });
}
