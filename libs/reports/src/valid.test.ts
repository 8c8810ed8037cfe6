import { readFile } from 'node:fs/promises';
import type { Report, ReportFormat, ReportItem } from '@sluice/api';
import { reportFormats, reportSchema } from '@sluice/api';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { validateXML } from 'xmllint-wasm';
import { describe, expect, it } from 'vitest';
import { aReport, aReportItem, anAdvisory, oneOfEach } from '../test/reports.ts';
import { mediaTypeOf, mergeReports, renderReport } from './index.ts';

/** Reports are valid by the public schemas, whatever is in them. */
const schemas = new URL('../fixtures/schemas/', import.meta.url);
const read = async (file: string) => readFile(new URL(file, schemas), 'utf8');
const schema = async (file: string) => JSON.parse(await read(file)) as Record<string, unknown>;

// The linter of modules reads the class as the default export of a translated module.
const withFormats = <Validator extends Ajv>(ajv: Validator): Validator => {
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  return ajv
    .addFormat('iri', true)
    .addFormat('iri-reference', true)
    .addFormat('idn-email', true) as Validator;
};
const options = { strict: false, allErrors: true, validateFormats: true };

// Draft 4, which has nothing in it that draft 7 reads otherwise but the name of the identifier.
const { $schema: _, id: __, ...sarif } = await schema('sarif-2.1.0.json');
const cycloneDx = withFormats(new Ajv(options));
for (const [file, name] of [
  ['cyclonedx-spdx.json', 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json'],
  ['cyclonedx-jsf-0.82.json', 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json'],
] as const) {
  const { $id: ___, ...referenced } = await schema(file);
  cycloneDx.addSchema(referenced, name);
}
const cycloneDxSchema = cycloneDx.compile(await schema('cyclonedx-bom-1.6.json'));
const validators = {
  sarif: withFormats(new Ajv(options)).compile(sarif),
  cyclonedx: cycloneDxSchema,
  vex: cycloneDxSchema,
  spdx: withFormats(new Ajv2019(options) as Ajv).compile(await schema('spdx-2.3.json')),
};
const junitSchema = await read('junit-10.xsd');

const faultsOf = (report: Report, format: keyof typeof validators): unknown => {
  const validate = validators[format];
  return validate(JSON.parse(renderReport(report, format))) ? [] : validate.errors;
};
const faultsOfJunit = async (report: Report) => {
  const xml = [{ fileName: 'report.xml', contents: renderReport(report, 'junit') }];
  return (await validateXML({ xml, schema: [junitSchema] })).errors.map(({ message }) => message);
};

const whole = aReport(oneOfEach);
const two = mergeReports([whole, aReport([aReportItem()], { filename: null, state: 'open' })]);
const empty = aReport([]);
const unread: Report = {
  ...aReport([aReportItem()]),
  unread: [{ file: 'web/</x>"/package-lock.json', code: 'lockfile.invalid', message: '=1 | <b>broken</b>' }],
};

describe.each([
  ['one of each standing', whole],
  ['two files', two],
  ['nothing', empty],
  ['a file that could not be read', unread],
])('a report of %s', (_name, report) => {
  it.each(Object.keys(validators) as (keyof typeof validators)[])('is valid as %s', (format) => {
    expect(faultsOf(report, format)).toEqual([]);
  });

  it('is valid as junit', async () => {
    expect(await faultsOfJunit(report)).toEqual([]);
  });

  it('is itself as json', () => {
    expect(reportSchema.parse(JSON.parse(renderReport(report, 'json')))).toEqual(report);
  });

  it.each(reportFormats)('is the same text again as %s, of a media type', (format: ReportFormat) => {
    expect(renderReport(report, format)).toBe(renderReport(structuredClone(report), format));
    expect(mediaTypeOf(format)).toMatch(/^[a-z]+\/[a-z.+-]+$/);
  });
});

it.each(['json', 'csv', 'sarif', 'html', 'markdown', 'junit'] as const)(
  'a file that could not be read is named as %s',
  (format) => expect(renderReport(unread, format)).toMatch(/lockfile\.\S*invalid/),
);

it('a report of several names the unread files of all', () => {
  expect(mergeReports([whole, unread]).unread).toEqual(unread.unread);
});

/** Text of strangers: of any characters, or written to get out of one of the formats. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '=HYPERLINK("https://evil.example")',
    '</script><script>alert(1)</script>',
    ']]><x/>',
    '| **x** | `y` |\n\n# z',
    '@acme/team #1 https://evil.example ![x](https://evil.example/x.png)',
    '\u0000\u0008\u202e\ud800\ufffe',
    '../../../etc/passwd',
    '"\r\n=1',
  ),
);
const optional = fc.option(text, { nil: null });
const advisory = fc.record({
  ...constants(anAdvisory),
  id: text,
  aliases: fc.array(text),
  summary: text,
  fixedIn: optional,
});
const items: fc.Arbitrary<ReportItem[]> = fc.array(
  fc
    .record({
      name: text,
      version: optional,
      standing: fc.constantFrom(...oneOfEach.map(({ standing }) => standing)),
      message: text,
      code: text,
      declared: optional,
      advisories: fc.array(advisory),
    })
    .map(({ message, code, declared, ...fields }) =>
      aReportItem({
        ...fields,
        license: { declared, expression: null },
        reasons: [{ code, message, severity: 'high', outcome: 'review', remedy: message }],
        paths: [message],
      }),
    ),
  { maxLength: 4 },
);
function constants<Value extends object>(value: Value) {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one)])) as {
    [Key in keyof Value]: fc.Arbitrary<Value[Key]>;
  };
}
const reports = fc.tuple(items, optional).map(([all, filename]) => aReport(all, { filename }));

describe('with any text in it', () => {
  it.each(Object.keys(validators) as (keyof typeof validators)[])('a report is valid as %s', (format) => {
    fc.assert(
      fc.property(reports, (report) => {
        expect(faultsOf(report, format)).toEqual([]);
      }),
    );
  });

  it('a report is valid as junit', async () => {
    await fc.assert(
      fc.asyncProperty(reports, async (report) => {
        expect(await faultsOfJunit(report)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it('no cell of a CSV is a formula, and every row has each column', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const lines = renderReport(report, 'csv').split('\r\n').slice(0, -1);
        expect(lines).toHaveLength(report.requests[0]!.items.length + 1);
        for (const line of lines) {
          const cells = [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) => cell!);
          expect(cells).toHaveLength(13);
          for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@|%\t\r＝＋－＠]/);
        }
      }),
    );
  });

  it('no text of HTML is an element, an attribute or a script', () => {
    const known =
      /^<(?:!doctype|\/?(?:html|head|meta|title|style|body|h1|h2|p|code|table|thead|tbody|tr|th|td|br)\b)/;
    fc.assert(
      fc.property(reports, (report) => {
        const html = renderReport(report, 'html');
        for (const [tag] of html.matchAll(/<[^>]*>?/g)) {
          expect(tag).toMatch(known);
          if (!/^<(?:html|meta)/.test(tag))
            expect(tag).toMatch(/^<[^\s]*(?: class="[a-z-]+")?>$|^<!doctype html>$/);
        }
      }),
    );
  });

  it('no text of Markdown is a mark, a link or a mention', () => {
    fc.assert(
      fc.property(reports, (report) => {
        for (const line of renderReport(report, 'markdown').split('\n').slice(1)) {
          if (/^\| (?:package|---)/.test(line)) continue;
          const rest = line.replaceAll(/<code>(?:[A-Za-z0-9 .,]|&#\d+;)*<\/code>/gu, 'x');
          expect(rest).toMatch(
            /^(?:\| (?:x|[a-z-]*) \| (?:x|[a-z-]*) \| (?:x|[a-z-]*) \| (?:x|[a-z-]*) \||[\w ,.:*-]*)$/,
          );
        }
      }),
    );
  });

  it('every place of SARIF is a relative path of the project with a line', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const { runs } = JSON.parse(renderReport(report, 'sarif')) as {
          runs: {
            results: {
              locations: {
                physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } };
              }[];
            }[];
          }[];
        };
        for (const { locations } of runs[0]!.results) {
          const { artifactLocation, region } = locations[0]!.physicalLocation;
          expect(artifactLocation.uri).toMatch(/^[^/:][^:]*$/);
          expect(artifactLocation.uri.split('/')).not.toContain('..');
          expect(region.startLine).toBeGreaterThan(0);
        }
      }),
    );
  });
});
