// The timeline under a hand: zoom, pan, areas, two fingers, and lanes that are too many to draw.

import { expect, test } from "./podarium.mjs";

/** Nothing of it is folded: a place on its axis is a time, in proportion. */
const STEADY = "#g=never-ready@1&t=30&v=timeline";

const seconds = (label) => {
  const [minutes, rest] = label.split(":").map(Number);
  return minutes * 60 + rest;
};

/** The axis: where its labels stand, and the time of any place between. */
async function axis(podarium) {
  const labels = podarium.page.locator(".tl-tick");
  await expect(labels.first()).toBeVisible();
  const ticks = await labels.evaluateAll((all) =>
    all.map((one) => {
      const rect = one.getBoundingClientRect();
      return { x: rect.x + rect.width / 2, label: one.textContent };
    }),
  );
  const [first, last] = [ticks[0], ticks.at(-1)];
  const second = (last.x - first.x) / (seconds(last.label) - seconds(first.label));
  return { first, last, second, at: (x) => seconds(first.label) + (x - first.x) / second };
}

/** Where the plot lies. */
async function plot(podarium) {
  const box = await podarium.page.locator(".tl-sheet").boundingBox();
  const { first, last } = await axis(podarium);
  return { left: first.x, right: last.x, top: box.y, y: box.y + 150 };
}

const fit = (podarium) => podarium.page.getByRole("button", { name: "Fit" });

test("Ctrl and the wheel zoom around the pointer", async ({ podarium }) => {
  await podarium.scenario(STEADY);
  const { page } = podarium;
  const before = await axis(podarium);
  const { left, right, y } = await plot(podarium);
  const x = left + (right - left) * 0.4;
  await page.mouse.move(x, y);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -200);
  await page.keyboard.up("Control");
  await expect.poll(async () => (await axis(podarium)).second).toBeGreaterThan(before.second * 1.2);
  expect(Math.abs((await axis(podarium)).at(x) - before.at(x))).toBeLessThan(0.5);
  await expect(fit(podarium)).toBeEnabled();
  // The page itself is as large as before.
  expect(await page.evaluate(() => visualViewport.scale)).toBe(1);
});

test("the plain wheel scrolls the lanes and zooms nothing", async ({ podarium }) => {
  await podarium.scenario("#g=rollout-loses@1&v=timeline");
  const { page } = podarium;
  const before = await axis(podarium);
  const { left, y } = await plot(podarium);
  await page.mouse.move(left + 200, y);
  await page.mouse.wheel(0, 240);
  const picture = page.locator(".picture");
  await expect.poll(() => picture.evaluate((one) => one.scrollTop)).toBeGreaterThan(100);
  expect((await axis(podarium)).second).toBeCloseTo(before.second, 3);
  // The axis stays in view.
  await expect(page.locator(".tl-tick").first()).toBeInViewport();
});

test("keys zoom in, out and fit", async ({ podarium }) => {
  await podarium.scenario(STEADY);
  const { page } = podarium;
  const { second } = await axis(podarium);
  await page.locator("#picture").focus();
  await page.keyboard.press("+");
  await expect.poll(async () => (await axis(podarium)).second).toBeGreaterThan(second * 1.8);
  await page.keyboard.press("+");
  await expect.poll(async () => (await axis(podarium)).second).toBeGreaterThan(second * 3.5);
  await page.keyboard.press("-");
  await expect.poll(async () => (await axis(podarium)).second).toBeLessThan(second * 2.5);
  await page.keyboard.press("0");
  await expect.poll(async () => (await axis(podarium)).second).toBeCloseTo(second, 2);
  await expect(fit(podarium)).toBeDisabled();
});

test("arrows go from lane to lane and ask", async ({ podarium }) => {
  await podarium.scenario("#g=rollout-loses@1&t=17&v=timeline");
  const { page } = podarium;
  await page.locator("#picture").focus();
  await page.keyboard.press("Enter");
  const asked = new Set();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("ArrowDown");
    const ring = page.locator(".tl-asked");
    await expect(ring).toBeInViewport();
    asked.add(await podarium.see.locator(".wy-q").textContent());
  }
  expect(asked.size).toBeGreaterThan(5);
  await page.keyboard.press("ArrowUp");
  await expect(page.locator(".tl-asked")).toBeInViewport();
});

test("what is zoomed is panned by dragging, and by a wheel that turns sideways", async ({
  podarium,
}) => {
  await podarium.scenario(STEADY);
  const { page } = podarium;
  await page.locator("#picture").focus();
  await page.keyboard.press("+");
  await expect(fit(podarium)).toBeEnabled();
  const before = await axis(podarium);
  const { left, right, y } = await plot(podarium);
  const x = left + (right - left) * 0.75;
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let way = 10; way <= 120; way += 10) await page.mouse.move(x - way, y);
  await page.mouse.up();
  const dragged = await axis(podarium);
  // What was under the pointer has come along.
  expect(Math.abs(dragged.at(x - 120) - before.at(x))).toBeLessThan(1);
  expect(dragged.second).toBeCloseTo(before.second, 2);
  await page.mouse.wheel(-80, 0);
  await expect
    .poll(async () => (await axis(podarium)).at(x))
    .toBeLessThan(dragged.at(x) - 40 / dragged.second);
});

