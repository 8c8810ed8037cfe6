import { z } from 'zod';

/** Who acts, and why: every command is audited. */
export const actor = { by: z.string().min(1).max(200), reason: z.string().min(1).max(2_000) };

/** As whom the actor counts where the policy wants other eyes than the requester's. An older gateway does not say. */
export const countedAs = {
  /** The person: the owner of a service that acts. */
  person: z.string().max(200).nullish(),
  /** Further names under which that person asks for package versions: services that the person owns. */
  otherNames: z.array(z.string().max(200)).max(10_000).nullish(),
  /** Whether it is the user of the machine of the installation; absent is no. */
  isLocal: z.boolean().nullish(),
};
