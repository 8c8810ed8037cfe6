import type { Bench } from '../bench.ts';
import { advisories } from './advisories.ts';
import { cold } from './cold.ts';
import { cost } from './cost.ts';
import { evidence } from './evidence.ts';
import { gate } from './gate.ts';
import { intake } from './intake.ts';
import { interactive } from './interactive.ts';
import { latency } from './latency.ts';
import { noisy } from './noisy.ts';
import { pipeline } from './pipeline.ts';
import { projector } from './projector.ts';
import { scale } from './scale.ts';
import { scan } from './scan.ts';
import { webhooks } from './webhooks.ts';

export const benches: Bench[] = [
  pipeline,
  cost,
  latency,
  interactive,
  noisy,
  intake,
  cold,
  scan,
  evidence,
  projector,
  advisories,
  gate,
  scale,
  webhooks,
];
