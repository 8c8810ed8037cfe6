import fc from 'fast-check';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { rewriteTarballs } from './rewrite-upstream.ts';

const rewritten = (document: string, cuts: number[] = []) => {
  const bytes = Buffer.from(document);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  const stream = Readable.from(chunks.filter((chunk) => chunk.length > 0));
  return text(stream.pipe(rewriteTarballs('@s/a', 'https://gate.example/npm')));
};
const gate = 'https://gate.example/npm/@s/a/-/a-1.0.0.tgz';

it.each([
  ['{"dist":{"tarball":"https://registry.example/@s/a/-/a-1.0.0.tgz","x":"ü"}}'],
  ['{"dist":{"tarball" : "https:\\/\\/registry.example\\/@s\\/a\\/-\\/a-1.0.0.tgz"}}'],
])('the address of an archive in %s is the gate’s', async (document) => {
  const parsed = JSON.parse(await rewritten(document)) as { dist: { tarball: string } };
  expect(parsed).toEqual({ dist: { ...(JSON.parse(document) as { dist: object }).dist, tarball: gate } });
});

it('an address of something else stays', async () => {
  const document = '{"tarball":"https://registry.example/evil/-/evil-1.0.0.tgz","b":"\\"tarball\\""}';
  expect(await rewritten(document)).toBe(document);
});

it('cuts between chunks change nothing', async () => {
  const dist = (version: string) => ({
    dist: { tarball: `https://registry.example/@s/a/-/a-${version}.tgz`, note: 'häß"' },
  });
  const document = JSON.stringify({
    name: '@s/a',
    versions: { '1.0.0': dist('1.0.0'), '1.1.0': dist('1.1.0') },
  });
  const whole = await rewritten(document);
  expect(whole).toContain(gate);
  expect(whole).not.toContain('registry.example');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (cuts) => {
      expect(await rewritten(document, cuts)).toBe(whole);
    }),
  );
});
