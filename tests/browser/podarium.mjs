// The page as a visitor knows it: by roles and labels. Every test watches what visitors do not see:
// no error in the console, and no request beyond the page's own origin.

import { test as base, expect } from "@playwright/test";

export { expect };

/** Two containers that share a network: nothing surprising, ready within a few seconds. */
export const TWO = `apiVersion: v1
kind: Pod
metadata:
  name: pair
spec:
  containers:
  - name: web
    image: nginx:1.25
  - name: shell
    image: busybox
    command: [sh, -c, "sleep 3600"]
`;

/** A Pod that ends with an error again and again. */
export const CRASH = `apiVersion: v1
kind: Pod
metadata:
  name: falling
spec:
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "sleep 2; exit 3"]
`;

/** The words of the page that tests look for. */
const WORDS = {
  en: {
    editor: "YAML of the scenario",
    scrub: "Time",
    findings: "What there is to say about the text",
    lastValid: "Last valid run",
    copy: "Copy link",
    copied: "Copied",
    copyAs: "Copy as…",
    form: { iframe: "<iframe>", text: "Text timeline", markdown: "Markdown" },
    damaged: /This link is damaged/,
    see: "What happens",
    yourEdits: "Your edits",
    play: "Play",
    pause: "Pause",
    paste: /Paste your YAML/,
    undo: "Undo",
  },
  zh: {
    editor: "场景的 YAML",
    scrub: "时间",
    findings: "对文本的提示",
    see: "发生的事情",
    paste: /粘贴你的 YAML/,
  },
};

/** Collects what must not happen in a browser context. */
function watch(context, origin) {
  const faults = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      faults.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => {
    faults.push(`uncaught: ${error.error().stack ?? error.error()}`);
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    const own = url.origin === origin || url.protocol === "data:" || url.protocol === "blob:";
    if (!own) faults.push(`request to ${url.href}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  return faults;
}

/** One visitor's page. */
export class Podarium {
  constructor(page, lang = "en") {
    this.page = page;
    this.words = WORDS[lang];
    this.host = process.env.PODARIUM_URL;
  }

  get scrubber() {
    return this.page.getByRole("slider", { name: this.words.scrub, exact: true });
  }
  get editor() {
    return this.page.getByRole("textbox", { name: this.words.editor });
  }
  get findings() {
    return this.page.getByLabel(this.words.findings);
  }
  /** Where the picture, kubectl and the reasons stand. */
  get see() {
    return this.page.getByLabel(this.words.see, { exact: true });
  }
  get picture() {
    return this.see.getByRole("img").or(this.see.locator("svg[aria-label]")).first();
  }
  /** What kubectl prints. */
  get kubectl() {
    return this.see.locator("pre").first();
  }

  /** The views of a phone. */
  get views() {
    return this.page.getByRole("navigation", { name: "Views" }).getByRole("button");
  }

  /** Shows one of them. */
  async show(name) {
    const view = this.views.filter({ hasText: name });
    await view.tap();
    await expect(view).toHaveAttribute("aria-current", "page");
  }

  /** Shows the picture, whichever it is: the view of a phone that is named after it. */
  async showPicture() {
    const view = this.views.nth(1);
    await view.tap();
    await expect(view).toHaveAttribute("aria-current", "page");
  }

  /** Opens an address below the page: a query, a fragment, both or none. */
  async open(rest = "") {
    await this.page.goto(this.host + rest);
    return this;
  }

  /** Opens the start page and waits until it lives. */
  async gallery(query = "") {
    await this.open(query);
    await expect(this.page.getByText(this.words.paste).first()).toBeVisible();
    // The start page stands before the program is there; only that one hears what is dropped.
    await expect(this.page.locator("#app .frame")).toHaveCount(0);
    return this;
  }

  /** Opens a scenario and waits until its picture and its editor stand. */
  async scenario(rest) {
    await this.open(rest);
    await this.stands();
    return this;
  }

  async stands() {
    await expect(this.scrubber).toBeVisible();
    await expect(this.editor).toBeVisible();
  }

  /** Starts from nothing: the first card of the gallery, and a text pasted there. */
  async paste(text) {
    await this.gallery();
    await this.page.getByText(this.words.paste).first().click();
    await this.stands();
    // The page puts the focus into the empty editor, once; nobody types faster than that.
    await this.page.waitForTimeout(300);
    await this.write(text);
    // It runs when the typing has been quiet for a moment: what comes next is about that run.
    await this.page.waitForTimeout(300);
    return this;
  }

  /** Replaces the text, as pasting over all of it does. */
  async write(text) {
    await this.editor.focus();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.editor.evaluate((element, pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      const what = { clipboardData: data, bubbles: true, cancelable: true };
      element.dispatchEvent(new ClipboardEvent("paste", what));
    }, text);
  }

  /** The text in the editor, as far as it is drawn. */
  async text() {
    const lines = await this.editor.locator(".cm-line").allTextContents();
    return lines.map((line) => line.replace(/\n$/, "").replaceAll("\u00a0", " ")).join("\n");
  }

  /** What a screen reader says of the cursor. */
  async moment() {
    return (await this.scrubber.getAttribute("aria-valuetext")) ?? "";
  }

  /** Where the cursor stands, in the scrubber's own unit. */
  async place() {
    return Number(await this.scrubber.inputValue());
  }

  /** Puts the cursor at a part of the whole, as dragging does. */
  async scrub(part) {
    await this.scrubber.evaluate((input, to) => {
      const [min, max] = [Number(input.min), Number(input.max)];
      input.value = String(Math.round(min + (max - min) * to));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, part);
  }
}

export const test = base.extend({
  /** Makes a visitor with a clean profile; each is watched. */
  visitor: async ({ browser }, use) => {
    const made = [];
    const origin = new URL(process.env.PODARIUM_URL).origin;
    await use(async ({ lang = "en", ...options } = {}) => {
      const locale = lang === "zh" ? "zh-CN" : "en-GB";
      const context = await browser.newContext({
        locale,
        viewport: { width: 1440, height: 900 },
        colorScheme: "light",
        permissions: ["clipboard-read", "clipboard-write"],
        ...options,
      });
      made.push({ context, faults: watch(context, origin) });
      return new Podarium(await context.newPage(), lang);
    });
    const faults = made.flatMap((one) => one.faults);
    await Promise.all(made.map((one) => one.context.close()));
    expect(faults, "nothing goes wrong unseen").toEqual([]);
  },
  podarium: async ({ visitor }, use) => use(await visitor()),
});

/** Prints a number that was measured, so that it stands in the log of the run. */
export function report(what, value) {
  console.log(`measured: ${what}: ${value}`);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
