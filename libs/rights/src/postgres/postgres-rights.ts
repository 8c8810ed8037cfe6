/** The services that have a login of their own to the database, and `migrate`, which makes and changes tables. */
export const postgresUsers = [
  'gateway',
  'importer',
  'notifier',
  'aggregator',
  'scanner',
  'projector',
  'migrate',
] as const;
export type PostgresUser = (typeof postgresUsers)[number];

/** Who may do what in a schema. Its owner may do everything, and nobody else anything but what is here. */
export interface SchemaRights {
  schema: string;
  /** A role without a login, or the service that makes and swaps tables while it runs. */
  owner: { role: string } | { user: PostgresUser };
  /** Reads and writes rows. */
  writer?: PostgresUser;
  /** Tables to which the writer adds rows, and which it neither changes nor empties. */
  appendOnly?: readonly string[];
  /** Reads rows. */
  reader?: PostgresUser;
}

/** Every schema of the database. License, downloader and gate have no login to it. */
export const postgresRights: readonly SchemaRights[] = [
  { schema: 'gateway', owner: { role: 'gateway_owner' }, writer: 'gateway', appendOnly: ['audit'] },
  { schema: 'importer', owner: { role: 'importer_owner' }, writer: 'importer', appendOnly: ['audit'] },
  { schema: 'notifier', owner: { role: 'notifier_owner' }, writer: 'notifier', appendOnly: ['audit'] },
  {
    schema: 'aggregator',
    owner: { role: 'aggregator_owner' },
    writer: 'aggregator',
    appendOnly: ['audit', 'decisions', 'endorsements', 'policies'],
  },
  { schema: 'scanner', owner: { role: 'scanner_owner' }, writer: 'scanner' },
  // A rebuild makes new tables beside the live ones and swaps them.
  { schema: 'read', owner: { user: 'projector' }, reader: 'gateway' },
  { schema: 'archive', owner: { user: 'projector' } },
];

/** Before the names of all roles unless another one is given, for several installations in one cluster. */
export const defaultRolePrefix = 'sluice';

/** The name of a role in the database. */
export const roleName = (name: string, prefix = defaultRolePrefix): string => `${prefix}_${name}`;

/** The role that owns a schema. */
export const ownerRole = ({ owner }: SchemaRights, prefix?: string): string =>
  roleName('role' in owner ? owner.role : owner.user, prefix);
