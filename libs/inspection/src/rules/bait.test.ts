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
  'outputs.sh': 'curl -o abcd '.repeat(80_000),
  'alike.js': `${'|'.repeat(300_000)}${'I'.repeat(300_000)}${'O0 '.repeat(100_000)}`,
  'tables.js': 'function a(){var b=["x"];a=function(){'.repeat(25_000),
  'short.js': '_$_1234 '.repeat(120_000),
  'calls.js': `function f(x){return f(x+1)}${'f(1);'.repeat(100_000)}`,
  'decoders.js': `function d(s){let r='';for(let i=0;i<9e9;i++)r+=s;return r}${"eval(d('a'));".repeat(50_000)}`,
  'flows.js': `let a=process.env;${'a=b(a);fetch(a);'.repeat(50_000)}`,
  'spread.js': `let o={};${'o={...o,...p(o)};o.a.b.c();'.repeat(20_000)}`,
  'nested.js':
    `eval(${JSON.stringify(`eval(${JSON.stringify(`eval("${'eval(1);'.repeat(1_000)}")`.repeat(20))})`.repeat(5))});`.repeat(
      20,
    ),
  'tables2.js': `var t={${Array.from({ length: 5_000 }, (_, i) => `${i}:(e,m,r)=>{r(${i + 1});m.exports=r(${i})}`).join(',')}};function r(n){return t[n](1,2,r)}r(0)`,
  'marks.js': `${'\u200b'.repeat(15)}x`.repeat(60_000),
};

test.each(Object.keys(baits))('%s is read to its end', (path) => {
  let done = false;
  const bytes = Buffer.from(baits[path]!);
  const sink = inspectFile({ path, sizeBytes: bytes.length, mode: 0 }, { textLimit: 0 }, () => (done = true));
  sink.write(bytes);
  sink.end();
  expect(done).toBe(true);
});
