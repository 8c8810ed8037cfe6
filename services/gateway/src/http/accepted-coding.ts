/** The first of the codings offered that an `Accept-Encoding` names and does not exclude with `q=0`; null for none. */
export function acceptedCoding<Coding extends string>(
  accepted: string,
  offered: readonly Coding[],
): Coding | null {
  const names = accepted
    .split(',')
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/i.test(part))
    .map((part) => part.split(';')[0]!.trim().toLowerCase());
  return offered.find((coding) => names.includes(coding)) ?? null;
}
