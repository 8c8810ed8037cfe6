import { laneSchema, platformPattern, visibleText } from '@sluice/contracts';
import { z } from '../documented-zod.ts';
import { scopeParameter } from '../scope.ts';

/** Limits on texts and labels of a request. */
const textMaxChars = 200;
const labelsMax = 20;
/** A team installs on a handful. */
const platformsMax = 20;

const labelValue = z.union([z.literal(''), visibleText(textMaxChars)]);

function splitLabel(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Written `name=value`; the value may be empty. */
const label = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}=/, 'must be written as name=value')
  .refine((text) => labelValue.safeParse(splitLabel(text)[1]).success, 'has a value that cannot be shown')
  .transform(splitLabel);

const platform = z
  .string()
  .regex(
    new RegExp(`^(?:all|${platformPattern})$`),
    'must be an operating system and a processor as Node names them, for instance linux-x64, linux-x64-musl or darwin-arm64, or all',
  );

/** Parameters that may be repeated. */
export const repeatedParameters: readonly string[] = ['label', 'platform'];

/** Parameters of a submission beside its file, in the query or in a form. */
export const submissionParametersSchema = z.strictObject({
  lane: laneSchema.default('interactive').openapi({ description: '`bulk` for work that can wait.' }),
  scope: scopeParameter,
  requester: visibleText(textMaxChars).optional().openapi({
    example: 'mira@example.org',
    description: 'Who asks: the holder of the key, and only the local key may name another one.',
  }),
  filename: visibleText(textMaxChars).optional().openapi({ example: 'package-lock.json' }),
  format: visibleText(60)
    .optional()
    .openapi({
      description:
        'The format of the file, or its usual name, which overrules content and `filename`: `spdx`, `yarn-lock`, `pnpm-lock.yaml`. ' +
        'docs/lockfiles.md lists them.',
      example: 'cyclonedx',
    }),
  label: z
    .array(label)
    .max(labelsMax)
    .refine((labels) => new Set(labels.map(([name]) => name)).size === labels.length, 'has a name twice')
    .optional()
    .openapi({ description: '`name=value`; may be repeated.', example: ['team=payments'] }),
  platform: z
    .array(platform)
    .max(platformsMax)
    .optional()
    .openapi({
      description:
        'A platform to install on, with its C library or without; may be repeated. Optional package versions that none of ' +
        'them installs are listed as `source.platform` and not assessed. `all`, and none, leaves nothing out.',
      example: ['linux-x64-glibc'],
    }),
});

const {
  lane,
  scope,
  requester,
  format,
  label: labels,
  platform: platforms,
} = submissionParametersSchema.shape;
const binary = z.string().openapi({ format: 'binary' });

/** A submission as a body, by its media type: the lockfile itself, or a form with the parameters beside it. */
export const submissionBodies = {
  'application/json': z
    .union([z.looseObject({}), z.array(z.union([z.string(), z.looseObject({})]))])
    .openapi({
      description:
        'A lockfile, an SBOM or a list of purls, as it is; a file that is no JSON may be sent under this type as well.',
      example: {
        name: 'app',
        lockfileVersion: 3,
        packages: { '': { name: 'app' }, 'node_modules/lodash': { version: '4.17.21' } },
      },
    }),
  'application/octet-stream': binary,
  // Without defaults: generators of clients read a field that has one as required.
  'multipart/form-data': z.strictObject({
    file: binary,
    lane: lane.unwrap().optional(),
    scope: scope.unwrap().optional(),
    requester,
    format,
    label: labels,
    platform: platforms,
  }),
};
