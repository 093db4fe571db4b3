// Makes a TypeScript client from the document, compiles a program over it strictly, and runs it against a server.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const [document, url, key] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "aegis-client-"));
const run = (...line) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { cwd: folder, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${line[0]}: status ${status}\n${stdout}${stderr}`);
  }
  return stdout;
};
try {
  writeFileSync(join(folder, "schema.d.ts"), astToString(await openapiTS(JSON.parse(readFileSync(document, "utf8")))));
  copyFileSync(join(here, "client/program.ts"), join(folder, "program.ts"));
  symlinkSync(join(here, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  run(join(here, "node_modules/typescript/bin/tsc"), "--strict", "--exactOptionalPropertyTypes",
    "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext", "--types", "node", "program.ts");
  process.stdout.write(run("program.js", url, key));
} finally {
  rmSync(folder, { recursive: true });
}
