// A second implementation of artifact verification, from docs/artifacts.md alone: no YAML, only lines.
// node artifact.mjs KEY.pem FILE…: one line of JSON a file, { file, hash, ok, why }. A file whose front matter has a
// content_hash is verified against the file of the same name without .artifact.md.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const sha256 = bytes => "sha256:" + createHash("sha256").update(bytes).digest("hex");
const [pem, ...files] = process.argv.slice(2);
const key = createPublicKey(readFileSync(pem));
const keyId = createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("hex").slice(0, 32);

function check(file) {
  const bytes = readFileSync(file);
  const fence = Buffer.from("---\n");
  const close = bytes.indexOf("\n---\n", 3);
  if (!bytes.subarray(0, 4).equals(fence) || close < 0) return { ok: false, why: "no front matter" };
  const end = close + 5;
  const lines = bytes.subarray(0, end).toString("utf8").split("\n");
  const value = name => lines.find(l => l.startsWith(name + ": "))?.slice(name.length + 2);
  const kept = lines.filter(l => !l.startsWith("hash_curr: ") && !l.startsWith("signature: ")).join("\n");
  const hash = sha256(Buffer.concat([Buffer.from(kept), bytes.subarray(end)]));
  if (hash !== value("hash_curr")) return { hash, ok: false, why: "hash" };
  if (value("key_id") !== keyId) return { hash, ok: false, why: "key" };
  const signature = Buffer.from(JSON.parse(value("signature")), "base64");
  const statement = Buffer.from(`aegis-artifact-1\n${hash}`);
  if (!verify("sha256", statement, { key, dsaEncoding: "ieee-p1363" }, signature))
    return { hash, ok: false, why: "signature" };
  const content = value("content_hash");
  if (content && sha256(readFileSync(file.replace(/\.artifact\.md$/, ""))) !== content)
    return { hash, ok: false, why: "content" };
  return { hash, prev: value("hash_prev") ?? null, ok: true };
}

for (const file of files) console.log(JSON.stringify({ file, ...check(file) }));
