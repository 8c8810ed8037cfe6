import type { Bench } from '../bench.ts';
import { intake } from './intake.ts';
import { interactive } from './interactive.ts';
import { latency } from './latency.ts';
import { pipeline } from './pipeline.ts';

export const benches: Bench[] = [pipeline, latency, interactive, intake];
