// How smooth the page is under a hand: scrubbing each scenario of the gallery and large ones,
// scrolling many lanes. Prints one line each. `make bench-page`, or with names of the gallery:
//
//   node tests/browser/bench.mjs rollout-loses hpa-load
//
// Owns: measuring and printing. Does not own: what is good enough (`speed.spec.mjs` asserts only
// what nobody would call slow).

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "@playwright/test";

import { Podarium, median } from "./podarium.mjs";
import { serve } from "./server.mjs";

/** What a hand should not feel: frames a second in the middle, and the longest frame. */
const GOAL = { rate: 55, longest: 50 };
/** How long each is dragged or scrolled. */
const SECONDS = 3;
/** Tries: a stall of the page comes every time, one of a busy machine does not. */
const TRIES = 3;

/** A Deployment of so many Pods behind a Service under load, scaled half-way. */
function crowd(pods) {
  const nodes = Array.from({ length: Math.ceil(pods / 100) + 1 }, (_, n) => n + 1);
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${pods}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.26
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata:
  name: crowd
spec:
  duration: 2m
  cluster:
    nodes:
${nodes.map((n) => `    - {name: node${n}, images: ['nginx:1.26']}`).join("\n")}
  load: [{service: web, rps: [{at: 20s, rate: 100, step: true}]}]
  actions:
  - {at: 60s, run: kubectl scale deployment/web --replicas=${Math.ceil(pods / 2)}}
`;
}

/** Begins to note when frames come. */
const watchFrames = () => {
  globalThis.framesAt = [];
  globalThis.watching = true;
  const note = (at) => {
    globalThis.framesAt.push(at);
    if (globalThis.watching) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
};
/** Ends that: milliseconds from each frame to the next. */
const framesSeen = () => {
  globalThis.watching = false;
  const at = globalThis.framesAt;
  return at.slice(1).map((time, index) => time - at[index]);
};

/** Does something over and over for a while, and tells of its frames and of the work in it. */
async function measured(page, act) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const work = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((one) => one.name === "TaskDuration").value * 1000;
  };
  await page.evaluate(watchFrames);
  const [begin, before] = [performance.now(), await work()];
  let acts = 0;
  while (performance.now() - begin < SECONDS * 1000) {
    await act((performance.now() - begin) / (SECONDS * 1000));
    acts += 1;
  }
  const after = await work();
  const frames = await page.evaluate(framesSeen);
  await session.detach();
  const rate = 1000 / median(frames);
  const longest = Math.max(...frames);
  return { rate, longest, acts, work: (after - before) / acts };
}

/** Drags the cursor to and fro along the axis. */
async function scrub(page) {
  const sheet = page.locator(".tl-sheet").first();
  const box = await sheet.boundingBox();
  // Where the plot begins and ends: the first and the last label of the axis.
  const ticks = await sheet.locator(".tl-tick").evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect()).map((rect) => rect.x + rect.width / 2),
  );
  const [from, to] = [Math.min(...ticks), Math.max(...ticks)];
  const y = box.y + 28;
  await page.mouse.move(from + 4, y);
  await page.mouse.down();
  const found = await measured(page, (part) => {
    const way = Math.abs(((part * 4) % 2) - 1);
    return page.mouse.move(to - 4 - (to - from - 8) * way, y);
  });
  await page.mouse.up();
  return found;
}

/** Scrolls the lanes down and up again. */
async function scroll(page) {
  const box = await page.locator(".picture").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let last = 0;
  return measured(page, (part) => {
    const place = Math.abs(((part * 2 + 1) % 2) - 1);
    const by = (place - last) * 6_000;
    last = place;
    return page.mouse.wheel(0, by);
  });
}

/** Measures until it is good, at most a few times, and tells of the calmest. */
async function tell(name, measure) {
  const isGood = (one) => one.rate >= GOAL.rate && one.longest <= GOAL.longest;
  let best;
  for (let tries = 0; tries < TRIES && !(best && isGood(best)); tries += 1) {
    const found = await measure();
    if (!best || found.longest < best.longest) best = found;
  }
  const { rate, longest, acts, work } = best;
  const good = isGood(best);
  const [fps, most, each] = [rate.toFixed(0), longest.toFixed(0), work.toFixed(1)];
  console.log(
    `${name.padEnd(28)} ${fps.padStart(4)} fps median, longest frame ${most.padStart(4)} ms, ` +
      `${each.padStart(5)} ms work a move, ${acts} moves${good ? "" : "  MISSED"}`,
  );
  return good;
}

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = resolve(process.env.DIST ?? join(here, "..", "..", "dist"));
if (!existsSync(join(dist, "index.html"))) {
  throw new Error("There is no page in dist/ to measure: build it first (make build).");
}
const host = await serve(dist);
process.env.PODARIUM_URL = host.url;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
const visit = async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  return new Podarium(await context.newPage());
};

let missed = 0;
const only = process.argv.slice(2);
const wall = await (await visit()).gallery();
const links = wall.page.locator('a[href^="#g="]');
await links.first().waitFor();
const hrefs = await links.evaluateAll((all) => all.map((one) => one.getAttribute("href")));
const nameOf = (href) => href.slice(3).split("@")[0];
const wanted = [...new Set(hrefs)].filter((one) => !only.length || only.includes(nameOf(one)));
for (const href of wanted) {
  const one = await visit();
  // The picture of everything along the time, whichever the scenario begins with.
  await one.scenario(`${href}&v=timeline`);
  await one.page.locator(".tl-sheet svg").first().waitFor();
  await one.page.waitForTimeout(500);
  if (!(await tell(nameOf(href), () => scrub(one.page)))) missed += 1;
  await one.page.context().close();
}
for (const pods of only.length ? only.map(Number).filter(Boolean) : [100, 200, 1_000]) {
  const one = await visit();
  await one.paste(crowd(pods));
  await one.page.locator(".tl-sheet svg").first().waitFor();
  await one.page.waitForTimeout(4_000);
  if (!(await tell(`${pods} Pods`, () => scrub(one.page)))) missed += 1;
  if (!(await tell(`${pods} Pods, scrolled`, () => scroll(one.page)))) missed += 1;
  await one.page.context().close();
}
console.log(missed ? `${missed} missed: ${GOAL.rate} fps, ${GOAL.longest} ms` : "all smooth");
await browser.close();
host.close();
