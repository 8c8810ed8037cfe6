/** A name that people use for a license and that the SPDX list does not have. */
export interface NameAlias {
  name: string;
  expression: string;
  /** Start of the identifiers that the name may mean, where it states no version. */
  family?: string;
}

/**
 * One name a line, in words; case, hyphens, "license", "the" and "version" do not matter. Abbreviations that two
 * licenses share, and names of licenses with several versions, are left out on purpose.
 */
const aliases: Record<string, readonly string[]> = {
  MIT: ['mit', 'expat', 'mit expat', 'expat mit', 'mit x11', 'x11 mit'],
  ISC: ['isc', 'iscl', 'internet systems consortium', 'internet systems consortium isc'],
  Zlib: ['zlib', 'zlib libpng'],
  'Apache-2.0': [
    'apache 2',
    'asl 2',
    'apache software 2',
    'apache public 2',
    'apache 2 january 2004',
    'apache software asl 2',
    'apache asl 2',
    'apache software foundation 2',
  ],
  'Apache-1.1': ['asl 1.1', 'apache software 1.1'],
  'BSD-2-Clause': [
    '2 clause bsd',
    'bsd 2',
    'simplified bsd',
    'bsd simplified',
    'simplified bsd 2 clause',
    '2 clause simplified bsd',
    'simplified 2 clause bsd',
    'bsd 2 clause simplified',
  ],
  'BSD-3-Clause': [
    '3 clause bsd',
    'bsd 3',
    'new bsd',
    'bsd new',
    'revised bsd',
    'bsd revised',
    'modified bsd',
    'new bsd 3 clause',
    '3 clause new bsd',
    'new 3 clause bsd',
    'bsd 3 clause new',
    'bsd new 3 clause',
    'revised bsd 3 clause',
    '3 clause revised bsd',
    'bsd 3 clause revised',
    'modified bsd 3 clause',
    '3 clause modified bsd',
    'new or revised bsd',
    'new revised bsd',
    'eclipse distribution 1',
    'edl 1',
  ],
  'BSD-4-Clause': ['4 clause bsd', 'bsd 4', 'original bsd', 'bsd original', 'old bsd', 'bsd old'],
  '0BSD': ['0 clause bsd', 'bsd 0', 'free public 1'],
  'MPL-1.1': ['mozilla 1.1', 'mozilla public mpl 1.1'],
  'MPL-2.0': ['mozilla 2', 'mozilla public mpl 2'],
  'EPL-1.0': ['eclipse 1', 'eclipse public epl 1'],
  'EPL-2.0': ['eclipse 2', 'eclipse public epl 2'],
  'CDDL-1.0': ['common development and distribution cddl 1'],
  'CDDL-1.1': ['common development and distribution cddl 1.1'],
  'BSL-1.0': ['boost', 'boost 1', 'boost software', 'boost software bsl 1'],
  // "BSL" means the Business Source License since 2013; the Boost license has only a version 1.0.
  'BUSL-1.1': ['bsl 1.1', 'busl', 'business source', 'business source bsl 1.1', 'mariadb bsl 1.1'],
  'SSPL-1.0': ['sspl', 'server side public', 'server side public sspl 1'],
  'Elastic-2.0': ['elv2', 'el 2', 'elastic elv2'],
  'PolyForm-Noncommercial-1.0.0': ['polyform noncommercial'],
  'PolyForm-Small-Business-1.0.0': ['polyform small business'],
  WTFPL: [
    'wtfpl 2',
    'do what the fuck you want to public',
    'do what the fuck you want to public 2',
    'do what the fuck you want to public wtfpl',
  ],
  'CC0-1.0': [
    'cc0',
    'cc0 universal',
    'cc0 1 universal',
    'creative commons zero',
    'creative commons 0 1',
    'creative commons cc0',
    'creative commons cc0 1',
    'creative commons cc0 1 universal',
  ],
  'UPL-1.0': ['upl', 'universal permissive', 'universal permissive upl 1'],
  'BlueOak-1.0.0': ['blueoak', 'blue oak', 'blue oak 1', 'blue oak model'],
  'PSF-2.0': ['psf', 'python software foundation'],
  'OFL-1.1': ['sil ofl 1.1', 'open font 1.1', 'sil open font ofl 1.1'],
  'MS-PL': ['mspl'],
  Beerware: ['beer ware'],
  'FSL-1.1-ALv2': ['fsl 1.1 apache 2'],
  'BSD-2-Clause-Views': ['freebsd'],
  'LicenseRef-public-domain': ['public domain'],
};

