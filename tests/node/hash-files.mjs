// Hashes files by GitHub's own library: a file of JSON lines {"folder", "patterns"}, one answer a line into another
// file: the hash, ! where the library refused the patterns, or ? where it fell over a file in a folder's place, which
// it does not expect.
import { readFileSync, writeFileSync } from "node:fs";
import { hashFiles } from "@actions/glob";

const [questions, answers] = process.argv.slice(2);
// the library tells every step on stdout
process.stdout.write = () => true;
const found = [];
for (const line of readFileSync(questions, "utf8").trim().split("\n")) {
  const { folder, patterns } = JSON.parse(line);
  // patterns are taken from the working folder, as the runner does
  process.chdir(folder);
  try {
    found.push(await hashFiles(patterns.join("\n"), folder, { followSymbolicLinks: false }));
  } catch (error) {
    found.push(error.code === "ENOTDIR" ? "?" : "!");
  }
}
writeFileSync(answers, found.map(answer => `=${answer}\n`).join(""));
