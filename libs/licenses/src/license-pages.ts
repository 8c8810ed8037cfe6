import { licenseNames, nameKey, type LicenseName } from './license-names.ts';

/** Pages at an address of their own. */
const pages = new Map(
  Object.entries({
    'apache.org/licenses/license-2.0': 'Apache-2.0',
    'apache.org/licenses/license-1.1': 'Apache-1.1',
    'boost.org/license_1_0': 'BSL-1.0',
    'eclipse.org/legal/epl-v10': 'EPL-1.0',
    'eclipse.org/legal/epl-v20': 'EPL-2.0',
    'eclipse.org/legal/epl-2.0': 'EPL-2.0',
    'mozilla.org/mpl/2.0': 'MPL-2.0',
    'mozilla.org/en-us/mpl/2.0': 'MPL-2.0',
    'mozilla.org/mpl/1.1': 'MPL-1.1',
    'mozilla.org/mpl/mpl-1.1': 'MPL-1.1',
    'unlicense.org': 'Unlicense',
    'wtfpl.net': 'WTFPL',
    'wtfpl.net/about': 'WTFPL',
    'wtfpl.net/txt/copying': 'WTFPL',
    'sam.zoy.org/wtfpl': 'WTFPL',
    'mit-license.org': 'MIT',
    'creativecommons.org/publicdomain/zero/1.0': 'CC0-1.0',
    'blueoakcouncil.org/license/1.0.0': 'BlueOak-1.0.0',
    'polyformproject.org/licenses/noncommercial/1.0.0': 'PolyForm-Noncommercial-1.0.0',
    'polyformproject.org/licenses/small-business/1.0.0': 'PolyForm-Small-Business-1.0.0',
  }),
);

/** Sites that have a page for each license, whose address ends with its name. */
const sites =
  /^(?:opensource\.org\/licenses?|spdx\.org\/licenses|choosealicense\.com\/licenses|gnu\.org\/(?:licenses(?:\/old-licenses)?|copyleft))\/([^/]+)$/;
const creativeCommons =
  /^creativecommons\.org\/licenses\/([a-z-]+)\/(\d\.\d)(?:\/(?:deed|legalcode)(?:\.[a-z]{2})?)?$/;

/** A project's own license file: says nothing more than the name beside it. */
const licenseFile = /\/(?:licen[sc]e|copying)$/;

/** Longer ones are no pages of licenses, and the patterns here are for short texts. */
const urlLengthMax = 250;

/** The license that a public page of a license stands for; null for any other page. */
export function pageLicense(url: string): LicenseName | null {
  if (url.length > urlLengthMax) return null;
  const page = address(url);
  const own = pages.get(page);
  if (own !== undefined) return { expression: own };
  const commons = creativeCommons.exec(page);
  const name = commons ? `cc-${commons[1]}-${commons[2]}` : sites.exec(page)?.[1];
  const key = name === undefined ? null : nameKey(name.replace(/[._](?:en|standalone)$|-standalone$/, ''));
  return key === null ? null : (licenseNames().get(key) ?? null);
}

/** Whether the address ends with the usual name of a license file, so that a name beside it keeps its meaning. */
export function isLicenseFile(url: string): boolean {
  return url.length <= urlLengthMax && licenseFile.test(address(url));
}

function address(url: string): string {
  return url
    .toLowerCase()
    .replace(/[?#].*$/, '')
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\.$/, '')
    .replace(/\/$/, '')
    .replace(/\.(?:html?|php|txt|md|json|rst)$/, '');
}
