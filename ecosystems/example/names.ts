import type { Names } from '@sluice/contracts';

/** Names of letters, whose case does not matter, with the makers in front: `Acme/Widget`. Versions are `r1`, `r2` …. */
export const exampleNames: Names = {
  type: 'example',
  osvName: 'Example',
  canonicalName: (name) => name.toLowerCase(),
  isName: (name) => /^[a-z]{1,40}\/[a-z]{1,40}$/i.test(name),
  isVersion: (version) => releaseOf(version) !== null,
  compareVersions(a, b) {
    const [left, right] = [releaseOf(a), releaseOf(b)];
    return left === null || right === null ? null : left - right;
  },
};

function releaseOf(version: string): number | null {
  return /^r[1-9]\d{0,8}$/.test(version) ? Number(version.slice(1)) : null;
}
