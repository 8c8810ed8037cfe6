import type { DocumentFormat } from '../format.ts';
import { cycloneDxJsonFormat, cycloneDxXmlFormat } from './cyclonedx.ts';
import { purlListFormat } from './purl-list.ts';
import { spdxJsonFormat, spdxTagsFormat } from './spdx.ts';

/** Documents that name packages of any ecosystem. */
export const documentFormats: readonly DocumentFormat[] = [
  cycloneDxJsonFormat,
  cycloneDxXmlFormat,
  spdxJsonFormat,
  spdxTagsFormat,
  purlListFormat,
];
