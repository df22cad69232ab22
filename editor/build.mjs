// Bundles the editor into static/vendor/editor.js and gathers the licences of what is in it.
// The same lock file gives the same bytes; run `npm ci` before.

import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const vendor = path.join(here, "..", "static", "vendor");
/** What the page's budget gives the editor, brotli-compressed. */
const BUDGET = 119 * 1024;

const result = await build({
  absWorkingDir: here,
  entryPoints: ["src/editor.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
});
const code = result.outputFiles[0].contents;

const packages = new Set();
for (const file of Object.keys(result.metafile.inputs)) {
  const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
  if (match) packages.add(match[1]);
}

const licences = ["Licences of the packages bundled in editor.js\n"];
for (const name of [...packages].sort()) {
  const directory = path.join(here, "node_modules", name);
  const about = JSON.parse(await readFile(path.join(directory, "package.json"), "utf8"));
  const file = (await readdir(directory)).sort().find((one) => /^licen[cs]e/i.test(one));
  if (!file) throw new Error(`${name} has no licence file`);
  const text = (await readFile(path.join(directory, file), "utf8")).replace(/\r\n/g, "\n").trim();
  licences.push(`${"=".repeat(72)}\n${name} ${about.version} (${about.license})\n\n${text}\n`);
}

const packed = brotliCompressSync(code).length;
if (packed > BUDGET) throw new Error(`the editor has ${packed} bytes, more than ${BUDGET}`);

await mkdir(vendor, { recursive: true });
await writeFile(path.join(vendor, "editor.js"), code);
await writeFile(path.join(vendor, "LICENSES.txt"), licences.join("\n"));
console.log(`static/vendor/editor.js: ${code.length} bytes, ${packed} with brotli`);
