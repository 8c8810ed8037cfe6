import { imitationsOf, typosquatRule } from '@sluice/inspection/inspect';
import { popularNames } from './popular-names.ts';

const endings = /-?(?:py|python|lib|pkg|package|module|official|latest|sdk|dev)\d?$/;
/** Everybody knows all of the list. */
const wellKnownMax = 2_000;

/** The popular package that a name could be mistaken for, or null. */
export const imitated = imitationsOf({ popular: popularNames, endings, wellKnownMax });

export const typosquat = typosquatRule(imitated);
