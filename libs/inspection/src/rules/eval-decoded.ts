import type { AnyNode } from 'acorn';
import { isDynamicCode } from '../source/call-signals.ts';
import type { CallFact } from '../source/source-facts.ts';
import type { FileRule, Hit } from './rule.ts';

const decoders =
  /(?:^|\.)(?:atob|fromCharCode|fromCodePoint|unescape|inflateSync|gunzipSync|brotliDecompressSync|createDecipher(?:iv)?)(?=\(\)|\.|$)/;
const payload =
  /\brequire\b|child_process|process\.|https?:|fetch\(|\beval\b|Function\(|\bimport\(|globalThis|XMLHttpRequest/;
/** Shorter texts are feature tests (`return this`) and templates. */
const payloadLengthMin = 20;

export const evalDecoded: FileRule = {
  id: 'malware.eval-decoded',
  title: 'Decodes text and runs it as code',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Code that is kept as base64, character codes or an encrypted text until it runs is kept from being read. Bundlers and templating compile text, but do not decode it first.',
  *check(file): Iterable<Hit> {
    const calls = file.facts?.calls ?? [];
    for (const call of calls) {
      // A module made by hand can compile code under names that are not known before it runs.
      if (call.name === 'module.constructor' && calls.some(isDecoding)) {
        yield { start: call.start };
        return;
      }
      if (!isDynamicCode(call.name)) continue;
      const code = lastText(call);
      if (code?.decoded && code.text.length >= payloadLengthMin) {
        const certain = payload.test(code.text);
        yield { start: call.start, ...(certain ? { tier: 'block', severity: 'critical' } : {}) };
        return;
      }
      if (call.someArgument(decodes)) {
        yield { start: call.start };
        return;
      }
    }
  },
};

function isDecoding(call: CallFact): boolean {
  return (
    call.name === 'atob' || (call.name === 'Buffer.from' && /^(?:hex|base64)$/.test(call.text(1)?.text ?? ''))
  );
}

/** The code is the last argument of `Function`, and the first of everything else. */
function lastText(call: CallFact) {
  if (call.name !== 'Function') return call.text(0);
  let index = 0;
  while (call.argument(index + 1)) index += 1;
  return call.text(index);
}

function decodes(node: AnyNode, name: string | null): boolean {
  if (name !== null && decoders.test(name)) return true;
  const encoding = node.type === 'CallExpression' && name === 'Buffer.from()' ? node.arguments[1] : undefined;
  return encoding?.type === 'Literal' && (encoding.value === 'base64' || encoding.value === 'hex');
}
