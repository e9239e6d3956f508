// Builds what the console vendors: static/editor.js, its licences, and what it is made of, with its digest.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const into = process.argv[2] ?? join(here, "..", "api", "console", "static");
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/editor.js"],
  outfile: join(into, "editor.js"),
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "dunningEditor",
  target: "es2022",
  legalComments: "none",
  metafile: true,
  banner: { js: "// Built from console-src/ by `make console`; licences: editor.licenses.txt, versions: editor.json." },
});

const folders = [...new Set(Object.keys(metafile.inputs).map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]))];
const packages = folders
  .filter(Boolean)
  .sort()
  .map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = readdirSync(join(here, folder)).find((each) => /^licen[cs]e/i.test(each));
    return { name, version, license, text: readFileSync(join(here, folder, file), "utf8").trim() };
  });
const texts = new Map();
for (const { name, version, text } of packages) texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
const licences = [...texts].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
writeFileSync(join(into, "editor.licenses.txt"), licences);
const sha256 = createHash("sha256").update(readFileSync(join(into, "editor.js"))).digest("hex");
const made = { file: "editor.js", sha256, packages: packages.map(({ name, version, license }) => ({ name, version, license })) };
writeFileSync(join(into, "editor.json"), `${JSON.stringify(made, null, 2)}\n`);
