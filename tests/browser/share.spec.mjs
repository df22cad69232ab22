// The address holds everything; whoever opens it sees the same; nobody loses their own text.

import { readFile } from "node:fs/promises";

import { CRASH, TWO, expect, test } from "./podarium.mjs";

const fragment = (podarium) => new URL(podarium.page.url()).hash;

test("a copied link opens the same text and moment in a clean profile", async ({ visitor }) => {
  const author = await visitor();
  await author.paste(CRASH);
  await expect(author.see).toContainText("falling");
  await author.scrub(0.4);
  const [place, moment] = [await author.place(), await author.moment()];
  await author.page.getByRole("button", { name: author.words.copy }).click();
  await expect(author.page.getByRole("button", { name: author.words.copied })).toBeVisible();
  const link = await author.page.evaluate(() => navigator.clipboard.readText());
  expect(link.startsWith(author.host), link).toBe(true);
  expect(link.length, "short enough for any chat").toBeLessThan(2_000);

  const reader = await visitor();
  await reader.page.goto(link);
  await reader.stands();
  await expect(reader.see).toContainText("falling");
  expect(await reader.text()).toBe(await author.text());
  expect(await reader.moment()).toBe(moment);
  expect(await reader.place()).toBe(place);
});

test("Ctrl+S copies the link, also while typing", async ({ podarium }) => {
  await podarium.paste(TWO);
  await expect(podarium.see).toContainText("pair");
  await podarium.editor.focus();
  await podarium.page.keyboard.press("ControlOrMeta+s");
  const copied = () => podarium.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toContain(`${podarium.host}#`);
});

test("the address is always current, so reloading loses nothing", async ({ podarium }) => {
  await podarium.paste(TWO);
  await expect(podarium.see).toContainText("pair");
  const before = fragment(podarium);
  await podarium.write(CRASH);
  await expect.poll(() => fragment(podarium)).not.toBe(before);
  await podarium.scrub(0.3);
  const place = await podarium.place();
  await expect.poll(() => fragment(podarium)).toMatch(/[#&]t=/);
  // The address follows a moment later than the cursor.
  await expect
    .poll(async () => {
      const other = await podarium.page.context().newPage();
      await other.goto(podarium.page.url());
      const scrubber = other.getByRole("slider", { name: podarium.words.scrub, exact: true });
      await expect(scrubber).toBeVisible();
      const value = Number(await scrubber.inputValue());
      await other.close();
      return value;
    })
    .toBe(place);
  await podarium.page.reload();
  await podarium.stands();
  await expect(podarium.see).toContainText("falling");
  expect(await podarium.place()).toBe(place);
});

test("a link to the gallery holds only what was changed", async ({ podarium }) => {
  await podarium.gallery();
  await podarium.page.locator('a[href^="#g="]').first().click();
  await podarium.stands();
  const untouched = fragment(podarium);
  expect(untouched).toMatch(/^#g=[a-z0-9-]+@\d+/);
  expect(untouched.length).toBeLessThan(60);
});

test("a damaged link says so and shows what could be read", async ({ visitor }) => {
  const author = await visitor();
  await author.paste(TWO);
  await expect(author.see).toContainText("pair");
  await expect.poll(() => fragment(author)).toMatch(/[#&]d=/);
  const whole = fragment(author);
  const payload = /[#&]d=([^&]+)/.exec(whole)[1];

  const cut = await visitor();
  await cut.open(whole.replace(payload, payload.slice(0, Math.floor(payload.length * 0.7))));
  await expect(cut.page.getByText(cut.words.damaged)).toBeVisible();
  await expect(cut.editor).toContainText("apiVersion");

  for (const junk of ["#d=1!!!!", "#d=9AAAA", "#g=no-such-scenario@1", "#d=", "#t=x&f=&&=", "#%"]) {
    const reader = await visitor();
    await reader.open(junk);
    await expect(reader.page.getByText(reader.words.damaged)).toBeVisible();
  }
});

test("a shared link never takes the place of one's own draft", async ({ visitor }) => {
  const author = await visitor();
  await author.paste(CRASH);
  await expect(author.see).toContainText("falling");
  await author.page.getByRole("button", { name: author.words.copy }).click();
  await expect(author.page.getByRole("button", { name: author.words.copied })).toBeVisible();
  const link = await author.page.evaluate(() => navigator.clipboard.readText());

  const reader = await visitor();
  await reader.paste(TWO.replace("pair", "my-own"));
  await expect(reader.see).toContainText("my-own");
  // Within the same page, and after a fresh start.
  await reader.page.goto(link);
  await reader.page.reload();
  await reader.stands();
  await expect(reader.see).toContainText("falling");
  await reader.gallery();
  await reader.page.reload();
  await expect(reader.page.getByText(reader.words.yourEdits).first()).toBeVisible();
  await reader.page.getByText("my-own").first().click();
  await reader.stands();
  await expect(reader.editor).toContainText("name: my-own");
});

test("a scenario leaves as text, as an embed and as a picture that opens it again", async ({
  visitor,
}) => {
  const author = await visitor();
  const { page, words } = author;
  await author.paste(CRASH);
  await expect(author.see).toContainText("falling");
  await author.scrub(0.4);
  const moment = await author.moment();
  const choose = async (name) => {
    await page.getByRole("button", { name: words.copyAs }).click();
    await page.getByRole("button", { name, exact: true }).click();
  };
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await choose(words.form.iframe);
  await expect.poll(copied).toMatch(/^<iframe src="[^"]*\?embed=timeline#d=[^"]*" title="Pod fal/);
  await choose(words.form.markdown);
  await expect.poll(copied).toMatch(/^\[Pod falling\]\(http/);
  await choose(words.form.text);
  await expect.poll(copied).toMatch(/falling[^]*\nhttp[^\n]*\n$/);

  const saved = async (name) => {
    const coming = page.waitForEvent("download");
    await choose(name);
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^podarium-Pod-falling-\d+s\.(svg|png)$/);
    return readFile(await download.path());
  };
  const png = await saved("PNG ↓");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  // Twice the 1,200 units of the drawing.
  expect(png.readUInt32BE(16)).toBe(2_400);
  const svg = (await saved("SVG ↓")).toString();
  expect(svg).toContain("--ready:");

  const reader = await visitor();
  await reader.gallery();
  await reader.page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "picture.svg", { type: "image/svg+xml" }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  }, svg);
  await reader.stands();
  await expect(reader.see).toContainText("falling");
  expect(await reader.moment()).toBe(moment);
});
