import { placesOfMeanings } from '../text-signals.ts';
import { placesOfKinds, type WordKind } from '../words-in.ts';

/** Words of calls that a finding starts from, and such that hardly any other code has. */
const decisive: WordKind[] = [
  'programs',
  'network',
  'code',
  'secrets',
  'computed',
  'changes',
  'remote',
  'miners',
  'publishes',
  'wallets',
  'powershell',
  'credentials',
  'aliases',
  'ownFile',
  'home',
  'handsOn',
];
/** Words that only matter beside those. */
const accompanying: WordKind[] = ['decoders', 'typing', 'machine', 'inbox'];
/** Two things further apart than this in a bundle have nothing to do with each other, unless one calls the other. */
export const chainDistanceMax = 6_000;

const decisivePlaces = placesOfKinds(decisive);
const accompanyingPlaces = placesOfKinds(accompanying);
const meaningPlaces = placesOfMeanings();

/** The places of a long text that its windows are made around. */
export function windowPlaces(text: string): number[] {
  const places = [...decisivePlaces.find(text), ...meaningPlaces.find(text)].toSorted((a, b) => a - b);
  const isNear = (place: number) => distanceTo(place, places) <= chainDistanceMax;
  return [...places, ...accompanyingPlaces.find(text).filter(isNear)];
}

function distanceTo(place: number, sorted: readonly number[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return Math.min((sorted[low] ?? Infinity) - place, place - (sorted[low - 1] ?? -Infinity));
}
