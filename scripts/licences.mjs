// The licences of what is inside the page's wasm: every crate that it is built from.
//
//   node scripts/licences.mjs write    writes static/licences.txt
//   node scripts/licences.mjs check    compares with it; and every licence must be permissive
//
// The editor's own are beside its bundle, in static/vendor.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FILE = "static/licences.txt";
const TARGET = "wasm32-unknown-unknown";
/** Licences that ask for nothing but their own text. */
const PERMISSIVE = new Set([
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSL-1.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unicode-3.0",
  "Unlicense",
  "Zlib",
]);

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));
const what = process.argv[2];
if (what !== "write" && what !== "check") {
  console.error("usage: node scripts/licences.mjs write | check");
  process.exit(2);
}

const metadata = JSON.parse(
  execFileSync(
    "cargo",
    ["metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET],
    { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] },
  ),
);

// What is linked: normal dependencies, not those of builds, tests and macros.
const packages = new Map(metadata.packages.map((one) => [one.id, one]));
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const isMacro = (one) => one.targets.some((target) => target.kind.includes("proc-macro"));
const linked = new Set();
const next = [metadata.resolve.root];
while (next.length > 0) {
  const id = next.pop();
  if (linked.has(id) || isMacro(packages.get(id))) continue;
  linked.add(id);
  for (const dependency of nodes.get(id).deps) {
    if (dependency.dep_kinds.some((kind) => kind.kind === null)) next.push(dependency.pkg);
  }
}
linked.delete(metadata.resolve.root);

/** Whether one of the alternatives of an SPDX expression asks for nothing but its text. */
function permissive(expression) {
  const flat = expression.replaceAll("/", " OR ").replace(/[()]/g, " ");
  return flat
    .split(/ OR /)
    .some((alternative) =>
      alternative.split(/ AND /).every((licence) => PERMISSIVE.has(licence.trim())),
    );
}

const chosen = [...linked]
  .map((id) => packages.get(id))
  .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
const refused = chosen.filter((one) => !one.license || !permissive(one.license));
if (refused.length > 0) {
  for (const one of refused) console.error(`${one.name} ${one.version}: ${one.license}`);
  console.error("These licences ask for more than their own text: take another crate.");
  process.exit(1);
}

/** The licence texts of a crate; one of each kind, MIT before Apache where both are offered. */
function texts(one) {
  const folder = dirname(one.manifest_path);
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const mit = files.filter((name) => /mit/i.test(name));
  const pick = mit.length > 0 && / OR |\//.test(one.license) ? mit : files;
  return pick
    .sort()
    .filter((name) => /\.(md|txt)$|^[^.]*$/i.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
}

// Crates with the same text share one copy of it.
const groups = new Map();
for (const one of chosen) {
  const own = texts(one).join("\n\n");
  const text = own || `${one.license}; by ${one.authors.join(", ") || "its authors"}`;
  if (!groups.has(text)) groups.set(text, []);
  groups.get(text).push(`${one.name} ${one.version} (${one.license})`);
}
const rule = "=".repeat(80);
const body = [...groups].map(([text, names]) => `${rule}\n${names.join("\n")}\n\n${text}\n`);
const head = "Podarium's page is built with these crates; their licences follow.";
const whole = `${head}\n\n${body.join("\n")}`;

if (what === "write") {
  writeFileSync(FILE, whole);
  console.log(`${FILE}: ${chosen.length} crates, ${groups.size} texts`);
} else if (!existsSync(FILE) || readFileSync(FILE, "utf8") !== whole) {
  console.error(
    `${FILE} is not what Cargo.lock says. After a change of dependencies: make licences`,
  );
  process.exit(1);
} else {
  console.log(`${FILE}: ${chosen.length} crates, all permissive`);
}
