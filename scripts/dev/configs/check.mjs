// Parses every file named on standard input (separated by NUL) and tells each that cannot be.
import { readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";

function parseYaml(text) {
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) throw document.errors[0];
  }
}

const parsers = { json: JSON.parse, toml: parseToml, yaml: parseYaml, yml: parseYaml };

// TypeScript's own are JSON with comments, and the compiler reads them.
const readElsewhere = /(^|\/)tsconfig[^/]*\.json$/;

const files = readFileSync(0, "utf8").split("\0").filter(Boolean);
let checked = 0;
let failed = 0;
for (const file of files.filter((name) => !readElsewhere.test(name))) {
  try {
    parsers[file.split(".").pop()](readFileSync(file, "utf8"));
    checked += 1;
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    failed += 1;
  }
}
console.error(`${checked} configuration files parse, ${failed} do not`);
process.exit(failed === 0 ? 0 : 1);
