import { callSignals } from './call-signals.ts';
import { isCredentialVariable } from './credentials.ts';
import type { Signal } from './signal.ts';
import type { SourceFile } from './source-file.ts';
import { scriptSignals, textSignals } from './text-signals.ts';

/** More of them in one file tell nothing new. */
const signalsMax = 2_000;

/** Everything that the rules combine, in order of position. Comments of parsed files do not count. */
export function readSignals(file: SourceFile): Signal[] {
  const signals: Signal[] = [];
  if (file.facts) {
    for (const call of file.facts.calls) signals.push(...callSignals(call));
    for (const { text, start } of file.facts.texts) signals.push(...textSignals(text, start));
    for (const read of file.facts.environment) {
      if (read.name === null)
        signals.push({
          kind: read.isFiltered ? 'env-search' : 'env-sweep',
          start: read.start,
          detail: 'for … in process.env',
        });
      else if (isCredentialVariable(read.name)) {
        signals.push({ kind: 'credential-env', start: read.start, detail: read.name });
      }
    }
  } else {
    signals.push(...scriptSignals(file.text, file.language));
  }
  return signals.toSorted((a, b) => a.start - b.start).slice(0, signalsMax);
}
