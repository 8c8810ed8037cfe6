import { isExcluded, showPlatforms, type SubmissionItem } from '@sluice/contracts';

/**
 * Marks an item that no platform of a request installs: it stays in the list, unassessed, with `source.platform`. What is in
 * another package's archive is placed with it, whatever it states. Pure.
 * @param platforms for instance `linux-x64`; empty for all platforms.
 */
export function leaveOut(item: SubmissionItem, platforms: readonly string[]): SubmissionItem {
  const { platforms: stated, bundledIn, unassessable } = item;
  const isAssessed = !stated || bundledIn || unassessable || platforms.length === 0;
  if (isAssessed || !platforms.every((platform) => isExcluded(stated, platform))) return item;
  const message = `It is for ${showPlatforms(stated)}, and the request is for ${platforms.join(', ')} only.`;
  return { ...item, purl: null, unassessable: { code: 'source.platform', message } };
}
