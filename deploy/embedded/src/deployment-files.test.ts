import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlFile, keepNatsKeys, natsKeyFile, natsUsers, postgresUsers } from '@sluice/rights';
import { loadConfig } from '@sluice/runtime';
import { findRepositoryRoot } from '@sluice/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { serviceEnv } from './service-env.ts';
import { stackServices } from './services.ts';
import { stateFolder } from './state-folder.ts';

interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string; target: string };
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: unknown;
}

const root = findRepositoryRoot();
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const composeText = read('docker-compose.yml');
const compose = parse(composeText, { merge: true }) as {
  services: Record<string, ComposeService>;
  volumes: object;
  secrets: Record<string, { file: string }>;
};
/** Runs once, before the services. */
const migrating = 'migrate';
const built = Object.entries(compose.services).filter(
  ([name, { build }]) => build !== undefined && name !== migrating,
);
/** Made by `sluice setup`, and not kept with the files. */
const madeBySetup = './secrets/';
/** Settings that compose has itself, a secret of its own for each service. */
const ownSettings = ['NATS_TOKEN', 'NATS_CREDS', 'NATS_NKEY', 'DATABASE_URL', 'MIGRATE'];
/** What a secret of compose may hold, by the setting that it is for. */
const secretValues: Record<string, string> = {
  NATS_NKEY: 'SUAA',
  DATABASE_URL: 'postgres://user@postgres:5432/sluice',
};
const dockerfile = read('deploy/docker/Dockerfile');
const stages = dockerfile.split(/^FROM /m).slice(1);
const stageOf = (target: string) =>
  stages.find((stage) => stage.split('\n')[0]?.endsWith(` AS ${target}`)) ?? '';
const example = variablesOf(read('.env.example'));