test("an area that is chosen with Shift comes into view", async ({ podarium }) => {
  await podarium.scenario(STEADY);
  const { page } = podarium;
  const before = await axis(podarium);
  const { left, right, top, y } = await plot(podarium);
  const [from, to] = [left + (right - left) * 0.3, left + (right - left) * 0.5];
  await page.keyboard.down("Shift");
  await page.mouse.move(from, y);
  await page.mouse.down();
  await page.mouse.move((from + to) / 2, y);
  await page.mouse.move(to, y);
  const area = await page.locator(".tl-area").boundingBox();
  expect(Math.abs(area.x - from) + Math.abs(area.x + area.width - to)).toBeLessThan(4);
  expect(area.y).toBeGreaterThan(top);
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(page.locator(".tl-area")).toHaveCount(0);
  const after = await axis(podarium);
  expect(after.second / before.second).toBeGreaterThan(4);
  expect(Math.abs(after.at(left) - before.at(from))).toBeLessThan(0.5);
  // A click with Shift chooses nothing.
  await page.keyboard.down("Shift");
  await page.mouse.click(from, y);
  await page.keyboard.up("Shift");
  expect((await axis(podarium)).second).toBeCloseTo(after.second, 2);
});

test("two fingers zoom", async ({ visitor }) => {
  const podarium = await visitor({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await podarium.open(STEADY);
  await podarium.show("Timeline");
  const before = await axis(podarium);
  const session = await podarium.page.context().newCDPSession(podarium.page);
  const { left, right, y } = await plot(podarium);
  const middle = (left + right) / 2;
  const fingers = (half) => [
    { x: middle - half, y, id: 1 },
    { x: middle + half, y: y + 20, id: 2 },
  ];
  const touch = (type, touchPoints) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints });
  await touch("touchStart", [fingers(30)[0]]);
  await touch("touchStart", fingers(30));
  for (let half = 34; half <= 70; half += 4) await touch("touchMove", fingers(half));
  await touch("touchEnd", []);
  await expect.poll(async () => (await axis(podarium)).second).toBeGreaterThan(before.second * 1.6);
  const near = await axis(podarium);
  expect(Math.abs(near.at(middle) - before.at(middle)), "the middle stays").toBeLessThan(1.5);
  expect(await podarium.moment(), "the cursor stays").toMatch(/^30/);

  // Two that move alike pan: what was between them is still between them.
  const cursor = () =>
    podarium.page.locator(".tl-cursor").evaluate((one) => one.getBoundingClientRect().x);
  const stood = await cursor();
  const shifted = (by) => fingers(60).map((finger) => ({ ...finger, x: finger.x + by }));
  await touch("touchStart", [shifted(0)[0]]);
  await touch("touchStart", shifted(0));
  for (let by = -5; by >= -40; by -= 5) await touch("touchMove", shifted(by));
  await touch("touchEnd", []);
  await expect.poll(async () => Math.abs((await cursor()) - (stood - 40))).toBeLessThan(4);

  // And back, until everything is in view again.
  await touch("touchStart", [fingers(90)[0]]);
  await touch("touchStart", fingers(90));
  for (let half = 85; half >= 20; half -= 5) await touch("touchMove", fingers(half));
  await touch("touchEnd", []);
  await expect.poll(async () => (await axis(podarium)).second).toBeCloseTo(before.second, 2);
  expect(await podarium.moment(), "the cursor stays").toMatch(/^30/);
  expect(await podarium.page.evaluate(() => visualViewport.scale)).toBe(1);
});

test("endpoints, routes and losses can be pointed at and asked about", async ({ podarium }) => {
  await podarium.scenario("#g=rollout-loses@1&v=timeline");
  const { page } = podarium;
  const losses = page.locator(".tl-lossb");
  await losses.first().scrollIntoViewIfNeeded();
  const wide = await losses.evaluateAll((all) =>
    all
      .map((one) => one.getBoundingClientRect().width)
      .reduce((widest, width, index, widths) => (width > widths[widest] ? index : widest), 0),
  );
  const box = await losses.nth(wide).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(page.locator(".tl-ring")).toBeVisible();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(podarium.see).toContainText(/Why: \d+ of \d+ requests to shop lost\?/);
  const route = page.locator(".tl-routed").first();
  await route.scrollIntoViewIfNeeded();
  const bar = await route.boundingBox();
  await page.mouse.click(bar.x + bar.width / 2, bar.y + 2);
  await expect(podarium.see).toContainText(/Why: Service shop sends requests to/);
});

test("of very many lanes those in view are drawn", async ({ podarium }) => {
  test.setTimeout(120_000);
  const nodes = [1, 2, 3, 4].map((n) => `    - {name: node${n}, images: ['nginx:1.26']}`);
  await podarium.paste(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 300
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: 'nginx:1.26'}]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: crowd}
spec:
  duration: 30s
  cluster:
    nodes:
${nodes.join("\n")}
`);
  const { page } = podarium;
  const sheet = page.locator(".tl-sheet");
  await expect(sheet).toContainText("300 Pods", { timeout: 60_000 });
  const box = await sheet.boundingBox();
  expect(box.height).toBeGreaterThan(300 * 13);
  const drawn = () => sheet.locator(".tl-lane").count();
  expect(await drawn()).toBeLessThan(200);
  const last = () =>
    sheet.evaluate((one) => {
      const lanes = [...one.querySelectorAll(".tl-lane")];
      return Math.max(...lanes.map((lane) => lane.getBoundingClientRect().bottom));
    });
  await page.locator(".picture").evaluate((one) => one.scrollTo(0, one.scrollHeight));
  // The last lane is there, and reaches the foot of the picture.
  await expect
    .poll(async () => {
      const { y, height } = await sheet.boundingBox();
      return y + height - (await last());
    })
    .toBeLessThan(60);
  expect(await drawn()).toBeLessThan(200);
});
