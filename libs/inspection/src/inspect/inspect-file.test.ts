import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { inspectFile, type InspectedFile } from './inspect-file.ts';

const textBytes = 1024 * 1024;

function inspect(path: string, text: string): InspectedFile {
  let result: InspectedFile | undefined;
  const sink = inspectFile(
    { path, sizeBytes: text.length, mode: 0o644 },
    { textLimit: 0 },
    (inspected) => (result = inspected),
  );
  sink.write(Buffer.from(text));
  sink.end();
  return result!;
}

it('keeps nothing of a file but its findings', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heapBytes = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  // Not in one piece: this file is scanned for tokens as well.
  const token = ['npm', 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'].join('_');
  const found = `"./loads/another/file.json" https://203.0.114.7/payload ${token}`;
  const before = heapBytes();
  const kept = Array.from({ length: 16 }, (_, i) =>
    inspect(`file-${i}.sh`, `${found}\n${`line ${i}\n`.repeat(textBytes / 8)}`),
  );
  expect(heapBytes() - before).toBeLessThan(4 * textBytes);
  for (const { summary, findings } of kept) {
    expect(summary.loads).toEqual(['./loads/another/file.json']);
    expect(summary.signals.map(({ detail }) => detail)).toEqual(['https://203.0.114.7']);
    expect(findings.map(({ finding }) => finding.rule)).toEqual(['secrets.token']);
  }
});

it('notes code that is too long to be parsed once, where it has words that findings start from', () => {
  const rules = (text: string) =>
    inspect('index.js', text + '\n'.repeat(17 * textBytes) + text).findings.map(
      ({ finding }) => finding.rule,
    );
  expect(rules(`require('child_process').exec(c);`)).toEqual(['malware.unread-code']);
  expect(rules(`module.exports = 1;`)).toEqual([]);
});
