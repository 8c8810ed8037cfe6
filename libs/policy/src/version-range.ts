import { PermanentError, type Names } from '@sluice/contracts';

type Rules = Pick<Names, 'isVersion' | 'compareVersions'>;

const comparators = {
  '>=': (order: number) => order >= 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '<': (order: number) => order < 0,
  '=': (order: number) => order === 0,
};
const pattern = /^(>=|<=|>|<|=|)(.+)$/;
const partsMax = 10;

/**
 * Reads a range of versions: comparisons that all have to hold, parted by blanks, such as `>=4.0.0 <5.0.0`, or one version alone. The
 * order is that of the ecosystem, pre-releases included.
 * @returns whether a version is in it; one that cannot be compared is not.
 * @throws PermanentError `input.invalid`.
 */
export function readVersionRange(text: string, rules: Rules): (version: string) => boolean {
  const parts = text.trim().split(/\s+/);
  if (parts.length > partsMax) throw invalid(text);
  const tests = parts.map((part) => {
    const [, operator, bound] = pattern.exec(part) ?? [];
    if (!bound || !rules.isVersion(bound)) throw invalid(text);
    const holds = comparators[(operator || '=') as keyof typeof comparators];
    return (version: string) => {
      const order = rules.compareVersions(version, bound);
      return order !== null && holds(order);
    };
  });
  return (version) => tests.every((holds) => holds(version));
}

function invalid(text: string): PermanentError {
  return new PermanentError(
    'input.invalid',
    `"${text}" is no range of versions. Write comparisons parted by blanks, such as >=4.0.0 <5.0.0, or one version.`,
  );
}
