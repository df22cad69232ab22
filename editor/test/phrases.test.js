// Every phrase that CodeMirror can say exists in every language.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { byLanguage } from "../src/phrases.js";

const PACKAGES = ["commands", "language", "lint", "search", "view"];

function spoken() {
  const found = new Set();
  for (const name of PACKAGES) {
    const source = readFileSync(
      fileURLToPath(new URL(`../node_modules/@codemirror/${name}/dist/index.js`, import.meta.url)),
      "utf8",
    );
    const calls = /\bphrase\((?:view, )?(?:[\w.]+ \? )?"([^"]+)"(?: : "([^"]+)")?/g;
    for (const [, one, other] of source.matchAll(calls)) {
      found.add(one);
      if (other) found.add(other);
    }
  }
  return found;
}

test("every phrase of CodeMirror is translated", () => {
  const phrases = [...spoken()];
  assert.ok(phrases.length > 20, `only ${phrases.length} phrases found`);
  for (const [language, words] of Object.entries(byLanguage)) {
    if (language === "en") continue;
    for (const phrase of phrases) {
      if (!(phrase in words)) assert.fail(`${language} has no words for "${phrase}"`);
      // "replaced $ matches" and the like count on their placeholder.
      assert.equal(words[phrase].includes("$"), phrase.includes("$"), phrase);
    }
  }
});
