// The size budget: what the release page costs over the wire, compressed as a host would at best.
//
//   node scripts/size.mjs [FOLDER]     default: dist
//
// Prints a table; exits 1 when the page is over its budget, 2 when there is no page.

import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const KB = 1000;
/** What a first visit should cost, without the editor and with it. Not reached yet. */
const PAGE_GOAL = 240 * KB;
const TOTAL_GOAL = 360 * KB;
/**
 * What it may cost today: the size that was reached, and a little air. It only ever goes down,
 * except for a feature that is worth it.
 */
const PAGE_BUDGET = 1_084 * KB;
const TOTAL_BUDGET = 1_198 * KB;
/** What the start page needs until it stands: it does not wait for the wasm. */
const FIRST_BUDGET = 26 * KB;
/** What a first visit loads; pictures, manifests and source maps are not part of it. */
const COUNTED = new Set([".wasm", ".js", ".mjs", ".css", ".html"]);

const folder = process.argv[2] ?? "dist";

function walk(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    return entry.isDirectory() ? walk(below) : [below];
  });
}

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;

let files;
try {
  files = walk(folder)
    .filter((path) => COUNTED.has(extname(path)))
    .sort();
} catch {
  console.error(`There is no folder ${folder}: build the page first (make build).`);
  process.exit(2);
}
if (!files.some((path) => path.endsWith(".wasm"))) {
  console.error(`There is no .wasm in ${folder}: build the page first (make build).`);
  process.exit(2);
}

/** The editor is imported after the first picture; export.js when somebody saves one. */
function part(name) {
  if (/(^|\/)vendor\/editor[^/]*\.js$/.test(name)) return "editor";
  if (/(^|\/)export\.js$/.test(name)) return "other";
  return "page";
}

const rows = files.map((path) => {
  const bytes = readFileSync(path);
  const name = relative(folder, path);
  const gzip = gzipSync(bytes, { level: 9 }).length;
  return { name, part: part(name), raw: bytes.length, gzip, brotli: brotli(bytes) };
});

const sum = (of, key) =>
  rows.filter((row) => row.part === of).reduce((all, row) => all + row[key], 0);
const kb = (bytes) => (bytes / KB).toFixed(1).padStart(9);
const width = Math.max(24, ...rows.map((row) => row.name.length));
const line = (name, raw, gzip, br, note = "") =>
  console.log(`${name.padEnd(width)} ${raw} ${gzip} ${br}  ${note}`.trimEnd());

line("KB", "raw".padStart(9), "gzip".padStart(9), "brotli".padStart(9));
for (const row of rows) {
  const note = row.part === "page" ? "" : `(${row.part})`;
  line(row.name, kb(row.raw), kb(row.gzip), kb(row.brotli), note);
}
const page = sum("page", "brotli");
const total = page + sum("editor", "brotli");
const pageBudget = `of ${PAGE_BUDGET / KB} KB, to become ${PAGE_GOAL / KB} KB`;
line("page", kb(sum("page", "raw")), kb(sum("page", "gzip")), kb(page), pageBudget);
line(
  "page and editor",
  kb(sum("page", "raw") + sum("editor", "raw")),
  kb(sum("page", "gzip") + sum("editor", "gzip")),
  kb(total),
  `of ${TOTAL_BUDGET / KB} KB, to become ${TOTAL_GOAL / KB} KB`,
);

// The loader and the wasm it loads come after the first paint.
const first = rows
  .filter((row) => row.part === "page" && !/(^|\/)podarium-[^/]*\.(js|wasm)$/.test(row.name))
  .reduce((all, row) => all + row.brotli, 0);
console.log(`The start page stands after ${kb(first).trim()} of ${FIRST_BUDGET / KB} KB (brotli).`);

const over = [
  first > FIRST_BUDGET && `the first paint by ${kb(first - FIRST_BUDGET).trim()} KB`,
  page > PAGE_BUDGET && `the page by ${kb(page - PAGE_BUDGET).trim()} KB`,
  total > TOTAL_BUDGET && `page and editor by ${kb(total - TOTAL_BUDGET).trim()} KB`,
].filter(Boolean);
if (over.length > 0) {
  console.error(`Over the budget: ${over.join(", ")}.`);
  process.exit(1);
}