/** A name without a version, the license that it is read as, and the identifiers that may make it precise. */
const versionless: readonly NameAlias[] = [
  { name: 'bsd', expression: 'BSD-2-Clause', family: 'BSD-' },
  { name: 'apache', expression: 'Apache-2.0', family: 'Apache-' },
  { name: 'apache software', expression: 'Apache-2.0', family: 'Apache-' },
];

interface GnuFamily {
  id: 'GPL' | 'LGPL' | 'AGPL';
  longNames: readonly string[];
  versions: readonly string[];
}

const gnuFamilies: readonly GnuFamily[] = [
  { id: 'GPL', longNames: ['general public', 'gnu public', 'public gpl'], versions: ['1.0', '2.0', '3.0'] },
  {
    id: 'LGPL',
    longNames: [
      'lesser general public',
      'lesser public',
      'lesser gpl',
      'library general public',
      'library gpl',
      'library or lesser general public',
    ],
    versions: ['2.0', '2.1', '3.0'],
  },
  {
    id: 'AGPL',
    longNames: ['affero general public', 'affero public', 'affero gpl'],
    versions: ['1.0', '3.0'],
  },
];

/** All names beside those of the SPDX list. */
export function nameAliases(): NameAlias[] {
  const listed = Object.entries(aliases).flatMap(([expression, names]) =>
    names.map((name) => ({ name, expression })),
  );
  return [...listed, ...versionless, ...gnuFamilies.flatMap(gnuAliases), ...creativeCommonsAliases()];
}

/**
 * "If the Program does not specify a version number, you may choose any version ever published."
 * Source: GNU General Public License 3.0, section 14; the others say the same.
 */
function gnuAliases({ id, longNames, versions }: GnuFamily): NameAlias[] {
  // The abbreviation often follows the name, in brackets.
  const names = [id, ...longNames.flatMap((name) => [name, `${name} ${id}`])];
  return names.flatMap((name) =>
    [name, `gnu ${name}`].flatMap((full) => [
      { name: full, expression: `${id}-${versions[0]}-or-later`, family: `${id}-` },
      ...versions.map((version) => ({ name: `${full} ${version}`, expression: `${id}-${version}-only` })),
    ]),
  );
}

const creativeCommonsTerms: Record<string, string> = {
  by: 'attribution',
  nc: 'noncommercial',
  nd: 'noderivatives',
  sa: 'sharealike',
};

function creativeCommonsAliases(): NameAlias[] {
  return ['by', 'by nc', 'by nd', 'by sa', 'by nc nd', 'by nc sa'].flatMap((terms) => {
    const long = terms.replaceAll(/\w+/g, (term) => creativeCommonsTerms[term]!);
    return ['3.0', '4.0'].flatMap((version) =>
      [`cc ${long}`, `creative commons ${long}`, `creative commons ${terms}`, `cc ${terms}`, long].flatMap(
        (name) =>
          [name, `${name} cc ${terms}`].flatMap((full) =>
            ['', version === '4.0' ? ' international' : ' unported'].map((suffix) => ({
              name: `${full} ${version}${suffix}`,
              expression: `CC-${terms.toUpperCase().replaceAll(' ', '-')}-${version}`,
            })),
          ),
      ),
    );
  });
}
