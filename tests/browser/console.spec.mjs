// The prompt: typing, completing, acting, in both languages and on a phone.

import { TWO, expect, test } from "./podarium.mjs";

const NAMES = {
  en: { prompt: /Type a/, log: "Commands and what they printed", offers: "Completions" },
  zh: { prompt: /输入/, log: "命令及其输出", offers: "补全" },
};

function desk(reader, lang = "en") {
  const { page } = reader;
  const names = NAMES[lang];
  const prompt = page.getByRole("textbox", { name: names.prompt });
  const log = page.getByRole("log", { name: names.log });
  const offers = page.getByRole("group", { name: names.offers }).getByRole("button");
  const type = async (line) => {
    await prompt.fill(line);
    await prompt.press("Enter");
  };
  return { prompt, log, offers, type };
}

test("the last line follows the cursor, the others keep their moment", async ({ podarium }) => {
  await podarium.paste(TWO);
  const { log, type } = desk(podarium);
  await podarium.scrub(0);
  await expect(log).toContainText(/pair\s+0\/2\s+Pending/);
  await type("k get pod pair --no-headers");
  await podarium.scrub(1);
  await expect(log).toContainText(/pair\s+0\/2\s+Pending/);
  await expect(log).toContainText(/pair\s+2\/2\s+Running/);
  await expect(log).toContainText("as of 0:00.0");
});

test("a shell in a container, a pipe, and what changes something", async ({ podarium }) => {
  await podarium.paste(TWO);
  const { prompt, log, type } = desk(podarium);
  await podarium.scrub(0.5);
  await type("kubectl exec -it pair -c shell -- sh");
  await expect(prompt).toHaveAccessibleName("Type a command at / #");
  await type("ps");
  await expect(log).toContainText("sleep 3600");
  await expect(podarium.editor).not.toContainText("actions");
  await type("echo here > /tmp/x");
  await expect(podarium.editor).toContainText("actions:");
  await type("cat /tmp/x");
  await expect(log).toContainText(/cat \/tmp\/x\s+here/);
  await type("exit");
  await type("kubectl logs pair -c web | grep -c notice");
  await expect(log).toContainText(/grep -c notice\s+\d+/);
  await type("kubectl delete pod pair && kubectl get pod --no-headers");
  await expect(log).toContainText('pod "pair" deleted from default namespace');
  await expect(log).toContainText(/pair\s+2\/2\s+Terminating/);
  await podarium.page.getByRole("button", { name: podarium.words.undo }).click();
  await expect(podarium.editor).not.toContainText("kubectl delete");
});

test("Tab completes, Up brings back, Escape leaves, Ctrl+L clears", async ({ podarium }) => {
  const { page } = podarium;
  await podarium.paste(TWO);
  const { prompt, log, offers, type } = desk(podarium);
  await podarium.scrub(0.5);
  await prompt.fill("kubectl desc");
  await prompt.press("Tab");
  await expect(prompt).toHaveValue("kubectl describe ");
  await prompt.pressSequentially("pod p");
  await prompt.press("Tab");
  await expect(prompt).toHaveValue("kubectl describe pod pair ");
  await prompt.fill("kubectl logs pair -c ");
  await prompt.press("Tab");
  await expect(offers).toHaveText(["shell", "web"]);
  // The second Tab goes on, into the list.
  await prompt.press("Tab");
  await expect(offers.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(prompt).toHaveValue("kubectl logs pair -c shell ");
  await prompt.fill("kubectl get po");
  await prompt.press("Enter");
  await prompt.press("ArrowUp");
  await expect(prompt).toHaveValue("kubectl get po");
  await prompt.press("ArrowDown");
  await expect(prompt).toHaveValue("");
  // Nothing to complete: nobody is caught.
  await prompt.press("Tab");
  await expect(prompt).not.toBeFocused();
  await prompt.focus();
  await prompt.press("Escape");
  await expect(prompt).not.toBeFocused();
  await page.keyboard.press("c");
  await expect(prompt).toBeFocused();
  await type("kubectl version");
  await prompt.press("Control+l");
  await expect(log).toHaveText("");
});

test("several lines that are pasted are done in their order", async ({ podarium }) => {
  await podarium.paste(TWO);
  const { prompt, log } = desk(podarium);
  await podarium.scrub(0.5);
  await prompt.focus();
  await prompt.evaluate((element) => {
    const data = new DataTransfer();
    data.setData(
      "text/plain",
      "kubectl apply -f - <<EOF\napiVersion: v1\nkind: Pod\nmetadata: {name: late}\nspec:\n" +
        "  containers: [{name: a, image: nginx}]\nEOF\nkubectl get pods --no-headers\n",
    );
    const what = { clipboardData: data, bubbles: true, cancelable: true };
    element.dispatchEvent(new ClipboardEvent("paste", what));
  });
  await expect(log).toContainText("pod/late created");
  await expect(log).toContainText(/late\s+0\/1\s+(Pending|ContainerCreating)/);
  await expect(podarium.editor).toContainText("kind: Scenario");
  await podarium.scrub(1);
  await podarium.page.getByRole("button", { name: "get pods", exact: true }).click();
  await expect(log).toContainText(/late\s+1\/1\s+Running/);
});

test("edit shows the object in the editor", async ({ podarium }) => {
  await podarium.paste(TWO);
  const { log, type } = desk(podarium);
  // The cursor is moved in the run of what was pasted.
  await expect(podarium.see).toContainText("pair");
  await podarium.scrub(0.5);
  await type("kubectl edit pod pair");
  await expect(log).toContainText("The editor shows it");
  await expect
    .poll(() => podarium.page.evaluate(() => String(globalThis.getSelection())))
    .toBe("pair");
});

test("the prompt speaks Chinese, and answers what it does not model", async ({ visitor }) => {
  const reader = await visitor({ lang: "zh" });
  await reader.paste(TWO);
  const { log, type } = desk(reader, "zh");
  await type("kubectl diff -f pod.yaml");
  await expect(log).toContainText("这里没有模拟 kubectl diff");
  await type("kubectl gte pods");
  await expect(log).toContainText('error: unknown command "gte" for "kubectl"');
  await expect(log).toContainText("kubectl help");
});

test("the prompt works on a phone", async ({ visitor }) => {
  const phone = await visitor({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.gallery();
  await phone.page.locator('a[href^="#g="]').first().tap();
  await expect(phone.scrubber).toBeVisible();
  await phone.show("kubectl");
  const { prompt, log, type } = desk(phone);
  await type("kubectl get nodes");
  await expect(log).toContainText("VERSION");
  const box = await prompt.boundingBox();
  expect(box.y + box.height).toBeLessThan(844);
  expect(box.height).toBeGreaterThanOrEqual(44);
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
});
