// Upper and lower case of every code point and of sigma between any two neighbours, one line each: the code point,
// then its upper case, its lower case, and the lower case of "A + it + Σ" and of "AΣ + it + A", all in hex.
const hex = text => [...text].map(c => c.codePointAt(0).toString(16)).join("+");
const lines = [];
for (let c = 0; c <= 0x10ffff; c++) {
  if (c >= 0xd800 && c <= 0xdfff) continue;
  const s = String.fromCodePoint(c);
  const texts = [s.toUpperCase(), s.toLowerCase(), `${s}Σ`.toLowerCase(), `AΣ${s}A`.toLowerCase()];
  lines.push(`${c.toString(16)} ${texts.map(hex).join(" ")}`);
}
process.stdout.write(lines.join("\n"));
