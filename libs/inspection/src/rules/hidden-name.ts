import { isBuiltin } from 'node:module';
import type { CallFact } from '../source/call-fact.ts';
import type { WordKind } from '../source/words-in.ts';
import type { FileRule, Hit } from './rule.ts';

const loading = /^(?:require|import|(?:.*\.)?(?:require|_load|getBuiltinModule))$/;
/** Put together of pieces, other names of modules only evade a bundler. */
const programs = /^(?:node:)?child_process$/;

export const hiddenName: FileRule = {
  id: 'malware.hidden-name',
  title: 'Hides the name of a module that it loads',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'The name of a module is decoded or put together for one reason: that nobody finds it by looking for it. Look at what is done with the module.',
  needs: [
    ...['computed', 'aliases'].flatMap((loader) =>
      ['decoders', 'sums', 'splits', 'joins', 'named'].map((name) => [loader, name] as [WordKind, WordKind]),
    ),
    ['computed', 'inputs'],
    ['objects', 'decoders'],
    ['objects', 'sums'],
    ['objects', 'splits', 'joins'],
    ['objects', 'named'],
    ['programs'],
  ],
  *check(file): Iterable<Hit> {
    const hidden = file.facts?.calls.find(isHidden);
    if (hidden)
      yield {
        start: hidden.start,
        title: `Hides the name of a module that it loads: ${hidden.text(0)!.text}`,
      };
  },
};

function isHidden(call: CallFact): boolean {
  const name = loading.test(call.name) ? call.text(0) : null;
  if (!name?.exact || !isBuiltin(name.text)) return false;
  const isComposed = /^(?:Binary|Call)Expression$/.test(call.argument(0)?.type ?? '');
  return name.decoded || (isComposed && programs.test(name.text));
}
