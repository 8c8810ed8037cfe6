import { isExcluded, showPlatforms, type SubmissionItem } from '@sluice/contracts';

/**
 * Marks the items that no platform of a request installs: they stay in the list, unassessed, with `source.platform`. What is in
 * another package's archive is placed with it, whatever it states itself, and left out with it. Pure.
 * @param platforms for instance `linux-x64`; empty for all platforms.
 */
export function leaveOut(items: SubmissionItem[], platforms: readonly string[]): SubmissionItem[] {
  const only = `and the request is for ${platforms.join(', ')} only.`;
  const left = new Map<string, string>();
  for (const item of items) {
    if (item.purl && isLeftOut(item, platforms)) left.set(item.purl, showPlatforms(item.platforms!));
  }
  // The same package version from another place may be installed, with what is in its archive.
  for (const item of items) if (item.purl && !isLeftOut(item, platforms)) left.delete(item.purl);
  return items.map((item) => {
    if (isLeftOut(item, platforms)) return mark(item, `It is for ${showPlatforms(item.platforms!)}, ${only}`);
    const bundler = item.bundledIn ? left.get(item.bundledIn) : undefined;
    return bundler === undefined
      ? item
      : mark(item, `It is in the archive of ${item.bundledIn}, which is for ${bundler}, ${only}`);
  });
}

function isLeftOut({ platforms: stated, bundledIn, purl }: SubmissionItem, platforms: readonly string[]) {
  if (!stated || bundledIn || purl === null || platforms.length === 0) return false;
  return platforms.every((platform) => isExcluded(stated, platform));
}

function mark(item: SubmissionItem, message: string): SubmissionItem {
  return { ...item, purl: null, unassessable: { code: 'source.platform', message } };
}
