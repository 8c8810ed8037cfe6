import { codeIndexOf, codeOf, writesProgram } from '../source/code-texts.ts';
import { decoderIn, oddFileIn } from '../source/data-sources.ts';
import { isDynamicCode, meaningOf } from '../source/call-meanings.ts';
import type { CallFact } from '../source/call-fact.ts';
import type { FileRule, Hit } from './rule.ts';

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
  why: 'Code that is kept as base64, character codes or an encrypted text until it runs is kept from being read. Bundlers and templating compile text, but do not decode it first. Look at the decoded text, or at the function that makes it.',
  needs: [
    ['code', 'decoders'],
    ['code', 'inputs'],
    ['code', 'computed'],
    ['computed', 'decoders'],
    ['aliases', 'decoders'],
    ['objects', 'decoders'],
    ['programs'],
  ],
  *check(file): Iterable<Hit> {
    const calls = file.facts?.calls ?? [];
    for (const call of calls) {
      const found = judge(call, calls);
      if (!found) continue;
      yield { start: call.start, ...found };
      return;
    }
  },
};

function judge(call: CallFact, calls: readonly CallFact[]): Omit<Hit, 'start'> | null {
  // A module made by hand can compile code under names that are not known before it runs.
  if (call.name === 'module.constructor') return calls.some(isDecoding) ? {} : null;
  const code = codeOf(call);
  if (code?.decoded && code.text.length >= payloadLengthMin)
    return payload.test(code.text) ? { tier: 'block', severity: 'critical' } : {};
  const index = codeIndexOf(call);
  // Options are no code: `new chalk.constructor({ level: 1 })`.
  if (index !== null && call.argument(index)?.type === 'ObjectExpression') return null;
  if (index !== null && (isDynamicCode(call.name) || writesProgram(call.name))) {
    const made = call.madeOf();
    if (decoderIn(made)) return namesFunction(call) ? null : {};
    const file = oddFileIn(made);
    return file === null ? null : { title: `Runs a file as code that is none: ${file.slice(-80)}` };
  }
  if (meaningOf(call.name) !== 'spawn') return null;
  const isHidden = call.words().some((word) => word?.decoded && word.text.length > 3);
  const words = call.argument(1)?.type === 'ObjectExpression' ? [0] : [0, 1];
  return isHidden || words.some((at) => decoderIn(call.madeOf(at)))
    ? { title: 'Decodes text and runs it as a command' }
    : null;
}

/** Emscripten gives functions names that it reads from the memory of WebAssembly. */
function namesFunction(call: CallFact): boolean {
  return call
    .textsOf(call.argument(1) ? 1 : 0)
    .some((text) => text.includes('return body.apply(this, arguments)'));
}

function isDecoding(call: CallFact): boolean {
  return (
    call.name === 'atob' || (call.name === 'Buffer.from' && /^(?:hex|base64)$/.test(call.text(1)?.text ?? ''))
  );
}