/** The variables of a service's configuration schema. */
const schemas = Object.fromEntries(
  stackServices.map(({ name, config }) => [name, (config as z.ZodObject).shape]),
);
/** Read by the runtime for every service, not by its own schema. */
const processVariables = ['HEALTH_HOST', 'HEALTH_PORT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'SPANS_DIR'];
/** Read by the launcher. */
const launcherVariables = ['SLUICE_NATS_SERVER', 'SLUICE_NATS_DOWNLOAD_URL', 'SPANS_DIR'];
const composeVariables = [...composeText.matchAll(/\$\{([A-Z0-9_]+)/g)].map((match) => match[1] as string);

describe('docker-compose.yml', () => {
  it('runs every service of the stack', () => {
    expect(built.map(([name]) => name).toSorted()).toEqual(stackServices.map(({ name }) => name).toSorted());
  });

  it.each(built)('builds %s from a target that runs what the build makes', (name, { build }) => {
    expect(build?.target).toBe(name);
    expect(existsSync(join(root, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
    const command = /^CMD (\[.*\])$/m.exec(stageOf(name))?.[1] ?? '[]';
    const [program, entry = ''] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    expect(entry).toBe(`services/${name}/dist/main.js`);
    expect(existsSync(join(root, entry.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toBe(true);
  });

  it.each(built)(
    'gives %s only variables that it knows, and a configuration that is valid',
    (name, { environment = {} }) => {
      const known = [...Object.keys(schemas[name] ?? {}), ...processVariables];
      const settings = Object.keys(environment).map((variable) => variable.replace(/_FILE$/, ''));
      expect(settings.filter((variable) => !known.includes(variable))).toEqual([]);
      const values = Object.entries(environment).map(
        ([variable, value]) => [variable, substitute(value)] as const,
      );
      const set = Object.fromEntries(
        values
          .filter(([, value]) => value !== '')
          .map(([variable, value]) => {
            const setting = variable.replace(/_FILE$/, '');
            return setting === variable ? [variable, value] : [setting, secretValues[setting]];
          }),
      );
      expect(stackServices.find((service) => service.name === name)?.config.safeParse(set)).toMatchObject({
        success: true,
      });
    },
  );

  it.each(built)('passes to %s each setting of .env.example that it knows', (name, { environment = {} }) => {
    const settable = example.filter(
      (variable) =>
        variable in (schemas[name] ?? {}) &&
        !['POLICY_FILE', 'SCOPES_FILE', ...ownSettings].includes(variable),
    );
    expect(settable.filter((variable) => !(variable in environment))).toEqual([]);
  });

  it.each([...built.map(([name]) => name), migrating])('gives %s its own secrets and no other', (name) => {
    const { secrets = [], environment = {} } = compose.services[name]!;
    const isUser = (users: readonly string[]) => users.includes(name);
    expect(secrets).toEqual([
      ...(isUser(natsUsers) ? [`nats-${name}`] : []),
      ...(isUser(postgresUsers) ? [`database-${name}`] : []),
    ]);
    const files = Object.entries(environment).filter(([variable]) => variable.endsWith('_FILE'));
    expect(files.map(([, file]) => file)).toEqual(secrets.map((secret) => `/run/secrets/${secret}`));
    for (const secret of secrets) {
      const [kind, user = ''] = secret.split('-');
      const file = kind === 'nats' ? natsKeyFile('nats', user) : databaseUrlFile('database', user);
      expect(compose.secrets[secret]?.file).toBe(`${madeBySetup}${file}`);
    }
  });

  it('mounts files that exist and volumes that are declared', () => {
    const sources = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0] as string),
    );
    const kept = sources.filter((source) => source.startsWith('.') && !source.startsWith(madeBySetup));
    expect(kept.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    const names = sources.filter((source) => !source.startsWith('.'));
    expect([...new Set(names)].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });

  it('waits only for services that say when they are healthy', () => {
    for (const { depends_on: dependencies = {} } of Object.values(compose.services)) {
      for (const [name, { condition }] of Object.entries(dependencies)) {
        expect(condition).toBe(name === migrating ? 'service_completed_successfully' : 'service_healthy');
        if (name === migrating) continue;
        const service = compose.services[name];
        const hasCheck =
          service?.healthcheck !== undefined ||
          (service?.build !== undefined && /^HEALTHCHECK /m.test(stageOf('runtime')));
        expect([name, hasCheck]).toEqual([name, true]);
      }
    }
  });

  it('publishes the port that the gateway listens on', () => {
    const gateway = compose.services['gateway'];
    expect(gateway?.ports?.map((port) => port.split(':').at(-1))).toEqual([
      gateway?.environment?.['HTTP_PORT'],
    ]);
    expect(stageOf('gateway')).toContain(`EXPOSE ${gateway?.environment?.['HTTP_PORT']}`);
  });

  it('agrees with nats.conf and the addresses of the servers', () => {
    const conf = read('deploy/nats/nats.conf');
    for (const [, { environment = {} }] of built) {
      const { hostname, port } = new URL(environment['NATS_URL'] ?? '');
      expect(compose.services).toHaveProperty(hostname);
      expect(conf).toMatch(new RegExp(`^port: ${port}$`, 'm'));
    }
    expect(conf).toMatch(/^include "users.conf"$/m);
    expect(compose.services['nats']?.volumes).toContain('./secrets/users.conf:/etc/nats/users.conf:ro');
    expect(conf).toContain(`store_dir: "${compose.services['nats']?.volumes?.at(-1)?.split(':')[1]}"`);
    expect(JSON.stringify(compose.services['nats']?.healthcheck)).toContain(
      /^http: "[^:]+(:\d+)"$/m.exec(conf)?.[1],
    );
  });
});

describe('deploy/nats/compose.cluster.yml', () => {
  const cluster = parse(read('deploy/nats/compose.cluster.yml'), { merge: true }) as {
    services: Record<string, ComposeService & { command?: string[] }>;
  };
  const conf = read('deploy/nats/cluster.conf');
  const nodes = Object.keys(cluster.services).filter((name) => name.startsWith('nats'));

  it('has nodes that know each other, and an identity each', () => {
    const routes = [...conf.matchAll(/"nats:\/\/([^:"]+):6222"/g)].map(([, host]) => host);
    expect(routes).toEqual(nodes);
    expect(nodes).toHaveLength(3);
    expect(conf).toMatch(/^server_name: \$NATS_NODE$/m);
    for (const node of nodes) expect(cluster.services[node]?.environment?.['NATS_NODE']).toBe(node);
  });

  it('sends every service to all of them, with a copy on each', () => {
    const url = nodes.map((node) => `nats://${node}:4222`).join(',');
    for (const [name] of built) {
      expect(cluster.services[name]?.environment).toEqual({ NATS_URL: url, NATS_REPLICAS: '3' });
    }
  });

  it('differs from the single nats.conf in nothing but the cluster', () => {
    const lines = (text: string) => text.split('\n').filter((line) => !/^\s*#|^$/.test(line));
    const single = lines(read('deploy/nats/nats.conf'));
    const alone = lines(conf.replace(/^cluster \{[^}]*\n\}$/m, ''));
    expect(alone.slice(1)).toEqual(single.slice(1));
  });
});

describe('Dockerfile', () => {
  it('copies only paths that exist, and every workspace', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] as string).split(' '),
    );
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    expect(sources).toEqual(
      expect.arrayContaining(workspaces.map((workspace) => workspace.replace('/*', ''))),
    );
  });

  it('does not run services as root', () => {
    expect(stageOf('runtime')).toMatch(/^USER node$/m);
    for (const { name } of stackServices) expect(stageOf(name)).toMatch(/^runtime AS/);
  });

  it('has a health check whose script is in the image', () => {
    const script = /^HEALTHCHECK .*CMD \["node", "([^"]+)"\]$/m.exec(stageOf('runtime'))?.[1] ?? 'none';
    expect(stageOf('runtime')).toContain(`COPY ${script} ${script}`);
  });
});

describe('prometheus.yml', () => {
  it('scrapes every service on its health port', () => {
    const config = parse(read('deploy/prometheus/prometheus.yml')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = config.scrape_configs.flatMap((job) =>
      job.static_configs.flatMap((group) => group.targets),
    );
    const expected = built.map(([name, { environment = {} }]) => `${name}:${environment['HEALTH_PORT']}`);
    expect(targets.toSorted()).toEqual(expected.toSorted());
    expect(stageOf('runtime')).toContain(`EXPOSE ${targets[0]?.split(':')[1]}`);
  });
});

describe('.env.example', () => {
  it('names every variable of docker-compose.yml', () => {
    expect(composeVariables.filter((variable) => !example.includes(variable))).toEqual([]);
  });

  it('names no variable that no program reads', () => {
    const known = [
      ...composeVariables,
      ...launcherVariables,
      ...Object.values(schemas).flatMap((shape) => Object.keys(shape)),
    ];
    expect(example.filter((variable) => !known.includes(variable))).toEqual([]);
  });

  it('names every setting of every service', () => {
    // A name that only several instances on one machine need.
    const special = ['INSTANCE'];
    const settings = Object.values(schemas).flatMap((shape) => Object.keys(shape));
    expect(
      [...new Set(settings)].filter((variable) => !example.includes(variable) && !special.includes(variable)),
    ).toEqual([]);
  });
});

it('gives every service of the embedded stack a valid configuration, with its own credentials', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await keepNatsKeys(folder);
  const addresses = {
    natsUrl: 'nats://127.0.0.1:4222',
    natsKeysFolder: folder,
    databaseUrl: 'postgres://sluice:x@127.0.0.1:5432/postgres',
    databaseUrlsFolder: null,
    npm: { registryUrl: 'https://registry.example/', settings: {} },
    registries: null,
    npmCredentialsFile: null,
    apiKeyFile: null,
    hookKeyFile: null,
    secretsKeyFile: null,
    signingKeysFile: null,
    host: '127.0.0.1',
    apiPort: 8080,
    gatePort: 8081,
  };
  for (const { name, config } of stackServices) {
    const env = serviceEnv(name, { env: {}, state: stateFolder('/tmp/sluice'), addresses });
    expect([name, loadConfig(config, env)]).toMatchObject([
      name,
      { NATS_NKEY: expect.stringMatching(/^SU/) },
    ]);
  }
});

function variablesOf(text: string): string[] {
  return [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] as string);
}

/** Compose's substitution, with the values of .env.example: `${NAME}`, `${NAME:-fallback}`, `${NAME:?message}`. */
function substitute(text: string): string {
  const values = new Map(
    [...read('.env.example').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1], match[2]]),
  );
  return text.replaceAll(
    /\$\{([A-Z0-9_]+)(?::?-([^}]*)|:\?[^}]*)?\}/g,
    (_all, name: string, fallback = '') => values.get(name) ?? fallback,
  );
}
