// Hashes files by GitHub's own library: a file of JSON lines {"folder", "patterns"}, one answer a line: the hash, or
// ! where the library refused the patterns.
import { readFileSync } from "node:fs";
import { hashFiles } from "@actions/glob";

const lines = readFileSync(process.argv[2], "utf8").trim().split("\n");
for (const line of lines) {
  const { folder, patterns } = JSON.parse(line);
  // patterns are taken from the working folder, as the runner does
  process.chdir(folder);
  let answer;
  try {
    answer = await hashFiles(patterns.join("\n"), folder, { followSymbolicLinks: false });
  } catch {
    answer = "!";
  }
  process.stdout.write(`=${answer}\n`);
}
