import type { DocumentFormat } from '../format.ts';
import { purlListFormat } from './purl-list.ts';

/** Documents that name packages of any ecosystem. */
export const documentFormats: readonly DocumentFormat[] = [purlListFormat];
