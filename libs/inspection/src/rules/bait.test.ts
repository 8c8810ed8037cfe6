import { expect, test } from 'vitest';
import { inspectFile } from '../inspect/inspect-file.ts';

/** Text that makes careless patterns try everything from everywhere; one that did so with `rm` took minutes. */
const baits: Record<string, string> = {
  'rm.sh': `rm ${'-r '.repeat(300_000)}`,
  'wipe.sh': 'rm -rf '.repeat(150_000),
  'pipe.sh': 'curl x |'.repeat(130_000),
  'blanks.js': `x${' '.repeat(1_000_000)}`,
  'almost.js': `x${' '.repeat(179)}`.repeat(6_000),
  'key.js': '-----BEGIN PRIVATE KEY-----'.repeat(40_000),
  'quotes.js': `"./'`.repeat(250_000),
  'paths.js': 'a/'.repeat(500_000),
  'brackets.js': '['.repeat(1_000_000),
  'line.js': 'eval(1);'.repeat(130_000),
  'spawns.js': `const { exec } = require('child_process');${'exec(1);'.repeat(130_000)}`,
  'marks.js': `${'\u200b'.repeat(15)}x`.repeat(60_000),
};

test.each(Object.keys(baits))('%s is read to its end', (path) => {
  let done = false;
  const bytes = Buffer.from(baits[path]!);
  const sink = inspectFile({ path, sizeBytes: bytes.length, mode: 0 }, 0, () => (done = true));
  sink.write(bytes);
  sink.end();
  expect(done).toBe(true);
});
