import type { Bench } from '../bench.ts';
import { scaleDepth } from '../scale-depth.ts';
import { scaleIdle } from '../scale-idle.ts';
import { scaleKnown } from '../scale-known.ts';
import { scaleReplicas } from '../scale-replicas.ts';

/** Scaling: replicas, queued work, known packages, and the use of an idle installation. */
export const scale: Bench = {
  name: 'scale',
  what: 'throughput by replicas of a stage that waits, what a package costs by how many are queued and how many are known, and what an idle installation uses',
  async run(context) {
    const results = [];
    for (const part of [scaleReplicas, scaleDepth, scaleKnown, scaleIdle])
      results.push(...(await part(context)));
    return results;
  },
};
