import { errorCodeOf } from '@sluice/contracts';
import { parseSubmission } from '@sluice/intake';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terraformIntake } from '../intake.ts';
import { hasTerraform, terraformFolder } from '../test/run-terraform.ts';

const parse = (text: string, filename: string | null = '.terraform.lock.hcl') =>
  parseSubmission(Buffer.from(text), { intakes: [terraformIntake], filename });
const codeOf = (text: string, filename: string | null = '.terraform.lock.hcl') => {
  try {
    parse(text, filename);
    return null;
  } catch (error) {
    return errorCodeOf(error);
  }
};
const zh = `zh:${'ab'.repeat(32)}`;
const h1 = `h1:${Buffer.alloc(32, 7).toString('base64')}`;
const provider = (body: string, address = 'registry.example/acme/thing') =>
  `provider "${address}" {\n${body}\n}\n`;

/** The size at which a second of reading would be far too much. */
const manyHashes = 20_000;

describe('.terraform.lock.hcl', () => {
  it('gives each provider with its version and hashes, in any order and with comments anywhere', () => {
    const text = `
# This file is maintained automatically by "terraform init".
/* provider "registry.example/acme/none" { */
provider "registry.example/acme/thing" { // first
  hashes = [
    "${h1}", # of one platform
    "${zh}",
  ]
  constraints = ">= 1.0.0, < 2.0.0"
  version     = "1.2.3-beta.1+build"
}

provider "localhost:8443/acme/other" { version = "0.1.0" }
`;
    const { format, items, entryCount } = parse(text, null);
    expect([format, entryCount]).toEqual(['terraform-lock@1', 2]);
    expect(items.map(({ purl }) => purl)).toEqual([
      'pkg:terraform/registry.example/acme/thing@1.2.3-beta.1+build',
      'pkg:terraform/localhost%3A8443/acme/other@0.1.0',
    ]);
    expect(items.map(({ pins }) => pins)).toEqual([
      [
        { algorithm: 'h1', hex: '07'.repeat(32) },
        { algorithm: 'sha256', hex: 'ab'.repeat(32) },
      ],
      [],
    ]);
    expect(items[0]!.paths).toEqual(['line 4']);
  });

  it.each([
    ['of an unknown scheme', 'h9:AAAA'],
    ['that is cut', 'zh:abcd'],
    ['in capitals', zh.toUpperCase().replace('ZH', 'zh')],
    ['with other base64', 'h1:AAAA'],
  ])('notes a hash %s', (_, hash) => {
    const { items } = parse(provider(`  version = "1.0.0"\n  hashes = ["${zh}", "${hash}"]`));
    expect(items[0]!.pins).toHaveLength(1);
    expect(items[0]!.notes).toMatchObject([{ code: 'integrity.unreadable' }]);
  });

  it('lists a module, which no Terraform locks yet', () => {
    const { items } = parse(`${provider('  version = "1.0.0"')}module "vpc" {\n  version = "1"\n}\n`);
    expect(items[1]).toMatchObject({ name: 'vpc', purl: null, unassessable: { code: 'source.module' } });
  });

  it('without providers is a lockfile of nothing', () => {
    expect(parse('# This file is maintained automatically by "tofu init".\n', null).items).toEqual([]);
  });

  it.each([
    ['a provider twice', provider('  version = "1.0.0"').repeat(2)],
    ['a short address', provider('  version = "1.0.0"', 'acme/thing')],
    ['an address in capitals', provider('  version = "1.0.0"', 'registry.example/Acme/thing')],
    ['a legacy address', provider('  version = "1.0.0"', 'registry.example/-/thing')],
    ['an address that leads elsewhere', provider('  version = "1.0.0"', 'registry.example/../thing')],
    ['no version', provider('')],
    ['a range', provider('  version = "~> 1.0"')],
    ['a version that is not in its usual form', provider('  version = "v1.0.0"')],
    ['a version that Terraform would evaluate', provider('  version = "1.${0}.0"')],
    ['no hash in its list', provider('  version = "1.0.0"\n  hashes = []')],
    ['a hash without a scheme', provider('  version = "1.0.0"\n  hashes = ["abc"]')],
    ['an unknown argument', provider('  version = "1.0.0"\n  source = "x"')],
    ['an unknown block', `${provider('  version = "1.0.0"')}resource "a" "b" {\n}\n`],
    ['an argument outside of a provider', `x = 1\n${provider('  version = "1.0.0"')}`],
    ['an argument twice', provider('  version = "1.0.0"\n  version = "1.0.0"')],
    ['no end', 'provider "registry.example/acme/thing" {\n  version = "1.0.0"\n'],
    ['a text over two lines', provider('  version = "1.0.\n0"')],
    ['marks of a merge', `<<<<<<< HEAD\n${provider('  version = "1.0.0"')}`],
  ])('with %s is refused', (_, text) => expect(codeOf(text)).toBe('lockfile.invalid'));

  it('is refused when it nests or repeats beyond all use, in little time', () => {
    const began = performance.now();
    expect(codeOf('a {\n'.repeat(10_000))).toBe('input.too-deep');
    expect(codeOf(provider(`  version = "${'${"'.repeat(10_000)}"`))).toBe('input.too-deep');
    expect(codeOf(`/*${'*'.repeat(1_000_000)}`)).toBe('lockfile.invalid');
    expect(codeOf('a '.repeat(600_000))).toBe('input.too-large');
    const many = parse(provider(`  version = "1.0.0"\n  hashes = [${`"${zh}",`.repeat(manyHashes)}]`));
    expect(many.items[0]!.notes).toMatchObject([{ code: 'integrity.unreadable' }]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

const part = fc.oneof(
  fc.constantFrom(
    'provider "registry.example/acme/thing" {\n',
    'provider "registry.example/acme/other" {\n',
    '  version = "1.0.0"\n',
    '  version = "2.1.0"\n',
    '  constraints = "1.0.0"\n',
    `  hashes = ["${zh}"]\n`,
    `  hashes = [\n    "${h1}",\n    "${zh}",\n  ]\n`,
    '}\n',
    'module "a" {\n}\n',
    '{',
    '}',
    '[',
    ']',
    '"',
    '=',
    ',',
    '\n',
    ' # x\n',
    '/* x */',
    '//',
    '<<EOT\n',
    'EOT\n',
    '${',
    '$${',
    '\\',
    '\\u0031',
    '\r\n',
    '\ufeff',
    '\u00e9',
  ),
  fc.string({ maxLength: 4 }),
);
const texts = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
/** Mostly whole providers, with something put into them. */
const nearly = fc
  .tuple(texts, fc.nat(3), part)
  .map(
    ([tail, at, inserted]) =>
      ['provider "registry.example/acme/thing" {\n', '  version = "1.0.0"\n', `  hashes = ["${zh}"]\n`, '}\n']
        .toSpliced(at, 0, inserted)
        .join('') + tail,
  );

it('any text gives a submission or an error of its own', () => {
  fc.assert(
    fc.property(
      fc.oneof(texts, nearly),
      fc.constantFrom('.terraform.lock.hcl', 'main.tf', null),
      (text, name) => {
        const code = codeOf(text, name);
        expect(code === null || /^(?:input|lockfile)\./.test(code)).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});

/** Each run starts Terraform, which takes 60 ms. */
const differentialMs = 120_000;

it(
  'a lockfile that is read has the providers that Terraform reads in it',
  async ({ skip }) => {
    skip(!hasTerraform());
    const folder = await terraformFolder();
    await fc.assert(
      fc.asyncProperty(nearly, async (text) => {
        // `version` shows nothing beside a warning; `init` goes by such a lockfile.
        fc.pre(!text.includes('module'));
        await folder.write('.terraform.lock.hcl', text);
        const { stdout } = await folder.run(['version', '-json']);
        const { provider_selections: selected } = JSON.parse(stdout) as {
          provider_selections: Record<string, string>;
        };
        let own: Record<string, string>;
        try {
          const items = parse(text).items.filter(({ purl }) => purl !== null);
          own = Object.fromEntries(items.map(({ name, version }) => [name, version!]));
        } catch {
          // Refused: stricter is right, since nothing is installed on it.
          return;
        }
        expect(own).toEqual(selected);
      }),
      { numRuns: 80 },
    );
  },
  differentialMs,
);

it(
  'the lockfiles that are refused are refused by Terraform as well',
  async ({ skip }) => {
    skip(!hasTerraform());
    const folder = await terraformFolder();
    const refused = [
      provider('  version = "1.0.0"', 'acme/thing'),
      provider('  version = "1.0.0"', 'registry.example/acme/a_b'),
      provider('  version = "1.0.0"', 'registry.example/acme/a--b'),
      provider('  version = "1.0.0"', 'registry.example/acme/terraform-x'),
      provider('  version = "1.0"'),
      provider('  version = "01.0.0"'),
      provider('  version = "1.0.0"\n  hashes = []'),
      `${provider('  version = "1.0.0"')}x = 1\n`,
    ];
    for (const text of refused) {
      await folder.write('.terraform.lock.hcl', text);
      const { stdout } = await folder.run(['version', '-json']);
      expect([codeOf(text), JSON.parse(stdout)]).toMatchObject([
        'lockfile.invalid',
        { provider_selections: {} },
      ]);
    }
  },
  differentialMs,
);
