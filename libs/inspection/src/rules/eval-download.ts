import { isDynamicCode, meaningOf } from '../source/call-meanings.ts';
import { downloadIn, requestIn, socketIn } from '../source/data-sources.ts';
import type { CallFact } from '../source/call-fact.ts';
import type { FileRule, Hit } from './rule.ts';

/** Largest distance between a download and the call that runs its result, in characters. */
const distanceMax = 1_500;
const answer =
  /(?:^|\.)(?:data|body|text|responseText|response|cookie|credits|content|session|model|payload|message|err|json)(?:\(\))?(?:\.[\w?]+)?$/;

export const evalDownload: FileRule = {
  id: 'malware.eval-download',
  title: 'Runs what it downloads as code',
  severity: 'critical',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'The code that matters is not in the package and can be changed at any time, for chosen victims. Look at the address, and at what it answers with.',
  needs: [['remote'], ['code', 'network'], ['code', 'inputs'], ['network', 'computed'], ['programs']],
  *check(file): Iterable<Hit> {
    const downloads = file.all('network').map(({ start }) => start);
    for (const call of file.facts?.calls ?? []) {
      const found = judge(call, downloads);
      if (!found) continue;
      yield { start: call.start, ...found };
      return;
    }
  },
};

function judge(call: CallFact, downloads: readonly number[]): Omit<Hit, 'start'> | null {
  if (call.name === 'import') {
    const isRemote = /^https?:/.test(call.text(0)?.text ?? '');
    return isRemote || downloadIn(call.madeOf(0)) ? { title: 'Loads code from an address' } : null;
  }
  if (isDynamicCode(call.name)) {
    const made = call.madeOf();
    if (downloadIn(made)) return {};
    if (requestIn(made)) return { title: 'Runs what it is sent as code' };
    const near = downloads.some((start) => start < call.start && call.start - start <= distanceMax);
    return near && call.someArgument(isAnswer) ? {} : null;
  }
  if (meaningOf(call.name) !== 'spawn') return null;
  const command = call.madeOf(0);
  if (requestIn(command)) return { title: 'Runs what it is sent as a command' };
  // What a socket sends is a rule of its own.
  return downloadIn(command) && !socketIn(command) ? { title: 'Runs what it downloads as a command' } : null;
}

function isAnswer(node: { type: string; name?: unknown }, name: string | null): boolean {
  if (node.type === 'Identifier' && answer.test(String(node.name))) return true;
  return node.type !== 'Literal' && name !== null && answer.test(name);
}
