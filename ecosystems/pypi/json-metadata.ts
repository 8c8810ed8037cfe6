import { PermanentError } from '@sluice/contracts';
import { parseJsonAnswer, UnusableAnswer } from '@sluice/registries';
import { z } from 'zod';
import type { CoreMetadata } from './core-metadata.ts';

const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).max(2_000).nullish().catch(null);

/** Fields of the JSON API's `info`; anything unexpected in an optional one counts as absent. */
const schema = z.looseObject({
  info: z.looseObject({
    name: z.string(),
    version: z.string(),
    license: text,
    license_expression: text,
    license_files: texts,
    classifiers: texts,
    requires_dist: texts,
    requires_python: text,
    project_urls: z.record(z.string(), z.string().nullable()).nullish().catch(null),
    home_page: text,
  }),
});

/**
 * Reads the JSON API's answer about one version.
 * @throws UnusableAnswer for JSON of another shape. Source: PyPI's documentation, "JSON API".
 */
export function readJsonMetadata(bytes: Buffer): CoreMetadata {
  const parsed = schema.safeParse(parseJsonAnswer(bytes));
  if (!parsed.success) {
    throw new UnusableAnswer(
      new PermanentError(
        'registry.invalid-metadata',
        'The registry sent JSON that is no metadata of a version.',
      ),
    );
  }
  const { info } = parsed.data;
  const urls = Object.entries(info.project_urls ?? {}).flatMap(([label, url]): [string, string][] =>
    url ? [[label, url]] : [],
  );
  const home: [string, string][] = info.home_page ? [['Home-page', info.home_page]] : [];
  return {
    name: info.name,
    version: info.version,
    license: info.license || null,
    licenseExpression: info.license_expression || null,
    licenseFiles: info.license_files ?? [],
    classifiers: info.classifiers ?? [],
    requiresDist: info.requires_dist ?? [],
    requiresPython: info.requires_python || null,
    urls: Object.fromEntries([...home, ...urls]),
    problem: null,
  };
}
