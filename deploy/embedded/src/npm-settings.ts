import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';
import { z } from 'zod';

const run = promisify(execFile);
const npmMs = 15_000;

/** How npm reaches its registries, as settings of the services. */
export interface NpmSettings {
  registryUrl: string;
  /** Settings beside the registry's address; those that the environment has come first. */
  settings: Env;
  /** Lines of an .npmrc with credentials, of which none may stand in an environment; empty for none. */
  credentials: string;
}

const configSchema = z.looseObject({
  registry: z.url({ protocol: /^https?$/ }),
  ca: z.union([z.string(), z.array(z.string())]).nullish(),
  cafile: z.string().nullish(),
  proxy: z.union([z.string(), z.literal(false)]).nullish(),
  'https-proxy': z.string().nullish(),
  noproxy: z.union([z.string(), z.array(z.string())]).nullish(),
  userconfig: z.string().nullish(),
  globalconfig: z.string().nullish(),
});

/**
 * The registry of packages and the way to it: NPM_REGISTRY_URL and the settings beside it, else npm's configuration.
 * Only npm knows how its files and variables combine, so it is asked. It does not print credentials, so they are read
 * from its files. Where NPM_REGISTRY_URL is set, npm's configuration does not count.
 * @throws SetupError when npm cannot be asked.
 */
export async function npmSettings(env: Env): Promise<NpmSettings> {
  const registryUrl = env['NPM_REGISTRY_URL'];
  if (registryUrl) return { registryUrl, settings: {}, credentials: '' };
  const config = await askNpm(env);
  const files = [config.globalconfig, config.userconfig, projectFile(env)];
  const texts = await Promise.all(
    files.map(async (file) => (file ? readFile(file, 'utf8').catch(() => '') : '')),
  );
  // Later files win, line by line, as in npm.
  const lines = texts
    .join('\n')
    .split('\n')
    .map((line) => withVariables(line.trim(), env));
  const scoped = new Map(lines.flatMap((line) => scopedRegistry(line) ?? []));
  const found: Env = {
    ...(await authoritiesOf(config)),
    EGRESS_PROXY: config['https-proxy'] || config.proxy || env['https_proxy'] || undefined,
    EGRESS_NO_PROXY: [config.noproxy ?? []].flat().join(',') || undefined,
    NPM_SCOPED_REGISTRIES: [...scoped].map(([scope, url]) => `${scope}=${url}`).join(',') || undefined,
  };
  const unset = ([name, value]: [string, string | undefined]) => {
    const bare = name.replace(/_FILE$/, '');
    return value !== undefined && !env[bare] && !env[`${bare}_FILE`];
  };
  const hasOwn = Boolean(env['NPM_CREDENTIALS'] || env['NPM_CREDENTIALS_FILE']);
  return {
    registryUrl: config.registry,
    settings: Object.fromEntries(Object.entries(found).filter(unset)),
    credentials: hasOwn ? '' : lines.filter((line) => line.startsWith('//')).join('\n'),
  };
}

async function askNpm(env: Env): Promise<z.infer<typeof configSchema>> {
  try {
    const { stdout } = await run('npm', ['config', 'ls', '--json'], { env: { ...env }, timeout: npmMs });
    return configSchema.parse(JSON.parse(stdout));
  } catch (error) {
    throw new SetupError('npm does not say which registry it is configured with.', 'Set NPM_REGISTRY_URL.', {
      cause: error,
    });
  }
}

/** npm says so to its scripts; without it, it is the folder of the command. */
function projectFile(env: Env): string {
  return join(env['npm_config_local_prefix'] || process.cwd(), '.npmrc');
}

/** As a file where npm has one: bundles are larger than a variable may be. */
async function authoritiesOf({ ca, cafile }: z.infer<typeof configSchema>): Promise<Env> {
  if (ca) return { EGRESS_CA: [ca].flat().join('\n').replaceAll('\\n', '\n') };
  if (!cafile) return {};
  await access(cafile, constants.R_OK).catch((cause: unknown) => {
    const remedy = 'Correct it with npm config set cafile <file>, or set NPM_REGISTRY_URL.';
    throw new SetupError(`The cafile of npm, ${cafile}, cannot be read.`, remedy, { cause });
  });
  return { EGRESS_CA_FILE: cafile };
}

function scopedRegistry(line: string): [string, string][] | null {
  const [, scope, url] = /^(@[^:=\s]+):registry\s*=\s*"?([^"\s]+)"?$/.exec(line) ?? [];
  return scope && url ? [[scope, url]] : null;
}

/** `${NAME}` stands for a variable; one that is not set stays as it is, and `${NAME?}` becomes nothing. */
function withVariables(line: string, env: Env): string {
  return line.replace(
    /\$\{([^}?]+)(\?)?\}/g,
    (whole, name: string, optional?: string) => env[name] ?? (optional ? '' : whole),
  );
}
