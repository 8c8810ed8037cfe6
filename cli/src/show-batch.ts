import type { BatchDetail } from '@sluice/api';
import { plural, print, type OutputOptions } from './output.ts';
import { renderResults, shownResult } from './render/results.ts';
import type { Vetted } from './vet-all.ts';

/** Shows the results of a batch, file by file, and how many files were none that are read. */
export function showBatch(options: OutputOptions, batch: BatchDetail, results: readonly Vetted[]): void {
  const ignored = batch.ignoredCount ?? 0;
  const left =
    ignored === 0
      ? ''
      : `${plural(ignored, 'other file was', 'other files were')} ignored: npm run sluice -- batch status ${batch.id} --files\n`;
  print(options, { batch, results: results.map(shownResult) }, () => `${renderResults(results)}${left}`);
}
