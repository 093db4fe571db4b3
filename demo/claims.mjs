// What a suite of claims says aloud: headings, claims with their verdicts, and the count at the end.

let passed = 0;
let failed = 0;

export function heading(text) {
  console.log(`\n── ${text}`);
}

export function note(text) {
  console.log(`   ${text}`);
}

/** Judges one claim; what it saw is shown where the claim does not hold. */
export function claim(text, holds, seen) {
  if (holds) {
    passed += 1;
    console.log(`   ok    ${text}`);
  } else {
    failed += 1;
    const words = typeof seen === 'string' ? seen : JSON.stringify(seen);
    console.log(`   FAIL  ${text}\n         saw: ${(words ?? 'nothing').slice(0, 2000)}`);
  }
}

/** Prints the last line and returns the exit status. */
export function sum(suite) {
  console.log(`\n${suite}: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** A part that could not go on counts as failed. */
export function broken(error, what) {
  claim(`${what} goes on to its end`, false, error.message);
}
