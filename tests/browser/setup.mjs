// Before all tests: the host of the page. It ends with them.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { serve } from "./server.mjs";

export default async function setup() {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const dist = resolve(process.env.DIST ?? join(here, "..", "..", "dist"));
  if (!existsSync(join(dist, "index.html"))) {
    throw new Error("There is no page in dist/ to test: build it first (make build).");
  }
  const host = await serve(dist);
  process.env.PODARIUM_URL = host.url;
  return () => host.close();
}
