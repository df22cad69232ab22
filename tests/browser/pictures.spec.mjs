// What only an eye had found: places that jumped, words that were hidden, views that a small page
// did not show.

import { expect, test } from "./podarium.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Six containers and names as long as a name may be. */
const MANY = `apiVersion: v1
kind: Pod
metadata:
  name: many
spec:
  initContainers:
  - name: wait-for-the-database-that-takes-its-time-to-come-up-every-day
    image: busybox
    command: [sleep, "1"]
  containers:
  - {name: web, image: nginx}
${["one", "two", "three", "four", "five"]
  .map((name) => `  - {name: ${name}, image: busybox, command: [sleep, "3600"]}\n`)
  .join("")}`;

/** Opens a text on a phone as pasting it into the start page does. */
async function given(podarium, text) {
  await podarium.gallery();
  await podarium.page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    const what = { clipboardData: data, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new ClipboardEvent("paste", what));
  }, text);
  await expect(podarium.views).toHaveCount(4);
}

test("an edit moves nothing under the answer, and says that it was before", async ({
  podarium,
}) => {
  await podarium.scenario("#g=exit-1@1");
  const answer = podarium.see.getByText(/The kubelet waits 10, 20, 40/).last();
  const question = podarium.see.getByRole("heading", { name: /^Why is crash/ });
  await expect(answer).toBeVisible();
  await expect(podarium.see.getByText("before your edit").last()).toBeHidden();
  const before = await question.boundingBox();
  await podarium.editor.focus();
  await podarium.page.keyboard.press("ControlOrMeta+End");
  await podarium.page.keyboard.type("# mine");
  await expect(podarium.see.getByText("before your edit").last()).toBeVisible();
  await expect(answer).toBeVisible();
  expect((await question.boundingBox()).y).toBe(before.y);
  await podarium.page.keyboard.press("ControlOrMeta+z");
  await expect(podarium.see.getByText("before your edit").last()).toBeHidden();
  expect((await question.boundingBox()).y).toBe(before.y);
});

test("phone: kubectl describe opens at its Events", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await phone.open("#g=exit-137s@2");
  await expect(phone.scrubber).toBeVisible();
  await phone.show("kubectl");
  const terminal = phone.page.locator("#term");
  await expect(terminal).toContainText("Events:");
  const below = () =>
    terminal.evaluate((one) => one.scrollHeight - one.clientHeight - one.scrollTop);
  await expect.poll(below).toBeLessThan(2);
  expect(await terminal.evaluate((one) => one.scrollTop)).toBeGreaterThan(200);
});

test("phone: the tab of the picture is called what it shows", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await phone.open("#g=rollout-loses@1");
  await expect(phone.views).toHaveText(["Story", "Termination", "YAML", "kubectl"]);
  await phone.showPicture();
  await expect(phone.page.locator(".tm-sheet svg")).toBeVisible();
  await phone.page.getByRole("button", { name: "Timeline" }).first().tap();
  await expect(phone.views).toHaveText(["Story", "Timeline", "YAML", "kubectl"]);
});

test("phone: a text that is refused is shown, and what is wrong with it", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await given(phone, MANY.replace("name: web,", "name: Web_1,"));
  await expect(phone.editor).toBeVisible();
  await expect(phone.findings).toContainText("Invalid value");
  await phone.show("Story");
  await expect(phone.see).toContainText("An API server would refuse this text");
});

test("phone: shown to a room there is the picture, and nothing beside it", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await phone.open("#g=hpa-load@1");
  await expect(phone.scrubber).toBeVisible();
  await phone.page.keyboard.press("p");
  await expect(phone.page.locator(".as-card")).toBeVisible();
  await expect(phone.page.locator(".bnav")).toBeHidden();
  await expect(phone.page.locator(".mini")).toBeHidden();
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  await phone.page.keyboard.press("Escape");
  await expect(phone.page.locator(".bnav")).toBeVisible();
});

test("phone: columns that do not fit are wide enough to be read", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await given(phone, MANY);
  await phone.showPicture();
  await phone.page.getByRole("button", { name: "Anatomy" }).first().tap();
  const texts = phone.page.locator(".an-sheet svg text");
  await expect(texts.first()).toBeAttached();
  const words = await texts.evaluateAll((all) => all.map((one) => one.firstChild?.textContent));
  const commands = words.filter((text) => text?.startsWith("sle"));
  expect(commands, "none is cut").toEqual(Array(5).fill("sleep 3600"));
});

test("phone: the chosen point of view is in view among long names", async ({ visitor }) => {
  const phone = await visitor(PHONE);
  await given(phone, MANY);
  await phone.showPicture();
  await phone.page.getByRole("button", { name: "Processes" }).first().tap();
  const chosen = phone.page.locator('.pr-points [aria-pressed="true"]');
  await expect(chosen).toHaveText("web");
  const inside = async () => {
    const box = await chosen.boundingBox();
    return box.x >= 0 && box.x + box.width <= 390;
  };
  await expect.poll(inside).toBe(true);
});

test("the cursor stands over both tracks of a termination", async ({ podarium }) => {
  await podarium.scenario("#g=term-ignored@1");
  const cursor = podarium.page.locator(".tm-cursor");
  await expect(cursor).toHaveCount(1);
  const before = (await cursor.boundingBox()).x;
  await podarium.page.locator("#picture").focus();
  for (let second = 0; second < 5; second += 1) {
    await podarium.page.keyboard.press("Shift+ArrowRight");
  }
  const ticks = podarium.page.locator(".tm-sheet text").filter({ hasText: /^\+(5|10) s$/ });
  const [five, ten] = await ticks.evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect().x + one.getBoundingClientRect().width / 2));
  // Five seconds are as wide as the axis says.
  expect((await cursor.boundingBox()).x - before).toBeCloseTo(ten - five, 0);
  await podarium.scrub(0);
  await expect(cursor).toHaveCount(0);
});

test("what an embed says is about the Pod that it shows", async ({ podarium }) => {
  await podarium.open("?embed=termination#g=rollout-loses@1");
  const chosen = podarium.page.locator(".tm-head option:checked");
  await expect(chosen).toHaveText(/shop-\w+-\w+$/);
  const pod = (await chosen.textContent()).split("-").at(-1);
  await expect(podarium.page.locator(".caption")).toContainText(pod);
});

test("an embed's text can be reached before the editor has come", async ({ podarium }) => {
  const { page } = podarium;
  let come;
  const late = new Promise((resolve) => (come = resolve));
  await page.route("**/vendor/editor.js*", async (route) => {
    await late;
    await route.continue();
  });
  await podarium.open("?embed=split#g=exit-1@1");
  const lines = page.getByRole("group", { name: podarium.words.editor });
  await expect(lines).toContainText("name: crash");
  let reached = false;
  for (let step = 0; step < 16 && !reached; step += 1) {
    await page.keyboard.press("Tab");
    reached = await lines.evaluate((one) => one === document.activeElement);
  }
  expect(reached, "by keyboard").toBe(true);
  come();
  await expect(podarium.editor).toBeFocused();
});
