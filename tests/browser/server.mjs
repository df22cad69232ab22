// A static host, as plain as hosts are: the page lives below a path, not at the root.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

/** The folder of the host that the page was put into. */
export const BELOW = "/some/where/";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".yaml": "text/plain; charset=utf-8",
};

/** Serves a folder on a free port of this machine; resolves to its address and how to end it. */
export function serve(folder) {
  const server = createServer((request, response) => {
    const refuse = (status) => response.writeHead(status).end();
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    } catch {
      return refuse(400);
    }
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    if (!path.startsWith(BELOW)) return refuse(404);
    const below = path.slice(BELOW.length);
    const file = normalize(join(folder, below === "" ? "index.html" : below));
    if (!file.startsWith(folder + sep)) return refuse(403);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) return refuse(404);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": stat.size,
      "cache-control": "no-cache",
    });
    if (request.method === "HEAD") return response.end();
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}${BELOW}`;
      resolve({ url, close: () => server.close() });
    });
  });
}
