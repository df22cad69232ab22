// What a number becomes when it is dragged or stepped.

import assert from "node:assert/strict";
import { test } from "node:test";

import { stepped } from "../src/scrub.js";

test("a number is stepped by its last digit and keeps its unit", () => {
  assert.equal(stepped("3", 1), "4");
  assert.equal(stepped("9", 1), "10");
  assert.equal(stepped("100m", -1), "99m");
  assert.equal(stepped("1m30s", 2), "3m30s");
  assert.equal(stepped("0.5", 1), "0.6");
  assert.equal(stepped("0.95Gi", 5), "1.00Gi");
  assert.equal(stepped("50%", -60), "0%");
});

test("what begins below zero may go further, what does not may not", () => {
  assert.equal(stepped("2", -5), "0");
  assert.equal(stepped("-1", -1), "-2");
  assert.equal(stepped("-1", 3), "2");
  assert.equal(stepped("web", 1), "web");
});

test("a word is stepped to its neighbour and stops at the ends", () => {
  const words = ["Always", "OnFailure", "Never"];
  assert.equal(stepped("Always", 1, words), "OnFailure");
  assert.equal(stepped("Always", 7, words), "Never");
  assert.equal(stepped("Never", -1, words), "OnFailure");
  assert.equal(stepped("Always", -1, words), "Always");
});
