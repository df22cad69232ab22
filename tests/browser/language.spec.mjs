// The Chinese page speaks Chinese: what is left in English is Kubernetes' own.

import { CRASH, expect, test } from "./podarium.mjs";

/** Words that stay English in every language: names, and what Kubernetes prints. */
const OWN = new Set(
  `podarium kubernetes kubectl yaml pod pods deployment deployments replicaset service services job
  namespace hostname localhost init exit apply delete scale get describe logs events event status
  sigterm sigkill term kill quit crashloopbackoff imagepullbackoff errimagepull runcontainererror
  running pending terminating completed error failed succeeded containercreating podinitializing
  ready web html wasm webassembly javascript oom oomkilled back-off ctrl shift space home end s e c
  english en zh nginx busybox wide o n m x g t d api cni http tcp exec sandbox kubelet containerd
  containers container images image volume volumes pause cpu memory emptydir insufficient ip trap
  phase eth mb gb f never onfailure always backofflimitexceeded failedprestophook liveness
  parallelism poststart prestop rm sed server sidecar startup backofflimit concurrencypolicy
  configmap createcontainerconfigerror db- forbid hpa maxsurge maxunavailable pid readiness request
  shareprocessnamespace sleep timeoutseconds unknown a b horizontalpodautoscaler
  restartpolicy nodeselector readinessprobe requests tcpsocket`.split(/\s+/),
);

/** Every text that a visitor of the page sees or hears, but for terminals, code and the editor. */
const texts = (page) =>
  page.evaluate(() => {
    const quiet = "pre, code, kbd, [lang=en], .cm-editor, .mono, textarea, script, style, option";
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const parent = walk.currentNode.parentElement;
      if (!parent || parent.closest(quiet) || parent.closest("noscript, #failed")) continue;
      if (!parent.checkVisibility?.({ visibilityProperty: true })) continue;
      found.push(walk.currentNode.data);
    }
    for (const one of document.body.querySelectorAll(
      "[aria-label], [title], [placeholder], [alt]",
    )) {
      if (one.closest(quiet)) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        if (one.hasAttribute(name)) found.push(one.getAttribute(name));
      }
    }
    return found;
  });

/** The words of a text; names of source files are none. */
const words = (text) =>
  text
    .toLowerCase()
    .replace(/[\w/.-]+\.(go|c)\b/g, "")
    .match(/[a-z][a-z'’-]*/g) ?? [];

/** Words of the page that are neither Kubernetes' own nor the visitor's. */
async function english(podarium, theirs) {
  const known = new Set(words(theirs));
  const all = await texts(podarium.page);
  return [...new Set(all.flatMap(words))]
    .filter((word) => !OWN.has(word) && !known.has(word))
    .sort();
}

test("the gallery in Chinese", async ({ visitor }) => {
  const reader = await visitor({ lang: "zh" });
  await reader.gallery();
  await expect(reader.page.locator("html")).toHaveAttribute("lang", /^zh/);
  expect(await english(reader, "")).toEqual([]);
});

test("a scenario in Chinese", async ({ visitor }) => {
  const reader = await visitor({ lang: "zh" });
  await reader.paste(CRASH);
  await expect(reader.see).toContainText("falling");
  await reader.scrub(0.5);
  const kubectl = await reader.kubectl.innerText();
  expect(await english(reader, `${CRASH}\n${kubectl}`)).toEqual([]);
});

test("findings in Chinese, but for what the API server says", async ({ visitor }) => {
  const reader = await visitor({ lang: "zh" });
  await reader.paste("kind: Pod\nspec: [\n");
  await expect(reader.findings).toContainText(/第 \d+ 行/);
});

test("the language can be changed, and stays", async ({ podarium }) => {
  await podarium.gallery();
  await podarium.page.getByRole("button", { name: "中文" }).click();
  await expect(podarium.page.locator("html")).toHaveAttribute("lang", /^zh/);
  await podarium.page.reload();
  await expect(podarium.page.getByText(/粘贴你的 YAML/).first()).toBeVisible();
  await podarium.page.getByRole("button", { name: "English" }).click();
  await expect(podarium.page.getByText(podarium.words.paste).first()).toBeVisible();
});
