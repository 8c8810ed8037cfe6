import type { AnyNode } from 'acorn';
import { isDynamicCode } from '../source/call-signals.ts';
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
  why: 'The code that matters is not in the package and can be changed at any time, for chosen victims.',
  *check(file): Iterable<Hit> {
    const downloads = file.all('network');
    if (downloads.length === 0) return;
    for (const call of file.facts?.calls ?? []) {
      if (!isDynamicCode(call.name)) continue;
      const near = downloads.some(({ start }) => start < call.start && call.start - start <= distanceMax);
      if (near && call.someArgument(isAnswer)) {
        yield { start: call.start };
        return;
      }
    }
  },
};

function isAnswer(node: AnyNode, name: string | null): boolean {
  if (node.type === 'Identifier' && answer.test(node.name)) return true;
  return node.type !== 'Literal' && name !== null && answer.test(name);
}
