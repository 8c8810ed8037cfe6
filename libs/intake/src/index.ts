/** One parser per lockfile format, each turning a submission into items. Pure; input is hostile and bounded. */
export { itemsMax, parseSubmission } from './parse-submission.ts';
export { isLinkTo, namesTag, placeKind, readAlias, type PlaceKind } from './npm-spec.ts';
export { parseSafeJson } from './safe-json.ts';
