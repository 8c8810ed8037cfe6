/**
 * The weight that a client gives a media type (RFC 9110, 12.5.1): of the ranges that fit, the most exact one counts.
 * @param header undefined, as from a client that takes anything.
 * @returns 0 for what it does not take.
 */
export function accepts(header: string | undefined, mediaType: string): number {
  if (header === undefined) return 1;
  const [main] = mediaType.split('/');
  const fits = header.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const exactness = [`*/*`, `${main}/*`, mediaType].indexOf(type);
    if (exactness < 0) return [];
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    return [{ exactness, quality: Number.isNaN(quality) ? 0 : Math.min(Math.max(quality, 0), 1) }];
  });
  return fits.reduce((best, one) => (one.exactness > best.exactness ? one : best), {
    exactness: -1,
    quality: 0,
  }).quality;
}
