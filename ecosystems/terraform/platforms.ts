import { PermanentError } from '@sluice/contracts';

/** Operating system and processor as Go names them, `linux_amd64`. */
const pattern = /^[a-z0-9]{1,20}_[a-z0-9]{1,20}$/;

export function isPlatform(text: string): boolean {
  return pattern.test(text);
}

/** @throws PermanentError `config.invalid` for a text that is no platform. */
export function platformOrRefuse(text: string): string {
  if (isPlatform(text)) return text;
  throw new PermanentError(
    'config.invalid',
    `REGISTRIES: terraform.platforms: ${JSON.stringify(text)} is no platform such as linux_amd64.`,
  );
}

/** Files of one assessment, at most: events have 64 kB. Providers have some 15. */
export const assessedFilesMax = 16;

/**
 * The platforms whose files are assessed: those that are configured, or all where none of them is there, since the request may be for a
 * platform that is not configured.
 * @param configured none stands for all.
 */
export function platformsToAssess(available: readonly string[], configured: readonly string[]): string[] {
  const fitting = available.filter((platform) => configured.includes(platform));
  return (fitting.length > 0 ? fitting : [...available]).toSorted().slice(0, assessedFilesMax);
}
