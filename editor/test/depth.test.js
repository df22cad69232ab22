// Which texts the editor does not parse, and that it parses the others.

import assert from "node:assert/strict";
import { test } from "node:test";

import { syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";

import { boundedYaml, tooDeep } from "../src/depth.js";

const POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args: [a, {b: c}]\n";
const BOMBS = {
  "lists in a line": "[".repeat(20_000),
  "lists over lines": "[\n".repeat(20_000),
  "maps": "{a: ".repeat(20_000),
  "entries": "- ".repeat(20_000),
  "keys": "? ".repeat(20_000),
  "both": "- [".repeat(20_000),
};

test("what a manifest nests is not deep", () => {
  assert.equal(tooDeep(POD), false);
  assert.equal(tooDeep(POD.repeat(5_000)), false);
  assert.equal(tooDeep("--------".repeat(20)), false);
});

for (const [name, text] of Object.entries(BOMBS)) {
  test(`${name} are deep`, () => assert.equal(tooDeep(text), true));
}

test("a deep text has no tree, and the next one has again", () => {
  let state = EditorState.create({ doc: POD, extensions: boundedYaml() });
  const write = (insert) => {
    state = state.update({ changes: { from: 0, to: state.doc.length, insert } }).state;
    return syntaxTree(state).topNode.firstChild !== null;
  };
  assert.equal(write(BOMBS.entries), false);
  assert.equal(write(`${BOMBS.entries}\n`), false);
  assert.equal(write(POD), true);
  assert.equal(write(`${POD}\n`), true);
});
