import { formatPurl, parsePurl, type Names } from '@sluice/contracts';
import { npmNames } from './npm/names.ts';
import { pypiNames } from './pypi/names.ts';
import { terraformNames } from './terraform/names.ts';

/** Names and versions, by ecosystem. */
export const names: readonly Names[] = [npmNames, pypiNames, terraformNames];

/**
 * A purl in the one form that Sluice stores.
 * @throws PermanentError `purl.invalid` when the text is no purl, or has no name or no version.
 */
export function canonicalPurl(text: string): string {
  const { type, name, version } = parsePurl(text);
  const known = names.find((one) => one.type === type);
  return formatPurl({ type, name: known?.canonicalName(name) ?? name, version });
}
