import { registryConfig, registrySecrets } from '@sluice/ecosystems/settings';
import {
  areBoth,
  artifactsConfig,
  commonConfig,
  egressConfig,
  integerField,
  isHostEntry,
  isLoopbackHost,
  listField,
  urlField,
} from '@sluice/runtime';
import { z } from 'zod';

const fields = z.object({
  ...commonConfig,
  ...artifactsConfig,
  ...registryConfig,
  ...registrySecrets,
  ...egressConfig,
  /** `keys`: each request shows a key. `open`: this machine's programs may install without one; on loopback only. */
  ACCESS: z.enum(['keys', 'open']).default('keys'),
  /** The key of this machine's user; LOCAL_KEY_FILE names the file. It counts on this machine only. */
  LOCAL_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  GATE_HOST: z.string().default('127.0.0.1'),
  /** Certificate of the gate with its chain as PEM, and its key; with both it speaks https. */
  GATE_TLS_CERT: z.string().optional(),
  GATE_TLS_KEY: z.string().optional(),
  /** 0 picks a free port. */
  GATE_PORT: integerField(0, 65_535, 8081),
  /** The address that clients reach it by; `http://GATE_HOST:GATE_PORT` unless given. It stands in the addresses of archives. */
  GATE_URL: urlField('http', 'https').optional(),
  /** Names by which the gate may be asked, beside loopback's, GATE_HOST and that of GATE_URL: `host` or `host:port`. */
  GATE_ALLOWED_HOSTS: listField().refine((entries) => entries.every(isHostEntry), {
    error: 'must be hosts, such as gate.example or gate.example:8081, with commas',
  }),
  /** Folder of the snapshot of what is approved, with which the gate starts while the broker is away. */
  GATE_DIR: z.string(),
  /** How long a request for something that is being assessed waits for the decision, in milliseconds; 0 for not at all. */
  GATE_WAIT_MS: integerField(0, 30_000, 6_000),
  /** Behind the events for longer than this, in seconds, the gate is unready, and goes on with what it knows. */
  GATE_STALE_SECONDS: integerField(1, 86_400, 900),
});

/** Others would reach an open door: it is for this machine alone. */
const mayBeOpen = ({ ACCESS, GATE_HOST }: { ACCESS: string; GATE_HOST: string }) =>
  ACCESS !== 'open' || isLoopbackHost(GATE_HOST);

export const gateConfig = fields
  .refine(({ GATE_TLS_CERT, GATE_TLS_KEY }) => areBoth(GATE_TLS_CERT, GATE_TLS_KEY), {
    path: ['GATE_TLS_CERT'],
    error: 'needs GATE_TLS_KEY, and the other way about',
  })
  .refine(mayBeOpen, {
    path: ['ACCESS'],
    error:
      'open lets whoever reaches GATE_HOST install: leave it out and make keys with `sluice keys create`, or let GATE_HOST be 127.0.0.1',
  });
export type GateConfig = z.infer<typeof gateConfig>;
