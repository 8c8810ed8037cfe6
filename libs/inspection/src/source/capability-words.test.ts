import { describe, expect, test } from 'vitest';
import { WordsIn, type WordKind } from './words-in.ts';

/** Uses of a capability, by kind, with the names in the forms that code gives them. */
const uses = {
  programs: [
    `require('child_process').exec(c);`,
    `import { spawn as s } from "node:child_process"; s(c);`,
    `const { execSync } = await import('child_process'); execSync(c);`,
    `process.mainModule.require('child_process').exec(c);`,
    `process.getBuiltinModule('child_process').exec(c);`,
    `const _0x12ab = 1;`,
  ],
  network: [
    `require('https').request(u, f);`,
    `import got from 'got'; got.post(u, { json: b });`,
    `const net = require("node:net"); net.connect(1, h);`,
    'require(`dns`).resolveTxt(`${d}.x.invalid`, f);',
    `fetch(u);`,
    `const f = globalThis.fetch; f(u);`,
    `[u].map(fetch);`,
    `const x = new XMLHttpRequest(); x.open('GET', u);`,
    `new WebSocket(u);`,
    `navigator.sendBeacon(u, b);`,
  ],
  code: [
    `eval(t);`,
    `(0, eval)(t);`,
    `p.then(eval);`,
    `new Function('a', t)();`,
    `Function(t)();`,
    `module._compile(t, '');`,
    `require('vm').runInThisContext(t);`,
    `const vm = await import("node:vm"); new vm.Script(t);`,
  ],
  secrets: [
    `send(JSON.stringify(process.env));`,
    `for (const name in process.env) send(name);`,
    `const { env } = process; send(process.env[n]);`,
    `send(process.env.NPM_TOKEN);`,
    `send(process.env.AWS_SECRET_ACCESS_KEY);`,
    `read(os.homedir() + '/.ssh/id_rsa');`,
    `require('os').networkInterfaces();`,
  ],
  disguises: [
    `require(n)(c);`,
    `require('module').createRequire(u)(n);`,
    `import(n);`,
    `globalThis[n](t);`,
    `globalThis['ev' + 'al'](t);`,
    `x[atob(n)]();`,
    `Buffer.from(t, 'base64').toString();`,
    `String.fromCharCode(104, 105);`,
    `f['constructor'](t);`,
  ],
};

const kindsOf: Record<keyof typeof uses, WordKind[]> = {
  programs: ['programs'],
  network: ['network'],
  code: ['code'],
  secrets: ['secrets'],
  disguises: ['decoders', 'computed'],
};
const cases = Object.entries(uses).flatMap(([use, texts]) =>
  texts.map((text) => [text, kindsOf[use as keyof typeof uses]] as const),
);

describe('words of a capability', () => {
  test.each(cases)('are seen in %s', (text, kinds) => {
    expect(kinds.some((kind) => new WordsIn(text).has(kind))).toBe(true);
  });

  test.each([
    `/** Code like eval and {Function} fetches a request. */`,
    `const words = ['fetch', 'XMLHttpRequest', 'eval', 'WebSocket'];`,
    `if (process.env.NODE_ENV !== 'production') got = cache.fetch(request);`,
    `const root = Function('return this')();`,
    `export const ports = { http: 80, "https": 443 };`,
  ])('are not seen where they are no use: %s', (text) => {
    const words = new WordsIn(text);
    expect((['network', 'code', 'secrets'] as const).filter((kind) => words.has(kind))).toEqual([]);
  });
});
